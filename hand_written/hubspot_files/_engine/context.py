"""The context of a call: the facts that all of its requests share."""

from __future__ import annotations

from typing import NamedTuple

from .._http.timeouts import Timeout, check_timeout
from .effects import Flow, Now
from .settings import Settings


class CallContext(NamedTuple):
    """The facts that all requests of one call share.

    Attributes:
        settings: the client's.
        timeout: for each step of a connection, or None for the client's.
        started_at: the monotonic clock, in seconds, before the first request.
        deadline: the monotonic clock, in seconds, at which the call has to be over, or None.
    """

    settings: Settings
    timeout: Timeout
    started_at: float
    deadline: float | None


def start_call(settings: Settings, timeout: Timeout = None) -> Flow[CallContext]:
    """Start a call, and its deadline if the client has one.

    Raises:
        TypeError, ValueError: timeout is not valid.
    """
    check_timeout(timeout)
    now = yield from Now()
    return CallContext(settings, timeout, now, None if settings.deadline is None else now + settings.deadline)


def is_past_deadline(context: CallContext) -> Flow[bool]:
    """Return whether the deadline of a call has passed."""
    if context.deadline is None:
        return False
    return (yield from Now()) >= context.deadline
