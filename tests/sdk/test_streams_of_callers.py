"""Uploads of streams from other packages: awaited, unwrapped, fully sent, or refused with advice."""

from __future__ import annotations

import asyncio
import bz2
import gzip
import http.client
import io
import mmap
import os
import socket
import tarfile
import tempfile
import threading
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, Mock

import aiofiles
import anyio
import anyio.lowlevel
import httpx
import pytest
import respx
from starlette.datastructures import UploadFile
from werkzeug.datastructures import FileStorage

from hubspot_files import AsyncHubSpotFiles

from .support import FILE, TOKEN, Client, sent_parts

# More than one read of a copied source.
CONTENT = b"0123456789" * 250_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture(params=["upload", "replace"])
def operation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def sends(operation: str, source: Any, **options: Any) -> Callable[[Any], Any]:
    if operation == "replace":
        return lambda hubspot: hubspot.files.replace(1, source, access="PRIVATE", **options)
    return lambda hubspot: hubspot.files.upload(source, folder_path="/", **options)


def close(source: Any) -> None:
    """Close a source, and the archive that it comes from."""
    if isinstance(source, UploadFile):
        source = source.file
    for opened in (source, getattr(source, "archive", None)):
        if hasattr(opened, "close") and not isinstance(opened, type):
            opened.close()


def mock_upload(api: respx.MockRouter) -> None:
    api.post("/files/v3/files").respond(201, json=FILE)
    api.put("/files/v3/files/1").respond(200, json=FILE)


def sent(api: respx.MockRouter) -> bytes:
    return sent_parts(api.calls.last.request)[-1].content


class AsyncStream:
    """A minimal asynchronous stream that records the threads of its reads.

    Attributes:
        stands: the result of `tell`, which exists only if this is set.
    """

    def __init__(self, content: bytes = CONTENT) -> None:
        self.stream = io.BytesIO(content)
        self.threads: set[threading.Thread] = set()

    async def read(self, size: int = -1) -> bytes:
        await anyio.lowlevel.checkpoint()
        self.threads.add(threading.current_thread())
        return self.stream.read(size)


class Delegating:
    """A stream whose `read` is no coroutine function but returns an awaitable."""

    def __init__(self) -> None:
        self.inner = AsyncStream()

    def read(self, size: int = -1) -> Awaitable[bytes]:
        return self.inner.read(size)


class DelegatingAll(Delegating):
    """A stream whose other methods return awaitables, too."""

    async def _position(self, *arguments: int) -> int:
        return self.inner.stream.tell()

    def seek(self, *arguments: int) -> Awaitable[int]:
        return self._position()

    def tell(self) -> Awaitable[int]:
        return self._position()


class DelegatingPredicates(DelegatingAll):
    async def _yes(self) -> bool:
        return True

    def seekable(self) -> Awaitable[bool]:
        return self._yes()

    def readable(self) -> Awaitable[bool]:
        return self._yes()


class TestAsyncSources:
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    @pytest.mark.parametrize("make", [AsyncStream, Delegating, DelegatingAll, DelegatingPredicates])
    def test_are_awaited_on_the_event_loop(
        self, api: respx.MockRouter, backend: str, make: Callable[[], Any], operation: str
    ) -> None:
        mock_upload(api)
        source = make()
        Client(backend)(sends(operation, source, name="a.bin"))
        assert sent(api) == CONTENT
        assert getattr(source, "inner", source).threads == {threading.main_thread()}

    @pytest.mark.promise("it has to be awaited, on `HubSpotFiles`: `TypeError`")
    @pytest.mark.parametrize("make", [AsyncStream, Delegating, DelegatingAll, DelegatingPredicates])
    def test_are_refused_by_the_sync_client_before_anything_is_sent(
        self, api: respx.MockRouter, make: Callable[[], Any], operation: str
    ) -> None:
        """Without a `never awaited` warning, which would be an error here."""
        with pytest.raises(
            TypeError, match=r"^the source has to be awaited, which AsyncHubSpotFiles does; pass a path,"
        ):
            Client("sync")(sends(operation, make(), name="a.bin"))
        assert not api.calls

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_are_retried_completely(self, api: respx.MockRouter, backend: str) -> None:
        route = api.put("/files/v3/files/1").mock(side_effect=[httpx.Response(502), httpx.Response(200, json=FILE)])
        Client(backend)(sends("replace", AsyncStream(), name="a.bin"))
        assert [sent_parts(call.request)[-1].content for call in route.calls] == [CONTENT, CONTENT]

    def test_a_handle_of_aiofiles_has_a_name(self, api: respx.MockRouter, path: Path) -> None:
        mock_upload(api)

        async def program() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot, aiofiles.open(path, "rb") as handle:
                await hubspot.files.upload(handle, folder_path="/")
                assert not handle.closed

        asyncio.run(program())
        assert sent_parts(api.calls.last.request)[1].content == b"cat.png"
        assert sent(api) == CONTENT

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    @pytest.mark.parametrize("buffering", [-1, 0])
    def test_a_file_of_anyio_has_a_name(self, api: respx.MockRouter, path: Path, backend: str, buffering: int) -> None:
        mock_upload(api)

        async def program() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot, await anyio.open_file(path, "rb", buffering) as file:
                await hubspot.files.upload(file, folder_path="/")

        anyio.run(program, backend=backend)
        assert sent_parts(api.calls.last.request)[1].content == b"cat.png"
        assert sent(api) == CONTENT

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_at_their_end(self, api: respx.MockRouter, path: Path, backend: str, operation: str) -> None:
        async def program() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot, await anyio.open_file(path, "rb") as file:
                await file.read()
                await sends(operation, file)(hubspot)

        with pytest.raises(ValueError, match=r"^the stream cat\.png is at its end, after 2500000 bytes, .* seek\(0\)"):
            anyio.run(program, backend=backend)
        assert not api.calls

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_empty_ones(self, api: respx.MockRouter, backend: str) -> None:
        class WithoutTell(AsyncStream):
            async def tell(self) -> int:
                raise OSError("not of a pipe")

        mock_upload(api)
        for source in (AsyncStream(b""), WithoutTell(b"")):
            Client(backend)(sends("upload", source, name="a.bin"))
            assert sent(api) == b""

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_failing_ones(self, api: respx.MockRouter, monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
        copies = []
        original = tempfile.SpooledTemporaryFile

        def recorded(**options: Any) -> Any:
            copies.append(original(**options))
            return copies[-1]

        class Broken(AsyncStream):
            async def read(self, size: int = -1) -> bytes:
                if self.threads:
                    raise OSError("the disk is gone")
                return await super().read(size)

        monkeypatch.setattr(tempfile, "SpooledTemporaryFile", recorded)
        with pytest.raises(OSError, match="the disk is gone"):
            Client(backend)(sends("upload", Broken(), name="a.bin"))
        assert [copy.closed for copy in copies] == [True]
        assert not api.calls

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    @pytest.mark.parametrize("given", ["text", None, 5])
    def test_that_do_not_return_bytes(self, api: respx.MockRouter, backend: str, given: Any) -> None:
        class Odd:
            async def read(self, size: int = -1) -> Any:
                return given

        with pytest.raises(
            TypeError, match=r"^the stream a\.bin (returns text|is in non-blocking mode|returns int instead of bytes)"
        ):
            Client(backend)(sends("upload", Odd(), name="a.bin"))
        assert not api.calls


def at_end(stream: Any) -> Any:
    stream.seek(0, os.SEEK_END)
    return stream


def zip_member(folder: Path) -> Any:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("cats/cat.png", CONTENT)
    return zipfile.ZipFile(folder / "a.zip").open("cats/cat.png")


def tar_member(folder: Path, mode: Any = "r") -> Any:
    with tarfile.open(folder / "a.tar", "w") as archive:
        member = tarfile.TarInfo("cats/cat.png")
        member.size = len(CONTENT)
        archive.addfile(member, io.BytesIO(CONTENT))
    archive = tarfile.open(folder / "a.tar", mode)
    entry = archive.next()
    assert entry is not None
    stream = archive.extractfile(entry)
    assert stream is not None
    # The archive is not closed with its member, and would warn of that.
    stream.archive = archive  # type: ignore[attr-defined]
    return stream


def gzipped(folder: Path) -> Any:
    (folder / "cat.png.gz").write_bytes(gzip.compress(CONTENT))
    return gzip.open(folder / "cat.png.gz")


def spooled(folder: Path) -> Any:
    stream = tempfile.SpooledTemporaryFile(max_size=1000)
    stream.write(CONTENT)
    stream.seek(0)
    return stream


def named(folder: Path) -> Any:
    stream = tempfile.NamedTemporaryFile(dir=folder, suffix=".png")
    stream.write(CONTENT)
    stream.seek(0)
    return stream


def mapped(folder: Path) -> Any:
    with open(folder / "cat.png", "rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


class FakeSocket:
    """A socket from which http.client reads a response."""

    def __init__(self, head: bytes, body: bytes) -> None:
        self.stream = io.BytesIO(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + body)

    def makefile(self, mode: str) -> Any:
        return self.stream


def response(content: bytes = CONTENT, length: int | None = None) -> http.client.HTTPResponse:
    head = b"Content-Length: %d" % (len(content) if length is None else length)
    response = http.client.HTTPResponse(FakeSocket(head, content))  # type: ignore[arg-type]  # all that it uses
    response.begin()
    return response


class StreamingBody:
    """A stream like boto3's, with only `read` and `tell`."""

    def __init__(self, content: bytes) -> None:
        self.stream = io.BytesIO(content)

    def read(self, amt: int | None = None) -> bytes:
        return self.stream.read(amt)

    def tell(self) -> int:
        return self.stream.tell()


class DjangoFile:
    """A file like Django's: it delegates to its file, and its name may be a path.

    https://docs.djangoproject.com/en/5.2/ref/files/file/
    """

    def __init__(self, file: Any, name: str | None) -> None:
        self.file = file
        self.name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        raise NotImplementedError

    def multiple_chunks(self, chunk_size: int | None = None) -> bool:
        raise NotImplementedError


class FormField:
    """A field like aiohttp's FileField, which has no `read`."""

    def __init__(self, file: Any, filename: str) -> None:
        self.name = "the form's field"
        self.filename = filename
        self.file = file


STREAMS: dict[str, Callable[[Path], Any]] = {
    "FileStorage": lambda _: FileStorage(io.BytesIO(CONTENT), name="field"),
    "UploadFile": lambda _: UploadFile(io.BytesIO(CONTENT)),
    "Django": lambda _: DjangoFile(io.BytesIO(CONTENT), None),
    "boto3": lambda _: StreamingBody(CONTENT),
    "urllib": lambda _: response(),
    "zip member": zip_member,
    "tar member": tar_member,
    "gzip": gzipped,
    "bz2": lambda _: bz2.BZ2File(io.BytesIO(bz2.compress(CONTENT))),
    "SpooledTemporaryFile": spooled,
    "NamedTemporaryFile": named,
    "mmap": mapped,
}


class TestStreamsOfOtherPackages:
    @pytest.mark.parametrize("make", STREAMS.values(), ids=STREAMS.keys())
    def test_are_fully_sent_under_the_given_name(
        self, client: Client, api: respx.MockRouter, path: Path, make: Callable[[Path], Any]
    ) -> None:
        mock_upload(api)
        source = make(path.parent)
        client(sends("upload", source, name="tom.png"))
        assert sent(api) == CONTENT
        assert sent_parts(api.calls.last.request)[1].content == b"tom.png"
        close(source)

    @pytest.mark.parametrize("make", STREAMS.values(), ids=STREAMS.keys())
    def test_have_no_name_of_their_own(self, api: respx.MockRouter, path: Path, make: Callable[[Path], Any]) -> None:
        source = make(path.parent)
        with pytest.raises(ValueError, match=r"^bytes, and streams .* need a name: pass name='cat\.png'$"):
            Client("sync")(sends("upload", source))
        assert not api.calls
        close(source)

    def test_a_member_of_a_tar_file_from_a_pipe(self, api: respx.MockRouter, path: Path) -> None:
        mock_upload(api)
        stream = tar_member(path.parent, "r|")
        Client("sync")(sends("upload", stream, name="tom.png"))
        assert sent(api) == CONTENT
        stream.archive.close()

    @pytest.mark.parametrize("mode", ["rb", "rwb"])
    def test_a_socket(self, api: respx.MockRouter, mode: str) -> None:
        mock_upload(api)
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.sendall(b"content")
        with ours, ours.makefile(mode) as stream:
            Client("sync")(sends("upload", stream, name="a.txt"))
        assert sent(api) == b"content"

    @pytest.mark.parametrize(
        "source",
        [
            FileStorage(io.BytesIO(b"x"), filename="C:\\fake\\cat.png", name="picture"),
            FileStorage(io.BytesIO(b"x"), filename="../../cat.png"),
            UploadFile(io.BytesIO(b"x"), filename="/home/tom\\cat.png"),
            DjangoFile(io.BytesIO(b"x"), "uploads/2026/cat.png"),
            FormField(io.BytesIO(b"x"), "cat.png"),
        ],
    )
    def test_an_upload_is_named_by_the_last_segment_of_the_client_file_name(
        self, client: Client, api: respx.MockRouter, source: Any
    ) -> None:
        mock_upload(api)
        getattr(source, "file", source).seek(0)
        client(sends("upload", source))
        _, name, _, file = sent_parts(api.calls.last.request)
        assert (name.content, file.content) == (b"cat.png", b"x")

    @pytest.mark.parametrize("name", ["", "C:\\folder\\", "..\\..", None])
    def test_an_upload_without_a_valid_name(self, api: respx.MockRouter, name: str | None) -> None:
        with pytest.raises(ValueError, match=r"pass name='cat\.png'$|must be a file name without slashes"):
            Client("sync")(sends("upload", FileStorage(io.BytesIO(b"x"), filename=name)))
        assert not api.calls


async def chunks() -> AsyncIterator[bytes]:
    yield b"x"


async def coroutine() -> None: ...


class NoSize:
    """A response of httpx or aiohttp, without a size."""

    encoding = "utf-8"

    def read(self) -> bytes:
        return b"x"


class HasContent:
    """A response of requests."""

    @property
    def content(self) -> bytes:
        raise AssertionError("it may be large")


class TestInvalidSources:
    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda _: io.BytesIO, r"that can be read, not the class BytesIO$"),
            (
                lambda _: httpx.Response(200, content=b"x"),
                r"^read\(\) of a Response accepts no size; pass its content as",
            ),
            (lambda _: NoSize(), r"^read\(\) of a NoSize accepts no size; pass its content as bytes, with name=$"),
            (lambda _: HasContent(), r"not HasContent; pass its content as bytes, with name=$"),
            (lambda _: iter([b"x"]), r"not list_iterator; write its items to a tempfile.SpooledTemporaryFile"),
            (
                lambda _: chunks(),
                r"not async_generator; write its items to a tempfile.SpooledTemporaryFile\(\), call seek",
            ),
            (
                lambda _: coroutine(),
                r"not coroutine; await it, or enter it with `async with`, and pass the result$",
            ),
            (
                lambda path: zipfile.ZipFile(path / "a.zip", "w"),
                r"not ZipFile; pass the path of the archive, or a member",
            ),
            (lambda _: Mock(), r"^the stream a\.txt returns Mock instead of bytes$"),
            (lambda _: tempfile.SpooledTemporaryFile(mode="w+"), r"is a text stream; open it in binary mode"),
            (lambda _: tempfile.NamedTemporaryFile("w+"), r"is a text stream; open it in binary mode"),
        ],
    )
    def test_is_refused_before_anything_is_sent(
        self, client: Client, api: respx.MockRouter, tmp_path: Path, make: Callable[[Path], Any], message: str
    ) -> None:
        source = make(tmp_path)
        with pytest.raises(TypeError, match=message):
            client(sends("upload", source, name="a.txt"))
        assert not api.calls
        close(source)

    def test_a_mock_is_not_used_as_a_file_descriptor(self, client: Client, api: respx.MockRouter) -> None:
        """A MagicMock converts to the integer 1, the standard output."""
        with pytest.raises(FileNotFoundError, match="MagicMock"):
            client(sends("upload", MagicMock(), name="a.txt"))
        assert not api.calls

    def test_a_function_without_a_signature_is_called(self, client: Client, api: respx.MockRouter) -> None:
        class Native:
            @property
            def __signature__(self) -> None:
                raise ValueError("no signature found, as for functions of extensions")

            def __init__(self) -> None:
                self.stream = io.BytesIO(b"x")

            def __call__(self, size: int) -> bytes:
                return self.stream.read(size)

        mock_upload(api)
        client(sends("upload", Mock(read=Native()), name="a.txt"))
        assert sent(api) == b"x"


def read_out(stream: Any) -> Any:
    stream.read()
    return stream


def opened(mode: str) -> Callable[[Path], Any]:
    return lambda path: open(path.parent / "other", mode)


def closed(stream: Any) -> Any:
    stream.close()
    return stream


class FalselySeekable(io.BytesIO):
    """A stream that claims to be seekable and does not move."""

    def seek(self, *arguments: Any) -> int:
        return 0

    def tell(self) -> int:
        return 0


class TestSilentlyEmpty:
    @pytest.mark.promise(
        "it is a stream at its end, after its content: `ValueError`, which names `seek(0)`",
        "it is closed, not open for reading, or a response that was read before: `ValueError`",
    )
    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (
                lambda _: at_end(io.BytesIO(CONTENT)),
                r"is at its end, after 2500000 bytes, .*; call seek\(0\) on it",
            ),
            (lambda path: at_end(path.open("rb")), r"is at its end, after 2500000 bytes"),
            (lambda path: at_end(path.open("rb", 0)), r"is at its end, after 2500000 bytes"),
            (lambda path: read_out(spooled(path.parent)), r"is at its end, after 2500000 bytes"),
            (lambda path: read_out(named(path.parent)), r"is at its end, after 2500000 bytes"),
            (lambda path: read_out(gzipped(path.parent)), r"is at its end, after 2500000 bytes"),
            (lambda path: read_out(mapped(path.parent)), r"is at its end, after 2500000 bytes"),
            (lambda _: UploadFile(at_end(io.BytesIO(CONTENT))), r"is at its end, after 2500000 bytes"),
            (lambda _: FileStorage(at_end(io.BytesIO(CONTENT))), r"is at its end, after 2500000 bytes"),
            (lambda _: read_out(StreamingBody(CONTENT)), r"after 2500000 bytes, .* if it can be read only once$"),
            (lambda _: read_out(response()), r"^the source is closed, or was read to its end; open it again$"),
            (lambda path: closed(path.open("rb")), r"^the source is closed, or was read to its end; open it again$"),
            (opened("wb"), r"^the source is not open for reading; open it in the mode 'rb'$"),
            (opened("ab"), r"^the source is not open for reading; open it in the mode 'rb'$"),
            (lambda path: gzip.open(path.parent / "a.gz", "wb"), r"^the source is not open for reading"),
            (
                lambda _: FalselySeekable(CONTENT),
                r"^the stream a\.png has content, although its size is 0 by seek\(\) and tell\(\);",
            ),
        ],
    )
    def test_is_refused_before_anything_is_sent(
        self,
        client: Client,
        api: respx.MockRouter,
        path: Path,
        make: Callable[[Path], Any],
        operation: str,
        message: str,
    ) -> None:
        source = make(path)
        with pytest.raises(ValueError, match=message):
            client(sends(operation, source, name="a.png"))
        assert not api.calls
        close(source)

    def test_a_stream_uploaded_before(self, client: Client, api: respx.MockRouter) -> None:
        mock_upload(api)
        stream = io.BytesIO(CONTENT)

        def program(hubspot: Any) -> Any:
            yield hubspot.files.upload(stream, name="a", folder_path="/")
            yield hubspot.files.upload(stream, name="a", folder_path="/")

        with pytest.raises(ValueError, match=r"is at its end, after 2500000 bytes, .*; call seek\(0\) on it"):
            client(program)
        assert len(api.calls) == 1

    @pytest.mark.promise("it is a response of `urllib` whose connection was cut: `OSError`")
    def test_a_response_that_was_cut(self, client: Client, api: respx.MockRouter) -> None:
        with pytest.raises(OSError, match=r"^the stream a ended 10 bytes before its end: the connection was cut; open"):
            client(sends("upload", response(b"short", 15), name="a"))
        assert not api.calls

    @pytest.mark.promise("An empty stream is stored as an empty file.")
    @pytest.mark.parametrize(
        "make", [io.BytesIO, lambda: response(b""), lambda: StreamingBody(b""), lambda: UploadFile(io.BytesIO())]
    )
    def test_empty_content_is_stored(self, client: Client, api: respx.MockRouter, make: Callable[[], Any]) -> None:
        mock_upload(api)
        client(sends("upload", make(), name="a"))
        assert sent(api) == b""

    def test_a_stream_that_falsely_claims_to_be_seekable_is_copied(self, client: Client, api: respx.MockRouter) -> None:
        class Claims(io.BytesIO):
            def seek(self, *arguments: Any) -> int:
                raise io.UnsupportedOperation("seek")

        mock_upload(api)
        client(sends("upload", Claims(CONTENT), name="a"))
        assert sent(api) == CONTENT

    def test_a_file_of_a_django_model_opens_on_first_access(self, client: Client, api: respx.MockRouter) -> None:
        class FieldFile(DjangoFile):
            closed = True

            def __getattr__(self, name: str) -> Any:
                self.closed = False
                return super().__getattr__(name)

        mock_upload(api)
        client(sends("upload", FieldFile(io.BytesIO(CONTENT), "uploads/cat.png")))
        assert sent_parts(api.calls.last.request)[1].content == b"cat.png"
        assert sent(api) == CONTENT

    def test_sizes_are_counted_in_bytes(self, client: Client, api: respx.MockRouter) -> None:
        class Views(io.BytesIO):
            def read(self, size: int | None = -1) -> Any:
                data = super().read(size)
                return memoryview(data).cast("H") if data and len(data) % 2 == 0 else bytearray(data)

        mock_upload(api)
        client(sends("upload", Views(CONTENT), name="a"))
        assert sent(api) == CONTENT
