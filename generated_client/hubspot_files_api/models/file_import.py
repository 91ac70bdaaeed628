from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.access import Access
from ..models.duplicate_scope import DuplicateScope
from ..models.duplicate_strategy import DuplicateStrategy
from ..reading import readable

T = TypeVar("T", bound="FileImport")


@_attrs_define(kw_only=True)
class FileImport:
    """A file to fetch, and how to store it.

    Example:
        {'access': 'PRIVATE', 'folderPath': '/library/cat_archive', 'url': 'https://example.com/cat.png'}

    Attributes:
        access (Access): Who may fetch a file's content. PUBLIC_ files are served to anyone, and to search engines where
            INDEXABLE; PRIVATE ones through a signed URL; SENSITIVE ones through the API only. HIDDEN_ files do not show in
            the file manager and cannot be created through the API.
        url (str): Where HubSpot fetches the file.
        duplicate_validation_scope (DuplicateScope | None): Where to look for the same content.
        duplicate_validation_strategy (DuplicateStrategy | None): What to do with content that is stored already. REJECT
            answers an error, RETURN_EXISTING the stored file.
        expires_at (datetime.datetime | None): Time at which the file is deleted for good.
        folder_id (str | None): Id of the folder to store in.
        folder_path (str | None): Path of the folder to store in, made where it does not exist.
        name (str | None): Name to store under.
        overwrite (bool | None): Delete a file of the same name in the folder; the new one has another id.
        ttl (str | None): Time after which the file is deleted for good, an ISO 8601 period of one day to one year.
    """

    access: Access
    url: str
    duplicate_validation_scope: DuplicateScope | None = None
    duplicate_validation_strategy: DuplicateStrategy | None = None
    expires_at: datetime.datetime | None = None
    folder_id: str | None = None
    folder_path: str | None = None
    name: str | None = None
    overwrite: bool | None = None
    ttl: str | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "access": "access",
        "url": "url",
        "duplicate_validation_scope": "duplicateValidationScope",
        "duplicate_validation_strategy": "duplicateValidationStrategy",
        "expires_at": "expiresAt",
        "folder_id": "folderId",
        "folder_path": "folderPath",
        "name": "name",
        "overwrite": "overwrite",
        "ttl": "ttl",
    }

    def to_dict(self) -> dict[str, Any]:
        access = self.access.value

        url = self.url

        duplicate_validation_scope: str | None = None
        if self.duplicate_validation_scope is not None:
            duplicate_validation_scope = self.duplicate_validation_scope.value

        duplicate_validation_strategy: str | None = None
        if self.duplicate_validation_strategy is not None:
            duplicate_validation_strategy = self.duplicate_validation_strategy.value

        expires_at: str | None = None
        if self.expires_at is not None:
            expires_at = self.expires_at.isoformat()

        folder_id = self.folder_id

        folder_path = self.folder_path

        name = self.name

        overwrite = self.overwrite

        ttl = self.ttl

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "access": access,
                "url": url,
            }
        )
        if duplicate_validation_scope is not None:
            field_dict["duplicateValidationScope"] = duplicate_validation_scope
        if duplicate_validation_strategy is not None:
            field_dict["duplicateValidationStrategy"] = duplicate_validation_strategy
        if expires_at is not None:
            field_dict["expiresAt"] = expires_at
        if folder_id is not None:
            field_dict["folderId"] = folder_id
        if folder_path is not None:
            field_dict["folderPath"] = folder_path
        if name is not None:
            field_dict["name"] = name
        if overwrite is not None:
            field_dict["overwrite"] = overwrite
        if ttl is not None:
            field_dict["ttl"] = ttl

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d, aside = readable(cls, src_dict)
        access = Access(d.pop("access"))

        url = d.pop("url")

        _duplicate_validation_scope = d.pop("duplicateValidationScope", None)
        duplicate_validation_scope: DuplicateScope | None
        if _duplicate_validation_scope is None:
            duplicate_validation_scope = None
        else:
            duplicate_validation_scope = DuplicateScope(_duplicate_validation_scope)

        _duplicate_validation_strategy = d.pop("duplicateValidationStrategy", None)
        duplicate_validation_strategy: DuplicateStrategy | None
        if _duplicate_validation_strategy is None:
            duplicate_validation_strategy = None
        else:
            duplicate_validation_strategy = DuplicateStrategy(_duplicate_validation_strategy)

        _expires_at = d.pop("expiresAt", None)
        expires_at: datetime.datetime | None
        if _expires_at is None:
            expires_at = None
        else:
            expires_at = datetime.datetime.fromisoformat(_expires_at)

        folder_id = d.pop("folderId", None)

        folder_path = d.pop("folderPath", None)

        name = d.pop("name", None)

        overwrite = d.pop("overwrite", None)

        ttl = d.pop("ttl", None)

        file_import = cls(
            access=access,
            url=url,
            duplicate_validation_scope=duplicate_validation_scope,
            duplicate_validation_strategy=duplicate_validation_strategy,
            expires_at=expires_at,
            folder_id=folder_id,
            folder_path=folder_path,
            name=name,
            overwrite=overwrite,
            ttl=ttl,
        )

        file_import.additional_properties = d | aside
        return file_import

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
