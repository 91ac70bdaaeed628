"""The display of a transfer: bytes, files, rate, time left and waits on a terminal, else a line for each file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ._output import Output
from ._progress import Display, is_narrow, new_console, wait_column
from ._text import count_text, duration_text, printable, size_text

if TYPE_CHECKING:
    from rich.progress import Progress, Task, TaskID

    from ..transfers import PlannedAction, TransferEvent, TransferReport, TransferResult

_TRANSFERS: Final = ("upload", "replace", "download")
# Files that failed, of which each has a line.
_MAX_FAILURES: Final = 5
_DONE: Final = {
    "mkdir": "created",
    "upload": "uploaded",
    "replace": "replaced",
    "download": "downloaded",
    "delete": "deleted",
}
_PLANNED: Final = {
    "mkdir": "would create",
    "upload": "would upload",
    "replace": "would replace",
    "download": "would download",
    "delete": "would delete",
    "conflict": "conflict:",
    "skip": "would skip",
}


class TransferDisplay(Display):
    """The display of one transfer. Its `on_event` is the callback of a transfer.

    Args:
        output: output of the command.
        folders: number of folders that are created, which are no files.
        is_idle: whether there is nothing to transfer.

    Attributes:
        counts: number of files by outcome.
        total: number of planned files.
    """

    def __init__(self, output: Output, folders: int = 0, *, is_idle: bool = False) -> None:
        self.counts: Counter[str] = Counter()
        self.total = 0
        self._folders = folders
        self._checks = False
        self._finished_bytes = 0
        self._in_flight: dict[str, int] = {}
        self._total_bytes = 0
        self._task: TaskID | None = None
        self._unknown: set[str] = set()
        super().__init__(output, is_idle=is_idle)

    def _columns(self) -> Progress:
        from rich.progress import BarColumn, Progress, TextColumn

        columns: list[Any] = [TextColumn("{task.fields[files]}"), wait_column(self.output, self._activity)]
        if not is_narrow():
            columns = [BarColumn(bar_width=12), columns[0], TextColumn("{task.fields[size]}"), columns[1]]
        progress = Progress(*columns, console=new_console(), transient=True)
        self._task = progress.add_task("", total=None, files="", size="")
        return progress

    def on_event(self, event: TransferEvent) -> None:
        """Show an event. A transfer calls it from its workers, one at a time."""
        if event.kind == "planned":
            self.total = event.actions - self._folders
            self._total_bytes = event.size
        elif event.kind == "progress":
            # A retry starts again at 0.
            self._in_flight[event.path] = event.transferred
        elif event.kind == "finished" and event.result is not None:
            self.finished(event.result)
        elif event.kind == "stopping":
            self.note("Stopping: requests under way are finished. Ctrl-C again stops at once.")
        if event.kind != "waiting":
            self._checks = event.kind == "checking"
        self._show()

    def _show(self) -> None:
        """Show the present state on a terminal."""
        if self._progress is None or self._task is None:
            return
        transferred = self._finished_bytes + sum(self._in_flight.values())
        self._progress.update(
            self._task,
            total=self._total_bytes,
            completed=transferred,
            files=f"{sum(self.counts.values()):,}/{self.total:,} files",
            size=f"{size_text(transferred)} of {size_text(self._total_bytes)}",
        )

    def finished(self, result: TransferResult) -> None:
        """Count and show a result."""
        if result.action != "mkdir":
            self.counts[result.outcome] += 1
        self._in_flight.pop(result.path, None)
        if result.outcome == "unknown":
            self._unknown.add(result.path)
        if result.action in _TRANSFERS:
            self._finished_bytes += result.size
        path = printable(result.path)
        if self.output.json:
            self.output.record({"kind": "transfer", **result._asdict()})
        elif result.outcome in ("failed", "unknown"):
            if self.counts["failed"] + self.counts["unknown"] > _MAX_FAILURES:
                return
            self.note(f"{result.outcome}: {path}: {printable(result.reason)}")
        elif not self.output.terminal:
            verb = _DONE.get(result.action, result.action) if result.outcome == "done" else "skipped"
            reason = f" ({printable(result.reason)})" if result.reason else ""
            self.output.line(f"{verb} {path}{reason}")

    def _activity(self, task: Task) -> str:
        """Return what the transfer does if it checks, or the rate and the time left."""
        if self._checks:
            return "checks earlier uploads"
        return _rate(task)

    def ended(self, report: TransferReport | None) -> None:
        """Show the files whose outcome a stopped transfer has left unknown, and the number of failures without a line.

        Args:
            report: report of the transfer, or None without one.
        """
        if report is not None and report.counts["unknown"] > len(self._unknown):
            for result in report.results:
                if result.outcome == "unknown" and result.path not in self._unknown:
                    self.finished(result)
        rest = self.counts["failed"] + self.counts["unknown"] - _MAX_FAILURES
        if rest > 0 and not self.output.json:
            self.note(f"… and {rest:,} more: --json lists all")


def _rate(task: Task) -> str:
    """Return the rate and the time left."""
    if task.speed is None or task.time_remaining is None:
        return ""
    return f"{size_text(round(task.speed))}/s, {duration_text(timedelta(seconds=task.time_remaining))} left"


def show_action(output: Output, action: PlannedAction) -> None:
    """Write an entry of a plan."""
    if output.json:
        output.record(
            {"kind": "action", **{name: value for name, value in action._asdict().items() if value is not None}}
        )
        return
    size = "" if action.size is None else f", {size_text(action.size)}"
    output.sentence(f"{_PLANNED[action.action]} {printable(action.path)} ({printable(action.reason)}{size})")


def show_report(
    output: Output, report: TransferReport, replaced: AbstractSet[str] = frozenset(), *, unchanged: int = 0
) -> None:
    """Write what a transfer has done.

    Args:
        output: output of the command.
        report: the report.
        replaced: paths of the local files that existed before a download.
        unchanged: number of files that were equal on both sides.
    """
    if output.json:
        output.record(
            {
                "kind": "summary",
                **{str(outcome): count for outcome, count in report.counts.items()},
                "bytes": report.bytes,
                "api_calls": report.api_calls,
                "seconds": round(report.seconds, 3),
            }
        )
        return
    names = (
        _name_of(result.action, replaces=result.path in replaced) if result.outcome == "done" else result.outcome
        for result in report.results
    )
    counts = counts_text(Counter(names), unchanged)
    seconds = f"{report.seconds:,.1f} s"
    calls = count_text(report.api_calls, "API call")
    output.note(f"{counts}; {size_text(report.bytes)} in {seconds}, {calls}")


def plan_counts_text(actions: Iterable[PlannedAction], unchanged: int) -> str:
    """Return the number of planned actions by their kind."""
    names = (_name_of(action.action, replaces=action.old_size is not None) for action in actions)
    return counts_text(Counter(names), unchanged)


def _name_of(action: str, *, replaces: bool) -> str:
    """Return the kind under which an action is counted."""
    if action in ("upload", "download"):
        return "replaced" if replaces else "new"
    return {"mkdir": "folder", "replace": "replaced", "delete": "deleted", "skip": "skipped"}.get(action, action)


def counts_text(counts: Counter[str], unchanged: int) -> str:
    """Return counts such as `2 new files, 1 new folder, 3 replaced, 5 unchanged`. Plans and runs have the same words.

    Args:
        counts: numbers by kind.
        unchanged: number of files that were equal on both sides.
    """
    parts = [
        count_text(counts["new"], "new file") if counts["new"] else "",
        count_text(counts["folder"], "new folder") if counts["folder"] else "",
        *(f"{counts[name]:,} {name}" for name in ("replaced", "deleted") if counts[name]),
        f"{unchanged:,} unchanged" if unchanged else "",
        f"{counts['skipped']:,} left alone" if counts["skipped"] else "",
        count_text(counts["conflict"], "conflict") if counts["conflict"] else "",
        *(f"{counts[name]:,} {name}" for name in ("failed", "unknown") if counts[name]),
    ]
    return ", ".join(filter(None, parts)) or "nothing to do"
