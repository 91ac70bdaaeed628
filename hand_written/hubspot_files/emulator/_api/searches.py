"""The searches of files and folders: query parameters to SQL conditions, order, and a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import unquote

from .._messages import ApiError, Json, QueryParameters, Response, invalid, json_response
from .call import ApiContext, Call
from .fields import boolean, instant, int32, int64
from .files import file_json
from .folders import folder_json
from .operation import FILES, FOLDERS, READ, operation

_OFFSET_LIMIT: Final = 10_000
_DEFAULT_LIMIT: Final = 10
_LARGEST_LIMIT: Final = 100
_REFUSED_NAME: Final = 20

Filter: TypeAlias = tuple[str, Callable[[str, str], object]]


def _text(name: str, value: str) -> str:
    return value


def _name(name: str, value: str) -> str:
    # assumed: long-names
    if len(value) >= _REFUSED_NAME:
        raise invalid(name, f"fewer than {_REFUSED_NAME} characters are needed")
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
    "idGte": ("id >= ?", int64),
    "idLte": ("id <= ?", int64),
    "path": ("path = ?", _path),
}
_FOLDER_FILTERS: Final[dict[str, Filter]] = {**_SHARED, "name": ("instr(folded(name), folded(?)) > 0", _name)}
# assumed: search-matching
_FILE_FILTERS: Final[dict[str, Filter]] = {
    **_SHARED,
    **_range("expiresAt", "expires_at", instant),
    **_range("size", "size", int64),
    **_range("width", "width", int32),
    **_range("height", "height", int32),
    "name": (
        "instr(folded(name || CASE extension WHEN '' THEN '' ELSE '.' || extension END), folded(?)) > 0",
        _name,
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
class SearchQuery:
    """A search as the store performs it; `is_cursor` is true where `before` is an offset."""

    condition: str
    values: list[object]
    order: str
    limit: int
    offset: int
    is_cursor: bool


def _ids(name: str, query: QueryParameters) -> str | None:
    values = query.get_list(name)
    return json.dumps([int64(name, value) for value in values]) if values else None


def _offset(query: QueryParameters, limit: int) -> tuple[int, int, int | None]:
    """Return offset and size of the page, and the timestamp of `before` where that is not an offset."""
    after, before = query.get("after"), query.get("before")
    offset, earlier = 0, None
    if after is not None:
        offset = int64("after", after)
        if offset < 0:
            raise invalid("after", "an offset is not negative")
    if before is not None:
        earlier = instant("before", before)
        if 0 <= earlier <= _OFFSET_LIMIT:
            # assumed: before-cursor
            if after is not None:
                raise invalid("before", "after and before cannot both be offsets")
            offset, limit, earlier = max(0, earlier - limit), min(limit, earlier), None
    if offset > _OFFSET_LIMIT:
        # assumed: search-cap
        raise ApiError(
            400,
            f"The maximum offset of a search is {_OFFSET_LIMIT}, not {offset}. Narrow the search down.",
            errors=[{"message": f"the maximum is {_OFFSET_LIMIT}", "in": "after", "code": "OUT_OF_RANGE"}],
        )
    return offset, limit, earlier


def _order(query: QueryParameters, sorts: Mapping[str, str]) -> str:
    terms: list[str] = []
    for item in query.get_list("sort"):
        name = item.removeprefix("-")
        if name not in sorts:
            raise invalid("sort", f"results cannot be sorted by {name!r}")
        terms.append(f"{sorts[name]} {'DESC' if item.startswith('-') else 'ASC'}")
    # assumed: default-order
    return ", ".join([*terms, "id ASC"])


def _path_of_url(url: str, prefix: str) -> str | None:
    bare = url.partition("?")[0]
    return unquote(bare[len(prefix) :]) if bare.startswith(prefix + "/") else None


def _parse(query: QueryParameters, filters: Mapping[str, Filter], sorts: Mapping[str, str], parent: str) -> SearchQuery:
    limit = _DEFAULT_LIMIT
    if (wanted := query.get("limit")) is not None:
        limit = int64("limit", wanted)
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
    is_cursor = query.get("before") is not None and earlier is None
    return SearchQuery(" AND ".join(conditions), values, order, limit, offset, is_cursor)


@operation("GET", f"{FILES}/search", "searchFiles", READ)
def search_files(context: ApiContext, call: Call) -> Response:
    """List files that meet conditions, a page at a time."""
    search = _parse(call.query, _FILE_FILTERS, _FILE_SORTS, "folder_id")
    _require_indexed(context, search)
    search.condition += " AND access NOT LIKE 'HIDDEN%'"
    if (url := call.query.get("url")) is not None:
        search.condition += " AND path = ?"
        search.values.append(_path_of_url(url, context.storage.prefix))
    rows = context.store.files.find(search.condition, search.values, search.order, search.limit + 1, search.offset)
    return _page(call, search, [file_json(context, row) for row in rows])


@operation("GET", f"{FOLDERS}/search", "searchFolders", READ)
def search_folders(context: ApiContext, call: Call) -> Response:
    """List folders that meet conditions, a page at a time."""
    search = _parse(call.query, _FOLDER_FILTERS, _FOLDER_SORTS, "parent_id")
    _require_indexed(context, search)
    rows = context.store.folders.find(search.condition, search.values, search.order, search.limit + 1, search.offset)
    return _page(call, search, [folder_json(row) for row in rows])


def _require_indexed(context: ApiContext, search: SearchQuery) -> None:
    """Leave out what is too new to be in the index."""
    search.condition += " AND created_at <= ?"
    search.values.append(context.clock.milliseconds() - round(context.behaviour.search_lag * 1000))


def _page(call: Call, search: SearchQuery, found: list[Json]) -> Response:
    """Make the response from the results, one more than fit where there is another page."""
    page: Json = {"results": [call.selected(record) for record in found[: search.limit]]}
    paging: Json = {}
    if len(found) > search.limit:
        # An offset makes way for the other one; a timestamp stays, it is a filter.
        drop = ("before",) if search.is_cursor else ()
        after = str(search.offset + search.limit)
        paging["next"] = {"after": after, "link": f"{call.url}?{call.query.replace(drop, after=after)}"}
    if search.offset and (search.is_cursor or call.query.get("before") is None):
        before = str(search.offset)
        paging["prev"] = {"before": before, "link": f"{call.url}?{call.query.replace(('after',), before=before)}"}
    if paging:
        page["paging"] = paging
    return json_response(200, page)
