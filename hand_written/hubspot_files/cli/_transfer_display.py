"""The display of a transfer: bytes, files, rate, time left and waits on a terminal, else a line for each file."""

from __future__ import annotations

from collections import Counter
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

    Attributes:
        counts: number of results by outcome.
        total: number of planned actions.
    """

    def __init__(self, output: Output) -> None:
        self.counts: Counter[str] = Counter()
        self.total = 0
        self._finished_bytes = 0
        self._in_flight: dict[str, int] = {}
        self._total_bytes = 0
        self._task: TaskID | None = None
        self._unknown: set[str] = set()
        super().__init__(output)

    def _columns(self) -> Progress:
        from rich.progress import BarColumn, Progress, TextColumn

        columns: list[Any] = [TextColumn("{task.fields[files]}"), wait_column(self.output, _rate)]
        if not is_narrow():
            columns = [BarColumn(bar_width=12), columns[0], TextColumn("{task.fields[size]}"), columns[1]]
        progress = Progress(*columns, console=new_console(), transient=True)
        self._task = progress.add_task("", total=None, files="", size="")
        return progress

    def on_event(self, event: TransferEvent) -> None:
        """Show an event. A transfer calls it from its workers, one at a time."""
        if event.kind == "planned":
            self.total = event.actions
            self._total_bytes = event.size
        elif event.kind == "progress":
            # A retry starts again at 0.
            self._in_flight[event.path] = event.transferred
        elif event.kind == "finished" and event.result is not None:
            self.finished(event.result)
        elif event.kind == "stopping":
            self.note("Stopping: requests under way are finished. Ctrl-C again stops at once.")
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
    output.line(f"{_PLANNED[action.action]} {printable(action.path)} ({printable(action.reason)}{size})")


def show_report(output: Output, report: TransferReport) -> None:
    """Write what a transfer has done."""
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
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in report.counts.items() if count)
    seconds = f"{report.seconds:,.1f} s"
    calls = count_text(report.api_calls, "API call")
    output.note(f"{counts or 'nothing to do'}; {size_text(report.bytes)} in {seconds}, {calls}")
