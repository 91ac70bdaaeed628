"""Validation of the JSON of a response, by the type hints of the generated model.

The generated models do not check types. Without this validation, a wrong type would cause an AttributeError later, in
unrelated code.
"""

from __future__ import annotations

import functools
import json
import types
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple, TypeAlias, Union, get_args, get_origin, get_type_hints

Check: TypeAlias = Callable[[Any, str], None]
# The names of the types of JSON, for messages.
_NAMES = {
    str: "a string",
    int: "an integer",
    float: "a number with a fraction",
    bool: "true or false",
    dict: "an object",
    list: "a list",
    type(None): "null",
}
# Models of the details of an error, which HubSpot also sends as strings, or with a context that is a string.
_LENIENT_MODELS = frozenset({"TaskError", "ErrorDetail"})


class _Field(NamedTuple):
    """One field of a model.

    Attributes:
        key: name in JSON.
        kind: type in JSON, or None for any type.
        check: further check of the value, or None.
        required: whether it must be present and not null.
        convertible: whether a number is converted to a string, as for some of HubSpot's ids, or a date to milliseconds.
    """

    key: str
    kind: type | None
    check: Check | None
    required: bool
    convertible: bool


def check_shape(fields: Any, model: type, where: str = "") -> None:
    """Check that JSON has the shape of a model. Unknown fields and unknown values of enumerations are allowed.

    In place, an id that is a number is converted to a string, and a date to milliseconds if these are expected.

    Args:
        fields: the decoded JSON.
        model: the generated class.
        where: path to the value, for the message.

    Raises:
        KeyError: a required field is absent. The message names it.
        ValueError: a field has another type. The message names it.
    """
    if type(fields) is not dict:
        raise ValueError(f"{where or 'it'} is {_named(fields)}, not an object")
    get = fields.get
    for key, kind, check, required, convertible in _fields_of(model):
        value = get(key)
        if value is None:
            if required:
                if key not in fields:
                    raise KeyError(_inside(where, key))
                raise ValueError(f"{_inside(where, key)} is null, not {_NAMES.get(kind or dict)}")
            continue
        if kind is not None and type(value) is not kind:
            converted = _converted(value, kind) if convertible else None
            if converted is None:
                raise ValueError(f"{_inside(where, key)} is {_named(value)}, not {_NAMES[kind]}")
            fields[key] = converted
        if check is not None:
            check(value, _inside(where, key))


@functools.cache
def _fields_of(model: type) -> tuple[_Field, ...]:
    """Return the declared fields of a model."""
    import attrs

    hints = _hints_of(model)
    found = []
    for attribute in attrs.fields(model):
        if not attribute.init:
            continue
        key = _json_name(attribute.name)
        hint = hints[attribute.name]
        variants = set(get_args(hint)) if get_origin(hint) in (Union, types.UnionType) else {hint}
        required = attribute.default is attrs.NOTHING
        (hint,) = variants - {type(None)}
        kind, check = _kind_of(hint)
        convertible = _is_id(key) if kind is str else kind is int and key.endswith("At")
        found.append(_Field(key, kind, check, required, convertible))
    return tuple(found)


def _hints_of(model: type) -> dict[str, Any]:
    from hubspot_files_api import models

    # The models import some of the others for type checkers only.
    return get_type_hints(model, localns={name: getattr(models, name) for name in models.__all__})


def _is_own(model: type) -> bool:
    """Return whether a model declares fields, and is not only a mapping of arbitrary keys."""
    import attrs

    return any(attribute.init for attribute in attrs.fields(model))


def _kind_of(hint: Any) -> tuple[type | None, Check | None]:
    """Return the type of a hint in JSON, and the further check of its values."""
    # Imported here, because it takes long and not all programs use models.
    import attrs

    if hint is Any:
        return None, None
    if hint is datetime:
        return str, _check_date
    if get_origin(hint) is list:
        (item,) = get_args(hint)
        if attrs.has(item):
            return list, functools.partial(_check_records, item)
        return list, functools.partial(_check_texts, item)
    if attrs.has(hint) and _is_own(hint):
        return dict, lambda value, where: check_shape(value, hint, where)
    if attrs.has(hint):
        (held,) = get_args(_hints_of(hint)["additional_properties"])[1:]
        return dict, functools.partial(_check_values, *_kind_of(held))
    return (str, None) if issubclass(hint, Enum) else (hint, None)


def _check_records(model: type, value: list[Any], where: str) -> None:
    if model.__name__ in _LENIENT_MODELS:
        value[:] = [_lenient(item, model) for item in value]
        return
    for number, item in enumerate(value):
        check_shape(item, model, f"{where}[{number}]")


def _lenient(item: Any, model: type) -> dict[str, Any]:
    """Return the detail of an error without the fields that do not fit, to keep the reason why a task failed."""
    if type(item) is not dict:
        return {"message": item if isinstance(item, str) else json.dumps(item)}
    for key, kind, check, _, _ in _fields_of(model):
        value = item.get(key)
        if kind is str and type(value) is int:
            value = item[key] = str(value)
        try:
            if value is not None and kind is not None:
                _check_value(kind, check, value, key)
        except ValueError:
            del item[key]
    return item


def _check_values(kind: type | None, check: Check | None, value: dict[str, Any], where: str) -> None:
    for key, item in value.items():
        _check_value(kind, check, item, _inside(where, key))


def _check_texts(kind: type, value: list[Any], where: str) -> None:
    for number, item in enumerate(value):
        _check_value(kind, None, item, f"{where}[{number}]")


def _check_value(kind: type | None, check: Check | None, value: Any, where: str) -> None:
    if kind is not None and type(value) is not kind:
        raise ValueError(f"{where} is {_named(value)}, not {_NAMES[kind]}")
    if check is not None:
        check(value, where)


def _check_date(value: str, where: str) -> None:
    try:
        datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        raise ValueError(f"{where} is {value[:40]!r}, not a date and time") from None


def _json_name(name: str) -> str:
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


def _converted(value: Any, kind: type) -> Any:
    """Return the value converted to a type, or None if it cannot be converted."""
    if kind is str:
        return str(value) if type(value) is int else None
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return None if time.tzinfo is None else round(time.timestamp() * 1000)


def _is_id(key: str) -> bool:
    # The offsets of a search are treated like ids.
    return key in ("id", "after", "before") or key.endswith("Id")


def _inside(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _named(value: Any) -> str:
    return _NAMES[type(value)]
