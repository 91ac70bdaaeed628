"""Generated cases over the served emulator with the description of each version: `python -m tests.conformance`."""

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
from typing import NamedTuple

from hubspot_files_api.versions import DEFAULT, VERSIONS
from tests.conformance.description import description
from tests.conformance.served import served

ROOT = Path(__file__).parents[2]
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
_MOST_ROUNDS = 50
# Other versions differ from the default one in a few operations only, and get this part of its cases.
_SHARE = 10


def main() -> int:
    """Run, print summaries, and return the exit status: 0 for the required number of cases without a violation."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--cases", type=int, default=2500, help="how many cases are to be sent, at least")
    parser.add_argument("--linked", type=int, default=500, help="how many of them by links from other calls, at least")
    parser.add_argument("--examples", type=int, default=90, help="how many cases are drawn for each operation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--versions", nargs="+", choices=list(VERSIONS), default=list(VERSIONS))
    options = parser.parse_args()
    plan = Plan(options.cases, options.linked, options.examples, options.seed)
    # Much of the time of a version is the start of programs, which use one processor each.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        enough = list(pool.map(lambda version: _check(version, plan.share(version)), options.versions))
    return 0 if all(enough) else 1


class Plan(NamedTuple):
    """The number of cases of a version: see the arguments of the program."""

    cases: int
    linked: int
    examples: int
    seed: int

    def share(self, version: str) -> Plan:
        """Return the plan for a version."""
        if version == DEFAULT:
            return self
        return Plan(self.cases // _SHARE, self.linked // _SHARE, self.examples // _SHARE, self.seed)


def _check(version: str, plan: Plan) -> bool:
    """Check a version, print a summary, and return whether there were enough cases."""
    started_at = time.monotonic()
    # Linked calls depend on one another and the rest does not, so each has an account and the processors share them.
    with (
        tempfile.TemporaryDirectory() as folder,
        served() as independent,
        served() as account,
        ThreadPoolExecutor(1) as other,
    ):
        path = Path(folder) / f"files-{version}.json"
        path.write_text(json.dumps(description(version)), encoding="utf-8")
        cases = other.submit(_run, path, *independent, "examples,coverage,fuzzing", plan.examples, plan.seed)
        linked = 0
        # A round ends early if the account has changed meanwhile; the next one continues.
        for number in range(_MOST_ROUNDS):
            if linked >= plan.linked and cases.result() + linked >= plan.cases:
                total = cases.result() + linked
                seconds = time.monotonic() - started_at
                print(f"{version}: {total} cases, {linked} of them linked, in {seconds:.0f} seconds", flush=True)
                return True
            linked += _run(path, *account, "stateful", plan.examples, plan.seed + number)
    print(f"{version}: no more than {cases.result() + linked} cases, {linked} of them linked: raise --examples")
    return False


def _run(described: Path, base_url: str, token: str, phases: str, examples: int, seed: int) -> int:
    """Run some phases of schemathesis, and return the number of cases. A violation exits the program."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)),
            *("run", str(described), "--url", base_url, "--phases", phases),
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
