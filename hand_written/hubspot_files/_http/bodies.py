"""Bodies of requests, which know whether they were sent to their end, and bodies of responses."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any, cast

import httpx

MAX_RESPONSE_SIZE = 32 * 1024 * 1024
"""Bytes of the largest response that is read: those of this API are records, and pages of a hundred of them."""

CHUNK_SIZE = 256 * 1024
"""Bytes that are sent at once: httpx gives 64 KiB, each of which costs as many steps as more. One chunk has to go out
within the timeout of a write, so that there is a limit to how many they can be on a slow line."""


def join_chunks(chunks: Iterator[bytes], size: int) -> bytes:
    """Return the next chunks of a body, until they are so many bytes or more; nothing at its end."""
    group: list[bytes] = []
    for chunk in chunks:
        group.append(chunk)
        size -= len(chunk)
        if size <= 0:
            break
    return b"".join(group)


class RequestBody(httpx.SyncByteStream):
    """A request's body that knows whether it was sent to its end."""

    def __init__(self, stream: Any, check: Callable[[], None]) -> None:
        self._stream = stream
        self._check = check
        # Bytes that are at hand may be taken from the request itself, as mocks do: then nobody asks for them here.
        self.exhausted = isinstance(stream, httpx.ByteStream)

    def __iter__(self) -> Iterator[bytes]:
        self.exhausted = False
        chunks = iter(self._stream)
        while chunk := join_chunks(chunks, CHUNK_SIZE):
            self._check()
            yield chunk
        self.exhausted = True


def no_check() -> None:
    """Check nothing, where there is no deadline."""


class ResponseBodyReader:
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
                chunk = self._decoder.decompress(chunk, MAX_RESPONSE_SIZE + 1 - self._size)
            except zlib.error as error:
                self._problem = f"not what its Content-Encoding says ({error})"
            if self._decoder.unused_data:
                self._problem = "not what its Content-Encoding says (more follows its end)"
        elif self._coding not in ("", "identity"):
            # One coding upon another makes gibibytes of a few hundred bytes.
            self._problem = f"encoded as {self._coding!r}, which was not asked for"
        self._parts.append(chunk)
        self._size += len(chunk)
        if self._size > MAX_RESPONSE_SIZE:
            self._problem = f"larger than {MAX_RESPONSE_SIZE} bytes"
        return self._problem is None

    def result(self) -> tuple[bytes, str | None]:
        """Return the body, or no bytes and why it cannot be read."""
        if self._problem is None and self._began and self._decoder is not None and not self._decoder.eof:
            self._problem = "not what its Content-Encoding says (its end is missing)"
        return (b"", self._problem) if self._problem else (b"".join(self._parts), None)


def read_response(response: httpx.Response, check: Callable[[], None] = no_check) -> tuple[bytes, str | None]:
    """Return the body of a response, or no bytes and why it cannot be read: its coding, or its size."""
    reader = ResponseBodyReader(response)
    # As it comes from the transport: what httpx does to it besides costs as much again.
    chunks = response.iter_bytes() if response.is_stream_consumed else cast("httpx.SyncByteStream", response.stream)
    for chunk in chunks:
        if chunk:  # an empty body is on time, however late
            check()
        if not reader.take(chunk):
            break
    return reader.result()


def read_up_to(limit: int, chunks: Iterator[bytes], check: Callable[[], None]) -> bytes:
    """Return the beginning of a body, up to so many bytes."""
    body = b""
    for chunk in chunks:
        if chunk:  # an empty body is on time, however late
            check()
        body += chunk
        if len(body) >= limit:
            break
    return body[:limit]
