"""Processes that share the tokens of one OAuth app in a file, whose tasks all need a new token at each expiry.

The emulator runs in this process, and each worker is a process of its own. The app replaces the refresh token at each
renewal, so that a second renewal for the same expiry would fail.
"""

from __future__ import annotations

import itertools
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import anyio

from hubspot_files import AsyncHubSpotFiles, FileTokenStore, HubSpotFilesError, OAuthCredentials
from hubspot_files.testing import Emulator, serve

# The tasks of a worker are in so many groups, which take turns: at each expiry, all tasks of a group send a request.
GROUPS = 4
# A token is renewed when nine tenths of its life are over. Then the next group is due.
_PERIOD = 0.95
# Seconds for the workers to start.
_START = 3.0


@dataclass
class Report:
    """The findings of a soak."""

    processes: int
    tasks: int
    life: float
    requests: int = 0
    renewals: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    doubled: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    log_size: int = 0
    hung: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def problems(self) -> list[str]:
        """Return every violation."""
        found = [f"{times} times {what}" for what, times in self.errors.most_common()]
        found += [
            f"{times} responses of {status}" for status, times in self.statuses.items() if status not in (200, 401)
        ]
        return found + self.doubled + self.leaks + self.hung


def run(
    expiries: int,
    *,
    processes: int = 4,
    tasks: int = 50,
    life: float = 1.5,
    notify: Callable[[str], object] = lambda _: None,
) -> Report:
    """Let processes share a file of tokens, and report the findings.

    Args:
        expiries: how often the access token expires.
        processes: number of workers.
        tasks: tasks of each worker, of which a fourth send a request at each expiry.
        life: life of an access token, in seconds of real time.
        notify: called with lines of progress.
    """
    report = Report(processes, tasks, life)
    started_at = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, serve() as emulator:
        app = emulator.add_oauth_app(access_token_life=life, rotates_refresh_tokens=True)
        arguments = {
            "base_url": emulator.base_url,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "refresh_token": emulator.add_refresh_token(app.client_id),
            "file_id": emulator.add_file("/a.txt", b"a").id,
            "store": str(Path(folder) / "tokens.json"),
            "tasks": tasks,
            "period": life * _PERIOD,
            "expiries": expiries,
            "start_at": time.time() + _START,
        }
        program = [sys.executable, "-W", "error", "-m", "tests.soak.oauth"]
        workers = []
        for number in range(processes):
            log = str(Path(folder) / f"worker-{number}.log")
            worker = subprocess.Popen(
                program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
            )
            assert worker.stdin is not None
            # Arguments of a process are visible to others.
            worker.stdin.write(json.dumps({**arguments, "log": log}))
            worker.stdin.close()
            worker.stdin = None
            workers.append(worker)
        deadline = time.monotonic() + _START + expiries * life + 60
        for number, worker in enumerate(workers):
            try:
                output, _ = worker.communicate(timeout=max(deadline - time.monotonic(), 0.1))
                result = json.loads(output)
                report.requests += result["requests"]
                report.errors.update(result["errors"])
                notify(f"worker {number}: {result['requests']} requests, {sum(result['errors'].values())} errors")
            except (subprocess.TimeoutExpired, ValueError) as error:
                worker.kill()
                worker.communicate()
                report.hung.append(f"worker {number} came to no end: {type(error).__name__}")
        _examine(report, emulator, Path(folder), app.client_secret)
    report.seconds = time.monotonic() - started_at
    return report


def _examine(report: Report, emulator: Emulator, folder: Path, client_secret: str) -> None:
    """Check the renewals as the server has seen them, and search the logs for secrets."""
    secrets = {client_secret, *emulator.tokens}
    renewed_at: list[float] = []
    for request in emulator.requests:
        report.statuses[request.status or 0] += 1
        if request.operation == "createToken":
            secrets.add(dict(parse_qsl(request.body.decode()))["refresh_token"])
            renewed_at.append(request.time.timestamp())
    stored = FileTokenStore(folder / "tokens.json").load()
    assert stored is not None
    secrets |= {stored.access_token, stored.refresh_token}
    report.renewals = len(renewed_at)
    report.doubled = [
        f"a renewal follows another one after {after - before:.3f} s"
        for before, after in itertools.pairwise(renewed_at)
        if after - before < report.life / 2
    ]
    for log in sorted(folder.glob("worker-*.log")):
        text = log.read_text(encoding="utf-8")
        report.log_size += len(text)
        report.leaks += [f"{log.name} contains a secret: {secret[:12]}…" for secret in secrets if secret in text]


# The code of a worker.


class Worker:
    """The tasks of a process, on one client with credentials of its own."""

    def __init__(self, arguments: dict[str, Any]) -> None:
        self.arguments = arguments
        self.requests = 0
        self.errors: Counter[str] = Counter()
        self.credentials = OAuthCredentials(
            arguments["client_id"],
            arguments["client_secret"],
            arguments["refresh_token"],
            store=FileTokenStore(arguments["store"]),
            base_url=arguments["base_url"],
        )

    async def run(self) -> None:
        client = AsyncHubSpotFiles(self.credentials, base_url=self.arguments["base_url"], max_retries=0)
        async with client as hubspot, anyio.create_task_group() as group:
            for number in range(self.arguments["tasks"]):
                group.start_soon(self._task, hubspot, number)

    async def _task(self, hubspot: AsyncHubSpotFiles, number: int) -> None:
        """Send a request at every fourth expiry."""
        for turn in range(number % GROUPS, self.arguments["expiries"], GROUPS):
            due = self.arguments["start_at"] + turn * self.arguments["period"]
            await anyio.sleep(max(due - time.time(), 0))
            self.requests += 1
            try:
                await hubspot.files.get(self.arguments["file_id"])
            except HubSpotFilesError as error:
                self.errors[f"{type(error).__name__}: {str(error).splitlines()[0]}"] += 1


def main() -> None:
    arguments = json.load(sys.stdin)
    logging.basicConfig(level=logging.DEBUG, filename=arguments["log"], encoding="utf-8")
    worker = Worker(arguments)
    anyio.run(worker.run)
    print(json.dumps({"requests": worker.requests, "errors": worker.errors}))


if __name__ == "__main__":
    main()
