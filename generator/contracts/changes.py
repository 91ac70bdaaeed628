"""A difference between two contracts: one change for each fact at each position, with who is affected by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

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
        kind: What kind of fact, such as "property added".
        operation: The key of the operation; empty where the fact is none of an operation's.
        steps: Where it is below the operation: its part of it (`in`, `out` with the status, or a parameter's
            place and name), a media type, and then `.name` for a property, `[]` for items, `{}` for further
            properties, `|` for one of several choices.
        anchor: The name of the nearest declared schema on the way there, empty where there is none.
        depth: How many of the steps lead to that schema.
        old: What was there, in words or as values.
        new: What is there.
        required: Whether what is added or removed is, or was, required.
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
class Position:
    """Where the comparison stands."""

    operation: str
    way: Way
    steps: Steps
    anchor: str = ""
    depth: int = 0

    def below(self, *steps: str) -> Position:
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

    def graded(self, kind: str, *, sent: Grade, received: Grade, old: str = "", new: str = "") -> Change:
        grade = sent if self.way == "in" else received
        return self.change(kind, grade, old=[old] if old else (), new=[new] if new else ())


def required_change(at: Position, what: str, is_required: bool) -> Change:
    """What was optional is required, or the other way round."""
    grade: Grade = BREAKING if is_required == (at.way == "in") else ADDITIVE
    return at.change(f"{what} required" if is_required else f"{what} optional", grade, required=is_required)


def similar_name(name: str, others: list[str]) -> list[str]:
    """Return the one name that has probably taken the place of another, or nothing."""
    plain = name.lower().replace("_", "").replace("-", "")
    found = []
    for other in others:
        like = other.lower().replace("_", "").replace("-", "")
        if plain == like or plain.rstrip("s") == like.rstrip("s"):
            found.append(other)
    return found if len(found) == 1 else []
