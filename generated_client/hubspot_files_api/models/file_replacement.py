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
    from ..models.file_replace_options import FileReplaceOptions


T = TypeVar("T", bound="FileReplacement")


@_attrs_define(kw_only=True)
class FileReplacement:
    """The parts of a replacement.

    Attributes:
        file (File): The new content.
        options (FileReplaceOptions): The options of a replacement, sent as JSON text in the part of that name. Example:
            {'access': 'PRIVATE'}.
        charset_hunch (str | None): Character set of the content, where the sender knows it.
    """

    file: File
    options: FileReplaceOptions
    charset_hunch: str | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "file": "file",
        "options": "options",
        "charset_hunch": "charsetHunch",
    }

    def to_dict(self) -> dict[str, Any]:
        file = self.file.to_tuple()

        options = self.options.to_dict()

        charset_hunch = self.charset_hunch

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

        return field_dict

    def to_multipart(self) -> types.RequestFiles:
        files: types.RequestFiles = []

        files.append(("file", self.file.to_tuple()))

        files.append(("options", (None, json.dumps(self.options.to_dict()).encode(), None)))

        if self.charset_hunch is not None:
            files.append(("charsetHunch", (None, str(self.charset_hunch).encode(), None)))

        for prop_name, prop in self.additional_properties.items():
            files.append((prop_name, (None, str(prop).encode(), None)))

        return files

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.file_replace_options import FileReplaceOptions  # noqa: PLC0415

        d, aside = readable(cls, src_dict)
        file = File(payload=BytesIO(d.pop("file")))

        options = FileReplaceOptions.from_dict(d.pop("options"))

        charset_hunch = d.pop("charsetHunch", None)

        file_replacement = cls(
            file=file,
            options=options,
            charset_hunch=charset_hunch,
        )

        file_replacement.additional_properties = d | aside
        return file_replacement

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
