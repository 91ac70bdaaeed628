"""The driver of the synchronous client: input and output over httpx."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from ._flow import NoReplyError, Reply, Request
from ._http import LARGEST_REPLY, Driver, Timeout, TokenProvider, check_token, no_reply, origin, proxy_for


class Incoming:
    """An answer whose body is still to come."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.chunks = response.iter_raw()


class Connections:
    """Open connections, or the httpx.Client of a caller, which stays the caller's."""

    def __init__(self, client: httpx.Client | None = None) -> None:
        self.client = client
        # By origin, so that the environment is asked for proxies once, and by proxy, so that one pool serves them all.
        self._by_origin: dict[tuple[str, str], httpx.HTTPTransport] = {}
        self._by_proxy: dict[str | None, httpx.HTTPTransport] = {}
        self._lock = threading.Lock()

    def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request and give the answer with its body still to come."""
        if self.client is not None:
            return self.client.send(request, stream=True, auth=None, follow_redirects=False)
        # Not through an httpx.Client of our own: it logs whole URLs, and keeps cookies of hosts.
        transport = self._by_origin.get(origin(request.url)) or self._transport(request.url)
        response = transport.handle_request(request)
        response.request = request
        return response

    def _transport(self, url: httpx.URL) -> httpx.HTTPTransport:
        proxy = proxy_for(url)
        with self._lock:
            if proxy not in self._by_proxy:
                self._by_proxy[proxy] = httpx.HTTPTransport(proxy=proxy)
            self._by_origin[origin(url)] = self._by_proxy[proxy]
            return self._by_proxy[proxy]

    def close(self) -> None:
        with self._lock:
            transports = list(self._by_proxy.values())
            self._by_origin.clear()
            self._by_proxy.clear()
        for transport in transports:
            transport.close()


class SyncDriver(Driver):
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
            raise no_reply(error, built) from error
        try:
            body = _whole(response.iter_bytes(), LARGEST_REPLY)
        except httpx.TransportError as error:
            raise no_reply(error, built) from error
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
            raise no_reply(error, built) from error

    def save(self, chunks: Incoming, write: Callable[[bytes], object]) -> None:
        try:
            for chunk in chunks.chunks:
                write(chunk)
        except httpx.TransportError as error:
            raise NoReplyError(error, all_sent=True) from error

    def next(self, chunks: Incoming) -> bytes:
        try:
            return next(chunks.chunks, b"")
        except httpx.TransportError as error:
            raise NoReplyError(error, all_sent=True) from error

    def drain(self, chunks: Incoming, limit: int) -> bytes:
        try:
            return _beginning(chunks.chunks, limit)
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


def _whole(chunks: Iterator[bytes], limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            raise httpx.DecodingError(f"the answer is larger than {limit} bytes")
    return b"".join(parts)


def _beginning(chunks: Iterator[bytes], limit: int) -> bytes:
    body = b""
    for chunk in chunks:
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
