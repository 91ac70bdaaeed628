"""Calls of the API for files.

If the generated client changes a path, the prepared requests follow. If it changes a name or a type, type checkers
report an error here and in `folder_calls`, except for the filters of searches, which the tests check.
"""

# The generated client's `_get_kwargs` have private names, but are its interface for layers above it.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, cast

from hubspot_files_api.models.access import Access
from hubspot_files_api.models.duplicate_strategy import DuplicateStrategy
from hubspot_files_api.models.signed_url_size import SignedUrlSize

from .._engine.retry_policy import Idempotency
from .._fork import import_before_fork
from .._http.messages import ReplayableBody
from .prepared_call import PreparedCall
from .readers import SearchPage, page_reader, read_locator, read_nothing, record_reader, task_reader
from .versions import in_version

if TYPE_CHECKING:
    from datetime import datetime

    from hubspot_files_api import models

    from .options import Target, UploadOptions


# The operations and models are imported on first use, because that takes longer than importing all the rest.
import_before_fork("hubspot_files_api", "hubspot_files._operations")

FILE_NEEDS = ("id", "access", "createdAt", "updatedAt", "archived")
"""Properties that the generated File requires, and the access, which decides how the content is fetched."""

_UPLOAD_ADVICE = (
    "Look with files.stat at its path, and with files.search for its file_md5, because HubSpot may have given it "
    "another name, before uploading it again. If one file of the same content per folder is enough, "
    "duplicates=DuplicateCheck('RETURN_EXISTING', 'EXACT_FOLDER') makes an upload idempotent."
)
_IMPORT_ADVICE = (
    "Look with files.stat at its path, once HubSpot has had time to fetch it, before importing it again. If one file "
    "of the same content per folder is enough, duplicates=DuplicateCheck('RETURN_EXISTING', 'EXACT_FOLDER') makes an "
    "import idempotent."
)
_OVERWRITE_ADVICE = (
    "Repeating the call is safe: with overwrite=True, one file of this name remains, that of the last call with its id."
)
# The order of HubSpot's own clients: a server can refuse an upload before it has read the file.
_PARTS = ("folderId", "folderPath", "fileName", "charsetHunch", "options", "file")


def upload_file(
    version: str,
    content: ReplayableBody,
    options: UploadOptions,
    target: Target,
    *,
    charset_hunch: str | None,
) -> PreparedCall[models.File]:
    from hubspot_files_api.api.files import upload_file
    from hubspot_files_api.models import File, FileUpload, FileUploadOptions

    body = FileUpload(
        folder_id=target.folder_id,
        folder_path=target.folder_path,
        # Always sent, because the file name of a part cannot represent all names.
        file_name=content.name,
        charset_hunch=charset_hunch,
        options=FileUploadOptions(**options.fields()),
        file=_file(content),
    )
    return PreparedCall(
        version,
        "uploadFile",
        _file_last(upload_file._get_kwargs(body=body)),
        _idempotency(options),
        record_reader(File),
        content,
        advice=_OVERWRITE_ADVICE if options.overwrite else _UPLOAD_ADVICE,
    )


def replace_file(
    version: str,
    file_id: str,
    content: ReplayableBody,
    *,
    access: Access,
    expires_at: datetime | None,
    charset_hunch: str | None,
) -> PreparedCall[models.File]:
    from hubspot_files_api.api.files import replace_file
    from hubspot_files_api.models import File, FileReplacement, FileReplaceOptions

    body = FileReplacement(
        charset_hunch=charset_hunch,
        options=FileReplaceOptions(access=access, expires_at=expires_at),
        file=_file(content),
    )
    kwargs = _file_last(replace_file._get_kwargs(file_id, body=body))
    return PreparedCall(
        version,
        "replaceFile",
        kwargs,
        Idempotency.IDEMPOTENT,
        record_reader(File, file_id),
        content,
        get_file(version, file_id),
    )


def _idempotency(options: UploadOptions) -> Idempotency:
    # If the same content exists, HubSpot returns the stored file: a retry does not store it twice.
    duplicates = options.duplicates
    returns_existing = duplicates is not None and duplicates.strategy is DuplicateStrategy.RETURN_EXISTING
    return Idempotency.IDEMPOTENT if returns_existing else Idempotency.NOT_IDEMPOTENT


def _file(content: ReplayableBody) -> Any:
    from hubspot_files_api.types import File

    # HubSpot uses only its extension. A % cannot be escaped: servers decode %22 to a quotation mark and %0A to a line
    # end.
    file_name = content.name.replace("%", "_")
    # It has the methods of a binary file that httpx calls: read, seek and tell.
    return File(payload=cast("BinaryIO", content), file_name=file_name, mime_type=content.content_type)


def _file_last(kwargs: dict[str, Any]) -> dict[str, Any]:
    kwargs["files"].sort(key=lambda part: _PARTS.index(part[0]))
    return kwargs


def get_file(version: str, file_id: str, *, properties: list[str] | None = None) -> PreparedCall[models.File]:
    from hubspot_files_api.api.files import get_file
    from hubspot_files_api.models import File

    kwargs = get_file._get_kwargs(file_id, properties=properties)
    return PreparedCall(version, "getFile", kwargs, Idempotency.IDEMPOTENT, record_reader(File, file_id))


def stat_path(version: str, path: str, *, properties: list[str] | None, quoted: bool) -> PreparedCall[models.FileStat]:
    from hubspot_files_api.api.files import stat_path
    from hubspot_files_api.models import FileStat

    kwargs = with_slashes(stat_path._get_kwargs(path, properties=properties), path, quoted=quoted)

    def either(fields: Any) -> models.FileStat:
        stat = record_reader(FileStat)(fields)
        if stat.file is None and stat.folder is None:
            raise ValueError("it contains neither a file nor a folder")
        return stat

    return PreparedCall(version, "statPath", kwargs, Idempotency.IDEMPOTENT, either)


def with_slashes(kwargs: dict[str, Any], path: str, *, quoted: bool) -> dict[str, Any]:
    """Return the arguments of a request whose URL ends in a path, with the slashes of the path as `%2F` if quoted."""
    from hubspot_files_api.types import path_value

    if quoted:
        kwargs["url"] = kwargs["url"].removesuffix(path_value(path, keep_slashes=True)) + path_value(path)
    return kwargs


def search_files(version: str, **filters: Any) -> PreparedCall[SearchPage]:
    from hubspot_files_api.api.files import search_files
    from hubspot_files_api.models import File, FilePage

    kwargs = search_files._get_kwargs(**filters)
    return PreparedCall(version, "searchFiles", kwargs, Idempotency.IDEMPOTENT, page_reader(FilePage, File))


def update_file(
    version: str,
    file_id: str,
    *,
    name: str | None = None,
    access: Access | None = None,
    parent_folder_id: str | None = None,
    parent_folder_path: str | None = None,
    expires_at: datetime | None = None,
    clear_expires: bool | None = None,
    is_usable_in_content: bool | None = None,
) -> PreparedCall[models.File]:
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
    return PreparedCall(
        version,
        "updateFile",
        kwargs,
        Idempotency.IDEMPOTENT,
        record_reader(File, file_id),
        reread=get_file(version, file_id),
    )


def delete_file(version: str, file_id: str) -> PreparedCall[None]:
    from hubspot_files_api.api.files import delete_file

    return PreparedCall(
        version, "deleteFile", delete_file._get_kwargs(file_id), Idempotency.IDEMPOTENT_DELETE, read_nothing
    )


def gdpr_delete_file(version: str, file_id: str) -> PreparedCall[None]:
    from hubspot_files_api.api.files import gdpr_delete_file

    return PreparedCall(
        version, "gdprDeleteFile", gdpr_delete_file._get_kwargs(file_id), Idempotency.IDEMPOTENT_DELETE, read_nothing
    )


def get_signed_url(
    version: str,
    file_id: str,
    *,
    size: SignedUrlSize | None,
    upscale: bool | None,
    expiration_seconds: int | None,
    properties: list[str] | None,
) -> PreparedCall[models.SignedUrl]:
    from hubspot_files_api.api.files import get_signed_url
    from hubspot_files_api.models import SignedUrl

    kwargs = get_signed_url._get_kwargs(
        file_id, size=size, upscale=upscale, expiration_seconds=expiration_seconds, property_=properties
    )
    return PreparedCall(version, "getSignedUrl", kwargs, Idempotency.IDEMPOTENT, record_reader(SignedUrl))


def download_url(version: str, file_id: str) -> str:
    """Return the path from which the API serves a file's content itself.

    A version without this operation has the way round that HubSpot's guide names, the path of another version.
    """
    from hubspot_files_api.api.files import download_file

    return str(in_version(version, "downloadFile", download_file._get_kwargs(file_id))["url"])


def import_file(
    version: str, url: str, options: UploadOptions, target: Target, *, name: str | None, expires_at: datetime | None
) -> PreparedCall[models.TaskLocator]:
    from hubspot_files_api.api.files import import_file_from_url
    from hubspot_files_api.models import FileImport

    body = FileImport(
        url=url,
        folder_id=target.folder_id,
        folder_path=target.folder_path,
        name=name,
        expires_at=expires_at,
        **options.fields(),
    )
    return PreparedCall(
        version,
        "importFileFromUrl",
        import_file_from_url._get_kwargs(body=body),
        _idempotency(options),
        read_locator,
        advice=_OVERWRITE_ADVICE if options.overwrite else _IMPORT_ADVICE,
    )


def get_import_task(version: str, task_id: str) -> PreparedCall[models.ImportTask]:
    from hubspot_files_api.api.files import get_import_task
    from hubspot_files_api.models import ImportTask

    kwargs = get_import_task._get_kwargs(task_id)
    return PreparedCall(version, "getImportTask", kwargs, Idempotency.IDEMPOTENT, task_reader(ImportTask, task_id))
