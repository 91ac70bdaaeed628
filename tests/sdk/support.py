"""Helpers of the SDK's tests: one call for both clients, and responses as HubSpot documents them."""

from __future__ import annotations

import contextlib
import email.parser
import email.policy
import inspect
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, Self, TypeVar

import anyio
import httpx
import pytest

from hubspot_files import AsyncHubSpotFiles, AsyncPager, HubSpotFiles, Pager
from hubspot_files._clock import SystemClock
from hubspot_files_api import versions

T = TypeVar("T")

_TESTS = str(Path(__file__).parent)

BASE_URL = "https://api.hubapi.com"
STORAGE = "https://storage.example.net"
TOKEN = "pat-na1-00000000-0000-0000-0000-000000000000"

# HubSpot's documented response to the documented upload of cat.png, with a simple id.
FILE: dict[str, Any] = {
    "id": "1",
    "createdAt": "2023-06-28T17:56:45.393Z",
    "updatedAt": "2023-06-28T17:56:45.393Z",
    "archived": False,
    "parentFolderId": "122692510820",
    "name": "cat",
    "path": "/library/cat_archive/cat.png",
    "size": 24574,
    "height": 219,
    "width": 225,
    "encoding": "png",
    "type": "IMG",
    "extension": "png",
    "defaultHostingUrl": "https://12345.fs1.hubspotusercontent-na1.net/hubfs/12345/library/cat_archive/cat.png",
    "url": "https://12345.fs1.hubspotusercontent-na1.net/hubfs/12345/library/cat_archive/cat.png",
    "isUsableInContent": True,
    "access": "PRIVATE",
}
FOLDER: dict[str, Any] = {
    "id": "1",
    "name": "cat_archive",
    "path": "/library/cat_archive",
    "createdAt": "2023-06-28T17:56:45.001Z",
    "updatedAt": "2023-06-28T17:56:45.001Z",
    "archived": False,
}


def versioned(path: str) -> str:
    """Return a path of the default version as the version that the tests run on has it.

    The way round of an operation that the version lacks keeps its own version.
    """
    version = os.environ["HUBSPOT_API_VERSION"]
    name = versions.operation_at("GET", path)
    if name is not None and lacks(name):
        version = versions.OPERATIONS[name].way_round or version
    return versions.versioned_path(version, path)


def lacks(operation: str) -> bool:
    """Return whether the version that the tests run on lacks an operation."""
    return operation in versions.facts_of(os.environ["HUBSPOT_API_VERSION"]).missing


def completed(operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON of a request with the inputs that the version requires, unless they are given."""
    required = versions.facts_of(os.environ["HUBSPOT_API_VERSION"]).required
    return {**required.get(operation, {}).get("json", {}), **body}


def requires(operation: str) -> pytest.MarkDecorator:
    """Mark a test as one of an operation: it is run on the versions that have it."""
    having = [name for name, facts in versions.VERSIONS.items() if operation not in facts.missing]
    return pytest.mark.versions(*having, reason=f"the others lack {operation}, see test_versions.py")


RECURSIVE = requires("updateFolderRecursively")


def unversioned(path: str, version: str) -> str:
    """Return a path of a version as the default version has it."""
    return path.replace(f"/files/{version}/", f"/files/{versions.DEFAULT}/", 1)


class Client:
    """Both clients behind one call: `client(lambda hubspot: hubspot.files.get("1"))` returns the File on either.

    An awaitable result is awaited, and a pager becomes the list of its items. An operation of several steps is a
    generator function; each result that it yields is sent back to it, and each error is thrown:

        def program(hubspot):
            task = yield hubspot.files.import_from_url(url, folder_path="/in")
            return (yield task.wait())
    """

    def __init__(self, backend: str) -> None:
        self.backend = backend

    @property
    def asynchronous(self) -> bool:
        return self.backend != "sync"

    def http(self, transport: Any) -> httpx.Client | httpx.AsyncClient:
        """Return an httpx client of the matching kind, as a caller would pass it."""
        return httpx.AsyncClient(transport=transport) if self.asynchronous else httpx.Client(transport=transport)

    def __call__(self, operation: Callable[[Any], Any], **options: Any) -> Any:
        options = {"access_token": TOKEN, **options}
        if not self.asynchronous:
            with HubSpotFiles(**options) as hubspot:
                result = operation(hubspot)
                if isinstance(result, Generator):
                    return _drive(result)
                return list(result) if isinstance(result, Pager) else result
        return anyio.run(self._run, operation, options, backend=self.backend)

    async def _run(self, operation: Callable[[Any], Any], options: dict[str, Any]) -> Any:
        async with AsyncHubSpotFiles(**options) as hubspot:
            result = operation(hubspot)
            if isinstance(result, Generator):
                return await _drive_async(result)
            if isinstance(result, AsyncPager):
                return [item async for item in result]
            return await result if inspect.isawaitable(result) else result


def _drive(program: Generator[Any, Any, Any]) -> Any:
    outcome: Any = None
    while True:
        try:
            outcome = program.send(outcome)
        except StopIteration as stop:
            return stop.value


async def _drive_async(program: Generator[Any, Any, Any]) -> Any:
    step: Callable[[Any], Any] = program.send
    outcome: Any = None
    while True:
        try:
            yielded = step(outcome)
        except StopIteration as stop:
            return stop.value
        try:
            outcome = await yielded if inspect.isawaitable(yielded) else yielded
            step = program.send
        except BaseException as error:  # noqa: BLE001 - the program raises it again
            outcome, step = error, program.throw


class NoWaiting(SystemClock):
    """The system clock, except that sleeping takes no time."""

    def __init__(self) -> None:
        self.sleeps: list[float] = []

    def sleep(self, seconds: float, /) -> None:  # type: ignore[override]
        self.sleeps.append(seconds)

    async def sleep_async(self, seconds: float, /) -> None:
        self.sleep(seconds)


class FakeClock:
    """A clock that moves only by sleeping or by hand.

    Attributes:
        now: the monotonic time.
        wall: the wall time, which sleeping does not move.
        sleeps: the seconds slept, in order.
    """

    def __init__(self, sleeps: list[float] | None = None) -> None:
        self.now = 1000.0
        self.wall = 1_800_000_000.0
        self.sleeps: list[float] = [] if sleeps is None else sleeps

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.wall

    def sleep(self, seconds: float, /) -> None:
        self.sleeps.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float, /) -> None:
        self.sleep(seconds)


def collected(iterable: Any) -> Any:
    """Return the items of a pager, its pages or a stream as a list, or an awaitable of one."""

    async def gather() -> list[Any]:
        return [item async for item in iterable]

    return gather() if hasattr(iterable, "__aiter__") else list(iterable)


def first(iterable: Any) -> Any:
    """Return the first item of an iterable, or an awaitable of it, and request no more."""

    async def one() -> Any:
        async for item in iterable:
            return item
        raise AssertionError("it gave nothing")

    return one() if hasattr(iterable, "__aiter__") else next(iter(iterable))


def entered(manager: Any) -> Any:
    """Enter a context manager of either kind; the result may have to be awaited."""
    return manager.__aenter__() if hasattr(manager, "__aenter__") else manager.__enter__()


def iterated(iterable: Any) -> Any:
    """Return the iterator of an iterable of either kind."""
    return aiter(iterable) if hasattr(iterable, "__aiter__") else iter(iterable)


def enter(manager: Any) -> Any:
    """Enter a context manager, as `with` or `async with` does."""
    return manager.__aenter__() if hasattr(manager, "__aenter__") else manager.__enter__()


def leave(manager: Any) -> Any:
    """Exit a context manager, as `with` or `async with` does."""
    if hasattr(manager, "__aexit__"):
        return manager.__aexit__(None, None, None)
    return manager.__exit__(None, None, None)


class _AsyncItems:
    """An asynchronous iterator that needs no closing, unlike an asynchronous generator."""

    def __init__(self, items: Iterator[bytes]) -> None:
        self.items = items

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        for item in self.items:
            return item
        raise StopAsyncIteration


class Content(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of a response in chunks, one of which may be an error that cuts the connection.

    Attributes:
        closed: how often it was closed.
    """

    def __init__(self, *chunks: bytes | Exception) -> None:
        self.chunks = chunks
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _AsyncItems(iter(self))

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


class Wire(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A connection that fails after the first bytes of a request, a given number of times, and then responds.

    Responses mocked with respx follow a complete request; here the error comes before its end.

    Attributes:
        received: the bytes received of each request.
    """

    def __init__(self, *breaks: tuple[int, Exception], response: httpx.Response) -> None:
        self.breaks = list(breaks)
        self.response = response
        self.received: list[bytes] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = bytearray()
        limit, error = self._next()
        for chunk in request.stream:
            body += chunk
            if error is not None and len(body) >= limit:
                self.received.append(bytes(body))
                raise error
        self.received.append(bytes(body))
        return self._respond()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = bytearray()
        limit, error = self._next()
        async with contextlib.aclosing(aiter(request.stream)) as chunks:
            async for chunk in chunks:
                body += chunk
                if error is not None and len(body) >= limit:
                    self.received.append(bytes(body))
                    raise error
        self.received.append(bytes(body))
        return self._respond()

    def _next(self) -> tuple[int, Exception | None]:
        return self.breaks.pop(0) if self.breaks else (0, None)

    def _respond(self) -> httpx.Response:
        return httpx.Response(self.response.status_code, content=self.response.content)


# filelock, which other tests import, refuses forks of two threads at a time.
_forking = threading.Lock()


def run_in_fork(work: Callable[[], Any], *, seconds: int = 20) -> Any:
    """Return the result of `work` in a forked child; fail the test if the child fails or hangs."""
    reading, writing = os.pipe()
    with _forking:
        child = os.fork()
    if child == 0:
        try:
            signal.alarm(seconds)
            outcome = pickle.dumps((work(), None))
        except BaseException:  # noqa: BLE001 - a child must not go on as a second test session
            outcome = pickle.dumps((None, traceback.format_exc()))
        os.write(writing, outcome)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as outcome:
        pickled = outcome.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, f"the child was ended: {status}"
    result, error = pickle.loads(pickled)
    assert error is None, error
    return result


def with_locals(error: BaseException) -> str:
    """Format a traceback with the variables of every frame, and all causes and contexts.

    The frames of the tests are left out, since their variables hold the planted secrets.
    """
    formatted = traceback.TracebackException.from_exception(error, capture_locals=True)
    rest = [formatted]
    while rest:
        link = rest.pop()
        link.stack = traceback.StackSummary.from_list(
            frame for frame in link.stack if not frame.filename.startswith(_TESTS)
        )
        rest += [further for further in (link.__cause__, link.__context__, *(link.exceptions or ())) if further]
    return "".join(formatted.format())


def page(items: Iterable[dict[str, Any]], after: str | None = None) -> dict[str, Any]:
    """Return a page of a search, with the cursor of the next page."""
    body: dict[str, Any] = {"results": list(items)}
    if after is not None:
        body["paging"] = {"next": {"after": after, "link": f"{BASE_URL}/files/v3/files/search?after={after}"}}
    return body


def query(request: httpx.Request) -> list[tuple[str, str]]:
    """Return the decoded query of a request, sorted by name."""
    return sorted(request.url.params.multi_items())


class SentPart(NamedTuple):
    """One part of a multipart request, parsed independently of the SDK."""

    name: str
    filename: str | None
    content_type: str | None
    content: bytes


def sent_parts(request: httpx.Request) -> list[SentPart]:
    """Return the parts of a multipart request, split at the boundary in its header."""
    content_type = request.headers["content-type"]
    assert content_type.startswith("multipart/form-data; boundary=")
    boundary = content_type.partition("boundary=")[2].encode()
    body = request.content
    assert body.endswith(b"--" + boundary + b"--\r\n")
    sections = body.removesuffix(b"--" + boundary + b"--\r\n").split(b"--" + boundary + b"\r\n")
    assert sections[0] == b""
    parts = []
    for section in sections[1:]:
        head, _, content = section.partition(b"\r\n\r\n")
        assert content.endswith(b"\r\n")
        headers = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + b"\r\n\r\n")
        disposition = headers["content-disposition"]
        assert disposition.content_disposition == "form-data"
        parts.append(
            SentPart(
                disposition.params["name"],
                disposition.params.get("filename"),
                headers["content-type"] and str(headers["content-type"]),
                content.removesuffix(b"\r\n"),
            )
        )
    return parts


def run_traced(trace: Callable[[FrameType, str, Any], Any], function: Callable[[], T]) -> T:
    """Run a function with a trace function, which may raise, in a thread of its own.

    If it raises in an `except` block, Python may take the exception of that for handled until the thread ends.
    """

    def traced() -> T:
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            return function()
        finally:
            sys.settrace(before)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(traced).result()
