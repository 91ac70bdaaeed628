"""What is uploaded: a path, bytes or a stream, as a part that can be sent from its beginning again and again."""

from __future__ import annotations

import codecs
import functools
import hashlib
import inspect
import io
import mimetypes
import os
import re
import tempfile
import threading
from collections.abc import Awaitable, Callable
from typing import IO, Any, Protocol, TypeAlias

from ._awaitable import dismiss, is_async
from ._errors import SourceChangedError

# Content of up to this size is kept in memory when a stream cannot be rewound, and on disk above.
_SPOOL_IN_MEMORY = 8 * 1024 * 1024
CHUNK_SIZE = 1024 * 1024
"""Bytes that are read at once from a stream that is copied."""

# Extensions of which Python's own table says nothing, or not the same in all versions. Compressed content is named by
# how it is compressed: what `mimetypes` says of cat.tar.gz, application/x-tar, is what comes out of it.
_MORE_TYPES = {
    ".7z": "application/x-7z-compressed",
    ".bz2": "application/x-bzip2",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".epub": "application/epub+zip",
    ".gz": "application/gzip",
    ".js": "text/javascript",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ogg": "audio/ogg",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rtf": "application/rtf",
    ".svgz": "application/gzip",
    ".taz": "application/gzip",
    ".tbz2": "application/x-bzip2",
    ".tgz": "application/gzip",
    ".txz": "application/x-xz",
    ".tz": "application/gzip",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xz": "application/x-xz",
    ".z": "application/x-compress",
    ".zst": "application/zstd",
}


_NOT_A_SOURCE = "source must be a path, bytes or a binary stream that can be read, not"


class Readable(Protocol):
    """A binary stream: all that is asked of it is `read`; one that can `seek` is not copied."""

    def read(self, size: int = -1, /) -> bytes: ...


class AsyncReadable(Protocol):
    """A binary stream whose `read` is awaited, which the asynchronous client does; it is copied before it is sent."""

    def read(self, size: int = -1, /) -> Awaitable[bytes]: ...


class HasStream(Protocol):
    """An upload that a web framework received, such as a FileStorage of Flask."""

    @property
    def filename(self) -> str | None: ...
    @property
    def stream(self) -> Readable: ...


class HasFile(Protocol):
    """An upload that a web framework received, such as an UploadFile of FastAPI."""

    @property
    def filename(self) -> str | None: ...
    @property
    def file(self) -> Readable: ...


Source: TypeAlias = (
    str | os.PathLike[str] | bytes | bytearray | memoryview | Readable | AsyncReadable | HasStream | HasFile
)
"""What can be uploaded: a path, bytes, or a binary stream, which is sent from where it stands."""

Progress: TypeAlias = Callable[[int, int, int], object]
"""Called with bytes read to be sent, bytes in all, and the attempt from 1; the first starts over on another attempt.

What is read is sent soon after: the asynchronous client reads up to a mebibyte ahead.
"""


class MustAwaitError(Exception):
    """A source that has to be awaited was opened as one that has not.

    Attributes:
        chunk: what its `read` returned, where it was called already and what it returned has to be kept, or None.
    """

    def __init__(self, chunk: Awaitable[bytes] | None) -> None:
        super().__init__()
        self.chunk = chunk


def check_source(source: Source, name: str | None) -> str:
    """Check all of a source that can be seen without reading it.

    Args:
        source: what is uploaded.
        name: the name that the caller gave, or None.

    Returns:
        The name under which it is uploaded: the one that was given; else that of the path, of the path that the stream
        was opened at, or the one that a web framework received with an upload.

    Raises:
        TypeError: the source is none of a path, bytes and a binary stream.
        ValueError: it is closed or not open for reading, it has no name and none is given, or the name cannot be sent.
    """
    stream = stream_of(source)
    if stream is not None:
        _check_stream(stream)
    if name is None:
        name = _own_name(source, stream)
        if name is None:
            if isinstance(source, str | os.PathLike):
                raise ValueError(f"source {os.fspath(source)!r} is a folder, or no path; pass a file")
            # A stream may have a name that is another's: that of a form's field, an archive or a temporary file.
            raise ValueError(
                "bytes, and streams that are not a file opened at a path, need a name: pass name='cat.png'"
            )
    return check_name(name)


def check_name(name: str) -> str:
    """Check the name of a file.

    Raises:
        TypeError: it is not a str.
        ValueError: it is blank, `.` or `..`, holds a slash, a backslash or a control character, or is not valid UTF-8.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, not {type(name).__name__}")
    if (
        name.strip() in ("", ".", "..")
        or "/" in name
        or any(ord(character) < 32 or ord(character) == 127 for character in name)
    ):
        raise ValueError(f"name {name!r} must be a file name without slashes and control characters")
    if "\\" in name:
        raise ValueError(
            f"name {name!r} holds a backslash; pass the file's own name, and its folder as a path with '/'"
        )
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ValueError(f"name {name!r} cannot be sent as UTF-8; pass another name=") from None
    return name


def stream_of(source: Source) -> Readable | AsyncReadable | None:
    """The stream that a source is, or that an upload of a web framework holds; None for a path and for bytes.

    Raises:
        TypeError: the source is none of these.
    """
    if isinstance(source, str | os.PathLike | bytes | bytearray | memoryview):
        return None
    if not isinstance(source, io.IOBase) and isinstance(getattr(source, "filename", ...), str | None):
        # Not the upload itself: `read` of an UploadFile has to be awaited, and that of its file does not.
        for attribute in ("stream", "file"):
            held: Readable | None = getattr(source, attribute, None)
            if callable(getattr(held, "read", None)):
                return held
    if isinstance(source, type):
        raise TypeError(f"{_NOT_A_SOURCE} the class {source.__name__}")
    if not callable(getattr(source, "read", None)) or hasattr(type(source), "namelist"):
        raise TypeError(f"{_NOT_A_SOURCE} {type(source).__name__}{_instead(source)}")
    return source  # type: ignore[return-value]  # what has no `read` was refused


def _instead(source: object) -> str:
    """What to pass instead of something that is not a stream, where that can be seen."""
    if inspect.isawaitable(source):
        dismiss(source)
        return "; await it, or enter it with `async with`, and pass what that gives"
    if hasattr(type(source), "namelist"):
        return "; pass the path of the archive, or a member, opened with its open(name)"
    if hasattr(type(source), "content"):
        return "; pass its content as bytes, with name="
    if hasattr(source, "__next__") or hasattr(source, "__anext__"):
        return "; write what it gives to a tempfile.SpooledTemporaryFile(), seek(0), and pass that"
    return ""


def _check_stream(stream: Any) -> None:
    """Check what a stream tells of itself.

    Raises:
        TypeError: it gives text, or its `read` takes no size.
        ValueError: it is closed, was read to its end, or is not open for reading.
    """
    if not isinstance(stream, io.IOBase) and not _takes_size(stream.read):
        # Such as a response of httpx or aiohttp.
        raise TypeError(f"read() of a {type(stream).__name__} takes no size; pass its content as bytes, with name=")
    if is_text(stream):
        raise TypeError("the source is a text stream; open it in binary mode: open(path, 'rb')")
    # After `encoding`: a file of a Django model is closed until it is asked for something else. A response of urllib
    # that was read to its end does not count as closed.
    finished = getattr(stream, "isclosed", None)
    if getattr(stream, "closed", None) is True or (callable(finished) and finished() is True):
        raise ValueError("the source is closed, or was read to its end; open it again")
    readable = getattr(stream, "readable", None)
    if callable(readable) and _outcome(readable) is False:
        raise ValueError("the source is not open for reading; open it in the mode 'rb'")


def is_text(stream: object) -> bool:
    """Whether a stream says that it is of text. The body of a response of Flask names its charset, and is binary."""
    if isinstance(stream, io.TextIOBase | codecs.StreamReaderWriter):
        return True
    return isinstance(getattr(stream, "encoding", None), str) and "b" not in str(getattr(stream, "mode", ""))


def _takes_size(read: Callable[..., object]) -> bool:
    try:
        signature = inspect.signature(read)
    except (TypeError, ValueError):
        # There are functions without one, of extensions: calling it will tell.
        return True
    try:
        signature.bind(CHUNK_SIZE)
    except TypeError:
        return False
    return True


def _outcome(method: Callable[[], object]) -> object:
    """What a method of a stream returns, where that can be had without awaiting it."""
    outcome = method()
    dismiss(outcome)
    return outcome


def _own_name(source: Source, stream: Readable | AsyncReadable | None) -> str | None:
    """The name that belongs to the content: not that of a form's field, of an archive, or of a temporary file."""
    if isinstance(source, str | os.PathLike):
        return os.path.basename(os.fspath(source)) or None
    if stream is None:
        return None
    if stream is not source:
        return _last_segment(getattr(source, "filename", None))
    if callable(getattr(stream, "chunks", None)) and callable(getattr(stream, "multiple_chunks", None)):
        # A file of Django.
        return _last_segment(getattr(stream, "name", None))
    if not isinstance(stream, io.IOBase) and not is_async(stream.read):
        return None
    # The handle of aiofiles, anyio or trio around what `open` gives.
    handle = getattr(stream, "wrapped", stream)
    raw = getattr(handle, "raw", handle)
    opened_at = getattr(raw, "name", None) if isinstance(raw, io.FileIO) else None
    # A pipe's name is a file descriptor, and that of a temporary file may be too; that of standard input is `<stdin>`.
    if not isinstance(opened_at, str) or opened_at.startswith("<"):
        return None
    if not isinstance(handle, io.IOBase) and (handle is not stream or _is_temporary(opened_at)):
        return None
    return os.path.basename(opened_at) or None


def _is_temporary(path: str) -> bool:
    """Whether a path is one that tempfile makes up. Handles of aiofiles show nothing else of what they are around."""
    folder, name = os.path.split(path)
    return folder == tempfile.gettempdir() and name.startswith(tempfile.gettempprefix())


def _last_segment(name: object) -> str | None:
    """A name from another machine without its folders there, whichever separator that machine has."""
    return re.split(r"[/\\]", name)[-1] or None if isinstance(name, str) else None


def content_type(name: str) -> str:
    """The MIME type of a file by its extension, the same on every machine; else application/octet-stream."""
    return _types().get(os.path.splitext(name)[1].lower(), "application/octet-stream")


@functools.cache
def _types() -> dict[str, str]:
    # Not `mimetypes.guess_type`: that reads tables of the machine, such as the registry of Windows, by which a .csv may
    # be an application/vnd.ms-excel; and it takes a name for a URL.
    others, standard = mimetypes.MimeTypes().types_map
    return {**others, **standard, **_MORE_TYPES}


class Part:
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

    def begin(self, attempt: int) -> None:
        """Say which attempt the bytes read from now on belong to."""
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
        while left and (data := self._stream.read(min(left, CHUNK_SIZE))):
            digest.update(data)
            left -= len(data)
        return digest.hexdigest()

    def close(self) -> None:
        """Close what was opened here; a stream of the caller stays open."""
        if self._owned:
            self._stream.close()


class Opening:
    """A source that is opened in one thread, while whoever waits for it may be cancelled in another.

    Attributes:
        label: the source, for messages.
    """

    def __init__(self, source: Source, name: str, on_progress: Progress | None) -> None:
        self.label = f"the stream {name}"
        self._source = source
        self._name = name
        self._on_progress = on_progress
        self._part: Part | None = None
        self._closed = False
        self._lock = threading.Lock()

    def open(self) -> Part:
        """Open it.

        Raises:
            OSError, TypeError, ValueError, MustAwaitError: as open_source.
        """
        return self._keep(open_source(self._source, self._name, self._on_progress))

    def open_copy(self, copy: IO[bytes]) -> Part:
        """Open the copy of a source that had to be awaited. It is closed with what was opened."""
        copy.seek(0)
        return self._keep(Part(copy, name=self._name, owned=True, label=self.label, on_progress=self._on_progress))

    def _keep(self, part: Part) -> Part:
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
        ValueError: the stream stands at its end, and has content before it.
        MustAwaitError: the stream has to be awaited.
    """
    stream: Any = stream_of(source)
    label = f"the stream {name}"
    owned = stream is None
    if isinstance(source, str | os.PathLike):
        label = os.fspath(source)
        # Not the object itself, which may be an integer too, as a MagicMock is: that would be a file descriptor.
        stream = open(label, "rb")
    elif isinstance(source, bytes | bytearray | memoryview):
        label = f"the content of {name}"
        # A memoryview may be of every second byte, which BytesIO does not take.
        stream = io.BytesIO(source.tobytes() if isinstance(source, memoryview) else source)
    elif is_async(stream.read):
        raise MustAwaitError(None)
    try:
        if _can_rewind(stream, label):
            try:
                return Part(stream, name=name, owned=owned, label=label, on_progress=on_progress)
            except OSError:
                # It cannot seek, though it says so: its content can still be had by reading it.
                pass
        # Such as a pipe. What was read of it is gone, so that it is copied before any of it is sent.
        copy = _spool(stream, label)
    except BaseException:
        if owned:
            stream.close()
        raise
    if owned:
        stream.close()
    return Part(copy, name=name, owned=True, label=label, on_progress=on_progress)


def _can_rewind(source: Any, label: str) -> bool:
    if not callable(getattr(source, "seek", None)) or not callable(getattr(source, "tell", None)):
        return False
    seekable = getattr(source, "seekable", None)
    try:
        if callable(seekable) and _outcome(seekable) is not True:
            return False
    except AttributeError:
        # It asks a stream that knows nothing of this, as a member of a tar file does that is read from a pipe.
        return False
    nothing = source.read(0)
    if inspect.isawaitable(nothing):
        dismiss(nothing)
        raise MustAwaitError(None)
    as_bytes(nothing, label)
    return True


def new_copy() -> IO[bytes]:
    """A temporary file for what cannot be rewound, in memory while it is small and on disk above."""
    return tempfile.SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY)


def _spool(source: Readable, label: str) -> IO[bytes]:
    """Copy what cannot be rewound."""
    copy = new_copy()
    try:
        data: object = source.read(CHUNK_SIZE)
        if inspect.isawaitable(data):
            raise MustAwaitError(data)
        while chunk := as_bytes(data, label):
            copy.write(chunk)
            data = source.read(CHUNK_SIZE)
        if not copy.tell():
            check_not_at_end(label, position(source))
        _check_complete(source, label)
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    return copy


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
        dismiss(data)
        raise TypeError(f"{label} gives {type(data).__name__} and not bytes")
    return bytes(data)


def position(stream: object) -> object:
    """What `tell` of a stream returns, which may have to be awaited; None where it cannot tell."""
    tell = getattr(stream, "tell", None)
    try:
        return tell() if callable(tell) else None
    except OSError:
        return None


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
            f"{label} stands at its end, after {stands} bytes, so that nothing would be uploaded; call seek(0) on it, "
            "or open it again if it can be read only once"
        )


def _check_complete(source: object, label: str) -> None:
    """Make sure that a response of urllib came to its end: where it is cut, it ends as if it were whole.

    Raises:
        OSError: it was cut.
    """
    left = getattr(source, "length", None)
    if callable(getattr(source, "isclosed", None)) and isinstance(left, int) and left > 0:
        raise OSError(f"{label} ended {left} bytes before its end: the connection was cut; open it again")
