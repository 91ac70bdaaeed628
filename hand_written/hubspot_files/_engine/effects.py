"""Effects: the steps of an operation that a driver performs."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeAlias, TypeVar

from .._http.messages import Chunks, Request

if TYPE_CHECKING:
    import httpx

    from .._redaction import Secret

P = ParamSpec("P")
T = TypeVar("T")


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
