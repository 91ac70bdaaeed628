"""The description of the API: read strictly, and brought into the form that a client is generated from."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from .. import reading
from ..errors import PipelineError
from ..reading import UnreadableError
from .references import resolve_or_empty

Json: TypeAlias = dict[str, Any]
# The beginning of a text that `upstream --apply` could not know and leaves to the maintainer.
TODO = "TODO"
METHODS = ("delete", "get", "head", "options", "patch", "post", "put", "trace")


@dataclass(frozen=True)
class Operation:
    """One operation and its location in the document."""

    where: str
    path: str
    method: str
    item: Json
    node: Json


def read(path: Path) -> Json:
    """Return the document at `path` as plain JSON values.

    Raises:
        PipelineError: It cannot be read, is not YAML, repeats a key, or holds what JSON cannot hold.
    """
    heading = f"{path.name} cannot be used:"
    try:
        document = reading.read_yaml(reading.text_of(reading.file_bytes(path)))
    except UnreadableError as error:
        raise PipelineError(heading, [str(error)]) from error
    if not isinstance(document, dict):
        raise PipelineError(heading, ["the top level is not a mapping; an OpenAPI document has to stand there"])
    return document


def operations(document: Json) -> Iterator[Operation]:
    """Yield the operations of a document, in its own order."""
    for path, item in mappings(document.get("paths")):
        for method, node in mappings(item):
            if method in METHODS:
                yield Operation(f"{method.upper()} {path}", path, method, item, node)


def mappings(node: object) -> Iterator[tuple[str, Json]]:
    """Yield the entries of a mapping that are mappings themselves; none for anything but a mapping."""
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, dict):
                yield key, value


def parameters(document: Json, operation: Operation) -> list[Json]:
    """Return an operation's parameters, its own and then its path's, with references followed."""
    listed = []
    for holder in (operation.node, operation.item):
        nodes = holder.get("parameters")
        listed += [resolve_or_empty(document, node) for node in nodes] if isinstance(nodes, list) else []
    return listed


def keeps_slashes(document: Json, parameter: Json) -> bool:
    """Whether a value with a slash in it matches a path parameter's pattern.

    The entire value has to match, as in the server's own routes.
    """
    pattern = resolve_or_empty(document, parameter.get("schema")).get("pattern")
    return isinstance(pattern, str) and re.fullmatch(pattern, "a/b") is not None


def slashed_parameters(document: Json) -> set[str]:
    """Return the names of the path parameters whose values keep their slashes."""
    return {
        parameter["name"]
        for operation in operations(document)
        for parameter in parameters(document, operation)
        if parameter.get("in") == "path" and keeps_slashes(document, parameter)
    }


def canonical(document: Json) -> Json:
    """Return the document in the form that the client is generated from.

    Keys and parameters are sorted, because the order of the document reaches the generated code and a
    published description is re-ordered all the time. Security that holds for all operations is written to
    each of them, and what a parameter is for to its schema, because the generator looks there only.
    """
    result = _sorted(document)
    _describe_schemas(result)
    everywhere = result.get("security")
    for _path, item in mappings(result.get("paths")):
        for holder in (item, *(node for method, node in mappings(item) if method in METHODS)):
            if isinstance(holder.get("parameters"), list):
                holder["parameters"].sort(key=lambda node: _parameter_order(result, node))
        for method, node in mappings(item):
            if method in METHODS and everywhere and "security" not in node:
                node["security"] = everywhere
    ordered: Json = _sorted(result)
    return ordered


def _describe_schemas(node: Any) -> None:
    if isinstance(node, dict):
        schema = node.get("schema")
        if "in" in node and isinstance(schema, dict) and "$ref" not in schema:
            for key in ("description", "example"):
                if key in node:
                    schema.setdefault(key, node[key])
        for key, value in node.items():
            if key not in ("schema", "schemas", "example", "examples"):
                _describe_schemas(value)
    elif isinstance(node, list):
        for value in node:
            _describe_schemas(value)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(entry) for entry in value]
    return value


def _parameter_order(document: Json, node: object) -> tuple[str, str]:
    parameter = resolve_or_empty(document, node)
    return str(parameter.get("in")), str(parameter.get("name"))


def digest(document: Json) -> str:
    """Return the SHA-256, in hexadecimal digits, of a document's content, whatever its order and layout."""
    return hashlib.sha256(json.dumps(_sorted(document), ensure_ascii=True).encode()).hexdigest()
