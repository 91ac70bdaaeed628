"""Validation of the filters of a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._engine.settings import Settings
from .._operations.prepared_call import PreparedCall
from .._validation import aware_datetime, non_negative_int, numeric_id, optional_bool, property_names
from .search_query import MAX_PAGE, SearchQuery

# Arguments of a search method that are not filters.
_NOT_FILTERS = ("self", "properties", "limit", "max_items", "beyond_limit", "timeout")
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
        raise ValueError("beyond_limit=True pages by id: leave sort, after and before out")
    if max_items is not None:
        non_negative_int(max_items, "max_items")
    if limit is None:
        limit = MAX_PAGE if max_items is None else max(1, min(max_items, MAX_PAGE))
    elif not 1 <= non_negative_int(limit, "limit") <= MAX_PAGE:
        raise ValueError(f"limit must be 1 to {MAX_PAGE} results per page; max_items= limits the total")
    filters = {
        _GENERATED_NAMES.get(name, name): None if value is None else _checked(value, name)
        for name, value in arguments.items()
        if name not in _NOT_FILTERS
    }
    filters |= {"properties": property_names(arguments["properties"], "properties", required), "limit": limit}
    return SearchQuery(
        settings, call_for, filters, max_items=max_items, beyond_limit=beyond_limit, timeout=arguments["timeout"]
    )


def _checked(value: Any, name: str) -> Any:
    check = _CHECKS.get(name.removesuffix("_gte").removesuffix("_lte"))
    return value if check is None else check(value, name)


def _id(value: str | int, name: str) -> int:
    return int(numeric_id(value, name))


def _ids(values: Iterable[str | int], name: str) -> list[int]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a list of ids, not one {type(values).__name__}")
    return [_id(value, name) for value in values]


def _sort(value: str | Iterable[str], name: str) -> list[str] | None:
    return [value] if isinstance(value, str) else property_names(value, name)


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
    "sort": _sort,
    "updated_at": aware_datetime,
}
