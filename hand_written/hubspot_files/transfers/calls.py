"""The operations that transfers are made of, as flows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from .._content.source import Readable
from .._engine.effects import Flow
from .._engine.settings import Settings
from .._errors import NotFoundError
from .._operations.enums import Access
from ..resources.file_records import FileRecords
from ..resources.file_uploads import FileUploads
from ..resources.folder_records import FolderOperations
from ..resources.search_query import Page

if TYPE_CHECKING:
    from hubspot_files_api.models import File, FileStat, Folder


class Calls:
    """The operations on files and folders, without a driver.

    Args:
        settings: settings of the client.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._records = FileRecords(settings)
        self._uploads = FileUploads(settings)
        self._folders = FolderOperations(settings)

    def get(self, file_id: str) -> Flow[File | None]:
        """Return the record of a file, or None if it does not exist."""
        try:
            return (yield from FileRecords.get(self._records, file_id))
        except NotFoundError:
            return None

    def stat(self, path: str) -> Flow[FileStat | None]:
        """Return the record of the file or folder at a path, or None if nothing is there."""
        try:
            return (yield from self.existing(path))
        except NotFoundError:
            return None

    def existing(self, path: str) -> Flow[FileStat]:
        """Return the record of the file or folder at a path, which must exist."""
        return FileRecords.stat(self._records, path)

    def upload(
        self, source: Readable, *, name: str, folder_path: str, access: str, overwrite: bool | None = None
    ) -> Flow[File]:
        """Store a new file."""
        return FileUploads.upload(
            self._uploads, source, name=name, folder_path=folder_path, access=Access(access), overwrite=overwrite
        )

    def replace(self, file_id: str, source: Readable, *, name: str, access: str) -> Flow[File]:
        """Store new content in a file."""
        return FileUploads.replace(self._uploads, file_id, source, name=name, access=Access(access))

    def delete(self, file_id: str, *, gdpr: bool = False) -> Flow[None]:
        """Delete or erase a file. One that is gone is no error."""
        delete = FileRecords.gdpr_delete if gdpr else FileRecords.delete
        try:
            yield from delete(self._records, file_id)
        except NotFoundError:
            return

    def create_folder(self, name: str, parent_path: str) -> Flow[Folder]:
        """Create a folder in one that exists."""
        return FolderOperations.create(self._folders, name, parent_path=parent_path)

    def folders(self, parent_ids: Sequence[str] | None) -> Iterator[Flow[Page[Folder]]]:
        """Iterate over the pages of the folders in some folders, or of all folders."""
        return FolderOperations.search(self._folders, parent_folder_ids=parent_ids, beyond_limit=True).pages()

    def files(self, parent_ids: Sequence[str] | None) -> Iterator[Flow[Page[File]]]:
        """Iterate over the pages of the files in some folders, or of all files."""
        return FileRecords.search(self._records, parent_folder_ids=parent_ids, beyond_limit=True).pages()


def record_of(
    file_id: str,
    *,
    path: str,
    size: int | None,
    md5: str | None,
    access: str | None,
    url: str | None,
    at: datetime,
) -> File:
    """Return the record of a file from its entry in a plan, for its download."""
    from hubspot_files_api.models import File

    level = None if access is None else Access(access)
    return File(
        archived=False,
        created_at=at,
        updated_at=at,
        id=file_id,
        path=path,
        size=size,
        file_md5=md5,
        access=level,
        url=url,
    )
