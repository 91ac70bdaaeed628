"""The filters of a search, checked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from .._validation import digits, moment, names, whole
from .search_query import _LARGEST_PAGE


def search_filters(
    *,
    needs: tuple[str, ...],
    properties: Iterable[str] | None,
    limit: int | None,
    after: str | int | None,
    before: str | None,
    sort: str | Iterable[str] | None,
    ids: Iterable[str | int] | None,
    id_gte: str | int | None,
    id_lte: str | int | None,
    parent_folder_ids: Iterable[str | int] | None,
    beyond_limit: bool,
    max_items: int | None,
) -> dict[str, Any]:
    """The arguments of the generated client for what every search has.

    Raises:
        ValueError: a value that cannot be, or beyond_limit with an order or a start of its own.
        TypeError: a value of the wrong type.
    """
    if beyond_limit and (sort is not None or after is not None or before is not None):
        raise ValueError("beyond_limit=True walks by id: leave sort, after and before out")
    if max_items is not None:
        whole(max_items, "max_items")
    if limit is None:
        limit = _LARGEST_PAGE if max_items is None else max(1, min(max_items, _LARGEST_PAGE))
    elif not 1 <= whole(limit, "limit") <= _LARGEST_PAGE:
        raise ValueError(f"limit is results a page, 1 to {_LARGEST_PAGE}; max_items= limits them all")
    return {
        "properties": names(properties, "properties", needs),
        "limit": limit,
        "after": None if after is None else str(after),
        "before": before,
        "sort": [sort] if isinstance(sort, str) else names(sort, "sort"),
        "ids": _ids(ids, "ids"),
        "id_gte": None if id_gte is None else int(digits(id_gte, "id_gte")),
        "id_lte": None if id_lte is None else int(digits(id_lte, "id_lte")),
        "parent_folder_ids": _ids(parent_folder_ids, "parent_folder_ids"),
    }


def date_filters(**moments: datetime | None) -> dict[str, datetime | None]:
    """The same times, each of which names its zone.

    Raises:
        ValueError: one does not.
        TypeError: one is no datetime.
    """
    return {name: moment(value, name) for name, value in moments.items()}


def _ids(values: Iterable[str | int] | None, name: str) -> list[int] | None:
    if values is None:
        return None
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a list of ids, not one {type(values).__name__}")
    return [int(digits(value, name)) for value in values]
