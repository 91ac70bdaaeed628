"""Many tasks that get records on one asynchronous client: requests per second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias

import httpx

from hubspot_files import AsyncHubSpotFiles

from .measurement import Measurement, compared
from .running import calls_so_far, in_turns, server

Call: TypeAlias = Callable[[], Awaitable[object]]

_BARE = "httpx"


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
    "hubspot-files": _ours,
    "hubspot-files, http_client=": _lent,
    _BARE: _bare,
    "httpx, 10 connections": _bare_of_ten,
    "hubspot-sdk": _alpha,
}


async def _run(name: str, url: str, tasks: int, seconds: float) -> tuple[float, float]:
    """Return the requests per second, and the API calls of each."""
    async with _CONTENDERS[name](url) as call:

        async def worker(deadline: float) -> int:
            done = 0
            while done == 0 or time.perf_counter() < deadline:
                await call()
                done += 1
            return done

        await asyncio.gather(*(worker(0.0) for _ in range(tasks)))
        before = calls_so_far(url)
        started_at = time.perf_counter()
        counts = await asyncio.gather(*(worker(started_at + seconds) for _ in range(tasks)))
        rate = sum(counts) / (time.perf_counter() - started_at)
        return rate, (calls_so_far(url) - before) / sum(counts)


def measure(*, rounds: int = 7, tasks: int = 50, seconds: float = 1.0) -> list[Measurement]:
    """Measure the clients in this process."""
    calls = {}
    with server("small") as url:

        def run(name: str) -> float:
            rate, calls[name] = asyncio.run(_run(name, url, tasks, seconds))
            return rate

        results = in_turns(_CONTENDERS, run, rounds)
    return compared("many", f"GETs by {tasks} tasks", "requests/s", "more", results, reference=_BARE, calls=calls)
