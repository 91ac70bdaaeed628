"""Calls of the API for jobs of applications, counted on the served emulator: exact numbers, with no spread.

The official clients do each job as an application would write it with them. They cannot do a job that has no function
there, such as a file object that fetches ranges, or a comparison of two folders.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hubspot_files import HubSpotFiles
from hubspot_files.testing import Emulator, serve

from .many_files import search_all
from .measurement import CALLS, Measurement, compared

_STORED = "/library/stored.bin"
_COLUMNS = ((0, 4), (900_000, 8), (300_000, 20_000), (600_000, 20_000))
_SIZE = 1_000_000
_PRIVATE = json.dumps({"access": "PRIVATE", "overwrite": True})


class Ours:
    """The jobs with this package."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self._hubspot = HubSpotFiles(emulator.token, base_url=emulator.base_url)
        self._folder = folder
        self._journal = folder.with_name("journal")
        self.close = self._hubspot.close

    def upload(self, path: str) -> None:
        self._hubspot.files.upload(path, folder_path="/library")

    def upload_to_new_folder(self, path: str) -> None:
        self._hubspot.files.upload(path, folder_path="/library/new")

    def links(self, file_id: str, count: int) -> None:
        for _ in range(count):
            _ = self._hubspot.files.signed_url_cache.get(file_id).url

    def download(self, file_id: str) -> None:
        self._hubspot.files.download(file_id, self._folder.with_name("copy"))

    def download_found(self, name: str) -> None:
        for file in self._hubspot.files.search(name=name):
            self._hubspot.files.download(file, self._folder.with_name("copy"))

    def read_ranges(self, path: str) -> None:
        with self._hubspot.files.open(path) as file:
            for start, size in _COLUMNS:
                file.seek(start)
                assert len(file.read(size)) == size

    def list_files(self) -> int:
        return len(list(self._hubspot.files.search(name="listed")))

    def upload_many(self, paths: list[str]) -> None:
        results = self._hubspot.transfers.upload_many(paths, "/library/many", journal=self._journal)
        assert all(result.outcome == "done" for result in results)

    def sync(self) -> None:
        report = self._hubspot.transfers.sync(self._folder, "hubspot:/library/many", delete=True, journal=self._journal)
        report.raise_for_failures()


class Official:
    """The jobs with hubspot-api-client."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        import hubspot

        self._files = hubspot.Client(access_token=emulator.token, host=emulator.base_url).files.files_api
        self.close = self._files.api_client.close

    def upload(self, path: str, folder_path: str = "/library") -> None:
        self._files.upload(file=path, folder_path=folder_path, options=_PRIVATE)

    def upload_to_new_folder(self, path: str) -> None:
        self.upload(path, "/library/new")

    def links(self, file_id: str, count: int) -> None:
        for _ in range(count):
            _ = self._files.get_signed_url(file_id).url

    def download(self, file_id: str) -> None:
        assert _fetch(self._files.get_signed_url(file_id).url)

    def download_found(self, name: str) -> None:
        for file in list(search_all(self._files, name=name)):
            assert _fetch(self._files.get_signed_url(file.id).url if file.access == "PRIVATE" else file.url)

    def list_files(self) -> int:
        return len(list(search_all(self._files, name="listed")))

    def upload_many(self, paths: list[str]) -> None:
        for path in paths:
            self.upload(path, "/library/many")


class Alpha:
    """The jobs with hubspot-sdk."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        import hubspot_sdk

        client = hubspot_sdk.HubSpot(access_token=emulator.token, base_url=emulator.base_url)
        self._files = client.files.file_assets
        self.close = client.close

    def upload(self, path: str, folder_path: str = "/library") -> None:
        self._files.upload(file=Path(path), folder_path=folder_path, options=_PRIVATE)

    def upload_to_new_folder(self, path: str) -> None:
        self.upload(path, "/library/new")

    def links(self, file_id: str, count: int) -> None:
        for _ in range(count):
            _ = self._files.get_signed_url(file_id).url

    def download(self, file_id: str) -> None:
        assert _fetch(self._files.get_signed_url(file_id).url)

    def download_found(self, name: str) -> None:
        for file in list(self._files.search(limit=100, name=name)):
            assert _fetch(self._files.get_signed_url(file.id).url if file.access == "PRIVATE" else str(file.url))

    def list_files(self) -> int:
        return len(list(self._files.search(limit=100, name="listed")))

    def upload_many(self, paths: list[str]) -> None:
        for path in paths:
            self.upload(path, "/library/many")


CONTENDERS: dict[str, type[Ours | Official | Alpha]] = {
    "hubspot-files": Ours,
    "hubspot-api-client": Official,
    "hubspot-sdk": Alpha,
}


def measure(*, links: int = 50, uploaded: int = 100, listed: int = 1000) -> list[Measurement]:
    """Count the calls of each job."""
    results: dict[str, dict[str, list[float]]] = {}
    for name in CONTENDERS:
        for job, calls in _counted(name, links, uploaded, listed):
            results.setdefault(job, {})[name] = [] if calls is None else [calls]
    return [each for job, figures in results.items() for each in compared("calls", job, CALLS, "less", figures)]


def _counted(name: str, links: int, uploaded: int, listed: int) -> Iterator[tuple[str, int | None]]:
    """Yield each job with its calls, or with None if the client cannot do it."""
    with tempfile.TemporaryDirectory() as work, serve() as emulator:
        folder = Path(work) / "files"
        folder.mkdir()
        paths = [str(folder / f"file {number}.bin") for number in range(uploaded)]
        for number, path in enumerate(paths):
            Path(path).write_bytes(b"%d" % number)
        stored = emulator.add_file(_STORED, bytes(_SIZE), access="PRIVATE")
        for number in range(listed):
            emulator.add_file(f"/listed/listed {number}.bin", b"x", access="PRIVATE")
        for number in range(links):
            emulator.add_file(f"/found/hidden {number}.bin", b"x", access="PRIVATE")
            emulator.add_file(f"/found/shown {number}.bin", b"x", access="PUBLIC_INDEXABLE")
        jobs: dict[str, tuple[str, tuple[Any, ...]]] = {
            "upload of a file": ("upload", (paths[0],)),
            "upload to a new folder": ("upload_to_new_folder", (paths[0],)),
            f"{links} links to a private file": ("links", (stored.id, links)),
            "download of a private file, by id": ("download", (stored.id,)),
            f"search and download of {links} private files": ("download_found", ("hidden",)),
            f"search and download of {links} public files": ("download_found", ("shown",)),
            "open file, by path, and 4 ranges of it": ("read_ranges", (_STORED,)),
            f"list of {listed} files": ("list_files", ()),
            f"upload of {uploaded} files": ("upload_many", (paths,)),
            f"upload of {uploaded} files, unchanged": ("upload_many", (paths,)),
            f"sync of {uploaded} files, 1 changed": ("sync", ()),
        }
        for job, (method, arguments) in jobs.items():
            if method == "sync":
                Path(paths[0]).write_bytes(b"changed")
            emulator.forget_requests()
            # A client of its own, as in a program of its own.
            with contextlib.closing(CONTENDERS[name](emulator, folder)) as client:
                call = getattr(client, method, None)
                if call is not None:
                    call(*arguments)
            calls = sum(request.operation != "fetchContent" for request in emulator.requests)
            yield job, None if call is None else calls


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url) as response:
        content: bytes = response.read()
    return content
