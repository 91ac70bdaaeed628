"""Application of planned changes of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._engine.context import start_call
from .._engine.effects import Flow
from .._engine.methods import operation
from .._errors import FileChangedError, NotFoundError
from .._operations import file_calls
from .._operations.prepared_call import perform
from .base import Operations

if TYPE_CHECKING:
    from .._http.timeouts import Timeout
    from .changes import PlannedChange


class FileChanges(Operations):
    """Apply planned changes."""

    @operation
    def apply(self, change: PlannedChange, *, timeout: Timeout = None) -> Flow[bool]:
        """Apply a planned change, if the file was not changed since it was planned. It takes two requests.

        Args:
            change: a change of a ChangePlan.
            timeout: see `upload`.

        Returns:
            True, or False if there was nothing to do: the access level is as planned, or the file is already deleted.

        Raises:
            FileChangedError: the file was changed since then. Nothing was changed now.
            NotFoundError: there is no such file, and the change is of its access level.
        """
        context = yield from start_call(self._settings, timeout)
        try:
            file = yield from perform(context, file_calls.get_file(self._version, change.file_id))
        except NotFoundError:
            if change.action == "set_access":
                raise
            return False
        if change.action == "set_access" and file.access == change.access:
            return False
        if file.updated_at is None or change.updated_at is None:
            raise FileChangedError(
                f"file {file.id} may have been changed after the plan was made: its record does not say when it was "
                "changed last. Look at it, and change it without a plan."
            )
        if (file.updated_at, file.path) != (change.updated_at, change.path):
            raise FileChangedError(
                f"file {file.id} was changed at {file.updated_at.isoformat(timespec='seconds')}, after the plan was "
                "made. Look at it, and make a new plan."
            )
        if change.action == "set_access":
            assert change.access is not None
            yield from perform(context, file_calls.update_file(self._version, file.id, access=change.access))
        elif change.action == "delete":
            yield from perform(context, file_calls.delete_file(self._version, file.id))
        else:
            yield from perform(context, file_calls.gdpr_delete_file(self._version, file.id))
        return True
