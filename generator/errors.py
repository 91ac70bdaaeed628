"""Errors that stop a run, and whatever else goes to the terminal: nothing that it would act upon."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterable

# The most characters of one line: a published name may have millions.
_MAX_LINE = 2_000
_ADVICE = {
    errno.ENOSPC: "free some space, and run it again",
    errno.EDQUOT: "free some space, and run it again",
    errno.EFBIG: "files of this size are not allowed here; allow them, and run it again",
    errno.EROFS: "make it writable, or run it in a checkout that is",
    errno.EACCES: "make it accessible to you, or run it in a checkout that is",
    errno.EPERM: "make it accessible to you, or run it in a checkout that is",
}


class PipelineError(Exception):
    """A run cannot go on; each of `lines` says where one problem is and what to do about it."""

    def __init__(self, heading: str, lines: Iterable[str] = ()) -> None:
        self.heading = heading
        self.lines = tuple(lines)
        super().__init__("\n".join((heading, *(f"  {line}" for line in self.lines))))


def file_problem(error: OSError) -> PipelineError:
    """Return what to say about a file that cannot be read or written: one line with what to do."""
    name = error.filename if isinstance(error.filename, str) else "a file"
    reason = error.strerror or str(error) or type(error).__name__
    advice = _ADVICE.get(error.errno or 0, "put it right, and run it again")
    return PipelineError(f"{name}: {reason}; {advice}")


def complain(problem: Exception) -> None:
    """Write a problem to the standard error stream, each of its lines on one."""
    if isinstance(problem, OSError):
        problem = file_problem(problem)
    for line in str(problem).splitlines() if not isinstance(problem, PipelineError) else _lines(problem):
        sys.stderr.write(f"{printable(line)}\n")


def _lines(problem: PipelineError) -> list[str]:
    return [problem.heading, *(f"  {line}" for line in problem.lines)]


def say(line: str) -> None:
    """Print a line for the maintainer, or several."""
    print("\n".join(map(printable, line.split("\n"))))


def printable(text: str) -> str:
    """Return a text with each character that a terminal does not show, or acts upon, written as its code."""
    if len(text) > _MAX_LINE:
        text = f"{text[:_MAX_LINE]}…"
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def as_ascii(text: str) -> str:
    """Return a text with each character outside ASCII written as its code."""
    return text.encode("ascii", "backslashreplace").decode()
