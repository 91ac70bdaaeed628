"""Counter of the changes by a client and its copies, which may shift the results of a search."""

from __future__ import annotations

import threading

from .._fork import renew_after_fork

# Seconds until a search reflects a change. HubSpot's search index can lag by minutes.
_LAG = 600.0


class Changes:
    """Counter of the requests that change something, each of which may shift the results of a search.

    Attributes:
        started: number of changes that were started.
    """

    def __init__(self) -> None:
        self.started: int = 0
        self._in_flight = 0
        # The end of the last change, measured at the next call of are_settled: never earlier than the actual end.
        self._last_end = float("-inf")
        self._unobserved_end = False
        self._lock = threading.RLock()
        renew_after_fork(self)

    def renew(self) -> None:
        """Forget the parent's changes in flight in a forked child, which does not notice their end."""
        self._lock = threading.RLock()
        self._unobserved_end = self._unobserved_end or self._in_flight > 0
        self._in_flight = 0

    def start(self) -> None:
        """Count a change, before it is sent."""
        with self._lock:
            self.started += 1
            self._in_flight += 1

    def finish(self) -> None:
        """Record the end of a change."""
        with self._lock:
            self._in_flight -= 1
            self._unobserved_end = True

    def are_settled(self, now: float) -> bool:
        """Return whether searches reflect all changes: none is in flight, and none is recent.

        Args:
            now: time on the monotonic clock, in seconds.
        """
        with self._lock:
            if self._unobserved_end:
                self._last_end, self._unobserved_end = now, False
            return not self._in_flight and now - self._last_end > _LAG
