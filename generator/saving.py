"""Writes files so that a run that is killed leaves the old one or the new one, and sweeps up after such runs."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import say


def save(path: Path, text: str, check: Callable[[Path], object] = lambda _: None) -> None:
    """Replace a file by a text, which is on the disk before it gets the name.

    Args:
        path: The file.
        text: The text.
        check: Is called with the new file; what it raises stops the replacement.

    Raises:
        OSError: It cannot be written. The old file is in its place.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    try:
        with naming(path), new.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        check(new)
        os.replace(new, path)
        _sync(path.parent)
    finally:
        # On a disk that has just failed, this may fail, too: the first failure is the one to report.
        with suppress(OSError):
            new.unlink(missing_ok=True)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Name a file in errors that name none: those of writing do not."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def _sync(folder: Path) -> None:
    """Have the disk remember the names in a folder; Windows does so by itself."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def workspace(parent: Path, prefix: str) -> Iterator[Path]:
    """Give an empty folder in `parent`, for one run at a time, and remove the folders of runs that were killed.

    Raises:
        OSError: It cannot be made.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with _alone(parent), naming(parent):
        for left in parent.glob(f"{prefix}*"):
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True) as name:
            yield Path(name)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which the system releases when the process ends, however it does."""
    if sys.platform == "win32":
        # It has no such lock, and keeps the folders of a run that is alive, because their files are open.
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Another run is writing {folder.name}; waiting for its end.")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
