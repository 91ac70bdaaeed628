"""Redaction of requests, responses and errors of httpx."""

from __future__ import annotations

from collections.abc import Iterable

import httpx

from .._redaction import QUOTED, Secret, redacted, redacted_items, signature_of

SECRETS = "hubspot_files.secrets"
"""Extension of a request that authenticates itself with its form: the secrets in it."""


def redacted_headers(headers: httpx.Headers, secrets: Iterable[Secret] = ()) -> httpx.Headers:
    """Return a copy of headers without secrets, credentials and the queries of URLs.

    Args:
        headers: headers to copy.
        secrets: the token and the parts of signed URLs that were sent to the server, which may repeat them.
    """
    return httpx.Headers(redacted_items(headers.multi_items(), secrets), encoding=headers.encoding)


def secrets_of(request: httpx.Request | None) -> list[Secret]:
    """Return the credentials of a request: its token or those in its form, else the query of a signed URL."""
    if request is None:
        return []
    if SECRETS in request.extensions:
        return list(request.extensions[SECRETS])
    authorization = request.headers.get("authorization")
    return signature_of(str(request.url)) if authorization is None else [Secret(authorization.rpartition(" ")[2])]


def redacted_response(
    response: httpx.Response, body: bytes, request: httpx.Request | None, secrets: Iterable[Secret]
) -> httpx.Response:
    """Return a copy of a response without secrets.

    Args:
        response: response to copy.
        body: decoded body.
        request: request of the copy.
        secrets: secrets that were sent to the server.
    """
    return copied_response(response, redacted_headers(response.headers, secrets), redacted(body, secrets), request)


def copied_response(
    response: httpx.Response, headers: httpx.Headers, body: bytes, request: httpx.Request | None
) -> httpx.Response:
    """Return a copy of a response with a decoded body.

    Args:
        response: response to copy.
        headers: headers of the copy. Those that describe the encoding of the body are removed.
        body: decoded body.
        request: request of the copy.
    """
    headers = headers.copy()
    for name in ("content-encoding", "content-length", "transfer-encoding"):
        headers.pop(name, None)
    return httpx.Response(
        response.status_code,
        headers=headers,
        content=body,
        request=request,
        extensions=response.extensions,
    )


def redact_error(error: BaseException) -> None:
    """Redact an error that was raised while a request was sent: its message, its request and its response."""
    held = vars(error)
    secrets: list[Secret] = []
    for name, value in list(held.items()):
        if isinstance(value, httpx.Request):
            secrets += secrets_of(value)
            held[name] = _without_secrets(value)
        elif isinstance(value, httpx.Response):
            request = vars(value).get("_request")
            own = secrets_of(request)
            secrets += own
            # The response to a form may hold tokens that are not known yet.
            body = b"" if request is not None and SECRETS in request.extensions else _body(value)
            held[name] = redacted_response(value, body, request and _without_secrets(request), own)
    args = tuple(redacted(QUOTED.sub("b'…'", arg), secrets) if isinstance(arg, str) else arg for arg in error.args)
    if args != error.args:
        error.args = args


def _without_secrets(request: httpx.Request) -> httpx.Request:
    return httpx.Request(request.method, request.url.copy_with(query=None))


def _body(response: httpx.Response) -> bytes:
    try:
        return response.content
    except httpx.ResponseNotRead:
        return b""
