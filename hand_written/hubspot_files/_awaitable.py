"""Helpers for objects of callers whose methods may have to be awaited."""

from __future__ import annotations

import inspect
from collections.abc import Coroutine


def is_async(function: object) -> bool:
    """Return whether a function is known to return a coroutine, without calling it."""
    # `inspect` does not recognise an object with an `async def __call__` as a coroutine function.
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


def close_coroutine(value: object) -> None:
    """Close a coroutine that is not going to be awaited, to avoid its warning. Do nothing with any other object."""
    if isinstance(value, Coroutine):
        value.close()
