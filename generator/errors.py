"""The error that stops a run: one clear line for each thing to put right, all of them at once."""

from __future__ import annotations

from collections.abc import Iterable


class PipelineError(Exception):
    """A run cannot go on; each of `lines` says where one problem is and what to do about it."""

    def __init__(self, heading: str, lines: Iterable[str]) -> None:
        self.heading = heading
        self.lines = tuple(lines)
        super().__init__("\n".join((heading, *(f"  {line}" for line in self.lines))))


def as_ascii(text: str) -> str:
    """Return a text with each character outside ASCII written as its code."""
    return text.encode("ascii", "backslashreplace").decode()
