"""`python -m generator upstream`: lists HubSpot's changes since the locked revision, and applies and accepts them."""

from __future__ import annotations

import argparse
import datetime
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from ..contracts import lockfile
from ..contracts.events import GRADES, Event
from ..contracts.extraction import contract
from ..contracts.lockfile import LockedContract
from ..descriptions import description
from ..errors import PipelineError, complain, file_problem, say
from ..layout import CHECKOUT, Layout
from . import published
from .baseline import baseline

UNCHANGED, CHANGED, UNUSABLE = 0, 1, 2
FAILED = 1


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this subcommand to the command line."""
    parser = commands.add_parser(
        "upstream",
        help="say what HubSpot changed in its published description",
        description="Say what a published description changes for clients, compared with the lock of its version in"
        " openapi/published/, or with that of the newest version if its own is not followed yet. Exit status: 0 nothing"
        " changed, 1 the contract changed, 2 the input is unusable.",
    )
    parser.add_argument("source", metavar="FILE_OR_URL", help="the published description, JSON or YAML")
    parser.add_argument("--against", metavar="FILE", help="compare with this description instead of a lock")
    parser.add_argument("--json", action="store_true", help="print one JSON object for programs")
    parser.add_argument(
        "--accept", action="store_true", help="write the lock of its version, which is followed from then on"
    )
    parser.add_argument(
        "--whole", action="store_true", help="take an incomplete description for whole: HubSpot removed what it lacks"
    )
    parser.add_argument(
        "--apply", action="store_true", help="write what is added into openapi/files-v3.yaml, and list what is left"
    )
    parser.add_argument(
        "--revision", metavar="YYYY-MM-DD", type=day, help="date to lock with; by default from the name, or today's"
    )
    parser.set_defaults(run=lambda options: run(options))


def day(text: str) -> str:
    """Return a date in the form of the lock.

    Raises:
        ValueError: The text is not a date, or not one that can be locked.
    """
    found = datetime.date.fromisoformat(text).isoformat()
    if not lockfile.REVISION.fullmatch(found):
        raise ValueError(found)
    return found


def run(options: argparse.Namespace, layout: Layout = CHECKOUT, *, echo: Callable[[str], object] = say) -> int:
    """Compare, apply and accept as the options say; return the exit status.

    Args:
        options: The parsed command line.
        layout: The checkout.
        echo: Receives each line for the maintainer, or the one JSON object.
    """
    result: dict[str, Any] = {"unusable": None, "events": []}
    show = (lambda line: None) if options.json else echo
    try:
        new = published.read(options.source)
        old = baseline(layout, new.contract, options.against, is_first=options.accept, whole=options.whole)
        found = old.events(labels(layout))
        if options.accept and old.missing:
            raise PipelineError(
                "The published description cannot be locked:", [*old.introduction(), "if it is whole, add --whole"]
            )
    except PipelineError as problem:
        complain(problem)
        if options.json:
            echo(json.dumps({**result, "unusable": _reason(problem)}, indent=2))
        return UNUSABLE
    result |= {**old.as_json(), "events": [as_json(event) for event in found]}
    for line in [*old.introduction(), *table(found)]:
        show(line)
    try:
        if options.apply:
            # It needs ruamel.yaml, and the help of the command none of the tools.
            from . import apply

            result["applied"], result["left"] = apply.apply(layout, new.contract)
            for line in report(layout, result["applied"], result["left"]):
                show(line)
        if options.accept:
            revision = options.revision or new.date or datetime.datetime.now(datetime.UTC).date().isoformat()
            version = new.contract.version
            lockfile.write(layout.lock(version), LockedContract(revision, new.sha256, new.contract))
            result["locked"] = revision
            show(f"\nLocked {version} as the revision of {revision}. Next: nox -s regenerate, then nox -s generator.")
    except (PipelineError, OSError) as failure:
        cause = failure if isinstance(failure, PipelineError) else file_problem(failure)
        complain(cause)
        if options.json:
            echo(json.dumps({**result, "failed": _reason(cause)}, indent=2))
        return FAILED
    if options.json:
        echo(json.dumps(result, indent=2))
    if options.accept:
        return UNCHANGED
    return CHANGED if found or old.missing else UNCHANGED


def _reason(problems: PipelineError) -> str:
    return f"{problems.heading} {'; '.join(problems.lines)}".rstrip()


def labels(layout: Layout) -> dict[str, str]:
    """Return the summaries of our operations, by key; an empty mapping if our description cannot be read."""
    try:
        ours = contract(description.read(layout.description))
    except PipelineError:
        return {}
    return {key: operation.summary for key, operation in ours.operations.items() if operation.summary}


def report(layout: Layout, applied: list[str], left: list[str]) -> list[str]:
    """Return the applied changes and the remaining work as lines for the maintainer."""
    name = layout.description.relative_to(layout.root).as_posix()
    lines = ["", f"Written into {name}:" if applied else f"Nothing to write into {name}."]
    lines += [f"  {line}" for line in applied]
    lines += [
        "",
        "Left to do by hand, so that ours says what is published:" if left else "Nothing is left to do by hand.",
    ]
    return lines + [f"  {number}. {line}" for number, line in enumerate(left, 1)]


def as_json(event: Event) -> dict[str, Any]:
    """Return an event in the form that `--json` prints."""
    return {"class": event.grade, "where": event.where, "what": event.what, "operations": list(event.operations)}


def table(found: list[Event]) -> list[str]:
    """Return events as lines for people, breaking ones first, with each location once."""
    if not found:
        return ["Nothing changed."]
    counted = Counter(event.grade for event in found)
    lines = [", ".join(f"{counted[grade]} {grade}" for grade in GRADES if counted[grade])]
    for grade in GRADES:
        place = ""
        for event in found:
            if event.grade != grade:
                continue
            if not place:
                lines += ["", grade.capitalize()]
            if event.where != place:
                place = event.where
                lines.append(f"  {place}")
            lines.append(f"    {event.what}")
    return lines
