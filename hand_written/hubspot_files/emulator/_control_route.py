"""The control route of the served emulator, for tests in any language: the stored records, and the controls."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import unquote

from ._api.body import parse_json, parse_json_object
from ._emulator import Emulator
from ._messages import ApiError, Json, Response, error_response, json_response
from ._records import SeenRequest

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

PREFIX: Final = "/_emulator"
LARGEST_BODY: Final = 64 * 1024 * 1024

Converter: TypeAlias = Callable[[object], object]


def _instance_of(type_: type, description: str) -> Converter:
    def convert(value: object) -> object:
        # bool is a subclass of int in Python, but not in JSON.
        if not isinstance(value, type_) or (isinstance(value, bool) and type_ is not bool):
            raise ValueError(f"{description} is needed")
        return value

    return convert


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number is needed")
    return float(value)


def _bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("base64 is needed")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("base64 is needed") from None


def _date_time(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("an ISO-8601 date-time is needed")
    return datetime.fromisoformat(value)


def _strings(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("a list of strings is needed")
    return value


def _headers(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError("an object of strings is needed")
    return value


_string: Final = _instance_of(str, "a string")
_integer: Final = _instance_of(int, "a whole number")
_boolean: Final = _instance_of(bool, "true or false")

# The methods of Emulator that can be called: their required arguments, then their optional ones.
_CALLS: Final[Mapping[str, tuple[Mapping[str, Converter], Mapping[str, Converter]]]] = {
    "add_folder": ({"path": _string}, {"id": _integer}),
    "add_file": (
        {"path": _string},
        {
            "content": _bytes,
            "access": _string,
            "expires_at": _date_time,
            "is_usable_in_content": _boolean,
            "id": _integer,
        },
    ),
    "publish_url": ({"url": _string}, {"content": _bytes, "status": _integer}),
    "fail": (
        {},
        {
            "kind": _string,
            "operation": _string,
            "status": _integer,
            "count": lambda value: None if value is None else _integer(value),
            "probability": _number,
            "after_effect": _boolean,
            "headers": _headers,
            "body": _bytes,
            "seconds": _number,
            "at_byte": _integer,
        },
    ),
    "clear_faults": ({}, {}),
    "rate_limit": (
        {"policy": _string, "limit": lambda value: None if value is None else _integer(value)},
        {"interval": _number},
    ),
    "task_pace": ({"unit": _string}, {"pending": _number, "processing": _number}),
    "plan_task": ({"outcome": _string}, {"message": _string, "count": _integer}),
    "cancel_task": ({"task_id": _string}, {}),
    "finish_tasks": ({}, {}),
    "add_token": ({}, {"scopes": _strings, "token": _string, "oauth": _boolean, "expires_in": _number}),
    "expire_token": ({"token": _string}, {}),
    "revoke_token": ({"token": _string}, {}),
    "add_oauth_app": (
        {},
        {"redirect_uri": _string, "access_token_life": _number, "rotates_refresh_tokens": _boolean},
    ),
    "authorize": ({"client_id": _string}, {"scopes": _strings, "code_challenge": _string}),
    "add_refresh_token": ({"client_id": _string}, {"scopes": _strings}),
    "revoke_refresh_token": ({"refresh_token": _string}, {}),
    "advance": ({"by": _number}, {}),
    "forget_requests": ({}, {}),
    "reset": ({}, {}),
}
_LISTS: Final = ("files", "folders", "tasks", "requests", "faults")


def respond(emulator: Emulator, method: str, path: str, content_type: str, body: bytes) -> Response:
    """Make the response to a request: a list for GET, a call for POST. Errors have HubSpot's format."""
    try:
        path, _, query = path.partition("?")
        if query:
            raise ApiError(400, "This route takes no query: the arguments of a call are JSON in its body")
        name = unquote(path.removeprefix(PREFIX)).strip("/")
        if method == "GET":
            return _get(emulator, name)
        if method == "POST":
            return json_response(200, _call(emulator, name, content_type, body))
        raise ApiError(405, "This route takes GET and POST", "METHOD_NOT_ALLOWED")
    except ApiError as error:
        return error_response(error, emulator.identifier())


def _get(emulator: Emulator, name: str) -> Response:
    if not name:
        about = {
            "base_url": emulator.base_url,
            "storage_url": emulator.storage_url,
            "portal_id": emulator.portal_id,
            "now": emulator.clock.now().isoformat(),
            "lists": list(_LISTS),
            "calls": list(_CALLS),
        }
        return json_response(200, about)
    kind, _, rest = name.partition("/")
    if kind == "files" and rest.endswith("/content"):
        content = emulator.content(rest.removesuffix("/content"))
        if content is None:
            raise ApiError(404, "There is no such file, or its content was deleted", "OBJECT_NOT_FOUND")
        return Response(200, {"Content-Type": "application/octet-stream"}, content)
    if name in _CALLS:
        raise ApiError(404, f"{name} is a call: POST it, with Content-Type: application/json", "OBJECT_NOT_FOUND")
    if kind not in _LISTS or rest:
        raise ApiError(404, f"{PREFIX} has {', '.join(_LISTS)} to GET", "OBJECT_NOT_FOUND")
    if kind == "requests":
        return json_response(200, {"results": [_request_json(request) for request in list(emulator.requests)]})
    return json_response(200, {"results": [_record_json(item) for item in emulator.listed(kind)]})


def _call(emulator: Emulator, name: str, content_type: str, body: bytes) -> Json:
    if name in _LISTS:
        raise ApiError(404, f"{name} is a list: GET it", "OBJECT_NOT_FOUND")
    if name not in _CALLS:
        raise ApiError(404, f"{PREFIX} takes {', '.join(_CALLS)}", "OBJECT_NOT_FOUND")
    # The page of another site can send this only after a preflight request.
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise ApiError(415, "This route takes application/json", "UNSUPPORTED_MEDIA_TYPE")
    required, optional = _CALLS[name]
    # null is a value here: no limit, or a fault without end.
    given = parse_json_object(body or b"{}", "the body", {*required, *optional}, keep_null=True)
    if missing := [argument for argument in required if argument not in given]:
        raise ApiError(400, f"{name} needs {', '.join(missing)}")
    arguments: dict[str, object] = {}
    for argument, value in given.items():
        try:
            arguments[argument] = {**required, **optional}[argument](value)
        except ValueError as error:
            raise ApiError(400, f"Invalid value for {argument}: {error}") from None
    call: Callable[..., Any] = emulator.clock.advance if name == "advance" else getattr(emulator, name)
    try:
        result = call(**arguments)
        if name == "advance":
            emulator.pass_time()
    except ValueError as error:
        raise ApiError(400, str(error)) from None
    except KeyError as error:
        raise ApiError(404, f"There is {error.args[0]}", "OBJECT_NOT_FOUND") from None
    if result is None:
        return {}
    return {"token": result} if isinstance(result, str) else _record_json(result)


def _request_json(request: SeenRequest) -> Json:
    """Return a request as it was recorded; its body where that is JSON."""
    body = None
    with suppress(ApiError):
        body = parse_json(request.body, "the body")
    return {
        **_record_json(request),
        "query": request.query.multi_items(),
        "headers": dict(request.headers),
        "json": body,
    }


def _record_json(item: DataclassInstance) -> Json:
    """Return the fields of a record but its content."""
    record: Json = {}
    for field in fields(item):
        value: Any = getattr(item, field.name)
        if field.name in ("content", "body"):
            continue
        if isinstance(value, datetime):
            record[field.name] = value.isoformat()
        elif value is None or isinstance(value, str | int | float | bool):
            record[field.name] = value
    return record
