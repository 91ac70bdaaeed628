"""Objects that a forked child makes anew: locks that may have been held, and connections that stay the parent's."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from typing import Protocol


class Renewable(Protocol):
    """An object that a forked child cannot use as it is."""

    def renew(self) -> None:
        """Make anew what belongs to the parent. No other thread runs, and any lock may be held for ever."""


_renewables: weakref.WeakSet[Renewable] = weakref.WeakSet()


def renew_after_fork(renewable: Renewable) -> None:
    """Call `renew` of an object in every child that this process forks, for as long as the object lives."""
    _renewables.add(renewable)


def _renew_all() -> None:
    for renewable in list(_renewables):
        renewable.renew()


with contextlib.suppress(AttributeError):  # Windows has no fork
    os.register_at_fork(after_in_child=_renew_all)


class ThreadLock:
    """A lock between threads, free in a forked child, whoever held it in the parent."""

    def __init__(self) -> None:
        # It knows its owner: an interrupt can strike when it is acquired and nobody has been told so yet.
        self._lock = threading.RLock()
        renew_after_fork(self)

    def renew(self) -> None:
        self._lock = threading.RLock()

    def acquire(self, timeout: float = -1) -> bool:
        """Acquire the lock, within so many seconds unless they are negative, and return whether it was."""
        return self._lock.acquire(timeout=timeout)

    def release(self) -> None:
        """Release the lock if this thread holds it."""
        with contextlib.suppress(RuntimeError):
            self._lock.release()
