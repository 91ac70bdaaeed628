"""The decision table: which failures are retried, and after which delay."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from .._errors import APIError, LockedError, RateLimitError, ServerError
from .._headers import rate_limit_interval
from .._http.failures import FailureKind

# 502 to 504 and 521 to 524 are from gateways. 524 is Cloudflare's status for a response that took over 100 s.
_TRANSIENT = frozenset({500, 502, 503, 504, 521, 522, 523, 524})
# The longest delay before the first retry, the second and so on, in seconds. The last one is for all that follow.
_DELAYS = (0.5, 1.0, 2.0, 4.0, 8.0)
# The longest Retry-After, in seconds, after which a request is retried. The caller decides about longer waits.
_LONGEST_RETRY_AFTER = 60.0
_LOCKED_DELAY = 2.0
# The windows of HubSpot's policies, in seconds, for a response that does not name its own.
_WINDOWS = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}


class Idempotency(Enum):
    """Whether a request can be repeated without a further effect."""

    IDEMPOTENT = "a repetition changes nothing: GET, PUT, PATCH, uploads that return duplicates"
    IDEMPOTENT_DELETE = "a repetition finds nothing to delete, and its 404 is a success"
    NOT_IDEMPOTENT = "a repetition creates another file, folder or task"


class Failure(NamedTuple):
    """The failure of an attempt.

    Attributes:
        kind: how it failed.
        fully_sent: whether HubSpot may have received the whole request.
        status: HTTP status of a response, or None.
        daily: whether the limit that was reached is the daily one.
        retry_after: seconds to wait, from the response, or None.
        window: window of the limit that was reached, in seconds, or None if it is not known.
        creating_files: whether the limit that was reached is that on creating files.
    """

    kind: FailureKind
    fully_sent: bool
    status: int | None = None
    daily: bool = False
    retry_after: float | None = None
    window: float | None = None
    creating_files: bool = False


class Verdict(Enum):
    """The decision about a failure."""

    RETRY = "retry the request"
    GIVE_UP = "raise the error"
    UNKNOWN = "raise OutcomeUnknownError, because HubSpot may have acted on the request"


UNREADABLE = Failure(FailureKind.CUT, fully_sent=True)
"""The failure of an attempt whose response cannot be read, which counts as a lost response."""


def decide(idempotency: Idempotency, failure: Failure) -> Verdict:
    """Return the decision about a failure.

    | failure | IDEMPOTENT, IDEMPOTENT_DELETE | NOT_IDEMPOTENT |
    |---|---|---|
    | could not connect | retry | retry |
    | no TLS to trust | give up | give up |
    | 429 of the day; 423, 429, 477 with a long Retry-After | give up | give up |
    | other 423, 429, 477 | retry | retry |
    | cut or timed out before it was fully sent | retry | retry |
    | cut or timed out after that, transient 5xx | retry | unknown |
    | transient 5xx with a long Retry-After | give up | unknown |
    | any other status | give up | give up |
    """
    if failure.kind is FailureKind.STATUS:
        too_long = failure.retry_after is not None and failure.retry_after > _LONGEST_RETRY_AFTER
        hopeless = failure.daily or too_long
        if failure.status in (423, 429, 477):
            return Verdict.GIVE_UP if hopeless else Verdict.RETRY
        # HubSpot may have acted on a request that is not idempotent, whatever its Retry-After.
        if failure.status not in _TRANSIENT or (hopeless and idempotency is not Idempotency.NOT_IDEMPOTENT):
            return Verdict.GIVE_UP
    elif failure.kind is FailureKind.UNTRUSTED:
        return Verdict.GIVE_UP
    elif failure.kind is FailureKind.CONNECT or not failure.fully_sent:
        return Verdict.RETRY
    return Verdict.UNKNOWN if idempotency is Idempotency.NOT_IDEMPOTENT else Verdict.RETRY


def delay(failure: Failure, attempt: int, chance: float) -> float:
    """Return the seconds to wait before a retry: full jitter, at least HubSpot's Retry-After.

    After a rate limit, the delay is at least half of its window. Several retries together then outlast the window.

    Args:
        failure: how the attempt failed.
        attempt: number of the attempt, from 1.
        chance: a number from 0 to 1.
    """
    seconds = chance * _DELAYS[min(attempt, len(_DELAYS)) - 1]
    if failure.window is not None:
        seconds = max(seconds, failure.window * (0.5 + 0.5 * chance))
    if failure.retry_after:
        return max(seconds, failure.retry_after)
    return max(seconds, _LOCKED_DELAY) if failure.status == 423 else seconds


def status_failure(error: APIError) -> Failure:
    """Return the failure of an attempt whose response is an error."""
    return Failure(
        FailureKind.STATUS,
        fully_sent=True,
        status=error.status_code,
        daily=isinstance(error, RateLimitError) and error.policy == "DAILY",
        retry_after=error.retry_after if isinstance(error, RateLimitError | LockedError | ServerError) else None,
        window=_window(error) if isinstance(error, RateLimitError) else None,
        creating_files=isinstance(error, RateLimitError) and "creating files" in error.message.lower(),
    )


def _window(error: RateLimitError) -> float | None:
    """Return the window of a rate limit in seconds, or None if it does not determine the delay."""
    if error.status_code != 429 or error.policy == "DAILY" or error.retry_after is not None:
        return None
    window = rate_limit_interval(error.headers) or _WINDOWS.get(error.policy or "")
    if window is None:
        return None
    # The headers may name the window of ten seconds although the limit of one second was reached.
    return min(window, 1.0 if error.policy == "SECONDLY" else _LONGEST_RETRY_AFTER)
