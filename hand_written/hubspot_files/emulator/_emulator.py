"""The emulator that tests hold: an account, its API, its clock, its faults, and its record of requests."""

from __future__ import annotations

import os
import random
import weakref
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal

import httpx

from ._account import AccountSettings
from ._api.api import Api
from ._api.behaviour import Behaviour, ExistingFolder, ParentFolderPath
from ._api.body import import_multipart
from ._api.call import ApiContext
from ._api.import_sources import ImportSources
from ._api.moves import DelayedMoves
from ._api.tasks import HUBSPOT, TASK_ORIGIN, TaskQueue
from ._clock import Clock
from ._faults import Fault, FaultPlan
from ._messages import IncomingRequest
from ._patch import Patch
from ._pipeline import Pipeline
from ._plans import Plans
from ._rate_limits import RateLimits
from ._records import RequestLog, SeenRequest, StoredFile, StoredFolder, StoredTask
from ._response_flow import OutgoingResponse, ResponseFlow
from ._storage_host import StorageHost
from ._store import Store, TokenRow
from ._transport import EmulatorTransport, HttpxAdapter, parse_origin

if TYPE_CHECKING:
    from typing import Self

    from hubspot_files import AsyncHubSpotFiles, HubSpotFiles

_TWO_GIGABYTES: Final = 2_000_000_000


class Emulator(Plans):
    """A stateful HubSpot Files API, with clock and faults under control.

    Give its `transport` to an httpx client, or its `side_effect` to a respx route, or take a ready
    `client()`. It is safe to use from several threads. `ASSUMPTIONS` lists all that it assumes about
    HubSpot without evidence.

    Args:
        base_url: The API's origin.
        storage_url: The origin that serves contents; it refuses every request with an Authorization header.
        start: The clock's first instant, timezone-aware. Default: the present.
        clock: A clock of your own, instead of `start`.
        portal_id: The account's number. Default: that of `data`, or 12345.
        seed: Ids, tokens, correlation ids, signatures and the probability of faults follow from it; the ids, the token
            and the signatures of an account that `data` holds already stay as they are. Two accounts of a test need
            different seeds, or neither would notice the ids and the token of the other.
        largest_upload: In bytes; the response to larger files is 413.
        download_redirects: Whether the download call redirects to a signed URL, or sends the content itself.
        honour_ranges: Whether the storage host responds to Range requests with 206, or with everything.
        strict: Whether requests are refused that the published description of their version forbids: unknown
            parameters and keys, values of other types, and requests without what is required.
        search_lag: Seconds that a new file or folder is missing from the search, up to a year.
        move_lag: Seconds after which a rename or a move is seen, up to a year. Until then, all reads return the former
            place, also the result of a completed task; a move is dropped if another takes the name meanwhile.
        accepted_imports: Whether the status of an import is 202 until it has ended, not 200.
        reject_status: The status of a duplicate that REJECT refuses, 409 or 400.
        existing_folder: What creating a folder that exists is: "conflict" is 409, "return" is 201 with that folder.
        parent_folder_path: What createFolder does with the guide's parentFolderPath: "use" it like parentPath,
            "ignore" it, or "refuse" it as an unknown key.
        import_duplicates: Whether duplicateValidationStrategy has an effect on imports.
        replace_renames: Whether the part fileName renames a file that is replaced. Otherwise it has no effect.
        promised_only: Whether responses leave out what their version of the API does not promise, such as the access
            of a file since 2026-03.
        loopback_imports: Whether imports fetch URLs that `publish_url` has not published from http servers on this
            machine. Other servers are never reached, not even by redirects.
        data: A folder to keep the account in, which is new, empty or one that an emulator made: files, folders, tasks,
            tokens, the clock's advance over the present and the key of the signatures. The plans of a test and the
            record of requests are not kept. Default: everything in memory.
        record: How many requests `requests` holds, the latest ones. Default: all.

    Raises:
        ImportError: python-multipart is not installed.
        OSError: `data` cannot be used; BlockingIOError where another emulator uses it.
        TypeError: `search_lag` or `move_lag` is not a number.
        ValueError: A URL has a path, or both have the same origin, or `start` has no time zone, or `data` holds
            something else, or another account, or one that is damaged or of a newer version; or `record` or an
            option of the behaviour is out of its range.
    """

    def __init__(
        self,
        *,
        base_url: str = HUBSPOT,
        storage_url: str = "https://storage.hubspot-emulator.test",
        start: datetime | None = None,
        clock: Clock | None = None,
        portal_id: int | None = None,
        seed: int = 0,
        largest_upload: int = _TWO_GIGABYTES,
        download_redirects: bool = True,
        honour_ranges: bool = True,
        strict: bool = False,
        search_lag: float = 0.0,
        move_lag: float = 0.0,
        accepted_imports: bool = False,
        reject_status: Literal[400, 409] = 409,
        existing_folder: ExistingFolder = "conflict",
        parent_folder_path: ParentFolderPath = "use",
        import_duplicates: bool = True,
        replace_renames: bool = False,
        promised_only: bool = False,
        loopback_imports: bool = False,
        data: str | os.PathLike[str] | None = None,
        record: int | None = None,
    ) -> None:
        import_multipart()
        if clock is not None and start is not None:
            raise ValueError("give start or clock, not both")
        if record is not None and record < 1:
            raise ValueError("record is at least 1, or None for all")
        behaviour = Behaviour(
            strict=strict,
            promised_only=promised_only,
            download_redirects=download_redirects,
            honour_ranges=honour_ranges,
            search_lag=search_lag,
            move_lag=move_lag,
            accepted_imports=accepted_imports,
            reject_status=reject_status,
            existing_folder=existing_folder,
            parent_folder_path=parent_folder_path,
            import_duplicates=import_duplicates,
            replace_renames=replace_renames,
        )
        self.base_url: str
        self.storage_url: str
        self.base_url, api_origin = parse_origin(base_url)
        self.storage_url, storage_origin = parse_origin(storage_url)
        if api_origin == storage_origin:
            raise ValueError("base_url and storage_url need different origins")
        self._store = Store(None if data is None else Path(data))
        # Python 3.13 warns of databases that are left open, and not everybody closes an emulator.
        weakref.finalize(self, self._store.close)
        try:
            settings = AccountSettings(self._store, seed, portal_id)
        except BaseException:
            self._store.close()
            raise
        if clock is None:
            now = datetime.now(UTC) + timedelta(microseconds=settings.ahead)
            clock = Clock(now if start is None else start)
        context = ApiContext(
            store=self._store,
            clock=clock,
            storage=StorageHost(
                self._store, clock, self.storage_url, settings.portal_id, settings.key, honour_ranges=honour_ranges
            ),
            sources=ImportSources(self._store.contents, largest_upload, loopback=loopback_imports),
            tasks=TaskQueue(self._store, clock),
            moves=DelayedMoves(clock, move_lag),
            random=random.Random(f"{seed} ids" if settings.opening == 1 else f"{seed} ids {settings.opening}"),
            own_url=self.base_url,
            largest_upload=largest_upload,
            behaviour=behaviour,
        )
        api = Api(context, RateLimits(clock))
        super().__init__(api, settings, FaultPlan(seed))
        log = RequestLog(record)
        self.requests: list[SeenRequest] = log.requests
        self._pipeline = Pipeline(api, self.pass_time, self._faults, log)
        # Of HubSpot's address, also the host that the links of tasks lead to.
        hubspot = {parse_origin(url)[1] for url in (HUBSPOT, TASK_ORIGIN)}
        origins = hubspot if self.base_url == HUBSPOT else {api_origin}
        self._adapter = HttpxAdapter(self._pipeline, origins, storage_origin, threads=self._store.on_disk)
        self.transport: EmulatorTransport = EmulatorTransport(self)
        self.async_transport: EmulatorTransport = self.transport
        self._clients: list[httpx.Client] = []
        self._first_tokens: list[TokenRow] = []
        self.keep_tokens()
        # HubSpot cannot be reached within a patch, whatever the emulator's address is.
        self._patched_origins = frozenset({*hubspot, api_origin, storage_origin})

    # lifecycle

    def close(self) -> None:
        """Close the emulator. All is lost that `data` does not keep, and the clients of `client()` are closed."""
        if not self._pipeline.closed:
            self._pipeline.closed = True
            for client in self._clients:
                client.close()
            self._api.context.sources.close()
            with self._store.transaction():
                self._api.context.moves.pass_time(end=True)
                self._settings.save_clock(self.clock)
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Emulator {self.base_url} portal {self.portal_id}{' closed' if self._pipeline.closed else ''}>"

    # requests

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request, and read its body.

        Raises:
            httpx.TransportError: A planned fault strikes, or the emulator does not have the host.
            RuntimeError: The emulator is closed, or the body is an async stream that has not been read.
        """
        return self._adapter.handle(request)

    async def handle_async(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request whose body may be an async stream. Raises as `handle` does."""
        return await self._adapter.handle_async(request)

    @property
    def side_effect(self) -> Callable[[httpx.Request], httpx.Response]:
        """The side effect of a respx route: `respx.route().mock(side_effect=emulator.side_effect)`.

        The kinds of fault that concern the request's body cannot stop it halfway here, since respx has read it; and a
        delay blocks the event loop of an async client.
        """
        return self.handle

    def client(self, **options: Any) -> HubSpotFiles:
        """Make a client of this emulator, with its token. Options are those of `HubSpotFiles`."""
        from hubspot_files import HubSpotFiles

        connection = httpx.Client(transport=self.transport)
        self._clients.append(connection)
        defaults: dict[str, Any] = {"access_token": self.token, "base_url": self.base_url, "http_client": connection}
        return HubSpotFiles(**{**defaults, **options})

    def async_client(self, **options: Any) -> AsyncHubSpotFiles:
        """Make an async client of this emulator, with its token. Options are those of `AsyncHubSpotFiles`."""
        from hubspot_files import AsyncHubSpotFiles

        connection = httpx.AsyncClient(transport=self.transport)
        defaults: dict[str, Any] = {"access_token": self.token, "base_url": self.base_url, "http_client": connection}
        return AsyncHubSpotFiles(**{**defaults, **options})

    def patch(self) -> Patch[Self]:
        """Return a context manager and decorator that lets code which makes its own clients reach this emulator.

        Within it, HUBSPOT_ACCESS_TOKEN and HUBSPOT_BASE_URL are the emulator's, all requests that httpx sends to the
        API or to the storage host go to the emulator, and clients without a clock of their own use its clock, on which
        waits take no time. The journals of transfers are in a temporary folder, which the end of the context deletes,
        unless the code names others. Requests to other hosts are sent as before.

        It applies to all threads and event loops of the process, and to clients made earlier. A client with a token of
        its own needs `add_token(token=...)`, or its requests are refused with 401. Of nested patches, the latest
        applies. The end of the context, which may be that of the outer one first, restores everything; it does not
        close the emulator. A transport that is not one of httpx's, such as a mock, is not patched. In a test case:

            class InvoiceTest(unittest.TestCase):
                def setUp(self):
                    self.hubspot = self.enterContext(Emulator().patch())
        """
        return Patch(self, self._patched_origins)

    def reset(self) -> None:
        """Empty the account for the next test.

        Files, folders, tasks, published URLs, faults, limits, plans of tasks and recorded requests are deleted, also
        from `data`. The clock runs on, ids go on to increase, and tokens and OAuth apps stay; tokens that the emulator
        had at first are as they were then.
        """
        context = self._api.context
        with self._store.transaction():
            self._store.clear()
            for row in self._first_tokens:
                self._store.tokens.put(row)
            context.moves.clear()
            context.tasks.clear_plans()
            context.sources.clear()
            self._api.limits.clear()
            self.clear_faults()
            self.requests.clear()

    def keep_tokens(self) -> None:
        """Let `reset` return to the tokens of the present."""
        with self._store.transaction():
            self._first_tokens = self._store.tokens.all()

    def forget_requests(self) -> None:
        """Clear the record of requests."""
        with self._store.transaction():
            self.requests.clear()

    # the server and its control route

    def exchange(self, request: IncomingRequest) -> ResponseFlow:
        """Return the flow from a request to its response, for a server to drive."""
        return self._pipeline.process(request)

    def failure(self) -> OutgoingResponse:
        """Make the response of a server that has failed itself."""
        return self._pipeline.failure()

    def identifier(self) -> str:
        """Generate a correlation id."""
        return self._api.context.new_uuid()

    def listed(self, kind: str) -> list[StoredFile] | list[StoredFolder] | list[StoredTask] | list[Fault]:
        """Return `files` without their contents, `folders`, `tasks`, or all planned faults."""
        if kind == "files":
            return self._files(with_content=False)
        if kind == "folders":
            return self.folders
        return self.tasks if kind == "tasks" else self._faults.planned
