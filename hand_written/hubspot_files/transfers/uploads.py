"""Uploads of new files, and replacements of content. Neither stores anything twice, or replaces what is not planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._engine.effects import CleanUp, Flow, RunBlocking
from .._operations.enums import stated_access
from .._operations.lookup import same_path
from .copies import has_content, has_path, remove, remove_copies, remove_copy
from .journal import JournalRow
from .local_source import LocalSource, check_planned
from .local_tree import known_md5
from .planned_action import PlannedAction
from .results import TransferResult, result_of
from .run_state import RunState

if TYPE_CHECKING:
    from hubspot_files_api.models import File

_DEFAULT_ACCESS = "PRIVATE"
CHANGED = "conflict: the file on HubSpot has changed since the plan was made; plan the transfer again"
_TAKEN = "conflict: another file has this name on HubSpot; plan the transfer again"


def upload(state: RunState, entry: PlannedAction) -> Flow[TransferResult]:
    """Store a new file.

    If an earlier attempt may have stored it, its path is looked up first.
    """
    source = yield from RunBlocking(_open, state, entry)
    try:
        row = yield from RunBlocking(state.journal.row, entry.path)
        yield from remove_copy(state, row)
        if row is not None and (row.state == "unknown" or row.file_id is not None):
            found = yield from _look_up(state, entry, source, row)
            if found is not None:
                return found
        yield from _intend(state, entry, source, None)
        folder, _, name = state.remote(entry.path).rpartition("/")
        access = state.options.access or _DEFAULT_ACCESS
        file = yield from state.calls.upload(source, name=name, folder_path=folder or "/", access=access)
        return (yield from _check_stored(state, entry, source, file))
    finally:
        yield from CleanUp(source.close)


def _look_up(
    state: RunState, entry: PlannedAction, source: LocalSource, row: JournalRow
) -> Flow[TransferResult | None]:
    """Return the result if the path is taken, or None if it is free."""
    stat = yield from state.calls.stat(state.remote(entry.path))
    if stat is not None and stat.file is None:
        return result_of(entry, "failed", "conflict: a folder has this name on HubSpot")
    file = (yield from _renamed(state, entry, row)) if stat is None else stat.file
    if file is None:
        return None
    if has_content(file, source.size, source.md5):
        return result_of(entry, "done", "it was stored already", file_id=file.id)
    if file.id == row.file_id or has_content(file, row.size, row.md5):
        # This transfer has stored it, with the content that the source had then.
        return (yield from _put(state, entry, source, file))
    yield from remove_copies(state, row)
    return result_of(entry, "failed", _TAKEN)


def _renamed(state: RunState, entry: PlannedAction, row: JournalRow) -> Flow[File | None]:
    """Return the file that this transfer has stored in the folder under a name of HubSpot's choice, or None."""
    file = None if row.file_id is None else (yield from state.calls.get(row.file_id))
    if file is None or file.archived or file.path is None:
        return None
    folder, wanted = (path.rpartition("/")[0] for path in (file.path, state.remote(entry.path)))
    return file if same_path(folder, wanted) else None


def _check_stored(state: RunState, entry: PlannedAction, source: LocalSource, file: File) -> Flow[TransferResult]:
    """Return the result of an upload, after a comparison of the record with what was asked for."""
    if file.file_md5 is not None and not has_content(file, source.size, source.md5):
        yield from remove(state, entry.path, file.id)
        return result_of(entry, "failed", f"HubSpot stored other content ({file.size} bytes); it was deleted again")
    wanted = state.remote(entry.path)
    if has_path(file, wanted):
        return result_of(entry, "done", file_id=file.id)
    stat = yield from state.calls.stat(wanted)
    if stat is None:
        # HubSpot has its own rules for names. The journal knows the file by its id.
        return result_of(entry, "done", f"HubSpot stored it as {file.path}", file_id=file.id)
    yield from remove(state, entry.path, file.id)
    if stat.file is not None and has_content(stat.file, source.size, source.md5):
        return result_of(entry, "done", "it was stored already", file_id=stat.file.id)
    return result_of(entry, "failed", _TAKEN)


def replace(state: RunState, entry: PlannedAction) -> Flow[TransferResult]:
    """Store new content in the file that the plan names, if it still has the content that was planned for."""
    assert entry.file_id is not None
    source = yield from RunBlocking(_open, state, entry)
    try:
        row = yield from RunBlocking(state.journal.row, entry.path)
        file = yield from state.calls.get(entry.file_id)
        if file is None or file.archived:
            # With another id, it may have been stored by this transfer.
            stat = yield from state.calls.stat(state.remote(entry.path))
            file = None if stat is None else stat.file
        if file is None or not has_path(file, state.remote(entry.path)):
            return result_of(entry, "failed", "conflict: the file is not on HubSpot any more; plan the transfer again")
        if has_content(file, source.size, source.md5):
            return result_of(entry, "done", "it was stored already", file_id=file.id)
        planned = (file.id, file.size, (file.file_md5 or "").lower()) == (
            entry.file_id,
            entry.old_size,
            entry.old_md5 or "",
        )
        ours = row is not None and row.state == "unknown" and has_content(file, row.size, row.md5)
        if not planned and not ours:
            return result_of(
                entry, "failed", "conflict: the file on HubSpot has changed since; plan the transfer again"
            )
        if state.options.new_ids:
            return (yield from _store_anew(state, entry, source, file))
        return (yield from _put(state, entry, source, file))
    finally:
        yield from CleanUp(source.close)


def _put(state: RunState, entry: PlannedAction, source: LocalSource, file: File) -> Flow[TransferResult]:
    access = _level(state, file)
    yield from _intend(state, entry, source, file.id)
    name = entry.path.rpartition("/")[2]
    stored = yield from state.calls.replace(file.id, source, name=name, access=access)
    return _replaced(entry, source, stored)


def _store_anew(state: RunState, entry: PlannedAction, source: LocalSource, file: File) -> Flow[TransferResult]:
    access = _level(state, file)
    yield from _intend(state, entry, source, file.id)
    folder, _, name = state.remote(entry.path).rpartition("/")
    stored = yield from state.calls.upload(source, name=name, folder_path=folder or "/", access=access, overwrite=True)
    return _replaced(entry, source, stored)


def _replaced(entry: PlannedAction, source: LocalSource, stored: File) -> TransferResult:
    if stored.file_md5 is not None and not has_content(stored, source.size, source.md5):
        return result_of(entry, "failed", f"HubSpot stored other content ({stored.size} bytes)", file_id=stored.id)
    return result_of(entry, "done", file_id=stored.id)


def _level(state: RunState, file: File) -> str:
    """Return the access level of new content: that of the call, or that of the file.

    Raises:
        TypeError: see `stated_access`.
    """
    return state.options.access or stated_access(file).value


def _open(state: RunState, entry: PlannedAction) -> LocalSource:
    path = state.local(entry.local_path)
    check_planned(path, entry)
    md5 = entry.md5 or known_md5(path, entry.local_path, state.journal, state.now())
    size = entry.size or 0
    return LocalSource(path, md5=md5, size=size, on_progress=lambda sent: state.progress(entry.path, size, sent))


def _intend(state: RunState, entry: PlannedAction, source: LocalSource, file_id: str | None) -> Flow[None]:
    yield from RunBlocking(
        state.journal.intend,
        entry.path,
        entry.action,
        size=source.size,
        md5=source.md5,
        file_id=file_id,
        local_path=entry.local_path,
        now=state.now(),
    )
