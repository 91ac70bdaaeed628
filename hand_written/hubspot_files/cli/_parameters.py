"""Types of arguments: paths on HubSpot, sizes, durations and access levels."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final, NamedTuple

import click

from .. import Access
from .._validation import absolute_path, is_numeric_id

PREFIX: Final = "hubspot:"
LEVELS: Final = ("private", "sensitive", "public-not-indexable", "public-indexable")
"""Access levels that a file can be given, as users write them."""

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?([kmgt]?)(i?)b?", re.IGNORECASE)
_DURATION: Final = re.compile(r"(\d+) ?(s|min|m|h|d|w|y)")
_SECONDS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}


class Target(NamedTuple):
    """A file or a folder on HubSpot, by its path or a file by its id. Exactly one of them is set."""

    path: str | None
    file_id: str | None

    def __str__(self) -> str:
        return remote(self.path) if self.path is not None else f"file {self.file_id}"


def remote(path: str | None) -> str:
    """Return a path on HubSpot as users write it."""
    return f"{PREFIX}{path or '?'}"


class RemotePathType(click.ParamType[Any]):
    """A path on HubSpot such as `hubspot:/library/x`. Its value is the path with its leading slash."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path.

        Raises:
            BadParameter: it is a local path, or not valid.
        """
        if not value.startswith(PREFIX):
            path = value if value.startswith("/") else f"/{value.removeprefix('./')}"
            self.fail(f"{value!r} is not a path in HubSpot; did you mean {PREFIX}{path}?", param, ctx)
        path = value.removeprefix(PREFIX)
        if not path.startswith("/"):
            self.fail(f"{value!r} lacks a slash; did you mean {PREFIX}/{path}?", param, ctx)
        try:
            return absolute_path(path, "the path")
        except ValueError as error:
            self.fail(str(error), param, ctx)


class TargetType(RemotePathType):
    """A path on HubSpot, or the id of a file."""

    name = "target"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a Target. Raises as `RemotePathType` does."""
        if is_numeric_id(value):
            return Target(None, value)
        return Target(super().convert(value, param, ctx), None)


class SizeType(click.ParamType[int]):
    """A size such as `500`, `10MB` or `1.5GiB`, in bytes."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the bytes.

        Raises:
            BadParameter: it is not a size.
        """
        match = _SIZE.fullmatch(value)
        if match is None:
            self.fail(f"{value!r} is not a size such as 500kB, 10MB or 1.5GiB", param, ctx)
        base = 1024 if match[3] else 1000
        return round(float(match[1]) * base ** " kmgt".index(match[2].lower() or " "))


class DurationType(click.ParamType[timedelta]):
    """A duration such as `90s`, `15min`, `12h`, `30d`, `2w` or `1y`.

    Args:
        examples: examples for a message.
    """

    name = "duration"

    def __init__(self, examples: str) -> None:
        self._examples = examples

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the timedelta.

        Raises:
            BadParameter: it is not a duration.
        """
        match = _DURATION.fullmatch(value)
        # HubSpot is younger than 100 years, and a longer time has no date.
        if match is None or (seconds := int(match[1]) * _SECONDS[match[2]]) > 100 * _SECONDS["y"]:
            self.fail(f"{value!r} is not a duration such as {self._examples}", param, ctx)
        return timedelta(seconds=seconds)


class AccessType(click.Choice[str]):
    """An access level, as `private` or `PRIVATE`. Its value is an Access."""

    name = "access"

    def __init__(self) -> None:
        super().__init__(LEVELS, case_sensitive=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the access level.

        Raises:
            BadParameter: it is not one that a file can be given.
        """
        if value.lower() == "public":
            self.fail("choose public-indexable or public-not-indexable, for search engines", param, ctx)
        return Access(super().convert(value.replace("_", "-"), param, ctx).upper().replace("-", "_"))


REMOTE_PATH: Final = RemotePathType()
TARGET: Final = TargetType()
SIZE: Final = SizeType()
DURATION: Final = DurationType("15min, 12h, 30d, 2w or 1y")
LIFE: Final = DurationType("10min, 1h or 6h")
"""The life of a link, which HubSpot makes 6 hours at most."""
ACCESS: Final = AccessType()
