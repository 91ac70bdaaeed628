"""The body of a request: JSON is collected, a multipart/form-data body is parsed strictly while it arrives."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from .._contents import ContentWriter
from .._messages import ApiError, Json, invalid

_LARGEST_JSON: Final = 8 * 1024 * 1024
_INSTALL: Final = 'the emulator needs python-multipart, which is not installed: pip install "hubspot-files[emulator]"'
_PARAMETER: Final = re.compile(r';\s*([a-zA-Z*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))')
_ESCAPED: Final = re.compile(r'\\(["\\])')
# RFC 2046 allows a boundary of at most 70 characters.
_LONGEST_BOUNDARY: Final = 70
# assumed: large-bodies
_MAX_TEXT_SIZE: Final = 1024 * 1024
_MAX_PARTS: Final = 100


class MultipartError(ValueError):
    """The body is not the multipart/form-data that its content type promises."""


@dataclass(frozen=True)
class Part:
    """One part of a form: its field name, its file name and content type if it has them, and its content.

    `writer` has received the content of the part that is streamed, `content` is that of every other one.
    """

    name: str
    filename: str | None
    content_type: str | None
    content: bytes = b""
    writer: ContentWriter | None = None


def import_multipart() -> ModuleType:
    """Import the parsers of python-multipart.

    Raises:
        ImportError: It is not installed; the message contains the command that installs it.
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
    """Parses a form while it arrives.

    Args:
        content_type: The request's Content-Type header, with its boundary.
        streamed: The name of the part whose content goes to a writer.
        open_writer: Opens that writer.

    Raises:
        MultipartError: The boundary is missing or too long.
        ImportError: python-multipart is not installed.
    """

    def __init__(self, content_type: str, streamed: str, open_writer: Callable[[], ContentWriter]) -> None:
        self._multipart = import_multipart()
        boundary = _parameters(content_type).get("boundary", "")
        if not 1 <= len(boundary) <= _LONGEST_BOUNDARY:
            raise MultipartError("the content type needs a boundary of 1 to 70 characters")
        self._streamed = streamed
        self._open_writer = open_writer
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
        """Parse the next bytes of the body.

        Raises:
            MultipartError: A part is malformed, or too large for one that is not streamed.
        """
        try:
            self._parser.write(chunk)
        except self._multipart.FormParserError as error:
            raise MultipartError(str(error)) from error

    def end(self) -> list[Part]:
        """Return the parts in the order of the body.

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
        if len(self._parts) == _MAX_PARTS:
            raise MultipartError(f"more than {_MAX_PARTS} parts")
        part = _part(self._headers)
        self._part = replace(part, writer=self._open_writer()) if part.name == self._streamed else part
        self._content.clear()

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        assert self._part is not None
        if self._part.writer is not None:
            self._part.writer.write(data[start:end])
            return
        self._content += data[start:end]
        if len(self._content) > _MAX_TEXT_SIZE:
            raise MultipartError(f"the part {self._part.name!r} is longer than {_MAX_TEXT_SIZE} bytes")

    def _part_end(self) -> None:
        assert self._part is not None
        self._parts.append(replace(self._part, content=bytes(self._content)))

    def _end(self) -> None:
        self._ended = True


def parse_json(text: str | bytes, what: str) -> Any:
    """Parse JSON that can be written again as a part of other JSON.

    Raises:
        ApiError: 400.
    """

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    try:
        value = json.loads(text, parse_constant=refuse)
        # A lone surrogate is valid JSON and no text; and a response that holds the value is deeper by some levels.
        json.dumps([[[[value]]]], ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise ApiError(400, f"Invalid input JSON in {what}") from None
    return value


def parse_json_object(text: str | bytes, what: str, known: Collection[str] | None, *, keep_null: bool = False) -> Json:
    """Parse a JSON object whose keys are all known, or any with None; null counts as absent unless it is kept.

    Raises:
        ApiError: 400.
    """
    value = parse_json(text, what)
    if not isinstance(value, dict):
        raise ApiError(400, f"Invalid input JSON in {what}: an object is needed")
    # assumed: unknown-keys
    if known is not None and (unknown := sorted(set(value) - set(known))):
        raise ApiError(
            400,
            f"Unrecognized field in {what}: {', '.join(unknown)}",
            errors=[{"message": "unrecognized field", "in": name, "code": "UNKNOWN_FIELD"} for name in unknown],
        )
    return {name: item for name, item in value.items() if keep_null or item is not None}


class RequestBody:
    """The body of a request, while and after it arrives.

    Args:
        content_type: The request's Content-Type header.
        open_writer: Opens the writer for a file, None where the operation takes no form.
        discard: Discards a writer whose content is not used.
    """

    def __init__(
        self,
        content_type: str,
        open_writer: Callable[[], ContentWriter] | None,
        discard: Callable[[ContentWriter], None],
    ) -> None:
        self._media_type = content_type.partition(";")[0].strip().lower()
        self._discard = discard
        self._writers: list[ContentWriter] = []
        self._collected, self._size = bytearray(), 0
        self._reader: FormReader | None = None
        self._problem: MultipartError | None = None
        self._parts: list[Part] | None = None
        if open_writer is not None and self._media_type == "multipart/form-data":
            try:
                self._reader = FormReader(content_type, "file", lambda: self._add(open_writer()))
            except MultipartError as error:
                self._problem = error

    def _add(self, writer: ContentWriter) -> ContentWriter:
        self._writers.append(writer)
        return writer

    @property
    def writers(self) -> Sequence[ContentWriter]:
        """The writers that have received files."""
        return self._writers

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; `json` and `form` raise the errors found in them."""
        if self._reader is not None and self._problem is None:
            try:
                self._reader.feed(chunk)
            except MultipartError as error:
                self._problem = error
        elif self._reader is None:
            self._size += len(chunk)
            if self._size <= _LARGEST_JSON:
                self._collected += chunk

    def close(self) -> None:
        """Discard the files that were not stored."""
        for writer in self._writers:
            self._discard(writer)

    def json(self, known: Collection[str] | None, *, keep_null: bool = False) -> Json:
        """Return the body as a JSON object, whose keys may be any with None.

        Raises:
            ApiError: 415 for another content type, 413 for too much of it, 400 for anything but an object with known
                keys.
        """
        if self._media_type != "application/json":
            raise ApiError(415, "This call takes application/json", "UNSUPPORTED_MEDIA_TYPE")
        # assumed: large-bodies
        if self._size > _LARGEST_JSON:
            raise ApiError(413, f"The body is larger than {_LARGEST_JSON} bytes", "PAYLOAD_TOO_LARGE")
        return parse_json_object(bytes(self._collected), "the body", known, keep_null=keep_null)

    def urlencoded(self) -> dict[str, str]:
        """Return the fields of a form without files. Of a repeated field, the first counts.

        Raises:
            ApiError: 415 for another content type, 413 for too much of it.
        """
        if self._media_type != "application/x-www-form-urlencoded":
            raise ApiError(415, "This call takes application/x-www-form-urlencoded", "UNSUPPORTED_MEDIA_TYPE")
        if self._size > _LARGEST_JSON:
            raise ApiError(413, f"The body is larger than {_LARGEST_JSON} bytes", "PAYLOAD_TOO_LARGE")
        return dict(reversed(parse_qsl(self._collected.decode("utf-8", "replace"))))

    def form(self, known: Collection[str]) -> dict[str, Part]:
        """Return the parts of the form by name.

        Raises:
            ApiError: 415 for another content type, 400 for a malformed form, a repeated or an unknown part.
        """
        if self._media_type != "multipart/form-data":
            raise ApiError(415, "This call takes multipart/form-data", "UNSUPPORTED_MEDIA_TYPE")
        try:
            if self._problem is not None:
                raise self._problem
            assert self._reader is not None
            if self._parts is None:
                self._parts = self._reader.end()
        except MultipartError as error:
            raise ApiError(400, f"Invalid multipart/form-data: {error}") from None
        found: dict[str, Part] = {}
        for part in self._parts:
            # assumed: unknown-parts
            if part.name in found or part.name not in known:
                kind = "given twice" if part.name in found else "unknown"
                raise ApiError(400, f"Invalid multipart/form-data: the part {part.name!r} is {kind}")
            found[part.name] = part
        return found


def part_text(parts: Mapping[str, Part], name: str) -> str | None:
    """Return the text of a part, None where it is absent."""
    part = parts.get(name)
    if part is None:
        return None
    try:
        return part.content.decode()
    except UnicodeDecodeError:
        raise invalid(name, "not UTF-8") from None
