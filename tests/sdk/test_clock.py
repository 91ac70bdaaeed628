"""The time that clients live by: given to them, set for a whole process, and not frozen with the tests of users."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import freezegun
import httpx
import pytest
import respx
import time_machine

from hubspot_files import AsyncHubSpotFiles, HubSpotFiles, RateLimitError, SignedUrl
from hubspot_files._clock import SystemClock
from hubspot_files.testing import Clock, Emulator, use_clock

from .support import FILE, STORAGE, TOKEN, Client, FakeClock, NoWaiting

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LIFE = timedelta(hours=1)

Freeze = Callable[[datetime], AbstractContextManager[Any]]
FREEZERS: dict[str, Freeze] = {
    "freezegun": freezegun.freeze_time,
    "time-machine": lambda when: time_machine.travel(when, tick=False),
}


@pytest.fixture(params=FREEZERS)
def freeze(request: pytest.FixtureRequest) -> Freeze:
    """A tool that freezes the wall clock of a user's tests."""
    return FREEZERS[request.param]


@pytest.fixture(autouse=True)
def system() -> Iterator[None]:
    """The machine's own clocks, on which nothing has to wait in these tests unless it says so."""
    with use_clock(SystemClock()):
        yield


@pytest.fixture
def hubspot(api: respx.MockRouter) -> respx.MockRouter:
    """HubSpot at another time than that of the machine, as its Date header says."""
    date = {"date": NOW.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    signed = {"url": f"{STORAGE}/1?signature=s", "expiresAt": (NOW + LIFE).isoformat()}
    api.get("/files/v3/files/1").respond(json={**FILE, "size": 3, "fileMd5": None}, headers=date)
    api.get("/files/v3/files/1/signed-url").respond(json=signed, headers=date)
    api.route(host="storage.example.net").respond(content=b"cat")
    return api


@pytest.mark.unlike_hubspot("the clock of the emulator is another one")
class TestFreezing:
    @pytest.mark.parametrize("when", [NOW.replace(year=2012), NOW.replace(year=2050)])
    def test_expires_no_fresh_signed_url(
        self, client: Client, hubspot: respx.MockRouter, freeze: Freeze, when: datetime
    ) -> None:
        with freeze(when):
            signed: SignedUrl = client(lambda hubspot: hubspot.files.signed_url(1))
            assert not signed.is_expired()
            assert LIFE - timedelta(seconds=30) < signed.remaining() < LIFE

    @pytest.mark.parametrize("when", [NOW.replace(year=2012), NOW.replace(year=2050)])
    def test_expires_none_that_was_fetched_before(
        self, client: Client, hubspot: respx.MockRouter, freeze: Freeze, when: datetime
    ) -> None:
        signed: SignedUrl = client(lambda hubspot: hubspot.files.signed_url(1))
        with freeze(when):
            assert LIFE - timedelta(seconds=30) < signed.remaining() < LIFE

    def test_keeps_the_cache_of_signed_urls(self, client: Client, hubspot: respx.MockRouter, freeze: Freeze) -> None:
        def program(hubspot: Any) -> Iterator[Any]:
            first = yield hubspot.files.signed_url_cache.get(1)
            with freeze(NOW.replace(year=2050)):
                assert (yield hubspot.files.signed_url_cache.get(1)) is first

        client(program)

    def test_delays_no_download(self, client: Client, hubspot: respx.MockRouter, freeze: Freeze) -> None:
        with freeze(NOW.replace(year=2012)):
            assert client(lambda hubspot: hubspot.with_options(deadline=60, pace=True).files.read(1)) == b"cat"

    def test_delays_no_retry(self, client: Client, hubspot: respx.MockRouter, freeze: Freeze) -> None:
        route = hubspot.get("/files/v3/files/1").mock(side_effect=[httpx.Response(503), httpx.Response(200, json=FILE)])
        started_at = SystemClock.monotonic()
        with use_clock(NoWaiting()), freeze(NOW.replace(year=2012)):
            assert client(lambda hubspot: hubspot.with_options(deadline=60).files.get(1)).id == "1"
        assert route.call_count == 2
        assert SystemClock.monotonic() - started_at < 30


class TestSystemClock:
    def test_counts_the_time_for_which_the_machine_is_suspended(self) -> None:
        """As CLOCK_BOOTTIME does on Linux, and CLOCK_MONOTONIC on macOS."""
        steady = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        assert SystemClock.monotonic() == pytest.approx(time.clock_gettime(steady), abs=1)

    def test_tells_the_wall_time(self) -> None:
        assert SystemClock.time() == pytest.approx(time.time(), abs=1)

    def test_waits(self) -> None:
        clock = SystemClock()
        started_at = time.monotonic()
        clock.sleep(0.02)
        anyio.run(clock.sleep_async, 0.02)
        assert time.monotonic() - started_at >= 0.04


class TestUseClock:
    def test_reaches_clients_that_exist_and_copies(self) -> None:
        hubspot = HubSpotFiles(TOKEN)
        copy = hubspot.with_options(max_retries=0)
        clock = FakeClock()
        with use_clock(clock):
            assert (hubspot._driver.now(), copy._driver.now()) == (clock.now, clock.now)
        assert hubspot._driver.now() == pytest.approx(SystemClock.monotonic(), abs=1)

    def test_ends_with_its_context_whatever_happens_in_it(self) -> None:
        outer, inner = FakeClock(), FakeClock()
        outer.now, inner.now = 1.0, 2.0
        hubspot = HubSpotFiles(TOKEN)
        with use_clock(outer):
            with contextlib.suppress(ZeroDivisionError), use_clock(inner):
                assert hubspot._driver.now() == 2.0
                raise ZeroDivisionError
            assert hubspot._driver.now() == 1.0

    @pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])
    def test_leaves_a_client_alone_that_was_given_a_clock(self, kind: Any) -> None:
        given, other = FakeClock(), FakeClock()
        other.now = 7.0
        hubspot = kind(TOKEN, clock=given)
        copy = hubspot.with_options(max_retries=0)
        with use_clock(other):
            assert (hubspot._driver.clock.monotonic(), copy._driver.clock.monotonic()) == (given.now, given.now)


class TestClockOfTheEmulator:
    def test_is_one_for_clients_too(self) -> None:
        clock = Clock(frozen=True)
        with Emulator(clock=clock) as emulator, emulator.client(clock=clock) as hubspot:
            file = emulator.add_file("/a.txt", b"a")
            signed = hubspot.files.signed_url(file.id, expires_in=60)
            emulator.fail("status", status=503, count=3, operation="getFile")
            assert hubspot.files.get(file.id).id == file.id
            assert 0 < clock.monotonic() < 60
            clock.advance(60)
            assert signed.is_expired()

    def test_moves_on_where_a_task_waits(self) -> None:
        async def main() -> None:
            clock = Clock(frozen=True)
            with Emulator(clock=clock) as emulator:
                async with emulator.async_client(clock=clock, deadline=100) as hubspot:
                    emulator.fail("status", status=429, headers={"retry-after": "50"}, count=3)
                    with pytest.raises(RateLimitError):
                        await hubspot.files.get(1)
            assert clock.monotonic() == pytest.approx(50)

        anyio.run(main)
