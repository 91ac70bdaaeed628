"""Operations on folders."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._engine.claims import Creation
from .._engine.context import CallContext, start_call
from .._engine.effects import Flow
from .._engine.methods import operation
from .._engine.retry import Attempts
from .._engine.retry_policy import UNREADABLE, Idempotency, status_failure
from .._errors import ArgumentValueError, ConflictError, HubSpotFilesError, OutcomeUnknownError, ServerError
from .._http.timeouts import Timeout
from .._operations import folder_calls
from .._operations.folder_calls import FOLDER_NEEDS
from .._operations.ids import id_of_folder
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
from .sort_properties import FolderSort
from .tasks import TaskSpec, started

if TYPE_CHECKING:
    from hubspot_files_api.models import Folder

# A gateway stopped waiting for HubSpot, which may still act on the request.
_GATEWAY_TIMEOUTS = (504, 524)


class FolderOperations(Operations):
    """Operations on folders, for both clients. Each can also raise any other HubSpotFilesError."""

    @operation
    def create(
        self,
        name: str,
        *,
        parent_folder_id: str | int | None = None,
        parent_path: str | None = None,
        timeout: Timeout = None,
    ) -> Flow[Folder]:
        """Create a folder.

        Args:
            name: its name, without slashes and backslashes.
            parent_folder_id: id of the folder to create it in. By default, it is created at the root.
            parent_path: path of the folder to create it in; not together with parent_folder_id.
            timeout: seconds, or an httpx.Timeout, for each step of the connection. None is the client's.

        Returns:
            The created folder.

        Raises:
            ValueError: the name is empty or contains a slash or a backslash, parent_path contains a backslash, or both
                parents are passed.
            ConflictError: there already is a folder of that name, which another call of this client may have created.
            ServerError: HubSpot failed in every attempt, and the folder does not exist.
            OutcomeUnknownError: the request failed after it was fully sent, and the lookup could not find out whether
                this call has created the folder.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        if parent_folder_id is not None and parent_path is not None:
            raise ArgumentValueError(
                "parent_folder_id and parent_path exclude each other: pass one, or neither for the root"
            )
        parent = Target(
            None if parent_folder_id is None else numeric_id(parent_folder_id, "parent_folder_id"),
            None if parent_path is None else absolute_path(parent_path, "parent_path"),
        )
        call = folder_calls.create_folder(self._version, folder_name(name), parent)
        context = yield from start_call(self._settings, timeout)
        # Without a parent, it is created at the root.
        path = parent.folder_path or (None if parent.folder_id else "/")
        claims = self._settings.shared.claims
        with claims.creating("folder", parent.folder_id, path, name, context.started_at) as creation:
            folder = yield from _create(context, call, parent, name, creation)
            creation.settled = True
            return folder

    @operation
    def get(
        self, folder_id: Folder | str | int, *, properties: Iterable[str] | None = None, timeout: Timeout = None
    ) -> Flow[Folder]:
        """Get a folder's record.

        Args:
            folder_id: a Folder, or its id.
            properties: names of the properties to request. Those that every Folder has are added.
            timeout: see `create`.

        Returns:
            The record.

        Raises:
            NotFoundError: there is no such folder.
            ValueError: the id is not digits. Use get_by_path for a path.
        """
        call = folder_calls.get_folder(
            self._version,
            id_of_folder(folder_id),
            properties=property_names(properties, "properties", FOLDER_NEEDS),
        )
        return (yield from self._perform(call, timeout))

    @operation
    def get_by_path(
        self, path: str, *, properties: Iterable[str] | None = None, timeout: Timeout = None
    ) -> Flow[Folder]:
        """Get the record of the folder at a path.

        Args:
            path: path in the file manager, such as `/library/cats`.
            properties: see `get`.
            timeout: see `create`.

        Returns:
            The record.

        Raises:
            NotFoundError: there is no such folder.
            ValueError: path is the root, contains `.`, `..` or empty segments, or is all digits, which HubSpot would
                take for an id. Use files.stat for such a folder.
        """
        place = folder_url_path(path)
        wanted = property_names(properties, "properties", FOLDER_NEEDS)
        call_for = functools.partial(folder_calls.get_folder_by_path, self._version, place, properties=wanted)
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
        sort: FolderSort | Iterable[FolderSort] | None = None,
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
        """Search for folders that match all filters. Hidden and deleted folders are not found.

        You can delete, move and rename folders during the iteration; see `files.search`.

        Args:
            properties: see `get`.
            limit: results per page, 1 to 100, by default 100.
            after: offset to start at, or a Page's next_after.
            before: HubSpot's `before` cursor, sent unchanged.
            sort: a property such as `created_at`, or `-created_at` for descending order; or several properties.
            ids, id_gte, id_lte: ids, or a range of ids.
            parent_folder_ids: ids of the folders that directly contain the folders.
            name: part of the name, of 19 characters at most: HubSpot was seen to refuse longer ones.
            path: path in the file manager.
            created_at, updated_at: exact time, with a zone. `_gte` and `_lte` are for a range.
            max_items: maximum number of items.
            beyond_limit: page by id instead of by offset. This has no cap of 10,000 results, and orders them by id.
            timeout: see `create`, for each page.

        Returns:
            A Pager. Iterate over it for folders, or over its `pages()` for pages. Nothing is sent before that.

        Raises:
            ValueError: a filter is not valid, or beyond_limit is passed with sort, after or before.
            TypeError: a filter has the wrong type.
            SearchLimitError: there are more results than HubSpot pages through, or results change faster than their
                pages arrive. It is raised by the iteration.
        """
        return search_query(self._settings, folder_calls.search_folders, FOLDER_NEEDS, locals())

    @operation
    def update(
        self,
        folder_id: Folder | str | int,
        *,
        name: str | None = None,
        parent_folder_id: str | int | None = None,
        timeout: Timeout = None,
    ) -> Flow[Folder]:
        """Rename or move a folder.

        Args:
            folder_id: a Folder, or its id.
            name: new name, without slashes and backslashes.
            parent_folder_id: id of the folder to move it to.
            timeout: see `create`.

        Returns:
            The changed folder.

        Raises:
            ValueError: there is nothing to change, or a value is not valid.
            NotFoundError: there is no such folder.
        """
        number = id_of_folder(folder_id)
        call = folder_calls.update_folder(self._version, number, **_changes(name, parent_folder_id))
        return (yield from self._perform(call, timeout))

    @started
    def update_recursively(
        self,
        folder_id: Folder | str | int,
        *,
        name: str | None = None,
        parent_folder_id: str | int | None = None,
        timeout: Timeout = None,
    ) -> Flow[TaskSpec[Folder]]:
        """Start a task that renames or moves a folder and updates the paths of everything below it.

        Args:
            folder_id: a Folder, or its id.
            name: new name, without slashes and backslashes.
            parent_folder_id: id of the folder to move it to.
            timeout: see `create`.

        Returns:
            A task. Its `wait(deadline=60)` returns the Folder.

        Raises:
            ValueError: there is nothing to change, or a value is not valid.
            NotFoundError: there is no such folder.
        """
        number = id_of_folder(folder_id)
        changes = _changes(name, parent_folder_id)
        call = folder_calls.update_folder_recursively(self._version, number, **changes)
        locator = yield from self._perform(call, timeout)
        return TaskSpec(
            locator.id,
            self._settings,
            folder_calls.get_folder_update_task,
            lambda: folder_calls.get_folder(self._version, number, properties=None),
            lambda folder: (
                changes["name"] in (None, folder.name)
                and str(changes["parent_folder_id"]) in ("None", folder.parent_folder_id)
            ),
        )

    @started
    def get_update_task(self, task_id: str) -> Flow[TaskSpec[Folder]]:
        """Return the task of a recursive update by its id, such as in another process. Nothing is sent.

        Args:
            task_id: `id` of the task that update_recursively returned.

        Returns:
            The task. Call its `refresh` or `wait`.

        Raises:
            ValueError: task_id is empty, or is not one segment of a URL.
        """
        yield from ()
        return TaskSpec(check_task_id(task_id), self._settings, folder_calls.get_folder_update_task)

    @operation
    def delete(self, folder_id: Folder | str | int, *, timeout: Timeout = None) -> Flow[None]:
        """Delete a folder.

        Args:
            folder_id: a Folder, or its id.
            timeout: see `create`.

        Raises:
            NotFoundError: there is no such folder, or it is already deleted.
            ValueError: the id is not digits. Use delete_by_path for a path.
        """
        yield from self._perform(folder_calls.delete_folder(self._version, id_of_folder(folder_id)), timeout)

    @operation
    def delete_by_path(self, path: str, *, timeout: Timeout = None) -> Flow[None]:
        """Delete the folder at a path.

        Args:
            path: path in the file manager, such as `/library/cats`.
            timeout: see `create`.

        Raises:
            NotFoundError: there is no such folder.
            ValueError: see `get_by_path`.
        """
        place = folder_url_path(path)
        call_for = functools.partial(folder_calls.delete_folder_by_path, self._version, place)
        context = yield from start_call(self._settings, timeout)
        yield from perform_by_path(context, call_for, place)


def _create(
    context: CallContext, call: PreparedCall[Folder], parent: Target, name: str, creation: Creation
) -> Flow[Folder]:
    """Create a folder. If the response is lost, look the folder up, and retry if it does not exist."""
    from .._operations import lookup

    attempts = Attempts(context, call.label, Idempotency.IDEMPOTENT)
    all_attempts_finished = True
    lost: OutcomeUnknownError | None = None
    while True:
        attempts.count += 1
        try:
            return (yield from perform(context, call))
        except ConflictError as conflict:
            if lost is None:
                raise
            # There was nothing at the path at the lookup. HubSpot may have completed an earlier attempt afterwards.
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
                all_attempts_finished = False
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
            # If all attempts have finished and none has created the folder, the outcome is known: HubSpot's response.
            if response is not None and all_attempts_finished and found.path_is_free:
                failed = response
            # The folder does not exist, so a retry cannot create a second one.
            yield from attempts.wait_to_retry(status_failure(response) if response else UNREADABLE, failed)


def _changes(name: str | None, parent_folder_id: str | int | None) -> dict[str, Any]:
    if name is None and parent_folder_id is None:
        raise ArgumentValueError("nothing to change: pass name= or parent_folder_id=")
    return {
        "name": None if name is None else folder_name(name),
        "parent_folder_id": None if parent_folder_id is None else int(numeric_id(parent_folder_id, "parent_folder_id")),
    }
