"""The connections of the asynchronous client, for each event loop."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import httpx

from .._errors import ClientStateError
from .._fork import renew_after_fork
from .connections import FORKED_CLIENT, OTHER_LOOP
from .pool import MAX_CONNECTIONS, Host, Pool
from .proxies import map_environment_errors, ssl_context
from .transport_log import Sending

if TYPE_CHECKING:
    from .network import AsyncTransport


class AsyncConnections:
    """The connections of each event loop, or the caller's httpx.AsyncClient, which is never closed here."""

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self.client = client
        self.closed = False
        self._client_loop: weakref.ref[Any] | None = None
        self._client_is_foreign = False
        self._loops: weakref.WeakKeyDictionary[Any, LoopConnections] = weakref.WeakKeyDictionary()
        renew_after_fork(self)

    def renew(self) -> None:
        """Start without connections in a forked child. Those of the parent are neither used nor closed."""
        for connections in self._loops.values():
            connections.detach()
        self._loops = weakref.WeakKeyDictionary()
        self._client_is_foreign = self._client_loop is not None

    @property
    def pool(self) -> Pool[AsyncTransport]:
        """The transports of the running event loop."""
        return self._here().pool

    async def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the response before its body is read.

        Raises:
            ClientStateError: the caller's http_client was used in another process or event loop.
            httpx.TransportError: there is no response.
        """
        with Sending(request):
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
                # The connections of a closed event loop cannot be closed any more.
                self._loops.pop(ended, None)
            here = self._loops.setdefault(loop, LoopConnections())
        return here

    def _known(self) -> list[Any]:
        # Copied first, because other threads may add event loops during an iteration over the dictionary.
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
        """Close the idle connections of this event loop."""
        for transport in self.pool.pop_idle():
            await transport.aclose()

    async def close(self) -> None:
        """Close all connections. Those of other event loops are closed when they become idle or their loop ends."""
        self.closed = True
        here = self._loops.pop(_event_loop(), None)
        for loop in self._known():
            with contextlib.suppress(KeyError):  # another thread may have removed a loop that has ended
                self._loops[loop].pool.closed = True
        if here is not None:
            await here.close()


def _event_loop() -> Any:
    """Return the running event loop of asyncio, or the token of trio's."""
    token = anyio.lowlevel.current_token()
    # anyio wraps it since 4.11.
    return getattr(token, "native_token", token)


class LoopConnections:
    """The connections of one event loop, which are closed when it ends."""

    def __init__(self) -> None:
        self.pool: Pool[AsyncTransport] = Pool(_transport)
        self._slots = anyio.Semaphore(MAX_CONNECTIONS)
        self._end = _close_at_end(self.pool)
        self._started = False

    async def start(self) -> None:
        """Register the connections to be closed at the end of the event loop."""
        if not self._started:
            self._started = True
            await anext(self._end)

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send a request over a connection that no other request uses."""
        try:
            self._slots.acquire_nowait()
        except anyio.WouldBlock:
            await self._wait(request)
        try:
            response = await self._send(request)
        except BaseException:
            self._slots.release()
            raise
        return response

    async def _wait(self, request: httpx.Request) -> None:
        try:
            with anyio.fail_after(request.extensions.get("timeout", {}).get("pool")):
                await self._slots.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout(f"{MAX_CONNECTIONS} requests are already in flight", request=request) from None

    async def _send(self, request: httpx.Request) -> httpx.Response:
        if (expired := self.pool.pop_expired()) is not None:
            await expired.aclose()
        host, transport = self.pool.take(request.url)
        try:
            response = await transport.handle_async_request(request)
        except BaseException:
            self.pool.drop(transport)
            await transport.aclose()
            raise
        response.stream = _Content(response.stream, self.pool, self._slots, host, transport)
        return response

    async def close(self) -> None:
        """Close all connections."""
        await self._end.aclose()
        # The generator closes nothing if it was not started.
        self.pool.clear()

    def detach(self) -> None:
        """Detach from the parent's connections in a forked child."""
        for transport in self.pool.clear():
            transport.detach()
            # Kept alive, because asyncio would warn of an unclosed transport when it is collected.
            _detached.append(transport)
        with contextlib.suppress(StopIteration):
            # There is nothing left to close, so the generator ends at its first step.
            self._end.aclose().send(None)


# The transports of parents, in a forked child.
_detached: list[AsyncTransport] = []


async def _close_at_end(pool: Pool[AsyncTransport]) -> AsyncGenerator[None, None]:
    """Close a pool's transports when this generator is closed, which an event loop does at its end."""
    try:
        yield
    finally:
        for transport in pool.clear():
            await transport.aclose()


def _transport(proxy: str | None) -> AsyncTransport:
    # Imported on first use, like in httpx itself, because importing httpcore takes long.
    from .network import AsyncTransport

    with map_environment_errors(proxy):
        return AsyncTransport(ssl_context(), proxy)


class _Content(httpx.AsyncByteStream):
    """The body of a response. When it is closed, its transport becomes idle again or is closed."""

    def __init__(
        self,
        stream: Any,
        pool: Pool[AsyncTransport],
        slots: anyio.Semaphore,
        host: Host[AsyncTransport],
        transport: AsyncTransport,
    ) -> None:
        self._stream = stream
        self._pool = pool
        self._slots = slots
        self._host = host
        self._transport = transport
        self._chunks: AsyncIterator[bytes] = aiter(stream)
        self._complete = False

    # It is not an asynchronous generator, which would have to be closed if the body is not read to its end.
    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._chunks)
        except StopAsyncIteration:
            self._complete = True
            raise

    async def aclose(self) -> None:
        reusable = False
        try:
            await self._stream.aclose()
            reusable = self._complete and not self._pool.closed and self._transport.is_reusable()
        finally:
            self._slots.release()
            if reusable:
                self._host.put(self._transport)
            else:
                # httpcore has closed the connection. If that was interrupted, httpcore would keep it forever.
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
        """Acquire the lock."""
        await self._locks.setdefault(_event_loop(), anyio.Lock()).acquire()

    def release(self) -> None:
        """Release the lock if this task holds it."""
        with contextlib.suppress(RuntimeError):
            self._locks[_event_loop()].release()
