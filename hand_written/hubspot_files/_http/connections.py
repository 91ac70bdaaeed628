"""The connections of the synchronous client."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

from .._errors import ArgumentTypeError, ClientStateError
from .._fork import import_before_fork, renew_after_fork
from .pool import MAX_CONNECTIONS, Host, Pool
from .proxies import map_environment_errors, ssl_context
from .transport_log import Sending

if TYPE_CHECKING:
    from .network import Transport


# These are imported on first use, because importing them takes long.
import_before_fork("hubspot_files._http.network", "email.utils")
FORKED_CLIENT = (
    "http_client was used before this process was forked, and both processes would read from the same connections; "
    "make an http_client, and a client with it, in each process"
)
OTHER_LOOP = (
    "http_client was used in another event loop, to which its connections belong; make an http_client, and a client "
    "with it, in each event loop"
)


HttpClient: TypeAlias = httpx.Client
"""The caller's client, by a name for modules that do not know httpx."""


def check_http_client(client: HttpClient | None) -> HttpClient | None:
    """Return the caller's client.

    Raises:
        TypeError: it is not an httpx.Client.
    """
    if client is not None and not isinstance(client, httpx.Client):
        raise ArgumentTypeError(f"http_client must be an httpx.Client, not {type(client).__name__}")
    return client


class Connections:
    """The connections of a client, or the caller's httpx.Client, which is never closed here."""

    def __init__(self, client: httpx.Client | None = None) -> None:
        self.client = client
        self.closed = False
        self._client_used = False
        self._client_is_foreign = False
        self.pool: Pool[Transport] = Pool(_transport)
        self.slots = RequestSlots(MAX_CONNECTIONS)
        renew_after_fork(self)

    def renew(self) -> None:
        """Start without connections in a forked child. Those of the parent are neither used nor closed."""
        transports = self.pool.transports
        self.pool = Pool(_transport)
        # The same object, because a response that was open at the fork releases its slot here.
        self.slots.renew()
        for transport in transports:
            transport.detach()
        # Its connections are not known here, and would be shared with the parent.
        self._client_is_foreign = self._client_used

    def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the response before its body is read.

        Raises:
            ClientStateError: the caller's http_client was used before this process was forked.
            httpx.TransportError: there is no response.
        """
        with Sending(request):
            if self.client is not None:
                if self._client_is_foreign:
                    raise ClientStateError(FORKED_CLIENT)
                self._client_used = True
                return self.client.send(request, stream=True, auth=None, follow_redirects=False)
            # Without an httpx.Client, which would store cookies and double the cost.
            response = self._send(request)
        response.request = request
        return response

    def _send(self, request: httpx.Request) -> httpx.Response:
        if (expired := self.pool.pop_expired()) is not None:
            expired.close()
        slots = self.slots
        if not slots.enter(request, request.extensions.get("timeout", {}).get("pool")):
            raise httpx.PoolTimeout(f"{slots.size} requests are already in flight", request=request)
        try:
            host, transport = self.pool.take(request.url)
            slots.note(request, transport)
            response = transport.handle_request(request)
            response.stream = _Content(response.stream, self.pool, slots, host, transport, request)
        except BaseException:
            self.abandon(request)
            raise
        return response

    def abandon(self, request: httpx.Request) -> None:
        """Release the slot of a request whose response is not read, and close the connection that it uses."""
        transport = self.slots.leave(request)
        if transport is not None:
            self.pool.drop(transport)
            transport.close()

    def close_idle(self) -> None:
        """Close the idle connections."""
        for transport in self.pool.pop_idle():
            transport.close()

    def close(self) -> None:
        """Close all connections. One that is in use is shut down, and closed by the thread that uses it."""
        self.closed = True
        for transport in self.pool.pop_idle():
            transport.close()
        for transport in self.pool.clear():
            transport.shut_down()


class RequestSlots:
    """The requests in flight, up to a maximum, each with the transport that it uses.

    A request that was collected does not count. So a response that is lost in an interrupt does not keep its slot.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.renew()

    def renew(self) -> None:
        """Remove all requests, and replace the lock."""
        self._users: weakref.WeakKeyDictionary[httpx.Request, Transport | None] = weakref.WeakKeyDictionary()
        # It is entered directly, because an interrupt can leave the `with` of a condition locked. It is reentrant,
        # because the garbage collector can close an abandoned response at any step of the thread that holds it.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)

    def enter(self, request: httpx.Request, timeout: float | None) -> bool:
        """Wait for a slot, up to a timeout in seconds, and return whether there was one."""
        with self._lock:
            if not self._changed.wait_for(lambda: len(self._users) < self.size, timeout):
                return False
            self._users[request] = None
            return True

    def note(self, request: httpx.Request, transport: Transport) -> None:
        """Record the transport that a request uses."""
        with self._lock:
            self._users[request] = transport

    def leave(self, request: httpx.Request) -> Transport | None:
        """Release the slot of a request, if it still has one, and return the transport that it used."""
        with self._lock:
            transport = self._users.pop(request, None)
            self._changed.notify()
            return transport


def _transport(proxy: str | None) -> Transport:
    # Imported on first use, like in httpx itself, because importing httpcore takes long.
    from .network import Transport

    with map_environment_errors(proxy):
        return Transport(ssl_context(), proxy)


class _Content(httpx.SyncByteStream):
    """The body of a response. When it is closed, its transport becomes idle again or is closed."""

    def __init__(
        self,
        stream: Any,
        pool: Pool[Transport],
        slots: RequestSlots,
        host: Host[Transport],
        transport: Transport,
        request: httpx.Request,
    ) -> None:
        self._stream = stream
        self._pool = pool
        self._slots = slots
        self._host = host
        self._transport = transport
        self._request = request
        self._complete = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream
        self._complete = True

    def close(self) -> None:
        reusable = False
        try:
            self._stream.close()
            reusable = self._complete and not self._pool.closed and self._transport.is_reusable()
        finally:
            self._slots.leave(self._request)
            if reusable:
                self._host.put(self._transport)
            else:
                # httpcore has closed the connection. If that was interrupted, httpcore would keep it forever.
                self._pool.drop(self._transport)
                self._transport.close()
