"""Headers of responses: waits, rate limits, dates and correlation ids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from ._http.messages import Reply


def correlation_id(headers: httpx.Headers, fields: Mapping[str, Any]) -> str | None:
    return text_of(fields, "correlationId") or headers.get("x-hubspot-correlation-id")


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds that a Retry-After header asks to wait, of either form; None where there is none that can be read."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        # Longer digit strings are no time that anyone means, and may not fit a float.
        return float(value) if len(value) <= 12 else None
    if not value:
        return None
    from email.utils import parsedate_to_datetime

    try:
        until = parsedate_to_datetime(value)
        now = parsedate_to_datetime(headers["date"])
        return max((until - now).total_seconds(), 0.0)
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def text_of(fields: Mapping[str, Any], key: str) -> str | None:
    value = fields.get(key)
    return value if isinstance(value, str) and value else None


_MAX = "x-hubspot-ratelimit-max"
_REMAINING = "x-hubspot-ratelimit-remaining"
_INTERVAL = "x-hubspot-ratelimit-interval-milliseconds"


def interval_of(headers: Mapping[str, str]) -> float | None:
    """The seconds over which the limit of an answer counts, or None where its headers do not tell."""
    milliseconds = _number(headers.get(_INTERVAL))
    return milliseconds / 1000 if milliseconds else None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None


DATE_RESOLUTION = timedelta(seconds=1)


def server_time(reply: Reply) -> datetime | None:
    """The server's clock when it answered, and rather too late than too early: a Date has whole seconds only."""
    try:
        date = parsedate_to_datetime(reply.headers["date"])
        return (date if date.tzinfo is not None else date.replace(tzinfo=UTC)) + DATE_RESOLUTION
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
