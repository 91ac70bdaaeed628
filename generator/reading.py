"""Reads files of JSON and YAML: whatever they hold, in bounded time and memory.

YAML is read as YAML 1.2 does for JSON: texts, numbers, true, false and null. Tags, merge keys and anything else that
JSON does not have are refused. ruamel.yaml only splits the text into events; it makes no objects of them.
"""

from __future__ import annotations

import json
import math
import re
import stat
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

MAX_BYTES = 5_000_000
# YAML is read a thousand times more slowly than JSON.
MAX_YAML = 500_000
MAX_VALUES = 200_000
MAX_DEPTH = 100
_MAX_DIGITS = 1_000

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")


class UnreadableError(Exception):
    """A file cannot be read; the message says why in one line."""


def file_bytes(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        UnreadableError: It is no file, is too large, or cannot be read.
    """
    try:
        mode = path.stat().st_mode
        # To open a pipe would wait for its writer.
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise UnreadableError("it is neither a file nor a URL: save what it holds as a file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UnreadableError(f"it cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > MAX_BYTES:
        raise UnreadableError(f"it has more than {MAX_BYTES:,} bytes")
    return data


def text_of(data: bytes) -> str:
    """Return bytes as text, in UTF-8 or in the other encodings of JSON, without a byte order mark.

    Raises:
        UnreadableError: They are none.
    """
    try:
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise UnreadableError("it is not text in UTF-8; save it as UTF-8") from error


def read_json(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        UnreadableError: It is not JSON, or beyond the limits.
    """
    try:
        value = json.loads(
            text, parse_float=_finite, parse_int=_integer, parse_constant=_finite, object_pairs_hook=_unique_keys
        )
    except RecursionError as error:
        raise UnreadableError("it is nested too deeply") from error
    except ValueError as error:
        raise UnreadableError(f"it is not JSON or YAML: {error}") from error
    _measure(value)
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise UnreadableError(f"it holds the number {text[:50]}, which JSON does not have")
    return number


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise UnreadableError(f"it holds a number of more than {_MAX_DIGITS:,} digits")
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise UnreadableError(f"the key {repeated[:50]!r} stands twice in one mapping; give each key once")
    return found


def _measure(value: object) -> None:
    """Refuse a value of too many values, or too many within one another."""
    level: list[Any] = [value]
    count = depth = 0
    while level:
        count, depth = count + len(level), depth + 1
        _check_size(count, depth)
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]


def _check_size(count: int, depth: int) -> None:
    if count > MAX_VALUES:
        raise UnreadableError(f"it holds more than {MAX_VALUES:,} values, aliases written out")
    if depth > MAX_DEPTH:
        raise UnreadableError(f"it is nested too deeply: more than {MAX_DEPTH} values stand within one another")


def read_yaml(text: str) -> Any:
    """Return the value of a text that is YAML, or JSON.

    Raises:
        UnreadableError: It is not YAML, beyond the limits, or holds what JSON does not have.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if len(text) > MAX_YAML:
        raise UnreadableError(f"it is YAML of more than {MAX_YAML:,} characters")
    builder = _Builder()
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except RecursionError as error:
        raise UnreadableError("it is nested too deeply") from error
    except (YAMLError, ValueError, TypeError, LookupError, AttributeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark is not None else ""
        detail = str(getattr(error, "problem", None) or error).partition("\n")[0].strip()
        raise UnreadableError(f"{place}it is not JSON or YAML: {detail}") from error
    return builder.value


@dataclass
class _Open:
    """A list or a mapping that has not been read to its end."""

    value: Any
    anchor: str | None
    before: int
    depth: int = 1
    key: str | None = None
    step: str = ""


@dataclass
class _Builder:
    """Makes values of the events of a YAML document."""

    value: Any = None
    _open: list[_Open] = field(default_factory=list)
    # The value of each anchor, how many values it holds, and how many stand within one another.
    _anchors: dict[str, tuple[Any, int, int]] = field(default_factory=dict)
    _count: int = 0
    _documents: int = 0

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                self._refuse(event, "a second document begins; keep one in a file")
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._begin(event, {} if kind == "MappingStartEvent" else [])
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            closed = self._open.pop()
            if closed.anchor:
                self._anchors[closed.anchor] = (closed.value, self._count - closed.before, closed.depth)
            self._put(closed.value, closed.depth)
        elif kind == "ScalarEvent":
            self._scalar(event)
        elif kind == "AliasEvent":
            self._alias(event)

    @property
    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _refuse(self, event: Any, reason: str) -> NoReturn:
        path = "".join(f"/{entry.step}" for entry in self._open if entry.step)
        raise UnreadableError(f"line {event.start_mark.line + 1}{f', {path}' if path else ''}: {reason}")

    def _begin(self, event: Any, value: dict[str, Any] | list[Any]) -> None:
        if self._awaits_key:
            self._refuse(event, "a list or a mapping is the key of an entry; write a text")
        if event.tag is not None:
            self._refuse_tag(event)
        before = self._count
        self._add(1, 1)
        if event.anchor:
            # It stands for nothing before its end.
            self._anchors.pop(event.anchor, None)
        self._open.append(_Open(value, event.anchor, before))

    def _refuse_tag(self, event: Any) -> NoReturn:
        self._refuse(event, f"the tag {str(event.tag)[:80]!r} is not read; write the value without it")

    def _add(self, count: int, depth: int) -> None:
        """Count values that are added to what is open, before they are."""
        self._count += count
        _check_size(self._count, len(self._open) + depth)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors or self._awaits_key:
            self._refuse(
                event,
                f"the alias {event.anchor!r} has no value, or is a key, or the value holds itself through an alias;"
                " write it out",
            )
        value, count, depth = self._anchors[event.anchor]
        self._add(count, depth)
        self._put(value, depth)

    def _scalar(self, event: Any) -> None:
        if event.tag is not None and str(event.tag) not in _TEXT_TAGS:
            self._refuse_tag(event)
        is_plain = not event.style and event.tag is None
        value = self._plain(event) if is_plain else event.value
        if self._awaits_key:
            if is_plain and event.value == "<<":
                self._refuse(event, "the merge key << is not read; write the entries out")
            if not isinstance(value, (str, int)) or isinstance(value, bool):
                self._refuse(event, f"the key {value!r} is no string; put it in quotes")
            holder, key = self._open[-1], str(value)
            if key in holder.value:
                self._refuse(event, f"the key {key[:50]!r} stands there twice; give each key once")
            holder.key = holder.step = key
            return
        self._add(1, 0)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1, 0)
        self._put(value, 0)

    def _plain(self, event: Any) -> Any:
        text = event.value
        if text in _WORDS:
            return _WORDS[text]
        try:
            if _INT.fullmatch(text):
                return _integer(text)
            if _FLOAT.fullmatch(text):
                return _finite(text)
        except UnreadableError as error:
            self._refuse(event, str(error))
        if _NOT_FINITE.fullmatch(text):
            self._refuse(event, f"it holds the number {text}, which JSON does not have; put it in quotes")
        return text

    def _put(self, value: Any, depth: int) -> None:
        """Add a value to the list or mapping that is open."""
        if not self._open:
            self.value = value
            return
        holder = self._open[-1]
        holder.depth = max(holder.depth, depth + 1)
        if isinstance(holder.value, list):
            holder.value.append(value)
            holder.step = str(len(holder.value))
        else:
            holder.value[holder.key] = value
            holder.key, holder.step = None, ""
