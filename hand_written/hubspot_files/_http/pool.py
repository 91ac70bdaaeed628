"""Idle connections: transports of one connection each, so that a request costs the same among one or a hundred.

httpx's own pool looks at every connection for every request, and closes those beyond twenty as soon as they are idle.
"""

from __future__ import annotations

import contextlib
import weakref
from collections import deque
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeAlias, TypeVar

import httpx

from .._clock import SystemClock
from .proxies import proxy_for

T = TypeVar("T")

Origin: TypeAlias = tuple[str, str, int | None]
MAX_CONNECTIONS = 100
"""Requests in flight at most, as in httpx itself."""
# Seconds, as in httpx itself.
_IDLE_EXPIRY = 5.0


class Host(NamedTuple, Generic[T]):
    """The idle transports to one origin, the last used at the end, each with the time since when."""

    proxy: str | None
    idle: deque[tuple[float, T]]

    def put(self, transport: T) -> None:
        """Take a transport back whose response is read."""
        self.idle.append((SystemClock.monotonic(), transport))


class Pool(Generic[T]):
    """The transports of a client. No step of it can be cut in two by another thread, so that it needs no lock."""

    def __init__(self, make: Callable[[str | None], T]) -> None:
        self._make = make
        self.closed = False
        # By origin, so that the environment is asked for proxies once.
        self._hosts: dict[Origin, Host[T]] = {}
        # By their identity. Those in use are held by the responses that use them, so that an interrupt that loses a
        # response leaves no connection open forever.
        self._transports: weakref.WeakValueDictionary[int, T] = weakref.WeakValueDictionary()

    @property
    def transports(self) -> list[T]:
        """All transports, idle and in use."""
        return [transport for reference in self._transports.valuerefs() if (transport := reference()) is not None]

    def take(self, url: httpx.URL) -> tuple[Host[T], T]:
        """A transport that no other request uses, the warmest, and where to put it afterwards.

        Raises:
            httpx.UnsupportedProtocol: the environment's proxy or certificates cannot be used.
        """
        key = (url.scheme, url.host, url.port)
        host = self._hosts.get(key)
        if host is None:
            host = self._hosts.setdefault(key, Host(proxy_for(url), deque()))
        try:
            return host, host.idle.pop()[1]
        except IndexError:
            transport = self._make(host.proxy)
            self._transports[id(transport)] = transport
            return host, transport

    def stale(self) -> T | None:
        """Forget a transport that was idle for too long, and give it to be closed."""
        before = SystemClock.monotonic() - _IDLE_EXPIRY
        for host in tuple(self._hosts.values()):
            try:
                since, transport = host.idle.popleft()
            except IndexError:
                continue
            if since < before:
                self.drop(transport)
                return transport
            host.idle.appendleft((since, transport))
        return None

    def drop(self, transport: T) -> None:
        """Forget a transport, which is to be closed."""
        self._transports.pop(id(transport), None)

    def pop_idle(self) -> list[T]:
        """Forget the idle transports, and give them to be closed."""
        idle: list[T] = []
        for host in tuple(self._hosts.values()):
            with contextlib.suppress(IndexError):
                # Until there is none, rather than as many as there are: another thread may take one meanwhile.
                while True:
                    idle.append(host.idle.popleft()[1])
        for transport in idle:
            self.drop(transport)
        return idle

    def clear(self) -> list[T]:
        """Forget all transports for good, also those in use, and give them to be closed."""
        self.closed = True
        transports = self.transports
        self._hosts.clear()
        self._transports.clear()
        return transports
