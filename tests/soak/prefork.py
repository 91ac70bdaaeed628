"""A client that is used and then shared with forked workers, as by `gunicorn --preload` and Celery.

The parent is a separate process: `run` starts it and the emulator, and compares the results of all processes with the
stored files. So the forking parent has no threads but its own, and no descriptors of the test run.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import faulthandler
import gc
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import httpx

from hubspot_files import AsyncHubSpotFiles, HubSpotFiles

from .calls import (
    FIRST_ID,
    FOLDER,
    PLANTED,
    Caller,
    MixedUpError,
    Outcomes,
    md5,
    planted_content,
    planted_name,
    upload_content,
)

THREADS = 3
TASKS = 4
# Threads of the parent before the fork, which leave idle connections, and of a worker after it.
_FIRST_THREADS = 16
_FIRST_CALLS = 4
# Responses with unread bodies when the workers are forked.
_OPEN_STREAMS = 4
_HELD = FIRST_ID
# Without retries, which would hide a connection that was cut.
_OPTIONS: dict[str, Any] = {"timeout": httpx.Timeout(10.0), "max_retries": 0}
# Longer than connections stay idle, in seconds.
_IDLE = 5.5
_DESCRIPTORS = Path("/proc/self/fd")


@dataclass
class Report:
    """The findings of a soak with forked workers."""

    workers: int
    seconds: float = 0.0
    calls: int = 0
    calls_of_parent: int = 0
    shared_connections: int = 0
    """The connections that were open at the fork."""
    mixed: list[str] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    hung: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    uploads: int = 0

    def problems(self) -> list[str]:
        """Return every violation."""
        found = [f"mixed up: {what}" for what in self.mixed]
        found += [f"{times} times {what}" for what, times in self.errors.most_common()]
        return found + self.hung + self.leaked + self.wrong

    def add(self, name: str, result: dict[str, Any]) -> None:
        """Add the report of one process."""
        self.calls += result["calls"]
        self.mixed += [f"{name}: {what}" for what in result["mixed"]]
        self.errors.update({f"{name.partition(' ')[0]}: {what}": times for what, times in result["errors"].items()})
        self.hung += [f"{name} hangs: {trace}" for trace in result["hung"]]
        self.leaked += [f"{name}: {what}" for what in result["leaked"]]


def run(
    workers: int,
    calls: int,
    *,
    seed: int = 1,
    deadline: float = 60.0,
    notify: Callable[[str], object] = lambda _: None,
) -> Report:
    """Make calls in forked workers that share clients with their parent, and report the findings.

    Args:
        workers: processes to fork.
        calls: of all workers together; the parent makes calls until they end.
        seed: the seed of the calls.
        deadline: seconds for a worker, after which it counts as hanging.
        notify: called with lines of progress.
    """
    report = Report(workers)
    started_at = time.monotonic()
    with serving() as (url, token), tempfile.TemporaryDirectory() as folder:
        for file_id in range(FIRST_ID, FIRST_ID + PLANTED):
            content = base64.b64encode(planted_content(file_id)).decode()
            path = f"{FOLDER}/{planted_name(file_id)}.bin"
            _control(url, "add_file", {"path": path, "content": content, "id": file_id})
        program = [sys.executable, "-W", "error", "-X", "faulthandler", "-m", "tests.soak.prefork", url, token, folder]
        options = [str(workers), str(calls), str(seed), str(deadline)]
        root = Path(__file__).parents[2]
        with (Path(folder) / "stderr").open("w+") as errors:
            # A parent that outlasts the deadline of its workers hangs.
            try:
                ended = subprocess.run(
                    program + options, cwd=root, stderr=errors, timeout=deadline + 60, check=False
                ).returncode
            except subprocess.TimeoutExpired:
                ended = -1
            errors.seek(0)
            errors_text = errors.read()
        if ended != 0:
            report.hung.append(f"the parent ended with status {ended}: {errors_text[-4000:]}")
        uploads: dict[str, dict[str, str]] = {}
        for name in ("parent", *(f"worker {number}" for number in range(1, workers + 1))):
            path = Path(folder) / f"{name}.json"
            if not path.exists():
                report.hung.append(f"{name} came to no end: {_text(Path(folder) / f'{name}.trace')}")
                continue
            result = json.loads(path.read_text())
            report.add(name, result)
            uploads |= result["uploads"]
            if name == "parent":
                report.calls_of_parent = result["calls"]
                report.shared_connections = result["connections"]
            failed = sum(result["errors"].values())
            notify(
                f"{name}: {result['calls']} calls, {len(result['mixed'])} mixed up, {failed} errors, "
                f"{result['connections']} connections at the fork"
            )
        report.uploads = len(uploads)
        report.wrong = _compare(uploads, json.loads(_get(f"{url}/_emulator/files"))["results"])
    report.seconds = time.monotonic() - started_at
    return report


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else "it never began"


def _compare(uploads: dict[str, dict[str, str]], stored: list[dict[str, Any]]) -> list[str]:
    """Compare the results with the stored files: each upload once, with its content, name and state."""
    by_md5: dict[str, list[dict[str, Any]]] = {}
    for file in stored:
        if not file["path"].startswith(f"{FOLDER}/"):
            by_md5.setdefault(file["md5"], []).append(file)
    wrong = []
    for label, upload in uploads.items():
        found = by_md5.pop(md5(upload_content(label)), [])
        records = [{"id": file["id"], "name": file["name"], "state": file["state"]} for file in found]
        if records != [upload]:
            wrong.append(f"the upload {label} is stored as {records}, not once as {upload}")
    # Those whose call raised an error are counted there.
    named = [file["name"] for files in by_md5.values() for file in files]
    return wrong + [f"{name} is stored, and no call returned it" for name in named]


@contextlib.contextmanager
def serving() -> Iterator[tuple[str, str]]:
    """Run the emulator as a separate process; yield its base URL and its token."""
    program = [sys.executable, "-m", "hubspot_files.cli", "emulator", "--port", "0"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            announced = ""
            while "Ctrl-C" not in announced:
                announced += process.stdout.readline()
            [url, token] = re.findall(r"export \w+=(\S+)", announced)
            yield url, token
        finally:
            process.terminate()
            process.communicate()


def _control(url: str, name: str, arguments: dict[str, Any]) -> None:
    headers = {"Content-Type": "application/json"}
    _get(urllib.request.Request(f"{url}/_emulator/{name}", json.dumps(arguments).encode(), headers))


def _get(what: str | urllib.request.Request) -> bytes:
    with urllib.request.urlopen(what, timeout=60) as response:
        return bytes(response.read())


# The code of the parent and its workers.


class Clients:
    """The clients created before the fork, and their use in one process."""

    def __init__(self, url: str, token: str) -> None:
        self.parent = os.getpid()
        self.gate = threading.Event()
        self.sync = HubSpotFiles(token, base_url=url, **_OPTIONS)
        self.asynchronous = AsyncHubSpotFiles(token, base_url=url, **_OPTIONS)
        self.paced = self.sync.with_options(pace=True)
        self.paced_async = self.asynchronous.with_options(pace=True)

        def held_token() -> str:
            # In the middle of a call, with the lock of a signed URL, as long as the gate is closed.
            if os.getpid() == self.parent:
                self.gate.wait()
            return token

        self.held = self.sync.with_options(access_token=held_token)

    def callers(
        self, name: str, folder: Path, outcomes: Outcomes, seed: int, *, asynchronous: bool, count: int | None = None
    ) -> list[Caller]:
        files, paced = (self.asynchronous, self.paced_async) if asynchronous else (self.sync, self.paced)
        count = count or (TASKS if asynchronous else THREADS)
        return [
            Caller(label := f"{name}-{number}", files.files, paced.files, folder / label, outcomes, seed)
            for number in range(count)
        ]


def in_threads(targets: list[Callable[[], object]]) -> list[threading.Thread]:
    threads = [threading.Thread(target=target, daemon=True) for target in targets]
    for thread in threads:
        thread.start()
    return threads


async def in_tasks(callers: list[Caller], count: int | None, is_stopped: Callable[[], bool] = lambda: False) -> None:
    await asyncio.gather(*(caller.run_async(count, is_stopped) for caller in callers))


def tcp_sockets() -> set[str]:
    """Return the inodes of the open TCP sockets of this process, if the system reports them."""
    if not _DESCRIPTORS.exists():
        return set()
    gc.collect()
    rows = [row for table in ("tcp", "tcp6") for row in _text(Path("/proc/net") / table).splitlines()[1:]]
    sockets = {row.split()[9] for row in rows}
    found = set()
    for descriptor in _DESCRIPTORS.iterdir():
        with contextlib.suppress(OSError):
            kind, _, inode = os.readlink(descriptor).partition(":")
            found |= {inode.strip("[]")} & sockets if kind == "socket" else set()
    return found


def descriptors() -> int:
    gc.collect()
    return len(os.listdir(_DESCRIPTORS)) if _DESCRIPTORS.exists() else 0


def write(
    folder: Path, name: str, outcomes: Outcomes, hung: list[str], leaked: list[str], connections: set[str]
) -> None:
    """Write the outcomes atomically."""
    with outcomes.lock:
        result = {
            "calls": outcomes.calls,
            "mixed": outcomes.mixed,
            "errors": outcomes.errors,
            "uploads": outcomes.uploads,
            "hung": hung,
            "leaked": leaked,
            "connections": len(connections),
        }
        (folder / f"{name}.tmp").write_text(json.dumps(result))
    os.replace(folder / f"{name}.tmp", folder / f"{name}.json")


def work(clients: Clients, number: int, calls: int, folder: Path, seed: int, deadline: float) -> NoReturn:
    """Run a worker: half of the calls on the synchronous client, the others in two event loops in turn."""
    name, outcomes, leaked, failed = f"worker {number}", Outcomes(), [], []
    inherited, before = tcp_sockets(), descriptors()
    trace = (folder / f"{name}.trace").open("w+")
    faulthandler.dump_traceback_later(deadline + 10, exit=True, file=trace)

    def held() -> None:
        # The parent has the lock of this URL, and its thread is not here to release it.
        signed = clients.held.files.signed_url_cache.get(_HELD)
        outcomes.ended("held", None if signed.name == planted_name(_HELD) else ValueError(signed.name))

    def first(turn: int) -> None:
        for call in range(_FIRST_CALLS):
            file_id = FIRST_ID + (number * 7 + turn * 3 + call) % PLANTED
            try:
                file = clients.sync.files.get(file_id)
                wrong = None if file.id == str(file_id) else MixedUpError(f"{file_id} was asked for, {file.id} came")
                outcomes.ended("first get", wrong)
            except Exception as error:  # noqa: BLE001 - every one is counted
                outcomes.ended("first get", error)

    async def in_a_loop(run: int) -> None:
        callers = clients.callers(f"{number}-async{run}", folder, outcomes, seed, asynchronous=True)
        await in_tasks(callers, max(calls // 4 // TASKS, 1))
        if run == 2:
            await clients.asynchronous.close()

    def mixed() -> None:
        try:
            # All workers at once, with as many threads as the parent has left idle connections.
            burst = [lambda turn=turn: first(turn) for turn in range(_FIRST_THREADS)]  # type: ignore[misc]
            for thread in in_threads(burst):
                thread.join()
            callers = clients.callers(f"{number}-sync", folder, outcomes, seed, asynchronous=False)
            share = max(calls // 2 // THREADS, 1)
            for thread in in_threads([lambda caller=caller: caller.sync(share) for caller in callers]):  # type: ignore[misc]
                thread.join()
            last = time.monotonic()
            for run in (1, 2):
                asyncio.run(in_a_loop(run))
            time.sleep(max(last + _IDLE - time.monotonic(), 0))
            # Each closes a connection that was idle for too long.
            Caller(f"{number}-idle", clients.sync.files, clients.sync.files, folder / "idle", outcomes, 0).sync(30)
            idle = tcp_sockets() - inherited
            if len(idle) > 4:
                leaked.append(f"{len(idle)} connections are open when all but the last calls are long over")
            # Every other worker ends without closing the clients.
            if number % 2:
                clients.sync.close()
                own, after = tcp_sockets() - inherited, descriptors() - 1  # the descriptor of the trace
                if own:
                    leaked.append(f"{len(own)} connections of its own are open when the clients are closed")
                if after > before:
                    leaked.append(f"{after - before} descriptors are open that were not before")
        except BaseException as error:  # noqa: BLE001 - said in the report
            failed.append(repr(error))

    ends_at = time.monotonic() + deadline
    threads = in_threads([mixed, held])
    for thread in threads:
        thread.join(max(ends_at - time.monotonic(), 0))
    hung = []
    if any(thread.is_alive() for thread in threads):
        faulthandler.dump_traceback(file=trace, all_threads=True)
        trace.seek(0)
        hung.append(trace.read())
    write(folder, name, outcomes, hung + failed, leaked, inherited)
    faulthandler.cancel_dump_traceback_later()
    if hung:
        os._exit(1)
    trace.close()
    # As at a normal exit of the interpreter.
    sys.exit(0)


def fork() -> int:
    """Fork the process while threads are running."""
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", r"This process \(pid=\d+\) is multi-threaded, use of fork\(\) may lead to", DeprecationWarning
        )
        return os.fork()


def parent(url: str, token: str, folder: Path, workers: int, calls: int, seed: int, deadline: float) -> None:
    """Create clients, use them, fork the workers, and keep using the clients until the workers have ended."""
    outcomes, leaked = Outcomes(), []
    before = descriptors()
    clients = Clients(url, token)
    # A first use, in a loop that has ended when the workers start, which leaves idle connections.
    asyncio.run(in_tasks(clients.callers("0-loop", folder, outcomes, seed, asynchronous=True), 10))
    first = clients.callers("0-first", folder, outcomes, seed, asynchronous=False, count=_FIRST_THREADS)
    for thread in in_threads([lambda caller=caller: caller.sync(10) for caller in first]):  # type: ignore[misc]
        thread.join()
    clients.sync.files.signed_url_cache.get(_HELD + 1)
    over = threading.Event()

    def in_a_loop() -> None:
        async def keep_calling() -> None:
            await in_tasks(clients.callers("0-async", folder, outcomes, seed, asynchronous=True), None, over.is_set)
            await clients.asynchronous.close()

        asyncio.run(keep_calling())

    callers = clients.callers("0-sync", folder, outcomes, seed, asynchronous=False)
    threads = in_threads(
        [
            in_a_loop,
            lambda: clients.held.files.signed_url_cache.get(_HELD),
            *(lambda caller=caller: caller.sync(None, over.is_set) for caller in callers),  # type: ignore[misc]
        ]
    )
    with contextlib.ExitStack() as stack:
        large = [FIRST_ID + 4 * number + 2 for number in range(_OPEN_STREAMS)]
        streams = [(file_id, stack.enter_context(clients.sync.files.stream(file_id))) for file_id in large]
        open_streams = [(file_id, iter(stream), b"") for file_id, stream in streams]
        open_streams = [(file_id, chunks, next(chunks)) for file_id, chunks, _ in open_streams]
        open_before = tcp_sockets()
        pids = []
        # Closing the pipe starts all workers at once.
        read_end, write_end = os.pipe()
        for number in range(1, workers + 1):
            pid = fork()
            if pid == 0:
                os.close(write_end)
                os.read(read_end, 1)
                os.close(read_end)
                # The streams belong to the parent: closing them here must send nothing on its connections.
                stack.pop_all()
                work(clients, number, calls // workers, folder, seed, deadline)
            pids.append(pid)
        os.close(write_end)
        os.close(read_end)
        clients.gate.set()
        for file_id, chunks, first_chunk in open_streams:
            same = first_chunk + b"".join(chunks) == planted_content(file_id)
            outcomes.ended("stream", None if same else ValueError("another content"))
    for pid in pids:
        os.waitpid(pid, 0)
    # The earlier connections are still open, and still the parent's, after all workers have ended.
    over.set()
    hung = []
    for thread in threads:
        thread.join(30)
    if any(thread.is_alive() for thread in threads):
        hung.append("see the traces of its threads on stderr")
        faulthandler.dump_traceback(all_threads=True)
    clients.sync.close()
    if own := tcp_sockets():
        leaked.append(f"{len(own)} connections are open when the clients are closed")
    if (after := descriptors()) > before:
        leaked.append(f"{after - before} descriptors are open that were not before")
    write(folder, "parent", outcomes, hung, leaked, open_before)
    if hung:
        os._exit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name, kind in (("url", str), ("token", str), ("folder", Path), ("workers", int), ("calls", int)):
        parser.add_argument(name, type=kind)
    parser.add_argument("seed", type=int)
    parser.add_argument("deadline", type=float)
    parent(**vars(parser.parse_args()))
