"""The driver of the asynchronous client, on asyncio and on trio."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeVar, cast

import anyio
import anyio.to_thread
import httpx

from .._clock import Clock
from .._redaction import Secret
from .async_bodies import GROUP_SIZE, AsyncRequestBody, read_response_async, read_up_to_async, write_group
from .async_connections import AsyncConnections, LoopLock
from .base_driver import BaseDriver
from .failures import NoResponseError, body_failure, deadline_error, request_failure, sanitized
from .messages import ReceivedResponse, Request, StreamedResponse
from .timeouts import StepTimeouts, Timeout
from .tokens import AsyncTokenProvider, RenewingProvider, check_token

T = TypeVar("T")


class AsyncStreamedResponse:
    """A response whose body is not read yet."""

    def __init__(self, response: httpx.Response, check: Callable[[], None], deadline: float | None) -> None:
        self.response = response
        self.check = check
        self.deadline = deadline
        self.status = response.status_code
        self.headers = response.headers
        # A hook of the caller's client may have read the body. Then httpx has only the decoded bytes. Otherwise it is
        # read from the transport directly.
        stream = cast("httpx.AsyncByteStream", response.stream)
        self.chunks = response.aiter_bytes() if response.is_stream_consumed else aiter(stream)


class AsyncDriver(BaseDriver):
    """Driver that performs effects asynchronously, on asyncio and on trio."""

    def __init__(
        self,
        connections: AsyncConnections,
        base_url: str,
        timeout: StepTimeouts,
        clock: Clock,
        token: Secret | AsyncTokenProvider,
    ) -> None:
        super().__init__(connections, base_url, timeout, clock, token)
        self.connections = connections

    def _body(self, stream: Any, request: Request, deadline: float | None) -> Any:
        return AsyncRequestBody(stream, self.deadline_check(deadline), from_disk=request.upload is not None)

    @contextlib.contextmanager
    def _until(self, deadline: float | None) -> Generator[None, None, None]:
        """Cancel the context at the deadline. The timeouts of single steps do not limit a slow body as a whole.

        Raises:
            httpx.ReadTimeout: the deadline has passed.
        """
        if deadline is None:
            yield
            return
        with self._scope(deadline) as scope:
            yield
        if scope.cancelled_caught:
            raise deadline_error()

    def _scope(self, deadline: float | None) -> anyio.CancelScope:
        return anyio.move_on_after(None if deadline is None else max(deadline - self.clock.monotonic(), 0.0))

    async def open(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the response before its body is read.

        Raises:
            ClientStateError: the client is closed.
            httpx.TransportError: there is no response.
        """
        self.check_open()
        return await self.connections.open(request)

    async def send(
        self, request: Request, token: Secret | None, timeout: Timeout, deadline: float | None
    ) -> ReceivedResponse:
        built = self._request(self.connections.client, request, token, timeout, deadline)
        sent_at = self.clock.monotonic()
        try:
            with self._until(deadline):
                response = await self.open(built)
                try:
                    body, problem = await read_response_async(response, self.deadline_check(deadline))
                finally:
                    with anyio.CancelScope(shield=True):
                        await response.aclose()
        except httpx.TransportError as error:
            raise request_failure(built, error) from None
        except BaseException as error:  # noqa: BLE001 - it is raised again, without secrets
            raise sanitized(error) from error.__cause__
        seconds = self.clock.monotonic() - sent_at
        return ReceivedResponse(
            response.status_code, response.headers, body, sent_at, seconds, request.secrets(token), problem
        )

    async def get_token(self) -> Secret:
        self.check_open()
        if isinstance(self._token, Secret):
            return self._token
        if isinstance(self._token, RenewingProvider):
            return await self._token._current_async()
        token = self._token()
        try:
            if inspect.isawaitable(token):
                token = await token
            return Secret(check_token(token))
        finally:
            # A traceback can show variables.
            del token

    async def fetch(
        self, url: Secret, headers: dict[str, str], token: Secret | None, timeout: Timeout, deadline: float | None
    ) -> AsyncStreamedResponse:
        built = self._fetch_request(url, headers, token, timeout, deadline)
        try:
            with self._until(deadline):
                response = await self.open(built)
        except httpx.TransportError as error:
            raise body_failure(error, built) from None
        except BaseException as error:  # noqa: BLE001 - it is raised again, without secrets
            raise sanitized(error) from error.__cause__
        finally:
            # A traceback can show variables.
            del built
        return AsyncStreamedResponse(response, self.deadline_check(deadline), deadline)

    async def save(self, response: StreamedResponse, write: Callable[[bytes], object]) -> None:
        assert isinstance(response, AsyncStreamedResponse)
        more = True
        while more:
            group, lost = await self._group(response)
            # Chunks that were received before a cut are kept, to request only the rest.
            with self._scope(response.deadline) as scope:
                await write_group(write, group)
            if scope.cancelled_caught:
                raise NoResponseError(deadline_error(), fully_sent=True)
            if lost is not None:
                raise lost from None
            more = bool(group)

    async def _group(self, response: AsyncStreamedResponse) -> tuple[list[bytes], NoResponseError | None]:
        """Return the chunks for the next call of a worker thread, and the failure after them, if any."""
        group: list[bytes] = []
        size = 0
        try:
            with self._until(response.deadline):
                async for chunk in response.chunks:
                    response.check()
                    group.append(chunk)
                    size += len(chunk)
                    if size >= GROUP_SIZE:
                        break
        except httpx.TransportError as error:
            return group, body_failure(error)
        return group, None

    async def next_chunk(self, response: StreamedResponse) -> bytes:
        assert isinstance(response, AsyncStreamedResponse)
        try:
            response.check()
            with self._until(response.deadline):
                async for chunk in response.chunks:
                    if chunk:  # an empty one is not the end
                        return chunk
            return b""
        except httpx.TransportError as error:
            raise body_failure(error) from None

    async def drain(self, response: StreamedResponse, limit: int) -> bytes:
        assert isinstance(response, AsyncStreamedResponse)
        try:
            with self._until(response.deadline):
                return await read_up_to_async(limit, response.chunks, response.check)
        except httpx.TransportError as error:
            raise body_failure(error) from None
        except BaseException as error:  # noqa: BLE001 - it is raised again, without secrets
            raise sanitized(error) from error.__cause__

    async def discard(self, response: StreamedResponse) -> None:
        assert isinstance(response, AsyncStreamedResponse)
        with anyio.CancelScope(shield=True):
            await response.response.aclose()

    async def close_idle(self) -> None:
        await self.connections.close_idle()

    async def now(self) -> float:
        return self.clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self.clock.sleep_async(seconds)

    async def new_lock(self) -> LoopLock:
        return LoopLock()

    async def acquire(self, lock: object, deadline: float | None) -> None:
        assert isinstance(lock, LoopLock)
        try:
            with self._until(deadline):
                await lock.acquire()
        except httpx.ReadTimeout as error:
            raise NoResponseError(error, fully_sent=False) from None

    async def run_blocking(self, function: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(function)

    async def clean_up(self, function: Callable[[], object]) -> None:
        try:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(function)
        except anyio.get_cancelled_exc_class():
            # The cancellation of asyncio ignores the shield, and can come before the thread has started.
            function()
            raise

    async def wait_for(self, awaitable: Awaitable[T], refusal: str, deadline: float | None) -> T:
        with self._scope(deadline):
            return await awaitable
        raise NoResponseError(deadline_error(), fully_sent=True)
