"""The fields of bodies and the values of parameters: their types, and the rules for names, access, expiry and paths."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .._clock import EPOCH, from_milliseconds, to_milliseconds
from .._messages import ApiError, Json, invalid, required

ACCESS_LEVELS: Final = (
    "PUBLIC_INDEXABLE",
    "PUBLIC_NOT_INDEXABLE",
    "PRIVATE",
    "SENSITIVE",
    "HIDDEN_INDEXABLE",
    "HIDDEN_NOT_INDEXABLE",
    "HIDDEN_PRIVATE",
    "HIDDEN_SENSITIVE",
)
_STRATEGIES: Final = ("NONE", "REJECT", "RETURN_EXISTING")
_SCOPES: Final = ("ENTIRE_PORTAL", "EXACT_FOLDER")
_PERIOD: Final = re.compile(r"P(?=\d)(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,5})D)?", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_LAST_YEAR: Final = 9998
_LARGEST_INTEGER: Final = 2**63 - 1
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII)


def int64(name: str, value: str) -> int:
    """Convert a whole number of 64 bits."""
    if not _INTEGER.fullmatch(value) or abs(number := int(value)) > _LARGEST_INTEGER:
        raise invalid(name, f"{value!r} is not a whole number of 64 bits")
    return number


def int32(name: str, value: str) -> int:
    """Convert a whole number of 32 bits."""
    number = int64(name, value)
    if not -(2**31) <= number < 2**31:
        raise invalid(name, f"{value!r} is not a whole number of 32 bits")
    return number


def boolean(name: str, value: str) -> bool:
    """Convert `true` or `false`."""
    if value not in ("true", "false"):
        raise invalid(name, f"{value!r} is neither true nor false")
    return value == "true"


def instant(name: str, value: str) -> int:
    """Convert digits, or ISO 8601 with an offset, to milliseconds since 1970."""
    if _INTEGER.fullmatch(value):
        return int64(name, value)
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise invalid(name, f"{value!r} is neither ISO-8601 nor milliseconds since 1970") from None
    if parsed.tzinfo is None:
        # assumed: offset-required
        raise invalid(name, f"{value!r} has no offset from UTC")
    return to_milliseconds(parsed)


def optional_str(body: Json, name: str) -> str | None:
    """Return a string field."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(name, "a string is needed")
    return value


def optional_bool(body: Json, name: str) -> bool | None:
    """Return a boolean field."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid(name, "true or false is needed")
    return value


def numeric_id(body: Json, name: str) -> int | None:
    """Return a field that holds an id, as digits or as a number."""
    value = body.get(name)
    if value is None:
        return None
    # assumed: loose-ids
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise invalid(name, "an id is needed")
    return int64(name, str(value))


def future_instant(body: Json, name: str, now: int) -> int | None:
    """Return a field that holds an instant in the future, as ISO 8601 or in milliseconds."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise invalid(name, "a date-time is needed")
    when = instant(name, str(value))
    # assumed: past-expiry
    if when <= now:
        raise invalid(name, "the date-time has passed")
    if when > to_milliseconds(datetime(_LAST_YEAR, 1, 1, tzinfo=EPOCH.tzinfo)):
        raise invalid(name, f"the date-time lies after the year {_LAST_YEAR}")
    return when


def _enum_member(body: Json, name: str, choices: tuple[str, ...]) -> str | None:
    value = optional_str(body, name)
    if value is not None and value not in choices:
        raise invalid(name, f"{value!r} is not one of {', '.join(choices)}")
    return value


def access_level(body: Json, current: str | None = None) -> str | None:
    """Return the access field; hidden values are valid only for a file that is hidden already."""
    value = _enum_member(body, "access", ACCESS_LEVELS)
    # assumed: hidden-change
    if value is not None and value.startswith("HIDDEN_") and not (current or "").startswith("HIDDEN_"):
        raise invalid("access", "hidden files cannot be made through the API")
    return value


def _add_months(start: datetime, months: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > _LAST_YEAR:
        raise invalid("ttl", "at most one year")
    return start.replace(year=year, month=month + 1, day=min(start.day, calendar.monthrange(year, month + 1)[1]))


def expiry_of_ttl(period: str, now: int) -> int:
    """Return when a file with this ttl expires, in milliseconds since 1970.

    Raises:
        ApiError: 400 for anything but an ISO-8601 period of one day to one year in years, months, weeks and
            days.
    """
    match = _PERIOD.fullmatch(period)
    if match is None:
        raise invalid("ttl", f"{period!r} is not a period of years, months, weeks and days, like P3M")
    years, months, weeks, days = (int(group or 0) for group in match.groups())
    start = from_milliseconds(now)
    end = _add_months(start, years * 12 + months) + timedelta(weeks=weeks, days=days)
    if not start + timedelta(days=1) <= end <= _add_months(start, 12):
        raise invalid("ttl", f"{period!r} is not from one day to one year")
    return to_milliseconds(end)


def validate_name(value: str, field: str = "fileName") -> str:
    """Check the name of a file or folder: it has to be one segment of a path."""
    # assumed: bad-names
    if not value.strip() or value in (".", "..") or "/" in value or _CONTROL.search(value):
        raise invalid(field, f"{value!r} cannot be a name")
    return value


def path_segments(path: str, field: str) -> tuple[str, ...]:
    """Split a path into its names; the root has no names."""
    # assumed: loose-slashes
    return tuple(validate_name(segment, field) for segment in path.split("/") if segment)


NEW_FILE_KEYS: Final = frozenset(
    {"access", "ttl", "overwrite", "duplicateValidationStrategy", "duplicateValidationScope"}
)


@dataclass(frozen=True)
class NewFileOptions:
    """The options that an upload and an import have in common."""

    access: str
    folder_id: int | None
    folder_path: tuple[str, ...]
    expires_at: int | None
    overwrite: bool
    strategy: str
    scope: str | None


def new_file_options(options: Json, folder_id: str | None, folder_path: str | None, now: int) -> NewFileOptions:
    """Parse the options of an upload or an import, with its folder.

    Raises:
        ApiError: 400.
    """
    if bool(folder_id) == bool(folder_path):
        raise ApiError(400, "Exactly one of folderId and folderPath is required")
    wanted = access_level(options)
    if wanted is None:
        raise required("access")
    strategy = _enum_member(options, "duplicateValidationStrategy", _STRATEGIES)
    scope = _enum_member(options, "duplicateValidationScope", _SCOPES)
    if (strategy not in (None, "NONE") and scope is None) or (scope is not None and strategy is None):
        raise ApiError(400, "duplicateValidationStrategy and duplicateValidationScope need each other")
    ttl, expires_at = optional_str(options, "ttl"), future_instant(options, "expiresAt", now)
    if ttl is not None and expires_at is not None:
        raise ApiError(400, "ttl and expiresAt cannot be set at the same time")
    return NewFileOptions(
        access=wanted,
        folder_id=int64("folderId", folder_id) if folder_id else None,
        folder_path=path_segments(folder_path or "", "folderPath"),
        expires_at=expires_at if ttl is None else expiry_of_ttl(ttl, now),
        overwrite=bool(optional_bool(options, "overwrite")),
        strategy=strategy or "NONE",
        scope=scope,
    )
