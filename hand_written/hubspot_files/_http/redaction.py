"""Requests, responses and errors of httpx without the secrets in them."""

from __future__ import annotations

from collections.abc import Iterable

import httpx

from .._redaction import QUOTED, Secret, redacted, redacted_items, signature_of


def redacted_headers(headers: httpx.Headers, secrets: Iterable[Secret] = ()) -> httpx.Headers:
    """Copy headers without the secrets in them, the queries of URLs and credentials.

    Args:
        headers: what to copy.
        secrets: the token and the parts of signed URLs that the server was shown, and may repeat.
    """
    return httpx.Headers(redacted_items(headers.multi_items(), secrets), encoding=headers.encoding)


def secrets_of(request: httpx.Request | None) -> list[Secret]:
    """What lets a request in: its token; or, where it has none, its query, as that of a signed URL."""
    if request is None:
        return []
    authorization = request.headers.get("authorization")
    return signature_of(str(request.url)) if authorization is None else [Secret(authorization.rpartition(" ")[2])]


def redacted_response(
    response: httpx.Response, body: bytes, request: httpx.Request | None, secrets: Iterable[Secret]
) -> httpx.Response:
    """A copy of a response, without the secrets that its server repeats.

    Args:
        response: what to copy.
        body: its body, decoded.
        request: the request that the copy holds.
        secrets: what the server was shown.
    """
    return copied_response(response, redacted_headers(response.headers, secrets), redacted(body, secrets), request)


def copied_response(
    response: httpx.Response, headers: httpx.Headers, body: bytes, request: httpx.Request | None
) -> httpx.Response:
    """A copy of a response whose body is read and decoded.

    Args:
        response: what to copy.
        headers: its headers, without those that speak of how the body came.
        body: its body, decoded.
        request: the request that the copy holds.
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
    """Hide the secrets in an error that was raised while a request was sent: in its words, and in what it holds."""
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
            held[name] = redacted_response(value, _body(value), request and _without_secrets(request), own)
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
