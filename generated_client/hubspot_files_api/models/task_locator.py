from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..reading import readable

T = TypeVar("T", bound="TaskLocator")


@_attrs_define(kw_only=True)
class TaskLocator:
    """A task that was queued.

    Example:
        {'id': 'AAAAEZ6whGI', 'links': [{'status': 'https://api.hubspot.com/files/v3/files/import-from-
            url/async/tasks/AAAAEZ6whGI/status'}]}

    Attributes:
        id (str): Id to ask for the task's status with.
        links (Any | None): Where to ask for the status.
    """

    id: str
    links: Any | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "id": "id",
        "links": "links",
    }

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        links = self.links

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if links is not None:
            field_dict["links"] = links

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d, aside = readable(cls, src_dict)
        id = d.pop("id")

        links = d.pop("links", None)

        task_locator = cls(
            id=id,
            links=links,
        )

        task_locator.additional_properties = d | aside
        return task_locator

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
