"""Transfer of a file's content, which resumes after a cut and verifies size and MD5."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._awaitable import is_async
from .._engine.context import CallContext
from .._engine.effects import Discard, Flow, NextChunk, RunBlocking, Save, WaitFor
from .._engine.retry import Attempts
from .._engine.retry_policy import Idempotency
from .._errors import DownloadCorruptedError
from .._http.failures import NoResponseError
from .._http.messages import StreamedResponse
from .content_location import KeptLocation, open_content
from .destination import MUST_AWAIT, Writable, check_written
from .public_url import open_public

if TYPE_CHECKING:
    from hubspot_files_api import models

    from .file_record import FileRecord


_REPLACED = "Download it again; if it was replaced meanwhile, that succeeds."
_CONTENT_RANGE = re.compile(r"bytes\s+([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)", re.IGNORECASE)


class Transfer:
    """The transfer of a file's content. It counts and hashes the content, and resumes after a cut.

    Args:
        context: context of the call.
        record: record that the content is compared with. If it is not fresh and differs, it is fetched.
        try_public: whether to fetch a public file from its public URL, if the record is not fresh. That can fail with
            DownloadCorruptedError although another transfer from a signed URL would succeed.
        proven: whether such a URL is only used if its response proves the content before it is read.
        location: location that other requests for this content also use, or None.

    Attributes:
        size: bytes received so far.
        from_public_url: whether the public URL was used.
    """

    def __init__(
        self,
        context: CallContext,
        record: FileRecord,
        *,
        try_public: bool = True,
        proven: bool = True,
        location: KeptLocation | None = None,
    ) -> None:
        self.size = 0
        self.from_public_url = False
        self._record = record
        self._try_public = try_public and not record.fresh
        self._proven = proven
        self._location = location
        # HubSpot records the MD5 of a file. It detects corruption, not forgery.
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._context = context
        self._attempts = Attempts(context, f"GET content of file {record.file.id}", Idempotency.IDEMPOTENT)
        self._response: StreamedResponse | None = None
        self._validator: str | None = None

    @property
    def file(self) -> models.File:
        """The record."""
        return self._record.file

    def save(self, write: Callable[[bytes], object]) -> Flow[None]:
        """Pass the whole content to a function and verify it.

        Raises:
            DownloadCorruptedError: the received content is not the stored content.
            HubSpotFilesError: see `next`.
        """

        def take(chunk: bytes) -> None:
            write(chunk)
            self._count(chunk)

        try:
            yield from self._pass_on(take)
        finally:
            yield from self.close()

    def save_to(self, sink: Writable) -> Flow[None]:
        """Write the whole content to a stream of the caller and verify it.

        Raises:
            OSError: its `write` wrote another number of bytes than it was passed.
            TypeError: its `write` has to be awaited, and the client is synchronous; or `write` returned neither None
                nor a number of bytes.
            DownloadCorruptedError: the received content is not the stored content.
            HubSpotFilesError: see `next`.
        """

        def take(chunk: bytes) -> None:
            check_written(sink, sink.write(chunk), len(chunk))
            self._count(chunk)

        async def take_async(chunk: bytes) -> None:
            check_written(sink, await sink.write(chunk), len(chunk))
            self._count(chunk)

        try:
            # The result of the first write shows whether the others have to be awaited.
            first = yield from self.next()
            if not first:
                return
            if is_async(sink.write):
                written = sink.write(first)
            else:
                # In a list, because trio does not accept a function that returns a coroutine for its threads.
                (written,) = yield from RunBlocking(lambda: [sink.write(first)])
            awaited = inspect.isawaitable(written)
            if awaited:
                written = yield from WaitFor(written, MUST_AWAIT, self._context.deadline)
            check_written(sink, written, len(first))
            yield from self._pass_on(take_async if awaited else take)
        except NoResponseError as lost:
            # The deadline passed while the first write was awaited.
            yield from self._recover(lost)
        finally:
            yield from self.close()

    def _pass_on(self, take: Callable[[bytes], object]) -> Flow[None]:
        while True:
            try:
                response = yield from self._opened()
                yield from Save(response, take)
                break
            except NoResponseError as lost:
                if self._complete():
                    break
                yield from self._recover(lost)
        yield from self._verify()

    def next(self) -> Flow[bytes]:
        """Return the next chunk. At the end, verify the content and return an empty bytes object.

        Raises:
            SignedUrlExpiredError: the storage host refused two signed URLs.
            APIError: HubSpot or the storage host responded with an error.
            ConnectionFailedError: the connection was cut more often than max_retries.
            DownloadCorruptedError: the received content is not the stored content, or it cannot be resumed.
        """
        while True:
            try:
                response = yield from self._opened()
                chunk = yield from NextChunk(response)
                break
            except NoResponseError as lost:
                if self._complete():
                    chunk = b""
                    break
                yield from self._recover(lost)
        if chunk:
            self._count(chunk)
        else:
            yield from self._verify()
        return chunk

    def open(self) -> Flow[None]:
        """Open the response, to raise errors before anything is read.

        Raises:
            HubSpotFilesError: see `next`.
        """
        opened = False
        try:
            while not opened:
                try:
                    yield from self._opened()
                    opened = True
                except NoResponseError as lost:
                    yield from self._recover(lost)
        finally:
            if not opened:
                yield from self.close()

    def close(self) -> Flow[None]:
        """Release the connection. It can be called more than once."""
        response, self._response = self._response, None
        if response is not None:
            yield from Discard(response)

    def _opened(self) -> Flow[StreamedResponse]:
        if self._response is None:
            self._attempts.count += 1
            headers = {"range": f"bytes={self.size}-", "if-range": self._validator or ""} if self.size else {}
            self._response = response = yield from self._request(headers)
            check_not_encoded(self.file, response)
            _check_range(self.file, response, self.size)
            etag = response.headers.get("etag")
            # With If-Range, the host should have sent the whole content, but not every host supports it. If HubSpot has
            # recorded an MD5, the verification at the end detects other content.
            if self.size and etag != self._validator and (etag is not None or not self.file.file_md5):
                raise DownloadCorruptedError(
                    f"file {self.file.id}: the download was cut at byte {self.size}, and the rest belongs to other "
                    f"content (ETag {etag} after {self._validator}). Download it again."
                )
            self._validator = etag
            if (
                not self._record.fresh
                and not self.size
                and response.headers.get("content-length") != str(self.file.size)
            ):
                yield from self._record.refresh()
        return self._response

    def _request(self, headers: dict[str, str]) -> Flow[StreamedResponse]:
        if self._try_public:
            response = yield from open_public(self._context, self.file, headers, proven=self._proven)
            if response is not None:
                self.from_public_url = True
                return response
            self._try_public = False
        return (yield from open_content(self._context, self._record, headers, self._location))

    def _recover(self, lost: NoResponseError) -> Flow[None]:
        yield from self.close()
        failure, error = yield from self._attempts.failed(lost)
        # Without a strong validator, the rest could belong to other content.
        if self.size and (self._validator is None or self._validator.startswith("W/")):
            raise error from error.__cause__
        yield from self._attempts.wait_to_retry(failure, error)

    def _complete(self) -> bool:
        """Return whether the content was complete before the connection was cut."""
        return 0 < self.size == self.file.size

    def _count(self, chunk: bytes) -> None:
        self._md5.update(chunk)
        self.size += len(chunk)
        if self.file.size is not None and self.size > self.file.size:
            # An endless response would fill the disk.
            raise DownloadCorruptedError(
                f"file {self.file.id}: more than the {self.file.size} bytes that HubSpot recorded were received. "
                f"{_REPLACED}"
            )

    def _verify(self) -> Flow[None]:
        mismatch = self._mismatch()
        if mismatch and not self._record.fresh:
            # The file may have been replaced since the caller got the record.
            yield from self._record.refresh()
            mismatch = self._mismatch()
        if mismatch:
            raise DownloadCorruptedError(f"file {self.file.id}: {mismatch}. {_REPLACED}")

    def _mismatch(self) -> str | None:
        """Return how the received content differs from the record, or None."""
        file, md5 = self.file, self._md5.hexdigest()
        if file.size is not None and file.size != self.size:
            return f"{self.size} of {file.size} bytes were received"
        if file.file_md5 and file.file_md5.lower() != md5:
            return f"the MD5 of the received content is {md5}, HubSpot recorded {file.file_md5}"
        return None


def check_not_encoded(file: models.File, response: StreamedResponse) -> None:
    """Check that the body of a response is the content itself, which was requested.

    Raises:
        DownloadCorruptedError: it is encoded, such as with gzip.
    """
    coding = response.headers.get("content-encoding", "identity")
    if coding != "identity":
        raise DownloadCorruptedError(
            f"file {file.id}: the storage host sent it with Content-Encoding {coding!r}, which was not "
            "requested, and its bytes cannot be verified."
        )


def _check_range(file: models.File, response: StreamedResponse, offset: int) -> None:
    """Check that the body of a response starts at the requested offset, and is a part of the recorded content."""
    content_range = response.headers.get("content-range", "")
    if offset == 0:
        if response.status != 206:
            return
        raise DownloadCorruptedError(
            f"file {file.id}: the storage host sent a part ({content_range}), although the whole content was requested."
        )
    match = _CONTENT_RANGE.fullmatch(content_range.strip())
    if response.status != 206 or match is None or int(match[1]) != offset or not _same_size(match[2], file.size):
        raise DownloadCorruptedError(
            f"file {file.id}: the download was cut at byte {offset}, and the storage host does not continue there "
            f"({response.status} {content_range or 'without Content-Range'}). Download it again."
        )


def _same_size(total: str, size: int | None) -> bool:
    return total == "*" or size is None or int(total) == size
