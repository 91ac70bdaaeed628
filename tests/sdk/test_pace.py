"""The pacer: never more than its share of the limit in any window, what it learns, and no 429 for many workers."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import anyio
import httpx
import pytest
import respx
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from hubspot_files import AsyncHubSpotFiles, HubSpotFiles
from hubspot_files._async_driver import AsyncDriver
from hubspot_files._pace import Pacer
from hubspot_files._sync_driver import SyncDriver
from hubspot_files.testing import Clock, Emulator

from .support import FILE, TOKEN, Client, FakeClock

MAX, REMAINING, INTERVAL = (
    "x-hubspot-ratelimit-max",
    "x-hubspot-ratelimit-remaining",
    "x-hubspot-ratelimit-interval-milliseconds",
)


def told(limit: Any = None, remaining: Any = None, interval: Any = None) -> Mapping[str, str]:
    headers = {MAX: limit, REMAINING: remaining, INTERVAL: interval}
    return httpx.Headers({name: str(value) for name, value in headers.items() if value is not None})


def burst(pacer: Pacer, count: int, now: float = 0.0) -> list[float]:
    """When so many requests may be sent that all want to be at once."""
    return [now + pacer.reserve(now) for _ in range(count)]


def most_within(times: list[float], interval: float) -> int:
    """How many of these times are in the fullest window, of which the end is no part."""
    times = sorted(times)
    return max(sum(begin <= time < begin + interval for time in times) for begin in times)


class TestWindow:
    def test_begins_as_the_smallest_account_may(self) -> None:
        times = burst(Pacer(), 91)
        assert times[:90] == [0.0] * 90
        assert times[90] >= 10.0

    @given(
        limit=st.integers(1, 40),
        interval=st.integers(1, 20_000),
        pauses=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=120),
    )
    def test_never_holds_more_than_the_share(self, limit: int, interval: int, pauses: list[float]) -> None:
        pacer = Pacer()
        pacer.learn(told(limit=limit, interval=interval), 0.0)
        now, times = 0.0, []
        for pause in pauses:
            now += pause
            times.append(now + pacer.reserve(now))
        # Half a microsecond for what floats lose where an interval is added to a large time.
        assert most_within(times, interval / 1000 - 5e-7) <= max(1, limit * 9 // 10)

    @given(
        pauses=st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=60),
        delays=st.lists(st.floats(0, 0.9), min_size=60, max_size=60),
    )
    def test_holds_at_the_server_too_whatever_the_way_takes(self, pauses: list[float], delays: list[float]) -> None:
        """One request may take long to arrive, and the one that takes its place ten seconds later no time."""
        pacer = Pacer()
        pacer.learn(told(limit=10), 0.0)
        now, times = 0.0, []
        for pause, delay in zip(pauses, delays, strict=False):
            now += pause
            times.append(now + pacer.reserve(now) + delay)
        assert most_within(times, 10.0) <= 9

    @given(st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=60))
    def test_nobody_waits_for_less(self, pauses: list[float]) -> None:
        """Where there is room, no time is lost."""
        pacer = Pacer()
        now = 0.0
        for pause in pauses:
            now += pause
            assert pacer.reserve(now) == 0.0

    def test_moves_on(self) -> None:
        pacer = Pacer()
        burst(pacer, 90)
        assert pacer.reserve(5.0) >= 5.0
        assert pacer.reserve(30.0) == 0.0

    def test_forgets_what_has_left_it(self) -> None:
        pacer = Pacer()
        for second in range(10_000):
            pacer.reserve(float(second))
        assert len(pacer._sent) < 20


class TestLearning:
    def test_the_limit(self) -> None:
        pacer = Pacer()
        pacer.learn(told(limit=20), 0.0)
        times = burst(pacer, 19)
        assert times[17] == 0.0
        assert times[18] >= 10.0

    def test_a_limit_of_one(self) -> None:
        pacer = Pacer()
        pacer.learn(told(limit=1), 0.0)
        times = burst(pacer, 2)
        assert times[0] == 0.0
        assert times[1] >= 10.0

    def test_a_higher_limit(self) -> None:
        pacer = Pacer()
        pacer.learn(told(limit=190), 0.0)
        assert burst(pacer, 171) == [0.0] * 171

    def test_the_interval(self) -> None:
        pacer = Pacer()
        pacer.learn(told(limit=10, interval=2000), 0.0)
        assert 2.0 <= burst(pacer, 10)[9] < 3.0

    def test_a_limit_that_sinks_holds_from_then_on(self) -> None:
        pacer = Pacer()
        burst(pacer, 90)
        pacer.learn(told(limit=10), 1.0)
        assert pacer.reserve(1.0) >= 9.0

    @pytest.mark.parametrize(("remaining", "waits"), [(0, True), (5, True), (9, True), (11, False), (80, False)])
    def test_that_others_use_it_too(self, remaining: int, waits: bool) -> None:
        pacer = Pacer()
        pacer.learn(told(limit=100, remaining=remaining), 50.0)
        assert (pacer.reserve(50.0) > 0) is waits
        assert pacer.reserve(52.0) == 0.0

    def test_an_older_answer_does_not_end_the_wait(self) -> None:
        pacer = Pacer()
        pacer.learn(told(remaining=0), 50.0)
        pacer.learn(told(remaining=0), 49.0)
        pacer.learn(told(remaining=90), 50.0)
        assert pacer.reserve(50.0) == pytest.approx(1.0)

    @pytest.mark.parametrize(
        "garbage", ["", " ", "many", "-5", "1e3", "10.0", "²", "٣", "0x10", "9" * 400, "0", "+7", "5,5"]
    )
    def test_garbage_changes_nothing(self, garbage: str) -> None:
        pacer = Pacer()
        pacer.learn({MAX: garbage, INTERVAL: garbage, REMAINING: "" if garbage == "0" else garbage}, 0.0)
        assert burst(pacer, 90) == [0.0] * 90
        assert 10.0 <= pacer.reserve(0.0) < 12.0

    @given(st.dictionaries(st.sampled_from([MAX, REMAINING, INTERVAL]), st.text(max_size=12)))
    def test_no_header_makes_it_fail_or_wait_for_ever(self, headers: dict[str, str]) -> None:
        pacer = Pacer()
        pacer.learn(headers, 0.0)
        assert 0.0 <= pacer.reserve(0.0) <= 10**9 / 1000

    def test_no_headers_change_nothing(self) -> None:
        pacer = Pacer()
        pacer.learn({}, 0.0)
        assert burst(pacer, 90) == [0.0] * 90


class TestClients:
    def answers(self, api: respx.MockRouter, **headers: Any) -> respx.Route:
        return api.get("/files/v3/files/1").respond(200, json=FILE, headers=dict(told(**headers)))

    def test_do_not_wait_unasked(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        self.answers(api, limit=2, remaining=0)

        def program(hubspot: Any) -> Any:
            for _ in range(5):
                yield hubspot.files.get(1)

        client(program)
        assert sleeps == []

    def test_wait_when_asked_and_learn_from_every_answer(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        self.answers(api, limit=2, remaining=1)

        def program(hubspot: Any) -> Any:
            paced = hubspot.with_options(pace=True)
            for _ in range(3):
                yield paced.files.get(1)

        client(program)
        assert [round(seconds) for seconds in sleeps] == [11, 11]

    def test_share_the_pace_with_their_copies(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        self.answers(api, limit=1)

        def program(hubspot: Any) -> Any:
            paced = hubspot.with_options(pace=True)
            yield paced.files.get(1)
            yield paced.with_options(timeout=3).files.get(1)
            yield paced.with_options(pace=True).files.get(1)
            yield paced.with_options(pace=False).files.get(1)
            yield hubspot.files.get(1)

        client(program)
        assert len(sleeps) == 2

    def test_that_are_made_apart_share_it_too(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        self.answers(api, limit=1)

        def program(hubspot: Any) -> Any:
            yield hubspot.with_options(pace=True).files.get(1)
            yield hubspot.with_options(pace=True, max_retries=0).files.get(1)
            yield hubspot.with_options(pace=False).with_options(pace=True).files.get(1)

        client(program)
        assert [round(seconds) for seconds in sleeps] == [11, 11]

    def test_count_every_attempt(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        limited = httpx.Response(503, headers=dict(told(limit=1)))
        api.get("/files/v3/files/1").mock(side_effect=[limited, httpx.Response(200, json=FILE)])
        client(lambda hubspot: hubspot.with_options(pace=True).files.get(1))
        assert len(sleeps) == 2
        assert sum(sleeps) >= 10.0

    @pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])
    @pytest.mark.parametrize("value", [1, "yes", 0])
    def test_take_a_bool(self, kind: Any, value: Any) -> None:
        with pytest.raises(TypeError, match=r"^pace must be True, False or None, not"):
            kind(TOKEN).with_options(pace=value)


class TestAgainstALimit:
    """The emulator counts as HubSpot does, on a clock on which minutes pass in no time."""

    def test_one_worker_sees_no_429(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = Clock(frozen=True)
        monkeypatch.setattr(SyncDriver, "monotonic", lambda _: clock.monotonic())
        monkeypatch.setattr(SyncDriver, "sleep", lambda _, seconds: clock.advance(seconds))
        with Emulator(clock=clock) as emulator, emulator.client(max_retries=0) as hubspot:
            emulator.rate_limit("TEN_SECONDLY_ROLLING", 20)
            file = emulator.add_file("/a.txt", b"a")
            paced = hubspot.with_options(pace=True)
            for _ in range(300):
                paced.files.get(file.id)
            statuses = [seen.status for seen in emulator.requests]
        assert statuses == [200] * 300
        # 18 in ten seconds would be 160 s; what is lost to caution is a fifth at the most.
        assert clock.monotonic() < 200

    @pytest.mark.parametrize("limit", [20, 100, 190])
    def test_many_workers_on_a_slow_line_see_no_429(self, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
        chance = random.Random(4)

        class TrioClock(Clock):
            def _elapsed(self) -> int:
                return round(trio.current_time() * 1_000_000)

        class Line(httpx.AsyncBaseTransport):
            """Takes up to half a second in each direction."""

            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                await trio.sleep(chance.random() / 2)
                response = await emulator.handle_async(request)
                await trio.sleep(chance.random() / 2)
                return response

        async def sleep(_: AsyncDriver, seconds: float) -> None:
            await trio.sleep(seconds)

        async def main() -> float:
            began = trio.current_time()
            async with (
                httpx.AsyncClient(transport=Line()) as mine,
                AsyncHubSpotFiles(emulator.token, http_client=mine, max_retries=0) as hubspot,
                anyio.create_task_group() as tasks,
            ):
                # Learnt from one answer, as every program does whose first request is one.
                paced = hubspot.with_options(pace=True)
                await paced.files.get(file.id)

                async def work() -> None:
                    for _ in range(16):
                        await paced.files.get(file.id)

                for _ in range(50):
                    tasks.start_soon(work)
            return trio.current_time() - began

        monkeypatch.setattr(AsyncDriver, "monotonic", lambda _: trio.current_time())
        monkeypatch.setattr(AsyncDriver, "sleep", sleep)
        mock_clock = trio.testing.MockClock(autojump_threshold=0)
        with Emulator(clock=TrioClock(frozen=True)) as emulator:

            async def run() -> float:
                nonlocal file
                emulator.rate_limit("TEN_SECONDLY_ROLLING", limit)
                file = emulator.add_file("/a.txt", b"a")
                return await main()

            file: Any = None
            seconds = anyio.run(run, backend="trio", backend_options={"clock": mock_clock})
            statuses = [seen.status for seen in emulator.requests]
        assert statuses == [200] * 801
        assert seconds < 1.5 * 800 / limit * 10
