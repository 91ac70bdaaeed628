"""Ids of the journal that are those of other files by now: of another account, or renamed, moved or replaced there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from hubspot_files.testing import Clock, Emulator, use_clock
from hubspot_files.transfers import Plan, PlanRefusedError, TransferReport

from .support import Client
from .transfer_case import FOLDER, Case, Stop, StoppingTransport, local_files, outcomes

FILES = {f"{number}": b"%d" % number for number in range(8)}


@pytest.fixture
def client() -> Client:
    """What is tested here is the same for both clients."""
    return Client("sync")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


class WithoutMD5(httpx.BaseTransport):
    """A transport whose records do not name the MD5 of files."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = self._transport.handle_request(request)
        if "json" not in response.headers.get("content-type", ""):
            return response
        return httpx.Response(response.status_code, json=json.loads(response.read().replace(b"fileMd5", b"other")))


def renamed(case: Case, path: str, name: str, **changes: Any) -> None:
    """Rename a file on HubSpot, as a person does."""
    case.run(lambda hubspot: hubspot.files.update(case.ids[path], name=name, **changes))


def without_the_first_entry(plan: Plan, path: Path) -> Path:
    """Save a plan without its first entry."""
    plan.save(path)
    options, _, *rest = path.read_text().splitlines(keepends=True)
    path.write_text("".join([options, *rest]))
    return path


class TestAnotherAccount:
    """An emulator that is started again gives the same ids to other files."""

    @pytest.mark.parametrize("folder", [FOLDER, "/"])
    def test_has_no_file_of_the_journal(self, tmp_path: Path, client: Client, journal: Path, folder: str) -> None:
        case = Case(client, Emulator(), tmp_path)
        case.write(FILES)
        for order in (sorted(FILES), sorted(FILES, reverse=True)) * 2:
            # In the next account, each id is that of another file.
            with Emulator() as case.emulator, use_clock(case.emulator.clock):
                for path in order:
                    report = case.run(
                        lambda hubspot, path=path: hubspot.transfers.upload_folder(
                            case.directory, folder, include=[f"/{path}"], journal=journal
                        )
                    )
                    assert report.counts["failed"] + report.counts["unknown"] == 0
                assert {path.lstrip("/"): content for path, content in case.stored.items()} == FILES

    def test_with_the_same_times_has_no_file_of_the_journal_at_another_path(
        self, tmp_path: Path, client: Client, journal: Path
    ) -> None:
        case = Case(client, Emulator(), tmp_path)
        for names in ("ab", "ba"):
            with Emulator(clock=Clock(datetime(2030, 1, 1, tzinfo=UTC), frozen=True)) as case.emulator:
                case.write({names[0]: b"first", names[1]: b"second"})
                for name in names:
                    case.upload(journal=journal, include=[name])
                assert case.stored == {names[0]: b"first", names[1]: b"second"}

    def test_keeps_a_file_with_the_same_id_and_path(self, tmp_path: Path, client: Client, journal: Path) -> None:
        """The search does not list it, and only the time of its creation tells it from that of the journal."""
        case = Case(client, Emulator(), tmp_path)
        case.write({"a": b"mine"})

        def upload() -> TransferReport:
            report: TransferReport = case.run(
                lambda hubspot: hubspot.transfers.upload_folder(case.directory, "/", journal=journal)
            )
            return report

        upload()
        with Emulator(search_lag=600) as case.emulator:
            case.emulator.clock.advance(1)
            case.emulator.add_file("/a", b"theirs")
            assert outcomes(upload())["a"][1].startswith("conflict: another file has this name on HubSpot")
            assert case.stored == {"/a": b"theirs"}

    def test_has_no_lost_upload_of_the_journal(self, tmp_path: Path, client: Client, journal: Path) -> None:
        """A lost upload has no id. The time of the folder tells that it went to another account."""
        case = Case(client, Emulator(), tmp_path)
        case.write({"a": b"mine"})
        case.emulator.add_folder(FOLDER)
        # The lookup of the folder and the listing come before the upload.
        transport = StoppingTransport(case.emulator.transport, 5, after_effect=True)
        with pytest.raises(Stop):
            case.upload(journal=journal, transport=transport)
        assert case.stored == {"a": b"mine"}
        case.write({"a": b"changed"})
        with Emulator(search_lag=600) as case.emulator:
            case.emulator.clock.advance(1)
            case.add({"a": b"mine"})
            assert outcomes(case.upload(journal=journal))["a"][0] == "failed"
            assert case.stored == {"a": b"mine"}

    def test_refuses_a_plan(self, tmp_path: Path, client: Client, journal: Path) -> None:
        case = Case(client, Emulator(), tmp_path)
        case.write({"a": b"changed"})
        case.add({"a": b"a"})
        case.plan().save(tmp_path / "plan")
        with Emulator() as case.emulator, use_clock(case.emulator.clock):
            case.emulator.clock.advance(1)
            case.add({"a": b"a"})
            with pytest.raises(PlanRefusedError, match="is not the folder that it was"):
                case.apply(Plan.load(tmp_path / "plan"), journal=journal)
            assert case.stored == {"a": b"a"}

    def test_keeps_its_files_from_a_plan_of_the_root(self, tmp_path: Path, client: Client) -> None:
        """The root has neither an id nor a time."""
        case = Case(client, Emulator(), tmp_path)
        for path in ("/a", "/b", "/c"):
            case.emulator.add_file(path, b"same")
        case.write({"a": b"changed"})
        copy = tmp_path / "copy"
        sync = case.run(
            lambda hubspot: hubspot.transfers.plan_sync(case.directory, "hubspot:/", delete=True, max_delete=2)
        )
        download = case.run(lambda hubspot: hubspot.transfers.plan_download_folder("/", copy))
        with Emulator() as case.emulator:
            for path in ("/b", "/c", "/a"):
                case.emulator.add_file(path, b"same")
            report = case.apply(sync, journal=tmp_path / "1")
            assert {outcome for outcome, _ in outcomes(report).values()} == {"failed", "skipped"}
            (case.directory / "a").unlink()
            # Nothing has failed that would keep the deletions from being tried.
            report = case.apply(Plan.load(without_the_first_entry(sync, tmp_path / "plan")), journal=tmp_path / "2")
            assert report.counts["done"] == 0
            assert case.stored == {"/a": b"same", "/b": b"same", "/c": b"same"}
        with Emulator() as case.emulator:
            for path in ("/b", "/c", "/a"):
                case.emulator.add_file(path, b"its " + path.encode())
            assert case.apply(download, journal=tmp_path / "3").counts["failed"] == 3
            assert local_files(copy) == {}

    @pytest.mark.parametrize("kept", [{}, {"kept.txt": b"content"}], ids=["as it was", "renamed"])
    def test_keeps_what_only_has_the_id_of_a_second_copy(
        self, case: Case, journal: Path, kept: dict[str, bytes]
    ) -> None:
        """A run ends while it deletes a second copy. Before the next one, the id may be that of another file."""
        case.write({"a.txt": b"content"})
        case.add({"other": b""})
        plan = case.plan()
        case.add({"a.txt": b"content"})
        # The lookup of the folder, the upload, the lookup of the path, and the deletion.
        transport = StoppingTransport(case.emulator.transport, 4, after_effect=False)
        with pytest.raises(Stop):
            case.run(lambda hubspot: hubspot.transfers.run(plan, journal=journal), transport=transport)
        assert "a-1.txt" in case.stored
        if kept:
            renamed(case, "a-1.txt", "kept")
        case.upload(journal=journal)
        assert case.stored == {"a.txt": b"content", "other": b"", **kept}

    def test_has_no_late_copies(self, case: Case, journal: Path) -> None:
        """A file that looks like a late copy is one only beside the file that was stored."""
        case.write({"a.txt": b"content"})
        case.emulator.fail("disconnect", operation="uploadFile")
        case.upload(journal=journal)
        renamed(case, "a.txt", "kept")
        case.add({"a.txt": b"content", "a-1.txt": b"content"})
        for _ in range(2):
            assert case.upload(journal=journal).counts["failed"] == 0
        assert sorted(case.stored) == ["a-1.txt", "a.txt", "kept.txt"]


class TestRename:
    """A file that somebody has renamed on HubSpot is another file."""

    @pytest.fixture(params=[0.0, 600.0], ids=["listed", "not listed"])
    def case(self, request: pytest.FixtureRequest, client: Client, tmp_path: Path, journals: None) -> Iterator[Case]:
        with Emulator(strict=True, search_lag=request.param) as emulator, use_clock(emulator.clock):
            case = Case(client, emulator, tmp_path)
            case.write({"a.txt": b"a", "b.txt": b"b"})
            case.upload()
            yield case

    @staticmethod
    def settle(case: Case) -> None:
        """Check that the next run has nothing to do."""
        case.emulator.clock.advance(1000)
        before = case.ids
        report = case.upload()
        assert (report.counts["done"], report.counts["failed"], list(report.results)) == (0, 0, [])
        assert case.ids == before

    @pytest.mark.parametrize("content", [b"a", b"changed"])
    def test_the_file_is_uploaded_to_its_path(self, case: Case, content: bytes) -> None:
        case.write({"a.txt": content})
        renamed(case, "a.txt", "kept")
        assert outcomes(case.upload())["a.txt"] == ("done", "")
        assert case.stored == {"a.txt": content, "b.txt": b"b", "kept.txt": b"a"}
        self.settle(case)

    def test_to_another_folder(self, case: Case) -> None:
        case.emulator.add_folder("/elsewhere")
        renamed(case, "a.txt", "kept", parent_folder_path="/elsewhere")
        case.upload()
        assert case.stored == {"a.txt": b"a", "b.txt": b"b", "/elsewhere/kept.txt": b"a"}
        self.settle(case)

    def test_is_deleted_by_a_sync_that_was_asked_to(self, case: Case) -> None:
        renamed(case, "a.txt", "kept")
        case.emulator.clock.advance(1000)
        report = case.sync(delete=True, max_delete=1)
        assert {path: outcome for path, (outcome, _) in outcomes(report).items()} == {
            "a.txt": "done",
            "kept.txt": "done",
        }
        assert case.stored == {"a.txt": b"a", "b.txt": b"b"}
        self.settle(case)

    def test_of_two_files_to_the_names_of_each_other(self, case: Case) -> None:
        renamed(case, "a.txt", "c")
        renamed(case, "b.txt", "a")
        renamed(case, "c.txt", "b")
        assert case.stored == {"a.txt": b"b", "b.txt": b"a"}
        report = case.upload()
        # What the listing does not show is not replaced.
        expected = {"done": {"a.txt": b"a", "b.txt": b"b"}, "failed": {"a.txt": b"b", "b.txt": b"a"}}
        [outcome] = {outcome for outcome, _ in outcomes(report).values()}
        assert case.stored == expected[outcome]
        case.emulator.clock.advance(1000)
        assert case.upload().counts["failed"] == 0
        assert case.stored == expected["done"]

    def test_before_the_file_was_deleted(self, case: Case) -> None:
        renamed(case, "a.txt", "kept")
        case.run(lambda hubspot: hubspot.files.delete(case.ids["kept.txt"]))
        case.add({"a.txt": b"theirs"})
        case.upload()
        case.emulator.clock.advance(1000)
        case.upload()
        assert case.stored == {"a.txt": b"a", "b.txt": b"b"}


class TestFileThatTheListingLacks:
    """The search finds a new file after minutes only."""

    @pytest.fixture
    def case(self, client: Client, tmp_path: Path, journals: None) -> Iterator[Case]:
        with Emulator(strict=True, search_lag=120) as emulator, use_clock(emulator.clock):
            yield Case(client, emulator, tmp_path)

    def test_is_skipped_and_not_counted_as_sent(self, case: Case) -> None:
        case.write({**FILES, "sub/x": b"x"})
        assert case.upload().bytes == 9
        report = case.upload()
        assert report.counts == {"done": 0, "skipped": 10, "failed": 0, "unknown": 0}
        assert report.bytes == 0

    def test_was_sent_once_if_its_response_was_lost(self, case: Case) -> None:
        case.write({"a": b"content"})
        plan = case.plan()
        case.emulator.add_folder(FOLDER)

        def cut(event: Any) -> None:
            if event.kind == "planned":
                case.emulator.fail("connect", operation="statPath", count=1)

        case.emulator.fail("reset", operation="uploadFile", after_effect=True)
        report = case.run(lambda hubspot: hubspot.transfers.run(plan, on_event=cut), max_retries=0)
        assert outcomes(report) == {"a": ("done", "it was stored already")}
        assert report.bytes == 7

    def test_of_others_is_kept_and_a_lost_upload_beside_it_is_deleted(self, case: Case) -> None:
        case.add({"a.txt": b"theirs"})
        case.write({"a.txt": b"mine"})
        case.emulator.fail("reset", operation="uploadFile", after_effect=True)
        report = case.upload()
        assert outcomes(report)["a.txt"][1].startswith("conflict: another file has this name on HubSpot")
        assert case.stored == {"a.txt": b"theirs"}

    def test_does_not_count_for_a_download_that_is_there(self, case: Case) -> None:
        case.add({"a": b"content"})
        case.emulator.clock.advance(300)
        copy = case.root / "copy"
        plan = case.run(lambda hubspot: hubspot.transfers.plan_download_folder(FOLDER, copy))
        assert [case.apply(plan).bytes for _ in range(2)] == [7, 0]


def test_a_journal_of_the_preview_is_forgotten(case: Case, journal: Path) -> None:
    """It knew files by their ids alone."""
    case.write({"a": b"a"})
    case.upload(journal=journal)
    database = sqlite3.connect(journal, isolation_level=None)
    [(identity,)] = database.execute("SELECT identity FROM about")
    database.executescript(
        "DROP TABLE about; CREATE TABLE about (format, identity, run); ALTER TABLE transfers DROP COLUMN stored_path"
    )
    database.execute("INSERT INTO about VALUES ('hubspot-files journal 1', ?, 7)", (identity,))
    database.close()
    case.write({"a": b"changed"})
    assert case.upload(journal=journal).counts["done"] == 1
    assert case.stored == {"a": b"changed"}


def test_a_file_without_an_md5_is_downloaded_from_its_place_only(case: Case) -> None:
    case.add({"a": b"a", "b": b"b"})
    plan = case.run(
        lambda hubspot: hubspot.transfers.plan_download_folder(FOLDER, case.root / "copy"),
        transport=WithoutMD5(case.emulator.transport),
    )
    renamed(case, "a", "kept")
    transport = WithoutMD5(case.emulator.transport)
    report = case.run(lambda hubspot: hubspot.transfers.run(plan), transport=transport)
    assert {path: outcome for path, (outcome, _) in outcomes(report).items()} == {"a": "failed", "b": "done"}
    assert local_files(case.root / "copy") == {"b": b"b"}


def test_a_file_without_an_md5_is_known_by_its_time_too(case: Case, journal: Path) -> None:
    """A listing may lack the MD5. Then the journal says that the file was stored, if it is the same file."""
    case.write({"a": b"a"})
    case.upload(journal=journal)
    transport = WithoutMD5(case.emulator.transport)
    assert list(case.upload(journal=journal, transport=transport).results) == []
    database = sqlite3.connect(journal, isolation_level=None)
    database.execute("UPDATE transfers SET created_at = '2020-01-01T00:00:00+00:00'")
    database.close()
    assert list(outcomes(case.upload(journal=journal, transport=transport))) == ["a"]
