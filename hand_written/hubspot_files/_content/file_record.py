"""The record of a file whose content is fetched, which may be out of date."""

from __future__ import annotations

import errno
import functools
from typing import TYPE_CHECKING

from .._engine.context import CallContext
from .._engine.effects import Flow
from .._errors import PathIsFolderError
from .._operations import file_calls
from .._operations.ids import file_reference, id_of_file
from .._operations.prepared_call import perform, perform_by_path

if TYPE_CHECKING:
    from hubspot_files_api import models


class FileRecord:
    """The record of a file whose content is fetched.

    Args:
        context: context of the call.
        file: the record.
        fresh: whether this call has fetched it. Another one may be out of date.

    Attributes:
        file, fresh: the arguments.
    """

    def __init__(self, context: CallContext, file: models.File, *, fresh: bool) -> None:
        self.file: models.File = file
        self.fresh: bool = fresh
        self._context = context

    def refresh(self) -> Flow[None]:
        """Fetch the record.

        Raises:
            HubSpotFilesError: see `perform`.
        """
        self.file = yield from perform(
            self._context, file_calls.get_file(self._context.settings.api_version, id_of_file(self.file))
        )
        self.fresh = True


def find_record(context: CallContext, file: models.File | str | int) -> Flow[FileRecord]:
    """Return the record of a file. One that the caller has is used if the content can be verified by it.

    Args:
        context: context of the call.
        file: the record, its id, or the path of the file, which begins with a slash.

    Raises:
        PathIsFolderError: there is a folder at the path.
        HubSpotFilesError: see `perform`.
    """
    if not isinstance(file, str | int) and file.size is not None and file.file_md5:
        return FileRecord(context, file, fresh=False)
    reference = file_reference(file)
    if reference.startswith("/"):
        return FileRecord(context, (yield from _find_by_path(context, reference)), fresh=True)
    call = file_calls.get_file(context.settings.api_version, reference)
    return FileRecord(context, (yield from perform(context, call)), fresh=True)


def find_id(context: CallContext, reference: str) -> Flow[str]:
    """Return the id of a file that is named by its id, or by its path, which is looked up.

    Raises:
        PathIsFolderError: there is a folder at the path.
        HubSpotFilesError: see `perform`.
    """
    return (yield from _find_by_path(context, reference)).id if reference.startswith("/") else reference


def _find_by_path(context: CallContext, path: str) -> Flow[models.File]:
    place = path.removeprefix("/")
    call_for = functools.partial(file_calls.stat_path, context.settings.api_version, place, properties=None)
    stat, _ = yield from perform_by_path(context, call_for, place)
    return file_of(stat, path)


def file_of(stat: models.FileStat, path: str) -> models.File:
    """Return the record of the file at a path.

    Raises:
        PathIsFolderError: there is a folder at the path.
    """
    if stat.file is None:
        raise is_folder(path)
    return stat.file


def is_folder(path: str) -> PathIsFolderError:
    """Return the error for the path of a folder where a file is wanted."""
    return PathIsFolderError(errno.EISDIR, "it is a folder on HubSpot; pass the path of a file", path)
