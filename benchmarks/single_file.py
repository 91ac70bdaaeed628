"""One large upload from disk, or download to it: MB/s, and growth of resident memory.

Each runs in a new process, `python -m benchmarks.single_file upload CONTENDER URL PATH`. A small transfer runs there
first, so that the imports, connections and buffers of a first use are in neither figure.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from .measurement import Measurement, compared
from .running import calls_so_far, fresh, server

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
    "hubspot-files": ours_sync,
    "hubspot-files, async": ours_async,
    "httpx": httpx_sync,
    "httpx, async": httpx_async,
    "hubspot-api-client": hubspot_api_client,
    "hubspot-sdk": hubspot_sdk,
}
# MD5 alone takes about as long as httpx needs to receive and write, so the reference computes it, too.
DOWNLOADS = {
    "hubspot-files": ours_sync,
    "hubspot-files, async": ours_async,
    "httpx and MD5": httpx_verified,
    "httpx and MD5, async": httpx_async_verified,
    "httpx": httpx_sync,
    "httpx, async": httpx_async,
}
_MIB = 2**20


def upload(*, rounds: int = 7, mib: int = 256) -> list[Measurement]:
    """Measure uploads."""
    return _measure("upload", "httpx", rounds, mib)


def download(*, rounds: int = 7, mib: int = 256) -> list[Measurement]:
    """Measure downloads. This package requests the record and a signed URL, and verifies size and MD5."""
    return _measure("download", "httpx and MD5", rounds, mib)


def _measure(what: str, reference: str, rounds: int, mib: int) -> list[Measurement]:
    contenders = UPLOADS if what == "upload" else DOWNLOADS
    speed: dict[str, list[float]] = {name: [] for name in contenders}
    growth: dict[str, list[float]] = {name: [] for name in contenders}
    calls: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large"
        with large.open("wb") as stream:
            for number in range(mib):
                stream.write(bytes([number % 251]) * _MIB)
        path = large if what == "upload" else Path(folder) / "copy"
        with server("bulk", "--large", str(large)) as url:
            for _ in range(rounds):
                for name in contenders:
                    measured = fresh(["-m", "benchmarks.single_file", what, name, url, str(path)])
                    speed[name].append(mib * _MIB / 1e6 / measured["seconds"])
                    growth[name].append(measured["growth"] / _MIB)
                    calls[name] = measured["calls"]
                    if what == "download":
                        assert path.stat().st_size == mib * _MIB, f"{name} wrote another size"
                        path.unlink()
    job = f"{what} of {mib} MiB"
    return [
        *compared(what, job, "MB/s", "more", speed, reference=reference, calls=calls),
        *compared(what, f"memory of the {job}", "MiB", "less", growth),
    ]


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
    """Run one transfer, and print its seconds, the growth of memory in bytes and its API calls as JSON."""
    place = Path(path)
    if what == "upload":
        small = place.with_name("small to upload")
        small.write_bytes(b"small")
        transfer, _ = UPLOADS[contender](url)
        first, second = (str(small), ""), (path, "")
    else:
        _, transfer = DOWNLOADS[contender](url)
        first, second = ("1", path), ("2", path)
    transfer(*first)
    before = calls_so_far(url)
    gc.collect()
    _reset_peak()
    resident = _resident()
    started_at = time.perf_counter()
    transfer(*second)
    seconds = time.perf_counter() - started_at
    print(json.dumps({"seconds": seconds, "growth": _peak() - resident, "calls": calls_so_far(url) - before}))


if __name__ == "__main__":
    main(*sys.argv[1:])
