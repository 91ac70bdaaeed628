"""An answer to a request of the caller's own, and what `on_response` is shown of every answer."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from .._http.messages import Headers


class Response(NamedTuple):
    """An answer of the API to `hubspot.request(...)`.

    Attributes:
        status_code: HTTP status, 200 to 299; or 404 where a DELETE was sent again, because an attempt before that may
            have deleted it ended without an answer or with a 5xx.
        headers: its headers.
        content: its body, decoded.
    """

    status_code: int
    headers: Headers
    content: bytes

    def __repr__(self) -> str:
        # The body, and where the headers lead, may be a signed URL.
        return f"<Response {self.status_code}, {len(self.content)} bytes>"

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: it is none.
        """
        return json.loads(self.content)


class ResponseInfo(NamedTuple):
    """An answer of the API, as `with_options(on_response=...)` shows it: what it was asked, and its headers.

    Attributes:
        operation: the operation's name in the API's description, such as `getFile`.
        method: HTTP method.
        path: path of the request, without its query.
        status_code: HTTP status.
        headers: headers of the response, such as `x-hubspot-ratelimit-remaining` and `x-hubspot-correlation-id`, without
            the token, cookies and the queries of URLs.
        seconds: from the request's begin until the answer was read.
        attempt: which attempt it answers, from 1.
    """

    operation: str
    method: str
    path: str
    status_code: int
    headers: Headers
    seconds: float
    attempt: int

    def __repr__(self) -> str:
        request = f"{self.operation}: {self.method} {self.path}"
        return f"<ResponseInfo {request}: {self.status_code} after {self.seconds:.3f} s (attempt {self.attempt})>"
