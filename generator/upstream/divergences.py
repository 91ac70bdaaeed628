"""The deliberate differences from the published description, each with its reason, in openapi/divergences.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..contracts.comparison import changes
from ..contracts.events import Event, events
from ..contracts.model import Contract
from ..descriptions import description
from ..errors import PipelineError

_KEYS = ("where", "what", "reason", "evidence")


@dataclass(frozen=True)
class Divergence:
    """A deliberate difference.

    Each text of `what` describes a difference at one location of `where` at least, and each location has one.
    """

    where: tuple[str, ...]
    what: tuple[str, ...]
    reason: str
    evidence: str


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
        f"entry {number}: give where and what, texts or lists of texts, and reason and evidence, texts; nothing else"
        for number, entry in enumerate(listed, 1)
        if not _is_complete(entry)
    ]
    if lines:
        raise PipelineError(f"{path.name} cannot be used:", lines)
    return [
        Divergence(_texts(entry["where"]), _texts(entry["what"]), entry["reason"], entry["evidence"])
        for entry in listed
    ]


def _is_complete(entry: object) -> bool:
    if not isinstance(entry, dict) or entry.keys() != set(_KEYS):
        return False
    texts = [*_texts(entry["where"]), *_texts(entry["what"]), entry["reason"], entry["evidence"]]
    return all(isinstance(text, str) and text.strip() for text in texts) and bool(
        _texts(entry["where"]) and _texts(entry["what"])
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (value,)  # type: ignore[return-value] # checked by _is_whole


def differences(published: Contract, ours: Contract) -> list[Event]:
    """Return the differences between our description and the published one."""
    return events(changes(published, ours), str, {})


def unexplained(found: Iterable[Event], divergences: Iterable[Divergence]) -> list[str]:
    """Return the differences without an entry and the entries without a difference, one line each."""
    open_events = {(event.place, event.what): event for event in found}
    lines = []
    used: set[tuple[str, str]] = set()
    for entry in divergences:
        covered = {(where, what) for where in entry.where for what in entry.what} & open_events.keys()
        used |= covered
        stale = [("where", text) for text in entry.where if text not in {where for where, _ in covered}]
        stale += [("what", text) for text in entry.what if text not in {what for _, what in covered}]
        if covered:
            lines += [
                f"the divergence {_named(entry)} has a {key} that is no difference any more: {text}"
                for key, text in stale
            ]
        else:
            lines.append(f"the divergence {_named(entry)} is no difference any more; remove it")
    for (place, what), _event in open_events.items():
        if (place, what) not in used:
            lines.append(
                "not explained; change the description, or add a divergence with:"
                f" where: {json.dumps(place)}, what: {json.dumps(what)}"
            )
    return lines


def _named(entry: Divergence) -> str:
    return f"{entry.where[0]!r}: {entry.what[0]!r}"
