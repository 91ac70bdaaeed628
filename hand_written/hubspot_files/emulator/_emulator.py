"""The emulator that tests hold: an account, its API, its clock, its faults, and its record of requests."""

from __future__ import annotations

import os
import random
import weakref
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal

import httpx

from ._account import Account, AccountSettings
from ._api.api import Api
from ._api.body import import_multipart
from ._api.call import ApiContext
from ._api.import_sources import ImportSources
from ._api.routes import OAUTH_OPERATIONS, OPERATIONS
from ._api.tasks import Outcome, TaskQueue
from ._clock import Clock, seconds_up_to_a_year
from ._faults import Fault, FaultPlan, Kind
from ._messages import IncomingRequest
from ._pipeline import Pipeline
from ._rate_limits import Policy, RateLimits
from ._records import RequestLog, SeenRequest, StoredFile, StoredFolder, StoredTask
from ._response_flow import OutgoingResponse, ResponseFlow
from ._storage_host import OPERATION as FETCH_CONTENT
from ._storage_host import StorageHost
from ._store import Store
from ._transport import EmulatorTransport, HttpxAdapter, parse_origin

if TYPE_CHECKING:
    from typing import Self

    from hubspot_files import AsyncHubSpotFiles, HubSpotFiles

_TWO_GIGABYTES: Final = 2_000_000_000
_FAULT_TARGETS: Final = (*OPERATIONS, *OAUTH_OPERATIONS, FETCH_CONTENT)


class Emulator(Account):
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
        seed: Tokens, correlation ids, signatures and the probability of faults follow from it; the token and the
            signatures of an account that `data` holds already stay as they are.
        largest_upload: In bytes; the response to larger files is 413.
        download_redirects: Whether the download call redirects to a signed URL, or sends the content itself.
        honour_ranges: Whether the storage host responds to Range requests with 206, or with everything.
        search_lag: Seconds that a new file is missing from the search, up to a year.
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
        TypeError: `search_lag` is not a number.
        ValueError: A URL has a path, or both have the same origin, or `start` has no time zone, or `data` holds
            something else, or another account, or one that is damaged or of a newer version; or `search_lag` or
            `record` is out of its range.
    """

    def __init__(
        self,
        *,
        base_url: str = "https://api.hubapi.com",
        storage_url: str = "https://storage.hubspot-emulator.test",
        start: datetime | None = None,
        clock: Clock | None = None,
        portal_id: int | None = None,
        seed: int = 0,
        largest_upload: int = _TWO_GIGABYTES,
        download_redirects: bool = True,
        honour_ranges: bool = True,
        search_lag: float = 0.0,
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
        seconds_up_to_a_year(search_lag, "search_lag")
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
            random=random.Random(f"{seed} ids" if settings.opening == 1 else f"{seed} ids {settings.opening}"),
            base_url=self.base_url,
            largest_upload=largest_upload,
            download_redirects=download_redirects,
            search_lag=search_lag,
            promised_only=promised_only,
        )
        api = Api(context, RateLimits(clock))
        super().__init__(api, settings)
        log = RequestLog(record)
        self.requests: list[SeenRequest] = log.requests
        self._faults = FaultPlan(seed)
        self._pipeline = Pipeline(api, self.pass_time, self._faults, log)
        self._adapter = HttpxAdapter(self._pipeline, api_origin, storage_origin, threads=self._store.on_disk)
        self.transport: EmulatorTransport = EmulatorTransport(self)
        self.async_transport: EmulatorTransport = self.transport
        self._clients: list[httpx.Client] = []

    # lifecycle

    def close(self) -> None:
        """Close the emulator. All is lost that `data` does not keep, and the clients of `client()` are closed."""
        if not self._pipeline.closed:
            self._pipeline.closed = True
            for client in self._clients:
                client.close()
            self._api.context.sources.close()
            with self._store.transaction():
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

    # faults, limits and tasks

    def fail(
        self,
        kind: Kind = "status",
        *,
        operation: str | None = None,
        status: int = 502,
        count: int | None = 1,
        probability: float = 1.0,
        after_effect: bool = False,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float = 3600.0,
        at_byte: int | None = None,
    ) -> Fault:
        """Plan a fault. Faults are tried in the order of their planning; at most one strikes a request.

        Args:
            kind: "status" is a response of `status`. "connect" and "connect-timeout" strike before the request is
                sent, "write-reset" and "write-timeout" amid its body. "read-timeout", "reset" and
                "disconnect" strike instead of a response. "truncate" cuts the response's body, "stall" pauses
                amid it, "delay" before it.
            operation: The operationId it strikes, "createToken", "revokeToken" or "introspectToken" of OAuth, or
                "fetchContent" for the storage host. Default: any.
            status: The status of kind "status", from 200 to 599. From 500 the body is an HTML page, below HubSpot's
                JSON; 204 and 304 have none.
            count: How often it strikes. None: always.
            probability: Of striking a request that it could strike, from 0 to 1, drawn from the emulator's
                seed.
            after_effect: Whether the call takes effect before the fault strikes. The three kinds that concern
                the response always let it; those that strike earlier never do.
            headers: Headers of kind "status", such as {"Retry-After": "7"}: printable ASCII, and none of those that
                give the length of the body.
            body: The body of kind "status".
            seconds: The length of kinds "stall" and "delay", up to a year. It is real time, cut short by the read
                timeout: ReadTimeout is then raised.
            at_byte: Of the request's body for the "write" kinds (default: its first chunk) and for "status"
                (default: all of it is read); of the response's for "truncate" and "stall" (default: half).

        Returns:
            The fault: `hits` counts, `cancel()` ends it.

        Raises:
            TypeError: `seconds` is not a number.
            ValueError: An argument is out of its range, or cannot be sent, or the kind can have no effect to follow.
        """
        if operation is not None and operation not in _FAULT_TARGETS:
            raise ValueError(f"operation is one of {', '.join(_FAULT_TARGETS)}, not {operation!r}")
        fault = Fault(
            kind=kind,
            operation=operation,
            status=status,
            count=count,
            probability=probability,
            after_effect=after_effect,
            headers=dict(headers or {}),
            body=body,
            seconds=seconds,
            at_byte=at_byte,
            chance=self._faults.next_random(),
        )
        self._faults.add(fault)
        return fault

    def clear_faults(self) -> None:
        """Remove all planned faults."""
        self._faults.clear()

    def rate_limit(self, policy: Policy, limit: int | None, interval: float | None = None) -> None:
        """Enforce a rate limit, on the emulator's clock. Without it nothing is limited.

        Args:
            policy: DAILY counts the account's calls, SECONDLY and TEN_SECONDLY_ROLLING those of each token.
                CREATING_FILES counts uploads and imports only, those of the account.
            limit: Calls in the interval; 0 refuses all, None enforces nothing.
            interval: Its length in seconds. Default: 86400, 1, 10 or 60, by policy.

        Raises:
            ValueError: The policy is unknown, or the limit is negative, or the interval is not positive.
        """
        self._api.limits.set(policy, limit, interval)

    def task_pace(self, unit: Literal["polls", "seconds"], pending: float = 1, processing: float = 1) -> None:
        """Set how long imports and folder updates stay PENDING, then PROCESSING. At first: one poll each.

        Args:
            unit: "polls" counts the calls that ask for the status, "seconds" goes by the emulator's clock.
            pending: Polls or seconds in the first state.
            processing: Polls or seconds in the second.

        Raises:
            ValueError: The unit is unknown, or a length is negative.
        """
        self._api.context.tasks.set_pace(unit, pending, processing)

    def plan_task(self, outcome: Outcome, *, message: str = "The task has failed", count: int = 1) -> None:
        """Plan how the next tasks end that are started from now on.

        Args:
            outcome: "fail" ends COMPLETE with one error, "cancel" ends CANCELED.
            message: The error's message.
            count: How many tasks.

        Raises:
            ValueError: The outcome is unknown.
        """
        self._api.context.tasks.plan(outcome, message, count)

    def cancel_task(self, task_id: str) -> None:
        """Cancel a task that has not ended; one that has stays as it is.

        Raises:
            KeyError: There is no such task.
        """
        with self._store.transaction():
            self.pass_time()
            row = self._store.tasks.get(task_id)
            if row is None:
                raise KeyError(f"no task {task_id!r}")
            self._api.context.tasks.cancel(row)

    def finish_tasks(self) -> None:
        """End every open task now; those that fetch something when that is done.

        That is waited for, a minute and a half at most: a task whose fetch takes longer stays open.
        """
        with self._store.transaction():
            self.pass_time()
            self._api.finish_tasks()
        self._api.context.sources.wait()
        with self._store.transaction():
            self._api.finish_tasks()
