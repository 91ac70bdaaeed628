"""Read a file that is open, from its start to its end and at random positions: MB/s, and reads per second.

httpx gets one response for all of the file, and one range for each random read. `files.open` fetches ranges of its own
choice, with its default block size and with blocks of the size of a read.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from .measurement import Measurement, compared
from .running import calls_so_far, fresh, server

_MIB = 2**20
_FILE = "2"
_PIECE = 256 * 1024
Reads: TypeAlias = tuple[Callable[[], int], Callable[[list[int], int], int]]
"""Reads all of the file, and at some positions a number of bytes. Each returns the number of bytes read."""


def ours(url: str, **options: int) -> Reads:
    from hubspot_files import HubSpotFiles

    hubspot = HubSpotFiles("token", base_url=url)

    def all_of_it() -> int:
        with hubspot.files.open(_FILE, **options) as file:
            return sum(len(piece) for piece in iter(lambda: file.read(_PIECE), b""))

    def at(positions: list[int], size: int) -> int:
        got = 0
        with hubspot.files.open(_FILE, **options) as file:
            for position in positions:
                file.seek(position)
                got += len(file.read(size))
        return got

    return all_of_it, at


def ours_async(url: str) -> Reads:
    from hubspot_files import AsyncHubSpotFiles

    runner = asyncio.Runner()
    hubspot = AsyncHubSpotFiles("token", base_url=url)

    async def all_of_it() -> int:
        got = 0
        async with await hubspot.files.open(_FILE) as file:
            while piece := await file.read(_PIECE):
                got += len(piece)
        return got

    async def at(positions: list[int], size: int) -> int:
        got = 0
        async with await hubspot.files.open(_FILE) as file:
            for position in positions:
                await file.seek(position)
                got += len(await file.read(size))
        return got

    return lambda: runner.run(all_of_it()), lambda positions, size: runner.run(at(positions, size))


def bare(url: str) -> Reads:
    import httpx

    client = httpx.Client(base_url=url, timeout=120.0)

    def all_of_it() -> int:
        with client.stream("GET", f"/content/{_FILE}") as response:
            return sum(len(piece) for piece in response.iter_bytes(_PIECE))

    def at(positions: list[int], size: int) -> int:
        got = 0
        for position in positions:
            headers = {"range": f"bytes={position}-{position + size - 1}"}
            got += len(client.get(f"/content/{_FILE}", headers=headers).content)
        return got

    return all_of_it, at


CONTENDERS: dict[str, Callable[[str], Reads]] = {
    "hubspot-files": ours,
    "hubspot-files, 64 KiB blocks": lambda url: ours(url, block_size=65536),
    "hubspot-files, async": ours_async,
    "httpx": bare,
}


def measure(*, rounds: int = 7, mib: int = 256, reads: int = 300, size: int = 65536) -> list[Measurement]:
    """Measure both ways of reading, each time in a new process."""
    speed: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    rate: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    calls: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large"
        large.write_bytes(bytes(_MIB) * mib)
        with server("bulk", "--large", str(large)) as url:
            for _ in range(rounds):
                for name in CONTENDERS:
                    program = ["-m", "benchmarks.open", name, url, *map(str, (mib, reads, size))]
                    sequential, at, calls[name] = fresh(program)
                    speed[name].append(mib * _MIB / 1e6 / sequential)
                    rate[name].append(reads / at)
    sequentially, at_random = (
        f"open file of {mib} MiB, sequentially",
        f"open file, {size / 1024:g} KiB at {reads} positions",
    )
    return [
        *compared("open", sequentially, "MB/s", "more", speed, reference="httpx", calls=calls),
        *compared("open", at_random, "reads/s", "more", rate, reference="httpx"),
    ]


def main(contender: str, url: str, mib: str, reads: str, size: str) -> None:
    """Read in this process, and print the seconds of both ways, and the API calls of the first, as JSON."""
    all_of_it, at = CONTENDERS[contender](url)
    chosen = random.Random(0)
    positions = [chosen.randrange(int(mib) * _MIB - int(size)) for _ in range(int(reads))]
    at(positions[:3], int(size))
    before = calls_so_far(url)
    started_at = time.perf_counter()
    assert all_of_it() == int(mib) * _MIB
    sequential = time.perf_counter() - started_at
    calls = calls_so_far(url) - before
    started_at = time.perf_counter()
    assert at(positions, int(size)) == int(size) * len(positions)
    print(json.dumps([sequential, time.perf_counter() - started_at, calls]))


if __name__ == "__main__":
    main(*sys.argv[1:])
