"""Content that is stored at the path of a file, while other programs may change what is there."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import IO, TYPE_CHECKING, Generic, TypeVar

from hubspot_files_api.models import File

from .._content.file_record import is_folder
from .._engine.effects import Flow
from .._engine.settings import Settings
from .._errors import HubSpotFilesError, NameChangedError, NotFoundError, PathTakenError
from .._http.timeouts import Timeout
from .._operations.enums import Access, stated_access
from .._operations.lookup import same_path
from .file_records import FileRecords
from .file_uploads import FileUploads

if TYPE_CHECKING:
    from hubspot_files_api.models import Folder

    from .._content.source import Progress

S = TypeVar("S", bound="bytes | Path | IO[bytes]")

_ATTEMPTS = 3


class NewContent(Generic[S]):
    """New content of a file: of one that exists, which keeps its id, or of a new one.

    Args:
        settings: settings of the client.
        target: record of the file that gets the content, or the valid path of a file that may exist.
        source: the content. A stream is sent from its beginning.
        exclusive: whether the path must be free.
        access: access level, or None for that of the file, and PRIVATE for a new one.
        on_progress, timeout: see `files.upload`.

    Attributes:
        name: path of the file.
        source: the argument.
    """

    def __init__(
        self,
        settings: Settings,
        target: File | str,
        source: S,
        *,
        exclusive: bool,
        access: Access | None,
        on_progress: Progress | None = None,
        timeout: Timeout = None,
    ) -> None:
        self.name: str = target if isinstance(target, str) else target.path or target.id
        self.source = source
        self._records = FileRecords(settings)
        self._uploads = FileUploads(settings)
        self._target = target
        self._exclusive = exclusive
        self._access = access
        self._on_progress = on_progress
        self._timeout = timeout

    def find(self) -> Flow[File | Folder | None]:
        """Return the file or the folder at the path, or None if the path is free.

        Raises:
            HubSpotFilesError: see `files.stat`.
        """
        if not isinstance(self._target, str):
            return self._target
        try:
            stat = yield from FileRecords.stat(self._records, self.name, timeout=self._timeout)
        except NotFoundError:
            return None
        return stat.file or stat.folder

    def check(self, there: File | Folder | None) -> File | None:
        """Return the file at the path, or None if the path is free.

        Raises:
            PathTakenError: there is a file, and the path must be free.
            PathIsFolderError: there is a folder.
        """
        if there is not None and not isinstance(there, File):
            raise is_folder(self.name)
        if there is not None and self._exclusive:
            raise PathTakenError(errno.EEXIST, "it exists on HubSpot, and must not be replaced", self.name)
        return there

    def find_and_store(self) -> Flow[File]:
        """Store the content; see `find` and `store`."""
        return (yield from self.store((yield from self.find())))

    def store(self, there: File | Folder | None) -> Flow[File]:
        """Store the content.

        Args:
            there: see `find`. Other programs may have changed it since.

        Raises:
            PathTakenError: see `check`, or with EBUSY: other programs create and delete the file all the time.
            PathIsFolderError: see `check`.
            NameChangedError: HubSpot changes the name.
            TypeError: HubSpot did not state the access of the file, and none was passed.
            HubSpotFilesError: see `files.upload` and `files.replace`.
        """
        for _ in range(_ATTEMPTS):
            file = self.check(there)
            if not isinstance(self.source, bytes | Path):
                self.source.seek(0)
            if file is not None:
                try:
                    return (yield from self._replace(file))
                except NotFoundError:
                    if not isinstance(self._target, str):
                        raise
                there = yield from self.find()
            else:
                file = yield from self._upload()
                there = None if same_path(str(file.path), self.name) else (yield from self._other(file))
                if there is None:
                    return file
        reason = "it is created and deleted by others all the time; nothing is stored"
        raise PathTakenError(errno.EBUSY, reason, self.name)

    def _replace(self, file: File) -> Flow[File]:
        return FileUploads.replace(
            self._uploads,
            file,
            self.source,
            access=self._access or stated_access(file),
            name=self.name.rpartition("/")[2],
            on_progress=self._on_progress,
            timeout=self._timeout,
        )

    def _upload(self) -> Flow[File]:
        folder, _, name = self.name.rpartition("/")
        return FileUploads.upload(
            self._uploads,
            self.source,
            access=self._access or Access.PRIVATE,
            folder_path=folder or "/",
            name=name,
            on_progress=self._on_progress,
            timeout=self._timeout,
        )

    def _other(self, stored: File) -> Flow[File | Folder | None]:
        """Return what is at the path instead of the new file, and delete that. None is the new file.

        Raises:
            NameChangedError: the path is free.
            HubSpotFilesError: see `files.stat` and `files.delete`. A note names the new file.
        """
        try:
            there = yield from self.find()
            if there is not None and there.id == stored.id:
                return None
            # HubSpot gives a file another name if its own is taken, or not allowed.
            yield from FileRecords.delete(self._records, stored, timeout=self._timeout)
        except HubSpotFilesError as error:
            error.add_note(f"The content is stored as {stored.path} (id {stored.id}). Delete that file.")
            raise
        if there is None:
            raise NameChangedError(f"HubSpot would store {self.name} as {stored.path}; choose another name")
        return there
