"""What the emulated account holds: folders, files, tasks and tokens, in one SQLite database beside its contents."""

from __future__ import annotations

import json
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from ._blobs import Blobs, Draft, Extract, FolderBlobs, MemoryBlobs
from ._content import join_name
from ._folder import CONTENTS, DATABASE, claim, is_account

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS folders (
    id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES folders(id), name TEXT NOT NULL, path TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, archived_at INTEGER
);
CREATE UNIQUE INDEX IF NOT EXISTS live_folders ON folders(path) WHERE archived_at IS NULL;
CREATE INDEX IF NOT EXISTS child_folders ON folders(parent_id);
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY, folder_id INTEGER REFERENCES folders(id), name TEXT NOT NULL,
    extension TEXT NOT NULL,
    path TEXT NOT NULL, access TEXT NOT NULL, type TEXT NOT NULL, encoding TEXT, charset TEXT,
    size INTEGER NOT NULL, width INTEGER, height INTEGER, md5 TEXT NOT NULL, usable INTEGER NOT NULL,
    state TEXT NOT NULL, blob TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    archived_at INTEGER, expires_at INTEGER
);
CREATE UNIQUE INDEX IF NOT EXISTS live_files ON files(path) WHERE state = 'live';
CREATE INDEX IF NOT EXISTS files_in ON files(folder_id);
CREATE INDEX IF NOT EXISTS files_alike ON files(md5);
CREATE INDEX IF NOT EXISTS files_ending ON files(expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL, plan TEXT, status TEXT NOT NULL,
    polls INTEGER NOT NULL, requested_at INTEGER NOT NULL, started_at INTEGER, completed_at INTEGER,
    result_id INTEGER, error TEXT
);
CREATE INDEX IF NOT EXISTS open_tasks ON tasks(status);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, scopes TEXT NOT NULL, oauth INTEGER NOT NULL, expires_at INTEGER
);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
# Written into every database, and raised when the schema changes.
_VERSION: Final = 1
State: TypeAlias = Literal["live", "archived", "gdpr", "expired"]
_FIRST_ID: Final = 180_000_000_001


@dataclass(frozen=True)
class FolderRow:
    """A folder, live or archived. Times are milliseconds since 1970."""

    id: int
    parent_id: int | None
    name: str
    path: str
    created_at: int
    updated_at: int
    archived_at: int | None


@dataclass(frozen=True)
class FileRow:
    """A file. `state` is live, archived, gdpr or expired; the last two have lost their content."""

    id: int
    folder_id: int | None
    name: str
    extension: str
    path: str
    access: str
    type: str
    encoding: str | None
    charset: str | None
    size: int
    width: int | None
    height: int | None
    md5: str
    usable: int
    state: State
    blob: str | None
    created_at: int
    updated_at: int
    archived_at: int | None
    expires_at: int | None


@dataclass(frozen=True)
class TaskRow:
    """An import or a folder update. `plan` is the outcome that a test asked for, as JSON."""

    id: str
    kind: str
    payload: str
    plan: str | None
    status: str
    polls: int
    requested_at: int
    started_at: int | None
    completed_at: int | None
    result_id: int | None
    error: str | None


@dataclass(frozen=True)
class TokenRow:
    """A token, its scopes and the instant from which it is refused as expired."""

    token: str
    scopes: frozenset[str]
    oauth: bool
    expires_at: int | None


def _damaged(folder: Path | None, how: object) -> str:
    reason = " ".join(str(how).split())
    return (
        f"{folder} does not hold an emulator's account that can be read ({reason}), and nothing in it was deleted: "
        f"put back a copy of {DATABASE}, or use another folder"
    )


def _columns(row: type[Any]) -> str:
    return ", ".join(row.__dataclass_fields__)


class Store:
    """The account's state behind one lock. Every read and write happens inside `transaction()`.

    Args:
        folder: Where it is kept on disk, made where it is missing. Default: in memory.

    Raises:
        OSError: The folder cannot be used; BlockingIOError where another emulator uses it.
        ValueError: The folder holds something else or a damaged account, or was written by a newer version.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._written: list[str] = []
        self._doomed: list[str] = []
        self.on_disk = folder is not None
        try:
            if folder is not None:
                claim(folder)
            # Nobody is waited for: whoever has the folder keeps it until the end.
            self._db = sqlite3.connect(
                ":memory:" if folder is None else folder / DATABASE,
                isolation_level=None,
                check_same_thread=False,
                timeout=0,
            )
        except OSError as error:
            raise OSError(f"{folder} cannot be used: {error.strerror}") from error
        except sqlite3.OperationalError as error:
            raise OSError(f"{folder} cannot be used: {error}") from error
        self._blobs: Blobs = MemoryBlobs()
        try:
            self._prepare(folder)
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, folder: Path | None) -> None:
        try:
            if folder is not None:
                # The lock is the database's own, so that it ends with the process, however that ends.
                self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
                self._db.execute("BEGIN EXCLUSIVE")
                self._check(folder)
                self._db.execute("ROLLBACK")
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = FULL")
            self._db.create_function("folded", 1, lambda text: text.casefold() if text else "", deterministic=True)
            self._db.executescript(f"BEGIN EXCLUSIVE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
            if folder is not None:
                self._open_contents(folder / CONTENTS)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise BlockingIOError(f"{folder} is in use by another emulator") from error
            raise OSError(f"{folder} cannot be used: {error}") from error
        except sqlite3.DatabaseError as error:
            raise ValueError(_damaged(folder, error)) from error

    def _check(self, folder: Path) -> None:
        """Refuse a database that this version cannot keep an account in, before anything is written to it."""
        version = self._one("PRAGMA user_version")
        assert version is not None
        if version[0] > _VERSION and is_account(self._db):
            raise ValueError(
                f"{folder} was written by a newer version of the emulator: upgrade hubspot-files, or use another folder"
            )
        empty = version[0] == 0 and self._one("SELECT 1 FROM sqlite_master") is None
        if not empty and not (version[0] == _VERSION and is_account(self._db)):
            raise ValueError(f"{folder / DATABASE} is not an emulator's account: use another folder")
        found = self._one("PRAGMA quick_check(1)")
        if found != ("ok",):
            raise ValueError(_damaged(folder, found and found[0]))

    def _open_contents(self, contents: Path) -> None:
        tag = self.setting("tag")
        if tag is None:
            tag = uuid.uuid4().hex[:16]
            self.put_setting("tag", tag)
        self._blobs = FolderBlobs(contents, f"{tag}-")
        self._blobs.sweep({row[0] for row in self._db.execute("SELECT blob FROM files WHERE blob IS NOT NULL")})

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what is done inside is undone when an exception leaves it, or when it cannot be committed.

        One inside another is a part of it: it is undone, and committed, with the outermost only.
        """
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self._db.execute("BEGIN")
            self._depth += 1
            try:
                yield
                if outermost:
                    self._db.execute("COMMIT")
            except BaseException:
                if outermost:
                    # A full disk, among others, makes SQLite undo everything by itself.
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    self._settle(self._written)
                raise
            else:
                if outermost:
                    self._settle(self._doomed)
            finally:
                self._depth -= 1

    def _settle(self, dropped: list[str]) -> None:
        keys = list(dropped)
        # Before anything can fail: the next transaction must not take them for its own.
        self._written.clear()
        self._doomed.clear()
        for key in keys:
            self._blobs.drop(key)

    def _one(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
        return row

    def _update(self, table: str, key: object, changes: dict[str, object]) -> None:
        if changes:
            assignments = ", ".join(f"{column} = ?" for column in changes)
            self._db.execute(f"UPDATE {table} SET {assignments} WHERE id = ?", (*changes.values(), key))

    def _insert(self, table: str, values: dict[str, object]) -> None:
        marks = ", ".join("?" * len(values))
        self._db.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))

    def count(self, name: str, first: int = 1) -> int:
        """The next number of a counter that survives as long as the database."""
        self._db.execute(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = value + 1",
            (name, first),
        )
        row = self._one("SELECT value FROM counters WHERE name = ?", name)
        assert row is not None
        return int(row[0])

    def setting(self, name: str) -> str | None:
        """What was put under a name."""
        row = self._one("SELECT value FROM settings WHERE name = ?", name)
        return None if row is None else str(row[0])

    def put_setting(self, name: str, value: str) -> None:
        """Keep a value under a name."""
        self._db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def next_id(self) -> int:
        """A new id for a file or a folder, larger than all that were given so before it."""
        while True:
            new = self.count("id", _FIRST_ID)
            # One that was asked for may stand in the way.
            if self.is_free(new):
                return new

    def is_free(self, wanted: int) -> bool:
        """Whether no file and no folder ever had an id."""
        sql = "SELECT 1 FROM files WHERE id = ? UNION SELECT 1 FROM folders WHERE id = ?"
        return self._one(sql, wanted, wanted) is None

    # folders

    def folder(self, folder_id: int) -> FolderRow | None:
        """The live folder of an id."""
        row = self._one(f"SELECT {_columns(FolderRow)} FROM folders WHERE id = ? AND archived_at IS NULL", folder_id)
        return FolderRow(*row) if row else None

    def folder_at(self, path: str) -> FolderRow | None:
        """The live folder of a path."""
        row = self._one(f"SELECT {_columns(FolderRow)} FROM folders WHERE path = ? AND archived_at IS NULL", path)
        return FolderRow(*row) if row else None

    def all_folders(self) -> list[FolderRow]:
        """Every folder, archived ones included, by id."""
        return [FolderRow(*row) for row in self._db.execute(f"SELECT {_columns(FolderRow)} FROM folders ORDER BY id")]

    def add_folder(self, parent: FolderRow | None, name: str, now: int, folder_id: int | None = None) -> FolderRow:
        """Make a folder, with the next id or a free one; the path must be free."""
        row = FolderRow(
            self.next_id() if folder_id is None else folder_id,
            parent.id if parent else None,
            name,
            f"{parent.path if parent else ''}/{name}",
            now,
            now,
            None,
        )
        self._insert("folders", vars(row))
        return row

    def ensure_folder(self, segments: Sequence[str], now: int) -> FolderRow | None:
        """The folder of a path, made with all its parents where they are missing; None for the root."""
        folder: FolderRow | None = None
        for name in segments:
            path = f"{folder.path if folder else ''}/{name}"
            folder = self.folder_at(path) or self.add_folder(folder, name, now)
        return folder

    def place_folder(self, folder: FolderRow, parent: FolderRow | None, name: str, now: int) -> FolderRow:
        """Rename or move a folder with everything below it."""
        path = f"{parent.path if parent else ''}/{name}"
        below = self._below(folder.id)
        self._update(
            "folders",
            folder.id,
            {"parent_id": parent.id if parent else None, "name": name, "path": path, "updated_at": now},
        )
        for folder_id in below[1:]:
            self._db.execute(
                "UPDATE folders SET path = (SELECT p.path FROM folders p WHERE p.id = folders.parent_id)"
                " || '/' || name WHERE id = ?",
                (folder_id,),
            )
        self._db.execute(
            "UPDATE files SET path = (SELECT p.path FROM folders p WHERE p.id = files.folder_id) || '/' ||"
            " name || CASE extension WHEN '' THEN '' ELSE '.' || extension END"
            " WHERE folder_id IN (SELECT value FROM json_each(?)) AND state = 'live'",
            (json.dumps(below),),
        )
        placed = self.folder(folder.id)
        assert placed is not None
        return placed

    def is_below(self, folder_id: int, ancestor: int) -> bool:
        """Whether a folder is another one, or lies below it."""
        return folder_id in self._below(ancestor)

    def _below(self, folder_id: int) -> list[int]:
        # Parents come before their children, as place_folder needs them.
        return [
            row[0]
            for row in self._db.execute(
                "WITH RECURSIVE below(id, depth) AS (SELECT ?, 0 UNION ALL"
                " SELECT f.id, depth + 1 FROM folders f JOIN below b ON f.parent_id = b.id"
                " WHERE f.archived_at IS NULL)"
                " SELECT id FROM below ORDER BY depth",
                (folder_id,),
            )
        ]

    def archive_folder(self, folder: FolderRow, now: int) -> None:
        """Archive a folder with everything below it."""
        below = json.dumps(self._below(folder.id))
        self._db.execute(
            "UPDATE files SET state = 'archived', archived_at = ?"
            " WHERE state = 'live' AND folder_id IN (SELECT value FROM json_each(?))",
            (now, below),
        )
        self._db.execute(
            "UPDATE folders SET archived_at = ? WHERE id IN (SELECT value FROM json_each(?))", (now, below)
        )

    # files

    def _file(self, condition: str, *values: object) -> FileRow | None:
        row = self._one(f"SELECT {_columns(FileRow)} FROM files WHERE {condition}", *values)
        return FileRow(*row) if row else None

    def file(self, file_id: int) -> FileRow | None:
        """The live file of an id, hidden ones included."""
        return self._file("id = ? AND state = 'live'", file_id)

    def any_file(self, file_id: int) -> FileRow | None:
        """The file of an id in whatever state."""
        return self._file("id = ?", file_id)

    def file_at(self, path: str) -> FileRow | None:
        """The live file of a path, hidden ones included."""
        return self._file("path = ? AND state = 'live'", path)

    def file_like(self, md5: str, folder_id: int | None, *, everywhere: bool) -> FileRow | None:
        """The oldest visible file with this content, in one folder or everywhere."""
        condition = "md5 = ? AND state = 'live' AND access NOT LIKE 'HIDDEN%'"
        if everywhere:
            return self._file(f"{condition} ORDER BY id LIMIT 1", md5)
        return self._file(f"{condition} AND folder_id IS ? ORDER BY id LIMIT 1", md5, folder_id)

    def all_files(self) -> list[FileRow]:
        """Every file in whatever state, by id."""
        return [FileRow(*row) for row in self._db.execute(f"SELECT {_columns(FileRow)} FROM files ORDER BY id")]

    def draft(self, limit: int) -> Draft:
        """A place for a content that comes; `limit` bytes of it are kept. Any thread may ask at any time."""
        return self._blobs.draft(limit)

    def finish(self, draft: Draft) -> None:
        """Make a draft last. This may take a while, and needs no transaction."""
        self._blobs.finish(draft)

    def discard(self, draft: Draft) -> None:
        """Forget a draft that has not become the content of a file."""
        self._blobs.discard(draft)

    def add_file(self, content: Draft, file_id: int | None, **values: object) -> FileRow:
        """Keep a new file, with a free id or the next; the columns but path, blob and size are given by name."""
        if file_id is None:
            file_id = self.next_id()
        folder_id = values["folder_id"]
        folder = self.folder(folder_id) if isinstance(folder_id, int) else None
        filename = join_name(str(values["name"]), str(values["extension"]))
        key = self._keep(content)
        values.update(id=file_id, path=f"{folder.path if folder else ''}/{filename}", blob=key, size=content.size)
        self._insert("files", values)
        row = self.file(file_id)
        assert row is not None
        return row

    def change_file(self, row: FileRow, changes: dict[str, object], content: Draft | None = None) -> FileRow:
        """Change columns of a live file, and its content when one is given."""
        if content is not None:
            if row.blob is not None:
                self._doomed.append(row.blob)
            changes.update(blob=self._keep(content), size=content.size)
        self._update("files", row.id, changes)
        changed = self.file(row.id)
        assert changed is not None
        return changed

    def archive_file(self, row: FileRow, now: int) -> None:
        """Make a file inaccessible; its content is kept."""
        self._update("files", row.id, {"state": "archived", "archived_at": now})

    def purge_file(self, row: FileRow, state: State, now: int) -> None:
        """Forget a file's content for good; the row stays for the oracle."""
        if row.blob is not None:
            self._doomed.append(row.blob)
        self._update(
            "files",
            row.id,
            {
                "state": state,
                "blob": None,
                "archived_at": now if row.archived_at is None else row.archived_at,
            },
        )

    def purge_expired(self, now: int) -> None:
        """Forget every file whose time is up."""
        due = self._db.execute(
            f"SELECT {_columns(FileRow)} FROM files WHERE expires_at <= ? AND state IN ('live', 'archived')",
            (now,),
        ).fetchall()
        for row in due:
            self.purge_file(FileRow(*row), "expired", now)

    def content(self, row: FileRow) -> bytes | None:
        """A file's content, None when it is gone for good."""
        if row.blob is None:
            return None
        with self._blobs.open(row.blob) as file:
            return file.read()

    def extract(self, row: FileRow, start: int, stop: int) -> Extract:
        """A stretch of the content of a file that has one."""
        assert row.blob is not None
        return Extract(self._blobs.open(row.blob), start, stop)

    def _keep(self, content: Draft) -> str:
        key = self._blobs.key(self.count("blob"))
        self._blobs.keep(key, content)
        self._written.append(key)
        return key

    # search

    def find(
        self, table: str, condition: str, values: Sequence[object], order: str, limit: int, offset: int
    ) -> list[FileRow] | list[FolderRow]:
        """A page of live files or folders; condition and order are SQL that the search module made."""
        tail = f"AND {condition} ORDER BY {order} LIMIT ? OFFSET ?"
        page = (*values, limit, offset)
        if table == "files":
            sql = f"SELECT {_columns(FileRow)} FROM files WHERE state = 'live' {tail}"
            return [FileRow(*row) for row in self._db.execute(sql, page)]
        sql = f"SELECT {_columns(FolderRow)} FROM folders WHERE archived_at IS NULL {tail}"
        return [FolderRow(*row) for row in self._db.execute(sql, page)]

    # tasks

    def add_task(self, row: TaskRow) -> None:
        """Keep a new task."""
        self._insert("tasks", vars(row))

    def task(self, task_id: str) -> TaskRow | None:
        """The task of an id."""
        row = self._one(f"SELECT {_columns(TaskRow)} FROM tasks WHERE id = ?", task_id)
        return TaskRow(*row) if row else None

    def tasks(self, *, unfinished: bool = False) -> list[TaskRow]:
        """The tasks in the order of their requests."""
        condition = "WHERE status IN ('PENDING', 'PROCESSING')" if unfinished else ""
        sql = f"SELECT {_columns(TaskRow)} FROM tasks {condition} ORDER BY requested_at, rowid"
        return [TaskRow(*row) for row in self._db.execute(sql)]

    def change_task(self, row: TaskRow, **changes: object) -> TaskRow:
        """Change columns of a task."""
        self._update("tasks", row.id, changes)
        changed = self.task(row.id)
        assert changed is not None
        return changed

    # tokens

    def put_token(self, row: TokenRow) -> None:
        """Keep a token, or replace what is known of it."""
        self._db.execute(
            "INSERT OR REPLACE INTO tokens VALUES (?, ?, ?, ?)",
            (row.token, json.dumps(sorted(row.scopes)), row.oauth, row.expires_at),
        )

    def token(self, token: str) -> TokenRow | None:
        """What is known of a token."""
        return next(iter(self.tokens(token)), None)

    def tokens(self, token: str | None = None) -> list[TokenRow]:
        """What is known of all tokens, or of one, in the order in which they came."""
        rows = self._db.execute(
            "SELECT token, scopes, oauth, expires_at FROM tokens WHERE ? IS NULL OR token = ? ORDER BY rowid",
            (token, token),
        )
        return [TokenRow(row[0], frozenset(json.loads(row[1])), bool(row[2]), row[3]) for row in rows]

    def drop_token(self, token: str) -> None:
        """Forget a token."""
        self._db.execute("DELETE FROM tokens WHERE token = ?", (token,))
