"""Transports of a single connection, which support deadlines and forked processes."""

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
"""Limits for a transport of a single connection."""
# Bytes per write if there is a deadline, which is checked between writes. The peer may read slowly.
_SLICE = 16 * 1024
# asyncio and uvloop receive up to this many bytes at once. A smaller read would leave the rest in a hidden buffer.
_RECEIVE_SIZE = 256 * 1024
_SocketOptions: TypeAlias = Iterable[Any] | None


class _Backend(httpcore.NetworkBackend):
    """The network backend of one synchronous transport.

    Attributes:
        deadline: deadline of the request in flight, on the monotonic clock in seconds, or None.
        stream: stream of the connection, once there is one.
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
        # The addresses are tried here, because connecting to a name would use the whole timeout for each address.
        *others, last = _resolve(host, port, self.remaining(timeout, httpcore.ConnectTimeout))
        for number, address in enumerate(others):
            left = self.remaining(timeout, httpcore.ConnectTimeout)
            assert left is not None  # there is a deadline
            # An address that does not respond must leave time for the next ones.
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
        """Return the seconds that a step may take.

        Raises:
            httpcore.TimeoutException: the deadline has passed. The type is `late`.
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
        httpcore.ConnectError: the name cannot be resolved.
        httpcore.ConnectTimeout: the name was not resolved within the timeout.
    """
    found: list[list[str] | OSError | UnicodeError] = []

    def resolve() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.append(list(dict.fromkeys(str(info[4][0]) for info in infos)))
        except (OSError, UnicodeError) as error:
            found.append(error)

    # A call of getaddrinfo cannot be cancelled. If it takes too long, its thread and its result are abandoned.
    thread = threading.Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(timeout)
    if not found:
        raise httpcore.ConnectTimeout(f"the address of {host} was not found in time")
    if isinstance(found[0], OSError | UnicodeError):
        raise httpcore.ConnectError(str(found[0])) from found[0]
    return found[0]


class _Stream(httpcore.NetworkStream):
    """A stream whose steps end at the deadline of its backend."""

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
            # With TLS within TLS, a step of the inner connection takes several of the outer, each with the whole
            # timeout.
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
        # httpcore accepts a network backend, but httpx has no option for it.
        self._pool._network_backend = self._backend

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._backend.deadline = request.extensions.get(DEADLINE)
        return super().handle_request(request)

    def is_reusable(self) -> bool:
        """Return whether no bytes followed the last response. The next request would take them for its response."""
        stream = self._backend.stream
        if stream is None:
            return True
        pending = getattr(stream.get_extra_info("socket"), "pending", None)
        return not (pending is not None and pending()) and not _has_trailing_data(self._pool)

    def detach(self) -> None:
        """Release the parent's connection in a forked child, without sending anything to the server."""
        if self._backend.stream is not None:
            # Closing the descriptor of this process sends nothing.
            self._backend.stream.get_extra_info("socket").close()

    def shut_down(self) -> None:
        """Shut down the connection. The thread that uses it then closes it.

        If it was closed here, its descriptor could belong to another connection when that thread reads from it.
        """
        if self._backend.stream is not None:
            with contextlib.suppress(OSError):
                self._backend.stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def _proxy(verify: ssl.SSLContext, proxy: str | None) -> httpx.Proxy | None:
    if proxy is None:
        return None
    # Pass the context explicitly, because httpcore ignores SSL_CERT_FILE for a proxy by default.
    return httpx.Proxy(proxy, ssl_context=verify if proxy.startswith("https://") else None)


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    """The network backend of one asynchronous transport. It needs no deadline, because drivers use cancel scopes.

    Attributes:
        stream: stream of the connection, once there is one.
    """

    def __init__(self) -> None:
        # For type checkers, it may be the placeholder that httpcore defines if anyio is missing.
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
    """A stream that its backend has a reference to."""

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
        # httpcore accepts a network backend, but httpx has no option for it.
        self._pool._network_backend = self._backend

    async def aclose(self) -> None:
        """Close the connection, even if the task is cancelled meanwhile."""
        with anyio.CancelScope(shield=True):
            try:
                await super().aclose()
            finally:
                # The cancellation of asyncio ignores the shield, and httpcore loses a connection that is cancelled
                # during its handshake.
                if self._backend.stream is not None:
                    await self._backend.stream.aclose()

    async def exhaust(self, chunks: AsyncIterator[bytes]) -> None:
        """Exhaust the chunks of the closed connection, because trio warns of generators that are not finished."""
        if self._backend.stream is not None:
            with anyio.CancelScope(shield=True), contextlib.suppress(httpx.TransportError):
                # There are only a few received bytes, and then the error of a closed connection.
                [None async for _ in chunks]

    def is_reusable(self) -> bool:
        """Return whether no bytes followed the last response. The next request would take them for its response."""
        stream = self._backend.stream
        if stream is None:
            return True
        tls = stream.get_extra_info("ssl_object")
        return not (tls is not None and _has_more(tls)) and not _has_trailing_data(self._pool)

    def detach(self) -> None:
        """Release the parent's connection in a forked child, without sending anything to the server."""
        if self._backend.stream is not None:
            with contextlib.suppress(OSError):
                _detach(self._backend.stream.get_extra_info("socket"))


def _has_trailing_data(pool: httpcore.ConnectionPool | httpcore.AsyncConnectionPool) -> bool:
    """Return whether bytes were received after the end of the last response."""
    for connection in pool.connections:
        inner: Any = connection
        while not isinstance(state := getattr(inner, "_h11_state", None), h11.Connection):
            inner = getattr(inner, "_connection", None)
            if inner is None:
                # The connection was closed before it was open, or this version of httpcore stores the state elsewhere.
                return True
        if state.trailing_data[0]:
            return True
    return False


def _has_more(tls: ssl.SSLObject) -> bool:
    """Return whether there are unread bytes over TLS, or the other side has closed the connection."""
    try:
        tls.read(1)
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError:
        return True
    return True


def _detach(connected: Any) -> None:
    """Redirect a socket's descriptor in this process to the null device.

    Closing the socket of an event loop is not safe, because the loop would remove it from the selector that both
    processes share. Closing only the descriptor is not safe, either, because another file could get its number.
    """
    descriptor = -1 if connected is None else connected.fileno()
    if descriptor < 0:
        return
    null = os.open(os.devnull, os.O_RDWR)
    try:
        os.dup2(null, descriptor, inheritable=False)
    finally:
        os.close(null)
    # Python would warn of an unclosed socket at the end of the process. asyncio does not give its sockets away.
    if isinstance(connected, socket.socket):
        connected.detach()
