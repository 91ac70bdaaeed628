"""Validation of the filters of a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from .._engine.settings import Settings
from .._errors import ArgumentTypeError, ArgumentValueError
from .._operations.enums import FileType
from .._operations.prepared_call import PreparedCall
from .._validation import aware_datetime, non_negative_int, numeric_id, optional_bool, property_names, unknown_value
from .search_query import MAX_PAGE, SearchQuery, SplitQuery
from .sort_properties import sort_properties

# Arguments of a search method that are not filters.
_NOT_FILTERS = ("self", "properties", "limit", "max_items", "beyond_limit", "timeout")
# Filters that hold ids, and the number of these that a request line holds in any case.
_LISTS = ("ids", "parent_folder_ids")
MAX_IDS = 200
# The generated client's names, if they differ.
_GENERATED_NAMES = {"type": "type_", "url": "url_query"}


def search_query(
    settings: Settings,
    call_for: Callable[..., PreparedCall[Any]],
    required: tuple[str, ...],
    arguments: Mapping[str, Any],
) -> SearchQuery[Any]:
    """Validate the arguments of a `search` method, and return its query.

    Args:
        settings: settings of the client.
        call_for: prepares the call for one page, from the version of the API and the filters.
        required: names of the properties that are always requested.
        arguments: arguments of the method, by name. Filters without a check of their own are sent unchanged.

    Raises:
        ValueError: a value is not valid, or beyond_limit is combined with sort, after or before.
        TypeError: a value has the wrong type.
    """
    max_items, limit, beyond_limit = arguments["max_items"], arguments["limit"], arguments["beyond_limit"]
    if beyond_limit and any(arguments[name] is not None for name in ("sort", "after", "before")):
        raise ArgumentValueError("beyond_limit=True pages by id: leave sort, after and before out")
    if max_items is not None:
        non_negative_int(max_items, "max_items")
    if limit is None:
        limit = MAX_PAGE if max_items is None else max(1, min(max_items, MAX_PAGE))
    elif not 1 <= non_negative_int(limit, "limit") <= MAX_PAGE:
        raise ArgumentValueError(f"limit must be 1 to {MAX_PAGE} results per page; max_items= limits the total")
    filters: dict[str, Any] = {
        _GENERATED_NAMES.get(name, name): None if value is None else _checked(value, name)
        for name, value in arguments.items()
        if name not in _NOT_FILTERS
    }
    filters |= {"properties": property_names(arguments["properties"], "properties", required), "limit": limit}

    def query(filters: dict[str, Any]) -> SearchQuery[Any]:
        return SearchQuery(
            settings, call_for, filters, max_items=max_items, beyond_limit=beyond_limit, timeout=arguments["timeout"]
        )

    long = [name for name in _LISTS if len(filters.get(name) or ()) > MAX_IDS]
    if not long:
        return query(filters)
    for name in ("sort", "after", "before"):
        if arguments[name] is not None:
            raise ArgumentValueError(
                f"more than {MAX_IDS} {long[0]} are searched for in several searches: leave {name} out"
            )
    if len(long) > 1:
        raise ArgumentValueError(f"pass more than {MAX_IDS} ids for one of {' and '.join(long)} only")
    ids: list[int] = filters[long[0]] or []
    parts = [ids[start : start + MAX_IDS] for start in range(0, len(ids), MAX_IDS)]
    return SplitQuery(query(filters), [query({**filters, long[0]: part}) for part in parts])


def _checked(value: Any, name: str) -> Any:
    check = _CHECKS.get(name.removesuffix("_gte").removesuffix("_lte"))
    return value if check is None else check(value, name)


def _id(value: str | int, name: str) -> int:
    return int(numeric_id(value, name))


def _ids(values: Iterable[str | int], name: str) -> list[int]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ArgumentTypeError(f"{name} must be a list of ids, not one {type(values).__name__}")
    return list(dict.fromkeys(_id(value, name) for value in values))


def _type(value: str, name: str) -> str:
    # A value in capitals may come from a record, and be one that HubSpot has added.
    if value not in get_args(FileType) and not (isinstance(value, str) and value.isupper()):
        raise unknown_value(name, value, get_args(FileType))
    return value


# Checks by the name of a filter, without `_gte` and `_lte`.
_CHECKS: dict[str, Callable[[Any, str], Any]] = {
    "after": lambda value, _: str(value),
    "allows_anonymous_access": optional_bool,
    "created_at": aware_datetime,
    "expires_at": aware_datetime,
    "extension": lambda value, _: value.removeprefix("."),
    "id": _id,
    "ids": _ids,
    "is_usable_in_content": optional_bool,
    "parent_folder_ids": _ids,
    "sort": sort_properties,
    "type": _type,
    "updated_at": aware_datetime,
}
