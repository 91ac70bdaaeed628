"""The number of retries that a client and its copies may make."""

from __future__ import annotations

import threading

from .._fork import renew_after_fork

# The part of a retry that a success earns: up to a third of all requests may be retries for long.
_EARNED_PER_SUCCESS = 0.5


class RetryBudget:
    """How many retries a client and its copies may make, so that many workers do not storm a HubSpot that is down.

    Each retry costs one, each success earns a part of one.
    """

    def __init__(self, size: float = 100.0) -> None:
        self._size = size
        self._left = size
        self._lock = threading.RLock()
        renew_after_fork(self)

    def renew(self) -> None:
        """Have a lock of its own in a forked child."""
        self._lock = threading.RLock()

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
            self._left = min(self._size, self._left + _EARNED_PER_SUCCESS)
