"""The versions of the API, how they differ, and requests in each of them.

Of a version that is not in `VERSIONS`, such as one that HubSpot has only announced, the facts are those of the newest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")
Inputs: TypeAlias = Mapping[str, Mapping[str, T]]
"""Inputs by operationId and the argument of the request that holds them, `params` or `json`."""


class Operation(NamedTuple):
    """An operation of the API.

    Attributes:
        method: HTTP method in capitals.
        path: Regular expression of its path in the default version.
        way_round: Version in which it is called where another version lacks it, or an empty text.
    """

    method: str
    path: str
    way_round: str = ""


class Version(NamedTuple):
    """The facts in which a version differs from the others.

    Attributes:
        revision: Date of the published description, as YYYY-MM-DD.
        missing: Operations that it lacks.
        required: Inputs that it requires, with the values that stand for leaving them out.
        lacking: Inputs that it lacks.
        renamed: Its names of the inputs that have another name in it.
        promised: Properties of responses that it promises and others do not, by schema.
        absent: Properties of responses that it does not have, by schema.
    """

    revision: str
    missing: frozenset[str]
    required: Inputs[Mapping[str, Any]]
    lacking: Inputs[frozenset[str]]
    renamed: Inputs[Mapping[str, str]]
    promised: Mapping[str, frozenset[str]]
    absent: Mapping[str, frozenset[str]]


DEFAULT: str
"""The version whose paths the functions of this package have."""
VERSIONS: dict[str, Version]
"""The known versions, oldest first."""
OPERATIONS: dict[str, Operation]
"""The operations, by operationId. Of several paths that match, the first counts."""

_DATED = re.compile(r"20\d\d-(0[1-9]|1[0-2])(-beta)?")


class UnsupportedRequestError(Exception):
    """A version lacks an operation, or an input of it that is passed. Nothing was sent.

    Attributes:
        operation: The operationId.
        input: Name of the input, or an empty text.
        version: The version.
        versions: The known versions that have it.
    """

    def __init__(self, operation: str, input: str, version: str, versions: tuple[str, ...]) -> None:
        what = f"{input!r} of {operation}" if input else operation
        known = f"it exists in {', '.join(versions)}" if versions else "no known version has it"
        super().__init__(f"{what} does not exist in version {version} of the API; {known}")
        self.operation = operation
        self.input = input
        self.version = version
        self.versions = versions


def check_version(name: str) -> str:
    """Return the name of a known version, or of one that HubSpot may publish, such as 2027-03 and 2027-03-beta.

    Raises:
        TypeError: It is not a str.
        ValueError: It is not the name of a version.
    """
    if not isinstance(name, str):
        raise TypeError(f"api_version must be a str such as {next(reversed(VERSIONS))!r}, not {type(name).__name__}")
    if name not in VERSIONS and not _DATED.fullmatch(name):
        raise ValueError(
            f"api_version {name[:40]!r} must be one of {', '.join(VERSIONS)}, or another date such as 2027-03"
        )
    return name


def facts_of(version: str) -> Version:
    """Return the facts of a version; those of the newest known version if it is not known."""
    return VERSIONS.get(version) or next(reversed(VERSIONS.values()))


def in_version(version: str, operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a request as a version has them.

    Args:
        version: The version.
        operation: The operationId.
        kwargs: Arguments of the request in the default version: `method`, `url`, and maybe `params` and `json`.

    Raises:
        UnsupportedRequestError: The version lacks the operation, or an input of it that is passed.
    """
    facts = facts_of(version)
    if operation in facts.missing:
        if not OPERATIONS[operation].way_round:
            raise UnsupportedRequestError(operation, "", version, _versions_with(operation))
        version = OPERATIONS[operation].way_round
        facts = facts_of(version)
    changed = {**kwargs, "url": versioned_path(version, kwargs["url"])}
    if not (operation in facts.required or operation in facts.lacking or operation in facts.renamed):
        return changed
    for part in ("params", "json"):
        values = _values(facts, version, operation, part, kwargs.get(part))
        if values is not None:
            changed[part] = values
    return changed


def _values(facts: Version, version: str, operation: str, part: str, values: Any) -> Any:
    """Return the inputs in one part of a request."""
    required = facts.required.get(operation, {}).get(part, {})
    if values is None and not required:
        return None
    if values is not None and not isinstance(values, Mapping):
        return values
    given: Mapping[str, Any] = values or {}
    for name in facts.lacking.get(operation, {}).get(part, ()):
        if name in given:
            raise UnsupportedRequestError(operation, name, version, _versions_with(operation, part, name))
    names = facts.renamed.get(operation, {}).get(part, {})
    return {names.get(name, name): value for name, value in {**required, **given}.items()}


def _versions_with(operation: str, part: str = "", name: str = "") -> tuple[str, ...]:
    return tuple(
        version
        for version, facts in VERSIONS.items()
        if operation not in facts.missing and name not in facts.lacking.get(operation, {}).get(part, ())
    )


def versioned_path(version: str, path: str) -> str:
    """Return a path of the default version as another version has it. Paths of other APIs are returned unchanged."""
    prefix = f"/files/{DEFAULT}/"
    if version == DEFAULT:
        return path
    return f"/files/{version}/{path[len(prefix) :]}" if path.startswith(prefix) else path


def operation_at(method: str, path: str) -> str | None:
    """Return the operationId of a method and a path of the default version; None for any other path."""
    for name, operation in OPERATIONS.items():
        if operation.method == method.upper() and re.fullmatch(operation.path, path):
            return name
    return None
