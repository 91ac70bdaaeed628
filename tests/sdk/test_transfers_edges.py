"""Transfers at their edges: rare responses, failures of lookups, and what is left of interrupted runs."""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from hubspot_files.transfers import (
    JournalError,
    PlanRefusedError,
    TransferEvent,
    TransferFailedError,
    TransferStoppedError,
)
from hubspot_files.transfers.local_tree import md5_of

from .support import Client, collected
from .test_transfers_interrupted import open_journals
from .test_transfers_sync import TestSync
from .transfer_case import FOLDER, Case, Stop, StoppingTransport, local_files, new_case, outcomes


class Rewriting(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that changes the bodies of uploads."""

    def __init__(self, transport: Any, old: bytes, new: bytes) -> None:
        self._transport = transport
        self._old, self._new = old, new

    def _changed(self, request: httpx.Request, content: bytes) -> httpx.Request:
        content = content.replace(self._old, self._new)
        return httpx.Request(request.method, request.url, headers=request.headers, content=content)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method in ("POST", "PUT"):
            request = self._changed(request, request.read())
        response: httpx.Response = self._transport.handle_request(request)
        return response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method in ("POST", "PUT"):
            request = self._changed(request, await request.aread())
        response: httpx.Response = await self._transport.handle_async_request(request)
        return response


class TestNameThatHubSpotChanges:
    @pytest.fixture
    def case(self, case: Case) -> Case:
        """HubSpot stores a.txt as z.txt."""
        case.write({"a.txt": b"1", "b.txt": b"2"})
        report = case.upload(transport=self.renaming(case))
        assert outcomes(report)["a.txt"] == ("done", f"HubSpot stored it as {FOLDER}/z.txt")
        assert case.stored == {"z.txt": b"1", "b.txt": b"2"}
        return case

    @staticmethod
    def renaming(case: Case) -> Rewriting:
        return Rewriting(case.emulator.transport, b"\r\na.txt\r\n", b"\r\nz.txt\r\n")

    def test_is_not_stored_again(self, case: Case) -> None:
        before = case.ids
        assert outcomes(case.upload(transport=self.renaming(case))) == {"a.txt": ("skipped", "it was stored already")}
        assert case.ids == before

    def test_is_not_deleted_by_a_sync(self, case: Case) -> None:
        report = case.sync(delete=True, max_delete=1)
        assert outcomes(report)["z.txt"] == ("skipped", "HubSpot has stored a.txt under this name")
        assert case.stored == {"z.txt": b"1", "b.txt": b"2"}
        (case.directory / "a.txt").unlink()
        case.sync(delete=True, max_delete=1)
        assert case.stored == {"b.txt": b"2"}

    def test_gets_changed_content(self, case: Case) -> None:
        case.write({"a.txt": b"changed"})
        before = case.ids
        case.upload(transport=self.renaming(case))
        assert case.stored == {"z.txt": b"changed", "b.txt": b"2"}
        assert case.ids == before

    def test_is_stored_again_if_it_was_moved_away_or_deleted(self, case: Case) -> None:
        case.emulator.add_folder("/elsewhere")
        case.run(lambda hubspot: hubspot.files.update(case.ids["z.txt"], parent_folder_path="/elsewhere"))
        case.upload()
        assert sorted(case.stored) == ["/elsewhere/z.txt", "a.txt", "b.txt"]


def test_content_that_is_stored_wrong_fails(case: Case) -> None:
    case.add({"old": b"old"})
    case.write({"old": b"content", "new": b"content"})
    report = case.upload(transport=Rewriting(case.emulator.transport, b"\r\ncontent\r\n", b"\r\nCONTENT\r\n"))
    assert outcomes(report)["new"][1].startswith("HubSpot stored other content (7 bytes); it was deleted again")
    assert outcomes(report)["old"][1].startswith("HubSpot stored other content (7 bytes)")
    case.upload()
    assert case.stored == {"old": b"content", "new": b"content"}


def test_content_that_comes_wrong_is_no_file(case: Case) -> None:
    case.add({"a": b"content"})
    case.emulator.fail("status", operation="fetchContent", status=200, body=b"CONTENT", count=None)
    report = case.download(case.root / "copy")
    assert report.counts["failed"] == 1
    assert local_files(case.root / "copy") == {}


@pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
def test_a_second_copy_that_was_to_be_deleted_is_deleted_by_the_next_run(
    client: Client, tmp_path: Path, journals: None, after_effect: bool
) -> None:
    with new_case(client, tmp_path, search_lag=600.0) as case:
        case.add({"a.txt": b"content"})
        case.write({"a.txt": b"content"})
        for number in range(1, 20):
            transport = StoppingTransport(case.emulator.transport, number, after_effect=after_effect)
            try:
                case.upload(transport=transport)
                break
            except Stop:
                pass
        assert case.upload().counts["failed"] == 0
        case.emulator.clock.advance(10)
        assert case.stored == {"a.txt": b"content"}


def test_numbered_names_are_looked_up_in_part_only(case: Case) -> None:
    case.add({f"a-{number}.txt": b"theirs" for number in range(1, 25)})
    case.write({"a.txt": b"content"})
    case.emulator.fail("disconnect", operation="uploadFile")
    with case.calls() as calls:
        assert case.upload().counts["done"] == 1
    assert calls["statPath"] < 25


def test_a_file_that_is_gone_at_the_moment_of_its_deletion_is_gone(case: Case) -> None:
    case.add({"keep": b"", "a": b""})
    case.write({"keep": b""})
    case.emulator.fail("status", operation="deleteFile", status=404)
    assert outcomes(case.sync(delete=True, max_delete=1)) == {"a": ("done", "")}


def test_local_deletions_follow_links_if_asked_to(case: Case) -> None:
    case.add({"keep": b""})
    target = case.root / "copy"
    case.write({"keep": b"", "real/a": b""}, target)
    (target / "only here").symlink_to("real")
    options: dict[str, Any] = {"delete": True, "max_delete": 2}
    assert TestSync.sync_down(case, target, **options).counts["done"] == 1
    case.write({"real/b": b""}, target)
    (target / "only here").unlink()
    assert TestSync.sync_down(case, target, **options, follow_symlinks=True).counts["done"] == 1
    assert sorted(local_files(target)) == ["keep"]


def test_a_folder_that_is_refused_fails(case: Case) -> None:
    (case.directory / "empty").mkdir()
    case.emulator.add_folder(FOLDER)
    case.emulator.fail("status", operation="createFolder", status=409, count=None)
    assert outcomes(case.upload())["empty"][0] == "failed"


def test_a_destination_that_is_a_file_here_is_refused(case: Case) -> None:
    case.add({"a": b""})
    case.write({"file": b""})
    with pytest.raises(NotADirectoryError):
        case.download(case.directory / "file")


def test_a_directory_that_cannot_be_read_is_an_error(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Any) -> Any:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError):
        case.upload()


def test_a_local_file_that_cannot_be_read_is_a_conflict(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    case.add({"a": b"1"})
    case.write({"a": b"2"})
    opened = open

    def refuse(path: Any, *args: Any, **kwargs: Any) -> Any:
        if str(path).endswith("site/a"):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **kwargs)

    monkeypatch.setattr("builtins.open", refuse)
    report = case.download(case.directory)
    assert outcomes(report)["a"][1].startswith("conflict: the local file cannot be read: [Errno 13]")


def test_many_failures_and_collisions_are_named_in_part(case: Case) -> None:
    case.add({"a" + character: b"" for character in ':*?"<>|'} | {"b": b"", "keep": b""})
    with pytest.raises(PlanRefusedError, match="6 names on HubSpot would be equal") as refused:
        case.download(case.root / "copy", if_collision="refuse")
    assert str(refused.value).count(" as ") == 5
    case.emulator.fail("status", operation="getSignedUrl", status=400, count=None)
    with pytest.raises(TransferFailedError) as caught:
        case.download(case.root / "copy").raise_for_failures()
    assert str(caught.value).splitlines()[-1] == "- …"
    assert len(str(caught.value).splitlines()) == 7


def test_plans_of_folders_can_be_made_alone(case: Case) -> None:
    case.write({"a": b""})
    plan = case.run(lambda hubspot: hubspot.transfers.plan_upload_folder(case.directory, FOLDER))
    assert [entry.path for entry in plan] == ["a"]


def test_sources_are_paths(case: Case) -> None:
    with pytest.raises(TypeError, match="sources must be a list of paths, not one str"):
        case.run(lambda hubspot: hubspot.transfers.upload_many("a", FOLDER))
    if os.sep == "/":
        case.write({"back\\slash": b""})
        sources = [case.directory / "back\\slash"]
        [result] = case.run(lambda hubspot: collected(hubspot.transfers.upload_many(sources, FOLDER)))
        assert (result.outcome, "contains a backslash" in result.reason) == ("failed", True)


def test_single_files_with_a_lost_response_give_one_result(case: Case) -> None:
    case.write({"a": b"a"})
    sources = [case.directory / "a"]
    case.emulator.fail("disconnect", operation="uploadFile")

    def program(hubspot: Any) -> Any:
        results = hubspot.transfers.upload_many(sources, FOLDER)
        return collected(_Same(aiter(results))) if hasattr(results, "__aiter__") else list(results)

    [result] = case.run(program)
    assert result.outcome == "done"


class _Same:
    """An iterator is an iterable, too."""

    def __init__(self, iterator: Any) -> None:
        self._iterator = iterator

    def __aiter__(self) -> Any:
        return aiter(self._iterator)


def test_a_slow_transfer_is_waited_for(case: Case) -> None:
    case.write({"a": b"a"})
    slept: list[TransferEvent] = []

    def wait(event: TransferEvent) -> None:
        if event.kind == "started":
            slept.append(event)
            time.sleep(1.1)

    assert case.upload(on_event=wait).counts["done"] == 1
    assert slept


def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1")
    before = os.stat(path)
    path.write_bytes(b"12")
    states = itertools.cycle([before, os.stat(path)])
    monkeypatch.setattr(os, "fstat", lambda _: next(states))
    with pytest.raises(Exception, match="changed while it was read"):
        md5_of(str(path))


class TestWhatIsLeft:
    """An action of an interrupted run that is not in the next plan any more."""

    def stop(self, case: Case, number: int, run: Any, *, after_effect: bool = True) -> None:
        transport = StoppingTransport(case.emulator.transport, number, after_effect=after_effect)
        with pytest.raises(Stop):
            case.run(run, transport=transport)

    def test_of_a_download_is_skipped(self, case: Case) -> None:
        case.add({"a": b"a", "b": b"b"})
        target = case.root / "copy"
        self.stop(case, 6, lambda hubspot: hubspot.transfers.download_folder(FOLDER, target, workers=1))
        case.run(lambda hubspot: hubspot.files.delete(case.ids["a"]))
        assert outcomes(case.download(target))["a"] == ("skipped", "not planned any more")

    @pytest.mark.parametrize("after_effect", [False, True])
    def test_of_a_deletion_is_looked_up(self, case: Case, after_effect: bool) -> None:
        case.add({"a": b"a", "keep": b""})
        case.write({"keep": b""})
        sides = (case.directory, f"hubspot:{FOLDER}")

        def sync(hubspot: Any) -> Any:
            return hubspot.transfers.sync(*sides, delete=True, max_delete=1)

        # The listing, the folder, the record, and the deletion.
        self.stop(case, 7, sync, after_effect=after_effect)
        report = case.sync()
        expected = ("done", "") if after_effect else ("skipped", "not planned any more")
        assert outcomes(report) == {"a": expected}

    @pytest.fixture
    def orphan(self, case: Case) -> Case:
        """An upload without its response, whose file is gone here."""
        case.emulator.add_folder(FOLDER)
        case.write({"a": b"a"})
        self.stop(case, 5, lambda hubspot: hubspot.transfers.upload_folder(case.directory, FOLDER, workers=1))
        (case.directory / "a").unlink()
        return case

    def test_stays_unknown_if_the_lookup_fails(self, orphan: Case) -> None:
        case = orphan
        assert sorted(case.stored) == ["a"]

        def cut(event: TransferEvent) -> None:
            if event.kind == "planned":
                case.emulator.fail("connect", operation="statPath", count=None)

        with pytest.raises(TransferFailedError, match="the outcome of 1 is unknown"):
            case.upload(on_event=cut).raise_for_failures()
        case.emulator.clear_faults()
        events: list[TransferEvent] = []
        assert outcomes(case.upload(on_event=events.append)) == {"a": ("done", "")}
        assert ("checking", "a") in [(event.kind, event.path) for event in events]

    def test_that_was_not_stored_is_skipped(self, orphan: Case) -> None:
        orphan.run(lambda hubspot: hubspot.files.delete(orphan.ids["a"]))
        assert outcomes(orphan.upload()) == {"a": ("skipped", "not planned any more")}

    def test_needs_a_journal_that_can_be_written(self, orphan: Case) -> None:
        with pytest.raises(TransferStoppedError, match="its journal cannot be written"):
            orphan.upload(on_event=_lock_journal)

    def test_of_copies_needs_a_journal_that_can_be_written(self, orphan: Case) -> None:
        orphan.upload()
        orphan.emulator.clock.advance(1000)
        with pytest.raises(TransferStoppedError, match="its journal cannot be written"):
            orphan.upload(on_event=_lock_journal)

    def test_of_copies_is_looked_up_again_if_that_fails(self, orphan: Case) -> None:
        case = orphan
        case.upload()

        def cut(event: TransferEvent) -> None:
            if event.kind == "planned":
                case.emulator.fail("connect", operation="statPath", count=None)

        case.upload(on_event=cut)
        case.emulator.clear_faults()
        events: list[TransferEvent] = []
        with case.calls() as calls:
            case.upload(on_event=events.append)
        assert calls["statPath"] == 3
        assert [(event.kind, event.path) for event in events][-1] == ("checking", "a")


def _lock_journal(event: TransferEvent) -> None:
    if event.kind == "planned":
        for journal in open_journals():
            with contextlib.suppress(sqlite3.ProgrammingError):  # those of earlier runs are closed
                journal._database.execute("PRAGMA query_only = ON")


def test_a_journal_of_another_kind_is_refused(case: Case) -> None:
    case.write({"a": b""})
    journal = case.root / "journal"
    database = sqlite3.connect(journal)
    database.execute("CREATE TABLE mine (x)")
    database.close()
    with pytest.raises(JournalError, match="is an SQLite file, but not a journal of hubspot-files"):
        case.upload(journal=journal)
    journal.unlink()
    case.upload(journal=journal)
    database = sqlite3.connect(journal, isolation_level=None)
    database.execute("UPDATE about SET format = 'hubspot-files journal 9'")
    database.close()
    with pytest.raises(JournalError, match=r"is of another version \(hubspot-files journal 9\)"):
        case.upload(journal=journal)
    with pytest.raises(JournalError, match="cannot be used: unable to open database file"):
        case.upload(journal=case.directory)


def test_results_need_the_journal(case: Case) -> None:
    case.write({"a": b""})
    journal = case.root / "journal"
    report = case.upload(journal=journal)
    journal.write_bytes(b"broken" * 1000)
    with pytest.raises(JournalError, match="cannot be used"):
        list(report.results)
