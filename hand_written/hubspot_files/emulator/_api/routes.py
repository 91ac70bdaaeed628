"""The routes of the API, each with its operation and the scopes that allow it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import unquote

from .._messages import PageError, Response
from . import files, folders, imports, searches, uploads
from .call import ApiContext, Call

Run: TypeAlias = Callable[[ApiContext, Call], Response]

# The scopes of a token that may do everything.
SCOPES: Final = ("files", "files.ui_hidden.read", "files.ui_hidden.write")
_READ: Final = ("files", "files.read", "files.ui_hidden.read")
_WRITE: Final = ("files", "files.write", "files.ui_hidden.write")
_DELETE: Final = ("files", "files.delete", "files.ui_hidden.write")
KNOWN_SCOPES: Final = frozenset({*_READ, *_WRITE, *_DELETE})


@dataclass(frozen=True)
class Operation:
    """An operation: `name` is its operationId, one of `scopes` is required."""

    name: str
    run: Run
    scopes: tuple[str, ...]
    takes_form: bool = False


@dataclass(frozen=True)
class Route:
    """The route of a request; the path parameters are decoded."""

    operation: Operation
    path_parameters: tuple[str, ...]


_FILES: Final = "/files/(?:v3|2026-03)/files"
_FOLDERS: Final = "/files/(?:v3|2026-03)/folders"
# No id is longer than 19 digits; Python refuses to read numbers of thousands.
_ID: Final = "([0-9]{1,30})"
# The first pattern that matches decides, so that fixed names come before ids and paths.
_ROUTES: Final = [
    (re.compile(pattern), operations)
    for pattern, operations in (
        (_FILES, {"POST": Operation("uploadFile", uploads.upload_file, _WRITE, takes_form=True)}),
        (f"{_FILES}/search", {"GET": Operation("searchFiles", searches.search_files, _READ)}),
        (f"{_FILES}/import-from-url/async", {"POST": Operation("importFileFromUrl", imports.import_file, _WRITE)}),
        (
            f"{_FILES}/import-from-url/async/tasks/([^/]+)/status",
            {"GET": Operation("getImportTask", imports.get_import_task, _READ)},
        ),
        (f"{_FILES}/stat/(.+)", {"GET": Operation("statPath", files.stat_path, _READ)}),
        (f"{_FILES}/{_ID}/signed-url", {"GET": Operation("getSignedUrl", files.get_signed_url, _READ)}),
        # The dated version has no such call.
        (f"/files/v3/files/{_ID}/download", {"GET": Operation("downloadFile", files.download_file, _READ)}),
        (f"{_FILES}/{_ID}/gdpr-delete", {"DELETE": Operation("gdprDeleteFile", files.gdpr_delete_file, _DELETE)}),
        (
            f"{_FILES}/{_ID}",
            {
                "GET": Operation("getFile", files.get_file, _READ),
                "PATCH": Operation("updateFile", files.update_file, _WRITE),
                "PUT": Operation("replaceFile", uploads.replace_file, _WRITE, takes_form=True),
                "DELETE": Operation("deleteFile", files.delete_file, _DELETE),
            },
        ),
        (_FOLDERS, {"POST": Operation("createFolder", folders.create_folder, _WRITE)}),
        (f"{_FOLDERS}/search", {"GET": Operation("searchFolders", searches.search_folders, _READ)}),
        (
            f"{_FOLDERS}/update/async",
            {"POST": Operation("updateFolderRecursively", folders.update_folder_recursively, _WRITE)},
        ),
        (
            f"{_FOLDERS}/update/async/tasks/([^/]+)/status",
            {"GET": Operation("getFolderUpdateTask", folders.get_folder_update_task, _WRITE)},
        ),
        (
            f"{_FOLDERS}/{_ID}",
            {
                "GET": Operation("getFolder", folders.get_folder, _READ),
                "PATCH": Operation("updateFolder", folders.update_folder, _WRITE),
                "DELETE": Operation("deleteFolder", folders.delete_folder, _DELETE),
            },
        ),
        (
            f"{_FOLDERS}/(.+)",
            {
                "GET": Operation("getFolderByPath", folders.get_folder_by_path, _READ),
                "DELETE": Operation("deleteFolderByPath", folders.delete_folder_by_path, _DELETE),
            },
        ),
        (
            f"/filemanager/api/v3/files/{_ID}/signed-url",
            {"GET": Operation("getLegacySignedUrl", files.get_legacy_signed_url, ("files",))},
        ),
    )
]
OPERATIONS: Final = tuple(operation.name for _, operations in _ROUTES for operation in operations.values())


def route(method: str, raw_path: str) -> Route:
    """Return the route of a request.

    Raises:
        PageError: 404 for an unknown path, 405 for a method that it does not take.
    """
    for pattern, operations in _ROUTES:
        if match := pattern.fullmatch(raw_path):
            if method not in operations:
                # assumed: wrong-method
                raise PageError(405, "Method Not Allowed", {"Allow": ", ".join(operations)})
            try:
                parameters = tuple(unquote(group, errors="strict") for group in match.groups())
            except UnicodeDecodeError:
                raise PageError(400, "The path is not UTF-8") from None
            return Route(operations[method], parameters)
    raise PageError(404, "Not Found")
