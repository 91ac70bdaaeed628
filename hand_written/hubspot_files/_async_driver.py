"""The driver of the asynchronous client, on asyncio and on trio."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

import anyio
import anyio.to_thread
import httpx

from . import _log
from ._flow import NoReplyError, Reply, Request
from ._http import (
    LARGEST_REPLY,
    PIECE,
    AsyncTokenProvider,
    Driver,
    Timeout,
    check_token,
    gather,
    no_reply,
    ssl_context,
    without_frames,
)
from ._log import Secret
from ._pool import MOST, ONE, Host, Pool

# How much is taken to a worker thread at once: a hop costs as much as reading tens of KiB.
_HOP = 1024 * 1024
_PIECES = _HOP // PIECE


class Incoming:
    """An answer whose body is still to come."""

    def __init__(self, response: httpx.Response, check: Callable[[], None]) -> None:
        self.response = response
        self.check = check
        self.status = response.status_code
        self.headers = response.headers
        # A hook of the caller's client may have read it already; then httpx has it decoded only.
        self.chunks = response.aiter_bytes() if response.is_stream_consumed else response.aiter_raw()


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
        self.pool: Pool[httpx.AsyncHTTPTransport] = Pool(_transport)

    @functools.cached_property
    def room(self) -> anyio.Semaphore:
        # Made when it is needed first, because then the event loop is there.
        return anyio.Semaphore(MOST)

    async def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give the answer with its body still to come."""
        with _log.Sending():
            if self.client is not None:
                return await self.client.send(request, stream=True, auth=None, follow_redirects=False)
            try:
                self.room.acquire_nowait()
            except anyio.WouldBlock:
                await self._wait(request)
            try:
                response = await self._send(request)
            except BaseException:
                self.room.release()
                raise
        response.request = request
        return response

    async def _wait(self, request: httpx.Request) -> None:
        try:
            with anyio.fail_after(request.extensions.get("timeout", {}).get("pool")):
                await self.room.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout(f"{MOST} requests are under way already", request=request) from None

    async def _send(self, request: httpx.Request) -> httpx.Response:
        if (stale := self.pool.stale()) is not None:
            await _close(stale)
        host, transport = self.pool.take(request.url)
        try:
            response = await transport.handle_async_request(request)
        except BaseException:
            self.pool.drop(transport)
            await _close(transport)
            raise
        response.stream = _Content(response.stream, self, host, transport)
        return response

    async def close_idle(self) -> None:
        for transport in self.pool.take_idle():
            await _close(transport)

    async def close(self) -> None:
        for transport in self.pool.clear():
            await transport.aclose()


def _transport(proxy: str | None) -> httpx.AsyncHTTPTransport:
    return httpx.AsyncHTTPTransport(verify=ssl_context(), proxy=proxy, limits=ONE)


async def _close(transport: httpx.AsyncHTTPTransport) -> None:
    with anyio.CancelScope(shield=True):
        await transport.aclose()


class _Content(httpx.AsyncByteStream):
    """The body of an answer, which puts the transport that it comes through to rest when it is closed."""

    def __init__(
        self,
        stream: Any,
        connections: AsyncConnections,
        host: Host[httpx.AsyncHTTPTransport],
        transport: httpx.AsyncHTTPTransport,
    ) -> None:
        self._stream = stream
        self._connections = connections
        self._host = host
        self._transport = transport
        self._whole = False

    # No asynchronous generator, which would have to be closed where a body is not read to its end.
    def __aiter__(self) -> AsyncIterator[bytes]:
        self._chunks: AsyncIterator[bytes] = self._stream.__aiter__()
        return self

    async def __anext__(self) -> bytes:
        try:
            return await self._chunks.__anext__()
        except StopAsyncIteration:
            self._whole = True
            raise

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
            if self._whole:
                self._host.put(self._transport)
            else:
                # httpcore has closed its connection, and if it was interrupted at that it keeps it for ever.
                self._connections.pool.drop(self._transport)
                await _close(self._transport)
        finally:
            self._connections.room.release()


class AsyncDriver(Driver):
    """Performs effects and is awaited, on asyncio and on trio."""

    def __init__(
        self, connections: AsyncConnections, base_url: str, timeout: httpx.Timeout, token: Secret | AsyncTokenProvider
    ) -> None:
        super().__init__(base_url, timeout)
        self.connections = connections
        self._token = token

    def _body(self, stream: Any, request: Request) -> Any:
        return _Body(stream, self.lasts(request.end), from_disk=request.part is not None)

    async def send(self, request: Request, token: Secret) -> Reply:
        built = self._request(self.connections.client, request, token)
        sent_at = self.monotonic()
        try:
            response = await self.connections.open(built)
            try:
                body, unread = await _whole(_pieces(response, request.end), self.lasts(request.end))
            finally:
                with anyio.CancelScope(shield=True):
                    await response.aclose()
        except httpx.TransportError as error:
            raise no_reply(error, built) from None
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            raise without_frames(error) from error.__cause__
        return Reply(response.status_code, response.headers, body, sent_at, self.monotonic() - sent_at, unread)

    async def get_token(self) -> Secret:
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
            response = await self.connections.open(self._fetch_request(url, headers, token, timeout, end))
        except httpx.TransportError as error:
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            raise without_frames(error) from error.__cause__
        return Incoming(response, self.lasts(end))

    async def save(self, chunks: Incoming, write: Callable[[bytes], object]) -> None:
        group: list[bytes] = []
        size = 0
        try:
            async for chunk in chunks.chunks:
                chunks.check()
                group.append(chunk)
                size += len(chunk)
                if size >= _HOP:
                    await anyio.to_thread.run_sync(_write_all, write, group)
                    group, size = [], 0
        except httpx.TransportError as error:
            # What came before the cut is kept, so that the rest can be asked for.
            await anyio.to_thread.run_sync(_write_all, write, group)
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None
        await anyio.to_thread.run_sync(_write_all, write, group)

    async def next(self, chunks: Incoming) -> bytes:
        try:
            chunks.check()
            return await anext(chunks.chunks, b"")
        except httpx.TransportError as error:
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None

    async def drain(self, chunks: Incoming, limit: int) -> bytes:
        try:
            return await _beginning(chunks, limit)
        except httpx.TransportError as error:
            without_frames(error)
            raise NoReplyError(error, all_sent=True) from None

    async def discard(self, chunks: Incoming) -> None:
        with anyio.CancelScope(shield=True):
            await chunks.response.aclose()

    async def close_idle(self) -> None:
        await self.connections.close_idle()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    async def call(self, function: Callable[[], Any]) -> Any:
        return await anyio.to_thread.run_sync(function)

    async def clean(self, function: Callable[[], Any]) -> Any:
        try:
            with anyio.CancelScope(shield=True):
                return await anyio.to_thread.run_sync(function)
        except anyio.get_cancelled_exc_class():
            # asyncio's own cancelling passes the shield, and may come before the thread has begun.
            function()
            raise

    async def acquire(self, lock: anyio.Lock) -> None:
        await lock.acquire()

    lock = anyio.Lock


def _write_all(write: Callable[[bytes], object], group: list[bytes]) -> None:
    # At once: each piece that is hashed and written by itself hands the interpreter over to other threads and back.
    if group:
        write(b"".join(group))


def _pieces(response: httpx.Response, end: float | None) -> AsyncIterator[bytes]:
    """A body as it comes where nothing is to be decoded, which is half the work, and else as httpx decodes it."""
    # What a deadline may cut short is left to httpx too: trio complains of generators that were not read to their end.
    if end is not None or response.is_stream_consumed or "content-encoding" in response.headers:
        return response.aiter_bytes()
    return cast("httpx.AsyncByteStream", response.stream).__aiter__()


async def _whole(chunks: AsyncIterator[bytes], check: Callable[[], None]) -> tuple[bytes, str | None]:
    """A body, or why there is none: it cannot be decoded, or is larger than any answer of this API."""
    parts: list[bytes] = []
    size = 0
    try:
        async for chunk in chunks:
            check()
            parts.append(chunk)
            size += len(chunk)
            if size > LARGEST_REPLY:
                return b"", f"larger than {LARGEST_REPLY} bytes"
    except httpx.DecodingError as error:
        return b"", f"not what its Content-Encoding says ({error})"
    return b"".join(parts), None


async def _beginning(chunks: Incoming, limit: int) -> bytes:
    body = b""
    async for chunk in chunks.chunks:
        chunks.check()
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
