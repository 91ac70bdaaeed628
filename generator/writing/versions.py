"""Writes the facts of each followed version into the generated package."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..contracts.versions import Facts, Followed
from ..descriptions.description import Json, operations, parameters
from ..layout import VERSIONS_MODULE

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_ANY_SEGMENT = "[^/]+"


def write(package: Path, document: Json, followed: Followed) -> None:
    """Write `versions.py`, which is the module beside this one, followed by the data.

    Raises:
        PipelineError: A fact cannot be derived.
    """
    text = "\n".join([VERSIONS_MODULE.read_text(encoding="utf-8"), *_data(document, followed)])
    (package / "versions.py").write_text(text + "\n", encoding="utf-8", newline="\n")


def _data(document: Json, followed: Followed) -> Iterator[str]:
    names = [version.name for version in followed.versions]
    yield f"KnownVersion: TypeAlias = Literal[{', '.join(map(repr, names))}]"
    yield f"DEFAULT = {followed.default.name!r}"
    yield "VERSIONS = {"
    for version in followed.versions:
        yield f"{version.name!r}: {_version(version.locked.revision, followed.facts(version))},"
    yield "}"
    yield "OPERATIONS = {"
    yield from sorted(_operations(document), key=lambda line: (".+" in line, line))
    yield "}"


def _version(revision: str, facts: Facts) -> str:
    fields = {
        "revision": revision,
        "missing": frozenset(facts.missing),
        "required": facts.required,
        "lacking": _frozen(facts.lacking),
        "renamed": facts.renamed,
        "promised": {schema: frozenset(names) for schema, names in facts.promised.items()},
        "absent": {schema: frozenset(names) for schema, names in facts.absent.items()},
    }
    return f"Version({', '.join(f'{name}={_literal(value)}' for name, value in fields.items())})"


def _frozen(inputs: Mapping[str, Mapping[str, list[str]]]) -> dict[str, dict[str, frozenset[str]]]:
    return {name: {part: frozenset(names) for part, names in parts.items()} for name, parts in inputs.items()}


def _literal(value: Any) -> str:
    """Return a value as Python code, in the same order each time."""
    if isinstance(value, frozenset):
        return f"frozenset({sorted(value)!r})" if value else "frozenset()"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_literal(value[key])}" for key in sorted(value)) + "}"
    return repr(value)


def _operations(document: Json) -> Iterator[str]:
    for operation in operations(document):
        patterns = {
            str(parameter.get("name")): parameter.get("schema", {}).get("pattern", _ANY_SEGMENT)
            for parameter in parameters(document, operation)
            if parameter.get("in") == "path"
        }
        parts = _PLACEHOLDER.split(operation.path)
        path = "".join(patterns[part] if index % 2 else re.escape(part) for index, part in enumerate(parts))
        arguments = [operation.method.upper(), path, operation.node.get("x-way-round", "")]
        yield f"{operation.node['operationId']!r}: Operation({', '.join(map(repr, arguments))}),"
