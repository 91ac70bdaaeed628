"""What a client remembers together with its copies: what it changed, what it was given, how a path has to be sent."""

from __future__ import annotations

from .changes import Changes
from .claims import Claims


class Shared:
    """What all requests of a client and its copies know of each other.

    Attributes:
        changes: the requests that can shift the results of a search.
        claims: which files and folders belong to which call.
        quoted_slashes: whether the slashes of a path in a URL are sent as `%2F`; None until a response has shown which
            of the two forms HubSpot takes.
    """

    def __init__(self) -> None:
        self.changes: Changes = Changes()
        self.claims: Claims = Claims()
        self.quoted_slashes: bool | None = None
