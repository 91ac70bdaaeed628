"""The driver of the asynchronous client, on asyncio and on trio."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
import anyio.to_thread
import httpx

from . import _log
from ._flow import NoReplyError, Reply, Request
from ._http import (
    LARGEST_REPLY,
    AsyncTokenProvider,
    Driver,
    Timeout,
    check_token,
    no_reply,
    origin,
    proxy_for,
    ssl_context,
    without_frames,
)
from ._log import Secret

# How much is taken to a worker thread at once: a hop costs as much as reading tens of KiB.
_HOP = 1024 * 1024


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
        self._group: Iterator[bytes] = iter(())
        return self

    # No asynchronous generator, which a cancelled upload would leave for somebody to close.
    async def __anext__(self) -> bytes:
        chunk = next(self._group, None)
        if chunk is None:
            group = await anyio.to_thread.run_sync(_take, self._chunks) if self._from_disk else _take(self._chunks)
            self._group = iter(group)
            chunk = next(self._group, None)
        if chunk is None:
            self.exhausted = True
            raise StopAsyncIteration
        # Not before the end is found: what was sent whole is so, however late it is.
        self._check()
        return chunk


def _take(chunks: Iterator[bytes]) -> list[bytes]:
    group: list[bytes] = []
    size = 0
    for chunk in chunks:
        group.append(chunk)
        size += len(chunk)
        if size >= _HOP:
            break
    return group


class AsyncConnections:
    """Open connections, or the httpx.AsyncClient of a caller, which stays the caller's."""

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self.client = client
        # By origin, so that the environment is asked for proxies once, and by proxy, so that one pool serves them all.
        self._by_origin: dict[tuple[str, str], httpx.AsyncHTTPTransport] = {}
        self._by_proxy: dict[str | None, httpx.AsyncHTTPTransport] = {}

    async def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give the answer with its body still to come."""
        with _log.sending():
            if self.client is not None:
                return await self.client.send(request, stream=True, auth=None, follow_redirects=False)
            transport = self._by_origin.get(origin(request.url)) or self._transport(request.url)
            response = await transport.handle_async_request(request)
        response.request = request
        return response

    def _transport(self, url: httpx.URL) -> httpx.AsyncHTTPTransport:
        proxy = proxy_for(url)
        if proxy not in self._by_proxy:
            self._by_proxy[proxy] = httpx.AsyncHTTPTransport(verify=ssl_context(), proxy=proxy)
        self._by_origin[origin(url)] = self._by_proxy[proxy]
        return self._by_proxy[proxy]

    async def close(self) -> None:
        transports = list(self._by_proxy.values())
        self._by_origin.clear()
        self._by_proxy.clear()
        for transport in transports:
            await transport.aclose()


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
                body = await _whole(response.aiter_bytes(), self.lasts(request.end))
            finally:
                with anyio.CancelScope(shield=True):
                    await response.aclose()
        except httpx.TransportError as error:
            raise no_reply(error, built) from None
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            raise without_frames(error) from error.__cause__
        return Reply(response.status_code, response.headers, body, sent_at, self.monotonic() - sent_at)

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

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    async def call(self, function: Callable[[], Any]) -> Any:
        return await anyio.to_thread.run_sync(function)

    async def clean(self, function: Callable[[], Any]) -> Any:
        with anyio.CancelScope(shield=True):
            return await anyio.to_thread.run_sync(function)

    async def acquire(self, lock: anyio.Lock) -> None:
        await lock.acquire()

    lock = anyio.Lock


def _write_all(write: Callable[[bytes], object], group: list[bytes]) -> None:
    for chunk in group:
        write(chunk)


async def _whole(chunks: AsyncIterator[bytes], check: Callable[[], None]) -> bytes:
    """A body; none where it cannot be decoded or is larger than any answer of this API: the status still stands."""
    parts: list[bytes] = []
    size = 0
    try:
        async for chunk in chunks:
            check()
            parts.append(chunk)
            size += len(chunk)
            if size > LARGEST_REPLY:
                return b""
    except httpx.DecodingError:
        return b""
    return b"".join(parts)


async def _beginning(chunks: Incoming, limit: int) -> bytes:
    body = b""
    async for chunk in chunks.chunks:
        chunks.check()
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
