"""The servers of the benchmarks, as a separate process: `python -m benchmarks.servers bulk|small`.

`bulk` transfers large bodies with as little work as Python can do: a thread for each connection, `recv_into` and
`sendfile`. `small` responds to every request with one record, from one event loop. Both print their port, and respond
to `/calls` with the number of API calls that they got.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import re
import socket
import threading
from pathlib import Path
from typing import Any

_RANGE = re.compile(rb"range: bytes=(\d+)-(\d+)", re.IGNORECASE)
_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"
_WINDOW = 1024 * 1024


def record(number: str, size: int, md5: str) -> dict[str, Any]:
    """Return a File as in a response of the API."""
    return {
        "id": number,
        "createdAt": "2024-06-28T17:56:45.393Z",
        "updatedAt": "2024-06-28T17:56:45.393Z",
        "archived": False,
        "parentFolderId": "2",
        "name": "cat",
        "path": "/library/cat_archive/cat.png",
        "size": size,
        "height": 219,
        "width": 225,
        "encoding": "png",
        "type": "IMG",
        "extension": "png",
        "defaultHostingUrl": "https://example.com/cat.png",
        "url": "https://example.com/cat.png",
        "isUsableInContent": True,
        "access": "PRIVATE",
        "fileMd5": md5,
    }


def message(status: bytes, body: bytes) -> bytes:
    """Return a complete response with JSON."""
    head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
    return head + body


class Bulk:
    """Read and discard uploads, and serve one small file as `1` and one large file as `2`."""

    def __init__(self, large: Path) -> None:
        small = large.with_name("small")
        small.write_bytes(b"small")
        self._files = {"1": small, "2": large}
        self._records = {}
        for number, path in self._files.items():
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "md5").hexdigest()
            self._records[number] = record(number, path.stat().st_size, digest)
        self._calls = 0
        self._lock = threading.Lock()

    def listen(self) -> None:
        """Serve until the process is ended."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self._port = listener.getsockname()[1]
            print(self._port, flush=True)
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        window = memoryview(bytearray(_WINDOW))
        with connection, contextlib.suppress(ConnectionError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pending = b""
            while True:
                while _END not in pending:
                    chunk = connection.recv(65536)
                    if not chunk:
                        return
                    pending += chunk
                head, _, pending = pending.partition(_END)
                length = _LENGTH.search(head)
                left = int(length[1]) if length else 0
                taken = min(left, len(pending))
                pending, left = pending[taken:], left - taken
                while left:
                    got = connection.recv_into(window, min(left, _WINDOW))
                    if not got:
                        return
                    left -= got
                method, target = head.split(b"\r\n", 1)[0].decode().split(" ")[:2]
                self._respond(connection, method, target, _RANGE.search(head))

    def _respond(self, connection: socket.socket, method: str, target: str, wanted: re.Match[bytes] | None) -> None:
        path = target.partition("?")[0]
        if path == "/calls":
            connection.sendall(message(b"200 OK", str(self._calls).encode()))
            return
        if not path.startswith("/content/"):
            with self._lock:
                self._calls += 1
        number = "2" if "2" in path.rsplit("/", 2)[-2:] else "1"
        if method == "POST":
            connection.sendall(message(b"201 Created", json.dumps(self._records["1"]).encode()))
        elif path.endswith("/signed-url"):
            url = f"http://127.0.0.1:{self._port}/content/{number}"
            response = {"url": url, "expiresAt": "2100-01-01T00:00:00Z"}
            connection.sendall(message(b"200 OK", json.dumps(response).encode()))
        elif path.startswith("/content/"):
            size, tag = self._records[number]["size"], self._records[number]["fileMd5"].encode()
            first, last, status = 0, size - 1, b"200 OK"
            if wanted is not None:
                first, last = int(wanted[1]), min(int(wanted[2]), last)
                status = b"206 Partial Content\r\nContent-Range: bytes %d-%d/%d" % (first, last, size)
            length = last + 1 - first
            connection.sendall(b'HTTP/1.1 %s\r\nETag: "%s"\r\nContent-Length: %d\r\n\r\n' % (status, tag, length))
            with self._files[number].open("rb") as stream:
                connection.sendfile(stream, first, length)
        else:
            connection.sendall(message(b"200 OK", json.dumps(self._records[number]).encode()))


class Small(asyncio.Protocol):
    """Respond to every request, none of which has a body, with one record."""

    response = message(b"200 OK", json.dumps(record("1", 24574, "0" * 32)).encode())
    calls = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._pending = b""

    def data_received(self, data: bytes) -> None:
        *heads, self._pending = (self._pending + data).split(_END)
        for head in heads:
            if head.startswith(b"GET /calls "):
                self._transport.write(message(b"200 OK", str(Small.calls).encode()))
            else:
                Small.calls += 1
                self._transport.write(self.response)


async def _small() -> None:
    server = await asyncio.get_running_loop().create_server(Small, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("bulk", "small"))
    parser.add_argument("--large", type=Path, help="the large file that bulk serves")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        if arguments.kind == "bulk":
            Bulk(arguments.large).listen()
        else:
            asyncio.run(_small())
