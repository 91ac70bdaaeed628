"""Plans of transfers and their runs, for the commands that transfer files."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .. import File, HubSpotFiles
from ._command import Decorator, Session
from ._errors import DONE, FAILED, INTERRUPTED, MISUSE, UNKNOWN, CommandError
from ._parameters import ACCESS, remote
from ._text import count_text, named_text, printable, size_text
from ._transfer_display import TransferDisplay, plan_counts_text, show_action, show_report

if TYPE_CHECKING:
    from ..transfers import Plan, TransferReport

# Paths of deleted files that a question needs.
_NAMES: Final = 3


# Time in which the search can lack a new file.
_LAG: Final = timedelta(minutes=10)
_LATE: Final = "HubSpot may not list the files of the last minutes yet."


def transfer_options(*, uploads: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options that the transfers share."""
    options: list[Decorator] = [
        click.option(
            "--include", metavar="PATTERN", multiple=True, help="Only such files, as '*.png'; may be repeated."
        ),
        click.option("--exclude", metavar="PATTERN", multiple=True, help="Not such files or folders; may be repeated."),
        click.option("--follow-symlinks", is_flag=True, help="Follow symbolic links, which are left out otherwise."),
    ]
    if uploads:
        options += [
            click.option(
                "--access",
                type=ACCESS,
                metavar="LEVEL",
                help="Access level of all uploaded files, see hubspot-files access --help. Without it, new ones are "
                "private, and others keep theirs.",
            ),
            click.option("--new-ids", is_flag=True, help="Store changed files as new ones, with other ids and URLs."),
        ]
    options += [
        click.option("--workers", type=click.IntRange(1, 64), metavar="NUMBER", help="Files at a time."),
        click.option(
            "--journal",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="The file that remembers what is done. By default, one in your folder for the state of programs.",
        ),
        click.option(
            "--plan",
            "plan_file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write the plan, for hubspot-files apply, and change nothing.",
        ),
    ]

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def journal_of(session: Session, journal: Path | None) -> AbstractContextManager[Path | None]:
    """Return a context manager of the path of the journal, or of None for the default."""
    if not session.is_sample or journal is not None:
        return nullcontext(journal)
    # The sample account is gone at the end, and so is what was done there.
    return _TemporaryJournal()


class _TemporaryJournal(AbstractContextManager[Path]):
    def __enter__(self) -> Path:
        self._folder = tempfile.TemporaryDirectory()
        return Path(self._folder.name) / "journal"

    def __exit__(self, *error: object) -> None:
        self._folder.cleanup()


def run_plan(
    session: Session,
    hubspot: HubSpotFiles,
    plan: Plan,
    plan_file: Path | None,
    journal: Path | None,
    workers: int | None,
    *,
    digest: str | None = None,
) -> int:
    """Show, save or run a plan, and return the exit status."""
    _note_lag(session, plan)
    if plan_file is not None:
        if plan_file.exists():
            raise CommandError(f"{plan_file} exists, and is not overwritten. Choose another name.", MISUSE)
        plan.save(plan_file)
        session.output.note(f"{plan_file} has the plan. Look at it, and run: hubspot-files apply {plan_file}")
        return DONE
    return apply_transfers(session, hubspot, plan, journal=journal, workers=workers, digest=digest)


def apply_transfers(
    session: Session,
    hubspot: HubSpotFiles,
    plan: Plan,
    *,
    journal: Path | None = None,
    workers: int | None = None,
    digest: str | None = None,
) -> int:
    """Show or run the plan of a transfer, and return the exit status."""
    summary = plan.summary
    if session.dry_run:
        return _show_plan(session, plan)
    if plan.options.refusal:
        raise CommandError(_refusal(plan))
    if plan.options.gdpr and summary["delete"] and digest != plan.digest:
        reason = "--erase needs --digest" if digest is None else "the plan is not the one with that digest"
        raise CommandError(f"{reason}. Look at what would be erased, and its digest, with --dry-run.", MISUSE)
    overwritten = [action.path for action in plan.select(["replace", "download"]) if action.old_size is not None]
    deleted = [action.path for action in islice(plan.select(["delete"]), _NAMES)]
    losses = [
        f"replace {named_text(len(overwritten), 'file', overwritten)}" if overwritten else "",
        f"delete {named_text(summary['delete'], 'file', deleted)}" if deleted else "",
    ]
    if any(losses):
        question = " and ".join(filter(None, losses))
        place = remote(plan.options.folder_path) if plan.options.direction == "upload" else plan.options.directory
        new = summary["upload"] + summary["replace"] + summary["download"] - len(overwritten)
        rest = f' "No" also leaves out {count_text(new, "new file")}.' if new else ""
        session.confirm(f"{question[0].upper()}{question[1:]} in {printable(place)}?{rest}")
    display = TransferDisplay(session.output, summary["mkdir"], is_idle=len(plan) == 0)
    return run_transfer(
        session,
        display,
        lambda: hubspot.transfers.run(plan, digest=digest, journal=journal, workers=workers, on_event=display.on_event),
        frozenset(overwritten) if plan.options.direction == "download" else frozenset(),
        unchanged=plan.options.unchanged,
    )


def _note_lag(session: Session, plan: Plan) -> None:
    """Say that the search finds new files late, if a plan of a download shows signs of it."""
    options = plan.options
    created = None if options.folder_created_at is None else datetime.fromisoformat(options.folder_created_at)
    is_new = created is not None and datetime.now(UTC) - created < _LAG
    is_empty = not len(plan) and not options.unchanged
    if options.direction == "download" and (is_new or is_empty) and not session.output.json:
        what = "has no files" if is_empty else "is a new folder"
        session.output.note(f"{printable(remote(options.folder_path))} {what}. {_LATE}")


def _refusal(plan: Plan) -> str:
    """Return why a plan is refused, with the option as users write it."""

    def option(match: re.Match[str]) -> str:
        limit = match[1]
        return f"--max-delete {float(limit):.0%}" if "." in limit else f"--max-delete {limit}"

    return re.sub(r"max_delete=([\d.]+)", option, plan.options.refusal)


def _show_plan(session: Session, plan: Plan) -> int:
    output = session.output
    for action in plan:
        show_action(output, action)
    if output.json:
        output.record({"kind": "summary", **plan.summary, "bytes": plan.bytes, "digest": plan.digest})
        return DONE
    text = plan_counts_text(plan, plan.options.unchanged)
    output.note(f"{text}; {size_text(plan.bytes)} to transfer. Nothing was changed.")
    if plan.options.refusal:
        output.note(f"This plan would be refused: {_refusal(plan)}")
    if plan.options.gdpr:
        output.note(f"The digest of this plan is {plan.digest}.")
    return DONE


def run_transfer(
    session: Session,
    display: TransferDisplay,
    run: Callable[[], TransferReport],
    replaced: AbstractSet[str] = frozenset(),
    *,
    unchanged: int = 0,
) -> int:
    """Run a transfer with its display, and return the exit status. See `show_report` for the other arguments."""
    from ..transfers import TransferStoppedError

    try:
        with display:
            report = run()
    except TransferStoppedError as error:
        display.ended(error.report)
        if error.report is not None:
            show_report(session.output, error.report)
        raise
    except KeyboardInterrupt:
        done = sum(display.counts.values())
        session.output.note(
            f"Interrupted: {done:,} of {display.total:,} are done. The same command goes on with the rest."
        )
        return INTERRUPTED
    display.ended(report)
    show_report(session.output, report, replaced, unchanged=unchanged)
    if report.counts["failed"] or report.counts["unknown"]:
        session.output.note("Run the same command again for the files that are not done.")
    return FAILED if report.counts["failed"] else UNKNOWN if report.counts["unknown"] else DONE


def show_download(session: Session, file: File, path: Path, reason: str) -> int:
    """Write that a file would be downloaded to a path, and return the exit status."""
    from ..transfers import PlannedAction

    # `path` of an entry is that below a folder on HubSpot; a person wants to see the new name.
    shown = str(path)
    show_action(
        session.output,
        PlannedAction("download", shown, reason, size=file.size, file_id=file.id, local_path=shown),
    )
    if not session.output.json:
        session.output.note("Nothing was changed.")
    return DONE
