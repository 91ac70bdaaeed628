"""Generated cases over the served emulator with our description: `python -m tests.conformance --cases 5000`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conformance.served import served

ROOT = Path(__file__).parents[2]
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


def main() -> int:
    """Run, print what was seen, and give the exit status: 0 without a violation in as many cases as were asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--cases", type=int, default=5000, help="the least number of cases that are to be generated")
    parser.add_argument("--examples", type=int, default=220, help="cases of each operation in each phase that draws")
    options = parser.parse_args()
    with served() as (base_url, token), tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)),
            *("run", str(ROOT / "openapi/files-v3.yaml"), "--url", base_url),
            *("--header", f"Authorization: Bearer {token}", "--max-examples", str(options.examples)),
            *("--report-json-path", str(report), "--no-color"),
        ]
        ended = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
        if ended.returncode:
            return ended.returncode
        told = json.loads(report.read_text(encoding="utf-8"))
    cases = told["test_cases"]["generated"]
    if skipped := [name for name, phase in told["phases"].items() if phase["status"] != "success"]:
        print(f"not everything was run: {', '.join(skipped)}")
        return 1
    if cases < options.cases:
        print(f"{cases} cases are too few, {options.cases} were asked for: raise --examples")
        return 1
    print(f"{cases} cases in {told['running_time']:.0f} seconds, no violation")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
