"""A file's content on its way: resumed where it was cut, and verified."""

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
from .content_location import open_content
from .destination import MUST_AWAIT, Writable, check_written

if TYPE_CHECKING:
    from hubspot_files_api import models


_CONTENT_RANGE = re.compile(r"bytes\s+([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)", re.IGNORECASE)


class Transfer:
    """A file's content on its way: counted and hashed, and asked for from where it was cut.

    Args:
        context: of the call.
        file: the record that the content is compared with.

    Attributes:
        file: the same.
        size: bytes that came so far.
    """

    def __init__(self, context: CallContext, file: models.File) -> None:
        self.file = file
        self.size = 0
        # MD5 is what HubSpot records of a file: it finds accidents here, not forgeries.
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._context = context
        self._attempts = Attempts(context, f"GET content of file {file.id}", Idempotency.IDEMPOTENT)
        self._response: StreamedResponse | None = None
        self._validator: str | None = None

    def save(self, write: Callable[[bytes], object]) -> Flow[None]:
        """Pass the whole content to a function and verify it.

        Raises:
            DownloadCorruptedError: what came is not what is stored.
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
        """Write the whole content to an object of the caller and verify it.

        Raises:
            OSError: it took another number of bytes.
            TypeError: its `write` has to be awaited, and the client is the synchronous one; or it returned what no
                binary stream returns.
            DownloadCorruptedError: what came is not what is stored.
            HubSpotFilesError: see `next`.
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
                (written,) = yield from RunBlocking(lambda: [sink.write(first)])
            awaited = inspect.isawaitable(written)
            if awaited:
                written = yield from WaitFor(written, MUST_AWAIT, self._context.deadline)
            check_written(sink, written, len(first))
            yield from self._pass_on(take_async if awaited else take)
        except NoResponseError as lost:
            # The deadline has passed while the first write was awaited.
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
        self._verify()

    def next(self) -> Flow[bytes]:
        """Return the next chunk, or nothing at the end, where the whole is verified.

        Raises:
            SignedUrlExpiredError: the storage host refused two signed URLs.
            APIError: HubSpot or the storage host responded with an error.
            ConnectionFailedError: it was cut more often than max_retries.
            DownloadCorruptedError: what came is not what is stored, or the rest of it cannot be had.
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
            self._verify()
        return chunk

    def open(self) -> Flow[None]:
        """Open the response, so that a refusal comes before anything is read.

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
        """Release the connection. More than once is as good."""
        response, self._response = self._response, None
        if response is not None:
            yield from Discard(response)

    def _opened(self) -> Flow[StreamedResponse]:
        if self._response is None:
            self._attempts.count += 1
            headers = {"range": f"bytes={self.size}-", "if-range": self._validator or ""} if self.size else {}
            self._response = response = yield from open_content(self._context, self.file, headers)
            coding = response.headers.get("content-encoding", "identity")
            if coding != "identity":
                raise DownloadCorruptedError(
                    f"file {self.file.id}: the storage host sends it encoded ({coding!r}), though it was asked not to, "
                    "so that its bytes cannot be verified."
                )
            _check_range(self.file, response, self.size)
            etag = response.headers.get("etag")
            # If-Range should have brought the whole of it; not every host heeds that. An MD5 would show in the end.
            if self.size and etag != self._validator and (etag is not None or not self.file.file_md5):
                raise DownloadCorruptedError(
                    f"file {self.file.id}: the download was cut at byte {self.size}, and the rest is of other content "
                    f"(ETag {etag} after {self._validator}). Download it again."
                )
            self._validator = etag
        return self._response

    def _recover(self, lost: NoResponseError) -> Flow[None]:
        yield from self.close()
        failure, error = yield from self._attempts.failed(lost)
        # Without a strong validator the rest could be of other content.
        if self.size and (self._validator is None or self._validator.startswith("W/")):
            raise error from error.__cause__
        yield from self._attempts.wait_to_retry(failure, error)

    def _complete(self) -> bool:
        """Whether all came before the connection broke: then there is no rest to ask for."""
        return 0 < self.size == self.file.size

    def _count(self, chunk: bytes) -> None:
        self._md5.update(chunk)
        self.size += len(chunk)
        if self.file.size is not None and self.size > self.file.size:
            # A response without end would fill the disk.
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
                f"file {file.id}: the MD5 of the received content is {self._md5.hexdigest()}, HubSpot recorded {file.file_md5}. "
                "Download it again; if it was replaced meanwhile, that succeeds."
            )


def _check_range(file: models.File, response: StreamedResponse, offset: int) -> None:
    """Make sure that what comes begins where it was asked to, and belongs to what is there."""
    came = response.headers.get("content-range", "")
    if offset == 0:
        if response.status != 206:
            return
        raise DownloadCorruptedError(f"file {file.id}: a part of it came ({came}), though all was asked for.")
    match = _CONTENT_RANGE.fullmatch(came.strip())
    if response.status != 206 or match is None or int(match[1]) != offset or not _same_size(match[2], file.size):
        raise DownloadCorruptedError(
            f"file {file.id}: the download was cut at byte {offset}, and the storage host does not continue there "
            f"({response.status} {came or 'without Content-Range'}). Download it again."
        )


def _same_size(total: str, size: int | None) -> bool:
    return total == "*" or size is None or int(total) == size
