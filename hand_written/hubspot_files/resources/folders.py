"""Folders: `hubspot.folders`."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._engine.claims import Creation
from .._engine.context import CallContext, start_call
from .._engine.effects import AsyncDriver, Driver, Flow
from .._engine.methods import AsyncResource, SyncResource, operation
from .._engine.retry import Attempts
from .._engine.retry_policy import UNREADABLE, Idempotency, status_failure
from .._engine.settings import Settings
from .._errors import ConflictError, HubSpotFilesError, OutcomeUnknownError, ServerError
from .._http.timeouts import Timeout
from .._operations import folder_calls
from .._operations.folder_calls import FOLDER_NEEDS
from .._operations.options import Target
from .._operations.prepared_call import PreparedCall, perform, perform_by_path
from .._validation import (
    absolute_path,
    check_task_id,
    folder_name,
    folder_url_path,
    numeric_id,
    property_names,
)
from .base import Operations
from .pagination import paged
from .search_filters import search_query
from .search_query import SearchQuery
from .tasks import TaskSpec, started

if TYPE_CHECKING:
    from hubspot_files_api.models import Folder

# A gateway did not wait for HubSpot, which may still be at it.
_GATEWAY_TIMEOUTS = (504, 524)


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
            None if parent_folder_id is None else numeric_id(parent_folder_id, "parent_folder_id"),
            None if parent_path is None else absolute_path(parent_path, "parent_path"),
        )
        call = folder_calls.create_folder(folder_name(name), parent)
        context = yield from start_call(self._settings, timeout)
        # Without a parent it goes to the root.
        path = parent.folder_path or (None if parent.folder_id else "/")
        claims = self._settings.shared.claims
        with claims.creating("folder", parent.folder_id, path, name, context.started_at) as creation:
            folder = yield from _create(context, call, parent, name, creation)
            creation.settled = True
            return folder

    @operation
    def get(
        self, folder_id: str | int, *, properties: Iterable[str] | None = None, timeout: Timeout = None
    ) -> Flow[Folder]:
        """Get a folder's record.

        Args:
            folder_id: digits, as in `Folder.id`.
            properties: names of the properties to ask for; those that every Folder has are added.
            timeout: see `create`.

        Raises:
            NotFoundError: there is no such folder.
            ValueError: folder_id is not digits; get_by_path takes paths.
        """
        call = folder_calls.get_folder(
            numeric_id(folder_id, "folder_id"), properties=property_names(properties, "properties", FOLDER_NEEDS)
        )
        return (yield from self._perform(call, timeout))

    @operation
    def get_by_path(
        self, path: str, *, properties: Iterable[str] | None = None, timeout: Timeout = None
    ) -> Flow[Folder]:
        """Get the record of the folder at a path.

        Args:
            path: such as `/library/cats`.
            properties: see `get`.
            timeout: see `create`.

        Raises:
            NotFoundError: there is no such folder.
            ValueError: path is the root, holds `.`, `..` or empty segments, or is all digits, which HubSpot would take
                for an id: files.stat finds such a folder.
        """
        place = folder_url_path(path)
        wanted = property_names(properties, "properties", FOLDER_NEEDS)
        call_for = functools.partial(folder_calls.get_folder_by_path, place, properties=wanted)
        context = yield from start_call(self._settings, timeout)
        return (yield from perform_by_path(context, call_for, place))[0]

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
    ) -> SearchQuery[Folder]:
        """Search for folders that match every filter. Hidden and deleted folders are not found.

        Folders may be deleted, moved and renamed while one iterates, see `files.search`.

        Args:
            properties: see `get`.
            limit: results per page, 1 to 100, by default 100.
            after: offset to begin at, or a Page's next_after.
            before: HubSpot's cursor of that name, sent as it is.
            sort: a property such as `name`, `-name` for the other way round; or several.
            ids, id_gte, id_lte: these ids, or from one id to another.
            parent_folder_ids: directly in these folders.
            name: part of the name.
            path: path in the file manager.
            created_at, updated_at: that very time, with a zone; each with `_gte` and `_lte` for a range.
            max_items: maximum number of items.
            beyond_limit: page by id instead of by offset. This has no cap of 10,000 results, and orders them by id.
            timeout: see `create`, for each page.

        Returns:
            A Pager: iterate over it for folders, over its `pages()` for pages.

        Raises:
            ValueError: a filter value is not valid; beyond_limit with sort, after or before.
            TypeError: a filter of the wrong type.
            SearchLimitError: while iterating: there are more results than HubSpot pages through, or they change faster
                than their pages come.
        """
        return search_query(self._settings, folder_calls.search_folders, FOLDER_NEEDS, locals())

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
            timeout: see `create`.

        Returns:
            The changed folder.

        Raises:
            ValueError: nothing to change, or a value that is not valid.
            NotFoundError: there is no such folder.
        """
        number = numeric_id(folder_id, "folder_id")
        call = folder_calls.update_folder(number, **_changes(name, parent_folder_id))
        return (yield from self._perform(call, timeout))

    @started
    def update_recursively(
        self,
        folder_id: str | int,
        *,
        name: str | None = None,
        parent_folder_id: str | int | None = None,
        timeout: Timeout = None,
    ) -> Flow[TaskSpec[Folder]]:
        """Rename or move a folder with the paths of everything below it, and give the task on whose end one can wait.

        Args:
            folder_id: digits, as in `Folder.id`.
            name: new name, without slashes and backslashes.
            parent_folder_id: id of the folder to move it to.
            timeout: see `create`.

        Returns:
            A task: `wait(timeout=60)` returns the Folder.

        Raises:
            ValueError: nothing to change, or a value that is not valid.
            NotFoundError: there is no such folder.
        """
        number = numeric_id(folder_id, "folder_id")
        call = folder_calls.update_folder_recursively(number, **_changes(name, parent_folder_id))
        locator = yield from self._perform(call, timeout)
        return TaskSpec(
            locator.id,
            self._settings,
            folder_calls.get_folder_update_task,
            lambda: folder_calls.get_folder(number, properties=None),
        )

    @started
    def get_update_task(self, task_id: str) -> Flow[TaskSpec[Folder]]:
        """Take up a task that update_recursively began elsewhere. Nothing is sent before it is asked for its state.

        Args:
            task_id: `id` of the task.

        Raises:
            ValueError: task_id is empty, or would end up at another URL.
        """
        yield from ()
        return TaskSpec(check_task_id(task_id), self._settings, folder_calls.get_folder_update_task)

    @operation
    def delete(self, folder_id: str | int, *, timeout: Timeout = None) -> Flow[None]:
        """Delete a folder.

        Args:
            folder_id: digits, as in `Folder.id`.
            timeout: see `create`.

        Raises:
            NotFoundError: there is no such folder, or it is deleted already.
            ValueError: folder_id is not digits; delete_by_path takes paths.
        """
        yield from self._perform(folder_calls.delete_folder(numeric_id(folder_id, "folder_id")), timeout)

    @operation
    def delete_by_path(self, path: str, *, timeout: Timeout = None) -> Flow[None]:
        """Delete the folder at a path.

        Args:
            path: such as `/library/cats`.
            timeout: see `create`.

        Raises:
            NotFoundError: there is no such folder.
            ValueError: see `get_by_path`.
        """
        place = folder_url_path(path)
        call_for = functools.partial(folder_calls.delete_folder_by_path, place)
        context = yield from start_call(self._settings, timeout)
        yield from perform_by_path(context, call_for, place)


class Folders(FolderOperations, SyncResource):
    """Folders: `hubspot.folders` of HubSpotFiles."""

    def __init__(self, driver: Driver, settings: Settings) -> None:
        super().__init__(settings)
        self._driver = driver


class AsyncFolders(FolderOperations, AsyncResource):
    """Folders: `hubspot.folders` of AsyncHubSpotFiles."""

    def __init__(self, driver: AsyncDriver, settings: Settings) -> None:
        super().__init__(settings)
        self._driver = driver


def _create(
    context: CallContext, call: PreparedCall[Folder], parent: Target, name: str, creation: Creation
) -> Flow[Folder]:
    """Create a folder; one whose response is lost is looked up, and created again if it is not there."""
    from .._operations import lookup

    attempts = Attempts(context, call.label, Idempotency.IDEMPOTENT)
    every_attempt_is_over = True
    lost: OutcomeUnknownError | None = None
    while True:
        attempts.count += 1
        try:
            return (yield from perform(context, call))
        except ConflictError as conflict:
            if lost is None:
                raise
            # Nothing stood there when it was looked up: HubSpot may still have been at an attempt before.
            try:
                found = yield from lookup.find_folder(context, parent, name, creation)
            except HubSpotFilesError:
                raise conflict from None
            if found.ambiguous:
                raise call.unknown_after_lookup(lost, found.message) from conflict
            if found.record is None:
                raise
            return found.record
        except OutcomeUnknownError as error:
            cause = error.__cause__
            response = cause if isinstance(cause, ServerError) else None
            if response is None or response.status_code in _GATEWAY_TIMEOUTS:
                every_attempt_is_over = False
            try:
                found = yield from lookup.find_folder(context, parent, name, creation)
            except HubSpotFilesError as failure:
                raise call.unknown_after_lookup(error, lookup.lookup_failed(failure)) from cause
            if found.record is not None:
                return found.record
            if found.ambiguous:
                raise call.unknown_after_lookup(error, found.message) from cause
            lost = error if found.path_is_free else None
            failed: HubSpotFilesError = call.unknown_after_lookup(error, found.message)
            failed.__cause__ = cause
            # If each attempt is over and none has created it, HubSpot's response is all that happened.
            if response is not None and every_attempt_is_over and found.path_is_free:
                failed = response
            # It is not there, so that creating it again creates it once.
            yield from attempts.wait_to_retry(status_failure(response) if response else UNREADABLE, failed)


def _changes(name: str | None, parent_folder_id: str | int | None) -> dict[str, Any]:
    if name is None and parent_folder_id is None:
        raise ValueError("nothing to change: pass name= or parent_folder_id=")
    return {
        "name": None if name is None else folder_name(name),
        "parent_folder_id": None if parent_folder_id is None else int(numeric_id(parent_folder_id, "parent_folder_id")),
    }
