"""The generated client on the connections of ours: `hubspot.api`."""

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
    # The token is put on each request by the transport, which asks for a fresh one; this client holds none. Copies,
    # such as with_headers() makes, take the transport along.
    return AuthenticatedClient(
        base_url=driver.base_url, token="", timeout=driver.timeout, httpx_args={"transport": transport}
    )
