"""One GET of a record: processor time of this process per call."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import httpx

from hubspot_files import HubSpotFiles

from .side_by_side import need, rounds, server, table

_BARE = "httpx.Client.get().json()"


def main(arguments: list[str]) -> None:
    """Measure and print."""
    need("hubspot", "hubspot_sdk")
    import hubspot
    import hubspot_sdk

    parser = argparse.ArgumentParser(prog="python -m benchmarks get", description=__doc__)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args(arguments)
    with server("small") as url, httpx.Client() as bare, httpx.Client() as lent:
        ours = HubSpotFiles("token", base_url=url)
        through = HubSpotFiles("token", base_url=url, http_client=lent)
        official = hubspot.Client(access_token="token", host=url).files.files_api
        alpha = hubspot_sdk.HubSpot(access_token="token", base_url=url)
        headers = {"authorization": "Bearer token"}
        calls: dict[str, Callable[[], object]] = {
            _BARE: lambda: bare.get(f"{url}/files/v3/files/1", headers=headers).json(),
            "ours": lambda: ours.files.get("1"),
            "ours, http_client=": lambda: through.files.get("1"),
            "hubspot-api-client": lambda: official.get_by_id("1"),
            "hubspot-sdk": lambda: alpha.files.file_assets.get("1"),
        }

        def measure(name: str) -> float:
            call = calls[name]
            for _ in range(50):
                call()
            started_at: float = time.process_time()
            for _ in range(options.calls):
                call()
            return (time.process_time() - started_at) / options.calls * 1e6

        results = rounds(calls, measure, options.rounds)
        ours.close()
    best = {name: min(times) for name, times in results.items()}
    rows = {name: (f"{micros:.0f}", f"{micros / best[_BARE]:.2f}") for name, micros in best.items()}
    table(f"one GET, best of {options.rounds} rounds of {options.calls}", ("µs of CPU", "of httpx"), rows)
