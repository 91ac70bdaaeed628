"""Second copies of a file, which HubSpot stores under a numbered name, and their removal.

HubSpot stores an upload whose name is taken as `name-1`, `name-2` and so on. So an upload never replaces a file that
the listing did not show, and a request that HubSpot acts on after it was repeated leaves a second copy.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .._engine.effects import CleanUp, Flow, RunBlocking
from .._operations.lookup import same_path
from .identity import Identity
from .journal import LATE
from .journal_row import JournalRow
from .run_state import RunState

if TYPE_CHECKING:
    from hubspot_files_api.models import File

# Numbered names that are looked at.
_MAX_NUMBER = 20
# Seconds by which HubSpot's clock may differ from that of this machine.
_CLOCKS = 600.0


def has_content(file: File, size: int | None, md5: str | None) -> bool:
    """Return whether a record is that of a content."""
    return file.size == size and md5 is not None and (file.file_md5 or "").lower() == md5


def has_path(file: File, path: str) -> bool:
    """Return whether a record is that of a path."""
    return file.path is not None and same_path(file.path, path)


def is_since(file: File, row: JournalRow) -> bool:
    """Return whether a file can be the one of a request whose response was lost: whether it was created since."""
    until, created_at = row.recheck_until, file.created_at
    return (
        until is not None
        and created_at is not None
        and until - LATE - _CLOCKS <= created_at.timestamp() <= until + _CLOCKS
    )


def remove(state: RunState, path: str, copy: File) -> Flow[None]:
    """Delete a second copy. If the run ends before that, the next one deletes it.

    Args:
        state: state of the run.
        path: path of the file in the journal.
        copy: record of the copy, from this run.
    """
    yield from CleanUp(lambda: state.journal.set_copy(path, copy))
    yield from state.calls.delete(copy.id)
    yield from CleanUp(lambda: state.journal.set_copy(path, None))


def remove_copy(state: RunState, row: JournalRow | None) -> Flow[None]:
    """Delete the second copy that an earlier run was about to delete, if it is still the same file."""
    if row is None or row.copied is None:
        return
    known = row.copied
    copy = yield from state.calls.get(known.id)
    is_same = Identity(known.id, known.path, known.created_at).is_of(copy)
    if copy is not None and is_same and (copy.size, copy.file_md5) == (known.size, known.md5):
        yield from remove(state, row.path, copy)
    else:
        yield from CleanUp(lambda: state.journal.set_copy(row.path, None))


def remove_late_copy(state: RunState, row: JournalRow) -> Flow[None]:
    """Delete the copy of a request whose response was lost, and which HubSpot has acted on after it was repeated."""
    yield from remove_copy(state, row)
    is_known = row.is_of(None if row.file_id is None else (yield from state.calls.get(row.file_id)))
    if is_known:
        yield from remove_copies(state, row)
    # Without the file, nothing says that the copy is one of this transfer.
    if not is_known or state.now() > (row.recheck_until or 0.0):
        yield from RunBlocking(state.journal.rechecked, row.path)


def remove_copies(state: RunState, row: JournalRow) -> Flow[None]:
    """Delete the second copies of a file.

    They have the next numbered names, the same content, and were stored after the request, while HubSpot could act on
    it. No local file has their names.
    """
    copies = yield from _copies(state, row)
    for copy in copies:
        yield from remove(state, row.path, copy)


def _copies(state: RunState, row: JournalRow) -> Flow[list[File]]:
    """Return the second copies of a file."""
    copies: list[File] = []
    stem, extension = os.path.splitext(row.path)
    for number in range(1, _MAX_NUMBER):
        path = f"{stem}-{number}{extension}"
        stat = yield from state.calls.stat(state.remote(path))
        if stat is None:
            break
        file = stat.file
        if file is None or not has_content(file, row.size, row.md5) or file.id == row.file_id:
            continue
        if is_since(file, row) and not (yield from RunBlocking(_is_source, state, path)):
            copies.append(file)
    return copies


def _is_source(state: RunState, path: str) -> bool:
    """Return whether there is a local file with a name, whose upload the file on HubSpot can be."""
    return state.plan.entry(path) is not None or os.path.lexists(state.local(path))
