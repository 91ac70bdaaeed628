"""Shared by the benchmarks: servers, new processes, interleaved rounds, and tables."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_PEERS = {
    "hubspot": "hubspot-api-client",
    "hubspot_sdk": "hubspot-sdk",
    "psutil": "psutil",
    "s3fs": "s3fs",
    "moto": "moto",
}


def need(*modules: str) -> None:
    """Check that the contenders are installed.

    Raises:
        SystemExit: A contender is missing; the message says how to install it.
    """
    missing = [_PEERS[module] for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        raise SystemExit(f"{', '.join(missing)} is not installed here: pip install -r {REQUIREMENTS.relative_to(ROOT)}")


@contextlib.contextmanager
def server(kind: str, *options: str) -> Iterator[str]:
    """Run a server of benchmarks.servers; yield its base URL."""
    program = [sys.executable, "-m", "benchmarks.servers", kind, *options]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def fresh(program: Iterable[str]) -> Any:
    """Run a new Python process, and return the JSON that it prints."""
    # The server is on this machine, so proxies and certificates of the environment are not used.
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    # Installed packages are compiled in advance; so are these modules.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, *program], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment, check=True
    )
    return json.loads(done.stdout)


def rounds(contenders: Iterable[str], run: Callable[[str], float], count: int) -> dict[str, list[float]]:
    """Measure every contender in every round, so that a slow phase of the machine affects all of them."""
    results: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(count):
        for name, result in results.items():
            result.append(run(name))
    return results


def table(title: str, columns: tuple[str, ...], rows: Mapping[str, tuple[str, ...]]) -> None:
    """Print a table with a name at the start of each row."""
    print(f"\n{title}")
    lines = [("", *columns), *((name, *row) for name, row in rows.items())]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns) + 1)]
    for line in lines:
        cells = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        print("  " + line[0].ljust(widths[0]) + "  " + "  ".join(cells))
