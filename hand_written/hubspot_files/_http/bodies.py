"""Bodies of requests and responses."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any, cast

import httpx

MAX_RESPONSE_SIZE = 32 * 1024 * 1024
"""Maximum size of a response, in bytes. The responses of the API are records, and pages of up to a hundred records."""

CHUNK_SIZE = 256 * 1024
"""Bytes per write. The 64 KiB of httpx would need more steps. A chunk must be written within the timeout of a write,
and a larger one could take too long on a slow connection."""


def join_chunks(chunks: Iterator[bytes], size: int) -> bytes:
    """Return the next chunks of a body, joined to at least a number of bytes, or empty bytes at the end."""
    group: list[bytes] = []
    for chunk in chunks:
        group.append(chunk)
        size -= len(chunk)
        if size <= 0:
            break
    return b"".join(group)


class RequestBody(httpx.SyncByteStream):
    """The body of a request. It records whether it was fully sent."""

    def __init__(self, stream: Any, check: Callable[[], None]) -> None:
        self._stream = stream
        self._check = check
        # Mocks may read a body of bytes from the request itself. Then nothing iterates over this stream.
        self.exhausted = isinstance(stream, httpx.ByteStream)

    def __iter__(self) -> Iterator[bytes]:
        self.exhausted = False
        chunks = iter(self._stream)
        while chunk := join_chunks(chunks, CHUNK_SIZE):
            self._check()
            yield chunk
        self.exhausted = True


def no_check() -> None:
    """Check nothing, because there is no deadline."""


class ResponseBodyReader:
    """Reader of the body of a response, which decodes it chunk by chunk, up to the maximum size."""

    def __init__(self, response: httpx.Response) -> None:
        # A hook of the caller's client may have read the body. Then httpx has decoded it.
        coding = "" if response.is_stream_consumed else response.headers.get("content-encoding", "").strip().lower()
        self._coding = coding
        self._decoder = zlib.decompressobj(16 + zlib.MAX_WBITS) if coding in ("gzip", "x-gzip") else None
        self._parts: list[bytes] = []
        self._size = 0
        self._began = False
        self._problem: str | None = None

    def take(self, chunk: bytes) -> bool:
        """Decode the next bytes, and return whether to continue."""
        if not chunk:
            return True
        self._began = True
        if self._decoder is not None:
            try:
                chunk = self._decoder.decompress(chunk, MAX_RESPONSE_SIZE + 1 - self._size)
            except zlib.error as error:
                self._problem = f"not what its Content-Encoding says ({error})"
            if self._decoder.unused_data:
                self._problem = "not what its Content-Encoding says (more follows its end)"
        elif self._coding not in ("", "identity"):
            # Nested codings can expand a few hundred bytes to gibibytes.
            self._problem = f"encoded as {self._coding!r}, which was not requested"
        self._parts.append(chunk)
        self._size += len(chunk)
        if self._size > MAX_RESPONSE_SIZE:
            self._problem = f"larger than {MAX_RESPONSE_SIZE} bytes"
        return self._problem is None

    def result(self) -> tuple[bytes, str | None]:
        """Return the body, or empty bytes and the reason why it cannot be read."""
        if self._problem is None and self._began and self._decoder is not None and not self._decoder.eof:
            self._problem = "not what its Content-Encoding says (its end is missing)"
        return (b"", self._problem) if self._problem else (b"".join(self._parts), None)


def read_response(response: httpx.Response, check: Callable[[], None] = no_check) -> tuple[bytes, str | None]:
    """Return the body of a response, or empty bytes and the reason why it cannot be read: its coding, or its size."""
    reader = ResponseBodyReader(response)
    # Read from the transport directly, because the processing by httpx would double the cost.
    chunks = response.iter_bytes() if response.is_stream_consumed else cast("httpx.SyncByteStream", response.stream)
    for chunk in chunks:
        if chunk:  # an empty body is never too late
            check()
        if not reader.take(chunk):
            break
    return reader.result()


def read_up_to(limit: int, chunks: Iterator[bytes], check: Callable[[], None]) -> bytes:
    """Return the start of a body, up to a number of bytes."""
    body = b""
    for chunk in chunks:
        if chunk:  # an empty body is never too late
            check()
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
