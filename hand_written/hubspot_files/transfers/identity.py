"""The identity of a file on HubSpot, as the journal knows it.

An id alone proves nothing: the file may have been renamed or moved, and a journal can be older than the account, such
as that of an emulator that was started again and has given the same ids to other files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .._operations.lookup import same_path

if TYPE_CHECKING:
    from hubspot_files_api.models import File, Folder


class Identity(NamedTuple):
    """A file at its path.

    Attributes:
        id: its id.
        path: its path on HubSpot.
        created_at: time of its creation, in ISO format.
    """

    id: str
    path: str
    created_at: str

    def is_of(self, file: File | None) -> bool:
        """Return whether a record is that of this file, and the file is still at its path."""
        found = None if file is None or file.archived else identified(file)
        return (
            found is not None
            and (found.id, found.created_at) == (self.id, self.created_at)
            and same_path(found.path, self.path)
        )


def identified(file: File) -> Identity | None:
    """Return the identity of a file, or None if its record does not state it."""
    created_at = creation(file)
    return None if file.path is None or created_at is None else Identity(file.id, file.path, created_at)


def creation(record: File | Folder) -> str | None:
    """Return the time of creation in ISO format, or None if the record does not state it."""
    return None if record.created_at is None else record.created_at.isoformat()
