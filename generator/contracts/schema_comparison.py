"""Compares two schemas of contracts, fact by fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from .changes import ADDITIVE, BREAKING, METADATA, Change, Grade, Position, required_change, similar_name
from .model import ANYTHING, LOWER, TYPED_FORMATS, UPPER, Equivalence, Node, Property, canonical_json, without_null

# The notes whose values are those of the description.
_NOTES = ("default", "discriminator", "pattern")
# The formats of numbers from the narrowest; without one of them, every number is allowed.
_WIDTHS = {"int32": 0, "float": 0, "int64": 1, "double": 1}


class Compared:
    """The pairs of nodes that have been compared in one direction of an operation."""

    def __init__(self, equal: Equivalence) -> None:
        self.equal = equal
        # The nodes are kept with their ids: once a node is freed, another may get its id.
        self._pairs: dict[tuple[int, int], tuple[Node, Node]] = {}

    def add(self, old: Node, new: Node) -> bool:
        """Return whether two nodes are still to be compared, and remember that they are."""
        key = (id(old), id(new))
        if old is new or key in self._pairs:
            return False
        self._pairs[key] = (old, new)
        return True


def compare_schemas(at: Position, old: Node, new: Node, seen: Compared) -> Iterator[Change]:
    """Yield the differences of two nodes that have not been compared before.

    Args:
        at: Their position.
        old, new: The nodes.
        seen: Those that have been compared.
    """
    if seen.add(old, new) and not seen.equal(old, new):
        yield from _compared(at, old, new, seen)


def _compared(at: Position, old: Node, new: Node, seen: Compared) -> Iterator[Change]:
    # A choice of several schemas is not itself the schema it refers to.
    if (name := new.name or old.name) and bool(old.alternatives) == bool(new.alternatives):
        at = replace(at, anchor=name, depth=len(at.steps))
    if not (old.alternatives or new.alternatives):
        yield from _facts(at, old, new, seen)
    elif old.is_untyped or new.is_untyped:
        yield _retyped(at, old, new)
        yield from _limits(at, old, new)
    elif old.alternatives and new.alternatives:
        yield from _choices(at, old.alternatives, new.alternatives, seen)
        yield from _facts(at, *_beside_choices(old, new), seen)
    elif _has_own_facts(old) and _has_own_facts(new):
        yield from _facts(at, *_beside_choices(old, new), seen)
        count = str(len(old.alternatives or new.alternatives))
        if new.alternatives:
            yield at.graded("choices listed", sent=BREAKING, received=METADATA, new=count)
        else:
            yield at.graded("choices free", sent=ADDITIVE, received=METADATA, old=count)
    else:
        # A node without choices has one choice: itself.
        before, after = (node.alternatives or (without_null(node),) for node in (old, new))
        yield from _choices(at, before, after, seen)
        yield from _null(at, old, new)


def _has_own_facts(node: Node) -> bool:
    """Whether a node restricts its values further than by their types, beside its choices."""
    return bool(node.properties or node.enum is not None or node.extra or node.items or node.closed)


def _beside_choices(old: Node, new: Node) -> tuple[Node, Node]:
    """Return two nodes without their choices, whose types are taken over where only the other node names types."""

    def beside(node: Node) -> Node:
        types = node.types
        if not types and (old.types or new.types) and all(choice.types for choice in node.alternatives):
            types = frozenset(kind for choice in node.alternatives for kind in choice.types)
        return replace(node, types=types, alternatives=())

    return beside(old), beside(new)


def _facts(at: Position, old: Node, new: Node, seen: Compared) -> Iterator[Change]:
    """Compare all but the choices."""
    retyped = old.types != new.types or (old.enum is None and new.enum is None and _typed(old) != _typed(new))
    if retyped:
        yield _retyped(at, old, new)
    yield from _null(at, old, new)
    shared = old.types & new.types
    if retyped and not shared and old.types and new.types and not _allows_all(old, new) and not _allows_all(new, old):
        # The two have no type in common, so that their other facts cannot be compared.
        return
    yield from _values(at, old, new)
    yield from _limits(at, old, new)
    if not retyped:
        yield from _format(at, old, new)
        yield from _notes(at, old, new)
    if not retyped or "object" in shared:
        yield from _properties(at, old, new, seen)
        if old.closed != new.closed:
            yield at.graded(
                "closed" if new.closed else "open",
                sent=BREAKING if new.closed else ADDITIVE,
                received=METADATA,
            )
        elif not new.closed:
            yield from compare_schemas(at.below("{}"), old.extra or ANYTHING, new.extra or ANYTHING, seen)
    if not retyped or "array" in shared:
        yield from compare_schemas(at.below("[]"), old.items or ANYTHING, new.items or ANYTHING, seen)


def _typed(node: Node) -> str:
    return node.format if node.format in TYPED_FORMATS and node.types == {"string"} else ""


def _retyped(at: Position, old: Node, new: Node) -> Change:
    wider = _allows_all(new, old)
    narrower = _allows_all(old, new)
    sent: Grade = ADDITIVE if wider else BREAKING
    received: Grade = ADDITIVE if narrower else BREAKING
    return at.graded("type", sent=sent, received=received, old=type_of(old), new=type_of(new))


def _allows_all(wide: Node, narrow: Node) -> bool:
    """Whether the types of one node include those of another; null, listed values and limits are compared apart."""
    if wide.is_nothing or narrow.is_nothing:
        return False
    if wide.is_untyped:
        return True
    if not wide.types or not narrow.types or _typed(wide) or _typed(narrow):
        return False
    return narrow.types <= wide.types | ({"integer"} if "number" in wide.types else set())


def type_of(node: Node) -> str:
    """Describe the type of a node in a few words."""
    if node.is_nothing:
        return "nothing"
    if node.is_untyped:
        return "anything"
    if node.alternatives:
        return " or ".join(sorted({type_of(choice) for choice in node.alternatives}))
    kind = " or ".join(sorted(node.types))
    detail = node.format if node.format and node.types != {"array"} else ""
    if node.types == {"array"}:
        return f"array of {node.items.name or type_of(node.items)}" if node.items is not None else "array"
    return f"{kind} ({detail})" if detail else kind


def _format(at: Position, old: Node, new: Node) -> Iterator[Change]:
    """Compare formats that have no type of their own: a value that is sent may be refused for one."""
    if old.enum == new.enum and old.format != new.format:
        kind = "width" if old.types <= {"integer", "number"} else "format"
        grade: Grade = METADATA
        if at.direction == "in" and kind == "width":
            one, other = (_WIDTHS.get(node.format, len(_WIDTHS)) for node in (old, new))
            grade = BREAKING if other < one else ADDITIVE if other > one else METADATA
        elif at.direction == "in":
            grade = BREAKING if new.format else ADDITIVE
        yield at.change(kind, grade, old=[old.format or "none"], new=[new.format or "none"])


def _values(at: Position, old: Node, new: Node) -> Iterator[Change]:
    if old.enum is None and new.enum is not None:
        change = at.graded("values listed", sent=BREAKING, received=ADDITIVE)
        yield replace(change, new=tuple(sorted(new.enum)))
    elif old.enum is not None and new.enum is None:
        change = at.graded("values free", sent=ADDITIVE, received=BREAKING)
        yield replace(change, old=tuple(sorted(old.enum)))
    elif old.enum is not None and new.enum is not None:
        if added := sorted(new.enum - old.enum):
            yield at.change("values added", ADDITIVE, new=added)
        if removed := sorted(old.enum - new.enum):
            yield at.change("values removed", BREAKING, old=removed)


def _null(at: Position, old: Node, new: Node) -> Iterator[Change]:
    if old.nullable != new.nullable and not (old.is_untyped or new.is_untyped):
        if new.nullable:
            yield at.graded("null allowed", sent=ADDITIVE, received=BREAKING)
        else:
            yield at.graded("null not allowed", sent=BREAKING, received=ADDITIVE)


def _limits(at: Position, old: Node, new: Node) -> Iterator[Change]:
    before, after = _by_rule(old), _by_rule(new)
    for rule in sorted(before.keys() | after.keys()):
        was, now = before.get(rule), after.get(rule)
        if was != now:
            yield at.graded(
                "limit",
                sent=BREAKING if _is_tighter(was, now) else ADDITIVE,
                received=METADATA,
                old="" if was is None else f"{was[0]} {was[1]}",
                new="" if now is None else f"{now[0]} {now[1]}",
            )


def _by_rule(node: Node) -> dict[str, tuple[str, Any]]:
    """Return limits with their keywords by the quantity they limit: an exclusive bound limits the same as a bound."""
    return {key.removeprefix("exclusive").lower(): (key, value) for key, value in node.limits.items()}


def _is_tighter(old: tuple[str, Any] | None, new: tuple[str, Any] | None) -> bool:
    if old is None or new is None:
        return old is None
    (was, before), (key, after) = old, new
    if isinstance(before, (int, float)) and isinstance(after, (int, float)):
        if key in UPPER:
            return (after, not key.startswith("exclusive")) < (before, not was.startswith("exclusive"))
        if key in LOWER:
            return (after, key.startswith("exclusive")) > (before, was.startswith("exclusive"))
        if key == "multipleOf" and after:
            return (Fraction(str(before)) / Fraction(str(after))).denominator != 1
    return True


def _notes(at: Position, old: Node, new: Node) -> Iterator[Change]:
    for key in sorted(old.notes.keys() | new.notes.keys()):
        before, after = old.notes.get(key), new.notes.get(key)
        if canonical_json(before) == canonical_json(after):
            continue
        if key == "deprecated":
            yield at.change("deprecated" if after else "no longer deprecated", METADATA)
            continue
        grade: Grade = METADATA
        if key == "pattern" and at.direction == "in":
            # Of another pattern, nobody can say here whether it matches all that the old one matches.
            grade = ADDITIVE if after is None else BREAKING
        yield at.change(
            key if key in _NOTES else f"note {key}",
            grade,
            old=[_note_text(key, before)] if before is not None else (),
            new=[_note_text(key, after)] if after is not None else (),
        )


def _note_text(key: str, value: Any) -> str:
    """Return a note as JSON; those of keywords that are not read are JSON already."""
    return canonical_json(value) if key in _NOTES else str(value)


def _properties(at: Position, old: Node, new: Node, seen: Compared) -> Iterator[Change]:
    unseen = "read" if at.direction == "in" else "write"
    before = {name: entry for name, entry in old.properties.items() if entry.only != unseen}
    after = {name: entry for name, entry in new.properties.items() if entry.only != unseen}
    removed = [name for name in before if name not in after]
    added = [name for name in after if name not in before]
    for name in sorted(before.keys() | after.keys()):
        yield from _property(at.below(f".{name}"), name, before.get(name), after.get(name), (removed, added), seen)


def _property(
    at: Position,
    name: str,
    old: Property | None,
    new: Property | None,
    renamed: tuple[list[str], list[str]],
    seen: Compared,
) -> Iterator[Change]:
    if old is None and new is not None:
        grade = BREAKING if new.required and at.direction == "in" else ADDITIVE
        yield at.change("property added", grade, old=similar_name(name, renamed[0]), required=new.required)
    elif old is not None and new is None:
        yield at.change("property removed", BREAKING, new=similar_name(name, renamed[1]), required=old.required)
    elif old is not None and new is not None:
        if old.required != new.required:
            yield required_change(at, "property", new.required)
        yield from compare_schemas(at, old.node, new.node, seen)


def _choices(at: Position, old: tuple[Node, ...], new: tuple[Node, ...], seen: Compared) -> Iterator[Change]:
    """Compare the alternatives of two nodes."""
    before, after = list(old), list(new)
    for alike in (seen.equal, _is_similar):
        for node in list(before):
            match = next((other for other in after if alike(node, other)), None)
            if match is None:
                continue
            before.remove(node)
            after.remove(match)
            if alike is _is_similar:
                yield from compare_schemas(at.below("|"), node, match, seen)
    for node in after:
        yield at.graded("choice added", sent=ADDITIVE, received=BREAKING, new=node.name or type_of(node))
    for node in before:
        yield at.graded("choice removed", sent=BREAKING, received=ADDITIVE, old=node.name or type_of(node))


def _is_similar(one: Node, other: Node) -> bool:
    """Whether one choice is probably the other one, changed."""
    if one.name or other.name:
        return one.name == other.name
    return bool(one.types) and one.types == other.types and one.format == other.format
