"""The served emulator and hostile HTTP: requests whose length is ambiguous, and heads that never end."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from hubspot_files.emulator import _server
from hubspot_files.testing import Emulator, serve

FOLDERS = "/files/v3/folders"
NEW = b'{"name":"new"}'
# Seconds after which the server counts as waiting for the rest of a request.
_WAIT = 0.15
JSON = "Content-Type: application/json\r\n"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with serve() as emulator:
        yield emulator


def connect(emulator: Emulator) -> socket.socket:
    url = httpx.URL(emulator.base_url)
    assert url.port is not None
    return socket.create_connection((url.host, url.port), timeout=5)


def exchange(emulator: Emulator, sent: bytes) -> bytes:
    """Return all that comes back for some bytes, until the server closes, or waits for more."""
    received = b""
    with connect(emulator) as connection, contextlib.suppress(ConnectionError, TimeoutError):
        connection.sendall(sent)
        connection.settimeout(_WAIT)
        while chunk := connection.recv(65_536):
            received += chunk
    return received


def statuses(received: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


def post(
    emulator: Emulator, head: str, body: bytes, *, line: str = f"POST {FOLDERS} HTTP/1.1", last: bool = True
) -> bytes:
    """Return a request that creates a folder, if it is taken; after the last one, the connection is closed."""
    head = "Connection: close\r\n" * last + head
    return f"{line}\r\nHost: x\r\nAuthorization: Bearer {emulator.token}\r\n{JSON}{head}\r\n".encode("latin-1") + body


CHUNKED = "Transfer-Encoding: chunked\r\n"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(NEW), NEW)
LENGTH = f"Content-Length: {len(NEW)}\r\n"
# By name: the head, the body, and how many folders are created. None is created twice or by a second request.
SHAPES: dict[str, tuple[str, bytes, int]] = {
    "a length": (LENGTH, NEW, 1),
    "chunks": (CHUNKED, CHUNKS, 1),
    "chunks of a byte": (CHUNKED, b"".join(b"1\r\n%c\r\n" % byte for byte in NEW) + b"0\r\n\r\n", 1),
    "extensions of chunks": (CHUNKED, b"e;a=b\r\n" + NEW + b"\r\n0;c\r\n\r\n", 1),
    "trailers": (CHUNKED, b"e\r\n" + NEW + b"\r\n0\r\nX-A: b\r\n\r\n", 1),
    "lower case": (CHUNKED.lower(), CHUNKS, 1),
    "twice the same length": (LENGTH * 2, NEW, 1),
    "a list of one length": (f"Content-Length: {len(NEW)}, {len(NEW)}\r\n", NEW, 1),
    "a length and chunks": (LENGTH + CHUNKED, CHUNKS, 1),
    "chunks and a length": (CHUNKED + LENGTH, CHUNKS, 1),
    "two lengths": (LENGTH + "Content-Length: 3\r\n", NEW, 0),
    "a list of lengths": (f"Content-Length: {len(NEW)}, 3\r\n", NEW, 0),
    "a negative length": ("Content-Length: -1\r\n", NEW, 0),
    "a length with a sign": (f"Content-Length: +{len(NEW)}\r\n", NEW, 0),
    "a length in hexadecimal digits": ("Content-Length: 0xe\r\n", NEW, 0),
    "a length with a fraction": (f"Content-Length: {len(NEW)}.0\r\n", NEW, 0),
    "a length with digits of another script": ("Content-Length: \xb2\r\n", NEW, 0),
    "an empty length": ("Content-Length:\r\n", NEW, 0),
    "a length of thousands of digits": (f"Content-Length: {'9' * 5000}\r\n", NEW, 0),
    "a length without a body": (LENGTH, b"", 0),
    "a length that is too long": ("Content-Length: 100\r\n", NEW, 0),
    "a length that is too short": ("Content-Length: 5\r\n", NEW, 0),
    "no length": ("", NEW, 0),
    "another coding": ("Transfer-Encoding: gzip\r\n", CHUNKS, 0),
    "codings in the wrong order": ("Transfer-Encoding: chunked, gzip\r\n", CHUNKS, 0),
    "two codings": ("Transfer-Encoding: gzip, chunked\r\n", CHUNKS, 0),
    "two headers of codings": (CHUNKED + "Transfer-Encoding: identity\r\n", CHUNKS, 0),
    "an unknown coding": ("Transfer-Encoding: xchunked\r\n", CHUNKS, 0),
    "a coding after a control character": ("Transfer-Encoding: \x0bchunked\r\n", CHUNKS, 0),
    "a space before the colon": ("Transfer-Encoding : chunked\r\n", CHUNKS, 0),
    "a line that is folded": ("Transfer-Encoding:\r\n chunked\r\n", CHUNKS, 1),
    "a header without a name": (": chunked\r\n" + LENGTH, NEW, 0),
    "a header with a line feed alone": ("X-A: b\nX-B: c\r\n" + LENGTH, NEW, 1),
    "a carriage return alone": ("X-A: b\rX-B: c\r\n" + LENGTH, NEW, 0),
    "a null byte": ("X-A: \0\r\n" + LENGTH, NEW, 0),
    "chunks without an end": (CHUNKED, b"e\r\n" + NEW + b"\r\n", 0),
    "chunks without the last line": (CHUNKED, b"e\r\n" + NEW + b"\r\n0\r\n", 0),
    "a chunk that is too short": (CHUNKED, b"ff\r\n" + NEW + b"\r\n0\r\n\r\n", 0),
    "a chunk that is too long": (CHUNKED, b"3\r\n" + NEW + b"\r\n0\r\n\r\n", 0),
    "a chunk of negative length": (CHUNKED, b"-1\r\n" + NEW + b"\r\n0\r\n\r\n", 0),
    "a chunk with 0x": (CHUNKED, b"0xe\r\n" + NEW + b"\r\n0\r\n\r\n", 0),
    "a chunk of 2**70 bytes": (CHUNKED, b"400000000000000000\r\n" + NEW, 0),
    "a chunk with spaces": (CHUNKED, b" e\r\n" + NEW + b"\r\n0\r\n\r\n", 0),
    "line feeds of chunks": (CHUNKED, b"e\n" + NEW + b"\n0\n\n", 0),
    "an endless extension": (CHUNKED, b"e;" + b"a" * 200_000, 0),
    "thousands of headers": ("X-A: b\r\n" * 20_000 + LENGTH, NEW, 0),
    "expects to continue": ("Expect: 100-continue\r\n" + LENGTH, NEW, 1),
    "expects something else": ("Expect: miracles\r\n" + LENGTH, NEW, 1),
    "an upgrade": ("Connection: Upgrade\r\nUpgrade: websocket\r\n" + LENGTH, NEW, 1),
    "an upgrade to HTTP/2": ("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n" + LENGTH, NEW, 1),
}
LINES = {
    "no version": f"POST {FOLDERS}",
    "HTTP/2": f"POST {FOLDERS} HTTP/2",
    "two spaces": f"POST  {FOLDERS} HTTP/1.1",
    "a space in the path": f"POST {FOLDERS} {FOLDERS} HTTP/1.1",
    "a null byte": f"POST {FOLDERS}\0 HTTP/1.1",
    "a method with a colon": f"PO:ST {FOLDERS} HTTP/1.1",
    "HTTP/2 without an upgrade": "PRI * HTTP/2.0",
}


def forget(emulator: Emulator) -> int:
    """Delete the folders that were created, and return their number."""
    created = [folder for folder in emulator.folders if not folder.archived]
    headers = {"Authorization": f"Bearer {emulator.token}"}
    for folder in created:
        assert httpx.delete(f"{emulator.base_url}{FOLDERS}/{folder.id}", headers=headers).status_code == 204
    return len(created)


def test_a_request_is_taken_once_or_refused(emulator: Emulator) -> None:
    for name, (head, body, wanted) in SHAPES.items():
        received = exchange(emulator, post(emulator, head, body))
        found = [status for status in statuses(received) if status != 100]
        created = forget(emulator)
        assert created == wanted, (name, received[:300])
        assert created == found.count(201), name
        # The rest of a request that is refused can be taken for another one, and has no effect then.
        assert all(status >= 400 for status in found if status != 201), name
        assert len(found) <= 2, name


def test_a_request_line_of_another_form_is_refused(emulator: Emulator) -> None:
    for name, line in LINES.items():
        received = exchange(emulator, post(emulator, LENGTH, NEW, line=line))
        assert statuses(received) in ([], [400], [404], [505]), (name, received[:300])
        assert forget(emulator) == 0, name


def test_requests_in_one_write_have_their_own_responses(emulator: Emulator) -> None:
    forget(emulator)
    sent = (
        post(emulator, LENGTH, NEW, last=False)
        + post(emulator, CHUNKED, CHUNKS, last=False)
        + post(emulator, LENGTH, NEW)
    )
    assert statuses(exchange(emulator, sent)) == [201, 409, 409]
    # What follows a request whose length is unclear is no request.
    hidden = post(emulator, LENGTH, NEW)
    forget(emulator)
    received = exchange(emulator, post(emulator, LENGTH + "Content-Length: 0\r\n", hidden))
    assert (statuses(received), forget(emulator)) == ([400], 0)


def test_slow_heads_do_not_delay_others_and_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_server, "_HEAD_WITHIN", 0.5)
    with serve() as emulator, contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connect(emulator)) for _ in range(200)]
        for number, connection in enumerate(slow):
            connection.sendall(b"GET /files/v3/files/1 HTTP/1.1\r\nHost: x\r\nX-A: b"[: number % 50])
        headers = {"Authorization": f"Bearer {emulator.token}"}
        assert httpx.get(f"{emulator.base_url}{FOLDERS}/search", headers=headers).status_code == 200
        # A byte now and then does not extend the time.
        started = time.monotonic()
        while time.monotonic() - started < 0.6:
            for connection in slow[:20]:
                with contextlib.suppress(OSError):
                    connection.sendall(b"a")
            time.sleep(0.1)
        for connection in slow:
            with contextlib.suppress(ConnectionError):
                assert connection.recv(65_536)[:12] in (b"", b"HTTP/1.1 400")
        assert httpx.get(f"{emulator.base_url}{FOLDERS}/search", headers=headers).status_code == 200
