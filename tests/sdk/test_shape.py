"""Responses of any shape become a model with the right types, or an error that names the wrong field."""

from __future__ import annotations

import contextlib
import copy
import json
import re
import types
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
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
    "A record whose id is not the requested one, and a response whose other properties have other types "
    "than the API describes, cannot be read.",
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
    "A value of another type than the API describes is converted if its meaning is clear, such as a "
    "number in place of a string and a date in place of milliseconds.",
    "Any other value of a property that may be missing is set aside: the property is None, and "
    '`file["size"]` returns the value.',
)
def test_values_of_other_types_are_converted_or_set_aside() -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    converted: list[tuple[str, object, str, object]] = [
        ("id", 1, "id", "1"),
        ("parentFolderId", 7, "parent_folder_id", "7"),
        ("name", 2026, "name", "2026"),
        ("access", 5, "access", "5"),
        ("access", "MARS", "access", "MARS"),
        ("size", "24", "size", 24),
        ("size", 24.0, "size", 24),
        ("size", "-1", "size", -1),
        ("archived", "true", "archived", True),
        ("archived", "false", "archived", False),
        ("createdAt", 1767225600000, "created_at", day),
        ("createdAt", "1767225600000", "created_at", day),
        ("createdAt", 1767225600000.0, "created_at", day),
        ("createdAt", "2026-01-01T01:00:00+0100", "created_at", day),
        ("createdAt", "2026-01-01T00:00:00", "created_at", day),
        ("createdAt", "2026-01-01", "created_at", day),
        ("createdAt", "20260101", "created_at", day),
        ("createdAt", "1701010512345", "created_at", datetime(2023, 11, 26, 14, 55, 12, 345000, UTC)),
        ("expiresAt", "2026-01-01T00:00:00.5Z", "expires_at", 1_767_225_600_500),
        ("expiresAt", "1767225600500", "expires_at", 1_767_225_600_500),
        ("expiresAt", "2026-01-01T00:00:00", "expires_at", 1_767_225_600_000),
        ("new", [{}], "additional_properties", {"new": [{}]}),
    ]
    aside: list[tuple[str, object, str]] = [
        *(("name", value, "name") for value in (5.5, True, [], {})),
        *(("size", value, "size") for value in ("big", 5.5, 1e300, float("inf"), True, [], {}, "", "٣")),
        *(("archived", value, "archived") for value in ("no", 0, 1, [], {})),
        *(
            ("createdAt", value, "created_at")
            for value in ("yesterday", "2026-13-01", 5, 1e300, 10**18, "9" * 18, True, [])
        ),
        *(("expiresAt", value, "expires_at") for value in ("soon", "", 1.5, True, [])),
        *(("access", value, "access") for value in (True, {}, 7.5)),
        ("sourceGroup", [], "source_group"),
    ]
    read = models.File.from_dict
    for key, value, name, wanted in converted:
        found = getattr(read({**FILE, key: value}), name)
        assert (found.value if isinstance(found, Enum) else found) == wanted, (key, value)
        assert type(found.value if isinstance(found, Enum) else found) is type(wanted)
    for key, value, name in aside:
        source = {**FILE, key: value}
        file = read(source)
        assert (getattr(file, name), file[key], file.to_dict()[key]) == (None, value, value), (key, value)
        assert source == {**FILE, key: value}
    for key in FILE.keys() - {"id"}:
        assert read({**FILE, key: None}).additional_properties == {}
    assert read({"id": "1"}).updated_at is None


@pytest.mark.promise(
    "A record whose id is not the requested one, and a response whose other properties have other types "
    "than the API describes, cannot be read.",
)
@pytest.mark.unlike_hubspot("values of wrong types are what it is about")
def test_a_required_property_that_cannot_be_read_is_an_error_that_names_it(
    client: Client, api: respx.MockRouter
) -> None:
    state = "/files/v3/files/import-from-url/async/tasks/task-1/status"
    get = lambda hubspot: hubspot.files.get(1)  # noqa: E731
    refresh = lambda hubspot: hubspot.files.get_import_task("task-1")  # noqa: E731
    search = lambda hubspot: hubspot.files.search()  # noqa: E731
    cases: list[tuple[str, Callable[[Any], Any], Any, str]] = [
        ("/files/v3/files/1", get, {**FILE, "id": None}, "id is null, not a string"),
        ("/files/v3/files/1", get, {**FILE, "id": []}, "id is a list, not a string"),
        ("/files/v3/files/1", get, {**FILE, "id": 1.5}, "id is a number with a fraction, not a string"),
        ("/files/v3/files/1", get, {"name": "a"}, "it lacks 'id'"),
        ("/files/v3/files/1", get, [], "it is a list, not an object"),
        ("/files/v3/files/search", search, {}, "it lacks 'results'"),
        ("/files/v3/files/search", search, {"results": None}, "results is null, not a list"),
        ("/files/v3/files/search", search, {"results": {}}, "results is an object, not a list"),
        ("/files/v3/files/search", search, {"results": [[]]}, "results[0] is a list, not an object"),
        ("/files/v3/files/search", search, {"results": [FILE], "paging": []}, "paging is a list, not an object"),
        (
            "/files/v3/files/search",
            search,
            {"results": [FILE, []], "paging": {"next": {}}},
            "it lacks 'paging.next.after'",
        ),
        (
            "/files/v3/files/search",
            search,
            {"results": [], "paging": {"next": {"after": 1.5}}},
            "paging.next.after is a",
        ),
        ("/files/v3/files/search", search, [FILE], "it is a list, not an object"),
        (state, refresh, {"taskId": "task-1"}, "it lacks 'status'"),
        (state, refresh, {**STATE, "result": {"name": "a"}}, "it lacks 'result.id'"),
        (state, refresh, {**STATE, "result": "a"}, "result is a string, not an object"),
    ]
    for path, operation, body, reason in cases:
        api.get(path).respond(200, json=body)

        def program(hubspot: Any, operation: Callable[[Any], Any] = operation) -> Any:
            result = yield operation(hubspot)
            if operation is refresh:
                yield result.refresh()

        with pytest.raises(UnexpectedResponseError, match=f"is not what the API describes: {re.escape(reason)}"):
            client(program if operation is refresh else operation, max_retries=0)


@pytest.mark.promise(
    "The other records of a search are returned if some cannot be read, and `Page.unreadable` names these; after the "
    "last page, the search raises `UnexpectedResponseError`, which names all of them."
)
@pytest.mark.unlike_hubspot("records that cannot be read")
def test_a_record_that_cannot_be_read_does_not_hide_the_others(client: Client, api: respx.MockRouter) -> None:
    bad = {key: value for key, value in FILE.items() if key != "id"}
    first = {"results": [{**FILE, "id": "1"}, bad, "text", {**FILE, "id": "4"}], "paging": {"next": {"after": "4"}}}
    last = {"results": [{**FILE, "id": "5"}, None]}

    def pages(request: httpx.Request) -> httpx.Response:
        params = request.url.params
        return httpx.Response(200, json=last if params.get("after") == "4" or params.get("idGte") == "5" else first)

    api.get("/files/v3/files/search").mock(side_effect=pages)
    for options in ({}, {"beyond_limit": True, "max_items": 3}):
        found: list[str] = []
        seen: list[int] = []

        async def gather(hubspot: Any, options: Any = options, found: Any = found, seen: Any = seen) -> None:
            with contextlib.suppress(UnexpectedResponseError):
                async for page in hubspot.files.search(**options).pages():
                    seen.append(len(page.unreadable))
            async for file in hubspot.files.search(**options):
                found.append(file.id)

        def collect(hubspot: Any, options: Any = options, found: Any = found, seen: Any = seen) -> Any:
            if client.asynchronous:
                return gather(hubspot)
            with contextlib.suppress(UnexpectedResponseError):
                for page in hubspot.files.search(**options).pages():
                    seen.append(len(page.unreadable))
            for file in hubspot.files.search(**options):
                found.append(file.id)
            return None

        with pytest.raises(UnexpectedResponseError, match="3 of the records cannot be read, and all others") as caught:
            client(collect)
        assert f"results[1] ({FILE['path']!r}): it lacks 'id'" in str(caught.value)
        assert (found, seen) == (["1", "4", "5"], [2, 1])


@pytest.mark.unlike_hubspot("details of errors in other forms")
def test_the_details_of_a_task_keep_what_cannot_be_read(client: Client, api: respx.MockRouter) -> None:
    error = {"message": 5, "context": "{missingScopes=[files, files.read]}", "errors": {"message": "m"}, "links": []}
    path = "/files/v3/files/import-from-url/async/tasks/task-1/status"
    # A single error counts as a list: the task has not succeeded.
    for errors in (error, "text"):
        api.get(path).respond(200, json={**STATE, "errors": errors})

        def program(hubspot: Any) -> Any:
            task = yield hubspot.files.get_import_task("task-1")
            return (yield task.refresh())

        state = client(program)
        assert state.errors[0].message == ("text" if errors == "text" else "5")
    api.get(path).respond(200, json={**STATE, "errors": [error]})
    [found] = client(program).errors
    assert (found["context"], found["links"]) == (error["context"], [])
    assert (found.context, [detail.message for detail in found.errors]) == (None, ["m"])
    api.get(path).respond(200, json={**STATE, "errors": [{"context": {"id": 1}}]})
    assert client(program).errors[0].context["id"] == ["1"]


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


def test_every_property_is_read_under_its_json_name() -> None:
    for name in models.__all__:
        model = getattr(models, name)
        if not attrs.has(model) or not hasattr(model, "_json_names"):
            continue
        source = {
            key: "1" if key in ("id", "url", "after", "before", "access") else None
            for key in model._json_names.values()
        }
        if name in ("FilePage", "FolderPage", "FileUpload", "FileReplacement", "FolderCreate"):
            continue
        assert model.from_dict({**source, "unheardOf": 1}).additional_properties == {"unheardOf": 1}
