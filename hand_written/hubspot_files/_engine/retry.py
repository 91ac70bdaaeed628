"""Sending of requests with retries, the waits before them, and the message of an unknown outcome."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from .._errors import (
    EXPIRED_AUTHENTICATION,
    APIError,
    ConnectionFailedError,
    HubSpotFilesError,
    OutcomeUnknownError,
    RequestTimeoutError,
    UnexpectedResponseError,
)
from .._http.failures import MORE_SECONDS, NoResponseError
from .._http.messages import ReceivedResponse, Request, StreamedResponse
from .._http.redaction import redacted_headers
from .._http.tokens import RenewingProvider
from .._log import log_response, log_retry, log_wait
from .._redaction import Secret, redacted
from .context import CallContext, is_past_deadline
from .effects import RATE_LIMIT, Effect, Flow, GetToken, Now, Send, Sleep
from .error_responses import error_for
from .rate_limit import Slot
from .responses import ResponseInfo
from .retry_policy import Failure, Idempotency, Verdict, decide, delay, status_failure

T = TypeVar("T")

_READING = ("GET", "HEAD", "OPTIONS")
_CREATING_FILES = ("uploadFile", "importFileFromUrl")
_DEFAULT_ADVICE = "Look at what is there before doing it again."


class Attempts:
    """The attempts of one request. Every loop with retries uses it to decide about another attempt.

    Args:
        context: context of the call.
        label: method and path of the request, for messages.
        idempotency: whether the request can be repeated safely.
        advice: how to find out whether HubSpot acted on the request, for OutcomeUnknownError.
        creates_file: whether HubSpot's limit on creating files applies to the request.

    Attributes:
        label: method and path of the request.
        count: number of started attempts.
        may_have_happened: whether HubSpot may have acted on a failed attempt.
    """

    def __init__(
        self,
        context: CallContext,
        label: str,
        idempotency: Idempotency,
        advice: str = _DEFAULT_ADVICE,
        *,
        creates_file: bool = False,
    ) -> None:
        self.count = 0
        self.may_have_happened = False
        self._context = context
        self.label = label
        self._idempotency = idempotency
        self._advice = advice
        self._creates_file = creates_file
        self._slot = Slot()
        self._retries = 0
        self._refreshed = False
        self._error: HubSpotFilesError | None = None

    def start(self) -> Flow[Secret]:
        """Start an attempt of a request to the API: wait for the rate limit, and return the token to send.

        Send the request with `perform` afterwards.

        Raises:
            RequestTimeoutError: the rate limit does not allow it before the deadline, or the token came after that.
        """
        settings = self._context.settings
        self.count += 1
        try:
            if settings.pace:
                yield from self._wait_for_rate_limit()
            token = yield from GetToken()
            # A provider is not interrupted.
            if settings.has_token_provider and (yield from is_past_deadline(self._context)):
                message = f"{self.label}: the access token came after the deadline; {MORE_SECONDS}"
                raise RequestTimeoutError(message) from self._error
        except BaseException:
            self._finish_slot()
            raise
        return token

    def perform(self, effect: Effect[T]) -> Flow[T]:
        """Send the request of an attempt that was started, and return the outcome of the effect."""
        try:
            return (yield from effect)
        finally:
            self._finish_slot()

    def _finish_slot(self) -> None:
        settings = self._context.settings
        if settings.pace:
            # Not by an effect, because the flow may be closing.
            settings.rate_limiter.finish(self._slot, settings.clock.monotonic())

    def _wait_for_rate_limit(self) -> Flow[None]:
        limiter, deadline = self._context.settings.rate_limiter, self._context.deadline
        self._slot = Slot(self._creates_file)
        while True:
            now = yield from Now()
            pause = limiter.reserve(self._slot, now)
            if pause == 0:
                return
            if deadline is not None and now + pause >= deadline:
                message = f"{self.label}: the rate limit does not allow it before the deadline; {MORE_SECONDS}"
                raise RequestTimeoutError(message) from self._error
            log_wait(self.label, pause, RATE_LIMIT)
            yield from Sleep(pause, RATE_LIMIT)

    def notify(
        self,
        operation: str,
        response: ReceivedResponse | StreamedResponse,
        secrets: Sequence[Secret],
        sent_at: float,
        received_at: float,
    ) -> None:
        """Pass a response of the API to the log, the rate limiter and `on_response`.

        Args:
            operation: name of the operation in the description of the API.
            response: the response.
            secrets: secrets that were sent to the server, which may repeat them.
            sent_at: time on the monotonic clock when the request was sent, in seconds.
            received_at: time on the monotonic clock when the response was received, in seconds.
        """
        settings = self._context.settings
        seconds = received_at - sent_at
        log_response(self.label, response.status, seconds, self.count)
        if settings.pace:
            settings.rate_limiter.learn(self._slot, response.headers, received_at)
        if settings.on_response is not None:
            method, _, path = self.label.partition(" ")
            headers = redacted_headers(response.headers, secrets)
            settings.on_response(ResponseInfo(operation, method, path, response.status, headers, seconds, self.count))

    def may_refresh_token(self, error: APIError, token: Secret) -> bool:
        """Return whether to get another token from the provider after a 401. It is allowed once, and is not a retry.

        Args:
            error: error of the response.
            token: token of the request.
        """
        provider = self._context.settings.access_token
        if error.status_code != 401 or self._refreshed or isinstance(provider, Secret):
            return False
        if isinstance(provider, RenewingProvider):
            # It knows the expiry of its token, so that a 401 for another reason would only cost it a request.
            if error.category != EXPIRED_AUTHENTICATION:
                return False
            provider._note_expired(token)
        self._refreshed = True
        return True

    def failed(self, lost: NoResponseError) -> Flow[tuple[Failure, HubSpotFilesError]]:
        """Return the failure of an attempt without a response, and the error to raise for it."""
        raised = RequestTimeoutError if lost.timed_out else ConnectionFailedError
        error = raised(f"{self.label}: {lost.reason(late=(yield from is_past_deadline(self._context)))}")
        error.host = lost.host
        error.__cause__ = lost.cause
        return Failure(lost.kind, fully_sent=lost.fully_sent), error

    def wait_to_retry(self, failure: Failure, error: HubSpotFilesError) -> Flow[None]:
        """Wait before a retry, or raise if there is none.

        Raises:
            OutcomeUnknownError: HubSpot may have acted on the request, and it is not idempotent.
            HubSpotFilesError: the given error. A retry would fail, too, or the retries, the retry budget or the time
                are used up.
        """
        settings, deadline = self._context.settings, self._context.deadline
        verdict = decide(self._idempotency, failure)
        error.attempts = self.count
        if settings.pace:
            self._slow_down(failure, verdict, (yield from Now()))
        if verdict is Verdict.UNKNOWN:
            raise OutcomeUnknownError(unknown_outcome(self.label, self._advice, error)) from error
        if verdict is Verdict.GIVE_UP or self._retries >= settings.max_retries:
            raise error from error.__cause__
        self._retries += 1
        self._error = error
        self.may_have_happened |= decide(Idempotency.NOT_IDEMPOTENT, failure) is Verdict.UNKNOWN
        seconds = delay(failure, self._retries, random.random())
        if deadline is not None and (yield from Now()) + seconds >= deadline:
            raise error from error.__cause__
        if not settings.retry_budget.spend():
            raise error from error.__cause__
        why = first_line(error)
        log_retry(self.label, self.count, seconds, error, why)
        yield from Sleep(seconds, why)

    def _slow_down(self, failure: Failure, verdict: Verdict, now: float) -> None:
        """Let the rate limiter heed a 429 or 477, so that other requests do not run into it."""
        limiter = self._context.settings.rate_limiter
        if failure.status not in (429, 477) or verdict is not Verdict.RETRY:
            return
        if failure.retry_after:
            limiter.pause(now + failure.retry_after, creations_only=failure.creating_files)
        elif failure.status == 429 and not failure.creating_files:
            limiter.refused(self._slot, now)


def send(
    context: CallContext, request: Request, idempotency: Idempotency, advice: str = _DEFAULT_ADVICE
) -> Flow[ReceivedResponse]:
    """Send a request, with retries, and return the response if it is a success.

    Requests that may change something are counted, because they may shift the results of searches.

    Args:
        context: context of the call.
        request: request to send.
        idempotency: whether the request can be repeated safely.
        advice: how to find out whether HubSpot acted on the request, for OutcomeUnknownError.

    Raises:
        APIError: HubSpot responded with an error. The class depends on the status.
        ConnectionFailedError: there was no response, and HubSpot cannot have acted on the request or it is idempotent.
        RequestTimeoutError: the same, because of a timeout or the deadline.
        OutcomeUnknownError: HubSpot may have acted on the request, and it is not idempotent.
    """
    if request.method in _READING:
        return (yield from _send(context, request, idempotency, advice))
    changes = context.settings.shared.changes
    changes.start()
    try:
        return (yield from _send(context, request, idempotency, advice))
    finally:
        changes.finish()


def _send(context: CallContext, request: Request, idempotency: Idempotency, advice: str) -> Flow[ReceivedResponse]:
    creates_file = request.operation in _CREATING_FILES
    attempts = Attempts(context, request.label, idempotency, advice, creates_file=creates_file)
    while True:
        token: Secret | None = None
        if request.form is None:
            token = yield from attempts.start()
        else:
            attempts.count += 1
        if request.upload is not None:
            request.upload.start_attempt(attempts.count)
        error: HubSpotFilesError
        try:
            response = yield from attempts.perform(Send(request, token, context.timeout, context.deadline))
        except NoResponseError as lost:
            failure, error = yield from attempts.failed(lost)
        else:
            secrets = request.secrets(token)
            attempts.notify(request.operation, response, secrets, response.sent_at, response.received_at)
            if 200 <= response.status < 300:
                context.settings.retry_budget.earn()
                return response
            if response.status == 404 and attempts.may_have_happened and idempotency is Idempotency.IDEMPOTENT_DELETE:
                # An attempt whose response was lost has deleted it.
                return response
            refused = error_for(request.label, response.status, response.headers, response.body, secrets)
            if token is not None and attempts.may_refresh_token(refused, token):
                continue
            failure, error = status_failure(refused), refused
        yield from attempts.wait_to_retry(failure, error)


def unknown_outcome(label: str, advice: str, error: BaseException | None, lookup: str = "") -> str:
    """Return the message of an OutcomeUnknownError, in one line.

    Args:
        label: method and path of the request.
        advice: how to find out whether HubSpot acted on the request.
        error: the failure of the last attempt.
        lookup: result of the lookup, as a sentence, if there was one.
    """
    if isinstance(error, UnexpectedResponseError):
        reason = f"the response, {error.status_code}, could not be read"
    elif isinstance(error, APIError):
        reason = f"the response was {error.status_code}"
    else:
        reason = first_line(error).removeprefix(f"{label}: ")
    message = f"{label}: HubSpot may have done it, because it failed after the request was fully sent ({reason})."
    return " ".join(filter(None, (message, lookup, advice)))


def first_line(error: BaseException | None) -> str:
    """Return the first line of an error's message, redacted."""
    return redacted(next(iter(str(error).splitlines()), ""))
