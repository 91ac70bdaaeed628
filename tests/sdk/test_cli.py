"""The command: its output for people, and its exit status for scripts."""

from __future__ import annotations

import importlib
import io
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

import hubspot_files
from hubspot_files import HubSpotFilesError
from hubspot_files.cli import _demo, _emulator, main
from hubspot_files.cli._main import _SYNONYMS, COMMANDS
from hubspot_files.testing import Emulator


class TestDemo:
    def test_prints_every_step(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["demo"]) == 0
        output = capsys.readouterr().out
        lines = [line.strip() for line in output.splitlines()]
        assert lines[0] == "hubspot-files demo: an emulated HubSpot in this process, no account, no network"
        assert [line for line in lines if re.match(r"\d\. ", line)] == [
            '1. hubspot.files.upload("cat.png", folder_path="/library/cat_archive")',
            "2. hubspot.files.signed_url(file.id, expires_in=timedelta(minutes=10))",
            "3. anyone with the URL can fetch the content, without a token",
            '4. hubspot.files.download(file.id, "copy.png")',
            "5. eleven minutes later, by HubSpot's clock",
            "6. hubspot.files.delete(file.id)",
        ]
        for expected in (
            "path         /library/cat_archive/cat.png",
            "access       PRIVATE",
            "type         IMG, 225 x 219 pixels",
            "✓ its plain URL responds 404 to anyone, because the file is private",
            "✓ it is valid for ten minutes, by HubSpot's clock",
            "✓ the copy is the same, byte for byte",
            "✓ the signed URL is refused: 403",
            "✓ the file is deleted: files.get raises NotFoundError",
        ):
            assert expected in lines
        assert sum(line.startswith("✓ ") for line in lines) == 14
        assert lines[-1].startswith("All steps succeeded.")

    def test_redacts_the_signed_url(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["demo"])
        [url] = re.findall(r"url +(\S+)", capsys.readouterr().out)
        assert re.fullmatch(r"https://storage\.hubspot-emulator\.test/[^?]+\?\.\.\.", url)

    def test_stops_at_a_failed_step(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_demo, "png", lambda width, height: b"no picture")
        assert main(["demo"]) == 1
        output = capsys.readouterr().out
        assert output.endswith("\nThis step failed: StepFailedError: HubSpot found a picture of the right size\n")
        assert "All steps succeeded" not in output

    @pytest.mark.parametrize("error", [HubSpotFilesError("no"), OSError("no")])
    def test_stops_at_an_error(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        def fails(*arguments: Any, **options: Any) -> Any:
            raise error

        monkeypatch.setattr(hubspot_files.HubSpotFiles, "__enter__", fails)
        assert main(["demo"]) == 1
        assert capsys.readouterr().out.endswith(f"\nThis step failed: {type(error).__name__}: no\n")

    def test_detects_a_file_that_is_not_deleted(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = Emulator.client

        def careless(emulator: Emulator, **options: Any) -> Any:
            hubspot = client(emulator, **options)
            hubspot.files.delete = lambda file_id: None  # type: ignore[method-assign]
            return hubspot

        monkeypatch.setattr(Emulator, "client", careless)
        assert main(["demo"]) == 1
        assert "This step failed: StepFailedError: the file is deleted\n" in capsys.readouterr().out

    @pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", None])
    def test_prints_ok_where_the_encoding_has_no_check_mark(self, encoding: str | None) -> None:
        raw = io.BytesIO()
        out = io.StringIO() if encoding is None else io.TextIOWrapper(raw, encoding=encoding)
        assert _demo.run(out) == 0
        out.flush()
        output = out.getvalue() if isinstance(out, io.StringIO) else raw.getvalue().decode(encoding or "ascii")
        assert "   ok: the copy is the same, byte for byte" in output.splitlines()
        assert output.isascii()

    def test_the_picture_is_a_valid_png(self) -> None:
        picture = _demo.png(3, 2)
        assert picture.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x03\x00\x00\x00\x02\x08\x02")
        assert picture.endswith(b"\x00\x00\x00\x00IEND\xaeB`\x82")


class Terminal(io.StringIO):
    """The standard output; it ends the command once the server is ready."""

    def __init__(self, number: signal.Signals = signal.SIGTERM) -> None:
        super().__init__()
        self._number = number
        self.response: httpx.Response | None = None

    def flush(self) -> None:
        if "Ctrl-C" in self.getvalue() and self.response is None:
            threading.Thread(target=self._end).start()
            self.response = httpx.Response(0)

    def _end(self) -> None:
        base_url, token = (
            re.findall(f"{name}=(\\S+)", self.getvalue())[0] for name in ("HUBSPOT_BASE_URL", "HUBSPOT_ACCESS_TOKEN")
        )
        headers = {"Authorization": f"Bearer {token}"}
        self.response = httpx.get(f"{base_url}/files/v3/files/search", headers=headers)
        os.kill(os.getpid(), self._number)


class TestEmulator:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_serves_until_interrupted(self, monkeypatch: pytest.MonkeyPatch, number: signal.Signals) -> None:
        monkeypatch.setattr(sys, "stdout", terminal := Terminal(number))
        before = signal.getsignal(number)
        assert main(["emulator", "--port", "0"]) == 0
        assert signal.getsignal(number) is before
        assert terminal.response is not None
        assert terminal.response.json() == {"results": []}
        lines = terminal.getvalue().splitlines()
        assert lines[0] == f"hubspot-files emulator {hubspot_files.__version__}: account 12345, in memory"
        assert lines[-2:] == ["Ctrl-C ends it.", "ended"]
        token = "pat-emu-[0-9a-f-]{36}"
        for expected in (
            r"  API      http://127\.0\.0\.1:\d+",
            r"  storage  http://127\.0\.0\.1:\d+  \(signed URLs and public files; takes no token\)",
            rf"  token    {token}  \(files files\.ui_hidden\.read files\.ui_hidden\.write\)",
            r"  control  http://127\.0\.0\.1:\d+/_emulator  \(.+\)",
            r"  export HUBSPOT_BASE_URL=http://127\.0\.0\.1:\d+",
            rf"  export HUBSPOT_ACCESS_TOKEN={token}",
        ):
            assert sum(re.fullmatch(expected, line) is not None for line in lines) == 1

    def test_takes_options(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        data = tmp_path / "account"
        tokens = ["--token", "mine=files.read,files.write", "--token", "all"]
        for _ in range(2):
            monkeypatch.setattr(sys, "stdout", terminal := Terminal())
            assert main(["emulator", "--port", "0", "--data", str(data), "--portal-id", "7", *tokens]) == 0
            assert terminal.response is not None
            assert terminal.response.status_code == 200
            output = terminal.getvalue()
            assert f"account 7, kept in {data}\n" in output
            assert "  token    mine  (files.read files.write)\n" in output
            assert "  token    all  (files files.ui_hidden.read files.ui_hidden.write)\n" in output
            assert "export HUBSPOT_ACCESS_TOKEN=mine\n" in output
            # The requested tokens, and no generated one.
            assert output.count("  token    ") == 2

    def test_lists_the_stored_tokens(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        made_up = "pat-emu-[0-9a-f-]{36}"
        for arguments, held in [
            ([], made_up),
            ([], made_up),
            (["--token", "mine=files"], "mine"),
            ([], "mine"),
            (["--token", "other"], "other"),
        ]:
            monkeypatch.setattr(sys, "stdout", terminal := Terminal())
            assert main(["emulator", "--port", "0", "--data", str(tmp_path), *arguments]) == 0
            assert terminal.response is not None
            assert terminal.response.status_code == 200
            [token] = re.findall(r"^  token    (\S+)", terminal.getvalue(), re.MULTILINE)
            assert re.fullmatch(held, token)
            assert f"export HUBSPOT_ACCESS_TOKEN={token}\n" in terminal.getvalue()
        with Emulator(data=tmp_path) as emulator:
            emulator.revoke_token("other")
        monkeypatch.setattr(sys, "stdout", terminal := Terminal())
        assert main(["emulator", "--port", "0", "--data", str(tmp_path)]) == 0
        assert re.search(f"HUBSPOT_ACCESS_TOKEN={made_up}\n", terminal.getvalue())

    def test_options_of_the_server(self, monkeypatch: pytest.MonkeyPatch) -> None:
        given: dict[str, object] = {}

        def made(**options: object) -> Emulator:
            given.update(options)
            raise ValueError

        monkeypatch.setattr(_emulator, "Emulator", made)
        names = ("search_lag", "promised_only", "honour_ranges", "download_redirects")
        assert main(["emulator", "--port", "0"]) == 2
        assert [given[name] for name in names] == [0, False, True, True]
        options = ["--search-lag", "1.5", "--promised-only", "--no-honour-ranges", "--no-download-redirects"]
        assert main(["emulator", "--port", "0", *options]) == 2
        assert [given[name] for name in names] == [1.5, True, False, False]

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ("--base-url https://emulator --storage-url https://storage", "export HUBSPOT_BASE_URL=https://emulator\n"),
            (
                "--base-url http://emulator --storage-url http://emulator:81",
                "export HUBSPOT_BASE_URL=http://emulator\n",
            ),
            ("--base-url http://emulator --storage-url https://storage", "export HUBSPOT_BASE_URL=http://emulator\n"),
            ("--base-url http://emulator --storage-url http://storage", "The SDK follows no link"),
            ("--base-url http://emulator", "export HUBSPOT_BASE_URL=http://emulator\n"),
            ("--base-url https://emulator", "The SDK follows no link"),
            ("--host 0.0.0.0", "export HUBSPOT_BASE_URL=http://NAME-OF-THIS-HOST:"),
            ("--host 0.0.0.0 --token mine", "export HUBSPOT_ACCESS_TOKEN=mine\n\nOther hosts reach it at http://NAME-"),
            ("--storage-url http://emulator", "The SDK follows no link"),
            ("--base-url http://emulator --storage-url http://emulator:81 --token mine", "put TLS in front"),
        ],
    )
    def test_prints_settings_that_the_sdk_accepts(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: str, words: str
    ) -> None:
        monkeypatch.setattr(_emulator, "serve", lambda *_, ready: ready())
        assert main(["emulator", "--port", "0", *options.split()]) == 0
        output = capsys.readouterr().out
        assert words in output
        assert ("export" in output) is ("export" in words)

    def test_accepts_the_highest_port(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdout", terminal := Terminal())
        assert main(["emulator", "--port", "65535"]) == 0
        assert "  API      http://127.0.0.1:65535\n" in terminal.getvalue()

    def test_refuses_a_port_in_use(self, capsys: pytest.CaptureFixture[str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            assert main(["emulator", "--port", str(port)]) == 2
        message = f"hubspot-files emulator: cannot listen on 127.0.0.1:{port}: Address already in use\n"
        assert capsys.readouterr() == ("", message)

    def test_refuses_a_host_of_another_machine(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["emulator", "--port", "0", "--host", "192.0.2.1"]) == 2
        assert "cannot listen on 192.0.2.1:0: " in capsys.readouterr().err

    def test_refuses_a_folder_in_use(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        with Emulator(data=tmp_path):
            assert main(["emulator", "--port", "0", "--data", str(tmp_path)]) == 2
        message = f"hubspot-files emulator: {tmp_path} is in use by another emulator\n"
        assert capsys.readouterr() == ("", message)

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--data", "/dev/null/account"], "/dev/null/account cannot be used: Not a directory"),
            (["--base-url", "x"], "'x' is not an origin such as https://api.hubapi.com"),
            (["--storage-url", "http://a/b"], "'http://a/b' is not an origin"),
            (["--search-lag", "-1"], "search_lag is a number of seconds from 0 to 31622400, not -1.0"),
            (["--token", "abc=foo"], "scopes are a list of some of files, files.delete, files.read, "),
        ],
    )
    def test_refuses_invalid_settings(
        self, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
    ) -> None:
        assert main(["emulator", "--port", "0", *arguments]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"hubspot-files emulator: {words}")
        assert err.count("\n") == 1

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--port", "65536"], "'65536' is not a port from 0 to 65535"),
            (["--port", "x"], "'x' is not a port"),
            (["--storage-port", "-1"], "'--storage-port': "),
            (["--portal-id", "0"], "'0' is not a whole number above 0"),
            (["--token", ""], "'' is not a token"),
            (["--token", "a="], "'a=' is not a token, or one with scopes such as my-token=files.read"),
            (["--token", "é"], "is not a token"),
            (["--seed", "x"], "'x' is not a valid integer"),
        ],
    )
    def test_refuses_invalid_options(
        self, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
    ) -> None:
        assert main(["emulator", *arguments]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert words in err

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_runs_as_a_process(self, number: signal.Signals) -> None:
        command = [sys.executable, "-W", "error", "-m", "hubspot_files.cli", "emulator", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("Ctrl-C"):
                    break
            process.send_signal(number)
            assert process.communicate(timeout=20) == ("ended\n", "")
        assert process.returncode == 0


class TestArguments:
    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--version"]) == 0
        assert capsys.readouterr() == (f"hubspot-files {hubspot_files.__version__}\n", "")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["unheard-of"], "hubspot-files: No such command 'unheard-of'.\nSee: hubspot-files --help\n"),
            (["audti"], "hubspot-files: No such command 'audti'. Did you mean 'audit'?\nSee: hubspot-files --help\n"),
            (
                ["delete"],
                "hubspot-files: No such command 'delete'. Use: hubspot-files rm hubspot:/library/old.pdf\n"
                "See: hubspot-files --help\n",
            ),
            (
                ["cp"],
                "hubspot-files: No such command 'cp'. Use: hubspot-files upload cat.png hubspot:/library or "
                "hubspot-files download hubspot:/library/cat.png .\nSee: hubspot-files --help\n",
            ),
            (
                ["login"],
                "hubspot-files: No such command 'login': a token is all it needs. Create a Service Key in HubSpot "
                "(Development > Keys > Service keys) with the scope files, or use a private app that you have.\n"
                "Set its token: export HUBSPOT_ACCESS_TOKEN=... Or pass --token-file or --keyring.\n"
                "See: hubspot-files --help\n",
            ),
            (["--unheard-of"], "hubspot-files: No such option '--unheard-of'.\nSee: hubspot-files --help\n"),
            (
                ["--json", "ls"],
                "hubspot-files: --json follows the command, such as: hubspot-files ls --json\n"
                "See: hubspot-files --help\n",
            ),
            (
                ["demo", "more"],
                "hubspot-files demo: Got unexpected extra argument (more)\nSee: hubspot-files demo --help\n",
            ),
        ],
    )
    def test_a_usage_error_exits_with_2(
        self, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(arguments) == 2
        assert capsys.readouterr() == ("", message)

    def test_examples_for_other_names_are_valid(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        for name, examples in _SYNONYMS.items():
            assert name not in {command for section in COMMANDS.values() for command in section}
            for example in examples:
                command, *arguments = shlex.split(example)
                # All options and arguments are known, so that the help is printed.
                assert main([command, *arguments, "--help"] if arguments else [command]) in (0, 2)
                assert "No such" not in capsys.readouterr().err

    def test_without_a_command_it_prints_the_help(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("Usage: hubspot-files ")

    def test_help_names_the_commands(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--help"]) == 0
        output = capsys.readouterr().out
        assert re.search(r"^ +demo +See an upload, a signed URL, a download", output, re.MULTILINE)
        assert set(re.findall(r"^  (\w+)  ", output, re.MULTILINE)) == {
            name for section in COMMANDS.values() for name in section
        }

    @pytest.mark.parametrize("name", [name for section in COMMANDS.values() for name in section])
    def test_each_command_has_a_help_with_an_example(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([name, "--help"]) == 0
        output = capsys.readouterr().out
        assert output.startswith(f"Usage: hubspot-files {name} ")
        assert re.search(r"Examples:\n.*hubspot-files", output)
        assert max(len(line) for line in output.splitlines()) <= 80


class TestStart:
    def test_version_imports_no_command(self) -> None:
        program = (
            "import sys; from hubspot_files.cli import main; main(['--version']);"
            "print({'keyring', 'hubspot_files.emulator', 'hubspot_files.cli._command'} & {*sys.modules})"
        )
        completed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert (completed.stdout.splitlines()[1:], completed.stderr) == (["set()"], "")

    @pytest.mark.parametrize("module", ["click", "rich"])
    def test_names_the_extra_to_install(
        self, module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setitem(sys.modules, module, None)  # type: ignore[arg-type]  # as if it were not there
        assert main(["--version"]) == 1
        message = f'hubspot-files needs {module}; install it with: pip install "hubspot-files[cli]"\n'
        assert capsys.readouterr() == ("", message)


class TestCompletion:
    @pytest.mark.parametrize(
        ("shell", "words"),
        [
            ("bash", "complete -o nosort -F _hubspot_files_completion hubspot-files"),
            ("zsh", "compdef _hubspot_files_completion hubspot-files"),
            ("fish", "complete --no-files --command hubspot-files"),
        ],
    )
    def test_prints_the_script(self, shell: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["completion", shell]) == 0
        output = capsys.readouterr().out
        assert words in output
        assert f"_HUBSPOT_FILES_COMPLETE={shell}_complete" in output

    @pytest.mark.parametrize(
        ("words", "expected"),
        [("hubspot-files ", "audit"), ("hubspot-files aud", "audit"), ("hubspot-files ls --js", "--json")],
    )
    def test_completes_commands_and_options(self, words: str, expected: str) -> None:
        environment = {
            **os.environ,
            "_HUBSPOT_FILES_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
        }
        command = [sys.executable, "-W", "error", "-m", "hubspot_files.cli"]
        completed = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (completed.returncode, completed.stderr) == (0, "")
        assert f"plain,{expected}" in completed.stdout.splitlines()

    def test_of_a_command_that_does_not_exist_is_empty(self) -> None:
        environment = {
            **os.environ,
            "_HUBSPOT_FILES_COMPLETE": "bash_complete",
            "COMP_WORDS": "hubspot-files unheard-of ",
            "COMP_CWORD": "2",
        }
        command = [sys.executable, "-W", "error", "-m", "hubspot_files.cli"]
        completed = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (completed.returncode, completed.stderr) == (0, "")


class TestMissingExtra:
    @pytest.mark.parametrize(
        ("command", "module", "name"),
        [
            ("demo", "python_multipart", "python-multipart"),
            ("emulator", "python_multipart", "python-multipart"),
            ("emulator", "uvicorn", "uvicorn"),
        ],
    )
    def test_names_the_extra_to_install(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, module: str, name: str
    ) -> None:
        monkeypatch.setitem(sys.modules, module, None)  # type: ignore[arg-type]  # as if it were not there
        assert main([command]) == 1
        assert capsys.readouterr() == (
            "",
            f'the {command} needs {name}; install it with: pip install "hubspot-files[cli]"\n',
        )

    def test_the_rest_of_the_command_works_without_it(self) -> None:
        program = (
            "import sys; sys.modules['python_multipart'] = None; from hubspot_files.cli import main; main(['--help'])"
        )
        completed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert (completed.returncode, completed.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [(["--version"], 0, hubspot_files.__version__), (["demo"], 0, "All steps succeeded.")],
)
def test_runs_as_a_module(arguments: list[str], status: int, words: str) -> None:
    command = [sys.executable, "-W", "error", "-m", "hubspot_files.cli", *arguments]
    completed = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    assert (completed.returncode, completed.stderr) == (status, "")
    assert words in completed.stdout


def test_the_module_is_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["hubspot-files", "--unheard-of"])
    with pytest.raises(SystemExit) as ended:
        # Imported, not run by runpy: pytest loads the modules of its plugins' distributions with a loader of its own.
        importlib.import_module("hubspot_files.cli.__main__")
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("hubspot-files: No such option '--unheard-of'.")
