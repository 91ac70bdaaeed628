"""The rate limiter: its share of the limit in any window, the limits learned from headers, and no 429 for many
workers.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

import anyio
import httpx
import pytest
import respx
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from hubspot_files import AsyncHubSpotFiles, HubSpotFiles
from hubspot_files._engine.rate_limit import RateLimiter, Slot
from hubspot_files.testing import Clock, Emulator

from .support import FILE, TOKEN, Client, FakeClock

T = TypeVar("T")
MAX, REMAINING, INTERVAL = (
    "x-hubspot-ratelimit-max",
    "x-hubspot-ratelimit-remaining",
    "x-hubspot-ratelimit-interval-milliseconds",
)


def limit_headers(limit: Any = None, remaining: Any = None, interval: Any = None) -> Mapping[str, str]:
    headers = {MAX: limit, REMAINING: remaining, INTERVAL: interval}
    return httpx.Headers({name: str(value) for name, value in headers.items() if value is not None})


FAST = 0.1
GUARD = 0.01


class Network:
    """A HubSpot that counts in a rolling window, and the programs that send to it, on a clock that jumps.

    Attributes:
        limit: requests that are allowed in ten seconds.
        served: times at which requests were counted, by client.
        refused: times at which requests were refused, by client.
    """

    def __init__(self, limit: int, seed: int = 1) -> None:
        self.limit = limit
        self.served: dict[str, list[float]] = {}
        self.refused: dict[str, list[float]] = {}
        self._chance = random.Random(seed)
        self._counted: deque[float] = deque()
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._number = itertools.count()

    def at(self, time: float, event: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (time, next(self._number), event))

    def run(self, until: float) -> None:
        while self._events[0][0] < until:
            time, _, event = heapq.heappop(self._events)
            event(time)

    def count(self, client: str, now: float) -> tuple[bool, Mapping[str, str]]:
        while self._counted and self._counted[0] <= now - 10.0:
            self._counted.popleft()
        served = len(self._counted) < self.limit
        if served:
            self._counted.append(now)
        (self.served if served else self.refused).setdefault(client, []).append(now)
        return served, limit_headers(self.limit, max(self.limit - len(self._counted), 0), 10_000)

    def add_paced(
        self, client: str, start: float, end: float, trip: Callable[[random.Random], float], workers: int = 20
    ) -> None:
        """Add workers that share a rate limiter, each of which sends one request after the other."""
        rate_limiter = RateLimiter()

        def ask(slot: Slot, now: float) -> None:
            if now > end:
                rate_limiter.finish(slot, now)
            elif pause := rate_limiter.reserve(slot, now):
                # A program wakes up a bit late.
                self.at(now + pause + self._chance.random() / 1000, lambda time: ask(slot, time))
            else:
                self.at(now + trip(self._chance), lambda time: arrive(slot, time))

        def arrive(slot: Slot, now: float) -> None:
            served, headers = self.count(client, now)
            self.at(now + trip(self._chance), lambda time: receive(slot, served, headers, time))

        def receive(slot: Slot, served: bool, headers: Mapping[str, str], now: float) -> None:
            rate_limiter.finish(slot, now)
            rate_limiter.learn(slot, headers, now)
            if not served:
                rate_limiter.refused(slot, now)
            ask(Slot(), now)

        for _ in range(workers):
            self.at(start, lambda time: ask(Slot(), time))

    def add_unpaced(self, client: str, per_window: int) -> None:
        """Add a program that sends without regard to the limit."""

        def go(now: float) -> None:
            self.count(client, now)
            self.at(now + 10 / per_window * self._chance.uniform(0.5, 1.5), go)

        self.at(0.0, go)

    def share(self, client: str, start: float, end: float) -> float:
        """Return the share of the limit that a client used in a period."""
        served = sum(start <= time < end for time in self.served[client])
        return served / (self.limit / 10 * (end - start))

    def refusals(self, start: float = 0.0) -> int:
        return sum(time >= start for times in self.refused.values() for time in times)


def steady(_: random.Random) -> float:
    """Take 150 ms for a request and its response together."""
    return 0.075


def uneven(chance: random.Random) -> float:
    """Take up to half a second in each direction, so that requests overtake each other."""
    return chance.random() / 2


class TestSharing:
    @pytest.mark.promise(
        "A client alone reaches 95 % of the limit, without a 429, whatever time responses take, if it varies little."
    )
    @pytest.mark.parametrize("limit", [100, 190, 250])
    @pytest.mark.parametrize("trip", [0.0005, 0.075, 0.5])
    def test_alone(self, limit: int, trip: float) -> None:
        network = Network(limit)
        network.add_paced("a", 0.0, 200.0, lambda chance: trip * chance.uniform(1, 1.02), workers=50)
        network.run(120.0)
        assert 0.95 <= network.share("a", 20.0, 120.0) <= 1.0
        assert network.refusals() == 0

    @pytest.mark.parametrize("seed", range(3))
    def test_alone_on_an_uneven_network(self, seed: int) -> None:
        network = Network(190, seed)
        network.add_paced("a", 0.0, 160.0, uneven, workers=50)
        network.run(160.0)
        assert network.share("a", 20.0, 160.0) >= 0.9
        assert network.refusals() == 0

    @pytest.mark.promise("Several paced clients approach equal shares within minutes.")
    @pytest.mark.parametrize("clients", [2, 3])
    def test_clients_that_start_one_after_the_other(self, clients: int) -> None:
        """The later client finds the limit used up; the earlier one notices it and gives way."""
        network = Network(190)
        for number in range(clients):
            network.add_paced(str(number), number * 41.0, 500.0, steady)
        network.run(500.0)
        shares = [network.share(str(number), 400.0, 500.0) for number in range(clients)]
        assert min(shares) > 0.8 * max(shares)
        assert 0.9 <= sum(shares) <= 1.0
        assert network.refusals() <= 5

    def test_clients_that_start_together(self) -> None:
        network = Network(190)
        network.add_paced("a", 0.0, 200.0, steady)
        network.add_paced("b", 0.0, 200.0, steady)
        network.run(200.0)
        shares = [network.share(client, 100.0, 200.0) for client in "ab"]
        assert shares == pytest.approx([0.47, 0.47], abs=0.03)
        # Each found out about the other in the first windows.
        assert network.refusals(40.0) == 0

    def test_a_client_that_is_alone_again_uses_the_limit_again(self) -> None:
        network = Network(190)
        network.add_paced("a", 0.0, 300.0, steady)
        network.add_paced("b", 41.0, 150.0, steady)
        network.run(300.0)
        assert network.share("a", 110.0, 150.0) < 0.7
        assert network.share("a", 180.0, 300.0) >= 0.95

    @pytest.mark.parametrize("others", [10, 30, 100, 150])
    @pytest.mark.parametrize("trip", [steady, uneven])
    def test_a_program_that_does_not_pace(self, others: int, trip: Callable[[random.Random], float]) -> None:
        network = Network(190)
        network.add_unpaced("other", others)
        network.add_paced("a", 20.0, 160.0, trip)
        network.run(160.0)
        left = (190 - others) / 190
        assert 0.75 * left <= network.share("a", 40.0, 160.0) <= left
        refused = len(network.refused.get("other", []))
        assert refused <= 0.005 * len(network.served["other"])

    def test_a_limit_that_changes(self) -> None:
        network = Network(190)
        network.add_paced("a", 0.0, 200.0, steady)
        for time, limit in ((60.0, 100), (120.0, 250)):
            network.at(time, lambda _, limit=limit: setattr(network, "limit", limit))  # type: ignore[misc]  # a default
        network.run(200.0)
        after = [time for time in network.served["a"] if 85.0 <= time < 115.0]
        assert 0.9 <= len(after) / 300 <= 1.0
        assert len([time for time in network.served["a"] if 140.0 <= time < 200.0]) >= 0.95 * 1500
        # Those were in flight when the limit fell.
        assert network.refusals() <= 20
        assert network.refusals(61.0) == 0


def sent(rate_limiter: RateLimiter, wanted: Iterable[float], took: float = 0.0, **headers: Any) -> list[float]:
    """Return the times at which requests are sent that arrive at these times, each with a response after a while."""
    events: list[tuple[float, int, Slot]] = [(at, number, Slot()) for number, at in enumerate(wanted)]
    heapq.heapify(events)
    in_flight: list[tuple[float, int, Slot]] = []
    times: list[float] = []
    while events:
        now, number, slot = heapq.heappop(events)
        while in_flight and in_flight[0][0] <= now:
            received_at, _, done = heapq.heappop(in_flight)
            rate_limiter.finish(done, received_at)
            rate_limiter.learn(done, limit_headers(**headers), received_at)
        if pause := rate_limiter.reserve(slot, now):
            heapq.heappush(events, (now + pause, number, slot))
        else:
            times.append(now)
            heapq.heappush(in_flight, (now + took, number, slot))
    return times


def exchange(rate_limiter: RateLimiter, now: float = 0.0, took: float = FAST, **headers: Any) -> Slot:
    """Send a request that is allowed at once, and learn from its response."""
    slot = Slot()
    assert rate_limiter.reserve(slot, now) == 0.0
    rate_limiter.finish(slot, now + took)
    rate_limiter.learn(slot, limit_headers(**headers), now + took)
    return slot


def burst(rate_limiter: RateLimiter, count: int, now: float) -> int:
    """Return how many of so many simultaneous requests are sent at once. The others are given up."""
    slots = [Slot() for _ in range(count)]
    waiting = [slot for slot in slots if rate_limiter.reserve(slot, now)]
    for slot in waiting:
        rate_limiter.finish(slot, now)
    return count - len(waiting)


def wait(rate_limiter: RateLimiter, now: float) -> float:
    """Return the seconds that a request would wait."""
    slot = Slot()
    seconds = rate_limiter.reserve(slot, now)
    assert seconds > 0
    rate_limiter.finish(slot, now)
    return seconds


def most_within(times: list[float], interval: float) -> int:
    """Return the largest number of times in any window; the end of a window is exclusive."""
    times = sorted(times)
    return max(sum(begin <= time < begin + interval for time in times) for begin in times)


class TestWindow:
    @given(
        limit=st.integers(1, 40),
        interval=st.integers(1, 20_000),
        took=st.floats(0, 2),
        pauses=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=80),
    )
    def test_never_exceeds_the_limit(self, limit: int, interval: int, took: float, pauses: list[float]) -> None:
        rate_limiter = RateLimiter()
        exchange(rate_limiter, limit=limit, interval=interval)
        times = [0.0, *sent(rate_limiter, itertools.accumulate([3.0, *pauses]), took)]
        assert most_within(times, interval / 1000) <= max(1, limit * 98 // 100)

    @given(
        pauses=st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=60),
        delays=st.lists(st.floats(0, 0.9), min_size=70, max_size=70),
    )
    def test_never_exceeds_the_limit_at_the_server(self, pauses: list[float], delays: list[float]) -> None:
        """A request may arrive as late as its response, and the one that replaces it ten seconds later at once."""
        rate_limiter = RateLimiter()
        exchange(rate_limiter, took=0.0, limit=10)
        arrivals = [0.0]
        events = [(at, number, Slot()) for number, at in enumerate(itertools.accumulate(pauses))]
        in_flight: list[tuple[float, int, Slot]] = []
        while events:
            now, number, slot = heapq.heappop(events)
            while in_flight and in_flight[0][0] <= now:
                received_at, _, done = heapq.heappop(in_flight)
                rate_limiter.finish(done, received_at)
            if pause := rate_limiter.reserve(slot, now):
                heapq.heappush(events, (now + pause, number, slot))
            else:
                arrivals.append(now + delays[number])
                heapq.heappush(in_flight, (now + delays[number], number, slot))
        assert most_within(arrivals, 10.0 - 1e-6) <= 9

    def test_starts_with_the_limit_of_the_smallest_account(self) -> None:
        rate_limiter = RateLimiter()
        exchange(rate_limiter)
        assert burst(rate_limiter, 150, FAST) == 97
        assert wait(rate_limiter, FAST) == pytest.approx(10.0 + GUARD - FAST)

    def test_the_first_request_goes_alone(self) -> None:
        """Its response shows the limit, and whether others use it."""
        rate_limiter = RateLimiter()
        first, second = Slot(), Slot()
        assert rate_limiter.reserve(first, 5.0) == 0.0
        assert rate_limiter.reserve(second, 5.0) == pytest.approx(0.05)
        rate_limiter.finish(first, 5.2)
        assert rate_limiter.reserve(second, 5.2) == 0.0
        assert burst(rate_limiter, 50, 5.2) == 50

    def test_the_first_request_goes_alone_for_a_second_only(self) -> None:
        """It may be an upload that takes minutes."""
        rate_limiter = RateLimiter()
        assert rate_limiter.reserve(Slot(), 5.0) == 0.0
        assert burst(rate_limiter, 1, 5.9) == 0
        assert burst(rate_limiter, 50, 6.0) == 50

    def test_slides(self) -> None:
        rate_limiter = RateLimiter()
        for number in range(98):
            exchange(rate_limiter, number / 100)
        pause = rate_limiter.reserve(Slot(), 2.0)
        assert pause == pytest.approx(8.0 + GUARD)
        assert burst(rate_limiter, 98, 30.0) == 97

    def test_a_request_counts_longer_if_its_response_took_longer_than_the_fastest(self) -> None:
        rate_limiter = RateLimiter()
        exchange(rate_limiter, 0.0, took=0.5, limit=3)
        exchange(rate_limiter, 1.0, took=0.7)
        assert wait(rate_limiter, 2.0) == pytest.approx(0.0 + 10.0 + GUARD - 2.0)
        assert burst(rate_limiter, 5, 10.1) == 1
        assert wait(rate_limiter, 10.2) == pytest.approx(1.2 + 10.0 + GUARD - 10.2)

    def test_a_request_of_a_minute_counts_from_its_end(self) -> None:
        """If it is the only one, it does not show how fast the next one arrives."""
        rate_limiter = RateLimiter()
        exchange(rate_limiter, 0.0, took=60.0, limit=1)
        assert wait(rate_limiter, 61.0) == pytest.approx(60.0 - 1.0 + 10.0 + GUARD - 61.0)

    def test_a_request_in_flight_counts(self) -> None:
        rate_limiter = RateLimiter()
        exchange(rate_limiter, 0.0, took=0.5, limit=1)
        upload, slot = Slot(), Slot()
        assert rate_limiter.reserve(upload, 20.0) == 0.0
        # Its response can be there at 30.0 at the earliest, and the other be sent ten seconds after its arrival.
        assert rate_limiter.reserve(slot, 30.0) == pytest.approx(10.0 + GUARD)
        rate_limiter.finish(upload, 31.0)
        assert rate_limiter.reserve(slot, 31.0) == pytest.approx(9.0 + GUARD)
        assert rate_limiter.reserve(slot, 40.1) == 0.0

    def test_forgets_expired_requests(self) -> None:
        rate_limiter = RateLimiter()
        for second in range(1000):
            exchange(rate_limiter, float(second))
        assert len(rate_limiter._sent) < 30

    def test_later_requests_queue_behind_waiting_ones(self) -> None:
        rate_limiter = RateLimiter()
        for second in (0.0, 1.0, 2.0):
            exchange(rate_limiter, second, limit=4)
        slots = [Slot() for _ in range(3)]
        assert [3.0 + rate_limiter.reserve(slot, 3.0) for slot in slots] == pytest.approx([10.01, 11.01, 12.01])
        # There is room for as many as wait before it.
        assert rate_limiter.reserve(slots[2], 11.02) == pytest.approx(12.01 - 11.02)
        assert rate_limiter.reserve(slots[1], 11.02) == 0.0
        assert rate_limiter.reserve(slots[0], 11.02) == 0.0

    def test_no_wait_is_longer_than_the_interval(self) -> None:
        """A request that asks again after it learns more."""
        rate_limiter = RateLimiter()
        exchange(rate_limiter, limit=5)
        assert max(rate_limiter.reserve(Slot(), 1.0) for _ in range(50)) == 10.0 + GUARD

    def test_reuses_the_places_of_requests_that_were_given_up(self) -> None:
        rate_limiter = RateLimiter()
        exchange(rate_limiter, limit=1)
        slots = [Slot() for _ in range(90)]
        for slot in slots:
            rate_limiter.reserve(slot, 1.0)
        for slot in slots[:-1]:
            rate_limiter.finish(slot, 2.0)
        assert rate_limiter.reserve(slots[-1], 10.02) == 0.0

    def test_a_request_is_finished_once(self) -> None:
        rate_limiter = RateLimiter()
        slot = exchange(rate_limiter, limit=1)
        rate_limiter.finish(slot, 8.0)
        assert rate_limiter.reserve(Slot(), 10.02) == 0.0


class TestLearning:
    @pytest.mark.parametrize(
        ("limit", "share"), [(1, 1), (2, 1), (20, 19), (50, 49), (100, 98), (190, 186), (250, 245)]
    )
    def test_the_limit(self, limit: int, share: int) -> None:
        """A fiftieth stays free, so that a request of another program is noticed."""
        rate_limiter = RateLimiter()
        exchange(rate_limiter, limit=limit)
        assert 1 + burst(rate_limiter, 300, FAST) == share

    @pytest.mark.parametrize("interval", [2000, 999_999_999])
    def test_the_interval(self, interval: int) -> None:
        rate_limiter = RateLimiter()
        exchange(rate_limiter, limit=1, interval=interval)
        assert rate_limiter.reserve(Slot(), FAST) == pytest.approx(interval / 1000 + GUARD - FAST)

    def test_a_lower_limit_applies_at_once(self) -> None:
        rate_limiter = RateLimiter()
        exchange(rate_limiter)
        burst(rate_limiter, 90, FAST)
        exchange(rate_limiter, 1.0, limit=10)
        assert rate_limiter.reserve(Slot(), 1.0) >= 9.0

    @pytest.mark.promise(
        "While other programs use a part of the limit, it uses nine tenths of the rest, at even intervals."
    )
    def test_the_usage_of_others(self) -> None:
        """Sixty-one are used, of which one is ours: nine tenths of the forty that others leave, spread evenly."""
        rate_limiter = RateLimiter()
        exchange(rate_limiter, limit=100, remaining=39)
        waits = [rate_limiter.reserve(Slot(), FAST) for _ in range(5)]
        assert waits == pytest.approx([number * 10 / 36 - FAST for number in range(1, 6)])

    def test_the_usage_of_this_client_is_not_that_of_others(self) -> None:
        """It includes requests that are in flight, if they were sent before."""
        rate_limiter = RateLimiter()
        exchange(rate_limiter, limit=100, remaining=99)
        assert burst(rate_limiter, 29, 1.0) == 29
        exchange(rate_limiter, 1.0, limit=100, remaining=69)
        assert burst(rate_limiter, 30, 1.2) == 30

    def test_the_usage_of_this_client_in_the_last_interval_only(self) -> None:
        rate_limiter = RateLimiter()
        exchange(rate_limiter, limit=100, remaining=99)
        exchange(rate_limiter, 1.0, limit=100, remaining=98)
        exchange(rate_limiter, 11.0, limit=100, remaining=97)
        # Two of the three are not ours.
        assert wait(rate_limiter, 11.01) == pytest.approx(10 / 88 - 0.01)

    def test_usage_that_requests_explain_that_overtook_each_other(self) -> None:
        """Every second one took 0.9 seconds longer. So a count that is higher by two shows nothing."""
        rate_limiter = RateLimiter()
        for number in range(60):
            took = 1.0 if number % 2 else 0.1
            exchange(rate_limiter, number * 0.1, took, limit=100, remaining=99 - number - (2 if number >= 30 else 0))
        assert burst(rate_limiter, 2, 7.0) == 2

    def test_a_slow_response_shows_the_limit_but_no_usage(self) -> None:
        """HubSpot may have counted it before the others, or after them."""
        rate_limiter = RateLimiter()
        exchange(rate_limiter, took=1.01, limit=150, remaining=10)
        assert burst(rate_limiter, 200, 2.0) == 146

    @pytest.mark.parametrize("remaining", [0, 1])
    def test_a_limit_exhausted_by_others_allows_one_request_at_a_time(self, remaining: int) -> None:
        rate_limiter = RateLimiter()
        exchange(rate_limiter, limit=100, remaining=remaining)
        assert sent(rate_limiter, [1.0] * 3, limit=100, remaining=remaining) == pytest.approx(
            [10.01, 20.02, 30.03], abs=0.001
        )

    def test_the_usage_of_others_is_an_average(self) -> None:
        rate_limiter = RateLimiter()
        for number, others in enumerate((50, 20, 20, 30)):
            exchange(rate_limiter, number * 3.0, limit=100, remaining=100 - others - number - 1)
        # The latest two, 20 and 30, are not older than half an interval.
        assert rate_limiter.reserve(Slot(), 9.1) == pytest.approx(9.0 + 10 / 67 - 9.1)

    def test_the_last_known_usage_of_others_counts_after_a_break(self) -> None:
        rate_limiter = RateLimiter()
        exchange(rate_limiter, limit=100, remaining=39)
        assert burst(rate_limiter, 10, 1000.0) == 1
        exchange(rate_limiter, 1001.0, limit=100, remaining=98)
        assert burst(rate_limiter, 10, 1002.0) == 10

    @pytest.mark.parametrize(
        "garbage", ["", " ", "many", "-5", "1e3", "10.0", "²", "٣", "0x10", "9" * 10, "9" * 400, "0", "+7", "5,5"]
    )
    def test_invalid_headers_are_ignored(self, garbage: str) -> None:
        rate_limiter = RateLimiter()
        slot = exchange(rate_limiter)
        rate_limiter.learn(slot, {MAX: garbage, INTERVAL: garbage, REMAINING: "" if garbage == "0" else garbage}, FAST)
        assert burst(rate_limiter, 150, FAST) == 97
        assert 9.0 <= rate_limiter.reserve(Slot(), FAST) <= 10.0

    @given(st.dictionaries(st.sampled_from([MAX, REMAINING, INTERVAL]), st.text("0123456789x", max_size=9)))
    def test_any_header_gives_a_finite_wait(self, headers: dict[str, str]) -> None:
        rate_limiter = RateLimiter()
        slot = exchange(rate_limiter)
        rate_limiter.learn(slot, headers, FAST)
        assert 0.0 <= rate_limiter.reserve(Slot(), FAST) <= 10**9 / 1000


class TestRefusals:
    def test_a_refusal_gives_up_a_part_of_the_limit_for_an_interval(self) -> None:
        """Five of a hundred go to others whose use the responses do not show."""
        rate_limiter = RateLimiter()
        slot = exchange(rate_limiter, limit=100)
        rate_limiter.refused(slot, 1.0)
        assert wait(rate_limiter, FAST) == pytest.approx(10 / 85 - FAST)
        assert burst(rate_limiter, 200, 10.9) == 1
        assert burst(rate_limiter, 200, 11.0) == 97

    def test_the_refusals_of_requests_that_were_sent_together_count_once(self) -> None:
        rate_limiter = RateLimiter()
        slots = [exchange(rate_limiter, limit=100) for _ in range(10)]
        for slot in slots:
            rate_limiter.refused(slot, 1.0)
        rate_limiter.refused(exchange(rate_limiter, 2.0), 3.0)
        # Ten, not a hundred.
        assert rate_limiter.reserve(Slot(), 2.0) == pytest.approx(10 / 81)

    def test_the_refusal_of_a_small_limit(self) -> None:
        rate_limiter = RateLimiter()
        rate_limiter.refused(exchange(rate_limiter, limit=10), 1.0)
        assert rate_limiter.reserve(Slot(), FAST) == pytest.approx(10 / 8 - FAST)

    def test_a_pause_holds_all_requests(self) -> None:
        rate_limiter = RateLimiter()
        exchange(rate_limiter)
        rate_limiter.pause(8.0, creations_only=False)
        rate_limiter.pause(5.0, creations_only=False)
        slot = Slot()
        assert rate_limiter.reserve(slot, 1.0) == 7.0
        assert rate_limiter.reserve(slot, 8.0) == 0.0

    def test_a_pause_of_creations_holds_no_other_requests(self) -> None:
        """Not even those that came later."""
        rate_limiter = RateLimiter()
        exchange(rate_limiter)
        rate_limiter.pause(8.0, creations_only=True)
        rate_limiter.pause(5.0, creations_only=True)
        creations = [Slot(creates_file=True) for _ in range(120)]
        assert min(rate_limiter.reserve(slot, 1.0) for slot in creations) == 7.0
        assert burst(rate_limiter, 97, 1.0) == 97
        assert rate_limiter.reserve(creations[0], 12.0) == 0.0


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
        assert [round(seconds) for seconds in sleeps] == [10, 10]

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
        assert [round(seconds) for seconds in sleeps] == [10, 10]

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
        assert [round(seconds) for seconds in sleeps] == [10]
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
        # 20 in ten seconds take 140 s.
        assert clock.monotonic() < 150 / 0.95

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

    @pytest.mark.parametrize("limit", [100, 190])
    def test_a_client_alone_reaches_the_limit(self, limit: int) -> None:
        async def main(emulator: Emulator) -> int:
            emulator.rate_limit("TEN_SECONDLY_ROLLING", limit)
            async with slow_client(emulator, steady) as hubspot, anyio.create_task_group() as programs:
                programs.start_soon(work, hubspot, emulator, 20, 1000)
                await trio.sleep(20)
                before = len(emulator.requests)
                await trio.sleep(60)
                programs.cancel_scope.cancel()
                return len(emulator.requests) - before

        statuses, count = run_on_trio(main)
        assert set(statuses) <= {200, None}
        assert 0.95 * 6 * limit <= count <= 6 * limit

    @pytest.mark.promise(
        "`pace=True` of the client keeps the requests of all paced copies of a client together under the "
        "account's rate limit, which it reads from the responses."
    )
    @pytest.mark.parametrize(("limit", "others"), [(20, 0), (100, 0), (190, 0), (100, 30), (100, 60), (190, 100)])
    def test_many_workers_on_a_slow_network_see_no_429(self, limit: int, others: int) -> None:
        """Another program uses part of the limit without regard to it."""

        async def main(emulator: Emulator) -> float:
            emulator.rate_limit("TEN_SECONDLY_ROLLING", limit)
            async with slow_client(emulator, uneven) as hubspot, anyio.create_task_group() as elsewhere:
                file = emulator.add_file("/a.txt", b"a")

                async def other() -> None:
                    while others:
                        elsewhere.start_soon(hubspot.with_options(pace=False).files.get, file.id)
                        await trio.sleep(10 / others)

                elsewhere.start_soon(other)
                await trio.sleep(10)
                started_at = trio.current_time()
                await work(hubspot, emulator, workers=50, calls=8)
                elsewhere.cancel_scope.cancel()
                return trio.current_time() - started_at

        statuses, seconds = run_on_trio(main)
        assert len(statuses) >= 400
        assert set(statuses) == {200}
        assert seconds < 1.3 * 400 / (limit - others) * 10

    def test_two_clients_of_an_account(self) -> None:
        """They know nothing of each other but what the responses show."""

        async def main(emulator: Emulator) -> list[float]:
            emulator.rate_limit("TEN_SECONDLY_ROLLING", 100)
            ends: list[float] = []

            async def program() -> None:
                async with slow_client(emulator, steady, max_retries=4) as hubspot:
                    await work(hubspot, emulator, workers=20, calls=60)
                    ends.append(trio.current_time())

            async with anyio.create_task_group() as programs:
                programs.start_soon(program)
                await trio.sleep(30)
                programs.start_soon(program)
            return ends

        statuses, ends = run_on_trio(main)
        assert statuses.count(200) == 2400
        assert statuses.count(429) <= 10
        # The first gave way to the second: alone, it would have needed 120 s.
        assert 130 < ends[0] < ends[1] < 2400 / 10 / 0.9

    def test_a_limit_that_falls(self) -> None:
        async def main(emulator: Emulator) -> None:
            emulator.rate_limit("TEN_SECONDLY_ROLLING", 190)
            async with slow_client(emulator, steady, max_retries=4) as hubspot, anyio.create_task_group() as programs:
                programs.start_soon(work, hubspot, emulator, 20, 50)
                await trio.sleep(15)
                emulator.rate_limit("TEN_SECONDLY_ROLLING", 50)

        statuses, _ = run_on_trio(main)
        assert statuses.count(200) == 1000
        assert statuses.count(429) <= 20

    @pytest.mark.promise(
        "HubSpot limits the creation of files by itself.",
        "After a 429 for creating files, uploads and imports wait as long as it says, and other requests go on.",
    )
    def test_the_limit_on_creating_files(self) -> None:
        async def main(emulator: Emulator) -> tuple[float, float]:
            emulator.rate_limit("CREATING_FILES", 40)
            emulator.publish_url("https://example.com/a.txt", b"a")
            async with slow_client(emulator, steady, max_retries=4) as hubspot, anyio.create_task_group() as programs:
                ends = []

                async def create() -> None:
                    for _ in range(10):
                        await hubspot.files.import_from_url("https://example.com/a.txt", folder_path="/in")

                async def read() -> None:
                    await work(hubspot, emulator, workers=5, calls=40)
                    ends.append(trio.current_time())

                for _ in range(10):
                    programs.start_soon(create)
                programs.start_soon(read)
            return ends[0], trio.current_time()

        statuses, (read_until, created_until) = run_on_trio(main)
        assert (statuses.count(202), statuses.count(200)) == (100, 200)
        # Each worker ran into it at most once in each of the two minutes.
        assert statuses.count(429) <= 20
        # Eight requests of each reader in a row take 150 ms each, and the limit of 190 does not count here.
        assert read_until < 40
        assert 120 < created_until < 125

    @pytest.mark.promise("After a 429 or 477 with a `Retry-After` of up to 60 s, all paced requests wait for it.")
    @pytest.mark.parametrize("status", [429, 477])
    def test_a_retry_after_holds_all_requests(self, status: int) -> None:
        async def main(emulator: Emulator) -> None:
            async with slow_client(emulator, steady, max_retries=4) as hubspot, anyio.create_task_group() as programs:
                programs.start_soon(work, hubspot, emulator, 5, 20)
                await trio.sleep(1)
                emulator.fail(status=status, headers={"Retry-After": "30"})
                await trio.sleep(1)
                sent = len(emulator.requests)
                await trio.sleep(28)
                assert len(emulator.requests) == sent

        statuses, _ = run_on_trio(main)
        assert (statuses.count(200), statuses.count(status)) == (100, 1)


class TrioClock(Clock):
    """The emulator's clock, which follows trio's."""

    def _elapsed(self) -> int:
        return round(trio.current_time() * 1_000_000)

    async def sleep_async(self, seconds: float, /) -> None:
        await trio.sleep(seconds)


class SlowNetwork(httpx.AsyncBaseTransport):
    """A network between the emulator and a client."""

    def __init__(self, emulator: Emulator, trip: Callable[[random.Random], float]) -> None:
        self.emulator = emulator
        self.trip = trip
        self.chance = random.Random(4)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await trio.sleep(self.trip(self.chance))
        response = await self.emulator.handle_async(request)
        await trio.sleep(self.trip(self.chance))
        return response


@contextlib.asynccontextmanager
async def slow_client(
    emulator: Emulator, trip: Callable[[random.Random], float], max_retries: int = 0
) -> AsyncIterator[AsyncHubSpotFiles]:
    """Yield a paced client on a slow network."""
    async with (
        httpx.AsyncClient(transport=SlowNetwork(emulator, trip)) as mine,
        AsyncHubSpotFiles(
            emulator.token, http_client=mine, max_retries=max_retries, clock=emulator.clock, pace=True
        ) as hubspot,
    ):
        yield hubspot


async def work(hubspot: AsyncHubSpotFiles, emulator: Emulator, workers: int, calls: int) -> None:
    """Get a record so many times in each of so many tasks."""
    file = emulator.add_file("/a.txt", b"a")

    async def worker() -> None:
        for _ in range(calls):
            await hubspot.files.get(file.id)

    async with anyio.create_task_group() as group:
        for _ in range(workers):
            group.start_soon(worker)


def run_on_trio(main: Callable[[Emulator], Awaitable[T]]) -> tuple[list[int | None], T]:
    """Run a program with an emulator on a clock that jumps, and return the statuses of its requests and its result."""
    mock_clock = trio.testing.MockClock(autojump_threshold=0)
    with Emulator(clock=TrioClock(frozen=True)) as emulator:
        result = anyio.run(main, emulator, backend="trio", backend_options={"clock": mock_clock})
        return [request.status for request in emulator.requests], result
