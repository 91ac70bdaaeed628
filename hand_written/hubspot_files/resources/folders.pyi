# Written by tools/write_stubs.py, from the flows of the base classes. Run it again instead of editing this file.
# Methods return the results of the flows that they override.
# mypy: disable-error-code="override"
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from collections.abc import Iterable
from datetime import datetime

from hubspot_files.resources.pagination import AsyncPager, Pager
from hubspot_files.resources.tasks import AsyncTask, Task
from hubspot_files_api.models import Folder

from .._engine.effects import AsyncDriver, Driver
from .._engine.methods import AsyncResource, SyncResource
from .._engine.settings import Settings
from .._http.timeouts import Timeout
from .folder_records import FolderOperations
from .sort_properties import FolderSort

class Folders(FolderOperations, SyncResource):
    """Folders: `hubspot.folders` of HubSpotFiles."""

    def __init__(self, driver: Driver, settings: Settings) -> None: ...
    def create(
        self,
        name: str,
        *,
        parent_folder_id: str | int | None = None,
        parent_path: str | None = None,
        timeout: Timeout = None,
    ) -> Folder:
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

    def get(
        self, folder_id: Folder | str | int, *, properties: Iterable[str] | None = None, timeout: Timeout = None
    ) -> Folder:
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

    def get_by_path(self, path: str, *, properties: Iterable[str] | None = None, timeout: Timeout = None) -> Folder:
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
    ) -> Pager[Folder]:
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

    def update(
        self,
        folder_id: Folder | str | int,
        *,
        name: str | None = None,
        parent_folder_id: str | int | None = None,
        timeout: Timeout = None,
    ) -> Folder:
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

    def update_recursively(
        self,
        folder_id: Folder | str | int,
        *,
        name: str | None = None,
        parent_folder_id: str | int | None = None,
        timeout: Timeout = None,
    ) -> Task[Folder]:
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

    def get_update_task(self, task_id: str) -> Task[Folder]:
        """Return the task of a recursive update by its id, such as in another process. Nothing is sent.

        Args:
            task_id: `id` of the task that update_recursively returned.

        Returns:
            The task. Call its `refresh` or `wait`.

        Raises:
            ValueError: task_id is empty, or is not one segment of a URL.
        """

    def delete(self, folder_id: Folder | str | int, *, timeout: Timeout = None) -> None:
        """Delete a folder.

        Args:
            folder_id: a Folder, or its id.
            timeout: see `create`.

        Raises:
            NotFoundError: there is no such folder, or it is already deleted.
            ValueError: the id is not digits. Use delete_by_path for a path.
        """

    def delete_by_path(self, path: str, *, timeout: Timeout = None) -> None:
        """Delete the folder at a path.

        Args:
            path: path in the file manager, such as `/library/cats`.
            timeout: see `create`.

        Raises:
            NotFoundError: there is no such folder.
            ValueError: see `get_by_path`.
        """

class AsyncFolders(FolderOperations, AsyncResource):
    """Folders: `hubspot.folders` of AsyncHubSpotFiles."""

    def __init__(self, driver: AsyncDriver, settings: Settings) -> None: ...
    async def create(
        self,
        name: str,
        *,
        parent_folder_id: str | int | None = None,
        parent_path: str | None = None,
        timeout: Timeout = None,
    ) -> Folder:
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

    async def get(
        self, folder_id: Folder | str | int, *, properties: Iterable[str] | None = None, timeout: Timeout = None
    ) -> Folder:
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

    async def get_by_path(
        self, path: str, *, properties: Iterable[str] | None = None, timeout: Timeout = None
    ) -> Folder:
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
    ) -> AsyncPager[Folder]:
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

    async def update(
        self,
        folder_id: Folder | str | int,
        *,
        name: str | None = None,
        parent_folder_id: str | int | None = None,
        timeout: Timeout = None,
    ) -> Folder:
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

    async def update_recursively(
        self,
        folder_id: Folder | str | int,
        *,
        name: str | None = None,
        parent_folder_id: str | int | None = None,
        timeout: Timeout = None,
    ) -> AsyncTask[Folder]:
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

    async def get_update_task(self, task_id: str) -> AsyncTask[Folder]:
        """Return the task of a recursive update by its id, such as in another process. Nothing is sent.

        Args:
            task_id: `id` of the task that update_recursively returned.

        Returns:
            The task. Call its `refresh` or `wait`.

        Raises:
            ValueError: task_id is empty, or is not one segment of a URL.
        """

    async def delete(self, folder_id: Folder | str | int, *, timeout: Timeout = None) -> None:
        """Delete a folder.

        Args:
            folder_id: a Folder, or its id.
            timeout: see `create`.

        Raises:
            NotFoundError: there is no such folder, or it is already deleted.
            ValueError: the id is not digits. Use delete_by_path for a path.
        """

    async def delete_by_path(self, path: str, *, timeout: Timeout = None) -> None:
        """Delete the folder at a path.

        Args:
            path: path in the file manager, such as `/library/cats`.
            timeout: see `create`.

        Raises:
            NotFoundError: there is no such folder.
            ValueError: see `get_by_path`.
        """
