"""Writes HubSpot's additions into our description, and lists the changes that need a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..contracts import lockfile
from ..contracts.alignment import aligned
from ..contracts.changes import ADDITIVE, Change
from ..contracts.comparison import changes
from ..contracts.divergences import Divergence, unexplained
from ..contracts.divergences import read as read_divergences
from ..contracts.events import Event, events, versioned_in
from ..contracts.extraction import contract
from ..contracts.lockfile import LockedContract
from ..contracts.model import Contract
from ..contracts.versions import Followed, FollowedVersion, follow
from ..descriptions import description
from ..descriptions.description import TODO, Json
from ..descriptions.references import Pointer
from ..errors import PipelineError
from ..layout import Layout
from ..saving import save
from .additions import Additions
from .locations import Locations, locations
from .openapi_writer import NotWritableError
from .yaml_editor import YamlEditor

Fact = tuple[object, ...]

# The last words of kinds, with one word for a kind and its opposite: a divergence covers both.
_PAIRED = {
    "removed": "there",
    "added": "there",
    "optional": "needed",
    "required": "needed",
    "free": "values",
    "listed": "values",
    "open": "closed",
}


def apply(layout: Layout, published: Contract) -> tuple[list[str], list[str]]:
    """Write pure additions into the description.

    Args:
        layout: The checkout.
        published: The contract to follow.

    Returns:
        The facts that were written and those left to do by hand, one line each.

    Raises:
        PipelineError: The description, the lock or the divergences cannot be used, or what is published is nested
            too deeply.
    """
    divergences = read_divergences(layout.divergences)
    locks = lockfile.read_all(layout.locks)
    document = description.read(layout.description)
    before = contract(document)
    published = aligned(published, before)
    # A deliberate difference stays, even if it now differs in another way.
    explained: set[Fact] = set()
    for version in (locks[published.version].contract, published) if published.version in locks else (published,):
        explained |= _explained(*_follow(before, locks, version, divergences))
    followed, seen = _follow(before, locks, published, divergences)
    elsewhere = {
        fact for other in followed.versions if other is not seen for fact in _explained(followed, other)
    } - explained
    additions = Additions(_editor(layout.description), document, before, published)
    written: list[Change] = []
    reasons: dict[Fact, str] = {}
    wanted = list(changes(seen.ours, published))
    # Inputs that this version lacks and others have.
    lost = {
        change.operation: change
        for change in wanted
        if change.kind.endswith(" removed") and _is_named_input(change) and _fact(change) in explained
    }
    for change in wanted:
        if _fact(change) in explained or not (change.grade == ADDITIVE or change.kind == "header added"):
            continue
        if _fact(change) in elsewhere:
            reasons[_fact(change)] = (
                "a divergence from other versions; if it is one from this version, too, list it there"
            )
            continue
        if change.kind.endswith(" added") and _is_named_input(change) and change.operation in lost:
            other = lost[change.operation].steps[-1].removeprefix(".")
            reasons[_fact(change)] = f"if it is `{other}` by another name, say so with x-also-named; else add it"
            continue
        try:
            additions.write(change)
        except NotWritableError as reason:
            reasons[_fact(change)] = str(reason)
        else:
            written.append(change)
    now = _replace(layout.description, additions.yaml.text) if written else _Read(document, before)
    return (
        [f"{event.where}: {event.what}" for event in _events(written, before, published)],
        _left(layout, now, locks, published, divergences, wanted, reasons),
    )


@dataclass(frozen=True)
class _Read:
    """A description that has been read, with its contract."""

    document: Json
    contract: Contract


def _follow(
    ours: Contract, locks: Mapping[str, LockedContract], published: Contract, divergences: list[Divergence]
) -> tuple[Followed, FollowedVersion]:
    """Return the followed versions as they are with a published contract, and its version."""
    followed = Followed(
        ours, follow(ours, {**locks, published.version: LockedContract("", "", published)}, divergences)
    )
    version = followed.version(published.version)
    assert version is not None
    return followed, version


def _is_named_input(change: Change) -> bool:
    """Whether a change concerns an input that another name can stand for."""
    return change.is_input and change.kind.startswith(("parameter", "property"))


def _editor(path: Path) -> YamlEditor:
    return YamlEditor(path.read_text(encoding="utf-8"), path.name)


def _replace(path: Path, text: str) -> _Read:
    """Replace the description by a text, if that is a valid description, and return it."""
    read: list[_Read] = []

    def check(new: Path) -> None:
        document = description.read(new)
        read.append(_Read(document, contract(document)))
        locations(document, read[0].contract)

    try:
        save(path, text, check)
    except PipelineError as problems:
        raise PipelineError(
            f"{path.name} was left as it is, because it could not be used with:", problems.lines
        ) from None
    return read[0]


def _left(
    layout: Layout,
    now: _Read,
    locks: Mapping[str, LockedContract],
    published: Contract,
    divergences: list[Divergence],
    wanted: list[Change],
    reasons: dict[Fact, str],
) -> list[str]:
    """Return the changes left to follow, the names left to choose, and the divergences that no longer are any."""
    ours = now.contract
    followed, version = _follow(ours, locks, published, divergences)
    explained = _explained(followed, version)
    # Changes as they were before anything was written, when removed facts still named their replacements.
    known = {(_fact(change), change.kind): change for change in wanted}
    still = [
        known.get((_fact(change), change.kind), change)
        for change in changes(version.ours, published)
        if _fact(change) not in explained
    ]
    where = _finder(layout.description, locations(now.document, ours)) if still else lambda _: ""
    lines = []
    for event in _events(still, ours, published):
        causes = {reasons[_fact(change)] for change in event.changes if _fact(change) in reasons}
        because = f" ({'; '.join(sorted(causes))})" if causes else ""
        lines.append(f"{event.grade}: {event.where}: {event.what}{because}{where(event)}")
    for number, line in enumerate(layout.description.read_text(encoding="utf-8").splitlines(), 1):
        if TODO in line:
            lines.append(f"{line.strip()} [{layout.description.name}:{number}]")
    stale = unexplained(version.differences, version.divergences)
    return [*lines, *(f"{layout.divergences.name}: {line}" for line in stale if line.startswith("the divergence"))]


def _finder(path: Path, known: Locations) -> Callable[[Event], str]:
    text = _editor(path)

    def found(event: Event) -> str:
        lines = {text.line(at) for change in event.changes if (at := _nearest(known, change)) is not None}
        return f" [{path.name}:{', '.join(map(str, sorted(lines)))}]" if lines else ""

    return found


def _nearest(known: Locations, change: Change) -> Pointer | None:
    """Return the location of a change, or the nearest one around it that our description has."""
    for length in range(len(change.steps), 0, -1):
        use = (change.operation, change.steps[:length])
        if (at := known.holders.get(use) or known.schemas.get(use)) is not None:
            return at
    return known.holders.get((change.operation, ("operation",)))


def _events(found: Iterable[Change], ours: Contract, published: Contract) -> list[Event]:
    labels = {key: operation.summary for key, operation in ours.operations.items() if operation.summary}
    return events(found, versioned_in(ours, published), labels)


def _explained(followed: Followed, version: FollowedVersion) -> set[Fact]:
    """Return the facts in which our contract differs from a published one, and which need not be followed.

    A divergence explains them, or they are facts of this version.
    """
    known = [event for event in version.differences if version.is_explained(event)]
    return {_fact(change) for event in [*known, *followed.facts_of(version)] for change in event.changes}


def _fact(change: Change) -> Fact:
    """Return the subject of a change, which is the same for a change and its opposite."""
    steps = change.steps
    if not change.kind.startswith("content") and steps[:1] in (("in",), ("out",)):
        # Content without a media type in one contract may have one in the other.
        media = 1 if steps[0] == "in" else 2
        steps = (*steps[:media], *steps[media + 1 :]) if steps[media : media + 1] != ("header",) else steps
    for single in ("deprecated", "null", "scopes"):
        if single in change.kind:
            return (change.operation, steps, single)
    subject, _, last = change.kind.rpartition(" ")
    return (change.operation, steps, subject, _PAIRED.get(last, last))
