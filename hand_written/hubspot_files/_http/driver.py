"""The driver of the synchronous client."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar, cast

import httpx

from .._awaitable import close_coroutine
from .._clock import Clock
from .._errors import ArgumentTypeError
from .._fork import ThreadLock
from .._redaction import Secret
from .base_driver import BaseDriver
from .bodies import read_response, read_up_to
from .connections import Connections
from .failures import NoResponseError, body_failure, deadline_error, request_failure, sanitized
from .messages import ReceivedResponse, Request, StreamedResponse
from .timeouts import StepTimeouts, Timeout
from .tokens import AsyncTokenProvider, RenewingProvider, check_token

T = TypeVar("T")


class SyncStreamedResponse:
    """A response whose body is not read yet."""

    def __init__(self, response: httpx.Response, check: Callable[[], None]) -> None:
        self.response = response
        self.check = check
        self.status = response.status_code
        self.headers = response.headers
        # A hook of the caller's client may have read the body. Then httpx has only the decoded bytes.
        stream = cast("httpx.SyncByteStream", response.stream)
        self.chunks = response.iter_bytes() if response.is_stream_consumed else iter(stream)


class SyncDriver(BaseDriver):
    """Driver that performs effects synchronously."""

    def __init__(
        self,
        connections: Connections,
        base_url: str,
        timeout: StepTimeouts,
        clock: Clock,
        token: Secret | AsyncTokenProvider,
    ) -> None:
        super().__init__(connections, base_url, timeout, clock, token)
        self.connections = connections

    def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the response before its body is read.

        Raises:
            ClientStateError: the client is closed.
            httpx.TransportError: there is no response.
        """
        self.check_open()
        return self.connections.open(request)

    def send(
        self, request: Request, token: Secret | None, timeout: Timeout, deadline: float | None
    ) -> ReceivedResponse:
        built = self._request(self.connections.client, request, token, timeout, deadline)
        sent_at = self.clock.monotonic()
        try:
            response = self.open(built)
            try:
                body, problem = read_response(response, self.deadline_check(deadline))
            finally:
                response.close()
        except httpx.TransportError as error:
            raise request_failure(built, error) from None
        except BaseException as error:  # noqa: BLE001 - it is raised again, without secrets
            self.connections.abandon(built)
            raise sanitized(error) from error.__cause__
        seconds = self.clock.monotonic() - sent_at
        return ReceivedResponse(
            response.status_code, response.headers, body, sent_at, seconds, request.secrets(token), problem
        )

    def get_token(self) -> Secret:
        self.check_open()
        if isinstance(self._token, Secret):
            return self._token
        if isinstance(self._token, RenewingProvider):
            return self._token._current()
        token = self._token()
        try:
            if inspect.isawaitable(token):
                close_coroutine(token)
                raise ArgumentTypeError(
                    "access_token is an async callable, which needs AsyncHubSpotFiles; pass a plain one"
                )
            return Secret(check_token(token))
        finally:
            # A traceback can show variables.
            del token

    def fetch(
        self, url: Secret, headers: dict[str, str], token: Secret | None, timeout: Timeout, deadline: float | None
    ) -> SyncStreamedResponse:
        built = self._fetch_request(url, headers, token, timeout, deadline)
        try:
            response = self.open(built)
        except httpx.TransportError as error:
            raise body_failure(error, built) from None
        except BaseException as error:  # noqa: BLE001 - it is raised again, without secrets
            self.connections.abandon(built)
            raise sanitized(error) from error.__cause__
        finally:
            # A traceback can show variables.
            del built
        return SyncStreamedResponse(response, self.deadline_check(deadline))

    def save(self, response: StreamedResponse, write: Callable[[bytes], object]) -> None:
        assert isinstance(response, SyncStreamedResponse)
        while True:
            try:
                chunk = next(response.chunks, None)
                response.check()
            except httpx.TransportError as error:
                raise body_failure(error) from None
            if chunk is None:
                return
            write(chunk)

    def next_chunk(self, response: StreamedResponse) -> bytes:
        assert isinstance(response, SyncStreamedResponse)
        try:
            response.check()
            for chunk in response.chunks:
                if chunk:  # an empty one is not the end
                    return chunk
            return b""
        except httpx.TransportError as error:
            raise body_failure(error) from None

    def drain(self, response: StreamedResponse, limit: int) -> bytes:
        assert isinstance(response, SyncStreamedResponse)
        try:
            return read_up_to(limit, response.chunks, response.check)
        except httpx.TransportError as error:
            raise body_failure(error) from None
        except BaseException as error:  # noqa: BLE001 - it is raised again, without secrets
            raise sanitized(error) from error.__cause__

    def discard(self, response: StreamedResponse) -> None:
        assert isinstance(response, SyncStreamedResponse)
        response.response.close()

    def close_idle(self) -> None:
        self.connections.close_idle()

    def now(self) -> float:
        return self.clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    def new_lock(self) -> ThreadLock:
        return ThreadLock()

    def acquire(self, lock: object, deadline: float | None) -> None:
        assert isinstance(lock, ThreadLock)
        if deadline is None:
            lock.acquire()
        elif not lock.acquire(min(max(deadline - self.now(), 0.0), threading.TIMEOUT_MAX)):
            raise NoResponseError(deadline_error(), fully_sent=False)

    def run_blocking(self, function: Callable[[], T]) -> T:
        return function()

    def clean_up(self, function: Callable[[], object]) -> None:
        function()

    def wait_for(self, awaitable: Awaitable[object], refusal: str, deadline: float | None) -> NoReturn:
        close_coroutine(awaitable)
        raise ArgumentTypeError(refusal)
