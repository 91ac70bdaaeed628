"""What the fault tests share: no real waiting, jitter that is known, and nothing of the machine that they run on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NoReturn

import pytest

from hubspot_files._http.async_driver import AsyncDriver
from hubspot_files._http.driver import SyncDriver


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the drivers were asked to wait, none of which passes."""
    seconds: list[float] = []

    async def sleep(_: AsyncDriver, duration: float) -> None:
        seconds.append(duration)

    def never(_: float) -> NoReturn:
        raise AssertionError("time passes")

    monkeypatch.setattr(SyncDriver, "sleep", lambda _, duration: seconds.append(duration))
    monkeypatch.setattr(AsyncDriver, "sleep", sleep)
    monkeypatch.setattr(time, "sleep", never)
    return seconds


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No token, base URL or proxy of the machine that the tests run on."""
    for name in ("HUBSPOT_ACCESS_TOKEN", "HUBSPOT_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where downloads go."""
    directory = tmp_path / "downloads"
    directory.mkdir()
    return directory
