"""The operations on files."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._content import download
from .._content.destination import check_destination
from .._content.source import check_source
from .._content.source_opener import Opening, _opened
from .._content.transfer import Transfer
from .._engine.effects import Clean, Flow, Now
from .._engine.methods import AsyncResource, SyncResource, operation
from .._engine.retry import end_of
from .._errors import OutcomeUnknownError
from .._http.timeouts import check_timeout
from .._operations import file_calls, lookup
from .._operations.enums import Access, SignedUrlSize
from .._operations.file_calls import FILE_NEEDS
from .._operations.options import DuplicateCheck, target, upload_options
from .._operations.prepared_call import by_path, perform, still_unknown
from .._operations.signed_url import sign
from .._validation import (
    absolute_path,
    check_name,
    check_task_id,
    digits,
    flag,
    known,
    moment,
    names,
    seconds,
    url_path,
    whole,
)
from .base import Operations
from .pagination import paged
from .search_filters import date_filters, search_filters
from .search_query import Walk
from .signed_urls import AsyncSignedUrls, SignedUrls
from .streams import streamed
from .tasks import Plan, started

if TYPE_CHECKING:
    from hubspot_files_api.models import File, FileStat

    from .._content.atomic_file import IfExists
    from .._content.destination import Destination
    from .._content.source import Progress, Source
    from .._engine.settings import Settings
    from .._http.timeouts import Timeout
    from .._operations.signed_url import SignedUrl


_READ_LIMIT = 64 * 1024 * 1024


class FileOperations(Operations):
    """Operations on files, for both clients. Every one raises the errors of HubSpotFilesError beside its own."""

    @operation
    def upload(
        self,
        source: Source,
        *,
        access: Access | str = Access.PRIVATE,
        folder_id: str | int | None = None,
        folder_path: str | None = None,
        name: str | None = None,
        ttl: timedelta | str | None = None,
        overwrite: bool | None = None,
        duplicates: DuplicateCheck | None = None,
        charset_hunch: str | None = None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> Flow[File]:
        """Upload a file, in constant memory.

        Args:
            source: a path, bytes, or a binary stream, which is sent from where it stands and left open; one that cannot
                be rewound, such as a pipe, is copied first. So is one that has to be awaited, such as a file of
                aiofiles, anyio or trio, which only AsyncHubSpotFiles takes. An upload that a web framework received,
                such as the UploadFile of FastAPI, the FileStorage of Flask or a file of Django, is taken as it is.
            access: who may fetch it. HubSpot creates no hidden files.
            folder_id: id of the folder to store it in; one of this and folder_path is needed.
            folder_path: path of that folder, such as `/library/cats`, made where it does not exist; `/` is the root.
            name: name to store it under, with extension. Where it is left out, it is that of the path, that of a file
                that was opened at a path, or the last segment of the name that came with an upload of a web framework.
                Bytes and all other streams need one: the name of a stream may be that of its archive.
            ttl: time after which HubSpot deletes it for good: whole days as a timedelta, or an ISO 8601 period such as
                `P3M`, of one day to one year.
            overwrite: True deletes a file of that name in the folder, whose id is gone with it; else HubSpot gives the
                new one another name.
            duplicates: whether HubSpot looks for the same content first. With RETURN_EXISTING it stores nothing then,
                and returns the file that has it, whatever its name, path and access.
            charset_hunch: character set of the content, where you know it.
            on_progress: called with bytes sent, bytes in all and the attempt, in a worker thread on the asynchronous
                client.
            timeout: seconds, or an httpx.Timeout, for each step of the connection; None is the client's.

        Returns:
            The stored file. Its name may not be the one asked for: `path` tells.

        Raises:
            ValueError: folder_id with folder_path or neither of them, an unknown access, a ttl out of range; no name,
                or a backslash in it or in folder_path; a stream that stands at its end behind its content, is closed,
                or is not open for reading.
            TypeError: a source or an option of the wrong type; a source that has to be awaited, on HubSpotFiles.
            OSError: the source cannot be read, or is a response of urllib that was cut.
            SourceChangedError: it became longer or shorter while it was sent.
            OutcomeUnknownError: it failed after all was sent, and what stands at its path now is not it for certain:
                the file may be stored. So it is while another upload of this client to that path is in flight.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        check_timeout(timeout)
        options = upload_options(access, ttl, overwrite, duplicates)
        where = target(folder_id, folder_path)
        file_name = check_source(source, name)
        began: float = yield Now()
        opening = Opening(source, file_name, on_progress)
        try:
            part = yield from _opened(source, opening)
            exchange = file_calls.upload_file(part, options, where, charset_hunch=charset_hunch)
            end = yield from end_of(self._settings)
            with self._settings.shared.claims.flight("file", *where, file_name, began) as flight:
                try:
                    file = yield from perform(self._settings, exchange, timeout, end)
                except OutcomeUnknownError as error:
                    found = yield from lookup.uploaded(
                        self._settings, part, options.access.value, where, file_name, flight, timeout, end
                    )
                    if found.record is None:
                        raise still_unknown(exchange, error, found.said) from error.__cause__
                    file = found.record
                flight.settled = True
                return file
        finally:
            yield Clean(opening.close)

    @operation
    def replace(
        self,
        file_id: str | int,
        source: Source,
        *,
        access: Access | str,
        name: str | None = None,
        expires_at: datetime | None = None,
        charset_hunch: str | None = None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> Flow[File]:
        """Replace a file's content. Its id, its name and its folder stay.

        Args:
            file_id: digits, as in `File.id`.
            source: see `upload`.
            access: who may fetch it from now on. It has no default, which would make a public file private unasked.
            name: file name to send, for its extension; see `upload` for which sources need one.
            expires_at: time, with a zone, at which HubSpot deletes it for good.
            charset_hunch: character set of the content, where you know it.
            on_progress: as of upload.
            timeout: as of upload.

        Returns:
            The file with its new content.

        Raises:
            ValueError: an unknown access, an id that is not digits, a time without a zone; a name or a stream that
                `upload` refuses.
            TypeError: a source or an option of the wrong type; a source that has to be awaited, on HubSpotFiles.
            OSError: the source cannot be read, or is a response of urllib that was cut.
            SourceChangedError: it became longer or shorter while it was sent.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        number = digits(file_id, "file_id")
        level = known(access, Access, "access")
        end = moment(expires_at, "expires_at")
        check_timeout(timeout)
        file_name = check_source(source, name)
        opening = Opening(source, file_name, on_progress)
        try:
            part = yield from _opened(source, opening)
            exchange = file_calls.replace_file(number, part, access=level, expires_at=end, charset_hunch=charset_hunch)
            return (yield from perform(self._settings, exchange, timeout))
        finally:
            yield Clean(opening.close)

    @operation
    def get(
        self, file_id: str | int, *, properties: Iterable[str] | None = None, timeout: Timeout = None
    ) -> Flow[File]:
        """Get a file's record.

        Args:
            file_id: digits, as in `File.id`.
            properties: names of the properties to ask for, such as `["size"]`; those that every File has are added.
            timeout: as of upload.

        Raises:
            NotFoundError: there is no such file, it is deleted, or it is hidden and the token lacks the scope for it.
            ValueError: file_id is not digits.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        exchange = file_calls.get_file(
            digits(file_id, "file_id"), properties=names(properties, "properties", FILE_NEEDS)
        )
        return (yield from perform(self._settings, exchange, timeout))

    @operation
    def stat(self, path: str, *, properties: Iterable[str] | None = None, timeout: Timeout = None) -> Flow[FileStat]:
        """Look up what stands at a path.

        Args:
            path: path in the file manager, such as `/library/cats/cat.png`.
            properties: as of get.
            timeout: as of upload.

        Returns:
            A FileStat, of which either `file` or `folder` is set.

        Raises:
            NotFoundError: nothing stands there.
            ValueError: path is the root, or holds `.`, `..` or empty segments.
        """
        place = url_path(path, "path")
        wanted = names(properties, "properties", FILE_NEEDS)
        exchange_of = functools.partial(file_calls.stat_path, place, properties=wanted)
        return (yield from by_path(self._settings, exchange_of, place, timeout))[0]

    @paged
    def search(
        self,
        *,
        properties: Iterable[str] | None = None,
        limit: int | None = None,
        after: str | int | None = None,
        before: str | None = None,
        sort: str | Iterable[str] | None = None,
        ids: Iterable[str | int] | None = None,
        id_gte: str | int | None = None,
        id_lte: str | int | None = None,
        parent_folder_ids: Iterable[str | int] | None = None,
        name: str | None = None,
        path: str | None = None,
        extension: str | None = None,
        type: str | None = None,
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
    ) -> Walk[File]:
        """Search for files that match every filter. Hidden and deleted files are not found, and new ones not at once.

        Files may be deleted, moved and renamed while one iterates: each is given once. What other programs change
        meanwhile cannot be seen, and may hide files, as may a file ahead that is renamed to a place behind: pass
        beyond_limit=True, or take a list of them all first.

        Args:
            properties: as of get.
            limit: results a page, 1 to 100; 100 where it is left out.
            after: offset to begin at, or a Page's next_after.
            before: HubSpot's cursor of that name, sent as it is.
            sort: a property such as `createdAt`, `-createdAt` for the latest first; or several.
            ids, id_gte, id_lte: these ids, or from one id to another.
            parent_folder_ids: directly in these folders.
            name: part of the name.
            path: path in the file manager.
            extension: such as `png`.
            type: `IMG`, `DOCUMENT`, `AUDIO`, `MOVIE` or `OTHER`.
            encoding: such as `utf-8`.
            url: hosting URL.
            file_md5: MD5 of the content in hexadecimal digits.
            allows_anonymous_access: True for public files only, False for private ones only.
            is_usable_in_content: whether it is offered when content is written.
            created_at, updated_at, expires_at: that very time, with a zone; each with `_gte` and `_lte` for a range.
            size: bytes; with `_gte` and `_lte` for a range.
            height, width: pixels; with `_gte` and `_lte` for a range.
            max_items: give so many at the most.
            beyond_limit: walk by id and not by offset, so that the 10,000 cap does not hold; results come by id.
            timeout: as of upload, for each page.

        Returns:
            A Pager: iterate over it for files, over its `pages()` for pages.

        Raises:
            ValueError: a filter that cannot be; beyond_limit with sort, after or before.
            TypeError: a filter of the wrong type.
            SearchLimitError: while iterating: there are more results than HubSpot pages through, or they change faster
                than their pages come.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        filters: dict[str, Any] = search_filters(
            needs=FILE_NEEDS,
            properties=properties,
            limit=limit,
            after=after,
            before=before,
            sort=sort,
            ids=ids,
            id_gte=id_gte,
            id_lte=id_lte,
            parent_folder_ids=parent_folder_ids,
            beyond_limit=beyond_limit,
            max_items=max_items,
        )
        filters |= date_filters(
            created_at=created_at,
            created_at_gte=created_at_gte,
            created_at_lte=created_at_lte,
            updated_at=updated_at,
            updated_at_gte=updated_at_gte,
            updated_at_lte=updated_at_lte,
            expires_at=expires_at,
            expires_at_gte=expires_at_gte,
            expires_at_lte=expires_at_lte,
        )
        filters |= {
            "name": name,
            "path": path,
            "extension": None if extension is None else extension.removeprefix("."),
            "type_": type,
            "encoding": encoding,
            "url_query": url,
            "file_md5": file_md5,
            "allows_anonymous_access": flag(allows_anonymous_access, "allows_anonymous_access"),
            "is_usable_in_content": flag(is_usable_in_content, "is_usable_in_content"),
            "size": size,
            "size_gte": size_gte,
            "size_lte": size_lte,
            "height": height,
            "height_gte": height_gte,
            "height_lte": height_lte,
            "width": width,
            "width_gte": width_gte,
            "width_lte": width_lte,
        }
        return Walk(
            self._settings,
            file_calls.search_files,
            filters,
            max_items=max_items,
            beyond_limit=beyond_limit,
            timeout=timeout,
        )

    @operation
    def update(
        self,
        file_id: str | int,
        *,
        name: str | None = None,
        access: Access | str | None = None,
        parent_folder_id: str | int | None = None,
        parent_folder_path: str | None = None,
        expires_at: datetime | None = None,
        clear_expires: bool | None = None,
        is_usable_in_content: bool | None = None,
        timeout: Timeout = None,
    ) -> Flow[File]:
        """Change a file's properties. What is left out stays as it is.

        Args:
            file_id: digits, as in `File.id`.
            name: new name, without extension.
            access: who may fetch it from now on.
            parent_folder_id: id of the folder to move it to.
            parent_folder_path: path of the folder to move it to; not together with parent_folder_id.
            expires_at: time, with a zone, at which HubSpot deletes it for good.
            clear_expires: True keeps it without end; not together with expires_at.
            is_usable_in_content: whether it is offered when content is written.
            timeout: as of upload.

        Returns:
            The changed file.

        Raises:
            ValueError: nothing to change, two folders, two ends, an unknown access, a time without a zone; a slash or a
                backslash in the name, or a backslash in parent_folder_path.
            NotFoundError: there is no such file.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        number = digits(file_id, "file_id")
        if parent_folder_id is not None and parent_folder_path is not None:
            raise ValueError("parent_folder_id and parent_folder_path exclude each other: pass one")
        if expires_at is not None and clear_expires:
            raise ValueError("expires_at and clear_expires=True exclude each other: pass one")
        changes: Mapping[str, Any] = {
            "name": None if name is None else check_name(name),
            "access": None if access is None else known(access, Access, "access"),
            "parent_folder_id": None if parent_folder_id is None else digits(parent_folder_id, "parent_folder_id"),
            "parent_folder_path": None
            if parent_folder_path is None
            else absolute_path(parent_folder_path, "parent_folder_path"),
            "expires_at": moment(expires_at, "expires_at"),
            "clear_expires": flag(clear_expires, "clear_expires"),
            "is_usable_in_content": flag(is_usable_in_content, "is_usable_in_content"),
        }
        if all(value is None for value in changes.values()):
            raise ValueError(f"nothing to change: pass one of {', '.join(changes)}")
        return (yield from perform(self._settings, file_calls.update_file(number, **changes), timeout))

    @operation
    def delete(self, file_id: str | int, *, timeout: Timeout = None) -> Flow[None]:
        """Delete a file. HubSpot keeps its content, which nobody can reach; gdpr_delete erases it.

        Args:
            file_id: digits, as in `File.id`.
            timeout: as of upload.

        Raises:
            NotFoundError: there is no such file, or it is deleted already.
            ValueError: file_id is not digits.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        yield from perform(self._settings, file_calls.delete_file(digits(file_id, "file_id")), timeout)

    @operation
    def gdpr_delete(self, file_id: str | int, *, timeout: Timeout = None) -> Flow[None]:
        """Erase a file's content and record for good, within seven days. Nobody can bring it back.

        Args:
            file_id: digits, as in `File.id`.
            timeout: as of upload.

        Raises:
            NotFoundError: there is no such file.
            ValueError: file_id is not digits.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        yield from perform(self._settings, file_calls.gdpr_delete_file(digits(file_id, "file_id")), timeout)

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
                to give six at the most: `expires_at` of the result tells.
            properties: names of further properties to ask for, such as `["height", "width"]`.
            timeout: as of upload.

        Raises:
            NotFoundError: there is no such file, or it is sensitive: files.download fetches those.
            ValueError: expires_in below a second, an unknown size, upscale without size.
            UnexpectedResponseError: HubSpot does not say when the URL expires, and expires_in is left out.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        number = digits(file_id, "file_id")
        asked = seconds(expires_in, "expires_in")
        scaled = None if size is None else known(size, SignedUrlSize, "size")
        if upscale is not None and scaled is None:
            raise ValueError("upscale says how to scale to a size: pass size= too")
        exchange = file_calls.get_signed_url(
            number,
            size=scaled,
            upscale=flag(upscale, "upscale"),
            expiration_seconds=asked,
            properties=names(properties, "properties"),
        )
        return (yield from sign(self._settings, exchange, asked, timeout))

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
            timeout: as of upload.

        Returns:
            The path of the file; None where the destination is a stream.

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
        number = digits(file_id, "file_id")
        yield from check_destination(destination, if_exists)
        end = yield from end_of(self._settings)
        file = yield from perform(self._settings, file_calls.get_file(number), timeout, end)
        return (yield from download.download(self._settings, file, destination, timeout, if_exists, end))

    @streamed
    def stream(self, file_id: str | int, *, timeout: Timeout = None) -> Flow[Transfer]:
        """Open a file's content as a context manager over its chunks, of bytes; nothing is sent before it is entered.

        Args:
            file_id: digits, as in `File.id`.
            timeout: as of upload.

        Returns:
            A context manager. Its `file` is the record; the end of its iteration raises DownloadCorruptedError where
            what came is not what HubSpot recorded.

        Raises:
            NotFoundError: on entering: there is no such file.
            ValueError: on entering: file_id is not digits.
        """
        number = digits(file_id, "file_id")
        end = yield from end_of(self._settings)
        file = yield from perform(self._settings, file_calls.get_file(number), timeout, end)
        transfer = Transfer(self._settings, file, timeout, end)
        yield from transfer.open()
        return transfer

    @operation
    def read(self, file_id: str | int, *, limit: int = _READ_LIMIT, timeout: Timeout = None) -> Flow[bytes]:
        """Get a file's content as bytes, verified.

        Args:
            file_id: digits, as in `File.id`.
            limit: bytes to take into memory at the most, 64 MiB where it is left out.
            timeout: as of upload.

        Raises:
            ValueError: the file is larger than limit; files.download and files.stream take any size.
            TypeError: limit is no int.
            NotFoundError: there is no such file.
            DownloadCorruptedError: what came is not what HubSpot recorded.
        """
        number = digits(file_id, "file_id")
        whole(limit, "limit")
        end = yield from end_of(self._settings)
        file = yield from perform(self._settings, file_calls.get_file(number), timeout, end)
        return (yield from download.read(self._settings, file, limit, timeout, end))

    @started
    def import_from_url(
        self,
        url: str,
        *,
        access: Access | str = Access.PRIVATE,
        folder_id: str | int | None = None,
        folder_path: str | None = None,
        name: str | None = None,
        ttl: timedelta | str | None = None,
        expires_at: datetime | None = None,
        overwrite: bool | None = None,
        duplicates: DuplicateCheck | None = None,
        timeout: Timeout = None,
    ) -> Flow[Plan[File]]:
        """Have HubSpot fetch a file from a URL, and give the task on whose end one can wait.

        Args:
            url: http or https, reachable from HubSpot.
            access, folder_id, folder_path, ttl, overwrite, duplicates: as of upload. With RETURN_EXISTING the
                task may end with a file of another name, which has the same content.
            name: name to store it under.
            expires_at: time, with a zone, at which HubSpot deletes it for good; not together with ttl.
            timeout: as of upload.

        Returns:
            A task: `wait(timeout=60)` returns the File.

        Raises:
            ValueError: see `upload`; a url that is not http or https; ttl with expires_at.
            OutcomeUnknownError: the connection failed after all was sent, so that the import may go on.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        if not isinstance(url, str):
            raise TypeError(f"url must be a str, not {type(url).__name__}")
        if not url.lower().startswith(("http://", "https://")):
            raise ValueError("url must begin with http:// or https://, because HubSpot fetches it")
        if ttl is not None and expires_at is not None:
            raise ValueError("ttl and expires_at exclude each other: pass one")
        options = upload_options(access, ttl, overwrite, duplicates)
        exchange = file_calls.import_file(
            url,
            options,
            target(folder_id, folder_path),
            name=None if name is None else check_name(name),
            expires_at=moment(expires_at, "expires_at"),
        )
        locator = yield from perform(self._settings, exchange, timeout)
        return Plan(locator.id, self._settings, file_calls.get_import_task)

    @started
    def import_task(self, task_id: str) -> Flow[Plan[File]]:
        """Take up a task that import_from_url began elsewhere. Nothing is sent before it is asked for its state.

        Args:
            task_id: `id` of the task.

        Raises:
            ValueError: task_id is empty, or would end up at another URL.
        """
        yield from ()
        return Plan(check_task_id(task_id), self._settings, file_calls.get_import_task)


class Files(FileOperations, SyncResource):
    """Files: `hubspot.files` of HubSpotFiles.

    Attributes:
        signed_urls: signed URLs, cached.
    """

    def __init__(self, driver: Any, settings: Settings) -> None:
        super().__init__(driver, settings)
        self.signed_urls: SignedUrls = SignedUrls(driver, settings)


class AsyncFiles(FileOperations, AsyncResource):
    """Files: `hubspot.files` of AsyncHubSpotFiles.

    Attributes:
        signed_urls: signed URLs, cached.
    """

    def __init__(self, driver: Any, settings: Settings) -> None:
        super().__init__(driver, settings)
        self.signed_urls: AsyncSignedUrls = AsyncSignedUrls(driver, settings)
