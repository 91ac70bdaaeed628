"""One row of the journal of a transfer: its knowledge of one path."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, cast

from .identity import Identity
from .planned_action import Action
from .results import Outcome, TransferResult

if TYPE_CHECKING:
    from hubspot_files_api.models import File

State: TypeAlias = Literal["intent", "done", "skipped", "failed", "unknown"]
"""The state of a path: an intention, or its outcome."""


class JournalRow(NamedTuple):
    """The journal's knowledge of one path.

    Attributes:
        path: path below the folder on HubSpot.
        action: the action.
        state: the intention or its outcome.
        run: number of the run.
        reason: reason of the outcome.
        size: bytes of the content.
        md5: MD5 of the content that was sent, or None.
        file_id: id of the file, once it is known.
        local_path: path below the local directory.
        sent_at: time before the request, in seconds since 1970, or None.
        recheck_until: time until which a request whose response was lost may still be acted on, or None.
        copy: a second copy that this transfer has stored and has to delete, as JSON, or None.
        stored_path: path of the file with file_id on HubSpot, or None.
        created_at: time of creation of that file, in ISO format, or None.
    """

    path: str
    action: Action
    state: State
    run: int
    reason: str
    size: int
    md5: str | None
    file_id: str | None
    local_path: str | None
    sent_at: float | None
    recheck_until: float | None
    copy: str | None
    stored_path: str | None
    created_at: str | None

    @property
    def identity(self) -> Identity | None:
        """The file, as it was stored, or None if it is not known."""
        if self.file_id is None or self.stored_path is None or self.created_at is None:
            return None
        return Identity(self.file_id, self.stored_path, self.created_at)

    def is_of(self, file: File | None) -> bool:
        """Return whether a record is that of the file, which is still at the path where it was stored."""
        return self.identity is not None and self.identity.is_of(file)

    @property
    def copied(self) -> StoredCopy | None:
        """The second copy, or None."""
        return None if self.copy is None else StoredCopy(*json.loads(self.copy))


class StoredCopy(NamedTuple):
    """A second copy of a file: its identity and its content."""

    id: str
    path: str
    created_at: str
    size: int | None
    md5: str | None


def as_result(row: JournalRow) -> TransferResult:
    """Return the outcome in a row."""
    return TransferResult(
        row.path, row.action, cast("Outcome", row.state), row.reason, row.size, row.file_id, row.local_path
    )
