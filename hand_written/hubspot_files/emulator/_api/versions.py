"""The versions of the Files API that are served: what each lacks, requires, calls by another name, and promises."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from hubspot_files_api.versions import DEFAULT, VERSIONS, Version

from .._messages import Json, QueryParameters, Response, required

Part: TypeAlias = Literal["params", "json"]

# The schema of the response, where it is not the one of a file.
_SCHEMAS: Final = {
    "getSignedUrl": "SignedUrl",
    "importFileFromUrl": "TaskLocator",
    "updateFolderRecursively": "TaskLocator",
}


def is_served(version: str, operation: str) -> bool:
    """Return whether a version has an operation."""
    # assumed: unknown-version, missing-operation
    return version in VERSIONS and operation not in VERSIONS[version].missing


def query_in_default_version(version: str, operation: str, query: QueryParameters) -> QueryParameters:
    """Return the query of a request with the names of the default version.

    Raises:
        ApiError: 400, because a required parameter is missing.
    """
    ours = _our_names(version, operation, "params")
    for name in _facts(version).required.get(operation, {}).get("params", ()):
        if query.get(name) is None:
            raise required(name)
    lacking = _facts(version).lacking.get(operation, {}).get("params", ())
    query.pairs = [
        (ours.get(name, name), value) for name, value in query.pairs if name not in {*lacking, *ours.values()}
    ]
    return query


def names_in_version(version: str, operation: str, known: set[str]) -> set[str]:
    """Return the keys of a JSON body that a version knows, from those of the default version."""
    theirs = _facts(version).renamed.get(operation, {}).get("json", {})
    lacking = _facts(version).lacking.get(operation, {}).get("json", ())
    return {theirs.get(name, name) for name in known if name not in lacking}


def body_in_default_version(version: str, operation: str, body: Json) -> Json:
    """Return the JSON body of a request with the names of the default version."""
    ours = _our_names(version, operation, "json")
    return {ours.get(name, name): value for name, value in body.items()}


def require_properties(version: str, operation: str, body: Json) -> None:
    """Check that a JSON body with the names of the default version has what its version requires.

    Raises:
        ApiError: 400, because a required property is missing.
    """
    for name in _facts(version).required.get(operation, {}).get("json", ()):
        if name not in body:
            raise required(name)


def inputs_in_version(version: str, operation: str) -> dict[str, dict[str, Json]]:
    """Return the described inputs of an operation, with the names and the requirements of a version."""
    from hubspot_files_api.inputs import INPUTS

    facts, found = _facts(version), dict[str, dict[str, Json]]()
    for part, schemas in INPUTS.get(operation, {}).items():
        theirs = facts.renamed.get(operation, {}).get(part, {})
        lacking = facts.lacking.get(operation, {}).get(part, ())
        needed = facts.required.get(operation, {}).get(part, {})
        found[part] = {
            theirs.get(name, name): {**schema, "required": True} if name in needed else schema
            for name, schema in schemas.items()
            if name not in lacking
        }
    return found


def _facts(version: str) -> Version:
    return VERSIONS.get(version, VERSIONS[DEFAULT])


def _our_names(version: str, operation: str, part: Part) -> dict[str, str]:
    return {theirs: ours for ours, theirs in _facts(version).renamed.get(operation, {}).get(part, {}).items()}


def promised_only(version: str, operation: str, response: Response) -> None:
    """Remove the properties that a version does not promise from a response, if it is JSON."""
    if not isinstance(response.body, bytes) or not response.headers.get("Content-Type", "").startswith(
        "application/json"
    ):
        return
    without = {schema: _unpromised(version, schema) for schema in ("File", *_SCHEMAS.values())}
    record = json.loads(response.body)
    if operation in _SCHEMAS:
        record = {name: value for name, value in record.items() if name not in without[_SCHEMAS[operation]]}
    response.body = json.dumps(_without(record, without["File"])).encode()


def _unpromised(version: str, schema: str) -> set[str]:
    """Return the properties of a schema that another version promises and this one does not."""
    anywhere = {name for facts in VERSIONS.values() for name in facts.promised.get(schema, ())}
    return anywhere - _facts(version).promised.get(schema, frozenset())


def _without(value: Any, names: set[str]) -> Any:
    """Return JSON whose files lack some properties."""
    if isinstance(value, list):
        return [_without(item, names) for item in value]
    if isinstance(value, Mapping):
        is_file = "fileMd5" in value
        return {key: _without(item, names) for key, item in value.items() if not (is_file and key in names)}
    return value
