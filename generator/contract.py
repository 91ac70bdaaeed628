"""The contract of a description: what a client depends on, free of names, wording, order and indirection."""

from __future__ import annotations

import copy
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from .description import METHODS, Json, mappings
from .problems import PipelineError

ERROR = "error"
VERSION = "{version}"
_VERSION_SEGMENT = re.compile(r"v\d+|\d{4}-\d{2}(-\d{2})?(-[a-z0-9]+)?")

# What the generated client makes types of their own of, or what is not text at all.
TYPED_FORMATS = frozenset(["binary", "byte", "date", "date-time", "time", "uuid"])
_BOUNDS = ("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties", "multipleOf")
_OTHER_RULES = (
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "discriminator",
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


@dataclass(eq=False)
class Node:
    """What values a schema allows. Nodes refer to themselves where a description does.

    Attributes:
        name: The component that declares it, for wording only.
        types: The JSON types that are allowed, all of them where empty; null is in `nullable`.
        enum: The JSON text of each allowed value; None where the values are not listed.
        extra: What properties that are not listed hold; None where anything goes.
        closed: Whether there must be no property that is not listed.
        limits: Rules that narrow the values, by their keyword.
        notes: Facts that no caller depends on: pattern, default, deprecated.
    """

    name: str = ""
    types: frozenset[str] = frozenset()
    nullable: bool = False
    format: str = ""
    enum: frozenset[str] | None = None
    properties: dict[str, Property] = field(default_factory=dict)
    extra: Node | None = None
    closed: bool = False
    items: Node | None = None
    alternatives: tuple[Node, ...] = ()
    limits: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def is_anything(self) -> bool:
        """Whether every value is allowed."""
        return not self.types and self.enum is None and not self.alternatives


@dataclass(frozen=True, eq=False)
class Property:
    """A property of an object; `only` is "read" or "write" where the other direction does not have it."""

    node: Node
    required: bool = False
    only: str = ""


@dataclass(frozen=True, eq=False)
class Parameter:
    """A parameter; `style` says how its value is written into the request, where there is a choice."""

    node: Node
    required: bool
    style: str = ""
    deprecated: bool = False


@dataclass(frozen=True, eq=False)
class Body:
    """A request's body, by media type."""

    content: dict[str, Node]
    required: bool


@dataclass(frozen=True, eq=False)
class Answer:
    """What is answered with a status, by media type, and the headers, by lower-case name."""

    content: dict[str, Node]
    headers: dict[str, Node]


@dataclass(frozen=True, eq=False)
class Operation:
    """One method on one path.

    Attributes:
        parameters: By place (query, path, header, cookie) and name.
        answers: By status; all error statuses are one, `ERROR`.
        summary: What it is called, for wording only.
        scopes: The scopes that it accepts, one text for each set of them; how a caller authenticates is not told
            apart, because those names change without an effect.
    """

    method: str
    path: str
    parameters: dict[tuple[str, str], Parameter]
    body: Body | None
    answers: dict[str, Answer]
    scopes: frozenset[str]
    deprecated: bool = False
    summary: str = ""


@dataclass(frozen=True, eq=False)
class Contract:
    """The operations of a description, by method and path with `{version}` in the place of `version`."""

    version: str
    operations: dict[str, Operation]

    def shown(self, key: str) -> str:
        """Return an operation's key with the version that its paths really have."""
        return key.replace(VERSION, self.version) if self.version else key


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
    return Contract(version, dict(sorted(found.items())))


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

    def target(self, reference: str) -> object:
        """Return what a reference leads to.

        Raises:
            PipelineError: It leads nowhere, or out of the document.
        """
        node: object = self.document
        if not reference.startswith("#"):
            raise PipelineError("it is incomplete:", [f"$ref {reference!r} leads out of it"])
        for part in reference[1:].strip("/").split("/") if reference != "#" else []:
            key = _unescaped(unquote(part))
            if isinstance(node, dict) and key in node:
                node = node[key]
            elif isinstance(node, list) and key.isdecimal() and int(key) < len(node):
                node = node[int(key)]
            else:
                raise PipelineError("it is incomplete:", [f"$ref {reference!r} leads nowhere"])
        return node

    def resolved(self, node: object) -> Json:
        """Follow the references of anything but a schema."""
        seen: set[str] = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            if node["$ref"] in seen:
                return {}
            seen.add(node["$ref"])
            node = self.target(node["$ref"])
        return node if isinstance(node, dict) else {}

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
            response = self.resolved(raw)
            headers = {
                name.lower(): self.schema(self.resolved(header).get("schema"))
                for name, header in mappings(response.get("headers"))
                if name.lower() != "content-type"
            }
            answer = Answer(self.content(response), headers)
            if status == "default" or status[:1] in ("4", "5"):
                errors.append(answer)
            elif not status.startswith("x-"):
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
            return Node(limits={"not": "anything"})
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
        name = _unescaped(reference.rpartition("/")[2]) if reference.startswith("#/components/schemas/") else ""
        node = self.nodes[reference] = Node(name)
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
                parts.append(self.combined(choices, _either))
        plain = self.plain(raw)
        if plain is not None:
            parts.append(plain)
        if len(parts) == 1 and raw.get("nullable") is not True:
            return parts[0]
        return self.combined(parts, _all_of_nullable if raw.get("nullable") is True else _all_of)

    def plain(self, raw: Json) -> Node | None:
        """Return what the keywords of a schema itself say; None where they say nothing."""
        node = Node()
        types = raw.get("type")
        listed = [types] if isinstance(types, str) else types if isinstance(types, list) else []
        node.types = frozenset(str(kind) for kind in listed)
        values = [raw["const"]] if "const" in raw else raw.get("enum")
        if isinstance(values, list) and values:
            node.nullable = None in values
            node.enum = frozenset(_text(value) for value in values if value is not None)
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
            node.extra = None if extra.is_anything and not extra.limits else extra
        if raw.get("type") is None and (node.properties or "additionalProperties" in raw):
            node.types = frozenset(["object"])

    def shallow(self, own: Json) -> Json:
        """Follow a schema's reference without reading what is there."""
        return {**self.resolved(own), **{key: value for key, value in own.items() if key != "$ref"}}

    def rule(self, raw: object) -> str:
        return _text(self.bare(raw, ()))

    def bare(self, raw: object, above: tuple[str, ...]) -> object:
        """Return a rule without its prose, references followed; what it holds is compared as text only."""
        if isinstance(raw, dict):
            reference = raw.get("$ref")
            if isinstance(reference, str):
                if reference in above or len(above) > 20:
                    return "itself"
                return self.bare(self.target(reference), (*above, reference))
            return {key: self.bare(value, above) for key, value in raw.items() if key not in _PROSE}
        if isinstance(raw, list):
            return sorted((self.bare(value, above) for value in raw), key=_text)
        return raw


def _listed(raw: Json, key: str) -> list[Any]:
    value = raw.get(key)
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _unescaped(key: str) -> str:
    return key.replace("~1", "/").replace("~0", "~")


def _become(node: Node, read: Node) -> None:
    """Let a node that is referred to already be what was read for it."""
    if node is not read:
        name = read.name or node.name
        vars(node).update(vars(read))
        node.name = name


def _all_of(parts: list[Node]) -> Node:
    result = parts[0] if parts else Node()
    for part in parts[1:]:
        result = _both(result, part)
    return result


def _all_of_nullable(parts: list[Node]) -> Node:
    return _with_null(_all_of(parts))


def _with_null(node: Node) -> Node:
    """Return a node that allows null as well."""
    if node.nullable or node.is_anything:
        return node
    node = copy.copy(node)
    node.nullable = True
    return node


def _style(place: str, raw: Json, node: Node) -> str:
    """Return how a list or an object is written into the request; other values are written in one way."""
    kinds = {kind for choice in (node, *node.alternatives) for kind in choice.types}
    if not kinds & {"array", "object"}:
        return ""
    usual = "form" if place in ("query", "cookie") else "simple"
    style = raw.get("style") if isinstance(raw.get("style"), str) else usual
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
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _infer(node: Node) -> None:
    """Bring a node's types into one form: inferred where they are not named, null apart from the others."""
    if not node.types:
        if node.items is not None:
            node.types = frozenset(["array"])
        elif node.format in TYPED_FORMATS:
            node.types = frozenset(["string"])
        elif node.enum:
            node.types = frozenset(_kind(json.loads(value)) for value in node.enum)
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
    return Answer({kind: _either(nodes) for kind, nodes in content.items()}, headers)


def _either(nodes: list[Node]) -> Node:
    """Return what one of several allows, in one form for all the ways to say so."""
    flat: list[Node] = []
    nullable = False
    for node in nodes:
        if node.types == {"null"}:
            nullable = True
        else:
            nullable = nullable or (node.nullable and bool(node.alternatives))
            flat += node.alternatives or (node,)
    distinct: list[Node] = []
    for node in flat:
        if not any(node is other or same(node, other) for other in distinct):
            distinct.append(node)
    if any(node.is_anything and not node.limits for node in distinct):
        return Node()
    if not distinct:
        return Node(types=frozenset(["null"]), nullable=True)
    merged = _merged_choices(distinct)
    return _with_null(merged) if nullable else merged


def _merged_choices(nodes: list[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    nullable = any(node.nullable for node in nodes)
    bare = all(not node.limits and not node.notes for node in nodes)
    if bare and all(node.enum is not None for node in nodes):
        types = frozenset(kind for node in nodes for kind in node.types)
        enum = frozenset(value for node in nodes for value in node.enum or ())
        return Node(types=types, enum=enum, nullable=nullable)
    scalar = all(
        node.enum is None and not node.alternatives and not node.format and not node.types & {"array", "object"}
        for node in nodes
    )
    if bare and scalar:
        return Node(types=frozenset(kind for node in nodes for kind in node.types), nullable=nullable)
    return Node(alternatives=tuple(without_null(node) for node in nodes), nullable=nullable)


def without_null(node: Node) -> Node:
    """Return a node that allows the same, but not null."""
    if not node.nullable:
        return node
    node = copy.copy(node)
    node.nullable = False
    return node


def _both(one: Node, other: Node, made: dict[tuple[int, int], Node] | None = None) -> Node:
    """Return what both of two nodes allow; the first one's name is kept."""
    made = {} if made is None else made
    key = (id(one), id(other))
    if one is other:
        return one
    if key in made:
        return made[key]
    result = made[key] = Node(name=one.name or other.name)
    result.types = _both_types(one.types, other.types)
    # A part that names no type says nothing of null.
    says = [node for node in (one, other) if not node.is_anything]
    result.nullable = all(node.nullable for node in says) if says else one.nullable or other.nullable
    result.format = one.format or other.format
    enums = [node.enum for node in (one, other) if node.enum is not None]
    result.enum = frozenset.intersection(*enums) if enums else None
    for name in [*one.properties, *(name for name in other.properties if name not in one.properties)]:
        found = [node.properties[name] for node in (one, other) if name in node.properties]
        inner = found[0].node if len(found) == 1 else _both(found[0].node, found[1].node, made)
        required = any(entry.required for entry in found)
        result.properties[name] = Property(inner, required, found[0].only or found[-1].only)
    _require(result, one, other)
    extras = [node.extra for node in (one, other) if node.extra is not None]
    result.extra = _both(extras[0], extras[1], made) if len(extras) == 2 else extras[0] if extras else None
    result.closed = one.closed or other.closed
    items = [node.items for node in (one, other) if node.items is not None]
    result.items = _both(items[0], items[1], made) if len(items) == 2 else items[0] if items else None
    result.alternatives = _both_choices(one, other)
    result.limits = {**one.limits, **other.limits}
    result.notes = {**one.notes, **other.notes}
    return result


def _require(result: Node, one: Node, other: Node) -> None:
    """Let a bare `required` of one part hold for the property that the other part describes."""
    for name, entry in result.properties.items():
        named = [node.properties[name] for node in (one, other) if name in node.properties]
        described = [found for found in named if not found.node.is_anything or found.node.limits]
        if len(named) == 2 and len(described) == 1:
            result.properties[name] = Property(described[0].node, entry.required, described[0].only)


def _both_types(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    if not one or not other:
        return one or other
    shared = one & other
    if "integer" in one | other and "number" in one | other:
        shared |= {"integer"}
    return shared or one


def _both_choices(one: Node, other: Node) -> tuple[Node, ...]:
    return (*one.alternatives, *other.alternatives)


def same(one: Node, other: Node, assumed: frozenset[tuple[int, int]] = frozenset()) -> bool:
    """Whether two nodes allow the same, names apart; `assumed` are pairs of ids that are taken to do so."""
    seen = set(assumed)
    waiting = [(one, other)]
    while waiting:
        left, right = waiting.pop()
        if left is right or (id(left), id(right)) in seen:
            continue
        seen.add((id(left), id(right)))
        if _facts(left) != _facts(right):
            return False
        waiting += [(entry.node, right.properties[name].node) for name, entry in left.properties.items()]
        waiting += [
            (left.extra or ANYTHING, right.extra or ANYTHING),
            (left.items or ANYTHING, right.items or ANYTHING),
        ]
        rest = list(right.alternatives)
        for choice in left.alternatives:
            match = next((found for found in rest if same(choice, found, frozenset(seen))), None)
            if match is None:
                return False
            rest.remove(match)
    return True


ANYTHING = Node()
_BINARY = Node(types=frozenset(["string"]), format="binary")


def _facts(node: Node) -> tuple[object, ...]:
    properties = {name: (entry.required, entry.only) for name, entry in node.properties.items()}
    return (
        node.types,
        node.nullable,
        node.format,
        node.enum,
        properties,
        node.closed,
        node.limits,
        _text(node.notes),
        len(node.alternatives),
    )
