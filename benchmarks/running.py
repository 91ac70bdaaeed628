"""Shared by the benchmarks: servers, new processes, and rounds in which the contenders take turns."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
_REQUIREMENTS = {
    "hubspot": "hubspot-api-client",
    "hubspot_sdk": "hubspot-sdk",
    "psutil": "psutil",
    "s3fs": "s3fs",
    "moto": "moto",
    "hatchling": "hatchling",
    "matplotlib": "matplotlib",
}


def need_requirements() -> None:
    """Check that the contenders are installed.

    Raises:
        SystemExit: One is missing; the message says how to install it.
    """
    missing = [name for module, name in _REQUIREMENTS.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise SystemExit(f"{', '.join(missing)} not installed here: pip install -r benchmarks/requirements.txt")


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


def calls_so_far(url: str) -> int:
    """Return the number of API calls that a server of benchmarks.servers has got."""
    with urllib.request.urlopen(f"{url}/calls") as response:
        return int(response.read())


def fresh(program: Iterable[str]) -> Any:
    """Run a new Python process, and return the JSON that it prints."""
    done = subprocess.run([sys.executable, *program], stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    return json.loads(done.stdout)


def in_turns(contenders: Iterable[str], run: Callable[[str], float], rounds: int) -> dict[str, list[float]]:
    """Measure every contender in every round, so that a slow phase of the machine affects all of them."""
    results: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, result in results.items():
            result.append(run(name))
    return results
