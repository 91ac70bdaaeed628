"""The token of a command, the sample account, errors, and secrets that stay out of the output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from hubspot_files.cli import _main
from hubspot_files.resources.files import Files
from hubspot_files.testing import Emulator, serve

from .command_line import Ran, Run, on_terminal

SECRET = "pat-na1-11112222-3333-4444-5555-666677778888"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Serve an account that accepts one token, which is not in the environment."""
    with serve() as served:
        served.add_token(token=SECRET)
        monkeypatch.setenv("HUBSPOT_BASE_URL", served.base_url)
        yield served


class Entries(KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self, entries: dict[tuple[str, str], str], error: Exception | None = None) -> None:
        self.entries = entries
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        if self.error is not None:
            raise self.error
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture
def entries() -> Iterator[Entries]:
    before = keyring.get_keyring()
    backend = Entries({("hubspot-files", "work"): SECRET})
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


class TestToken:
    def test_is_required(self, run: Run) -> None:
        assert run("ls") == Ran(
            2,
            "",
            "hubspot-files ls: no access token. Create a Service Key in HubSpot (Development > Keys > Service keys) "
            "with the scope files, or use a private app that you have.\nSet its token: export HUBSPOT_ACCESS_TOKEN=... "
            "Or pass --token-file or --keyring.\nTo try the command without an account, pass --emulator.\n",
        )

    def test_from_a_file(self, run: Run, emulator: Emulator, tmp_path: Path) -> None:
        (tmp_path / "token").write_text(f"{SECRET}\n")
        assert run("ls", "--token-file", tmp_path / "token").status == 0
        (tmp_path / "token").write_text("\n")
        ran = run("ls", "--token-file", tmp_path / "token")
        assert ran == Ran(2, "", f"hubspot-files ls: {tmp_path / 'token'} is empty; it must hold an access token\n")
        assert "does not exist" in run("ls", "--token-file", tmp_path / "no").err

    def test_from_a_keyring(self, run: Run, emulator: Emulator, entries: Entries) -> None:
        assert run("ls", "--keyring", "work").status == 0
        ran = run("ls", "--keyring", "home")
        assert ran.status == 2
        assert "the keyring has no entry 'home'; store the token with: keyring set hubspot-files home" in ran.err
        entries.error = KeyringError("it is locked")
        assert run("ls", "--keyring", "work").err == "hubspot-files ls: the keyring cannot be used: it is locked\n"

    def test_from_a_keyring_that_is_not_installed(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "keyring", None)  # type: ignore[arg-type]  # as if it were not there
        ran = run("ls", "--keyring", "work")
        message = 'hubspot-files ls: --keyring needs keyring; install it with: pip install "hubspot-files[keyring]"\n'
        assert ran == Ran(2, "", message)

    def test_from_one_place_only(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "token").write_text(SECRET)
        ran = run("ls", "--keyring", "work", "--token-file", tmp_path / "token")
        assert ran == Ran(2, "", "hubspot-files ls: pass one of --token-file and --keyring\n")
        ran = run("ls", "--keyring", "work", "--emulator")
        message = "hubspot-files ls: --emulator takes no token: leave --token-file and --keyring out\n"
        assert ran == Ran(2, "", message)

    def test_that_is_not_valid_is_named_by_its_place(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, entries: Entries
    ) -> None:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", f"{SECRET} ")
        (tmp_path / "token").write_text(f"{SECRET} {SECRET}")
        entries.entries["hubspot-files", "work"] = f"{SECRET}\n"
        for arguments, place in (
            ((), "HUBSPOT_ACCESS_TOKEN"),
            (("--token-file", tmp_path / "token"), f"the token in {tmp_path / 'token'}"),
            (("--keyring", "work"), "the token of the keyring's entry 'work'"),
        ):
            ran = run("ls", *arguments)
            assert ran.status == 2
            assert ran.err.startswith(f"hubspot-files ls: {place} is empty, or contains spaces, line ends or other")
            assert SECRET not in ran.err

    @pytest.mark.parametrize("option", ["--token", "--access-token"])
    def test_is_no_option(self, run: Run, option: str) -> None:
        ran = run("ls", option, SECRET)
        assert ran.status == 2
        assert "a token on the command line can be seen by others" in ran.err
        assert SECRET not in ran.err


class TestSecrets:
    def test_a_token_in_a_wrong_place_is_not_repeated(self, run: Run) -> None:
        for arguments in (["ls", SECRET], ["demo", SECRET], [SECRET], ["find", "--md5", "x", f"hubspot:{SECRET}"]):
            ran = run(*arguments)
            assert ran.status == 2
            assert SECRET not in ran.err
            assert "[secret]" in ran.err

    def test_a_token_of_another_form_is_not_repeated(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "CJ7-oauth-token-of-no-known-form")
        ran = run("ls", "CJ7-oauth-token-of-no-known-form")
        assert "CJ7" not in ran.err

    def test_a_refused_token_is_not_shown(self, run: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "pat-na1-00000000-0000-0000-0000-000000000000")
        for arguments in (["ls"], ["ls", "--debug"]):
            ran = run(*arguments)
            assert ran.status == 1
            assert "hubspot-files ls: HubSpot does not accept the access token: " in ran.err
            assert "pat-na1-0000" not in ran.err
            assert ("Traceback" in ran.err) is ("--debug" in arguments)


class TestErrors:
    @pytest.fixture(autouse=True)
    def token(self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", SECRET)

    def test_of_scopes(self, run: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", emulator.add_token(["files.read"]))
        ran = run("mkdir", "hubspot:/x")
        assert ran.status == 1
        first, second = ran.err.splitlines()
        assert first.startswith("hubspot-files mkdir: the access token lacks a scope: ")
        assert second.startswith("Grant the app one of these scopes")

    def test_of_the_daily_limit(self, run: Run, emulator: Emulator) -> None:
        emulator.rate_limit("DAILY", 0)
        ran = run("ls")
        assert ran.status == 1
        assert ran.err.startswith("hubspot-files ls: HubSpot's limit is reached: ")
        assert len(ran.err.splitlines()) == 2

    def test_of_hubspot(self, run: Run, emulator: Emulator) -> None:
        emulator.fail("status", operation="searchFiles", status=400)
        ran = run("find")
        assert ran.status == 1
        assert ran.err.startswith("hubspot-files find: GET /files/v3/files/search: 400: ")
        assert "Correlation id for HubSpot's support: " in ran.err

    def test_of_the_connection(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBSPOT_BASE_URL", "http://127.0.0.1:9")
        assert run("find") == Ran(
            1,
            "",
            "hubspot-files find: could not connect to 127.0.0.1:9, after 5 tries: Connection refused.\n"
            "Check HUBSPOT_BASE_URL, which names this host; without it, HubSpot is used.\n",
        )
        monkeypatch.setenv("HUBSPOT_BASE_URL", "http://example.com")
        ran = run("find")
        assert ran.status == 2
        assert ran.err.startswith("hubspot-files find: HUBSPOT_BASE_URL 'http://example.com' must be https://host")

    @pytest.mark.parametrize(
        ("error", "status", "message"),
        [
            (RuntimeError("broken"), 1, "unexpected RuntimeError: broken\nRun it again with --debug, and report what"),
            (OSError("no space"), 1, "no space"),
            (OSError(28, "No space left on device", "/tmp/x"), 1, "/tmp/x: No space left on device"),
            (ValueError("not valid"), 2, "not valid"),
        ],
    )
    def test_of_the_program(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, message: str
    ) -> None:
        def fails(*arguments: Any, **options: Any) -> Any:
            raise error

        monkeypatch.setattr(Files, "walk", fails)
        ran = run("find")
        assert (ran.status, ran.out) == (status, "")
        assert ran.err.startswith(f"hubspot-files find: {message}")
        assert "Traceback" not in ran.err
        assert "Traceback" in run("find", "--debug").err

    def test_ctrl_c_while_it_reads(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*arguments: Any, **options: Any) -> Any:
            raise KeyboardInterrupt

        monkeypatch.setattr(Files, "walk", interrupted)
        assert run("find") == Ran(130, "", "\nhubspot-files find: interrupted\n")


class TestSample:
    def test_needs_no_account(self, run: Run) -> None:
        ran = run("find", "--emulator", "--access", "public", "hubspot:/library")
        assert ran.err == "This is a sample account in memory. It is gone when the command ends.\n"
        assert sorted(ran.lines) == [
            "hubspot:/library/brochures/spring.pdf",
            "hubspot:/library/contracts/contract-2023.pdf",
            "hubspot:/library/pictures/cat.png",
        ]

    def test_has_something_of_each_kind(self, run: Run) -> None:
        summary = run("audit", "--emulator", "--json", "--large", "300kB").records[-1]
        counts = {name: count for name, count in summary.items() if name not in ("kind", "files", "access_unknown")}
        assert all(counts.values()), counts

    def test_needs_the_extra(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "python_multipart", None)  # type: ignore[arg-type]
        ran = run("ls", "--emulator")
        assert ran.err == (
            'hubspot-files ls: the emulator needs python-multipart; install it with: pip install "hubspot-files[cli]"\n'
        )

    def test_each_command_that_looks_is_readable(self) -> None:
        for command in (["ls"], ["find"], ["stat", "hubspot:/readme.txt"], ["audit"]):
            ran = on_terminal(*command, "--emulator", columns=40)
            assert ran.status == 0
            assert "\x1b" not in ran.out


def test_the_help_fits_a_narrow_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    for name in [name for section in _main.COMMANDS.values() for name in section]:
        ran = run(name, "--help")
        assert ran.status == 0
        assert ran.out.startswith(f"Usage: hubspot-files {name}")
        assert max(len(line) for line in ran.out.partition("Examples:")[0].splitlines()) <= 40
    assert on_terminal(name, "--help", columns=40).out == ran.out
