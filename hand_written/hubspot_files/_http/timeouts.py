"""Timeouts of the steps of a connection."""

from __future__ import annotations

import threading
from typing import TypeAlias

import httpx

from .._errors import ArgumentTypeError, ArgumentValueError

Timeout: TypeAlias = float | httpx.Timeout | None
"""Seconds, or an httpx.Timeout, for each step of a connection. None is the client's."""

StepTimeouts: TypeAlias = httpx.Timeout

DEFAULT_TIMEOUT = httpx.Timeout(60.0, connect=10.0)

DEADLINE = "hubspot_files.deadline"
"""Extension of a request: time on the machine's monotonic clock by which its response must be read, in seconds."""


def check_timeout(timeout: Timeout) -> Timeout:
    """Check the timeout of a call or of a client, and return it.

    Raises:
        TypeError: it is not a number, an httpx.Timeout or None.
        ValueError: it, or a part of it, is zero, negative, NaN or infinite.
    """
    if timeout is None:
        return None
    parts = timeout.as_dict().values() if isinstance(timeout, httpx.Timeout) else [timeout]
    for seconds in parts:
        if seconds is None:
            continue
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ArgumentTypeError(
                f"timeout must be seconds as a number, or an httpx.Timeout, not {type(seconds).__name__}"
            )
        if not 0 < seconds <= threading.TIMEOUT_MAX:
            raise ArgumentValueError(
                f"timeout must be more than 0 seconds, not {seconds}; httpx.Timeout(None) sets no limit"
            )
    return timeout


def step_timeouts(timeout: Timeout) -> StepTimeouts:
    """Return the timeouts of all steps for a timeout.

    Raises:
        TypeError, ValueError: see `check_timeout`.
    """
    return DEFAULT_TIMEOUT if timeout is None else httpx.Timeout(check_timeout(timeout))
