"""The base of both drivers: where the API is, how long to wait, and how requests are put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, Protocol

import httpx

from .._clock import Clock, SystemClock
from .._errors import ClientStateError
from .._redaction import Secret
from .._version import __version__
from .bodies import RequestBody, no_check
from .failures import deadline_error
from .messages import Request
from .timeouts import DEADLINE, StepTimeouts, Timeout

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


class BaseDriver:
    """The base of both drivers.

    Args:
        connections: those of the client and its copies.
        base_url: URL of the API.
        timeout: for each step of a connection.
        clock: the time that the client lives by.
    """

    def __init__(self, connections: _Closable, base_url: str, timeout: StepTimeouts, clock: Clock) -> None:
        self.base_url = base_url
        self.timeout = timeout
        self.clock = clock
        self.closed = False
        self._shared_connections = connections
        self._seconds = timeout.as_dict()
        # Headers as a caller's client has them, and what a request is sent with then.
        self._prepared_headers: tuple[Any, list[tuple[bytes, bytes]]] | None = None

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a client holds a token and connections, and no part of it is pickled")

    def check_open(self) -> None:
        """Make sure that the client was not closed.

        Raises:
            ClientStateError: it was.
        """
        if self.closed or self._shared_connections.closed:
            raise ClientStateError(CLOSED)

    def _extensions(self, timeout: Timeout, deadline: float | None) -> dict[str, Any]:
        seconds = self._seconds if timeout is None else httpx.Timeout(timeout).as_dict()
        if deadline is None:
            return {"timeout": seconds}
        left = max(deadline - self.clock.monotonic(), 0.001)
        seconds = {step: left if limit is None else min(limit, left) for step, limit in seconds.items()}
        # A network waits in real time, whatever clock the client is given.
        return {"timeout": seconds, DEADLINE: SystemClock.monotonic() + left}

    def _request(
        self,
        client: httpx.Client | httpx.AsyncClient | None,
        request: Request,
        token: Secret,
        timeout: Timeout,
        deadline: float | None,
    ) -> httpx.Request:
        kwargs = dict(request.kwargs)
        if not kwargs.get("params", True):
            # For parameters httpx reads the URL a second time, even where there are none.
            del kwargs["params"]
        extensions = self._extensions(timeout, deadline)
        if kwargs.keys() == _BARE and request.method in _BODILESS and _adds_headers_only(client):
            bare = httpx.Request(
                request.method,
                self.base_url + kwargs["url"],
                headers=self._bare_headers(client),
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
            built.stream = self._body(built.stream, request, deadline)
        # Last, so that nothing that fails before has it among its variables.
        built.headers["authorization"] = f"Bearer {token.reveal()}"
        return built

    def _bare_headers(self, client: httpx.Client | httpx.AsyncClient | None) -> list[tuple[bytes, bytes]]:
        """Return the headers of a request without a body: made once, because that costs as much as the rest of it."""
        given = None if client is None else client.headers.raw
        if self._prepared_headers is None or self._prepared_headers[0] != given:
            build = httpx.Request if client is None else client.build_request
            self._prepared_headers = given, build("GET", self.base_url, headers=_HEADERS).headers.raw
        return self._prepared_headers[1]

    def _body(self, stream: Any, request: Request, deadline: float | None) -> Any:
        return RequestBody(stream, self.deadline_check(deadline))

    def _fetch_request(
        self, url: Secret, headers: dict[str, str], token: Secret | None, timeout: Timeout, deadline: float | None
    ) -> httpx.Request:
        """Return a request for content.

        It is never built by the caller's client, which may add headers that are for HubSpot only.
        """
        given = {"accept": "*/*", "accept-encoding": "identity", "user-agent": _HEADERS["user-agent"], **headers}
        built = httpx.Request("GET", url.reveal(), headers=given, extensions=self._extensions(timeout, deadline))
        if token is not None:
            built.headers["authorization"] = f"Bearer {token.reveal()}"
        return built

    def deadline_check(self, deadline: float | None) -> Callable[[], None]:
        """Return a function to call between the chunks of a body: a timeout never sees a body that drips.

        The function raises httpx.ReadTimeout once the deadline has passed.
        """
        if deadline is None:
            return no_check

        def check() -> None:
            if self.clock.monotonic() >= deadline:
                raise deadline_error()

        return check


def _adds_headers_only(client: httpx.Client | httpx.AsyncClient | None) -> bool:
    """Whether a caller's client adds nothing to a request but headers, and the same to each."""
    if client is None:
        return True
    given = type(client).build_request in (httpx.Client.build_request, httpx.AsyncClient.build_request)
    return given and not (client.cookies or client.params)
