"""Contents of files: written while they arrive, stored in memory or in a folder, read while they are sent."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import re
import stat
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol

CHUNK_SIZE: Final = 64 * 1024
# Enough of a picture to find its dimensions behind the metadata of a camera.
_HEAD: Final = 1024 * 1024
# The first version wrote contents without a tag.
_KEY: Final = re.compile(r"(?:[0-9a-f]{16}-)?\d{12}", re.ASCII)


class ContentWriter:
    """A content that arrives: counted, hashed, and written to a file.

    Attributes:
        size: Bytes written.
        head: The first MiB of them.
        committed: Whether it is stored under a key, and no longer to be discarded.

    Args:
        file: Receives the bytes.
        limit: How many bytes are kept; those beyond are counted only.
    """

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self.file = file
        self.size: int = 0
        self.head: bytes = b""
        self.committed = False
        self._limit = limit
        self._md5 = hashlib.md5(usedforsecurity=False)

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        self.size += len(chunk)
        if self.size > self._limit:
            return
        if len(self.head) < _HEAD:
            self.head += chunk[: _HEAD - len(self.head)]
        self._md5.update(chunk)
        self.file.write(chunk)

    @property
    def md5(self) -> str:
        """The MD5 of the bytes kept, in hexadecimal digits."""
        return self._md5.hexdigest()


class ContentReader:
    """A range of an open content, read while it is sent. It has to be closed."""

    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        self._file = file
        self._start = start
        self._stop = stop

    def __len__(self) -> int:
        return self._stop - self._start

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from `start` to before `stop`, counted from the beginning of the range."""
        self._file.seek(self._start + start)
        while start < stop and (chunk := self._file.read(min(CHUNK_SIZE, stop - start))):
            start += len(chunk)
            yield chunk

    def close(self) -> None:
        """Close the content."""
        self._file.close()


class Contents(Protocol):
    """Storage of contents, each under a key of its own."""

    def key(self, number: int) -> str:
        """Return the key of a number, unique among the contents."""
        ...

    def writer(self, limit: int) -> ContentWriter:
        """Open a writer that keeps so many bytes. Any thread may call this at any time."""
        ...

    def flush(self, writer: ContentWriter) -> None:
        """Make a content durable before its record is committed. This may block, and needs no transaction."""
        ...

    def commit(self, key: str, writer: ContentWriter) -> None:
        """Store a content under a key."""
        ...

    def discard(self, writer: ContentWriter) -> None:
        """Delete a content that is not committed."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Open a content. It stays readable if it is deleted meanwhile. KeyError or OSError if it is missing."""
        ...

    def delete(self, key: str) -> None:
        """Delete a content, if it exists."""
        ...

    def delete_orphans(self, keys: Collection[str]) -> None:
        """Delete all contents but these."""
        ...


class MemoryContents(Contents):
    """Contents in a dictionary."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def key(self, number: int) -> str:
        return str(number)

    def writer(self, limit: int) -> ContentWriter:
        return ContentWriter(io.BytesIO(), limit)

    def flush(self, writer: ContentWriter) -> None:
        pass  # Memory is not durable.

    def commit(self, key: str, writer: ContentWriter) -> None:
        assert isinstance(writer.file, io.BytesIO)
        self._contents[key] = writer.file.getvalue()
        writer.committed = True

    def discard(self, writer: ContentWriter) -> None:
        pass  # The garbage collector frees the memory.

    def open(self, key: str) -> BinaryIO:
        return io.BytesIO(self._contents[key])

    def delete(self, key: str) -> None:
        self._contents.pop(key, None)

    def delete_orphans(self, keys: Collection[str]) -> None:
        self._contents = {key: content for key, content in self._contents.items() if key in keys}


class FolderContents(Contents):
    """Contents as files of a folder, each named by its key; those that are being written have other names.

    Args:
        folder: An existing folder.
        tag: The prefix of the names of this account's files, 16 hexadecimal digits and a hyphen. It distinguishes
            them from the files of others.
    """

    def __init__(self, folder: Path, tag: str) -> None:
        self._folder = folder
        self._tag = tag
        self._own_name = re.compile(rf"{re.escape(tag)}(?:\d{{12}}|[0-9a-f]{{32}}\.part)", re.ASCII)

    def key(self, number: int) -> str:
        return f"{self._tag}{number:012d}"

    def writer(self, limit: int) -> ContentWriter:
        return ContentWriter((self._folder / f"{self._tag}{uuid.uuid4().hex}.part").open("xb"), limit)

    def flush(self, writer: ContentWriter) -> None:
        if not writer.file.closed:
            writer.file.flush()
            os.fsync(writer.file.fileno())
            writer.file.close()

    def commit(self, key: str, writer: ContentWriter) -> None:
        self.flush(writer)
        os.replace(writer.file.name, self._folder / key)
        writer.committed = True

    def discard(self, writer: ContentWriter) -> None:
        if not writer.committed:
            # A full disk fails again on the bytes that are still buffered.
            with contextlib.suppress(OSError):
                writer.file.close()
            _remove(Path(writer.file.name))

    def open(self, key: str) -> BinaryIO:
        path = self._folder / key
        if not _is_regular(path):
            raise FileNotFoundError(errno.ENOENT, "the content is not there", str(path))
        return path.open("rb")

    def delete(self, key: str) -> None:
        _remove(self._folder / key)

    def delete_orphans(self, keys: Collection[str]) -> None:
        """Remove the leftovers of a killed process: this account's files but those of the keys.

        Raises:
            ValueError: A key is not valid, or its file is a symbolic link.
        """
        for key in keys:
            if not _KEY.fullmatch(key) or (self._folder / key).is_symlink():
                raise ValueError(f"{self._folder / key} is not a content that the emulator wrote: use another folder")
        for path in self._folder.iterdir():
            if self._own_name.fullmatch(path.name) and path.name not in keys:
                _remove(path)


def _remove(path: Path) -> None:
    # Windows does not remove a file that is open for reading: the next opening of the account does.
    with contextlib.suppress(OSError):
        if _is_regular(path):
            path.unlink()


def _is_regular(path: Path) -> bool:
    """Return whether a path is a file, and not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False
