"""The benchmarks that need no more than the official clients, at a tiny size."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from benchmarks import calls, get, many, many_files
from benchmarks.measurement import Measurement
from hubspot_files.testing import serve


def figures(measurements: list[Measurement]) -> dict[tuple[str, str], float | None]:
    return {(each.job, each.contender): each.figures[0] if each.figures else None for each in measurements}


def test_calls_of_the_api() -> None:
    found = figures(calls.measure(links=3, uploaded=4, listed=101))
    jobs = {job for job, _ in found}
    counts = {job: tuple(found[job, name] for name in calls.CONTENDERS) for job in jobs}
    assert counts["upload of a file"] == (1, 1, 1)
    assert counts["3 links to a private file"] == (1, 3, 3)
    assert counts["download of a private file, by id"] == (2, 1, 1)
    assert counts["search and download of 3 private files"] == (4, 4, 4)
    assert counts["search and download of 3 public files"] == (1, 1, 1)
    assert counts["open file, by path, and 4 ranges of it"] == (2, None, None)
    assert counts["list of 101 files"] == (2, 2, 2)
    assert counts["upload of 4 files"] == (
        10,
        4,
        4,
    )  # 4 to find that there is no folder, 1 to find its parent, 1 to make it
    assert counts["upload of 4 files, unchanged"] == (4, 4, 4)
    assert counts["sync of 4 files, 1 changed"] == (7, None, None)


@pytest.mark.parametrize(
    ("measure", "sizes", "contenders"),
    [(get.measure, {"calls": 2}, 5), (many.measure, {"tasks": 2, "seconds": 0.01}, 5)],
)
def test_speeds(measure: Callable[..., list[Measurement]], sizes: dict[str, Any], contenders: int) -> None:
    found = measure(rounds=2, **sizes)
    assert len(found) == contenders
    assert [(len(each.figures), len(each.ratios), each.calls) for each in found] == [(2, 2, 1)] * contenders
    assert [each.ratios for each in found if each.is_reference] == [(1, 1)]


@pytest.mark.parametrize("contender", list(many_files.CONTENDERS))
def test_transfers(contender: str, tmp_path: Path) -> None:
    with serve() as emulator:
        emulator.fail("status", status=429, count=1)
        for what in ("upload", "download", "get"):
            folder = tmp_path / what
            folder.mkdir()
            if what == "upload":
                for number in range(3):
                    (folder / f"{number}.bin").write_bytes(b"%d" % number)
            run: Any = many_files.CONTENDERS[contender]
            arguments = (what, emulator.base_url, emulator.token, str(folder))
            if inspect.iscoroutinefunction(run):
                anyio.run(run, *arguments)
            else:
                run(*arguments)
        assert sorted(file.content for file in emulator.files) == [b"0", b"1", b"2"]
        assert sorted(path.read_bytes() for path in (tmp_path / "download").iterdir()) == [b"0", b"1", b"2"]
        assert {"uploadFile", "getSignedUrl", "getFile"} <= {request.operation for request in emulator.requests}
