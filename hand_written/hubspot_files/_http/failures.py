"""Failures of requests without a response."""

from __future__ import annotations

import ssl
from enum import Enum

import httpx

from .redaction import redact_error

MORE_SECONDS = "deadline= of the client allows more seconds"
"""Advice for messages after the deadline has passed."""


class FailureKind(Enum):
    """The kind of a failure."""

    STATUS = "a response whose status is an error"
    CONNECT = "no connection"
    UNTRUSTED = "TLS failed, or the protocol is not supported"
    TIMEOUT = "no response in time"
    CUT = "the connection was cut"


class NoResponseError(Exception):
    """There was no response to a request. It is internal: flows convert it to the public errors.

    Attributes:
        cause: the error that httpx raised.
        fully_sent: whether the whole request was sent, and HubSpot may have acted on it.
        host: host of the request, with its port if that is not the usual one; empty if it is not known.
        kind: kind of the failure.
    """

    def __init__(self, cause: httpx.TransportError, *, fully_sent: bool, host: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.fully_sent = fully_sent
        self.host = host
        self.kind = _kind(cause)

    @property
    def timed_out(self) -> bool:
        """Whether a step of the connection timed out."""
        return isinstance(self.cause, httpx.TimeoutException)

    def reason(self, *, late: bool) -> str:
        """Return the reason why there is no response, for a message.

        Args:
            late: whether the deadline has passed.
        """
        detail = str(self.cause) or type(self.cause).__name__
        if late and self.timed_out:
            # The timeouts of the steps are shortened to the remaining time, so a step times out at the deadline.
            return f"no response before the deadline ({type(self.cause).__name__}); {MORE_SECONDS}"
        if isinstance(self.cause, httpx.UnsupportedProtocol):
            return f"could not connect: {detail}"
        if self.kind is FailureKind.CONNECT:
            return f"could not connect{f' to {self.host}' if self.host else ''}: {detail}"
        if self.kind is FailureKind.UNTRUSTED:
            return f"no trusted connection: {detail}"
        if self.kind is FailureKind.TIMEOUT:
            name = type(self.cause).__name__
            return f"no response in time ({name}); timeout= of the client or the call allows more seconds"
        return f"the connection was cut: {detail}"


def _kind(cause: httpx.TransportError) -> FailureKind:
    if isinstance(cause, httpx.UnsupportedProtocol | httpx.LocalProtocolError) or _is_tls(cause):
        return FailureKind.UNTRUSTED
    if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
        return FailureKind.CONNECT
    return FailureKind.TIMEOUT if isinstance(cause, httpx.TimeoutException) else FailureKind.CUT


def _is_tls(error: BaseException | None) -> bool:
    """Return whether TLS itself failed. A connection that was cut during the handshake does not count."""
    # Chains of causes can be circular.
    visited: set[int] = set()
    while error is not None and id(error) not in visited:
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return True
        visited.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def deadline_error() -> httpx.ReadTimeout:
    """Return the error of a step that was stopped at the deadline."""
    return httpx.ReadTimeout("the deadline has passed")


def request_failure(request: httpx.Request, error: httpx.TransportError) -> NoResponseError:
    """Return the failure of a request. It was fully sent if it has no body, or if its body was fully sent."""
    sanitized(error)
    return NoResponseError(error, fully_sent=getattr(request.stream, "exhausted", True), host=_host(request))


def body_failure(error: httpx.TransportError, request: httpx.Request | None = None) -> NoResponseError:
    """Return the failure of a response whose body is incomplete, or of a request that has no body."""
    sanitized(error)
    return NoResponseError(error, fully_sent=True, host="" if request is None else _host(request))


def _host(request: httpx.Request) -> str:
    return request.url.netloc.decode("ascii")


def sanitized(error: BaseException) -> BaseException:
    """Remove the traceback of an error and the secrets in its message and attributes, and return the error.

    The same is done to its causes, contexts and grouped errors.
    """
    visited: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        link = pending.pop()
        if link is not None and id(link) not in visited:
            visited.add(id(link))
            link.__traceback__ = None
            redact_error(link)
            pending += [link.__cause__, link.__context__, *getattr(link, "exceptions", ())]
    return error
