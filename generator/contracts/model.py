"""The contract of a description: the facts that a client depends on, without wording, order and indirection."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..errors import PipelineError

Notes: TypeAlias = dict[tuple[str, ...], str]

ERROR = "error"
# The limit `not` of a schema that allows no value.
NOTHING = "anything"
VERSION = "{version}"
_DATED = re.compile(r"(\d{4}-\d{2})(-[a-z0-9]+)?")

# Formats that the generated client has types for, or that are not text.
TYPED_FORMATS = frozenset(["binary", "byte", "date", "date-time", "time", "uuid"])

# The most choices of one schema: comparing them takes the square of their number.
_MAX_CHOICES = 200

# Limits whose smaller number is the tighter one, and limits whose greater number is.
UPPER = frozenset(["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"])
LOWER = frozenset(["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"])


@dataclass(eq=False)
class Node:
    """The values that a schema allows. Nodes refer to themselves where a description does.

    Attributes:
        name: The component that declares it, for wording only.
        types: The JSON types that are allowed, all of them where empty; null is in `nullable`.
        enum: The JSON text of each allowed value; None if the values are not listed.
        extra: The values of properties that are not listed; None if any value is allowed.
        closed: Whether properties that are not listed are forbidden.
        limits: Rules that narrow the values, by their keyword.
        notes: Further facts, by their keyword: pattern, default, deprecated, discriminator, and any keyword that is
            neither read nor noise.
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
    def is_untyped(self) -> bool:
        """Whether values of every type are allowed, though possibly not all of them."""
        return not self.types and self.enum is None and not self.alternatives

    @property
    def is_anything(self) -> bool:
        """Whether every value is allowed."""
        return self.is_untyped and not self.limits

    @property
    def is_nothing(self) -> bool:
        """Whether no value is allowed."""
        return self.limits.get("not") == NOTHING


@dataclass(frozen=True, eq=False)
class Property:
    """A property of an object; `only` is "read" or "write" where the other direction does not have it."""

    node: Node
    required: bool = False
    only: str = ""


@dataclass(frozen=True, eq=False)
class Parameter:
    """A parameter.

    Attributes:
        style: How its value is written into the request, where there is a choice.
        reserved: Whether characters that are reserved in URLs may stand in its value.
        empty: Whether it may be sent without a value.
    """

    node: Node
    required: bool
    style: str = ""
    deprecated: bool = False
    reserved: bool = False
    empty: bool = False


@dataclass(frozen=True, eq=False)
class Part:
    """The form of one part of a body that consists of parts, where the description names it.

    Attributes:
        media: The media types that it may have; an empty text is that of a part that names none.
        style: How its value is written, where there is a choice.
        reserved: Whether characters that are reserved in URLs may stand in its value.
        headers: The headers of its own, by lower-case name.
    """

    media: frozenset[str] = frozenset([""])
    style: str = ""
    reserved: bool = False
    headers: dict[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Body:
    """A request's body, by media type; `parts` are those whose form is named, by media type and name."""

    content: dict[str, Node]
    required: bool
    parts: dict[tuple[str, str], Part] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Response:
    """The content of a response, by media type, and its headers, by lower-case name."""

    content: dict[str, Node]
    headers: dict[str, Node]


@dataclass(frozen=True, eq=False)
class Operation:
    """One method on one path.

    Attributes:
        parameters: By location (query, path, header, cookie) and name.
        responses: By status; all error statuses are one, `ERROR`.
        summary: Its name, for wording only.
        scopes: The scopes that it accepts, one text for each set of them. Security schemes are not told apart,
            because their names change without an effect.
        tokenless: Whether it accepts no bearer token.
        servers: The URLs of its servers without the beginning of its path, sorted.
        notes: The keywords that are neither read nor noise, by the steps to them and the keyword.
        id: Its operationId.
        absent_means: Of our description: the values that stand for inputs that are left out, by name.
        also_named: Of our description: the names that inputs have in other versions, by name.
        way_round: Of our description: the version in which it is called where another lacks it, or an empty text.
    """

    method: str
    path: str
    parameters: dict[tuple[str, str], Parameter]
    body: Body | None
    responses: dict[str, Response]
    scopes: frozenset[str]
    deprecated: bool = False
    tokenless: bool = False
    servers: tuple[str, ...] = ()
    notes: Notes = field(default_factory=dict)
    summary: str = ""
    id: str = ""
    absent_means: dict[str, Any] = field(default_factory=dict)
    also_named: dict[str, str] = field(default_factory=dict)
    way_round: str = ""


@dataclass(frozen=True, eq=False)
class Contract:
    """The facts of a description that clients depend on.

    Attributes:
        version: The version segment of its paths.
        operations: By method and path, with `{version}` for `version`.
        declared: The schemas that are referred to, by name; empty if the contract comes from the lock.
        notes: What the description says of itself, by the object and the keyword.
    """

    version: str
    operations: dict[str, Operation]
    declared: dict[str, Node] = field(default_factory=dict)
    notes: Notes = field(default_factory=dict)

    def versioned(self, key: str) -> str:
        """Return an operation's key with the real version of its paths."""
        return key.replace(VERSION, self.version) if self.version else key


def version_order(name: str) -> tuple[str, bool, str]:
    """Return the sort key of a version: `v3` before dated ones, these by date, a beta before its final version."""
    match = _DATED.fullmatch(name)
    return (match[1], match[2] is None, name) if match else ("", False, name)


ANYTHING = Node()


def few(choices: Collection[Node]) -> None:
    """Refuse a schema with too many choices.

    Raises:
        PipelineError: There are more than can be compared.
    """
    if len(choices) > _MAX_CHOICES:
        raise PipelineError("it is too large:", [f"a schema has more than {_MAX_CHOICES} choices"])


def without_null(node: Node) -> Node:
    """Return a node that allows the same, but not null."""
    if not node.nullable:
        return node
    node = copy.copy(node)
    node.nullable = False
    return node


class Equivalence:
    """Tells whether two nodes allow the same values, whatever their names. Each pair of nodes is compared once."""

    def __init__(self) -> None:
        self._same: set[tuple[int, int]] = set()
        self._different: set[tuple[int, int]] = set()
        # Once a node is freed, another may get its id.
        self._kept: list[tuple[Node, Node]] = []

    def __call__(self, one: Node, other: Node) -> bool:
        self._kept.append((one, other))
        found = self._pairs(one, other, frozenset())
        self._same |= found or set()
        return found is not None

    def _pairs(self, one: Node, other: Node, assumed: frozenset[tuple[int, int]]) -> set[tuple[int, int]] | None:
        """Return the pairs that are equivalent if two nodes are, `assumed` taken for granted; None if they are not."""
        root = (id(one), id(other))
        found: set[tuple[int, int]] = set()
        waiting = [(one, other)]
        while waiting:
            left, right = waiting.pop()
            key = (id(left), id(right))
            if left is right or key in self._same or key in assumed or key in found:
                continue
            found.add(key)
            if key in self._different or _facts(left) != _facts(right):
                self._different |= {key, root}
                return None
            waiting += [(entry.node, right.properties[name].node) for name, entry in left.properties.items()]
            waiting += [
                (left.extra or ANYTHING, right.extra or ANYTHING),
                (left.items or ANYTHING, right.items or ANYTHING),
            ]
            rest = list(right.alternatives)
            for choice in left.alternatives:
                for candidate in rest:
                    more = self._pairs(choice, candidate, assumed | found)
                    if more is not None:
                        found |= more
                        rest.remove(candidate)
                        break
                else:
                    self._different |= {key, root}
                    return None
        return found


def equivalent(one: Node, other: Node) -> bool:
    """Whether two nodes allow the same values, whatever their names."""
    return Equivalence()(one, other)


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
        canonical_json(node.notes),
        len(node.alternatives),
    )


def canonical_json(value: object) -> str:
    """Return a value as JSON; equal values have the same text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
