"""The generated client on the connections of ours: `hubspot.api`."""

from __future__ import annotations

import httpx

from hubspot_files_api import AuthenticatedClient

from ._async_driver import AsyncDriver
from ._http import without_frames
from ._sync_driver import SyncDriver


class _Transport(httpx.BaseTransport):
    """Sends the generated client's requests with the token of ours, to our base URL and nowhere else."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        _check_origin(request, self._driver.base_url)
        request.headers["authorization"] = f"Bearer {self._driver.get_token().reveal()}"
        try:
            return self._driver.open(request)
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            raise without_frames(error) from error.__cause__


class _AsyncTransport(httpx.AsyncBaseTransport):
    """Sends the generated client's requests with the token of ours, to our base URL and nowhere else."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        _check_origin(request, self._driver.base_url)
        request.headers["authorization"] = f"Bearer {(await self._driver.get_token()).reveal()}"
        try:
            return await self._driver.open(request)
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            raise without_frames(error) from error.__cause__


def generated_client(driver: SyncDriver) -> AuthenticatedClient:
    """A generated client for synchronous calls."""
    client = httpx.Client(base_url=driver.base_url, transport=_Transport(driver), timeout=driver.timeout)
    return _facade(driver.base_url).set_httpx_client(client)


def generated_async_client(driver: AsyncDriver) -> AuthenticatedClient:
    """A generated client for asynchronous calls."""
    client = httpx.AsyncClient(base_url=driver.base_url, transport=_AsyncTransport(driver), timeout=driver.timeout)
    return _facade(driver.base_url).set_async_httpx_client(client)


def _facade(base_url: str) -> AuthenticatedClient:
    # The token is put on each request by the transport, which asks for a fresh one; there is none to hold here.
    return AuthenticatedClient(base_url=base_url, token="")


def _check_origin(request: httpx.Request, base_url: str) -> None:
    base = httpx.URL(base_url)
    if (request.url.scheme, request.url.host, request.url.port) != (base.scheme, base.host, base.port):
        raise ValueError(
            f"hubspot.api sends to {base_url} only, where its token belongs, and not to {request.url.host}"
        )
