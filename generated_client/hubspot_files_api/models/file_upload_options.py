from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.access import Access
from ..models.duplicate_scope import DuplicateScope
from ..models.duplicate_strategy import DuplicateStrategy
from ..reading import readable

T = TypeVar("T", bound="FileUploadOptions")


@_attrs_define(kw_only=True)
class FileUploadOptions:
    """The options of an upload, sent as JSON text in the part of that name.

    Example:
        {'access': 'PRIVATE'}

    Attributes:
        access (Access): Who may fetch a file's content. PUBLIC_ files are served to anyone, and to search engines where
            INDEXABLE; PRIVATE ones through a signed URL; SENSITIVE ones through the API only. HIDDEN_ files do not show in
            the file manager and cannot be created through the API.
        duplicate_validation_scope (DuplicateScope | None): Where to look for the same content.
        duplicate_validation_strategy (DuplicateStrategy | None): What to do with content that is stored already. REJECT
            answers an error, RETURN_EXISTING the stored file.
        overwrite (bool | None): Delete a file of the same name in the folder; the new one has another id.
        ttl (str | None): Time after which the file is deleted for good, an ISO 8601 period of one day to one year.
            Example: P3M.
    """

    access: Access
    duplicate_validation_scope: DuplicateScope | None = None
    duplicate_validation_strategy: DuplicateStrategy | None = None
    overwrite: bool | None = None
    ttl: str | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "access": "access",
        "duplicate_validation_scope": "duplicateValidationScope",
        "duplicate_validation_strategy": "duplicateValidationStrategy",
        "overwrite": "overwrite",
        "ttl": "ttl",
    }

    def to_dict(self) -> dict[str, Any]:
        access = self.access.value

        duplicate_validation_scope: str | None = None
        if self.duplicate_validation_scope is not None:
            duplicate_validation_scope = self.duplicate_validation_scope.value

        duplicate_validation_strategy: str | None = None
        if self.duplicate_validation_strategy is not None:
            duplicate_validation_strategy = self.duplicate_validation_strategy.value

        overwrite = self.overwrite

        ttl = self.ttl

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "access": access,
            }
        )
        if duplicate_validation_scope is not None:
            field_dict["duplicateValidationScope"] = duplicate_validation_scope
        if duplicate_validation_strategy is not None:
            field_dict["duplicateValidationStrategy"] = duplicate_validation_strategy
        if overwrite is not None:
            field_dict["overwrite"] = overwrite
        if ttl is not None:
            field_dict["ttl"] = ttl

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d, aside = readable(cls, src_dict)
        access = Access(d.pop("access"))

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

        overwrite = d.pop("overwrite", None)

        ttl = d.pop("ttl", None)

        file_upload_options = cls(
            access=access,
            duplicate_validation_scope=duplicate_validation_scope,
            duplicate_validation_strategy=duplicate_validation_strategy,
            overwrite=overwrite,
            ttl=ttl,
        )

        file_upload_options.additional_properties = d | aside
        return file_upload_options

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
