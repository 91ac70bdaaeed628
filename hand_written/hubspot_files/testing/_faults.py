"""Faults that a test asks for, and the windows of the rate limits."""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

import httpx

from ._clock import Clock, length

Kind: TypeAlias = Literal[
    "status",
    "connect",
    "connect-timeout",
    "write-reset",
    "write-timeout",
    "read-timeout",
    "reset",
    "disconnect",
    "truncate",
    "stall",
    "delay",
]
Policy: TypeAlias = Literal["DAILY", "SECONDLY", "TEN_SECONDLY_ROLLING"]

BEFORE_THE_BODY: Final = frozenset({"connect", "connect-timeout"})
AMID_THE_BODY: Final = frozenset({"write-reset", "write-timeout"})
ON_THE_REPLY: Final = frozenset({"truncate", "stall", "delay"})
NEVER_REACHED: Final = BEFORE_THE_BODY | AMID_THE_BODY
_EXCEPTIONS: Final[dict[str, tuple[type[httpx.TransportError], str]]] = {
    "connect": (httpx.ConnectError, "[Errno 111] Connection refused"),
    "connect-timeout": (httpx.ConnectTimeout, "timed out"),
    "write-reset": (httpx.WriteError, "[Errno 32] Broken pipe"),
    "write-timeout": (httpx.WriteTimeout, "timed out"),
    "read-timeout": (httpx.ReadTimeout, "timed out"),
    "reset": (httpx.ReadError, "[Errno 104] Connection reset by peer"),
    "disconnect": (httpx.RemoteProtocolError, "Server disconnected without sending a response."),
}
# What HTTP can carry in a header; outside ASCII its receivers do not agree.
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")
_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})
WITHOUT_BODY: Final = frozenset({204, 304})
_INTERVALS: Final[dict[str, float]] = {"DAILY": 86_400.0, "SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}
_SHOWN_MAXIMUM: Final = 190
_SHOWN_DAILY: Final = 650_000


@dataclass
class Fault:
    """A fault that `Emulator.fail` has planned. `hits` counts how often it struck; `cancel()` ends it."""

    kind: Kind
    operation: str | None
    status: int
    count: int | None
    probability: float
    after_effect: bool
    headers: dict[str, str]
    body: bytes | None
    seconds: float
    at_byte: int | None
    chance: random.Random = field(repr=False)
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind is one of {', '.join(get_args(Kind))}, not {self.kind!r}")
        if self.after_effect and self.kind in NEVER_REACHED:
            raise ValueError(f"{self.kind} strikes before the request has arrived, there is no effect yet")
        if not _is_number(self.probability) or not 0 <= self.probability <= 1:
            raise ValueError(f"probability is from 0 to 1, not {self.probability!r}")
        if self.count is not None and (not _is_whole(self.count) or self.count < 1):
            raise ValueError(f"count is at least 1, or None for always, not {self.count!r}")
        if not _is_whole(self.status) or not 200 <= self.status <= 599:
            raise ValueError(f"status is from 200 to 599, not {self.status!r}")
        if self.body is not None and not isinstance(self.body, bytes):
            raise ValueError(f"body is bytes, not {self.body!r}")
        if self.body and self.status in WITHOUT_BODY:
            raise ValueError(f"an answer of status {self.status} has no body")
        if self.at_byte is not None and (not _is_whole(self.at_byte) or self.at_byte < 0):
            raise ValueError(f"at_byte is at least 0, or None, not {self.at_byte!r}")
        length(self.seconds, "seconds")
        for name, value in self.headers.items():
            _check_header(name, value)

    def cancel(self) -> None:
        """Let the fault strike no more."""
        self.count = self.hits

    @property
    def active(self) -> bool:
        """Whether the fault can still strike."""
        return self.count is None or self.hits < self.count

    def exception(self) -> httpx.TransportError:
        """What httpx raises when this fault strikes."""
        kind, message = _EXCEPTIONS[self.kind]
        return kind(message)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_header(name: object, value: object) -> None:
    if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
        raise ValueError(f"{name!r} in headers cannot be the name of a header")
    if name.lower() in _FRAMING:
        raise ValueError(f"headers cannot hold {name}: it follows from the body")
    if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
        raise ValueError(f"{value!r} in headers cannot be the value of {name}: that is a str of printable ASCII")


class Faults:
    """The planned faults, the earliest first."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Plan a fault."""
        self._planned.append(fault)

    def clear(self) -> None:
        """Forget all faults."""
        self._planned.clear()

    @property
    def planned(self) -> list[Fault]:
        """All of them, those that are over too."""
        return list(self._planned)

    def pick(self, operation: str | None) -> Fault | None:
        """The fault that strikes a request of this operation, None for no fault."""
        for fault in self._planned:
            if fault.active and fault.operation in (None, operation):
                if fault.probability < 1 and fault.chance.random() >= fault.probability:
                    continue
                fault.hits += 1
                return fault
        return None


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
    """Rolling windows for each policy: DAILY for the account, the others for each token."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def set(self, policy: Policy, limit: int | None, interval: float | None) -> None:
        """Enforce a limit, or none."""
        if policy not in _INTERVALS:
            raise ValueError(f"policy is one of {', '.join(_INTERVALS)}, not {policy!r}")
        if limit is None:
            self._windows.pop(policy, None)
        else:
            self._windows[policy] = _Window(limit, _INTERVALS[policy] if interval is None else interval)

    def _each(self, token: str) -> Iterator[tuple[str, _Window, deque[float]]]:
        now = self._clock.monotonic()
        for policy, window in self._windows.items():
            yield policy, window, window.used("" if policy == "DAILY" else token, now)

    def spend(self, token: str) -> str | None:
        """Count one call; the name of the policy that refuses it, None when it may pass."""
        for policy, window, used in self._each(token):
            if len(used) >= window.limit:
                return policy
        for _, _, used in self._each(token):
            used.append(self._clock.monotonic())
        return None

    def headers(self, token: str | None, *, oauth: bool) -> dict[str, str]:
        """The headers that tell a caller how much is left."""
        shown: Mapping[str, tuple[_Window, int]] = {
            policy: (window, max(0, window.limit - len(used))) for policy, window, used in self._each(token or "")
        }
        # assumed: rate-headers
        fresh = _Window(_SHOWN_MAXIMUM, _INTERVALS["TEN_SECONDLY_ROLLING"])
        burst, left = shown.get("TEN_SECONDLY_ROLLING") or shown.get("SECONDLY") or (fresh, _SHOWN_MAXIMUM - 1)
        headers = {
            "X-HubSpot-RateLimit-Max": str(burst.limit),
            "X-HubSpot-RateLimit-Remaining": str(left),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(round(burst.interval * 1000)),
        }
        if not oauth:
            daily, rest = shown.get("DAILY") or (_Window(_SHOWN_DAILY, 86_400.0), _SHOWN_DAILY - 1)
            headers["X-HubSpot-RateLimit-Daily"] = str(daily.limit)
            headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(rest)
        return headers
