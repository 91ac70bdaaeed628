"""Changes that a client and its copies make, which may shift the results of a search."""

from __future__ import annotations

import threading

from .._fork import renew_after_fork

# Seconds for which a search may not show a change yet: HubSpot's index was seen to lag by minutes.
_LAG = 600.0


class Changes:
    """Counts the requests that change something, any of which may shift the results of a search.

    Attributes:
        begun: how many were begun so far.
    """

    def __init__(self) -> None:
        self.started: int = 0
        self._in_flight = 0
        # The latest end of one, by the clock of whoever asked after it: later than it was, never earlier.
        self._last_end = float("-inf")
        self._unobserved_end = False
        self._lock = threading.RLock()
        renew_after_fork(self)

    def renew(self) -> None:
        """Count none of the parent's as in flight in a forked child, which does not see them end."""
        self._lock = threading.RLock()
        self._unobserved_end = self._unobserved_end or self._in_flight > 0
        self._in_flight = 0

    def start(self) -> None:
        """Count one, before it is sent."""
        with self._lock:
            self.started += 1
            self._in_flight += 1

    def finish(self) -> None:
        """Note that one is over."""
        with self._lock:
            self._in_flight -= 1
            self._unobserved_end = True

    def are_settled(self, now: float) -> bool:
        """Whether none is in flight, and none is so recent that a search may not show it yet.

        Args:
            now: the monotonic clock, in seconds.
        """
        with self._lock:
            if self._unobserved_end:
                self._last_end, self._unobserved_end = now, False
            return not self._in_flight and now - self._last_end > _LAG
