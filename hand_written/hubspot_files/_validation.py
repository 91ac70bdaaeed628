"""Validation of arguments, before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

E = TypeVar("E", bound=StrEnum)


def enum_member(value: E | str, kind: type[E], name: str) -> E:
    """Return the member of one of the API's enumerations for a value.

    A member is returned unchanged, including an unknown value that a response contained. A plain str must be a known
    value, to find typing errors before they are sent.

    Raises:
        TypeError: it is not a str.
        ValueError: it is a str that is not a known value.
    """
    if isinstance(value, kind):
        return value
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a {kind.__name__} or a str, not {type(value).__name__}")
    if value not in {member.value for member in kind}:
        raise ValueError(f"{name} {value!r} is not valid; use one of {', '.join(member.value for member in kind)}")
    return kind(value)


def numeric_id(value: str | int | None, name: str) -> str:
    """Return a numeric id as a str. Anything but digits, such as `..`, could change the URL.

    Raises:
        TypeError: it is neither a str nor an int.
        ValueError: it contains anything but digits.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"{name} must be a str of digits or an int, not {type(value).__name__}")
    if not is_numeric_id(str(value)):
        raise ValueError(f"{name} {value!r} must be digits only, as in the id of a File or a Folder")
    return str(value)


def absolute_path(value: str, name: str) -> str:
    """Return the path of a target folder, with a leading slash and without a trailing one.

    Raises:
        TypeError: it is not a str.
        ValueError: it is empty, or contains control characters, backslashes, empty segments, `.` or `..`.
    """
    path = _path(value, name)
    if "\\" in path:
        raise ValueError(
            f"{name} {value!r} contains a backslash, which HubSpot treats as part of a name; separate folders with '/'"
        )
    return path


def _path(value: str, name: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str such as '/library/cats', not {type(value).__name__}")
    if not value or any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError(f"{name} {value!r} must be a path such as '/library/cats' without control characters")
    path = value.removeprefix("/").removesuffix("/")
    if not path:
        if value == "/":
            return value
        raise ValueError(f"{name} {value!r} contains an empty segment")
    for segment in path.split("/"):
        if segment in ("", ".", ".."):
            raise ValueError(f"{name} {value!r} contains the segment {segment!r}, which is not a folder name")
    try:
        path.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} {value!r} cannot be sent as UTF-8") from None
    return f"/{path}"


def url_path(value: str, name: str) -> str:
    """Return a path for use in a URL, without a leading slash. The root is not allowed.

    A backslash is allowed, because other programs may have given such names to files and folders.

    Raises:
        TypeError: it is not a str.
        ValueError: it is the root or empty, or contains control characters, empty segments, `.` or `..`.
    """
    path = _path(value, name).removeprefix("/")
    if not path:
        raise ValueError(f"{name} '/' is the root, which has no record")
    return path


def whole_seconds(value: timedelta | int | None, name: str) -> int | None:
    """Return a duration in whole seconds, of at least one second.

    Raises:
        TypeError: it is neither a timedelta nor an int.
        ValueError: it is below one second, or not a whole number of seconds.
    """
    if value is None:
        return None
    if isinstance(value, timedelta):
        count, rest = divmod(value, timedelta(seconds=1))
        if rest:
            raise ValueError(f"{name} must be whole seconds; {value} is not")
    elif isinstance(value, int) and not isinstance(value, bool):
        count = value
    else:
        raise TypeError(f"{name} must be a timedelta or whole seconds as an int, not {type(value).__name__}")
    if count < 1:
        raise ValueError(f"{name} must be one second or more, not {value}")
    return count


def aware_datetime(value: datetime | None, name: str) -> datetime | None:
    """Return a datetime that has a time zone.

    Raises:
        TypeError: it is not a datetime.
        ValueError: it has no time zone, and its meaning would depend on the machine.
    """
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise TypeError(f"{name} must be a datetime with a zone, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise ValueError(f"{name} has no time zone; use datetime(..., tzinfo=UTC) or .astimezone()")
    return value


def optional_bool(value: bool | None, name: str) -> bool | None:
    """Return True, False, or None for an option that is not sent.

    Raises:
        TypeError: it is anything else, such as the str 'false', which is truthy.
    """
    if value is not None and not isinstance(value, bool):
        raise TypeError(f"{name} must be True, False or None, not {value!r}")
    return value


def non_negative_int(value: int, name: str) -> int:
    """Return an int that is 0 or more.

    Raises:
        TypeError: it is not an int.
        ValueError: it is negative.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if value < 0:
        raise ValueError(f"{name} must not be negative, but is {value}")
    return value


def property_names(values: Iterable[str] | None, name: str, required: tuple[str, ...] = ()) -> list[str] | None:
    """Return names of properties, with those added that the model requires.

    Raises:
        TypeError: it is a single str, or contains anything but str.
    """
    if values is None:
        return None
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a list of names, such as ['size'], not one {type(values).__name__}")
    given = list(values)
    for value in given:
        if not isinstance(value, str):
            raise TypeError(f"{name} must contain names as str, not {type(value).__name__}")
    return list(dict.fromkeys((*given, *required)))


def check_task_id(value: str) -> str:
    """Return the id of a task, for use in a URL.

    Raises:
        TypeError: it is not a str.
        ValueError: it is empty, or `.` or `..`.
    """
    if not isinstance(value, str):
        raise TypeError(f"task_id must be a str, not {type(value).__name__}")
    if not is_task_id(value):
        raise ValueError(f"task_id {value!r} must be the id of a task, as in its `id`")
    return value


_NUMERIC_ID = re.compile(r"[0-9]{1,19}", re.ASCII)


def is_numeric_id(value: str) -> bool:
    """Return whether a value is a valid id of a file or folder, which is one segment of a URL."""
    return _NUMERIC_ID.fullmatch(value) is not None


def is_task_id(value: str) -> bool:
    """Return whether a value can be the id of a task, which is one segment of a URL when it is quoted."""
    return value not in ("", ".", "..") and value.isascii() and value.isprintable()


def file_name(name: str) -> str:
    """Return a valid name of a file.

    Raises:
        TypeError: it is not a str.
        ValueError: it is blank, `.` or `..`, contains a slash, a backslash or a control character, or is not valid
            UTF-8.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, not {type(name).__name__}")
    if (
        name.strip() in ("", ".", "..")
        or "/" in name
        or any(ord(character) < 32 or ord(character) == 127 for character in name)
    ):
        raise ValueError(f"name {name!r} must be a file name without slashes and control characters")
    if "\\" in name:
        raise ValueError(
            f"name {name!r} contains a backslash; pass the file's own name, and its folder as a path with '/'"
        )
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ValueError(f"name {name!r} cannot be sent as UTF-8; pass another name=") from None
    return name


def folder_name(name: str) -> str:
    """Return a valid name of a folder.

    Raises:
        TypeError: it is not a str.
        ValueError: it is blank, `.` or `..`, or contains a slash, a backslash or a control character.
    """
    """Return a valid name of a folder.

    Raises:
        TypeError: it is not a str.
        ValueError: it is blank, `.` or `..`, or contains a slash, a backslash or a control character.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a str, not {type(name).__name__}")
    if "/" in name or "\\" in name or name.strip() in ("", ".", ".."):
        raise ValueError(f"name {name!r} must be a folder's own name, without slashes and backslashes")
    return absolute_path(name, "name").removeprefix("/")


def folder_url_path(path: str) -> str:
    """Return the path of a folder for use in a URL, without a leading slash.

    Raises:
        TypeError: it is not a str.
        ValueError: see `url_path`; also if it is all digits.
    """
    """Return the path of a folder for use in a URL, without a leading slash.

    Raises:
        TypeError: it is not a str.
        ValueError: see `url_path`; also if it is all digits.
    """
    checked = url_path(path, "path")
    if checked.isascii() and checked.isdigit():
        raise ValueError(
            f"path {path!r} is all digits, which HubSpot treats as an id; use files.stat to find the folder and its id"
        )
    return checked
