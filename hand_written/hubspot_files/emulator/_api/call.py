"""The arguments of every operation: the account that it works on, and the authenticated call."""

from __future__ import annotations

import base64
import random
import uuid
from dataclasses import dataclass
from typing import Final

from .._clock import Clock
from .._messages import Json, QueryParameters, Response, json_response
from .._reached import REACHED
from .._storage_host import StorageHost
from .._store import Store, TokenRow
from .behaviour import Behaviour
from .body import RequestBody
from .import_sources import ImportSources
from .moves import DelayedMoves
from .tasks import TaskQueue
from .versions import body_in_default_version, names_in_version, require_properties

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
        moves: Changes of place that nobody sees yet.
        random: Generates the ids of tasks, tokens and correlation ids.
        own_url: The API's origin that the emulator was made with.
        largest_upload: In bytes; the response to larger files is 413.
        behaviour: The options of the emulator that change its responses.
    """

    store: Store
    clock: Clock
    storage: StorageHost
    sources: ImportSources
    tasks: TaskQueue
    moves: DelayedMoves
    random: random.Random
    own_url: str
    largest_upload: int
    behaviour: Behaviour

    @property
    def base_url(self) -> str:
        """The API's origin, without a path, as the client knows it."""
        known = REACHED.get()
        return self.own_url if known is None else known.base_url

    def new_uuid(self) -> str:
        """Generate a UUID."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def new_correlation_id(self) -> str:
        """Generate a UUID of version 7, which begins with the time."""
        number = self.clock.milliseconds() << 80 | self.random.getrandbits(80)
        return str(uuid.UUID(int=number & ~(0xF << 76) & ~(0b11 << 62) | 7 << 76 | 0b10 << 62))

    def new_task_id(self) -> str:
        """Generate the id of a task: the base64 of a number of eight bytes, such as `AAAAEZ6whGI`."""
        return base64.urlsafe_b64encode(self.random.getrandbits(40).to_bytes(8, "big")).decode().rstrip("=")


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

    def json(self, known: set[str] | None) -> Json:
        """Return the JSON body, with the names of the default version.

        Args:
            known: The keys that the operation knows. None: it takes any, and what is new in a version may be missing.

        Raises:
            ApiError: see `RequestBody.json`; 400 if the version requires a property that is missing.
        """
        names = None if known is None else names_in_version(self.version, self.operation, known)
        body = body_in_default_version(self.version, self.operation, self.body.json(names))
        if known is not None:
            require_properties(self.version, self.operation, body)
        return body

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
