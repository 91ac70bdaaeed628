"""The walk through a folder: `files.walk`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from hubspot_files import NotFoundError
from hubspot_files.testing import Emulator

from .support import Client, collected


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator, emulator.client() as hubspot:
        for path in ("/top.txt", "/a/one.txt", "/a/b/two.png", "/a/b/c/three.txt", "/ab/other.txt"):
            folder, _, name = path.rpartition("/")
            hubspot.files.upload(path.encode(), name=name, folder_path=folder or "/")
        emulator.forget_requests()
        yield emulator


@pytest.fixture
def walk(client: Client, emulator: Emulator) -> Any:
    """Return the paths that a walk finds."""

    def paths(path: str, **filters: Any) -> list[str]:
        files = client(
            lambda hubspot: hubspot.files.walk(path, **filters),
            access_token=emulator.token,
            http_client=client.http(emulator.transport),
        )
        return [file.path for file in files]

    return paths


def test_finds_all_files_below_a_folder(walk: Any) -> None:
    assert sorted(walk("/a")) == ["/a/b/c/three.txt", "/a/b/two.png", "/a/one.txt"]
    assert walk("/a/b/c/") == ["/a/b/c/three.txt"]


def test_finds_all_files_of_the_account(walk: Any) -> None:
    assert len(walk("/")) == 5


def test_passes_filters_on(walk: Any) -> None:
    assert walk("/a", extension="png") == ["/a/b/two.png"]
    assert walk("/", size_lte=8) == ["/top.txt"]
    assert walk("/a", updated_at_lte=datetime(2020, 1, 1, tzinfo=UTC)) == []


def test_many_folders_take_few_requests(walk: Any, emulator: Emulator) -> None:
    with emulator.client() as hubspot:
        for number in range(60):
            hubspot.files.upload(b"x", name="x.txt", folder_path=f"/many/{number}")
    emulator.forget_requests()
    assert len(walk("/many")) == 60
    # The folder; files and folders in 1 folder, in 50 and in 10. Each search with results ends with an empty page.
    assert len(emulator.requests) == 1 + (1 + 2) + (2 + 1) + (2 + 1)


def test_pages_can_be_empty(client: Client, emulator: Emulator) -> None:
    pages = client(
        lambda hubspot: collected(hubspot.files.walk("/ab").pages()),
        access_token=emulator.token,
        http_client=client.http(emulator.transport),
    )
    assert [len(page.items) for page in pages] == [0, 1, 0, 0]


def test_a_folder_that_does_not_exist(walk: Any) -> None:
    with pytest.raises(NotFoundError):
        walk("/no")


def test_a_file_is_no_folder(walk: Any) -> None:
    with pytest.raises(ValueError, match=r"^folder_path '/a/one.txt' is a file, not a folder$"):
        walk("/a/one.txt")


@pytest.mark.parametrize(
    ("path", "filters", "message"),
    [
        ("a//b", {}, "contains the segment ''"),
        ("/a", {"updated_at_gte": datetime(2020, 1, 1)}, "has no time zone"),  # noqa: DTZ001 - the point of the test
    ],
)
def test_invalid_arguments_are_refused_at_once(
    emulator: Emulator, path: str, filters: dict[str, Any], message: str
) -> None:
    with emulator.client() as hubspot, pytest.raises(ValueError, match=message):
        hubspot.files.walk(path, **filters)
    assert emulator.requests == []
