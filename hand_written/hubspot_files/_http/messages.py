"""Requests before they are sent, and received responses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias
from urllib.parse import urlencode

import httpx

from .._redaction import Secret

Headers: TypeAlias = httpx.Headers


class ReplayableBody(Protocol):
    """The content of an upload, with the methods of a binary file. Each attempt sends it from the start."""

    name: str
    content_type: str
    size: int

    def start_attempt(self, attempt: int) -> None:
        """Set the number of the attempt for which bytes are read from now on."""
        ...

    def read(self, size: int = -1) -> bytes: ...
    def seek(self, offset: int, whence: int = 0) -> int: ...
    def tell(self) -> int: ...

    def md5(self) -> str:
        """Read the content again, and return its MD5 in hexadecimal digits."""
        ...


class Form:
    """The fields of a form, some of which are secrets. One that is None is not sent."""

    def __init__(self, **fields: str | Secret | None) -> None:
        self._fields = fields

    def encoded(self) -> bytes:
        """Return the form as it is sent."""
        fields = {
            name: value.reveal() if isinstance(value, Secret) else value
            for name, value in self._fields.items()
            if value is not None
        }
        return urlencode(fields).encode("ascii")

    def secrets(self) -> list[Secret]:
        """Return the secrets of the form."""
        return [value for value in self._fields.values() if isinstance(value, Secret)]


class Request:
    """A request to HubSpot, without token and connection.

    Args:
        operation: name of the operation in the description of the API, such as `getFile`.
        kwargs: arguments from the generated client: `method`, `url` and maybe `params`, `json` and `files`.
        upload: content of an upload, which is also in `files`, or None.
        form: body of a request that authenticates itself, to which no token is added, or None.

    Attributes:
        operation, kwargs, upload, form: the arguments.
        method: HTTP method in capitals.
        label: method and path of the request, for messages.
    """

    __slots__ = ("form", "kwargs", "label", "method", "operation", "upload")

    def __init__(
        self,
        operation: str,
        kwargs: dict[str, Any],
        upload: ReplayableBody | None = None,
        form: Form | None = None,
    ) -> None:
        self.operation: str = operation
        self.kwargs: dict[str, Any] = kwargs
        self.upload: ReplayableBody | None = upload
        self.form: Form | None = form
        self.method: str = kwargs["method"].upper()
        self.label: str = f"{self.method} {kwargs['url']}"

    def secrets(self, token: Secret | None) -> list[Secret]:
        """Return the secrets that are sent with a token, or without one."""
        if token is not None:
            return [token]
        return [] if self.form is None else self.form.secrets()


class ReceivedResponse(NamedTuple):
    """A response whose body was read.

    Attributes:
        status: HTTP status, which can be any integer.
        headers: headers of the response.
        body: decoded body.
        sent_at: time on the monotonic clock at which the request was started, in seconds.
        seconds: time from then until the body was read.
        secrets: secrets that were sent to the server, which may repeat them.
        problem: reason why the body cannot be read, or None.
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
        """Time on the monotonic clock at which the body was read, in seconds."""
        return self.sent_at + self.seconds

    def __repr__(self) -> str:
        # The body and the headers may contain a signed URL, and a traceback can show variables.
        return f"<ReceivedResponse {self.status}, {len(self.body)} bytes>"


class StreamedResponse(Protocol):
    """A response whose body is not read yet."""

    status: int
    headers: Headers
