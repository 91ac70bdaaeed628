"""The clients that file systems share, and the accounts of each event loop."""

from __future__ import annotations

import asyncio
import os
import weakref
from typing import TYPE_CHECKING, NamedTuple

from .._client import AsyncHubSpotFiles
from .account import Account
from .token_sources import HeldToken, TokenSource, environment_token

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


_clients: dict[tuple[ClientOptions, Environment], AsyncHubSpotFiles] = {}
_accounts: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[AsyncHubSpotFiles, Account]] = (
    weakref.WeakKeyDictionary()
)


def shared_client(options: ClientOptions) -> AsyncHubSpotFiles:
    """Return the client for options, which keeps below the account's rate limit.

    Raises:
        ValueError, TypeError: an option is not valid, or there is no token.
        PermissionError: the token file cannot be read.
    """
    key = options, environment()
    client = _clients.get(key)
    if client is None:
        source, base_url, api_version = options
        token = source.access_token(base_url)
        client = AsyncHubSpotFiles(token, base_url=base_url, api_version=api_version, pace=True)
        client = _clients.setdefault(key, client)
    return client


def shared_account(client: AsyncHubSpotFiles) -> Account:
    """Return the account of a client on the running event loop."""
    accounts = _accounts.setdefault(asyncio.get_running_loop(), {})
    if client not in accounts:
        accounts[client] = Account(client)
    return accounts[client]


def forget_clients() -> None:
    """Forget all clients, and the changes that searches may not show yet."""
    _clients.clear()
    _accounts.clear()
