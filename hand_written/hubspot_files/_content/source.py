"""What can be uploaded: a path, bytes or a stream, checked without reading it."""

from __future__ import annotations

import codecs
import inspect
import io
import os
import re
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeAlias

from .._awaitable import close_coroutine, is_async
from .._validation import file_name

COPY_SIZE = 1024 * 1024
"""Bytes that are read at once from a stream that is copied."""
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
    return file_name(name)


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
        raise TypeError(f"{_NOT_A_SOURCE} {type(source).__name__}{_suggestion(source)}")
    return source  # type: ignore[return-value]  # what has no `read` was refused


def _suggestion(source: object) -> str:
    """What to pass instead of something that is not a stream, where that can be seen."""
    if inspect.isawaitable(source):
        close_coroutine(source)
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
    if callable(readable) and call_without_awaiting(readable) is False:
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
        signature.bind(COPY_SIZE)
    except TypeError:
        return False
    return True


def call_without_awaiting(method: Callable[[], object]) -> object:
    """What a method of a stream returns, where that can be had without awaiting it."""
    outcome = method()
    close_coroutine(outcome)
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
