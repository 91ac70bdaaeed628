"""A difference between two contracts: one change for each fact at each position, with who is affected by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Grade: TypeAlias = Literal["breaking", "additive", "metadata"]
Direction: TypeAlias = Literal["in", "out"]
Steps: TypeAlias = tuple[str, ...]

BREAKING: Grade = "breaking"
ADDITIVE: Grade = "additive"
METADATA: Grade = "metadata"


@dataclass(frozen=True)
class Change:
    """One fact that differs.

    Attributes:
        kind: The kind of fact, such as "property added".
        operation: The key of the operation; empty for a fact about the whole contract.
        steps: The way from the operation to it: the part of the operation (`in`, `out` with the status, or a
            parameter's location and name), a media type, and then `.name` for a property, `[]` for items, `{}` for
            further properties, `|` for one of several choices.
        anchor: The name of the nearest declared schema on that way; empty if there is none.
        depth: How many of the steps lead to that schema.
        old: The old fact, in words or as values.
        new: The new one.
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
        """Whether it concerns a request."""
        return bool(self.steps) and self.steps[0] not in ("out", "operation")


@dataclass(frozen=True)
class Position:
    """The position that a comparison has reached."""

    operation: str
    direction: Direction
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
        grade = sent if self.direction == "in" else received
        return self.change(kind, grade, old=[old] if old else (), new=[new] if new else ())


def required_change(at: Position, what: str, is_required: bool) -> Change:
    """Return the change from optional to required, or back."""
    grade: Grade = BREAKING if is_required == (at.direction == "in") else ADDITIVE
    return at.change(f"{what} required" if is_required else f"{what} optional", grade, required=is_required)


def similar_name(name: str, others: list[str]) -> list[str]:
    """Return the one name that has probably replaced another, in a list; an empty list if there is none."""
    plain = name.lower().replace("_", "").replace("-", "")
    found = []
    for other in others:
        like = other.lower().replace("_", "").replace("-", "")
        if plain == like or plain.rstrip("s") == like.rstrip("s"):
            found.append(other)
    return found if len(found) == 1 else []
