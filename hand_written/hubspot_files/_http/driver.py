"""The driver of the synchronous client: input and output over httpx."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, cast

import httpx

from .._awaitable import dismiss
from .._fork import ThreadLock
from .._redaction import Secret
from .bodies import _beginning, read_whole
from .connections import Connections
from .failures import NoReplyError, late, no_reply, without_frames
from .messages import Reply, Request
from .requests import Driver
from .timeouts import Timeout
from .tokens import TokenProvider, check_token


class Incoming:
    """An answer whose body is still to come."""

    def __init__(self, response: httpx.Response, check: Callable[[], None]) -> None:
        self.response = response
        self.check = check
        self.status = response.status_code
        self.headers = response.headers
        # A hook of the caller's client may have read it already; then httpx has it decoded only.
        stream = cast("httpx.SyncByteStream", response.stream)
        self.chunks = response.iter_bytes() if response.is_stream_consumed else iter(stream)


class SyncDriver(Driver):
    """Performs effects and returns."""

    def __init__(
        self, connections: Connections, base_url: str, timeout: httpx.Timeout, token: Secret | TokenProvider
    ) -> None:
        super().__init__(connections, base_url, timeout)
        self.connections = connections
        self._token = token

    def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give the response with its body still to come.

        Raises:
            ClientStateError: the client is closed.
            httpx.TransportError: there is no response.
        """
        self.check_open()
        return self.connections.open(request)

    def send(self, request: Request, token: Secret) -> Reply:
        built = self._request(self.connections.client, request, token)
        sent_at = self.monotonic()
        try:
            response = self.open(built)
            try:
                body, unread = read_whole(response, self.lasts(request.end))
            finally:
                response.close()
        except httpx.TransportError as error:
            raise no_reply(error, built) from None
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            self.connections.abandon(built)
            raise without_frames(error) from error.__cause__
        return Reply(response.status_code, response.headers, body, sent_at, self.monotonic() - sent_at, unread)

    def get_token(self) -> Secret:
        self.check_open()
        if isinstance(self._token, Secret):
            return self._token
        token = self._token()
        try:
            if inspect.isawaitable(token):
                dismiss(token)
                raise TypeError("access_token is an async callable, which AsyncHubSpotFiles takes; pass a plain one")
            return Secret(check_token(token))
        finally:
            # The traceback of an error can show variables.
            del token

    def now(self) -> float:
        return self.monotonic()

    def fetch(
        self, url: Secret, headers: dict[str, str], token: Secret | None, timeout: Timeout, end: float | None
    ) -> Incoming:
        built = self._fetch_request(url, headers, token, timeout, end)
        try:
            response = self.open(built)
        except httpx.TransportError as error:
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            self.connections.abandon(built)
            raise without_frames(error) from error.__cause__
        finally:
            # The traceback of an error can show variables.
            del built
        return Incoming(response, self.lasts(end))

    def save(self, chunks: Incoming, write: Callable[[bytes], object]) -> None:
        while True:
            try:
                chunk = next(chunks.chunks, None)
                chunks.check()
            except httpx.TransportError as error:
                without_frames(error)
                raise NoReplyError(error, all_sent=True) from None
            if chunk is None:
                return
            write(chunk)

    def next(self, chunks: Incoming) -> bytes:
        try:
            chunks.check()
            for chunk in chunks.chunks:
                if chunk:  # an empty one is not the end
                    return chunk
            return b""
        except httpx.TransportError as error:
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None

    def drain(self, chunks: Incoming, limit: int) -> bytes:
        try:
            return _beginning(chunks, limit)
        except httpx.TransportError as error:
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            raise without_frames(error) from error.__cause__

    def discard(self, chunks: Incoming) -> None:
        chunks.response.close()

    def close_idle(self) -> None:
        self.connections.close_idle()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def call(self, function: Callable[[], Any]) -> Any:
        return function()

    clean = call

    def wait_for(self, awaitable: Awaitable[Any], refusal: str, end: float | None) -> NoReturn:
        dismiss(awaitable)
        raise TypeError(refusal)

    def acquire(self, lock: ThreadLock, end: float | None) -> None:
        if end is None:
            lock.acquire()
        elif not lock.acquire(min(max(end - self.monotonic(), 0.0), threading.TIMEOUT_MAX)):
            raise NoReplyError(late(), all_sent=False)

    lock = ThreadLock
