"""Second copies of a file, which HubSpot stores under a numbered name, and their removal.

HubSpot stores an upload whose name is taken as `name-1`, `name-2` and so on. So an upload never replaces a file that
the listing did not show, and a request that HubSpot acts on after it was repeated leaves a second copy.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .._engine.effects import CleanUp, Flow, RunBlocking
from .._operations.lookup import same_path
from .journal import LATE, JournalRow
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
    """Return whether a record is that of a path. A record without a path is."""
    return file.path is None or same_path(file.path, path)


def remove(state: RunState, path: str, file_id: str) -> Flow[None]:
    """Delete a second copy. If the run ends before that, the next one deletes it.

    Args:
        state: state of the run.
        path: path of the file in the journal.
        file_id: id of the copy.
    """
    yield from CleanUp(lambda: state.journal.set_copy(path, file_id))
    yield from state.calls.delete(file_id)
    yield from CleanUp(lambda: state.journal.set_copy(path, None))


def remove_copy(state: RunState, row: JournalRow | None) -> Flow[None]:
    """Delete the second copy that an earlier run was about to delete."""
    if row is not None and row.copy_id is not None:
        yield from remove(state, row.path, row.copy_id)


def remove_late_copy(state: RunState, row: JournalRow) -> Flow[None]:
    """Delete the copy of a request whose response was lost, and which HubSpot has acted on after it was repeated."""
    yield from remove_copy(state, row)
    yield from remove_copies(state, row)
    if state.now() > (row.recheck_until or 0.0):
        yield from RunBlocking(state.journal.rechecked, row.path)


def remove_copies(state: RunState, row: JournalRow) -> Flow[None]:
    """Delete the second copies of a file.

    They have the next numbered names, the same content, and were stored after the request. No local file has their
    names.
    """
    copies = yield from _copies(state, row)
    for copy in copies:
        yield from remove(state, row.path, copy)


def _copies(state: RunState, row: JournalRow) -> Flow[list[str]]:
    """Return the ids of the second copies of a file."""
    copies: list[str] = []
    lost_at = (row.recheck_until or state.now()) - LATE
    earliest = datetime.fromtimestamp(lost_at - _CLOCKS, UTC)
    stem, extension = os.path.splitext(row.path)
    for number in range(1, _MAX_NUMBER):
        path = f"{stem}-{number}{extension}"
        stat = yield from state.calls.stat(state.remote(path))
        if stat is None:
            break
        file = stat.file
        if file is None or not has_content(file, row.size, row.md5) or file.id == row.file_id:
            continue
        is_new = file.created_at is not None and file.created_at >= earliest
        if is_new and not (yield from RunBlocking(_is_source, state, path)):
            copies.append(file.id)
    return copies


def _is_source(state: RunState, path: str) -> bool:
    """Return whether there is a local file with a name, whose upload the file on HubSpot can be."""
    return state.plan.entry(path) is not None or os.path.lexists(state.local(path))
