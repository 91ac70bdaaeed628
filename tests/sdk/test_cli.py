"""The command: what a person reads, and the status that a script reads."""

from __future__ import annotations

import io
import re
import runpy
import subprocess
import sys
from typing import Any

import pytest

import hubspot_files
from hubspot_files import HubSpotFilesError
from hubspot_files.cli import _demo, main
from hubspot_files.testing import Emulator


class TestDemo:
    def test_shows_every_step_to_a_person(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["demo"]) == 0
        shown = capsys.readouterr().out
        lines = [line.strip() for line in shown.splitlines()]
        assert lines[0] == "hubspot-files demo: an emulated HubSpot in this process, no account, no network"
        assert [line for line in lines if re.match(r"\d\. ", line)] == [
            '1. hubspot.files.upload("cat.png", folder_path="/library/cat_archive")',
            "2. hubspot.files.signed_url(file.id, expires_in=timedelta(minutes=10))",
            "3. anyone who holds that URL fetches the content, with no token",
            '4. hubspot.files.download(file.id, "copy.png")',
            "5. eleven minutes later by HubSpot's clock",
            "6. hubspot.files.delete(file.id)",
        ]
        for expected in (
            "path         /library/cat_archive/cat.png",
            "access       PRIVATE",
            "type         IMG, 225 x 219 pixels",
            "✓ its plain URL answers 404 to anyone, as of a private file",
            "✓ it works for ten minutes, by HubSpot's clock and not by ours",
            "✓ the copy is the same, byte for byte",
            "✓ the signed URL is refused: 403",
            "✓ the file is gone: files.get raises NotFoundError",
        ):
            assert expected in lines
        assert sum(line.startswith("✓ ") for line in lines) == 14
        assert lines[-1].startswith("All of it held.")

    def test_the_secret_of_the_signed_url_is_not_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["demo"])
        [url] = re.findall(r"url +(\S+)", capsys.readouterr().out)
        assert re.fullmatch(r"https://storage\.hubspot-emulator\.test/[^?]+\?\.\.\.", url)

    def test_a_step_that_does_not_hold_is_shown_and_ends_it(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_demo, "png", lambda width, height: b"no picture")
        assert main(["demo"]) == 1
        shown = capsys.readouterr().out
        assert shown.endswith("\nThis step did not hold: StepFailedError: HubSpot saw a picture of the right size\n")
        assert "All of it held" not in shown

    @pytest.mark.parametrize("error", [HubSpotFilesError("no"), OSError("no")])
    def test_an_error_is_shown_and_ends_it(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        def fails(*arguments: Any, **options: Any) -> Any:
            raise error

        monkeypatch.setattr(hubspot_files.HubSpotFiles, "__enter__", fails)
        assert main(["demo"]) == 1
        assert capsys.readouterr().out.endswith(f"\nThis step did not hold: {type(error).__name__}: no\n")

    def test_a_file_that_is_not_deleted_is_noticed(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = Emulator.client

        def careless(emulator: Emulator, **options: Any) -> Any:
            hubspot = client(emulator, **options)
            hubspot.files.delete = lambda file_id: None  # type: ignore[method-assign]
            return hubspot

        monkeypatch.setattr(Emulator, "client", careless)
        assert main(["demo"]) == 1
        assert "This step did not hold: StepFailedError: the file is gone\n" in capsys.readouterr().out

    @pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", None])
    def test_a_terminal_without_check_marks_gets_words(self, encoding: str | None) -> None:
        raw = io.BytesIO()
        out = io.StringIO() if encoding is None else io.TextIOWrapper(raw, encoding=encoding)
        assert _demo.run(out) == 0
        out.flush()
        shown = out.getvalue() if isinstance(out, io.StringIO) else raw.getvalue().decode(encoding or "ascii")
        assert "   ok: the copy is the same, byte for byte" in shown.splitlines()
        assert shown.isascii()

    def test_the_picture_is_one(self) -> None:
        picture = _demo.png(3, 2)
        assert picture.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x03\x00\x00\x00\x02\x08\x02")
        assert picture.endswith(b"\x00\x00\x00\x00IEND\xaeB`\x82")


class TestArguments:
    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            main(["--version"])
        assert ended.value.code == 0
        assert capsys.readouterr().out == f"hubspot-files {hubspot_files.__version__}\n"

    @pytest.mark.parametrize("arguments", [["unheard-of"], [], ["demo", "more"], ["--unheard-of"]])
    def test_a_wrong_call_ends_with_2(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        assert capsys.readouterr().err.startswith("usage: hubspot-files ")

    def test_help_names_the_commands(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            main(["--help"])
        assert ended.value.code == 0
        assert re.search(r"^ +demo +see an upload, a signed URL, a download", capsys.readouterr().out, re.MULTILINE)


class TestMissingExtra:
    def test_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setitem(sys.modules, "python_multipart", None)  # type: ignore[arg-type]  # as if it were not there
        assert main(["demo"]) == 1
        assert capsys.readouterr() == (
            "",
            'the demo needs python-multipart; install it with: pip install "hubspot-files[cli]"\n',
        )

    def test_the_rest_of_the_command_works_without_it(self) -> None:
        program = (
            "import sys; sys.modules['python_multipart'] = None; from hubspot_files.cli import main; main(['--help'])"
        )
        told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "status", "words"), [(["--version"], 0, hubspot_files.__version__), (["demo"], 0, "All of it held.")]
)
def test_runs_as_a_module(arguments: list[str], status: int, words: str) -> None:
    command = [sys.executable, "-W", "error", "-m", "hubspot_files.cli", *arguments]
    told = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    assert (told.returncode, told.stderr) == (status, "")
    assert words in told.stdout


def test_as_a_module_it_is_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["hubspot-files", "--unheard-of"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("hubspot_files.cli", run_name="__main__")
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: hubspot-files ")
