"""How a request is put together, from what the client knows."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

import httpx

from .._errors import ClientStateError
from .._redaction import Secret
from .._version import __version__
from .bodies import Body, never
from .failures import late
from .messages import Request
from .timeouts import Timeout

DEADLINE = "hubspot_files.deadline"
"""Extension of a request: the real monotonic clock, in seconds, at which its response must have been read."""
CLOSED = "the client is closed; make another, or use the client within its `with`"
_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip",
    "user-agent": f"hubspot-files/{__version__} python-httpx/{httpx.__version__}",
}
_BARE = frozenset({"method", "url"})
# With any other method httpx says that a body has no length.
_BODILESS = ("GET", "HEAD", "DELETE")
_NOTHING = httpx.ByteStream(b"")


class _Closable(Protocol):
    closed: bool


class Driver:
    """What both drivers know: where the API is, how long to wait, and how requests are put together."""

    def __init__(self, connections: _Closable, base_url: str, timeout: httpx.Timeout) -> None:
        self.base_url = base_url
        self.timeout = timeout
        self.closed = False
        self._shared_connections = connections
        self._seconds = timeout.as_dict()
        self._ready: tuple[Any, list[tuple[bytes, bytes]]] | None = None

    monotonic = staticmethod(time.monotonic)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a client holds a token and connections, and no part of it is pickled")

    def check_open(self) -> None:
        """Make sure that the client was not closed.

        Raises:
            ClientStateError: it was.
        """
        if self.closed or self._shared_connections.closed:
            raise ClientStateError(CLOSED)

    def _extensions(self, timeout: Timeout, end: float | None) -> dict[str, Any]:
        seconds = self._seconds if timeout is None else httpx.Timeout(timeout).as_dict()
        if end is None:
            return {"timeout": seconds}
        left = max(end - self.monotonic(), 0.001)
        seconds = {step: left if limit is None else min(limit, left) for step, limit in seconds.items()}
        return {"timeout": seconds, DEADLINE: time.monotonic() + left}

    def _request(
        self, client: httpx.Client | httpx.AsyncClient | None, request: Request, token: Secret
    ) -> httpx.Request:
        kwargs = dict(request.kwargs)
        if not kwargs.get("params", True):
            # For parameters httpx reads the URL a second time, even where there are none.
            del kwargs["params"]
        extensions = self._extensions(request.timeout, request.end)
        if kwargs.keys() == _BARE and request.method in _BODILESS and _adds_headers_only(client):
            bare = httpx.Request(
                request.method,
                self.base_url + kwargs["url"],
                headers=self._ready_headers(client),
                stream=_NOTHING,
                extensions=extensions,
            )
            # As below, last.
            bare.headers["authorization"] = f"Bearer {token.reveal()}"
            return bare
        method, url = kwargs.pop("method"), self.base_url + kwargs.pop("url")
        headers = {**_HEADERS, **kwargs.pop("headers", {})}
        # The headers, parameters and cookies that the caller gave a client are wanted on requests to HubSpot.
        build = httpx.Request if client is None else client.build_request
        built = build(method, url, headers=headers, extensions=extensions, **kwargs)
        if kwargs.keys() & {"json", "files"}:
            built.stream = self._body(built.stream, request)
        # Last, so that nothing that fails before has it among its variables.
        built.headers["authorization"] = f"Bearer {token.reveal()}"
        return built

    def _ready_headers(self, client: httpx.Client | httpx.AsyncClient | None) -> list[tuple[bytes, bytes]]:
        """What a request without a body is sent with: made once, because that costs as much as the rest of one."""
        given = None if client is None else client.headers.raw
        if self._ready is None or self._ready[0] != given:
            build = httpx.Request if client is None else client.build_request
            self._ready = given, build("GET", self.base_url, headers=_HEADERS).headers.raw
        return self._ready[1]

    def _body(self, stream: Any, request: Request) -> Any:
        return Body(stream, self.lasts(request.end))

    def _fetch_request(
        self, url: Secret, headers: dict[str, str], token: Secret | None, timeout: Timeout, end: float | None
    ) -> httpx.Request:
        """A request for content. It is never built by the caller's client, which may add what is for HubSpot only."""
        given = {"accept": "*/*", "accept-encoding": "identity", "user-agent": _HEADERS["user-agent"], **headers}
        built = httpx.Request("GET", url.reveal(), headers=given, extensions=self._extensions(timeout, end))
        if token is not None:
            built.headers["authorization"] = f"Bearer {token.reveal()}"
        return built

    def lasts(self, end: float | None) -> Callable[[], None]:
        """What is called between the pieces of a body, and raises once the time is up: a timeout never sees a drip.

        Raises:
            httpx.ReadTimeout: the end has come.
        """

        if end is None:
            return never

        def check() -> None:
            if self.monotonic() >= end:
                raise late()

        return check


def _adds_headers_only(client: httpx.Client | httpx.AsyncClient | None) -> bool:
    """Whether all that a caller's client gives a request are headers, and the same to each."""
    if client is None:
        return True
    given = type(client).build_request in (httpx.Client.build_request, httpx.AsyncClient.build_request)
    return given and not (client.cookies or client.params)
