"""Bodies of requests, which know whether they were sent to their end, and bodies of responses."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any, cast

import httpx

from .driver import Incoming

# Responses of this API are records and pages of a hundred of them; more than this is none of them.
LARGEST_REPLY = 32 * 1024 * 1024
PIECE = 256 * 1024
"""Bytes that are sent at once: httpx gives 64 KiB, each of which costs as many steps as more. One piece has to go out
within the timeout of a write, so that there is a limit to how many they can be on a slow line."""


def gather(pieces: Iterator[bytes], size: int) -> bytes:
    """The next pieces of a body, until they are so many bytes or more; nothing at its end."""
    group: list[bytes] = []
    for piece in pieces:
        group.append(piece)
        size -= len(piece)
        if size <= 0:
            break
    return b"".join(group)


class Body(httpx.SyncByteStream):
    """A request's body that knows whether it was sent to its end."""

    def __init__(self, stream: Any, check: Callable[[], None]) -> None:
        self._stream = stream
        self._check = check
        # Bytes that are at hand may be taken from the request itself, as mocks do: then nobody asks for them here.
        self.exhausted = isinstance(stream, httpx.ByteStream)

    def __iter__(self) -> Iterator[bytes]:
        self.exhausted = False
        pieces = iter(self._stream)
        while piece := gather(pieces, PIECE):
            self._check()
            yield piece
        self.exhausted = True


def never() -> None:
    """What is called where nothing has to end."""


class BodyReader:
    """A response's body, decoded as it comes and never beyond the largest that the API sends."""

    def __init__(self, response: httpx.Response) -> None:
        # A hook of the caller's client may have read it already; then httpx has decoded it.
        coding = "" if response.is_stream_consumed else response.headers.get("content-encoding", "").strip().lower()
        self._coding = coding
        self._decoder = zlib.decompressobj(16 + zlib.MAX_WBITS) if coding in ("gzip", "x-gzip") else None
        self._parts: list[bytes] = []
        self._size = 0
        self._began = False
        self._problem: str | None = None

    def take(self, chunk: bytes) -> bool:
        """Take the next bytes as they came, and return whether more are wanted."""
        if not chunk:
            return True
        self._began = True
        if self._decoder is not None:
            try:
                chunk = self._decoder.decompress(chunk, LARGEST_REPLY + 1 - self._size)
            except zlib.error as error:
                self._problem = f"not what its Content-Encoding says ({error})"
            if self._decoder.unused_data:
                self._problem = "not what its Content-Encoding says (more follows its end)"
        elif self._coding not in ("", "identity"):
            # One coding upon another makes gibibytes of a few hundred bytes.
            self._problem = f"encoded as {self._coding!r}, which was not asked for"
        self._parts.append(chunk)
        self._size += len(chunk)
        if self._size > LARGEST_REPLY:
            self._problem = f"larger than {LARGEST_REPLY} bytes"
        return self._problem is None

    def result(self) -> tuple[bytes, str | None]:
        """The body, or no bytes and why it cannot be read."""
        if self._problem is None and self._began and self._decoder is not None and not self._decoder.eof:
            self._problem = "not what its Content-Encoding says (its end is missing)"
        return (b"", self._problem) if self._problem else (b"".join(self._parts), None)


def read_whole(response: httpx.Response, check: Callable[[], None] = never) -> tuple[bytes, str | None]:
    """The body of a response, or the reason why it cannot be read: its coding, or its size."""
    reader = BodyReader(response)
    # As it comes from the transport: what httpx does to it besides costs as much again.
    chunks = response.iter_bytes() if response.is_stream_consumed else cast("httpx.SyncByteStream", response.stream)
    for chunk in chunks:
        if chunk:  # a body of nothing is on time, however late
            check()
        if not reader.take(chunk):
            break
    return reader.result()


def _beginning(chunks: Incoming, limit: int) -> bytes:
    body = b""
    for chunk in chunks.chunks:
        if chunk:  # a body of nothing is on time, however late
            chunks.check()
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
