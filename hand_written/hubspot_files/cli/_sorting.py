"""The order of files and folders in a listing, with its options `--sort` and `--reverse`."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

import click

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_KEYS: Final[dict[str, Callable[[Any], Any]]] = {
    "name": lambda record: (record.path or "").casefold(),
    # Folders have no size.
    "size": lambda record: getattr(record, "size", None) or 0,
    "updated": lambda record: record.updated_at or _NEVER,
    "created": lambda record: record.created_at or _NEVER,
}


def sort_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in (
        click.option("--reverse", is_flag=True, help="Sort the other way round."),
        click.option(
            "--sort",
            type=click.Choice(list(_KEYS)),
            metavar="ORDER",
            help="Sort by name (of the path), size (largest first), updated or created (newest first).",
        ),
    ):
        function = option(function)
    return function


def in_order(records: Iterable[Any], sort: str | None, *, reverse: bool, most: int | None = None) -> list[Any]:
    """Return records in an order, by default that of their paths.

    Args:
        records: files or folders.
        sort: the order, or None for the default.
        reverse: whether to turn the order round.
        most: number of records that are wanted, the first ones in that order. The others are not kept in memory.
    """
    name = sort or "name"
    # By name, the first is the smallest; by size and time, the largest.
    descending = reverse if name == "name" else not reverse
    if most is not None:
        return (heapq.nlargest if descending else heapq.nsmallest)(most, records, _KEYS[name])
    return sorted(sorted(records, key=_KEYS["name"]), key=_KEYS[name], reverse=descending)
