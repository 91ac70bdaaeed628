"""`hubspot-files access`."""

from __future__ import annotations

import click

from .. import Access, File, HubSpotFiles, PlannedChange
from ._changes import run_changes, show_plan
from ._command import Session, command
from ._errors import MISUSE, CommandError
from ._parameters import ACCESS, TARGET, Target, remote
from ._progress import Counter
from ._records import access_text, look_up
from ._text import count_text, named_text


@command(
    "hubspot-files access private hubspot:/library/offer.pdf",
    "hubspot-files access private -R hubspot:/library --dry-run",
    "hubspot-files access public-not-indexable 122692044085",
    changes=True,
    asks=True,
)
@click.argument("level", metavar="LEVEL", type=ACCESS)
@click.argument("targets", metavar="TARGET...", type=TARGET, nargs=-1, required=True)
@click.option("--recursive", "-R", is_flag=True, help="Change all files in and below a folder.")
def access(session: Session, *, level: Access, targets: tuple[Target, ...], recursive: bool) -> int:
    """Change who has access to files.

    LEVEL is one of these. private: your token, and everyone with a link that expires. sensitive: your token only.
    public-not-indexable: everyone; search engines are asked not to list it. public-indexable: everyone, and search
    engines.

    TARGET is a path such as hubspot:/library/cat.png, or the id of a file. Files that have the level already are left
    alone.
    """
    with session.connect() as hubspot:
        files = collect(session, hubspot, targets, recursive=recursive)
        changes = [
            PlannedChange.of(file, "set_access", access=level, reason=f"now {access_text(file)}")
            for file in files
            if file.access != level
        ]
        same = len(files) - len(changes)
        if same and not session.output.json:
            session.output.note(f"{count_text(same, 'file')} already {'has' if same == 1 else 'have'} this access.")
        if session.dry_run:
            return show_plan(session, changes)
        if changes:
            files_text = named_text(len(changes), "file", [remote(change.path) for change in changes])
            session.confirm(f"Make {files_text} {access_text_of(level)}?")

        def apply(change: PlannedChange) -> bool:
            hubspot.files.update(change.file_id, access=level)
            return True

        return run_changes(session, changes, apply)


def access_text_of(level: Access) -> str:
    """Return an access level as users write it."""
    return level.value.lower().replace("_", "-")


def collect(session: Session, hubspot: HubSpotFiles, targets: tuple[Target, ...], *, recursive: bool) -> list[File]:
    """Return the files that targets name, each once, with those below folders if recursive.

    Raises:
        CommandError: a target does not exist, or is a folder and recursive is false.
    """
    files: dict[str, File] = {}
    with Counter(session.output, "files") as counter:
        for target in targets:
            record = None if target.path == "/" else look_up(hubspot, target)
            if record is not None and isinstance(record, File):
                files[record.id] = record
                continue
            if not recursive:
                raise CommandError(f"{target} is a folder: pass --recursive for all files below it", MISUSE)
            files |= {file.id: file for file in counter.counted(hubspot.files.walk(str(target.path)))}
    return list(files.values())
