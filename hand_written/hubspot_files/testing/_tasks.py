"""The progress of imports and folder updates: PENDING, PROCESSING, then COMPLETE or CANCELED."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

from ._clock import Clock
from ._reply import ApiError, Json, iso
from ._store import Store, TaskRow

Outcome: TypeAlias = Literal["fail", "cancel"]
Perform: TypeAlias = Callable[[TaskRow], int | None]


@dataclass(frozen=True)
class Plan:
    """How a task is to end, if not well."""

    outcome: Outcome
    message: str


@dataclass(frozen=True)
class _Pace:
    unit: Literal["polls", "seconds"]
    pending: float
    processing: float


class Tasks:
    """The tasks of an account.

    Args:
        store: Where they are kept.
        clock: What they are timed with.
        perform: Does a task's work and returns the id of the file or folder it ends in, None when it cannot be done
            yet; raises ApiError.
    """

    def __init__(self, store: Store, clock: Clock, perform: Perform) -> None:
        self._store = store
        self._clock = clock
        self._perform = perform
        self._pace = _Pace("polls", 1, 1)
        self._plans: deque[Plan] = deque()

    def pace(self, unit: Literal["polls", "seconds"], pending: float, processing: float) -> None:
        """How long a task stays in each state."""
        if unit not in ("polls", "seconds") or pending < 0 or processing < 0:
            raise ValueError('a pace is in "polls" or "seconds", neither state of negative length')
        self._pace = _Pace(unit, pending, processing)

    def plan(self, outcome: Outcome, message: str, count: int) -> None:
        """How the next tasks are to end."""
        if outcome not in ("fail", "cancel"):
            raise ValueError(f'outcome is "fail" or "cancel", not {outcome!r}')
        self._plans.extend([Plan(outcome, message)] * count)

    def start(self, task_id: str, kind: str, payload: Json) -> TaskRow:
        """Keep a new task."""
        plan = json.dumps(asdict(self._plans.popleft())) if self._plans else None
        now = self._clock.milliseconds()
        row = TaskRow(task_id, kind, json.dumps(payload), plan, "PENDING", 0, now, None, None, None, None)
        self._store.add_task(row)
        return row

    def poll(self, row: TaskRow) -> TaskRow:
        """A task as it is found by someone who asks for its status."""
        if row.status in ("COMPLETE", "CANCELED") or self._pace.unit != "polls":
            return row
        row = self._store.change_task(row, polls=row.polls + 1)
        asked, now = row.polls - 1, self._clock.milliseconds()
        if asked < self._pace.pending:
            return row
        if asked < self._pace.pending + self._pace.processing:
            return self._begin(row, now)
        return self._end(self._begin(row, now), now)

    def pass_time(self) -> None:
        """Bring every task to where the clock says it is."""
        if self._pace.unit != "seconds":
            return
        now = self._clock.milliseconds()
        for row in self._store.tasks(unfinished=True):
            begins = row.requested_at + round(self._pace.pending * 1000)
            ends = begins + round(self._pace.processing * 1000)
            if now >= begins:
                row = self._begin(row, begins)
            if now >= ends:
                self._end(row, ends)

    def finish_all(self) -> None:
        """End every task at once."""
        now = self._clock.milliseconds()
        for row in self._store.tasks(unfinished=True):
            self._end(self._begin(row, now), now)

    def cancel(self, row: TaskRow) -> None:
        """Cancel a task that has not ended."""
        if row.status in ("PENDING", "PROCESSING"):
            # assumed: canceled-dates
            self._store.change_task(row, status="CANCELED", completed_at=self._clock.milliseconds())

    def _begin(self, row: TaskRow, when: int) -> TaskRow:
        if row.status != "PENDING":
            return row
        return self._store.change_task(row, status="PROCESSING", started_at=when)

    def _end(self, row: TaskRow, when: int) -> TaskRow:
        plan = Plan(**json.loads(row.plan)) if row.plan else None
        if plan is not None and plan.outcome == "cancel":
            return self._store.change_task(row, status="CANCELED", completed_at=when)
        try:
            if plan is not None:
                raise ApiError(500, plan.message, "INTERNAL_ERROR")
            result_id = self._perform(row)
            if result_id is None:
                return row
            ended: dict[str, object] = {"result_id": result_id}
        except ApiError as error:
            # assumed: task-failure
            ended = {"error": json.dumps({**error.body, "status": str(error.status)})}
        return self._store.change_task(row, status="COMPLETE", completed_at=when, **ended)

    def as_json(self, row: TaskRow, link: str, result: Json | None) -> Json:
        """A task as the API shows it."""
        # assumed: pending-dates
        shown: Json = {
            "taskId": row.id,
            "status": row.status,
            "requestedAt": iso(row.requested_at),
            "links": {"status": link},
        }
        if row.started_at is not None:
            shown["startedAt"] = iso(row.started_at)
        if row.completed_at is not None:
            shown["completedAt"] = iso(row.completed_at)
        if row.status == "COMPLETE":
            error = None if row.error is None else {"errors": [], "context": {}, "links": {}, **json.loads(row.error)}
            shown["numErrors"] = 0 if error is None else 1
            shown["errors"] = [] if error is None else [error]
            if result is not None:
                shown["result"] = result
        return shown
