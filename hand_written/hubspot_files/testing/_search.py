"""The search of files and folders: query parameters turned into SQL conditions, order and a page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, unquote, urlencode

from ._clock import EPOCH
from ._reply import ApiError

OFFSET_LIMIT: Final = 10_000
_DEFAULT_LIMIT: Final = 10
_LARGEST_LIMIT: Final = 100
_LARGEST_INTEGER: Final = 2**63 - 1
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII)

Filter: TypeAlias = tuple[str, Callable[[str, str], object]]


class Query:
    """The query parameters of a request, in order. One without a value counts as absent."""

    def __init__(self, query: str) -> None:
        # assumed: blank-parameters, unknown-parameters
        self.pairs = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if value]

    def get(self, name: str) -> str | None:
        """The first value of a parameter."""
        return next((value for key, value in self.pairs if key == name), None)

    def many(self, name: str) -> list[str]:
        """All values of a parameter, whether it is repeated or holds commas."""
        values = [value for key, value in self.pairs if key == name]
        return [item for value in values for item in value.split(",") if item]

    def replaced(self, drop: tuple[str, ...], **values: str) -> str:
        """The query with parameters replaced, for the link to another page."""
        kept = [pair for pair in self.pairs if pair[0] not in {*drop, *values}]
        return urlencode([*kept, *values.items()])


def invalid(name: str, message: str) -> ApiError:
    """The refusal of one parameter or field."""
    return ApiError(
        400,
        f"Invalid value for {name}: {message}",
        errors=[{"message": message, "in": name, "code": "INVALID"}],
    )


def integer(name: str, value: str) -> int:
    """A whole number of 64 bits."""
    if not _INTEGER.fullmatch(value) or abs(number := int(value)) > _LARGEST_INTEGER:
        raise invalid(name, f"{value!r} is not a whole number of 64 bits")
    return number


def _small(name: str, value: str) -> int:
    """A whole number of 32 bits."""
    number = integer(name, value)
    if not -(2**31) <= number < 2**31:
        raise invalid(name, f"{value!r} is not a whole number of 32 bits")
    return number


def boolean(name: str, value: str) -> bool:
    """`true` or `false`."""
    if value not in ("true", "false"):
        raise invalid(name, f"{value!r} is neither true nor false")
    return value == "true"


def instant(name: str, value: str) -> int:
    """Milliseconds since 1970, from digits or from ISO-8601 with an offset."""
    if _INTEGER.fullmatch(value):
        return integer(name, value)
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise invalid(name, f"{value!r} is neither ISO-8601 nor milliseconds since 1970") from None
    if parsed.tzinfo is None:
        # assumed: offset-required
        raise invalid(name, f"{value!r} has no offset from UTC")
    elapsed = parsed - EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * 1000 + elapsed.microseconds // 1000


def _text(name: str, value: str) -> str:
    return value


def _extension(name: str, value: str) -> str:
    return value.removeprefix(".")


def _path(name: str, value: str) -> str:
    return "/" + "/".join(segment for segment in value.split("/") if segment)


def _range(parameter: str, column: str, convert: Callable[[str, str], object]) -> dict[str, Filter]:
    return {
        parameter: (f"{column} = ?", convert),
        f"{parameter}Gte": (f"{column} >= ?", convert),
        f"{parameter}Lte": (f"{column} <= ?", convert),
    }


_SHARED: Final[dict[str, Filter]] = {
    **_range("createdAt", "created_at", instant),
    **_range("updatedAt", "updated_at", instant),
    "idGte": ("id >= ?", integer),
    "idLte": ("id <= ?", integer),
    "path": ("path = ?", _path),
}
_FOLDER_FILTERS: Final[dict[str, Filter]] = {**_SHARED, "name": ("instr(folded(name), folded(?)) > 0", _text)}
# assumed: search-matching
_FILE_FILTERS: Final[dict[str, Filter]] = {
    **_SHARED,
    **_range("expiresAt", "expires_at", instant),
    **_range("size", "size", integer),
    **_range("width", "width", _small),
    **_range("height", "height", _small),
    "name": (
        "instr(folded(name || CASE extension WHEN '' THEN '' ELSE '.' || extension END), folded(?)) > 0",
        _text,
    ),
    "allowsAnonymousAccess": ("(access IN ('PUBLIC_INDEXABLE', 'PUBLIC_NOT_INDEXABLE')) = ?", boolean),
    "isUsableInContent": ("usable = ?", boolean),
    "encoding": ("folded(encoding) = folded(?)", _text),
    "extension": ("folded(extension) = folded(?)", _extension),
    "fileMd5": ("folded(md5) = folded(?)", _text),
    "type": ("folded(type) = folded(?)", _text),
}
_FOLDER_SORTS: Final = {
    "id": "id",
    "name": "name",
    "path": "path",
    "parentFolderId": "parent_id",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
}
_FILE_SORTS: Final = {
    **_FOLDER_SORTS,
    "parentFolderId": "folder_id",
    "access": "access",
    "encoding": "encoding",
    "expiresAt": "expires_at",
    "extension": "extension",
    "fileMd5": "md5",
    "height": "height",
    "isUsableInContent": "usable",
    "size": "size",
    "type": "type",
    "url": "path",
    "width": "width",
}


@dataclass
class Search:
    """A search as the store performs it."""

    table: str
    condition: str
    values: list[object]
    order: str
    limit: int
    offset: int
    properties: list[str] = field(default_factory=list)
    cursor: bool = False


def _ids(name: str, query: Query) -> str | None:
    values = query.many(name)
    return json.dumps([integer(name, value) for value in values]) if values else None


def _offset(query: Query, limit: int) -> tuple[int, int, int | None]:
    """Offset and size of the page, and the timestamp of `before` when it is not a cursor."""
    after, before = query.get("after"), query.get("before")
    offset, earlier = 0, None
    if after is not None:
        offset = integer("after", after)
        if offset < 0:
            raise invalid("after", "an offset is not negative")
    if before is not None:
        earlier = instant("before", before)
        if 0 <= earlier <= OFFSET_LIMIT:
            # assumed: before-cursor
            if after is not None:
                raise invalid("before", "after and before cannot both be offsets")
            offset, limit, earlier = max(0, earlier - limit), min(limit, earlier), None
    if offset > OFFSET_LIMIT:
        # assumed: search-cap
        raise ApiError(
            400,
            f"The maximum offset of a search is {OFFSET_LIMIT}, not {offset}. Narrow the search down.",
            errors=[{"message": f"the maximum is {OFFSET_LIMIT}", "in": "after", "code": "OUT_OF_RANGE"}],
        )
    return offset, limit, earlier


def _order(query: Query, sorts: Mapping[str, str]) -> str:
    terms: list[str] = []
    for item in query.many("sort"):
        name = item.removeprefix("-")
        if name not in sorts:
            raise invalid("sort", f"results cannot be sorted by {name!r}")
        terms.append(f"{sorts[name]} {'DESC' if item.startswith('-') else 'ASC'}")
    # assumed: default-order
    return ", ".join([*terms, "id ASC"])


def _path_of_url(url: str, prefix: str) -> str | None:
    bare = url.partition("?")[0]
    return unquote(bare[len(prefix) :]) if bare.startswith(prefix + "/") else None


def _search(table: str, query: Query, filters: Mapping[str, Filter], sorts: Mapping[str, str], parent: str) -> Search:
    limit = _DEFAULT_LIMIT
    if (wanted := query.get("limit")) is not None:
        limit = integer("limit", wanted)
        if not 1 <= limit <= _LARGEST_LIMIT:
            # assumed: limit-refused
            raise invalid("limit", f"from 1 to {_LARGEST_LIMIT}")
    offset, limit, earlier = _offset(query, limit)
    conditions, values = ["1"], list[object]()
    for name, (condition, convert) in filters.items():
        if (value := query.get(name)) is not None:
            conditions.append(condition)
            values.append(convert(name, value))
    for name, column in (("ids", "id"), ("parentFolderIds", parent)):
        if (array := _ids(name, query)) is not None:
            conditions.append(f"{column} IN (SELECT value FROM json_each(?))")
            values.append(array)
    if earlier is not None:
        conditions.append("updated_at < ?")
        values.append(earlier)
    order = _order(query, sorts)
    cursor = query.get("before") is not None and earlier is None
    return Search(table, " AND ".join(conditions), values, order, limit, offset, query.many("properties"), cursor)


def files(query: Query, url_prefix: str, indexed_until: int) -> Search:
    """A search of files.

    Args:
        query: The request's parameters.
        url_prefix: What the URL of every file begins with.
        indexed_until: Files made later, in milliseconds since 1970, are not listed yet.
    """
    search = _search("files", query, _FILE_FILTERS, _FILE_SORTS, "folder_id")
    search.condition += " AND access NOT LIKE 'HIDDEN%' AND created_at <= ?"
    search.values.append(indexed_until)
    if (url := query.get("url")) is not None:
        search.condition += " AND path = ?"
        search.values.append(_path_of_url(url, url_prefix))
    return search


def folders(query: Query) -> Search:
    """A search of folders."""
    return _search("folders", query, _FOLDER_FILTERS, _FOLDER_SORTS, "parent_id")


def paging(search: Search, query: Query, link: str, *, more: bool) -> dict[str, Any]:
    """The `paging` of an answer, empty when there is no other page."""
    found: dict[str, Any] = {}
    if more:
        # A cursor makes way for the other one; a timestamp stays, it is a filter.
        drop = ("before",) if search.cursor else ()
        after = str(search.offset + search.limit)
        found["next"] = {"after": after, "link": f"{link}?{query.replaced(drop, after=after)}"}
    if search.offset and (search.cursor or query.get("before") is None):
        before = str(search.offset)
        found["prev"] = {"before": before, "link": f"{link}?{query.replaced(('after',), before=before)}"}
    return found
