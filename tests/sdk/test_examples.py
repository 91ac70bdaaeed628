"""The example programs, run unchanged against the emulator."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import respx

from hubspot_files.testing import Emulator

from .support import versioned

EXAMPLES = Path(__file__).parents[2] / "examples"

Run = Callable[..., str]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running, respx.mock(assert_all_called=False) as router:
        router.route().mock(side_effect=running.side_effect)
        yield running


@pytest.fixture
def run(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], journals: None) -> Run:
    """Run an example with a token of the emulator, and return its output."""
    monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", emulator.token)

    def program(name: str, *arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return program


def test_share_a_picture(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"a cat")
    out = run("share_a_picture.py", str(tmp_path / "cat.png"))
    assert out.startswith("/library/cat_archive/cat.png until ")
    assert emulator.storage_url in out
    assert [file.content for file in emulator.files] == [b"a cat"]


def test_mirror_a_folder(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    contents = {f"{number}.txt": str(number).encode() * 1000 for number in range(12)}
    contents["deeper/yes.txt"] = b"with what is below it"
    for name, content in contents.items():
        emulator.add_file(f"/reports/{name}", content)
    for counts in ("14 done, 0 skipped", "0 done, 13 skipped"):
        out = run("mirror_a_folder.py", "/reports", str(tmp_path / "copy"))
        assert out.startswith(f"<TransferReport {counts}, 0 failed, 0 unknown; ")
    copies = (path for path in (tmp_path / "copy").rglob("*") if path.is_file())
    assert {path.relative_to(tmp_path / "copy").as_posix(): path.read_bytes() for path in copies} == contents


def test_mirror_a_folder_loses_no_file_and_replaces_none(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    contents = {name: name.encode() for name in ("a:b.txt", "a?b.txt", "a*b.txt")}
    for name, content in contents.items():
        emulator.add_file(f"/reports/{name}", content)
    run("mirror_a_folder.py", "/reports", str(tmp_path / "copy"))
    copies = {path.name: path.read_bytes() for path in (tmp_path / "copy").iterdir()}
    assert sorted(copies) == ["a_b (1).txt", "a_b (2).txt", "a_b.txt"]
    assert sorted(copies.values()) == sorted(contents.values())


def test_import_and_tidy(run: Run, emulator: Emulator) -> None:
    for number in range(4):
        emulator.add_file(f"/imports/{number}.txt", str(number).encode())
        emulator.clock.advance(60)
    emulator.publish_url("https://example.com/new.pdf", b"%PDF")
    out = run("import_and_tidy.py", "https://example.com/new.pdf")
    assert ": COMPLETE\n/imports/new.pdf: http" in out
    assert "deleted /imports/1.txt\ndeleted /imports/0.txt\n" in out
    live = [file.path for file in emulator.files if file.state == "live"]
    assert live == ["/imports/2.txt", "/imports/3.txt", "/imports/new.pdf"]


def test_import_that_fails(run: Run, emulator: Emulator) -> None:
    emulator.publish_url("https://example.com/gone.pdf", status=404)
    with pytest.raises(SystemExit, match="HubSpot could not fetch it"):
        run("import_and_tidy.py", "https://example.com/gone.pdf")


def test_watch_the_limits(run: Run, emulator: Emulator) -> None:
    emulator.add_folder("/a/b")
    out = run("watch_the_limits.py")
    assert f"GET {versioned('/files/v3/folders/search')}: 200 in " in out
    assert out.splitlines()[-2:] == ["/a", "/a/b"]


def test_every_example_has_a_test() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [path.name for path in sorted(EXAMPLES.glob("*.py")) if f'"{path.name}"' not in text] == []
