"""The option `--api-version`: tests of the SDK and of the emulator run on that version of the API."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

# Not imported from the generated client, which the environment of the pipeline's tests does not have.
_LOCK = Path(__file__).parents[1] / "generated_client/generation.lock.json"
VERSIONS: list[str] = list(json.loads(_LOCK.read_bytes())["versions"])
DEFAULT = "v3"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option, with the default version as its default."""
    parser.addoption(
        "--api-version", choices=VERSIONS, default=DEFAULT, help="version of the API that clients use by default"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the version that of all clients that name none, before test modules are imported."""
    os.environ["HUBSPOT_API_VERSION"] = config.getoption("--api-version")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that are for other versions."""
    version = config.getoption("--api-version")
    kept, left_out = [], []
    for item in items:
        marker = item.get_closest_marker("versions")
        if marker is not None and not (set(marker.args) <= set(VERSIONS) and marker.kwargs.get("reason")):
            raise pytest.UsageError(f"{item.nodeid}: the marker versions takes known versions, and a reason")
        (kept if marker is None or version in marker.args else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept
