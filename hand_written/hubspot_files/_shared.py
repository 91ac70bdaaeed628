"""What a client remembers together with its copies: what it changed, what it was given, how a path has to be sent."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from ._errors import APIError, ServerError, UnexpectedResponseError
from ._fork import renew_after_fork

# Seconds for which a search may not show a change yet: HubSpot's index was seen to lag by minutes.
_LAG = 600.0
# Ids that are remembered at most.
_MAX_IDS = 10_000
# Seconds by which HubSpot's clock, whose responses name whole seconds, can be misread.
_MARGIN = 5.0


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


class Changes:
    """Counts the requests that change something, any of which may shift the results of a search.

    Attributes:
        begun: how many were begun so far.
    """

    def __init__(self) -> None:
        self.begun: int = 0
        self._in_flight = 0
        # The latest end of one, by the clock of whoever asked after it: later than it was, never earlier.
        self._ended = float("-inf")
        self._unseen = False
        self._lock = threading.RLock()
        renew_after_fork(self)

    def renew(self) -> None:
        """Count none of the parent's as in flight in a forked child, which does not see them end."""
        self._lock = threading.RLock()
        self._unseen = self._unseen or self._in_flight > 0
        self._in_flight = 0

    def begin(self) -> None:
        """Count one, before it is sent."""
        with self._lock:
            self.begun += 1
            self._in_flight += 1

    def end(self) -> None:
        """Note that one is over."""
        with self._lock:
            self._in_flight -= 1
            self._unseen = True

    def are_settled(self, now: float) -> bool:
        """Whether none is in flight, and none is so recent that a search may not show it yet.

        Args:
            now: the monotonic clock, in seconds.
        """
        with self._lock:
            if self._unseen:
                self._ended, self._unseen = now, False
            return not self._in_flight and now - self._ended > _LAG


class Claim(Enum):
    """Whose a file or a folder is that was found after a response was lost."""

    OURS = "no other call can have made it"
    ANOTHERS = "another call was given it"
    UNCLEAR = "another call may have made it"


class Flight:
    """A call that creates something at a place.

    Attributes:
        place: what it creates, the id of the folder or None, the path of the folder or None, and the name.
        began: the monotonic clock before its first attempt, in seconds.
        lost: whether the response to an attempt was lost.
        settled: whether its outcome is known.
        doubtful: whether another call to the same place has ended, and nobody knows how.
    """

    def __init__(self, place: tuple[str, str | None, str | None, str], began: float) -> None:
        self.place = place
        self.began = began
        self.lost = False
        self.settled = False
        self.doubtful = False

    def may_meet(self, other: Flight) -> bool:
        """Whether both may create the same: a folder can be called by its id and by its path."""
        kind, folder_id, path, name = self.place
        other_kind, other_id, other_path, other_name = other.place
        if kind != other_kind or name.casefold() != other_name.casefold():
            return False
        if path is not None and other_path is not None:
            return path.casefold() == other_path.casefold()
        return folder_id is None or other_id is None or int(folder_id) == int(other_id)


class Claims:
    """The ids that calls were given lately, and the calls that are in flight, so that no two take one for theirs."""

    def __init__(self) -> None:
        self._given: OrderedDict[str, float] = OrderedDict()
        self._forgotten = float("-inf")
        self._flights: list[Flight] = []
        self._lock = threading.RLock()
        renew_after_fork(self)

    def renew(self) -> None:
        """Know of no call of the parent's as in flight in a forked child, which does not see them end."""
        self._lock = threading.RLock()
        self._flights = []

    @contextmanager
    def flight(self, kind: str, folder_id: str | None, path: str | None, name: str, began: float) -> Iterator[Flight]:
        """Note that a call creates something, for as long as the context lasts.

        Args:
            kind: `file` or `folder`.
            folder_id: id of the folder that it goes to, or None.
            path: path of that folder, or None.
            name: its name.
            began: the monotonic clock before the first attempt, in seconds.
        """
        flight = Flight((kind, folder_id, path, name), began)
        with self._lock:
            self._flights.append(flight)
        try:
            yield flight
        except APIError as error:
            # What HubSpot refuses it has not created, but for an attempt before.
            flight.settled = not flight.lost and not isinstance(error, ServerError | UnexpectedResponseError)
            raise
        finally:
            with self._lock:
                # In a child that this call itself has forked it is not there.
                self._flights = [other for other in self._flights if other is not flight]
                if not flight.settled:
                    for other in self._flights:
                        other.doubtful = other.doubtful or flight.may_meet(other)

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

    def claim(self, flight: Flight, id: str, now: float) -> Claim:
        """Tell whose it is what was found where a call was to create something; where it is ours, nobody else gets it.

        Args:
            flight: the call.
            id: that of the file or the folder.
            now: the monotonic clock, in seconds.
        """
        with self._lock:
            if id in self._given:
                return Claim.ANOTHERS
            met = any(other is not flight and flight.may_meet(other) for other in self._flights)
            if met or flight.doubtful or flight.began - _MARGIN <= self._forgotten:
                return Claim.UNCLEAR
            self._note(id, now)
            return Claim.OURS
