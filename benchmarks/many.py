"""Many tasks that get records on one asynchronous client: requests per second."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias

import httpx

from hubspot_files import AsyncHubSpotFiles

from .side_by_side import need, rounds, server, table

Call: TypeAlias = Callable[[], Awaitable[object]]

_ALPHA = "hubspot-sdk, async"


@asynccontextmanager
async def _ours(url: str) -> AsyncIterator[Call]:
    async with AsyncHubSpotFiles("token", base_url=url) as hubspot:
        yield lambda: hubspot.files.get("1")


@asynccontextmanager
async def _lent(url: str) -> AsyncIterator[Call]:
    async with httpx.AsyncClient() as lent, AsyncHubSpotFiles("token", base_url=url, http_client=lent) as hubspot:
        yield lambda: hubspot.files.get("1")


@asynccontextmanager
async def _bare(url: str, limits: httpx.Limits | None = None) -> AsyncIterator[Call]:
    async with httpx.AsyncClient(
        limits=limits or httpx.Limits(max_connections=100, max_keepalive_connections=20)
    ) as client:

        async def call() -> object:
            response = await client.get(f"{url}/files/v3/files/1", headers={"authorization": "Bearer token"})
            return response.json()

        yield call


def _bare_of_ten(url: str) -> AbstractAsyncContextManager[Call]:
    return _bare(url, httpx.Limits(max_connections=10, max_keepalive_connections=10))


@asynccontextmanager
async def _alpha(url: str) -> AsyncIterator[Call]:
    import hubspot_sdk

    async with hubspot_sdk.AsyncHubSpot(access_token="token", base_url=url) as client:
        yield lambda: client.files.file_assets.get("1")


_CONTENDERS: dict[str, Callable[[str], AbstractAsyncContextManager[Call]]] = {
    "ours, async": _ours,
    "ours, async, http_client=": _lent,
    "httpx.AsyncClient": _bare,
    "httpx.AsyncClient, 10 connections": _bare_of_ten,
    _ALPHA: _alpha,
}


async def _run(name: str, url: str, tasks: int, seconds: float) -> float:
    async with _CONTENDERS[name](url) as call:

        async def worker(deadline: float) -> int:
            done = 0
            while done == 0 or time.perf_counter() < deadline:
                await call()
                done += 1
            return done

        await asyncio.gather(*(worker(0.0) for _ in range(tasks)))
        started_at = time.perf_counter()
        counts = await asyncio.gather(*(worker(started_at + seconds) for _ in range(tasks)))
        return sum(counts) / (time.perf_counter() - started_at)


def main(arguments: list[str]) -> None:
    """Measure and print."""
    need("hubspot_sdk")
    parser = argparse.ArgumentParser(prog="python -m benchmarks many", description=__doc__)
    parser.add_argument("--tasks", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    with server("small") as url:
        results = rounds(
            _CONTENDERS,
            lambda name: asyncio.run(_run(name, url, options.tasks, options.seconds)),
            options.rounds,
        )
    best = {name: max(rates) for name, rates in results.items()}
    rows = {name: (f"{rate:.0f}", f"{rate / best[_ALPHA]:.1f}") for name, rate in best.items()}
    table(f"GETs by {options.tasks} tasks, best of {options.rounds} rounds", ("requests/s", "of hubspot-sdk"), rows)
