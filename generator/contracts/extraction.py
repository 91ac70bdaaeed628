"""Reads the contract of an OpenAPI 3 document: references followed, both versions' forms brought into one."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from ..descriptions import references
from ..descriptions.description import METHODS, Json, mappings
from ..errors import PipelineError
from .composition import all_of, either, tightest, with_null
from .model import (
    ERROR,
    NOTHING,
    TYPED_FORMATS,
    VERSION,
    Answer,
    Body,
    Contract,
    Node,
    Operation,
    Parameter,
    Property,
    as_text,
)

# Where schemas are declared.
SCHEMAS = ("components", "schemas")
_STATUS = re.compile(r"[1-5](\d\d|XX)|DEFAULT", re.ASCII)
# How many values the rules of a document may hold, references followed.
_MOST_RULES = 20_000
_VERSION_SEGMENT = re.compile(r"v\d+|\d{4}-\d{2}(-\d{2})?(-[a-z0-9]+)?")
_BOUNDS = ("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties", "multipleOf")
_OTHER_RULES = (
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "minContains",
    "not",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_PROSE = frozenset(["$comment", "default", "description", "example", "examples", "externalDocs", "title"])
_BINARY_MEDIA = re.compile(r"application/(octet-stream|pdf|zip|gzip)|image/|audio/|video/|font/")
# Headers that OpenAPI itself says are described elsewhere.
_IGNORED_HEADERS = frozenset(["accept", "authorization", "content-type"])
_BINARY = Node(types=frozenset(["string"]), format="binary")


def contract(document: Json) -> Contract:
    """Return the contract of an OpenAPI 3 document.

    Raises:
        PipelineError: The document refers to what it does not hold.
    """
    reader = _Reader(document)
    paths = {_served(document) + path: item for path, item in mappings(document.get("paths"))}
    version = _version(paths)
    found: dict[str, Operation] = {}
    for path, raw in paths.items():
        item = reader.resolved(raw)
        masked = _masked(path, version)
        for method, node in mappings(item):
            if method in METHODS:
                found[f"{method.upper()} {masked}"] = reader.operation(method.upper(), masked, item, node)
    return Contract(version, dict(sorted(found.items())), reader.named())


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
    """Return the version segment that most paths of this API have, or most of all paths where none is of it."""
    listed = list(paths)
    listed = [path for path in listed if path.startswith("/files/")] or listed
    counted = Counter(segment for path in listed for segment in path.split("/") if _VERSION_SEGMENT.fullmatch(segment))
    return max(counted, key=lambda segment: (counted[segment], segment), default="")


def _masked(path: str, version: str) -> str:
    segments = path.split("/")
    if version in segments and version:
        segments[segments.index(version)] = VERSION
    return "/".join(segments)


class _Reader:
    """Reads one document; each schema that is referred to becomes one node."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.siblings_count = str(document.get("openapi", "")).startswith("3.1")
        self.nodes: dict[str, Node] = {}
        # Schemas that are being read, and what can be put together only when they have been.
        self.unread: set[int] = set()
        self.waiting: list[tuple[Node, Callable[[], Node]]] = []
        self.depth = 0
        self.rules_read = 0

    def target(self, reference: str) -> object:
        """Return what a reference leads to.

        Raises:
            PipelineError: It leads nowhere, or out of the document.
        """
        try:
            return references.lookup(self.document, reference)
        except references.UnresolvableError as error:
            raise PipelineError("it is incomplete:", [str(error)]) from error

    def resolved(self, node: object) -> Json:
        """Follow the references of anything but a schema.

        Raises:
            PipelineError: One of them leads nowhere, or out of the document.
        """
        try:
            return references.resolve(self.document, node)
        except references.UnresolvableError as error:
            raise PipelineError("it is incomplete:", [str(error)]) from error

    def operation(self, method: str, path: str, item: Json, node: Json) -> Operation:
        parameters: dict[tuple[str, str], Parameter] = {}
        for holder in (item, node):
            listed = holder.get("parameters")
            for raw in listed if isinstance(listed, list) else ():
                read = self.parameter(self.resolved(raw))
                if read is not None:
                    parameters[read[0]] = read[1]
        return Operation(
            method=method,
            path=path,
            parameters=parameters,
            body=self.body(node),
            answers=self.answers(node),
            scopes=self.scopes(node),
            deprecated=node.get("deprecated") is True,
            summary=str(node.get("summary", "")),
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
        kind, node = content[0] if content else ("", self.schema(raw.get("schema")))
        required = raw.get("required") is True or place == "path"
        style = kind or _style(place, raw, node)
        return (place, name), Parameter(node, required, style, raw.get("deprecated") is True)

    def body(self, node: Json) -> Body | None:
        raw = self.resolved(node.get("requestBody"))
        content = self.content(raw)
        if not content:
            return None
        return Body(content, raw.get("required") is True)

    def content(self, raw: Json) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for written, media in mappings(raw.get("content")):
            kind = written.partition(";")[0].strip().lower()
            node = self.schema(media.get("schema"))
            # OpenAPI 3.1 describes content that is no text by leaving the schema out.
            found[kind] = _BINARY if node.is_anything and _BINARY_MEDIA.match(kind) else node
        return found

    def answers(self, node: Json) -> dict[str, Answer]:
        answers: dict[str, Answer] = {}
        errors: list[Answer] = []
        for status, raw in sorted(mappings(node.get("responses"))):
            if status.startswith("x-"):
                continue
            if not _STATUS.fullmatch(status.upper()):
                raise PipelineError("it is damaged:", [f"an answer has the status {status[:50]!r}"])
            response = self.resolved(raw)
            headers = {
                name.lower(): self.schema(self.resolved(header).get("schema"))
                for name, header in mappings(response.get("headers"))
                if name.lower() != "content-type"
            }
            answer = Answer(self.content(response), headers)
            if status == "default" or status[:1] in ("4", "5"):
                errors.append(answer)
            else:
                answers[status.upper()] = answer
        if errors:
            answers[ERROR] = _bucket(errors)
        return answers

    def scopes(self, node: Json) -> frozenset[str]:
        listed = node.get("security", self.document.get("security"))
        found = set()
        for choice in listed if isinstance(listed, list) else ():
            values = choice.values() if isinstance(choice, dict) else ()
            found.add(
                " and ".join(sorted({str(scope) for scopes in values if isinstance(scopes, list) for scope in scopes}))
            )
        return frozenset(found - {""})

    def schema(self, raw: object) -> Node:
        """Return what a schema allows; a missing or malformed one allows everything."""
        if raw is False:
            return Node(limits={"not": NOTHING})
        if not isinstance(raw, dict):
            return Node()
        reference = raw.get("$ref")
        if not isinstance(reference, str):
            return self.own(raw, [])
        node = self.declared(reference)
        # Before 3.1 whatever stands beside a reference means nothing.
        beside = {key: value for key, value in raw.items() if key != "$ref"} if self.siblings_count else {}
        return self.own(beside, [node])

    def declared(self, reference: str) -> Node:
        """Return the one node of a schema that is referred to, which may still be being read."""
        node = self.nodes.get(reference)
        if node is not None:
            return node
        pointer = references.as_pointer(reference)
        node = self.nodes[reference] = Node(str(pointer[-1]) if pointer[:2] == SCHEMAS else "")
        self.unread.add(id(node))
        self.depth += 1
        read = self.schema(self.target(reference))
        self.depth -= 1
        if read is not node and id(read) in self.unread:
            self.waiting.append((node, lambda: read))
        else:
            self.unread.discard(id(node))
            _become(node, read)
        if self.depth == 0:
            for made, combine in self.waiting:
                _become(made, combine())
            self.waiting.clear()
            self.unread.clear()
        return node

    def named(self) -> dict[str, Node]:
        """Return the schemas that were referred to by the name that they are declared with."""
        return {
            node.name: node
            for reference, node in self.nodes.items()
            if node.name and references.as_pointer(reference) == (*SCHEMAS, node.name)
        }

    def combined(self, parts: list[Node], combine: Callable[[list[Node]], Node]) -> Node:
        """Combine nodes, or return the node that will be the combination once all of them have been read."""
        if not any(id(part) in self.unread for part in parts):
            return combine(parts)
        node = Node()
        self.unread.add(id(node))
        self.waiting.append((node, lambda: combine(parts)))
        return node

    def own(self, raw: Json, parts: list[Node]) -> Node:
        """Return what a schema says itself and in its allOf, oneOf and anyOf, together with `parts`."""
        parts = [*parts, *(self.schema(part) for part in _listed(raw, "allOf"))]
        for key in ("oneOf", "anyOf"):
            choices = [self.schema(part) for part in _listed(raw, key)]
            if choices:
                parts.append(self.combined(choices, either))
        plain = self.plain(raw)
        if plain is not None:
            parts.append(plain)
        if len(parts) == 1 and raw.get("nullable") is not True:
            return parts[0]
        return self.combined(parts, _all_of_nullable if raw.get("nullable") is True else all_of)

    def plain(self, raw: Json) -> Node | None:
        """Return what the keywords of a schema itself say; None where they say nothing."""
        node = Node()
        types = raw.get("type")
        listed = [types] if isinstance(types, str) else types if isinstance(types, list) else []
        node.types = frozenset(str(kind) for kind in listed)
        values = [raw["const"]] if "const" in raw else raw.get("enum")
        if isinstance(values, list) and values:
            node.nullable = None in values
            node.enum = frozenset(as_text(value) for value in values if value is not None)
        if isinstance(raw.get("format"), str):
            node.format = raw["format"]
        elif raw.get("contentEncoding") in ("base64", "base64url"):
            node.format = "byte"
        elif isinstance(raw.get("contentMediaType"), str) and _BINARY_MEDIA.match(raw["contentMediaType"]):
            node.format = "binary"
        self.members(node, raw)
        if isinstance(raw.get("items"), (dict, bool)):
            node.items = self.schema(raw["items"])
        node.limits = {**_limits(raw), **{key: self.rule(raw[key]) for key in _OTHER_RULES if key in raw}}
        for key in ("pattern", "default"):
            if raw.get(key) is not None:
                node.notes[key] = raw[key]
        if raw.get("deprecated") is True:
            node.notes["deprecated"] = True
        if "discriminator" in raw:
            node.notes["discriminator"] = self.rule(raw["discriminator"])
        _infer(node)
        said = node.types or node.enum is not None or node.limits or node.notes or node.nullable
        return node if said else None

    def members(self, node: Node, raw: Json) -> None:
        required = {name for name in _listed(raw, "required") if isinstance(name, str)}
        for name, schema in raw["properties"].items() if isinstance(raw.get("properties"), dict) else ():
            inner = self.schema(schema)
            own = schema if isinstance(schema, dict) else {}
            target = own if "$ref" not in own else self.shallow(own)
            only = "read" if target.get("readOnly") is True else "write" if target.get("writeOnly") is True else ""
            node.properties[name] = Property(inner, name in required, only)
        for name in sorted(required - node.properties.keys()):
            node.properties[name] = Property(Node(), True)
        additional = raw.get("additionalProperties")
        if additional is False:
            node.closed = True
        elif isinstance(additional, dict):
            extra = self.schema(additional)
            node.extra = None if extra.is_anything else extra
        if raw.get("type") is None and (node.properties or "additionalProperties" in raw):
            node.types = frozenset(["object"])

    def shallow(self, own: Json) -> Json:
        """Follow a schema's reference without reading what is there."""
        return {**self.resolved(own), **{key: value for key, value in own.items() if key != "$ref"}}

    def rule(self, raw: object) -> str:
        return as_text(self.bare(raw, ()))

    def bare(self, raw: object, above: tuple[str, ...]) -> object:
        """Return a rule without its prose, references followed; what it holds is compared as text only.

        Raises:
            PipelineError: Its references lead to more than a document can sensibly hold.
        """
        self.rules_read += 1
        if self.rules_read > _MOST_RULES:
            raise PipelineError("it is too large:", [f"its rules hold more than {_MOST_RULES:,} values"])
        if isinstance(raw, dict):
            reference = raw.get("$ref")
            if isinstance(reference, str):
                if reference in above or len(above) > 20:
                    return "itself"
                return self.bare(self.target(reference), (*above, reference))
            return {key: self.bare(value, above) for key, value in raw.items() if key not in _PROSE}
        if isinstance(raw, list):
            return sorted((self.bare(value, above) for value in raw), key=as_text)
        return raw


def _listed(raw: Json, key: str) -> list[Any]:
    value = raw.get(key)
    return value if isinstance(value, list) else []


def _become(node: Node, read: Node) -> None:
    """Let a node that is referred to already be what was read for it."""
    if node is not read:
        name = read.name or node.name
        vars(node).update(vars(read))
        node.name = name


def _all_of_nullable(parts: list[Node]) -> Node:
    return with_null(all_of(parts))


def _style(place: str, raw: Json, node: Node) -> str:
    """Return how a list or an object is written into the request; other values are written in one way."""
    usual = "form" if place in ("query", "cookie") else "simple"
    style = raw["style"] if isinstance(raw.get("style"), str) else usual
    kinds = {kind for choice in (node, *node.alternatives) for kind in choice.types}
    if not kinds & {"array", "object"}:
        # In a path, another style puts something before every value.
        return style if place == "path" and style != usual else ""
    explode = raw.get("explode") if isinstance(raw.get("explode"), bool) else style == "form"
    return f"{style}, {'exploded' if explode else 'not exploded'}"


def _limits(raw: Json) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in _BOUNDS:
        value = raw.get(key)
        if _is_number(value) and not (key.startswith("min") and value == 0):
            found[key] = value
    for key, exclusive in (("maximum", "exclusiveMaximum"), ("minimum", "exclusiveMinimum")):
        bound, beyond = raw.get(key), raw.get(exclusive)
        # Of OpenAPI 3.0 the one is a flag on the other, of 3.1 each is a number of its own.
        if _is_number(beyond):
            found[exclusive] = beyond
        if _is_number(bound):
            found[exclusive if beyond is True else key] = bound
    if raw.get("uniqueItems") is True:
        found["uniqueItems"] = True
    return tightest(found, {})


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _infer(node: Node) -> None:
    """Bring a node's types into one form: inferred where they are not named, null apart from the others."""
    if not node.types:
        if node.items is not None:
            node.types = frozenset(["array"])
        elif node.format in TYPED_FORMATS:
            node.types = frozenset(["string"])
        elif node.enum:
            node.types = frozenset(_kind(json.loads(value)) for value in node.enum)
    if "number" in node.types:
        node.types -= {"integer"}
    if "null" in node.types:
        node.nullable = True
        node.types = node.types - {"null"} or frozenset(["null"])
    if node.enum is not None and not node.enum and node.nullable:
        node.types, node.enum = frozenset(["null"]), None


def _kind(value: object) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def _bucket(answers: list[Answer]) -> Answer:
    content: dict[str, list[Node]] = {}
    headers: dict[str, Node] = {}
    for answer in answers:
        headers.update(answer.headers)
        for kind, node in answer.content.items():
            content.setdefault(kind, []).append(node)
    return Answer({kind: either(nodes) for kind, nodes in content.items()}, headers)
