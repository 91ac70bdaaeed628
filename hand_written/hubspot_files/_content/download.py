"""Downloads of a file's content to a destination or into memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .._engine.context import CallContext, is_past_deadline
from .._engine.effects import CleanUp, Flow, RunBlocking, Sleep
from .._errors import ArgumentValueError, DownloadCorruptedError, RequestTimeoutError
from .atomic_file import AtomicFile, IfExists
from .destination import Destination
from .file_names import safe_name
from .transfer import Transfer

if TYPE_CHECKING:
    from hubspot_files_api import models

    from .file_record import FileRecord
    from .source import Progress

# The interval, in seconds, at which a FIFO without a reader is tried.
_FIFO_INTERVAL = 0.05


def download(
    context: CallContext,
    record: FileRecord,
    destination: Destination,
    if_exists: IfExists | None,
    on_progress: Progress | None = None,
) -> Flow[Path | None]:
    """Download a file's content to a destination. A file gets its final name once it is complete and verified.

    Raises:
        DownloadCorruptedError: the received content is not the stored content.
        HubSpotFilesError: see `Transfer.save`.
        OSError: the destination cannot be written, or exists and must not be replaced.
    """
    if not isinstance(destination, str | os.PathLike):
        yield from Transfer(context, record, on_progress=on_progress).save_to(destination)
        return None
    target = AtomicFile(destination, safe_name(record.file), if_exists)
    yield from save(context, record, target, on_progress)
    return target.path


def save(
    context: CallContext, record: FileRecord, target: AtomicFile, on_progress: Progress | None = None
) -> Flow[None]:
    """Download a file's content to a file, which gets its final name once it is complete and verified.

    Args:
        context: context of the call.
        record: record of the file.
        target: the file.
        on_progress: called after each chunk, or None; see `Progress`.

    Raises:
        DownloadCorruptedError, HubSpotFilesError, OSError: see `download`.
    """
    try:
        yield from _open(context, target)
        yield from _save(context, record, target.write, target.restart if target.can_restart else None, on_progress)
        yield from RunBlocking(target.commit)
    finally:
        try:
            yield from CleanUp(target.abandon)
        except KeyboardInterrupt:
            # The interrupt came while the partial file was being removed.
            yield from CleanUp(target.abandon)
            raise


def _save(
    context: CallContext,
    record: FileRecord,
    write: Callable[[bytes], object],
    restart: Callable[[], object] | None,
    on_progress: Progress | None,
) -> Flow[None]:
    """Pass the whole content to a function. If the public URL has other content, restart with a signed URL.

    Args:
        context: context of the call.
        record: record of the file.
        write: the function.
        restart: makes the function forget what it was passed, or None if it cannot.
        on_progress: called after each chunk, or None. With the signed URL, the bytes start again in a later attempt.
    """
    transfer = Transfer(context, record, proven=restart is None, on_progress=on_progress)
    try:
        yield from transfer.save(write)
    except DownloadCorruptedError:
        if restart is None or not transfer.from_public_url:
            raise
        yield from RunBlocking(restart)
        later = on_progress and _after(transfer.attempt, on_progress)
        yield from Transfer(context, record, try_public=False, on_progress=later).save(write)


def _after(attempts: int, on_progress: Progress) -> Progress:
    """Return the callback for attempts that follow others."""
    return lambda received, total, attempt: on_progress(received, total, attempts + attempt)


def _open(context: CallContext, target: AtomicFile) -> Flow[None]:
    while not (yield from RunBlocking(target.open)):
        if (yield from is_past_deadline(context)):
            raise RequestTimeoutError(f"no process opened the FIFO {target.path} for reading within deadline= seconds")
        yield from Sleep(_FIFO_INTERVAL)


def read(context: CallContext, record: FileRecord, limit: int, on_progress: Progress | None = None) -> Flow[bytes]:
    """Return a file's content as bytes.

    Raises:
        ValueError: it is larger than the limit.
        HubSpotFilesError: see `Transfer.save`.
    """
    content = bytearray()

    def take(chunk: bytes) -> None:
        _check_limit(record.file, len(content) + len(chunk), limit)
        content.extend(chunk)

    if not record.fresh and (record.file.size or 0) > limit:
        yield from record.refresh()
    _check_limit(record.file, record.file.size or 0, limit)
    yield from _save(context, record, take, content.clear, on_progress)
    return bytes(content)


def _check_limit(file: models.File, size: int, limit: int) -> None:
    if size > limit:
        raise ArgumentValueError(
            f"file {file.id} has {size} bytes or more, which is over limit={limit}; files.download and files.stream "
            "take files of any size"
        )
