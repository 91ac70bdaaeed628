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
    # No published version has such inputs. One that has them needs their names here.
    assert not facts.lacking
    assert not facts.renamed
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
            _require(operation, schemas, facts.required.get(operation["operationId"], {}))
            for response in operation["responses"].values():
                links = response.get("links", {})
                for name in [name for name, link in links.items() if link["operationId"] in facts.missing]:
                    del links[name]
    for schema, names in facts.promised.items():
        schemas[schema]["required"] += sorted(names)
    return described


def _require(operation: dict[str, Any], schemas: dict[str, Any], inputs: Any) -> None:
    """Require inputs of an operation, and add them to the example of its body."""
    for parameter in operation.get("parameters", []):
        if parameter.get("name") in inputs.get("params", {}):
            parameter["required"] = True
    if body := inputs.get("json"):
        [media] = operation["requestBody"]["content"].values()
        schema = schemas[media["schema"]["$ref"].rpartition("/")[2]]
        schema["required"] = [*schema.get("required", []), *body]
        schema["example"] = {**body, **schema["example"]}
