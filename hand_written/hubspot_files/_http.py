"""What the two drivers share: how requests are put together, and what they know of base URL, token and time."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeAlias

import httpx

from ._flow import NoReplyError, Request
from ._version import __version__

TokenProvider: TypeAlias = Callable[[], str]
AsyncTokenProvider: TypeAlias = Callable[[], str | Awaitable[str]]
Timeout: TypeAlias = float | httpx.Timeout | None

DEFAULT_TIMEOUT = httpx.Timeout(60.0, connect=10.0)

# Answers of this API are records and pages of a hundred of them; more than this is none of them.
LARGEST_REPLY = 32 * 1024 * 1024
_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip, deflate",
    "user-agent": f"hubspot-files/{__version__} python-httpx/{httpx.__version__}",
}


class Body(httpx.SyncByteStream):
    """A request's body that knows whether it was sent to its end."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.exhausted = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream
        self.exhausted = True


class Driver:
    """What both drivers know: where the API is, how long to wait, and how requests are put together."""

    def __init__(self, base_url: str, timeout: httpx.Timeout) -> None:
        self.base_url = base_url
        self.timeout = timeout
        self._seconds = timeout.as_dict()

    monotonic = staticmethod(time.monotonic)

    def _extensions(self, timeout: Timeout) -> dict[str, Any]:
        return {"timeout": self._seconds if timeout is None else httpx.Timeout(timeout).as_dict()}

    def _request(self, client: httpx.Client | httpx.AsyncClient | None, request: Request, token: str) -> httpx.Request:
        kwargs = dict(request.kwargs)
        method, url = kwargs.pop("method"), self.base_url + kwargs.pop("url")
        headers = {**_HEADERS, **kwargs.pop("headers", {}), "authorization": f"Bearer {token}"}
        # The headers, parameters and cookies that the caller gave a client are wanted on requests to HubSpot.
        build = httpx.Request if client is None else client.build_request
        built = build(method, url, headers=headers, extensions=self._extensions(request.timeout), **kwargs)
        if len(kwargs.keys() & {"json", "files"}):
            built.stream = self._body(built.stream, request)
        return built

    def _body(self, stream: Any, request: Request) -> Any:
        return Body(stream)

    def _fetch_request(self, url: str, headers: dict[str, str], token: str | None, timeout: Timeout) -> httpx.Request:
        """A request for content. It is never built by the caller's client, which may add what is for HubSpot only."""
        given = {"accept": "*/*", "accept-encoding": "identity", "user-agent": _HEADERS["user-agent"], **headers}
        if token is not None:
            given["authorization"] = f"Bearer {token}"
        if url.startswith("/"):
            url = self.base_url + url
        return httpx.Request("GET", url, headers=given, extensions=self._extensions(timeout))


def no_reply(error: httpx.TransportError, request: httpx.Request) -> NoReplyError:
    """The failure of a request, which was sent to its end if it has no body, or one that was."""
    return NoReplyError(error, all_sent=getattr(request.stream, "exhausted", True))


def origin(url: httpx.URL) -> tuple[str, str]:
    """What a choice of proxy depends on."""
    return url.scheme, url.host


def proxy_for(url: httpx.URL) -> str | None:
    """The proxy that the environment names for a URL."""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def check_token(token: object) -> str:
    """A token that can stand in a header.

    Raises:
        TypeError: it is no str.
        ValueError: it is empty, or holds what a header cannot.
    """
    if not isinstance(token, str):
        raise TypeError(f"the access token must be a str, not {type(token).__name__}")
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        # The token itself is not shown: it may be a good one with a stray line end.
        raise ValueError("the access token is empty, or holds spaces, line ends or other characters that no token has")
    return token
