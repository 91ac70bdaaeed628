"""Tasks that HubSpot works on after it has answered: imports and recursive folder changes, and how to wait for them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Concatenate, Generic, NamedTuple, ParamSpec, TypeVar, overload

from .._engine.effects import Flow, Sleep
from .._engine.flow import run, run_async
from .._engine.methods import AsyncResource, Method, SyncResource, operation
from .._errors import TaskFailedError, TaskTimeoutError
from .._operations.prepared_call import answered, perform
from .._redaction import redacted

if TYPE_CHECKING:
    from hubspot_files_api import models

    from .._engine.settings import Settings
    from .._operations.prepared_call import Exchange

T = TypeVar("T")
P = ParamSpec("P")

_FIRST_INTERVAL = 0.5
_LONGEST_INTERVAL = 10.0
_GROWTH = 1.6


class Plan(NamedTuple, Generic[T]):
    """A task, before it is one of either client.

    Attributes:
        id: its id.
        settings: the client's.
        check: makes the request for its state.
        fallback: gets the result where the state does not hold it, or None.
    """

    id: str
    settings: Settings
    check: Callable[[str], Exchange[Any]]
    fallback: Callable[[], Exchange[T]] | None = None


class TaskOperations(Generic[T]):
    """What a task can do, for both clients."""

    def __init__(self, driver: Any, plan: Plan[T]) -> None:
        self._driver = driver
        self._plan = plan
        self.id: str = plan.id
        self.state: models.ImportTask | models.FolderUpdateTask | None = None

    def __repr__(self) -> str:
        status = "not asked yet" if self.state is None else self.state.status.value
        return f"<{type(self).__name__} {self.id}: {status}>"

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
        settings = self._plan.settings
        state: models.ImportTask | models.FolderUpdateTask
        state, reply = yield from answered(settings, self._plan.check(self.id), None)
        if state.result is not None:
            settings.shared.claims.note(state.result.id, reply.sent_at + reply.seconds)
        self.state = state
        return state

    @operation
    def wait(
        self,
        *,
        timeout: float | timedelta | None = None,
        on_poll: Callable[[models.ImportTask | models.FolderUpdateTask], object] | None = None,
    ) -> Flow[T]:
        """Ask again and again, ever more slowly, until the task has ended.

        Args:
            timeout: seconds, or a timedelta, to wait at the most; None waits as long as it takes.
            on_poll: called with each state.

        Returns:
            The imported File, or the changed Folder.

        Raises:
            TaskFailedError: it was canceled, or ended with errors; `reasons` holds HubSpot's words.
            TaskTimeoutError: it goes on; so can waiting, on the error's `task`.
            ValueError: timeout is negative.
            TypeError: timeout is neither a number nor a timedelta.
            HubSpotFilesError: as for every request.
        """
        seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
        if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float)):
            raise TypeError(f"timeout must be seconds or a timedelta, not {type(timeout).__name__}")
        if seconds is not None and not seconds >= 0:
            raise ValueError(f"timeout must not be negative, and {timeout} is")
        return (yield from self._wait(seconds, on_poll))

    def _wait(self, seconds: float | None, on_poll: Callable[[Any], object] | None) -> Flow[T]:
        end = None if seconds is None else self._driver.monotonic() + seconds
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
                left = end - self._driver.monotonic()
                if left <= 0:
                    raise TaskTimeoutError(
                        f"task {self.id} is still {state.status.value} after {seconds:g} s. It goes on: wait() again "
                        "on the task of this error.",
                        task=self,  # type: ignore[arg-type]  # both classes that there are
                    )
                pause = min(interval, left)
            yield Sleep(pause)
            interval = min(interval * _GROWTH, _LONGEST_INTERVAL)

    def _result(self, state: Any) -> Flow[T]:
        reasons = [redacted(error.message) for error in state.errors or () if error.message]
        status: str = state.status.value
        if status != "COMPLETE" or state.errors or state.num_errors:
            told = "; ".join(reasons) or f"{state.num_errors or 0} errors, without a word of why"
            ended = "ended with errors" if status == "COMPLETE" else f"ended as {status}"
            raise TaskFailedError(
                f"task {self.id} {ended}: {told}",
                task=self,  # type: ignore[arg-type]  # both classes that there are
                reasons=reasons,
            )
        if state.result is not None:
            result: T = state.result
            return result
        if self._plan.fallback is None:
            raise TaskFailedError(
                f"task {self.id} is COMPLETE, but HubSpot does not say with which file or folder; look with "
                "files.search or folders.search",
                task=self,  # type: ignore[arg-type]  # both classes that there are
            )
        return (yield from perform(self._plan.settings, self._plan.fallback()))


class Task(TaskOperations[T], SyncResource):
    """A task of HubSpotFiles.

    Attributes:
        id: its id, which `files.import_task` or `folders.update_task` takes to go on waiting elsewhere.
        state: the state that was asked for last, or None.
    """


class AsyncTask(TaskOperations[T], AsyncResource):
    """A task of AsyncHubSpotFiles.

    Attributes:
        id: its id, which `files.import_task` or `folders.update_task` takes to go on waiting elsewhere.
        state: the state that was asked for last, or None.
    """


class started(Method, Generic[P, T]):  # noqa: N801 - a decorator
    """A flow that plans a task: it becomes `f(...) -> Task[T]` and `async f(...) -> AsyncTask[T]`."""

    def __init__(self, flow: Callable[Concatenate[Any, P], Flow[Plan[T]]]) -> None:
        super().__init__(flow, sync=_starts, asynchronous=_starts_async, names=("Flow[Plan[", "Task[", "AsyncTask["))

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: SyncResource, owner: Any = None) -> Callable[P, Task[T]]: ...
        @overload
        def __get__(
            self, instance: AsyncResource, owner: Any = None
        ) -> Callable[P, Coroutine[Any, Any, AsyncTask[T]]]: ...
        def __get__(self, instance: Any, owner: Any = None) -> Any: ...


def _starts(flow: Callable[..., Flow[Plan[T]]]) -> Callable[..., Task[T]]:
    def method(self: SyncResource, *args: Any, **kwargs: Any) -> Task[T]:
        from .tasks import Task

        return Task(self._driver, run(self._driver, flow(self, *args, **kwargs)))

    return method


def _starts_async(flow: Callable[..., Flow[Plan[T]]]) -> Callable[..., Coroutine[Any, Any, AsyncTask[T]]]:
    async def method(self: AsyncResource, *args: Any, **kwargs: Any) -> AsyncTask[T]:
        from .tasks import AsyncTask

        return AsyncTask(self._driver, await run_async(self._driver, flow(self, *args, **kwargs)))

    return method
