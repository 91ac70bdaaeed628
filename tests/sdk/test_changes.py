"""Planned changes of files: `ChangePlan`, `PlannedChange` and `files.apply`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hubspot_files import Access, ChangePlan, FileChangedError, NotFoundError, PlannedChange
from hubspot_files.testing import Emulator

from .support import Client

TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def file(emulator: Emulator) -> Any:
    with emulator.client() as hubspot:
        return hubspot.files.upload(b"x", name="x.txt", folder_path="/", access="PUBLIC_INDEXABLE")


@pytest.fixture
def apply(client: Client, emulator: Emulator) -> Any:
    return lambda change: client(
        lambda hubspot: hubspot.files.apply(change),
        access_token=emulator.token,
        http_client=client.http(emulator.transport),
    )


class TestApply:
    def test_changes_the_access(self, apply: Any, emulator: Emulator, file: Any) -> None:
        change = PlannedChange.of(file, "set_access", access="PRIVATE")
        assert apply(change) is True
        assert emulator.file(file.id).access == "PRIVATE"
        # Again, there is nothing to do, although the file was changed.
        assert apply(change) is False

    @pytest.mark.parametrize(("action", "state"), [("delete", "archived"), ("erase", "gdpr")])
    def test_deletes(self, apply: Any, emulator: Emulator, file: Any, action: Any, state: str) -> None:
        change = PlannedChange.of(file, action)
        assert apply(change) is True
        assert emulator.file(file.id).state == state
        assert apply(change) is False

    @pytest.mark.parametrize("action", ["set_access", "delete", "erase"])
    def test_refuses_a_file_that_was_changed(self, apply: Any, emulator: Emulator, file: Any, action: Any) -> None:
        change = PlannedChange.of(file, action, access="SENSITIVE" if action == "set_access" else None)
        emulator.clock.advance(timedelta(seconds=1))
        with emulator.client() as hubspot:
            hubspot.files.update(file.id, name="y")
        emulator.forget_requests()
        with pytest.raises(FileChangedError, match=rf"^file {file.id} was changed at .*, after the plan was made"):
            apply(change)
        assert [request.method for request in emulator.requests] == ["GET"]

    def test_refuses_a_file_whose_last_change_is_not_known(self, apply: Any, emulator: Emulator, file: Any) -> None:
        change = PlannedChange.of(file, "delete")
        with pytest.raises(FileChangedError, match="its record does not say when it was changed last"):
            apply(change._replace(updated_at=None))
        body = json.dumps({"id": file.id, "path": file.path}).encode()
        emulator.fail(operation="getFile", status=200, body=body)
        with pytest.raises(FileChangedError, match="its record does not say when it was changed last"):
            apply(change)
        assert emulator.file(file.id).state == "live"

    def test_a_missing_file_has_no_access(self, apply: Any, emulator: Emulator, file: Any) -> None:
        with emulator.client() as hubspot:
            hubspot.files.delete(file.id)
        with pytest.raises(NotFoundError):
            apply(PlannedChange.of(file, "set_access", access=Access.PRIVATE))


class TestPlan:
    @pytest.fixture
    def plan(self) -> ChangePlan:
        return ChangePlan(
            [
                PlannedChange("set_access", "1", "/a.txt", TIME, 3, Access.PRIVATE, "public"),
                PlannedChange("delete", "2", None, TIME),
            ]
        )

    def test_is_saved_and_loaded(self, plan: ChangePlan, tmp_path: Path) -> None:
        plan.save(tmp_path / "plan.jsonl")
        lines = (tmp_path / "plan.jsonl").read_text(encoding="utf-8").splitlines()
        assert json.loads(lines[0]) == {
            "action": "set_access",
            "file_id": "1",
            "path": "/a.txt",
            "updated_at": "2026-01-02T03:04:05+00:00",
            "size": 3,
            "access": "PRIVATE",
            "reason": "public",
        }
        loaded = ChangePlan.load(tmp_path / "plan.jsonl")
        assert list(loaded) == list(plan)
        assert type(loaded.changes[0].access) is Access

    def test_summary_and_repr(self, plan: ChangePlan) -> None:
        assert (plan.summary, len(plan)) == ({"set_access": 1, "delete": 1}, 2)
        assert repr(plan) == "<ChangePlan set_access 1, delete 1>"
        assert repr(ChangePlan()) == "<ChangePlan without changes>"

    def test_digest_depends_on_the_changes_only(self, plan: ChangePlan) -> None:
        same = ChangePlan([change._replace(reason="other") for change in reversed(plan.changes)])
        assert plan.digest == same.digest
        other = ChangePlan([plan.changes[0]._replace(access=Access.SENSITIVE), plan.changes[1]])
        assert len({plan.digest, other.digest, ChangePlan(plan.changes[:1]).digest}) == 3

    def test_two_changes_of_a_file_are_refused(self, plan: ChangePlan, tmp_path: Path) -> None:
        ChangePlan([plan.changes[0], plan.changes[0]]).save(tmp_path / "plan.jsonl")
        with pytest.raises(ValueError, match=r"^line 2 of .*: an earlier line changes the file 1, too$"):
            ChangePlan.load(tmp_path / "plan.jsonl")

    @pytest.mark.parametrize(
        ("action", "access", "message"),
        [
            ("burn", None, "action 'burn' is not valid; use one of set_access, delete, erase"),
            ("set_access", None, "access is required for set_access, and for no other action"),
            ("delete", "PRIVATE", "access is required for set_access, and for no other action"),
            ("set_access", "SECRET", "access 'SECRET' is not valid"),
        ],
    )
    def test_invalid_changes_are_refused(self, file: Any, action: Any, access: str | None, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            PlannedChange.of(file, action, access=access)
