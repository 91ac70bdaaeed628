"""The two drivers: all input and output of this package, over httpx, with and without `await`."""

from __future__ import annotations

import inspect
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeAlias

import anyio
import anyio.to_thread
import httpx

from ._flow import NoReplyError, Reply, Request
from ._version import __version__

TokenProvider: TypeAlias = Callable[[], str]
AsyncTokenProvider: TypeAlias = Callable[[], str | Awaitable[str]]
Timeout: TypeAlias = float | httpx.Timeout | None

DEFAULT_TIMEOUT = httpx.Timeout(60.0, connect=10.0)

# Answers of this API are records and pages of a hundred of them; more than this is none of them.
_LARGEST_REPLY = 32 * 1024 * 1024
# How much the async driver takes to a worker thread at once: a hop costs as much as reading tens of KiB.
_HOP = 1024 * 1024

_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip, deflate",
    "user-agent": f"hubspot-files/{__version__} python-httpx/{httpx.__version__}",
}


class Incoming:
    """An answer whose body is still to come."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.chunks: Iterator[bytes] | None = None
        self.async_chunks: AsyncIterator[bytes] | None = None


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A request's body that knows whether it was sent to its end, and that a slow disk does not stop the event loop."""

    def __init__(self, stream: Any, *, from_disk: bool) -> None:
        self._stream = stream
        self._from_disk = from_disk
        self.exhausted = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream
        self.exhausted = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = iter(self._stream)
        while group := await self._group(chunks):
            for chunk in group:
                yield chunk
        self.exhausted = True

    async def _group(self, chunks: Iterator[bytes]) -> list[bytes]:
        return await anyio.to_thread.run_sync(_take, chunks) if self._from_disk else _take(chunks)


def _take(chunks: Iterator[bytes]) -> list[bytes]:
    group: list[bytes] = []
    size = 0
    for chunk in chunks:
        group.append(chunk)
        size += len(chunk)
        if size >= _HOP:
            break
    return group


class _Driver:
    """What both drivers know: where the API is, how long to wait, and how requests are put together."""

    def __init__(self, base_url: str, timeout: httpx.Timeout) -> None:
        self.base_url = base_url
        self.timeout = timeout

    monotonic = staticmethod(time.monotonic)

    def _extensions(self, timeout: Timeout) -> dict[str, Any]:
        return {"timeout": (self.timeout if timeout is None else httpx.Timeout(timeout)).as_dict()}

    def _request(self, client: httpx.Client | httpx.AsyncClient | None, request: Request, token: str) -> httpx.Request:
        kwargs = dict(request.kwargs)
        method, url = kwargs.pop("method"), self.base_url + kwargs.pop("url")
        headers = {**_HEADERS, **kwargs.pop("headers", {}), "authorization": f"Bearer {token}"}
        # The headers, parameters and cookies that the caller gave a client are wanted on requests to HubSpot.
        build = httpx.Request if client is None else client.build_request
        built = build(method, url, headers=headers, extensions=self._extensions(request.timeout), **kwargs)
        built.stream = _Body(built.stream, from_disk=request.part is not None)
        return built

    def _fetch_request(self, url: str, headers: dict[str, str], token: str | None, timeout: Timeout) -> httpx.Request:
        """A request for content. It is never built by the caller's client, which may add what is for HubSpot only."""
        given = {"accept": "*/*", "accept-encoding": "identity", "user-agent": _HEADERS["user-agent"], **headers}
        if token is not None:
            given["authorization"] = f"Bearer {token}"
        if url.startswith("/"):
            url = self.base_url + url
        return httpx.Request("GET", url, headers=given, extensions=self._extensions(timeout))


def _no_reply(error: httpx.TransportError, request: httpx.Request) -> NoReplyError:
    return NoReplyError(error, all_sent=not isinstance(request.stream, _Body) or request.stream.exhausted)


def _proxy(url: httpx.URL) -> str | None:
    """The proxy that the environment names for a URL."""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


class Connections:
    """Open connections, or the httpx.Client of a caller, which stays the caller's."""

    def __init__(self, client: httpx.Client | None = None) -> None:
        self.client = client
        self._transports: dict[str | None, httpx.HTTPTransport] = {}
        self._lock = threading.Lock()

    def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give the answer with its body still to come."""
        if self.client is not None:
            return self.client.send(request, stream=True, auth=None, follow_redirects=False)
        # Not through an httpx.Client of our own: it logs whole URLs, and keeps cookies of hosts.
        response = self._transport(_proxy(request.url)).handle_request(request)
        response.request = request
        return response

    def _transport(self, proxy: str | None) -> httpx.HTTPTransport:
        with self._lock:
            transport = self._transports.get(proxy)
            if transport is None:
                transport = self._transports[proxy] = httpx.HTTPTransport(proxy=proxy)
            return transport

    def close(self) -> None:
        with self._lock:
            transports, self._transports = self._transports, {}
        for transport in transports.values():
            transport.close()


class AsyncConnections:
    """Open connections, or the httpx.AsyncClient of a caller, which stays the caller's."""

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self.client = client
        self._transports: dict[str | None, httpx.AsyncHTTPTransport] = {}

    async def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give the answer with its body still to come."""
        if self.client is not None:
            return await self.client.send(request, stream=True, auth=None, follow_redirects=False)
        response = await self._transport(_proxy(request.url)).handle_async_request(request)
        response.request = request
        return response

    def _transport(self, proxy: str | None) -> httpx.AsyncHTTPTransport:
        transport = self._transports.get(proxy)
        if transport is None:
            transport = self._transports[proxy] = httpx.AsyncHTTPTransport(proxy=proxy)
        return transport

    async def close(self) -> None:
        transports, self._transports = self._transports, {}
        for transport in transports.values():
            await transport.aclose()


class SyncDriver(_Driver):
    """Performs effects and returns."""

    def __init__(
        self, connections: Connections, base_url: str, timeout: httpx.Timeout, token: str | TokenProvider
    ) -> None:
        super().__init__(base_url, timeout)
        self.connections = connections
        self._token = token

    def send(self, request: Request, token: str) -> Reply:
        built = self._request(self.connections.client, request, token)
        sent_at = self.monotonic()
        try:
            response = self.connections.open(built)
        except httpx.TransportError as error:
            raise _no_reply(error, built) from error
        try:
            body = _whole(response.iter_bytes(), _LARGEST_REPLY)
        except httpx.TransportError as error:
            raise _no_reply(error, built) from error
        except httpx.DecodingError:
            # The status stands. A body that cannot be decoded, or is no answer of this API, is one that says nothing.
            body = b""
        finally:
            response.close()
        return Reply(response.status_code, response.headers, body, sent_at, self.monotonic() - sent_at)

    def get_token(self) -> str:
        token = self._token if isinstance(self._token, str) else self._token()
        if inspect.isawaitable(token):
            close = getattr(token, "close", None)
            if close is not None:
                close()
            raise TypeError("access_token is an async callable, which AsyncHubSpotFiles takes; pass a plain one")
        return check_token(token)

    def fetch(self, url: str, headers: dict[str, str], token: str | None, timeout: Timeout) -> Incoming:
        built = self._fetch_request(url, headers, token, timeout)
        try:
            return Incoming(self.connections.open(built))
        except httpx.TransportError as error:
            raise _no_reply(error, built) from error

    def save(self, chunks: Incoming, write: Callable[[bytes], object]) -> None:
        try:
            for chunk in chunks.response.iter_raw():
                write(chunk)
        except httpx.TransportError as error:
            raise NoReplyError(error, all_sent=True) from error

    def next(self, chunks: Incoming) -> bytes:
        if chunks.chunks is None:
            chunks.chunks = chunks.response.iter_raw()
        try:
            return next(chunks.chunks, b"")
        except httpx.TransportError as error:
            raise NoReplyError(error, all_sent=True) from error

    def drain(self, chunks: Incoming, limit: int) -> bytes:
        try:
            return _whole(chunks.response.iter_raw(), limit)
        except httpx.TransportError as error:
            raise NoReplyError(error, all_sent=True) from error

    def discard(self, chunks: Incoming) -> None:
        chunks.response.close()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def call(self, function: Callable[[], Any]) -> Any:
        return function()

    clean = call

    def acquire(self, lock: threading.Lock) -> None:
        lock.acquire()

    lock = threading.Lock


class AsyncDriver(_Driver):
    """Performs effects and is awaited, on asyncio and on trio."""

    def __init__(
        self, connections: AsyncConnections, base_url: str, timeout: httpx.Timeout, token: str | AsyncTokenProvider
    ) -> None:
        super().__init__(base_url, timeout)
        self.connections = connections
        self._token = token

    async def send(self, request: Request, token: str) -> Reply:
        built = self._request(self.connections.client, request, token)
        sent_at = self.monotonic()
        try:
            response = await self.connections.open(built)
        except httpx.TransportError as error:
            raise _no_reply(error, built) from error
        try:
            body = await _whole_async(response.aiter_bytes(), _LARGEST_REPLY)
        except httpx.TransportError as error:
            raise _no_reply(error, built) from error
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
            raise _no_reply(error, built) from error

    async def save(self, chunks: Incoming, write: Callable[[bytes], object]) -> None:
        group: list[bytes] = []
        size = 0
        try:
            async for chunk in chunks.response.aiter_raw():
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
        if chunks.async_chunks is None:
            chunks.async_chunks = chunks.response.aiter_raw()
        try:
            return await anext(chunks.async_chunks, b"")
        except httpx.TransportError as error:
            raise NoReplyError(error, all_sent=True) from error

    async def drain(self, chunks: Incoming, limit: int) -> bytes:
        try:
            return await _whole_async(chunks.response.aiter_raw(), limit)
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


def check_token(token: object) -> str:
    """A token that can stand in a header.

    Raises:
        TypeError: it is no str.
        ValueError: it is empty, or holds what a header cannot.
    """
    if not isinstance(token, str):
        raise TypeError(f"the access token must be a str, not {type(token).__name__}")
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        # The token itself is not shown: it may be a good one with a stray line end.
        raise ValueError("the access token is empty, or holds spaces, line ends or other characters that no token has")
    return token


def _write_all(write: Callable[[bytes], object], group: list[bytes]) -> None:
    for chunk in group:
        write(chunk)


def _whole(chunks: Iterator[bytes], limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            raise httpx.DecodingError(f"the answer is larger than {limit} bytes")
    return b"".join(parts)


async def _whole_async(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            raise httpx.DecodingError(f"the answer is larger than {limit} bytes")
    return b"".join(parts)
