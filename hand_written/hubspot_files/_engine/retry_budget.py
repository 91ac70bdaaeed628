"""Budget of the retries of a client and its copies."""

from __future__ import annotations

import threading

from .._fork import renew_after_fork

# The part of a retry that a success returns. In the long run, up to a third of all requests can be retries.
_EARNED_PER_SUCCESS = 0.5


class RetryBudget:
    """Budget of the retries of a client and its copies, to limit the load of many workers while HubSpot is down.

    Each retry takes one from the budget, and each success returns a part of one.
    """

    def __init__(self, size: float = 100.0) -> None:
        self._size = size
        self._left = size
        self._lock = threading.RLock()
        renew_after_fork(self)

    def renew(self) -> None:
        """Replace the lock in a forked child."""
        self._lock = threading.RLock()

    def spend(self) -> bool:
        """Take a retry from the budget, and return whether there was one."""
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True

    def earn(self) -> None:
        """Count a success."""
        with self._lock:
            self._left = min(self._size, self._left + _EARNED_PER_SUCCESS)
