"""Fixtures of the SDK's tests: both clients behind one call, mocked responses, and a clock that does not wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import respx
from hypothesis import settings

from hubspot_files.testing import use_clock

from .agreement import compare, in_default_version, wrong_version
from .support import BASE_URL, Client, FakeClock, NoWaiting
from .transfer_case import Case, new_case

# Timings mean nothing on a shared machine.
settings.register_profile("ci", deadline=None, print_blob=True)
settings.load_profile("ci")


@pytest.fixture(params=["sync", "asyncio", "trio"])
def client(request: pytest.FixtureRequest) -> Client:
    """Run an operation on HubSpotFiles, or on AsyncHubSpotFiles under either event loop."""
    return Client(request.param)


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    """Mock HubSpot's API; a request that the test does not mock fails the test."""
    with respx.mock(base_url=BASE_URL, assert_all_called=False) as router:
        yield router


@pytest.fixture(autouse=True)
def sleeps() -> Iterator[list[float]]:
    """Record the seconds that clients sleep, without waiting."""
    clock = NoWaiting()
    with use_clock(clock):
        yield clock.sleeps


@pytest.fixture
def clock(sleeps: list[float]) -> Iterator[FakeClock]:
    """Replace the clock of all clients by one that moves only when they sleep or the test moves it."""
    clock = FakeClock(sleeps)
    with use_clock(clock):
        yield clock


@pytest.fixture(autouse=True)
def agreement(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Check the requests that respx gets, and that each mocked response is one that the emulator would give.

    Requests have the version of the API that the tests run on. Tests mock and find them with the paths of the default
    version. A test that needs another response gives the reason: `@pytest.mark.unlike_hubspot("why")`.
    """
    version: str = request.config.getoption("--api-version")
    compared = request.node.get_closest_marker("unlike_hubspot") is None
    found: list[str] = []
    handler, async_handler = respx.Router.handler, respx.Router.async_handler

    def note(sent: httpx.Request, received: httpx.Response) -> httpx.Response:
        found.extend(wrong_version(version, sent))
        if compared:
            found.extend(compare(sent, received))
        return received

    async def note_async(router: respx.Router, sent: httpx.Request) -> httpx.Response:
        return note(sent, await async_handler(router, in_default_version(version, sent)))

    monkeypatch.setattr(
        respx.Router, "handler", lambda router, sent: note(sent, handler(router, in_default_version(version, sent)))
    )
    monkeypatch.setattr(respx.Router, "async_handler", note_async)
    yield found
    if found:
        pytest.fail("requests or mocked responses are wrong:\n" + "\n".join(dict.fromkeys(found)), pytrace=False)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove tokens, base URLs and proxies from the environment."""
    for name in ("HUBSPOT_ACCESS_TOKEN", "HUBSPOT_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def journals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the journals of transfers in a folder of the test."""
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "state"))


@pytest.fixture
def case(client: Client, tmp_path: Path, journals: None) -> Iterator[Case]:
    """A transfer between a directory and an emulator."""
    with new_case(client, tmp_path) as case:
        yield case
