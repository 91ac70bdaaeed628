"""Reads the contract of an OpenAPI 3 document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from ..descriptions.description import METHODS, Json, mappings
from ..errors import PipelineError
from .composition import any_of
from .model import ERROR, VERSION, Body, Contract, Node, Operation, Parameter, Response
from .schema_reader import BINARY_MEDIA, SchemaReader

_STATUS = re.compile(r"[1-5](\d\d|XX)|DEFAULT", re.ASCII)
# The beginning of the paths of this API, whose next segment is the version.
_THIS_API = "/files/"
_VERSION_SEGMENT = re.compile(r"v\d+|\d{4}-\d{2}(-\d{2})?(-[a-z0-9]+)?")
# OpenAPI ignores parameters with these names.
_IGNORED_HEADERS = frozenset(["accept", "authorization", "content-type"])
_BINARY = Node(types=frozenset(["string"]), format="binary")


def contract(document: Json) -> Contract:
    """Return the contract of an OpenAPI 3 document.

    Raises:
        PipelineError: A reference of the document leads nowhere.
    """
    reader = _OperationReader(document)
    paths = {_served(document) + path: item for path, item in mappings(document.get("paths"))}
    version = _version(paths)
    found: dict[str, Operation] = {}
    for path, raw in paths.items():
        item = reader.schemas.resolve(raw)
        masked = _masked(path, version)
        for method, node in mappings(item):
            if method in METHODS:
                found[f"{method.upper()} {masked}"] = reader.operation(method.upper(), masked, item, node)
    return Contract(version, dict(sorted(found.items())), reader.schemas.declared())


def _served(document: Json) -> str:
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else None
    url = first.get("url") if isinstance(first, dict) else None
    try:
        path = urlsplit(url).path if isinstance(url, str) else ""
    except ValueError:
        return ""
    return path.rstrip("/")


def _version(paths: Iterable[str]) -> str:
    """Return the most frequent version segment of this API's paths, or of all paths if none belongs to it."""
    listed = list(paths)
    listed = [path for path in listed if path.startswith(_THIS_API)] or listed
    counted = Counter(segment for path in listed for segment in path.split("/") if _VERSION_SEGMENT.fullmatch(segment))
    return max(counted, key=lambda segment: (counted[segment], segment), default="")


def _masked(path: str, version: str) -> str:
    """Return a path with `{version}` for its version. The version of another API is a part of its path."""
    if not path.startswith(_THIS_API):
        return path
    segments = path.split("/")
    if version in segments and version:
        segments[segments.index(version)] = VERSION
    return "/".join(segments)


class _OperationReader:
    """Reads the operations of one document."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.schemas = SchemaReader(document)

    def operation(self, method: str, path: str, item: Json, node: Json) -> Operation:
        parameters: dict[tuple[str, str], Parameter] = {}
        for holder in (item, node):
            listed = holder.get("parameters")
            for raw in listed if isinstance(listed, list) else ():
                read = self.parameter(self.schemas.resolve(raw))
                if read is not None:
                    parameters[read[0]] = read[1]
        return Operation(
            method=method,
            path=path,
            parameters=parameters,
            body=self.body(node),
            responses=self.responses(node),
            scopes=self.scopes(node),
            deprecated=node.get("deprecated") is True,
            summary=str(node.get("summary", "")),
            id=str(node.get("operationId", "")),
            absent_means=dict(_mapping(node.get("x-absent-means"))),
            also_named={name: str(other) for name, other in _mapping(node.get("x-also-named")).items()},
            way_round=str(node.get("x-way-round", "")),
        )

    def parameter(self, raw: Json) -> tuple[tuple[str, str], Parameter] | None:
        place, name = raw.get("in"), raw.get("name")
        if not isinstance(place, str) or not isinstance(name, str):
            return None
        if place == "header":
            name = name.lower()
            if name in _IGNORED_HEADERS:
                return None
        content = sorted(self.content(raw).items())
        kind, node = content[0] if content else ("", self.schemas.schema(raw.get("schema")))
        required = raw.get("required") is True or place == "path"
        style = kind or _style(place, raw, node)
        return (place, name), Parameter(node, required, style, raw.get("deprecated") is True)

    def body(self, node: Json) -> Body | None:
        raw = self.schemas.resolve(node.get("requestBody"))
        content = self.content(raw)
        if not content:
            return None
        return Body(content, raw.get("required") is True)

    def content(self, raw: Json) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for written, media in mappings(raw.get("content")):
            kind = written.partition(";")[0].strip().lower()
            node = self.schemas.schema(media.get("schema"))
            # OpenAPI 3.1 describes binary content by leaving the schema out.
            found[kind] = _BINARY if node.is_anything and BINARY_MEDIA.match(kind) else node
        return found

    def responses(self, node: Json) -> dict[str, Response]:
        responses: dict[str, Response] = {}
        errors: list[Response] = []
        for status, raw in sorted(mappings(node.get("responses"))):
            if status.startswith("x-"):
                continue
            if not _STATUS.fullmatch(status.upper()):
                raise PipelineError("it is damaged:", [f"a response has the status {status[:50]!r}"])
            described = self.schemas.resolve(raw)
            headers = {
                name.lower(): self.schemas.schema(self.schemas.resolve(header).get("schema"))
                for name, header in mappings(described.get("headers"))
                if name.lower() != "content-type"
            }
            response = Response(self.content(described), headers)
            if status == "default" or status[:1] in ("4", "5"):
                errors.append(response)
            else:
                responses[status.upper()] = response
        if errors:
            responses[ERROR] = _bucket(errors)
        return responses

    def scopes(self, node: Json) -> frozenset[str]:
        listed = node.get("security", self.document.get("security"))
        found = set()
        for choice in listed if isinstance(listed, list) else ():
            values = choice.values() if isinstance(choice, dict) else ()
            found.add(
                " and ".join(sorted({str(scope) for scopes in values if isinstance(scopes, list) for scope in scopes}))
            )
        return frozenset(found - {""})


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _style(place: str, raw: Json, node: Node) -> str:
    """Return how a list or an object is written into the request; other values are written in one way."""
    usual = "form" if place in ("query", "cookie") else "simple"
    style = raw["style"] if isinstance(raw.get("style"), str) else usual
    kinds = {kind for choice in (node, *node.alternatives) for kind in choice.types}
    if not kinds & {"array", "object"}:
        # In a path, any other style puts a prefix before every value.
        return style if place == "path" and style != usual else ""
    explode = raw.get("explode") if isinstance(raw.get("explode"), bool) else style == "form"
    return f"{style}, {'exploded' if explode else 'not exploded'}"


def _bucket(responses: list[Response]) -> Response:
    content: dict[str, list[Node]] = {}
    headers: dict[str, Node] = {}
    for response in responses:
        headers.update(response.headers)
        for kind, node in response.content.items():
            content.setdefault(kind, []).append(node)
    return Response({kind: any_of(nodes) for kind, nodes in content.items()}, headers)
