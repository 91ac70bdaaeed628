"""A multipart/form-data body taken apart into its parts while it arrives, strictly."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Final
from urllib.parse import unquote

from ._blobs import Draft

_INSTALL: Final = 'the emulator needs python-multipart, which is not installed: pip install "hubspot-files[emulator]"'
_PARAMETER: Final = re.compile(r';\s*([a-zA-Z*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))')
_ESCAPED: Final = re.compile(r'\\(["\\])')
# RFC 2046 allows a boundary of at most 70 characters.
_LONGEST_BOUNDARY: Final = 70
# assumed: large-bodies
_LARGEST_TEXT: Final = 1024 * 1024
_MOST_PARTS: Final = 100


class MultipartError(ValueError):
    """The body is not the multipart/form-data that its content type promises."""


@dataclass(frozen=True)
class Part:
    """One part of a form: its field name, its file name and content type if it has them, and its content.

    `draft` holds the content of a part that is streamed, `content` that of every other one.
    """

    name: str
    filename: str | None
    content_type: str | None
    content: bytes = b""
    draft: Draft | None = None


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


def _part(headers: list[tuple[bytes, bytes]]) -> Part:
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
    return Part(_unescape(parameters["name"]), filename, found.get("content-type"))


class FormReader:
    """Takes a form apart while it arrives.

    Args:
        content_type: The request's Content-Type header, with its boundary.
        streamed: The name of the part whose content goes to a draft.
        draft: Makes that draft.

    Raises:
        MultipartError: The boundary is missing or too long.
        ImportError: python-multipart is not installed.
    """

    def __init__(self, content_type: str, streamed: str, draft: Callable[[], Draft]) -> None:
        self._multipart = require()
        boundary = _parameters(content_type).get("boundary", "")
        if not 1 <= len(boundary) <= _LONGEST_BOUNDARY:
            raise MultipartError("the content type needs a boundary of 1 to 70 characters")
        self._streamed = streamed
        self._draft = draft
        self._parts: list[Part] = []
        self._headers: list[tuple[bytes, bytes]] = []
        self._field, self._value, self._content = bytearray(), bytearray(), bytearray()
        self._part: Part | None = None
        self._ended = False
        callbacks: dict[str, Any] = {
            "on_part_begin": self._headers.clear,
            "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }
        self._parser = self._multipart.MultipartParser(boundary, callbacks)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body.

        Raises:
            MultipartError: A part is malformed, or too large for one that is not streamed.
        """
        try:
            self._parser.write(chunk)
        except self._multipart.FormParserError as error:
            raise MultipartError(str(error)) from error

    def end(self) -> list[Part]:
        """The parts in the order of the body.

        Raises:
            MultipartError: The body ends too early.
        """
        try:
            self._parser.finalize()
        except self._multipart.FormParserError as error:
            raise MultipartError(str(error)) from error
        if not self._ended:
            raise MultipartError("the body ends before its closing boundary")
        return self._parts

    def _header_end(self) -> None:
        self._headers.append((bytes(self._field), bytes(self._value)))
        self._field.clear()
        self._value.clear()

    def _headers_finished(self) -> None:
        if len(self._parts) == _MOST_PARTS:
            raise MultipartError(f"more than {_MOST_PARTS} parts")
        part = _part(self._headers)
        self._part = replace(part, draft=self._draft()) if part.name == self._streamed else part
        self._content.clear()

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        assert self._part is not None
        if self._part.draft is not None:
            self._part.draft.write(data[start:end])
            return
        self._content += data[start:end]
        if len(self._content) > _LARGEST_TEXT:
            raise MultipartError(f"the part {self._part.name!r} is longer than {_LARGEST_TEXT} bytes")

    def _part_end(self) -> None:
        assert self._part is not None
        self._parts.append(replace(self._part, content=bytes(self._content)))

    def _end(self) -> None:
        self._ended = True
