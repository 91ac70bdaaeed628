"""Calls of the API for folders."""

# See file_calls.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._engine.retry_policy import Idempotency
from .file_calls import with_slashes
from .prepared_call import PreparedCall
from .readers import SearchPage, page_reader, read_locator, read_nothing, record_reader, task_reader

if TYPE_CHECKING:
    from hubspot_files_api import models

    from .options import Target


FOLDER_NEEDS = ("id", "createdAt", "updatedAt", "archived")
"""Properties that the generated Folder requires."""


def create_folder(version: str, name: str, parent: Target) -> PreparedCall[models.Folder]:
    from hubspot_files_api.api.folders import create_folder
    from hubspot_files_api.models import Folder, FolderCreate

    body = FolderCreate(name=name, parent_folder_id=parent.folder_id, parent_path=parent.folder_path)
    return PreparedCall(
        version,
        "createFolder",
        create_folder._get_kwargs(body=body),
        Idempotency.NOT_IDEMPOTENT,
        record_reader(Folder),
        advice="Look with folders.get_by_path before creating it again.",
    )


def get_folder(version: str, folder_id: str, *, properties: list[str] | None = None) -> PreparedCall[models.Folder]:
    from hubspot_files_api.api.folders import get_folder
    from hubspot_files_api.models import Folder

    kwargs = get_folder._get_kwargs(folder_id, properties=properties)
    return PreparedCall(version, "getFolder", kwargs, Idempotency.IDEMPOTENT, record_reader(Folder, folder_id))


def get_folder_by_path(
    version: str, path: str, *, properties: list[str] | None, quoted: bool
) -> PreparedCall[models.Folder]:
    from hubspot_files_api.api.folders import get_folder_by_path
    from hubspot_files_api.models import Folder

    kwargs = with_slashes(get_folder_by_path._get_kwargs(path, properties=properties), path, quoted=quoted)
    return PreparedCall(version, "getFolderByPath", kwargs, Idempotency.IDEMPOTENT, record_reader(Folder))


def search_folders(version: str, **filters: Any) -> PreparedCall[SearchPage]:
    from hubspot_files_api.api.folders import search_folders
    from hubspot_files_api.models import Folder, FolderPage

    kwargs = search_folders._get_kwargs(**filters)
    return PreparedCall(version, "searchFolders", kwargs, Idempotency.IDEMPOTENT, page_reader(FolderPage, Folder))


def update_folder(
    version: str, folder_id: str, *, name: str | None, parent_folder_id: int | None
) -> PreparedCall[models.Folder]:
    from hubspot_files_api.api.folders import update_folder
    from hubspot_files_api.models import Folder, FolderUpdate

    body = FolderUpdate(name=name, parent_folder_id=parent_folder_id)
    kwargs = update_folder._get_kwargs(folder_id, body=body)
    return PreparedCall(
        version,
        "updateFolder",
        kwargs,
        Idempotency.IDEMPOTENT,
        record_reader(Folder, folder_id),
        reread=get_folder(version, folder_id),
    )


def update_folder_recursively(
    version: str, folder_id: str, *, name: str | None, parent_folder_id: int | None
) -> PreparedCall[models.TaskLocator]:
    from hubspot_files_api.api.folders import update_folder_recursively
    from hubspot_files_api.models import FolderRecursiveUpdate

    body = FolderRecursiveUpdate(id=folder_id, name=name, parent_folder_id=parent_folder_id)
    kwargs = update_folder_recursively._get_kwargs(body=body)
    return PreparedCall(version, "updateFolderRecursively", kwargs, Idempotency.IDEMPOTENT, read_locator)


def get_folder_update_task(version: str, task_id: str) -> PreparedCall[models.FolderUpdateTask]:
    from hubspot_files_api.api.folders import get_folder_update_task
    from hubspot_files_api.models import FolderUpdateTask

    kwargs = get_folder_update_task._get_kwargs(task_id)
    return PreparedCall(
        version, "getFolderUpdateTask", kwargs, Idempotency.IDEMPOTENT, task_reader(FolderUpdateTask, task_id)
    )


def delete_folder(version: str, folder_id: str) -> PreparedCall[None]:
    from hubspot_files_api.api.folders import delete_folder

    return PreparedCall(
        version, "deleteFolder", delete_folder._get_kwargs(folder_id), Idempotency.IDEMPOTENT_DELETE, read_nothing
    )


def delete_folder_by_path(version: str, path: str, *, quoted: bool) -> PreparedCall[None]:
    from hubspot_files_api.api.folders import delete_folder_by_path

    kwargs = with_slashes(delete_folder_by_path._get_kwargs(path), path, quoted=quoted)
    return PreparedCall(version, "deleteFolderByPath", kwargs, Idempotency.IDEMPOTENT_DELETE, read_nothing)
