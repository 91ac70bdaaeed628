"""The file system of fsspec passes fsspec's own tests for implementations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import fsspec
import pytest
from fsspec.tests.abstract import (
    AbstractCopyTests,
    AbstractFixtures,
    AbstractGetTests,
    AbstractOpenTests,
    AbstractPipeTests,
    AbstractPutTests,
)

from hubspot_files.fsspec import HubSpotFileSystem


class Fixtures(AbstractFixtures):
    @pytest.fixture
    def fs(self, hubspot_emulator: Any) -> Iterator[HubSpotFileSystem]:
        HubSpotFileSystem.clear_instance_cache()
        yield fsspec.filesystem("hubspot")
        HubSpotFileSystem.clear_instance_cache()

    @pytest.fixture
    def fs_path(self) -> str:
        return "/library"

    @pytest.fixture
    def fs_join(self) -> Any:
        return lambda *parts: "/".join(str(part).rstrip("/") for part in parts[:-1]) + f"/{parts[-1]}"


class TestCopy(Fixtures, AbstractCopyTests):
    pass


class TestGet(Fixtures, AbstractGetTests):
    pass


class TestPut(Fixtures, AbstractPutTests):
    pass


class TestOpen(Fixtures, AbstractOpenTests):
    pass


class TestPipe(Fixtures, AbstractPipeTests):
    pass
