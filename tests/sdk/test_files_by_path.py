"""Files that are named by their path, where they are only read."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hubspot_files import (
    ArgumentTypeError,
    ArgumentValueError,
    FileMissingError,
    HubSpotFilesError,
    NotFoundError,
    PathIsFileError,
    PathIsFolderError,
)
from hubspot_files.testing import Clock, Emulator

from .support import Client, collected, enter, leave

CONTENT = b"name,size\ncat,3\n"
PATH = "/reports/x y.csv"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(clock=Clock(datetime(2026, 1, 1, tzinfo=UTC), frozen=True)) as emulator:
        emulator.add_file(PATH, CONTENT, access="PRIVATE")
        emulator.add_file("/123", b"digits")
        yield emulator


def run(client: Client, emulator: Emulator, program: Callable[[Any], Any], **options: Any) -> Any:
    options = {"max_retries": 0, "clock": emulator.clock, **options}
    return client(program, access_token=emulator.token, http_client=client.http(emulator.transport), **options)


def calls(emulator: Emulator) -> list[str | None]:
    return [request.operation for request in emulator.requests if request.operation != "fetchContent"]


def read(hubspot: Any, file: Any) -> Any:
    return (yield hubspot.files.read(file))


def download(hubspot: Any, file: Any) -> Any:
    target = io.BytesIO()
    yield hubspot.files.download(file, target)
    return target.getvalue()


def stream(hubspot: Any, file: Any) -> Any:
    manager = hubspot.files.stream(file)
    content = yield enter(manager)
    try:
        return b"".join((yield collected(content)))
    finally:
        yield leave(manager)


def opened(hubspot: Any, file: Any) -> Any:
    reader = yield hubspot.files.open(file)
    content = yield reader.read()
    yield leave(reader)
    return content


def signed_url(hubspot: Any, file: Any) -> Any:
    return (yield hubspot.files.signed_url(file)).name


def cached(hubspot: Any, file: Any) -> Any:
    return (yield hubspot.files.signed_url_cache.get(file)).name


CONTENTS = [read, download, stream, opened]
WAYS = [*CONTENTS, signed_url, cached]


@pytest.mark.parametrize("way", CONTENTS)
@pytest.mark.parametrize("access", ["PRIVATE", "PUBLIC_INDEXABLE", "SENSITIVE"])
def test_content_is_found(client: Client, emulator: Emulator, way: Any, access: str) -> None:
    emulator.add_file("/a.bin", b"found", access=access)
    assert run(client, emulator, lambda hubspot: way(hubspot, "/a.bin")) == b"found"
    assert calls(emulator) == ["statPath", "downloadFile" if access == "SENSITIVE" else "getSignedUrl"]


@pytest.mark.parametrize("way", [signed_url, cached])
def test_urls_are_found(client: Client, emulator: Emulator, way: Any) -> None:
    assert run(client, emulator, lambda hubspot: way(hubspot, f"{PATH}/")) == "x y"
    assert calls(emulator) == ["statPath", "getSignedUrl"]


@pytest.mark.parametrize("way", CONTENTS)
def test_a_path_of_digits_is_no_id(client: Client, emulator: Emulator, way: Any) -> None:
    assert run(client, emulator, lambda hubspot: way(hubspot, "/123")) == b"digits"


@pytest.mark.promise(
    "`FileMissingError` is a `FileNotFoundError`, `PathTakenError` a `FileExistsError`, `PathIsFolderError` an "
    "`IsADirectoryError`, and `PathIsFileError` a `NotADirectoryError`.",
    "`NotFoundError`, `FileMissingError` | it does not exist, or the token has no access to it",
)
@pytest.mark.parametrize("way", WAYS)
def test_a_missing_file(client: Client, emulator: Emulator, way: Any) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        run(client, emulator, lambda hubspot: way(hubspot, "/reports/none.csv"))
    error = caught.value
    assert isinstance(error, FileMissingError)
    assert isinstance(error, NotFoundError)
    assert error.filename == "/reports/none.csv"
    assert "\nThere is no file or folder at '/reports/none.csv'.\n" in str(error)
    assert set(calls(emulator)) == {"statPath"}

    with pytest.raises(FileMissingError) as caught:
        run(client, emulator, lambda hubspot: way(hubspot, 987654321))
    assert caught.value.filename is None
    assert "There is no file or folder at" not in str(caught.value)


@pytest.mark.promise(
    "`PathTakenError`, `PathIsFolderError`, `PathIsFileError` | pass another path; nothing was stored",
)
@pytest.mark.parametrize("way", WAYS)
def test_a_folder(client: Client, emulator: Emulator, way: Any) -> None:
    with pytest.raises(IsADirectoryError, match=r"it is a folder on HubSpot; .* path of a file: '/reports'") as raised:
        run(client, emulator, lambda hubspot: way(hubspot, "/reports"))
    assert isinstance(raised.value, PathIsFolderError)
    assert isinstance(raised.value, HubSpotFilesError)
    assert raised.value.filename == "/reports"
    assert calls(emulator) == ["statPath"]


def test_a_file_in_place_of_a_folder(client: Client, emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match="it is a file on HubSpot, not a folder") as caught:
        run(client, emulator, lambda hubspot: hubspot.transfers.download_folder(PATH, tmp_path / "copy"))
    assert isinstance(caught.value, PathIsFileError)


@pytest.mark.promise(
    "A method that takes both a file on HubSpot and a local one raises Python's own for the local one, so that "
    "`except HubSpotFilesError` before `except OSError` tells them apart.",
    "`upload` and `replace` raise `NotFoundError` for a folder or file that HubSpot does not have.",
)
def test_a_local_file_is_told_apart(client: Client, emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as local:
        run(client, emulator, lambda hubspot: hubspot.files.upload(tmp_path / "none", folder_path="/"))
    assert not isinstance(local.value, HubSpotFilesError)
    with pytest.raises(FileExistsError) as taken:
        run(client, emulator, lambda hubspot: hubspot.files.download(PATH, Path(__file__), if_exists="refuse"))
    assert not isinstance(taken.value, HubSpotFilesError)
    for program in (
        lambda hubspot: hubspot.files.upload(b"a", name="a", folder_id=987654321),
        lambda hubspot: hubspot.files.replace(987654321, b"a", name="a", access="PRIVATE"),
    ):
        with pytest.raises(HubSpotFilesError) as refused:
            run(client, emulator, program)
        assert isinstance(refused.value, NotFoundError)
        assert not isinstance(refused.value, OSError)


@pytest.mark.parametrize("way", WAYS)
def test_of_wrong_arguments_nothing_is_sent(client: Client, emulator: Emulator, way: Any) -> None:
    for wrong, message in (
        ("reports/x.csv", "file 'reports/x.csv' must be digits only, .* or a path that begins with '/'"),
        ("", "or a path that begins with '/'"),
        ("/", "the root"),
        ("/a//b", "contains the segment ''"),
        ("/../b", "contains the segment"),
        ("https://app.hubspot.com/files/1?token=secret", r"file is a link, not an id; files\.search\(url=\.\.\.\)"),
    ):
        with pytest.raises(ArgumentValueError, match=message) as caught:
            run(client, emulator, lambda hubspot, file=wrong: way(hubspot, file))
        assert "secret" not in str(caught.value)
    with pytest.raises(ArgumentTypeError, match="file must be a File, a str of digits or an int, not Folder"):
        run(client, emulator, lambda hubspot: _with_a_folder(hubspot, way))
    assert calls(emulator) == ["statPath"]


def _with_a_folder(hubspot: Any, way: Any) -> Any:
    stat = yield hubspot.files.stat("/reports")
    return (yield from way(hubspot, stat.folder))


def test_changes_want_a_record_or_an_id(client: Client, emulator: Emulator) -> None:
    for program in (
        lambda hubspot: hubspot.files.update(PATH, name="y"),
        lambda hubspot: hubspot.files.replace(PATH, b"", name="y.csv", access="PRIVATE"),
        lambda hubspot: hubspot.files.delete(PATH),
        lambda hubspot: hubspot.files.gdpr_delete(PATH),
        lambda hubspot: hubspot.files.get(PATH),
    ):
        with pytest.raises(ArgumentValueError, match=r"digits only.*; files\.stat finds the record at a path"):
            run(client, emulator, program)
    with pytest.raises(ArgumentTypeError, match=r"not str; files\.get returns .* and files\.stat the one at a path"):
        run(client, emulator, lambda hubspot: hubspot.transfers.plan_download_many([PATH], "copy"))
    assert emulator.requests == []


def test_a_cached_url_is_that_of_the_file_at_its_request(client: Client, emulator: Emulator) -> None:
    def program(hubspot: Any) -> Any:
        first = yield hubspot.files.signed_url_cache.get(PATH, expires_in=600)
        assert (yield hubspot.files.signed_url_cache.get(f"{PATH}/", expires_in=600)) is first
        yield hubspot.files.update((yield hubspot.files.stat(PATH)).file, name="old")
        emulator.add_file(PATH, b"new")
        emulator.forget_requests()
        assert (yield hubspot.files.signed_url_cache.get(PATH, expires_in=600)) is first
        assert calls(emulator) == []
        emulator.clock.advance(600)
        assert (yield hubspot.files.signed_url_cache.get(PATH, expires_in=600)) is not first
        assert calls(emulator) == ["statPath", "getSignedUrl"]

    run(client, emulator, program)
