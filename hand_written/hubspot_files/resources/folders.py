"""The operations on folders."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._engine.effects import Flow, Now
from .._engine.methods import AsyncResource, SyncResource, operation
from .._engine.retry import end_of, pause_before_retry
from .._engine.retry_policy import Failure, Repeat, Verdict, decide, status_failure
from .._errors import ConflictError, HubSpotFilesError, OutcomeUnknownError, ServerError
from .._operations import folder_calls, lookup
from .._operations.folder_calls import FOLDER_NEEDS
from .._operations.options import Target
from .._operations.prepared_call import by_path, perform, still_unknown
from .._validation import _folder_name, _folder_path, absolute_path, check_task_id, digits, names
from .base import Operations
from .pagination import paged
from .search_filters import date_filters, search_filters
from .search_query import Walk
from .tasks import Plan, started

if TYPE_CHECKING:
    from hubspot_files_api.models import Folder

    from .._engine.claims import Flight
    from .._http.timeouts import Timeout
    from .._operations.prepared_call import Exchange


# A gateway did not wait for HubSpot, which may be at it still.
_GONE_AHEAD = (504, 524)


class FolderOperations(Operations):
    """Operations on folders, for both clients. Every one raises the errors of HubSpotFilesError beside its own."""

    @operation
    def create(
        self,
        name: str,
        *,
        parent_folder_id: str | int | None = None,
        parent_path: str | None = None,
        timeout: Timeout = None,
    ) -> Flow[Folder]:
        """Create a folder, at the root where no parent is given.

        Args:
            name: its name, without slashes and backslashes.
            parent_folder_id: id of the folder to create it in.
            parent_path: path of that folder; not together with parent_folder_id.
            timeout: seconds, or an httpx.Timeout, for each step of the connection; None is the client's.

        Raises:
            ValueError: an empty name or one with a slash or a backslash, a backslash in parent_path, or two parents.
            ConflictError: there is a folder of that name, maybe one that another call of this client was given.
            ServerError: HubSpot failed, time and again, and there is no such folder.
            OutcomeUnknownError: it failed after all was sent, and whether the folder exists cannot be told for certain,
                or whether another call of this client that is in flight has created it.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        if parent_folder_id is not None and parent_path is not None:
            raise ValueError("parent_folder_id and parent_path exclude each other: pass one, or none for the root")
        parent = Target(
            None if parent_folder_id is None else digits(parent_folder_id, "parent_folder_id"),
            None if parent_path is None else absolute_path(parent_path, "parent_path"),
        )
        exchange = folder_calls.create_folder(_folder_name(name), parent)
        began: float = yield Now()
        # Without a parent it goes to the root.
        path = parent.folder_path or (None if parent.folder_id else "/")
        with self._settings.shared.claims.flight("folder", parent.folder_id, path, name, began) as flight:
            folder = yield from self._created(exchange, parent, name, flight, timeout)
            flight.settled = True
            return folder

    def _created(
        self, exchange: Exchange[Folder], parent: Target, name: str, flight: Flight, timeout: Timeout
    ) -> Flow[Folder]:
        end = yield from end_of(self._settings)
        attempt = 0
        over = True
        lost: OutcomeUnknownError | None = None
        while True:
            attempt += 1
            try:
                return (yield from perform(self._settings, exchange, timeout, end))
            except ConflictError as conflict:
                if lost is None:
                    raise
                # Nothing stood there when it was looked for: HubSpot may have been at an attempt before still.
                try:
                    found = yield from lookup.created(self._settings, parent, name, flight, timeout, end)
                except HubSpotFilesError:
                    raise conflict from None
                if found.shared:
                    raise still_unknown(exchange, lost, found.said) from conflict
                if found.record is None:
                    raise
                return found.record
            except OutcomeUnknownError as error:
                cause = error.__cause__
                answer = cause if isinstance(cause, ServerError) else None
                over = over and answer is not None and answer.status_code not in _GONE_AHEAD
                try:
                    found = yield from lookup.created(self._settings, parent, name, flight, timeout, end)
                except HubSpotFilesError as failure_to_look:
                    raise still_unknown(exchange, error, lookup.failed(failure_to_look)) from cause
                if found.record is not None:
                    return found.record
                if found.shared:
                    raise still_unknown(exchange, error, found.said) from cause
                # Where each attempt is over and none has made it, what HubSpot answered is all that happened.
                lost = error if found.free else None
                failed: HubSpotFilesError = still_unknown(exchange, error, found.said)
                failed.__cause__ = cause
                if answer is not None and over and found.free:
                    failed = answer
                # It is not there, so that creating it again creates it once.
                failure = status_failure(answer) if answer else Failure("cut", all_sent=True)
                hopeless = decide(Repeat.HARMLESS, failure) is Verdict.GIVE_UP
                if hopeless or attempt > self._settings.max_retries:
                    raise failed from failed.__cause__
                yield from pause_before_retry(
                    self._settings, "POST /files/v3/folders", end, failure, attempt, attempt, failed
                )

    @operation
    def get(
        self, folder_id: str | int, *, properties: Iterable[str] | None = None, timeout: Timeout = None
    ) -> Flow[Folder]:
        """Get a folder's record.

        Args:
            folder_id: digits, as in `Folder.id`.
            properties: names of the properties to ask for; those that every Folder has are added.
            timeout: as of create.

        Raises:
            NotFoundError: there is no such folder.
            ValueError: folder_id is not digits; get_by_path takes paths.
        """
        exchange = folder_calls.get_folder(
            digits(folder_id, "folder_id"), properties=names(properties, "properties", FOLDER_NEEDS)
        )
        return (yield from perform(self._settings, exchange, timeout))

    @operation
    def get_by_path(
        self, path: str, *, properties: Iterable[str] | None = None, timeout: Timeout = None
    ) -> Flow[Folder]:
        """Get the record of the folder at a path.

        Args:
            path: such as `/library/cats`.
            properties: as of get.
            timeout: as of create.

        Raises:
            NotFoundError: there is no such folder.
            ValueError: path is the root, holds `.`, `..` or empty segments, or is all digits, which HubSpot would take
                for an id: files.stat finds such a folder.
        """
        place = _folder_path(path)
        wanted = names(properties, "properties", FOLDER_NEEDS)
        exchange_of = functools.partial(folder_calls.get_folder_by_path, place, properties=wanted)
        return (yield from by_path(self._settings, exchange_of, place, timeout))[0]

    @paged
    def search(
        self,
        *,
        properties: Iterable[str] | None = None,
        limit: int | None = None,
        after: str | int | None = None,
        before: str | None = None,
        sort: str | Iterable[str] | None = None,
        ids: Iterable[str | int] | None = None,
        id_gte: str | int | None = None,
        id_lte: str | int | None = None,
        parent_folder_ids: Iterable[str | int] | None = None,
        name: str | None = None,
        path: str | None = None,
        created_at: datetime | None = None,
        created_at_gte: datetime | None = None,
        created_at_lte: datetime | None = None,
        updated_at: datetime | None = None,
        updated_at_gte: datetime | None = None,
        updated_at_lte: datetime | None = None,
        max_items: int | None = None,
        beyond_limit: bool = False,
        timeout: Timeout = None,
    ) -> Walk[Folder]:
        """Search for folders that match every filter. Hidden and deleted folders are not found.

        Folders may be deleted, moved and renamed while one iterates, as of files.search.

        Args:
            properties: as of get.
            limit: results a page, 1 to 100; 100 where it is left out.
            after: offset to begin at, or a Page's next_after.
            before: HubSpot's cursor of that name, sent as it is.
            sort: a property such as `name`, `-name` for the other way round; or several.
            ids, id_gte, id_lte: these ids, or from one id to another.
            parent_folder_ids: directly in these folders.
            name: part of the name.
            path: path in the file manager.
            created_at, updated_at: that very time, with a zone; each with `_gte` and `_lte` for a range.
            max_items: give so many at the most.
            beyond_limit: walk by id and not by offset, so that the 10,000 cap does not hold; results come by id.
            timeout: as of create, for each page.

        Returns:
            A Pager: iterate over it for folders, over its `pages()` for pages.

        Raises:
            ValueError: a filter that cannot be; beyond_limit with sort, after or before.
            TypeError: a filter of the wrong type.
            SearchLimitError: while iterating: there are more results than HubSpot pages through, or they change faster
                than their pages come.
        """
        filters: dict[str, Any] = search_filters(
            needs=FOLDER_NEEDS,
            properties=properties,
            limit=limit,
            after=after,
            before=before,
            sort=sort,
            ids=ids,
            id_gte=id_gte,
            id_lte=id_lte,
            parent_folder_ids=parent_folder_ids,
            beyond_limit=beyond_limit,
            max_items=max_items,
        )
        filters |= date_filters(
            created_at=created_at,
            created_at_gte=created_at_gte,
            created_at_lte=created_at_lte,
            updated_at=updated_at,
            updated_at_gte=updated_at_gte,
            updated_at_lte=updated_at_lte,
        )
        filters |= {"name": name, "path": path}
        return Walk(
            self._settings,
            folder_calls.search_folders,
            filters,
            max_items=max_items,
            beyond_limit=beyond_limit,
            timeout=timeout,
        )

    @operation
    def update(
        self,
        folder_id: str | int,
        *,
        name: str | None = None,
        parent_folder_id: str | int | None = None,
        timeout: Timeout = None,
    ) -> Flow[Folder]:
        """Rename or move a folder.

        Args:
            folder_id: digits, as in `Folder.id`.
            name: new name, without slashes and backslashes.
            parent_folder_id: id of the folder to move it to.
            timeout: as of create.

        Returns:
            The changed folder.

        Raises:
            ValueError: nothing to change, or a value that cannot be.
            NotFoundError: there is no such folder.
        """
        number = digits(folder_id, "folder_id")
        exchange = folder_calls.update_folder(number, **_changes(name, parent_folder_id))
        return (yield from perform(self._settings, exchange, timeout))

    @started
    def update_recursively(
        self,
        folder_id: str | int,
        *,
        name: str | None = None,
        parent_folder_id: str | int | None = None,
        timeout: Timeout = None,
    ) -> Flow[Plan[Folder]]:
        """Rename or move a folder with the paths of everything below it, and give the task on whose end one can wait.

        Args:
            folder_id: digits, as in `Folder.id`.
            name: new name, without slashes and backslashes.
            parent_folder_id: id of the folder to move it to.
            timeout: as of create.

        Returns:
            A task: `wait(timeout=60)` returns the Folder.

        Raises:
            ValueError: nothing to change, or a value that cannot be.
            NotFoundError: there is no such folder.
        """
        number = digits(folder_id, "folder_id")
        exchange = folder_calls.update_folder_recursively(number, **_changes(name, parent_folder_id))
        locator = yield from perform(self._settings, exchange, timeout)
        return Plan(
            locator.id,
            self._settings,
            folder_calls.get_folder_update_task,
            lambda: folder_calls.get_folder(number, properties=None),
        )

    @started
    def update_task(self, task_id: str) -> Flow[Plan[Folder]]:
        """Take up a task that update_recursively began elsewhere. Nothing is sent before it is asked for its state.

        Args:
            task_id: `id` of the task.

        Raises:
            ValueError: task_id is empty, or would end up at another URL.
        """
        yield from ()
        return Plan(check_task_id(task_id), self._settings, folder_calls.get_folder_update_task)

    @operation
    def delete(self, folder_id: str | int, *, timeout: Timeout = None) -> Flow[None]:
        """Delete a folder.

        Args:
            folder_id: digits, as in `Folder.id`.
            timeout: as of create.

        Raises:
            NotFoundError: there is no such folder, or it is deleted already.
            ValueError: folder_id is not digits; delete_by_path takes paths.
        """
        yield from perform(self._settings, folder_calls.delete_folder(digits(folder_id, "folder_id")), timeout)

    @operation
    def delete_by_path(self, path: str, *, timeout: Timeout = None) -> Flow[None]:
        """Delete the folder at a path.

        Args:
            path: such as `/library/cats`.
            timeout: as of create.

        Raises:
            NotFoundError: there is no such folder.
            ValueError: as of get_by_path.
        """
        place = _folder_path(path)
        exchange_of = functools.partial(folder_calls.delete_folder_by_path, place)
        yield from by_path(self._settings, exchange_of, place, timeout)


class Folders(FolderOperations, SyncResource):
    """Folders: `hubspot.folders` of HubSpotFiles."""


class AsyncFolders(FolderOperations, AsyncResource):
    """Folders: `hubspot.folders` of AsyncHubSpotFiles."""


def _changes(name: str | None, parent_folder_id: str | int | None) -> dict[str, Any]:
    if name is None and parent_folder_id is None:
        raise ValueError("nothing to change: pass name= or parent_folder_id=")
    return {
        "name": None if name is None else _folder_name(name),
        "parent_folder_id": None if parent_folder_id is None else int(digits(parent_folder_id, "parent_folder_id")),
    }
