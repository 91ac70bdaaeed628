from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.access import Access
from ..reading import readable

T = TypeVar("T", bound="FileReplaceOptions")


@_attrs_define(kw_only=True)
class FileReplaceOptions:
    """The options of a replacement, sent as JSON text in the part of that name.

    Example:
        {'access': 'PRIVATE'}

    Attributes:
        access (Access): Who may fetch a file's content. PUBLIC_ files are served to anyone, and to search engines where
            INDEXABLE; PRIVATE ones through a signed URL; SENSITIVE ones through the API only. HIDDEN_ files do not show in
            the file manager and cannot be created through the API.
        expires_at (datetime.datetime | None): Time at which the file is deleted for good.
    """

    access: Access
    expires_at: datetime.datetime | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "access": "access",
        "expires_at": "expiresAt",
    }

    def to_dict(self) -> dict[str, Any]:
        access = self.access.value

        expires_at: str | None = None
        if self.expires_at is not None:
            expires_at = self.expires_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "access": access,
            }
        )
        if expires_at is not None:
            field_dict["expiresAt"] = expires_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d, aside = readable(cls, src_dict)
        access = Access(d.pop("access"))

        _expires_at = d.pop("expiresAt", None)
        expires_at: datetime.datetime | None
        if _expires_at is None:
            expires_at = None
        else:
            expires_at = datetime.datetime.fromisoformat(_expires_at)

        file_replace_options = cls(
            access=access,
            expires_at=expires_at,
        )

        file_replace_options.additional_properties = d | aside
        return file_replace_options

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
