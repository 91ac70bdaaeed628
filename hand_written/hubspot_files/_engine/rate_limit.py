"""Rate limiter of a client and its copies."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping

from .._fork import renew_after_fork
from .._headers import LIMIT, REMAINING, number, rate_limit_interval

# The limit of the smallest accounts, until a response names the limit.
_FIRST_LIMIT = 100
_FIRST_INTERVAL = 10.0
# The share of the remaining limit that is used. The rest is a reserve for requests of other programs.
_SHARE = 0.9
# The factor by which the window is longer than HubSpot's. A request can arrive late, and the one a window later early:
# HubSpot would then count both in one window.
_STRETCH = 1.1
# The rounding error, in seconds, of adding an interval to a large time.
_TICK = 1e-6


class RateLimiter:
    """Rate limiter that keeps the requests of a client and its copies under the account's limit.

    It reads the limit from the headers of responses, and derives from the remaining requests how many other programs
    use. While other programs use a part of the limit, requests are sent at even intervals, to notice changes early.
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
        """Replace the lock in a forked child."""
        self._lock = threading.RLock()

    def reserve(self, now: float, *, waited: bool = False) -> float:
        """Reserve a request, and return 0, or return the seconds to wait before the next call.

        Args:
            now: time on the monotonic clock, in seconds.
            waited: whether the request has waited as long as the call before returned. Then it is the next.
        """
        with self._lock:
            window = self._interval * _STRETCH
            while self._sent and self._sent[0] + window <= now + _TICK:
                self._sent.popleft()
            self._waiting = [at for at in self._waiting if at > now + _TICK]
            ahead = 0 if waited else len(self._waiting)
            allowed = max(int((self._limit - self._others) * _SHARE), 1)
            at = now
            # The number of requests that have to leave the window before this one can enter it.
            leaving = len(self._sent) + ahead - allowed
            if self._sent and leaving >= 0:
                at = max(at, self._sent[min(leaving, len(self._sent) - 1)] + window)
            if self._sent and self._others:
                at = max(at, self._sent[-1] + window / allowed * (ahead + 1))
            if at <= now + _TICK:
                self._sent.append(now)
                return 0.0
            # A wait is at most one window, because the limit and the use of others can change meanwhile.
            at = min(at, now + window)
            self._waiting.append(at)
            return at - now

    def learn(self, headers: Mapping[str, str], sent_at: float, received_at: float) -> None:
        """Update the limit from the headers of a response. Any of the headers can be absent.

        Args:
            headers: headers of the response.
            sent_at: time on the monotonic clock when the request was sent, in seconds.
            received_at: time on the monotonic clock when the response was received, in seconds.
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
            # The requests of this client that HubSpot has certainly counted. The others are from other programs.
            own = sum(received_at - self._interval < at <= sent_at for at in self._sent)
            others = self._limit - remaining - own
            if others >= self._others or received_at >= self._others_until:
                self._others, self._others_until = max(others, 0), received_at + self._interval
