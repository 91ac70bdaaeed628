from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.access import Access
from ..models.source_group import SourceGroup
from ..reading import readable

T = TypeVar("T", bound="File")


@_attrs_define(kw_only=True)
class File:
    """A file's record.

    Example:
        {'access': 'PRIVATE', 'archived': False, 'createdAt': '2023-06-28T17:56:45.393Z', 'defaultHostingUrl':
            'https://12345.fs1.hubspotusercontent-na1.net/hubfs/12345/library/cat_archive/cat.png', 'encoding': 'png',
            'extension': 'png', 'height': 219, 'id': '122692044085', 'isUsableInContent': True, 'name': 'cat',
            'parentFolderId': '122692510820', 'path': '/library/cat_archive/cat.png', 'size': 24574, 'type': 'IMG',
            'updatedAt': '2023-06-28T17:56:45.393Z', 'url': 'https://12345.fs1.hubspotusercontent-
            na1.net/hubfs/12345/library/cat_archive/cat.png', 'width': 225}

    Attributes:
        id (str): Id, all digits.
        access (Access | None): Who may fetch a file's content. PUBLIC_ files are served to anyone, and to search
            engines where INDEXABLE; PRIVATE ones through a signed URL; SENSITIVE ones through the API only. HIDDEN_ files
            do not show in the file manager and cannot be created through the API.
        archived (bool | None): Whether the file is deleted.
        archived_at (datetime.datetime | None): Time of deletion.
        created_at (datetime.datetime | None): Time of creation.
        default_hosting_url (str | None): Where a public file is served on HubSpot's domain.
        encoding (str | None): Encoding of the content.
        expires_at (int | None): Time at which the file is deleted for good, in milliseconds since 1970.
        extension (str | None): File name extension without the dot.
        file_md5 (str | None): MD5 of the content in hexadecimal digits.
        height (int | None): Height of an image or a video in pixels.
        is_usable_in_content (bool | None): Whether the file is offered when content is written.
        name (str | None): Name without the extension.
        parent_folder_id (str | None): Id of the folder that holds the file; absent at the root.
        path (str | None): Path in the file manager, with name and extension.
        size (int | None): Size in bytes.
        source_group (SourceGroup | None): The part of HubSpot that a file came from.
        type_ (str | None): Kind of content, such as IMG, DOCUMENT, AUDIO, MOVIE or OTHER.
        updated_at (datetime.datetime | None): Time of the last change.
        url (str | None): Where a public file is served, on the account's own domain if it has one.
        width (int | None): Width of an image or a video in pixels.
    """

    id: str
    access: Access | None = None
    archived: bool | None = None
    archived_at: datetime.datetime | None = None
    created_at: datetime.datetime | None = None
    default_hosting_url: str | None = None
    encoding: str | None = None
    expires_at: int | None = None
    extension: str | None = None
    file_md5: str | None = None
    height: int | None = None
    is_usable_in_content: bool | None = None
    name: str | None = None
    parent_folder_id: str | None = None
    path: str | None = None
    size: int | None = None
    source_group: SourceGroup | None = None
    type_: str | None = None
    updated_at: datetime.datetime | None = None
    url: str | None = None
    width: int | None = None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, path={self.path!r}, size={self.size!r}, access={self.access and self.access.value!r})"

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def full_name(self) -> str:
        """Name with the extension. It is the id if HubSpot states neither path nor name."""
        if self.path:
            return self.path.rpartition("/")[2]
        return f"{self.name or self.id}.{self.extension}" if self.extension else self.name or self.id

    _json_names = {
        "id": "id",
        "access": "access",
        "archived": "archived",
        "archived_at": "archivedAt",
        "created_at": "createdAt",
        "default_hosting_url": "defaultHostingUrl",
        "encoding": "encoding",
        "expires_at": "expiresAt",
        "extension": "extension",
        "file_md5": "fileMd5",
        "height": "height",
        "is_usable_in_content": "isUsableInContent",
        "name": "name",
        "parent_folder_id": "parentFolderId",
        "path": "path",
        "size": "size",
        "source_group": "sourceGroup",
        "type_": "type",
        "updated_at": "updatedAt",
        "url": "url",
        "width": "width",
    }

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        access: str | None = None
        if self.access is not None:
            access = self.access.value

        archived = self.archived

        archived_at: str | None = None
        if self.archived_at is not None:
            archived_at = self.archived_at.isoformat()

        created_at: str | None = None
        if self.created_at is not None:
            created_at = self.created_at.isoformat()

        default_hosting_url = self.default_hosting_url

        encoding = self.encoding

        expires_at = self.expires_at

        extension = self.extension

        file_md5 = self.file_md5

        height = self.height

        is_usable_in_content = self.is_usable_in_content

        name = self.name

        parent_folder_id = self.parent_folder_id

        path = self.path

        size = self.size

        source_group: str | None = None
        if self.source_group is not None:
            source_group = self.source_group.value

        type_ = self.type_

        updated_at: str | None = None
        if self.updated_at is not None:
            updated_at = self.updated_at.isoformat()

        url = self.url

        width = self.width

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if access is not None:
            field_dict["access"] = access
        if archived is not None:
            field_dict["archived"] = archived
        if archived_at is not None:
            field_dict["archivedAt"] = archived_at
        if created_at is not None:
            field_dict["createdAt"] = created_at
        if default_hosting_url is not None:
            field_dict["defaultHostingUrl"] = default_hosting_url
        if encoding is not None:
            field_dict["encoding"] = encoding
        if expires_at is not None:
            field_dict["expiresAt"] = expires_at
        if extension is not None:
            field_dict["extension"] = extension
        if file_md5 is not None:
            field_dict["fileMd5"] = file_md5
        if height is not None:
            field_dict["height"] = height
        if is_usable_in_content is not None:
            field_dict["isUsableInContent"] = is_usable_in_content
        if name is not None:
            field_dict["name"] = name
        if parent_folder_id is not None:
            field_dict["parentFolderId"] = parent_folder_id
        if path is not None:
            field_dict["path"] = path
        if size is not None:
            field_dict["size"] = size
        if source_group is not None:
            field_dict["sourceGroup"] = source_group
        if type_ is not None:
            field_dict["type"] = type_
        if updated_at is not None:
            field_dict["updatedAt"] = updated_at
        if url is not None:
            field_dict["url"] = url
        if width is not None:
            field_dict["width"] = width

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d, aside = readable(cls, src_dict)
        id = d.pop("id")

        _access = d.pop("access", None)
        access: Access | None
        if _access is None:
            access = None
        else:
            access = Access(_access)

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

        default_hosting_url = d.pop("defaultHostingUrl", None)

        encoding = d.pop("encoding", None)

        expires_at = d.pop("expiresAt", None)

        extension = d.pop("extension", None)

        file_md5 = d.pop("fileMd5", None)

        height = d.pop("height", None)

        is_usable_in_content = d.pop("isUsableInContent", None)

        name = d.pop("name", None)

        parent_folder_id = d.pop("parentFolderId", None)

        path = d.pop("path", None)

        size = d.pop("size", None)

        _source_group = d.pop("sourceGroup", None)
        source_group: SourceGroup | None
        if _source_group is None:
            source_group = None
        else:
            source_group = SourceGroup(_source_group)

        type_ = d.pop("type", None)

        _updated_at = d.pop("updatedAt", None)
        updated_at: datetime.datetime | None
        if _updated_at is None:
            updated_at = None
        else:
            updated_at = datetime.datetime.fromisoformat(_updated_at)

        url = d.pop("url", None)

        width = d.pop("width", None)

        file = cls(
            id=id,
            access=access,
            archived=archived,
            archived_at=archived_at,
            created_at=created_at,
            default_hosting_url=default_hosting_url,
            encoding=encoding,
            expires_at=expires_at,
            extension=extension,
            file_md5=file_md5,
            height=height,
            is_usable_in_content=is_usable_in_content,
            name=name,
            parent_folder_id=parent_folder_id,
            path=path,
            size=size,
            source_group=source_group,
            type_=type_,
            updated_at=updated_at,
            url=url,
            width=width,
        )

        file.additional_properties = d | aside
        return file

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
