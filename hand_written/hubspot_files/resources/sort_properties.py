"""Properties by which the results of a search can be sorted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

from .._validation import property_names, unknown_value

FolderSort: TypeAlias = Literal[
    "id",
    "-id",
    "name",
    "-name",
    "path",
    "-path",
    "parent_folder_id",
    "-parent_folder_id",
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "parentFolderId",
    "-parentFolderId",
    "createdAt",
    "-createdAt",
    "updatedAt",
    "-updatedAt",
]
"""The property of a folder to sort by, with a minus for descending order. HubSpot's own spelling is allowed, too."""
FileSort: TypeAlias = Literal[
    FolderSort,
    "access",
    "-access",
    "encoding",
    "-encoding",
    "expires_at",
    "-expires_at",
    "extension",
    "-extension",
    "file_md5",
    "-file_md5",
    "height",
    "-height",
    "is_usable_in_content",
    "-is_usable_in_content",
    "size",
    "-size",
    "type",
    "-type",
    "url",
    "-url",
    "width",
    "-width",
    "expiresAt",
    "-expiresAt",
    "fileMd5",
    "-fileMd5",
    "isUsableInContent",
    "-isUsableInContent",
]
"""The property of a file to sort by; see FolderSort."""

_KNOWN = get_args(FileSort)


def sort_properties(value: str | Iterable[str], name: str) -> list[str]:
    """Return properties to sort by in HubSpot's spelling.

    Raises:
        TypeError: it is neither a str nor a list of str.
        ValueError: it names another property.
    """
    values = [value] if isinstance(value, str) else property_names(value, name) or []
    return [_property(item, name) for item in values]


def _property(value: str, name: str) -> str:
    if value not in _KNOWN:
        raise unknown_value(name, value, [known for known in _KNOWN if known[0] != "-" and known == known.lower()])
    first, *rest = value.split("_")
    return first + "".join(part.capitalize() for part in rest)
