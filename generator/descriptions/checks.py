"""What a description has to fulfil before a client is generated from it; each finding says what to do."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import PipelineError
from .description import Json, Operation, keeps_slashes, mappings, operations, parameters, resolved

_OPERATION_ID = re.compile(r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)*")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*")
_VALUE_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_TAG = re.compile(r"[a-z][a-z0-9_-]*")
_PATH = re.compile(r"(/([A-Za-z0-9._~-]|\{[A-Za-z][A-Za-z0-9_]*\})+)+")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")

# What begins a text that `upstream --apply` could not know and left for a person.
TODO = "TODO"

# Names of the generated functions' and methods' own variables: what is described under one would be lost.
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


def check(document: Json, name: str) -> None:
    """Make sure that a client can be generated from `document` and that it will be right.

    Raises:
        PipelineError: With every finding; `name` is the document's, for the heading.
    """
    heading = f"{name} needs a change before a client can be generated from it:"
    lines = [*_characters(document, ""), *_references(document, document, ""), *_patterns(document, "")]
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3.0."):
        lines.append(f"openapi: {version!r} is not supported; describe the API in OpenAPI 3.0.3")
    if not lines:
        lines = list(_validity(document))
    if lines:
        # The other checks presume a document that has the form of one.
        raise PipelineError(heading, lines)
    rules: tuple[Callable[[Json], Iterator[str]], ...] = (
        _to_do,
        _identifiers,
        _tags,
        _content_types,
        _multipart,
        _outcomes,
        _paths,
        _path_parameters,
        _query_styles,
        _path_conflicts,
        _names,
        _enumerations,
        _examples,
    )
    lines = [line for rule in rules for line in rule(document)]
    if lines:
        raise PipelineError(heading, lines)


def _characters(node: object, where: str) -> Iterator[str]:
    if isinstance(node, str):
        odd = {character for character in node if unicodedata.category(character) in _ODD and character != "\n"}
        if odd:
            codes = ", ".join(f"U+{ord(character):04X}" for character in sorted(odd))
            yield f"{_shown(where)}: {codes} cannot be seen and has no place in a description; remove it"
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _characters(key, f"{where}/{_pointed(key)}")
            yield from _characters(value, f"{where}/{_pointed(key)}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _characters(value, f"{where}/{index}")


# Control, format, private and unassigned characters and the two separators that Python reads as ends of
# lines.
_ODD = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def _shown(where: str) -> str:
    return where.encode("ascii", "backslashreplace").decode() or "/"


def _references(document: Json, node: object, where: str) -> Iterator[str]:
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#/"):
            yield f"{where}: $ref {reference!r} leads out of the document; move what it names into components"
        elif isinstance(reference, str) and not resolved(document, node):
            yield f"{where}: $ref {reference!r} leads to nothing; describe there what it names"
        for key, value in node.items():
            yield from _references(document, value, f"{where}/{_pointed(key)}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _references(document, value, f"{where}/{index}")


def _patterns(node: object, where: str) -> Iterator[str]:
    if isinstance(node, dict):
        pattern = node.get("pattern")
        if isinstance(pattern, str):
            try:
                re.compile(pattern)
            except re.error as error:
                yield f"{where}/pattern: {pattern!r} is no regular expression, {error}; mend it"
        for key, value in node.items():
            yield from _patterns(value, f"{where}/{_pointed(key)}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _patterns(value, f"{where}/{index}")


def _validity(document: Json) -> Iterator[str]:
    from jsonschema.exceptions import UnknownType  # type: ignore[import-untyped] # it has no types
    from openapi_spec_validator import OpenAPIV30SpecValidator
    from referencing.exceptions import Unresolvable

    errors = OpenAPIV30SpecValidator(document).iter_errors()
    found = False
    while True:
        try:
            error = next(errors, None)
        except (LookupError, TypeError, ValueError, AttributeError, UnknownType, Unresolvable) as gave_up:
            # The validator goes on with what it has just found to be invalid, and cannot.
            if not found:
                yield f"/: not valid OpenAPI 3.0: {type(gave_up).__name__}: {' '.join(str(gave_up).split())[:300]}"
            return
        if error is None:
            return
        found = True
        where = "".join(f"/{_pointed(str(part))}" for part in getattr(error, "absolute_path", ()))
        message = " ".join((getattr(error, "message", None) or str(error)).split())
        if len(message) > 300:
            message = f"{message[:300]}…"
        yield f"{where or '/'}: not valid OpenAPI 3.0: {message}"


def _to_do(document: Json) -> Iterator[str]:
    for operation in operations(document):
        for where, text in _texts(operation.node, operation.where):
            if text.startswith(TODO):
                yield f"{where}: {text!r} was left to be resolved; write what it is"


def _texts(node: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield where, node
    elif isinstance(node, (dict, list)):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _texts(value, f"{where}, {key}")


def _identifiers(document: Json) -> Iterator[str]:
    seen: dict[str, str] = {}
    for operation in operations(document):
        name = operation.node.get("operationId")
        if isinstance(name, str) and name.startswith(TODO):
            continue
        if not isinstance(name, str) or not _OPERATION_ID.fullmatch(name):
            yield f"{operation.where}: operationId {name!r} is not camelCase; name it like uploadFile"
            continue
        taken = seen.setdefault(name.lower(), operation.where)
        if taken != operation.where:
            yield f"{operation.where}: operationId {name!r} is that of {taken} too; give each its own"


def _tags(document: Json) -> Iterator[str]:
    for operation in operations(document):
        tags = operation.node.get("tags") or []
        if tags == [TODO]:
            continue
        if len(tags) != 1 or not _TAG.fullmatch(tags[0]):
            yield (
                f"{operation.where}: tags {tags!r}; give exactly one, in lower-case ASCII letters, digits, -"
                f" and _,"
                " because it names a folder"
            )


def _bodies(document: Json, operation: Operation) -> Iterator[tuple[str, Json]]:
    if "requestBody" in operation.node:
        yield f"{operation.where}, request", resolved(document, operation.node["requestBody"])
    for status, response in mappings(operation.node.get("responses")):
        yield f"{operation.where}, response {status}", resolved(document, response)


def _content_types(document: Json) -> Iterator[str]:
    for operation in operations(document):
        for where, body in _bodies(document, operation):
            for kind, media in mappings(body.get("content")):
                if "*" not in kind and not _MEDIA_TYPE.fullmatch(kind):
                    yield f"{where}: content {_shown(kind)!r} is no media type; write one such as application/json"
                if "*" in kind:
                    yield f"{where}: content {kind!r} says nothing; name the type, such as application/json"
                if "schema" not in media:
                    yield f"{where}: content {kind!r} has no schema; describe what it holds"


def _multipart(document: Json) -> Iterator[str]:
    for operation in operations(document):
        body = resolved(document, operation.node.get("requestBody"))
        for kind, media in mappings(body.get("content")):
            if not kind.startswith("multipart/"):
                continue
            schema = resolved(document, media.get("schema"))
            required = schema.get("required") or []
            parts = {
                name
                for name, part in mappings(schema.get("properties"))
                if resolved(document, part).get("format") == "binary"
            }
            if not parts & set(required):
                yield (
                    f"{operation.where}: the {kind} body has no required file; give it a property of type"
                    f" string and"
                    " format binary and list it under required"
                )


def _outcomes(document: Json) -> Iterator[str]:
    for operation in operations(document):
        statuses = list(operation.node.get("responses") or {})
        if not any(status == "default" or status[:1] in "45" for status in statuses):
            yield f"{operation.where}: no error response; add default: $ref to the shared error"
        if not any(status[:1] in "23" for status in statuses):
            yield f"{operation.where}: no response of success; add what it answers when all is well"


def _paths(document: Json) -> Iterator[str]:
    for path, _ in mappings(document.get("paths")):
        if not _PATH.fullmatch(path):
            yield (
                f"{_shown(path)}: not a path that can be sent as it stands; use segments of ASCII letters,"
                f" digits, ., _,"
                " ~, - and parameters in braces"
            )


def _query_styles(document: Json) -> Iterator[str]:
    for operation in operations(document):
        for parameter in parameters(document, operation):
            style, explode = parameter.get("style"), parameter.get("explode")
            if parameter.get("in") == "query" and (style not in (None, "form") or explode is False):
                yield (
                    f"{operation.where}: query parameter {parameter.get('name')!r} has another style than"
                    f" form,"
                    " exploded, and the generator sends no other; remove style and explode"
                )


def _path_parameters(document: Json) -> Iterator[str]:
    slashes: dict[str, tuple[bool, str]] = {}
    for operation in operations(document):
        for parameter in parameters(document, operation):
            name = str(parameter.get("name"))
            if parameter.get("in") != "path":
                continue
            kept, place = slashes.setdefault(name, (keeps_slashes(document, parameter), operation.where))
            if kept != keeps_slashes(document, parameter):
                yield (
                    f"{operation.where}: the pattern of path parameter {name!r} disagrees with {place} on"
                    " slashes; give both one pattern or two names"
                )


def _path_conflicts(document: Json) -> Iterator[str]:
    alike: dict[str, list[tuple[str, Json]]] = defaultdict(list)
    for path, item in mappings(document.get("paths")):
        alike[_PLACEHOLDER.sub("{}", path)].append((path, item))
    for group in alike.values():
        paths = [path for path, _ in group]
        for path, item in group:
            reason = item.get("x-path-conflict")
            recorded = isinstance(reason, str) and bool(reason.strip())
            others = ", ".join(other for other in paths if other != path)
            if others and not recorded:
                yield (
                    f"{path}: differs from {others} only in its parameter's name; make them one path, or say"
                    f" in"
                    " x-path-conflict on each how the server tells them apart"
                )
            if not others and "x-path-conflict" in item:
                yield f"{path}: x-path-conflict explains a conflict that is not there; remove it"


def _names(document: Json) -> Iterator[str]:
    from openapi_python_client.strings import ClassName, PythonIdentifier

    for operation in operations(document):
        for parameter in parameters(document, operation):
            name = str(parameter.get("name"))
            if PythonIdentifier(name, "field_") in _TAKEN_BY_FUNCTIONS:
                yield (
                    f"{operation.where}: a parameter cannot be called {name!r}, a variable of the generated"
                    f" function"
                    " has that name; add a mend that renames one of them"
                )
    for where, schema in _schemas(document):
        for name, _ in mappings(schema.get("properties")):
            if PythonIdentifier(name, "field_") in _TAKEN_BY_MODELS:
                yield (
                    f"{where}: a property cannot be called {name!r}, a part of the generated class has that"
                    f" name;"
                    " add a mend that renames one of them"
                )
    classes: dict[str, str] = {}
    for where, schema in _schemas(document):
        declared = where.startswith("/components/schemas/") and where.count("/") == 3
        # A title names the class instead of the schema's own name.
        title = schema.get("title")
        name = title if isinstance(title, str) and title else where.rpartition("/")[2] if declared else ""
        if not name or not (declared or "properties" in schema or "enum" in schema):
            continue
        class_name = str(ClassName(name, "field_"))
        # How names with numbers are split is not the same for both.
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

    for where, schema in _schemas(document):
        members: dict[str, str] = {}
        if "x-enum-varnames" in schema:
            yield from _value_names(where, schema)
            continue
        for value in schema.get("enum") or []:
            if isinstance(value, str):
                other = members.setdefault(snake_case(value.upper()), value)
                if other is not value:
                    yield f"{where}: the values {other!r} and {value!r} get one name; add x-enum-varnames"


def _value_names(where: str, schema: Json) -> Iterator[str]:
    """Names for values become code as they stand, so that they have to be names."""
    names, values = schema["x-enum-varnames"], schema.get("enum")
    if not isinstance(names, list) or not isinstance(values, list) or len(names) != len(values):
        yield f"{where}: x-enum-varnames has to name each value of enum, in their order"
        return
    for name in names:
        if not isinstance(name, str) or not _VALUE_NAME.fullmatch(name) or keyword.iskeyword(name):
            yield f"{where}: {name!r} in x-enum-varnames is no name of a constant; write it like DARK_BLUE"
    if len(set(map(str, names))) < len(names):
        yield f"{where}: x-enum-varnames gives one name twice; give each value its own"


def _schemas(document: Json) -> Iterator[tuple[str, Json]]:
    """Go through every schema of the document, nested ones included, with its JSON pointer."""
    for where, node in _nodes(document, ""):
        if where.startswith("/components/schemas/") and where.count("/") == 3:
            yield from _nested(where, node)
        elif isinstance(node.get("schema"), dict):
            yield from _nested(f"{where}/schema", node["schema"])


def _nodes(node: object, where: str) -> Iterator[tuple[str, Json]]:
    """Go through the mappings of the document without those that are schemas, values or extensions."""
    if isinstance(node, dict):
        yield where, node
        for key, value in node.items():
            if key in ("schema", "example", "examples") or key.startswith("x-"):
                continue
            inner = f"{where}/{_pointed(key)}"
            if where == "/components/schemas":
                if isinstance(value, dict):
                    yield inner, value
            else:
                yield from _nodes(value, inner)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _nodes(value, f"{where}/{index}")


def _nested(where: str, schema: Json) -> Iterator[tuple[str, Json]]:
    yield where, schema
    for name, inner in mappings(schema.get("properties")):
        yield from _nested(f"{where}/properties/{_pointed(name)}", inner)
    for key in ("items", "not", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _nested(f"{where}/{key}", schema[key])
    for key in ("allOf", "anyOf", "oneOf"):
        for index, inner in enumerate(schema.get(key) or []):
            yield from _nested(f"{where}/{key}/{index}", inner)


def _pointed(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _examples(document: Json) -> Iterator[str]:
    for where, node in _nodes(document, ""):
        if isinstance(node.get("schema"), dict):
            if "example" in node:
                yield from _example(document, f"{where}/schema", f"{where}/example", node["example"])
            for name, example in mappings(node.get("examples")):
                found = resolved(document, example)
                if "value" in found:
                    yield from _example(document, f"{where}/schema", f"{where}/examples/{name}", found["value"])
    for where, schema in _schemas(document):
        for key in ("example", "default"):
            if key in schema:
                yield from _example(document, where, f"{where}/{key}", schema[key])


def _example(document: Json, schema: str, where: str, value: Any) -> Iterator[str]:
    from openapi_schema_validator import OAS30Validator, oas30_format_checker
    from referencing import Registry
    from referencing.jsonschema import DRAFT4

    registry: Registry[Any] = Registry().with_resource("urn:description", DRAFT4.create_resource(document))
    target = {"$ref": f"urn:description#{_quoted(schema)}"}
    validator = OAS30Validator(target, registry=registry, format_checker=oas30_format_checker)
    for error in validator.iter_errors(value):
        inside = "".join(f"/{part}" for part in error.absolute_path)
        yield f"{where}{inside}: the example is not what its schema allows: {' '.join(error.message.split())}"


def _quoted(pointer: str) -> str:
    from urllib.parse import quote

    return quote(pointer, safe="/~")
