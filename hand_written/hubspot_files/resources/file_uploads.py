"""Operations that store content."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .._engine.context import start_call
from .._engine.effects import CleanUp, Flow
from .._engine.methods import operation
from .._errors import ArgumentTypeError, ArgumentValueError, OutcomeUnknownError
from .._http.timeouts import check_timeout
from .._operations import file_calls
from .._operations.enums import Access, AccessName, NewAccessName, access_level
from .._operations.ids import id_of_file
from .._operations.options import DuplicateCheck, target, upload_options
from .._operations.prepared_call import perform
from .._validation import (
    aware_datetime,
    check_task_id,
    file_name,
)
from .base import Operations
from .tasks import TaskSpec, started

if TYPE_CHECKING:
    from hubspot_files_api.models import File

    from .._content.source import Progress, Source
    from .._http.timeouts import Timeout


class FileUploads(Operations):
    """Upload files, replace their content, and import files from URLs."""

    @operation
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
    ) -> Flow[File]:
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
        from .._content.source import check_source
        from .._content.source_opener import SourceOpener, open_upload

        check_timeout(timeout)
        options = upload_options(access, ttl=ttl, overwrite=overwrite, duplicates=duplicates)
        folder = target(folder_id, folder_path)
        name = check_source(source, name)
        opener = SourceOpener(source, name, on_progress)
        try:
            content = yield from open_upload(source, opener)
            call = file_calls.upload_file(self._version, content, options, folder, charset_hunch=charset_hunch)
            context = yield from start_call(self._settings, timeout)
            claims = self._settings.shared.claims
            with claims.creating("file", *folder, name, context.started_at) as creation:
                try:
                    file = yield from perform(context, call)
                except OutcomeUnknownError as error:
                    from .._operations import lookup

                    found = yield from lookup.find_upload(
                        context, content, options.access.value, folder, name, creation
                    )
                    if found.record is None:
                        raise call.unknown_after_lookup(error, found.message) from error.__cause__
                    file = found.record
                creation.settled = True
                return file
        finally:
            yield from CleanUp(opener.close)

    @operation
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
    ) -> Flow[File]:
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
        from .._content.source import check_source
        from .._content.source_opener import SourceOpener, open_upload

        id = id_of_file(file_id)
        if access is None:
            raise ArgumentTypeError(
                "access is None, as in a File whose access HubSpot did not state; pass the access that the file should "
                "have"
            )
        level = access_level(access)
        expiry = aware_datetime(expires_at, "expires_at")
        check_timeout(timeout)
        opener = SourceOpener(source, check_source(source, name), on_progress)
        try:
            content = yield from open_upload(source, opener)
            call = file_calls.replace_file(
                self._version, id, content, access=level, expires_at=expiry, charset_hunch=charset_hunch
            )
            return (yield from self._perform(call, timeout))
        finally:
            yield from CleanUp(opener.close)

    @started
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
    ) -> Flow[TaskSpec[File]]:
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
        if not isinstance(url, str):
            raise ArgumentTypeError(f"url must be a str, not {type(url).__name__}")
        if not url.lower().startswith(("http://", "https://")):
            raise ArgumentValueError("url must begin with http:// or https://, because HubSpot fetches it")
        if ttl is not None and expires_at is not None:
            raise ArgumentValueError("ttl and expires_at exclude each other: pass one")
        options = upload_options(access, ttl=ttl, overwrite=overwrite, duplicates=duplicates)
        call = file_calls.import_file(
            self._version,
            url,
            options,
            target(folder_id, folder_path),
            name=None if name is None else file_name(name),
            expires_at=aware_datetime(expires_at, "expires_at"),
        )
        locator = yield from self._perform(call, timeout)
        return TaskSpec(locator.id, self._settings, file_calls.get_import_task)

    @started
    def get_import_task(self, task_id: str) -> Flow[TaskSpec[File]]:
        """Return the task of an import by its id, such as in another process. Nothing is sent.

        Args:
            task_id: `id` of the task that import_from_url returned.

        Returns:
            The task. Call its `refresh` or `wait`.

        Raises:
            ValueError: task_id is empty, or is not one segment of a URL.
        """
        yield from ()
        return TaskSpec(check_task_id(task_id), self._settings, file_calls.get_import_task)
