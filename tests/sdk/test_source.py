"""Sources of uploads, and the upload body that can be read again for each attempt."""

from __future__ import annotations

import array
import gzip
import io
import os
import pathlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import IO, Any

import pytest

from hubspot_files import SourceChangedError
from hubspot_files._content.source import check_source
from hubspot_files._content.source_opener import SourceOpener, open_source
from hubspot_files._content.upload_body import UploadBody

CONTENT = b"0123456789" * 20_000


def read_all(body: UploadBody, size: int = 65536) -> bytes:
    """Read an upload body as httpx does."""
    body.seek(0)
    chunks = []
    while chunk := body.read(size):
        chunks.append(chunk)
    return b"".join(chunks)


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "cat.png"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def pipe() -> Iterator[Callable[[bytes], IO[bytes]]]:
    """Return a function that makes a pipe with some bytes."""
    opened: list[IO[bytes]] = []
    writers: list[threading.Thread] = []

    def make(content: bytes) -> IO[bytes]:
        reading, writing = os.pipe()

        def write() -> None:
            with open(writing, "wb") as stream:
                stream.write(content)

        writer = threading.Thread(target=write)
        writer.start()
        writers.append(writer)
        opened.append(open(reading, "rb"))
        return opened[-1]

    yield make
    for stream in opened:
        stream.close()
    for writer in writers:
        writer.join()


class _OnlyReads:
    """A stream with nothing but `read`."""

    def __init__(self, *chunks: Any) -> None:
        self.chunks = list(chunks)

    def read(self, size: int = -1) -> Any:
        return self.chunks.pop(0) if self.chunks else b""


class _SeeksWithoutResult(io.BytesIO):
    """A stream of another package whose seek returns None."""

    def seek(self, *arguments: Any) -> None:  # type: ignore[override]
        super().seek(*arguments)


class TestName:
    def test_is_the_given_name(self, path: pathlib.Path) -> None:
        assert check_source(path, "dog.jpg") == "dog.jpg"
        assert check_source(b"", "dog.jpg") == "dog.jpg"

    @pytest.mark.parametrize("convert", [str, pathlib.Path])
    def test_is_that_of_the_path(self, path: pathlib.Path, convert: Any) -> None:
        assert check_source(convert(path), None) == "cat.png"

    def test_is_that_of_an_entry_of_a_folder(self, path: pathlib.Path) -> None:
        with os.scandir(path.parent) as entries:
            assert check_source(next(entries), None) == "cat.png"

    def test_is_that_of_the_open_file(self, path: pathlib.Path) -> None:
        with path.open("rb") as stream:
            assert check_source(stream, None) == "cat.png"

    @pytest.mark.parametrize(
        "source", [b"a", bytearray(b"a"), memoryview(b"a"), io.BytesIO(b"a"), _OnlyReads(), "", "a/"]
    )
    def test_is_required_if_the_source_has_none(self, source: Any) -> None:
        with pytest.raises(ValueError, match=r"need a name: pass name='cat.png'$|is not the path of a file; pass one$"):
            check_source(source, None)

    @pytest.mark.parametrize("name", [3, "<stdin>", "<fdopen>", None])
    def test_is_not_a_placeholder(self, name: Any) -> None:
        stream = io.BytesIO(b"a")
        stream.name = name  # type: ignore[attr-defined]
        with pytest.raises(ValueError, match=r"need a name: pass name="):
            check_source(stream, None)

    def test_is_not_the_descriptor_of_a_pipe(self, pipe: Callable[[bytes], IO[bytes]]) -> None:
        with pytest.raises(ValueError, match=r"need a name: pass name="):
            check_source(pipe(b""), None)

    @pytest.mark.parametrize("name", ["", " ", "a/b", "/", "a\r\nb", "a\x00", "\x7f"])
    def test_refuses_invalid_names(self, name: str) -> None:
        with pytest.raises(ValueError, match=r"must be a file name without slashes and control characters$"):
            check_source(b"", name)

    def test_can_be_encoded(self, tmp_path: pathlib.Path) -> None:
        """A file name that is not UTF-8 reaches Python as lone surrogates."""
        with pytest.raises(ValueError, match=r"cannot be sent as UTF-8; pass another name=$"):
            check_source(tmp_path / os.fsdecode(b"caf\xe9.png"), None)

    def test_must_be_a_str(self) -> None:
        with pytest.raises(TypeError, match=r"^name must be a str, not bytes$"):
            check_source(b"", b"cat.png")  # type: ignore[arg-type]  # the point of the test


class TestWrongSources:
    @pytest.mark.parametrize("source", [None, 1, ["a"], object(), {"file": b""}])
    def test_are_refused(self, source: Any) -> None:
        kind = type(source).__name__
        with pytest.raises(TypeError, match=rf"must be a path, bytes or a binary stream that can be read, not {kind}$"):
            check_source(source, "a")

    def test_text_files_are_refused(self, path: pathlib.Path) -> None:
        with path.open() as stream, pytest.raises(TypeError, match=r"open it in binary mode: open\(path, 'rb'\)$"):
            check_source(stream, None)  # type: ignore[arg-type]  # the point of the test

    @pytest.mark.parametrize("response", ["text", ""])
    def test_streams_of_text_are_refused_when_they_are_read(self, response: str) -> None:
        with pytest.raises(TypeError, match=r"the stream a returns text; open it in binary mode$"):
            open_source(_OnlyReads(response), "a", None)

    def test_seekable_streams_of_text_are_refused(self) -> None:
        class Text(io.BytesIO):
            def read(self, size: int | None = -1) -> Any:
                return super().read(size).decode()

        with pytest.raises(TypeError, match=r"the stream a returns text; open it in binary mode"):
            open_source(Text(b"text"), "a", None)

    def test_streams_of_other_things_are_refused(self) -> None:
        with pytest.raises(TypeError, match=r"^the stream a returns list instead of bytes$"):
            open_source(_OnlyReads([1]), "a", None)

    def test_missing_files_and_folders(self, tmp_path: pathlib.Path) -> None:
        with pytest.raises(FileNotFoundError):
            open_source(tmp_path / "none", "none", None)
        with pytest.raises(IsADirectoryError):
            open_source(tmp_path, "folder", None)

    def test_a_stream_past_its_end(self) -> None:
        stream = io.BytesIO(b"abc")
        stream.seek(5)
        with pytest.raises(
            ValueError, match=r"^the stream a is positioned after its end; seek to the start of the upload$"
        ):
            open_source(stream, "a", None)


class TestSources:
    @pytest.mark.parametrize(
        "make",
        [
            str,
            lambda path: path,
            lambda path: path.read_bytes(),
            lambda path: bytearray(path.read_bytes()),
            lambda path: memoryview(path.read_bytes()),
            lambda path: io.BytesIO(path.read_bytes()),
            lambda path: _OnlyReads(path.read_bytes()),
            lambda path: _OnlyReads(bytearray(path.read_bytes()[:7]), memoryview(path.read_bytes()[7:])),
            lambda path: _SeeksWithoutResult(path.read_bytes()),
        ],
        ids=["str", "path", "bytes", "bytearray", "memoryview", "BytesIO", "read only", "odd bytes", "odd seek"],
    )
    def test_can_be_read_again(self, path: pathlib.Path, make: Callable[[pathlib.Path], Any]) -> None:
        body = open_source(make(path), "cat.png", None)
        try:
            assert body.size == len(CONTENT)
            assert read_all(body) == CONTENT
            assert read_all(body, 1000) == CONTENT
            assert read_all(body, -1) == CONTENT
        finally:
            body.close()

    @pytest.mark.parametrize("buffering", [-1, 0])
    def test_an_open_file_is_read_from_its_position(self, path: pathlib.Path, buffering: int) -> None:
        with path.open("rb", buffering) as stream:
            stream.seek(5)
            body = open_source(stream, "cat.png", None)
            assert body.size == len(CONTENT) - 5
            assert read_all(body) == CONTENT[5:]
            assert read_all(body) == CONTENT[5:]

    def test_a_memoryview_is_read_as_bytes(self) -> None:
        numbers = array.array("I", [1, 2])
        body = open_source(memoryview(numbers), "a", None)
        assert read_all(body) == numbers.tobytes()
        body.close()

    def test_a_memoryview_may_have_gaps(self) -> None:
        body = open_source(memoryview(b"abcdef")[::2], "a", None)
        assert read_all(body) == b"ace"
        body.close()

    @pytest.mark.parametrize("content", [b"", b"a", CONTENT, b"large" * 2_000_000])
    def test_a_pipe_is_copied_for_retries(self, pipe: Callable[[bytes], IO[bytes]], content: bytes) -> None:
        body = open_source(pipe(content), "cat.png", None)
        assert body.size == len(content)
        assert read_all(body) == content
        assert read_all(body) == content
        body.close()

    def test_a_named_pipe_is_copied(self, tmp_path: pathlib.Path) -> None:
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)
        writer = threading.Thread(target=fifo.write_bytes, args=(CONTENT,))
        writer.start()
        body = open_source(fifo, "fifo", None)
        writer.join()
        assert read_all(body) == CONTENT
        assert read_all(body) == CONTENT
        body.close()

    def test_a_compressed_file_is_sent_decompressed(self, tmp_path: pathlib.Path) -> None:
        with gzip.open(tmp_path / "cat.gz", "wb") as stream:
            stream.write(CONTENT)
        with gzip.open(tmp_path / "cat.gz") as stream:
            body = open_source(stream, "cat", None)
            assert body.size == len(CONTENT)
            assert read_all(body) == CONTENT

    def test_a_temporary_file(self) -> None:
        with tempfile.SpooledTemporaryFile() as stream:
            stream.write(b"12345")
            stream.seek(2)
            assert read_all(open_source(stream, "a", None)) == b"345"

    def test_a_stream_without_tell_is_copied(self) -> None:
        class Seeks(_OnlyReads):
            def seek(self, offset: int) -> int:
                raise AssertionError("it cannot be told where it was")

        body = open_source(Seeks(b"abc"), "a", None)
        assert read_all(body) == b"abc"
        body.close()

    @pytest.mark.parametrize("chunks", [(None,), (b"the first", None, b"the rest")])
    def test_a_non_blocking_stream_is_refused(self, chunks: tuple[Any, ...]) -> None:
        """None does not mean the end: later data would be missing from the file."""
        with pytest.raises(TypeError, match=r"and its end is not known; set it to blocking mode$"):
            open_source(_OnlyReads(*chunks), "a", None)

    @pytest.mark.parametrize("buffering", [-1, 0])
    def test_a_non_blocking_pipe_is_refused(self, buffering: int) -> None:
        reading, writing = os.pipe()
        os.write(writing, b"the first")
        os.set_blocking(reading, False)
        with (
            open(writing, "wb"),
            open(reading, "rb", buffering) as stream,
            pytest.raises(TypeError, match=r"set it to blocking mode$"),
        ):
            open_source(stream, "a", None)

    @pytest.mark.parametrize("source", [b"", io.BytesIO(), _OnlyReads()])
    def test_empty_content(self, source: Any) -> None:
        body = open_source(source, "a", None)
        assert body.size == 0
        assert body.read(10) == b""
        body.close()

    @pytest.mark.parametrize(
        ("name", "content_type"),
        [
            ("cat.png", "image/png"),
            ("CAT.PNG", "image/png"),
            ("a.pdf", "application/pdf"),
            ("a", "application/octet-stream"),
            ("a.unheard-of", "application/octet-stream"),
        ],
    )
    def test_content_type_is_guessed_from_the_name(self, name: str, content_type: str) -> None:
        body = open_source(b"", name, None)
        assert (body.name, body.content_type) == (name, content_type)


class TestPosition:
    """httpx gets the size by seeking to the end, and seeks to the start before it reads."""

    def test_follows_what_was_read(self) -> None:
        body = open_source(b"0123456789", "a", None)
        assert body.tell() == 0
        assert body.read(4) == b"0123"
        assert body.tell() == 4
        assert body.seek(0, os.SEEK_END) == body.tell() == 10
        assert body.seek(0) == body.tell() == 0
        assert body.read(100) == b"0123456789"
        assert body.read(100) == b""

    def test_tell_does_not_move_it(self) -> None:
        body = open_source(b"0123456789", "a", None)
        body.read(4)
        assert body.seek(4) == 4
        assert body.read(2) == b"45"


class TestChanges:
    def test_a_file_that_shrinks(self, path: pathlib.Path) -> None:
        body = open_source(path, "cat.png", None)
        os.truncate(path, 1000)
        with pytest.raises(
            SourceChangedError, match=rf"cat.png became {len(CONTENT) - 1000} bytes shorter while it was"
        ):
            read_all(body, 1000)
        body.close()

    def test_a_file_that_grows(self, path: pathlib.Path) -> None:
        body = open_source(path, "cat.png", None)
        with path.open("ab") as more:
            more.write(b"more")
        with pytest.raises(
            SourceChangedError, match=r"cat.png became longer while it was uploaded; nothing is stored$"
        ):
            read_all(body)
        body.close()

    def test_reads_no_more_than_the_announced_size(self, path: pathlib.Path) -> None:
        body = open_source(path, "cat.png", None)
        with path.open("ab") as more:
            more.write(b"more")
        assert body.read(10**9) == CONTENT
        body.close()


class TestProgress:
    def test_grows_by_chunk_and_restarts_with_each_attempt(self) -> None:
        calls: list[tuple[int, int, int]] = []
        body = open_source(b"0123456789", "a", lambda *arguments: calls.append(arguments))
        for attempt in (1, 2):
            body.start_attempt(attempt)
            read_all(body, 4)
        assert calls == [(4, 10, 1), (8, 10, 1), (10, 10, 1), (4, 10, 2), (8, 10, 2), (10, 10, 2)]

    def test_is_reported_for_empty_content(self) -> None:
        calls: list[tuple[int, int, int]] = []
        body = open_source(b"", "a", lambda *arguments: calls.append(arguments))
        body.start_attempt(1)
        read_all(body)
        assert calls == [(0, 0, 1)]

    def test_errors_of_the_callback_propagate(self) -> None:
        def stop(sent: int, total: int, attempt: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            read_all(open_source(b"abc", "a", stop))


class TestClosing:
    def test_closes_a_file_opened_by_path(self, path: pathlib.Path) -> None:
        body = open_source(path, "cat.png", None)
        body.close()
        assert body._stream.closed
        body.close()

    def test_a_stream_of_the_caller_stays_open(self, path: pathlib.Path) -> None:
        with path.open("rb") as stream:
            body = open_source(stream, "cat.png", None)
            body.close()
            assert not stream.closed

    def test_a_pipe_of_the_caller_stays_open(self, pipe: Callable[[bytes], IO[bytes]]) -> None:
        stream = pipe(b"abc")
        open_source(stream, "a", None).close()
        assert not stream.closed

    @pytest.mark.parametrize("failure", [OSError("no disk"), KeyboardInterrupt()])
    def test_a_copy_that_fails_is_closed(self, monkeypatch: pytest.MonkeyPatch, failure: BaseException) -> None:
        opened = []
        original = tempfile.SpooledTemporaryFile

        def spooled(**options: Any) -> Any:
            opened.append(original(**options))
            return opened[-1]

        class Fails:
            def read(self, size: int = -1) -> bytes:
                raise failure

        monkeypatch.setattr(tempfile, "SpooledTemporaryFile", spooled)
        with pytest.raises(type(failure)):
            open_source(Fails(), "a", None)
        assert [stream.closed for stream in opened] == [True]

    def test_a_file_is_closed_if_the_upload_body_fails(
        self, path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[Any] = []

        class Interrupted(io.FileIO):
            def tell(self) -> int:
                raise KeyboardInterrupt

        def recording(*arguments: Any) -> Any:
            opened.append(Interrupted(*arguments))
            return opened[-1]

        monkeypatch.setattr("hubspot_files._content.source_opener.open", recording, raising=False)
        with pytest.raises(KeyboardInterrupt):
            open_source(path, "cat.png", None)
        assert [stream.closed for stream in opened] == [True]


class TestOpening:
    def test_closes_the_opened_file(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / "cat.png").write_bytes(CONTENT)
        opening = SourceOpener(tmp_path / "cat.png", "cat.png", None)
        body = opening.open()
        assert read_all(body) == CONTENT
        opening.close()
        with pytest.raises(ValueError, match="closed"):
            body.seek(0)

    def test_closes_a_file_opened_too_late(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / "cat.png").write_bytes(CONTENT)
        opening = SourceOpener(tmp_path / "cat.png", "cat.png", None)
        opening.close()
        with pytest.raises(ValueError, match="closed"):
            opening.open().seek(0)

    def test_closing_before_opening_has_no_effect(self, tmp_path: pathlib.Path) -> None:
        opening = SourceOpener(tmp_path / "none", "none", None)
        with pytest.raises(FileNotFoundError):
            opening.open()
        opening.close()
