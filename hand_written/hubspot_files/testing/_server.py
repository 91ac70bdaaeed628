"""The emulator as a real server: a port for the API and one for the storage host, on uvicorn."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import signal
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any, Final, Literal, TypeAlias, TypeVar

import anyio.to_thread
import httpx

from . import _control, _notices
from ._exchange import Answer, Arrival, Effect, Pause, Read, Silence, Work, drive_async
from .emulator import Emulator

# Connections that wait to be accepted; asyncio tries as often each second where none can be.
_BACKLOG: Final = 512
# Seconds to send the head of a request in: after that the connection only takes a descriptor that others lack.
_HEAD_WITHIN: Final = 60.0
# What is under way when the server is told to end has this long, in seconds.
_GRACE: Final = 10
_LAST_PORT: Final = 65_535
_INSTALL: Final = 'the server needs uvicorn, which is not installed: pip install "hubspot-files[emulator]"'

T = TypeVar("T")
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
        ValueError: There is no such port.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, storage_port: int | None = None) -> None:
        if storage_port is None:
            storage_port = port + 1 if 0 < port < _LAST_PORT else 0
        for number in (port, storage_port):
            if not 0 <= number <= _LAST_PORT:
                raise ValueError(f"a port is from 0 to {_LAST_PORT}, not {number}")
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
        # Python adds the address once more.
        words = (error.strerror or str(error)).partition(" (while ")[0]
        raise OSError(error.errno, words, f"{host}:{port}") from error


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


class Server:
    """An emulator behind two sockets.

    Args:
        emulator: What is served; its URLs are those of the sockets, or lead to them.
        sockets: Where it is served; they are closed at the end.

    Raises:
        ImportError: uvicorn is not installed.
    """

    def __init__(self, emulator: Emulator, sockets: Sockets) -> None:
        try:
            import h11
            import uvicorn
            from uvicorn.protocols.http.h11_impl import H11Protocol
        except ImportError as error:
            raise ImportError(_INSTALL) from error

        self._log = _notices.limited("hubspot_files.testing")
        log_of_uvicorn = _notices.limited("uvicorn.error")

        class Protocol(H11Protocol):
            """Hands its transport to the application, which has to cut connections."""

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
                self.logger = log_of_uvicorn
                super().connection_made(transport)
                self._expect_head()
                # asyncio does so for sockets that it made itself; else each answer waits for an acknowledgement.
                transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.app_state = {**self.app_state, "transport": transport}

            def data_received(self, data: bytes) -> None:
                super().data_received(data)
                if self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is None:
                    self._expect_head()

            def _expect_head(self) -> None:
                # uvicorn has such a limit between two requests only.
                self.timeout_keep_alive_task = self.loop.call_later(_HEAD_WITHIN, self.timeout_keep_alive_handler)

        self._ending = ending = asyncio.Event()

        class Ending(uvicorn.Server):
            """Tells the application that it ends, before it waits for what is under way."""

            async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
                ending.set()
                await super().shutdown(sockets)

        self._sockets = sockets
        self._uvicorn = Ending(
            uvicorn.Config(
                _Application(emulator, _port(sockets.storage), ending, self._log),
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
                backlog=_BACKLOG,
            )
        )

    def end(self) -> None:
        """Take no more requests; those that a fault holds up are cut, the others are answered. Any thread may call."""
        self._uvicorn.should_exit = True

    def serve(self) -> None:
        """Serve in this thread until `end()`, in the main thread until SIGINT or SIGTERM too."""
        try:
            asyncio.run(self._serve())
        finally:
            self._sockets.close()

    async def _serve(self) -> None:
        asyncio.get_running_loop().set_exception_handler(self._loop_failed)
        await self._uvicorn.serve(sockets=[self._sockets.api, self._sockets.storage])

    def _loop_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log what fails in the event loop: it tells of a limit thousands of times, and tries again by itself."""
        error = context.get("exception")
        what = context["message"]
        reason = _notices.advice(error)
        if self._ending.is_set() and "_start_serving" in what:
            # Where it could not accept, it tries again on sockets that are closed by now.
            return
        if reason is None:
            self._log.error("the event loop failed: %s", what, exc_info=error)
        elif "accept" in what:
            self._log.error(f"no more connections are accepted for now, those that are open are served on: {reason}")
        else:
            self._log.error(f"%s: {reason}", what)


class _GoneError(Exception):
    """The client has left, or the server is told to end while a fault holds a request up."""


class _Application:
    """The emulator as an ASGI application."""

    def __init__(self, emulator: Emulator, storage_port: int, ending: asyncio.Event, log: logging.Logger) -> None:
        self._emulator = emulator
        self._log = log
        self._storage_port = storage_port
        self._ending = ending
        self._hosts = {
            to: httpx.URL(url).host for to, url in (("api", emulator.base_url), ("storage", emulator.storage_url))
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        connection = _Connection(scope["state"]["transport"], receive, send, self._ending)
        to: Literal["api", "storage"] = "storage" if scope["server"][1] == self._storage_port else "api"
        arrival = Arrival(
            method=scope["method"],
            to=to,
            host=self._hosts[to],
            path=scope["raw_path"].decode("ascii"),
            query=scope["query_string"].decode("ascii"),
            headers=httpx.Headers(scope["headers"]),
        )
        try:
            if to == "api" and f"{arrival.path}/".startswith(f"{_control.PREFIX}/"):
                await connection.deliver(await self._control(arrival, connection))
            else:
                await connection.deliver(await drive_async(self._emulator.exchange(arrival), connection.perform))
        except (_GoneError, asyncio.CancelledError):
            await connection.cut(reset=True)
        except httpx.TransportError as fault:
            await connection.cut(reset=not isinstance(fault, httpx.ProtocolError))
        except Exception as error:  # noqa: BLE001 - logged, and the others are served on
            reason = _notices.advice(error)
            told = "the emulator failed to answer %s %s" + ("" if reason is None else f": {reason}")
            self._log.error(told, arrival.method, arrival.path, exc_info=error if reason is None else None)
            if connection.began:
                await connection.cut(reset=False)
            else:
                await connection.deliver(self._emulator.failure())

    async def _control(self, arrival: Arrival, connection: _Connection) -> Answer:
        body = bytearray()
        while (piece := await connection.read()) is not None:
            if len(body) < _control.LARGEST_BODY:
                body += piece
        content_type = arrival.headers.get("content-type", "")
        call = partial(_control.answer, self._emulator, arrival.method, arrival.path, content_type, bytes(body))
        reply = await connection.work(call)
        headers = {**reply.headers, "Content-Length": str(len(reply.body))}
        return Answer(reply, headers, None, bare=arrival.method == "HEAD")


class _Connection:
    """One request's connection: what is read from it and written to it, and its end."""

    def __init__(self, transport: asyncio.Transport, receive: Receive, send: Send, ending: asyncio.Event) -> None:
        self._transport = transport
        self._receive = receive
        self._send = send
        self._ending = ending
        self._more = True
        self.began = False

    async def perform(self, effect: Effect) -> object:
        """Do what the emulator asks for."""
        if isinstance(effect, Read):
            return await self.read()
        if isinstance(effect, Work):
            return await self.work(effect.run)
        if isinstance(effect, Silence):
            # Whatever ends it, the fault that it stands for follows.
            with suppress(_GoneError):
                await self._wait(effect.seconds)
            return None
        assert isinstance(effect, Pause)
        await self._wait(effect.seconds)
        return None

    async def work(self, run: Callable[[], T]) -> T:
        """Do something in another thread, beside which the others are served."""
        return await anyio.to_thread.run_sync(run)

    async def read(self) -> bytes | None:
        """The next piece of the request's body, None at its end."""
        while self._more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            self._more = message.get("more_body", False)
            if message["body"]:
                return bytes(message["body"])
        return None

    async def _wait(self, seconds: float) -> None:
        """Let time pass while the client is there and the server is not told to end."""
        ends: set[asyncio.Task[Any]] = {asyncio.create_task(self._ending.wait())}
        # What a client sends meanwhile is not read, where a fault has stopped reading it.
        if not self._more:
            ends.add(asyncio.create_task(self._gone()))
        try:
            done, _ = await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
        if done:
            raise _GoneError

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def deliver(self, answer: Answer) -> None:
        """Write an answer."""
        try:
            headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
            self.began = True
            await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})
            for piece in answer.pieces():
                if isinstance(piece, bytes):
                    await self._send({"type": "http.response.body", "body": piece, "more_body": True})
                else:
                    await self._wait(piece.seconds)
            await self._send({"type": "http.response.body"})
        finally:
            answer.close()

    async def cut(self, *, reset: bool) -> None:
        """End the connection, by a reset or as if all had been said."""
        if reset and not self._transport.is_closing():
            linger = struct.pack("ii", 1, 0)
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._transport.abort()
        self._transport.close()
        # Until the server has noticed, it would take the silence for a mistake.
        try:
            await self._gone()
        except asyncio.CancelledError:
            # All that is left at the end of the grace is cancelled twice, and the server notices in the next turn.
            await asyncio.sleep(0)


def run(emulator: Emulator, sockets: Sockets, *, ready: Callable[[], None]) -> None:
    """Serve in the main thread until SIGINT or SIGTERM, then answer what is under way and return.

    Args:
        emulator: As for `Server`.
        sockets: As for `Server`.
        ready: Called when the sockets listen.
    """
    server = Server(emulator, sockets)

    def told(number: int, frame: FrameType | None) -> None:
        # uvicorn, too, raises the signals that ended it once more for whoever handled them before it.
        server.end()

    before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ready()
        server.serve()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def serve(
    *, host: str = "127.0.0.1", port: int = 0, storage_port: int | None = None, **options: Any
) -> Iterator[Emulator]:
    """An emulator that a thread of this process serves over real sockets, for as long as the context lasts.

    Args:
        host: The address to listen on.
        port: The API's port. Default: a free one; `base_url` tells it.
        storage_port: The storage host's port. Default: the one after `port`, or a free one.
        options: Those of `Emulator`. `base_url` and `storage_url` are those of the sockets unless they are given.

    Raises:
        ImportError: uvicorn is not installed.
        OSError: A port cannot be had.
        ValueError: There is no such port, or as for `Emulator`.
    """
    sockets = Sockets(host, port, storage_port)
    try:
        options = {"base_url": sockets.base_url, "storage_url": sockets.storage_url, **options}
        with Emulator(**options) as emulator:
            server = Server(emulator, sockets)
            thread = threading.Thread(target=server.serve, name="hubspot-emulator", daemon=True)
            thread.start()
            try:
                yield emulator
            finally:
                server.end()
                thread.join()
    finally:
        sockets.close()
