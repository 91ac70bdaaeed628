"""The ASGI application: the emulator's two hosts and its control route, over uvicorn's connections."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from functools import partial
from typing import Any, Literal, TypeAlias, TypeVar

import anyio.to_thread
import httpx

from ._control_route import LARGEST_BODY, PREFIX, respond
from ._emulator import Emulator
from ._limited_log import advice
from ._messages import IncomingRequest
from ._reached import REACHED, reached
from ._response_flow import Effect, Hang, OutgoingResponse, Pause, ReadChunk, RunBlocking, drive_async

T = TypeVar("T")
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class _DisconnectedError(Exception):
    """The client has disconnected, or the server ends while a fault holds a request up."""


class Application:
    """The emulator as an ASGI application."""

    def __init__(
        self,
        emulator: Emulator,
        port: int,
        storage_port: int,
        ending: asyncio.Event,
        log: logging.Logger,
        *,
        follows_host: bool,
    ) -> None:
        self._emulator = emulator
        self._log = log
        self._port = port
        self._storage_port = storage_port
        self._follows_host = follows_host
        self._ending = ending
        self._hosts = {
            target: httpx.URL(url).host
            for target, url in (("api", emulator.base_url), ("storage", emulator.storage_url))
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        connection = Connection(scope["state"]["transport"], receive, send, self._ending)
        target: Literal["api", "storage"] = "storage" if scope["server"][1] == self._storage_port else "api"
        request = IncomingRequest(
            method=scope["method"],
            target=target,
            host=self._hosts[target],
            path=scope["raw_path"].decode("ascii"),
            query=scope["query_string"].decode("ascii"),
            headers=httpx.Headers(scope["headers"]),
        )
        if target == "api" and self._follows_host:
            # In the context of this request, which uvicorn runs in a task of its own.
            REACHED.set(reached(request.headers.get("host", ""), self._port, self._storage_port))
        try:
            if target == "api" and f"{request.path}/".startswith(f"{PREFIX}/"):
                await connection.send(await self._control(request, connection))
            else:
                await connection.send(await drive_async(self._emulator.exchange(request), connection.perform))
        except (_DisconnectedError, asyncio.CancelledError):
            await connection.cut(reset=True)
        except httpx.TransportError as fault:
            await connection.cut(reset=not isinstance(fault, httpx.ProtocolError))
        except Exception as error:  # noqa: BLE001 - logged; other requests are served
            reason = advice(error)
            message = "the emulator failed to respond to %s %s" + ("" if reason is None else f": {reason}")
            self._log.error(message, request.method, request.path, exc_info=error if reason is None else None)
            if connection.started:
                await connection.cut(reset=False)
            else:
                await connection.send(self._emulator.failure())

    async def _control(self, request: IncomingRequest, connection: Connection) -> OutgoingResponse:
        body = bytearray()
        while (chunk := await connection.read()) is not None:
            if len(body) < LARGEST_BODY:
                body += chunk
        content_type = request.headers.get("content-type", "")
        path = f"{request.path}?{request.query}" if request.query else request.path
        call = partial(respond, self._emulator, request.method, path, content_type, bytes(body))
        response = await connection.run_blocking(call)
        headers = {**response.headers, "Content-Length": str(len(response.body))}
        return OutgoingResponse(response, headers, head_only=request.method == "HEAD")


class Connection:
    """The connection of a request: reads its body, writes its response, or cuts it."""

    def __init__(self, transport: asyncio.Transport, receive: Receive, send: Send, ending: asyncio.Event) -> None:
        self._transport = transport
        self._receive = receive
        self._send = send
        self._ending = ending
        self._more = True
        self.started = False

    async def perform(self, effect: Effect) -> object:
        """Perform an effect."""
        if isinstance(effect, ReadChunk):
            return await self.read()
        if isinstance(effect, RunBlocking):
            return await self.run_blocking(effect.function)
        if isinstance(effect, Hang):
            # Whatever ends it, the exception of the fault follows.
            with suppress(_DisconnectedError):
                await self._wait(effect.seconds)
            return None
        assert isinstance(effect, Pause)
        await self._wait(effect.seconds)
        return None

    async def run_blocking(self, function: Callable[[], T]) -> T:
        """Run a function in another thread, while other requests are served."""
        return await anyio.to_thread.run_sync(function)

    async def read(self) -> bytes | None:
        """Return the next chunk of the request's body, None at its end."""
        while self._more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _DisconnectedError
            self._more = message.get("more_body", False)
            if message["body"]:
                return bytes(message["body"])
        return None

    async def _wait(self, seconds: float) -> None:
        """Wait, unless the client disconnects or the server ends."""
        ends: set[asyncio.Task[Any]] = {asyncio.create_task(self._ending.wait())}
        # A client that has not sent all of the body is not watched: a fault has stopped the reading.
        if not self._more:
            ends.add(asyncio.create_task(self._disconnected()))
        try:
            done, _ = await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
        if done:
            raise _DisconnectedError

    async def _disconnected(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def send(self, response: OutgoingResponse) -> None:
        """Send a response."""
        try:
            headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in response.headers.items()]
            self.started = True
            await self._send({"type": "http.response.start", "status": response.status, "headers": headers})
            for chunk in response.chunks():
                if isinstance(chunk, bytes):
                    await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
                else:
                    await self._wait(chunk.seconds)
            await self._send({"type": "http.response.body"})
        finally:
            response.close()

    async def cut(self, *, reset: bool) -> None:
        """Close the connection, with or without a reset."""
        if reset and not self._transport.is_closing():
            linger = struct.pack("ii", 1, 0)
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._transport.abort()
        self._transport.close()
        # If this returned before uvicorn has noticed, it would report a missing response.
        try:
            await self._disconnected()
        except asyncio.CancelledError:
            # At the end of the grace period uvicorn cancels twice, and notices the closed connection in the next turn.
            await asyncio.sleep(0)
