"""Assignment of files and folders to calls, for the lookup after a response was lost."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from enum import Enum

from .._errors import APIError, ServerError, UnexpectedResponseError
from .._fork import renew_after_fork

# Maximum number of stored ids.
_MAX_IDS = 10_000
# Error, in seconds, of a reading of HubSpot's clock, whose Date header has whole seconds.
_MARGIN = 5.0


class Claim(Enum):
    """The call that a found file or folder belongs to."""

    THIS_CALL = "no other call can have created it"
    ANOTHER_CALL = "another call has returned it"
    AMBIGUOUS = "another call may have created it"


class Creation:
    """A call that creates a file or a folder.

    Attributes:
        place: kind, id of the folder or None, path of the folder or None, and name.
        started_at: time on the monotonic clock before its first attempt, in seconds.
        lost: whether the response to an attempt was lost.
        settled: whether its outcome is known.
        ambiguous: whether another call for the same place has ended with an unknown outcome.
    """

    def __init__(self, place: tuple[str, str | None, str | None, str], started_at: float) -> None:
        self.place = place
        self.started_at = started_at
        self.lost = False
        self.settled = False
        self.ambiguous = False

    def may_meet(self, other: Creation) -> bool:
        """Return whether both calls may create the same file or folder. A parent can be named by its id or its path."""
        kind, folder_id, path, name = self.place
        other_kind, other_id, other_path, other_name = other.place
        if kind != other_kind or name.casefold() != other_name.casefold():
            return False
        if path is not None and other_path is not None:
            return path.casefold() == other_path.casefold()
        return folder_id is None or other_id is None or int(folder_id) == int(other_id)


class Claims:
    """The ids that calls have returned recently, and the creating calls in flight. Each id belongs to one call only."""

    def __init__(self) -> None:
        self._given: OrderedDict[str, float] = OrderedDict()
        self._forgotten = float("-inf")
        self._in_flight: list[Creation] = []
        self._lock = threading.RLock()
        renew_after_fork(self)

    def renew(self) -> None:
        """Forget the parent's calls in flight in a forked child, which does not notice their end."""
        self._lock = threading.RLock()
        self._in_flight = []

    @contextmanager
    def creating(
        self, kind: str, folder_id: str | None, path: str | None, name: str, started_at: float
    ) -> Generator[Creation, None, None]:
        """Register a creating call within the context.

        Args:
            kind: `file` or `folder`.
            folder_id: id of the parent folder, or None.
            path: path of the parent folder, or None.
            name: name of the file or folder.
            started_at: time on the monotonic clock before the first attempt, in seconds.
        """
        creation = Creation((kind, folder_id, path, name), started_at)
        with self._lock:
            self._in_flight.append(creation)
        try:
            yield creation
        except APIError as error:
            # HubSpot does not create what it rejects. An earlier attempt may have created it.
            creation.settled = not creation.lost and not isinstance(error, ServerError | UnexpectedResponseError)
            raise
        finally:
            with self._lock:
                # It may be missing, in a child process that was forked within the context.
                self._in_flight = [other for other in self._in_flight if other is not creation]
                if not creation.settled:
                    for other in self._in_flight:
                        other.ambiguous = other.ambiguous or creation.may_meet(other)

    def note(self, id: str, now: float) -> None:
        """Record an id that a call returns.

        Args:
            id: id of a file or folder.
            now: time on the monotonic clock, in seconds.
        """
        with self._lock:
            self._note(id, now)

    def _note(self, id: str, now: float) -> None:
        self._given[id] = now
        self._given.move_to_end(id)
        if len(self._given) > _MAX_IDS:
            self._forgotten = max(self._forgotten, self._given.popitem(last=False)[1])

    def claim(self, creation: Creation, id: str, now: float) -> Claim:
        """Return the call that a found id belongs to. If it is this call, record the id.

        Args:
            creation: this call.
            id: id of the found file or folder.
            now: time on the monotonic clock, in seconds.
        """
        with self._lock:
            if id in self._given:
                return Claim.ANOTHER_CALL
            conflict = any(other is not creation and creation.may_meet(other) for other in self._in_flight)
            if conflict or creation.ambiguous or creation.started_at - _MARGIN <= self._forgotten:
                return Claim.AMBIGUOUS
            self._note(id, now)
            return Claim.THIS_CALL
