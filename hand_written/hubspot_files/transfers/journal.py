"""The journal of a transfer: an SQLite file that knows the outcome of each path, through any interruption.

The intention is committed before a request is sent, and the outcome after its response. An intention without an outcome
is therefore unknown, and is looked up by the next run before anything is sent again. A commit survives the end of the
process at any moment. One that a power failure undoes is found by HubSpot's renaming of a taken name.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
import json
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from .errors import JournalError
from .identity import identified
from .journal_row import JournalRow, as_result
from .plan import PlanOptions
from .planned_action import Action
from .results import Outcome, TransferResult

if TYPE_CHECKING:
    from hubspot_files_api.models import File

P = ParamSpec("P")
T = TypeVar("T")

LATE = 120.0
"""Seconds after a lost response in which HubSpot may still act on the request. A gateway waits up to 100 seconds."""
_FORMAT = "hubspot-files journal 2"
# It knew files by their ids alone.
_OLD_FORMAT = "hubspot-files journal 1"
# A file that was changed so recently can change again without a new time of modification. File systems with the
# coarsest times have two seconds.
_RECENT_NS = 2_000_000_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (
    format TEXT NOT NULL, identity TEXT NOT NULL, run INTEGER NOT NULL, folder_created_at TEXT
);
CREATE TABLE IF NOT EXISTS transfers (
    path TEXT PRIMARY KEY, action TEXT NOT NULL, state TEXT NOT NULL, run INTEGER NOT NULL, reason TEXT NOT NULL,
    size INTEGER NOT NULL, md5 TEXT, file_id TEXT, local_path TEXT, sent_at REAL, recheck_until REAL, copy TEXT,
    stored_path TEXT, created_at TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS transfers_by_state ON transfers (state, run);
CREATE INDEX IF NOT EXISTS transfers_by_file ON transfers (file_id);
CREATE TABLE IF NOT EXISTS hashes (
    local_path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
    md5 TEXT NOT NULL
) WITHOUT ROWID;
"""


def _serialized(
    method: Callable[Concatenate[Journal, P], T],
) -> Callable[Concatenate[Journal, P], T]:
    """Let one thread at a time use the connection."""

    @functools.wraps(method)
    def call(journal: Journal, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with journal._lock:
            return method(journal, *args, **kwargs)

    return call


class Journal:
    """An open journal. While it is open, no other process can open it.

    Args:
        path: path of the file, which is created with its folder if it does not exist.
        identity: description of the transfer, without secrets. A journal serves one transfer.
        folder_created_at: time of creation of the folder on HubSpot, or None. With another one, the journal forgets
            the files: a folder of another account, such as a new emulator's, has the same id.

    Raises:
        JournalError: another run uses it, or it is not the journal of this transfer.
        OSError: its folder cannot be created.

    Attributes:
        path: path of the file.
        run: number of this run.
    """

    def __init__(self, path: Path, identity: str, folder_created_at: str | None = None) -> None:
        self.path = path
        self._folder_created_at = folder_created_at
        self._lock = threading.RLock()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            try:
                self.run: int = self._open(identity)
            except sqlite3.OperationalError as error:
                if not _is_locked(error):
                    raise
                # A loop of this process that was left early may still hold it, until its garbage is collected.
                gc.collect()
                self.run = self._open(identity)
        except sqlite3.Error as error:
            raise _unusable(path, error) from error

    def _open(self, identity: str) -> int:
        self._database = _connect(self.path)
        try:
            return self._begin(identity)
        except BaseException:
            self._database.close()
            raise

    def _begin(self, identity: str) -> int:
        # The lock of the file is kept until it is closed, also by the end of the process.
        self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute("BEGIN IMMEDIATE")
        tables = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and not self._has("about"):
            raise JournalError(f"{self.path} is an SQLite file, but not a journal of hubspot-files; pass another path")
        self._database.execute("COMMIT")
        about = self._about("format, identity") if tables else None
        if about is not None and about[0] not in (_FORMAT, _OLD_FORMAT):
            raise JournalError(f"the journal {self.path} is of another version ({about[0]}); pass another path")
        if about is not None and about[1] != identity:
            raise JournalError(f"the journal {self.path} belongs to another transfer: {about[1]}; pass another path")
        if about is not None and about[0] == _OLD_FORMAT:
            self._database.executescript("BEGIN; DROP TABLE about; DROP TABLE transfers; COMMIT")
        self._database.executescript(_SCHEMA)
        about = self._about("folder_created_at, run")
        if about is None:
            new = (_FORMAT, identity, self._folder_created_at)
            self._database.execute("INSERT INTO about VALUES (?, ?, 1, ?)", new)
            return 1
        if about[0] != self._folder_created_at:
            self._database.execute("DELETE FROM transfers")
        self._database.execute("UPDATE about SET run = run + 1, folder_created_at = ?", (self._folder_created_at,))
        # The process ended between an intention and its outcome.
        self._database.execute(
            "UPDATE transfers SET state = 'unknown', recheck_until = sent_at + ?, reason = ? WHERE state = 'intent'",
            (LATE, "the run ended before the response"),
        )
        return int(about[1]) + 1

    def _about(self, columns: str) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._database.execute(f"SELECT {columns} FROM about").fetchone()
        return found

    def _has(self, table: str) -> bool:
        return self._database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone() is not None

    @_serialized
    def close(self) -> None:
        """Close the file, for other processes to open."""
        self._database.close()

    @_serialized
    def row(self, path: str) -> JournalRow | None:
        """Return the row of a path, or None."""
        found = self._database.execute("SELECT * FROM transfers WHERE path = ?", (path,)).fetchone()
        return None if found is None else JournalRow(*found)

    @_serialized
    def other_place(self, path: str, file_id: str) -> JournalRow | None:
        """Return the row of another path for which this transfer has stored a file, or None."""
        sql = "SELECT * FROM transfers WHERE file_id = ? AND path <> ? AND action IN ('upload', 'replace')"
        found = self._database.execute(sql, (file_id, path)).fetchone()
        return None if found is None else JournalRow(*found)

    @_serialized
    def intend(
        self,
        path: str,
        action: Action,
        *,
        size: int,
        md5: str | None,
        file: File | None,
        local_path: str,
        now: float,
    ) -> None:
        """Commit the intention to send a request for a file, or for a new one.

        A copy and a lost request of an earlier attempt are kept.
        """
        self._database.execute(
            "INSERT INTO transfers (path, action, state, run, reason, size, md5, local_path, sent_at, file_id, "
            "stored_path, created_at) VALUES (?, ?, 'intent', ?, '', ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (path) DO UPDATE SET action = excluded.action, state = 'intent', run = excluded.run, "
            "reason = '', size = excluded.size, md5 = excluded.md5, local_path = excluded.local_path, "
            "sent_at = excluded.sent_at, file_id = excluded.file_id, stored_path = excluded.stored_path, "
            "created_at = excluded.created_at",
            (path, action, self.run, size, md5, local_path, now, *_columns(file)),
        )

    @_serialized
    def know(self, path: str, file: File) -> None:
        """Commit which file a path has on HubSpot."""
        self._database.execute(
            "UPDATE transfers SET file_id = ?, stored_path = ?, created_at = ? WHERE path = ?", (*_columns(file), path)
        )

    @_serialized
    def finish(self, result: TransferResult, now: float) -> None:
        """Commit an outcome."""
        self._database.execute(
            "INSERT INTO transfers (path, action, state, run, reason, size, file_id, local_path) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (path) DO UPDATE SET action = excluded.action, state = excluded.state, run = excluded.run, "
            "reason = excluded.reason, size = excluded.size, file_id = coalesce(excluded.file_id, file_id), "
            "created_at = CASE WHEN coalesce(excluded.file_id, file_id) IS file_id THEN created_at END, "
            "local_path = coalesce(excluded.local_path, local_path), "
            "recheck_until = CASE excluded.state WHEN 'unknown' THEN ? ELSE recheck_until END",
            (
                result.path,
                result.action,
                result.outcome,
                self.run,
                result.reason,
                result.size,
                result.file_id,
                result.local_path,
                now + LATE,
            ),
        )

    @_serialized
    def set_copy(self, path: str, file: File | None) -> None:
        """Commit which file is a second copy before it is deleted, or None when it is."""
        known = None if file is None else identified(file)
        copy = None if file is None or known is None else json.dumps([*known, file.size, file.file_md5])
        self._database.execute("UPDATE transfers SET copy = ? WHERE path = ?", (copy, path))

    @_serialized
    def rechecked(self, path: str) -> None:
        """Commit that no request for a path can be acted on any more."""
        self._database.execute("UPDATE transfers SET recheck_until = NULL WHERE path = ?", (path,))

    def unknown(self) -> Iterator[JournalRow]:
        """Iterate over the paths whose outcome is unknown."""
        return self._rows("state = 'unknown'")

    def to_recheck(self) -> Iterator[JournalRow]:
        """Iterate over the stored paths for which a request may have been acted on late."""
        return self._rows("recheck_until IS NOT NULL AND state IN ('done', 'skipped')")

    def _rows(self, condition: str) -> Iterator[JournalRow]:
        last = ""
        while rows := self._page(condition, last):
            yield from rows
            last = rows[-1].path

    @_serialized
    def _page(self, condition: str, last: str) -> list[JournalRow]:
        sql = f"SELECT * FROM transfers WHERE {condition} AND path > ? ORDER BY path LIMIT 500"
        return [JournalRow(*row) for row in self._database.execute(sql, (last,))]

    @_serialized
    def counts(self) -> dict[Outcome, int]:
        """Return the number of paths by outcome of this run."""
        sql = "SELECT state, count(*) FROM transfers WHERE run = ? AND state <> 'intent' GROUP BY state"
        counts: dict[Outcome, int] = {"done": 0, "skipped": 0, "failed": 0, "unknown": 0}
        counts.update(cast("dict[Outcome, int]", dict(self._database.execute(sql, (self.run,)).fetchall())))
        return counts

    @_serialized
    def known_md5(self, local_path: str, stat: os.stat_result) -> str | None:
        """Return the stored MD5 of a local file that has not changed since, or None."""
        found = self._database.execute(
            "SELECT md5 FROM hashes WHERE local_path = ? AND size = ? AND modified_ns = ? AND inode = ?",
            (local_path, stat.st_size, stat.st_mtime_ns, _inode(stat)),
        ).fetchone()
        return None if found is None else str(found[0])

    @_serialized
    def store_md5(self, local_path: str, stat: os.stat_result, md5: str, now: float) -> None:
        """Store the MD5 of a local file, unless the file was modified so recently that it may change unnoticed."""
        if now * 1e9 - stat.st_mtime_ns < _RECENT_NS:
            return
        self._database.execute(
            "INSERT OR REPLACE INTO hashes VALUES (?, ?, ?, ?, ?)",
            (local_path, stat.st_size, stat.st_mtime_ns, _inode(stat), md5),
        )


def _columns(file: File | None) -> tuple[str | None, str | None, str | None]:
    """Return the columns of a file. Without its identity, only the id is known, which proves nothing."""
    known = None if file is None else identified(file)
    return (None if file is None else file.id, None, None) if known is None else known


def _inode(stat: os.stat_result) -> int:
    # SQLite has signed integers of 64 bits, and some file systems use all of them.
    return stat.st_ino & 0x7FFF_FFFF_FFFF_FFFF


class StoredResults:
    """The results of one run, read from its closed journal in each iteration."""

    def __init__(self, path: Path, run: int) -> None:
        self._path = path
        self._run = run

    def __iter__(self) -> Iterator[TransferResult]:
        sql = "SELECT * FROM transfers WHERE state <> 'intent' AND run = ? ORDER BY path"
        with contextlib.closing(_connect(self._path)) as database:
            try:
                for row in database.execute(sql, (self._run,)):
                    yield as_result(JournalRow(*row))
            except sqlite3.Error as error:
                raise _unusable(self._path, error) from error


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=0.2, isolation_level=None, check_same_thread=False)


def _unusable(path: Path, error: sqlite3.Error) -> JournalError:
    if _is_locked(error):
        return JournalError(f"another run uses the journal {path}; wait for its end, or stop it")
    return JournalError(f"the journal {path} cannot be used: {error}; delete it, or pass another path")


def _is_locked(error: sqlite3.Error) -> bool:
    return "locked" in str(error)


def _state_folder() -> Path:
    # The patch of an emulator sets it.
    chosen = os.environ.get("HUBSPOT_FILES_STATE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        parent = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        parent = Path.home() / "Library" / "Application Support"
    else:
        parent = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return parent / "hubspot-files"


def identity_of(options: PlanOptions) -> str:
    """Return the description of a transfer that its journal belongs to.

    The id of the folder tells most accounts apart. It is no secret, and stays the same with another token or host.
    """
    directory = os.path.realpath(options.directory)
    return json.dumps([options.direction, directory, options.folder_path, options.folder_id])


def journal_path(journal: Path | None, identity: str) -> Path:
    """Return the path that a caller passed, or that in the folder for the state of programs of this user."""
    if journal is not None:
        return journal
    digest = hashlib.sha256(identity.encode()).hexdigest()[:32]
    return _state_folder() / "journals" / f"{digest}.sqlite3"
