"""The command `hubspot-files`."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence

from .._version import __version__
from . import _emulator_options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit status: 0 on success, 1 on failure, 2 for invalid arguments.

    Args:
        arguments: arguments of the command, by default those of the command line.
    """
    parser = argparse.ArgumentParser(
        prog="hubspot-files", description="Upload, share and fetch HubSpot files from Python: tools around the SDK."
    )
    parser.add_argument("--version", action="version", version=f"hubspot-files {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser(
        "demo",
        help="see an upload, a signed URL, a download and a deletion, with no account and no network",
        description="Runs the SDK against an emulated HubSpot in this process. It needs no account and no network.",
    )
    emulator = commands.add_parser(
        "emulator",
        help="serve an emulated HubSpot on this machine, for programs in any language to test against",
        description="Serves an emulated HubSpot Files API until Ctrl-C or SIGTERM.",
    )
    _emulator_options.add(emulator)
    chosen = parser.parse_args(arguments)
    needed = ("python_multipart", "uvicorn") if chosen.command == "emulator" else ("python_multipart",)
    for module in needed:
        if importlib.util.find_spec(module) is None:
            name = module.replace("_", "-")
            sys.stderr.write(f'the {chosen.command} needs {name}; install it with: pip install "hubspot-files[cli]"\n')
            return 1
    # The commands are imported when they are needed, because they take long to import.
    if chosen.command == "emulator":
        from . import _emulator

        return _emulator.run(chosen, sys.stdout, sys.stderr)
    from . import _demo

    return _demo.run(sys.stdout)
