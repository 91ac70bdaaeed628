"""Real sockets: two servers on this machine, one for the API and one for the storage host, with an emulator behind."""

from __future__ import annotations

import re
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import httpx

from hubspot_files.testing import Emulator

SIGNATURE = re.compile(r"signature=([0-9a-f]{16,})")
COOKIE = "marked-cookie"


class Arrived(NamedTuple):
    """A request as it came over a socket, all of it in one text."""

    storage: bool
    text: str


class Loopback:
    """The servers. They answer as the emulator does that is behind them, and cut connections where it says so.

    Attributes:
        emulator: what is behind; it has to know `base_url` and `storage_url`.
        arrived: the requests that came, the earliest first.
        signatures: what made any signed URL valid that was given out.
    """

    def __init__(self) -> None:
        self.emulator: Emulator | None = None
        self.arrived: list[Arrived] = []
        self.signatures: set[str] = set()
        self._servers = [self._serve(storage=False), self._serve(storage=True)]
        self.base_url = f"http://127.0.0.1:{self._servers[0].server_port}"
        self.storage_url = f"http://localhost:{self._servers[1].server_port}"

    def reset(self, emulator: Emulator) -> None:
        """Put another emulator behind, and forget what came."""
        self.emulator = emulator
        self.arrived.clear()
        self.signatures.clear()

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def _serve(self, *, storage: bool) -> ThreadingHTTPServer:
        loopback = self

        def answer(handler: _Handler) -> None:
            loopback._answer(handler, storage=storage)

        answers = {f"do_{method}": answer for method in ("GET", "POST", "PUT", "PATCH", "DELETE")}
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), answers))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    def _answer(self, handler: _Handler, *, storage: bool) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        shown = f"{handler.requestline}\n{handler.headers}\n{body[:4096].decode(errors='replace')}"
        self.arrived.append(Arrived(storage, shown))
        url = (self.storage_url if storage else self.base_url) + handler.path
        request = httpx.Request(handler.command, url, headers=handler.headers.items(), content=body)
        assert self.emulator is not None
        try:
            response = self.emulator.handle(request)
        except httpx.TransportError as error:
            if isinstance(error, httpx.ReadTimeout):
                # Longer than the client's patience; then the connection is gone anyway.
                handler.gone.wait(0.4)
            handler.cut(reset=isinstance(error, httpx.ReadError))
            return
        headers = "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
        self.signatures.update(SIGNATURE.findall(headers))
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


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, *args: Any) -> None:
        self.gone = threading.Event()
        super().__init__(*args)

    def cut(self, *, reset: bool) -> None:
        """End the connection, by a reset or by its end."""
        self.wfile.flush()
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what is printed is looked through for secrets."""
