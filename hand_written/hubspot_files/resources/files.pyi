# Written by tools/write_stubs.py, from the flows of the base classes. Run it again instead of editing this file.
# Methods return the results of the flows that they override.
# mypy: disable-error-code="override"
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

import io
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, overload

from hubspot_files.resources.async_open_files import AsyncFileReader, AsyncFileWriter
from hubspot_files.resources.pagination import AsyncPager, Pager
from hubspot_files.resources.streams import AsyncContentStream, ContentStream
from hubspot_files.resources.tasks import AsyncTask, Task
from hubspot_files_api.models import File, FileStat

from .._content.atomic_file import IfExists
from .._content.destination import Destination, Writable
from .._content.source import Progress, Source
from .._engine.effects import AsyncDriver, Driver
from .._engine.methods import AsyncResource, SyncResource
from .._engine.settings import Settings
from .._http.timeouts import Timeout
from .._operations.enums import Access, AccessName, FileType, NewAccessName, SignedUrlSize, SignedUrlSizeName
from .._operations.options import DuplicateCheck
from .._operations.signed_url import SignedUrl
from .changes import PlannedChange
from .file_changes import FileChanges
from .file_content import FileContent
from .file_opening import FileOpening, ReadText, Write, WriteText
from .file_uploads import FileUploads
from .open_files import FileReader, FileWriter, TextFileWriter
from .signed_url_cache import AsyncSignedUrlCache, SignedUrlCache
from .sort_properties import FileSort

class FileOperations(FileUploads, FileContent, FileOpening, FileChanges):
    """Operations on files, for both clients. Each can also raise any other HubSpotFilesError."""

class Files(FileOperations, SyncResource):
    """Files: `hubspot.files` of HubSpotFiles.

    Attributes:
        signed_url_cache: cache of signed URLs.
    """

    signed_url_cache: SignedUrlCache

    def __init__(self, driver: Driver, settings: Settings) -> None: ...
    def upload(
        self,
        source: Source,
        *,
        access: Access | NewAccessName = Access.PRIVATE,
        folder_id: str | int | None = None,
        folder_path: str | None = None,
        name: str | None = None,
        ttl: timedelta | str | None = None,
        overwrite: bool | None = None,
        duplicates: DuplicateCheck | None = None,
        charset_hunch: str | None = None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> File:
        """Upload a file in constant memory.

        Args:
            source: a path, bytes, a binary stream, or an upload that a web framework received: FastAPI's UploadFile,
                Flask's FileStorage or a file of Django. A stream is sent from its current position and stays open. A
                stream that cannot seek, such as a pipe, is copied first. A stream that has to be awaited, such as a
                file of aiofiles, anyio or trio, is copied, too, and needs AsyncHubSpotFiles.
            access: access level. HubSpot creates no hidden files.
            folder_id: id of the folder to store it in. Either folder_id or folder_path is required.
            folder_path: path of the folder to store it in, such as `/library/cats`. It is created if it does not exist.
                `/` is the root.
            name: name to store it under, with extension. By default, the name of the path, of a file that was opened at
                a path, or of the web framework's upload without its folders. It is required for bytes and for all other
                streams.
            ttl: time after which HubSpot permanently deletes the file, from one day to one year: whole days as a
                timedelta, or an ISO 8601 period such as `P3M`.
            overwrite: True deletes a file of the same name in the folder. The new file has a new id. Otherwise HubSpot
                gives the new file another name.
            duplicates: check for files with the same content. With RETURN_EXISTING, HubSpot stores nothing if there is
                one and returns it, although its name, path and access may differ. The upload is then idempotent.
            charset_hunch: character set of the content, if known.
            on_progress: called with the bytes sent, the total bytes and the number of the attempt. AsyncHubSpotFiles
                calls it in a worker thread.
            timeout: seconds, or an httpx.Timeout, for each step of the connection. None is the client's.

        Returns:
            The stored file. HubSpot may have changed its name; see `path`.

        Raises:
            ValueError: both or neither of folder_id and folder_path, an unknown access, a ttl out of range, no name, a
                backslash in name or folder_path; a stream that is at its end after its content, is closed, or is not
                open for reading.
            TypeError: the source or an option has the wrong type, or the source has to be awaited, on HubSpotFiles.
            OSError: the source cannot be read, or is a response of urllib that was cut.
            SourceChangedError: the source became longer or shorter during the upload.
            OutcomeUnknownError: the upload failed after it was fully sent, and the lookup at its path did not find it
                for certain. The file may be stored. It is also raised if another upload of this client to the same
                path is in flight.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    def replace(
        self,
        file_id: File | str | int,
        source: Source,
        *,
        access: Access | AccessName,
        name: str | None = None,
        expires_at: datetime | None = None,
        charset_hunch: str | None = None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> File:
        """Replace a file's content. The file keeps its id, its name and its folder.

        Args:
            file_id: a File, or its id.
            source: see `upload`.
            access: new access level. It is required, because a default could make a public file private.
            name: file name to send, for its extension. It is required for the same sources as in `upload`.
            expires_at: time, with a zone, at which HubSpot permanently deletes the file.
            charset_hunch: character set of the content, if known.
            on_progress: see `upload`.
            timeout: see `upload`.

        Returns:
            The file with its new content.

        Raises:
            ValueError: an unknown access, an id that is not digits, a time without a zone, or a name or a stream that
                `upload` refuses.
            TypeError: access is None, or see `upload`.
            OSError, SourceChangedError: see `upload`.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    def import_from_url(
        self,
        url: str,
        *,
        access: Access | NewAccessName = Access.PRIVATE,
        folder_id: str | int | None = None,
        folder_path: str | None = None,
        name: str | None = None,
        ttl: timedelta | str | None = None,
        expires_at: datetime | None = None,
        overwrite: bool | None = None,
        duplicates: DuplicateCheck | None = None,
        timeout: Timeout = None,
    ) -> Task[File]:
        """Start a task in which HubSpot fetches a file from a URL.

        Args:
            url: http or https URL that HubSpot can reach.
            access, folder_id, folder_path, ttl, overwrite, duplicates: see `upload`. With RETURN_EXISTING, the result
                may be a file of the same content with another name.
            name: name to store it under.
            expires_at: time, with a zone, at which HubSpot permanently deletes the file; not together with ttl.
            timeout: see `upload`.

        Returns:
            A task. Its `wait(deadline=60)` returns the File.

        Raises:
            ValueError: see `upload`; also for a url that is not http or https, and for ttl with expires_at.
            OutcomeUnknownError: the request failed after it was fully sent. HubSpot may have started the import.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    def get_import_task(self, task_id: str) -> Task[File]:
        """Return the task of an import by its id, such as in another process. Nothing is sent.

        Args:
            task_id: `id` of the task that import_from_url returned.

        Returns:
            The task. Call its `refresh` or `wait`.

        Raises:
            ValueError: task_id is empty, or is not one segment of a URL.
        """

    def signed_url(
        self,
        file: File | str | int,
        *,
        size: SignedUrlSize | SignedUrlSizeName | None = None,
        upscale: bool | None = None,
        expires_in: timedelta | int | None = None,
        properties: Iterable[str] | None = None,
        timeout: Timeout = None,
    ) -> SignedUrl:
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

    @overload
    def download(
        self,
        file: File | str | int,
        destination: str | os.PathLike[str],
        *,
        if_exists: IfExists | None = None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> Path:
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

    @overload
    def download(
        self,
        file: File | str | int,
        destination: Writable,
        *,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> None:
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

    @overload
    def download(
        self,
        file: File | str | int,
        destination: Destination,
        *,
        if_exists: IfExists | None = None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> Path | None:
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

    def stream(
        self, file: File | str | int, *, on_progress: Progress | None = None, timeout: Timeout = None
    ) -> ContentStream:
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

    def read(
        self,
        file: File | str | int,
        *,
        limit: int = 67108864,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> bytes:
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

    @overload
    def open(
        self,
        file: File | str | int,
        mode: Literal["rb"] = "rb",
        *,
        block_size: int | None = None,
        cache_size: int | None = None,
        timeout: Timeout = None,
    ) -> FileReader:
        """Open a file for reading or writing, like the built-in `open`. Use it in a `with` (or `async with`) block.

        Reading can seek, and fetches only the ranges that are read, from a URL that is renewed when it expires. If the
        content is replaced meanwhile, a read raises FileChangedError. Calls of the API are needed to open the file and
        for the URL, but not for the ranges; see docs/operations.md.

        Writing goes to a temporary file, which is stored when it is closed: `file` of the closed file is its record.
        Nothing is stored if the block ends with an exception, or that of an object which closes the file. A file that
        exists keeps its id, and its access unless another is passed. A new one is private by default.

        Args:
            file: a File, its id, or a path such as `/library/report.csv`.
            mode: `rb` reads, `wb` writes, and `xb` writes a file that must not exist. `r`, `w` and `x` open a text
                file, on HubSpotFiles only. HubSpot cannot append to a file.
            access: access level, for writing.
            encoding: encoding of a text file, by default `utf-8`.
            errors, newline: see the built-in `open`, for a text file.
            block_size: bytes that a read of less fetches, by default 256 KiB. Sequential reads fetch more and more
                blocks in a request, up to half of the cache.
            cache_size: bytes of the blocks that are kept in memory, by default 16 MiB.
            timeout: see `upload`, for each read.

        Returns:
            A FileReader or a FileWriter, or an io.TextIOWrapper on it. On AsyncHubSpotFiles, an AsyncFileReader or an
            AsyncFileWriter.

        Raises:
            FileMissingError: there is no such file to read, or no file with this id. It is a FileNotFoundError, too.
            PathTakenError: there is a file at the path, and the mode is `x` or `xb`. It is a FileExistsError, too.
            PathIsFolderError: there is a folder at the path. It is an IsADirectoryError, too.
            ValueError: the mode is not valid, an option is for another mode, or file, access, block_size or cache_size
                is not valid.
            TypeError: file or an option has the wrong type, or HubSpot did not state the access of a file that is named
                by its record or its id, and none was passed.
        """

    @overload
    def open(
        self,
        file: File | str | int,
        mode: ReadText,
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        block_size: int | None = None,
        cache_size: int | None = None,
        timeout: Timeout = None,
    ) -> io.TextIOWrapper:
        """Open a file for reading or writing, like the built-in `open`. Use it in a `with` (or `async with`) block.

        Reading can seek, and fetches only the ranges that are read, from a URL that is renewed when it expires. If the
        content is replaced meanwhile, a read raises FileChangedError. Calls of the API are needed to open the file and
        for the URL, but not for the ranges; see docs/operations.md.

        Writing goes to a temporary file, which is stored when it is closed: `file` of the closed file is its record.
        Nothing is stored if the block ends with an exception, or that of an object which closes the file. A file that
        exists keeps its id, and its access unless another is passed. A new one is private by default.

        Args:
            file: a File, its id, or a path such as `/library/report.csv`.
            mode: `rb` reads, `wb` writes, and `xb` writes a file that must not exist. `r`, `w` and `x` open a text
                file, on HubSpotFiles only. HubSpot cannot append to a file.
            access: access level, for writing.
            encoding: encoding of a text file, by default `utf-8`.
            errors, newline: see the built-in `open`, for a text file.
            block_size: bytes that a read of less fetches, by default 256 KiB. Sequential reads fetch more and more
                blocks in a request, up to half of the cache.
            cache_size: bytes of the blocks that are kept in memory, by default 16 MiB.
            timeout: see `upload`, for each read.

        Returns:
            A FileReader or a FileWriter, or an io.TextIOWrapper on it. On AsyncHubSpotFiles, an AsyncFileReader or an
            AsyncFileWriter.

        Raises:
            FileMissingError: there is no such file to read, or no file with this id. It is a FileNotFoundError, too.
            PathTakenError: there is a file at the path, and the mode is `x` or `xb`. It is a FileExistsError, too.
            PathIsFolderError: there is a folder at the path. It is an IsADirectoryError, too.
            ValueError: the mode is not valid, an option is for another mode, or file, access, block_size or cache_size
                is not valid.
            TypeError: file or an option has the wrong type, or HubSpot did not state the access of a file that is named
                by its record or its id, and none was passed.
        """

    @overload
    def open(
        self, file: File | str | int, mode: Write, *, access: Access | AccessName | None = None, timeout: Timeout = None
    ) -> FileWriter:
        """Open a file for reading or writing, like the built-in `open`. Use it in a `with` (or `async with`) block.

        Reading can seek, and fetches only the ranges that are read, from a URL that is renewed when it expires. If the
        content is replaced meanwhile, a read raises FileChangedError. Calls of the API are needed to open the file and
        for the URL, but not for the ranges; see docs/operations.md.

        Writing goes to a temporary file, which is stored when it is closed: `file` of the closed file is its record.
        Nothing is stored if the block ends with an exception, or that of an object which closes the file. A file that
        exists keeps its id, and its access unless another is passed. A new one is private by default.

        Args:
            file: a File, its id, or a path such as `/library/report.csv`.
            mode: `rb` reads, `wb` writes, and `xb` writes a file that must not exist. `r`, `w` and `x` open a text
                file, on HubSpotFiles only. HubSpot cannot append to a file.
            access: access level, for writing.
            encoding: encoding of a text file, by default `utf-8`.
            errors, newline: see the built-in `open`, for a text file.
            block_size: bytes that a read of less fetches, by default 256 KiB. Sequential reads fetch more and more
                blocks in a request, up to half of the cache.
            cache_size: bytes of the blocks that are kept in memory, by default 16 MiB.
            timeout: see `upload`, for each read.

        Returns:
            A FileReader or a FileWriter, or an io.TextIOWrapper on it. On AsyncHubSpotFiles, an AsyncFileReader or an
            AsyncFileWriter.

        Raises:
            FileMissingError: there is no such file to read, or no file with this id. It is a FileNotFoundError, too.
            PathTakenError: there is a file at the path, and the mode is `x` or `xb`. It is a FileExistsError, too.
            PathIsFolderError: there is a folder at the path. It is an IsADirectoryError, too.
            ValueError: the mode is not valid, an option is for another mode, or file, access, block_size or cache_size
                is not valid.
            TypeError: file or an option has the wrong type, or HubSpot did not state the access of a file that is named
                by its record or its id, and none was passed.
        """

    @overload
    def open(
        self,
        file: File | str | int,
        mode: WriteText,
        *,
        access: Access | AccessName | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        timeout: Timeout = None,
    ) -> TextFileWriter:
        """Open a file for reading or writing, like the built-in `open`. Use it in a `with` (or `async with`) block.

        Reading can seek, and fetches only the ranges that are read, from a URL that is renewed when it expires. If the
        content is replaced meanwhile, a read raises FileChangedError. Calls of the API are needed to open the file and
        for the URL, but not for the ranges; see docs/operations.md.

        Writing goes to a temporary file, which is stored when it is closed: `file` of the closed file is its record.
        Nothing is stored if the block ends with an exception, or that of an object which closes the file. A file that
        exists keeps its id, and its access unless another is passed. A new one is private by default.

        Args:
            file: a File, its id, or a path such as `/library/report.csv`.
            mode: `rb` reads, `wb` writes, and `xb` writes a file that must not exist. `r`, `w` and `x` open a text
                file, on HubSpotFiles only. HubSpot cannot append to a file.
            access: access level, for writing.
            encoding: encoding of a text file, by default `utf-8`.
            errors, newline: see the built-in `open`, for a text file.
            block_size: bytes that a read of less fetches, by default 256 KiB. Sequential reads fetch more and more
                blocks in a request, up to half of the cache.
            cache_size: bytes of the blocks that are kept in memory, by default 16 MiB.
            timeout: see `upload`, for each read.

        Returns:
            A FileReader or a FileWriter, or an io.TextIOWrapper on it. On AsyncHubSpotFiles, an AsyncFileReader or an
            AsyncFileWriter.

        Raises:
            FileMissingError: there is no such file to read, or no file with this id. It is a FileNotFoundError, too.
            PathTakenError: there is a file at the path, and the mode is `x` or `xb`. It is a FileExistsError, too.
            PathIsFolderError: there is a folder at the path. It is an IsADirectoryError, too.
            ValueError: the mode is not valid, an option is for another mode, or file, access, block_size or cache_size
                is not valid.
            TypeError: file or an option has the wrong type, or HubSpot did not state the access of a file that is named
                by its record or its id, and none was passed.
        """

    @overload
    def open(
        self,
        file: File | str | int,
        mode: str,
        *,
        access: Access | AccessName | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        block_size: int | None = None,
        cache_size: int | None = None,
        timeout: Timeout = None,
    ) -> FileReader | FileWriter | io.TextIOWrapper | TextFileWriter:
        """Open a file for reading or writing, like the built-in `open`. Use it in a `with` (or `async with`) block.

        Reading can seek, and fetches only the ranges that are read, from a URL that is renewed when it expires. If the
        content is replaced meanwhile, a read raises FileChangedError. Calls of the API are needed to open the file and
        for the URL, but not for the ranges; see docs/operations.md.

        Writing goes to a temporary file, which is stored when it is closed: `file` of the closed file is its record.
        Nothing is stored if the block ends with an exception, or that of an object which closes the file. A file that
        exists keeps its id, and its access unless another is passed. A new one is private by default.

        Args:
            file: a File, its id, or a path such as `/library/report.csv`.
            mode: `rb` reads, `wb` writes, and `xb` writes a file that must not exist. `r`, `w` and `x` open a text
                file, on HubSpotFiles only. HubSpot cannot append to a file.
            access: access level, for writing.
            encoding: encoding of a text file, by default `utf-8`.
            errors, newline: see the built-in `open`, for a text file.
            block_size: bytes that a read of less fetches, by default 256 KiB. Sequential reads fetch more and more
                blocks in a request, up to half of the cache.
            cache_size: bytes of the blocks that are kept in memory, by default 16 MiB.
            timeout: see `upload`, for each read.

        Returns:
            A FileReader or a FileWriter, or an io.TextIOWrapper on it. On AsyncHubSpotFiles, an AsyncFileReader or an
            AsyncFileWriter.

        Raises:
            FileMissingError: there is no such file to read, or no file with this id. It is a FileNotFoundError, too.
            PathTakenError: there is a file at the path, and the mode is `x` or `xb`. It is a FileExistsError, too.
            PathIsFolderError: there is a folder at the path. It is an IsADirectoryError, too.
            ValueError: the mode is not valid, an option is for another mode, or file, access, block_size or cache_size
                is not valid.
            TypeError: file or an option has the wrong type, or HubSpot did not state the access of a file that is named
                by its record or its id, and none was passed.
        """

    def get(
        self, file_id: File | str | int, *, properties: Iterable[str] | None = None, timeout: Timeout = None
    ) -> File:
        """Get a file's record.

        Args:
            file_id: a File, or its id.
            properties: names of the properties to request, such as `["size"]`. Those that every File has are added.
            timeout: see `upload`.

        Returns:
            The record.

        Raises:
            NotFoundError: there is no such file, it is deleted, or it is hidden and the token lacks the scope for it.
            ValueError: the id is not digits.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    def stat(self, path: str, *, properties: Iterable[str] | None = None, timeout: Timeout = None) -> FileStat:
        """Get the record of the file or folder at a path.

        Args:
            path: path in the file manager, such as `/library/cats/cat.png`.
            properties: see `get`.
            timeout: see `upload`.

        Returns:
            A FileStat. Either its `file` or its `folder` is set.

        Raises:
            NotFoundError: there is no file or folder at the path.
            ValueError: path is the root, or contains `.`, `..` or empty segments.
        """

    def search(
        self,
        *,
        properties: Iterable[str] | None = None,
        limit: int | None = None,
        after: str | int | None = None,
        before: str | None = None,
        sort: FileSort | Iterable[FileSort] | None = None,
        ids: Iterable[str | int] | None = None,
        id_gte: str | int | None = None,
        id_lte: str | int | None = None,
        parent_folder_ids: Iterable[str | int] | None = None,
        name: str | None = None,
        path: str | None = None,
        extension: str | None = None,
        type: FileType | None = None,
        encoding: str | None = None,
        url: str | None = None,
        file_md5: str | None = None,
        allows_anonymous_access: bool | None = None,
        is_usable_in_content: bool | None = None,
        created_at: datetime | None = None,
        created_at_gte: datetime | None = None,
        created_at_lte: datetime | None = None,
        updated_at: datetime | None = None,
        updated_at_gte: datetime | None = None,
        updated_at_lte: datetime | None = None,
        expires_at: datetime | None = None,
        expires_at_gte: datetime | None = None,
        expires_at_lte: datetime | None = None,
        size: int | None = None,
        size_gte: int | None = None,
        size_lte: int | None = None,
        height: int | None = None,
        height_gte: int | None = None,
        height_lte: int | None = None,
        width: int | None = None,
        width_gte: int | None = None,
        width_lte: int | None = None,
        max_items: int | None = None,
        beyond_limit: bool = False,
        timeout: Timeout = None,
    ) -> Pager[File]:
        """Search for files that match all filters.

        Hidden and deleted files are not found. New files are found after a delay.

        You can delete, move and rename files during the iteration: each file is returned once, and also those beyond
        10,000 if sort, after and before are left out. Changes by other programs can cause files to be missed, and so
        can renaming a later file to an earlier position. To avoid that, pass beyond_limit=True, or collect all results
        in a list first.

        Args:
            properties: see `get`.
            limit: results per page, 1 to 100, by default 100.
            after: offset to start at, or a Page's next_after.
            before: HubSpot's `before` cursor, sent unchanged.
            sort: a property such as `created_at`, or `-created_at` for descending order; or several properties.
            ids, id_gte, id_lte: ids, or a range of ids.
            parent_folder_ids: ids of the folders that directly contain the files.
            name: part of the name, of 19 characters at most: HubSpot was seen to refuse longer ones.
            path: path in the file manager.
            extension: such as `png`.
            type: `IMG`, `DOCUMENT`, `AUDIO`, `MOVIE` or `OTHER`.
            encoding: such as `utf-8`.
            url: hosting URL.
            file_md5: MD5 of the content in hexadecimal digits.
            allows_anonymous_access: True for public files only, False for private ones only.
            is_usable_in_content: whether HubSpot offers the file for use in content.
            created_at, updated_at, expires_at: exact time, with a zone. `_gte` and `_lte` are for a range.
            size: bytes. `_gte` and `_lte` are for a range.
            height, width: pixels. `_gte` and `_lte` are for a range.
            max_items: maximum number of items.
            beyond_limit: page by id instead of by offset. This has no cap of 10,000 results, and orders them by id.
            timeout: see `upload`, for each page.

        Returns:
            A Pager. Iterate over it for files, or over its `pages()` for pages. Nothing is sent before that.

        Raises:
            ValueError: a filter is not valid, or beyond_limit is passed with sort, after or before.
            TypeError: a filter has the wrong type.
            SearchLimitError: there are more results than HubSpot pages through, or results change faster than their
                pages arrive. It is raised by the iteration.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    def walk(
        self,
        folder_path: str,
        *,
        properties: Iterable[str] | None = None,
        extension: str | None = None,
        type: FileType | None = None,
        file_md5: str | None = None,
        allows_anonymous_access: bool | None = None,
        created_at_gte: datetime | None = None,
        created_at_lte: datetime | None = None,
        updated_at_gte: datetime | None = None,
        updated_at_lte: datetime | None = None,
        expires_at_lte: datetime | None = None,
        size_gte: int | None = None,
        size_lte: int | None = None,
        timeout: Timeout = None,
    ) -> Pager[File]:
        """List the files of a folder and of all folders below it that match all filters. There is no cap.

        Hidden and deleted files are not found. New files are found after a delay. A file or a folder that is moved
        during the iteration can be missed, or returned again.

        It takes one request to look the folder up, four for each 50 folders, and one for each 100 files. From the root,
        it takes one for each 100 files.

        Args:
            folder_path: path of the folder. `/` is the root.
            properties: see `get`.
            extension, type, file_md5, allows_anonymous_access: see `search`.
            created_at_gte, created_at_lte, updated_at_gte, updated_at_lte, expires_at_lte: see `search`.
            size_gte, size_lte: see `search`.
            timeout: see `upload`, for each page.

        Returns:
            A Pager. Iterate over it for files, or over its `pages()` for pages, which can be empty. Nothing is sent
            before that.

        Raises:
            NotFoundError: there is no folder at folder_path. It is raised by the iteration.
            ValueError: a filter or folder_path is not valid, or there is a file at folder_path.
            TypeError: a filter has the wrong type.
        """

    def update(
        self,
        file_id: File | str | int,
        *,
        name: str | None = None,
        access: Access | AccessName | None = None,
        parent_folder_id: str | int | None = None,
        parent_folder_path: str | None = None,
        expires_at: datetime | None = None,
        clear_expires: bool | None = None,
        is_usable_in_content: bool | None = None,
        timeout: Timeout = None,
    ) -> File:
        """Change a file's properties. Properties that are not passed keep their values.

        Args:
            file_id: a File, or its id.
            name: new name, without extension.
            access: new access level.
            parent_folder_id: id of the folder to move it to.
            parent_folder_path: path of the folder to move it to; not together with parent_folder_id.
            expires_at: time, with a zone, at which HubSpot permanently deletes the file.
            clear_expires: True removes the expiry; not together with expires_at.
            is_usable_in_content: whether HubSpot offers the file for use in content.
            timeout: see `upload`.

        Returns:
            The changed file.

        Raises:
            ValueError: nothing to change, two folders, expires_at with clear_expires, an unknown access, a time without
                a zone, a slash or a backslash in the name, or a backslash in parent_folder_path.
            NotFoundError: there is no such file.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    def delete(self, file_id: File | str | int, *, timeout: Timeout = None) -> None:
        """Delete a file. HubSpot keeps the content, without access to it; gdpr_delete erases it.

        Args:
            file_id: a File, or its id.
            timeout: see `upload`.

        Raises:
            NotFoundError: there is no such file, or it is already deleted.
            ValueError: the id is not digits.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    def gdpr_delete(self, file_id: File | str | int, *, timeout: Timeout = None) -> None:
        """Permanently erase a file's content and record, within seven days. It cannot be restored.

        Args:
            file_id: a File, or its id.
            timeout: see `upload`.

        Raises:
            NotFoundError: there is no such file.
            ValueError: the id is not digits.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    def apply(self, change: PlannedChange, *, timeout: Timeout = None) -> bool:
        """Apply a planned change, if the file was not changed since it was planned. It takes two requests.

        Args:
            change: a change of a ChangePlan.
            timeout: see `upload`.

        Returns:
            True, or False if there was nothing to do: the access level is as planned, or the file is already deleted.

        Raises:
            FileChangedError: the file was changed since then. Nothing was changed now.
            NotFoundError: there is no such file, and the change is of its access level.
        """

class AsyncFiles(FileOperations, AsyncResource):
    """Files: `hubspot.files` of AsyncHubSpotFiles.

    Attributes:
        signed_url_cache: cache of signed URLs.
    """

    signed_url_cache: AsyncSignedUrlCache

    def __init__(self, driver: AsyncDriver, settings: Settings) -> None: ...
    async def upload(
        self,
        source: Source,
        *,
        access: Access | NewAccessName = Access.PRIVATE,
        folder_id: str | int | None = None,
        folder_path: str | None = None,
        name: str | None = None,
        ttl: timedelta | str | None = None,
        overwrite: bool | None = None,
        duplicates: DuplicateCheck | None = None,
        charset_hunch: str | None = None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> File:
        """Upload a file in constant memory.

        Args:
            source: a path, bytes, a binary stream, or an upload that a web framework received: FastAPI's UploadFile,
                Flask's FileStorage or a file of Django. A stream is sent from its current position and stays open. A
                stream that cannot seek, such as a pipe, is copied first. A stream that has to be awaited, such as a
                file of aiofiles, anyio or trio, is copied, too, and needs AsyncHubSpotFiles.
            access: access level. HubSpot creates no hidden files.
            folder_id: id of the folder to store it in. Either folder_id or folder_path is required.
            folder_path: path of the folder to store it in, such as `/library/cats`. It is created if it does not exist.
                `/` is the root.
            name: name to store it under, with extension. By default, the name of the path, of a file that was opened at
                a path, or of the web framework's upload without its folders. It is required for bytes and for all other
                streams.
            ttl: time after which HubSpot permanently deletes the file, from one day to one year: whole days as a
                timedelta, or an ISO 8601 period such as `P3M`.
            overwrite: True deletes a file of the same name in the folder. The new file has a new id. Otherwise HubSpot
                gives the new file another name.
            duplicates: check for files with the same content. With RETURN_EXISTING, HubSpot stores nothing if there is
                one and returns it, although its name, path and access may differ. The upload is then idempotent.
            charset_hunch: character set of the content, if known.
            on_progress: called with the bytes sent, the total bytes and the number of the attempt. AsyncHubSpotFiles
                calls it in a worker thread.
            timeout: seconds, or an httpx.Timeout, for each step of the connection. None is the client's.

        Returns:
            The stored file. HubSpot may have changed its name; see `path`.

        Raises:
            ValueError: both or neither of folder_id and folder_path, an unknown access, a ttl out of range, no name, a
                backslash in name or folder_path; a stream that is at its end after its content, is closed, or is not
                open for reading.
            TypeError: the source or an option has the wrong type, or the source has to be awaited, on HubSpotFiles.
            OSError: the source cannot be read, or is a response of urllib that was cut.
            SourceChangedError: the source became longer or shorter during the upload.
            OutcomeUnknownError: the upload failed after it was fully sent, and the lookup at its path did not find it
                for certain. The file may be stored. It is also raised if another upload of this client to the same
                path is in flight.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    async def replace(
        self,
        file_id: File | str | int,
        source: Source,
        *,
        access: Access | AccessName,
        name: str | None = None,
        expires_at: datetime | None = None,
        charset_hunch: str | None = None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> File:
        """Replace a file's content. The file keeps its id, its name and its folder.

        Args:
            file_id: a File, or its id.
            source: see `upload`.
            access: new access level. It is required, because a default could make a public file private.
            name: file name to send, for its extension. It is required for the same sources as in `upload`.
            expires_at: time, with a zone, at which HubSpot permanently deletes the file.
            charset_hunch: character set of the content, if known.
            on_progress: see `upload`.
            timeout: see `upload`.

        Returns:
            The file with its new content.

        Raises:
            ValueError: an unknown access, an id that is not digits, a time without a zone, or a name or a stream that
                `upload` refuses.
            TypeError: access is None, or see `upload`.
            OSError, SourceChangedError: see `upload`.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    async def import_from_url(
        self,
        url: str,
        *,
        access: Access | NewAccessName = Access.PRIVATE,
        folder_id: str | int | None = None,
        folder_path: str | None = None,
        name: str | None = None,
        ttl: timedelta | str | None = None,
        expires_at: datetime | None = None,
        overwrite: bool | None = None,
        duplicates: DuplicateCheck | None = None,
        timeout: Timeout = None,
    ) -> AsyncTask[File]:
        """Start a task in which HubSpot fetches a file from a URL.

        Args:
            url: http or https URL that HubSpot can reach.
            access, folder_id, folder_path, ttl, overwrite, duplicates: see `upload`. With RETURN_EXISTING, the result
                may be a file of the same content with another name.
            name: name to store it under.
            expires_at: time, with a zone, at which HubSpot permanently deletes the file; not together with ttl.
            timeout: see `upload`.

        Returns:
            A task. Its `wait(deadline=60)` returns the File.

        Raises:
            ValueError: see `upload`; also for a url that is not http or https, and for ttl with expires_at.
            OutcomeUnknownError: the request failed after it was fully sent. HubSpot may have started the import.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    async def get_import_task(self, task_id: str) -> AsyncTask[File]:
        """Return the task of an import by its id, such as in another process. Nothing is sent.

        Args:
            task_id: `id` of the task that import_from_url returned.

        Returns:
            The task. Call its `refresh` or `wait`.

        Raises:
            ValueError: task_id is empty, or is not one segment of a URL.
        """

    async def signed_url(
        self,
        file: File | str | int,
        *,
        size: SignedUrlSize | SignedUrlSizeName | None = None,
        upscale: bool | None = None,
        expires_in: timedelta | int | None = None,
        properties: Iterable[str] | None = None,
        timeout: Timeout = None,
    ) -> SignedUrl:
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

    @overload
    async def download(
        self,
        file: File | str | int,
        destination: str | os.PathLike[str],
        *,
        if_exists: IfExists | None = None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> Path:
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

    @overload
    async def download(
        self,
        file: File | str | int,
        destination: Writable,
        *,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> None:
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

    @overload
    async def download(
        self,
        file: File | str | int,
        destination: Destination,
        *,
        if_exists: IfExists | None = None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> Path | None:
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

    def stream(
        self, file: File | str | int, *, on_progress: Progress | None = None, timeout: Timeout = None
    ) -> AsyncContentStream:
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

    async def read(
        self,
        file: File | str | int,
        *,
        limit: int = 67108864,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> bytes:
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

    @overload
    async def open(
        self,
        file: File | str | int,
        mode: Literal["rb"] = "rb",
        *,
        block_size: int | None = None,
        cache_size: int | None = None,
        timeout: Timeout = None,
    ) -> AsyncFileReader:
        """Open a file for reading or writing, like the built-in `open`. Use it in a `with` (or `async with`) block.

        Reading can seek, and fetches only the ranges that are read, from a URL that is renewed when it expires. If the
        content is replaced meanwhile, a read raises FileChangedError. Calls of the API are needed to open the file and
        for the URL, but not for the ranges; see docs/operations.md.

        Writing goes to a temporary file, which is stored when it is closed: `file` of the closed file is its record.
        Nothing is stored if the block ends with an exception, or that of an object which closes the file. A file that
        exists keeps its id, and its access unless another is passed. A new one is private by default.

        Args:
            file: a File, its id, or a path such as `/library/report.csv`.
            mode: `rb` reads, `wb` writes, and `xb` writes a file that must not exist. `r`, `w` and `x` open a text
                file, on HubSpotFiles only. HubSpot cannot append to a file.
            access: access level, for writing.
            encoding: encoding of a text file, by default `utf-8`.
            errors, newline: see the built-in `open`, for a text file.
            block_size: bytes that a read of less fetches, by default 256 KiB. Sequential reads fetch more and more
                blocks in a request, up to half of the cache.
            cache_size: bytes of the blocks that are kept in memory, by default 16 MiB.
            timeout: see `upload`, for each read.

        Returns:
            A FileReader or a FileWriter, or an io.TextIOWrapper on it. On AsyncHubSpotFiles, an AsyncFileReader or an
            AsyncFileWriter.

        Raises:
            FileMissingError: there is no such file to read, or no file with this id. It is a FileNotFoundError, too.
            PathTakenError: there is a file at the path, and the mode is `x` or `xb`. It is a FileExistsError, too.
            PathIsFolderError: there is a folder at the path. It is an IsADirectoryError, too.
            ValueError: the mode is not valid, an option is for another mode, or file, access, block_size or cache_size
                is not valid.
            TypeError: file or an option has the wrong type, or HubSpot did not state the access of a file that is named
                by its record or its id, and none was passed.
        """

    @overload
    async def open(
        self, file: File | str | int, mode: Write, *, access: Access | AccessName | None = None, timeout: Timeout = None
    ) -> AsyncFileWriter:
        """Open a file for reading or writing, like the built-in `open`. Use it in a `with` (or `async with`) block.

        Reading can seek, and fetches only the ranges that are read, from a URL that is renewed when it expires. If the
        content is replaced meanwhile, a read raises FileChangedError. Calls of the API are needed to open the file and
        for the URL, but not for the ranges; see docs/operations.md.

        Writing goes to a temporary file, which is stored when it is closed: `file` of the closed file is its record.
        Nothing is stored if the block ends with an exception, or that of an object which closes the file. A file that
        exists keeps its id, and its access unless another is passed. A new one is private by default.

        Args:
            file: a File, its id, or a path such as `/library/report.csv`.
            mode: `rb` reads, `wb` writes, and `xb` writes a file that must not exist. `r`, `w` and `x` open a text
                file, on HubSpotFiles only. HubSpot cannot append to a file.
            access: access level, for writing.
            encoding: encoding of a text file, by default `utf-8`.
            errors, newline: see the built-in `open`, for a text file.
            block_size: bytes that a read of less fetches, by default 256 KiB. Sequential reads fetch more and more
                blocks in a request, up to half of the cache.
            cache_size: bytes of the blocks that are kept in memory, by default 16 MiB.
            timeout: see `upload`, for each read.

        Returns:
            A FileReader or a FileWriter, or an io.TextIOWrapper on it. On AsyncHubSpotFiles, an AsyncFileReader or an
            AsyncFileWriter.

        Raises:
            FileMissingError: there is no such file to read, or no file with this id. It is a FileNotFoundError, too.
            PathTakenError: there is a file at the path, and the mode is `x` or `xb`. It is a FileExistsError, too.
            PathIsFolderError: there is a folder at the path. It is an IsADirectoryError, too.
            ValueError: the mode is not valid, an option is for another mode, or file, access, block_size or cache_size
                is not valid.
            TypeError: file or an option has the wrong type, or HubSpot did not state the access of a file that is named
                by its record or its id, and none was passed.
        """

    @overload
    async def open(
        self,
        file: File | str | int,
        mode: str,
        *,
        access: Access | AccessName | None = None,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        block_size: int | None = None,
        cache_size: int | None = None,
        timeout: Timeout = None,
    ) -> AsyncFileReader | AsyncFileWriter:
        """Open a file for reading or writing, like the built-in `open`. Use it in a `with` (or `async with`) block.

        Reading can seek, and fetches only the ranges that are read, from a URL that is renewed when it expires. If the
        content is replaced meanwhile, a read raises FileChangedError. Calls of the API are needed to open the file and
        for the URL, but not for the ranges; see docs/operations.md.

        Writing goes to a temporary file, which is stored when it is closed: `file` of the closed file is its record.
        Nothing is stored if the block ends with an exception, or that of an object which closes the file. A file that
        exists keeps its id, and its access unless another is passed. A new one is private by default.

        Args:
            file: a File, its id, or a path such as `/library/report.csv`.
            mode: `rb` reads, `wb` writes, and `xb` writes a file that must not exist. `r`, `w` and `x` open a text
                file, on HubSpotFiles only. HubSpot cannot append to a file.
            access: access level, for writing.
            encoding: encoding of a text file, by default `utf-8`.
            errors, newline: see the built-in `open`, for a text file.
            block_size: bytes that a read of less fetches, by default 256 KiB. Sequential reads fetch more and more
                blocks in a request, up to half of the cache.
            cache_size: bytes of the blocks that are kept in memory, by default 16 MiB.
            timeout: see `upload`, for each read.

        Returns:
            A FileReader or a FileWriter, or an io.TextIOWrapper on it. On AsyncHubSpotFiles, an AsyncFileReader or an
            AsyncFileWriter.

        Raises:
            FileMissingError: there is no such file to read, or no file with this id. It is a FileNotFoundError, too.
            PathTakenError: there is a file at the path, and the mode is `x` or `xb`. It is a FileExistsError, too.
            PathIsFolderError: there is a folder at the path. It is an IsADirectoryError, too.
            ValueError: the mode is not valid, an option is for another mode, or file, access, block_size or cache_size
                is not valid.
            TypeError: file or an option has the wrong type, or HubSpot did not state the access of a file that is named
                by its record or its id, and none was passed.
        """

    async def get(
        self, file_id: File | str | int, *, properties: Iterable[str] | None = None, timeout: Timeout = None
    ) -> File:
        """Get a file's record.

        Args:
            file_id: a File, or its id.
            properties: names of the properties to request, such as `["size"]`. Those that every File has are added.
            timeout: see `upload`.

        Returns:
            The record.

        Raises:
            NotFoundError: there is no such file, it is deleted, or it is hidden and the token lacks the scope for it.
            ValueError: the id is not digits.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    async def stat(self, path: str, *, properties: Iterable[str] | None = None, timeout: Timeout = None) -> FileStat:
        """Get the record of the file or folder at a path.

        Args:
            path: path in the file manager, such as `/library/cats/cat.png`.
            properties: see `get`.
            timeout: see `upload`.

        Returns:
            A FileStat. Either its `file` or its `folder` is set.

        Raises:
            NotFoundError: there is no file or folder at the path.
            ValueError: path is the root, or contains `.`, `..` or empty segments.
        """

    def search(
        self,
        *,
        properties: Iterable[str] | None = None,
        limit: int | None = None,
        after: str | int | None = None,
        before: str | None = None,
        sort: FileSort | Iterable[FileSort] | None = None,
        ids: Iterable[str | int] | None = None,
        id_gte: str | int | None = None,
        id_lte: str | int | None = None,
        parent_folder_ids: Iterable[str | int] | None = None,
        name: str | None = None,
        path: str | None = None,
        extension: str | None = None,
        type: FileType | None = None,
        encoding: str | None = None,
        url: str | None = None,
        file_md5: str | None = None,
        allows_anonymous_access: bool | None = None,
        is_usable_in_content: bool | None = None,
        created_at: datetime | None = None,
        created_at_gte: datetime | None = None,
        created_at_lte: datetime | None = None,
        updated_at: datetime | None = None,
        updated_at_gte: datetime | None = None,
        updated_at_lte: datetime | None = None,
        expires_at: datetime | None = None,
        expires_at_gte: datetime | None = None,
        expires_at_lte: datetime | None = None,
        size: int | None = None,
        size_gte: int | None = None,
        size_lte: int | None = None,
        height: int | None = None,
        height_gte: int | None = None,
        height_lte: int | None = None,
        width: int | None = None,
        width_gte: int | None = None,
        width_lte: int | None = None,
        max_items: int | None = None,
        beyond_limit: bool = False,
        timeout: Timeout = None,
    ) -> AsyncPager[File]:
        """Search for files that match all filters.

        Hidden and deleted files are not found. New files are found after a delay.

        You can delete, move and rename files during the iteration: each file is returned once, and also those beyond
        10,000 if sort, after and before are left out. Changes by other programs can cause files to be missed, and so
        can renaming a later file to an earlier position. To avoid that, pass beyond_limit=True, or collect all results
        in a list first.

        Args:
            properties: see `get`.
            limit: results per page, 1 to 100, by default 100.
            after: offset to start at, or a Page's next_after.
            before: HubSpot's `before` cursor, sent unchanged.
            sort: a property such as `created_at`, or `-created_at` for descending order; or several properties.
            ids, id_gte, id_lte: ids, or a range of ids.
            parent_folder_ids: ids of the folders that directly contain the files.
            name: part of the name, of 19 characters at most: HubSpot was seen to refuse longer ones.
            path: path in the file manager.
            extension: such as `png`.
            type: `IMG`, `DOCUMENT`, `AUDIO`, `MOVIE` or `OTHER`.
            encoding: such as `utf-8`.
            url: hosting URL.
            file_md5: MD5 of the content in hexadecimal digits.
            allows_anonymous_access: True for public files only, False for private ones only.
            is_usable_in_content: whether HubSpot offers the file for use in content.
            created_at, updated_at, expires_at: exact time, with a zone. `_gte` and `_lte` are for a range.
            size: bytes. `_gte` and `_lte` are for a range.
            height, width: pixels. `_gte` and `_lte` are for a range.
            max_items: maximum number of items.
            beyond_limit: page by id instead of by offset. This has no cap of 10,000 results, and orders them by id.
            timeout: see `upload`, for each page.

        Returns:
            A Pager. Iterate over it for files, or over its `pages()` for pages. Nothing is sent before that.

        Raises:
            ValueError: a filter is not valid, or beyond_limit is passed with sort, after or before.
            TypeError: a filter has the wrong type.
            SearchLimitError: there are more results than HubSpot pages through, or results change faster than their
                pages arrive. It is raised by the iteration.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    def walk(
        self,
        folder_path: str,
        *,
        properties: Iterable[str] | None = None,
        extension: str | None = None,
        type: FileType | None = None,
        file_md5: str | None = None,
        allows_anonymous_access: bool | None = None,
        created_at_gte: datetime | None = None,
        created_at_lte: datetime | None = None,
        updated_at_gte: datetime | None = None,
        updated_at_lte: datetime | None = None,
        expires_at_lte: datetime | None = None,
        size_gte: int | None = None,
        size_lte: int | None = None,
        timeout: Timeout = None,
    ) -> AsyncPager[File]:
        """List the files of a folder and of all folders below it that match all filters. There is no cap.

        Hidden and deleted files are not found. New files are found after a delay. A file or a folder that is moved
        during the iteration can be missed, or returned again.

        It takes one request to look the folder up, four for each 50 folders, and one for each 100 files. From the root,
        it takes one for each 100 files.

        Args:
            folder_path: path of the folder. `/` is the root.
            properties: see `get`.
            extension, type, file_md5, allows_anonymous_access: see `search`.
            created_at_gte, created_at_lte, updated_at_gte, updated_at_lte, expires_at_lte: see `search`.
            size_gte, size_lte: see `search`.
            timeout: see `upload`, for each page.

        Returns:
            A Pager. Iterate over it for files, or over its `pages()` for pages, which can be empty. Nothing is sent
            before that.

        Raises:
            NotFoundError: there is no folder at folder_path. It is raised by the iteration.
            ValueError: a filter or folder_path is not valid, or there is a file at folder_path.
            TypeError: a filter has the wrong type.
        """

    async def update(
        self,
        file_id: File | str | int,
        *,
        name: str | None = None,
        access: Access | AccessName | None = None,
        parent_folder_id: str | int | None = None,
        parent_folder_path: str | None = None,
        expires_at: datetime | None = None,
        clear_expires: bool | None = None,
        is_usable_in_content: bool | None = None,
        timeout: Timeout = None,
    ) -> File:
        """Change a file's properties. Properties that are not passed keep their values.

        Args:
            file_id: a File, or its id.
            name: new name, without extension.
            access: new access level.
            parent_folder_id: id of the folder to move it to.
            parent_folder_path: path of the folder to move it to; not together with parent_folder_id.
            expires_at: time, with a zone, at which HubSpot permanently deletes the file.
            clear_expires: True removes the expiry; not together with expires_at.
            is_usable_in_content: whether HubSpot offers the file for use in content.
            timeout: see `upload`.

        Returns:
            The changed file.

        Raises:
            ValueError: nothing to change, two folders, expires_at with clear_expires, an unknown access, a time without
                a zone, a slash or a backslash in the name, or a backslash in parent_folder_path.
            NotFoundError: there is no such file.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    async def delete(self, file_id: File | str | int, *, timeout: Timeout = None) -> None:
        """Delete a file. HubSpot keeps the content, without access to it; gdpr_delete erases it.

        Args:
            file_id: a File, or its id.
            timeout: see `upload`.

        Raises:
            NotFoundError: there is no such file, or it is already deleted.
            ValueError: the id is not digits.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    async def gdpr_delete(self, file_id: File | str | int, *, timeout: Timeout = None) -> None:
        """Permanently erase a file's content and record, within seven days. It cannot be restored.

        Args:
            file_id: a File, or its id.
            timeout: see `upload`.

        Raises:
            NotFoundError: there is no such file.
            ValueError: the id is not digits.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """

    async def apply(self, change: PlannedChange, *, timeout: Timeout = None) -> bool:
        """Apply a planned change, if the file was not changed since it was planned. It takes two requests.

        Args:
            change: a change of a ChangePlan.
            timeout: see `upload`.

        Returns:
            True, or False if there was nothing to do: the access level is as planned, or the file is already deleted.

        Raises:
            FileChangedError: the file was changed since then. Nothing was changed now.
            NotFoundError: there is no such file, and the change is of its access level.
        """
