"""Base of both drivers, which builds requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, Protocol

import httpx

from .._clock import Clock, SystemClock
from .._errors import EXPIRED_AUTHENTICATION, ClientStateError
from .._redaction import Secret
from .._version import __version__
from .bodies import RequestBody, no_check
from .failures import deadline_error
from .messages import Request
from .redaction import SECRETS
from .timeouts import DEADLINE, StepTimeouts, Timeout
from .tokens import AsyncTokenProvider, RenewingProvider

CLOSED = "the client is closed; make another, or use the client within its `with` block"
_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip",
    "user-agent": f"hubspot-files/{__version__} python-httpx/{httpx.__version__}",
}
_BARE = frozenset({"method", "url"})
# With any other method, httpx sends `Content-Length: 0`.
_BODILESS = ("GET", "HEAD", "DELETE")
_NOTHING = httpx.ByteStream(b"")


class _Closable(Protocol):
    closed: bool


class BaseDriver:
    """Base of both drivers.

    Args:
        connections: connections of the client and its copies.
        base_url: URL of the API.
        timeout: timeout of each step of a connection.
        clock: source of time.
        token: the token, or its provider.
    """

    def __init__(
        self,
        connections: _Closable,
        base_url: str,
        timeout: StepTimeouts,
        clock: Clock,
        token: Secret | AsyncTokenProvider,
    ) -> None:
        self.base_url = base_url
        self.timeout = timeout
        self.clock = clock
        self._token = token
        self.closed = False
        self._shared_connections = connections
        self._seconds = timeout.as_dict()
        # The headers of the caller's client, and the resulting headers of a request without a body.
        self._prepared_headers: tuple[Any, list[tuple[bytes, bytes]]] | None = None

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a client holds a token and connections, and no part of it can be pickled")

    def check_open(self) -> None:
        """Check that the client is open.

        Raises:
            ClientStateError: it is closed.
        """
        if self.closed or self._shared_connections.closed:
            raise ClientStateError(CLOSED)

    def _extensions(self, timeout: Timeout, deadline: float | None) -> dict[str, Any]:
        seconds = self._seconds if timeout is None else httpx.Timeout(timeout).as_dict()
        if deadline is None:
            return {"timeout": seconds}
        remaining = max(deadline - self.clock.monotonic(), 0.001)
        seconds = {step: remaining if limit is None else min(limit, remaining) for step, limit in seconds.items()}
        # The network needs the deadline on the machine's clock, even if the client has another one.
        return {"timeout": seconds, DEADLINE: SystemClock.monotonic() + remaining}

    def _request(
        self,
        client: httpx.Client | httpx.AsyncClient | None,
        request: Request,
        token: Secret | None,
        timeout: Timeout,
        deadline: float | None,
    ) -> httpx.Request:
        if token is None:
            return self._form_request(client, request, timeout, deadline)
        kwargs = dict(request.kwargs)
        if not kwargs.get("params", True):
            # httpx parses the URL a second time for parameters, even if there are none.
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
            # Last, see below.
            bare.headers["authorization"] = f"Bearer {token.reveal()}"
            return bare
        method, url = kwargs.pop("method"), self.base_url + kwargs.pop("url")
        headers = {**_HEADERS, **kwargs.pop("headers", {})}
        # Requests to HubSpot get the headers, parameters and cookies of the caller's client.
        build = httpx.Request if client is None else client.build_request
        built = build(method, url, headers=headers, extensions=extensions, **kwargs)
        if kwargs.keys() & {"json", "files"}:
            built.stream = self._body(built.stream, request, deadline)
        # Last, because a traceback of an earlier failure could show the variable.
        built.headers["authorization"] = f"Bearer {token.reveal()}"
        return built

    def _form_request(
        self,
        client: httpx.Client | httpx.AsyncClient | None,
        request: Request,
        timeout: Timeout,
        deadline: float | None,
    ) -> httpx.Request:
        """Return a request that authenticates itself with the fields of its form, without a token."""
        assert request.form is not None
        build = httpx.Request if client is None else client.build_request
        headers = {**_HEADERS, "content-type": "application/x-www-form-urlencoded"}
        bare = build(request.method, self.base_url + request.kwargs["url"], headers=headers)
        for name in ("authorization", "content-length"):
            bare.headers.pop(name, None)
        # The form comes last, and not through the caller's client, because a traceback could show the variables.
        built = httpx.Request(
            bare.method,
            bare.url,
            headers=bare.headers,
            content=request.form.encoded(),
            extensions={**self._extensions(timeout, deadline), SECRETS: request.form.secrets()},
        )
        built.stream = self._body(built.stream, request, deadline)
        return built

    def _bare_headers(self, client: httpx.Client | httpx.AsyncClient | None) -> list[tuple[bytes, bytes]]:
        """Return the headers of a request without a body. They are cached, because building them takes long."""
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
        """Return a request for content. It does not use the caller's client, whose headers are for HubSpot only."""
        given = {"accept": "*/*", "accept-encoding": "identity", "user-agent": _HEADERS["user-agent"], **headers}
        built = httpx.Request("GET", url.reveal(), headers=given, extensions=self._extensions(timeout, deadline))
        if token is not None:
            built.headers["authorization"] = f"Bearer {token.reveal()}"
        return built

    def note_rejected(self, token: Secret, body: bytes) -> None:
        """Let the provider of a token renew it before the next request, if the body of a 401 calls it expired."""
        if isinstance(self._token, RenewingProvider) and EXPIRED_AUTHENTICATION.encode() in body:
            self._token._note_expired(token)

    def deadline_check(self, deadline: float | None) -> Callable[[], None]:
        """Return a function to call between the chunks of a body, which raises httpx.ReadTimeout after the deadline."""
        if deadline is None:
            return no_check

        def check() -> None:
            if self.clock.monotonic() >= deadline:
                raise deadline_error()

        return check


def _adds_headers_only(client: httpx.Client | httpx.AsyncClient | None) -> bool:
    """Return whether a caller's client only adds the same headers to each request."""
    if client is None:
        return True
    is_standard = type(client).build_request in (httpx.Client.build_request, httpx.AsyncClient.build_request)
    return is_standard and not (client.cookies or client.params)
