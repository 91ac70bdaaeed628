"""Faults: the errors of the caller, and the effects of the call."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from hubspot_files import RequestTimeoutError
from hubspot_files.testing import Emulator

from .support import Upload

FILES = "/files/v3/files"
FORM = (
    b'--b\r\nContent-Disposition: form-data; name="options"\r\n\r\n{"access": "PRIVATE"}\r\n'
    b'--b\r\nContent-Disposition: form-data; name="folderPath"\r\n\r\n/\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n'
)
HEADERS = {"Content-Type": "multipart/form-data; boundary=b"}


class Source:
    """A body in chunks that counts the bytes read from it."""

    def __init__(self) -> None:
        self.read = 0
        self.exhausted = False

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(FORM), 10):
            self.read += len(FORM[start : start + 10])
            yield FORM[start : start + 10]
        self.exhausted = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


def send(emulator: Emulator, source: Source, *, sync: bool) -> httpx.Response:
    """Send the same upload through a sync or an async client."""
    url, headers = f"{emulator.base_url}{FILES}", {**HEADERS, "Authorization": f"Bearer {emulator.token}"}

    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=emulator.async_transport) as client:
            return await client.post(url, content=aiter(source), headers=headers)

    if sync:
        with httpx.Client(transport=emulator.transport) as client:
            return client.post(url, content=iter(source), headers=headers)
    return anyio.run(call)


both = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])

EXCEPTIONS = [
    ("connect", False, httpx.ConnectError, 0),
    ("connect-timeout", False, httpx.ConnectTimeout, 0),
    ("write-reset", False, httpx.WriteError, 10),
    ("write-timeout", False, httpx.WriteTimeout, 10),
    ("read-timeout", False, httpx.ReadTimeout, None),
    ("read-timeout", True, httpx.ReadTimeout, None),
    ("reset", False, httpx.ReadError, None),
    ("reset", True, httpx.ReadError, None),
    ("disconnect", False, httpx.RemoteProtocolError, None),
    ("disconnect", True, httpx.RemoteProtocolError, None),
]


@both
@pytest.mark.parametrize(("kind", "after", "error", "read"), EXCEPTIONS)
def test_connection_faults_raise_the_exceptions_of_httpx(
    emulator: Emulator,
    kind: Any,
    after: bool,
    error: type[httpx.TransportError],
    read: int | None,
    sync: bool,
) -> None:
    fault = emulator.fail(kind, after_effect=after)
    source = Source()
    with pytest.raises(error) as caught:
        send(emulator, source, sync=sync)
    assert type(caught.value) is error
    assert caught.value.request.url.path == FILES
    assert source.read == (len(FORM) if read is None else read)
    assert source.exhausted is (read is None)
    assert len(emulator.files) == (1 if after else 0)
    assert fault.hits == 1
    [recorded] = emulator.requests
    assert (recorded.operation, recorded.status, recorded.error) == ("uploadFile", None, error.__name__)
    assert recorded.body == FORM[: source.read]
    assert send(emulator, Source(), sync=sync).status_code == 201


@both
def test_at_byte_limits_how_much_of_the_request_is_read(emulator: Emulator, sync: bool) -> None:
    emulator.fail("write-reset", at_byte=95)
    source = Source()
    with pytest.raises(httpx.WriteError):
        send(emulator, source, sync=sync)
    assert source.read == 100
    emulator.fail(status=413, at_byte=15)
    source = Source()
    response = send(emulator, source, sync=sync)
    assert (response.status_code, source.read, source.exhausted) == (413, 20, False)
    assert emulator.requests[-1].body_size == 20
    assert emulator.files == []


@both
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("status", [400, 423, 429, 477, 500, 502, 524])
def test_a_planned_status_is_returned(emulator: Emulator, status: int, after: bool, sync: bool) -> None:
    emulator.fail(status=status, after_effect=after, headers={"retry-after": "7"})
    response = send(emulator, Source(), sync=sync)
    assert response.status_code == status
    assert response.headers["retry-after"] == "7"
    if status >= 500:
        assert response.headers["content-type"].startswith("text/html")
    else:
        assert response.json()["status"] == "error"
        assert response.json()["category"]
    assert len(emulator.files) == (1 if after else 0)
    assert emulator.requests[0].status == status


def test_a_fault_may_set_body_and_headers(emulator: Emulator, api: httpx.Client) -> None:
    emulator.fail(status=200, body=b"not json", headers={"content-type": "text/plain"})
    response = api.get(f"{FILES}/search")
    assert (response.status_code, response.content) == (200, b"not json")
    assert response.headers.get_list("content-type") == ["text/plain"]
    emulator.fail(body=b"")
    assert api.get(f"{FILES}/search").headers["content-length"] == "0"


def test_a_fault_is_limited_by_operation_and_count(emulator: Emulator, api: httpx.Client, upload: Upload) -> None:
    fault = emulator.fail(operation="getFile", status=503, count=2)
    file = upload().json()
    url = f"{FILES}/{file['id']}"
    assert [api.get(url).status_code for _ in range(3)] == [503, 503, 200]
    assert (fault.hits, fault.active) == (2, False)
    emulator.fail(operation="fetchContent", status=503)
    assert api.get(url).status_code == 200
    signed = api.get(f"{url}/signed-url").json()["url"]
    with httpx.Client(transport=emulator.transport) as web:
        assert [web.get(signed).status_code for _ in range(2)] == [503, 200]


def test_a_fault_without_count_strikes_until_it_is_cancelled(emulator: Emulator, api: httpx.Client) -> None:
    fault = emulator.fail(count=None)
    assert {api.get(f"{FILES}/search").status_code for _ in range(20)} == {502}
    fault.cancel()
    assert api.get(f"{FILES}/search").status_code == 200
    assert fault.hits == 20
    emulator.fail(count=None)
    emulator.clear_faults()
    assert api.get(f"{FILES}/search").status_code == 200


def test_faults_strike_in_the_order_of_planning(emulator: Emulator, api: httpx.Client) -> None:
    emulator.fail(status=500)
    emulator.fail(status=503)
    assert [api.get(f"{FILES}/search").status_code for _ in range(3)] == [500, 503, 200]


def statuses(seed: int) -> list[int]:
    with Emulator(seed=seed) as emulator:
        emulator.fail(probability=0.3, count=None)
        client = httpx.Client(transport=emulator.transport, headers={"Authorization": f"Bearer {emulator.token}"})
        return [client.get(f"{emulator.base_url}{FILES}/search").status_code for _ in range(200)]


def test_probability_follows_the_seed() -> None:
    first = statuses(1)
    assert first == statuses(1)
    assert first != statuses(2)
    assert 30 < first.count(502) < 90


def test_probability_zero_never_strikes(emulator: Emulator, api: httpx.Client) -> None:
    fault = emulator.fail(probability=0, count=None)
    assert {api.get(f"{FILES}/search").status_code for _ in range(20)} == {200}
    assert fault.hits == 0


@both
def test_truncated_responses_raise(emulator: Emulator, sync: bool) -> None:
    url = emulator.add_file("/a", bytes(100_000), access="PUBLIC_INDEXABLE").url
    emulator.fail("truncate", operation="fetchContent", at_byte=70_000)
    received = bytearray()

    async def stream() -> None:
        async with httpx.AsyncClient(transport=emulator.transport) as client, client.stream("GET", url) as response:
            assert response.headers["content-length"] == "100000"
            async for chunk in response.aiter_raw():
                received.extend(chunk)

    def stream_sync() -> None:
        with httpx.Client(transport=emulator.transport) as client, client.stream("GET", url) as response:
            assert response.headers["content-length"] == "100000"
            for chunk in response.iter_raw():
                received.extend(chunk)

    run = stream_sync if sync else lambda: anyio.run(stream)
    with pytest.raises(httpx.RemoteProtocolError, match=r"received 70000 bytes, expected 100000") as caught:
        run()
    assert len(received) == 70_000
    assert str(caught.value.request.url) == url


def test_truncation_comes_after_the_effect(emulator: Emulator, api: httpx.Client, upload: Upload) -> None:
    emulator.fail("truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        upload()
    [file] = emulator.files
    emulator.fail("truncate")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending"):
        api.delete(f"{FILES}/{file.id}")
    assert emulator.file(file.id).state == "archived"


@both
@pytest.mark.parametrize("kind", ["stall", "delay"])
def test_pauses_end_at_the_read_timeout(emulator: Emulator, kind: Any, sync: bool) -> None:
    url = emulator.add_file("/a", b"abcd", access="PUBLIC_INDEXABLE").url
    emulator.fail(kind)

    async def get(timeout: float) -> bytes:
        async with httpx.AsyncClient(transport=emulator.transport, timeout=timeout) as client:
            return (await client.get(url)).content

    def once(timeout: float) -> bytes:
        if sync:
            with httpx.Client(transport=emulator.transport, timeout=timeout) as client:
                return client.get(url).content
        return anyio.run(get, timeout)

    started = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        once(0.05)
    assert 0.05 <= time.monotonic() - started < 5
    emulator.fail(kind, seconds=0.05)
    started = time.monotonic()
    assert once(5) == b"abcd"
    assert time.monotonic() - started >= 0.05


def test_faults_strike_before_the_token_is_checked(emulator: Emulator, web: httpx.Client) -> None:
    emulator.fail(status=503)
    assert web.get(f"{emulator.base_url}{FILES}/search").status_code == 503


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"kind": "explode"}, "kind is one of"),
    ({"operation": "flyFile"}, "operation is one of"),
    ({"kind": "connect", "after_effect": True}, "there is no effect yet"),
    ({"kind": "write-reset", "after_effect": True}, "there is no effect yet"),
    ({"probability": 1.5}, "probability is from 0 to 1, not 1.5"),
    ({"probability": "often"}, "probability is from 0 to 1, not 'often'"),
    ({"probability": float("nan")}, "probability is from 0 to 1, not nan"),
    ({"count": 0}, "count is at least 1"),
    ({"count": 1.5}, "count is at least 1"),
    *(({"status": status}, "status is from 200 to 599") for status in (1000, 600, 199, 100, -1, True, "503")),
    *(({"at_byte": at_byte}, "at_byte is at least 0") for at_byte in (-1, 1.5, True)),
    *(
        ({"kind": kind, "seconds": seconds}, "seconds is a number of seconds from 0 to")
        for kind in ("delay", "stall", "read-timeout")
        for seconds in (-1, 1e30, float("nan"), float("inf"))
    ),
    *(
        ({"headers": {name: "x"}}, "in headers cannot be the name of a header")
        for name in ("", "a b", "a:", "é", "a\r\nb", 7)
    ),
    *(
        ({"headers": {"a": value}}, "in headers cannot be the value of a")
        for value in (7, " b", "b ", "b\r\nc: d", "\0", "é", None)
    ),
    ({"headers": {"content-Length": "7"}}, "headers cannot hold content-Length"),
    ({"headers": {"Transfer-Encoding": "chunked"}}, "headers cannot hold Transfer-Encoding"),
    ({"body": "text"}, "body is bytes, not 'text'"),
    ({"status": 204, "body": b"x"}, "a response of status 204 has no body"),
]


@pytest.mark.parametrize(("arguments", "words"), IMPOSSIBLE)
def test_invalid_faults_are_refused(
    emulator: Emulator, api: httpx.Client, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        emulator.fail(**arguments)
    assert api.get(f"{FILES}/search").status_code == 200


def test_seconds_must_be_a_number(emulator: Emulator) -> None:
    with pytest.raises(TypeError, match="seconds is a number of seconds, not 'x'"):
        emulator.fail("delay", seconds="x")  # type: ignore[arg-type]  # what is tested


@pytest.mark.parametrize("status", [204, 304])
def test_204_and_304_have_no_body(emulator: Emulator, api: httpx.Client, status: int) -> None:
    emulator.fail(status=status)
    response = api.get(f"{FILES}/search")
    assert (response.status_code, response.content, response.headers.get("content-length")) == (status, b"", None)


class TestDelayBeyondTheTimeout:
    def test_is_a_timeout_of_the_sdk(self, emulator: Emulator) -> None:
        file = emulator.add_file("/a.txt")
        emulator.fail("delay", seconds=5)
        with emulator.client(timeout=0.05, max_retries=0) as hubspot, pytest.raises(RequestTimeoutError):
            hubspot.files.get(file.id)
        assert [(recorded.status, recorded.error) for recorded in emulator.requests] == [(None, "ReadTimeout")]

    def test_is_retried(self, emulator: Emulator) -> None:
        file = emulator.add_file("/a.txt")
        emulator.fail("delay", seconds=5)
        with emulator.client(timeout=0.05) as hubspot:
            assert hubspot.files.get(file.id).id == file.id
        assert [recorded.error for recorded in emulator.requests] == ["ReadTimeout", None]

    def test_leaves_an_upload_to_be_looked_up(self, emulator: Emulator) -> None:
        emulator.fail("delay", seconds=5)
        with emulator.client(timeout=0.05, max_retries=0) as hubspot:
            assert hubspot.files.upload(b"a", name="a.txt", folder_path="/").path == "/a.txt"
        assert [recorded.operation for recorded in emulator.requests] == ["uploadFile", "statPath"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("kind", ["delay", "stall"])
def test_a_caller_can_cancel_a_pause(tmp_path: Path, backend: str, kind: Any) -> None:
    async def calls() -> int:
        with Emulator(data=tmp_path) as kept:
            file = kept.add_file("/a.bin", bytes(500_000), access="PUBLIC_INDEXABLE")
            kept.fail(kind)
            async with httpx.AsyncClient(transport=kept.transport, timeout=None) as client:
                with anyio.move_on_after(0.05) as scope:
                    await client.get(file.url)
                assert scope.cancelled_caught
                assert kept.requests[0].status == (None if kind == "delay" else 200)
                assert (kept.requests[0].error is None) == (kind == "stall")
                return (await client.get(file.url)).status_code

    assert anyio.run(calls, backend=backend) == 200
    # Objects left open would cause warnings here.
    gc.collect()
