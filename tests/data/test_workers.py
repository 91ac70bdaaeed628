"""Forked workers that share a file system."""

from __future__ import annotations

import functools
import multiprocessing
from typing import Any

import fsspec

from hubspot_files.testing import Emulator


def test_eight_forked_workers_read_a_thousand_files(served: Emulator) -> None:
    fs: Any = fsspec.filesystem("hubspot")
    expected = {f"/many/{number:04}": f"content of {number} ".encode() * (number % 50) for number in range(1000)}
    for path, content in expected.items():
        served.add_file(path, content)
    # Its event loop and its connections are in use before the fork.
    assert len(fs.ls("/many")) == 1000
    inherited.append(fs)
    with multiprocessing.get_context("fork").Pool(8) as pool:
        assert pool.map(_read_inherited, expected, chunksize=10) == list(expected.values())
        assert pool.map(functools.partial(_read, fs), list(expected)[:100]) == list(expected.values())[:100]
    assert fs.cat(list(expected)[:100]) == dict(list(expected.items())[:100])


inherited: list[Any] = []


def _read_inherited(path: str) -> bytes:
    return _read(inherited[0], path)


def _read(fs: Any, path: str) -> bytes:
    content: bytes = fs.cat_file(path)
    return content
