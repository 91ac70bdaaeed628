"""The context of a call, which all of its requests share."""

from __future__ import annotations

from typing import NamedTuple

from .._http.timeouts import Timeout, check_timeout
from .effects import Flow, Now
from .settings import Settings


class CallContext(NamedTuple):
    """The context of a call.

    Attributes:
        settings: settings of the client.
        timeout: timeout of each step of a connection, or None for the client's.
        started_at: time on the monotonic clock before the first request, in seconds.
        deadline: time on the monotonic clock at which the call must have ended, in seconds, or None.
    """

    settings: Settings
    timeout: Timeout
    started_at: float
    deadline: float | None


def start_call(settings: Settings, timeout: Timeout = None) -> Flow[CallContext]:
    """Return the context of a new call, with its deadline if the client has one.

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
