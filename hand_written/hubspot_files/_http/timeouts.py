"""Timeouts of the steps of a connection."""

from __future__ import annotations

import threading
from typing import TypeAlias

import httpx

Timeout: TypeAlias = float | httpx.Timeout | None
DEFAULT_TIMEOUT = httpx.Timeout(60.0, connect=10.0)


def check_timeout(timeout: Timeout) -> Timeout:
    """A timeout as it was given, of the call or of the client.

    Raises:
        TypeError: it is neither a number nor an httpx.Timeout nor None.
        ValueError: it, or a part of it, is no time that one can wait: zero, which would not even connect, less, NaN or
            infinite.
    """
    if timeout is None:
        return None
    parts = timeout.as_dict().values() if isinstance(timeout, httpx.Timeout) else [timeout]
    for seconds in parts:
        if seconds is None:
            continue
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise TypeError(f"timeout must be seconds as a number, or an httpx.Timeout, not {type(seconds).__name__}")
        if not 0 < seconds <= threading.TIMEOUT_MAX:
            raise ValueError(
                f"timeout must be more than 0 seconds, not {seconds}; httpx.Timeout(None) waits without end"
            )
    return timeout
