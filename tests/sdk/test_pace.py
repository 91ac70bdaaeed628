"""The rate limiter: at most its share of the limit in any window, what it learns, and no 429 for many workers."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterable, Mapping
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
from hubspot_files._engine.rate_limit import RateLimiter
from hubspot_files.testing import Clock, Emulator

from .support import FILE, TOKEN, Client, FakeClock

MAX, REMAINING, INTERVAL = (
    "x-hubspot-ratelimit-max",
    "x-hubspot-ratelimit-remaining",
    "x-hubspot-ratelimit-interval-milliseconds",
)


def limit_headers(limit: Any = None, remaining: Any = None, interval: Any = None) -> Mapping[str, str]:
    headers = {MAX: limit, REMAINING: remaining, INTERVAL: interval}
    return httpx.Headers({name: str(value) for name, value in headers.items() if value is not None})


def sent(rate_limiter: RateLimiter, wanted: Iterable[float]) -> list[float]:
    """When requests are sent that want to be at these times: each waits and asks again, as it is told to."""
    due = [(at, number, False) for number, at in enumerate(wanted)]
    heapq.heapify(due)
    times: list[float] = []
    while due:
        now, number, waited = heapq.heappop(due)
        if pause := rate_limiter.reserve(now, waited=waited):
            heapq.heappush(due, (now + pause, number, True))
        else:
            times.append(now)
    return times


def burst(rate_limiter: RateLimiter, count: int, now: float = 0.0) -> list[float]:
    """When so many requests are sent that all want to be at once."""
    return sent(rate_limiter, [now] * count)


def most_within(times: list[float], interval: float) -> int:
    """How many of these times are in the fullest window, of which the end is no part."""
    times = sorted(times)
    return max(sum(begin <= time < begin + interval for time in times) for begin in times)


class TestWindow:
    def test_begins_as_the_smallest_account_may(self) -> None:
        times = burst(RateLimiter(), 91)
        assert times[:90] == [0.0] * 90
        assert times[90] >= 10.0

    @given(
        limit=st.integers(1, 40),
        interval=st.integers(1, 20_000),
        pauses=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=120),
    )
    def test_never_holds_more_than_the_share(self, limit: int, interval: int, pauses: list[float]) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=limit, interval=interval), 0.0, 0.0)
        times = sent(rate_limiter, itertools.accumulate(pauses))
        assert most_within(times, interval / 1000) <= max(1, limit * 9 // 10)

    @given(
        pauses=st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=60),
        delays=st.lists(st.floats(0, 0.9), min_size=60, max_size=60),
    )
    def test_holds_at_the_server_too_whatever_the_way_takes(self, pauses: list[float], delays: list[float]) -> None:
        """One request may take long to arrive, and the one that takes its place ten seconds later no time."""
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=10), 0.0, 0.0)
        times = [
            at + delay for at, delay in zip(sent(rate_limiter, itertools.accumulate(pauses)), delays, strict=False)
        ]
        assert most_within(times, 10.0) <= 9

    @given(st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=60))
    def test_nobody_waits_for_less(self, pauses: list[float]) -> None:
        """Where there is room, no time is lost."""
        rate_limiter = RateLimiter()
        now = 0.0
        for pause in pauses:
            now += pause
            assert rate_limiter.reserve(now) == 0.0

    def test_moves_on(self) -> None:
        rate_limiter = RateLimiter()
        burst(rate_limiter, 90)
        assert rate_limiter.reserve(5.0) >= 5.0
        assert rate_limiter.reserve(30.0) == 0.0

    def test_forgets_what_has_left_it(self) -> None:
        rate_limiter = RateLimiter()
        for second in range(10_000):
            rate_limiter.reserve(float(second))
        assert len(rate_limiter._sent) < 20

    def test_whoever_comes_later_waits_behind_those_who_wait(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=5), 0.0, 0.0)
        assert [now + rate_limiter.reserve(now) for now in (0.0, 1.0, 2.0, 3.0)] == [0.0, 1.0, 2.0, 3.0]
        later = [now + rate_limiter.reserve(now) for now in (4.0, 5.0, 6.0, 7.0, 8.0)]
        # Who comes again when the last has left the window learns more.
        assert later == pytest.approx([11.0, 12.0, 13.0, 14.0, 14.0])

    def test_nobody_is_told_to_wait_for_longer_than_it(self) -> None:
        rate_limiter = RateLimiter()
        burst(rate_limiter, 1)
        rate_limiter.learn(limit_headers(limit=100, remaining=0), 0.0, 0.5)
        assert max(rate_limiter.reserve(0.5) for _ in range(50)) == pytest.approx(11.0)

    def test_has_room_for_those_who_gave_up_waiting(self) -> None:
        rate_limiter = RateLimiter()
        burst(rate_limiter, 90)
        for _ in range(90):
            rate_limiter.reserve(1.0)
        assert burst(rate_limiter, 90, now=11.0) == [11.0] * 90


class TestLearning:
    def test_the_limit(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=20), 0.0, 0.0)
        times = burst(rate_limiter, 19)
        assert times[17] == 0.0
        assert times[18] >= 10.0

    def test_a_limit_of_one(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=1), 0.0, 0.0)
        times = burst(rate_limiter, 2)
        assert times[0] == 0.0
        assert times[1] >= 10.0

    def test_a_higher_limit(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=190), 0.0, 0.0)
        assert burst(rate_limiter, 171) == [0.0] * 171

    def test_the_interval(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=10, interval=2000), 0.0, 0.0)
        assert burst(rate_limiter, 10)[9] == pytest.approx(2.2)

    def test_an_interval_of_days(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=10, interval=999_999_999), 0.0, 0.0)
        assert burst(rate_limiter, 10)[9] == pytest.approx(1_100_000)

    def test_a_limit_that_sinks_holds_from_then_on(self) -> None:
        rate_limiter = RateLimiter()
        burst(rate_limiter, 90)
        rate_limiter.learn(limit_headers(limit=10), 1.0, 1.0)
        assert rate_limiter.reserve(1.0) >= 9.0

    @pytest.mark.promise(
        "While other programs use a part of the limit, it uses nine tenths of the rest, at even intervals."
    )
    def test_that_others_use_it_too(self) -> None:
        """Sixty are used, of which ten are ours: nine tenths of the fifty that others leave, evenly."""
        rate_limiter = RateLimiter()
        burst(rate_limiter, 10)
        rate_limiter.learn(limit_headers(limit=100, remaining=40), 0.0, 1.0)
        times = burst(rate_limiter, 100, now=1.0)
        gaps = [after - before for before, after in itertools.pairwise(times)]
        assert times[0] == 1.0
        assert min(gaps) == pytest.approx(11 / 45)
        assert most_within(times, 11 - 1e-3) == 45

    def test_that_others_use_it_too_for_all_who_wait_at_once(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=100, remaining=50), 0.0, 0.0)
        assert [rate_limiter.reserve(1.0) for _ in range(5)] == pytest.approx([number * 11 / 45 for number in range(5)])

    @pytest.mark.parametrize("remaining", [40, 41])
    def test_of_which_others_use_nothing_all_go_at_once(self, remaining: int) -> None:
        """Some of ours may be on their way still."""
        rate_limiter = RateLimiter()
        burst(rate_limiter, 60)
        rate_limiter.learn(limit_headers(limit=100, remaining=remaining), 0.0, 1.0)
        assert burst(rate_limiter, 30, now=1.0) == [1.0] * 30

    @pytest.mark.parametrize(
        ("sent_at", "received_at", "others"),
        [(5.0, 6.0, 0), (4.9, 6.0, 30), (14.0, 14.9, 0), (14.0, 15.0, 30), (14.0, 15.5, 30)],
        ids=["sent before it", "sent after it began", "within the interval", "at its end", "after it"],
    )
    def test_what_of_it_is_ours(self, sent_at: float, received_at: float, others: int) -> None:
        rate_limiter = RateLimiter()
        burst(rate_limiter, 30, now=5.0)
        rate_limiter.learn(limit_headers(limit=100, remaining=70), sent_at, received_at)
        assert burst(rate_limiter, 2, now=20.0)[1] - 20.0 == pytest.approx(11 / 63 if others else 0.0)

    @pytest.mark.parametrize("remaining", [0, 1])
    def test_where_others_leave_nothing_one_is_sent_at_a_time(self, remaining: int) -> None:
        rate_limiter = RateLimiter()
        burst(rate_limiter, 1)
        rate_limiter.learn(limit_headers(limit=100, remaining=remaining), 0.0, 0.5)
        assert burst(rate_limiter, 4, now=0.5) == pytest.approx([11.0, 22.0, 33.0, 44.0])

    @pytest.mark.parametrize("later", [10.0, 10.5])
    def test_the_most_that_others_used_counts_for_an_interval(self, later: float) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=100, remaining=50), 0.0, 0.0)
        rate_limiter.learn(limit_headers(limit=100, remaining=90), 9.0, 9.9)
        assert burst(rate_limiter, 2, now=9.9)[1] == pytest.approx(9.9 + 11 / 45)
        rate_limiter.learn(limit_headers(limit=100, remaining=89), 10.0, later)
        assert burst(rate_limiter, 2, now=20.0)[1] == pytest.approx(20.0 + 11 / 81)

    def test_as_much_that_others_use_counts_for_another_interval(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=100, remaining=50), 0.0, 0.0)
        rate_limiter.learn(limit_headers(limit=100, remaining=50), 9.0, 9.0)
        rate_limiter.learn(limit_headers(limit=100, remaining=90), 18.0, 18.0)
        assert burst(rate_limiter, 2, now=18.0)[1] == pytest.approx(18.0 + 11 / 45)

    def test_more_that_others_use_counts_at_once(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=100, remaining=90), 0.0, 0.0)
        rate_limiter.learn(limit_headers(limit=100, remaining=50), 5.0, 5.0)
        rate_limiter.learn(limit_headers(limit=100, remaining=90), 10.0, 10.0)
        assert burst(rate_limiter, 2, now=10.0)[1] == pytest.approx(10.0 + 11 / 45)

    def test_that_others_use_it_while_many_wait(self) -> None:
        """They were told to come again before that was known, and do not all go then."""
        rate_limiter = RateLimiter()
        burst(rate_limiter, 90)
        waits = [rate_limiter.reserve(1.0) for _ in range(50)]
        assert waits == pytest.approx([10.0] * 50)
        rate_limiter.learn(limit_headers(limit=100, remaining=0), 0.0, 9.0)
        times = sent(rate_limiter, [11.0] * 50)
        assert times == pytest.approx([11.0 + number * 11 / 81 for number in range(50)])

    @pytest.mark.parametrize(
        "garbage", ["", " ", "many", "-5", "1e3", "10.0", "²", "٣", "0x10", "9" * 10, "9" * 400, "0", "+7", "5,5"]
    )
    def test_garbage_changes_nothing(self, garbage: str) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn({MAX: garbage, INTERVAL: garbage, REMAINING: "" if garbage == "0" else garbage}, 0.0, 0.0)
        assert burst(rate_limiter, 90) == [0.0] * 90
        assert 10.0 <= rate_limiter.reserve(0.0) < 12.0

    @given(st.dictionaries(st.sampled_from([MAX, REMAINING, INTERVAL]), st.text(max_size=12)))
    def test_no_header_makes_it_fail_or_wait_for_ever(self, headers: dict[str, str]) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(headers, 0.0, 0.0)
        assert 0.0 <= rate_limiter.reserve(0.0) <= 10**9 / 1000

    def test_no_headers_change_nothing(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn({}, 0.0, 0.0)
        assert burst(rate_limiter, 90) == [0.0] * 90


class TestClients:
    def respond(self, api: respx.MockRouter, **headers: Any) -> respx.Route:
        return api.get("/files/v3/files/1").respond(200, json=FILE, headers=dict(limit_headers(**headers)))

    def test_do_not_wait_unasked(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        self.respond(api, limit=2, remaining=0)

        def program(hubspot: Any) -> Any:
            for _ in range(5):
                yield hubspot.files.get(1)

        client(program)
        assert sleeps == []

    def test_wait_when_asked_and_learn_from_every_answer(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        self.respond(api, limit=2, remaining=1)

        def program(hubspot: Any) -> Any:
            paced = hubspot.with_options(pace=True)
            for _ in range(3):
                yield paced.files.get(1)

        client(program)
        assert [round(seconds) for seconds in sleeps] == [11, 11]

    def test_share_the_pace_with_their_copies(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        self.respond(api, limit=1)

        def program(hubspot: Any) -> Any:
            paced = hubspot.with_options(pace=True)
            yield paced.files.get(1)
            yield paced.with_options(timeout=3).files.get(1)
            yield paced.with_options(pace=True).files.get(1)
            yield paced.with_options(pace=False).files.get(1)
            yield hubspot.files.get(1)

        client(program)
        assert len(sleeps) == 2

    @pytest.mark.promise(
        "`pace=True` of `with_options` keeps the requests of all paced copies of a client together under "
        "the account's rate limit, which it reads from the responses."
    )
    def test_that_are_made_apart_share_it_too(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        self.respond(api, limit=1)

        def program(hubspot: Any) -> Any:
            yield hubspot.with_options(pace=True).files.get(1)
            yield hubspot.with_options(pace=True, max_retries=0).files.get(1)
            yield hubspot.with_options(pace=False).with_options(pace=True).files.get(1)

        client(program)
        assert [round(seconds) for seconds in sleeps] == [11, 11]

    def test_count_every_attempt(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        limited = httpx.Response(503, headers=dict(limit_headers(limit=1)))
        api.get("/files/v3/files/1").mock(side_effect=[limited, httpx.Response(200, json=FILE)])
        client(lambda hubspot: hubspot.with_options(pace=True).files.get(1))
        assert len(sleeps) == 2
        assert sum(sleeps) >= 10.0

    def test_count_content_that_the_api_serves(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        content = {"id": "1", "access": "SENSITIVE", "size": 3, "fileMd5": None}
        api.get("/files/v3/files/1").respond(200, json={**FILE, **content}, headers=dict(limit_headers(limit=1)))
        api.get("/files/v3/files/1/download").respond(200, content=b"cat")
        assert client(lambda hubspot: hubspot.with_options(pace=True).files.read(1)) == b"cat"
        assert [round(seconds) for seconds in sleeps] == [11]
        assert client(lambda hubspot: hubspot.files.read(1)) == b"cat"
        assert len(sleeps) == 1

    @pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])
    @pytest.mark.parametrize("value", [1, "yes", 0])
    def test_take_a_bool(self, kind: Any, value: Any) -> None:
        with pytest.raises(TypeError, match=r"^pace must be True, False or None, not"):
            kind(TOKEN).with_options(pace=value)


class TestAgainstALimit:
    """The emulator counts as HubSpot does, on a clock on which minutes pass in no time."""

    def test_one_worker_sees_no_429(self) -> None:
        clock = Clock(frozen=True)
        with Emulator(clock=clock) as emulator, emulator.client(max_retries=0, clock=clock) as hubspot:
            emulator.rate_limit("TEN_SECONDLY_ROLLING", 20)
            file = emulator.add_file("/a.txt", b"a")
            paced = hubspot.with_options(pace=True)
            for _ in range(300):
                paced.files.get(file.id)
            statuses = [request.status for request in emulator.requests]
        assert statuses == [200] * 300
        # 18 in ten seconds would be 160 s; what is lost to caution is a fifth at the most.
        assert clock.monotonic() < 200

    @pytest.mark.parametrize(("policy", "limit", "window"), [("TEN_SECONDLY_ROLLING", 20, 10), ("SECONDLY", 5, 1)])
    @pytest.mark.parametrize(("chance", "refused"), [(0.0, 8), (0.5, 8), (1.0, 4)])
    def test_one_worker_without_a_pace_waits_until_it_may_go_on(
        self, monkeypatch: pytest.MonkeyPatch, policy: Any, limit: int, window: float, chance: float, refused: int
    ) -> None:
        """However long the jitter makes the waits, the retries of each request outlast the window."""
        clock = Clock(frozen=True)
        monkeypatch.setattr("random.random", lambda: chance)
        with Emulator(clock=clock) as emulator, emulator.client(clock=clock) as hubspot:
            emulator.rate_limit(policy, limit)
            file = emulator.add_file("/a.txt", b"a")
            for _ in range(5 * limit):
                hubspot.files.get(file.id)
            statuses = [request.status for request in emulator.requests]
        assert (statuses.count(200), statuses.count(429)) == (5 * limit, refused)
        assert 4 * window <= clock.monotonic() <= 8 * window

    @pytest.mark.promise(
        "`pace=True` of `with_options` keeps the requests of all paced copies of a client together under "
        "the account's rate limit, which it reads from the responses."
    )
    @pytest.mark.parametrize(("limit", "others"), [(20, 0), (100, 0), (190, 0), (100, 30), (100, 60), (190, 100)])
    def test_many_workers_on_a_slow_line_see_no_429(self, limit: int, others: int) -> None:
        """However many of ten seconds' requests another program sends, which does not look at the limit."""
        chance = random.Random(4)

        class TrioClock(Clock):
            def _elapsed(self) -> int:
                return round(trio.current_time() * 1_000_000)

            async def sleep_async(self, seconds: float, /) -> None:
                await trio.sleep(seconds)

        class Line(httpx.AsyncBaseTransport):
            """Takes up to half a second in each direction."""

            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                await trio.sleep(chance.random() / 2)
                response = await emulator.handle_async(request)
                await trio.sleep(chance.random() / 2)
                return response

        async def main() -> float:
            async with (
                httpx.AsyncClient(transport=Line()) as mine,
                AsyncHubSpotFiles(emulator.token, http_client=mine, max_retries=0, clock=emulator.clock) as hubspot,
                anyio.create_task_group() as elsewhere,
            ):
                file = emulator.add_file("/a.txt", b"a")

                async def other() -> None:
                    while others:
                        elsewhere.start_soon(hubspot.files.get, file.id)
                        await trio.sleep(10 / others)

                elsewhere.start_soon(other)
                await trio.sleep(10)
                started_at = trio.current_time()
                # Learnt from one answer, as every program does whose first request is one.
                paced = hubspot.with_options(pace=True)
                await paced.files.get(file.id)

                async def work() -> None:
                    for _ in range(16):
                        await paced.files.get(file.id)

                async with anyio.create_task_group() as workers:
                    for _ in range(50):
                        workers.start_soon(work)
                elsewhere.cancel_scope.cancel()
                return trio.current_time() - started_at

        mock_clock = trio.testing.MockClock(autojump_threshold=0)
        with Emulator(clock=TrioClock(frozen=True)) as emulator:
            emulator.rate_limit("TEN_SECONDLY_ROLLING", limit)
            seconds = anyio.run(main, backend="trio", backend_options={"clock": mock_clock})
            statuses = [request.status for request in emulator.requests]
        assert len(statuses) >= 801
        assert set(statuses) == {200}
        assert seconds < 1.5 * 800 / (limit - others) * 10
