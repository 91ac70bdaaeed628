from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..reading import readable

if TYPE_CHECKING:
    from ..models.error_detail_context import ErrorDetailContext


T = TypeVar("T", bound="ErrorDetail")


@_attrs_define(kw_only=True)
class ErrorDetail:
    """One detail of an error.

    Attributes:
        code (str | None): Code of this detail.
        context (ErrorDetailContext | None): Values that the message speaks of.
        in_ (str | None): Field or parameter that is wrong.
        message (str | None): What went wrong.
        sub_category (str | None): Finer kind of error.
    """

    code: str | None = None
    context: ErrorDetailContext | None = None
    in_: str | None = None
    message: str | None = None
    sub_category: str | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "code": "code",
        "context": "context",
        "in_": "in",
        "message": "message",
        "sub_category": "subCategory",
    }

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        context: dict[str, Any] | None = None
        if self.context is not None:
            context = self.context.to_dict()

        in_ = self.in_

        message = self.message

        sub_category = self.sub_category

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if code is not None:
            field_dict["code"] = code
        if context is not None:
            field_dict["context"] = context
        if in_ is not None:
            field_dict["in"] = in_
        if message is not None:
            field_dict["message"] = message
        if sub_category is not None:
            field_dict["subCategory"] = sub_category

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.error_detail_context import ErrorDetailContext  # noqa: PLC0415

        d, aside = readable(cls, src_dict)
        code = d.pop("code", None)

        _context = d.pop("context", None)
        context: ErrorDetailContext | None
        if _context is None:
            context = None
        else:
            context = ErrorDetailContext.from_dict(_context)

        in_ = d.pop("in", None)

        message = d.pop("message", None)

        sub_category = d.pop("subCategory", None)

        error_detail = cls(
            code=code,
            context=context,
            in_=in_,
            message=message,
            sub_category=sub_category,
        )

        error_detail.additional_properties = d | aside
        return error_detail

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
