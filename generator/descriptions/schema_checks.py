"""Checks of the schemas of a description: names that collide in the generated client, enumerations, examples."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterator
from typing import Any

from .description import Json, mappings, operations, parameters
from .references import DOCUMENT, Pointer, as_reference, as_text, registry, resolve_or_empty

_VALUE_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_DECLARED = ("components", "schemas")

# Variables of the generated functions and methods, which would hide a parameter or property of that name.
_TAKEN_BY_FUNCTIONS = {"body", "cookies", "headers", "kwargs", "params", "response"}
_TAKEN_BY_MODELS = {
    "additional_keys",
    "additional_properties",
    "cls",
    "d",
    "field_dict",
    "files",
    "from_dict",
    "prop",
    "prop_dict",
    "prop_name",
    "src_dict",
    "to_dict",
    "to_multipart",
}
# Names of types that the generated modules import from elsewhere.
_TAKEN_BY_TYPES = {
    "Any",
    "AuthenticatedClient",
    "Client",
    "Mapping",
    "Response",
    "T",
    "TypeVar",
    "Unset",
    "UNSET",
}


def _names(document: Json) -> Iterator[str]:
    from openapi_python_client.strings import ClassName, PythonIdentifier

    for operation in operations(document):
        for parameter in parameters(document, operation):
            name = str(parameter.get("name"))
            if PythonIdentifier(name, "field_") in _TAKEN_BY_FUNCTIONS:
                yield (
                    f"{operation.where}: a parameter cannot be called {name!r}, a variable of the generated"
                    " function has that name; add a template patch that renames one of them"
                )
    for at, schema in _schemas(document):
        for name, _ in mappings(schema.get("properties")):
            if PythonIdentifier(name, "field_") in _TAKEN_BY_MODELS:
                yield (
                    f"{as_text(at)}: a property cannot be called {name!r}, a part of the generated class has"
                    " that name; add a template patch that renames one of them"
                )
    classes: dict[str, str] = {}
    for at, schema in _schemas(document):
        where, is_declared = as_text(at), at[:-1] == _DECLARED
        # A title names the class instead of the schema's own name.
        title = schema.get("title")
        name = title if isinstance(title, str) and title else str(at[-1]) if is_declared else ""
        if not name or not (is_declared or "properties" in schema or "enum" in schema):
            continue
        class_name = str(ClassName(name, "field_"))
        # The two split names with numbers differently.
        variable = PythonIdentifier(class_name, "field_").replace("_", "")
        for own, _ in mappings(schema.get("properties")):
            if PythonIdentifier(own, "field_").replace("_", "") == variable:
                yield f"{where}: the property {own!r} is called like its class, {class_name}; rename the schema"
        if class_name in _TAKEN_BY_TYPES:
            yield f"{where}: the generated client uses that name itself; choose another"
        other = classes.setdefault(class_name.lower(), where)
        if other != where:
            yield f"{where}: gives the same class as {other}, {class_name}; choose another name"


def _enumerations(document: Json) -> Iterator[str]:
    from openapi_python_client.strings import snake_case

    for at, schema in _schemas(document):
        members: dict[str, str] = {}
        if "x-enum-varnames" in schema:
            yield from _value_names(as_text(at), schema)
            continue
        for value in schema.get("enum") or []:
            if isinstance(value, str):
                other = members.setdefault(snake_case(value.upper()), value)
                if other is not value:
                    yield f"{as_text(at)}: the values {other!r} and {value!r} get one name; add x-enum-varnames"


def _value_names(where: str, schema: Json) -> Iterator[str]:
    """Check the names of values, which become code unchanged."""
    names, values = schema["x-enum-varnames"], schema.get("enum")
    if not isinstance(names, list) or not isinstance(values, list) or len(names) != len(values):
        yield f"{where}: x-enum-varnames has to name each value of enum, in their order"
        return
    for name in names:
        if not isinstance(name, str) or not _VALUE_NAME.fullmatch(name) or keyword.iskeyword(name):
            yield f"{where}: {name!r} in x-enum-varnames is no name of a constant; write it like DARK_BLUE"
    if len(set(map(str, names))) < len(names):
        yield f"{where}: x-enum-varnames gives one name twice; give each value its own"


def _schemas(document: Json) -> Iterator[tuple[Pointer, Json]]:
    """Yield every schema of the document, nested ones included, with its pointer."""
    for at, node in _nodes(document, ()):
        if at[:-1] == _DECLARED:
            yield from _nested(at, node)
        elif isinstance(node.get("schema"), dict):
            yield from _nested((*at, "schema"), node["schema"])


def _nodes(node: object, at: Pointer) -> Iterator[tuple[Pointer, Json]]:
    """Yield the mappings of the document except those in schemas, examples and extensions."""
    if isinstance(node, dict):
        yield at, node
        for key, value in node.items():
            if key in ("schema", "example", "examples") or key.startswith("x-"):
                continue
            if at == _DECLARED:
                if isinstance(value, dict):
                    yield (*at, key), value
            else:
                yield from _nodes(value, (*at, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _nodes(value, (*at, index))


def _nested(at: Pointer, schema: Json) -> Iterator[tuple[Pointer, Json]]:
    yield at, schema
    for name, inner in mappings(schema.get("properties")):
        yield from _nested((*at, "properties", name), inner)
    for key in ("items", "not", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _nested((*at, key), schema[key])
    for key in ("allOf", "anyOf", "oneOf"):
        for index, inner in enumerate(schema.get(key) or []):
            yield from _nested((*at, key, index), inner)


def _examples(document: Json) -> Iterator[str]:
    from openapi_schema_validator import OAS30Validator, oas30_format_checker

    shared = registry(document)

    def findings(schema: Pointer, at: Pointer, value: Any) -> Iterator[str]:
        target = {"$ref": DOCUMENT + as_reference(schema)}
        validator = OAS30Validator(target, registry=shared, format_checker=oas30_format_checker)
        for error in validator.iter_errors(value):
            where = as_text((*at, *error.absolute_path))
            yield f"{where}: the example is not what its schema allows: {' '.join(error.message.split())}"

    for at, node in _nodes(document, ()):
        if isinstance(node.get("schema"), dict):
            if "example" in node:
                yield from findings((*at, "schema"), (*at, "example"), node["example"])
            for name, example in mappings(node.get("examples")):
                found = resolve_or_empty(document, example)
                if "value" in found:
                    yield from findings((*at, "schema"), (*at, "examples", name), found["value"])
    for at, schema in _schemas(document):
        for key in ("example", "default"):
            if key in schema:
                yield from findings(at, (*at, key), schema[key])


RULES: tuple[Callable[[Json], Iterator[str]], ...] = (_names, _enumerations, _examples)
