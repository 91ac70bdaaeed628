"""Forked children: objects that they make anew, such as locks and connections, and modules that they find imported."""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import threading
import weakref
from typing import Protocol


class Renewable(Protocol):
    """An object that a forked child cannot use as it is."""

    def renew(self) -> None:
        """Make anew what belongs to the parent. No other thread runs, and any lock may be held for ever."""


_renewables: weakref.WeakSet[Renewable] = weakref.WeakSet()
_modules: set[str] = set()


def renew_after_fork(renewable: Renewable) -> None:
    """Call `renew` of an object in every child that this process forks, for as long as the object lives."""
    _renewables.add(renewable)


def import_before_fork(*names: str) -> None:
    """Have modules imported before this process forks, with all that is in them, if something then has to be renewed.

    A child that is forked while another thread imports a module waits for ever when it imports the same.
    """
    _modules.update(names)


def _import_all() -> None:
    for name in sorted(_modules) if _renewables else ():
        module = importlib.import_module(name)
        for inner in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{name}."):
            importlib.import_module(inner.name)


def _renew_all() -> None:
    with contextlib.ExitStack() as renewals:
        for renewable in list(_renewables):
            # All of them, even where one fails.
            renewals.callback(renewable.renew)


with contextlib.suppress(AttributeError):  # Windows has no fork
    os.register_at_fork(before=_import_all, after_in_child=_renew_all)


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
