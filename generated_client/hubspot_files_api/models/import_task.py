from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.task_status import TaskStatus
from ..reading import readable

if TYPE_CHECKING:
    from ..models.file import File
    from ..models.task_error import TaskError


T = TypeVar("T", bound="ImportTask")


@_attrs_define(kw_only=True)
class ImportTask:
    """State of an import. startedAt and completedAt are absent until they happen.

    Example:
        {'requestedAt': '2023-06-28T17:56:45.393Z', 'status': 'PENDING', 'taskId': 'AAAAEZ6whGI'}

    Attributes:
        completed_at (datetime.datetime | None): Time at which it ended.
        errors (list[TaskError] | None): The errors.
        links (Any | None): Where to ask for the status.
        num_errors (int | None): How many errors there were.
        requested_at (datetime.datetime | None): Time at which the import was asked for.
        result (File | None): A file's record. Example: {'access': 'PRIVATE', 'archived': False, 'createdAt':
            '2023-06-28T17:56:45.393Z', 'defaultHostingUrl': 'https://12345.fs1.hubspotusercontent-
            na1.net/hubfs/12345/library/cat_archive/cat.png', 'encoding': 'png', 'extension': 'png', 'height': 219, 'id':
            '122692044085', 'isUsableInContent': True, 'name': 'cat', 'parentFolderId': '122692510820', 'path':
            '/library/cat_archive/cat.png', 'size': 24574, 'type': 'IMG', 'updatedAt': '2023-06-28T17:56:45.393Z', 'url':
            'https://12345.fs1.hubspotusercontent-na1.net/hubfs/12345/library/cat_archive/cat.png', 'width': 225}.
        started_at (datetime.datetime | None): Time at which it started.
        status (TaskStatus | None): State of a task. There is no failed state; a task that failed is COMPLETE with
            errors.
        task_id (str | None): Id of the task.
    """

    completed_at: datetime.datetime | None = None
    errors: list[TaskError] | None = None
    links: Any | None = None
    num_errors: int | None = None
    requested_at: datetime.datetime | None = None
    result: File | None = None
    started_at: datetime.datetime | None = None
    status: TaskStatus | None = None
    task_id: str | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "completed_at": "completedAt",
        "errors": "errors",
        "links": "links",
        "num_errors": "numErrors",
        "requested_at": "requestedAt",
        "result": "result",
        "started_at": "startedAt",
        "status": "status",
        "task_id": "taskId",
    }

    def to_dict(self) -> dict[str, Any]:
        completed_at: str | None = None
        if self.completed_at is not None:
            completed_at = self.completed_at.isoformat()

        errors: list[dict[str, Any]] | None = None
        if self.errors is not None:
            errors = []
            for errors_item_data in self.errors:
                errors_item = errors_item_data.to_dict()
                errors.append(errors_item)

        links = self.links

        num_errors = self.num_errors

        requested_at: str | None = None
        if self.requested_at is not None:
            requested_at = self.requested_at.isoformat()

        result: dict[str, Any] | None = None
        if self.result is not None:
            result = self.result.to_dict()

        started_at: str | None = None
        if self.started_at is not None:
            started_at = self.started_at.isoformat()

        status: str | None = None
        if self.status is not None:
            status = self.status.value

        task_id = self.task_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if completed_at is not None:
            field_dict["completedAt"] = completed_at
        if errors is not None:
            field_dict["errors"] = errors
        if links is not None:
            field_dict["links"] = links
        if num_errors is not None:
            field_dict["numErrors"] = num_errors
        if requested_at is not None:
            field_dict["requestedAt"] = requested_at
        if result is not None:
            field_dict["result"] = result
        if started_at is not None:
            field_dict["startedAt"] = started_at
        if status is not None:
            field_dict["status"] = status
        if task_id is not None:
            field_dict["taskId"] = task_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.file import File  # noqa: PLC0415
        from ..models.task_error import TaskError  # noqa: PLC0415

        d, aside = readable(cls, src_dict)
        _completed_at = d.pop("completedAt", None)
        completed_at: datetime.datetime | None
        if _completed_at is None:
            completed_at = None
        else:
            completed_at = datetime.datetime.fromisoformat(_completed_at)

        _errors = d.pop("errors", None)
        errors: list[TaskError] | None = None
        if _errors is not None:
            errors = []
            for errors_item_data in _errors:
                errors_item = TaskError.from_dict(errors_item_data)

                errors.append(errors_item)

        links = d.pop("links", None)

        num_errors = d.pop("numErrors", None)

        _requested_at = d.pop("requestedAt", None)
        requested_at: datetime.datetime | None
        if _requested_at is None:
            requested_at = None
        else:
            requested_at = datetime.datetime.fromisoformat(_requested_at)

        _result = d.pop("result", None)
        result: File | None
        if _result is None:
            result = None
        else:
            result = File.from_dict(_result)

        _started_at = d.pop("startedAt", None)
        started_at: datetime.datetime | None
        if _started_at is None:
            started_at = None
        else:
            started_at = datetime.datetime.fromisoformat(_started_at)

        _status = d.pop("status", None)
        status: TaskStatus | None
        if _status is None:
            status = None
        else:
            status = TaskStatus(_status)

        task_id = d.pop("taskId", None)

        import_task = cls(
            completed_at=completed_at,
            errors=errors,
            links=links,
            num_errors=num_errors,
            requested_at=requested_at,
            result=result,
            started_at=started_at,
            status=status,
            task_id=task_id,
        )

        import_task.additional_properties = d | aside
        return import_task

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
