"""The planner: it compares both sides of a transfer, and changes nothing."""

from __future__ import annotations

import errno
import itertools
import os
import sqlite3
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from .._engine.effects import CleanUp, Flow, RunBlocking
from .._engine.settings import Settings
from .._errors import PathIsFileError
from ..resources.search_query import SearchQuery
from .calls import Calls
from .comparison import Comparison
from .errors import PlanRefusedError
from .identity import creation
from .journal import Journal, identity_of, journal_path
from .listing import Listing, file_entry
from .local_tree import folds_case, source_entries, walk
from .names import LocalNames
from .plan import Plan, new_database
from .planned_action import unplaced
from .requests import PlanRequest
from .trees import LocalEntry, RemoteEntry, Trees, path_key

if TYPE_CHECKING:
    from hubspot_files_api.models import File

T = TypeVar("T")

# Entries per call in a worker thread. Between two calls, the task can be cancelled.
_BATCH = 500


def make_plan(settings: Settings, request: PlanRequest) -> Flow[Plan]:
    """Return the plan for a request. Nothing is changed on either side.

    Raises:
        FileNotFoundError: the source does not exist. It is a FileMissingError for one on HubSpot.
        NotADirectoryError: one side is a file. It is a PathIsFileError for one on HubSpot.
        PlanRefusedError: names would be equal in the local directory, and are to be refused.
        JournalError: another run uses the journal.
        HubSpotFilesError: the listing failed.
    """
    database = new_database()
    try:
        return (yield from _Planner(settings, request, database).run())
    except BaseException:
        yield from CleanUp(database.close)
        raise


class _Planner:
    """The making of one plan."""

    def __init__(self, settings: Settings, request: PlanRequest, database: sqlite3.Connection) -> None:
        self._calls = Calls(settings)
        self._clock = settings.clock
        self._request = request
        self._options = request.options
        self._database = database
        self._trees = Trees(database)

    def run(self) -> Flow[Plan]:
        uploads = self._options.direction == "upload"
        if uploads:
            # Before anything is requested.
            yield from RunBlocking(_check_directory, self._options.directory)
        exists, folder_id, created_at = yield from find_folder(
            self._calls, self._options.folder_path, must_exist=not uploads
        )
        self._options = self._options._replace(folder_id=folder_id, folder_created_at=created_at)
        fold = not uploads and folds_case(self._options.directory)
        names = None if uploads else LocalNames(self._database, fold=fold)
        if exists:
            yield from self._list(folder_id, names)
        self._check_collisions(names)
        yield from self._add(self._local_entries(fold=fold), self._trees.add_local)
        journal = (yield from RunBlocking(self._open_journal)) if exists else None
        try:
            return (yield from self._compare(journal))
        finally:
            if journal is not None:
                yield from CleanUp(journal.close)

    def _list(self, folder_id: str | None, names: LocalNames | None) -> Flow[None]:
        request = self._request
        if request.files is not None and names is not None:
            yield from self._list_files(request.files, names)
        elif request.sources is not None:
            yield from Listing(self._calls, self._trees, request.globs, names).run(folder_id, recursive=False)
        else:
            yield from Listing(self._calls, self._trees, request.globs, names).run(folder_id)

    def _list_files(self, files: tuple[File, ...] | SearchQuery[File], names: LocalNames) -> Flow[None]:
        """Add the files of a search, or of a list."""
        if isinstance(files, tuple):
            yield from self._add((_named(file, names) for file in files), self._trees.add_remote)
            return
        for flow in files.pages():
            page = yield from flow
            yield from RunBlocking(self._trees.add_remote, [_named(file, names) for file in page.items])

    def _check_collisions(self, names: LocalNames | None) -> None:
        if names is None:
            return
        if names.collisions and self._request.if_collision == "refuse":
            raise PlanRefusedError(
                f"{names.collisions} names on HubSpot would be equal in {self._options.directory}: "
                f"{', '.join(names.examples)}. Rename them on HubSpot, or pass if_collision='rename'."
            )
        names.drop()

    def _local_entries(self, *, fold: bool) -> Iterator[LocalEntry]:
        request, directory = self._request, self._options.directory
        if request.sources is not None:
            return source_entries(request.sources, directory)
        if self._options.direction == "download" and not os.path.lexists(directory):
            return iter(())
        return walk(
            directory,
            request.globs,
            follow_symlinks=self._options.follow_symlinks,
            fold=fold,
            recursive=request.files is None,
        )

    def _add(self, entries: Iterator[T], add: Callable[[list[T]], None]) -> Flow[None]:
        while batch := (yield from RunBlocking(_take, entries)):
            yield from RunBlocking(add, batch)

    def _open_journal(self) -> Journal | None:
        """Open the journal, for the MD5 of local files. It is not created for a plan."""
        identity = identity_of(self._options)
        path = journal_path(self._request.journal, identity)
        return Journal(path, identity, self._options.folder_created_at) if path.exists() else None

    def _compare(self, journal: Journal | None) -> Flow[Plan]:
        comparison = Comparison(self._request, self._options, journal, self._clock)
        plan = Plan(self._options, self._database)
        entries = comparison.entries(self._trees.pairs())
        yield from self._add(entries, plan.add)
        deletions = plan.summary["delete"]
        plan.options = self._options._replace(
            unchanged=comparison.unchanged,
            refusal=self._refusal(deletions) if deletions else "",
            extra=comparison.extra,
        )
        yield from RunBlocking(self._trees.drop)
        return plan

    def _refusal(self, deletions: int) -> str:
        """Return why the deletions are refused, or an empty str."""
        uploads = self._options.direction == "upload"
        sources, files = self._trees.count("local"), self._trees.count("remote")
        if not uploads:
            sources, files = files, sources
        if not sources:
            return f"the source has no files, and {deletions} files would be deleted; check the source"
        limit = self._request.max_delete
        allowed = limit if isinstance(limit, int) else int(limit * files)
        if deletions <= allowed:
            return ""
        return (
            f"{deletions} of {files} files would be deleted, and max_delete={limit} allows {allowed}; look at the "
            f"plan, and pass max_delete={deletions} if it is right"
        )


def find_folder(calls: Calls, path: str, *, must_exist: bool = False) -> Flow[tuple[bool, str | None, str | None]]:
    """Return whether a folder exists on HubSpot, its id, and the time of its creation. The root has only the first.

    Raises:
        FileMissingError: it does not exist, and must_exist is True.
        PathIsFileError: there is a file at the path.
    """
    if path == "/":
        return True, None, None
    stat = yield from (calls.existing(path) if must_exist else calls.stat(path))
    if stat is None:
        return False, None, None
    if stat.folder is None:
        raise PathIsFileError(errno.ENOTDIR, "it is a file on HubSpot, not a folder", path)
    return True, stat.folder.id, creation(stat.folder)


def _check_directory(directory: str) -> None:
    if not os.path.isdir(directory):
        number = errno.ENOTDIR if os.path.lexists(directory) else errno.ENOENT
        raise OSError(number, "there is no such directory", directory)


def _take(entries: Iterator[T]) -> list[T]:
    return list(itertools.islice(entries, _BATCH))


def _named(file: File, names: LocalNames) -> RemoteEntry:
    path = (file.path or unplaced(file.id)).strip("/")
    local_path = names.file("", file)
    return file_entry(file, path_key(local_path, fold=names.fold), path, local_path)
