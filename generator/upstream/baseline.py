"""The contract that a published description is compared with, and what has to be said before the comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..contracts import lockfile
from ..contracts.alignment import aligned
from ..contracts.comparison import changes
from ..contracts.events import Event, events, versioned_in
from ..contracts.model import Contract, version_order
from ..errors import PipelineError
from ..layout import Layout
from . import published

# HubSpot has published 7 operations of a version that has 21, and has never removed more than two at once.
_INCOMPLETE = 1 / 3


@dataclass(frozen=True)
class Baseline:
    """A published contract, and the one that it is compared with.

    Attributes:
        old, new: The two contracts.
        is_followed: Whether the version of the new one is followed, or was named for the comparison.
        missing: The keys of operations that an incomplete description lacks; empty if it is complete.
        whole_together: Whether the two have all operations of all versions together.
    """

    old: Contract
    new: Contract
    is_followed: bool
    missing: tuple[str, ...] = ()
    whole_together: bool = False

    def events(self, labels: Mapping[str, str]) -> list[Event]:
        """Return the changes, without the operations that an incomplete description lacks.

        Raises:
            PipelineError: The contracts are nested too deeply.
        """
        found = [
            change for change in changes(self.old, self.new) if not self._is_missing(change.kind, change.operation)
        ]
        return events(found, versioned_in(self.old, self.new), labels)

    def _is_missing(self, kind: str, operation: str) -> bool:
        return kind == "operation removed" and operation in self.missing

    def introduction(self) -> list[str]:
        """Return what a maintainer has to know before the changes, as lines."""
        lines = []
        if not self.is_followed:
            lines.append(
                f"{self.new.version} is not followed yet. Compared with {self.old.version}, the newest version that is:"
            )
        if self.missing:
            count = len(self.new.operations)
            lines.append(
                f"{self.new.version} is incomplete: it has {count} operations, and lacks {len(self.missing)} of the"
                f" {len(self.old.operations)} of {self.old.version}. Do not follow it as it is."
            )
            if self.whole_together:
                lines.append(f"Together with {self.old.version} it is whole.")
        return lines

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        return {
            "version": self.new.version,
            "followed": self.is_followed,
            "against": self.old.version,
            "missing": [self.old.versioned(key) for key in self.missing],
        }


def baseline(
    layout: Layout, new: Contract, against: str | None, *, is_first: bool = False, whole: bool = False
) -> Baseline:
    """Return what a published contract is compared with.

    Args:
        layout: The checkout.
        new: The published contract.
        against: A description to compare with instead of a lock, or None.
        is_first: Whether it may be the first that is locked. Then it is compared with itself.
        whole: Whether operations that are missing count as removed, however many they are.

    Raises:
        PipelineError: The other description or the locks cannot be used.
    """
    if against is not None:
        try:
            return Baseline(published.read(against).contract, new, is_followed=True)
        except PipelineError as problems:
            raise PipelineError("The description to compare with cannot be used:", problems.lines) from problems
    if is_first and not any(layout.locks.glob("*.json")):
        return Baseline(new, new, is_followed=True)
    locks = {name: locked.contract for name, locked in lockfile.read_all(layout.locks).items()}
    own = locks.get(new.version)
    old = aligned(own or locks[max(locks, key=version_order)], new)
    missing = tuple(key for key in old.operations if key not in new.operations)
    if whole or len(missing) <= len(old.operations) * _INCOMPLETE:
        return Baseline(old, new, own is not None)
    everything = {key for contract in locks.values() for key in contract.operations}
    return Baseline(old, new, own is not None, missing, everything <= {*old.operations, *new.operations})
