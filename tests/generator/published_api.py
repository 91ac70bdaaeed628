"""A small description as HubSpot might publish it, and the events that a change of it gives."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from typing import Any

from ruamel.yaml import YAML

from generator.contracts.comparison import changes
from generator.contracts.events import Event, events, versioned_in
from generator.contracts.extraction import contract

Json = dict[str, Any]
Change = Callable[[Json], object]

PREFIX = "/files/v3/files"


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(schema: Json) -> Json:
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}}


def _security(*scopes: str) -> list[Json]:
    return [{"oauth2": [scope]} for scope in scopes]


def published() -> Json:
    """Return a description with one of each thing that can change, fresh for each caller to change."""
    error = {"$ref": "#/components/responses/Error"}
    file_id = {"name": "fileId", "in": "path", "required": True, "schema": {"type": "string", "pattern": r"\d+"}}
    document: Json = {
        "openapi": "3.0.1",
        "info": {"title": "Files", "version": "v3"},
        "servers": [{"url": "https://api.hubapi.com"}],
        "tags": [{"name": "Files"}],
        "paths": {
            PREFIX: {
                "post": {
                    "operationId": "post-upload",
                    "tags": ["Files"],
                    "requestBody": {
                        "content": {
                            "multipart/form-data": {
                                "schema": {
                                    "type": "object",
                                    "required": ["file"],
                                    "properties": {
                                        "file": {"type": "string", "format": "binary"},
                                        "options": {"type": "string"},
                                    },
                                }
                            }
                        },
                    },
                    "responses": {"201": _answer(_reference("File")), "default": error},
                    "security": _security("files", "files.write"),
                }
            },
            f"{PREFIX}/search": {
                "get": {
                    "operationId": "get-search",
                    "tags": ["Files"],
                    "parameters": [
                        {"name": "name", "in": "query", "schema": {"type": "string"}},
                        {"name": "id", "in": "query", "schema": {"type": "integer", "format": "int64"}},
                        {
                            "name": "sort",
                            "in": "query",
                            "style": "form",
                            "explode": True,
                            "schema": {"type": "array", "items": {"type": "string"}},
                        },
                        {"name": "size", "in": "query", "schema": {"type": "string", "enum": ["icon", "thumb"]}},
                        {"name": "X-Trace", "in": "header", "required": True, "schema": {"type": "string"}},
                    ],
                    "responses": {
                        "200": _answer(
                            {
                                "type": "object",
                                "required": ["results"],
                                "properties": {
                                    "results": {"type": "array", "items": _reference("File")},
                                    "paging": {
                                        "type": "object",
                                        "properties": {
                                            "next": {"type": "object", "properties": {"after": {"type": "string"}}}
                                        },
                                    },
                                },
                            }
                        ),
                        "default": error,
                    },
                    "security": _security("files", "files.read"),
                }
            },
            f"{PREFIX}/{{fileId}}": {
                "parameters": [file_id],
                "get": {
                    "operationId": "get-file",
                    "tags": ["Files"],
                    "responses": {"200": _answer(_reference("File")), "default": error},
                    "security": _security("files", "files.read"),
                },
                "patch": {
                    "operationId": "patch-file",
                    "tags": ["Files"],
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": _reference("FileUpdate")}},
                    },
                    "responses": {"200": _answer(_reference("File")), "default": error},
                    "security": _security("files", "files.write"),
                },
                "delete": {
                    "operationId": "delete-file",
                    "tags": ["Files"],
                    "responses": {"204": {"description": "Gone.", "content": {}}, "default": error},
                    "security": _security("files", "files.write"),
                },
            },
        },
        "components": {
            "securitySchemes": {
                "oauth2": {
                    "type": "oauth2",
                    "flows": {
                        "authorizationCode": {
                            "authorizationUrl": "https://app.example.com/authorize",
                            "tokenUrl": "https://api.example.com/token",
                            "scopes": {"files": ""},
                        }
                    },
                }
            },
            "responses": {
                "Error": {"description": "Failed.", "content": {"application/json": {"schema": _reference("Error")}}}
            },
            "schemas": {
                "Error": {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}},
                "File": {
                    "type": "object",
                    "required": ["access", "id"],
                    "properties": {
                        "access": {"type": "string", "enum": ["PRIVATE", "PUBLIC"]},
                        "createdAt": {"type": "string", "format": "date-time"},
                        "group": {"type": "string"},
                        "id": {"type": "string"},
                        "parent": _reference("File"),
                        "size": {"type": "integer", "format": "int64"},
                        "labels": {"type": "array", "items": {"type": "string"}},
                        "links": {"type": "object", "additionalProperties": {"type": "string"}},
                    },
                },
                "FileUpdate": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "access": {"type": "string", "enum": ["PRIVATE", "PUBLIC"]},
                        "expiresAt": {"type": "integer", "format": "int64"},
                        "labels": {"type": "array", "items": {"type": "string"}},
                        "name": {"type": "string", "maxLength": 100},
                        "place": {"type": "object", "properties": {"folder": {"type": "string"}}},
                    },
                },
                "Unused": {"type": "object", "properties": {"nobody": {"type": "string"}}},
            },
        },
    }
    fresh: Json = json.loads(json.dumps(document))
    return fresh


def changed(change: Change) -> Json:
    """Return the description after a change."""
    document = published()
    change(document)
    return document


def compared(old: Json, new: Json) -> list[Event]:
    """Return the events between two documents, which must not be changed by being read."""
    before = copy.deepcopy((old, new))
    one, other = contract(old), contract(new)
    found = events(changes(one, other), versioned_in(one, other), {})
    assert (old, new) == before
    return found


def reported(found: list[Event]) -> list[tuple[str, str, str]]:
    """Return events in the three words that programs get."""
    return [(event.grade, event.where, event.what) for event in found]


def search(document: Json) -> Json:
    operation: Json = document["paths"][f"{PREFIX}/search"]["get"]
    return operation


def query(document: Json, name: str) -> Json:
    return next(found for found in search(document)["parameters"] if found["name"] == name)


def schema(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"][name]
    return found


def member(document: Json, name: str, key: str) -> Json:
    found: Json = schema(document, name)["properties"][key]
    return found


def method(document: Json, name: str) -> Json:
    """Return the operation of a method on one file."""
    operation: Json = document["paths"][f"{PREFIX}/{{fileId}}"][name]
    return operation


def parts(document: Json) -> Json:
    """Return the schema of the upload's parts."""
    found: Json = document["paths"][PREFIX]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    return found


def as_yaml(document: Json) -> str:
    """Return a description with a comment before each operation and each schema."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(document, stream)
    lines = []
    for line in stream.getvalue().splitlines():
        if line.startswith("    ") and line[4] not in " -#" and line.endswith(":"):
            lines += ["", f"    # About {line.strip()}"]
        lines.append(line)
    return "\n".join(lines) + "\n# The end.\n"
