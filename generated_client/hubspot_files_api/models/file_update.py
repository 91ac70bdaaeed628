from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.access import Access
from ..reading import readable

T = TypeVar("T", bound="FileUpdate")


@_attrs_define(kw_only=True)
class FileUpdate:
    """What to change of a file.

    Example:
        {'access': 'PUBLIC_NOT_INDEXABLE', 'name': 'tomcat'}

    Attributes:
        access (Access | None): Who may fetch a file's content. PUBLIC_ files are served to anyone, and to search
            engines where INDEXABLE; PRIVATE ones through a signed URL; SENSITIVE ones through the API only. HIDDEN_ files
            do not show in the file manager and cannot be created through the API.
        clear_expires (bool | None): Keep the file without end.
        expires_at (datetime.datetime | None): Time at which the file is deleted for good.
        is_usable_in_content (bool | None): Whether the file is offered when content is written.
        name (str | None): New name, without the extension.
        parent_folder_id (str | None): Id of the folder to move to.
        parent_folder_path (str | None): Path of the folder to move to; not together with parentFolderId.
    """

    access: Access | None = None
    clear_expires: bool | None = None
    expires_at: datetime.datetime | None = None
    is_usable_in_content: bool | None = None
    name: str | None = None
    parent_folder_id: str | None = None
    parent_folder_path: str | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "access": "access",
        "clear_expires": "clearExpires",
        "expires_at": "expiresAt",
        "is_usable_in_content": "isUsableInContent",
        "name": "name",
        "parent_folder_id": "parentFolderId",
        "parent_folder_path": "parentFolderPath",
    }

    def to_dict(self) -> dict[str, Any]:
        access: str | None = None
        if self.access is not None:
            access = self.access.value

        clear_expires = self.clear_expires

        expires_at: str | None = None
        if self.expires_at is not None:
            expires_at = self.expires_at.isoformat()

        is_usable_in_content = self.is_usable_in_content

        name = self.name

        parent_folder_id = self.parent_folder_id

        parent_folder_path = self.parent_folder_path

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if access is not None:
            field_dict["access"] = access
        if clear_expires is not None:
            field_dict["clearExpires"] = clear_expires
        if expires_at is not None:
            field_dict["expiresAt"] = expires_at
        if is_usable_in_content is not None:
            field_dict["isUsableInContent"] = is_usable_in_content
        if name is not None:
            field_dict["name"] = name
        if parent_folder_id is not None:
            field_dict["parentFolderId"] = parent_folder_id
        if parent_folder_path is not None:
            field_dict["parentFolderPath"] = parent_folder_path

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d, aside = readable(cls, src_dict)
        _access = d.pop("access", None)
        access: Access | None
        if _access is None:
            access = None
        else:
            access = Access(_access)

        clear_expires = d.pop("clearExpires", None)

        _expires_at = d.pop("expiresAt", None)
        expires_at: datetime.datetime | None
        if _expires_at is None:
            expires_at = None
        else:
            expires_at = datetime.datetime.fromisoformat(_expires_at)

        is_usable_in_content = d.pop("isUsableInContent", None)

        name = d.pop("name", None)

        parent_folder_id = d.pop("parentFolderId", None)

        parent_folder_path = d.pop("parentFolderPath", None)

        file_update = cls(
            access=access,
            clear_expires=clear_expires,
            expires_at=expires_at,
            is_usable_in_content=is_usable_in_content,
            name=name,
            parent_folder_id=parent_folder_id,
            parent_folder_path=parent_folder_path,
        )

        file_update.additional_properties = d | aside
        return file_update

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
