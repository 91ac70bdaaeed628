"""The cache of signed URLs: one request for concurrent callers, and a new URL shortly before the expiry."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import anyio
import httpx
import pytest
import respx

from hubspot_files import AsyncHubSpotFiles, HubSpotFiles, NotFoundError, SignedUrl

from .support import TOKEN, Client, FakeClock

ROUTE = "/files/v3/files/1/signed-url"


@pytest.fixture
def signer(api: respx.MockRouter) -> respx.Route:
    """Mock HubSpot: each response has a new URL of the requested life, by default an hour."""
    route = api.get(url__regex=r".*/files/v3/files/\d+/signed-url.*")

    def respond(request: httpx.Request) -> httpx.Response:
        life = int(request.url.params.get("expirationSeconds", 3600))
        now = datetime(2026, 1, 1, tzinfo=UTC)
        body = {
            "url": f"https://storage.example.net/1?n={route.call_count}",
            "expiresAt": (now + timedelta(seconds=life + 1)).isoformat(),
        }
        return httpx.Response(200, json=body, headers={"date": now.strftime("%a, %d %b %Y %H:%M:%S GMT")})

    route.side_effect = respond
    return route


def urls(client: Client, clock: FakeClock, waits: list[float], **options: object) -> list[str]:
    """Return the URLs from one client, with the clock moved before each call."""
    if not client.asynchronous:
        with HubSpotFiles(TOKEN) as hubspot:
            found = []
            for wait in waits:
                clock.now += wait
                found.append(hubspot.files.signed_url_cache.get("1", **options).url)  # type: ignore[arg-type]
            return found

    async def run() -> list[str]:
        async with AsyncHubSpotFiles(TOKEN) as hubspot:
            found = []
            for wait in waits:
                clock.now += wait
                found.append((await hubspot.files.signed_url_cache.get("1", **options)).url)  # type: ignore[arg-type]
            return found

    return anyio.run(run, backend=client.backend)


@pytest.mark.parametrize(
    ("life", "waits", "requests"),
    [
        # An hour: renewed 60 s before its expiry.
        (None, [0, 3539.5], 1),
        (None, [0, 3540], 2),
        (None, [0, 3540, 3539.5], 2),
        # A minute: renewed a tenth of its life, 6 s, before its expiry.
        (60, [0, 53.5], 1),
        (60, [0, 54], 2),
    ],
)
def test_renews_shortly_before_the_expiry(
    client: Client, clock: FakeClock, signer: respx.Route, life: int | None, waits: list[float], requests: int
) -> None:
    found = urls(client, clock, waits, expires_in=life)
    assert signer.call_count == requests
    assert len(set(found)) == requests
    assert found[-1].endswith(f"n={requests - 1}")


def test_requests_the_size_and_the_life(client: Client, clock: FakeClock, signer: respx.Route) -> None:
    client(
        lambda hubspot: hubspot.files.signed_url_cache.get(
            "1", size="thumb", upscale=True, expires_in=timedelta(minutes=5)
        )
    )
    params = signer.calls.last.request.url.params
    assert dict(params) == {"size": "thumb", "upscale": "true", "expirationSeconds": "300"}


def test_each_size_and_life_is_cached_separately(clock: FakeClock, signer: respx.Route) -> None:
    with HubSpotFiles(TOKEN) as hubspot:
        cached = hubspot.files.signed_url_cache
        for _ in range(2):
            cached.get("1")
            cached.get(1)
            cached.get("2")
            cached.get("1", size="icon")
            cached.get("1", size="icon", upscale=False)
            cached.get("1", expires_in=60)
            cached.get("1", expires_in=timedelta(minutes=1))
    assert signer.call_count == 5


def test_many_threads_send_one_request(signer: respx.Route) -> None:
    with HubSpotFiles(TOKEN) as hubspot:
        together = threading.Barrier(16)
        found: list[SignedUrl] = []

        def ask() -> None:
            together.wait()
            found.append(hubspot.files.signed_url_cache.get("1", expires_in=900))

        threads = [threading.Thread(target=ask) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (signer.call_count, len(found), len({id(signed) for signed in found})) == (1, 16, 1)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_many_tasks_send_one_request(signer: respx.Route, backend: str) -> None:
    found: list[SignedUrl] = []

    async def run() -> None:
        async with AsyncHubSpotFiles(TOKEN) as hubspot, anyio.create_task_group() as tasks:

            async def ask() -> None:
                found.append(await hubspot.files.signed_url_cache.get("1", expires_in=900))

            for _ in range(50):
                tasks.start_soon(ask)

    anyio.run(run, backend=backend)
    assert (signer.call_count, len(found), len({id(signed) for signed in found})) == (1, 50, 1)


def test_a_failure_is_not_cached(client: Client, clock: FakeClock, api: respx.MockRouter) -> None:
    """The lock is released as well: the next caller sends a request."""
    api.get(ROUTE).mock(
        side_effect=[
            httpx.Response(404),
            httpx.Response(200, json={"url": "https://storage.example.net/1"}),
        ]
    )

    def call_again() -> str:
        with HubSpotFiles(TOKEN) as hubspot:
            with pytest.raises(NotFoundError):
                hubspot.files.signed_url_cache.get("1", expires_in=60)
            return hubspot.files.signed_url_cache.get("1", expires_in=60).url

    async def call_again_async() -> str:
        async with AsyncHubSpotFiles(TOKEN) as hubspot:
            with pytest.raises(NotFoundError):
                await hubspot.files.signed_url_cache.get("1", expires_in=60)
            return (await hubspot.files.signed_url_cache.get("1", expires_in=60)).url

    url = anyio.run(call_again_async, backend=client.backend) if client.asynchronous else call_again()
    assert url == "https://storage.example.net/1"


def test_a_cancelled_request_releases_the_lock(api: respx.MockRouter) -> None:
    requests: list[httpx.Request] = []

    async def stall(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if len(requests) == 1:
            await anyio.sleep_forever()
        return httpx.Response(200, json={"url": "https://storage.example.net/1"})

    api.get(ROUTE).side_effect = stall

    async def run() -> str:
        async with AsyncHubSpotFiles(TOKEN) as hubspot:
            with anyio.move_on_after(0.05) as scope:
                await hubspot.files.signed_url_cache.get("1", expires_in=60)
            assert scope.cancelled_caught
            with anyio.fail_after(5):
                return (await hubspot.files.signed_url_cache.get("1", expires_in=60)).url

    assert anyio.run(run) == "https://storage.example.net/1"


def test_clear_empties_the_cache(signer: respx.Route) -> None:
    with HubSpotFiles(TOKEN) as hubspot:
        first = hubspot.files.signed_url_cache.get("1")
        assert hubspot.files.signed_url_cache.get("1") is first
        hubspot.files.signed_url_cache.clear()
        assert hubspot.files.signed_url_cache.get("1") is not first


def test_removes_expired_urls_when_there_are_many(clock: FakeClock, signer: respx.Route) -> None:
    with HubSpotFiles(TOKEN) as hubspot:
        cached = hubspot.files.signed_url_cache
        for number in range(1024):
            cached.get(number, expires_in=3600 if number == 7 else 60)
        clock.now += 61
        cached.get(5000, expires_in=60)
        assert [key[0] for key in cached._slots] == ["7", "5000"]


def test_removes_expired_urls_as_the_cache_grows(clock: FakeClock, signer: respx.Route) -> None:
    with HubSpotFiles(TOKEN) as hubspot:
        cached = hubspot.files.signed_url_cache
        for number in range(1025):
            cached.get(number)
        cached.get(5000, expires_in=60)
        clock.now += 61
        cached.get(5001)
        assert [key[0] for key in cached._slots][1024:] == ["1024", "5001"]


def test_keeps_expired_urls_while_there_are_few(clock: FakeClock, signer: respx.Route) -> None:
    with HubSpotFiles(TOKEN) as hubspot:
        cached = hubspot.files.signed_url_cache
        for number in range(1023):
            cached.get(number, expires_in=60)
        clock.now += 61
        cached.get(5000, expires_in=60)
        assert len(cached._slots) == 1024


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"file": ".."}, ValueError, "digits only"),
        ({"file": "1", "expires_in": 0}, ValueError, "one second or more"),
        ({"file": "1", "expires_in": -5}, ValueError, "one second or more"),
        ({"file": "1", "expires_in": timedelta(milliseconds=1500)}, ValueError, "whole seconds"),
        ({"file": "1", "expires_in": "60"}, TypeError, "timedelta or whole seconds"),
        ({"file": "1", "size": "huge"}, ValueError, "icon"),
        ({"file": "1", "upscale": True}, ValueError, "pass size="),
    ],
)
def test_refuses_invalid_arguments_before_anything_is_sent(
    client: Client, api: respx.MockRouter, options: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        client(lambda hubspot: hubspot.files.signed_url_cache.get(**options))
    with pytest.raises(error, match=words):
        client(lambda hubspot: hubspot.files.signed_url(**options))
    assert not api.calls
