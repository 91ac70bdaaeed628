"""Checks of the operations of a description: names, tags, content, responses, paths and parameters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator

from ..errors import as_ascii
from .description import TODO, Json, Operation, keeps_slashes, mappings, operations, parameters
from .references import resolve_or_empty, walk

_OPERATION_ID = re.compile(r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)*")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")
_TAG = re.compile(r"[a-z][a-z0-9_-]*")
_PATH = re.compile(r"(/([A-Za-z0-9._~-]|\{[A-Za-z][A-Za-z0-9_]*\})+)+")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def _to_do(document: Json) -> Iterator[str]:
    for operation in operations(document):
        for at, text in walk(operation.node):
            if isinstance(text, str) and text.startswith(TODO):
                place = ", ".join([operation.where, *map(str, at)])
                yield f"{place}: {text!r} was left to be resolved; write what it is"


def _identifiers(document: Json) -> Iterator[str]:
    seen: dict[str, str] = {}
    for operation in operations(document):
        name = operation.node.get("operationId")
        if isinstance(name, str) and name.startswith(TODO):
            continue
        if not isinstance(name, str) or not _OPERATION_ID.fullmatch(name):
            yield f"{operation.where}: operationId {name!r} is not camelCase; name it like uploadFile"
            continue
        taken = seen.setdefault(name.lower(), operation.where)
        if taken != operation.where:
            yield f"{operation.where}: operationId {name!r} is that of {taken} too; give each its own"


def _tags(document: Json) -> Iterator[str]:
    for operation in operations(document):
        tags = operation.node.get("tags") or []
        if tags == [TODO]:
            continue
        if len(tags) != 1 or not _TAG.fullmatch(tags[0]):
            yield (
                f"{operation.where}: tags {tags!r}; give exactly one, in lower-case ASCII letters, digits, -"
                f" and _,"
                " because it names a folder"
            )


def _bodies(document: Json, operation: Operation) -> Iterator[tuple[str, Json]]:
    if "requestBody" in operation.node:
        yield f"{operation.where}, request", resolve_or_empty(document, operation.node["requestBody"])
    for status, response in mappings(operation.node.get("responses")):
        yield f"{operation.where}, response {status}", resolve_or_empty(document, response)


def _content_types(document: Json) -> Iterator[str]:
    for operation in operations(document):
        for where, body in _bodies(document, operation):
            for kind, media in mappings(body.get("content")):
                if "*" not in kind and not _MEDIA_TYPE.fullmatch(kind):
                    yield f"{where}: content {as_ascii(kind)!r} is no media type; write one such as application/json"
                if "*" in kind:
                    yield f"{where}: content {kind!r} says nothing; name the type, such as application/json"
                if "schema" not in media:
                    yield f"{where}: content {kind!r} has no schema; describe what it holds"


def _multipart(document: Json) -> Iterator[str]:
    for operation in operations(document):
        body = resolve_or_empty(document, operation.node.get("requestBody"))
        for kind, media in mappings(body.get("content")):
            if not kind.startswith("multipart/"):
                continue
            schema = resolve_or_empty(document, media.get("schema"))
            required = schema.get("required") or []
            parts = {
                name
                for name, part in mappings(schema.get("properties"))
                if resolve_or_empty(document, part).get("format") == "binary"
            }
            if not parts & set(required):
                yield (
                    f"{operation.where}: the {kind} body has no required file; give it a property of type"
                    f" string and"
                    " format binary and list it under required"
                )


def _outcomes(document: Json) -> Iterator[str]:
    for operation in operations(document):
        statuses = list(operation.node.get("responses") or {})
        if not any(status == "default" or status[:1] in "45" for status in statuses):
            yield f"{operation.where}: no error response; add default: $ref to the shared error"
        if not any(status[:1] in "23" for status in statuses):
            yield f"{operation.where}: no success response; add one"


def _paths(document: Json) -> Iterator[str]:
    for path, _ in mappings(document.get("paths")):
        if not _PATH.fullmatch(path):
            yield (
                f"{as_ascii(path)}: not a path that can be sent as it stands; use segments of ASCII letters,"
                f" digits, ., _,"
                " ~, - and parameters in braces"
            )


def _query_styles(document: Json) -> Iterator[str]:
    for operation in operations(document):
        for parameter in parameters(document, operation):
            style, explode = parameter.get("style"), parameter.get("explode")
            if parameter.get("in") == "query" and (style not in (None, "form") or explode is False):
                yield (
                    f"{operation.where}: query parameter {parameter.get('name')!r} has another style than"
                    f" form,"
                    " exploded, and the generator sends no other; remove style and explode"
                )


def _path_parameters(document: Json) -> Iterator[str]:
    slashes: dict[str, tuple[bool, str]] = {}
    for operation in operations(document):
        for parameter in parameters(document, operation):
            name = str(parameter.get("name"))
            if parameter.get("in") != "path":
                continue
            kept, place = slashes.setdefault(name, (keeps_slashes(document, parameter), operation.where))
            if kept != keeps_slashes(document, parameter):
                yield (
                    f"{operation.where}: the pattern of path parameter {name!r} disagrees with {place} on"
                    " slashes; give both one pattern or two names"
                )


def _path_conflicts(document: Json) -> Iterator[str]:
    alike: dict[str, list[tuple[str, Json]]] = defaultdict(list)
    for path, item in mappings(document.get("paths")):
        alike[_PLACEHOLDER.sub("{}", path)].append((path, item))
    for group in alike.values():
        paths = [path for path, _ in group]
        for path, item in group:
            reason = item.get("x-path-conflict")
            recorded = isinstance(reason, str) and bool(reason.strip())
            others = ", ".join(other for other in paths if other != path)
            if others and not recorded:
                yield (
                    f"{path}: differs from {others} only in its parameter's name; make them one path, or say"
                    f" in"
                    " x-path-conflict on each how the server tells them apart"
                )
            if not others and "x-path-conflict" in item:
                yield f"{path}: x-path-conflict explains a conflict that is not there; remove it"


RULES: tuple[Callable[[Json], Iterator[str]], ...] = (
    _to_do,
    _identifiers,
    _tags,
    _content_types,
    _multipart,
    _outcomes,
    _paths,
    _path_parameters,
    _query_styles,
    _path_conflicts,
)
