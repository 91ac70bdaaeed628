"""A multipart/form-data body taken apart into its parts, strictly."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final
from urllib.parse import unquote

_INSTALL: Final = 'the emulator needs python-multipart, which is not installed: pip install "hubspot-files[emulator]"'
_PARAMETER: Final = re.compile(r';\s*([a-zA-Z*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))')
_ESCAPED: Final = re.compile(r'\\(["\\])')
# RFC 2046 allows a boundary of at most 70 characters.
_LONGEST_BOUNDARY: Final = 70


class MultipartError(ValueError):
    """The body is not the multipart/form-data that its content type promises."""


@dataclass(frozen=True)
class Part:
    """One part of a form: its field name, its file name and content type if it has them, its content."""

    name: str
    filename: str | None
    content_type: str | None
    content: bytes


def require() -> ModuleType:
    """The parsers of python-multipart.

    Raises:
        ImportError: It is not installed; the message says how to get it.
    """
    try:
        from python_multipart import multipart
    except ImportError as error:
        raise ImportError(_INSTALL) from error
    return multipart


def _parameters(value: str) -> dict[str, str]:
    kind, separator, _ = value.partition(";")
    rest = value[len(kind) :] if separator else ""
    found: dict[str, str] = {}
    end = 0
    for match in _PARAMETER.finditer(rest):
        if match.start() != end:
            break
        end = match.end()
        key = match[1].lower()
        if key in found:
            raise MultipartError(f"the parameter {key} is given twice")
        found[key] = match[2] if match[2] is not None else match[3]
    if rest[end:].strip(" ;"):
        raise MultipartError(f"unreadable header parameters: {rest[end:]!r}")
    return found


def _unescape(value: str) -> str:
    # Browsers and urllib3 write %22, httpx and older curl a backslash; CR and LF are always percent-encoded.
    value = _ESCAPED.sub(r"\1", value)
    return value.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _extended(value: str) -> str:
    charset, quote, rest = value.partition("'")
    _, second, encoded = rest.partition("'")
    if not quote or not second:
        raise MultipartError("unreadable filename*")
    try:
        return unquote(encoded, encoding=charset or "utf-8", errors="strict")
    except (LookupError, UnicodeDecodeError) as error:
        raise MultipartError("unreadable filename*") from error


def _part(headers: list[tuple[bytes, bytes]], content: bytes) -> Part:
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = raw_name.decode("ascii").lower()
        if name in found:
            raise MultipartError(f"a part has two {name} headers")
        try:
            found[name] = raw_value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise MultipartError(f"the header {name} of a part is not UTF-8") from error
    disposition = found.get("content-disposition", "")
    if disposition.partition(";")[0].strip().lower() != "form-data":
        raise MultipartError("a part has no Content-Disposition: form-data")
    parameters = _parameters(disposition)
    if "name" not in parameters:
        raise MultipartError("a part has no name")
    filename: str | None = None
    if "filename*" in parameters:
        filename = _extended(parameters["filename*"])
    elif "filename" in parameters:
        filename = _unescape(parameters["filename"])
    return Part(_unescape(parameters["name"]), filename, found.get("content-type"), content)


def parse(content_type: str, body: bytes) -> list[Part]:
    """Take a form apart.

    Args:
        content_type: The request's Content-Type header, with its boundary.
        body: The whole request body.

    Returns:
        The parts in the order of the body.

    Raises:
        MultipartError: The boundary is missing or too long, a part is malformed, or the body ends too early.
        ImportError: python-multipart is not installed.
    """
    multipart = require()
    boundary = _parameters(content_type).get("boundary", "")
    if not 1 <= len(boundary) <= _LONGEST_BOUNDARY:
        raise MultipartError("the content type needs a boundary of 1 to 70 characters")
    parts: list[Part] = []
    headers: list[tuple[bytes, bytes]] = []
    field, value, content = bytearray(), bytearray(), bytearray()
    ended = False

    def into(buffer: bytearray) -> Callable[[bytes, int, int], None]:
        def collect(data: bytes, start: int, end: int) -> None:
            buffer.extend(memoryview(data)[start:end])

        return collect

    def begin() -> None:
        headers.clear()
        content.clear()

    def header_end() -> None:
        headers.append((bytes(field), bytes(value)))
        field.clear()
        value.clear()

    def part_end() -> None:
        parts.append(_part(headers, bytes(content)))

    def end() -> None:
        nonlocal ended
        ended = True

    callbacks: dict[str, Any] = {
        "on_part_begin": begin,
        "on_header_field": into(field),
        "on_header_value": into(value),
        "on_header_end": header_end,
        "on_part_data": into(content),
        "on_part_end": part_end,
        "on_end": end,
    }
    parser = multipart.MultipartParser(boundary, callbacks)
    try:
        parser.write(body)
        parser.finalize()
    except multipart.FormParserError as error:
        raise MultipartError(str(error)) from error
    if not ended:
        raise MultipartError("the body ends before its closing boundary")
    return parts
