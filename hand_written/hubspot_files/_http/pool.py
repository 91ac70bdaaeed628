"""Pool of transports of one connection each; to find one takes the same time however many there are.

The pool of httpx checks all connections for each request, and keeps only twenty idle ones.
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
"""Maximum number of requests in flight, like in httpx itself."""
# Seconds, like in httpx itself.
_IDLE_EXPIRY = 5.0


class Host(NamedTuple, Generic[T]):
    """The idle transports to one origin, the last used at the end, each with the start of its idle time."""

    proxy: str | None
    idle: deque[tuple[float, T]]

    def put(self, transport: T) -> None:
        """Add a transport whose response was read."""
        self.idle.append((SystemClock.monotonic(), transport))


class Pool(Generic[T]):
    """The transports of a client. It needs no lock, because each of its steps is atomic."""

    def __init__(self, make: Callable[[str | None], T]) -> None:
        self._make = make
        self.closed = False
        # By origin, to read the proxies of the environment once.
        self._hosts: dict[Origin, Host[T]] = {}
        # By identity. Only the response holds a transport in use, so one that is lost in an interrupt is collected.
        self._transports: weakref.WeakValueDictionary[int, T] = weakref.WeakValueDictionary()

    @property
    def transports(self) -> list[T]:
        """All transports, idle and in use."""
        return [transport for reference in self._transports.valuerefs() if (transport := reference()) is not None]

    def take(self, url: httpx.URL) -> tuple[Host[T], T]:
        """Return the host of a URL and a transport to it: the last used idle one, or a new one.

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

    def pop_expired(self) -> T | None:
        """Remove and return a transport that was idle for too long, if there is one. The caller closes it."""
        before = SystemClock.monotonic() - _IDLE_EXPIRY
        for host in tuple(self._hosts.values()):
            # It stays in its place until it is known to have expired, so that another thread can take it meanwhile.
            with contextlib.suppress(IndexError, ValueError):
                since, transport = first = host.idle[0]
                if since < before:
                    host.idle.remove(first)
                    self.drop(transport)
                    return transport
        return None

    def drop(self, transport: T) -> None:
        """Remove a transport. The caller closes it."""
        self._transports.pop(id(transport), None)

    def pop_idle(self) -> list[T]:
        """Remove and return the idle transports. The caller closes them."""
        idle: list[T] = []
        for host in tuple(self._hosts.values()):
            with contextlib.suppress(IndexError):
                # Until it is empty, because another thread may take a transport meanwhile.
                while True:
                    idle.append(host.idle.popleft()[1])
        for transport in idle:
            self.drop(transport)
        return idle

    def clear(self) -> list[T]:
        """Close the pool, and return all transports, including those in use. The caller closes them."""
        self.closed = True
        transports = self.transports
        self._hosts.clear()
        self._transports.clear()
        return transports
