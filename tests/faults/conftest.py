"""Fixtures of the fault tests: no real waiting, a known jitter, and a clean environment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from hubspot_files._clock import SystemClock
from hubspot_files.testing import use_clock


class NoWaiting(SystemClock):
    """The system clock, except that sleeping takes no time."""

    def __init__(self) -> None:
        self.sleeps: list[float] = []

    def sleep(self, seconds: float, /) -> None:  # type: ignore[override]
        self.sleeps.append(seconds)

    async def sleep_async(self, seconds: float, /) -> None:
        self.sleep(seconds)


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Record the seconds that clients sleep, without waiting."""

    def never(_: float) -> NoReturn:
        raise AssertionError("time passes")

    monkeypatch.setattr(time, "sleep", never)
    clock = NoWaiting()
    with use_clock(clock):
        yield clock.sleeps


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove tokens, base URLs and proxies from the environment."""
    for name in ("HUBSPOT_ACCESS_TOKEN", "HUBSPOT_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return the directory of the downloads."""
    directory = tmp_path / "downloads"
    directory.mkdir()
    return directory
