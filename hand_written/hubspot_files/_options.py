"""The options of an upload or a replacement: what this package combines is checked here, before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar

from ._endpoint import Access, DuplicateScope, DuplicateStrategy
from ._urls import is_numeric_id, is_task_id

E = TypeVar("E", bound=StrEnum)

_DAY = timedelta(days=1)
_PERIOD = re.compile(r"P(?=.)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?", re.ASCII)


class DuplicateCheck:
    """Whether, and where, HubSpot looks for the same content before it stores an upload.

    It compares the content only. With RETURN_EXISTING it stores nothing where it finds some: the file that is returned
    may have another name, path and access, and of files with equal content, such as empty ones, one is stored.

    Attributes:
        strategy: NONE stores it all the same, REJECT is an error, RETURN_EXISTING returns the file that is stored.
        scope: ENTIRE_PORTAL looks in the whole account, EXACT_FOLDER in the folder of the upload.

    Raises:
        ValueError: a strategy other than NONE without a scope, NONE with one, or an unknown value.

    HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
    """

    __slots__ = ("scope", "strategy")

    strategy: DuplicateStrategy
    scope: DuplicateScope | None

    def __init__(self, strategy: DuplicateStrategy | str, scope: DuplicateScope | str | None = None) -> None:
        self.strategy = known(strategy, DuplicateStrategy, "strategy")
        self.scope = None if scope is None else known(scope, DuplicateScope, "scope")
        if self.strategy is DuplicateStrategy.NONE and self.scope is not None:
            raise ValueError("strategy NONE looks for no duplicates: leave the scope out")
        if self.strategy is not DuplicateStrategy.NONE and self.scope is None:
            raise ValueError(
                f"strategy {self.strategy.value} needs a scope: DuplicateScope.ENTIRE_PORTAL or .EXACT_FOLDER"
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DuplicateCheck):
            return NotImplemented
        return (self.strategy, self.scope) == (other.strategy, other.scope)

    def __hash__(self) -> int:
        return hash((self.strategy, self.scope))

    def __repr__(self) -> str:
        scope = "" if self.scope is None else f", {self.scope.value!r}"
        return f"DuplicateCheck({self.strategy.value!r}{scope})"


class UploadOptions(NamedTuple):
    """The options of an upload or an import, checked."""

    access: Access
    ttl: str | None
    overwrite: bool | None
    duplicates: DuplicateCheck | None


class Target(NamedTuple):
    """Where a file goes: one of the two is set."""

    folder_id: str | None
    folder_path: str | None


def upload_options(
    access: Access | str,
    ttl: timedelta | str | None,
    overwrite: bool | None,
    duplicates: DuplicateCheck | None,
) -> UploadOptions:
    """Check the options that an upload and an import share.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: an unknown access, or a ttl that is no whole number of days from one day to one year.
    """
    if duplicates is not None and not isinstance(duplicates, DuplicateCheck):
        raise TypeError(
            "duplicates must be a DuplicateCheck with strategy and scope, such as "
            f"DuplicateCheck('REJECT', 'EXACT_FOLDER'), not {type(duplicates).__name__}"
        )
    return UploadOptions(
        known(access, Access, "access"),
        None if ttl is None else period(ttl),
        flag(overwrite, "overwrite"),
        duplicates,
    )


def known(value: E | str, kind: type[E], name: str) -> E:
    """A value of one of the API's enumerations.

    A member is taken as it is, even one that this version does not know and that an answer brought. A plain str must be
    a known value, so that a slip is found before it is sent.

    Raises:
        TypeError: it is no str.
        ValueError: it is a str that is none of the known values.
    """
    if isinstance(value, kind):
        return value
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a {kind.__name__} or a str, not {type(value).__name__}")
    if value not in {member.value for member in kind}:
        raise ValueError(f"{name} {value!r} is not known; use one of {', '.join(member.value for member in kind)}")
    return kind(value)


def period(ttl: timedelta | str) -> str:
    """A time to live as HubSpot takes it: an ISO 8601 period of years, months, weeks and days.

    Raises:
        TypeError: it is neither a timedelta nor a str.
        ValueError: it is no such period, holds hours, is shorter than a day or longer than a year.
    """
    if isinstance(ttl, timedelta):
        days, rest = divmod(ttl, _DAY)
        if rest:
            raise ValueError(f"ttl must be whole days, because HubSpot takes no hours; {ttl} is not")
        months, text = 0, f"P{days}D"
    elif isinstance(ttl, str):
        match = _PERIOD.fullmatch(ttl)
        if match is None:
            raise ValueError(
                f"ttl {ttl!r} must be an ISO 8601 period of years, months, weeks and days, such as P1D, P2W, P3M or "
                "P1Y; HubSpot takes no hours"
            )
        years, months, weeks, days = (int(number or 0) for number in match.groups())
        months, days, text = 12 * years + months, 7 * weeks + days, ttl
    else:
        raise TypeError(f"ttl must be a timedelta or an ISO 8601 period such as 'P3M', not {type(ttl).__name__}")
    if (months, days) <= (0, 0):
        raise ValueError(f"ttl {ttl!r} is shorter than the one day that HubSpot takes at the least")
    # How long months are depends on the day of the upload: what is over a year on any day is refused here.
    if (months == 12 and days) or 30 * months + days > 366:
        raise ValueError(f"ttl {ttl!r} is longer than the one year that HubSpot takes at the most")
    return text


def target(folder_id: str | int | None, folder_path: str | None) -> Target:
    """Where an upload or an import goes.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: both are given or neither is, or one of them cannot be.
    """
    if folder_id is not None and folder_path is not None:
        raise ValueError("folder_id and folder_path exclude each other: pass one")
    if folder_id is None and folder_path is None:
        raise ValueError("pass folder_id= or folder_path= ('/' is the root): HubSpot asks for one of them")
    if folder_path is None:
        return Target(digits(folder_id, "folder_id"), None)
    return Target(None, absolute_path(folder_path, "folder_path"))


def digits(value: str | int | None, name: str) -> str:
    """An id as HubSpot gives it: all digits. `..` and the like would end up at another URL.

    Raises:
        TypeError: it is neither a str nor an int.
        ValueError: it holds anything but digits.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"{name} must be a str of digits or an int, not {type(value).__name__}")
    if not is_numeric_id(str(value)):
        raise ValueError(f"{name} {value!r} must be digits only, as in the id of a File or a Folder")
    return str(value)


def absolute_path(value: str, name: str) -> str:
    """The path of a folder that something is put into, with a slash before and none behind.

    Raises:
        TypeError: it is not a str.
        ValueError: it is empty, or holds control characters, backslashes, empty segments, `.` or `..`.
    """
    path = _path(value, name)
    if "\\" in path:
        raise ValueError(
            f"{name} {value!r} holds a backslash, which HubSpot takes for a part of a name; separate folders with '/'"
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
        raise ValueError(f"{name} {value!r} holds an empty segment")
    for segment in path.split("/"):
        if segment in ("", ".", ".."):
            raise ValueError(f"{name} {value!r} holds the segment {segment!r}, which names no folder")
    try:
        path.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} {value!r} cannot be sent as UTF-8") from None
    return f"/{path}"


def url_path(value: str, name: str) -> str:
    """A path that goes into a URL: as absolute_path, without its slash, and not the root.

    A backslash is allowed: files and folders that other programs named so can be looked up and deleted.

    Raises:
        TypeError: it is not a str.
        ValueError: as absolute_path; or it is the root.
    """
    path = _path(value, name).removeprefix("/")
    if not path:
        raise ValueError(f"{name} '/' is the root, which has no record")
    return path


def seconds(value: timedelta | int | None, name: str) -> int | None:
    """A duration in whole seconds, of one second at the least.

    Raises:
        TypeError: it is neither a timedelta nor an int.
        ValueError: it is below one second, or no whole number of seconds.
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


def moment(value: datetime | None, name: str) -> datetime | None:
    """A time that names its zone.

    Raises:
        TypeError: it is no datetime.
        ValueError: it has no zone, so that it is another time on another machine.
    """
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise TypeError(f"{name} must be a datetime with a zone, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise ValueError(f"{name} has no time zone; use datetime(..., tzinfo=UTC) or .astimezone()")
    return value


def flag(value: bool | None, name: str) -> bool | None:
    """True, False or not sent.

    Raises:
        TypeError: it is anything else, such as the str 'false', which would be true.
    """
    if value is not None and not isinstance(value, bool):
        raise TypeError(f"{name} must be True, False or None, not {value!r}")
    return value


def whole(value: int, name: str) -> int:
    """A number of things.

    Raises:
        TypeError: it is no int.
        ValueError: it is negative.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if value < 0:
        raise ValueError(f"{name} must not be negative, and {value} is")
    return value


def names(values: Iterable[str] | None, name: str, required: tuple[str, ...] = ()) -> list[str] | None:
    """Names of properties, with those added that a model cannot do without.

    Raises:
        TypeError: it is one str, whose letters would be taken for names, or holds anything but str.
    """
    if values is None:
        return None
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a list of names, such as ['size'], not one {type(values).__name__}")
    given = list(values)
    for value in given:
        if not isinstance(value, str):
            raise TypeError(f"{name} must hold names as str, not {type(value).__name__}")
    return list(dict.fromkeys((*given, *required)))


def check_task_id(value: str) -> str:
    """The id of a task, which goes into a URL.

    Raises:
        TypeError: it is no str.
        ValueError: it is empty, or `.` or `..`.
    """
    if not isinstance(value, str):
        raise TypeError(f"task_id must be a str, not {type(value).__name__}")
    if not is_task_id(value):
        raise ValueError(f"task_id {value!r} must be the id of a task, as in its `id`")
    return value
