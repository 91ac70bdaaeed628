"""Uploads of new files, and replacements of content. Neither stores anything twice, or replaces what is not planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._engine.effects import CleanUp, Flow, RunBlocking
from .._operations.enums import stated_access
from .._operations.lookup import same_path
from .copies import has_content, has_path, is_since, remove, remove_copies, remove_copy
from .journal_row import JournalRow
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

    If an earlier attempt may have stored it, its path is looked up first. No file is changed for its id alone.
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
        state.transferred(source.size)
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
        return (yield from _stored_already(state, entry, row, file))
    if _is_ours(file, row):
        # This transfer has stored it, with the content that the source had then.
        return (yield from _put(state, entry, source, file))
    if row.recheck_until is not None:
        yield from remove_copies(state, row)
    return result_of(entry, "failed", _TAKEN)


def _renamed(state: RunState, entry: PlannedAction, row: JournalRow) -> Flow[File | None]:
    """Return the file that this transfer has stored, if HubSpot has given it another name and it still has that.

    A file that somebody has renamed since is another file.
    """
    known = row.identity
    if known is None or same_path(known.path, state.remote(entry.path)):
        return None
    file = yield from state.calls.get(known.id)
    return file if known.is_of(file) else None


def _is_ours(file: File, row: JournalRow) -> bool:
    """Return whether the file at a path is that of the journal, or that of a request whose response was lost."""
    is_lost = row.state == "unknown" and has_content(file, row.size, row.md5) and is_since(file, row)
    return is_lost or row.is_of(file)


def _stored_already(state: RunState, entry: PlannedAction, row: JournalRow | None, file: File) -> Flow[TransferResult]:
    """Return the result for a file that HubSpot has with this content, by the action of another run or a lost one."""
    yield from _know(state, entry, file)
    if row is None or row.state != "unknown":
        return result_of(entry, "skipped", "it was stored already", file_id=file.id)
    if row.run == state.journal.run:
        state.transferred(file.size or 0)
    return result_of(entry, "done", "it was stored already", file_id=file.id)


def _know(state: RunState, entry: PlannedAction, file: File) -> Flow[None]:
    yield from CleanUp(lambda: state.journal.know(entry.path, file))


def _check_stored(state: RunState, entry: PlannedAction, source: LocalSource, file: File) -> Flow[TransferResult]:
    """Return the result of an upload, after a comparison of the record with what was asked for."""
    if file.file_md5 is not None and not has_content(file, source.size, source.md5):
        yield from remove(state, entry.path, file)
        return result_of(entry, "failed", f"HubSpot stored other content ({file.size} bytes); it was deleted again")
    wanted = state.remote(entry.path)
    if file.path is None or has_path(file, wanted):
        yield from _know(state, entry, file)
        return result_of(entry, "done", file_id=file.id)
    stat = yield from state.calls.stat(wanted)
    if stat is None:
        # HubSpot has its own rules for names. The journal knows the file by its id and that name.
        yield from _know(state, entry, file)
        return result_of(entry, "done", f"HubSpot stored it as {file.path}", file_id=file.id)
    yield from remove(state, entry.path, file)
    if stat.file is not None and has_content(stat.file, source.size, source.md5):
        yield from _know(state, entry, stat.file)
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
            return (yield from _stored_already(state, entry, row, file))
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
    yield from _intend(state, entry, source, file)
    name = entry.path.rpartition("/")[2]
    stored = yield from state.calls.replace(file.id, source, name=name, access=access)
    return (yield from _replaced(state, entry, source, stored))


def _store_anew(state: RunState, entry: PlannedAction, source: LocalSource, file: File) -> Flow[TransferResult]:
    access = _level(state, file)
    yield from _intend(state, entry, source, file)
    folder, _, name = state.remote(entry.path).rpartition("/")
    stored = yield from state.calls.upload(source, name=name, folder_path=folder or "/", access=access, overwrite=True)
    return (yield from _replaced(state, entry, source, stored))


def _replaced(state: RunState, entry: PlannedAction, source: LocalSource, stored: File) -> Flow[TransferResult]:
    state.transferred(source.size)
    yield from _know(state, entry, stored)
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


def _intend(state: RunState, entry: PlannedAction, source: LocalSource, file: File | None) -> Flow[None]:
    yield from RunBlocking(
        state.journal.intend,
        entry.path,
        entry.action,
        size=source.size,
        md5=source.md5,
        file=file,
        local_path=entry.local_path,
        now=state.now(),
    )
