"""The one place that decides whether a call tries again, and waits before it does."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import TYPE_CHECKING

import httpx

from .. import _log
from .._errors import (
    APIError,
    ConnectionFailedError,
    HubSpotFilesError,
    OutcomeUnknownError,
    RequestTimeoutError,
    UnexpectedResponseError,
)
from .._http.failures import NoReplyError, _is_tls, _why
from .._http.messages import Chunks, Reply, Request
from .._http.timeouts import check_timeout
from .._redaction import redacted
from .effects import Flow, GetToken, Now, Send, Sleep
from .error_responses import error_for
from .responses import ResponseInfo
from .retry_policy import Failure, Repeat, Verdict, decide, delay, status_failure

if TYPE_CHECKING:
    from .._redaction import Secret
    from .settings import Settings


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
