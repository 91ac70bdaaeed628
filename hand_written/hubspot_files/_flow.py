"""Flows: operations as generators of effects, and how a driver performs them.

A flow yields effects, each of which a driver performs, with or without `await`, and it is sent the outcome or thrown
the failure. What it returns is the result of the operation.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    import httpx

    from ._secrets import Secret
    from ._source import Part

P = ParamSpec("P")
T = TypeVar("T")


class Request(NamedTuple):
    """One request to HubSpot, before the token and the connection are known.

    Attributes:
        operation: the name in our description, such as `getFile`.
        kwargs: what the generated client gives for it: `method`, `url` and maybe `params`, `json`, `files`.
        part: the file of an upload, which is among `files` too.
        timeout: that of this call, or None for the client's.
        end: the monotonic clock, in seconds, at which all of its attempts have to be over, or None.
    """

    operation: str
    kwargs: dict[str, Any]
    part: Part | None = None
    timeout: float | httpx.Timeout | None = None
    end: float | None = None

    @property
    def method(self) -> str:
        return str(self.kwargs["method"]).upper()

    @property
    def label(self) -> str:
        """Method and path, for messages."""
        return f"{self.method} {self.kwargs['url']}"


class Reply(NamedTuple):
    """An answer whose body is read.

    Attributes:
        status: HTTP status, any integer.
        headers: its headers.
        body: its bytes, decoded.
        sent_at: time on the monotonic clock, in seconds, at which the request began.
        seconds: from then until the body was read.
        unread: why there is no body although one came, or None. The status stands all the same.
        secrets: what the server was shown, and may repeat.
    """

    status: int
    headers: httpx.Headers
    body: bytes
    sent_at: float
    seconds: float
    unread: str | None = None
    secrets: Sequence[Secret] = ()

    def __repr__(self) -> str:
        # The body may hold a signed URL, and the headers may lead to one: a traceback can show variables.
        return f"<Reply {self.status}, {len(self.body)} bytes>"


class Chunks(Protocol):
    """An answer whose body is still to come."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> httpx.Headers: ...


class Send(NamedTuple):
    """Send a request with the client's token and read its answer whole."""

    request: Request
    token: Secret


class GetToken(NamedTuple):
    """Ask the client's provider for the access token."""


class Fetch(NamedTuple):
    """Begin to fetch content: from the API with a token, or from another host without."""

    url: Secret
    headers: dict[str, str]
    token: Secret | None
    timeout: float | httpx.Timeout | None
    end: float | None


class Save(NamedTuple):
    """Pass the chunks of fetched content to a function, in order. A coroutine function is awaited on the event loop."""

    chunks: Chunks
    write: Callable[[bytes], object]


class Next(NamedTuple):
    """Read the next chunk of fetched content, empty at its end."""

    chunks: Chunks


class Drain(NamedTuple):
    """Read fetched content whole, where it is an error's, and at most so many bytes."""

    chunks: Chunks
    limit: int


class Discard(NamedTuple):
    """Let go of fetched content. It is performed even when the task is being cancelled."""

    chunks: Chunks


class CloseIdle(NamedTuple):
    """Close the idle connections, one of which may hold a response that belongs to another request."""


class Now(NamedTuple):
    """Read the monotonic clock, in seconds."""


class Sleep(NamedTuple):
    """Wait so many seconds."""

    seconds: float


class Acquire(NamedTuple):
    """Wait for a lock of the driver's, which the flow releases itself, until a deadline at most."""

    lock: Any
    end: float | None


class Call(NamedTuple):
    """Call a function that may block, such as one that opens a file."""

    function: Callable[[], Any]


class Await(NamedTuple):
    """Await, on the event loop, a value that an object of the caller returned. The synchronous client refuses it.

    Attributes:
        awaitable: the value.
        refusal: message of the TypeError that the synchronous client raises instead.
        end: the monotonic clock, in seconds, at which it has to be over, or None.
    """

    awaitable: Awaitable[Any]
    refusal: str
    end: float | None = None


class Clean(NamedTuple):
    """Call a function that may block, even when the task is being cancelled."""

    function: Callable[[], Any]


Effect: TypeAlias = (
    Send | GetToken | Fetch | Save | Next | Drain | Discard | CloseIdle | Now | Sleep | Acquire | Call | Await | Clean
)
Flow: TypeAlias = Generator[Effect, Any, T]

# The driver's method for each effect, which takes what the effect holds.
_METHODS: dict[type, str] = {
    Send: "send",
    GetToken: "get_token",
    Fetch: "fetch",
    Save: "save",
    Next: "next",
    Drain: "drain",
    Discard: "discard",
    CloseIdle: "close_idle",
    Now: "now",
    Sleep: "sleep",
    Acquire: "acquire",
    Call: "call",
    Await: "wait_for",
    Clean: "clean",
}


def call(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Flow[T]:
    """Perform Call with the type of what it returns."""
    result: T = yield Call(functools.partial(function, *args, **kwargs))
    return result


def require_async(refusal: str) -> Flow[None]:
    """Raise TypeError on the synchronous client, before anything is sent.

    Args:
        refusal: message of the error.
    """
    yield Await(_nothing(), refusal)


async def _nothing() -> None:
    """Return at once, on the event loop."""


def run(driver: Any, flow: Flow[T]) -> T:
    """Perform a flow's effects with a driver whose methods return at once."""
    step: Callable[[Any], Effect] = flow.send
    outcome: Any = None
    while True:
        try:
            return _perform(driver, flow, step, outcome)
        except BaseException as error:
            # Wherever an interrupt strikes, and whatever else happens, the flow may still have to clean up.
            if _is_over(flow):
                raise
            step, outcome = flow.throw, error


def _perform(driver: Any, flow: Flow[T], step: Callable[[Any], Effect], outcome: Any) -> T:
    try:
        while True:
            effect = step(outcome)
            outcome = getattr(driver, _METHODS[type(effect)])(*effect)
            step = flow.send
    except StopIteration as stop:
        # One that an effect raised is a failure like any other.
        if not _is_over(flow):
            raise
        result: T = stop.value
        return result


async def run_async(driver: Any, flow: Flow[T]) -> T:
    """Perform a flow's effects with a driver whose methods are awaited."""
    step: Callable[[Any], Effect] = flow.send
    outcome: Any = None
    while True:
        try:
            return await _perform_async(driver, flow, step, outcome)
        except BaseException as error:
            if _is_over(flow):
                raise
            step, outcome = flow.throw, error


async def _perform_async(driver: Any, flow: Flow[T], step: Callable[[Any], Effect], outcome: Any) -> T:
    try:
        while True:
            effect = step(outcome)
            outcome = await getattr(driver, _METHODS[type(effect)])(*effect)
            step = flow.send
    except StopIteration as stop:  # the flow's: what is awaited cannot raise one
        result: T = stop.value
        return result


def _is_over(flow: Flow[Any]) -> bool:
    return inspect.getgeneratorstate(flow) == inspect.GEN_CLOSED


class NoReplyError(Exception):
    """A request that a driver could not bring to an answer. Only flows see it; they raise what people see.

    Attributes:
        cause: what httpx raised.
        all_sent: whether the whole request was written, so that HubSpot may have acted on it.
    """

    def __init__(self, cause: httpx.TransportError, *, all_sent: bool) -> None:
        super().__init__(cause)
        self.cause = cause
        self.all_sent = all_sent
