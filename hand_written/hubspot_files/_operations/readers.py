"""Readers, which make models from the JSON of responses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from .._redaction import redacted
from .._validation import is_task_id

if TYPE_CHECKING:
    from hubspot_files_api import models

R = TypeVar("R")


class SearchPage(NamedTuple):
    """One page of a search, as it was received.

    Attributes:
        results: the records that can be read.
        paging: the neighbours of the page, or None.
        unreadable: for each other record, its path if it has one, and why it cannot be read.
    """

    results: list[Any]
    paging: models.Paging | None
    unreadable: list[str]


def read_nothing(_: Any) -> None:
    """Read a response without content."""


def record_reader(model: type[R], record_id: str | None = None) -> Callable[[Any], R]:
    """Return the reader of a record.

    Args:
        model: the generated class.
        record_id: id of the requested file or folder, or None if the id is not known before.
    """

    def read(fields: Any) -> R:
        record = cast("Any", model).from_dict(fields)
        # To HubSpot, 007 is the same id as 7.
        if record_id is not None and record.id.lstrip("0") != record_id.lstrip("0"):
            raise ValueError(f"it is the record of {record.id[:40]!r}, but {record_id} was requested")
        return cast("R", record)

    return read


def page_reader(page_model: type, model: type) -> Callable[[Any], SearchPage]:
    """Return the reader of a page of a search. A record that cannot be read does not hide the others.

    Args:
        page_model: the generated class of the page.
        model: that of its records.
    """

    def read(fields: Any) -> SearchPage:
        from_dict = cast("Any", page_model).from_dict
        try:
            page = from_dict(fields)
        except ValueError:
            results = fields.get("results") if isinstance(fields, dict) else None
            records, unreadable = _records(model, results if isinstance(results, list) else [])
            # If nothing can be read, it may be the response to another request.
            if not records:
                raise
            page = from_dict({**cast("dict[str, Any]", fields), "results": []})
            return SearchPage(records, page.paging, unreadable)
        return SearchPage(page.results, page.paging, [])

    return read


def _records(model: type, results: list[Any]) -> tuple[list[Any], list[str]]:
    """Return the records that can be read, and why the others cannot."""
    records: list[Any] = []
    unreadable: list[str] = []
    for number, item in enumerate(results):
        try:
            records.append(cast("Any", model).from_dict(item))
        except ValueError as error:
            path = item.get("path") if isinstance(item, dict) else None
            name = f"results[{number}]" + (f" ({path[:200]!r})" if isinstance(path, str) else "")
            unreadable.append(redacted(f"{name}: {error}"))
    return records, unreadable


def task_reader(model: type[R], task_id: str) -> Callable[[Any], R]:
    """Return the reader of the state of a task."""

    def read(fields: Any) -> R:
        state = cast("Any", model).from_dict(fields)
        if state.task_id not in (None, task_id):
            raise ValueError(f"it is the state of task {state.task_id[:40]!r}, but {task_id!r} was requested")
        if state.status is None and state.completed_at is None:
            raise ValueError("it lacks 'status'")
        return cast("R", state)

    return read


def read_locator(fields: Any) -> models.TaskLocator:
    """Read the locator of a started task, and check its id, which becomes part of a URL."""
    from hubspot_files_api.models import TaskLocator

    locator = record_reader(TaskLocator)(fields)
    if not is_task_id(locator.id):
        raise ValueError(f"id is {locator.id[:40]!r}, which is not a valid id of a task")
    return locator
