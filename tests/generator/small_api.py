"""A small description that every template patch affects, and ways for tests to use its client."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from generator.contracts import lockfile
from generator.contracts.extraction import contract
from generator.contracts.lockfile import LockedContract
from generator.contracts.versions import Followed, follow
from generator.layout import Layout
from generator.writing import build, inputs, patches, versions

REVISION = "2026-01-02"
ERROR = {"$ref": "#/components/responses/Error"}


def _answer(schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"200": {"description": "Done.", "content": content}, "default": ERROR}


def _path_parameter(name: str, pattern: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": pattern}}


def _query(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": f"What {name} is for.", "schema": schema}


def small_description() -> dict[str, Any]:
    """Return a description with one of each thing that the template patches reach, fresh for each caller to change."""
    color = {"$ref": "#/components/schemas/Color"}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Small", "version": "1"},
        "security": [{"bearer": []}],
        "paths": {
            "/files/v3/things": {
                "post": {
                    "operationId": "uploadThing",
                    "tags": ["things"],
                    "requestBody": {
                        "required": True,
                        "content": {"multipart/form-data": {"schema": {"$ref": "#/components/schemas/Upload"}}},
                    },
                    "responses": _answer("Thing"),
                }
            },
            "/files/v3/things/search": {
                "get": {
                    "operationId": "searchThings",
                    "tags": ["things"],
                    "parameters": [
                        _query("name", type="string"),
                        _query("limit", type="integer", default=10),
                        _query("exact", type="boolean"),
                        _query("ids", type="array", items={"type": "string"}),
                        _query("colors", type="array", items=color),
                        _query("madeAfter", type="string", format="date-time"),
                        {"name": "color", "in": "query", "schema": color},
                    ],
                    "responses": _answer("ThingPage"),
                }
            },
            "/files/v3/things/{thingId}": {
                "x-path-conflict": "digits are an id",
                "get": {
                    "operationId": "getThing",
                    "tags": ["things"],
                    "parameters": [_path_parameter("thingId", r"\d+")],
                    "responses": _answer("Thing"),
                },
                "patch": {
                    "operationId": "updateThing",
                    "tags": ["things"],
                    "parameters": [_path_parameter("thingId", r"\d+")],
                    "requestBody": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
                    },
                    "responses": _answer("Thing"),
                },
            },
            "/files/v3/things/{thingPath}": {
                "x-path-conflict": "all else is a path",
                "get": {
                    "operationId": "getThingByPath",
                    "tags": ["things"],
                    "parameters": [_path_parameter("thingPath", ".+")],
                    "responses": _answer("Thing"),
                },
            },
            "/files/v3/things/{thingId}/content": {
                "get": {
                    "operationId": "downloadThing",
                    "tags": ["things"],
                    "parameters": [_path_parameter("thingId", r"\d+")],
                    "responses": {
                        "200": {
                            "description": "The content.",
                            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
                        },
                        "default": ERROR,
                    },
                }
            },
        },
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "responses": {
                "Error": {
                    "description": "An error.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                }
            },
            "schemas": {
                "Color": {"type": "string", "enum": ["RED", "dark-blue", "UNSET"]},
                "Error": {
                    "type": "object",
                    "required": ["message"],
                    "properties": {"message": {"type": "string"}},
                },
                "Options": {
                    "type": "object",
                    "properties": {"color": color, "overwrite": {"type": "boolean", "default": False}},
                },
                "Upload": {
                    "type": "object",
                    "required": ["file", "options"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "options": {"$ref": "#/components/schemas/Options"},
                        "folderPath": {"type": "string"},
                        "loud": {"type": "boolean"},
                        "color": color,
                    },
                },
                "Thing": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {
                        "id": {"type": "string"},
                        "color": color,
                        "colors": {"type": "array", "items": color},
                        "parent": {"$ref": "#/components/schemas/Thing"},
                        "madeAt": {"type": "string", "format": "date-time"},
                        "madeOn": {"type": "string", "format": "date"},
                        "key": {"type": "string", "format": "uuid"},
                        "size": {"type": "integer", "nullable": True},
                        "either": {"oneOf": [{"type": "string", "format": "date-time"}, {"type": "integer"}]},
                        "note": {"type": "string", "default": "Unset = UNSET | Unset"},
                    },
                },
                "ThingPage": {
                    "type": "object",
                    "required": ["results"],
                    "properties": {"results": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}},
                },
            },
        },
    }
    copy: dict[str, Any] = json.loads(json.dumps(document))
    return copy


def write_description(root: Path, document: dict[str, Any]) -> Layout:
    """Write a description, as the JSON that YAML understands, into a checkout at `root`."""
    layout = Layout(root)
    layout.description.parent.mkdir(parents=True, exist_ok=True)
    layout.description.write_text(json.dumps(document), encoding="utf-8")
    lockfile.write(layout.lock("v3"), LockedContract(REVISION, "0" * 64, contract(document)))
    layout.divergences.write_text(json.dumps({"divergences": []}), encoding="utf-8")
    return layout


def quick_build(folder: Path, document: dict[str, Any]) -> Path:
    """Generate and format without the strict verification, for tests that look at the text only."""
    folder.mkdir(parents=True, exist_ok=True)
    package = build.generate(document, build.templates(document, patches.read()), folder)
    build.write_revision(package, REVISION)
    ours = contract(document)
    locks = {ours.version: LockedContract(REVISION, "0" * 64, ours)}
    versions.write(package, document, Followed(ours, follow(ours, locks, [])))
    inputs.write(package, document)
    build.format_package(package)
    return package


@dataclass(frozen=True)
class Generated:
    """A generated package under a name of its own, so that an installed one cannot stand in for it."""

    name: str

    def module(self, name: str = "") -> ModuleType:
        """Import a module of the package by its name below the package."""
        return importlib.import_module(f"{self.name}.{name}" if name else self.name)

    def endpoint(self, name: str) -> ModuleType:
        """Import the module of an operation."""
        return self.module(f"api.things.{name}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.module("models"), name)
