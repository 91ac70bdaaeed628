"""The followed versions of the API, and the facts in which they differ from each other.

Our description is the union of all versions. A difference from one published description is a fact of that version if
another published version does not have it. Any other difference needs a divergence.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

from ..descriptions import description
from ..errors import PipelineError
from ..layout import Layout
from . import lockfile
from .alignment import aligned
from .changes import Change
from .comparison import changes
from .divergences import LATER, Difference, Divergence, explained, of_version, unexplained
from .divergences import read as read_divergences
from .events import Event, events
from .extraction import contract
from .lockfile import LockedContract
from .model import Body, Contract, Operation, version_order

T = TypeVar("T")

JSON_BODY = "application/json"
_INPUT_KINDS = ("parameter optional", "parameter added", "property optional", "property added")
_BETA = "-beta"

Inputs: TypeAlias = dict[str, dict[str, T]]
"""Inputs by operationId and the argument of the request that holds them, `params` or `json`."""


@dataclass
class Facts:
    """The facts in which a version differs from our description.

    Attributes:
        missing: The operationIds of the operations that it lacks.
        required: The inputs that only some versions require, with the values that stand for leaving them out.
        lacking: The inputs that it lacks.
        renamed: Its names of the inputs that have another name in it.
        promised: The properties of responses that only some versions promise, with the operations, by schema.
        absent: The properties of responses that it does not have, with the operations, by schema.
    """

    missing: list[str] = field(default_factory=list)
    required: Inputs[dict[str, Any]] = field(default_factory=dict)
    lacking: Inputs[list[str]] = field(default_factory=dict)
    renamed: Inputs[dict[str, str]] = field(default_factory=dict)
    promised: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    absent: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the facts as they are written into the lock of the generated client, without order."""
        raw: dict[str, Any] = json.loads(json.dumps(asdict(self), sort_keys=True))
        return raw


class FollowedVersion:
    """A version, with its published contract and our description as it is in this version.

    Args:
        name: Its segment of paths.
        locked: Its lock; that of its beta if it has none.
        ours: The contract of our description.
        divergences: All divergences.

    Attributes:
        name, locked: The arguments.
        published: The contract of its lock.
        divergences: The divergences from it.
        ours: The contract of our description as it is in this version.
        renamed: Its names of the inputs that have another name in it.
        gone: The operations that are published and that, by a divergence, it lacks.
    """

    def __init__(self, name: str, locked: LockedContract, ours: Contract, divergences: Iterable[Divergence]) -> None:
        self.name = name
        self.locked = locked
        self.published = aligned(locked.contract, ours)
        self.divergences = of_version(divergences, name)
        self._explained = explained(self.divergences)
        self.renamed: Inputs[dict[str, str]] = {}
        self.gone = [
            operation.id
            for key, operation in ours.operations.items()
            if key in self.published.operations and (key, "the operation is gone") in self._explained
        ]
        operations = {
            key: self._seen(key, operation)
            for key, operation in ours.operations.items()
            if operation.id not in self.gone
        }
        # The segment of the paths is the name of the version, and no difference. What a description says of itself is
        # no part of another.
        self.ours = Contract(self.published.version, operations, ours.declared, self.published.notes)

    @cached_property
    def differences(self) -> list[Event]:
        """All differences of our description, as it is in this version, from the published one."""
        return events(changes(self.published, self.ours), str, {})

    @cached_property
    def places(self) -> set[Difference]:
        """The places and the words of `differences`."""
        return {(event.place, event.what) for event in self.differences}

    def is_explained(self, event: Event) -> bool:
        """Return whether a divergence explains a difference."""
        return (event.place, event.what) in self._explained

    def _seen(self, key: str, operation: Operation) -> Operation:
        """Return an operation of ours with the names that its inputs have in this version."""
        published = self.published.operations.get(key)
        if published is None or not operation.also_named:
            return operation
        parameters, body = dict(operation.parameters), operation.body
        for name, other in operation.also_named.items():
            if ("query", name) in parameters and _renamed(("query", name), ("query", other), published.parameters):
                parameters["query", other] = parameters.pop(("query", name))
                self._note_name(operation, "params", name, other)
            properties = {} if body is None else _properties(body)
            theirs = {} if published.body is None else _properties(published.body)
            if body is not None and name in properties and _renamed(name, other, theirs):
                node = copy.copy(body.content[JSON_BODY])
                node.properties = {other if own == name else own: entry for own, entry in properties.items()}
                body = Body({**body.content, JSON_BODY: node}, body.required)
                self._note_name(operation, "json", name, other)
        return replace(operation, parameters=parameters, body=body)

    def _note_name(self, operation: Operation, part: str, name: str, other: str) -> None:
        self.renamed.setdefault(operation.id, {}).setdefault(part, {})[name] = other


def _properties(body: Body) -> dict[str, Any]:
    return body.content[JSON_BODY].properties if JSON_BODY in body.content else {}


def _renamed(name: Any, other: Any, published: Mapping[Any, object]) -> bool:
    return other in published and name not in published


def follow(
    ours: Contract, locks: Mapping[str, LockedContract], divergences: Iterable[Divergence]
) -> list[FollowedVersion]:
    """Return the followed versions, oldest first: those with a lock, and those that divergences name besides.

    A version without a lock of its own has that of its beta.

    Raises:
        PipelineError: There is no lock of our description's own version, or of a version that a divergence names.
    """
    divergences = list(divergences)
    names = {*locks, ours.version, *(name for entry in divergences for name in entry.versions if name != LATER)}
    unknown = sorted(name for name in names if name not in locks and name + _BETA not in locks)
    if unknown:
        raise PipelineError(
            "There is no lock of a version that is followed:",
            [f"{name}: write it with: python -m generator upstream FILE --accept" for name in unknown],
        )
    return [
        FollowedVersion(name, locks.get(name) or locks[name + _BETA], ours, divergences)
        for name in sorted(names, key=version_order)
    ]


def read(layout: Layout) -> Followed:
    """Read the versions that a checkout follows.

    Raises:
        PipelineError: The description, a lock or the divergences cannot be used, or see `follow`.
    """
    ours = contract(description.read(layout.description))
    return Followed(ours, follow(ours, lockfile.read_all(layout.locks), read_divergences(layout.divergences)))


@dataclass(frozen=True)
class Followed:
    """Our description and the versions that it follows.

    Attributes:
        ours: The contract of our description.
        versions: The versions, oldest first.
    """

    ours: Contract
    versions: list[FollowedVersion]

    def version(self, name: str) -> FollowedVersion | None:
        """Return the followed version of a name; None if it is not followed."""
        return next((version for version in self.versions if version.name == name), None)

    @property
    def default(self) -> FollowedVersion:
        """The version of our description."""
        return next(version for version in self.versions if version.name == self.ours.version)

    def facts(self, version: FollowedVersion) -> Facts:
        """Return the facts of a version.

        Raises:
            PipelineError: It requires an input, and our description does not say what leaving it out means.
        """
        found = Facts(missing=list(version.gone), renamed=version.renamed)
        lines: dict[str, None] = {}
        for event in self.facts_of(version):
            for change in event.changes:
                operation = self.ours.operations[change.operation]
                try:
                    _add(found, change, operation)
                except LookupError as missing:
                    lines[
                        f"{version.name}: {missing} of {operation.id} is required; say what leaving it out means, with"
                        " x-absent-means at the operation"
                    ] = None
        found.missing.sort()
        if lines:
            raise PipelineError("The description needs a change:", lines)
        return found

    def facts_of(self, version: FollowedVersion) -> list[Event]:
        """Return the differences of a version that are facts."""
        others = [other for other in self.versions if other is not version]
        return [
            event
            for event in version.differences
            if not version.is_explained(event)
            and all(_can_be_fact(change) for change in event.changes)
            and any(_is_without(other, event) for other in others)
        ]

    def findings(self, version: FollowedVersion) -> list[str]:
        """Return the differences that are neither facts nor explained, and the stale divergences, one line each."""
        known = self.facts_of(version)
        lines = unexplained([event for event in version.differences if event not in known], version.divergences)
        return [f"{version.name}: {line}" for line in lines]


def _is_without(other: FollowedVersion, event: Event) -> bool:
    """Whether another version has an operation that a difference concerns, but not the difference."""
    concerned = any(change.operation in other.published.operations for change in event.changes)
    return concerned and (event.place, event.what) not in other.places


def _can_be_fact(change: Change) -> bool:
    """Whether a change from a published contract to ours can be expressed as a fact of that version."""
    if change.kind == "operation added":
        return True
    if change.required:
        return False
    if change.steps[:1] == ("out",):
        return change.kind in ("property optional", "property added")
    return change.kind in _INPUT_KINDS and _input(change.steps) is not None


def _add(found: Facts, change: Change, operation: Operation) -> None:
    """Add a change to the facts.

    Raises:
        LookupError: The version requires an input whose absence has no value.
    """
    if change.kind == "operation added":
        found.missing.append(operation.id)
        return
    if change.steps[0] == "out":
        properties = found.promised if change.kind == "property optional" else found.absent
        schema = change.anchor or operation.id
        name = "".join(change.steps[change.depth if change.anchor else 3 :]).removeprefix(".")
        held_by = properties.setdefault(schema, {}).setdefault(name, [])
        held_by[:] = sorted({*held_by, operation.id})
        return
    place = _input(change.steps)
    assert place is not None
    part, name = place
    if change.kind.endswith("added"):
        found.lacking.setdefault(operation.id, {}).setdefault(part, []).append(name)
        return
    if name not in operation.absent_means:
        raise LookupError(f"`{name}`")
    found.required.setdefault(operation.id, {}).setdefault(part, {})[name] = operation.absent_means[name]


def _input(steps: tuple[str, ...]) -> tuple[str, str] | None:
    """Return the argument of a request that holds an input, and its name; None for any other place."""
    if len(steps) == 2 and steps[0] == "query":
        return "params", steps[1]
    if len(steps) == 3 and steps[:2] == ("in", JSON_BODY) and steps[2].startswith("."):
        return "json", steps[2][1:]
    return None
