"""Bodies of requests and responses on an event loop."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx

from .async_driver import Incoming
from .bodies import PIECE, BodyReader, gather, never

# How much is taken to a worker thread at once: a hop costs as much as reading tens of KiB.
_HOP = 1024 * 1024
_PIECES = _HOP // PIECE


class _Body(httpx.AsyncByteStream):
    """A request's body that knows whether it was sent to its end, and whose disk does not stop the event loop."""

    def __init__(self, stream: Any, check: Callable[[], None], *, from_disk: bool) -> None:
        self._stream = stream
        self._check = check
        self._from_disk = from_disk
        # Bytes that are at hand may be taken from the request itself, as mocks do: then nobody asks for them here.
        self.exhausted = isinstance(stream, httpx.ByteStream)

    def __aiter__(self) -> AsyncIterator[bytes]:
        self.exhausted = False
        self._chunks: Iterator[bytes] = iter(self._stream)
        self._pieces: Iterator[bytes] = iter(())
        self._more = True
        return self

    # No asynchronous generator, which a cancelled upload would leave for somebody to close.
    async def __anext__(self) -> bytes:
        piece = next(self._pieces, None)
        if piece is None and self._more:
            pieces = await anyio.to_thread.run_sync(_take, self._chunks) if self._from_disk else _take(self._chunks)
            self._more = len(pieces) == _PIECES
            self._pieces = iter(pieces)
            piece = next(self._pieces, None)
        if piece is None:
            self.exhausted = True
            raise StopAsyncIteration
        # Not before the end is found: what was sent whole is so, however late it is.
        self._check()
        return piece


def _take(chunks: Iterator[bytes]) -> list[bytes]:
    pieces: list[bytes] = []
    while len(pieces) < _PIECES and (piece := gather(chunks, PIECE)):
        pieces.append(piece)
    return pieces


async def _write_all(write: Callable[[bytes], object], group: list[bytes]) -> None:
    # At once: each piece that is hashed and written by itself hands the interpreter over to other threads and back.
    if not group:
        return
    if inspect.iscoroutinefunction(write):
        await write(b"".join(group))
    else:
        await anyio.to_thread.run_sync(lambda: write(b"".join(group)))


async def read_whole_async(response: httpx.Response, check: Callable[[], None] = never) -> tuple[bytes, str | None]:
    """The body of a response, or the reason why it cannot be read: its coding, or its size."""
    reader = BodyReader(response)
    # As it comes from the transport: what httpx does to it besides costs as much again.
    chunks = response.aiter_bytes() if response.is_stream_consumed else cast("httpx.AsyncByteStream", response.stream)
    async for chunk in chunks:
        if chunk:  # a body of nothing is on time, however late
            check()
        if not reader.take(chunk):
            break
    return reader.result()


async def _beginning(chunks: Incoming, limit: int) -> bytes:
    body = b""
    async for chunk in chunks.chunks:
        if chunk:  # a body of nothing is on time, however late
            chunks.check()
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
