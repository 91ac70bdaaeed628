"""What the two drivers share: how requests are put together, and what they know of base URL, token and time."""

from __future__ import annotations

import contextlib
import functools
import os
import ssl
import threading
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NoReturn, Protocol, TypeAlias

import httpx

from ._errors import ClientStateError
from ._flow import NoReplyError, Request
from ._fork import import_before_fork
from ._secrets import Secret, redact_error
from ._version import __version__

TokenProvider: TypeAlias = Callable[[], str]
AsyncTokenProvider: TypeAlias = Callable[[], str | Awaitable[str]]
Timeout: TypeAlias = float | httpx.Timeout | None

DEFAULT_TIMEOUT = httpx.Timeout(60.0, connect=10.0)

# Responses of this API are records and pages of a hundred of them; more than this is none of them.
LARGEST_REPLY = 32 * 1024 * 1024
# httpx itself imports httpcore only when it is needed, because that takes long.
import_before_fork("hubspot_files._network", "email.utils")

DEADLINE = "hubspot_files.deadline"
"""Extension of a request: the real monotonic clock, in seconds, at which its response must have been read."""
CLOSED = "the client is closed; make another, or use the client within its `with`"
FORKED_CLIENT = (
    "http_client was used before this process was forked, so that both would read from the same connections; make an "
    "http_client, and a client with it, in each process"
)
OTHER_LOOP = (
    "http_client was used in another event loop, to which its connections belong; make an http_client, and a client "
    "with it, in each event loop"
)
_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip",
    "user-agent": f"hubspot-files/{__version__} python-httpx/{httpx.__version__}",
}
_BARE = frozenset({"method", "url"})
# With any other method httpx says that a body has no length.
_BODILESS = ("GET", "HEAD", "DELETE")
_NOTHING = httpx.ByteStream(b"")


PIECE = 256 * 1024
"""Bytes that are sent at once: httpx gives 64 KiB, each of which costs as many steps as more. One piece has to go out
within the timeout of a write, so that there is a limit to how many they can be on a slow line."""


def gather(pieces: Iterator[bytes], size: int) -> bytes:
    """The next pieces of a body, until they are so many bytes or more; nothing at its end."""
    group: list[bytes] = []
    for piece in pieces:
        group.append(piece)
        size -= len(piece)
        if size <= 0:
            break
    return b"".join(group)


class Body(httpx.SyncByteStream):
    """A request's body that knows whether it was sent to its end."""

    def __init__(self, stream: Any, check: Callable[[], None]) -> None:
        self._stream = stream
        self._check = check
        # Bytes that are at hand may be taken from the request itself, as mocks do: then nobody asks for them here.
        self.exhausted = isinstance(stream, httpx.ByteStream)

    def __iter__(self) -> Iterator[bytes]:
        self.exhausted = False
        pieces = iter(self._stream)
        while piece := gather(pieces, PIECE):
            self._check()
            yield piece
        self.exhausted = True


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


def never() -> None:
    """What is called where nothing has to end."""


def late() -> httpx.ReadTimeout:
    """The error of a step that the deadline cuts short."""
    return httpx.ReadTimeout("the deadline has passed")


class BodyReader:
    """A response's body, decoded as it comes and never beyond the largest that the API sends."""

    def __init__(self, response: httpx.Response) -> None:
        # A hook of the caller's client may have read it already; then httpx has decoded it.
        coding = "" if response.is_stream_consumed else response.headers.get("content-encoding", "").strip().lower()
        self._coding = coding
        self._decoder = zlib.decompressobj(16 + zlib.MAX_WBITS) if coding in ("gzip", "x-gzip") else None
        self._parts: list[bytes] = []
        self._size = 0
        self._began = False
        self._problem: str | None = None

    def take(self, chunk: bytes) -> bool:
        """Take the next bytes as they came, and return whether more are wanted."""
        if not chunk:
            return True
        self._began = True
        if self._decoder is not None:
            try:
                chunk = self._decoder.decompress(chunk, LARGEST_REPLY + 1 - self._size)
            except zlib.error as error:
                self._problem = f"not what its Content-Encoding says ({error})"
            if self._decoder.unused_data:
                self._problem = "not what its Content-Encoding says (more follows its end)"
        elif self._coding not in ("", "identity"):
            # One coding upon another makes gibibytes of a few hundred bytes.
            self._problem = f"encoded as {self._coding!r}, which was not asked for"
        self._parts.append(chunk)
        self._size += len(chunk)
        if self._size > LARGEST_REPLY:
            self._problem = f"larger than {LARGEST_REPLY} bytes"
        return self._problem is None

    def result(self) -> tuple[bytes, str | None]:
        """The body, or no bytes and why it cannot be read."""
        if self._problem is None and self._began and self._decoder is not None and not self._decoder.eof:
            self._problem = "not what its Content-Encoding says (its end is missing)"
        return (b"", self._problem) if self._problem else (b"".join(self._parts), None)


def without_frames(error: BaseException) -> BaseException:
    """An error of the transport without its frames, and without the token and signed URLs in what it says and holds.

    What it says, what caused it, and which request it was, stay.
    """
    seen: set[int] = set()
    rest: list[BaseException | None] = [error]
    while rest:
        link = rest.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            link.__traceback__ = None
            redact_error(link)
            rest += [link.__cause__, link.__context__, *getattr(link, "exceptions", ())]
    return error


def no_reply(error: httpx.TransportError, request: httpx.Request) -> NoReplyError:
    """The failure of a request, which was sent to its end if it has no body, or one that was."""
    without_frames(error)
    return NoReplyError(error, all_sent=getattr(request.stream, "exhausted", True))


@functools.cache
def ssl_context() -> ssl.SSLContext:
    """What certificates are verified with. It takes longer to make than a request does, so that clients share it."""
    return httpx.create_ssl_context()


@contextlib.contextmanager
def explained(proxy: str | None) -> Iterator[None]:
    """Say what to do where a transport cannot be made because of what the environment says.

    Raises:
        httpx.UnsupportedProtocol: SSL_CERT_FILE or SSL_CERT_DIR, or the proxy, cannot be used.
    """
    try:
        yield
    except (OSError, ssl.SSLError) as error:
        named = " and ".join(name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name))
        advice = f"; correct or unset {named}, in the environment" if named else ""
        raise httpx.UnsupportedProtocol(f"the certificates to verify with cannot be read ({error}){advice}") from error
    except ImportError as error:
        raise httpx.UnsupportedProtocol(
            f"{_shown(proxy)} needs the package socksio: install httpx[socks], or unset the proxy for this host with "
            "NO_PROXY"
        ) from error
    except (ValueError, httpx.InvalidURL) as error:
        raise httpx.UnsupportedProtocol(
            f"{_shown(proxy)} cannot be used; it must be http://, https://, socks5:// or socks5h:// with a host"
        ) from error


def _shown(proxy: str | None) -> str:
    """The environment's proxy for a message, without its user and password."""
    scheme, mark, rest = (proxy or "").partition("://")
    return f"the proxy {scheme}{mark}{rest.rpartition('@')[2]} of the environment"


def check_token(token: object) -> str:
    """A token that can stand in a header.

    Raises:
        TypeError: it is no str.
        ValueError: it is empty, or holds what a header cannot.
    """
    kind = type(token)
    if isinstance(token, str) and token and token.isascii() and token.isprintable() and " " not in token:
        return token
    # It is not shown, not even by a traceback with variables: it may be a good one with a stray line end.
    del token
    if not issubclass(kind, str):
        raise TypeError(f"the access token must be a str, not {kind.__name__}")
    raise ValueError("the access token is empty, or holds spaces, line ends or other characters that no token has")


def check_timeout(timeout: Timeout) -> Timeout:
    """A timeout as it was given, of the call or of the client.

    Raises:
        TypeError: it is neither a number nor an httpx.Timeout nor None.
        ValueError: it, or a part of it, is no time that one can wait: zero, which would not even connect, less, NaN or
            infinite.
    """
    if timeout is None:
        return None
    parts = timeout.as_dict().values() if isinstance(timeout, httpx.Timeout) else [timeout]
    for seconds in parts:
        if seconds is None:
            continue
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise TypeError(f"timeout must be seconds as a number, or an httpx.Timeout, not {type(seconds).__name__}")
        if not 0 < seconds <= threading.TIMEOUT_MAX:
            raise ValueError(
                f"timeout must be more than 0 seconds, not {seconds}; httpx.Timeout(None) waits without end"
            )
    return timeout
