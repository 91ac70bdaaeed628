"""The emulator as a server on uvicorn: its sockets, one for the API and one for the storage host, and its life."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final
from urllib.parse import urlsplit

from ._asgi import Application
from ._emulator import Emulator
from ._limited_log import advice, limited_logger

# Connections that wait to be accepted; asyncio tries as often each second where none can be.
_BACKLOG: Final = 512
# Seconds to send the head of a request in; a connection that does not only uses up a descriptor.
_HEAD_WITHIN: Final = 60.0
# Seconds that open requests have when the server ends.
_GRACE: Final = 10
_LAST_PORT: Final = 65_535
_ALL_ADDRESSES: Final = ("0.0.0.0", "::")
_INSTALL: Final = 'the server needs uvicorn, which is not installed: pip install "hubspot-files[emulator]"'


class Sockets:
    """Two listening sockets and the URLs that lead to them.

    Args:
        host: A name or an address of this machine.
        port: The API's port, 0 for a free one.
        storage_port: The storage host's port, 0 for a free one. Default: the one after `port`, or a free one.

    Raises:
        OSError: A port is in use, or the host is not one of this machine; `filename` holds both.
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
        url_host = _reachable(host)
        self.on_all_addresses = host in _ALL_ADDRESSES
        self.base_url = f"http://{url_host}:{_port_of(self.api)}"
        self.storage_url = f"http://{url_host}:{_port_of(self.storage)}"

    def storage_for(self, base_url: str) -> str:
        """Return the URL of the storage host for clients that reach the API by a URL.

        Its host is that of a `base_url` that is http, and the distance of its port the same.
        """
        named = urlsplit(base_url)
        if named.scheme != "http" or not named.hostname:
            return self.storage_url
        distance = _port_of(self.storage) - _port_of(self.api)
        port = named.port + distance if named.port else _port_of(self.storage)
        host = f"[{named.hostname}]" if ":" in named.hostname else named.hostname
        return f"http://{host}:{port}"

    def close(self) -> None:
        """Close the sockets."""
        self.api.close()
        self.storage.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        # Python repeats the address there.
        reason = (error.strerror or str(error)).partition(" (while ")[0]
        raise OSError(error.errno, reason, f"{host}:{port}") from error


def _port_of(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


def _reachable(host: str) -> str:
    """Return the host of a URL, for a client on this machine, of a host that the server listens on."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if host in _ALL_ADDRESSES:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"


class Server:
    """An emulator behind two sockets.

    Args:
        emulator: The emulator to serve; its URLs are those of the sockets, or lead to them.
        sockets: The sockets; they are closed at the shutdown.

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

        self._log = limited_logger("hubspot_files.testing")
        log_of_uvicorn = limited_logger("uvicorn.error")

        self._ending = ending = asyncio.Event()

        class Protocol(H11Protocol):
            """Passes its transport to the application, so that it can cut connections."""

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
                self.logger = log_of_uvicorn
                super().connection_made(transport)
                self._expect_head()
                # asyncio does so for its own sockets only; without it each response waits for an acknowledgement.
                transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.app_state = {**self.app_state, "transport": transport}
                if ending.is_set():
                    # uvicorn closed the idle connections before this one began, and would wait for it.
                    transport.close()

            def data_received(self, data: bytes) -> None:
                super().data_received(data)
                if self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is None:
                    self._expect_head()

            def _expect_head(self) -> None:
                # uvicorn has a limit between two requests only.
                self.timeout_keep_alive_task = self.loop.call_later(_HEAD_WITHIN, self.timeout_keep_alive_handler)

        class Ending(uvicorn.Server):
            """Notifies the application of the shutdown, before it waits for the open requests."""

            async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
                ending.set()
                await super().shutdown(sockets)

        self._sockets = sockets
        self._uvicorn = Ending(
            uvicorn.Config(
                Application(
                    emulator,
                    _port_of(sockets.api),
                    _port_of(sockets.storage),
                    ending,
                    self._log,
                    follows_host=sockets.on_all_addresses
                    and (emulator.base_url, emulator.storage_url) == (sockets.base_url, sockets.storage_url),
                ),
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
        """Accept no more requests, cut those that a fault holds up, and finish the others. Any thread may call this."""
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
        """Log the failures of the event loop. It reports a limit thousands of times, and retries by itself."""
        error = context.get("exception")
        message = context["message"]
        reason = advice(error)
        if self._ending.is_set() and "_start_serving" in message:
            # Where it could not accept, it retries on sockets that are closed by now.
            return
        if reason is None:
            self._log.error("the event loop failed: %s", message, exc_info=error)
        elif "accept" in message:
            self._log.error(f"no more connections are accepted for now, those that are open are served on: {reason}")
        else:
            self._log.error(f"%s: {reason}", message)


def run(emulator: Emulator, sockets: Sockets, *, ready: Callable[[], None]) -> None:
    """Serve in the main thread until SIGINT or SIGTERM, then finish the open requests and return.

    Args:
        emulator: As for `Server`.
        sockets: As for `Server`.
        ready: Called when the sockets listen.
    """
    server = Server(emulator, sockets)

    def end(number: int, frame: FrameType | None) -> None:
        # uvicorn, too, raises the signals that ended it again for the handlers that it replaced.
        server.end()

    previous = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ready()
        server.serve()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def serve(
    *, host: str = "127.0.0.1", port: int = 0, storage_port: int | None = None, **options: Any
) -> Generator[Emulator, None, None]:
    """Serve an emulator over real sockets in a thread of this process, for as long as the context lasts.

    Args:
        host: The address to listen on.
        port: The API's port. Default: a free one; `base_url` contains it.
        storage_port: The storage host's port. Default: the one after `port`, or a free one.
        options: Those of `Emulator`. `base_url` and `storage_url` are those of the sockets unless they are given; the
            storage has the host of a `base_url` that is http. Where the host is 0.0.0.0 or ::, and both are those of
            the sockets, the URLs in responses have the host that the client has used.

    Raises:
        ImportError: uvicorn is not installed.
        OSError: A port is not available.
        ValueError: A port is not valid, or as for `Emulator`.
    """
    sockets = Sockets(host, port, storage_port)
    try:
        options.setdefault("base_url", sockets.base_url)
        options.setdefault("storage_url", sockets.storage_for(options["base_url"]))
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
