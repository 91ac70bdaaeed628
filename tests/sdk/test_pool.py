"""The connection pool: reuse, last used first, a limit, and closing of idle or failed connections."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
import respx

from hubspot_files import ConnectionFailedError, RequestTimeoutError
from hubspot_files._http import async_connections, connections, pool

from .support import BASE_URL, FILE, TOKEN, Client, versioned

ROUTE = "/files/v3/files/1"


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Record the transports that are closed."""
    transports: list[object] = []
    close, aclose = httpx.HTTPTransport.close, httpx.AsyncHTTPTransport.aclose

    def closes(transport: httpx.HTTPTransport) -> None:
        transports.append(transport)
        close(transport)

    async def acloses(transport: httpx.AsyncHTTPTransport) -> None:
        transports.append(transport)
        await aclose(transport)

    monkeypatch.setattr(httpx.HTTPTransport, "close", closes)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "aclose", acloses)
    return transports


@pytest.fixture
def room_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 1)
    monkeypatch.setattr(async_connections, "MAX_CONNECTIONS", 1)


def opened(hubspot: Any, url: str = BASE_URL + versioned(ROUTE), *, pool: float | None = None) -> Any:
    """Return a response whose body is unread, so that its transport is in use."""
    timeout = {"connect": 1, "read": 1, "write": 1, "pool": pool}
    headers = {"authorization": f"Bearer {TOKEN}"}
    return hubspot._driver.connections.open(httpx.Request("GET", url, headers=headers, extensions={"timeout": timeout}))


def close(response: httpx.Response, client: Client) -> Any:
    """Read a response to its end, whereupon httpx closes it."""
    return response.aread() if client.asynchronous else response.read()


def transports(hubspot: Any) -> set[object]:
    return set(hubspot._driver.connections.pool.transports)


def test_sequential_requests_share_a_connection(client: Client, api: respx.MockRouter) -> None:
    api.get(ROUTE).respond(200, json=FILE)

    def program(hubspot: Any) -> Any:
        for _ in range(3):
            yield hubspot.files.get("1")
        return len(transports(hubspot))

    assert client(program) == 1


def test_concurrent_requests_use_separate_connections_and_the_last_used_is_reused_first(
    client: Client, api: respx.MockRouter
) -> None:
    api.get(ROUTE).respond(200, json=FILE)

    def program(hubspot: Any) -> Any:
        first = yield opened(hubspot)
        [warm] = transports(hubspot)
        second = yield opened(hubspot)
        assert len(transports(hubspot)) == 2
        yield close(second, client)
        yield close(first, client)
        host, taken = hubspot._driver.connections.pool.take(httpx.URL(BASE_URL))
        assert taken is warm
        host.put(taken)

    client(program)


def test_each_origin_has_its_own_connections(client: Client) -> None:
    with respx.mock as router:
        router.get(host__regex="a|b").respond(200)

        def program(hubspot: Any) -> Any:
            for url in ("https://a/x", "https://a:444/x", "https://b/x", "https://a/y"):
                response = yield opened(hubspot, url)
                yield close(response, client)
            return len(transports(hubspot))

        assert client(program) == 3


def test_expired_idle_connections_are_closed_one_at_a_time(
    client: Client, api: respx.MockRouter, monkeypatch: pytest.MonkeyPatch, closed: list[object]
) -> None:
    api.get(ROUTE).respond(200, json=FILE)

    def program(hubspot: Any) -> Any:
        responses = []
        for _ in range(4):
            responses.append((yield opened(hubspot)))
        for response in responses:
            yield close(response, client)
        before = transports(hubspot)
        yield hubspot.files.get("1")
        assert (len(before), closed) == (4, [])
        with monkeypatch.context() as patch:
            patch.setattr(pool, "_IDLE_EXPIRY", -1.0)
            yield hubspot.files.get("1")
        after = transports(hubspot)
        assert before - after == set(closed)
        assert len(after) == 3

    client(program)


def test_a_failed_connection_is_closed(client: Client, api: respx.MockRouter, closed: list[object]) -> None:
    api.get(ROUTE).mock(side_effect=httpx.ConnectError("refused"))

    def program(hubspot: Any) -> Any:
        with pytest.raises(ConnectionFailedError):
            yield hubspot.files.get("1")
        assert (len(transports(hubspot)), len(closed)) == (0, 2)

    client(program, max_retries=1)


@pytest.mark.promise("A connection is used again only if the response was read to its end and no bytes followed it.")
def test_a_connection_with_an_unread_response_is_closed(
    client: Client, api: respx.MockRouter, closed: list[object]
) -> None:
    """httpcore keeps a connection whose reading is interrupted, although it cannot be reused."""
    api.get(ROUTE).respond(200, json=FILE)

    def program(hubspot: Any) -> Any:
        response = yield opened(hubspot)
        used = transports(hubspot)
        yield response.aclose() if client.asynchronous else response.close()
        assert (set(closed), transports(hubspot)) == (used, set())
        yield hubspot.files.get("1")
        assert not transports(hubspot) & used

    client(program)


def test_closing_closes_connections_in_use(client: Client, api: respx.MockRouter, closed: list[object]) -> None:
    api.get(ROUTE).respond(200, json=FILE)

    def program(hubspot: Any) -> Any:
        response = yield opened(hubspot)
        used = transports(hubspot)
        yield hubspot.close()
        yield close(response, client)
        # A connection released after closing is closed, too.
        assert set(closed) == used
        assert not transports(hubspot)

    client(program)


@pytest.mark.usefixtures("room_for_one")
class TestLimit:
    def test_a_request_waits_for_a_connection_until_its_timeout(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(ROUTE).respond(200, json=FILE)

        def program(hubspot: Any) -> Any:
            response = yield opened(hubspot)
            with pytest.raises(RequestTimeoutError, match="1 requests are already in flight"):
                yield hubspot.files.get("1", timeout=httpx.Timeout(5, pool=0.02))
            yield close(response, client)
            yield hubspot.files.get("1", timeout=httpx.Timeout(5, pool=0.02))

        client(program, max_retries=0)
        assert route.call_count == 2

    def test_a_failed_request_releases_its_connection(self, client: Client, api: respx.MockRouter) -> None:
        api.get(ROUTE).mock(side_effect=[httpx.ReadError("cut"), KeyError("a bug"), httpx.Response(200, json=FILE)])

        def program(hubspot: Any) -> Any:
            for error in (ConnectionFailedError, KeyError):
                with pytest.raises(error):
                    yield hubspot.files.get("1")
            return (yield hubspot.files.get("1", timeout=0.5)).name

        assert client(program, max_retries=0) == "cat"

    def test_a_released_connection_goes_to_a_waiting_request(self, client: Client, api: respx.MockRouter) -> None:
        api.get(ROUTE).respond(200, json=FILE)

        def program(hubspot: Any) -> Iterator[Any]:
            response = yield opened(hubspot)
            if client.asynchronous:

                async def both() -> None:
                    async with anyio.create_task_group() as tasks:
                        tasks.start_soon(hubspot.files.get, "1")
                        await anyio.wait_all_tasks_blocked()
                        await response.aread()

                yield both()
            else:
                waiting = threading.Thread(target=hubspot.files.get, args=("1",))
                waiting.start()
                waiting.join(0.05)
                assert waiting.is_alive()
                response.read()
                waiting.join(5)
                assert not waiting.is_alive()

        client(program)
