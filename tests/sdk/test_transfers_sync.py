"""Syncs, their plans, and deletions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hubspot_files.transfers import Plan, PlannedAction, PlanRefusedError, RemotePath, TransferReport

from .transfer_case import FOLDER, Case, local_files, outcomes

SOME = {f"{number}.txt": b"%d" % number for number in range(20)}


class TestSync:
    def test_to_hubspot_changes_only_what_differs(self, case: Case) -> None:
        case.write(SOME)
        case.upload()
        before = case.ids
        case.write({"1.txt": b"changed", "new.txt": b"new"})
        (case.directory / "2.txt").unlink()
        plan = case.plan(delete=True)
        assert [(entry.action, entry.path, entry.reason) for entry in plan] == [
            ("replace", "1.txt", "another size"),
            ("delete", "2.txt", "not in the directory"),
            ("upload", "new.txt", "new"),
        ]
        report = case.sync(delete=True)
        assert report.counts == {"done": 3, "skipped": 18, "failed": 0, "unknown": 0}
        assert case.stored == local_files(case.directory)
        after = case.ids
        assert after.pop("new.txt")
        assert after == {path: id for path, id in before.items() if path != "2.txt"}

    def test_from_hubspot_makes_the_directory_equal(self, case: Case) -> None:
        case.add(SOME)
        target = case.root / "copy"
        self.sync_down(case, target)
        case.write({"1.txt": b"edited", "extra": b"", "sub/extra": b""}, target)
        (target / "2.txt").unlink()
        report = self.sync_down(case, target)
        assert report.counts["done"] == 2
        report = self.sync_down(case, target, delete=True)
        assert {result.path for result in report.results} == {"extra", "sub/extra"}
        assert local_files(target) == SOME

    def test_without_delete_nothing_is_deleted(self, case: Case) -> None:
        case.add({"theirs": b""})
        case.write({"mine": b""})
        case.sync()
        assert case.stored == {"mine": b"", "theirs": b""}

    def test_a_file_that_the_search_does_not_find_yet_is_not_deleted_here(self, case: Case) -> None:
        case.add({str(number): b"" for number in range(3)})
        target = case.root / "copy"
        self.sync_down(case, target)
        [hidden] = [file for file in case.emulator.files if file.path.endswith("/1")]
        case.run(lambda hubspot: hubspot.files.delete(hidden.id))
        plan = self.plan_down(case, target, delete=True, max_delete=1)
        case.add({"1": b""})
        assert outcomes(case.apply(plan)) == {
            "1": ("skipped", "it is on HubSpot, although the search does not find it yet")
        }
        assert (target / "1").exists()

    @pytest.mark.parametrize(
        ("source", "destination", "options", "message"),
        [
            ("a", "b", {}, "one of source and destination must be a folder on HubSpot"),
            ("hubspot:/a", "hubspot:/b", {}, "one of source and destination must be a folder on HubSpot"),
            ("a", "hubspot:/b", {"gdpr": True}, "gdpr=True erases deleted files on HubSpot: it needs delete=True"),
            ("hubspot:/a", "b", {"gdpr": True, "delete": True}, "gdpr=True erases deleted files on HubSpot"),
            ("a", "hubspot:/b", {"if_collision": "refuse"}, "if_collision is for a local destination"),
            ("hubspot:/a", "b", {"new_ids": True}, "access and new_ids are for a destination on HubSpot"),
            ("a", "hubspot:/b", {"max_delete": 1.5}, "a share from 0.0 to 1.0, not 1.5"),
            ("a", "hubspot:/b", {"max_delete": -1}, "max_delete must not be negative"),
            ("a", "hubspot:b/../c", {}, "contains the segment '..'"),
        ],
    )
    def test_invalid_sides_and_options_are_refused(
        self, case: Case, source: str, destination: str, options: Mapping[str, Any], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            case.run(lambda hubspot: hubspot.transfers.sync(source, destination, **options))
        assert case.emulator.requests == []

    @staticmethod
    def sync_down(case: Case, target: Path, **options: Any) -> TransferReport:
        report: TransferReport = case.run(lambda hubspot: hubspot.transfers.sync(RemotePath(FOLDER), target, **options))
        return report

    @staticmethod
    def plan_down(case: Case, target: Path, **options: Any) -> Plan:
        plan: Plan = case.run(lambda hubspot: hubspot.transfers.plan_sync(RemotePath(FOLDER), target, **options))
        return plan


class TestDeletion:
    @pytest.mark.parametrize(
        ("gone", "max_delete", "allowed"),
        [(2, 0.1, True), (3, 0.1, False), (3, 3, True), (3, 2, False), (3, 0, False), (19, 1.0, True)],
    )
    def test_is_limited(self, case: Case, gone: int, max_delete: float, allowed: bool) -> None:
        case.add(SOME)
        case.write(dict(list(SOME.items())[gone:]))
        if allowed:
            assert case.sync(delete=True, max_delete=max_delete).counts["done"] == gone
        else:
            with pytest.raises(PlanRefusedError, match=rf"{gone} of 20 files would be deleted, and max_delete="):
                case.sync(delete=True, max_delete=max_delete)
            assert case.stored == SOME

    def test_is_a_tenth_by_default(self, case: Case) -> None:
        case.add(SOME)
        case.write(dict(list(SOME.items())[3:]))
        with pytest.raises(
            PlanRefusedError, match=r"max_delete=0\.1 allows 2; look at the plan, and pass max_delete=3"
        ):
            case.sync(delete=True)

    @pytest.mark.promise(
        "`PlanRefusedError` | look at the plan, and allow what it does or correct the source; nothing was changed"
    )
    def test_is_refused_if_the_source_is_empty(self, case: Case) -> None:
        case.add(SOME)
        plan = case.plan(delete=True, max_delete=1.0)
        assert "refused: the source has no files" in str(plan)
        with pytest.raises(PlanRefusedError, match="the source has no files, and 20 files would be deleted"):
            case.apply(plan)
        assert case.stored == SOME

    def test_of_local_files_is_limited_and_refused_alike(self, case: Case) -> None:
        case.write(SOME)
        case.emulator.add_folder(FOLDER)
        with pytest.raises(PlanRefusedError, match="the source has no files"):
            TestSync.sync_down(case, case.directory, delete=True, max_delete=1.0)
        case.add({"0.txt": b"0"})
        with pytest.raises(PlanRefusedError, match="19 of 20 files would be deleted"):
            TestSync.sync_down(case, case.directory, delete=True)
        assert local_files(case.directory) == SOME

    def test_does_not_happen_if_something_failed(self, case: Case) -> None:
        """A renamed file must be stored under its new name before it is deleted under its old one."""
        case.write({"keep": b"", "new name": b"content"})
        case.add({"keep": b"", "old name": b"content"})
        case.emulator.fail("status", operation="uploadFile", status=400, count=None)
        report = case.sync(delete=True, max_delete=1)
        assert outcomes(report)["old name"] == ("skipped", "not deleted, because other files have failed")
        assert "old name" in case.stored

    def test_erases_only_with_the_digest_of_the_plan(self, case: Case) -> None:
        case.write({"keep": b""})
        case.add({"keep": b"", "erase": b"personal"})
        options: dict[str, Any] = {"delete": True, "max_delete": 1, "gdpr": True}
        with pytest.raises(PlanRefusedError, match=r"it with print\(plan\), and pass digest=plan\.digest"):
            case.sync(**options)
        plan = case.plan(**options)
        with pytest.raises(PlanRefusedError, match="erases files for good"):
            case.apply(plan)
        with pytest.raises(PlanRefusedError, match="the plan is not the one with this digest"):
            case.sync(**options, digest="0" * 64)
        with pytest.raises(TypeError, match="digest must be the digest of a plan, not int"):
            case.sync(**options, digest=1)
        assert case.sync(**options, digest=plan.digest).counts["done"] == 1
        assert [request.operation for request in case.emulator.requests if request.method == "DELETE"] == [
            "gdprDeleteFile"
        ]

    def test_of_a_plan_that_deletes_nothing_needs_no_digest(self, case: Case) -> None:
        case.write({"a": b""})
        assert case.sync(delete=True, gdpr=True).counts["done"] == 1


class TestStalePlan:
    """What has changed since the plan was made is a conflict, and all else is done."""

    def test_of_an_upload(self, case: Case) -> None:
        old = {"replaced": b"1", "moved": b"1", "gone": b"1", "same": b"1", "edited": b"1"}
        case.add({**old, "deleted": b"1", "deleted later": b"1", "deleted there": b"1", "back": b"1"})
        case.write({**old, **dict.fromkeys(old, b"mine"), "new": b"new", "vanished": b"", "appeared": b"mine"})
        plan = case.plan(delete=True, max_delete=9)
        ids = case.ids

        def change(hubspot: Any) -> Any:
            yield hubspot.files.replace(ids["replaced"], b"theirs", name="x", access="PRIVATE")
            yield hubspot.files.replace(ids["deleted later"], b"theirs", name="x", access="PRIVATE")
            yield hubspot.files.replace(ids["same"], b"mine", name="x", access="PRIVATE")
            yield hubspot.files.update(ids["moved"], name="moved away")
            yield hubspot.files.delete(ids["gone"])
            yield hubspot.files.delete(ids["deleted there"])

        case.run(change)
        case.add({"appeared": b"theirs"})
        case.write({"edited": b"edited", "back": b"back"})
        (case.directory / "vanished").unlink()
        report = case.apply(plan)
        found = {path: outcome for path, (outcome, _) in outcomes(report).items()}
        assert found == {
            "replaced": "failed",
            "moved": "failed",
            "gone": "failed",
            "same": "skipped",
            "edited": "failed",
            "new": "done",
            "vanished": "failed",
            "appeared": "failed",
            "deleted": "skipped",
            "deleted later": "skipped",
            "deleted there": "skipped",
            "back": "skipped",
        }
        assert "changed since the plan was made" in outcomes(report)["edited"][1]
        assert case.stored["appeared"] == b"theirs"
        assert case.stored["replaced"] == b"theirs"

    def test_of_deletions(self, case: Case) -> None:
        case.add({"a": b"1", "b": b"1", "c": b"1", "d": b"1", "keep": b""})
        case.write({"keep": b""})
        plan = case.plan(delete=True, max_delete=9)
        ids = case.ids
        case.run(lambda hubspot: hubspot.files.replace(ids["a"], b"theirs", name="x", access="PRIVATE"))
        case.run(lambda hubspot: hubspot.files.delete(ids["b"]))
        case.write({"c": b"back"})
        report = case.apply(plan, workers=1)
        assert outcomes(report) == {
            "a": (
                "failed",
                "conflict: the file on HubSpot has changed since the plan was made; plan the transfer again",
            ),
            "b": ("skipped", "not deleted, because other files have failed"),
            "c": ("skipped", "not deleted, because other files have failed"),
            "d": ("skipped", "not deleted, because other files have failed"),
        }
        case.write({"a": b"theirs"})
        report = case.apply(case.plan(delete=True, max_delete=9))
        assert sorted(case.stored) == ["a", "c", "keep"]

    def test_of_a_deletion_that_is_done_or_undone(self, case: Case) -> None:
        for name in ("gone", "back"):
            case.add({"keep": b"", name: b"1"})
            case.write({"keep": b""})
            plan = case.plan(delete=True, max_delete=9)
            if name == "gone":
                case.run(lambda hubspot: hubspot.files.delete(case.ids["gone"]))
            else:
                case.write({name: b"back"})
            report = case.apply(plan)
            expected = "it was gone already" if name == "gone" else "conflict: there is a local file now"
            assert outcomes(report)[name][1].startswith(expected)

    def test_of_local_deletions(self, case: Case) -> None:
        case.add({"keep": b""})
        case.write({"keep": b"", "edited": b"1", "gone": b"1"})
        plan = TestSync.plan_down(case, case.directory, delete=True, max_delete=9)
        case.write({"edited": b"edited"})
        (case.directory / "gone").unlink()
        report = case.apply(plan, workers=1)
        assert outcomes(report)["edited"][1].startswith("conflict: the local file has changed")
        plan = TestSync.plan_down(case, case.directory, delete=True, max_delete=9)
        (case.directory / "edited").unlink()
        assert outcomes(case.apply(plan)) == {"edited": ("done", "")}

    def test_of_another_folder(self, case: Case) -> None:
        case.add({"a": b""})
        case.write({"b": b""})
        plan = case.plan()

        def recreate(hubspot: Any) -> Any:
            yield hubspot.files.delete(case.ids["a"])
            yield hubspot.folders.delete_by_path(FOLDER)

        case.run(recreate)
        with pytest.raises(PlanRefusedError, match="is not the folder that it was; make the plan again"):
            case.apply(plan)

    def test_of_a_folder_that_exists_by_now(self, case: Case) -> None:
        (case.directory / "empty").mkdir()
        (case.directory / "blocked").mkdir()
        plan = case.plan()
        case.emulator.add_folder(f"{FOLDER}/empty")
        report = case.apply(plan)
        assert outcomes(report)["empty"] == ("skipped", "it existed already")


class TestPlan:
    def test_is_printed_with_its_reasons(self, case: Case) -> None:
        case.add({"a": b"old", "b": b"b", "c": b""})
        case.write({"a": b"new!", "b": b"b", **{f"n{number:03}": b"" for number in range(120)}})
        plan = case.plan(delete=True, max_delete=1)
        lines = str(plan).splitlines()
        assert lines[:4] == [
            f"{case.directory} -> hubspot:{FOLDER}: 120 upload, 1 replace, 1 delete, 1 unchanged",
            "replace  a (another size, 4 bytes)",
            "delete   c (not in the directory)",
            "upload   n000 (new, 0 bytes)",
        ]
        assert lines[-1] == "… and 22 more"
        assert len(plan) == 122
        assert plan.bytes == 4
        assert repr(plan) == f"<Plan of 122 entries, upload {FOLDER}>"
        assert plan.summary["unchanged"] == 1

    def test_of_equal_sides_says_so(self, case: Case) -> None:
        case.emulator.add_folder(FOLDER)
        plan = TestSync.plan_down(case, case.directory)
        assert str(plan) == f"hubspot:{FOLDER} -> {case.directory}: nothing to do"

    def test_changes_nothing(self, case: Case) -> None:
        case.write({"a": b"", "sub/b": b""})
        plan = case.plan()
        assert {request.method for request in case.emulator.requests} == {"GET"}
        assert case.emulator.files == []
        assert not (case.root / "state").exists()
        assert plan.entry("a") == next(entry for entry in plan if entry.path == "a")

    def test_is_saved_and_loaded_and_applied_later(self, case: Case) -> None:
        case.write(SOME)
        plan = case.plan()
        plan.save(case.root / "plan.jsonl")
        lines = (case.root / "plan.jsonl").read_text().splitlines()
        assert [json.loads(line)["action"] for line in lines[1:]] == ["upload"] * 20
        loaded = Plan.load(case.root / "plan.jsonl")
        assert list(loaded) == list(plan)
        assert loaded.digest == plan.digest
        assert loaded.options == plan.options
        plan.close()
        assert case.apply(loaded, digest=loaded.digest).counts["done"] == 20
        assert case.stored == SOME

    def test_holds_no_secret(self, case: Case) -> None:
        case.write(SOME)
        case.plan().save(case.root / "plan.jsonl")
        assert case.emulator.token not in (case.root / "plan.jsonl").read_text()

    HEAD = '{"format": "hubspot-files plan 1", "direction": "upload", "directory": "/x", "folder_path": "/y"}\n'

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "is not a plan that Plan.save has written"),
            ("[]\n", "is not a plan that Plan.save has written"),
            (HEAD.replace("plan 1", "plan 2"), "it has another format"),
            (HEAD.replace("upload", "sideways"), "the direction 'sideways' is unknown"),
            (HEAD.replace("directory", "place"), "is not a plan that Plan.save has written"),
            (HEAD + "{}\n", "line 2: it is not an entry of a plan"),
            (HEAD + '{"action": "upload", "path": "a", "reason": "", "more": 1}\n', "it is not an entry of a plan"),
            (HEAD + '{"action": "eat", "path": "a", "reason": ""}\n', "the action 'eat' is unknown"),
            (HEAD + '{"action": "upload", "path": "a", "reason": "", "size": "1"}\n', "size must be int, not str"),
            (HEAD + '{"action": "upload", "path": "../a", "reason": ""}\n', "'../a' leads out of the folder"),
            (HEAD + '{"action": "upload", "path": "a", "reason": "", "local_path": "/etc/x"}\n', "leads out of"),
        ],
    )
    def test_that_is_none_is_refused(self, tmp_path: Path, text: str, message: str) -> None:
        (tmp_path / "plan").write_text(text)
        with pytest.raises(ValueError, match=message):
            Plan.load(tmp_path / "plan")

    def test_of_another_type_is_refused(self, case: Case) -> None:
        with pytest.raises(TypeError, match="plan must be a Plan, not str"):
            case.apply("plan")  # type: ignore[arg-type]

    def test_entry_has_its_defaults(self) -> None:
        entry = PlannedAction("upload", "a", "new")
        assert entry.size is None


def test_remote_paths() -> None:
    path = RemotePath("hubspot:/library/site/")
    assert path == RemotePath("/library/site")
    assert path != "hubspot:/library/site"
    assert len({path, RemotePath("/library/site")}) == 1
    assert str(path) == "hubspot:/library/site"
    assert repr(path) == "RemotePath('/library/site')"
    with pytest.raises(TypeError, match="path must be a str"):
        RemotePath(3)  # type: ignore[arg-type]


def test_only_files_of_the_destination_are_counted(case: Case) -> None:
    case.write({"a": b"a"})
    case.add({"only/b": b"b"})
    case.emulator.add_folder(f"{FOLDER}/only/empty")
    assert case.plan().options.extra == 1
