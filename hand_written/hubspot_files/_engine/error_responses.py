"""Errors made from responses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from .._errors import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    FileMissingError,
    InvalidGrantError,
    LockedError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    UnexpectedResponseError,
)
from .._headers import retry_after
from .._http.messages import Headers
from .._http.redaction import redacted_headers
from .._redaction import Secret, redacted

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
# The error codes of RFC 6749, section 5.2, some of which determine the class.
_OAUTH_ERRORS: dict[str | None, type[APIError] | None] = {
    "invalid_client": AuthenticationError,
    "invalid_grant": InvalidGrantError,
    "invalid_request": None,
    "invalid_scope": None,
    "unauthorized_client": None,
    "unsupported_grant_type": None,
}
# HubSpot's own codes, which responses of v1 have instead.
_OAUTH_STATUSES = {
    "BAD_AUTH_CODE": "invalid_grant",
    "BAD_CLIENT_ID": "invalid_client",
    "BAD_CLIENT_SECRET": "invalid_client",
    "BAD_REFRESH_TOKEN": "invalid_grant",
}

# The label of a request for the content of a file, to which HubSpot can respond with a redirect.
_DOWNLOAD = re.compile(r"^GET /\S+/files/\d+/download$")

# The label of a request for one file or folder that sends no content.
_NAMES_ONE = re.compile(
    r"(GET|PATCH|DELETE) /(files/[^/]+|filemanager/api/v3)/(files/(\d+(/|$)|stat/)|folders/(?!search$|update/async/))"
)

# The limit on creating files names its wait in the message only.
_RETRY_IN = re.compile(r"\bretry in ([0-9]{1,5}|an?) (second|minute|hour)s?\b", re.IGNORECASE)
_SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0}


def error_for(request: str, status: int, headers: Headers, body: bytes, secrets: Iterable[Secret] = ()) -> APIError:
    """Return the error for a response that is not a success. The body may be anything, such as HTML of a gateway.

    Args:
        request: method and path, for the message.
        status: HTTP status, 300 or more.
        headers: headers of the response.
        body: body of the response.
        secrets: secrets that were sent to the server, which may repeat them.
    """
    secrets = list(secrets)
    fields = _error_fields(body, secrets)
    headers = redacted_headers(headers, secrets)
    code = _oauth_error(fields) if 400 <= status < 500 else None
    kind = _OAUTH_ERRORS.get(code) or _BY_STATUS.get(status) or (ServerError if status >= 500 else BadRequestError)
    if kind is NotFoundError and _NAMES_ONE.match(request):
        kind = FileMissingError
    error = kind(
        _text(fields, "message")
        or _text(fields, "error_description")
        or _substitute_message(request, status, headers, body),
        request=request,
        status_code=status,
        category=_text(fields, "category") or _text(fields, "errorType") or code,
        sub_category=_text(fields, "subCategory") or (_text(fields, "status") if code else None),
        correlation_id=_text(fields, "correlationId") or correlation_id(headers),
        errors=_details(fields.get("errors")),
        context=context if isinstance(context := fields.get("context"), Mapping) else None,
        body=fields,
        headers=headers,
    )
    if isinstance(error, RateLimitError):
        error.policy = _text(fields, "policyName")
    if isinstance(error, RateLimitError | LockedError | ServerError):
        error.retry_after = retry_after(headers)
    if isinstance(error, RateLimitError) and error.retry_after is None:
        error.retry_after = _wait_in(error.message)
    return error


def _wait_in(message: str) -> float | None:
    """Return the seconds to wait that a message names, or None."""
    match = _RETRY_IN.search(message)
    if match is None:
        return None
    return _SECONDS[match[2].lower()] * (int(match[1]) if match[1].isdigit() else 1)


def unexpected(
    request: str, status: int, headers: Headers, reason: str, secrets: Iterable[Secret] = ()
) -> UnexpectedResponseError:
    """Return the error for a success that cannot be used. The arguments are those of `error_for`."""
    secrets = list(secrets)
    headers = redacted_headers(headers, secrets)
    return UnexpectedResponseError(
        redacted(reason, secrets),
        request=request,
        status_code=status,
        correlation_id=correlation_id(headers),
        headers=headers,
    )


def _error_fields(body: bytes, secrets: Iterable[Secret] = ()) -> Mapping[str, Any]:
    """Return the fields of an error body, redacted; an empty mapping if it is not a JSON object."""
    try:
        fields: Any = redacted(json.loads(body), secrets)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", fields) if isinstance(fields, dict) else {}


def _oauth_error(fields: Mapping[str, Any]) -> str | None:
    """Return the error code of RFC 6749 in an error body, or None if the body is not of this form."""
    code = _text(fields, "error")
    return code if code in _OAUTH_ERRORS else _OAUTH_STATUSES.get(_text(fields, "status") or "")


def correlation_id(headers: Headers, secrets: Iterable[Secret] = ()) -> str | None:
    """Return the id of a request from the headers of its response, redacted, or None."""
    value = headers.get("x-hubspot-correlation-id")
    return None if value is None else redacted(value, secrets)


def _text(fields: Mapping[str, Any], key: str) -> str | None:
    value = fields.get(key)
    return value if isinstance(value, str) and value else None


def _details(values: object) -> list[Mapping[str, Any]]:
    """Return the details of an error. HubSpot also sends a text in place of a detail."""
    items: list[Any] = values if isinstance(values, list) else []
    details = [{"message": item} if isinstance(item, str) and item else item for item in items]
    return [detail for detail in details if isinstance(detail, Mapping)]


def _substitute_message(request: str, status: int, headers: Headers, body: bytes) -> str:
    """Return a message for a response without one."""
    if 300 <= status < 400 and _DOWNLOAD.search(request):
        return (
            "a redirect to the storage host, which has the content; files.download, files.stream, files.read and "
            "files.open follow it"
        )
    if 300 <= status < 400:
        return "a redirect, which this API does not send; check base_url"
    kind = headers.get("content-type", "").partition(";")[0].strip()
    if not body:
        return "the response is empty"
    return f"the response is not HubSpot's error ({len(body)} bytes of {kind or 'no content type'})"
