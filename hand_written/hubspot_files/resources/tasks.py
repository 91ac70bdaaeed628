"""Tasks that HubSpot works on after it has responded: imports and recursive folder changes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Concatenate, Generic, NamedTuple, ParamSpec, Self, TypeVar, overload

from .._engine.context import start_call
from .._engine.effects import AsyncDriver, Driver, Flow, Now, Sleep
from .._engine.flow import run, run_async
from .._engine.methods import AsyncResource, Method, SyncResource, operation
from .._engine.settings import Settings
from .._errors import HubSpotFilesError
from .._operations.prepared_call import PreparedCall, perform, perform_with_response
from .._redaction import redacted

if TYPE_CHECKING:
    from hubspot_files_api import models

T = TypeVar("T")
P = ParamSpec("P")

_FIRST_INTERVAL = 0.5
_LONGEST_INTERVAL = 10.0
_GROWTH = 1.6


class TaskSpec(NamedTuple, Generic[T]):
    """A task, before it is one of either client.

    Attributes:
        id: its id.
        settings: the client's.
        call_for: prepares the call for the state of the task with an id.
        fallback: prepares the call for the result, if the state does not hold it, or None.
    """

    id: str
    settings: Settings
    call_for: Callable[[str], PreparedCall[Any]]
    fallback: Callable[[], PreparedCall[T]] | None = None


class TaskOperations(Generic[T]):
    """The operations of a task, for both clients."""

    def __init__(self, spec: TaskSpec[T]) -> None:
        self._spec = spec
        self.id: str = spec.id
        self.state: models.ImportTask | models.FolderUpdateTask | None = None

    def __repr__(self) -> str:
        status = "not asked yet" if self.state is None else self.state.status.value
        return f"<{type(self).__name__} {self.id}: {status}>"

    def _this(self) -> Task[T] | AsyncTask[T]:
        assert isinstance(self, Task | AsyncTask)
        return self

    @operation
    def refresh(self) -> Flow[models.ImportTask | models.FolderUpdateTask]:
        """Ask for the state, which is kept as `state` too.

        Returns:
            The state: its `status` is PENDING, PROCESSING, CANCELED or COMPLETE, its `result` set at the end.

        Raises:
            NotFoundError: HubSpot knows no such task, or no longer.
            HubSpotFilesError: as for every request.
        """
        return (yield from self._refresh())

    def _refresh(self) -> Flow[models.ImportTask | models.FolderUpdateTask]:
        settings = self._spec.settings
        context = yield from start_call(settings)
        state: models.ImportTask | models.FolderUpdateTask
        state, response = yield from perform_with_response(context, self._spec.call_for(self.id))
        if state.result is not None:
            settings.shared.claims.note(state.result.id, response.received_at)
        self.state = state
        return state

    @operation
    def wait(
        self,
        *,
        deadline: float | timedelta | None = None,
        on_poll: Callable[[models.ImportTask | models.FolderUpdateTask], object] | None = None,
    ) -> Flow[T]:
        """Ask again and again, ever more slowly, until the task has ended.

        Args:
            deadline: seconds, or a timedelta, to wait at most; None waits as long as it takes.
            on_poll: called with each state.

        Returns:
            The imported File, or the changed Folder.

        Raises:
            TaskFailedError: it was canceled, or ended with errors; `reasons` holds HubSpot's words.
            TaskTimeoutError: it goes on; so can waiting, on the error's `task`.
            ValueError: deadline is negative.
            TypeError: deadline is neither a number nor a timedelta.
            HubSpotFilesError: as for every request.
        """
        seconds = deadline.total_seconds() if isinstance(deadline, timedelta) else deadline
        if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float)):
            raise TypeError(f"deadline must be seconds or a timedelta, not {type(deadline).__name__}")
        if seconds is not None and not seconds >= 0:
            raise ValueError(f"deadline must not be negative, and {deadline} is")
        return (yield from self._wait(seconds, on_poll))

    def _wait(self, seconds: float | None, on_poll: Callable[[Any], object] | None) -> Flow[T]:
        end = None if seconds is None else (yield from Now()) + seconds
        interval = _FIRST_INTERVAL
        while True:
            state = yield from self._refresh()
            if on_poll is not None:
                on_poll(state)
            # A status that this version does not know is taken for an end where the task has one.
            if state.status in ("COMPLETE", "CANCELED") or (not state.status.is_known and state.completed_at):
                return (yield from self._result(state))
            pause = interval
            if end is not None:
                left = end - (yield from Now())
                if left <= 0:
                    raise TaskTimeoutError(
                        f"task {self.id} is still {state.status.value} after {seconds:g} s. It goes on: wait() again "
                        "on the task of this error.",
                        task=self._this(),
                    )
                pause = min(interval, left)
            yield from Sleep(pause)
            interval = min(interval * _GROWTH, _LONGEST_INTERVAL)

    def _result(self, state: Any) -> Flow[T]:
        reasons = [redacted(error.message) for error in state.errors or () if error.message]
        status: str = state.status.value
        if status != "COMPLETE" or state.errors or state.num_errors:
            told = "; ".join(reasons) or f"{state.num_errors or 0} errors, without a word of why"
            ended = "ended with errors" if status == "COMPLETE" else f"ended as {status}"
            raise TaskFailedError(
                f"task {self.id} {ended}: {told}",
                task=self._this(),
                reasons=reasons,
            )
        if state.result is not None:
            result: T = state.result
            return result
        if self._spec.fallback is None:
            raise TaskFailedError(
                f"task {self.id} is COMPLETE, but HubSpot does not say with which file or folder; look with "
                "files.search or folders.search",
                task=self._this(),
            )
        context = yield from start_call(self._spec.settings)
        return (yield from perform(context, self._spec.fallback()))


class Task(TaskOperations[T], SyncResource):
    """A task of HubSpotFiles.

    Attributes:
        id: its id, which `files.get_import_task` or `folders.get_update_task` takes to go on waiting elsewhere.
        state: the state that was asked for last, or None.
    """

    def __init__(self, driver: Driver, spec: TaskSpec[T]) -> None:
        super().__init__(spec)
        self._driver = driver


class AsyncTask(TaskOperations[T], AsyncResource):
    """A task of AsyncHubSpotFiles.

    Attributes:
        id: its id, which `files.get_import_task` or `folders.get_update_task` takes to go on waiting elsewhere.
        state: the state that was asked for last, or None.
    """

    def __init__(self, driver: AsyncDriver, spec: TaskSpec[T]) -> None:
        super().__init__(spec)
        self._driver = driver


class _TaskError(HubSpotFilesError):
    """The base of the errors of tasks. The task holds connections: it stays behind when the error is pickled."""

    def __init__(self, message: str, *, task: Task[Any] | AsyncTask[Any] | None = None) -> None:
        super().__init__(message)
        self.task = task

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.args, {**vars(self), "task": None}

    def __copy__(self) -> Self:
        copy = type(self)(*self.args)
        vars(copy).update(vars(self))
        return copy


class TaskFailedError(_TaskError):
    """An import or a folder change was canceled, or ended with errors.

    Attributes:
        task: the task, whose `state` holds what HubSpot said.
        reasons: HubSpot's messages, one an error.
    """

    def __init__(
        self, message: str, *, task: Task[Any] | AsyncTask[Any] | None = None, reasons: Sequence[str] = ()
    ) -> None:
        super().__init__(message, task=task)
        self.reasons: list[str] = list(reasons)


class TaskTimeoutError(_TaskError):
    """An import or a folder change did not end in time. It goes on in HubSpot.

    Attributes:
        task: the task, on which one can go on waiting.
    """


class started(Method, Generic[P, T]):  # noqa: N801 - a decorator
    """A flow that starts a task: it becomes `f(...) -> Task[T]` and `async f(...) -> AsyncTask[T]`."""

    def __init__(self, flow: Callable[Concatenate[Any, P], Flow[TaskSpec[T]]]) -> None:
        results = ("Task[{}]", "AsyncTask[{}]")
        super().__init__(flow, sync=_starts, asynchronous=_starts_async, depth=2, results=results)

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: SyncResource, owner: Any = None) -> Callable[P, Task[T]]: ...
        @overload
        def __get__(
            self, instance: AsyncResource, owner: Any = None
        ) -> Callable[P, Coroutine[Any, Any, AsyncTask[T]]]: ...
        def __get__(self, instance: Any, owner: Any = None) -> Any: ...


def _starts(flow: Callable[..., Flow[TaskSpec[T]]]) -> Callable[..., Task[T]]:
    def method(self: SyncResource, *args: Any, **kwargs: Any) -> Task[T]:
        return Task(self._driver, run(self._driver, flow(self, *args, **kwargs)))

    return method


def _starts_async(flow: Callable[..., Flow[TaskSpec[T]]]) -> Callable[..., Coroutine[Any, Any, AsyncTask[T]]]:
    async def method(self: AsyncResource, *args: Any, **kwargs: Any) -> AsyncTask[T]:
        return AsyncTask(self._driver, await run_async(self._driver, flow(self, *args, **kwargs)))

    return method
