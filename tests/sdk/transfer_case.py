"""A transfer between a temporary directory and an emulator, on either client."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from hubspot_files.testing import Emulator, use_clock
from hubspot_files.transfers import Plan, TransferReport

from .support import Client

FOLDER = "/library/site"


class Stop(BaseException):
    """The end of a process, as it appears to the code that runs."""


class StoppingTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport on which one request ends the process, before or after it takes effect.

    Args:
        transport: the emulator's.
        number: number of the request, from 1.
        after_effect: whether HubSpot gets the request.
        error: what is raised.
    """

    def __init__(self, transport: Any, number: int, *, after_effect: bool, error: BaseException | None = None) -> None:
        self._transport = transport
        self._number = number
        self._after_effect = after_effect
        self._error = Stop() if error is None else error
        # It is counted in one step, whatever threads do.
        self._count = itertools.count(1)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        stops = next(self._count) == self._number
        if stops and not self._after_effect:
            raise self._error
        response: httpx.Response = self._transport.handle_request(request)
        if stops:
            raise self._error
        return response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        stops = next(self._count) == self._number
        if stops and not self._after_effect:
            raise self._error
        response: httpx.Response = await self._transport.handle_async_request(request)
        if stops:
            raise self._error
        return response


class Case:
    """A local directory, an emulator with a folder, and a client.

    Attributes:
        emulator: the emulator.
        directory: the local directory.
        root: an empty directory above it.
    """

    def __init__(self, client: Client, emulator: Emulator, root: Path) -> None:
        self.client = client
        self.emulator = emulator
        self.root = root
        self.directory = root / "site"
        self.directory.mkdir()

    def run(self, operation: Callable[[Any], Any], *, transport: Any = None, **options: Any) -> Any:
        """Run an operation on the client, and return its result."""
        http = self.client.http(transport or self.emulator.transport)
        return self.client(operation, access_token=self.emulator.token, http_client=http, **options)

    def upload(self, *, transport: Any = None, **options: Any) -> TransferReport:
        report: TransferReport = self.run(
            lambda hubspot: hubspot.transfers.upload_folder(self.directory, FOLDER, **options), transport=transport
        )
        return report

    def download(self, directory: Path, *, transport: Any = None, **options: Any) -> TransferReport:
        report: TransferReport = self.run(
            lambda hubspot: hubspot.transfers.download_folder(FOLDER, directory, **options), transport=transport
        )
        return report

    def sync(self, **options: Any) -> TransferReport:
        """Make HubSpot like the directory."""
        report: TransferReport = self.run(
            lambda hubspot: hubspot.transfers.sync(self.directory, f"hubspot:{FOLDER}", **options)
        )
        return report

    def plan(self, **options: Any) -> Plan:
        """Plan to make HubSpot like the directory."""
        plan: Plan = self.run(
            lambda hubspot: hubspot.transfers.plan_sync(self.directory, f"hubspot:{FOLDER}", **options)
        )
        return plan

    def apply(self, plan: Plan, **options: Any) -> TransferReport:
        report: TransferReport = self.run(lambda hubspot: hubspot.transfers.run(plan, **options))
        return report

    def write(self, files: Mapping[str, bytes], directory: Path | None = None) -> None:
        """Write local files."""
        for path, content in files.items():
            target = (directory or self.directory) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def add(self, files: Mapping[str, bytes]) -> None:
        """Add files on HubSpot."""
        for path, content in files.items():
            self.emulator.add_file(f"{FOLDER}/{path}", content)

    @property
    def stored(self) -> dict[str, bytes]:
        """The files on HubSpot. A path that is there twice fails the test."""
        live = [file for file in self.emulator.files if file.state == "live"]
        doubled = [path for path, count in Counter(file.path for file in live).items() if count > 1]
        assert not doubled
        return {file.path.removeprefix(f"{FOLDER}/"): file.content for file in live}

    @property
    def ids(self) -> dict[str, str]:
        """The ids of the files on HubSpot."""
        return {
            file.path.removeprefix(f"{FOLDER}/"): str(file.id) for file in self.emulator.files if file.state == "live"
        }

    @contextmanager
    def calls(self) -> Iterator[Counter[str]]:
        """Count the calls within the context by operation."""
        counter: Counter[str] = Counter()
        before = len(self.emulator.requests)
        yield counter
        counter.update(str(request.operation) for request in self.emulator.requests[before:])


def local_files(directory: Path) -> dict[str, bytes]:
    """Return the files in a directory."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def outcomes(report: TransferReport) -> dict[str, tuple[str, str]]:
    """Return outcome and reason by path."""
    return {result.path: (result.outcome, result.reason) for result in report.results}


@contextmanager
def new_case(client: Client, root: Path, **options: Any) -> Iterator[Case]:
    """Make a case. Waits take no time, on the emulator's clock."""
    with Emulator(strict=True, **options) as emulator, use_clock(emulator.clock):
        yield Case(client, emulator, root)
