"""The progress of imports and folder updates: PENDING, PROCESSING, then COMPLETE or CANCELED."""

from __future__ import annotations

import base64
import binascii
import json
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final, Literal, TypeAlias

from .._clock import Clock, iso_format
from .._messages import ApiError, Json, Response, json_response, not_found
from .._store import Store, TaskRow

HUBSPOT: Final = "https://api.hubapi.com"
TASK_ORIGIN: Final = "https://api-na1.hubspot.com"

Outcome: TypeAlias = Literal["fail", "cancel"]
# Does the work of a task and returns the id of the file or folder that results, None where it has to be tried again
# later; raises ApiError where it fails.
Runner: TypeAlias = Callable[[TaskRow], int | None]


@dataclass(frozen=True)
class PlannedOutcome:
    """The outcome of a task that a test plans to fail."""

    outcome: Outcome
    message: str


@dataclass(frozen=True)
class _Pace:
    unit: Literal["polls", "seconds"]
    pending: float
    processing: float


class TaskQueue:
    """The tasks of an account, and how they progress."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._tasks = store.tasks
        self._clock = clock
        self._planned: deque[PlannedOutcome] = deque()
        self.clear_plans()

    def set_pace(self, unit: Literal["polls", "seconds"], pending: float, processing: float) -> None:
        """Set how long a task stays in each state."""
        if unit not in ("polls", "seconds") or pending < 0 or processing < 0:
            raise ValueError('a pace is in "polls" or "seconds", neither state of negative length')
        self._pace = _Pace(unit, pending, processing)

    def clear_plans(self) -> None:
        """Return to the first pace, and plan no outcome."""
        self._pace = _Pace("polls", 1, 1)
        self._planned.clear()

    def plan(self, outcome: Outcome, message: str, count: int) -> None:
        """Plan the outcome of the next tasks."""
        if outcome not in ("fail", "cancel"):
            raise ValueError(f'outcome is "fail" or "cancel", not {outcome!r}')
        self._planned.extend([PlannedOutcome(outcome, message)] * count)

    def start(self, task_id: str, kind: str, payload: Json) -> TaskRow:
        """Store a new task."""
        plan = json.dumps(asdict(self._planned.popleft())) if self._planned else None
        now = self._clock.milliseconds()
        row = TaskRow(task_id, kind, json.dumps(payload), plan, "PENDING", 0, now, None, None, None, None)
        self._tasks.add(row)
        return row

    def poll(self, task_id: str, kind: str, run: Runner) -> TaskRow:
        """Return a task for a request of its status, and advance its state where it is due.

        Raises:
            ApiError: 400 where the id is not one of a task, 404 where there is no such task of this kind.
        """
        row = self._tasks.get(task_id)
        if row is None and not _is_task_id(task_id):
            raise ApiError(400, "Provided ID could not be decoded.", context={"id": [task_id]})
        if row is None or row.kind != kind:
            # assumed: missing-task
            raise not_found("Task", task_id)
        if row.status in ("COMPLETE", "CANCELED") or self._pace.unit != "polls":
            return row
        row = self._tasks.change(row, polls=row.polls + 1)
        earlier_polls, now = row.polls - 1, self._clock.milliseconds()
        if earlier_polls < self._pace.pending:
            return row
        if earlier_polls < self._pace.pending + self._pace.processing:
            return self._start(row, now)
        return self._end(self._start(row, now), now, run)

    def pass_time(self, run: Runner) -> None:
        """Bring every task to the state that it has by the clock."""
        if self._pace.unit != "seconds":
            return
        now = self._clock.milliseconds()
        for row in self._tasks.all(unfinished=True):
            started_at = row.requested_at + round(self._pace.pending * 1000)
            completed_at = started_at + round(self._pace.processing * 1000)
            if now >= started_at:
                row = self._start(row, started_at)
            if now >= completed_at:
                self._end(row, completed_at, run)

    def finish_all(self, run: Runner) -> None:
        """End every task now."""
        now = self._clock.milliseconds()
        for row in self._tasks.all(unfinished=True):
            self._end(self._start(row, now), now, run)

    def cancel(self, row: TaskRow) -> None:
        """Cancel a task that has not ended."""
        if row.status in ("PENDING", "PROCESSING"):
            # assumed: canceled-dates
            self._tasks.change(row, status="CANCELED", completed_at=self._clock.milliseconds())

    def _start(self, row: TaskRow, when: int) -> TaskRow:
        if row.status != "PENDING":
            return row
        return self._tasks.change(row, status="PROCESSING", started_at=when)

    def _end(self, row: TaskRow, when: int, run: Runner) -> TaskRow:
        plan = PlannedOutcome(**json.loads(row.plan)) if row.plan else None
        if plan is not None and plan.outcome == "cancel":
            return self._tasks.change(row, status="CANCELED", completed_at=when)
        try:
            if plan is not None:
                raise ApiError(500, plan.message, "INTERNAL_ERROR")
            result_id = run(row)
            if result_id is None:
                return row
            ended: dict[str, object] = {"result_id": result_id}
        except ApiError as error:
            # assumed: task-failure
            ended = {"error": json.dumps({**error.body, "message": error.message, "status": str(error.status)})}
        return self._tasks.change(row, status="COMPLETE", completed_at=when, **ended)


def _is_task_id(value: str) -> bool:
    """Return whether a text is the base64 of eight bytes."""
    try:
        return value.isascii() and len(base64.b64decode(f"{value}=", b"-_", validate=True)) == 8
    except binascii.Error:
        return False


def status_link(base_url: str, resource: str, row: TaskRow) -> str:
    """Return the link to the status of a task, which is in v3 whatever the version of the request is.

    HubSpot's links lead to a host of their own, which an emulator of another host does not have.
    """
    # assumed: task-links
    origin = TASK_ORIGIN if base_url == HUBSPOT else base_url
    return f"{origin}{resource.replace('VERSION', 'v3')}/tasks/{row.id}/status"


def task_accepted(row: TaskRow, link: str) -> Response:
    """Make the response to a request that starts a task."""
    return json_response(202, {"id": row.id, "links": {"status": link}})


def task_status(row: TaskRow, link: str, result: Json | None, *, unfinished: int = 200) -> Response:
    """Make the response that holds the status of a task; `unfinished` is the status of one that has not ended."""
    # assumed: pending-dates
    status: Json = {
        "taskId": row.id,
        "status": row.status,
        "requestedAt": iso_format(row.requested_at),
        "links": {"status": link},
    }
    if row.started_at is not None:
        status["startedAt"] = iso_format(row.started_at)
    if row.completed_at is not None:
        status["completedAt"] = iso_format(row.completed_at)
    if row.status == "COMPLETE":
        error = None if row.error is None else {"errors": [], "context": {}, "links": {}, **json.loads(row.error)}
        status["numErrors"] = 0 if error is None else 1
        status["errors"] = [] if error is None else [error]
        if result is not None:
            status["result"] = result
    return json_response(200 if row.status in ("COMPLETE", "CANCELED") else unfinished, status)
