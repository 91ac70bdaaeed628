"""The driver of the asynchronous client, on asyncio and on trio."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
import anyio.to_thread
import httpx

from ._flow import NoReplyError, Reply, Request
from ._http import LARGEST_REPLY, AsyncTokenProvider, Driver, Timeout, check_token, no_reply, origin, proxy_for

# How much is taken to a worker thread at once: a hop costs as much as reading tens of KiB.
_HOP = 1024 * 1024


class Incoming:
    """An answer whose body is still to come."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.chunks = response.aiter_raw()


class _Body(httpx.AsyncByteStream):
    """A request's body that knows whether it was sent to its end, and whose disk does not stop the event loop."""

    def __init__(self, stream: Any, *, from_disk: bool) -> None:
        self._stream = stream
        self._from_disk = from_disk
        self.exhausted = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = iter(self._stream)
        while group := await anyio.to_thread.run_sync(_take, chunks) if self._from_disk else _take(chunks):
            for chunk in group:
                yield chunk
        self.exhausted = True


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
        if self.client is not None:
            return await self.client.send(request, stream=True, auth=None, follow_redirects=False)
        transport = self._by_origin.get(origin(request.url)) or self._transport(request.url)
        response = await transport.handle_async_request(request)
        response.request = request
        return response

    def _transport(self, url: httpx.URL) -> httpx.AsyncHTTPTransport:
        proxy = proxy_for(url)
        if proxy not in self._by_proxy:
            self._by_proxy[proxy] = httpx.AsyncHTTPTransport(proxy=proxy)
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
        self, connections: AsyncConnections, base_url: str, timeout: httpx.Timeout, token: str | AsyncTokenProvider
    ) -> None:
        super().__init__(base_url, timeout)
        self.connections = connections
        self._token = token

    def _body(self, stream: Any, request: Request) -> Any:
        return _Body(stream, from_disk=request.part is not None)

    async def send(self, request: Request, token: str) -> Reply:
        built = self._request(self.connections.client, request, token)
        sent_at = self.monotonic()
        try:
            response = await self.connections.open(built)
        except httpx.TransportError as error:
            raise no_reply(error, built) from error
        try:
            body = await _whole(response.aiter_bytes(), LARGEST_REPLY)
        except httpx.TransportError as error:
            raise no_reply(error, built) from error
        except httpx.DecodingError:
            # The status stands. A body that cannot be decoded, or is no answer of this API, is one that says nothing.
            body = b""
        finally:
            await response.aclose()
        return Reply(response.status_code, response.headers, body, sent_at, self.monotonic() - sent_at)

    async def get_token(self) -> str:
        if isinstance(self._token, str):
            return self._token
        token = self._token()
        return check_token(await token if inspect.isawaitable(token) else token)

    async def fetch(self, url: str, headers: dict[str, str], token: str | None, timeout: Timeout) -> Incoming:
        built = self._fetch_request(url, headers, token, timeout)
        try:
            return Incoming(await self.connections.open(built))
        except httpx.TransportError as error:
            raise no_reply(error, built) from error

    async def save(self, chunks: Incoming, write: Callable[[bytes], object]) -> None:
        group: list[bytes] = []
        size = 0
        try:
            async for chunk in chunks.chunks:
                group.append(chunk)
                size += len(chunk)
                if size >= _HOP:
                    await anyio.to_thread.run_sync(_write_all, write, group)
                    group, size = [], 0
        except httpx.TransportError as error:
            # What came before the cut is kept, so that the rest can be asked for.
            await anyio.to_thread.run_sync(_write_all, write, group)
            raise NoReplyError(error, all_sent=True) from error
        await anyio.to_thread.run_sync(_write_all, write, group)

    async def next(self, chunks: Incoming) -> bytes:
        try:
            return await anext(chunks.chunks, b"")
        except httpx.TransportError as error:
            raise NoReplyError(error, all_sent=True) from error

    async def drain(self, chunks: Incoming, limit: int) -> bytes:
        try:
            return await _beginning(chunks.chunks, limit)
        except httpx.TransportError as error:
            raise NoReplyError(error, all_sent=True) from error

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


async def _whole(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            raise httpx.DecodingError(f"the answer is larger than {limit} bytes")
    return b"".join(parts)


async def _beginning(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    body = b""
    async for chunk in chunks:
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
