"""Changes of files that are planned, looked at and applied later."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Self, TypeAlias, get_args

from .._errors import ArgumentValueError
from .._operations.enums import Access, AccessName, access_level
from .._validation import aware_datetime, numeric_id, shown

if TYPE_CHECKING:
    from hubspot_files_api.models import File

ChangeAction: TypeAlias = Literal["set_access", "delete", "erase"]

_ACTIONS: Final[tuple[str, ...]] = get_args(ChangeAction)


class PlannedChange(NamedTuple):
    """A change of one file, with the state of the file that it was planned for.

    Attributes:
        action: `set_access`, `delete`, or `erase`, which is `files.gdpr_delete`.
        file_id: id of the file.
        path: path of the file when the change was planned.
        updated_at: time of the last change of the file before the plan. None if its record has none; the change is not
            applied then.
        size: size of the file in bytes, or None.
        access: the new access level for `set_access`, else None.
        reason: why it is planned, for people.
    """

    action: ChangeAction
    file_id: str
    path: str | None
    updated_at: datetime | None
    size: int | None = None
    access: Access | None = None
    reason: str = ""

    @classmethod
    def of(
        cls, file: File, action: ChangeAction, *, access: Access | AccessName | None = None, reason: str = ""
    ) -> Self:
        """Plan a change of a file in its present state.

        Raises:
            ValueError: the action or access is not valid, or access is missing or passed with another action.
        """
        return cls(action, file.id, file.path, file.updated_at, file.size, _level(action, access), reason)

    def to_dict(self) -> dict[str, Any]:
        """Return the change as JSON, without the values that are None, except for that of updated_at."""
        fields = {**self._asdict(), "updated_at": None if self.updated_at is None else self.updated_at.isoformat()}
        return {name: value for name, value in fields.items() if value is not None or name == "updated_at"}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Self:
        """Return a change from its JSON.

        Raises:
            ValueError: it is not the JSON of a change.
        """
        try:
            changed = fields["updated_at"]
            return cls(
                fields["action"],
                numeric_id(fields["file_id"], "file_id"),
                fields.get("path"),
                None if changed is None else aware_datetime(datetime.fromisoformat(changed), "updated_at"),
                fields.get("size"),
                _level(fields["action"], fields.get("access")),
                fields.get("reason", ""),
            )
        except KeyError as error:
            raise ArgumentValueError(f"{error.args[0]} is missing") from None
        except (TypeError, AttributeError) as error:
            raise ArgumentValueError(f"it is not a planned change: {error}") from None


class ChangePlan:
    """Changes to apply with `files.apply`, one by one.

    Args:
        changes: the changes.
    """

    def __init__(self, changes: Iterable[PlannedChange] = ()) -> None:
        self.changes: list[PlannedChange] = list(changes)

    def __iter__(self) -> Iterator[PlannedChange]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    @property
    def summary(self) -> dict[str, int]:
        """Number of changes by action."""
        return dict(Counter(change.action for change in self.changes))

    @property
    def digest(self) -> str:
        """Fingerprint of the changes, without their order and their reasons. Equal plans have equal digests."""
        lines = sorted(_line(change._replace(reason="")) for change in self.changes)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the plan as JSON lines, one for each change. A change is left out by removing its line.

        Raises:
            OSError: the file cannot be written.
        """
        Path(path).write_text("".join(f"{_line(change)}\n" for change in self.changes), encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a plan that `save` wrote.

        Raises:
            OSError: the file cannot be read.
            ValueError: a line is not a planned change, or two lines change the same file.
        """
        changes: list[PlannedChange] = []
        ids: set[str] = set()
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    change = PlannedChange.from_dict(json.loads(line))
                    if change.file_id in ids:
                        raise ArgumentValueError(f"an earlier line changes the file {change.file_id}, too")
                except ValueError as error:
                    raise ArgumentValueError(f"line {number} of {os.fspath(path)}: {error}") from None
                ids.add(change.file_id)
                changes.append(change)
        return cls(changes)

    def __repr__(self) -> str:
        counts = ", ".join(f"{action} {count}" for action, count in self.summary.items())
        return f"<ChangePlan {counts or 'without changes'}>"


def _line(change: PlannedChange) -> str:
    return json.dumps(change.to_dict(), ensure_ascii=False)


def _level(action: str, access: Access | AccessName | None) -> Access | None:
    if action not in _ACTIONS:
        raise ArgumentValueError(f"action {shown(action)} is not valid; use one of {', '.join(_ACTIONS)}")
    if (access is not None) != (action == "set_access"):
        raise ArgumentValueError("access is required for set_access, and for no other action")
    return None if access is None else access_level(access)
