"""Read files through fsspec: `hubspot://` on the served emulator and s3fs on moto's server, each with bare httpx.

The two servers differ in speed, so each file system is compared with httpx on its own server, which sends the same
requests for content: one for a whole file, or one for each range.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from .measurement import Measurement, compared
from .running import in_turns

_SMALL, _LARGE, _READ, _MIB = 10 * 1024, "large", 64 * 1024, 2**20
_FILE_SYSTEMS = {"hubspot": ("hubspot://", "httpx on emulator"), "s3": ("s3fs", "httpx on moto")}
_BARE = "httpx"


def measure(*, rounds: int = 5, mib: int = 64, reads: int = 100, files: int = 200) -> list[Measurement]:
    """Measure both file systems, each with httpx on the same server."""
    jobs = {
        "sequential": f"fsspec, {mib} MiB sequentially",
        "random": f"fsspec, 64 KiB at {reads} positions",
        "small files": f"fsspec, {files} files of 10 KiB",
    }
    found = []
    for kind, (name, reference) in _FILE_SYSTEMS.items():
        with _server(kind) as server:
            fs, folder = _file_system(kind, server)
            fs.pipe(f"{folder}/{_LARGE}", os.urandom(mib * _MIB))
            fs.pipe({f"{folder}/small/{number}": os.urandom(_SMALL) for number in range(files)})
            chosen = random.Random(0)
            starts = [chosen.randrange(mib * _MIB - _READ) for _ in range(reads)]
            for work, job in jobs.items():
                account = Account(fs, folder, files, work, starts)
                results = in_turns((name, _BARE), account.seconds, rounds)
                calls = {name: _calls(server, account)} if kind == "hubspot" else {}
                figures = {name: results[name], reference: results[_BARE]}
                found += compared("data", job, "s", "less", figures, reference=reference, calls=calls)
    return sorted(found, key=lambda each: each.job)


class Account(NamedTuple):
    """The files of a server, and what is done with them."""

    fs: Any
    folder: str
    files: int
    work: str
    starts: list[int]

    def seconds(self, contender: str) -> float:
        """Read with the file system, or with bare httpx from URLs that are made before."""
        self.fs.invalidate_cache()
        urls = _urls(self.fs, self.folder, self.work) if contender == _BARE else []
        started_at = time.perf_counter()
        if contender != _BARE:
            _read(*self)
        elif self.work == "random":
            asyncio.run(_fetch(urls, [f"bytes={start}-{start + _READ - 1}" for start in self.starts], tasks=1))
        else:
            asyncio.run(_fetch(urls, [None]))
        return time.perf_counter() - started_at


def _calls(server: dict[str, str], account: Account) -> int:
    """Return the API calls of the file system for the work."""
    before = _calls_so_far(server)
    account.seconds("")
    return _calls_so_far(server) - before


def _calls_so_far(server: dict[str, str]) -> int:
    import httpx

    requests = httpx.get(f"{server['url']}/_emulator/requests").raise_for_status().json()["results"]
    return sum(request["operation"] != "fetchContent" for request in requests)


def _read(fs: Any, folder: str, files: int, work: str, starts: list[int]) -> None:
    if work == "sequential":
        with fs.open(f"{folder}/{_LARGE}", block_size=4 * _MIB) as file:
            while file.read(_MIB):
                pass
    elif work == "random":
        with fs.open(f"{folder}/{_LARGE}", cache_type="none") as file:
            for start in starts:
                file.seek(start)
                assert len(file.read(_READ)) == _READ
    else:
        assert len(fs.cat(f"{folder}/small/*")) == files


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
    program = [sys.executable, "-m", "benchmarks.data", kind]
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


if __name__ == "__main__":
    _serve(sys.argv[1])
