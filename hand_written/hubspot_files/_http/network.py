"""Transports of one connection each, whose every step ends at a deadline, and that a forked child can let go of."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, TypeAlias, cast

import anyio
import h11
import httpcore
import httpx

from .._clock import SystemClock
from .timeouts import DEADLINE

ONE_CONNECTION = httpx.Limits(max_connections=1, max_keepalive_connections=1)
"""Limits that make a transport of httpx one of a single connection."""
# Under a deadline so much is written at once. A peer that takes a few bytes now and then gets no more time by that.
_SLICE = 16 * 1024
# asyncio and uvloop receive up to so much at once, and what is not taken of it would stay where nobody sees it.
_RECEIVE_SIZE = 256 * 1024
_SocketOptions: TypeAlias = Iterable[Any] | None


class _Backend(httpcore.NetworkBackend):
    """The network as one synchronous transport uses it.

    Attributes:
        deadline: that of the request under way, on the monotonic clock in seconds, or None.
        stream: the stream of its connection, once there is one.
    """

    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()
        self.deadline: float | None = None
        self.stream: httpcore.NetworkStream | None = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _SocketOptions = None,
    ) -> httpcore.NetworkStream:
        if self.deadline is None:
            try:
                return self._connected(host, port, timeout, local_address, socket_options)
            except UnicodeError as error:
                raise httpcore.ConnectError(str(error)) from error
        # One address after the other, because connecting to a name gives each of its addresses the whole timeout.
        *others, last = _resolve(host, port, self.remaining(timeout, httpcore.ConnectTimeout))
        for number, address in enumerate(others):
            left = self.remaining(timeout, httpcore.ConnectTimeout)
            assert left is not None  # there is a deadline
            # One that is silent leaves time for those behind it.
            left /= len(others) + 1 - number
            with contextlib.suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._connected(address, port, left, local_address, socket_options)
        left = self.remaining(timeout, httpcore.ConnectTimeout)
        return self._connected(last, port, left, local_address, socket_options)

    def _connected(
        self,
        host: str,
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: _SocketOptions,
    ) -> httpcore.NetworkStream:
        self.stream = self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(self.stream, self)

    def remaining(self, timeout: float | None, late: type[httpcore.TimeoutException]) -> float | None:
        """Seconds that a step may take.

        Raises:
            httpcore.TimeoutException: of the given type, the deadline has passed.
        """
        if self.deadline is None:
            return timeout
        seconds = self.deadline - SystemClock.monotonic()
        if seconds <= 0:
            raise late("the deadline has passed")
        return seconds if timeout is None else min(seconds, timeout)


def _resolve(host: str, port: int, timeout: float | None) -> list[str]:
    """Resolve a host name to addresses, within a timeout in seconds.

    Raises:
        httpcore.ConnectError: it cannot be resolved.
        httpcore.ConnectTimeout: not in time.
    """
    found: list[list[str] | OSError | UnicodeError] = []

    def resolve() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.append(list(dict.fromkeys(str(info[4][0]) for info in infos)))
        except (OSError, UnicodeError) as error:
            found.append(error)

    # Nothing ends a call of getaddrinfo early. It is left alone where it takes too long, with what it finds.
    thread = threading.Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(timeout)
    if not found:
        raise httpcore.ConnectTimeout(f"the address of {host} was not found in time")
    if isinstance(found[0], OSError | UnicodeError):
        raise httpcore.ConnectError(str(found[0])) from found[0]
    return found[0]


class _Stream(httpcore.NetworkStream):
    """A stream whose steps end at its backend's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, backend: _Backend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._backend.remaining(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._backend.deadline is None:
            self._stream.write(buffer, timeout)
            return
        for start in range(0, len(buffer), _SLICE):
            left = self._backend.remaining(timeout, httpcore.WriteTimeout)
            self._stream.write(buffer[start : start + _SLICE], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._backend.remaining(timeout, httpcore.ConnectTimeout)
        outer = self._stream.get_extra_info("socket")
        if isinstance(outer, ssl.SSLSocket):
            # TLS within TLS takes many steps of the outer one for one of its own, each with the whole timeout.
            self._shorten(outer)
        self._backend.stream = self._stream.start_tls(ssl_context, server_hostname, left)
        return _Stream(self._backend.stream, self._backend)

    def _shorten(self, outer: Any) -> None:
        def timed(step: Callable[[Any], Any]) -> Callable[[Any], Any]:
            def call(argument: Any) -> Any:
                outer.settimeout(self._backend.remaining(outer.gettimeout(), httpcore.ReadTimeout))
                return step(argument)

            return call

        outer.recv, outer.sendall = timed(outer.recv), timed(outer.sendall)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Transport(httpx.HTTPTransport):
    """A synchronous transport of one connection."""

    def __init__(self, verify: ssl.SSLContext, proxy: str | None) -> None:
        super().__init__(verify=verify, proxy=_proxy(verify, proxy), limits=ONE_CONNECTION)
        self._backend = _Backend()
        # httpcore takes a network backend, and httpx does not pass one on.
        self._pool._network_backend = self._backend

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._backend.deadline = request.extensions.get(DEADLINE)
        return super().handle_request(request)

    def is_reusable(self) -> bool:
        """Whether nothing came behind the last response, which the next request would take for its own."""
        stream = self._backend.stream
        if stream is None:
            return True
        pending = getattr(stream.get_extra_info("socket"), "pending", None)
        return not (pending is not None and pending()) and not _has_trailing_data(self._pool)

    def detach(self) -> None:
        """Let go of the connection, which is the parent's, without a word to the server."""
        if self._backend.stream is not None:
            # Nothing is sent by that, and its descriptor is nobody else's.
            self._backend.stream.get_extra_info("socket").close()

    def shut_down(self) -> None:
        """End the connection for the thread that uses it, which then closes it.

        Closed here, its descriptor could be another connection's by the time at which that thread reads from it.
        """
        if self._backend.stream is not None:
            with contextlib.suppress(OSError):
                self._backend.stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def _proxy(verify: ssl.SSLContext, proxy: str | None) -> httpx.Proxy | None:
    if proxy is None:
        return None
    # Verified like everything else: left alone, httpcore takes no notice of SSL_CERT_FILE for a proxy.
    return httpx.Proxy(proxy, ssl_context=verify if proxy.startswith("https://") else None)


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    """The network as one asynchronous transport uses it. Deadlines are cancel scopes here.

    Attributes:
        stream: the stream of its connection, once there is one.
    """

    def __init__(self) -> None:
        # To type checkers it may be what stands in for it where anyio is not installed.
        self._backend = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())
        self.stream: httpcore.AsyncNetworkStream | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _SocketOptions = None,
    ) -> httpcore.AsyncNetworkStream:
        stream = await self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        self.stream = stream
        return _AsyncStream(stream, self)


class _AsyncStream(httpcore.AsyncNetworkStream):
    """A stream of which its backend knows."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, backend: _AsyncBackend) -> None:
        self._stream = stream
        self._backend = backend

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max(max_bytes, _RECEIVE_SIZE), timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        self._backend.stream = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        return _AsyncStream(self._backend.stream, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class AsyncTransport(httpx.AsyncHTTPTransport):
    """An asynchronous transport of one connection."""

    def __init__(self, verify: ssl.SSLContext, proxy: str | None) -> None:
        super().__init__(verify=verify, proxy=_proxy(verify, proxy), limits=ONE_CONNECTION)
        self._backend = _AsyncBackend()
        # httpcore takes a network backend, and httpx does not pass one on.
        self._pool._network_backend = self._backend

    async def aclose(self) -> None:
        """Close the connection, however often the task is cancelled meanwhile."""
        with anyio.CancelScope(shield=True):
            try:
                await super().aclose()
            finally:
                # asyncio's own cancelling passes the shield, and httpcore loses a connection whose handshake it cuts.
                if self._backend.stream is not None:
                    await self._backend.stream.aclose()

    async def exhaust(self, chunks: AsyncIterator[bytes]) -> None:
        """Bring what reads from the closed connection to its end: trio warns of generators that do not get there."""
        if self._backend.stream is not None:
            with anyio.CancelScope(shield=True), contextlib.suppress(httpx.TransportError):
                # What was received before, of which there is little, and then the error of a closed connection.
                [None async for _ in chunks]

    def is_reusable(self) -> bool:
        """Whether nothing came behind the last response, which the next request would take for its own."""
        stream = self._backend.stream
        if stream is None:
            return True
        tls = stream.get_extra_info("ssl_object")
        return not (tls is not None and _has_more(tls)) and not _has_trailing_data(self._pool)

    def detach(self) -> None:
        """Let go of the connection, which is the parent's, without a word to the server."""
        if self._backend.stream is not None:
            with contextlib.suppress(OSError):
                _detach(self._backend.stream.get_extra_info("socket"))


def _has_trailing_data(pool: httpcore.ConnectionPool | httpcore.AsyncConnectionPool) -> bool:
    """Whether bytes were received behind the end of the last response."""
    for connection in pool.connections:
        inner: Any = connection
        while not isinstance(state := getattr(inner, "_h11_state", None), h11.Connection):
            inner = getattr(inner, "_connection", None)
            if inner is None:
                # A connection that was closed before it was open, or an httpcore that keeps its state elsewhere.
                return True
        if state.trailing_data[0]:
            return True
    return False


def _has_more(tls: ssl.SSLObject) -> bool:
    """Whether more was received over TLS than was read, or the other side has said that no more will come."""
    try:
        tls.read(1)
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError:
        return True
    return True


def _detach(connected: Any) -> None:
    """Point a socket's descriptor in this process at the null device.

    Closing the socket of an event loop is not safe: the loop would take it out of the parent's selector, which the two
    processes share; and closing its descriptor alone could end another file that has the number by then.
    """
    descriptor = -1 if connected is None else connected.fileno()
    if descriptor < 0:
        return
    null = os.open(os.devnull, os.O_RDWR)
    try:
        os.dup2(null, descriptor, inheritable=False)
    finally:
        os.close(null)
