from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..reading import readable

T = TypeVar("T", bound="FolderCreate")


@_attrs_define(kw_only=True)
class FolderCreate:
    """A folder to create, at the root where no parent is named.

    Example:
        {'name': 'myNewFolder', 'parentFolderId': '12345'}

    Attributes:
        name (str): Name of the folder.
        parent_folder_id (str | None): Id of the folder to create it in.
        parent_path (str | None): Path of the folder to create it in; not together with parentFolderId.
    """

    name: str
    parent_folder_id: str | None = None
    parent_path: str | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "name": "name",
        "parent_folder_id": "parentFolderId",
        "parent_path": "parentPath",
    }

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        parent_folder_id = self.parent_folder_id

        parent_path = self.parent_path

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
            }
        )
        if parent_folder_id is not None:
            field_dict["parentFolderId"] = parent_folder_id
        if parent_path is not None:
            field_dict["parentPath"] = parent_path

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d, aside = readable(cls, src_dict)
        name = d.pop("name")

        parent_folder_id = d.pop("parentFolderId", None)

        parent_path = d.pop("parentPath", None)

        folder_create = cls(
            name=name,
            parent_folder_id=parent_folder_id,
            parent_path=parent_path,
        )

        folder_create.additional_properties = d | aside
        return folder_create

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
