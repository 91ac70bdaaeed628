"""The versions of the API: how a client gets its own, and how its requests and responses differ."""

from __future__ import annotations

import json
import logging
import pickle
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import respx

from hubspot_files import (
    Access,
    AsyncHubSpotFiles,
    HubSpotFiles,
    HubSpotFilesError,
    NotFoundError,
    OutcomeUnknownError,
    ResponseInfo,
    UnsupportedOperationError,
)
from hubspot_files.emulator._api.routes import OPERATIONS
from hubspot_files.testing import Emulator
from hubspot_files_api.api.files import download_file, get_file, import_file_from_url, update_file
from hubspot_files_api.api.folders import get_folder_update_task, update_folder_recursively
from hubspot_files_api.api.legacy import get_legacy_signed_url
from hubspot_files_api.models import FileImport, FileUpdate, FolderRecursiveUpdate
from hubspot_files_api.versions import VERSIONS, KnownVersion, Version

from .support import BASE_URL, FILE, STORAGE, TOKEN, Client, collected

pytestmark = pytest.mark.versions("v3", reason="each of these tests names its versions itself")

KNOWN = list(VERSIONS)
DATED = KNOWN[1:]
BETA = "2026-09-beta"
TASK = "57122e26-59f8-4cfc-ba53-96e30c816762"
both = pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])


@pytest.fixture(autouse=True)
def without_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the version of the environment."""
    monkeypatch.delenv("HUBSPOT_API_VERSION")


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Return an emulator that sends only what a version promises."""
    with Emulator(promised_only=True) as emulator:
        yield emulator


Run = Callable[..., Any]


@pytest.fixture
def run(client: Client, emulator: Emulator) -> Run:
    """Return a function that runs a program with a client of the emulator, in a version."""

    def call(version: str, program: Callable[[Any], Any], **options: Any) -> Any:
        http_client = client.http(emulator.transport)
        return client(program, access_token=emulator.token, api_version=version, http_client=http_client, **options)

    return call


def sent(emulator: Emulator) -> list[tuple[str | None, str]]:
    """Return the operations and paths of all requests to the API."""
    host = emulator.base_url.removeprefix("https://")
    return [(request.operation, request.path) for request in emulator.requests if request.host == host]


def called(hubspot: Any, module: Any, *arguments: Any, **options: Any) -> Any:
    """Call an operation of the generated client."""
    function = module.asyncio_detailed if isinstance(hubspot, AsyncHubSpotFiles) else module.sync_detailed
    return function(*arguments, client=hubspot.api, **options)


@both
class TestOption:
    def test_is_v3_by_default(self, kind: Any) -> None:
        assert kind(TOKEN)._settings.api_version == "v3"

    def test_of_the_environment(self, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBSPOT_API_VERSION", "2026-03")
        assert kind(TOKEN)._settings.api_version == "2026-03"

    def test_an_empty_variable_is_as_none(self, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBSPOT_API_VERSION", "")
        assert kind(TOKEN)._settings.api_version == "v3"

    def test_takes_precedence_over_the_environment(self, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBSPOT_API_VERSION", "2026-03")
        assert kind(TOKEN, api_version="2026-09")._settings.api_version == "2026-09"

    @pytest.mark.parametrize("version", [*KNOWN, "2027-03", "2027-03-beta", "2031-12"])
    def test_is_a_known_version_or_a_date(self, kind: Any, version: str) -> None:
        assert kind(TOKEN, api_version=version)._settings.api_version == version

    @pytest.mark.parametrize(
        "version", ["v4", "V3", "2026-13", "2026-00", "2026-3", "2026-03-rc", "2026-03\n", "/", ""]
    )
    def test_must_be_the_name_of_a_version(self, kind: Any, version: str) -> None:
        message = f"api_version {version!r} must be one of v3, 2026-03, 2026-09-beta, 2026-09, or another date"
        message = re.escape(message)
        with pytest.raises(ValueError, match=message):
            kind(TOKEN, api_version=version)
        with pytest.raises(ValueError, match=message):
            kind(TOKEN).with_options(api_version=version)

    def test_of_the_environment_is_checked(self, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBSPOT_API_VERSION", "2026-3")
        with pytest.raises(ValueError, match=r"^api_version '2026-3' must be one of"):
            kind(TOKEN)

    @pytest.mark.parametrize("version", [3, 0, 2026.03, False, b"v3", ["v3"]])
    def test_must_be_a_str(self, kind: Any, version: Any) -> None:
        message = f"^api_version must be a str such as '2026-09', not {type(version).__name__}$"
        with pytest.raises(TypeError, match=message):
            kind(TOKEN, api_version=version)
        with pytest.raises(TypeError, match=message):
            kind(TOKEN).with_options(api_version=version)

    def test_of_a_copy(self, kind: Any) -> None:
        client = kind(TOKEN, api_version="2026-03")
        assert client.with_options(max_retries=0)._settings.api_version == "2026-03"
        copy = client.with_options(api_version="2026-09-beta")
        assert (copy._settings.api_version, client._settings.api_version) == ("2026-09-beta", "2026-03")
        assert copy.api._api_version == "2026-09-beta"

    def test_is_checked_before_the_token_is_used(self, kind: Any) -> None:
        def token() -> str:
            raise AssertionError("it is called before a request only")

        with pytest.raises(ValueError, match=r"^api_version"):
            kind(token, api_version="v4")


def test_the_known_versions_are_in_the_type() -> None:
    assert list(KnownVersion.__args__) == KNOWN


def every_operation(hubspot: Any) -> Any:
    """Return a program that calls every operation, except those of folder tasks."""
    files, folders = hubspot.files, hubspot.folders
    file = yield files.upload(b"content", name="a.txt", folder_path="/in")
    yield files.upload(b"secret", name="b.txt", folder_path="/in", access="SENSITIVE")
    yield files.get(file.id)
    yield files.stat("/in/a.txt")
    yield files.replace(file.id, b"better", name="a.txt", access="PRIVATE")
    yield files.update(file.id, name="c")
    yield files.signed_url(file.id)
    contents = {}
    for item in (yield collected(files.search())):
        contents[item.name] = yield files.read(item.id)
    assert contents == {"b": b"secret", "c": b"better"}
    task = yield files.import_from_url("https://example.com/cat.png", folder_path="/in")
    yield task.wait()
    folder = yield folders.create("box")
    yield folders.get(folder.id)
    yield folders.get_by_path("/box")
    yield folders.update(folder.id, name="crate")
    assert [each.path for each in (yield collected(folders.search(name="crate")))] == ["/crate"]
    yield folders.delete(folder.id)
    yield folders.delete_by_path("/in")
    other = yield files.upload(b"other", name="a.txt", folder_path="/out")
    yield files.delete(other.id)
    yield files.gdpr_delete(other.id)
    assert (yield hubspot.request("GET", "/files/v3/files/search")).json()["results"] == []


def folder_tasks(hubspot: Any) -> Any:
    """Return a program that calls the operations of folder tasks."""
    folder = yield hubspot.folders.create("box")
    task = yield hubspot.folders.update_recursively(folder.id, name="crate")
    assert (yield task.wait()).path == "/crate"


class TestPath:
    @pytest.mark.parametrize("version", KNOWN)
    def test_every_request_has_the_version(self, run: Run, emulator: Emulator, version: str) -> None:
        emulator.publish_url("https://example.com/cat.png", b"cat")
        run(version, every_operation)
        missing = VERSIONS[version].missing
        if "updateFolderRecursively" not in missing:
            run(version, folder_tasks)
        requests = sent(emulator)
        assert {name for name, _ in requests} == {*OPERATIONS} - {"getLegacySignedUrl"} - (missing - {"downloadFile"})
        for name, path in requests:
            way_round = name == "downloadFile" and name in missing
            assert path.startswith("/files/v3/" if way_round else f"/files/{version}/")

    @pytest.mark.parametrize("version", ["2027-03", "2027-03-beta"])
    def test_of_an_unknown_version(self, client: Client, api: respx.MockRouter, version: str) -> None:
        """The facts are those of the newest known version, which has all operations and requires inputs."""
        read = api.get(f"/files/{version}/files/1").respond(200, json=FILE)
        update = api.patch(f"/files/{version}/files/1").respond(200, json=FILE)
        start = api.post(f"/files/{version}/folders/update/async").respond(202, json={"id": TASK})

        def program(hubspot: Any) -> Any:
            yield hubspot.files.get(1)
            yield hubspot.files.update(1, name="cat")
            yield hubspot.folders.update_recursively(1, name="cats")

        client(program, api_version=version)
        assert (read.call_count, start.call_count) == (1, 1)
        assert json.loads(update.calls.last.request.content) == {"name": "cat", "clearExpires": False}

    def test_of_a_copy(self, run: Run, emulator: Emulator) -> None:
        file = emulator.add_file("/a.txt", b"x")

        def program(hubspot: Any) -> Any:
            yield hubspot.files.get(file.id)
            yield hubspot.with_options(api_version="2026-09").files.get(file.id)
            yield hubspot.files.get(file.id)

        run("2026-03", program)
        assert [path.split("/")[2] for _, path in sent(emulator)] == ["2026-03", "2026-09", "2026-03"]

    @pytest.mark.unlike_hubspot("the responses do not matter")
    def test_of_a_request(self, client: Client, api: respx.MockRouter) -> None:
        """Only the default version stands for that of the client."""
        paths = [
            ("/files/v3/files/1", "/files/2026-09/files/1"),
            ("/files/v3/new", "/files/2026-09/new"),
            ("/files/2026-03/files/1", "/files/2026-03/files/1"),
            ("/crm/v3/objects/contacts", "/crm/v3/objects/contacts"),
            ("/filemanager/api/v3/files/1/signed-url", "/filemanager/api/v3/files/1/signed-url"),
        ]
        routes = [api.get(target).respond(204) for _, target in paths]

        def program(hubspot: Any) -> Any:
            for path, _ in paths:
                yield hubspot.request("GET", path)

        client(program, api_version="2026-09")
        assert [route.call_count for route in routes] == [1] * len(paths)

    def test_of_a_request_to_v3_itself(self, run: Run, emulator: Emulator) -> None:
        file = emulator.add_file("/a.txt", b"x")
        run(
            "2026-09",
            lambda hubspot: hubspot.with_options(api_version="v3").request("GET", f"/files/v3/files/{file.id}"),
        )
        assert sent(emulator) == [("getFile", f"/files/v3/files/{file.id}")]

    @pytest.mark.parametrize("version", [*KNOWN, "2027-03"])
    def test_of_the_legacy_route(self, client: Client, run: Run, emulator: Emulator, version: str) -> None:
        file = emulator.add_file("/a.txt", b"x")
        response = run(version, lambda hubspot: called(hubspot, get_legacy_signed_url, file.id))
        assert response.parsed.url.startswith(emulator.storage_url)
        assert sent(emulator) == [("getLegacySignedUrl", f"/filemanager/api/v3/files/{file.id}/signed-url")]

    @pytest.mark.parametrize("version", DATED)
    def test_is_that_of_messages_logs_and_on_response(
        self, client: Client, api: respx.MockRouter, caplog: pytest.LogCaptureFixture, version: str
    ) -> None:
        caplog.set_level(logging.DEBUG, logger="hubspot_files")
        api.get(f"/files/{version}/files/1").respond(404)
        infos: list[ResponseInfo] = []
        with pytest.raises(NotFoundError, match=f"^GET /files/{version}/files/1: 404"):
            client(lambda hubspot: hubspot.files.get(1), api_version=version, on_response=infos.append)
        assert [(info.operation, info.path) for info in infos] == [("getFile", f"/files/{version}/files/1")]
        [line] = [record.getMessage() for record in caplog.records if record.name == "hubspot_files"]
        assert line.startswith(f"GET /files/{version}/files/1: 404 after ")

    @pytest.mark.parametrize("version", DATED)
    def test_is_that_of_the_advice_after_an_unknown_outcome(
        self, client: Client, api: respx.MockRouter, version: str
    ) -> None:
        api.post(f"/files/{version}/folders").mock(side_effect=httpx.ReadTimeout("late"))
        api.get(f"/files/{version}/files/stat/cats").respond(503)
        with pytest.raises(OutcomeUnknownError, match=f"^POST /files/{version}/folders: ") as caught:
            client(lambda hubspot: hubspot.folders.create("cats"), api_version=version, max_retries=0)
        assert f"Looking it up failed (GET /files/{version}/files/stat/cats: 503" in str(caught.value)


UPDATE_RECURSIVELY: dict[str, Callable[[Any], Any]] = {
    "method": lambda hubspot: hubspot.folders.update_recursively(7, name="dogs"),
    "request": lambda hubspot: hubspot.request(
        "POST", "/files/v3/folders/update/async", json={"id": "7", "name": "dogs"}
    ),
    "api": lambda hubspot: called(hubspot, update_folder_recursively, body=FolderRecursiveUpdate(id="7", name="dogs")),
}
UPDATE_TASK: dict[str, Callable[[Any], Any]] = {
    "refresh": lambda hubspot: _of_the_task(hubspot, "refresh"),
    "wait": lambda hubspot: _of_the_task(hubspot, "wait"),
    "request": lambda hubspot: hubspot.request("GET", f"/files/v3/folders/update/async/tasks/{TASK}/status"),
    "api": lambda hubspot: called(hubspot, get_folder_update_task, TASK),
}


def _of_the_task(hubspot: Any, name: str) -> Any:
    task = yield hubspot.folders.get_update_task(TASK)
    yield getattr(task, name)()


class TestMissingOperation:
    @pytest.mark.promise(
        "`UnsupportedOperationError` | use another `api_version`, or what the message names instead; nothing was sent"
    )
    @pytest.mark.parametrize("way", UPDATE_RECURSIVELY)
    def test_is_refused(self, client: Client, api: respx.MockRouter, way: str) -> None:
        with pytest.raises(UnsupportedOperationError) as caught:
            client(UPDATE_RECURSIVELY[way], api_version=BETA)
        error = caught.value
        assert isinstance(error, HubSpotFilesError)
        assert str(error) == (
            "updateFolderRecursively does not exist in version 2026-09-beta of the API; it exists in v3, 2026-03, "
            "2026-09: folders.update renames or moves a folder without a task; or use a client with "
            "api_version='2026-09'"
        )
        assert (error.operation, error.api_version) == ("updateFolderRecursively", BETA)
        assert error.versions == ("v3", "2026-03", "2026-09")
        assert not api.calls

    @pytest.mark.parametrize("way", UPDATE_TASK)
    def test_of_a_task_is_refused(self, client: Client, api: respx.MockRouter, way: str) -> None:
        with pytest.raises(
            UnsupportedOperationError, match="a task is looked up in the version that started it"
        ) as caught:
            client(UPDATE_TASK[way], api_version=BETA)
        assert caught.value.operation == "getFolderUpdateTask"
        assert not api.calls

    def test_is_refused_after_invalid_arguments(self, client: Client, api: respx.MockRouter) -> None:
        with pytest.raises(ValueError, match=r"folder_id '\.\.' must be digits"):
            client(lambda hubspot: hubspot.folders.update_recursively("..", name="dogs"), api_version=BETA)
        assert not api.calls

    def test_is_refused_without_a_token(self, client: Client, api: respx.MockRouter) -> None:
        def token() -> str:
            raise AssertionError("nothing is sent")

        with pytest.raises(UnsupportedOperationError):
            client(UPDATE_RECURSIVELY["method"], api_version=BETA, access_token=token)
        assert not api.calls

    def test_error_can_be_pickled(self, client: Client) -> None:
        with pytest.raises(UnsupportedOperationError) as caught:
            client(lambda hubspot: hubspot.folders.update_recursively(7, name="dogs"), api_version=BETA)
        copy = pickle.loads(pickle.dumps(caught.value))
        assert (str(copy), vars(copy)) == (str(caught.value), vars(caught.value))
        assert copy.versions == ("v3", "2026-03", "2026-09")

    def test_without_another_version_has_no_advice(
        self, client: Client, monkeypatch: pytest.MonkeyPatch, api: respx.MockRouter
    ) -> None:
        for name, facts in VERSIONS.items():
            monkeypatch.setitem(VERSIONS, name, facts._replace(missing=facts.missing | {"gdprDeleteFile"}))
        with pytest.raises(UnsupportedOperationError, match=r"^gdprDeleteFile .*; no known version has it$") as caught:
            client(lambda hubspot: hubspot.files.gdpr_delete(1), api_version="2026-09")
        assert caught.value.versions == ()
        assert not api.calls

    @pytest.mark.parametrize("version", [version for version in KNOWN if version != BETA])
    def test_exists_in_the_other_versions(self, run: Run, emulator: Emulator, version: str) -> None:
        run(version, folder_tasks)
        assert [folder.path for folder in emulator.folders] == ["/crate"]


UPDATES: dict[str, Callable[..., Any]] = {
    "method": lambda hubspot, **changes: hubspot.files.update(1, name="tom", **changes),
    "request": lambda hubspot, **changes: hubspot.request(
        "PATCH", "/files/v3/files/1", json={"name": "tom", **_camel_case(changes)}
    ),
    "api": lambda hubspot, **changes: called(hubspot, update_file, "1", body=FileUpdate(name="tom", **changes)),
}
IMPORTS: dict[str, Callable[..., Any]] = {
    "method": lambda hubspot, **options: hubspot.files.import_from_url(
        "https://example.com/a", folder_path="/in", **options
    ),
    "request": lambda hubspot, **options: hubspot.request(
        "POST",
        "/files/v3/files/import-from-url/async",
        json={"url": "https://example.com/a", "folderPath": "/in", "access": "PRIVATE", **options},
    ),
    "api": lambda hubspot, **options: called(
        hubspot,
        import_file_from_url,
        body=FileImport(url="https://example.com/a", folder_path="/in", access=Access("PRIVATE"), **options),
    ),
}
LEFT_OUT = {"overwrite": False, "duplicateValidationStrategy": "NONE", "duplicateValidationScope": "ENTIRE_PORTAL"}
IMPORT_BODY = {"url": "https://example.com/a", "folderPath": "/in", "access": "PRIVATE"}


def _camel_case(changes: dict[str, Any]) -> dict[str, Any]:
    return {{"clear_expires": "clearExpires"}.get(name, name): value for name, value in changes.items()}


class TestRequiredInputs:
    @pytest.mark.parametrize(
        ("version", "changes", "body"),
        [
            ("v3", {}, {"name": "tom"}),
            *[(version, {}, {"name": "tom", "clearExpires": False}) for version in DATED],
            *[(version, {"clear_expires": True}, {"name": "tom", "clearExpires": True}) for version in KNOWN],
        ],
    )
    @pytest.mark.parametrize("way", UPDATES)
    def test_of_an_update(
        self, client: Client, api: respx.MockRouter, way: str, version: str, changes: Any, body: dict[str, Any]
    ) -> None:
        route = api.patch(f"/files/{version}/files/1").respond(200, json=FILE)
        client(lambda hubspot: UPDATES[way](hubspot, **changes), api_version=version)
        assert json.loads(route.calls.last.request.content) == body

    @pytest.mark.parametrize(
        ("version", "options", "body"),
        [
            ("v3", {}, IMPORT_BODY),
            *[(version, {}, {**IMPORT_BODY, **LEFT_OUT}) for version in DATED],
            *[(version, {"overwrite": True}, {**IMPORT_BODY, **LEFT_OUT, "overwrite": True}) for version in DATED],
        ],
    )
    @pytest.mark.parametrize("way", IMPORTS)
    def test_of_an_import(
        self, client: Client, api: respx.MockRouter, way: str, version: str, options: Any, body: dict[str, Any]
    ) -> None:
        route = api.post(f"/files/{version}/files/import-from-url/async").respond(202, json={"id": TASK})
        client(lambda hubspot: IMPORTS[way](hubspot, **options), api_version=version)
        assert json.loads(route.calls.last.request.content) == body

    def test_of_a_request_without_json(self, client: Client, api: respx.MockRouter) -> None:
        route = api.patch("/files/2026-03/files/1").respond(200, json=FILE)
        client(lambda hubspot: hubspot.request("PATCH", "/files/v3/files/1"), api_version="2026-03")
        assert json.loads(route.calls.last.request.content) == {"clearExpires": False}

    @pytest.mark.unlike_hubspot("the request is not valid")
    def test_are_not_added_to_json_that_is_no_object(self, client: Client, api: respx.MockRouter) -> None:
        route = api.patch("/files/2026-03/files/1").respond(200, json=FILE)
        client(lambda hubspot: hubspot.request("PATCH", "/files/v3/files/1", json=["a"]), api_version="2026-03")
        assert json.loads(route.calls.last.request.content) == ["a"]

    @pytest.mark.parametrize("version", DATED)
    def test_change_nothing(self, run: Run, emulator: Emulator, version: str) -> None:
        """An update that is sent with them has the effect that it has without them in v3."""
        emulator.publish_url("https://example.com/a.txt", b"a")

        def program(hubspot: Any) -> Any:
            for _ in range(2):
                task = yield hubspot.files.import_from_url("https://example.com/a.txt", folder_path="/in")
                file = yield task.wait()
            expires = file.created_at.replace(year=2099)
            yield hubspot.files.update(file.id, expires_at=expires)
            return (yield hubspot.files.update(file.id, name="b")), expires

        file, expires = run(version, program)
        assert [stored.path for stored in emulator.files] == ["/in/a.txt", "/in/b.txt"]
        assert emulator.file(file.id).expires_at == expires


def made_up(**facts: Any) -> Version:
    return VERSIONS["2026-09"]._replace(**{"required": {}, **facts})


class TestInputs:
    """A made-up version, because no published version lacks or renames inputs."""

    @pytest.mark.unlike_hubspot("a made-up version")
    def test_that_are_renamed(self, client: Client, api: respx.MockRouter, monkeypatch: pytest.MonkeyPatch) -> None:
        renamed = {"updateFile": {"json": {"name": "title"}}, "searchFiles": {"params": {"limit": "pageSize"}}}
        monkeypatch.setitem(VERSIONS, "2026-09", made_up(renamed=renamed))
        update = api.patch("/files/2026-09/files/1").respond(200, json=FILE)
        search = api.get("/files/2026-09/files/search").respond(200, json={"results": []})

        def program(hubspot: Any) -> Any:
            yield hubspot.files.update(1, name="tom", access="PRIVATE")
            yield hubspot.request("GET", "/files/v3/files/search", params={"limit": 3, "name": "a"})

        client(program, api_version="2026-09")
        assert json.loads(update.calls.last.request.content) == {"title": "tom", "access": "PRIVATE"}
        assert dict(search.calls.last.request.url.params) == {"pageSize": "3", "name": "a"}

    def test_that_are_lacking_are_refused_if_passed(
        self, client: Client, api: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lacking = {"updateFile": {"json": frozenset(["isUsableInContent"])}}
        monkeypatch.setitem(VERSIONS, "2026-09", made_up(lacking=lacking))
        api.patch("/files/2026-09/files/1").respond(200, json=FILE)
        client(lambda hubspot: hubspot.files.update(1, name="tom"), api_version="2026-09")
        with pytest.raises(UnsupportedOperationError) as caught:
            client(lambda hubspot: hubspot.files.update(1, is_usable_in_content=True), api_version="2026-09")
        assert str(caught.value) == (
            "'isUsableInContent' of updateFile does not exist in version 2026-09 of the API; it exists in v3, 2026-03, "
            "2026-09-beta: leave it out; or use a client with api_version='2026-09-beta'"
        )
        assert len(api.calls) == 1


class TestDownload:
    @pytest.mark.parametrize(
        ("version", "path"), [(version, "v3" if version == "2026-03" else version) for version in KNOWN]
    )
    def test_of_sensitive_content(self, run: Run, emulator: Emulator, version: str, path: str) -> None:
        """In 2026-03 the API has no download call; HubSpot's guide names that of v3."""
        file = emulator.add_file("/a.txt", b"secret", access="SENSITIVE")
        assert run(version, lambda hubspot: hubspot.files.read(file.id)) == b"secret"
        # Only v3 promises the access, without which the signed URL is tried first.
        signed = [] if version == "v3" else [("getSignedUrl", f"/files/{version}/files/{file.id}/signed-url")]
        assert sent(emulator) == [
            ("getFile", f"/files/{version}/files/{file.id}"),
            *signed,
            ("downloadFile", f"/files/{path}/files/{file.id}/download"),
        ]

    @pytest.mark.parametrize("version", KNOWN)
    def test_of_other_content(self, run: Run, emulator: Emulator, version: str) -> None:
        file = emulator.add_file("/a.txt", b"private")
        assert run(version, lambda hubspot: hubspot.files.read(file.id)) == b"private"
        assert [name for name, _ in sent(emulator)] == ["getFile", "getSignedUrl"]

    @pytest.mark.unlike_hubspot("an access of a later version")
    def test_of_content_with_a_new_access(self, client: Client, api: respx.MockRouter) -> None:
        api.get("/files/2026-03/files/1").respond(200, json={**FILE, "access": "SECRET_2031", "size": 3})
        signed = api.get("/files/2026-03/files/1/signed-url").respond(404)
        download = api.get("/files/v3/files/1/download").respond(200, content=b"cat")
        assert client(lambda hubspot: hubspot.files.read(1), api_version="2026-03") == b"cat"
        assert (signed.call_count, download.call_count) == (1, 1)

    def test_of_a_known_access_does_not_try_the_download_call(self, client: Client, api: respx.MockRouter) -> None:
        api.get("/files/2026-03/files/1").respond(200, json=FILE)
        api.get("/files/2026-03/files/1/signed-url").respond(404)
        with pytest.raises(NotFoundError, match=r"^GET /files/2026-03/files/1/signed-url: 404"):
            client(lambda hubspot: hubspot.files.read(1), api_version="2026-03")
        assert len(api.calls) == 2

    @pytest.mark.parametrize("way", ["api", "request"])
    def test_by_other_ways_goes_to_v3_too(self, client: Client, api: respx.MockRouter, way: str) -> None:
        route = api.get("/files/v3/files/1/download").respond(200, content=b"cat")

        def program(hubspot: Any) -> Any:
            if way == "api":
                return called(hubspot, download_file, "1")
            return hubspot.request("GET", "/files/v3/files/1/download")

        assert client(program, api_version="2026-03").content == b"cat"
        assert route.call_count == 1


@pytest.mark.parametrize("version", KNOWN)
class TestUnpromisedProperties:
    """The emulator leaves out the properties that a version does not promise."""

    def test_of_files(self, client: Client, run: Run, emulator: Emulator, version: str) -> None:
        emulator.publish_url("https://example.com/b.txt", b"b")

        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.upload(b"a", name="a.txt", folder_path="/in")
            task = yield hubspot.files.import_from_url("https://example.com/b.txt", folder_path="/in")
            return [
                file,
                (yield hubspot.files.get(file.id)),
                (yield hubspot.files.stat("/in/a.txt")).file,
                (yield hubspot.files.update(file.id, name="c")),
                (yield hubspot.files.replace(file.id, b"c", name="c.txt", access="PRIVATE")),
                (yield task.wait()),
                *(yield collected(hubspot.files.search())),
                (yield called(hubspot, get_file, file.id)).parsed,
            ]

        files = run(version, program)
        assert len(files) == 9
        assert {file.access for file in files} == {Access.PRIVATE if version == "v3" else None}
        assert all(stored.access == "PRIVATE" for stored in emulator.files)

    def test_of_signed_urls(self, run: Run, emulator: Emulator, version: str) -> None:
        file = emulator.add_file("/a.txt", b"a")
        signed = run(version, lambda hubspot: hubspot.files.signed_url(file.id))
        expected = ("a", "txt", "DOCUMENT", 1) if version == "v3" else (None, None, None, None)
        assert (signed.name, signed.extension, signed.type, signed.size) == expected
        assert repr(signed).startswith(f"<SignedUrl of '{'a.txt' if version == 'v3' else 'file'}', expires ")
        assert signed.remaining().total_seconds() > 0

    def test_of_task_locators(self, client: Client, run: Run, emulator: Emulator, version: str) -> None:
        emulator.publish_url("https://example.com/b.txt", b"b")
        body = FileImport(
            url="https://example.com/b.txt",
            folder_path="/in",
            access=Access.PRIVATE,
        )
        response = run(version, lambda hubspot: called(hubspot, import_file_from_url, body=body))
        assert (response.parsed.links is None) is (version != "v3")

    def test_of_a_file_that_is_looked_up(self, run: Run, emulator: Emulator, version: str) -> None:
        """The lookup after a lost response compares the access only if the record has it."""
        emulator.fail("reset", operation="uploadFile", after_effect=True)
        file = run(version, lambda hubspot: hubspot.files.upload(b"a", name="a.txt", folder_path="/in"))
        assert [stored.id for stored in emulator.files] == [file.id]
        assert [name for name, _ in sent(emulator)] == ["uploadFile", "statPath"]


@pytest.mark.parametrize("version", KNOWN)
@pytest.mark.parametrize("link", ["v3", "2026-03", None])
def test_a_task_is_polled_in_the_version_of_the_client(
    client: Client, api: respx.MockRouter, version: str, link: str | None
) -> None:
    path = f"files/import-from-url/async/tasks/{TASK}/status"
    links = {} if link is None else {"links": {"status": f"https://api.hubapi.com/files/{link}/{path}"}}
    api.post(f"/files/{version}/files/import-from-url/async").respond(202, json={"id": TASK, **links})
    route = api.get(f"/files/{version}/{path}").respond(
        200,
        json={
            "taskId": TASK,
            "status": "COMPLETE",
            "startedAt": "2026-03-01T12:00:01Z",
            "completedAt": "2026-03-01T12:00:02Z",
            "result": FILE,
        },
    )

    def program(hubspot: Any) -> Any:
        task = yield hubspot.files.import_from_url("https://example.com/a", folder_path="/in")
        return (yield task.wait())

    assert client(program, api_version=version).id == FILE["id"]
    assert route.call_count == 1


def test_a_signed_url_is_used_as_it_is(client: Client) -> None:
    """Even if its path looks like one of the API."""
    signed = {"url": f"{STORAGE}/files/v3/files/1", "expiresAt": "2999-01-01T00:00:00Z"}
    with respx.mock as router:
        router.get(f"{BASE_URL}/files/2026-03/files/1").respond(200, json={**FILE, "size": 3})
        router.get(f"{BASE_URL}/files/2026-03/files/1/signed-url").respond(200, json=signed)
        router.get(signed["url"]).respond(200, content=b"cat")
        assert client(lambda hubspot: hubspot.files.read(1), api_version="2026-03") == b"cat"


def test_a_version_that_hubspot_has_not_published_is_named_in_the_advice(emulator: Emulator) -> None:
    with emulator.client(api_version="2031-03") as hubspot, pytest.raises(NotFoundError) as caught:
        hubspot.files.get(1)
    assert "If HubSpot has not published version 2031-03 of the API, choose another api_version." in str(caught.value)
    with emulator.client(api_version="2026-03") as hubspot, pytest.raises(NotFoundError) as caught:
        hubspot.files.get(1)
    assert "api_version" not in str(caught.value)
