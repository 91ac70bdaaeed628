"""An account in a folder: persistence, recovery from crashes, exclusive use."""

from __future__ import annotations

import re
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

from hubspot_files.emulator._database import MARK
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
    """Return the names in the folder of the contents, without the account's tag."""
    return sorted(path.name.rpartition("-")[2] for path in (folder / "contents").iterdir())


def tree(folder: Path) -> dict[str, object]:
    """Return the entries of a folder: files with their bytes, links with their targets."""
    return {
        str(path.relative_to(folder)): path.readlink() if path.is_symlink() else path.is_dir() or path.read_bytes()
        for path in folder.rglob("*")
    }


def test_an_account_is_restored_from_its_folder(folder: Path) -> None:
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


def test_ids_of_tasks_are_unique_across_processes(folder: Path) -> None:
    ids = []
    for _ in range(3):
        with Emulator(data=folder) as emulator:
            wanted = {"url": "https://x.test/a", "access": "PRIVATE", "folderPath": "/in"}
            response = call(emulator, "POST", f"{FILES}/import-from-url/async", json=wanted)
            ids += [response.json()["id"], response.headers["x-hubspot-correlation-id"]]
    assert len(set(ids)) == 6


def test_in_memory_and_on_disk_start_with_the_same_token(folder: Path) -> None:
    with Emulator(data=folder, seed=5) as kept, Emulator(seed=5) as passing:
        assert kept.token == passing.token


def test_the_clock_continues_after_reopening(folder: Path) -> None:
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


def test_a_given_clock_is_used_unchanged(folder: Path) -> None:
    with Emulator(data=folder, clock=Clock(START, frozen=True)) as emulator:
        assert emulator.clock.now() == START
    with Emulator(data=folder, start=START + timedelta(days=1)) as emulator:
        assert START + timedelta(days=1) <= emulator.clock.now() < START + timedelta(days=2)


def test_a_folder_in_use_is_refused(folder: Path) -> None:
    program = "import sys; from hubspot_files.testing import Emulator; Emulator(data=sys.argv[1])"
    with Emulator(data=folder) as emulator:
        with pytest.raises(BlockingIOError, match="is in use by another emulator"):
            Emulator(data=folder)
        completed = subprocess.run(
            [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=False
        )
        assert completed.returncode == 1
        assert completed.stderr.splitlines()[-1] == f"BlockingIOError: {folder} is in use by another emulator"
        assert upload(emulator, b"x").status_code == 201
    with Emulator(data=folder) as emulator:
        assert len(emulator.files) == 1


def test_a_terminated_process_keeps_stored_files(folder: Path) -> None:
    program = (
        "import os, sys\nfrom hubspot_files.testing import Emulator\n"
        "emulator = Emulator(data=sys.argv[1])\n"
        "emulator.add_file('/in/a.txt', b'hello')\n"
        "emulator._store.contents.writer(100).write(b'half')\n"
        "os._exit(9)"
    )
    completed = subprocess.run([sys.executable, "-c", program, str(folder)], check=False)
    assert completed.returncode == 9
    # Only leftovers of this account are removed, not other files of similar names.
    [content, draft] = sorted((folder / "contents").iterdir())
    tag = content.name.removesuffix("000000000001")
    assert draft.name.startswith(tag)
    (folder / "contents" / f"{tag}000000000099").write_bytes(b"a content whose row was never written")
    theirs = {
        "000000000099",
        "notes.txt",
        "0" * 32 + ".part",
        f"{'0' * 16}-000000000099",
        f"{'0' * 16}-{'0' * 32}.part",
        f"{tag}notes",
    }
    for name in theirs:
        (folder / "contents" / name).write_text("not ours")
    (folder / "contents" / f"{tag}000000000098").mkdir()
    (folder / "contents" / f"{tag}000000000097").symlink_to(folder / "contents" / "notes.txt")
    with Emulator(data=folder) as emulator:
        assert [(file.path, file.content) for file in emulator.files] == [("/in/a.txt", b"hello")]
    names = {path.name for path in (folder / "contents").iterdir()}
    assert names == {content.name, f"{tag}000000000098", f"{tag}000000000097", *theirs}


def test_a_process_killed_amid_uploads_keeps_stored_files_and_no_partial_ones(folder: Path) -> None:
    program = (
        "import os, sys\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "from hubspot_files.testing import Emulator\n"
        "emulator = Emulator(data=sys.argv[1])\n"
        "def add(n):\n"
        "    file = emulator.add_file(f'/in/{n}', b'%d:' % n * 5000)\n"
        "    os.write(1, f'{file.id} {n}\\n'.encode())\n"  # one write for each line, because several threads write
        "with ThreadPoolExecutor(4) as pool: list(pool.map(add, range(10000)))\n"
    )
    stored: dict[str, int] = {}
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(20)]
            process.kill()
            lines += process.stdout.readlines()
        stored |= {line.split()[0]: int(line.split()[1]) for line in lines if line.endswith("\n")}
        with Emulator(data=folder) as emulator:
            kept = {file.id: file.content for file in emulator.files}
            for file_id, number in stored.items():
                assert kept[file_id] == b"%d:" % number * 5000
            assert len(contents(folder)) == len(kept)


@pytest.mark.parametrize("stage", ["a folder", "the mark", "the contents", "an empty database"])
def test_a_partly_created_folder_is_usable(folder: Path, stage: str) -> None:
    folder.mkdir(parents=True)
    if stage != "a folder":
        (folder / MARK).touch()
    if stage == "the contents":
        (folder / "contents").mkdir()
    if stage == "an empty database":
        (folder / "account.sqlite").touch()
    with Emulator(data=folder) as emulator:
        emulator.add_file("/a.txt", b"hello")
    with Emulator(data=folder) as emulator:
        assert [file.content for file in emulator.files] == [b"hello"]


def test_a_full_disk_leaves_no_partial_content(folder: Path) -> None:
    # Beyond its limit of file size a process gets the same error as on a full disk, with another errno.
    program = (
        "import resource, sys\nfrom hubspot_files.testing import Emulator\n"
        "emulator = Emulator(data=sys.argv[1])\n"
        "emulator.add_file('/a', b'before')\n"
        "_, most = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, most))\n"
        "for size in (50_001, 57_000, 300_000):\n"
        "    try: emulator.add_file('/a', bytes(size))\n"
        "    except OSError: print('full')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))\n"
        "emulator.add_file('/b', b'after')\n"
        "print([file.path for file in emulator.files])\n"
    )
    completed = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True)
    assert completed.stdout == "full\nfull\nfull\n['/a', '/b']\n"
    assert completed.stderr == ""
    assert contents(folder) == ["000000000001", "000000000002"]


def create_older_account(folder: Path) -> None:
    """Create an account of the version without marks of folders and tags of contents."""
    with Emulator(data=folder, portal_id=77) as emulator:
        emulator.add_file("/a.txt", b"hello")
    (folder / MARK).unlink()
    [content] = (folder / "contents").iterdir()
    content.rename(folder / "contents" / "000000000001")
    with sqlite3.connect(folder / "account.sqlite") as database:
        database.execute("DELETE FROM settings WHERE name = 'tag'")
        database.execute("UPDATE files SET blob = '000000000001'")
    database.close()


class TestAFolderWithoutAMark:
    def test_is_opened_if_an_older_version_made_it(self, folder: Path) -> None:
        create_older_account(folder)
        for _ in range(2):
            with Emulator(data=folder) as emulator:
                assert emulator.portal_id == 77
                assert [file.content for file in emulator.files] == [b"hello"]
        assert (folder / MARK).exists()

    def test_is_opened_if_an_older_version_was_killed(self, folder: Path) -> None:
        create_older_account(folder)
        # The write-ahead log holds all the data, and the database file none.
        program = (
            "import os, sqlite3, sys\nread = sqlite3.connect(sys.argv[1])\n"
            "script = '\\n'.join(read.iterdump())\nread.close()\nos.unlink(sys.argv[1])\n"
            "database = sqlite3.connect(sys.argv[1])\ndatabase.execute('PRAGMA journal_mode = WAL')\n"
            "database.executescript(script + 'PRAGMA user_version = 1;')\nos._exit(9)"
        )
        database = folder / "account.sqlite"
        assert subprocess.run([sys.executable, "-c", program, str(database)], check=False).returncode == 9
        assert database.stat().st_size <= 4096
        with Emulator(data=folder) as emulator:
            assert [file.content for file in emulator.files] == [b"hello"]

    @pytest.mark.parametrize(
        "name", ["notes.txt", "contents/000000000042", "contents/notes.txt", "account.sqlite", "account.sqlite-wal"]
    )
    def test_is_refused_if_it_holds_other_files(self, folder: Path, name: str) -> None:
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(b"something of mine")
        before = tree(folder)
        words = f"{folder} holds something that is not an emulator's account, and nothing in it was changed: "
        with pytest.raises(ValueError, match=re.escape(words)) as refused:
            Emulator(data=folder)
        assert "\n" not in str(refused.value)
        assert tree(folder) == before
        # The remedy in the message works.
        Emulator(data=folder / "account").close()

    @pytest.mark.parametrize("log", [False, True])
    def test_is_refused_if_another_program_made_its_database(self, folder: Path, log: bool) -> None:
        folder.mkdir(parents=True)
        database = sqlite3.connect(folder / "account.sqlite")
        database.execute(f"PRAGMA journal_mode = {'WAL' if log else 'DELETE'}")
        database.execute("CREATE TABLE files (id)")
        database.commit()
        before = tree(folder)
        with pytest.raises(ValueError, match="holds something that is not an emulator's account"):
            Emulator(data=folder)
        assert tree(folder) == before
        database.close()


class TestLinks:
    def test_the_folder_itself_may_be_a_link(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
        with Emulator(data=tmp_path / "link") as emulator:
            emulator.add_file("/a.txt", b"hello")
            with pytest.raises(BlockingIOError, match="is in use by another emulator"):
                Emulator(data=tmp_path / "elsewhere")
        assert contents(tmp_path / "elsewhere") == ["000000000001"]

    @pytest.mark.parametrize("name", ["contents", "account.sqlite", "account.sqlite-wal", MARK])
    @pytest.mark.parametrize("made", [True, False])
    @pytest.mark.parametrize("dangling", [True, False])
    def test_links_out_of_the_folder_are_refused(
        self, folder: Path, tmp_path: Path, name: str, made: bool, dangling: bool
    ) -> None:
        outside = tmp_path / "outside"
        folder.mkdir(parents=True)
        if made:
            Emulator(data=folder).close()
        if (folder / name).exists():
            (folder / name).rename(outside)
        elif name == "contents":
            outside.mkdir()
        else:
            outside.touch()
        if name == "contents":
            (outside / "000000000042").write_text("mine")
        if dangling:
            outside.rename(tmp_path / "moved")
        (folder / name).symlink_to(outside)
        before = tree(tmp_path)
        words = f"{folder / name} is a symbolic link, which the emulator does not follow: remove it, or use another"
        with pytest.raises(ValueError, match=re.escape(words)):
            Emulator(data=folder)
        assert tree(tmp_path) == before

    def test_links_in_place_of_a_content_are_not_followed(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "outside").write_text("mine")
        with Emulator(data=folder) as emulator:
            file = emulator.add_file("/a.txt", b"hello", access="PUBLIC_INDEXABLE")
            [content] = (folder / "contents").iterdir()
            content.unlink()
            content.symlink_to(tmp_path / "outside")
            with pytest.raises(FileNotFoundError):
                emulator.file(file.id)
            call(emulator, "DELETE", f"{FILES}/{file.id}/gdpr-delete")
            assert content.is_symlink()
            kept = emulator.add_file("/b.txt", b"hello")
        [content] = [path for path in (folder / "contents").iterdir() if not path.is_symlink()]
        content.unlink()
        content.symlink_to(tmp_path / "outside")
        with pytest.raises(ValueError, match=f"{content} is not a content that the emulator wrote"):
            Emulator(data=folder)
        assert content.is_symlink()
        assert kept.content == b"hello"

    def test_paths_in_the_database_cannot_leave_the_folder(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "mine").write_text("mine")
        with Emulator(data=folder) as emulator:
            emulator.add_file("/a.txt", b"hello")
        with sqlite3.connect(folder / "account.sqlite") as database:
            database.execute("UPDATE files SET blob = '../../../mine'")
        database.close()
        with pytest.raises(ValueError, match="mine is not a content that the emulator wrote"):
            Emulator(data=folder)
        assert (tmp_path / "mine").exists()


def test_contents_are_added_and_removed_with_their_files(folder: Path) -> None:
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


def test_an_incomplete_form_leaves_no_content(folder: Path) -> None:
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


def test_a_reader_keeps_a_deleted_content(folder: Path) -> None:
    content = bytes(range(256)) * 2000
    with Emulator(data=folder) as emulator:
        file = emulator.add_file("/a.bin", content, access="PUBLIC_INDEXABLE")
        with (
            httpx.Client(transport=emulator.transport) as client,
            client.stream("GET", file.url, headers={"Range": "bytes=100-400099"}) as response,
        ):
            chunks = response.iter_bytes()
            first_chunk = next(chunks)
            call(emulator, "DELETE", f"{FILES}/{file.id}/gdpr-delete")
            assert contents(folder) == []
            assert first_chunk + b"".join(chunks) == content[100:400_100]


def test_large_contents_take_little_memory(folder: Path) -> None:
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


def test_async_calls_do_not_block_the_event_loop(folder: Path) -> None:
    async def both() -> list[int]:
        with Emulator(data=folder) as emulator:
            async with httpx.AsyncClient(transport=emulator.transport) as client:
                statuses = []

                async def one(number: int) -> None:
                    data = {"folderPath": "/in", "options": '{"access": "PRIVATE"}'}
                    response = await client.post(
                        emulator.base_url + FILES,
                        data=data,
                        files={"file": ("a.txt", str(number).encode())},
                        headers={"Authorization": f"Bearer {emulator.token}"},
                    )
                    statuses.append(response.status_code)

                async with anyio.create_task_group() as group:
                    for number in range(10):
                        group.start_soon(one, number)
            assert sorted(file.content or b"" for file in emulator.files) == [str(n).encode() for n in range(10)]
            return statuses

    assert anyio.run(both) == [201] * 10


@pytest.mark.parametrize("undone", ["by us", "by SQLite"])
def test_a_failed_commit_leaves_no_trace(folder: Path, undone: str) -> None:
    with Emulator(data=folder) as emulator:
        file = upload(emulator, b"old").json()["id"]
        database = emulator._store.database.connection
        database.execute("PRAGMA foreign_keys = ON")

        def replace() -> None:
            options = {"options": '{"access": "PRIVATE"}'}
            with emulator._store.transaction():
                call(emulator, "PUT", f"{FILES}/{file}", data=options, files={"file": ("a", b"new")})
                assert contents(folder) == ["000000000001", "000000000002"]
                if undone == "by us":
                    # A missing parent is then an error of the commit, not of the statement.
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
    def test_another_portal_id_is_refused(self, folder: Path) -> None:
        Emulator(data=folder, portal_id=1).close()
        with pytest.raises(ValueError, match="the folder holds account 1, not 2"):
            Emulator(data=folder, portal_id=2)
        Emulator(data=folder, portal_id=1).close()

    def test_an_unreadable_database_is_refused(self, folder: Path) -> None:
        Emulator(data=folder).close()
        (folder / "account.sqlite").write_bytes(b"no database" * 100)
        self.refuses(folder, "does not hold an emulator's account that can be read (file is not a database), and")

    def test_a_newer_version_is_refused(self, folder: Path) -> None:
        self.change(folder, "PRAGMA user_version = 7")
        self.refuses(folder, "was written by a newer version of the emulator: upgrade hubspot-files, or use another")

    @pytest.mark.parametrize("version", [0, 1, 7])
    def test_a_database_of_another_program_is_refused(self, folder: Path, version: int) -> None:
        self.change(folder, f"DROP TABLE tokens; PRAGMA user_version = {version}")
        self.refuses(folder, f"{folder / 'account.sqlite'} is not an emulator's account: use another folder")

    def test_a_damaged_database_is_refused(self, folder: Path) -> None:
        with Emulator(data=folder) as emulator:
            for number in range(300):
                emulator.add_file(f"/{number}")
        database = folder / "account.sqlite"
        pages = database.read_bytes()
        database.write_bytes(pages[:8192] + b"\xa5" * 16_384 + pages[24_576:])
        self.refuses(folder, "does not hold an emulator's account that can be read (")

    def test_a_truncated_database_is_refused(self, folder: Path) -> None:
        with Emulator(data=folder) as emulator:
            for number in range(300):
                emulator.add_file(f"/{number}")
        database = folder / "account.sqlite"
        database.write_bytes(database.read_bytes()[:-20_000])
        self.refuses(folder, "does not hold an emulator's account that can be read (")

    def change(self, folder: Path, script: str) -> None:
        Emulator(data=folder).close()
        with sqlite3.connect(folder / "account.sqlite") as database:
            database.executescript(script)
        database.close()

    def refuses(self, folder: Path, words: str) -> None:
        """Check that the message is one line, and that nothing is changed, not even leftovers."""
        (folder / "contents" / "000000000099").write_text("a leftover, or not")
        before = tree(folder)
        with pytest.raises(ValueError, match=re.escape(words)) as refused:
            Emulator(data=folder)
        assert "another folder" in str(refused.value)
        assert "\n" not in str(refused.value)
        assert tree(folder) == before

    def test_a_file_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(OSError, match="file cannot be used: Not a directory"):
            Emulator(data=tmp_path / "file")

    @pytest.mark.parametrize("name", ["account.sqlite", "account.sqlite-journal", MARK])
    def test_a_folder_in_place_of_a_file_is_refused(self, folder: Path, name: str) -> None:
        (folder / name).mkdir(parents=True)
        with pytest.raises(ValueError, match=f"{name} is not a file, as it is in an emulator's account: use another"):
            Emulator(data=folder)

    def test_a_file_in_place_of_a_folder_is_refused(self, folder: Path) -> None:
        Emulator(data=folder).close()
        (folder / "contents").rmdir()
        (folder / "contents").touch()
        with pytest.raises(ValueError, match="contents is not a folder, as it is in an emulator's account: use"):
            Emulator(data=folder)

    def test_a_database_in_use_by_another_program_is_refused(self, folder: Path) -> None:
        Emulator(data=folder).close()
        database = sqlite3.connect(folder / "account.sqlite")
        database.execute("BEGIN IMMEDIATE")
        with pytest.raises(BlockingIOError, match="is in use by another emulator"):
            Emulator(data=folder)
        database.close()
