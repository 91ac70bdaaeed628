"""Downloads, and signed URLs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, overload

from .._engine.context import start_call
from .._engine.effects import Flow
from .._engine.methods import operation
from .._errors import ArgumentValueError
from .._fork import import_before_fork
from .._operations import file_calls
from .._operations.enums import SignedUrlSize, SignedUrlSizeName
from .._operations.ids import file_reference
from .._operations.signed_url import sign
from .._validation import (
    enum_member,
    non_negative_int,
    optional_bool,
    property_names,
    whole_seconds,
)
from .base import Operations
from .streams import streamed

if TYPE_CHECKING:
    from hubspot_files_api.models import File

    from .._content.atomic_file import IfExists
    from .._content.destination import Destination, Writable
    from .._content.source import Progress
    from .._content.transfer import Transfer
    from .._http.timeouts import Timeout
    from .._operations.signed_url import SignedUrl


# Imported when content is first fetched or stored: it takes a fifth of the time that the rest takes.
import_before_fork("hubspot_files._content")

_READ_LIMIT = 64 * 1024 * 1024


class FileContent(Operations):
    """Download files and get signed URLs."""

    @operation
    def signed_url(
        self,
        file: File | str | int,
        *,
        size: SignedUrlSize | SignedUrlSizeName | None = None,
        upscale: bool | None = None,
        expires_in: timedelta | int | None = None,
        properties: Iterable[str] | None = None,
        timeout: Timeout = None,
    ) -> Flow[SignedUrl]:
        """Get a URL that gives anyone access to the content of a private file, until it expires.

        Args:
            file: a File, its id, or a path such as `/library/cat.png`, which takes a call of the API more.
            size: `icon`, `thumb`, `medium` or `preview`, for an image that is scaled.
            upscale: True enlarges an image that is smaller than size. Valid with size only.
            expires_in: lifetime as a timedelta or whole seconds. HubSpot's default is an hour, and its observed maximum
                six hours. `expires_at` of the result is the actual expiry. One that is earlier is logged as a
                warning.
            properties: names of further properties to request, such as `["height", "width"]`.
            timeout: see `upload`.

        Returns:
            The signed URL.

        Raises:
            FileMissingError: there is no such file, or it is sensitive. Use files.download for sensitive files.
            PathIsFolderError: there is a folder at the path.
            ValueError: file is neither an id nor a path, expires_in is below a second, size is unknown, or upscale is
                passed without size.
            UnexpectedResponseError: HubSpot does not name an expiry, and expires_in was not passed.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        from .._content.file_record import find_id

        reference = file_reference(file)
        lifetime = whole_seconds(expires_in, "expires_in")
        scaled = None if size is None else enum_member(size, SignedUrlSize, "size")
        if upscale is not None and scaled is None:
            raise ArgumentValueError("upscale needs a size to scale to: pass size= too")
        optional_bool(upscale, "upscale")
        wanted = property_names(properties, "properties")
        context = yield from start_call(self._settings, timeout)
        number = yield from find_id(context, reference)
        call = file_calls.get_signed_url(
            self._version, number, size=scaled, upscale=upscale, expiration_seconds=lifetime, properties=wanted
        )
        return (yield from sign(context, call, lifetime))

    @overload
    def download(
        self,
        file: File | str | int,
        destination: str | os.PathLike[str],
        *,
        if_exists: IfExists | None = None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> Flow[Path]: ...
    @overload
    def download(
        self,
        file: File | str | int,
        destination: Writable,
        *,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> Flow[None]: ...
    @overload
    def download(
        self,
        file: File | str | int,
        destination: Destination,
        *,
        if_exists: IfExists | None = None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> Flow[Path | None]: ...
    @operation
    def download(
        self,
        file: File | str | int,
        destination: Destination,
        *,
        if_exists: IfExists | None = None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> Flow[Path | None]:
        """Download a file's content in constant memory, and verify its size and MD5.

        A download to a path is written to a partial file in the same folder. The partial file is renamed when it is
        complete and verified, and removed if anything fails. A download that is cut is resumed. A FIFO and a character
        device are written to directly.

        By id or path, it takes two calls of the API. A File, such as from a search, saves the first: a private file
        takes one call, and a public one none, because it is fetched from its URL. On any doubt about that URL, a signed
        URL is used. A File that is out of date is fetched again.

        Args:
            file: a File, its id, or a path such as `/library/cat.png`.
            destination: a path, a directory, or a binary stream. In a directory, the file gets its name in HubSpot,
                made safe for the file system. AsyncHubSpotFiles awaits the stream's `write` if it is a coroutine
                function.
            if_exists: policy for a name that is taken. `refuse` raises FileExistsError. `number` uses the first free
                name of `invoice (1).pdf`, `invoice (2).pdf` and so on. `replace` replaces the file and keeps its mode.
                By default, a path is replaced, and a name from HubSpot is refused.
            on_progress: called with the bytes received, the total bytes and the number of the attempt. The bytes go on
                in an attempt that resumes the download. AsyncHubSpotFiles may call it in a worker thread.
            timeout: see `upload`.

        Returns:
            The path of the file, or None if the destination is a stream.

        Raises:
            FileMissingError: there is no such file. It is a FileNotFoundError, too.
            PathIsFolderError: there is a folder at the path. It is an IsADirectoryError, too.
            DownloadCorruptedError: the received content is not the content that HubSpot recorded.
            SignedUrlExpiredError: the storage host refused the signed URLs.
            FileExistsError: the local name is taken. It is raised before content is fetched, or afterwards if the name
                was taken meanwhile.
            OSError: the destination cannot be written, or its `write` wrote fewer or more bytes than it was passed.
            TypeError: destination is not a path or a binary stream, its `write` returned neither None nor a number of
                bytes, or `write` has to be awaited, on HubSpotFiles.
            ValueError: file is neither an id nor a path; destination is empty, closed, or not open for writing;
                if_exists is unknown or passed with a stream.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        from .._content import download
        from .._content.destination import check_destination
        from .._content.file_record import find_record

        file_reference(file)
        yield from check_destination(destination, if_exists)
        context = yield from start_call(self._settings, timeout)
        record = yield from find_record(context, file)
        return (yield from download.download(context, record, destination, if_exists, on_progress))

    @streamed
    def stream(
        self, file: File | str | int, *, on_progress: Progress | None = None, timeout: Timeout = None
    ) -> Flow[Transfer]:
        """Return a context manager over a file's content, to read or in chunks. Nothing is sent before it is entered.

        Args:
            file: a File, which saves calls as in `download`, its id, or its path. The URL of a public file is used only
                if the response names the MD5 of the File.
            on_progress: see `download`.
            timeout: see `upload`.

        Returns:
            A context manager and iterable of chunks, with `read`, `readinto` and `readline`. Its `file` is the record.
            The end raises DownloadCorruptedError if the received content is not the content that HubSpot recorded.

        Raises:
            FileMissingError: there is no such file. It is raised on entering.
            PathIsFolderError: there is a folder at the path. It is raised on entering.
            ValueError: file is neither an id nor a path. It is raised on entering.
        """
        from .._content.file_record import find_record
        from .._content.transfer import Transfer

        file_reference(file)
        context = yield from start_call(self._settings, timeout)
        transfer = Transfer(context, (yield from find_record(context, file)), on_progress=on_progress)
        yield from transfer.open()
        return transfer

    @operation
    def read(
        self,
        file: File | str | int,
        *,
        limit: int = _READ_LIMIT,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> Flow[bytes]:
        """Get a file's content as bytes, and verify its size and MD5.

        Args:
            file: a File, which saves calls as in `download`, its id, or a path such as `/library/report.csv`.
            limit: maximum size in bytes, by default 64 MiB.
            on_progress: see `download`.
            timeout: see `upload`.

        Returns:
            The content.

        Raises:
            ValueError: file is neither an id nor a path, or its content is larger than limit. Use files.download or
                files.stream for larger files.
            TypeError: limit is not an int.
            FileMissingError: there is no such file. It is a FileNotFoundError, too.
            PathIsFolderError: there is a folder at the path. It is an IsADirectoryError, too.
            DownloadCorruptedError: the received content is not the content that HubSpot recorded.
        """
        from .._content import download
        from .._content.file_record import find_record

        file_reference(file)
        non_negative_int(limit, "limit")
        context = yield from start_call(self._settings, timeout)
        record = yield from find_record(context, file)
        return (yield from download.read(context, record, limit, on_progress))
