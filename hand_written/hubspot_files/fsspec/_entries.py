"""Files and folders at their paths."""

from __future__ import annotations

import errno
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from hubspot_files_api.models import File, Folder

from .._validation import absolute_path, file_name
from ._os_errors import os_error

if TYPE_CHECKING:
    from typing import TypeAlias

    Key: TypeAlias = tuple[bool, str]


_EPOCH = datetime.fromtimestamp(0, UTC)


class Entry(NamedTuple):
    """A file or a folder at its path.

    Attributes:
        path: absolute path.
        record: its record. The root has none.
    """

    path: str
    record: File | Folder | None

    @property
    def file(self) -> File | None:
        """The record of a file, or None for a folder."""
        return self.record if isinstance(self.record, File) else None

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.file is None

    @property
    def key(self) -> Key:
        """Its identity: whether it is a folder, and its id."""
        return self.is_folder, "" if self.record is None else self.record.id

    @property
    def updated_at(self) -> datetime:
        """Time of the last change, or that of the epoch if it is not known."""
        return (self.record and self.record.updated_at) or _EPOCH

    def info(self) -> dict[str, Any]:
        """Return what fsspec calls its info."""
        file = self.file
        info: dict[str, Any] = {
            "name": self.path,
            "size": 0 if file is None else file.size,
            "type": "directory" if file is None else "file",
        }
        if self.record is not None:
            info |= {"id": self.record.id, "created": self.record.created_at, "modified": self.record.updated_at}
        if file is not None:
            access = None if file.access is None else file.access.value
            info |= {"md5": file.file_md5, "access": access, "url": file.url, "expires": file.expires_at}
        return info


ROOT = Entry("/", None)


def parent_of(path: str) -> str:
    """Return the path of the folder that contains a path."""
    return path.rpartition("/")[0] or "/"


def name_of(path: str) -> str:
    """Return the last segment of a path."""
    return path.rpartition("/")[2]


def joined(folder: str, name: str) -> str:
    """Return the path of a name in a folder."""
    return f"{folder.rstrip('/')}/{name}"


def check_new_path(path: str) -> None:
    """Check the path of a new file or folder.

    Raises:
        IsADirectoryError: it is the root.
        OSError: HubSpot allows no such name, with EINVAL.
    """
    if path == ROOT.path:
        raise os_error(errno.EISDIR, path)
    try:
        absolute_path(path, "path")
        file_name(name_of(path))
    except ValueError as error:
        raise os_error(errno.EINVAL, path, str(error)) from error
