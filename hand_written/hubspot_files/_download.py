"""Content from HubSpot to a file: fetched with no credentials on the storage host, verified, and renamed at the end."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias
from urllib.parse import parse_qsl, urljoin, urlsplit

from . import _endpoint, _retry
from ._errors import (
    DownloadCorruptedError,
    HubSpotFilesError,
    SignedUrlExpiredError,
    error_for,
    unexpected,
)
from ._flow import Chunks, Clean, Discard, Drain, Fetch, Flow, GetToken, Next, NoReplyError, Now, Save, call
from ._log import Secret
from ._retry import Repeat, Verdict
from ._urls import is_trusted

if TYPE_CHECKING:
    from hubspot_files_api import models

    from ._http import Timeout
    from ._settings import Settings

# Where these are stored a signed URL is refused; the API serves them itself.
_SENSITIVE = ("SENSITIVE", "HIDDEN_SENSITIVE")
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
# What the storage host answers to a signature that it does not take, or no longer.
_REFUSALS = (400, 401, 403, 404, 410)
_ANY_LIFE = 3600
_LARGEST_ERROR = 64 * 1024
# What is shorter in a signed URL, such as a size or a date, proves nothing.
_SHORTEST_SIGNATURE = 16
_LONGEST_NAME = 255
_CONTENT_RANGE = re.compile(r"bytes\s+([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)", re.IGNORECASE)
_RESERVED = frozenset(
    ["CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(10))]
)


class Writable(Protocol):
    """A binary stream to write to."""

    def write(self, data: bytes, /) -> Any: ...


Destination: TypeAlias = str | os.PathLike[str] | Writable
"""Where content goes: a path, a directory, or a binary stream."""


class Partial:
    """A file that is written beside its final name, which it bears only once it is whole.

    Attributes:
        path: the final name, once it is open.
    """

    def __init__(self, destination: str | os.PathLike[str], file: models.File) -> None:
        self.path = Path(destination)
        self._destination = destination
        self._file = file
        self._partial: Path | None = None
        self._stream: IO[bytes] | None = None
        # A task that asyncio cancels does not wait for its worker thread, which may be opening when all is tidied up.
        self._lock = threading.Lock()
        self._abandoned = False

    def open(self) -> None:
        """Open it: at the destination, or with the server's name in it where it is a directory."""
        with self._lock:
            if self._abandoned:
                return
            if os.fspath(self._destination).endswith(("/", os.sep)) or self.path.is_dir():
                self.path = self.path / safe_name(self._file)
            # Not tempfile's: that is readable for its owner only, and so would be the finished file.
            partial = self.path.with_name(f".{secrets.token_hex(8)}.part")
            try:
                self._stream = open(partial, "xb", buffering=0)
            except FileNotFoundError as error:
                # Not the name of a partial file, which nobody has heard of.
                raise FileNotFoundError(error.errno, "there is no such folder", str(self.path.parent)) from None
            self._partial = partial

    def write(self, data: bytes) -> None:
        """Write all of it. Where the disk is nearly full a file takes a part, and only the next write says why."""
        assert self._stream is not None
        left = memoryview(data)
        while left:
            left = left[self._stream.write(left) :]

    def commit(self) -> None:
        """Give it its final name."""
        assert self._stream is not None
        assert self._partial is not None
        self._stream.close()
        os.replace(self._partial, self.path)

    def abandon(self) -> None:
        """Remove what is not whole. After a commit, or where it was never opened, there is nothing to remove."""
        with self._lock:
            self._abandoned = True
            if self._stream is not None:
                self._stream.close()
            if self._partial is not None:
                self._partial.unlink(missing_ok=True)


def safe_name(file: models.File) -> str:
    """The server's name of a file as one that every system takes, and that stays in its directory."""
    name = file.name or (file.path or "").rpartition("/")[2]
    if file.name and file.extension and not name.lower().endswith(f".{file.extension.lower()}"):
        name = f"{name}.{file.extension}"
    kept = "".join(
        "_" if character in '/\\:*?"<>|' else character
        for character in name
        # Control characters, and those that turn the reading direction or cannot be encoded.
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )
    kept = kept.strip().rstrip(". ")
    stem, _, extension = kept.rpartition(".")
    if kept.partition(".")[0].rstrip().upper() in _RESERVED:
        kept = f"_{kept}"
    if not kept.strip("."):
        return f"file-{file.id}"
    if len(kept.encode()) > _LONGEST_NAME:
        tail = f".{extension}" if stem and len(extension.encode()) < 32 else ""
        kept = kept.encode()[: _LONGEST_NAME - len(tail.encode())].decode(errors="ignore").rstrip(". ") + tail
    return kept


class Place(NamedTuple):
    """Where content can be fetched: on the API with the token, or at a signed URL without."""

    url: Secret
    with_token: bool
    label: str


def download(settings: Settings, file: models.File, destination: Destination, timeout: Timeout) -> Flow[Path | None]:
    """Fetch a file's content to a destination; nothing that is not whole and verified bears the final name.

    Raises:
        DownloadCorruptedError: what came is not what is stored.
        HubSpotFilesError: as Transfer.save.
        OSError: the destination cannot be written.
    """
    if not isinstance(destination, str | os.PathLike):
        yield from Transfer(settings, file, timeout).save(destination.write)
        return None
    partial = Partial(destination, file)
    try:
        yield from call(partial.open)
        yield from Transfer(settings, file, timeout).save(partial.write)
        yield from call(partial.commit)
    finally:
        yield Clean(partial.abandon)
    return partial.path


class Transfer:
    """A file's content on its way: counted and hashed, and asked for from where it was cut.

    Attributes:
        file: the record that the content is compared with.
        size: bytes that came so far.
    """

    def __init__(self, settings: Settings, file: models.File, timeout: Timeout) -> None:
        self.file = file
        self.size = 0
        # MD5 is what HubSpot records of a file: it finds accidents here, not forgeries.
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._settings = settings
        self._timeout = timeout
        self._chunks: Chunks | None = None
        self._validator: str | None = None
        self._failed = 0
        self._end: float | None = None

    def save(self, write: Callable[[bytes], Any]) -> Flow[None]:
        """Pass the whole content to a function and verify it.

        Raises:
            DownloadCorruptedError: what came is not what is stored.
            HubSpotFilesError: as next.
        """

        def take(chunk: bytes) -> None:
            written = write(chunk)
            if isinstance(written, int) and written != len(chunk):
                raise OSError(f"the destination took {written} of {len(chunk)} bytes; use a buffered binary stream")
            self._count(chunk)

        try:
            while True:
                try:
                    chunks = yield from self._opened()
                    yield Save(chunks, take)
                    break
                except NoReplyError as lost:
                    if self._complete():
                        break
                    yield from self._recover(lost)
        finally:
            yield from self.close()
        self._verify()

    def next(self) -> Flow[bytes]:
        """The next chunk; empty at the end, where the whole is verified.

        Raises:
            SignedUrlExpiredError: the storage host refused two signed URLs.
            APIError: HubSpot or the storage host answered with an error.
            ConnectionFailedError: it was cut more often than max_retries.
            DownloadCorruptedError: what came is not what is stored, or the rest of it cannot be had.
        """
        while True:
            try:
                chunks = yield from self._opened()
                chunk: bytes = yield Next(chunks)
                break
            except NoReplyError as lost:
                if self._complete():
                    chunk = b""
                    break
                yield from self._recover(lost)
        if chunk:
            self._count(chunk)
        else:
            self._verify()
        return chunk

    def open(self) -> Flow[None]:
        """Begin, so that what refuses does so before anything is read.

        Raises:
            HubSpotFilesError: as next.
        """
        opened = False
        try:
            while not opened:
                try:
                    yield from self._opened()
                    opened = True
                except NoReplyError as lost:
                    yield from self._recover(lost)
        finally:
            if not opened:
                yield from self.close()

    def close(self) -> Flow[None]:
        """Let go of the connection. More than once is as good."""
        chunks, self._chunks = self._chunks, None
        if chunks is not None:
            yield Discard(chunks)

    def _opened(self) -> Flow[Chunks]:
        if self._chunks is None:
            if self._end is None:
                self._end = yield from _retry.end_of(self._settings)
            headers = {"range": f"bytes={self.size}-", "if-range": self._validator or ""} if self.size else {}
            chunks = yield from open_content(self._settings, self.file, headers, self._timeout, self._end)
            self._chunks = chunks
            coding = chunks.headers.get("content-encoding", "identity")
            if coding != "identity":
                raise DownloadCorruptedError(
                    f"file {self.file.id}: the storage host sends it encoded ({coding!r}), though it was asked not to, "
                    "so that its bytes cannot be verified."
                )
            _check_range(self.file, chunks, self.size)
            etag = chunks.headers.get("etag")
            # If-Range should have brought the whole of it; not every host heeds that. An MD5 would tell in the end.
            if self.size and etag != self._validator and (etag is not None or not self.file.file_md5):
                raise DownloadCorruptedError(
                    f"file {self.file.id}: the download was cut at byte {self.size}, and the rest is of other content "
                    f"(ETag {etag} after {self._validator}). Download it again."
                )
            self._validator = etag
        return self._chunks

    def _recover(self, lost: NoReplyError) -> Flow[None]:
        yield from self.close()
        label = f"GET content of file {self.file.id}"
        failure, error = _retry.lost_error(label, lost, late=(yield from _retry.is_over(self._end)))
        self._failed += 1
        # Without a strong validator the rest could be of other content.
        resumable = self.size == 0 or (self._validator is not None and not self._validator.startswith("W/"))
        given_up = _retry.decide(Repeat.HARMLESS, failure) is Verdict.GIVE_UP
        if given_up or self._failed > self._settings.max_retries or not resumable:
            raise error from error.__cause__
        yield from _retry.pause_before_retry(
            self._settings, label, self._end, failure, self._failed, self._failed, error
        )

    def _complete(self) -> bool:
        """Whether all came before the connection broke: then there is no rest to ask for."""
        return 0 < self.size == self.file.size

    def _count(self, chunk: bytes) -> None:
        self._md5.update(chunk)
        self.size += len(chunk)
        if self.file.size is not None and self.size > self.file.size:
            # An answer without end would fill the disk.
            raise DownloadCorruptedError(
                f"file {self.file.id}: more came than the {self.file.size} bytes that HubSpot recorded. Download it "
                "again; if it was replaced meanwhile, that succeeds."
            )

    def _verify(self) -> None:
        file = self.file
        if file.size is not None and file.size != self.size:
            raise DownloadCorruptedError(
                f"file {file.id}: {self.size} bytes came of {file.size}. Download it again; if it was replaced "
                "meanwhile, that succeeds."
            )
        if file.file_md5 and file.file_md5.lower() != self._md5.hexdigest():
            raise DownloadCorruptedError(
                f"file {file.id}: the MD5 of what came is {self._md5.hexdigest()}, HubSpot recorded {file.file_md5}. "
                "Download it again; if it was replaced meanwhile, that succeeds."
            )


def read(settings: Settings, file: models.File, limit: int, timeout: Timeout) -> Flow[bytes]:
    """A file's content as bytes.

    Raises:
        ValueError: it is larger than the limit.
        HubSpotFilesError: as Transfer.save.
    """
    content = bytearray()

    def take(chunk: bytes) -> None:
        _check_limit(file, len(content) + len(chunk), limit)
        content.extend(chunk)

    _check_limit(file, file.size or 0, limit)
    yield from Transfer(settings, file, timeout).save(take)
    return bytes(content)


def _check_limit(file: models.File, size: int, limit: int) -> None:
    if size > limit:
        raise ValueError(
            f"file {file.id} has {size} bytes or more, which is over limit={limit}; files.download and files.stream "
            "take files of any size"
        )


def _check_range(file: models.File, chunks: Chunks, offset: int) -> None:
    """Make sure that what comes begins where it was asked to, and belongs to what is there."""
    came = chunks.headers.get("content-range", "")
    if offset == 0:
        if chunks.status != 206:
            return
        raise DownloadCorruptedError(f"file {file.id}: a part of it came ({came}), though all was asked for.")
    match = _CONTENT_RANGE.fullmatch(came.strip())
    if chunks.status != 206 or match is None or int(match[1]) != offset or not _same_size(match[2], file.size):
        raise DownloadCorruptedError(
            f"file {file.id}: the download was cut at byte {offset}, and the storage host does not continue there "
            f"({chunks.status} {came or 'without Content-Range'}). Download it again."
        )


def _same_size(told: str, size: int | None) -> bool:
    return told == "*" or size is None or int(told) == size


def open_content(
    settings: Settings, file: models.File, headers: dict[str, str], timeout: Timeout, end: float | None
) -> Flow[Chunks]:
    """Begin to fetch a file's content; a signed URL that is refused is asked for once more.

    Raises:
        SignedUrlExpiredError: the storage host refused two signed URLs.
        APIError: HubSpot or the storage host answered with an error.
        UnexpectedResponseError: the answer is a success, but not one that holds content.
        NoReplyError: there was no answer.
    """
    signed_again = False
    refreshed = False
    attempt = 0
    place = yield from _place(settings, file)
    redirects = 0
    while True:
        token: Secret | None = None
        if place.with_token:
            if settings.paced:
                yield from _retry.keep_pace(settings, place.label, end)
            token = yield GetToken()
        sent: float = yield Now()
        chunks: Chunks = yield Fetch(place.url, headers, token, timeout, end)
        if place.with_token:
            answered: float = yield Now()
            asked = ("downloadFile", "GET", urlsplit(place.url.reveal()).path)
            _retry.seen(settings, asked, chunks.status, chunks.headers, (sent, answered), attempt + 1)
        if chunks.status in (200, 206):
            return chunks
        try:
            body: bytes = yield Drain(chunks, _LARGEST_ERROR)
        finally:
            yield Discard(chunks)
        if chunks.status in _REDIRECTS:
            redirects += 1
            place = _redirected(place, chunks, redirects)
            continue
        if chunks.status == 401 and place.with_token and settings.refreshable and not refreshed:
            # The provider is asked again, and may have a fresh one. It costs no retry.
            refreshed = True
            continue
        if chunks.status < 300:
            reason = "the answer is a success that holds no content, for which it would be 200 or 206"
            raise unexpected(place.label, chunks.status, chunks.headers, reason)
        body = _retry.without_secrets(body, _secrets(place, token))
        error = error_for(place.label, chunks.status, chunks.headers, body)
        if chunks.status in _REFUSALS and not place.with_token:
            if signed_again:
                raise SignedUrlExpiredError(
                    f"file {file.id}: the storage host refused two signed URLs ({chunks.status}). It may have been "
                    "deleted meanwhile; files.get tells."
                ) from error
            signed_again = True
            place = yield from _place(settings, file)
            continue
        attempt += 1
        failure = _retry.status_failure(error)
        if _retry.decide(Repeat.HARMLESS, failure) is Verdict.GIVE_UP or attempt > settings.max_retries:
            raise error
        yield from _retry.pause_before_retry(settings, place.label, end, failure, attempt, attempt, error)


def _secrets(place: Place, token: Secret | None) -> list[str]:
    """What a request for content was let in by."""
    if token is not None:
        return [token.reveal()]
    query = urlsplit(place.url.reveal()).query
    return [query, *(value for _, value in parse_qsl(query) if len(value) >= _SHORTEST_SIGNATURE)]


def _place(settings: Settings, file: models.File) -> Flow[Place]:
    """Where a file's content is to be had."""
    if file.access.value in _SENSITIVE:
        path = _endpoint.download_url(file.id)
        return Place(Secret(f"{settings.base_url}{path}"), True, f"GET {path}")
    exchange = _endpoint.get_signed_url(file.id, size=None, upscale=None, expiration_seconds=None, properties=None)
    # How long it lives does not matter here: it is used at once, and asked for again if it is refused.
    signed = yield from _endpoint.sign(settings, exchange, _ANY_LIFE, file=file)
    return _storage_place(Secret(signed.url), f"the signed URL of file {file.id}")


def _storage_place(url: Secret, what: str) -> Place:
    if not is_trusted(url.reveal()):
        raise HubSpotFilesError(f"{what} is not https, or no URL at all, so that it is not followed")
    return Place(url, False, f"GET content from {urlsplit(url.reveal()).hostname}")


def _redirected(place: Place, chunks: Chunks, redirects: int) -> Place:
    """Where a redirect leads. The token stays behind, whatever the host."""
    if not chunks.headers.get("location") or redirects > _MOST_REDIRECTS:
        raise HubSpotFilesError(f"{place.label}: a redirect that leads nowhere ({redirects} so far)")
    return _storage_place(_joined(place.url, Secret(chunks.headers["location"])), f"a redirect of {place.label}")


def _joined(base: Secret, location: Secret) -> Secret:
    try:
        return Secret(urljoin(base.reveal(), location.reveal()))
    except ValueError:
        # No URL: whoever follows it says so.
        return location
