"""The operations on folders: their documented requests and responses, on both clients."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
import pytest
import respx

from hubspot_files import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    RateLimitError,
    ServerError,
    UnexpectedResponseError,
)

from .support import BASE_URL, FOLDER, RECURSIVE, TOKEN, Client, versioned

LOCATOR = {"id": "task-7", "links": {}}


class TestCreate:
    @pytest.mark.parametrize(
        ("arguments", "body"),
        [
            ({}, {"name": "cats"}),
            ({"parent_folder_id": 122692510820}, {"name": "cats", "parentFolderId": "122692510820"}),
            ({"parent_folder_id": "5"}, {"name": "cats", "parentFolderId": "5"}),
            ({"parent_path": "/library"}, {"name": "cats", "parentPath": "/library"}),
            ({"parent_path": "library/"}, {"name": "cats", "parentPath": "/library"}),
            ({"parent_path": "/"}, {"name": "cats", "parentPath": "/"}),
        ],
    )
    def test_sends_the_documented_request(
        self, client: Client, api: respx.MockRouter, arguments: dict[str, Any], body: dict[str, Any]
    ) -> None:
        route = api.post("/files/v3/folders").respond(201, json={**FOLDER, "parentFolderId": "77"})

        folder = client(lambda hubspot: hubspot.folders.create("cats", **arguments))

        request = route.calls.last.request
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert request.headers["content-type"] == "application/json"
        assert json.loads(request.content) == body
        assert (folder.id, folder.name, folder.path) == ("1", "cat_archive", "/library/cat_archive")
        assert folder.parent_folder_id == "77"
        assert folder.created_at == datetime(2023, 6, 28, 17, 56, 45, 1000, tzinfo=UTC)
        assert folder.archived is False

    @pytest.mark.promise("`ArgumentValueError`, `ArgumentTypeError` | correct the call; nothing was changed at HubSpot")
    @pytest.mark.parametrize(
        ("name", "arguments", "error", "message"),
        [
            ("a/b", {}, ValueError, "name 'a/b' must be a folder's own name, without slashes"),
            ("", {}, ValueError, "name '' must be a folder's own name"),
            (" ", {}, ValueError, "name ' ' must be a folder's own name"),
            ("..", {}, ValueError, r"name '\.\.' must be a folder's own name"),
            ("a\nb", {}, ValueError, "without control characters"),
            ("\udcff", {}, ValueError, "cannot be sent as UTF-8"),
            (5, {}, TypeError, "name must be a str, not int"),
            (
                "cats",
                {"parent_folder_id": 1, "parent_path": "/a"},
                ValueError,
                "parent_folder_id and parent_path exclude each other",
            ),
            ("cats", {"parent_folder_id": ".."}, ValueError, r"parent_folder_id '\.\.' must be digits"),
            ("cats", {"parent_path": "/a/../b"}, ValueError, r"parent_path .* contains the segment '\.\.'"),
            ("cats", {"parent_path": 5}, TypeError, "parent_path must be a str"),
        ],
    )
    def test_refuses_invalid_options_before_anything_is_sent(
        self,
        client: Client,
        api: respx.MockRouter,
        name: Any,
        arguments: dict[str, Any],
        error: type[Exception],
        message: str,
    ) -> None:
        with pytest.raises(error, match=message):
            client(lambda hubspot: hubspot.folders.create(name, **arguments))
        assert not api.calls

    def test_an_existing_name(self, client: Client, api: respx.MockRouter) -> None:
        api.post("/files/v3/folders").respond(409, json={"message": "A folder of that name exists"})
        with pytest.raises(ConflictError, match="409: A folder of that name exists"):
            client(lambda hubspot: hubspot.folders.create("cats"))


class TestGet:
    def test_by_id(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get("/files/v3/folders/1").respond(200, json=FOLDER)

        folder = client(lambda hubspot: hubspot.folders.get(1, properties=["name", "id"]))

        request = route.calls.last.request
        assert request.method == "GET"
        assert request.url.params.multi_items() == [
            ("properties", name) for name in ("name", "id", "createdAt", "updatedAt", "archived")
        ]
        assert folder.path == "/library/cat_archive"

    def test_by_path(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(url__startswith=f"{BASE_URL}/files/v3/folders/").respond(200, json=FOLDER)

        folder = client(lambda hubspot: hubspot.folders.get_by_path("/library/50% ?#/cats/"))

        request = route.calls.last.request
        assert (request.method, request.url.raw_path) == ("GET", b"/files/v3/folders/library/50%25%20%3F%23/cats")
        assert folder.id == "1"

    def test_by_path_with_properties(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(path="/files/v3/folders/a").respond(200, json=FOLDER)

        client(lambda hubspot: hubspot.folders.get_by_path("a", properties=["path"]))

        assert route.calls.last.request.url.params.multi_items() == [
            ("properties", name) for name in ("path", "id", "createdAt", "updatedAt", "archived")
        ]

    @pytest.mark.parametrize("bad", ["..", "", "/library", "1?x"])
    def test_refuses_an_invalid_id(self, client: Client, api: respx.MockRouter, bad: str) -> None:
        with pytest.raises(ValueError, match=r"folder_id .* must be digits only"):
            client(lambda hubspot: hubspot.folders.get(bad))
        assert not api.calls

    def test_refuses_invalid_properties(self, client: Client, api: respx.MockRouter) -> None:
        with pytest.raises(TypeError, match="properties must be a list of names"):
            client(lambda hubspot: hubspot.folders.get(1, properties="name"))
        assert not api.calls


BAD_PATHS = [
    ("/", ValueError, "is the root, which has no record"),
    ("", ValueError, "must be a path such as"),
    ("/a/../b", ValueError, r"contains the segment '\.\.'"),
    ("..", ValueError, r"contains the segment '\.\.'"),
    ("/a//b", ValueError, "contains the segment ''"),
    ("/123", ValueError, r"all digits, which HubSpot treats as an id; use files\.stat to find the folder"),
    ("123/", ValueError, "all digits, which HubSpot treats as an id"),
    (123, TypeError, "path must be a str"),
]


@pytest.mark.parametrize(("path", "error", "message"), BAD_PATHS)
@pytest.mark.parametrize("operation", ["get_by_path", "delete_by_path"])
def test_refuses_invalid_paths(
    client: Client, api: respx.MockRouter, operation: str, path: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        client(lambda hubspot: getattr(hubspot.folders, operation)(path))
    assert not api.calls


class TestUpdate:
    @pytest.mark.parametrize(
        ("arguments", "body"),
        [
            ({"name": "dogs"}, {"name": "dogs"}),
            ({"parent_folder_id": "122692510820"}, {"parentFolderId": 122692510820}),
            ({"name": "dogs", "parent_folder_id": 5}, {"name": "dogs", "parentFolderId": 5}),
        ],
    )
    def test_sends_only_the_changes(
        self, client: Client, api: respx.MockRouter, arguments: dict[str, Any], body: dict[str, Any]
    ) -> None:
        """Here the API takes the parent as a number."""
        route = api.patch("/files/v3/folders/1").respond(200, json={**FOLDER, "name": "dogs"})

        folder = client(lambda hubspot: hubspot.folders.update(1, **arguments))

        assert json.loads(route.calls.last.request.content) == body
        assert folder.name == "dogs"

    @pytest.mark.parametrize(
        ("arguments", "body"),
        [
            ({"name": "dogs"}, {"id": "7", "name": "dogs"}),
            ({"parent_folder_id": "5"}, {"id": "7", "parentFolderId": 5}),
        ],
    )
    @RECURSIVE
    def test_recursively(
        self, client: Client, api: respx.MockRouter, arguments: dict[str, Any], body: dict[str, Any]
    ) -> None:
        route = api.post("/files/v3/folders/update/async").respond(202, json=LOCATOR)

        task = client(lambda hubspot: hubspot.folders.update_recursively(7, **arguments))

        assert json.loads(route.calls.last.request.content) == body
        assert (task.id, task.state) == ("task-7", None)
        assert len(api.calls) == 1

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({}, ValueError, "nothing to change: pass name= or parent_folder_id="),
            ({"name": "a/b"}, ValueError, "must be a folder's own name, without slashes"),
            ({"name": 5}, TypeError, "name must be a str, not int"),
            ({"parent_folder_id": ".."}, ValueError, r"parent_folder_id '\.\.' must be digits"),
            ({"folder_id": "..", "name": "a"}, ValueError, r"folder_id '\.\.' must be digits"),
        ],
    )
    @pytest.mark.parametrize("operation", ["update", "update_recursively"])
    def test_refuses_invalid_changes(
        self,
        client: Client,
        api: respx.MockRouter,
        operation: str,
        arguments: dict[str, Any],
        error: type[Exception],
        message: str,
    ) -> None:
        given = {"folder_id": 1, **arguments}
        with pytest.raises(error, match=message):
            client(lambda hubspot: getattr(hubspot.folders, operation)(given.pop("folder_id"), **given))
        assert not api.calls


class TestDelete:
    def test_by_id(self, client: Client, api: respx.MockRouter) -> None:
        route = api.delete("/files/v3/folders/7").respond(204)
        assert client(lambda hubspot: hubspot.folders.delete("7")) is None
        assert (route.call_count, route.calls.last.request.content) == (1, b"")

    def test_by_path(self, client: Client, api: respx.MockRouter) -> None:
        route = api.delete(url__startswith=f"{BASE_URL}/files/v3/folders/").respond(204)
        assert client(lambda hubspot: hubspot.folders.delete_by_path("/library/old cats")) is None
        assert route.calls.last.request.url.raw_path == b"/files/v3/folders/library/old%20cats"

    @pytest.mark.parametrize("bad", ["..", ".", "", "/library"])
    def test_refuses_an_invalid_id(self, client: Client, api: respx.MockRouter, bad: str) -> None:
        with pytest.raises(ValueError, match=r"folder_id .* must be digits only"):
            client(lambda hubspot: hubspot.folders.delete(bad))
        assert not api.calls

    @pytest.mark.parametrize(("operation", "which"), [("delete", "7"), ("delete_by_path", "/a")])
    def test_a_404_after_a_lost_response_is_success(
        self, client: Client, api: respx.MockRouter, operation: str, which: str
    ) -> None:
        route = api.delete(url__startswith=f"{BASE_URL}/files/v3/folders/").mock(
            side_effect=[httpx.ReadTimeout("late"), httpx.Response(404)]
        )
        assert client(lambda hubspot: getattr(hubspot.folders, operation)(which)) is None
        assert route.call_count == 2

    @pytest.mark.parametrize(("operation", "which"), [("delete", "7"), ("delete_by_path", "/a")])
    def test_a_missing_folder_is_an_error(
        self, client: Client, api: respx.MockRouter, operation: str, which: str
    ) -> None:
        route = api.delete(url__startswith=f"{BASE_URL}/files/v3/folders/").respond(404)
        with pytest.raises(NotFoundError):
            client(lambda hubspot: getattr(hubspot.folders, operation)(which))
        assert route.call_count == 1


class Operation(NamedTuple):
    """A call of an operation, its response, and whether it is idempotent."""

    name: str
    call: Callable[..., Any]
    method: str
    path: str
    response: httpx.Response
    creates: bool = False


OPERATIONS = [
    Operation(
        "create",
        lambda folders, **options: folders.create("cats", **options),
        "POST",
        "/files/v3/folders",
        httpx.Response(201, json=FOLDER),
        creates=True,
    ),
    Operation(
        "get",
        lambda folders, **options: folders.get(1, **options),
        "GET",
        "/files/v3/folders/1",
        httpx.Response(200, json=FOLDER),
    ),
    Operation(
        "get_by_path",
        lambda folders, **options: folders.get_by_path("/a", **options),
        "GET",
        "/files/v3/folders/a",
        httpx.Response(200, json=FOLDER),
    ),
    Operation(
        "search",
        lambda folders, **options: folders.search(**options),
        "GET",
        "/files/v3/folders/search",
        httpx.Response(200, json={"results": [FOLDER]}),
    ),
    Operation(
        "update",
        lambda folders, **options: folders.update(1, name="dogs", **options),
        "PATCH",
        "/files/v3/folders/1",
        httpx.Response(200, json=FOLDER),
    ),
    Operation(
        "update_recursively",
        lambda folders, **options: folders.update_recursively(1, name="dogs", **options),
        "POST",
        "/files/v3/folders/update/async",
        httpx.Response(202, json=LOCATOR),
    ),
    Operation(
        "delete",
        lambda folders, **options: folders.delete(1, **options),
        "DELETE",
        "/files/v3/folders/1",
        httpx.Response(204),
    ),
    Operation(
        "delete_by_path",
        lambda folders, **options: folders.delete_by_path("/a", **options),
        "DELETE",
        "/files/v3/folders/a",
        httpx.Response(204),
    ),
]
CASES = [
    pytest.param(operation, marks=RECURSIVE if operation.name == "update_recursively" else ())
    for operation in OPERATIONS
]
SAFE = [case for case in CASES if not case.values[0].creates]


def case_id(value: Any) -> str:
    return value.name if isinstance(value, Operation) else str(getattr(value, "status_code", type(value).__name__))


class TestRetries:
    def run(
        self, client: Client, api: respx.MockRouter, operation: Operation, *responses: Any, **options: Any
    ) -> respx.Route:
        route = api.route(method=operation.method, path=operation.path).mock(side_effect=responses)
        client(lambda hubspot: operation.call(hubspot.folders), **options)
        return route

    @pytest.mark.parametrize(
        "failure",
        [httpx.Response(502, html="<html>"), httpx.ReadTimeout("late"), httpx.ReadError("reset")],
        ids=case_id,
    )
    @pytest.mark.parametrize("operation", SAFE, ids=case_id)
    def test_retries_idempotent_requests(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation, failure: Any
    ) -> None:
        route = self.run(client, api, operation, failure, operation.response)
        assert route.calls[0].request.content == route.calls[1].request.content
        assert route.call_count == 2
        assert len(sleeps) == 1

    @pytest.mark.parametrize("operation", CASES, ids=case_id)
    def test_retries_a_request_that_was_not_sent(
        self, client: Client, api: respx.MockRouter, operation: Operation
    ) -> None:
        assert self.run(client, api, operation, httpx.ConnectError("refused"), operation.response).call_count == 2

    @pytest.mark.parametrize("operation", CASES, ids=case_id)
    def test_waits_for_retry_after(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation
    ) -> None:
        self.run(client, api, operation, httpx.Response(429, headers={"retry-after": "9"}), operation.response)
        assert sleeps == [9.0]

    @pytest.mark.parametrize("operation", CASES, ids=case_id)
    def test_does_not_wait_for_the_daily_limit(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation
    ) -> None:
        with pytest.raises(RateLimitError, match="The daily limit of the account is used up"):
            self.run(client, api, operation, httpx.Response(429, json={"policyName": "DAILY"}), operation.response)
        assert len(api.calls) == 1
        assert sleeps == []

    @pytest.mark.parametrize("operation", CASES, ids=case_id)
    def test_refreshes_the_token_once(self, client: Client, api: respx.MockRouter, operation: Operation) -> None:
        tokens = iter(["stale", "fresh", "never asked for"])
        expired = httpx.Response(401)
        with pytest.raises(AuthenticationError):
            self.run(client, api, operation, expired, expired, access_token=lambda: next(tokens))
        assert [call.request.headers["authorization"] for call in api.calls] == ["Bearer stale", "Bearer fresh"]

    @pytest.mark.parametrize("operation", SAFE, ids=case_id)
    def test_gives_up_after_max_retries(self, client: Client, api: respx.MockRouter, operation: Operation) -> None:
        with pytest.raises(ServerError):
            self.run(client, api, operation, *[httpx.Response(503)] * 3, max_retries=2)
        assert len(api.calls) == 3

    @pytest.mark.parametrize("operation", CASES, ids=case_id)
    def test_a_missing_folder(self, client: Client, api: respx.MockRouter, operation: Operation) -> None:
        with pytest.raises(
            NotFoundError, match=f"{operation.method} {versioned(operation.path)}: 404: the response is empty"
        ):
            self.run(client, api, operation, httpx.Response(404), operation.response)
        assert len(api.calls) == 1

    @pytest.mark.parametrize(
        "operation", [case for case in SAFE if case.values[0].method in ("GET", "POST")], ids=case_id
    )
    @pytest.mark.unlike_hubspot("answers of the wrong shape are what it is about")
    def test_retries_an_unreadable_success(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation
    ) -> None:
        unreadable = httpx.Response(200, json={})
        with pytest.raises(UnexpectedResponseError, match=r"it lacks '(id|results)'"):
            self.run(client, api, operation, unreadable, unreadable, max_retries=1)
        assert len(api.calls) == 2
        assert len(sleeps) == 1

    def test_reads_a_changed_record_instead_of_a_retry(self, client: Client, api: respx.MockRouter) -> None:
        changing = api.patch("/files/v3/folders/1").respond(200, html="<html>")
        record = api.get("/files/v3/folders/1").respond(200, json=FOLDER)
        folder = client(lambda hubspot: hubspot.folders.update(1, name="dogs"))
        assert folder.id == FOLDER["id"]
        assert (changing.call_count, record.call_count) == (1, 1)

    @pytest.mark.parametrize("operation", CASES, ids=case_id)
    def test_applies_the_timeout(self, client: Client, api: respx.MockRouter, operation: Operation) -> None:
        route = api.route(method=operation.method, path=operation.path).mock(side_effect=[operation.response])
        client(lambda hubspot: operation.call(hubspot.folders, timeout=7))
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), 7)
        assert route.calls.last.request.extensions["timeout"] == timeouts
