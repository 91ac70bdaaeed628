"""The deadline: a limit for a request with all its retries and waits, even if a server drips bytes."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import httpx
import pytest
import respx

from hubspot_files import (
    AsyncHubSpotFiles,
    ConnectionFailedError,
    HubSpotFiles,
    OutcomeUnknownError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    UnexpectedResponseError,
)
from hubspot_files._http.async_bodies import AsyncRequestBody
from hubspot_files._http.bodies import CHUNK_SIZE, RequestBody

from .support import FILE, FOLDER, STORAGE, TOKEN, Client, Content, FakeClock, Wire, collected, enter, leave, versioned

# httpx leaves a generator behind when a body is not read to its end, and trio warns of it.
pytestmark = pytest.mark.filterwarnings("ignore:Async generator 'httpx:ResourceWarning")

ROUTE = "/files/v3/files/1"
CONTENT = bytes(range(100))
RESPONSE = json.dumps(FILE).encode()
MORE = "; deadline= of the client allows more seconds$"


@pytest.fixture(autouse=True)
def full_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every wait as long as the jitter allows."""
    monkeypatch.setattr("random.random", lambda: 1.0)


class Drip(Content):
    """A body that arrives one byte a second.

    Attributes:
        given: how many bytes were read.
    """

    def __init__(self, clock: FakeClock, content: bytes) -> None:
        super().__init__(*(content[start : start + 1] for start in range(len(content))))
        self.clock = clock
        self.given = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in super().__iter__():
            self.clock.now += 1
            self.given += 1
            yield chunk


def slow(clock: FakeClock, seconds: float, response: Any) -> Any:
    """Return a response that takes that many seconds."""

    def side_effect(request: httpx.Request) -> httpx.Response:
        clock.now += seconds
        if isinstance(response, Exception):
            raise response
        return response

    return side_effect


def get(hubspot: Any, **options: Any) -> Any:
    return hubspot.with_options(deadline=10, **options).files.get(1)


class TestRetries:
    @pytest.mark.promise(
        "`deadline=` of the client limits a call with all its attempts and waits, in seconds, including the "
        "lookup of an upload or a folder."
    )
    def test_a_retry_after_the_deadline_is_not_made(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        """The attempts and waits are 2.5 s, 0.5 s, 2.5 s, 1 s, 2.5 s: after these 9 s a wait of two ends too late."""
        route = api.get(ROUTE).mock(side_effect=slow(clock, 2.5, httpx.Response(503)))
        with pytest.raises(ServerError, match="503"):
            client(get)
        assert route.call_count == 3
        assert sleeps == [0.5, 1.0]

    def test_a_retry_after_beyond_the_deadline_is_not_waited_for(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        route = api.get(ROUTE).respond(429, headers={"retry-after": "10"})
        with pytest.raises(RateLimitError) as caught:
            client(get)
        assert caught.value.retry_after == 10.0
        assert (route.call_count, sleeps) == (1, [])

    def test_a_retry_within_the_deadline_is_made(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        limited = httpx.Response(429, headers={"retry-after": "9"})
        api.get(ROUTE).mock(side_effect=[limited, httpx.Response(200, json=FILE)])
        assert client(get).id == FILE["id"]
        assert sleeps == [9.0]

    @pytest.mark.promise(
        "`deadline=` of the client limits a call with all its attempts and waits, in seconds, including the "
        "lookup of an upload or a folder."
    )
    def test_every_step_gets_the_remaining_time(self, client: Client, api: respx.MockRouter, clock: FakeClock) -> None:
        route = api.get(ROUTE).mock(side_effect=slow(clock, 3, httpx.ReadError("reset")))
        with pytest.raises(ConnectionFailedError):
            client(lambda hubspot: get(hubspot, timeout=httpx.Timeout(60, connect=4.0, pool=None)))
        assert [call.request.extensions["timeout"] for call in route.calls] == [
            {"connect": 4.0, "read": 10.0, "write": 10.0, "pool": 10.0},
            {"connect": 4.0, "read": 6.5, "write": 6.5, "pool": 6.5},
            {"connect": 2.5, "read": 2.5, "write": 2.5, "pool": 2.5},
        ]

    def test_each_request_has_its_own_deadline(self, client: Client, api: respx.MockRouter, clock: FakeClock) -> None:
        route = api.get(ROUTE).mock(side_effect=slow(clock, 8, httpx.Response(200, json=FILE)))

        def program(hubspot: Any) -> Any:
            timed = hubspot.with_options(deadline=10)
            for _ in range(3):
                yield timed.files.get(1)

        client(program)
        assert route.call_count == 3

    def test_an_unreadable_response_does_not_extend_it(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        route = api.get(ROUTE).mock(side_effect=slow(clock, 2.5, httpx.Response(200, html="<html>")))
        with pytest.raises(UnexpectedResponseError):
            client(get)
        assert route.call_count == 3
        assert sleeps == [0.5, 1.0]
        assert route.calls.last.request.extensions["timeout"]["read"] == 3.5

    def test_applies_to_requests_of_the_caller(self, client: Client, api: respx.MockRouter, clock: FakeClock) -> None:
        route = api.get("/x").mock(side_effect=slow(clock, 6, httpx.Response(503)))
        with pytest.raises(ServerError):
            client(lambda hubspot: hubspot.with_options(deadline=10).request("GET", "/x"))
        assert route.call_count == 2

    def test_rate_limiting_does_not_exceed_it(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        route = api.get(ROUTE).respond(200, json=FILE, headers={"x-hubspot-ratelimit-max": "1"})

        def program(hubspot: Any) -> Any:
            paced = hubspot.with_options(deadline=5, pace=True)
            yield paced.files.get(1)
            clock.now += 8
            yield paced.files.get(1)
            yield paced.files.get(1)

        with pytest.raises(
            RequestTimeoutError, match=rf"^GET {versioned(ROUTE)}: the rate limit does not allow it before.*{MORE}"
        ):
            client(program)
        assert route.call_count == 2
        assert [round(seconds, 6) for seconds in sleeps] == [2.01]

    def test_a_timeout_before_it_advises_a_longer_timeout(
        self, client: Client, api: respx.MockRouter, clock: FakeClock
    ) -> None:
        api.get(ROUTE).mock(side_effect=slow(clock, 4, httpx.ReadTimeout("late")))
        with pytest.raises(RequestTimeoutError, match=r"timeout= of the client or the call allows more seconds$"):
            client(lambda hubspot: get(hubspot, timeout=4, max_retries=1))

    def test_a_timeout_at_it_advises_a_longer_deadline(
        self, client: Client, api: respx.MockRouter, clock: FakeClock
    ) -> None:
        api.get(ROUTE).mock(side_effect=slow(clock, 10, httpx.ConnectTimeout("late")))
        with pytest.raises(RequestTimeoutError, match=rf"no response before the deadline \(ConnectTimeout\){MORE}"):
            client(get)

    def test_without_one_all_retries_are_made(self, client: Client, api: respx.MockRouter, clock: FakeClock) -> None:
        route = api.get(ROUTE).mock(side_effect=slow(clock, 1000, httpx.Response(503)))
        with pytest.raises(ServerError):
            client(lambda hubspot: hubspot.files.get(1))
        assert route.call_count == 5
        assert {call.request.extensions["timeout"]["read"] for call in route.calls} == {60.0}


class TestDrip:
    @pytest.mark.promise(
        "With an `http_client` of yours, `HubSpotFiles` shortens the timeout of each step to the remaining "
        "time, and checks the deadline between chunks of a body."
    )
    def test_of_a_response(self, client: Client, clock: FakeClock) -> None:
        """Each byte is in time, all of them are not."""
        body = Drip(clock, RESPONSE)
        left: list[float] = []

        def handle(request: httpx.Request) -> httpx.Response:
            left.append(request.extensions["timeout"]["read"])
            return httpx.Response(200, stream=body)

        mine = client.http(httpx.MockTransport(handle))
        with pytest.raises(
            RequestTimeoutError, match=rf"^GET {versioned(ROUTE)}: no response before the deadline \(Read.*{MORE}"
        ) as caught:
            client(get, http_client=mine)
        assert isinstance(caught.value.__cause__, httpx.ReadTimeout)
        assert (body.given, body.closed, left) == (10, 1, [10.0])

    def test_of_a_response_without_a_deadline_is_read(self, client: Client, clock: FakeClock) -> None:
        body = Drip(clock, RESPONSE)
        mine = client.http(httpx.MockTransport(lambda request: httpx.Response(200, stream=body)))
        assert client(lambda hubspot: hubspot.files.get(1), http_client=mine).id == FILE["id"]
        assert body.given == len(RESPONSE)

    def test_of_a_slow_upload(self, client: Client, clock: FakeClock, sleeps: list[float]) -> None:
        """The upload was not fully sent, so nothing can be stored and the outcome is certain."""

        class Slow(Wire):
            def _next(self) -> tuple[int, Exception | None]:
                return 0, None

        class Source(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                clock.now += 4 if size else 0
                return super().read(size)

        wire = Slow(response=httpx.Response(201, json=FILE))
        with pytest.raises(
            RequestTimeoutError,
            match=rf"^POST {versioned('/files/v3/files')}: no response before the deadline .*{MORE}",
        ):
            client(
                lambda hubspot: hubspot.with_options(deadline=10).files.upload(
                    Source(bytes(1_000_000)), name="a.bin", folder_path="/"
                ),
                http_client=client.http(wire),
            )
        assert wire.received == []
        assert sleeps == []

    @pytest.mark.promise(
        "`deadline=` of the client limits a call with all its attempts and waits, in seconds, including the "
        "lookup of an upload or a folder."
    )
    def test_of_an_upload_whose_outcome_is_looked_up(
        self, client: Client, api: respx.MockRouter, clock: FakeClock
    ) -> None:
        """The lookup gets the time that the upload left."""
        content = b"x"
        api.post("/files/v3/files").mock(side_effect=slow(clock, 7, httpx.ReadError("cut")))
        stored = {
            **FILE,
            "path": "/a.txt",
            "size": 1,
            "fileMd5": hashlib.md5(content).hexdigest(),
            "createdAt": "2026-03-01T12:00:05Z",
        }
        stat = api.get("/files/v3/files/stat/a.txt").respond(
            200, json={"file": stored}, headers={"date": "Sun, 01 Mar 2026 12:00:10 GMT"}
        )
        file = client(
            lambda hubspot: hubspot.with_options(deadline=10).files.upload(content, name="a.txt", folder_path="/")
        )
        assert file.size == 1
        assert stat.calls.last.request.extensions["timeout"]["read"] == 3.0

    def test_of_an_upload_that_leaves_no_time_for_the_lookup(
        self, client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
    ) -> None:
        api.post("/files/v3/files").mock(side_effect=slow(clock, 10, httpx.ReadTimeout("late")))
        stat = api.get("/files/v3/files/stat/a.txt").mock(side_effect=httpx.ReadTimeout("late"))
        with pytest.raises(
            OutcomeUnknownError, match=r"Looking it up failed \(GET .*: no response before the deadline"
        ):
            client(lambda hubspot: hubspot.with_options(deadline=10).files.upload(b"x", name="a.txt", folder_path="/"))
        assert stat.call_count == 1
        assert sleeps == []

    def test_applies_to_sending_json(self, client: Client, api: respx.MockRouter, clock: FakeClock) -> None:
        def late() -> str:
            clock.now += 11
            return TOKEN

        route = api.post("/files/v3/folders").respond(201, json=FOLDER)
        with pytest.raises(RequestTimeoutError):
            client(lambda hubspot: hubspot.with_options(deadline=10).folders.create("a"), access_token=late)
        assert route.call_count == 0


@pytest.fixture
def storage(api: respx.MockRouter) -> respx.Route:
    """A private file of a hundred bytes, and the host that has them."""
    with_md5 = {**FILE, "id": "1", "size": len(CONTENT), "fileMd5": hashlib.md5(CONTENT).hexdigest()}
    api.get(ROUTE).respond(200, json=with_md5)
    api.get(f"{ROUTE}/signed-url").respond(200, json={"url": f"{STORAGE}/1", "expiresAt": "2999-01-01T00:00:00Z"})
    return api.get(f"{STORAGE}/1")


def streams(hubspot: Any) -> Any:
    content = hubspot.files.stream(1)
    yield enter(content)
    try:
        return b"".join((yield collected(content)))
    finally:
        yield leave(content)


class TestDownload:
    @pytest.mark.promise("For a download, it limits all of it.")
    @pytest.mark.parametrize(
        "operation",
        [
            lambda hubspot: hubspot.files.read(1),
            lambda hubspot: hubspot.files.download(1, io.BytesIO()),
            streams,
        ],
        ids=["read", "download", "stream"],
    )
    def test_dripping_content(self, client: Client, storage: respx.Route, clock: FakeClock, operation: Any) -> None:
        body = Drip(clock, CONTENT)
        storage.mock(return_value=httpx.Response(200, headers={"etag": '"1"'}, stream=body))
        with pytest.raises(
            RequestTimeoutError, match=rf"^GET content of file 1: no response before the deadline .*{MORE}"
        ):
            client(lambda hubspot: operation(hubspot.with_options(deadline=10)))
        assert 10 <= body.given <= 11
        assert body.closed == 1
        assert storage.call_count == 1

    @pytest.mark.parametrize("status", [403, 404, 503])
    def test_dripping_error(self, client: Client, storage: respx.Route, clock: FakeClock, status: int) -> None:
        body = Drip(clock, b"<Error>" * 1000)
        storage.mock(return_value=httpx.Response(status, stream=body))
        with pytest.raises(RequestTimeoutError):
            client(lambda hubspot: hubspot.with_options(deadline=10).files.read(1))
        assert (body.given, body.closed) == (10, 1)

    @pytest.mark.promise("For a download, it limits all of it.")
    def test_resumes_only_before_the_deadline(
        self, client: Client, storage: respx.Route, clock: FakeClock, sleeps: list[float]
    ) -> None:
        def respond(request: httpx.Request) -> httpx.Response:
            clock.now += 2.5
            offset = int(request.headers.get("range", "bytes=0-")[6:-1])
            span = {"content-range": f"bytes {offset}-99/100"} if offset else {}
            stream = Content(CONTENT[offset : offset + 10], httpx.ReadError("reset"))
            return httpx.Response(206 if offset else 200, headers={"etag": '"1"', **span}, stream=stream)

        storage.mock(side_effect=respond)
        with pytest.raises(ConnectionFailedError, match="the connection was cut: reset"):
            client(lambda hubspot: hubspot.with_options(deadline=10).files.read(1))
        assert storage.call_count == 3
        assert [call.request.extensions["timeout"]["read"] for call in storage.calls] == [10.0, 7.0, 3.5]
        assert sleeps == [0.5, 1.0]

    def test_retries_a_busy_host_only_before_the_deadline(
        self, client: Client, storage: respx.Route, clock: FakeClock, sleeps: list[float]
    ) -> None:
        storage.mock(side_effect=slow(clock, 6, httpx.Response(503)))
        with pytest.raises(ServerError):
            client(lambda hubspot: hubspot.with_options(deadline=10).files.read(1))
        assert storage.call_count == 2
        assert sleeps == [0.5]

    def test_succeeds_before_the_deadline(self, client: Client, storage: respx.Route, clock: FakeClock) -> None:
        storage.mock(return_value=httpx.Response(200, stream=Drip(clock, CONTENT)))
        assert client(lambda hubspot: hubspot.with_options(deadline=1000).files.read(1)) == CONTENT


class TestOption:
    @pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])
    @pytest.mark.parametrize(
        ("value", "error", "message"),
        [
            (0, ValueError, r"^deadline must be more than 0 seconds, not 0$"),
            (-1.5, ValueError, r"^deadline must be more than 0 seconds, not -1\.5$"),
            (math.nan, ValueError, r"^deadline must be more than 0 seconds, not nan$"),
            (True, TypeError, r"^deadline must be seconds as a number, not bool$"),
            ("5", TypeError, r"^deadline must be seconds as a number, not str$"),
        ],
    )
    def test_must_be_a_number_of_seconds(self, kind: Any, value: Any, error: type[Exception], message: str) -> None:
        with pytest.raises(error, match=message):
            kind(TOKEN).with_options(deadline=value)

    def test_is_kept_by_copies(self, client: Client, api: respx.MockRouter, clock: FakeClock) -> None:
        route = api.get(ROUTE).respond(200, json=FILE)
        client(lambda hubspot: hubspot.with_options(deadline=5).with_options(max_retries=1).files.get(1))
        assert route.calls.last.request.extensions["timeout"]["read"] == 5

    def test_may_be_infinite(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(ROUTE).respond(200, json=FILE)
        client(lambda hubspot: hubspot.with_options(deadline=math.inf).files.get(1))
        assert route.calls.last.request.extensions["timeout"]["read"] == 60.0

    def test_an_infinite_one_is_valid_for_a_socket(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(ROUTE).respond(200, json=FILE)
        endless = {"deadline": math.inf, "timeout": httpx.Timeout(None)}
        client(lambda hubspot: hubspot.with_options(**endless).files.get(1))
        assert 10**9 < route.calls.last.request.extensions["timeout"]["read"] <= threading.TIMEOUT_MAX


@pytest.fixture
def dripping() -> Iterator[str]:
    """Serve a response one byte every 20 ms, for five seconds."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 250\r\n\r\n")
                    for _ in range(250):
                        if done.wait(0.02):
                            return
                        connection.sendall(b" ")

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        done.set()
    thread.join()


class TestOverASocket:
    def test_a_dripping_response_ends_at_the_deadline(self, client: Client, dripping: str) -> None:
        started_at = time.monotonic()
        with pytest.raises(RequestTimeoutError):
            client(
                lambda hubspot: hubspot.with_options(deadline=0.3).files.get(1),
                base_url=dripping,
                timeout=2,
            )
        assert 0.3 <= time.monotonic() - started_at < 2


class TestFullySent:
    """Once the last chunk is written HubSpot may act on the request, even if the deadline has passed by then."""

    def late(self) -> Callable[[], None]:
        """Return a check that passes once."""
        checks = iter([True])

        def check() -> None:
            if not next(checks, False):
                raise httpx.ReadTimeout("the deadline has passed")

        return check

    def test_is_set_after_the_last_chunk_sync(self) -> None:
        body = RequestBody([b"all of it"], self.late())
        assert list(body) == [b"all of it"]
        assert body.exhausted

    @pytest.mark.parametrize("from_disk", [True, False])
    def test_is_set_after_the_last_chunk_async(self, from_disk: bool) -> None:
        body = AsyncRequestBody([b"all of it"], self.late(), from_disk=from_disk)

        async def read() -> list[bytes]:
            return [chunk async for chunk in body]

        assert anyio.run(read) == [b"all of it"]
        assert body.exhausted

    def test_is_not_set_before_the_last_chunk(self) -> None:
        chunks = [b"a" * CHUNK_SIZE, b"the rest"]
        late = RequestBody(chunks, self.late())
        with pytest.raises(httpx.ReadTimeout):
            list(late)
        assert not late.exhausted
        body = AsyncRequestBody(chunks, self.late(), from_disk=False)

        async def read() -> None:
            async for _ in body:
                pass

        with pytest.raises(httpx.ReadTimeout):
            anyio.run(read)
        assert not body.exhausted
