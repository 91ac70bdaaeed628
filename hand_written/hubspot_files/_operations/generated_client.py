"""The generated client on the connections of a client: `hubspot.api`."""

from __future__ import annotations

from typing import Any

from hubspot_files_api import AuthenticatedClient

from .._http.async_driver import AsyncDriver
from .._http.driver import SyncDriver
from .._http.token_transport import AsyncTokenTransport, TokenTransport
from .versions import in_version


class _Client(AuthenticatedClient):
    """The generated client, with the errors of this package for what its version lacks."""

    def in_version(self, operation: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        return in_version(self._api_version, operation, kwargs)


def generated_client(driver: SyncDriver, version: str) -> AuthenticatedClient:
    """Return a generated client for synchronous calls."""
    return _on_transport(driver, version, TokenTransport(driver))


def generated_async_client(driver: AsyncDriver, version: str) -> AuthenticatedClient:
    """Return a generated client for asynchronous calls."""
    return _on_transport(driver, version, AsyncTokenTransport(driver))


def _on_transport(
    driver: SyncDriver | AsyncDriver, version: str, transport: TokenTransport | AsyncTokenTransport
) -> AuthenticatedClient:
    # The transport adds the current token to each request, and this client has none. Copies that methods such as
    # with_headers() return use the same transport.
    return _Client(
        base_url=driver.base_url,
        token="",
        api_version=version,
        timeout=driver.timeout,
        httpx_args={"transport": transport},
    )
