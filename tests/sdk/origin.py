"""A local server whose every byte, and every pause between bytes, is chosen by a test."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

from .support import FILE, FOLDER

Respond = Callable[[str, bytes], Iterable[bytes]]
"""Takes a request's first line and its body, and gives the bytes to send back, a piece at a time."""


def response(content: bytes | dict[str, Any], status: str = "200 OK", headers: str = "") -> bytes:
    """Return a complete response, as JSON if the content is a mapping."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def record(line: str) -> dict[str, Any]:
    """Return the record of the file or folder whose id is in a request's path."""
    [number] = re.findall(r"/(?:files|folders)/([0-9]+)", line)[-1:]
    return {**(FOLDER if "/folders/" in line else FILE), "id": number, "name": f"name-{number}"}


def honest(line: str, body: bytes) -> Iterator[bytes]:
    """Respond with the requested record."""
    yield response(record(line))


class Origin:
    """A server with one thread for each connection.

    Attributes:
        url: its base URL.
        connections: how many connections were accepted.
        requests: the request lines, in order.
    """

    def __init__(self, respond: Respond, *, tls: ssl.SSLContext | None = None) -> None:
        self._respond = respond
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._ended = threading.Event()
        self._open: set[socket.socket] = set()
        self.connections = 0
        self.requests: list[str] = []
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        # Closing the listening socket does not wake the thread in accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def open_connections(self) -> int:
        """Return how many connections the clients have not closed."""
        return len(self._open)

    def settled(self, count: int) -> bool:
        """Return whether the number of open connections reaches `count` within a few seconds."""
        for _ in range(500):
            if self.open_connections == count:
                return True
            time.sleep(0.01)
        return False

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        stream = connection
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                stream = self._tls.wrap_socket(connection, server_side=True)
            with stream.makefile("rb") as requests:
                while (line := requests.readline()) and not self._ended.is_set():
                    self._one(stream, line.decode().rstrip(), requests)
        except OSError:
            # The client has disconnected, as many of these tests have it do.
            pass
        finally:
            stream.close()
            self._open.discard(connection)

    def _one(self, stream: socket.socket, line: str, requests: Any) -> None:
        self.requests.append(line)
        length = 0
        while header := requests.readline().strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = requests.read(length)
        for chunk in self._respond(line, body):
            if self._ended.is_set():
                raise ConnectionAbortedError("the test is over")
            stream.sendall(chunk)


def dripping(chunks: Iterable[bytes], interval: float = 0.02) -> Iterator[bytes]:
    """Yield the chunks, each after a pause in seconds."""
    for chunk in chunks:
        time.sleep(interval)
        yield chunk
