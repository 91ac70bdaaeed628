"""Waits of the command: for the rate limit, and before retries."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest

from hubspot_files.cli._output import Output
from hubspot_files.testing import Emulator, serve, use_clock

from .command_line import Run, on_terminal


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with serve() as served:
        monkeypatch.setenv("HUBSPOT_BASE_URL", served.base_url)
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", served.token)
        yield served


@pytest.mark.parametrize(("json", "line"), [(False, "waits 8 s: the rate limit\n"), (True, "")])
def test_in_a_pipe_a_long_wait_is_one_line(capsys: pytest.CaptureFixture[str], json: bool, line: str) -> None:
    waits = Output(json=json).waits
    for seconds in (0.2, 3, 8, 7):
        waits.add(seconds, "the rate limit")
    assert capsys.readouterr() == ("", line)
    waits.in_progress = True
    waits.add(20, "the daily limit")
    assert capsys.readouterr() == ("", "")
    assert waits.text(narrow=False) == "waits 20 s: the daily limit"
    assert waits.text(narrow=True) == "waits 20 s"


def test_without_a_wait_there_is_no_text() -> None:
    assert Output().waits.text(narrow=False) == ""


def test_commands_that_only_read_tell_of_waits(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(6):
        emulator.add_file(f"/{number}.txt", b"x")
    emulator.rate_limit("TEN_SECONDLY_ROLLING", 3)
    run = Run(capsys)
    level = logging.getLogger("hubspot_files").level
    # On the emulator's clock, the waits take no time.
    with use_clock(emulator.clock):
        ran = run("ls", *(f"hubspot:/{number}.txt" for number in range(6)))
        assert (ran.status, len(ran.lines)) == (0, 6)
        assert ran.err.startswith("waits 1")
        assert ran.err.endswith(" s: the rate limit\n")
        emulator.rate_limit("TEN_SECONDLY_ROLLING", None)
        emulator.clock.advance(60)
        emulator.fail("status", status=503, headers={"retry-after": "30"})
        ran = run("stat", "hubspot:/1.txt")
        assert ran.status == 0
        assert "waits 30 s: HubSpot responded 503\n" in ran.err
    assert logging.getLogger("hubspot_files").level == level
    assert not [each for each in logging.getLogger("hubspot_files").handlers if type(each).__name__ == "Waits"]


def test_progress_on_a_terminal_shows_waits(emulator: Emulator) -> None:
    for number in range(9):
        emulator.add_file(f"/in/{number}.txt", b"x")
    emulator.rate_limit("TEN_SECONDLY_ROLLING", 9, 2.0)
    ran = on_terminal("access", "sensitive", "-R", "hubspot:/in", "--yes", columns=40)
    assert ran.status == 0
    assert re.search(r"files \d/9 .* waits [12] s *\r", ran.out)
    assert ran.out.endswith("9 changed\n")


def test_a_terminal_shows_waits_between_tries(emulator: Emulator) -> None:
    # The delays of the retries are random, and some may be too short to be shown.
    emulator.fail("status", status=503, body=b"<html>", headers={"retry-after": "1"}, count=1)
    emulator.add_file("/1.txt", b"x")
    ran = on_terminal("stat", "hubspot:/1.txt")
    assert ran.lines[0] == "waits 1 s: HubSpot responded 503"
