"""What differs between two contracts: one change for each fact at each place, with who is hurt by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from .model import (
    ANYTHING,
    LOWER,
    TYPED_FORMATS,
    UPPER,
    Answer,
    Body,
    Contract,
    Node,
    Operation,
    Parameter,
    Property,
    as_text,
    same,
    without_null,
)

Grade: TypeAlias = Literal["breaking", "additive", "metadata"]
Way: TypeAlias = Literal["in", "out"]
Steps: TypeAlias = tuple[str, ...]

BREAKING: Grade = "breaking"
ADDITIVE: Grade = "additive"
METADATA: Grade = "metadata"


@dataclass(frozen=True)
class Change:
    """One fact that differs.

    Attributes:
        kind: What kind of fact, such as "property new".
        operation: The key of the operation; empty where the fact is none of an operation's.
        steps: Where it is below the operation: its part of it (`in`, `out` with the status, or a parameter's
            place and name), a media type, and then `.name` for a property, `[]` for items, `{}` for further
            properties, `|` for one of several choices.
        anchor: The name of the nearest declared schema on the way there, empty where there is none.
        depth: How many of the steps lead to that schema.
        old: What was there, in words or as values.
        new: What is there.
        required: Whether what is new or gone is, or was, required.
    """

    kind: str
    grade: Grade
    operation: str
    steps: Steps
    anchor: str = ""
    depth: int = 0
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    required: bool = False

    @property
    def is_input(self) -> bool:
        """Whether it is a part of what is sent."""
        return bool(self.steps) and self.steps[0] not in ("out", "operation")


@dataclass(frozen=True)
class _Place:
    """Where the comparison stands."""

    operation: str
    way: Way
    steps: Steps
    anchor: str = ""
    depth: int = 0

    def below(self, *steps: str) -> _Place:
        return replace(self, steps=(*self.steps, *steps))

    def change(
        self,
        kind: str,
        grade: Grade,
        *,
        old: Iterable[str] = (),
        new: Iterable[str] = (),
        required: bool = False,
    ) -> Change:
        return Change(
            kind, grade, self.operation, self.steps, self.anchor, self.depth, tuple(old), tuple(new), required
        )

    def graded(self, kind: str, *, sent: Grade, answered: Grade, old: str = "", new: str = "") -> Change:
        grade = sent if self.way == "in" else answered
        return self.change(kind, grade, old=[old] if old else (), new=[new] if new else ())


def changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Go through all that differs; nothing where the two say the same."""
    if old.version != new.version:
        yield Change("version", METADATA, "", (), old=(old.version,), new=(new.version,))
    for key in sorted(old.operations.keys() | new.operations.keys()):
        before, after = old.operations.get(key), new.operations.get(key)
        if before is None:
            yield Change("operation new", ADDITIVE, key, ("operation",))
        elif after is None:
            yield Change("operation gone", BREAKING, key, ("operation",))
        else:
            yield from _operation(key, before, after)


def _operation(key: str, old: Operation, new: Operation) -> Iterator[Change]:
    if old.deprecated != new.deprecated:
        kind = "deprecated" if new.deprecated else "no longer deprecated"
        yield Change(kind, METADATA, key, ("operation",))
    yield from _scopes(key, old.scopes, new.scopes)
    seen: _Seen = {}
    yield from _parameters(key, old.parameters, new.parameters, seen)
    yield from _body(_Place(key, "in", ("in",)), old.body, new.body, seen)
    seen = {}
    for status in sorted(old.answers.keys() | new.answers.keys()):
        place = _Place(key, "out", ("out", status))
        before, after = old.answers.get(status), new.answers.get(status)
        if before is None:
            yield place.change("answer new", ADDITIVE)
        elif after is None:
            yield place.change("answer gone", BREAKING)
        else:
            yield from _answer(place, before, after, seen)


# The nodes are kept with their ids, which others would get once a node that was made here is gone.
_Seen: TypeAlias = dict[tuple[int, int], tuple[Node, Node]]


def _scopes(key: str, old: frozenset[str], new: frozenset[str]) -> Iterator[Change]:
    steps = ("operation", "scopes")
    if not old or not new:
        if old != new:
            yield Change("scopes not named" if old else "scopes named", METADATA, key, steps, new=tuple(sorted(new)))
    elif old != new:
        yield Change("scopes", METADATA, key, steps, old=tuple(sorted(old - new)), new=tuple(sorted(new - old)))


def _parameters(
    key: str, old: dict[tuple[str, str], Parameter], new: dict[tuple[str, str], Parameter], seen: _Seen
) -> Iterator[Change]:
    gone = [name for name in old if name not in new]
    come = [name for name in new if name not in old]
    for place, name in sorted(old.keys() | new.keys()):
        at = _Place(key, "in", (place, name))
        before, after = old.get((place, name)), new.get((place, name))
        if before is None and after is not None:
            alike = _alike(name, [other for kind, other in gone if kind == place])
            grade = BREAKING if after.required else ADDITIVE
            yield at.change("parameter new", grade, old=alike, required=after.required)
        elif before is not None and after is None:
            alike = _alike(name, [other for kind, other in come if kind == place])
            yield at.change("parameter gone", BREAKING, new=alike, required=before.required)
        elif before is not None and after is not None:
            if before.required != after.required:
                yield _required(at, "parameter", after.required)
            if before.style != after.style and _is_told(before.style, after.style):
                told = [[style or "a plain value"] for style in (before.style, after.style)]
                yield at.change("style", BREAKING, old=told[0], new=told[1])
            if before.deprecated != after.deprecated:
                yield at.change("deprecated" if after.deprecated else "no longer deprecated", METADATA)
            yield from _node(at, before.node, after.node, seen)


def _is_told(old: str, new: str) -> bool:
    """Whether other styles are a fact of their own, and do not come from a value that has become a list."""
    return bool(old and new) or ", " not in old + new


def _required(at: _Place, what: str, is_required: bool) -> Change:
    """What was optional is required, or the other way round."""
    grade: Grade = BREAKING if is_required == (at.way == "in") else ADDITIVE
    return at.change(f"{what} required" if is_required else f"{what} optional", grade, required=is_required)


def _alike(name: str, others: list[str]) -> list[str]:
    """Return the one name that has probably taken the place of another, or nothing."""
    plain = name.lower().replace("_", "").replace("-", "")
    found = []
    for other in others:
        like = other.lower().replace("_", "").replace("-", "")
        if plain == like or plain.rstrip("s") == like.rstrip("s"):
            found.append(other)
    return found if len(found) == 1 else []


def _body(at: _Place, old: Body | None, new: Body | None, seen: _Seen) -> Iterator[Change]:
    if old is None and new is not None:
        yield at.change(
            "body new", BREAKING if new.required else ADDITIVE, new=sorted(new.content), required=new.required
        )
    elif old is not None and new is None:
        yield at.change("body gone", BREAKING, old=sorted(old.content), required=old.required)
    elif old is not None and new is not None:
        if old.required != new.required:
            yield _required(at, "body", new.required)
        yield from _content(at, old.content, new.content, seen)


def _answer(at: _Place, old: Answer, new: Answer, seen: _Seen) -> Iterator[Change]:
    for name in sorted(old.headers.keys() | new.headers.keys()):
        here = at.below("header", name)
        before, after = old.headers.get(name), new.headers.get(name)
        if before is None:
            yield here.change("header new", METADATA)
        elif after is None:
            yield here.change("header gone", METADATA)
        else:
            for change in _node(here, before, after, {}):
                yield replace(change, grade=METADATA)
    yield from _content(at, old.content, new.content, seen)


def _content(at: _Place, old: dict[str, Node], new: dict[str, Node], seen: _Seen) -> Iterator[Change]:
    gone, come = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    if len(gone) == len(come) == 1 and "*/*" in (*gone, *come):
        # The same content, of which only one of the two says what it is.
        named: Grade = BREAKING if at.way == "in" else ADDITIVE
        unnamed: Grade = ADDITIVE if at.way == "in" else BREAKING
        yield at.change("content", named if gone == ["*/*"] else unnamed, old=gone, new=come)
        old = {come[0] if kind == gone[0] else kind: node for kind, node in old.items()}
    for kind in sorted(old.keys() | new.keys()):
        here = at.below(kind)
        before, after = old.get(kind), new.get(kind)
        if before is None:
            yield here.change("content new", ADDITIVE)
        elif after is None:
            yield here.change("content gone", BREAKING)
        else:
            yield from _node(here, before, after, seen)


def _node(at: _Place, old: Node, new: Node, seen: _Seen) -> Iterator[Change]:
    if old is new or (id(old), id(new)) in seen:
        return
    seen[id(old), id(new)] = (old, new)
    # One of several is not the schema that it may be.
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
    elif _says_more(old) and _says_more(new):
        yield from _facts(at, *_beside_choices(old, new), seen)
        count = str(len(old.alternatives or new.alternatives))
        if new.alternatives:
            yield at.graded("choices listed", sent=BREAKING, answered=METADATA, new=count)
        else:
            yield at.graded("choices free", sent=ADDITIVE, answered=METADATA, old=count)
    else:
        # A node without choices is one of one.
        before, after = (node.alternatives or (without_null(node),) for node in (old, new))
        yield from _choices(at, before, after, seen)
        yield from _null(at, old, new)


def _says_more(node: Node) -> bool:
    """Whether a node says more of its values, beside its choices, than their types."""
    return bool(node.properties or node.enum is not None or node.extra or node.items or node.closed)


def _beside_choices(old: Node, new: Node) -> tuple[Node, Node]:
    """Return what two nodes say beside their choices, which name the types where only the other node does itself."""

    def beside(node: Node) -> Node:
        types = node.types
        if not types and (old.types or new.types) and all(choice.types for choice in node.alternatives):
            types = frozenset(kind for choice in node.alternatives for kind in choice.types)
        return replace(node, types=types, alternatives=())

    return beside(old), beside(new)


def _facts(at: _Place, old: Node, new: Node, seen: _Seen) -> Iterator[Change]:
    """Compare all but the choices."""
    retyped = old.types != new.types or (old.enum is None and new.enum is None and _typed(old) != _typed(new))
    if retyped:
        yield _retyped(at, old, new)
    yield from _null(at, old, new)
    shared = old.types & new.types
    if retyped and not shared and old.types and new.types and not _allows_all(old, new) and not _allows_all(new, old):
        # Nothing that the one says of its values can hold for those of the other.
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
                answered=METADATA,
            )
        elif not new.closed:
            yield from _node(at.below("{}"), old.extra or ANYTHING, new.extra or ANYTHING, seen)
    if not retyped or "array" in shared:
        yield from _node(at.below("[]"), old.items or ANYTHING, new.items or ANYTHING, seen)


def _typed(node: Node) -> str:
    return node.format if node.format in TYPED_FORMATS and node.types == {"string"} else ""


def _retyped(at: _Place, old: Node, new: Node) -> Change:
    wider = _allows_all(new, old)
    narrower = _allows_all(old, new)
    sent: Grade = ADDITIVE if wider else BREAKING
    answered: Grade = ADDITIVE if narrower else BREAKING
    return at.graded("type", sent=sent, answered=answered, old=type_of(old), new=type_of(new))


def _allows_all(wide: Node, narrow: Node) -> bool:
    """Whether the one's types include all of the other's; null, listed values and limits are facts of their own."""
    if wide.is_nothing or narrow.is_nothing:
        return False
    if wide.is_untyped:
        return True
    if not wide.types or not narrow.types or _typed(wide) or _typed(narrow):
        return False
    return narrow.types <= wide.types | ({"integer"} if "number" in wide.types else set())


def type_of(node: Node) -> str:
    """Return a node's type in a word or a few."""
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


def _format(at: _Place, old: Node, new: Node) -> Iterator[Change]:
    if old.enum == new.enum and old.format != new.format:
        kind = "width" if old.types <= {"integer", "number"} else "format"
        yield at.change(kind, METADATA, old=[old.format or "none"], new=[new.format or "none"])


def _values(at: _Place, old: Node, new: Node) -> Iterator[Change]:
    if old.enum is None and new.enum is not None:
        change = at.graded("values listed", sent=BREAKING, answered=ADDITIVE)
        yield replace(change, new=tuple(sorted(new.enum)))
    elif old.enum is not None and new.enum is None:
        change = at.graded("values free", sent=ADDITIVE, answered=BREAKING)
        yield replace(change, old=tuple(sorted(old.enum)))
    elif old.enum is not None and new.enum is not None:
        if come := sorted(new.enum - old.enum):
            yield at.change("values new", ADDITIVE, new=come)
        if gone := sorted(old.enum - new.enum):
            yield at.change("values gone", BREAKING, old=gone)


def _null(at: _Place, old: Node, new: Node) -> Iterator[Change]:
    if old.nullable != new.nullable and not (old.is_untyped or new.is_untyped):
        if new.nullable:
            yield at.graded("null allowed", sent=ADDITIVE, answered=BREAKING)
        else:
            yield at.graded("null not allowed", sent=BREAKING, answered=ADDITIVE)


def _limits(at: _Place, old: Node, new: Node) -> Iterator[Change]:
    before, after = _by_rule(old), _by_rule(new)
    for rule in sorted(before.keys() | after.keys()):
        was, now = before.get(rule), after.get(rule)
        if was != now:
            yield at.graded(
                "limit",
                sent=BREAKING if _is_tighter(was, now) else ADDITIVE,
                answered=METADATA,
                old="" if was is None else f"{was[0]} {was[1]}",
                new="" if now is None else f"{now[0]} {now[1]}",
            )


def _by_rule(node: Node) -> dict[str, tuple[str, Any]]:
    """Return limits with their keywords by what they limit, which a bound and an excluded bound have in common."""
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


def _notes(at: _Place, old: Node, new: Node) -> Iterator[Change]:
    for key in sorted(old.notes.keys() | new.notes.keys()):
        before, after = old.notes.get(key), new.notes.get(key)
        if as_text(before) == as_text(after):
            continue
        if key == "deprecated":
            yield at.change("deprecated" if after else "no longer deprecated", METADATA)
        else:
            yield at.change(
                key,
                METADATA,
                old=[as_text(before)] if before is not None else (),
                new=[as_text(after)] if after is not None else (),
            )


def _properties(at: _Place, old: Node, new: Node, seen: _Seen) -> Iterator[Change]:
    unseen = "read" if at.way == "in" else "write"
    before = {name: entry for name, entry in old.properties.items() if entry.only != unseen}
    after = {name: entry for name, entry in new.properties.items() if entry.only != unseen}
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]
    for name in sorted(before.keys() | after.keys()):
        yield from _property(at.below(f".{name}"), name, before.get(name), after.get(name), (gone, come), seen)


def _property(
    at: _Place,
    name: str,
    old: Property | None,
    new: Property | None,
    renamed: tuple[list[str], list[str]],
    seen: _Seen,
) -> Iterator[Change]:
    if old is None and new is not None:
        grade = BREAKING if new.required and at.way == "in" else ADDITIVE
        yield at.change("property new", grade, old=_alike(name, renamed[0]), required=new.required)
    elif old is not None and new is None:
        yield at.change("property gone", BREAKING, new=_alike(name, renamed[1]), required=old.required)
    elif old is not None and new is not None:
        if old.required != new.required:
            yield _required(at, "property", new.required)
        yield from _node(at, old.node, new.node, seen)


def _choices(at: _Place, old: tuple[Node, ...], new: tuple[Node, ...], seen: _Seen) -> Iterator[Change]:
    """Compare the things of which a value is one."""
    before, after = list(old), list(new)
    for alike in (same, _akin):
        for node in list(before):
            match = next((other for other in after if alike(node, other)), None)
            if match is None:
                continue
            before.remove(node)
            after.remove(match)
            if alike is _akin:
                yield from _node(at.below("|"), node, match, seen)
    for node in after:
        yield at.graded("choice new", sent=ADDITIVE, answered=BREAKING, new=node.name or type_of(node))
    for node in before:
        yield at.graded("choice gone", sent=BREAKING, answered=ADDITIVE, old=node.name or type_of(node))


def _akin(one: Node, other: Node) -> bool:
    """Whether one choice is probably the other, changed."""
    if one.name or other.name:
        return one.name == other.name
    return bool(one.types) and one.types == other.types and one.format == other.format
