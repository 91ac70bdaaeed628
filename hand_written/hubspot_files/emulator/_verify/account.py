"""The account that assumptions are verified against: requests, and a folder of its own that is removed again."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from ..._headers import retry_after

FILES: Final = "/files/v3/files"
FOLDERS: Final = "/files/v3/folders"
IMPORTS: Final = f"{FILES}/import-from-url/async"
UPDATES: Final = f"{FOLDERS}/update/async"
PRIVATE: Final = {"access": "PRIVATE"}

# An app may send 100 requests in ten seconds.
_PAUSE: Final = 0.12
_LONGEST_WAIT: Final = 60.0
_MAX_ATTEMPTS: Final = 5
_MAX_POLLS: Final = 30
_MAX_SHOWN: Final = 300


class Refuted(Exception):  # noqa: N818 - an outcome
    """The account behaves in another way. The message says which."""


class Unknown(Exception):  # noqa: N818 - an outcome
    """The assumption cannot be verified here. The message says why."""


class CleanupError(Exception):
    """Something that the verification has made could not be removed. The message names it."""


class Account:
    """An account, in which one folder is used that is removed again.

    Args:
        api: Sends requests to the API, with a token.
        storage: Sends requests to the storage host, without a token. None: it cannot be reached.
        sleep: Waits so many seconds.
        import_url: The URL of a small file that HubSpot can fetch, or None.
        settle: How long to wait until the search finds a new file, in seconds.
    """

    def __init__(
        self,
        api: httpx.Client,
        *,
        storage: httpx.Client | None,
        sleep: Callable[[float], object],
        import_url: str | None,
        settle: float,
    ) -> None:
        self._api = api
        self._storage = storage
        self._sleep = sleep
        self._import_url = import_url
        self._settle = settle
        # What has been created, in this order; the paths are those of files and folders on the API.
        self._created: dict[str, None] = {}
        self.top = ""
        self.top_path = ""

    # requests

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request and return the response, whatever its status is, after the waits that HubSpot asks for.

        Raises:
            Unknown: The account's daily limit is used up, or HubSpot does not respond as it should.
        """
        status = 0
        for attempt in range(_MAX_ATTEMPTS):
            self._sleep(_PAUSE if attempt == 0 else 2.0**attempt)
            response = self._api.request(method, path, **options)
            self._note(response)
            status = response.status_code
            if status == 429:
                if _json(response).get("policyName") == "DAILY":
                    raise Unknown("the account's daily limit of calls is used up")
                self._sleep(min(retry_after(response.headers) or 10.0, _LONGEST_WAIT))
            elif status not in (423, 477, 500, 502, 503, 504, 521, 522, 523, 524):
                return response
        raise Unknown(f"{method} {path}: {status} after {_MAX_ATTEMPTS} attempts")

    def fetch(self, url: str) -> httpx.Response:
        """Fetch a content from the storage host.

        Raises:
            Unknown: The host cannot be reached.
        """
        if self._storage is None:
            raise Unknown("the storage host cannot be reached from here")
        self._sleep(_PAUSE)
        try:
            return self._storage.get(url)
        except httpx.TransportError as error:
            raise Unknown(f"the storage host cannot be reached ({type(error).__name__})") from error

    def _note(self, response: httpx.Response) -> None:
        """Note the file or folder that a request has created."""
        if response.status_code == 201 and isinstance(id := _json(response).get("id"), str):
            kind = FOLDERS if response.request.url.path.endswith("/folders") else FILES
            self._created.setdefault(f"{kind}/{id}")

    def need(self, response: httpx.Response, *statuses: int) -> dict[str, Any]:
        """Return the JSON of a response that a check builds on.

        Raises:
            Unknown: The response has another status.
        """
        if response.status_code not in statuses:
            raise Unknown(f"a step before it failed: {shown(response)}")
        return _json(response)

    # the folder

    def open(self) -> None:
        """Create the folder.

        Raises:
            Unknown: It cannot be created.
        """
        name = f"verify-{secrets.token_hex(5)}"
        response = self.ask("GET", f"{FILES}/stat/{name}")
        if response.status_code != 404:
            raise Unknown(f"the account cannot be used: {shown(response)}")
        self.top_path = f"/{name}"
        self.top = str(self.need(self.ask("POST", FOLDERS, json={"name": name}), 201)["id"])

    def close(self) -> None:
        """Remove all that was created: files first, and folders from below.

        Raises:
            CleanupError: Something is left.
        """
        left: list[str] = []
        if self.top_path and not self.top:
            # The response to its creation was lost. Nobody else uses this name.
            found = _json(self.ask("GET", f"{FILES}/stat{self.top_path}")).get("folder")
            if isinstance(found, dict):
                self._created.setdefault(f"{FOLDERS}/{found['id']}")
        pending = sorted(self._created, key=lambda path: path.startswith(FOLDERS))
        files = [path for path in pending if path.startswith(FILES)]
        for path in [*files, *reversed(pending[len(files) :])]:
            try:
                if self.ask("DELETE", path).status_code not in (204, 404):
                    left.append(path)
            except (Unknown, httpx.HTTPError):
                left.append(path)
            else:
                del self._created[path]
        if left:
            raise CleanupError(f"these could not be removed: {', '.join(left)}, in {self.top_path or 'the root'}")

    def folder(self, name: str, parent: str | None = None) -> dict[str, Any]:
        """Create a folder."""
        return self.need(self.ask("POST", FOLDERS, json={"name": name, "parentFolderId": parent or self.top}), 201)

    def post(
        self, name: str, content: bytes = b"content", *, folder: str | None = None, options: Any = PRIVATE, **parts: str
    ) -> httpx.Response:
        """Upload a file, and return the response."""
        return self.ask("POST", FILES, files=form(name, content, options, folderId=folder or self.top, **parts))

    def file(self, name: str, content: bytes = b"content", *, folder: str | None = None) -> dict[str, Any]:
        """Upload a private file, and return its record."""
        return self.need(self.post(name, content, folder=folder), 201)

    def gone_folder(self) -> str:
        """Return the id of a folder that was deleted."""
        record = self.folder(f"gone-{secrets.token_hex(3)}")
        self.need(self.ask("DELETE", f"{FOLDERS}/{record['id']}"), 204)
        return str(record["id"])

    def indexed(self, *ids: str) -> None:
        """Wait until the search finds files.

        Raises:
            Unknown: It does not find them in time.
        """
        waited = 0.0
        while True:
            page = self.need(self.ask("GET", f"{FILES}/search", params={"ids": list(ids), "limit": 100}), 200)
            if len(page["results"]) == len(set(ids)):
                return
            if waited >= self._settle:
                raise Unknown(f"the search does not find new files within {self._settle:g} seconds")
            self._sleep(5.0)
            waited += 5.0

    # tasks

    def started_import(self, **options: Any) -> str:
        """Start an import, and return the id of its task.

        Raises:
            Unknown: No URL was given that HubSpot can fetch.
        """
        if self._import_url is None:
            raise Unknown("it needs the URL of a small public file: pass --import-url")
        body = {**PRIVATE, "url": self._import_url, "folderPath": self.top_path, **options}
        return str(self.need(self.ask("POST", IMPORTS, json=body), 202)["id"])

    def ended(self, tasks: str, task_id: str) -> dict[str, Any]:
        """Return the state of a task that has ended.

        Raises:
            Unknown: It does not end in time.
        """
        for _ in range(_MAX_POLLS):
            state = self.need(self.ask("GET", f"{tasks}/tasks/{task_id}/status"), 200, 202)
            result = state.get("result")
            if tasks == IMPORTS and isinstance(result, Mapping) and isinstance(result.get("id"), str):
                self._created.setdefault(f"{FILES}/{result['id']}")
            if state.get("status") in ("COMPLETE", "CANCELED"):
                return state
            self._sleep(2.0)
        raise Unknown("a task did not end within a minute")


def form(name: str, content: bytes, options: Any, **parts: str) -> dict[str, Any]:
    """Return the parts of an upload."""
    fields = {key: (None, value) for key, value in parts.items()}
    return {**fields, "options": (None, json.dumps(options)), "file": (name, content)}


def expect(actual: object, wanted: object, what: str) -> None:
    """Compare what came with what is assumed.

    Raises:
        Refuted: It is something else.
    """
    if actual != wanted:
        raise Refuted(f"{what}: {actual!r} instead of {wanted!r}"[:_MAX_SHOWN])


def expect_status(response: httpx.Response, *statuses: int) -> None:
    """Compare the status of a response with those that are assumed.

    Raises:
        Refuted: It is another one.
    """
    if response.status_code not in statuses:
        raise Refuted(f"{shown(response)}, instead of {' or '.join(map(str, statuses))}")


def expect_page(response: httpx.Response, status: int) -> None:
    """Check that a response is an HTML page.

    Raises:
        Refuted: It is something else.
    """
    expect_status(response, status)
    kind = response.headers.get("content-type", "").partition(";")[0]
    expect(kind, "text/html", "the content type of the response")


def shown(response: httpx.Response) -> str:
    """Return a response for people: its request, its status and HubSpot's message."""
    message = _json(response).get("message")
    text = f": {message}" if isinstance(message, str) else ""
    return f"{response.request.method} {response.request.url.path}: {response.status_code}{text}"[:_MAX_SHOWN]


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        value = response.json()
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
