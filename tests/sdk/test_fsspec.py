"""The file system of fsspec: its lookups, listings, content and changes, against the emulator."""

from __future__ import annotations

import asyncio
import errno
import functools
import hashlib
import io
import json
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.callbacks import Callback

from hubspot_files import HubSpotFilesError
from hubspot_files.fsspec import HubSpotFileSystem
from hubspot_files.fsspec._os_errors import as_os_error
from hubspot_files.testing import Emulator


@pytest.fixture
def fs(hubspot_emulator: Emulator) -> HubSpotFileSystem:
    return fsspec.filesystem("hubspot")


def calls(emulator: Emulator, program: Callable[[], Any]) -> list[str]:
    """Return the operations that a program calls."""
    before = len(emulator.requests)
    program()
    return [request.operation for request in emulator.requests[before:]]


# Paths


def test_a_path_has_one_form() -> None:
    strip = HubSpotFileSystem._strip_protocol
    urls = ("hubspot://library/x.csv", "hubspot:///library/x.csv", "hubspot:/library/x.csv")
    for path in (*urls, "/library/x.csv", "library/x.csv/"):
        assert strip(path) == "/library/x.csv"
    assert strip(["hubspot://", "hubspot:/", "a"]) == ["/", "/", "/a"]
    assert strip(Path("/a/b")) == "/a/b"


def test_a_path_has_a_url(fs: Any) -> None:
    assert fs.unstrip_protocol("/library/x.csv") == "hubspot://library/x.csv"
    fs.pipe("/library/x.csv", b"x")
    with fs.open("/library/x.csv") as file:
        assert file.full_name == "hubspot://library/x.csv"
    with fsspec.open("hubspot://library/x.csv", "r") as file:
        assert file.read() == "x"


# Lookups


def test_info(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe("/library/x.csv", b"a,b\n")
    info = fs.info("/library/x.csv")
    [file] = hubspot_emulator.files
    assert info["name"] == "/library/x.csv"
    assert (info["size"], info["type"], info["access"]) == (4, "file", "PRIVATE")
    assert info["id"] == file.id
    assert info["created"] == fs.created("/library/x.csv")
    assert info["modified"] == fs.modified("/library/x.csv")
    assert fs.checksum("/library/x.csv") == hashlib.md5(b"a,b\n").hexdigest() == info["md5"]
    folder = fs.info("library")
    assert (folder["name"], folder["size"], folder["type"]) == ("/library", 0, "directory")
    assert fs.info("/") == {"name": "/", "size": 0, "type": "directory"}
    assert fs.exists("/")
    assert fs.isdir("/library")
    assert not fs.isfile("/library")
    assert fs.isfile("/library/x.csv")
    assert not fs.isdir("/library/y")


def test_ukey_changes_with_the_content(fs: Any) -> None:
    fs.pipe("/x", b"1")
    first = fs.ukey("/x")
    assert first == fs.ukey("/x")
    fs.pipe("/x", b"2")
    assert fs.ukey("/x") != first


def test_nothing_is_at_a_path(fs: Any) -> None:
    for path in ("/missing", "/a/../b", "/a//b", "/a\nb"):
        assert not fs.exists(path)
        assert not fs.isfile(path)
        with pytest.raises(FileNotFoundError) as raised:
            fs.info(path)
        assert raised.value.filename == path
    for use in (fs.cat_file, fs.open, fs.ls, fs.rm, fs.rm_file, fs.rmdir, fs.created, fs.sign):
        with pytest.raises(FileNotFoundError):
            use("/missing")
    assert fs.find("/missing") == []
    assert fs.find("/missing", detail=True) == {}
    assert list(fs.walk("/missing")) == [("/missing", [], [])]


def test_a_folder_has_no_content(fs: Any) -> None:
    fs.mkdir("/folder")
    for use in (fs.cat_file, fs.open, fs.rm_file, fs.checksum, fs.sign):
        with pytest.raises(IsADirectoryError):
            use("/folder")
    for path in ("/folder", "/"):
        with pytest.raises(IsADirectoryError):
            fs.pipe(path, b"")
    with pytest.raises(IsADirectoryError):
        fs.created("/")
    assert fs.created("/folder") == fs.modified("/folder")


@pytest.mark.hubspot_emulator(search_lag=60)
def test_no_md5(fs: Any, hubspot_emulator: Emulator) -> None:
    record = {"id": "7", "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "archived": False}
    body = json.dumps({"file": {**record, "path": "/x"}}).encode()
    hubspot_emulator.fail(operation="statPath", status=200, body=body, count=None)
    with pytest.raises(OSError, match="names no MD5"):
        fs.checksum("/x")
    assert fs.ukey("/x") == fs.ukey("/x")
    info = fs.info("/x")
    assert (info["size"], info["md5"], info["access"]) == (None, None, None)


def test_no_times(fs: Any, hubspot_emulator: Emulator) -> None:
    body = json.dumps({"file": {"id": "7", "path": "/x", "size": 1}}).encode()
    hubspot_emulator.fail(operation="statPath", status=200, body=body, count=None)
    for name in ("created", "modified"):
        with pytest.raises(OSError, match=f"does not state when it was {name}"):
            getattr(fs, name)("/x")
    assert fs.info("/x")["modified"] is None


def test_errors_of_hubspot_are_those_of_files(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe("/x", b"1")
    for status, kind, number in (
        (403, PermissionError, errno.EACCES),
        (409, FileExistsError, errno.EEXIST),
        (423, OSError, errno.EBUSY),
        (400, OSError, errno.EIO),
    ):
        fault = hubspot_emulator.fail(operation="statPath", status=status, count=None)
        for use in (fs.info, fs.isfile, fs.isdir, fs.exists, fs.find, fs.cat_file, fs.open):
            with pytest.raises(kind) as raised:
                use("/x")
            assert (raised.value.errno, raised.value.filename) == (number, "/x")
            assert isinstance(raised.value.__cause__, HubSpotFilesError)
        fault.cancel()
    hubspot_emulator.fail("connect", operation="statPath", count=None)
    with pytest.raises(ConnectionError, match="/x"):
        fs.exists("/x")


def test_messages_begin_with_what_happened(fs: Any, hubspot_emulator: Emulator) -> None:
    def raised_by(use: Callable[[], object]) -> str:
        with pytest.raises(OSError, match="Errno") as raised:
            use()
        whole = "".join(traceback.format_exception(raised.value))
        # HubSpot's own message and the correlation id are those of the cause.
        assert "Correlation id for HubSpot's support: " in whole
        return str(raised.value)

    missing = "[Errno 2] No file or folder at this path: '/reports/x.csv'"
    assert raised_by(lambda: fs.info("/reports/x.csv")) == missing
    assert raised_by(lambda: fs.open("/reports/x.csv")) == missing
    fs.pipe("/x", b"1")
    scopes: dict[str, Any] = {"context": {"missingScopes": ["files", "files.read"]}}
    for status, body, message in (
        (401, {}, "[Errno 13] HubSpot does not accept the token"),
        (403, {}, "[Errno 13] The token lacks a scope"),
        (403, scopes, "[Errno 13] The token lacks a scope: files, files.read"),
        (409, {}, "[Errno 17] Another file or folder is at this path"),
        (423, {}, "[Errno 16] HubSpot is processing this file or folder; try again in a few seconds"),
        (400, {}, "[Errno 5] HubSpot responded with 400: no"),
    ):
        content = json.dumps({"message": "no", "correlationId": "1234", **body}).encode()
        fault = hubspot_emulator.fail(operation="statPath", status=status, body=content, count=None)
        assert raised_by(lambda: fs.info("/x")) == f"{message}: '/x'"
        fault.cancel()


def test_a_note_of_an_error_is_in_the_message() -> None:
    error = HubSpotFilesError("failed")
    error.add_note("Delete it.")
    with pytest.raises(OSError, match=r"^\[Errno 5\] failed\nDelete it\.: '/x'$"), as_os_error("/x"):
        raise error


# Listings


def test_listings(fs: Any, hubspot_emulator: Emulator) -> None:
    for path in ("/top", "/a/x.csv", "/a/b/y", "/a/b/c/z", "/2024/q"):
        hubspot_emulator.add_file(path, b"12")
    hubspot_emulator.add_folder("/a/empty")
    assert fs.ls("/", detail=False) == ["/2024", "/a", "/top"]
    assert fs.ls("/a", detail=False) == ["/a/b", "/a/empty", "/a/x.csv"]
    assert [info["type"] for info in fs.ls("/a")] == ["directory", "directory", "file"]
    assert fs.ls("/a/empty") == []
    assert fs.ls("/a/x.csv") == [fs.info("/a/x.csv")]
    assert fs.ls("/2024", detail=False) == ["/2024/q"]
    assert fs.find("/a") == ["/a/b/c/z", "/a/b/y", "/a/x.csv"]
    assert fs.find("/a/b/y") == ["/a/b/y"]
    assert fs.find("/a", maxdepth=1) == ["/a/x.csv"]
    assert fs.find("/a", maxdepth=2, withdirs=True) == ["/a", "/a/b", "/a/b/c", "/a/b/y", "/a/empty", "/a/x.csv"]
    assert fs.find("/a/b", detail=True)["/a/b/y"]["size"] == 2
    assert fs.glob("/a/**/z") == ["/a/b/c/z"]
    assert fs.glob("/*/*.csv") == ["/a/x.csv"]
    assert fs.du("/a") == 6
    assert fs.du("/a", total=False, maxdepth=1) == {"/a/x.csv": 2}
    assert list(fs.walk("/a/b")) == [("/a/b", ["c"], ["y"]), ("/a/b/c", [], ["z"])]
    with pytest.raises(ValueError, match="maxdepth"):
        fs.find("/a", maxdepth=0)


def test_a_tree_takes_a_few_searches(fs: Any, hubspot_emulator: Emulator) -> None:
    for number in range(120):
        hubspot_emulator.add_file(f"/a/{number % 3}/{number}/x")
    # A lookup, and two searches for each 100 folders of the three levels.
    assert len(calls(hubspot_emulator, lambda: fs.find("/a"))) <= 12
    assert calls(hubspot_emulator, lambda: fs.find("/a")) == ["statPath"]
    assert calls(hubspot_emulator, lambda: fs.ls("/a/1")) == []
    assert set(calls(hubspot_emulator, lambda: fs.ls("/a/1", refresh=True))) == {"searchFiles", "searchFolders"}
    assert len(calls(hubspot_emulator, lambda: fs.ls("/"))) <= 6
    fs.invalidate_cache()
    assert len(calls(hubspot_emulator, lambda: fs.ls("/a/1"))) == 2


def test_listings_can_be_searched_anew_each_time(hubspot_emulator: Emulator) -> None:
    fs = fsspec.filesystem("hubspot", use_listings_cache=False)
    for number in range(3):
        hubspot_emulator.add_file(f"/a/b/{number}")
        assert len(fs.ls("/a/b")) == number + 1
        assert len(fs.find("/a")) == number + 1
        assert len(list(fs.walk("/a"))) == 2


def test_an_error_is_not_an_empty_folder(fs: Any, hubspot_emulator: Emulator) -> None:
    hubspot_emulator.add_file("/a/b/c/x")
    fs.ls("/a")
    hubspot_emulator.fail(operation="searchFiles", status=403, count=None)
    for use in (fs.find, fs.du, lambda path: list(fs.walk(path)), fs.ls, lambda path: fs.glob(f"{path}/**")):
        with pytest.raises(PermissionError):
            use("/a/b")
    assert list(fs.walk("/a/b", on_error=lambda error: None)) == [("/a/b", [], [])]


@pytest.mark.hubspot_emulator(search_lag=300)
def test_own_changes_are_listed_at_once(fs: Any, hubspot_emulator: Emulator) -> None:
    other = fsspec.filesystem("hubspot", block_size=1000)
    fs.pipe("/a/b/x.csv", b"1")
    assert other is not fs
    for use in (fs, other):
        assert use.ls("/", detail=False) == ["/a"]
        assert use.ls("/a", detail=False) == ["/a/b"]
        assert use.find("/a", detail=True)["/a/b/x.csv"]["size"] == 1
    fs.pipe("/a/b/x.csv", b"123")
    assert fs.ls("/a/b")[0]["size"] == 3
    fs.mv("/a/b/x.csv", "/a/y.csv")
    assert fs.find("/") == ["/a/y.csv"]
    hubspot_emulator.clock.advance(301)
    assert fs.find("/a") == ["/a/y.csv"]
    fs.rm("/a/y.csv")
    assert fs.find("/a") == []
    fs.rm("/a", recursive=True)
    assert fs.ls("/") == []


@pytest.mark.hubspot_emulator(search_lag=300)
def test_own_changes_below_a_folder_move_and_end_with_it(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe("/a/b/x", b"1")
    fs.mkdir("/target")
    fs.mv("/a/b", "/target", recursive=True)
    assert fs.find("/") == ["/target/b/x"]
    assert fs.cat_file("/target/b/x") == b"1"
    fs.rm("/target/b", recursive=True)
    assert fs.find("/") == []
    assert fs.ls("/target") == []
    with pytest.raises(FileNotFoundError):
        fs.ls("/target/b")


def test_changes_of_others_are_seen(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe("/a/x", b"1")
    fs.pipe("/a/y", b"1")
    hubspot_emulator.clock.advance(1)
    with hubspot_emulator.client() as client:
        client.files.replace(fs.info("/a/x")["id"], b"123", name="x", access="PRIVATE")
        client.files.update(fs.info("/a/y")["id"], name="z")
        assert {info["name"]: info["size"] for info in fs.ls("/a")} == {"/a/x": 3, "/a/z": 1}
        client.files.delete(fs.info("/a/x")["id"])
        assert not fs.exists("/a/x")
        assert fs.ls("/a", detail=False, refresh=True) == ["/a/z"]
        # A folder that was known, and is another one, or none.
        client.folders.delete(fs.info("/a")["id"])
        hubspot_emulator.add_file("/a/new")
        assert fs.ls("/a", detail=False, refresh=True) == ["/a/new"]
        client.folders.delete_by_path("/a")
    with pytest.raises(FileNotFoundError):
        fs.ls("/a", refresh=True)


def test_a_newer_file_of_another_program_is_listed(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe("/a/x", b"1")
    hubspot_emulator.clock.advance(1)
    with hubspot_emulator.client() as client:
        client.files.delete(fs.info("/a/x")["id"])
    hubspot_emulator.add_file("/a/x", b"123")
    assert [info["size"] for info in fs.ls("/a")] == [3]


def test_files_of_deleted_folders_are_not_listed(fs: Any, hubspot_emulator: Emulator) -> None:
    time = "2026-01-01T00:00:00Z"
    record = {"id": "7", "path": "/a/x", "parentFolderId": "6", "createdAt": time, "updatedAt": time, "archived": False}
    body = json.dumps({"results": [record]}).encode()
    hubspot_emulator.fail(operation="searchFiles", status=200, body=body)
    assert fs.ls("/") == []


def test_own_changes_are_forgotten_after_ten_minutes(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe("/a/x", b"1")
    with hubspot_emulator.client() as client:
        client.files.delete(fs.info("/a/x")["id"])
    assert fs.ls("/a", detail=False) == ["/a/x"]
    hubspot_emulator.clock.advance(601)
    assert fs.ls("/a", refresh=True) == []


def test_a_file_and_a_folder_of_one_name(fs: Any, hubspot_emulator: Emulator) -> None:
    hubspot_emulator.add_file("/a/twin/below")
    hubspot_emulator.add_file("/a/twin", b"1")
    assert fs.info("/a/twin")["type"] == "file"
    assert [info["type"] for info in fs.ls("/a")] == ["file", "directory"]
    assert fs.find("/a") == ["/a/twin", "/a/twin/below"]
    assert fs.cat_file("/a/twin") == b"1"
    with pytest.raises(FileExistsError):
        fs.mkdir("/a/twin")


# Content


def test_content(fs: Any) -> None:
    content = bytes(range(256)) * 40
    fs.pipe_file("/a/x", content)
    assert fs.cat_file("/a/x") == fs.cat("/a/x") == content
    for start, end in ((0, 10), (5, None), (-10, None), (-10, -5), (None, 7), (10, 5), (9000, 20000)):
        assert fs.cat_file("/a/x", start, end) == content[start:end]
    fs.pipe({"/a/y": b"y", "/b/z": b""})
    assert fs.cat(["/a/y", "/b/z"]) == {"/a/y": b"y", "/b/z": b""}
    assert fs.cat("/a/*") == {"/a/x": content, "/a/y": b"y"}
    with pytest.raises(FileExistsError):
        fs.pipe_file("/a/y", b"new", mode="create")
    fs.pipe_file("/a/new", b"new", mode="create")
    assert fs.read_block("/a/x", 3, 4) == content[3:7]
    fs.touch("/a/y")
    assert fs.size("/a/y") == 0


def test_ranges_of_a_file_share_a_signed_url(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe("/a/x", bytes(range(100)))
    fs.pipe("/a/y", b"y" * 10)
    ranges: list[bytes] = []
    used = calls(
        hubspot_emulator,
        lambda: ranges.extend(fs.cat_ranges(["/a/x"] * 9 + ["/a/y"], [*range(0, 90, 10), 1], [*range(5, 95, 10), 3])),
    )
    assert ranges == [bytes(range(start, start + 5)) for start in range(0, 90, 10)] + [b"yy"]
    assert sorted(used) == ["fetchContent"] * 10 + ["getSignedUrl"] * 2 + ["statPath"] * 2
    [missing] = fs.cat_ranges(["/missing"], 0, 1)
    assert isinstance(missing, FileNotFoundError)


def test_a_listing_saves_lookups(fs: Any, hubspot_emulator: Emulator) -> None:
    for number in range(5):
        hubspot_emulator.add_file(f"/a/{number}", b"%d" % number)
    used = calls(hubspot_emulator, lambda: fs.cat("/a/*"))
    assert used.count("getSignedUrl") == 5
    assert used.count("statPath") == 1
    # A listing that is out of date costs a request.
    with hubspot_emulator.client() as client:
        client.files.delete(fs.info("/a/1")["id"])
        client.files.replace(fs.info("/a/2")["id"], b"changed", name="2", access="PRIVATE")
    hubspot_emulator.add_file("/a/1", b"another")
    assert fs.cat(["/a/1", "/a/2"]) == {"/a/1": b"another", "/a/2": b"changed"}


class Progress(Callback):
    def __init__(self) -> None:
        super().__init__()
        self.values: list[tuple[int | None, int]] = []

    def call(self, *args: Any, **kwargs: Any) -> None:
        self.values.append((self.size, self.value))


def test_put_and_get(fs: Any, tmp_path: Path) -> None:
    (tmp_path / "site/empty").mkdir(parents=True)
    (tmp_path / "site/x.csv").write_bytes(b"123")
    fs.put(str(tmp_path / "site"), "/site", recursive=True)
    assert fs.find("/site", withdirs=True) == ["/site", "/site/empty", "/site/x.csv"]
    fs.get("/site", str(tmp_path / "back"), recursive=True)
    assert (tmp_path / "back/x.csv").read_bytes() == b"123"
    assert (tmp_path / "back/empty").is_dir()
    progress = Progress()
    fs.put_file(str(tmp_path / "site/x.csv"), "/y.csv", callback=progress)
    assert progress.values[-1] == (3, 3)
    progress = Progress()
    fs.get_file("/y.csv", str(tmp_path / "y.csv"), callback=progress)
    assert progress.values[-1] == (3, 3)
    stream = io.BytesIO()
    fs.get_file("/y.csv", stream)
    fs.get_file("/y.csv", str(tmp_path / "unused"), outfile=stream)
    assert stream.getvalue() == b"123123"
    with pytest.raises(IsADirectoryError):
        fs.get_file("/site", stream)
    fs.put_file(str(tmp_path / "site"), "/folder")
    assert fs.isdir("/folder")
    with pytest.raises(FileExistsError):
        fs.put_file(str(tmp_path / "site/x.csv"), "/y.csv", mode="create")


# Storing


def test_storing_again_keeps_the_id(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe("/a/x.csv", b"1")
    first = fs.info("/a/x.csv")["id"]
    assert calls(hubspot_emulator, lambda: fs.pipe("/a/x.csv", b"12")) == ["statPath", "replaceFile"]
    assert calls(hubspot_emulator, lambda: fs.pipe("/a/y.csv", b"12")) == ["statPath", "uploadFile"]
    assert fs.info("/a/x.csv")["id"] == first
    assert [file.path for file in hubspot_emulator.files] == ["/a/x.csv", "/a/y.csv"]


def test_access(fs: Any, hubspot_emulator: Emulator) -> None:
    hubspot_emulator.add_file("/a/old", b"1", access="PUBLIC_INDEXABLE")
    fs.pipe({"/a/old": b"2", "/a/new": b"2"})
    assert [file.access for file in hubspot_emulator.files] == ["PUBLIC_INDEXABLE", "PRIVATE"]
    public = fsspec.filesystem("hubspot", access="PUBLIC_NOT_INDEXABLE")
    public.pipe({"/a/old": b"3", "/a/new": b"3"})
    assert [file.access for file in hubspot_emulator.files] == ["PUBLIC_NOT_INDEXABLE"] * 2
    with pytest.raises(ValueError, match="access 'public' is not valid"):
        fsspec.filesystem("hubspot", access="public")


@pytest.mark.hubspot_emulator(promised_only=True)
def test_an_access_that_is_not_stated(fs: Any, hubspot_emulator: Emulator) -> None:
    hubspot_emulator.add_file("/a", b"old", access="PUBLIC_INDEXABLE")
    fs = fsspec.filesystem("hubspot", api_version="2026-03")
    with pytest.raises(TypeError, match=r"does not state the access of /a, .*; pass access=$"):
        fs.pipe("/a", b"new")
    [file] = hubspot_emulator.files
    assert (file.content, file.access) == (b"old", "PUBLIC_INDEXABLE")


def test_names_that_hubspot_does_not_allow(fs: Any, hubspot_emulator: Emulator) -> None:
    for path in ("/a\\b", "/a/../b", "/a//b", "/a\nb", "/ "):
        for use in (lambda path: fs.pipe(path, b""), fs.mkdir, lambda path: fs.open(path, "wb")):
            with pytest.raises(OSError, match="Errno 22"):
                use(path)
    assert hubspot_emulator.files == []
    with pytest.raises(FileExistsError):
        fs.mkdir("/")


def test_a_file_is_no_folder(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe("/a", b"1")
    for use in (lambda path: fs.pipe(path, b""), fs.mkdir, lambda path: fs.mkdir(path, create_parents=False)):
        with pytest.raises(NotADirectoryError):
            use("/a/b")
    with pytest.raises(FileExistsError):
        fs.makedirs("/a", exist_ok=True)
    assert [file.path for file in hubspot_emulator.files] == ["/a"]


def interposed(monkeypatch: pytest.MonkeyPatch, emulator: Emulator, operation: str, step: Callable[[], object]) -> None:
    """Let another program do something once, before the emulator gets a request of an operation."""
    handle, pending = emulator.handle_async, [step]

    async def handle_async(request: Any) -> Any:
        if pending and operation in f"{request.method} {request.url.path}":
            pending.pop()()
        return await handle(request)

    monkeypatch.setattr(emulator, "handle_async", handle_async)


UPLOAD, REPLACE = "POST /files/v3/files", "PUT /files/v3/files"


@pytest.mark.parametrize("exclusive", [False, True])
def test_another_program_stores_the_file_meanwhile(
    exclusive: bool, fs: Any, hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    fs.mkdir("/a")
    interposed(monkeypatch, hubspot_emulator, UPLOAD, lambda: hubspot_emulator.add_file("/a/x.csv", b"theirs"))
    if exclusive:
        with pytest.raises(FileExistsError):
            fs.pipe_file("/a/x.csv", b"ours", mode="create")
    else:
        fs.pipe("/a/x.csv", b"ours")
    live = {file.path: file.content for file in hubspot_emulator.files if file.state == "live"}
    assert live == {"/a/x.csv": b"theirs" if exclusive else b"ours"}


def test_a_misplaced_file_that_cannot_be_deleted_is_named(
    fs: Any, hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    fs.mkdir("/a")
    interposed(monkeypatch, hubspot_emulator, UPLOAD, lambda: hubspot_emulator.add_file("/a/x.csv", b"theirs"))
    hubspot_emulator.fail(operation="deleteFile", status=403, count=None)
    with pytest.raises(OSError, match=r"stored as /a/x-1\.csv \(id \d+\)\. Delete that file"):
        fs.pipe("/a/x.csv", b"ours")


def uploaded_as(emulator: Emulator, path: str, file_id: str = "99") -> None:
    """Let the response to an upload name another path."""
    time = "2026-01-01T00:00:00Z"
    record = {"id": file_id, "path": path, "createdAt": time, "updatedAt": time, "archived": False}
    emulator.fail(operation="uploadFile", status=201, body=json.dumps(record).encode())


def test_a_name_that_hubspot_changes_is_refused(fs: Any, hubspot_emulator: Emulator) -> None:
    hubspot_emulator.add_file("/a/x_y.csv", id=99)
    uploaded_as(hubspot_emulator, "/a/x_y.csv")
    with pytest.raises(OSError, match=r"Errno 22.* would store /a/x:y\.csv as /a/x_y\.csv"):
        fs.pipe("/a/x:y.csv", b"")
    assert hubspot_emulator.file(99).state == "archived"


def test_a_response_that_names_another_path_is_checked(
    fs: Any, hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    fs.mkdir("/a")
    interposed(monkeypatch, hubspot_emulator, UPLOAD, lambda: hubspot_emulator.add_file("/a/x", id=99))
    uploaded_as(hubspot_emulator, "/old/x")
    fs.pipe("/a/x", b"")
    assert hubspot_emulator.file(99).state == "live"
    # An equal name of other characters.
    uploaded_as(hubspot_emulator, "/a/\u00e9", "100")
    fs.pipe("/a/e\u0301", b"")


def test_another_program_deletes_the_file_meanwhile(
    fs: Any, hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    fs.pipe("/a/x", b"1")
    with hubspot_emulator.client() as client:
        delete = functools.partial(client.files.delete, fs.info("/a/x")["id"])
        interposed(monkeypatch, hubspot_emulator, REPLACE, delete)
        with fs.open("/a/x", "wb") as file:
            file.write(b"ours")
    assert fs.cat_file("/a/x") == b"ours"
    fs.rm("/a/x")
    assert fs.ls("/a") == []
    fs.pipe("/a/x", b"1")
    hubspot_emulator.fail(operation="replaceFile", status=404, count=None)
    with pytest.raises(OSError, match=r"Errno 16.* created and deleted by others all the time"):
        fs.pipe("/a/x", b"2")


def test_folders_are_created_once(fs: Any, hubspot_emulator: Emulator) -> None:
    # The form of paths in URLs is known after the first one that is found.
    fs.pipe("/first/x", b"")
    fs.exists("/first/x")
    used = calls(hubspot_emulator, lambda: fs.pipe({f"/a/b/{number}": b"" for number in range(20)}))
    assert used.count("createFolder") == 2
    assert used.count("uploadFile") == 20
    assert used.count("statPath") == 20 + 2


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_another_program_creates_the_folder_meanwhile(
    kind: str, fs: Any, hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = functools.partial(getattr(hubspot_emulator, f"add_{kind}"), "/a")
    interposed(monkeypatch, hubspot_emulator, "POST /files/v3/folders", step)
    if kind == "folder":
        fs.makedirs("/a/b", exist_ok=True)
        assert fs.ls("/a", detail=False) == ["/a/b"]
    else:
        hubspot_emulator.fail(operation="createFolder", status=409)
        with pytest.raises(FileExistsError):
            fs.makedirs("/a/b")


def test_many_folders_are_known(fs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hubspot_files.fsspec._account._MAX_FOLDERS", 1)
    fs.mkdir("/a/b/c")
    fs.mkdir("/a/b/d")
    assert fs.ls("/a/b", detail=False) == ["/a/b/c", "/a/b/d"]


def test_folders(fs: Any) -> None:
    fs.mkdir("/a/b")
    with pytest.raises(FileExistsError):
        fs.mkdir("/a/b")
    with pytest.raises(FileExistsError):
        fs.makedirs("/a/b")
    fs.makedirs("/a/b", exist_ok=True)
    with pytest.raises(FileNotFoundError):
        fs.mkdir("/c/d", create_parents=False)
    fs.mkdir("/a/c", create_parents=False)
    fs.mkdir("/top", create_parents=False)
    assert fs.find("/", withdirs=True) == ["/", "/a", "/a/b", "/a/c", "/top"]


# Deleting


def test_rm(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe({f"/a/{name}": b"1" for name in ("x", "y", "b/x", "b/c/x", "d/x")})
    fs.mkdir("/a/empty")
    fs.rm("/a/x")
    fs.rm_file("/a/y")
    fs.rm("/a/empty")
    for use in (fs.rm, fs.rmdir):
        with pytest.raises(OSError, match="not empty"):
            use("/a/b")
    with pytest.raises(NotADirectoryError):
        fs.rmdir("/a/b/x")
    used = calls(hubspot_emulator, lambda: fs.rm("/a/b", recursive=True))
    assert used == ["statPath", "deleteFolder"]
    assert fs.find("/a") == ["/a/d/x"]
    with pytest.raises(PermissionError):
        fs.rm("/", recursive=True)
    fs.pipe({"/a/d/e/f": b"", "/a/d/e/g": b""})
    fs.rm("/a/**", recursive=True)
    assert fs.find("/", withdirs=True) == ["/"]
    fs.pipe({"/a/1": b"", "/a/2": b"", "/a/b/3": b""})
    fs.rm("/a/b", recursive=True, maxdepth=1)
    fs.rm(["/a/1", "/a/2"])
    assert fs.find("/", withdirs=True) == ["/", "/a"]


# Moving and copying


def test_mv_is_one_request_and_keeps_the_id(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe("/a/x.csv", b"1")
    fs.mkdir("/b")
    file_id = fs.info("/a/x.csv")["id"]
    for source, target, path in (
        ("/a/x.csv", "/a/y.csv", "/a/y.csv"),
        ("/a/y.csv", "/b", "/b/y.csv"),
        ("/b/y.csv", "/b/c/", "/b/c/y.csv"),
        ("/b/c/y.csv", "/z.csv", "/z.csv"),
        ("/z.csv", "/z.csv", "/z.csv"),
        ("/*.csv", "/b", "/b/z.csv"),
        (["/b/z.csv"], ["/top.csv"], "/top.csv"),
    ):
        used = calls(hubspot_emulator, lambda: fs.mv(source, target))  # noqa: B023
        assert used.count("updateFile") == (source != target)
        assert fs.info(path)["id"] == file_id
    fs.mv(["/top.csv"], ["/top.csv"])
    assert not {"uploadFile", "replaceFile"} & {request.operation for request in hubspot_emulator.requests[5:]}
    with pytest.raises(ValueError, match="leave maxdepth out"):
        fs.mv("/top.csv", "/b", maxdepth=1)


def test_mv_copies_where_hubspot_cannot_move(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe({"/a/x.tmp": b"1", "/a/y": b"2", "/a/z.csv": b"old", "/a/.csv": b"3"})
    target = fs.info("/a/z.csv")["id"]
    fs.mv("/a/x.tmp", "/a/x.csv")
    fs.mv("/a/x.csv", "/a/z.csv")
    assert fs.info("/a/z.csv")["id"] == target
    fs.mv("/a/y", "/a/y.csv")
    fs.mv("/a/.csv", "/a/w.csv")
    assert {path: fs.cat_file(path) for path in fs.find("/a")} == {
        "/a/z.csv": b"1",
        "/a/y.csv": b"2",
        "/a/w.csv": b"3",
    }


def test_mv_of_folders(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe({"/a/b/x": b"1", "/c/d/x": b"2"})
    folder = fs.info("/a/b")["id"]
    fs.mv("/a/b", "/c", recursive=True)
    assert fs.info("/c/b")["id"] == folder
    fs.mv("/c/b", "/c/e")
    fs.mv("/c/e", "/c/e/")
    assert fs.find("/") == ["/c/d/x", "/c/e/x"]
    fs.mv("/c/d/", "/a", recursive=True)
    assert fs.find("/") == ["/a/x", "/c/e/x"]
    for source, target, kind in (
        ("/c/e", "/c/e/f", OSError),
        ("/c/e", "/top", PermissionError),
        ("/c/e", "/a/x", FileExistsError),
        ("/a/x", "/c/e/x/y", NotADirectoryError),
    ):
        with pytest.raises(kind):
            fs.mv(source, target)
    with pytest.raises(FileExistsError):
        fs.mv(["/a/x"], ["/c/e"])
    with pytest.raises(FileExistsError):
        fs.mv(["/c/e"], ["/a"])
    fs.mv(["/c/e"], ["/c/e"])
    fs.mv("/c", "/d")
    assert fs.find("/") == ["/a/x", "/d/e/x"]


def test_mv_of_folders_without_a_task(hubspot_emulator: Emulator) -> None:
    fs: Any = fsspec.filesystem("hubspot", api_version="2026-09-beta")
    fs.pipe("/a/b/x", b"1")
    fs.mv("/a/b", "/a/c")
    assert fs.find("/a") == ["/a/c/x"]


def test_a_move_that_lands_elsewhere_is_an_error(
    fs: Any, hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    fs.pipe("/a/x", b"1")
    record = {"id": fs.info("/a/x")["id"], "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
    body = json.dumps({**record, "archived": False, "path": "/old/z-1"}).encode()
    hubspot_emulator.fail(operation="updateFile", status=200, body=body, count=2)
    with pytest.raises(OSError, match="has moved the file to /old/z-1"):
        fs.mv("/a/x", "/a/z")
    interposed(monkeypatch, hubspot_emulator, "PATCH /files/v3/files", lambda: hubspot_emulator.add_file("/a/z"))
    with pytest.raises(OSError, match="has moved the file to /old/z-1"):
        fs.mv("/a/x", "/a/z")


def test_cp(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe({"/a/x.csv": b"1", "/a/b/y": b"2"})
    fs.mkdir("/a/empty")
    fs.cp("/a", "/c", recursive=True)
    fs.cp("/a/x.csv", "/c/z.csv")
    assert fs.find("/c", withdirs=True) == ["/c", "/c/b", "/c/b/y", "/c/empty", "/c/x.csv", "/c/z.csv"]
    assert fs.cat_file("/c/z.csv") == b"1"
    assert fs.cat_file("/a/x.csv") == b"1"


# Signed URLs


def test_sign(fs: Any, hubspot_emulator: Emulator) -> None:
    fs.pipe("/x.csv", b"123")
    url = fs.sign("/x.csv", expiration=60)
    assert hubspot_emulator.requests[-1].query["expirationSeconds"] == "60"
    assert url.startswith("https://")
    hubspot_emulator.add_file("/secret", access="SENSITIVE")
    with pytest.raises(FileNotFoundError, match="sensitive"):
        fs.sign("/secret")


# Asynchronous programs


def test_asynchronous_programs(hubspot_emulator: Emulator) -> None:
    async def program() -> None:
        fs: Any = fsspec.filesystem("hubspot", asynchronous=True)
        await fs._pipe_file("/a/x", b"1")
        assert await fs._cat_file("/a/x") == b"1"
        await fs._mv("/a/x", "/a/y")
        assert await fs._find("/a") == ["/a/y"]
        assert [step async for step in fs._walk("/a")] == [("/a", [], ["y"])]
        assert await fs._created("/a/y") <= await fs._modified("/a/y")

    asyncio.run(program())
    asyncio.run(program())
