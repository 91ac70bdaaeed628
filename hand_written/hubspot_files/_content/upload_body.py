"""The body of an upload, which can be sent from its beginning again and again."""

from __future__ import annotations

import hashlib
import os
from typing import IO

from .._awaitable import close_coroutine
from .._errors import SourceChangedError
from .media_types import content_type
from .source import COPY_SIZE, Progress


class UploadBody:
    """The content of one upload, open: a seekable file to httpx, which reads it in pieces and never whole.

    Its position 0 is where the caller's stream stood. Reading it beyond the size that it had when it was opened, or
    finding its end before, raises SourceChangedError: what is sent has the length that was announced.

    Attributes:
        name: file name to send.
        content_type: see content_type.
        size: bytes to send.
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
            raise ValueError(f"{label} stands behind its end; seek to where the upload shall begin")
        if not self.size:
            check_not_at_end(label, self._start)
        stream.seek(self._start)
        if not self.size and as_bytes(stream.read(1), label):
            raise ValueError(
                f"{label} has content, though its size is 0 by seek() and tell(); read it and pass the bytes"
            )
        self._sent = 0
        self._attempt = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move as httpx does: to the end, to learn the size, and back to the start, before each attempt."""
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
        """Note which attempt the bytes that are read from now on belong to."""
        self._attempt = attempt

    def read(self, size: int = -1) -> bytes:
        left = self.size - self._sent
        data = as_bytes(self._stream.read(min(size, left) if size >= 0 else left), self._label) if left else b""
        if left and not data:
            raise SourceChangedError(
                f"{self._label} became {left} bytes shorter while it was uploaded; nothing is stored"
            )
        if not left and self._stream.read(1):
            raise SourceChangedError(f"{self._label} became longer while it was uploaded; nothing is stored")
        self._sent += len(data)
        if self._on_progress is not None and (data or not self.size):
            self._on_progress(self._sent, self.size, self._attempt)
        return data

    def md5(self) -> str:
        """The MD5 of what is uploaded, in hexadecimal digits, read anew."""
        digest = hashlib.md5(usedforsecurity=False)
        self._stream.seek(self._start)
        left = self.size
        while left and (data := self._stream.read(min(left, COPY_SIZE))):
            digest.update(data)
            left -= len(data)
        return digest.hexdigest()

    def close(self) -> None:
        """Close what was opened here; a stream of the caller stays open."""
        if self._owned:
            self._stream.close()


def as_bytes(data: object, label: str) -> bytes:
    """What the `read` of a stream returned.

    Raises:
        TypeError: it is not bytes.
    """
    if isinstance(data, str):
        raise TypeError(f"{label} gives text; open it in binary mode")
    if data is None:
        # What a stream that does not block gives while nothing is there; taken for the end, it would cut the upload.
        raise TypeError(f"{label} does not block, so that its end cannot be told; set it to blocking mode")
    if not isinstance(data, bytes | bytearray | memoryview):
        close_coroutine(data)
        raise TypeError(f"{label} gives {type(data).__name__} and not bytes")
    return bytes(data)


def check_not_at_end(label: str, stands: object) -> None:
    """Make sure that a stream that gives nothing has nothing.

    Args:
        label: the stream, for messages.
        stands: where it says that it stands.

    Raises:
        ValueError: it has content, and stands behind it.
    """
    if isinstance(stands, int) and stands > 0:
        raise ValueError(
            f"{label} is at its end, after {stands} bytes, so that nothing would be uploaded; call seek(0) on it, "
            "or open it again if it can be read only once"
        )
