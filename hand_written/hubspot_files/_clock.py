"""Time as a client is given it: a monotonic clock, a wall clock, and waiting."""

from __future__ import annotations

import contextlib
import functools
import time as _time
from collections.abc import Generator
from typing import Protocol


class Clock(Protocol):
    """The time by which clients wait, retry and expire. Tests pass one that stands still or runs ahead."""

    def monotonic(self) -> float:
        """Return seconds since some moment, which no one sets back."""
        ...

    def time(self) -> float:
        """Return seconds since 1970, as `time.time`."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Wait in this thread."""
        ...

    async def sleep_async(self, seconds: float, /) -> None:
        """Wait in this task, on asyncio or trio."""
        ...


# A signed URL expires while the machine is suspended, too. `time.monotonic` stands still then on Linux and macOS;
# CLOCK_BOOTTIME, and CLOCK_MONOTONIC of macOS, do not. On Windows it goes on.
_STEADY = getattr(_time, "CLOCK_BOOTTIME", getattr(_time, "CLOCK_MONOTONIC", None))


class SystemClock:
    """The clocks of the machine.

    Its functions are kept when this module is imported: tools that freeze the time of a user's tests replace them in
    other modules, and a URL that is fresh must not look expired for that.
    """

    monotonic = staticmethod(_time.monotonic if _STEADY is None else functools.partial(_time.clock_gettime, _STEADY))
    time = staticmethod(_time.time)
    sleep = staticmethod(_time.sleep)

    async def sleep_async(self, seconds: float, /) -> None:
        # Programs without asyncio need not wait until anyio is imported.
        import anyio

        await anyio.sleep(seconds)


class _DefaultClock:
    """The clock of every client that is not given another: the machine's, unless `use_clock` says otherwise."""

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
    """Let every client of this process that was given no clock live by this one, for as long as the context lasts.

    For tests of code that makes its clients itself. Clients that exist already follow it, too.

    Args:
        clock: such as the `clock` of an Emulator, on which waits take no time.
    """
    before, DEFAULT_CLOCK.current = DEFAULT_CLOCK.current, clock
    try:
        yield
    finally:
        DEFAULT_CLOCK.current = before
