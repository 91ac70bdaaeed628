"""Every operation of the clients, its requests when nothing fails, and its changes."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hubspot_files import Access, DuplicateCheck, PlannedChange

from .support import CONTENT, OTHER, PAGE, Pipe, Program, Work, World, collected, content_of

Entry = tuple[str, ...]
SAME = DuplicateCheck("RETURN_EXISTING", "EXACT_FOLDER")
UPLOADED: tuple[Entry, ...] = (("file", "/in/cat.bin", "PRIVATE", "content", "live"), ("folder", "/in", "live"))
CAT: Entry = ("file", "/library/cat.bin", "PRIVATE", "content", "live")
BALL: Entry = ("file", "/box/inner/ball.txt", "PRIVATE", "other", "live")
BOX: Entry = ("folder", "/box", "live")
INNER: Entry = ("folder", "/box/inner", "live")
SECRET: Entry = ("file", "/library/secret.bin", "SENSITIVE", "content", "live")
BEFORE: tuple[Entry, ...] = (CAT, SECRET, BALL, BOX, INNER, ("folder", "/library", "live"))


@dataclass(frozen=True)
class Operation:
    """An operation of both clients, and the request of it that a fault hits.

    Attributes:
        name: its name, with the request that is hit if there are several.
        kind: the column of the table: the effect of a second request.
        target: the operationId of the request that is hit.
        work: the call.
        right: whether its result is right.
        before: the requests before the one that is hit.
        after: those after it.
        lookup: the lookups after a lost response.
        waits: seconds that it waits by itself, once the request has succeeded.
        removed: items that no longer exist afterwards.
        added: items that exist instead.
        prepare: sets up the account.
    """

    name: str
    kind: str
    target: str
    work: Work
    right: Callable[[World, Any], bool]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    lookup: tuple[str, ...] = ()
    waits: tuple[float, ...] = ()
    removed: tuple[Entry, ...] = ()
    added: tuple[Entry, ...] = ()
    prepare: Callable[[World], object] | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def sends_content(self) -> bool:
        """Return whether its body is too large to be sent at once."""
        return self.target == "uploadFile"

    def stored(self, *, happened: bool) -> list[Entry]:
        """Return the final items. A task started before goes on after an error in waiting for it."""
        if not happened and self.prepare is None:
            return sorted(BEFORE)
        return sorted([*(entry for entry in BEFORE if entry not in self.removed), *self.added])


def _upload(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.upload(CONTENT, name="cat.bin", folder_path="/in"))


def _upload_by_id(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.upload(CONTENT, name="new.bin", folder_id=world.shelf))


def _upload_existing(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.upload(CONTENT, name="cat.bin", folder_path="/in", duplicates=SAME))


def _upload_rest(hubspot: Any, world: World) -> Program:
    stream = io.BytesIO(OTHER + CONTENT)
    stream.seek(len(OTHER))
    return (yield hubspot.files.upload(stream, name="cat.bin", folder_path="/in"))


def _upload_path(hubspot: Any, world: World) -> Program:
    # Not in the directory of the downloads, which is checked.
    source = world.directory.parent / "cat.bin"
    source.write_bytes(CONTENT)
    return (yield hubspot.files.upload(source, folder_path="/in"))


def _upload_pipe(hubspot: Any, world: World) -> Program:
    pipe = Pipe()
    try:
        return (yield hubspot.files.upload(pipe.stream, name="cat.bin", folder_path="/in"))
    finally:
        pipe.close()


def _replace(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.replace(world.cat.id, OTHER, access="PRIVATE", name="cat.bin"))


def _get(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.get(world.cat.id))


def _stat(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.stat("/library/cat.bin"))


def _search(hubspot: Any, world: World) -> Program:
    return (yield collected(hubspot.files.search(limit=2, sort="id")))


def _walk(hubspot: Any, world: World) -> Program:
    return (yield collected(hubspot.files.walk("/")))


def _walk_folder(hubspot: Any, world: World) -> Program:
    return (yield collected(hubspot.files.walk("/box/inner")))


def _apply(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.apply(_change(world, "PUBLIC_NOT_INDEXABLE")))


def _apply_again(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.apply(_change(world, "PRIVATE")))


def _change(world: World, access: str) -> PlannedChange:
    return PlannedChange("set_access", world.cat.id, world.cat.path, world.cat.updated_at, access=Access(access))


def _update(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.update(world.cat.id, name="lion"))


def _delete(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.delete(world.cat.id))


def _gdpr_delete(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.gdpr_delete(world.cat.id))


def _signed_url(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.signed_url(world.cat.id))


def _signed_urls(hubspot: Any, world: World) -> Program:
    first = yield hubspot.files.signed_url_cache.get(world.cat.id)
    second = yield hubspot.files.signed_url_cache.get(world.cat.id)
    assert second is first
    return first


def _download(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.download(world.cat.id, world.destination))


def _download_secret(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.download(world.secret.id, world.destination))


def _stream(hubspot: Any, world: World) -> Program:
    return (yield content_of(hubspot.files.stream(world.cat.id)))


def _stream_secret(hubspot: Any, world: World) -> Program:
    return (yield content_of(hubspot.files.stream(world.secret.id)))


def _open(hubspot: Any, world: World) -> Program:
    file = yield hubspot.files.open(world.cat.id)
    content = yield file.read()
    yield file.aclose() if hasattr(file, "aclose") else file.close()
    return content


def _read(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.read(world.cat.id))


def _read_secret(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.read(world.secret.id))


def _read_path(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.read("/library/cat.bin"))


def _sign_path(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.signed_url("/library/cat.bin"))


def _import(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.import_from_url(PAGE, folder_path="/in"))


def _import_existing(hubspot: Any, world: World) -> Program:
    return (yield hubspot.files.import_from_url(PAGE, folder_path="/in", duplicates=SAME))


def _import_refresh(hubspot: Any, world: World) -> Program:
    task = yield hubspot.files.get_import_task(world.task)
    return (yield task.refresh())


def _import_wait(hubspot: Any, world: World) -> Program:
    task = yield hubspot.files.get_import_task(world.task)
    return (yield task.wait())


def _create_folder(hubspot: Any, world: World) -> Program:
    return (yield hubspot.folders.create("cats", parent_path="/library"))


def _create_folder_by_id(hubspot: Any, world: World) -> Program:
    return (yield hubspot.folders.create("cats", parent_folder_id=world.shelf))


def _get_folder(hubspot: Any, world: World) -> Program:
    return (yield hubspot.folders.get(world.box))


def _get_folder_by_path(hubspot: Any, world: World) -> Program:
    return (yield hubspot.folders.get_by_path("/box"))


def _search_folders(hubspot: Any, world: World) -> Program:
    return (yield collected(hubspot.folders.search(limit=2, sort="id")))


def _update_folder(hubspot: Any, world: World) -> Program:
    return (yield hubspot.folders.update(world.box, name="crate"))


def _update_recursively(hubspot: Any, world: World) -> Program:
    return (yield hubspot.folders.update_recursively(world.box, name="crate"))


def _folder_refresh(hubspot: Any, world: World) -> Program:
    task = yield hubspot.folders.get_update_task(world.task)
    return (yield task.refresh())


def _folder_wait(hubspot: Any, world: World) -> Program:
    task = yield hubspot.folders.get_update_task(world.task)
    return (yield task.wait())


def _delete_folder(hubspot: Any, world: World) -> Program:
    return (yield hubspot.folders.delete(world.box))


def _delete_folder_by_path(hubspot: Any, world: World) -> Program:
    return (yield hubspot.folders.delete_by_path("/box"))


def _request(hubspot: Any, world: World) -> Program:
    return (yield hubspot.request("GET", f"/files/v3/files/{world.cat.id}"))


def _request_folder(hubspot: Any, world: World) -> Program:
    return (yield hubspot.request("POST", "/files/v3/folders", json={"name": "cats", "parentPath": "/library"}))


def _start_import(world: World) -> None:
    world.start("/files/v3/files/import-from-url/async", {"url": PAGE, "folderPath": "/in", "access": "PRIVATE"})


def _start_update(world: World) -> None:
    world.start("/files/v3/folders/update/async", {"id": world.box, "name": "crate"})


def _is_nothing(world: World, result: Any) -> bool:
    return result is None


def _is_upload(world: World, result: Any) -> bool:
    (stored,) = [file for file in world.emulator.files if file.path in ("/in/cat.bin", "/library/new.bin")]
    return (result.id, result.path, result.size) == (stored.id, stored.path, len(CONTENT))


def _is_folder(world: World, result: Any) -> bool:
    (stored,) = [folder for folder in world.emulator.folders if folder.path == "/library/cats"]
    return (result.id, result.path) == (stored.id, stored.path)


def _is_signed(world: World, result: Any) -> bool:
    signed = result.url.startswith(f"{world.emulator.storage_url}/hubfs/") and "signature=" in result.url
    return signed and not result.is_expired()


def _is_response(world: World, result: Any) -> bool:
    return bool(200 <= result.status_code < 300)


def _is_started(world: World, result: Any) -> bool:
    return result.id in [task.id for task in world.emulator.tasks]


def _is_saved(world: World, result: Any) -> bool:
    return bool(result == world.destination)


def _is_content(world: World, result: Any) -> bool:
    return bool(result == CONTENT)


def _paths(*paths: str) -> Callable[[World, Any], bool]:
    return lambda world, result: [item.path for item in result] == list(paths)


def _path(path: str) -> Callable[[World, Any], bool]:
    return lambda world, result: result.path == path


_RECORD = ("getFile",)
_PLACE = ("getFile", "getSignedUrl")
_MOVED: dict[str, tuple[Entry, ...]] = {
    "removed": (BALL, BOX, INNER),
    "added": (
        ("file", "/crate/inner/ball.txt", "PRIVATE", "other", "live"),
        ("folder", "/crate", "live"),
        ("folder", "/crate/inner", "live"),
    ),
}
_FOLDER_DELETED: dict[str, tuple[Entry, ...]] = {
    "removed": (BALL, BOX, INNER),
    "added": (
        ("file", "/box/inner/ball.txt", "PRIVATE", "other", "archived"),
        ("folder", "/box", "archived"),
        ("folder", "/box/inner", "archived"),
    ),
}
_MADE: tuple[Entry, ...] = (("folder", "/library/cats", "live"),)


def _content(name: str, plain: Work, secret: Work, right: Callable[[World, Any], bool]) -> list[Operation]:
    """Return an operation that fetches content, with the fault at each of its requests."""
    return [
        Operation(f"{name}, record", "read", "getFile", plain, right, after=("getSignedUrl", "fetchContent")),
        Operation(f"{name}, signing", "read", "getSignedUrl", plain, right, before=_RECORD, after=("fetchContent",)),
        Operation(f"{name}, content", "content", "fetchContent", plain, right, before=_PLACE),
        Operation(
            f"{name}, sensitive",
            "from-API",
            "downloadFile",
            secret,
            right,
            before=_RECORD,
            after=("fetchContent",),
        ),
    ]


OPERATIONS: list[Operation] = [
    Operation("upload", "upload", "uploadFile", _upload, _is_upload, lookup=("statPath",), added=UPLOADED),
    Operation(
        "upload, folder by id",
        "upload",
        "uploadFile",
        _upload_by_id,
        _is_upload,
        lookup=("getFolder", "statPath"),
        added=(("file", "/library/new.bin", "PRIVATE", "content", "live"),),
    ),
    Operation(
        "upload, from an offset", "upload", "uploadFile", _upload_rest, _is_upload, lookup=("statPath",), added=UPLOADED
    ),
    Operation("upload, path", "upload", "uploadFile", _upload_path, _is_upload, lookup=("statPath",), added=UPLOADED),
    Operation("upload, pipe", "upload", "uploadFile", _upload_pipe, _is_upload, lookup=("statPath",), added=UPLOADED),
    Operation("upload, RETURN_EXISTING", "idempotent", "uploadFile", _upload_existing, _is_upload, added=UPLOADED),
    Operation(
        "replace",
        "absolute",
        "replaceFile",
        _replace,
        lambda world, result: (result.id, result.size) == (world.cat.id, len(OTHER)),
        lookup=("getFile",),
        removed=(CAT,),
        added=(("file", "/library/cat.bin", "PRIVATE", "other", "live"),),
    ),
    Operation("get", "read", "getFile", _get, _path("/library/cat.bin")),
    Operation("stat", "read", "statPath", _stat, lambda world, result: result.file.id == world.cat.id),
    Operation(
        "search",
        "read",
        "searchFiles",
        _search,
        _paths("/library/cat.bin", "/library/secret.bin", "/box/inner/ball.txt"),
        after=("searchFiles",),
    ),
    Operation(
        "walk",
        "read",
        "searchFiles",
        _walk,
        _paths("/library/cat.bin", "/library/secret.bin", "/box/inner/ball.txt"),
        after=("searchFiles",),
    ),
    Operation(
        "walk, folder",
        "read",
        "statPath",
        _walk_folder,
        _paths("/box/inner/ball.txt"),
        after=("searchFiles", "searchFiles", "searchFolders"),
    ),
    Operation("apply", "read", "getFile", _apply_again, lambda world, result: result is False),
    Operation(
        "apply, change",
        "absolute",
        "updateFile",
        _apply,
        lambda world, result: result is True,
        before=_RECORD,
        lookup=_RECORD,
        removed=(CAT,),
        added=(("file", "/library/cat.bin", "PUBLIC_NOT_INDEXABLE", "content", "live"),),
    ),
    Operation(
        "update",
        "absolute",
        "updateFile",
        _update,
        _path("/library/lion.bin"),
        lookup=("getFile",),
        removed=(CAT,),
        added=(("file", "/library/lion.bin", "PRIVATE", "content", "live"),),
    ),
    Operation(
        "delete",
        "delete",
        "deleteFile",
        _delete,
        _is_nothing,
        removed=(CAT,),
        added=(("file", "/library/cat.bin", "PRIVATE", "content", "archived"),),
    ),
    Operation(
        "gdpr_delete",
        "delete",
        "gdprDeleteFile",
        _gdpr_delete,
        _is_nothing,
        removed=(CAT,),
        added=(("file", "/library/cat.bin", "PRIVATE", "erased", "gdpr"),),
    ),
    Operation("signed_url", "read", "getSignedUrl", _signed_url, _is_signed),
    Operation("signed_url_cache.get", "read", "getSignedUrl", _signed_urls, _is_signed),
    *_content("download", _download, _download_secret, _is_saved),
    *_content("stream", _stream, _stream_secret, _is_content),
    *_content("read", _read, _read_secret, _is_content),
    Operation("read, path", "read", "statPath", _read_path, _is_content, after=("getSignedUrl", "fetchContent")),
    Operation("signed_url, path", "read", "statPath", _sign_path, _is_signed, after=("getSignedUrl",)),
    # The faults of ranges, whose requests differ from those of a download, are those of tests/sdk/test_open_reading.py.
    _content("open", _open, _open, _is_content)[0],
    Operation("import_from_url", "import", "importFileFromUrl", _import, _is_started, added=UPLOADED),
    Operation(
        "import_from_url, RETURN_EXISTING",
        "idempotent",
        "importFileFromUrl",
        _import_existing,
        _is_started,
        added=UPLOADED,
    ),
    Operation(
        "import task refresh",
        "read",
        "getImportTask",
        _import_refresh,
        lambda world, result: result.task_id == world.task,
        added=UPLOADED,
        prepare=_start_import,
    ),
    Operation(
        "import task wait",
        "read",
        "getImportTask",
        _import_wait,
        _is_upload,
        after=("getImportTask", "getImportTask"),
        waits=(0.5, 0.8),
        added=UPLOADED,
        prepare=_start_import,
    ),
    Operation(
        "folders.create", "folder", "createFolder", _create_folder, _is_folder, lookup=("statPath",), added=_MADE
    ),
    Operation(
        "folders.create, parent by id",
        "folder",
        "createFolder",
        _create_folder_by_id,
        _is_folder,
        lookup=("getFolder", "statPath"),
        added=_MADE,
    ),
    Operation("folders.get", "read", "getFolder", _get_folder, _path("/box")),
    Operation("folders.get_by_path", "read", "getFolderByPath", _get_folder_by_path, _path("/box")),
    Operation(
        "folders.search",
        "read",
        "searchFolders",
        _search_folders,
        _paths("/library", "/box", "/box/inner"),
        after=("searchFolders",),
    ),
    Operation(
        "folders.update", "absolute", "updateFolder", _update_folder, _path("/crate"), lookup=("getFolder",), **_MOVED
    ),
    Operation(
        "folders.update_recursively",
        "idempotent",
        "updateFolderRecursively",
        _update_recursively,
        _is_started,
        **_MOVED,
    ),
    Operation(
        "update task refresh",
        "read",
        "getFolderUpdateTask",
        _folder_refresh,
        lambda world, result: result.task_id == world.task,
        prepare=_start_update,
        **_MOVED,
    ),
    Operation(
        "update task wait",
        "read",
        "getFolderUpdateTask",
        _folder_wait,
        _path("/crate"),
        after=("getFolderUpdateTask", "getFolderUpdateTask"),
        waits=(0.5, 0.8),
        prepare=_start_update,
        **_MOVED,
    ),
    Operation("folders.delete", "delete", "deleteFolder", _delete_folder, _is_nothing, **_FOLDER_DELETED),
    Operation(
        "folders.delete_by_path", "delete", "deleteFolderByPath", _delete_folder_by_path, _is_nothing, **_FOLDER_DELETED
    ),
    Operation("request, GET", "raw-read", "getFile", _request, _is_response),
    Operation("request, POST", "raw-create", "createFolder", _request_folder, _is_response, added=_MADE),
]
