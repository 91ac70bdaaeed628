"""Open a source, and copy what cannot be rewound."""

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

# Content of up to this size is kept in memory when a stream cannot be rewound, and on disk above.
_SPOOL_IN_MEMORY = 8 * 1024 * 1024
_MUST_AWAIT = (
    "the source has to be awaited, which AsyncHubSpotFiles does; pass a path, bytes, or a file opened with "
    "open(path, 'rb')"
)


class MustAwaitError(Exception):
    """A source that has to be awaited was opened as one that has not.

    Attributes:
        chunk: what its `read` returned, where it was called already and what it returned has to be kept, or None.
    """

    def __init__(self, chunk: Awaitable[bytes] | None) -> None:
        super().__init__()
        self.chunk = chunk


class SourceOpener:
    """A source that is opened in one thread, while whoever waits for it may be cancelled in another.

    Attributes:
        label: the source, for messages.
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
        """Open it.

        Raises:
            OSError, TypeError, ValueError, MustAwaitError: see `open_source`.
        """
        return self._keep(open_source(self._source, self._name, self._on_progress))

    def open_copy(self, copy: IO[bytes]) -> UploadBody:
        """Open the copy of a source that had to be awaited. It is closed with what was opened."""
        copy.seek(0)
        return self._keep(
            UploadBody(copy, name=self._name, owned=True, label=self.label, on_progress=self._on_progress)
        )

    def _keep(self, body: UploadBody) -> UploadBody:
        # Not while it opens: what waits for a named pipe to be written to would keep `close` waiting too.
        with self._lock:
            self._body = body
            if self._closed:
                body.close()
        return body

    def close(self) -> None:
        """Close it, now or as soon as it is open."""
        with self._lock:
            self._closed = True
            if self._body is not None:
                self._body.close()


def open_source(source: Source, name: str, on_progress: Progress | None) -> UploadBody:
    """Open a source that check_source accepted. It may block: a path is opened, a pipe is read to its end.

    Raises:
        OSError: the path cannot be opened, or the stream cannot be read.
        TypeError: the stream gives text.
        ValueError: the stream is at its end, and has content before it.
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
                return UploadBody(stream, name=name, owned=owned, label=label, on_progress=on_progress)
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
    return UploadBody(copy, name=name, owned=True, label=label, on_progress=on_progress)


def _can_rewind(source: Any, label: str) -> bool:
    if not callable(getattr(source, "seek", None)) or not callable(getattr(source, "tell", None)):
        return False
    seekable = getattr(source, "seekable", None)
    try:
        if callable(seekable) and call_without_awaiting(seekable) is not True:
            return False
    except AttributeError:
        # It asks a stream that knows nothing of this, as a member of a tar file does that is read from a pipe.
        return False
    nothing = source.read(0)
    if inspect.isawaitable(nothing):
        close_coroutine(nothing)
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
    """What `tell` of a stream returns, which may have to be awaited; None if it cannot tell."""
    tell = getattr(stream, "tell", None)
    try:
        return tell() if callable(tell) else None
    except OSError:
        return None


def _check_complete(source: object, label: str) -> None:
    """Make sure that a response of urllib came to its end: where it is cut, it ends as if it were whole.

    Raises:
        OSError: it was cut.
    """
    left = getattr(source, "length", None)
    if callable(getattr(source, "isclosed", None)) and isinstance(left, int) and left > 0:
        raise OSError(f"{label} ended {left} bytes before its end: the connection was cut; open it again")


def open_upload(source: Source, opener: SourceOpener) -> Flow[UploadBody]:
    """Open a source. One that has to be awaited is copied, before any of it is sent.

    Raises:
        TypeError: it has to be awaited, and the client is the synchronous one.
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
    stands = position(stream)
    if not inspect.isawaitable(stands):
        return stands
    try:
        return (yield from WaitFor(stands, _MUST_AWAIT))
    except OSError:
        return None
