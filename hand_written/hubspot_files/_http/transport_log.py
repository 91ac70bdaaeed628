"""Redaction of the logs of httpx and httpcore."""

from __future__ import annotations

import logging
import re
from contextvars import ContextVar

import httpx

from .._redaction import QUOTED, REDACTED, redacted
from .redaction import secrets_of

# The loggers of httpx and httpcore, which log whole URLs and headers such as Location.
_TRANSPORT_LOGGERS = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)
# The query of a URL in a record of httpx, up to the status.
_QUERY = re.compile(r"(https?://[^\s?]*)\?(?!…).*?(?= \"HTTP/|$)", re.DOTALL)
# The cookies in the headers that httpcore logs.
_COOKIES = re.compile(rf"(b'set-cookie', )(?:{QUOTED.pattern})", re.IGNORECASE | re.DOTALL)
_sending: ContextVar[httpx.Request | None] = ContextVar("hubspot_files_sending", default=None)


class Sending:
    """Context in which a request is sent. The logs of the transport do not show its secrets or the queries of URLs.

    Args:
        request: the request.
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


def _without_query(quoted: re.Match[str]) -> str:
    path, mark, query = quoted[0].partition("?")
    return f"{path}?…{query[-1]}" if mark else path


for _name in _TRANSPORT_LOGGERS:
    logging.getLogger(_name).addFilter(_redact_record)
