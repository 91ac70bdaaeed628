"""The served emulator at the limits of its machine and its clients: serving, logging, shutdown."""

from __future__ import annotations

import errno
import logging
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hubspot_files.emulator import _server
from hubspot_files.emulator._limited_log import RateLimitFilter, advice
from hubspot_files.testing import Emulator, serve

FILES = "/files/v3/files"
DESCRIPTORS = 64
# asyncio retries after a second, here after a hundredth of one.
PROGRAM = f"""
import asyncio.constants, resource, sys
from hubspot_files.cli import main
asyncio.constants.ACCEPT_RETRY_DELAY = 0.01
resource.setrlimit(resource.RLIMIT_NOFILE, ({DESCRIPTORS}, {DESCRIPTORS}))
sys.exit(main(["emulator", "--port", "0", "--data", sys.argv[1]]))
"""


class Served:
    """`hubspot-files emulator` as a process with few file descriptors."""

    def __init__(self, folder: Path) -> None:
        self.errors = folder / "stderr"
        command = [sys.executable, "-c", PROGRAM, str(folder / "account")]
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert self.process.stdout is not None
        announced = ""
        while "Ctrl-C" not in announced:
            announced += self.process.stdout.readline()
        [url, token] = re.findall(r"export \w+=(\S+)", announced)
        self.url = httpx.URL(url)
        self.headers = {"Authorization": f"Bearer {token}"}

    def connect(self) -> socket.socket:
        assert self.url.port is not None
        return socket.create_connection((self.url.host, self.url.port), timeout=30)

    def logged(self) -> list[str]:
        return self.errors.read_text().splitlines()

    def upload(self, client: httpx.Client, content: bytes) -> httpx.Response:
        data = {"folderPath": "/in", "options": '{"access": "PRIVATE"}'}
        return client.post(FILES, data=data, files={"file": ("a.txt", content)})


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    try:
        yield served
    finally:
        served.process.kill()
        served.process.communicate()


def until(condition: Any) -> None:
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come to that within 30 seconds")


def test_open_connections_are_served_at_the_limit_of_open_files(served: Served) -> None:
    with httpx.Client(base_url=served.url, headers=served.headers, timeout=30) as client:
        assert served.upload(client, b"before").status_code == 201
        crowd = [served.connect() for _ in range(DESCRIPTORS * 3)]
        until(served.logged)
        # This connection is open already, and is still served.
        assert client.get(f"{FILES}/search").status_code == 200
        for _ in range(20):
            assert client.get(f"{served.url}/_emulator").status_code == 200
        line = (
            "no more connections are accepted for now, those that are open are served on: Too many open files; "
            "raise the limit of open files with `ulimit -n`, or open fewer connections at once"
        )
        assert served.logged() == [line]
        for connection in crowd:
            connection.close()
    with httpx.Client(base_url=served.url, headers=served.headers, timeout=30) as client:
        assert served.upload(client, b"after").status_code == 201
    crowd = [served.connect() for _ in range(DESCRIPTORS * 3)]
    served.process.send_signal(signal.SIGTERM)
    out, _ = served.process.communicate(timeout=30)
    assert (served.process.returncode, out.splitlines()[-1]) == (0, "ended")
    assert served.logged() == [line]
    for connection in crowd:
        connection.close()
    with Emulator(data=served.errors.parent / "account") as emulator:
        assert [file.content for file in emulator.files] == [b"before", b"after"]


def test_uploads_at_the_limit_of_open_files_are_refused(served: Served) -> None:
    with httpx.Client(base_url=served.url, headers=served.headers, timeout=30) as client:
        assert served.upload(client, b"before").status_code == 201
        connection = served.connect()
        connection.sendall(b"GET /_emulator HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
        crowd = [served.connect() for _ in range(DESCRIPTORS * 3)]
        until(served.logged)
        # This response closes its connection; one of the waiting connections takes its place.
        assert served.upload(client, b"too much").status_code == 500
        assert re.fullmatch(
            rf"the emulator failed to respond to POST {FILES}: Too many open files; raise the limit .+",
            served.logged()[1],
        )
        assert len(served.logged()) == 2
        for each in (*crowd, connection):
            each.close()
        until(lambda: served.upload(client, b"after").status_code == 201)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with serve() as emulator:
        yield emulator


def fails_with(error: Exception) -> Any:
    def fails(*_: object) -> Any:
        raise error

    return fails


def full() -> sqlite3.OperationalError:
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA max_page_count = 1")
    try:
        database.execute("CREATE TABLE a (b)")
    except sqlite3.OperationalError as error:
        return error
    finally:
        database.close()
    raise AssertionError


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left on device; free some space"),
        (OSError(errno.ENFILE, os.strerror(errno.ENFILE)), "Too many open files in system; close files or raise"),
        (full(), "database or disk is full; free some space"),
    ],
)
def test_a_lasting_limit_is_one_line_of_the_log(
    emulator: Emulator,
    error: Exception,
    reason: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(emulator._pipeline, "_respond", fails_with(error))
    for number in range(20):
        response = httpx.get(f"{emulator.base_url}{FILES}/{number}")
        assert (response.status_code, response.json()["category"]) == (500, "INTERNAL_ERROR")
    [record] = caplog.records
    assert record.getMessage().startswith(f"the emulator failed to respond to GET {FILES}/0: {reason}")
    assert record.exc_info is None


def test_a_failure_that_recurs_has_one_traceback(
    emulator: Emulator, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error in (ZeroDivisionError(), RuntimeError("can't start new thread")):
        monkeypatch.setattr(emulator._pipeline, "_respond", fails_with(error))
        for _ in range(20):
            assert httpx.get(f"{emulator.base_url}{FILES}/1").status_code == 500
    assert [record.exc_info and record.exc_info[0] for record in caplog.records] == [ZeroDivisionError, RuntimeError]


def test_invalid_http_is_one_line_of_the_log(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    url = httpx.URL(emulator.base_url)
    assert url.port is not None
    for sent in (b"\0\r\n\r\n", b"GET / HTTP/1.1\r\nA: " + b"b" * 100_000) * 10:
        with socket.create_connection((url.host, url.port), timeout=10) as connection:
            connection.sendall(sent)
            assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    assert [record.getMessage() for record in caplog.records] == ["Invalid HTTP request received."]


@pytest.mark.parametrize("sent", [b"", b"GET /files", b"GET /files HTTP/1.1\r\nHost: x\r\n"])
@pytest.mark.parametrize("before", [False, True])
def test_a_connection_without_a_request_head_is_closed(
    emulator: Emulator, sent: bytes, before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_server, "_HEAD_WITHIN", 0.1)
    url = httpx.URL(emulator.base_url)
    assert url.port is not None
    with socket.create_connection((url.host, url.port), timeout=30) as connection:
        if before:
            connection.sendall(b"HEAD /_emulator HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(1000).startswith(b"HTTP/1.1 405 ")
        connection.sendall(sent)
        assert connection.recv(100) == b""


def test_a_slow_body_is_accepted(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_server, "_HEAD_WITHIN", 0.1)
    url = httpx.URL(emulator.base_url)
    assert url.port is not None
    with socket.create_connection((url.host, url.port), timeout=30) as connection:
        connection.sendall(
            f"POST /files/v3/folders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {emulator.token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 13\r\n\r\n".encode()
        )
        time.sleep(0.3)
        connection.sendall(b'{"name": "a"}')
        assert connection.recv(100).startswith(b"HTTP/1.1 201 ")


def test_the_shutdown_waits_for_slow_clients_for_its_grace_period_only(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_server, "_GRACE", 0.1)
    connections = []
    with serve() as emulator:
        file = emulator.add_file("/a.bin", bytes(20_000_000), access="PUBLIC_INDEXABLE")
        for base, request in (
            (emulator.storage_url, f"GET {httpx.URL(file.url).path} HTTP/1.1\r\nHost: x\r\n\r\n"),
            (emulator.base_url, f"POST {FILES} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"),
        ):
            url = httpx.URL(base)
            assert url.port is not None
            connections.append(socket.create_connection((url.host, url.port), timeout=30))
            connections[-1].sendall(request.encode())
        until(lambda: len(emulator.requests) == 2)
        assert connections[0].recv(15) == b"HTTP/1.1 200 OK"
        started_at = time.perf_counter()
    assert time.perf_counter() - started_at < 5
    for connection in connections:
        connection.close()
    messages = [record.getMessage() for record in caplog.records]
    assert messages == ["Cancel 2 running task(s), timeout graceful shutdown exceeded"]


class TestRateLimitFilter:
    def test_logs_a_record_once_a_minute_with_its_count(self) -> None:
        now = [0.0]
        limit = RateLimitFilter(lambda: now[0])
        messages = []
        for second in range(0, 130, 10):
            now[0] = float(second)
            record = logging.LogRecord("a", logging.ERROR, "", 1, "no %s", (second,), None)
            if limit.filter(record):
                messages.append(record.getMessage())
        more = "(5 more like it since the last such line)"
        assert messages == ["no 0", f"no 60 {more}", f"no 120 {more}"]

    def test_counts_each_kind_of_record(self) -> None:
        limit = RateLimitFilter(lambda: 0.0)
        for text in ("a", "b"):
            assert [limit.filter(logging.LogRecord("a", 40, "", 1, text, (), None)) for _ in range(2)] == [True, False]

    def test_gives_advice_for_limits_only(self) -> None:
        assert advice(None) is None
        assert advice(KeyError("a")) is None
        assert advice(FileNotFoundError(errno.ENOENT, "not there")) is None
        assert advice(sqlite3.OperationalError("disk I/O error")) is None
