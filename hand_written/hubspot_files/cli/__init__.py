"""The command `hubspot-files`."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit status.

    The status is 0 if all is done, 1 if something failed, 2 for invalid arguments, 3 if an outcome is unknown, and 130
    after Ctrl-C.

    Args:
        arguments: arguments of the command, by default those of the command line.
    """
    for module in ("click", "rich"):
        if importlib.util.find_spec(module) is None:
            sys.stderr.write(f'hubspot-files needs {module}; install it with: pip install "hubspot-files[cli]"\n')
            return 1
    from ._main import run

    return run(sys.argv[1:] if arguments is None else list(arguments))
