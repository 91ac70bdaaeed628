"""A server that sends one response too many: after a requested response it sends one to another request."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import socket
import threading
from dataclasses import dataclass, field
from typing import Literal, Self

STRANGER = "666"
"""The id of a file that is never requested."""

Extra = Literal["none", "behind", "later"]
Framing = Literal["length", "chunked"]

_LENGTH = re.compile(rb"(?im)^content-length: *(\d+)")
_FILE = re.compile(r"/files/v3/files/(\d+)(/signed-url)?(?:\?.*)?")
_TIME = "2024-01-01T00:00:00Z"


def content_of(file_id: str) -> bytes:
    return f"{file_id}:".encode() * 1000


@dataclass(eq=False)
class _Connection:
    """A connection, and the requests received on it after an extra response."""

    socket: socket.socket
    shifted: bool = False
    requests_after: list[str] = field(default_factory=list)


class ShiftedServer:
    """Serve records, signed URLs and contents of files of any id, on real sockets.

    Args:
        extra: "behind" sends the extra response right after each one, in the same chunk; "later" when `push` is
            called, on connections that are idle then; "none" never.
        framing: how the end of a body is marked.
        padding: extra bytes of each body, as white space in its JSON, so that the extra response lies beyond
            the data that a client receives at once.

    Attributes:
        base_url: the URL of the API and the storage host.
        requests: the targets of the requests received.
    """

    def __init__(self, extra: Extra, *, framing: Framing = "length", padding: int = 0) -> None:
        self._extra = extra
        self._framing = framing
        self._padding = padding
        self._connections: list[_Connection] = []
        self.requests: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            # Closing the listening socket does not wake the thread in accept().
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self._connections:
            connection.socket.close()

    @property
    def connections(self) -> int:
        """Return the number of connections."""
        return len(self._connections)

    @property
    def requests_on_shifted(self) -> list[str]:
        """Return the requests received on a connection after an extra response."""
        return [target for connection in self._connections for target in connection.requests_after]

    def push(self) -> None:
        """Send the delayed extra responses on every connection; they have arrived when this returns."""
        for connection in self._connections if self._extra == "later" else ():
            # A connection closed by the client accepts no data.
            with contextlib.suppress(OSError):
                connection.socket.sendall(self._record(STRANGER))
                connection.shifted = True

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listening.accept()
            except OSError:
                return
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = _Connection(accepted)
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: _Connection) -> None:
        received = b""
        with contextlib.suppress(OSError):
            while chunk := connection.socket.recv(65_536):
                received += chunk
                head, separator, body = received.partition(b"\r\n\r\n")
                length = _LENGTH.search(head)
                if not separator or len(body) < int(length[1] if length else 0):
                    continue
                received = b""
                method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
                self.requests.append(target)
                if connection.shifted:
                    connection.requests_after.append(target)
                response, stranger = self._respond(method, target)
                connection.shifted |= self._extra == "behind"
                connection.socket.sendall(response + (stranger if self._extra == "behind" else b""))

    def _respond(self, method: str, target: str) -> tuple[bytes, bytes]:
        """Return the response to a request, and that of another file."""
        if method == "DELETE":
            return b"HTTP/1.1 204 No Content\r\n\r\n", self._record(STRANGER)
        if target.startswith("/content/"):
            file_id = target.removeprefix("/content/").partition("?")[0]
            return self._content(file_id), self._content(STRANGER)
        match = _FILE.fullmatch(target)
        assert match is not None, target
        if match[2]:
            return self._signed(match[1]), self._signed(STRANGER)
        return self._record(match[1]), self._record(STRANGER)

    def _record(self, file_id: str) -> bytes:
        content = content_of(file_id)
        return self._json(
            id=file_id,
            access="PRIVATE",
            archived=False,
            createdAt=_TIME,
            updatedAt=_TIME,
            name=file_id,
            size=len(content),
            fileMd5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
        )

    def _signed(self, file_id: str) -> bytes:
        url = f"{self.base_url}/content/{file_id}?signature=s"
        size = len(content_of(file_id))
        return self._json(
            url=url, name=file_id, extension="bin", type="OTHER", expiresAt="2100-01-01T00:00:00Z", size=size
        )

    def _content(self, file_id: str) -> bytes:
        return self._response(content_of(file_id), "application/octet-stream")

    def _json(self, **fields: object) -> bytes:
        return self._response(json.dumps(fields).encode() + b" " * self._padding, "application/json")

    def _response(self, body: bytes, content_type: str) -> bytes:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n".encode()
        if self._framing == "chunked":
            return head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        return head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
