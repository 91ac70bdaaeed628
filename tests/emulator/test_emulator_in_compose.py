"""The container file and the compose file of the emulator: their commands, ports and settings agree."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest

from hubspot_files.cli import _emulator, main
from hubspot_files.testing import Emulator

FOLDER = Path(__file__).parents[2] / "examples" / "emulator_in_compose"
CONTAINER = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
BASE_URL, TOKEN = (
    re.search(rf"{name}: (\S+)", COMPOSE)[1]  # type: ignore[index]
    for name in ("HUBSPOT_BASE_URL", "HUBSPOT_ACCESS_TOKEN")
)


def command(instruction: str) -> list[str]:
    """Return the command of an instruction of the container file."""
    [found] = re.findall(rf"^{instruction}(?: --\S+)*(?: CMD)? (\[.*\])$", CONTAINER, re.MULTILINE)
    parts: list[str] = json.loads(found)
    return parts


def test_the_container_serves_what_the_application_uses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served: list[tuple[str, list[str]]] = []

    def serve(emulator: Emulator, sockets: _emulator.Sockets, **_: object) -> None:
        served.append((emulator.base_url, list(emulator.tokens)))
        assert sockets.on_all_addresses

    monkeypatch.setattr(_emulator, "serve", serve)
    program, *arguments = command("ENTRYPOINT") + command("CMD")
    assert program == "hubspot-files"
    # Port 8080 can be in use on this machine.
    assert arguments[-4:] == ["--port", "8080", "--token", TOKEN]
    arguments[-3] = "0"
    assert main(arguments) == 0, capsys.readouterr().err
    assert [tokens for _, tokens in served] == [[TOKEN]]
    assert BASE_URL == "http://emulator:8080"
    assert "\nEXPOSE 8080 8081\n" in CONTAINER
    assert re.findall(r'- "127\.0\.0\.1:(\d+):(\d+)"', COMPOSE) == [("8080", "8080"), ("8081", "8081")]


def test_the_container_is_healthy_while_the_control_route_responds(monkeypatch: pytest.MonkeyPatch) -> None:
    requests: list[tuple[str, str]] = []

    class HTTPConnection:
        status = 200

        def __init__(self, host: str, port: int, *, timeout: float) -> None:
            assert (host, port) == ("127.0.0.1", 8080)

        def request(self, method: str, path: str) -> None:
            requests.append((method, path))

        def getresponse(self) -> HTTPConnection:
            return self

    monkeypatch.setattr("http.client.HTTPConnection", HTTPConnection)
    python, option, program = command("HEALTHCHECK")
    assert (python, option) == ("python", "-c")
    for HTTPConnection.status in (200, 500):
        with pytest.raises(SystemExit) as ended:
            exec(program, {})
        assert bool(ended.value.code) is (HTTPConnection.status != 200)
    assert requests == [("GET", "/_emulator")] * 2


def test_the_container_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (\S+)$", CONTAINER, re.MULTILINE) == ["nobody"]
    assert CONTAINER.index("\nUSER") < CONTAINER.index("\nENTRYPOINT")


def test_the_application_works(capsys: pytest.CaptureFixture[str]) -> None:
    with (
        Emulator(base_url=BASE_URL, storage_url="http://emulator:8081") as emulator,
        emulator.patch(),
        pytest.MonkeyPatch.context() as environment,
    ):
        emulator.add_token(token=TOKEN)
        environment.setenv("HUBSPOT_ACCESS_TOKEN", TOKEN)
        runpy.run_path(str(FOLDER / "application.py"), run_name="__main__")
    assert capsys.readouterr().out.endswith("/greetings/hello.txt\nHello from a container.\n")
