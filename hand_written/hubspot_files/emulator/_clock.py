"""The clock of the emulator; conversion and validation of instants and durations."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# datetime ends with 9999; instants that lie after the present have to fit in, too.
_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_YEAR: Final = 366 * 86_400


def from_milliseconds(milliseconds: int) -> datetime:
    """Convert milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def to_milliseconds(when: datetime) -> int:
    """Convert an aware datetime, rounding down."""
    return (when - EPOCH) // timedelta(milliseconds=1)


def iso_format(milliseconds: int) -> str:
    """Format an instant as HubSpot does: `2023-06-28T17:56:45.393Z`, and a whole second without a fraction."""
    precision = "milliseconds" if milliseconds % 1000 else "seconds"
    return from_milliseconds(milliseconds).isoformat(timespec=precision).replace("+00:00", "Z")


def seconds_up_to_a_year(value: float, name: str) -> float:
    """Check a duration that a caller can wait for.

    Raises:
        TypeError: It is not a number.
        ValueError: It is not from 0 to a year.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is a number of seconds, not {value!r}")
    if not 0 <= value <= _YEAR:
        raise ValueError(f"{name} is a number of seconds from 0 to {_YEAR}, not {value!r}")
    return float(value)


def to_timedelta(value: float | timedelta, name: str) -> timedelta:
    """Convert seconds to a timedelta; a timedelta is returned as it is.

    Raises:
        ValueError: No timedelta can hold the value.
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
        self._machine_start = time.time_ns() // 1000
        self._advanced = 0
        self._frozen = frozen
        self._monotonic_start = time.monotonic_ns()

    def _elapsed(self) -> int:
        running = 0 if self._frozen else (time.monotonic_ns() - self._monotonic_start) // 1000
        return self._advanced + running

    def now(self) -> datetime:
        """Return the wall time, in UTC."""
        return EPOCH + timedelta(microseconds=self._start + self._elapsed())

    def milliseconds(self) -> int:
        """Return the wall time in whole milliseconds since 1970."""
        return (self._start + self._elapsed()) // 1000

    def monotonic(self) -> float:
        """Return the seconds since the clock was made."""
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
        return self._start - self._machine_start + self._advanced

    def advance(self, by: float | timedelta) -> None:
        """Move time forward.

        Args:
            by: How far: seconds, or a timedelta.

        Raises:
            ValueError: `by` is negative, or leads beyond the year 9000.
        """
        step = to_timedelta(by, "by")
        if step < timedelta(0):
            raise ValueError("a clock only moves forward")
        if step > _LATEST - self.now():
            raise ValueError("a clock goes no further than the year 9000")
        self._advanced += step // _MICROSECOND

    def __repr__(self) -> str:
        return f"<Clock {self.now().isoformat()}{' frozen' if self._frozen else ''}>"
