"""The deliberate differences from the published descriptions, each with its reason, in openapi/divergences.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..descriptions import description
from ..errors import PipelineError
from .events import Event
from .model import version_order

_KEYS = ("where", "what", "reason", "evidence")

LATER = "later"
"""In `versions`, all versions after those that are named."""

Difference: TypeAlias = tuple[str, str]
"""The place and the words of a difference."""


@dataclass(frozen=True)
class Divergence:
    """A deliberate difference.

    Each text of `what` describes a difference at one location of `where` at least, and each location has one.

    Attributes:
        versions: The versions whose published descriptions have it, `LATER` for those after them; all that are
            followed if it is empty.
    """

    where: tuple[str, ...]
    what: tuple[str, ...]
    reason: str
    evidence: str
    versions: tuple[str, ...] = ()

    @property
    def differences(self) -> set[Difference]:
        """The differences that it may explain."""
        return {(where, what) for where in self.where for what in self.what}


def read(path: Path) -> list[Divergence]:
    """Read the divergences.

    Raises:
        PipelineError: The file cannot be read, or an entry is incomplete.
    """
    raw = description.read(path)
    listed = raw.get("divergences")
    if not isinstance(listed, list) or raw.keys() != {"divergences"}:
        raise PipelineError(f"{path.name} cannot be used:", ["it holds one list, named divergences"])
    lines = [
        f"entry {number}: give where and what, texts or lists of texts, and reason and evidence, texts;"
        " maybe versions, a list of texts; nothing else"
        for number, entry in enumerate(listed, 1)
        if not _is_complete(entry)
    ]
    if lines:
        raise PipelineError(f"{path.name} cannot be used:", lines)
    return [
        Divergence(
            _texts(entry["where"]),
            _texts(entry["what"]),
            entry["reason"],
            entry["evidence"],
            tuple(entry.get("versions", ())),
        )
        for entry in listed
    ]


def _is_complete(entry: object) -> bool:
    if not isinstance(entry, dict) or entry.keys() - {"versions"} != set(_KEYS):
        return False
    versions = entry.get("versions", ["all"])
    if not isinstance(versions, list) or not versions:
        return False
    texts = [*_texts(entry["where"]), *_texts(entry["what"]), entry["reason"], entry["evidence"], *versions]
    return all(isinstance(text, str) and text.strip() for text in texts) and bool(
        _texts(entry["where"]) and _texts(entry["what"])
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (value,)  # type: ignore[return-value] # see _is_complete


def of_version(divergences: Iterable[Divergence], version: str) -> list[Divergence]:
    """Return the divergences from one version."""
    return [entry for entry in divergences if not entry.versions or _applies(entry.versions, version)]


def _applies(versions: tuple[str, ...], version: str) -> bool:
    named = [name for name in versions if name != LATER]
    return version in named or (
        LATER in versions and all(version_order(name) < version_order(version) for name in named)
    )


def explained(divergences: Iterable[Divergence]) -> set[Difference]:
    """Return the differences that divergences may explain."""
    return {difference for entry in divergences for difference in entry.differences}


def unexplained(found: Iterable[Event], divergences: Iterable[Divergence]) -> list[str]:
    """Return the differences without an entry and the entries without a difference, one line each."""
    differences = dict.fromkeys((event.place, event.what) for event in found)
    lines = []
    used: set[Difference] = set()
    for entry in divergences:
        covered = entry.differences & differences.keys()
        used |= covered
        stale = [("where", text) for text in entry.where if text not in {where for where, _ in covered}]
        stale += [("what", text) for text in entry.what if text not in {what for _, what in covered}]
        if covered:
            lines += [
                f"the divergence {_named(entry)} has a {key} that is no difference any more: {text}"
                for key, text in stale
            ]
        else:
            lines.append(
                f"the divergence {_named(entry)} is no difference any more; remove it, or list in `versions` those that"
                " have it"
            )
    for place, what in differences:
        if (place, what) not in used:
            lines.append(
                "not explained; change the description, or add a divergence with:"
                f" where: {json.dumps(place)}, what: {json.dumps(what)}"
            )
    return lines


def _named(entry: Divergence) -> str:
    return f"{entry.where[0]!r}: {entry.what[0]!r}"
