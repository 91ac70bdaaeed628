"""Compares two contracts, operation by operation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..errors import PipelineError
from .alignment import aligned
from .changes import ADDITIVE, BREAKING, METADATA, Change, Grade, Position, Steps, required_change, similar_name
from .model import Body, Contract, Equivalence, Node, Notes, Operation, Parameter, Part, Response
from .schema_comparison import Compared, compare_schemas


def changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Yield every difference between two contracts.

    Raises:
        PipelineError: They are nested too deeply.
    """
    try:
        yield from _changes(aligned(old, new), new)
    except RecursionError as error:
        raise PipelineError("The two cannot be compared:", ["their schemas are nested too deeply"]) from error


def _changes(old: Contract, new: Contract) -> Iterator[Change]:
    if old.version != new.version:
        yield Change("version", METADATA, "", (), old=(old.version,), new=(new.version,))
    for steps, was, now in _different(old.notes, new.notes):
        yield Change(_note(steps), METADATA, "", steps, old=was, new=now)
    equal = Equivalence()
    for key in sorted(old.operations.keys() | new.operations.keys()):
        before, after = old.operations.get(key), new.operations.get(key)
        if before is None:
            yield Change("operation added", ADDITIVE, key, ("operation",))
        elif after is None:
            yield Change("operation removed", BREAKING, key, ("operation",))
        else:
            yield from _operation(key, before, after, equal)


def _operation(key: str, old: Operation, new: Operation, equal: Equivalence) -> Iterator[Change]:
    if old.deprecated != new.deprecated:
        kind = "deprecated" if new.deprecated else "no longer deprecated"
        yield Change(kind, METADATA, key, ("operation",))
    yield from _scopes(key, old.scopes, new.scopes)
    if old.tokenless != new.tokenless:
        kind, grade = ("token not accepted", BREAKING) if new.tokenless else ("token accepted", ADDITIVE)
        yield Change(kind, grade, key, ("operation",))
    yield from _servers(key, set(old.servers), set(new.servers))
    for steps, was, now in _different(old.notes, new.notes):
        yield Change(_note(steps), METADATA, key, steps[:-1], old=was, new=now)
    seen = Compared(equal)
    yield from _parameters(key, old.parameters, new.parameters, seen)
    yield from _body(Position(key, "in", ("in",)), old.body, new.body, seen)
    seen = Compared(equal)
    for status in sorted(old.responses.keys() | new.responses.keys()):
        place = Position(key, "out", ("out", status))
        before, after = old.responses.get(status), new.responses.get(status)
        if before is None:
            yield place.change("response added", ADDITIVE)
        elif after is None:
            yield place.change("response removed", BREAKING)
        else:
            yield from _response(place, before, after, seen)


def _different(old: Notes, new: Notes) -> Iterator[tuple[Steps, Steps, Steps]]:
    """Yield the steps of notes that differ, with the old and the new one."""
    for steps in sorted(old.keys() | new.keys()):
        before, after = (tuple(filter(None, [notes.get(steps)])) for notes in (old, new))
        if before != after:
            yield steps, before, after


def _note(steps: Steps) -> str:
    return f"note {steps[-1]}"


def _scopes(key: str, old: frozenset[str], new: frozenset[str]) -> Iterator[Change]:
    steps = ("operation", "scopes")
    if old == new:
        return
    if not new:
        yield Change("scopes not named", ADDITIVE, key, steps)
    elif not old:
        yield Change("scopes named", BREAKING, key, steps, new=tuple(sorted(new)))
    else:
        grade: Grade = METADATA if all(_suffices(scopes, old) for scopes in new) else ADDITIVE
        if not all(_suffices(scopes, new) for scopes in old):
            grade = BREAKING
        yield Change("scopes", grade, key, steps, old=tuple(sorted(old - new)), new=tuple(sorted(new - old)))


def _suffices(scopes: str, accepted: frozenset[str]) -> bool:
    """Whether a token with some scopes has all of one set that is accepted."""
    held = set(scopes.split(" and "))
    return any(held.issuperset(needed.split(" and ")) for needed in accepted)


def _servers(key: str, old: set[str], new: set[str]) -> Iterator[Change]:
    if old != new:
        grade: Grade = BREAKING if old - new else ADDITIVE
        gone, added = (tuple(sorted(servers)) for servers in (old - new, new - old))
        yield Change("servers", grade, key, ("operation", "servers"), old=gone, new=added)


def _parameters(
    key: str, old: dict[tuple[str, str], Parameter], new: dict[tuple[str, str], Parameter], seen: Compared
) -> Iterator[Change]:
    removed = [name for name in old if name not in new]
    added = [name for name in new if name not in old]
    for place, name in sorted(old.keys() | new.keys()):
        at = Position(key, "in", (place, name))
        alike = [similar_name(name, [other for kind, other in names if kind == place]) for names in (removed, added)]
        yield from _parameter(at, old.get((place, name)), new.get((place, name)), (alike[0], alike[1]), seen)


def _parameter(
    at: Position,
    old: Parameter | None,
    new: Parameter | None,
    alike: tuple[list[str], list[str]],
    seen: Compared,
) -> Iterator[Change]:
    """Compare two parameters; `alike` has names that were perhaps replaced by the new one, or replace the old one."""
    if old is None and new is not None:
        grade: Grade = BREAKING if new.required else ADDITIVE
        yield at.change("parameter added", grade, old=alike[0], required=new.required)
    elif old is not None and new is None:
        yield at.change("parameter removed", BREAKING, new=alike[1], required=old.required)
    elif old is not None and new is not None:
        if old.required != new.required:
            yield required_change(at, "parameter", new.required)
        if old.style != new.style and _is_own_change(old.style, new.style):
            yield _styled(at, old.style, new.style)
        if old.deprecated != new.deprecated:
            yield at.change("deprecated" if new.deprecated else "no longer deprecated", METADATA)
        yield from _allowed(at, "reserved", old.reserved, new.reserved)
        yield from _allowed(at, "empty", old.empty, new.empty)
        yield from compare_schemas(at, old.node, new.node, seen)


def _styled(at: Position, old: str, new: str) -> Change:
    return at.change("style", BREAKING, old=[old or "a plain value"], new=[new or "a plain value"])


def _allowed(at: Position, what: str, old: bool, new: bool) -> Iterator[Change]:
    if old != new:
        yield at.change(f"{what} allowed" if new else f"{what} not allowed", ADDITIVE if new else BREAKING)


def _is_own_change(old: str, new: str) -> bool:
    """Whether a change of style is a fact of its own, and not the effect of a value that has become a list."""
    return bool(old and new) or ", " not in old + new


def _body(at: Position, old: Body | None, new: Body | None, seen: Compared) -> Iterator[Change]:
    if old is None and new is not None:
        yield at.change(
            "body added", BREAKING if new.required else ADDITIVE, new=sorted(new.content), required=new.required
        )
    elif old is not None and new is None:
        yield at.change("body removed", BREAKING, old=sorted(old.content), required=old.required)
    elif old is not None and new is not None:
        if old.required != new.required:
            yield required_change(at, "body", new.required)
        yield from _content(at, old.content, new.content, seen)
        for kind, name in sorted(old.parts.keys() | new.parts.keys()):
            held = [name in body.content[kind].properties for body in (old, new) if kind in body.content]
            if held == [True, True]:
                parts = [body.parts.get((kind, name), Part()) for body in (old, new)]
                yield from _part(at.below(kind, f".{name}"), parts[0], parts[1], seen)


def _part(at: Position, old: Part, new: Part, seen: Compared) -> Iterator[Change]:
    if removed := sorted(old.media - new.media):
        yield at.change("media removed", BREAKING, old=removed)
    if added := sorted(new.media - old.media):
        yield at.change("media added", ADDITIVE, new=added)
    if old.style != new.style:
        yield _styled(at, old.style, new.style)
    yield from _allowed(at, "reserved", old.reserved, new.reserved)
    for name in sorted(old.headers.keys() | new.headers.keys()):
        here = at.below(f" header {name}")
        yield from _parameter(here, old.headers.get(name), new.headers.get(name), ([], []), seen)


def _response(at: Position, old: Response, new: Response, seen: Compared) -> Iterator[Change]:
    for name in sorted(old.headers.keys() | new.headers.keys()):
        here = at.below("header", name)
        before, after = old.headers.get(name), new.headers.get(name)
        if before is None:
            yield here.change("header added", METADATA)
        elif after is None:
            yield here.change("header removed", METADATA)
        else:
            for change in compare_schemas(here, before, after, Compared(seen.equal)):
                yield replace(change, grade=METADATA)
    yield from _content(at, old.content, new.content, seen)


def _content(at: Position, old: dict[str, Node], new: dict[str, Node], seen: Compared) -> Iterator[Change]:
    removed, added = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    if len(removed) == len(added) == 1 and "*/*" in (*removed, *added):
        # The same content, whose media type only one of the two contracts names.
        named: Grade = BREAKING if at.direction == "in" else ADDITIVE
        unnamed: Grade = ADDITIVE if at.direction == "in" else BREAKING
        yield at.change("content", named if removed == ["*/*"] else unnamed, old=removed, new=added)
        old = {added[0] if kind == removed[0] else kind: node for kind, node in old.items()}
    for kind in sorted(old.keys() | new.keys()):
        here = at.below(kind)
        before, after = old.get(kind), new.get(kind)
        if before is None:
            yield here.change("content added", ADDITIVE)
        elif after is None:
            yield here.change("content removed", BREAKING)
        else:
            yield from compare_schemas(here, before, after, seen)
