"""Ids of files and folders, from the records that have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, SupportsIndex

from .._errors import ArgumentTypeError
from .._validation import numeric_id, url_path

if TYPE_CHECKING:
    from hubspot_files_api.models import File, Folder


def id_of_file(file: File | str | int, name: str = "file_id") -> str:
    """Return the id of a file.

    Raises:
        TypeError: it is neither a File, a str nor an int. The id of a Folder would be that of another object.
        ValueError: it contains anything but digits.
    """
    if isinstance(file, str | SupportsIndex):
        return numeric_id(file, name)
    from hubspot_files_api.models import File

    if not isinstance(file, File):
        raise ArgumentTypeError(f"{name} must be a File, a str of digits or an int, not {type(file).__name__}")
    return numeric_id(file.id, name)


def file_reference(file: File | str | int, name: str = "file") -> str:
    """Return the id of a file that is only read, or the path that names it, which begins with a slash.

    Raises:
        TypeError: it is neither a File, a str nor an int.
        ValueError: it is neither digits nor a path, or the path is not valid.
    """
    if not isinstance(file, str):
        return id_of_file(file, name)
    if file.startswith("/"):
        return f"/{url_path(file, name)}"
    return numeric_id(file, name, ", or a path that begins with '/'")


def id_of_folder(folder: Folder | str | int, name: str = "folder_id") -> str:
    """Return the id of a folder.

    Raises:
        TypeError: it is neither a Folder, a str nor an int.
        ValueError: it contains anything but digits.
    """
    if isinstance(folder, str | SupportsIndex):
        return numeric_id(folder, name)
    from hubspot_files_api.models import Folder

    if not isinstance(folder, Folder):
        raise ArgumentTypeError(f"{name} must be a Folder, a str of digits or an int, not {type(folder).__name__}")
    return numeric_id(folder.id, name)
