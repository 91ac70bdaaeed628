"""Logging for a server that runs for weeks: a problem that repeats is logged once a minute."""

from __future__ import annotations

import errno
import logging
import sqlite3
import time
from collections.abc import Callable, Hashable
from typing import Final

# Seconds between two records that are alike.
_INTERVAL: Final = 60.0
# Remedies for limits of the machine; reaching one is not a failure of the emulator.
_ADVICE: Final = {
    errno.EMFILE: "raise the limit of open files with `ulimit -n`, or open fewer connections at once",
    errno.ENFILE: "close files or raise the limit of open files, reached by the machine as a whole",
    errno.ENOBUFS: "free some memory",
    errno.ENOMEM: "free some memory",
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EFBIG: "raise the limit of the size of a file with `ulimit -f`",
}


def limited_logger(name: str) -> logging.Logger:
    """Make a logger that passes records on to the one of this name, those that are alike once a minute."""
    # Not from getLogger, whose loggers all servers of a process share.
    logger = logging.Logger(name)
    logger.parent = logging.getLogger(name)
    logger.addFilter(RateLimitFilter())
    return logger


def advice(error: BaseException | None) -> str | None:
    """Return a message with a remedy, where an error is due to a limit of the machine."""
    if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return f"{error}; {_ADVICE[errno.ENOSPC]}"
    if isinstance(error, OSError) and error.errno in _ADVICE:
        return f"{error.strerror}; {_ADVICE[error.errno]}"
    return None


class RateLimitFilter(logging.Filter):
    """Passes a record, and the next one like it after a minute, with the number of those suppressed.

    Records are alike if their text before formatting is the same, and their exceptions come from the same line.

    Args:
        monotonic: A clock, in seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        # For each record: when it is passed next, and how many were suppressed since.
        self._next: dict[Hashable, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record passes; it is amended with the number of those suppressed."""
        key = record.msg, _origin(record.exc_info[1] if record.exc_info else None)
        now = self._monotonic()
        due, suppressed = self._next.get(key, (now, 0))
        if now < due:
            self._next[key] = due, suppressed + 1
            return False
        self._next[key] = now + _INTERVAL, 0
        if suppressed:
            record.msg = f"{record.getMessage()} ({suppressed} more like it since the last such line)"
            record.args = None
        return True


def _origin(error: BaseException | None) -> Hashable:
    frame = None if error is None else error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return None if frame is None else (type(error), frame.tb_frame.f_code, frame.tb_lineno)
