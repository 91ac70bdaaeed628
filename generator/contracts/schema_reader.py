"""Reads the schemas of an OpenAPI 3.0 or 3.1 document into nodes of one form, with references followed."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from ..descriptions import references
from ..descriptions.description import Json
from ..errors import PipelineError
from .composition import all_of, any_of, tightest, with_null
from .keywords import PROSE, SCHEMA, spelled, text_of
from .model import NOTHING, TYPED_FORMATS, Node, Property, canonical_json

# Where schemas are declared.
_DECLARED = ("components", "schemas")
# The most values that the rules of a document may hold, references followed.
_MAX_RULES = 20_000
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
# The most schemas within one another, references followed.
_MAX_DEPTH = 100
_KINDS: tuple[tuple[str, Any], ...] = (
    ("format", str),
    ("items", (dict, bool)),
    ("additionalProperties", (dict, bool)),
    ("properties", dict),
    ("required", list),
    ("enum", list),
    ("type", (str, list)),
)
BINARY_MEDIA = re.compile(r"application/(octet-stream|pdf|zip|gzip)|image/|audio/|video/|font/")


class SchemaReader:
    """Reads the schemas of one document; each schema that is referred to becomes one node."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._siblings_count = str(document.get("openapi", "")).startswith("3.1")
        self._nodes: dict[str, Node] = {}
        # Schemas that are being read, and combinations that wait for them.
        self._unread: set[int] = set()
        self._waiting: list[tuple[Node, Callable[[], Node]]] = []
        self._depth = 0
        self._rules_read = 0
        self._below = 0
        # The values of enumerations of OpenAPI that are spelled otherwise: the keyword, as written, and as it is read.
        self.spelling: set[tuple[str, str, str]] = set()

    def spelled(self, key: str, value: str) -> str:
        """Return a value of an enumeration of OpenAPI as OpenAPI spells it, and note if the document does not."""
        own = spelled(key, value)
        if own != value:
            self.spelling.add((key, value, own))
        return own

    def misspelled(self, key: str, value: str) -> None:
        """Note a word that is to be in lower case."""
        self.spelling.add((key, value, value.lower()))

    def _target(self, reference: str) -> object:
        """Return what a reference leads to.

        Raises:
            PipelineError: It leads nowhere, or out of the document.
        """
        try:
            return references.lookup(self._document, reference)
        except references.UnresolvableError as error:
            raise PipelineError("it is incomplete:", [str(error)]) from error

    def resolve(self, node: object) -> Json:
        """Follow the references of anything but a schema.

        Raises:
            PipelineError: One of them leads nowhere, or out of the document.
        """
        try:
            return references.resolve(self._document, node)
        except references.UnresolvableError as error:
            raise PipelineError("it is incomplete:", [str(error)]) from error

    def schema(self, raw: object) -> Node:
        """Return the node of a schema; a missing or malformed one allows everything.

        Raises:
            PipelineError: A reference leads nowhere, or too many schemas stand within one another.
        """
        self._below += 1
        if self._below > _MAX_DEPTH:
            raise PipelineError("it is too large:", [f"more than {_MAX_DEPTH} schemas stand within one another"])
        try:
            return self._schema(raw)
        finally:
            self._below -= 1

    def _schema(self, raw: object) -> Node:
        if raw is False:
            return Node(limits={"not": NOTHING})
        if not isinstance(raw, dict):
            return Node()
        reference = raw.get("$ref")
        if not isinstance(reference, str):
            return self._own(raw, [])
        node = self._declared(reference)
        # Before 3.1, keywords beside a reference are ignored.
        beside = {key: value for key, value in raw.items() if key != "$ref"} if self._siblings_count else {}
        return self._own(beside, [node])

    def _declared(self, reference: str) -> Node:
        """Return the one node of a schema that is referred to, which may not have been read to the end yet."""
        node = self._nodes.get(reference)
        if node is not None:
            return node
        pointer = references.as_pointer(reference)
        node = self._nodes[reference] = Node(str(pointer[-1]) if pointer[:2] == _DECLARED else "")
        self._unread.add(id(node))
        self._depth += 1
        read = self.schema(self._target(reference))
        self._depth -= 1
        if read is not node and id(read) in self._unread:
            self._waiting.append((node, lambda: read))
        else:
            self._unread.discard(id(node))
            _become(node, read)
        if self._depth == 0:
            for made, combine in self._waiting:
                _become(made, combine())
            self._waiting.clear()
            self._unread.clear()
        return node

    def declared(self) -> dict[str, Node]:
        """Return the schemas that were referred to by the name that they are declared with."""
        return {
            node.name: node
            for reference, node in self._nodes.items()
            if node.name and references.as_pointer(reference) == (*_DECLARED, node.name)
        }

    def _combined(self, parts: list[Node], combine: Callable[[list[Node]], Node]) -> Node:
        """Combine nodes; return a node that is filled later if some of them have not been read yet."""
        if not any(id(part) in self._unread for part in parts):
            return combine(parts)
        node = Node()
        self._unread.add(id(node))
        self._waiting.append((node, lambda: combine(parts)))
        return node

    def _own(self, raw: Json, parts: list[Node]) -> Node:
        """Combine `parts` with a schema's own keywords and its allOf, oneOf and anyOf."""
        parts = [*parts, *(self.schema(part) for part in _listed(raw, "allOf"))]
        for key in ("oneOf", "anyOf"):
            choices = [self.schema(part) for part in _listed(raw, key)]
            if choices:
                parts.append(self._combined(choices, any_of))
        plain = self._plain(raw)
        if plain is not None:
            parts.append(plain)
        if len(parts) == 1 and raw.get("nullable") is not True:
            return parts[0]
        return self._combined(parts, _all_of_nullable if raw.get("nullable") is True else all_of)

    def _plain(self, raw: Json) -> Node | None:
        """Return the node of a schema's own keywords; None if they have no effect."""
        node = Node()
        types = raw.get("type")
        listed = [types] if isinstance(types, str) else types if isinstance(types, list) else []
        node.types = frozenset(self.spelled("type", str(kind)) for kind in listed)
        values = [raw["const"]] if "const" in raw else raw.get("enum")
        if isinstance(values, list) and values:
            node.nullable = None in values
            node.enum = frozenset(canonical_json(value) for value in values if value is not None)
        if isinstance(raw.get("format"), str):
            node.format = raw["format"]
        elif raw.get("contentEncoding") in ("base64", "base64url"):
            node.format = "byte"
        elif isinstance(raw.get("contentMediaType"), str) and BINARY_MEDIA.match(raw["contentMediaType"]):
            node.format = "binary"
        if not node.format:
            # They are read where they say what a format says in OpenAPI 3.0.
            node.notes |= {key: text_of(raw[key]) for key in ("contentEncoding", "contentMediaType") if key in raw}
        self._members(node, raw)
        if isinstance(raw.get("items"), (dict, bool)):
            node.items = self.schema(raw["items"])
        node.limits = {**_limits(raw), **{key: self._rule(raw[key]) for key in _OTHER_RULES if key in raw}}
        for key in ("pattern", "default"):
            if raw.get(key) is not None:
                node.notes[key] = raw[key]
        for key, value in itertools.chain(SCHEMA.others(raw), _malformed(raw)):
            node.notes[key] = text_of(self.bare(value))
        if raw.get("deprecated") is True:
            node.notes["deprecated"] = True
        if "discriminator" in raw:
            node.notes["discriminator"] = self._rule(raw["discriminator"])
        _infer(node)
        has_facts = node.types or node.enum is not None or node.limits or node.notes or node.nullable
        return node if has_facts else None

    def _members(self, node: Node, raw: Json) -> None:
        required = {name for name in _listed(raw, "required") if isinstance(name, str)}
        for name, schema in raw["properties"].items() if isinstance(raw.get("properties"), dict) else ():
            inner = self.schema(schema)
            own = schema if isinstance(schema, dict) else {}
            target = own if "$ref" not in own else self._shallow(own)
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

    def _shallow(self, own: Json) -> Json:
        """Follow a schema's reference without reading its target."""
        return {**self.resolve(own), **{key: value for key, value in own.items() if key != "$ref"}}

    def _rule(self, raw: object) -> str:
        return canonical_json(self._bare(raw, ()))

    def bare(self, raw: object) -> object:
        """Return any value without its prose and with references followed, to be compared as text.

        Raises:
            PipelineError: Its references lead to more than a document can sensibly hold.
        """
        return self._bare(raw, ())

    def _bare(self, raw: object, above: tuple[str, ...]) -> object:
        """Return a rule without its prose and with references followed, to be compared as text.

        Raises:
            PipelineError: Its references lead to more than a document can sensibly hold.
        """
        self._rules_read += 1
        if self._rules_read > _MAX_RULES:
            raise PipelineError("it is too large:", [f"its rules hold more than {_MAX_RULES:,} values"])
        if isinstance(raw, dict):
            reference = raw.get("$ref")
            if isinstance(reference, str):
                if reference in above or len(above) > 20:
                    return "itself"
                return self._bare(self._target(reference), (*above, reference))
            return {
                key: self._bare(value, above)
                for key, value in raw.items()
                if key not in PROSE and key != "default" and not str(key).startswith("x-")
            }
        if isinstance(raw, list):
            return sorted((self._bare(value, above) for value in raw), key=canonical_json)
        return raw


def _listed(raw: Json, key: str) -> list[Any]:
    value = raw.get(key)
    return value if isinstance(value, list) else []


def _become(node: Node, read: Node) -> None:
    """Fill a node that others refer to already with the one that was read for it."""
    if node is not read:
        name = read.name or node.name
        vars(node).update(vars(read))
        node.name = name


def _all_of_nullable(parts: list[Node]) -> Node:
    return with_null(all_of(parts))


def _limits(raw: Json) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in _BOUNDS:
        value = raw.get(key)
        if _is_number(value) and not (key.startswith("min") and value == 0):
            found[key] = value
    for key, exclusive in (("maximum", "exclusiveMaximum"), ("minimum", "exclusiveMinimum")):
        bound, beyond = raw.get(key), raw.get(exclusive)
        # In OpenAPI 3.0 the exclusive bound is a boolean beside the bound, in 3.1 a number of its own.
        if _is_number(beyond):
            found[exclusive] = beyond
        if _is_number(bound):
            found[exclusive if beyond is True else key] = bound
    if raw.get("uniqueItems") is True:
        found["uniqueItems"] = True
    return tightest(found, {})


def _malformed(raw: Json) -> Iterator[tuple[str, Any]]:
    """Yield the keywords whose values are of a kind that is not read."""
    for key in (*_BOUNDS, "maximum", "minimum"):
        if raw.get(key) is not None and not _is_number(raw[key]):
            yield key, raw[key]
    for key, kinds in _KINDS:
        if raw.get(key) is not None and not isinstance(raw[key], kinds):
            yield key, raw[key]


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _infer(node: Node) -> None:
    """Normalise a node's types: infer those that are not named, and separate null from the others."""
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
