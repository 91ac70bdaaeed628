"""Writes the inputs of each operation into the generated package, for programs that check requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..descriptions.description import Json, mappings, operations, parameters
from ..descriptions.references import resolve_or_empty

_HEAD = '''"""The query parameters and the properties of the bodies of each operation, in the default version.

`INPUTS` has the schemas by operationId, by `params`, `json` or `form`, and by name. A schema is a part of JSON Schema,
with `required` at each input that is required.
"""

from typing import Any

INPUTS: dict[str, dict[str, dict[str, dict[str, Any]]]] = {
'''
_KEPT = ("type", "format", "enum")


def write(package: Path, document: Json) -> None:
    """Write `inputs.py`."""
    lines = [f"{name!r}: {found!r}," for name, found in sorted(_inputs(document).items())]
    (package / "inputs.py").write_text(_HEAD + "\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")


def _inputs(document: Json) -> dict[str, dict[str, Json]]:
    found: dict[str, dict[str, Json]] = {}
    for operation in operations(document):
        queries = [node for node in parameters(document, operation) if node.get("in") == "query"]
        inputs: dict[str, Json] = {
            "params": {
                node["name"]: _marked(_schema(document, node.get("schema")), required=bool(node.get("required")))
                for node in sorted(queries, key=lambda node: str(node["name"]))
            }
        }
        body = resolve_or_empty(document, operation.node.get("requestBody"))
        for content, node in mappings(body.get("content")):
            part = "json" if content == "application/json" else "form"
            inputs[part] = _properties(document, node.get("schema"))
        found[str(operation.node["operationId"])] = inputs
    return found


def _properties(document: Json, node: object, *, deep: bool = True) -> Json:
    """Return the properties of an object; with `deep`, those of its objects, too. An object may hold itself."""
    schema = resolve_or_empty(document, node)
    return {
        name: _marked(_schema(document, inner, deep=deep), required=name in schema.get("required", ()))
        for name, inner in sorted(mappings(schema.get("properties")))
    }


def _schema(document: Json, node: object, *, deep: bool = False) -> Json:
    schema = resolve_or_empty(document, node)
    found: dict[str, Any] = {key: schema[key] for key in _KEPT if key in schema}
    if "enum" in found:
        found["enum"] = sorted(found["enum"])
    if "items" in schema:
        found["items"] = _schema(document, schema["items"])
    if deep and "properties" in schema:
        found["properties"] = _properties(document, schema, deep=False)
    return found


def _marked(schema: Json, *, required: bool) -> Json:
    return {**schema, "required": True} if required else schema
