"""The driver of the asynchronous client, on asyncio and on trio."""

from __future__ import annotations

import contextlib
import inspect
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx

from . import _log
from ._errors import ClientStateError
from ._flow import NoReplyError, Reply, Request
from ._fork import renew_after_fork
from ._http import (
    FORKED_CLIENT,
    OTHER_LOOP,
    PIECE,
    AsyncTokenProvider,
    BodyReader,
    Driver,
    Timeout,
    check_token,
    explained,
    gather,
    late,
    never,
    no_reply,
    ssl_context,
    without_frames,
)
from ._pool import MAX_CONNECTIONS, Host, Pool
from ._secrets import Secret

if TYPE_CHECKING:
    from ._network import AsyncTransport

# How much is taken to a worker thread at once: a hop costs as much as reading tens of KiB.
_HOP = 1024 * 1024
_PIECES = _HOP // PIECE


class Incoming:
    """An answer whose body is still to come."""

    def __init__(self, response: httpx.Response, check: Callable[[], None], end: float | None) -> None:
        self.response = response
        self.check = check
        self.end = end
        self.status = response.status_code
        self.headers = response.headers
        # A hook of the caller's client may have read it already; then httpx has it decoded only. Else it is taken as it
        # comes from the transport, which brings to its end what it began.
        stream = cast("httpx.AsyncByteStream", response.stream)
        self.chunks = response.aiter_bytes() if response.is_stream_consumed else aiter(stream)


class _Body(httpx.AsyncByteStream):
    """A request's body that knows whether it was sent to its end, and whose disk does not stop the event loop."""

    def __init__(self, stream: Any, check: Callable[[], None], *, from_disk: bool) -> None:
        self._stream = stream
        self._check = check
        self._from_disk = from_disk
        # Bytes that are at hand may be taken from the request itself, as mocks do: then nobody asks for them here.
        self.exhausted = isinstance(stream, httpx.ByteStream)

    def __aiter__(self) -> AsyncIterator[bytes]:
        self.exhausted = False
        self._chunks: Iterator[bytes] = iter(self._stream)
        self._pieces: Iterator[bytes] = iter(())
        self._more = True
        return self

    # No asynchronous generator, which a cancelled upload would leave for somebody to close.
    async def __anext__(self) -> bytes:
        piece = next(self._pieces, None)
        if piece is None and self._more:
            pieces = await anyio.to_thread.run_sync(_take, self._chunks) if self._from_disk else _take(self._chunks)
            self._more = len(pieces) == _PIECES
            self._pieces = iter(pieces)
            piece = next(self._pieces, None)
        if piece is None:
            self.exhausted = True
            raise StopAsyncIteration
        # Not before the end is found: what was sent whole is so, however late it is.
        self._check()
        return piece


def _take(chunks: Iterator[bytes]) -> list[bytes]:
    pieces: list[bytes] = []
    while len(pieces) < _PIECES and (piece := gather(chunks, PIECE)):
        pieces.append(piece)
    return pieces


class AsyncConnections:
    """Open connections, or the httpx.AsyncClient of a caller, which stays the caller's."""

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self.client = client
        self.closed = False
        self._client_loop: weakref.ref[Any] | None = None
        self._client_is_foreign = False
        self._loops: weakref.WeakKeyDictionary[Any, LoopConnections] = weakref.WeakKeyDictionary()
        renew_after_fork(self)

    def renew(self) -> None:
        """Start without connections in a forked child; those of the parent are neither used nor closed."""
        for connections in self._loops.values():
            connections.disown()
        self._loops = weakref.WeakKeyDictionary()
        self._client_is_foreign = self._client_loop is not None

    @property
    def pool(self) -> Pool[AsyncTransport]:
        """The transports of the running event loop."""
        return self._here().pool

    async def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give the response with its body still to come.

        Raises:
            ClientStateError: the caller's was used in another process or event loop.
            httpx.TransportError: there is no response.
        """
        with _log.Sending(request):
            if self.client is not None:
                self._check_client()
                return await self.client.send(request, stream=True, auth=None, follow_redirects=False)
            here = self._here()
            await here.start()
            response = await here.send(request)
        response.request = request
        return response

    def _here(self) -> LoopConnections:
        loop = _event_loop()
        here = self._loops.get(loop)
        if here is None:
            for ended in [other for other in self._known() if getattr(other, "is_closed", bool)()]:
                # Nobody can close a connection any more whose event loop is closed.
                self._loops.pop(ended, None)
            here = self._loops.setdefault(loop, LoopConnections())
        return here

    def _known(self) -> list[Any]:
        # At once: other threads add theirs, which a loop over the dictionary would not survive.
        return [loop for reference in self._loops.keyrefs() if (loop := reference()) is not None]

    def _check_client(self) -> None:
        if self._client_is_foreign:
            raise ClientStateError(FORKED_CLIENT)
        loop = _event_loop()
        if self._client_loop is None:
            self._client_loop = weakref.ref(loop)
        elif self._client_loop() is not loop:
            raise ClientStateError(OTHER_LOOP)

    async def close_idle(self) -> None:
        """Close the connections of this event loop that no request uses."""
        for transport in self.pool.take_idle():
            await transport.aclose()

    async def close(self) -> None:
        """Close all connections for good; those of other event loops as soon as they are idle, or their loop ends."""
        self.closed = True
        here = self._loops.pop(_event_loop(), None)
        for loop in self._known():
            with contextlib.suppress(KeyError):  # another thread may close those of a loop that has ended
                self._loops[loop].pool.closed = True
        if here is not None:
            await here.close()


def _event_loop() -> Any:
    """The running event loop of asyncio, or the token of trio's."""
    token = anyio.lowlevel.current_token()
    # anyio wraps it from 4.11 on.
    return getattr(token, "native_token", token)


class LoopConnections:
    """The connections that belong to one event loop, and that are closed when it ends."""

    def __init__(self) -> None:
        self.pool: Pool[AsyncTransport] = Pool(_transport)
        self._room = anyio.Semaphore(MAX_CONNECTIONS)
        self._end = _close_at_end(self.pool)
        self._started = False

    async def start(self) -> None:
        """Have the event loop close the connections at its end."""
        if not self._started:
            self._started = True
            await anext(self._end)

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send a request over a connection of its own."""
        try:
            self._room.acquire_nowait()
        except anyio.WouldBlock:
            await self._wait(request)
        try:
            response = await self._send(request)
        except BaseException:
            self._room.release()
            raise
        return response

    async def _wait(self, request: httpx.Request) -> None:
        try:
            with anyio.fail_after(request.extensions.get("timeout", {}).get("pool")):
                await self._room.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout(f"{MAX_CONNECTIONS} requests are under way already", request=request) from None

    async def _send(self, request: httpx.Request) -> httpx.Response:
        if (stale := self.pool.stale()) is not None:
            await stale.aclose()
        host, transport = self.pool.take(request.url)
        try:
            response = await transport.handle_async_request(request)
        except BaseException:
            self.pool.drop(transport)
            await transport.aclose()
            raise
        response.stream = _Content(response.stream, self.pool, self._room, host, transport)
        return response

    async def close(self) -> None:
        """Close all connections for good."""
        await self._end.aclose()
        # Before it was started there is nothing that it would close.
        self.pool.clear()

    def disown(self) -> None:
        """Let go of all connections in a forked child."""
        for transport in self.pool.clear():
            transport.disown()
            # Collecting one would have asyncio complain that nobody closed it.
            _disowned.append(transport)
        with contextlib.suppress(StopIteration):
            # With nothing left to close it ends without waiting for anything.
            self._end.aclose().send(None)


# The transports of parents, in a forked child.
_disowned: list[AsyncTransport] = []


async def _close_at_end(pool: Pool[AsyncTransport]) -> AsyncGenerator[None, None]:
    """Close a pool's transports when this generator is closed, as an event loop closes all of its own at its end."""
    try:
        yield
    finally:
        for transport in pool.clear():
            await transport.aclose()


def _transport(proxy: str | None) -> AsyncTransport:
    # httpx itself imports httpcore only when it is needed, because that takes long.
    from ._network import AsyncTransport

    with explained(proxy):
        return AsyncTransport(ssl_context(), proxy)


class _Content(httpx.AsyncByteStream):
    """The body of a response, which gives back the transport that it comes through when it is closed."""

    def __init__(
        self,
        stream: Any,
        pool: Pool[AsyncTransport],
        room: anyio.Semaphore,
        host: Host[AsyncTransport],
        transport: AsyncTransport,
    ) -> None:
        self._stream = stream
        self._pool = pool
        self._room = room
        self._host = host
        self._transport = transport
        self._chunks: AsyncIterator[bytes] = aiter(stream)
        self._whole = False

    # No asynchronous generator, which would have to be closed where a body is not read to its end.
    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._chunks)
        except StopAsyncIteration:
            self._whole = True
            raise

    async def aclose(self) -> None:
        reusable = False
        try:
            await self._stream.aclose()
            reusable = self._whole and not self._pool.closed and self._transport.is_quiet()
        finally:
            self._room.release()
            if reusable:
                self._host.put(self._transport)
            else:
                # httpcore has closed its connection, and if it was interrupted at that it keeps it for ever.
                self._pool.drop(self._transport)
                await self._transport.aclose()
                await self._transport.exhaust(self._chunks)


class LoopLock:
    """A lock between the tasks of each event loop, free in a forked child."""

    def __init__(self) -> None:
        self._locks: weakref.WeakKeyDictionary[Any, anyio.Lock] = weakref.WeakKeyDictionary()
        renew_after_fork(self)

    def renew(self) -> None:
        self._locks = weakref.WeakKeyDictionary()

    async def acquire(self) -> None:
        """Wait for the lock."""
        await self._locks.setdefault(_event_loop(), anyio.Lock()).acquire()

    def release(self) -> None:
        """Release the lock if this task holds it."""
        with contextlib.suppress(RuntimeError):
            self._locks[_event_loop()].release()


class AsyncDriver(Driver):
    """Performs effects and is awaited, on asyncio and on trio."""

    def __init__(
        self, connections: AsyncConnections, base_url: str, timeout: httpx.Timeout, token: Secret | AsyncTokenProvider
    ) -> None:
        super().__init__(connections, base_url, timeout)
        self.connections = connections
        self._token = token

    def _body(self, stream: Any, request: Request) -> Any:
        return _Body(stream, self.lasts(request.end), from_disk=request.part is not None)

    @contextlib.contextmanager
    def _until(self, end: float | None) -> Iterator[None]:
        """Cut short what runs within it once the deadline passes: no step of a connection sees a drip.

        Raises:
            httpx.ReadTimeout: the deadline has passed.
        """
        if end is None:
            yield
            return
        with self._scope(end) as scope:
            yield
        if scope.cancelled_caught:
            raise late()

    def _scope(self, end: float | None) -> anyio.CancelScope:
        return anyio.move_on_after(None if end is None else max(end - self.monotonic(), 0.0))

    async def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give the response with its body still to come.

        Raises:
            ClientStateError: the client is closed.
            httpx.TransportError: there is no response.
        """
        self.check_open()
        return await self.connections.open(request)

    async def send(self, request: Request, token: Secret) -> Reply:
        built = self._request(self.connections.client, request, token)
        sent_at = self.monotonic()
        try:
            with self._until(request.end):
                response = await self.open(built)
                try:
                    body, unread = await read_whole_async(response, self.lasts(request.end))
                finally:
                    with anyio.CancelScope(shield=True):
                        await response.aclose()
        except httpx.TransportError as error:
            raise no_reply(error, built) from None
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            raise without_frames(error) from error.__cause__
        return Reply(response.status_code, response.headers, body, sent_at, self.monotonic() - sent_at, unread)

    async def get_token(self) -> Secret:
        self.check_open()
        if isinstance(self._token, Secret):
            return self._token
        token = self._token()
        try:
            if inspect.isawaitable(token):
                token = await token
            return Secret(check_token(token))
        finally:
            # The traceback of an error can show variables.
            del token

    async def now(self) -> float:
        return self.monotonic()

    async def fetch(
        self, url: Secret, headers: dict[str, str], token: Secret | None, timeout: Timeout, end: float | None
    ) -> Incoming:
        try:
            with self._until(end):
                response = await self.open(self._fetch_request(url, headers, token, timeout, end))
        except httpx.TransportError as error:
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            raise without_frames(error) from error.__cause__
        return Incoming(response, self.lasts(end), end)

    async def save(self, chunks: Incoming, write: Callable[[bytes], object]) -> None:
        more = True
        while more:
            group, lost = await self._group(chunks)
            # What came before a cut is kept, so that the rest can be asked for.
            with self._scope(chunks.end) as scope:
                await _write_all(write, group)
            if scope.cancelled_caught:
                raise NoReplyError(late(), all_sent=True)
            if lost is not None:
                raise NoReplyError(lost, all_sent=True) from None
            more = bool(group)

    async def _group(self, chunks: Incoming) -> tuple[list[bytes], httpx.TransportError | None]:
        """The next chunks, so many as a worker thread takes at once and none at the end, and what cut them short."""
        group: list[bytes] = []
        size = 0
        try:
            with self._until(chunks.end):
                async for chunk in chunks.chunks:
                    chunks.check()
                    group.append(chunk)
                    size += len(chunk)
                    if size >= _HOP:
                        break
        except httpx.TransportError as error:
            without_frames(error)
            return group, error
        return group, None

    async def next(self, chunks: Incoming) -> bytes:
        try:
            chunks.check()
            with self._until(chunks.end):
                async for chunk in chunks.chunks:
                    if chunk:  # an empty one is not the end
                        return chunk
            return b""
        except httpx.TransportError as error:
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None

    async def drain(self, chunks: Incoming, limit: int) -> bytes:
        try:
            with self._until(chunks.end):
                return await _beginning(chunks, limit)
        except httpx.TransportError as error:
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            raise without_frames(error) from error.__cause__

    async def discard(self, chunks: Incoming) -> None:
        with anyio.CancelScope(shield=True):
            await chunks.response.aclose()

    async def close_idle(self) -> None:
        await self.connections.close_idle()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    async def call(self, function: Callable[[], Any]) -> Any:
        return await anyio.to_thread.run_sync(function)

    async def wait_for(self, awaitable: Awaitable[Any], refusal: str, end: float | None) -> Any:
        outcome: Any = None
        with self._scope(end) as scope:
            outcome = await awaitable
        if scope.cancelled_caught:
            raise NoReplyError(late(), all_sent=True)
        return outcome

    async def clean(self, function: Callable[[], Any]) -> Any:
        try:
            with anyio.CancelScope(shield=True):
                return await anyio.to_thread.run_sync(function)
        except anyio.get_cancelled_exc_class():
            # asyncio's own cancelling passes the shield, and may come before the thread has begun.
            function()
            raise

    async def acquire(self, lock: LoopLock, end: float | None) -> None:
        try:
            with self._until(end):
                await lock.acquire()
        except httpx.ReadTimeout as error:
            raise NoReplyError(error, all_sent=False) from None

    lock = LoopLock


async def _write_all(write: Callable[[bytes], object], group: list[bytes]) -> None:
    # At once: each piece that is hashed and written by itself hands the interpreter over to other threads and back.
    if not group:
        return
    if inspect.iscoroutinefunction(write):
        await write(b"".join(group))
    else:
        await anyio.to_thread.run_sync(lambda: write(b"".join(group)))


async def read_whole_async(response: httpx.Response, check: Callable[[], None] = never) -> tuple[bytes, str | None]:
    """The body of a response, or the reason why it cannot be read: its coding, or its size."""
    reader = BodyReader(response)
    # As it comes from the transport: what httpx does to it besides costs as much again.
    chunks = response.aiter_bytes() if response.is_stream_consumed else cast("httpx.AsyncByteStream", response.stream)
    async for chunk in chunks:
        if chunk:  # a body of nothing is on time, however late
            check()
        if not reader.take(chunk):
            break
    return reader.result()


async def _beginning(chunks: Incoming, limit: int) -> bytes:
    body = b""
    async for chunk in chunks.chunks:
        if chunk:  # a body of nothing is on time, however late
            chunks.check()
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
