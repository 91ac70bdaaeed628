"""Records of an object that was not requested, as after a surplus response of a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from hubspot_files import DownloadCorruptedError, OutcomeUnknownError, UnexpectedResponseError

from .support import FILE, FOLDER, RECURSIVE, STORAGE, Client, Content

pytestmark = pytest.mark.unlike_hubspot("responses to other requests are what it is about")

OTHER = {**FILE, "id": "2", "name": "dog"}
PENDING = {"taskId": "task-1", "status": "PENDING"}
IMPORT = "/files/v3/files/import-from-url/async/tasks/task-1/status"
UPDATE = "/files/v3/folders/update/async/tasks/task-1/status"


def import_state(hubspot: Any) -> Any:
    task = yield hubspot.files.get_import_task("task-1")
    return (yield task.refresh())


def update_state(hubspot: Any) -> Any:
    task = yield hubspot.folders.get_update_task("task-1")
    return (yield task.refresh())


REQUESTS: list[Any] = [
    pytest.param(lambda hubspot: hubspot.files.get(1), "/files/v3/files/1", OTHER, FILE, id="get"),
    pytest.param(
        lambda hubspot: hubspot.folders.get(1), "/files/v3/folders/1", {**FOLDER, "id": "2"}, FOLDER, id="folders.get"
    ),
    pytest.param(import_state, IMPORT, {**PENDING, "taskId": "task-2"}, PENDING, id="import task"),
    pytest.param(update_state, UPDATE, {**PENDING, "taskId": "task-2"}, PENDING, id="update task", marks=RECURSIVE),
]


class TestRecordOfAnotherObject:
    @pytest.mark.promise(
        "A record whose id is not the requested one, and a response whose other properties have other types than "
        "the API describes, cannot be read."
    )
    @pytest.mark.parametrize(("operation", "path", "wrong", "right"), REQUESTS)
    def test_is_retried(
        self,
        client: Client,
        api: respx.MockRouter,
        sleeps: list[float],
        operation: Any,
        path: str,
        wrong: Any,
        right: Any,
    ) -> None:
        route = api.get(path).mock(side_effect=[httpx.Response(200, json=wrong), httpx.Response(200, json=right)])
        result = client(operation)
        assert (getattr(result, "id", None) or result.task_id) in ("1", "task-1")
        assert route.call_count == 2
        assert len(sleeps) == 1

    @pytest.mark.parametrize(("operation", "path", "wrong", "right"), REQUESTS)
    def test_is_an_error_after_max_retries(
        self, client: Client, api: respx.MockRouter, operation: Any, path: str, wrong: Any, right: Any
    ) -> None:
        route = api.get(path).respond(200, json=wrong)
        with pytest.raises(UnexpectedResponseError, match=r"it is the (record|state) of .* was requested"):
            client(operation, max_retries=2)
        assert route.call_count == 3

    @pytest.mark.parametrize(
        ("operation", "method", "kind", "record"),
        [
            (lambda hubspot: hubspot.files.update(1, name="dog"), "PATCH", "files", FILE),
            (lambda hubspot: hubspot.files.replace(1, b"x", name="a", access="PRIVATE"), "PUT", "files", FILE),
            (lambda hubspot: hubspot.folders.update(1, name="dog"), "PATCH", "folders", FOLDER),
        ],
        ids=["update", "replace", "folders.update"],
    )
    def test_after_a_change_is_read_instead_of_a_retry(
        self, client: Client, api: respx.MockRouter, operation: Any, method: str, kind: str, record: dict[str, Any]
    ) -> None:
        path = f"/files/v3/{kind}/1"
        changing = api.route(method=method, path=path).respond(200, json={**record, "id": "2"})
        reading = api.get(path).respond(200, json=record)
        assert client(operation).id == "1"
        assert (changing.call_count, reading.call_count) == (1, 1)

    @pytest.mark.parametrize(
        ("requested", "received"), [("007", "7"), (7, "7"), ("7", 7), (7, "007"), ("0", "0"), (1 << 62, str(1 << 62))]
    )
    def test_ids_are_compared_as_numbers(
        self, client: Client, api: respx.MockRouter, requested: Any, received: Any
    ) -> None:
        route = api.get(f"/files/v3/files/{requested}").respond(200, json={**FILE, "id": received})
        assert client(lambda hubspot: hubspot.files.get(requested)).id == str(received)
        assert route.call_count == 1

    def test_of_a_task_with_an_invalid_id_is_refused(self, client: Client, api: respx.MockRouter) -> None:
        api.post("/files/v3/files/import-from-url/async").respond(202, json={"id": ".."})
        with pytest.raises(OutcomeUnknownError) as caught:
            client(lambda hubspot: hubspot.files.import_from_url("https://example.com/a", folder_path="/"))
        assert "id is '..', which is not a valid id of a task" in str(caught.value.__cause__)


SIGNED = {"url": f"{STORAGE}/cat.png?signature=0123456789abcdef", "expiresAt": "2036-01-01T00:00:00Z", "name": "cat"}


class TestSignedUrlOfAnotherFile:
    @pytest.mark.promise(
        "The signed URL of a download cannot be read if it names another size than the record, or another "
        "name and the record has no MD5."
    )
    @pytest.mark.parametrize(
        ("signed", "record"),
        [
            ({"size": 24575}, {"fileMd5": "0" * 32}),
            ({"size": 24574, "name": "dog"}, {}),
            ({"name": "dog.png"}, {}),
        ],
        ids=["of another size", "of another name", "of another name with its extension"],
    )
    def test_is_not_followed(
        self, client: Client, api: respx.MockRouter, tmp_path: Path, signed: dict[str, Any], record: dict[str, Any]
    ) -> None:
        api.get("/files/v3/files/1").respond(200, json={**FILE, **record})
        route = api.get("/files/v3/files/1/signed-url").respond(200, json={**SIGNED, **signed})
        with pytest.raises(UnexpectedResponseError, match="it is the signed URL of another file") as caught:
            client(lambda hubspot: hubspot.files.download(1, tmp_path / "a"), max_retries=1)
        assert route.call_count == 2
        assert "signature" not in str(caught.value)

    @pytest.mark.parametrize(
        ("signed", "record"),
        [
            ({"size": 3}, {}),
            ({"size": 3, "name": "cat.png"}, {}),
            ({"name": None}, {}),
            ({"name": "renamed meanwhile"}, {"fileMd5": "900150983cd24fb0d6963f7d28e17f72"}),
            ({"name": "any"}, {"name": None}),
            ({"size": 3}, {"size": None}),
        ],
    )
    def test_the_signed_url_of_the_file_is_followed(
        self, client: Client, api: respx.MockRouter, signed: dict[str, Any], record: dict[str, Any]
    ) -> None:
        api.get("/files/v3/files/1").respond(200, json={**FILE, "size": 3, **record})
        api.get("/files/v3/files/1/signed-url").respond(200, json={**SIGNED, **signed})
        with respx.mock(base_url=STORAGE) as storage:
            storage.get("/cat.png").respond(200, content=b"abc")
            assert client(lambda hubspot: hubspot.files.read(1)) == b"abc"


class _Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A connection; from its second response on, the first connection is one response late."""

    def __init__(self, made: list[_Transport]) -> None:
        self.shifted = not made
        made.append(self)
        self.requested_ids: list[str] = []
        self.closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert not self.closed
        self.requested_ids.append(request.url.path.rpartition("/")[2])
        body = {**FILE, "id": self.requested_ids[-2:][0] if self.shifted else self.requested_ids[-1]}
        return httpx.Response(200, stream=Content(json.dumps(body).encode()))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)

    def is_reusable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


class TestShiftedConnection:
    @pytest.mark.promise(
        "The idle connections are closed then, because one of them may hold a response to another request."
    )
    def test_is_not_reused(self, client: Client) -> None:
        made: list[_Transport] = []

        def program(hubspot: Any) -> Any:
            hubspot._driver.connections.pool._make = lambda proxy: _Transport(made)
            first = yield hubspot.files.get(1)
            second = yield hubspot.files.get(2)
            third = yield hubspot.files.get(3)
            return [first.id, second.id, third.id]

        assert client(program) == ["1", "2", "3"]
        shifted, used = made
        assert (shifted.requested_ids, used.requested_ids) == (["1", "2"], ["2", "3"])
        assert shifted.closed

    def test_a_connection_in_use_is_not_idle(self, client: Client) -> None:
        def program(hubspot: Any) -> Any:
            pool = hubspot._driver.connections.pool
            assert pool.pop_idle() == []
            host, transport = pool.take(httpx.URL("https://api.hubapi.com"))
            _, busy = pool.take(httpx.URL("https://api.hubapi.com"))
            host.put(transport)
            yield hubspot._driver.connections.close_idle()
            assert pool.transports == [busy]

        client(program)


class TestShiftedHttpClient:
    @pytest.mark.promise(
        "With an `http_client` of yours, a response to another request is recognised by the id of a "
        "record and by the MD5 of content."
    )
    def test_is_detected(self, client: Client) -> None:
        """The id of a record and the MD5 of content of the same size reveal it."""
        requested_ids = [""]
        contents = [b"abd", b"abc"]

        def handle(request: httpx.Request) -> httpx.Response:
            path = request.url.path
            if path == "/cat.png":
                return httpx.Response(200, content=contents.pop(0))
            if path.endswith("/signed-url"):
                return httpx.Response(200, json={**SIGNED, "size": 3})
            requested_ids.append(path.rpartition("/")[2])
            record = {**FILE, "size": 3, "fileMd5": "900150983cd24fb0d6963f7d28e17f72"}
            return httpx.Response(200, json={**record, "id": requested_ids[-2] or requested_ids[-1]})

        def program(hubspot: Any) -> Any:
            for file_id in ("1", "2", "3"):
                assert (yield hubspot.files.get(file_id)).id == file_id
            with pytest.raises(DownloadCorruptedError, match="the MD5 of the received content"):
                yield hubspot.files.read("3")
            assert (yield hubspot.files.read("3")) == b"abc"

        client(program, http_client=client.http(httpx.MockTransport(handle)))
        assert requested_ids[1:] == ["1", "2", "2", "3", "3", "3", "3"]
