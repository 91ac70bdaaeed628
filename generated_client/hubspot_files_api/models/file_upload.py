from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..reading import readable
from ..types import File

if TYPE_CHECKING:
    from ..models.file_upload_options import FileUploadOptions


T = TypeVar("T", bound="FileUpload")


@_attrs_define(kw_only=True)
class FileUpload:
    """The parts of an upload.

    Attributes:
        file (File): The content.
        options (FileUploadOptions): The options of an upload, sent as JSON text in the part of that name. Example:
            {'access': 'PRIVATE'}.
        charset_hunch (str | None): Character set of the content, where the sender knows it. Example: utf-8.
        file_name (str | None): Name to store under; the name of the file part where it is not sent. Example: cat.png.
        folder_id (str | None): Id of the folder to store in.
        folder_path (str | None): Path of the folder to store in, made where it does not exist. Example:
            /library/cat_archive.
    """

    file: File
    options: FileUploadOptions
    charset_hunch: str | None = None
    file_name: str | None = None
    folder_id: str | None = None
    folder_path: str | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "file": "file",
        "options": "options",
        "charset_hunch": "charsetHunch",
        "file_name": "fileName",
        "folder_id": "folderId",
        "folder_path": "folderPath",
    }

    def to_dict(self) -> dict[str, Any]:
        file = self.file.to_tuple()

        options = self.options.to_dict()

        charset_hunch = self.charset_hunch

        file_name = self.file_name

        folder_id = self.folder_id

        folder_path = self.folder_path

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "file": file,
                "options": options,
            }
        )
        if charset_hunch is not None:
            field_dict["charsetHunch"] = charset_hunch
        if file_name is not None:
            field_dict["fileName"] = file_name
        if folder_id is not None:
            field_dict["folderId"] = folder_id
        if folder_path is not None:
            field_dict["folderPath"] = folder_path

        return field_dict

    def to_multipart(self) -> types.RequestFiles:
        files: types.RequestFiles = []

        files.append(("file", self.file.to_tuple()))

        files.append(("options", (None, json.dumps(self.options.to_dict()).encode(), None)))

        if self.charset_hunch is not None:
            files.append(("charsetHunch", (None, str(self.charset_hunch).encode(), None)))

        if self.file_name is not None:
            files.append(("fileName", (None, str(self.file_name).encode(), None)))

        if self.folder_id is not None:
            files.append(("folderId", (None, str(self.folder_id).encode(), None)))

        if self.folder_path is not None:
            files.append(("folderPath", (None, str(self.folder_path).encode(), None)))

        for prop_name, prop in self.additional_properties.items():
            files.append((prop_name, (None, str(prop).encode(), None)))

        return files

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.file_upload_options import FileUploadOptions  # noqa: PLC0415

        d, aside = readable(cls, src_dict)
        file = File(payload=BytesIO(d.pop("file")))

        options = FileUploadOptions.from_dict(d.pop("options"))

        charset_hunch = d.pop("charsetHunch", None)

        file_name = d.pop("fileName", None)

        folder_id = d.pop("folderId", None)

        folder_path = d.pop("folderPath", None)

        file_upload = cls(
            file=file,
            options=options,
            charset_hunch=charset_hunch,
            file_name=file_name,
            folder_id=folder_id,
            folder_path=folder_path,
        )

        file_upload.additional_properties = d | aside
        return file_upload

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
