"""Whether the content of a file that is open for writing may be incomplete."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING

from .._log import log_not_stored

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class WriteGuard:
    """Decides whether a file is stored when it is closed. Make it when the file is opened.

    Text files, compressed files and those of other libraries close the file below them in the same way, whether all is
    written or an exception has ended the writing. While an exception ends a `with` block or runs a `finally`, Python
    lists it as handled. If one is handled at the close that was not handled at the opening, the content may be
    incomplete. A `close` in an `except` block looks the same.
    """

    def __init__(self) -> None:
        self._at_opening = sys.exception()
        self._reason: str | None = None

    def write(self, content: IO[bytes], data: ReadableBuffer) -> int:
        """Write bytes to the content, and return their number. After a failure, the file is not stored."""
        try:
            return content.write(data)
        except TypeError:
            # Nothing is written. Libraries try text first, and bytes then.
            raise
        except BaseException as error:
            self.failed(error)
            raise

    def failed(self, error: BaseException) -> None:
        """Note an exception that has ended the writing."""
        self._reason = f"{type(error).__name__} was raised before it was closed"

    def dropped(self) -> None:
        """Note that the file is not used any more, and was not closed."""
        self._reason = "it was not closed; use `with`, or call close()"

    def allows_storing(self, name: str) -> bool:
        """Return whether to store the content. If not, log it at WARNING with the name of the file."""
        error, opened_in = sys.exception(), self._at_opening
        # The exception has the frames of its traceback, which may have the file.
        self._at_opening = None
        if self._reason is None and error is not None and error is not opened_in:
            self.failed(error)
        if self._reason is not None:
            log_not_stored(name, self._reason)
        return self._reason is None
