"""Writes parts of a contract as OpenAPI 3.0, with references to the components of our description."""

from __future__ import annotations

import json
import re

from ..contracts.model import Contract, Equivalence, Node, Parameter, Response, equivalent
from ..descriptions.description import TODO, Json, mappings
from ..descriptions.references import Pointer, as_reference
from .locations import Locations, node_at, published_names

# The most schemas of one change: those without a name are written out wherever they are used.
_MAX_SCHEMAS = 1_000


class NotWritableError(Exception):
    """A change that cannot be written without a decision; the message says why."""


class OpenAPIWriter:
    """Writes parts of a published contract for one description of ours.

    Attributes:
        schemas: The locations in our description of the schemas that the published one declares, by their published
            names; those of `declared` included.
        declared: The schemas to add to our components, by their names.
    """

    def __init__(self, document: Json, locations: Locations, published: Contract) -> None:
        self._document = document
        self._locations = locations
        self._published = published
        self._above: list[int] = []
        self._equal = Equivalence()
        self._written = 0
        self.declared: list[tuple[str, Json]] = []
        self.schemas: dict[str, Pointer] = {}
        for name, at in published_names(locations, published):
            self.schemas.setdefault(name, at)
        # Our components with a published schema that uses them, each pair once.
        self._components = {
            (at, id(node)): (at, node)
            for use, at in locations.schemas.items()
            if at[:2] == ("components", "schemas") and len(at) == 3 and (node := node_at(published, use)) is not None
        }

    def begin(self) -> None:
        """Begin another change."""
        self.declared.clear()
        self._written = 0

    def parameter(self, place: str, name: str, parameter: Parameter) -> Json:
        """Write a parameter, or a reference to an equal one of our components."""
        for (key, steps), at in self._locations.holders.items():
            if at[:2] == ("components", "parameters") and steps == (place, name):
                operation = self._published.operations.get(key)
                other = None if operation is None else operation.parameters.get((place, name))
                if other is not None and _same_parameter(other, parameter):
                    return _reference(at)
        written: Json = {"name": name, "in": place}
        if parameter.required:
            written["required"] = True
        if parameter.deprecated:
            written["deprecated"] = True
        usual = "form, exploded" if place in ("query", "cookie") else "simple, not exploded"
        if parameter.style not in ("", usual):
            style, _, explode = parameter.style.partition(", ")
            if "/" in style:
                raise NotWritableError(f"parameter `{name}` holds {style}")
            written |= {"style": style, "explode": explode == "exploded"}
        written["schema"] = self.schema(parameter.node)
        return written

    def content(self, content: dict[str, Node]) -> Json:
        return {kind: {"schema": self.schema(node)} for kind, node in sorted(content.items())}

    def response(self, status: str, response: Response) -> Json:
        """Write a response, or a reference to an equal one of our components."""
        for (key, steps), at in self._locations.holders.items():
            if at[:2] == ("components", "responses") and steps == ("out", status):
                operation = self._published.operations.get(key)
                other = None if operation is None else operation.responses.get(status)
                if other is not None and _same_response(other, response):
                    return _reference(at)
        written: Json = {"description": f"{TODO} say what is answered"}
        if response.headers:
            written["headers"] = dict(self.header(name, node) for name, node in sorted(response.headers.items()))
        if response.content:
            written["content"] = self.content(response.content)
        return written

    def header(self, name: str, node: Node) -> tuple[str, Json]:
        components = self._document.get("components", {}).get("headers", {})
        for own, header in mappings(components):
            if own.lower() == name and header.get("schema", {}).get("type") in node.types:
                return own, _reference(("components", "headers", own))
        return "-".join(word.capitalize() for word in name.split("-")), {"schema": self.schema(node)}

    def schema(self, node: Node) -> Json:
        """Write a schema, or a reference to an equal one of our components."""
        declared = self._published.declared.get(node.name)
        if declared is not None and not self._equal(node, declared):
            beside = self._inline(_beside(node, declared))
            return {"allOf": [self.schema(declared)], **beside} if beside else self.schema(declared)
        at = self.schemas.get(node.name) if node.name else self._alike(node)
        if at is not None:
            return _reference(at)
        if not node.name:
            if id(node) in self._above:
                raise NotWritableError("a schema without a name that holds itself")
            self._above.append(id(node))
            try:
                return self._inline(node)
            finally:
                self._above.pop()
        taken = self._document.get("components", {}).get("schemas", {})
        plain = "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", node.name)) or "Schema"
        while plain in taken or ("components", "schemas", plain) in self.schemas.values():
            plain = f"New{plain}"
        at = self.schemas[node.name] = ("components", "schemas", plain)
        self.declared.append((plain, self._inline(node)))
        return _reference(at)

    def _alike(self, node: Node) -> Pointer | None:
        if node.enum is None and not node.properties:
            return None
        return next((at for at, other in self._components.values() if self._equal(node, other)), None)

    def _inline(self, node: Node) -> Json:
        self._written += 1
        if self._written > _MAX_SCHEMAS:
            raise NotWritableError(f"it holds more than {_MAX_SCHEMAS:,} schemas, written out; give some of them names")
        rules = [key for key in node.limits if not isinstance(node.limits[key], (int, float))]
        rules += ["discriminator"] if "discriminator" in node.notes else []
        if rules:
            raise NotWritableError(f"the rule {', '.join(rules)} of a schema")
        if node.types == {"null"}:
            raise NotWritableError("a value that is always null")
        written: Json = {}
        if len(node.types) == 1:
            [written["type"]] = node.types
        elif node.types and node.enum is None:
            written["oneOf"] = [{"type": kind} for kind in sorted(node.types)]
        if node.format:
            written["format"] = node.format
        if node.nullable:
            written["nullable"] = True
        if node.enum is not None:
            written["enum"] = [json.loads(value) for value in sorted(node.enum)]
        written |= _limits(node)
        written |= node.notes
        if node.items is not None or node.types == {"array"}:
            written["items"] = self.schema(node.items or Node())
        required = [name for name, entry in sorted(node.properties.items()) if entry.required]
        if required:
            written["required"] = required
        if node.properties:
            written["properties"] = {name: self.schema(entry.node) for name, entry in sorted(node.properties.items())}
        if node.closed:
            written["additionalProperties"] = False
        elif node.extra is not None:
            written["additionalProperties"] = self.schema(node.extra)
        if node.alternatives:
            written["oneOf"] = [self.schema(choice) for choice in node.alternatives]
        return written


def _beside(node: Node, declared: Node) -> Node:
    """Return the facts that a use adds to a declared schema."""

    def more(here: Json, there: Json) -> Json:
        return {key: value for key, value in here.items() if there.get(key) != value}

    return Node(
        nullable=node.nullable and not declared.nullable,
        limits=more(node.limits, declared.limits),
        notes=more(node.notes, declared.notes),
    )


def _limits(node: Node) -> Json:
    """Return limits as OpenAPI 3.0 writes them: an exclusive bound is a bound with a boolean beside it."""
    written: Json = {}
    for key, value in sorted(node.limits.items()):
        if key.startswith("exclusive"):
            bound = key.removeprefix("exclusive").lower()
            written |= {bound: value, key: True}
        else:
            written.setdefault(key, value)
    return written


def _reference(at: Pointer) -> Json:
    return {"$ref": as_reference(at)}


def _same_parameter(one: Parameter, other: Parameter) -> bool:
    facts = [(each.required, each.style, each.deprecated) for each in (one, other)]
    return facts[0] == facts[1] and equivalent(one.node, other.node)


def _same_response(one: Response, other: Response) -> bool:
    pairs = ((one.content, other.content), (one.headers, other.headers))
    return all(a.keys() == b.keys() and all(equivalent(a[key], b[key]) for key in a) for a, b in pairs)
