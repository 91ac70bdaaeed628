"""Content of a file that is open for writing, in a temporary file until it is stored."""

from __future__ import annotations

import errno
from typing import IO, TYPE_CHECKING

from .._content.file_record import file_of
from .._content.source_opener import new_copy
from .._engine.effects import Flow
from .._engine.settings import Settings
from .._errors import ArgumentTypeError, ArgumentValueError, HubSpotFilesError, NotFoundError, PathTakenError
from .._http.timeouts import Timeout
from .._operations.enums import Access
from .._operations.lookup import has_path
from .._validation import absolute_path, file_name
from .file_records import FileRecords
from .file_uploads import FileUploads

if TYPE_CHECKING:
    from hubspot_files_api.models import File

_ATTEMPTS = 3


class NewContent:
    """Content that is written before it is stored.

    Args:
        settings: settings of the client.
        target: record of the file that gets the content, or the path of a file that may exist.
        exclusive: whether the path must be free.
        access: access level, or None for that of the file, and PRIVATE for a new one.
        timeout: timeout of each step of a connection, or None for the client's.

    Raises:
        TypeError, ValueError: the path is not valid.

    Attributes:
        spool: the temporary file, in memory while it is small and on disk above.
        name: path of the file.
    """

    def __init__(
        self, settings: Settings, target: File | str, *, exclusive: bool, access: Access | None, timeout: Timeout
    ) -> None:
        self._records = FileRecords(settings)
        self._uploads = FileUploads(settings)
        self._target = target
        self._exclusive = exclusive
        self._access = access
        self._timeout = timeout
        self.name: str = (target.path or target.id) if not isinstance(target, str) else absolute_path(target, "file")
        folder, _, name = self.name.rpartition("/")
        self._folder, self._name = folder or "/", name
        if isinstance(target, str):
            file_name(name)
        self.spool: IO[bytes] = new_copy()

    def check_target(self) -> Flow[File | None]:
        """Return the file at the path, or None if the path is free.

        Raises:
            PathTakenError: there is a file, and the path must be free.
            PathIsFolderError: there is a folder.
            HubSpotFilesError: see `files.stat`.
        """
        if not isinstance(self._target, str):
            return self._target
        try:
            stat = yield from FileRecords.stat(self._records, self.name, timeout=self._timeout)
        except NotFoundError:
            return None
        file = file_of(stat, self.name)
        if self._exclusive:
            raise self._taken("it exists on HubSpot; the mode 'wb' replaces its content")
        return file

    def store(self) -> Flow[File]:
        """Store the content: in the file at the path, which keeps its id, or in a new one.

        Raises:
            PathTakenError, PathIsFolderError: see `check_target`.
            TypeError: HubSpot did not state the access of the file, and none was passed.
            ValueError: HubSpot changes the name.
            HubSpotFilesError: see `files.upload` and `files.replace`.
        """
        for _ in range(_ATTEMPTS):
            file = yield from self.check_target()
            self.spool.seek(0)
            stored = yield from (self._upload() if file is None else self._replace(file))
            if stored is not None:
                return stored
        raise self._taken("it is created and deleted by others all the time; nothing is stored")

    def _taken(self, reason: str) -> PathTakenError:
        return PathTakenError(errno.EEXIST, reason, self.name)

    def _upload(self) -> Flow[File | None]:
        """Store a new file. Return None if another one got the path meanwhile.

        Raises:
            ValueError: HubSpot changes the name.
        """
        file = yield from FileUploads.upload(
            self._uploads,
            self.spool,
            access=self._access or Access.PRIVATE,
            folder_path=self._folder,
            name=self._name,
            timeout=self._timeout,
        )
        if has_path(file, self.name.removeprefix("/")):
            return file
        # HubSpot gives a file another name if its own is taken, or not allowed.
        try:
            there = yield from self.check_target()
            if there is not None and there.id == file.id:
                return file
        except PathTakenError:
            yield from self._delete(file)
            raise
        yield from self._delete(file)
        if there is None:
            raise ArgumentValueError(f"HubSpot would store {self.name} as {file.path}; choose another name")
        return None

    def _replace(self, file: File) -> Flow[File | None]:
        """Replace the content of a file. Return None if it was deleted meanwhile, and named by its path."""
        level = self._access or file.access
        if level is None:
            raise ArgumentTypeError(f"HubSpot does not state the access of {self.name}; pass access= to files.open")
        try:
            return (
                yield from FileUploads.replace(
                    self._uploads, file, self.spool, access=level, name=self._name, timeout=self._timeout
                )
            )
        except NotFoundError:
            if not isinstance(self._target, str):
                raise
            return None

    def _delete(self, file: File) -> Flow[None]:
        try:
            yield from FileRecords.delete(self._records, file, timeout=self._timeout)
        except HubSpotFilesError as error:
            error.add_note(f"The content is stored as {file.path} (id {file.id}). Delete that file.")
            raise
