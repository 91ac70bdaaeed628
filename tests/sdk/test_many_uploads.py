"""A plain loop of uploads stores every file, also empty and equal ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hubspot_files.testing import Emulator

from .support import Client


def test_304_files_of_which_ten_are_empty_and_ten_equal(client: Client, tmp_path: Path) -> None:
    for number in range(304):
        content = b"" if number < 10 else b"equal" if number < 20 else b"%d" % number
        (tmp_path / f"{number}.txt").write_bytes(content)

    def program(hubspot: Any) -> Any:
        for path in sorted(tmp_path.iterdir()):
            yield hubspot.files.upload(path, folder_path="/in")

    with Emulator() as emulator:
        client(program, access_token=emulator.token, http_client=client.http(emulator.transport))
        stored = {file.path: file.content for file in emulator.files}
    assert stored == {f"/in/{path.name}": path.read_bytes() for path in tmp_path.iterdir()}
    assert len(stored) == 304
