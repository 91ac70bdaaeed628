"""`hubspot-files emulator verify`."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from hubspot_files.testing import ASSUMPTIONS, serve

from .command_line import Run

NAMES = [assumption.name for assumption in ASSUMPTIONS]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def test_confirms_on_the_sample_account(run: Run, tmp_path: Path) -> None:
    report, table = tmp_path / "report.json", tmp_path / "report.md"
    ran = run("emulator", "verify", "--emulator", "--yes", "--report", report, "--table", table)
    assert ran.status == 0
    assert [line.split()[1] for line in ran.lines] == NAMES
    assert {line.split()[0] for line in ran.lines} == {"confirmed", "unknown"}
    assert re.search(r"\d+ assumptions: \d+ confirmed, 0 refuted, \d+ unknown", ran.err)
    found = json.loads(report.read_text("utf-8"))
    assert [finding["name"] for finding in found["findings"]] == NAMES
    assert table.read_text("utf-8").count("\n| `") == len(NAMES)
    assert found["date"] in table.read_text("utf-8")


def test_refutes_on_an_account(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as emulator:
        kept = emulator.add_file("/theirs.txt", b"theirs")
        monkeypatch.setenv("HUBSPOT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", emulator.token)
        monkeypatch.setattr(time, "sleep", emulator.clock.advance)
        emulator.task_pace("polls", 0, 0)
        emulator.fail(status=403, operation="gdprDeleteFile", count=None)
        ran = run("emulator", "verify", "--yes", "--json")
        found = {record["name"]: record for record in ran.records}
        assert (ran.status, found["gdpr-after-delete"]["outcome"]) == (1, "refuted")
        assert "403" in found["gdpr-after-delete"]["detail"]
        # The task had ended when it was looked at.
        assert found["pending-dates"]["outcome"] == "unknown"
        assert [file.id for file in emulator.files if file.state == "live"] == [kept.id]


def test_says_what_it_would_verify(run: Run) -> None:
    ran = run("emulator", "verify", "--dry-run")
    assert (ran.status, len(ran.lines)) == (0, len(NAMES))
    assert "limit-refused: would verify" in ran.lines
    assert any(line.startswith("oauth-codes: would not verify, because ") for line in ran.lines)


def test_needs_an_agreement(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "pat-na1-nobody")
    ran = run("emulator", "verify")
    assert (ran.status, "pass --yes to agree" in ran.err) == (2, True)


def test_of_an_account_that_cannot_be_used(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as emulator:
        monkeypatch.setenv("HUBSPOT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "pat-na1-nobody")
        ran = run("emulator", "verify", "--yes")
    assert ran.status == 1
    assert "the account cannot be used: GET /files/v3/files/stat/verify-" in ran.err


def test_is_in_the_help_of_the_emulator(run: Run) -> None:
    assert "verify" in run("emulator", "--help").out
