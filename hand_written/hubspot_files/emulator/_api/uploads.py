"""Uploads: new files and new contents, with names, duplicates and limits."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .._contents import ContentWriter
from .._media import dimensions, file_type, join_name, split_name
from .._messages import ApiError, Json, Response, invalid, json_response, required
from .._store import FileRow, FolderRow
from .body import Part, parse_json_object, part_text
from .call import ApiContext, Call
from .fields import NEW_FILE_KEYS, NewFileOptions, access_level, future_instant, new_file_options, validate_name
from .files import file_json, find_file
from .folders import find_folder
from .operation import FILES, ID, WRITE, operation


@operation("POST", FILES, "uploadFile", WRITE, takes_form=True)
def upload_file(context: ApiContext, call: Call) -> Response:
    """Create a file from a form."""
    parts = call.body.form(("file", "options", "folderId", "folderPath", "fileName", "charsetHunch"))
    options = _options(parts, NEW_FILE_KEYS)
    folder_id, folder_path = part_text(parts, "folderId"), part_text(parts, "folderPath")
    new = new_file_options(options, folder_id, folder_path, context.clock.milliseconds())
    part, content = _file_part(parts)
    wanted, sent = part_text(parts, "fileName"), part.filename
    if not wanted and not sent:
        raise ApiError(400, "Could not determine name from file")
    filename = validate_name(wanted or sent or "")
    if sent and not split_name(filename)[1]:
        # assumed: borrowed-extension
        filename = join_name(filename, split_name(sent)[1])
    validate_name(filename)
    charset = _charset(part_text(parts, "charsetHunch"))
    return call.created(file_json(context, store_file(context, new, content, filename, charset)))


@operation("PUT", f"{FILES}/{ID}", "replaceFile", WRITE, takes_form=True)
def replace_file(context: ApiContext, call: Call) -> Response:
    """Replace the content of a file."""
    row = find_file(context, call, for_writing=True)
    parts = call.body.form(("file", "options", "charsetHunch", "fileName"))
    options = _options(parts, frozenset({"access", "expiresAt"}))
    now = context.clock.milliseconds()
    access = access_level(options, row.access)
    if access is None:
        raise required("access")
    expires_at = future_instant(options, "expiresAt", now)
    _, content = _file_part(parts)
    _require_size(context, content)
    charset = _charset(part_text(parts, "charsetHunch"))
    # assumed: replace-keeps, replace-name
    place = _renamed(context, row, part_text(parts, "fileName")) if context.behaviour.replace_renames else {}
    extension = str(place.get("extension", row.extension))
    changes = {
        **place,
        "access": access,
        "expires_at": row.expires_at if expires_at is None else expires_at,
        "updated_at": now,
        **_content_columns(content, extension, charset),
    }
    return json_response(200, file_json(context, context.store.files.change(row, changes, content)))


def _renamed(context: ApiContext, row: FileRow, filename: str | None) -> dict[str, object]:
    """Return the columns of a file that gets another name, none without a name."""
    if not filename:
        return {}
    name, extension = split_name(validate_name(filename))
    path = f"{row.path.rpartition('/')[0]}/{filename}"
    if path != row.path and context.store.files.at(path) is not None:
        raise ApiError(409, f"A file exists at {path}", "CONFLICT")
    return {"name": name, "extension": extension, "path": path}


def _options(parts: Mapping[str, Part], known: frozenset[str]) -> Json:
    options = part_text(parts, "options")
    if options is None:
        raise ApiError(400, "options parameter is required")
    return parse_json_object(options, "options", known)


def _file_part(parts: Mapping[str, Part]) -> tuple[Part, ContentWriter]:
    part = parts.get("file")
    if part is None or part.writer is None:
        raise ApiError(400, "file parameter is required")
    return part, part.writer


def _charset(hunch: str | None) -> str | None:
    # It becomes part of a header when the content is served.
    if hunch and not re.fullmatch(r"[A-Za-z0-9._:+-]{1,40}", hunch):
        raise invalid("charsetHunch", f"{hunch!r} is not the name of a character set")
    return hunch or None


def _require_size(context: ApiContext, content: ContentWriter) -> None:
    if content.size > context.largest_upload:
        raise ApiError(413, f"The file is larger than {context.largest_upload} bytes", "FILE_TOO_LARGE")


def store_file(
    context: ApiContext, new: NewFileOptions, content: ContentWriter, filename: str, charset: str | None
) -> FileRow:
    """Create a file by the options of an upload or an import, unless it is a duplicate."""
    _require_size(context, content)
    folder: FolderRow | None
    if new.folder_id is not None:
        folder, exists = find_folder(context, new.folder_id), True
    else:
        folder = context.store.folders.at("/" + "/".join(new.folder_path))
        exists = folder is not None or not new.folder_path
    everywhere = new.scope == "ENTIRE_PORTAL"
    if new.strategy != "NONE" and (exists or everywhere):
        # assumed: duplicates-by-content
        duplicate = context.store.files.duplicate(content.md5, folder.id if folder else None, everywhere=everywhere)
        if duplicate is not None and new.strategy == "RETURN_EXISTING":
            return duplicate
        if duplicate is not None:
            # assumed: duplicate-rejected
            raise ApiError(
                context.behaviour.reject_status,
                f"The file is a duplicate of {duplicate.id}",
                "CONFLICT",
                sub_category="FilesErrors.DUPLICATE_FILE",
                context={"id": [str(duplicate.id)]},
            )
    if not exists:
        folder = context.store.folders.ensure(new.folder_path, context.clock.milliseconds())
    return create_file(
        context,
        content,
        filename,
        folder,
        new.access,
        expires_at=new.expires_at,
        charset=charset,
        overwrite=new.overwrite,
    )


def create_file(
    context: ApiContext,
    content: ContentWriter,
    filename: str,
    folder: FolderRow | None,
    access: str,
    *,
    expires_at: int | None = None,
    charset: str | None = None,
    usable: bool = True,
    overwrite: bool = False,
    file_id: int | None = None,
) -> FileRow:
    """Create a file under a free name, or in the place of the one that has the name."""
    files, now = context.store.files, context.clock.milliseconds()
    name, extension = split_name(filename)
    base = folder.path if folder else ""
    existing = files.at(f"{base}/{filename}")
    if existing is not None and overwrite:
        files.archive(existing, now)
    number, free_name = 0, name
    # assumed: rename-suffix
    while files.at(f"{base}/{join_name(free_name, extension)}") is not None:
        number += 1
        free_name = f"{name}-{number}"
    return files.add(
        content,
        folder,
        file_id,
        name=free_name,
        extension=extension,
        access=access,
        usable=usable,
        state="live",
        created_at=now,
        updated_at=now,
        expires_at=expires_at,
        **_content_columns(content, extension, charset),
    )


def _content_columns(content: ContentWriter, extension: str, charset: str | None) -> dict[str, object]:
    size = dimensions(content.head)
    # assumed: encoding-field
    return {
        "md5": content.md5,
        "width": size[0] if size else None,
        "height": size[1] if size else None,
        "type": file_type(extension),
        "encoding": None if file_type(extension) in ("DOCUMENT", "OTHER") else extension.lower(),
        "charset": charset,
    }
