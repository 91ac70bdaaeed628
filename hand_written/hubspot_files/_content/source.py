"""Sources of uploads, and their validation without reading them."""

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
from .._errors import ArgumentTypeError, ArgumentValueError
from .._validation import file_name, shown

COPY_SIZE = 1024 * 1024
"""Bytes per read from a stream that is copied."""
# The maximum length of a path on Linux.
_MAX_PATH = 4096
_NOT_A_SOURCE = "source must be a path, bytes or a binary stream that can be read, not"


class Readable(Protocol):
    """A binary stream. It needs a `read` only. A stream that can `seek` is not copied."""

    def read(self, size: int = -1, /) -> bytes: ...


class AsyncReadable(Protocol):
    """A binary stream whose `read` has to be awaited. AsyncHubSpotFiles copies it before it is sent."""

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
"""A source of an upload: a path, bytes, or a binary stream, which is sent from its current position."""
Progress: TypeAlias = Callable[[int, int, int], object]
"""Callback for the progress of an upload or a download: bytes so far, total bytes, and number of the attempt from 1.

The bytes of an upload are those read to be sent, and start again with each attempt. AsyncHubSpotFiles reads up to a
mebibyte before it is sent. The bytes of a download are those received, and go on when an attempt resumes it.
"""


def check_source(source: Source, name: str | None) -> str:
    """Check a source without reading it, and return the name for the upload.

    Args:
        source: source of the upload.
        name: name that the caller passed, or None.

    Returns:
        The passed name, or the name of the path, of the path at which the stream was opened, or of a web framework's
        upload.

    Raises:
        TypeError: the source is not a path, bytes or a binary stream.
        ValueError: the source is closed or not open for reading, has no name although none was passed, or the name is
            not valid.
    """
    stream = stream_of(source)
    if stream is not None:
        _check_stream(stream)
    elif isinstance(source, str) and _looks_like_content(source):
        raise ArgumentValueError(
            f"source {shown(source)} is a str, which is taken for a path, and there is no file at it; pass content as "
            "bytes, such as text.encode(), with name="
        )
    if name is None:
        name = _own_name(source, stream)
        if name is None:
            if isinstance(source, str | os.PathLike):
                raise ArgumentValueError(f"source {shown(os.fspath(source))} is not the path of a file; pass one")
            # The name of a stream may be that of a form's field, an archive or a temporary file.
            raise ArgumentValueError(
                "bytes, and streams that are not a file opened at a path, need a name: pass name='cat.png'"
            )
    return file_name(name)


def _looks_like_content(source: str) -> bool:
    """Return whether a str is likely to be content: it has line ends or is very long, and no file has this name."""
    return (len(source) > _MAX_PATH or not {"\n", "\r"}.isdisjoint(source)) and not os.path.exists(source)


def stream_of(source: Source) -> Readable | AsyncReadable | None:
    """Return the stream of a source, or of a web framework's upload. Return None for a path and for bytes.

    Raises:
        TypeError: the source is not a path, bytes or a binary stream.
    """
    if isinstance(source, str | os.PathLike | bytes | bytearray | memoryview):
        return None
    if not isinstance(source, io.IOBase) and isinstance(getattr(source, "filename", ...), str | None):
        # Use the file of an UploadFile, because the `read` of the UploadFile itself has to be awaited.
        for attribute in ("stream", "file"):
            held: Readable | None = getattr(source, attribute, None)
            if callable(getattr(held, "read", None)):
                return held
    if isinstance(source, type):
        raise ArgumentTypeError(f"{_NOT_A_SOURCE} the class {source.__name__}")
    if not callable(getattr(source, "read", None)) or hasattr(type(source), "namelist"):
        raise ArgumentTypeError(f"{_NOT_A_SOURCE} {type(source).__name__}{_suggestion(source)}")
    return source  # type: ignore[return-value]  # it has a `read`


def _suggestion(source: object) -> str:
    """Return a suggestion for an object that is not a stream, or an empty str."""
    if inspect.isawaitable(source):
        close_coroutine(source)
        return "; await it, or enter it with `async with`, and pass the result"
    if hasattr(type(source), "namelist"):
        return "; pass the path of the archive, or a member, opened with its open(name)"
    if hasattr(type(source), "content"):
        return "; pass its content as bytes, with name="
    if hasattr(source, "__next__") or hasattr(source, "__anext__"):
        return "; write its items to a tempfile.SpooledTemporaryFile(), call seek(0), and pass that"
    return ""


def _check_stream(stream: Any) -> None:
    """Check the type and the state of a stream.

    Raises:
        TypeError: it is a text stream, or its `read` accepts no size.
        ValueError: it is closed, was read to its end, or is not open for reading.
    """
    if not isinstance(stream, io.IOBase) and not _takes_size(stream.read):
        # Such as a response of httpx or aiohttp.
        raise ArgumentTypeError(
            f"read() of a {type(stream).__name__} accepts no size; pass its content as bytes, with name="
        )
    if is_text(stream):
        raise ArgumentTypeError("the source is a text stream; open it in binary mode: open(path, 'rb')")
    # This comes after the check of `encoding`, because a file of a Django model is closed until another attribute is
    # used. A response of urllib that was read to its end has isclosed(), but its `closed` is False.
    finished = getattr(stream, "isclosed", None)
    if getattr(stream, "closed", None) is True or (callable(finished) and finished() is True):
        raise ArgumentValueError("the source is closed, or was read to its end; open it again")
    readable = getattr(stream, "readable", None)
    if callable(readable) and call_without_awaiting(readable) is False:
        raise ArgumentValueError("the source is not open for reading; open it in the mode 'rb'")


def is_text(stream: object) -> bool:
    """Return whether a stream is a text stream. The body of a Flask response has an encoding, but is binary."""
    if isinstance(stream, io.TextIOBase | codecs.StreamReaderWriter):
        return True
    return isinstance(getattr(stream, "encoding", None), str) and "b" not in str(getattr(stream, "mode", ""))


def _takes_size(read: Callable[..., object]) -> bool:
    try:
        signature = inspect.signature(read)
    except (TypeError, ValueError):
        # Functions of extension modules may have no signature. The call itself will show it.
        return True
    try:
        signature.bind(COPY_SIZE)
    except TypeError:
        return False
    return True


def call_without_awaiting(method: Callable[[], object]) -> object:
    """Call a method of a stream, and return its result without awaiting it."""
    outcome = method()
    close_coroutine(outcome)
    return outcome


def _own_name(source: Source, stream: Readable | AsyncReadable | None) -> str | None:
    """Return the name of the content, or None if it is that of a form's field, an archive or a temporary file."""
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
    # aiofiles, anyio and trio wrap the file that `open` returns.
    handle = getattr(stream, "wrapped", stream)
    raw = getattr(handle, "raw", handle)
    opened_at = getattr(raw, "name", None) if isinstance(raw, io.FileIO) else None
    # The name of a pipe or a temporary file can be a file descriptor, and that of standard input is `<stdin>`.
    if not isinstance(opened_at, str) or opened_at.startswith("<"):
        return None
    if not isinstance(handle, io.IOBase) and (handle is not stream or _is_temporary(opened_at)):
        return None
    return os.path.basename(opened_at) or None


def _is_temporary(path: str) -> bool:
    """Return whether a path looks like one of `tempfile`. The handles of aiofiles do not tell temporary files apart."""
    folder, name = os.path.split(path)
    return folder == tempfile.gettempdir() and name.startswith(tempfile.gettempprefix())


def _last_segment(name: object) -> str | None:
    """Return a file name from another machine without its folders, for either separator."""
    return re.split(r"[/\\]", name)[-1] or None if isinstance(name, str) else None
