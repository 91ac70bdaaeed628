"""An account that is kept in a folder: what outlives the process, what a crash leaves, who may have it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from hubspot_files.testing import Clock, Emulator

from .support import START

FILES = "/files/v3/files"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "made" / "account"


def call(emulator: Emulator, method: str, path: str, **options: Any) -> httpx.Response:
    with httpx.Client(transport=emulator.transport, base_url=emulator.base_url) as client:
        return client.request(method, path, headers={"Authorization": f"Bearer {emulator.token}"}, **options)


def upload(emulator: Emulator, content: bytes, name: str = "a.txt") -> httpx.Response:
    data = {"folderPath": "/in", "options": '{"access": "PRIVATE"}'}
    return call(emulator, "POST", FILES, data=data, files={"file": (name, content)})


def contents(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "contents").iterdir())


def test_everything_is_there_again(folder: Path) -> None:
    with Emulator(data=folder, portal_id=77) as emulator:
        token, other = emulator.token, emulator.add_token(["files.read"])
        file = upload(emulator, b"hello").json()
        signed = call(emulator, "GET", f"{FILES}/{file['id']}/signed-url").json()["url"]
        emulator.publish_url("https://x.test/a", b"imported")
        wanted = {"url": "https://x.test/a", "access": "PRIVATE", "folderPath": "/in"}
        task = call(emulator, "POST", f"{FILES}/import-from-url/async", json=wanted).json()["id"]
        emulator.finish_tasks()
        before = (emulator.files, emulator.folders, emulator.tasks)
    with Emulator(data=str(folder), seed=9) as emulator:
        assert (emulator.files, emulator.folders, emulator.tasks) == before
        assert (emulator.token, emulator.portal_id) == (token, 77)
        assert emulator.tokens[other] == {"files.read"}
        assert httpx.Client(transport=emulator.transport).get(signed).content == b"hello"
        assert int(upload(emulator, b"more").json()["id"]) > max(int(stored.id) for stored in before[0])
        status = f"{FILES}/import-from-url/async/tasks/{task}/status"
        assert call(emulator, "GET", status).json()["result"]["id"] == before[0][-1].id


def test_ids_of_tasks_do_not_come_twice(folder: Path) -> None:
    ids = []
    for _ in range(3):
        with Emulator(data=folder) as emulator:
            wanted = {"url": "https://x.test/a", "access": "PRIVATE", "folderPath": "/in"}
            answer = call(emulator, "POST", f"{FILES}/import-from-url/async", json=wanted)
            ids += [answer.json()["id"], answer.headers["x-hubspot-correlation-id"]]
    assert len(set(ids)) == 6


def test_in_memory_and_on_disk_begin_alike(folder: Path) -> None:
    with Emulator(data=folder, seed=5) as kept, Emulator(seed=5) as passing:
        assert kept.token == passing.token


def test_the_clock_goes_on(folder: Path) -> None:
    with Emulator(data=folder) as emulator:
        file = upload(emulator, b"x").json()["id"]
        call(
            emulator, "PATCH", f"{FILES}/{file}", json={"expiresAt": str((emulator.clock.milliseconds()) + 86_400_000)}
        )
        emulator.clock.advance(timedelta(days=3))
        then = emulator.clock.now()
    with Emulator(data=folder) as emulator:
        assert then <= emulator.clock.now() < then + timedelta(minutes=1)
        assert emulator.file(file).state == "expired"


def test_a_clock_of_ones_own_is_taken_as_it_is(folder: Path) -> None:
    with Emulator(data=folder, clock=Clock(START, frozen=True)) as emulator:
        assert emulator.clock.now() == START
    with Emulator(data=folder, start=START + timedelta(days=1)) as emulator:
        assert START + timedelta(days=1) <= emulator.clock.now() < START + timedelta(days=2)


def test_nobody_else_may_have_it(folder: Path) -> None:
    program = "import sys; from hubspot_files.testing import Emulator; Emulator(data=sys.argv[1])"
    with Emulator(data=folder) as emulator:
        with pytest.raises(BlockingIOError, match="is in use by another emulator"):
            Emulator(data=folder)
        told = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=False)
        assert told.returncode == 1
        assert told.stderr.splitlines()[-1] == f"BlockingIOError: {folder} is in use by another emulator"
        assert upload(emulator, b"x").status_code == 201
    with Emulator(data=folder) as emulator:
        assert len(emulator.files) == 1


def test_a_process_that_is_ended_leaves_what_was_stored(folder: Path) -> None:
    program = (
        "import os, sys\nfrom hubspot_files.testing import Emulator\n"
        "emulator = Emulator(data=sys.argv[1])\n"
        "emulator.add_file('/in/a.txt', b'hello')\n"
        "emulator._store.draft(100).write(b'half')\n"
        "os._exit(9)"
    )
    told = subprocess.run([sys.executable, "-c", program, str(folder)], check=False)
    assert told.returncode == 9
    (folder / "contents" / "000000000099").write_bytes(b"a content whose row was never written")
    (folder / "contents" / "notes.txt").write_text("not ours")
    assert len(contents(folder)) == 4
    with Emulator(data=folder) as emulator:
        assert [(file.path, file.content) for file in emulator.files] == [("/in/a.txt", b"hello")]
        assert contents(folder) == ["000000000001", "notes.txt"]


def test_contents_come_and_go(folder: Path) -> None:
    with Emulator(data=folder, largest_upload=1000) as emulator:
        first, second = (upload(emulator, b"x" * 10, f"{number}.txt").json()["id"] for number in (1, 2))
        assert contents(folder) == ["000000000001", "000000000002"]
        assert upload(emulator, bytes(1001)).status_code == 413
        data = {"folderPath": "/in", "options": "{}"}
        assert call(emulator, "POST", FILES, data=data, files={"file": ("a", b"x")}).status_code == 400
        assert call(emulator, "POST", FILES, content=b"--b\r\nno").status_code == 415
        assert contents(folder) == ["000000000001", "000000000002"]
        options = {"options": '{"access": "PRIVATE"}'}
        call(emulator, "PUT", f"{FILES}/{first}", data=options, files={"file": ("a", b"new")})
        assert contents(folder) == ["000000000002", "000000000003"]
        call(emulator, "DELETE", f"{FILES}/{second}")
        assert contents(folder) == ["000000000002", "000000000003"]
        call(emulator, "DELETE", f"{FILES}/{second}/gdpr-delete")
        assert contents(folder) == ["000000000003"]
        assert emulator.file(first).content == b"new"


def test_half_a_form_leaves_nothing(folder: Path) -> None:
    with Emulator(data=folder) as emulator:
        body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf of'
        with httpx.Client(transport=emulator.transport) as client:
            headers = {
                "Authorization": f"Bearer {emulator.token}",
                "Content-Type": "multipart/form-data; boundary=b",
            }
            assert client.post(emulator.base_url + FILES, content=body, headers=headers).status_code == 400
            emulator.fail("write-reset", at_byte=80)
            with pytest.raises(httpx.WriteError):
                client.post(emulator.base_url + FILES, content=iter([body] * 3), headers=headers)
        assert contents(folder) == []


def test_a_reader_keeps_what_it_reads(folder: Path) -> None:
    content = bytes(range(256)) * 2000
    with Emulator(data=folder) as emulator:
        file = emulator.add_file("/a.bin", content, access="PUBLIC_INDEXABLE")
        with (
            httpx.Client(transport=emulator.transport) as client,
            client.stream("GET", file.url, headers={"Range": "bytes=100-400099"}) as response,
        ):
            chunks = response.iter_bytes()
            came = next(chunks)
            call(emulator, "DELETE", f"{FILES}/{file.id}/gdpr-delete")
            assert contents(folder) == []
            assert came + b"".join(chunks) == content[100:400_100]


def test_memory(folder: Path) -> None:
    size, chunk = 48 * 2**20, b"x" * 65_536

    def body() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="folderPath"\r\n\r\n/\r\n'
        yield b'--b\r\nContent-Disposition: form-data; name="options"\r\n\r\n{"access":"PUBLIC_INDEXABLE"}\r\n'
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(size // len(chunk)):
            yield chunk
        yield b"\r\n--b--\r\n"

    with Emulator(data=folder) as emulator, httpx.Client(transport=emulator.transport) as client:
        headers = {"Authorization": f"Bearer {emulator.token}", "Content-Type": "multipart/form-data; boundary=b"}
        tracemalloc.start()
        try:
            stored = client.post(emulator.base_url + FILES, content=body(), headers=headers).json()
            with client.stream("GET", stored["url"]) as response:
                assert sum(len(piece) for piece in response.iter_raw()) == size == stored["size"]
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 8 * 2**20


def test_async_calls_leave_the_loop_free(folder: Path) -> None:
    async def both() -> list[int]:
        with Emulator(data=folder) as emulator:
            async with httpx.AsyncClient(transport=emulator.transport) as client:
                statuses = []

                async def one(number: int) -> None:
                    data = {"folderPath": "/in", "options": '{"access": "PRIVATE"}'}
                    answer = await client.post(
                        emulator.base_url + FILES,
                        data=data,
                        files={"file": ("a.txt", str(number).encode())},
                        headers={"Authorization": f"Bearer {emulator.token}"},
                    )
                    statuses.append(answer.status_code)

                async with anyio.create_task_group() as group:
                    for number in range(10):
                        group.start_soon(one, number)
            assert sorted(file.content or b"" for file in emulator.files) == [str(n).encode() for n in range(10)]
            return statuses

    assert anyio.run(both) == [201] * 10


@pytest.mark.parametrize("undone", ["by us", "by SQLite"])
def test_what_cannot_be_committed_leaves_no_trace(folder: Path, undone: str) -> None:
    with Emulator(data=folder) as emulator:
        file = upload(emulator, b"old").json()["id"]
        database = emulator._store._db
        database.execute("PRAGMA foreign_keys = ON")

        def replace() -> None:
            options = {"options": '{"access": "PRIVATE"}'}
            with emulator._store.transaction():
                call(emulator, "PUT", f"{FILES}/{file}", data=options, files={"file": ("a", b"new")})
                assert contents(folder) == ["000000000001", "000000000002"]
                if undone == "by us":
                    # A missing parent is then complained of when all is committed, not before.
                    database.execute("PRAGMA defer_foreign_keys = ON")
                    database.execute("UPDATE files SET folder_id = 1")
                else:
                    database.execute("INSERT OR ROLLBACK INTO files SELECT * FROM files")

        with pytest.raises(sqlite3.IntegrityError):
            replace()
        assert contents(folder) == ["000000000001"]
        assert emulator.add_file("/b.txt", b"more").content == b"more"
        assert emulator.file(file).content == b"old"
        assert contents(folder) == ["000000000001", "000000000002"]


class TestRefused:
    def test_another_account(self, folder: Path) -> None:
        Emulator(data=folder, portal_id=1).close()
        with pytest.raises(ValueError, match="the folder holds account 1, not 2"):
            Emulator(data=folder, portal_id=2)
        Emulator(data=folder, portal_id=1).close()

    def test_something_else(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "account.sqlite").write_bytes(b"no database" * 100)
        with pytest.raises(ValueError, match="does not hold an emulator's account: file is not a database"):
            Emulator(data=folder)

    def test_another_version(self, folder: Path) -> None:
        Emulator(data=folder).close()
        with sqlite3.connect(folder / "account.sqlite") as database:
            database.execute("PRAGMA user_version = 7")
        database.close()
        with pytest.raises(ValueError, match="written by another version"):
            Emulator(data=folder)

    def test_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(OSError, match="file cannot be used: Not a directory"):
            Emulator(data=tmp_path / "file")

    def test_a_folder_in_the_place_of_the_database(self, folder: Path) -> None:
        (folder / "account.sqlite").mkdir(parents=True)
        with pytest.raises(OSError, match="cannot be used: unable to open database file"):
            Emulator(data=folder)
