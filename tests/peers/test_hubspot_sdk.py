"""hubspot-sdk 0.1.0a9, as it comes from PyPI: httpx, generated for /files/2026-03, led to each version."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import time
from collections.abc import Iterator

import httpx
import hubspot_sdk
import pytest

from hubspot_files_api.versions import VERSIONS

from .conftest import CONTENT, Served, in_version

PRIVATE = json.dumps({"access": "PRIVATE"})
PICTURE = b"GIF89a\x02\x00\x03\x00" + bytes(200_000)


@pytest.fixture
def client(served: Served, version: str) -> Iterator[hubspot_sdk.HubSpot]:
    """Return the client, whose requests get the version on their way."""

    def lead(request: httpx.Request) -> None:
        request.url = httpx.URL(in_version(version, str(request.url)))

    with (
        httpx.Client(event_hooks={"request": [lead]}, follow_redirects=True) as http,
        hubspot_sdk.HubSpot(
            access_token=served.token, base_url=served.base_url, max_retries=0, http_client=http
        ) as client,
    ):
        yield client


def upload(
    client: hubspot_sdk.HubSpot, name: str = "cat.gif", content: bytes = PICTURE, folder: str = "/in"
) -> hubspot_sdk.types.files.File:
    return client.files.file_assets.upload(file=(name, content), folder_path=folder, options=PRIVATE)


def test_the_version() -> None:
    assert importlib.metadata.version("hubspot-sdk") == "0.1.0a9"


def test_upload_and_get(client: hubspot_sdk.HubSpot, served: Served, version: str) -> None:
    file = upload(client)
    stored = served.file(file.id)
    assert (stored["path"], stored["access"], stored["size"]) == ("/in/cat.gif", "PRIVATE", 200_010)
    assert served.content(file.id) == PICTURE
    got = client.files.file_assets.get(file.id)
    assert got == file
    assert (got.name, got.extension, got.type, got.width, got.height) == ("cat", "gif", "IMG", 2, 3)
    assert (got.access, got.archived, got.parent_folder_id) == ("PRIVATE", False, stored["folder_id"])
    assert all(path.startswith(f"/files/{version}/") for path in served.requested_paths())
    some = client.files.file_assets.get(file.id, properties=["name", "size"])
    assert (some.name, some.size, some.path) == ("cat", 200_010, None)


def test_search_with_paging(client: hubspot_sdk.HubSpot, served: Served, version: str) -> None:
    for number in range(7):
        upload(client, f"page-{number}.txt", str(number).encode())
    page = client.files.file_assets.search(limit=3, sort=["-name"], name="page-")
    assert [file.name for file in page.results] == ["page-6", "page-5", "page-4"]
    assert [file.name for file in page] == [f"page-{number}" for number in range(6, -1, -1)]
    ids = [int(file["id"]) for file in served.listed("files")][:2]
    assert [int(file.id) for file in client.files.file_assets.search(ids=ids)] == ids
    assert [folder.path for folder in client.files.folders.search(name="in")] == ["/in"]

    async def lead(request: httpx.Request) -> None:
        request.url = httpx.URL(in_version(version, str(request.url)))

    async def all_names() -> list[str | None]:
        http = httpx.AsyncClient(event_hooks={"request": [lead]})
        async with hubspot_sdk.AsyncHubSpot(
            access_token=served.token, base_url=served.base_url, http_client=http
        ) as hubspot:
            return [file.name async for file in hubspot.files.file_assets.search(limit=2, name="page-")]

    assert asyncio.run(all_names()) == [f"page-{number}" for number in range(7)]


def test_update_and_replace(client: hubspot_sdk.HubSpot, served: Served) -> None:
    file = upload(client)
    changed = client.files.file_assets.update(file.id, name="tom", access="PUBLIC_NOT_INDEXABLE", clear_expires=False)
    assert (changed.id, changed.name, changed.path) == (file.id, "tom", "/in/tom.gif")
    assert served.file(file.id)["access"] == "PUBLIC_NOT_INDEXABLE"
    replaced = client.files.file_assets.replace(file.id, file=("x.gif", b"GIF89a\x05\x00\x07\x00"), options=PRIVATE)
    assert (replaced.id, replaced.name, replaced.width, replaced.size) == (file.id, "tom", 5, 10)
    assert served.content(file.id) == b"GIF89a\x05\x00\x07\x00"
    assert served.file(file.id)["access"] == "PRIVATE"


def test_signed_url(client: hubspot_sdk.HubSpot, served: Served) -> None:
    file = upload(client)
    signed = client.files.file_assets.get_signed_url(file.id, expiration_seconds=60)
    assert (signed.name, signed.extension, signed.type, signed.size) == ("cat", "gif", "IMG", 200_010)
    assert httpx.get(signed.url).content == PICTURE
    assert httpx.get(str(file.url)).status_code == 404
    # The client itself would send its token along.
    with pytest.raises(hubspot_sdk.BadRequestError):
        client.get(signed.url, cast_to=httpx.Response)


def recursive_move(client: hubspot_sdk.HubSpot, version: str, folder_id: str, parent_id: str) -> None:
    """Move a folder by a task, or without one in a version that has no such tasks."""
    folders = client.files.folders
    if "updateFolderRecursively" in VERSIONS[version].missing:
        with pytest.raises(hubspot_sdk.NotFoundError):
            folders.update_async_by_id(id=folder_id, parent_folder_id=int(parent_id))
        folders.update_by_id(folder_id, parent_folder_id=int(parent_id))
        return
    task = folders.update_async_by_id(id=folder_id, parent_folder_id=int(parent_id))
    statuses = []
    while (state := folders.get_update_async_status(task.id)).status != "COMPLETE":
        statuses.append(state.status)
    assert statuses == ["PENDING", "PROCESSING"]
    assert (state.num_errors, state.result and state.result.path) == (0, "/shelf/two")


def test_folders(client: hubspot_sdk.HubSpot, served: Served, version: str) -> None:
    # Folders are created by the class of the files.
    one = client.files.file_assets.create(name="one")
    two = client.files.file_assets.create(name="two", parent_path="/one")
    assert (two.path, two.parent_folder_id) == ("/one/two", one.id)
    file = upload(client, folder="/one/two")
    assert client.files.folders.get_by_id(two.id) == two
    # It writes the slashes of a path as %2F.
    assert client.files.folders.get_by_path("one/two") == two
    assert f"/files/{version}/folders/one%2Ftwo" in served.requested_paths()
    assert client.files.folders.update_by_id(one.id, name="first").path == "/first"
    assert served.folder(two.id)["path"] == "/first/two"
    shelf = client.files.file_assets.create(name="shelf")
    recursive_move(client, version, two.id, shelf.id)
    assert served.file(file.id)["path"] == "/shelf/two/cat.gif"
    client.files.folders.delete_by_id(one.id)
    client.files.folders.delete_by_path("shelf/two")
    assert [folder["archived"] for folder in served.listed("folders")] == [True, True, False]
    with pytest.raises(hubspot_sdk.NotFoundError):
        client.files.file_assets.get(file.id)


def test_import(client: hubspot_sdk.HubSpot, served: Served, elsewhere: str) -> None:
    task = client.files.file_assets.import_from_url_async(
        url=elsewhere,
        access="PRIVATE",
        folder_path="/imported",
        duplicate_validation_strategy="NONE",
        duplicate_validation_scope="ENTIRE_PORTAL",
        overwrite=False,
    )
    statuses = []
    while (state := client.files.file_assets.get_import_task_status(task.id)).status != "COMPLETE":
        statuses.append(state.status)
        time.sleep(0.05)
    assert statuses[:2] == ["PENDING", "PROCESSING"]
    assert (state.num_errors, state.errors) == (0, [])
    assert state.result is not None
    assert (state.result.path, state.result.size) == ("/imported/report.pdf", len(CONTENT))
    assert served.content(state.result.id) == CONTENT


def test_delete(client: hubspot_sdk.HubSpot, served: Served) -> None:
    first, second = upload(client), upload(client)
    assert second.path == "/in/cat-1.gif"
    client.files.file_assets.delete(first.id)
    client.files.file_assets.gdpr_delete(second.id)
    assert [file["state"] for file in served.listed("files")] == ["archived", "gdpr"]
    with pytest.raises(hubspot_sdk.NotFoundError) as caught:
        client.files.file_assets.delete(first.id)
    body = caught.value.response.json()
    assert caught.value.response.headers["X-HubSpot-Correlation-Id"] == body["correlationId"]
