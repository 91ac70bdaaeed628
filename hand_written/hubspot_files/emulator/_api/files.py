"""The operations on existing files, signed URLs and the download among them, and the lookups that others share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from .._clock import iso_format
from .._media import content_type, join_name
from .._messages import ApiError, Json, Response, invalid, json_response, not_found
from .._store import FileRow, FolderRow
from .call import LARGEST_ID, ApiContext, Call
from .fields import (
    access_level,
    boolean,
    future_instant,
    int64,
    numeric_id,
    optional_bool,
    optional_str,
    path_segments,
    validate_name,
)
from .folders import find_folder, find_folder_at, folder_json, positive_id
from .operation import DELETE, FILES, ID, PATH, READ, WRITE, operation

_SIZES: Final = ("icon", "medium", "preview", "thumb")
_DEFAULT_SECONDS: Final = 3600
_MAX_SECONDS: Final = 21_600


def file_json(context: ApiContext, row: FileRow) -> Json:
    """Return a file as the API describes it."""
    url = context.storage.url(row.path)
    record: Json = {
        "id": str(row.id),
        "createdAt": iso_format(row.created_at),
        "updatedAt": iso_format(row.updated_at),
        "archived": row.state != "live",
        "parentFolderId": None if row.folder_id is None else str(row.folder_id),
        "name": row.name,
        "path": row.path,
        "size": row.size,
        "height": row.height,
        "width": row.width,
        "encoding": row.encoding,
        "type": row.type,
        "extension": row.extension,
        "defaultHostingUrl": url,
        "url": url,
        "isUsableInContent": bool(row.usable),
        "access": row.access,
        "fileMd5": row.md5,
        "sourceGroup": "CONTENT",
        "expiresAt": row.expires_at,
    }
    # assumed: absent-not-null
    return {name: value for name, value in record.items() if value is not None}


def find_file(context: ApiContext, call: Call, *, for_writing: bool = False) -> FileRow:
    """Return the file that a call names; ApiError 404 where it is missing, or hidden from the token."""
    file_id = positive_id(call)
    row = context.store.files.get(int(file_id)) if int(file_id) <= LARGEST_ID else None
    if row is None or not _is_visible(call, row, for_writing=for_writing):
        raise not_found("File", file_id)
    return row


def _is_visible(call: Call, row: FileRow, *, for_writing: bool = False) -> bool:
    # assumed: hidden-write-scope
    scope = f"files.ui_hidden.{'write' if for_writing else 'read'}"
    return not row.access.startswith("HIDDEN_") or call.has_scope(scope)


@operation("GET", f"{FILES}/{ID}", "getFile", READ)
def get_file(context: ApiContext, call: Call) -> Response:
    """Return the file of an id."""
    return json_response(200, call.selected(file_json(context, find_file(context, call))))


@operation("GET", f"{FILES}/stat/{PATH}", "statPath", READ)
def stat_path(context: ApiContext, call: Call) -> Response:
    """Return the file or the folder of a path."""
    path = "/" + "/".join(segment for segment in call.path_parameters[0].split("/") if segment)
    file = context.store.files.at(path)
    # assumed: stat-file-first
    if file is not None and _is_visible(call, file):
        return json_response(200, {"file": call.selected(file_json(context, file))})
    folder = context.store.folders.at(path)
    if folder is None:
        raise ApiError(404, "No file or folder exists at path", None)
    return json_response(200, {"folder": call.selected(folder_json(folder))})


@operation("PATCH", f"{FILES}/{ID}", "updateFile", WRITE)
def update_file(context: ApiContext, call: Call) -> Response:
    """Change the properties of a file, its name and folder among them."""
    row = find_file(context, call, for_writing=True)
    known = {
        "name",
        "access",
        "parentFolderId",
        "parentFolderPath",
        "expiresAt",
        "clearExpires",
        "isUsableInContent",
    }
    body = call.json(known)
    now = context.clock.milliseconds()
    changes: dict[str, object] = {"updated_at": now}
    if (access := access_level(body, row.access)) is not None:
        changes["access"] = access
    if (usable := optional_bool(body, "isUsableInContent")) is not None:
        changes["usable"] = usable
    expires_at, clear = future_instant(body, "expiresAt", now), optional_bool(body, "clearExpires")
    if clear and expires_at is not None:
        raise ApiError(400, "expiresAt and clearExpires cannot be set at the same time")
    if clear or expires_at is not None:
        changes["expires_at"] = expires_at
    folder = _target_folder(context, row, body)
    name = row.name
    if (wanted := optional_str(body, "name")) is not None:
        # assumed: rename-keeps-extension
        name = validate_name(wanted, "name")
        if row.extension:
            name = name.removesuffix(f".{row.extension}") or name
    path = f"{folder.path if folder else ''}/{join_name(name, row.extension)}"
    if path != row.path:
        _require_free(context, path)
        place: dict[str, Any] = {"folder_id": folder.id if folder else None, "name": name, "path": path}
        if context.moves.are_delayed:
            row = context.store.files.change(row, changes)
            context.moves.add(lambda: _move(context, row.id, folder, name))
            return json_response(200, file_json(context, replace(row, **place)))
        changes.update(place)
    return json_response(200, file_json(context, context.store.files.change(row, changes)))


def _move(context: ApiContext, file_id: int, folder: FolderRow | None, name: str) -> None:
    """Make a delayed move, unless the file or the folder is gone or another file has taken the name."""
    row = context.store.files.get(file_id)
    parent = None if folder is None else find_folder(context, folder.id)
    if row is not None:
        path = f"{parent.path if parent else ''}/{join_name(name, row.extension)}"
        _require_free(context, path)
        changes: dict[str, object] = {"folder_id": parent.id if parent else None, "name": name, "path": path}
        context.store.files.change(row, changes)


def _require_free(context: ApiContext, path: str) -> None:
    if context.store.files.at(path) is not None:
        # assumed: move-conflict
        raise ApiError(409, f"A file exists at {path}", "CONFLICT")


def _target_folder(context: ApiContext, row: FileRow, body: Json) -> FolderRow | None:
    folder_id, path = numeric_id(body, "parentFolderId"), optional_str(body, "parentFolderPath")
    if folder_id is not None and path is not None:
        raise ApiError(400, "parentFolderId and parentFolderPath cannot be set at the same time")
    if folder_id is not None:
        return find_folder(context, folder_id)
    if path is not None:
        # assumed: move-to-missing-folder
        return find_folder_at(context, path_segments(path, "parentFolderPath"))
    return None if row.folder_id is None else context.store.folders.get(row.folder_id)


@operation("DELETE", f"{FILES}/{ID}", "deleteFile", DELETE)
def delete_file(context: ApiContext, call: Call) -> Response:
    """Archive a file."""
    context.store.files.archive(find_file(context, call, for_writing=True), context.clock.milliseconds())
    return Response(204)


@operation("DELETE", f"{FILES}/{ID}/gdpr-delete", "gdprDeleteFile", DELETE)
def gdpr_delete_file(context: ApiContext, call: Call) -> Response:
    """Delete a file's content for good."""
    file_id = positive_id(call)
    row = context.store.files.get_any(int(file_id)) if int(file_id) <= LARGEST_ID else None
    # assumed: gdpr-after-delete, gdpr-at-once
    if row is None or row.state not in ("live", "archived") or not _is_visible(call, row, for_writing=True):
        raise not_found("File", file_id)
    context.store.files.purge(row, "gdpr", context.clock.milliseconds())
    return Response(204)


@operation("GET", f"{FILES}/{ID}/signed-url", "getSignedUrl", READ)
def get_signed_url(context: ApiContext, call: Call) -> Response:
    """Return a signed URL; its expiry is a date-time."""
    record, expires_at = _signed_url(context, call)
    return json_response(200, {**record, "expiresAt": iso_format(expires_at)})


@operation("GET", f"/filemanager/api/v3/files/{ID}/signed-url", "getLegacySignedUrl", ("files",))
def get_legacy_signed_url(context: ApiContext, call: Call) -> Response:
    """Return a signed URL; its expiry is in milliseconds."""
    record, expires_at = _signed_url(context, call)
    return json_response(200, {**record, "expiresAt": expires_at})


def _signed_url(context: ApiContext, call: Call) -> tuple[Json, int]:
    row = find_file(context, call)
    if row.access.endswith("SENSITIVE"):
        raise not_found("File", row.id)
    size = call.query.get("size")
    if size is not None and size not in _SIZES:
        raise invalid("size", f"{size!r} is not one of {', '.join(_SIZES)}")
    upscale = boolean("upscale", call.query.get("upscale") or "false")
    seconds = int64("expirationSeconds", call.query.get("expirationSeconds") or str(_DEFAULT_SECONDS))
    if seconds < 1:
        raise invalid("expirationSeconds", "at least 1")
    # assumed: longest-life
    expires_at = context.clock.milliseconds() + min(seconds, _MAX_SECONDS) * 1000
    # assumed: no-resizing
    properties: Json = {
        "name": row.name,
        "extension": row.extension,
        "type": row.type,
        "size": row.size,
        "width": row.width,
        "height": row.height,
    }
    # assumed: signed-url-property
    wanted = call.query.get_list("property")
    properties = {k: v for k, v in properties.items() if v is not None and (not wanted or k in wanted)}
    return {"url": context.storage.signed_url(row, expires_at, size, upscale=upscale), **properties}, expires_at


@operation("GET", f"{FILES}/{ID}/download", "downloadFile", READ)
def download_file(context: ApiContext, call: Call) -> Response:
    """Redirect to a signed URL, or send the content."""
    row = find_file(context, call)
    # assumed: download-response
    if context.behaviour.download_redirects:
        expires_at = context.clock.milliseconds() + _DEFAULT_SECONDS * 1000
        return Response(302, {"Location": context.storage.signed_url(row, expires_at, None, upscale=False)})
    headers = {"Content-Type": content_type(row.extension, row.charset), "ETag": f'"{row.md5}"'}
    return Response(200, headers, context.store.files.reader(row))
