"""The operations on folders, and the lookups that others share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from .._clock import iso_format
from .._messages import ApiError, Json, Response, json_response, not_found, required
from .._store import FolderRow, TaskRow
from .call import LARGEST_ID, ApiContext, Call
from .fields import numeric_id, optional_str, path_segments, validate_name
from .operation import DELETE, FOLDERS, ID, PATH, READ, TASK_ID, WRITE, operation
from .tasks import status_link, task_accepted, task_status


def folder_json(row: FolderRow) -> Json:
    """Return a folder as the API describes it."""
    record: Json = {
        "id": str(row.id),
        "createdAt": iso_format(row.created_at),
        "updatedAt": iso_format(row.updated_at),
        "archived": row.archived_at is not None,
        "parentFolderId": None if row.parent_id is None else str(row.parent_id),
        "name": row.name,
        "path": row.path,
    }
    return {name: value for name, value in record.items() if value is not None}


def positive_id(call: Call) -> str:
    """Return the id in the path of a call; ApiError 400 for 0."""
    value = call.path_parameters[0]
    if not int(value):
        raise ApiError(400, "id must be > 0", context={"id": [value]})
    return value


def find_folder(context: ApiContext, folder_id: int) -> FolderRow:
    """Return the folder of an id; ApiError 404 where it is missing."""
    row = context.store.folders.get(folder_id)
    # assumed: missing-folder
    if row is None:
        raise not_found("Folder", folder_id)
    return row


def find_folder_at(context: ApiContext, names: Sequence[str]) -> FolderRow | None:
    """Return the folder of a path, None for the root; ApiError 404 where it is missing."""
    if not names:
        return None
    path = "/" + "/".join(names)
    row = context.store.folders.at(path)
    if row is None:
        raise not_found("Folder", path)
    return row


def _requested_folder(context: ApiContext, call: Call) -> FolderRow:
    folder_id = positive_id(call)
    if int(folder_id) > LARGEST_ID:
        raise not_found("Folder", folder_id)
    return find_folder(context, int(folder_id))


def _requested_folder_at(context: ApiContext, call: Call) -> FolderRow:
    row = find_folder_at(context, [name for name in call.path_parameters[0].split("/") if name])
    if row is None:
        # assumed: root-is-no-folder
        raise not_found("Folder", "/")
    return row


def _require_free(context: ApiContext, parent: FolderRow | None, name: str) -> None:
    path = f"{parent.path if parent else ''}/{name}"
    # assumed: folder-conflict
    if context.store.folders.at(path) is not None:
        raise ApiError(409, f"A folder exists at {path}", "CONFLICT")


@operation("POST", FOLDERS, "createFolder", WRITE)
def create_folder(context: ApiContext, call: Call) -> Response:
    """Create a folder."""
    # assumed: parent-path-name
    guide = set() if context.behaviour.parent_folder_path == "refuse" else {"parentFolderPath"}
    body = call.json({"name", "parentFolderId", "parentPath", *guide})
    if context.behaviour.parent_folder_path == "use" and "parentFolderPath" in body:
        body.setdefault("parentPath", body["parentFolderPath"])
    name = optional_str(body, "name")
    if name is None:
        raise required("name")
    validate_name(name, "name")
    parent_id, path = numeric_id(body, "parentFolderId"), optional_str(body, "parentPath")
    if parent_id is not None and path is not None:
        raise ApiError(400, "parentFolderId and parentPath cannot be set at the same time")
    if parent_id is not None:
        parent: FolderRow | None = find_folder(context, parent_id)
    else:
        parent = find_folder_at(context, path_segments(path or "", "parentPath"))
    existing = context.store.folders.at(f"{parent.path if parent else ''}/{name}")
    if existing is not None and context.behaviour.existing_folder == "return":
        return call.created(folder_json(existing))
    _require_free(context, parent, name)
    return call.created(folder_json(context.store.folders.add(parent, name, context.clock.milliseconds())))


@operation("GET", f"{FOLDERS}/{ID}", "getFolder", READ)
def get_folder(context: ApiContext, call: Call) -> Response:
    """Return the folder of an id."""
    return json_response(200, call.selected(folder_json(_requested_folder(context, call))))


@operation("GET", f"{FOLDERS}/{PATH}", "getFolderByPath", READ)
def get_folder_by_path(context: ApiContext, call: Call) -> Response:
    """Return the folder of a path."""
    return json_response(200, call.selected(folder_json(_requested_folder_at(context, call))))


@operation("PATCH", f"{FOLDERS}/{ID}", "updateFolder", WRITE)
def update_folder(context: ApiContext, call: Call) -> Response:
    """Rename or move a folder."""
    folder = _requested_folder(context, call)
    body = call.json({"name", "parentFolderId"})
    return json_response(200, folder_json(_change(context, folder, body)))


def _change(context: ApiContext, folder: FolderRow, body: Json) -> FolderRow:
    folders = context.store.folders
    name, parent_id = optional_str(body, "name"), numeric_id(body, "parentFolderId")
    name = folder.name if name is None else validate_name(name, "name")
    parent = None if folder.parent_id is None else folders.get(folder.parent_id)
    if parent_id is not None:
        parent = find_folder(context, parent_id)
        # assumed: folder-cycle
        if folders.is_below(parent.id, folder.id):
            raise ApiError(400, "A folder cannot be moved into itself or below itself")
    if (parent.id if parent else None, name) != (folder.parent_id, folder.name):
        _require_free(context, parent, name)
    now = context.clock.milliseconds()
    if context.moves.are_delayed:
        context.moves.add(lambda: _move(context, folder.id, parent, name, now))
        place = f"{parent.path if parent else ''}/{name}"
        return replace(folder, parent_id=parent.id if parent else None, name=name, path=place, updated_at=now)
    return folders.move(folder, parent, name, now)


def _move(context: ApiContext, folder_id: int, parent: FolderRow | None, name: str, when: int) -> None:
    """Make a delayed move, unless one of the folders is gone or another has taken the name."""
    folder = find_folder(context, folder_id)
    parent = None if parent is None else find_folder(context, parent.id)
    if f"{parent.path if parent else ''}/{name}" != folder.path:
        _require_free(context, parent, name)
        context.store.folders.move(folder, parent, name, when)


@operation("DELETE", f"{FOLDERS}/{ID}", "deleteFolder", DELETE)
def delete_folder(context: ApiContext, call: Call) -> Response:
    """Archive the folder of an id."""
    # assumed: folder-delete-recursive
    context.store.folders.archive(_requested_folder(context, call), context.clock.milliseconds())
    return Response(204)


@operation("DELETE", f"{FOLDERS}/{PATH}", "deleteFolderByPath", DELETE)
def delete_folder_by_path(context: ApiContext, call: Call) -> Response:
    """Archive the folder of a path."""
    context.store.folders.archive(_requested_folder_at(context, call), context.clock.milliseconds())
    return Response(204)


UPDATES: Final = f"{FOLDERS}/update/async"


@operation("POST", UPDATES, "updateFolderRecursively", WRITE)
def update_folder_recursively(context: ApiContext, call: Call) -> Response:
    """Start a task that renames or moves a folder."""
    body = call.json({"id", "name", "parentFolderId"})
    folder_id = numeric_id(body, "id")
    if folder_id is None:
        raise required("id")
    # assumed: folder-task-checks
    find_folder(context, folder_id)
    if (name := optional_str(body, "name")) is not None:
        validate_name(name, "name")
    if (parent_id := numeric_id(body, "parentFolderId")) is not None:
        find_folder(context, parent_id)
    task = context.tasks.start(context.new_task_id(), "folder", body)
    return task_accepted(task, status_link(context.base_url, UPDATES, task))


def run_folder_update(context: ApiContext, task: TaskRow) -> int | None:
    """Rename or move the folder of a task; return its id."""
    body: Json = json.loads(task.payload)
    return _change(context, find_folder(context, int(body["id"])), body).id


@operation("GET", f"{UPDATES}/tasks/{TASK_ID}/status", "getFolderUpdateTask", WRITE)
def get_folder_update_task(context: ApiContext, call: Call) -> Response:
    """Return the status of a folder update."""
    task = context.tasks.poll(call.path_parameters[0], "folder", partial(run_folder_update, context))
    row = None if task.result_id is None else context.store.folders.get(task.result_id)
    link = status_link(context.base_url, UPDATES, task)
    return task_status(task, link, None if row is None else folder_json(row))
