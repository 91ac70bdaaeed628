"""Check that each response mocked in a test is one that the emulator would give to the same request."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from hubspot_files.emulator._api.routes import SCOPES, route
from hubspot_files.emulator._messages import PageError
from hubspot_files.emulator._store import TokenRow
from hubspot_files.testing import Clock, Emulator
from hubspot_files_api.versions import DEFAULT, OPERATIONS, VERSIONS

from .support import FILE, unversioned

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_MAX_SIZE = 100_000
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\xe1\0\0\0\xdb"
# The results of a page have the same shape, so a few are enough.
_MAX_RESULTS = 3


def operation(request: httpx.Request) -> str | None:
    """Return the operation of a request, or None if the request is not for HubSpot's Files API."""
    if request.url.host != "api.hubapi.com" or request.url.path.startswith("/oauth/"):
        return None
    try:
        return route(request.method, request.url.raw_path.partition(b"?")[0].decode("ascii")).operation.name
    except PageError:
        return None


def in_default_version(version: str, request: httpx.Request) -> httpx.Request:
    """Return a request to a version with the path of the default version, which tests mock."""
    url = request.url.copy_with(raw_path=unversioned(request.url.raw_path.decode("ascii"), version).encode("ascii"))
    if url == request.url:
        return request
    return httpx.Request(
        request.method, url, headers=request.headers, content=request.content, extensions=request.extensions
    )


def wrong_version(version: str, request: httpx.Request) -> list[str]:
    """Return a complaint about a request with the default version in its path, if it should have another version."""
    name = operation(request)
    path = request.url.raw_path.decode("ascii")
    if version == DEFAULT or not path.startswith(f"/files/{DEFAULT}/") or request.url.host != "api.hubapi.com":
        return []
    if name in VERSIONS[version].missing and OPERATIONS[name].way_round == DEFAULT:
        return []
    return [f"{request.method} {path}: the client's version is {version}"]


def is_api_response(response: httpx.Response) -> bool:
    """Return whether a mocked response poses as one of HubSpot's API.

    An error without JSON does not: gateways send those, and tests that check only the status. Neither does a success
    whose body is not the expected record, which the SDK has to handle.
    """
    return response.status_code == 204 or response.has_redirect_location or isinstance(_json(response), dict)


def differences(request: httpx.Request, response: httpx.Response) -> list[str]:
    """Return the differences between a mocked response and the emulator's response to the same request.

    The status has to be equal, and the content type if it is given. Each field of the mocked response has to be in
    the emulator's, with a value of the same type; a test may leave out fields.
    """
    name = operation(request)
    assert name is not None
    mocked = _json(response)
    given = emulated(name, request, response.status_code, mocked)
    if given.status_code != response.status_code:
        return [f"the emulator answers {given.status_code}: {given.text[:300]}"]
    if not isinstance(mocked, dict):
        return ["it has content"] if response.content else []
    kind = response.headers.get("content-type", "application/json").partition(";")[0]
    if kind != "application/json":
        return [f"its content is {kind}"]
    if response.is_error:
        return sorted(_field_differences(mocked, shapes()["error"]))
    return sorted(_field_differences(mocked, _merged(shapes()[name], given.json())))


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _field_differences(mocked: Any, given: Any, where: str = "") -> Iterator[str]:
    if isinstance(mocked, dict) and isinstance(given, dict):
        for key, value in mocked.items():
            inner = f"{where}.{key}".lstrip(".")
            if value is None:
                continue
            if key not in given:
                yield f"{inner} is in no answer of the emulator's"
            else:
                yield from _field_differences(value, given[key], inner)
    elif isinstance(mocked, list) and isinstance(given, list):
        for item in mocked:
            yield from _field_differences(item, given[0], f"{where}[]")
    elif _type(mocked) != _type(given):
        yield f"{where} is {_type(mocked)}, in the emulator's answer {_type(given)}"


def _merged(first: Any, second: Any) -> Any:
    """Merge two responses into one that has the fields of both."""
    if isinstance(first, dict) and isinstance(second, dict):
        return {key: _merged(first.get(key), second.get(key)) for key in first.keys() | second.keys()}
    if isinstance(first, list) and isinstance(second, list):
        return [functools.reduce(_merged, [*first, *second])] if first or second else []
    return first if second is None else second


def _type(value: object) -> str:
    if isinstance(value, str):
        return "a date-time" if _DATE_TIME.fullmatch(value) else "a string"
    return type(value).__name__


def emulated(name: str, request: httpx.Request, status: int, mocked: Any) -> httpx.Response:
    """Return the emulator's response to a request, in an account set up to give that status."""
    # A strict emulator refuses what the description of the version forbids.
    with Emulator(clock=Clock(datetime(2026, 3, 1, 12, tzinfo=UTC), frozen=True), strict=True) as emulator:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        scopes = frozenset() if status == 403 else frozenset(SCOPES)
        if status != 401:
            with emulator._store.transaction():
                emulator._store.tokens.put(TokenRow(token, scopes, False, None))
        body = mocked if isinstance(mocked, dict) else {}
        if status == 429:
            emulator.rate_limit(body.get("policyName") or "SECONDLY", 0)
        elif status not in (401, 403, 404) and status >= 400:
            emulator.fail(status=status)
        if status != 404:
            _Account(emulator, request, body).prepare(name)
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        return httpx.Client(transport=emulator.transport).send(copy)


class _Account:
    """An account set up for a request: what the request names exists, with the same ids."""

    def __init__(self, emulator: Emulator, request: httpx.Request, body: Mapping[str, Any]) -> None:
        self.emulator = emulator
        self.request = request
        # Only a record can be created in the account.
        self.body = {
            key: value for key, value in body.items() if key not in ("file", "folder") or isinstance(value, dict)
        }
        path = request.url.raw_path.partition(b"?")[0].decode("ascii")
        self.caught = route(request.method, path).path_parameters
        self.sent = self._sent_fields()

    def _sent_fields(self) -> dict[str, Any]:
        """Return the fields of the request's body."""
        content, kind = self.request.content, self.request.headers.get("content-type", "")
        if kind.startswith("application/json"):
            sent = json.loads(content)
            return sent if isinstance(sent, dict) else {}
        fields = re.findall(rb'name="(\w+)"\r\n\r\n(.*?)\r\n--', content, re.DOTALL)
        return {name.decode(): value.decode(errors="replace") for name, value in fields}

    def prepare(self, name: str) -> None:
        for field in ("folderId", "parentFolderId"):
            if self.sent.get(field) is not None:
                self.folder(self.sent[field], f"/folder {self.sent[field]}")
        for field in ("parentFolderPath", "parentPath"):
            if (self.sent.get(field) or "/").strip("/"):
                self.emulator.add_folder("/" + self.sent[field].strip("/"))
        record = self.body
        match name:
            case "getSignedUrl" | "getLegacySignedUrl":
                self.file(self.caught[0], FILE)
            case "getFile" | "replaceFile" | "updateFile" | "deleteFile" | "gdprDeleteFile" | "downloadFile":
                self.file(self.caught[0], {**FILE, **record})
            case "getFolder" | "updateFolder" | "deleteFolder":
                self.folder(self.caught[0], record.get("path") or "/a/b")
            case "getFolderByPath" | "deleteFolderByPath":
                self.emulator.add_folder("/" + self.caught[0])
            case "updateFolderRecursively":
                self.folder(self.sent["id"], "/a/b")
            case "statPath" if record.get("folder"):
                self.emulator.add_folder("/" + self.caught[0])
            case "statPath":
                self.file(10**6, record.get("file") or FILE, "/" + self.caught[0])
            case "searchFiles" | "searchFolders":
                self.page("file" if name == "searchFiles" else "folder")
            case "getImportTask" | "getFolderUpdateTask":
                self.task(name)
            case _:
                pass

    def page(self, kind: str) -> None:
        """Create the results of a page, those before its offset, and one more if there is a next page."""
        items = self.body.get("results")
        results = items[:_MAX_RESULTS] if isinstance(items, list) else []
        more = [{"id": 10**9}] if self.body.get("paging") else []
        for number, item in enumerate([*results, *more]):
            path = f"/{number}/{number}.png"
            if kind == "file":
                self.file(item.get("id"), {**FILE, **item}, path)
            else:
                self.folder(item.get("id"), item.get("path") or path)

    def task(self, name: str) -> None:
        status = self.body.get("status")
        if self.body.get("errors") or self.body.get("numErrors"):
            self.emulator.plan_task("fail")
        self.emulator.task_pace("polls", status == "PENDING", status == "PROCESSING")
        started = self.emulator._api.context.tasks
        with self.emulator._store.transaction():
            if name == "getImportTask":
                url = "https://example.com/cat.png"
                self.emulator.publish_url(url, PICTURE)
                options = {"access": "PRIVATE", "folderPath": "/in", "url": url}
                row = started.start(self.caught[0], "import", options)
            else:
                folder = self.emulator.add_folder("/a/b")
                row = started.start(self.caught[0], "folder", {"id": folder.id, "name": "c"})
            if status == "CANCELED":
                started.cancel(row)

    def file(self, file_id: object, record: Mapping[str, Any], path: str | None = None) -> None:
        content = PICTURE if record.get("width") and record.get("height") else b""
        size = record.get("size")
        content = content.ljust(min(size, _MAX_SIZE) if isinstance(size, int) else 0, b".")
        access, expires_at = record.get("access"), record.get("expiresAt")
        stored = self.emulator.add_file(
            path or record.get("path") or FILE["path"],
            content,
            access=access if access in ("PUBLIC_INDEXABLE", "PRIVATE") else "PRIVATE",
            expires_at=datetime(2100, 1, 1, tzinfo=UTC) if isinstance(expires_at, int) else None,
        )
        self.assign_id("files", stored.id, file_id)

    def folder(self, folder_id: object, path: str) -> None:
        self.assign_id("folders", self.emulator.add_folder(path).id, folder_id)

    def assign_id(self, table: str, assigned: str, wanted: object) -> None:
        """Give a new item the id that the request uses, if that is a valid id and still free."""
        if not str(wanted).isdigit() or len(str(wanted)) > 18:
            return
        database = self.emulator._store.database.connection
        database.execute(f"UPDATE OR IGNORE {table} SET id = ? WHERE id = ?", (wanted, assigned))
        if table == "folders":
            database.execute("UPDATE files SET folder_id = ? WHERE folder_id = ?", (wanted, assigned))
            database.execute("UPDATE folders SET parent_id = ? WHERE parent_id = ?", (wanted, assigned))


@functools.cache
def shapes() -> dict[str, Any]:
    """Return the emulator's responses by operation, and its errors: several states of each, merged into one."""
    with Emulator(start=datetime(2026, 3, 1, 12, tzinfo=UTC)) as emulator:
        headers = {"Authorization": f"Bearer {emulator.token}"}
        web = httpx.Client(transport=emulator.transport, base_url=emulator.base_url, headers=headers)
        world = _Account(emulator, httpx.Request("GET", f"{emulator.base_url}/files/v3/files/search"), {})
        for number in range(3):
            world.file(number + 1, {**FILE, "expiresAt": 1}, f"/in/{number}.png")
            world.folder(number + 11, f"/in/{number}")
        shapes: dict[str, Any] = {}

        def ask(method: str, path: str, **options: Any) -> Any:
            response = web.request(method, path, **options)
            name = "error" if response.is_error else str(operation(response.request))
            if response.content:
                shapes[name] = _merged(shapes.get(name), response.json())
            return response.json() if response.content else None

        files, folders = "/files/v3/files", "/files/v3/folders"
        emulator.publish_url("https://example.com/a.png", PICTURE)
        for outcome in (None, "fail", "cancel"):
            for start, status in (
                (
                    f"{files}/import-from-url/async",
                    {"url": "https://example.com/a.png", "folderPath": "/in", "access": "PRIVATE"},
                ),
                (f"{folders}/update/async", {"id": "11", "name": "moved"}),
            ):
                if outcome is not None:
                    emulator.plan_task(outcome)
                task = ask("POST", start, json=status)
                for _ in range(3):
                    ask("GET", f"{start}/tasks/{task['id']}/status")
        for page in (files, folders):
            ask("GET", f"{page}/search", params={"limit": 1, "after": 1})
        ask("GET", f"{files}/stat/in/0.png")
        ask("GET", f"{files}/stat/in/1")
        ask("GET", f"{files}/1/signed-url")
        ask("GET", "/filemanager/api/v3/files/1/signed-url")
        ask("POST", folders, json={"name": "new", "parentFolderId": "11"})
        ask("GET", f"{folders}/12")
        ask("GET", f"{folders}/in/1")
        ask("PATCH", f"{folders}/12", json={"name": "other"})
        record = ask("GET", f"{files}/1")
        for name in ("uploadFile", "replaceFile", "updateFile"):
            shapes[name] = record
        ask("GET", f"{files}/99")
        ask("POST", folders, json={"name": "a/b"})
        web.get(f"{files}/1", headers={"Authorization": "Bearer none"})
        ask("GET", f"{files}/1", headers={"Authorization": f"Bearer {emulator.add_token([])}"})
        emulator.rate_limit("DAILY", 0)
        ask("GET", f"{files}/1")
        web.close()
    return shapes


_cache: dict[bytes, list[str]] = {}


def compare(request: httpx.Request, response: httpx.Response) -> list[str]:
    """Return the differences of a response, each with its request; an empty list if it is not an API response."""
    name = operation(request)
    if name is None or not response.is_stream_consumed or not is_api_response(response):
        return []
    path, _, query = request.url.raw_path.partition(b"?")
    kind, _, boundary = request.headers.get("content-type", "").partition("; boundary=")
    sent = request.content.replace(boundary.encode(), b"") if boundary else request.content
    # Ids, times and offsets do not change the shape of a response, and many tests send the same request.
    normalized = re.sub(rb"\d+", b"0", b"\n".join([path, sent, response.content]))
    query_without_offset = re.sub(rb"\bafter=\d{1,4}\b", b"after=0", query)
    version = route(request.method, path.decode("ascii")).version
    key = b"\n".join(
        [
            version.encode(),
            name.encode(),
            str(response.status_code).encode(),
            kind.encode(),
            query_without_offset,
            normalized,
        ]
    )
    if key not in _cache:
        _cache[key] = differences(request, response)
    return [f"{request.method} {request.url.path}: {response.status_code}: {line}" for line in _cache[key]]
