from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..reading import readable

T = TypeVar("T", bound="SignedUrl")


@_attrs_define(kw_only=True)
class SignedUrl:
    """A temporary URL and what it serves. Fields other than url have been missing in answers.

    Attributes:
        url (str): The URL, a secret until it expires.
        expires_at (datetime.datetime | None): Time at which the URL stops working.
        extension (str | None): File name extension without the dot.
        height (int | None): Height of an image or a video in pixels.
        name (str | None): Name of the file.
        size (int | None): Size of the file in bytes.
        type_ (str | None): Kind of content, such as IMG, DOCUMENT, AUDIO, MOVIE or OTHER.
        width (int | None): Width of an image or a video in pixels.
    """

    url: str
    expires_at: datetime.datetime | None = None
    extension: str | None = None
    height: int | None = None
    name: str | None = None
    size: int | None = None
    type_: str | None = None
    width: int | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
    _json_names = {
        "url": "url",
        "expires_at": "expiresAt",
        "extension": "extension",
        "height": "height",
        "name": "name",
        "size": "size",
        "type_": "type",
        "width": "width",
    }

    def to_dict(self) -> dict[str, Any]:
        url = self.url

        expires_at: str | None = None
        if self.expires_at is not None:
            expires_at = self.expires_at.isoformat()

        extension = self.extension

        height = self.height

        name = self.name

        size = self.size

        type_ = self.type_

        width = self.width

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "url": url,
            }
        )
        if expires_at is not None:
            field_dict["expiresAt"] = expires_at
        if extension is not None:
            field_dict["extension"] = extension
        if height is not None:
            field_dict["height"] = height
        if name is not None:
            field_dict["name"] = name
        if size is not None:
            field_dict["size"] = size
        if type_ is not None:
            field_dict["type"] = type_
        if width is not None:
            field_dict["width"] = width

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d, aside = readable(cls, src_dict)
        url = d.pop("url")

        _expires_at = d.pop("expiresAt", None)
        expires_at: datetime.datetime | None
        if _expires_at is None:
            expires_at = None
        else:
            expires_at = datetime.datetime.fromisoformat(_expires_at)

        extension = d.pop("extension", None)

        height = d.pop("height", None)

        name = d.pop("name", None)

        size = d.pop("size", None)

        type_ = d.pop("type", None)

        width = d.pop("width", None)

        signed_url = cls(
            url=url,
            expires_at=expires_at,
            extension=extension,
            height=height,
            name=name,
            size=size,
            type_=type_,
            width=width,
        )

        signed_url.additional_properties = d | aside
        return signed_url

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
