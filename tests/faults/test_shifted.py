"""Bytes that follow a response end its connection: the next request must not take them for its own response."""

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
    """Whether the client sends with a client of httpx that the caller passes."""
    return bool(request.param)


def run(backend: str, work: Callable[[Any, Any], Program], server: ShiftedServer, *, of_the_caller: bool) -> Outcome:
    """Run calls on one of the clients, without retries, which would hide a response that was not its own."""
    options: dict[str, Any] = {"access_token": "token", "base_url": server.base_url, "max_retries": 0}
    if backend == "sync":
        if of_the_caller:
            options["http_client"] = httpx.Client()
        return run_sync(work, server, options)
    wire = httpx.AsyncHTTPTransport() if of_the_caller else None
    return anyio.run(run_async, work, server, wire, options, backend=backend)


def records(hubspot: Any, server: ShiftedServer) -> Program:
    """Get one file after the other; what each call gave."""
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
    """Whether a shifted response was told from the one that was asked for.

    The connections of a client of the caller's are httpx's, which uses one again whatever followed its last response.
    """
    return isinstance(outcome.error, HubSpotFilesError)


class TestExtraResponse:
    @pytest.mark.parametrize("extra", ["behind", "later"])
    @pytest.mark.parametrize("framing", ["length", "chunked"])
    # With the last two, one receives the extra response apart from the end of its own, or not all at once.
    @pytest.mark.parametrize("padding", [0, 65_000, 200_000])
    def test_behind_a_record(
        self, backend: str, of_the_caller: bool, extra: Extra, framing: Framing, padding: int
    ) -> None:
        with ShiftedServer(extra, framing=framing, padding=padding) as server:
            outcome = run(backend, records, server, of_the_caller=of_the_caller)
        if of_the_caller and is_refused(outcome):
            return
        assert outcome == (list(IDS), None)
        assert server.asked_on_shifted == []
        assert server.connections == len(IDS)

    @pytest.mark.parametrize("extra", ["behind", "later"])
    @pytest.mark.parametrize("work", [contents, deletions])
    def test_behind_other_responses(self, backend: str, of_the_caller: bool, extra: Extra, work: Any) -> None:
        with ShiftedServer(extra) as server:
            outcome = run(backend, work, server, of_the_caller=of_the_caller)
        if of_the_caller and is_refused(outcome):
            return
        assert outcome == ([content_of(file_id) for file_id in IDS] if work is contents else list(IDS), None)
        assert server.asked_on_shifted == []

    def test_none(self, backend: str, of_the_caller: bool) -> None:
        with ShiftedServer("none", padding=200_000) as server:
            outcome = run(backend, records, server, of_the_caller=of_the_caller)
        assert outcome == (list(IDS), None)
        # The others are to be believed: without an extra response a connection is used again.
        assert server.connections == 1
