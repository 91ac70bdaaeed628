"""Whether what a response holds has the shape of a generated model, by the type hints of its class.

The generated models take what they are given. Without this a wrong type would show up later, as an AttributeError in
code that has nothing to do with it.
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
# What JSON calls each type of what Python reads from it.
_NAMES = {
    str: "a string",
    int: "an integer",
    float: "a number with a fraction",
    bool: "true or false",
    dict: "an object",
    list: "a list",
    type(None): "null",
}
# The details of an error, which HubSpot was seen to send in other shapes: as texts, and with a context that is a text.
_LENIENT_MODELS = frozenset({"TaskError", "ErrorDetail"})


class _Field(NamedTuple):
    """One field of a model.

    Attributes:
        key: its name in JSON.
        kind: the type that it has in JSON, or None for any.
        check: what looks inside, or None.
        required: whether it may be neither absent nor null.
        convertible: whether a number is taken for its digits, as HubSpot gives some ids, or a date for its
            milliseconds, as it gives times elsewhere.
    """

    key: str
    kind: type | None
    check: Check | None
    required: bool
    convertible: bool


def check_shape(fields: Any, model: type, where: str = "") -> None:
    """Make sure that JSON has the shape of a model. Unknown fields and unknown values of enumerations are fine.

    An id that is a number becomes text, and a date where milliseconds are expected becomes these.

    Args:
        fields: the JSON, as read.
        model: the generated class.
        where: the path to it, for the message.

    Raises:
        KeyError: a required field is absent; it names the field.
        ValueError: a field has another type; it names the field.
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
    """The fields of a model that are its own."""
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

    # Some are imported for type checkers only.
    return get_type_hints(model, localns={name: getattr(models, name) for name in models.__all__})


def _is_own(model: type) -> bool:
    """Whether a model has fields of its own, and not only whatever keys it is given."""
    import attrs

    return any(attribute.init for attribute in attrs.fields(model))


def _kind_of(hint: Any) -> tuple[type | None, Check | None]:
    """The type that a hint has in JSON, and what looks inside."""
    # Programs that use no model need not wait until it is imported.
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
    """The detail of an error with what fits its model: what says why a task failed must not be lost for a detail."""
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
    """The same value in another type, or None."""
    if kind is str:
        return str(value) if type(value) is int else None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return None if moment.tzinfo is None else round(moment.timestamp() * 1000)


def _is_id(key: str) -> bool:
    # Offsets of a search are ids of pages.
    return key in ("id", "after", "before") or key.endswith("Id")


def _inside(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _named(value: Any) -> str:
    return _NAMES[type(value)]
