"""Content streams that are read like files, and the progress of downloads."""

from __future__ import annotations

import csv
import gc
import hashlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubspot_files import DownloadCorruptedError, HubSpotFiles
from hubspot_files.testing import Emulator

from .support import FILE, STORAGE, Client, Content, collected, enter, first, leave

CONTENT = b"".join(b"%d," % number + b"x" * (number % 23) + b"\n" for number in range(60))
SIGNED = {"url": f"{STORAGE}/a.csv?sig=secret", "expiresAt": "2999-01-01T00:00:00Z"}


class Host(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """HubSpot with one file, whose content comes in the given responses, each a list of chunks."""

    def __init__(self, *responses: list[bytes | Exception], content: bytes = CONTENT, **record: Any) -> None:
        self.responses = list(responses)
        md5 = hashlib.md5(content).hexdigest()
        self.record = {**FILE, "size": len(content), "fileMd5": md5, **record}
        self.sent = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.hubapi.com":
            return httpx.Response(200, json=SIGNED if request.url.path.endswith("/signed-url") else self.record)
        chunks = self.responses.pop(0)
        headers = {"etag": '"v1"'}
        start = self.sent
        self.sent += sum(len(chunk) for chunk in chunks if isinstance(chunk, bytes))
        if "range" in request.headers:
            headers["content-range"] = f"bytes {start}-{self.record['size'] - 1}/{self.record['size']}"
        return httpx.Response(206 if start else 200, headers=headers, stream=Content(*chunks))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


def run(client: Client, host: Host, program: Callable[[Any], Any], **options: Any) -> Any:
    return client(program, http_client=client.http(host), **options)


def cut(content: bytes, size: int) -> list[bytes | Exception]:
    return [content[start : start + size] for start in range(0, len(content), size)]


SIZES = st.sampled_from([-1, None]) | st.integers(0, 300)
READS = st.lists(st.tuples(st.sampled_from(["read", "readline", "readinto"]), SIZES), max_size=10)


class TestReading:
    @pytest.mark.parametrize("backend", ["sync", "asyncio"])
    def test_is_like_that_of_bytesio(self, backend: str) -> None:
        @given(reads=READS, chunk=st.sampled_from([1, 7, 100, len(CONTENT)]))
        @settings(max_examples=25)
        def check(reads: list[Any], chunk: int) -> None:
            def program(hubspot: Any) -> Any:
                like = io.BytesIO(CONTENT)
                content = hubspot.files.stream("1")
                yield enter(content)
                for name, size in reads:
                    if name == "readinto":
                        buffer, expected = bytearray(max(size or 0, 0)), bytearray(max(size or 0, 0))
                        assert (yield content.readinto(buffer)) == like.readinto(expected)
                        assert buffer == expected
                    else:
                        assert (yield getattr(content, name)(size)) == getattr(like, name)(size)
                assert b"".join((yield collected(content))) == like.read()
                assert (yield content.read()) == b""
                yield leave(content)

            run(Client(backend), Host(cut(CONTENT, chunk)), program)

        check()

    def test_goes_on_after_a_chunk(self, client: Client) -> None:
        def program(hubspot: Any) -> Any:
            content = hubspot.files.stream("1")
            yield enter(content)
            assert (yield first(content)) == CONTENT[:50]
            assert (yield content.read(10)) == CONTENT[50:60]
            assert (yield first(content)) == CONTENT[60:100]
            assert (yield content.read()) == CONTENT[100:]
            yield leave(content)

        run(client, Host(cut(CONTENT, 50)), program)

    def test_a_cut_is_resumed(self, client: Client) -> None:
        def program(hubspot: Any) -> Any:
            content = hubspot.files.stream("1")
            yield enter(content)
            got = yield content.read()
            yield leave(content)
            return got

        host = Host([CONTENT[:100], httpx.ReadError("reset")], cut(CONTENT[100:], 100))
        assert run(client, host, program) == CONTENT

    @pytest.mark.parametrize("size", [-1, len(CONTENT)])
    def test_verifies_before_the_last_bytes(self, client: Client, size: int) -> None:
        """Many readers stop at the size, and would not notice it after that."""

        def program(hubspot: Any) -> Any:
            content = hubspot.files.stream("1")
            yield enter(content)
            assert (yield content.read(100)) == CONTENT[:100]
            for _ in range(2):
                with pytest.raises(DownloadCorruptedError, match="the MD5"):
                    yield content.read(size)
            yield leave(content)

        run(client, Host(cut(CONTENT, 100), fileMd5="0" * 32), program)

    def test_refuses_what_is_not_open(self, client: Client) -> None:
        def program(hubspot: Any) -> Any:
            content = hubspot.files.stream("1")
            close = content.aclose if client.asynchronous else content.close
            with pytest.raises(RuntimeError, match="the stream is not open"):
                yield content.read(1)
            yield enter(content)
            assert not content.closed
            yield close()
            yield close()
            assert content.closed
            for read in (content.read, content.readline):
                with pytest.raises(RuntimeError, match="the stream is closed"):
                    yield read(1)
            yield leave(content)

        run(client, Host(cut(CONTENT, 100)), program)

    def test_a_stream_that_is_never_entered_can_be_closed(self, client: Client) -> None:
        def program(hubspot: Any) -> Any:
            content = hubspot.files.stream("1")
            yield content.aclose() if client.asynchronous else content.close()
            del content
            gc.collect()

        run(client, Host(), program)


class TestAsFile:
    """The stream of the synchronous client is one of `io`."""

    def opened(self, content: bytes = CONTENT, chunk: int = 100) -> Any:
        http = httpx.Client(transport=Host(cut(content, chunk), content=content))
        return HubSpotFiles("token", http_client=http).files.stream("1")

    def test_has_its_attributes(self) -> None:
        with self.opened() as content:
            assert isinstance(content, io.BufferedIOBase)
            assert (content.name, content.mode) == (FILE["path"], "rb")
            assert (content.readable(), content.writable(), content.seekable()) == (True, False, False)
            assert content.read1() == CONTENT[:100]
            assert content.read1(10) == CONTENT[100:110]
            assert content.read1(1000) == CONTENT[110:200]
            lines = CONTENT[200:].splitlines(keepends=True)
            assert content.readlines(1) == lines[:1]
            assert content.readlines(len(lines[1]) + 1) == lines[1:3]
            assert content.readlines(None) == lines[3:]
            assert content.readlines() == []
            assert content.read1() == b""
        with pytest.raises(io.UnsupportedOperation):
            content.seek(0)

    def test_libraries_take_it(self) -> None:
        with self.opened() as content, io.TextIOWrapper(content, "utf-8", newline="") as text:
            assert [row[0] for row in csv.reader(text)] == [str(number) for number in range(60)]
        copy = io.BytesIO()
        with self.opened() as content:
            shutil.copyfileobj(content, copy)
        assert copy.getvalue() == CONTENT
        with self.opened(b'{"a": 1}') as content:
            assert json.load(content) == {"a": 1}

    def test_can_be_uploaded(self) -> None:
        with Emulator() as emulator, emulator.client() as hubspot, self.opened() as content:
            hubspot.files.upload(content, folder_path="/", name="copy.csv")
            assert emulator.files[0].content == CONTENT


def to_path(hubspot: Any, folder: Path, **options: Any) -> Any:
    yield hubspot.files.download("1", folder / "got", **options)


def to_sink(hubspot: Any, folder: Path, **options: Any) -> Any:
    yield hubspot.files.download("1", io.BytesIO(), **options)


def to_bytes(hubspot: Any, folder: Path, **options: Any) -> Any:
    yield hubspot.files.read("1", **options)


def to_chunks(hubspot: Any, folder: Path, **options: Any) -> Any:
    content = hubspot.files.stream("1", **options)
    yield enter(content)
    yield content.read()
    yield leave(content)


ways = pytest.mark.parametrize("way", [to_path, to_sink, to_bytes, to_chunks])


class TestProgress:
    @ways
    def test_goes_on_after_a_cut(self, client: Client, way: Any, tmp_path: Path) -> None:
        seen: list[tuple[int, int, int]] = []
        host = Host([CONTENT[:100], CONTENT[100:300], httpx.ReadError("reset")], cut(CONTENT[300:], 200))

        def on_progress(received: int, total: int, attempt: int) -> None:
            seen.append((received, total, attempt))

        run(client, host, lambda hubspot: way(hubspot, tmp_path, on_progress=on_progress))
        size = len(CONTENT)
        # AsyncHubSpotFiles writes several chunks at once.
        assert (300, size, 1) in seen
        assert seen[-1] == (size, size, 2)
        assert seen == sorted(seen)
        assert [attempt for received, _, attempt in seen] == [1 if received <= 300 else 2 for received, _, _ in seen]

    @ways
    def test_of_an_empty_file(self, client: Client, way: Any, tmp_path: Path) -> None:
        seen: list[tuple[int, int, int]] = []
        host = Host([], content=b"")
        run(client, host, lambda hubspot: way(hubspot, tmp_path, on_progress=lambda *args: seen.append(args)))
        assert seen == [(0, 0, 1)]

    def test_an_error_of_the_callback_ends_the_download(self, client: Client, tmp_path: Path) -> None:
        def on_progress(received: int, total: int, attempt: int) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            run(client, Host(cut(CONTENT, 100)), lambda hubspot: to_path(hubspot, tmp_path, on_progress=on_progress))
        assert list(tmp_path.iterdir()) == []

    def test_starts_again_if_the_public_url_has_another_content(self, client: Client, tmp_path: Path) -> None:
        seen: list[tuple[int, int, int]] = []
        with Emulator() as emulator:
            id = emulator.add_file("/a.csv", CONTENT, access="PUBLIC_INDEXABLE").id

            class Hosts(httpx.BaseTransport, httpx.AsyncBaseTransport):
                def handle_request(self, request: httpx.Request) -> httpx.Response:
                    if "/hubfs/" in request.url.path and "signature" not in request.url.params:
                        return httpx.Response(200, content=CONTENT[::-1])
                    return emulator.transport.handle_request(request)

                async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                    if "/hubfs/" in request.url.path and "signature" not in request.url.params:
                        return httpx.Response(200, content=CONTENT[::-1])
                    return await emulator.transport.handle_async_request(request)

            def program(hubspot: Any) -> Any:
                record = yield hubspot.files.get(id)
                yield hubspot.files.download(
                    record, tmp_path / "got", on_progress=lambda *progress: seen.append(progress)
                )

            client(program, access_token=emulator.token, http_client=client.http(Hosts()))
        size = len(CONTENT)
        assert seen == [(size, size, 1), (size, size, 2)]
