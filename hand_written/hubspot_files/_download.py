"""Content from HubSpot: fetched with no credentials on the storage host, resumed where it was cut, and verified."""

from __future__ import annotations

import hashlib
import inspect
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from . import _endpoint, _retry
from ._atomic_file import AtomicFile, IfExists
from ._awaitable import is_async
from ._destination import MUST_AWAIT, Destination, Writable, check_written
from ._errors import (
    APIError,
    DownloadCorruptedError,
    HubSpotFilesError,
    RequestTimeoutError,
    SignedUrlExpiredError,
    error_for,
    unexpected,
)
from ._file_names import safe_name
from ._flow import (
    Await,
    Chunks,
    Clean,
    Discard,
    Drain,
    Fetch,
    Flow,
    GetToken,
    Next,
    NoReplyError,
    Now,
    Save,
    Sleep,
    call,
)
from ._retry import Repeat, Verdict
from ._secrets import Secret, signature_of
from ._urls import may_lead

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
_CONTENT_RANGE = re.compile(r"bytes\s+([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)", re.IGNORECASE)
# How often a FIFO that nobody reads yet is tried, in seconds.
_FIFO_INTERVAL = 0.05


class Place(NamedTuple):
    """Where content can be fetched: on the API with the token, or at a signed URL without."""

    url: Secret
    with_token: bool
    label: str


def download(
    settings: Settings,
    file: models.File,
    destination: Destination,
    timeout: Timeout,
    if_exists: IfExists | None,
    end: float | None,
) -> Flow[Path | None]:
    """Fetch a file's content to a destination; only what is complete and verified bears the final name.

    Raises:
        DownloadCorruptedError: what came is not what is stored.
        HubSpotFilesError: as Transfer.save.
        OSError: the destination cannot be written, or exists and must not be replaced.
    """
    if not isinstance(destination, str | os.PathLike):
        yield from Transfer(settings, file, timeout, end).save_to(destination)
        return None
    target = AtomicFile(destination, safe_name(file), if_exists)
    try:
        yield from _open(target, end)
        yield from Transfer(settings, file, timeout, end).save(target.write)
        yield from call(target.commit)
    finally:
        try:
            yield Clean(target.abandon)
        except KeyboardInterrupt:
            # It came while the partial file was being removed.
            yield Clean(target.abandon)
            raise
    return target.path


def _open(target: AtomicFile, end: float | None) -> Flow[None]:
    while not (yield from call(target.open)):
        if (yield from _retry.is_over(end)):
            raise RequestTimeoutError(f"nobody opened the FIFO {target.path} for reading within deadline= seconds")
        yield Sleep(_FIFO_INTERVAL)


class Transfer:
    """A file's content on its way: counted and hashed, and asked for from where it was cut.

    Attributes:
        file: the record that the content is compared with.
        size: bytes that came so far.
    """

    def __init__(self, settings: Settings, file: models.File, timeout: Timeout, end: float | None) -> None:
        self.file = file
        self.size = 0
        # MD5 is what HubSpot records of a file: it finds accidents here, not forgeries.
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._settings = settings
        self._timeout = timeout
        self._chunks: Chunks | None = None
        self._validator: str | None = None
        self._failed = 0
        self._end = end

    def save(self, write: Callable[[bytes], object]) -> Flow[None]:
        """Pass the whole content to a function and verify it.

        Raises:
            DownloadCorruptedError: what came is not what is stored.
            HubSpotFilesError: as next.
        """

        def take(chunk: bytes) -> None:
            write(chunk)
            self._count(chunk)

        try:
            yield from self._pass_on(take)
        finally:
            yield from self.close()

    def save_to(self, sink: Writable) -> Flow[None]:
        """Write the whole content to an object of the caller and verify it.

        Raises:
            OSError: it took another number of bytes.
            TypeError: its `write` has to be awaited, and the client is the synchronous one; or it returned what no
                binary stream returns.
            DownloadCorruptedError: what came is not what is stored.
            HubSpotFilesError: as next.
        """

        def take(chunk: bytes) -> None:
            check_written(sink, sink.write(chunk), len(chunk))
            self._count(chunk)

        async def take_async(chunk: bytes) -> None:
            check_written(sink, await sink.write(chunk), len(chunk))
            self._count(chunk)

        try:
            # What the first write returns tells whether the others have to be awaited.
            first = yield from self.next()
            if not first:
                return
            if is_async(sink.write):
                written = sink.write(first)
            else:
                # In a list, because trio refuses a function for its threads that returns a coroutine.
                (written,) = yield from call(lambda: [sink.write(first)])
            awaited = inspect.isawaitable(written)
            if awaited:
                written = yield Await(written, MUST_AWAIT, self._end)
            check_written(sink, written, len(first))
            yield from self._pass_on(take_async if awaited else take)
        except NoReplyError as lost:
            # The deadline has passed while the first write was awaited.
            yield from self._recover(lost)
        finally:
            yield from self.close()

    def _pass_on(self, take: Callable[[bytes], object]) -> Flow[None]:
        while True:
            try:
                chunks = yield from self._opened()
                yield Save(chunks, take)
                break
            except NoReplyError as lost:
                if self._complete():
                    break
                yield from self._recover(lost)
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


def read(settings: Settings, file: models.File, limit: int, timeout: Timeout, end: float | None) -> Flow[bytes]:
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
    yield from Transfer(settings, file, timeout, end).save(take)
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
    place = yield from _place(settings, file, end)
    redirects = 0
    while True:
        token: Secret | None = None
        if place.with_token:
            if settings.paced:
                yield from _retry.keep_pace(settings, place.label, end)
            token = yield GetToken()
        sent: float = yield Now()
        chunks: Chunks = yield Fetch(place.url, headers, token, timeout, end)
        try:
            if place.with_token:
                answered: float = yield Now()
                asked = ("downloadFile", "GET", urlsplit(place.url.reveal()).path)
                _retry.seen(settings, asked, chunks, _secrets(place, token), (sent, answered), attempt + 1)
        except BaseException:
            # An `on_response` of the caller that fails, or an interrupt.
            yield Discard(chunks)
            raise
        if chunks.status in (200, 206):
            return chunks
        error = yield from _refusal(place, chunks, token)
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
            raise unexpected(place.label, chunks.status, chunks.headers, reason, _secrets(place, token))
        if chunks.status in _REFUSALS and not place.with_token:
            if signed_again:
                raise SignedUrlExpiredError(
                    f"file {file.id}: the storage host refused two signed URLs ({chunks.status}). It may have been "
                    "deleted meanwhile; files.get tells."
                ) from error
            signed_again = True
            place = yield from _place(settings, file, end)
            continue
        attempt += 1
        failure = _retry.status_failure(error)
        if _retry.decide(Repeat.HARMLESS, failure) is Verdict.GIVE_UP or attempt > settings.max_retries:
            raise error
        yield from _retry.pause_before_retry(settings, place.label, end, failure, attempt, attempt, error)


def _refusal(place: Place, chunks: Chunks, token: Secret | None) -> Flow[APIError]:
    """The error that a response is, whose body is read here so that no other variable holds it."""
    try:
        body: bytes = yield Drain(chunks, _LARGEST_ERROR)
    finally:
        yield Discard(chunks)
    return error_for(place.label, chunks.status, chunks.headers, body, _secrets(place, token))


def _secrets(place: Place, token: Secret | None) -> list[Secret]:
    """What a request for content was let in by."""
    return signature_of(place.url.reveal()) if token is None else [token]


def _place(settings: Settings, file: models.File, end: float | None) -> Flow[Place]:
    """Where a file's content is to be had."""
    if file.access.value in _SENSITIVE:
        path = _endpoint.download_url(file.id)
        return Place(Secret(f"{settings.base_url}{path}"), True, f"GET {path}")
    exchange = _endpoint.get_signed_url(file.id, size=None, upscale=None, expiration_seconds=None, properties=None)
    # How long it lives does not matter here: it is used at once, and asked for again if it is refused.
    signed = yield from _endpoint.sign(settings, exchange, _ANY_LIFE, end=end, file=file)
    return _storage_place(Secret(signed.url), Secret(settings.base_url), f"the signed URL of file {file.id}")


def _storage_place(url: Secret, origin: Secret, what: str) -> Place:
    if not may_lead(origin.reveal(), url.reveal()):
        raise HubSpotFilesError(
            f"{what} is not https, leads to this machine from another, or is no URL at all, so that it is not followed"
        )
    return Place(url, False, f"GET content from {urlsplit(url.reveal()).hostname}")


def _redirected(place: Place, chunks: Chunks, redirects: int) -> Place:
    """Where a redirect leads. The token stays behind, whatever the host."""
    if not chunks.headers.get("location") or redirects > _MOST_REDIRECTS:
        raise HubSpotFilesError(f"{place.label}: a redirect that leads nowhere ({redirects} so far)")
    target = _joined(place.url, Secret(chunks.headers["location"]))
    return _storage_place(target, place.url, f"a redirect of {place.label}")


def _joined(base: Secret, location: Secret) -> Secret:
    try:
        return Secret(urljoin(base.reveal(), location.reveal()))
    except ValueError:
        # No URL: whoever follows it says so.
        return location
