"""`hubspot-files upload`, `download` and `sync`, on the served emulator."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hubspot_files.cli._command import Session
from hubspot_files.cli._connection import ConnectionOptions
from hubspot_files.cli._output import Output
from hubspot_files.cli._text import named_text
from hubspot_files.cli._transfer_display import TransferDisplay, counts_text
from hubspot_files.cli._transfer_runs import run_transfer
from hubspot_files.testing import Emulator, serve
from hubspot_files.transfers import (
    Outcome,
    TransferEvent,
    TransferReport,
    TransferResult,
    TransferStoppedError,
)

from .command_line import PROGRAM, Ran, Run, on_terminal


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Emulator]:
    with serve() as served:
        monkeypatch.setenv("HUBSPOT_BASE_URL", served.base_url)
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", served.token)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        yield served


@pytest.fixture
def run(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a directory with three files."""
    directory = tmp_path / "site"
    (directory / "pictures").mkdir(parents=True)
    (directory / "index.html").write_text("<html>")
    (directory / "empty.txt").write_bytes(b"")
    (directory / "pictures/cat.png").write_bytes(b"\x89PNG cat")
    return directory


def stored(emulator: Emulator) -> dict[str, bytes | None]:
    return {file.path: file.content for file in emulator.files if file.state == "live"}


def access_levels(emulator: Emulator) -> set[str]:
    return {file.access for file in emulator.files if file.state == "live"}


def content_of(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


SITE = {"/site/index.html": b"<html>", "/site/empty.txt": b"", "/site/pictures/cat.png": b"\x89PNG cat"}


class TestUpload:
    def test_of_a_directory_is_private_and_can_be_repeated(self, run: Run, emulator: Emulator, site: Path) -> None:
        ran = run("upload", site, "hubspot:/site")
        assert ran.status == 0
        assert {"uploaded index.html", "uploaded empty.txt", "uploaded pictures/cat.png"} < {*ran.lines}
        assert stored(emulator) == SITE
        assert access_levels(emulator) == {"PRIVATE"}
        assert ran.err.startswith("3 new files, 1 new folder; 14 B in ")
        again = run("upload", site, "hubspot:/site")
        assert (again.status, again.out) == (0, "")
        assert again.err.startswith("3 unchanged; 0 B in ")
        assert stored(emulator) == SITE

    def test_of_files(self, run: Run, emulator: Emulator, site: Path) -> None:
        ran = run(
            "upload", site / "index.html", site / "pictures/cat.png", "hubspot:/x", "--access", "public-indexable"
        )
        assert ran.status == 0
        assert stored(emulator) == {"/x/index.html": b"<html>", "/x/cat.png": b"\x89PNG cat"}
        assert access_levels(emulator) == {"PUBLIC_INDEXABLE"}

    def test_replacing_is_asked_for(self, run: Run, emulator: Emulator, site: Path) -> None:
        run("upload", site, "hubspot:/site")
        [before] = [file.id for file in emulator.files if file.path == "/site/index.html"]
        (site / "index.html").write_text("<html>new")
        for sources in ([site], [site / "index.html"]):
            ran = run("upload", *sources, "hubspot:/site")
            assert (ran.status, ran.out) == (2, "")
            assert "There is no terminal to ask on" in ran.err
        assert run("upload", site, "hubspot:/site", "--yes").lines == ["replaced index.html"]
        (site / "index.html").write_text("<html>newer")
        assert run("upload", site / "index.html", "hubspot:/site", "-y").status == 0
        assert stored(emulator)["/site/index.html"] == b"<html>newer"
        assert [file.id for file in emulator.files if file.path == "/site/index.html"] == [before]

    def test_a_dry_run_changes_nothing(self, run: Run, emulator: Emulator, site: Path) -> None:
        ran = run("upload", site, "hubspot:/site", "--dry-run")
        assert ran.status == 0
        assert "would upload index.html (new, 6 B)" in ran.lines
        assert ran.err == "3 new files, 1 new folder; 14 B to transfer. Nothing was changed.\n"
        records = run("upload", site, "hubspot:/site", "--dry-run", "--json").records
        assert {record["kind"] for record in records} == {"action", "summary"}
        assert records[-1]["upload"] == 3
        with emulator.client() as hubspot:
            hubspot.files.upload(b"x", name="index.html", folder_path="/")
        for folder, line, count in (
            ("hubspot:/site", "would upload index.html (new, 6 B)\n", "1 new file"),
            ("hubspot:/", "would replace index.html (another size, 6 B)\n", "1 replaced"),
        ):
            ran = run("upload", site / "index.html", folder, "--dry-run")
            assert ran == Ran(0, line, f"{count}; 6 B to transfer. Nothing was changed.\n")
        action, summary = run("upload", site / "index.html", "hubspot:/", "--dry-run", "--json").records
        assert (action["kind"], action["action"], action["old_size"]) == ("action", "replace", 1)
        assert (summary["replace"], summary["upload"]) == (1, 0)
        assert stored(emulator) == {"/index.html": b"x"}

    def test_writes_json_lines(self, run: Run, site: Path) -> None:
        *results, summary = run("upload", site, "hubspot:/site", "--json").records
        assert list(results[0]) == ["kind", "path", "action", "outcome", "reason", "size", "file_id", "local_path"]
        assert {result["kind"] for result in results} == {"transfer"}
        assert list(summary) == ["kind", "done", "skipped", "failed", "unknown", "bytes", "api_calls", "seconds"]
        assert (summary["failed"], summary["unknown"], summary["bytes"]) == (0, 0, 14)

    def test_a_plan_is_saved_and_applied(self, run: Run, emulator: Emulator, site: Path, tmp_path: Path) -> None:
        plan = tmp_path / "plan.jsonl"
        ran = run("upload", site, "hubspot:/site", "--plan", plan)
        assert ran == Ran(0, "", f"{plan} has the plan. Look at it, and run: hubspot-files apply {plan}\n")
        assert stored(emulator) == {}
        assert run("upload", site, "hubspot:/site", "--plan", plan).status == 2
        assert "would upload index.html (new, 6 B)" in run("apply", plan, "--dry-run").lines
        assert run("apply", plan).status == 0
        assert stored(emulator) == SITE

    def test_failures_exit_with_1(self, run: Run, emulator: Emulator, site: Path) -> None:
        emulator.fail("status", operation="uploadFile", status=400, count=1)
        ran = run("upload", site, "hubspot:/site")
        assert ran.status == 1
        assert "failed: " in ran.err
        assert ran.err.endswith("Run the same command again for the files that are not done.\n")
        assert run("upload", site, "hubspot:/site").status == 0
        assert stored(emulator) == SITE

    def test_an_unknown_outcome_exits_with_3(self, capsys: pytest.CaptureFixture[str]) -> None:
        output = Output()
        display = TransferDisplay(output)

        def transfer() -> TransferReport:
            result = TransferResult("a.txt", "upload", "unknown", "the response was lost")
            display.on_event(TransferEvent("finished", "a.txt", result=result))
            counts: dict[Outcome, int] = {"done": 0, "skipped": 0, "failed": 0, "unknown": 1}
            return TransferReport(counts, [result], bytes=0, api_calls=2, seconds=0.25)

        session = Session(output, ConnectionOptions(None, None, emulator=False, api_version=None))
        assert run_transfer(session, display, transfer) == 3
        assert capsys.readouterr().err == (
            "unknown: a.txt: the response was lost\n"
            "1 unknown; 0 B in 0.2 s, 2 API calls\n"
            "Run the same command again for the files that are not done.\n"
        )

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["{site}", "/library"], "'/library' is not a path in HubSpot; did you mean hubspot:/library?"),
            (["{site}/no.txt", "hubspot:/x"], "does not exist"),
            (["{site}", "{site}/index.html", "hubspot:/x"], "pass one directory, or files"),
            (["{site}/index.html", "hubspot:/x", "--include", "*"], "are for a directory"),
            (["{site}", "hubspot:/x", "--access", "public"], "choose public-indexable or public-not-indexable"),
            (
                ["{site}/index.html"],
                "folder on HubSpot is missing; it comes last: hubspot-files upload {site}/index.html hubspot:/library",
            ),
            (
                ["hubspot:/x"],
                "the files to upload are missing; they come first: hubspot-files upload cat.png hubspot:/x",
            ),
            (["hubspot:/x", "dir"], "To fetch it, use: hubspot-files download hubspot:/x DIRECTORY"),
        ],
    )
    def test_explains_mistakes(
        self, run: Run, emulator: Emulator, site: Path, arguments: list[str], words: str
    ) -> None:
        ran = run("upload", *(argument.format(site=site) for argument in arguments))
        assert (ran.status, ran.out) == (2, "")
        assert words.format(site=site) in ran.err
        assert stored(emulator) == {}

    def test_a_plan_of_files_is_saved_and_applied(self, run: Run, emulator: Emulator, site: Path) -> None:
        plan = site / "plan.jsonl"
        assert run("upload", site / "index.html", site / "pictures/cat.png", "hubspot:/a", "--plan", plan).status == 0
        assert run("apply", plan).status == 0
        assert sorted(stored(emulator)) == ["/a/cat.png", "/a/index.html"]

    def test_to_a_file_is_refused(self, run: Run, emulator: Emulator, site: Path) -> None:
        run("upload", site / "index.html", "hubspot:/x")
        ran = run("upload", site / "empty.txt", "hubspot:/x/index.html")
        assert ran == Ran(2, "", "hubspot-files upload: /x/index.html: it is a file on HubSpot, not a folder\n")

    @pytest.mark.parametrize("columns", [80, 40])
    def test_progress_on_a_terminal(self, emulator: Emulator, site: Path, columns: int) -> None:
        ran = on_terminal("upload", site, "hubspot:/site", columns=columns)
        assert ran.status == 0
        assert "/3 files" in ran.out
        assert ("of 14 B" in ran.out) is (columns == 80)
        assert "3 new files, 1 new folder; 14 B in " in "\n".join(ran.lines[-2:]).rpartition("\r")[2].replace("\n", " ")
        assert "uploaded" not in ran.out

    def test_no_progress_if_there_is_nothing_to_do(self, emulator: Emulator, site: Path) -> None:
        (site / "none").mkdir()
        ran = on_terminal("upload", site / "none", "hubspot:/")
        assert "nothing to do; 0 B in " in ran.lines[-1]
        assert "files" not in ran.out

    def test_no_progress_in_ci(self, emulator: Emulator, site: Path) -> None:
        ran = on_terminal("upload", site, "hubspot:/site", environment={"CI": "true"}, plain=False)
        assert "\x1b" not in ran.out

    def test_ctrl_c_says_how_to_go_on(self, emulator: Emulator, tmp_path: Path) -> None:
        many = tmp_path / "many"
        many.mkdir()
        for number in range(40):
            (many / f"{number}.txt").write_text(str(number))
        emulator.fail("delay", operation="uploadFile", seconds=0.3, count=None)
        command = [*PROGRAM, "upload", str(many), "hubspot:/many"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                if line.startswith("uploaded"):
                    break
            process.send_signal(signal.SIGINT)
            process.stdout.read()
            err = process.stderr.read()
        assert process.returncode == 130
        assert err.startswith("Stopping: requests under way are finished. Ctrl-C again stops at once.\n")
        assert err.endswith("are done. The same command goes on with the rest.\n")
        assert 0 < len(stored(emulator)) < 40
        emulator.clear_faults()
        completed = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (completed.returncode, len(stored(emulator))) == (0, 40)

    def test_ctrl_c_again_does_not_wait(self, emulator: Emulator, site: Path) -> None:
        emulator.fail("delay", operation="uploadFile", seconds=600, count=None)
        command = [*PROGRAM, "upload", str(site / "index.html"), "hubspot:/x"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            while not any(request.operation == "uploadFile" for request in emulator.requests):
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            assert process.stderr.readline().startswith("Stopping: ")
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130

    def test_says_that_much_failed_in_a_few_lines(self, capsys: pytest.CaptureFixture[str]) -> None:
        output = Output()
        display = TransferDisplay(output)
        results = [TransferResult(f"{number}.txt", "upload", "unknown", "lost") for number in range(300)]

        def stopped() -> TransferReport:
            for result in results[:2]:
                display.on_event(TransferEvent("finished", result.path, result=result))
            counts: dict[Outcome, int] = {"done": 0, "skipped": 0, "failed": 0, "unknown": 300}
            error = TransferStoppedError("HubSpot is down")
            error.report = TransferReport(counts, results, bytes=0, api_calls=2, seconds=0.25)
            raise error

        session = Session(output, ConnectionOptions(None, None, emulator=False, api_version=None))
        with pytest.raises(TransferStoppedError):
            run_transfer(session, display, stopped)
        assert capsys.readouterr().err.splitlines() == [
            *(f"unknown: {number}.txt: lost" for number in range(5)),
            "… and 295 more: --json lists all",
            "300 unknown; 0 B in 0.2 s, 2 API calls",
        ]

    def test_without_a_journal_that_can_be_read_the_error_is_all(self, capsys: pytest.CaptureFixture[str]) -> None:
        output = Output()

        def stopped() -> TransferReport:
            raise TransferStoppedError("the disk is full")

        session = Session(output, ConnectionOptions(None, None, emulator=False, api_version=None))
        with pytest.raises(TransferStoppedError):
            run_transfer(session, TransferDisplay(output), stopped)
        assert capsys.readouterr().err == ""

    def test_the_sample_account_leaves_no_journal(self, run: Run, site: Path, tmp_path: Path) -> None:
        for _ in range(2):
            ran = run("upload", site, "hubspot:/site", "--emulator")
            assert (ran.status, len(ran.lines)) == (0, 4)
        assert not (tmp_path / "state").exists()


class TestDownload:
    @pytest.fixture(autouse=True)
    def uploaded(self, emulator: Emulator) -> None:
        with emulator.client() as hubspot:
            for path, content in SITE.items():
                folder, _, name = path.rpartition("/")
                hubspot.files.upload(content, name=name, folder_path=folder)

    def test_of_a_folder(self, run: Run, tmp_path: Path) -> None:
        for source in ("hubspot:/site", "hubspot:/"):
            out = tmp_path / source.replace("/", "_").replace(":", "")
            ran = run("download", source, out)
            assert ran.status == 0
            assert content_of(out if source == "hubspot:/site" else out / "site") == {
                path.removeprefix("/site/"): content for path, content in SITE.items()
            }

    def test_says_that_new_files_may_not_be_listed(self, run: Run, emulator: Emulator, tmp_path: Path) -> None:
        emulator.add_folder("/empty")
        late = "HubSpot may not list the files of the last minutes yet."
        assert f"hubspot:/site is a new folder. {late}\n" in run("download", "hubspot:/site", tmp_path / "site").err
        ran = run("sync", "hubspot:/empty", tmp_path / "empty")
        assert ran.err.startswith(f"hubspot:/empty has no files. {late}\n")
        assert late not in run("download", "hubspot:/", tmp_path / "all").err
        assert late not in run("download", "hubspot:/empty", tmp_path / "empty", "--json").err

    def test_of_files(self, run: Run, emulator: Emulator, tmp_path: Path) -> None:
        [number] = [file.id for file in emulator.files if file.path == "/site/index.html"]
        ran = run("download", str(number), "hubspot:/site/pictures/cat.png", tmp_path / "out")
        assert ran.status == 0
        assert content_of(tmp_path / "out") == {"index.html": b"<html>", "cat.png": b"\x89PNG cat"}

    def test_of_one_file_to_a_directory_or_a_name(self, run: Run, tmp_path: Path) -> None:
        assert run("download", "hubspot:/site/index.html", tmp_path).status == 0
        ran = run("download", "hubspot:/site/index.html", tmp_path / "copy.html")
        assert ran == Ran(0, f"downloaded {tmp_path / 'copy.html'} (6 B)\n", "")
        assert run("download", "hubspot:/site/index.html", f"{tmp_path}/new/").status == 0
        [record] = run("download", "hubspot:/site/index.html", tmp_path / "second.html", "--json").records
        assert (record["kind"], record["outcome"], record["local_path"]) == (
            "transfer",
            "done",
            str(tmp_path / "second.html"),
        )
        names = ["copy.html", "index.html", "new/index.html", "second.html"]
        assert sorted(content_of(tmp_path)) == names or set(names) <= {*content_of(tmp_path)}

    def test_a_dry_run_of_files_changes_nothing(self, run: Run, emulator: Emulator, tmp_path: Path) -> None:
        source = "hubspot:/site/index.html"
        (tmp_path / "index.html").write_text("<html>")
        (tmp_path / "cat.png").write_text("mine")
        ran = run("download", source, "hubspot:/site/pictures/cat.png", tmp_path, "--dry-run")
        assert ran.lines == ["would download site/pictures/cat.png (another size, 8 B)"]
        assert ran.err == "1 replaced, 1 unchanged; 8 B to transfer. Nothing was changed.\n"
        for name, reason in (("new.html", "new"), ("cat.png", "it is replaced")):
            ran = run("download", source, tmp_path / name, "--dry-run")
            assert ran == Ran(0, f"would download {tmp_path / name} ({reason}, 6 B)\n", "Nothing was changed.\n")
        [record] = run("download", source, tmp_path / "new.html", "--dry-run", "--json").records
        assert (record["kind"], record["action"], record["size"]) == ("action", "download", 6)
        assert (tmp_path / "cat.png").read_text() == "mine"

    def test_replacing_is_asked_for(self, run: Run, tmp_path: Path) -> None:
        mine = tmp_path / "index.html"
        mine.write_text("mine")
        for source, destination in (
            ("hubspot:/site/index.html", mine),
            ("hubspot:/site/index.html", tmp_path),
            ("hubspot:/site", tmp_path),
        ):
            ran = run("download", source, destination)
            assert (ran.status, ran.out) == (2, "")
            assert re.search(r"Replace (1 file \()?\S*index\.html", ran.err)
            assert ('"No" also leaves out 2 new files.' in ran.err) is (source == "hubspot:/site")
            assert run("download", source, destination, "--dry-run").status == 0
            assert mine.read_text() == "mine"
        ran = run("download", "hubspot:/site", tmp_path, "--yes")
        assert ran.status == 0
        assert "\n2 new files, 1 new folder, 1 replaced; 14 B in " in ran.err
        assert mine.read_text() == "<html>"

    @pytest.mark.parametrize(
        ("arguments", "status", "words"),
        [
            (["site", "hubspot:/site"], 2, "'site' is not a path in HubSpot; did you mean hubspot:/site?"),
            (["hubspot:/site", "hubspot:/other"], 2, "hubspot:/other is not a local directory"),
            (["hubspot:/site"], 2, "the local directory is missing; it comes last, and . is the current one"),
            (["123"], 2, "hubspot-files download 123 ."),
            (["."], 2, "the files to download are missing; they come first"),
            (["hubspot:/site/no.txt", "."], 1, "there is nothing at hubspot:/site/no.txt"),
            (["hubspot:/site", "hubspot:/site/index.html", "."], 2, "pass one folder, or files"),
            (["hubspot:/site/index.html", ".", "--exclude", "x"], 2, "are for a folder"),
            (["hubspot:/site/index.html", "a.html", "--plan", "x"], 2, "is that a.html/?"),
        ],
    )
    def test_explains_mistakes(self, run: Run, arguments: list[str], status: int, words: str) -> None:
        ran = run("download", *arguments)
        assert (ran.status, ran.out) == (status, "")
        assert words in ran.err


class TestSync:
    def test_makes_a_folder_like_a_directory(self, run: Run, emulator: Emulator, site: Path) -> None:
        assert run("sync", site, "hubspot:/site").status == 0
        (site / "empty.txt").unlink()
        ran = run("sync", site, "hubspot:/site")
        assert (ran.status, stored(emulator)) == (0, SITE)
        assert ran.err.endswith("Left at the destination: 1 file that the source lacks. --delete deletes such files.\n")
        ran = run("sync", site, "hubspot:/site", "--delete", "--yes")
        assert ran.status == 1
        assert "1 of 3 files would be deleted, and --max-delete 10% allows 0" in ran.err
        assert "pass --max-delete 1 if it is right" in ran.err
        assert stored(emulator) == SITE
        dry = run("sync", site, "hubspot:/site", "--delete", "--dry-run")
        assert "would delete empty.txt" in dry.out
        assert "This plan would be refused: " in dry.err
        ran = run("sync", site, "hubspot:/site", "--delete", "--max-delete", "50%")
        assert ran.status == 2
        assert "Delete 1 file (empty.txt) in hubspot:/site? There is no terminal to ask on" in ran.err
        (site / "index.html").write_text("<html>new")
        (site / "new.html").write_text("<html>")
        ran = run("sync", site, "hubspot:/site", "--delete", "--max-delete", "1", "-y")
        assert ran.status == 0
        assert ran.err.startswith("1 new file, 1 replaced, 1 deleted, 1 unchanged; 15 B in ")
        (site / "new.html").unlink()
        assert run("sync", site, "hubspot:/site", "--delete", "--max-delete", "1", "-y").status == 0
        assert sorted(stored(emulator)) == ["/site/index.html", "/site/pictures/cat.png"]

    def test_makes_a_directory_like_a_folder(self, run: Run, emulator: Emulator, site: Path, tmp_path: Path) -> None:
        run("sync", site, "hubspot:/site")
        (tmp_path / "copy").mkdir()
        (tmp_path / "copy/mine.txt").write_text("mine")
        ran = run("sync", "hubspot:/site", tmp_path / "copy")
        assert ran.status == 0
        assert "Left at the destination: 1 file that the source lacks." in ran.err
        (tmp_path / "copy/mine.txt").unlink()
        assert content_of(tmp_path / "copy") == content_of(site)

    def test_erasing_needs_the_digest_of_a_plan(self, run: Run, emulator: Emulator, site: Path) -> None:
        run("sync", site, "hubspot:/site")
        (site / "empty.txt").unlink()
        arguments = ("sync", site, "hubspot:/site", "--delete", "--erase", "--max-delete", "1")
        for digest, words in (((), "--erase needs --digest"), (("--digest", "x"), "not the one with that digest")):
            ran = run(*arguments, "--yes", *digest)
            assert ran.status == 2
            assert words in ran.err
        assert stored(emulator) == SITE
        ran = run(*arguments, "--dry-run")
        digest = ran.err.rpartition("The digest of this plan is ")[2].strip().rstrip(".")
        assert run(*arguments, "--yes", "--digest", digest).status == 0
        assert [file.state for file in emulator.files if file.path == "/site/empty.txt"] == ["gdpr"]

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["here", "/b"], "one of the two must be on HubSpot. Did you mean: hubspot-files sync here hubspot:/b"),
            (["./b/c", "here"], "Did you mean: hubspot-files sync hubspot:/b/c here"),
            (["hubspot:/a", "hubspot:/b"], "one of the two must be a local directory; to move files on HubSpot, use"),
            (["a", "hubspot:b"], "'hubspot:b' lacks a slash; did you mean hubspot:/b?"),
            (["a", "hubspot:/b", "--max-delete", "x"], "'x' is not a number of files, or a share such as 10%"),
            (["a", "hubspot:/b", "--max-delete", "101%"], "'101%' is not a number of files"),
            (["a", "hubspot:/b", "--erase"], "--erase is for deleted files on HubSpot: pass --delete"),
        ],
    )
    def test_explains_mistakes(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], words: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "here").mkdir()
        ran = run("sync", *arguments)
        assert (ran.status, ran.out) == (2, "")
        assert words in ran.err


class TestDisplay:
    def test_deleted_files_are_no_transferred_bytes(self) -> None:
        display = TransferDisplay(Output())
        for action in ("upload", "delete"):
            display.finished(TransferResult("a", action, "done", size=5))
        assert display.counts["done"] == 2
        assert display._finished_bytes == 5

    def test_says_that_uploads_are_checked(self) -> None:
        display = TransferDisplay(Output())
        task: Any = SimpleNamespace(speed=1000.0, time_remaining=3)
        assert display._activity(task) == "1.0 kB/s, 3 s left"
        display.on_event(TransferEvent("checking", "a"))
        display.on_event(TransferEvent("waiting", seconds=2, why="the rate limit"))
        assert display._activity(task) == "checks earlier uploads"
        display.on_event(TransferEvent("started", "a"))
        assert display._activity(task) == "1.0 kB/s, 3 s left"

    def test_counts_have_one_word_for_each_kind(self) -> None:
        kinds = ("new", "folder", "replaced", "deleted", "skipped", "conflict", "failed", "unknown")
        counts = Counter(dict.fromkeys(kinds, 1))
        assert counts_text(counts, 7) == (
            "1 new file, 1 new folder, 1 replaced, 1 deleted, 7 unchanged, 1 left alone, 1 conflict, 1 failed, "
            "1 unknown"
        )
        assert counts_text(Counter(), 0) == "nothing to do"

    def test_a_question_names_three_files(self) -> None:
        assert named_text(5, "file", list("abcde")) == "5 files (a, b, c and 2 more)"
        assert named_text(1, "file", ["a\x1b"]) == "1 file (a\\x1b)"

    def test_shows_waits_on_a_terminal(self, emulator: Emulator, site: Path) -> None:
        emulator.rate_limit("TEN_SECONDLY_ROLLING", 5, 3)
        ran = on_terminal("upload", site, "hubspot:/site", columns=80)
        assert ran.status == 0
        assert re.search(r"waits [23] s: the rate limit", ran.out)
