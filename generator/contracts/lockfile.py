"""Reads and writes the locks in openapi/published/: contracts of the published descriptions that ours follows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from .. import reading
from ..descriptions.description import Json
from ..errors import PipelineError
from ..reading import UnreadableError
from ..saving import save
from .model import Body, Contract, Node, Notes, Operation, Parameter, Part, Property, Response, canonical_json

REVISION = re.compile(r"20\d\d-[01]\d-[0-3]\d")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class LockedContract:
    """An accepted contract.

    Attributes:
        revision: The date of the published revision, as YYYY-MM-DD.
        sha256: The digest of the published file, in hexadecimal digits.
        contract: Its contract.
    """

    revision: str
    sha256: str
    contract: Contract


def read(path: Path) -> LockedContract:
    """Read a file that `write` wrote.

    Raises:
        PipelineError: It is missing or damaged.
    """
    advice = "restore it from the repository, or write it with: python -m generator upstream FILE --accept"
    try:
        raw = reading.read_json(reading.text_of(reading.file_bytes(path)))
        revision, sha256 = raw["revision"], raw["sha256"]
        if not REVISION.fullmatch(revision) or not _SHA256.fullmatch(sha256):
            raise ValueError("its revision or its digest is not one")
        return LockedContract(revision, sha256, _contract(raw))
    except UnreadableError as error:
        raise PipelineError(f"{path.name} is damaged: {error}", [advice]) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PipelineError(f"{path.name} is damaged: {error!r}", [advice]) from error


def read_all(folder: Path) -> dict[str, LockedContract]:
    """Read the locks of a folder, by version.

    Raises:
        PipelineError: There is no lock, or one is damaged or has the name of another version.
    """
    found = {path.stem: read(path) for path in sorted(folder.glob("*.json"))}
    if not found:
        raise PipelineError(
            f"{folder.name} holds no lock:", ["write one with: python -m generator upstream FILE --accept"]
        )
    misnamed = [
        f"{name}.json is the lock of {locked.contract.version}; name it {locked.contract.version}.json"
        for name, locked in found.items()
        if name != locked.contract.version
    ]
    if misnamed:
        raise PipelineError(f"{folder.name} cannot be used:", misnamed)
    return found


def write(path: Path, locked: LockedContract) -> None:
    """Write a contract in a form whose differences a person can read.

    Raises:
        OSError: It cannot be written. An older lock is in its place.
    """
    names = _names(locked.contract)
    raw = {
        "revision": locked.revision,
        "sha256": locked.sha256,
        "version": locked.contract.version,
        "notes": _notes_json(locked.contract.notes),
        "servers": _usual_servers(locked.contract),
        "operations": {
            key: _operation_json(operation, names, _usual_servers(locked.contract))
            for key, operation in locked.contract.operations.items()
        },
        "schemas": {
            name: {"name": node.name, **_facts_json(node, names)} for node, name in sorted(names.values(), key=_by_name)
        },
    }
    save(path, json.dumps(raw, indent=1, ensure_ascii=True) + "\n")


_Names: TypeAlias = dict[int, tuple[Node, str]]


def _by_name(entry: tuple[Node, str]) -> str:
    return entry[1]


def _names(contract: Contract) -> _Names:
    """Name each node that is to be written once, because it is declared or several others refer to it."""
    uses: Counter[int] = Counter()
    found: dict[int, Node] = {}
    waiting = list(_roots(contract))
    for node in waiting:
        uses[id(node)] += 1
    while waiting:
        node = waiting.pop()
        if id(node) in found:
            continue
        found[id(node)] = node
        for inner in _inner(node):
            uses[id(inner)] += 1
            waiting.append(inner)
    names: _Names = {}
    taken: Counter[str] = Counter()
    for node in found.values():
        if node.name or (uses[id(node)] > 1 and not _is_small(node)):
            stem = node.name or "shared"
            taken[stem] += 1
            names[id(node)] = (node, stem if taken[stem] == 1 else f"{stem} {taken[stem]}")
    return names


def _is_small(node: Node) -> bool:
    return not any(True for _ in _inner(node))


def _roots(contract: Contract) -> Iterator[Node]:
    for operation in contract.operations.values():
        yield from (parameter.node for parameter in operation.parameters.values())
        if operation.body is not None:
            yield from operation.body.content.values()
            yield from (header.node for part in operation.body.parts.values() for header in part.headers.values())
        for response in operation.responses.values():
            yield from response.content.values()
            yield from response.headers.values()


def _inner(node: Node) -> Iterator[Node]:
    yield from (entry.node for entry in node.properties.values())
    yield from (inner for inner in (node.extra, node.items, *node.alternatives) if inner is not None)


def _usual_servers(contract: Contract) -> list[str]:
    """Return the servers that most operations have."""
    counted = Counter(operation.servers for operation in contract.operations.values())
    return list(max(sorted(counted), key=lambda servers: counted[tuple(servers)], default=()))


def _notes_json(notes: Notes) -> list[list[str]]:
    return [[*steps, text] for steps, text in sorted(notes.items())]


def _parameter_json(parameter: Parameter, names: _Names) -> Json:
    return _present(
        required=parameter.required,
        style=parameter.style,
        deprecated=parameter.deprecated,
        reserved=parameter.reserved,
        empty=parameter.empty,
        schema=_node_json(parameter.node, names),
    )


def _part_json(part: Part, names: _Names) -> Json:
    headers = {name: _parameter_json(header, names) for name, header in sorted(part.headers.items())}
    media = [] if part.media == Part().media else sorted(part.media)
    return _present(media=media, style=part.style, reserved=part.reserved, headers=headers)


def _operation_json(operation: Operation, names: _Names, servers: list[str]) -> Json:
    raw: Json = {
        "parameters": {
            f"{place} {name}": _parameter_json(parameter, names)
            for (place, name), parameter in sorted(operation.parameters.items())
        },
        "answers": {
            status: _present(
                content=_content_json(response.content, names), headers=_content_json(response.headers, names)
            )
            for status, response in sorted(operation.responses.items())
        },
        "scopes": sorted(operation.scopes),
        "deprecated": operation.deprecated,
        "tokenless": operation.tokenless,
        "notes": _notes_json(operation.notes),
    }
    if list(operation.servers) != servers:
        raw["servers"] = {"own": list(operation.servers)}
    if operation.body is not None:
        content = _content_json(operation.body.content, names)
        parts = [[*key, _part_json(part, names)] for key, part in sorted(operation.body.parts.items())]
        raw["body"] = _present(required=operation.body.required, content=content, parts=parts)
    return _present(**raw)


def _present(**facts: Any) -> Json:
    """Leave out empty and false facts."""
    return {key: value for key, value in facts.items() if value not in (False, "", [], {}, None) or key == "schema"}


def _content_json(content: dict[str, Node], names: _Names) -> Json:
    return {kind: _node_json(node, names) for kind, node in sorted(content.items())}


def _node_json(node: Node, names: _Names) -> Json:
    return {"$schema": names[id(node)][1]} if id(node) in names else _facts_json(node, names)


def _facts_json(node: Node, names: _Names) -> Json:
    entries = sorted(node.properties.items())
    return _present(
        types=sorted(node.types),
        nullable=node.nullable,
        format=node.format,
        enum=None if node.enum is None else [json.loads(value) for value in sorted(node.enum)],
        required=[name for name, entry in entries if entry.required],
        read_only=[name for name, entry in entries if entry.only == "read"],
        write_only=[name for name, entry in entries if entry.only == "write"],
        properties={name: _node_json(entry.node, names) for name, entry in entries},
        extra=None if node.extra is None else _node_json(node.extra, names),
        closed=node.closed,
        items=None if node.items is None else _node_json(node.items, names),
        alternatives=[_node_json(choice, names) for choice in node.alternatives],
        limits=node.limits,
        notes=node.notes,
    )


# The declared schemas, which are all created before any of them is filled.
_Declared: TypeAlias = dict[str, Node]


def _contract(raw: Json) -> Contract:
    declared = {name: Node() for name in raw["schemas"]}
    for name, node in declared.items():
        vars(node).update(vars(_node(raw["schemas"][name], declared)))
        node.name = raw["schemas"][name]["name"]
    operations = {key: _operation(key, entry, declared, raw["servers"]) for key, entry in raw["operations"].items()}
    return Contract(raw["version"], operations, notes=_notes(raw))


def _notes(raw: Json) -> Notes:
    return {tuple(steps): text for *steps, text in raw.get("notes", [])}


def _parameter(raw: Json, declared: _Declared) -> Parameter:
    return Parameter(
        _node(raw["schema"], declared),
        required=raw.get("required", False),
        style=raw.get("style", ""),
        deprecated=raw.get("deprecated", False),
        reserved=raw.get("reserved", False),
        empty=raw.get("empty", False),
    )


def _part(raw: Json, declared: _Declared) -> Part:
    headers = {name: _parameter(entry, declared) for name, entry in raw.get("headers", {}).items()}
    return Part(frozenset(raw.get("media", [""])), raw.get("style", ""), raw.get("reserved", False), headers)


def _body(raw: Json, declared: _Declared) -> Body:
    parts = {(kind, name): _part(entry, declared) for kind, name, entry in raw.get("parts", [])}
    return Body(_content(raw, "content", declared), raw.get("required", False), parts)


def _operation(key: str, raw: Json, declared: _Declared, servers: list[str]) -> Operation:
    method, _, path = key.partition(" ")
    parameters = {}
    for name, entry in raw.get("parameters", {}).items():
        place, _, own = name.partition(" ")
        parameters[place, own] = _parameter(entry, declared)
    body = raw.get("body")
    return Operation(
        method=method,
        path=path,
        parameters=parameters,
        body=None if body is None else _body(body, declared),
        responses={
            status: Response(_content(response, "content", declared), _content(response, "headers", declared))
            for status, response in raw.get("answers", {}).items()
        },
        scopes=frozenset(raw.get("scopes", [])),
        deprecated=raw.get("deprecated", False),
        tokenless=raw.get("tokenless", False),
        servers=tuple(raw.get("servers", {"own": servers})["own"]),
        notes=_notes(raw),
    )


def _content(raw: Json, key: str, declared: _Declared) -> dict[str, Node]:
    return {kind: _node(entry, declared) for kind, entry in raw.get(key, {}).items()}


def _node(raw: Json, declared: _Declared) -> Node:
    if "$schema" in raw:
        return declared[raw["$schema"]]
    required, read, write = (set(raw.get(key, [])) for key in ("required", "read_only", "write_only"))
    enum = raw.get("enum")
    return Node(
        types=frozenset(raw.get("types", [])),
        nullable=raw.get("nullable", False),
        format=raw.get("format", ""),
        enum=None if enum is None else frozenset(canonical_json(value) for value in enum),
        properties={
            name: Property(
                _node(entry, declared), name in required, "read" if name in read else "write" if name in write else ""
            )
            for name, entry in raw.get("properties", {}).items()
        },
        extra=_node(raw["extra"], declared) if "extra" in raw else None,
        closed=raw.get("closed", False),
        items=_node(raw["items"], declared) if "items" in raw else None,
        alternatives=tuple(_node(choice, declared) for choice in raw.get("alternatives", [])),
        limits=raw.get("limits", {}),
        notes=raw.get("notes", {}),
    )
