"""The emulator that tests and demonstrations hold: an account, its API, its clock, its faults, its record."""

from __future__ import annotations

import random
import time
import weakref
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal

import anyio
import httpx

from . import _input
from ._api import OPERATIONS, SCOPES, Api, Published, route
from ._clock import Clock
from ._faults import AMID_THE_BODY, BEFORE_THE_BODY, ON_THE_REPLY, Fault, Faults, Kind, Policy, RateLimits
from ._multipart import require
from ._reply import PageError, Reply, json_reply, moment, page_reply
from ._storage import OPERATION as FETCH
from ._storage import Storage
from ._store import FileRow, FolderRow, State, Store, TokenRow
from ._tasks import Outcome

if TYPE_CHECKING:
    from typing import Self

    from hubspot_files import AsyncHubSpotFiles, HubSpotFiles

_RECORDED_BODY: Final = 64 * 1024
_CHUNK: Final = 64 * 1024
_TWO_GIGABYTES: Final = 2_000_000_000


@dataclass(frozen=True)
class StoredFile:
    """A file as the emulator holds it, whatever its access and state.

    `state` is "live", "archived", "gdpr" or "expired"; `content` is None in the last two. `size` is in bytes,
    `width` and `height` are in pixels, `name` is without the extension, `extension` without its dot.
    """

    id: str
    name: str
    extension: str
    path: str
    folder_id: str | None
    access: str
    type: str
    encoding: str | None
    size: int
    width: int | None
    height: int | None
    md5: str
    is_usable_in_content: bool
    state: State
    url: str
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    expires_at: datetime | None
    content: bytes | None = field(repr=False)


@dataclass(frozen=True)
class StoredFolder:
    """A folder as the emulator holds it, archived or not."""

    id: str
    name: str
    path: str
    parent_id: str | None
    archived: bool
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True)
class StoredTask:
    """An import or a folder update: `kind` is "import" or "folder", `status` is what the API would answer."""

    id: str
    kind: str
    status: str


@dataclass
class SeenRequest:
    """A request that reached the emulator, and how it ended.

    `operation` is the operationId, "fetchContent" for the storage host, None for an unknown route. `body`
    holds the first 64 KiB, `body_size` counts all bytes that were read. `status` is None when the caller got
    no answer; `error` then names the exception.
    """

    method: str
    host: str
    path: str
    query: httpx.QueryParams
    headers: httpx.Headers = field(repr=False)
    operation: str | None
    time: datetime
    body: bytes = field(default=b"", repr=False)
    body_size: int = 0
    status: int | None = None
    error: str | None = None

    def _read(self, chunk: bytes) -> None:
        self.body_size += len(chunk)
        if len(self.body) < _RECORDED_BODY:
            self.body = (self.body + chunk)[:_RECORDED_BODY]


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A reply's body in chunks; it may end too early, or pause on its way."""

    def __init__(self, content: bytes, request: httpx.Request, fault: Fault | None = None) -> None:
        self._content = content
        self._request = request
        self._fault = fault

    def _chunks(self) -> Iterator[bytes | float]:
        """Chunks to deliver, and pauses in seconds."""
        content, fault, cut = self._content, self._fault, len(self._content)
        if fault is not None:
            cut = min(cut, cut // 2 if fault.at_byte is None else fault.at_byte)
        for start in range(0, cut, _CHUNK):
            yield content[start : min(start + _CHUNK, cut)]
        if fault is None:
            return
        if fault.kind == "truncate":
            message = (
                "peer closed connection without sending complete message body"
                f" (received {cut} bytes, expected {len(content)})"
            )
            raise httpx.RemoteProtocolError(message, request=self._request)
        yield from _pause(fault.seconds, self._request)
        for start in range(cut, len(content), _CHUNK):
            yield content[start : start + _CHUNK]

    def __iter__(self) -> Iterator[bytes]:
        for item in self._chunks():
            if isinstance(item, bytes):
                yield item
            else:
                time.sleep(item)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for item in self._chunks():
            if isinstance(item, bytes):
                yield item
            else:
                await anyio.sleep(item)


def _pause(seconds: float, request: httpx.Request) -> Iterator[float]:
    """A pause as a caller feels it: no longer than its read timeout, which then strikes."""
    timeout = request.extensions.get("timeout", {}).get("read")
    if timeout is not None and timeout < seconds:
        yield float(timeout)
        raise httpx.ReadTimeout("timed out", request=request)
    yield float(seconds)


class EmulatorTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """An httpx transport, for `httpx.Client` and `httpx.AsyncClient` alike, that leads to an emulator.

    Every host but the emulator's two fails to connect, as without a network.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a sync client."""
        return self._emulator.handle(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an async client."""
        return await self._emulator.handle_async(request)


class Emulator:
    """A stateful HubSpot Files API in memory, with clock and faults under control.

    Give its `transport` to an httpx client, or its `side_effect` to a respx route, or take a ready
    `client()`. It is safe to use from several threads. What it assumes about HubSpot without evidence is
    listed in `ASSUMPTIONS`.

    Args:
        base_url: The API's origin.
        storage_url: The origin that serves contents; it refuses every request with an Authorization header.
        start: The clock's first instant, timezone-aware. Default: the present.
        clock: A clock of your own, instead of `start`.
        portal_id: The account's number.
        seed: Tokens, correlation ids, signatures and the probability of faults follow from it.
        largest_upload: In bytes; larger files are answered 413.
        download_redirects: Whether the download call redirects to a signed URL, or answers the content
            itself.
        honour_ranges: Whether the storage host answers Range requests with 206, or with everything.
        search_lag: Seconds that a new file is missing from the search.

    Raises:
        ImportError: python-multipart is not installed.
        ValueError: A URL has a path, or both have the same origin, or `start` has no time zone.
    """

    def __init__(
        self,
        *,
        base_url: str = "https://api.hubapi.com",
        storage_url: str = "https://storage.hubspot-emulator.test",
        start: datetime | None = None,
        clock: Clock | None = None,
        portal_id: int = 12345,
        seed: int = 0,
        largest_upload: int = _TWO_GIGABYTES,
        download_redirects: bool = True,
        honour_ranges: bool = True,
        search_lag: float = 0.0,
    ) -> None:
        require()
        if clock is not None and start is not None:
            raise ValueError("give start or clock, not both")
        self.clock: Clock = Clock(start) if clock is None else clock
        self.base_url: str
        self.storage_url: str
        self.base_url, self._api_origin = _origin(base_url)
        self.storage_url, self._storage_origin = _origin(storage_url)
        if self._api_origin == self._storage_origin:
            raise ValueError("base_url and storage_url need different origins")
        self.portal_id = portal_id
        self.requests: list[SeenRequest] = []
        self.transport: EmulatorTransport = EmulatorTransport(self)
        self.async_transport: EmulatorTransport = self.transport
        self._seed = seed
        self._chance = random.Random(f"{seed} ids")
        self._closed = False
        self._opened: list[httpx.Client] = []
        self._faults, self._planned = Faults(), 0
        self._limits = RateLimits(self.clock)
        self._published: dict[str, Published] = {}
        self._store = Store()
        # Python 3.13 warns of databases that are left open, and not everybody closes an emulator.
        weakref.finalize(self, self._store.close)
        key = random.Random(f"{seed} signatures").randbytes(32)
        self._storage = Storage(self._store, self.clock, self.storage_url, portal_id, key, ranges=honour_ranges)
        self._api = Api(
            self._store,
            self.clock,
            self._storage,
            self._limits,
            self._published,
            base_url=self.base_url,
            chance=self._chance,
            largest_upload=largest_upload,
            download_redirects=download_redirects,
            search_lag=search_lag,
        )
        self.token: str = self.add_token()

    def close(self) -> None:
        """Forget everything. Clients made by `client()` are of no use afterwards."""
        if not self._closed:
            self._closed = True
            for opened in self._opened:
                opened.close()
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Emulator {self.base_url} portal {self.portal_id}{' closed' if self._closed else ''}>"

    # ways in

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; the body is read here unless it has been read before.

        Raises:
            httpx.TransportError: A planned fault strikes, or the host is none of the emulator's.
            RuntimeError: The emulator is closed.
        """
        seen, fault = self._arrive(request)
        try:
            limit = _bytes_to_read(fault)
            if _has_to_read(request, fault, httpx.SyncByteStream):
                assert isinstance(request.stream, httpx.SyncByteStream)
                if limit is None:
                    request.read()
                else:
                    for chunk in request.stream:
                        seen._read(chunk)
                        if seen.body_size >= limit:
                            break
            reply, body_fault, pauses = self._settle(request, seen, fault)
            for seconds in pauses:
                time.sleep(seconds)
            return self._respond(request, seen, reply, body_fault)
        except BaseException as error:
            seen.error = type(error).__name__
            raise

    async def handle_async(self, request: httpx.Request) -> httpx.Response:
        """Answer a request whose body may be an async stream. Raises as `handle` does."""
        seen, fault = self._arrive(request)
        try:
            limit = _bytes_to_read(fault)
            if _has_to_read(request, fault, httpx.AsyncByteStream):
                assert isinstance(request.stream, httpx.AsyncByteStream)
                if limit is None:
                    await request.aread()
                else:
                    async for chunk in request.stream:
                        seen._read(chunk)
                        if seen.body_size >= limit:
                            break
            reply, body_fault, pauses = self._settle(request, seen, fault)
            for seconds in pauses:
                await anyio.sleep(seconds)
            return self._respond(request, seen, reply, body_fault)
        except BaseException as error:
            seen.error = type(error).__name__
            raise

    @property
    def side_effect(self) -> Callable[[httpx.Request], httpx.Response]:
        """What a respx route takes: `respx.route().mock(side_effect=emulator.side_effect)`.

        The kinds of fault that concern the request's body cannot stop it halfway here, since respx has read it; and a
        delay blocks the event loop of an async client.
        """
        return self.handle

    def client(self, **options: Any) -> HubSpotFiles:
        """A client of this emulator, with its token. Options are those of `HubSpotFiles`."""
        from hubspot_files import HubSpotFiles

        connection = httpx.Client(transport=self.transport)
        self._opened.append(connection)
        return HubSpotFiles(
            **{"access_token": self.token, "base_url": self.base_url, "http_client": connection, **options}
        )

    def async_client(self, **options: Any) -> AsyncHubSpotFiles:
        """An async client of this emulator, with its token. Options are those of `AsyncHubSpotFiles`."""
        from hubspot_files import AsyncHubSpotFiles

        connection = httpx.AsyncClient(transport=self.transport)
        return AsyncHubSpotFiles(
            **{"access_token": self.token, "base_url": self.base_url, "http_client": connection, **options}
        )

    # from request to response

    def _arrive(self, request: httpx.Request) -> tuple[SeenRequest, Fault | None]:
        if self._closed:
            raise RuntimeError("the emulator is closed")
        origin = _origin_of(request.url)
        operation: str | None = FETCH if origin == self._storage_origin else None
        path = request.url.raw_path.partition(b"?")[0].decode("ascii")
        if origin == self._api_origin:
            try:
                operation = route(request.method, path).operation
            except PageError:
                operation = None
        seen = SeenRequest(
            method=request.method,
            host=request.url.host,
            path=path,
            query=request.url.params,
            headers=request.headers,
            operation=operation,
            time=self.clock.now(),
        )
        with self._store.transaction():
            self.requests.append(seen)
            known = origin in (self._api_origin, self._storage_origin)
            fault = self._faults.pick(operation) if known else None
        return seen, fault

    def _settle(
        self, request: httpx.Request, seen: SeenRequest, fault: Fault | None
    ) -> tuple[Reply, Fault | None, Iterator[float]]:
        """Perform the call as far as the fault lets it: reply, fault of its body, pauses before it."""
        if fault is not None and fault.kind in BEFORE_THE_BODY | AMID_THE_BODY:
            raise fault.exception(request)
        body = b""
        if _is_read(request):
            body = request.content
            seen.body, seen.body_size = body[:_RECORDED_BODY], len(body)
            _check_length(request, len(body))
        if fault is None:
            return self._perform(request, body), None, iter(())
        if fault.kind not in ON_THE_REPLY and not fault.after_effect:
            return self._strike(request, fault), None, iter(())
        reply = self._perform(request, body)
        if fault.kind == "delay":
            return reply, None, _pause(fault.seconds, request)
        if fault.kind == "truncate" and not reply.body:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
        if fault.kind in ON_THE_REPLY:
            return reply, fault, iter(())
        return self._strike(request, fault), None, iter(())

    def _strike(self, request: httpx.Request, fault: Fault) -> Reply:
        if fault.kind != "status":
            raise fault.exception(request)
        if fault.body is not None:
            reply = Reply(fault.status, {"Content-Type": "text/html;charset=utf-8"}, fault.body)
        elif fault.status >= 500:
            reply = page_reply(fault.status, "A fault that the test has asked for.")
        else:
            body = {
                "status": "error",
                "message": "A fault that the test has asked for",
                "correlationId": self._api.identifier(),
                "category": "EMULATED_FAULT",
            }
            reply = json_reply(fault.status, body)
        for name, value in fault.headers.items():
            reply.headers = {key: kept for key, kept in reply.headers.items() if key.lower() != name.lower()}
            reply.headers[name] = value
        return reply

    def _perform(self, request: httpx.Request, body: bytes) -> Reply:
        origin = _origin_of(request.url)
        if origin not in (self._api_origin, self._storage_origin):
            raise httpx.ConnectError("[Errno -2] Name or service not known", request=request)
        with self._store.transaction():
            self._pass_time()
            if origin == self._api_origin:
                return self._api.dispatch(request, body)
            try:
                return self._storage.serve(request)
            except PageError as error:
                return page_reply(error.status, str(error), error.headers)

    def _pass_time(self) -> None:
        self._api.tasks.pass_time()
        self._store.purge_expired(self.clock.milliseconds())

    def _respond(self, request: httpx.Request, seen: SeenRequest, reply: Reply, fault: Fault | None) -> httpx.Response:
        seen.status = reply.status
        headers = {
            "Date": format_datetime(self.clock.now().replace(microsecond=0), usegmt=True),
            **reply.headers,
        }
        if reply.status not in (204, 304):
            headers["Content-Length"] = str(len(reply.body))
        content = b"" if request.method == "HEAD" else reply.body
        return httpx.Response(reply.status, headers=headers, stream=_Body(content, request, fault), request=request)

    # tokens

    def add_token(
        self,
        scopes: Collection[str] = SCOPES,
        *,
        token: str | None = None,
        oauth: bool = False,
        expires_in: float | timedelta | None = None,
    ) -> str:
        """A new token.

        Args:
            scopes: What it may do. Default: everything.
            token: The token itself; one that is known gets these scopes and this life. Default: one that follows from
                the seed.
            oauth: Whether it is an OAuth token: answers then lack the daily rate-limit headers.
            expires_in: Its life, in seconds or as a timedelta. Default: no end.
        """
        expires_at = None
        if expires_in is not None:
            life = expires_in if isinstance(expires_in, timedelta) else timedelta(seconds=expires_in)
            expires_at = self.clock.milliseconds() + life // timedelta(milliseconds=1)
        with self._store.transaction():
            token = f"pat-emu-{self._api.identifier()}" if token is None else token
            self._store.put_token(TokenRow(token, frozenset(scopes), oauth, expires_at))
        return token

    def expire_token(self, token: str) -> None:
        """Let a token be answered 401 EXPIRED_AUTHENTICATION from now on.

        Raises:
            KeyError: The token is unknown.
        """
        with self._store.transaction():
            row = self._store.token(token)
            if row is None:
                raise KeyError("no such token")
            self._store.put_token(TokenRow(token, row.scopes, row.oauth, self.clock.milliseconds()))

    def revoke_token(self, token: str) -> None:
        """Let a token be answered as an unknown one."""
        with self._store.transaction():
            self._store.drop_token(token)

    # the oracle

    @property
    def files(self) -> list[StoredFile]:
        """Every file that ever was, by id: hidden, archived, erased and expired ones too."""
        with self._store.transaction():
            self._pass_time()
            return [self._stored_file(row) for row in self._store.all_files()]

    @property
    def folders(self) -> list[StoredFolder]:
        """Every folder that ever was, by id."""
        with self._store.transaction():
            self._pass_time()
            return [_stored_folder(row) for row in self._store.all_folders()]

    @property
    def tasks(self) -> list[StoredTask]:
        """Every import and folder update, in the order of their requests."""
        with self._store.transaction():
            self._pass_time()
            return [StoredTask(row.id, row.kind, row.status) for row in self._store.tasks()]

    def file(self, file_id: str | int) -> StoredFile:
        """The file of an id, whatever its state.

        Raises:
            KeyError: There never was such a file.
        """
        with self._store.transaction():
            self._pass_time()
            row = self._store.any_file(int(file_id))
            if row is None:
                raise KeyError(file_id)
            return self._stored_file(row)

    def _stored_file(self, row: FileRow) -> StoredFile:
        return StoredFile(
            id=str(row.id),
            name=row.name,
            extension=row.extension,
            path=row.path,
            folder_id=None if row.folder_id is None else str(row.folder_id),
            access=row.access,
            type=row.type,
            encoding=row.encoding,
            size=row.size,
            width=row.width,
            height=row.height,
            md5=row.md5,
            is_usable_in_content=bool(row.usable),
            state=row.state,
            url=self._api.url_of(row),
            created_at=moment(row.created_at),
            updated_at=moment(row.updated_at),
            archived_at=None if row.archived_at is None else moment(row.archived_at),
            expires_at=None if row.expires_at is None else moment(row.expires_at),
            content=self._store.content(row),
        )

    # planting

    def add_folder(self, path: str) -> StoredFolder:
        """Make a folder with the parents that are missing, or find it.

        Args:
            path: Like `/library/cats`.

        Raises:
            ValueError: The path is the root, or not a path.
        """
        names = _names(path)
        with self._store.transaction():
            folder = self._store.ensure_folder(names, self.clock.milliseconds())
            if folder is None:
                raise ValueError("the root is not a folder that can be made")
            return _stored_folder(folder)

    def add_file(
        self,
        path: str,
        content: bytes = b"",
        *,
        access: str = "PRIVATE",
        expires_at: datetime | None = None,
        is_usable_in_content: bool = True,
    ) -> StoredFile:
        """Plant a file, hidden ones too, which no call can make. A taken name gets a number.

        Args:
            path: Like `/library/cat.png`; missing folders are made.
            content: Its bytes.
            access: One of HubSpot's eight values.
            expires_at: When it is deleted for good, timezone-aware.
            is_usable_in_content: Whether new content should use it.

        Raises:
            ValueError: The path is not one of a file, or the access is unknown.
        """
        if access not in _input.ACCESS:
            raise ValueError(f"access is one of {', '.join(_input.ACCESS)}, not {access!r}")
        if expires_at is not None and expires_at.tzinfo is None:
            raise ValueError("expires_at needs a time zone")
        names = _names(path)
        if not names:
            raise ValueError("the path names no file")
        ends = None if expires_at is None else (expires_at - moment(0)) // timedelta(milliseconds=1)
        with self._store.transaction():
            folder = self._store.ensure_folder(names[:-1], self.clock.milliseconds())
            row = self._api.create_file(
                content, names[-1], folder, access, expires_at=ends, usable=is_usable_in_content
            )
            return self._stored_file(row)

    def publish_url(self, url: str, content: bytes = b"", *, status: int = 200) -> None:
        """Let imports find something at a URL. Every other URL cannot be reached.

        Args:
            url: The absolute URL that an import will name.
            content: What is found.
            status: What the URL answers; any but 2xx makes the import fail.
        """
        self._published[url] = Published(status, content)

    # control

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
        """Plan a fault. Faults are tried in the order of their planning; one at most strikes a request.

        Args:
            kind: "status" answers `status`. "connect" and "connect-timeout" strike before the request is
                sent, "write-reset" and "write-timeout" amid its body. "read-timeout", "reset" and
                "disconnect" strike instead of an answer. "truncate" cuts the answer's body, "stall" pauses
                amid it, "delay" before it.
            operation: The operationId it strikes, or "fetchContent" for the storage host. Default: any.
            status: The status of kind "status". From 500 the body is an HTML page, below HubSpot's JSON.
            count: How often it strikes. None: always.
            probability: Of striking a request that it could strike, from 0 to 1, drawn from the emulator's
                seed.
            after_effect: Whether the call takes effect before the fault strikes. The three kinds that concern
                the answer always let it; those that strike earlier never do.
            headers: Headers of kind "status", such as Retry-After.
            body: The body of kind "status".
            seconds: The length of kinds "stall" and "delay". It is real time, cut short by the read timeout.
            at_byte: Of the request's body for the "write" kinds (default: its first chunk) and for "status"
                (default: all of it is read); of the answer's for "truncate" and "stall" (default: half).

        Returns:
            The fault: `hits` counts, `cancel()` ends it.

        Raises:
            ValueError: An argument is out of its range, or the kind can have no effect to follow.
        """
        if operation is not None and operation not in (*OPERATIONS, FETCH):
            raise ValueError(f"operation is one of {', '.join((*OPERATIONS, FETCH))}, not {operation!r}")
        self._planned += 1
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
            chance=random.Random(f"{self._seed} fault {self._planned}"),
        )
        self._faults.add(fault)
        return fault

    def clear_faults(self) -> None:
        """Forget all planned faults."""
        self._faults.clear()

    def rate_limit(self, policy: Policy, limit: int | None, interval: float | None = None) -> None:
        """Enforce a rate limit, on the emulator's clock. Without it nothing is limited.

        Args:
            policy: DAILY counts the account's calls, SECONDLY and TEN_SECONDLY_ROLLING those of each token.
            limit: Calls in the interval; 0 refuses all, None enforces nothing.
            interval: Its length in seconds. Default: 86400, 1 or 10, as the policy says.

        Raises:
            ValueError: The policy is unknown.
        """
        self._limits.set(policy, limit, interval)

    def task_pace(self, unit: Literal["polls", "seconds"], pending: float = 1, processing: float = 1) -> None:
        """How long imports and folder updates stay PENDING, then PROCESSING. At first: one poll each.

        Args:
            unit: "polls" counts the calls that ask for the status, "seconds" goes by the emulator's clock.
            pending: Polls or seconds in the first state.
            processing: Polls or seconds in the second.

        Raises:
            ValueError: The unit is unknown, or a length is negative.
        """
        self._api.tasks.pace(unit, pending, processing)

    def plan_task(self, outcome: Outcome, *, message: str = "The task has failed", count: int = 1) -> None:
        """How the next tasks end that are started from now on.

        Args:
            outcome: "fail" ends COMPLETE with one error, "cancel" ends CANCELED.
            message: The error's message.
            count: How many tasks.

        Raises:
            ValueError: The outcome is unknown.
        """
        self._api.tasks.plan(outcome, message, count)

    def cancel_task(self, task_id: str) -> None:
        """Cancel a task that has not ended; one that has stays as it is.

        Raises:
            KeyError: There is no such task.
        """
        with self._store.transaction():
            self._pass_time()
            row = self._store.task(task_id)
            if row is None:
                raise KeyError(task_id)
            self._api.tasks.cancel(row)

    def finish_tasks(self) -> None:
        """End every open task now."""
        with self._store.transaction():
            self._pass_time()
            self._api.tasks.finish_all()


def _origin(url: str) -> tuple[str, tuple[str, str, int | None]]:
    parsed = httpx.URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.path != "/" or parsed.query:
        raise ValueError(f"{url!r} is not an origin such as https://api.hubapi.com")
    return url.rstrip("/"), _origin_of(parsed)


def _origin_of(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _is_read(request: httpx.Request) -> bool:
    try:
        return request.content is not None
    except httpx.RequestNotRead:
        return False


def _has_to_read(request: httpx.Request, fault: Fault | None, kind: type) -> bool:
    """Whether to take from the request's stream: the body is not at hand, or is to be cut while it is sent."""
    if not _is_read(request):
        return _bytes_to_read(fault) != 0
    # A body that is at hand is sent from its stream all the same, which then sees that it was not sent to its end.
    return fault is not None and fault.kind in AMID_THE_BODY and isinstance(request.stream, kind)


def _bytes_to_read(fault: Fault | None) -> int | None:
    """How much of the request's body is read: all (None), nothing (0), or chunks up to a number of bytes."""
    if fault is None:
        return None
    if fault.kind in BEFORE_THE_BODY:
        return 0
    if fault.kind in AMID_THE_BODY:
        return fault.at_byte or 1
    return fault.at_byte if fault.kind == "status" and not fault.after_effect else None


def _check_length(request: httpx.Request, length: int) -> None:
    """Refuse a body that differs from its Content-Length, as HTTP/1.1 connections do."""
    declared = request.headers.get("content-length")
    if declared is not None and int(declared) != length:
        much = "little" if length < int(declared) else "much"
        raise httpx.LocalProtocolError(f"Too {much} data for declared Content-Length", request=request)


def _names(path: str) -> tuple[str, ...]:
    names = tuple(name for name in path.split("/") if name)
    if not path.startswith("/") or any(name in (".", "..") for name in names):
        raise ValueError(f"{path!r} is not a path such as /library/cat.png")
    return names


def _stored_folder(row: FolderRow) -> StoredFolder:
    return StoredFolder(
        id=str(row.id),
        name=row.name,
        path=row.path,
        parent_id=None if row.parent_id is None else str(row.parent_id),
        archived=row.archived_at is not None,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        archived_at=None if row.archived_at is None else moment(row.archived_at),
    )
