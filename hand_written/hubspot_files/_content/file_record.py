"""The record of a file whose content is fetched, which may be out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._engine.context import CallContext
from .._engine.effects import Flow
from .._operations import file_calls
from .._operations.ids import id_of_file
from .._operations.prepared_call import perform

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

    Raises:
        HubSpotFilesError: see `perform`.
    """
    if not isinstance(file, str | int) and file.size is not None and file.file_md5:
        return FileRecord(context, file, fresh=False)
    call = file_calls.get_file(context.settings.api_version, id_of_file(file))
    return FileRecord(context, (yield from perform(context, call)), fresh=True)
