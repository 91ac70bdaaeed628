"""The response to a custom request, and the information about each response for `on_response`."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from .._http.messages import Headers


class Response(NamedTuple):
    """A response of the API to `hubspot.request(...)`.

    Attributes:
        status_code: HTTP status, 200 to 299, or 404 for a DELETE that was retried and that an earlier attempt may have
            completed.
        headers: headers of the response.
        content: decoded body.
    """

    status_code: int
    headers: Headers
    content: bytes

    def __repr__(self) -> str:
        # The body and the headers may contain a signed URL.
        return f"<Response {self.status_code}, {len(self.content)} bytes>"

    def json(self) -> Any:
        """Decode the body as JSON.

        Raises:
            ValueError: the body is not valid JSON.
        """
        return json.loads(self.content)


class ResponseInfo(NamedTuple):
    """Information about a response of the API, the argument of `on_response`.

    Attributes:
        operation: name of the operation in the description of the API, such as `getFile`.
        method: HTTP method.
        path: path of the request, without its query.
        status_code: HTTP status.
        headers: headers of the response, such as `x-hubspot-ratelimit-remaining`, without the token, cookies and the
            queries of URLs.
        seconds: time from the start of the request until the response was read.
        attempt: number of the attempt, from 1.
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
