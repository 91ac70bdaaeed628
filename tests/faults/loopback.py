"""Real sockets: local servers for the API and the storage host, in front of an emulator."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import httpx

from hubspot_files.testing import Emulator

from .support import echoed

SIGNATURE = re.compile(r"signature=([0-9a-f]{16,})")
COOKIE = "marked-cookie"


class Arrived(NamedTuple):
    """A request as received from a socket, as one text."""

    storage: bool
    text: str


class Loopback:
    """The servers. They send the emulator's responses, and cut connections where it says so.

    Each response repeats the credentials of its request.

    Attributes:
        emulator: the emulator; it has to know `base_url` and `storage_url`.
        arrived: the requests received, in order.
        signatures: the signatures of all signed URLs that were issued.
    """

    def __init__(self) -> None:
        self.emulator: Emulator | None = None
        self._handling = threading.Lock()
        self.arrived: list[Arrived] = []
        self.signatures: set[str] = set()
        self._servers = [self._serve(storage=False), self._serve(storage=True)]
        self.base_url = f"http://127.0.0.1:{self._servers[0].server_port}"
        self.storage_url = f"http://localhost:{self._servers[1].server_port}"

    def reset(self, emulator: Emulator | None) -> None:
        """Use another emulator, or none, and clear the requests; the previous emulator may be closed then."""
        with self._handling:
            self.emulator = emulator
        self.arrived.clear()
        self.signatures.clear()

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        failed = [error for server in self._servers for error in server.failed]
        if failed:
            raise ExceptionGroup("the servers of the tests failed", failed)

    def _serve(self, *, storage: bool) -> _Server:
        loopback = self

        def respond(handler: _Handler) -> None:
            loopback._respond(handler, storage=storage)

        methods = {f"do_{method}": respond for method in ("GET", "POST", "PUT", "PATCH", "DELETE")}
        server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), methods))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    def _respond(self, handler: _Handler, *, storage: bool) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        text = f"{handler.requestline}\n{handler.headers}\n{body[:4096].decode(errors='replace')}"
        self.arrived.append(Arrived(storage, text))
        url = (self.storage_url if storage else self.base_url) + handler.path
        request = httpx.Request(handler.command, url, headers=handler.headers.items(), content=body)
        try:
            with self._handling:
                if self.emulator is None:
                    # The client has given up, and its test is over.
                    handler.cut(reset=True)
                    return
                response = echoed(request, self.emulator.handle(request))
        except httpx.TransportError as error:
            if isinstance(error, httpx.ReadTimeout):
                # Longer than the client's timeout; then the connection is closed anyway.
                handler.disconnected.wait(0.4)
            handler.cut(reset=isinstance(error, httpx.ReadError))
            return
        headers = "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
        self.signatures.update(SIGNATURE.findall(response.headers.get("location", "")))
        handler.wfile.write(
            f"HTTP/1.1 {response.status_code} {response.reason_phrase}\r\n{headers}"
            f"Set-Cookie: session={COOKIE}; Path=/\r\n\r\n".encode()
        )
        sent = b""
        try:
            for chunk in response.stream:  # type: ignore[union-attr]  # the emulator's are synchronous too
                sent += chunk
                handler.wfile.write(chunk)
        except httpx.TransportError:
            handler.cut(reset=False)
        if not storage:
            self.signatures.update(SIGNATURE.findall(sent.decode(errors="replace")))


class _Server(ThreadingHTTPServer):
    """A server that ignores disconnected clients, and keeps every other error for `close`."""

    daemon_threads = True

    def __init__(self, *args: Any) -> None:
        self.failed: list[Exception] = []
        super().__init__(*args)

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep the error of a connection; the base class would print it to the current stderr."""
        error = sys.exception()
        # A client that gives up, as in many of these tests, causes a broken pipe here.
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):
            self.failed.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, *args: Any) -> None:
        self.disconnected = threading.Event()
        super().__init__(*args)

    def cut(self, *, reset: bool) -> None:
        """End the connection, by a reset or normally."""
        self.wfile.flush()
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            with contextlib.suppress(OSError):  # already disconnected if the client was faster
                self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: the output is searched for secrets."""
