"""The driver of the asynchronous client, on asyncio and on trio."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx

from .._redaction import Secret
from .async_bodies import _HOP, _beginning, _Body, _write_all, read_whole_async
from .async_connections import AsyncConnections, LoopLock
from .failures import NoReplyError, late, no_reply, without_frames
from .messages import Reply, Request
from .requests import Driver
from .timeouts import Timeout
from .tokens import AsyncTokenProvider, check_token


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
