"""The generated client on the connections of a client: `hubspot.api`."""

from __future__ import annotations

from hubspot_files_api import AuthenticatedClient

from .._http.async_driver import AsyncDriver
from .._http.driver import SyncDriver
from .._http.token_transport import AsyncTokenTransport, TokenTransport


def generated_client(driver: SyncDriver) -> AuthenticatedClient:
    """Return a generated client for synchronous calls."""
    return _on_transport(driver, TokenTransport(driver))


def generated_async_client(driver: AsyncDriver) -> AuthenticatedClient:
    """Return a generated client for asynchronous calls."""
    return _on_transport(driver, AsyncTokenTransport(driver))


def _on_transport(
    driver: SyncDriver | AsyncDriver, transport: TokenTransport | AsyncTokenTransport
) -> AuthenticatedClient:
    # The transport adds the current token to each request, and this client has none. Copies that methods such as
    # with_headers() return use the same transport.
    return AuthenticatedClient(
        base_url=driver.base_url, token="", timeout=driver.timeout, httpx_args={"transport": transport}
    )
