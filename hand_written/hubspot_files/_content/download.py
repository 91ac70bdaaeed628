"""Downloads: a file's content to a destination or into memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .._engine.effects import Clean, Flow, Sleep, call
from .._engine.retry import is_over
from .._errors import RequestTimeoutError
from .atomic_file import AtomicFile, IfExists
from .destination import Destination
from .file_names import safe_name
from .transfer import Transfer

if TYPE_CHECKING:
    from hubspot_files_api import models

    from .._engine.settings import Settings
    from .._http.timeouts import Timeout


# How often a FIFO that nobody reads yet is tried, in seconds.
_FIFO_INTERVAL = 0.05


def download(
    settings: Settings,
    file: models.File,
    destination: Destination,
    timeout: Timeout,
    if_exists: IfExists | None,
    end: float | None,
) -> Flow[Path | None]:
    """Fetch a file's content to a destination; only what is complete and verified bears the final name.

    Raises:
        DownloadCorruptedError: what came is not what is stored.
        HubSpotFilesError: as Transfer.save.
        OSError: the destination cannot be written, or exists and must not be replaced.
    """
    if not isinstance(destination, str | os.PathLike):
        yield from Transfer(settings, file, timeout, end).save_to(destination)
        return None
    target = AtomicFile(destination, safe_name(file), if_exists)
    try:
        yield from _open(target, end)
        yield from Transfer(settings, file, timeout, end).save(target.write)
        yield from call(target.commit)
    finally:
        try:
            yield Clean(target.abandon)
        except KeyboardInterrupt:
            # It came while the partial file was being removed.
            yield Clean(target.abandon)
            raise
    return target.path


def _open(target: AtomicFile, end: float | None) -> Flow[None]:
    while not (yield from call(target.open)):
        if (yield from is_over(end)):
            raise RequestTimeoutError(f"nobody opened the FIFO {target.path} for reading within deadline= seconds")
        yield Sleep(_FIFO_INTERVAL)


def read(settings: Settings, file: models.File, limit: int, timeout: Timeout, end: float | None) -> Flow[bytes]:
    """A file's content as bytes.

    Raises:
        ValueError: it is larger than the limit.
        HubSpotFilesError: as Transfer.save.
    """
    content = bytearray()

    def take(chunk: bytes) -> None:
        _check_limit(file, len(content) + len(chunk), limit)
        content.extend(chunk)

    _check_limit(file, file.size or 0, limit)
    yield from Transfer(settings, file, timeout, end).save(take)
    return bytes(content)


def _check_limit(file: models.File, size: int, limit: int) -> None:
    if size > limit:
        raise ValueError(
            f"file {file.id} has {size} bytes or more, which is over limit={limit}; files.download and files.stream "
            "take files of any size"
        )
