"""Operations on the records of files."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .._engine.context import start_call
from .._engine.effects import Flow
from .._engine.methods import operation
from .._errors import ArgumentValueError
from .._operations import file_calls, folder_calls
from .._operations.enums import Access, AccessName, FileType, access_level
from .._operations.file_calls import FILE_NEEDS
from .._operations.folder_calls import FOLDER_NEEDS
from .._operations.ids import id_of_file
from .._operations.prepared_call import perform_by_path
from .._validation import (
    absolute_path,
    aware_datetime,
    file_name,
    numeric_id,
    optional_bool,
    property_names,
    url_path,
)
from .base import Operations
from .pagination import paged
from .search_filters import search_query
from .search_query import SearchQuery
from .sort_properties import FileSort
from .tree import TreeQuery

if TYPE_CHECKING:
    from hubspot_files_api.models import File, FileStat, Folder

    from .._http.timeouts import Timeout


class FileRecords(Operations):
    """Look up, search, change and delete files."""

    @operation
    def get(
        self, file_id: File | str | int, *, properties: Iterable[str] | None = None, timeout: Timeout = None
    ) -> Flow[File]:
        """Get a file's record.

        Args:
            file_id: a File, or its id.
            properties: names of the properties to request, such as `["size"]`. Those that every File has are added.
            timeout: see `upload`.

        Returns:
            The record.

        Raises:
            NotFoundError: there is no such file, it is deleted, or it is hidden and the token lacks the scope for it.
            ValueError: the id is not digits.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        call = file_calls.get_file(
            self._version,
            id_of_file(file_id),
            properties=property_names(properties, "properties", FILE_NEEDS),
        )
        return (yield from self._perform(call, timeout))

    @operation
    def stat(self, path: str, *, properties: Iterable[str] | None = None, timeout: Timeout = None) -> Flow[FileStat]:
        """Get the record of the file or folder at a path.

        Args:
            path: path in the file manager, such as `/library/cats/cat.png`.
            properties: see `get`.
            timeout: see `upload`.

        Returns:
            A FileStat. Either its `file` or its `folder` is set.

        Raises:
            NotFoundError: there is no file or folder at the path.
            ValueError: path is the root, or contains `.`, `..` or empty segments.
        """
        place = url_path(path, "path")
        wanted = property_names(properties, "properties", FILE_NEEDS)
        call_for = functools.partial(file_calls.stat_path, self._version, place, properties=wanted)
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
        sort: FileSort | Iterable[FileSort] | None = None,
        ids: Iterable[str | int] | None = None,
        id_gte: str | int | None = None,
        id_lte: str | int | None = None,
        parent_folder_ids: Iterable[str | int] | None = None,
        name: str | None = None,
        path: str | None = None,
        extension: str | None = None,
        type: FileType | None = None,
        encoding: str | None = None,
        url: str | None = None,
        file_md5: str | None = None,
        allows_anonymous_access: bool | None = None,
        is_usable_in_content: bool | None = None,
        created_at: datetime | None = None,
        created_at_gte: datetime | None = None,
        created_at_lte: datetime | None = None,
        updated_at: datetime | None = None,
        updated_at_gte: datetime | None = None,
        updated_at_lte: datetime | None = None,
        expires_at: datetime | None = None,
        expires_at_gte: datetime | None = None,
        expires_at_lte: datetime | None = None,
        size: int | None = None,
        size_gte: int | None = None,
        size_lte: int | None = None,
        height: int | None = None,
        height_gte: int | None = None,
        height_lte: int | None = None,
        width: int | None = None,
        width_gte: int | None = None,
        width_lte: int | None = None,
        max_items: int | None = None,
        beyond_limit: bool = False,
        timeout: Timeout = None,
    ) -> SearchQuery[File]:
        """Search for files that match all filters.

        Hidden and deleted files are not found. New files are found after a delay.

        You can delete, move and rename files during the iteration: each file is returned once, and also those beyond
        10,000 if sort, after and before are left out. Changes by other programs can cause files to be missed, and so
        can renaming a later file to an earlier position. To avoid that, pass beyond_limit=True, or collect all results
        in a list first.

        Args:
            properties: see `get`.
            limit: results per page, 1 to 100, by default 100.
            after: offset to start at, or a Page's next_after.
            before: HubSpot's `before` cursor, sent unchanged.
            sort: a property such as `created_at`, or `-created_at` for descending order; or several properties.
            ids, id_gte, id_lte: ids, or a range of ids.
            parent_folder_ids: ids of the folders that directly contain the files.
            name: part of the name, of 19 characters at most: HubSpot was seen to refuse longer ones.
            path: path in the file manager.
            extension: such as `png`.
            type: `IMG`, `DOCUMENT`, `AUDIO`, `MOVIE` or `OTHER`.
            encoding: such as `utf-8`.
            url: hosting URL.
            file_md5: MD5 of the content in hexadecimal digits.
            allows_anonymous_access: True for public files only, False for private ones only.
            is_usable_in_content: whether HubSpot offers the file for use in content.
            created_at, updated_at, expires_at: exact time, with a zone. `_gte` and `_lte` are for a range.
            size: bytes. `_gte` and `_lte` are for a range.
            height, width: pixels. `_gte` and `_lte` are for a range.
            max_items: maximum number of items.
            beyond_limit: page by id instead of by offset. This has no cap of 10,000 results, and orders them by id.
            timeout: see `upload`, for each page.

        Returns:
            A Pager. Iterate over it for files, or over its `pages()` for pages. Nothing is sent before that.

        Raises:
            ValueError: a filter is not valid, or beyond_limit is passed with sort, after or before.
            TypeError: a filter has the wrong type.
            SearchLimitError: there are more results than HubSpot pages through, or results change faster than their
                pages arrive. It is raised by the iteration.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        return search_query(self._settings, file_calls.search_files, FILE_NEEDS, locals())

    @paged
    def walk(
        self,
        folder_path: str,
        *,
        properties: Iterable[str] | None = None,
        extension: str | None = None,
        type: FileType | None = None,
        file_md5: str | None = None,
        allows_anonymous_access: bool | None = None,
        created_at_gte: datetime | None = None,
        created_at_lte: datetime | None = None,
        updated_at_gte: datetime | None = None,
        updated_at_lte: datetime | None = None,
        expires_at_lte: datetime | None = None,
        size_gte: int | None = None,
        size_lte: int | None = None,
        timeout: Timeout = None,
    ) -> SearchQuery[File]:
        """List the files of a folder and of all folders below it that match all filters. There is no cap.

        Hidden and deleted files are not found. New files are found after a delay. A file or a folder that is moved
        during the iteration can be missed, or returned again.

        It takes one request to look the folder up, four for each 50 folders, and one for each 100 files. From the root,
        it takes one for each 100 files.

        Args:
            folder_path: path of the folder. `/` is the root.
            properties: see `get`.
            extension, type, file_md5, allows_anonymous_access: see `search`.
            created_at_gte, created_at_lte, updated_at_gte, updated_at_lte, expires_at_lte: see `search`.
            size_gte, size_lte: see `search`.
            timeout: see `upload`, for each page.

        Returns:
            A Pager. Iterate over it for files, or over its `pages()` for pages, which can be empty. Nothing is sent
            before that.

        Raises:
            NotFoundError: there is no folder at folder_path. It is raised by the iteration.
            ValueError: a filter or folder_path is not valid, or there is a file at folder_path.
            TypeError: a filter has the wrong type.
        """
        filters = {name: value for name, value in locals().items() if name not in ("self", "folder_path")}
        path = absolute_path(folder_path, "folder_path")
        shared = {"limit": None, "max_items": None, "beyond_limit": True, "sort": None, "after": None, "before": None}

        def files(ids: list[str] | None) -> SearchQuery[File]:
            arguments = {**shared, **filters, "parent_folder_ids": ids}
            return search_query(self._settings, file_calls.search_files, FILE_NEEDS, arguments)

        def folders(ids: list[str]) -> SearchQuery[Folder]:
            arguments = {**shared, "properties": None, "timeout": timeout, "parent_folder_ids": ids}
            return search_query(self._settings, folder_calls.search_folders, FOLDER_NEEDS, arguments)

        return TreeQuery(self._settings, None if path == "/" else path.removeprefix("/"), files, folders, timeout)

    @operation
    def update(
        self,
        file_id: File | str | int,
        *,
        name: str | None = None,
        access: Access | AccessName | None = None,
        parent_folder_id: str | int | None = None,
        parent_folder_path: str | None = None,
        expires_at: datetime | None = None,
        clear_expires: bool | None = None,
        is_usable_in_content: bool | None = None,
        timeout: Timeout = None,
    ) -> Flow[File]:
        """Change a file's properties. Properties that are not passed keep their values.

        Args:
            file_id: a File, or its id.
            name: new name, without extension.
            access: new access level.
            parent_folder_id: id of the folder to move it to.
            parent_folder_path: path of the folder to move it to; not together with parent_folder_id.
            expires_at: time, with a zone, at which HubSpot permanently deletes the file.
            clear_expires: True removes the expiry; not together with expires_at.
            is_usable_in_content: whether HubSpot offers the file for use in content.
            timeout: see `upload`.

        Returns:
            The changed file.

        Raises:
            ValueError: nothing to change, two folders, expires_at with clear_expires, an unknown access, a time without
                a zone, a slash or a backslash in the name, or a backslash in parent_folder_path.
            NotFoundError: there is no such file.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        number = id_of_file(file_id)
        if parent_folder_id is not None and parent_folder_path is not None:
            raise ArgumentValueError("parent_folder_id and parent_folder_path exclude each other: pass one")
        if expires_at is not None and clear_expires:
            raise ArgumentValueError("expires_at and clear_expires=True exclude each other: pass one")
        changes: Mapping[str, Any] = {
            "name": None if name is None else file_name(name),
            "access": None if access is None else access_level(access),
            "parent_folder_id": None if parent_folder_id is None else numeric_id(parent_folder_id, "parent_folder_id"),
            "parent_folder_path": None
            if parent_folder_path is None
            else absolute_path(parent_folder_path, "parent_folder_path"),
            "expires_at": aware_datetime(expires_at, "expires_at"),
            "clear_expires": optional_bool(clear_expires, "clear_expires"),
            "is_usable_in_content": optional_bool(is_usable_in_content, "is_usable_in_content"),
        }
        if all(value is None for value in changes.values()):
            raise ArgumentValueError(f"nothing to change: pass one of {', '.join(changes)}")
        return (yield from self._perform(file_calls.update_file(self._version, number, **changes), timeout))

    @operation
    def delete(self, file_id: File | str | int, *, timeout: Timeout = None) -> Flow[None]:
        """Delete a file. HubSpot keeps the content, without access to it; gdpr_delete erases it.

        Args:
            file_id: a File, or its id.
            timeout: see `upload`.

        Raises:
            NotFoundError: there is no such file, or it is already deleted.
            ValueError: the id is not digits.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        yield from self._perform(file_calls.delete_file(self._version, id_of_file(file_id)), timeout)

    @operation
    def gdpr_delete(self, file_id: File | str | int, *, timeout: Timeout = None) -> Flow[None]:
        """Permanently erase a file's content and record, within seven days. It cannot be restored.

        Args:
            file_id: a File, or its id.
            timeout: see `upload`.

        Raises:
            NotFoundError: there is no such file.
            ValueError: the id is not digits.

        HubSpot documents it at https://developers.hubspot.com/docs/guides/api/library/files
        """
        yield from self._perform(file_calls.gdpr_delete_file(self._version, id_of_file(file_id)), timeout)
