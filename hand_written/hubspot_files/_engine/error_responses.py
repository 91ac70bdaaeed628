"""Errors made from responses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .._errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    LockedError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    UnexpectedResponseError,
)
from .._headers import correlation_id, retry_after, text_of
from .._redaction import Secret, redacted

if TYPE_CHECKING:
    import httpx


_BY_STATUS: dict[int, type[APIError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    410: NotFoundError,
    423: LockedError,
    429: RateLimitError,
    477: RateLimitError,
}


def error_for(
    request: str, status: int, headers: httpx.Headers, body: bytes, secrets: Iterable[Secret] = ()
) -> APIError:
    """The error for an answer that is none of success. It never raises: gateways answer HTML, or nothing.

    Args:
        request: method and path, for the message.
        status: HTTP status of 300 or more.
        headers: headers of the answer.
        body: body of the answer.
        secrets: what the server was shown, and may repeat.
    """
    secrets = list(secrets)
    fields = error_fields(body, secrets)
    headers = redacted(headers, secrets)
    kind = _BY_STATUS.get(status) or (ServerError if status >= 500 else BadRequestError)
    error = kind(
        text_of(fields, "message") or _stand_in(status, headers, body),
        request=request,
        status_code=status,
        category=text_of(fields, "category") or text_of(fields, "errorType"),
        sub_category=text_of(fields, "subCategory"),
        correlation_id=correlation_id(headers, fields),
        errors=[error for error in _list(fields.get("errors")) if isinstance(error, Mapping)],
        context=context if isinstance(context := fields.get("context"), Mapping) else None,
        headers=headers,
    )
    if isinstance(error, RateLimitError):
        error.policy = text_of(fields, "policyName")
    if isinstance(error, RateLimitError | LockedError | ServerError):
        error.retry_after = retry_after(headers)
    return error


def unexpected(
    request: str, status: int, headers: httpx.Headers, reason: str, secrets: Iterable[Secret] = ()
) -> UnexpectedResponseError:
    """The error for a success that cannot be used. The arguments are as those of error_for."""
    secrets = list(secrets)
    headers = redacted(headers, secrets)
    return UnexpectedResponseError(
        redacted(reason, secrets),
        request=request,
        status_code=status,
        correlation_id=correlation_id(headers, {}),
        headers=headers,
    )


def error_fields(body: bytes, secrets: Iterable[Secret] = ()) -> Mapping[str, Any]:
    """The fields of an error body, redacted; none where it is not a JSON object."""
    try:
        fields = redacted(json.loads(body), secrets)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _stand_in(status: int, headers: httpx.Headers, body: bytes) -> str:
    """A message for an answer that has none of its own."""
    if 300 <= status < 400:
        return "a redirect, which this API does not send; check base_url"
    kind = headers.get("content-type", "").partition(";")[0].strip()
    if not body:
        return "the answer is empty"
    return f"the answer is not HubSpot's error ({len(body)} bytes of {kind or 'no content type'})"
