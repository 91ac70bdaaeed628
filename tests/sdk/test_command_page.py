"""The page of the command, whose sessions are run from top to bottom, and whose tables name what there is."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from hubspot_files.cli._main import COMMANDS
from hubspot_files.resources.audit import KINDS, PROPOSABLE

from .command_line import Run

PAGE = (Path(__file__).parents[2] / "docs/command.md").read_text(encoding="utf-8")


def sessions() -> list[tuple[str, str]]:
    """Return the commands of the page with their outputs."""
    found: list[tuple[str, str]] = []
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def undated(text: str) -> str:
    return re.sub(r"\d{4}-\d{2}-\d{2}", "DATE", text)


def through(pipe: str, output: str) -> str:
    """Return what the rest of a shell's line, such as `| cut -f 4`, makes of the output of a program."""
    return subprocess.run(f"cat {pipe}", shell=True, input=output, stdout=subprocess.PIPE, text=True, check=True).stdout


def test_the_sessions_print_what_they_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site/pictures").mkdir(parents=True)
    (tmp_path / "site/index.html").write_text("<html>")
    (tmp_path / "site/pictures/cat.png").write_bytes(b"0" * 33)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    shown = sessions()
    assert len(shown) == 16
    for command, output in shown:
        words, pipe = re.fullmatch(r"hubspot-files ([^|>]*)(.*)", command).groups()  # type: ignore[union-attr]
        ran = Run(capsys)(*shlex.split(words))
        printed = through(pipe, ran.out) if pipe else ran.out
        # The notes and the lines of the output are not in step in a pipe.
        lines = [
            line
            for line in [*printed.splitlines(), *ran.err.splitlines()]
            if not line.startswith("This is a sample account")
        ]
        assert sorted(undated(line) for line in lines if "works for" not in line) == sorted(
            undated(output).splitlines()
        ), command


def test_the_table_names_all_commands() -> None:
    table = re.findall(r"^\| \[?`(\w+)`", PAGE.partition("\n## ")[0], re.MULTILINE)
    assert sorted(table) == sorted(name for section in COMMANDS.values() for name in section)


def test_the_table_names_all_findings() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*)\|$", PAGE.partition("## audit, apply")[2], re.MULTILINE))
    assert list(rows) == list(KINDS)
    assert [kind for kind, change in rows.items() if change.strip()] == list(PROPOSABLE)
