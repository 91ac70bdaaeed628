"""Sizes, times and names as text for people."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

# Names that a question shows.
_NAMED: Final = 3


def printable(text: str) -> str:
    """Return a text with its control characters escaped, which could otherwise control the terminal.

    Names of files come from HubSpot, and other programs may have chosen them.
    """
    if text.isprintable():
        return text
    return "".join(
        character if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else _escaped(character)
        for character in text
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def size_text(size: int | None) -> str:
    """Return a size such as `12.3 kB`, or `?` if it is not known."""
    if size is None:
        return "?"
    if size < 1000:
        return f"{size} B"
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"


def time_text(time: datetime | None) -> str:
    """Return a time in the zone of this machine, to the minute."""
    return "" if time is None else f"{time.astimezone():%Y-%m-%d %H:%M}"


def zoned_time_text(time: datetime) -> str:
    """Return a time in the zone of this machine, to the minute, with the name of the zone."""
    return f"{time.astimezone():%Y-%m-%d %H:%M %Z}"


def duration_text(duration: timedelta) -> str:
    """Return a duration such as `2 h 5 min`."""
    seconds = round(duration.total_seconds())
    if seconds >= 600:
        seconds = round(seconds / 60) * 60
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    # Two units are precise enough.
    return " ".join([f"{count} {unit}" for count, unit in parts if count][:2]) or "0 s"


def count_text(count: int, thing: str) -> str:
    """Return a count with its noun, such as `1 file` or `2,000 files`."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def named_text(count: int, thing: str, names: Sequence[str]) -> str:
    """Return a count with its noun and some names, such as `4 files (a.txt, b.txt, c.txt and 1 more)`.

    Args:
        count: number of things.
        thing: the noun.
        names: their names, at least the first ones.
    """
    shown = [printable(name) for name in names[:_NAMED]]
    more = f" and {count - len(shown):,} more" if count > len(shown) else ""
    return f"{count_text(count, thing)} ({', '.join(shown)}{more})"


def folded(text: str, width: int) -> str:
    """Return a text whose lines are broken between words, and never in a path or a command's name."""
    return "\n".join(
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) for line in text.split("\n")
    )
