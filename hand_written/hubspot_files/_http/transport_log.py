"""Keep secrets out of the logs of httpx and httpcore."""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar

import httpx

from .._redaction import QUOTED, REDACTED, redacted
from .redaction import secrets_of

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
# Cookies let somebody in, too.
_COOKIES = re.compile(rf"(b'set-cookie', )(?:{QUOTED.pattern})", re.IGNORECASE | re.DOTALL)
_sending: ContextVar[httpx.Request | None] = ContextVar("hubspot_files_sending", default=None)


class Sending:
    """While one of our requests is sent, its secrets and the query of every URL are left out of transport logs.

    Args:
        request: the request, which holds its secrets.
    """

    __slots__ = ("_mark", "_request")

    def __init__(self, request: httpx.Request) -> None:
        self._request = request

    def __enter__(self) -> None:
        self._mark = _sending.set(self._request)

    def __exit__(self, *_: object) -> None:
        _sending.reset(self._mark)


def _redact_record(record: logging.LogRecord) -> bool:
    request = _sending.get()
    if request is not None:
        text = QUOTED.sub(_without_query, _COOKIES.sub(rf"\1b'{REDACTED}'", record.getMessage()))
        record.msg, record.args = redacted(_QUERY.sub(r"\1?…", text), secrets_of(request)), ()
    return True


def _without_query(shown: re.Match[str]) -> str:
    path, mark, query = shown[0].partition("?")
    return f"{path}?…{query[-1]}" if mark else path


for _name in _TRANSPORT_LOGGERS:
    logging.getLogger(_name).addFilter(_redact_record)
