"""The two trees that a plan compares, as tables of a temporary database: the local one and the one on HubSpot."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["file", "folder", "link", "refused", "unreadable"]
"""The kind of a local entry: `link` is left alone, `refused` cannot be transferred, `unreadable` is a folder, too."""


_EQUAL = "its name equals that of another file here, apart from case or Unicode normalization"


class LocalEntry(NamedTuple):
    """A local file or folder.

    Attributes:
        key: path by which it is compared; see `path_key`.
        path: path below the folder on HubSpot.
        local_path: path below the directory, with `/`.
        kind: kind of the entry.
        size: bytes.
        modified_ns: time of modification in nanoseconds since 1970.
        note: why it is not transferred.
    """

    key: str
    path: str
    local_path: str
    kind: Kind
    size: int = 0
    modified_ns: int = 0
    note: str = ""


class RemoteEntry(NamedTuple):
    """A file or folder on HubSpot.

    Attributes:
        key: path by which it is compared; see `path_key`.
        path: path below the folder on HubSpot.
        local_path: path below the directory that it gets when it is downloaded, with `/`.
        kind: `file` or `folder`.
        id: its id.
        size: bytes, or None.
        md5: MD5 in lower case, or None.
        access: access level, or None.
        url: its URL if it is public, or None.
        created_at: time of its creation in ISO format, or None.
    """

    key: str
    path: str
    local_path: str
    kind: Kind
    id: str
    size: int | None = None
    md5: str | None = None
    access: str | None = None
    url: str | None = None
    created_at: str | None = None


class Pair(NamedTuple):
    """What both sides have at the same path."""

    local: LocalEntry | None
    remote: RemoteEntry | None


def path_key(path: str, *, fold: bool) -> str:
    """Return the form of a path that is equal for paths that a file system takes for the same.

    Args:
        path: the path.
        fold: whether upper and lower case are the same.
    """
    composed = unicodedata.normalize("NFC", path)
    return unicodedata.normalize("NFC", composed.casefold()) if fold else composed


class Trees:
    """The entries of both sides.

    Args:
        database: temporary database.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        local, remote = ", ".join(LocalEntry._fields), ", ".join(RemoteEntry._fields)
        database.execute(f"CREATE TABLE local ({local}, PRIMARY KEY (key)) WITHOUT ROWID")
        # HubSpot may have a file and a folder of the same name.
        database.execute(f"CREATE TABLE remote ({remote}, PRIMARY KEY (key, kind, id)) WITHOUT ROWID")

    def add_local(self, entries: Iterable[LocalEntry]) -> None:
        """Add local entries. One whose key is taken is added as refused."""
        slots = ", ".join("?" * len(LocalEntry._fields))
        self._database.execute("BEGIN")
        for entry in entries:
            added = self._database.execute(f"INSERT OR IGNORE INTO local VALUES ({slots})", entry).rowcount
            if not added:
                self._database.execute(f"INSERT INTO local VALUES ({slots})", _refused(entry))
        self._database.execute("COMMIT")

    def add_remote(self, entries: Iterable[RemoteEntry]) -> None:
        """Add entries of HubSpot."""
        slots = ", ".join("?" * len(RemoteEntry._fields))
        self._database.execute("BEGIN")
        self._database.executemany(f"INSERT OR IGNORE INTO remote VALUES ({slots})", entries)
        self._database.execute("COMMIT")

    def count(self, table: Literal["local", "remote"]) -> int:
        """Return the number of files of a side."""
        return int(self._database.execute(f"SELECT count(*) FROM {table} WHERE kind = 'file'").fetchone()[0])

    def pairs(self) -> Iterator[Pair]:
        """Iterate over the paths of both sides, in order. A folder comes before what it holds."""
        local = map(LocalEntry._make, self._database.execute("SELECT * FROM local ORDER BY key"))
        remote = map(RemoteEntry._make, self._database.execute("SELECT * FROM remote ORDER BY key"))
        left, right = next(local, None), next(remote, None)
        while left is not None or right is not None:
            if right is None or (left is not None and left.key < right.key):
                yield Pair(left, None)
                left = next(local, None)
            elif left is None or right.key < left.key:
                yield Pair(None, right)
                right = next(remote, None)
            else:
                yield Pair(left, right)
                left, right = next(local, None), next(remote, None)

    def drop(self) -> None:
        """Free the space of both tables."""
        self._database.execute("DROP TABLE local")
        self._database.execute("DROP TABLE remote")


def _refused(entry: LocalEntry) -> LocalEntry:
    """Return the entry of a file whose key is taken, with a path that tells it from the first."""
    path = entry.local_path
    if path == entry.path:
        path = path.encode("ascii", "backslashreplace").decode()
    return LocalEntry(f"{entry.key}\0{entry.local_path}", path, entry.local_path, "refused", note=_EQUAL)
