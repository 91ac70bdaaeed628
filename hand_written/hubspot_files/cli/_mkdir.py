"""`hubspot-files mkdir`."""

from __future__ import annotations

import click

from .. import ConflictError, Folder, HubSpotFiles, NotFoundError
from ._command import Session, command
from ._errors import DONE, MISUSE, CommandError
from ._output import Output
from ._parameters import REMOTE_PATH, remote
from ._records import as_json
from ._text import printable


@command("hubspot-files mkdir hubspot:/library/cats", "hubspot-files mkdir -p hubspot:/a/b/c", changes=True)
@click.argument("paths", metavar="PATH...", type=REMOTE_PATH, nargs=-1, required=True)
@click.option("--parents", "-p", is_flag=True, help="Create the folders above, too. No error if it exists.")
def mkdir(session: Session, *, paths: tuple[str, ...], parents: bool) -> int:
    """Create folders.

    PATH is such as hubspot:/library/cats.
    """
    with session.connect() as hubspot:
        for path in paths:
            if path == "/":
                raise CommandError("the root exists always", MISUSE)
            _create(session, hubspot, path, parents=parents)
    return DONE


def _create(session: Session, hubspot: HubSpotFiles, path: str, *, parents: bool) -> None:
    """Create a folder, and those above that do not exist.

    Raises:
        CommandError: it exists, there is a file in its place, or the folder above does not exist.
    """
    names = path.removeprefix("/").split("/")
    missing = 0
    parent: Folder | None = None
    while missing < len(names):
        place = "/" + "/".join(names[: len(names) - missing])
        try:
            stat = hubspot.files.stat(place)
        except NotFoundError:
            missing += 1
            continue
        if stat.folder is None:
            raise CommandError(f"{remote(place)} is a file")
        parent = stat.folder
        break
    if not missing and not parents:
        raise CommandError(f"{remote(path)} exists already")
    if missing > 1 and not parents:
        above = "/" + "/".join(names[:-1])
        raise CommandError(f"{remote(above)} does not exist. To create it, too, pass --parents.")
    for number in range(len(names) - missing, len(names)):
        place = "/" + "/".join(names[: number + 1])
        if session.dry_run:
            _write(session.output, place, None)
            continue
        try:
            parent = hubspot.folders.create(names[number], parent_folder_id=None if parent is None else parent.id)
        except ConflictError:
            # Another program has created it meanwhile.
            if not parents:
                raise
            parent = hubspot.files.stat(place).folder
            continue
        _write(session.output, place, parent)


def _write(output: Output, place: str, folder: Folder | None) -> None:
    if output.json:
        fields = {"kind": "folder", "path": place} if folder is None else as_json(folder)
        output.record({**fields, "outcome": "planned" if folder is None else "done"})
    else:
        output.sentence(f"{'would create' if folder is None else 'created'} {printable(remote(place))}")
