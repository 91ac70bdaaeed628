"""Groups changes into events for a maintainer: one for each fact, however many operations it affects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..errors import printable
from .changes import ADDITIVE, BREAKING, METADATA, Change, Grade
from .model import ERROR, Contract

GRADES: tuple[Grade, ...] = (BREAKING, ADDITIVE, METADATA)


@dataclass(frozen=True)
class Event:
    """One fact that differs.

    Attributes:
        grade: Its effect on callers: breaking, additive or metadata.
        place: Its location, in words that do not depend on other operations: an operation's key, or a schema and
            whether requests or responses hold it.
        where: The same for people, with the operation's name or the number of operations.
        what: The fact, in words.
        operations: The keys of the operations that it affects.
        changes: The changes that it stands for.
    """

    grade: Grade
    place: str
    where: str
    what: str
    operations: tuple[str, ...]
    changes: tuple[Change, ...]


def events(changes: Iterable[Change], versioned: Callable[[str], str], labels: Mapping[str, str]) -> list[Event]:
    """Group changes into events, breaking ones first.

    Args:
        changes: The changes to group.
        versioned: Returns an operation's key with its real version.
        labels: The names of operations, by key. An operation without one is shown by its key.
    """
    groups: dict[tuple[int, str, str], list[Change]] = {}
    for change in changes:
        key = (GRADES.index(change.grade), _place(change), what(change))
        groups.setdefault(key, []).append(change)
    found = []
    for (grade, place, text), members in sorted(groups.items()):
        keys = tuple(sorted({change.operation for change in members if change.operation}))
        named = [f"{labels[key]} ({versioned(key)})" if key in labels else versioned(key) for key in keys]
        where = place
        if place in keys:
            [where] = named
        elif len(keys) == 1:
            where = f"{place} of {named[0]}"
        elif keys:
            where = f"{place} of {len(keys)} operations"
        found.append(
            Event(GRADES[grade], printable(place), printable(where), text, tuple(map(versioned, keys)), tuple(members))
        )
    return found


def versioned_in(old: Contract, new: Contract) -> Callable[[str], str]:
    """Return a function that puts the real version into an operation's key, the newer one if it has the operation."""
    return lambda key: (new if key in new.operations else old).versioned(key)


def _place(change: Change) -> str:
    if not change.operation:
        return "paths" if change.kind == "version" else "the description"
    if change.steps in (("operation", "scopes"), ("operation", "servers")):
        return change.steps[1]
    if change.anchor:
        return f"schema {change.anchor}, {'requests' if change.is_input else 'answers'}"
    if change.steps[:2] == ("out", ERROR):
        return "error answers"
    return change.operation


def what(change: Change) -> str:
    """Describe a change in words."""
    if not change.operation and change.kind != "version":
        return printable(_of_description(change))
    phrase = _KINDS.get(change.kind) or _fact(f"`{change.kind.removeprefix('note ')}`")
    return printable(phrase(change, _subject(change)))


def _of_description(change: Change) -> str:
    """Describe a change of what a description says of itself."""
    *holder, key = change.steps
    if change.steps[0] == "spelling":
        written = f"`{change.steps[1]}` is written `{key}`"
        return f"{written} now, and read as `{change.new[0]}`" if change.new else f"{written} no longer"
    return _fact(f"`{key}`")(change, " ".join(holder) or "it")


def _subject(change: Change) -> str:
    """Name the subject of a change, below its location."""
    head = change.depth if change.anchor else _head(change.steps)
    dotted = "".join(step for step in change.steps[head:] if step != "|").removeprefix(".")
    root = "" if change.anchor else _root(change.steps[:head], bool(dotted))
    if not dotted:
        return root or "it"
    if dotted in ("[]", "{}"):
        holder = root or "it"
        return f"each item of {holder}" if dotted == "[]" else f"each further property of {holder}"
    return f"property `{dotted}` of {root}" if root else f"property `{dotted}`"


def _head(steps: tuple[str, ...]) -> int:
    """Return the number of steps that lead to a schema."""
    if steps[:1] == ("out",):
        return 4 if steps[2:3] == ("header",) else 3
    return 2


def _root(steps: tuple[str, ...], below: bool) -> str:
    if not steps or steps[0] == "operation":
        return "the operation"
    first, *rest = steps
    if first in ("in", "out"):
        part = "body"
        if first == "out":
            status, *rest = rest
            part = "answer" if status == ERROR else f"answer {status}"
        if len(rest) > 1:
            return f"header `{rest[1]}` of {part}"
        if below and rest[:1] == ["application/json"]:
            return part
        return f"content `{rest[0]}` of {part}" if rest else part
    return f"{first} parameter `{rest[0]}`"


def _values(values: Iterable[str]) -> str:
    """Return JSON texts as a list in words; strings go without their quotes."""
    plain = []
    for text in values:
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        plain.append(f"`{value if isinstance(value, str) else text}`")
    return " and ".join(filter(None, (", ".join(plain[:-1]), plain[-1] if plain else "")))


def _added(change: Change, subject: str) -> str:
    needed = " and required" if change.required else ""
    instead = f", perhaps in place of {_values(change.old)}" if change.old else ""
    return f"{subject} is new{needed}{instead}"


def _body_added(change: Change, subject: str) -> str:
    return f"{subject} is new{' and required' if change.required else ''}: {_values(change.new)}"


def _removed(change: Change, subject: str) -> str:
    instead = f", {_values(change.new)} is new" if change.new else ""
    return f"{subject} is gone{instead}"


def _from_to(change: Change, subject: str) -> str:
    return f"{subject} is {_joined(change.new)}, was {_joined(change.old)}"


def _joined(values: tuple[str, ...]) -> str:
    return ", ".join(values) or "nothing"


def _fact(name: str) -> Callable[[Change, str], str]:
    def phrase(change: Change, subject: str) -> str:
        if change.old and change.new:
            return f"{name} of {subject} is {_values(change.new)}, was {_values(change.old)}"
        return f"{name} {_values(change.new)} of {subject} is new" if change.new else f"{name} of {subject} is gone"

    return phrase


def _new_and_gone(change: Change, _subject: str) -> str:
    parts = [f"new: {_values(change.new)}"] if change.new else []
    parts += [f"gone: {_values(change.old)}"] if change.old else []
    return "; ".join(parts)


def _media(kinds: Iterable[str]) -> str:
    return _values(kind or "the usual type" for kind in kinds)


def _phrase(text: str) -> Callable[[Change, str], str]:
    return lambda _change, subject: f"{subject} {text}"


_KINDS: dict[str, Callable[[Change, str], str]] = {
    "version": lambda change, _: f"the version segment is `{_joined(change.new)}`, was `{_joined(change.old)}`",
    "operation added": _phrase("is new"),
    "operation removed": _phrase("is gone"),
    "deprecated": _phrase("is deprecated"),
    "no longer deprecated": _phrase("is no longer deprecated"),
    "scopes": _new_and_gone,
    "servers": _new_and_gone,
    "token accepted": _phrase("accepts a bearer token"),
    "token not accepted": _phrase("accepts no bearer token any more"),
    "reserved allowed": _phrase("may have reserved characters that are not encoded"),
    "reserved not allowed": _phrase("may no longer have reserved characters that are not encoded"),
    "empty allowed": _phrase("may be sent without a value"),
    "empty not allowed": _phrase("may no longer be sent without a value"),
    "media added": lambda change, subject: f"{subject} may also be sent as {_media(change.new)}",
    "media removed": lambda change, subject: f"{subject} is no longer sent as {_media(change.old)}",
    "scopes not named": lambda change, _: "they are no longer named",
    "scopes named": lambda change, _: f"they are named: {_values(change.new)}",
    "parameter added": _added,
    "parameter removed": _removed,
    "parameter required": _phrase("is required, was optional"),
    "parameter optional": _phrase("is optional, was required"),
    "style": _from_to,
    "body added": _body_added,
    "body removed": lambda change, subject: f"{subject} is gone",
    "body required": _phrase("is required, was optional"),
    "body optional": _phrase("is optional, was required"),
    "content added": _phrase("is new"),
    "content removed": _phrase("is gone"),
    "content": lambda change, subject: f"content of {_from_to(change, subject)}",
    "response added": _phrase("is new"),
    "response removed": _phrase("is gone"),
    "header added": _phrase("is new"),
    "header removed": _phrase("is gone"),
    "property added": _added,
    "property removed": _removed,
    "property required": _phrase("is required, was optional"),
    "property optional": _phrase("is optional, was required"),
    "type": _from_to,
    "format": lambda change, subject: f"format of {_from_to(change, subject)}",
    "width": lambda change, subject: f"width of {_from_to(change, subject)}",
    "values listed": lambda change, subject: f"{subject} is one of {_values(change.new)}, was any text",
    "values free": lambda change, subject: f"{subject} is any text, was one of {_values(change.old)}",
    "values added": lambda change, subject: f"{subject} may also be {_values(change.new)}",
    "values removed": lambda change, subject: f"{subject} is no longer {_values(change.old)}",
    "null allowed": _phrase("may be null"),
    "null not allowed": _phrase("may no longer be null"),
    "closed": _phrase("has no further properties"),
    "open": _phrase("may have further properties"),
    "limit": _fact("limit"),
    "pattern": _fact("pattern"),
    "default": _fact("default"),
    "discriminator": _fact("discriminator"),
    "choices listed": lambda change, subject: f"{subject} must also fit one of {_joined(change.new)} choices",
    "choices free": lambda change, subject: f"{subject} need no longer fit one of {_joined(change.old)} choices",
    "choice added": lambda change, subject: f"{subject} may also be {_values(change.new)}",
    "choice removed": lambda change, subject: f"{subject} is no longer {_values(change.old)}",
}
