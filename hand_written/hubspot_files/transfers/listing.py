"""The listing of a folder tree on HubSpot, by searches alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .._content.public_url import is_public
from .._engine.effects import Flow, RunBlocking
from .calls import Calls
from .globs import Globs
from .identity import creation
from .names import LocalNames
from .trees import RemoteEntry, Trees, path_key

if TYPE_CHECKING:
    from hubspot_files_api.models import File

# Ids in one request. The URL of a request must stay below 8 KiB.
_BATCH = 100


class Place(NamedTuple):
    """The place of a folder: its path below the top, and that below the local directory."""

    path: str
    local_path: str


class Listing:
    """The listing of everything below a folder.

    Args:
        calls: operations.
        trees: tables that the entries are added to.
        globs: patterns that select files.
        names: names of local files, or None if nothing is downloaded.
    """

    def __init__(self, calls: Calls, trees: Trees, globs: Globs, names: LocalNames | None) -> None:
        self._calls = calls
        self._trees = trees
        self._globs = globs
        self._names = names

    def run(self, folder_id: str | None, *, recursive: bool = True) -> Flow[None]:
        """Add everything below a folder, or below the root if folder_id is None.

        Args:
            folder_id: id of the folder, or None.
            recursive: whether to add what is in the folders below it.
        """
        if not recursive:
            places = {folder_id or "": Place("", "")}
        else:
            places = (yield from self._folders(folder_id)) if folder_id else (yield from self._all_folders())
        # The root has no id to search by.
        batches: Iterable[Sequence[str] | None] = _batched(places) if folder_id else [None]
        for batch in batches:
            for flow in self._calls.files(batch):
                page = yield from flow
                yield from RunBlocking(self._add_files, page.items, places)

    def _folders(self, folder_id: str) -> Flow[dict[str, Place]]:
        """Add the folders level by level, and return the places of all of them by their ids."""
        places = {folder_id: Place("", "")}
        level = [folder_id]
        while level:
            below: list[str] = []
            for batch in _batched(level):
                for flow in self._calls.folders(batch):
                    for folder in (yield from flow).items:
                        parent = places.get(str(folder.parent_folder_id))
                        if (
                            parent
                            and folder.id not in places
                            and self._add_folder(folder.id, folder.name, parent, places)
                        ):
                            below.append(folder.id)
            level = below
        return places

    def _all_folders(self) -> Flow[dict[str, Place]]:
        """Add all folders of the account, and return their places by their ids."""
        children: dict[str, list[tuple[str, str | None]]] = {}
        for flow in self._calls.folders(None):
            for folder in (yield from flow).items:
                children.setdefault(folder.parent_folder_id or "", []).append((folder.id, folder.name))
        # The empty id stands for the root.
        places = {"": Place("", "")}
        pending = [""]
        while pending:
            parent_id = pending.pop()
            for id, name in children.get(parent_id, ()):
                if self._add_folder(id, name, places[parent_id], places):
                    pending.append(id)
        return places

    def _add_folder(self, id: str, name: str | None, parent: Place, places: dict[str, Place]) -> bool:
        path = _joined(parent.path, str(name))
        if not self._globs.takes_folder(path):
            return False
        local_path = self._names.folder(parent.local_path, str(name), id) if self._names else path
        places[id] = Place(path, local_path)
        self._trees.add_remote([RemoteEntry(self._key(local_path), path, local_path, "folder", id)])
        return True

    def _add_files(self, files: Iterable[File], places: dict[str, Place]) -> None:
        self._trees.add_remote(self._file_entries(files, places))

    def _file_entries(self, files: Iterable[File], places: dict[str, Place]) -> Iterator[RemoteEntry]:
        for file in files:
            parent = places.get(file.parent_folder_id or "")
            if parent is None:
                continue
            path = _joined(parent.path, file.full_name)
            if self._globs.selects_file(path):
                local_path = self._names.file(parent.local_path, file) if self._names else path
                yield file_entry(file, self._key(local_path), path, local_path)

    def _key(self, local_path: str) -> str:
        return path_key(local_path, fold=self._names is not None and self._names.fold)


def file_entry(file: File, key: str, path: str, local_path: str) -> RemoteEntry:
    """Return the entry of a file."""
    md5 = file.file_md5.lower() if file.file_md5 else None
    access = None if file.access is None else file.access.value
    # A query could have a signature, and a plan may be saved.
    url = file.url if is_public(file) and file.url and "?" not in file.url else None
    return RemoteEntry(key, path, local_path, "file", file.id, file.size, md5, access, url, creation(file))


def _joined(parent: str, name: str) -> str:
    return f"{parent}/{name}" if parent else name


def _batched(ids: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(ids)
    while batch := list(itertools.islice(iterator, _BATCH)):
        yield batch
