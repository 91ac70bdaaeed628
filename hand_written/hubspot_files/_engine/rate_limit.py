"""Rate limiter of a client and its copies."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from .._fork import renew_after_fork
from .._headers import LIMIT, REMAINING, number, rate_limit_interval

# The limit of the smallest accounts, until a response names the limit.
_FIRST_LIMIT = 100
_FIRST_INTERVAL = 10.0
# The share of the limit that stays free, so that a request of another program succeeds, and its use is noticed.
_RESERVE = 0.02
# The share that is used of what other programs leave. The rest is for their growth.
_SHARE_BESIDE_OTHERS = 0.9
# The share of the limit from which the use of others counts.
_NOTICEABLE = 0.01
# The share of the limit that is given up after each 429, until the limit was not reached for an interval.
_YIELD = 0.05
# A response that took a larger share of the interval does not show when HubSpot counted its request.
_TELLING = 0.1
# The longest time, in seconds, for which the first request goes alone, and the interval at which the others look again.
_FIRST_ALONE = 1.0
_LOOK_AGAIN = 0.05
# Seconds that a request counts longer than the interval, for the resolution of HubSpot's clock and the drift of ours.
_GUARD = 0.01
# The rounding error, in seconds, of adding an interval to a large time.
_TICK = 1e-6


@dataclass(slots=True, eq=False)
class Slot:
    """The place of one request in the rate limit.

    Attributes:
        creates_file: whether the request creates a file, for which HubSpot has a limit of its own.
        sent_at: time on the monotonic clock when it was sent, or None before that. All times are in seconds.
        took: seconds from there to the response or the failure, or None before that.
        arrived_at: latest time at which it can have arrived at HubSpot, or None while it is in flight.
    """

    creates_file: bool = False
    sent_at: float = 0.0
    took: float | None = None
    arrived_at: float | None = None


class RateLimiter:
    """Rate limiter that keeps the requests of a client and its copies under the account's limit.

    HubSpot counts the requests that arrived in the last ten seconds. A request can take long to arrive, and the one
    that takes its place ten seconds later can arrive at once. So a request counts until an interval after it has
    certainly arrived. Its response proves the arrival, and the fastest response shows how long a response takes at
    least. With responses that take equally long, a request counts for the interval only, whatever they take.

    The responses also show how many requests HubSpot has counted, and thereby the use of other programs. Beside
    others, the requests are sent at even intervals, and a tenth of what the others leave stays free. Several such
    clients approach equal shares.
    """

    def __init__(self) -> None:
        self._limit = _FIRST_LIMIT
        self._interval = _FIRST_INTERVAL
        # In the order in which they were sent. Those that have left are kept for another interval, to compare counts.
        self._sent: deque[Slot] = deque()
        self._waiting: list[Slot] = []
        # Whether a response has been read, or has taken too long to wait for.
        self._started = False
        # The use of others by the latest responses, with their times.
        self._readings: deque[tuple[float, int]] = deque()
        self._others = 0
        self._yielded = 0
        self._refused_at = -float("inf")
        self._paused_until = -float("inf")
        self._creations_paused_until = -float("inf")
        self._lock = threading.RLock()
        renew_after_fork(self)

    def renew(self) -> None:
        """Replace the lock in a forked child."""
        self._lock = threading.RLock()

    def reserve(self, slot: Slot, now: float) -> float:
        """Send a request now, and return 0, or return the seconds to wait before the next call with the same slot.

        Args:
            slot: place of the request, which has not been sent.
            now: time on the monotonic clock, in seconds.
        """
        with self._lock:
            if slot not in self._waiting:
                self._waiting.append(slot)
            at = self._possible_at(slot, now)
            if self._is_first_in_flight(now):
                at = max(at, now + _LOOK_AGAIN)
            if at > now + _TICK:
                # A wait is at most one interval, because the limit and the use of others can change meanwhile.
                return min(at - now, self._interval + _GUARD)
            self._waiting.remove(slot)
            slot.sent_at = now
            self._sent.append(slot)
            return 0.0

    def _is_first_in_flight(self, now: float) -> bool:
        """Return whether to wait for the first response, which shows the limit and the use of others."""
        if not self._started and self._sent:
            self._started = self._sent[0].took is not None or self._sent[0].sent_at + _FIRST_ALONE <= now + _TICK
            return not self._started
        return False

    def _possible_at(self, slot: Slot, now: float) -> float:
        others = self._others_at(now)
        if others:
            allowed = max(int((self._limit - others) * _SHARE_BESIDE_OTHERS), 1)
        else:
            allowed = max(int(self._limit * (1 - _RESERVE)), 1)
        ahead = self._ahead(slot, now)
        at = max(now, self._paused_until)
        if slot.creates_file:
            at = max(at, self._creations_paused_until)
        counted = self._counted(now)
        # The number of requests that have to leave the interval before this one can enter it.
        leaving = len(counted) + ahead + 1 - allowed
        if leaving > len(counted):
            at = max(at, now + self._interval + _GUARD)
        elif leaving > 0:
            at = max(at, counted[leaving - 1])
        if others and self._sent:
            at = max(at, self._sent[-1].sent_at + self._interval / allowed * (ahead + 1))
        return at

    def _ahead(self, slot: Slot, now: float) -> int:
        """Return the number of requests that waited before this one and do not wait for the limit on creations."""
        ahead = self._waiting.index(slot)
        if self._creations_paused_until > now + _TICK and not slot.creates_file:
            return sum(not other.creates_file for other in self._waiting[:ahead])
        return ahead

    def _counted(self, now: float) -> list[float]:
        """Return the times, in order, at which the requests that HubSpot may be counting leave the interval."""
        while (
            self._sent
            and (arrived_at := self._sent[0].arrived_at) is not None
            and arrived_at + 2 * self._interval < now
        ):
            self._sent.popleft()
        # A response that is still to come allows no earlier time.
        latest = now - self._fastest()
        arrivals = [max(slot.sent_at, latest) if slot.arrived_at is None else slot.arrived_at for slot in self._sent]
        return sorted([at for arrived_at in arrivals if (at := arrived_at + self._interval + _GUARD) > now + _TICK])

    def _fastest(self) -> float:
        """Return the shortest time that a response has taken. If all took long, the next one may be faster."""
        fastest = min([slot.took for slot in self._sent if slot.took is not None], default=0.0)
        return min(fastest, self._interval * _TELLING)

    def _others_at(self, now: float) -> int:
        yielded = self._yielded if now < self._refused_at + self._interval else 0
        return max(self._others, yielded)

    def finish(self, slot: Slot, now: float) -> None:
        """Count a request until an interval after its arrival. It can be called more than once, and for any slot.

        Args:
            slot: place of a request that has a response or has failed, or that was given up before it was sent.
            now: time on the monotonic clock, in seconds.
        """
        with self._lock:
            if slot in self._waiting:
                self._waiting.remove(slot)
            elif slot.took is None:
                slot.took = now - slot.sent_at
                slot.arrived_at = now - self._fastest()

    def learn(self, slot: Slot, headers: Mapping[str, str], now: float) -> None:
        """Update the limit and the use of others from a response. Any of its headers can be absent.

        Args:
            slot: place of the request, which has been finished.
            headers: headers of the response.
            now: time on the monotonic clock, in seconds.
        """
        limit, remaining = (number(headers.get(name)) for name in (LIMIT, REMAINING))
        interval = rate_limit_interval(headers)
        with self._lock:
            if limit:
                self._limit = limit
            if interval:
                self._interval = interval
            if remaining is None or slot.took is None or slot.took > self._interval * _TELLING:
                return
            own = [other for other in self._sent if slot.sent_at - self._interval < other.sent_at <= slot.sent_at]
            self._readings.append((now, self._limit - remaining - len(own)))
            while self._readings[0][0] < now - self._interval / 2:
                self._readings.popleft()
            others = sum(count for _, count in self._readings) / len(self._readings)
            # Requests that overtake each other cancel out on average, but not always.
            fastest = self._fastest()
            overtaking = sum(other.took - fastest for other in own if other.took is not None) / self._interval
            noticeable = max(self._limit * _NOTICEABLE, overtaking, 1)
            self._others = round(others) if others >= noticeable else 0

    def refused(self, slot: Slot, now: float) -> None:
        """Give up a part of the limit after a 429, which shows that others have used it.

        Args:
            slot: place of the refused request.
            now: time on the monotonic clock, in seconds.
        """
        with self._lock:
            # Requests that were already sent at the last refusal show nothing new.
            if slot.sent_at > self._refused_at:
                self._yielded = self._others_at(now) + max(int(self._limit * _YIELD), 1)
                self._refused_at = now

    def pause(self, until: float, *, creations_only: bool) -> None:
        """Let requests wait because HubSpot asked for it.

        Args:
            until: time on the monotonic clock, in seconds.
            creations_only: whether only requests that create files wait.
        """
        with self._lock:
            if creations_only:
                self._creations_paused_until = max(self._creations_paused_until, until)
            else:
                self._paused_until = max(self._paused_until, until)
