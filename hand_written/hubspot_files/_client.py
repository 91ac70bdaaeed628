"""The two clients: where the token, the connections and the settings come together."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import httpx

from ._drivers import (
    DEFAULT_TIMEOUT,
    AsyncDriver,
    AsyncTokenProvider,
    SyncDriver,
    Timeout,
    TokenProvider,
    check_token,
)
from ._files import AsyncFiles, Files
from ._folders import AsyncFolders, Folders
from ._urls import check_base_url

DEFAULT_BASE_URL: Final = "https://api.hubapi.com"
DEFAULT_MAX_RETRIES: Final = 4


class Settings(NamedTuple):
    """What the flows need to know of their client.

    Attributes:
        max_retries: how often a request that failed is sent again at the most.
        refreshable: whether the token comes from a provider that can be asked again.
    """

    max_retries: int
    refreshable: bool


class _Options(NamedTuple):
    """What a client was made with, checked, so that a copy can change a part of it."""

    access_token: Any
    base_url: str
    timeout: httpx.Timeout
    max_retries: int

    @classmethod
    def of(cls, access_token: Any, base_url: str | None, timeout: Timeout, max_retries: int | None) -> Self:
        if access_token is None:
            access_token = os.environ.get("HUBSPOT_ACCESS_TOKEN", "")
            if not access_token:
                raise ValueError(
                    "no access token: pass access_token=, that of a private app or a callable that returns one, or set "
                    "HUBSPOT_ACCESS_TOKEN"
                )
        return cls(
            access_token if callable(access_token) else check_token(access_token),
            check_base_url(base_url or os.environ.get("HUBSPOT_BASE_URL") or DEFAULT_BASE_URL),
            DEFAULT_TIMEOUT if timeout is None else httpx.Timeout(timeout),
            DEFAULT_MAX_RETRIES if max_retries is None else _check_retries(max_retries),
        )

    def settings(self) -> Settings:
        return Settings(self.max_retries, callable(self.access_token))


class HubSpotFiles:
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

    files: Files
    folders: Folders

    def __init__(
        self,
        access_token: str | TokenProvider | None = None,
        *,
        base_url: str | None = None,
        timeout: Timeout = None,
        max_retries: int | None = None,
        http_client: httpx.Client | None = None,
    ) -> None:
        if http_client is not None and not isinstance(http_client, httpx.Client):
            raise TypeError(f"http_client must be an httpx.Client, not {type(http_client).__name__}")
        self._options = _Options.of(access_token, base_url, timeout, max_retries)
        self._connect(SyncDriver(*self._options[1:3], self._options.access_token, http_client))

    def _connect(self, driver: SyncDriver) -> None:
        self._driver = driver
        settings = self._options.settings()
        self.files = Files(driver, settings)
        self.folders = Folders(driver, settings)

    def close(self) -> None:
        """Close the connections, but not those of an http_client of yours."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._options.base_url}>"


class AsyncHubSpotFiles:
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

    files: AsyncFiles
    folders: AsyncFolders

    def __init__(
        self,
        access_token: str | AsyncTokenProvider | None = None,
        *,
        base_url: str | None = None,
        timeout: Timeout = None,
        max_retries: int | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise TypeError(f"http_client must be an httpx.AsyncClient, not {type(http_client).__name__}")
        self._options = _Options.of(access_token, base_url, timeout, max_retries)
        self._connect(AsyncDriver(*self._options[1:3], self._options.access_token, http_client))

    def _connect(self, driver: AsyncDriver) -> None:
        self._driver = driver
        settings = self._options.settings()
        self.files = AsyncFiles(driver, settings)
        self.folders = AsyncFolders(driver, settings)

    async def close(self) -> None:
        """Close the connections, but not those of an http_client of yours."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._options.base_url}>"


def _check_retries(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"max_retries must be an int, not {type(value).__name__}")
    if value < 0:
        raise ValueError(f"max_retries must not be negative, and {value} is; 0 sends every request once")
    return value
