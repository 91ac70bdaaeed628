"""Readers of responses, which make models of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .._validation import is_task_id
from .response_shape import check_shape

if TYPE_CHECKING:
    from hubspot_files_api import models

R = TypeVar("R")


def _nothing(_: Any) -> None:
    """The reader of an answer without content."""


def _reader(model: type[R], file_id: str | None = None) -> Callable[[Any], R]:
    """The reader of a response, which makes a model of it.

    Args:
        model: the generated class.
        file_id: the id of the file or the folder that was asked for, or None where HubSpot gives one.
    """

    def read(fields: Any) -> R:
        check_shape(fields, model)
        # HubSpot takes 007 for 7.
        if file_id is not None and fields["id"].lstrip("0") != file_id.lstrip("0"):
            raise ValueError(f"it is the record of {fields['id'][:40]!r}, and {file_id} was asked for")
        record: R = cast("Any", model).from_dict(fields)
        return record

    return read


def _task_reader(model: type[R], task_id: str) -> Callable[[Any], R]:
    """The reader of the state of a task."""

    def read(fields: Any) -> R:
        check_shape(fields, model)
        if fields["taskId"] != task_id:
            raise ValueError(f"it is the state of task {fields['taskId'][:40]!r}, and {task_id!r} was asked for")
        record: R = cast("Any", model).from_dict(fields)
        return record

    return read


def _locator(fields: Any) -> models.TaskLocator:
    """The reader of a task that was begun. Its id goes into a URL."""
    from hubspot_files_api.models import TaskLocator

    locator = _reader(TaskLocator)(fields)
    if not is_task_id(locator.id):
        raise ValueError(f"id is {locator.id[:40]!r}, not one of a task")
    return locator
