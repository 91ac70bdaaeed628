"""Generated cases over the served emulator with our description: `python -m tests.conformance --cases 5000`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conformance.served import served

ROOT = Path(__file__).parents[2]
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
_MOST_ROUNDS = 50


def main() -> int:
    """Run, print a summary, and return the exit status: 0 for the required number of cases without a violation."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--cases", type=int, default=5000, help="how many cases are to be sent, at least")
    parser.add_argument("--linked", type=int, default=1000, help="how many of them by links from other calls, at least")
    parser.add_argument("--examples", type=int, default=180, help="how many cases are drawn for each operation")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started_at = time.monotonic()
    # Linked calls depend on one another and the rest does not, so each has an account and the processors share them.
    with served() as independent, served() as account, ThreadPoolExecutor(1) as other:
        cases = other.submit(_run, *independent, "examples,coverage,fuzzing", options.examples, options.seed)
        linked = 0
        # A round ends early if the account has changed meanwhile; the next one continues.
        for number in range(_MOST_ROUNDS):
            if linked >= options.linked and cases.result() + linked >= options.cases:
                total = cases.result() + linked
                print(f"{total} cases, {linked} of them linked, in {time.monotonic() - started_at:.0f} seconds")
                return 0
            linked += _run(*account, "stateful", options.examples, options.seed + number)
    print(f"no more than {cases.result() + linked} cases, {linked} of them linked: raise --examples")
    return 1


def _run(base_url: str, token: str, phases: str, examples: int, seed: int) -> int:
    """Run some phases of schemathesis, and return the number of cases. A violation exits the program."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)),
            *("run", str(ROOT / "openapi/files-v3.yaml"), "--url", base_url, "--phases", phases),
            *("--header", f"Authorization: Bearer {token}", "--max-examples", str(examples)),
            *("--seed", str(seed), "--report-json-path", str(report), "--no-color"),
        ]
        ended = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
        if ended.returncode:
            raise SystemExit(ended.returncode)
        summary = json.loads(report.read_text(encoding="utf-8"))
    if failed := [name for name in phases.split(",") if summary["phases"][name]["status"] != "success"]:
        raise SystemExit(f"not all was run: {', '.join(failed)}")
    return int(summary["test_cases"]["generated"])


if __name__ == "__main__":
    raise SystemExit(main())
