"""Validation of arguments, before anything is sent."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import SupportsIndex, TypeVar

from ._errors import ArgumentTypeError, ArgumentValueError

E = TypeVar("E", bound=StrEnum)

_MAX_SHOWN = 200


def shown(value: object) -> str:
    """Return the representation of an argument for a message, of 200 characters at most."""
    if isinstance(value, int) and value.bit_length() > 2 * _MAX_SHOWN:
        # Python refuses to convert very long numbers to decimal digits.
        return f"a number of {value.bit_length()} bits"
    text = repr(value[:_MAX_SHOWN] if isinstance(value, str | bytes) else value)
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"


def unknown_value(name: str, value: object, choices: Iterable[str]) -> ArgumentValueError:
    """Return the error for a value that is not one of several, with the most similar one."""
    values = list(choices)
    message = f"{name} {shown(value)} is not valid; use one of {', '.join(values)}"
    return ArgumentValueError(f"{message}{suggestion(value, values)}")


def suggestion(value: object, choices: Sequence[str]) -> str:
    """Return a sentence, to be appended to a message, with the most similar one of several values, or an empty str."""
    import difflib

    spellings = {spelling.lower(): spelling for spelling in reversed(choices)}
    similar = difflib.get_close_matches(str(value)[:_MAX_SHOWN].lower(), spellings, 1, 0.5)
    return f". Did you mean {spellings[similar[0]]!r}?" if similar else ""


def enum_member(value: E | str, kind: type[E], name: str, usable: Sequence[str] = ()) -> E:
    """Return the member of one of the API's enumerations for a value.

    A member is returned unchanged, including an unknown value that a response contained. A plain str must be a known
    value, to find typing errors before they are sent.

    Args:
        value: the value.
        kind: the enumeration.
        name: name of the argument.
        usable: values that messages name first.

    Raises:
        TypeError: it is not a str.
        ValueError: it is a str that is not a known value.
    """
    if isinstance(value, kind):
        return value
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{name} must be a {kind.__name__} or a str, not {type(value).__name__}")
    values = dict.fromkeys((*usable, *(member.value for member in kind)))
    if value not in values:
        raise unknown_value(name, value, values)
    return kind(value)


def numeric_id(value: str | SupportsIndex | None, name: str, alternative: str = "") -> str:
    """Return a numeric id as a str. Anything but digits, such as `..`, could change the URL.

    Args:
        value: the id.
        name: name of the argument.
        alternative: what the argument can also be, for the message.

    Raises:
        TypeError: it is neither a str nor an integer, such as one of numpy.
        ValueError: it contains anything but digits.
    """
    if isinstance(value, str):
        text = value
    elif isinstance(value, bool) or not isinstance(value, SupportsIndex):
        advice = "; pass its `id`" if isinstance(getattr(value, "id", None), str) else ""
        raise ArgumentTypeError(f"{name} must be a str of digits or an int, not {type(value).__name__}{advice}")
    else:
        value = operator.index(value)
        text = str(value) if 0 <= value < 10**19 else ""
    if not is_numeric_id(text):
        # A link is not repeated, because it may be a signed URL.
        if text.lower().startswith(("https://", "http://")):
            raise ArgumentValueError(
                f"{name} is a link, not an id; files.search(url=...) finds the file that HubSpot serves at a URL"
            )
        advice = "; files.stat finds the record at a path" if text.startswith("/") else ""
        raise ArgumentValueError(
            f"{name} {shown(value)} must be digits only, as in the id of a File or a Folder{alternative}{advice}"
        )
    return text


def absolute_path(value: str, name: str) -> str:
    """Return the path of a target folder, with a leading slash and without a trailing one.

    Raises:
        TypeError: it is not a str.
        ValueError: it is empty, or contains control characters, backslashes, empty segments, `.` or `..`.
    """
    path = _path(value, name)
    if "\\" in path:
        raise ArgumentValueError(
            f"{name} {shown(value)} contains a backslash, which HubSpot treats as part of a name; separate folders "
            "with '/'"
        )
    return path


def _path(value: str, name: str) -> str:
    if not isinstance(value, str):
        raise ArgumentTypeError(f"{name} must be a str such as '/library/cats', not {type(value).__name__}")
    if not value or any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ArgumentValueError(
            f"{name} {shown(value)} must be a path such as '/library/cats' without control characters"
        )
    path = value.removeprefix("/").removesuffix("/")
    if not path:
        if value == "/":
            return value
        raise ArgumentValueError(f"{name} {shown(value)} contains an empty segment")
    for segment in path.split("/"):
        if segment in ("", ".", ".."):
            raise ArgumentValueError(
                f"{name} {shown(value)} contains the segment {shown(segment)}, which is not a folder name"
            )
    try:
        path.encode()
    except UnicodeEncodeError:
        raise ArgumentValueError(f"{name} {shown(value)} cannot be sent as UTF-8") from None
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
        raise ArgumentValueError(f"{name} '/' is the root, which has no record")
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
            raise ArgumentValueError(f"{name} must be whole seconds; {value} is not")
    elif isinstance(value, int) and not isinstance(value, bool):
        count = value
    else:
        raise ArgumentTypeError(f"{name} must be a timedelta or whole seconds as an int, not {type(value).__name__}")
    if count < 1:
        raise ArgumentValueError(
            f"{name} must be one second or more, not {shown(value) if isinstance(value, int) else value}"
        )
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
        raise ArgumentTypeError(f"{name} must be a datetime with a zone, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise ArgumentValueError(f"{name} has no time zone; use datetime(..., tzinfo=UTC) or .astimezone()")
    return value


def optional_bool(value: bool | None, name: str) -> bool | None:
    """Return True, False, or None for an option that is not sent.

    Raises:
        TypeError: it is anything else, such as the str 'false', which is truthy.
    """
    if value is not None and not isinstance(value, bool):
        raise ArgumentTypeError(f"{name} must be True, False or None, not {shown(value)}")
    return value


def non_negative_int(value: int, name: str) -> int:
    """Return an int that is 0 or more.

    Raises:
        TypeError: it is not an int.
        ValueError: it is negative.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArgumentTypeError(f"{name} must be an int, not {type(value).__name__}")
    if value < 0:
        raise ArgumentValueError(f"{name} must not be negative, but is {shown(value)}")
    return value


def property_names(values: Iterable[str] | None, name: str, required: tuple[str, ...] = ()) -> list[str] | None:
    """Return names of properties, with those added that the model requires.

    Raises:
        TypeError: it is a single str, or contains anything but str.
    """
    if values is None:
        return None
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ArgumentTypeError(f"{name} must be a list of names, such as ['size'], not one {type(values).__name__}")
    given = list(values)
    for value in given:
        if not isinstance(value, str):
            raise ArgumentTypeError(f"{name} must contain names as str, not {type(value).__name__}")
    return list(dict.fromkeys((*given, *required)))


def check_task_id(value: str) -> str:
    """Return the id of a task, for use in a URL.

    Raises:
        TypeError: it is not a str.
        ValueError: it is empty, or `.` or `..`.
    """
    if not isinstance(value, str):
        raise ArgumentTypeError(f"task_id must be a str, not {type(value).__name__}")
    if not is_task_id(value):
        raise ArgumentValueError(f"task_id {shown(value)} must be the id of a task, as in its `id`")
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
        raise ArgumentTypeError(f"name must be a str, not {type(name).__name__}")
    if (
        name.strip() in ("", ".", "..")
        or "/" in name
        or any(ord(character) < 32 or ord(character) == 127 for character in name)
    ):
        raise ArgumentValueError(f"name {shown(name)} must be a file name without slashes and control characters")
    if "\\" in name:
        raise ArgumentValueError(
            f"name {shown(name)} contains a backslash; pass the file's own name, and its folder as a path with '/'"
        )
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ArgumentValueError(f"name {shown(name)} cannot be sent as UTF-8; pass another name=") from None
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
        raise ArgumentTypeError(f"name must be a str, not {type(name).__name__}")
    if "/" in name or "\\" in name or name.strip() in ("", ".", ".."):
        raise ArgumentValueError(f"name {shown(name)} must be a folder's own name, without slashes and backslashes")
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
        raise ArgumentValueError(
            f"path {shown(path)} is all digits, which HubSpot treats as an id; use files.stat to find the "
            "folder and its id"
        )
    return checked
