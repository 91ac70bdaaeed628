"""The commands that look at files and change them, on the served emulator."""

from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from hubspot_files import OutcomeUnknownError
from hubspot_files.cli._output import Output
from hubspot_files.cli._text import duration_text, size_text, time_text
from hubspot_files.resources.files import Files
from hubspot_files.resources.folders import Folders
from hubspot_files.testing import Emulator, serve

from .command_line import PROGRAM, Ran, Run, as_process, on_terminal

CAT = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x08\x02\x00\x00\x00\x90\x91h6"


@pytest.fixture(scope="module")
def _served() -> Iterator[Emulator]:
    with serve() as emulator:
        yield emulator


@pytest.fixture
def emulator(_served: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Serve an account with files in it, and point the command to it."""
    monkeypatch.setenv("HUBSPOT_BASE_URL", _served.base_url)
    monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", _served.token)
    with _served.client() as hubspot:
        for folder in [*hubspot.folders.search()]:
            if folder.parent_folder_id is None:
                hubspot.folders.delete(folder.id)
        for file in [*hubspot.files.search()]:
            hubspot.files.delete(file.id)
        for path, content, access in (
            ("/library/cat.png", CAT, "PUBLIC_INDEXABLE"),
            ("/library/notes.txt", b"Feed the cat.", "PRIVATE"),
            ("/library/old/report.csv", b"name,age\n" * 300, "PRIVATE"),
            ("/top.txt", b"top", "SENSITIVE"),
        ):
            folder, _, name = path.rpartition("/")
            hubspot.files.upload(content, name=name, folder_path=folder or "/", access=access)
    _served.forget_requests()
    yield _served
    _served.clear_faults()


@pytest.fixture
def run(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def paths(emulator: Emulator) -> list[str]:
    """Return the paths of all files that exist."""
    return sorted(file.path for file in emulator.files if file.state == "live")


def file_at(emulator: Emulator, path: str) -> Any:
    """Return the stored file at a path."""
    [file] = [file for file in emulator.files if file.state == "live" and file.path == path]
    return file


def changes(emulator: Emulator) -> list[str]:
    """Return the requests that change something."""
    return [request.method for request in emulator.requests if request.method != "GET"]


class TestLs:
    def test_lists_a_folder(self, run: Run) -> None:
        ran = run("ls", "hubspot:/library")
        assert (ran.status, ran.err) == (0, "")
        fields = [line.split("\t") for line in ran.lines]
        assert [(access, size, path) for access, size, _, path in fields] == [
            ("folder", "", "hubspot:/library/old/"),
            ("public-indexable", str(len(CAT)), "hubspot:/library/cat.png"),
            ("private", "13", "hubspot:/library/notes.txt"),
        ]
        assert all(datetime.fromisoformat(time).tzinfo for _, _, time, _ in fields)

    def test_lists_the_root_by_default(self, run: Run) -> None:
        assert [line.rpartition("\t")[2] for line in run("ls").lines] == ["hubspot:/library/", "hubspot:/top.txt"]

    def test_lists_all_files_below(self, run: Run) -> None:
        for target in ("hubspot:/", "hubspot:/library"):
            listed = [line.rpartition("\t")[2] for line in run("ls", "-R", target).lines]
            below = ["hubspot:/library/cat.png", "hubspot:/library/notes.txt", "hubspot:/library/old/report.csv"]
            assert sorted(listed) == (below if target == "hubspot:/library" else [*below, "hubspot:/top.txt"])

    def test_shows_a_file(self, run: Run, emulator: Emulator) -> None:
        for target in ("hubspot:/library/notes.txt", str(file_at(emulator, "/library/notes.txt").id)):
            assert run("ls", target).lines[0].endswith("\thubspot:/library/notes.txt")

    def test_writes_json_lines(self, run: Run, emulator: Emulator) -> None:
        folder, cat, _ = run("ls", "--json", "hubspot:/library").records
        assert (folder["kind"], folder["path"], folder["name"]) == ("folder", "/library/old", "old")
        assert list(folder) == ["kind", "name", "id", "path", "created_at", "updated_at"]
        assert cat == {
            "kind": "file",
            "name": "cat.png",
            "id": str(file_at(emulator, "/library/cat.png").id),
            "path": "/library/cat.png",
            "created_at": cat["created_at"],
            "updated_at": cat["updated_at"],
            "expires_at": None,
            "size": len(CAT),
            "access": "PUBLIC_INDEXABLE",
            "type": "IMG",
            "md5": cat["md5"],
            "width": 16,
            "height": 16,
            "source": "CONTENT",
            "url": cat["url"],
        }

    @pytest.mark.parametrize(
        ("arguments", "status", "words"),
        [
            (["/library"], 2, "'/library' is not a path in HubSpot; did you mean hubspot:/library?"),
            (["library"], 2, "'library' is not a path in HubSpot; did you mean hubspot:/library?"),
            (["hubspot:library"], 2, "'hubspot:library' lacks a slash; did you mean hubspot:/library?"),
            (["hubspot:/a//b"], 2, "contains the segment ''"),
            (
                ["hubspot:/libary"],
                1,
                "there is nothing at hubspot:/libary. See what is there: hubspot-files ls hubspot:/",
            ),
            (["123"], 1, "there is no file with the id 123, or the token has no access to it"),
            (["--api-version", "v9"], 2, "api_version"),
        ],
    )
    def test_explains_mistakes(self, run: Run, arguments: list[str], status: int, words: str) -> None:
        ran = run("ls", *arguments)
        assert (ran.status, ran.out) == (status, "")
        assert words in ran.err
        assert ran.err.startswith("hubspot-files ls: ")
        assert len(ran.err.splitlines()) <= 2

    @pytest.mark.parametrize("columns", [80, 40])
    def test_is_readable_on_a_terminal(self, emulator: Emulator, columns: int) -> None:
        ran = on_terminal("ls", "hubspot:/library", "hubspot:/library/old", columns=columns)
        assert ran.status == 0
        assert max(len(line) for line in ran.lines) <= columns
        assert ran.lines[0] == "hubspot:/library:"
        shown = "\n".join(ran.lines)
        if columns == 40:
            assert "\ncat.png\n  " in shown
            assert "B, public-indexable, 20" in shown
        else:
            assert any(line.startswith("public-indexable ") and line.endswith("  cat.png") for line in ran.lines)
        assert "hubspot:/library/old:" in ran.lines

    def test_an_empty_folder_on_a_terminal(self, emulator: Emulator) -> None:
        with emulator.client() as hubspot:
            hubspot.folders.create("empty")
        assert on_terminal("ls", "hubspot:/empty").lines[-1] == "hubspot:/empty is empty."
        assert on_terminal("ls", "-R", "hubspot:/empty").lines[-1] == "hubspot:/empty has no files."

    def test_colors_heed_no_color(self, emulator: Emulator) -> None:
        assert "\x1b[33m" in on_terminal("ls", "hubspot:/library", plain=False).out
        for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            ran = on_terminal("ls", "hubspot:/library", environment=environment, plain=False)
            assert not re.search(r"\x1b\[[\d;]*m", ran.out.rpartition("\r")[2])
            assert "cat.png" in ran.out

    def test_names_cannot_control_the_terminal(self, emulator: Emulator, run: Run) -> None:
        # Another program may have chosen such a name.
        with emulator.client() as hubspot:
            hubspot.request(
                "PATCH", f"/files/v3/files/{file_at(emulator, '/top.txt').id}", json={"name": "a\u202e\u200bb"}
            )
        assert "hubspot:/a\\u202e\\u200bb.txt" in run("ls").out

    def test_a_broken_pipe_ends_it_quietly(self, emulator: Emulator) -> None:
        process = subprocess.Popen(
            [*PROGRAM, "ls", "-R"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        with process:
            assert process.stderr.read() == ""
        assert process.returncode == 1

    def test_output_that_cannot_show_a_name(self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        with emulator.client() as hubspot:
            hubspot.files.upload(b"x", name="\u010daj.txt", folder_path="/")
        monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
        ran = as_process("ls")
        assert ran.status == 0
        assert "hubspot:/\\u010daj.txt" in ran.out


class TestFind:
    @pytest.mark.parametrize(
        ("arguments", "found"),
        [
            ([], ["library/cat.png", "library/notes.txt", "library/old/report.csv", "top.txt"]),
            (["--access", "public"], ["library/cat.png"]),
            (
                ["--access", "private", "--access", "sensitive"],
                ["library/notes.txt", "library/old/report.csv", "top.txt"],
            ),
            (["--access", "sensitive", "--access", "public"], ["library/cat.png", "top.txt"]),
            (["--larger", "1kB"], ["library/old/report.csv"]),
            (["--smaller", "3"], ["top.txt"]),
            (["--older", "1d"], []),
            (["--newer", "1h", "--type", "img"], ["library/cat.png"]),
            (["--name", "*.TXT"], ["library/notes.txt", "top.txt"]),
            (["--md5", "b28354b543375bfa94dabaeda722927f"], ["top.txt"]),
            (["hubspot:/library/old"], ["library/old/report.csv"]),
            (["hubspot:/library", "--name", "*t*"], ["library/cat.png", "library/notes.txt", "library/old/report.csv"]),
        ],
    )
    def test_finds(self, run: Run, arguments: list[str], found: list[str]) -> None:
        ran = run("find", *arguments)
        assert (ran.status, ran.err) == (0, "")
        assert sorted(ran.lines) == [f"hubspot:/{path}" for path in found]

    def test_asks_hubspot_for_what_it_can_look_for(self, run: Run, emulator: Emulator) -> None:
        run("find", "--access", "public", "--larger", "1KiB", "--type", "IMG")
        [request] = emulator.requests
        for parameter in ("allowsAnonymousAccess=true", "sizeGte=1024", "type=IMG"):
            assert parameter in str(request.query)

    def test_stops_after_a_number(self, run: Run) -> None:
        assert len(run("find", "--max", "2").lines) == 2

    def test_writes_json_lines(self, run: Run) -> None:
        [record] = run("find", "--name", "cat*", "--json").records
        assert (record["kind"], record["path"]) == ("file", "/library/cat.png")

    def test_prints_details_on_a_terminal(self, emulator: Emulator) -> None:
        *_, line, total = on_terminal("find", "--name", "cat*", environment={"TZ": "UTC"}).lines
        assert line.startswith("public-indexable  33 B  20")
        assert line.endswith("  /library/cat.png")
        assert total == "1 file, 33 B; times in UTC"
        assert on_terminal("find", "--name", "dog*").lines[-1] == "There is no such file in hubspot:/."

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--larger", "big"], "'big' is not a size such as 500kB, 10MB or 1.5GiB"),
            (["--older", "long"], "'long' is not a duration such as 15min, 12h, 30d, 2w or 1y"),
            (["--older", "101y"], "'101y' is not a duration"),
            (["--access", "secret"], "'secret' is not one of"),
            (["--max", "0"], "0 is not in the range"),
        ],
    )
    def test_explains_mistakes(self, run: Run, arguments: list[str], words: str) -> None:
        ran = run("find", *arguments)
        assert (ran.status, ran.out) == (2, "")
        assert words in ran.err


class TestOrder:
    NAMES = ("cat.png", "notes.txt", "report.csv", "top.txt")

    @pytest.mark.parametrize(
        ("arguments", "order"),
        [
            (["--sort", "size"], [2, 0, 1, 3]),
            (["--sort", "size", "--reverse"], [3, 1, 0, 2]),
            (["--sort", "size", "--max", "2"], [2, 0]),
            (["--sort", "size", "--reverse", "--max", "2"], [3, 1]),
            (["--sort", "name"], [0, 1, 2, 3]),
            (["--reverse"], [3, 2, 1, 0]),
        ],
    )
    def test_of_files_that_are_found(self, run: Run, arguments: list[str], order: list[int]) -> None:
        names = [line.rpartition("/")[2] for line in run("find", *arguments).lines]
        assert names == [self.NAMES[index] for index in order]

    def test_by_time(self, run: Run) -> None:
        for name in ("created", "updated"):
            times = [record[f"{name}_at"] for record in run("find", "--sort", name, "--json").records]
            assert times == sorted(times, reverse=True)

    def test_of_a_folder(self, run: Run, emulator: Emulator) -> None:
        with emulator.client() as hubspot:
            library = hubspot.files.stat("/library").folder
            assert library is not None
            hubspot.folders.create("A", parent_folder_id=library.id)
            hubspot.files.update(file_at(emulator, "/library/notes.txt").id, is_usable_in_content=True)
        for arguments, names in (
            ([], ["A/", "old/", "cat.png", "notes.txt"]),
            (["--reverse"], ["old/", "A/", "notes.txt", "cat.png"]),
            (["--sort", "size"], ["A/", "old/", "cat.png", "notes.txt"]),
            (["--sort", "updated"], ["A/", "old/", "notes.txt", "cat.png"]),
        ):
            lines = run("ls", "hubspot:/library", *arguments).lines
            assert [line.rpartition("/library/")[2] for line in lines] == names
        assert [each["name"] for each in run("ls", "-R", "--sort", "size", "--json").records] == [
            "report.csv",
            "cat.png",
            "notes.txt",
            "top.txt",
        ]

    def test_of_a_tree_on_a_terminal(self, emulator: Emulator) -> None:
        ran = on_terminal("ls", "-R", environment={"TZ": "UTC"})
        paths = [line.rpartition("  ")[2] for line in ran.lines[-5:-1]]
        assert paths == ["/library/cat.png", "/library/notes.txt", "/library/old/report.csv", "/top.txt"]
        assert ran.lines[-1] == "4 files, 2.7 kB; times in UTC"

    def test_paths_that_do_not_fit_have_their_own_lines(self, emulator: Emulator) -> None:
        with emulator.client() as hubspot:
            for length in (30, 60):
                hubspot.files.upload(b"x", name=f"{'n' * length}.txt", folder_path="/long")
        ran = on_terminal("ls", "-R", "hubspot:/long")
        first, second, path, total = ran.lines[-4:]
        assert re.fullmatch(rf"private  1 B  \d{{4}}-\d\d-\d\d  /long/{'n' * 30}\.txt", first.rpartition("\r")[2])
        assert re.fullmatch(r"private  1 B  \d{4}-\d\d-\d\d", second)
        assert path == f"    /long/{'n' * 60}.txt"
        assert total.startswith("2 files, 2 B; times in ")


class TestStat:
    def test_shows_a_file(self, run: Run, emulator: Emulator) -> None:
        lines = run("stat", "hubspot:/library/cat.png", "hubspot:/library/old/report.csv").lines
        assert lines[:2] == ["kind       file", "name       cat.png"]
        assert "size       33 bytes" in lines
        assert "size       2,700 bytes (2.7 kB)" in lines
        assert "" in lines
        assert not any(line.startswith("expires_at") for line in lines)

    def test_shows_a_folder(self, run: Run) -> None:
        [record] = run("stat", "--json", "hubspot:/library").records
        assert (record["kind"], record["path"]) == ("folder", "/library")

    def test_needs_a_target(self, run: Run) -> None:
        ran = run("stat")
        assert ran.status == 2
        assert "Missing argument 'TARGET...'" in ran.err


class TestLink:
    def test_prints_the_url_and_its_life(self, run: Run, emulator: Emulator) -> None:
        ran = run("link", "hubspot:/library/notes.txt", "--expires-in", "20min")
        [url] = ran.lines
        assert url.startswith(emulator.storage_url)
        assert ran.err.startswith("notes.txt: works for 20 min, until 20")
        assert ran.status == 0

    def test_writes_json_lines(self, run: Run) -> None:
        [record] = run("link", "--json", "hubspot:/library/cat.png", "--size", "thumb").records
        assert list(record) == ["kind", "id", "path", "url", "expires_at", "seconds", "requested_seconds"]
        assert 3500 < record["seconds"] <= record["requested_seconds"] == 3600

    def test_says_that_hubspot_shortened_the_life(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TZ", "UTC")
        ran = run("link", "hubspot:/library/notes.txt", "--expires-in", "1d")
        assert ran.status == 0
        assert re.fullmatch(
            r"notes\.txt: works for 6 h, until 20[-\d]+ [:\d]+ \S+\. You asked for 1 d, but HubSpot gave 6 h\.\n",
            ran.err,
        )
        for environment, colored in ({}, True), ({"NO_COLOR": "1"}, False):
            shown = on_terminal(
                "link", "hubspot:/library/notes.txt", "--expires-in", "1d", environment=environment, plain=False
            )
            assert ("\x1b[33mnotes.txt: works" in shown.out) is colored

    @pytest.mark.parametrize(
        ("arguments", "status", "words"),
        [
            (["hubspot:/top.txt"], 1, "HubSpot makes no link to hubspot:/top.txt: it is sensitive, or deleted."),
            (["hubspot:/library"], 2, "hubspot:/library is a folder; a link leads to a file"),
            (["hubspot:/library/cat.png", "--expires-in", "0s"], 2, "--expires-in must be one second or more"),
            (
                ["hubspot:/library/cat.png", "--expires-in", "1 day"],
                2,
                "'1 day' is not a duration such as 10min, 1h or 6h",
            ),
        ],
    )
    def test_explains_mistakes(self, run: Run, arguments: list[str], status: int, words: str) -> None:
        ran = run("link", *arguments)
        assert (ran.status, ran.out) == (status, "")
        assert words in ran.err


class TestMkdir:
    def test_creates_folders(self, run: Run, emulator: Emulator) -> None:
        ran = run("mkdir", "hubspot:/library/a", "hubspot:/b")
        assert ran == Ran(0, "created hubspot:/library/a\ncreated hubspot:/b\n", "")
        assert {"/library/a", "/b"} <= {folder.path for folder in emulator.folders if not folder.archived}

    def test_creates_the_folders_above(self, run: Run) -> None:
        assert run("mkdir", "-p", "hubspot:/x/y/z").lines == [
            f"created hubspot:{path}" for path in ("/x", "/x/y", "/x/y/z")
        ]
        assert run("mkdir", "-p", "hubspot:/x/y/z") == Ran(0, "", "")

    def test_a_dry_run_changes_nothing(self, run: Run, emulator: Emulator) -> None:
        assert run("mkdir", "-p", "hubspot:/p/q", "--dry-run").lines == [
            "would create hubspot:/p",
            "would create hubspot:/p/q",
        ]
        assert run("mkdir", "hubspot:/p", "--dry-run", "--json").records == [
            {"kind": "folder", "path": "/p", "outcome": "planned"}
        ]
        assert changes(emulator) == []

    def test_writes_json_lines(self, run: Run) -> None:
        [record] = run("mkdir", "--json", "hubspot:/j").records
        assert (record["kind"], record["path"], record["outcome"]) == ("folder", "/j", "done")

    @pytest.mark.parametrize(
        ("path", "status", "words"),
        [
            ("hubspot:/", 2, "the root exists always"),
            ("hubspot:/library", 1, "hubspot:/library exists already"),
            ("hubspot:/no/such", 1, "hubspot:/no does not exist. To create it, too, pass --parents."),
            ("hubspot:/top.txt/x", 1, "hubspot:/top.txt is a file"),
        ],
    )
    def test_explains_mistakes(self, run: Run, emulator: Emulator, path: str, status: int, words: str) -> None:
        ran = run("mkdir", path)
        assert (ran.status, ran.out) == (status, "")
        assert words in ran.err
        assert changes(emulator) == []

    @pytest.mark.parametrize("parents", [True, False])
    def test_a_folder_that_another_program_creates_meanwhile(self, run: Run, emulator: Emulator, parents: bool) -> None:
        emulator.fail("status", operation="createFolder", status=409, after_effect=True, count=1)
        ran = run("mkdir", *(["-p"] if parents else []), "hubspot:/race")
        assert ran.status == (0 if parents else 1)

    def test_an_unknown_outcome_exits_with_3(
        self, run: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def lost(*arguments: Any, **options: Any) -> Any:
            raise OutcomeUnknownError("HubSpot may have done it")

        monkeypatch.setattr(Folders, "create", lost)
        assert run("mkdir", "hubspot:/lost") == Ran(3, "", "hubspot-files mkdir: HubSpot may have done it\n")


class TestMv:
    @pytest.mark.parametrize(
        ("source", "destination", "new"),
        [
            ("/library/notes.txt", "hubspot:/library/new.txt", "/library/new.txt"),
            ("/library/notes.txt", "hubspot:/library/old", "/library/old/notes.txt"),
            ("/library/notes.txt", "hubspot:/library/old/", "/library/old/notes.txt"),
            ("/library/notes.txt", "hubspot:/", "/notes.txt"),
            ("/library/notes.txt", "hubspot:/other.txt", "/other.txt"),
            ("/top.txt", "hubspot:/library/t.txt", "/library/t.txt"),
        ],
    )
    def test_moves_a_file(self, run: Run, emulator: Emulator, source: str, destination: str, new: str) -> None:
        file = file_at(emulator, source)
        ran = run("mv", "--yes", f"hubspot:{source}", destination)
        assert ran == Ran(0, f"moved hubspot:{source} to hubspot:{new}\n", "")
        assert file_at(emulator, new).id == file.id

    @pytest.mark.parametrize(
        ("source", "destination", "new"),
        [
            ("/library/old", "/library/older", "/library/older"),
            ("/library/old", "/shelf", "/shelf/old"),
            ("/library/old", "/shelf/x", "/shelf/x"),
            ("/shelf", "/rack", "/rack"),
        ],
    )
    def test_moves_a_folder(self, run: Run, emulator: Emulator, source: str, destination: str, new: str) -> None:
        run("mkdir", "hubspot:/shelf")
        assert run("mv", "--yes", f"hubspot:{source}", f"hubspot:{destination}").status == 0
        assert new in {folder.path for folder in emulator.folders if not folder.archived}

    def test_writes_json_lines(self, run: Run) -> None:
        [record] = run("mv", "--json", "--dry-run", "hubspot:/top.txt", "hubspot:/library").records
        assert (record["from"], record["to"], record["outcome"]) == (
            "hubspot:/top.txt",
            "hubspot:/library/top.txt",
            "planned",
        )

    @pytest.mark.parametrize(
        ("source", "destination", "status", "words"),
        [
            ("hubspot:/", "hubspot:/x", 2, "the root cannot be moved"),
            ("hubspot:/library", "hubspot:/library/old", 2, "a folder cannot be moved into itself"),
            ("hubspot:/library/old", "hubspot:/", 1, "HubSpot moves no folder to the root"),
            ("hubspot:/library/old", "hubspot:/x", 1, "HubSpot moves no folder to the root"),
            ("hubspot:/top.txt", "hubspot:/top.pdf", 2, "the new name must end with .txt"),
            ("hubspot:/top.txt", "hubspot:/library/notes.txt", 1, "hubspot:/library/notes.txt exists already"),
            ("hubspot:/top.txt", "hubspot:/top.txt", 1, "hubspot:/top.txt is there already"),
            ("hubspot:/top.txt", "hubspot:/no/top.txt", 1, "Create it: hubspot-files mkdir hubspot:/no"),
            (
                "hubspot:/top.txt",
                "hubspot:/no/",
                1,
                "hubspot:/no is not a folder. Create it: hubspot-files mkdir hubspot:/no",
            ),
            ("hubspot:/top.txt", "/library", 2, "'/library' is not a path in HubSpot; did you mean hubspot:/library?"),
            ("hubspot:/top.txt", "123", 2, "the destination must be a path such as hubspot:/archive, not 123"),
        ],
    )
    def test_explains_mistakes(
        self, run: Run, emulator: Emulator, source: str, destination: str, status: int, words: str
    ) -> None:
        ran = run("mv", "--yes", source, destination)
        assert (ran.status, ran.out) == (status, "")
        assert words in ran.err
        assert changes(emulator) == []

    def test_a_version_without_tasks_for_folders(self, run: Run, emulator: Emulator) -> None:
        version = ("--api-version", "2026-09-beta")
        assert run("mv", "--yes", *version, "hubspot:/library/old", "hubspot:/library/b").status == 0
        assert "/library/b" in {folder.path for folder in emulator.folders if not folder.archived}

    def test_a_file_without_extension(self, run: Run, emulator: Emulator) -> None:
        with emulator.client() as hubspot:
            hubspot.files.upload(b"x", name="README", folder_path="/library")
        assert run("mv", "-y", "hubspot:/library/README", "hubspot:/library/LIESMICH").status == 0
        ran = run("mv", "-y", "hubspot:/library/LIESMICH", "hubspot:/library/a.txt")
        assert "the new name must have none" in ran.err


class TestAccess:
    def test_changes_many(self, run: Run, emulator: Emulator) -> None:
        ran = run("access", "private", "-R", "hubspot:/", "--yes")
        assert ran.status == 0
        assert sorted(ran.lines) == [
            "changed hubspot:/library/cat.png to private",
            "changed hubspot:/top.txt to private",
        ]
        assert ran.err.splitlines() == ["2 files already have this access.", "2 changed"]
        assert {file.access for file in emulator.files if file.state == "live"} == {"PRIVATE"}

    def test_a_dry_run_changes_nothing(self, run: Run, emulator: Emulator) -> None:
        ran = run("access", "sensitive", "hubspot:/library/cat.png", "--dry-run")
        assert ran == Ran(
            0,
            "would change hubspot:/library/cat.png to sensitive (now public-indexable)\n",
            "1 change; nothing was changed.\n",
        )
        change, summary = run("access", "sensitive", "hubspot:/library/cat.png", "--dry-run", "--json").records
        assert (change["kind"], change["access"], change["outcome"]) == ("change", "SENSITIVE", "planned")
        assert summary == {"kind": "summary", "planned": 1, "digest": None}
        assert changes(emulator) == []

    def test_writes_json_lines(self, run: Run) -> None:
        change, summary = run("access", "PUBLIC_NOT_INDEXABLE", "hubspot:/top.txt", "-y", "--json").records
        assert (change["path"], change["outcome"], change["error"]) == ("/top.txt", "done", None)
        assert summary == {"kind": "summary", "done": 1, "skipped": 0, "failed": 0, "unknown": 0, "not_started": 0}

    def test_nothing_to_do(self, run: Run) -> None:
        ran = run("access", "sensitive", "hubspot:/top.txt")
        assert ran == Ran(0, "", "1 file already has this access.\nnothing to do\n")

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["public", "hubspot:/top.txt"], "choose public-indexable or public-not-indexable, for search engines"),
            (["secret", "hubspot:/top.txt"], "'secret' is not one of"),
            (["private", "hubspot:/library"], "hubspot:/library is a folder: pass --recursive for all files below it"),
            (
                ["private", "hubspot:/library/cat.png"],
                "Make 1 file (hubspot:/library/cat.png) private? There is no terminal to ask on: pass --yes",
            ),
        ],
    )
    def test_explains_mistakes(self, run: Run, emulator: Emulator, arguments: list[str], words: str) -> None:
        ran = run("access", *arguments)
        assert (ran.status, ran.out) == (2, "")
        assert words in ran.err
        assert changes(emulator) == []

    def test_failures_stand_above_the_bar(self, emulator: Emulator) -> None:
        emulator.fail("status", operation="updateFile", status=400)
        ran = on_terminal("access", "private", "hubspot:/library/cat.png", "--yes")
        assert ran.status == 1
        assert "failed: hubspot:/library/cat.png: PATCH /files/v3/files/" in ran.out
        assert ran.lines[-1] == "1 failed"

    def test_asks_on_a_terminal(self, emulator: Emulator) -> None:
        arguments = ("access", "private", "hubspot:/library/cat.png")
        ran = on_terminal(*arguments, answers={"[y/N]": "n\n"})
        assert ran.status == 1
        assert ran.lines[-1] == "hubspot-files access: nothing was changed"
        assert file_at(emulator, "/library/cat.png").access == "PUBLIC_INDEXABLE"
        ran = on_terminal(*arguments, answers={"[y/N]": "y\n"})
        assert ran.status == 0
        assert ran.lines[-1] == "1 changed"
        assert file_at(emulator, "/library/cat.png").access == "PRIVATE"

    def test_ctrl_c_at_the_question(self, emulator: Emulator) -> None:
        ran = on_terminal("access", "private", "hubspot:/library/cat.png", answers={"[y/N]": "\x03"})
        assert ran.status == 130
        assert ran.lines[-1] == "interrupted"
        assert changes(emulator) == []


class TestRm:
    def test_deletes_files(self, run: Run, emulator: Emulator) -> None:
        number = file_at(emulator, "/library/cat.png").id
        ran = run("rm", "--yes", "hubspot:/top.txt", str(number))
        assert ran.status == 0
        assert sorted(ran.lines) == ["deleted hubspot:/library/cat.png", "deleted hubspot:/top.txt"]
        assert paths(emulator) == ["/library/notes.txt", "/library/old/report.csv"]

    def test_deletes_a_folder_with_one_request(self, run: Run, emulator: Emulator) -> None:
        ran = run("rm", "-R", "--yes", "hubspot:/library", "hubspot:/library/old", "hubspot:/top.txt")
        assert ran.status == 0
        assert ran.lines == [
            "deleted hubspot:/top.txt",
            "deleted hubspot:/library/ with 3 files",
            "deleted hubspot:/library/old/",
        ]
        assert ran.err == "4 deleted\n"
        assert paths(emulator) == []
        assert len(changes(emulator)) == 3

    def test_counts_a_file_with_one_folder(self, run: Run, emulator: Emulator) -> None:
        emulator.add_folder("/empty")
        ran = run("rm", "-R", "--yes", "--json", "hubspot:/library/old", "hubspot:/library", "hubspot:/empty")
        *folders, summary = ran.records
        assert [(folder["path"], folder["files"]) for folder in folders] == [
            ("/library/old", 1),
            ("/library", 2),
            ("/empty", 0),
        ]
        assert (summary["kind"], summary["done"]) == ("summary", 3)

    def test_deletes_an_empty_folder(self, run: Run, emulator: Emulator) -> None:
        emulator.add_folder("/empty")
        assert "Delete at least 1 folder (hubspot:/empty), 0 B in all?" in run("rm", "-R", "hubspot:/empty").err
        assert run("rm", "-R", "--yes", "hubspot:/empty") == Ran(0, "deleted hubspot:/empty/\n", "")
        emulator.add_folder("/empty")
        folder, summary = run("rm", "-R", "--yes", "hubspot:/empty", "--json").records
        assert (folder["outcome"], summary["kind"], summary["done"]) == ("done", "summary", 0)

    def test_a_folder_that_cannot_be_deleted(self, run: Run, emulator: Emulator) -> None:
        emulator.fail("status", operation="deleteFolder", status=400)
        ran = run("rm", "-R", "--yes", "hubspot:/top.txt", "hubspot:/library")
        assert (ran.status, ran.lines) == (1, ["deleted hubspot:/top.txt"])
        assert ran.err.startswith("1 deleted\n")

    def test_says_what_it_would_delete(self, run: Run, emulator: Emulator) -> None:
        ran = run("rm", "-R", "hubspot:/library")
        assert ran.status == 2
        assert (
            "Delete at least 3 files (hubspot:/library/cat.png, hubspot:/library/notes.txt, "
            "hubspot:/library/old/report.csv) and 2 folders (hubspot:/library, hubspot:/library/old), "
            "2.7 kB in all? There is no terminal" in ran.err
        )
        assert "Delete 1 file (hubspot:/top.txt), 3 B in all?" in run("rm", "hubspot:/top.txt").err
        ran = run("rm", "-R", "hubspot:/library", "--dry-run")
        assert ran.lines == [
            "would delete hubspot:/library/ with all files below it",
            "would delete hubspot:/library/cat.png",
            "would delete hubspot:/library/notes.txt",
            "would delete hubspot:/library/old/report.csv",
        ]
        assert changes(emulator) == []

    def test_erasing_needs_the_digest_of_a_plan(self, run: Run, emulator: Emulator) -> None:
        ran = run("rm", "--erase", "-R", "hubspot:/library", "--yes")
        assert ran.status == 2
        assert "--erase needs --digest. Look at what would be erased, and its digest" in ran.err
        ran = run("rm", "--erase", "-R", "hubspot:/library", "--yes", "--digest", "0000")
        assert "these are not the files of that digest" in ran.err
        digest = run("rm", "--erase", "-R", "hubspot:/library", "--dry-run", "--json").records[-1]["digest"]
        assert (
            f"The digest of this plan is {digest}.\n" in run("rm", "--erase", "-R", "hubspot:/library", "--dry-run").err
        )
        assert changes(emulator) == []
        ran = run("rm", "--erase", "-R", "hubspot:/library", "--yes", "--digest", digest, "--json")
        assert ran.status == 0
        assert [record["kind"] for record in ran.records] == ["change", "change", "change", "folder", "summary"]
        assert [file.state for file in emulator.files if file.path.startswith("/library")][-3:] == ["gdpr"] * 3

    def test_a_file_that_is_gone_meanwhile_is_left_alone(self, run: Run, emulator: Emulator) -> None:
        emulator.fail("status", operation="deleteFile", status=404)
        ran = run("rm", "--yes", "hubspot:/top.txt")
        assert ran == Ran(0, "nothing to do for hubspot:/top.txt\n", "1 left alone\n")

    def test_failures_are_collected(self, run: Run, emulator: Emulator) -> None:
        emulator.fail("status", operation="deleteFile", status=400, count=1)
        ran = run("rm", "--yes", "hubspot:/top.txt", "hubspot:/library/cat.png", "hubspot:/library/notes.txt")
        assert ran.status == 1
        assert "failed: hubspot:/" in ran.err
        assert ran.err.splitlines()[-1] == "2 deleted, 1 failed"
        assert len(paths(emulator)) == 2

    def test_an_unknown_outcome_exits_with_3(
        self, run: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def lost(*arguments: Any, **options: Any) -> Any:
            raise OutcomeUnknownError("HubSpot may have done it")

        monkeypatch.setattr(Files, "update", lost)
        ran = run("access", "private", "--yes", "hubspot:/top.txt")
        assert ran == Ran(3, "", "unknown: hubspot:/top.txt: HubSpot may have done it\n1 unknown\n")

    def test_a_token_that_is_refused_ends_it(
        self, run: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        emulator.fail("status", operation="updateFile", status=401, count=None)
        with emulator.client() as hubspot:
            for number in range(40):
                hubspot.files.upload(b"x", name=f"{number}.txt", folder_path="/many")
        emulator.forget_requests()
        ran = run("access", "sensitive", "-R", "--yes", "hubspot:/many")
        assert (ran.status, ran.out) == (1, "")
        assert ran.err.count("HubSpot does not accept the access token") <= 2
        assert len(changes(emulator)) < 40

    def test_a_folder_is_kept_if_a_file_was_not_deleted(self, run: Run, emulator: Emulator) -> None:
        emulator.fail("status", operation="deleteFile", status=400)
        assert run("rm", "-R", "--yes", "hubspot:/top.txt", "hubspot:/library").status == 1
        assert len(paths(emulator)) == 4

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["hubspot:/"], "the root cannot be deleted; name the folders and files"),
            (["hubspot:/library"], "hubspot:/library is a folder: pass --recursive to delete all that is below it"),
            (["hubspot:/top.txt", "--digest", "x"], "--digest belongs to --erase"),
        ],
    )
    def test_explains_mistakes(self, run: Run, emulator: Emulator, arguments: list[str], words: str) -> None:
        ran = run("rm", "--yes", *arguments)
        assert (ran.status, ran.out) == (2, "")
        assert words in ran.err
        assert changes(emulator) == []

    def test_ctrl_c_finishes_what_is_in_flight(self, emulator: Emulator) -> None:
        with emulator.client() as hubspot:
            for number in range(60):
                hubspot.files.upload(b"x", name=f"{number}.txt", folder_path="/many")
        emulator.fail("delay", operation="updateFile", seconds=0.2)
        emulator.forget_requests()
        process = subprocess.Popen(
            [*PROGRAM, "access", "sensitive", "-R", "--yes", "hubspot:/many"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.send_signal(signal.SIGINT)
            err = process.stderr.read().splitlines()
        done = sum(file.access == "SENSITIVE" for file in emulator.files if file.path.startswith("/many/"))
        assert process.returncode == 130
        assert err == [
            "Stopping: requests under way are finished.",
            f"{done} changed, {60 - done} not started",
            "Interrupted. The same command goes on with the rest.",
        ]
        assert 0 < done < 60


class TestText:
    @pytest.mark.parametrize(
        ("size", "text"),
        [(None, "?"), (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_999, "1.0 MB"), (3_200_000_000_000, "3.2 TB")],
    )
    def test_of_sizes(self, size: int | None, text: str) -> None:
        assert size_text(size) == text

    @pytest.mark.parametrize(
        ("seconds", "text"), [(0, "0 s"), (61, "1 min 1 s"), (3599.9, "1 h"), (7_500, "2 h 5 min"), (90_061, "1 d 1 h")]
    )
    def test_of_durations(self, seconds: float, text: str) -> None:
        assert duration_text(timedelta(seconds=seconds)) == text

    def test_of_an_unknown_time(self) -> None:
        assert time_text(None) == ""

    def test_output_that_is_no_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdout", io.StringIO())
        Output().line("a")
        assert sys.stdout.getvalue() == "a\n"
