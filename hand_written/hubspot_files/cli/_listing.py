"""`hubspot-files ls`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from .. import File, HubSpotFiles
from ._command import Session, command
from ._errors import DONE
from ._parameters import TARGET, Target, remote
from ._progress import Counter
from ._records import look_up, write_records

_ROOT = Target("/", None)


@command("hubspot-files ls", "hubspot-files ls hubspot:/library", "hubspot-files ls -R --json hubspot:/library")
@click.argument("targets", metavar="[TARGET]...", type=TARGET, nargs=-1)
@click.option("--recursive", "-R", is_flag=True, help="List the files of all folders below, too.")
def ls(session: Session, *, targets: tuple[Target, ...], recursive: bool) -> int:
    """List folders, or show files in a line each.

    TARGET is a path such as hubspot:/library, by default the root, or the id of a file. In a pipe, the fields of a line
    are separated by tabs: access, size in bytes, time of the last change, path.
    """
    output = session.output
    with session.connect() as hubspot:
        for number, target in enumerate(targets or (_ROOT,)):
            if len(targets) > 1 and output.terminal:
                output.line(f"{chr(10) if number else ''}{output.styled(f'{target}:', bold=True)}")
            record = None if target.path == "/" else look_up(hubspot, target)
            if record is not None and isinstance(record, File):
                write_records(output, [record])
            elif recursive:
                write_records(output, hubspot.files.walk(str(target.path)))
            elif not write_records(output, _children(session, hubspot, record), full_path=False) and output.terminal:
                output.note(f"{remote(target.path)} is empty.")
    return DONE


def _children(session: Session, hubspot: HubSpotFiles, folder: Any) -> Iterator[Any]:
    """Return the folders and the files that are directly in a folder, or in the root for None."""
    if folder is not None:
        yield from hubspot.folders.search(parent_folder_ids=[folder.id], sort="name")
        yield from hubspot.files.search(parent_folder_ids=[folder.id], sort="name")
        return
    # The root has no id to search by: its files are found among all files.
    with Counter(session.output, "looking for the files of the root") as counter:
        folders = [each for each in hubspot.folders.search(beyond_limit=True) if each.parent_folder_id is None]
        files = [each for each in counter.counted(hubspot.files.walk("/")) if each.parent_folder_id is None]
    yield from sorted(folders, key=lambda each: each.name or "")
    yield from sorted(files, key=lambda each: each.path or "")
