"""A hostile network over real sockets: dripping responses, stacked codings, proxies and stalled TLS handshakes."""

from __future__ import annotations

import contextlib
import functools
import gzip
import io
import itertools
import os
import socket
import ssl
import threading
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import trustme

from hubspot_files import (
    ConnectionFailedError,
    HubSpotFiles,
    HubSpotFilesError,
    RequestTimeoutError,
    UnexpectedResponseError,
)
from hubspot_files._http import bodies, network
from hubspot_files._http.proxies import proxy_for, ssl_context
from hubspot_files._http.timeouts import DEADLINE

from .origin import Origin, dripping, honest, record, response
from .support import TOKEN, Client, collected, entered, iterated

Drip = Callable[[], Iterator[bytes]]

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

# Endless data, each byte well within the timeout of a step.
DRIPS: dict[str, Drip] = {
    "a status line": lambda: itertools.chain([b"HTTP/1.1 200 "], itertools.repeat(b"O")),
    "header bytes": lambda: itertools.chain([_HEAD], itertools.repeat(b"a")),
    "headers": lambda: itertools.chain([_HEAD], itertools.repeat(b"a: b\r\n")),
    "1xx responses": lambda: itertools.repeat(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "a body": lambda: itertools.chain([_HEAD, b"Content-Length: 100000\r\n\r\n"], itertools.repeat(b" ")),
    "chunks": lambda: itertools.chain([_HEAD, b"Transfer-Encoding: chunked\r\n\r\n"], itertools.repeat(b"1\r\n \r\n")),
    "a chunk's size": lambda: itertools.chain([_HEAD, b"Transfer-Encoding: chunked\r\n\r\n"], itertools.repeat(b"0")),
    "trailers": lambda: itertools.chain(
        [_HEAD, b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"], itertools.repeat(b"a: b\r\n")
    ),
    "nothing": lambda: itertools.repeat(b""),
}


@pytest.fixture(params=DRIPS, ids=lambda name: name.replace(" ", "_"))
def drip(request: pytest.FixtureRequest) -> Drip:
    return DRIPS[request.param]


def within(seconds: float, client: Client, program: Callable[[Any], Any], **options: Any) -> None:
    """Run a call that has to time out at a deadline of 0.2 s, and check that it does so soon."""
    started_at = time.monotonic()
    with pytest.raises(RequestTimeoutError, match="deadline"):
        client(program, timeout=30, **options)
    assert time.monotonic() - started_at < seconds


def hurried(hubspot: Any) -> Any:
    return hubspot.with_options(deadline=0.2)


class TestDeadlines:
    @pytest.mark.promise("the header, informational (1xx) responses, the body or its trailers")
    def test_apply_to_the_api(self, client: Client, drip: Drip) -> None:
        with Origin(lambda line, body: dripping(drip())) as origin:
            within(3, client, lambda hubspot: hurried(hubspot).files.get(1), base_url=origin.url)

    def test_apply_to_the_storage_host(self, client: Client, drip: Drip, tmp_path: Path) -> None:
        def respond(line: str, body: bytes) -> Iterator[bytes]:
            if "/content" in line:
                yield from dripping(drip())
            elif "signed-url" in line:
                yield response({"url": f"{origin.url}/content", "expiresAt": "2036-01-01T00:00:00Z"})
            else:
                yield response({**record(line), "size": 100_000})

        with Origin(respond) as origin:
            download = lambda hubspot: hurried(hubspot).files.download(1, tmp_path / "a")  # noqa: E731
            within(3, client, download, base_url=origin.url)
        assert list(tmp_path.iterdir()) == []

    def test_apply_while_a_stream_is_read(self, client: Client) -> None:
        def respond(line: str, body: bytes) -> Iterator[bytes]:
            if "/content" in line:
                yield from dripping(DRIPS["a body"](), interval=0.01)
            elif "signed-url" in line:
                yield response({"url": f"{origin.url}/content", "expiresAt": "2036-01-01T00:00:00Z"})
            else:
                yield response({**record(line), "size": 100_000})

        def program(hubspot: Any) -> Iterator[Any]:
            content = hurried(hubspot).files.stream(1)
            yield entered(content)
            chunks = iterated(content)
            while True:
                yield anext(chunks) if client.asynchronous else next(chunks)

        with Origin(respond) as origin:
            within(3, client, program, base_url=origin.url)

    def test_apply_to_a_slow_upload(self, client: Client) -> None:
        ended = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

            def sip() -> None:
                with contextlib.suppress(OSError):
                    connection, _ = listener.accept()
                    with connection:
                        while connection.recv(1000) and not ended.wait(0.01):
                            pass

            thread = threading.Thread(target=sip, daemon=True)
            thread.start()
            upload = lambda hubspot: hurried(hubspot).files.upload(  # noqa: E731
                b"a" * 30_000_000, name="a.bin", folder_path="/"
            )
            within(5, client, upload, base_url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        ended.set()
        thread.join(5)

    @pytest.mark.promise("the address of a host, a connection or TLS")
    def test_apply_to_the_tls_handshake(self, client: Client) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            base_url = f"https://127.0.0.1:{listener.getsockname()[1]}"
            within(3, client, lambda hubspot: hurried(hubspot).files.get(1), base_url=base_url)

    @pytest.mark.promise("a proxy")
    def test_apply_while_a_proxy_connects(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        with Origin(lambda line, body: dripping(itertools.repeat(b"HTTP/1.1 103 Wait\r\n\r\n"))) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            within(3, client, lambda hubspot: hurried(hubspot).files.get(1))

    @pytest.mark.promise("the address of a host, a connection or TLS")
    def test_apply_to_name_resolution(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def slow(*args: Any, flags: int = 0, **kwargs: Any) -> Any:
            if not flags & socket.AI_NUMERICHOST:
                time.sleep(1)
            raise socket.gaierror(socket.EAI_NONAME, "no such name")

        monkeypatch.setattr(socket, "getaddrinfo", slow)
        # asyncio joins its threads when the loop closes.
        within(3, client, lambda hubspot: hurried(hubspot).files.get(1))

    @pytest.mark.parametrize("last", ["silent", "good"])
    def test_an_unresponsive_address_leaves_time_for_the_next(
        self, client: Client, monkeypatch: pytest.MonkeyPatch, last: str
    ) -> None:
        with Origin(honest) as origin, contextlib.ExitStack() as stack:
            port = int(origin.url.rpartition(":")[2])
            for silent in ("127.0.0.2", "127.0.0.3"):
                # The accept queue of this listener is full, so that it accepts no connection.
                listener = stack.enter_context(socket.socket())
                listener.bind((silent, port))
                listener.listen(0)
                for _ in range(4):
                    full = stack.enter_context(socket.socket())
                    full.setblocking(False)
                    full.connect_ex((silent, port))
            hosts = ("127.0.0.2", "127.0.0.1" if last == "good" else "127.0.0.3")
            real = socket.getaddrinfo

            def lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
                name = host.decode() if isinstance(host, bytes) else host
                found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in hosts]
                return found if name == "localhost" else real(host, *args, **kwargs)

            monkeypatch.setattr(socket, "getaddrinfo", lookup)
            get = lambda hubspot: hubspot.with_options(deadline=0.6).files.get(1)  # noqa: E731
            base_url = f"http://localhost:{port}"
            if last == "good":
                assert client(get, base_url=base_url, max_retries=0).id == "1"
            else:
                within(3, client, get, base_url=base_url)

    @pytest.mark.parametrize("deadline", [None, 20])
    @pytest.mark.parametrize("host", ["a..b", "a" * 64])
    def test_an_invalid_host_name_is_reported(self, client: Client, host: str, deadline: float | None) -> None:
        get = lambda hubspot: hubspot.with_options(deadline=deadline).files.get(1)  # noqa: E731
        with pytest.raises(ConnectionFailedError, match=f"could not connect to {host}"):
            client(get, base_url=f"https://{host}", max_retries=0)

    def test_tries_the_next_address_if_one_refuses(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        with Origin(honest) as origin:
            port = int(origin.url.rpartition(":")[2])
            real = socket.getaddrinfo

            def lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
                name = host.decode() if isinstance(host, bytes) else host
                if name != "localhost":
                    return real(host, *args, **kwargs)
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", port)) for n in (9, 1)]

            monkeypatch.setattr(socket, "getaddrinfo", lookup)
            get = lambda hubspot: hubspot.with_options(deadline=20).files.get(1)  # noqa: E731
            assert client(get, base_url=f"http://localhost:{port}", max_retries=0).id == "1"

    @pytest.mark.promise(
        "A `ConnectionFailedError` has the `host` of the request, and both have the number of `attempts`."
    )
    def test_an_unknown_host_is_reported(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def nothing(*args: Any, **kwargs: Any) -> Any:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", nothing)
        get = lambda hubspot: hubspot.with_options(deadline=20).files.get(1)  # noqa: E731
        with pytest.raises(ConnectionFailedError, match=r"to api\.hubapi\.com: .*Name or service not known") as caught:
            client(get, max_retries=2)
        assert (caught.value.host, caught.value.attempts) == ("api.hubapi.com", 3)

    def test_no_step_starts_after_the_deadline(self) -> None:
        transport = network.Transport(ssl_context(), None)
        request = httpx.Request("GET", "http://127.0.0.1:1", extensions={DEADLINE: time.monotonic() - 1})
        with pytest.raises(httpx.ConnectTimeout, match="the deadline has passed"):
            transport.handle_request(request)

    def test_a_deadline_that_is_not_reached_has_no_effect(self, client: Client) -> None:
        with Origin(honest) as origin:

            def program(hubspot: Any) -> Iterator[Any]:
                patient = hubspot.with_options(deadline=20)
                for number in range(3):
                    assert (yield patient.files.get(number)).id == str(number)
                    assert (yield hubspot.files.get(number)).id == str(number)
                    body = yield patient.request("POST", "/files/v3/files/7", json={"a": "b" * 100_000})
                    assert body.json()["id"] == "7"

            client(program, base_url=origin.url)
            assert origin.connections == 1


class TestWithoutADeadline:
    @pytest.mark.promise(
        "`timeout=` limits each step of a connection: a server that sends a byte now and then never reaches it."
    )
    def test_a_dripping_server_stays_within_the_timeout_of_each_step(self, client: Client) -> None:
        def respond(line: str, body: bytes) -> Iterator[bytes]:
            message = response(record(line))
            yield from dripping(message[start : start + 20] for start in range(0, len(message), 20))

        with Origin(respond) as origin:
            started_at = time.monotonic()
            assert client(lambda hubspot: hubspot.files.get(7), base_url=origin.url, timeout=0.3).id == "7"
            assert time.monotonic() - started_at > 0.4


class TestNotInterrupted:
    @pytest.mark.promise("A header that arrives byte by byte can then exceed the deadline.")
    def test_a_dripping_header_read_by_an_http_client(self) -> None:
        def respond(line: str, body: bytes) -> Iterator[bytes]:
            yield from dripping([b"HTTP/1.1 200 OK\r\n", *[b"a: b\r\n"] * 20])
            yield response(record(line)).partition(b"\r\n")[2]

        with (
            Origin(respond) as origin,
            httpx.Client() as mine,
            HubSpotFiles(TOKEN, base_url=origin.url, http_client=mine) as hubspot,
        ):
            started_at = time.monotonic()
            with pytest.raises(RequestTimeoutError, match="no response before the deadline"):
                hurried(hubspot).files.get(7)
            assert time.monotonic() - started_at > 0.4

    @pytest.mark.promise("A token provider and a source of yours are not interrupted.")
    def test_a_token_provider(self, client: Client) -> None:
        finished: list[str] = []

        def provide() -> str:
            time.sleep(0.3)
            finished.append(TOKEN)
            return TOKEN

        async def provide_async() -> str:
            await anyio.sleep(0.3)
            finished.append(TOKEN)
            return TOKEN

        with Origin(honest) as origin:
            provider = provide_async if client.asynchronous else provide
            with pytest.raises(RequestTimeoutError, match="the access token came after the deadline; deadline="):
                client(lambda hubspot: hurried(hubspot).files.get(1), access_token=provider, base_url=origin.url)
            assert (finished, origin.requests) == ([TOKEN], [])

    @pytest.mark.promise("A token provider and a source of yours are not interrupted.")
    @pytest.mark.parametrize("seekable", [True, False])
    def test_a_source(self, client: Client, *, seekable: bool) -> None:
        """A source read during the request overruns the deadline; other sources are read before the request."""
        finished: list[bytes] = []

        def upload(source: Any, hubspot: Any) -> Any:
            return hurried(hubspot).files.upload(source, name="a", folder_path="/")

        class Slow(io.BytesIO):
            def seekable(self) -> bool:
                return seekable

            def read(self, size: int | None = -1) -> bytes:
                time.sleep(0.3 if size else 0)
                finished.append(super().read(size))
                return finished[-1]

        class SlowAsync:
            left = (b"", b"abc")

            async def read(self, size: int) -> bytes:
                *self.left, data = self.left
                await anyio.sleep(0.3)
                finished.append(data)
                return data

        with Origin(lambda line, body: iter([response(record("/files/1"))])) as origin:
            for source in (Slow(b"abc"), *([SlowAsync()] if client.asynchronous and not seekable else [])):
                finished.clear()
                with pytest.raises(RequestTimeoutError) if seekable else contextlib.nullcontext():
                    client(functools.partial(upload, source), base_url=origin.url)
                assert b"abc" in finished


class TestSinks:
    def respond(self, line: str, body: bytes) -> Iterator[bytes]:
        if "/content" in line:
            yield response(bytes(100))
        elif "signed-url" in line:
            yield response({"url": f"{self.origin.url}/content", "expiresAt": "2036-01-01T00:00:00Z"})
        else:
            yield response({**record(line), "size": 100})

    def test_an_httpx_error_in_a_sink_does_not_count_as_a_cut(self, client: Client) -> None:
        """For example in a sink that forwards the content to another server."""

        class Forwards:
            writes = 0

            def write(self, data: bytes) -> int:
                self.writes += 1
                raise httpx.ReadError("the other server is gone")

        with Origin(self.respond) as self.origin:
            sink = Forwards()
            with pytest.raises(httpx.ReadError, match="the other server is gone"):
                client(lambda hubspot: hubspot.files.download(1, sink), base_url=self.origin.url)
            assert sink.writes == 1

    def test_an_empty_chunk_does_not_end_the_content(self, client: Client, tmp_path: Path) -> None:
        class Gaps(httpx.SyncByteStream, httpx.AsyncByteStream):
            def __iter__(self) -> Iterator[bytes]:
                yield from (b"", b"a", b"", b"b")

            async def __aiter__(self) -> AsyncIterator[bytes]:
                for chunk in self:
                    yield chunk

        def handle(request: httpx.Request) -> httpx.Response:
            if request.url.host == "storage.example.net":
                return httpx.Response(self.status, stream=Gaps())
            if "signed-url" in request.url.path:
                url = "https://storage.example.net/a"
                return httpx.Response(200, json={"url": url, "expiresAt": "2036-01-01T00:00:00Z"})
            return httpx.Response(200, json={**record("GET /files/v3/files/1"), "size": 2})

        def program(hubspot: Any) -> Iterator[Any]:
            yield hubspot.files.download(1, tmp_path / "a")
            content = hubspot.files.stream(1)
            yield entered(content)
            assert b"".join((yield collected(content))) == b"ab"

        self.status = 200
        client(program, http_client=client.http(httpx.MockTransport(handle)))
        assert (tmp_path / "a").read_bytes() == b"ab"
        self.status = 410
        with pytest.raises(HubSpotFilesError):
            client(program, http_client=client.http(httpx.MockTransport(handle)))

    def test_stop_iteration_in_a_sink_is_an_error(self, client: Client) -> None:
        """StopIteration ends generators, and the operations are generators."""

        class Stops:
            def write(self, data: bytes) -> int:
                raise StopIteration

        with Origin(self.respond) as self.origin, pytest.raises(RuntimeError, match="StopIteration"):
            client(lambda hubspot: hubspot.files.download(1, Stops()), base_url=self.origin.url)

    @pytest.mark.promise("a `write` of yours that is awaited")
    @pytest.mark.parametrize("client", ["asyncio", "trio"], indirect=True)
    def test_a_deadline_applies_while_a_sink_is_awaited(self, client: Client) -> None:
        class Stalls:
            writes = 0

            async def write(self, data: bytes) -> int:
                self.writes += 1
                await anyio.sleep(20)
                return len(data)

        with Origin(self.respond) as self.origin:
            sink = Stalls()
            within(3, client, lambda hubspot: hurried(hubspot).files.download(1, sink), base_url=self.origin.url)
            assert sink.writes == 1


class TestCodings:
    def get(self, client: Client, content: bytes, coding: str) -> Any:
        def respond(line: str, body: bytes) -> Iterator[bytes]:
            yield response(content, headers=f"Content-Encoding: {coding}\r\n")

        with Origin(respond) as origin:
            return client(lambda hubspot: hubspot.request("GET", "/x"), base_url=origin.url, max_retries=0)

    @pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip"])
    def test_gzip_is_decoded(self, client: Client, coding: str) -> None:
        assert self.get(client, gzip.compress(b"{}" * 100_000), coding).content == b"{}" * 100_000

    @pytest.mark.promise("Only gzip is requested, and any other coding or combination of codings cannot be read.")
    def test_only_gzip_is_requested(self, client: Client) -> None:
        accepted: list[str | None] = []

        def handle(request: httpx.Request) -> httpx.Response:
            accepted.append(request.headers.get("accept-encoding"))
            return httpx.Response(200)

        client(lambda hubspot: hubspot.request("GET", "/x"), http_client=client.http(httpx.MockTransport(handle)))
        assert accepted == ["gzip"]

    @pytest.mark.promise("Only gzip is requested, and any other coding or combination of codings cannot be read.")
    @pytest.mark.parametrize("coding", ["gzip, gzip", "gzip,identity", "br", "zstd", "deflate", "compress"])
    def test_other_codings_are_refused(self, client: Client, coding: str) -> None:
        content = gzip.compress(gzip.compress(bytes(50_000_000)))
        with pytest.raises(UnexpectedResponseError, match=f"encoded as '{coding}', which was not requested"):
            self.get(client, content, coding)

    @pytest.mark.promise("A response of the API cannot be read beyond 32 MiB, decoded; decoding stops there.")
    def test_decoding_stops_at_the_limit(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bodies, "MAX_RESPONSE_SIZE", 10_000)
        sizes: list[int] = []
        make = zlib.decompressobj

        class Decoder:
            """Record the output limit passed to the real decoder."""

            def __init__(self, *args: Any) -> None:
                self._real = make(*args)

            def decompress(self, data: bytes, limit: int) -> bytes:
                decoded = self._real.decompress(data, limit)
                sizes.append(len(decoded))
                return decoded

            def __getattr__(self, name: str) -> Any:
                return getattr(self._real, name)

        monkeypatch.setattr(zlib, "decompressobj", Decoder)
        with pytest.raises(UnexpectedResponseError, match="larger than 10000 bytes"):
            self.get(client, gzip.compress(bytes(100_000_000)), "gzip")
        assert sum(sizes) == 10_001

    @pytest.mark.promise("A response of the API cannot be read beyond 32 MiB, decoded; decoding stops there.")
    def test_the_generated_client_has_the_same_limit(self) -> None:
        from hubspot_files_api.api.files import get_file

        content = gzip.compress(gzip.compress(bytes(50_000_000)))
        for coding, reason in (("gzip, gzip", "encoded as 'gzip, gzip'"), ("gzip", "larger than 33554432 bytes")):

            def respond(line: str, body: bytes, coding: str = coding) -> Iterator[bytes]:
                bomb = content if "," in coding else gzip.compress(bytes(50_000_000))
                yield response(bomb, headers=f"Content-Encoding: {coding}\r\n")

            with (
                Origin(respond) as origin,
                HubSpotFiles(TOKEN, base_url=origin.url) as hubspot,
                pytest.raises(httpx.DecodingError, match=f"the response is {reason}"),
            ):
                get_file.sync_detailed("1", client=hubspot.api)

    @pytest.mark.parametrize("content", [gzip.compress(b"{}" * 1000)[:-4], gzip.compress(b"")[:15]], ids=len)
    def test_truncated_gzip_is_an_error(self, client: Client, content: bytes) -> None:
        with pytest.raises(UnexpectedResponseError, match="its end is missing"):
            self.get(client, content, "gzip")

    def test_data_after_the_end_of_gzip_is_an_error(self, client: Client) -> None:
        with pytest.raises(UnexpectedResponseError, match="more follows its end"):
            self.get(client, gzip.compress(b"{}") + gzip.compress(b"{}"), "gzip")

    @pytest.mark.parametrize("coding", ["gzip", "br", "identity"])
    def test_an_empty_body_is_valid_in_any_coding(self, client: Client, coding: str) -> None:
        assert self.get(client, b"", coding).content == b""


class TestProxies:
    @pytest.mark.promise("This machine (`localhost`, `127.0.0.0/8`, `::1`) is reached without a proxy.")
    @pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
    def test_localhost_is_reached_directly(
        self, client: Client, monkeypatch: pytest.MonkeyPatch, variable: str
    ) -> None:
        with Origin(honest) as origin, Origin(honest) as proxy:
            monkeypatch.setenv(variable, proxy.url)
            assert client(lambda hubspot: hubspot.files.get(7), base_url=origin.url).id == "7"
            assert (origin.connections, proxy.connections) == (1, 0)

    @pytest.mark.promise("This machine (`localhost`, `127.0.0.0/8`, `::1`) is reached without a proxy.")
    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_every_name_of_localhost_is_reached_directly(
        self, monkeypatch: pytest.MonkeyPatch, host: str, scheme: str
    ) -> None:
        for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(variable, "http://proxy.example:3128")
        assert proxy_for(httpx.URL(f"{scheme}://{host}:8080/")) is None
        assert proxy_for(httpx.URL(f"{scheme}://api.hubapi.com/")) == "http://proxy.example:3128"

    @pytest.mark.promise(
        "A proxy of the environment that cannot be used, and certificates that cannot be read, raise "
        "`ConnectionFailedError` with the reason, without a retry."
    )
    @pytest.mark.parametrize(
        ("proxy", "message"),
        [
            (
                "ftp://user:hunter2@proxy.example:21",
                "the proxy ftp://proxy.example:21 of the environment cannot be used",
            ),
            ("http://user:hunter2@[::1", r"the proxy http://\[::1 of the environment cannot be used"),
            (
                "https://user:hunter2@proxy.example:port",
                "the proxy https://proxy.example:port of the environment cannot",
            ),
        ],
    )
    def test_an_unusable_proxy_is_reported(
        self, client: Client, monkeypatch: pytest.MonkeyPatch, sleeps: list[float], proxy: str, message: str
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        with pytest.raises(ConnectionFailedError, match=f"could not connect: {message}") as caught:
            client(lambda hubspot: hubspot.files.get(1))
        assert "hunter2" not in str(caught.value)
        assert sleeps == []

    def test_a_socks_proxy_needs_its_package(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "socksio", None)
        monkeypatch.setenv("HTTPS_PROXY", "socks5://user:hunter2@proxy.example:1080")
        with pytest.raises(ConnectionFailedError, match=r"needs the package socksio: install httpx\[socks\]") as caught:
            client(lambda hubspot: hubspot.files.get(1))
        assert "hunter2" not in str(caught.value)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """Return the TLS context of a server whose certificate the clients trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    ssl_context.cache_clear()
    yield context
    ssl_context.cache_clear()


class TestTLS:
    def test_a_connection_is_reused(self, client: Client, tls: ssl.SSLContext) -> None:
        with Origin(honest, tls=tls) as origin:

            def program(hubspot: Any) -> Iterator[Any]:
                for number in range(5):
                    assert (yield hubspot.files.get(number)).id == str(number)

            client(program, base_url=origin.url)
            assert origin.connections == 1

    @pytest.mark.parametrize("together", [True, False])
    def test_bytes_after_a_response_close_the_connection(
        self, client: Client, tls: ssl.SSLContext, *, together: bool
    ) -> None:
        def respond(line: str, body: bytes) -> Iterator[bytes]:
            message = response(record(line))
            extra = response({"id": "9"})
            yield from [message + extra] if together else [message, extra]

        with Origin(respond, tls=tls) as origin:

            def program(hubspot: Any) -> Iterator[Any]:
                for number in range(5):
                    assert (yield hubspot.files.get(number)).id == str(number)
                    time.sleep(0.05)

            client(program, base_url=origin.url)
            assert origin.connections == 5

    def test_a_deadline_applies_to_an_https_proxy(
        self, client: Client, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def respond(line: str, body: bytes) -> Iterator[bytes]:
            yield b"HTTP/1.1 200 OK\r\n\r\n"
            # The start of a long TLS record, one byte at a time.
            yield from dripping(itertools.chain([b"\x16\x03\x03\x40\x00"], itertools.repeat(b"\x02")))

        with Origin(respond, tls=tls) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            within(3, client, lambda hubspot: hurried(hubspot).files.get(1))
            assert proxy.requests[0] == "CONNECT api.hubapi.com:443 HTTP/1.1"

    def test_a_deadline_applies_within_tls(self, client: Client, tls: ssl.SSLContext) -> None:
        with Origin(lambda line, body: dripping(DRIPS["headers"]()), tls=tls) as origin:
            within(3, client, lambda hubspot: hurried(hubspot).files.get(1), base_url=origin.url)

    @pytest.mark.promise(
        "A proxy of the environment that cannot be used, and certificates that cannot be read, raise "
        "`ConnectionFailedError` with the reason, without a retry."
    )
    def test_unreadable_certificates_are_reported(
        self, client: Client, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, sleeps: list[float]
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", os.devnull + "/missing.pem")
        monkeypatch.delenv("SSL_CERT_DIR", raising=False)
        with pytest.raises(
            ConnectionFailedError,
            match=r"the certificates to verify with cannot be read \(.*unset SSL_CERT_FILE, in the",
        ):
            client(lambda hubspot: hubspot.files.get(1))
        assert sleeps == []

    def test_missing_certificates_are_reported(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing() -> ssl.SSLContext:
            raise FileNotFoundError(2, "No such file or directory")

        for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            monkeypatch.delenv(variable, raising=False)
        for module in ("connections", "async_connections"):
            monkeypatch.setattr(f"hubspot_files._http.{module}.ssl_context", missing)
        with pytest.raises(ConnectionFailedError, match=r"cannot be read \(\[Errno 2\] No such file or directory\)$"):
            client(lambda hubspot: hubspot.files.get(1))


class TestRedirects:
    @pytest.mark.promise(
        "A signed URL or a redirect of content is followed to https only, without the token, and from "
        "another machine never to `localhost` or an address of this one."
    )
    def test_storage_cannot_redirect_to_localhost(self, client: Client, tmp_path: Path) -> None:
        """A URL of another machine would have to be https and real: the check is on the URL that the API returns."""

        def handle(request: httpx.Request) -> httpx.Response:
            if "signed-url" in request.url.path:
                return httpx.Response(200, json={"url": "https://127.0.0.1:1/a", "expiresAt": "2036-01-01T00:00:00Z"})
            assert request.url.host == "api.hubapi.com"
            return httpx.Response(200, json=record("GET /files/v3/files/1"))

        mine = client.http(httpx.MockTransport(handle))
        with pytest.raises(HubSpotFilesError, match=r"leads from \S+ to this machine"):
            client(lambda hubspot: hubspot.files.download(1, tmp_path / "a"), http_client=mine, access_token=TOKEN)
