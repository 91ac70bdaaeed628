"""One request on its way through the emulator: what arrives, what whoever drives it has to do, and what is answered.

The way is a generator. It yields effects, which a driver performs with threads, with an event loop or over a socket; it
is sent the outcome, or thrown the failure, and returns the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import httpx

from ._faults import Fault
from ._reply import Reply


@dataclass(frozen=True)
class Arrival:
    """The head of a request: path and query are as they came, still quoted.

    `to` is the host that it is for, None for one that is none of the emulator's.
    """

    method: str
    to: Literal["api", "storage"] | None
    host: str
    path: str
    query: str
    headers: httpx.Headers


class Read:
    """Take the next piece of the request's body: bytes, or None at its end."""


class Pause(NamedTuple):
    """Let so many seconds pass, as a caller feels them."""

    seconds: float


class Silence(NamedTuple):
    """Say nothing for so many seconds, before a timeout that a caller in process is simply told of."""

    seconds: float


class Work(NamedTuple):
    """Do what takes a while, on the disk or behind the store's lock, and hand back its result."""

    run: Callable[[], Any]


Effect: TypeAlias = Read | Pause | Silence | Work
Exchange: TypeAlias = Generator[Effect, Any, "Answer"]
READ: Final = Read()


def drive(exchange: Exchange, perform: Callable[[Effect], object]) -> Answer:
    """Take an exchange to its end; what `perform` raises, the exchange may tell of before it raises it again."""
    try:
        effect = next(exchange)
        while True:
            try:
                outcome = perform(effect)
            except BaseException as error:  # noqa: BLE001 - the exchange raises it again
                effect = exchange.throw(error)
            else:
                effect = exchange.send(outcome)
    except StopIteration as done:
        answer: Answer = done.value
        return answer


async def drive_async(exchange: Exchange, perform: Callable[[Effect], Awaitable[object]]) -> Answer:
    """As `drive`, on an event loop."""
    try:
        effect = next(exchange)
        while True:
            try:
                outcome = await perform(effect)
            except BaseException as error:  # noqa: BLE001 - the exchange raises it again
                effect = exchange.throw(error)
            else:
                effect = exchange.send(outcome)
    except StopIteration as done:
        answer: Answer = done.value
        return answer


class Answer:
    """What is answered, and how its body is delivered. It has to be closed.

    Args:
        reply: Status, headers and body.
        headers: All headers.
        bare: Whether only the head is delivered.
        fault: What befalls the body.
    """

    def __init__(self, reply: Reply, headers: dict[str, str], fault: Fault | None, *, bare: bool) -> None:
        self.status: int = reply.status
        self.headers: dict[str, str] = headers
        self._reply = reply
        self._size = 0 if bare else len(reply.body)
        self._fault = fault

    def pieces(self) -> Iterator[bytes | Pause]:
        """The body, with the pauses in it.

        Raises:
            httpx.RemoteProtocolError: A fault cuts it.
        """
        fault, cut = self._fault, self._size
        if fault is not None:
            cut = min(cut, cut // 2 if fault.at_byte is None else fault.at_byte)
        yield from self._reply.chunks(0, cut)
        if fault is None:
            return
        if fault.kind == "truncate":
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body"
                f" (received {cut} bytes, expected {self._size})"
            )
        yield Pause(fault.seconds)
        yield from self._reply.chunks(cut, self._size)

    def close(self) -> None:
        """Let go of what the body is read from."""
        self._reply.close()
