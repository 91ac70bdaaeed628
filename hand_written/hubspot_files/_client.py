"""The two clients, which hold the token, the connections and the settings."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

import httpx

from ._clock import Clock
from ._engine.settings import OnResponse, Settings, new_settings, wrap_token
from ._errors import ArgumentTypeError
from ._fork import import_before_fork
from ._http.connections import Connections, check_http_client
from ._http.driver import SyncDriver
from ._http.timeouts import Timeout
from ._http.tokens import AsyncTokenProvider, TokenProvider
from ._operations.versions import ApiVersion, check_api_version
from .resources.base import client_part
from .resources.files import AsyncFiles, Files
from .resources.folders import AsyncFolders, Folders
from .resources.requests import AsyncRequests, Requests

# Imported on first use, because most programs do not need it.
import_before_fork("hubspot_files.transfers")

if TYPE_CHECKING:
    from hubspot_files_api import AuthenticatedClient

    from ._http.async_connections import AsyncConnections
    from ._http.async_driver import AsyncDriver
    from .transfers.resource import AsyncTransfers, Transfers


class _Client:
    """The representation of both clients."""

    def __repr__(self) -> str:
        # A traceback with variables also shows a client whose constructor failed.
        settings: Settings | None = vars(self).get("_settings")
        return f"<{type(self).__name__} {settings.base_url if settings else 'not initialized'}>"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a client holds a token and connections, and cannot be pickled; make one where it is needed")


class HubSpotFiles(_Client, Requests):
    """Client for HubSpot's Files API.

    Threads can share a client. Forked processes can use it, too: each has its own connections.

    Args:
        access_token: a Service Key or the token of a private app; OAuthCredentials; or a callable that returns a token
            and is called before each request. By default, HUBSPOT_ACCESS_TOKEN of the environment.
        base_url: URL of the API, which must be https except on this machine or with a token of the emulator. By
            default, HUBSPOT_BASE_URL of the environment or https://api.hubapi.com.
        api_version: version of the API, such as `2026-03`. One that this package does not know yet, such as `2027-03`,
            is used as the newest that it knows. By default, HUBSPOT_API_VERSION of the environment or `v3`.
        timeout: seconds, or an httpx.Timeout, for each step of a connection. By default, 10 seconds to connect and 60
            for each other step.
        max_retries: maximum number of retries of a failed request, by default 4. Requests that are not idempotent are
            retried only if HubSpot cannot have acted on them.
        on_response: called with a ResponseInfo for each response of the API, such as to read its rate-limit headers.
        deadline: seconds for a whole call, with its retries, its waits, and the lookup after an upload or a new folder
            whose response was lost. By default, no limit.
        pace: True delays requests to keep this client and its copies together under the account's rate limit, which is
            read from the headers of HubSpot's responses.
        http_client: an httpx.Client of yours to send requests with. It stays open when this client is closed.
        clock: source of time, for tests; see `hubspot_files.testing`.

    Raises:
        ValueError: there is no token, or a token, a base_url, an api_version, a timeout, a deadline or max_retries that
            is not valid.
        TypeError: a value of the wrong type.

    Attributes:
        files: operations on files.
        folders: operations on folders.
        transfers: transfers of many files.
    """

    files: Files = client_part(Files)
    folders: Folders = client_part(Folders)
    # The same object as _driver, with the type that has more than the steps of operations.
    _http: SyncDriver

    def __init__(
        self,
        access_token: str | TokenProvider | None = None,
        *,
        base_url: str | None = None,
        api_version: ApiVersion | None = None,
        timeout: Timeout = None,
        max_retries: int | None = None,
        on_response: OnResponse | None = None,
        deadline: float | None = None,
        pace: bool | None = None,
        http_client: httpx.Client | None = None,
        clock: Clock | None = None,
    ) -> None:
        token = wrap_token(access_token)
        # A traceback with variables shows the variables of this frame.
        del access_token
        check_http_client(http_client)
        settings = new_settings(
            base_url,
            check_api_version(api_version),
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
        api_version: ApiVersion | None = None,
        timeout: Timeout = None,
        max_retries: int | None = None,
        on_response: OnResponse | None = None,
        deadline: float | None = None,
        pace: bool | None = None,
    ) -> Self:
        """Return a copy of this client with other options, on the same connections.

        Args:
            access_token, api_version, timeout, max_retries, on_response, deadline: see the class. None keeps that of
                the client.
            pace: see the class. False turns pacing off.

        Returns:
            The copy. Closing it closes the copy only. The connections belong to the original client and are closed with
            it.

        Raises:
            ValueError, TypeError: see the class.
            ClientStateError: this client is closed.
        """
        token = wrap_token(access_token)
        # A traceback with variables shows the variables of this frame.
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
        if api_version is not None:
            settings = settings._replace(api_version=check_api_version(api_version))
        copy._connect(settings, self._http.connections, owner=False)
        return copy

    @property
    def transfers(self) -> Transfers:
        """Transfers of many files, such as `hubspot.transfers.upload_folder("site/", "/library/site")`."""
        from .transfers.resource import Transfers

        return Transfers(self._driver, self._settings)

    @property
    def api(self) -> AuthenticatedClient:
        """The generated client of `hubspot_files_api`, with this client's URL, version, token and connections.

        `from hubspot_files_api.api.files import get_file; get_file.sync_detailed("1", client=hubspot.api)`

        It does not retry. The token is added to a copy of each request when it is sent. The requests, responses and
        errors that you get do not hold it.
        """
        from ._operations.generated_client import generated_client

        return generated_client(self._http, self._settings.api_version)

    def close(self) -> None:
        """Close the client and its connections. Later requests and copies raise ClientStateError.

        The copies that `with_options` returned cannot send any more, either. Closing a copy closes that copy only. An
        http_client of yours stays open.
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


class AsyncHubSpotFiles(_Client, AsyncRequests):
    """Asynchronous client for HubSpot's Files API, on asyncio and on trio. Each event loop has its own connections.

    Args:
        access_token: see HubSpotFiles. The callable may be a coroutine function.
        base_url, api_version, timeout, max_retries, on_response, deadline, pace: see HubSpotFiles.
        http_client: an httpx.AsyncClient of yours to send requests with. It stays open when this client is closed.
        clock: see HubSpotFiles.

    Raises:
        ValueError, TypeError: see HubSpotFiles.

    Attributes:
        files: operations on files.
        folders: operations on folders.
        transfers: transfers of many files.
    """

    files: AsyncFiles = client_part(AsyncFiles)
    folders: AsyncFolders = client_part(AsyncFolders)
    _http: AsyncDriver

    def __init__(
        self,
        access_token: str | AsyncTokenProvider | None = None,
        *,
        base_url: str | None = None,
        api_version: ApiVersion | None = None,
        timeout: Timeout = None,
        max_retries: int | None = None,
        on_response: OnResponse | None = None,
        deadline: float | None = None,
        pace: bool | None = None,
        http_client: httpx.AsyncClient | None = None,
        clock: Clock | None = None,
    ) -> None:
        token = wrap_token(access_token)
        # A traceback with variables shows the variables of this frame.
        del access_token
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise ArgumentTypeError(f"http_client must be an httpx.AsyncClient, not {type(http_client).__name__}")
        settings = new_settings(
            base_url,
            check_api_version(api_version),
            clock,
            access_token=token,
            timeout=timeout,
            max_retries=max_retries,
            on_response=on_response,
            deadline=deadline,
            pace=pace,
        )
        # Synchronous programs need not import anyio, which takes long.
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
        api_version: ApiVersion | None = None,
        timeout: Timeout = None,
        max_retries: int | None = None,
        on_response: OnResponse | None = None,
        deadline: float | None = None,
        pace: bool | None = None,
    ) -> Self:
        """Return a copy of this client with other options, on the same connections.

        Args:
            access_token, api_version, timeout, max_retries, on_response, deadline: see the class. None keeps that of
                the client.
            pace: see the class. False turns pacing off.

        Returns:
            The copy. Closing it closes the copy only. The connections belong to the original client and are closed with
            it.

        Raises:
            ValueError, TypeError: see the class.
            ClientStateError: this client is closed.
        """
        token = wrap_token(access_token)
        # A traceback with variables shows the variables of this frame.
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
        if api_version is not None:
            settings = settings._replace(api_version=check_api_version(api_version))
        copy._connect(settings, self._http.connections, owner=False)
        return copy

    @property
    def transfers(self) -> AsyncTransfers:
        """Transfers of many files, such as `hubspot.transfers.upload_folder("site/", "/library/site")`."""
        from .transfers.resource import AsyncTransfers

        return AsyncTransfers(self._driver, self._settings)

    @property
    def api(self) -> AuthenticatedClient:
        """The generated client of `hubspot_files_api`, with this client's URL, version, token and connections.

        `from hubspot_files_api.api.files import get_file; await get_file.asyncio_detailed("1", client=hubspot.api)`

        It does not retry. The token is added to a copy of each request when it is sent. The requests, responses and
        errors that you get do not hold it.
        """
        from ._operations.generated_client import generated_async_client

        return generated_async_client(self._http, self._settings.api_version)

    async def close(self) -> None:
        """Close the client and its connections. Later requests and copies raise ClientStateError.

        The copies that `with_options` returned cannot send any more, either. Closing a copy closes that copy only. An
        http_client of yours stays open.
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
