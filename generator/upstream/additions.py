"""Each kind of addition as it is written into the description: in our own places, and only where all uses share it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from ..contracts.comparison import Change
from ..contracts.model import ERROR, Answer, Contract, Node, Operation, Parameter, same
from ..descriptions.description import METHODS, TODO, Json, mappings
from ..descriptions.references import Pointer, as_reference
from .locations import Use, named, node_at, places
from .yaml_editor import YamlText


class NotWritableError(Exception):
    """A fact that cannot be written without a decision; the text says why."""


class Additions:
    """Writes into the text of one description what a published contract adds to it.

    Attributes:
        yaml: The text so far.
    """

    def __init__(self, text: str, document: Json, ours: Contract, published: Contract) -> None:
        self.yaml = YamlText(text)
        self._document = document
        self._ours = ours
        self._published = published
        self._places = places(document, ours)
        self._done: set[tuple[Pointer, str, object]] = set()
        self._above: list[int] = []
        self._schemas: dict[str, Pointer] = {}
        for name, at in named(self._places, published):
            self._schemas.setdefault(name, at)
        self._kinds: dict[str, Callable[[Change], None]] = {
            "operation new": self._operation_new,
            "parameter new": self._parameter_new,
            "parameter optional": self._holder_optional,
            "body optional": self._holder_optional,
            "answer new": self._answer_new,
            "header new": self._header_new,
            "property new": self._property_new,
            "property required": self._property_needed,
            "property optional": self._property_needed,
            "values new": self._values_new,
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
        before = (self.yaml.text, set(self._done), dict(self._schemas))
        try:
            kind(change)
        except NotWritableError:
            text, self._done, self._schemas = before
            self.yaml = YamlText(text)
            raise

    def _once(self, at: Pointer, kind: str, detail: object) -> bool:
        """Whether something is still to be written at a place that several uses share."""
        key = (at, kind, detail)
        if key in self._done:
            return False
        self._done.add(key)
        return True

    def _schema_at(self, change: Change, use: Use, holds: Callable[[Node], bool]) -> Pointer:
        """Return where a schema is written, if what is added holds for everything that shares the place."""
        at = self._places.schemas.get(use)
        if at is None:
            raise NotWritableError("our description has no such place")
        for other in self._places.uses[at]:
            node = node_at(self._published, other)
            if node is not None and not holds(node):
                raise NotWritableError(
                    f"it does not reach {self._ours.shown(other[0])}, which shares {'/'.join(map(str, at))} with it;"
                    " give one of them a schema of its own"
                )
        return at

    def _property_new(self, change: Change) -> None:
        use, name = (change.operation, change.steps[:-1]), change.steps[-1][1:]
        node = node_at(self._published, use)
        entry = None if node is None else node.properties.get(name)
        if entry is None:
            raise NotWritableError("our description has no such place")

        def holds(other: Node) -> bool:
            found = other.properties.get(name)
            return found is not None and found.required == entry.required and same(found.node, entry.node)

        at = self._schema_at(change, use, holds)
        if not self._once(at, "property", name):
            return
        if self.yaml.has((*at, "properties", name)):
            raise NotWritableError("ours has it for the other direction only")
        schema = self._schema(entry.node)
        if entry.only:
            schema = {"allOf": [schema]} if "$ref" in schema else schema
            schema[f"{entry.only}Only"] = True
        self.yaml.add_entry((*at, "properties"), name, schema)
        if entry.required:
            self.yaml.add_items((*at, "required"), [name])

    def _property_needed(self, change: Change) -> None:
        name, needed = change.steps[-1][1:], change.kind == "property required"

        def holds(other: Node) -> bool:
            found = other.properties.get(name)
            return found is not None and found.required == needed

        at = self._schema_at(change, (change.operation, change.steps[:-1]), holds)
        if not self._once(at, "required", name):
            return
        if needed:
            self.yaml.add_items((*at, "required"), [name])
        else:
            self.yaml.remove_item((*at, "required"), name)

    def _values_new(self, change: Change) -> None:
        def holds(other: Node) -> bool:
            return other.enum is not None and other.enum >= set(change.new)

        at = self._schema_at(change, (change.operation, change.steps), holds)
        if self._once(at, "enum", change.new):
            self.yaml.add_items((*at, "enum"), [json.loads(value) for value in change.new])

    def _values_listed(self, change: Change) -> None:
        at = self._schema_at(
            change, (change.operation, change.steps), lambda other: other.enum == frozenset(change.new)
        )
        if self._once(at, "enum", change.new):
            self.yaml.add_items((*at, "enum"), [json.loads(value) for value in change.new])

    def _null(self, change: Change) -> None:
        allowed = change.kind == "null allowed"
        at = self._schema_at(change, (change.operation, change.steps), lambda other: other.nullable == allowed)
        if not self._once(at, "null", allowed):
            return
        if allowed:
            self.yaml.add_entry(at, "nullable", True)
        else:
            self.yaml.remove_entry((*at, "nullable"))

    def _holder(self, change: Change, steps: tuple[str, ...], holds: Callable[[Operation], bool]) -> Pointer:
        """Return where a parameter, a body or an answer is written, if all that share it follow."""
        at = self._places.holders.get((change.operation, steps))
        if at is None:
            raise NotWritableError("our description has no such place")
        for key, other in [use for use, where in self._places.holders.items() if where == at]:
            operation = self._published.operations.get(key)
            if operation is not None and not holds(operation):
                raise NotWritableError(
                    f"it does not reach {self._ours.shown(key)}, which shares {'/'.join(map(str, at))} with it;"
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
        if self._once(at, "optional", ""):
            self.yaml.remove_entry((*at, "required"))

    def _operation(self, change: Change) -> tuple[Pointer, Operation]:
        at = self._places.holders.get((change.operation, ("operation",)))
        if at is None:
            raise NotWritableError("our description has no such operation")
        return at, self._published.operations[change.operation]

    def _parameter_new(self, change: Change) -> None:
        at, operation = self._operation(change)
        place, name = change.steps
        written = self._parameter(place, name, operation.parameters[place, name])
        self.yaml.add_items((*at, "parameters"), [written])

    def _answer_new(self, change: Change) -> None:
        at, operation = self._operation(change)
        status = change.steps[1]
        written = self._answer(status, operation.answers[status])
        self.yaml.add_entry((*at, "responses"), "default" if status == ERROR else status, written)

    def _header_new(self, change: Change) -> None:
        _, status, _, name = change.steps

        def holds(operation: Operation) -> bool:
            answer = operation.answers.get(status)
            return answer is None or name in answer.headers

        at = self._holder(change, change.steps[:2], holds)
        if self._once(at, "header", name):
            node = self._published.operations[change.operation].answers[status].headers[name]
            key, header = self._header(name, node)
            self.yaml.add_entry((*at, "headers"), key, header)

    def _operation_new(self, change: Change) -> None:
        operation = self._published.operations[change.operation]
        method, path = self._ours.shown(change.operation).split(" ", 1)
        sibling = _nearest_path(path, self._document)
        written = self._operation_written(method.lower(), path, operation, self._tags(sibling))
        if self.yaml.has(("paths", path)):
            self.yaml.add_entry(("paths", path), method.lower(), written)
        else:
            self.yaml.add_entry(("paths",), path, {method.lower(): written}, after=sibling, apart=True)

    def _tags(self, path: str) -> list[str]:
        for method, node in mappings(self._document["paths"].get(path)):
            if method in METHODS and isinstance(node.get("tags"), list):
                return list(node["tags"])
        return [TODO]

    def _operation_written(self, method: str, path: str, operation: Operation, tags: list[str]) -> Json:
        # The name says what is to be done, and the checks refuse it until that is done.
        words = "_".join(re.findall(r"[A-Za-z0-9]+", path))
        written: Json = {
            "operationId": f"{TODO}_{method}_{words}",
            "tags": tags,
            "summary": f"{TODO} say what it does",
        }
        if operation.deprecated:
            written["deprecated"] = True
        parameters = [
            self._parameter(place, name, parameter) for (place, name), parameter in sorted(operation.parameters.items())
        ]
        if parameters:
            written["parameters"] = parameters
        if operation.body is not None:
            written["requestBody"] = {"required": True} if operation.body.required else {}
            written["requestBody"]["content"] = self._content(operation.body.content)
        written["responses"] = {
            "default" if status == ERROR else status: self._answer(status, answer)
            for status, answer in sorted(operation.answers.items())
        }
        return written

    def _parameter(self, place: str, name: str, parameter: Parameter) -> Json:
        """Write a parameter, or refer to the one of ours that stands for the same."""
        for (key, steps), at in self._places.holders.items():
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
        written["schema"] = self._schema(parameter.node)
        return written

    def _content(self, content: dict[str, Node]) -> Json:
        return {kind: {"schema": self._schema(node)} for kind, node in sorted(content.items())}

    def _answer(self, status: str, answer: Answer) -> Json:
        """Write an answer, or refer to the one of ours that stands for the same."""
        for (key, steps), at in self._places.holders.items():
            if at[:2] == ("components", "responses") and steps == ("out", status):
                operation = self._published.operations.get(key)
                other = None if operation is None else operation.answers.get(status)
                if other is not None and _same_answer(other, answer):
                    return _reference(at)
        written: Json = {"description": f"{TODO} say what is answered"}
        if answer.headers:
            written["headers"] = dict(self._header(name, node) for name, node in sorted(answer.headers.items()))
        if answer.content:
            written["content"] = self._content(answer.content)
        return written

    def _header(self, name: str, node: Node) -> tuple[str, Json]:
        components = self._document.get("components", {}).get("headers", {})
        for own, header in mappings(components):
            if own.lower() == name and header.get("schema", {}).get("type") in node.types:
                return own, _reference(("components", "headers", own))
        return "-".join(word.capitalize() for word in name.split("-")), {"schema": self._schema(node)}

    def _schema(self, node: Node) -> Json:
        """Write a schema, or refer to the one of ours that stands for the same."""
        declared = self._published.declared.get(node.name)
        if declared is not None and not same(node, declared):
            beside = self._inline(_beside(node, declared))
            return {"allOf": [self._schema(declared)], **beside} if beside else self._schema(declared)
        at = self._schemas.get(node.name) if node.name else self._alike(node)
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
        while plain in taken or ("components", "schemas", plain) in self._schemas.values():
            plain = f"New{plain}"
        at = self._schemas[node.name] = ("components", "schemas", plain)
        self.yaml.add_entry(("components", "schemas"), plain, self._inline(node), apart=True)
        return _reference(at)

    def _alike(self, node: Node) -> Pointer | None:
        if node.enum is None and not node.properties:
            return None
        for use, at in self._places.schemas.items():
            if at[:2] == ("components", "schemas") and len(at) == 3:
                other = node_at(self._published, use)
                if other is not None and same(node, other):
                    return at
        return None

    def _inline(self, node: Node) -> Json:
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
            written["items"] = self._schema(node.items or Node())
        required = [name for name, entry in sorted(node.properties.items()) if entry.required]
        if required:
            written["required"] = required
        if node.properties:
            written["properties"] = {name: self._schema(entry.node) for name, entry in sorted(node.properties.items())}
        if node.closed:
            written["additionalProperties"] = False
        elif node.extra is not None:
            written["additionalProperties"] = self._schema(node.extra)
        if node.alternatives:
            written["oneOf"] = [self._schema(choice) for choice in node.alternatives]
        return written


def _beside(node: Node, declared: Node) -> Node:
    """Return what a use of a declared schema says beside it; whether null is allowed, only where it is not yet."""

    def more(here: Json, there: Json) -> Json:
        return {key: value for key, value in here.items() if there.get(key) != value}

    return Node(
        nullable=node.nullable and not declared.nullable,
        limits=more(node.limits, declared.limits),
        notes=more(node.notes, declared.notes),
    )


def _limits(node: Node) -> Json:
    """Return limits as OpenAPI 3.0 writes them: a bound that is itself excluded is a flag on the bound."""
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
    return facts[0] == facts[1] and same(one.node, other.node)


def _same_answer(one: Answer, other: Answer) -> bool:
    pairs = ((one.content, other.content), (one.headers, other.headers))
    return all(a.keys() == b.keys() and all(same(a[key], b[key]) for key in a) for a, b in pairs)


def _nearest_path(path: str, document: Json) -> str:
    """Return the path of ours that shares the most with another from its beginning, the last of several."""
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
