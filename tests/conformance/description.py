"""The description of a version of the API: ours, which is the union of all, with the facts of that version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from hubspot_files_api.versions import DEFAULT, VERSIONS

OURS = Path(__file__).parents[2] / "openapi/files-v3.yaml"


def description(version: str) -> dict[str, Any]:
    """Return our description with the paths, operations, required inputs and promised properties of a version."""
    facts = VERSIONS[version]
    text = json.dumps(yaml.safe_load(OURS.read_text(encoding="utf-8")), default=str)
    # Examples hold paths, too.
    described: dict[str, Any] = json.loads(text.replace(f"/files/{DEFAULT}/", f"/files/{version}/"))
    schemas = described["components"]["schemas"]
    for item in described["paths"].values():
        for method, operation in list(item.items()):
            if not isinstance(operation, dict):
                continue
            if operation["operationId"] in facts.missing:
                del item[method]
                continue
            name = operation["operationId"]
            # HubSpot was seen to take an import without the inputs that a dated version requires.
            if name != "importFileFromUrl":
                _require(operation, schemas, facts.required.get(name, {}))
            _remove(operation, schemas, facts.lacking.get(name, {}))
            _rename(operation, schemas, facts.renamed.get(name, {}))
            for response in operation["responses"].values():
                links = response.get("links", {})
                for name in [name for name, link in links.items() if link["operationId"] in facts.missing]:
                    del links[name]
    for schema, names in facts.promised.items():
        schemas[schema]["required"] += sorted(names)
    for schema, names in facts.absent.items():
        for property_name in names:
            schemas[schema]["properties"].pop(property_name, None)
    return described


def _require(operation: dict[str, Any], schemas: dict[str, Any], inputs: Any) -> None:
    """Require inputs of an operation, and add them to the example of its body."""
    for parameter in operation.get("parameters", []):
        if parameter.get("name") in inputs.get("params", {}):
            parameter["required"] = True
    if body := inputs.get("json"):
        schema = _body(operation, schemas)
        schema["required"] = [*schema.get("required", []), *body]
        schema["example"] = {**body, **schema["example"]}


def _remove(operation: dict[str, Any], schemas: dict[str, Any], inputs: Any) -> None:
    """Remove inputs of an operation, and their examples."""
    names = inputs.get("params", ())
    operation["parameters"] = [entry for entry in operation.get("parameters", []) if entry.get("name") not in names]
    for name in inputs.get("json", ()):
        schema = _body(operation, schemas)
        del schema["properties"][name]
        schema.get("example", {}).pop(name, None)


def _rename(operation: dict[str, Any], schemas: dict[str, Any], inputs: Any) -> None:
    """Give inputs of an operation the names that they have in the version."""
    for parameter in operation.get("parameters", []):
        if parameter.get("name") in inputs.get("params", {}):
            parameter["name"] = inputs["params"][parameter["name"]]
    for name, other in inputs.get("json", {}).items():
        schema = _body(operation, schemas)
        for holder in (schema["properties"], schema.get("example", {})):
            if name in holder:
                holder[other] = holder.pop(name)
        schema["required"] = [other if entry == name else entry for entry in schema.get("required", [])]


def _body(operation: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an operation's body."""
    [media] = operation["requestBody"]["content"].values()
    schema: dict[str, Any] = schemas[media["schema"]["$ref"].rpartition("/")[2]]
    return schema
