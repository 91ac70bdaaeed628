"""The creation of folders, on either side."""

from __future__ import annotations

import os

from .._engine.effects import Flow, RunBlocking
from .._errors import ConflictError
from .local_tree import check_no_links
from .planned_action import PlannedAction
from .results import TransferResult, result_of
from .run_state import RunState


def create_remote(state: RunState, entry: PlannedAction) -> Flow[TransferResult]:
    """Create a folder on HubSpot. One that exists is right, too."""
    parent, _, name = state.remote(entry.path).rpartition("/")
    try:
        folder = yield from state.calls.create_folder(name, parent or "/")
    except ConflictError:
        stat = yield from state.calls.stat(state.remote(entry.path))
        if stat is None or stat.folder is None:
            raise
        return result_of(entry, "skipped", "it existed already", file_id=stat.folder.id)
    return result_of(entry, "done", file_id=folder.id)


def create_local(state: RunState, entry: PlannedAction) -> Flow[TransferResult]:
    """Create a local folder, with those above it."""
    yield from RunBlocking(make_folder, state, entry.local_path)
    return result_of(entry, "done")


def make_folder(state: RunState, local_path: str) -> None:
    """Create a folder below the local directory.

    Raises:
        OSError: it cannot be created, or a symbolic link leads out of the directory.
    """
    if not state.options.follow_symlinks:
        check_no_links(state.options.directory, f"{local_path}/")
    os.makedirs(state.local(local_path), exist_ok=True)
