"""Open files of the asynchronous client, with the methods of the files of anyio."""

from __future__ import annotations

import os
import warnings
from types import TracebackType
from typing import TYPE_CHECKING, Self

from .._content.write_guard import WriteGuard
from .._engine.effects import AsyncDriver, Flow
from .._engine.flow import run_async
from .open_files import NOT_CLOSED, NOT_STORED

if TYPE_CHECKING:
    from typing import IO

    from _typeshed import ReadableBuffer, WriteableBuffer

    from hubspot_files_api.models import File

    from .._content.seekable_content import SeekableContent
    from .new_content import NewContent

_CLOSED = "I/O operation on closed file"


class AsyncFileReader:
    """A file on HubSpot that is open for reading: seekable, in ranges that are fetched when they are read.

    `files.open` returns it. `async for` gives its lines. A `read` that fails leaves the position where it was, and can
    be repeated.

    Attributes:
        closed: whether it is closed.
        mode: the mode, `rb`.
    """

    def __init__(self, driver: AsyncDriver, content: SeekableContent) -> None:
        self.closed: bool = False
        self.mode: str = "rb"
        self._driver = driver
        self._content = content

    @property
    def file(self) -> File:
        """The file's record."""
        return self._content.reader.file

    @property
    def name(self) -> str:
        """The file's path, or its id if the record has no path."""
        return self.file.path or self.file.id

    async def read(self, size: int | None = -1, /) -> bytes:
        """Return bytes from the position: up to a size, or to the end if it is negative or None."""
        return await self._run(self._content.read(-1 if size is None else size))

    async def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read bytes into a buffer, until it is full or to the end, and return their number."""
        with memoryview(buffer).cast("B") as view:
            data = await self.read(len(view))
            view[: len(data)] = data
        return len(data)

    async def readline(self, size: int | None = -1, /) -> bytes:
        """Return the next line with its line feed, or up to a size of it. It is empty at the end."""
        return await self._run(self._content.read_line(-1 if size is None else size))

    async def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move the position, as in `io`, and return it. Nothing is sent."""
        self._check_open()
        return self._content.seek(offset, whence)

    async def tell(self) -> int:
        """Return the position."""
        self._check_open()
        return self._content.tell()

    async def aclose(self) -> None:
        """Close the file."""
        if not self.closed:
            self.closed = True
            await run_async(self._driver, self._content.close())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if line := await self.readline():
            return line
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _run(self, flow: Flow[bytes]) -> bytes:
        self._check_open()
        return await run_async(self._driver, flow)

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError(_CLOSED)


class AsyncFileWriter:
    """A file on HubSpot that is open for writing. Its content is stored when it is closed.

    `files.open` returns it. Nothing is stored if its `async with` block ends with an exception, after `discard`, or if
    it is never closed.

    Attributes:
        closed: whether it is closed.
        name: the file's path.
        mode: the mode, `wb` or `xb`.
    """

    def __init__(self, driver: AsyncDriver, content: NewContent[IO[bytes]], mode: str) -> None:
        self._guard = WriteGuard()
        self.closed: bool = False
        self.name: str = content.name
        self.mode: str = mode
        self._driver = driver
        self._content = content
        self._file: File | None = None

    @property
    def file(self) -> File:
        """The stored file, after `aclose`.

        Raises:
            ValueError: it is not stored.
        """
        if self._file is None:
            raise ValueError(NOT_STORED)
        return self._file

    async def write(self, data: ReadableBuffer, /) -> int:
        """Write bytes at the position, and return their number."""
        return await self._driver.run_blocking(lambda: self._guard.write(self._content.source, data))

    async def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move the position, and return it."""
        self._content.source.seek(offset, whence)
        return self._content.source.tell()

    async def tell(self) -> int:
        """Return the position."""
        return self._content.source.tell()

    async def truncate(self, size: int | None = None, /) -> int:
        """Cut the content at a size, by default at the position, and return the size."""
        size = self._content.source.tell() if size is None else size
        self._content.source.truncate(size)
        return size

    async def aclose(self) -> None:
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
        self.closed = True
        try:
            if self._guard.allows_storing(self.name):
                self._file = await run_async(self._driver, self._content.find_and_store())
        finally:
            self._content.source.close()

    async def discard(self) -> None:
        """Close the file without storing its content."""
        self.closed = True
        self._content.source.close()

    async def __aenter__(self) -> Self:
        if self.closed:
            raise ValueError(_CLOSED)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self._guard.failed(error)
        await self.aclose()

    def __del__(self) -> None:
        if not self.closed:
            warnings.warn(f"{self.name} {NOT_CLOSED}", ResourceWarning, stacklevel=2, source=self)
            self._content.source.close()
