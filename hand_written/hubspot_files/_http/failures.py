"""Requests that brought no response: of which kind the failure is, and whether all was sent."""

from __future__ import annotations

import ssl
from enum import Enum

import httpx

from .redaction import redact_error

MORE_SECONDS = "deadline= of the client allows more seconds"
"""Advice where the deadline has passed."""


class FailureKind(Enum):
    """How an attempt failed."""

    STATUS = "a response whose status is an error"
    CONNECT = "no connection"
    UNTRUSTED = "no TLS to trust, or no protocol to speak"
    TIMEOUT = "no response in time"
    CUT = "the connection was cut"


class NoResponseError(Exception):
    """A request that brought no response. Only flows see it; they raise the errors that users see.

    Attributes:
        cause: the error that httpx raised.
        fully_sent: whether the whole request was written, so that HubSpot may have acted on it.
        kind: how it failed.
    """

    def __init__(self, cause: httpx.TransportError, *, fully_sent: bool) -> None:
        super().__init__(cause)
        self.cause = cause
        self.fully_sent = fully_sent
        self.kind = _kind(cause)

    @property
    def timed_out(self) -> bool:
        """Whether the time of a step of the connection was up, be it that of connecting."""
        return isinstance(self.cause, httpx.TimeoutException)

    def reason(self, *, late: bool) -> str:
        """Return why there is no response, for a message.

        Args:
            late: whether the deadline has passed.
        """
        detail = str(self.cause) or type(self.cause).__name__
        if late and self.timed_out:
            # The steps of a connection get what is left of it, so that theirs are the timeouts that strike.
            return f"no response before the deadline ({type(self.cause).__name__}); {MORE_SECONDS}"
        if self.kind is FailureKind.CONNECT or isinstance(self.cause, httpx.UnsupportedProtocol):
            return f"could not connect: {detail}"
        if self.kind is FailureKind.UNTRUSTED:
            return f"no connection that can be trusted: {detail}"
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
    """Whether TLS itself failed; a connection that was cut while it was being agreed on did not."""
    # Causes can go round in circles, where one error is raised from another that was raised because of it.
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def deadline_error() -> httpx.ReadTimeout:
    """Return the error of a step that the deadline cuts short."""
    return httpx.ReadTimeout("the deadline has passed")


def request_failure(request: httpx.Request, error: httpx.TransportError) -> NoResponseError:
    """Return the failure of a request, which was sent to its end if it has no body, or one that was."""
    sanitized(error)
    return NoResponseError(error, fully_sent=getattr(request.stream, "exhausted", True))


def body_failure(error: httpx.TransportError) -> NoResponseError:
    """Return the failure of a response whose body did not come to its end."""
    sanitized(error)
    return NoResponseError(error, fully_sent=True)


def sanitized(error: BaseException) -> BaseException:
    """Take the frames off an error of the transport, and the token and signed URLs out of what it says and holds.

    Its message, its cause and the request that it is about stay.
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
