"""Requests before they are sent, and responses as they are received."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

import httpx

from .._redaction import Secret

Headers: TypeAlias = httpx.Headers


class ReplayableBody(Protocol):
    """The content of an upload, which is sent from its beginning in each attempt: a binary file to httpx."""

    name: str
    content_type: str
    size: int

    def start_attempt(self, attempt: int) -> None:
        """Note which attempt the bytes that are read from now on belong to."""
        ...

    def read(self, size: int = -1) -> bytes: ...
    def seek(self, offset: int, whence: int = 0) -> int: ...
    def tell(self) -> int: ...

    def md5(self) -> str:
        """Return the MD5 of the content in hexadecimal digits, read anew."""
        ...


class Request:
    """One request to HubSpot, before the token and the connection are known.

    Args:
        operation: name of the operation in the description of the API, such as `getFile`.
        kwargs: arguments that the generated client gives for it: `method`, `url` and maybe `params`, `json`, `files`.
        upload: the content of an upload, which is among `files` too.

    Attributes:
        operation, kwargs, upload: the arguments.
        method: HTTP method in capitals.
        label: method and path, for messages.
    """

    __slots__ = ("kwargs", "label", "method", "operation", "upload")

    def __init__(self, operation: str, kwargs: dict[str, Any], upload: ReplayableBody | None = None) -> None:
        self.operation = operation
        self.kwargs = kwargs
        self.upload = upload
        self.method: str = kwargs["method"].upper()
        self.label = f"{self.method} {kwargs['url']}"


class ReceivedResponse(NamedTuple):
    """A response whose body is read.

    Attributes:
        status: HTTP status, any integer.
        headers: its headers.
        body: its bytes, decoded.
        sent_at: time on the monotonic clock, in seconds, at which the request began.
        seconds: from then until the body was read.
        secrets: secrets that the server was shown, and may repeat.
        problem: why the body cannot be read although there is one, or None. The status stands all the same.
    """

    status: int
    headers: Headers
    body: bytes
    sent_at: float
    seconds: float
    secrets: Sequence[Secret] = ()
    problem: str | None = None

    @property
    def received_at(self) -> float:
        """Time on the monotonic clock, in seconds, at which the body was read."""
        return self.sent_at + self.seconds

    def __repr__(self) -> str:
        # The body may hold a signed URL, and the headers may lead to one: a traceback can show variables.
        return f"<ReceivedResponse {self.status}, {len(self.body)} bytes>"


class StreamedResponse(Protocol):
    """A response whose body is still to come."""

    status: int
    headers: Headers
