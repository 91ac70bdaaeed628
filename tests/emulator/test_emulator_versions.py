"""The versions of the API: what each lacks, requires, calls by another name, and promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from hubspot_files.emulator._api.routes import OPERATIONS
from hubspot_files.testing import Clock, Emulator
from hubspot_files_api.versions import DEFAULT, VERSIONS

from .support import START, message

KNOWN = list(VERSIONS)
DATED = [version for version in KNOWN if version != DEFAULT]
IMPORT = {"url": "https://example.com/a.txt", "folderPath": "/in", "access": "PRIVATE"}
LEFT_OUT = {"overwrite": False, "duplicateValidationStrategy": "NONE", "duplicateValidationScope": "ENTIRE_PORTAL"}
NEW = "2026-09"

# A request to each operation of the Files API. The name in a path stands for the task that this operation has started.
REQUESTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "uploadFile": ("POST", "files", {}),
    "searchFiles": ("GET", "files/search", {}),
    "getFile": ("GET", "files/1", {}),
    "statPath": ("GET", "files/stat/in/a.txt", {}),
    "replaceFile": ("PUT", "files/1", {}),
    "updateFile": ("PATCH", "files/1", {"json": {"name": "b"}}),
    "getSignedUrl": ("GET", "files/1/signed-url", {}),
    "downloadFile": ("GET", "files/1/download", {}),
    "deleteFile": ("DELETE", "files/1", {}),
    "gdprDeleteFile": ("DELETE", "files/1/gdpr-delete", {}),
    "importFileFromUrl": ("POST", "files/import-from-url/async", {"json": IMPORT}),
    "getImportTask": ("GET", "files/import-from-url/async/tasks/{importFileFromUrl}/status", {}),
    "createFolder": ("POST", "folders", {"json": {"name": "new"}}),
    "searchFolders": ("GET", "folders/search", {}),
    "getFolder": ("GET", "folders/2", {}),
    "getFolderByPath": ("GET", "folders/in", {}),
    "updateFolder": ("PATCH", "folders/2", {"json": {"name": "other"}}),
    "updateFolderRecursively": ("POST", "folders/update/async", {"json": {"id": "2", "name": "third"}}),
    "getFolderUpdateTask": ("GET", "folders/update/async/tasks/{updateFolderRecursively}/status", {}),
    "deleteFolder": ("DELETE", "folders/2", {}),
    "deleteFolderByPath": ("DELETE", "folders/out", {}),
}


class Account:
    """An account with the file 1 in the folder 2, and requests to it in a version."""

    def __init__(self, emulator: Emulator, version: str) -> None:
        self.emulator = emulator
        self.version = version
        emulator.add_folder("/in", id=2)
        emulator.add_folder("/out")
        emulator.add_file("/in/a.txt", b"content", id=1)
        emulator.publish_url(IMPORT["url"], b"a")
        self._client = httpx.Client(
            transport=emulator.transport,
            base_url=emulator.base_url,
            headers={"Authorization": f"Bearer {emulator.token}"},
        )

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request to a path of the Files API."""
        return self._client.request(method, f"/files/{self.version}/{path}", **options)

    def upload(self, method: str, path: str) -> httpx.Response:
        """Upload content."""
        data = {"options": json.dumps({"access": "PRIVATE"}), **({"folderPath": "/in"} if method == "POST" else {})}
        return self.send(method, path, data=data, files={"file": ("c.txt", b"c", "text/plain")})

    def call(self, operation: str, **tasks: str) -> httpx.Response:
        """Send the request of an operation, with the inputs that the version requires."""
        method, path, options = REQUESTS[operation]
        if operation in ("uploadFile", "replaceFile"):
            return self.upload(method, path)
        if "json" in options and self.version in VERSIONS:
            required = VERSIONS[self.version].required.get(operation, {}).get("json", {})
            options = {"json": {**options["json"], **required}}
        return self.send(method, path.format(**tasks), **options)

    def call_all(self) -> dict[str, httpx.Response]:
        """Send the request of each operation, and return the responses."""
        tasks = {"importFileFromUrl": "none", "updateFolderRecursively": "none"}
        responses: dict[str, httpx.Response] = {}
        for operation in REQUESTS:
            response = responses[operation] = self.call(operation, **tasks)
            if operation in tasks and response.status_code == 202:
                tasks[operation] = response.json()["id"]
        return responses


@contextmanager
def account(version: str, **options: Any) -> Iterator[Account]:
    """Make an account, which is used in a version."""
    with Emulator(clock=Clock(START, frozen=True), **options) as emulator:
        yield Account(emulator, version)


@pytest.fixture
def new() -> Iterator[Account]:
    """Return an account, which is used in a version with made-up facts."""
    with account(NEW) as used:
        yield used


def made_up(monkeypatch: pytest.MonkeyPatch, **facts: Any) -> None:
    """Replace the facts of the newest version."""
    monkeypatch.setitem(VERSIONS, NEW, VERSIONS[NEW]._replace(required={}, **facts))


def test_the_requests_are_of_all_operations() -> None:
    assert sorted(REQUESTS) == sorted({*OPERATIONS} - {"getLegacySignedUrl"})


@pytest.mark.parametrize("version", KNOWN)
class TestOperations:
    def test_are_served_unless_the_version_lacks_them(self, version: str) -> None:
        with account(version) as used:
            responses = used.call_all()
        refused = {operation for operation, response in responses.items() if response.is_error}
        assert refused == VERSIONS[version].missing
        for operation in refused:
            response = responses[operation]
            assert response.status_code == 404
            assert response.headers["content-type"] == "text/html;charset=utf-8"
        served = {request.operation for request in used.emulator.requests if request.operation}
        assert served == REQUESTS.keys() - refused

    def test_have_the_version_in_their_links(self, version: str) -> None:
        with account(version) as used:
            page = used.send("GET", "folders/search", params={"limit": 1}).json()
            locator = used.call("importFileFromUrl")
            created = used.call("createFolder")
        prefix = f"{used.emulator.base_url}/files/{version}"
        assert page["paging"]["next"]["link"].startswith(f"{prefix}/folders/search?")
        status = locator.json()["links"]["status"]
        # HubSpot's links of tasks lead to v3 and to another host.
        path = f"/files/v3/files/import-from-url/async/tasks/{locator.json()['id']}/status"
        assert status == f"https://api-na1.hubspot.com{path}"
        assert created.headers["location"] == f"{prefix}/folders/{created.json()['id']}"

    def test_work_on_the_same_account(self, version: str) -> None:
        """A record of one version is a record of all."""
        with account(version) as used:
            assert used.call("updateFile").json()["name"] == "b"
            used.version = DEFAULT
            assert used.send("GET", "files/1").json()["path"] == "/in/b.txt"


@pytest.mark.parametrize("version", ["2027-03", "2026-9", "v4", "V3", "2026-03-beta"])
def test_an_unknown_version_has_no_operations(version: str) -> None:
    with account(version) as used:
        responses = used.call_all()
    assert {response.status_code for response in responses.values()} == {404}
    assert {request.operation for request in used.emulator.requests} == {None}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "folders/update/async"),
        ("GET", "folders/update/async"),
        ("DELETE", "folders/update/async"),
        ("GET", "folders/update/async/tasks/1/status"),
    ],
)
def test_the_path_of_a_missing_operation_is_not_that_of_a_folder(method: str, path: str) -> None:
    with account("2026-09-beta") as used:
        used.emulator.add_folder("/update/async/tasks/1/status")
        assert used.send(method, path).status_code == 404
        assert not any(folder.archived for folder in used.emulator.folders)
        assert used.emulator.requests[-1].operation is None


class TestRequiredInputs:
    @pytest.mark.parametrize("version", DATED)
    @pytest.mark.parametrize(
        ("operation", "path", "body", "missing"),
        [
            ("updateFile", "files/1", {"name": "b"}, "clearExpires"),
            ("updateFile", "files/1", {"name": "b", "clearExpires": None}, "clearExpires"),
            *[
                (
                    "importFileFromUrl",
                    "files/import-from-url/async",
                    {**IMPORT, **{other: value for other, value in LEFT_OUT.items() if other != name}},
                    name,
                )
                for name in LEFT_OUT
            ],
        ],
    )
    def test_are_missing(self, version: str, operation: str, path: str, body: dict[str, Any], missing: str) -> None:
        # An import without them was seen to be taken.
        with account(version, strict=operation == "importFileFromUrl") as used:
            before = used.emulator.file(1)
            response = used.send(REQUESTS[operation][0], path, json=body)
            assert response.status_code == 400
            assert message(response) == f"{missing} is required"
            assert response.json()["errors"] == [{"message": "required", "in": missing}]
            assert (used.emulator.file(1), used.emulator.tasks) == (before, [])

    @pytest.mark.parametrize("version", DATED)
    def test_of_imports_are_required_by_a_strict_emulator_only(self, version: str) -> None:
        with account(version) as used:
            assert used.send("POST", "files/import-from-url/async", json=IMPORT).status_code == 202

    @pytest.mark.parametrize("operation", ["updateFile", "importFileFromUrl"])
    def test_are_optional_in_the_default_version(self, operation: str) -> None:
        with account(DEFAULT) as used:
            assert used.call(operation).is_success

    def test_of_the_query(self, monkeypatch: pytest.MonkeyPatch, new: Account) -> None:
        made_up(monkeypatch)
        required = {"searchFiles": {"params": {"limit": 10}}}
        monkeypatch.setitem(VERSIONS, NEW, VERSIONS[NEW]._replace(required=required))
        response = new.send("GET", "files/search")
        assert response.status_code == 400
        assert message(response) == "limit is required"
        assert new.send("GET", "files/search", params={"limit": 10}).status_code == 200


class TestRenamedInputs:
    def test_of_a_body(self, monkeypatch: pytest.MonkeyPatch, new: Account) -> None:
        made_up(monkeypatch, renamed={"updateFile": {"json": {"name": "title"}}})
        assert new.send("PATCH", "files/1", json={"title": "b"}).json()["path"] == "/in/b.txt"
        response = new.send("PATCH", "files/1", json={"name": "c"})
        assert response.status_code == 400
        assert "name" in message(response)
        assert new.emulator.file(1).path == "/in/b.txt"

    def test_of_a_query(self, monkeypatch: pytest.MonkeyPatch, new: Account) -> None:
        new.emulator.add_file("/in/b.txt", b"b")
        made_up(monkeypatch, renamed={"searchFiles": {"params": {"limit": "pageSize"}}})
        assert len(new.send("GET", "files/search", params={"pageSize": 1}).json()["results"]) == 1
        # A parameter with the name of another version is unknown, and ignored.
        assert len(new.send("GET", "files/search", params={"limit": 1}).json()["results"]) == 2


class TestLackingInputs:
    def test_of_a_body_are_unknown(self, monkeypatch: pytest.MonkeyPatch, new: Account) -> None:
        made_up(monkeypatch, lacking={"updateFile": {"json": frozenset(["isUsableInContent"])}})
        response = new.send("PATCH", "files/1", json={"isUsableInContent": True})
        assert response.status_code == 400
        assert "isUsableInContent" in message(response)

    def test_of_a_query_are_ignored(self, monkeypatch: pytest.MonkeyPatch, new: Account) -> None:
        new.emulator.add_file("/in/b.txt", b"b")
        made_up(monkeypatch, lacking={"searchFiles": {"params": frozenset(["limit"])}})
        assert len(new.send("GET", "files/search", params={"limit": 1}).json()["results"]) == 2


def records(responses: dict[str, httpx.Response]) -> dict[str, dict[str, Any]]:
    """Return the record of a file in each response that has one."""
    bodies = {name: response.json() for name, response in responses.items() if response.content and response.is_success}
    found = {name: bodies[name] for name in ("uploadFile", "getFile", "replaceFile", "updateFile")}
    found |= {"searchFiles": bodies["searchFiles"]["results"][0], "statPath": bodies["statPath"]["file"]}
    return found


@pytest.mark.parametrize("version", KNOWN)
class TestPromisedOnly:
    def test_files(self, version: str) -> None:
        with account(version, promised_only=True, download_redirects=False) as used:
            used.emulator.task_pace("polls", 0, 0)
            started = used.call("importFileFromUrl").json()
            task = used.call("getImportTask", importFileFromUrl=started["id"]).json()
            upload, search = used.upload("POST", "files"), used.send("GET", "files/search")
            responses = {
                "uploadFile": upload,
                "getFile": used.call("getFile"),
                "statPath": used.call("statPath"),
                "searchFiles": search,
                "replaceFile": used.call("replaceFile"),
                "updateFile": used.call("updateFile"),
            }
            content = used.call("downloadFile").content if version != "2026-03" else b"c"
        assert content == b"c"
        found = {**records(responses), "getImportTask": task["result"]}
        assert len(found) == 7
        assert {name for name, record in found.items() if "access" in record} == (
            set(found) if version == DEFAULT else set()
        )
        # Nothing else is left out.
        assert all({"id", "path", "fileMd5", "archived"} <= record.keys() for record in found.values())

    def test_signed_urls(self, version: str) -> None:
        with account(version, promised_only=True) as used:
            signed = used.call("getSignedUrl").json()
        promised = {"extension", "name", "size", "type"} if version == DEFAULT else set()
        assert signed.keys() == {"url", "expiresAt"} | promised

    def test_signed_urls_of_the_legacy_route(self, version: str) -> None:
        """It belongs to no version of the Files API."""
        with account(version, promised_only=True) as used:
            headers = {"Authorization": f"Bearer {used.emulator.token}"}
            path = "/filemanager/api/v3/files/1/signed-url"
            with httpx.Client(transport=used.emulator.transport) as client:
                signed = client.get(used.emulator.base_url + path, headers=headers).json()
        assert signed.keys() == {"url", "expiresAt", "extension", "name", "size", "type"}

    def test_task_locators(self, version: str) -> None:
        with account(version, promised_only=True) as used:
            locators = [used.call("importFileFromUrl").json()]
            if "updateFolderRecursively" not in VERSIONS[version].missing:
                locators.append(used.call("updateFolderRecursively").json())
        assert [locator.keys() for locator in locators] == [{"id", "links"} if version == DEFAULT else {"id"}] * len(
            locators
        )

    def test_folders_and_errors_are_complete(self, version: str) -> None:
        with account(version, promised_only=True) as used:
            folder = used.call("getFolder").json()
            error = used.send("GET", "files/99").json()
        assert folder.keys() == {"id", "createdAt", "updatedAt", "archived", "name", "path"}
        assert error["context"] == {"id": ["99"]}

    def test_is_an_option(self, version: str) -> None:
        with account(version) as used:
            assert used.call("getFile").json()["access"] == "PRIVATE"
            assert used.call("getSignedUrl").json()["name"] == "a"
            assert used.call("importFileFromUrl").json()["links"]
