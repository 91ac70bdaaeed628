"""Run one benchmark by its name: `python -m benchmarks upload --mib 512`."""

from __future__ import annotations

import importlib
import sys

_NAMES = ("upload", "download", "open", "data", "get", "many", "pace", "imports", "wheel", "regeneration")


def main() -> None:
    """Run the named benchmark.

    Raises:
        SystemExit: The name is unknown, or a contender is not installed.
    """
    if len(sys.argv) < 2 or sys.argv[1] not in _NAMES:
        raise SystemExit(f"usage: python -m benchmarks {{{','.join(_NAMES)}}} [OPTIONS]")
    importlib.import_module(f"benchmarks.{sys.argv[1]}").main(sys.argv[2:])


if __name__ == "__main__":
    main()
