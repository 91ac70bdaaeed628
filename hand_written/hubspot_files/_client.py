"""The two clients: where the token, the connections and the settings come together."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

import httpx

from ._clock import Clock
from ._engine.context import start_call
from ._engine.effects import Flow
from ._engine.methods import AsyncResource, SyncResource, operation
from ._engine.responses import Response
from ._engine.retry import send
from ._engine.settings import OnResponse, Settings, as_secret, new_settings
from ._http.connections import Connections
from ._http.driver import SyncDriver
from ._http.timeouts import Timeout
from ._http.tokens import AsyncTokenProvider, TokenProvider
from ._operations.prepared_call import check_readable
from .resources.base import client_part
from .resources.files import AsyncFiles, Files
from .resources.folders import AsyncFolders, Folders

if TYPE_CHECKING:
    from hubspot_files_api import AuthenticatedClient

    from ._http.async_connections import AsyncConnections
    from ._http.async_driver import AsyncDriver


class ClientOperations:
    """The operations of the clients themselves."""

    _settings: Settings

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
            params: the query; values are str, int, float or bool, or lists of these, and those that are None are left
                out.
            json: what to send as JSON, or None.
            headers: further headers. Those that the client sets itself are refused: Authorization, Host,
                Accept-Encoding, and all that say where the body ends and what becomes of the connection.
            timeout: seconds, or an httpx.Timeout, for each step of the connection; None is the client's.

        Returns:
            The answer: `status_code`, `headers`, `content` and `json()`. Its status is 200 to 299, but for the 404 of a
            DELETE that was sent again after an attempt that may have been acted on: it is not there any more.

        Raises:
            APIError: HubSpot answered with an error, by status.
            ConnectionFailedError: there was no answer.
            OutcomeUnknownError: the connection failed after all was sent, or the answer was a 5xx that does not tell.
            UnexpectedResponseError: it was done, but the answer is larger than 32 MiB or cannot be decoded.
            ValueError: method is not valid, path is not one on this API, or params, json or headers cannot be sent.
            TypeError: params, json or headers hold a value of a type that cannot be sent.
        """
        from ._operations.custom_request import check_request

        request, idempotency = check_request(method, path, params=params, json=json, headers=headers)
        context = yield from start_call(self._settings, timeout)
        response = yield from send(context, request, idempotency)
        check_readable(request.label, response)
        return Response(response.status, response.headers, response.body)

    def __repr__(self) -> str:
        # A traceback with variables also shows one that could not be made.
        settings: Settings | None = vars(self).get("_settings")
        return f"<{type(self).__name__} {settings.base_url if settings else 'that is not made'}>"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a client holds a token and connections, and is not pickled; make one where it is needed")


class HubSpotFiles(ClientOperations, SyncResource):
    """HubSpot's Files API. Safe to share between threads, and usable in forked processes, each on its own connections.

    Args:
        access_token: token of a private app, an OAuth access token, or a callable that returns one, which is asked
            before each request; HUBSPOT_ACCESS_TOKEN where it is left out.
        base_url: where the API is; HUBSPOT_BASE_URL or https://api.hubapi.com where it is left out. It must be https,
            but for this machine itself.
        timeout: seconds, or an httpx.Timeout, for each step of a connection: 10 to connect and 60 for the others where
            it is left out.
        max_retries: how often a request that failed is sent again where that is safe; 4 where it is left out.
        on_response: called with a ResponseInfo for each response of the API, such as to read its rate-limit headers.
        deadline: seconds that each request may take with all its retries and waits, and with the lookup after an upload
            or a new folder whose response was lost; no limit if it is left out. A timeout is for each step of a
            connection and never sees a server that sends a byte now and then.
        pace: True waits before requests so that all of this client and its copies together stay under the rate limit
            that the headers of HubSpot's responses name.
        http_client: an httpx.Client of yours to send with, which stays open.
        clock: the time that the client lives by, for tests; see `hubspot_files.testing`.

    Raises:
        ValueError: no token or one that no header can hold, a base_url that is not https, or a timeout of no time.
        TypeError: a value of the wrong type.

    Attributes:
        files: operations on files.
        folders: operations on folders.
    """

    files: Files = client_part(Files)
    folders: Folders = client_part(Folders)
    # The driver by its own type, which has more than the steps of operations.
    _http: SyncDriver

    def __init__(
        self,
        access_token: str | TokenProvider | None = None,
        *,
        base_url: str | None = None,
        timeout: Timeout = None,
        max_retries: int | None = None,
        on_response: OnResponse | None = None,
        deadline: float | None = None,
        pace: bool | None = None,
        http_client: httpx.Client | None = None,
        clock: Clock | None = None,
    ) -> None:
        token = as_secret(access_token)
        # A traceback with variables shows those of this frame.
        del access_token
        if http_client is not None and not isinstance(http_client, httpx.Client):
            raise TypeError(f"http_client must be an httpx.Client, not {type(http_client).__name__}")
        settings = new_settings(
            base_url,
            clock,
            access_token=token,
            timeout=timeout,
            max_retries=max_retries,
            on_response=on_response,
            deadline=deadline,
            pace=pace,
        )
        self._connect(settings, Connections(http_client), owner=True)

    def _connect(self, settings: Settings, connections: Connections, *, owner: bool) -> None:
        self._settings = settings
        self._owner = owner
        self._driver = self._http = SyncDriver(
            connections, settings.base_url, settings.timeout, settings.clock, settings.access_token
        )
        self.files = Files(self._driver, settings)
        self.folders = Folders(self._driver, settings)

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
        """Return a client with other options on the same connections; those that are left out stay as they are.

        Args:
            access_token, timeout, max_retries, on_response, deadline: see the class.
            pace: see the class; False stops waiting.

        Returns:
            The copy. Closing it ends the copy only: the connections belong to the client that it is made from, and
            end with that one.

        Raises:
            ValueError, TypeError: see the class.
            ClientStateError: this client is closed.
        """
        token = as_secret(access_token)
        # A traceback with variables shows those of this frame.
        del access_token
        self._http.check_open()
        copy = object.__new__(type(self))
        settings = self._settings.replaced(
            access_token=token,
            timeout=timeout,
            max_retries=max_retries,
            on_response=on_response,
            deadline=deadline,
            pace=pace,
        )
        copy._connect(settings, self._http.connections, owner=False)
        return copy

    @property
    def api(self) -> AuthenticatedClient:
        """The generated client of `hubspot_files_api`, on the connections of this one: its URL, its token, no retries.

        `from hubspot_files_api.api.files import get_file; get_file.sync_detailed("1", client=hubspot.api)`

        The token is put on each request as it is sent: no request, response or error that the caller gets holds it.
        """
        from ._operations.generated_client import generated_client

        return generated_client(self._http)

    def close(self) -> None:
        """End the client. Every later call that would send, or copy it, raises ClientStateError.

        This closes the connections, also under the copies that `with_options` has made, but not an http_client of
        yours. Closing a copy ends that copy only.
        """
        self._http.closed = True
        if self._owner:
            self._http.connections.close()

    def __enter__(self) -> Self:
        self._http.check_open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncHubSpotFiles(ClientOperations, AsyncResource):
    """HubSpot's Files API, asynchronously, on asyncio and on trio. Each event loop has its own connections.

    Args:
        access_token: see HubSpotFiles; the callable may be a coroutine function.
        base_url: see HubSpotFiles.
        timeout: see HubSpotFiles.
        max_retries: see HubSpotFiles.
        on_response, deadline, pace: see HubSpotFiles.
        http_client: an httpx.AsyncClient of yours to send with, which stays open.
        clock: see HubSpotFiles.

    Raises:
        ValueError: no token or one that no header can hold, a base_url that is not https, or a timeout of no time.
        TypeError: a value of the wrong type.

    Attributes:
        files: operations on files.
        folders: operations on folders.
    """

    files: AsyncFiles = client_part(AsyncFiles)
    folders: AsyncFolders = client_part(AsyncFolders)
    _http: AsyncDriver

    def __init__(
        self,
        access_token: str | AsyncTokenProvider | None = None,
        *,
        base_url: str | None = None,
        timeout: Timeout = None,
        max_retries: int | None = None,
        on_response: OnResponse | None = None,
        deadline: float | None = None,
        pace: bool | None = None,
        http_client: httpx.AsyncClient | None = None,
        clock: Clock | None = None,
    ) -> None:
        token = as_secret(access_token)
        # A traceback with variables shows those of this frame.
        del access_token
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise TypeError(f"http_client must be an httpx.AsyncClient, not {type(http_client).__name__}")
        settings = new_settings(
            base_url,
            clock,
            access_token=token,
            timeout=timeout,
            max_retries=max_retries,
            on_response=on_response,
            deadline=deadline,
            pace=pace,
        )
        # Programs without asyncio need not wait until anyio is imported.
        from ._http.async_connections import AsyncConnections

        self._connect(settings, AsyncConnections(http_client), owner=True)

    def _connect(self, settings: Settings, connections: AsyncConnections, *, owner: bool) -> None:
        from ._http.async_driver import AsyncDriver

        self._settings = settings
        self._owner = owner
        self._driver = self._http = AsyncDriver(
            connections, settings.base_url, settings.timeout, settings.clock, settings.access_token
        )
        self.files = AsyncFiles(self._driver, settings)
        self.folders = AsyncFolders(self._driver, settings)

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
        """Return a client with other options on the same connections; those that are left out stay as they are.

        Args:
            access_token, timeout, max_retries, on_response, deadline: see the class.
            pace: see the class; False stops waiting.

        Returns:
            The copy. Closing it ends the copy only: the connections belong to the client that it is made from, and
            end with that one.

        Raises:
            ValueError, TypeError: see the class.
            ClientStateError: this client is closed.
        """
        token = as_secret(access_token)
        # A traceback with variables shows those of this frame.
        del access_token
        self._http.check_open()
        copy = object.__new__(type(self))
        settings = self._settings.replaced(
            access_token=token,
            timeout=timeout,
            max_retries=max_retries,
            on_response=on_response,
            deadline=deadline,
            pace=pace,
        )
        copy._connect(settings, self._http.connections, owner=False)
        return copy

    @property
    def api(self) -> AuthenticatedClient:
        """The generated client of `hubspot_files_api`, on the connections of this one: its URL, its token, no retries.

        `from hubspot_files_api.api.files import get_file; await get_file.asyncio_detailed("1", client=hubspot.api)`

        The token is put on each request as it is sent: no request, response or error that the caller gets holds it.
        """
        from ._operations.generated_client import generated_async_client

        return generated_async_client(self._http)

    async def close(self) -> None:
        """End the client. Every later call that would send, or copy it, raises ClientStateError.

        This closes the connections, also under the copies that `with_options` has made, but not an http_client of
        yours. Closing a copy ends that copy only.
        """
        self._http.closed = True
        if self._owner:
            await self._http.connections.close()

    async def __aenter__(self) -> Self:
        self._http.check_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
