"""Transfers that end in their middle, and go on: nothing is lost, nothing is stored twice."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from hubspot_files.testing import Clock, use_clock
from hubspot_files.transfers import TransferEvent, TransferStoppedError

from .support import collected
from .transfer_case import FOLDER, Case, Stop, StoppingTransport, local_files, outcomes

SOME = {"a.txt": b"a", "b.txt": b"same", "b-1.txt": b"same", "sub/c.txt": b""}
# More than any of the transfers below makes.
MOST_REQUESTS = 40


@pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
class TestEndAtEachRequest:
    """The process ends before or after each request. The same transfer then completes what was begun."""

    def test_of_an_upload(self, case: Case, after_effect: bool) -> None:
        case.write(SOME)
        for number in range(1, MOST_REQUESTS):
            folder = f"/library/{number}"
            if not self.stopped(case, number, after_effect, "upload_folder", case.directory, folder):
                break
            report = case.run(lambda hubspot, folder=folder: hubspot.transfers.upload_folder(case.directory, folder))
            assert not report.counts["failed"] + report.counts["unknown"]
        assert number > 8
        expected = {f"/library/{count}/{path}": SOME[path] for count in range(1, number + 1) for path in SOME}
        assert case.stored == expected

    def test_of_a_replacement(self, case: Case, after_effect: bool) -> None:
        case.write(SOME)
        case.upload()
        ids = case.ids
        for number in range(1, MOST_REQUESTS):
            changed = dict.fromkeys(SOME, b"%d" % number)
            case.write(changed)
            stopped = self.stopped(case, number, after_effect, "upload_folder", case.directory, FOLDER)
            report = case.upload()
            assert not report.counts["failed"] + report.counts["unknown"]
            assert case.stored == changed
            if not stopped:
                break
        assert number > 8
        assert case.ids == ids

    def test_of_a_replacement_with_new_ids(self, case: Case, after_effect: bool) -> None:
        case.write({"a": b"0"})
        case.upload()
        for number in range(1, MOST_REQUESTS):
            case.write({"a": b"%d" % number})
            stopped = self.stopped(case, number, after_effect, "upload_folder", case.directory, FOLDER, new_ids=True)
            report = case.upload(new_ids=True)
            assert not report.counts["failed"] + report.counts["unknown"]
            assert case.stored == {"a": b"%d" % number}
            if not stopped:
                break
        assert number > 5

    def test_of_a_download(self, case: Case, after_effect: bool) -> None:
        case.add(SOME)
        for number in range(1, MOST_REQUESTS):
            target = case.root / str(number)
            stopped = self.stopped(case, number, after_effect, "download_folder", FOLDER, target)
            report = case.download(target)
            assert not report.counts["failed"] + report.counts["unknown"]
            # No partial file is left, either.
            assert local_files(target) == SOME
            if not stopped:
                break
        assert number > 8

    def test_of_deletions(self, case: Case, after_effect: bool) -> None:
        case.write({"keep": b""})
        for number in range(1, MOST_REQUESTS):
            case.add({"keep": b"", "a": b"", "b": b""} if number == 1 else {"a": b"", "b": b""})
            options: dict[str, Any] = {"delete": True, "max_delete": 2, "workers": 1}
            sides = (case.directory, f"hubspot:{FOLDER}")
            stopped = self.stopped(case, number, after_effect, "sync", *sides, **options)
            report = case.sync(**options)
            assert not report.counts["failed"] + report.counts["unknown"]
            assert case.stored == {"keep": b""}
            if not stopped:
                break
        assert number > 8

    @staticmethod
    def stopped(case: Case, number: int, after_effect: bool, name: str, *sides: Any, **options: Any) -> bool:
        """Run a transfer whose process ends at a request, and return whether it got so far."""
        transport = StoppingTransport(case.emulator.transport, number, after_effect=after_effect)
        try:
            case.run(lambda hubspot: getattr(hubspot.transfers, name)(*sides, **options), transport=transport)
        except Stop:
            return True
        return False


class TestLostResponse:
    @pytest.mark.parametrize("kind", ["reset", "disconnect", "truncate", "status"])
    def test_of_an_upload_is_looked_up(self, case: Case, kind: Any) -> None:
        case.write(SOME)
        case.emulator.fail(kind, operation="uploadFile", count=3, after_effect=True)
        report = case.upload()
        assert report.counts["failed"] + report.counts["unknown"] == 0
        assert case.stored == SOME

    def test_of_an_upload_stays_unknown_if_the_lookup_fails_and_is_settled_by_the_next_run(self, case: Case) -> None:
        case.write(SOME)
        case.upload()
        case.write({"new": b"new"})
        plan = case.plan()
        case.emulator.fail("reset", operation="uploadFile", count=None, after_effect=True)
        events: list[TransferEvent] = []

        def cut(event: TransferEvent) -> None:
            events.append(event)
            if event.kind == "started":
                case.emulator.fail("connect", operation="statPath", count=None)

        report = case.apply(plan, on_event=cut)
        assert report.counts["unknown"] == 1
        assert [event.result.outcome for event in events if event.result is not None] == ["unknown"]
        case.emulator.clear_faults()
        with case.calls() as calls:
            report = case.upload()
        assert calls["uploadFile"] == 0
        assert report.counts["unknown"] == 0
        assert case.stored == {**SOME, "new": b"new"}

    def test_of_a_replacement_is_unknown_and_settled_by_the_next_run(self, case: Case) -> None:
        case.write({"a": b"1"})
        case.upload()
        case.write({"a": b"2"})
        fault = case.emulator.fail("reset", operation="replaceFile", count=None, after_effect=True)
        assert case.upload().counts["unknown"] == 0
        assert fault.hits
        assert case.stored == {"a": b"2"}

    def test_of_a_deletion_is_unknown_and_settled_by_the_next_run(self, case: Case) -> None:
        case.write({"keep": b""})
        case.add({"keep": b"", "a": b""})
        case.emulator.fail("reset", operation="deleteFile", count=None)
        report = case.sync(delete=True, max_delete=1)
        assert outcomes(report)["a"][0] == "unknown"
        case.emulator.clear_faults()
        assert case.sync(delete=True, max_delete=1).counts["done"] == 1
        assert case.stored == {"keep": b""}

    def test_of_a_deletion_that_took_effect_is_settled_by_the_next_run(self, case: Case) -> None:
        case.write({"keep": b""})
        case.add({"keep": b"", "a": b""})
        case.emulator.fail("reset", operation="deleteFile", count=None, after_effect=True)
        case.sync(delete=True, max_delete=1)
        case.emulator.clear_faults()
        report = case.sync(delete=True, max_delete=1)
        assert report.counts["unknown"] == 0
        assert case.stored == {"keep": b""}

    def test_of_a_new_folder(self, case: Case) -> None:
        (case.directory / "empty").mkdir()
        case.emulator.add_folder(FOLDER)
        case.emulator.fail("reset", operation="createFolder", after_effect=True)
        assert case.upload().counts["done"] == 1

    def test_and_a_late_effect_leaves_no_second_copy(self, case: Case) -> None:
        """HubSpot stores the file of a lost request only after it was uploaded again."""
        case.write({"a.txt": b"content"})
        case.add({"other": b""})
        before = len(case.emulator.files)
        case.emulator.fail("disconnect", operation="uploadFile")

        def store_late(event: TransferEvent) -> None:
            if event.kind == "finished":
                case.emulator.add_file(f"{FOLDER}/a-1.txt", b"content")

        report = case.upload(on_event=store_late)
        assert report.counts["done"] == 1
        assert len(case.emulator.files) == before + 2
        assert case.stored == {"a.txt": b"content", "other": b""}

    def test_and_an_effect_between_two_runs_leaves_no_second_copy(self, case: Case) -> None:
        case.write({"a.txt": b"content"})
        case.emulator.fail("disconnect", operation="uploadFile")
        assert case.upload().counts["done"] == 1
        case.add({"a-1.txt": b"content", "a-2.txt": b"content"})
        case.emulator.clock.advance(10)
        case.upload()
        case.emulator.clock.advance(200)
        case.upload()
        assert case.stored == {"a.txt": b"content"}
        case.add({"a-1.txt": b"content"})
        with case.calls() as calls:
            case.upload()
        # After two minutes, HubSpot does not act on a request any more, and the file is another one.
        assert calls["statPath"] == 2
        assert sorted(case.stored) == ["a-1.txt", "a.txt"]

    def test_does_not_delete_what_only_looks_like_a_copy(self, case: Case) -> None:
        case.add({"a-1.txt": b"other content", "a-2.txt": b"content"})
        case.emulator.clock.advance(86400)
        case.write({"a.txt": b"content"})
        case.emulator.fail("disconnect", operation="uploadFile")
        assert case.upload().counts["done"] == 1
        assert sorted(case.stored) == ["a-1.txt", "a-2.txt", "a.txt"]

    def test_whose_file_is_gone_here_is_settled(self, case: Case) -> None:
        for path in ("a", "b", "c"):
            case.write({path: b"content"})
        case.add({"d": b"d", "e": b"e"})
        case.write({"e": b"changed"})
        transport = StoppingTransport(case.emulator.transport, 6, after_effect=True)
        with pytest.raises(Stop):
            case.upload(transport=transport, workers=1)
        for path in ("a", "b", "c"):
            (case.directory / path).unlink()
        report = case.upload()
        assert outcomes(report)["a"] == ("done", "")
        assert sorted(case.stored) == ["a", "d", "e"]


class TestSource:
    def test_that_changes_while_it_is_uploaded_is_not_stored(self, case: Case) -> None:
        case.write({"grows": b"x" * 100, "changes": b"x" * 100, "stays": b"x"})

        def change(event: TransferEvent) -> None:
            if event.kind == "progress" and event.path == "stays":
                return
            if event.kind == "started" and event.path in ("grows", "changes"):
                path = case.directory / event.path
                state = os.stat(path)
                path.write_bytes(b"y" * (150 if event.path == "grows" else 100))
                if event.path == "changes":
                    # Not even the time tells.
                    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))

        case.emulator.add_folder(FOLDER)
        case.add({"changes": b"z" * 100})
        plan = case.plan()
        report = case.apply(plan, on_event=change, workers=1)
        assert report.counts == {"done": 1, "skipped": 0, "failed": 2, "unknown": 0}
        assert "changed since the plan was made" in outcomes(report)["grows"][1]
        assert "changed while it was uploaded" in outcomes(report)["changes"][1]
        assert case.stored == {"stays": b"x", "changes": b"z" * 100}

    def test_whose_upload_is_stored_with_other_content_is_deleted_again(self, case: Case) -> None:
        case.write({"a": b"content"})
        plan = case.plan()
        transport = _Corrupting(case.emulator.transport)
        report = case.run(lambda hubspot: hubspot.transfers.run(plan), transport=transport)
        assert outcomes(report)["a"][1].startswith("HubSpot stored other content")
        assert case.stored == {}


class _Corrupting(StoppingTransport):
    """A transport that changes the content of uploads."""

    def __init__(self, transport: Any) -> None:
        super().__init__(transport, 0, after_effect=False)

    def handle_request(self, request: Any) -> Any:
        return super().handle_request(_corrupted(request, request.read() if request.method == "POST" else b""))

    async def handle_async_request(self, request: Any) -> Any:
        content = await request.aread() if request.method == "POST" else b""
        return await super().handle_async_request(_corrupted(request, content))


def _corrupted(request: Any, content: bytes) -> Any:
    if b"content" not in content:
        return request
    return httpx.Request(
        request.method, request.url, headers=request.headers, content=content.replace(b"\r\ncontent", b"\r\nCONTENT")
    )


class Waits:
    """A clock on which waits end only when the run is stopped."""

    def __init__(self, clock: Clock) -> None:
        self.monotonic = clock.monotonic
        self.time = clock.time
        self.steps: list[float] = []

    def sleep(self, seconds: float, /) -> None:
        self.steps.append(seconds)
        time.sleep(0.001)

    async def sleep_async(self, seconds: float, /) -> None:
        await anyio.sleep_forever()


class InFlight(httpx.BaseTransport):
    """A transport on which uploads are under way until the run is being stopped."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self.under_way = threading.Semaphore(0)
        self.stopping = threading.Event()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = self._transport.handle_request(request)
        if request.method == "POST" and request.url.path.endswith("/files"):
            self.under_way.release()
            assert self.stopping.wait(60)
        return response


class TestInterrupt:
    def test_ends_waits_for_the_rate_limit(self, case: Case) -> None:
        files = {f"{number}": b"%d" % number for number in range(30)}
        case.write(files)
        case.emulator.rate_limit("TEN_SECONDLY_ROLLING", 10)
        clock = Waits(case.emulator.clock)
        pressed: list[TransferEvent] = []
        stopped_at: list[int] = []

        def interrupt(event: TransferEvent) -> None:
            if event.kind == "waiting" and not pressed:
                pressed.append(event)
                os.kill(os.getpid(), signal.SIGINT)
            elif event.kind == "stopping":
                stopped_at.append(len(clock.steps))

        with use_clock(clock), pytest.raises(KeyboardInterrupt):
            case.upload(on_event=interrupt, workers=4)
        if not case.client.asynchronous:
            # Each worker ends the step of its wait, and begins no other.
            assert len(clock.steps) - stopped_at[0] <= 4
            assert max(clock.steps) < 1
        case.emulator.clear_faults()
        case.emulator.clock.advance(20)
        assert case.upload().counts["failed"] == 0
        assert case.stored == files

    @pytest.mark.parametrize("client", ["sync"], indirect=True)
    def test_lets_requests_under_way_end(self, case: Case) -> None:
        """A cancellation ends the requests of tasks."""
        case.emulator.add_folder(FOLDER)
        case.write({"a": b"a", "b": b"b"})
        transport = InFlight(case.emulator.transport)
        events: list[str] = []

        def interrupt(event: TransferEvent) -> None:
            events.append(event.kind)
            if event.kind == "stopping":
                transport.stopping.set()

        def press() -> None:
            for _ in range(2):
                transport.under_way.acquire()
            os.kill(os.getpid(), signal.SIGINT)

        key = threading.Thread(target=press)
        key.start()
        with pytest.raises(KeyboardInterrupt):
            case.upload(on_event=interrupt, transport=transport, workers=2)
        key.join()
        assert [kind for kind in events if kind in ("stopping", "finished")] == ["stopping", "finished", "finished"]
        assert list(case.upload().results) == []

    def test_waits_for_requests_under_way_even_if_the_callback_fails(self, case: Case) -> None:
        case.write({f"{number}": b"" for number in range(20)})

        def fail(event: TransferEvent) -> None:
            if event.kind == "started" and event.path == "7":
                os.kill(os.getpid(), signal.SIGINT)
            if event.kind == "stopping":
                raise ZeroDivisionError

        threads = threading.active_count()
        with pytest.raises(KeyboardInterrupt if case.client.asynchronous else ZeroDivisionError):
            case.upload(on_event=fail)
        if not case.client.asynchronous:
            assert threading.active_count() == threads

    def test_of_the_caller_ends_all_workers(self, case: Case) -> None:
        files = {f"{number}": b"%d" % number for number in range(60)}
        case.write(files)
        transport = StoppingTransport(case.emulator.transport, 30, after_effect=True, error=KeyboardInterrupt())
        threads = threading.active_count()
        with pytest.raises(KeyboardInterrupt):
            case.upload(transport=transport)
        if not case.client.asynchronous:
            assert threading.active_count() == threads
        report = case.upload()
        assert not report.counts["failed"] + report.counts["unknown"]
        assert case.stored == files

    def test_aborts_an_upload_in_its_middle(self, case: Case) -> None:
        case.write({"large": b"x" * 3_000_000, "small": b"x"})

        def fail(event: TransferEvent) -> None:
            if event.kind == "progress" and event.path == "large":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            case.upload(on_event=fail)
        assert "large" not in case.stored
        assert case.upload().counts["failed"] == 0
        assert sorted(case.stored) == ["large", "small"]

    def test_leaves_an_iteration(self, case: Case) -> None:
        case.write({f"{number}": b"" for number in range(50)})
        sources = sorted(case.directory.iterdir())

        def program(hubspot: Any) -> Any:
            results = hubspot.transfers.upload_many(sources, FOLDER, workers=2)
            if hasattr(results, "__aiter__"):
                return _first(results)
            return next(iter(results))

        assert case.run(program).outcome == "done"
        assert 0 < len(case.stored) < 50
        results = case.run(lambda hubspot: collected(hubspot.transfers.upload_many(sources, FOLDER)))
        assert {result.outcome for result in results} == {"done"}
        assert len(case.stored) == 50

    def test_leaves_an_iteration_in_a_circle_of_references(self, case: Case) -> None:
        """The garbage collector, which may come late, ends it. Errors with tracebacks make such circles."""
        case.write({f"{number}": b"" for number in range(50)})
        sources = sorted(case.directory.iterdir())

        def program(hubspot: Any) -> Any:
            results = hubspot.transfers.upload_many(sources, FOLDER, workers=2)
            iterator = aiter(results) if hasattr(results, "__aiter__") else iter(results)
            circle: list[Any] = [iterator]
            circle.append(circle)
            return anext(iterator) if hasattr(results, "__aiter__") else next(iterator)

        gc.disable()
        try:
            assert case.run(program).outcome == "done"
            results = case.run(lambda hubspot: collected(hubspot.transfers.upload_many(sources, FOLDER)))
        finally:
            gc.enable()
        # The loop that was left has stored some after the listing.
        assert {result.outcome for result in results} <= {"done", "skipped"}
        assert len(case.stored) == 50

    @pytest.mark.parametrize("client", ["asyncio", "trio"], indirect=True)
    def test_by_cancellation(self, case: Case) -> None:
        files = {f"{number}": b"" for number in range(50)}
        case.write(files)

        async def cancelled(hubspot: Any) -> None:
            with anyio.CancelScope() as scope:

                def cancel(event: TransferEvent) -> None:
                    if event.kind == "finished":
                        scope.cancel()

                await hubspot.transfers.upload_folder(case.directory, FOLDER, on_event=cancel)
            assert scope.cancelled_caught

        case.run(cancelled)
        assert case.upload().counts["failed"] == 0
        assert case.stored == files


async def _first(results: Any) -> Any:
    return await anext(aiter(results))


class TestJournal:
    @pytest.mark.parametrize(
        ("statement", "message"),
        [("PRAGMA query_only = ON", "attempt to write a readonly database"), ("DROP TABLE transfers", "no such table")],
    )
    def test_that_cannot_be_written_stops_the_transfer(self, case: Case, statement: str, message: str) -> None:
        case.write(SOME)
        journal = case.root / "journal"

        def drop(event: TransferEvent) -> None:
            if event.kind == "started" and event.path == "a.txt":
                [open_journal] = [item for item in open_journals() if item.path == journal]
                open_journal._database.execute(statement)

        with pytest.raises(TransferStoppedError, match=f"its journal cannot be written: {message}"):
            case.upload(journal=journal, on_event=drop, workers=1)
        assert case.stored == {}


def open_journals() -> list[Any]:
    import gc

    from hubspot_files.transfers.journal import Journal

    return [item for item in gc.get_objects() if type(item) is Journal]


def test_the_journal_is_in_the_folder_for_the_state_of_programs(case: Case) -> None:
    case.write(SOME)
    case.upload()
    [journal] = (case.root / "state").rglob("*.sqlite3")
    assert journal.parent.name == "journals"
    with contextlib.closing(sqlite3.connect(journal)) as database:
        assert database.execute("SELECT count(*) FROM transfers").fetchone() == (5,)
    assert sorted(path.name for path in case.directory.iterdir()) == ["a.txt", "b-1.txt", "b.txt", "sub"]


def test_faults_in_a_tenth_of_the_requests(case: Case) -> None:
    files = {f"{number % 7}/{number}.txt": b"" if number % 5 == 0 else b"%d" % (number // 2) for number in range(150)}
    case.write(files)
    for kind, after_effect in (("status", False), ("status", True), ("reset", True), ("disconnect", False)):
        case.emulator.fail(kind, count=None, probability=0.025, after_effect=after_effect)
    for _ in range(5):
        report = case.upload()
        if not report.counts["failed"] + report.counts["unknown"]:
            break
    assert case.stored == files
    for _ in range(5):
        report = case.download(case.root / "copy")
        if not report.counts["failed"] + report.counts["unknown"]:
            break
    assert local_files(case.root / "copy") == files


def test_a_partial_file_of_a_killed_run_is_removed(case: Case, tmp_path: Path) -> None:
    case.add({"a": b"content"})
    target = case.root / "copy"
    transport = StoppingTransport(case.emulator.transport, 5, after_effect=True)
    with pytest.raises(Stop):
        case.download(target, transport=transport)
    from hubspot_files.transfers.downloads import partial_path

    target.mkdir(exist_ok=True)
    partial_path(target / "a", "a").write_bytes(b"conte")
    case.download(target)
    assert local_files(target) == {"a": b"content"}
