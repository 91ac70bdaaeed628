"""Every example in the description of a version, sent to the served emulator or compared with its response."""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hubspot_files.testing import Emulator, serve
from tests.conformance.description import description

VERSION = os.environ["HUBSPOT_API_VERSION"]
DESCRIPTION = description(VERSION)
COMPONENTS: dict[str, Any] = DESCRIPTION["components"]
SCHEMAS: dict[str, Any] = COMPONENTS["schemas"]
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method, path, operation)
    for path, item in DESCRIPTION["paths"].items()
    for method, operation in item.items()
    if isinstance(operation, dict)
}
FILE, FOLDER = SCHEMAS["File"]["example"], SCHEMAS["Folder"]["example"]


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """Return the target of a reference."""
    while "$ref" in node:
        _, _, kind, name = node["$ref"].split("/")
        node = COMPONENTS[kind][name]
    return node


def found(node: Any, place: str = "") -> Iterator[str]:
    """Return the location of every example."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "example":
                yield place
            else:
                yield from found(value, f"{place}/{name}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from found(value, f"{place}/{value.get('name', number) if isinstance(value, dict) else number}")


def picture(width: int, height: int) -> bytes:
    """Return the start of a PNG, which is all that the emulator reads."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Return the account that the examples use."""
    with serve() as emulator:
        emulator.add_folder(FOLDER["path"], id=int(FOLDER["id"]))
        content = picture(FILE["width"], FILE["height"]).ljust(FILE["size"], b"\0")
        emulator.add_file(FILE["path"], content, id=int(FILE["id"]))
        emulator.add_folder("/parent", id=int(SCHEMAS["FolderCreate"]["example"]["parentFolderId"]))
        emulator.publish_url(SCHEMAS["FileImport"]["example"]["url"], content)
        yield emulator


def send(
    emulator: Emulator, name: str, *, query: dict[str, Any] | None = None, body: dict[str, Any] | None = None
) -> httpx.Response:
    """Call an operation with the examples of its path."""
    method, path, operation = OPERATIONS[name]
    for parameter in map(resolved, operation.get("parameters", [])):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
    options: dict[str, Any] = {"params": query or {}}
    if body is not None and "multipart/form-data" in operation["requestBody"]["content"]:
        texts = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in body.items()}
        options |= {"data": texts, "files": {"file": ("a.png", picture(1, 1))}}
    elif body is not None:
        options["json"] = body
    headers = {"Authorization": f"Bearer {emulator.token}"}
    return httpx.request(method, emulator.base_url + path, headers=headers, **options)


def require_success(name: str, response: httpx.Response) -> None:
    """Check that the status is a documented success, or the redirect that is not documented."""
    documented = [int(status) for status in OPERATIONS[name][2]["responses"] if status != "default"]
    assert response.status_code in ([302] if name == "downloadFile" else documented), response.text


def require_shape(example: Any, response: Any, place: str = "") -> None:
    """Check that a response has every field of an example, with a value of the same type."""
    assert type(response) is type(example), place
    if isinstance(example, dict):
        for name, value in example.items():
            require_shape(value, response[name], f"{place}/{name}")


QUERIES = [
    (name, parameter["name"], parameter["example"])
    for name, (_, _, operation) in OPERATIONS.items()
    for parameter in map(resolved, operation.get("parameters", []))
    if parameter["in"] == "query" and "example" in parameter
]
# The emulator chooses a task's id.
WITHOUT_BODY = [
    name
    for name, (_, path, operation) in OPERATIONS.items()
    if "requestBody" not in operation and "{taskId}" not in path
]


@pytest.mark.parametrize("name", WITHOUT_BODY)
def test_paths(emulator: Emulator, name: str) -> None:
    require_success(name, send(emulator, name))


@pytest.mark.parametrize(("name", "parameter", "example"), QUERIES)
def test_queries(emulator: Emulator, name: str, parameter: str, example: Any) -> None:
    require_success(name, send(emulator, name, query={parameter: example}))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("uploadFile", {**{n: p["example"] for n, p in SCHEMAS["FileUpload"]["properties"].items() if "example" in p}}),
        ("replaceFile", {}),
        ("updateFile", SCHEMAS["FileUpdate"]["example"]),
        ("importFileFromUrl", SCHEMAS["FileImport"]["example"]),
        ("createFolder", SCHEMAS["FolderCreate"]["example"]),
    ],
)
def test_bodies(emulator: Emulator, name: str, body: dict[str, Any]) -> None:
    options = {"uploadFile": "FileUploadOptions", "replaceFile": "FileReplaceOptions"}.get(name)
    if options is not None:
        body = {**body, "options": SCHEMAS[options]["example"]}
    require_success(name, send(emulator, name, body=body))


def test_the_example_of_a_ttl(emulator: Emulator) -> None:
    options = {**SCHEMAS["FileUploadOptions"]["example"]}
    options["ttl"] = SCHEMAS["FileUploadOptions"]["properties"]["ttl"]["example"]
    response = send(emulator, "uploadFile", body={"folderPath": "/a", "options": options})
    require_success("uploadFile", response)
    assert response.json()["expiresAt"] > 0


def test_a_file_is_like_its_example(emulator: Emulator) -> None:
    response = send(emulator, "getFile").json()
    require_shape(FILE, response)
    differing = {name for name, value in FILE.items() if response[name] != value}
    assert differing == {"createdAt", "updatedAt", "url", "defaultHostingUrl"}


def test_a_folder_is_like_its_example(emulator: Emulator) -> None:
    response = send(emulator, "getFolder").json()
    require_shape({**FOLDER, "parentFolderId": ""}, response)
    assert {name for name, value in FOLDER.items() if response[name] != value} == {"createdAt", "updatedAt"}
    assert send(emulator, "getFolderByPath").json() == response


def test_tasks_are_like_their_examples(emulator: Emulator) -> None:
    locator = send(emulator, "importFileFromUrl", body=SCHEMAS["FileImport"]["example"]).json()
    example = SCHEMAS["TaskLocator"]["example"]
    # A list of maps in the example, a map in the published description, which is more precise.
    require_shape({**example, "links": example["links"][0]}, locator)
    _, path, operation = OPERATIONS["getImportTask"]
    [task_id] = [resolved(parameter)["example"] for parameter in operation["parameters"]]
    require_shape(task_id, locator["id"])
    assert (len(locator["id"]), locator["id"][:4]) == (len(task_id), task_id[:4])
    response = httpx.get(
        emulator.base_url + path.replace("{taskId}", locator["id"]),
        headers={"Authorization": f"Bearer {emulator.token}"},
    )
    require_success("getImportTask", response)
    require_shape(SCHEMAS["ImportTask"]["example"], response.json())
    assert response.json()["status"] == "PENDING"


def test_the_next_page_is_like_its_example(emulator: Emulator) -> None:
    emulator.add_file("/another")
    example = SCHEMAS["NextPage"]["example"]
    response = send(emulator, "searchFiles", query={"limit": 1}).json()["paging"]["next"]
    require_shape(example, response)
    path = httpx.URL(example["link"]).path
    assert (httpx.URL(response["link"]).path, response["link"].partition("?")[0]) == (path, emulator.base_url + path)
    assert response["link"].endswith("after=1")


def test_an_error_is_like_its_example(emulator: Emulator) -> None:
    response = send(emulator, "createFolder", body={"name": 1})
    assert response.status_code == 400
    # Which pages help depends on the error.
    example = {name: value for name, value in SCHEMAS["Error"]["example"].items() if name != "links"}
    require_shape(example, response.json())
    assert response.json()["category"] == example["category"]


def test_no_example_is_left_out() -> None:
    sent = {f"{name}/{parameter}" for name, parameter, _ in QUERIES}
    replayed = set[str]()
    for place in found(DESCRIPTION):
        parts = place.split("/")
        if parts[1] == "paths":
            [name] = [n for n, (m, p, _) in OPERATIONS.items() if place.startswith(f"/paths/{p}/{m}/")]
            assert parts[-1] in ("path", "taskId") or f"{name}/{parts[-1]}" in sent, place
        elif parts[2] == "parameters":
            named = COMPONENTS["parameters"][parts[3]]
            assert named["in"] == "path" or any(entry.endswith(f"/{named['name']}") for entry in sent), place
        else:
            replayed.add("/".join(parts[3:]))
    assert replayed == {
        "FileUploadOptions",
        "FileUploadOptions/properties/ttl",
        "FileReplaceOptions",
        *(f"FileUpload/properties/{name}" for name in ("folderPath", "fileName", "charsetHunch")),
        "FileUpdate",
        "FileImport",
        "FolderCreate",
        *("File", "Folder", "NextPage", "TaskLocator", "ImportTask", "Error"),
    }
