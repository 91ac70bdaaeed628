"""The run of a plan: its phases, and the report."""

from __future__ import annotations

import contextlib
import sqlite3
import weakref
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .._engine.effects import CleanUp, Flow, Now, RunBlocking
from .._engine.settings import Settings
from .._errors import ArgumentTypeError
from .actions import perform, recheck, settle
from .errors import PlanRefusedError
from .identity import creation
from .journal import Journal, StoredResults, identity_of, journal_path
from .plan import Plan
from .planned_action import Action, PlannedAction
from .planner import find_folder, make_plan
from .requests import MAX_WORKERS, PlanRequest, RunOptions
from .results import TransferEvent, TransferReport, TransferStoppedError
from .run_state import RunState
from .watch import watched
from .workers import Job, Jobs, RunAll

if TYPE_CHECKING:
    from hubspot_files_api.models import Folder

# Further attempts, at the end of a run, at what is unknown.
_SECOND_LOOKS = 2
_TRANSFERS: tuple[Action, ...] = ("upload", "replace", "download")


def plan_and_execute(settings: Settings, request: PlanRequest, options: RunOptions) -> Flow[TransferReport]:
    """Make a plan, run it, and return the report."""
    execution = Execution(settings, request, options)
    return (yield from _execute(execution))


def execute(settings: Settings, plan: Plan, options: RunOptions) -> Flow[TransferReport]:
    """Run a plan, and return the report.

    Raises:
        PlanRefusedError: the plan must not be run.
        TransferStoppedError: it could not be run to its end.
    """
    if not isinstance(plan, Plan):
        raise ArgumentTypeError(f"plan must be a Plan, not {type(plan).__name__}")
    return (yield from _execute(Execution(settings, plan, options)))


def _execute(execution: Execution) -> Flow[TransferReport]:
    try:
        yield from execution.prepare()
        for jobs in execution.phases():
            yield from RunAll(jobs)
        return (yield from execution.report())
    except TransferStoppedError as error:
        # The journal may be what has failed.
        with contextlib.suppress(sqlite3.Error):
            error.report = yield from execution.report()
        raise
    finally:
        yield from execution.close()


class Execution:
    """The run of one plan, which may have to be made first.

    Args:
        settings: settings of the client.
        work: the plan, or the request for it.
        options: options of the run.
    """

    def __init__(self, settings: Settings, work: Plan | PlanRequest, options: RunOptions) -> None:
        self._settings = settings
        self._work = work
        self._options = options
        self._started_at = 0.0
        self._state = RunState(settings, options.on_event)
        self._own_plan: Plan | None = None

    def prepare(self) -> Flow[None]:
        """Make the plan unless it was passed, create the folder at the destination, and open the journal.

        Raises:
            PlanRefusedError: the plan must not be run.
            JournalError: the journal cannot be used.
        """
        self._started_at = yield from Now()
        if isinstance(self._work, Plan):
            plan = self._work
        else:
            plan = self._own_plan = yield from watched(make_plan(self._settings, self._work), self._state)
        self._check(plan)
        yield from watched(self._open(plan), self._state)
        self._state.notify(TransferEvent("planned", size=plan.bytes, actions=len(plan)))

    def _check(self, plan: Plan) -> None:
        if plan.options.refusal:
            raise PlanRefusedError(plan.options.refusal)
        digest = self._options.digest
        if plan.options.gdpr and plan.summary["delete"] and digest is None:
            raise PlanRefusedError(
                "the plan erases files for good: look at it with print(plan), and pass digest=plan.digest"
            )
        if digest is not None and digest != plan.digest:
            raise PlanRefusedError("the plan is not the one with this digest: something has changed; look at it again")

    def _open(self, plan: Plan) -> Flow[None]:
        options = plan.options
        exists, folder_id, created_at = yield from find_folder(self._state.calls, options.folder_path)
        is_other = options.folder_created_at not in (None, created_at)
        if options.folder_id is not None and (folder_id != options.folder_id or is_other):
            raise PlanRefusedError(f"{options.folder_path} is not the folder that it was; make the plan again")
        if not exists:
            folder = yield from self._create(options.folder_path)
            folder_id, created_at = folder.id, creation(folder)
        identity = identity_of(options._replace(folder_id=folder_id))
        path = journal_path(self._options.journal, identity)
        journal = yield from RunBlocking(Journal, path, identity, created_at)
        # A program may leave an iteration without its end.
        weakref.finalize(self, journal.close)
        self._state.begin(plan, journal)

    def _create(self, path: str) -> Flow[Folder]:
        """Create a folder, with those above it, and return its record."""
        parent, _, name = path.rpartition("/")
        exists, *_ = yield from find_folder(self._state.calls, parent or "/")
        if not exists:
            yield from self._create(parent)
        return (yield from self._state.calls.create_folder(name, parent or "/"))

    def phases(self) -> Iterator[Jobs]:
        """Iterate over the phases, each of which must have ended before the next begins."""
        state, plan = self._state, self._state.plan
        # Of earlier runs, and not in the plan, so that nothing else looks them up.
        orphans = (row for row in state.journal.unknown() if plan.entry(row.path) is None)
        yield self._jobs(settle(state, row) for row in orphans)
        yield self._jobs(perform(state, entry) for entry in plan.select(("conflict", "skip")))
        for depth in plan.depths():
            yield self._jobs(perform(state, entry) for entry in plan.folders(depth))
        yield self._jobs(perform(state, entry, is_last=False) for entry in plan.select(_TRANSFERS))
        for number in range(1, _SECOND_LOOKS + 1):
            last = number == _SECOND_LOOKS
            yield self._jobs(perform(state, entry, is_last=last) for entry in self._unknown())
        yield self._jobs(perform(state, entry) for entry in plan.select(("delete",)))
        yield self._jobs(recheck(state, row) for row in state.journal.to_recheck())

    def _unknown(self) -> Iterator[PlannedAction]:
        for row in self._state.journal.unknown():
            entry = self._state.plan.entry(row.path)
            if entry is not None:
                yield entry

    def _jobs(self, flows: Iterable[Job]) -> Jobs:
        state, workers = self._state, self._options.workers
        return Jobs(
            (watched(flow, state) for flow in flows),
            most=workers or MAX_WORKERS,
            grows=workers is None,
            limit_waits=lambda: state.limit_waits,
            stop=state.stopping.set,
            on_interrupt=lambda: state.notify(TransferEvent("stopping")),
        )

    def report(self) -> Flow[TransferReport]:
        """Return the report of what was done so far."""
        state = self._state
        seconds = (yield from Now()) - self._started_at
        counts = yield from RunBlocking(state.journal.counts)
        counts["skipped"] += state.plan.options.unchanged
        return TransferReport(
            counts,
            StoredResults(state.journal.path, state.journal.run),
            bytes=state.bytes,
            api_calls=state.api_calls,
            seconds=seconds,
        )

    def close(self) -> Flow[None]:
        """Close the journal, and a plan that was made for this run."""
        yield from CleanUp(self.release)

    def release(self) -> None:
        """Close the journal, and a plan that was made for this run, from any thread."""
        self._state.close()
        if self._own_plan is not None:
            self._own_plan.close()
