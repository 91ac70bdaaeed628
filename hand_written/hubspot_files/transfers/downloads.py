"""Downloads to files that get their names when they are complete and verified."""

from __future__ import annotations

import hashlib
import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .._content.atomic_file import AtomicFile, partial_name
from .._content.download import save
from .._content.file_record import FileRecord
from .._engine.context import start_call
from .._engine.effects import Flow, RunBlocking
from .._errors import DownloadCorruptedError, HubSpotFilesError, NotFoundError, UnexpectedResponseError
from .calls import record_of
from .copies import has_path
from .folders import make_folder
from .local_tree import md5_of
from .planned_action import PlannedAction, unplaced
from .results import TransferResult, result_of
from .run_state import RunState
from .uploads import CHANGED

if TYPE_CHECKING:
    from hubspot_files_api.models import File

_CHANGED = "conflict: the local file has changed since the plan was made; plan the transfer again"


class _ChangedError(HubSpotFilesError):
    """The file on HubSpot has other content than the plan says."""


class _PlannedRecord(FileRecord):
    """The record of a file from its entry in a plan, which may be out of date. Other content is not downloaded."""

    def refresh(self) -> Flow[None]:
        planned = self.file
        yield from super().refresh()
        if not _is_content(self.file, planned.size, planned.file_md5):
            raise _ChangedError(CHANGED)


def download(state: RunState, entry: PlannedAction) -> Flow[TransferResult]:
    """Download a file, if the local one is as it was planned for."""
    assert entry.file_id is not None
    present = yield from RunBlocking(_compare, state, entry)
    if present is not None:
        return present
    if not entry.md5 and entry.path != unplaced(entry.file_id):
        # Only its place tells the file from one with the same id, such as that of another account.
        file = yield from state.calls.get(entry.file_id)
        if file is None or not has_path(file, state.remote(entry.path)):
            return result_of(entry, "failed", CHANGED)
    yield from RunBlocking(
        state.journal.intend,
        entry.path,
        "download",
        size=entry.size or 0,
        md5=entry.md5,
        file=None,
        local_path=entry.local_path,
        now=state.now(),
    )
    yield from RunBlocking(make_folder, state, os.path.dirname(entry.local_path))
    record = record_of(
        entry.file_id,
        path=state.remote(entry.path),
        size=entry.size,
        md5=entry.md5,
        access=entry.access,
        url=entry.url,
        at=datetime.fromtimestamp(state.now(), UTC),
    )
    path = state.local(entry.local_path)
    target = AtomicFile(path, "", "replace", token=_token(entry.local_path))
    context = yield from start_call(state.settings)
    size = entry.size or 0
    try:
        yield from save(
            context,
            _PlannedRecord(context, record, fresh=not (entry.size is not None and entry.md5)),
            target,
            lambda received, _total, _attempt: state.progress(entry.path, size, received),
        )
    except (DownloadCorruptedError, NotFoundError, UnexpectedResponseError):
        # HubSpot has another content by now, or there was a fault.
        now = yield from state.calls.get(entry.file_id)
        if now is not None and _is_content(now, entry.size, entry.md5):
            raise
        return result_of(entry, "failed", CHANGED)
    except _ChangedError:
        return result_of(entry, "failed", CHANGED)
    state.transferred(size)
    return result_of(entry, "done")


def _is_content(file: File, size: int | None, md5: str | None) -> bool:
    """Return whether a file has the content that was planned for."""
    return (file.size, (file.file_md5 or "").lower()) == (size, md5 or "")


def _compare(state: RunState, entry: PlannedAction) -> TransferResult | None:
    """Return the result if the local file is complete, or is not the one that was planned for. Else remove its partial.

    Raises:
        OSError: it cannot be read.
    """
    path = state.local(entry.local_path)
    remove_partial(state, entry.local_path)
    try:
        status = os.stat(path) if state.options.follow_symlinks else os.lstat(path)
    except FileNotFoundError:
        return None if entry.old_size is None else result_of(entry, "failed", _CHANGED)
    if stat.S_ISREG(status.st_mode):
        if (status.st_size, status.st_mtime_ns) == (entry.old_size, entry.old_modified_ns):
            return None
        if status.st_size == entry.size and md5_of(path)[0] == entry.md5:
            return result_of(entry, "done", "it was there already")
    return result_of(entry, "failed", _CHANGED)


def _token(local_path: str) -> str:
    """Return the part of the name of a partial file by which the next run finds it."""
    return hashlib.sha256(local_path.encode()).hexdigest()[:16]


def partial_path(path: Path, local_path: str) -> Path:
    """Return the path of the partial file of a local file."""
    return path.with_name(partial_name(_token(local_path)))


def remove_partial(state: RunState, local_path: str) -> None:
    """Remove the partial file of a run that was killed. The journal's lock says that no other run writes it."""
    partial_path(Path(state.local(local_path)), local_path).unlink(missing_ok=True)
