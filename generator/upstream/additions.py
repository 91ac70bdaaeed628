"""Writes each kind of addition into the description, where every use of the place that it changes agrees with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from ..contracts.changes import Change
from ..contracts.model import ERROR, Contract, Node, Operation, equivalent
from ..descriptions.description import METHODS, TODO, Json, mappings
from ..descriptions.references import Pointer
from .locations import Use, locations, node_at
from .openapi_writer import NotWritableError, OpenAPIWriter
from .yaml_editor import YamlEditor

_SCHEMAS = ("components", "schemas")


class Additions:
    """Writes the additions of a published contract into one description.

    Attributes:
        yaml: The description with what has been written so far.
    """

    def __init__(self, yaml: YamlEditor, document: Json, ours: Contract, published: Contract) -> None:
        self.yaml = yaml
        self._document = document
        self._ours = ours
        self._published = published
        self._locations = locations(document, ours)
        self._done: set[tuple[Pointer, str, object]] = set()
        self._writer = OpenAPIWriter(document, self._locations, published)
        self._edits: list[Callable[[], None]] = []
        self._kinds: dict[str, Callable[[Change], None]] = {
            "operation added": self._operation_added,
            "parameter added": self._parameter_added,
            "parameter optional": self._holder_optional,
            "body optional": self._holder_optional,
            "response added": self._response_added,
            "header added": self._header_added,
            "property added": self._property_added,
            "property required": self._property_needed,
            "property optional": self._property_needed,
            "values added": self._values_added,
            "values listed": self._values_listed,
            "null allowed": self._null,
            "null not allowed": self._null,
        }

    def write(self, change: Change) -> None:
        """Write one addition.

        Raises:
            NotWritableError: It needs a decision.
        """
        kind = self._kinds.get(change.kind)
        if kind is None:
            raise NotWritableError("to be decided by a person")
        done, schemas = set(self._done), dict(self._writer.schemas)
        self._edits.clear()
        self._writer.begin()
        try:
            kind(change)
        except NotWritableError:
            self._done, self._writer.schemas = done, schemas
            raise
        for name, schema in self._writer.declared:
            self.yaml.add_entry(_SCHEMAS, name, schema, apart=True)
        for edit in self._edits:
            edit()

    def _edit(self, method: Callable[..., None], *arguments: Any, **options: Any) -> None:
        """Schedule an edit, which is made if the entire change turns out to be writable."""
        self._edits.append(partial(method, *arguments, **options))

    def _is_first(self, at: Pointer, kind: str, detail: object) -> bool:
        """Whether a fact has not been written yet at a location that several uses share."""
        key = (at, kind, detail)
        if key in self._done:
            return False
        self._done.add(key)
        return True

    def _schema_at(self, change: Change, use: Use, holds: Callable[[Node], bool]) -> Pointer:
        """Return the location of a schema, if the addition holds for every use that shares it."""
        at = self._locations.schemas.get(use)
        if at is None:
            raise NotWritableError("our description has no such place")
        for other in self._locations.uses[at]:
            node = node_at(self._published, other)
            if node is not None and not holds(node):
                raise NotWritableError(
                    f"it does not reach {self._ours.versioned(other[0])},"
                    f" which shares {'/'.join(map(str, at))} with it; give one of them a schema of its own"
                )
        return at

    def _property_added(self, change: Change) -> None:
        use, name = (change.operation, change.steps[:-1]), change.steps[-1][1:]
        node = node_at(self._published, use)
        entry = None if node is None else node.properties.get(name)
        if entry is None:
            raise NotWritableError("our description has no such place")

        def holds(other: Node) -> bool:
            found = other.properties.get(name)
            return found is not None and found.required == entry.required and equivalent(found.node, entry.node)

        at = self._schema_at(change, use, holds)
        if not self._is_first(at, "property", name):
            return
        if self.yaml.has((*at, "properties", name)):
            raise NotWritableError("ours has it for the other direction only")
        schema = self._writer.schema(entry.node)
        if entry.only:
            schema = {"allOf": [schema]} if "$ref" in schema else schema
            schema[f"{entry.only}Only"] = True
        self._edit(self.yaml.add_entry, (*at, "properties"), name, schema)
        if entry.required:
            self._edit(self.yaml.add_items, (*at, "required"), [name])

    def _property_needed(self, change: Change) -> None:
        name, needed = change.steps[-1][1:], change.kind == "property required"

        def holds(other: Node) -> bool:
            found = other.properties.get(name)
            return found is not None and found.required == needed

        at = self._schema_at(change, (change.operation, change.steps[:-1]), holds)
        if not self._is_first(at, "required", name):
            return
        if needed:
            self._edit(self.yaml.add_items, (*at, "required"), [name])
        else:
            self._edit(self.yaml.remove_item, (*at, "required"), name)

    def _values_added(self, change: Change) -> None:
        def holds(other: Node) -> bool:
            return other.enum is not None and other.enum >= set(change.new)

        at = self._schema_at(change, (change.operation, change.steps), holds)
        if self._is_first(at, "enum", change.new):
            self._edit(self.yaml.add_items, (*at, "enum"), [json.loads(value) for value in change.new])

    def _values_listed(self, change: Change) -> None:
        at = self._schema_at(
            change, (change.operation, change.steps), lambda other: other.enum == frozenset(change.new)
        )
        if self._is_first(at, "enum", change.new):
            self._edit(self.yaml.add_items, (*at, "enum"), [json.loads(value) for value in change.new])

    def _null(self, change: Change) -> None:
        allowed = change.kind == "null allowed"
        at = self._schema_at(change, (change.operation, change.steps), lambda other: other.nullable == allowed)
        if not self._is_first(at, "null", allowed):
            return
        if allowed:
            self._edit(self.yaml.add_entry, at, "nullable", True)
        else:
            self._edit(self.yaml.remove_entry, (*at, "nullable"))

    def _holder(self, change: Change, steps: tuple[str, ...], holds: Callable[[Operation], bool]) -> Pointer:
        """Return the location of a parameter, body or response, if the addition holds for every use that shares it."""
        at = self._locations.holders.get((change.operation, steps))
        if at is None:
            raise NotWritableError("our description has no such place")
        for key, other in [use for use, where in self._locations.holders.items() if where == at]:
            operation = self._published.operations.get(key)
            if operation is not None and not holds(operation):
                raise NotWritableError(
                    f"it does not reach {self._ours.versioned(key)}, which shares {'/'.join(map(str, at))} with it;"
                    f" give one of them a {'parameter' if other[0] not in ('in', 'out') else 'part'} of its own"
                )
        return at

    def _holder_optional(self, change: Change) -> None:
        place, name = change.steps[0], change.steps[-1]

        def holds(operation: Operation) -> bool:
            if place == "in":
                return operation.body is None or not operation.body.required
            parameter = operation.parameters.get((place, name))
            return parameter is None or not parameter.required

        at = self._holder(change, change.steps, holds)
        if self._is_first(at, "optional", ""):
            self._edit(self.yaml.remove_entry, (*at, "required"))

    def _operation(self, change: Change) -> tuple[Pointer, Operation]:
        at = self._locations.holders.get((change.operation, ("operation",)))
        if at is None:
            raise NotWritableError("our description has no such operation")
        return at, self._published.operations[change.operation]

    def _parameter_added(self, change: Change) -> None:
        at, operation = self._operation(change)
        place, name = change.steps
        written = self._writer.parameter(place, name, operation.parameters[place, name])
        self._edit(self.yaml.add_items, (*at, "parameters"), [written])

    def _response_added(self, change: Change) -> None:
        at, operation = self._operation(change)
        status = change.steps[1]
        written = self._writer.response(status, operation.responses[status])
        self._edit(self.yaml.add_entry, (*at, "responses"), "default" if status == ERROR else status, written)

    def _header_added(self, change: Change) -> None:
        _, status, _, name = change.steps

        def holds(operation: Operation) -> bool:
            response = operation.responses.get(status)
            return response is None or name in response.headers

        at = self._holder(change, change.steps[:2], holds)
        if self._is_first(at, "header", name):
            node = self._published.operations[change.operation].responses[status].headers[name]
            key, header = self._writer.header(name, node)
            self._edit(self.yaml.add_entry, (*at, "headers"), key, header)

    def _operation_added(self, change: Change) -> None:
        operation = self._published.operations[change.operation]
        method, path = self._ours.versioned(change.operation).split(" ", 1)
        sibling = _nearest_path(path, self._document)
        written = self._operation_written(method.lower(), path, operation, self._tags(sibling))
        if self.yaml.has(("paths", path)):
            self._edit(self.yaml.add_entry, ("paths", path), method.lower(), written)
        else:
            self._edit(self.yaml.add_entry, ("paths",), path, {method.lower(): written}, after=sibling, apart=True)

    def _tags(self, path: str) -> list[str]:
        for method, node in mappings(self._document["paths"].get(path)):
            if method in METHODS and isinstance(node.get("tags"), list):
                return list(node["tags"])
        return [TODO]

    def _operation_written(self, method: str, path: str, operation: Operation, tags: list[str]) -> Json:
        # The checks refuse this name until somebody has chosen one.
        words = "_".join(re.findall(r"[A-Za-z0-9]+", path))
        written: Json = {
            "operationId": f"{TODO}_{method}_{words}",
            "tags": tags,
            "summary": f"{TODO} say what it does",
        }
        if operation.deprecated:
            written["deprecated"] = True
        parameters = [
            self._writer.parameter(place, name, parameter)
            for (place, name), parameter in sorted(operation.parameters.items())
        ]
        if parameters:
            written["parameters"] = parameters
        if operation.body is not None:
            written["requestBody"] = {"required": True} if operation.body.required else {}
            written["requestBody"]["content"] = self._writer.content(operation.body.content)
        written["responses"] = {
            "default" if status == ERROR else status: self._writer.response(status, response)
            for status, response in sorted(operation.responses.items())
        }
        return written


def _nearest_path(path: str, document: Json) -> str:
    """Return our path with the longest common beginning; the last of several."""
    segments = path.split("/")

    def shared(other: str) -> int:
        count = 0
        for one, two in zip(segments, other.split("/"), strict=False):
            if one != two:
                break
            count += 1
        return count

    known = list(document.get("paths", {}))
    return max(reversed(known), key=shared) if known else ""
