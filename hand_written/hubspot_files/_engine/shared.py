"""State that a client shares with its copies: changes, claims, and the form of paths in URLs."""

from __future__ import annotations

from .changes import Changes
from .claims import Claims


class Shared:
    """State that a client shares with its copies.

    Attributes:
        changes: counter of the requests that can shift the results of a search.
        claims: assignment of files and folders to calls.
        quoted_slashes: whether the slashes of a path in a URL are sent as `%2F`. None until a response has shown which
            form HubSpot accepts.
    """

    def __init__(self) -> None:
        self.changes: Changes = Changes()
        self.claims: Claims = Claims()
        self.quoted_slashes: bool | None = None
