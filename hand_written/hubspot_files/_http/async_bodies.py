"""Bodies of requests and responses on an event loop."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

import anyio
import anyio.to_thread
import httpx

from .bodies import CHUNK_SIZE, ResponseBodyReader, join_chunks, no_check

# Bytes that are taken to a worker thread at once: a hop costs as much as reading tens of KiB.
GROUP_SIZE = 1024 * 1024
_CHUNKS = GROUP_SIZE // CHUNK_SIZE


class AsyncRequestBody(httpx.AsyncByteStream):
    """A request's body that knows whether it was sent to its end, and whose disk does not stop the event loop."""

    def __init__(self, stream: Any, check: Callable[[], None], *, from_disk: bool) -> None:
        self._stream = stream
        self._check = check
        self._from_disk = from_disk
        # Bytes that are at hand may be taken from the request itself, as mocks do: then nobody asks for them here.
        self.exhausted = isinstance(stream, httpx.ByteStream)

    def __aiter__(self) -> AsyncIterator[bytes]:
        self.exhausted = False
        self._source: Iterator[bytes] = iter(self._stream)
        self._group: Iterator[bytes] = iter(())
        self._more = True
        return self

    # No asynchronous generator, which a cancelled upload would leave for somebody to close.
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
        # Not before the end is found: a body that was fully sent is so, however late it is.
        self._check()
        return chunk


def _take(source: Iterator[bytes]) -> list[bytes]:
    group: list[bytes] = []
    while len(group) < _CHUNKS and (chunk := join_chunks(source, CHUNK_SIZE)):
        group.append(chunk)
    return group


async def write_group(write: Callable[[bytes], object], group: list[bytes]) -> None:
    """Pass chunks to a function in a worker thread, or await a coroutine function."""
    # At once: each chunk that is hashed and written by itself hands the interpreter over to other threads and back.
    if not group:
        return
    if inspect.iscoroutinefunction(write):
        await write(b"".join(group))
    else:
        await anyio.to_thread.run_sync(lambda: write(b"".join(group)))


async def read_response_async(
    response: httpx.Response, check: Callable[[], None] = no_check
) -> tuple[bytes, str | None]:
    """Return the body of a response, or no bytes and why it cannot be read: its coding, or its size."""
    reader = ResponseBodyReader(response)
    # As it comes from the transport: what httpx does to it besides costs as much again.
    chunks = response.aiter_bytes() if response.is_stream_consumed else cast("httpx.AsyncByteStream", response.stream)
    async for chunk in chunks:
        if chunk:  # an empty body is on time, however late
            check()
        if not reader.take(chunk):
            break
    return reader.result()


async def read_up_to_async(limit: int, chunks: AsyncIterator[bytes], check: Callable[[], None]) -> bytes:
    """Return the beginning of a body, up to so many bytes."""
    body = b""
    async for chunk in chunks:
        if chunk:  # an empty body is on time, however late
            check()
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
