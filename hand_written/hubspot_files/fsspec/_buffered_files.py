"""Open files of the file system, on the buffers and caches of fsspec."""

from __future__ import annotations

import tempfile
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from fsspec.asyn import sync
from fsspec.spec import AbstractBufferedFile

from .._content.write_guard import WriteGuard

if TYPE_CHECKING:
    from ._entries import Entry
    from ._instances import HubSpotInstance
    from ._ranges import Ranges

# Content up to this size stays in memory until it is uploaded.
_MAX_MEMORY = 8 * 1024 * 1024


class HubSpotReader(AbstractBufferedFile):
    """A file that is open for reading. It reads the ranges that its cache needs, all of the same content.

    Args:
        fs: the file system.
        entry: the file.
        ranges: its content.
        options: `block_size`, `cache_type` and `cache_options` of fsspec.
    """

    def __init__(self, fs: HubSpotInstance, entry: Entry, ranges: Ranges, **options: Any) -> None:
        self._ranges = ranges
        self._details = entry.info()
        super().__init__(fs, entry.path, "rb", size=ranges.size, **options)

    def _fetch_range(self, start: int, end: int) -> bytes:
        content: bytes = sync(self.fs.loop, self._ranges.read, start, end)
        return content

    def close(self) -> None:
        """Close the file, and drop its cache."""
        if not self.closed:
            super().close()
            sync(self.fs.loop, self._ranges.close)

    def __del__(self) -> None:
        # It must not wait for the event loop, whose thread may be the one that collects it.
        self.closed = True


class HubSpotWriter(AbstractBufferedFile):
    """A file that is open for writing. It is uploaded when it is closed, or at the end of a transaction.

    Nothing is stored if an exception ends its `with` block or that of a file which closes this one, or if it is never
    closed.

    Args:
        fs: the file system.
        path: path of the file.
        mode: `wb`, or `xb` for a file that must not exist.
        stored_when_dropped: whether to store the content if the file is never closed.
        options: `block_size` and `autocommit` of fsspec.
    """

    def __init__(
        self, fs: HubSpotInstance, path: str, mode: str, *, stored_when_dropped: bool = False, **options: Any
    ) -> None:
        self._guard = WriteGuard()
        self._content: IO[bytes] | None = None
        self._stored_when_dropped = stored_when_dropped
        super().__init__(fs, path, mode, **options)

    def _initiate_upload(self) -> None:
        self._content = tempfile.SpooledTemporaryFile(_MAX_MEMORY)

    def _upload_chunk(self, final: bool = False) -> bool:
        assert self._content is not None
        self._guard.write(self._content, self.buffer.getvalue())
        if final and self.autocommit:
            self.commit()
        return True

    def commit(self) -> None:
        """Upload the content, unless it was discarded, or the file was not closed.

        Raises:
            OSError: see `Changes.store`.
        """
        if not self.forced:
            self._guard.dropped()
            self.close()
        elif self._content is not None:
            try:
                sync(self.fs.loop, self.fs._store, self.path, self._content, exclusive="x" in self.mode)
            finally:
                self.discard()

    def discard(self) -> None:
        """Drop the content."""
        content, self._content = self._content, None
        if content is not None:
            content.close()

    def close(self) -> None:
        """Store the content, or keep it until the transaction ends.

        While an exception is handled that was raised after the opening, the content is discarded, and a WARNING is
        logged: it may be incomplete. That includes an `except` block.

        Raises:
            OSError: see `commit`.
        """
        if not self.closed and not self._guard.allows_storing(self.path):
            self.closed = True
            self.discard()
        try:
            super().close()
        except BaseException:
            self.discard()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self._guard.failed(error)
        self.close()

    def _dealloc_warn(self, source: object) -> None:
        # A file of `io` that closes this one calls it before, if it was not closed itself.
        self._guard.dropped()

    def __del__(self) -> None:
        if not self.closed:
            if not self._stored_when_dropped:
                self._guard.dropped()
            self.close()
