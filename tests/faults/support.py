"""Helpers of the fault tests: a small HubSpot, the network to it, and both clients behind one call."""

from __future__ import annotations

import base64
import html
import inspect
import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote

import anyio
import httpx

from hubspot_files import AsyncHubSpotFiles, HubSpotFiles
from hubspot_files.emulator._api.routes import route
from hubspot_files.testing import Clock, Emulator

# Between two whole seconds, as real times are: a Date header is less precise than `createdAt`.
START = datetime(2026, 3, 1, 12, 0, 0, 393_000, tzinfo=UTC)
# More than httpx reads of a file at once, so that a request can be cut within its content.
CONTENT = bytes(range(256)) * 700
MIDDLE = 100_000
OTHER = b"something else"
PAGE = "https://origin.test/cat.bin"

Program = Generator[Any, Any, Any]
Work = Callable[[Any, "World"], Program]


class Outcome(NamedTuple):
    """The result of an operation, or its error."""

    result: Any = None
    error: BaseException | None = None


class Sent(NamedTuple):
    """A request that was sent, with its query and headers."""

    operation: str
    query: str
    headers: httpx.Headers


class Wire(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The network to an emulator, on which a request can fail before it arrives.

    Attributes:
        sent: every request that was tried, in order.
        urls: their URLs.
        echoes: whether responses repeat the credentials of their requests.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.sent: list[Sent] = []
        self.urls: list[str] = []
        self.echoes = False
        self._emulator = emulator
        self._failing: dict[str, list[Any]] = {}

    def fail(self, operation: str, error: Callable[[], Exception], count: int | None) -> None:
        """Raise an error in place of sending, a number of times or always."""
        self._failing[operation] = [error, count]

    def tried(self) -> Counter[str]:
        """Return how often each operation was tried."""
        return Counter(sent.operation for sent in self.sent)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._note(request)
        response = self._emulator.handle(request)
        return echoed(request, response) if self.echoes else response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._note(request)
        response = await self._emulator.handle_async(request)
        return echoed(request, response) if self.echoes else response

    def _note(self, request: httpx.Request) -> None:
        origin = f"{request.url.scheme}://{request.url.netloc.decode()}"
        if origin == self._emulator.base_url:
            operation = route(request.method, request.url.raw_path.partition(b"?")[0].decode()).operation.name
        else:
            operation = "fetchContent" if origin == self._emulator.storage_url else "elsewhere"
        self.urls.append(str(request.url))
        self.sent.append(Sent(operation, request.url.query.decode(), request.headers.copy()))
        error, count = self._failing.get(operation, (None, 0))
        if error is not None and count != 0:
            self._failing[operation][1] = None if count is None else count - 1
            raise error()


def echoed(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    """Return a response that repeats the request's credentials: in headers and the body of an error or a redirect.

    It repeats them unchanged, in other letters, and as encoded in URLs, HTML and base64.
    """
    came = request.headers.get("authorization") or request.url.query.decode() or _of_form(request)
    headers = dict(response.headers.items())
    if came:
        headers |= {"X-Echo": came, "X-ECHO-Letters": came.swapcase(), "X-Echo-Quoted": quote(came, safe="")}
        headers |= {"X-Echo-Encoded": base64.b64encode(f"-{came}-".encode()).decode(), "Proxy-Authorization": came}
        headers["Link"] = f"<https://storage.test{request.url.raw_path.decode()}>; rel=self"
    content = None
    if 300 <= response.status_code < 400:
        content = f"<a href='{response.headers.get('location')}'>{came}</a>".encode()
    elif response.status_code >= 400:
        # The emulator's bodies are synchronous too.
        content = b"".join(response.stream)  # type: ignore[arg-type]
        with suppress(ValueError):
            fields = {"message": "no", **json.loads(content or b"{}")}
            echo = (
                f"{came} {quote(came, safe='')} {html.escape(came)} {json.dumps(came)} {headers.get('X-Echo-Encoded')}"
            )
            fields["message"] += f": {echo}"
            fields |= {"subCategory": echo, "context": {"token": [echo], echo: ["it"]}, "errors": [{"message": echo}]}
            content = json.dumps(fields).encode()
    if content is None:
        return httpx.Response(response.status_code, headers=headers, stream=response.stream)
    kept = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    return httpx.Response(response.status_code, headers=kept, content=content)


def _of_form(request: httpx.Request) -> str:
    """Return the secrets of a form, separated by spaces."""
    if request.headers.get("content-type") != "application/x-www-form-urlencoded":
        return ""
    names = ("client_secret", "refresh_token", "code", "code_verifier", "token")
    return " ".join(value for name, value in parse_qsl(request.content.decode()) if name in names)


class World:
    """An account with two folders, three files and a page to import from, on a frozen clock.

    Attributes:
        emulator: HubSpot.
        wire: the network to it.
        directory: the directory of the downloads, in which a file of their name exists.
    """

    def __init__(self, directory: Path, **options: Any) -> None:
        self.emulator = Emulator(clock=Clock(START, frozen=True), **{"strict": True, **options})
        self.wire = Wire(self.emulator)
        self.cat = self.emulator.add_file("/library/cat.bin", CONTENT)
        self.secret = self.emulator.add_file("/library/secret.bin", CONTENT, access="SENSITIVE")
        self.emulator.add_file("/box/inner/ball.txt", OTHER)
        self.shelf, self.box = (self.emulator.add_folder(path).id for path in ("/library", "/box"))
        self.emulator.publish_url(PAGE, CONTENT)
        self.directory = directory
        self.destination = directory / "cat.bin"
        self.destination.write_bytes(OTHER)
        self.task = ""
        # Items created from now on are newer than the existing ones.
        self.emulator.clock.advance(60)

    def start(self, path: str, body: dict[str, Any]) -> None:
        """Start a task before the operation does."""
        with httpx.Client(transport=self.emulator.transport, base_url=self.emulator.base_url) as api:
            headers = {"Authorization": f"Bearer {self.emulator.token}"}
            self.task = api.post(path, json=body, headers=headers).json()["id"]
        self.emulator.requests.clear()

    def stored(self) -> list[tuple[str, ...]]:
        """Return every file and folder ever created, once all tasks have completed."""
        self.emulator.finish_tasks()
        kept = {CONTENT: "content", OTHER: "other", None: "erased"}
        files = [
            ("file", file.path, file.access, kept.get(file.content, "broken"), file.state)
            for file in self.emulator.files
        ]
        folders = [
            ("folder", folder.path, "archived" if folder.archived else "live") for folder in self.emulator.folders
        ]
        return sorted(files + folders)

    def on_disk(self) -> dict[str, bytes]:
        """Return the content of the directory of the downloads."""
        return {path.name: path.read_bytes() for path in self.directory.iterdir()}

    def token_provider(self, *, asynchronous: bool) -> Callable[[], Any]:
        """Return a provider that returns a new valid token each time."""

        async def provide() -> str:
            return self.emulator.add_token()

        return provide if asynchronous else self.emulator.add_token

    def run(self, backend: str, program: Work, **options: Any) -> Outcome:
        """Run an operation on one of the clients, over the wire."""
        options = {"access_token": self.emulator.token, "base_url": self.emulator.base_url, **options}
        if backend == "sync":
            return run_sync(program, self, {"http_client": httpx.Client(transport=self.wire), **options})
        return anyio.run(run_async, program, self, self.wire, options, backend=backend)


def run_sync(work: Work, world: Any, options: dict[str, Any]) -> Outcome:
    """Run an operation on HubSpotFiles."""
    http_client = options.get("http_client")
    with HubSpotFiles(**options) as hubspot:
        # The errors that are raised here show the variables that are left here.
        del options
        program = work(hubspot, world)
        outcome: Any = None
        try:
            while True:
                outcome = program.send(outcome)
        except StopIteration as stop:
            return Outcome(stop.value)
        except Exception as error:  # noqa: BLE001 - it is what the test is about
            return Outcome(error=error)
        finally:
            if http_client is not None:
                http_client.close()


async def run_async(work: Work, world: Any, wire: Any, options: dict[str, Any]) -> Outcome:
    """Run an operation on AsyncHubSpotFiles, with an httpx client only if there is a wire."""
    http_client = None if wire is None else httpx.AsyncClient(transport=wire)
    async with AsyncHubSpotFiles(http_client=http_client, **options) as hubspot:
        del options
        program = work(hubspot, world)
        step: Callable[[Any], Any] = program.send
        outcome: Any = None
        try:
            while True:
                yielded = step(outcome)
                try:
                    outcome = await yielded if inspect.isawaitable(yielded) else yielded
                    step = program.send
                except Exception as error:  # noqa: BLE001 - the program raises it again
                    outcome, step = error, program.throw
        except StopIteration as stop:
            return Outcome(stop.value)
        except Exception as error:  # noqa: BLE001 - it is what the test is about
            return Outcome(error=error)
        finally:
            if http_client is not None:
                await http_client.aclose()


def collected(iterable: Any) -> Any:
    """Return the items of a pager or a stream as a list, or an awaitable of one."""

    async def gather() -> list[Any]:
        return [item async for item in iterable]

    return gather() if hasattr(iterable, "__aiter__") else list(iterable)


def content_of(stream: Any) -> Any:
    """Return the content of a stream, from opening to closing."""

    async def gather() -> bytes:
        async with stream as chunks:
            return b"".join([chunk async for chunk in chunks])

    if hasattr(stream, "__aenter__"):
        return gather()
    with stream as chunks:
        return b"".join(chunks)


class Pipe:
    """The reading end of a pipe that yields CONTENT once."""

    def __init__(self) -> None:
        reader, self._writer = os.pipe()
        self.stream = open(reader, "rb")
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def _write(self) -> None:
        # The reader may have closed its end.
        with suppress(BrokenPipeError), open(self._writer, "wb") as stream:
            stream.write(CONTENT)

    def close(self) -> None:
        """Close both ends."""
        self.stream.close()
        self._thread.join()
