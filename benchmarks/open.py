"""Read a file that is open, from its start to its end and at random positions: MB/s, and reads per second.

httpx gets one response for all of the file, and one range for each random read. `files.open` fetches ranges of its own
choice, with its default block size and with blocks of the size of a read.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from .side_by_side import fresh, server, table

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
    "ours, sync": ours,
    "ours, sync, 64 KiB blocks": lambda url: ours(url, block_size=65536),
    "ours, async": ours_async,
    "httpx, sync": bare,
}


def measure(contender: str, url: str, mib: str, reads: str, size: str) -> None:
    """Read in this process, and print the seconds of both ways as JSON."""
    all_of_it, at = CONTENDERS[contender](url)
    chosen = random.Random(0)
    positions = [chosen.randrange(int(mib) * _MIB - int(size)) for _ in range(int(reads))]
    at(positions[:3], int(size))
    started_at = time.perf_counter()
    assert all_of_it() == int(mib) * _MIB
    sequential = time.perf_counter()
    assert at(positions, int(size)) == int(size) * len(positions)
    print(json.dumps([sequential - started_at, time.perf_counter() - sequential]))


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks open", description=__doc__)
    parser.add_argument("--mib", type=int, default=256)
    parser.add_argument("--reads", type=int, default=300)
    parser.add_argument("--size", type=int, default=65536)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    best: dict[str, list[float]] = {name: [float("inf")] * 2 for name in CONTENDERS}
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large"
        large.write_bytes(bytes(_MIB) * options.mib)
        with server("bulk", "--large", str(large)) as url:
            for _ in range(options.rounds):
                for name, seconds in best.items():
                    program = [
                        "-m",
                        "benchmarks.open",
                        name,
                        url,
                        *map(str, (options.mib, options.reads, options.size)),
                    ]
                    best[name] = [min(pair) for pair in zip(seconds, fresh(program), strict=True)]
    bare_sequential, bare_random = best["httpx, sync"]
    rows = {
        name: (
            f"{options.mib * _MIB / 1e6 / sequential:.0f}",
            f"{bare_sequential / sequential:.2f}",
            f"{options.reads / at:.0f}",
            f"{bare_random / at:.2f}",
        )
        for name, (sequential, at) in best.items()
    }
    title = f"{options.mib} MiB, and {options.reads} random reads of {options.size} bytes, best of {options.rounds}"
    table(title, ("MB/s", "of httpx", "reads/s", "of httpx"), rows)


if __name__ == "__main__":
    measure(*sys.argv[1:])
