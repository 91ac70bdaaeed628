"""Lookups and listings of an account, and the folders that are known to exist."""

from __future__ import annotations

import asyncio
import errno
import functools
import itertools
from collections.abc import AsyncIterable, Callable, Iterator, MutableMapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from hubspot_files_api.models import File

from .._clock import DEFAULT_CLOCK
from .._errors import ConflictError
from .._validation import url_path
from ._entries import ROOT, Entry, joined, name_of, parent_of
from ._os_errors import as_os_error, os_error
from ._recent_changes import RecentChanges

if TYPE_CHECKING:
    from hubspot_files_api.models import Folder

    from .._client import AsyncHubSpotFiles
    from ..resources.pagination import AsyncPager

R = TypeVar("R", "File", "Folder")
T = TypeVar("T")
Listings: TypeAlias = MutableMapping[str, list[Entry]]

# Ids in one request. The URL of a request must stay below 8 KiB.
_BATCH = 100
# Seconds for which a folder is expected to exist after it was looked up, and the number of such folders.
_FOLDER_LIFETIME = 60.0
_MAX_FOLDERS = 10_000


class Account:
    """An account as the file systems of one event loop share it.

    Args:
        client: the client.

    Attributes:
        client: the client.
        changes: changes that searches may not show yet.
    """

    def __init__(self, client: AsyncHubSpotFiles) -> None:
        self.client = client
        self.changes = RecentChanges(DEFAULT_CLOCK)
        # The folders, and when they have to be looked up again.
        self._folders: dict[str, tuple[Entry, float]] = {}
        self._making_folders = asyncio.Lock()

    async def stat(self, path: str) -> Entry:
        """Look up the file or folder at a path. It does not depend on the search.

        Raises:
            FileNotFoundError: nothing is at the path, or the path is not valid.
            OSError: see `as_os_error`.
        """
        if path == ROOT.path:
            return ROOT
        try:
            url_path(path, "path")
        except ValueError as error:
            raise os_error(errno.ENOENT, path, str(error)) from error
        try:
            with as_os_error(path):
                found = await self.client.files.stat(path)
        except FileNotFoundError:
            self.changes.missing(path)
            self._folders.pop(path, None)
            raise
        entry = Entry(path, found.file or found.folder)
        if entry.is_folder:
            self._know(entry)
        return entry

    def _know(self, folder: Entry) -> None:
        if len(self._folders) >= _MAX_FOLDERS:
            self._folders.clear()
        self._folders[folder.path] = folder, DEFAULT_CLOCK.monotonic() + _FOLDER_LIFETIME

    def _known_folder(self, path: str) -> Entry | None:
        entry, until = self._folders.get(path, (None, 0.0))
        return entry if until > DEFAULT_CLOCK.monotonic() else None

    def forget_folders(self, path: str) -> None:
        """Look up a folder, and those below it, again, because it is moved or deleted."""
        for known in [known for known in self._folders if f"{known}/".startswith(f"{path}/")]:
            del self._folders[known]

    async def children(self, path: str, listings: Listings) -> list[Entry]:
        """Return what is in a folder, or the file at the path itself.

        Args:
            path: path of the folder.
            listings: listings of folders that searches have found, which are used and extended.

        Raises:
            FileNotFoundError: there is no file or folder.
            OSError: see `as_os_error`.
        """
        listed = listings.get(path)
        if listed is not None:
            return self.changes.merged(path, listed)
        known = self._known_folder(path)
        folder = known or await self.stat(path)
        if not folder.is_folder:
            return [folder]
        found = (await self.tree(folder, listings, depth=1))[path]
        # Another program may have deleted it, or put another in its place.
        if known is None or found or (await self.stat(path)).key == known.key:
            return found
        listings.pop(path, None)
        return await self.children(path, listings)

    async def tree(self, folder: Entry, listings: Listings, *, depth: int | None) -> dict[str, list[Entry]]:
        """Return what is in a folder and those below it, by their paths.

        It takes at least two requests for each 100 folders of a level. From the root, all files and folders of the
        account are listed, because the root has no id to search by.

        Args:
            folder: the folder.
            listings: listings of folders that searches have found, which are used and extended.
            depth: number of levels, or None for all.

        Raises:
            OSError: see `as_os_error`.
        """
        found: dict[str, list[Entry]] = {}
        level = [folder]
        while level and (depth is None or depth > 0):
            # A listing can expire meanwhile.
            listed = {entry.path: listings.get(entry.path) for entry in level}
            searched = await self._search([entry for entry in level if listed[entry.path] is None])
            listings.update(searched)
            for path in listed:
                found[path] = self.changes.merged(path, listed[path] or searched.get(path) or [])
            below = itertools.chain.from_iterable(found[entry.path] for entry in level)
            level = [entry for entry in below if entry.is_folder and entry.path not in found]
            for entry in level:
                self._know(entry)
            depth = None if depth is None else depth - 1
        return found

    async def _search(self, folders: Sequence[Entry]) -> dict[str, list[Entry]]:
        """Search for what is in folders, and return it by their paths."""
        if ROOT in folders:
            return await self._search_all()
        found: dict[str, list[Entry]] = {folder.path: [] for folder in folders}
        paths = {folder.key[1]: folder.path for folder in folders}
        for ids in _batched(list(paths)):
            with as_os_error(paths[ids[0]]):
                files, below = await asyncio.gather(
                    _found(functools.partial(self.client.files.search, parent_folder_ids=ids)),
                    _found(functools.partial(self.client.folders.search, parent_folder_ids=ids)),
                )
            _add(found, paths, files, below)
        return found

    async def _search_all(self) -> dict[str, list[Entry]]:
        """Search for everything in the account, and return it by the paths of the folders."""
        with as_os_error(ROOT.path):
            files, folders = await asyncio.gather(
                _all(self.client.files.search(beyond_limit=True)), _all(self.client.folders.search(beyond_limit=True))
            )
        children: dict[str, list[Folder]] = {}
        for folder in folders:
            children.setdefault(folder.parent_folder_id or "", []).append(folder)
        # The empty id stands for the root.
        paths = {"": ROOT.path}
        pending = [""]
        while pending:
            id = pending.pop()
            for folder in children.pop(id, ()):
                paths[folder.id] = joined(paths[id], str(folder.name))
                pending.append(folder.id)
        found: dict[str, list[Entry]] = {path: [] for path in paths.values()}
        _add(found, paths, files, [folder for folder in folders if folder.id in paths])
        return found

    async def make_folders(self, path: str) -> Entry:
        """Return the folder at a path. Create it, and those above it, if they do not exist.

        Raises:
            NotADirectoryError: there is a file at the path, or above.
            OSError: see `as_os_error`.
        """
        if path == ROOT.path:
            return ROOT
        if (known := self._known_folder(path)) is not None:
            return known
        # Tasks that store files in one new folder would all try to create it.
        async with self._making_folders:
            missing: list[str] = []
            folder = self._known_folder(path)
            place = path
            while folder is None:
                try:
                    folder = await self.stat(place)
                except FileNotFoundError:
                    missing.append(place)
                    place = parent_of(place)
            if not folder.is_folder:
                raise os_error(errno.ENOTDIR, place)
            for place in reversed(missing):
                folder = await self._make_folder(place, folder)
        return folder

    async def _make_folder(self, path: str, parent: Entry) -> Entry:
        with as_os_error(path):
            try:
                record = await self.client.folders.create(name_of(path), parent_folder_id=parent.key[1] or None)
            except ConflictError:
                # Another program has created it meanwhile.
                entry = await self.stat(path)
                if not entry.is_folder:
                    raise
                return entry
        entry = Entry(path, record)
        self.changes.stored(entry)
        self._know(entry)
        return entry


def _add(
    found: dict[str, list[Entry]], paths: dict[str, str], files: Sequence[File], folders: Sequence[Folder]
) -> None:
    """Add files and folders to the listings of their folders, whose paths are known by their ids."""
    records: list[File | Folder] = [*files, *folders]
    for record in records:
        if (folder := paths.get(record.parent_folder_id or "")) is not None:
            name = record.full_name if isinstance(record, File) else str(record.name)
            found[folder].append(Entry(joined(folder, name), record))


async def _found(search: Callable[..., AsyncPager[R]]) -> list[R]:
    """Return all results of a search. One page is a request less than paging by id, which misses nothing."""
    page = await anext(aiter(search().pages()))
    return list(page.items) if page.next_after is None else await _all(search(beyond_limit=True))


async def _all(items: AsyncIterable[T]) -> list[T]:
    return [item async for item in items]


def _batched(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
