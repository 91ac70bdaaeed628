"""`python -m generator reconcile`: checks that our description equals the published one with the divergences."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from ..contracts import lockfile
from ..contracts.extraction import contract
from ..descriptions import description
from ..errors import PipelineError
from ..layout import CHECKOUT, Layout
from . import divergences


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this subcommand to the command line."""
    parser = commands.add_parser(
        "reconcile",
        help="check that every difference from the published description is explained",
        description="Check that openapi/files-v3.yaml is openapi/upstream.json and openapi/divergences.yaml together.",
    )
    parser.set_defaults(run=lambda _options: run())


def run(layout: Layout = CHECKOUT, *, echo: Callable[[str], object] = print) -> int:
    """Check a checkout and return the exit status.

    Args:
        layout: The checkout.
        echo: Receives each line for the maintainer.
    """
    try:
        lines = findings(layout)
    except PipelineError as problems:
        sys.stderr.write(f"{problems}\n")
        return 1
    if lines:
        sys.stderr.write(
            f"{PipelineError(f'{layout.description.name} and {layout.divergences.name} need a change:', lines)}\n"
        )
        return 1
    echo(f"{layout.description.name} is {layout.upstream.name} and {layout.divergences.name} together")
    return 0


def findings(layout: Layout) -> list[str]:
    """Return the unexplained differences and the divergences without a difference, one line each.

    Raises:
        PipelineError: One of the three files cannot be used.
    """
    ours = description.read(layout.description)
    found = divergences.differences(lockfile.read(layout.upstream).contract, contract(ours))
    return divergences.unexplained(found, divergences.read(layout.divergences))
