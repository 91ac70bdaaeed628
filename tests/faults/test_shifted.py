"""Bytes after a response close its connection: the next request must not read them as its own response."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest

from hubspot_files import HubSpotFilesError

from .shifted import STRANGER, Extra, Framing, ShiftedServer, content_of
from .support import Outcome, Program, run_async, run_sync

CLIENTS = ("sync", "asyncio", "trio")
IDS = ("1", "2", "3", "4")


@pytest.fixture(params=CLIENTS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["own-connections", "http-client"])
def of_the_caller(request: pytest.FixtureRequest) -> bool:
    """Return whether the client uses an httpx client of the caller."""
    return bool(request.param)


def run(backend: str, work: Callable[[Any, Any], Program], server: ShiftedServer, *, of_the_caller: bool) -> Outcome:
    """Run calls on one of the clients, without retries, which would hide the response of another request."""
    options: dict[str, Any] = {"access_token": "token", "base_url": server.base_url, "max_retries": 0}
    if backend == "sync":
        if of_the_caller:
            options["http_client"] = httpx.Client()
        return run_sync(work, server, options)
    wire = httpx.AsyncHTTPTransport() if of_the_caller else None
    return anyio.run(run_async, work, server, wire, options, backend=backend)


def records(hubspot: Any, server: ShiftedServer) -> Program:
    """Get one file after the other, and return the results."""
    given = []
    for file_id in IDS:
        given.append((yield hubspot.files.get(file_id)).id)
        server.push()
    return given


def contents(hubspot: Any, server: ShiftedServer) -> Program:
    """Read one file after the other."""
    given = []
    for file_id in IDS:
        given.append((yield hubspot.files.read(file_id)))
        server.push()
    return given


def deletions(hubspot: Any, server: ShiftedServer) -> Program:
    """Get a file after each deletion, whose response has no body."""
    given = []
    for file_id in IDS:
        yield hubspot.files.delete(STRANGER)
        server.push()
        given.append((yield hubspot.files.get(file_id)).id)
        server.push()
    return given


def is_refused(outcome: Outcome) -> bool:
    """Return whether a shifted response is detected.

    httpx reuses a connection of the caller's client regardless of the data after its last response.
    """
    return isinstance(outcome.error, HubSpotFilesError)


class TestExtraResponse:
    @pytest.mark.parametrize("extra", ["behind", "later"])
    @pytest.mark.parametrize("framing", ["length", "chunked"])
    # With the last two, one receives the extra response apart from the end of its own, or not all at once.
    @pytest.mark.parametrize("padding", [0, 65_000, 200_000])
    def test_after_a_record(
        self, backend: str, of_the_caller: bool, extra: Extra, framing: Framing, padding: int
    ) -> None:
        with ShiftedServer(extra, framing=framing, padding=padding) as server:
            outcome = run(backend, records, server, of_the_caller=of_the_caller)
        if of_the_caller and is_refused(outcome):
            return
        assert outcome == (list(IDS), None)
        assert server.requests_on_shifted == []
        assert server.connections == len(IDS)

    @pytest.mark.parametrize("extra", ["behind", "later"])
    @pytest.mark.parametrize("work", [contents, deletions])
    def test_after_other_responses(self, backend: str, of_the_caller: bool, extra: Extra, work: Any) -> None:
        with ShiftedServer(extra) as server:
            outcome = run(backend, work, server, of_the_caller=of_the_caller)
        if of_the_caller and is_refused(outcome):
            return
        assert outcome == ([content_of(file_id) for file_id in IDS] if work is contents else list(IDS), None)
        assert server.requests_on_shifted == []

    def test_none(self, backend: str, of_the_caller: bool) -> None:
        with ShiftedServer("none", padding=200_000) as server:
            outcome = run(backend, records, server, of_the_caller=of_the_caller)
        assert outcome == (list(IDS), None)
        # This proves the other tests: without an extra response a connection is reused.
        assert server.connections == 1
