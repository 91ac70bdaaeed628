"""`hubspot-files ls`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from .. import File, HubSpotFiles
from ._command import Session, command
from ._errors import DONE
from ._output import Output
from ._parameters import TARGET, Target
from ._progress import Counter
from ._records import look_up, write_records
from ._sorting import in_order, sort_options

_ROOT = Target("/", None)


@command(
    "hubspot-files ls",
    "hubspot-files ls hubspot:/library --sort size",
    "hubspot-files ls -R --json hubspot:/library",
)
@click.argument("targets", metavar="[TARGET]...", type=TARGET, nargs=-1)
@click.option("--recursive", "-R", is_flag=True, help="List the files of all folders below, too.")
@sort_options
def ls(session: Session, *, targets: tuple[Target, ...], recursive: bool, sort: str | None, reverse: bool) -> int:
    """List folders, or show files in a line each.

    TARGET is a path such as hubspot:/library, by default the root, or the id of a file. In a pipe, the fields of a line
    are separated by tabs: access, size in bytes, time of the last change, path. There, -R lists files as HubSpot
    returns them, unless you pass --sort.
    """
    output = session.output
    with session.connect() as hubspot:
        for number, target in enumerate(targets or (_ROOT,)):
            if len(targets) > 1 and output.terminal:
                output.line(f"{chr(10) if number else ''}{output.styled(f'{target}:', bold=True)}")
            record = None if target.path == "/" else look_up(hubspot, target)
            if record is not None and isinstance(record, File):
                write_records(output, [record], total=False)
            elif recursive:
                files: Iterable[File] = hubspot.files.walk(str(target.path))
                if output.terminal or sort is not None or reverse:
                    with Counter(output, "files") as counter:
                        files = in_order(counter.counted(files), sort, reverse=reverse)
                count = write_records(output, files)
                _note_if_empty(output, target, count, "has no files")
            else:
                # Folders come before files.
                children = [
                    record
                    for group in _children(session, hubspot, record)
                    for record in in_order(group, sort, reverse=reverse)
                ]
                count = write_records(output, children, full_path=False)
                _note_if_empty(output, target, count, "is empty")
    return DONE


def _note_if_empty(output: Output, target: Target, count: int, text: str) -> None:
    if not count and output.terminal:
        output.note(f"{target} {text}.")


def _children(session: Session, hubspot: HubSpotFiles, folder: Any) -> tuple[list[Any], list[Any]]:
    """Return the folders and the files that are directly in a folder, or in the root for None."""
    if folder is not None:
        with Counter(session.output, "files") as counter:
            folders = [*hubspot.folders.search(parent_folder_ids=[folder.id], beyond_limit=True)]
            found = hubspot.files.search(parent_folder_ids=[folder.id], beyond_limit=True)
            return folders, [*counter.counted(found)]
    # The root has no id to search by: its files are found among all files.
    with Counter(session.output, "files of all folders") as counter:
        folders = [each for each in hubspot.folders.search(beyond_limit=True) if each.parent_folder_id is None]
        files = [each for each in counter.counted(hubspot.files.walk("/")) if each.parent_folder_id is None]
    return folders, files
