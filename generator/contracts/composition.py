"""Combines schemas: the values that all of them allow, or any one of them."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

from .model import LOWER, UPPER, Equivalence, Node, Property, canonical_json, few, without_null


def all_of(parts: list[Node]) -> Node:
    """Return a node for the values that all nodes allow."""
    result = parts[0] if parts else Node()
    for part in parts[1:]:
        result = _both(result, part)
    return result


def with_null(node: Node) -> Node:
    """Return a node that allows null as well."""
    if node.nullable or node.is_untyped:
        return node
    node = copy.copy(node)
    node.nullable = True
    return node


def any_of(nodes: list[Node]) -> Node:
    """Return a node for the values that any one of the nodes allows."""
    flat: list[Node] = []
    nullable = False
    for node in nodes:
        if node.types == {"null"}:
            nullable = True
        else:
            nullable = nullable or (node.nullable and bool(node.alternatives))
            flat += node.alternatives or (node,)
    once = list({id(node): node for node in flat}.values())
    distinct = once if all(_only_lists_values(node) for node in once) else _distinct(once)
    if any(node.is_anything for node in distinct):
        return Node()
    if not distinct:
        return Node(types=frozenset(["null"]), nullable=True)
    merged = _merged_choices(distinct)
    return with_null(merged) if nullable else merged


def _only_lists_values(node: Node) -> bool:
    return node.enum is not None and not node.limits and not node.notes


def _distinct(nodes: list[Node]) -> list[Node]:
    few(nodes)
    equal = Equivalence()
    distinct: list[Node] = []
    for node in nodes:
        if not any(equal(node, other) for other in distinct):
            distinct.append(node)
    return distinct


def _merged_choices(nodes: list[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    nullable = any(node.nullable for node in nodes)
    bare = all(not node.limits and not node.notes for node in nodes)
    if all(_only_lists_values(node) for node in nodes):
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


def _both(one: Node, other: Node, made: dict[tuple[int, int], Node] | None = None) -> Node:
    """Return a node for the values that both nodes allow."""
    made = {} if made is None else made
    key = (id(one), id(other))
    if one is other:
        return one
    if key in made:
        return made[key]
    # A schema with mere notes beside it keeps its name; with further facts, it is another schema.
    result = made[key] = Node(name=(one.name or other.name) if one.is_untyped or other.is_untyped else "")
    result.types = _both_types(one.types, other.types)
    # A part without a type does not exclude null.
    says = [node for node in (one, other) if not node.is_untyped]
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
    result.limits = tightest(one.limits, other.limits)
    result.notes = {**one.notes, **other.notes}
    return result


def _require(result: Node, one: Node, other: Node) -> None:
    """Let a bare `required` of one part hold for the property that the other part describes."""
    for name, entry in result.properties.items():
        entries = [node.properties[name] for node in (one, other) if name in node.properties]
        described = [found for found in entries if not found.node.is_anything]
        if len(entries) == 2 and len(described) == 1:
            result.properties[name] = Property(described[0].node, entry.required, described[0].only)


def _both_types(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    if not one or not other:
        return one or other
    shared = one & other
    if "integer" in one | other and "number" in one | other:
        shared |= {"integer"}
    return shared or one


def _both_choices(one: Node, other: Node) -> tuple[Node, ...]:
    choices = tuple({id(node): node for node in (*one.alternatives, *other.alternatives)}.values())
    few(choices)
    return choices


def tightest(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Combine limits: of each kind, keep the one that allows the least."""
    found = {**one, **other}
    for key in one.keys() & other.keys():
        found[key] = _tighter(key, one[key], other[key])
    for bound, beyond, is_upper in (("maximum", "exclusiveMaximum", True), ("minimum", "exclusiveMinimum", False)):
        if bound in found and beyond in found:
            excludes = found[beyond] <= found[bound] if is_upper else found[beyond] >= found[bound]
            del found[bound if excludes else beyond]
    return found


def _tighter(key: str, one: Any, other: Any) -> Any:
    if one == other:
        return one
    if key in UPPER:
        return min(one, other)
    if key in LOWER:
        return max(one, other)
    if key == "multipleOf":
        return math.lcm(one, other) if isinstance(one, int) and isinstance(other, int) else max(one, other)
    return canonical_json(sorted([str(one), str(other)]))
