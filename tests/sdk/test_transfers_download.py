"""Downloads of folders and of searches: what is written, under which names, and what is left alone."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from hubspot_files import File, FileMissingError
from hubspot_files.transfers import Plan, PlanRefusedError, TransferResult, TransferStoppedError, workers

from .support import collected
from .transfer_case import FOLDER, Case, local_files, outcomes

SOME = {"a.txt": b"a", "sub/b.txt": b"b", "sub/deeper/c": b"c", "empty": b""}


def test_a_tree_is_written_with_its_empty_folders(case: Case) -> None:
    case.add(SOME)
    case.emulator.add_folder(f"{FOLDER}/sub/nothing")
    target = case.root / "new/copy"
    report = case.download(target)
    assert local_files(target) == SOME
    assert (target / "sub/nothing").is_dir()
    assert report.counts == {"done": 7, "skipped": 0, "failed": 0, "unknown": 0}
    assert report.bytes == 3


def test_a_private_file_costs_one_call(case: Case) -> None:
    case.add(SOME)
    with case.calls() as calls:
        case.download(case.root / "copy")
    assert calls["getSignedUrl"] == len(SOME)
    assert calls["getFile"] == 0


class PublicUrls(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The emulator's hosts, with other responses to public URLs.

    Attributes:
        fetched: number of requests to public URLs.
    """

    def __init__(self, transport: Any, response: Callable[[], httpx.Response]) -> None:
        self._transport = transport
        self._response = response
        self.fetched = 0

    def _own(self, request: httpx.Request) -> httpx.Response | None:
        if "/hubfs/" not in request.url.path or "signature" in request.url.params:
            return None
        self.fetched += 1
        return self._response()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._own(request) or self._transport.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._own(request) or await self._transport.handle_async_request(request)


def test_a_public_file_costs_no_call(case: Case) -> None:
    case.add({"private": b"1"})
    for access in ("PUBLIC_INDEXABLE", "PUBLIC_NOT_INDEXABLE"):
        case.emulator.add_file(f"{FOLDER}/{access}", b"2", access=access)
    with case.calls() as calls:
        case.download(case.root / "copy")
    assert len(local_files(case.root / "copy")) == 3
    assert calls["getSignedUrl"] == 1
    assert calls["getFile"] == 0
    with case.calls() as calls:
        case.run(lambda hubspot: collected(hubspot.transfers.download_many(hubspot.files.search(), case.root / "flat")))
    assert len(local_files(case.root / "flat")) == 3
    assert calls["getSignedUrl"] == 1


def test_a_saved_plan_has_the_urls_of_public_files_only(case: Case) -> None:
    case.add({"private": b"1"})
    case.emulator.add_file(f"{FOLDER}/public", b"2", access="PUBLIC_INDEXABLE")
    plan = case.run(lambda hubspot: hubspot.transfers.plan_download_folder(FOLDER, case.root / "copy"))
    plan.save(case.root / "plan")
    plan = Plan.load(case.root / "plan")
    urls = {entry.path: entry.url for entry in plan}
    assert urls["private"] is None
    assert str(urls["public"]).endswith("/hubfs/12345/library/site/public")
    with case.calls() as calls:
        assert case.apply(plan).counts["done"] == 2
    assert calls["getSignedUrl"] == 1


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (lambda: httpx.Response(404), {"getSignedUrl": 1}),
        (lambda: httpx.Response(200, content=b"longer content"), {"getSignedUrl": 1}),
        (lambda: httpx.Response(200, content=b"same size"), {"getSignedUrl": 1, "getFile": 1}),
    ],
    ids=["private by now", "another size", "another content"],
)
def test_on_any_doubt_about_a_public_url_a_signed_one_is_used(
    case: Case, response: Callable[[], httpx.Response], expected: dict[str, int]
) -> None:
    case.emulator.add_file(f"{FOLDER}/a", b"the right", access="PUBLIC_INDEXABLE")
    transport = PublicUrls(case.emulator.transport, response)
    with case.calls() as calls:
        report = case.download(case.root / "copy", transport=transport)
    assert report.counts["done"] == 1
    assert local_files(case.root / "copy") == {"a": b"the right"}
    assert transport.fetched == 1
    assert {name: calls[name] for name in ("getSignedUrl", "getFile") if calls[name]} == expected


class CorruptingHost(PublicUrls):
    """A storage host whose signed URLs have other content, too."""

    def _own(self, request: httpx.Request) -> httpx.Response | None:
        return self._response() if "/hubfs/" in request.url.path else None


def test_corrupted_content_fails_although_the_file_is_the_planned_one(case: Case) -> None:
    case.emulator.add_file(f"{FOLDER}/a", b"the right", access="PUBLIC_INDEXABLE")
    transport = CorruptingHost(case.emulator.transport, lambda: httpx.Response(200, content=b"same size"))
    [(outcome, reason)] = outcomes(case.download(case.root / "copy", transport=transport)).values()
    assert outcome == "failed"
    assert "the MD5 of the received content is" in reason
    assert local_files(case.root / "copy") == {}


def test_a_public_file_that_was_replaced_after_the_plan_is_a_conflict(case: Case) -> None:
    for name in ("size", "content", "sensitive"):
        case.emulator.add_file(f"{FOLDER}/{name}", b"1", access="PUBLIC_INDEXABLE")
    plan = case.run(lambda hubspot: hubspot.transfers.plan_download_folder(FOLDER, case.root / "copy"))
    ids = case.ids
    for name, content in (("size", b"22"), ("content", b"2")):
        replaced = functools.partial(_replace, ids[name], content, name)
        case.run(replaced)
    # HubSpot signs no URL of a sensitive file: its record is fetched, and its content comes from the API.
    case.run(lambda hubspot: hubspot.files.update(ids["sensitive"], access="SENSITIVE"))
    with case.calls() as calls:
        report = case.apply(plan)
    changed = "conflict: the file on HubSpot has changed since the plan was made; plan the transfer again"
    assert outcomes(report) == {"size": ("failed", changed), "content": ("failed", changed), "sensitive": ("done", "")}
    assert local_files(case.root / "copy") == {"sensitive": b"1"}
    assert calls["getFile"] == 3


def _replace(id: str, content: bytes, name: str, hubspot: Any) -> Any:
    return hubspot.files.replace(id, content, name=name, access="PUBLIC_INDEXABLE")


def test_sensitive_files_come_from_the_api(case: Case) -> None:
    case.emulator.add_file(f"{FOLDER}/a", b"secret", access="SENSITIVE")
    case.download(case.root / "copy")
    assert local_files(case.root / "copy") == {"a": b"secret"}


def test_unchanged_files_are_left_alone_and_others_replaced(case: Case) -> None:
    case.add(SOME)
    target = case.root / "copy"
    case.write({**SOME, "a.txt": b"A", "sub/b.txt": b"longer", "extra": b"stays"}, target)
    with case.calls() as calls:
        report = case.download(target)
    assert local_files(target) == {**SOME, "extra": b"stays"}
    assert report.counts == {"done": 2, "skipped": 2, "failed": 0, "unknown": 0}
    assert calls["getSignedUrl"] == 2


def test_the_md5_of_local_files_is_remembered(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that of a file that was modified just now, which can change again without a new time."""
    case.add(SOME)
    target = case.root / "copy"
    case.download(target)
    case.emulator.clock.advance(60)
    assert case.download(target).counts["skipped"] == len(SOME)
    with monkeypatch.context() as patch:
        patch.setattr("builtins.open", lambda *args, **kwargs: pytest.fail(f"it opened {args}"))
        assert case.download(target).counts["skipped"] == len(SOME)
    # The cache goes by size, time and inode.
    (target / "a.txt").write_bytes(b"A")
    assert case.download(target).counts["done"] == 1
    assert local_files(target) == SOME


def test_names_are_made_safe_and_those_that_would_be_equal_get_numbers(case: Case) -> None:
    names = ("a:b.txt", "a?b.txt", "a*b.txt", "CON", "sub:/x", "sub?/x", "sub?/y")
    case.add({name: name.encode() for name in names})
    target = case.root / "copy"
    for done in (9, 0):
        assert case.download(target).counts["done"] == done
    assert local_files(target) == {
        "a_b.txt": b"a:b.txt",
        "a_b (1).txt": b"a?b.txt",
        "a_b (2).txt": b"a*b.txt",
        "_CON": b"CON",
        "sub_/x": b"sub:/x",
        "sub_ (1)/x": b"sub?/x",
        "sub_ (1)/y": b"sub?/y",
    }


def test_names_that_would_be_equal_can_be_refused(case: Case) -> None:
    case.add({"a:b.txt": b"", "a?b.txt": b"", "c": b""})
    target = case.root / "copy"
    with pytest.raises(PlanRefusedError, match=r"1 names on HubSpot would be equal in .*: '/library/site/a\?b.txt' as"):
        case.download(target, if_collision="refuse")
    assert not target.exists()
    with pytest.raises(ValueError, match="if_collision 'number' is not valid; use one of rename, refuse"):
        case.download(target, if_collision="number")


@pytest.mark.skipif(sys.platform != "linux", reason="the file system of the test must tell case apart")
def test_the_file_system_decides_whether_case_makes_names_different(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.add({"Cat.txt": b"1", "cat.txt": b"2", "é": b"3", "e\u0301": b"4"})
    case.download(case.root / "copy")
    assert local_files(case.root / "copy") == {"Cat.txt": b"1", "cat.txt": b"2", "é": b"3", "é (1)": b"4"}
    # Such a file system is one on which the directory exists in other case, too.
    (case.root / "folds").mkdir()
    (case.root / "FOLDS").symlink_to("folds")
    case.write({"CAT.txt": b"1"}, case.root / "folds")
    for done in (3, 0):
        assert case.download(case.root / "folds").counts["done"] == done
    assert local_files(case.root / "folds") == {"CAT.txt": b"1", "cat (1).txt": b"2", "é": b"3", "é (1)": b"4"}


def test_what_is_in_the_way_is_a_conflict(case: Case) -> None:
    case.add({"file": b"f", "folder/x": b"x", "linked/y": b"y", "link": b"l", "ok": b"k"})
    target = case.root / "copy"
    case.write({"file/inside": b"", "folder": b"", "elsewhere/z": b""}, target)
    (target / "linked").symlink_to("elsewhere")
    (target / "link").symlink_to("folder")
    report = case.download(target)
    assert outcomes(report) == {
        "file": ("failed", "conflict: a file on HubSpot, and a folder here"),
        "folder": ("failed", "conflict: a folder on HubSpot, and a file here"),
        "folder/x": ("failed", "conflict: its folder is a conflict"),
        "link": ("failed", "conflict: a file on HubSpot, and a link here"),
        "linked": ("failed", "conflict: a folder on HubSpot, and a link here"),
        "linked/y": ("failed", "conflict: its folder is a conflict"),
        "ok": ("done", ""),
    }
    assert local_files(target / "elsewhere") == {"z": b""}
    assert case.download(target, follow_symlinks=True).counts["failed"] == 3
    assert local_files(target / "elsewhere") == {"z": b"", "y": b"y"}


def test_the_directory_itself_may_be_a_link(case: Case) -> None:
    case.add(SOME)
    (case.root / "real").mkdir()
    (case.root / "linked").symlink_to("real")
    for done in (6, 0):
        assert case.download(case.root / "linked").counts["done"] == done
    assert local_files(case.root / "real") == SOME


def test_a_link_that_comes_after_the_plan_is_not_followed(case: Case) -> None:
    case.add({"sub/a": b"a", "b": b"b"})
    target, outside = case.root / "copy", case.root / "outside"
    target.mkdir()
    outside.mkdir()
    plan = case.run(lambda hubspot: hubspot.transfers.plan_download_folder(FOLDER, target))
    (target / "sub").symlink_to(outside)
    (target / "b").symlink_to(outside / "b")
    report = case.apply(plan)
    assert report.counts["done"] == 0
    assert list(outside.iterdir()) == []


def test_a_local_file_that_changed_after_the_plan_is_kept(case: Case) -> None:
    case.add({"old": b"remote", "new": b"remote", "gone": b"remote", "there": b"remote"})
    target = case.root / "copy"
    case.write({"old": b"local", "gone": b"local"}, target)
    plan = case.run(lambda hubspot: hubspot.transfers.plan_download_folder(FOLDER, target))
    (target / "gone").unlink()
    case.write({"old": b"edited", "new": b"edited", "there": b"remote"}, target)
    report = case.apply(plan)
    assert report.counts == {"done": 1, "skipped": 0, "failed": 3, "unknown": 0}
    assert outcomes(report)["there"] == ("done", "it was there already")
    assert local_files(target) == {"old": b"edited", "new": b"edited", "there": b"remote"}


def test_a_file_that_changed_on_hubspot_after_the_plan_is_a_conflict(case: Case) -> None:
    case.add({"a": b"1", "b": b"2", "c": b"3"})
    target = case.root / "copy"
    plan = case.run(lambda hubspot: hubspot.transfers.plan_download_folder(FOLDER, target))
    ids = case.ids
    case.run(lambda hubspot: hubspot.files.replace(ids["a"], b"other", name="a", access="PRIVATE"))
    case.run(lambda hubspot: hubspot.files.delete(ids["b"]))
    report = case.apply(plan)
    assert outcomes(report)["a"][1].startswith("conflict: the file on HubSpot has changed since the plan")
    assert outcomes(report)["b"][0] == "failed"
    assert local_files(target) == {"c": b"3"}


def test_content_that_is_cut_is_no_file(case: Case) -> None:
    case.add({"a": b"a" * 1000})
    case.emulator.fail("truncate", operation="fetchContent", count=None)
    report = case.download(case.root / "copy")
    assert report.counts["failed"] == 1
    assert local_files(case.root / "copy") == {}


def test_a_full_disk_stops_the_transfer(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    case.add({f"{number}": b"x" for number in range(100)})
    target = case.root / "copy"
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(TransferStoppedError, match="No space left on device") as caught:
            case.download(target)
    assert caught.value.report is not None
    assert caught.value.report.counts["done"] == 0
    assert local_files(target) == {}
    assert case.download(target).counts["failed"] == 0
    assert len(local_files(target)) == 100


def test_a_folder_that_does_not_exist_is_an_error(case: Case) -> None:
    with pytest.raises(FileMissingError, match=r"There is no file or folder at '/library/site'") as caught:
        case.download(case.root / "copy")
    assert caught.value.correlation_id is not None


def test_the_root_comes_with_all_its_folders(case: Case) -> None:
    case.add(SOME)
    case.emulator.add_file("/top.txt", b"top")
    case.run(lambda hubspot: hubspot.transfers.download_folder("/", case.root / "copy", exclude=["deeper"]))
    expected = {f"library/site/{path}": content for path, content in SOME.items() if "deeper" not in path}
    assert local_files(case.root / "copy") == {**expected, "top.txt": b"top"}


class TestMany:
    def test_a_search_is_written_to_one_directory(self, case: Case) -> None:
        case.add({"a/x.txt": b"1", "b/x.txt": b"2", "c.bin": b"3"})
        target = case.root / "copy"
        (target / "sub").mkdir(parents=True)
        results = self.results(case, lambda hubspot: hubspot.files.search(extension="txt"), target)
        assert sorted((result.path, result.outcome, result.local_path) for result in results) == [
            ("library/site/a/x.txt", "done", "x.txt"),
            ("library/site/b/x.txt", "done", "x (1).txt"),
        ]
        assert local_files(target) == {"x.txt": b"1", "x (1).txt": b"2"}
        assert self.results(case, lambda hubspot: hubspot.files.search(extension="txt"), target) == []

    def test_a_plan_of_a_search_changes_nothing_until_it_is_run(self, case: Case) -> None:
        case.add({"a/x.txt": b"1", "b/x.txt": b"2", "c.bin": b"3"})
        target = case.root / "copy"
        plan = case.run(
            lambda hubspot: hubspot.transfers.plan_download_many(hubspot.files.search(extension="txt"), target)
        )
        assert {(entry.action, entry.local_path) for entry in plan} == {
            ("download", "x.txt"),
            ("download", "x (1).txt"),
        }
        assert not target.exists()
        assert case.apply(plan).counts["done"] == 2
        assert local_files(target) == {"x.txt": b"1", "x (1).txt": b"2"}
        assert self.results(case, lambda hubspot: hubspot.files.search(extension="txt"), target) == []
        with pytest.raises(PlanRefusedError, match="1 names on HubSpot would be equal"):
            case.run(
                lambda hubspot: hubspot.transfers.plan_download_many(
                    hubspot.files.search(), case.root / "other", if_collision="refuse"
                )
            )

    def test_the_workers_wait_for_each_other_in_a_few_groups_only(
        self, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        groups: list[int] = []
        perform = workers.Burst.perform_async

        async def counted(group: workers.Burst, driver: Any) -> None:
            await perform(group, driver)
            groups.append(len(group.results))

        monkeypatch.setattr(workers.Burst, "perform_async", counted)
        case.add({f"{number}.txt": b"%d" % number for number in range(150)})
        results = self.results(case, lambda hubspot: hubspot.files.search(extension="txt"), case.root / "copy")
        assert len(results) == 150
        assert sum(groups) == (150 if case.client.asynchronous else 0)
        # Some phases have no jobs.
        assert len(groups) - groups.count(0) <= 5

    def test_records_can_be_passed(self, case: Case) -> None:
        case.add({"a": b"1", "b": b"2"})
        files: list[File] = case.run(lambda hubspot: hubspot.files.search())
        self.results(case, lambda _: files[:1], case.root / "copy")
        assert local_files(case.root / "copy") == {"a": b"1"}

    def test_a_record_without_a_path_gets_a_name(self, case: Case) -> None:
        case.add({"a": b"1"})
        now = datetime(2026, 1, 1, tzinfo=UTC)
        file = File(archived=False, created_at=now, updated_at=now, id=case.ids["a"])
        [result] = self.results(case, lambda _: [file], case.root / "copy")
        assert result.outcome == "done"
        assert local_files(case.root / "copy") == {f"file-{file.id}": b"1"}

    @pytest.mark.parametrize("files", [3, ["180"], "180"], ids=["int", "ids", "str"])
    def test_anything_else_is_refused(self, case: Case, files: Any) -> None:
        with pytest.raises(TypeError, match=r"^files must "):
            self.results(case, lambda _: files, case.root / "copy")

    def test_one_record_is_no_list(self, case: Case) -> None:
        case.add({"a": b"1"})
        [file] = case.run(lambda hubspot: hubspot.files.search())
        with pytest.raises(TypeError, match="not one File"):
            self.results(case, lambda _: file, case.root / "copy")

    @staticmethod
    def results(case: Case, files: Any, target: Path) -> list[TransferResult]:
        found: list[TransferResult] = case.run(
            lambda hubspot: collected(hubspot.transfers.download_many(files(hubspot), target))
        )
        return found
