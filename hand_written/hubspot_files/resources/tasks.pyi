# Written by tools/write_stubs.py, from the flows of the base classes. Run it again instead of editing this file.
# Methods return the results of the flows that they override.
# mypy: disable-error-code="override"
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Generic, NamedTuple, Self, TypeVar

from hubspot_files_api import models

from .._engine.effects import AsyncDriver, Driver, Flow
from .._engine.methods import AsyncResource, F, SyncResource
from .._engine.settings import Settings
from .._errors import HubSpotFilesError
from .._operations.prepared_call import PreparedCall

T = TypeVar("T")
E = TypeVar("E", bound=HubSpotFilesError)

class TaskSpec(NamedTuple, Generic[T]):
    """The parts of a task that are the same for both clients.

    Attributes:
        id: id of the task.
        settings: settings of the client.
        call_for: prepares the call for the state of a task, from the version of the API and the id.
        fallback: prepares the call for the result, for a state without one, or None.
        is_changed: whether a record has the values that the task was started for, or None.
    """

    id: str
    settings: Settings
    call_for: Callable[[str, str], PreparedCall[Any]]
    fallback: Callable[[], PreparedCall[T]] | None = None
    is_changed: Callable[[T], bool] | None = None

class TaskOperations(Generic[T]):
    """The operations of a task, for both clients."""

    id: str
    state: models.ImportTask | models.FolderUpdateTask | None

    def __init__(self, spec: TaskSpec[T]) -> None: ...
    def __repr__(self) -> str: ...
    def refresh(self) -> Flow[models.ImportTask | models.FolderUpdateTask]:
        """Request the state of the task, and store it as `state`.

        Returns:
            The state. Its `status` is PENDING, PROCESSING, CANCELED or COMPLETE, or None if HubSpot sent only the time
            of completion. Its `result` is set once the task has completed.

        Raises:
            NotFoundError: there is no such task, or it no longer exists.
            HubSpotFilesError: the request failed.
        """

    def wait(
        self,
        *,
        deadline: float | timedelta | None = None,
        on_poll: Callable[[models.ImportTask | models.FolderUpdateTask], object] | None = None,
    ) -> Flow[T]:
        """Poll the task at increasing intervals until it has ended.

        Args:
            deadline: maximum time to wait, in seconds or as a timedelta. None waits until the task ends.
            on_poll: called with each state.

        Returns:
            The imported File, or the updated Folder. If HubSpot still shows the folder as it was before, it is
            requested again for up to 30 seconds or until the deadline, and then returned as HubSpot shows it.

        Raises:
            TaskFailedError: the task was canceled, or ended with errors; `reasons` holds HubSpot's messages.
            TaskTimeoutError: the task did not end before the deadline. To continue, call `wait` of the error's `task`.
            ValueError: deadline is negative.
            TypeError: deadline is neither a number nor a timedelta.
            HubSpotFilesError: a request failed.
        """

class Task(TaskOperations[T], SyncResource):
    """A task of HubSpotFiles.

    Attributes:
        id: id of the task, for `files.get_import_task` or `folders.get_update_task` in another process.
        state: the last state that was requested, or None.
    """

    def __init__(self, driver: Driver, spec: TaskSpec[T]) -> None: ...
    def refresh(self) -> models.ImportTask | models.FolderUpdateTask:
        """Request the state of the task, and store it as `state`.

        Returns:
            The state. Its `status` is PENDING, PROCESSING, CANCELED or COMPLETE, or None if HubSpot sent only the time
            of completion. Its `result` is set once the task has completed.

        Raises:
            NotFoundError: there is no such task, or it no longer exists.
            HubSpotFilesError: the request failed.
        """

    def wait(
        self,
        *,
        deadline: float | timedelta | None = None,
        on_poll: Callable[[models.ImportTask | models.FolderUpdateTask], object] | None = None,
    ) -> T:
        """Poll the task at increasing intervals until it has ended.

        Args:
            deadline: maximum time to wait, in seconds or as a timedelta. None waits until the task ends.
            on_poll: called with each state.

        Returns:
            The imported File, or the updated Folder. If HubSpot still shows the folder as it was before, it is
            requested again for up to 30 seconds or until the deadline, and then returned as HubSpot shows it.

        Raises:
            TaskFailedError: the task was canceled, or ended with errors; `reasons` holds HubSpot's messages.
            TaskTimeoutError: the task did not end before the deadline. To continue, call `wait` of the error's `task`.
            ValueError: deadline is negative.
            TypeError: deadline is neither a number nor a timedelta.
            HubSpotFilesError: a request failed.
        """

class AsyncTask(TaskOperations[T], AsyncResource):
    """A task of AsyncHubSpotFiles.

    Attributes:
        id: id of the task, for `files.get_import_task` or `folders.get_update_task` in another process.
        state: the last state that was requested, or None.
    """

    def __init__(self, driver: AsyncDriver, spec: TaskSpec[T]) -> None: ...
    async def refresh(self) -> models.ImportTask | models.FolderUpdateTask:
        """Request the state of the task, and store it as `state`.

        Returns:
            The state. Its `status` is PENDING, PROCESSING, CANCELED or COMPLETE, or None if HubSpot sent only the time
            of completion. Its `result` is set once the task has completed.

        Raises:
            NotFoundError: there is no such task, or it no longer exists.
            HubSpotFilesError: the request failed.
        """

    async def wait(
        self,
        *,
        deadline: float | timedelta | None = None,
        on_poll: Callable[[models.ImportTask | models.FolderUpdateTask], object] | None = None,
    ) -> T:
        """Poll the task at increasing intervals until it has ended.

        Args:
            deadline: maximum time to wait, in seconds or as a timedelta. None waits until the task ends.
            on_poll: called with each state.

        Returns:
            The imported File, or the updated Folder. If HubSpot still shows the folder as it was before, it is
            requested again for up to 30 seconds or until the deadline, and then returned as HubSpot shows it.

        Raises:
            TaskFailedError: the task was canceled, or ended with errors; `reasons` holds HubSpot's messages.
            TaskTimeoutError: the task did not end before the deadline. To continue, call `wait` of the error's `task`.
            ValueError: deadline is negative.
            TypeError: deadline is neither a number nor a timedelta.
            HubSpotFilesError: a request failed.
        """

class _TaskError(HubSpotFilesError):
    """Base of the errors of tasks. A pickle of the error does not hold the task, which has connections."""

    task: Task[Any] | AsyncTask[Any] | None

    def __init__(self, message: str, *, task: Task[Any] | AsyncTask[Any] | None = None) -> None: ...
    def __copy__(self) -> Self: ...

class TaskFailedError(_TaskError):
    """An import or a folder change was canceled, or ended with errors.

    Attributes:
        task: the task, whose `state` holds the details.
        reasons: HubSpot's messages, one for each error.
    """

    reasons: list[str]

    def __init__(
        self, message: str, *, task: Task[Any] | AsyncTask[Any] | None = None, reasons: Sequence[str] = ()
    ) -> None: ...

class TaskTimeoutError(_TaskError):
    """An import or a folder change did not end before the deadline. HubSpot continues it.

    Attributes:
        task: the task, whose `wait` can be called again.
    """

def started(flow: F) -> F:
    """Decorate a flow that starts a task: `f(...) -> Task[T]` and `async f(...) -> AsyncTask[T]`."""
