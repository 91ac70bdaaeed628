"""What the tests of the SDK share: both clients behind one call, mocked answers, and no real waiting."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
import respx
from hypothesis import settings

from hubspot_files.testing import use_clock

from .agreement import compare
from .support import BASE_URL, Client, FakeClock, NoWaiting

# How long an example takes says nothing where a machine is shared.
settings.register_profile("ci", deadline=None, print_blob=True)
settings.load_profile("ci")


@pytest.fixture(params=["sync", "asyncio", "trio"])
def client(request: pytest.FixtureRequest) -> Client:
    """Runs an operation on HubSpotFiles, or on AsyncHubSpotFiles under either event loop."""
    return Client(request.param)


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    """HubSpot, as far as a test says what it answers; any other request fails the test."""
    with respx.mock(base_url=BASE_URL, assert_all_called=False) as router:
        yield router


@pytest.fixture(autouse=True)
def sleeps() -> Iterator[list[float]]:
    """The seconds that clients were asked to wait, none of which passes."""
    clock = NoWaiting()
    with use_clock(clock):
        yield clock.sleeps


@pytest.fixture
def clock(sleeps: list[float]) -> Iterator[FakeClock]:
    """The time of all clients, which only their waiting moves, and the test itself."""
    clock = FakeClock(sleeps)
    with use_clock(clock):
        yield clock


@pytest.fixture(autouse=True)
def agreement(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every answer that a test mocks with respx is one that the emulator would give to the same request.

    A test that needs others says why: `@pytest.mark.unlike_hubspot("why")`.
    """
    found: list[str] = []
    handler, async_handler = respx.Router.handler, respx.Router.async_handler

    def note(sent: httpx.Request, received: httpx.Response) -> httpx.Response:
        found.extend(compare(sent, received))
        return received

    async def note_async(router: respx.Router, sent: httpx.Request) -> httpx.Response:
        return note(sent, await async_handler(router, sent))

    if request.node.get_closest_marker("unlike_hubspot") is None:
        monkeypatch.setattr(respx.Router, "handler", lambda router, sent: note(sent, handler(router, sent)))
        monkeypatch.setattr(respx.Router, "async_handler", note_async)
    yield found
    if found:
        pytest.fail("the mocked answers are not the emulator's:\n" + "\n".join(dict.fromkeys(found)), pytrace=False)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No token, base URL or proxy of the machine that the tests run on."""
    for name in ("HUBSPOT_ACCESS_TOKEN", "HUBSPOT_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
