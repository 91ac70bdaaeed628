"""A campaign: a tree of files goes up and comes down again, while its process is killed, or while requests fail.

The server runs in a thread of this process, and is the oracle: at the end it must hold each file once.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hubspot_files.testing import Emulator, serve

PROGRAM = Path(__file__).with_name("program.py")
FOLDER = "/library/campaign"
# Faults that leave open whether a request took effect, and some that do not.
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 502},
    {"kind": "status", "status": 503, "after_effect": True},
    {"kind": "disconnect"},
    {"kind": "disconnect", "after_effect": True},
    {"kind": "reset", "after_effect": True},
    {"kind": "truncate"},
    {"kind": "write-reset"},
)


def make_tree(directory: Path, count: int, seed: int = 1) -> None:
    """Write files of different sizes in nested folders, some of them empty, equal, or with unusual names."""
    chance = random.Random(seed)
    for number in range(count):
        folder = directory / f"folder {number % 17}" / f"ü{number % 5}"
        folder.mkdir(parents=True, exist_ok=True)
        name, content = f"file {number}.txt", chance.randbytes(chance.choice((10, 1000, 20_000)))
        if number % 20 == 1:
            content = b""
        elif number % 20 == 2:
            content = b"the same"
        elif number % 20 == 3:
            # The name that HubSpot gives a second copy of the file before.
            name, content = f"file {number - 1}-1.txt", b"the same"
        elif number % 20 == 4:
            name = f"no extension {number}"
        (folder / name).write_bytes(content)
    (directory / "empty folder").mkdir()


@dataclass
class Figures:
    """The figures of one part of a campaign."""

    name: str
    reports: list[dict[str, Any]] = field(default_factory=list)
    kills: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        last = self.reports[-1] if self.reports else {}
        state = "ok" if not self.problems else f"{len(self.problems)} PROBLEMS: {self.problems[:5]}"
        return f"{self.name}: {state}; {self.kills} kills, {self.seconds:.1f} s; last report {last}"


class Campaign:
    """A served emulator, a tree of files, and a folder for journals.

    Args:
        emulator: the served emulator.
        work: an empty folder.
        count: number of files.
        seed: seed of the moments of the kills.
    """

    def __init__(self, emulator: Emulator, work: Path, count: int, seed: int = 1) -> None:
        self.emulator = emulator
        self.count = count
        self.source = work / "source"
        self.source.mkdir()
        self._work = work
        self._chance = random.Random(seed)
        make_tree(self.source, count)

    def start(self, what: str, directory: Path, folder: str) -> subprocess.Popen[str]:
        """Start a transfer."""
        environment = {
            **os.environ,
            "HUBSPOT_ACCESS_TOKEN": self.emulator.token,
            "HUBSPOT_BASE_URL": self.emulator.base_url,
            "XDG_STATE_HOME": str(self._work / "state"),
        }
        command = [sys.executable, str(PROGRAM), what, str(directory), folder]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, figures: Figures, what: str, directory: Path, folder: str) -> dict[str, Any]:
        """Run a transfer to its end, and return its report."""
        process = self.start(what, directory, folder)
        out, err = process.communicate()
        if process.returncode:
            figures.problems.append(err[-2000:])
            return {}
        report: dict[str, Any] = json.loads(out)
        figures.reports.append(report)
        return report

    def run_killed(self, figures: Figures, what: str, directory: Path, folder: str, kills: int, longest: float) -> None:
        """Run a transfer, kill it at random moments, and run it to its end."""
        while figures.kills < kills:
            process = self.start(what, directory, folder)
            try:
                process.communicate(timeout=self._chance.uniform(0.05, longest))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                figures.kills += 1
            else:
                break
        # What is still unknown after one run is settled by the next.
        for _ in range(5):
            report = self.run(figures, what, directory, folder)
            if not report or not report["failed"] + report["unknown"]:
                break

    def check_stored(self, figures: Figures, folder: str) -> None:
        """Compare the files on the server with the tree."""
        prefix = f"{folder}/"
        stored = Counter(
            (file.path.removeprefix(prefix), file.md5)
            for file in self.emulator.files
            if file.state == "live" and file.path.startswith(prefix)
        )
        wanted = Counter(
            (path.relative_to(self.source).as_posix(), hashlib.md5(path.read_bytes()).hexdigest())
            for path in self.source.rglob("*")
            if path.is_file()
        )
        figures.problems += [f"lost: {path}" for path, _ in (wanted - stored)]
        figures.problems += [f"doubled: {path}" for path, _ in (stored - wanted)]

    def check_directory(self, figures: Figures, directory: Path) -> None:
        """Compare a directory with the tree, byte for byte."""
        figures.problems += _differences(filecmp.dircmp(self.source, directory, ignore=[], hide=[]))

    @contextmanager
    def timed(self, figures: Figures) -> Iterator[None]:
        """Measure a part of the campaign."""
        began = time.monotonic()
        yield
        figures.seconds = time.monotonic() - began

    def upload(self, name: str, *, what: str = "upload", kills: int = 0, longest: float = 1.0) -> Figures:
        """Upload the tree to a folder of its own."""
        figures, folder = Figures(f"{what}, {name}"), f"{FOLDER}/{name}"
        with self.timed(figures):
            self.run_killed(figures, what, self.source, folder, kills, longest)
        self.check_stored(figures, folder)
        return figures

    def upload_again(self, name: str) -> Figures:
        """Upload the tree once more, which must cost listings only."""
        figures, folder = Figures(f"upload again, {name}"), f"{FOLDER}/{name}"
        before = len(self.emulator.requests)
        with self.timed(figures):
            self.run(figures, "upload", self.source, folder)
        called = {request.operation for request in self.emulator.requests[before:]}
        if not called <= {"statPath", "searchFiles", "searchFolders"}:
            figures.problems.append(f"it did more than list: {called}")
        self.check_stored(figures, folder)
        return figures

    def download(self, name: str, *, kills: int = 0, longest: float = 1.0) -> Figures:
        """Download the folder of an upload."""
        figures, directory = Figures(f"download, {name}"), self._work / f"copy {name} {kills}"
        with self.timed(figures):
            self.run_killed(figures, "download", directory, f"{FOLDER}/{name}", kills, longest)
        self.check_directory(figures, directory)
        return figures


def _differences(compared: filecmp.dircmp[str]) -> list[str]:
    found = [f"missing: {name}" for name in compared.left_only] + [f"extra: {name}" for name in compared.right_only]
    _, different, errors = filecmp.cmpfiles(compared.left, compared.right, compared.common_files, shallow=False)
    found += [f"different: {name}" for name in (*different, *errors)]
    for sub in compared.subdirs.values():
        found += _differences(sub)
    return found


@contextmanager
def campaign(count: int, *, seed: int = 1, **options: Any) -> Iterator[Campaign]:
    """Serve an emulator, and write a tree of files."""
    with tempfile.TemporaryDirectory() as work, serve(**options) as emulator:
        yield Campaign(emulator, Path(work), count, seed)


def add_faults(emulator: Emulator, share: float) -> None:
    """Let a share of the requests fail."""
    for fault in FAULTS:
        emulator.fail(**fault, count=None, probability=share / len(FAULTS))
