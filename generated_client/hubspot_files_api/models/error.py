from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..reading import readable

if TYPE_CHECKING:
    from ..models.error_context import ErrorContext
    from ..models.error_detail import ErrorDetail
    from ..models.error_links import ErrorLinks


T = TypeVar("T", bound="Error")


@_attrs_define(kw_only=True)
class Error:
    """An error in HubSpot's shape. Any field can be missing.

    Example:
        {'category': 'VALIDATION_ERROR', 'correlationId': 'aeb5f871-7f07-4993-9211-075dc63e7cbf', 'links': {'knowledge-
            base': 'https://www.hubspot.com/products/service/knowledge-base'}, 'message': 'Input is not valid.', 'status':
            'error'}

    Attributes:
        category (str | None): Kind of error, such as VALIDATION_ERROR or MISSING_SCOPES.
        context (ErrorContext | None): Values that the message speaks of.
        correlation_id (str | None): Id of the request in HubSpot's logs, to give to its support.
        error_type (str | None): RATE_LIMIT where a limit was reached.
        errors (list[ErrorDetail] | None): Details.
        links (ErrorLinks | None): Pages that help.
        message (str | None): What went wrong.
        policy_name (str | None): The limit that was reached, DAILY, SECONDLY or TEN_SECONDLY_ROLLING.
        status (str | None): The word error.
        sub_category (str | None): Finer kind of error.
    """

    category: str | None = None
    context: ErrorContext | None = None
    correlation_id: str | None = None
    error_type: str | None = None
    errors: list[ErrorDetail] | None = None
    links: ErrorLinks | None = None
    message: str | None = None
    policy_name: str | None = None
    status: str | None = None
    sub_category: str | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "category": "category",
        "context": "context",
        "correlation_id": "correlationId",
        "error_type": "errorType",
        "errors": "errors",
        "links": "links",
        "message": "message",
        "policy_name": "policyName",
        "status": "status",
        "sub_category": "subCategory",
    }

    def to_dict(self) -> dict[str, Any]:
        category = self.category

        context: dict[str, Any] | None = None
        if self.context is not None:
            context = self.context.to_dict()

        correlation_id = self.correlation_id

        error_type = self.error_type

        errors: list[dict[str, Any]] | None = None
        if self.errors is not None:
            errors = []
            for errors_item_data in self.errors:
                errors_item = errors_item_data.to_dict()
                errors.append(errors_item)

        links: dict[str, Any] | None = None
        if self.links is not None:
            links = self.links.to_dict()

        message = self.message

        policy_name = self.policy_name

        status = self.status

        sub_category = self.sub_category

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if category is not None:
            field_dict["category"] = category
        if context is not None:
            field_dict["context"] = context
        if correlation_id is not None:
            field_dict["correlationId"] = correlation_id
        if error_type is not None:
            field_dict["errorType"] = error_type
        if errors is not None:
            field_dict["errors"] = errors
        if links is not None:
            field_dict["links"] = links
        if message is not None:
            field_dict["message"] = message
        if policy_name is not None:
            field_dict["policyName"] = policy_name
        if status is not None:
            field_dict["status"] = status
        if sub_category is not None:
            field_dict["subCategory"] = sub_category

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.error_context import ErrorContext  # noqa: PLC0415
        from ..models.error_detail import ErrorDetail  # noqa: PLC0415
        from ..models.error_links import ErrorLinks  # noqa: PLC0415

        d, aside = readable(cls, src_dict)
        category = d.pop("category", None)

        _context = d.pop("context", None)
        context: ErrorContext | None
        if _context is None:
            context = None
        else:
            context = ErrorContext.from_dict(_context)

        correlation_id = d.pop("correlationId", None)

        error_type = d.pop("errorType", None)

        _errors = d.pop("errors", None)
        errors: list[ErrorDetail] | None = None
        if _errors is not None:
            errors = []
            for errors_item_data in _errors:
                errors_item = ErrorDetail.from_dict(errors_item_data)

                errors.append(errors_item)

        _links = d.pop("links", None)
        links: ErrorLinks | None
        if _links is None:
            links = None
        else:
            links = ErrorLinks.from_dict(_links)

        message = d.pop("message", None)

        policy_name = d.pop("policyName", None)

        status = d.pop("status", None)

        sub_category = d.pop("subCategory", None)

        error = cls(
            category=category,
            context=context,
            correlation_id=correlation_id,
            error_type=error_type,
            errors=errors,
            links=links,
            message=message,
            policy_name=policy_name,
            status=status,
            sub_category=sub_category,
        )

        error.additional_properties = d | aside
        return error

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
