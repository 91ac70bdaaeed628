"""The log of a server that runs for weeks: a line for each thing that goes wrong, not one for each time it does."""

from __future__ import annotations

import errno
import logging
import sqlite3
import time
from collections.abc import Callable, Hashable
from typing import Final

# Seconds between two lines about the same thing.
_APART: Final = 60.0
# What to do at a limit of the machine, which is no failure of the emulator's.
_ADVICE: Final = {
    errno.EMFILE: "raise the limit of open files with `ulimit -n`, or open fewer connections at once",
    errno.ENFILE: "close files or raise the limit of them, which all of the machine has reached",
    errno.ENOBUFS: "free some memory",
    errno.ENOMEM: "free some memory",
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EFBIG: "raise the limit of the size of a file with `ulimit -f`",
}


def limited(name: str) -> logging.Logger:
    """A logger that passes on to the one of this name, at most once a minute about the same thing."""
    # Not a child of it, which all servers of a process would share.
    logger = logging.Logger(name)
    logger.parent = logging.getLogger(name)
    logger.addFilter(Seldom())
    return logger


def advice(error: BaseException | None) -> str | None:
    """What happened and what to do, where an error tells of a limit of the machine."""
    if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return f"{error}; {_ADVICE[errno.ENOSPC]}"
    if isinstance(error, OSError) and error.errno in _ADVICE:
        return f"{error.strerror}; {_ADVICE[error.errno]}"
    return None


class Seldom(logging.Filter):
    """Lets a message pass, and the next like it after a minute, with how many were left out.

    Messages are alike whose text before formatting is the same, and whose error comes from the same line.

    Args:
        monotonic: A clock, in seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        # When each is next to be logged, and how many were left out since.
        self._next: dict[Hashable, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is logged, which then tells of those that were not."""
        key = record.msg, _origin(record.exc_info[1] if record.exc_info else None)
        now = self._monotonic()
        due, left_out = self._next.get(key, (now, 0))
        if now < due:
            self._next[key] = due, left_out + 1
            return False
        self._next[key] = now + _APART, 0
        if left_out:
            record.msg = f"{record.getMessage()} ({left_out} more like it since the last such line)"
            record.args = None
        return True


def _origin(error: BaseException | None) -> Hashable:
    frame = None if error is None else error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return None if frame is None else (type(error), frame.tb_frame.f_code, frame.tb_lineno)
