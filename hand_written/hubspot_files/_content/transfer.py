"""A file's content on its way: resumed where it was cut, and verified."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._awaitable import is_async
from .._engine.effects import Await, Discard, Flow, Next, Save, call
from .._engine.retry import is_over, lost_error, pause_before_retry
from .._engine.retry_policy import Repeat, Verdict, decide
from .._errors import DownloadCorruptedError
from .._http.failures import NoReplyError
from .._http.messages import Chunks
from .content_location import open_content
from .destination import MUST_AWAIT, Writable, check_written

if TYPE_CHECKING:
    from hubspot_files_api import models

    from .._engine.settings import Settings
    from .._http.timeouts import Timeout


_CONTENT_RANGE = re.compile(r"bytes\s+([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)", re.IGNORECASE)


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
        failure, error = lost_error(label, lost, late=(yield from is_over(self._end)))
        self._failed += 1
        # Without a strong validator the rest could be of other content.
        resumable = self.size == 0 or (self._validator is not None and not self._validator.startswith("W/"))
        given_up = decide(Repeat.HARMLESS, failure) is Verdict.GIVE_UP
        if given_up or self._failed > self._settings.max_retries or not resumable:
            raise error from error.__cause__
        yield from pause_before_retry(self._settings, label, self._end, failure, self._failed, self._failed, error)

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
