"""The driver of the synchronous client: input and output over httpx."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import httpx

from . import _log
from ._flow import NoReplyError, Reply, Request
from ._http import (
    LARGEST_REPLY,
    Driver,
    Timeout,
    TokenProvider,
    check_token,
    no_reply,
    ssl_context,
    without_frames,
)
from ._log import Secret
from ._pool import MOST, ONE, Host, Pool


class Incoming:
    """An answer whose body is still to come."""

    def __init__(self, response: httpx.Response, check: Callable[[], None]) -> None:
        self.response = response
        self.check = check
        self.status = response.status_code
        self.headers = response.headers
        # A hook of the caller's client may have read it already; then httpx has it decoded only.
        self.chunks = response.iter_bytes() if response.is_stream_consumed else response.iter_raw()


class Connections:
    """Open connections, or the httpx.Client of a caller, which stays the caller's."""

    def __init__(self, client: httpx.Client | None = None) -> None:
        self.client = client
        self.pool: Pool[httpx.HTTPTransport] = Pool(_transport)
        self.room = threading.Semaphore(MOST)

    def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give the answer with its body still to come."""
        with _log.Sending():
            if self.client is not None:
                return self.client.send(request, stream=True, auth=None, follow_redirects=False)
            # Not through an httpx.Client of our own: it keeps cookies of hosts, and costs as much again.
            if not self.room.acquire(timeout=request.extensions.get("timeout", {}).get("pool")):
                raise httpx.PoolTimeout(f"{MOST} requests are under way already", request=request)
            try:
                response = self._send(request)
            except BaseException:
                self.room.release()
                raise
        response.request = request
        return response

    def _send(self, request: httpx.Request) -> httpx.Response:
        if (stale := self.pool.stale()) is not None:
            stale.close()
        host, transport = self.pool.take(request.url)
        try:
            response = transport.handle_request(request)
        except BaseException:
            self.pool.drop(transport)
            transport.close()
            raise
        response.stream = _Content(response.stream, self, host, transport)
        return response

    def close_idle(self) -> None:
        for transport in self.pool.take_idle():
            transport.close()

    def close(self) -> None:
        for transport in self.pool.clear():
            transport.close()


def _transport(proxy: str | None) -> httpx.HTTPTransport:
    return httpx.HTTPTransport(verify=ssl_context(), proxy=proxy, limits=ONE)


class _Content(httpx.SyncByteStream):
    """The body of an answer, which puts the transport that it comes through to rest when it is closed."""

    def __init__(
        self, stream: Any, connections: Connections, host: Host[httpx.HTTPTransport], transport: httpx.HTTPTransport
    ) -> None:
        self._stream = stream
        self._connections = connections
        self._host = host
        self._transport = transport
        self._whole = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream
        self._whole = True

    def close(self) -> None:
        try:
            self._stream.close()
            if self._whole:
                self._host.put(self._transport)
            else:
                # httpcore has closed its connection, and if it was interrupted at that it keeps it for ever.
                self._connections.pool.drop(self._transport)
                self._transport.close()
        finally:
            self._connections.room.release()


class SyncDriver(Driver):
    """Performs effects and returns."""

    def __init__(
        self, connections: Connections, base_url: str, timeout: httpx.Timeout, token: Secret | TokenProvider
    ) -> None:
        super().__init__(base_url, timeout)
        self.connections = connections
        self._token = token

    def send(self, request: Request, token: Secret) -> Reply:
        built = self._request(self.connections.client, request, token)
        sent_at = self.monotonic()
        try:
            response = self.connections.open(built)
            try:
                body, unread = _whole(_pieces(response), self.lasts(request.end))
            finally:
                response.close()
        except httpx.TransportError as error:
            raise no_reply(error, built) from None
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            raise without_frames(error) from error.__cause__
        return Reply(response.status_code, response.headers, body, sent_at, self.monotonic() - sent_at, unread)

    def get_token(self) -> Secret:
        if isinstance(self._token, Secret):
            return self._token
        token = self._token()
        try:
            if inspect.isawaitable(token):
                close = getattr(token, "close", None)
                if close is not None:
                    close()
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
        try:
            response = self.connections.open(self._fetch_request(url, headers, token, timeout, end))
        except httpx.TransportError as error:
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            raise without_frames(error) from error.__cause__
        return Incoming(response, self.lasts(end))

    def save(self, chunks: Incoming, write: Callable[[bytes], object]) -> None:
        try:
            for chunk in chunks.chunks:
                chunks.check()
                write(chunk)
        except httpx.TransportError as error:
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None

    def next(self, chunks: Incoming) -> bytes:
        try:
            chunks.check()
            return next(chunks.chunks, b"")
        except httpx.TransportError as error:
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None

    def drain(self, chunks: Incoming, limit: int) -> bytes:
        try:
            return _beginning(chunks, limit)
        except httpx.TransportError as error:
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None

    def discard(self, chunks: Incoming) -> None:
        chunks.response.close()

    def close_idle(self) -> None:
        self.connections.close_idle()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def call(self, function: Callable[[], Any]) -> Any:
        return function()

    clean = call

    def acquire(self, lock: threading.Lock) -> None:
        lock.acquire()

    lock = threading.Lock


def _pieces(response: httpx.Response) -> Iterable[bytes]:
    """A body as it comes where nothing is to be decoded, which is half the work, and else as httpx decodes it."""
    if response.is_stream_consumed or "content-encoding" in response.headers:
        return response.iter_bytes()
    return cast("httpx.SyncByteStream", response.stream)


def _whole(chunks: Iterable[bytes], check: Callable[[], None]) -> tuple[bytes, str | None]:
    """A body, or why there is none: it cannot be decoded, or is larger than any answer of this API."""
    parts: list[bytes] = []
    size = 0
    try:
        for chunk in chunks:
            if chunk:  # a body of nothing is on time, however late
                check()
            parts.append(chunk)
            size += len(chunk)
            if size > LARGEST_REPLY:
                return b"", f"larger than {LARGEST_REPLY} bytes"
    except httpx.DecodingError as error:
        return b"", f"not what its Content-Encoding says ({error})"
    return b"".join(parts), None


def _beginning(chunks: Incoming, limit: int) -> bytes:
    body = b""
    for chunk in chunks.chunks:
        chunks.check()
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
