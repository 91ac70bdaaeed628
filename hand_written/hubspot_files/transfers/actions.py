"""The actions of a plan, each with its journal: the intention first, then the request, then the outcome."""

from __future__ import annotations

import errno
import functools
import sqlite3
from collections.abc import Callable

from .._engine.effects import CleanUp, Flow, RunBlocking
from .._engine.retry import first_line
from .._errors import (
    APIError,
    AuthenticationError,
    ClientStateError,
    ConnectionFailedError,
    HubSpotFilesError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    UnexpectedResponseError,
    UnsupportedOperationError,
)
from . import deletions, downloads, folders, uploads
from .copies import has_content, remove_copy, remove_late_copy
from .journal_row import JournalRow, as_result
from .planned_action import PlannedAction
from .results import Outcome, TransferEvent, TransferResult, TransferStoppedError, result_of
from .run_state import RunState

Handler = Callable[[RunState, PlannedAction], Flow[TransferResult]]

# The same for each further file.
_HOPELESS = (AuthenticationError, ClientStateError, PermissionDeniedError, UnsupportedOperationError)
_NO_SPACE = frozenset({errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)})
# HubSpot may have acted on an idempotent request whose retries were used up.
_LOST = (ConnectionFailedError, ServerError, UnexpectedResponseError)
# HubSpot, or the way to it, is down.
_DOWN = (ConnectionFailedError, ServerError, OutcomeUnknownError)
# Actions in a row, each with its retries, that failed for that.
_MAX_LOST = 50
_HANDLERS: dict[tuple[str, str], Handler] = {
    ("upload", "mkdir"): folders.create_remote,
    ("upload", "upload"): uploads.upload,
    ("upload", "replace"): uploads.replace,
    ("upload", "delete"): deletions.delete_remote,
    ("download", "mkdir"): folders.create_local,
    ("download", "download"): downloads.download,
    ("download", "delete"): deletions.delete_local,
}


def perform(state: RunState, entry: PlannedAction, *, is_last: bool = True) -> Flow[TransferResult | None]:
    """Do one action, and commit its outcome.

    Args:
        state: state of the run.
        entry: the action.
        is_last: whether an unknown outcome is final for this run.

    Returns:
        The result, or None if it is unknown and looked at again in this run.

    Raises:
        TransferStoppedError: the other actions would fail, too.
    """
    state.check_running()
    state.notify(TransferEvent("started", entry.path, entry.size or 0))
    error: Exception | None = None
    try:
        try:
            result = yield from _handled(state, entry)
        except (HubSpotFilesError, OSError, ValueError) as raised:
            error = raised
            outcome = _outcome(state, entry, error)
            reason = _unknown(error) if outcome == "unknown" else _reason(error)
            result = result_of(entry, outcome, reason + _support(error))
        yield from CleanUp(functools.partial(state.journal.finish, result, state.now()))
    except sqlite3.Error as raised:
        raise _journal_lost(raised) from raised
    _count(state, error, failed=result.outcome == "failed" or (result.outcome == "unknown" and is_last))
    if result.outcome == "unknown" and not is_last:
        return None
    state.notify(TransferEvent("finished", entry.path, result.size, result=result))
    return result


def _handled(state: RunState, entry: PlannedAction) -> Flow[TransferResult]:
    if entry.action == "conflict":
        return result_of(entry, "failed", f"conflict: {entry.reason}")
    if entry.action == "skip":
        return result_of(entry, "skipped", entry.reason)
    if entry.action == "delete" and state.failed:
        # What was moved is stored under its new name before it is deleted under its old one.
        return result_of(entry, "skipped", "not deleted, because other files have failed")
    return (yield from _HANDLERS[state.options.direction, entry.action](state, entry))


def _count(state: RunState, error: Exception | None, *, failed: bool) -> None:
    """Count an action that has ended.

    Raises:
        TransferStoppedError: the other actions would fail, too.
    """
    lost = state.count(failed=failed, lost=isinstance(error, _DOWN))
    if error is None or not (_is_hopeless(error) or lost >= _MAX_LOST):
        return
    often = "" if _is_hopeless(error) else f", {lost} times in a row"
    message = f"the transfer stopped: {_reason(_cause(error))}{often}. Run it again to go on."
    raise TransferStoppedError(message) from error


def _outcome(state: RunState, entry: PlannedAction, error: Exception) -> Outcome:
    """Return the outcome of an action that has raised an error."""
    if isinstance(error, OutcomeUnknownError):
        return "unknown"
    row = state.journal.row(entry.path)
    if row is None:
        return "failed"
    if row.state == "intent" and row.run == state.journal.run:
        return "unknown" if isinstance(error, _LOST) and entry.action in ("replace", "delete") else "failed"
    # The lookup of a lost request has failed.
    return "unknown" if row.state == "unknown" else "failed"


def _is_hopeless(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in _NO_SPACE
    return isinstance(error, _HOPELESS) or (isinstance(error, RateLimitError) and error.policy == "DAILY")


def _reason(error: Exception) -> str:
    is_local = isinstance(error, OSError) and not isinstance(error, HubSpotFilesError)
    return str(error) if is_local else first_line(error)


def _support(error: Exception) -> str:
    known = error.correlation_id if isinstance(error, HubSpotFilesError) else None
    return "" if known is None else f" (correlation id {known})"


def _unknown(error: Exception) -> str:
    """Return the reason of an unknown outcome, without the advice for callers of a single operation."""
    cause = _cause(error)
    if isinstance(cause, APIError):
        why = f"HubSpot's response was {cause.status_code}"
    else:
        why = "there was no response in time" if isinstance(cause, RequestTimeoutError) else "the connection was lost"
    return f"{why}; the next run looks it up"


def _cause(error: Exception) -> Exception:
    cause = error.__cause__
    return cause if isinstance(error, OutcomeUnknownError) and isinstance(cause, HubSpotFilesError) else error


def _journal_lost(error: sqlite3.Error) -> TransferStoppedError:
    return TransferStoppedError(
        f"the transfer stopped, because its journal cannot be written: {error}. Run it again to go on."
    )


def settle(state: RunState, row: JournalRow) -> Flow[TransferResult | None]:
    """Find out what became of an action of an earlier run that is not in the plan any more.

    Raises:
        TransferStoppedError: the journal cannot be written, or the other actions would fail, too.
    """
    state.check_running()
    state.notify(TransferEvent("checking", row.path))
    error: HubSpotFilesError | None = None
    try:
        try:
            result = yield from _settled(state, row)
        except HubSpotFilesError as raised:
            error = raised
            result = as_result(row)._replace(outcome="unknown", reason=_unknown(error) + _support(error))
        yield from CleanUp(functools.partial(state.journal.finish, result, state.now()))
    except sqlite3.Error as raised:
        raise _journal_lost(raised) from raised
    _count(state, error, failed=result.outcome == "unknown")
    return result


def _settled(state: RunState, row: JournalRow) -> Flow[TransferResult]:
    result = as_result(row)
    if row.action == "download":
        yield from RunBlocking(downloads.remove_partial, state, row.local_path or "")
    if row.action == "delete" and row.file_id is not None and (yield from state.calls.get(row.file_id)) is None:
        return result._replace(outcome="done", reason="")
    if row.action in ("upload", "replace"):
        yield from remove_copy(state, row)
        stat = yield from state.calls.stat(state.remote(row.path))
        file = None if stat is None else stat.file
        if file is not None and has_content(file, row.size, row.md5):
            yield from CleanUp(functools.partial(state.journal.know, row.path, file))
            return result._replace(outcome="done", reason="", file_id=file.id)
    return result._replace(outcome="skipped", reason="not planned any more")


def recheck(state: RunState, row: JournalRow) -> Flow[TransferResult | None]:
    """Delete the second copy of a file that HubSpot has stored late, after a lost response.

    Raises:
        TransferStoppedError: the journal cannot be written, or the other actions would fail, too.
    """
    state.check_running()
    state.notify(TransferEvent("checking", row.path))
    try:
        yield from remove_late_copy(state, row)
    except sqlite3.Error as error:
        raise _journal_lost(error) from error
    except HubSpotFilesError as error:
        # The next run checks again.
        _count(state, error, failed=True)
    return None
