"""Calls of the API for files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, cast

from hubspot_files_api.models.access import Access
from hubspot_files_api.models.duplicate_strategy import DuplicateStrategy
from hubspot_files_api.models.signed_url_size import SignedUrlSize

from .._engine.retry_policy import Repeat
from .._fork import import_before_fork
from .prepared_call import Exchange
from .readers import _locator, _nothing, _reader, _task_reader

if TYPE_CHECKING:
    from datetime import datetime

    from hubspot_files_api import models

    from .._content.upload_body import Part
    from .options import Target, UploadOptions


# Imported where they are used first, because they cost more to import than all the rest.
import_before_fork("hubspot_files_api")
_PARTS = ("folderId", "folderPath", "fileName", "charsetHunch", "options", "file")
FILE_NEEDS = ("id", "access", "createdAt", "updatedAt", "archived")
"""The properties without which the generated File cannot be read."""


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
