"""The outcomes of a transfer: results, events, the report, and the errors that have one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple, TypeAlias

from .._errors import HubSpotFilesError
from .planned_action import Action, PlannedAction

Outcome: TypeAlias = Literal["done", "skipped", "failed", "unknown"]
"""The outcome of one file. `unknown` means that a response was lost, and that the next run looks the file up."""
EventKind: TypeAlias = Literal["planned", "started", "progress", "finished", "waiting", "checking", "stopping"]
"""The kind of a TransferEvent."""
# Paths in the message of TransferFailedError.
_EXAMPLES = 5


class TransferResult(NamedTuple):
    """The outcome of one file or folder.

    Attributes:
        path: path below the folder on HubSpot, with `/`.
        action: the planned action.
        outcome: `done`, `skipped`, `failed` or `unknown`.
        reason: why it was skipped or failed, or what is special about it; may be empty.
        size: bytes of the content.
        file_id: id of the file on HubSpot, or None.
        local_path: path of the local file, or None.
    """

    path: str
    action: Action
    outcome: Outcome
    reason: str = ""
    size: int = 0
    file_id: str | None = None
    local_path: str | None = None


def result_of(
    entry: PlannedAction, outcome: Outcome, reason: str = "", *, file_id: str | None = None
) -> TransferResult:
    """Return the result of a planned action."""
    size = (entry.old_size if entry.action == "delete" else entry.size) or 0
    id = file_id or entry.file_id
    return TransferResult(entry.path, entry.action, outcome, reason, size, id, entry.local_path or None)


class TransferEvent(NamedTuple):
    """Progress of a transfer, for a display.

    Attributes:
        kind: `planned`: the transfer begins. `started`: a file begins. `progress`: bytes of it were sent or received.
            `finished`: it has a result. `waiting`: a request waits for the rate limit or for a retry. `checking`: an
            upload whose response was lost, in this run or an earlier one, is looked up. `stopping`: the caller was
            interrupted, and the transfer ends when the requests under way have ended.
        path: path of the file below the folder on HubSpot; empty for `planned`.
        size: bytes of the file; of all files for `planned`.
        transferred: bytes of the file that are transferred, for `progress`. A retry starts again at 0.
        actions: number of actions, for `planned`.
        result: the result, for `finished`.
        seconds: length of the wait, for `waiting`.
        why: reason for the wait, for `waiting`.
    """

    kind: EventKind
    path: str = ""
    size: int = 0
    transferred: int = 0
    actions: int = 0
    result: TransferResult | None = None
    seconds: float = 0.0
    why: str = ""


OnEvent: TypeAlias = Callable[[TransferEvent], object]
"""Callback for the events of a transfer. It is called in worker threads, but never by two at a time."""


class TransferReport:
    """The outcomes of a transfer.

    Attributes:
        counts: number of files and folders by outcome: `done`, `skipped`, `failed` and `unknown`.
        results: results of all actions, read from the journal in each iteration. Unchanged files are only counted.
        bytes: bytes of the files that this run has sent or received.
        api_calls: number of requests to the API, including retries and the listing.
        seconds: duration.
    """

    def __init__(
        self,
        counts: Mapping[Outcome, int],
        results: Iterable[TransferResult],
        *,
        bytes: int,
        api_calls: int,
        seconds: float,
    ) -> None:
        self.counts: Mapping[Outcome, int] = counts
        self.results: Iterable[TransferResult] = results
        self.bytes = bytes
        self.api_calls = api_calls
        self.seconds = seconds

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in self.counts.items())
        return f"<TransferReport {counts}; {self.bytes} bytes, {self.api_calls} API calls, {self.seconds:.1f} s>"

    def raise_for_failures(self) -> None:
        """Raise an error if any outcome is `failed` or `unknown`.

        Raises:
            TransferFailedError: its message names some of the files, with their reasons.
        """
        failed, unknown = self.counts["failed"], self.counts["unknown"]
        if not failed and not unknown:
            return
        lines = [f"{failed} failed, and the outcome of {unknown} is unknown. Run the same transfer again to go on."]
        for result in self.results:
            if result.outcome in ("failed", "unknown"):
                lines.append(f"- {result.path}: {result.outcome}: {result.reason}")
            if len(lines) > _EXAMPLES:
                lines.append("- …")
                break
        error = TransferFailedError("\n".join(lines))
        error.report = self
        raise error


class TransferStoppedError(HubSpotFilesError):
    """The transfer stopped before its end, such as for a full disk. The cause is chained. The same call continues it.

    Attributes:
        report: the outcomes up to there, or None if the journal cannot be read.
    """

    report: TransferReport | None = None


class TransferFailedError(HubSpotFilesError):
    """Some files failed, or their outcome is unknown.

    Attributes:
        report: all outcomes.
    """

    report: TransferReport | None = None
