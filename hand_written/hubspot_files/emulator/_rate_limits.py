"""Rate limits: rolling windows, and the headers that report them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from ._clock import Clock

Policy: TypeAlias = Literal["DAILY", "SECONDLY", "TEN_SECONDLY_ROLLING", "CREATING_FILES"]

# assumed: creation-limit
CREATING_FILES: Final = "CREATING_FILES"
_INTERVALS: Final[dict[str, float]] = {
    "DAILY": 86_400.0,
    "SECONDLY": 1.0,
    "TEN_SECONDLY_ROLLING": 10.0,
    CREATING_FILES: 60.0,
}
# Reported where no limit is enforced.
_DEFAULT_BURST: Final = 190
_DEFAULT_DAILY: Final = 650_000


@dataclass
class _Window:
    limit: int
    interval: float
    hits: dict[str, deque[float]] = field(default_factory=dict)

    def used(self, key: str, now: float) -> deque[float]:
        used = self.hits.setdefault(key, deque())
        while used and used[0] <= now - self.interval:
            used.popleft()
        return used


class RateLimits:
    """Rolling windows for each policy: DAILY and CREATING_FILES for the account, the others for each token."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def set(self, policy: Policy, limit: int | None, interval: float | None) -> None:
        """Enforce a limit; None lifts it.

        Raises:
            ValueError: An argument is not valid.
        """
        if limit is not None and limit < 0:
            raise ValueError(f"limit is at least 0, or None to enforce nothing, not {limit}")
        if interval is not None and not interval > 0:
            raise ValueError(f"interval is a positive number of seconds, not {interval}")
        if policy not in _INTERVALS:
            raise ValueError(f"policy is one of {', '.join(_INTERVALS)}, not {policy!r}")
        if limit is None:
            self._windows.pop(policy, None)
        else:
            self._windows[policy] = _Window(limit, _INTERVALS[policy] if interval is None else interval)

    def clear(self) -> None:
        """Enforce no limit."""
        self._windows.clear()

    def _current(self, token: str) -> Iterator[tuple[str, _Window, deque[float]]]:
        now = self._clock.monotonic()
        for policy, window in self._windows.items():
            yield policy, window, window.used("" if policy in ("DAILY", CREATING_FILES) else token, now)

    def spend(self, token: str, *, creates_file: bool) -> str | None:
        """Count a call; return the policy that refuses it, None where it is allowed."""
        counting = [each for each in self._current(token) if creates_file or each[0] != CREATING_FILES]
        for policy, window, used in counting:
            if len(used) >= window.limit:
                return policy
        for _, _, used in counting:
            used.append(self._clock.monotonic())
        return None

    def headers(self, token: str | None, *, oauth: bool) -> dict[str, str]:
        """Return the headers with the number of calls left."""
        remaining: Mapping[str, tuple[_Window, int]] = {
            policy: (window, max(0, window.limit - len(used))) for policy, window, used in self._current(token or "")
        }
        # assumed: rate-headers
        fresh = _Window(_DEFAULT_BURST, _INTERVALS["TEN_SECONDLY_ROLLING"])
        default = fresh, _DEFAULT_BURST - 1
        burst, left = remaining.get("TEN_SECONDLY_ROLLING") or remaining.get("SECONDLY") or default
        headers = {
            "X-HubSpot-RateLimit-Max": str(burst.limit),
            "X-HubSpot-RateLimit-Remaining": str(left),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(round(burst.interval * 1000)),
        }
        if not oauth:
            daily, rest = remaining.get("DAILY") or (_Window(_DEFAULT_DAILY, 86_400.0), _DEFAULT_DAILY - 1)
            headers["X-HubSpot-RateLimit-Daily"] = str(daily.limit)
            headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(rest)
        return headers
