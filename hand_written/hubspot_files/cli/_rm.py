"""`hubspot-files rm`."""

from __future__ import annotations

from typing import Final

import click

from .. import ChangePlan, File, Folder, HubSpotFiles, NotFoundError, PlannedChange
from ._changes import run_changes, show_plan
from ._command import Session, command
from ._errors import MISUSE, CommandError
from ._parameters import TARGET, Target, remote
from ._progress import Counter
from ._records import as_json, look_up
from ._text import count_text, named_text, printable, size_text

# It keeps the URL of a request short.
_FOLDERS_PER_REQUEST: Final = 50


@command(
    "hubspot-files rm hubspot:/library/old.pdf 122692044085",
    "hubspot-files rm -R hubspot:/library/old --dry-run",
    "hubspot-files rm --erase hubspot:/cv.pdf --dry-run",
    changes=True,
    asks=True,
)
@click.argument("targets", metavar="TARGET...", type=TARGET, nargs=-1, required=True)
@click.option("--recursive", "-R", "-r", is_flag=True, help="Delete folders with all that is below them.")
@click.option(
    "--erase", is_flag=True, help="Erase content and records for good, within seven days, as the GDPR demands."
)
@click.option("--digest", metavar="DIGEST", help="For --erase: the digest that --erase --dry-run printed.")
def rm(session: Session, *, targets: tuple[Target, ...], recursive: bool, erase: bool, digest: str | None) -> int:
    """Delete files and folders.

    TARGET is a path such as hubspot:/library/cat.png, or the id of a file. Deleted files are not accessible any more,
    but HubSpot keeps their content. --erase cannot be undone; it needs the digest of a plan that you looked at.
    """
    if digest is not None and not erase:
        raise CommandError("--digest belongs to --erase", MISUSE)
    with session.connect() as hubspot:
        files, folders = _collect(session, hubspot, targets, recursive=recursive)
        plan = ChangePlan(PlannedChange.of(file, "erase" if erase else "delete") for file in files.values())
        if session.dry_run:
            if not session.output.json:
                for folder in folders:
                    session.output.sentence(f"would delete {printable(remote(folder.path))}/ with all files below it")
            return show_plan(session, plan.changes, plan.digest if erase else None)
        if erase and digest != plan.digest:
            reason = "--erase needs --digest" if digest is None else "these are not the files of that digest"
            raise CommandError(
                f"{reason}. Look at what would be erased, and its digest, with --erase --dry-run.", MISUSE
            )
        if session.asks:
            what = _described(hubspot, files, folders)
            if folders:
                # The search finds new files after minutes.
                what = f"at least {what}"
            session.confirm(f"{'Erase for good' if erase else 'Delete'} {what}?")
        # A folder is deleted with one request, with all that is below it, unless its files have to be erased.
        below = [] if erase else [change for change in plan if _is_below(change.path, folders)]
        single = [change for change in plan if erase or not _is_below(change.path, folders)]
        return run_changes(
            session,
            single,
            lambda change: _delete(hubspot, change),
            lambda: [change for folder in folders for change in _delete_folder(session, hubspot, folder, below)],
        )


def _collect(
    session: Session, hubspot: HubSpotFiles, targets: tuple[Target, ...], *, recursive: bool
) -> tuple[dict[str, File], list[Folder]]:
    """Return the files that targets name, with those below folders, and the folders.

    Raises:
        CommandError: a target does not exist, is the root, or is a folder and recursive is false.
    """
    files: dict[str, File] = {}
    folders: list[Folder] = []
    with Counter(session.output, "files") as counter:
        for target in targets:
            if target.path == "/":
                raise CommandError("the root cannot be deleted; name the folders and files", MISUSE)
            record = look_up(hubspot, target)
            if isinstance(record, File):
                files[record.id] = record
                continue
            if not recursive:
                raise CommandError(f"{target} is a folder: pass --recursive to delete all that is below it", MISUSE)
            folders.append(record)
            files |= {file.id: file for file in counter.counted(hubspot.files.walk(str(record.path)))}
    return files, folders


def _described(hubspot: HubSpotFiles, files: dict[str, File], folders: list[Folder]) -> str:
    """Return what a question names: the files and the folders, with those below."""
    below = {folder.id: folder for folder in folders}
    left = list(below)
    while left:
        ids, left = left[:_FOLDERS_PER_REQUEST], left[_FOLDERS_PER_REQUEST:]
        found = hubspot.folders.search(parent_folder_ids=ids, beyond_limit=True)
        new = {folder.id: folder for folder in found if folder.id not in below}
        below |= new
        left += new
    parts = [
        named_text(len(each), thing, [remote(record.path) for record in each])
        for thing, each in (("file", [*files.values()]), ("folder", [*below.values()]))
        if each
    ]
    return f"{' and '.join(parts)}, {size_text(sum(file.size or 0 for file in files.values()))} in all"


def _is_below(path: str | None, folders: list[Folder]) -> bool:
    return any((path or "").startswith(f"{folder.path}/") for folder in folders)


def _delete(hubspot: HubSpotFiles, change: PlannedChange) -> bool:
    """Delete or erase a file, and return whether it existed."""
    try:
        if change.action == "erase":
            hubspot.files.gdpr_delete(change.file_id)
        else:
            hubspot.files.delete(change.file_id)
    except NotFoundError:
        return False
    return True


def _delete_folder(
    session: Session, hubspot: HubSpotFiles, folder: Folder, below: list[PlannedChange]
) -> list[PlannedChange]:
    """Delete a folder, and return the deletions of files that it included, which are removed from those given."""
    included = [change for change in below if _is_below(change.path, [folder])]
    below[:] = [change for change in below if not _is_below(change.path, [folder])]
    try:
        hubspot.folders.delete(folder.id)
        outcome = "done"
    except NotFoundError:
        # It was below another one of the folders.
        outcome, included = "skipped", []
    if session.output.json:
        session.output.record({**as_json(folder), "files": len(included), "outcome": outcome, "error": None})
    else:
        content = f" with {count_text(len(included), 'file')}" if included else ""
        session.output.sentence(f"deleted {printable(remote(folder.path))}/{content}")
    return included
