"""The drivers: tokens, settings of the caller, limits of responses, and an event loop that is never blocked."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import http.server
import io
import json
import pathlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import anyio
import anyio.to_thread
import httpx
import pytest
import respx

import hubspot_files
from hubspot_files import (
    AsyncHubSpotFiles,
    AuthenticationError,
    ConnectionFailedError,
    HubSpotFiles,
    NotFoundError,
    OutcomeUnknownError,
    UnexpectedResponseError,
)
from hubspot_files._clock import SystemClock
from hubspot_files._http.async_driver import AsyncDriver
from hubspot_files._http.driver import SyncDriver
from hubspot_files.testing import use_clock

from .support import FILE, STORAGE, TOKEN, Client, Wire

ROUTE = "/files/v3/files/1"
RESPONSE = json.dumps(FILE).encode()


async def async_token() -> str:
    return "token-of-a-coroutine"


class TestTokens:
    def test_a_callable_is_called_before_each_request(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(ROUTE).respond(200, json=FILE)
        tokens = iter(["token-1", "token-2"])

        def program(hubspot: Any) -> Any:
            yield hubspot.files.get("1")
            yield hubspot.files.get("1")

        client(program, access_token=lambda: next(tokens))
        sent = [call.request.headers["authorization"] for call in route.calls]
        assert sent == ["Bearer token-1", "Bearer token-2"]

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_an_async_callable_is_awaited(self, api: respx.MockRouter, backend: str) -> None:
        route = api.get(ROUTE).respond(200, json=FILE)
        Client(backend)(lambda hubspot: hubspot.files.get("1"), access_token=async_token)
        assert route.calls.last.request.headers["authorization"] == "Bearer token-of-a-coroutine"

    def test_an_async_callable_is_refused_by_the_sync_client(self, api: respx.MockRouter) -> None:
        """Without a `never awaited` warning, which would be an error here."""
        with pytest.raises(
            TypeError, match=r"^access_token is an async callable, which needs AsyncHubSpotFiles; pass a"
        ):
            HubSpotFiles(async_token).files.get("1")  # type: ignore[arg-type]  # the point of the test
        assert not api.calls

    def test_a_callable_that_returns_an_awaitable_is_refused_by_the_sync_client(self, api: respx.MockRouter) -> None:
        class Later:
            def __await__(self) -> Iterator[Any]:
                yield

        with pytest.raises(TypeError, match=r"^access_token is an async callable"):
            HubSpotFiles(Later).files.get("1")  # type: ignore[arg-type]  # the point of the test

    @pytest.mark.parametrize("token", ["pat-secret\n", "", "pat secret", "pat-sécret"])
    def test_the_result_of_a_callable_is_validated_and_redacted(
        self, client: Client, api: respx.MockRouter, token: str
    ) -> None:
        with pytest.raises(ValueError, match=r"^the access token is empty, or contains spaces, line ends or") as caught:
            client(lambda hubspot: hubspot.files.get("1"), access_token=lambda: token)
        assert "cret" not in str(caught.value)
        assert not api.calls

    def test_a_callable_that_returns_none(self, client: Client, api: respx.MockRouter) -> None:
        with pytest.raises(TypeError, match=r"^the access token must be a str, not NoneType$"):
            client(lambda hubspot: hubspot.files.get("1"), access_token=lambda: None)

    def test_an_error_of_a_callable_propagates(self, client: Client, api: respx.MockRouter) -> None:
        def fails() -> str:
            raise LookupError("no token in the vault")

        with pytest.raises(LookupError, match=r"no token in the vault"):
            client(lambda hubspot: hubspot.files.get("1"), access_token=fails)

    @pytest.mark.promise("`AuthenticationError` | pass a new token, or a callable that returns one")
    def test_an_expired_token_is_refreshed_once(
        self, client: Client, api: respx.MockRouter, sleeps: list[float]
    ) -> None:
        def respond(request: httpx.Request) -> httpx.Response:
            fresh = request.headers["authorization"] == "Bearer fresh"
            return httpx.Response(200, json=FILE) if fresh else httpx.Response(401)

        api.get(ROUTE).mock(side_effect=respond)
        tokens = iter(["stale", "fresh"])
        assert client(lambda hubspot: hubspot.files.get("1"), access_token=lambda: next(tokens)).id == FILE["id"]
        assert sleeps == []

    def test_a_fixed_token_is_not_refreshed(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(ROUTE).respond(401)
        with pytest.raises(AuthenticationError):
            client(lambda hubspot: hubspot.files.get("1"))
        assert route.call_count == 1


def storage(api: respx.MockRouter) -> respx.Route:
    """Mock a private file of three bytes, whose content is on another host."""
    api.get(ROUTE).respond(200, json={**FILE, "id": "1", "size": 3})
    signed = {"url": f"{STORAGE}/cat.png?signature=s3cr3t", "expiresAt": "2099-01-01T00:00:00Z"}
    api.get(f"{ROUTE}/signed-url").respond(200, json=signed)
    return api.get(f"{STORAGE}/cat.png").respond(200, content=b"cat")


class TestHeaders:
    def test_of_requests_to_hubspot(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(ROUTE).respond(200, json=FILE)
        client(lambda hubspot: hubspot.files.get("1"))
        headers = route.calls.last.request.headers
        assert headers["user-agent"] == f"hubspot-files/{hubspot_files.__version__} python-httpx/{httpx.__version__}"
        assert headers["accept"] == "application/json"
        assert headers["authorization"] == f"Bearer {TOKEN}"
        assert set(headers) == {"host", "accept", "accept-encoding", "user-agent", "authorization"}

    def test_of_requests_to_the_storage_host_are_without_the_token(self, client: Client, api: respx.MockRouter) -> None:
        route = storage(api)
        assert client(lambda hubspot: hubspot.files.read("1")) == b"cat"
        headers = route.calls.last.request.headers
        assert "authorization" not in headers
        assert headers["accept-encoding"] == "identity"
        assert headers["user-agent"].startswith("hubspot-files/")
        assert TOKEN not in str(headers.raw)


# httpx leaves a generator behind when a body is not read to its end, and trio warns of it.
@pytest.mark.filterwarnings("ignore:Async generator 'httpx:ResourceWarning")
class TestResponses:
    """Responses as received from the network, which a respx mock would read in advance."""

    def get(self, client: Client, *responses: httpx.Response, **options: Any) -> Any:
        left = iter(responses)
        transport = httpx.MockTransport(lambda request: next(left))
        return client(lambda hubspot: hubspot.files.get("1"), http_client=client.http(transport), **options)

    @pytest.mark.parametrize("status", [200, 404])
    def test_only_the_status_of_an_undecodable_body_is_used(self, client: Client, status: int) -> None:
        broken = httpx.Response(status, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))
        with pytest.raises(UnexpectedResponseError if status == 200 else NotFoundError) as caught:
            self.get(client, broken, max_retries=0)
        assert caught.value.status_code == status
        assert ("the response is not what its Content-Encoding says" in str(caught.value)) == (status == 200)

    def test_gzip_is_decoded(self, client: Client) -> None:
        packed = httpx.ByteStream(gzip.compress(RESPONSE))
        response = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=packed)
        assert self.get(client, response).id == FILE["id"]

    def test_a_body_over_the_limit_is_not_read_to_its_end(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hubspot_files._http.bodies.MAX_RESPONSE_SIZE", 1000)
        body = Endless(b" " * 400)
        with pytest.raises(UnexpectedResponseError, match="the response is larger than 1000 bytes"):
            self.get(client, httpx.Response(200, stream=body), max_retries=0)
        assert (body.given, body.closed) == (3, True)

    @pytest.mark.promise("A 2xx whose body cannot be read is raised as `UnexpectedResponseError` and not retried.")
    def test_a_body_over_the_limit_does_not_count_as_empty(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hubspot_files._http.bodies.MAX_RESPONSE_SIZE", 1000)
        requests: list[httpx.Request] = []

        def handle(request: httpx.Request) -> httpx.Response:
            requests.append(request)
            return httpx.Response(200, stream=Endless(b" " * 400))

        mine = client.http(httpx.MockTransport(handle))
        with pytest.raises(UnexpectedResponseError, match=r"GET /crm/v3/x: .*the response is larger than 1000 bytes"):
            client(lambda hubspot: hubspot.request("GET", "/crm/v3/x"), http_client=mine)
        assert len(requests) == 1

    def test_a_body_of_exactly_the_limit_is_read(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("hubspot_files._http.bodies.MAX_RESPONSE_SIZE", len(RESPONSE))
        assert self.get(client, httpx.Response(200, stream=httpx.ByteStream(RESPONSE))).id == FILE["id"]

    def test_a_cut_body_is_retried(self, client: Client, sleeps: list[float]) -> None:
        body = Endless(b"{", httpx.ReadError("cut"))
        responses = (httpx.Response(200, stream=body), httpx.Response(200, json=FILE))
        assert self.get(client, *responses).id == FILE["id"]
        assert (body.closed, len(sleeps)) == (True, 1)


class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that never ends, except by its error."""

    def __init__(self, chunk: bytes, error: Exception | None = None) -> None:
        self.chunk, self.error = chunk, error
        self.given = 0
        self.closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if self.given and self.error is not None:
            raise self.error
        self.given += 1
        return self.chunk

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        return next(self)

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[bytes]]]:
    """Run a proxy that refuses every connection and records its requests."""
    lines: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        lines.append(connection.recv(65536).partition(b"\r\n")[0])
                        connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", lines
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


class TestProxies:
    @pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
    @pytest.mark.parametrize("scheme", ["http://", ""])
    def test_of_the_environment_are_used(
        self,
        client: Client,
        proxy: tuple[str, list[bytes]],
        monkeypatch: pytest.MonkeyPatch,
        variable: str,
        scheme: str,
    ) -> None:
        address, lines = proxy
        monkeypatch.setenv(variable, f"{scheme}{address}")
        with pytest.raises(ConnectionFailedError, match=r"could not connect to api\.hubapi\.com: 502 Bad Gateway$"):
            client(lambda hubspot: hubspot.files.get("1"), max_retries=0)
        assert lines == [b"CONNECT api.hubapi.com:443 HTTP/1.1"]

    @pytest.mark.parametrize(
        "entry",
        [
            "proxied.invalid",
            "other.example, proxied.invalid",
            ".invalid",
            "proxied.invalid:443",
            "https://proxied.invalid/",
            "https://proxied.invalid:443",
            "*",
        ],
    )
    def test_no_proxy_is_respected(
        self, client: Client, proxy: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch, entry: str
    ) -> None:
        address, lines = proxy
        monkeypatch.setenv("HTTPS_PROXY", f"http://{address}")
        monkeypatch.setenv("NO_PROXY", entry)
        # A name under .invalid never resolves without the proxy.
        with pytest.raises(ConnectionFailedError, match="could not connect"):
            client(lambda hubspot: hubspot.files.get("7"), base_url="https://proxied.invalid", max_retries=0)
        assert lines == []


class _Handler(http.server.BaseHTTPRequestHandler):
    """Respond with a file of the requested id, and keep the connection open."""

    protocol_version = "HTTP/1.1"
    # One write for each response.
    wbufsize = 65536

    def do_GET(self) -> None:
        body = json.dumps({**FILE, "id": self.path.rpartition("/")[2]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *arguments: Any) -> None:
        """Print nothing."""


class _Server(http.server.ThreadingHTTPServer):
    """A server with a long accept queue: the default of five would delay other clients by a second."""

    request_queue_size = 128


class LocalServer:
    """The address of a local server."""

    def __init__(self, server: http.server.ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with _Server(("127.0.0.1", 0), _Handler) as listening:
        listening.daemon_threads = True
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield LocalServer(listening)
        listening.shutdown()
        thread.join()


class TestConcurrency:
    def test_threads_share_a_client(self, server: LocalServer) -> None:
        with HubSpotFiles(TOKEN, base_url=server.url) as hubspot:

            def work(worker: int) -> list[str]:
                return [hubspot.files.get(1000 * worker + number).id for number in range(50)]

            with ThreadPoolExecutor(8) as pool:
                results = list(pool.map(work, range(1, 9)))
        assert results == [[str(1000 * worker + number) for number in range(50)] for worker in range(1, 9)]

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_tasks_share_a_client(self, server: LocalServer, backend: str) -> None:
        got: dict[int, str] = {}

        async def main() -> None:
            async with AsyncHubSpotFiles(TOKEN, base_url=server.url) as hubspot, anyio.create_task_group() as tasks:

                async def work(number: int) -> None:
                    got[number] = (await hubspot.files.get(number)).id

                for number in range(50):
                    tasks.start_soon(work, number)

        anyio.run(main, backend=backend)
        assert got == {number: str(number) for number in range(50)}


class Recorder:
    """Respond as HubSpot and as the storage host, and record the requests."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        cookie = {"set-cookie": "session=1; Path=/"}
        if request.url.host != "api.hubapi.com":
            return httpx.Response(200, headers=cookie, stream=httpx.ByteStream(b"cat"))
        if request.url.path.endswith("signed-url"):
            signed = {"url": f"{STORAGE}/cat.png?signature=s3cr3t", "expiresAt": "2099-01-01T00:00:00Z"}
            return httpx.Response(200, headers=cookie, json=signed)
        return httpx.Response(200, headers=cookie, json={**FILE, "id": "1", "size": 3})


class TestHttpClientOfTheCaller:
    @pytest.fixture
    def requests(self, client: Client) -> list[httpx.Request]:
        """Download through a client with its own settings; return the requests to HubSpot and to storage."""
        recorder = Recorder()
        kind: Any = httpx.AsyncClient if client.asynchronous else httpx.Client
        mine = kind(
            transport=httpx.MockTransport(recorder),
            headers={"x-mine": "1", "authorization": "Bearer mine"},
            params={"portal": "2"},
            cookies={"mine": "3"},
            auth=("user", "password"),
        )
        assert client(lambda hubspot: hubspot.files.read("1"), http_client=mine) == b"cat"
        assert not mine.is_closed
        return recorder.requests

    def test_its_settings_apply_to_hubspot(self, requests: list[httpx.Request]) -> None:
        to_hubspot = [request for request in requests if request.url.host == "api.hubapi.com"]
        assert len(to_hubspot) == 2
        for request in to_hubspot:
            assert request.headers["x-mine"] == "1"
            assert "mine=3" in request.headers["cookie"]
            assert request.url.params["portal"] == "2"

    def test_its_authorization_is_not_used(self, requests: list[httpx.Request]) -> None:
        assert [request.headers.get("authorization") for request in requests] == [
            f"Bearer {TOKEN}",
            f"Bearer {TOKEN}",
            None,
        ]

    def test_its_settings_do_not_apply_to_the_storage_host(self, requests: list[httpx.Request]) -> None:
        [to_storage] = [request for request in requests if request.url.host != "api.hubapi.com"]
        assert str(to_storage.url) == f"{STORAGE}/cat.png?signature=s3cr3t"
        names = set(to_storage.headers)
        assert names == {"host", "accept", "accept-encoding", "user-agent"}

    def test_its_hooks_may_read_the_response(self, client: Client) -> None:
        """The body is still available after a hook has read it."""

        def log(response: httpx.Response) -> None:
            response.read()

        async def log_async(response: httpx.Response) -> None:
            await response.aread()

        kind: Any = httpx.AsyncClient if client.asynchronous else httpx.Client
        hooks = {"response": [log_async if client.asynchronous else log]}
        mine = kind(transport=httpx.MockTransport(Recorder()), event_hooks=hooks)
        assert client(lambda hubspot: hubspot.files.read("1"), http_client=mine) == b"cat"

    def test_its_redirects_are_not_followed(self, client: Client) -> None:
        hosts: list[str] = []

        def redirect(request: httpx.Request) -> httpx.Response:
            hosts.append(request.url.host)
            return httpx.Response(307, headers={"location": "https://evil.example.net/"})

        kind: Any = httpx.AsyncClient if client.asynchronous else httpx.Client
        mine = kind(transport=httpx.MockTransport(redirect), follow_redirects=True)
        with pytest.raises(hubspot_files.BadRequestError, match=r"307: a redirect, which this API does not send"):
            client(lambda hubspot: hubspot.files.get("1"), http_client=mine)
        assert hosts == ["api.hubapi.com"]


class Slow(io.BytesIO):
    """A file on a disk that needs 50 ms for each read."""

    def read(self, size: int | None = -1) -> bytes:
        if size:
            time.sleep(0.05)
        return super().read(size)


class TestEventLoop:
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_slow_disk_does_not_block_it(self, server: LocalServer, backend: str) -> None:
        """On the loop, 20 reads would block it for a second."""
        gaps: list[float] = []

        async def tick(scope: anyio.CancelScope) -> None:
            with scope:
                last = time.monotonic()
                while True:
                    await anyio.sleep(0.005)
                    now = time.monotonic()
                    gaps.append(now - last)
                    last = now

        async def main() -> None:
            scope = anyio.CancelScope()
            async with AsyncHubSpotFiles(TOKEN, base_url=server.url) as hubspot, anyio.create_task_group() as tasks:
                tasks.start_soon(tick, scope)
                source = Slow(b"x" * (20 * 64 * 1024))
                await hubspot.files.upload(source, name="x.bin", folder_path="/")
                scope.cancel()

        anyio.run(main, backend=backend)
        assert sum(gaps) > 0.9
        assert max(gaps) < 0.4

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_cancelled_upload_closes_its_file(
        self, backend: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[Any] = []

        def recording(*arguments: Any) -> Any:
            opened.append(open(*arguments))
            return opened[-1]

        class Stalls(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                assert isinstance(request.stream, httpx.AsyncByteStream)
                async with contextlib.aclosing(aiter(request.stream)) as chunks:  # type: ignore[type-var]  # a generator
                    await anext(chunks)
                    stalled.set()
                    await anyio.sleep_forever()
                raise AssertionError("it was not cancelled")

        monkeypatch.setattr("hubspot_files._content.source_opener.open", recording, raising=False)
        path = tmp_path / "cat.png"
        path.write_bytes(b"x" * 4_000_000)
        stalled: Any = None

        async def main() -> None:
            nonlocal stalled
            stalled = anyio.Event()
            mine = httpx.AsyncClient(transport=Stalls())
            async with AsyncHubSpotFiles(TOKEN, http_client=mine) as hubspot, anyio.create_task_group() as tasks:

                async def upload() -> None:
                    await hubspot.files.upload(path, folder_path="/")
                    raise AssertionError("it was not cancelled")

                tasks.start_soon(upload)
                await stalled.wait()
                assert [stream.closed for stream in opened] == [False]
                tasks.cancel_scope.cancel()

        anyio.run(main, backend=backend)
        assert [stream.closed for stream in opened] == [True]

    def test_an_upload_cancelled_while_opening_closes_its_file(
        self, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """asyncio cancels a task without waiting for its worker thread."""
        opened: list[Any] = []
        opening, cancelled = threading.Event(), threading.Event()

        def slowly(*arguments: Any) -> Any:
            opening.set()
            assert cancelled.wait(5)
            opened.append(open(*arguments))
            return opened[-1]

        monkeypatch.setattr("hubspot_files._content.source_opener.open", slowly, raising=False)
        path = tmp_path / "cat.png"
        path.write_bytes(b"cat")

        async def main() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot:
                upload = asyncio.create_task(hubspot.files.upload(path, folder_path="/"))
                await anyio.to_thread.run_sync(opening.wait)
                upload.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await upload
                cancelled.set()

        asyncio.run(main())
        deadline = time.monotonic() + 5
        while not (opened and opened[0].closed) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [stream.closed for stream in opened] == [True]

    def test_cleanup_survives_a_second_cancellation(self) -> None:
        """asyncio's own cancellation ignores anyio's shields, and may arrive before the worker thread has started."""
        done: list[bool] = []

        async def main() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await hubspot._driver.clean_up(lambda: done.append(True))

        asyncio.run(main())
        assert done

    def test_an_interrupted_upload_closes_its_file_too(
        self, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[Any] = []

        def recording(*arguments: Any) -> Any:
            opened.append(open(*arguments))
            return opened[-1]

        def interrupt(request: httpx.Request) -> httpx.Response:
            raise KeyboardInterrupt

        monkeypatch.setattr("hubspot_files._content.source_opener.open", recording, raising=False)
        path = tmp_path / "cat.png"
        path.write_bytes(b"x")
        with (
            httpx.Client(transport=httpx.MockTransport(interrupt)) as mine,
            HubSpotFiles(TOKEN, http_client=mine) as hubspot,
            pytest.raises(KeyboardInterrupt),
        ):
            hubspot.files.upload(path, folder_path="/")
        assert [stream.closed for stream in opened] == [True]


class TestRetryAfterACut:
    """A cut upload is retried only if HubSpot cannot have stored it."""

    @pytest.mark.parametrize("chunks", [0, 1])
    def test_retries_an_upload_that_was_not_fully_sent(self, client: Client, sleeps: list[float], chunks: int) -> None:
        transport = CutConnection(chunks)
        content = b"x" * 3_000_000
        file = client(
            lambda hubspot: hubspot.files.upload(content, name="x.bin", folder_path="/"),
            http_client=client.http(transport),
        )
        assert (file.id, transport.attempts, len(sleeps)) == (FILE["id"], 2, 1)
        assert transport.received.count(b"x" * 3_000_000) == 1

    def test_does_not_retry_a_fully_sent_upload(self, client: Client) -> None:
        """The upload is looked up instead, and the response to the lookup is no record."""
        transport = CutConnection(10**9)
        with pytest.raises(OutcomeUnknownError):
            client(
                lambda hubspot: hubspot.files.upload(b"x", name="x.bin", folder_path="/"),
                http_client=client.http(transport),
            )
        assert transport.methods.count("POST") == 1
        assert set(transport.methods[1:]) == {"GET"}

    @pytest.mark.parametrize("error", [httpx.ReadTimeout("late"), httpx.ReadError("reset")])
    def test_json_counts_as_fully_sent_to_a_mock(self, client: Client, error: Exception) -> None:
        """A mock reads the body from the request itself."""
        methods: list[str] = []

        def respond(request: httpx.Request) -> httpx.Response:
            methods.append(request.method)
            assert request.content
            raise error

        transport = httpx.MockTransport(respond)
        with pytest.raises(OutcomeUnknownError):
            client(
                lambda hubspot: hubspot.files.import_from_url("https://example.com/a", folder_path="/"),
                http_client=client.http(transport),
            )
        assert methods == ["POST"]

    def test_retries_json_that_was_not_fully_sent(self, client: Client) -> None:
        wire = Wire((0, httpx.WriteError("cut")), response=httpx.Response(202, json={"id": "1", "links": {}}))
        client(
            lambda hubspot: hubspot.files.import_from_url("https://example.com/a", folder_path="/"),
            http_client=client.http(wire),
        )
        assert len(wire.received) == 2


class CutConnection(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Cut the first connection after that many chunks of the request, or at its end; respond to the second."""

    def __init__(self, chunks: int) -> None:
        self.chunks = chunks
        self.methods: list[str] = []
        self.received = b""

    @property
    def attempts(self) -> int:
        return len(self.methods)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.SyncByteStream)
        self.methods.append(request.method)
        stream = iter(request.stream)
        if self.attempts == 1:
            for _ in range(self.chunks):
                if next(stream, None) is None:
                    break
            raise httpx.WriteError("cut")
        self.received = b"".join(stream)
        return httpx.Response(201, json=FILE)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        self.methods.append(request.method)
        async with contextlib.aclosing(aiter(request.stream)) as stream:  # type: ignore[type-var]  # a generator
            if self.attempts == 1:
                for _ in range(self.chunks):
                    if await anext(stream, None) is None:
                        break
                raise httpx.WriteError("cut")
            self.received = b"".join([chunk async for chunk in stream])
        return httpx.Response(201, json=FILE)


class TestEffects:
    """The real sleeps, which the fixtures replace elsewhere."""

    @pytest.fixture(autouse=True)
    def real(self, sleeps: list[float]) -> Iterator[None]:
        with use_clock(SystemClock()):
            yield

    def test_sleep_waits(self) -> None:
        hubspot = HubSpotFiles(TOKEN)
        started_at = time.monotonic()
        hubspot._driver.sleep(0.05)
        assert time.monotonic() - started_at >= 0.05
        assert isinstance(hubspot._driver, SyncDriver)

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_async_sleep_waits_and_lets_others_run(self, backend: str) -> None:
        ran: list[float] = []

        async def main() -> None:
            hubspot = AsyncHubSpotFiles(TOKEN)
            assert isinstance(hubspot._driver, AsyncDriver)
            async with anyio.create_task_group() as tasks:
                for _ in range(20):
                    tasks.start_soon(_timed(hubspot._driver.sleep, ran), 0.05)

        started_at = time.monotonic()
        anyio.run(main, backend=backend)
        assert time.monotonic() - started_at < 0.9
        assert len(ran) == 20
        assert min(ran) >= 0.045


def _timed(function: Callable[[float], Awaitable[None]], into: list[float]) -> Callable[[float], Awaitable[None]]:
    async def timed(seconds: float) -> None:
        started_at = time.monotonic()
        await function(seconds)
        into.append(time.monotonic() - started_at)

    return timed
