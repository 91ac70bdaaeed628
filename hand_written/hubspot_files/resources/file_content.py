"""The operations that fetch content."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .._engine.context import start_call
from .._engine.effects import Flow
from .._engine.methods import operation
from .._fork import import_before_fork
from .._operations import file_calls
from .._operations.enums import SignedUrlSize
from .._operations.prepared_call import perform
from .._operations.signed_url import sign
from .._validation import (
    enum_member,
    non_negative_int,
    numeric_id,
    optional_bool,
    property_names,
    whole_seconds,
)
from .base import Operations
from .streams import streamed

if TYPE_CHECKING:
    from .._content.atomic_file import IfExists
    from .._content.destination import Destination
    from .._content.transfer import Transfer
    from .._http.timeouts import Timeout
    from .._operations.signed_url import SignedUrl


# Imported when content is first fetched or stored: it takes a fifth of the time that the rest takes.
import_before_fork("hubspot_files._content")

_READ_LIMIT = 64 * 1024 * 1024


class FileContent(Operations):
    """Download files, and get signed URLs of them."""

    @operation
    def signed_url(
        self,
        file_id: str | int,
        *,
        size: SignedUrlSize | str | None = None,
        upscale: bool | None = None,
        expires_in: timedelta | int | None = None,
        properties: Iterable[str] | None = None,
        timeout: Timeout = None,
    ) -> Flow[SignedUrl]:
        """Get a URL that gives anyone who holds it the content of a private file, until it expires.

        Args:
            file_id: digits, as in `File.id`.
            size: `icon`, `thumb`, `medium` or `preview` serves an image scaled.
            upscale: True enlarges an image that is smaller; with size only.
            expires_in: life as a timedelta or whole seconds. HubSpot gives an hour where it is left out, and was seen
                to give six at most: `expires_at` of the result tells.
            properties: names of further properties to ask for, such as `["height", "width"]`.
            timeout: see `upload`.

        Raises:
            NotFoundError: there is no such file, or it is sensitive: files.download fetches those.
            ValueError: expires_in below a second, an unknown size, upscale without size.
            UnexpectedResponseError: HubSpot does not say when the URL expires, and expires_in is left out.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        number = numeric_id(file_id, "file_id")
        asked = whole_seconds(expires_in, "expires_in")
        scaled = None if size is None else enum_member(size, SignedUrlSize, "size")
        if upscale is not None and scaled is None:
            raise ValueError("upscale says how to scale to a size: pass size= too")
        call = file_calls.get_signed_url(
            number,
            size=scaled,
            upscale=optional_bool(upscale, "upscale"),
            expiration_seconds=asked,
            properties=property_names(properties, "properties"),
        )
        context = yield from start_call(self._settings, timeout)
        return (yield from sign(context, call, asked))

    @operation
    def download(
        self,
        file_id: str | int,
        destination: Destination,
        *,
        if_exists: IfExists | None = None,
        timeout: Timeout = None,
    ) -> Flow[Path | None]:
        """Download a file's content, in constant memory, and verify its size and MD5.

        A path bears its name only once all is there and verified: until then, the content is in a partial file beside
        it, which is removed if anything fails. A download that is cut is resumed. A FIFO and a character device are
        written to as the content comes.

        Args:
            file_id: digits, as in `File.id`.
            destination: a path; a directory, in which the file gets its name in HubSpot, made safe; or a binary stream,
                whose `write` AsyncHubSpotFiles awaits where it has to.
            if_exists: what to do where the name is taken: `refuse` raises FileExistsError, `number` takes the first of
                `invoice (1).pdf`, `invoice (2).pdf` and so on that is free, `replace` replaces the file, whose mode
                stays. If it is left out, a path is replaced, and a name that comes from HubSpot is refused.
            timeout: see `upload`.

        Returns:
            The path of the file; None if the destination is a stream.

        Raises:
            NotFoundError: there is no such file.
            DownloadCorruptedError: what came is not what HubSpot recorded.
            SignedUrlExpiredError: the storage host refuses the signed URLs that HubSpot gives.
            FileExistsError: the name is taken. Before content is fetched, or, if it was taken meanwhile, after that.
            OSError: the destination cannot be written, or took another number of bytes than it was given.
            TypeError: destination is none of these, its `write` returned neither None nor a number of bytes, or it has
                to be awaited, on HubSpotFiles.
            ValueError: file_id is not digits; destination is empty, closed, or not open for writing; if_exists is
                unknown or comes with a stream.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        from .._content import download
        from .._content.destination import check_destination

        id = numeric_id(file_id, "file_id")
        yield from check_destination(destination, if_exists)
        context = yield from start_call(self._settings, timeout)
        file = yield from perform(context, file_calls.get_file(id))
        return (yield from download.download(context, file, destination, if_exists))

    @streamed
    def stream(self, file_id: str | int, *, timeout: Timeout = None) -> Flow[Transfer]:
        """Open a file's content as a context manager over its chunks, of bytes; nothing is sent before it is entered.

        Args:
            file_id: digits, as in `File.id`.
            timeout: see `upload`.

        Returns:
            A context manager. Its `file` is the record; the end of its iteration raises DownloadCorruptedError where
            what came is not what HubSpot recorded.

        Raises:
            NotFoundError: on entering: there is no such file.
            ValueError: on entering: file_id is not digits.
        """
        from .._content.transfer import Transfer

        id = numeric_id(file_id, "file_id")
        context = yield from start_call(self._settings, timeout)
        file = yield from perform(context, file_calls.get_file(id))
        transfer = Transfer(context, file)
        yield from transfer.open()
        return transfer

    @operation
    def read(self, file_id: str | int, *, limit: int = _READ_LIMIT, timeout: Timeout = None) -> Flow[bytes]:
        """Get a file's content as bytes, verified.

        Args:
            file_id: digits, as in `File.id`.
            limit: bytes to take into memory at most, 64 MiB where it is left out.
            timeout: see `upload`.

        Raises:
            ValueError: the file is larger than limit; files.download and files.stream take any size.
            TypeError: limit is not an int.
            NotFoundError: there is no such file.
            DownloadCorruptedError: what came is not what HubSpot recorded.
        """
        from .._content import download

        id = numeric_id(file_id, "file_id")
        non_negative_int(limit, "limit")
        context = yield from start_call(self._settings, timeout)
        file = yield from perform(context, file_calls.get_file(id))
        return (yield from download.read(context, file, limit))
