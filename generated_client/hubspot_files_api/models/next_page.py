from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..reading import readable

T = TypeVar("T", bound="NextPage")


@_attrs_define(kw_only=True)
class NextPage:
    """The page after this one.

    Example:
        {'after': '100', 'link': 'https://api.hubapi.com/files/v3/files/search?after=100'}

    Attributes:
        after (str): Value to send as after.
        link (str | None): URL of the page.
    """

    after: str
    link: str | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "after": "after",
        "link": "link",
    }

    def to_dict(self) -> dict[str, Any]:
        after = self.after

        link = self.link

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "after": after,
            }
        )
        if link is not None:
            field_dict["link"] = link

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d, aside = readable(cls, src_dict)
        after = d.pop("after")

        link = d.pop("link", None)

        next_page = cls(
            after=after,
            link=link,
        )

        next_page.additional_properties = d | aside
        return next_page

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
