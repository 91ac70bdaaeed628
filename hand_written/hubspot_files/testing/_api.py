"""The operations of the emulated API: routes, authentication, and what each call does."""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import unquote, urlsplit

from . import _input, _search
from ._blobs import Draft
from ._clock import Clock
from ._content import dimensions, join_name, kind, media_type, split_name
from ._exchange import Arrival
from ._faults import RateLimits
from ._fetch import FetchError, Fetches, require_loopback
from ._multipart import Part
from ._reply import ApiError, Json, PageError, Reply, error_reply, iso, json_reply, page_reply
from ._search import Query
from ._storage import Storage
from ._store import FileRow, FolderRow, Store, TaskRow, TokenRow
from ._tasks import Tasks

SCOPES: Final = ("files", "files.ui_hidden.read", "files.ui_hidden.write")
_READ: Final = ("files", "files.read", "files.ui_hidden.read")
_WRITE: Final = ("files", "files.write", "files.ui_hidden.write")
_DELETE: Final = ("files", "files.delete", "files.ui_hidden.write")
KNOWN_SCOPES: Final = frozenset({*_READ, *_WRITE, *_DELETE})
_SCOPE_LINK: Final = "https://developers.hubspot.com/scopes"
_FILES: Final = "/files/(?:v3|2026-03)/files"
_FOLDERS: Final = "/files/(?:v3|2026-03)/folders"
# No id is longer than 19 digits; Python refuses to read numbers of thousands.
_ID: Final = "([0-9]{1,30})"
# The first pattern that matches decides, so the fixed names come before ids and paths.
_ROUTES: Final = [
    (re.compile(pattern), operations)
    for pattern, operations in (
        (_FILES, {"POST": "uploadFile"}),
        (f"{_FILES}/search", {"GET": "searchFiles"}),
        (f"{_FILES}/import-from-url/async", {"POST": "importFileFromUrl"}),
        (f"{_FILES}/import-from-url/async/tasks/([^/]+)/status", {"GET": "getImportTask"}),
        (f"{_FILES}/stat/(.+)", {"GET": "statPath"}),
        (f"{_FILES}/{_ID}/signed-url", {"GET": "getSignedUrl"}),
        # The dated version has no such call.
        (f"/files/v3/files/{_ID}/download", {"GET": "downloadFile"}),
        (f"{_FILES}/{_ID}/gdpr-delete", {"DELETE": "gdprDeleteFile"}),
        (
            f"{_FILES}/{_ID}",
            {"GET": "getFile", "PATCH": "updateFile", "PUT": "replaceFile", "DELETE": "deleteFile"},
        ),
        (_FOLDERS, {"POST": "createFolder"}),
        (f"{_FOLDERS}/search", {"GET": "searchFolders"}),
        (f"{_FOLDERS}/update/async", {"POST": "updateFolderRecursively"}),
        (f"{_FOLDERS}/update/async/tasks/([^/]+)/status", {"GET": "getFolderUpdateTask"}),
        (
            f"{_FOLDERS}/{_ID}",
            {"GET": "getFolder", "PATCH": "updateFolder", "DELETE": "deleteFolder"},
        ),
        (f"{_FOLDERS}/(.+)", {"GET": "getFolderByPath", "DELETE": "deleteFolderByPath"}),
        (f"/filemanager/api/v3/files/{_ID}/signed-url", {"GET": "getLegacySignedUrl"}),
    )
]
OPERATIONS: Final = tuple(operation for _, operations in _ROUTES for operation in operations.values())
_SIZES: Final = ("icon", "medium", "preview", "thumb")
_DEFAULT_LIFE: Final = 3600
_LONGEST_LIFE: Final = 21_600
_LARGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True)
class Route:
    """Where a request leads: the operation, and what the pattern caught of the path, decoded."""

    operation: str
    caught: tuple[str, ...]


@dataclass(frozen=True)
class Published:
    """What an import finds at a URL."""

    status: int
    content: bytes


@dataclass
class Call:
    """An authenticated request to one operation."""

    caught: tuple[str, ...]
    query: Query
    intake: _input.Intake
    path: str
    token: TokenRow

    @property
    def properties(self) -> list[str]:
        """The fields that the caller wants, none for all."""
        return self.query.many("properties")

    def may(self, scope: str) -> bool:
        """Whether the token has a scope."""
        return scope in self.token.scopes


Handler: TypeAlias = Callable[[Call], Reply]


def route(method: str, raw_path: str) -> Route:
    """The operation of a request.

    Raises:
        PageError: 404 for an unknown path, 405 for a method that it does not take.
    """
    for pattern, operations in _ROUTES:
        if match := pattern.fullmatch(raw_path):
            if method not in operations:
                # assumed: wrong-method
                raise PageError(405, "Method Not Allowed", {"Allow": ", ".join(operations)})
            try:
                caught = tuple(unquote(group, errors="strict") for group in match.groups())
            except UnicodeDecodeError:
                raise PageError(400, "The path is not UTF-8") from None
            return Route(operations[method], caught)
    raise PageError(404, "Not Found")


def _not_found(what: str, key: object) -> ApiError:
    return ApiError(404, f"{what} {key} does not exist", "OBJECT_NOT_FOUND", context={"id": [str(key)]})


def _selected(full: Json, properties: Sequence[str]) -> Json:
    # assumed: properties-subset
    return {name: value for name, value in full.items() if not properties or name in properties or name == "id"}


class Api:
    """The API over a store.

    Args:
        store: Where everything is kept.
        clock: What everything is timed with.
        storage: The host that serves contents.
        limits: The rate limits.
        published: What imports find, by URL.
        fetches: Where imports find what this machine serves, None where they are not to look there.
        base_url: The API's origin, without a path.
        chance: Where ids of tasks and correlation ids come from.
        largest_upload: In bytes; more is answered 413.
        download_redirects: Whether the download call redirects to the storage host, or answers the content
            itself.
        search_lag: Seconds that a new file is missing from the search.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        storage: Storage,
        limits: RateLimits,
        published: Mapping[str, Published],
        fetches: Fetches | None,
        *,
        base_url: str,
        chance: random.Random,
        largest_upload: int,
        download_redirects: bool,
        search_lag: float,
    ) -> None:
        self._store = store
        self._clock = clock
        self._storage = storage
        self._limits = limits
        self._published = published
        self._fetches = fetches
        self._base_url = base_url
        self._chance = chance
        self._largest_upload = largest_upload
        self._download_redirects = download_redirects
        self._search_lag = search_lag
        self.tasks = Tasks(store, clock, self._perform)
        self._handlers: dict[str, tuple[Handler, tuple[str, ...]]] = {
            "uploadFile": (self._upload_file, _WRITE),
            "replaceFile": (self._replace_file, _WRITE),
            "updateFile": (self._update_file, _WRITE),
            "getFile": (self._get_file, _READ),
            "statPath": (self._stat_path, _READ),
            "searchFiles": (self._search_files, _READ),
            "getSignedUrl": (self._get_signed_url, _READ),
            "downloadFile": (self._download_file, _READ),
            "deleteFile": (self._delete_file, _DELETE),
            "gdprDeleteFile": (self._gdpr_delete_file, _DELETE),
            "importFileFromUrl": (self._import_file, _WRITE),
            "getImportTask": (self._get_import_task, _READ),
            "createFolder": (self._create_folder, _WRITE),
            "getFolder": (self._get_folder, _READ),
            "updateFolder": (self._update_folder, _WRITE),
            "deleteFolder": (self._delete_folder, _DELETE),
            "getFolderByPath": (self._get_folder_by_path, _READ),
            "deleteFolderByPath": (self._delete_folder_by_path, _DELETE),
            "searchFolders": (self._search_folders, _READ),
            "updateFolderRecursively": (self._update_folder_recursively, _WRITE),
            "getFolderUpdateTask": (self._get_folder_task, _WRITE),
            "getLegacySignedUrl": (self._get_legacy_signed_url, ("files",)),
        }

    def identifier(self) -> str:
        """A new UUID, drawn from the seed."""
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))

    def dispatch(self, request: Arrival, intake: _input.Intake) -> Reply:
        """Answer a request to this host, refusals included."""
        correlation_id = self.identifier()
        token: TokenRow | None = None
        try:
            found = route(request.method, request.path)
            token = self._authenticate(request.headers.get("authorization", ""))
            limited = self._limits.spend(token.token)
            if limited is not None:
                reply = _too_many(limited, correlation_id)
            else:
                handler, scopes = self._handlers[found.operation]
                _require_scope(token, scopes)
                reply = handler(Call(found.caught, Query(request.query), intake, request.path, token))
        except ApiError as error:
            reply = error_reply(error, correlation_id)
        except PageError as error:
            reply = page_reply(error.status, str(error), error.headers)
        oauth = token is not None and token.oauth
        reply.headers.update(self._limits.headers(token.token if token else None, oauth=oauth))
        reply.headers["X-HubSpot-Correlation-Id"] = correlation_id
        return reply

    def _authenticate(self, authorization: str) -> TokenRow:
        scheme, _, value = authorization.partition(" ")
        token = self._store.token(value.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            message = (
                "Authentication credentials not found: send the header Authorization with a bearer token"
                if not authorization
                else "The token is unknown or has been revoked"
            )
            raise ApiError(401, message, "INVALID_AUTHENTICATION")
        if token.expires_at is not None and self._clock.milliseconds() >= token.expires_at:
            when = iso(token.expires_at)
            raise ApiError(
                401,
                f"The OAuth token used to make this call expired at {when}",
                "EXPIRED_AUTHENTICATION",
                context={"expireTime": [when]},
            )
        return token

    # files

    def url_of(self, row: FileRow) -> str:
        """The unsigned URL of a file."""
        return self._storage.url(row.path)

    def _file_json(self, row: FileRow) -> Json:
        url = self.url_of(row)
        shown: Json = {
            "id": str(row.id),
            "createdAt": iso(row.created_at),
            "updatedAt": iso(row.updated_at),
            "archived": row.state != "live",
            "parentFolderId": None if row.folder_id is None else str(row.folder_id),
            "name": row.name,
            "path": row.path,
            "size": row.size,
            "height": row.height,
            "width": row.width,
            "encoding": row.encoding,
            "type": row.type,
            "extension": row.extension or None,
            "defaultHostingUrl": url,
            "url": url,
            "isUsableInContent": bool(row.usable),
            "access": row.access,
            "fileMd5": row.md5,
            # assumed: source-group
            "sourceGroup": "CONTENT",
            "expiresAt": row.expires_at,
        }
        # assumed: absent-not-null
        return {name: value for name, value in shown.items() if value is not None}

    def _file(self, call: Call, *, write: bool = False) -> FileRow:
        file_id = call.caught[0]
        row = self._store.file(int(file_id)) if int(file_id) <= _LARGEST_ID else None
        if row is None or not self._sees(call, row, write=write):
            raise _not_found("File", file_id)
        return row

    @staticmethod
    def _sees(call: Call, row: FileRow, *, write: bool = False) -> bool:
        # assumed: hidden-write-scope
        return not row.access.startswith("HIDDEN_") or call.may(f"files.ui_hidden.{'write' if write else 'read'}")

    @staticmethod
    def _looks(content: Draft, extension: str, charset: str | None) -> dict[str, object]:
        size = dimensions(content.head)
        # assumed: encoding-field
        return {
            "md5": content.md5,
            "width": size[0] if size else None,
            "height": size[1] if size else None,
            "type": kind(extension),
            "encoding": extension.lower() or None,
            "charset": charset,
        }

    def create_file(
        self,
        content: Draft,
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
        """Keep a new file under a free name, or in the place of the one that has the name."""
        now = self._clock.milliseconds()
        name, extension = split_name(filename)
        base = folder.path if folder else ""
        taken = self._store.file_at(f"{base}/{filename}")
        if taken is not None and overwrite:
            self._store.archive_file(taken, now)
        number, free = 0, name
        # assumed: rename-suffix
        while self._store.file_at(f"{base}/{join_name(free, extension)}") is not None:
            number += 1
            free = f"{name}-{number}"
        return self._store.add_file(
            content,
            file_id,
            folder_id=folder.id if folder else None,
            name=free,
            extension=extension,
            access=access,
            usable=usable,
            state="live",
            created_at=now,
            updated_at=now,
            expires_at=expires_at,
            **self._looks(content, extension, charset),
        )

    def _new_file(self, new: _input.NewFile, content: Draft, filename: str, charset: str | None) -> FileRow:
        now = self._clock.milliseconds()
        self._require_size(content)
        folder: FolderRow | None
        if new.folder_id is not None:
            folder, exists = self._folder_by_id(new.folder_id), True
        else:
            folder = self._store.folder_at("/" + "/".join(new.folder_path))
            exists = folder is not None or not new.folder_path
        if new.strategy != "NONE" and (exists or new.scope == "ENTIRE_PORTAL"):
            # assumed: duplicates-by-content
            everywhere = new.scope == "ENTIRE_PORTAL"
            twin = self._store.file_like(content.md5, folder.id if folder else None, everywhere=everywhere)
            if twin is not None and new.strategy == "RETURN_EXISTING":
                return twin
            if twin is not None:
                # assumed: duplicate-rejected
                raise ApiError(
                    409,
                    f"The file is a duplicate of {twin.id}",
                    "CONFLICT",
                    sub_category="FilesErrors.DUPLICATE_FILE",
                    context={"id": [str(twin.id)]},
                )
        if not exists:
            folder = self._store.ensure_folder(new.folder_path, now)
        return self.create_file(
            content,
            filename,
            folder,
            new.access,
            expires_at=new.expires_at,
            charset=charset,
            overwrite=new.overwrite,
        )

    def _require_size(self, content: Draft) -> None:
        if content.size > self._largest_upload:
            raise ApiError(413, f"The file is larger than {self._largest_upload} bytes", "FILE_TOO_LARGE")

    def _options(self, parts: Mapping[str, Part], known: frozenset[str]) -> Json:
        options = _input.part_text(parts, "options")
        if options is None:
            raise ApiError(400, "options parameter is required")
        return _input.json_object(options, "options", known)

    def _upload_file(self, call: Call) -> Reply:
        known = ("file", "options", "folderId", "folderPath", "fileName", "charsetHunch")
        parts = call.intake.form(known)
        options = self._options(parts, _input.NEW_FILE_KEYS)
        folder_id, folder_path = _input.part_text(parts, "folderId"), _input.part_text(parts, "folderPath")
        new = _input.new_file(options, folder_id, folder_path, self._clock.milliseconds())
        file = parts.get("file")
        if file is None or file.draft is None:
            raise ApiError(400, "file parameter is required")
        wanted, sent = _input.part_text(parts, "fileName"), file.filename
        if not wanted and not sent:
            raise ApiError(400, "Could not determine name from file")
        filename = _input.file_name(wanted or sent or "")
        if sent and not split_name(filename)[1]:
            # assumed: borrowed-extension
            filename = join_name(filename, split_name(sent)[1])
        _input.file_name(filename)
        charset = _charset(_input.part_text(parts, "charsetHunch"))
        return self._created(call, self._file_json(self._new_file(new, file.draft, filename, charset)))

    def _replace_file(self, call: Call) -> Reply:
        row = self._file(call, write=True)
        parts = call.intake.form(("file", "options", "charsetHunch"))
        options = self._options(parts, frozenset({"access", "expiresAt"}))
        now = self._clock.milliseconds()
        access = _input.access(options, row.access)
        if access is None:
            raise ApiError(400, "access is required", errors=[{"message": "required", "in": "access"}])
        expires_at = _input.future(options, "expiresAt", now)
        file = parts.get("file")
        if file is None or file.draft is None:
            raise ApiError(400, "file parameter is required")
        self._require_size(file.draft)
        charset = _charset(_input.part_text(parts, "charsetHunch"))
        # assumed: replace-keeps
        changes = {
            "access": access,
            "expires_at": row.expires_at if expires_at is None else expires_at,
            "updated_at": now,
            **self._looks(file.draft, row.extension, charset),
        }
        changed = self._store.change_file(row, changes, file.draft)
        return json_reply(200, self._file_json(changed))

    def _update_file(self, call: Call) -> Reply:
        row = self._file(call, write=True)
        known = (
            "name",
            "access",
            "parentFolderId",
            "parentFolderPath",
            "expiresAt",
            "clearExpires",
            "isUsableInContent",
        )
        body = call.intake.json(known)
        now = self._clock.milliseconds()
        changes: dict[str, object] = {"updated_at": now}
        if (access := _input.access(body, row.access)) is not None:
            changes["access"] = access
        if (usable := _input.flag(body, "isUsableInContent")) is not None:
            changes["usable"] = usable
        expires_at, clear = _input.future(body, "expiresAt", now), _input.flag(body, "clearExpires")
        if clear and expires_at is not None:
            raise ApiError(400, "expiresAt and clearExpires cannot be set at the same time")
        if clear or expires_at is not None:
            changes["expires_at"] = expires_at
        folder = self._target_folder(row, body)
        name = row.name
        if (wanted := _input.text(body, "name")) is not None:
            # assumed: rename-keeps-extension
            name = _input.file_name(wanted, "name")
            if row.extension:
                name = name.removesuffix(f".{row.extension}") or name
        path = f"{folder.path if folder else ''}/{join_name(name, row.extension)}"
        if path != row.path:
            if self._store.file_at(path) is not None:
                # assumed: move-conflict
                raise ApiError(409, f"A file exists at {path}", "CONFLICT")
            changes.update(folder_id=folder.id if folder else None, name=name, path=path)
        return json_reply(200, self._file_json(self._store.change_file(row, changes)))

    def _target_folder(self, row: FileRow, body: Json) -> FolderRow | None:
        folder_id, path = _input.number(body, "parentFolderId"), _input.text(body, "parentFolderPath")
        if folder_id is not None and path is not None:
            raise ApiError(400, "parentFolderId and parentFolderPath cannot be set at the same time")
        if folder_id is not None:
            return self._folder_by_id(folder_id)
        if path is not None:
            # assumed: move-to-missing-folder
            return self._folder_at(_input.segments(path, "parentFolderPath"))
        return None if row.folder_id is None else self._store.folder(row.folder_id)

    def _get_file(self, call: Call) -> Reply:
        return json_reply(200, _selected(self._file_json(self._file(call)), call.properties))

    def _stat_path(self, call: Call) -> Reply:
        path = "/" + "/".join(segment for segment in call.caught[0].split("/") if segment)
        file = self._store.file_at(path)
        # assumed: stat-file-first
        if file is not None and self._sees(call, file):
            return json_reply(200, {"file": _selected(self._file_json(file), call.properties)})
        folder = self._store.folder_at(path)
        if folder is None:
            raise _not_found("Path", path)
        return json_reply(200, {"folder": _selected(self._folder_json(folder), call.properties)})

    def _search_files(self, call: Call) -> Reply:
        until = self._clock.milliseconds() - round(self._search_lag * 1000)
        return self._search(call, _search.files(call.query, self._storage.prefix, until))

    def _search_folders(self, call: Call) -> Reply:
        return self._search(call, _search.folders(call.query))

    def _search(self, call: Call, search: _search.Search) -> Reply:
        rows = self._store.find(
            search.table, search.condition, search.values, search.order, search.limit + 1, search.offset
        )
        results = [
            _selected(
                self._file_json(row) if isinstance(row, FileRow) else self._folder_json(row),
                search.properties,
            )
            for row in rows[: search.limit]
        ]
        answer: Json = {"results": results}
        link, more = self._base_url + call.path, len(rows) > search.limit
        if paging := _search.paging(search, call.query, link, more=more):
            answer["paging"] = paging
        return json_reply(200, answer)

    def _signed(self, call: Call) -> tuple[Json, int]:
        row = self._file(call)
        if row.access.endswith("SENSITIVE"):
            raise _not_found("File", row.id)
        size = call.query.get("size")
        if size is not None and size not in _SIZES:
            raise _search.invalid("size", f"{size!r} is not one of {', '.join(_SIZES)}")
        upscale = _search.boolean("upscale", call.query.get("upscale") or "false")
        life = _search.integer("expirationSeconds", call.query.get("expirationSeconds") or str(_DEFAULT_LIFE))
        if life < 1:
            raise _search.invalid("expirationSeconds", "at least 1")
        # assumed: longest-life
        expires_at = self._clock.milliseconds() + min(life, _LONGEST_LIFE) * 1000
        # assumed: no-resizing
        shown: Json = {
            "name": row.name,
            "extension": row.extension,
            "type": row.type,
            "size": row.size,
            "width": row.width,
            "height": row.height,
        }
        # assumed: signed-url-property
        wanted = call.query.many("property")
        shown = {k: v for k, v in shown.items() if v is not None and (not wanted or k in wanted)}
        return {"url": self._storage.signed_url(row, expires_at, size, upscale=upscale), **shown}, expires_at

    def _get_signed_url(self, call: Call) -> Reply:
        shown, expires_at = self._signed(call)
        return json_reply(200, {**shown, "expiresAt": iso(expires_at)})

    def _get_legacy_signed_url(self, call: Call) -> Reply:
        shown, expires_at = self._signed(call)
        return json_reply(200, {**shown, "expiresAt": expires_at})

    def _download_file(self, call: Call) -> Reply:
        row = self._file(call)
        # assumed: download-answer
        if self._download_redirects:
            expires_at = self._clock.milliseconds() + _DEFAULT_LIFE * 1000
            return Reply(302, {"Location": self._storage.signed_url(row, expires_at, None, upscale=False)})
        headers = {"Content-Type": media_type(row.extension, row.charset), "ETag": f'"{row.md5}"'}
        return Reply(200, headers, self._store.extract(row, 0, row.size))

    def _delete_file(self, call: Call) -> Reply:
        self._store.archive_file(self._file(call, write=True), self._clock.milliseconds())
        return Reply(204)

    def _gdpr_delete_file(self, call: Call) -> Reply:
        file_id = call.caught[0]
        row = self._store.any_file(int(file_id)) if int(file_id) <= _LARGEST_ID else None
        # assumed: gdpr-after-delete, gdpr-at-once
        if row is None or row.state not in ("live", "archived") or not self._sees(call, row, write=True):
            raise _not_found("File", file_id)
        self._store.purge_file(row, "gdpr", self._clock.milliseconds())
        return Reply(204)

    # imports

    def _import_file(self, call: Call) -> Reply:
        known = {*_input.NEW_FILE_KEYS, "expiresAt", "folderId", "folderPath", "name", "url"}
        body = call.intake.json(known)
        url = _input.text(body, "url")
        parts = urlsplit(url or "")
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise _search.invalid("url", "an absolute http or https URL is needed")
        self._import_target(body)
        if (name := _input.text(body, "name")) is not None:
            _input.file_name(name, "name")
        return self._accepted(call, self.tasks.start(self.identifier(), "import", body))

    def _import_target(self, body: Json) -> _input.NewFile:
        folder_id, now = _input.number(body, "folderId"), self._clock.milliseconds()
        folder = None if folder_id is None else str(folder_id)
        return _input.new_file(body, folder, _input.text(body, "folderPath"), now)

    def _accepted(self, call: Call, task: TaskRow) -> Reply:
        link = f"{self._base_url}{call.path}/tasks/{task.id}/status"
        return json_reply(202, {"id": task.id, "links": {"status": link}})

    def _perform(self, task: TaskRow) -> int | None:
        body: Json = json.loads(task.payload)
        if task.kind == "folder":
            return self._change_folder(self._folder_by_id(int(body["id"])), body).id
        filename = unquote(urlsplit(body["url"]).path).rpartition("/")[2]
        if name := body.get("name"):
            extension = "" if split_name(name)[1] else split_name(filename)[1]
            filename = join_name(name, extension)
        if not filename:
            raise ApiError(400, "Could not determine name from file")
        try:
            content = self._content_at(task, body["url"])
        except FetchError as error:
            raise ApiError(400, f"The URL {error}", context={"url": [body["url"]]}) from None
        if content is None:
            return None
        try:
            return self._new_file(self._import_target(body), content, _input.file_name(filename), None).id
        finally:
            self._store.discard(content)

    def _content_at(self, task: TaskRow, url: str) -> Draft | None:
        """What an import's URL has; None while it is being fetched."""
        found = self._published.get(url)
        if found is not None:
            if not 200 <= found.status < 300:
                raise FetchError(f"answers {found.status}")
            content = self._store.draft(self._largest_upload)
            content.write(found.content)
            return content
        if self._fetches is None:
            raise FetchError("cannot be reached")
        return self._fetches.take(task.id, require_loopback(url))

    def _get_import_task(self, call: Call) -> Reply:
        task = self._task(call, "import")
        row = None if task.result_id is None else self._store.file(task.result_id)
        return self._task_reply(call, task, None if row is None else self._file_json(row))

    def _task(self, call: Call, kind_of_task: str) -> TaskRow:
        task = self._store.task(call.caught[0])
        if task is None or task.kind != kind_of_task:
            raise _not_found("Task", call.caught[0])
        return self.tasks.poll(task)

    def _task_reply(self, call: Call, task: TaskRow, result: Json | None) -> Reply:
        return json_reply(200, self.tasks.as_json(task, self._base_url + call.path, result))

    # folders

    def _folder_json(self, row: FolderRow) -> Json:
        shown: Json = {
            "id": str(row.id),
            "createdAt": iso(row.created_at),
            "updatedAt": iso(row.updated_at),
            "archived": row.archived_at is not None,
            "parentFolderId": None if row.parent_id is None else str(row.parent_id),
            "name": row.name,
            "path": row.path,
        }
        return {name: value for name, value in shown.items() if value is not None}

    def _folder_by_id(self, folder_id: int) -> FolderRow:
        row = self._store.folder(folder_id)
        # assumed: missing-folder
        if row is None:
            raise _not_found("Folder", folder_id)
        return row

    def _folder_at(self, names: Sequence[str]) -> FolderRow | None:
        if not names:
            return None
        path = "/" + "/".join(names)
        row = self._store.folder_at(path)
        if row is None:
            raise _not_found("Folder", path)
        return row

    def _called_folder(self, call: Call) -> FolderRow:
        folder_id = call.caught[0]
        if int(folder_id) > _LARGEST_ID:
            raise _not_found("Folder", folder_id)
        return self._folder_by_id(int(folder_id))

    def _called_path(self, call: Call) -> FolderRow:
        names = [name for name in call.caught[0].split("/") if name]
        row = self._folder_at(names)
        if row is None:
            # assumed: root-is-no-folder
            raise _not_found("Folder", "/")
        return row

    def _create_folder(self, call: Call) -> Reply:
        # assumed: parent-path-name
        body = call.intake.json(("name", "parentFolderId", "parentPath"))
        name = _input.text(body, "name")
        if name is None:
            raise ApiError(400, "name is required", errors=[{"message": "required", "in": "name"}])
        _input.file_name(name, "name")
        parent_id, path = _input.number(body, "parentFolderId"), _input.text(body, "parentPath")
        if parent_id is not None and path is not None:
            raise ApiError(400, "parentFolderId and parentPath cannot be set at the same time")
        if parent_id is not None:
            parent: FolderRow | None = self._folder_by_id(parent_id)
        else:
            parent = self._folder_at(_input.segments(path or "", "parentPath"))
        self._require_free(parent, name)
        return self._created(call, self._folder_json(self._store.add_folder(parent, name, self._clock.milliseconds())))

    def _created(self, call: Call, record: Json) -> Reply:
        reply = json_reply(201, record)
        reply.headers["Location"] = f"{self._base_url}{call.path}/{record['id']}"
        return reply

    def _require_free(self, parent: FolderRow | None, name: str) -> None:
        path = f"{parent.path if parent else ''}/{name}"
        # assumed: folder-conflict
        if self._store.folder_at(path) is not None:
            raise ApiError(409, f"A folder exists at {path}", "CONFLICT")

    def _get_folder(self, call: Call) -> Reply:
        return json_reply(200, _selected(self._folder_json(self._called_folder(call)), call.properties))

    def _get_folder_by_path(self, call: Call) -> Reply:
        return json_reply(200, _selected(self._folder_json(self._called_path(call)), call.properties))

    def _update_folder(self, call: Call) -> Reply:
        folder = self._called_folder(call)
        body = call.intake.json(("name", "parentFolderId"))
        return json_reply(200, self._folder_json(self._change_folder(folder, body)))

    def _change_folder(self, folder: FolderRow, body: Json) -> FolderRow:
        name, parent_id = _input.text(body, "name"), _input.number(body, "parentFolderId")
        name = folder.name if name is None else _input.file_name(name, "name")
        parent = None if folder.parent_id is None else self._store.folder(folder.parent_id)
        if parent_id is not None:
            parent = self._folder_by_id(parent_id)
            # assumed: folder-cycle
            if self._store.is_below(parent.id, folder.id):
                raise ApiError(400, "A folder cannot be moved into itself or below itself")
        if (parent.id if parent else None, name) != (folder.parent_id, folder.name):
            self._require_free(parent, name)
        return self._store.place_folder(folder, parent, name, self._clock.milliseconds())

    def _delete_folder(self, call: Call) -> Reply:
        # assumed: folder-delete-recursive
        self._store.archive_folder(self._called_folder(call), self._clock.milliseconds())
        return Reply(204)

    def _delete_folder_by_path(self, call: Call) -> Reply:
        self._store.archive_folder(self._called_path(call), self._clock.milliseconds())
        return Reply(204)

    def _update_folder_recursively(self, call: Call) -> Reply:
        body = call.intake.json(("id", "name", "parentFolderId"))
        folder_id = _input.number(body, "id")
        if folder_id is None:
            raise ApiError(400, "id is required", errors=[{"message": "required", "in": "id"}])
        # assumed: folder-task-checks
        self._folder_by_id(folder_id)
        if (name := _input.text(body, "name")) is not None:
            _input.file_name(name, "name")
        if (parent_id := _input.number(body, "parentFolderId")) is not None:
            self._folder_by_id(parent_id)
        return self._accepted(call, self.tasks.start(self.identifier(), "folder", body))

    def _get_folder_task(self, call: Call) -> Reply:
        task = self._task(call, "folder")
        row = None if task.result_id is None else self._store.folder(task.result_id)
        return self._task_reply(call, task, None if row is None else self._folder_json(row))


def _charset(hunch: str | None) -> str | None:
    # The hunch becomes part of a header later on.
    if hunch and not re.fullmatch(r"[A-Za-z0-9._:+-]{1,40}", hunch):
        raise _search.invalid("charsetHunch", f"{hunch!r} is not the name of a character set")
    return hunch or None


def _require_scope(token: TokenRow, scopes: tuple[str, ...]) -> None:
    if not token.scopes & set(scopes):
        raise ApiError(
            403,
            "This app has not been granted a scope that this call requires",
            "MISSING_SCOPES",
            errors=[
                {
                    "message": "One of these scopes is required.",
                    "context": {"requiredGranularScopes": list(scopes)},
                }
            ],
            links={"scopes": _SCOPE_LINK},
        )


def _too_many(policy: str, correlation_id: str) -> Reply:
    return json_reply(
        429,
        {
            "status": "error",
            "message": f"You have reached your {policy.lower()} limit.",
            "errorType": "RATE_LIMIT",
            "correlationId": correlation_id,
            "policyName": policy,
        },
    )
