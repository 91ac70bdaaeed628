"""The account's database: the folder that it is kept in, its schema, and transactions."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
import tempfile
import threading
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

MARK: Final = ".hubspot-files-emulator"
DATABASE: Final = "account.sqlite"
CONTENTS: Final = "contents"
# SQLite puts these beside a database.
_SIDECARS: Final = ("-wal", "-shm", "-journal")
_TEXT: Final = "An account of `hubspot-files emulator`, which writes and deletes files here.\n"
# Those of the first version. An account of that version gets the others when it is opened.
_TABLES: Final = frozenset({"counters", "files", "folders", "settings", "tasks", "tokens"})
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
CREATE TABLE IF NOT EXISTS oauth_apps (
    client_id TEXT PRIMARY KEY, client_secret TEXT NOT NULL, app_id INTEGER NOT NULL, redirect_uri TEXT NOT NULL,
    access_token_life INTEGER NOT NULL, rotates_refresh_tokens INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS oauth_codes (
    code TEXT PRIMARY KEY, client_id TEXT NOT NULL REFERENCES oauth_apps(client_id), scopes TEXT NOT NULL,
    code_challenge TEXT, expires_at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS oauth_grants (
    id INTEGER PRIMARY KEY, client_id TEXT NOT NULL REFERENCES oauth_apps(client_id), scopes TEXT NOT NULL,
    refresh_token TEXT UNIQUE
);
CREATE TABLE IF NOT EXISTS oauth_access_tokens (
    token TEXT PRIMARY KEY, grant_id INTEGER NOT NULL REFERENCES oauth_grants(id)
);
CREATE INDEX IF NOT EXISTS access_tokens_of ON oauth_access_tokens(grant_id);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
# Written into every database, and increased when the schema changes.
_VERSION: Final = 1
_FIRST_ID: Final = 180_000_000_001
# Ids between those of two seeds, and the number of seeds with ids of their own.
_IDS_OF_SEED: Final = 1_000_000
_SEEDS: Final = 1_000


def _claim(folder: Path) -> None:
    """Mark an empty folder as the emulator's own, or recognise one that is.

    Nothing in a folder of anybody else is changed, and none of the emulator's paths may lead out of the folder.

    Raises:
        OSError: It cannot be created, read or written.
        ValueError: It holds something else, or a symbolic link where the emulator keeps its own.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from error
    # The mark is the first thing that an emulator writes, also one that opens the same folder at this time.
    names = os.listdir(folder)
    for name in (MARK, DATABASE, *(DATABASE + suffix for suffix in _SIDECARS)):
        _refuse_links(folder / name, directory=False)
    _refuse_links(folder / CONTENTS, directory=True)
    if MARK not in names:
        if names and not _is_unmarked_account(folder / DATABASE):
            raise ValueError(
                f"{folder} holds something that is not an emulator's account, and nothing in it was changed: "
                f"name a folder that is new or empty, such as {folder / 'account'}"
            )
        # Of two emulators that open the folder at once, the one that locks the database gets it.
        with suppress(FileExistsError), (folder / MARK).open("x", encoding="utf-8") as file:
            file.write(_TEXT)
    (folder / CONTENTS).mkdir(exist_ok=True)


def _is_account(database: sqlite3.Connection) -> bool:
    """Return whether a database has an account's tables."""
    return {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")} >= _TABLES


def _refuse_links(path: Path, *, directory: bool) -> None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return
    # A junction of Windows is a directory that leads elsewhere.
    junction = getattr(status, "st_reparse_tag", 0) == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)
    if stat.S_ISLNK(status.st_mode) or junction:
        raise ValueError(
            f"{path} is a symbolic link, which the emulator does not follow: remove it, or use another folder"
        )
    if not (stat.S_ISDIR if directory else stat.S_ISREG)(status.st_mode):
        kind = "folder" if directory else "file"
        raise ValueError(f"{path} is not a {kind}, as it is in an emulator's account: use another folder")


def _is_unmarked_account(path: Path) -> bool:
    """Return whether a database is of the version that did not mark folders yet.

    It is read in a copy: SQLite writes beside a database that it only reads.
    """
    with tempfile.TemporaryDirectory(prefix="hubspot-files-") as directory:
        copy = os.path.join(directory, DATABASE)
        for suffix in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{path}{suffix}", copy + suffix, follow_symlinks=False)
        with closing(sqlite3.connect(copy)) as database:
            try:
                return _is_account(database) and database.execute("PRAGMA user_version").fetchone() == (1,)
            except sqlite3.DatabaseError:
                return False


@contextmanager
def opening(folder: Path | None) -> Generator[None, None, None]:
    """Translate the errors of SQLite while an account is opened.

    Raises:
        BlockingIOError: Another emulator uses the folder.
        OSError: The folder cannot be used.
        ValueError: The database is damaged.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise BlockingIOError(f"{folder} is in use by another emulator") from error
        raise OSError(f"{folder} cannot be used: {error}") from error
    except sqlite3.DatabaseError as error:
        raise ValueError(_damaged(folder, error)) from error


def _damaged(folder: Path | None, how: object) -> str:
    reason = " ".join(str(how).split())
    return (
        f"{folder} does not hold an emulator's account that can be read ({reason}), and nothing in it was deleted: "
        f"put back a copy of {DATABASE}, or use another folder"
    )


class Database:
    """A SQLite database behind one lock. Every read and write happens inside `transaction()`.

    Args:
        folder: The folder that holds it, created if missing. Default: in memory.

    Raises:
        OSError: The folder cannot be used; BlockingIOError where another emulator uses it.
        ValueError: The folder holds something else or a damaged account, or was written by a newer version.
    """

    def __init__(self, folder: Path | None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._after_commit: list[Callable[[], None]] = []
        self._after_rollback: list[Callable[[], None]] = []
        with opening(folder):
            if folder is not None:
                try:
                    _claim(folder)
                except OSError as error:
                    raise OSError(f"{folder} cannot be used: {error.strerror}") from error
            # No waiting for a lock: another emulator holds it until it ends.
            self.connection: sqlite3.Connection = sqlite3.connect(
                ":memory:" if folder is None else folder / DATABASE,
                isolation_level=None,
                check_same_thread=False,
                timeout=0,
            )
            try:
                self._prepare(folder)
            except BaseException:
                self.connection.close()
                raise

    def _prepare(self, folder: Path | None) -> None:
        if folder is not None:
            # The lock is the database's own, so that it ends with the process, however that ends.
            self.connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.connection.execute("BEGIN EXCLUSIVE")
            self._check(folder)
            self.connection.execute("ROLLBACK")
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.create_function("folded", 1, lambda text: text.casefold() if text else "", deterministic=True)
        self.connection.executescript(f"BEGIN EXCLUSIVE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")

    def _check(self, folder: Path) -> None:
        """Refuse a database that this version cannot keep an account in, before anything is written to it."""
        version = self.one("PRAGMA user_version")
        assert version is not None
        if version[0] > _VERSION and _is_account(self.connection):
            raise ValueError(
                f"{folder} was written by a newer version of the emulator: upgrade hubspot-files, or use another folder"
            )
        empty = version[0] == 0 and self.one("SELECT 1 FROM sqlite_master") is None
        if not empty and not (version[0] == _VERSION and _is_account(self.connection)):
            raise ValueError(f"{folder / DATABASE} is not an emulator's account: use another folder")
        found = self.one("PRAGMA quick_check(1)")
        if found != ("ok",):
            raise ValueError(_damaged(folder, found and found[0]))

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self.connection.close()

    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """Commit all that is done inside, or undo it where an exception leaves it or the commit fails.

        A nested transaction is a part of the outermost one, and committed or undone with it.
        """
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self.connection.execute("BEGIN")
            self._depth += 1
            try:
                yield
                if outermost:
                    self.connection.execute("COMMIT")
            except BaseException:
                if outermost:
                    # A full disk, among others, makes SQLite undo everything by itself.
                    if self.connection.in_transaction:
                        self.connection.execute("ROLLBACK")
                    self._finish(self._after_rollback)
                raise
            else:
                if outermost:
                    self._finish(self._after_commit)
            finally:
                self._depth -= 1

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call something once the transaction is committed."""
        self._after_commit.append(callback)

    def after_rollback(self, callback: Callable[[], None]) -> None:
        """Call something once the transaction is undone."""
        self._after_rollback.append(callback)

    def _finish(self, callbacks: list[Callable[[], None]]) -> None:
        due = list(callbacks)
        # Before a callback can fail: they must not be called for the next transaction.
        self._after_commit.clear()
        self._after_rollback.clear()
        for callback in due:
            callback()

    def one(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """Return the first row of a query."""
        row: tuple[Any, ...] | None = self.connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.connection.execute(sql, values).fetchall()

    def execute(self, sql: str, *values: object) -> None:
        """Execute a statement that returns no rows."""
        self.connection.execute(sql, values)

    def insert(self, table: str, values: dict[str, object]) -> None:
        """Insert a row; its columns are given by name."""
        marks = ", ".join("?" * len(values))
        self.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", *values.values())

    def update(self, table: str, key: object, changes: dict[str, object]) -> None:
        """Change columns of the row of an id."""
        if changes:
            assignments = ", ".join(f"{column} = ?" for column in changes)
            self.execute(f"UPDATE {table} SET {assignments} WHERE id = ?", *changes.values(), key)

    def delete_all(self, *tables: str) -> None:
        """Delete the rows of tables."""
        for table in tables:
            self.execute(f"DELETE FROM {table}")

    def next_number(self, name: str, first: int = 1) -> int:
        """Increase a stored counter, and return it."""
        self.execute(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = value + 1", name, first
        )
        row = self.one("SELECT value FROM counters WHERE name = ?", name)
        assert row is not None
        return int(row[0])

    def start_ids(self, seed: int) -> None:
        """Let the generated ids of a new account follow from a seed."""
        self.next_number("id", _FIRST_ID + seed % _SEEDS * _IDS_OF_SEED - 1)

    def next_id(self) -> int:
        """Return a new id for a file or a folder, larger than all that were generated before."""
        while True:
            new = self.next_number("id", _FIRST_ID)
            # A test may have chosen it for a file of its own.
            if self.is_free_id(new):
                return new

    def is_free_id(self, wanted: int) -> bool:
        """Return whether no file and no folder ever had an id."""
        sql = "SELECT 1 FROM files WHERE id = ? UNION SELECT 1 FROM folders WHERE id = ?"
        return self.one(sql, wanted, wanted) is None

    def setting(self, name: str) -> str | None:
        """Return the value of a setting."""
        row = self.one("SELECT value FROM settings WHERE name = ?", name)
        return None if row is None else str(row[0])

    def put_setting(self, name: str, value: str) -> None:
        """Store the value of a setting."""
        self.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, value)
