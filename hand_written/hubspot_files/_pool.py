"""Connections at rest: transports of one connection each, so that a request costs the same among one or a hundred.

httpx's own pool looks at every connection for every request, and closes those beyond twenty as soon as they rest.
"""

from __future__ import annotations

import time
import urllib.request
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, NamedTuple, TypeAlias, TypeVar

import httpx

T = TypeVar("T")

Origin: TypeAlias = tuple[str, str, int | None]

MOST = 100
"""Requests in flight at the most, as in httpx itself."""

ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1)
"""What makes a transport of httpx one of a single connection."""

# Seconds, as in httpx itself.
_LONGEST_REST = 5.0


class Host(NamedTuple, Generic[T]):
    """The transports to one origin that are at rest, the last used at the end, each with the time since when."""

    proxy: str | None
    resting: deque[tuple[float, T]]

    def put(self, transport: T) -> None:
        """Take a transport back whose answer is read."""
        self.resting.append((time.monotonic(), transport))


class Pool(Generic[T]):
    """The transports of a client. No step of it can be cut in two by another thread, so that it needs no lock."""

    def __init__(self, make: Callable[[str | None], T]) -> None:
        self._make = make
        # By origin, so that the environment is asked for proxies once.
        self._hosts: dict[Origin, Host[T]] = {}
        self.transports: set[T] = set()

    def take(self, url: httpx.URL) -> tuple[Host[T], T]:
        """A transport that no other request uses, the warmest, and where to put it afterwards."""
        key = (url.scheme, url.host, url.port)
        host = self._hosts.get(key)
        if host is None:
            host = self._hosts.setdefault(key, Host(proxy_for(url), deque()))
        try:
            return host, host.resting.pop()[1]
        except IndexError:
            transport = self._make(host.proxy)
            self.transports.add(transport)
            return host, transport

    def stale(self) -> T | None:
        """Forget a transport that rested for too long, and give it to be closed."""
        before = time.monotonic() - _LONGEST_REST
        for host in tuple(self._hosts.values()):
            try:
                since, transport = host.resting.popleft()
            except IndexError:
                continue
            if since < before:
                self.transports.discard(transport)
                return transport
            host.resting.appendleft((since, transport))
        return None

    def drop(self, transport: T) -> None:
        """Forget a transport in use, which is to be closed."""
        self.transports.discard(transport)

    def take_idle(self) -> list[T]:
        """Forget the idle transports, and give them to be closed."""
        idle: list[T] = []
        for host in tuple(self._hosts.values()):
            with suppress(IndexError):
                # Until there is none, rather than as many as there are: another thread may take one meanwhile.
                while True:
                    idle.append(host.resting.popleft()[1])
        self.transports.difference_update(idle)
        return idle

    def clear(self) -> list[T]:
        """Forget all transports, also those in use, and give them to be closed."""
        transports = list(self.transports)
        self._hosts.clear()
        self.transports.clear()
        return transports


def proxy_for(url: httpx.URL) -> str | None:
    """The proxy that the environment names for a URL, as httpx itself would take it."""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or _goes_past(url, proxies.get("no", "")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _goes_past(url: httpx.URL, listed: str) -> bool:
    """Whether NO_PROXY, or what the system has for it, names a host: by its name, with its port or with its scheme."""
    port = url.port or (443 if url.scheme == "https" else 80)
    if any(urllib.request.proxy_bypass(name) for name in (url.host, f"{url.host}:{port}")):
        return True
    return not {f"{url.scheme}://{url.host}", f"{url.scheme}://{url.host}:{port}"}.isdisjoint(
        entry.strip().rstrip("/") for entry in listed.split(",")
    )
