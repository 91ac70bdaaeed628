"""Reads the JSON of a response as far as possible, so that each property of a model has the type that it declares.

- A value of another type is converted where its meaning is clear: a number to a string, digits to an integer, `"true"`
  to a boolean, milliseconds since 1970 to a time and a time to milliseconds. A time without an offset is in UTC.
- A text in place of the detail of an error is the message of the detail, and a single detail counts as a list.
- Any other value of an optional property is set aside: the property is None, and `additional_properties` has the
  value under its name in JSON.
- A required property that is absent or cannot be read, and a record in another record that cannot be read, such as the
  `result` of a task, are a ValueError that names the property.
"""

from __future__ import annotations

import functools
import json
import re
import types
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from importlib import import_module
from typing import Any, Final, NamedTuple, TypeAlias, Union, get_args, get_origin, get_type_hints

import attrs

Read: TypeAlias = Callable[[Any, str], Any]

_NAMES: Final = {
    str: "a string",
    int: "an integer",
    float: "a number with a fraction",
    bool: "true or false",
    dict: "an object",
    list: "a list",
    datetime: "a date and time",
    type(None): "null",
}
_PLAIN: Final = frozenset({str, int, float, bool})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
# Fewer milliseconds would be seconds, or a number of another kind.
_MIN_MILLISECONDS: Final = 10**11
_MIN_DIGITS: Final = 12
_MAX_EXACT_FLOAT: Final = 2**53


class _Field(NamedTuple):
    """A property of a model.

    Attributes:
        key: Its name in JSON.
        kind: The type of values that need no reading, or None.
        read: Converts a value of another type, and reads what a value holds, or None.
        required: Whether it must be present and not null.
        can_be_set_aside: Whether a value that cannot be read is set aside.
        expected: Its type, for messages.
    """

    key: str
    kind: type | None
    read: Read | None
    required: bool
    can_be_set_aside: bool
    expected: str


class _Readable(dict[str, Any]):
    """The properties of a nested record, which have been read with the record that holds them."""

    __slots__ = ("aside",)

    def __init__(self, values: dict[str, Any], aside: dict[str, Any]) -> None:
        super().__init__(values)
        self.aside = aside


def readable(model: type, source: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the properties of a record that can be read, and the values that were set aside, both by names in JSON.

    Args:
        model: The class of the record.
        source: The record as JSON, which stays as it is.

    Raises:
        ValueError: The record cannot be read. The message names the property.
    """
    if isinstance(source, _Readable):
        return source, source.aside
    return _read_record(model, source, "")


def _read_record(model: type, source: Any, where: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if type(source) is not dict and not isinstance(source, Mapping):
        raise ValueError(f"{where or 'it'} is {_named(source)}, not an object")
    values, aside = dict(source), dict[str, Any]()
    get = values.get
    for key, kind, read, required, can_be_set_aside, expected in _fields_of(model):
        value = get(key)
        if value is None:
            if required and key not in values:
                raise ValueError(f"it lacks {_inside(where, key)!r}")
            if required:
                raise ValueError(f"{_inside(where, key)} is null, not {expected}")
            continue
        # A value of a plain type needs no more reading than its type.
        if type(value) is kind or read is None:
            continue
        try:
            values[key] = read(value, _inside(where, key))
        except ValueError:
            if not can_be_set_aside:
                raise
            aside[key] = values.pop(key)
    return values, aside


@functools.cache
def _fields_of(model: type) -> tuple[_Field, ...]:
    """Return the properties that a model declares."""
    names: Mapping[str, str] = getattr(model, "_json_names", {})
    hints = _hints_of(model)
    found: list[_Field] = []
    for attribute in attrs.fields(model):
        if attribute.name not in names:
            continue
        key, hint = names[attribute.name], hints[attribute.name]
        kind, read = _reader(_without_none(hint), key)
        required = attribute.default is attrs.NOTHING
        # Without these, a search would end too early, or a task without its result.
        holds_record = kind is dict and not _is_map(_without_none(hint)) and not _is_message(_without_none(hint))
        plain = kind if kind in _PLAIN else None
        expected = _NAMES[kind or dict]
        found.append(_Field(key, plain, read, required, not required and not holds_record, expected))
    return tuple(found)


def _hints_of(model: type) -> dict[str, Any]:
    # The models import some of the others for type checkers only.
    models = import_module(".models", __package__)
    return get_type_hints(model, localns={name: getattr(models, name) for name in models.__all__})


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in (Union, types.UnionType):
        return hint
    variants = [variant for variant in get_args(hint) if variant is not type(None)]
    return variants[0] if len(variants) == 1 else Any


def _reader(hint: Any, key: str = "") -> tuple[type | None, Read | None]:
    """Return the type of a hint in JSON, and the function that reads its values; None for values of any type."""
    if hint is str:
        return str, _read_text
    if hint is bool:
        return bool, _read_boolean
    if hint is int:
        return int, _read_milliseconds if key.endswith("At") else _read_integer
    if hint is float:
        return float, _read_number
    if hint is datetime:
        return datetime, _read_time
    if get_origin(hint) is list:
        return list, _list_reader(*get_args(hint))
    if not isinstance(hint, type):
        return None, None
    if issubclass(hint, Enum):
        return str, _read_text
    if not attrs.has(hint):
        return None, None
    return dict, _map_reader(hint) if _is_map(hint) else _record_reader(hint)


def _is_map(model: type) -> bool:
    """Return whether a model is a mapping of any keys, and declares no property."""
    return attrs.has(model) and not getattr(model, "_json_names", {})


def _is_message(model: type) -> bool:
    """Return whether a model is the detail of an error, which may also be a text."""
    names: Mapping[str, str] = getattr(model, "_json_names", {})
    return "message" in names and all(
        attribute.default is not attrs.NOTHING for attribute in attrs.fields(model) if attribute.name in names
    )


def _record_reader(model: type) -> Read:
    def read(value: Any, where: str) -> _Readable:
        if not isinstance(value, Mapping) and _is_message(model):
            value = {"message": value if isinstance(value, str) else json.dumps(value)}
        return _Readable(*_read_record(model, value, where))

    return read


def _map_reader(model: type) -> Read:
    _, read_value = _reader(get_args(_hints_of(model)["additional_properties"])[1])

    def read(value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(_wrong(dict, value, where))
        if read_value is None:
            return dict(value)
        return {key: read_value(item, _inside(where, key)) for key, item in value.items()}

    return read


def _list_reader(hint: Any) -> Read:
    _, read_item = _reader(hint)
    takes_one = hint is str or (isinstance(hint, type) and attrs.has(hint) and _is_message(hint))

    def read(value: Any, where: str) -> list[Any]:
        if not isinstance(value, list):
            if not takes_one:
                raise ValueError(_wrong(list, value, where))
            value = [value]
        if read_item is None:
            return list(value)
        return [read_item(item, f"{where}[{number}]") for number, item in enumerate(value)]

    return read


def _read_text(value: Any, where: str) -> str:
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    raise ValueError(_wrong(str, value, where))


def _read_boolean(value: Any, where: str) -> bool:
    if type(value) is bool:
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise ValueError(_wrong(bool, value, where))


def _read_integer(value: Any, where: str) -> int:
    number = _integer(value)
    if number is None:
        raise ValueError(_wrong(int, value, where))
    return number


def _read_milliseconds(value: Any, where: str) -> int:
    number = _integer(value)
    if number is not None:
        return number
    time = _time(value)
    if time is None:
        raise ValueError(_wrong(int, value, where))
    return (time - _EPOCH) // timedelta(milliseconds=1)


def _read_number(value: Any, where: str) -> float:
    if type(value) in (int, float):
        return float(value)
    raise ValueError(_wrong(float, value, where))


def _read_time(value: Any, where: str) -> str:
    # So many digits could be taken for a date with a time.
    if type(value) is str and not (len(value) >= _MIN_DIGITS and value.isdigit()):
        try:
            time = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            time = None
        if time is not None:
            return value if time.tzinfo is not None else time.replace(tzinfo=UTC).isoformat()
    else:
        number = _integer(value)
        time = None if number is None else _time_of(number)
    if time is None:
        shown = repr(value[:40]) if isinstance(value, str) else _named(value)
        raise ValueError(f"{where} is {shown}, not a date and time")
    return time.isoformat()


def _integer(value: Any) -> int | None:
    """Return a whole number, as a number or as digits, or None."""
    if type(value) is int:
        return value
    if type(value) is float:
        return int(value) if abs(value) < _MAX_EXACT_FLOAT and value.is_integer() else None
    return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else None


def _time(value: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return time if time.utcoffset() is not None else time.replace(tzinfo=UTC)


def _time_of(milliseconds: int) -> datetime | None:
    if abs(milliseconds) < _MIN_MILLISECONDS:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def _wrong(kind: type | None, value: Any, where: str) -> str:
    return f"{where} is {_named(value)}, not {_NAMES[kind or dict]}"


def _inside(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _named(value: Any) -> str:
    return _NAMES.get(type(value), type(value).__name__)
