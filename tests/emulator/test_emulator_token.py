"""The tokens of the emulator, which the SDK sends over http to another machine, unlike those of HubSpot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest

from hubspot_files import AsyncHubSpotFiles, HubSpotFiles, HubSpotFilesError, OAuthCredentials
from hubspot_files.testing import Emulator

URL = "http://emulator:8080"
REFUSED = (
    r"^(HUBSPOT_BASE_URL|base_url) 'http://emulator:8080' must be https://host, because .* with a token of the "
    r"emulator, a str that begins with pat-emu-, and not a callable\)$"
)
TOKENS: list[Any] = [
    "pat-na1-00000000-0000-0000-0000-000000000000",
    "pat-emulated-1",
    "PAT-EMU-1",
    lambda: "pat-emu-1",
    OAuthCredentials("id", "pat-emu-1", "pat-emu-1", base_url="https://emulator"),
]


@pytest.mark.promise(
    "Only a token of the emulator, which begins with `pat-emu-`, is no secret, and is also sent over http to another "
    "machine."
)
@pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])
def test_other_tokens_are_refused(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSPOT_BASE_URL", URL)
    for token in TOKENS:
        with pytest.raises(ValueError, match=REFUSED):
            kind(token)
    # A copy cannot get one, either.
    hubspot = kind("pat-emu-1")
    for token in TOKENS[:3]:
        with pytest.raises(ValueError, match=REFUSED) as caught:
            hubspot.with_options(access_token=token)
        assert token not in str(caught.value)
    assert repr(hubspot.with_options(access_token="pat-emu-2", max_retries=1)) == f"<{kind.__name__} {URL}>"


@pytest.mark.promise(
    "Only a token of the emulator, which begins with `pat-emu-`, is no secret, and is also sent over http to another "
    "machine."
)
@pytest.mark.parametrize("download_redirects", [True, False])
def test_the_sdk_works_with_an_emulator_on_another_machine(download_redirects: bool, tmp_path: Path) -> None:
    with (
        Emulator(base_url=URL, storage_url="http://emulator:8081", download_redirects=download_redirects) as emulator,
        emulator.patch(),
        HubSpotFiles() as hubspot,
    ):
        for access in ("PRIVATE", "PUBLIC_INDEXABLE", "SENSITIVE"):
            file = hubspot.files.upload(b"cat", name=f"{access}.txt", folder_path="/in", access=access)
            assert hubspot.files.read(file.id) == b"cat"
            hubspot.files.download(file.id, tmp_path / access)
            assert (tmp_path / access).read_bytes() == b"cat"
            assert hubspot.api.get_httpx_client().get(f"{URL}/files/v3/files/{file.id}").status_code == 200

            async def read(file_id: str = file.id) -> bytes:
                async with AsyncHubSpotFiles() as hubspot:
                    return await hubspot.files.read(file_id)

            assert anyio.run(read) == b"cat"
        # The storage host refuses a token with 400.
        assert {request.status for request in emulator.requests} <= {200, 201, 206, 302, 403, 404}


def test_no_other_host_is_followed() -> None:
    with Emulator(base_url=URL, storage_url="http://storage:8081") as emulator:
        file = emulator.add_file("/a.txt", b"cat")
        with emulator.client() as hubspot, pytest.raises(HubSpotFilesError, match="is not followed"):
            hubspot.files.read(file.id)
        assert [request.host for request in emulator.requests if request.host == "storage"] == []


def test_a_redirect_to_another_host_is_not_followed() -> None:
    with Emulator(base_url=URL, storage_url="http://emulator:8081") as emulator:
        file = emulator.add_file("/a.txt", b"cat")
        emulator.fail(status=302, operation="fetchContent", headers={"location": "http://other/a"}, count=None)
        with emulator.client() as hubspot, pytest.raises(HubSpotFilesError, match="is not followed"):
            hubspot.files.read(file.id)
        assert "other" not in {request.host for request in emulator.requests}
