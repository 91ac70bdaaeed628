"""`hubspot-files apply`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .. import ChangePlan
from ._changes import run_changes, show_plan
from ._command import Session, command
from ._errors import DONE, MISUSE, CommandError
from ._parameters import remote
from ._text import named_text
from ._transfer_runs import apply_transfers

_NAMES = {"set_access": "change the access of", "delete": "delete", "erase": "erase for good"}


@command("hubspot-files apply plan.jsonl --dry-run", "hubspot-files apply plan.jsonl", changes=True, asks=True)
@click.argument("plan_file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--digest", metavar="DIGEST", help="For a plan that erases: the digest that --dry-run printed.")
def apply(session: Session, *, plan_file: Path, digest: str | None) -> int:
    """Apply a plan that audit, upload, download or sync wrote.

    FILE holds a change per line. Remove the lines that you do not want. A file that was changed after the plan was made
    is left alone and reported as failed. The same command goes on after an interruption.
    """
    if _is_of_a_transfer(plan_file):
        from ..transfers import Plan

        with session.connect() as hubspot:
            return apply_transfers(session, hubspot, Plan.load(plan_file), digest=digest)
    plan = ChangePlan.load(plan_file)
    if session.dry_run:
        return show_plan(session, plan.changes, plan.digest if "erase" in plan.summary else None)
    if "erase" in plan.summary and digest != plan.digest:
        raise CommandError("this plan erases files: pass the --digest that --dry-run prints", MISUSE)
    if not plan.changes:
        session.output.note("The plan has no changes.")
        return DONE
    what = ", ".join(
        f"{_NAMES[action]} "
        + named_text(count, "file", [remote(change.path) for change in plan if change.action == action])
        for action, count in plan.summary.items()
    )
    session.confirm(f"{what[0].upper()}{what[1:]}?")
    with session.connect() as hubspot:
        return run_changes(session, plan.changes, hubspot.files.apply)


def _is_of_a_transfer(plan_file: Path) -> bool:
    """Return whether the first line of a plan says that it is that of a transfer."""
    with open(plan_file, encoding="utf-8") as lines:
        first = next(lines, "")
    try:
        fields = json.loads(first)
    except ValueError:
        return False
    return isinstance(fields, dict) and "format" in fields
