"""Files of the file system of fsspec that are open for writing: stored when all is written, and only then."""

from __future__ import annotations

import contextlib
import errno
import gc
import gzip
import io
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import fsspec
import pytest

from hubspot_files.fsspec import HubSpotFileSystem
from hubspot_files.testing import Emulator

PATH = "/a/x"
URL = "hubspot://a/x"
OLD = b"the old content"
LARGE = 1000


@pytest.fixture
def fs(hubspot_emulator: Emulator) -> HubSpotFileSystem:
    hubspot_emulator.add_file(PATH, OLD)
    return fsspec.filesystem("hubspot")


def stored(emulator: Emulator, path: str = PATH) -> bytes | None:
    gc.collect()
    return next((file.content for file in emulator.files if file.path == path and file.state == "live"), None)


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


def incomplete(error: type[BaseException], path: str = PATH) -> str:
    return (
        f"{path} is not stored, because its content may be incomplete: {error.__name__} was raised before it was closed"
    )


NOT_CLOSED = (
    f"{PATH} is not stored, because its content may be incomplete: it was not closed; use `with`, or call close()"
)


class Handles:
    """Handles as pandas has them: the exception of the block is not passed on to them."""

    def __init__(self, *handles: Any) -> None:
        self.handles = handles

    def __enter__(self) -> Any:
        return self.handles[-1]

    def __exit__(self, *args: object) -> None:
        for handle in reversed(self.handles):
            handle.close()


def in_handles(*, compressed: bool) -> Handles:
    handle: Any = fsspec.open(URL, "wb").open()
    handles = [handle]
    if compressed:
        handles.append(gzip.GzipFile(fileobj=handle, mode="wb"))
    return Handles(*handles, io.TextIOWrapper(handles[-1], encoding="latin-1", write_through=True))


@contextlib.contextmanager
def closed_at_last(file: Any) -> Iterator[Any]:
    try:
        yield file
    finally:
        file.close()


Opener = Callable[[Any], AbstractContextManager[Any]]
TEXT: dict[str, Opener] = {
    "fs.open": lambda fs: fs.open(PATH, "w", encoding="latin-1"),
    "fs.open, compressed": lambda fs: fs.open(PATH, "wt", encoding="latin-1", compression="gzip"),
    "fsspec.open": lambda fs: fsspec.open(URL, "w", encoding="latin-1"),
    "fsspec.open, compressed": lambda fs: fsspec.open(URL, "wt", encoding="latin-1", compression="xz"),
    "TextIOWrapper": lambda fs: io.TextIOWrapper(fs.open(PATH, "wb"), encoding="latin-1"),
    "handles": lambda fs: in_handles(compressed=False),
    "handles, compressed": lambda fs: in_handles(compressed=True),
    "finally": lambda fs: closed_at_last(fs.open(PATH, "w", encoding="latin-1")),
}
BINARY: dict[str, Opener] = {
    "fs.open": lambda fs: fs.open(PATH, "wb"),
    "fs.open, small blocks": lambda fs: fs.open(PATH, "wb", block_size=LARGE),
    "fs.open, compressed": lambda fs: fs.open(PATH, "wb", compression="gzip"),
    "fsspec.open": lambda fs: fsspec.open(URL, "wb"),
    "fsspec.open, compressed": lambda fs: fsspec.open(URL, "wb", compression="bz2"),
    "fsspec.open, in a zip": lambda fs: fsspec.open(URL, "wb", compression="zip"),
    "BufferedWriter": lambda fs: io.BufferedWriter(fs.open(PATH, "wb")),
    "finally": lambda fs: closed_at_last(fs.open(PATH, "wb")),
}


def plain(content: bytes) -> bytes:
    """Return what was written, whatever compressed it."""
    compressions = {b"\x1f\x8b": "gzip", b"BZ": "bz2", b"\xfd7": "xz", b"PK": "zip"}
    kind = compressions.get(content[:2])
    opened: bytes = fsspec.core.compr[kind](io.BytesIO(content), mode="rb").read() if kind else content
    return opened


@pytest.mark.parametrize("open_text", TEXT.values(), ids=TEXT)
def test_an_exception_in_a_block_of_text_stores_nothing(
    fs: Any, hubspot_emulator: Emulator, caplog: pytest.LogCaptureFixture, open_text: Opener
) -> None:
    def write(text: str) -> None:
        with open_text(fs) as file:
            file.write("100 francs\n")
            file.write(text)

    with pytest.raises(UnicodeEncodeError):
        write("100 €")
    assert stored(hubspot_emulator) == OLD
    assert warned(caplog) == [incomplete(UnicodeEncodeError)]
    write("100 lire")
    assert plain(stored(hubspot_emulator) or b"") == b"100 francs\n100 lire"
    assert len(warned(caplog)) == 1


@pytest.mark.parametrize("open_binary", BINARY.values(), ids=BINARY)
def test_an_exception_in_a_binary_block_stores_nothing(
    fs: Any, hubspot_emulator: Emulator, caplog: pytest.LogCaptureFixture, open_binary: Opener
) -> None:
    def write(error: Exception | None = None) -> None:
        with open_binary(fs) as file:
            file.write(bytes(2 * LARGE))
            if error is not None:
                raise error

    with pytest.raises(KeyError):
        write(KeyError("x"))
    assert stored(hubspot_emulator) == OLD
    assert warned(caplog) == [incomplete(KeyError)]
    write()
    assert plain(stored(hubspot_emulator) or b"") == bytes(2 * LARGE)


def test_what_does_not_close_the_file_stores_nothing_after_an_exception(
    fs: Any, hubspot_emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    def compress(error: Exception) -> None:
        with gzip.open(fs.open(PATH, "wb"), "wb") as file:
            file.write(b"half")
            raise error

    def archive(error: Exception) -> None:
        with fs.open(PATH, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            archive.writestr("x", b"half")
            raise error

    def leave_unclosed(error: Exception) -> None:
        file = fs.open(PATH, "wb")
        file.write(b"half")
        raise error

    def leave_text_unclosed(error: Exception) -> None:
        file = fs.open(PATH, "w")
        file.write("half")
        raise error

    for write in (compress, archive, leave_unclosed, leave_text_unclosed):
        with pytest.raises(KeyError):
            write(KeyError("x"))
        assert stored(hubspot_emulator) == OLD
        assert len(warned(caplog)) == 1, write
        caplog.clear()


def test_a_file_that_is_never_closed_is_not_stored(
    fs: Any, hubspot_emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    def binary() -> None:
        fs.open(PATH, "wb").write(b"half")

    def text() -> None:
        fs.open(PATH, "w").write("half")

    def compressed() -> None:
        # It does not close the file below it, and the OpenFile, which would, is lost.
        file = fsspec.open(URL, "wb", compression="gzip").open()
        file.write(b"all")
        file.close()

    for write in (binary, text, compressed):
        write()
        assert stored(hubspot_emulator) == OLD
        assert warned(caplog) == [NOT_CLOSED]
        caplog.clear()


def test_a_generator_that_is_not_finished_stores_nothing(fs: Any, hubspot_emulator: Emulator) -> None:
    def writing() -> Iterator[None]:
        with fsspec.open(URL, "w") as file:
            file.write("half")
            yield
            file.write("the other half")

    one = writing()
    next(one)
    one.close()
    other = writing()
    next(other)
    del other
    assert stored(hubspot_emulator) == OLD
    assert list(writing()) == [None]
    assert stored(hubspot_emulator) == b"halfthe other half"


def test_a_block_within_an_except_block_is_stored(
    fs: Any, hubspot_emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        raise KeyError("x")
    except KeyError as error:
        with fsspec.open(URL, "w") as file:
            file.write(repr(error))
            try:
                int("x")
            except ValueError:
                file.write("!")
        assert stored(hubspot_emulator) == b"KeyError('x')!"
        with contextlib.suppress(ZeroDivisionError), fsspec.open(URL, "w") as file:
            file.write("half")
            _ = 1 / 0
    assert stored(hubspot_emulator) == b"KeyError('x')!"
    assert warned(caplog) == [incomplete(ZeroDivisionError)]


def test_a_file_that_was_opened_in_an_except_block_is_stored_after_it(fs: Any, hubspot_emulator: Emulator) -> None:
    try:
        raise KeyError("x")
    except KeyError:
        file = fs.open(PATH, "w")
        file.write("new")
    file.close()
    assert stored(hubspot_emulator) == b"new"


def test_a_close_in_an_except_block_stores_nothing(
    fs: Any, hubspot_emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    file = fs.open(PATH, "w")
    try:
        file.write("all")
        raise StopIteration
    except StopIteration:
        file.close()
    assert file.closed
    assert stored(hubspot_emulator) == OLD
    assert warned(caplog) == [incomplete(StopIteration)]


def test_a_close_in_another_thread(fs: Any, hubspot_emulator: Emulator) -> None:
    file = fs.open(PATH, "wb")
    file.write(b"new")
    try:
        raise KeyError("x")
    except KeyError:
        # Python lists the exceptions of a thread.
        thread = threading.Thread(target=file.close)
        thread.start()
        thread.join()
    assert stored(hubspot_emulator) == b"new"


def test_a_transaction_stores_what_was_written(
    fs: Any, hubspot_emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        with fs.open(PATH, "w") as file:
            file.write("half")
            raise KeyError("x")

    with fs.transaction:
        with contextlib.suppress(KeyError):
            fail()
        with fs.open("/a/y", "w") as file:
            file.write("new")
        unclosed = fs.open("/a/z", "wb", block_size=LARGE)
        unclosed.write(bytes(LARGE + 1))
    assert (stored(hubspot_emulator), stored(hubspot_emulator, "/a/y")) == (OLD, b"new")
    assert stored(hubspot_emulator, "/a/z") is None
    assert unclosed.closed
    assert warned(caplog) == [incomplete(KeyError), NOT_CLOSED.replace(PATH, "/a/z")]


class FullDisk(io.BytesIO):
    """A temporary file on a disk that is full after a few bytes."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__()

    def write(self, data: Any, /) -> int:
        super().write(data[:3])
        raise OSError(errno.ENOSPC, "No space left on device")


def test_nothing_is_stored_if_the_disk_is_full(
    fs: Any, hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", FullDisk)
    text = io.TextIOWrapper(fs.open(PATH, "wb", block_size=LARGE))
    text.write("x" * 2 * LARGE)
    with pytest.raises(OSError, match="No space left"):
        # It flushes, which fails, and closes the file below it nevertheless.
        text.close()
    assert stored(hubspot_emulator) == OLD
    assert warned(caplog) == [incomplete(OSError)]
    with fs.transaction, contextlib.suppress(OSError), fs.open(PATH, "wb") as file:
        file.write(b"new content")
    assert stored(hubspot_emulator) == OLD
