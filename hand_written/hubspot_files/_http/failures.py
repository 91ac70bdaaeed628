"""Requests that brought no response: of which kind the failure is, and whether all was sent."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx

from .._engine.retry import _MORE
from .redaction import redact_error

if TYPE_CHECKING:
    import httpx


class NoReplyError(Exception):
    """A request that a driver could not bring to an answer. Only flows see it; they raise what people see.

    Attributes:
        cause: what httpx raised.
        all_sent: whether the whole request was written, so that HubSpot may have acted on it.
    """

    def __init__(self, cause: httpx.TransportError, *, all_sent: bool) -> None:
        super().__init__(cause)
        self.cause = cause
        self.all_sent = all_sent


def late() -> httpx.ReadTimeout:
    """The error of a step that the deadline cuts short."""
    return httpx.ReadTimeout("the deadline has passed")


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


def _is_tls(error: BaseException | None) -> bool:
    """Whether TLS itself failed; a connection that was cut while it was being agreed on did not."""
    # What caused what can go round in circles, where one is raised from another that was raised because of it.
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def _why(kind: str, cause: Exception, late: bool) -> str:
    detail = str(cause) or type(cause).__name__
    if late and isinstance(cause, httpx.TimeoutException):
        # The steps of a connection get what is left of it, so that theirs are the timeouts that strike.
        return f"no answer before the deadline ({type(cause).__name__}); {_MORE}"
    if isinstance(cause, httpx.UnsupportedProtocol):
        return f"could not connect: {detail}"
    if kind == "fatal":
        return f"no connection that can be trusted: {detail}"
    if kind == "connect":
        return f"could not connect: {detail}"
    if kind == "timeout":
        return f"no answer in time ({type(cause).__name__}); timeout= of the client or the call allows more seconds"
    return f"the connection was cut: {detail}"
