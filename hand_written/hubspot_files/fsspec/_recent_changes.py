"""The changes of this process that searches may not show yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from .._clock import Clock
from ._entries import Entry, parent_of

if TYPE_CHECKING:
    from ._entries import Key

# HubSpot's search shows a change after up to minutes.
_LIFETIME = 600.0


class _Change(NamedTuple):
    """A file or folder since its last change: the entry, or None if it is deleted, and the time of the change."""

    entry: Entry | None
    time: float


class RecentChanges:
    """Files and folders that this process has stored, moved or deleted within ten minutes.

    Args:
        clock: source of time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # In the order of their times.
        self._changes: dict[Key, _Change] = {}

    def stored(self, entry: Entry) -> None:
        """Note a new, changed or moved file or folder."""
        self._note(entry.key, entry)

    def deleted(self, entry: Entry) -> None:
        """Note that a file or folder is deleted, with everything below it."""
        for key, _ in self._below(entry.path) if entry.is_folder else ():
            self._note(key, None)
        self._note(entry.key, None)

    def moved(self, old: str, new: Entry) -> None:
        """Note that a file or folder is moved, with everything below it."""
        for key, below in self._below(old) if new.is_folder else ():
            self._note(key, below._replace(path=new.path + below.path[len(old) :]))
        self.stored(new)

    def missing(self, path: str) -> None:
        """Forget a file or folder that another program has deleted or moved."""
        for key, change in list(self._changes.items()):
            if change.entry is not None and change.entry.path == path:
                del self._changes[key]

    def merged(self, folder: str, listed: Iterable[Entry]) -> list[Entry]:
        """Return the entries of a folder, by path: those that a search has found, with the changes.

        Args:
            folder: path of the folder.
            listed: the entries that a search has found.
        """
        self._prune()
        merged: dict[tuple[str, bool], Entry] = {}
        for entry in listed:
            known = self._changes.get(entry.key)
            if known is not None and known.entry is not None and entry.updated_at > known.entry.updated_at:
                # Another program has changed it since then.
                del self._changes[entry.key]
            elif known is not None:
                continue
            merged[entry.path, entry.is_folder] = entry
        for change in self._changes.values():
            own = change.entry
            if own is not None and parent_of(own.path) == folder:
                other = merged.get((own.path, own.is_folder))
                if other is None or own.updated_at > other.updated_at:
                    merged[own.path, own.is_folder] = own
        return [merged[place] for place in sorted(merged)]

    def _below(self, path: str) -> list[tuple[Key, Entry]]:
        known = [(key, change.entry) for key, change in self._changes.items() if change.entry is not None]
        return [(key, entry) for key, entry in known if entry.path.startswith(f"{path}/")]

    def _note(self, key: Key, entry: Entry | None) -> None:
        self._prune()
        self._changes.pop(key, None)
        self._changes[key] = _Change(entry, self._clock.monotonic())

    def _prune(self) -> None:
        oldest = self._clock.monotonic() - _LIFETIME
        for key, change in list(self._changes.items()):
            if change.time > oldest:
                break
            del self._changes[key]
