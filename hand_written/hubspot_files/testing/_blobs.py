"""Contents: on their way in, kept in memory or in a folder, and on their way out."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import re
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from ._folder import is_regular

CHUNK: Final = 64 * 1024
# Enough of a picture to find its dimensions, whatever a camera wrote before them.
_HEAD: Final = 1024 * 1024
# The version before this wrote contents without a tag.
_KEY: Final = re.compile(r"(?:[0-9a-f]{16}-)?\d{12}", re.ASCII)


class Draft:
    """A content that is still coming: counted and hashed, with its beginning at hand.

    Attributes:
        size: Bytes that came.
        head: The first MiB of them.
        kept: Whether it has become a content, and is not to be discarded.

    Args:
        file: Where the bytes go.
        limit: How many are kept; those beyond are counted only.
    """

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self.file = file
        self.size = 0
        self.head = b""
        self.kept = False
        self._limit = limit
        self._md5 = hashlib.md5(usedforsecurity=False)

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.size += len(chunk)
        if self.size > self._limit:
            return
        if len(self.head) < _HEAD:
            self.head += chunk[: _HEAD - len(self.head)]
        self._md5.update(chunk)
        self.file.write(chunk)

    @property
    def md5(self) -> str:
        """The MD5 of what came, in hexadecimal digits."""
        return self._md5.hexdigest()


class Extract:
    """A stretch of an open content, which is read while it is delivered, and then has to be closed."""

    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        self._file = file
        self._start = start
        self._stop = stop

    def __len__(self) -> int:
        return self._stop - self._start

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` to before `stop`, counted from the beginning of the stretch."""
        self._file.seek(self._start + start)
        while start < stop and (chunk := self._file.read(min(CHUNK, stop - start))):
            start += len(chunk)
            yield chunk

    def close(self) -> None:
        """Let go of the content."""
        self._file.close()


class Blobs(Protocol):
    """Where contents are kept, apart from the database."""

    # The key of a content, by its number.
    def key(self, number: int) -> str: ...

    # A place for a content that comes, of which so many bytes are kept.
    def draft(self, limit: int) -> Draft: ...

    # Make what came last, before it is spoken of anywhere.
    def finish(self, draft: Draft) -> None: ...

    # Keep a finished draft under a key.
    def keep(self, key: str, draft: Draft) -> None: ...

    # Forget a draft; nothing happens to one that is kept.
    def discard(self, draft: Draft) -> None: ...

    # The content of a key, to read; it stays whole for who has opened it. KeyError or OSError when there is none.
    def open(self, key: str) -> BinaryIO: ...

    # Forget a content; nothing happens when there is none.
    def drop(self, key: str) -> None: ...

    # Forget every draft, and every content but these.
    def sweep(self, kept: Collection[str]) -> None: ...


class MemoryBlobs:
    """Contents in a dictionary."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def key(self, number: int) -> str:
        """The key of a content, which no other has had."""
        return str(number)

    def draft(self, limit: int) -> Draft:
        """A place in memory."""
        return Draft(io.BytesIO(), limit)

    def finish(self, draft: Draft) -> None:
        """Nothing is left to do."""

    def keep(self, key: str, draft: Draft) -> None:
        """Keep what came."""
        assert isinstance(draft.file, io.BytesIO)
        self._contents[key] = draft.file.getvalue()
        draft.kept = True

    def discard(self, draft: Draft) -> None:
        """Leave it to the garbage collection."""

    def open(self, key: str) -> BinaryIO:
        """The content of a key; KeyError when there is none."""
        return io.BytesIO(self._contents[key])

    def drop(self, key: str) -> None:
        """Forget a content; nothing happens when there is none."""
        self._contents.pop(key, None)

    def sweep(self, kept: Collection[str]) -> None:
        """Forget every content but these."""
        self._contents = {key: content for key, content in self._contents.items() if key in kept}


class FolderBlobs:
    """Contents as files of a folder, each named by its key; drafts bear other names.

    Args:
        folder: Where they are; it is there already.
        tag: What the names of this account's files begin with, 16 hexadecimal digits and a hyphen, so that they are
            known from what others put there.
    """

    def __init__(self, folder: Path, tag: str) -> None:
        self._folder = folder
        self._tag = tag
        self._ours = re.compile(rf"{re.escape(tag)}(?:\d{{12}}|[0-9a-f]{{32}}\.part)", re.ASCII)

    def key(self, number: int) -> str:
        """The key of a content, which no other has had."""
        return f"{self._tag}{number:012d}"

    def draft(self, limit: int) -> Draft:
        """A file of a name that no content has."""
        return Draft((self._folder / f"{self._tag}{uuid.uuid4().hex}.part").open("xb"), limit)

    def finish(self, draft: Draft) -> None:
        """Bring what came onto the disk."""
        if not draft.file.closed:
            draft.file.flush()
            os.fsync(draft.file.fileno())
            draft.file.close()

    def keep(self, key: str, draft: Draft) -> None:
        """Give the draft the name of its key."""
        self.finish(draft)
        os.replace(draft.file.name, self._folder / key)
        draft.kept = True

    def discard(self, draft: Draft) -> None:
        """Remove the draft's file, unless it is kept."""
        if not draft.kept:
            # A full disk fails once more, where the last of the draft was still in memory.
            with contextlib.suppress(OSError):
                draft.file.close()
            _remove(Path(draft.file.name))

    def open(self, key: str) -> BinaryIO:
        """The file of a key; FileNotFoundError when there is none."""
        path = self._folder / key
        if not is_regular(path):
            raise FileNotFoundError(errno.ENOENT, "the content is not there", str(path))
        return path.open("rb")

    def drop(self, key: str) -> None:
        """Remove the file of a key."""
        _remove(self._folder / key)

    def sweep(self, kept: Collection[str]) -> None:
        """Remove drafts and contents that a process left behind when it was ended, and nothing that others put there.

        Raises:
            ValueError: The name of a content that is kept is none, or a symbolic link has it.
        """
        for key in kept:
            if not _KEY.fullmatch(key) or (self._folder / key).is_symlink():
                raise ValueError(f"{self._folder / key} is not a content that the emulator wrote: use another folder")
        for path in self._folder.iterdir():
            if self._ours.fullmatch(path.name) and path.name not in kept:
                _remove(path)


def _remove(path: Path) -> None:
    # Windows does not remove a file that somebody reads: the next sweep does.
    with contextlib.suppress(OSError):
        if is_regular(path):
            path.unlink()
