from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..reading import readable

T = TypeVar("T", bound="PreviousPage")


@_attrs_define(kw_only=True)
class PreviousPage:
    """The page before this one.

    Attributes:
        before (str): Value to send as before.
        link (str | None): URL of the page.
    """

    before: str
    link: str | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "before": "before",
        "link": "link",
    }

    def to_dict(self) -> dict[str, Any]:
        before = self.before

        link = self.link

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "before": before,
            }
        )
        if link is not None:
            field_dict["link"] = link

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d, aside = readable(cls, src_dict)
        before = d.pop("before")

        link = d.pop("link", None)

        previous_page = cls(
            before=before,
            link=link,
        )

        previous_page.additional_properties = d | aside
        return previous_page

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
