"""The emulator that tests and demonstrations hold: an account, its API, its clock, its faults, its record."""

from __future__ import annotations

import os
import random
import weakref
from collections.abc import Callable, Collection, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import httpx

from . import _input, _transport
from ._api import KNOWN_SCOPES, OPERATIONS, SCOPES, Api, Published, route
from ._blobs import Extract
from ._clock import Clock, length, span
from ._exchange import READ, Answer, Arrival, Effect, Exchange, Pause, Silence, Work
from ._faults import (
    AMID_THE_BODY,
    BEFORE_THE_BODY,
    NEVER_REACHED,
    ON_THE_REPLY,
    WITHOUT_BODY,
    Fault,
    Faults,
    Kind,
    Policy,
    RateLimits,
)
from ._fetch import Fetches
from ._multipart import require
from ._reply import ApiError, PageError, Reply, error_reply, json_reply, moment, page_reply
from ._storage import OPERATION as FETCH
from ._storage import Storage
from ._store import FileRow, FolderRow, State, Store, TokenRow
from ._tasks import Outcome
from ._transport import EmulatorTransport

if TYPE_CHECKING:
    from typing import Self

    from hubspot_files import AsyncHubSpotFiles, HubSpotFiles

_RECORDED_BODY: Final = 64 * 1024
_FORMS: Final = frozenset({"uploadFile", "replaceFile"})
_PORTAL_ID: Final = 12345
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
            self.body += chunk[: _RECORDED_BODY - len(self.body)]


class _Kept(NamedTuple):
    """What outlives the process: how often the account was opened, its number, the key, the clock's advance in µs."""

    opening: int
    portal_id: int
    key: bytes
    ahead: int


class Emulator:
    """A stateful HubSpot Files API, with clock and faults under control.

    Give its `transport` to an httpx client, or its `side_effect` to a respx route, or take a ready
    `client()`. It is safe to use from several threads. What it assumes about HubSpot without evidence is
    listed in `ASSUMPTIONS`.

    Args:
        base_url: The API's origin.
        storage_url: The origin that serves contents; it refuses every request with an Authorization header.
        start: The clock's first instant, timezone-aware. Default: the present.
        clock: A clock of your own, instead of `start`.
        portal_id: The account's number. Default: that of `data`, or 12345.
        seed: Tokens, correlation ids, signatures and the probability of faults follow from it; the token and the
            signatures of an account that `data` holds already stay as they are.
        largest_upload: In bytes; larger files are answered 413.
        download_redirects: Whether the download call redirects to a signed URL, or answers the content
            itself.
        honour_ranges: Whether the storage host answers Range requests with 206, or with everything.
        search_lag: Seconds that a new file is missing from the search, up to a year.
        loopback_imports: Whether imports fetch what `publish_url` does not know from http servers on this machine.
            No other is asked, whatever redirects there are.
        data: A folder to keep the account in, which is new, empty or one that an emulator made: files, folders, tasks,
            tokens, the clock's advance over the present and the key of the signatures. What a test has planned and the
            record of requests are not kept. Default: everything in memory.
        record: How many requests `requests` holds, the latest ones. Default: all.

    Raises:
        ImportError: python-multipart is not installed.
        OSError: `data` cannot be used; BlockingIOError where another emulator uses it.
        TypeError: `search_lag` is no number.
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
        loopback_imports: bool = False,
        data: str | os.PathLike[str] | None = None,
        record: int | None = None,
    ) -> None:
        require()
        if clock is not None and start is not None:
            raise ValueError("give start or clock, not both")
        if record is not None and record < 1:
            raise ValueError("record is at least 1, or None for all")
        length(search_lag, "search_lag")
        self.base_url: str
        self.storage_url: str
        self.base_url, self._api_origin = _transport.origin(base_url)
        self.storage_url, self._storage_origin = _transport.origin(storage_url)
        if self._api_origin == self._storage_origin:
            raise ValueError("base_url and storage_url need different origins")
        self.requests: list[SeenRequest] = []
        self.transport: EmulatorTransport = EmulatorTransport(self)
        self.async_transport: EmulatorTransport = self.transport
        self._seed = seed
        self._record = record
        self._largest_upload = largest_upload
        self._closed = False
        self._opened: list[httpx.Client] = []
        self._faults, self._planned = Faults(), 0
        self._published: dict[str, Published] = {}
        self._fetches: Fetches | None = None
        self._store = Store(None if data is None else Path(data))
        # Python 3.13 warns of databases that are left open, and not everybody closes an emulator.
        weakref.finalize(self, self._store.close)
        try:
            kept = self._resume(seed, portal_id)
        except BaseException:
            self._store.close()
            raise
        self.portal_id: int = kept.portal_id
        if clock is None:
            now = datetime.now(UTC) + timedelta(microseconds=kept.ahead)
            clock = Clock(now if start is None else start)
        self.clock: Clock = clock
        self._ahead = kept.ahead
        self._chance = random.Random(f"{seed} ids" if kept.opening == 1 else f"{seed} ids {kept.opening}")
        self._limits = RateLimits(self.clock)
        if loopback_imports:
            draft = partial(self._store.draft, largest_upload)
            self._fetches = Fetches(draft, self._store.discard, largest_upload)
        self._storage = Storage(
            self._store, self.clock, self.storage_url, self.portal_id, kept.key, ranges=honour_ranges
        )
        self._api = Api(
            self._store,
            self.clock,
            self._storage,
            self._limits,
            self._published,
            self._fetches,
            base_url=self.base_url,
            chance=self._chance,
            largest_upload=largest_upload,
            download_redirects=download_redirects,
            search_lag=search_lag,
        )
        self.token: str = self._first_token()

    def close(self) -> None:
        """Forget everything but what is kept in a folder. Clients made by `client()` are of no use afterwards."""
        if not self._closed:
            self._closed = True
            for opened in self._opened:
                opened.close()
            if self._fetches is not None:
                self._fetches.close()
            with self._store.transaction():
                self._keep_clock()
            self._store.close()

    def _resume(self, seed: int, portal_id: int | None) -> _Kept:
        """What outlives the process, as it was kept or for the first time."""
        with self._store.transaction():
            opening = self._store.count("opening")
            key, account = self._store.setting("key"), self._store.setting("account")
            if key is None or account is None:
                key = random.Random(f"{seed} signatures").randbytes(32).hex()
                account = str(_PORTAL_ID if portal_id is None else portal_id)
                self._store.put_setting("key", key)
                self._store.put_setting("account", account)
            elif portal_id is not None and str(portal_id) != account:
                raise ValueError(f"the folder holds account {account}, not {portal_id}")
            return _Kept(opening, int(account), bytes.fromhex(key), int(self._store.setting("ahead") or 0))

    def _first_token(self) -> str:
        with self._store.transaction():
            token = self._store.setting("token")
            if token is None:
                token = self.add_token()
                self._store.put_setting("token", token)
            return token

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
        """Answer a request; its body is read here.

        Raises:
            httpx.TransportError: A planned fault strikes, or the host is none of the emulator's.
            RuntimeError: The emulator is closed, or the body is an async stream that has not been read.
        """
        return _transport.handle(self.exchange, request, self._api_origin, self._storage_origin)

    async def handle_async(self, request: httpx.Request) -> httpx.Response:
        """Answer a request whose body may be an async stream. Raises as `handle` does."""
        return await _transport.handle_async(
            self.exchange, request, self._api_origin, self._storage_origin, threads=self._store.on_disk
        )

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

    # from request to answer

    def exchange(self, arrival: Arrival) -> Exchange:
        """The way of a request through the emulator, for whoever drives it."""
        seen, fault = self._arrive(arrival)
        draft = partial(self._store.draft, self._largest_upload) if seen.operation in _FORMS else None
        intake = _input.Intake(arrival.headers.get("content-type", ""), draft, self._store.discard)
        try:
            limit = _bytes_to_read(fault)
            while limit is None or seen.body_size < limit:
                chunk = yield READ
                if chunk is None:
                    break
                seen._read(chunk)
                intake.feed(chunk)
            if fault is not None and fault.kind in NEVER_REACHED:
                if fault.kind == "write-timeout":
                    yield Silence(fault.seconds)
                raise fault.exception()
            if limit is None:
                _check_length(arrival, seen.body_size)
            if fault is None or fault.kind in ON_THE_REPLY or fault.after_effect:
                reply = yield Work(partial(self._perform, arrival, intake))
            else:
                reply = Reply(0)
            return (yield from self._answer(arrival, seen, reply, fault))
        except BaseException as error:
            seen.error = type(error).__name__
            raise
        finally:
            intake.close()

    def _arrive(self, arrival: Arrival) -> tuple[SeenRequest, Fault | None]:
        if self._closed:
            raise RuntimeError("the emulator is closed")
        operation: str | None = FETCH if arrival.to == "storage" else None
        if arrival.to == "api":
            try:
                operation = route(arrival.method, arrival.path).operation
            except (PageError, ApiError):
                operation = None
        seen = SeenRequest(
            method=arrival.method,
            host=arrival.host,
            path=arrival.path,
            query=httpx.QueryParams(arrival.query),
            headers=arrival.headers,
            operation=operation,
            time=self.clock.now(),
        )
        with self._store.transaction():
            self.requests.append(seen)
            if self._record is not None:
                del self.requests[: -self._record or None]
            fault = None if arrival.to is None else self._faults.pick(operation)
        return seen, fault

    def _answer(
        self, arrival: Arrival, seen: SeenRequest, reply: Reply, fault: Fault | None
    ) -> Generator[Effect, Any, Answer]:
        """What a caller gets of a reply, after what befalls it."""
        try:
            if fault is not None:
                if fault.kind == "delay":
                    yield Pause(fault.seconds)
                elif fault.kind == "truncate" and not len(reply.body):
                    raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
                elif fault.kind == "status":
                    reply.close()
                    reply = self._refusal(fault)
                elif fault.kind not in ON_THE_REPLY:
                    if fault.kind == "read-timeout":
                        yield Silence(fault.seconds)
                    raise fault.exception()
        except BaseException:
            reply.close()
            raise
        seen.status = reply.status
        headers = {"Date": format_datetime(self.clock.now().replace(microsecond=0), usegmt=True), **reply.headers}
        if reply.status not in (204, 304):
            headers["Content-Length"] = str(len(reply.body))
        amid = fault if fault is not None and fault.kind in ("truncate", "stall") else None
        return Answer(reply, headers, amid, bare=arrival.method == "HEAD")

    def _refusal(self, fault: Fault) -> Reply:
        if fault.status in WITHOUT_BODY:
            reply = Reply(fault.status)
        elif fault.body is not None:
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

    def _perform(self, arrival: Arrival, intake: _input.Intake) -> Reply:
        if arrival.to is None:
            raise httpx.ConnectError("[Errno -2] Name or service not known")
        for draft in intake.drafts:
            self._store.finish(draft)
        with self._store.transaction():
            self._pass_time()
            if arrival.to == "api":
                return self._api.dispatch(arrival, intake)
            try:
                return self._storage.serve(arrival)
            except PageError as error:
                return page_reply(error.status, str(error), error.headers)

    def pass_time(self) -> None:
        """Bring tasks and expiries to where the clock is, as every request does."""
        with self._store.transaction():
            self._pass_time()

    def failure(self) -> Answer:
        """What a server answers that failed itself."""
        error = ApiError(500, "The emulator has failed, not you: its log says how", "INTERNAL_ERROR")
        reply = error_reply(error, self._api.identifier())
        headers = {"Connection": "close", "Content-Length": str(len(reply.body)), **reply.headers}
        return Answer(reply, headers, None, bare=False)

    def _pass_time(self) -> None:
        self._keep_clock()
        self._api.tasks.pass_time()
        self._store.purge_expired(self.clock.milliseconds())

    def _keep_clock(self) -> None:
        if self._store.on_disk and self.clock.ahead != self._ahead:
            self._ahead = self.clock.ahead
            self._store.put_setting("ahead", str(self._ahead))

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
            scopes: What it may do: scopes of the Files API; those of other APIs would change nothing here, and an
                empty list is a token that may do nothing. Default: everything.
            token: The token itself; one that is known gets these scopes and this life. Default: one that follows from
                the seed.
            oauth: Whether it is an OAuth token: answers then lack the daily rate-limit headers.
            expires_in: Its life, in seconds or as a timedelta. Default: no end.

        Raises:
            ValueError: The Files API knows no such scope, or the life is out of range.
        """
        # One str would be taken for its letters.
        unknown = {scopes} if isinstance(scopes, str) else set(scopes) - KNOWN_SCOPES
        if unknown:
            shown = ", ".join(repr(scope) for scope in sorted(unknown))
            raise ValueError(f"scopes are a list of some of {', '.join(sorted(KNOWN_SCOPES))}, not {shown}")
        expires_at = None
        if expires_in is not None:
            expires_at = self.clock.milliseconds() + span(expires_in, "expires_in") // timedelta(milliseconds=1)
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
                raise KeyError(f"no token {token!r}")
            self._store.put_token(TokenRow(token, row.scopes, row.oauth, self.clock.milliseconds()))

    def revoke_token(self, token: str) -> None:
        """Let a token be answered as an unknown one."""
        with self._store.transaction():
            self._store.drop_token(token)

    # the oracle

    @property
    def tokens(self) -> dict[str, frozenset[str]]:
        """Every token that is known, expired ones too, with its scopes."""
        with self._store.transaction():
            return {row.token: row.scopes for row in self._store.tokens()}

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

    def listed(self, kind: str) -> list[StoredFile] | list[StoredFolder] | list[StoredTask] | list[Fault]:
        """`files`, `folders`, `tasks` or the planned faults, for the route; the files without their contents."""
        if kind == "files":
            with self._store.transaction():
                self._pass_time()
                return [self._stored_file(row, read=False) for row in self._store.all_files()]
        if kind == "folders":
            return self.folders
        return self.tasks if kind == "tasks" else self._faults.planned

    def content(self, file_id: str) -> Extract | None:
        """The content of a file in whatever state, to be read and closed; None where there is none."""
        with self._store.transaction():
            self._pass_time()
            row = self._store.any_file(int(file_id)) if file_id.isdecimal() and len(file_id) < 19 else None
            return None if row is None or row.blob is None else self._store.extract(row, 0, row.size)

    def identifier(self) -> str:
        """A new correlation id."""
        return self._api.identifier()

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

    def _stored_file(self, row: FileRow, *, read: bool = True) -> StoredFile:
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
            content=self._store.content(row) if read else None,
        )

    # planting

    def add_folder(self, path: str, *, id: int | None = None) -> StoredFolder:
        """Make a folder with the parents that are missing, or find it.

        Args:
            path: Like `/library/cats`.
            id: The id that it is to have. Default: one larger than all before it.

        Raises:
            ValueError: The path is the root, or not a path; or the id is taken, or the folder there has another.
        """
        names = _names(path)
        if not names:
            raise ValueError("the root is not a folder that can be made")
        with self._store.transaction():
            now = self.clock.milliseconds()
            parent = self._store.ensure_folder(names[:-1], now)
            folder = self._store.folder_at("/" + "/".join(names))
            if folder is None:
                folder = self._store.add_folder(parent, names[-1], now, self._free_id(id))
            elif id is not None and id != folder.id:
                raise ValueError(f"the folder {folder.path} has the id {folder.id}")
            return _stored_folder(folder)

    def _free_id(self, wanted: int | None) -> int | None:
        if wanted is not None and not (0 < wanted < 2**62 and self._store.is_free(wanted)):
            raise ValueError(f"{wanted} is not an id, or is that of another file or folder")
        return wanted

    def add_file(
        self,
        path: str,
        content: bytes = b"",
        *,
        access: str = "PRIVATE",
        expires_at: datetime | None = None,
        is_usable_in_content: bool = True,
        id: int | None = None,
    ) -> StoredFile:
        """Plant a file, hidden ones too, which no call can make. A taken name gets a number.

        Args:
            path: Like `/library/cat.png`; missing folders are made.
            content: Its bytes.
            access: One of HubSpot's eight values.
            expires_at: When it is deleted for good, timezone-aware.
            is_usable_in_content: Whether new content should use it.
            id: The id that it is to have. Default: one larger than all before it.

        Raises:
            ValueError: The path is not one of a file, or the access is unknown, or the id is taken.
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
            draft = self._store.draft(max(len(content), 1))
            try:
                draft.write(content)
                row = self._api.create_file(
                    draft,
                    names[-1],
                    folder,
                    access,
                    expires_at=ends,
                    usable=is_usable_in_content,
                    file_id=self._free_id(id),
                )
            finally:
                self._store.discard(draft)
            return self._stored_file(row)

    def publish_url(self, url: str, content: bytes = b"", *, status: int = 200) -> None:
        """Let imports find something at a URL. Others cannot be reached, but for `loopback_imports`.

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
            status: The status of kind "status", from 200 to 599. From 500 the body is an HTML page, below HubSpot's
                JSON; 204 and 304 have none.
            count: How often it strikes. None: always.
            probability: Of striking a request that it could strike, from 0 to 1, drawn from the emulator's
                seed.
            after_effect: Whether the call takes effect before the fault strikes. The three kinds that concern
                the answer always let it; those that strike earlier never do.
            headers: Headers of kind "status", such as {"Retry-After": "7"}: printable ASCII, and none of those that
                say how long the body is.
            body: The body of kind "status".
            seconds: The length of kinds "stall" and "delay", up to a year. It is real time, cut short by the read
                timeout, which is then raised.
            at_byte: Of the request's body for the "write" kinds (default: its first chunk) and for "status"
                (default: all of it is read); of the answer's for "truncate" and "stall" (default: half).

        Returns:
            The fault: `hits` counts, `cancel()` ends it.

        Raises:
            TypeError: `seconds` is no number.
            ValueError: An argument is out of its range, or cannot be sent, or the kind can have no effect to follow.
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

    def forget_requests(self) -> None:
        """Begin the record of requests anew."""
        with self._store.transaction():
            self.requests.clear()

    def rate_limit(self, policy: Policy, limit: int | None, interval: float | None = None) -> None:
        """Enforce a rate limit, on the emulator's clock. Without it nothing is limited.

        Args:
            policy: DAILY counts the account's calls, SECONDLY and TEN_SECONDLY_ROLLING those of each token.
            limit: Calls in the interval; 0 refuses all, None enforces nothing.
            interval: Its length in seconds. Default: 86400, 1 or 10, as the policy says.

        Raises:
            ValueError: The policy is unknown, or the limit is negative, or the interval is not positive.
        """
        if limit is not None and limit < 0:
            raise ValueError(f"limit is at least 0, or None to enforce nothing, not {limit}")
        if interval is not None and not interval > 0:
            raise ValueError(f"interval is a positive number of seconds, not {interval}")
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
                raise KeyError(f"no task {task_id!r}")
            self._api.tasks.cancel(row)

    def finish_tasks(self) -> None:
        """End every open task now; those that fetch something when that is done.

        That is waited for, a minute and a half at the most: what has not been fetched by then leaves its task open.
        """
        with self._store.transaction():
            self._pass_time()
            self._api.tasks.finish_all()
        if self._fetches is not None:
            self._fetches.wait()
            with self._store.transaction():
                self._api.tasks.finish_all()


def _bytes_to_read(fault: Fault | None) -> int | None:
    """How much of the request's body is read: all (None), nothing (0), or chunks up to a number of bytes."""
    if fault is None:
        return None
    if fault.kind in BEFORE_THE_BODY:
        return 0
    if fault.kind in AMID_THE_BODY:
        return fault.at_byte or 1
    return fault.at_byte if fault.kind == "status" and not fault.after_effect else None


def _check_length(arrival: Arrival, length: int) -> None:
    """Refuse a body that differs from its Content-Length, as HTTP/1.1 connections do."""
    declared = arrival.headers.get("content-length")
    if declared is not None and int(declared) != length:
        much = "little" if length < int(declared) else "much"
        raise httpx.LocalProtocolError(f"Too {much} data for declared Content-Length")


def _names(path: str) -> tuple[str, ...]:
    if not path.startswith("/"):
        raise ValueError(f"{path!r} is not a path such as /library/cat.png")
    try:
        return _input.segments(path, "path")
    except ApiError as error:
        raise ValueError(str(error)) from None


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
