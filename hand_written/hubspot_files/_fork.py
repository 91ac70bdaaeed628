"""Support for forked processes: objects that are reset in the child, and modules that are imported before the fork."""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import threading
import weakref
from typing import Protocol


class Renewable(Protocol):
    """An object with state that a forked child cannot share with its parent, such as a lock or a connection."""

    def renew(self) -> None:
        """Reset the state that belongs to the parent. No other thread runs, and any lock may be held forever."""


_renewables: weakref.WeakSet[Renewable] = weakref.WeakSet()
_modules: set[str] = set()


def renew_after_fork(renewable: Renewable) -> None:
    """Call `renew` of an object in every child that this process forks, as long as the object exists."""
    _renewables.add(renewable)


def import_before_fork(*names: str) -> None:
    """Import modules and their submodules before this process forks, if any object then has to be renewed.

    A child that is forked while another thread imports a module would wait forever for the lock of that import.
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
            # All of them, even if one fails.
            renewals.callback(renewable.renew)


with contextlib.suppress(AttributeError):  # Windows has no fork
    os.register_at_fork(before=_import_all, after_in_child=_renew_all)


class ThreadLock:
    """A lock between threads, which is free in a forked child."""

    def __init__(self) -> None:
        # An RLock has an owner. An interrupt can come after the lock is acquired and before `acquire` has returned.
        self._lock = threading.RLock()
        renew_after_fork(self)

    def renew(self) -> None:
        self._lock = threading.RLock()

    def acquire(self, timeout: float = -1) -> bool:
        """Acquire the lock, and return whether it was acquired within the timeout. A negative timeout is no limit."""
        return self._lock.acquire(timeout=timeout)

    def release(self) -> None:
        """Release the lock if this thread holds it."""
        with contextlib.suppress(RuntimeError):
            self._lock.release()
