"""`hubspot-files mv`."""

from __future__ import annotations

from typing import Any

import click

from .. import File, Folder, HubSpotFiles, NotFoundError, UnsupportedOperationError
from ._command import Session, command
from ._errors import DONE, MISUSE, CommandError
from ._parameters import PREFIX, TARGET, Target, remote
from ._records import as_json, look_up
from ._text import printable


@command(
    "hubspot-files mv hubspot:/cat.png hubspot:/tom.png",
    "hubspot-files mv hubspot:/cat.png hubspot:/archive/",
    "hubspot-files mv --dry-run hubspot:/a hubspot:/b",
    changes=True,
    asks=True,
)
@click.argument("source", type=TARGET)
@click.argument("destination", metavar="PATH")
def mv(session: Session, *, source: Target, destination: str) -> int:
    """Move or rename a file or a folder.

    If PATH is a folder, the source is moved into it, else PATH is its new path. An existing file is never replaced. The
    URLs of public files change, and links to them may break.
    """
    into = destination.removeprefix(PREFIX) != "/" and destination.endswith("/")
    target: Target = TARGET.convert(destination, None, click.get_current_context())
    if target.path is None:
        raise CommandError(f"the destination must be a path such as hubspot:/archive, not {destination}", MISUSE)
    if source.path == "/":
        raise CommandError("the root cannot be moved", MISUSE)
    with session.connect() as hubspot:
        record = look_up(hubspot, source)
        folder_path, name, folder = _place(hubspot, record, target.path, into=into)
        path = f"{folder_path.rstrip('/')}/{name}"
        _check(hubspot, record, path)
        old, new = printable(remote(record.path)), printable(remote(path))
        if session.dry_run:
            _write(session, record, old, new, "planned")
            return DONE
        session.confirm(f"Move {old} to {new}?")
        _write(session, _move(hubspot, record, folder_path, name, folder), old, new, "done")
    return DONE


def _place(hubspot: HubSpotFiles, record: File | Folder, path: str, *, into: bool) -> tuple[str, str, Folder | None]:
    """Return the path of the new folder, the new name with its extension, and the record of the folder.

    Raises:
        CommandError: the folder does not exist.
    """
    own = record.full_name if isinstance(record, File) else str(record.name)
    if path == "/":
        return "/", own, None
    found = _folder(hubspot, path)
    if found is not None and found.id != record.id:
        return path, own, found
    if into:
        raise CommandError(f"{remote(path)} is not a folder. Create it: hubspot-files mkdir {remote(path)}")
    parent, _, name = path.rpartition("/")
    if not parent:
        return "/", name, None
    found = _folder(hubspot, parent)
    if found is None:
        raise CommandError(f"there is no folder {remote(parent)}. Create it: hubspot-files mkdir {remote(parent)}")
    return parent, name, found


def _folder(hubspot: HubSpotFiles, path: str) -> Folder | None:
    try:
        return hubspot.files.stat(path).folder
    except NotFoundError:
        return None


def _check(hubspot: HubSpotFiles, record: Any, path: str) -> None:
    """Check that a file or a folder can be moved to a path.

    Raises:
        CommandError: the path is taken, is below the folder itself, or has another extension.
    """
    if path == record.path:
        raise CommandError(f"{remote(path)} is there already")
    if isinstance(record, File):
        suffix = f".{record.extension}" if record.extension else ""
        if not path.lower().endswith(suffix.lower()) or (not suffix and "." in path.rpartition("/")[2]):
            raise CommandError(
                f"HubSpot does not change the extension of a file: the new name must "
                f"{f'end with {suffix}' if suffix else 'have none'}",
                MISUSE,
            )
    elif path.startswith(f"{record.path}/"):
        raise CommandError("a folder cannot be moved into itself", MISUSE)
    try:
        hubspot.files.stat(path)
    except NotFoundError:
        return
    raise CommandError(f"{remote(path)} exists already, and is not replaced. Choose another name.")


def _move(hubspot: HubSpotFiles, record: Any, folder_path: str, name: str, folder: Folder | None) -> Any:
    """Move a file or a folder, and return its new record.

    Raises:
        CommandError: a folder would move to the root.
    """
    if isinstance(record, File):
        stem = name[: -len(record.extension) - 1] if record.extension else name
        moved = folder_path != ((record.path or "").rpartition("/")[0] or "/")
        return hubspot.files.update(
            record.id,
            name=None if stem == record.name else stem,
            parent_folder_path=folder_path if moved else None,
        )
    here = (
        folder is None
        if record.parent_folder_id is None
        else folder is not None and folder.id == record.parent_folder_id
    )
    if folder is None and not here:
        raise CommandError("HubSpot moves no folder to the root; move it into another folder")
    changes: dict[str, Any] = {"parent_folder_id": None if here or folder is None else folder.id}
    changes["name"] = None if name == record.name else name
    try:
        # It updates the paths of all files below, too.
        return hubspot.folders.update_recursively(record.id, **changes).wait()
    except UnsupportedOperationError:
        return hubspot.folders.update(record.id, **changes)


def _write(session: Session, record: Any, old: str, new: str, outcome: str) -> None:
    if session.output.json:
        session.output.record({**as_json(record), "from": old, "to": new, "outcome": outcome})
    else:
        session.output.sentence(f"{'would move' if outcome == 'planned' else 'moved'} {old} to {new}")
