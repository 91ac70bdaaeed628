"""hubspot-api-client 12.0.0, as it comes from PyPI: urllib3, generated for /files/v3, led to each version."""

from __future__ import annotations

import importlib.metadata
import json
import time
from pathlib import Path
from typing import Any

import hubspot
import pytest
import urllib3
from hubspot.files import (
    ApiException,
    FileUpdateInput,
    FolderInput,
    FolderUpdateInput,
    FolderUpdateInputWithId,
    ImportFromUrlInput,
)

from hubspot_files_api.versions import VERSIONS

from .conftest import CONTENT, Served, in_version

PRIVATE = json.dumps({"access": "PRIVATE"})


@pytest.fixture
def client(served: Served, version: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the client, whose requests get the version on their way."""
    send = urllib3.PoolManager.urlopen

    def send_in_version(pool: urllib3.PoolManager, method: str, url: str, *arguments: Any, **options: Any) -> Any:
        return send(pool, method, in_version(version, url), *arguments, **options)

    monkeypatch.setattr(urllib3.PoolManager, "urlopen", send_in_version)
    return hubspot.Client.create(access_token=served.token, host=served.base_url).files


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "cat.gif"
    path.write_bytes(b"GIF89a\x02\x00\x03\x00" + bytes(200_000))
    return path


def upload(client: Any, path: Path, folder: str = "/in") -> Any:
    return client.files_api.upload(file=str(path), folder_path=folder, options=PRIVATE)


def test_the_version() -> None:
    assert importlib.metadata.version("hubspot-api-client") == "12.0.0"


def test_upload_and_get(client: Any, served: Served, version: str, picture: Path) -> None:
    file = upload(client, picture)
    stored = served.file(file.id)
    assert (stored["path"], stored["access"], stored["size"]) == ("/in/cat.gif", "PRIVATE", 200_010)
    assert served.content(file.id) == picture.read_bytes()
    got = client.files_api.get_by_id(file.id)
    assert got == file
    assert (got.name, got.extension, got.type, got.width, got.height) == ("cat", "gif", "IMG", 2, 3)
    assert (got.access, got.archived, got.size, got.parent_folder_id) == (
        "PRIVATE",
        False,
        200_010,
        stored["folder_id"],
    )
    assert got.created_at.isoformat(timespec="milliseconds") == stored["created_at"][:23] + "+00:00"
    found = client.files_api.get_metadata("in/cat.gif")
    assert (found.file, found.folder) == (file, None)
    # It writes slashes of a path as %2F.
    assert f"/files/{version}/files/stat/in%2Fcat.gif" in served.requested_paths()
    assert all(path.startswith(f"/files/{version}/") for path in served.requested_paths())
    assert client.files_api.get_by_id(file.id, properties=["access", "createdAt", "updatedAt", "archived"]).name is None


def test_search_with_paging(client: Any, served: Served, tmp_path: Path) -> None:
    for number in range(7):
        path = tmp_path / f"page-{number}.txt"
        path.write_text(str(number))
        upload(client, path)
    names, after, pages = [], None, 0
    while True:
        page = client.files_api.do_search(
            limit=3, sort=["-name"], name="page-", **({} if after is None else {"after": after})
        )
        names += [file.name for file in page.results]
        pages += 1
        if page.paging is None or page.paging.next is None:
            break
        after = page.paging.next.after
    assert (pages, names) == (3, [f"page-{number}" for number in range(6, -1, -1)])
    ids = [int(file["id"]) for file in served.listed("files")][:2]
    assert [int(file.id) for file in client.files_api.do_search(ids=ids).results] == ids
    [folder] = client.folders_api.do_search(name="in").results
    assert folder.path == "/in"


def test_update_and_replace(client: Any, served: Served, version: str, picture: Path, tmp_path: Path) -> None:
    file = upload(client, picture)
    changes: dict[str, Any] = {"name": "tom", "access": "PUBLIC_NOT_INDEXABLE"}
    if "updateFile" in VERSIONS[version].required:
        with pytest.raises(ApiException) as caught:
            client.files_api.update_properties(file.id, FileUpdateInput(**changes))
        assert (caught.value.status, json.loads(caught.value.body)["message"]) == (400, "clearExpires is required")
        assert served.file(file.id)["path"] == "/in/cat.gif"
        changes["clear_expires"] = False
    changed = client.files_api.update_properties(file.id, FileUpdateInput(**changes))
    assert (changed.id, changed.name, changed.path) == (file.id, "tom", "/in/tom.gif")
    assert served.file(file.id)["access"] == "PUBLIC_NOT_INDEXABLE"
    other = tmp_path / "other.gif"
    other.write_bytes(b"GIF89a\x05\x00\x07\x00 less")
    replaced = client.files_api.replace(file.id, file=str(other), options=PRIVATE)
    assert (replaced.id, replaced.name, replaced.width, replaced.size) == (file.id, "tom", 5, 15)
    assert served.content(file.id) == other.read_bytes()
    assert served.file(file.id)["access"] == "PRIVATE"


def test_signed_url(client: Any, served: Served, picture: Path) -> None:
    file = upload(client, picture)
    signed = client.files_api.get_signed_url(file.id, expiration_seconds=60)
    assert (signed.name, signed.extension, signed.type, signed.size) == ("cat", "gif", "IMG", 200_010)
    got = urllib3.request("GET", signed.url)
    assert (got.status, got.data) == (200, picture.read_bytes())
    assert urllib3.request("GET", file.url).status == 404
    token = {"Authorization": f"Bearer {served.token}"}
    assert urllib3.request("GET", signed.url, headers=token).status == 400


def recursive_move(client: Any, version: str, folder_id: str, parent_id: str) -> None:
    """Move a folder by a task, or without one in a version that has no such tasks."""
    change = FolderUpdateInputWithId(id=folder_id, parent_folder_id=int(parent_id))
    if "updateFolderRecursively" in VERSIONS[version].missing:
        with pytest.raises(ApiException) as caught:
            client.folders_api.update_properties_recursively(change)
        assert caught.value.status == 404
        client.folders_api.update_properties(folder_id, FolderUpdateInput(parent_folder_id=int(parent_id)))
        return
    task = client.folders_api.update_properties_recursively(change)
    while (done := client.folders_api.check_update_status(task.id)).status != "COMPLETE":
        time.sleep(0.05)
    assert (done.status, done.num_errors, done.result.path) == ("COMPLETE", 0, "/shelf/two")


def test_folders(client: Any, served: Served, version: str, picture: Path) -> None:
    one = client.folders_api.create(FolderInput(name="one"))
    two = client.folders_api.create(FolderInput(name="two", parent_path="/one"))
    assert (two.path, two.parent_folder_id) == ("/one/two", one.id)
    file = upload(client, picture, "/one/two")
    assert client.folders_api.get_by_id(two.id) == two
    assert client.folders_api.get_by_path("one/two") == two
    moved = client.folders_api.update_properties(one.id, FolderUpdateInput(name="first"))
    assert moved.path == "/first"
    assert served.folder(two.id)["path"] == "/first/two"
    assert client.files_api.get_by_id(file.id).path == "/first/two/cat.gif"
    shelf = client.folders_api.create(FolderInput(name="shelf"))
    recursive_move(client, version, two.id, shelf.id)
    assert served.file(file.id)["path"] == "/shelf/two/cat.gif"
    client.folders_api.archive(one.id)
    client.folders_api.archive_by_path("shelf/two")
    assert [folder["archived"] for folder in served.listed("folders")] == [True, True, False]
    with pytest.raises(ApiException) as caught:
        client.files_api.get_by_id(file.id)
    assert caught.value.status == 404
    assert json.loads(caught.value.body)["category"] == "OBJECT_NOT_FOUND"


def test_import(client: Any, served: Served, version: str, elsewhere: str) -> None:
    """HubSpot was seen to take it without the inputs that the dated versions require."""
    task = client.files_api.import_from_url(
        ImportFromUrlInput(url=elsewhere, access="PRIVATE", folder_path="/imported")
    )
    states = []
    while (done := client.files_api.check_import(task.id)).status != "COMPLETE":
        states.append((done.status, done.started_at is None, done.completed_at))
        time.sleep(0.05)
    assert states[:2] == [("PENDING", True, None), ("PROCESSING", False, None)]
    assert (done.status, done.num_errors, done.errors) == ("COMPLETE", 0, [])
    assert (done.result.path, done.result.size) == ("/imported/report.pdf", len(CONTENT))
    assert served.content(done.result.id) == CONTENT


def test_delete(client: Any, served: Served, picture: Path) -> None:
    first, second = upload(client, picture), upload(client, picture)
    assert second.path == "/in/cat-1.gif"
    client.files_api.archive(first.id)
    client.files_api.delete(second.id)
    assert [file["state"] for file in served.listed("files")] == ["archived", "gdpr"]
    with pytest.raises(ApiException) as caught:
        client.files_api.archive(first.id)
    assert caught.value.status == 404
    assert caught.value.headers["X-HubSpot-Correlation-Id"] == json.loads(caught.value.body)["correlationId"]
