"""Asynchronous tasks of HubSpot: imports and recursive folder updates."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeVar, cast

from .._engine.context import start_call
from .._engine.effects import AsyncDriver, Driver, Flow, Now, Sleep
from .._engine.error_responses import correlation_id
from .._engine.flow import run, run_async
from .._engine.methods import AsyncResource, F, Method, SyncResource, operation
from .._engine.settings import Settings
from .._errors import ArgumentTypeError, ArgumentValueError, HubSpotFilesError
from .._operations.prepared_call import PreparedCall, perform, perform_with_response
from .._redaction import redacted

if TYPE_CHECKING:
    from hubspot_files_api import models

T = TypeVar("T")
E = TypeVar("E", bound=HubSpotFilesError)

_FIRST_INTERVAL = 0.5
_LONGEST_INTERVAL = 10.0
_GROWTH = 1.6
# Seconds for which a record is requested again that HubSpot still shows as it was before the change.
_SETTLING = 30.0


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

    def __init__(self, spec: TaskSpec[T]) -> None:
        self._spec = spec
        self.id: str = spec.id
        self.state: models.ImportTask | models.FolderUpdateTask | None = None
        self._correlation_id: str | None = None

    def __repr__(self) -> str:
        status = "not refreshed yet" if self.state is None else _status(self.state)
        return f"<{type(self).__name__} {self.id}: {status}>"

    def _this(self) -> Task[T] | AsyncTask[T]:
        assert isinstance(self, Task | AsyncTask)
        return self

    @operation
    def refresh(self) -> Flow[models.ImportTask | models.FolderUpdateTask]:
        """Request the state of the task, and store it as `state`.

        Returns:
            The state. Its `status` is PENDING, PROCESSING, CANCELED or COMPLETE, or None if HubSpot sent only the time
            of completion. Its `result` is set once the task has completed.

        Raises:
            NotFoundError: there is no such task, or it no longer exists.
            HubSpotFilesError: the request failed.
        """
        return (yield from self._refresh())

    def _refresh(self) -> Flow[models.ImportTask | models.FolderUpdateTask]:
        settings = self._spec.settings
        context = yield from start_call(settings)
        state: models.ImportTask | models.FolderUpdateTask
        state, response = yield from perform_with_response(context, self._spec.call_for(settings.api_version, self.id))
        if state.result is not None:
            settings.shared.claims.note(state.result.id, response.received_at)
        self.state = state
        self._correlation_id = correlation_id(response.headers, response.secrets)
        return state

    @operation
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
        seconds = deadline.total_seconds() if isinstance(deadline, timedelta) else deadline
        if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float)):
            raise ArgumentTypeError(f"deadline must be seconds or a timedelta, not {type(deadline).__name__}")
        if seconds is not None and not seconds >= 0:
            raise ArgumentValueError(f"deadline must not be negative, but is {deadline}")
        return (yield from self._wait(seconds, on_poll))

    def _wait(self, seconds: float | None, on_poll: Callable[[Any], object] | None) -> Flow[T]:
        deadline = None if seconds is None else (yield from Now()) + seconds
        interval = _FIRST_INTERVAL
        while True:
            state = yield from self._refresh()
            if on_poll is not None:
                on_poll(state)
            # A status that is missing or new counts as the end if the task has a time of completion.
            unknown = state.status is None or not state.status.is_known
            if state.status in ("COMPLETE", "CANCELED") or (unknown and state.completed_at):
                result = yield from self._result(state)
                return (yield from self._settled(result, state.requested_at, deadline))
            pause = interval
            if deadline is not None:
                remaining = deadline - (yield from Now())
                if remaining <= 0:
                    message = (
                        f"task {self.id} is still {_status(state)} after {seconds:g} s. HubSpot continues it: call "
                        "wait() of the task of this error again."
                    )
                    raise self._identified(TaskTimeoutError(message, task=self._this()))
                pause = min(interval, remaining)
            yield from Sleep(pause)
            interval = min(interval * _GROWTH, _LONGEST_INTERVAL)

    def _result(self, state: Any) -> Flow[T]:
        reasons = [redacted(error.message) for error in state.errors or () if error.message]
        status = "COMPLETE" if state.status is None else _status(state)
        if status != "COMPLETE" or state.errors or state.num_errors:
            detail = "; ".join(reasons) or f"{state.num_errors or 0} errors, without a message"
            ended = "ended with errors" if status == "COMPLETE" else f"ended as {status}"
            message = f"task {self.id} {ended}: {detail}"
            raise self._identified(TaskFailedError(message, task=self._this(), reasons=reasons))
        if state.result is not None:
            result: T = state.result
            return result
        if self._spec.fallback is None:
            message = (
                f"task {self.id} is COMPLETE, but HubSpot does not say with which file or folder; find it with "
                "files.search or folders.search"
            )
            raise self._identified(TaskFailedError(message, task=self._this()))
        return (yield from self._fetch(self._spec.fallback()))

    def _identified(self, error: E) -> E:
        """Return an error with the correlation id of the response that has shown the state."""
        error.correlation_id = self._correlation_id
        return error

    def _fetch(self, call: PreparedCall[T]) -> Flow[T]:
        context = yield from start_call(self._spec.settings)
        return (yield from perform(context, call))

    def _settled(self, record: T, requested_at: datetime | None, deadline: float | None) -> Flow[T]:
        """Return a record once HubSpot shows what the task has changed, or after a while as it is."""
        fallback, is_changed = self._spec.fallback, self._spec.is_changed
        if fallback is None or is_changed is None:
            return record
        end = (yield from Now()) + _SETTLING
        end = end if deadline is None else min(end, deadline)
        interval = _FIRST_INTERVAL
        while not is_changed(record) and _is_older(record, requested_at):
            remaining = end - (yield from Now())
            if remaining <= 0:
                break
            yield from Sleep(min(interval, remaining))
            interval *= _GROWTH
            record = yield from self._fetch(fallback())
        return record


def _is_older(record: Any, requested_at: datetime | None) -> bool:
    """Return whether a record was not changed since a time. HubSpot may have changed a name in its own way."""
    return requested_at is not None and record.updated_at is not None and record.updated_at < requested_at


def _status(state: Any) -> str:
    return "without a status" if state.status is None else str(state.status.value)


class Task(TaskOperations[T], SyncResource):
    """A task of HubSpotFiles.

    Attributes:
        id: id of the task, for `files.get_import_task` or `folders.get_update_task` in another process.
        state: the last state that was requested, or None.
    """

    def __init__(self, driver: Driver, spec: TaskSpec[T]) -> None:
        super().__init__(spec)
        self._driver = driver


class AsyncTask(TaskOperations[T], AsyncResource):
    """A task of AsyncHubSpotFiles.

    Attributes:
        id: id of the task, for `files.get_import_task` or `folders.get_update_task` in another process.
        state: the last state that was requested, or None.
    """

    def __init__(self, driver: AsyncDriver, spec: TaskSpec[T]) -> None:
        super().__init__(spec)
        self._driver = driver


class _TaskError(HubSpotFilesError):
    """Base of the errors of tasks. A pickle of the error does not hold the task, which has connections."""

    _not_pickled = ("task",)

    def __init__(self, message: str, *, task: Task[Any] | AsyncTask[Any] | None = None) -> None:
        super().__init__(message)
        self.task: Task[Any] | AsyncTask[Any] | None = task

    def __copy__(self) -> Self:
        _, args, state = self.__reduce__()
        copy = type(self)(*args)
        vars(copy).update(state, task=self.task)
        return copy


class TaskFailedError(_TaskError):
    """An import or a folder change was canceled, or ended with errors.

    Attributes:
        task: the task, whose `state` holds the details.
        reasons: HubSpot's messages, one for each error.
    """

    def __init__(
        self, message: str, *, task: Task[Any] | AsyncTask[Any] | None = None, reasons: Sequence[str] = ()
    ) -> None:
        super().__init__(message, task=task)
        self.reasons: list[str] = list(reasons)


class TaskTimeoutError(_TaskError):
    """An import or a folder change did not end before the deadline. HubSpot continues it.

    Attributes:
        task: the task, whose `wait` can be called again.
    """


def started(flow: F) -> F:
    """Decorate a flow that starts a task: `f(...) -> Task[T]` and `async f(...) -> AsyncTask[T]`."""
    results = ("Task[{}]", "AsyncTask[{}]")
    return cast("F", Method(flow, sync=_starts, asynchronous=_starts_async, depth=2, results=results))


def _starts(flow: Callable[..., Flow[TaskSpec[T]]]) -> Callable[..., Task[T]]:
    def method(self: SyncResource, *args: Any, **kwargs: Any) -> Task[T]:
        return Task(self._driver, run(self._driver, flow(self, *args, **kwargs)))

    return method


def _starts_async(flow: Callable[..., Flow[TaskSpec[T]]]) -> Callable[..., Coroutine[Any, Any, AsyncTask[T]]]:
    async def method(self: AsyncResource, *args: Any, **kwargs: Any) -> AsyncTask[T]:
        return AsyncTask(self._driver, await run_async(self._driver, flow(self, *args, **kwargs)))

    return method
