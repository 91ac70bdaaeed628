"""Transports that add the client's token to the requests of the generated client."""

from __future__ import annotations

from typing import NoReturn

import anyio
import httpx

from .._errors import ArgumentTypeError, ArgumentValueError
from .._redaction import Secret
from .async_bodies import read_response_async
from .async_driver import AsyncDriver
from .bodies import read_response
from .driver import SyncDriver
from .failures import sanitized
from .redaction import copied_response, redacted_response


class TokenTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Transport that sends requests with the token of a driver, to the base URL only."""

    def __init__(self, driver: SyncDriver) -> None:
        self._driver = driver

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        _check(request, self._driver.base_url)
        token = self._driver.get_token()
        try:
            response = self._driver.open(_with_token(request, token))
            # The body is read here, because httpx decodes without a limit, and its frames could show a part of a body
            # that contains a signed URL.
            try:
                body, problem = read_response(response)
            finally:
                response.close()
        except BaseException as error:  # noqa: BLE001 - it is raised again, without secrets
            raise sanitized(error) from error.__cause__
        if response.status_code == 401:
            self._driver.note_rejected(token, body)
        return _response(response, body, problem, request, token)

    async def handle_async_request(self, request: httpx.Request) -> NoReturn:
        raise ArgumentTypeError(
            "hubspot.api of HubSpotFiles is synchronous; asyncio() and asyncio_detailed() need AsyncHubSpotFiles"
        )


class AsyncTokenTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Transport that sends requests with the token of a driver, to the base URL only."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        _check(request, self._driver.base_url)
        token = await self._driver.get_token()
        try:
            response = await self._driver.open(_with_token(request, token))
            # The body is read here, because httpx decodes without a limit, and its frames could show a part of a body
            # that contains a signed URL.
            try:
                body, problem = await read_response_async(response)
            finally:
                with anyio.CancelScope(shield=True):
                    await response.aclose()
        except BaseException as error:  # noqa: BLE001 - it is raised again, without secrets
            raise sanitized(error) from error.__cause__
        if response.status_code == 401:
            self._driver.note_rejected(token, body)
        return _response(response, body, problem, request, token)

    def handle_request(self, request: httpx.Request) -> NoReturn:
        raise ArgumentTypeError(
            "hubspot.api of AsyncHubSpotFiles is asynchronous; sync() and sync_detailed() need HubSpotFiles"
        )


def _response(
    response: httpx.Response, body: bytes, problem: str | None, request: httpx.Request, token: Secret
) -> httpx.Response:
    """Return the response for the generated client, with its body. An error response is redacted.

    Raises:
        httpx.DecodingError: the body cannot be read.
    """
    if problem is not None:
        raise httpx.DecodingError(f"the response is {problem}", request=request)
    if response.is_error:
        return redacted_response(response, body, request, [token])
    return copied_response(response, response.headers, body, request)


def _check(request: httpx.Request, base_url: str) -> None:
    """Check that a request is for the base URL and has no other token.

    Raises:
        ValueError: it is for another host, or has a Host or an Authorization header of its own.
    """
    url, base = request.url, httpx.URL(base_url)
    if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port):
        raise ArgumentValueError(f"hubspot.api sends to {base_url} only, not to {url.host}")
    if request.headers["host"].encode() != url.netloc:
        raise ArgumentValueError(
            f"hubspot.api sends to {base_url} only: leave out the header Host, which is set from the URL"
        )
    if request.headers.get("authorization", "Bearer").strip() != "Bearer":
        raise ArgumentValueError(
            "hubspot.api sends the token of its client: leave out the header Authorization; "
            "with_options(access_token=...).api sends another"
        )


def _with_token(request: httpx.Request, token: Secret) -> httpx.Request:
    """Return a copy of a request with the token. The original request is visible in the response and in errors."""
    sent = httpx.Request(
        request.method, request.url, headers=request.headers, stream=request.stream, extensions=request.extensions
    )
    # httpx would decode other codings without a limit.
    sent.headers["accept-encoding"] = "gzip"
    sent.headers["authorization"] = f"Bearer {token.reveal()}"
    return sent
