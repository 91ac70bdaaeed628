"""Destinations of downloads: existing names, paths that are not regular files, and interruptions."""

from __future__ import annotations

import errno
import functools
import os
import re
import secrets
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import anyio
import httpx
import pytest
import respx

from hubspot_files import AsyncHubSpotFiles, DownloadCorruptedError, RequestTimeoutError, UnexpectedResponseError
from hubspot_files._content import atomic_file as module
from hubspot_files.testing import Emulator

from .support import FILE, Client, FakeClock, NoWaiting, enter, run_traced

NO_LINKS = [errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EINVAL]
POLICIES = ["refuse", "number", "replace"]


class HubSpot:
    """An account with files of one name in several folders.

    Attributes:
        emulator: sends the responses.
        before_content: called before content is sent.
        content: sent in place of the stored content, or None.
        contents_sent: how often content was requested.
    """

    def __init__(self, emulator: Emulator, client: Client) -> None:
        self.emulator = emulator
        self.client = client
        self.before_content: Callable[[], object] = lambda: None
        self.content: bytes | None = None
        self.contents_sent = 0

    def add(self, content: bytes = b"new", path: str = "/acme/invoice.pdf") -> str:
        return self.emulator.add_file(path, content).id

    def respond(self, request: httpx.Request) -> httpx.Response:
        if str(request.url).startswith(self.emulator.storage_url):
            self.contents_sent += 1
            self.before_content()
            if self.content is not None:
                return httpx.Response(200, content=self.content)
        return self.emulator.side_effect(request)

    def download(self, file_id: str, destination: Any, **options: Any) -> Any:
        return self.client(
            lambda hubspot: hubspot.files.download(file_id, destination, **options), access_token=self.emulator.token
        )


@pytest.fixture
def hubspot(client: Client) -> Iterator[HubSpot]:
    with Emulator() as emulator, respx.mock(assert_all_called=False) as router:
        account = HubSpot(emulator, client)
        router.route().mock(side_effect=account.respond)
        yield account


@pytest.fixture(params=["links", "no links"])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use file systems with and without hard links."""
    if request.param == "no links":
        monkeypatch.setattr(os, "link", refusing(errno.EPERM))


def refusing(code: int) -> Callable[..., Any]:
    """Return a system function that fails for the given names."""

    def refuse(*paths: Any, **_: Any) -> Any:
        raise OSError(code, os.strerror(code), *map(os.fspath, paths[:1]))

    return refuse


def names(directory: Path) -> list[str]:
    return sorted(os.listdir(directory))


class TestInADirectory:
    @pytest.mark.promise("`FileExistsError` is raised before content is fetched if the name is taken by then.")
    def test_refuses_an_existing_name_before_content_is_fetched(self, hubspot: HubSpot, tmp_path: Path) -> None:
        hubspot.download(hubspot.add(b"acme"), tmp_path)
        with pytest.raises(
            FileExistsError, match=r'pass if_exists="number" or if_exists="replace", or a path'
        ) as caught:
            hubspot.download(hubspot.add(b"globex", "/globex/invoice.pdf"), f"{tmp_path}/")
        assert caught.value.filename == str(tmp_path / "invoice.pdf")
        assert caught.value.errno == errno.EEXIST
        assert hubspot.contents_sent == 1
        assert (tmp_path / "invoice.pdf").read_bytes() == b"acme"
        assert names(tmp_path) == ["invoice.pdf"]

    @pytest.mark.promise("A directory is never replaced.")
    @pytest.mark.usefixtures("links")
    @pytest.mark.parametrize("make", [lambda path: path.write_bytes(b"other"), lambda path: path.mkdir()])
    def test_refuses_a_name_taken_during_the_download(
        self, hubspot: HubSpot, tmp_path: Path, make: Callable[[Path], object]
    ) -> None:
        hubspot.before_content = lambda: make(tmp_path / "invoice.pdf")
        with pytest.raises(FileExistsError, match="the name is taken") as caught:
            hubspot.download(hubspot.add(), tmp_path)
        assert caught.value.filename == str(tmp_path / "invoice.pdf")
        assert names(tmp_path) == ["invoice.pdf"]
        assert (tmp_path / "invoice.pdf").is_dir() or (tmp_path / "invoice.pdf").read_bytes() == b"other"

    @pytest.mark.usefixtures("links")
    def test_numbers_an_existing_name(self, hubspot: HubSpot, tmp_path: Path) -> None:
        (tmp_path / "backup (2).tar.gz").mkdir()
        for number, name in enumerate(["backup.tar.gz", "backup (1).tar.gz", "backup (3).tar.gz"]):
            file_id = hubspot.add(bytes([number]), f"/{number}/backup.tar.gz")
            assert hubspot.download(file_id, tmp_path, if_exists="number") == tmp_path / name
            assert (tmp_path / name).read_bytes() == bytes([number])
        assert len(names(tmp_path)) == 4

    @pytest.mark.promise(
        "`if_exists` says whether a taken name is refused, numbered or replaced, even if several threads, "
        "tasks and processes download at once."
    )
    def test_replaces_a_file_on_request(self, hubspot: HubSpot, tmp_path: Path) -> None:
        (tmp_path / "invoice.pdf").write_bytes(b"old")
        assert hubspot.download(hubspot.add(), tmp_path, if_exists="replace") == tmp_path / "invoice.pdf"
        assert (tmp_path / "invoice.pdf").read_bytes() == b"new"

    @pytest.mark.promise("A directory is never replaced.")
    def test_never_replaces_a_directory(self, hubspot: HubSpot, tmp_path: Path) -> None:
        (tmp_path / "invoice.pdf").mkdir()
        with pytest.raises(IsADirectoryError, match="a folder has this name; pass another path") as caught:
            hubspot.download(hubspot.add(), tmp_path, if_exists="replace")
        assert caught.value.filename == str(tmp_path / "invoice.pdf")
        assert hubspot.contents_sent == 0

    def test_compares_names_as_the_file_system_does(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """For example without case, on macOS and Windows."""
        link = os.link

        def fold(source: Any, target: Any) -> None:
            link(source, os.path.join(os.path.dirname(target), os.path.basename(target).lower()))

        monkeypatch.setattr(os, "link", fold)
        hubspot.download(hubspot.add(b"1", "/1/Cat.png"), tmp_path, if_exists="number")
        path = hubspot.download(hubspot.add(b"2", "/2/CAT.png"), tmp_path, if_exists="number")
        assert path == tmp_path / "CAT (1).png"
        assert names(tmp_path) == ["cat (1).png", "cat.png"]

    def test_names_that_are_equal_once_sanitized(self, hubspot: HubSpot, tmp_path: Path) -> None:
        hubspot.download(hubspot.add(b"1", "/1/a:b.txt"), tmp_path)
        with pytest.raises(FileExistsError):
            hubspot.download(hubspot.add(b"2", "/2/a?b.txt"), tmp_path)

    @pytest.mark.parametrize("code", NO_LINKS)
    def test_a_file_system_without_links(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
    ) -> None:
        monkeypatch.setattr(os, "link", refusing(code))
        assert hubspot.download(hubspot.add(), tmp_path).read_bytes() == b"new"
        assert names(tmp_path) == ["invoice.pdf"]

    @pytest.mark.promise(
        "On a file system without hard links, such as FAT, an empty file reserves the name until the partial "
        "file is renamed."
    )
    def test_without_links_an_empty_file_reserves_the_name(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held: list[bytes] = []
        replace = os.replace

        def check_names(source: Any, target: Any) -> None:
            held.append(Path(target).read_bytes())
            replace(source, target)

        monkeypatch.setattr(os, "link", refusing(errno.EPERM))
        monkeypatch.setattr(os, "replace", check_names)
        assert hubspot.download(hubspot.add(), tmp_path).read_bytes() == b"new"
        assert held == [b""]

    @pytest.mark.usefixtures("links")
    def test_a_failed_rename_leaves_no_file(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "link", refusing(errno.EPERM))
        monkeypatch.setattr(os, "replace", refusing(errno.EIO))
        with pytest.raises(OSError, match="error") as caught:
            hubspot.download(hubspot.add(), tmp_path)
        assert (caught.value.errno, caught.value.filename) == (errno.EIO, str(tmp_path / "invoice.pdf"))
        assert names(tmp_path) == []


class TestAtAPath:
    @pytest.mark.parametrize("policy", [None, "replace"])
    def test_replaces_the_file(self, hubspot: HubSpot, tmp_path: Path, policy: Any) -> None:
        (tmp_path / "a.pdf").write_bytes(b"old")
        assert hubspot.download(hubspot.add(), tmp_path / "a.pdf", if_exists=policy) == tmp_path / "a.pdf"
        assert (tmp_path / "a.pdf").read_bytes() == b"new"

    def test_refuses_an_existing_file(self, hubspot: HubSpot, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").write_bytes(b"old")
        with pytest.raises(FileExistsError):
            hubspot.download(hubspot.add(), str(tmp_path / "a.pdf"), if_exists="refuse")
        assert (tmp_path / "a.pdf").read_bytes() == b"old"
        assert hubspot.contents_sent == 0

    @pytest.mark.usefixtures("links")
    def test_numbers_the_name(self, hubspot: HubSpot, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").write_bytes(b"old")
        path = hubspot.download(hubspot.add(), str(tmp_path / "a.pdf"), if_exists="number")
        assert path == tmp_path / "a (1).pdf"
        assert (names(tmp_path), path.read_bytes()) == (["a (1).pdf", "a.pdf"], b"new")

    @pytest.mark.parametrize("policy", ["refuse", "number"])
    def test_a_dangling_link_counts_as_existing(self, hubspot: HubSpot, tmp_path: Path, policy: Any) -> None:
        (tmp_path / "a.pdf").symlink_to("nowhere")
        if policy == "refuse":
            with pytest.raises(FileExistsError):
                hubspot.download(hubspot.add(), tmp_path / "a.pdf", if_exists=policy)
        else:
            assert hubspot.download(hubspot.add(), tmp_path / "a.pdf", if_exists=policy) == tmp_path / "a (1).pdf"
        assert os.readlink(tmp_path / "a.pdf") == "nowhere"

    @pytest.mark.parametrize(
        ("destination", "policy", "error", "message"),
        [
            ("a.pdf", "skip", ValueError, "if_exists 'skip' is not valid; use one of refuse, number, replace"),
            ("a.pdf", True, ValueError, "if_exists True is not valid; use one of refuse, number, replace"),
            (sys.stdout.buffer, "replace", ValueError, "if_exists is for paths: leave it out if"),
            ("", None, ValueError, "must be a path that is not empty and contains no NUL; '.' is the current"),
            (Path("a\0b"), None, ValueError, "must be a path that is not empty and contains no NUL"),
            (os.DirEntry, None, TypeError, "must be a path or a binary stream to write to, not the class DirEntry"),
        ],
    )
    def test_refuses_an_invalid_path_before_anything_is_sent(
        self, client: Client, destination: Any, policy: Any, error: type[Exception], message: str
    ) -> None:
        with respx.mock, pytest.raises(error, match=message):
            client(lambda hubspot: hubspot.files.download("1", destination, if_exists=policy))

    def test_refuses_a_path_of_bytes_before_anything_is_sent(self, client: Client, tmp_path: Path) -> None:
        (tmp_path / "a").touch()
        with os.scandir(os.fsencode(tmp_path)) as entries:
            destination: Any = next(entries)
        with respx.mock, pytest.raises(TypeError, match="a path or a binary stream to write to, not DirEntry"):
            client(lambda hubspot: hubspot.files.download("1", destination))


@pytest.mark.usefixtures("links")
class TestConcurrentDownloads:
    """Files of one name into one directory: each gets its own name and content."""

    COUNT = 24

    def contents(self, directory: Path) -> list[bytes]:
        return sorted(path.read_bytes() for path in directory.iterdir())

    @pytest.mark.promise(
        "`if_exists` says whether a taken name is refused, numbered or replaced, even if several threads, "
        "tasks and processes download at once."
    )
    def test_threads(self, tmp_path: Path) -> None:
        with Emulator() as emulator, emulator.client() as hubspot, ThreadPoolExecutor(8) as threads:
            ids = [emulator.add_file(f"/{n}/invoice.pdf", b"%03d" % n).id for n in range(self.COUNT)]
            paths = list(threads.map(lambda id: hubspot.files.download(id, tmp_path, if_exists="number"), ids))
        assert [path.read_bytes() for path in paths if path] == [b"%03d" % n for n in range(self.COUNT)]
        assert len(set(paths)) == len(names(tmp_path)) == self.COUNT

    @pytest.mark.promise(
        "`if_exists` says whether a taken name is refused, numbered or replaced, even if several threads, "
        "tasks and processes download at once."
    )
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_tasks(self, tmp_path: Path, backend: str) -> None:
        async def main() -> None:
            with Emulator() as emulator:
                ids = [emulator.add_file(f"/{n}/invoice.pdf", b"%03d" % n).id for n in range(self.COUNT)]

                async def fetch(hubspot: AsyncHubSpotFiles, file_id: str) -> None:
                    paths.append(await hubspot.files.download(file_id, tmp_path, if_exists="number"))

                async with emulator.async_client() as hubspot, anyio.create_task_group() as tasks:
                    for file_id in ids:
                        tasks.start_soon(fetch, hubspot, file_id)

        paths: list[Path | None] = []
        anyio.run(main, backend=backend)
        assert self.contents(tmp_path) == [b"%03d" % n for n in range(self.COUNT)]
        assert len(set(paths)) == self.COUNT

    @pytest.mark.promise(
        "`if_exists` says whether a taken name is refused, numbered or replaced, even if several threads, "
        "tasks and processes download at once."
    )
    def test_one_of_several_wins_where_existing_names_are_refused(self, tmp_path: Path) -> None:
        def fetch(file_id: str) -> bool:
            try:
                hubspot.files.download(file_id, tmp_path)
            except FileExistsError:
                return False
            return True

        with Emulator() as emulator, emulator.client() as hubspot, ThreadPoolExecutor(8) as threads:
            won = list(threads.map(fetch, [emulator.add_file(f"/{n}/a.pdf", b"%d" % n).id for n in range(8)]))
        assert won.count(True) == 1
        assert self.contents(tmp_path) == [b"%d" % won.index(True)]


@pytest.mark.promise(
    "`if_exists` says whether a taken name is refused, numbered or replaced, even if several threads, "
    "tasks and processes download at once."
)
@pytest.mark.parametrize("has_links", [True, False])
def test_concurrent_processes(tmp_path: Path, has_links: bool) -> None:
    program = f"""
        import errno, os, sys
        from hubspot_files.testing import Emulator

        def refuse(*_):
            raise OSError(errno.EPERM, "no links here")

        if not {has_links}:
            os.link = refuse
        with Emulator() as emulator, emulator.client() as hubspot:
            ids = [emulator.add_file(f"/{{n}}/invoice.pdf", f"{{sys.argv[2]}} {{n}}".encode()).id for n in range(20)]
            print("ready", flush=True)
            sys.stdin.readline()
            for file_id in ids:
                hubspot.files.download(file_id, sys.argv[1], if_exists="number")
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)]
    running = [
        subprocess.Popen([*command, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) for number in range(3)
    ]
    for process in running:
        assert process.stdout
        assert process.stdout.readline().strip() == b"ready"
    for process in running:
        process.communicate(b"\n", timeout=60)
        assert process.returncode == 0
    contents = sorted(path.read_bytes() for path in tmp_path.iterdir())
    assert contents == sorted(f"{number} {n}".encode() for number in range(3) for n in range(20))


class TestMetadata:
    @pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o777])
    def test_keeps_the_mode_of_the_replaced_file(self, hubspot: HubSpot, tmp_path: Path, mode: int) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(b"old")
        path.chmod(mode)
        modes: list[int] = []
        hubspot.before_content = lambda: modes.extend(
            stat.S_IMODE(partial.stat().st_mode) for partial in tmp_path.glob(".hubspot-files-*.part")
        )
        hubspot.download(hubspot.add(), path)
        assert path.read_bytes() == b"new"
        assert stat.S_IMODE(path.stat().st_mode) == mode
        assert modes == [0o600]

    def test_removes_setuid(self, hubspot: HubSpot, tmp_path: Path) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(b"old")
        path.chmod(0o4755)
        hubspot.download(hubspot.add(), path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o755

    def test_keeps_a_mode_changed_during_the_download(self, hubspot: HubSpot, tmp_path: Path) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(b"old")
        path.chmod(0o644)
        hubspot.before_content = lambda: path.chmod(0o600)
        hubspot.download(hubspot.add(), path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_keeps_the_mode_of_a_file_removed_during_the_download(self, hubspot: HubSpot, tmp_path: Path) -> None:
        path = tmp_path / "a.pdf"
        path.write_bytes(b"old")
        path.chmod(0o640)
        hubspot.before_content = path.unlink
        hubspot.download(hubspot.add(), path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640

    @pytest.mark.parametrize("policy", POLICIES)
    def test_new_files_have_the_mode_of_the_umask(self, hubspot: HubSpot, tmp_path: Path, policy: Any) -> None:
        old = os.umask(0o027)
        try:
            path = hubspot.download(hubspot.add(), tmp_path, if_exists=policy)
        finally:
            os.umask(old)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640

    @pytest.mark.parametrize(
        ("refused", "mode"),
        [([], 0o664), ([0], 0o664), ([1], 0o644), ([0, 1], 0o644)],
        ids=["", "owner", "group", "both"],
    )
    def test_keeps_owner_and_group_where_permitted(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: list[int], mode: int
    ) -> None:
        """Another group gets no more permissions than others have."""
        path = tmp_path / "a.pdf"
        path.write_bytes(b"old")
        path.chmod(0o664)
        changed: list[tuple[int, int]] = []

        def chown(_: Any, *ids: int) -> None:
            if any(ids[index] != -1 for index in refused):
                raise PermissionError(errno.EPERM, "not yours")
            changed.append(ids)

        monkeypatch.setattr(os, "chown", chown)
        owned = path.stat()
        hubspot.download(hubspot.add(), path)
        wanted = [(owned.st_uid, -1), (-1, owned.st_gid)]
        assert changed == [ids for index, ids in enumerate(wanted) if index not in refused]
        assert stat.S_IMODE(path.stat().st_mode) == mode

    def test_keeps_the_access_control_list(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held = {"system.posix_acl_access": b"acl"}
        given: dict[str, bytes] = {}

        def get(path: Any, name: str) -> bytes:
            assert path == tmp_path / "a.pdf"
            if name not in held:
                raise OSError(errno.ENODATA, "no such attribute")
            return held[name]

        monkeypatch.setattr(os, "getxattr", get, raising=False)
        monkeypatch.setattr(os, "setxattr", lambda _, name, value: given.update({name: value}), raising=False)
        (tmp_path / "a.pdf").write_bytes(b"old")
        hubspot.download(hubspot.add(), tmp_path / "a.pdf")
        assert given == held

    @pytest.mark.parametrize("missing", [["chown"], ["getxattr"]], ids=["as Windows", "as macOS"])
    def test_skips_metadata_that_the_system_lacks(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: list[str]
    ) -> None:
        for name in missing:
            monkeypatch.delattr(os, name, raising=False)
        (tmp_path / "a.pdf").write_bytes(b"old")
        hubspot.download(hubspot.add(), tmp_path / "a.pdf")
        assert (tmp_path / "a.pdf").read_bytes() == b"new"

    def test_leaves_other_hard_links_unchanged(self, hubspot: HubSpot, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").write_bytes(b"old")
        os.link(tmp_path / "a.pdf", tmp_path / "b.pdf")
        hubspot.download(hubspot.add(), tmp_path / "a.pdf")
        assert [(tmp_path / name).read_bytes() for name in ("a.pdf", "b.pdf")] == [b"new", b"old"]


class TestSymbolicLinks:
    @pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nowhere"])
    def test_are_followed_as_open_does(self, hubspot: HubSpot, tmp_path: Path, there: bool) -> None:
        real, links = tmp_path / "real", tmp_path / "links"
        real.mkdir()
        links.mkdir()
        if there:
            (real / "a.pdf").write_bytes(b"old")
        (links / "first").symlink_to("second")
        (links / "second").symlink_to(Path("..", "real", "a.pdf"))
        beside: list[list[str]] = []
        hubspot.before_content = lambda: beside.append(names(links))

        assert hubspot.download(hubspot.add(), links / "first") == links / "first"

        assert (real / "a.pdf").read_bytes() == b"new"
        assert os.readlink(links / "first") == "second"
        # The partial file is in the folder of the replaced file, on the same file system.
        assert (names(real), beside) == (["a.pdf"], [["first", "second"]])

    def test_to_a_parent_folder_are_followed(self, hubspot: HubSpot, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to("real")
        assert hubspot.download(hubspot.add(), tmp_path / "link" / "a.pdf") == tmp_path / "link" / "a.pdf"
        assert hubspot.download(hubspot.add(path="/b.pdf"), tmp_path / "link") == tmp_path / "link" / "b.pdf"
        assert names(tmp_path / "real") == ["a.pdf", "b.pdf"]

    def test_to_a_missing_folder_are_an_error(self, hubspot: HubSpot, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").symlink_to(tmp_path / "none" / "a.pdf")
        with pytest.raises(FileNotFoundError, match="there is no such folder") as caught:
            hubspot.download(hubspot.add(), tmp_path / "a.pdf")
        assert caught.value.filename == str(tmp_path / "none")

    def test_in_a_loop_are_an_error(self, hubspot: HubSpot, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to("b")
        (tmp_path / "b").symlink_to("a")
        with pytest.raises(OSError, match=re.escape(str(tmp_path / "a"))) as caught:
            hubspot.download(hubspot.add(), tmp_path / "a")
        assert caught.value.errno == errno.ELOOP
        assert hubspot.contents_sent == 0


class Reader:
    """Open a FIFO for reading after the driver has slept that many times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, path: Path, waits: int) -> None:
        self.path = path
        self.left = waits
        self.slept: list[float] = []
        self.descriptor = -1

        monkeypatch.setattr(NoWaiting, "sleep", lambda _, seconds: self.sleep(seconds))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.left -= 1
        if self.left == 0:
            self.open()

    def open(self) -> None:
        self.descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)

    def read(self) -> bytes:
        with open(self.descriptor, "rb") as stream:
            return stream.read()


class TestSpecialFiles:
    @pytest.fixture
    def fifo(self, tmp_path: Path) -> Path:
        os.mkfifo(tmp_path / "pipe")
        return tmp_path / "pipe"

    def test_a_fifo_is_written_once_it_has_a_reader(
        self, hubspot: HubSpot, fifo: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reader = Reader(monkeypatch, fifo, waits=3)
        assert hubspot.download(hubspot.add(), fifo) == fifo
        assert (reader.read(), reader.slept) == (b"new", [0.05] * 3)
        assert stat.S_ISFIFO(fifo.stat().st_mode)
        assert names(fifo.parent) == ["pipe"]

    def test_a_full_fifo_is_written_as_it_is_read(
        self, hubspot: HubSpot, fifo: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Content larger than the FIFO's buffer is written while the reader reads."""
        content = bytes(range(256)) * 1000
        came: list[bytes] = []
        thread = threading.Thread(target=lambda: came.append(fifo.read_bytes()))
        reader = Reader(monkeypatch, fifo, waits=1)
        monkeypatch.setattr(reader, "open", thread.start)
        monkeypatch.setattr(reader, "left", 1)
        hubspot.download(hubspot.add(content), fifo)
        thread.join()
        assert came == [content]

    @pytest.mark.promise("The wait for the reader of a FIFO ends at the `deadline`, and can be cancelled.")
    def test_waiting_for_a_reader_ends_at_the_deadline(self, hubspot: HubSpot, fifo: Path, clock: FakeClock) -> None:
        file_id = hubspot.add()
        with pytest.raises(
            RequestTimeoutError, match=r"no process opened the FIFO .*pipe for reading within deadline="
        ):
            hubspot.client(
                lambda client: client.with_options(deadline=2).files.download(file_id, fifo),
                access_token=hubspot.emulator.token,
            )
        assert clock.now == pytest.approx(1002, abs=0.1)
        assert hubspot.contents_sent == 0

    @pytest.mark.promise("The wait for the reader of a FIFO ends at the `deadline`, and can be cancelled.")
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_waiting_for_a_reader_can_be_cancelled(
        self, fifo: Path, backend: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def main() -> None:
            async def sleep(_: NoWaiting, seconds: float) -> None:
                scope.cancel()
                await anyio.sleep(seconds)

            monkeypatch.setattr(NoWaiting, "sleep_async", sleep)
            with Emulator() as emulator:
                file_id = emulator.add_file("/a", b"a").id
                async with emulator.async_client() as hubspot:
                    with anyio.CancelScope() as scope:
                        await hubspot.files.download(file_id, fifo)
            assert scope.cancelled_caught

        anyio.run(main, backend=backend)

    def test_a_reader_that_closes_is_an_error_of_the_path(
        self, hubspot: HubSpot, fifo: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reader = Reader(monkeypatch, fifo, waits=1)
        hubspot.before_content = lambda: os.close(reader.descriptor)
        with pytest.raises(BrokenPipeError) as caught:
            hubspot.download(hubspot.add(), fifo)
        assert caught.value.filename == str(fifo)

    @pytest.mark.promise(
        "A FIFO, a device and a descriptor such as `/dev/stdout` are written to directly, before the "
        "content is verified."
    )
    def test_a_device(self, hubspot: HubSpot) -> None:
        before = os.stat(os.devnull)
        assert hubspot.download(hubspot.add(), os.devnull) == Path(os.devnull)
        assert (os.stat(os.devnull).st_mode, os.stat(os.devnull).st_rdev) == (before.st_mode, before.st_rdev)

    def test_a_device_through_a_link(self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Also where opening never blocks, as on Windows."""
        monkeypatch.setattr(module, "_NONBLOCK", 0)
        (tmp_path / "link").symlink_to(os.devnull)
        hubspot.download(hubspot.add(), tmp_path / "link")
        assert os.readlink(tmp_path / "link") == os.devnull

    def test_a_device_without_its_driver_is_an_error(self, hubspot: HubSpot, monkeypatch: pytest.MonkeyPatch) -> None:
        """ENXIO means a missing reader for a FIFO only."""
        monkeypatch.setattr(module, "_open_existing", refusing(errno.ENXIO))
        with pytest.raises(OSError, match=os.devnull) as caught:
            hubspot.download(hubspot.add(), os.devnull)
        assert caught.value.errno == errno.ENXIO

    @pytest.mark.promise(
        "A FIFO, a device and a descriptor such as `/dev/stdout` are written to directly, before the "
        "content is verified."
    )
    @pytest.mark.parametrize("form", ["/dev/fd/{}", "/proc/self/fd/{}", "/proc/thread-self/fd/{}", "/proc/{pid}/fd/{}"])
    def test_a_descriptor_is_written_at_its_position(self, hubspot: HubSpot, tmp_path: Path, form: str) -> None:
        """For example a standard output redirected to a file that another program writes too."""
        with open(tmp_path / "out", "wb", buffering=0) as out:
            out.write(b"before ")
            (tmp_path / "link").symlink_to(form.format(out.fileno(), pid=os.getpid()))
            hubspot.download(hubspot.add(), tmp_path / "link")
            out.write(b" after")
        assert (tmp_path / "out").read_bytes() == b"before new after"
        assert names(tmp_path) == ["link", "out"]

    def test_a_closed_descriptor_is_refused(self, hubspot: HubSpot) -> None:
        with pytest.raises(OSError, match="/dev/fd/987654") as caught:
            hubspot.download(hubspot.add(), "/dev/fd/987654")
        assert caught.value.errno == errno.EBADF

    def test_a_non_blocking_descriptor(self, hubspot: HubSpot) -> None:
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        try:
            with pytest.raises(BlockingIOError, match="it is in non-blocking mode; set it to blocking mode"):
                hubspot.download(hubspot.add(bytes(1_000_000)), f"/dev/fd/{writing}")
        finally:
            os.close(reading)
            os.close(writing)

    def test_a_loop_of_links_is_not_a_descriptor(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "readlink", lambda _: "another")
        assert hubspot.download(hubspot.add(), tmp_path / "a.pdf").read_bytes() == b"new"

    def test_a_socket_is_refused(self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)  # because the path of a socket must be short
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket")
            with pytest.raises(OSError, match="a socket or a disk cannot be written to") as caught:
                hubspot.download(hubspot.add(), "socket")
        assert (caught.value.errno, caught.value.filename) == (errno.ENXIO, "socket")
        assert hubspot.contents_sent == 0

    @pytest.mark.parametrize("policy", ["refuse", "number"])
    def test_a_fifo_counts_as_existing(self, hubspot: HubSpot, fifo: Path, policy: Any) -> None:
        if policy == "refuse":
            with pytest.raises(FileExistsError):
                hubspot.download(hubspot.add(), fifo, if_exists=policy)
        else:
            assert hubspot.download(hubspot.add(), fifo, if_exists=policy) == fifo.with_name("pipe (1)")


def unflushable(code: int) -> Any:
    """Return an os.fsync that fails."""

    def fsync(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    return fsync


class TestFlushing:
    @pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP])
    def test_an_unsupported_fsync_is_ignored(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
    ) -> None:
        monkeypatch.setattr(os, "fsync", unflushable(code))
        path = hubspot.download(hubspot.add(b"abc"), tmp_path / "a.pdf")
        assert path.read_bytes() == b"abc"

    def test_a_failing_disk_is_an_error(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "fsync", unflushable(errno.EIO))
        with pytest.raises(OSError, match=r"a\.pdf") as caught:
            hubspot.download(hubspot.add(b"abc"), tmp_path / "a.pdf")
        assert caught.value.errno == errno.EIO
        assert names(tmp_path) == []


class TestErrorsNameThePath:
    @pytest.mark.promise(
        'A file that is a mount point is refused with `OSError` after the download; `open(path, "wb")` writes into it.'
    )
    @pytest.mark.parametrize("code", [errno.EBUSY, errno.EXDEV])
    def test_a_mount_point(self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
        """Copying content into it could stop halfway."""
        (tmp_path / "a.pdf").write_bytes(b"old")
        monkeypatch.setattr(os, "replace", refusing(code))
        with pytest.raises(OSError, match=r"mount point .* to write into it, pass open\(path, 'wb'\)") as caught:
            hubspot.download(hubspot.add(), tmp_path / "a.pdf")
        assert (caught.value.errno, caught.value.filename) == (code, str(tmp_path / "a.pdf"))
        assert (names(tmp_path), (tmp_path / "a.pdf").read_bytes()) == (["a.pdf"], b"old")

    @pytest.mark.promise("An `OSError` names the path that you passed, or its folder, and never the partial file.")
    @pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EROFS])
    def test_a_read_only_folder(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
    ) -> None:
        (tmp_path / "a.pdf").write_bytes(b"old")
        monkeypatch.setattr(module, "open", refusing(code), raising=False)
        with pytest.raises(OSError, match="to the same folder, which accepts no new files") as caught:
            hubspot.download(hubspot.add(), tmp_path / "a.pdf")
        assert (caught.value.errno, caught.value.filename) == (code, str(tmp_path))
        assert hubspot.contents_sent == 0

    @pytest.mark.promise("An `OSError` names the path that you passed, or its folder, and never the partial file.")
    @pytest.mark.parametrize(
        ("function", "code"),
        [("open", errno.EMFILE), ("fsync", errno.EIO), ("chmod", errno.EPERM), ("replace", errno.EACCES)],
    )
    def test_any_system_error(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, code: int
    ) -> None:
        (tmp_path / "a.pdf").write_bytes(b"old")
        if function == "open":
            monkeypatch.setattr(module, "open", refusing(code), raising=False)
        else:
            monkeypatch.setattr(os, function, refusing(code) if function != "fsync" else lambda _: refusing(code)())
        with pytest.raises(OSError, match=re.escape(os.strerror(code))) as caught:
            hubspot.download(hubspot.add(), tmp_path / "a.pdf")
        assert (caught.value.errno, caught.value.filename) == (code, str(tmp_path / "a.pdf"))
        assert ".part" not in str(caught.value)
        assert (names(tmp_path), (tmp_path / "a.pdf").read_bytes()) == (["a.pdf"], b"old")

    @pytest.mark.parametrize("policy", POLICIES)
    def test_a_name_too_long(self, hubspot: HubSpot, tmp_path: Path, policy: Any) -> None:
        with pytest.raises(OSError, match="nnn") as caught:
            hubspot.download(hubspot.add(), tmp_path / ("n" * 300), if_exists=policy)
        assert caught.value.errno == errno.ENAMETOOLONG
        assert hubspot.contents_sent == 0

    def test_a_file_in_place_of_a_folder(self, hubspot: HubSpot, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"")
        with pytest.raises(NotADirectoryError) as caught:
            hubspot.download(hubspot.add(), tmp_path / "a" / "b")
        assert caught.value.filename == str(tmp_path / "a" / "b")


class TestPartialFiles:
    @pytest.mark.promise("A partial file is named `.hubspot-files-`, 16 hexadecimal digits and `.part`.")
    def test_have_a_recognizable_name(self, hubspot: HubSpot, tmp_path: Path) -> None:
        found: list[str] = []
        hubspot.before_content = lambda: found.extend(names(tmp_path))
        hubspot.download(hubspot.add(), tmp_path)
        (name,) = found
        assert re.fullmatch(r"\.hubspot-files-[0-9a-f]{16}\.part", name)

    def test_of_others_are_left_alone(self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        digits = iter(["0" * 16, "0" * 16, "1" * 16])
        other = tmp_path / f".hubspot-files-{'0' * 16}.part"
        other.write_bytes(b"another download")
        monkeypatch.setattr(secrets, "token_hex", lambda size: next(digits))
        hubspot.before_content = lambda: (_ for _ in ()).throw(OSError("no content"))
        with pytest.raises(OSError, match="no content"):
            hubspot.download(hubspot.add(), tmp_path)
        assert names(tmp_path) == [other.name]
        assert other.read_bytes() == b"another download"

    def test_of_others_are_left_alone_by_an_interruption(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        other = tmp_path / f".hubspot-files-{'0' * 16}.part"
        other.write_bytes(b"another download")
        digits = iter(["0" * 16])

        def token(size: int) -> str:
            for token in digits:
                return token
            raise KeyboardInterrupt

        monkeypatch.setattr(secrets, "token_hex", token)
        target = module.AtomicFile(tmp_path, "a.pdf", None)
        with pytest.raises(KeyboardInterrupt):
            target.open()
        target.abandon()
        assert names(tmp_path) == [other.name]

    def test_are_restarted_unless_they_were_abandoned(self, tmp_path: Path) -> None:
        """The worker thread of a cancelled task may restart one afterwards."""
        target = module.AtomicFile(tmp_path / "a.pdf", "", None)
        target.open()
        target.write(b"longer")
        target.restart()
        target.write(b"new")
        target.commit()
        assert (tmp_path / "a.pdf").read_bytes() == b"new"
        abandoned = module.AtomicFile(tmp_path / "b.pdf", "", None)
        abandoned.open()
        abandoned.abandon()
        abandoned.restart()
        assert names(tmp_path) == ["a.pdf"]

    @pytest.mark.promise("The content is flushed to disk (`fsync`) before the partial file is renamed.")
    def test_are_flushed_before_they_are_renamed(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Otherwise a power failure could leave the name without the content."""
        synced: list[tuple[int, list[str]]] = []
        fsync = os.fsync

        def sync(descriptor: int) -> None:
            synced.append((os.fstat(descriptor).st_size, [name for name in names(tmp_path) if name[0] != "."]))
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", sync)
        hubspot.download(hubspot.add(), tmp_path)
        assert synced == [(3, [])]

    def test_an_error_of_removal_names_the_path(
        self, hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unlink(path: Path, missing_ok: bool = False) -> None:
            raise PermissionError(errno.EACCES, "in use", str(path))

        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", unlink)
            with pytest.raises(PermissionError, match="in use") as caught:
                hubspot.download(hubspot.add(), tmp_path)
        assert caught.value.filename == str(tmp_path / "invoice.pdf")


@pytest.mark.promise("A process that is killed leaves its partial file.")
def test_a_killed_process_leaves_its_partial_file(tmp_path: Path) -> None:
    program = """
        import os, signal, sys
        from hubspot_files.testing import Emulator

        class Killed(Emulator):
            def handle(self, request):
                if str(request.url).startswith(self.storage_url):
                    os.kill(os.getpid(), signal.SIGKILL)
                return super().handle(request)

        with Killed() as emulator, emulator.client() as hubspot:
            hubspot.files.download(emulator.add_file("/a.pdf", b"a").id, sys.argv[1])
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)]
    assert subprocess.run(command, timeout=60, check=False).returncode == -signal.SIGKILL
    (name,) = names(tmp_path)
    assert re.fullmatch(r"\.hubspot-files-[0-9a-f]{16}\.part", name)


class Interruption:
    """Raise KeyboardInterrupt at the nth line that runs of the module."""

    def __init__(self, line: int) -> None:
        self.left = line
        self.at: int | None = None

    def __call__(self, frame: FrameType, event: str, _: object) -> Any:
        return self._line if frame.f_code.co_filename == module.__file__ and self.at is None else None

    def _line(self, frame: FrameType, event: str, _: object) -> Any:
        if event == "line" and self.at is None:
            self.left -= 1
            if self.left == 0:
                self.at = frame.f_lineno
                raise KeyboardInterrupt
        return self._line


@pytest.mark.parametrize("client", ["sync"], indirect=True)
@pytest.mark.usefixtures("links")
@pytest.mark.parametrize("taken", [False, True], ids=["free", "taken"])
@pytest.mark.parametrize("policy", POLICIES)
def test_an_interruption_at_any_line_leaves_no_partial_file(
    hubspot: HubSpot, tmp_path: Path, policy: Any, taken: bool
) -> None:
    file_id = hubspot.add()
    lines: set[int | None] = set()
    for line in range(1, 1000):
        directory = tmp_path / str(line)
        directory.mkdir()
        path = directory / "invoice.pdf"
        if taken:
            path.write_bytes(b"old")
        interruption = Interruption(line)
        try:
            run_traced(interruption, functools.partial(hubspot.download, file_id, path, if_exists=policy))
        except KeyboardInterrupt:
            pass
        except FileExistsError:
            assert (taken, policy) == (True, "refuse")
        lines.add(interruption.at)
        left = {name: (directory / name).read_bytes() for name in names(directory)}
        numbered = left.pop("invoice (1).pdf", b"new")
        assert numbered == b"new"
        assert set(left) <= {"invoice.pdf"}, f"interrupted at line {interruption.at}"
        assert left.get("invoice.pdf", b"new") in (b"old", b"new")
        if taken:
            assert left["invoice.pdf"] == b"old" or policy == "replace"
        if interruption.at is None:
            break
    assert interruption.at is None
    assert len(lines) > 20


def test_an_interruption_during_removal_of_the_partial_file(
    hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    abandon = module.AtomicFile.abandon
    calls: list[None] = []

    def interrupted(self: module.AtomicFile) -> None:
        calls.append(None)
        if len(calls) == 1:
            raise KeyboardInterrupt
        abandon(self)

    monkeypatch.setattr(module.AtomicFile, "abandon", interrupted)
    hubspot.content = b"neW"
    with pytest.raises(KeyboardInterrupt):
        hubspot.download(hubspot.add(b"new"), tmp_path)
    assert len(calls) == 2
    assert names(tmp_path) == []


class TestInvalidIds:
    @pytest.mark.parametrize("operation", ["download", "read", "stream"])
    @pytest.mark.parametrize("id", ["../../owners", "..", "", "12a", "\N{FULLWIDTH DIGIT ONE}"])
    @pytest.mark.parametrize("access", ["PRIVATE", "SENSITIVE"])
    @pytest.mark.unlike_hubspot("records of the wrong shape are what it is about")
    def test_of_a_record_are_refused_on_use(
        self, client: Client, tmp_path: Path, operation: str, id: str, access: str
    ) -> None:
        def program(hubspot: Any) -> Any:
            if operation == "stream":
                yield enter(hubspot.files.stream("1"))
            elif operation == "read":
                yield hubspot.files.read("1")
            else:
                yield hubspot.files.download("1", tmp_path)

        with respx.mock(base_url="https://api.hubapi.com") as api:
            record = {**FILE, "id": id, "access": access, "name": None, "path": None}
            route = api.get("/files/v3/files/1").respond(200, json=record)
            with pytest.raises(UnexpectedResponseError, match=r"it is the record of '.*', but 1 was requested"):
                client(program, max_retries=1)
        assert route.call_count == 2
        assert names(tmp_path) == []


@pytest.mark.promise(
    "A FIFO, a device and a descriptor such as `/dev/stdout` are written to directly, before the content is verified."
)
def test_corrupted_content_reaches_only_a_fifo(
    hubspot: HubSpot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A FIFO is written before the corruption is detected."""
    os.mkfifo(tmp_path / "pipe")
    reader = Reader(monkeypatch, tmp_path / "pipe", waits=1)
    file_id = hubspot.add(b"abc")
    hubspot.content = b"abd"
    with pytest.raises(DownloadCorruptedError):
        hubspot.download(file_id, tmp_path / "pipe")
    assert reader.read() == b"abd"
    with pytest.raises(DownloadCorruptedError):
        hubspot.download(file_id, tmp_path / "a.pdf")
    assert names(tmp_path) == ["pipe"]
