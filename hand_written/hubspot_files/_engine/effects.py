"""Effects, the steps of an operation, and the protocols of the drivers that perform them.

An operation is a flow: a generator that yields effects and returns its result. `yield from` an effect returns its typed
outcome: `now = yield from Now()`.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, ParamSpec, Protocol, TypeAlias, TypeVar

from .._http.messages import ReceivedResponse, Request, StreamedResponse
from .._http.timeouts import Timeout
from .._redaction import Secret

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


RATE_LIMIT = "the rate limit"
"""The reason of a Sleep that keeps to the account's rate limit."""


class Lock(Protocol):
    """A lock between threads, or between the tasks of an event loop."""

    def release(self) -> None:
        """Release the lock if this thread or task holds it."""
        ...


class Driver(Protocol):
    """Input and output of a synchronous client."""

    def send(
        self, request: Request, token: Secret | None, timeout: Timeout, deadline: float | None
    ) -> ReceivedResponse: ...
    def get_token(self) -> Secret: ...
    def fetch(
        self, url: Secret, headers: dict[str, str], token: Secret | None, timeout: Timeout, deadline: float | None
    ) -> StreamedResponse: ...
    def save(self, response: StreamedResponse, write: Callable[[bytes], object]) -> None: ...
    def next_chunk(self, response: StreamedResponse) -> bytes: ...
    def drain(self, response: StreamedResponse, limit: int) -> bytes: ...
    def discard(self, response: StreamedResponse) -> None: ...
    def close_idle(self) -> None: ...
    def now(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...
    def new_lock(self) -> Lock: ...
    def acquire(self, lock: Lock, deadline: float | None) -> None: ...
    def run_blocking(self, function: Callable[[], T]) -> T: ...
    def clean_up(self, function: Callable[[], object]) -> None: ...
    def wait_for(self, awaitable: Awaitable[T], refusal: str, deadline: float | None) -> T: ...


class AsyncDriver(Protocol):
    """Input and output of an asynchronous client, on asyncio or trio."""

    async def send(
        self, request: Request, token: Secret | None, timeout: Timeout, deadline: float | None
    ) -> ReceivedResponse: ...
    async def get_token(self) -> Secret: ...
    async def fetch(
        self, url: Secret, headers: dict[str, str], token: Secret | None, timeout: Timeout, deadline: float | None
    ) -> StreamedResponse: ...
    async def save(self, response: StreamedResponse, write: Callable[[bytes], object]) -> None: ...
    async def next_chunk(self, response: StreamedResponse) -> bytes: ...
    async def drain(self, response: StreamedResponse, limit: int) -> bytes: ...
    async def discard(self, response: StreamedResponse) -> None: ...
    async def close_idle(self) -> None: ...
    async def now(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...
    async def new_lock(self) -> Lock: ...
    async def acquire(self, lock: Lock, deadline: float | None) -> None: ...
    async def run_blocking(self, function: Callable[[], T]) -> T: ...
    async def clean_up(self, function: Callable[[], object]) -> None: ...
    async def wait_for(self, awaitable: Awaitable[T], refusal: str, deadline: float | None) -> T: ...


class Effect(ABC, Generic[T_co]):
    """One step of an operation, which a driver performs."""

    __slots__ = ()

    def __iter__(self) -> Generator[Effect[Any], Any, T_co]:
        outcome: T_co = yield self
        return outcome

    @abstractmethod
    def perform(self, driver: Driver) -> T_co:
        """Perform the effect, and return its outcome."""

    @abstractmethod
    def perform_async(self, driver: AsyncDriver) -> Awaitable[T_co]:
        """Return an awaitable that performs the effect and returns its outcome."""


Flow: TypeAlias = Generator[Effect[Any], Any, T]


class Send(Effect[ReceivedResponse]):
    """Send a request, with the client's token or a form that needs none, and read its response to the end."""

    __slots__ = ("deadline", "request", "timeout", "token")

    def __init__(self, request: Request, token: Secret | None, timeout: Timeout, deadline: float | None) -> None:
        self.request = request
        self.token = token
        self.timeout = timeout
        self.deadline = deadline

    def perform(self, driver: Driver) -> ReceivedResponse:
        return driver.send(self.request, self.token, self.timeout, self.deadline)

    def perform_async(self, driver: AsyncDriver) -> Awaitable[ReceivedResponse]:
        return driver.send(self.request, self.token, self.timeout, self.deadline)


class GetToken(Effect[Secret]):
    """Get the access token from the client or its provider."""

    __slots__ = ()

    def perform(self, driver: Driver) -> Secret:
        return driver.get_token()

    def perform_async(self, driver: AsyncDriver) -> Awaitable[Secret]:
        return driver.get_token()


class Fetch(Effect[StreamedResponse]):
    """Open a response with content: from the API, with a token, or from another host, without."""

    __slots__ = ("deadline", "headers", "timeout", "token", "url")

    def __init__(
        self, url: Secret, headers: dict[str, str], token: Secret | None, timeout: Timeout, deadline: float | None
    ) -> None:
        self.url = url
        self.headers = headers
        self.token = token
        self.timeout = timeout
        self.deadline = deadline

    def perform(self, driver: Driver) -> StreamedResponse:
        return driver.fetch(self.url, self.headers, self.token, self.timeout, self.deadline)

    def perform_async(self, driver: AsyncDriver) -> Awaitable[StreamedResponse]:
        return driver.fetch(self.url, self.headers, self.token, self.timeout, self.deadline)


class Save(Effect[None]):
    """Pass the chunks of a response to a function, in order. A coroutine function is awaited on the event loop."""

    __slots__ = ("response", "write")

    def __init__(self, response: StreamedResponse, write: Callable[[bytes], object]) -> None:
        self.response = response
        self.write = write

    def perform(self, driver: Driver) -> None:
        driver.save(self.response, self.write)

    def perform_async(self, driver: AsyncDriver) -> Awaitable[None]:
        return driver.save(self.response, self.write)


class NextChunk(Effect[bytes]):
    """Read the next chunk of a response, which is empty at the end."""

    __slots__ = ("response",)

    def __init__(self, response: StreamedResponse) -> None:
        self.response = response

    def perform(self, driver: Driver) -> bytes:
        return driver.next_chunk(self.response)

    def perform_async(self, driver: AsyncDriver) -> Awaitable[bytes]:
        return driver.next_chunk(self.response)


class Drain(Effect[bytes]):
    """Read the body of an error response, up to a number of bytes."""

    __slots__ = ("limit", "response")

    def __init__(self, response: StreamedResponse, limit: int) -> None:
        self.response = response
        self.limit = limit

    def perform(self, driver: Driver) -> bytes:
        return driver.drain(self.response, self.limit)

    def perform_async(self, driver: AsyncDriver) -> Awaitable[bytes]:
        return driver.drain(self.response, self.limit)


class Discard(Effect[None]):
    """Release the connection of a response, even while the task is being cancelled."""

    __slots__ = ("response",)

    def __init__(self, response: StreamedResponse) -> None:
        self.response = response

    def perform(self, driver: Driver) -> None:
        driver.discard(self.response)

    def perform_async(self, driver: AsyncDriver) -> Awaitable[None]:
        return driver.discard(self.response)


class CloseIdle(Effect[None]):
    """Close the idle connections, because one of them may hold a response to another request."""

    __slots__ = ()

    def perform(self, driver: Driver) -> None:
        driver.close_idle()

    def perform_async(self, driver: AsyncDriver) -> Awaitable[None]:
        return driver.close_idle()


class Now(Effect[float]):
    """Read the monotonic clock, in seconds."""

    __slots__ = ()

    def perform(self, driver: Driver) -> float:
        return driver.now()

    def perform_async(self, driver: AsyncDriver) -> Awaitable[float]:
        return driver.now()


class Sleep(Effect[None]):
    """Wait for a number of seconds.

    Args:
        seconds: the number.
        why: the reason, for a display of progress.
    """

    __slots__ = ("seconds", "why")

    def __init__(self, seconds: float, why: str = "") -> None:
        self.seconds: float = seconds
        self.why: str = why

    def perform(self, driver: Driver) -> None:
        driver.sleep(self.seconds)

    def perform_async(self, driver: AsyncDriver) -> Awaitable[None]:
        return driver.sleep(self.seconds)


class NewLock(Effect[Lock]):
    """Make a lock between the threads of the client, or between the tasks of each event loop."""

    __slots__ = ()

    def perform(self, driver: Driver) -> Lock:
        return driver.new_lock()

    def perform_async(self, driver: AsyncDriver) -> Awaitable[Lock]:
        return driver.new_lock()


class Acquire(Effect[None]):
    """Acquire a lock of the driver, before a deadline if there is one. The flow releases the lock itself."""

    __slots__ = ("deadline", "lock")

    def __init__(self, lock: Lock, deadline: float | None) -> None:
        self.lock = lock
        self.deadline = deadline

    def perform(self, driver: Driver) -> None:
        driver.acquire(self.lock, self.deadline)

    def perform_async(self, driver: AsyncDriver) -> Awaitable[None]:
        return driver.acquire(self.lock, self.deadline)


class CleanUp(Effect[None]):
    """Call a function that may block, even while the task is being cancelled."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[], object]) -> None:
        self.function = function

    def perform(self, driver: Driver) -> None:
        driver.clean_up(self.function)

    def perform_async(self, driver: AsyncDriver) -> Awaitable[None]:
        return driver.clean_up(self.function)


class RunBlocking(Effect[T]):
    """Call a function that may block, such as one that opens a file."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> None:
        self.function: Callable[[], T] = functools.partial(function, *args, **kwargs)

    def perform(self, driver: Driver) -> T:
        return driver.run_blocking(self.function)

    def perform_async(self, driver: AsyncDriver) -> Awaitable[T]:
        return driver.run_blocking(self.function)


class WaitFor(Effect[T]):
    """Await a value that an object of the caller returned. The synchronous client refuses it.

    Args:
        awaitable: the value.
        refusal: message of the TypeError that the synchronous client raises instead.
        deadline: time on the monotonic clock by which it must have been awaited, in seconds, or None.
    """

    __slots__ = ("awaitable", "deadline", "refusal")

    def __init__(self, awaitable: Awaitable[T], refusal: str, deadline: float | None = None) -> None:
        self.awaitable = awaitable
        self.refusal = refusal
        self.deadline = deadline

    def perform(self, driver: Driver) -> T:
        return driver.wait_for(self.awaitable, self.refusal, self.deadline)

    def perform_async(self, driver: AsyncDriver) -> Awaitable[T]:
        return driver.wait_for(self.awaitable, self.refusal, self.deadline)


def require_async(refusal: str) -> Flow[None]:
    """Raise TypeError on the synchronous client.

    Args:
        refusal: message of the error.
    """
    yield from WaitFor(_nothing(), refusal)


async def _nothing() -> None:
    """Return immediately, on the event loop."""
