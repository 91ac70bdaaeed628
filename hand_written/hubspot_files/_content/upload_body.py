"""The body of an upload, which can be sent again from its start."""

from __future__ import annotations

import hashlib
import os
from typing import IO

from .._awaitable import close_coroutine
from .._errors import ArgumentTypeError, ArgumentValueError, SourceChangedError
from .media_types import content_type
from .source import COPY_SIZE, Progress


class UploadBody:
    """The open content of an upload, with the methods of a seekable file that httpx reads in chunks.

    Its position 0 is the position of the caller's stream when it was opened. If the source becomes longer or shorter
    after that, `read` raises SourceChangedError, because the length was already sent.

    Attributes:
        name: file name to send.
        content_type: media type, by the extension of the name.
        size: number of bytes to send.
    """

    def __init__(
        self, stream: IO[bytes], *, name: str, owned: bool, label: str, on_progress: Progress | None = None
    ) -> None:
        self.name = name
        self.content_type = content_type(name)
        self._stream = stream
        self._owned = owned
        self._label = label
        self._on_progress = on_progress
        self._start = stream.tell()
        stream.seek(0, os.SEEK_END)
        self.size = stream.tell() - self._start
        if self.size < 0:
            raise ArgumentValueError(f"{label} is positioned after its end; seek to the start of the upload")
        if not self.size:
            check_not_at_end(label, self._start)
        stream.seek(self._start)
        if not self.size and as_bytes(stream.read(1), label):
            raise ArgumentValueError(
                f"{label} has content, although its size is 0 by seek() and tell(); read it and pass the bytes"
            )
        self._sent = 0
        self._attempt = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Seek to the end, which httpx does to get the size, or to the start, which it does before each attempt."""
        if whence == os.SEEK_END:
            self._sent = self.size
            return self.size
        if offset == 0:
            self._sent = 0
            self._stream.seek(self._start)
        return self._sent

    def tell(self) -> int:
        return self._sent

    def start_attempt(self, attempt: int) -> None:
        """Set the number of the attempt for which bytes are read from now on."""
        self._attempt = attempt

    def read(self, size: int = -1) -> bytes:
        rest = self.size - self._sent
        data = as_bytes(self._stream.read(min(size, rest) if size >= 0 else rest), self._label) if rest else b""
        if rest and not data:
            raise SourceChangedError(
                f"{self._label} became {rest} bytes shorter while it was uploaded; nothing is stored"
            )
        if not rest and self._stream.read(1):
            raise SourceChangedError(f"{self._label} became longer while it was uploaded; nothing is stored")
        self._sent += len(data)
        if self._on_progress is not None and (data or not self.size):
            self._on_progress(self._sent, self.size, self._attempt)
        return data

    def md5(self) -> str:
        """Read the content again, and return its MD5 in hexadecimal digits."""
        digest = hashlib.md5(usedforsecurity=False)
        self._stream.seek(self._start)
        rest = self.size
        while rest and (data := self._stream.read(min(rest, COPY_SIZE))):
            digest.update(data)
            rest -= len(data)
        return digest.hexdigest()

    def close(self) -> None:
        """Close the stream if it was opened here. A stream of the caller stays open."""
        if self._owned:
            self._stream.close()


def as_bytes(data: object, label: str) -> bytes:
    """Return the result of a stream's `read` as bytes.

    Raises:
        TypeError: it is not bytes.
    """
    if isinstance(data, str):
        raise ArgumentTypeError(f"{label} returns text; open it in binary mode")
    if data is None:
        # A stream in non-blocking mode returns None while it has no data. Treated as the end, it would cut the upload.
        raise ArgumentTypeError(f"{label} is in non-blocking mode, and its end is not known; set it to blocking mode")
    if not isinstance(data, bytes | bytearray | memoryview):
        close_coroutine(data)
        raise ArgumentTypeError(f"{label} returns {type(data).__name__} instead of bytes")
    return bytes(data)


def check_not_at_end(label: str, position: object) -> None:
    """Check that a stream without further bytes is empty, and not at the end of its content.

    Args:
        label: the stream, for messages.
        position: result of its `tell`.

    Raises:
        ValueError: it is at the end of its content.
    """
    if isinstance(position, int) and position > 0:
        raise ArgumentValueError(
            f"{label} is at its end, after {position} bytes, and nothing would be uploaded; call seek(0) on it, or "
            "open it again if it can be read only once"
        )
