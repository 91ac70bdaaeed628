"""Locates each part of a contract in its description, and the locations that several uses share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..contracts.changes import Steps
from ..contracts.model import ERROR, Contract, Node
from ..descriptions.description import METHODS, Json, mappings
from ..descriptions.references import Pointer, locate
from ..errors import PipelineError

Use = tuple[str, Steps]
# The most uses of the schemas of a description, by all ways that lead to them.
_MAX_USES = 20_000


@dataclass
class Locations:
    """The locations of a description, by operation and the steps below it.

    Attributes:
        schemas: The location of each schema, references followed.
        holders: The location of each operation, parameter, body and response, references followed.
        uses: The uses of each location of a schema.
    """

    schemas: dict[Use, Pointer] = field(default_factory=dict)
    holders: dict[Use, Pointer] = field(default_factory=dict)
    uses: dict[Pointer, list[Use]] = field(default_factory=dict)


def locations(document: Json, contract: Contract) -> Locations:
    """Return the locations of a description whose contract is given.

    Raises:
        PipelineError: There are too many of them.
    """
    found = Locations()
    for path, item in mappings(document.get("paths")):
        for method, node in mappings(item):
            key = next(
                (key for key in contract.operations if contract.versioned(key) == f"{method.upper()} {path}"), ""
            )
            if method in METHODS and key:
                _operation(found, document, key, ("paths", path), item, method, node)
    return found


def _operation(
    found: Locations, document: Json, key: str, item_at: Pointer, item: Json, method: str, node: Json
) -> None:
    at = (*item_at, method)
    found.holders[key, ("operation",)] = at
    for holder_at, holder in ((item_at, item), (at, node)):
        listed = holder.get("parameters")
        for index in range(len(listed) if isinstance(listed, list) else 0):
            where, parameter = locate(document, (*holder_at, "parameters", index))
            place, name = str(parameter.get("in")), str(parameter.get("name"))
            steps = (place, name.lower() if place == "header" else name)
            found.holders[key, steps] = where
            _schema(found, document, key, steps, (*where, "schema"), ())
    if "requestBody" in node:
        _content(found, document, key, ("in",), (*at, "requestBody"))
    for status in node.get("responses", {}):
        shared = ERROR if status == "default" or status[:1] in ("4", "5") else status
        _content(found, document, key, ("out", shared), (*at, "responses", status))


def _content(found: Locations, document: Json, key: str, steps: Steps, at: Pointer) -> None:
    where, holder = locate(document, at)
    found.holders[key, steps] = where
    for kind, _ in mappings(holder.get("content")):
        _schema(found, document, key, (*steps, kind), (*where, "content", kind, "schema"), ())


def _schema(found: Locations, document: Json, key: str, steps: Steps, at: Pointer, above: tuple[Pointer, ...]) -> None:
    where, schema = locate(document, at)
    if where in above or not schema:
        return
    found.schemas[key, steps] = where
    if len(found.schemas) > _MAX_USES:
        raise PipelineError(
            "The description is too large to be edited:", [f"more than {_MAX_USES:,} ways lead to its schemas"]
        )
    found.uses.setdefault(where, []).append((key, steps))
    inside = (*above, where)
    for name, _ in mappings(schema.get("properties")):
        _schema(found, document, key, (*steps, f".{name}"), (*where, "properties", name), inside)
    for keyword, step in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(schema.get(keyword), dict):
            _schema(found, document, key, (*steps, step), (*where, keyword), inside)


def node_at(contract: Contract, use: Use) -> Node | None:
    """Return the node of a use in a contract; None if it has no such use.

    Content without a media type counts as content of every type.
    """
    key, steps = use
    operation = contract.operations.get(key)
    if operation is None or len(steps) < 2:
        return None
    first, second, *rest = steps
    content: dict[str, Node] = {}
    node: Node | None = None
    if first == "in":
        content = operation.body.content if operation.body is not None else {}
        node = content.get(second)
    elif first == "out":
        response = operation.responses.get(second)
        if response is None or not rest:
            return None
        kind = rest.pop(0)
        node = response.content.get(kind) or response.content.get("*/*")
    else:
        parameter = operation.parameters.get((first, second))
        node = None if parameter is None else parameter.node
    return _below(node, rest)


def _below(node: Node | None, steps: list[str]) -> Node | None:
    for step in steps:
        if node is None:
            return None
        if step == "[]":
            node = node.items
        elif step == "{}":
            node = node.extra
        elif step.startswith("."):
            entry = node.properties.get(step[1:])
            node = None if entry is None else entry.node
        else:
            return None
    return node


def published_names(found: Locations, contract: Contract) -> Iterator[tuple[str, Pointer]]:
    """Yield the names that another contract has for our declared schemas, with the locations of these."""
    for use, at in found.schemas.items():
        node = node_at(contract, use)
        if node is not None and node.name and at[:2] == ("components", "schemas") and len(at) == 3:
            yield node.name, at
