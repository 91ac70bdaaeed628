"""Tasks that HubSpot works on after it has answered: imports and recursive folder changes, and how to wait for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from . import _endpoint
from ._errors import TaskFailedError, TaskTimeoutError
from ._flow import Flow, Sleep
from ._methods import AsyncResource, SyncResource, operation
from ._secrets import redacted

if TYPE_CHECKING:
    from hubspot_files_api import models

    from ._endpoint import Exchange
    from ._settings import Settings

T = TypeVar("T")

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
        state, reply = yield from _endpoint.answered(settings, self._plan.check(self.id), None)
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
        return (yield from _endpoint.perform(self._plan.settings, self._plan.fallback()))


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
