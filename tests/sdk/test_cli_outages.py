"""Messages of the command about connections and servers that fail, at the width of a terminal."""

from __future__ import annotations

import socket
import ssl
from typing import Any

import httpx
import pytest

from hubspot_files import ConnectionFailedError, RequestTimeoutError, ServerError
from hubspot_files._errors import APIError, NotFoundError
from hubspot_files.cli._errors import explanation
from hubspot_files.cli._text import folded
from hubspot_files.testing import Emulator, serve, use_clock

from .command_line import Run, on_terminal

PAGE = b"<html>Service Unavailable</html>"


def lost(
    cause: Exception | None, *, host: str = "api.hubapi.com", attempts: int = 5, timeout: bool = False
) -> ConnectionFailedError:
    """Return the error of a request without a response."""
    error = (RequestTimeoutError if timeout else ConnectionFailedError)("GET /x: could not connect: no socksio")
    error.host, error.attempts, error.__cause__ = host, attempts, cause
    return error


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


REFUSED = caused(httpx.ConnectError("refused"), ConnectionRefusedError(111, "Connection refused"))
NETWORK = "Check the network, and try again later; https://status.hubspot.com tells of outages."


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (lost(REFUSED), f"could not connect to api.hubapi.com, after 5 tries: Connection refused.\n{NETWORK}"),
        (
            lost(caused(httpx.ConnectError("x"), socket.gaierror(-2, "Name or service not known")), attempts=1),
            f"the host api.hubapi.com was not found, after 1 try.\n{NETWORK}",
        ),
        (
            lost(httpx.ReadTimeout(""), timeout=True),
            f"api.hubapi.com did not respond in time, after 5 tries.\n{NETWORK}",
        ),
        (
            lost(httpx.ReadTimeout(""), host="", timeout=True),
            f"HubSpot did not respond in time, after 5 tries.\n{NETWORK}",
        ),
        (
            lost(httpx.ReadError("[Errno 104] Connection reset by peer")),
            f"the connection to api.hubapi.com was cut, after 5 tries: Connection reset by peer.\n{NETWORK}",
        ),
        (
            lost(None, host="", attempts=1),
            f"the connection to HubSpot was cut, after 1 try.\n{NETWORK}",
        ),
        (
            lost(
                caused(
                    httpx.ConnectError("x"),
                    ssl.SSLCertVerificationError(
                        1,
                        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate "
                        "(_ssl.c:1006)",
                    ),
                )
            ),
            "there is no secure connection to api.hubapi.com: certificate verify failed: self-signed certificate.\n"
            "If your company inspects connections, set SSL_CERT_FILE to its certificates.",
        ),
        (
            lost(caused(httpx.UnsupportedProtocol("the proxy needs socksio"), ImportError("socksio"))),
            "could not connect to api.hubapi.com: the proxy needs socksio",
        ),
    ],
)
def test_of_connections(error: ConnectionFailedError, text: str) -> None:
    assert explanation(error) == text


def test_of_connections_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hunter2@proxy.example:3128")
    assert explanation(lost(httpx.ProxyError("407 Proxy Authentication Required"))) == (
        "could not connect to api.hubapi.com, after 5 tries: 407 Proxy Authentication Required.\n"
        "Check the network and the proxy (HTTPS_PROXY or the system's settings), and try again."
    )


def test_of_connections_to_another_base_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSPOT_BASE_URL", "https://hubspot.example:8443")
    advice = "Check HUBSPOT_BASE_URL, which names this host; without it, HubSpot is used."
    assert explanation(lost(REFUSED, host="hubspot.example:8443")).splitlines()[1] == advice
    untrusted = lost(caused(httpx.ConnectError("x"), ssl.SSLError(1, "[SSL] wrong version number")))
    untrusted.host = "hubspot.example:8443"
    assert explanation(untrusted) == (
        "there is no secure connection to hubspot.example:8443: wrong version number.\n"
        f"{advice} If your company inspects connections, set SSL_CERT_FILE to its certificates."
    )
    # Such as a host of signed URLs.
    assert explanation(lost(REFUSED, host="cdn.example")).splitlines()[1] == NETWORK


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "HubSpot is not available or failed, after 5 tries (503).\n"),
        ({"message": "no room"}, "HubSpot is not available or failed, after 5 tries (503): no room\n"),
    ],
)
def test_of_servers(body: dict[str, Any], text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    error = ServerError("no room", request="GET /x", status_code=503, body=body, correlation_id="4-2")
    error.attempts = 5
    assert explanation(error) == (
        f"{text}Try again later; https://status.hubspot.com tells of outages. Correlation id for HubSpot's support: 4-2"
    )
    monkeypatch.setenv("HUBSPOT_BASE_URL", "https://hubspot.example")
    assert explanation(error).startswith("the server https://hubspot.example (HUBSPOT_BASE_URL) is not available")


@pytest.mark.parametrize("kind", [APIError, NotFoundError])
def test_of_servers_that_are_not_hubspot(kind: type[APIError], monkeypatch: pytest.MonkeyPatch) -> None:
    error = kind("it is HTML", request="GET /x", status_code=404)
    assert explanation(error) == "GET /x: 404: it is HTML"
    monkeypatch.setenv("HUBSPOT_BASE_URL", "https://hubspot.example")
    assert explanation(error) == (
        "https://hubspot.example does not respond as HubSpot does: 404, it is HTML.\n"
        "Check HUBSPOT_BASE_URL; without it, HubSpot is used."
    )


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Any:
    with serve() as served:
        monkeypatch.setenv("HUBSPOT_BASE_URL", served.base_url)
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", served.token)
        yield served


@pytest.mark.promise("A `ConnectionFailedError` has the `host` of the request, and both have the number of `attempts`.")
def test_an_outage_is_told_after_all_tries(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    emulator.fail("status", status=503, body=PAGE, headers={"content-type": "text/html"}, count=None)
    # On the emulator's clock, the waits take no time.
    with use_clock(emulator.clock):
        ran = Run(capsys)("stat", "hubspot:/cat.png")
    assert ran.status == 1
    assert ran.err.splitlines()[-2:] == [
        f"hubspot-files stat: the server {emulator.base_url} (HUBSPOT_BASE_URL) is not available or failed, "
        "after 5 tries (503).",
        "Try again later.",
    ]


def test_a_server_that_is_not_hubspot_is_no_missing_file(
    emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    emulator.fail("status", status=404, body=PAGE, headers={"content-type": "text/html"}, count=None)
    ran = Run(capsys)("stat", "hubspot:/cat.png")
    assert ran.err.startswith(f"hubspot-files stat: {emulator.base_url} does not respond as HubSpot does: 404, ")


@pytest.mark.parametrize("columns", [80, 40])
def test_messages_break_between_words(columns: int) -> None:
    for arguments in (("ls",), ("login",), ("download", "hubspot:/a/folder"), ("sync", "a/b", "/c/d")):
        ran = on_terminal(*arguments, columns=columns, environment={"HUBSPOT_ACCESS_TOKEN": ""})
        assert ran.status == 2
        assert max(len(line) for line in ran.lines) <= columns
        assert "hubspot-files " in " ".join(ran.lines)


def test_a_question_breaks_between_words(emulator: Emulator) -> None:
    emulator.add_file("/folder/with-a-name-of-some-length/cat.png", b"x")
    path = "hubspot:/folder/with-a-name-of-some-length/cat.png"
    ran = on_terminal("rm", path, columns=60, answers={"[y/N]": "n\n"})
    assert [line.rpartition("\r")[2] for line in ran.lines[-4:-1]] == [
        "Delete 1 file",
        f"({path}), 1 B in",
        "all? [y/N]: n",
    ]


def test_folded_keeps_lines_and_long_words() -> None:
    assert folded("one two\n\nhubspot:/a-path-that-is-long three", 10) == (
        "one two\n\nhubspot:/a-path-that-is-long\nthree"
    )
