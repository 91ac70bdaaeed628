"""What is sent again, when, and what is not: a decision table, and the loop that follows it."""

from __future__ import annotations

import random
import ssl
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import httpx

from . import _log
from ._errors import (
    APIError,
    ConnectionFailedError,
    HubSpotFilesError,
    LockedError,
    OutcomeUnknownError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    UnexpectedResponseError,
    error_for,
)
from ._flow import Chunks, Flow, GetToken, NoReplyError, Now, Reply, Request, Send, Sleep
from ._http import check_timeout
from ._pace import interval_of
from ._response import ResponseInfo
from ._secrets import redacted

if TYPE_CHECKING:
    from ._secrets import Secret
    from ._settings import Settings

# Gateways between us and HubSpot; 524 is Cloudflare's word for an answer that took over 100 s.
_TRANSIENT = frozenset({500, 502, 503, 504, 521, 522, 523, 524})
_FIRST_DELAY = 0.5
_LONGEST_DELAY = 8.0
# A wait that HubSpot asks for is worth it up to here; a longer one is the caller's to decide.
_LONGEST_RETRY_AFTER = 60.0
_LOCKED_DELAY = 2.0
# The windows of HubSpot's policies, in seconds, for an answer that does not tell its own.
_WINDOWS = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}
_MORE = "deadline= of with_options allows more seconds"
_READING = ("GET", "HEAD", "OPTIONS")
# What to do where nobody can tell whether it happened, by operation.
_ADVICE = {
    "uploadFile": (
        "Look with files.stat at the path that it was to have, and with files.search for its file_md5, because HubSpot "
        "may have given it another name, before uploading it again. Where the same content need not be stored twice in "
        "a folder, under whatever name, duplicates=DuplicateCheck('RETURN_EXISTING', 'EXACT_FOLDER') makes an upload "
        "idempotent."
    ),
    "importFileFromUrl": (
        "Look with files.stat at the path that it was to have, once HubSpot has had time to fetch it, before importing "
        "it again. Where the same content need not be stored twice in a folder, under whatever name, "
        "duplicates=DuplicateCheck('RETURN_EXISTING', 'EXACT_FOLDER') makes an import idempotent."
    ),
    "createFolder": "Look with folders.get_by_path before creating it again.",
}


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


def send(settings: Settings, request: Request, repeat: Repeat) -> Flow[Reply]:
    """Send a request, again where that is right, until it is answered with success.

    One that may change something is counted before and after, for searches whose results it may shift.

    Raises:
        APIError: HubSpot answered with an error, by status.
        ConnectionFailedError: there was no answer, and sending the same again does no harm.
        RequestTimeoutError: there was none in time, and sending the same again does no harm.
        OutcomeUnknownError: it may have happened, and sending it again could do it twice.
        ValueError, TypeError: its timeout is none.
    """
    if request.method in _READING:
        return (yield from _send(settings, request, repeat))
    settings.shared.changes.begin()
    try:
        return (yield from _send(settings, request, repeat))
    finally:
        settings.shared.changes.end()


def _send(settings: Settings, request: Request, repeat: Repeat) -> Flow[Reply]:
    check_timeout(request.timeout)
    attempt = 0
    retries = 0
    refreshed = False
    unsure = False
    if request.end is None:
        request = request._replace(end=(yield from end_of(settings)))
    while True:
        attempt += 1
        if settings.paced:
            yield from keep_pace(settings, request.label, request.end)
        token: Secret = yield GetToken()
        if request.part is not None:
            request.part.begin(attempt)
        error: HubSpotFilesError
        try:
            reply: Reply = yield Send(request, token)
        except NoReplyError as lost:
            failure, error = lost_error(request.label, lost, late=(yield from is_over(request.end)))
        else:
            reply = reply._replace(secrets=[token])
            call = (request.operation, request.method, request.kwargs["url"])
            seen(settings, call, reply, reply.secrets, (reply.sent_at, reply.sent_at + reply.seconds), attempt)
            if 200 <= reply.status < 300:
                settings.budget.earn()
                return reply
            if reply.status == 404 and unsure and repeat is Repeat.DELETES:
                # The attempt that we did not hear of deleted it.
                return reply
            if reply.status == 401 and settings.refreshable and not refreshed:
                # The provider is asked again, and may have a fresh one. It costs no retry.
                refreshed = True
                continue
            refused = error_for(request.label, reply.status, reply.headers, reply.body, reply.secrets)
            failure, error = status_failure(refused), refused
        verdict = decide(repeat, failure)
        if verdict is Verdict.UNKNOWN:
            raise OutcomeUnknownError(unknown(request, error)) from error
        if verdict is Verdict.GIVE_UP or retries >= settings.max_retries:
            raise error from error.__cause__
        retries += 1
        unsure = unsure or decide(Repeat.CREATES, failure) is Verdict.UNKNOWN
        yield from pause_before_retry(settings, request.label, request.end, failure, attempt, retries, error)


def keep_pace(settings: Settings, label: str, end: float | None) -> Flow[None]:
    """Wait until the rate limit allows a request.

    Raises:
        RequestTimeoutError: that is after its end.
    """
    now: float = yield Now()
    pause = settings.pacer.reserve(now)
    while pause > 0:
        if end is not None and now + pause >= end:
            raise RequestTimeoutError(f"{label}: the rate limit allows it after the deadline only; {_MORE}")
        yield Sleep(pause)
        now = yield Now()
        pause = settings.pacer.reserve(now, waited=True)


def end_of(settings: Settings) -> Flow[float | None]:
    """The monotonic clock at which all that begins now has to be over, or None."""
    if settings.deadline is None:
        return None
    now: float = yield Now()
    return now + settings.deadline


def is_over(end: float | None) -> Flow[bool]:
    """Whether the time is up by which all has to be over."""
    if end is None:
        return False
    now: float = yield Now()
    return now >= end


def pause_before_retry(
    settings: Settings,
    label: str,
    end: float | None,
    failure: Failure,
    attempt: int,
    retries: int,
    error: HubSpotFilesError,
) -> Flow[None]:
    """Wait before another attempt, unless the budget of retries or the time is used up.

    Raises:
        HubSpotFilesError: the error that was given, because there is to be no other attempt.
    """
    seconds = delay(failure, retries, random.random())
    if end is not None:
        now: float = yield Now()
        if now + seconds >= end:
            raise error from error.__cause__
    if not settings.budget.spend():
        raise error from error.__cause__
    _log.retrying(label, attempt, seconds, error)
    yield Sleep(seconds)


def seen(
    settings: Settings,
    call: tuple[str, str, str],
    response: Chunks | Reply,
    secrets: Iterable[Secret],
    times: tuple[float, float],
    attempt: int,
) -> None:
    """Tell everyone who wants to know of an answer of the API.

    Args:
        settings: those of the client.
        call: the operation's name, the method and the path.
        response: the response. Its headers are not among the variables here, which a traceback can show.
        secrets: what the server was shown, and may repeat.
        times: the monotonic clock when the request was sent and when the answer was there, in seconds.
        attempt: which it answers, from 1.
    """
    operation, method, path = call
    sent, answered = times
    _log.answered(f"{method} {path}", response.status, answered - sent, attempt)
    if settings.paced:
        settings.pacer.learn(response.headers, sent, answered)
    if settings.on_response is not None:
        headers = redacted(response.headers, secrets)
        settings.on_response(ResponseInfo(operation, method, path, response.status, headers, answered - sent, attempt))


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


def lost_error(label: str, lost: NoReplyError, *, late: bool) -> tuple[Failure, HubSpotFilesError]:
    """The failure that no answer is, and the error that says so.

    Args:
        label: the request, for the message.
        lost: what the driver raised.
        late: whether the deadline is over.
    """
    cause = lost.cause
    if isinstance(cause, httpx.UnsupportedProtocol | httpx.LocalProtocolError) or _is_tls(cause):
        kind = "fatal"
    elif isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
        kind = "connect"
    else:
        kind = "timeout" if isinstance(cause, httpx.TimeoutException) else "cut"
    raised = RequestTimeoutError if isinstance(cause, httpx.TimeoutException) else ConnectionFailedError
    error = raised(f"{label}: {_why(kind, cause, late)}")
    error.__cause__ = cause
    return Failure(kind, all_sent=lost.all_sent), error


def _is_tls(error: BaseException | None) -> bool:
    """Whether TLS itself failed; a connection that was cut while it was being agreed on did not."""
    # What caused what can go round in circles, where one is raised from another that was raised because of it.
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def _why(kind: str, cause: Exception, late: bool) -> str:
    detail = str(cause) or type(cause).__name__
    if late and isinstance(cause, httpx.TimeoutException):
        # The steps of a connection get what is left of it, so that theirs are the timeouts that strike.
        return f"no answer before the deadline ({type(cause).__name__}); {_MORE}"
    if isinstance(cause, httpx.UnsupportedProtocol):
        return f"could not connect: {detail}"
    if kind == "fatal":
        return f"no connection that can be trusted: {detail}"
    if kind == "connect":
        return f"could not connect: {detail}"
    if kind == "timeout":
        return f"no answer in time ({type(cause).__name__}); timeout= of the client or the call allows more seconds"
    return f"the connection was cut: {detail}"


def unknown(request: Request, error: BaseException | None, looked: str = "") -> str:
    """What to say where it may have happened, in one line.

    Args:
        request: what was sent.
        error: why there is no answer that tells.
        looked: what looking it up told, as a sentence, where it was looked up.
    """
    if isinstance(error, UnexpectedResponseError):
        what = f"the answer, {error.status_code}, could not be read"
    elif isinstance(error, APIError):
        what = f"the answer was {error.status_code}"
    else:
        what = one_line(error).removeprefix(f"{request.label}: ")
    advice = _ADVICE.get(request.operation, "Look at what is there before doing it again.")
    said = f"{request.label}: HubSpot may have done it, because all was sent before it failed ({what})."
    return " ".join(filter(None, (said, looked, advice)))


def one_line(error: BaseException | None) -> str:
    """The first line of what an error says, redacted."""
    return redacted(next(iter(str(error).splitlines()), ""))
