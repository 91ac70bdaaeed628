"""Bodies of requests and responses for the asynchronous driver."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

import anyio
import anyio.to_thread
import httpx

from .bodies import CHUNK_SIZE, ResponseBodyReader, join_chunks, no_check

# Bytes per call of a worker thread, because each call costs as much as reading tens of KiB.
GROUP_SIZE = 1024 * 1024
_CHUNKS = GROUP_SIZE // CHUNK_SIZE


class AsyncRequestBody(httpx.AsyncByteStream):
    """The body of a request. It records whether it was fully sent, and reads files in worker threads."""

    def __init__(self, stream: Any, check: Callable[[], None], *, from_disk: bool) -> None:
        self._stream = stream
        self._check = check
        self._from_disk = from_disk
        # Mocks may read a body of bytes from the request itself. Then nothing iterates over this stream.
        self.exhausted = isinstance(stream, httpx.ByteStream)

    def __aiter__(self) -> AsyncIterator[bytes]:
        self.exhausted = False
        self._source: Iterator[bytes] = iter(self._stream)
        self._group: Iterator[bytes] = iter(())
        self._more = True
        return self

    # It is not an asynchronous generator, which would remain open after a cancelled upload.
    async def __anext__(self) -> bytes:
        chunk = next(self._group, None)
        if chunk is None and self._more:
            group = await anyio.to_thread.run_sync(_take, self._source) if self._from_disk else _take(self._source)
            self._more = len(group) == _CHUNKS
            self._group = iter(group)
            chunk = next(self._group, None)
        if chunk is None:
            self.exhausted = True
            raise StopAsyncIteration
        # This comes after the check for the end: a body that was fully sent counts as such, even after the deadline.
        self._check()
        return chunk


def _take(source: Iterator[bytes]) -> list[bytes]:
    group: list[bytes] = []
    while len(group) < _CHUNKS and (chunk := join_chunks(source, CHUNK_SIZE)):
        group.append(chunk)
    return group


async def write_group(write: Callable[[bytes], object], group: list[bytes]) -> None:
    """Pass chunks to a function in a worker thread, or await a coroutine function."""
    # All chunks at once, because hashing and writing each chunk would switch between threads each time.
    if not group:
        return
    if inspect.iscoroutinefunction(write):
        await write(b"".join(group))
    else:
        await anyio.to_thread.run_sync(lambda: write(b"".join(group)))


async def read_response_async(
    response: httpx.Response, check: Callable[[], None] = no_check
) -> tuple[bytes, str | None]:
    """Return the body of a response, or empty bytes and the reason why it cannot be read: its coding, or its size."""
    reader = ResponseBodyReader(response)
    # Read from the transport directly, because the processing by httpx would double the cost.
    chunks = response.aiter_bytes() if response.is_stream_consumed else cast("httpx.AsyncByteStream", response.stream)
    async for chunk in chunks:
        if chunk:  # an empty body is never too late
            check()
        if not reader.take(chunk):
            break
    return reader.result()


async def read_up_to_async(limit: int, chunks: AsyncIterator[bytes], check: Callable[[], None]) -> bytes:
    """Return the start of a body, up to a number of bytes."""
    body = b""
    async for chunk in chunks:
        if chunk:  # an empty body is never too late
            check()
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
