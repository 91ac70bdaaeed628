"""Readers of response headers: waits, rate limits, dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

LIMIT = "x-hubspot-ratelimit-max"
REMAINING = "x-hubspot-ratelimit-remaining"
_INTERVAL = "x-hubspot-ratelimit-interval-milliseconds"

DATE_RESOLUTION = timedelta(seconds=1)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a Retry-After header of either form asks to wait, or None if it cannot be read."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        # Longer digit strings are not plausible, and may not fit a float.
        return float(value) if len(value) <= 12 else None
    until, now = _date(value), _date(headers.get("date", ""))
    if until is None or now is None or (until.tzinfo is None) != (now.tzinfo is None):
        return None
    return max((until - now).total_seconds(), 0.0)


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """Return the server's clock when it responded. It is rounded up, because a Date header has whole seconds only."""
    date = _date(headers.get("date", ""))
    if date is None:
        return None
    try:
        # A date without a zone is in UTC.
        return (date if date.tzinfo is not None else date.replace(tzinfo=UTC)) + DATE_RESOLUTION
    except OverflowError:
        return None


def _date(value: str) -> datetime | None:
    # Imported here because it takes long and few responses need it.
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None


def rate_limit_interval(headers: Mapping[str, str]) -> float | None:
    """Return the window of the rate limit, in seconds, or None if the headers do not name it."""
    milliseconds = number(headers.get(_INTERVAL))
    return milliseconds / 1000 if milliseconds else None


def number(text: str | None) -> int | None:
    """Return the value of a header as a small number, or None if it is not one."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None
