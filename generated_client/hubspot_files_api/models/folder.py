from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..reading import readable

T = TypeVar("T", bound="Folder")


@_attrs_define(kw_only=True)
class Folder:
    """A folder's record.

    Example:
        {'archived': False, 'createdAt': '2023-06-28T17:56:45.001Z', 'id': '122692510820', 'name': 'cat_archive',
            'path': '/library/cat_archive', 'updatedAt': '2023-06-28T17:56:45.001Z'}

    Attributes:
        id (str): Id, all digits.
        archived (bool | None): Whether the folder is deleted.
        archived_at (datetime.datetime | None): Time of deletion.
        created_at (datetime.datetime | None): Time of creation.
        name (str | None): Name.
        parent_folder_id (str | None): Id of the folder that holds it; absent at the root.
        path (str | None): Path in the file manager.
        updated_at (datetime.datetime | None): Time of the last change.
    """

    id: str
    archived: bool | None = None
    archived_at: datetime.datetime | None = None
    created_at: datetime.datetime | None = None
    name: str | None = None
    parent_folder_id: str | None = None
    path: str | None = None
    updated_at: datetime.datetime | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, path={self.path!r})"

    def __hash__(self) -> int:
        return hash(self.id)

    _json_names = {
        "id": "id",
        "archived": "archived",
        "archived_at": "archivedAt",
        "created_at": "createdAt",
        "name": "name",
        "parent_folder_id": "parentFolderId",
        "path": "path",
        "updated_at": "updatedAt",
    }

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        archived = self.archived

        archived_at: str | None = None
        if self.archived_at is not None:
            archived_at = self.archived_at.isoformat()

        created_at: str | None = None
        if self.created_at is not None:
            created_at = self.created_at.isoformat()

        name = self.name

        parent_folder_id = self.parent_folder_id

        path = self.path

        updated_at: str | None = None
        if self.updated_at is not None:
            updated_at = self.updated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if archived is not None:
            field_dict["archived"] = archived
        if archived_at is not None:
            field_dict["archivedAt"] = archived_at
        if created_at is not None:
            field_dict["createdAt"] = created_at
        if name is not None:
            field_dict["name"] = name
        if parent_folder_id is not None:
            field_dict["parentFolderId"] = parent_folder_id
        if path is not None:
            field_dict["path"] = path
        if updated_at is not None:
            field_dict["updatedAt"] = updated_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d, aside = readable(cls, src_dict)
        id = d.pop("id")

        archived = d.pop("archived", None)

        _archived_at = d.pop("archivedAt", None)
        archived_at: datetime.datetime | None
        if _archived_at is None:
            archived_at = None
        else:
            archived_at = datetime.datetime.fromisoformat(_archived_at)

        _created_at = d.pop("createdAt", None)
        created_at: datetime.datetime | None
        if _created_at is None:
            created_at = None
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        name = d.pop("name", None)

        parent_folder_id = d.pop("parentFolderId", None)

        path = d.pop("path", None)

        _updated_at = d.pop("updatedAt", None)
        updated_at: datetime.datetime | None
        if _updated_at is None:
            updated_at = None
        else:
            updated_at = datetime.datetime.fromisoformat(_updated_at)

        folder = cls(
            id=id,
            archived=archived,
            archived_at=archived_at,
            created_at=created_at,
            name=name,
            parent_folder_id=parent_folder_id,
            path=path,
            updated_at=updated_at,
        )

        folder.additional_properties = d | aside
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
