"""The folder that an account is kept in: whose it is, and what in it the emulator may touch."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

MARK: Final = ".hubspot-files-emulator"
DATABASE: Final = "account.sqlite"
CONTENTS: Final = "contents"
# SQLite puts these beside a database.
_SIDECARS: Final = ("-wal", "-shm", "-journal")
_TEXT: Final = "An account of `hubspot-files emulator`, which writes and deletes files here.\n"
_TABLES: Final = frozenset({"counters", "files", "folders", "settings", "tasks", "tokens"})


def claim(folder: Path) -> None:
    """Make an empty folder the emulator's own, or recognise one that is.

    Nothing in a folder of anybody else is changed, and none of the emulator's paths may lead out of the folder.

    Raises:
        OSError: It cannot be made, read or written.
        ValueError: It holds something else, or a symbolic link where the emulator keeps its own.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from error
    # The mark is the first thing that an emulator writes: whatever another one began just now comes with it.
    names = os.listdir(folder)
    for name in (MARK, DATABASE, *(DATABASE + suffix for suffix in _SIDECARS)):
        _check(folder / name, directory=False)
    _check(folder / CONTENTS, directory=True)
    if MARK not in names:
        if names and not _is_unmarked_account(folder / DATABASE):
            raise ValueError(
                f"{folder} holds something that is not an emulator's account, and nothing in it was changed: "
                f"name a folder that is new or empty, such as {folder / 'account'}"
            )
        # Which of two that begin at once gets the folder, the lock of the database decides.
        with suppress(FileExistsError), (folder / MARK).open("x", encoding="utf-8") as file:
            file.write(_TEXT)
    (folder / CONTENTS).mkdir(exist_ok=True)


def is_regular(path: Path) -> bool:
    """Whether there is a file, and not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def is_account(database: sqlite3.Connection) -> bool:
    """Whether a database has an account's tables."""
    return {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")} >= _TABLES


def _check(path: Path, *, directory: bool) -> None:
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
    """Whether a database is of the version that did not mark folders yet.

    It is read in a copy: SQLite writes beside a database that it only reads.
    """
    with tempfile.TemporaryDirectory(prefix="hubspot-files-") as directory:
        copy = os.path.join(directory, DATABASE)
        for suffix in ("", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{path}{suffix}", copy + suffix, follow_symlinks=False)
        with closing(sqlite3.connect(copy)) as database:
            try:
                return is_account(database) and database.execute("PRAGMA user_version").fetchone() == (1,)
            except sqlite3.DatabaseError:
                return False
