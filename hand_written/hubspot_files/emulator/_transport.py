"""The emulator in process: httpx's requests and responses, sync and async."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Iterator
from typing import Protocol, TypeAlias

import anyio
import anyio.to_thread
import httpx

from ._messages import IncomingRequest
from ._pipeline import Pipeline
from ._response_flow import Effect, OutgoingResponse, Pause, ReadChunk, RunBlocking, drive, drive_async

Origin: TypeAlias = tuple[str, str, int | None]


class RequestHandler(Protocol):
    """The methods of an emulator that respond to httpx's requests."""

    # Respond to a request of a sync client.
    def handle(self, request: httpx.Request) -> httpx.Response: ...

    # Respond to a request of an async client.
    async def handle_async(self, request: httpx.Request) -> httpx.Response: ...


class EmulatorTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """An httpx transport, for `httpx.Client` and `httpx.AsyncClient` alike, that leads to an emulator.

    Every host but the emulator's two fails to connect, as without a network.
    """

    def __init__(self, emulator: RequestHandler) -> None:
        self._emulator = emulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request of a sync client."""
        return self._emulator.handle(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request of an async client."""
        return await self._emulator.handle_async(request)


def parse_origin(url: str) -> tuple[str, Origin]:
    """Return an origin without a slash at its end, and its parts.

    Raises:
        ValueError: It is not an origin.
    """
    parsed = httpx.URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.path != "/" or parsed.query:
        raise ValueError(f"{url!r} is not an origin such as https://api.hubapi.com")
    return url.rstrip("/"), origin_of(parsed)


def origin_of(url: httpx.URL) -> Origin:
    """Return the origin of a URL; a port that is the standard one is None."""
    return url.scheme, url.host, url.port


class HttpxAdapter:
    """The pipeline for httpx's requests.

    Args:
        pipeline: Makes the responses.
        api: The API's origins.
        storage: The storage host's origin.
        threads: Whether blocking calls run in another thread than the event loop's.
    """

    def __init__(self, pipeline: Pipeline, api: Collection[Origin], storage: Origin, *, threads: bool) -> None:
        self._pipeline = pipeline
        self._api = api
        self._storage = storage
        self._threads = threads

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request in this thread."""
        caller = _Caller(request, threads=False)
        try:
            return _response(drive(self._pipeline.process(self._incoming(request)), caller.perform), request)
        except httpx.TransportError as error:
            error.request = request
            raise

    async def handle_async(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request on the event loop."""
        caller = _Caller(request, threads=self._threads)
        try:
            flow = self._pipeline.process(self._incoming(request))
            return _response(await drive_async(flow, caller.perform_async), request)
        except httpx.TransportError as error:
            error.request = request
            raise

    def _incoming(self, request: httpx.Request) -> IncomingRequest:
        origin = origin_of(request.url)
        return IncomingRequest(
            method=request.method,
            target="api" if origin in self._api else "storage" if origin == self._storage else None,
            host=request.url.host,
            path=request.url.raw_path.partition(b"?")[0].decode("ascii"),
            query=request.url.query.decode("ascii"),
            headers=request.headers,
        )


def _waits(seconds: float, request: httpx.Request) -> Iterator[float]:
    """Yield how long a caller waits: at most its read timeout, then a ReadTimeout is raised."""
    timeout = request.extensions.get("timeout", {}).get("read")
    if timeout is not None and timeout < seconds:
        yield float(timeout)
        raise httpx.ReadTimeout("timed out", request=request)
    yield float(seconds)


class _Caller:
    """The sender of a request: its body, chunk by chunk, and the time that it waits."""

    def __init__(self, request: httpx.Request, *, threads: bool) -> None:
        self._request = request
        self._threads = threads
        self._sync: Iterator[bytes] | None = None
        self._async: AsyncIterator[bytes] | None = None

    def perform(self, effect: Effect) -> object:
        """Perform an effect."""
        if isinstance(effect, ReadChunk):
            return self._next()
        if isinstance(effect, RunBlocking):
            return effect.function()
        if isinstance(effect, Pause):
            for seconds in _waits(effect.seconds, self._request):
                time.sleep(seconds)
        # The exception that follows a Hang stands for it.
        return None

    async def perform_async(self, effect: Effect) -> object:
        """Perform an effect on the event loop."""
        if isinstance(effect, ReadChunk):
            return await self._next_async()
        if isinstance(effect, RunBlocking) and self._threads:
            return await anyio.to_thread.run_sync(effect.function)
        if isinstance(effect, Pause):
            for seconds in _waits(effect.seconds, self._request):
                await anyio.sleep(seconds)
            return None
        return self.perform(effect)

    def _next(self) -> bytes | None:
        if self._sync is None:
            if not isinstance(self._request.stream, httpx.SyncByteStream):
                raise RuntimeError("an async stream cannot be sent by a sync client")
            self._sync = iter(self._request.stream)
        return next(self._sync, None)

    async def _next_async(self) -> bytes | None:
        if self._async is None:
            if not isinstance(self._request.stream, httpx.AsyncByteStream):
                raise RuntimeError("a sync stream cannot be sent by an async client")
            self._async = aiter(self._request.stream)
        return await anext(self._async, None)


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of a response, for httpx."""

    def __init__(self, response: OutgoingResponse, request: httpx.Request) -> None:
        self._response = response
        self._request = request

    def _steps(self) -> Iterator[bytes | float]:
        try:
            for chunk in self._response.chunks():
                if isinstance(chunk, Pause):
                    yield from _waits(chunk.seconds, self._request)
                else:
                    yield chunk
        except httpx.TransportError as error:
            error.request = self._request
            raise

    def __iter__(self) -> Iterator[bytes]:
        for step in self._steps():
            if isinstance(step, bytes):
                yield step
            else:
                time.sleep(step)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for step in self._steps():
            if isinstance(step, bytes):
                yield step
            else:
                await anyio.sleep(step)

    def close(self) -> None:
        self._response.close()

    async def aclose(self) -> None:
        self._response.close()


def _response(response: OutgoingResponse, request: httpx.Request) -> httpx.Response:
    stream = _Body(response, request)
    return httpx.Response(response.status, headers=response.headers, stream=stream, request=request)
