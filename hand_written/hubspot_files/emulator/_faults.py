"""Faults that a test plans, and the choice of the one that strikes a request."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

import httpx

from ._clock import seconds_up_to_a_year

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

BEFORE_BODY: Final = frozenset({"connect", "connect-timeout"})
DURING_BODY: Final = frozenset({"write-reset", "write-timeout"})
ON_RESPONSE: Final = frozenset({"truncate", "stall", "delay"})
BEFORE_EFFECT: Final = BEFORE_BODY | DURING_BODY
_EXCEPTIONS: Final[dict[str, tuple[type[httpx.TransportError], str]]] = {
    "connect": (httpx.ConnectError, "[Errno 111] Connection refused"),
    "connect-timeout": (httpx.ConnectTimeout, "timed out"),
    "write-reset": (httpx.WriteError, "[Errno 32] Broken pipe"),
    "write-timeout": (httpx.WriteTimeout, "timed out"),
    "read-timeout": (httpx.ReadTimeout, "timed out"),
    "reset": (httpx.ReadError, "[Errno 104] Connection reset by peer"),
    "disconnect": (httpx.RemoteProtocolError, "Server disconnected without sending a response."),
}
# The characters of headers that all receivers read alike.
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")
_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})
BODILESS_STATUSES: Final = frozenset({204, 304})


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
        if self.after_effect and self.kind in BEFORE_EFFECT:
            raise ValueError(f"{self.kind} strikes before the request has arrived, there is no effect yet")
        if not _is_number(self.probability) or not 0 <= self.probability <= 1:
            raise ValueError(f"probability is from 0 to 1, not {self.probability!r}")
        if self.count is not None and (not _is_int(self.count) or self.count < 1):
            raise ValueError(f"count is at least 1, or None for always, not {self.count!r}")
        if not _is_int(self.status) or not 200 <= self.status <= 599:
            raise ValueError(f"status is from 200 to 599, not {self.status!r}")
        if self.body is not None and not isinstance(self.body, bytes):
            raise ValueError(f"body is bytes, not {self.body!r}")
        if self.body and self.status in BODILESS_STATUSES:
            raise ValueError(f"a response of status {self.status} has no body")
        if self.at_byte is not None and (not _is_int(self.at_byte) or self.at_byte < 0):
            raise ValueError(f"at_byte is at least 0, or None, not {self.at_byte!r}")
        seconds_up_to_a_year(self.seconds, "seconds")
        for name, value in self.headers.items():
            _check_header(name, value)

    def cancel(self) -> None:
        """End the fault."""
        self.count = self.hits

    @property
    def active(self) -> bool:
        """Whether the fault can still strike."""
        return self.count is None or self.hits < self.count

    def exception(self) -> httpx.TransportError:
        """Return the exception that httpx raises when this fault strikes."""
        kind, message = _EXCEPTIONS[self.kind]
        return kind(message)


def _is_int(value: object) -> bool:
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


class FaultPlan:
    """The planned faults, the earliest first; those that have a probability draw from the seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = 0
        self._planned: list[Fault] = []

    def next_random(self) -> random.Random:
        """Return the random numbers for the next fault."""
        self._count += 1
        return random.Random(f"{self._seed} fault {self._count}")

    def add(self, fault: Fault) -> None:
        """Plan a fault."""
        self._planned.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        self._planned.clear()

    @property
    def planned(self) -> list[Fault]:
        """All faults, those that have ended included."""
        return list(self._planned)

    def pick(self, operation: str | None) -> Fault | None:
        """Return the fault that strikes a request of this operation, None for no fault."""
        for fault in self._planned:
            if fault.active and fault.operation in (None, operation):
                if fault.probability < 1 and fault.chance.random() >= fault.probability:
                    continue
                fault.hits += 1
                return fault
        return None
