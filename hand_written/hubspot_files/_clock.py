"""Sources of time: a monotonic clock, a wall clock, and sleeping."""

from __future__ import annotations

import contextlib
import functools
import time as _time
from collections.abc import Generator
from typing import Protocol


class Clock(Protocol):
    """Source of time for waits, deadlines and expiries. Tests can pass one that they control."""

    def monotonic(self) -> float:
        """Return the seconds since a fixed point in time, which never decrease."""
        ...

    def time(self) -> float:
        """Return the seconds since 1970, like `time.time`."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Block this thread."""
        ...

    async def sleep_async(self, seconds: float, /) -> None:
        """Suspend this task, on asyncio or trio."""
        ...


# A signed URL also expires while the machine is suspended, which `time.monotonic` does not count on Linux and macOS.
# CLOCK_BOOTTIME of Linux and CLOCK_MONOTONIC of macOS do. On Windows, `time.monotonic` counts it.
_STEADY = getattr(_time, "CLOCK_BOOTTIME", getattr(_time, "CLOCK_MONOTONIC", None))


class SystemClock:
    """The clocks of the machine.

    The class keeps the functions of `time` as they were when this module was imported. Tools that freeze time in tests
    replace them in other modules, and must not make a valid URL look expired.
    """

    monotonic = staticmethod(_time.monotonic if _STEADY is None else functools.partial(_time.clock_gettime, _STEADY))
    time = staticmethod(_time.time)
    sleep = staticmethod(_time.sleep)

    async def sleep_async(self, seconds: float, /) -> None:
        # Synchronous programs need not import anyio, which takes long.
        import anyio

        await anyio.sleep(seconds)


class _DefaultClock:
    """The clock of every client that was made without one: the machine's, unless `use_clock` has replaced it."""

    def __init__(self) -> None:
        self.current: Clock = SystemClock()

    def monotonic(self) -> float:
        return self.current.monotonic()

    def time(self) -> float:
        return self.current.time()

    def sleep(self, seconds: float, /) -> None:
        self.current.sleep(seconds)

    async def sleep_async(self, seconds: float, /) -> None:
        await self.current.sleep_async(seconds)


DEFAULT_CLOCK = _DefaultClock()


@contextlib.contextmanager
def use_clock(clock: Clock) -> Generator[None, None, None]:
    """Replace the default clock of this process within the context.

    It is for tests of code that makes its own clients. It applies to all clients that were made without a clock,
    including existing ones.

    Args:
        clock: the clock, such as the `clock` of an Emulator, on which waits take no time.
    """
    before, DEFAULT_CLOCK.current = DEFAULT_CLOCK.current, clock
    try:
        yield
    finally:
        DEFAULT_CLOCK.current = before
