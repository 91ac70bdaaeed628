"""One large upload or download in a new process: `python -m benchmarks.transfer upload CONTENDER URL PATH`.

Prints the seconds, and the highest growth of resident memory in bytes, as JSON. A small transfer runs first, so that
the imports, connections and buffers of a first use are in neither figure.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

Transfer: TypeAlias = Callable[[str, str], None]
"""Moves a path to the server, or the file of an id to a path, and leaves the connection open."""

_OPTIONS = json.dumps({"access": "PRIVATE"})
_TIMEOUT = 120.0
_CLEAR_REFS = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


def ours_sync(url: str) -> tuple[Transfer, Transfer]:
    from hubspot_files import HubSpotFiles

    hubspot = HubSpotFiles("token", base_url=url)

    def upload(path: str, _: str) -> None:
        hubspot.files.upload(path, folder_path="/library")

    def download(number: str, path: str) -> None:
        hubspot.files.download(number, path)

    return upload, download


def ours_async(url: str) -> tuple[Transfer, Transfer]:
    from hubspot_files import AsyncHubSpotFiles

    runner = asyncio.Runner()
    hubspot = AsyncHubSpotFiles("token", base_url=url)

    def upload(path: str, _: str) -> None:
        runner.run(hubspot.files.upload(path, folder_path="/library"))

    def download(number: str, path: str) -> None:
        runner.run(hubspot.files.download(number, path))

    return upload, download


def httpx_sync(url: str, *, verified: bool = False) -> tuple[Transfer, Transfer]:
    import httpx

    client = httpx.Client(base_url=url, timeout=_TIMEOUT, headers={"authorization": "Bearer token"})

    def upload(path: str, _: str) -> None:
        with open(path, "rb") as stream:
            data = {"folderPath": "/library", "options": _OPTIONS}
            client.post("/files/v3/files", data=data, files={"file": stream}).json()

    def download(number: str, path: str) -> None:
        digest = hashlib.md5(usedforsecurity=False)
        with client.stream("GET", f"/content/{number}") as response, open(path, "wb") as stream:
            for chunk in response.iter_bytes():
                stream.write(chunk)
                if verified:
                    digest.update(chunk)

    return upload, download


def httpx_verified(url: str) -> tuple[Transfer, Transfer]:
    return httpx_sync(url, verified=True)


def httpx_async(url: str, *, verified: bool = False) -> tuple[Transfer, Transfer]:
    import httpx

    runner = asyncio.Runner()
    client = httpx.AsyncClient(base_url=url, timeout=_TIMEOUT, headers={"authorization": "Bearer token"})

    async def upload_it(path: str) -> None:
        with open(path, "rb") as stream:  # noqa: ASYNC230 - as people write it: httpx reads it on the loop as well
            data = {"folderPath": "/library", "options": _OPTIONS}
            (await client.post("/files/v3/files", data=data, files={"file": stream})).json()

    async def download_it(number: str, path: str) -> None:
        digest = hashlib.md5(usedforsecurity=False)
        async with client.stream("GET", f"/content/{number}") as response:
            with open(path, "wb") as stream:  # noqa: ASYNC230 - as people write it
                async for chunk in response.aiter_bytes():
                    stream.write(chunk)
                    if verified:
                        digest.update(chunk)

    return (
        lambda path, _: runner.run(upload_it(path)),
        lambda number, path: runner.run(download_it(number, path)),
    )


def httpx_async_verified(url: str) -> tuple[Transfer, Transfer]:
    return httpx_async(url, verified=True)


def hubspot_api_client(url: str) -> tuple[Transfer, Transfer]:
    import hubspot

    files = hubspot.Client(access_token="token", host=url).files.files_api

    def upload(path: str, _: str) -> None:
        files.upload(file=path, folder_path="/library", options=_OPTIONS)

    return upload, _no_download


def hubspot_sdk(url: str) -> tuple[Transfer, Transfer]:
    import hubspot_sdk

    client = hubspot_sdk.HubSpot(access_token="token", base_url=url, timeout=_TIMEOUT, max_retries=0)

    def upload(path: str, _: str) -> None:
        client.files.file_assets.upload(file=Path(path), folder_path="/library", options=_OPTIONS)

    return upload, _no_download


def _no_download(number: str, path: str) -> None:
    raise NotImplementedError("this peer downloads nothing to disk")


UPLOADS = {
    "ours, sync": ours_sync,
    "ours, async": ours_async,
    "httpx, sync": httpx_sync,
    "httpx, async": httpx_async,
    "hubspot-api-client": hubspot_api_client,
    "hubspot-sdk": hubspot_sdk,
}
DOWNLOADS = {
    "ours, sync": ours_sync,
    "ours, async": ours_async,
    "httpx, sync": httpx_sync,
    "httpx, sync, and MD5": httpx_verified,
    "httpx, async": httpx_async,
    "httpx, async, and MD5": httpx_async_verified,
}


def _resident() -> int:
    import psutil

    resident: int = psutil.Process().memory_info().rss
    return resident


def _peak() -> int:
    """Return the highest resident memory in bytes since _reset_peak, where the system can reset it."""
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _reset_peak() -> None:
    if _CLEAR_REFS.exists():
        _CLEAR_REFS.write_text("5")


def main(what: str, contender: str, url: str, path: str) -> None:
    """Run one transfer and print its measurements."""
    place = Path(path)
    if what == "upload":
        small = place.with_name("small")
        small.write_bytes(b"small")
        transfer, _ = UPLOADS[contender](url)
        first, second = (str(small), ""), (path, "")
    else:
        _, transfer = DOWNLOADS[contender](url)
        first, second = ("1", path), ("2", path)
    transfer(*first)
    gc.collect()
    _reset_peak()
    resident = _resident()
    started_at = time.perf_counter()
    transfer(*second)
    seconds = time.perf_counter() - started_at
    print(json.dumps({"seconds": seconds, "growth": _peak() - resident}))


if __name__ == "__main__":
    main(*sys.argv[1:])
