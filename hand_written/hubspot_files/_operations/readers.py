"""Readers, which make models from the JSON of responses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .._validation import is_task_id
from .response_shape import check_shape

if TYPE_CHECKING:
    from hubspot_files_api import models

R = TypeVar("R")


def read_nothing(_: Any) -> None:
    """Read a response without content."""


def record_reader(model: type[R], record_id: str | None = None) -> Callable[[Any], R]:
    """Return the reader of a record.

    Args:
        model: the generated class.
        record_id: id of the requested file or folder, or None if the id is not known before.
    """

    def read(fields: Any) -> R:
        check_shape(fields, model)
        # To HubSpot, 007 is the same id as 7.
        if record_id is not None and fields["id"].lstrip("0") != record_id.lstrip("0"):
            raise ValueError(f"it is the record of {fields['id'][:40]!r}, but {record_id} was requested")
        record: R = cast("Any", model).from_dict(fields)
        return record

    return read


def task_reader(model: type[R], task_id: str) -> Callable[[Any], R]:
    """Return the reader of the state of a task."""

    def read(fields: Any) -> R:
        check_shape(fields, model)
        if fields["taskId"] != task_id:
            raise ValueError(f"it is the state of task {fields['taskId'][:40]!r}, but {task_id!r} was requested")
        record: R = cast("Any", model).from_dict(fields)
        return record

    return read


def read_locator(fields: Any) -> models.TaskLocator:
    """Read the locator of a started task, and check its id, which becomes part of a URL."""
    from hubspot_files_api.models import TaskLocator

    locator = record_reader(TaskLocator)(fields)
    if not is_task_id(locator.id):
        raise ValueError(f"id is {locator.id[:40]!r}, which is not a valid id of a task")
    return locator
