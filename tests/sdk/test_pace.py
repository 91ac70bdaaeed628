"""The rate limiter: its share of the limit in any window, the limits learned from headers, and no 429 for many
workers.
"""

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
    """Return the times at which requests are sent that arrive at these times; each waits for its reservation."""
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
    """Return the times at which that many simultaneous requests are sent."""
    return sent(rate_limiter, [now] * count)


def most_within(times: list[float], interval: float) -> int:
    """Return the largest number of times in any window; the end of a window is exclusive."""
    times = sorted(times)
    return max(sum(begin <= time < begin + interval for time in times) for begin in times)


class TestWindow:
    def test_starts_with_the_limit_of_the_smallest_account(self) -> None:
        times = burst(RateLimiter(), 91)
        assert times[:90] == [0.0] * 90
        assert times[90] >= 10.0

    @given(
        limit=st.integers(1, 40),
        interval=st.integers(1, 20_000),
        pauses=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=120),
    )
    def test_never_exceeds_the_share(self, limit: int, interval: int, pauses: list[float]) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=limit, interval=interval), 0.0, 0.0)
        times = sent(rate_limiter, itertools.accumulate(pauses))
        assert most_within(times, interval / 1000) <= max(1, limit * 9 // 10)

    @given(
        pauses=st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=60),
        delays=st.lists(st.floats(0, 0.9), min_size=60, max_size=60),
    )
    def test_never_exceeds_the_share_at_the_server(self, pauses: list[float], delays: list[float]) -> None:
        """A request may arrive late, and the one that replaces it ten seconds later at once."""
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=10), 0.0, 0.0)
        times = [
            at + delay for at, delay in zip(sent(rate_limiter, itertools.accumulate(pauses)), delays, strict=False)
        ]
        assert most_within(times, 10.0) <= 9

    @given(st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=60))
    def test_requests_within_the_share_do_not_wait(self, pauses: list[float]) -> None:
        """No time is lost while there is room."""
        rate_limiter = RateLimiter()
        now = 0.0
        for pause in pauses:
            now += pause
            assert rate_limiter.reserve(now) == 0.0

    def test_slides(self) -> None:
        rate_limiter = RateLimiter()
        burst(rate_limiter, 90)
        assert rate_limiter.reserve(5.0) >= 5.0
        assert rate_limiter.reserve(30.0) == 0.0

    def test_forgets_expired_requests(self) -> None:
        rate_limiter = RateLimiter()
        for second in range(10_000):
            rate_limiter.reserve(float(second))
        assert len(rate_limiter._sent) < 20

    def test_later_requests_queue_behind_waiting_ones(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=5), 0.0, 0.0)
        assert [now + rate_limiter.reserve(now) for now in (0.0, 1.0, 2.0, 3.0)] == [0.0, 1.0, 2.0, 3.0]
        later = [now + rate_limiter.reserve(now) for now in (4.0, 5.0, 6.0, 7.0, 8.0)]
        # A request that retries after the window learns more.
        assert later == pytest.approx([11.0, 12.0, 13.0, 14.0, 14.0])

    def test_no_wait_is_longer_than_the_window(self) -> None:
        rate_limiter = RateLimiter()
        burst(rate_limiter, 1)
        rate_limiter.learn(limit_headers(limit=100, remaining=0), 0.0, 0.5)
        assert max(rate_limiter.reserve(0.5) for _ in range(50)) == pytest.approx(11.0)

    def test_reuses_the_reservations_of_cancelled_requests(self) -> None:
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

    def test_a_lower_limit_applies_at_once(self) -> None:
        rate_limiter = RateLimiter()
        burst(rate_limiter, 90)
        rate_limiter.learn(limit_headers(limit=10), 1.0, 1.0)
        assert rate_limiter.reserve(1.0) >= 9.0

    @pytest.mark.promise(
        "While other programs use a part of the limit, it uses nine tenths of the rest, at even intervals."
    )
    def test_the_usage_of_others(self) -> None:
        """Sixty are used, of which ten are ours: nine tenths of the fifty that others leave, spread evenly."""
        rate_limiter = RateLimiter()
        burst(rate_limiter, 10)
        rate_limiter.learn(limit_headers(limit=100, remaining=40), 0.0, 1.0)
        times = burst(rate_limiter, 100, now=1.0)
        gaps = [after - before for before, after in itertools.pairwise(times)]
        assert times[0] == 1.0
        assert min(gaps) == pytest.approx(11 / 45)
        assert most_within(times, 11 - 1e-3) == 45

    def test_the_usage_of_others_for_simultaneous_requests(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=100, remaining=50), 0.0, 0.0)
        assert [rate_limiter.reserve(1.0) for _ in range(5)] == pytest.approx([number * 11 / 45 for number in range(5)])

    @pytest.mark.parametrize("remaining", [40, 41])
    def test_a_limit_without_other_users_allows_a_burst(self, remaining: int) -> None:
        """Some of our requests may still be in flight."""
        rate_limiter = RateLimiter()
        burst(rate_limiter, 60)
        rate_limiter.learn(limit_headers(limit=100, remaining=remaining), 0.0, 1.0)
        assert burst(rate_limiter, 30, now=1.0) == [1.0] * 30

    @pytest.mark.parametrize(
        ("sent_at", "received_at", "others"),
        [(5.0, 6.0, 0), (4.9, 6.0, 30), (14.0, 14.9, 0), (14.0, 15.0, 30), (14.0, 15.5, 30)],
        ids=["sent before it", "sent after it began", "within the interval", "at its end", "after it"],
    )
    def test_the_usage_of_this_client(self, sent_at: float, received_at: float, others: int) -> None:
        rate_limiter = RateLimiter()
        burst(rate_limiter, 30, now=5.0)
        rate_limiter.learn(limit_headers(limit=100, remaining=70), sent_at, received_at)
        assert burst(rate_limiter, 2, now=20.0)[1] - 20.0 == pytest.approx(11 / 63 if others else 0.0)

    @pytest.mark.parametrize("remaining", [0, 1])
    def test_a_limit_exhausted_by_others_allows_one_request_at_a_time(self, remaining: int) -> None:
        rate_limiter = RateLimiter()
        burst(rate_limiter, 1)
        rate_limiter.learn(limit_headers(limit=100, remaining=remaining), 0.0, 0.5)
        assert burst(rate_limiter, 4, now=0.5) == pytest.approx([11.0, 22.0, 33.0, 44.0])

    @pytest.mark.parametrize("later", [10.0, 10.5])
    def test_the_highest_usage_of_others_counts_for_an_interval(self, later: float) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=100, remaining=50), 0.0, 0.0)
        rate_limiter.learn(limit_headers(limit=100, remaining=90), 9.0, 9.9)
        assert burst(rate_limiter, 2, now=9.9)[1] == pytest.approx(9.9 + 11 / 45)
        rate_limiter.learn(limit_headers(limit=100, remaining=89), 10.0, later)
        assert burst(rate_limiter, 2, now=20.0)[1] == pytest.approx(20.0 + 11 / 81)

    def test_equal_usage_of_others_counts_for_another_interval(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=100, remaining=50), 0.0, 0.0)
        rate_limiter.learn(limit_headers(limit=100, remaining=50), 9.0, 9.0)
        rate_limiter.learn(limit_headers(limit=100, remaining=90), 18.0, 18.0)
        assert burst(rate_limiter, 2, now=18.0)[1] == pytest.approx(18.0 + 11 / 45)

    def test_higher_usage_of_others_counts_at_once(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(limit_headers(limit=100, remaining=90), 0.0, 0.0)
        rate_limiter.learn(limit_headers(limit=100, remaining=50), 5.0, 5.0)
        rate_limiter.learn(limit_headers(limit=100, remaining=90), 10.0, 10.0)
        assert burst(rate_limiter, 2, now=10.0)[1] == pytest.approx(10.0 + 11 / 45)

    def test_the_usage_of_others_while_many_wait(self) -> None:
        """The waiting requests got their times before, and do not all start at those."""
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
    def test_invalid_headers_are_ignored(self, garbage: str) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn({MAX: garbage, INTERVAL: garbage, REMAINING: "" if garbage == "0" else garbage}, 0.0, 0.0)
        assert burst(rate_limiter, 90) == [0.0] * 90
        assert 10.0 <= rate_limiter.reserve(0.0) < 12.0

    @given(st.dictionaries(st.sampled_from([MAX, REMAINING, INTERVAL]), st.text(max_size=12)))
    def test_any_header_gives_a_finite_wait(self, headers: dict[str, str]) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn(headers, 0.0, 0.0)
        assert 0.0 <= rate_limiter.reserve(0.0) <= 10**9 / 1000

    def test_missing_headers_are_ignored(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.learn({}, 0.0, 0.0)
        assert burst(rate_limiter, 90) == [0.0] * 90


class TestClients:
    def respond(self, api: respx.MockRouter, **headers: Any) -> respx.Route:
        return api.get("/files/v3/files/1").respond(200, json=FILE, headers=dict(limit_headers(**headers)))

    def test_do_not_wait_by_default(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        self.respond(api, limit=2, remaining=0)

        def program(hubspot: Any) -> Any:
            for _ in range(5):
                yield hubspot.files.get(1)

        client(program)
        assert sleeps == []

    def test_wait_with_pace_and_learn_from_every_response(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        self.respond(api, limit=2, remaining=1)

        def program(hubspot: Any) -> Any:
            paced = hubspot.with_options(pace=True)
            for _ in range(3):
                yield paced.files.get(1)

        client(program)
        assert [round(seconds) for seconds in sleeps] == [11, 11]

    def test_share_the_rate_limiter_with_their_copies(
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
        "`pace=True` of the client keeps the requests of all paced copies of a client together under the "
        "account's rate limit, which it reads from the responses."
    )
    def test_separate_copies_share_the_rate_limiter(
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
    def test_require_a_bool(self, kind: Any, value: Any) -> None:
        with pytest.raises(TypeError, match=r"^pace must be True, False or None, not"):
            kind(TOKEN).with_options(pace=value)


class TestAgainstALimit:
    """The emulator enforces the limit, on a clock on which minutes take no time."""

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
        # 18 in ten seconds would take 160 s; caution costs at most a fifth.
        assert clock.monotonic() < 200

    @pytest.mark.parametrize(("policy", "limit", "window"), [("TEN_SECONDLY_ROLLING", 20, 10), ("SECONDLY", 5, 1)])
    @pytest.mark.parametrize(("chance", "refused"), [(0.0, 8), (0.5, 8), (1.0, 4)])
    def test_one_worker_without_pace_retries_until_it_succeeds(
        self, monkeypatch: pytest.MonkeyPatch, policy: Any, limit: int, window: float, chance: float, refused: int
    ) -> None:
        """With any jitter, the retries of each request outlast the window."""
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
        "`pace=True` of the client keeps the requests of all paced copies of a client together under the "
        "account's rate limit, which it reads from the responses."
    )
    @pytest.mark.parametrize(("limit", "others"), [(20, 0), (100, 0), (190, 0), (100, 30), (100, 60), (190, 100)])
    def test_many_workers_on_a_slow_network_see_no_429(self, limit: int, others: int) -> None:
        """Another program uses part of the limit without regard to it."""
        chance = random.Random(4)

        class TrioClock(Clock):
            def _elapsed(self) -> int:
                return round(trio.current_time() * 1_000_000)

            async def sleep_async(self, seconds: float, /) -> None:
                await trio.sleep(seconds)

        class SlowNetwork(httpx.AsyncBaseTransport):
            """A network that takes up to half a second in each direction."""

            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                await trio.sleep(chance.random() / 2)
                response = await emulator.handle_async(request)
                await trio.sleep(chance.random() / 2)
                return response

        async def main() -> float:
            async with (
                httpx.AsyncClient(transport=SlowNetwork()) as mine,
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
                # Learned from one response, as in a program that starts with one request.
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
