"""A plan: the actions of a transfer as data, before any of them is done."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Self, TypeAlias

from .._errors import ArgumentValueError
from .._validation import shown
from .planned_action import Action, PlannedAction, parsed_action

Direction: TypeAlias = Literal["upload", "download"]
"""The direction of a transfer."""

_FORMAT = "hubspot-files plan 1"
# The order of the actions in a summary, and their share of a printed plan.
_ACTIONS: tuple[Action, ...] = ("mkdir", "upload", "replace", "download", "delete", "conflict", "skip")
_TRANSFERS: tuple[Action, ...] = ("upload", "replace", "download")
_PRINTED = 100
_COLUMNS = ", ".join(PlannedAction._fields)
_SLOTS = ", ".join("?" * len(PlannedAction._fields))


class PlanOptions(NamedTuple):
    """Purpose of a plan, and the options that it was made with.

    Attributes:
        direction: `upload` or `download`.
        directory: absolute path of the local directory.
        folder_path: path of the folder on HubSpot.
        folder_id: id of that folder; None for the root, and if it does not exist yet.
        access: access level of uploads, or None for private ones, and for that of a file that is replaced.
        new_ids: whether changed files are stored as new ones, with other ids and URLs.
        follow_symlinks: whether symbolic links are followed.
        gdpr: whether deleted files are erased.
        unchanged: number of files that are the same on both sides.
        refusal: why the plan must not be run, or an empty str.
        extra: number of files that only the destination has, and that are left there.
        folder_created_at: time of creation of the folder on HubSpot in ISO format, or None.
    """

    direction: Direction
    directory: str
    folder_path: str
    folder_id: str | None = None
    access: str | None = None
    new_ids: bool = False
    follow_symlinks: bool = False
    gdpr: bool = False
    unchanged: int = 0
    refusal: str = ""
    extra: int = 0
    folder_created_at: str | None = None


class Plan:
    """The actions of a transfer. Iterate over it for the entries, in the order of their paths; print it for people.

    Unchanged files are no entries. They are counted in `summary`. The entries are kept in a temporary file, not in
    memory.

    Attributes:
        options: the two sides, and the options that it was made with.
    """

    def __init__(self, options: PlanOptions, database: sqlite3.Connection) -> None:
        self.options = options
        self._database = database
        weakref.finalize(self, database.close)
        database.execute(f"CREATE TABLE IF NOT EXISTS entries (number INTEGER PRIMARY KEY, {_COLUMNS})")
        database.execute("CREATE INDEX IF NOT EXISTS entries_by_action ON entries (action, number)")
        database.execute("CREATE INDEX IF NOT EXISTS entries_by_path ON entries (path)")

    def add(self, entries: Iterable[PlannedAction]) -> None:
        """Add entries, while the plan is made."""
        self._database.execute("BEGIN")
        self._database.executemany(f"INSERT INTO entries ({_COLUMNS}) VALUES ({_SLOTS})", entries)
        self._database.execute("COMMIT")

    def __iter__(self) -> Iterator[PlannedAction]:
        return self.select(_ACTIONS)

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM entries").fetchone()[0])

    def select(self, actions: Sequence[Action]) -> Iterator[PlannedAction]:
        """Iterate over the entries with some of the actions."""
        wanted, last = ", ".join("?" * len(actions)), 0
        where = f"action IN ({wanted}) AND number > ?"
        sql = f"SELECT number, {_COLUMNS} FROM entries WHERE {where} ORDER BY number LIMIT 500"
        while rows := self._database.execute(sql, (*actions, last)).fetchall():
            last = rows[-1][0]
            for row in rows:
                yield PlannedAction(*row[1:])

    def depths(self) -> list[int]:
        """Return the depths of the folders to create, from the top."""
        return sorted({entry.path.count("/") for entry in self.select(("mkdir",))})

    def folders(self, depth: int) -> Iterator[PlannedAction]:
        """Iterate over the folders to create at a depth."""
        return (entry for entry in self.select(("mkdir",)) if entry.path.count("/") == depth)

    def close(self) -> None:
        """Delete the temporary file. The plan cannot be used any more. The end of the object does it, too."""
        self._database.close()

    def entry(self, path: str) -> PlannedAction | None:
        """Return the entry of a path that is to be done, or None."""
        sql = f"SELECT {_COLUMNS} FROM entries WHERE path = ? AND action NOT IN ('skip', 'conflict')"
        row = self._database.execute(sql, (path,)).fetchone()
        return None if row is None else PlannedAction(*row)

    @property
    def summary(self) -> Mapping[str, int]:
        """Number of entries by action, and of `unchanged` files."""
        found = dict(self._database.execute("SELECT action, count(*) FROM entries GROUP BY action").fetchall())
        return {**{action: found.get(action, 0) for action in _ACTIONS}, "unchanged": self.options.unchanged}

    @property
    def bytes(self) -> int:
        """Bytes of the content to transfer."""
        sql = f"SELECT sum(size) FROM entries WHERE action IN ({', '.join('?' * len(_TRANSFERS))})"
        return int(self._database.execute(sql, _TRANSFERS).fetchone()[0] or 0)

    @property
    def digest(self) -> str:
        """SHA-256 of the entries and the options, which confirms a plan that erases files."""
        digest = hashlib.sha256()
        for line in self._lines():
            digest.update(line.encode())
        return digest.hexdigest()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save the plan as JSON lines: one with the options, and one for each entry.

        Raises:
            OSError: the file cannot be written.
        """
        with open(path, "w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(self._lines())

    def _lines(self) -> Iterator[str]:
        yield _line({"format": _FORMAT, **self.options._asdict()})
        for entry in self:
            yield _line({name: value for name, value in entry._asdict().items() if value not in (None, "")})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Load a plan that `save` has written.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not a plan, or its paths lead out of its folders.
        """
        with open(path, encoding="utf-8") as stream:
            plan = cls(_parsed_options(path, next(stream, "")), new_database())
            plan.add(_parsed(path, number, line) for number, line in enumerate(stream, 2))
        return plan

    def __str__(self) -> str:
        options = self.options
        sides = [options.directory, f"hubspot:{options.folder_path}"]
        source, destination = sides if options.direction == "upload" else reversed(sides)
        counts = ", ".join(f"{count} {name}" for name, count in self.summary.items() if count)
        lines = [f"{source} -> {destination}: {counts or 'nothing to do'}"]
        if options.refusal:
            lines.append(f"refused: {options.refusal}")
        for entry in self:
            if len(lines) > _PRINTED:
                lines.append(f"… and {len(self) - _PRINTED} more")
                break
            size = "" if entry.size is None else f", {entry.size} bytes"
            lines.append(f"{entry.action:8} {entry.path} ({entry.reason}{size})")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Plan of {len(self)} entries, {self.options.direction} {self.options.folder_path}>"


def new_database() -> sqlite3.Connection:
    """Return a temporary database on disk, which is deleted when it is closed."""
    return sqlite3.connect("", isolation_level=None, check_same_thread=False)


def _line(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _parsed_options(path: str | os.PathLike[str], line: str) -> PlanOptions:
    try:
        fields = json.loads(line)
        if fields.pop("format") != _FORMAT:
            raise ArgumentValueError("it has another format")
        options = PlanOptions(**fields)
        if options.direction not in ("upload", "download"):
            raise ArgumentValueError(f"the direction {shown(options.direction)} is unknown")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ArgumentValueError(f"{os.fspath(path)} is not a plan that Plan.save has written: {error}") from error
    return options


def _parsed(path: str | os.PathLike[str], number: int, line: str) -> PlannedAction:
    try:
        return parsed_action(json.loads(line))
    except ValueError as error:
        raise ArgumentValueError(f"{os.fspath(path)}, line {number}: {error}") from error
