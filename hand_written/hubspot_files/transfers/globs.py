"""Include and exclude patterns, with the syntax of `.gitignore`, except for `!` and `#`.

- `*` matches any characters but `/`, `?` one of them, `[abc]` and `[!a-c]` one of a set.
- A pattern without a slash, or with one at its end only, matches a name at any depth. Any other matches the whole path.
- `**` as a segment matches any number of folders.
- A pattern that ends with a slash matches folders only.
- A pattern that matches a folder matches everything below it.
- Upper and lower case differ on every system.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Iterable

from .._errors import ArgumentTypeError, ArgumentValueError
from .._validation import shown


class Globs:
    """Patterns that select paths: those that match an include pattern, or all if there is none, and no exclude pattern.

    Args:
        include: patterns.
        exclude: patterns.

    Raises:
        TypeError: one of them is a single str, or has anything but str.
        ValueError: a pattern is empty.
    """

    def __init__(self, include: Iterable[str], exclude: Iterable[str]) -> None:
        self._include = [_compiled(pattern) for pattern in _checked(include, "include")]
        self._exclude = [_compiled(pattern) for pattern in _checked(exclude, "exclude")]

    def takes_folder(self, path: str) -> bool:
        """Return whether anything in a folder can be selected."""
        return not _matches(self._exclude, path, folder=True)

    def selects_folder(self, path: str) -> bool:
        """Return whether a folder itself is selected, even if it is empty."""
        return not self._include or _includes(self._include, path, folder=True)

    def selects_file(self, path: str) -> bool:
        """Return whether a file is selected, given that its folder is taken."""
        return not _matches(self._exclude, path) and (not self._include or _includes(self._include, path))


def _checked(patterns: Iterable[str], name: str) -> list[str]:
    if isinstance(patterns, str) or not isinstance(patterns, Iterable):
        raise ArgumentTypeError(
            f"{name} must be a list of patterns, such as ['*.png'], not one {type(patterns).__name__}"
        )
    checked = list(patterns)
    for pattern in checked:
        if not isinstance(pattern, str):
            raise ArgumentTypeError(f"{name} must contain patterns as str, not {type(pattern).__name__}")
        if not pattern.strip("/"):
            raise ArgumentValueError(f"{name} contains the pattern {shown(pattern)}, which matches nothing")
    return checked


def _compiled(pattern: str) -> tuple[re.Pattern[str], bool]:
    """Return the expression for a pattern, and whether it matches folders only."""
    bare = unicodedata.normalize("NFC", pattern).removesuffix("/")
    anchored = "/" in bare
    segments = bare.removeprefix("/").split("/")
    expression = "" if anchored else "(?:.*/)?"
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == "**":
            expression += ".*" if last else "(?:.*/)?"
        else:
            expression += _segment(segment) + ("" if last else "/")
    return re.compile(expression, re.DOTALL), pattern.endswith("/")


def _segment(segment: str) -> str:
    """Return the expression for one segment. `fnmatch` translates the sets; nothing may match a slash."""
    parts = re.split(r"(\[!?\]?[^\]]*\]|\*+|\?)", segment)
    translated = ""
    for part in parts:
        if part.startswith("*"):
            translated += "[^/]*"
        elif part == "?":
            translated += "[^/]"
        elif len(part) > 1 and part.startswith("["):
            translated += "(?!/)" + _unwrapped(fnmatch.translate(part))
        else:
            translated += re.escape(part)
    return translated


def _unwrapped(expression: str) -> str:
    r"""Return the inner part of the result of `fnmatch.translate`, `(?s:…)\Z` or `(?s:…)\z`."""
    return expression[len("(?s:") : expression.rindex(")")]


def _matches(patterns: list[tuple[re.Pattern[str], bool]], path: str, *, folder: bool = False) -> bool:
    composed = unicodedata.normalize("NFC", path)
    return any(regex.fullmatch(composed) and (folder or not folders_only) for regex, folders_only in patterns)


def _includes(patterns: list[tuple[re.Pattern[str], bool]], path: str, *, folder: bool = False) -> bool:
    """Return whether a pattern matches a path or a folder above it."""
    if _matches(patterns, path, folder=folder):
        return True
    parts = path.split("/")
    return any(_matches(patterns, "/".join(parts[:count]), folder=True) for count in range(1, len(parts)))
