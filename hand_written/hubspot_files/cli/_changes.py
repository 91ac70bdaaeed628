"""A run of many changes: several at a time, with the outcome of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any, Final, NamedTuple, Self

from .. import AuthenticationError, HubSpotFilesError, OutcomeUnknownError, PermissionDeniedError, PlannedChange
from ._command import Session
from ._errors import DONE, FAILED, INTERRUPTED, UNKNOWN, explanation
from ._parameters import remote
from ._progress import Bar
from ._text import count_text, printable

_WORKERS: Final = 8
_VERBS: Final = {
    "set_access": ("would change", "changed"),
    "delete": ("would delete", "deleted"),
    "erase": ("would erase", "erased"),
}


class ChangeResult(NamedTuple):
    """The outcome of one change: `done`, `skipped`, `failed` or `unknown`, and why."""

    change: PlannedChange
    outcome: str
    error: str | None = None


def show_plan(session: Session, changes: Sequence[PlannedChange], digest: str | None = None) -> int:
    """Write what would change, and return the exit status."""
    output = session.output
    for change in changes:
        if output.json:
            output.record({"kind": "change", **change.to_dict(), "outcome": "planned"})
        else:
            output.sentence(_text(change, done=False))
    if output.json:
        output.record({"kind": "summary", "planned": len(changes), "digest": digest})
    else:
        output.note(f"{count_text(len(changes), 'change')}; nothing was changed.")
        if digest is not None:
            output.note(f"The digest of this plan is {digest}.")
    return DONE


def run_changes(
    session: Session,
    changes: Sequence[PlannedChange],
    apply: Callable[[PlannedChange], bool],
    finish: Callable[[], Sequence[PlannedChange]] | None = None,
) -> int:
    """Apply changes, write the outcome of each, and return the exit status.

    Args:
        session: the session of the command.
        changes: the changes.
        apply: applies one, and returns whether there was something to do. Threads call it.
        finish: called before the summary, if all changes are made. It returns further ones that it has made.
    """
    counts: dict[str, int] = dict.fromkeys(("done", "skipped", "failed", "unknown"), 0)
    output = session.output
    stopped: BaseException | None = None
    with Bar(output, "files", len(changes)) as bar:
        results = _Results(changes, apply)
        while True:
            try:
                for result in results:
                    counts[result.outcome] += 1
                    _write(session, result, bar)
                    bar.advance()
                break
            except (KeyboardInterrupt, AuthenticationError, PermissionDeniedError) as error:
                # Changes that are in flight end first, so that their outcomes are known.
                stopped = error
                if isinstance(error, KeyboardInterrupt):
                    bar.note("Stopping: requests under way are finished.")
                counts["failed"] += not isinstance(error, KeyboardInterrupt)
                results.stop()
    left = len(changes) - sum(counts.values())
    made = list(changes)
    try:
        if finish is not None and stopped is None and not counts["failed"] and not counts["unknown"]:
            further = finish()
            made += further
            counts["done"] += len(further)
    finally:
        if made or finish is None or output.json:
            _summarize(session, counts, left, {_VERBS[change.action][1] for change in made})
    if isinstance(stopped, KeyboardInterrupt):
        output.note("Interrupted. The same command goes on with the rest.")
        return INTERRUPTED
    if stopped is not None:
        raise stopped
    return FAILED if counts["failed"] else UNKNOWN if counts["unknown"] else DONE


def _summarize(session: Session, counts: dict[str, int], left: int, verbs: set[str]) -> None:
    output = session.output
    if output.json:
        output.record({"kind": "summary", **counts, "not_started": left})
        return
    names = {"done": verbs.pop() if len(verbs) == 1 else "done", "skipped": "left alone"}
    parts = [f"{count:,} {names.get(outcome, outcome)}" for outcome, count in counts.items() if count]
    output.note(", ".join([*parts, f"{left:,} not started"] if left else parts) or "nothing to do")


class _Results(Iterator[ChangeResult]):
    """Iterator over the results of changes, as they arrive."""

    def __init__(self, changes: Sequence[PlannedChange], apply: Callable[[PlannedChange], bool]) -> None:
        self._apply = apply
        self._left = iter(changes)
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="hubspot-files")
        self._futures: set[Future[ChangeResult]] = set()
        self._ready: list[ChangeResult] = []

    def __next__(self) -> ChangeResult:
        while not self._ready:
            # Few are submitted ahead, so that Ctrl-C stops soon.
            for change in islice(self._left, 2 * _WORKERS - len(self._futures)):
                self._futures.add(self._pool.submit(self._one, change))
            if not self._futures:
                self._pool.shutdown()
                raise StopIteration
            self._collect()
        return self._ready.pop()

    def _collect(self) -> None:
        finished, _ = wait(self._futures, return_when=FIRST_COMPLETED)
        for future in finished:
            self._futures.discard(future)
            self._ready.append(future.result())

    def stop(self) -> Self:
        """Start no more changes. The iterator goes on with the results of those that are in flight."""
        self._left = iter(())
        self._pool.shutdown(wait=True, cancel_futures=True)
        # `wait` would wait for canceled ones for ever.
        self._futures = {future for future in self._futures if not future.cancelled()}
        return self

    def _one(self, change: PlannedChange) -> ChangeResult:
        try:
            return ChangeResult(change, "done" if self._apply(change) else "skipped")
        except (AuthenticationError, PermissionDeniedError):
            # All others would fail, too.
            raise
        except OutcomeUnknownError as error:
            return ChangeResult(change, "unknown", explanation(error))
        except HubSpotFilesError as error:
            return ChangeResult(change, "failed", explanation(error))


def _write(session: Session, result: ChangeResult, bar: Bar) -> None:
    output, change = session.output, result.change
    if output.json:
        fields: dict[str, Any] = {"kind": "change", **change.to_dict(), "outcome": result.outcome}
        output.record({**fields, "error": result.error})
    elif result.error is not None:
        bar.note(f"{result.outcome}: {printable(remote(change.path))}: {result.error}")
    elif not output.terminal:
        # On a terminal, the bar and the summary are enough.
        output.sentence(_text(change, done=True) if result.outcome == "done" else _skipped(change))


def _text(change: PlannedChange, *, done: bool) -> str:
    text = f"{_VERBS[change.action][done]} {printable(remote(change.path))}"
    if change.access is not None:
        text += f" to {change.access.value.lower().replace('_', '-')}"
    return f"{text} ({printable(change.reason)})" if change.reason and not done else text


def _skipped(change: PlannedChange) -> str:
    return f"nothing to do for {printable(remote(change.path))}"
