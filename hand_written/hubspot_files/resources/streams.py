"""Context managers that iterate over the chunks of a file's content, which is verified at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, overload

from .._engine.effects import AsyncDriver, Driver, Flow
from .._engine.flow import run, run_async
from .._engine.methods import AsyncResource, Method, SyncResource

if TYPE_CHECKING:
    from hubspot_files_api import models

    from .._content.transfer import Transfer

P = ParamSpec("P")


class _Stream:
    """The base of both streams."""

    def __init__(self, flow: Flow[Transfer]) -> None:
        self._flow: Flow[Transfer] | None = flow
        self._transfer: Transfer | None = None
        self._closed = False

    @property
    def file(self) -> models.File:
        """The file's record."""
        return self._entered().file

    def _enter(self) -> Flow[Transfer]:
        flow, self._flow = self._flow, None
        if flow is None:
            raise RuntimeError("a stream can be entered once only: call files.stream for another")
        return flow

    def _entered(self) -> Transfer:
        if self._transfer is None:
            raise RuntimeError("the stream is not open: use `with` (or `async with`) on what files.stream returns")
        return self._transfer

    def _next(self) -> Flow[bytes]:
        transfer = self._entered()
        # Reading would open a connection that is never closed.
        if self._closed:
            raise RuntimeError("the stream is closed: read it within its `with` (or `async with`)")
        return transfer.next()

    def _exit(self) -> Flow[None]:
        self._closed = True
        return self._entered().close()


class ContentStream(_Stream):
    """A file's content: `with hubspot.files.stream(id) as content: for chunk in content: ...`.

    The last iteration raises DownloadCorruptedError if the size or the MD5 is not the one that HubSpot recorded.
    """

    def __init__(self, driver: Driver, flow: Flow[Transfer]) -> None:
        super().__init__(flow)
        self._driver = driver

    def __enter__(self) -> Self:
        self._transfer = run(self._driver, self._enter())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        run(self._driver, self._exit())

    def __iter__(self) -> Iterator[bytes]:
        while chunk := run(self._driver, self._next()):
            yield chunk


class AsyncContentStream(_Stream):
    """A file's content: `async with hubspot.files.stream(id) as content: async for chunk in content: ...`.

    The last iteration raises DownloadCorruptedError if the size or the MD5 is not the one that HubSpot recorded.
    """

    def __init__(self, driver: AsyncDriver, flow: Flow[Transfer]) -> None:
        super().__init__(flow)
        self._driver = driver

    async def __aenter__(self) -> Self:
        self._transfer = await run_async(self._driver, self._enter())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await run_async(self._driver, self._exit())

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _AsyncChunks(self)


class _AsyncChunks:
    """The chunks of a stream. It is not an asynchronous generator, which callers who stop early would have to close."""

    def __init__(self, stream: AsyncContentStream) -> None:
        self._stream = stream

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if chunk := await run_async(self._stream._driver, self._stream._next()):
            return chunk
        raise StopAsyncIteration


class streamed(Method, Generic[P]):  # noqa: N801 - a decorator
    """Decorator of a flow that opens content: `f(...) -> ContentStream` and `f(...) -> AsyncContentStream`."""

    def __init__(self, flow: Callable[Concatenate[Any, P], Flow[Transfer]]) -> None:
        results = ("ContentStream", "AsyncContentStream")
        super().__init__(flow, sync=_streams, asynchronous=_streams_async, results=results)

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: SyncResource, owner: Any = None) -> Callable[P, ContentStream]: ...
        @overload
        def __get__(self, instance: AsyncResource, owner: Any = None) -> Callable[P, AsyncContentStream]: ...
        def __get__(self, instance: Any, owner: Any = None) -> Any: ...


def _streams(flow: Callable[..., Flow[Transfer]]) -> Callable[..., ContentStream]:
    def method(self: SyncResource, *args: Any, **kwargs: Any) -> ContentStream:
        return ContentStream(self._driver, flow(self, *args, **kwargs))

    return method


def _streams_async(flow: Callable[..., Flow[Transfer]]) -> Callable[..., AsyncContentStream]:
    def method(self: AsyncResource, *args: Any, **kwargs: Any) -> AsyncContentStream:
        return AsyncContentStream(self._driver, flow(self, *args, **kwargs))

    return method
