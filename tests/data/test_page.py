"""The page for people with data, run from top to bottom on the served emulator."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import fsspec
import pytest

from hubspot_files.testing import Emulator

PAGE = Path(__file__).parents[2] / "docs/data.md"


# Dask uses it.
@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.set_index")
def test_the_page(
    served: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "state"))
    named: dict[str, Any] = {"__name__": "page"}
    for block in re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        exec(compile(block, str(PAGE), "exec", dont_inherit=True), named)
    assert capsys.readouterr().out.split() == ["460", "340"]
    assert named["euros"]["euros"].tolist() == [120, 340]
    assert named["rows"] == [("2026-10",)]
    fs = fsspec.filesystem("hubspot")
    assert fs.cat_file("/library/best.csv") == b"month,euros\n2026-10,340\n"
    assert fs.cat_file("/library/notes.txt") == b"October is better."
    assert named["link"].startswith(served.storage_url)
    assert fs.find("/library/by-month")
