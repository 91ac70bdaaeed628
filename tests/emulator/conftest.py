"""Fixtures: an emulator with a frozen clock, and plain httpx clients of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from hypothesis import settings

from hubspot_files.testing import Clock, Emulator

from .support import START, Upload

# The duration of an example is not significant on a shared machine.
settings.register_profile("ci", deadline=None, print_blob=True)
settings.load_profile("ci")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of the certificate of a single authority."""
    path = tmp_path_factory.mktemp("authority") / "authority.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(autouse=True)
def environment(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the certificates of the machine: each httpx client would take 20 ms to read them."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(clock=Clock(START, frozen=True)) as emulator:
        yield emulator


@pytest.fixture
def api(emulator: Emulator) -> Iterator[httpx.Client]:
    """Yield a client that sends the token to the API's host."""
    headers = {"Authorization": f"Bearer {emulator.token}"}
    with httpx.Client(transport=emulator.transport, base_url=emulator.base_url, headers=headers) as client:
        yield client


@pytest.fixture
def web(emulator: Emulator) -> Iterator[httpx.Client]:
    """Yield a client without a token, like a browser."""
    with httpx.Client(transport=emulator.transport) as client:
        yield client


@pytest.fixture
def upload(api: httpx.Client) -> Upload:
    """Return a function that uploads `content`; its keyword arguments are options, `form` replaces the other fields."""

    def call(
        content: bytes = b"hello",
        name: str | None = "a.txt",
        *,
        form: dict[str, str] | None = None,
        client: httpx.Client | None = None,
        **options: Any,
    ) -> httpx.Response:
        data = {"options": json.dumps({"access": "PRIVATE", **options})}
        data |= {"folderPath": "/in"} if form is None else form
        files = {"file": (name, content, "application/octet-stream")}
        return (client or api).post("/files/v3/files", data=data, files=files)

    return call
