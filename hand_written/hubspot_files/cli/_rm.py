"""`hubspot-files rm`."""

from __future__ import annotations

import click

from .. import ChangePlan, File, Folder, HubSpotFiles, NotFoundError, PlannedChange
from ._changes import run_changes, show_plan
from ._command import Session, command
from ._errors import DONE, MISUSE, CommandError
from ._parameters import TARGET, Target, remote
from ._progress import Counter
from ._records import as_json, look_up
from ._text import count_text, printable, size_text


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
                    session.output.line(f"would delete {printable(remote(folder.path))}/ with all files below it")
            return show_plan(session, plan.changes, plan.digest if erase else None)
        if erase and digest != plan.digest:
            reason = "--erase needs --digest" if digest is None else "these are not the files of that digest"
            raise CommandError(
                f"{reason}. Look at what would be erased, and its digest, with --erase --dry-run.", MISUSE
            )
        total = sum(file.size or 0 for file in files.values())
        what = f"{count_text(len(plan), 'file')} ({size_text(total)})"
        if folders:
            # The search finds new files after minutes.
            what = f"at least {what} and {count_text(len(folders), 'folder')} with all that is below"
        session.confirm(f"{'Erase for good' if erase else 'Delete'} {what}?")
        # A folder is deleted with one request, with all that is below it, unless its files have to be erased.
        single = plan.changes if erase else [change for change in plan if not _is_below(change.path, folders)]
        status = run_changes(session, single, lambda change: _delete(hubspot, change)) if single else DONE
        if status == DONE:
            for folder in folders:
                _delete_folder(session, hubspot, folder)
        return status


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


def _delete_folder(session: Session, hubspot: HubSpotFiles, folder: Folder) -> None:
    try:
        hubspot.folders.delete(folder.id)
        outcome = "done"
    except NotFoundError:
        # It was below another one of the folders.
        outcome = "skipped"
    if session.output.json:
        session.output.record({**as_json(folder), "outcome": outcome, "error": None})
    else:
        session.output.line(f"deleted {printable(remote(folder.path))}/")
