"""`hubspot-files upload`, `download` and `sync`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import click

from .. import Access, File, HubSpotFiles
from .._validation import is_numeric_id
from ._command import Session, command
from ._errors import DONE, MISUSE, CommandError
from ._parameters import PREFIX, REMOTE_PATH, TARGET, Target, remote
from ._progress import Status
from ._records import look_up
from ._text import count_text, printable, size_text
from ._transfer_runs import journal_of, run_plan, show_download, transfer_options

_COMPARES: Final = "compares both sides"


class LocalPathType(click.Path):
    """A local file or directory that exists."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path.

        Raises:
            BadParameter: it is on HubSpot, or does not exist.
        """
        if isinstance(value, str) and value.startswith(PREFIX):
            self.fail(
                f"{value!r} is on HubSpot, and upload takes local files. To fetch it, use: hubspot-files download "
                f"{value} DIRECTORY",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


_LOCAL: Final = LocalPathType(exists=True, path_type=Path)


@command(
    "hubspot-files upload cat.png dog.png hubspot:/library",
    "hubspot-files upload site/ hubspot:/library/site",
    "hubspot-files upload site/ hubspot:/site --dry-run",
    changes=True,
    asks=True,
)
@click.argument("sources", metavar="SOURCE...", type=_LOCAL, nargs=-1)
@click.argument("destination", metavar="FOLDER")
@transfer_options(uploads=True)
def upload(
    session: Session,
    *,
    sources: tuple[Path, ...],
    destination: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    follow_symlinks: bool,
    access: Access | None,
    new_ids: bool,
    workers: int | None,
    journal: Path | None,
    plan_file: Path | None,
) -> int:
    """Upload files or a directory.

    SOURCE is one directory, whose content goes into FOLDER, or files. FOLDER is such as hubspot:/library, and is
    created. Files are private unless you pass --access. Unchanged files are left alone, changed ones replaced: they
    keep their ids and URLs. The same command goes on after an interruption.
    """
    if not sources and destination.startswith(PREFIX):
        raise CommandError(
            f"the files to upload are missing; they come first: hubspot-files upload cat.png {destination}", MISUSE
        )
    if not sources:
        raise CommandError(
            f"the folder on HubSpot is missing; it comes last: hubspot-files upload {destination} hubspot:/library",
            MISUSE,
        )
    folder = _on_hubspot(destination)
    directories = [source for source in sources if source.is_dir()]
    if directories and len(sources) > 1:
        raise CommandError("pass one directory, or files", MISUSE)
    with session.connect() as hubspot, journal_of(session, journal) as kept:
        if not directories and (include or exclude or follow_symlinks):
            raise CommandError("--include, --exclude and --follow-symlinks are for a directory", MISUSE)
        with Status(session.output, _COMPARES):
            if directories:
                plan = hubspot.transfers.plan_upload_folder(
                    directories[0],
                    folder,
                    include=include,
                    exclude=exclude,
                    follow_symlinks=follow_symlinks,
                    access=access,
                    new_ids=new_ids,
                    journal=kept,
                )
            else:
                plan = hubspot.transfers.plan_upload_many(sources, folder, access=access, new_ids=new_ids, journal=kept)
        return run_plan(session, hubspot, plan, plan_file, kept, workers)


@command(
    "hubspot-files download hubspot:/library/cat.png .",
    "hubspot-files download hubspot:/library/site site",
    "hubspot-files download 122692044085 cat.png",
    changes=True,
    asks=True,
)
@click.argument("sources", metavar="SOURCE...", type=TARGET, nargs=-1)
@click.argument("destination", metavar="DIRECTORY", type=click.Path(path_type=str))
@transfer_options(uploads=False)
def download(
    session: Session,
    *,
    sources: tuple[Target, ...],
    destination: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    follow_symlinks: bool,
    workers: int | None,
    journal: Path | None,
    plan_file: Path | None,
) -> int:
    """Download files or a folder.

    SOURCE is one folder, whose content goes into DIRECTORY, or files, as paths such as hubspot:/library/cat.png or ids.
    DIRECTORY is created; . is the current one. A single file can also get a new name there. Size and MD5 of each file
    are verified. The same command goes on after an interruption.
    """
    if not sources and (destination.startswith(PREFIX) or is_numeric_id(destination)):
        raise CommandError(
            f"the local directory is missing; it comes last, and . is the current one: hubspot-files download "
            f"{destination} .",
            MISUSE,
        )
    if not sources:
        raise CommandError(
            f"the files to download are missing; they come first: hubspot-files download hubspot:/library/cat.png "
            f"{destination}",
            MISUSE,
        )
    if destination.startswith(PREFIX):
        raise CommandError(
            f"{destination} is not a local directory; the sources come first, the directory last", MISUSE
        )
    with session.connect() as hubspot, journal_of(session, journal) as kept:
        records = [None if source.path == "/" else look_up(hubspot, source) for source in sources]
        files = [record for record in records if isinstance(record, File)]
        folders = ["/" if record is None else str(record.path) for record in records if not isinstance(record, File)]
        if folders and len(sources) > 1:
            raise CommandError("pass one folder, or files", MISUSE)
        if not folders and (include or exclude or follow_symlinks):
            raise CommandError("--include, --exclude and --follow-symlinks are for a folder", MISUSE)
        if len(files) == 1 and not os.path.isdir(destination) and not destination.endswith(("/", os.sep)):
            if plan_file is not None:
                raise CommandError(
                    f"--plan is for a folder, or a directory to download to; is that {destination}{os.sep}?", MISUSE
                )
            return _download_as(session, hubspot, files[0], Path(destination))
        with Status(session.output, _COMPARES):
            if folders:
                plan = hubspot.transfers.plan_download_folder(
                    folders[0],
                    destination,
                    include=include,
                    exclude=exclude,
                    follow_symlinks=follow_symlinks,
                    journal=kept,
                )
            else:
                plan = hubspot.transfers.plan_download_many(files, destination, journal=kept)
        return run_plan(session, hubspot, plan, plan_file, kept, workers)


class MaxDeleteType(click.ParamType[Any]):
    """A number of files, or a share such as `10%`."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a number as an int, or a share as a float.

        Raises:
            BadParameter: it is neither.
        """
        number = value.removesuffix("%")
        if not (number.isascii() and number.isdigit()) or (number != value and int(number) > 100):
            self.fail(f"{value!r} is not a number of files, or a share such as 10%", param, ctx)
        return int(number) / 100 if number != value else int(number)


@command(
    "hubspot-files sync site/ hubspot:/library/site",
    "hubspot-files sync hubspot:/library/site site/ --dry-run",
    "hubspot-files sync site/ hubspot:/site --delete",
    changes=True,
    asks=True,
)
@click.argument("source", metavar="SOURCE")
@click.argument("destination", metavar="DESTINATION")
@click.option("--delete", is_flag=True, help="Delete the files at the destination that the source lacks.")
@click.option(
    "--max-delete",
    type=MaxDeleteType(),
    default="10%",
    show_default=True,
    metavar="NUMBER",
    help="Refuse a plan that deletes more files, as a number or a share of the destination.",
)
@click.option("--erase", is_flag=True, help="With --delete: erase them for good, as the GDPR demands.")
@click.option("--digest", metavar="DIGEST", help="For --erase: the digest that --erase --dry-run printed.")
@transfer_options(uploads=True)
def sync(
    session: Session,
    *,
    source: str,
    destination: str,
    delete: bool,
    max_delete: float,
    erase: bool,
    digest: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    follow_symlinks: bool,
    access: Access | None,
    new_ids: bool,
    workers: int | None,
    journal: Path | None,
    plan_file: Path | None,
) -> int:
    """Make a folder like a directory, or a directory like a folder.

    One of SOURCE and DESTINATION is a folder such as hubspot:/library/site, the other a local directory. Nothing is
    deleted unless you pass --delete. Changed files are replaced: on HubSpot they keep their ids and URLs.
    """
    sides = [source.startswith(PREFIX), destination.startswith(PREFIX)]
    if sides[0] == sides[1]:
        raise CommandError(_one_side(source, destination), MISUSE)
    if erase and (not delete or sides[0]):
        raise CommandError("--erase is for deleted files on HubSpot: pass --delete, and a destination there", MISUSE)
    folder = _on_hubspot(source if sides[0] else destination)
    with session.connect() as hubspot, journal_of(session, journal) as kept:
        with Status(session.output, _COMPARES):
            plan = hubspot.transfers.plan_sync(
                remote(folder) if sides[0] else source,
                destination if sides[0] else remote(folder),
                delete=delete,
                max_delete=max_delete,
                gdpr=erase,
                include=include,
                exclude=exclude,
                follow_symlinks=follow_symlinks,
                access=access,
                new_ids=new_ids,
                journal=kept,
            )
        status = run_plan(session, hubspot, plan, plan_file, kept, workers, digest=digest)
        if plan.options.extra and not session.output.json:
            files = count_text(plan.options.extra, "file")
            session.output.note(f"Left at the destination: {files} that the source lacks. --delete deletes such files.")
        return status


def _on_hubspot(path: str) -> str:
    """Return the path of a folder as REMOTE_PATH does."""
    folder: str = REMOTE_PATH.convert(path, None, click.get_current_context())
    return folder


def _one_side(source: str, destination: str) -> str:
    """Return why two sides, which are both on HubSpot or both local, are not valid."""
    if source.startswith(PREFIX):
        return "one of the two must be a local directory; to move files on HubSpot, use: hubspot-files mv"
    # The side that does not exist here is the one on HubSpot.
    if os.path.exists(destination) and not os.path.exists(source):
        source = _with_prefix(source)
    else:
        destination = _with_prefix(destination)
    return f"one of the two must be on HubSpot. Did you mean: hubspot-files sync {source} {destination}"


def _with_prefix(path: str) -> str:
    return f"{PREFIX}/{path.removeprefix('./').lstrip('/')}"


def _download_as(session: Session, hubspot: HubSpotFiles, file: File, path: Path) -> int:
    """Download one file under another name."""
    exists = path.exists()
    if session.dry_run:
        return show_download(session, file, path, "it is replaced" if exists else "new")
    if exists:
        session.confirm(f"Replace {path}?")
    hubspot.files.download(file.id, path)
    if session.output.json:
        fields = {"kind": "transfer", "path": file.path, "action": "download", "outcome": "done", "reason": ""}
        session.output.record({**fields, "size": file.size, "file_id": file.id, "local_path": str(path)})
    else:
        session.output.sentence(f"downloaded {printable(str(path))} ({size_text(file.size)})")
    return DONE
