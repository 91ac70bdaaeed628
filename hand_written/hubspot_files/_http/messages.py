"""Requests before they are sent, and responses as they are received."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import httpx

    from .._content.upload_body import Part
    from .._redaction import Secret


class Request(NamedTuple):
    """One request to HubSpot, before the token and the connection are known.

    Attributes:
        operation: the name in our description, such as `getFile`.
        kwargs: what the generated client gives for it: `method`, `url` and maybe `params`, `json`, `files`.
        part: the file of an upload, which is among `files` too.
        timeout: that of this call, or None for the client's.
        end: the monotonic clock, in seconds, at which all of its attempts have to be over, or None.
    """

    operation: str
    kwargs: dict[str, Any]
    part: Part | None = None
    timeout: float | httpx.Timeout | None = None
    end: float | None = None

    @property
    def method(self) -> str:
        return str(self.kwargs["method"]).upper()

    @property
    def label(self) -> str:
        """Method and path, for messages."""
        return f"{self.method} {self.kwargs['url']}"


class Reply(NamedTuple):
    """An answer whose body is read.

    Attributes:
        status: HTTP status, any integer.
        headers: its headers.
        body: its bytes, decoded.
        sent_at: time on the monotonic clock, in seconds, at which the request began.
        seconds: from then until the body was read.
        unread: why there is no body although one came, or None. The status stands all the same.
        secrets: what the server was shown, and may repeat.
    """

    status: int
    headers: httpx.Headers
    body: bytes
    sent_at: float
    seconds: float
    unread: str | None = None
    secrets: Sequence[Secret] = ()

    def __repr__(self) -> str:
        # The body may hold a signed URL, and the headers may lead to one: a traceback can show variables.
        return f"<Reply {self.status}, {len(self.body)} bytes>"


class Chunks(Protocol):
    """An answer whose body is still to come."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> httpx.Headers: ...
