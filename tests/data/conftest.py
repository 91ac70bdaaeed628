"""A served emulator, to which tools and their processes connect."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hubspot_files.fsspec import HubSpotFileSystem
from hubspot_files.testing import Emulator, serve


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An emulator at a URL that the environment names, with its token."""
    with serve() as emulator:
        # File systems keep below the limit that the headers state.
        emulator.rate_limit("TEN_SECONDLY_ROLLING", 100_000)
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", emulator.token)
        monkeypatch.setenv("HUBSPOT_BASE_URL", emulator.base_url)
        yield emulator
    HubSpotFileSystem.clear_instance_cache()
