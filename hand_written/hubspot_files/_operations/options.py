"""Options of uploads and imports."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, NamedTuple

from .._errors import ArgumentTypeError, ArgumentValueError
from .._validation import absolute_path, enum_member, numeric_id, optional_bool, shown
from .enums import (
    Access,
    DuplicateScope,
    DuplicateScopeName,
    DuplicateStrategy,
    DuplicateStrategyName,
    new_access,
)

_DAY = timedelta(days=1)
_PERIOD = re.compile(r"P(?=.)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?", re.ASCII)


class DuplicateCheck:
    """Check for files with the same content, before HubSpot stores an upload.

    HubSpot compares only the content. With RETURN_EXISTING, it stores nothing if there is a file with the same content,
    and returns that file. Its name, path and access may differ from those of the upload. Only one file of equal content
    is stored, such as one empty file.

    Attributes:
        strategy: NONE stores duplicates, REJECT is an error, RETURN_EXISTING returns the stored file.
        scope: ENTIRE_PORTAL compares with the whole account, EXACT_FOLDER with the folder of the upload.

    Raises:
        ValueError: a strategy other than NONE without a scope, NONE with a scope, or an unknown value.

    HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
    """

    __slots__ = ("scope", "strategy")

    strategy: DuplicateStrategy
    scope: DuplicateScope | None

    def __init__(
        self,
        strategy: DuplicateStrategy | DuplicateStrategyName,
        scope: DuplicateScope | DuplicateScopeName | None = None,
    ) -> None:
        self.strategy = enum_member(strategy, DuplicateStrategy, "strategy")
        self.scope = None if scope is None else enum_member(scope, DuplicateScope, "scope")
        if self.strategy is DuplicateStrategy.NONE and self.scope is not None:
            raise ArgumentValueError("strategy NONE does not look for duplicates: leave the scope out")
        if self.strategy is not DuplicateStrategy.NONE and self.scope is None:
            raise ArgumentValueError(
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
    """The validated options of an upload or an import."""

    access: Access
    ttl: str | None
    overwrite: bool | None
    duplicates: DuplicateCheck | None

    def fields(self) -> dict[str, Any]:
        """Return the options by the generated client's names."""
        duplicates = self.duplicates
        return {
            "access": self.access,
            "ttl": self.ttl,
            "overwrite": self.overwrite,
            "duplicate_validation_strategy": duplicates.strategy if duplicates else None,
            "duplicate_validation_scope": duplicates.scope if duplicates else None,
        }


class Target(NamedTuple):
    """The folder in which a file or folder is stored, by id or by path."""

    folder_id: str | None
    folder_path: str | None


def upload_options(
    access: Access | str,
    *,
    ttl: timedelta | str | None = None,
    overwrite: bool | None = None,
    duplicates: DuplicateCheck | None = None,
) -> UploadOptions:
    """Validate the options that uploads and imports share.

    Raises:
        TypeError: a value has the wrong type.
        ValueError: an unknown access, or a ttl that is not a whole number of days from one day to one year.
    """
    if duplicates is not None and not isinstance(duplicates, DuplicateCheck):
        raise ArgumentTypeError(
            "duplicates must be a DuplicateCheck with strategy and scope, such as "
            f"DuplicateCheck('REJECT', 'EXACT_FOLDER'), not {type(duplicates).__name__}"
        )
    return UploadOptions(
        new_access(access),
        None if ttl is None else period(ttl),
        optional_bool(overwrite, "overwrite"),
        duplicates,
    )


def period(ttl: timedelta | str) -> str:
    """Return a time to live in HubSpot's format, an ISO 8601 period of years, months, weeks and days.

    Raises:
        TypeError: it is neither a timedelta nor a str.
        ValueError: it is not such a period, contains hours, or is shorter than a day or longer than a year.
    """
    if isinstance(ttl, timedelta):
        days, rest = divmod(ttl, _DAY)
        if rest:
            raise ArgumentValueError(f"ttl must be whole days, because HubSpot accepts no hours; {ttl} is not")
        months, text = 0, f"P{days}D"
    elif isinstance(ttl, str):
        match = _PERIOD.fullmatch(ttl)
        if match is None:
            raise ArgumentValueError(
                f"ttl {shown(ttl)} must be an ISO 8601 period of years, months, weeks and days, such as P1D, P2W, P3M "
                "or P1Y; HubSpot accepts no hours"
            )
        years, months, weeks, days = (int(number or 0) for number in match.groups())
        months, days, text = 12 * years + months, 7 * weeks + days, ttl
    else:
        raise ArgumentTypeError(
            f"ttl must be a timedelta or an ISO 8601 period such as 'P3M', not {type(ttl).__name__}"
        )
    if (months, days) <= (0, 0):
        raise ArgumentValueError(f"ttl {shown(ttl)} is shorter than HubSpot's minimum of one day")
    # The length of months depends on the day of the upload. A period that is over a year on any day is refused here.
    if (months == 12 and days) or 30 * months + days > 366:
        raise ArgumentValueError(f"ttl {shown(ttl)} is longer than HubSpot's maximum of one year")
    return text


def target(folder_id: str | int | None, folder_path: str | None) -> Target:
    """Return the target folder of an upload or an import.

    Raises:
        TypeError: a value has the wrong type.
        ValueError: both or neither are passed, or one of them is not valid.
    """
    if folder_id is not None and folder_path is not None:
        raise ArgumentValueError("folder_id and folder_path exclude each other: pass one")
    if folder_id is None and folder_path is None:
        raise ArgumentValueError("pass folder_id= or folder_path= ('/' is the root): HubSpot requires one of them")
    if folder_path is None:
        return Target(numeric_id(folder_id, "folder_id"), None)
    return Target(None, absolute_path(folder_path, "folder_path"))
