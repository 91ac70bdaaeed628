"""Progress on a terminal, on the standard error. A pipe gets only the lines of the command."""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ._output import NARROW, Output
from ._stderr import columns, fit, write_line

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, Task, TaskID

T = TypeVar("T")


def is_live() -> bool:
    """Return whether there is a terminal to show progress on."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")


class Display(ABC):
    """Base of the displays. Lines for people are written above it.

    Args:
        output: output of the command.
        is_idle: whether there is nothing to do, and nothing to show.
    """

    def __init__(self, output: Output, *, is_idle: bool = False) -> None:
        self.output = output
        self._progress: Progress | None = self._columns() if is_live() and not is_idle else None

    @abstractmethod
    def _columns(self) -> Progress:
        """Return the display of rich."""

    def __enter__(self) -> Self:
        if self._progress is not None:
            self._progress.start()
            self.output.waits.in_progress = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
            self.output.waits.in_progress = False

    def note(self, text: str) -> None:
        """Write a line to the standard error, above the display."""
        if self._progress is None:
            write_line(text)
        else:
            self._progress.console.print(fit(text), markup=False, highlight=False, soft_wrap=True)


class Status(Display):
    """A display of what the command does, while it lasts."""

    def __init__(self, output: Output, what: str) -> None:
        self._what = what
        super().__init__(output)

    def _columns(self) -> Progress:
        from rich.progress import Progress, SpinnerColumn, TextColumn

        columns = [SpinnerColumn(), TextColumn("{task.description}", markup=False), wait_column(self.output)]
        progress = Progress(*columns, console=new_console(), transient=True)
        progress.add_task(self._what, total=None)
        return progress


class Counter(Display):
    """A display of the number of records that were read, while a command collects them."""

    def __init__(self, output: Output, what: str) -> None:
        self._what = what
        self._task: TaskID | None = None
        super().__init__(output)

    def _columns(self) -> Progress:
        from rich.progress import Progress, SpinnerColumn, TextColumn

        progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}: {task.completed:,.0f}", markup=False),
            wait_column(self.output),
            console=new_console(),
            transient=True,
        )
        self._task = progress.add_task(self._what, total=None)
        return progress

    def counted(self, records: Iterable[T]) -> Iterator[T]:
        """Iterate over records, and count them."""
        for record in records:
            if self._progress is not None and self._task is not None:
                self._progress.advance(self._task)
            yield record


class Bar(Display):
    """A bar over a number of files."""

    def __init__(self, output: Output, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._task: TaskID | None = None
        super().__init__(output, is_idle=total == 0)

    def _columns(self) -> Progress:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        wide: list[Any] = [] if is_narrow() else [BarColumn(bar_width=20)]
        progress = Progress(
            TextColumn("{task.description}", markup=False),
            *wide,
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            wait_column(self.output),
            console=new_console(),
            transient=True,
        )
        self._task = progress.add_task(self._what, total=self._total)
        return progress

    def advance(self) -> None:
        """Count a file."""
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task)


def wait_column(output: Output, otherwise: Callable[[Task], str] = lambda _: "") -> ProgressColumn:
    """Return the column of a wait that lasts.

    Args:
        output: output of the command.
        otherwise: returns the text without a wait.
    """
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Wait(ProgressColumn):
        """It is rendered several times a second."""

        def render(self, task: Task) -> Text:
            return Text(output.waits.text(narrow=is_narrow()) or otherwise(task))

    return Wait()


def is_narrow() -> bool:
    """Return whether the terminal is too narrow for a bar."""
    return columns() < NARROW


def new_console() -> Any:
    """Return the standard error as a console of rich."""
    from rich.console import Console

    return Console(stderr=True)
