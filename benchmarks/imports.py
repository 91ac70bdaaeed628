"""Import in a new process, compared with that of httpx: milliseconds."""

from __future__ import annotations

import argparse
from statistics import median

from .side_by_side import fresh, need, rounds, table

_PROGRAM = """
import json, time
began = time.perf_counter()
{statement}
print(json.dumps(time.perf_counter() - began))
"""
_BARE = "httpx"
_STATEMENTS = {
    _BARE: "import httpx",
    "ours": "from hubspot_files import HubSpotFiles, AsyncHubSpotFiles",
    "ours, a client made": "from hubspot_files import HubSpotFiles; HubSpotFiles('token').files",
    "ours, an async client made": "from hubspot_files import AsyncHubSpotFiles; AsyncHubSpotFiles('token').files",
    "hubspot-api-client": "from hubspot import HubSpot; HubSpot(access_token='token').files.files_api",
    "hubspot-sdk": "from hubspot_sdk import HubSpot; HubSpot(access_token='token').files",
}


def main(arguments: list[str]) -> None:
    """Measure and print."""
    need("hubspot", "hubspot_sdk")
    parser = argparse.ArgumentParser(prog="python -m benchmarks imports", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(arguments)

    def measure(name: str) -> float:
        return 1000 * float(fresh(["-c", _PROGRAM.format(statement=_STATEMENTS[name])]))

    # Run once before measuring, so that all modules are compiled.
    rounds(_STATEMENTS, measure, 1)
    results = rounds(_STATEMENTS, measure, options.rounds)
    least, middle = min(results[_BARE]), median(results[_BARE])
    rows = {
        name: (
            f"{min(times):.0f}",
            f"{min(times) - least:+.0f}",
            f"{median(times):.0f}",
            f"{median(times) - middle:+.0f}",
        )
        for name, times in results.items()
    }
    columns = ("best ms", "over httpx", "median ms", "over httpx")
    table(f"import, {options.rounds} rounds of fresh processes", columns, rows)
