"""A local file as the source of an upload, which is stored only if it is what the plan and the journal say."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import IO

from .._errors import SourceChangedError
from .planned_action import PlannedAction


class LocalSource:
    """An open local file. Its MD5 is compared before the last bytes are sent, so that no other content is stored.

    Args:
        path: path of the file.
        md5: MD5 of the content.
        size: bytes of the content.
        on_progress: called with the bytes that were read to be sent.

    Attributes:
        md5: see above.
        size: see above.
    """

    def __init__(self, path: str, *, md5: str, size: int, on_progress: Callable[[int], object]) -> None:
        self.md5 = md5
        self.size = size
        self._path = path
        self._stream: IO[bytes] = open(path, "rb", buffering=0)
        self._on_progress = on_progress
        self._digest = hashlib.md5(usedforsecurity=False)
        self._hashed = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        if data:
            self._digest.update(data)
            self._hashed += len(data)
            if self._hashed >= self.size and self._digest.hexdigest() != self.md5:
                raise changed(self._path, "while it was uploaded")
            self._on_progress(self._hashed)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._digest = hashlib.md5(usedforsecurity=False)
        self._hashed = 0
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def check_planned(path: str, entry: PlannedAction) -> None:
    """Check that a local file is as it was when the plan was made.

    Raises:
        OSError: there is no such file.
        SourceChangedError: it has changed.
    """
    status = os.stat(path)
    planned = entry.size, entry.modified_ns
    if entry.modified_ns is not None and (status.st_size, status.st_mtime_ns) != planned:
        raise changed(path, "since the plan was made")


def changed(path: str, when: str) -> SourceChangedError:
    """Return the error for a file that has changed."""
    return SourceChangedError(f"{path} changed {when}; nothing is stored. Run the transfer again when it is complete.")
