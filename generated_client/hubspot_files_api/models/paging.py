from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..reading import readable

if TYPE_CHECKING:
    from ..models.next_page import NextPage
    from ..models.previous_page import PreviousPage


T = TypeVar("T", bound="Paging")


@_attrs_define(kw_only=True)
class Paging:
    """The neighbours of a page.

    Attributes:
        next_ (NextPage | None): The page after this one. Example: {'after': '100', 'link':
            'https://api.hubapi.com/files/v3/files/search?after=100'}.
        prev (PreviousPage | None): The page before this one.
    """

    next_: NextPage | None = None
    prev: PreviousPage | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "next_": "next",
        "prev": "prev",
    }

    def to_dict(self) -> dict[str, Any]:
        next_: dict[str, Any] | None = None
        if self.next_ is not None:
            next_ = self.next_.to_dict()

        prev: dict[str, Any] | None = None
        if self.prev is not None:
            prev = self.prev.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if next_ is not None:
            field_dict["next"] = next_
        if prev is not None:
            field_dict["prev"] = prev

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.next_page import NextPage  # noqa: PLC0415
        from ..models.previous_page import PreviousPage  # noqa: PLC0415

        d, aside = readable(cls, src_dict)
        _next_ = d.pop("next", None)
        next_: NextPage | None
        if _next_ is None:
            next_ = None
        else:
            next_ = NextPage.from_dict(_next_)

        _prev = d.pop("prev", None)
        prev: PreviousPage | None
        if _prev is None:
            prev = None
        else:
            prev = PreviousPage.from_dict(_prev)

        paging = cls(
            next_=next_,
            prev=prev,
        )

        paging.additional_properties = d | aside
        return paging

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
