"""Opening of sources. Streams that cannot seek or have to be awaited are copied."""

from __future__ import annotations

import inspect
import io
import os
import tempfile
import threading
from collections.abc import Awaitable
from typing import IO, Any

from .._awaitable import close_coroutine, is_async
from .._engine.effects import CleanUp, Flow, RunBlocking, WaitFor
from .source import COPY_SIZE, Progress, Readable, Source, call_without_awaiting, stream_of
from .upload_body import UploadBody, as_bytes, check_not_at_end

# The copy of a stream that cannot seek is kept in memory up to this size, and on disk above.
_SPOOL_IN_MEMORY = 8 * 1024 * 1024
_MUST_AWAIT = (
    "the source has to be awaited, which AsyncHubSpotFiles does; pass a path, bytes, or a file opened with "
    "open(path, 'rb')"
)


class MustAwaitError(Exception):
    """A source that was opened synchronously has to be awaited.

    Attributes:
        chunk: result of its first `read`, to be awaited, or None if `read` was not called yet.
    """

    def __init__(self, chunk: Awaitable[bytes] | None) -> None:
        super().__init__()
        self.chunk = chunk


class SourceOpener:
    """A source that is opened in a worker thread, while the waiting task may be cancelled.

    Attributes:
        label: description of the source, for messages.
    """

    def __init__(self, source: Source, name: str, on_progress: Progress | None) -> None:
        self.label = f"the stream {name}"
        self._source = source
        self._name = name
        self._on_progress = on_progress
        self._body: UploadBody | None = None
        self._closed = False
        self._lock = threading.Lock()

    def open(self) -> UploadBody:
        """Open the source.

        Raises:
            OSError, TypeError, ValueError, MustAwaitError: see `open_source`.
        """
        return self._keep(open_source(self._source, self._name, self._on_progress))

    def open_copy(self, copy: IO[bytes]) -> UploadBody:
        """Open the copy of a source that had to be awaited. `close` closes it, too."""
        copy.seek(0)
        return self._keep(
            UploadBody(copy, name=self._name, owned=True, label=self.label, on_progress=self._on_progress)
        )

    def _keep(self, body: UploadBody) -> UploadBody:
        # The lock is not held during the opening, because a named pipe without a writer would then block `close`, too.
        with self._lock:
            self._body = body
            if self._closed:
                body.close()
        return body

    def close(self) -> None:
        """Close the source, now or as soon as it is open."""
        with self._lock:
            self._closed = True
            if self._body is not None:
                self._body.close()


def open_source(source: Source, name: str, on_progress: Progress | None) -> UploadBody:
    """Open a source that check_source accepted. It can block, to open a path or to read a pipe to its end.

    Raises:
        OSError: the path cannot be opened, or the stream cannot be read.
        TypeError: the stream returns text.
        ValueError: the stream is at its end, after its content.
        MustAwaitError: the stream has to be awaited.
    """
    stream: Any = stream_of(source)
    label = f"the stream {name}"
    owned = stream is None
    if isinstance(source, str | os.PathLike):
        label = os.fspath(source)
        # Open the str: an object such as a MagicMock may also be an integer, which `open` takes for a descriptor.
        stream = open(label, "rb")
    elif isinstance(source, bytes | bytearray | memoryview):
        label = f"the content of {name}"
        # A memoryview may be non-contiguous, which BytesIO does not accept.
        stream = io.BytesIO(source.tobytes() if isinstance(source, memoryview) else source)
    elif is_async(stream.read):
        raise MustAwaitError(None)
    try:
        if _can_rewind(stream, label):
            try:
                return UploadBody(stream, name=name, owned=owned, label=label, on_progress=on_progress)
            except OSError:
                # It claims to be seekable but cannot seek. Its content can still be read.
                pass
        # A stream such as a pipe can be read only once, and a retry needs the content again.
        copy = _spool(stream, label)
    except BaseException:
        if owned:
            stream.close()
        raise
    if owned:
        stream.close()
    return UploadBody(copy, name=name, owned=True, label=label, on_progress=on_progress)


def _can_rewind(source: Any, label: str) -> bool:
    if not callable(getattr(source, "seek", None)) or not callable(getattr(source, "tell", None)):
        return False
    seekable = getattr(source, "seekable", None)
    try:
        if callable(seekable) and call_without_awaiting(seekable) is not True:
            return False
    except AttributeError:
        # It delegates to a stream without this method, like a member of a tar file that is read from a pipe.
        return False
    nothing = source.read(0)
    if inspect.isawaitable(nothing):
        close_coroutine(nothing)
        raise MustAwaitError(None)
    as_bytes(nothing, label)
    return True


def new_copy() -> IO[bytes]:
    """Return a temporary file for a copy, in memory while it is small and on disk above."""
    return tempfile.SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY)


def _spool(source: Readable, label: str) -> IO[bytes]:
    """Copy a stream that cannot seek."""
    copy = new_copy()
    try:
        data: object = source.read(COPY_SIZE)
        if inspect.isawaitable(data):
            raise MustAwaitError(data)
        while chunk := as_bytes(data, label):
            copy.write(chunk)
            data = source.read(COPY_SIZE)
        if not copy.tell():
            check_not_at_end(label, position(source))
        _check_complete(source, label)
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    return copy


def position(stream: object) -> object:
    """Return the result of a stream's `tell`, which may have to be awaited, or None if it has no position."""
    tell = getattr(stream, "tell", None)
    try:
        return tell() if callable(tell) else None
    except OSError:
        return None


def _check_complete(source: object, label: str) -> None:
    """Check that a response of urllib is complete. If it is cut, its `read` raises no error.

    Raises:
        OSError: it was cut.
    """
    missing = getattr(source, "length", None)
    if callable(getattr(source, "isclosed", None)) and isinstance(missing, int) and missing > 0:
        raise OSError(f"{label} ended {missing} bytes before its end: the connection was cut; open it again")


def open_upload(source: Source, opener: SourceOpener) -> Flow[UploadBody]:
    """Open a source. A source that has to be awaited is copied first.

    Raises:
        TypeError: it has to be awaited, and the client is synchronous.
        OSError, TypeError, ValueError: see `open_source`.
    """
    try:
        return (yield from RunBlocking(opener.open))
    except MustAwaitError as found:
        awaitable = found.chunk
    stream: Any = stream_of(source)
    copy = new_copy()
    try:
        while True:
            if awaitable is None:
                awaitable = stream.read(COPY_SIZE)
            chunk = as_bytes((yield from WaitFor(awaitable, _MUST_AWAIT)), opener.label)
            if not chunk:
                break
            yield from RunBlocking(copy.write, chunk)
            awaitable = None
        if not copy.tell():
            check_not_at_end(opener.label, (yield from _position(stream)))
        return (yield from RunBlocking(opener.open_copy, copy))
    except BaseException:
        yield from CleanUp(copy.close)
        raise


def _position(stream: object) -> Flow[object]:
    current = position(stream)
    if not inspect.isawaitable(current):
        return current
    try:
        return (yield from WaitFor(current, _MUST_AWAIT))
    except OSError:
        return None
