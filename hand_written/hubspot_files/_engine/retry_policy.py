"""The decision table: which failures are retried, and after which delay."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from .._errors import APIError, LockedError, RateLimitError, ServerError
from .._headers import interval_of

# Gateways between us and HubSpot; 524 is Cloudflare's word for an answer that took over 100 s.
_TRANSIENT = frozenset({500, 502, 503, 504, 521, 522, 523, 524})
_FIRST_DELAY = 0.5
_LONGEST_DELAY = 8.0
# A wait that HubSpot asks for is worth it up to here; a longer one is the caller's to decide.
_LONGEST_RETRY_AFTER = 60.0
_LOCKED_DELAY = 2.0
# The windows of HubSpot's policies, in seconds, for an answer that does not tell its own.
_WINDOWS = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}


class Repeat(Enum):
    """What it does to send an operation twice."""

    HARMLESS = "the second changes nothing that the first did not: GET, PUT, PATCH, answered duplicates"
    DELETES = "the second finds nothing, which is what the first was for"
    CREATES = "the second makes another"


class Failure(NamedTuple):
    """How one attempt failed, in the terms that the decision needs.

    Attributes:
        kind: `status`, `connect`, `fatal` (no TLS to trust, no protocol to speak), `timeout` or `cut`.
        all_sent: whether HubSpot may have received the whole request.
        status: HTTP status of an answer, else 0.
        daily: whether the limit that was reached is the one of the day.
        retry_after: seconds that the answer asks to wait, or None.
        window: seconds over which the limit that was reached counts, or None where nothing tells of it.
    """

    kind: str
    all_sent: bool
    status: int = 0
    daily: bool = False
    retry_after: float | None = None
    window: float | None = None


class Verdict(Enum):
    """What to do about a failure."""

    RETRY = "send it again"
    GIVE_UP = "raise the failure"
    UNKNOWN = "it may have happened: do not send it again"


def decide(repeat: Repeat, failure: Failure) -> Verdict:
    """The decision table. It knows nothing of how often, how long or by whom.

    | failure | HARMLESS, DELETES | CREATES |
    |---|---|---|
    | could not connect | retry | retry |
    | no TLS to trust | give up | give up |
    | 429 of the day; 423, 429, 477 with a long Retry-After | give up | give up |
    | other 423, 429, 477 | retry | retry |
    | cut or timed out before all was sent | retry | retry |
    | cut or timed out after that, transient 5xx | retry | unknown |
    | transient 5xx with a long Retry-After | give up | unknown |
    | any other status | give up | give up |
    """
    if failure.kind == "status":
        hopeless = failure.daily or (failure.retry_after or 0.0) > _LONGEST_RETRY_AFTER
        if failure.status in (423, 429, 477):
            return Verdict.GIVE_UP if hopeless else Verdict.RETRY
        # However long it is to be waited for, a creation that failed like this may have happened.
        if failure.status not in _TRANSIENT or (hopeless and repeat is not Repeat.CREATES):
            return Verdict.GIVE_UP
    elif failure.kind == "fatal":
        return Verdict.GIVE_UP
    elif failure.kind == "connect" or not failure.all_sent:
        return Verdict.RETRY
    return Verdict.UNKNOWN if repeat is Repeat.CREATES else Verdict.RETRY


def delay(failure: Failure, attempt: int, chance: float) -> float:
    """Seconds to wait after a failed attempt, the first being 1: full jitter, never less than HubSpot asks for.

    After a limit that is counted over a window it is no less than the later half of that, so that retries outlast it.

    Args:
        failure: how the attempt failed.
        attempt: which it was, from 1.
        chance: a number from 0 to 1.
    """
    # The exponent is bounded because a float is: max_retries is the caller's and may be thousands.
    seconds = chance * min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** min(attempt - 1, 16))
    if failure.window is not None:
        seconds = max(seconds, failure.window * (0.5 + 0.5 * chance))
    floor = failure.retry_after or (_LOCKED_DELAY if failure.status == 423 else 0.0)
    return max(seconds, floor)


def status_failure(error: APIError) -> Failure:
    """The failure that an answer is."""
    return Failure(
        "status",
        all_sent=True,
        status=error.status_code,
        daily=isinstance(error, RateLimitError) and error.policy == "DAILY",
        retry_after=error.retry_after if isinstance(error, RateLimitError | LockedError | ServerError) else None,
        window=_window(error) if isinstance(error, RateLimitError) else None,
    )


def _window(error: RateLimitError) -> float | None:
    """The seconds over which a limit counts, where they are what there is to wait for."""
    if error.status_code != 429 or error.policy == "DAILY" or error.retry_after is not None:
        return None
    known = _WINDOWS.get(error.policy or "")
    told = interval_of(error.headers) or known
    if told is None:
        return None
    # The headers may tell of the ten seconds though it is the limit of one that was reached.
    return min(told, 1.0 if error.policy == "SECONDLY" else _LONGEST_RETRY_AFTER)
