"""Sizes, times and names as text for people."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta


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
