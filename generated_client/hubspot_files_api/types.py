"""Contains some shared types for properties"""

from collections.abc import Mapping, MutableMapping
from typing import IO, BinaryIO, Generic, TypeVar
from urllib.parse import quote

from attrs import define

# The types that `httpx.Client(files=)` can accept, copied from that library.
FileContent = IO[bytes] | bytes | str
FileTypes = (
    # (filename, file (or bytes), content_type)
    tuple[str | None, FileContent, str | None]
    # (filename, file (or bytes), content_type, headers)
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
RequestFiles = list[tuple[str, FileTypes]]


@define
class File:
    """Contains information for file uploads"""

    payload: BinaryIO
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> FileTypes:
        """Return a tuple representation that httpx will accept for multipart/form-data"""
        return self.file_name, self.payload, self.mime_type


def path_value(value: object, *, keep_slashes: bool = False) -> str:
    """Return a value as it stands in the path of a URL.

    Args:
        value: What the path names.
        keep_slashes: Whether slashes part the value into segments; they are escaped like all else when False.

    Raises:
        ValueError: The value is empty or has a segment of dots, and so would name another path.
    """
    text = str(value)
    segments = text.split("/") if keep_slashes else [text]
    if not text.strip("/") or any(segment in (".", "..") for segment in segments):
        raise ValueError(f"{text!r} cannot stand in a path: it is empty or has a segment that is . or ..")
    return "/".join(quote(segment, safe="") for segment in segments)


T = TypeVar("T")


@define
class Response(Generic[T]):
    """A response from an endpoint"""

    status_code: int
    content: bytes
    headers: MutableMapping[str, str]
    parsed: T | None


__all__ = ["File", "FileTypes", "RequestFiles", "Response", "path_value"]
