"""The command line of the pipeline: regenerate, upstream, propose, reconcile and api."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from . import proposal
from .errors import complain
from .upstream import command, reconcile
from .writing import public_api, regenerate


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status.

    Args:
        arguments: The arguments after `python -m generator`; those of the process when None.
    """
    parser = argparse.ArgumentParser(
        prog="python -m generator", description="Keeps generated_client/ in step with openapi/files-v3.yaml."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    regenerate.add_command(commands)
    command.add_command(commands)
    proposal.add_command(commands)
    reconcile.add_command(commands)
    public_api.add_command(commands)
    options = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A published name may hold a character that the terminal cannot show.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except OSError as error:
        # The output cannot be written, and Python is not to try again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            error.filename = error.filename or "the output"
            complain(error)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
