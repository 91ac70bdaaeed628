"""The pytest plugin of hubspot-files: fixtures that put an emulated HubSpot in the place of the real one.

pytest imports this module at every start, wherever hubspot-files is installed. It therefore lies outside the package,
and imports neither the package nor httpx before a fixture is requested.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hubspot_files import AsyncHubSpotFiles, HubSpotFiles
    from hubspot_files.testing import Emulator

_MARKER = (
    "hubspot_emulator(**options): make the emulator of this test with options of hubspot_files.testing.Emulator, "
    "such as search_lag=30."
)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def hubspot_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulated HubSpot for this test, an Emulator that receives the requests of httpx in place of the real one.

    Code under test that makes its clients itself reaches it too: HUBSPOT_ACCESS_TOKEN and HUBSPOT_BASE_URL are set,
    and the emulator responds to all requests that httpx sends to the API or to its signed URLs. Other hosts are
    reached as before. Clients wait on the emulator's clock, so that retries take no time, and
    `hubspot_emulator.clock.advance(600)` lets signed URLs expire.

    `@pytest.mark.hubspot_emulator(search_lag=30)` makes it with options of hubspot_files.testing.Emulator. It needs
    `pip install "hubspot-files[emulator]"`.
    """
    # If it were set up afterwards, its patch of httpx would replace this one.
    if "httpx_mock" in request.fixturenames:
        request.getfixturevalue("httpx_mock")
    with _patched_emulator(request) as emulator:
        yield emulator


@pytest.fixture(scope="class")
def class_hubspot_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulated HubSpot for all tests of a class, like hubspot_emulator. Its reset() empties it between tests."""
    with _patched_emulator(request) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def module_hubspot_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulated HubSpot for all tests of a module, like hubspot_emulator. Its reset() empties it between tests."""
    with _patched_emulator(request) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def session_hubspot_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulated HubSpot for all tests, like hubspot_emulator. Its reset() empties it between tests."""
    with _patched_emulator(request) as emulator:
        yield emulator


@pytest.fixture
def hubspot_client(hubspot_emulator: Emulator) -> Iterator[HubSpotFiles]:
    """A HubSpotFiles of the hubspot_emulator, with a token that may do everything."""
    with hubspot_emulator.client() as client:
        yield client


@pytest.fixture
def hubspot_async_client(hubspot_emulator: Emulator) -> AsyncHubSpotFiles:
    """An AsyncHubSpotFiles of the hubspot_emulator, with a token that may do everything.

    It holds no connections that need closing, and so works on the event loop of any plugin.
    """
    return hubspot_emulator.async_client()


@contextmanager
def _patched_emulator(request: pytest.FixtureRequest) -> Generator[Emulator, None, None]:
    """Make an emulator with the options of the markers, which replaces HubSpot within the context."""
    from hubspot_files.testing import Emulator

    options: dict[str, Any] = {}
    for mark in request.node.iter_markers("hubspot_emulator"):
        if mark.args:
            pytest.fail(f"options of the marker hubspot_emulator are named, not {mark.args[0]!r}", pytrace=False)
        options = {**mark.kwargs, **options}
    known = inspect.signature(Emulator).parameters
    if unknown := [name for name in options if name not in known]:
        text = f"the marker hubspot_emulator has no option {unknown[0]!r}; it has {', '.join(known)}"
        pytest.fail(text, pytrace=False)
    try:
        emulator = Emulator(**options)
    except (ImportError, OSError, TypeError, ValueError) as error:
        # The message names the package or the option; a traceback would not help the reader.
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    with emulator, emulator.patch():
        _forget_file_systems()
        yield emulator
        _forget_file_systems()


def _forget_file_systems() -> None:
    """Let file systems of fsspec, which it keeps for the whole process, not know of the files of another emulator."""
    module = sys.modules.get("hubspot_files.fsspec")
    if module is not None:
        module.HubSpotFileSystem.clear_instance_cache()
