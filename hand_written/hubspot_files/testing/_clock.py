"""The emulator's clock: wall time and monotonic time that a test can move forward."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Python's own end of time is 9999; what lives longer than the present has to fit in too.
_LAST: Final = datetime(9000, 1, 1, tzinfo=UTC)
_YEAR: Final = 366 * 86_400
_MICROSECOND: Final = timedelta(microseconds=1)


def length(value: float, name: str) -> float:
    """A length of time that can be waited for.

    Raises:
        TypeError: It is no number.
        ValueError: It is not from 0 to a year.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is a number of seconds, not {value!r}")
    if not 0 <= value <= _YEAR:
        raise ValueError(f"{name} is a number of seconds from 0 to {_YEAR}, not {value!r}")
    return float(value)


def span(value: float | timedelta, name: str) -> timedelta:
    """Seconds or a timedelta, as a timedelta.

    Raises:
        ValueError: No timedelta can hold them.
    """
    if isinstance(value, timedelta):
        return value
    try:
        return timedelta(seconds=value)
    except (OverflowError, ValueError):
        raise ValueError(f"{name} is a number of seconds that a timedelta can hold, not {value!r}") from None


class Clock:
    """Wall time and monotonic time of an emulated server.

    Time runs on by itself, as real time does, unless the clock is frozen. It only ever moves forward.

    Args:
        start: The first instant, timezone-aware. Default: the present.
        frozen: Whether time stands still except for `advance`.

    Raises:
        ValueError: `start` has no time zone.
    """

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        if start is None:
            start = datetime.now(UTC)
        elif start.tzinfo is None:
            raise ValueError("start needs a time zone, for example datetime(2030, 1, 1, tzinfo=UTC)")
        self._start = (start - EPOCH) // _MICROSECOND
        self._began = time.time_ns() // 1000
        self._moved = 0
        self._frozen = frozen
        self._origin = time.monotonic_ns()

    def _elapsed(self) -> int:
        running = 0 if self._frozen else (time.monotonic_ns() - self._origin) // 1000
        return self._moved + running

    def now(self) -> datetime:
        """The wall time, in UTC."""
        return EPOCH + timedelta(microseconds=self._start + self._elapsed())

    def milliseconds(self) -> int:
        """The wall time in whole milliseconds since 1970."""
        return (self._start + self._elapsed()) // 1000

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._elapsed() / 1_000_000

    def time(self) -> float:
        """The wall time in seconds since 1970."""
        return (self._start + self._elapsed()) / 1_000_000

    def sleep(self, seconds: float, /) -> None:
        """Move time forward, as a client that lives by this clock does where it would wait."""
        self.advance(seconds)

    async def sleep_async(self, seconds: float, /) -> None:
        """Move time forward, and let other tasks run."""
        from anyio.lowlevel import checkpoint

        self.advance(seconds)
        await checkpoint()

    @property
    def ahead(self) -> int:
        """Microseconds that the clock is ahead of the machine's, frozen or not; negative where it is behind."""
        return self._start - self._began + self._moved

    def advance(self, by: float | timedelta) -> None:
        """Move time forward.

        Args:
            by: How far: seconds, or a timedelta.

        Raises:
            ValueError: `by` is negative, or leads beyond the year 9000.
        """
        step = span(by, "by")
        if step < timedelta(0):
            raise ValueError("a clock only moves forward")
        if step > _LAST - self.now():
            raise ValueError("a clock goes no further than the year 9000")
        self._moved += step // _MICROSECOND

    def __repr__(self) -> str:
        return f"<Clock {self.now().isoformat()}{' frozen' if self._frozen else ''}>"
