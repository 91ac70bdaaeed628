"""Deletions, each of which is checked on the side that it is on, and on the other one."""

from __future__ import annotations

import os
import stat

from .._engine.effects import Flow, RunBlocking
from .copies import has_path
from .local_tree import check_no_links
from .planned_action import PlannedAction
from .results import TransferResult, result_of
from .run_state import RunState
from .uploads import CHANGED


def delete_remote(state: RunState, entry: PlannedAction) -> Flow[TransferResult]:
    """Delete a file on HubSpot, if its record is still that of the plan, and there is still no local file."""
    assert entry.file_id is not None
    if (yield from RunBlocking(os.path.lexists, state.local(entry.path))):
        return result_of(entry, "failed", "conflict: there is a local file now; plan the transfer again")
    file = yield from state.calls.get(entry.file_id)
    if file is None or file.archived:
        return result_of(entry, "done", "it was gone already")
    planned = (file.size, (file.file_md5 or "").lower()) == (entry.old_size, entry.old_md5 or "")
    if not planned or not has_path(file, state.remote(entry.path)):
        return result_of(entry, "failed", CHANGED)
    row = yield from RunBlocking(state.journal.other_place, entry.path, entry.file_id)
    # A file that somebody has renamed is not the one that was stored.
    if row is not None and row.is_of(file):
        source = state.local(row.local_path or row.path)
        if (yield from RunBlocking(os.path.lexists, source)):
            return result_of(entry, "skipped", f"HubSpot has stored {row.path} under this name")
    yield from RunBlocking(
        state.journal.intend,
        entry.path,
        "delete",
        size=entry.old_size or 0,
        md5=None,
        file=file,
        local_path=entry.local_path,
        now=state.now(),
    )
    yield from state.calls.delete(entry.file_id, gdpr=state.options.gdpr)
    return result_of(entry, "done")


def delete_local(state: RunState, entry: PlannedAction) -> Flow[TransferResult]:
    """Delete a local file, if it is still that of the plan, and there is no file at its path on HubSpot.

    The search index lags: a file that was uploaded minutes ago may be missing from the listing.
    """
    found = yield from state.calls.stat(state.remote(entry.path))
    if found is not None and found.file is not None:
        return result_of(entry, "skipped", "it is on HubSpot, although the search does not find it yet")
    reason = yield from RunBlocking(_delete, state, entry)
    return result_of(entry, "failed" if reason else "done", reason)


def _delete(state: RunState, entry: PlannedAction) -> str:
    """Delete a local file, or return why not.

    Raises:
        OSError: it cannot be deleted.
    """
    path = state.local(entry.local_path)
    if not state.options.follow_symlinks:
        check_no_links(state.options.directory, entry.local_path)
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return ""
    planned = (status.st_size, status.st_mtime_ns) == (entry.old_size, entry.old_modified_ns)
    if not stat.S_ISREG(status.st_mode) or not planned:
        return "conflict: the local file has changed since the plan was made; plan the transfer again"
    os.unlink(path)
    return ""
