from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..reading import readable

if TYPE_CHECKING:
    from ..models.file import File
    from ..models.folder import Folder


T = TypeVar("T", bound="FileStat")


@_attrs_define(kw_only=True)
class FileStat:
    """What stands at a path, one of the two.

    Attributes:
        file (File | None): A file's record. Example: {'access': 'PRIVATE', 'archived': False, 'createdAt':
            '2023-06-28T17:56:45.393Z', 'defaultHostingUrl': 'https://12345.fs1.hubspotusercontent-
            na1.net/hubfs/12345/library/cat_archive/cat.png', 'encoding': 'png', 'extension': 'png', 'height': 219, 'id':
            '122692044085', 'isUsableInContent': True, 'name': 'cat', 'parentFolderId': '122692510820', 'path':
            '/library/cat_archive/cat.png', 'size': 24574, 'type': 'IMG', 'updatedAt': '2023-06-28T17:56:45.393Z', 'url':
            'https://12345.fs1.hubspotusercontent-na1.net/hubfs/12345/library/cat_archive/cat.png', 'width': 225}.
        folder (Folder | None): A folder's record. Example: {'archived': False, 'createdAt': '2023-06-28T17:56:45.001Z',
            'id': '122692510820', 'name': 'cat_archive', 'path': '/library/cat_archive', 'updatedAt':
            '2023-06-28T17:56:45.001Z'}.
    """

    file: File | None = None
    folder: Folder | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "file": "file",
        "folder": "folder",
    }

    def to_dict(self) -> dict[str, Any]:
        file: dict[str, Any] | None = None
        if self.file is not None:
            file = self.file.to_dict()

        folder: dict[str, Any] | None = None
        if self.folder is not None:
            folder = self.folder.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if file is not None:
            field_dict["file"] = file
        if folder is not None:
            field_dict["folder"] = folder

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.file import File  # noqa: PLC0415
        from ..models.folder import Folder  # noqa: PLC0415

        d, aside = readable(cls, src_dict)
        _file = d.pop("file", None)
        file: File | None
        if _file is None:
            file = None
        else:
            file = File.from_dict(_file)

        _folder = d.pop("folder", None)
        folder: Folder | None
        if _folder is None:
            folder = None
        else:
            folder = Folder.from_dict(_folder)

        file_stat = cls(
            file=file,
            folder=folder,
        )

        file_stat.additional_properties = d | aside
        return file_stat

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
