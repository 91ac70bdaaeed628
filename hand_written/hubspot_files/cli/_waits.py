"""Waits for the rate limit and before retries, which a command would otherwise spend in silence."""

from __future__ import annotations

import logging
import math
import re
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from ._stderr import write_line
from ._text import printable

# Shorter waits are not worth a word; in a pipe, only long ones are.
_SHORTEST: Final = 1.0
_SHORTEST_RETRY: Final = 0.25
_LONG: Final = 5.0
_ERRNO: Final = re.compile(r"\[Errno -?\d+\] ")
# A status of a server in the reason for a retry.
_STATUS: Final = re.compile(r"^(5\d\d)\b.*")


class Waits(logging.Handler):
    """The waits of the SDK, which it logs. They are shown by the progress on a terminal, or else written as lines.

    Args:
        silent: whether nothing is written.

    Attributes:
        in_progress: whether there is progress on a terminal, which shows `text()`.
    """

    def __init__(self, *, silent: bool) -> None:
        super().__init__(logging.DEBUG)
        self.in_progress: bool = False
        self._silent = silent
        self._until = 0.0
        self._why = ""

    @contextmanager
    def heard(self) -> Generator[None, None, None]:
        """Return a context manager within which waits are noticed."""
        logger = logging.getLogger("hubspot_files")
        level = logger.level
        logger.setLevel(logging.DEBUG)
        logger.addHandler(self)
        try:
            yield
        finally:
            logger.removeHandler(self)
            logger.setLevel(level)

    def emit(self, record: logging.LogRecord) -> None:
        """Notice a wait in the log."""
        wait: tuple[float, str] | None = getattr(record, "wait", None)
        if wait is not None:
            seconds, why = wait
            self.add(seconds, _for_people(record, why), again=record.levelno == logging.INFO)

    def add(self, seconds: float, why: str, *, again: bool = False) -> None:
        """Notice a wait. Those of several workers at the same time are one.

        Args:
            seconds: length of the wait.
            why: reason for the wait.
            again: whether it is one of the waits before retries, each of which may be short.
        """
        now = time.monotonic()
        waits_already = now < self._until
        if seconds < ((_SHORTEST if not again else _SHORTEST_RETRY) if sys.stderr.isatty() else _LONG):
            return
        self._until = max(self._until, now + seconds)
        self._why = why
        if not (waits_already or self.in_progress or self._silent):
            write_line(f"waits {math.ceil(seconds)} s: {printable(why)}")

    def text(self, *, narrow: bool) -> str:
        """Return the wait that lasts, or an empty str."""
        left = self._until - time.monotonic()
        if left <= 0:
            return ""
        text = f"waits {math.ceil(left)} s"
        return text if narrow else f"{text}: {printable(self._why)}"


def _for_people(record: logging.LogRecord, why: str) -> str:
    """Return the reason for a wait without the method and the path of the request, and without numbers of errors."""
    label = record.args[0] if isinstance(record.args, tuple) and record.args else ""
    return _STATUS.sub(r"HubSpot responded \1", _ERRNO.sub("", why.removeprefix(f"{label}: ")))
