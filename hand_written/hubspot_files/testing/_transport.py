"""httpx's way into the emulator, in process: its requests and responses, sync and async."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import anyio
import anyio.to_thread
import httpx

from ._exchange import Answer, Arrival, Effect, Exchange, Pause, Read, Work, drive, drive_async

if TYPE_CHECKING:
    from .emulator import Emulator

Begin: TypeAlias = Callable[[Arrival], Exchange]
Origin: TypeAlias = tuple[str, str, int | None]


class EmulatorTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """An httpx transport, for `httpx.Client` and `httpx.AsyncClient` alike, that leads to an emulator.

    Every host but the emulator's two fails to connect, as without a network.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a sync client."""
        return self._emulator.handle(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an async client."""
        return await self._emulator.handle_async(request)


def origin(url: str) -> tuple[str, Origin]:
    """An origin without a slash at its end, and what tells it apart.

    Raises:
        ValueError: It is none.
    """
    parsed = httpx.URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.path != "/" or parsed.query:
        raise ValueError(f"{url!r} is not an origin such as https://api.hubapi.com")
    return url.rstrip("/"), _origin_of(parsed)


def _origin_of(url: httpx.URL) -> Origin:
    return url.scheme, url.host, url.port


def _arrival(request: httpx.Request, api: Origin, storage: Origin) -> Arrival:
    at = _origin_of(request.url)
    return Arrival(
        method=request.method,
        to="api" if at == api else "storage" if at == storage else None,
        host=request.url.host,
        path=request.url.raw_path.partition(b"?")[0].decode("ascii"),
        query=request.url.query.decode("ascii"),
        headers=request.headers,
    )


def handle(begin: Begin, request: httpx.Request, api: Origin, storage: Origin) -> httpx.Response:
    """Drive an exchange with this thread."""
    caller = _Caller(request)
    try:
        return _response(drive(begin(_arrival(request, api, storage)), caller.perform), request)
    except httpx.TransportError as error:
        error.request = request
        raise


async def handle_async(
    begin: Begin, request: httpx.Request, api: Origin, storage: Origin, *, threads: bool
) -> httpx.Response:
    """Drive an exchange on the event loop, what takes a while in another thread where `threads` says so."""
    caller = _Caller(request)
    perform = partial(caller.perform_async, threads=threads)
    try:
        return _response(await drive_async(begin(_arrival(request, api, storage)), perform), request)
    except httpx.TransportError as error:
        error.request = request
        raise


def _felt(seconds: float, request: httpx.Request) -> Iterator[float]:
    """A pause as a caller feels it: no longer than its read timeout, which then strikes."""
    timeout = request.extensions.get("timeout", {}).get("read")
    if timeout is not None and timeout < seconds:
        yield float(timeout)
        raise httpx.ReadTimeout("timed out", request=request)
    yield float(seconds)


class _Caller:
    """Who sends a request: its body, piece by piece, and the time that passes for it."""

    def __init__(self, request: httpx.Request) -> None:
        self._request = request
        self._sync: Iterator[bytes] | None = None
        self._async: AsyncIterator[bytes] | None = None

    def perform(self, effect: Effect) -> object:
        """Do what the emulator asks for."""
        if isinstance(effect, Read):
            return self._next()
        if isinstance(effect, Work):
            return effect.run()
        if isinstance(effect, Pause):
            for seconds in _felt(effect.seconds, self._request):
                time.sleep(seconds)
        # A silence is told of by the exception that follows it.
        return None

    async def perform_async(self, effect: Effect, *, threads: bool) -> object:
        """Do what the emulator asks for, on the event loop."""
        if isinstance(effect, Read):
            return await self._next_async()
        if isinstance(effect, Work) and threads:
            return await anyio.to_thread.run_sync(effect.run)
        if isinstance(effect, Pause):
            for seconds in _felt(effect.seconds, self._request):
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
    """An answer's body as httpx takes it."""

    def __init__(self, answer: Answer, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    def _steps(self) -> Iterator[bytes | float]:
        try:
            for piece in self._answer.pieces():
                if isinstance(piece, Pause):
                    yield from _felt(piece.seconds, self._request)
                else:
                    yield piece
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
        self._answer.close()

    async def aclose(self) -> None:
        self._answer.close()


def _response(answer: Answer, request: httpx.Request) -> httpx.Response:
    return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, request), request=request)
