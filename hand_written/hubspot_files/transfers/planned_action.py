"""One entry of a plan."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from .._errors import ArgumentValueError
from .._validation import shown

Action: TypeAlias = Literal["mkdir", "upload", "replace", "download", "delete", "conflict", "skip"]
"""The action on one path."""


class PlannedAction(NamedTuple):
    """One entry of a plan, with the state that it was planned for.

    Attributes:
        action: `mkdir` creates a folder. `upload` stores a new file. `replace` stores new content in an existing file
            on HubSpot. `download` writes a local file, which may exist. `delete` deletes a file at the destination.
            `conflict` is not done, for its reason. `skip` is left alone, for its reason.
        path: path below the folder on HubSpot, with `/`.
        reason: why, such as "new" or "other content".
        size: bytes of the content to transfer, or None.
        md5: MD5 of that content in hexadecimal digits, or None if it is not known yet.
        modified_ns: time at which the local source was modified, in nanoseconds since 1970, or None.
        file_id: id of the file on HubSpot that is downloaded, replaced or deleted, or None.
        access: access level of that file, or None.
        local_path: path below the local directory, with `/`.
        old_size: size of the file at the destination that is replaced or deleted, or None if there is none.
        old_md5: MD5 of that file, or None if it is not known.
        old_modified_ns: time at which that file was modified if it is local, or None.
        url: URL of the content to download if it is public, or None.
    """

    action: Action
    path: str
    reason: str
    size: int | None = None
    md5: str | None = None
    modified_ns: int | None = None
    file_id: str | None = None
    access: str | None = None
    local_path: str = ""
    old_size: int | None = None
    old_md5: str | None = None
    old_modified_ns: int | None = None
    url: str | None = None


def unplaced(file_id: str) -> str:
    """Return the path in a plan of a file whose record has no path."""
    return f"file-{file_id}"


_INTS = frozenset(["size", "modified_ns", "old_size", "old_modified_ns"])


def parsed_action(fields: Any) -> PlannedAction:
    """Return the entry that a line of a saved plan describes. A path in it may not lead out of the directory.

    Raises:
        ValueError: it is not an entry of a plan.
    """
    if not isinstance(fields, dict) or not {"action", "path", "reason"} <= fields.keys() <= set(PlannedAction._fields):
        raise ArgumentValueError("it is not an entry of a plan")
    if fields["action"] not in get_args(Action):
        raise ArgumentValueError(f"the action {shown(fields['action'])} is unknown")
    for name, value in fields.items():
        kind = int if name in _INTS else str
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise ArgumentValueError(f"{name} must be {kind.__name__}, not {type(value).__name__}")
    entry = PlannedAction(**fields)
    for path in (entry.path, entry.local_path):
        if "\0" in path or PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise ArgumentValueError(f"the path {shown(path)} leads out of the folder")
    return entry
