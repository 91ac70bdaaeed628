from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..reading import readable

T = TypeVar("T", bound="FolderUpdate")


@_attrs_define(kw_only=True)
class FolderUpdate:
    """What to change of a folder.

    Attributes:
        name (str | None): New name.
        parent_folder_id (int | None): Id of the folder to move to.
    """

    name: str | None = None
    parent_folder_id: int | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "name": "name",
        "parent_folder_id": "parentFolderId",
    }

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        parent_folder_id = self.parent_folder_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if name is not None:
            field_dict["name"] = name
        if parent_folder_id is not None:
            field_dict["parentFolderId"] = parent_folder_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d, aside = readable(cls, src_dict)
        name = d.pop("name", None)

        parent_folder_id = d.pop("parentFolderId", None)

        folder_update = cls(
            name=name,
            parent_folder_id=parent_folder_id,
        )

        folder_update.additional_properties = d | aside
        return folder_update

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
