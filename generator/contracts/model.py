"""The contract of a description: the facts that a client depends on, without wording, order and indirection."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass, field
from typing import Any

ERROR = "error"
# The limit `not` of a schema that allows no value.
NOTHING = "anything"
VERSION = "{version}"
_DATED = re.compile(r"(\d{4}-\d{2})(-[a-z0-9]+)?")

# Formats that the generated client has types for, or that are not text.
TYPED_FORMATS = frozenset(["binary", "byte", "date", "date-time", "time", "uuid"])

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
        notes: Facts that no caller depends on: pattern, default, deprecated, discriminator.
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
    """

    version: str
    operations: dict[str, Operation]
    declared: dict[str, Node] = field(default_factory=dict)

    def versioned(self, key: str) -> str:
        """Return an operation's key with the real version of its paths."""
        return key.replace(VERSION, self.version) if self.version else key


def version_order(name: str) -> tuple[str, bool, str]:
    """Return the sort key of a version: `v3` before dated ones, these by date, a beta before its final version."""
    match = _DATED.fullmatch(name)
    return (match[1], match[2] is None, name) if match else ("", False, name)


ANYTHING = Node()


def without_null(node: Node) -> Node:
    """Return a node that allows the same, but not null."""
    if not node.nullable:
        return node
    node = copy.copy(node)
    node.nullable = False
    return node


def equivalent(one: Node, other: Node, assumed: frozenset[tuple[int, int]] = frozenset()) -> bool:
    """Whether two nodes allow the same values, whatever their names; pairs of ids in `assumed` are taken to do so."""
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
            match = next((found for found in rest if equivalent(choice, found, frozenset(seen))), None)
            if match is None:
                return False
            rest.remove(match)
    return True


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
