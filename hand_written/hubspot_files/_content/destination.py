"""Destinations of downloads, and the validation of the caller's binary streams."""

from __future__ import annotations

import inspect
import io
import os
from typing import Any, Protocol, TypeAlias, get_args

from .._awaitable import close_coroutine, is_async
from .._engine.effects import Flow, WaitFor, require_async
from .._errors import ArgumentTypeError, ArgumentValueError
from .._validation import unknown_value
from .atomic_file import IfExists
from .source import is_text

MUST_AWAIT = (
    "the destination has to be awaited, which AsyncHubSpotFiles does; pass a path, or a file opened with "
    "open(path, 'wb')"
)
_NOT_A_DESTINATION = "destination must be a path or a binary stream to write to, not"


class Writable(Protocol):
    """A binary stream to write to. AsyncHubSpotFiles awaits the result of `write` if it is awaitable."""

    def write(self, data: bytes, /) -> Any: ...


Destination: TypeAlias = str | os.PathLike[str] | Writable
"""The destination of a download: a path, a directory, or a binary stream."""


def check_destination(destination: Destination, if_exists: IfExists | None) -> Flow[None]:
    """Check the destination of a download, before anything is sent.

    Raises:
        TypeError: it is neither a path nor a writable binary stream.
        ValueError: it is not a valid path, or if_exists is unknown or passed with a stream.
    """
    if isinstance(destination, str | os.PathLike):
        path: object = os.fspath(destination)
        if not isinstance(path, str):
            raise ArgumentTypeError(
                f"{_NOT_A_DESTINATION} {type(destination).__name__}, whose path is {type(path).__name__}"
            )
        if not path or "\0" in path:
            raise ArgumentValueError(
                "destination must be a path that is not empty and contains no NUL; '.' is the current directory"
            )
    else:
        yield from _check_stream(destination)
    if if_exists is None:
        return
    if if_exists not in get_args(IfExists):
        raise unknown_value("if_exists", if_exists, get_args(IfExists))
    if not isinstance(destination, str | os.PathLike):
        raise ArgumentValueError("if_exists is for paths: leave it out if the destination is a stream")


def _check_stream(sink: object) -> Flow[None]:
    """Check that an object of the caller is a writable binary stream, without writing to it.

    Raises:
        TypeError: it is not, or it has to be awaited and the client is synchronous.
        ValueError: it is closed, or not open for writing.
    """
    write = getattr(sink, "write", None)
    if isinstance(sink, type):
        raise ArgumentTypeError(f"{_NOT_A_DESTINATION} the class {sink.__name__}")
    if not callable(write) or hasattr(type(sink), "namelist"):
        raise ArgumentTypeError(f"{_NOT_A_DESTINATION} {type(sink).__name__}{_suggestion(sink)}")
    if is_text(sink):
        raise ArgumentTypeError("destination is a text stream; open it in binary mode: open(path, 'wb')")
    if is_async(getattr(sink, "drain", None)) and not is_async(write):
        raise ArgumentTypeError(
            "write() of the destination does not wait; iterate over files.stream and await its drain() after each chunk"
        )
    if getattr(sink, "closed", None) is True:
        raise ArgumentValueError("destination is closed; open it again")
    if is_async(write):
        yield from require_async(MUST_AWAIT)
    writable = getattr(sink, "writable", None)
    allowed = writable() if callable(writable) else True
    if inspect.isawaitable(allowed):
        allowed = yield from WaitFor(allowed, MUST_AWAIT)
    if allowed is False:
        raise ArgumentValueError("destination is not open for writing; open it in the mode 'wb'")


def _suggestion(sink: object) -> str:
    """Return a suggestion for an object that is not a stream, or an empty str."""
    if inspect.isawaitable(sink):
        close_coroutine(sink)
        return "; await it, or enter it with `async with`, and pass the result"
    if hasattr(type(sink), "namelist"):
        return "; pass a member of the archive, opened with its open(name, 'w')"
    if isinstance(sink, bytearray | list):
        return "; files.read returns the content as bytes"
    return ""


def check_written(sink: object, written: object, size: int) -> None:
    """Check the result of the caller's `write`.

    Raises:
        OSError: it wrote another number of bytes than it was passed.
        TypeError: it returned neither None nor a number of bytes.
    """
    if written is None:
        # A raw stream in non-blocking mode returns None if it wrote nothing.
        written = 0 if isinstance(sink, io.RawIOBase) else size
    if isinstance(written, bool) or not isinstance(written, int):
        close_coroutine(written)
        raise ArgumentTypeError(
            f"write() of the destination returned {type(written).__name__} instead of the number of bytes written; "
            "pass a path, or a file opened with open(path, 'wb')"
        )
    if written != size:
        raise OSError(f"the destination wrote {written} of {size} bytes; use a buffered binary stream")
