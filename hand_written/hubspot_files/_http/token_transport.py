"""Transports that send the requests of others with the client's token, to its base URL and nowhere else."""

from __future__ import annotations

from typing import NoReturn

import anyio
import httpx

from .._redaction import Secret
from .async_bodies import read_response_async
from .async_driver import AsyncDriver
from .bodies import read_response
from .driver import SyncDriver
from .failures import sanitized
from .redaction import copied_response, redacted_response


class TokenTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends requests with the token of a driver, to its base URL and nowhere else."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        _check(request, self._driver.base_url)
        token = self._driver.get_token()
        try:
            response = self._driver.open(_with_token(request, token))
            # Read here: when that fails, the frames of httpx hold a part of it, which may be a signed URL; and httpx
            # decodes without a limit.
            try:
                body, problem = read_response(response)
            finally:
                response.close()
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            raise sanitized(error) from error.__cause__
        return _response(response, body, problem, request, token)

    async def handle_async_request(self, request: httpx.Request) -> NoReturn:
        raise TypeError(
            "hubspot.api of HubSpotFiles is synchronous; asyncio() and asyncio_detailed() take AsyncHubSpotFiles"
        )


class AsyncTokenTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends requests with the token of a driver, to its base URL and nowhere else."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        _check(request, self._driver.base_url)
        token = await self._driver.get_token()
        try:
            response = await self._driver.open(_with_token(request, token))
            # Read here: when that fails, the frames of httpx hold a part of it, which may be a signed URL; and httpx
            # decodes without a limit.
            try:
                body, problem = await read_response_async(response)
            finally:
                with anyio.CancelScope(shield=True):
                    await response.aclose()
        except BaseException as error:  # noqa: BLE001 - raised again, without what it must not show
            raise sanitized(error) from error.__cause__
        return _response(response, body, problem, request, token)

    def handle_request(self, request: httpx.Request) -> NoReturn:
        raise TypeError(
            "hubspot.api of AsyncHubSpotFiles is asynchronous; sync() and sync_detailed() take HubSpotFiles"
        )


def _response(
    response: httpx.Response, body: bytes, problem: str | None, request: httpx.Request, token: Secret
) -> httpx.Response:
    """The response that the generated client gets: read, and where it is an error without the secrets that it repeats.

    Raises:
        httpx.DecodingError: there is no body, for the given reason.
    """
    if problem is not None:
        raise httpx.DecodingError(f"the response is {problem}", request=request)
    if response.is_error:
        return redacted_response(response, body, request, [token])
    return copied_response(response, response.headers, body, request)


def _check(request: httpx.Request, base_url: str) -> None:
    """Make sure that a request goes to the base URL, with no other token.

    Raises:
        ValueError: it does not.
    """
    url, base = request.url, httpx.URL(base_url)
    if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
        raise ValueError(f"hubspot.api sends to {base_url} only, where its token belongs, and not to {url.host}")
    if request.headers["host"].encode() != url.netloc:
        raise ValueError(f"hubspot.api sends to {base_url} only: leave out the header Host, which is set from the URL")
    if request.headers.get("authorization", "Bearer").strip() != "Bearer":
        raise ValueError(
            "hubspot.api sends the token of its client: leave out the header Authorization; "
            "with_options(access_token=...).api sends another"
        )


def _with_token(request: httpx.Request, token: Secret) -> httpx.Request:
    """The request to send: a copy, because those who read the response or its error hold the request itself."""
    sent = httpx.Request(
        request.method, request.url, headers=request.headers, stream=request.stream, extensions=request.extensions
    )
    # What else httpx can decode it would decode without a limit.
    sent.headers["accept-encoding"] = "gzip"
    sent.headers["authorization"] = f"Bearer {token.reveal()}"
    return sent
