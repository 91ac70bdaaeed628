from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..reading import readable

if TYPE_CHECKING:
    from ..models.error_detail import ErrorDetail
    from ..models.task_error_context import TaskErrorContext
    from ..models.task_error_links import TaskErrorLinks


T = TypeVar("T", bound="TaskError")


@_attrs_define(kw_only=True)
class TaskError:
    """One error of a task.

    Attributes:
        category (str | None): Kind of error.
        context (TaskErrorContext | None): Values that the message speaks of.
        errors (list[ErrorDetail] | None): Details.
        id (str | None): Id of this error.
        links (TaskErrorLinks | None): Pages that help.
        message (str | None): What went wrong.
        status (str | None): Status, the word error or a number.
        sub_category (Any | None): Finer kind of error.
    """

    category: str | None = None
    context: TaskErrorContext | None = None
    errors: list[ErrorDetail] | None = None
    id: str | None = None
    links: TaskErrorLinks | None = None
    message: str | None = None
    status: str | None = None
    sub_category: Any | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "category": "category",
        "context": "context",
        "errors": "errors",
        "id": "id",
        "links": "links",
        "message": "message",
        "status": "status",
        "sub_category": "subCategory",
    }

    def to_dict(self) -> dict[str, Any]:
        category = self.category

        context: dict[str, Any] | None = None
        if self.context is not None:
            context = self.context.to_dict()

        errors: list[dict[str, Any]] | None = None
        if self.errors is not None:
            errors = []
            for errors_item_data in self.errors:
                errors_item = errors_item_data.to_dict()
                errors.append(errors_item)

        id = self.id

        links: dict[str, Any] | None = None
        if self.links is not None:
            links = self.links.to_dict()

        message = self.message

        status = self.status

        sub_category = self.sub_category

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if category is not None:
            field_dict["category"] = category
        if context is not None:
            field_dict["context"] = context
        if errors is not None:
            field_dict["errors"] = errors
        if id is not None:
            field_dict["id"] = id
        if links is not None:
            field_dict["links"] = links
        if message is not None:
            field_dict["message"] = message
        if status is not None:
            field_dict["status"] = status
        if sub_category is not None:
            field_dict["subCategory"] = sub_category

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.error_detail import ErrorDetail  # noqa: PLC0415
        from ..models.task_error_context import TaskErrorContext  # noqa: PLC0415
        from ..models.task_error_links import TaskErrorLinks  # noqa: PLC0415

        d, aside = readable(cls, src_dict)
        category = d.pop("category", None)

        _context = d.pop("context", None)
        context: TaskErrorContext | None
        if _context is None:
            context = None
        else:
            context = TaskErrorContext.from_dict(_context)

        _errors = d.pop("errors", None)
        errors: list[ErrorDetail] | None = None
        if _errors is not None:
            errors = []
            for errors_item_data in _errors:
                errors_item = ErrorDetail.from_dict(errors_item_data)

                errors.append(errors_item)

        id = d.pop("id", None)

        _links = d.pop("links", None)
        links: TaskErrorLinks | None
        if _links is None:
            links = None
        else:
            links = TaskErrorLinks.from_dict(_links)

        message = d.pop("message", None)

        status = d.pop("status", None)

        sub_category = d.pop("subCategory", None)

        task_error = cls(
            category=category,
            context=context,
            errors=errors,
            id=id,
            links=links,
            message=message,
            status=status,
            sub_category=sub_category,
        )

        task_error.additional_properties = d | aside
        return task_error

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
