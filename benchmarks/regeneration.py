"""From the description to a generated, formatted and verified client: seconds. No file is changed."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import time

from .side_by_side import ROOT, table


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks regeneration", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("openapi_python_client") is None:
        raise SystemExit("the pipeline is not installed here: pip install -r generator/requirements.txt")
    times = []
    for _ in range(options.rounds):
        started_at = time.perf_counter()
        subprocess.run([sys.executable, "-m", "generator", "regenerate", "--check"], cwd=ROOT, check=True)
        times.append(time.perf_counter() - started_at)
    table("regeneration", ("best s", "worst s"), {"regenerate --check": (f"{min(times):.1f}", f"{max(times):.1f}")})
