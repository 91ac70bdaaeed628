"""Validation of the requests that callers describe themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .._engine.retry_policy import Idempotency
from .._errors import ArgumentTypeError, ArgumentValueError
from .._http.messages import Request
from .._http.urls import check_method, check_path
from .._validation import shown
from .versions import requested_in_version

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Headers that the client sets itself, with the reason.
_FRAMING = "the client sets it to match the request"
_OWN = {
    "accept-encoding": "the client names the codings that it can decode",
    "authorization": "the client sends its own token; with_options(access_token=...) sends another",
    "connection": _FRAMING,
    "content-encoding": "the client sends json= as it is",
    "content-length": _FRAMING,
    "expect": _FRAMING,
    "host": "the client sets it from base_url",
    "http2-settings": _FRAMING,
    "keep-alive": _FRAMING,
    "te": _FRAMING,
    "trailer": _FRAMING,
    "transfer-encoding": _FRAMING,
    "upgrade": _FRAMING,
}


def check_headers(headers: Mapping[Any, Any]) -> dict[str, str]:
    """Return the headers of a request, with their names in lower case.

    Raises:
        TypeError: they are not a mapping from str to str.
        ValueError: one of them is set by the client itself, is passed more than once, or has a name or a value that is
            not valid.
    """
    if not isinstance(headers, Mapping):
        raise ArgumentTypeError(
            f"headers must be a mapping such as {{'accept': 'text/plain'}}, not {type(headers).__name__}"
        )
    checked: dict[str, str] = {}
    for name, value in headers.items():
        if not isinstance(name, str) or not isinstance(value, str):
            kinds = f"{type(name).__name__} and {type(value).__name__}"
            raise ArgumentTypeError(f"names and values of headers must be str, not {kinds}")
        if not _NAME.fullmatch(name):
            raise ArgumentValueError(
                f"{shown(name)} is not a name of a header: it must be ASCII letters, digits and hyphens"
            )
        lower = name.lower()
        if reason := _OWN.get(lower) or (_FRAMING if lower.startswith("proxy-") else None):
            raise ArgumentValueError(f"leave out the header {name}: {reason}")
        if lower in checked:
            raise ArgumentValueError(f"the header {name} is passed twice, in different case: pass it once")
        # The message must not contain the value, which may be a secret.
        if not value.isascii() or not value.replace("\t", " ").isprintable() or value != value.strip():
            raise ArgumentValueError(
                f"the value of the header {name} must be printable ASCII without leading or trailing white space; "
                "quote or encode other characters"
            )
        checked[lower] = value
    return checked


def check_params(params: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the query parameters of a request, without those that are None.

    Raises:
        TypeError: it is not a mapping from str to str, int, float, bool, None or lists of these.
        ValueError: a name or a value cannot be encoded.
    """
    if not isinstance(params, Mapping):
        raise ArgumentTypeError(f"params must be a mapping such as {{'limit': 10}}, not {type(params).__name__}")
    for name, value in params.items():
        if not isinstance(name, str):
            raise ArgumentTypeError(f"names of params must be str, not {type(name).__name__}")
        for item in value if isinstance(value, list | tuple) else [value] if value is not None else []:
            if not isinstance(item, str | int | float):
                raise ArgumentTypeError(
                    f"params[{shown(name)}] must be a str, int, float, bool or None, or a list of these without None, "
                    f"not {type(item).__name__}: convert it to the str that the API expects"
                )
            _check_encodable(name + str(item), f"params[{name!r}]")
    return {name: value for name, value in params.items() if value is not None}


def check_json(value: Any) -> Any:
    """Return a value that can be sent as JSON.

    Raises:
        TypeError: it contains a value that JSON cannot represent, such as a set or a datetime.
        ValueError: it contains NaN, an infinity, itself, or text that cannot be encoded; or it is nested too deeply.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except TypeError as error:
        raise ArgumentTypeError(f"json must be made of dict, list, str, int, float, bool and None: {error}") from None
    except ValueError as error:
        raise ArgumentValueError(
            f"json cannot be encoded: {error}; leave out NaN, infinities and circular references"
        ) from None
    except RecursionError:
        raise ArgumentValueError("json cannot be encoded: it is nested too deeply") from None
    _check_encodable(text, "json")
    return value


def _check_encodable(text: str, name: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ArgumentValueError(
            f"{name} contains an unpaired surrogate, which UTF-8 cannot encode: leave it out"
        ) from None


# Requests of any other method are not idempotent.
_IDEMPOTENCY = {
    "GET": Idempotency.IDEMPOTENT,
    "HEAD": Idempotency.IDEMPOTENT,
    "OPTIONS": Idempotency.IDEMPOTENT,
    "PUT": Idempotency.IDEMPOTENT,
    "DELETE": Idempotency.IDEMPOTENT_DELETE,
}


def check_request(
    version: str,
    method: str,
    path: str,
    *,
    params: Mapping[str, Any] | None,
    json: Any,
    headers: Mapping[str, str] | None,
) -> tuple[Request, Idempotency]:
    """Return the request that a caller describes, in a version of the API, and its idempotency.

    Raises:
        UnsupportedOperationError: the version lacks the operation.
        ValueError: method is not valid, path is not a path on the API, or params, json or headers cannot be sent.
        TypeError: params, json or headers contain a value of a type that cannot be sent.
    """
    verb = check_method(method)
    kwargs: dict[str, Any] = {"method": verb, "url": check_path(path)}
    if params is not None:
        kwargs["params"] = check_params(params)
    if json is not None:
        kwargs["json"] = check_json(json)
    if headers is not None:
        kwargs["headers"] = check_headers(headers)
    return Request("request", requested_in_version(version, kwargs)), _IDEMPOTENCY.get(verb, Idempotency.NOT_IDEMPOTENT)
