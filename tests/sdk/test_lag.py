"""HubSpot shows moves and new files only after a while: what the SDK concludes meanwhile is right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hubspot_files import OutcomeUnknownError
from hubspot_files.testing import Clock, Emulator, use_clock

from .support import RECURSIVE, Client
from .transfer_case import FOLDER, Case, new_case

LAG = 20.0


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(clock=Clock(frozen=True), move_lag=LAG, search_lag=LAG) as emulator, use_clock(emulator.clock):
        yield emulator


def run(client: Client, emulator: Emulator, operation: Any, **options: Any) -> Any:
    with_emulator = {"access_token": emulator.token, "http_client": client.http(emulator.transport), **options}
    return client(operation, **with_emulator)


@RECURSIVE
class TestWait:
    """`wait` returns the folder once HubSpot shows its new place."""

    def test_is_for_the_new_name(self, client: Client, emulator: Emulator) -> None:
        folder = emulator.add_folder("/trees/oaks")
        emulator.add_folder("/woods")
        emulator.clock.advance(1)

        def program(hubspot: Any) -> Any:
            task = yield hubspot.folders.update_recursively(
                folder.id, name="elms", parent_folder_id=emulator.folders[-1].id
            )
            return (yield task.wait())

        assert run(client, emulator, program).path == "/woods/elms"
        assert [request.operation for request in emulator.requests].count("getFolder") > 1

    def test_ends_at_the_deadline(self, client: Client, emulator: Emulator) -> None:
        folder = emulator.add_folder("/trees")
        emulator.clock.advance(1)

        def program(hubspot: Any) -> Any:
            task = yield hubspot.folders.update_recursively(folder.id, name="woods")
            return (yield task.wait(deadline=4))

        started = emulator.clock.now()
        assert run(client, emulator, program).path == "/trees"
        assert (emulator.clock.now() - started).total_seconds() == 4

    def test_ends_after_a_while(self, client: Client) -> None:
        with Emulator(clock=Clock(frozen=True), move_lag=100_000) as emulator, use_clock(emulator.clock):
            folder = emulator.add_folder("/trees")
            emulator.clock.advance(1)
            started = emulator.clock.now()

            def program(hubspot: Any) -> Any:
                task = yield hubspot.folders.update_recursively(folder.id, name="woods")
                return (yield task.wait())

            assert run(client, emulator, program).path == "/trees"
            assert 30 <= (emulator.clock.now() - started).total_seconds() < 35

    def test_does_not_wait_for_a_name_that_hubspot_changed(self, client: Client, emulator: Emulator) -> None:
        with Emulator(clock=Clock(frozen=True)) as other, use_clock(other.clock):
            folder = other.add_folder("/trees")

            def program(hubspot: Any) -> Any:
                task = yield hubspot.folders.update_recursively(folder.id, name="woods")
                other.finish_tasks()
                # As if HubSpot had its own rules for names: the folder has another one, and was changed since.
                yield hubspot.folders.update(folder.id, name="forest")
                return (yield task.wait())

            assert run(client, other, program).name == "forest"
            assert [request.operation for request in other.requests].count("getFolder") == 0


def test_a_change_returns_its_own_result(client: Client, emulator: Emulator) -> None:
    file = emulator.add_file("/trees/oak.png")
    assert run(client, emulator, lambda hubspot: hubspot.files.update(file.id, name="elm")).path == "/trees/elm.png"


def test_a_lookup_does_not_say_that_nothing_will_be_there(client: Client, emulator: Emulator) -> None:
    emulator.fail("disconnect", operation="uploadFile", after_effect=True)
    emulator.fail(status=404, operation="statPath", count=None)
    with pytest.raises(OutcomeUnknownError, match=r"there is nothing at '/trees/oak\.png' yet\."):
        run(client, emulator, lambda hubspot: hubspot.files.upload(b"x", name="oak.png", folder_path="/trees"))


def test_an_upload_into_a_folder_that_moves_is_found(client: Client, emulator: Emulator) -> None:
    """Its folder shows its former path, where the file is found, too."""
    folder = emulator.add_folder("/trees")

    def program(hubspot: Any) -> Any:
        yield hubspot.folders.update(folder.id, name="woods")
        emulator.fail("disconnect", operation="uploadFile", after_effect=True)
        return (yield hubspot.files.upload(b"x", name="oak.png", folder_id=folder.id))

    assert run(client, emulator, program).path == "/trees/oak.png"
    emulator.clock.advance(LAG)
    assert [file.path for file in emulator.files] == ["/woods/oak.png"]


def test_a_folder_whose_response_was_lost_is_created_once(client: Client, emulator: Emulator) -> None:
    emulator.add_folder("/trees")
    emulator.fail("disconnect", operation="createFolder", after_effect=True)
    created = run(client, emulator, lambda hubspot: hubspot.folders.create("oaks", parent_path="/trees"))
    assert [folder.id for folder in emulator.folders if folder.path == "/trees/oaks"] == [created.id]


class TestTransfers:
    """A file that the index lacks is "new" in a plan, and is neither stored twice nor deleted."""

    @pytest.fixture
    def case(self, client: Client, tmp_path: Path, journals: None) -> Iterator[Case]:
        with new_case(client, tmp_path, search_lag=600.0, move_lag=600.0) as case:
            yield case

    def test_uploads(self, case: Case) -> None:
        files = {"a.txt": b"a", "deep/b.txt": b"b"}
        case.write(files)
        case.upload()
        before = case.ids
        for journal in (None, case.root / "other"):
            assert case.upload(journal=journal).counts["failed"] == 0
        assert (case.stored, case.ids) == (files, before)

    def test_deletions(self, case: Case) -> None:
        """No local file is deleted because the index lacks the one on HubSpot."""
        case.write({f"{number}.txt": b"x" for number in range(20)})
        case.upload()
        case.emulator.clock.advance(601)
        case.add({"new.txt": b"new"})
        copy = case.root / "copy"
        case.write({"new.txt": b"new", **{f"{number}.txt": b"x" for number in range(20)}}, copy)
        report = case.run(lambda hubspot: hubspot.transfers.sync(f"hubspot:{FOLDER}", copy, delete=True))
        assert report.counts["failed"] == 0
        assert (copy / "new.txt").read_bytes() == b"new"

    def test_of_a_file_that_moves(self, case: Case) -> None:
        case.write({"a.txt": b"a"})
        case.upload()
        case.emulator.clock.advance(601)
        [file] = case.emulator.files
        case.run(lambda hubspot: hubspot.files.update(file.id, name="b"))
        # HubSpot still shows it at its former place, where it has the right content.
        assert case.upload().counts["failed"] == 0
        case.emulator.clock.advance(601)
        assert case.stored == {"b.txt": b"a"}
        assert case.upload().counts["failed"] == 0
        assert set(case.stored.values()) == {b"a"}
