"""The refusal of requests that the published description of their version forbids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from .._messages import ApiError, Json, QueryParameters, invalid, required
from .body import RequestBody, parse_json_object, part_text
from .versions import inputs_in_version

_INTEGER: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_BITS: Final = {"int32": 31, "int64": 63}
_DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def check_described(version: str, operation: str, query: QueryParameters, body: RequestBody) -> None:
    """Check a request against the description of its version: names and types, and what is required.

    Raises:
        ApiError: 400, and 413 or 415 for a body that cannot be read.
    """
    inputs = inputs_in_version(version, operation)
    _check_query(query, inputs.get("params", {}))
    if "json" in inputs:
        _check_object(body.json(None, keep_null=True), inputs["json"], "the body")
    elif "form" in inputs:
        _check_form(body, inputs["form"])


def _check_query(query: QueryParameters, described: Mapping[str, Json]) -> None:
    names = [name for name, _ in query.pairs]
    _check_names(names, described, "the query")
    for name, value in query.pairs:
        schema = described[name]
        if schema.get("type") == "array":
            schema = schema.get("items", {})
        elif names.count(name) > 1:
            raise invalid(name, "it is given twice")
        _check_text(name, value, schema)


def _check_text(name: str, value: str, schema: Json) -> None:
    """Check the value of a parameter, which is written as a text."""
    kind = schema.get("type")
    if kind == "integer" and not _INTEGER.fullmatch(value):
        raise invalid(name, f"{value!r} is not a whole number")
    if kind == "boolean" and value not in ("true", "false"):
        raise invalid(name, f"{value!r} is neither true nor false")
    _check_value(name, int(value) if kind == "integer" else value == "true" if kind == "boolean" else value, schema)


def _check_form(body: RequestBody, described: Mapping[str, Json]) -> None:
    parts = body.form([*described, "fileName"])
    _check_names(parts, described, "the form")
    for name, schema in described.items():
        text = None if schema.get("format") == "binary" else part_text(parts, name)
        if text is not None and "properties" in schema:
            _check_object(parse_json_object(text, name, None, keep_null=True), schema["properties"], name)


def _check_object(value: Json, described: Mapping[str, Json], where: str) -> None:
    _check_names(value, described, where)
    for name, schema in described.items():
        if name in value:
            _check_value(name, value[name], schema)
        elif schema.get("required"):
            raise required(name)


def _check_names(names: Iterable[str], described: Mapping[str, Json], where: str) -> None:
    if unknown := sorted(set(names) - described.keys()):
        raise ApiError(
            400,
            f"{', '.join(unknown)}: not described in {where}",
            errors=[{"message": "not described", "in": name, "code": "UNKNOWN_FIELD"} for name in unknown],
        )


def _check_value(name: str, value: Any, schema: Json) -> None:
    kind = schema.get("type", "string")
    if type(value) not in _TYPES[kind]:
        raise invalid(name, f"the type {kind} is described")
    if kind == "integer" and not -(2 ** _BITS[schema["format"]]) <= value < 2 ** _BITS[schema["format"]]:
        raise invalid(name, f"{value} is out of range")
    if "enum" in schema and value not in schema["enum"]:
        raise invalid(name, f"{value!r} is not one of {', '.join(schema['enum'])}")
    if schema.get("format") == "date-time" and not _is_date_time(value):
        raise invalid(name, f"{value!r} is not a date-time with an offset")


def _is_date_time(value: str) -> bool:
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        return False
    return _DATE_TIME.fullmatch(value) is not None
