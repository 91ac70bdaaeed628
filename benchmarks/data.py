"""Read files through fsspec: `hubspot://` on the served emulator and s3fs on moto's server, each with bare httpx.

The two servers differ in speed, so each file system is compared with httpx on its own server, which sends the same
requests for content: one for a whole file, or one for each range.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import side_by_side

_SMALL, _LARGE = 10 * 1024, "large"
_WORK = ("sequential", "random", "small files")


def main(arguments: list[str]) -> None:
    """Measure and print, or serve."""
    parser = argparse.ArgumentParser(prog="benchmarks data", description=__doc__)
    parser.add_argument("--mib", type=int, default=64, help="size of the large file")
    parser.add_argument("--reads", type=int, default=100, help="random reads of 64 KiB")
    parser.add_argument("--files", type=int, default=200, help="small files of 10 KiB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", choices=("hubspot", "s3"))
    options = parser.parse_args(arguments)
    if options.serve:
        _serve(options.serve)
        return
    side_by_side.need("s3fs", "moto")
    rows: dict[str, tuple[str, ...]] = {}
    for kind, name in (("hubspot", "hubspot://"), ("s3", "s3fs")):
        with _server(kind) as server:
            fs, folder = _file_system(kind, server)
            fs.pipe(f"{folder}/{_LARGE}", os.urandom(options.mib * 1024 * 1024))
            fs.pipe({f"{folder}/small/{number}": os.urandom(_SMALL) for number in range(options.files)})
            contenders = [f"{who} {work}" for work in _WORK for who in (name, "httpx")]
            run = functools.partial(_measure, fs=fs, folder=folder, options=options)
            results = side_by_side.rounds(contenders, run, options.rounds)
            best = {contender: min(seconds) for contender, seconds in results.items()}
        for work in _WORK:
            own, bare = best[f"{name} {work}"], best[f"httpx {work}"]
            rows[f"{name}, {work}"] = (f"{own:.2f} s", f"{bare:.2f} s", f"{own / bare:.2f}")
    side_by_side.table("reading through fsspec", ("file system", "httpx", "ratio"), rows)


def _measure(contender: str, fs: Any, folder: str, options: argparse.Namespace) -> float:
    fs.invalidate_cache()
    starts = [random.Random(0).randrange(options.mib * 1024 * 1024 - 65536) for _ in range(options.reads)]
    bare, work = contender.startswith("httpx"), contender.partition(" ")[2]
    urls = _urls(fs, folder, work) if bare else []
    started = time.perf_counter()
    if work == "sequential":
        if bare:
            asyncio.run(_fetch(urls, [None]))
        else:
            with fs.open(f"{folder}/{_LARGE}", block_size=4 * 1024 * 1024) as file:
                while file.read(1024 * 1024):
                    pass
    elif work == "random":
        if bare:
            asyncio.run(_fetch(urls, [f"bytes={start}-{start + 65535}" for start in starts], tasks=1))
        else:
            with fs.open(f"{folder}/{_LARGE}", cache_type="none") as file:
                for start in starts:
                    file.seek(start)
                    assert len(file.read(65536)) == 65536
    elif bare:
        asyncio.run(_fetch(urls, [None]))
    else:
        assert len(fs.cat(f"{folder}/small/*")) == options.files
    return time.perf_counter() - started


def _urls(fs: Any, folder: str, work: str) -> list[str]:
    paths = fs.glob(f"{folder}/small/*") if work == "small files" else [f"{folder}/{_LARGE}"]
    return [fs.sign(path, expiration=3600) for path in paths]


async def _fetch(urls: list[str], ranges: list[str | None], tasks: int = 32) -> None:
    import httpx

    limit = asyncio.Semaphore(tasks)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:

        async def fetch(url: str, span: str | None) -> None:
            async with limit, client.stream("GET", url, headers={"Range": span} if span else {}) as response:
                response.raise_for_status()
                async for _ in response.aiter_raw():
                    pass

        await asyncio.gather(*(fetch(url, span) for url in urls for span in ranges))


def _file_system(kind: str, server: dict[str, str]) -> tuple[Any, str]:
    import fsspec

    if kind == "hubspot":
        return fsspec.filesystem("hubspot", token=server["token"], base_url=server["url"]), "/data"
    fs = fsspec.filesystem("s3", key="key", secret="secret", endpoint_url=server["url"])
    fs.mkdir("data")
    return fs, "data/data"


@contextmanager
def _server(kind: str) -> Iterator[dict[str, str]]:
    program = [sys.executable, "-m", "benchmarks", "data", "--serve", kind]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            # Other lines are those of moto.
            for line in process.stdout:
                if line.startswith("{"):
                    yield json.loads(line)
                    break
        finally:
            process.terminate()


def _serve(kind: str) -> None:
    """Serve until the process is ended."""
    if kind == "hubspot":
        from hubspot_files.testing import serve

        with serve() as emulator:
            emulator.rate_limit("TEN_SECONDLY_ROLLING", 1_000_000)
            print(json.dumps({"url": emulator.base_url, "token": emulator.token}), flush=True)
            sys.stdin.read()
        return
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0)
    server.start()
    _, port = server.get_host_and_port()
    print(json.dumps({"url": f"http://127.0.0.1:{port}"}), flush=True)
    sys.stdin.read()
