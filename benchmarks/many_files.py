"""Many files at the account's rate limit: files per second, the share of the limit that is used, 429s, and API calls.

Each contender is a program of its own, `python -m benchmarks.many_files JOB CONTENDER URL TOKEN FOLDER`, with an
account and a limit of its own on the served emulator. They run at the same time: they spend it waiting. hubspot-files
uses its transfers. The others are used as their documentation has it: a thread pool, or tasks, with retries after 429.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from hubspot_files.testing import Emulator, serve

from .measurement import Measurement, compared
from .running import ROOT

_INTERVAL = 10.0
_SIZE = 10 * 1024
_WORKERS = 20
_FOLDER = "/library/many"
_PRIVATE = json.dumps({"access": "PRIVATE"})
_REFERENCE = "hubspot-api-client"


def measure(*, files: int = 570, limit: int = 190, latency: float = 0.15) -> list[Measurement]:
    """Measure uploads, downloads and GETs of many files."""
    found = []
    for what, job in {"upload": "uploads", "download": "downloads", "get": "GETs"}.items():
        with ThreadPoolExecutor(len(CONTENDERS)) as pool:
            runs = pool.map(lambda name, what=what: _run(what, name, files, limit, latency), CONTENDERS)
            results = dict(zip(CONTENDERS, runs, strict=True))
        rates, shares, refusals, calls = ({name: [each[i]] for name, each in results.items()} for i in range(4))
        job = f"{files} {job}, {limit} calls in 10 s"
        each_calls = {name: count for name, [count] in calls.items()}
        found += [
            *compared("transfers", job, "files/s", "more", rates, reference=_REFERENCE, calls=each_calls),
            *compared("transfers", job, "% of the limit", "more", shares),
            *compared("transfers", job, "429s", "less", refusals),
        ]
    return found


def _run(what: str, contender: str, files: int, limit: int, latency: float) -> tuple[float, float, float, float]:
    """Return files per second, the used share of the limit in %, 429s, and calls that succeeded."""
    with tempfile.TemporaryDirectory() as work, serve() as emulator:
        folder = str(Path(work) / "files")
        Path(folder).mkdir()
        for number in range(files):
            content = number.to_bytes(4, "big") * (_SIZE // 4)
            if what == "upload":
                (Path(folder) / f"file {number}.bin").write_bytes(content)
            else:
                emulator.add_file(f"{_FOLDER}/file {number}.bin", content, access="PRIVATE")
        emulator.rate_limit("TEN_SECONDLY_ROLLING", limit)
        emulator.fail("delay", seconds=latency, count=None)
        program = [what, contender, emulator.base_url, emulator.token, folder]
        command = [sys.executable, "-m", "benchmarks.many_files", *program]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
        if what == "upload":
            assert len(emulator.files) == files, f"{contender} stored {len(emulator.files)} files"
        return float(files / json.loads(done.stdout)), *_usage(emulator, limit)


def _usage(emulator: Emulator, limit: int) -> tuple[float, float, float]:
    calls = [request for request in emulator.requests if request.operation != "fetchContent"]
    moments = [request.time.timestamp() for request in calls if request.status != 429]
    # Only intervals that were used to their end count, and not the first one, for which all of the limit is there.
    intervals = Counter(int((moment - min(moments)) / _INTERVAL) for moment in moments)
    used = [intervals[number] for number in range(1, max(intervals))]
    if not used:
        raise SystemExit("--files is too small: there is no interval of the limit between the first and the last one")
    return 100 * sum(used) / (limit * len(used)), len(calls) - len(moments), len(moments)


def ours(what: str, url: str, token: str, folder: str) -> None:
    from hubspot_files import HubSpotFiles

    with HubSpotFiles(token, base_url=url, pace=True) as hubspot:
        if what == "upload":
            list(hubspot.transfers.upload_many(_paths(folder), _FOLDER, journal=f"{folder}.journal"))
        elif what == "download":
            list(hubspot.transfers.download_many(hubspot.files.search(), folder, journal=f"{folder}.journal"))
        else:
            _in_threads(hubspot.files.get, [file.id for file in hubspot.files.search()])


async def ours_async(what: str, url: str, token: str, folder: str) -> None:
    from hubspot_files import AsyncHubSpotFiles

    async with AsyncHubSpotFiles(token, base_url=url, pace=True) as hubspot:
        if what == "upload":
            async for _ in hubspot.transfers.upload_many(_paths(folder), _FOLDER, journal=f"{folder}.journal"):
                pass
        elif what == "download":
            found = hubspot.files.search()
            async for _ in hubspot.transfers.download_many(found, folder, journal=f"{folder}.journal"):
                pass
        else:
            await _in_tasks(hubspot.files.get, [file.id async for file in hubspot.files.search()])


def search_all(api: Any, **filters: str) -> Iterator[Any]:
    """Yield all files, with hubspot-api-client, which leaves paging to its user."""
    after: dict[str, str] = {}
    while True:
        page = api.do_search(limit=100, **filters, **after)
        yield from page.results
        if page.paging is None or page.paging.next is None:
            return
        after = {"after": page.paging.next.after}


def hubspot_api_client(what: str, url: str, token: str, folder: str) -> None:
    import httpx
    import hubspot
    from urllib3.util.retry import Retry

    # As its README has it, but also for POST, and with pauses: it does not wait otherwise.
    retry = Retry(total=10, backoff_factor=1, status_forcelist=(429,), allowed_methods=None)
    api = hubspot.Client(access_token=token, host=url, retry=retry).files.files_api
    if what == "upload":
        _in_threads(lambda path: api.upload(file=path, folder_path=_FOLDER, options=_PRIVATE), _paths(folder))
        return
    ids = [file.id for file in search_all(api)]
    with httpx.Client() as http:

        def download(file_id: str) -> None:
            content = http.get(api.get_signed_url(file_id).url).raise_for_status().content
            Path(folder, file_id).write_bytes(content)

        _in_threads(download if what == "download" else api.get_by_id, ids)


async def hubspot_sdk(what: str, url: str, token: str, folder: str) -> None:
    import httpx
    import hubspot_sdk

    async with (
        hubspot_sdk.AsyncHubSpot(access_token=token, base_url=url, max_retries=10) as client,
        httpx.AsyncClient() as http,
    ):
        files = client.files.file_assets

        async def upload(path: str) -> None:
            await files.upload(file=Path(path), folder_path=_FOLDER, options=_PRIVATE)

        async def download(file_id: str) -> None:
            signed = await files.get_signed_url(file_id)
            content = (await http.get(signed.url)).raise_for_status().content
            Path(folder, file_id).write_bytes(content)  # noqa: ASYNC240 - as people write it

        if what == "upload":
            await _in_tasks(upload, _paths(folder))
        else:
            ids = [file.id async for file in files.search(limit=100)]
            await _in_tasks(download if what == "download" else files.get, ids)


CONTENDERS: dict[str, Callable[[str, str, str, str], Any]] = {
    "hubspot-files": ours,
    "hubspot-files, async": ours_async,
    _REFERENCE: hubspot_api_client,
    "hubspot-sdk": hubspot_sdk,
}


def _paths(folder: str) -> list[str]:
    return [str(path) for path in Path(folder).iterdir()]


def _in_threads(call: Callable[[str], object], items: Iterable[str]) -> None:
    with ThreadPoolExecutor(_WORKERS) as pool:
        list(pool.map(call, items))


async def _in_tasks(call: Callable[[str], Awaitable[object]], items: Iterable[str]) -> None:
    places = asyncio.Semaphore(_WORKERS)

    async def in_turn(item: str) -> None:
        async with places:
            await call(item)

    await asyncio.gather(*(in_turn(item) for item in items))


def main(what: str, contender: str, url: str, token: str, folder: str) -> None:
    """Do the job, and print its seconds."""
    started_at = time.perf_counter()
    outcome = CONTENDERS[contender](what, url, token, folder)
    if inspect.iscoroutine(outcome):
        asyncio.run(outcome)
    print(json.dumps(time.perf_counter() - started_at))


if __name__ == "__main__":
    main(*sys.argv[1:])
