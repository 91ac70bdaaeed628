"""The driver of the synchronous client: input and output over httpx."""

from __future__ import annotations

import inspect
import threading
import time
import weakref
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn, cast

import httpx

from . import _log
from ._awaitable import dismiss
from ._errors import ClientStateError
from ._flow import NoReplyError, Reply, Request
from ._fork import ThreadLock, renew_after_fork
from ._http import (
    FORKED_CLIENT,
    BodyReader,
    Driver,
    Timeout,
    TokenProvider,
    check_token,
    explained,
    late,
    never,
    no_reply,
    ssl_context,
    without_frames,
)
from ._pool import MAX_CONNECTIONS, Host, Pool
from ._secrets import Secret

if TYPE_CHECKING:
    from ._network import Transport


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


class Connections:
    """Open connections, or the httpx.Client of a caller, which stays the caller's."""

    def __init__(self, client: httpx.Client | None = None) -> None:
        self.client = client
        self.closed = False
        self._client_used = False
        self._client_is_foreign = False
        self.pool: Pool[Transport] = Pool(_transport)
        self.room = _Room(MAX_CONNECTIONS)
        renew_after_fork(self)

    def renew(self) -> None:
        """Start without connections in a forked child; those of the parent are neither used nor closed."""
        transports = self.pool.transports
        self.pool = Pool(_transport)
        # The same: a response that was open at the fork gives its place back here.
        self.room.renew()
        for transport in transports:
            transport.disown()
        # What it has open nobody knows here, and it would be shared.
        self._client_is_foreign = self._client_used

    def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give the response with its body still to come.

        Raises:
            ClientStateError: the caller's was used before this process was forked.
            httpx.TransportError: there is no response.
        """
        with _log.Sending(request):
            if self.client is not None:
                if self._client_is_foreign:
                    raise ClientStateError(FORKED_CLIENT)
                self._client_used = True
                return self.client.send(request, stream=True, auth=None, follow_redirects=False)
            # Not through an httpx.Client of our own: it keeps cookies of hosts, and costs as much again.
            response = self._send(request)
        response.request = request
        return response

    def _send(self, request: httpx.Request) -> httpx.Response:
        if (stale := self.pool.stale()) is not None:
            stale.close()
        room = self.room
        if not room.enter(request, request.extensions.get("timeout", {}).get("pool")):
            raise httpx.PoolTimeout(f"{room.size} requests are under way already", request=request)
        try:
            host, transport = self.pool.take(request.url)
            room.note(request, transport)
            response = transport.handle_request(request)
            response.stream = _Content(response.stream, self.pool, room, host, transport, request)
        except BaseException:
            self.abandon(request)
            raise
        return response

    def abandon(self, request: httpx.Request) -> None:
        """Give back the place of a request whose response nobody will read, and close the connection that it uses."""
        transport = self.room.leave(request)
        if transport is not None:
            self.pool.drop(transport)
            transport.close()

    def close_idle(self) -> None:
        """Close the connections that no request uses."""
        for transport in self.pool.take_idle():
            transport.close()

    def close(self) -> None:
        """Close all connections for good; one that is in use as soon as the thread that uses it finds it ended."""
        self.closed = True
        for transport in self.pool.take_idle():
            transport.close()
        for transport in self.pool.clear():
            transport.shut_down()


class _Room:
    """Requests under way, of which there are so many at most, each with the transport that it uses.

    One that is gone does not count: an interrupt can lose a response, but not its place.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.renew()

    def renew(self) -> None:
        """Start empty, with a free lock."""
        self._users: weakref.WeakKeyDictionary[httpx.Request, Transport | None] = weakref.WeakKeyDictionary()
        # Entered by itself and not through the condition, whose `with` an interrupt can leave locked; and reentrant,
        # because the garbage collector can close an abandoned response at any step of the thread that holds it.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)

    def enter(self, request: httpx.Request, timeout: float | None) -> bool:
        """Wait for a place, so many seconds at most, and return whether there was one."""
        with self._lock:
            if not self._changed.wait_for(lambda: len(self._users) < self.size, timeout):
                return False
            self._users[request] = None
            return True

    def note(self, request: httpx.Request, transport: Transport) -> None:
        """Note which transport a request uses."""
        with self._lock:
            self._users[request] = transport

    def leave(self, request: httpx.Request) -> Transport | None:
        """Give the place of a request back, if it still has one, and return the transport that it used."""
        with self._lock:
            transport = self._users.pop(request, None)
            self._changed.notify()
            return transport


def _transport(proxy: str | None) -> Transport:
    # httpx itself imports httpcore only when it is needed, because that takes long.
    from ._network import Transport

    with explained(proxy):
        return Transport(ssl_context(), proxy)


class _Content(httpx.SyncByteStream):
    """The body of a response, which gives back the transport that it comes through when it is closed."""

    def __init__(
        self,
        stream: Any,
        pool: Pool[Transport],
        room: _Room,
        host: Host[Transport],
        transport: Transport,
        request: httpx.Request,
    ) -> None:
        self._stream = stream
        self._pool = pool
        self._room = room
        self._host = host
        self._transport = transport
        self._request = request
        self._whole = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream
        self._whole = True

    def close(self) -> None:
        reusable = False
        try:
            self._stream.close()
            reusable = self._whole and not self._pool.closed and self._transport.is_quiet()
        finally:
            self._room.leave(self._request)
            if reusable:
                self._host.put(self._transport)
            else:
                # httpcore has closed its connection, and if it was interrupted at that it keeps it for ever.
                self._pool.drop(self._transport)
                self._transport.close()


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


def read_whole(response: httpx.Response, check: Callable[[], None] = never) -> tuple[bytes, str | None]:
    """The body of a response, or the reason why it cannot be read: its coding, or its size."""
    reader = BodyReader(response)
    # As it comes from the transport: what httpx does to it besides costs as much again.
    chunks = response.iter_bytes() if response.is_stream_consumed else cast("httpx.SyncByteStream", response.stream)
    for chunk in chunks:
        if chunk:  # a body of nothing is on time, however late
            check()
        if not reader.take(chunk):
            break
    return reader.result()


def _beginning(chunks: Incoming, limit: int) -> bytes:
    body = b""
    for chunk in chunks.chunks:
        if chunk:  # a body of nothing is on time, however late
            chunks.check()
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
