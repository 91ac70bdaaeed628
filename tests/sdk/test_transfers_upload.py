"""Uploads of folders and of many files: what is stored, what is left alone, and what it costs."""

from __future__ import annotations

import errno
import os
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hubspot_files import AuthenticationError, RateLimitError
from hubspot_files.testing import Emulator
from hubspot_files.transfers import (
    JournalError,
    Plan,
    TransferEvent,
    TransferFailedError,
    TransferReport,
    TransferResult,
    TransferStoppedError,
)

from .support import Client, collected
from .transfer_case import FOLDER, Case, new_case, outcomes

SOME = {"a.txt": b"a", "sub/b.txt": b"b", "sub/deeper/c": b"c"}


def test_a_tree_is_stored_privately_with_its_empty_folders(case: Case) -> None:
    case.write(SOME)
    (case.directory / "sub/empty").mkdir()
    report = case.upload()
    assert case.stored == SOME
    assert {file.access for file in case.emulator.files} == {"PRIVATE"}
    assert f"{FOLDER}/sub/empty" in {folder.path for folder in case.emulator.folders}
    assert report.counts == {"done": 6, "skipped": 0, "failed": 0, "unknown": 0}
    assert report.bytes == 3
    assert report.api_calls == len(case.emulator.requests)
    assert report.seconds >= 0
    report.raise_for_failures()
    assert {(result.path, result.action) for result in report.results} == {
        ("a.txt", "upload"),
        ("sub", "mkdir"),
        ("sub/b.txt", "upload"),
        ("sub/deeper", "mkdir"),
        ("sub/deeper/c", "upload"),
        ("sub/empty", "mkdir"),
    }
    assert repr(report).startswith("<TransferReport 6 done, 0 skipped, 0 failed, 0 unknown; 3 bytes, ")


def test_empty_and_equal_files_are_files_of_their_own(case: Case) -> None:
    """304 files, ten of them empty and ten equal, two of which have the names of second copies."""
    files = {f"{number}.txt": b"%d" % number for number in range(284)}
    files |= {f"empty {number}": b"" for number in range(10)}
    files |= {f"equal{'' if number < 2 else number}{'-1' if number == 1 else ''}.bin": b"same" for number in range(10)}
    case.write(files)
    assert case.upload().counts["done"] == 304
    assert case.stored == files


def test_an_unchanged_tree_costs_listings_only(case: Case) -> None:
    case.write({f"{number}.txt": b"x" * number for number in range(250)})
    case.upload()
    before = case.ids
    with case.calls() as calls:
        report = case.upload()
    # One more page says that there is none after the third.
    assert calls == {"statPath": 2, "searchFolders": 1, "searchFiles": 4}
    assert report.counts == {"done": 0, "skipped": 250, "failed": 0, "unknown": 0}
    assert list(report.results) == []
    assert case.ids == before


def test_changed_content_is_replaced_and_keeps_id_and_access(case: Case) -> None:
    case.emulator.add_file(f"{FOLDER}/same size.txt", b"old", access="PUBLIC_INDEXABLE")
    case.add({"longer.txt": b"short", "equal.txt": b"equal"})
    before = case.ids
    case.write({"same size.txt": b"new", "longer.txt": b"much longer", "equal.txt": b"equal"})
    report = case.upload()
    assert case.stored == {"same size.txt": b"new", "longer.txt": b"much longer", "equal.txt": b"equal"}
    assert case.ids == before
    assert {file.path.rpartition("/")[2]: file.access for file in case.emulator.files} == {
        "same size.txt": "PUBLIC_INDEXABLE",
        "longer.txt": "PRIVATE",
        "equal.txt": "PRIVATE",
    }
    assert {result.action for result in report.results} == {"replace"}


def test_changed_content_gets_a_new_id_if_asked_for(case: Case) -> None:
    case.add({"a.txt": b"old"})
    before = case.ids
    case.write({"a.txt": b"new"})
    assert case.upload(new_ids=True, access="PUBLIC_NOT_INDEXABLE").counts["done"] == 1
    assert case.stored == {"a.txt": b"new"}
    assert case.ids != before
    assert [file.access for file in case.emulator.files if file.state == "live"] == ["PUBLIC_NOT_INDEXABLE"]


@pytest.mark.parametrize("new_ids", [False, True])
def test_an_access_that_is_not_stated_is_not_replaced_by_a_default(
    client: Client, tmp_path: Path, new_ids: bool
) -> None:
    with Emulator(promised_only=True) as emulator:
        case = Case(client, emulator, tmp_path)
        emulator.add_file(f"{FOLDER}/a.txt", b"old", access="PUBLIC_INDEXABLE")
        case.write({"a.txt": b"new"})

        def upload(**options: Any) -> Any:
            return case.run(
                lambda hubspot: hubspot.transfers.upload_folder(case.directory, FOLDER, new_ids=new_ids, **options),
                api_version="2026-03",
            )

        [result] = upload().results
        assert result.outcome == "failed"
        assert "does not state the access of /library/site/a.txt" in result.reason
        assert case.stored == {"a.txt": b"old"}
        assert upload(access="PUBLIC_NOT_INDEXABLE").counts["done"] == 1
        assert [file.access for file in emulator.files if file.state == "live"] == ["PUBLIC_NOT_INDEXABLE"]


def test_the_root_is_a_folder_too(case: Case) -> None:
    case.write(SOME)
    for expected in (5, 0):
        report = case.run(lambda hubspot: hubspot.transfers.upload_folder(case.directory, "/"))
        assert report.counts["done"] == expected
    assert {path.lstrip("/") for path in case.stored} == set(SOME)


def test_include_and_exclude_select_files_on_both_sides(case: Case) -> None:
    case.write(
        {"a.png": b"1", "b.txt": b"2", "sub/c.png": b"3", "sub/d.txt": b"4", "drafts/e.png": b"5", "x/f.md": b""}
    )
    case.upload(include=["*.png"], exclude=["drafts/"])
    assert sorted(case.stored) == ["a.png", "sub/c.png"]
    # A folder without selected files is not created.
    assert {folder.name for folder in case.emulator.folders} == {"library", "site", "sub"}
    case.add({"drafts/keep.png": b"", "other.txt": b""})
    report = case.sync(include=["*.png"], exclude=["drafts/"], delete=True)
    assert report.counts["done"] == 0


def test_symbolic_links_are_left_out_unless_they_are_followed(case: Case) -> None:
    case.write({"real/a.txt": b"a"})
    (case.directory / "linked").symlink_to("real")
    (case.directory / "a link.txt").symlink_to("real/a.txt")
    (case.directory / "real/loop").symlink_to("..")
    (case.directory / "broken").symlink_to("nowhere")
    report = case.upload()
    assert sorted(case.stored) == ["real/a.txt"]
    assert outcomes(report)["linked"] == ("skipped", "a symbolic link, which is not followed")
    report = case.upload(follow_symlinks=True)
    assert sorted(case.stored) == ["a link.txt", "linked/a.txt", "real/a.txt"]
    assert outcomes(report)["real/loop"] == ("failed", "conflict: a loop of symbolic links")
    assert outcomes(report)["broken"][1].startswith("conflict: it cannot be read: No such file")


def test_what_is_not_a_file_is_left_out(case: Case) -> None:
    os.mkfifo(case.directory / "pipe")
    assert outcomes(case.upload())["pipe"] == ("skipped", "not a regular file")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_hubspot_refuses_are_conflicts(case: Case) -> None:
    case.write({"good.txt": b"", "back\\slash.txt": b"", "line\nfeed": b"", "fol\\der/x": b""})
    with open(os.path.join(os.fsencode(case.directory), b"latin-\xe9"), "wb"):
        pass
    with pytest.raises(TransferFailedError, match=r"^4 failed, and the outcome of 0 is unknown") as caught:
        case.upload().raise_for_failures()
    assert sorted(case.stored) == ["good.txt"]
    reasons = outcomes(caught.value.report)
    assert "contains a backslash" in reasons["back\\slash.txt"][1]
    assert "cannot be sent as UTF-8" in reasons["latin-\\udce9"][1]
    assert "contains a backslash" in str(caught.value)


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems hold only one of them")
def test_names_are_composed_and_those_that_become_equal_conflict(case: Case) -> None:
    composed = unicodedata.normalize("NFC", "\u00e9t\u00e9.txt")
    decomposed = unicodedata.normalize("NFD", composed)
    case.write({decomposed: b"1"})
    case.upload()
    assert case.stored == {composed: b"1"}
    assert case.upload().counts["done"] == 0
    case.write({composed: b"2"})
    report = case.upload()
    assert report.counts["failed"] == 1
    assert len(case.stored) == 1


def test_a_folder_and_a_file_of_the_same_name_conflict(case: Case) -> None:
    case.emulator.add_folder(f"{FOLDER}/folder there")
    case.add({"file there": b""})
    case.write({"folder there": b"", "file there/x": b"", "ok": b""})
    report = case.upload()
    assert sorted(case.stored) == ["file there", "ok"]
    assert outcomes(report) == {
        "file there": ("failed", "conflict: a folder here, and a file on HubSpot"),
        "file there/x": ("failed", "conflict: its folder is a conflict"),
        "folder there": ("failed", "conflict: a file here, and a folder on HubSpot"),
        "ok": ("done", ""),
    }


def test_what_cannot_be_read_is_a_conflict_and_nothing_of_it_is_deleted(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.write({"closed/a": b"a", "b": b"b", "c": b"c"})
    case.upload()
    case.write({"b": b"B"})
    scandir, opened = os.scandir, open

    def refuse(function: Any, name: str) -> Any:
        def call(path: Any, *args: Any, **kwargs: Any) -> Any:
            if str(path).endswith(name):
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return function(path, *args, **kwargs)

        return call

    monkeypatch.setattr(os, "scandir", refuse(scandir, "closed"))
    monkeypatch.setattr("builtins.open", refuse(opened, "site/b"))
    report = case.sync(delete=True, max_delete=10)
    assert {path: outcome for path, (outcome, _) in outcomes(report).items()} == {"b": "failed", "closed": "failed"}
    assert case.stored == {"b": b"b", "c": b"c", "closed/a": b"a"}


def test_a_directory_that_is_none_is_refused_before_anything_is_sent(case: Case) -> None:
    for path, error in (("nowhere", FileNotFoundError), ("file", NotADirectoryError)):
        case.write({"file": b""})
        with pytest.raises(error, match="there is no such directory"):
            case.run(lambda hubspot, path=path: hubspot.transfers.upload_folder(case.directory / path, FOLDER))
    assert case.emulator.requests == []


def test_a_destination_that_is_a_file_is_refused(case: Case) -> None:
    case.emulator.add_file(FOLDER, b"")
    with pytest.raises(NotADirectoryError, match="it is a file on HubSpot"):
        case.upload()


class TestFileThatTheListingLacks:
    """HubSpot gives another name to an upload whose name is taken. So nothing is replaced that was not seen."""

    @pytest.fixture
    def case(self, client: Client, tmp_path: Path, journals: None) -> Iterator[Case]:
        with new_case(client, tmp_path, search_lag=600.0) as case:
            yield case

    def test_of_the_same_content_is_kept(self, case: Case) -> None:
        case.add({"a.txt": b"a"})
        before = case.ids
        case.write({"a.txt": b"a"})
        report = case.upload()
        assert outcomes(report) == {"a.txt": ("done", "it was stored already")}
        assert case.ids == before

    def test_of_other_content_is_a_conflict(self, case: Case) -> None:
        case.add({"a.txt": b"theirs"})
        case.write({"a.txt": b"mine"})
        report = case.upload()
        assert outcomes(report)["a.txt"][1].startswith("conflict: another file has this name on HubSpot")
        assert case.stored == {"a.txt": b"theirs"}

    def test_from_an_earlier_run_is_found_by_its_path(self, case: Case) -> None:
        case.write(SOME)
        case.upload()
        before = case.ids
        with case.calls() as calls:
            report = case.upload()
        assert calls["uploadFile"] == 0
        assert {reason for _, reason in outcomes(report).values()} <= {"it was stored already", "it existed already"}
        assert case.ids == before

    def test_from_an_earlier_run_is_replaced_if_it_has_changed_here(self, case: Case) -> None:
        case.write(SOME)
        case.upload()
        before = case.ids
        case.write({"a.txt": b"changed"})
        case.upload()
        assert case.stored == {**SOME, "a.txt": b"changed"}
        assert case.ids == before

    def test_from_an_earlier_run_is_a_conflict_if_it_has_changed_there(self, case: Case) -> None:
        case.write({"a.txt": b"a"})
        case.upload()
        case.emulator.clock.advance(1)
        [file] = case.emulator.files
        case.run(lambda hubspot: hubspot.files.delete(file.id))
        case.add({"a.txt": b"theirs"})
        report = case.upload()
        assert outcomes(report)["a.txt"][0] == "failed"
        assert case.stored == {"a.txt": b"theirs"}

    def test_that_is_a_folder_now_is_a_conflict(self, case: Case) -> None:
        case.write({"a": b"a"})
        case.upload()
        [file] = case.emulator.files
        case.run(lambda hubspot: hubspot.files.delete(file.id))
        plan = case.plan()
        case.emulator.add_folder(f"{FOLDER}/a")
        assert outcomes(case.apply(plan)) == {"a": ("failed", "conflict: a folder has this name on HubSpot")}

    def test_that_was_deleted_is_stored_again(self, case: Case) -> None:
        case.write({"a": b"a"})
        case.upload()
        [file] = case.emulator.files
        case.run(lambda hubspot: hubspot.files.delete(file.id))
        assert case.upload().counts["done"] == 1
        assert case.stored == {"a": b"a"}


class TestMany:
    def test_files_are_stored_under_their_names(self, case: Case) -> None:
        case.write({"x/a.txt": b"a", "y/b.txt": b"b", "y/c.txt": b"c"})
        case.add({"c.txt": b"c", "sub/a.txt": b"another"})
        sources = [case.directory / name for name in ("x/a.txt", "y/b.txt", "y/c.txt")]
        results = self.results(case, sources)
        assert {(result.path, result.outcome) for result in results} == {("a.txt", "done"), ("b.txt", "done")}
        assert case.stored == {"a.txt": b"a", "b.txt": b"b", "c.txt": b"c", "sub/a.txt": b"another"}
        assert self.results(case, sources) == []

    def test_equal_names_directories_and_missing_files_conflict(self, case: Case) -> None:
        case.write({"x/a.txt": b"1", "y/a.txt": b"2"})
        names = ("x/a.txt", "y/a.txt", "x", "missing", "x/a.txt")
        results = self.results(case, [case.directory / name for name in names])
        assert [(result.path, result.outcome) for result in sorted(results)] == [
            ("a.txt", "done"),
            ("missing", "failed"),
            ("x", "failed"),
            ("y/a.txt", "failed"),
        ]
        assert case.stored == {"a.txt": b"1"}

    def test_a_plan_of_files_changes_nothing_until_it_is_run(self, case: Case) -> None:
        case.write({"x/a.txt": b"a", "y/b.txt": b"b", "y/c.txt": b"c"})
        case.add({"b.txt": b"old", "c.txt": b"c"})
        before = case.stored
        sources = [case.directory / name for name in ("x/a.txt", "y/b.txt", "y/c.txt", "y/missing")]
        plan = case.run(lambda hubspot: hubspot.transfers.plan_upload_many(sources, FOLDER))
        assert [(entry.action, entry.path) for entry in plan] == [
            ("upload", "a.txt"),
            ("replace", "b.txt"),
            ("conflict", "missing"),
        ]
        assert case.stored == before
        plan.save(case.root / "plan")
        report = case.apply(Plan.load(case.root / "plan"))
        assert report.counts == {"done": 2, "skipped": 1, "failed": 1, "unknown": 0}
        assert case.stored == {"a.txt": b"a", "b.txt": b"b", "c.txt": b"c"}

    def test_no_file_is_no_error(self, case: Case) -> None:
        assert self.results(case, []) == []

    def test_the_report_comes_at_the_end(self, case: Case) -> None:
        case.write({"a.txt": b"a"})

        def program(hubspot: Any) -> Any:
            results = hubspot.transfers.upload_many([case.directory / "a.txt"], FOLDER)
            assert results.report is None
            yield collected(results)
            return results.report

        report = case.run(program)
        assert isinstance(report, TransferReport)
        assert report.counts["done"] == 1

    @staticmethod
    def results(case: Case, sources: list[Path]) -> list[TransferResult]:
        found: list[TransferResult] = case.run(
            lambda hubspot: collected(hubspot.transfers.upload_many(sources, FOLDER))
        )
        return found


class TestEvents:
    def test_tell_of_each_step(self, case: Case) -> None:
        case.write({"a.txt": b"abc"})
        events: list[TransferEvent] = []
        case.upload(on_event=events.append)
        assert [(event.kind, event.path) for event in events] == [
            ("planned", ""),
            ("started", "a.txt"),
            ("progress", "a.txt"),
            ("finished", "a.txt"),
        ]
        assert (events[0].actions, events[0].size) == (1, 3)
        assert (events[2].transferred, events[2].size) == (3, 3)
        assert events[3].result is not None
        assert events[3].result.outcome == "done"

    def test_tell_of_waits(self, case: Case) -> None:
        case.write({f"{number}.txt": b"" for number in range(30)})
        case.emulator.rate_limit("TEN_SECONDLY_ROLLING", 10)
        events: list[TransferEvent] = []
        report = case.upload(on_event=events.append)
        assert report.counts["done"] == 30
        waits = [event for event in events if event.kind == "waiting" and event.why == "the rate limit"]
        assert waits
        assert all(event.seconds > 0 for event in waits)

    @pytest.mark.parametrize("kind", ["finished", "waiting"])
    def test_an_error_of_the_callback_stops_the_transfer(self, case: Case, kind: str) -> None:
        case.write(SOME)
        case.emulator.add_folder(FOLDER)
        case.emulator.fail("status", status=429, headers={"retry-after": "1"}, operation="uploadFile")

        def fail(event: TransferEvent) -> None:
            if event.kind == kind:
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            case.upload(on_event=fail)
        assert case.upload().counts["failed"] == 0
        assert case.stored == SOME


class TestStop:
    def test_without_authentication(self, case: Case) -> None:
        case.write(SOME)
        case.upload()
        case.write({f"{number}.txt": b"" for number in range(100)})
        plan = case.plan()
        case.emulator.fail("status", operation="uploadFile", status=401, count=None)
        with pytest.raises(TransferStoppedError, match="Run it again to go on") as caught:
            case.apply(plan)
        assert isinstance(caught.value.__cause__, AuthenticationError)
        assert caught.value.report is not None
        assert 0 < caught.value.report.counts["failed"] < 100

    def test_with_the_daily_limit_used_up(self, case: Case) -> None:
        case.write(SOME)
        plan = case.plan()
        body = b'{"status":"error","message":"limit","errorType":"RATE_LIMIT","policyName":"DAILY"}'
        case.emulator.fail("status", operation="uploadFile", status=429, body=body, count=None)
        with pytest.raises(TransferStoppedError) as caught:
            case.apply(plan)
        assert isinstance(caught.value.__cause__, RateLimitError)

    @pytest.mark.promise(
        "`TransferStoppedError`, `TransferFailedError` | remove the cause, and call the same method again; it goes on"
    )
    def test_without_a_network(self, case: Case) -> None:
        case.write({f"{number}.txt": b"" for number in range(200)})
        plan = case.plan()
        case.emulator.add_folder(FOLDER)
        case.emulator.fail("connect", operation="uploadFile", count=None)
        with pytest.raises(TransferStoppedError, match="the transfer stopped: POST"):
            case.apply(plan)
        case.emulator.clear_faults()
        assert case.upload().counts["failed"] == 0
        assert len(case.stored) == 200


class TestOutage:
    """HubSpot responds with 503 to all that matters. A transfer does not go on with that for hours."""

    def test_of_uploads(self, case: Case) -> None:
        case.write({f"{number}.txt": b"" for number in range(120)})
        case.emulator.add_folder(FOLDER)
        case.emulator.fail("status", operation="uploadFile", status=503, count=None)
        with pytest.raises(
            TransferStoppedError, match=r"^the transfer stopped: POST .*: 503.*, 5\d times in a row\."
        ) as stop:
            case.run(lambda hubspot: hubspot.transfers.upload_folder(case.directory, FOLDER, workers=4), max_retries=0)
        assert stop.value.report is not None
        assert 50 <= stop.value.report.counts["unknown"] < 60
        reasons = {reason for _, reason in outcomes(stop.value.report).values()}
        assert reasons == {"HubSpot's response was 503; the next run looks it up"}
        case.emulator.clear_faults()
        assert case.upload().counts["done"] == 120

    def test_of_replacements(self, case: Case) -> None:
        paths = [f"{number}.txt" for number in range(80)]
        case.add(dict.fromkeys(paths, b"old"))
        case.write(dict.fromkeys(paths, b"new"))
        plan = case.plan()
        case.emulator.fail("status", status=503, operation="getFile", count=None)
        with pytest.raises(TransferStoppedError, match=r"5\d times in a row"):
            case.run(lambda hubspot: hubspot.transfers.run(plan, workers=4), max_retries=0)
        assert set(case.stored.values()) == {b"old"}

    def test_of_what_an_earlier_run_has_left(self, case: Case) -> None:
        paths = [f"{number}.txt" for number in range(60)]
        case.write(dict.fromkeys(paths, b""))
        case.emulator.add_folder(FOLDER)

        def cut(event: TransferEvent) -> None:
            if event.kind == "planned":
                case.emulator.fail("status", status=503, count=None)

        def upload(hubspot: Any) -> Any:
            return hubspot.transfers.upload_folder(case.directory, FOLDER, workers=4, on_event=cut)

        for expected in ("POST", "GET"):
            with pytest.raises(TransferStoppedError, match=f"stopped: {expected} .*5\\d times in a row"):
                case.run(upload, max_retries=0)
            case.emulator.clear_faults()
            for path in paths:
                (case.directory / path).unlink(missing_ok=True)


class TestJournal:
    @pytest.mark.promise("`JournalError` | wait for the other run, or pass another `journal`; nothing was sent")
    def test_is_used_by_one_run_at_a_time(self, case: Case) -> None:
        case.write(SOME)
        journal = case.root / "journal"
        refused: list[Exception] = []

        def run_another(event: TransferEvent) -> None:
            if event.kind == "planned":
                try:
                    Case.upload(another, journal=journal)
                except JournalError as error:
                    refused.append(error)

        another = object.__new__(Case)
        vars(another).update({**vars(case), "client": Client("sync")})
        case.upload(journal=journal, on_event=run_another)
        assert [str(error) for error in refused] == [
            f"another run uses the journal {journal}; wait for its end, or stop it"
        ]

    @pytest.mark.parametrize(
        ("content", "message"),
        [(b"no database at all" * 100, "cannot be used"), (None, "belongs to another transfer")],
        ids=["file", "other"],
    )
    def test_of_something_else_is_refused(self, case: Case, content: bytes | None, message: str) -> None:
        case.write(SOME)
        journal = case.root / "journal"
        case.emulator.add_folder(FOLDER)
        if content is not None:
            journal.write_bytes(content)
        else:
            case.run(lambda hubspot: hubspot.transfers.upload_folder(case.directory, "/elsewhere", journal=journal))
        with case.calls() as calls, pytest.raises(JournalError, match=message):
            case.upload(journal=journal)
        assert calls["uploadFile"] == 0

    def test_holds_no_secret(self, case: Case) -> None:
        case.write(SOME)
        journal = case.root / "journal"
        case.upload(journal=journal)
        assert case.emulator.token.encode() not in journal.read_bytes()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"workers": 0}, ValueError, "workers must be 1 or more"),
        ({"workers": "4"}, TypeError, "workers must be an int"),
        ({"on_event": 3}, TypeError, "on_event must be callable"),
        ({"access": "SECRET"}, ValueError, "access 'SECRET' is not valid"),
        ({"new_ids": 1}, TypeError, "new_ids must be True or False"),
        ({"follow_symlinks": "no"}, TypeError, "follow_symlinks must be True or False"),
        ({"include": "*.png"}, TypeError, "include must be a list of patterns"),
        ({"exclude": [1]}, TypeError, "exclude must contain patterns as str"),
        ({"exclude": ["/"]}, ValueError, "matches nothing"),
        ({"journal": 3}, TypeError, "journal must be a path"),
        ({"journal": ""}, ValueError, "journal must be a path that is not empty"),
    ],
)
def test_invalid_options_are_refused_before_anything_is_sent(
    case: Case, options: Mapping[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        case.upload(**options)
    assert case.emulator.requests == []
