"""How fast and how often a client and its copies send: a pacer under the rate limit, and a budget of retries."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping

_MAX = "x-hubspot-ratelimit-max"
_REMAINING = "x-hubspot-ratelimit-remaining"
_INTERVAL = "x-hubspot-ratelimit-interval-milliseconds"
# Until HubSpot has said what the limit is, as much as the smallest account may do.
_FIRST_LIMIT = 100
_FIRST_INTERVAL = 10.0
# The part of the limit that is used. The rest is for other programs, until their use shows in what remains.
_SHARE = 0.9
# How much longer than HubSpot's the window is. One request can take long to arrive, and the one that takes its place
# when the window has passed no time: then HubSpot counts both.
_STRETCH = 1.1
# The part of a retry that a success earns: up to a third of all requests may be retries for long.
_EARNED = 0.5


class Pacer:
    """The requests of a client and its copies, which together stay under the limit that their answers tell of.

    It knows the limit from the headers of the answers, and what other programs use of it from what they say remains.
    """

    def __init__(self) -> None:
        self._limit = _FIRST_LIMIT
        self._interval = _FIRST_INTERVAL
        self._sent: deque[float] = deque()
        self._resume_at = 0.0
        self._lock = threading.Lock()

    def reserve(self, now: float) -> float:
        """Count a request in, and give the seconds to wait before it is sent.

        Args:
            now: the monotonic clock, in seconds.
        """
        with self._lock:
            window = self._interval * _STRETCH
            while self._sent and self._sent[0] <= now - window:
                self._sent.popleft()
            at = max(now, self._resume_at)
            allowed = max(int(self._limit * _SHARE), 1)
            if len(self._sent) >= allowed:
                # The request that has to leave the window before this one may enter it.
                at = max(at, self._sent[-allowed] + window)
            self._sent.append(at)
            return at - now

    def learn(self, headers: Mapping[str, str], now: float) -> None:
        """Take note of what an answer says of the limit. Any of the headers can be absent."""
        limit, remaining, interval = (_number(headers.get(name)) for name in (_MAX, _REMAINING, _INTERVAL))
        with self._lock:
            if limit:
                self._limit = limit
            if interval:
                self._interval = interval / 1000
            if remaining is not None and remaining <= self._limit * (1 - _SHARE):
                # Others use the limit too: wait until a part of the window has passed.
                self._resume_at = max(self._resume_at, now + self._interval / 10)


class Budget:
    """How many retries a client and its copies may make, so that many workers do not storm a HubSpot that is down.

    Each retry costs one, each success earns a part of one.
    """

    def __init__(self, size: float = 100.0) -> None:
        self._size = size
        self._left = size
        self._lock = threading.Lock()

    def spend(self) -> bool:
        """Whether there is one more retry; if so, it is taken."""
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True

    def earn(self) -> None:
        """Count a success."""
        with self._lock:
            self._left = min(self._size, self._left + _EARNED)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None
