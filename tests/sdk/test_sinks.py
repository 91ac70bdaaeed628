"""Downloads to objects of the caller: asynchronous ones, refused ones, and valid results of `write`."""

from __future__ import annotations

import asyncio
import codecs
import functools
import hashlib
import io
import sys
import tempfile
import threading
import zipfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, Mock

import aiofiles
import anyio
import anyio.lowlevel
import httpx
import pytest
import respx
import werkzeug.wrappers

from hubspot_files import AsyncHubSpotFiles, DownloadCorruptedError

from .support import BASE_URL, FILE, STORAGE, TOKEN, Client, Content

# More than one chunk, so that there are several writes.
CONTENT = bytes(range(256)) * 5 * 2048
ID = FILE["id"]


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    """Mock HubSpot and the storage host, which have a private file."""
    fields = {**FILE, "size": len(CONTENT), "fileMd5": hashlib.md5(CONTENT).hexdigest()}
    with respx.mock(assert_all_called=False) as router:
        router.get(f"{BASE_URL}/files/v3/files/{ID}", name="record").respond(200, json=fields)
        signed = {"url": f"{STORAGE}/cat.png?sig=secret", "expiresAt": "2999-01-01T00:00:00Z"}
        router.get(f"{BASE_URL}/files/v3/files/{ID}/signed-url").respond(200, json=signed)
        chunks = [CONTENT[start : start + 65536] for start in range(0, len(CONTENT), 65536)]
        # A new body for each request, since a body can be read once.
        router.get(host=httpx.URL(STORAGE).host, name="content").mock(
            side_effect=lambda request: httpx.Response(200, headers={"etag": '"v1"'}, stream=Content(*chunks))
        )
        yield router


class TestResponsesOfServers:
    def test_a_flask_stream_has_a_charset_and_is_binary(self, client: Client, api: respx.MockRouter) -> None:
        response = werkzeug.wrappers.Response()
        downloaded(client, response.stream)
        assert response.get_data() == CONTENT

    def test_an_aiohttp_response_has_a_drain_and_is_awaited(self, api: respx.MockRouter) -> None:
        class StreamResponse(AsyncSink):
            async def drain(self) -> None:
                raise AssertionError("its write waits")

        response = StreamResponse()
        downloaded(Client("asyncio"), response)
        assert response.content == CONTENT

    def test_a_codecs_stream_is_refused_as_text(self, client: Client, api: respx.MockRouter, tmp_path: Path) -> None:
        with (
            codecs.open(str(tmp_path / "a"), "w", "utf-8") as text,
            pytest.raises(TypeError, match="destination is a text stream"),
        ):
            downloaded(client, text)


def downloaded(client: Client, destination: Any) -> Any:
    return client(lambda hubspot: hubspot.files.download(ID, destination))


class Sink:
    """A writable object that records the threads of its calls."""

    def __init__(self) -> None:
        self.content = b""
        self.threads: set[threading.Thread] = set()

    def take(self, data: bytes) -> int:
        self.threads.add(threading.current_thread())
        self.content += data
        return len(data)


class AsyncSink(Sink):
    async def write(self, data: bytes) -> int:
        await anyio.lowlevel.checkpoint()
        return self.take(data)


class QuietAsyncSink(Sink):
    async def write(self, data: bytes) -> None:
        self.take(data)


class Delegating(Sink):
    """A sink whose `write` is no coroutine function but returns an awaitable."""

    def __init__(self, inner: AsyncSink | None = None) -> None:
        super().__init__()
        self.inner = inner or AsyncSink()

    def write(self, data: bytes) -> Awaitable[int]:
        return self.inner.write(data)


def callable_object() -> Any:
    class Write:
        def __init__(self, sink: AsyncSink) -> None:
            self.sink = sink

        async def __call__(self, data: bytes) -> int:
            return await self.sink.write(data)

    sink: Any = AsyncSink()
    sink.write = Write(AsyncSink())
    sink.inner = sink.write.sink
    return sink


def partial_function() -> Any:
    sink: Any = AsyncSink()
    sink.write = functools.partial(AsyncSink.write, sink)
    return sink


ASYNC_SINKS: list[Callable[[], Any]] = [AsyncSink, QuietAsyncSink, callable_object, partial_function]


class TestAsyncSinks:
    @pytest.mark.promise(
        "A `write` that has to be awaited is awaited by `AsyncHubSpotFiles`, and is a `TypeError` on `HubSpotFiles`."
    )
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    @pytest.mark.parametrize("make", [*ASYNC_SINKS, Delegating])
    def test_are_awaited_on_the_event_loop(self, api: respx.MockRouter, backend: str, make: Callable[[], Any]) -> None:
        sink = make()
        assert downloaded(Client(backend), sink) is None
        written = getattr(sink, "inner", sink)
        assert written.content == CONTENT
        assert written.threads == {threading.main_thread()}

    @pytest.mark.promise(
        "A `write` that has to be awaited is awaited by `AsyncHubSpotFiles`, and is a `TypeError` on `HubSpotFiles`."
    )
    @pytest.mark.parametrize("make", ASYNC_SINKS)
    def test_are_refused_by_the_sync_client_before_anything_is_sent(
        self, api: respx.MockRouter, make: Callable[[], Any]
    ) -> None:
        with pytest.raises(
            TypeError, match=r"destination has to be awaited, which AsyncHubSpotFiles does; pass a path"
        ):
            downloaded(Client("sync"), make())
        assert not api.calls

    @pytest.mark.promise(
        "A `write` that has to be awaited is awaited by `AsyncHubSpotFiles`, and is a `TypeError` on `HubSpotFiles`."
    )
    def test_undetected_ones_are_refused_at_the_first_write(self, api: respx.MockRouter) -> None:
        """Without a `never awaited` warning, which would be an error here."""
        sink = Delegating()
        with pytest.raises(
            TypeError, match=r"destination has to be awaited, which AsyncHubSpotFiles does; pass a path"
        ):
            downloaded(Client("sync"), sink)
        assert sink.inner.content == b""

    def test_a_handle_of_aiofiles(self, api: respx.MockRouter, tmp_path: Path) -> None:
        async def program() -> None:
            async with (
                AsyncHubSpotFiles(TOKEN) as hubspot,
                aiofiles.open(tmp_path / "copy.png", "wb") as handle,
            ):
                await hubspot.files.download(ID, handle)

        asyncio.run(program())
        assert (tmp_path / "copy.png").read_bytes() == CONTENT

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_file_of_anyio(self, api: respx.MockRouter, tmp_path: Path, backend: str) -> None:
        async def program() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot, await anyio.open_file(tmp_path / "copy.png", "wb") as file:
                await hubspot.files.download(ID, file)

        anyio.run(program, backend=backend)
        assert (tmp_path / "copy.png").read_bytes() == CONTENT

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_refuses_a_file_open_for_reading(self, api: respx.MockRouter, tmp_path: Path, backend: str) -> None:
        (tmp_path / "cat.png").write_bytes(b"")

        async def program() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot, await anyio.open_file(tmp_path / "cat.png", "rb") as file:
                await hubspot.files.download(ID, file)

        with pytest.raises(ValueError, match=r"^destination is not open for writing; open it in the mode 'wb'$"):
            anyio.run(program, backend=backend)
        assert not api.calls

    def test_with_an_asynchronous_writable(self, client: Client, api: respx.MockRouter) -> None:
        class Reader(Delegating):
            def writable(self) -> Awaitable[bool]:
                async def respond() -> bool:
                    return False

                return respond()

        error, message = (ValueError, "not open for writing") if client.asynchronous else (TypeError, "to be awaited")
        with pytest.raises(error, match=message):
            downloaded(client, Reader())
        assert not api.calls

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_continue_at_the_cut(self, api: respx.MockRouter, backend: str) -> None:
        span = f"bytes 2000000-{len(CONTENT) - 1}/{len(CONTENT)}"
        cut = Content(CONTENT[:900_000], CONTENT[900_000:2_000_000], httpx.ReadError("cut"))
        api["content"].mock(
            side_effect=[
                httpx.Response(200, headers={"etag": '"v1"'}, stream=cut),
                httpx.Response(206, headers={"etag": '"v1"', "content-range": span}, content=CONTENT[2_000_000:]),
            ]
        )
        sink = AsyncSink()
        downloaded(Client(backend), sink)
        assert sink.content == CONTENT

    @pytest.mark.parametrize("make", [lambda sink: sink, lambda sink: Delegating(sink)])
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_their_errors_propagate(self, api: respx.MockRouter, backend: str, make: Callable[[], Any]) -> None:
        class Full(AsyncSink):
            async def write(self, data: bytes) -> int:
                if self.content:
                    raise OSError("no space left")
                return self.take(data)

        with pytest.raises(OSError, match="no space left"):
            downloaded(Client(backend), make(Full()))

    def test_refuses_an_asyncio_stream_writer(self, client: Client, api: respx.MockRouter) -> None:
        class Writer(Sink):
            def write(self, data: bytes) -> None:
                self.take(data)

            async def drain(self) -> None: ...

        with pytest.raises(TypeError, match=r"does not wait; iterate over files\.stream and await its drain\(\) after"):
            downloaded(client, Writer())
        assert not api.calls


class ReturnsValue(Sink):
    """A sink whose `write` takes all bytes and returns a fixed value."""

    def __init__(self, *returned: Any) -> None:
        super().__init__()
        self.returned = list(returned)

    def write(self, data: bytes) -> Any:
        self.take(data)
        return self.returned.pop(0) if len(self.returned) > 1 else self.returned[0]


class ReturnsAsync(ReturnsValue):
    async def write(self, data: bytes) -> Any:
        return super().write(data)


class NonBlocking(io.RawIOBase):
    """A sink like a full non-blocking pipe."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> None:
        return None


class TestResultOfWrite:
    @pytest.mark.promise("A `write` that returns neither None nor a number of bytes is a `TypeError`.")
    @pytest.mark.parametrize("returned", [True, "3000", b"", 3000.0, [], Mock()])
    def test_is_a_number_of_bytes_or_none(self, client: Client, api: respx.MockRouter, returned: Any) -> None:
        kind = type(returned).__name__
        for sink in (ReturnsValue(returned), *([ReturnsAsync(returned)] if client.asynchronous else [])):
            with pytest.raises(
                TypeError, match=rf"^write\(\) of the destination returned {kind} instead of the number of"
            ):
                downloaded(client, sink)

    def test_is_checked_each_time(self, client: Client, api: respx.MockRouter) -> None:
        with pytest.raises(TypeError, match=r"destination returned str instead of"):
            downloaded(client, ReturnsValue(None, "text"))

    def test_must_not_become_awaitable(self, client: Client, api: respx.MockRouter) -> None:
        async def never() -> None: ...

        with pytest.raises(TypeError, match=r"destination returned coroutine instead of"):
            downloaded(client, ReturnsValue(None, never()))

    def test_none_from_a_raw_stream_means_that_nothing_was_written(self, client: Client, api: respx.MockRouter) -> None:
        with pytest.raises(OSError, match=r"^the destination wrote 0 of \d+ bytes; use a buffered binary stream$"):
            downloaded(client, NonBlocking())

    def test_of_a_mock_is_refused(self, client: Client, api: respx.MockRouter) -> None:
        with pytest.raises(TypeError, match=r"destination returned Mock instead of"):
            downloaded(client, Mock())


def opened(mode: str) -> Callable[[Path], Any]:
    def open_it(path: Path) -> Any:
        path.write_bytes(b"")
        return open(path, mode)

    return open_it


def closed(path: Path) -> Any:
    stream = io.BytesIO()
    stream.close()
    return stream


async def coroutine() -> None: ...


class TestInvalidSinks:
    @pytest.mark.promise("A stream must be binary and open for writing, else nothing is sent.")
    @pytest.mark.parametrize(
        ("make", "error", "message"),
        [
            (opened("rb"), ValueError, r"not open for writing; open it in the mode 'wb'$"),
            (closed, ValueError, r"^destination is closed; open it again$"),
            (opened("w"), TypeError, r"is a text stream; open it in binary mode: open\(path, 'wb'\)$"),
            (lambda _: io.StringIO(), TypeError, r"is a text stream; open it in binary mode"),
            (lambda _: tempfile.SpooledTemporaryFile(mode="w"), TypeError, r"is a text stream; open it in binary mode"),
            (lambda _: tempfile.NamedTemporaryFile("w"), TypeError, r"is a text stream; open it in binary mode"),
            (lambda _: sys.stdout, TypeError, r"is a text stream; open it in binary mode"),
            (lambda _: io.BytesIO, TypeError, r"binary stream to write to, not the class BytesIO$"),
            (lambda _: bytearray(), TypeError, r"not bytearray; files\.read returns the content as bytes$"),
            (lambda _: [], TypeError, r"not list; files\.read returns the content as bytes$"),
            (lambda path: zipfile.ZipFile(path, "w"), TypeError, r"pass a member of the archive, opened with its open"),
            (
                lambda _: coroutine(),
                TypeError,
                r"not coroutine; await it, or enter it with `async with`, and pass the",
            ),
        ],
    )
    def test_are_refused_before_anything_is_sent(
        self,
        client: Client,
        api: respx.MockRouter,
        tmp_path: Path,
        make: Callable[[Path], Any],
        error: type[Exception],
        message: str,
    ) -> None:
        destination = make(tmp_path / "file")
        with pytest.raises(error, match=message):
            downloaded(client, destination)
        assert not api.calls
        if hasattr(destination, "close") and not isinstance(destination, type) and destination is not sys.stdout:
            destination.close()

    def test_an_asynchronous_mock_is_refused(self, api: respx.MockRouter) -> None:
        sink = Mock(write=AsyncMock(return_value=None))
        # A mock has every attribute, `drain` too.
        sink.drain = None
        downloaded(Client("asyncio"), sink)
        assert b"".join(call.args[0] for call in sink.write.await_args_list) == CONTENT

    def test_an_empty_file_needs_no_write(self, client: Client, api: respx.MockRouter) -> None:
        api["record"].respond(200, json={**FILE, "size": 0})
        api["content"].mock(side_effect=None, return_value=httpx.Response(200, content=b""))
        sink = ReturnsValue("would be refused")
        downloaded(client, sink)
        assert sink.content == b""

    def test_content_is_verified(self, client: Client, api: respx.MockRouter) -> None:
        api["content"].mock(side_effect=None, return_value=httpx.Response(200, content=CONTENT[:-1] + b"?"))
        with pytest.raises(DownloadCorruptedError, match="the MD5 of the received content"):
            downloaded(client, io.BytesIO())
