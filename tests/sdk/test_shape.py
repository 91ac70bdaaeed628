"""Responses of any shape become a model with the right types, or an error that names the wrong field."""

from __future__ import annotations

import copy
import json
import types
from collections.abc import Callable
from datetime import datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from hubspot_files import HubSpotFiles, OutcomeUnknownError, SearchLimitError, SignedUrl, UnexpectedResponseError
from hubspot_files_api import models

from .support import FILE, FOLDER, RECURSIVE, TOKEN, Client

FULL = {
    **FILE,
    "archivedAt": "2026-01-01T00:00:00Z",
    "expiresAt": 1,
    "fileMd5": "0" * 32,
    "sourceGroup": "CONTENT",
}
ERROR = {
    "category": "VALIDATION_ERROR",
    "context": {"id": ["1"]},
    "errors": [{"message": "a", "code": "b", "in": "c", "subCategory": "d", "context": {"e": ["f"]}}],
    "id": "1",
    "links": {"help": "https://example.com"},
    "message": "m",
    "status": "error",
    "subCategory": None,
}
STATE = {
    "status": "COMPLETE",
    "taskId": "task-1",
    "completedAt": "2026-01-01T00:00:00Z",
    "startedAt": "2026-01-01T00:00:00Z",
    "requestedAt": "2026-01-01T00:00:00Z",
    "numErrors": 1,
    "errors": [ERROR],
    "links": {},
}
PAGING = {"next": {"after": "1", "link": "https://example.com"}, "prev": {"before": "1", "link": "https://example.com"}}
SIGNED = {
    "url": "https://example.com/a",
    "expiresAt": "2036-01-01T00:00:00Z",
    "name": "a",
    "extension": "png",
    "type": "IMG",
    "size": 5,
    "width": 1,
    "height": 1,
}
LOCATOR = {"id": "task-1", "links": []}
OPERATIONS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "get": (lambda hubspot: hubspot.files.get(1), FULL),
    "upload": (lambda hubspot: hubspot.files.upload(b"x", name="a", folder_path="/"), FULL),
    "replace": (lambda hubspot: hubspot.files.replace(1, b"x", name="a", access="PRIVATE"), FULL),
    "update": (lambda hubspot: hubspot.files.update(1, name="a"), FULL),
    "stat": (lambda hubspot: hubspot.files.stat("/a"), {"file": FULL, "folder": FOLDER}),
    "search": (lambda hubspot: next(hubspot.files.search().pages()).items, {"results": [FULL], "paging": PAGING}),
    "search by id": (
        lambda hubspot: next(hubspot.files.search(beyond_limit=True).pages()).items,
        {"results": [FULL], "paging": PAGING},
    ),
    "signed_url": (lambda hubspot: hubspot.files.signed_url(1), SIGNED),
    "import_from_url": (lambda hubspot: hubspot.files.import_from_url("https://a.b/c", folder_path="/"), LOCATOR),
    "import task": (lambda hubspot: hubspot.files.get_import_task("task-1").refresh(), {**STATE, "result": FULL}),
    "folders.create": (lambda hubspot: hubspot.folders.create("a"), FOLDER),
    "folders.get": (lambda hubspot: hubspot.folders.get(1), FOLDER),
    "folders.get_by_path": (lambda hubspot: hubspot.folders.get_by_path("/a"), FOLDER),
    "folders.search": (
        lambda hubspot: next(hubspot.folders.search().pages()).items,
        {"results": [FOLDER], "paging": PAGING},
    ),
    "folders.update": (lambda hubspot: hubspot.folders.update(1, name="a"), FOLDER),
    "folders.update_recursively": (lambda hubspot: hubspot.folders.update_recursively(1, name="a"), LOCATOR),
    "update task": (lambda hubspot: hubspot.folders.get_update_task("task-1").refresh(), {**STATE, "result": FOLDER}),
    "delete": (lambda hubspot: hubspot.files.delete(1), {}),
}

FOLDER_TASKS = ("folders.update_recursively", "update task")
CASES = [pytest.param(name, marks=RECURSIVE if name in FOLDER_TASKS else ()) for name in OPERATIONS]

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["1", "2026"])
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just("id"), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def responses(draw: st.DrawFn, valid: Any) -> Any:
    """Draw JSON that differs from a response, or any JSON."""
    if draw(st.integers(0, 9)) == 0:
        return draw(JSON)
    body = copy.deepcopy(valid)
    for _ in range(draw(st.integers(0, 2))):
        place = body
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], dict | list) and draw(st.booleans()):
                place = place[key]
                continue
            if isinstance(place, dict) and draw(st.integers(0, 4)) == 0:
                del place[key]
            else:
                place[key] = draw(JSON)
            break
    return body


def has_type(value: Any, hint: Any) -> bool:
    """Return whether a value and its items match a type hint."""
    if hint is Any:
        return True
    if get_origin(hint) in (Union, types.UnionType):
        return any(has_type(value, variant) for variant in get_args(hint))
    if get_origin(hint) is list:
        return isinstance(value, list) and all(has_type(item, get_args(hint)[0]) for item in value)
    if get_origin(hint) is dict:
        return isinstance(value, dict) and all(has_type(item, get_args(hint)[1]) for item in value.values())
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is int):
        return False
    if not attrs.has(hint):
        return True
    hints = get_type_hints(hint, localns={name: getattr(models, name) for name in models.__all__})
    return all(has_type(getattr(value, name), inner) for name, inner in hints.items())


@pytest.mark.promise(
    "A record whose id is not the requested one, and a response whose fields have other types than the "
    "API describes, cannot be read.",
    "`ArgumentValueError`, `ArgumentTypeError` | correct the call; nothing was changed at HubSpot",
)
@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_any_json_is_a_model_or_an_unexpected_response(name: str, data: st.DataObject) -> None:
    operation, valid = OPERATIONS[name]
    body = json.dumps(data.draw(responses(valid))).encode()
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    with httpx.Client(transport=transport) as http, HubSpotFiles(TOKEN, http_client=http, max_retries=0) as hubspot:
        try:
            result = operation(hubspot)
        except (UnexpectedResponseError, OutcomeUnknownError):
            return
        except SearchLimitError:
            assert name == "search by id"
            return
    if isinstance(result, SignedUrl):
        assert isinstance(result.url, str)
        assert isinstance(result.expires_at, datetime)
        assert all(isinstance(getattr(result, key), str | None) for key in ("name", "extension", "type"))
        assert all(has_type(getattr(result, key), int | None) for key in ("size", "width", "height"))
    for model in result if isinstance(result, list) else [result]:
        assert not attrs.has(type(model)) or has_type(model, type(model))


@pytest.mark.parametrize("name", CASES)
def test_the_unchanged_responses_are_valid(name: str) -> None:
    operation, valid = OPERATIONS[name]
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=valid))
    with httpx.Client(transport=transport) as http, HubSpotFiles(TOKEN, http_client=http, max_retries=0) as hubspot:
        operation(hubspot)


@pytest.mark.promise(
    "A record whose id is not the requested one, and a response whose fields have other types than the "
    "API describes, cannot be read."
)
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": 5}, "name is an integer, not a string"),
        ({"size": "5"}, "size is a string, not an integer"),
        ({"size": 5.5}, "size is a number with a fraction, not an integer"),
        ({"size": True}, "size is true or false, not an integer"),
        ({"id": None}, "id is null, not a string"),
        ({"id": []}, "id is a list, not a string"),
        ({"access": 7}, "access is an integer, not a string"),
        ({"access": {}}, "access is an object, not a string"),
        ({"archived": "false"}, "archived is a string, not true or false"),
        ({"createdAt": 1767225600000}, "createdAt is an integer, not a string"),
        ({"createdAt": "yesterday"}, "createdAt is 'yesterday', not a date and time"),
        ({"archivedAt": "2026-13-01"}, "archivedAt is '2026-13-01', not a date and time"),
        ({"sourceGroup": []}, "sourceGroup is a list, not a string"),
    ],
)
@pytest.mark.unlike_hubspot("values of wrong types are what it is about")
def test_a_wrong_type_is_an_error_that_names_the_field(
    client: Client, api: respx.MockRouter, fields: dict[str, Any], reason: str
) -> None:
    api.get("/files/v3/files/1").respond(200, json={**FILE, **fields})
    with pytest.raises(UnexpectedResponseError, match=f"is not what the API describes: {reason}$"):
        client(lambda hubspot: hubspot.files.get(1), max_retries=0)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"results": None}, "results is null, not a list"),
        ({"results": {}}, "results is an object, not a list"),
        ({"results": [FILE, []]}, r"results\[1\] is a list, not an object"),
        ({"results": [FILE, {**FILE, "name": 5}]}, r"results\[1\].name is an integer, not a string"),
        ({"results": [], "paging": []}, "paging is a list, not an object"),
        ({"results": [], "paging": {"next": {"after": 1.5}}}, "paging.next.after is a number with a fraction"),
        ([], "it is a list, not an object"),
    ],
)
@pytest.mark.unlike_hubspot("values of wrong types are what it is about")
def test_of_a_page(client: Client, api: respx.MockRouter, body: Any, reason: str) -> None:
    api.get("/files/v3/files/search").respond(200, json=body)
    with pytest.raises(UnexpectedResponseError, match=reason):
        client(lambda hubspot: hubspot.files.search(), max_retries=0)


def test_an_error_names_the_path_of_a_missing_field(client: Client, api: respx.MockRouter) -> None:
    api.get("/files/v3/files/search").respond(200, json={"results": [{"id": "1"}]})
    with pytest.raises(UnexpectedResponseError, match=r"the response lacks 'results\[0\].archived'"):
        client(lambda hubspot: hubspot.files.search(), max_retries=0)


@pytest.mark.unlike_hubspot("fields that HubSpot may send in another way")
def test_accepts_the_variants_that_hubspot_sends(client: Client, api: respx.MockRouter) -> None:
    api.get("/files/v3/files/1").respond(
        200,
        json={
            **FILE,
            "id": 1,
            "parentFolderId": 7,
            "name": None,
            "access": "NEW",
            "new": [{}],
            "sourceGroup": "X",
            "expiresAt": "2026-01-01T00:00:00.5Z",
        },
    )
    file = client(lambda hubspot: hubspot.files.get(1))
    assert file.expires_at == 1_767_225_600_500
    assert (file.id, file.parent_folder_id, file.name) == ("1", "7", None)
    assert (file.access.value, file.source_group.value, file["new"]) == ("NEW", "X", [{}])


@pytest.mark.parametrize("expires_at", ["soon", "2026-01-01T00:00:00", "", 1.5, True, []])
@pytest.mark.unlike_hubspot("times that are not valid")
def test_a_time_in_neither_form_is_an_error(client: Client, api: respx.MockRouter, expires_at: Any) -> None:
    api.get("/files/v3/files/1").respond(200, json={**FILE, "expiresAt": expires_at})
    with pytest.raises(UnexpectedResponseError, match=r"expiresAt is .*, not an integer"):
        client(lambda hubspot: hubspot.files.get(1), max_retries=0)


@pytest.mark.unlike_hubspot("errors as HubSpot was seen to send them elsewhere")
def test_the_details_of_a_failed_task_may_have_any_shape(client: Client, api: respx.MockRouter) -> None:
    errors = ["text", 5, {"message": "m", "status": 400, "context": "{id=1}", "errors": ["a", {"message": 5.5}]}]
    path = "/files/v3/files/import-from-url/async/tasks/task-1/status"
    api.get(path).respond(200, json={**STATE, "errors": errors})

    def program(hubspot: Any) -> Any:
        task = yield hubspot.files.get_import_task("task-1")
        return (yield task.refresh())

    state = client(program)
    assert [error.message for error in state.errors] == ["text", "5", "m"]
    assert (state.errors[2].status, state.errors[2].context) == ("400", None)
    assert [detail.message for detail in state.errors[2].errors] == ["a", None]


@pytest.mark.parametrize(
    "name", ["get", "folders.get", "import task", pytest.param("update task", marks=RECURSIVE), "signed_url", "stat"]
)
def test_every_field_is_checked_under_its_json_name(name: str) -> None:
    """The JSON names are derived from those of the attributes."""
    operation, valid = OPERATIONS[name]
    for key in valid.keys() - {"links", "errors"}:
        body = {**valid, key: 5.5}
        transport = httpx.MockTransport(lambda request, body=body: httpx.Response(200, json=body))
        with (
            httpx.Client(transport=transport) as http,
            HubSpotFiles(TOKEN, http_client=http, max_retries=0) as hubspot,
            pytest.raises(UnexpectedResponseError, match=f": {key} is a number with a fraction, not "),
        ):
            operation(hubspot)
