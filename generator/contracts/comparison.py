"""Compares two contracts, operation by operation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .changes import ADDITIVE, BREAKING, METADATA, Change, Grade, Position, required_change, similar_name
from .model import Body, Contract, Node, Operation, Parameter, Response
from .schema_comparison import Compared, compare_schemas


def changes(old: Contract, new: Contract) -> Iterator[Change]:
    """Yield every difference between two contracts."""
    if old.version != new.version:
        yield Change("version", METADATA, "", (), old=(old.version,), new=(new.version,))
    for key in sorted(old.operations.keys() | new.operations.keys()):
        before, after = old.operations.get(key), new.operations.get(key)
        if before is None:
            yield Change("operation added", ADDITIVE, key, ("operation",))
        elif after is None:
            yield Change("operation removed", BREAKING, key, ("operation",))
        else:
            yield from _operation(key, before, after)


def _operation(key: str, old: Operation, new: Operation) -> Iterator[Change]:
    if old.deprecated != new.deprecated:
        kind = "deprecated" if new.deprecated else "no longer deprecated"
        yield Change(kind, METADATA, key, ("operation",))
    yield from _scopes(key, old.scopes, new.scopes)
    seen: Compared = {}
    yield from _parameters(key, old.parameters, new.parameters, seen)
    yield from _body(Position(key, "in", ("in",)), old.body, new.body, seen)
    seen = {}
    for status in sorted(old.responses.keys() | new.responses.keys()):
        place = Position(key, "out", ("out", status))
        before, after = old.responses.get(status), new.responses.get(status)
        if before is None:
            yield place.change("response added", ADDITIVE)
        elif after is None:
            yield place.change("response removed", BREAKING)
        else:
            yield from _response(place, before, after, seen)


def _scopes(key: str, old: frozenset[str], new: frozenset[str]) -> Iterator[Change]:
    steps = ("operation", "scopes")
    if not old or not new:
        if old != new:
            yield Change("scopes not named" if old else "scopes named", METADATA, key, steps, new=tuple(sorted(new)))
    elif old != new:
        yield Change("scopes", METADATA, key, steps, old=tuple(sorted(old - new)), new=tuple(sorted(new - old)))


def _parameters(
    key: str, old: dict[tuple[str, str], Parameter], new: dict[tuple[str, str], Parameter], seen: Compared
) -> Iterator[Change]:
    removed = [name for name in old if name not in new]
    added = [name for name in new if name not in old]
    for place, name in sorted(old.keys() | new.keys()):
        at = Position(key, "in", (place, name))
        before, after = old.get((place, name)), new.get((place, name))
        if before is None and after is not None:
            alike = similar_name(name, [other for kind, other in removed if kind == place])
            grade = BREAKING if after.required else ADDITIVE
            yield at.change("parameter added", grade, old=alike, required=after.required)
        elif before is not None and after is None:
            alike = similar_name(name, [other for kind, other in added if kind == place])
            yield at.change("parameter removed", BREAKING, new=alike, required=before.required)
        elif before is not None and after is not None:
            if before.required != after.required:
                yield required_change(at, "parameter", after.required)
            if before.style != after.style and _is_own_change(before.style, after.style):
                styles = [[style or "a plain value"] for style in (before.style, after.style)]
                yield at.change("style", BREAKING, old=styles[0], new=styles[1])
            if before.deprecated != after.deprecated:
                yield at.change("deprecated" if after.deprecated else "no longer deprecated", METADATA)
            yield from compare_schemas(at, before.node, after.node, seen)


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


def _response(at: Position, old: Response, new: Response, seen: Compared) -> Iterator[Change]:
    for name in sorted(old.headers.keys() | new.headers.keys()):
        here = at.below("header", name)
        before, after = old.headers.get(name), new.headers.get(name)
        if before is None:
            yield here.change("header added", METADATA)
        elif after is None:
            yield here.change("header removed", METADATA)
        else:
            for change in compare_schemas(here, before, after, {}):
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
