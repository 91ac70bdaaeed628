"""The store of an account: its folders, files, tasks and tokens. Instants are milliseconds since 1970."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from ._contents import ContentReader, Contents, ContentWriter, FolderContents, MemoryContents
from ._database import CONTENTS, Database, opening
from ._media import join_name
from ._oauth_store import OAuthStore

State: TypeAlias = Literal["live", "archived", "gdpr", "expired"]


@dataclass(frozen=True)
class FolderRow:
    """A folder, live or archived."""

    id: int
    parent_id: int | None
    name: str
    path: str
    created_at: int
    updated_at: int
    archived_at: int | None


@dataclass(frozen=True)
class FileRow:
    """A file. Those of the states gdpr and expired have lost their content."""

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
    """An import or a folder update. `plan` is the outcome that a test planned, as JSON."""

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
    """A token, its scopes, and the instant of its expiry."""

    token: str
    scopes: frozenset[str]
    oauth: bool
    expires_at: int | None


def _columns(row: type[Any]) -> str:
    return ", ".join(row.__dataclass_fields__)


_SELECT_FOLDERS: Final = f"SELECT {_columns(FolderRow)} FROM folders"
_SELECT_FILES: Final = f"SELECT {_columns(FileRow)} FROM files"
_SELECT_TASKS: Final = f"SELECT {_columns(TaskRow)} FROM tasks"


class Folders:
    """The folders of an account. A path has no slash at its end; the root has no row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, folder_id: int) -> FolderRow | None:
        """Return the live folder of an id."""
        row = self._database.one(f"{_SELECT_FOLDERS} WHERE id = ? AND archived_at IS NULL", folder_id)
        return FolderRow(*row) if row else None

    def at(self, path: str) -> FolderRow | None:
        """Return the live folder of a path."""
        row = self._database.one(f"{_SELECT_FOLDERS} WHERE path = ? AND archived_at IS NULL", path)
        return FolderRow(*row) if row else None

    def all(self) -> list[FolderRow]:
        """Return all folders, archived ones included, by id."""
        return [FolderRow(*row) for row in self._database.all(f"{_SELECT_FOLDERS} ORDER BY id")]

    def find(self, condition: str, values: Sequence[object], order: str, limit: int, offset: int) -> list[FolderRow]:
        """Return a page of live folders; condition and order are SQL."""
        sql = f"{_SELECT_FOLDERS} WHERE archived_at IS NULL AND {condition} ORDER BY {order} LIMIT ? OFFSET ?"
        return [FolderRow(*row) for row in self._database.all(sql, *values, limit, offset)]

    def add(self, parent: FolderRow | None, name: str, now: int, folder_id: int | None = None) -> FolderRow:
        """Create a folder, with the next id or a free one; the path must be free."""
        new_id = self._database.next_id() if folder_id is None else folder_id
        parent_id, path = (parent.id, f"{parent.path}/{name}") if parent else (None, f"/{name}")
        row = FolderRow(new_id, parent_id, name, path, now, now, None)
        self._database.insert("folders", vars(row))
        return row

    def ensure(self, segments: Sequence[str], now: int) -> FolderRow | None:
        """Return the folder of a path, created with its parents where they are missing; None for the root."""
        folder: FolderRow | None = None
        for name in segments:
            path = f"{folder.path if folder else ''}/{name}"
            folder = self.at(path) or self.add(folder, name, now)
        return folder

    def move(self, folder: FolderRow, parent: FolderRow | None, name: str, now: int) -> FolderRow:
        """Rename or move a folder with everything below it."""
        path = f"{parent.path if parent else ''}/{name}"
        below = self._below(folder.id)
        changes: dict[str, object] = {
            "parent_id": parent.id if parent else None,
            "name": name,
            "path": path,
            "updated_at": now,
        }
        self._database.update("folders", folder.id, changes)
        for folder_id in below[1:]:
            self._database.execute(
                "UPDATE folders SET path = (SELECT p.path FROM folders p WHERE p.id = folders.parent_id)"
                " || '/' || name WHERE id = ?",
                folder_id,
            )
        self._database.execute(
            "UPDATE files SET path = (SELECT p.path FROM folders p WHERE p.id = files.folder_id) || '/' ||"
            " name || CASE extension WHEN '' THEN '' ELSE '.' || extension END"
            " WHERE folder_id IN (SELECT value FROM json_each(?)) AND state = 'live'",
            json.dumps(below),
        )
        moved = self.get(folder.id)
        assert moved is not None
        return moved

    def is_below(self, folder_id: int, ancestor: int) -> bool:
        """Return whether a folder is another one, or lies below it."""
        return folder_id in self._below(ancestor)

    def _below(self, folder_id: int) -> list[int]:
        # Parents precede their children, as `move` needs them.
        sql = (
            "WITH RECURSIVE below(id, depth) AS (SELECT ?, 0 UNION ALL"
            " SELECT f.id, depth + 1 FROM folders f JOIN below b ON f.parent_id = b.id"
            " WHERE f.archived_at IS NULL)"
            " SELECT id FROM below ORDER BY depth"
        )
        return [row[0] for row in self._database.all(sql, folder_id)]

    def archive(self, folder: FolderRow, now: int) -> None:
        """Archive a folder with everything below it."""
        below = json.dumps(self._below(folder.id))
        self._database.execute(
            "UPDATE files SET state = 'archived', archived_at = ?"
            " WHERE state = 'live' AND folder_id IN (SELECT value FROM json_each(?))",
            now,
            below,
        )
        self._database.execute(
            "UPDATE folders SET archived_at = ? WHERE id IN (SELECT value FROM json_each(?))", now, below
        )


class Files:
    """The files of an account. Hidden files are live, too."""

    def __init__(self, database: Database, contents: Contents) -> None:
        self._database = database
        self._contents = contents

    def _one(self, condition: str, *values: object) -> FileRow | None:
        row = self._database.one(f"{_SELECT_FILES} WHERE {condition}", *values)
        return FileRow(*row) if row else None

    def get(self, file_id: int) -> FileRow | None:
        """Return the live file of an id."""
        return self._one("id = ? AND state = 'live'", file_id)

    def get_any(self, file_id: int) -> FileRow | None:
        """Return the file of an id, in any state."""
        return self._one("id = ?", file_id)

    def at(self, path: str) -> FileRow | None:
        """Return the live file of a path."""
        return self._one("path = ? AND state = 'live'", path)

    def duplicate(self, md5: str, folder_id: int | None, *, everywhere: bool) -> FileRow | None:
        """Return the oldest file with this content that is not hidden, in one folder or everywhere."""
        condition = "md5 = ? AND state = 'live' AND access NOT LIKE 'HIDDEN%'"
        if everywhere:
            return self._one(f"{condition} ORDER BY id LIMIT 1", md5)
        return self._one(f"{condition} AND folder_id IS ? ORDER BY id LIMIT 1", md5, folder_id)

    def all(self) -> list[FileRow]:
        """Return all files, in any state, by id."""
        return [FileRow(*row) for row in self._database.all(f"{_SELECT_FILES} ORDER BY id")]

    def find(self, condition: str, values: Sequence[object], order: str, limit: int, offset: int) -> list[FileRow]:
        """Return a page of live files; condition and order are SQL."""
        sql = f"{_SELECT_FILES} WHERE state = 'live' AND {condition} ORDER BY {order} LIMIT ? OFFSET ?"
        return [FileRow(*row) for row in self._database.all(sql, *values, limit, offset)]

    def add(self, content: ContentWriter, folder: FolderRow | None, file_id: int | None, **values: object) -> FileRow:
        """Create a file, with a free id or the next; `values` are the columns that do not follow from the others."""
        if file_id is None:
            file_id = self._database.next_id()
        path = f"{folder.path if folder else ''}/{join_name(str(values['name']), str(values['extension']))}"
        folder_id, blob = folder.id if folder else None, self._commit(content)
        values.update(id=file_id, folder_id=folder_id, path=path, blob=blob, size=content.size)
        self._database.insert("files", values)
        row = self.get(file_id)
        assert row is not None
        return row

    def change(self, row: FileRow, changes: dict[str, object], content: ContentWriter | None = None) -> FileRow:
        """Change columns of a live file, and its content if one is given."""
        if content is not None:
            self._delete_content(row)
            changes.update(blob=self._commit(content), size=content.size)
        self._database.update("files", row.id, changes)
        changed = self.get(row.id)
        assert changed is not None
        return changed

    def archive(self, row: FileRow, now: int) -> None:
        """Make a file inaccessible; its content is kept."""
        self._database.update("files", row.id, {"state": "archived", "archived_at": now})

    def purge(self, row: FileRow, state: State, now: int) -> None:
        """Delete a file's content for good; its row is kept for tests to look at."""
        self._delete_content(row)
        archived_at = now if row.archived_at is None else row.archived_at
        self._database.update("files", row.id, {"state": state, "blob": None, "archived_at": archived_at})

    def purge_expired(self, now: int) -> None:
        """Purge every file that has expired."""
        for row in self._database.all(f"{_SELECT_FILES} WHERE expires_at <= ? AND state IN ('live', 'archived')", now):
            self.purge(FileRow(*row), "expired", now)

    def content(self, row: FileRow) -> bytes | None:
        """Read a file's content, None where it is deleted for good."""
        if row.blob is None:
            return None
        with self._contents.open(row.blob) as file:
            return file.read()

    def reader(self, row: FileRow, start: int = 0, stop: int | None = None) -> ContentReader:
        """Open a range of the content of a file that has one. Default: all of it."""
        assert row.blob is not None
        return ContentReader(self._contents.open(row.blob), start, row.size if stop is None else stop)

    def _commit(self, content: ContentWriter) -> str:
        key = self._contents.key(self._database.next_number("blob"))
        self._contents.commit(key, content)
        self._database.after_rollback(partial(self._contents.delete, key))
        return key

    def _delete_content(self, row: FileRow) -> None:
        if row.blob is not None:
            self._database.after_commit(partial(self._contents.delete, row.blob))


class Tasks:
    """The tasks of an account."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, row: TaskRow) -> None:
        """Store a new task."""
        self._database.insert("tasks", vars(row))

    def get(self, task_id: str) -> TaskRow | None:
        """Return the task of an id."""
        row = self._database.one(f"{_SELECT_TASKS} WHERE id = ?", task_id)
        return TaskRow(*row) if row else None

    def all(self, *, unfinished: bool = False) -> list[TaskRow]:
        """Return the tasks in the order of their requests."""
        condition = "WHERE status IN ('PENDING', 'PROCESSING')" if unfinished else ""
        return [
            TaskRow(*row) for row in self._database.all(f"{_SELECT_TASKS} {condition} ORDER BY requested_at, rowid")
        ]

    def change(self, row: TaskRow, **changes: object) -> TaskRow:
        """Change columns of a task."""
        self._database.update("tasks", row.id, changes)
        changed = self.get(row.id)
        assert changed is not None
        return changed


class Tokens:
    """The tokens of an account."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, row: TokenRow) -> None:
        """Store a token, or replace it."""
        scopes = json.dumps(sorted(row.scopes))
        sql = "INSERT OR REPLACE INTO tokens VALUES (?, ?, ?, ?)"
        self._database.execute(sql, row.token, scopes, row.oauth, row.expires_at)

    def get(self, token: str) -> TokenRow | None:
        """Return the row of a token."""
        return next(iter(self._select(token)), None)

    def all(self) -> list[TokenRow]:
        """Return all tokens, the oldest first."""
        return self._select(None)

    def _select(self, token: str | None) -> list[TokenRow]:
        sql = "SELECT token, scopes, oauth, expires_at FROM tokens WHERE ? IS NULL OR token = ? ORDER BY rowid"
        rows = self._database.all(sql, token, token)
        return [TokenRow(row[0], frozenset(json.loads(row[1])), bool(row[2]), row[3]) for row in rows]

    def delete(self, token: str) -> None:
        """Delete a token."""
        self._database.execute("DELETE FROM tokens WHERE token = ?", token)


class Store:
    """The state of an account.

    Args:
        folder: The folder to keep it in, created if missing. Default: in memory.

    Raises:
        OSError: The folder cannot be used; BlockingIOError where another emulator uses it.
        ValueError: The folder holds something else or a damaged account, or was written by a newer version.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.on_disk: bool = folder is not None
        self.database: Database = Database(folder)
        try:
            with opening(folder):
                self.contents: Contents = MemoryContents() if folder is None else self._open_contents(folder / CONTENTS)
        except BaseException:
            self.database.close()
            raise
        self.folders: Folders = Folders(self.database)
        self.files: Files = Files(self.database, self.contents)
        self.tasks: Tasks = Tasks(self.database)
        self.tokens: Tokens = Tokens(self.database)
        self.oauth: OAuthStore = OAuthStore(self.database)

    def _open_contents(self, folder: Path) -> Contents:
        tag = self.database.setting("tag")
        if tag is None:
            tag = uuid.uuid4().hex[:16]
            self.database.put_setting("tag", tag)
        contents = FolderContents(folder, f"{tag}-")
        contents.delete_orphans({row[0] for row in self.database.all("SELECT blob FROM files WHERE blob IS NOT NULL")})
        return contents

    def clear(self) -> None:
        """Delete all files, folders and tasks. Later ones get new ids."""
        for (blob,) in self.database.all("SELECT blob FROM files WHERE blob IS NOT NULL"):
            self.database.after_commit(partial(self.contents.delete, blob))
        self.database.delete_all("tasks", "files", "folders")

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Commit all that is done inside, or undo it; see `Database.transaction`."""
        return self.database.transaction()
