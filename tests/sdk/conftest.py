"""What the tests of the SDK share: both clients behind one call, mocked answers, and no real waiting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import respx

from hubspot_files._async_driver import AsyncDriver
from hubspot_files._sync_driver import SyncDriver

from .support import BASE_URL, Client


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
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the drivers were asked to wait, none of which passes."""
    seconds: list[float] = []

    async def sleep(_: AsyncDriver, duration: float) -> None:
        seconds.append(duration)

    monkeypatch.setattr(SyncDriver, "sleep", lambda _, duration: seconds.append(duration))
    monkeypatch.setattr(AsyncDriver, "sleep", sleep)
    return seconds


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No token, base URL or proxy of the machine that the tests run on."""
    for name in ("HUBSPOT_ACCESS_TOKEN", "HUBSPOT_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
