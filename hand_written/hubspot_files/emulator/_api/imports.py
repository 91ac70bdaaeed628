"""The operations on imports from a URL."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import unquote, urlsplit

from .._media import join_name, split_name
from .._messages import ApiError, Json, Response, invalid
from .._store import TaskRow
from .call import ApiContext, Call
from .fields import NEW_FILE_KEYS, NewFileOptions, new_file_options, numeric_id, optional_str, validate_name
from .files import file_json
from .import_sources import FetchError
from .operation import FILES, READ, TASK_ID, WRITE, operation
from .tasks import status_link, task_accepted, task_status
from .uploads import store_file

IMPORTS: Final = f"{FILES}/import-from-url/async"


@operation("POST", IMPORTS, "importFileFromUrl", WRITE)
def import_file(context: ApiContext, call: Call) -> Response:
    """Start a task that creates a file from a URL."""
    known = {*NEW_FILE_KEYS, "expiresAt", "folderId", "folderPath", "name", "url"}
    body = {key: value for key, value in call.json(None).items() if key in known}
    url = urlsplit(optional_str(body, "url") or "")
    if url.scheme not in ("http", "https") or not url.netloc:
        raise invalid("url", "an absolute http or https URL is needed")
    _file_options(context, body)
    if (name := optional_str(body, "name")) is not None:
        validate_name(name, "name")
    task = context.tasks.start(context.new_task_id(), "import", body)
    return task_accepted(task, status_link(context.base_url, IMPORTS, task))


def _file_options(context: ApiContext, body: Json) -> NewFileOptions:
    folder_id = numeric_id(body, "folderId")
    folder_path = optional_str(body, "folderPath")
    now = context.clock.milliseconds()
    options = new_file_options(body, None if folder_id is None else str(folder_id), folder_path, now)
    # assumed: import-duplicates
    if not context.behaviour.import_duplicates:
        return replace(options, strategy="NONE")
    return options


def run_import(context: ApiContext, task: TaskRow) -> int | None:
    """Create the file of a task and return its id; None while its content is being fetched."""
    body: Json = json.loads(task.payload)
    filename = unquote(urlsplit(body["url"]).path).rpartition("/")[2]
    if name := body.get("name"):
        extension = "" if split_name(name)[1] else split_name(filename)[1]
        filename = join_name(name, extension)
    if not filename:
        raise ApiError(400, "Could not determine name from file")
    try:
        content = context.sources.take(task.id, body["url"])
    except FetchError as error:
        raise ApiError(400, f"The URL {error}", context={"url": [body["url"]]}) from None
    if content is None:
        return None
    try:
        return store_file(context, _file_options(context, body), content, validate_name(filename), None).id
    finally:
        context.store.contents.discard(content)


@operation("GET", f"{IMPORTS}/tasks/{TASK_ID}/status", "getImportTask", READ)
def get_import_task(context: ApiContext, call: Call) -> Response:
    """Return the status of an import."""
    task = context.tasks.poll(call.path_parameters[0], "import", partial(run_import, context))
    row = None if task.result_id is None else context.store.files.get(task.result_id)
    result = None if row is None else file_json(context, row)
    # assumed: unfinished-imports
    unfinished = 202 if context.behaviour.accepted_imports else 200
    return task_status(task, status_link(context.base_url, IMPORTS, task), result, unfinished=unfinished)
