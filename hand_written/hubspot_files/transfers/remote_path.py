"""Paths on HubSpot, as distinct from local ones: `hubspot:/library/x`."""

from __future__ import annotations

import os

from .._validation import absolute_path

_PREFIX = "hubspot:"


class RemotePath:
    """A path of a folder on HubSpot, where a local directory is possible, too.

    Args:
        path: path such as `/library/cats`, or `hubspot:/library/cats`.

    Raises:
        ValueError: the path is not valid.

    Attributes:
        path: the path, with a leading slash.
    """

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path: str = absolute_path(path.removeprefix(_PREFIX) if isinstance(path, str) else path, "path")

    def __str__(self) -> str:
        return _PREFIX + self.path

    def __repr__(self) -> str:
        return f"RemotePath({self.path!r})"

    def __eq__(self, other: object) -> bool:
        return self.path == other.path if isinstance(other, RemotePath) else NotImplemented

    def __hash__(self) -> int:
        return hash((RemotePath, self.path))


def as_remote(value: str | os.PathLike[str] | RemotePath) -> RemotePath | None:
    """Return the path on HubSpot that a value names, or None if it names a local directory.

    Raises:
        ValueError: it begins with `hubspot:`, and is not a valid path.
    """
    if isinstance(value, RemotePath):
        return value
    if isinstance(value, str) and value.startswith(_PREFIX):
        return RemotePath(value)
    return None
