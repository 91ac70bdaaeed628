"""The two clients: where the token, the connections and the settings come together."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn, Self, TypeAlias

import httpx

from . import _retry
from ._files import AsyncFiles, Files
from ._flow import Flow, Request
from ._folders import AsyncFolders, Folders
from ._http import DEFAULT_TIMEOUT, AsyncTokenProvider, Timeout, TokenProvider, check_token
from ._log import Secret
from ._methods import AsyncResource, SyncResource, operation
from ._options import flag
from ._pace import Pacer
from ._resource import section
from ._response import Response, ResponseInfo
from ._retry import Budget, Repeat
from ._sync_driver import Connections, SyncDriver
from ._urls import check_base_url, check_path

if TYPE_CHECKING:
    from hubspot_files_api import AuthenticatedClient

    from ._async_driver import AsyncConnections

OnResponse: TypeAlias = Callable[[ResponseInfo], object]

DEFAULT_BASE_URL: Final = "https://api.hubapi.com"
DEFAULT_MAX_RETRIES: Final = 4


class Settings(NamedTuple):
    """What the flows need to know of their client.

    Attributes:
        base_url: where the API is.
        max_retries: how often a request that failed is sent again at the most.
        budget: how often all requests together are.
        refreshable: whether the token comes from a provider that can be asked again.
        on_response: called with each answer, or None.
        deadline: seconds that a request with its retries may take, or None.
        pacer: what keeps requests under the rate limit, or None.
    """

    base_url: str
    max_retries: int
    budget: Budget
    refreshable: bool = False
    on_response: OnResponse | None = None
    deadline: float | None = None
    pacer: Pacer | None = None


class _Options(NamedTuple):
    """What a client was made with, checked, so that a copy can change a part of it."""

    access_token: Any
    base_url: str
    timeout: httpx.Timeout
    max_retries: int
    budget: Budget
    on_response: OnResponse | None = None
    deadline: float | None = None
    pacer: Pacer | None = None

    def changed(
        self,
        access_token: Any,
        timeout: Timeout,
        max_retries: int | None,
        on_response: OnResponse | None,
        deadline: float | None,
        pace: bool | None,
    ) -> Self:
        """A copy in which what is given, and checked, stands in for what was."""
        changes: dict[str, Any] = {
            "access_token": None if access_token is None else _check_access_token(access_token),
            "timeout": None if timeout is None else httpx.Timeout(timeout),
            "max_retries": None if max_retries is None else _check_retries(max_retries),
            "on_response": on_response,
            "deadline": None if deadline is None else _check_deadline(deadline),
        }
        if flag(pace, "pace") is not None:
            changes["pacer"] = self.pacer or Pacer() if pace else None
        kept = {name: value for name, value in changes.items() if value is not None or name == "pacer"}
        return self._replace(**kept)

    def settings(self) -> Settings:
        return Settings(
            self.base_url,
            self.max_retries,
            self.budget,
            not isinstance(self.access_token, Secret),
            self.on_response,
            self.deadline,
            self.pacer,
        )


def _options(access_token: Any, base_url: str | None, timeout: Timeout, max_retries: int | None) -> _Options:
    if access_token is None:
        access_token = _hidden(os.environ.get("HUBSPOT_ACCESS_TOKEN") or None)
    if access_token is None:
        raise ValueError(
            "no access token: pass access_token=, that of a private app or a callable that returns one, or set "
            "HUBSPOT_ACCESS_TOKEN"
        )
    return _Options(
        _check_access_token(access_token),
        check_base_url(base_url or os.environ.get("HUBSPOT_BASE_URL") or DEFAULT_BASE_URL),
        DEFAULT_TIMEOUT if timeout is None else httpx.Timeout(timeout),
        DEFAULT_MAX_RETRIES if max_retries is None else _check_retries(max_retries),
        Budget(),
    )


class ClientOperations:
    """What both clients can do themselves."""

    _driver: Any
    _options: _Options

    @operation
    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: Timeout = None,
    ) -> Flow[Response]:
        """Send a request to an endpoint that this version has no method for, with the client's token and retries.

        Args:
            method: such as `GET`. One that is not GET, HEAD, OPTIONS, PUT or DELETE is not sent again where it may have
                been acted on.
            path: such as `/files/v3/files/1`, already quoted.
            params: the query; values may be lists, and those that are None are left out.
            json: what to send as JSON, or None.
            headers: further headers.
            timeout: seconds, or an httpx.Timeout, for each step of the connection; None is the client's.

        Returns:
            The answer: `status_code`, `headers`, `content` and `json()`.

        Raises:
            APIError: HubSpot answered with an error, by status.
            ConnectionFailedError: there was no answer.
            OutcomeUnknownError: the connection failed after all was sent.
            ValueError: path is not one on this API.
        """
        verb = method.upper()
        kwargs: dict[str, Any] = {"method": verb, "url": check_path(path)}
        if params is not None:
            kwargs["params"] = {name: value for name, value in params.items() if value is not None}
        if json is not None:
            kwargs["json"] = json
        if headers is not None:
            kwargs["headers"] = {name.lower(): value for name, value in headers.items()}
        repeat = {"DELETE": Repeat.DELETES}.get(
            verb, Repeat.HARMLESS if verb in ("GET", "HEAD", "OPTIONS", "PUT") else Repeat.CREATES
        )
        reply = yield from _retry.send(self._options.settings(), Request("request", kwargs, timeout=timeout), repeat)
        return Response(reply.status, reply.headers, reply.body)

    def __repr__(self) -> str:
        # A traceback with variables also shows one that could not be made.
        options: _Options | None = vars(self).get("_options")
        return f"<{type(self).__name__} {options.base_url if options else 'that is not made'}>"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a client holds a token and connections, and is not pickled; make one where it is needed")


class HubSpotFiles(ClientOperations, SyncResource):
    """HubSpot's Files API. Safe to share between threads.

    Args:
        access_token: token of a private app, an OAuth access token, or a callable that returns one, which is asked
            before each request; HUBSPOT_ACCESS_TOKEN where it is left out.
        base_url: where the API is; HUBSPOT_BASE_URL or https://api.hubapi.com where it is left out. It must be https,
            but for this machine itself.
        timeout: seconds, or an httpx.Timeout, for each step of a connection: 10 to connect and 60 for the others where
            it is left out.
        max_retries: how often a request that failed is sent again where that is safe; 4 where it is left out.
        http_client: an httpx.Client of yours to send with, which stays open.

    Raises:
        ValueError: no token or one that no header can hold, or a base_url that is not https.
        TypeError: a value of the wrong type.

    Attributes:
        files: operations on files.
        folders: operations on folders.
    """

    files: Files = section(Files)
    folders: Folders = section(Folders)

    def __init__(
        self,
        access_token: str | TokenProvider | None = None,
        *,
        base_url: str | None = None,
        timeout: Timeout = None,
        max_retries: int | None = None,
        http_client: httpx.Client | None = None,
    ) -> None:
        access_token = _hidden(access_token)
        if http_client is not None and not isinstance(http_client, httpx.Client):
            raise TypeError(f"http_client must be an httpx.Client, not {type(http_client).__name__}")
        self._connect(_options(access_token, base_url, timeout, max_retries), Connections(http_client), owner=True)

    def _connect(self, options: _Options, connections: Connections, *, owner: bool) -> None:
        self._options = options
        self._owner = owner
        self._driver = SyncDriver(connections, options.base_url, options.timeout, options.access_token)
        self.files = Files(self._driver, options.settings())
        self.folders = Folders(self._driver, options.settings())

    def with_options(
        self,
        *,
        access_token: str | TokenProvider | None = None,
        timeout: Timeout = None,
        max_retries: int | None = None,
        on_response: OnResponse | None = None,
        deadline: float | None = None,
        pace: bool | None = None,
    ) -> Self:
        """A client with other options on the same connections; what is left out is as it was here.

        Args:
            access_token: as of the class.
            timeout: as of the class.
            max_retries: as of the class.
            on_response: called with a ResponseInfo for each answer of the API, such as to read its rate-limit headers.
            deadline: seconds that each request may take with all its retries and waits. A timeout is for each step of a
                connection and never sees a server that sends a byte now and then.
            pace: True waits before requests so that all of this client and its copies together stay under the limit of
                which HubSpot's answers tell; False stops that.

        Returns:
            The copy. Closing it closes nothing: the connections belong to the client that it is made from.

        Raises:
            ValueError, TypeError: as the class.
        """
        access_token = _hidden(access_token)
        copy = object.__new__(type(self))
        options = self._options.changed(access_token, timeout, max_retries, on_response, deadline, pace)
        copy._connect(options, self._driver.connections, owner=False)
        return copy

    @property
    def api(self) -> AuthenticatedClient:
        """The generated client of `hubspot_files_api`, on the connections of this one: its URL, its token, no retries.

        `from hubspot_files_api.api.files import get_file; get_file.sync_detailed("1", client=hubspot.api)`
        """
        from ._api import generated_client

        return generated_client(self._driver)

    def close(self) -> None:
        """Close the connections, but not those of an http_client of yours."""
        if self._owner:
            self._driver.connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncHubSpotFiles(ClientOperations, AsyncResource):
    """HubSpot's Files API, asynchronously, on asyncio and on trio.

    Args:
        access_token: as of HubSpotFiles; the callable may be a coroutine function.
        base_url: as of HubSpotFiles.
        timeout: as of HubSpotFiles.
        max_retries: as of HubSpotFiles.
        http_client: an httpx.AsyncClient of yours to send with, which stays open.

    Raises:
        ValueError: no token or one that no header can hold, or a base_url that is not https.
        TypeError: a value of the wrong type.

    Attributes:
        files: operations on files.
        folders: operations on folders.
    """

    files: AsyncFiles = section(AsyncFiles)
    folders: AsyncFolders = section(AsyncFolders)

    def __init__(
        self,
        access_token: str | AsyncTokenProvider | None = None,
        *,
        base_url: str | None = None,
        timeout: Timeout = None,
        max_retries: int | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        access_token = _hidden(access_token)
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise TypeError(f"http_client must be an httpx.AsyncClient, not {type(http_client).__name__}")
        # Programs without asyncio need not wait until anyio is imported.
        from ._async_driver import AsyncConnections

        connections = AsyncConnections(http_client)
        self._connect(_options(access_token, base_url, timeout, max_retries), connections, owner=True)

    def _connect(self, options: _Options, connections: AsyncConnections, *, owner: bool) -> None:
        from ._async_driver import AsyncDriver

        self._options = options
        self._owner = owner
        self._driver = AsyncDriver(connections, options.base_url, options.timeout, options.access_token)
        self.files = AsyncFiles(self._driver, options.settings())
        self.folders = AsyncFolders(self._driver, options.settings())

    def with_options(
        self,
        *,
        access_token: str | AsyncTokenProvider | None = None,
        timeout: Timeout = None,
        max_retries: int | None = None,
        on_response: OnResponse | None = None,
        deadline: float | None = None,
        pace: bool | None = None,
    ) -> Self:
        """A client with other options on the same connections; what is left out is as it was here.

        Args:
            access_token: as of the class.
            timeout: as of the class.
            max_retries: as of the class.
            on_response: called with a ResponseInfo for each answer of the API, such as to read its rate-limit headers.
            deadline: seconds that each request may take with all its retries and waits. A timeout is for each step of a
                connection and never sees a server that sends a byte now and then.
            pace: True waits before requests so that all of this client and its copies together stay under the limit of
                which HubSpot's answers tell; False stops that.

        Returns:
            The copy. Closing it closes nothing: the connections belong to the client that it is made from.

        Raises:
            ValueError, TypeError: as the class.
        """
        access_token = _hidden(access_token)
        copy = object.__new__(type(self))
        options = self._options.changed(access_token, timeout, max_retries, on_response, deadline, pace)
        copy._connect(options, self._driver.connections, owner=False)
        return copy

    @property
    def api(self) -> AuthenticatedClient:
        """The generated client of `hubspot_files_api`, on the connections of this one: its URL, its token, no retries.

        `from hubspot_files_api.api.files import get_file; await get_file.asyncio_detailed("1", client=hubspot.api)`
        """
        from ._api import generated_async_client

        return generated_async_client(self._driver)

    async def close(self) -> None:
        """Close the connections, but not those of an http_client of yours."""
        if self._owner:
            await self._driver.connections.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


def _hidden(access_token: Any) -> Any:
    """A token as a Secret, before anything that fails can show it among its variables; a provider as it is."""
    return access_token if access_token is None or callable(access_token) else Secret(access_token)


def _check_access_token(hidden: Any) -> Any:
    if isinstance(hidden, Secret):
        check_token(hidden.reveal())
    return hidden


def _check_deadline(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"deadline must be seconds as a number, not {type(value).__name__}")
    if not value > 0:
        raise ValueError(f"deadline must be more than 0 seconds, not {value}")
    return value


def _check_retries(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"max_retries must be an int, not {type(value).__name__}")
    if value < 0:
        raise ValueError(f"max_retries must not be negative, and {value} is; 0 sends every request once")
    return value
