"""Names of downloaded files and folders, which are distinct on the file system that they are for."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from .._content.file_names import numbered, safe_name, safe_segment
from .trees import path_key

if TYPE_CHECKING:
    from hubspot_files_api.models import File

_EXAMPLES = 5


class LocalNames:
    """The local paths of files and folders of HubSpot. The first with a name keeps it, others get a number.

    Args:
        database: temporary database.
        fold: whether the file system ignores upper and lower case.

    Attributes:
        fold: see above.
        collisions: number of names that were taken.
        examples: descriptions of some of them.
    """

    def __init__(self, database: sqlite3.Connection, *, fold: bool) -> None:
        database.execute("CREATE TABLE taken (key PRIMARY KEY) WITHOUT ROWID")
        self._database = database
        self.fold = fold
        self.collisions: int = 0
        self.examples: list[str] = []

    def folder(self, parent: str, name: str, id: str) -> str:
        """Return the local path of a folder."""
        return self._assign(parent, safe_segment(name, f"folder-{id}"), name)

    def file(self, parent: str, file: File) -> str:
        """Return the local path of a file."""
        name = safe_name(file)
        return self._assign(parent, name, file.path or name)

    def _assign(self, parent: str, name: str, described: str) -> str:
        candidate, number = name, 0
        while not self._take(path := f"{parent}/{candidate}" if parent else candidate):
            number += 1
            candidate = numbered(name, number)
        if number:
            self.collisions += 1
            if len(self.examples) < _EXAMPLES:
                self.examples.append(f"{described!r} as {path!r}")
        return path

    def _take(self, path: str) -> bool:
        key = path_key(path, fold=self.fold)
        return self._database.execute("INSERT OR IGNORE INTO taken VALUES (?)", (key,)).rowcount == 1

    def drop(self) -> None:
        """Free the space of the table."""
        self._database.execute("DROP TABLE taken")
