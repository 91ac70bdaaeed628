"""Objects of callers whose methods may have to be awaited."""

from __future__ import annotations

import inspect
from collections.abc import Coroutine


def is_async(function: object) -> bool:
    """Whether calling it gives a coroutine, as far as that can be seen without calling it."""
    # An object with an `async def __call__` is no coroutine function to `inspect`.
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


def dismiss(value: object) -> None:
    """Close a coroutine that nobody will await, so that it does not warn of that. Anything else is left alone."""
    if isinstance(value, Coroutine):
        value.close()
