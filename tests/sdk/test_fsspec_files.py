"""Open files and transactions of the file system of fsspec."""

from __future__ import annotations

import csv
import gc
import io
import pickle
import zipfile
from typing import Any

import fsspec
import pytest

from hubspot_files import FileChangedError
from hubspot_files.fsspec import HubSpotFileSystem
from hubspot_files.testing import Emulator

CONTENT = bytes(range(256)) * 400


@pytest.fixture
def fs(hubspot_emulator: Emulator) -> HubSpotFileSystem:
    hubspot_emulator.add_file("/a/x", CONTENT)
    return fsspec.filesystem("hubspot", block_size=1000)


def fetched(emulator: Emulator) -> list[str]:
    """Return the ranges that the storage host was asked for."""
    return [request.headers.get("range", "") for request in emulator.requests if request.operation == "fetchContent"]


def test_a_file_reads_the_ranges_that_are_read(fs: Any, hubspot_emulator: Emulator) -> None:
    with fs.open("/a/x", cache_type="none") as file:
        assert (file.size, file.tell(), file.info()["size"]) == (len(CONTENT), 0, len(CONTENT))
        assert file.seek(5000) == 5000
        assert file.read(10) == CONTENT[5000:5010]
        assert file.seek(-6, io.SEEK_END) == len(CONTENT) - 6
        assert file.read() == CONTENT[-6:]
        assert file.read(1) == b""
    assert fetched(hubspot_emulator) == ["bytes=5000-5009", f"bytes={len(CONTENT) - 6}-{len(CONTENT) - 1}"]
    assert [request.operation for request in hubspot_emulator.requests].count("getSignedUrl") == 1
    with fs.open("/a/x") as file:
        assert b"".join(iter(lambda: file.read(777), b"")) == CONTENT
    with pytest.raises(ValueError, match="closed"):
        file.read()
    assert "/a/x" in repr(file)


def test_block_size(fs: Any, hubspot_emulator: Emulator) -> None:
    for options, last in (({}, 1009), ({"block_size": 50}, 59)):
        with fs.open("/a/x", **options) as file:
            file.read(10)
        assert fetched(hubspot_emulator)[-1] == f"bytes=0-{last}"


def test_cache_type(fs: Any, hubspot_emulator: Emulator) -> None:
    with fsspec.filesystem("hubspot", cache_type="none").open("/a/x") as file:
        file.read(10)
    assert fetched(hubspot_emulator) == ["bytes=0-9"]
    with fs.open("/a/x", cache_type="all") as file:
        file.read(10)
    assert fetched(hubspot_emulator)[-1] == f"bytes=0-{len(CONTENT) - 1}"


def test_text_csv_and_zip(fs: Any) -> None:
    with fs.open("/t.csv", "w", newline="") as file:
        csv.writer(file).writerows([["a", "é"], ["1", "2"]])
    with fs.open("/t.csv", "r", newline="") as file:
        assert list(csv.reader(file)) == [["a", "é"], ["1", "2"]]
    with fs.open("/t.zip", "wb") as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x", CONTENT)
    with fs.open("/t.zip") as file, zipfile.ZipFile(file) as archive:
        assert archive.read("x") == CONTENT
    with fs.open("/t.gz", "wb", compression="gzip") as file:
        file.write(CONTENT)
    with fs.open("/t.gz", "rb", compression="infer") as file:
        assert file.read() == CONTENT


def test_writing(fs: Any, hubspot_emulator: Emulator) -> None:
    with fs.open("/new", "wb") as file:
        for start in range(0, len(CONTENT), 999):
            file.write(CONTENT[start : start + 999])
        assert not fs.exists("/new")
    assert fs.cat_file("/new") == CONTENT
    assert fs.ls("/", detail=False) == ["/a", "/new"]
    first = fs.info("/new")["id"]
    with fs.open("/new", "wb"):
        pass
    assert (fs.info("/new")["id"], fs.size("/new")) == (first, 0)
    with pytest.raises(FileExistsError):
        fs.open("/new", "xb")
    with fs.open("/newer", "xb") as file:
        file.write(b"1")
        hubspot_emulator.add_file("/newest")
    with pytest.raises(FileExistsError), fs.open("/newest-2", "xb"):
        hubspot_emulator.add_file("/newest-2")
    for mode in ("ab", "r+b"):
        with pytest.raises(io.UnsupportedOperation, match="read or replaced"):
            fs.open("/new", mode)


def write_and_fail(fs: Any, path: str) -> None:
    with fs.open(path, "wb") as file:
        file.write(CONTENT)
        raise ZeroDivisionError


def test_nothing_is_stored_after_an_exception(fs: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail(fs, "/new")
    assert not fs.exists("/new")


def test_a_reader_that_is_not_closed(fs: Any) -> None:
    opened = fs.open("/a/x")
    opened.read(1)
    del opened
    gc.collect()
    assert fs.cat_file("/a/x") == CONTENT


def test_a_failed_upload_is_raised_by_close(fs: Any, hubspot_emulator: Emulator) -> None:
    file = fs.open("/a", "wb")
    with pytest.raises(IsADirectoryError):
        file.close()
    assert file.closed
    file.close()


def test_transactions(fs: Any) -> None:
    with fs.transaction:
        for name in ("1", "2"):
            with fs.open(f"/t/{name}", "wb") as file:
                file.write(b"x")
        with pytest.raises(ZeroDivisionError):
            write_and_fail(fs, "/t/3")
        assert not fs.exists("/t/1")
    assert fs.find("/t") == ["/t/1", "/t/2"]
    with fs.transaction:
        kept = fs.open("/t/4", "wb")
        kept.close()
        kept.discard()
    with pytest.raises(ZeroDivisionError), fs.transaction:
        write_and_fail(fs, "/t/4")
    assert fs.find("/t") == ["/t/1", "/t/2"]
    fs.start_transaction()
    fs.pipe("/t/5", b"1")
    fs.end_transaction()
    assert fs.find("/t") == ["/t/1", "/t/2", "/t/5"]


def test_a_signed_url_that_expires_is_renewed(fs: Any, hubspot_emulator: Emulator) -> None:
    with fs.open("/a/x") as file:
        assert file.read(10) == CONTENT[:10]
        hubspot_emulator.clock.advance(7 * 3600)
        file.seek(50_000)
        assert file.read(10) == CONTENT[50_000:50_010]
    assert [request.operation for request in hubspot_emulator.requests].count("getSignedUrl") == 2


def test_a_file_that_is_replaced_is_an_error(fs: Any, hubspot_emulator: Emulator) -> None:
    with fs.open("/a/x") as file:
        assert file.read(10) == CONTENT[:10]
        fs.pipe("/a/x", b"another" * 10_000)
        file.seek(50_000)
        with pytest.raises(OSError, match="was replaced after") as raised:
            file.read(10)
    assert isinstance(raised.value.__cause__, FileChangedError)
    with fs.open("/a/x") as file:
        fs.pipe("/a/x", CONTENT)
        with pytest.raises(OSError, match="was replaced after"):
            file.read(10)


def test_an_open_file_travels(fs: Any) -> None:
    with fs.open("/a/x") as file:
        file.seek(300)
        with pickle.loads(pickle.dumps(file)) as copy:
            assert copy.fs is fs
            assert copy.read(10) == CONTENT[300:310]
        pickled = pickle.dumps(file)
    fs.pipe("/a/x", b"1")
    with pytest.raises(OSError, match="was replaced"):
        pickle.loads(pickled)


@pytest.mark.hubspot_emulator(honour_ranges=False)
def test_a_storage_host_without_ranges(fs: Any, hubspot_emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    with fs.open("/a/x") as file:
        file.seek(50_000)
        assert file.read(10) == CONTENT[50_000:50_010]
        assert file.seek(0) == 0
        assert file.read() == CONTENT
    assert len(fetched(hubspot_emulator)) == 2
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        f"/a/x: the whole content ({len(CONTENT)} bytes) is fetched, because the storage host ignores ranges"
    ]
    assert fs.cat_file("/a/x", 5, 9) == CONTENT[5:9]
