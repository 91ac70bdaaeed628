"""Calls of the API for folders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._engine.retry_policy import Repeat
from .file_calls import _with_slashes
from .prepared_call import Exchange
from .readers import _locator, _nothing, _reader, _task_reader

if TYPE_CHECKING:
    from hubspot_files_api import models

    from .options import Target


FOLDER_NEEDS = ("id", "createdAt", "updatedAt", "archived")
"""The properties without which the generated Folder cannot be read."""


def create_folder(name: str, parent: Target) -> Exchange[models.Folder]:
    from hubspot_files_api.api.folders import create_folder
    from hubspot_files_api.models import Folder, FolderCreate

    body = FolderCreate(name=name, parent_folder_id=parent.folder_id, parent_path=parent.folder_path)
    return Exchange("createFolder", create_folder._get_kwargs(body=body), Repeat.CREATES, _reader(Folder))


def get_folder(folder_id: str, *, properties: list[str] | None = None) -> Exchange[models.Folder]:
    from hubspot_files_api.api.folders import get_folder
    from hubspot_files_api.models import Folder

    kwargs = get_folder._get_kwargs(folder_id, properties=properties)
    return Exchange("getFolder", kwargs, Repeat.HARMLESS, _reader(Folder, folder_id))


def get_folder_by_path(path: str, *, properties: list[str] | None, quoted: bool) -> Exchange[models.Folder]:
    from hubspot_files_api.api.folders import get_folder_by_path
    from hubspot_files_api.models import Folder

    kwargs = _with_slashes(get_folder_by_path._get_kwargs(path, properties=properties), path, quoted=quoted)
    return Exchange("getFolderByPath", kwargs, Repeat.HARMLESS, _reader(Folder))


def search_folders(**filters: Any) -> Exchange[models.FolderPage]:
    from hubspot_files_api.api.folders import search_folders
    from hubspot_files_api.models import FolderPage

    return Exchange("searchFolders", search_folders._get_kwargs(**filters), Repeat.HARMLESS, _reader(FolderPage))


def update_folder(folder_id: str, *, name: str | None, parent_folder_id: int | None) -> Exchange[models.Folder]:
    from hubspot_files_api.api.folders import update_folder
    from hubspot_files_api.models import Folder, FolderUpdate

    body = FolderUpdate(name=name, parent_folder_id=parent_folder_id)
    kwargs = update_folder._get_kwargs(folder_id, body=body)
    return Exchange("updateFolder", kwargs, Repeat.HARMLESS, _reader(Folder, folder_id), instead=get_folder(folder_id))


def update_folder_recursively(
    folder_id: str, *, name: str | None, parent_folder_id: int | None
) -> Exchange[models.TaskLocator]:
    from hubspot_files_api.api.folders import update_folder_recursively
    from hubspot_files_api.models import FolderRecursiveUpdate

    body = FolderRecursiveUpdate(id=folder_id, name=name, parent_folder_id=parent_folder_id)
    kwargs = update_folder_recursively._get_kwargs(body=body)
    return Exchange("updateFolderRecursively", kwargs, Repeat.HARMLESS, _locator)


def get_folder_update_task(task_id: str) -> Exchange[models.FolderUpdateTask]:
    from hubspot_files_api.api.folders import get_folder_update_task
    from hubspot_files_api.models import FolderUpdateTask

    kwargs = get_folder_update_task._get_kwargs(task_id)
    return Exchange("getFolderUpdateTask", kwargs, Repeat.HARMLESS, _task_reader(FolderUpdateTask, task_id))


def delete_folder(folder_id: str) -> Exchange[None]:
    from hubspot_files_api.api.folders import delete_folder

    return Exchange("deleteFolder", delete_folder._get_kwargs(folder_id), Repeat.DELETES, _nothing)


def delete_folder_by_path(path: str, *, quoted: bool) -> Exchange[None]:
    from hubspot_files_api.api.folders import delete_folder_by_path

    kwargs = _with_slashes(delete_folder_by_path._get_kwargs(path), path, quoted=quoted)
    return Exchange("deleteFolderByPath", kwargs, Repeat.DELETES, _nothing)
