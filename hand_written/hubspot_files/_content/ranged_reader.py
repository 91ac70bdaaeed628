"""Ranges of a file's content, all of them of the same content."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._engine.context import CallContext
from .._engine.effects import Acquire, CleanUp, Discard, Flow, Lock, NewLock, NextChunk, RunBlocking
from .._engine.retry import Attempts
from .._engine.retry_policy import Idempotency
from .._errors import BadRequestError, DownloadCorruptedError, FileChangedError
from .._http.failures import NoResponseError
from .._http.messages import StreamedResponse
from .._log import log_whole_content
from .content_location import KeptLocation, open_content
from .file_record import FileRecord
from .public_url import open_public
from .source import COPY_SIZE
from .source_opener import new_copy
from .transfer import Transfer, check_not_encoded

if TYPE_CHECKING:
    from hubspot_files_api import models

_CONTENT_RANGE = re.compile(r"bytes\s+([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)", re.IGNORECASE)


class RangedReader:
    """Reads ranges of a file's content, in any order and several at once. `open_ranges` makes one.

    All ranges are of the content of the first response, by its ETag and its size. A record that is out of date is
    fetched again, but once a part of the content was returned, another content is an error. The location is requested
    once, and again when it is refused. If the storage host ignores ranges, or sends no strong ETag, the whole content
    is fetched once, into a temporary file, and that is logged.

    Args:
        context: context of the call that opens the reader.
        record: record of the file.
        location: location of the content.
        lock: lock under which the whole content is fetched.

    Attributes:
        file: the record.
    """

    def __init__(self, context: CallContext, record: FileRecord, location: KeptLocation, lock: Lock) -> None:
        self.file: models.File = record.file
        self._size = record.file.size or 0
        # The call in which the record was fetched. In another one, it may be out of date.
        self._fresh_in = context if record.fresh else None
        self._try_public = not record.fresh
        self._location = location
        self._lock = lock
        self._etag: str | None = None
        self._in_use = False
        self._whole: _WholeContent | None = None

    @property
    def size(self) -> int:
        """Size of the content in bytes. Once it was used, a content of another size is an error."""
        self._in_use = True
        return self._size

    def read(self, context: CallContext, start: int, end: int) -> Flow[bytes]:
        """Return the bytes from start to before end, or to the end of the content.

        Raises:
            HubSpotFilesError: see `fetch`.
        """
        chunks: list[bytes] = []
        yield from self.fetch(context, start, end, chunks.append)
        return b"".join(chunks)

    def fetch(self, context: CallContext, start: int, end: int, take: Callable[[bytes], object]) -> Flow[None]:
        """Pass the bytes from start to before end, or to the end of the content, to a function in chunks.

        Raises:
            FileChangedError: the content was replaced.
            DownloadCorruptedError: the storage host sent other bytes than the requested ones.
            SignedUrlExpiredError: the storage host refused two signed URLs.
            APIError: HubSpot or the storage host responded with an error.
            ConnectionFailedError: the connection was cut more often than max_retries.
        """
        attempts = Attempts(context, f"GET content of file {self.file.id}", Idempotency.IDEMPOTENT)
        position = start

        def pass_on(chunk: bytes) -> None:
            nonlocal position
            self._in_use = True
            take(chunk)
            position += len(chunk)

        while position < min(end, self._size):
            attempts.count += 1
            try:
                opened = yield from self._open(context, position, min(end, self._size))
                if opened is None:
                    yield from self._read_whole(position, min(end, self._size), pass_on)
                else:
                    yield from self._read_response(*opened, position, pass_on)
            except NoResponseError as lost:
                # The connection may be cut after the last byte.
                if position < min(end, self._size):
                    failure, error = yield from attempts.failed(lost)
                    yield from attempts.wait_to_retry(failure, error)
        # The caller may know now that the content ends here.
        self._in_use = True

    def _read_response(
        self, response: StreamedResponse, end: int, position: int, take: Callable[[bytes], object]
    ) -> Flow[None]:
        try:
            while chunk := (yield from NextChunk(response)):
                position += len(chunk)
                if position > end:
                    break
                take(chunk)
        finally:
            yield from Discard(response)
        if position != end:
            raise DownloadCorruptedError(
                f"file {self.file.id}: the storage host sent fewer or more bytes than it announced, up to byte {end}."
            )

    def _read_whole(self, start: int, end: int, take: Callable[[bytes], object]) -> Flow[None]:
        whole = self._whole
        assert whole is not None
        for position in range(start, end, COPY_SIZE):
            take((yield from RunBlocking(whole.read, position, min(end, position + COPY_SIZE))))

    def close(self) -> Flow[None]:
        """Remove the temporary file, if there is one."""
        if self._whole is not None:
            yield from CleanUp(self._whole.close)

    def _open(self, context: CallContext, start: int, end: int) -> Flow[tuple[StreamedResponse, int] | None]:
        """Return the response with a range and the end of its body, or None if the whole content was fetched."""
        if self._whole is not None:
            return None
        file = self.file
        record = FileRecord(context, file, fresh=self._fresh_in is context and not self._in_use)
        response = yield from self._request(context, record, {"range": f"bytes={start}-{end - 1}"})
        try:
            match = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", "").strip())
            etag = response.headers.get("etag", "")
            # Without a strong ETag, two ranges could be of different contents.
            if response.status == 206 and match is not None and etag.startswith('"'):
                total = None if match[3] == "*" else int(match[3])
                check_not_encoded(file, response)
                yield from self._check_content(context, record, file, etag, total)
                if int(match[1]) != start or not start <= int(match[2]) < end:
                    raise DownloadCorruptedError(
                        f"file {file.id}: the storage host sent {match[0]!r} for the bytes {start} to {end - 1}."
                    )
                return response, int(match[2]) + 1
        except BaseException:
            yield from Discard(response)
            raise
        yield from Discard(response)
        sends_ranges = response.status == 206
        why = "the storage host " + ("sends no strong ETag with a range" if sends_ranges else "ignores ranges")
        yield from self.fetch_whole(context, why if (start, end) != (0, self._size) else None)
        return None

    def _request(self, context: CallContext, record: FileRecord, headers: dict[str, str]) -> Flow[StreamedResponse]:
        if self._try_public:
            response = yield from open_public(context, record.file, headers, proven=True)
            if response is not None:
                return response
            self._try_public = False
        try:
            return (yield from open_content(context, record, headers, self._location))
        except BadRequestError as error:
            if error.status_code != 416:
                raise
            raise self._changed("it ends before the requested bytes") from error

    def _check_content(
        self, context: CallContext, record: FileRecord, known: models.File, etag: str, total: int | None
    ) -> Flow[None]:
        """Check that a response is of the content that is read, which the first response determines."""
        if self._etag is None and not record.fresh and not _matches(record.file, etag, total):
            # Not every ETag is an MD5. If it is not, the record shows whether the content is still the same.
            yield from record.refresh()
        if record.file is not known:
            self._adopt(context, record)
        if self._etag is None:
            self._etag = etag
        if etag != self._etag or total not in (None, self._size):
            raise self._changed(f"ETag {etag} and {total} bytes after {self._etag} and {self._size} bytes")

    def fetch_whole(self, context: CallContext, why: str | None) -> Flow[None]:
        """Fetch the whole content into a temporary file, and verify its size and MD5, unless that was done before.

        Args:
            context: context of the call.
            why: reason to log, or None to log nothing.

        Raises:
            HubSpotFilesError: see `Transfer.save`.
            NoResponseError: the deadline passed while another call fetched it.
        """
        try:
            yield from Acquire(self._lock, context.deadline)
            if self._whole is not None:
                return
            known = self.file
            record = FileRecord(context, known, fresh=self._fresh_in is context and not self._in_use)
            if why is not None:
                log_whole_content(known.path or f"file {known.id}", known.size, why)
            transfer = Transfer(context, record, try_public=self._try_public, location=self._location)
            whole = _WholeContent()
            try:
                yield from transfer.save(whole.write)
                if record.file is not known:
                    self._adopt(context, record)
            except BaseException:
                yield from CleanUp(whole.close)
                raise
            self._size, self._whole = transfer.size, whole
        finally:
            self._lock.release()

    def _adopt(self, context: CallContext, record: FileRecord) -> None:
        """Take over a record that was fetched again, unless a part of another content is in use."""
        new, old = record.file, self.file
        if self._in_use and (new.size, new.file_md5) != (old.size, old.file_md5):
            raise self._changed(f"MD5 {new.file_md5} and {new.size} bytes after {old.file_md5} and {old.size} bytes")
        self.file, self._fresh_in = new, context
        self._size = self._size if new.size is None else new.size

    def _changed(self, detail: str) -> FileChangedError:
        return FileChangedError(
            f"file {self.file.id} was replaced after its record was fetched ({detail}); open it by its id to read the "
            "new content"
        )


class _WholeContent:
    """The whole content in a temporary file, which is in memory while it is small."""

    def __init__(self) -> None:
        self._file = new_copy()
        # A task that is cancelled may leave its worker thread behind.
        self._lock = threading.Lock()

    def write(self, chunk: bytes) -> None:
        with self._lock:
            self._file.write(chunk)

    def read(self, start: int, end: int) -> bytes:
        with self._lock:
            self._file.seek(start)
            return self._file.read(end - start)

    def close(self) -> None:
        with self._lock:
            self._file.close()


def open_ranges(context: CallContext, record: FileRecord) -> Flow[RangedReader]:
    """Return a reader of ranges of a file's content. Nothing is sent, unless the record has no size or a size of 0.

    Args:
        context: context of the call.
        record: record of the file; see `find_record`.

    Raises:
        HubSpotFilesError: see `RangedReader.fetch_whole`.
    """
    if not record.file.size and not record.fresh:
        # No response would show that the file is not empty any more.
        yield from record.refresh()
    location = KeptLocation((yield from NewLock()))
    reader = RangedReader(context, record, location, (yield from NewLock()))
    if record.file.size is None:
        yield from reader.fetch_whole(context, "HubSpot does not state its size")
    return reader


def _matches(file: models.File, etag: str, total: int | None) -> bool:
    """Return whether a record is certainly that of a content."""
    return total in (None, file.size) and etag.strip('"').lower() == (file.file_md5 or "").lower()
