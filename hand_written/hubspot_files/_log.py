"""The `hubspot_files` logger and what keeps secrets out of it, of httpx's and of httpcore's."""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger("hubspot_files")

# What httpx and httpcore log of a request: whole URLs, and headers such as Location.
_TRANSPORT_LOGGERS = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)
# The query of a URL: in a line of httpx up to the status, which follows it, ...
_QUERY = re.compile(r"(https?://[^\s?]*)\?(?!…).*?(?= \"HTTP/|$)", re.DOTALL)
# ... and in the headers that httpcore shows, where it may be a path only, up to the end of the bytes.
_BYTES = re.compile(r"""b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*\"""")
_sending = ContextVar("hubspot_files_sending", default=False)


def without_queries(text: str) -> str:
    """A text that quotes what came, without the query of any URL in it."""
    return re.sub(r"\?[^\s'\"]*", "?…", text)


def shown(headers: httpx.Headers) -> httpx.Headers:
    """Headers as they can be shown: where a Location leads, but not its query, with which it may be a signed URL."""
    if "location" not in headers:
        return headers
    kept = headers.copy()
    kept["location"] = headers["location"].partition("?")[0]
    return kept


def answered(label: str, status: int, seconds: float, attempt: int) -> None:
    """Log an answer at DEBUG. The label is a method and a path, without query and host."""
    logger.debug("%s: %d after %.3f s (attempt %d)", label, status, seconds, attempt)


def retrying(label: str, attempt: int, seconds: float, error: Exception) -> None:
    """Log at INFO that a request is sent again, and why."""
    logger.info("%s: attempt %d failed (%s), again in %.1f s", label, attempt, type(error).__name__, seconds)


class Secret:
    """A token or a signed URL where a traceback, a debugger or a log could show it: its `repr` does not."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value, for the moment in which it is sent."""
        return self._value

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not pickled")


class Sending:
    """While one of our requests is sent, the query of every URL that httpx and httpcore log is left out."""

    __slots__ = ("_mark",)

    def __enter__(self) -> None:
        self._mark = _sending.set(True)

    def __exit__(self, *_: object) -> None:
        _sending.reset(self._mark)


def _without_queries(record: logging.LogRecord) -> bool:
    if _sending.get():
        shown = _BYTES.sub(_without_query, record.getMessage())
        record.msg, record.args = _QUERY.sub(r"\1?…", shown), ()
    return True


def _without_query(shown: re.Match[str]) -> str:
    path, mark, query = shown[0].partition("?")
    return f"{path}?…{query[-1]}" if mark else path


for _name in _TRANSPORT_LOGGERS:
    logging.getLogger(_name).addFilter(_without_queries)
