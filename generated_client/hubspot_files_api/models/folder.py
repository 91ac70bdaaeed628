from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Folder")


@_attrs_define(kw_only=True)
class Folder:
    """A folder's record.

    Example:
        {'archived': False, 'createdAt': '2023-06-28T17:56:45.001Z', 'id': '122692510820', 'name': 'cat_archive',
            'path': '/library/cat_archive', 'updatedAt': '2023-06-28T17:56:45.001Z'}

    Attributes:
        archived (bool): Whether the folder is deleted.
        created_at (datetime.datetime): Time of creation.
        id (str): Id, all digits.
        updated_at (datetime.datetime): Time of the last change.
        archived_at (datetime.datetime | None): Time of deletion.
        name (str | None): Name.
        parent_folder_id (str | None): Id of the folder that holds it; absent at the root.
        path (str | None): Path in the file manager.
    """

    archived: bool
    created_at: datetime.datetime
    id: str
    updated_at: datetime.datetime
    archived_at: datetime.datetime | None = None
    name: str | None = None
    parent_folder_id: str | None = None
    path: str | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, path={self.path!r})"

    def __hash__(self) -> int:
        return hash(self.id)

    def to_dict(self) -> dict[str, Any]:
        archived = self.archived

        created_at = self.created_at.isoformat()

        id = self.id

        updated_at = self.updated_at.isoformat()

        archived_at: str | None = None
        if self.archived_at is not None:
            archived_at = self.archived_at.isoformat()

        name = self.name

        parent_folder_id = self.parent_folder_id

        path = self.path

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "archived": archived,
                "createdAt": created_at,
                "id": id,
                "updatedAt": updated_at,
            }
        )
        if archived_at is not None:
            field_dict["archivedAt"] = archived_at
        if name is not None:
            field_dict["name"] = name
        if parent_folder_id is not None:
            field_dict["parentFolderId"] = parent_folder_id
        if path is not None:
            field_dict["path"] = path

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        archived = d.pop("archived")

        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))

        id = d.pop("id")

        updated_at = datetime.datetime.fromisoformat(d.pop("updatedAt"))

        _archived_at = d.pop("archivedAt", None)
        archived_at: datetime.datetime | None
        if _archived_at is None:
            archived_at = None
        else:
            archived_at = datetime.datetime.fromisoformat(_archived_at)

        name = d.pop("name", None)

        parent_folder_id = d.pop("parentFolderId", None)

        path = d.pop("path", None)

        folder = cls(
            archived=archived,
            created_at=created_at,
            id=id,
            updated_at=updated_at,
            archived_at=archived_at,
            name=name,
            parent_folder_id=parent_folder_id,
            path=path,
        )

        folder.additional_properties = d
        return folder

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
