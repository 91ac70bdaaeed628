"""Mixed calls whose results identify their call, so that a record, content or upload of another call is detected.

A call is a generator, for both clients: it yields a function to call, is sent the result, and raises MixedUpError if
the result belongs to another call.
"""

from __future__ import annotations

import hashlib
import random
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hubspot_files import NotFoundError

FIRST_ID = 1001
PLANTED = 40
FOLDER = "/planted"
UPLOADS = "/uploads"

Call = Generator[Callable[[Any], Any], Any, None]


class MixedUpError(Exception):
    """A result belongs to another call."""


def planted_name(file_id: int) -> str:
    return f"f-{file_id}"


def planted_content(file_id: int) -> bytes:
    """Return content that identifies its file throughout; some of it fills a socket's buffers many times."""
    return b"%d:" % file_id * (10, 300, 3_000, 60_000)[file_id % 4]


def upload_content(label: str) -> bytes:
    return f"{label}:".encode() * (1, 100, 2_000, 20_000)[len(label) % 4]


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@dataclass
class Outcomes:
    """The outcomes of the calls of a process."""

    calls: int = 0
    mixed: list[str] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    uploads: dict[str, dict[str, str]] = field(default_factory=dict)
    """The expected id, name and state of each file at the end, by label."""
    lock: Any = field(default_factory=threading.Lock)

    def ended(self, what: str, error: Exception | None = None) -> None:
        with self.lock:
            self.calls += 1
            if isinstance(error, MixedUpError):
                self.mixed.append(f"{what}: {error}")
            elif error is not None:
                text = str(error).partition(":")[0]
                self.errors[f"{what}: {type(error).__name__}: {text[:120]}"] += 1


@dataclass
class Caller:
    """One thread or task and its calls.

    Args:
        name: a unique name, such as `3-sync-1`.
        files: the files of a client, with raw results.
        paced: those of a copy with a rate limiter.
        directory: its directory of downloads.
        outcomes: receives the outcomes of its calls.
        seed: the seed of its calls.
    """

    name: str
    files: Any
    paced: Any
    directory: Path
    outcomes: Outcomes
    seed: int
    own: list[str] = field(default_factory=list)

    def calls(self, count: int | None) -> Iterator[tuple[str, Any, Call]]:
        """Yield that many calls, or calls without end: a name, the files to call it on, and the call."""
        self.directory.mkdir(parents=True, exist_ok=True)
        draw = random.Random(f"{self.name} {self.seed}")
        kinds = (
            self._get,
            self._get,
            self._read,
            self._download,
            self._upload,
            self._search,
            self._signed_url,
            self._cached_url,
            self._update,
            self._delete,
        )
        number = 0
        while count is None or number < count:
            number += 1
            kind = draw.choice(kinds)
            files = self.paced if kind == self._get and number % 2 else self.files
            yield kind.__name__.strip("_"), files, kind(draw.randrange(FIRST_ID, FIRST_ID + PLANTED), number)

    def sync(self, count: int | None, is_stopped: Callable[[], bool] = lambda: False) -> None:
        """Make the calls on a synchronous client."""
        for what, files, call in self.calls(count):
            if is_stopped():
                break
            error = None
            try:
                to_call = next(call)
                while True:
                    try:
                        result = to_call(files)
                        if hasattr(result, "pages"):
                            result = list(result)
                    except NotFoundError as missing:
                        to_call = call.throw(missing)
                    else:
                        to_call = call.send(result)
            except StopIteration:
                pass
            except Exception as failed:  # noqa: BLE001 - every one is counted
                error = failed
            self.outcomes.ended(what, error)

    async def run_async(self, count: int | None, is_stopped: Callable[[], bool] = lambda: False) -> None:
        """Make the calls on an asynchronous client."""
        for what, files, call in self.calls(count):
            if is_stopped():
                break
            error = None
            try:
                to_call = next(call)
                while True:
                    try:
                        result = to_call(files)
                        result = [item async for item in result] if hasattr(result, "pages") else await result
                    except NotFoundError as missing:
                        to_call = call.throw(missing)
                    else:
                        to_call = call.send(result)
            except StopIteration:
                pass
            except Exception as failed:  # noqa: BLE001 - every one is counted
                error = failed
            self.outcomes.ended(what, error)

    def _get(self, file_id: int, number: int) -> Call:
        _is_planted((yield lambda files: files.get(file_id)), file_id)

    def _read(self, file_id: int, number: int) -> Call:
        _is_content((yield lambda files: files.read(file_id)), planted_content(file_id))

    def _download(self, file_id: int, number: int) -> Call:
        path = yield lambda files: files.download(file_id, self.directory, if_exists="number")
        name = planted_name(file_id)
        # Another call, or another process, may have taken the name meanwhile.
        if path.suffix != ".bin" or path.stem.partition(" (")[0] != name:
            raise MixedUpError(f"{file_id} was downloaded as {path.name}")
        _is_content(path.read_bytes(), planted_content(file_id))
        path.unlink()

    def _search(self, file_id: int, number: int) -> Call:
        wanted = sorted({file_id, FIRST_ID + number % PLANTED})
        found = yield lambda files: files.search(ids=wanted)
        if sorted(int(file.id) for file in found) != wanted:
            raise MixedUpError(f"{wanted} were searched, {[file.id for file in found]} found")

    def _signed_url(self, file_id: int, number: int) -> Call:
        self._is_signed((yield lambda files: files.signed_url(file_id)), file_id, number)

    def _cached_url(self, file_id: int, number: int) -> Call:
        self._is_signed((yield lambda files: files.signed_url_cache.get(file_id)), file_id, number)

    def _is_signed(self, signed: Any, file_id: int, number: int) -> None:
        if signed.name != planted_name(file_id) or f"id={file_id}&" not in signed.url:
            raise MixedUpError(f"a signed URL of {file_id} is one of {signed.name}")
        if number % 20 == 0 and "async" not in self.name:
            with urllib.request.urlopen(signed.url, timeout=30) as response:
                _is_content(response.read(), planted_content(file_id))

    def _upload(self, file_id: int, number: int) -> Call:
        label = f"{self.name}-{number}"
        content = upload_content(label)
        file = yield lambda files: files.upload(content, name=f"{label}.bin", folder_path=UPLOADS)
        if (file.name, file.file_md5) != (label, md5(content)):
            raise MixedUpError(f"the upload {label} was answered with {file.name}")
        self.outcomes.uploads[label] = {"id": file.id, "name": label, "state": "live"}
        self.own.append(label)
        if number % 2:
            _is_content((yield lambda files: files.read(file.id)), content)

    def _update(self, file_id: int, number: int) -> Call:
        if not self.own:
            yield from self._upload(file_id, number)
            return
        upload = self.outcomes.uploads[self.own[0]]
        name = f"{self.name}-{number}-renamed"
        file = yield lambda files: files.update(upload["id"], name=name)
        if (file.id, file.name) != (upload["id"], name):
            raise MixedUpError(f"the update of {upload['id']} was answered with {file.id}")
        upload["name"] = name

    def _delete(self, file_id: int, number: int) -> Call:
        if not self.own:
            yield from self._upload(file_id, number)
            return
        upload = self.outcomes.uploads[self.own.pop(0)]
        yield lambda files: files.delete(upload["id"])
        upload["state"] = "archived"
        try:
            yield lambda files: files.get(upload["id"])
        except NotFoundError:
            return
        raise MixedUpError(f"{upload['id']} is deleted, and there")


def _is_planted(file: Any, file_id: int) -> None:
    if (file.id, file.name) != (str(file_id), planted_name(file_id)):
        raise MixedUpError(f"{file_id} was asked for, {file.id} came")


def _is_content(content: bytes, wanted: bytes) -> None:
    if content != wanted:
        raise MixedUpError(f"the content begins with {content[:20]!r}, not with {wanted[:20]!r}")
