"""Open files of the synchronous client, with the interface of the files that the built-in `open` returns."""

from __future__ import annotations

import io
import os
import warnings
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .._content.write_guard import WriteGuard
from .._engine.effects import Driver
from .._engine.flow import run

if TYPE_CHECKING:
    from typing import IO

    from _typeshed import ReadableBuffer, WriteableBuffer

    from hubspot_files_api.models import File

    from .._content.seekable_content import SeekableContent
    from .new_content import NewContent

NOT_STORED = "the file has no record before it is stored; close it first, and not while an exception is handled"
NOT_CLOSED = "was not closed, and nothing is stored; use `with`, or call close()"
# The largest buffer of a reader, for reads of less, such as of lines.
_BUFFER_SIZE = 16 * 1024


class _RawContent(io.RawIOBase):
    """The raw file below a FileReader."""

    def __init__(self, driver: Driver, content: SeekableContent, buffer_size: int) -> None:
        self._driver = driver
        self.content = content
        self._buffer_size = buffer_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        self._check_open()
        return self.content.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._check_open()
        return self.content.seek(offset, whence)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        self._check_open()
        with memoryview(buffer).cast("B") as view:
            size, block_size = len(view), self.content.block_size
            if size <= self._buffer_size:
                # The buffer asks for more than its caller, and again if that is not enough for its caller.
                size = min(size, block_size - self.content.tell() % block_size)
            data = run(self._driver, self.content.read(size))
            view[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        self._check_open()
        return run(self._driver, self.content.read(-1))

    def close(self) -> None:
        super().close()
        run(self._driver, self.content.close())

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")


class FileReader(io.BufferedReader):
    """A file on HubSpot that is open for reading: seekable, in ranges that are fetched when they are read.

    `files.open` returns it. A `read` that fails leaves the position where it was, and can be repeated.
    """

    if TYPE_CHECKING:
        # jedi does not find the result of that of `io`.
        def __enter__(self) -> Self: ...

    def __init__(self, driver: Driver, content: SeekableContent) -> None:
        buffer_size = min(_BUFFER_SIZE, content.block_size)
        super().__init__(_RawContent(driver, content, buffer_size), buffer_size)
        self._content = content

    @property
    def file(self) -> File:
        """The file's record."""
        return self._content.reader.file

    @property
    def name(self) -> str:
        """The file's path, or its id if the record has no path."""
        return self.file.path or self.file.id

    @property
    def mode(self) -> str:
        """The mode, `rb`."""
        return "rb"


class FileWriter(io.BufferedIOBase):
    """A file on HubSpot that is open for writing. Its content is stored when it is closed.

    `files.open` returns it. It can seek. Nothing is stored if its `with` block ends with an exception, or that of an
    object which closes it, such as an `io.TextIOWrapper`; after `discard`; or if it is never closed.
    """

    if TYPE_CHECKING:
        # jedi does not find the result of that of `io`.
        def __enter__(self) -> Self: ...

    def __init__(self, driver: Driver, content: NewContent[IO[bytes]], mode: str) -> None:
        self._guard = WriteGuard()
        self._driver = driver
        self._content = content
        self._file: File | None = None
        self.name: str = content.name
        self.mode: str = mode

    @property
    def file(self) -> File:
        """The stored file, after `close`.

        Raises:
            ValueError: it is not stored.
        """
        if self._file is None:
            raise ValueError(NOT_STORED)
        return self._file

    def writable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        """Write bytes at the position, and return their number."""
        return self._guard.write(self._content.source, data)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move the position, and return it."""
        self._content.source.seek(offset, whence)
        return self._content.source.tell()

    def tell(self) -> int:
        """Return the position."""
        return self._content.source.tell()

    def truncate(self, size: int | None = None, /) -> int:
        """Cut the content at a size, by default at the position, and return the size."""
        size = self.tell() if size is None else size
        self._content.source.truncate(size)
        return size

    def close(self) -> None:
        """Store the content, unless the file is closed already.

        While an exception is handled that was raised after the opening, nothing is stored, and a WARNING is logged: the
        content may be incomplete. That includes an `except` block.

        Raises:
            PathTakenError: the mode is `xb`, and there is a file at the path; or with EBUSY, other programs create and
                delete the file all the time.
            PathIsFolderError: there is a folder at the path.
            ValueError: HubSpot changes the name.
            TypeError: HubSpot did not state the access of the file, and none was passed to `files.open`.
            HubSpotFilesError: see `files.upload` and `files.replace`. The content is lost.
        """
        if self.closed:
            return
        try:
            if self._guard.allows_storing(self.name):
                self._file = run(self._driver, self._content.find_and_store())
        finally:
            self.discard()

    def discard(self) -> None:
        """Close the file without storing its content."""
        super().close()
        self._content.source.close()

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
        # The finalizer of `io` would store what is incomplete.
        if not self.closed:
            warnings.warn(f"{self.name} {NOT_CLOSED}", ResourceWarning, stacklevel=2, source=self)
            self.discard()


class TextFileWriter(io.TextIOWrapper):
    """A text file on HubSpot that is open for writing. It is stored when it is closed; see FileWriter."""

    if TYPE_CHECKING:
        # jedi does not find the result of that of `io`.
        def __enter__(self) -> Self: ...

    def __init__(self, writer: FileWriter, **options: Any) -> None:
        super().__init__(writer, **options)
        self._writer = writer

    @property
    def file(self) -> File:
        """The stored file, after `close`.

        Raises:
            ValueError: it is not stored.
        """
        return self._writer.file

    def discard(self) -> None:
        """Close the file without storing its content."""
        self._writer.discard()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self._writer.__exit__(kind, error, traceback)
        self.close()

    def __del__(self) -> None:
        # As in FileWriter, whose finalizer gives the warning.
        pass
