"""The clients that file systems share, and the accounts of each event loop."""

from __future__ import annotations

import asyncio
import os
import weakref
from typing import TYPE_CHECKING, NamedTuple

from .._client import AsyncHubSpotFiles
from .._fork import renew_after_fork
from ._account import Account
from ._token_sources import HeldToken, TokenSource, environment_token

if TYPE_CHECKING:
    from .._operations.versions import ApiVersion


class ClientOptions(NamedTuple):
    """The options of a client, by which file systems share it.

    Attributes:
        source: where the token comes from.
        base_url, api_version: see AsyncHubSpotFiles.
    """

    source: TokenSource
    base_url: str | None
    api_version: ApiVersion | None


class Environment(NamedTuple):
    """The options that the environment sets at present."""

    token: HeldToken | None
    base_url: str | None
    api_version: str | None


def environment() -> Environment:
    """Return the options that the environment sets at present. A change of it needs another client."""
    return Environment(environment_token(), os.environ.get("HUBSPOT_BASE_URL"), os.environ.get("HUBSPOT_API_VERSION"))


class SharedClients:
    """The clients of this process, by their options, and the accounts of each event loop."""

    def __init__(self) -> None:
        self._clients: dict[tuple[ClientOptions, Environment], AsyncHubSpotFiles] = {}
        self._accounts: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[AsyncHubSpotFiles, Account]]
        self._accounts = weakref.WeakKeyDictionary()
        renew_after_fork(self)

    def renew(self) -> None:
        """Start without accounts in a forked child, where the event loops of the parent do not run."""
        self._accounts = weakref.WeakKeyDictionary()

    def client(self, options: ClientOptions) -> AsyncHubSpotFiles:
        """Return the client for options, which keeps below the account's rate limit.

        Raises:
            ValueError, TypeError: an option is not valid, or there is no token.
            PermissionError: the token file cannot be read.
        """
        key = options, environment()
        client = self._clients.get(key)
        if client is None:
            source, base_url, api_version = options
            token = source.access_token(base_url)
            client = AsyncHubSpotFiles(token, base_url=base_url, api_version=api_version, pace=True)
            client = self._clients.setdefault(key, client)
        return client

    def account(self, options: ClientOptions) -> Account:
        """Return the account for options on the running event loop.

        Raises:
            ValueError, TypeError, PermissionError: see `client`.
        """
        client = self.client(options)
        accounts = self._accounts.setdefault(asyncio.get_running_loop(), {})
        if client not in accounts:
            accounts[client] = Account(client)
        return accounts[client]

    def forget(self) -> None:
        """Forget all clients, and the changes that searches may not show yet. Close idle connections."""
        accounts = list(self._accounts.items())
        self._clients.clear()
        self._accounts.clear()
        for loop, clients in accounts:
            if loop.is_running() and loop is not asyncio._get_running_loop():
                for client in clients:
                    asyncio.run_coroutine_threadsafe(client._http.connections.close_idle(), loop).result()


SHARED_CLIENTS = SharedClients()
