"""Every call into the generated client: what each operation sends, and what its answer becomes.

A regeneration that changes a path, a name or a type changes what is sent here, or fails the type checkers here.
"""

# The generated client's `_get_kwargs` are private by name, and what it offers to layers above it.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, NamedTuple, TypeVar, cast

from hubspot_files_api.models.access import Access
from hubspot_files_api.models.duplicate_scope import DuplicateScope
from hubspot_files_api.models.duplicate_strategy import DuplicateStrategy
from hubspot_files_api.models.signed_url_size import SignedUrlSize

from . import _retry
from ._errors import OutcomeUnknownError, UnexpectedResponseError, unexpected
from ._flow import Flow, Reply, Request
from ._retry import Repeat
from ._secrets import redacted
from ._signed import SignedUrl, signed_url_from
from ._urls import is_numeric_id, is_task_id

if TYPE_CHECKING:
    from datetime import datetime

    from hubspot_files_api import models

    from ._http import Timeout
    from ._options import Target, UploadOptions
    from ._settings import Settings
    from ._source import Part

__all__ = ["Access", "DuplicateScope", "DuplicateStrategy", "SignedUrlSize"]

T = TypeVar("T")

_PARTS = ("folderId", "folderPath", "fileName", "charsetHunch", "options", "file")

FILE_NEEDS = ("id", "access", "createdAt", "updatedAt", "archived")
"""The properties without which the generated File cannot be read."""

FOLDER_NEEDS = ("id", "createdAt", "updatedAt", "archived")
"""The properties without which the generated Folder cannot be read."""


class Exchange(NamedTuple, Generic[T]):
    """A request, and what is known of it.

    Attributes:
        operation: its name in our description.
        kwargs: what the generated client gives for it.
        repeat: what sending it twice does.
        read: makes a model of its answer.
        part: the file that it uploads, or None.
        instead: the exchange that tells the same without changing anything, for an answer that cannot be read, or None.
    """

    operation: str
    kwargs: dict[str, Any]
    repeat: Repeat
    read: Callable[[Any], T]
    part: Part | None = None
    instead: Any = None


def perform(settings: Settings, exchange: Exchange[T], timeout: Timeout = None, end: float | None = None) -> Flow[T]:
    """Send a request and read its answer. A success that cannot be read is asked for again where that does no harm.

    Args:
        settings: the client's.
        exchange: what to send.
        timeout: that of the call.
        end: the monotonic clock at which it has to be over, where it is part of something that has begun before.

    Raises:
        UnexpectedResponseError: the answer is a success, but not what the description says.
        OutcomeUnknownError: so is that of a request which must not be sent again.
        HubSpotFilesError: as _retry.send.
    """
    answer, _ = yield from answered(settings, exchange, timeout, end)
    return answer


def answered(
    settings: Settings, exchange: Exchange[T], timeout: Timeout, end: float | None = None
) -> Flow[tuple[T, Reply]]:
    """As perform, with the answer as it came too.

    Raises:
        HubSpotFilesError: as perform.
    """
    if end is None:
        end = yield from _retry.end_of(settings)
    retries = 0
    while True:
        request = Request(exchange.operation, exchange.kwargs, exchange.part, timeout, end)
        reply = yield from _retry.send(settings, request, exchange.repeat)
        try:
            return read(request, exchange.read, reply), reply
        except UnexpectedResponseError as error:
            if exchange.repeat is Repeat.CREATES:
                raise OutcomeUnknownError(_retry.unknown(request, error)) from error
            if retries >= settings.max_retries:
                raise
            retries += 1
            # What was changed is changed: its record can be had without changing it again.
            exchange = exchange.instead or exchange
            failure = _retry.Failure("cut", all_sent=True)
            yield from _retry.pause_before_retry(settings, request.label, end, failure, retries, retries, error)


def still_unknown(exchange: Exchange[Any], error: OutcomeUnknownError, looked: str) -> OutcomeUnknownError:
    """The error for what was looked up in vain, to be raised from the cause of the one that was raised before.

    Args:
        exchange: what was sent.
        error: what was raised before it was looked up.
        looked: what looking told, as a sentence.
    """
    request = Request(exchange.operation, exchange.kwargs)
    return OutcomeUnknownError(_retry.unknown(request, error.__cause__, looked))


def read(request: Request, reader: Callable[[Any], T], reply: Reply) -> T:
    """The model of an answer.

    Raises:
        UnexpectedResponseError: the answer is not what the description says.
    """
    if reader is _nothing:
        return reader(None)
    check_read(request, reply)
    try:
        return reader(json.loads(reply.body))
    except KeyError as error:
        reason = f"the answer lacks {error}"
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        kind = reply.headers.get("content-type", "").partition(";")[0].strip() or "no content type"
        reason = f"the answer ({len(reply.body)} bytes of {kind}) is not what the API describes: "
        reason += redacted(str(error), reply.secrets)
    raise unexpected(request.label, reply.status, reply.headers, reason, reply.secrets)


def check_read(request: Request, reply: Reply) -> None:
    """Make sure that an answer's body could be read.

    Raises:
        UnexpectedResponseError: it could not.
    """
    if reply.unread:
        raise unexpected(request.label, reply.status, reply.headers, f"the answer is {reply.unread}", reply.secrets)


def sign(
    settings: Settings,
    exchange: Exchange[models.SignedUrl],
    asked: int | None,
    timeout: Timeout = None,
    end: float | None = None,
) -> Flow[SignedUrl]:
    """Ask for a signed URL, whose life depends on when it was answered.

    Raises:
        UnexpectedResponseError: the answer says nothing of when it expires, and no life was asked for.
        HubSpotFilesError: as perform.
    """
    # The answer itself is read again and not kept: a traceback with variables would show its URL.
    reply = (yield from answered(settings, exchange, timeout, end))[1]
    request = Request(exchange.operation, exchange.kwargs)
    return read(request, lambda fields: signed_url_from(exchange.read(fields), reply, asked=asked), reply)


def _nothing(_: Any) -> None:
    """The reader of an answer without content."""


def upload_file(
    part: Part,
    options: UploadOptions,
    target: Target,
    *,
    charset_hunch: str | None,
) -> Exchange[models.File]:
    from hubspot_files_api.api.files import upload_file
    from hubspot_files_api.models import File, FileUpload, FileUploadOptions

    duplicates = options.duplicates
    body = FileUpload(
        folder_id=target.folder_id,
        folder_path=target.folder_path,
        # Always: the file name of a part cannot carry every name.
        file_name=part.name,
        charset_hunch=charset_hunch,
        options=FileUploadOptions(
            access=options.access,
            ttl=options.ttl,
            overwrite=options.overwrite,
            duplicate_validation_strategy=duplicates.strategy if duplicates else None,
            duplicate_validation_scope=duplicates.scope if duplicates else None,
        ),
        file=_file(part),
    )
    # An upload is answered with the stored file where the same content is there already: sent twice, it is stored once.
    safe = duplicates is not None and duplicates.strategy is DuplicateStrategy.RETURN_EXISTING
    return Exchange(
        "uploadFile",
        _file_last(upload_file._get_kwargs(body=body)),
        Repeat.HARMLESS if safe else Repeat.CREATES,
        File.from_dict,
        part,
    )


def replace_file(
    file_id: str, part: Part, *, access: Access, expires_at: datetime | None, charset_hunch: str | None
) -> Exchange[models.File]:
    from hubspot_files_api.api.files import replace_file
    from hubspot_files_api.models import File, FileReplacement, FileReplaceOptions

    body = FileReplacement(
        charset_hunch=charset_hunch,
        options=FileReplaceOptions(access=access, expires_at=expires_at),
        file=_file(part),
    )
    kwargs = _file_last(replace_file._get_kwargs(file_id, body=body))
    return Exchange("replaceFile", kwargs, Repeat.HARMLESS, File.from_dict, part, get_file(file_id))


def _file(part: Part) -> Any:
    from hubspot_files_api.types import File

    # HubSpot takes only the extension from it. A % would not arrive as such: nothing escapes it, and servers take %22
    # for a quotation mark and %0A for a line end.
    file_name = part.name.replace("%", "_")
    # A part has of a binary file what httpx asks for: read, seek and tell.
    return File(payload=cast("BinaryIO", part), file_name=file_name, mime_type=part.content_type)


def _file_last(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The parts in the order of HubSpot's own clients: a server can refuse before it has read the file."""
    kwargs["files"].sort(key=lambda part: _PARTS.index(part[0]))
    return kwargs


def get_file(file_id: str, *, properties: list[str] | None = None) -> Exchange[models.File]:
    from hubspot_files_api.api.files import get_file
    from hubspot_files_api.models import File

    return Exchange("getFile", get_file._get_kwargs(file_id, properties=properties), Repeat.HARMLESS, File.from_dict)


def get_file_for_content(file_id: str) -> Exchange[models.File]:
    """As get_file, for a record by whose id the content is fetched and named."""
    exchange = get_file(file_id)

    def with_numeric_id(fields: Any) -> models.File:
        file = exchange.read(fields)
        if not is_numeric_id(str(file.id)):
            raise ValueError("its id is not digits")
        return file

    return exchange._replace(read=with_numeric_id)


def stat_path(path: str, *, properties: list[str] | None) -> Exchange[models.FileStat]:
    from hubspot_files_api.api.files import stat_path
    from hubspot_files_api.models import FileStat

    kwargs = stat_path._get_kwargs(path, properties=properties)

    def something(fields: Any) -> models.FileStat:
        stat = FileStat.from_dict(fields)
        if stat.file is None and stat.folder is None:
            raise ValueError("it holds neither a file nor a folder")
        return stat

    return Exchange("statPath", kwargs, Repeat.HARMLESS, something)


def search_files(**filters: Any) -> Exchange[models.FilePage]:
    from hubspot_files_api.api.files import search_files
    from hubspot_files_api.models import FilePage

    return Exchange("searchFiles", search_files._get_kwargs(**filters), Repeat.HARMLESS, FilePage.from_dict)


def update_file(
    file_id: str,
    *,
    name: str | None,
    access: Access | None,
    parent_folder_id: str | None,
    parent_folder_path: str | None,
    expires_at: datetime | None,
    clear_expires: bool | None,
    is_usable_in_content: bool | None,
) -> Exchange[models.File]:
    from hubspot_files_api.api.files import update_file
    from hubspot_files_api.models import File, FileUpdate

    body = FileUpdate(
        name=name,
        access=access,
        parent_folder_id=parent_folder_id,
        parent_folder_path=parent_folder_path,
        expires_at=expires_at,
        clear_expires=clear_expires,
        is_usable_in_content=is_usable_in_content,
    )
    kwargs = update_file._get_kwargs(file_id, body=body)
    return Exchange("updateFile", kwargs, Repeat.HARMLESS, File.from_dict, instead=get_file(file_id))


def delete_file(file_id: str) -> Exchange[None]:
    from hubspot_files_api.api.files import delete_file

    return Exchange("deleteFile", delete_file._get_kwargs(file_id), Repeat.DELETES, _nothing)


def gdpr_delete_file(file_id: str) -> Exchange[None]:
    from hubspot_files_api.api.files import gdpr_delete_file

    return Exchange("gdprDeleteFile", gdpr_delete_file._get_kwargs(file_id), Repeat.DELETES, _nothing)


def get_signed_url(
    file_id: str,
    *,
    size: SignedUrlSize | None,
    upscale: bool | None,
    expiration_seconds: int | None,
    properties: list[str] | None,
) -> Exchange[models.SignedUrl]:
    from hubspot_files_api.api.files import get_signed_url
    from hubspot_files_api.models import SignedUrl

    kwargs = get_signed_url._get_kwargs(
        file_id, size=size, upscale=upscale, expiration_seconds=expiration_seconds, property_=properties
    )
    return Exchange("getSignedUrl", kwargs, Repeat.HARMLESS, SignedUrl.from_dict)


def download_url(file_id: str) -> str:
    """The path from which the API serves a file's content itself."""
    from hubspot_files_api.api.files import download_file

    return str(download_file._get_kwargs(file_id)["url"])


def import_file(
    url: str, options: UploadOptions, target: Target, *, name: str | None, expires_at: datetime | None
) -> Exchange[models.TaskLocator]:
    from hubspot_files_api.api.files import import_file_from_url
    from hubspot_files_api.models import FileImport

    duplicates = options.duplicates
    body = FileImport(
        url=url,
        access=options.access,
        folder_id=target.folder_id,
        folder_path=target.folder_path,
        name=name,
        ttl=options.ttl,
        expires_at=expires_at,
        overwrite=options.overwrite,
        duplicate_validation_strategy=duplicates.strategy if duplicates else None,
        duplicate_validation_scope=duplicates.scope if duplicates else None,
    )
    safe = duplicates is not None and duplicates.strategy is DuplicateStrategy.RETURN_EXISTING
    return Exchange(
        "importFileFromUrl",
        import_file_from_url._get_kwargs(body=body),
        Repeat.HARMLESS if safe else Repeat.CREATES,
        _task_locator,
    )


def _task_locator(fields: Any) -> models.TaskLocator:
    """A locator whose id can go into a URL."""
    from hubspot_files_api.models import TaskLocator

    locator = TaskLocator.from_dict(fields)
    if not isinstance(locator.id, str) or not is_task_id(locator.id):
        raise ValueError("its id is not that of a task")
    return locator


def get_import_task(task_id: str) -> Exchange[models.ImportTask]:
    from hubspot_files_api.api.files import get_import_task
    from hubspot_files_api.models import ImportTask

    return Exchange("getImportTask", get_import_task._get_kwargs(task_id), Repeat.HARMLESS, ImportTask.from_dict)


def create_folder(name: str, parent: Target) -> Exchange[models.Folder]:
    from hubspot_files_api.api.folders import create_folder
    from hubspot_files_api.models import Folder, FolderCreate

    body = FolderCreate(name=name, parent_folder_id=parent.folder_id, parent_path=parent.folder_path)
    return Exchange("createFolder", create_folder._get_kwargs(body=body), Repeat.CREATES, Folder.from_dict)


def get_folder(folder_id: str, *, properties: list[str] | None = None) -> Exchange[models.Folder]:
    from hubspot_files_api.api.folders import get_folder
    from hubspot_files_api.models import Folder

    kwargs = get_folder._get_kwargs(folder_id, properties=properties)
    return Exchange("getFolder", kwargs, Repeat.HARMLESS, Folder.from_dict)


def get_folder_by_path(path: str, *, properties: list[str] | None) -> Exchange[models.Folder]:
    from hubspot_files_api.api.folders import get_folder_by_path
    from hubspot_files_api.models import Folder

    kwargs = get_folder_by_path._get_kwargs(path, properties=properties)
    return Exchange("getFolderByPath", kwargs, Repeat.HARMLESS, Folder.from_dict)


def search_folders(**filters: Any) -> Exchange[models.FolderPage]:
    from hubspot_files_api.api.folders import search_folders
    from hubspot_files_api.models import FolderPage

    return Exchange("searchFolders", search_folders._get_kwargs(**filters), Repeat.HARMLESS, FolderPage.from_dict)


def update_folder(folder_id: str, *, name: str | None, parent_folder_id: int | None) -> Exchange[models.Folder]:
    from hubspot_files_api.api.folders import update_folder
    from hubspot_files_api.models import Folder, FolderUpdate

    body = FolderUpdate(name=name, parent_folder_id=parent_folder_id)
    kwargs = update_folder._get_kwargs(folder_id, body=body)
    return Exchange("updateFolder", kwargs, Repeat.HARMLESS, Folder.from_dict, instead=get_folder(folder_id))


def update_folder_recursively(
    folder_id: str, *, name: str | None, parent_folder_id: int | None
) -> Exchange[models.TaskLocator]:
    from hubspot_files_api.api.folders import update_folder_recursively
    from hubspot_files_api.models import FolderRecursiveUpdate

    body = FolderRecursiveUpdate(id=folder_id, name=name, parent_folder_id=parent_folder_id)
    kwargs = update_folder_recursively._get_kwargs(body=body)
    return Exchange("updateFolderRecursively", kwargs, Repeat.HARMLESS, _task_locator)


def get_folder_update_task(task_id: str) -> Exchange[models.FolderUpdateTask]:
    from hubspot_files_api.api.folders import get_folder_update_task
    from hubspot_files_api.models import FolderUpdateTask

    kwargs = get_folder_update_task._get_kwargs(task_id)
    return Exchange("getFolderUpdateTask", kwargs, Repeat.HARMLESS, FolderUpdateTask.from_dict)


def delete_folder(folder_id: str) -> Exchange[None]:
    from hubspot_files_api.api.folders import delete_folder

    return Exchange("deleteFolder", delete_folder._get_kwargs(folder_id), Repeat.DELETES, _nothing)


def delete_folder_by_path(path: str) -> Exchange[None]:
    from hubspot_files_api.api.folders import delete_folder_by_path

    return Exchange("deleteFolderByPath", delete_folder_by_path._get_kwargs(path), Repeat.DELETES, _nothing)
