"""Streams of a file's content, which is verified at the end: context managers that are read, or iterated in chunks."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from .._engine.effects import AsyncDriver, Driver, Flow
from .._engine.flow import run, run_async
from .._engine.methods import AsyncResource, F, Method, SyncResource

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from hubspot_files_api import models

    from .._content.transfer import Transfer


class _Stream:
    """The base of both streams."""

    def __init__(self, flow: Flow[Transfer]) -> None:
        self._flow: Flow[Transfer] | None = flow
        self._transfer: Transfer | None = None
        self._closed = False
        # Bytes that were received but not read yet, from an offset on.
        self._chunk = b""
        self._offset = 0
        self._ended = False

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

    def _opened(self) -> Transfer:
        transfer = self._entered()
        # Reading would open a connection that is never closed.
        if self._closed:
            raise RuntimeError("the stream is closed: read it within its `with` (or `async with`)")
        return transfer

    def _next(self) -> Flow[bytes]:
        """Return the rest of a chunk that was partly read, or the next chunk, or an empty bytes object at the end."""
        transfer = self._opened()
        chunk, self._chunk, self._offset = self._chunk[self._offset :], b"", 0
        if not chunk and not self._ended:
            chunk = yield from transfer.next()
            self._ended = not chunk
        return chunk

    def _read(self, size: int | None, terminator: bytes = b"", *, once: bool = False) -> Flow[bytes]:
        """Return bytes up to a size, or to the end if it is negative or None.

        Args:
            size: the size.
            terminator: bytes after which to stop, if it is not empty.
            once: whether to stop after the bytes of one chunk.
        """
        self._opened()
        parts: list[bytes] = []
        missing = -1 if size is None else size
        while missing and (yield from self._fill()):
            end = len(self._chunk) if missing < 0 else min(len(self._chunk), self._offset + missing)
            found = self._chunk.find(terminator, self._offset, end) if terminator else -1
            part = self._chunk[self._offset : end if found < 0 else found + 1]
            parts.append(part)
            self._offset += len(part)
            missing -= len(part) if missing > 0 else 0
            if once or found >= 0:
                break
        return b"".join(parts)

    def _fill(self) -> Flow[bool]:
        """Fetch the next chunk if there is nothing left to read, and return whether there is anything then.

        The last chunk is verified before it is read, because many readers stop at its end.
        """
        if self._offset == len(self._chunk):
            chunk = yield from self._next()
            transfer = self._opened()
            if chunk and transfer.size == transfer.file.size:
                self._ended = not (yield from transfer.next())
            self._chunk = chunk
        return bool(self._chunk)

    def _exit(self) -> Flow[None]:
        self._closed = True
        return self._entered().close()


class ContentStream(_Stream, io.BufferedIOBase):
    """A file's content: `with hubspot.files.stream(id) as content: for chunk in content: ...`.

    It can be read like a file that cannot seek, with `read`, `readinto` and `readline`, by csv (in an
    io.TextIOWrapper), pandas or shutil. Iteration gives chunks as they arrive, and not lines, because a line can be as
    long as the content: `iter(content.readline, b"")` iterates over lines.

    If the size or the MD5 is not the one that HubSpot recorded, the last iteration raises DownloadCorruptedError, or
    the `read` that would return the last bytes.
    """

    def __init__(self, driver: Driver, flow: Flow[Transfer]) -> None:
        super().__init__(flow)
        self._driver = driver

    @property
    def name(self) -> str:
        """The file's path, or its id if the record has no path."""
        return self.file.path or self.file.id

    @property
    def mode(self) -> str:
        """The mode, `rb`."""
        return "rb"

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return bytes up to a size, fewer only at the end, or up to the end if the size is negative or None."""
        return run(self._driver, self._read(size))

    def read1(self, size: int = -1, /) -> bytes:
        """Return bytes that were received already or arrive next, up to a size, or an empty bytes object at the end."""
        return run(self._driver, self._read(size, once=True))

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return the next line with its line feed, or up to a size of it. It is empty at the end."""
        return run(self._driver, self._read(size, b"\n"))

    def readlines(self, hint: int | None = -1, /) -> list[bytes]:
        """Return the lines up to the end, or those that reach a number of bytes."""
        lines: list[bytes] = []
        size = 0
        while (hint is None or hint <= 0 or size < hint) and (line := self.readline()):
            lines.append(line)
            size += len(line)
        return lines

    def close(self) -> None:
        """Release the connection. The rest of the content cannot be read any more."""
        if not self._closed and self._transfer is not None:
            run(self._driver, self._exit())
        super().close()

    def __enter__(self) -> Self:
        self._transfer = run(self._driver, self._enter())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if chunk := run(self._driver, self._next()):
            return chunk
        raise StopIteration


class AsyncContentStream(_Stream):
    """A file's content: `async with hubspot.files.stream(id) as content: async for chunk in content: ...`.

    It can be read like a file of anyio that cannot seek. Iteration gives chunks as they arrive, and not lines, because
    a line can be as long as the content.

    If the size or the MD5 is not the one that HubSpot recorded, the last iteration raises DownloadCorruptedError, or
    the `read` that would return the last bytes.
    """

    def __init__(self, driver: AsyncDriver, flow: Flow[Transfer]) -> None:
        super().__init__(flow)
        self._driver = driver

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._closed

    async def read(self, size: int | None = -1, /) -> bytes:
        """Return bytes up to a size, fewer only at the end, or up to the end if the size is negative or None."""
        return await run_async(self._driver, self._read(size))

    async def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read bytes into a buffer, until it is full or to the end, and return their number."""
        with memoryview(buffer).cast("B") as view:
            data = await self.read(len(view))
            view[: len(data)] = data
        return len(data)

    async def readline(self, size: int | None = -1, /) -> bytes:
        """Return the next line with its line feed, or up to a size of it. It is empty at the end."""
        return await run_async(self._driver, self._read(size, b"\n"))

    async def aclose(self) -> None:
        """Release the connection. The rest of the content cannot be read any more."""
        if not self._closed and self._transfer is not None:
            await run_async(self._driver, self._exit())

    async def __aenter__(self) -> Self:
        self._transfer = await run_async(self._driver, self._enter())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

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


def streamed(flow: F) -> F:
    """Decorate a flow that opens content: `f(...) -> ContentStream` and `f(...) -> AsyncContentStream`."""
    results = ("ContentStream", "AsyncContentStream")
    return cast("F", Method(flow, sync=_streams, asynchronous=_streams_async, results=results))


def _streams(flow: Callable[..., Flow[Transfer]]) -> Callable[..., ContentStream]:
    def method(self: SyncResource, *args: Any, **kwargs: Any) -> ContentStream:
        return ContentStream(self._driver, flow(self, *args, **kwargs))

    return method


def _streams_async(flow: Callable[..., Flow[Transfer]]) -> Callable[..., AsyncContentStream]:
    def method(self: AsyncResource, *args: Any, **kwargs: Any) -> AsyncContentStream:
        return AsyncContentStream(self._driver, flow(self, *args, **kwargs))

    return method
