"""Keep a client and its copies under the rate limit."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping

from .._fork import renew_after_fork
from .._headers import LIMIT, REMAINING, number, rate_limit_interval

# Until HubSpot has said what the limit is, as much as the smallest account may do.
_FIRST_LIMIT = 100
_FIRST_INTERVAL = 10.0
# The part of what others leave of the limit that is used. The rest is for what they may add meanwhile.
_SHARE = 0.9
# How much longer than HubSpot's the window is. One request can take long to arrive, and the one that takes its place
# when the window has passed no time: then HubSpot counts both.
_STRETCH = 1.1
# Floats lose so much, in seconds, where an interval is added to a large time.
_TICK = 1e-6


class RateLimiter:
    """The requests of a client and its copies, which together stay under the limit that their answers tell of.

    It knows the limit from the headers of the answers, and what other programs use of it from what they say remains.
    While others use it, requests are sent at even intervals, so that each answer can tell of more before the next.
    """

    def __init__(self) -> None:
        self._limit = _FIRST_LIMIT
        self._interval = _FIRST_INTERVAL
        self._sent: deque[float] = deque()
        self._waiting: list[float] = []
        self._others = 0
        self._others_until = 0.0
        self._lock = threading.RLock()
        renew_after_fork(self)

    def renew(self) -> None:
        """Have a lock of its own in a forked child."""
        self._lock = threading.RLock()

    def reserve(self, now: float, *, waited: bool = False) -> float:
        """The seconds to wait before asking again; with 0 the request is counted, and is to be sent.

        Args:
            now: the monotonic clock, in seconds.
            waited: whether the request has waited as long as it was told to: then nobody is before it.
        """
        with self._lock:
            window = self._interval * _STRETCH
            while self._sent and self._sent[0] + window <= now + _TICK:
                self._sent.popleft()
            self._waiting = [at for at in self._waiting if at > now + _TICK]
            ahead = 0 if waited else len(self._waiting)
            allowed = max(int((self._limit - self._others) * _SHARE), 1)
            at = now
            # How many have to leave the window before this one may enter it.
            leaving = len(self._sent) + ahead - allowed
            if self._sent and leaving >= 0:
                at = max(at, self._sent[min(leaving, len(self._sent) - 1)] + window)
            if self._sent and self._others:
                at = max(at, self._sent[-1] + window / allowed * (ahead + 1))
            if at <= now + _TICK:
                self._sent.append(now)
                return 0.0
            # No longer than that, because much can change meanwhile.
            at = min(at, now + window)
            self._waiting.append(at)
            return at - now

    def learn(self, headers: Mapping[str, str], began: float, ended: float) -> None:
        """Take note of what an answer says of the limit. Any of the headers can be absent.

        Args:
            headers: those of the answer.
            began: the monotonic clock when its request was sent, in seconds.
            ended: the same when the answer was there.
        """
        limit, remaining = (number(headers.get(name)) for name in (LIMIT, REMAINING))
        interval = rate_limit_interval(headers)
        with self._lock:
            if limit:
                self._limit = limit
            if interval:
                self._interval = interval
            if remaining is None:
                return
            # Those of ours that HubSpot has counted for certain: whatever else it has counted is others'.
            ours = sum(ended - self._interval < at <= began for at in self._sent)
            others = self._limit - remaining - ours
            if others >= self._others or ended >= self._others_until:
                self._others, self._others_until = max(others, 0), ended + self._interval
