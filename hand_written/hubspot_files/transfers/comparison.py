"""The comparison of both sides, path by path: the entries of a plan, each with its reason."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator

from .._clock import Clock
from .._errors import SourceChangedError
from .journal import Journal
from .local_tree import known_md5
from .plan import PlanOptions
from .planned_action import Action, PlannedAction
from .requests import PlanRequest
from .trees import LocalEntry, Pair, RemoteEntry


class Comparison:
    """The comparison of two trees.

    Args:
        request: what the plan is asked for.
        options: the two sides.
        journal: journal of the transfer, which knows the MD5 of local files, or None.
        clock: source of time.

    Attributes:
        unchanged: number of files that are equal so far.
        extra: number of files so far that only the destination has, and that are left there.
    """

    def __init__(self, request: PlanRequest, options: PlanOptions, journal: Journal | None, clock: Clock) -> None:
        self._request = request
        self._options = options
        self._journal = journal
        self._clock = clock
        self.unchanged: int = 0
        self.extra: int = 0
        # Folders of which nothing below is touched, because they cannot be read or created.
        self._blocked: set[str] = set()
        # Folders that are missing at the destination, and are created only if anything in them is transferred.
        self._missing: dict[str, PlannedAction] = {}

    def entries(self, pairs: Iterable[Pair]) -> Iterator[PlannedAction]:
        """Iterate over the entries of the plan."""
        compare = self._upload if self._options.direction == "upload" else self._download
        for pair in pairs:
            path = pair.local.path if pair.local is not None else pair.remote.path if pair.remote is not None else ""
            if self._is_blocked(path):
                yield from self._left_out(pair)
                continue
            for entry in compare(pair.local, pair.remote):
                if entry.action in ("upload", "download"):
                    yield from self._folders_of(entry.path)
                yield entry

    def _block(self, path: str) -> None:
        self._blocked.add(_parents(path)[0])

    def _is_blocked(self, path: str) -> bool:
        return any(parent in self._blocked for parent in _parents(path))

    def _left_out(self, pair: Pair) -> Iterator[PlannedAction]:
        """Report what cannot be transferred because of its folder. What only the destination has is left alone."""
        reason = "its folder is a conflict"
        local, remote = pair
        if self._options.direction == "upload" and local is not None:
            yield PlannedAction("conflict", local.path, reason, local_path=local.local_path)
        elif self._options.direction == "download" and remote is not None:
            yield PlannedAction("conflict", remote.path, reason, local_path=remote.local_path, file_id=remote.id)

    def _folders_of(self, path: str) -> Iterator[PlannedAction]:
        """Iterate over the missing folders above a path, from the top."""
        for parent in reversed(_parents(path)):
            if parent in self._missing:
                yield self._missing.pop(parent)

    def _folder(self, path: str, local_path: str, reason: str) -> Iterator[PlannedAction]:
        """Create a missing folder, now or with the first file in it."""
        entry = PlannedAction("mkdir", path, reason, local_path=local_path)
        if self._request.globs.selects_folder(path):
            yield from self._folders_of(path)
            yield entry
        else:
            self._missing[_parents(path)[0]] = entry

    def _upload(self, local: LocalEntry | None, remote: RemoteEntry | None) -> Iterator[PlannedAction]:
        if local is None:
            if remote is not None and remote.kind == "file" and self._request.delete:
                yield _deletion(remote, "not in the directory")
            elif remote is not None and remote.kind == "file":
                self.extra += 1
            return
        if local.kind in ("refused", "unreadable"):
            self._block(local.path)
            yield PlannedAction("conflict", local.path, local.note, local_path=local.local_path)
        elif local.kind == "link":
            self._block(local.path)
            yield PlannedAction("skip", local.path, local.note, local_path=local.local_path)
        elif local.kind == "folder":
            if remote is None:
                yield from self._folder(local.path, local.local_path, "a new folder")
            elif remote.kind == "file":
                self._block(local.path)
                reason = "a folder here, and a file on HubSpot"
                yield PlannedAction("conflict", local.path, reason, local_path=local.local_path, file_id=remote.id)
        elif remote is None:
            yield _source("upload", local, "new")
        elif remote.kind == "folder":
            yield _source("conflict", local, "a file here, and a folder on HubSpot")
        else:
            yield from self._replacement(local, remote)

    def _replacement(self, local: LocalEntry, remote: RemoteEntry) -> Iterator[PlannedAction]:
        try:
            md5 = self._md5(local) if self._may_be_equal(local, remote) else None
        except (OSError, SourceChangedError) as error:
            yield _source("conflict", local, f"it cannot be read: {error}")
            return
        if md5 is not None and (md5 == remote.md5 or self._was_stored(local, remote, md5)):
            self.unchanged += 1
            return
        entry = _source("replace", local, "other content" if remote.size == local.size else "another size")
        yield entry._replace(md5=md5, file_id=remote.id, access=remote.access, old_size=remote.size, old_md5=remote.md5)

    def _download(self, local: LocalEntry | None, remote: RemoteEntry | None) -> Iterator[PlannedAction]:
        if remote is None:
            if local is not None and local.kind == "file" and self._request.delete:
                yield PlannedAction(
                    "delete",
                    local.path,
                    "not on HubSpot",
                    local_path=local.local_path,
                    old_size=local.size,
                    old_modified_ns=local.modified_ns,
                )
            elif local is not None and local.kind == "file":
                self.extra += 1
            elif local is not None and local.kind == "link":
                self._block(local.path)
            return
        entry = PlannedAction(
            "download",
            remote.path,
            "new",
            size=remote.size,
            md5=remote.md5,
            file_id=remote.id,
            access=remote.access,
            local_path=remote.local_path,
            url=remote.url,
        )
        if remote.kind == "folder":
            if local is None:
                yield from self._folder(remote.path, remote.local_path, "a new folder")
            elif local.kind != "folder":
                self._block(remote.path)
                yield entry._replace(action="conflict", reason=f"a folder on HubSpot, and {_described(local)} here")
        elif local is None:
            yield entry
        elif local.kind != "file":
            yield entry._replace(action="conflict", reason=f"a file on HubSpot, and {_described(local)} here")
        else:
            yield from self._update(local, remote, entry)

    def _update(self, local: LocalEntry, remote: RemoteEntry, entry: PlannedAction) -> Iterator[PlannedAction]:
        try:
            equal = self._may_be_equal(local, remote) and self._md5(local) == remote.md5
        except (OSError, SourceChangedError) as error:
            yield entry._replace(action="conflict", reason=f"the local file cannot be read: {error}")
            return
        if equal:
            self.unchanged += 1
            return
        yield entry._replace(
            reason="other content" if remote.size == local.size else "another size",
            # The file may have the same name in other case or normalization.
            local_path=local.local_path,
            old_size=local.size,
            old_modified_ns=local.modified_ns,
        )

    def _may_be_equal(self, local: LocalEntry, remote: RemoteEntry) -> bool:
        """Return whether it is worth reading a local file."""
        return remote.size == local.size

    def _md5(self, local: LocalEntry) -> str:
        return known_md5(
            os.path.join(self._options.directory, local.local_path), local.local_path, self._journal, self._clock.time()
        )

    def _was_stored(self, local: LocalEntry, remote: RemoteEntry, md5: str) -> bool:
        """Return whether an earlier run stored this content, if the listing does not name the MD5."""
        row = None if remote.md5 is not None or self._journal is None else self._journal.row(local.path)
        if row is None or row.state not in ("done", "skipped") or row.created_at is None:
            return False
        return (row.file_id, row.created_at, row.md5) == (remote.id, remote.created_at, md5)


def _parents(path: str) -> list[str]:
    """Return a path and the folders above it, from the nearest one, in composed form."""
    parts = unicodedata.normalize("NFC", path).split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _source(action: Action, local: LocalEntry, reason: str) -> PlannedAction:
    return PlannedAction(
        action, local.path, reason, size=local.size, modified_ns=local.modified_ns, local_path=local.local_path
    )


def _deletion(remote: RemoteEntry, reason: str) -> PlannedAction:
    return PlannedAction(
        "delete", remote.path, reason, file_id=remote.id, access=remote.access, old_size=remote.size, old_md5=remote.md5
    )


def _described(local: LocalEntry) -> str:
    return "a folder" if local.kind in ("folder", "unreadable") else "a file" if local.kind == "file" else "a link"
