"""What a caller sends, checked: bodies and their fields, options, names, paths, periods of life."""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ._blobs import Draft
from ._clock import EPOCH
from ._multipart import FormReader, MultipartError, Part
from ._reply import ApiError, Json
from ._search import instant, integer, invalid

ACCESS: Final = (
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
_LARGEST_JSON: Final = 8 * 1024 * 1024


@dataclass(frozen=True)
class NewFile:
    """What an upload and an import have in common."""

    access: str
    folder_id: int | None
    folder_path: tuple[str, ...]
    expires_at: int | None
    overwrite: bool
    strategy: str
    scope: str | None


def parsed_json(text: str | bytes, what: str) -> Any:
    """What JSON says, if it can be said again in the midst of other JSON.

    Raises:
        ApiError: 400.
    """

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    try:
        value = json.loads(text, parse_constant=refuse)
        # A lone surrogate is valid JSON and no text; and an answer that holds the value is deeper by some levels.
        json.dumps([[[[value]]]], ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise ApiError(400, f"Invalid input JSON in {what}") from None
    return value


def json_object(text: str | bytes, what: str, known: Collection[str], *, keep_null: bool = False) -> Json:
    """A JSON object whose keys are all known; null counts as absent unless it is kept.

    Raises:
        ApiError: 400.
    """
    value = parsed_json(text, what)
    if not isinstance(value, dict):
        raise ApiError(400, f"Invalid input JSON in {what}: an object is needed")
    # assumed: unknown-keys
    if unknown := sorted(set(value) - set(known)):
        raise ApiError(
            400,
            f"Unrecognized field in {what}: {', '.join(unknown)}",
            errors=[{"message": "unrecognized field", "in": name, "code": "UNKNOWN_FIELD"} for name in unknown],
        )
    return {name: item for name, item in value.items() if keep_null or item is not None}


class Intake:
    """A request's body while it arrives: a form is taken apart on the way, anything else collected.

    Args:
        content_type: The request's Content-Type header.
        draft: Makes the draft for a file, None where the operation takes no form.
        discard: Forgets a draft that was of no use.
    """

    def __init__(self, content_type: str, draft: Callable[[], Draft] | None, discard: Callable[[Draft], None]) -> None:
        self._kind = content_type.partition(";")[0].strip().lower()
        self._discard = discard
        self._drafts: list[Draft] = []
        self._whole, self._size = bytearray(), 0
        self._reader: FormReader | None = None
        self._problem: MultipartError | None = None
        if draft is not None and self._kind == "multipart/form-data":
            try:
                self._reader = FormReader(content_type, "file", lambda: self._keep(draft()))
            except MultipartError as error:
                self._problem = error

    def _keep(self, draft: Draft) -> Draft:
        self._drafts.append(draft)
        return draft

    @property
    def drafts(self) -> Sequence[Draft]:
        """The files that came."""
        return self._drafts

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; what is wrong with them shows when they are asked for."""
        if self._reader is not None and self._problem is None:
            try:
                self._reader.feed(chunk)
            except MultipartError as error:
                self._problem = error
        elif self._reader is None:
            self._size += len(chunk)
            if self._size <= _LARGEST_JSON:
                self._whole += chunk

    def close(self) -> None:
        """Forget the files that nobody kept."""
        for draft in self._drafts:
            self._discard(draft)

    def json(self, known: Collection[str]) -> Json:
        """The JSON object that came.

        Raises:
            ApiError: 415 for another content type, 413 for too much of it, 400 for anything but an object with known
                keys.
        """
        if self._kind != "application/json":
            raise ApiError(415, "This call takes application/json", "UNSUPPORTED_MEDIA_TYPE")
        # assumed: large-bodies
        if self._size > _LARGEST_JSON:
            raise ApiError(413, f"The body is larger than {_LARGEST_JSON} bytes", "PAYLOAD_TOO_LARGE")
        return json_object(bytes(self._whole), "the body", known)

    def form(self, known: Collection[str]) -> dict[str, Part]:
        """The parts that came, by name.

        Raises:
            ApiError: 415 for another content type, 400 for a malformed form, a repeated or an unknown part.
        """
        if self._kind != "multipart/form-data":
            raise ApiError(415, "This call takes multipart/form-data", "UNSUPPORTED_MEDIA_TYPE")
        try:
            if self._problem is not None:
                raise self._problem
            assert self._reader is not None
            parts = self._reader.end()
        except MultipartError as error:
            raise ApiError(400, f"Invalid multipart/form-data: {error}") from None
        found: dict[str, Part] = {}
        for part in parts:
            # assumed: unknown-parts
            if part.name in found or part.name not in known:
                kind = "given twice" if part.name in found else "unknown"
                raise ApiError(400, f"Invalid multipart/form-data: the part {part.name!r} is {kind}")
            found[part.name] = part
        return found


def part_text(parts: Mapping[str, Part], name: str) -> str | None:
    """The text of a part, None when it is absent."""
    part = parts.get(name)
    if part is None:
        return None
    try:
        return part.content.decode()
    except UnicodeDecodeError:
        raise invalid(name, "not UTF-8") from None


def text(body: Json, name: str) -> str | None:
    """A string field."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(name, "a string is needed")
    return value


def flag(body: Json, name: str) -> bool | None:
    """A boolean field."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid(name, "true or false is needed")
    return value


def number(body: Json, name: str) -> int | None:
    """A field that holds an id, as digits or as a number."""
    value = body.get(name)
    if value is None:
        return None
    # assumed: loose-ids
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise invalid(name, "an id is needed")
    return integer(name, str(value))


def future(body: Json, name: str, now: int) -> int | None:
    """An instant that is still to come, as ISO-8601 or in milliseconds."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise invalid(name, "a date-time is needed")
    when = instant(name, str(value))
    # assumed: past-expiry
    if when <= now:
        raise invalid(name, "the date-time has passed")
    if when > _milliseconds(datetime(_LAST_YEAR, 1, 1, tzinfo=EPOCH.tzinfo)):
        raise invalid(name, f"the date-time lies after the year {_LAST_YEAR}")
    return when


def _choice(body: Json, name: str, choices: tuple[str, ...]) -> str | None:
    value = text(body, name)
    if value is not None and value not in choices:
        raise invalid(name, f"{value!r} is not one of {', '.join(choices)}")
    return value


def access(body: Json, current: str | None = None) -> str | None:
    """The access field; hidden values only for a file that is hidden already."""
    value = _choice(body, "access", ACCESS)
    # assumed: hidden-change
    if value is not None and value.startswith("HIDDEN_") and not (current or "").startswith("HIDDEN_"):
        raise invalid("access", "hidden files cannot be made through the API")
    return value


def _milliseconds(when: datetime) -> int:
    return (when - EPOCH) // timedelta(milliseconds=1)


def _after_months(start: datetime, months: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > _LAST_YEAR:
        raise invalid("ttl", "at most one year")
    return start.replace(year=year, month=month + 1, day=min(start.day, calendar.monthrange(year, month + 1)[1]))


def end_of_life(period: str, now: int) -> int:
    """When a file with this ttl ends, in milliseconds since 1970.

    Raises:
        ApiError: 400 for anything but an ISO-8601 period of one day to one year in years, months, weeks and
            days.
    """
    match = _PERIOD.fullmatch(period)
    if match is None:
        raise invalid("ttl", f"{period!r} is not a period of years, months, weeks and days, like P3M")
    years, months, weeks, days = (int(group or 0) for group in match.groups())
    start = EPOCH + timedelta(milliseconds=now)
    end = _after_months(start, years * 12 + months) + timedelta(weeks=weeks, days=days)
    if not start + timedelta(days=1) <= end <= _after_months(start, 12):
        raise invalid("ttl", f"{period!r} is not from one day to one year")
    return _milliseconds(end)


def file_name(value: str, field: str = "fileName") -> str:
    """A file's or folder's name, refused when it cannot be one segment of a path."""
    # assumed: bad-names
    if not value.strip() or value in (".", "..") or "/" in value or _CONTROL.search(value):
        raise invalid(field, f"{value!r} cannot be a name")
    return value


def segments(path: str, field: str) -> tuple[str, ...]:
    """The names in a path; none for the root."""
    # assumed: loose-slashes
    return tuple(file_name(segment, field) for segment in path.split("/") if segment)


NEW_FILE_KEYS: Final = frozenset(
    {"access", "ttl", "overwrite", "duplicateValidationStrategy", "duplicateValidationScope"}
)


def new_file(options: Json, folder_id: str | None, folder_path: str | None, now: int) -> NewFile:
    """The options of an upload or an import with the folder it goes to.

    Raises:
        ApiError: 400.
    """
    if bool(folder_id) == bool(folder_path):
        raise ApiError(400, "Exactly one of folderId and folderPath is required")
    wanted = access(options)
    if wanted is None:
        raise ApiError(400, "access is required", errors=[{"message": "required", "in": "access"}])
    strategy = _choice(options, "duplicateValidationStrategy", _STRATEGIES)
    scope = _choice(options, "duplicateValidationScope", _SCOPES)
    if (strategy not in (None, "NONE") and scope is None) or (scope is not None and strategy is None):
        raise ApiError(400, "duplicateValidationStrategy and duplicateValidationScope need each other")
    ttl, expires_at = text(options, "ttl"), future(options, "expiresAt", now)
    if ttl is not None and expires_at is not None:
        raise ApiError(400, "ttl and expiresAt cannot be set at the same time")
    return NewFile(
        access=wanted,
        folder_id=integer("folderId", folder_id) if folder_id else None,
        folder_path=segments(folder_path or "", "folderPath"),
        expires_at=expires_at if ttl is None else end_of_life(ttl, now),
        overwrite=bool(flag(options, "overwrite")),
        strategy=strategy or "NONE",
        scope=scope,
    )
