"""`python -m generator reconcile`: checks that our description equals each published one with its divergences."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from typing import Any

from .. import reading
from ..contracts import versions
from ..contracts.versions import Followed
from ..errors import PipelineError, complain, say
from ..layout import CHECKOUT, COMMAND, LOCK, Layout
from ..reading import UnreadableError


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this subcommand to the command line."""
    parser = commands.add_parser(
        "reconcile",
        help="check that every difference from the published descriptions is explained",
        description="Check that openapi/files-v3.yaml, as it is in each version that is followed, is the lock of this"
        " version in openapi/published/ and openapi/divergences.yaml together, and that the generated client has the"
        " facts of each version that follow from them.",
    )
    parser.set_defaults(run=lambda _options: run())


def run(layout: Layout = CHECKOUT, *, echo: Callable[[str], object] = say) -> int:
    """Check a checkout and return the exit status.

    Args:
        layout: The checkout.
        echo: Receives each line for the maintainer.
    """
    try:
        followed = versions.read(layout)
        lines = findings(layout, followed)
    except (PipelineError, OSError) as problem:
        complain(problem)
        return 1
    if lines:
        complain(PipelineError(f"{layout.description.name} and {layout.divergences.name} need a change:", lines))
        return 1
    names = ", ".join(version.name for version in followed.versions)
    echo(f"{layout.description.name} is {layout.locks.name} and {layout.divergences.name} together, in {names}")
    return 0


def findings(layout: Layout, followed: Followed) -> list[str]:
    """Return the unexplained differences, the divergences without a difference, and the stale facts, one line each.

    Raises:
        PipelineError: The lock of the generated client cannot be read, or a fact cannot be derived.
    """
    lines = [line for version in followed.versions for line in followed.findings(version)]
    written = _written(layout)
    for version in followed.versions:
        derived = followed.facts(version).as_json()
        if version.name in written:
            lines += [f"{version.name}: {line}" for line in _stale(written[version.name], derived)]
        else:
            lines.append(f"{version.name}: the generated client does not know it; run {COMMAND}")
    return lines + [f"{name}: it is not followed; run {COMMAND}" for name in written if followed.version(name) is None]


def _written(layout: Layout) -> dict[str, Any]:
    """Return the facts of each version that the generated client has."""
    path = layout.target / LOCK
    try:
        versions: dict[str, Any] = reading.read_json(reading.text_of(reading.file_bytes(path)))["versions"]
    except (UnreadableError, KeyError, TypeError) as error:
        raise PipelineError(f"{path.name} cannot be read: {error!r}", [f"write it with: {COMMAND}"]) from error
    return versions


def _stale(written: dict[str, Any], derived: dict[str, Any]) -> Iterator[str]:
    """Return the facts in which the generated client and the locks differ."""
    for kind in derived:
        if written.get(kind) != derived[kind]:
            yield (
                f"{kind} is {json.dumps(derived[kind])} by the lock, and {json.dumps(written.get(kind))} in the"
                f" generated client; run {COMMAND} if the lock is right, else restore it"
            )
