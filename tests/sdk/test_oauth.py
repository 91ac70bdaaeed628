"""Credentials that renew their access token: when, how often, after which errors, and for whom."""

from __future__ import annotations

import asyncio
import base64
import copy
import hashlib
import pickle
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest

from hubspot_files import (
    APIError,
    AsyncHubSpotFiles,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    HubSpotFiles,
    InvalidGrantError,
    OAuthCredentials,
    OutcomeUnknownError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    TokenInfo,
    UnexpectedResponseError,
)
from hubspot_files.testing import serve
from hubspot_files_api.api.files import get_file

from .oauth_app import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, MemoryStore, TokenServer, World, issued, world
from .support import BASE_URL, FILE, Client, FakeClock, run_in_fork, with_locals

VERIFIER = "a-verifier-of-43-characters-and-more-than-that"
REDIRECT_URI = "https://app.example.com/callback"
CODE = "code-na1-of-the-user-00000000"


@pytest.fixture
def hub() -> Iterator[World]:
    with world() as hub:
        yield hub


class TestRenewal:
    def test_a_token_is_got_at_the_first_request_and_kept(self, client: Client, hub: World) -> None:
        credentials = hub.credentials()
        assert hub.token_requests == []
        for _ in range(2):
            assert hub.get(client, credentials).id == str(hub.file.id)
        assert hub.token_requests == [
            {
                "client_id": hub.app.client_id,
                "client_secret": hub.app.client_secret,
                "grant_type": "refresh_token",
                "refresh_token": hub.refresh_token,
            }
        ]

    @pytest.mark.promise(
        "`OAuthCredentials` renew the access token when a minute of its life remains, or a tenth of it, if "
        "that is shorter.",
        "The life is the one that HubSpot states with the token.",
    )
    @pytest.mark.parametrize(("life", "margin"), [(1800, 60), (600, 60), (100, 10), (6, 0.6)])
    def test_it_is_renewed_shortly_before_it_expires(self, life: float, margin: float, client: Client) -> None:
        with world(access_token_life=life) as hub:
            credentials = hub.credentials()
            hub.get(client, credentials)
            hub.emulator.clock.advance(life - margin - 0.01)
            hub.get(client, credentials)
            assert len(hub.token_requests) == 1
            hub.emulator.clock.advance(0.01)
            hub.get(client, credentials)
            assert len(hub.token_requests) == 2
            assert [request.status for request in hub.emulator.requests] == [200] * 5

    @pytest.mark.promise(
        "It counts from the request on the monotonic clock, so that a wall clock that is wrong or set does not matter."
    )
    def test_the_wall_clock_does_not_matter(self, clock: FakeClock) -> None:
        """The life counts from the request, on the monotonic clock."""

        def respond(number: int) -> httpx.Response:
            clock.now += 100
            clock.wall += 1_000_000 * (-1) ** number
            return issued(number)

        server = TokenServer(respond)
        credentials = server.credentials()
        first = credentials()
        clock.now += 1800 - 100 - 60 - 1
        assert credentials() == first
        clock.now += 1
        assert credentials() != first
        assert len(server.forms) == 2

    def test_a_life_of_almost_nothing_costs_a_request_each_time(self) -> None:
        server = TokenServer(lambda number: issued(number, expires_in=1e-9))
        credentials = server.credentials()
        assert [credentials() for _ in range(3)] == [f"access-{number}-0000000000" for number in (1, 2, 3)]

    def test_a_replaced_refresh_token_is_sent_next(self, client: Client) -> None:
        with world(rotates_refresh_tokens=True) as hub:
            credentials = hub.credentials()
            for _ in range(3):
                hub.get(client, credentials)
                hub.emulator.clock.advance(1800)
            sent = [form["refresh_token"] for form in hub.token_requests]
            assert sent[0] == hub.refresh_token
            assert len(set(sent)) == 3

    def test_a_response_without_refresh_token_keeps_it(self) -> None:
        server = TokenServer(lambda number: issued(number, refresh_token=None, expires_in=1e-9))
        credentials = server.credentials()
        credentials()
        credentials()
        assert [form["refresh_token"] for form in server.forms] == [REFRESH_TOKEN] * 2

    def test_camel_case_is_read(self) -> None:
        body = {"accessToken": "access-0000", "refreshToken": "refresh-0000", "expiresIn": 1e-9, "tokenType": "bearer"}
        server = TokenServer(lambda number: httpx.Response(200, json=body))
        credentials = server.credentials()
        assert [credentials(), credentials()] == ["access-0000"] * 2
        assert [form["refresh_token"] for form in server.forms] == [REFRESH_TOKEN, "refresh-0000"]

    def test_clients_and_copies_share_a_token(self, hub: World) -> None:
        credentials = hub.credentials()
        transport = hub.emulator.transport
        options: dict[str, Any] = {"base_url": hub.emulator.base_url}

        async def in_a_loop() -> None:
            async with AsyncHubSpotFiles(
                credentials, http_client=httpx.AsyncClient(transport=transport), **options
            ) as a:
                await a.files.get(hub.file.id)
                await a.with_options(timeout=5).files.get(hub.file.id)

        with HubSpotFiles(credentials, http_client=httpx.Client(transport=transport), **options) as hubspot:
            hubspot.files.get(hub.file.id)
            hubspot.with_options(max_retries=1).files.get(hub.file.id)
        for backend in ("asyncio", "asyncio", "trio"):
            anyio.run(in_a_loop, backend=backend)
        assert len(hub.token_requests) == 1

    def test_another_library_can_use_the_token(self, hub: World) -> None:
        token = hub.credentials()()
        assert hub.emulator.tokens[token]

    def test_a_token_that_comes_after_the_deadline(self, client: Client, hub: World) -> None:
        hub.emulator.fail(status=503, operation="createToken", headers={"Retry-After": "20"})
        with pytest.raises(RequestTimeoutError, match="the access token came after the deadline"):
            hub.get(client, hub.credentials(), deadline=10)


class TestExpiredAuthentication:
    """A 401 whose category is EXPIRED_AUTHENTICATION."""

    @pytest.mark.promise("`OAuthCredentials` renew their token after a 401 whose category is `EXPIRED_AUTHENTICATION`.")
    def test_is_renewed_and_retried(self, client: Client, hub: World) -> None:
        credentials = hub.credentials()
        hub.expire(credentials)
        assert hub.get(client, credentials, max_retries=0).id == str(hub.file.id)
        assert [request.status for request in hub.emulator.requests] == [200, 401, 200, 200]
        assert len(hub.token_requests) == 2

    def test_is_renewed_in_a_download(self, client: Client, hub: World) -> None:
        credentials = hub.credentials()

        def program(hubspot: Any) -> Any:
            record = yield hubspot.files.get(hub.sensitive.id)
            hub.expire(credentials)
            return (yield hubspot.files.read(record.id))

        assert hub.call(client, program, credentials) == b"secret"
        operations = [request.operation for request in hub.emulator.requests]
        assert operations.count("createToken") == 2

    def test_is_raised_the_second_time(self, client: Client, hub: World) -> None:
        body = b'{"message": "expired", "category": "EXPIRED_AUTHENTICATION"}'
        hub.emulator.fail(status=401, operation="getFile", body=body, count=None)
        with pytest.raises(AuthenticationError, match="Pass OAuthCredentials"):
            hub.get(client, hub.credentials())
        assert len(hub.token_requests) == 2

    @pytest.mark.promise("They raise any other 401.")
    def test_any_other_401_is_raised(self, client: Client, hub: World) -> None:
        credentials = hub.credentials()
        hub.emulator.revoke_token(credentials())
        with pytest.raises(AuthenticationError) as caught:
            hub.get(client, credentials)
        assert caught.value.category == "INVALID_AUTHENTICATION"
        assert len(hub.token_requests) == 1

    def test_any_other_401_of_content_is_raised(self, client: Client, hub: World) -> None:
        hub.emulator.fail(status=401, operation="downloadFile", count=None)
        with pytest.raises(AuthenticationError):
            hub.call(client, lambda hubspot: hubspot.files.read(hub.sensitive.id), hub.credentials())
        assert len(hub.token_requests) == 1

    def test_of_a_callable_any_401_gets_another_token(self, client: Client, hub: World) -> None:
        tokens = [hub.emulator.token, "unknown"]
        record = client(
            lambda hubspot: hubspot.files.get(hub.file.id),
            access_token=tokens.pop,
            base_url=hub.emulator.base_url,
            http_client=client.http(hub.emulator.transport),
        )
        assert record.id == str(hub.file.id)

    def test_is_renewed_for_the_next_request_of_the_generated_client(self, client: Client, hub: World) -> None:
        credentials = hub.credentials()
        hub.expire(credentials)

        def program(hubspot: Any) -> Any:
            call = get_file.asyncio_detailed if client.asynchronous else get_file.sync_detailed
            first = yield call(str(hub.file.id), client=hubspot.api)
            second = yield call(str(hub.file.id), client=hubspot.api)
            return [int(first.status_code), int(second.status_code)]

        assert hub.call(client, program, credentials) == [401, 200]
        assert len(hub.token_requests) == 2

    def test_any_other_401_does_not_renew_for_the_generated_client(self, client: Client, hub: World) -> None:
        credentials = hub.credentials()
        hub.emulator.revoke_token(credentials())

        def program(hubspot: Any) -> Any:
            call = get_file.asyncio_detailed if client.asynchronous else get_file.sync_detailed
            for _ in range(2):
                response = yield call(str(hub.file.id), client=hubspot.api)
            return int(response.status_code)

        assert hub.call(client, program, credentials) == 401
        assert len(hub.token_requests) == 1

    @pytest.mark.promise(
        "After a 401, the token is not renewed if another thread, task or process has renewed it meanwhile."
    )
    def test_of_two_calls_is_renewed_once(self, hub: World) -> None:
        """The second call finds the token that the first one has got, after a 401 for the same token."""
        credentials = hub.credentials()
        stale = hub.expire(credentials)
        both, renewed = threading.Barrier(2, timeout=10), threading.Event()

        class Transport(httpx.BaseTransport):
            def handle_request(self, request: httpx.Request) -> httpx.Response:
                response = hub.emulator.handle(request)
                if request.headers["authorization"] == f"Bearer {stale}":
                    response.read()
                    if both.wait() == 1:
                        # The 401 of the second call comes when the first one has sent another token.
                        assert renewed.wait(10)
                elif request.headers["authorization"].startswith("Bearer"):
                    renewed.set()
                return response

        options: dict[str, Any] = {
            "base_url": hub.emulator.base_url,
            "http_client": httpx.Client(transport=Transport()),
        }
        with HubSpotFiles(credentials, **options) as hubspot, ThreadPoolExecutor(2) as threads:
            found = list(threads.map(hubspot.files.get, [hub.file.id] * 2))
        assert [file.id for file in found] == [str(hub.file.id)] * 2
        assert [request.status for request in hub.emulator.requests].count(401) == 2
        assert len(hub.token_requests) == 2


class Slow(TokenServer):
    """A token server whose responses take a moment of real time."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        time.sleep(0.2)
        return super().handle_request(request)


def respond_to_any_token(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=FILE)


class TestManyCallers:
    @pytest.mark.promise(
        "All clients, threads, tasks and event loops that need a new token share one token request, and its "
        "error if it fails."
    )
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_thousand_tasks_share_a_request(self, backend: str) -> None:
        server = Slow()
        credentials = server.credentials()
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await anyio.sleep(0.01)
                ticks += 1

        async def main() -> None:
            transport = httpx.MockTransport(respond_to_any_token)
            http_client = httpx.AsyncClient(transport=transport)
            async with (
                AsyncHubSpotFiles(credentials, http_client=http_client) as hubspot,
                anyio.create_task_group() as t,
            ):
                t.start_soon(tick)
                async with anyio.create_task_group() as group:
                    for _ in range(1000):
                        group.start_soon(hubspot.files.get, 1)
                t.cancel_scope.cancel()

        before = threading.active_count()
        anyio.run(main, backend=backend)
        assert len(server.forms) == 1
        # Only one task occupies a thread, and the event loop goes on meanwhile.
        assert server.threads <= before + 2
        assert ticks >= 5

    def test_threads_share_an_access_to_the_store(self) -> None:
        store = MemoryStore()
        credentials = Slow().credentials(store=store)
        with ThreadPoolExecutor(20) as threads:
            list(threads.map(lambda _: credentials(), range(20)))
        assert store.calls == ["lock", "load", "save", "unlock"]

    def test_an_error_is_not_raised_after_a_later_success(self) -> None:
        """The second caller waits for the first one, whose token expires at once, and then renews it for itself."""
        answers = [httpx.Response(400, json={"error": "invalid_grant"}), *(issued(n, expires_in=1e-9) for n in (2, 3))]
        credentials = Slow(lambda number: answers[number - 1]).credentials()
        with pytest.raises(InvalidGrantError):
            credentials()
        with ThreadPoolExecutor(2) as threads:
            found = set(threads.map(lambda _: credentials(), range(2)))
        assert found == {"access-2-0000000000", "access-3-0000000000"}

    def test_threads_share_a_request(self) -> None:
        server = Slow()
        credentials = server.credentials()
        with ThreadPoolExecutor(50) as threads:
            found = set(threads.map(lambda _: credentials(), range(200)))
        assert found == {"access-1-0000000000"}
        assert len(server.forms) == 1

    @pytest.mark.promise(
        "All clients, threads, tasks and event loops that need a new token share one token request, and its "
        "error if it fails."
    )
    def test_event_loops_share_a_request(self) -> None:
        server = Slow()
        credentials = server.credentials()

        async def main() -> str:
            return (await credentials._current_async()).reveal()

        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda backend: anyio.run(main, backend=backend), ["asyncio", "trio"] * 2))
        assert found == ["access-1-0000000000"] * 4
        assert len(server.forms) == 1

    @pytest.mark.promise(
        "All clients, threads, tasks and event loops that need a new token share one token request, and its "
        "error if it fails."
    )
    def test_they_share_an_error_and_the_next_call_tries_again(self) -> None:
        answers = [httpx.Response(400, json={"error": "invalid_grant"}), issued(2)]
        server = Slow(lambda number: answers[number - 1])
        credentials = server.credentials()
        raised: list[BaseException] = []

        def call() -> None:
            with pytest.raises(InvalidGrantError) as caught:
                credentials()
            raised.append(caught.value)

        threads = [threading.Thread(target=call) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.forms) == 1
        assert len({id(error) for error in raised}) == 20
        assert {str(error) for error in raised} == {str(raised[0])}
        assert {error.category for error in raised if isinstance(error, APIError)} == {"invalid_grant"}
        assert credentials() == "access-2-0000000000"

    def test_a_shared_error_keeps_its_cause(self) -> None:
        def refuse(number: int) -> httpx.Response:
            raise httpx.ConnectError("refused")

        server = Slow(refuse)
        credentials = server.credentials(max_retries=0)

        def call(_: int) -> BaseException | None:
            with pytest.raises(ConnectionFailedError) as caught:
                credentials()
            return caught.value.__cause__

        with ThreadPoolExecutor(5) as threads:
            causes = list(threads.map(call, range(5)))
        assert [type(cause) for cause in causes] == [httpx.ConnectError] * 5
        assert len(server.forms) == 1

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_tasks_share_an_error(self, backend: str) -> None:
        server = Slow(lambda number: httpx.Response(400, json={"error": "invalid_grant"}))
        credentials = server.credentials()
        raised = 0

        async def call() -> None:
            nonlocal raised
            with pytest.raises(InvalidGrantError):
                await credentials._current_async()
            raised += 1

        async def main() -> None:
            async with anyio.create_task_group() as group:
                for _ in range(100):
                    group.start_soon(call)

        anyio.run(main, backend=backend)
        assert raised == 100
        assert len(server.forms) == 1

    @pytest.mark.promise("A task that is cancelled during a token request loses no token.")
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_a_cancelled_task_loses_no_token(self, backend: str) -> None:
        """The request ends in its thread, and the next task has its token."""
        server = Slow()
        credentials = server.credentials()

        async def main() -> str:
            with anyio.move_on_after(0.05):
                await credentials._current_async()
            return (await credentials._current_async()).reveal()

        assert anyio.run(main, backend=backend) == "access-1-0000000000"
        assert len(server.forms) == 1

    def test_a_task_that_asyncio_cancels_loses_no_token(self) -> None:
        """asyncio does not wait for the thread; the next task does."""
        server = Slow()
        credentials = server.credentials()

        async def main() -> str:
            task = asyncio.create_task(credentials._current_async())
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert server.forms == []
            return (await credentials._current_async()).reveal()

        assert asyncio.run(main()) == "access-1-0000000000"
        assert len(server.forms) == 1

    def test_a_waiting_task_can_be_cancelled(self) -> None:
        server = Slow()
        credentials = server.credentials()

        async def main() -> None:
            async with anyio.create_task_group() as group:
                group.start_soon(credentials._current_async)
                await anyio.sleep(0.05)
                with anyio.move_on_after(0.01) as scope:
                    await credentials._current_async()
                assert scope.cancelled_caught
                assert server.forms == []

        anyio.run(main)
        assert len(server.forms) == 1

    def test_a_forked_process_renews_for_itself(self) -> None:
        """Its parent is in the middle of a renewal, with all locks and a connection."""
        with serve() as emulator:
            hub = World(emulator)
            credentials = hub.credentials(http_client=None)
            delay = emulator.fail("delay", operation="createToken", seconds=1.5)
            thread = threading.Thread(target=credentials)
            thread.start()
            while delay.hits == 0:
                time.sleep(0.01)

            def in_child() -> tuple[str, str]:
                async def main() -> str:
                    return (await credentials._current_async()).reveal()

                return credentials(), anyio.run(main)

            with warnings.catch_warnings():
                # Python 3.12 warns of forking a process with threads.
                warnings.simplefilter("ignore", DeprecationWarning)
                first, second = run_in_fork(in_child)
            thread.join()
            assert first == second != credentials()
            assert emulator.tokens.keys() >= {first, credentials()}
            assert len(hub.token_requests) == 2


class TestRefresh:
    @pytest.mark.parametrize("kind", ["connect", "reset", "read-timeout", "truncate", "write-reset"])
    def test_is_retried_without_a_response(self, kind: Any, client: Client, hub: World) -> None:
        hub.emulator.fail(kind, operation="createToken", after_effect=kind in ("reset", "read-timeout"))
        assert hub.get(client, hub.credentials()).id == str(hub.file.id)
        assert len(hub.token_requests) == 2

    @pytest.mark.parametrize("status", [429, 500, 503, 524])
    def test_is_retried_after_a_transient_error(self, status: int, client: Client, hub: World) -> None:
        hub.emulator.fail(status=status, operation="createToken", count=4)
        assert hub.get(client, hub.credentials()).id == str(hub.file.id)
        assert len(hub.token_requests) == 5

    @pytest.mark.parametrize(("status", "kind"), [(429, RateLimitError), (503, ServerError)])
    def test_raises_the_error_after_the_last_retry(self, status: int, kind: type[APIError], hub: World) -> None:
        hub.emulator.fail(status=status, operation="createToken", count=None)
        with pytest.raises(kind, match="POST /oauth/2026-03/token: "):
            hub.credentials(max_retries=2)()
        assert len(hub.token_requests) == 3

    @pytest.mark.promise(
        "A token request is idempotent and retried like a get, even if HubSpot has replaced the refresh token "
        "in a response that was lost: the old one is all that is left to send.",
        "If HubSpot does not accept it, `InvalidGrantError` is raised.",
        "`InvalidGrantError` | let the user authorize the app again",
    )
    def test_with_a_lost_response_and_a_replaced_token_needs_the_user(self) -> None:
        """A retry cannot make it worse: the new refresh token is lost, and the old one is all there is."""
        with world(rotates_refresh_tokens=True) as hub:
            hub.emulator.fail("reset", operation="createToken", after_effect=True)
            with pytest.raises(InvalidGrantError) as caught:
                hub.credentials()()
            assert "The user has to authorize the app again" in str(caught.value)
            assert "the new one was not stored" in str(caught.value)
            assert len(hub.token_requests) == 2

    def test_ends_at_its_deadline(self, hub: World) -> None:
        hub.emulator.fail(status=503, operation="createToken", count=None)
        with pytest.raises(ServerError):
            hub.credentials(deadline=0.001)()
        assert len(hub.token_requests) == 1

    @pytest.mark.parametrize(
        ("body", "kind", "category", "sub_category", "advice"),
        [
            (
                {"error": "invalid_grant", "error_description": "no", "status": "BAD_REFRESH_TOKEN", "message": "no"},
                InvalidGrantError,
                "invalid_grant",
                "BAD_REFRESH_TOKEN",
                "The user has to authorize the app again: pass the new code to OAuthCredentials.exchange_code",
            ),
            (
                {"status": "BAD_REFRESH_TOKEN", "message": "no"},
                InvalidGrantError,
                "invalid_grant",
                "BAD_REFRESH_TOKEN",
                "authorize the app again",
            ),
            (
                {"error": "invalid_grant", "error_description": "no"},
                InvalidGrantError,
                "invalid_grant",
                None,
                "authorize the app again",
            ),
            (
                {"error": "invalid_client", "error_description": "no", "status": "BAD_CLIENT_SECRET"},
                AuthenticationError,
                "invalid_client",
                "BAD_CLIENT_SECRET",
                "Check client_id and client_secret",
            ),
            ({"error": "invalid_scope", "error_description": "no"}, BadRequestError, "invalid_scope", None, "no"),
            ({"error": "Bad Request", "message": "no", "status": 400}, BadRequestError, None, None, "no"),
            ({"error": ["invalid_grant"], "message": "no"}, BadRequestError, None, None, "no"),
        ],
    )
    def test_errors(
        self, body: dict[str, Any], kind: type[APIError], category: str | None, sub_category: str | None, advice: str
    ) -> None:
        server = TokenServer(lambda number: httpx.Response(400, json={**body, "correlationId": "c"}))
        with pytest.raises(APIError) as caught:
            server.credentials()()
        error = caught.value
        assert type(error) is kind
        assert (error.category, error.sub_category) == (category, sub_category)
        assert (error.message, error.status_code, error.correlation_id) == ("no", 400, "c")
        assert advice in str(error)
        assert len(server.forms) == 1

    @pytest.mark.parametrize("status", [401, 429, 500])
    def test_errors_of_other_statuses(self, status: int) -> None:
        """invalid_client may be a 401; a server's own failure is no matter of the grant."""
        body = {"error": "invalid_grant" if status > 401 else "invalid_client"}
        server = TokenServer(lambda number: httpx.Response(status, json=body))
        kinds = {401: AuthenticationError, 429: InvalidGrantError, 500: ServerError}
        with pytest.raises(APIError) as caught:
            server.credentials(max_retries=0)()
        assert type(caught.value) is kinds[status]

    @pytest.mark.parametrize(
        ("response", "reason"),
        [
            (issued(1, access_token=None), "the response lacks 'access_token'"),
            (issued(1, access_token="two words"), "access_token is empty, or contains spaces"),
            (issued(1, access_token=1), "the response lacks 'access_token'"),
            (issued(1, expires_in=None), "the response lacks 'expires_in'"),
            (issued(1, expires_in="1800"), "the response lacks 'expires_in'"),
            (issued(1, expires_in=True), "the response lacks 'expires_in'"),
            (issued(1, expires_in=0), "expires_in must be more than 0 seconds, not 0"),
            (
                httpx.Response(200, content=b'{"access_token": "a", "expires_in": 1e999}'),
                "more than 0 seconds, not inf",
            ),
            (httpx.Response(200, content=b"[]"), "it is not a JSON object"),
            (httpx.Response(200, content=b"<html>"), "is not what the API describes"),
            (httpx.Response(204), "is not what the API describes"),
            (
                httpx.Response(200, stream=httpx.ByteStream(b"zip"), headers={"Content-Encoding": "br"}),
                "the response is encoded as 'br', which was not requested",
            ),
        ],
    )
    def test_refuses_a_success_without_tokens(self, response: httpx.Response, reason: str) -> None:
        server = TokenServer(lambda number: response)
        with pytest.raises(UnexpectedResponseError, match=reason) as caught:
            server.credentials(max_retries=1)()
        assert caught.value.request == "POST /oauth/2026-03/token"
        assert len(server.forms) == 2

    def test_is_retried_if_the_response_cannot_be_read(self) -> None:
        server = TokenServer(lambda number: httpx.Response(200, content=b"<p>") if number == 1 else issued(number))
        assert server.credentials()() == "access-2-0000000000"

    def test_is_not_redirected(self) -> None:
        server = TokenServer(lambda number: httpx.Response(307, headers={"Location": "https://elsewhere.test"}))
        with pytest.raises(BadRequestError, match="a redirect"):
            server.credentials()()
        assert len(server.forms) == 1

    def test_headers_of_the_http_client_are_sent_without_its_authorization(self) -> None:
        server = TokenServer()
        headers = {"X-Gateway": "key", "Authorization": "Basic abc"}
        server.credentials(http_client=httpx.Client(transport=server, headers=headers))()
        assert server.headers[0]["x-gateway"] == "key"
        assert "authorization" not in server.headers[0]
        assert server.headers[0]["content-type"] == "application/x-www-form-urlencoded"
        assert int(server.headers[0]["content-length"]) > 100

    def test_secrets_are_encoded(self) -> None:
        server = TokenServer()
        credentials = OAuthCredentials(
            "id", "a&b=c+d%20", "e?f/g", base_url=BASE_URL, http_client=httpx.Client(transport=server)
        )
        credentials()
        assert (server.forms[0]["client_secret"], server.forms[0]["refresh_token"]) == ("a&b=c+d%20", "e?f/g")

    @pytest.mark.parametrize("version", ["2026-09", "2027-03", "2026-09-beta"])
    def test_of_another_version(self, version: str, client: Client, hub: World) -> None:
        hub.get(client, hub.credentials(api_version=version))
        assert hub.emulator.requests[0].path == f"/oauth/{version}/token"

    def test_reads_the_base_url_of_the_environment(self, monkeypatch: pytest.MonkeyPatch, hub: World) -> None:
        monkeypatch.setenv("HUBSPOT_BASE_URL", hub.emulator.base_url)
        assert hub.credentials(base_url=None)() in hub.emulator.tokens

    def test_over_connections_of_its_own_leaves_none_open(self) -> None:
        with serve() as emulator:
            credentials = World(emulator).credentials(http_client=None)
            assert credentials() in emulator.tokens
            assert not credentials._endpoints._driver.connections.pool.transports


class TestExchangeCode:
    def exchange(self, hub: World, code: str, **options: Any) -> OAuthCredentials:
        given = {"base_url": hub.emulator.base_url, "http_client": httpx.Client(transport=hub.emulator.transport)}
        return OAuthCredentials.exchange_code(
            hub.app.client_id, hub.app.client_secret, code, hub.app.redirect_uri, **{**given, **options}
        )

    def test_returns_credentials_with_a_token(self, client: Client, hub: World) -> None:
        credentials = self.exchange(hub, hub.emulator.authorize(hub.app.client_id))
        hub.get(client, credentials)
        [form] = hub.token_requests
        assert (form["grant_type"], form["redirect_uri"]) == ("authorization_code", hub.app.redirect_uri)
        assert "code_verifier" not in form
        hub.emulator.clock.advance(1800)
        hub.get(client, credentials)
        assert [form["grant_type"] for form in hub.token_requests] == ["authorization_code", "refresh_token"]

    def test_with_a_code_verifier(self, hub: World) -> None:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
        code = hub.emulator.authorize(hub.app.client_id, code_challenge=challenge)
        with pytest.raises(InvalidGrantError, match="code_verifier of its authorization") as caught:
            self.exchange(hub, code)
        assert caught.value.sub_category == "BAD_CODE_VERIFIER"
        assert self.exchange(hub, code, code_verifier=VERIFIER)() in hub.emulator.tokens

    def test_replaces_the_tokens_of_the_store(self, hub: World) -> None:
        store = MemoryStore()
        self.exchange(hub, hub.emulator.authorize(hub.app.client_id), store=store)
        first = store.tokens
        credentials = self.exchange(hub, hub.emulator.authorize(hub.app.client_id), store=store)
        assert store.tokens is not None
        assert first is not None
        assert store.tokens.refresh_token != first.refresh_token
        assert store.calls == ["lock", "save", "unlock"] * 2
        assert credentials() == store.tokens.access_token

    def test_of_a_used_code(self, hub: World) -> None:
        code = hub.emulator.authorize(hub.app.client_id)
        self.exchange(hub, code)
        with pytest.raises(InvalidGrantError) as caught:
            self.exchange(hub, code)
        assert caught.value.sub_category == "BAD_AUTH_CODE"
        assert "A code is accepted once" in str(caught.value)

    @pytest.mark.promise(
        "The exchange of a code is not retried if HubSpot may have acted on it, and raises `OutcomeUnknownError`."
    )
    def test_is_not_retried_if_hubspot_may_have_acted(self, hub: World) -> None:
        hub.emulator.fail("reset", operation="createToken", after_effect=True)
        with pytest.raises(OutcomeUnknownError, match="A code is accepted once: let the user authorize the app again"):
            self.exchange(hub, hub.emulator.authorize(hub.app.client_id))
        assert len(hub.token_requests) == 1

    def test_is_retried_if_hubspot_cannot_have_acted(self, hub: World) -> None:
        hub.emulator.fail("connect", operation="createToken")
        assert self.exchange(hub, hub.emulator.authorize(hub.app.client_id))() in hub.emulator.tokens

    def test_needs_a_refresh_token(self) -> None:
        server = TokenServer(lambda number: issued(number, refresh_token=None))
        with pytest.raises(OutcomeUnknownError, match="A code is accepted once") as caught:
            OAuthCredentials.exchange_code(
                CLIENT_ID, CLIENT_SECRET, CODE, REDIRECT_URI, http_client=httpx.Client(transport=server)
            )
        assert "the response lacks 'refresh_token'" in str(caught.value.__cause__)
        assert len(server.forms) == 1

    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"code": ""}, ValueError, "code is empty"),
            ({"code": None}, TypeError, "code must be a str, not NoneType"),
            ({"redirect_uri": "a b"}, ValueError, "redirect_uri is empty, or contains spaces"),
            ({"code_verifier": 1}, TypeError, "code_verifier must be a str, not int"),
            ({"client_secret": ""}, ValueError, "client_secret is empty"),
            ({"store": object()}, TypeError, "store must be a TokenStore"),
        ],
    )
    def test_refuses_bad_arguments(self, options: dict[str, Any], error: type[Exception], message: str) -> None:
        given = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "code": CODE, "redirect_uri": REDIRECT_URI}
        with pytest.raises(error, match=message):
            OAuthCredentials.exchange_code(**{**given, **options})


class TestIntrospect:
    def test_describes_the_access_token(self, hub: World) -> None:
        credentials = hub.credentials()
        credentials()
        hub.emulator.clock.advance(60)
        assert credentials.introspect() == TokenInfo(
            active=True,
            hub_id=hub.emulator.portal_id,
            app_id=hub.app.app_id,
            client_id=hub.app.client_id,
            user_id=1,
            user="user@example.com",
            scopes=("files", "files.ui_hidden.read", "files.ui_hidden.write"),
            expires_in=1740,
            token_type="bearer",
            token_use="access_token",
            is_private_distribution=True,
        )

    def test_gets_a_token_first(self, hub: World) -> None:
        assert hub.credentials().introspect().active is True
        assert [request.operation for request in hub.emulator.requests] == ["createToken", "introspectToken"]

    def test_of_a_token_that_is_not_active(self, hub: World) -> None:
        credentials = hub.credentials()
        hub.expire(credentials)
        assert credentials.introspect() == TokenInfo(active=False)

    def test_reads_camel_case_and_ignores_other_types(self) -> None:
        body = {"active": True, "hubId": 1, "userId": True, "user": 5, "scopes": ["a", 1], "hubDomain": "x.test"}
        server = TokenServer(lambda number: issued(1) if number == 1 else httpx.Response(200, json=body))
        info = server.credentials().introspect()
        assert info == TokenInfo(active=True, hub_id=1, hub_domain="x.test", scopes=("a",))

    def test_of_a_response_that_is_something_else(self) -> None:
        server = TokenServer(lambda number: issued(1) if number == 1 else httpx.Response(200, json={"active": 1}))
        with pytest.raises(UnexpectedResponseError, match="the response lacks 'active'") as caught:
            server.credentials(max_retries=0).introspect()
        assert caught.value.request == "POST /oauth/2026-03/token/introspect"

    def test_in_an_asynchronous_program(self, hub: World) -> None:
        credentials = hub.credentials()

        async def main() -> bool:
            info = await anyio.to_thread.run_sync(credentials.introspect)
            return info.active

        assert anyio.run(main)


class TestRevoke:
    @pytest.mark.parametrize("used", [False, True])
    def test_ends_the_refresh_token(self, used: bool, hub: World) -> None:
        credentials = hub.credentials()
        if used:
            credentials()
        credentials.revoke()
        with pytest.raises(InvalidGrantError):
            credentials()
        with pytest.raises(InvalidGrantError):
            hub.credentials()()

    def test_revokes_that_of_the_store(self, hub: World) -> None:
        store = MemoryStore()
        hub.credentials(store=store)()
        other = hub.credentials("another-refresh-token", store=store)
        store.calls.clear()
        other.revoke()
        assert store.calls == ["lock", "load", "unlock"]
        with pytest.raises(InvalidGrantError):
            other()


class TestArguments:
    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"client_id": ""}, ValueError, "client_id is empty, or contains spaces"),
            ({"client_id": 5}, TypeError, "client_id must be a str, not int"),
            ({"client_secret": "a b"}, ValueError, "client_secret is empty, or contains spaces"),
            ({"client_secret": None}, TypeError, "client_secret must be a str, not NoneType"),
            ({"refresh_token": "a\n"}, ValueError, "refresh_token is empty, or contains spaces, line ends"),
            ({"refresh_token": b"a"}, TypeError, "refresh_token must be a str, not bytes"),
            ({"refresh_token": None}, ValueError, "pass refresh_token=, or a store="),
            ({"base_url": "http://example.com"}, ValueError, "must be https"),
            ({"base_url": "https://user@example.com"}, ValueError, "no user"),
            ({"api_version": "v1"}, ValueError, "api_version 'v1' must be a dated version such as '2026-03'; v1 of"),
            ({"api_version": "2026-03/../x"}, ValueError, "must be a dated version"),
            ({"api_version": "2026-13"}, ValueError, "must be a dated version"),
            ({"api_version": 2026}, TypeError, "api_version must be a str such as '2026-03', not int"),
            ({"timeout": 0}, ValueError, "timeout must be more than 0 seconds"),
            ({"max_retries": -1}, ValueError, "max_retries must not be negative"),
            ({"deadline": 0}, ValueError, "deadline must be more than 0 seconds"),
            ({"http_client": "x"}, TypeError, "http_client must be an httpx.Client, not str"),
            ({"store": object()}, TypeError, r"store must be a TokenStore with load\(\) and save\(\), not object"),
        ],
    )
    def test_that_are_bad_are_refused(self, options: dict[str, Any], error: type[Exception], message: str) -> None:
        given = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}
        with pytest.raises(error, match=message) as caught:
            OAuthCredentials(**{**given, **options})
        assert CLIENT_SECRET not in with_locals(caught.value)
        assert REFRESH_TOKEN not in with_locals(caught.value)

    def test_a_store_must_not_be_asynchronous(self) -> None:
        class Store(MemoryStore):
            async def save(self, tokens: Any) -> None:  # type: ignore[override]
                raise AssertionError("it is refused before")

        with pytest.raises(TypeError, match=r"save\(\) of the store must not be async"):
            OAuthCredentials(CLIENT_ID, CLIENT_SECRET, store=Store())


class TestSecrets:
    def test_the_repr_names_the_app_only(self) -> None:
        credentials = TokenServer().credentials()
        credentials()
        assert repr(credentials) == f"<OAuthCredentials {CLIENT_ID} at {BASE_URL}>"
        assert repr(OAuthCredentials.__new__(OAuthCredentials)) == "<OAuthCredentials not initialized>"
        assert "secret" not in repr(vars(credentials)).replace("<secret>", "")

    @pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
    def test_they_cannot_be_copied(self, duplicate: Callable[[Any], Any]) -> None:
        with pytest.raises(TypeError, match="OAuth credentials hold secrets and cannot be pickled"):
            duplicate(TokenServer().credentials())

    def test_a_client_that_overrides_build_request_does_not_see_the_form(self) -> None:
        class Broken(httpx.Client):
            def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
                raise RuntimeError("broken")

        credentials = OAuthCredentials(CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, http_client=Broken())
        with pytest.raises(RuntimeError, match="broken") as caught:
            credentials()
        assert CLIENT_SECRET not in with_locals(caught.value)

    def test_an_echo_is_redacted(self) -> None:
        echo = f"{CLIENT_SECRET} {REFRESH_TOKEN}"
        body = {"error": "invalid_grant", "message": echo}
        server = TokenServer(lambda number: httpx.Response(400, json=body, headers={"X-Echo": echo}))
        with pytest.raises(InvalidGrantError) as caught:
            server.credentials()()
        assert caught.value.message == caught.value.headers["x-echo"] == "[secret] [secret]"
