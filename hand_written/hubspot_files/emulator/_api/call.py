"""The arguments of every operation: the account that it works on, and the authenticated call."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from typing import Final

from .._clock import Clock
from .._messages import Json, QueryParameters, Response, json_response
from .._storage_host import StorageHost
from .._store import Store, TokenRow
from .body import RequestBody
from .import_sources import ImportSources
from .tasks import TaskQueue
from .versions import body_in_default_version, names_in_version

LARGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True)
class ApiContext:
    """The account that the API works on, and the options of the emulator.

    Args:
        store: Stores everything.
        clock: Times everything.
        storage: The host that serves contents.
        sources: The URLs that imports can fetch.
        tasks: Imports and folder updates.
        random: Generates the ids of tasks, tokens and correlation ids.
        base_url: The API's origin, without a path.
        largest_upload: In bytes; the response to larger files is 413.
        download_redirects: Whether the download call redirects to the storage host, or sends the content itself.
        search_lag: Seconds that a new file is missing from the search.
        promised_only: Whether responses leave out what their version of the API does not promise.
    """

    store: Store
    clock: Clock
    storage: StorageHost
    sources: ImportSources
    tasks: TaskQueue
    random: random.Random
    base_url: str
    largest_upload: int
    download_redirects: bool
    search_lag: float
    promised_only: bool

    def new_uuid(self) -> str:
        """Generate a UUID."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))


@dataclass(frozen=True)
class Call:
    """An authenticated request to one operation in a version of the API; `url` has no query."""

    version: str
    operation: str
    path_parameters: tuple[str, ...]
    query: QueryParameters
    body: RequestBody
    url: str
    token: TokenRow

    def json(self, known: set[str]) -> Json:
        """Return the JSON body, with the names of the default version.

        Raises:
            ApiError: see `RequestBody.json`; 400 if the version requires a property that is missing.
        """
        names = names_in_version(self.version, self.operation, known)
        return body_in_default_version(self.version, self.operation, self.body.json(names))

    def has_scope(self, scope: str) -> bool:
        """Return whether the token has a scope."""
        return scope in self.token.scopes

    def selected(self, record: Json) -> Json:
        """Return the requested properties of a record."""
        # assumed: properties-subset
        wanted = self.query.get_list("properties")
        return {name: value for name, value in record.items() if not wanted or name in wanted or name == "id"}

    def created(self, record: Json) -> Response:
        """Make the response to the creation of a record."""
        response = json_response(201, record)
        response.headers["Location"] = f"{self.url}/{record['id']}"
        return response
