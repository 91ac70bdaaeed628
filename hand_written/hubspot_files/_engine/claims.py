"""Which call a file or a folder belongs to that was found after a response was lost."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from enum import Enum

from .._errors import APIError, ServerError, UnexpectedResponseError
from .._fork import renew_after_fork

# Ids that are remembered at most.
_MAX_IDS = 10_000
# Seconds by which HubSpot's clock, whose responses name whole seconds, can be misread.
_MARGIN = 5.0


class Claim(Enum):
    """Whose a file or a folder is that was found after a response was lost."""

    THIS_CALL = "no other call can have made it"
    ANOTHER_CALL = "another call was given it"
    AMBIGUOUS = "another call may have made it"


class Creation:
    """A call that creates something at a place.

    Attributes:
        place: what it creates, the id of the folder or None, the path of the folder or None, and the name.
        started_at: the monotonic clock before its first attempt, in seconds.
        lost: whether the response to an attempt was lost.
        settled: whether its outcome is known.
        ambiguous: whether another call to the same place has ended, and nobody knows how.
    """

    def __init__(self, place: tuple[str, str | None, str | None, str], started_at: float) -> None:
        self.place = place
        self.started_at = started_at
        self.lost = False
        self.settled = False
        self.ambiguous = False

    def may_meet(self, other: Creation) -> bool:
        """Whether both may create the same: a folder can be called by its id and by its path."""
        kind, folder_id, path, name = self.place
        other_kind, other_id, other_path, other_name = other.place
        if kind != other_kind or name.casefold() != other_name.casefold():
            return False
        if path is not None and other_path is not None:
            return path.casefold() == other_path.casefold()
        return folder_id is None or other_id is None or int(folder_id) == int(other_id)


class Claims:
    """The ids that calls were given lately, and the calls that are in creation, so that no two take one for theirs."""

    def __init__(self) -> None:
        self._given: OrderedDict[str, float] = OrderedDict()
        self._forgotten = float("-inf")
        self._in_flight: list[Creation] = []
        self._lock = threading.RLock()
        renew_after_fork(self)

    def renew(self) -> None:
        """Know of no call of the parent's as in flight in a forked child, which does not see them end."""
        self._lock = threading.RLock()
        self._in_flight = []

    @contextmanager
    def creating(
        self, kind: str, folder_id: str | None, path: str | None, name: str, started_at: float
    ) -> Generator[Creation, None, None]:
        """Note that a call creates something, for as long as the context lasts.

        Args:
            kind: `file` or `folder`.
            folder_id: id of the folder that it goes to, or None.
            path: path of that folder, or None.
            name: its name.
            started_at: the monotonic clock before the first attempt, in seconds.
        """
        creation = Creation((kind, folder_id, path, name), started_at)
        with self._lock:
            self._in_flight.append(creation)
        try:
            yield creation
        except APIError as error:
            # What HubSpot refuses it has not created, but for an attempt before.
            creation.settled = not creation.lost and not isinstance(error, ServerError | UnexpectedResponseError)
            raise
        finally:
            with self._lock:
                # In a child that this call itself has forked it is not there.
                self._in_flight = [other for other in self._in_flight if other is not creation]
                if not creation.settled:
                    for other in self._in_flight:
                        other.ambiguous = other.ambiguous or creation.may_meet(other)

    def note(self, id: str, now: float) -> None:
        """Note an id that a call was given.

        Args:
            id: that of a file or a folder.
            now: the monotonic clock, in seconds.
        """
        with self._lock:
            self._note(id, now)

    def _note(self, id: str, now: float) -> None:
        self._given[id] = now
        self._given.move_to_end(id)
        if len(self._given) > _MAX_IDS:
            self._forgotten = max(self._forgotten, self._given.popitem(last=False)[1])

    def claim(self, creation: Creation, id: str, now: float) -> Claim:
        """Tell whose it is what was found where a call was to create something; where it is ours, nobody else gets it.

        Args:
            creation: the call.
            id: that of the file or the folder.
            now: the monotonic clock, in seconds.
        """
        with self._lock:
            if id in self._given:
                return Claim.ANOTHER_CALL
            met = any(other is not creation and creation.may_meet(other) for other in self._in_flight)
            if met or creation.ambiguous or creation.started_at - _MARGIN <= self._forgotten:
                return Claim.AMBIGUOUS
            self._note(id, now)
            return Claim.THIS_CALL
