"""Reads the contract of an OpenAPI 3 document."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from ..descriptions.description import METHODS, Json, mappings
from ..errors import PipelineError
from .changes import Steps
from .composition import any_of
from .keywords import (
    DOCUMENT,
    ENCODING,
    FLOW,
    HEADER,
    MEDIA_TYPE,
    OPERATION,
    PARAMETER,
    PATH_ITEM,
    REQUEST_BODY,
    RESPONSE,
    SECURITY_SCHEME,
    SERVER,
    Keywords,
    text_of,
)
from .model import ERROR, VERSION, Body, Contract, Node, Notes, Operation, Parameter, Part, Response
from .schema_reader import BINARY_MEDIA, SchemaReader
from .servers import Servers

_STATUS = re.compile(r"[1-5](\d\d|XX)|DEFAULT", re.ASCII)
# The beginning of the paths of this API, whose next segment is the version.
_THIS_API = "/files/"
_VERSION_SEGMENT = re.compile(r"v\d+|\d{4}-\d{2}(-\d{2})?(-[a-z0-9]+)?")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# OpenAPI ignores parameters with these names.
_IGNORED_HEADERS = frozenset(["accept", "authorization", "content-type"])
_BINARY = Node(types=frozenset(["string"]), format="binary")


def contract(document: Json) -> Contract:
    """Return the contract of an OpenAPI 3 document.

    Raises:
        PipelineError: A reference of the document leads nowhere, or it is nested too deeply.
    """
    try:
        return _contract(document)
    except RecursionError as error:
        raise PipelineError("it is too large:", ["its schemas are nested too deeply"]) from error


def _contract(document: Json) -> Contract:
    reader = _OperationReader(document)
    items = {path: reader.item(raw) for path, raw in mappings(document.get("paths"))}
    operations = [
        (method.upper(), reader.servers.path(item, node) + path, item, node)
        for path, item in items.items()
        for method, node in _methods(item)
    ]
    version = _version({path for _, path, _, _ in operations} or items)
    found: dict[str, Operation] = {}
    for method, path, item, node in operations:
        masked = _masked(path, version)
        found[f"{method} {masked}"] = reader.operation(method, masked, item, node)
    return Contract(version, dict(sorted(found.items())), reader.schemas.declared(), reader.notes_of_document())


def _methods(item: Json) -> Iterator[tuple[str, Json]]:
    for key, node in mappings(item):
        if key in METHODS:
            yield key, node


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
        self.servers = Servers(document)
        # The notes of the operation that is being read.
        self._notes: Notes = {}

    def item(self, raw: Json) -> Json:
        """Return a path item with its methods in lower case."""
        item = self.schemas.resolve(raw)
        spelled = {key: key.lower() for key in item if key not in METHODS and key.lower() in METHODS}
        for key in spelled:
            self.schemas.misspelled("method", key)
        return {spelled.get(key, key): value for key, value in item.items()}

    def _note(self, kind: Keywords, raw: Json, *steps: str) -> None:
        """Note the keywords of an object that are neither read nor noise."""
        for key, value in kind.others(raw):
            self._notes[(*steps, key)] = text_of(self.schemas.bare(value))

    def _note_servers(self, holder: Json, *steps: str) -> None:
        listed = holder.get("servers")
        for server in listed if isinstance(listed, list) else ():
            self._note(SERVER, _mapping(server), *steps)

    def notes_of_document(self) -> Notes:
        """Return what the document says of itself, and the values that it spells otherwise than OpenAPI."""
        self._notes = {}
        self._note(DOCUMENT, self.document)
        self._note_servers(self.document, "servers")
        components = _mapping(self.document.get("components"))
        authentication: dict[str, set[str]] = {}
        for _, raw in mappings(components.get("securitySchemes")):
            scheme = self.schemas.resolve(raw)
            found = [SECURITY_SCHEME.others(scheme), *(FLOW.others(flow) for _, flow in mappings(scheme.get("flows")))]
            for key, value in itertools.chain(*found):
                authentication.setdefault(key, set()).add(text_of(self.schemas.bare(value)))
        for key, values in authentication.items():
            self._notes["authentication", key] = ", ".join(sorted(values))
        for key, written, own in self.schemas.spelling:
            self._notes["spelling", key, written] = own
        return self._notes

    def operation(self, method: str, path: str, item: Json, node: Json) -> Operation:
        self._notes = {}
        self._note(PATH_ITEM, item, "operation")
        self._note(OPERATION, node, "operation")
        self._note_servers(item, "operation")
        self._note_servers(node, "operation")
        parameters: dict[tuple[str, str], Parameter] = {}
        for holder in (item, node):
            listed = holder.get("parameters")
            for raw in listed if isinstance(listed, list) else ():
                read = self.parameter(self.schemas.resolve(raw))
                if read is not None:
                    parameters[read[0]] = read[1]
        _complete(path, parameters)
        return Operation(
            method=method,
            path=path,
            parameters=parameters,
            body=self.body(node),
            responses=self.responses(node),
            scopes=self.scopes(node),
            deprecated=node.get("deprecated") is True,
            tokenless=self.tokenless(node),
            servers=self.servers.hosts(item, node),
            notes=self._notes,
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
        place = self.schemas.spelled("in", place)
        if place == "header":
            name = name.lower()
            if name in _IGNORED_HEADERS:
                return None
        self._note(PARAMETER, raw, place, name)
        return (place, name), self.parameter_of(place, raw, (place, name))

    def parameter_of(self, place: str, raw: Json, steps: Steps) -> Parameter:
        content = sorted(self.content(raw, steps).items())
        kind, node = content[0] if content else ("", self.schemas.schema(raw.get("schema")))
        return Parameter(
            node,
            required=raw.get("required") is True or place == "path",
            style=kind or self._style(place, raw, node),
            deprecated=raw.get("deprecated") is True,
            reserved=place == "query" and raw.get("allowReserved") is True,
            empty=place == "query" and raw.get("allowEmptyValue") is True,
        )

    def _style(self, place: str, raw: Json, node: Node) -> str:
        """Return how a list or an object is written into the request; other values are written in one way."""
        usual = "form" if place in ("query", "cookie") else "simple"
        style = self.schemas.spelled("style", raw["style"]) if isinstance(raw.get("style"), str) else usual
        if not _kinds(node) & {"array", "object"}:
            # In a path, any other style puts a prefix before every value.
            return style if place == "path" and style != usual else ""
        explode = raw.get("explode") if isinstance(raw.get("explode"), bool) else style == "form"
        return f"{style}, {'exploded' if explode else 'not exploded'}"

    def body(self, node: Json) -> Body | None:
        raw = self.schemas.resolve(node.get("requestBody"))
        content = self.content(raw, ("in",))
        if not content:
            return None
        self._note(REQUEST_BODY, raw, "in")
        parts: dict[tuple[str, str], Part] = {}
        for written, media in mappings(raw.get("content")):
            kind = _media(written)
            for name, encoding in mappings(media.get("encoding")):
                entry = content[kind].properties.get(name)
                parts[kind, name] = self.part((kind, name), encoding, entry.node if entry is not None else Node())
        return Body(content, raw.get("required") is True, parts)

    def part(self, at: tuple[str, str], raw: Json, held: Node) -> Part:
        kind, name = at
        written = raw.get("contentType")
        media = {_media(text) for text in written.split(",")} - {""} if isinstance(written, str) else set()
        usual = _usual_media(held)
        headers = {
            own.lower(): self.parameter_of("header", self.schemas.resolve(header), ("in", kind, f".{name}"))
            for own, header in mappings(raw.get("headers"))
            if own.lower() not in _IGNORED_HEADERS
        }
        self._note(ENCODING, raw, "in", kind, f".{name}")
        # A style makes a part of a form what a parameter of a query is, and is noise where it is the usual one.
        style = self._style("query", raw, held) if raw.keys() & {"style", "explode"} else ""
        return Part(
            frozenset({"" if own == usual else own for own in media} or {""}),
            "" if style == "form, exploded" else style,
            raw.get("allowReserved") is True,
            headers,
        )

    def content(self, raw: Json, steps: Steps) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for written, media in mappings(raw.get("content")):
            kind = _media(written)
            node = self.schemas.schema(media.get("schema"))
            # OpenAPI 3.1 describes binary content by leaving the schema out.
            found[kind] = _BINARY if node.is_anything and BINARY_MEDIA.match(kind) else node
            self._note(MEDIA_TYPE, media, *steps, kind)
            if steps != ("in",) and media.get("encoding"):
                # It describes the parts of a request only.
                self._notes[*steps, kind, "encoding"] = text_of(self.schemas.bare(media["encoding"]))
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
            is_error = status == "default" or status[:1] in ("4", "5")
            steps = ("out", ERROR if is_error else status.upper())
            headers = {}
            for name, header in mappings(described.get("headers")):
                if name.lower() != "content-type":
                    resolved = self.schemas.resolve(header)
                    headers[name.lower()] = self.schemas.schema(resolved.get("schema"))
                    self._note(HEADER, resolved, *steps, "header", name.lower())
            self._note(RESPONSE, described, *steps)
            response = Response(self.content(described, steps), headers)
            if is_error:
                errors.append(response)
            else:
                responses[status.upper()] = response
        if errors:
            responses[ERROR] = _bucket(errors)
        return responses

    def scopes(self, node: Json) -> frozenset[str]:
        found = set()
        for choice in self._security(node):
            scopes = {str(scope) for listed in choice.values() if isinstance(listed, list) for scope in listed}
            found.add(" and ".join(sorted(scopes)))
        return frozenset(found - {""})

    def tokenless(self, node: Json) -> bool:
        """Whether each way to authenticate for an operation needs something else than a bearer token."""
        choices = self._security(node)
        return bool(choices) and not any(all(map(self._is_token, choice)) for choice in choices)

    def _security(self, node: Json) -> list[Json]:
        listed = node.get("security", self.document.get("security"))
        return [choice for choice in listed if isinstance(choice, dict)] if isinstance(listed, list) else []

    def _is_token(self, name: str) -> bool:
        """Whether a scheme is met by a bearer token; one that is called oauth2 is, though it may not be declared."""
        schemes = _mapping(_mapping(self.document.get("components")).get("securitySchemes"))
        scheme = self.schemas.resolve(schemes.get(name))
        kind = str(scheme.get("type", name)).lower()
        return kind.startswith(("oauth2", "openidconnect")) or (
            kind == "http" and str(scheme.get("scheme")).lower() == "bearer"
        )


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _complete(path: str, parameters: dict[tuple[str, str], Parameter]) -> None:
    """Give a parameter that its path does not name the name that the path has for it."""
    named = _PLACEHOLDER.findall(path)
    missing = [name for name in named if name != VERSION[1:-1] and ("path", name) not in parameters]
    stray = [name for place, name in parameters if place == "path" and name not in named]
    if len(missing) == len(stray) == 1:
        parameters["path", missing[0]] = parameters.pop(("path", stray[0]))


def _kinds(node: Node) -> set[str]:
    return {kind for choice in (node, *node.alternatives) for kind in choice.types}


def _media(written: str) -> str:
    """Return a media type without its parameters."""
    return written.partition(";")[0].strip().lower()


def _usual_media(node: Node) -> str:
    """Return the media type of a part that names none."""
    if node.types == {"array"} and node.items is not None:
        return _usual_media(node.items) if node.items is not node else ""
    if "object" in _kinds(node):
        return "application/json"
    return "application/octet-stream" if node.format == "binary" else "text/plain"


def _bucket(responses: list[Response]) -> Response:
    content: dict[str, list[Node]] = {}
    headers: dict[str, Node] = {}
    for response in responses:
        headers.update(response.headers)
        for kind, node in response.content.items():
            content.setdefault(kind, []).append(node)
    return Response({kind: any_of(nodes) for kind, nodes in content.items()}, headers)
