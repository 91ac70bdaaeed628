"""The operations that store content."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .._engine.context import start_call
from .._engine.effects import CleanUp, Flow
from .._engine.methods import operation
from .._errors import OutcomeUnknownError
from .._http.timeouts import check_timeout
from .._operations import file_calls
from .._operations.enums import Access
from .._operations.options import DuplicateCheck, target, upload_options
from .._operations.prepared_call import perform
from .._validation import (
    aware_datetime,
    check_task_id,
    enum_member,
    file_name,
    numeric_id,
)
from .base import Operations
from .tasks import TaskSpec, started

if TYPE_CHECKING:
    from hubspot_files_api.models import File

    from .._content.source import Progress, Source
    from .._http.timeouts import Timeout


class FileUploads(Operations):
    """Upload files, replace their content, import them from URLs."""

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
                or a backslash in it or in folder_path; a stream that is at its end behind its content, is closed,
                or is not open for reading.
            TypeError: a source or an option of the wrong type; a source that has to be awaited, on HubSpotFiles.
            OSError: the source cannot be read, or is a response of urllib that was cut.
            SourceChangedError: it became longer or shorter while it was sent.
            OutcomeUnknownError: it failed after all was sent, and what stands at its path now is not it for certain:
                the file may be stored. So it is while another upload of this client to that path is in flight.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        from .._content.source import check_source
        from .._content.source_opener import SourceOpener, open_upload

        check_timeout(timeout)
        options = upload_options(access, ttl, overwrite, duplicates)
        folder = target(folder_id, folder_path)
        name = check_source(source, name)
        opener = SourceOpener(source, name, on_progress)
        try:
            content = yield from open_upload(source, opener)
            call = file_calls.upload_file(content, options, folder, charset_hunch=charset_hunch)
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
            expires_at: time, with a zone, at which HubSpot permanently deletes it.
            charset_hunch: character set of the content, where you know it.
            on_progress: see `upload`.
            timeout: see `upload`.

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
        from .._content.source import check_source
        from .._content.source_opener import SourceOpener, open_upload

        id = numeric_id(file_id, "file_id")
        level = enum_member(access, Access, "access")
        expiry = aware_datetime(expires_at, "expires_at")
        check_timeout(timeout)
        opener = SourceOpener(source, check_source(source, name), on_progress)
        try:
            content = yield from open_upload(source, opener)
            call = file_calls.replace_file(id, content, access=level, expires_at=expiry, charset_hunch=charset_hunch)
            return (yield from self._perform(call, timeout))
        finally:
            yield from CleanUp(opener.close)

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
    ) -> Flow[TaskSpec[File]]:
        """Have HubSpot fetch a file from a URL, and give the task on whose end one can wait.

        Args:
            url: http or https, reachable from HubSpot.
            access, folder_id, folder_path, ttl, overwrite, duplicates: see `upload`. With RETURN_EXISTING the
                task may end with a file of another name, which has the same content.
            name: name to store it under.
            expires_at: time, with a zone, at which HubSpot permanently deletes it; not together with ttl.
            timeout: see `upload`.

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
        call = file_calls.import_file(
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
        """Take up a task that import_from_url began elsewhere. Nothing is sent before it is asked for its state.

        Args:
            task_id: `id` of the task.

        Raises:
            ValueError: task_id is empty, or would end up at another URL.
        """
        yield from ()
        return TaskSpec(check_task_id(task_id), self._settings, file_calls.get_import_task)
