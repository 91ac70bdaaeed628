"""What is uploaded: a path, bytes or a stream, as a part that can be sent from its beginning again and again."""

from __future__ import annotations

import hashlib
import io
import mimetypes
import os
import tempfile
import threading
from collections.abc import Callable
from typing import IO, Protocol, TypeAlias

from ._errors import SourceChangedError

# Content of up to this size is kept in memory when a stream cannot be rewound, and on disk above.
_SPOOL_IN_MEMORY = 8 * 1024 * 1024
_PIECE = 1024 * 1024


class Readable(Protocol):
    """A binary stream: all that is asked of it is `read`; one that can `seek` is not copied."""

    def read(self, size: int = -1, /) -> bytes: ...


Source: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | Readable
"""What can be uploaded: a path, bytes, or a binary stream, which is sent from where it stands."""

Progress: TypeAlias = Callable[[int, int, int], object]
"""Called with bytes read to be sent, bytes in all, and the attempt from 1; the first starts over on another attempt.

What is read is sent soon after: the asynchronous client reads up to a mebibyte ahead.
"""


def check_source(source: Source, name: str | None) -> str:
    """The name under which a source is uploaded.

    Args:
        source: what is uploaded.
        name: the name that the caller gave, or None.

    Raises:
        TypeError: the source is none of a path, bytes and a binary stream.
        ValueError: it has no name and none is given, or the name cannot be sent.
    """
    if isinstance(source, io.TextIOBase):
        raise TypeError("the source is a text stream; open it in binary mode: open(path, 'rb')")
    if not isinstance(source, str | os.PathLike | bytes | bytearray | memoryview) and not callable(
        getattr(source, "read", None)
    ):
        raise TypeError(
            f"source must be a path, bytes or a binary stream that can be read, not {type(source).__name__}"
        )
    if name is None:
        name = _own_name(source)
        if name is None:
            raise ValueError("bytes and streams without a name need one: pass name='cat.png'")
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, not {type(name).__name__}")
    if not name.strip() or "/" in name or any(ord(character) < 32 or ord(character) == 127 for character in name):
        raise ValueError(f"name {name!r} must be a file name without slashes and control characters")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ValueError(f"name {name!r} cannot be sent as UTF-8; pass another name=") from None
    return name


def _own_name(source: Source) -> str | None:
    if isinstance(source, str | os.PathLike):
        return os.path.basename(os.fspath(source)) or None
    own = getattr(source, "name", None)
    # A pipe's name is a file descriptor, and that of a temporary file may be too; that of standard input is `<stdin>`.
    if not isinstance(own, str) or own.startswith("<"):
        return None
    return os.path.basename(own) or None


class Part:
    """The content of one upload, open: a seekable file to httpx, which reads it in pieces and never whole.

    Its position 0 is where the caller's stream stood. Reading it beyond the size that it had when it was opened, or
    finding its end before, raises SourceChangedError: what is sent has the length that was announced.

    Attributes:
        name: file name to send.
        content_type: MIME type guessed from the name, else application/octet-stream.
        size: bytes to send.
    """

    def __init__(
        self, stream: IO[bytes], *, name: str, owned: bool, label: str, on_progress: Progress | None = None
    ) -> None:
        self.name = name
        self.content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._stream = stream
        self._owned = owned
        self._label = label
        self._on_progress = on_progress
        self._start = stream.tell()
        stream.seek(0, os.SEEK_END)
        self.size = stream.tell() - self._start
        if self.size < 0:
            raise ValueError(f"{label} stands behind its end; seek to where the upload shall begin")
        stream.seek(self._start)
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

    def begin(self, attempt: int) -> None:
        """Say which attempt the bytes read from now on belong to."""
        self._attempt = attempt

    def read(self, size: int = -1) -> bytes:
        left = self.size - self._sent
        data = self._stream.read(min(size, left) if size >= 0 else left) if left else b""
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
        while left and (data := self._stream.read(min(left, _PIECE))):
            digest.update(data)
            left -= len(data)
        return digest.hexdigest()

    def close(self) -> None:
        """Close what was opened here; a stream of the caller stays open."""
        if self._owned:
            self._stream.close()


class Opening:
    """A source that is opened in one thread, while whoever waits for it may be cancelled in another."""

    def __init__(self, source: Source, name: str, on_progress: Progress | None) -> None:
        self._source = source
        self._name = name
        self._on_progress = on_progress
        self._part: Part | None = None
        self._closed = False
        self._lock = threading.Lock()

    def open(self) -> Part:
        """Open it.

        Raises:
            OSError, TypeError: as open_source.
        """
        part = open_source(self._source, self._name, self._on_progress)
        # Not while it opens: what waits for a named pipe to be written to would keep `close` waiting too.
        with self._lock:
            self._part = part
            if self._closed:
                part.close()
        return part

    def close(self) -> None:
        """Close it, now or as soon as it is open."""
        with self._lock:
            self._closed = True
            if self._part is not None:
                self._part.close()


def open_source(source: Source, name: str, on_progress: Progress | None) -> Part:
    """Open a source that check_source accepted. It may block: a path is opened, a pipe is read to its end.

    Raises:
        OSError: the path cannot be opened, or the stream cannot be read.
        TypeError: the stream gives text.
    """
    owned = True
    stream: IO[bytes]
    if isinstance(source, str | os.PathLike):
        label = os.fspath(source)
        stream = open(source, "rb")
        if not stream.seekable():
            # A named pipe. What was read of it is gone, so that it is copied before any of it is sent.
            with stream as pipe:
                stream = _spool(pipe, label)
    elif isinstance(source, bytes | bytearray | memoryview):
        label = f"the content of {name}"
        # A memoryview may be of every second byte, which BytesIO does not take.
        stream = io.BytesIO(source.tobytes() if isinstance(source, memoryview) else source)
    elif _can_rewind(source):
        label = f"the stream {name}"
        stream, owned = source, False  # type: ignore[assignment]  # _can_rewind saw that it is a file
    else:
        label = f"the stream {name}"
        stream = _spool(source, label)
    try:
        if owned is False and isinstance(stream.read(0), str):
            raise TypeError(f"{label} gives text; open it in binary mode: open(path, 'rb')")
        return Part(stream, name=name, owned=owned, label=label, on_progress=on_progress)
    except BaseException:
        if owned:
            stream.close()
        raise


def _can_rewind(source: Readable) -> bool:
    if not callable(getattr(source, "seek", None)) or not callable(getattr(source, "tell", None)):
        return False
    seekable = getattr(source, "seekable", None)
    return seekable() is True if callable(seekable) else True


def _spool(source: Readable, label: str) -> IO[bytes]:
    """Copy what cannot be rewound, in memory while it is small and on disk above."""
    spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY)
    try:
        while data := _read(source, label):
            spool.write(data)
        spool.seek(0)
    except BaseException:
        spool.close()
        raise
    return spool


def _read(source: Readable, label: str) -> bytes:
    data: object = source.read(_PIECE)
    if isinstance(data, str):
        raise TypeError(f"{label} gives text; open it in binary mode")
    if data is None:
        # What a stream that does not block gives while nothing is there; taken for the end, it would cut the upload.
        raise TypeError(f"{label} does not block, so that its end cannot be told; set it to blocking mode")
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"{label} gives {type(data).__name__} and not bytes")
    return bytes(data)
