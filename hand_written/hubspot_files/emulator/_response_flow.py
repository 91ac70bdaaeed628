"""The flow from a request to its response, apart from input and output.

A flow is a generator. It yields effects. A driver performs them with threads, on an event loop or over a socket; it is
sent the result of each, or thrown the exception, and returns the response.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Iterator
from typing import Any, Final, NamedTuple, TypeAlias

import httpx

from ._faults import Fault
from ._messages import Response


class ReadChunk:
    """Read a chunk of the request's body: bytes, or None at its end."""


class Pause(NamedTuple):
    """Let seconds pass for the caller."""

    seconds: float


class Hang(NamedTuple):
    """Send nothing for seconds, before a timeout; a caller in process gets the timeout at once."""

    seconds: float


class RunBlocking(NamedTuple):
    """Run a call that blocks on the disk or on the store's lock, and return its result."""

    function: Callable[[], Any]


Effect: TypeAlias = ReadChunk | Pause | Hang | RunBlocking
ResponseFlow: TypeAlias = Generator[Effect, Any, "OutgoingResponse"]
READ_CHUNK: Final = ReadChunk()


def drive(flow: ResponseFlow, perform: Callable[[Effect], object]) -> OutgoingResponse:
    """Run a flow to its end. It is thrown the exceptions of `perform`, to record them before it raises them again."""
    try:
        effect = next(flow)
        while True:
            try:
                result = perform(effect)
            except BaseException as error:  # noqa: BLE001 - the flow raises it again
                effect = flow.throw(error)
            else:
                effect = flow.send(result)
    except StopIteration as done:
        response: OutgoingResponse = done.value
        return response


async def drive_async(flow: ResponseFlow, perform: Callable[[Effect], Awaitable[object]]) -> OutgoingResponse:
    """Run a flow to its end on an event loop; see `drive`."""
    try:
        effect = next(flow)
        while True:
            try:
                result = await perform(effect)
            except BaseException as error:  # noqa: BLE001 - the flow raises it again
                effect = flow.throw(error)
            else:
                effect = flow.send(result)
    except StopIteration as done:
        response: OutgoingResponse = done.value
        return response


class OutgoingResponse:
    """A response as it is sent. It has to be closed.

    Args:
        response: Status and body.
        headers: All headers.
        fault: A fault that strikes while the body is sent.
        head_only: Whether the body is left out, as in the response to HEAD.
    """

    def __init__(
        self, response: Response, headers: dict[str, str], fault: Fault | None = None, *, head_only: bool = False
    ) -> None:
        self.status: int = response.status
        self.headers: dict[str, str] = headers
        self._response = response
        self._size = 0 if head_only else len(response.body)
        self._fault = fault

    def chunks(self) -> Iterator[bytes | Pause]:
        """Yield the body, with the pauses in it.

        Raises:
            httpx.RemoteProtocolError: A fault cuts it.
        """
        fault, cut = self._fault, self._size
        if fault is not None:
            cut = min(cut, cut // 2 if fault.at_byte is None else fault.at_byte)
        yield from self._response.chunks(0, cut)
        if fault is None:
            return
        if fault.kind == "truncate":
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body"
                f" (received {cut} bytes, expected {self._size})"
            )
        yield Pause(fault.seconds)
        yield from self._response.chunks(cut, self._size)

    def close(self) -> None:
        """Close the content that the body is read from."""
        self._response.close()
