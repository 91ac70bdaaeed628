"""The uploads of a soak: their content, the client that sends each, and the conditions that hold at the end.

The clients use a clock on which waiting between attempts takes a hundredth of the time, so that thousands of retries
take minutes. Nothing else of the clients is changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import hashlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import warnings
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpx

from hubspot_files import AsyncHubSpotFiles, DuplicateCheck, HubSpotFiles, HubSpotFilesError, OutcomeUnknownError
from hubspot_files._clock import SystemClock
from hubspot_files.testing import use_clock

from .server import BY_ID, BY_ID_PATH

THREADS = 12
TASKS = 40
_TIMEOUT = httpx.Timeout(1.0, connect=5.0, pool=30.0)
_STALL = 1.6
_SLEEP_SCALE = 0.01
_FOLDER = "/soak/by-path"
# One of this many uploads is read back.
_READ_BACK = 10
_STATM = Path("/proc/self/statm")
_DESCRIPTORS = Path("/proc/self/fd")

RETURNED, UNKNOWN, FAILED, BROKEN = range(1, 5)


@dataclass(frozen=True, slots=True)
class Case:
    """One upload, generated from its number, so that the oracle need not keep its content."""

    number: int

    @property
    def name(self) -> str:
        return f"u-{self.number:06}.bin"

    @property
    def by_id(self) -> bool:
        return self.number % 4 == 3

    @property
    def folder(self) -> str:
        return BY_ID_PATH if self.by_id else _FOLDER

    @property
    def returns_existing(self) -> bool:
        """Return whether an existing file may be returned."""
        return self.number % 2 == 1

    @property
    def access(self) -> str:
        return "PRIVATE" if self.number % 3 else "PUBLIC_NOT_INDEXABLE"

    def content(self) -> bytes:
        draw = random.Random(self.number)
        # Most are small; a few fill the buffers of a socket many times, so that a cut is in the middle.
        size = draw.choice((0, 1, 700, 5_000, 20_000, 70_000)) if self.number % 50 else draw.randrange(1, 4) * 2**20
        return b"%d:" % self.number + draw.randbytes(size)

    def source(self, folder: Path) -> Any:
        """Return the content as bytes, as a path, or as a stream positioned in its middle."""
        content = self.content()
        if self.number % 3 == 0:
            return content
        if self.number % 3 == 1:
            path = folder / self.name
            path.write_bytes(content)
            return path
        stream = io.BytesIO(b"not this" + content)
        stream.seek(8)
        return stream

    def arguments(self) -> dict[str, Any]:
        where: dict[str, Any] = {"folder_id": BY_ID} if self.by_id else {"folder_path": _FOLDER}
        check = DuplicateCheck("RETURN_EXISTING", "EXACT_FOLDER") if self.returns_existing else None
        return {"name": self.name, "access": self.access, "duplicates": check, **where}


@dataclass
class Outcomes:
    """The outcome of each upload, in little memory, since the client's memory is measured."""

    uploads: int
    codes: bytearray = field(init=False)
    ids: array[int] = field(init=False)
    errors: Counter[str] = field(default_factory=Counter)
    reads: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    rss: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.codes = bytearray(self.uploads)
        self.ids = array("q", bytes(8 * self.uploads))

    def returned(self, case: Case, file: Any) -> None:
        self.ids[case.number] = int(file.id)
        self.codes[case.number] = RETURNED

    def raised(self, case: Case, error: Exception) -> None:
        with self.lock:
            self.errors[type(error).__name__] += 1
            if isinstance(error, HubSpotFilesError):
                self.codes[case.number] = UNKNOWN if isinstance(error, OutcomeUnknownError) else FAILED
            else:
                self.codes[case.number] = BROKEN
                self.broken.append(f"upload {case.number} raised {error!r}")

    def read(self, case: Case, content: bytes | Exception) -> None:
        with self.lock:
            if isinstance(content, HubSpotFilesError):
                self.reads[type(content).__name__] += 1
            elif content == case.content():
                self.reads["equal"] += 1
            else:
                self.broken.append(f"upload {case.number} read back: {content!r:.200}")

    def measure(self) -> None:
        """Record the current resident memory in bytes, if the system reports it."""
        if _STATM.exists():
            gc.collect()
            # Freed memory that the allocator keeps is no leak.
            with contextlib.suppress(OSError, AttributeError):
                ctypes.CDLL(None).malloc_trim(0)
            self.rss.append(int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGESIZE"))


@dataclass
class Report:
    """The findings of a soak."""

    uploads: int
    seconds: float
    returned: int
    unknown: int
    unknown_stored: int
    failed: int
    failed_stored: int
    duplicates: list[str]
    lost: list[str]
    wrong: list[str]
    broken: list[str]
    warnings: list[str]
    descriptors: int
    growth: dict[str, int]
    errors: dict[str, int]
    reads: dict[str, int]
    met: dict[str, int]

    def problems(self) -> list[str]:
        """Return every violation."""
        found = [f"stored twice: {what}" for what in self.duplicates]
        found += [f"silently lost: {what}" for what in self.lost]
        found += [f"not what was sent: {what}" for what in self.wrong]
        found += self.broken + self.warnings
        if self.descriptors:
            found.append(f"{self.descriptors} descriptors are open that were not before")
        return found


@contextlib.contextmanager
def serving(seed: int, rate: float) -> Iterator[str]:
    """Run the server as a separate process; yield its base URL."""
    program = [sys.executable, str(Path(__file__).with_name("server.py"))]
    options = ["--seed", str(seed), "--rate", str(rate), "--stall", str(_STALL)]
    with subprocess.Popen(program + options, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def run(uploads: int, *, seed: int = 1, rate: float = 0.1, notify: Callable[[str], object] = lambda _: None) -> Report:
    """Upload with both clients, half each, and compare the results with the stored files."""
    with serving(seed, rate) as base_url, tempfile.TemporaryDirectory() as folder, use_clock(_FastClock()):
        outcomes = Outcomes(uploads)
        started_at = time.monotonic()
        half = uploads // 2
        growth: dict[str, int] = {}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ResourceWarning)
            # Descriptors that the first use of a client opens are no leak: run once before counting.
            _sync(base_url, [], outcomes, Path(folder))
            asyncio.run(_async(base_url, [], outcomes, Path(folder)))
            before = _descriptors()
            for kind, numbers in (("sync", range(half)), ("async", range(half, uploads))):
                outcomes.rss.clear()
                cases = [Case(number) for number in numbers]
                if kind == "sync":
                    _sync(base_url, cases, outcomes, Path(folder))
                else:
                    asyncio.run(_async(base_url, cases, outcomes, Path(folder)))
                if outcomes.rss:
                    # The first measurement is after a tenth of the uploads, when everything is loaded.
                    growth[kind] = outcomes.rss[-1] - outcomes.rss[0]
                    notify(f"{kind}: MiB resident {[round(rss / 2**20, 1) for rss in outcomes.rss]}")
            gc.collect()
            after = _descriptors()
        seconds = time.monotonic() - started_at
        with urllib.request.urlopen(f"{base_url}/oracle") as response:
            oracle = json.load(response)
    report = _compare(outcomes, oracle)
    report.seconds = seconds
    report.growth = growth
    report.descriptors = after - before
    report.warnings = [str(warning.message) for warning in caught if issubclass(warning.category, ResourceWarning)]
    return report


def _sync(base_url: str, cases: list[Case], outcomes: Outcomes, folder: Path) -> None:
    with HubSpotFiles("soak", base_url=base_url, timeout=_TIMEOUT) as hubspot:

        def one(case: Case) -> None:
            source = case.source(folder)
            try:
                file = hubspot.files.upload(source, **case.arguments())
            except Exception as error:  # noqa: BLE001 - every one is counted
                outcomes.raised(case, error)
                return
            finally:
                if isinstance(source, Path):
                    source.unlink()
            outcomes.returned(case, file)
            if case.number % _READ_BACK == 0:
                try:
                    outcomes.read(case, hubspot.files.read(file.id))
                except Exception as error:  # noqa: BLE001 - every one is counted
                    outcomes.read(case, error)

        with ThreadPoolExecutor(THREADS) as pool:
            for batch in _batches(cases):
                list(pool.map(one, batch))
                outcomes.measure()


async def _async(base_url: str, cases: list[Case], outcomes: Outcomes, folder: Path) -> None:
    async with AsyncHubSpotFiles("soak", base_url=base_url, timeout=_TIMEOUT) as hubspot:

        async def one(case: Case) -> None:
            source = case.source(folder)
            try:
                file = await hubspot.files.upload(source, **case.arguments())
            except Exception as error:  # noqa: BLE001 - every one is counted
                outcomes.raised(case, error)
                return
            finally:
                if isinstance(source, Path):
                    source.unlink()
            outcomes.returned(case, file)
            if case.number % _READ_BACK == 0:
                try:
                    outcomes.read(case, await hubspot.files.read(file.id))
                except Exception as error:  # noqa: BLE001 - every one is counted
                    outcomes.read(case, error)

        async def worker(rest: Iterator[Case]) -> None:
            for case in rest:
                await one(case)

        for batch in _batches(cases):
            rest = iter(batch)
            await asyncio.gather(*(worker(rest) for _ in range(TASKS)))
            outcomes.measure()


def _batches(cases: list[Case]) -> Iterator[list[Case]]:
    """Split the cases into ten batches, after each of which memory is measured; a few cases into one."""
    size = max(-(-len(cases) // 10), 1) if len(cases) > 1000 else max(len(cases), 1)
    for start in range(0, len(cases), size):
        yield cases[start : start + size]


class _FastClock(SystemClock):
    """The system clock, except that sleeping takes a hundredth of the time."""

    def sleep(self, seconds: float, /) -> None:  # type: ignore[override]
        time.sleep(seconds * _SLEEP_SCALE)

    async def sleep_async(self, seconds: float, /) -> None:
        await anyio.sleep(seconds * _SLEEP_SCALE)


def _descriptors() -> int:
    gc.collect()
    return len(list(_DESCRIPTORS.iterdir())) if _DESCRIPTORS.exists() else 0


def _compare(outcomes: Outcomes, oracle: dict[str, Any]) -> Report:
    """Compare the results of the clients with the stored files."""
    stored: dict[tuple[str, str], list[list[Any]]] = {}
    for row in oracle["files"]:
        stored.setdefault((row[1], row[2]), []).append(row)
    counts: Counter[str] = Counter()
    duplicates: list[str] = []
    lost: list[str] = []
    wrong: list[str] = []
    for number, code in enumerate(outcomes.codes):
        case = Case(number)
        rows = stored.pop((case.folder, case.name), [])
        if len(rows) > 1:
            duplicates.append(f"upload {number}, {len(rows)} times")
        content = case.content()
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        wrong += [f"upload {number}" for row in rows if row[3:] != [md5, len(content), case.access]]
        if code == RETURNED:
            counts["returned"] += 1
            if str(outcomes.ids[number]) not in [row[0] for row in rows]:
                lost.append(f"upload {number} was returned as {outcomes.ids[number]}, which is not it")
        elif code == UNKNOWN:
            counts["unknown"] += 1
            counts["unknown_stored"] += len(rows)
        elif code == FAILED:
            counts["failed"] += 1
            counts["failed_stored"] += len(rows)
            if rows and not case.returns_existing:
                lost.append(f"upload {number} is stored, though an error said that it is not")
        else:
            lost.append(f"upload {number} came to no end")
    wrong += [f"{path} was never sent" for path in stored]
    return Report(
        uploads=outcomes.uploads,
        seconds=0.0,
        returned=counts["returned"],
        unknown=counts["unknown"],
        unknown_stored=counts["unknown_stored"],
        failed=counts["failed"],
        failed_stored=counts["failed_stored"],
        duplicates=duplicates,
        lost=lost,
        wrong=wrong,
        broken=outcomes.broken,
        warnings=[],
        descriptors=0,
        growth={},
        errors=dict(outcomes.errors),
        reads=dict(outcomes.reads),
        met=oracle["met"],
    )
