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
from ._errors import NotFoundError, OutcomeUnknownError, UnexpectedResponseError, unexpected
from ._flow import CloseIdle, Flow, Reply, Request
from ._fork import import_before_fork
from ._retry import Repeat
from ._secrets import redacted
from ._shape import check_shape
from ._signed import SignedUrl, signed_url_from
from ._urls import is_task_id

if TYPE_CHECKING:
    from datetime import datetime

    from hubspot_files_api import models

    from ._http import Timeout
    from ._options import Target, UploadOptions
    from ._settings import Settings
    from ._source import Part

# Imported where they are used first, because they cost more to import than all the rest.
import_before_fork("hubspot_files_api")

__all__ = ["Access", "DuplicateScope", "DuplicateStrategy", "SignedUrlSize"]

T = TypeVar("T")
R = TypeVar("R")

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
            answer = read(request, exchange.read, reply)
        except UnexpectedResponseError as error:
            # It may be the response to another request: then the next one on that connection would be as well.
            yield CloseIdle()
            if exchange.repeat is Repeat.CREATES:
                raise OutcomeUnknownError(_retry.unknown(request, error)) from error
            if retries >= settings.max_retries:
                raise
            retries += 1
            # What was changed is changed: its record can be had without changing it again.
            exchange = exchange.instead or exchange
            failure = _retry.Failure("cut", all_sent=True)
            yield from _retry.pause_before_retry(settings, request.label, end, failure, retries, retries, error)
        else:
            if request.method != "GET" and isinstance(id := getattr(answer, "id", None), str):
                settings.shared.claims.note(id, reply.sent_at + reply.seconds)
            return answer, reply


def by_path(
    settings: Settings,
    exchange_of: Callable[..., Exchange[T]],
    path: str,
    timeout: Timeout,
    end: float | None = None,
) -> Flow[tuple[T, Reply]]:
    """As answered, for a path: a 404 is believed only where the form in which it was sent is one that HubSpot takes.

    HubSpot's own clients send a slash as `%2F`, its documentation as a slash, and an edge before it was seen to answer
    one of them 404 whatever the path. A success shows which form is taken, and from then on that one is sent.

    Args:
        settings: the client's.
        exchange_of: makes the request, with `quoted=True` for slashes as `%2F`.
        path: the path, without the slash that it begins with.
        timeout: that of each request.
        end: the monotonic clock at which all has to be over, or None.

    Raises:
        NotFoundError: nothing stands there.
        HubSpotFilesError: as answered.
    """
    shared = settings.shared
    if "/" not in path or shared.quoted_slashes is not None:
        return (yield from answered(settings, exchange_of(quoted=bool(shared.quoted_slashes)), timeout, end))
    if end is None:
        end = yield from _retry.end_of(settings)
    missing: NotFoundError | None = None
    found: tuple[T, Reply] | None = None
    for quoted in (False, True):
        try:
            found = yield from answered(settings, exchange_of(quoted=quoted), timeout, end)
        except NotFoundError as error:
            missing = missing or error
            continue
        # The 404 of a deletion that was retried counts as a success, and shows nothing of the form.
        if found[1].status != 404:
            shared.quoted_slashes = quoted
            break
    if found is None:
        assert missing is not None
        raise missing
    return found


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
        reason = f"the response lacks {error}"
    except (ValueError, RecursionError) as error:
        kind = reply.headers.get("content-type", "").partition(";")[0].strip() or "no content type"
        reason = f"the response ({len(reply.body)} bytes of {kind}) is not what the API describes: "
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
    *,
    file: models.File | None = None,
) -> Flow[SignedUrl]:
    """Ask for a signed URL, whose life depends on when it was answered.

    Args:
        settings: the client's.
        exchange: what to send.
        asked: the life in seconds that was asked for, or None.
        timeout: that of the call.
        file: the record of the file whose content is to be fetched, with which the response is compared, or None.

    Raises:
        UnexpectedResponseError: the answer says nothing of when it expires, and no life was asked for.
        HubSpotFilesError: as perform.
    """

    def of_the_file(fields: Any) -> models.SignedUrl:
        signed = given.read(fields)
        if file is not None and _is_of_another(signed, file):
            raise ValueError("it is the signed URL of another file, by its name or its size")
        return signed

    given, exchange = exchange, exchange._replace(read=of_the_file)
    # The answer itself is read again and not kept: a traceback with variables would show its URL.
    reply = (yield from answered(settings, exchange, timeout, end))[1]
    request = Request(exchange.operation, exchange.kwargs)
    return read(request, lambda fields: signed_url_from(exchange.read(fields), reply, asked=asked), reply)


def _is_of_another(signed: models.SignedUrl, file: models.File) -> bool:
    """Whether a signed URL cannot be that of a file. The response has no id."""
    if None not in (signed.size, file.size) and signed.size != file.size:
        return True
    # The MD5 of the content tells better, and does not change when the file is renamed meanwhile.
    if file.file_md5 or not file.name:
        return False
    return signed.name not in (None, file.name, f"{file.name}.{file.extension}")


def _nothing(_: Any) -> None:
    """The reader of an answer without content."""


def _reader(model: type[R], file_id: str | None = None) -> Callable[[Any], R]:
    """The reader of a response, which makes a model of it.

    Args:
        model: the generated class.
        file_id: the id of the file or the folder that was asked for, or None where HubSpot gives one.
    """

    def read(fields: Any) -> R:
        check_shape(fields, model)
        # HubSpot takes 007 for 7.
        if file_id is not None and fields["id"].lstrip("0") != file_id.lstrip("0"):
            raise ValueError(f"it is the record of {fields['id'][:40]!r}, and {file_id} was asked for")
        record: R = cast("Any", model).from_dict(fields)
        return record

    return read


def _task_reader(model: type[R], task_id: str) -> Callable[[Any], R]:
    """The reader of the state of a task."""

    def read(fields: Any) -> R:
        check_shape(fields, model)
        if fields["taskId"] != task_id:
            raise ValueError(f"it is the state of task {fields['taskId'][:40]!r}, and {task_id!r} was asked for")
        record: R = cast("Any", model).from_dict(fields)
        return record

    return read


def _locator(fields: Any) -> models.TaskLocator:
    """The reader of a task that was begun. Its id goes into a URL."""
    from hubspot_files_api.models import TaskLocator

    locator = _reader(TaskLocator)(fields)
    if not is_task_id(locator.id):
        raise ValueError(f"id is {locator.id[:40]!r}, not one of a task")
    return locator


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
        _reader(File),
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
    return Exchange("replaceFile", kwargs, Repeat.HARMLESS, _reader(File, file_id), part, get_file(file_id))


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

    kwargs = get_file._get_kwargs(file_id, properties=properties)
    return Exchange("getFile", kwargs, Repeat.HARMLESS, _reader(File, file_id))


def stat_path(path: str, *, properties: list[str] | None, quoted: bool) -> Exchange[models.FileStat]:
    from hubspot_files_api.api.files import stat_path
    from hubspot_files_api.models import FileStat

    kwargs = _with_slashes(stat_path._get_kwargs(path, properties=properties), path, quoted=quoted)

    def something(fields: Any) -> models.FileStat:
        stat = _reader(FileStat)(fields)
        if stat.file is None and stat.folder is None:
            raise ValueError("it holds neither a file nor a folder")
        return stat

    return Exchange("statPath", kwargs, Repeat.HARMLESS, something)


def _with_slashes(kwargs: dict[str, Any], path: str, *, quoted: bool) -> dict[str, Any]:
    """The arguments of a request whose URL ends in a path, with its slashes as `%2F` where they are to be quoted."""
    from hubspot_files_api.types import path_value

    if quoted:
        kwargs["url"] = kwargs["url"].removesuffix(path_value(path, keep_slashes=True)) + path_value(path)
    return kwargs


def search_files(**filters: Any) -> Exchange[models.FilePage]:
    from hubspot_files_api.api.files import search_files
    from hubspot_files_api.models import FilePage

    return Exchange("searchFiles", search_files._get_kwargs(**filters), Repeat.HARMLESS, _reader(FilePage))


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
    return Exchange("updateFile", kwargs, Repeat.HARMLESS, _reader(File, file_id), instead=get_file(file_id))


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
    return Exchange("getSignedUrl", kwargs, Repeat.HARMLESS, _reader(SignedUrl))


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
        _locator,
    )


def get_import_task(task_id: str) -> Exchange[models.ImportTask]:
    from hubspot_files_api.api.files import get_import_task
    from hubspot_files_api.models import ImportTask

    kwargs = get_import_task._get_kwargs(task_id)
    return Exchange("getImportTask", kwargs, Repeat.HARMLESS, _task_reader(ImportTask, task_id))


def create_folder(name: str, parent: Target) -> Exchange[models.Folder]:
    from hubspot_files_api.api.folders import create_folder
    from hubspot_files_api.models import Folder, FolderCreate

    body = FolderCreate(name=name, parent_folder_id=parent.folder_id, parent_path=parent.folder_path)
    return Exchange("createFolder", create_folder._get_kwargs(body=body), Repeat.CREATES, _reader(Folder))


def get_folder(folder_id: str, *, properties: list[str] | None = None) -> Exchange[models.Folder]:
    from hubspot_files_api.api.folders import get_folder
    from hubspot_files_api.models import Folder

    kwargs = get_folder._get_kwargs(folder_id, properties=properties)
    return Exchange("getFolder", kwargs, Repeat.HARMLESS, _reader(Folder, folder_id))


def get_folder_by_path(path: str, *, properties: list[str] | None, quoted: bool) -> Exchange[models.Folder]:
    from hubspot_files_api.api.folders import get_folder_by_path
    from hubspot_files_api.models import Folder

    kwargs = _with_slashes(get_folder_by_path._get_kwargs(path, properties=properties), path, quoted=quoted)
    return Exchange("getFolderByPath", kwargs, Repeat.HARMLESS, _reader(Folder))


def search_folders(**filters: Any) -> Exchange[models.FolderPage]:
    from hubspot_files_api.api.folders import search_folders
    from hubspot_files_api.models import FolderPage

    return Exchange("searchFolders", search_folders._get_kwargs(**filters), Repeat.HARMLESS, _reader(FolderPage))


def update_folder(folder_id: str, *, name: str | None, parent_folder_id: int | None) -> Exchange[models.Folder]:
    from hubspot_files_api.api.folders import update_folder
    from hubspot_files_api.models import Folder, FolderUpdate

    body = FolderUpdate(name=name, parent_folder_id=parent_folder_id)
    kwargs = update_folder._get_kwargs(folder_id, body=body)
    return Exchange("updateFolder", kwargs, Repeat.HARMLESS, _reader(Folder, folder_id), instead=get_folder(folder_id))


def update_folder_recursively(
    folder_id: str, *, name: str | None, parent_folder_id: int | None
) -> Exchange[models.TaskLocator]:
    from hubspot_files_api.api.folders import update_folder_recursively
    from hubspot_files_api.models import FolderRecursiveUpdate

    body = FolderRecursiveUpdate(id=folder_id, name=name, parent_folder_id=parent_folder_id)
    kwargs = update_folder_recursively._get_kwargs(body=body)
    return Exchange("updateFolderRecursively", kwargs, Repeat.HARMLESS, _locator)


def get_folder_update_task(task_id: str) -> Exchange[models.FolderUpdateTask]:
    from hubspot_files_api.api.folders import get_folder_update_task
    from hubspot_files_api.models import FolderUpdateTask

    kwargs = get_folder_update_task._get_kwargs(task_id)
    return Exchange("getFolderUpdateTask", kwargs, Repeat.HARMLESS, _task_reader(FolderUpdateTask, task_id))


def delete_folder(folder_id: str) -> Exchange[None]:
    from hubspot_files_api.api.folders import delete_folder

    return Exchange("deleteFolder", delete_folder._get_kwargs(folder_id), Repeat.DELETES, _nothing)


def delete_folder_by_path(path: str, *, quoted: bool) -> Exchange[None]:
    from hubspot_files_api.api.folders import delete_folder_by_path

    kwargs = _with_slashes(delete_folder_by_path._get_kwargs(path), path, quoted=quoted)
    return Exchange("deleteFolderByPath", kwargs, Repeat.DELETES, _nothing)
