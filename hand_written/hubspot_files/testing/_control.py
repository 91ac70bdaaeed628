"""The served emulator's own route: its oracle and its controls, for tests in any language."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import unquote

from ._input import json_object, parsed_json
from ._reply import ApiError, Json, Reply, error_reply, json_reply

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from .emulator import Emulator, SeenRequest

PREFIX: Final = "/_emulator"
LARGEST_BODY: Final = 64 * 1024 * 1024

Take: TypeAlias = Callable[[object], object]


def _is(kind: type, words: str) -> Take:
    def take(value: object) -> object:
        # True and False are int to Python, and nowhere else.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"{words} is needed")
        return value

    return take


def _seconds(value: object) -> float:
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


def _when(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("an ISO-8601 date-time is needed")
    return datetime.fromisoformat(value)


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("a list of strings is needed")
    return value


def _headers(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError("an object of strings is needed")
    return value


_text: Final = _is(str, "a string")
_integer: Final = _is(int, "a whole number")
_flag: Final = _is(bool, "true or false")

# The methods of Emulator that may be called, with their arguments; those before the bar have to be given.
_CALLS: Final[Mapping[str, tuple[Mapping[str, Take], Mapping[str, Take]]]] = {
    "add_folder": ({"path": _text}, {"id": _integer}),
    "add_file": (
        {"path": _text},
        {"content": _bytes, "access": _text, "expires_at": _when, "is_usable_in_content": _flag, "id": _integer},
    ),
    "publish_url": ({"url": _text}, {"content": _bytes, "status": _integer}),
    "fail": (
        {},
        {
            "kind": _text,
            "operation": _text,
            "status": _integer,
            "count": lambda value: None if value is None else _integer(value),
            "probability": _seconds,
            "after_effect": _flag,
            "headers": _headers,
            "body": _bytes,
            "seconds": _seconds,
            "at_byte": _integer,
        },
    ),
    "clear_faults": ({}, {}),
    "rate_limit": (
        {"policy": _text, "limit": lambda value: None if value is None else _integer(value)},
        {"interval": _seconds},
    ),
    "task_pace": ({"unit": _text}, {"pending": _seconds, "processing": _seconds}),
    "plan_task": ({"outcome": _text}, {"message": _text, "count": _integer}),
    "cancel_task": ({"task_id": _text}, {}),
    "finish_tasks": ({}, {}),
    "add_token": ({}, {"scopes": _texts, "token": _text, "oauth": _flag, "expires_in": _seconds}),
    "expire_token": ({"token": _text}, {}),
    "revoke_token": ({"token": _text}, {}),
    "advance": ({"by": _seconds}, {}),
    "forget_requests": ({}, {}),
}
_LISTS: Final = ("files", "folders", "tasks", "requests", "faults")


def answer(emulator: Emulator, method: str, path: str, content_type: str, body: bytes) -> Reply:
    """Answer a request to the route: a list with GET, a call with POST. Refusals have HubSpot's shape."""
    try:
        name = unquote(path.removeprefix(PREFIX)).strip("/")
        if method == "GET":
            return _shown(emulator, name)
        if method == "POST":
            return json_reply(200, _called(emulator, name, content_type, body))
        raise ApiError(405, "This route takes GET and POST", "METHOD_NOT_ALLOWED")
    except ApiError as error:
        return error_reply(error, emulator.identifier())


def _shown(emulator: Emulator, name: str) -> Reply:
    if not name:
        about = {
            "base_url": emulator.base_url,
            "storage_url": emulator.storage_url,
            "portal_id": emulator.portal_id,
            "now": emulator.clock.now().isoformat(),
            "lists": list(_LISTS),
            "calls": list(_CALLS),
        }
        return json_reply(200, about)
    kind, _, rest = name.partition("/")
    if kind == "files" and rest.endswith("/content"):
        content = emulator.content(rest.removesuffix("/content"))
        if content is None:
            raise ApiError(404, "There is no such file, or its content is gone", "OBJECT_NOT_FOUND")
        return Reply(200, {"Content-Type": "application/octet-stream"}, content)
    if name in _CALLS:
        raise ApiError(404, f"{name} is a call: POST it, with Content-Type: application/json", "OBJECT_NOT_FOUND")
    if kind not in _LISTS or rest:
        raise ApiError(404, f"{PREFIX} has {', '.join(_LISTS)} to GET", "OBJECT_NOT_FOUND")
    if kind == "requests":
        return json_reply(200, {"results": [_seen(request) for request in list(emulator.requests)]})
    return json_reply(200, {"results": [_plain(item) for item in emulator.listed(kind)]})


def _called(emulator: Emulator, name: str, content_type: str, body: bytes) -> Json:
    if name in _LISTS:
        raise ApiError(404, f"{name} is a list: GET it", "OBJECT_NOT_FOUND")
    if name not in _CALLS:
        raise ApiError(404, f"{PREFIX} takes {', '.join(_CALLS)}", "OBJECT_NOT_FOUND")
    # Which no page of another site can send without being asked for.
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise ApiError(415, "This route takes application/json", "UNSUPPORTED_MEDIA_TYPE")
    needed, known = _CALLS[name]
    # null is a value here: a limit of none, a fault without end.
    given = json_object(body or b"{}", "the body", {*needed, *known}, keep_null=True)
    if missing := [argument for argument in needed if argument not in given]:
        raise ApiError(400, f"{name} needs {', '.join(missing)}")
    arguments: dict[str, object] = {}
    for argument, value in given.items():
        try:
            arguments[argument] = {**needed, **known}[argument](value)
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
    return {"token": result} if isinstance(result, str) else _plain(result)


def _seen(request: SeenRequest) -> Json:
    """A request as it was recorded; its body where that is JSON."""
    said = None
    with suppress(ApiError):
        said = parsed_json(request.body, "the body")
    return {**_plain(request), "query": request.query.multi_items(), "headers": dict(request.headers), "json": said}


def _plain(item: DataclassInstance) -> Json:
    """What a record says, without contents."""
    found: Json = {}
    for field in fields(item):
        value: Any = getattr(item, field.name)
        if field.name in ("content", "body"):
            continue
        if isinstance(value, datetime):
            found[field.name] = value.isoformat()
        elif value is None or isinstance(value, str | int | float | bool):
            found[field.name] = value
    return found
