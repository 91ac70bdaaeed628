"""Many tasks at the account's rate limit: the share of it that is used, and the number of 429s."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias

from hubspot_files import AsyncHubSpotFiles
from hubspot_files.testing import Emulator, serve

from .side_by_side import need, table

Call: TypeAlias = Callable[[str], Awaitable[object]]

_WINDOW = 10.0
_ALPHA = "hubspot-sdk, its retries"


@asynccontextmanager
async def _paced(emulator: Emulator) -> AsyncIterator[Call]:
    async with AsyncHubSpotFiles(emulator.token, base_url=emulator.base_url, pace=True) as hubspot:
        yield hubspot.files.get


@asynccontextmanager
async def _unpaced(emulator: Emulator) -> AsyncIterator[Call]:
    async with AsyncHubSpotFiles(emulator.token, base_url=emulator.base_url) as hubspot:
        yield hubspot.files.get


@asynccontextmanager
async def _alpha(emulator: Emulator) -> AsyncIterator[Call]:
    import hubspot_sdk

    async with hubspot_sdk.AsyncHubSpot(access_token=emulator.token, base_url=emulator.base_url) as client:
        yield client.files.file_assets.get


_CONTENDERS: dict[str, Callable[[Emulator], AbstractAsyncContextManager[Call]]] = {
    "ours, pace=True": _paced,
    "ours, its retries": _unpaced,
    _ALPHA: _alpha,
}


async def _run(name: str, emulator: Emulator, tasks: int, windows: int) -> tuple[int, int, int]:
    """Return the numbers of successes, of 429s and of failed calls in so many windows, after the first one."""
    file = emulator.add_file("/a.txt", b"a")
    failed = 0
    async with _CONTENDERS[name](emulator) as call:
        end = time.perf_counter() + (windows + 1) * _WINDOW

        async def worker() -> None:
            nonlocal failed
            while time.perf_counter() < end:
                try:
                    await call(file.id)
                except Exception:  # noqa: BLE001 - each client has its own errors, which are counted
                    failed += 1

        workers = [asyncio.create_task(worker()) for _ in range(tasks)]
        await asyncio.sleep(_WINDOW)
        before = len(emulator.requests)
        failed = 0
        await asyncio.sleep(windows * _WINDOW)
        statuses = [request.status for request in emulator.requests[before:]]
        for each in workers:
            each.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return statuses.count(200), statuses.count(429), failed


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks pace", description=__doc__)
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--limit", type=int, default=190)
    parser.add_argument("--latency", type=float, default=0.15, help="seconds that each response is delayed")
    parser.add_argument("--windows", type=int, default=6, help="windows of ten seconds, after one that is not measured")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args(arguments)
    need("hubspot_sdk")
    rows = {}
    for name in _CONTENDERS:
        results = []
        for _ in range(options.rounds):
            with serve() as emulator:
                emulator.rate_limit("TEN_SECONDLY_ROLLING", options.limit)
                emulator.fail("delay", seconds=options.latency, count=None)
                results.append(asyncio.run(_run(name, emulator, options.tasks, options.windows)))
        served, refused, failed = (statistics.median(counts) for counts in zip(*results, strict=True))
        rows[name] = (f"{served / (options.limit * options.windows):.1%}", f"{refused:.0f}", f"{failed:.0f}")
    title = f"GETs by {options.tasks} tasks, {options.limit} allowed in ten seconds, {options.latency} s of latency"
    table(title, ("of the limit", "429s", "failed calls"), rows)
