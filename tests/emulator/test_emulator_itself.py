"""The emulator as an object: clients, clock, recorded requests, stored records, assumptions, lifetime."""

from __future__ import annotations

import builtins
import gc
import re
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import click
import httpx
import pytest
import respx

import hubspot_files.emulator as package
import hubspot_files.testing as testing
from hubspot_files.cli import _emulator_options
from hubspot_files.emulator._api.routes import KNOWN_SCOPES, OAUTH_OPERATIONS, OPERATIONS
from hubspot_files.testing import ASSUMPTIONS, Clock, Emulator

from .support import START, Upload

FILES = "/files/v3/files"
PAGE = (Path(__file__).parents[2] / "docs/emulator.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def bearer(emulator: Emulator) -> dict[str, str]:
    return {"Authorization": f"Bearer {emulator.token}"}


def test_exported_names_are_complete() -> None:
    assert testing.__all__ == sorted(testing.__all__)
    assert all(getattr(testing, name).__doc__ for name in testing.__all__)


def test_the_operations_are_those_of_the_description() -> None:
    description = (Path(__file__).parents[2] / "openapi" / "files-v3.yaml").read_text(encoding="utf-8")
    assert sorted(OPERATIONS) == sorted(re.findall(r"^ {6}operationId: (\w+)$", description, re.MULTILINE))


@pytest.mark.parametrize("version", ["v3", "2026-03"])
@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("POST", "files", "uploadFile"),
        ("PUT", "files/1", "replaceFile"),
        ("PATCH", "files/1", "updateFile"),
        ("GET", "files/1", "getFile"),
        ("GET", "files/stat/a/b", "statPath"),
        ("GET", "files/search", "searchFiles"),
        ("GET", "files/1/signed-url", "getSignedUrl"),
        ("DELETE", "files/1", "deleteFile"),
        ("DELETE", "files/1/gdpr-delete", "gdprDeleteFile"),
        ("POST", "files/import-from-url/async", "importFileFromUrl"),
        ("GET", "files/import-from-url/async/tasks/a/status", "getImportTask"),
        ("POST", "folders", "createFolder"),
        ("GET", "folders/1", "getFolder"),
        ("PATCH", "folders/1", "updateFolder"),
        ("DELETE", "folders/1", "deleteFolder"),
        ("GET", "folders/a/1", "getFolderByPath"),
        ("DELETE", "folders/a%2F1", "deleteFolderByPath"),
        ("GET", "folders/search", "searchFolders"),
        ("POST", "folders/update/async", "updateFolderRecursively"),
        ("GET", "folders/update/async/tasks/a/status", "getFolderUpdateTask"),
    ],
)
def test_routes_of_both_versions_are_served(
    emulator: Emulator, api: httpx.Client, version: str, method: str, path: str, operation: str
) -> None:
    api.request(method, f"/files/{version}/{path}")
    assert emulator.requests[-1].operation == operation


def test_created_records_have_a_location(emulator: Emulator, api: httpx.Client, upload: Upload) -> None:
    folder = api.post("/files/2026-03/folders", json={"name": "a"})
    assert folder.headers["location"] == f"{emulator.base_url}/files/2026-03/folders/{folder.json()['id']}"
    assert api.get(folder.headers["location"]).json() == folder.json()
    file = upload()
    assert api.get(file.headers["location"]).json() == file.json()


def test_assumptions_and_code_agree() -> None:
    names = [assumption.name for assumption in ASSUMPTIONS]
    assert len(names) == len(set(names))
    cited: list[str] = []
    for module in Path(package.__file__).parent.rglob("*.py"):
        for line in re.findall(r"# assumed: (.+)", module.read_text(encoding="utf-8")):
            cited += line.split(", ")
    assert set(cited) == set(names)
    for assumption in ASSUMPTIONS:
        assert assumption.where in (*OPERATIONS, *OAUTH_OPERATIONS, "fetchContent", "any")
        assert assumption.what.endswith(".")
        assert assumption.why.endswith(".")


def test_assumptions_and_page_agree() -> None:
    rows = [
        f"| `{assumption.name}` | {assumption.where} | {assumption.what} | {assumption.why} |"
        for assumption in ASSUMPTIONS
    ]
    assert PAGE.partition("| behaviour | reason |\n|---|---|---|---|\n")[2].splitlines() == rows


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_examples_of_the_page_run(block: str) -> None:
    exec(compile(block, "docs/emulator.md", "exec"), {})


def test_the_page_lists_every_option() -> None:
    @click.command()
    @_emulator_options.emulator_options
    def command(**_options: Any) -> None: ...

    options = {name for option in command.params for name in option.opts if name.startswith("--")}
    table = PAGE.partition("| option | |\n")[2].partition("\n\n")[0]
    assert options
    assert set(re.findall(r"`(--[a-z-]+)", table)) >= options


def test_the_page_lists_every_scope() -> None:
    assert {text for text in re.findall(r"`([a-z_.]+)`", PAGE) if text.partition(".")[0] == "files"} >= KNOWN_SCOPES


def test_the_async_client_reaches_the_emulator(emulator: Emulator) -> None:
    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=emulator.async_transport) as client:
            data = {"folderPath": "/", "options": '{"access": "PRIVATE"}'}
            files = {"file": ("a", b"x")}
            url = f"{emulator.base_url}{FILES}"
            return await client.post(url, data=data, files=files, headers=bearer(emulator))

    assert anyio.run(call).status_code == 201
    assert [file.content for file in emulator.files] == [b"x"]


def test_a_respx_route_reaches_the_emulator(emulator: Emulator) -> None:
    url = f"{emulator.base_url}{FILES}"
    with respx.mock() as router:
        router.route(host="api.hubapi.com").mock(side_effect=emulator.side_effect)
        data = {"folderPath": "/", "options": '{"access": "PRIVATE"}'}
        assert httpx.post(url, data=data, files={"file": ("a", b"x")}, headers=bearer(emulator)).status_code == 201

        async def search() -> httpx.Response:
            async with httpx.AsyncClient() as client:
                return await client.get(f"{url}/search", headers=bearer(emulator))

        assert len(anyio.run(search).json()["results"]) == 1
        emulator.fail("reset")
        with pytest.raises(httpx.ReadError):
            httpx.get(f"{url}/search", headers=bearer(emulator))


@pytest.mark.parametrize("url", ["https://example.com/", "http://api.hubapi.com/", "https://api.hubapi.com:444/"])
def test_other_hosts_cannot_be_reached(emulator: Emulator, web: httpx.Client, url: str) -> None:
    emulator.fail(count=None)
    with pytest.raises(httpx.ConnectError) as caught:
        web.get(url)
    assert str(caught.value.request.url) == url
    assert [(recorded.host, recorded.status, recorded.error) for recorded in emulator.requests] == [
        (httpx.URL(url).host, None, "ConnectError")
    ]


def test_hosts_can_be_chosen() -> None:
    with Emulator(base_url="http://localhost:8000/", storage_url="http://127.0.0.1:8000", portal_id=7) as emulator:
        file = emulator.add_file("/a", b"x", access="PUBLIC_INDEXABLE")
        assert file.url == "http://127.0.0.1:8000/hubfs/7/a"
        client = httpx.Client(transport=emulator.transport)
        assert client.get(file.url).content == b"x"
        assert client.get("http://localhost:8000/files/v3/files/search", headers=bearer(emulator)).status_code == 200


@pytest.mark.parametrize(
    "arguments",
    [
        {"base_url": "https://api.hubapi.com/v1"},
        {"base_url": "api.hubapi.com"},
        {"storage_url": "ftp://files.test"},
        {"storage_url": "https://api.hubapi.com"},
        {"start": START.replace(tzinfo=None)},
        {"start": START, "clock": Clock()},
    ],
)
def test_invalid_arguments_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"origin|time zone|not both"):
        Emulator(**arguments)


def test_a_missing_parser_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("python_multipart"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r'pip install "hubspot-files\[emulator\]"'):
        Emulator()


def test_a_closed_emulator_refuses_requests(emulator: Emulator, api: httpx.Client) -> None:
    assert "closed" not in repr(emulator)
    emulator.close()
    emulator.close()
    assert "closed" in repr(emulator)
    with pytest.raises(RuntimeError, match="closed"):
        api.get(f"{FILES}/search")


def test_a_frozen_clock_moves_by_advance_only() -> None:
    clock = Clock(START, frozen=True)
    assert (clock.now(), clock.monotonic()) == (START, 0.0)
    assert clock.milliseconds() == round(START.timestamp() * 1000)
    clock.advance(1.5)
    clock.advance(timedelta(days=1))
    assert clock.now() == START + timedelta(days=1, seconds=1.5)
    assert clock.monotonic() == 86_401.5
    assert "frozen" in repr(clock)
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="time zone"):
        Clock(START.replace(tzinfo=None))


def test_a_clock_runs_by_default() -> None:
    before = datetime.now(UTC)
    clock = Clock()
    time.sleep(0.01)
    assert before + timedelta(milliseconds=10) <= clock.now() <= datetime.now(UTC) + timedelta(seconds=1)
    clock.advance(3600)
    assert clock.monotonic() >= 3600.01
    assert "frozen" not in repr(clock)
    with Emulator(start=START) as emulator:
        assert START <= emulator.clock.now() < START + timedelta(minutes=1)


def test_requests_are_recorded(emulator: Emulator, api: httpx.Client, upload: Upload) -> None:
    file = upload(bytes(100_000)).json()
    api.get(f"{FILES}/{file['id']}?properties=name&properties=size", headers={"X-Mine": "1"})
    api.get("/nothing")
    first, second, third = emulator.requests
    assert (first.method, first.path, first.operation, first.status) == ("POST", FILES, "uploadFile", 201)
    assert first.body_size > 100_000
    assert len(first.body) == 65_536
    assert first.host == "api.hubapi.com"
    assert second.query.get_list("properties") == ["name", "size"]
    assert second.headers["x-mine"] == "1"
    assert second.time == START
    assert (second.body, second.error) == (b"", None)
    assert (third.operation, third.status) == (None, 404)
    assert emulator.token not in repr(emulator.requests)


def test_records_of_every_state_are_listed(emulator: Emulator) -> None:
    ends = START + timedelta(days=1)
    file = emulator.add_file("/a/b.gif", b"GIF89a\1\0\2\0", access="HIDDEN_PRIVATE", expires_at=ends)
    assert (file.name, file.extension, file.path, file.access) == ("b", "gif", "/a/b.gif", "HIDDEN_PRIVATE")
    assert (file.width, file.height, file.size, file.type, file.encoding) == (1, 2, 10, "IMG", "gif")
    assert (file.created_at, file.updated_at, file.expires_at, file.archived_at) == (START, START, ends, None)
    assert file.state == "live"
    assert [file] == emulator.files
    [folder] = emulator.folders
    assert (folder.id, folder.path, folder.name, folder.parent_id) == (file.folder_id, "/a", "a", None)
    assert emulator.add_folder("/a") == folder
    assert emulator.add_folder("/a/c").parent_id == folder.id
    emulator.clock.advance(timedelta(days=1))
    assert emulator.files[0].state == "expired"
    with pytest.raises(KeyError):
        emulator.file(1)


@pytest.mark.parametrize("path", ["a", "", "/a/../b", "/.", "/a\0b", "/a\0/b", "/ /b"])
def test_invalid_paths_cannot_be_added(emulator: Emulator, path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        emulator.add_file(path)
    with pytest.raises(ValueError, match="path"):
        emulator.add_folder(path)


def test_invalid_files_cannot_be_added(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="names no file"):
        emulator.add_file("/")
    with pytest.raises(ValueError, match="root"):
        emulator.add_folder("/")
    with pytest.raises(ValueError, match="access"):
        emulator.add_file("/a", access="OPEN")
    with pytest.raises(ValueError, match="time zone"):
        emulator.add_file("/a", expires_at=START.replace(tzinfo=None))


def test_ids_can_be_chosen(emulator: Emulator, api: httpx.Client) -> None:
    assert emulator.add_folder("/a", id=7).id == "7"
    assert emulator.add_folder("/a", id=7).id == "7"
    assert emulator.add_file("/a/b", id=180_000_000_002).id == "180000000002"
    # Generated ids skip those in use.
    assert [emulator.add_file("/c").id, emulator.add_file("/d").id] == ["180000000001", "180000000003"]
    assert api.get(f"{FILES}/180000000002").json()["parentFolderId"] == "7"
    for taken in (7, 180_000_000_002, 0, -1, 2**63):
        with pytest.raises(ValueError, match="is not an id, or is that of another"):
            emulator.add_file("/e", id=taken)
    with pytest.raises(ValueError, match="the folder /a has the id 7"):
        emulator.add_folder("/a", id=8)
    assert [file.path for file in emulator.files] == ["/c", "/a/b", "/d"]


def test_ids_follow_the_seed(tmp_path: Path) -> None:
    with Emulator() as one, Emulator(seed=0) as same, Emulator(seed=1) as other:
        ids = [[emulator.add_file("/a").id, emulator.add_folder("/b").id] for emulator in (one, same, other)]
    assert ids == [["180000000001", "180000000002"]] * 2 + [["180001000001", "180001000002"]]
    for seed, expected in ((7, "180007000001"), (8, "180007000002")):
        # An account that exists keeps its ids.
        with Emulator(data=tmp_path / "account", seed=seed) as emulator:
            assert emulator.add_file(f"/{seed}").id == expected


def test_uploads_of_several_threads_are_stored(emulator: Emulator, upload: Upload) -> None:
    with ThreadPoolExecutor(8) as pool:
        paths = {future.json()["path"] for future in pool.map(lambda i: upload(str(i).encode()), range(200))}
    assert len(paths) == 200
    assert sorted(file.content or b"" for file in emulator.files) == sorted(str(i).encode() for i in range(200))


def test_a_refused_call_changes_nothing(emulator: Emulator, api: httpx.Client) -> None:
    data = {"folderPath": "/new", "options": '{"access": "PRIVATE"}', "fileName": "a/b"}
    assert api.post(FILES, data=data, files={"file": ("a", b"x")}).status_code == 400
    assert (emulator.folders, emulator.files) == ([], [])


def test_clients_of_the_emulator_are_ready_to_use(emulator: Emulator) -> None:
    uploaded = emulator.client().files.upload(b"x", name="a.txt", folder_path="/in")
    assert emulator.file(uploaded.id).content == b"x"

    async def path() -> str | None:
        async with emulator.async_client(access_token=emulator.add_token(["files.read"])) as hubspot:
            return (await hubspot.files.get(uploaded.id)).path

    assert anyio.run(path) == "/in/a.txt"
    assert emulator.requests[-1].headers["authorization"] != emulator.requests[0].headers["authorization"]


def test_an_unclosed_emulator_closes_its_database() -> None:
    emulator = Emulator()
    emulator.add_file("/a")
    store = emulator._store
    del emulator
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        store.files.all()
