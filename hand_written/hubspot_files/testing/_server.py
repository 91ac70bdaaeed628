"""The emulator as a real server: a port for the API and one for the storage host, on uvicorn."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from types import FrameType
from typing import Any, Final, TypeAlias

import httpx

from .emulator import Emulator

# What is under way when the server is told to end has this long, in seconds.
_GRACE: Final = 10
_INSTALL: Final = 'the server needs uvicorn, which is not installed: pip install "hubspot-files[emulator]"'

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class Sockets:
    """Two listening sockets and the URLs that lead to them.

    Args:
        host: A name or an address of this machine.
        port: The API's port, 0 for a free one.
        storage_port: The storage host's port, 0 for a free one. Default: the one after `port`, or a free one.

    Raises:
        OSError: A port is in use, or the host is none of this machine's; `filename` says which was meant.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, storage_port: int | None = None) -> None:
        if storage_port is None:
            storage_port = port + 1 if port else 0
        self.api = _listen(host, port)
        try:
            self.storage = _listen(host, storage_port)
        except BaseException:
            self.api.close()
            raise
        shown = _reachable(host)
        self.base_url = f"http://{shown}:{_port(self.api)}"
        self.storage_url = f"http://{shown}:{_port(self.storage)}"

    def close(self) -> None:
        """Listen no more."""
        self.api.close()
        self.storage.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), f"{host}:{port}") from error


def _port(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


def _reachable(host: str) -> str:
    """What a client on this machine puts into a URL for a host that the server listens on."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"


class _Server:
    """An emulator behind two sockets."""

    def __init__(self, emulator: Emulator, sockets: Sockets) -> None:
        try:
            import uvicorn
            from uvicorn.protocols.http.h11_impl import H11Protocol
        except ImportError as error:
            raise ImportError(_INSTALL) from error

        class Protocol(H11Protocol):
            """Hands its transport to the application, which has to cut connections."""

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                self.app_state = {**self.app_state, "transport": transport}

        self._sockets = sockets
        self._application = _Application(emulator, _port(sockets.storage))
        self.uvicorn = uvicorn.Server(
            uvicorn.Config(
                self._application,
                http=Protocol,
                ws="none",
                lifespan="off",
                loop="asyncio",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=_GRACE,
            )
        )

    def end(self) -> None:
        """Take no more requests; those that a fault holds up are cut, the others are answered."""
        self.uvicorn.should_exit = True

    async def serve(self) -> None:
        """Serve until the end."""
        await self.uvicorn.serve(sockets=[self._sockets.api, self._sockets.storage])


class _Application:
    """The emulator as an ASGI application."""

    def __init__(self, emulator: Emulator, storage_port: int) -> None:
        self._emulator = emulator
        self._storage_port = storage_port

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        origin = self._emulator.storage_url if scope["server"][1] == self._storage_port else self._emulator.base_url
        target = scope["raw_path"].decode("ascii")
        query = scope["query_string"].decode("ascii")
        request = httpx.Request(
            scope["method"],
            origin + target + (f"?{query}" if query else ""),
            headers=scope["headers"],
            stream=_Stream(receive),
        )
        transport: asyncio.Transport = scope["state"]["transport"]
        try:
            response = await self._emulator.handle_async(request)
            headers = [(name.lower(), value) for name, value in response.headers.raw]
            await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
            assert isinstance(response.stream, httpx.AsyncByteStream)
            async for chunk in response.stream:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body"})
        except httpx.TransportError as error:
            if isinstance(error, httpx.ReadError | httpx.WriteError | httpx.ConnectError):
                linger = struct.pack("ii", 1, 0)
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                transport.abort()
            else:
                transport.close()
            while (await receive())["type"] != "http.disconnect":
                pass


class _Stream(httpx.AsyncByteStream):
    """A request's body as ASGI hands it over."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._receive()
            yield message.get("body", b"")
            more = message.get("more_body", False)


def run(emulator: Emulator, sockets: Sockets, *, ready: Callable[[], None]) -> None:
    """Serve in the main thread until SIGINT or SIGTERM, then answer what is under way and return.

    Args:
        emulator: What is served; its URLs are those of the sockets, or lead to them.
        sockets: Where it is served. They are closed at the end.
        ready: Called when the sockets listen.
    """
    server = _Server(emulator, sockets)

    def told(number: int, frame: FrameType | None) -> None:
        # uvicorn, too, raises the signals that ended it once more for whoever handled them before it.
        server.end()

    before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ready()
        asyncio.run(server.serve())
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        sockets.close()
