"""The emulator over real sockets: the API, storage host, faults, malformed requests, control route, shutdown."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import random
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from hubspot_files import AsyncHubSpotFiles, HubSpotFiles
from hubspot_files.emulator._asgi import Connection
from hubspot_files.emulator._response_flow import Pause
from hubspot_files.emulator._server import Server, Sockets
from hubspot_files.testing import Emulator, serve

from .support import Upload, message

FILES = "/files/v3/files"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with serve() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def standing() -> Iterator[Emulator]:
    """Share a server among the tests that leave no state: each shutdown takes a quarter of a second."""
    with serve() as emulator:
        yield emulator


@pytest.fixture
def api(emulator: Emulator) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {emulator.token}"}
    with httpx.Client(base_url=emulator.base_url, headers=headers, timeout=5) as client:
        yield client


@pytest.fixture
def web() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=5) as client:
        yield client


def control(emulator: Emulator, name: str, **arguments: Any) -> httpx.Response:
    return httpx.post(f"{emulator.base_url}/_emulator/{name}", json=arguments)


class TestWork:
    def test_serves_the_sdk(self, emulator: Emulator, tmp_path: Path) -> None:
        with HubSpotFiles(emulator.token, base_url=emulator.base_url) as hubspot:
            file = hubspot.files.upload(b"hello" * 100_000, name="a.txt", folder_path="/in")
            copy = hubspot.files.download(file.id, tmp_path / "copy")
            assert copy is not None
            assert copy.read_bytes() == b"hello" * 100_000 == emulator.file(file.id).content

        async def read() -> bytes:
            async with AsyncHubSpotFiles(emulator.token, base_url=emulator.base_url) as hubspot:
                return await hubspot.files.read(file.id)

        assert anyio.run(read) == b"hello" * 100_000

    def test_has_two_origins(self, emulator: Emulator, api: httpx.Client, web: httpx.Client, upload: Upload) -> None:
        file = upload(b"0123456789").json()
        signed = api.get(f"{FILES}/{file['id']}/signed-url").json()["url"]
        assert signed.startswith(emulator.storage_url)
        assert emulator.storage_url != emulator.base_url
        part = web.get(signed, headers={"Range": "bytes=2-4"})
        assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
        head = web.head(signed)
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "10")
        assert web.get(signed, headers={"If-None-Match": head.headers["etag"]}).status_code == 304
        assert web.get(file["url"]).status_code == 404
        assert api.get(signed).status_code == 400
        assert web.post(signed).status_code == 405
        assert web.get(emulator.storage_url + FILES + "/search").status_code == 404
        emulator.clock.advance(timedelta(hours=2))
        assert web.get(signed).status_code == 403
        assert [recorded.operation for recorded in emulator.requests[2:4]] == ["fetchContent"] * 2

    @pytest.mark.parametrize("version", ["v3", "2026-03"])
    def test_paths_are_recorded_as_sent(self, emulator: Emulator, api: httpx.Client, version: str) -> None:
        emulator.add_file("/library/cats & dogs/é.txt", b"x")
        for path in ("library/cats%20&%20dogs/%C3%A9.txt", "library%2Fcats%20%26%20dogs%2F%C3%A9.txt"):
            assert raw(emulator, f"/files/{version}/files/stat/{path}").startswith("HTTP/1.1 200 OK\r\n")
            assert emulator.requests[-1].path == f"/files/{version}/files/stat/{path}"

    def test_links_lead_to_the_server(self, emulator: Emulator, api: httpx.Client) -> None:
        for number in range(3):
            emulator.add_file(f"/{number}")
        page = api.get(f"{FILES}/search?limit=2").json()
        assert [item["name"] for item in api.get(page["paging"]["next"]["link"]).json()["results"]] == ["2"]

    def test_threads_get_different_names(self, emulator: Emulator, upload: Upload) -> None:
        with ThreadPoolExecutor(8) as pool:
            paths = {future.json()["path"] for future in pool.map(lambda i: upload(str(i).encode()), range(60))}
        assert paths == {"/in/a.txt", *(f"/in/a-{number}.txt" for number in range(1, 60))}
        assert sorted(file.content or b"" for file in emulator.files) == sorted(str(i).encode() for i in range(60))

    def test_a_chunked_body_is_accepted(self, emulator: Emulator, api: httpx.Client) -> None:
        response = api.post(
            "/files/v3/folders", content=iter([b'{"name": ', b'"a"}']), headers={"Content-Type": "application/json"}
        )
        assert response.status_code == 201

    def test_head_and_body_are_sent_without_delay(self, emulator: Emulator, api: httpx.Client) -> None:
        api.get(f"{FILES}/search")
        started_at = time.perf_counter()
        for _ in range(20):
            api.get(f"{FILES}/search")
        # A response that waits for an acknowledgement takes 40 milliseconds.
        assert time.perf_counter() - started_at < 20 * 0.035


@pytest.fixture
def upload(api: httpx.Client) -> Upload:
    def call(content: bytes = b"hello", name: str = "a.txt") -> httpx.Response:
        data = {"folderPath": "/in", "options": json.dumps({"access": "PRIVATE"})}
        return api.post(FILES, data=data, files={"file": (name, content)})

    return call


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "error", "stored"),
        [
            ("connect", httpx.TransportError, 0),
            ("connect-timeout", httpx.TransportError, 0),
            ("write-reset", httpx.TransportError, 0),
            ("write-timeout", httpx.TimeoutException, 0),
            ("read-timeout", httpx.ReadTimeout, 0),
            ("reset", httpx.ReadError, 0),
            ("disconnect", httpx.RemoteProtocolError, 0),
            ("truncate", httpx.RemoteProtocolError, 1),
            ("stall", httpx.ReadTimeout, 1),
            ("delay", httpx.ReadTimeout, 1),
        ],
    )
    def test_each_kind_of_fault_strikes(
        self, emulator: Emulator, api: httpx.Client, upload: Upload, kind: Any, error: type[Exception], stored: int
    ) -> None:
        emulator.fail(kind, operation="uploadFile")
        api.timeout = httpx.Timeout(0.3)
        with pytest.raises(error):
            upload(bytes(3_000_000))
        assert len(emulator.files) == stored
        api.timeout = httpx.Timeout(5)
        assert upload(b"next").status_code == 201

    @pytest.mark.parametrize("kind", ["read-timeout", "reset", "disconnect"])
    def test_a_fault_may_strike_after_the_effect(
        self, emulator: Emulator, api: httpx.Client, upload: Upload, kind: Any
    ) -> None:
        emulator.fail(kind, after_effect=True)
        api.timeout = httpx.Timeout(0.3)
        with pytest.raises(httpx.TransportError):
            upload(b"x")
        assert [file.content for file in emulator.files] == [b"x"]

    @pytest.mark.parametrize("status", [200, 204, 304, 599])
    def test_statuses_keep_the_connection(self, emulator: Emulator, api: httpx.Client, status: int) -> None:
        emulator.fail(status=status)
        assert [api.get(f"{FILES}/search").status_code for _ in range(2)] == [status, 200]

    def test_a_status_before_the_body_is_read(self, emulator: Emulator, upload: Upload) -> None:
        emulator.fail(status=503, at_byte=1)
        assert upload(bytes(3_000_000)).status_code == 503
        assert upload(b"x").status_code == 201

    def test_a_delay_precedes_the_response(self, emulator: Emulator, api: httpx.Client) -> None:
        emulator.fail("delay", seconds=0.2)
        started_at = time.perf_counter()
        assert api.get(f"{FILES}/search").status_code == 200
        assert time.perf_counter() - started_at >= 0.2

    def test_a_stalled_response_does_not_delay_others(self) -> None:
        kinds = ("stall", "delay", "read-timeout")
        ended: list[str] = []
        with serve() as emulator:
            for kind in kinds:
                emulator.fail(kind, operation="getFile")
            url = f"{emulator.base_url}{FILES}/{emulator.add_file('/a').id}"
            headers = {"Authorization": f"Bearer {emulator.token}"}

            def wait() -> None:
                try:
                    httpx.get(url, headers=headers, timeout=20)
                except httpx.TransportError as error:
                    ended.append(type(error).__name__)

            threads = [threading.Thread(target=wait) for _ in kinds]
            for thread in threads:
                thread.start()
            while len(emulator.requests) < 3:
                time.sleep(0.01)
            for _ in range(20):
                assert httpx.get(f"{emulator.base_url}{FILES}/search", headers=headers).status_code == 200
            assert ended == []
            started_at = time.perf_counter()
        # The shutdown does not wait for responses that the emulator stalls itself.
        assert time.perf_counter() - started_at < 5
        for thread in threads:
            thread.join(5)
        assert len(ended) == 3


def test_open_requests_are_completed_at_the_shutdown() -> None:
    sockets = Sockets()
    emulator = Emulator(base_url=sockets.base_url, storage_url=sockets.storage_url)
    server = Server(emulator, sockets)
    thread = threading.Thread(target=server.serve)
    thread.start()
    url = httpx.URL(emulator.base_url)
    assert url.port is not None
    with socket.create_connection((url.host, url.port)) as connection:
        connection.sendall(
            f"POST /files/v3/folders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {emulator.token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 13\r\n\r\n".encode()
        )
        while not emulator.requests:
            time.sleep(0.01)
        server.end()
        time.sleep(0.3)
        with pytest.raises(httpx.ConnectError):
            httpx.get(emulator.base_url)
        connection.sendall(b'{"name": "a"}')
        assert connection.recv(100).startswith(b"HTTP/1.1 201 Created\r\n")
    thread.join(5)
    assert not thread.is_alive()
    assert [folder.path for folder in emulator.folders] == ["/a"]
    emulator.close()


def test_a_cancelled_wait_leaves_no_task() -> None:
    async def cancelled() -> set[asyncio.Task[Any]]:
        messages = [{"type": "http.request", "body": b""}]

        async def receive() -> dict[str, Any]:
            return messages.pop() if messages else await asyncio.Future()

        async def send(message: object) -> None:
            raise AssertionError(message)

        connection = Connection(asyncio.Transport(), receive, send, asyncio.Event())
        assert await connection.read() is None
        waiting = asyncio.create_task(connection.perform(Pause(60)))
        await asyncio.sleep(0.01)
        assert len(asyncio.all_tasks()) == 4
        waiting.cancel()
        await asyncio.sleep(0.01)
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(cancelled()) == set()


def raw(emulator: Emulator, target: str, *, method: str = "GET", head: str = "", body: bytes = b"") -> str:
    """Return the response to a request that no client would send."""
    url = httpx.URL(emulator.base_url)
    assert url.port is not None
    with socket.create_connection((url.host, url.port), timeout=5) as connection:
        authorization = f"Authorization: Bearer {emulator.token}\r\n"
        connection.sendall(
            f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{authorization}{head}\r\n".encode("latin-1")
            + body
        )
        response = b""
        while chunk := connection.recv(65_536):
            response += chunk
    return response.decode()


class TestTheWorstRequests:
    @pytest.fixture
    def emulator(self, standing: Emulator) -> Emulator:
        standing.forget_requests()
        return standing

    @pytest.mark.parametrize(
        ("target", "status"),
        [
            ("/files/v3/files/stat/%ff%fe", 400),
            ("/files/v3/files/stat/%zz", 404),
            ("/files/v3/files/stat/a%00b", 404),
            ("/files/v3/files/stat/../../../etc/passwd", 404),
            ("/files/v3/files/stat/" + "a" * 30_000, 404),
            ("/files/v3/files/search?limit=%ff", 400),
            ("/files/v3/files/search?ids=" + "1," * 10_000, 200),
            ("/files/v3/files/search?" + "a=1&" * 10_000, 200),
            ("/files/v3/files/" + "9" * 30, 404),
            ("/files/v3/files/99999999999999999999999999999999999", 404),
            ("//files/v3/files/search", 404),
            ("/files/v3/files/search/", 404),
            ("*", 404),
            ("http://elsewhere.test/files/v3/files/search", 404),
        ],
    )
    def test_unusual_targets_are_handled(self, emulator: Emulator, target: str, status: int) -> None:
        response = raw(emulator, target)
        assert response.startswith(f"HTTP/1.1 {status} "), response[:300]
        assert re.search(r"\r\nx-hubspot-correlation-id: [0-9a-f-]{36}\r\n", response)

    @pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS", "BREW"])
    def test_other_methods_are_refused(self, emulator: Emulator, method: str) -> None:
        response = raw(emulator, FILES, method=method)
        assert response.startswith("HTTP/1.1 405 Method Not Allowed\r\n")
        assert "\r\nallow: POST\r\n" in response

    @pytest.mark.parametrize(
        "head", ["A: " + "b" * 200_000 + "\r\n", "A b: c\r\n", "Content-Length: x\r\n", "\0: a\r\n"]
    )
    def test_invalid_heads_are_refused(self, emulator: Emulator, head: str) -> None:
        with contextlib.suppress(ConnectionError):
            assert raw(emulator, FILES, head=head).startswith("HTTP/1.1 400 ")
        assert raw(emulator, f"{FILES}/search").startswith("HTTP/1.1 200 OK\r\n")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"--b",
            b"--b--\r\n",
            b"\0" * 100_000,
            b"--b\r\n\r\nno headers\r\n--b--\r\n",
            b"--b\r\nContent-Disposition: form-data\r\n\r\n\r\n--b--\r\n",
            b'--b\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n\r\n--b--\r\n',
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nnever ended',
            b'--b\r\nContent-Disposition: form-data; name="fileName"\r\n\r\n' + b"a" * 1_100_000 + b"\r\n--b--\r\n",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 200 + b"--b--\r\n",
            b"--b\r\n" + b"A: b\r\n" * 1000 + b"\r\n\r\n--b--\r\n",
        ],
        ids=range(11),
    )
    def test_invalid_forms_are_refused(self, api: httpx.Client, body: bytes) -> None:
        response = api.post(FILES, content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
        assert response.status_code == 400
        assert message(response)

    def test_too_large_json_is_refused(self, emulator: Emulator, api: httpx.Client) -> None:
        headers = {"Content-Type": "application/json"}
        response = api.post("/files/v3/folders", content=b" " * 9_000_000, headers=headers)
        assert (response.status_code, message(response)) == (413, "The body is larger than 8388608 bytes")
        assert emulator.requests[-1].body_size == 9_000_000

    def test_deep_json_is_refused(self, api: httpx.Client) -> None:
        headers = {"Content-Type": "application/json"}
        assert api.post("/files/v3/folders", content=b"[" * 1_000_000, headers=headers).status_code == 400

    def test_a_client_may_disconnect_amid_its_body(self, emulator: Emulator) -> None:
        url = httpx.URL(emulator.base_url)
        assert url.port is not None
        with socket.create_connection((url.host, url.port)) as connection:
            connection.sendall(f"POST {FILES} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf".encode())
            while not emulator.requests:
                time.sleep(0.01)
        while emulator.requests[0].error is None:
            time.sleep(0.01)
        assert (emulator.requests[0].status, emulator.requests[0].body) == (None, b"half")

    def test_a_failure_of_the_emulator_is_logged(
        self, emulator: Emulator, api: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fails(*arguments: Any) -> Any:
            raise ZeroDivisionError

        monkeypatch.setattr(emulator._pipeline, "_respond", fails)
        with caplog.at_level(logging.ERROR):
            response = api.get(f"{FILES}/search")
        assert (response.status_code, response.json()["category"]) == (500, "INTERNAL_ERROR")
        assert response.json()["correlationId"]
        assert "ZeroDivisionError" in caplog.text
        monkeypatch.undo()
        assert api.get(f"{FILES}/search").status_code == 200


class TestControl:
    def test_lists_its_methods(self, emulator: Emulator, web: httpx.Client) -> None:
        about = web.get(f"{emulator.base_url}/_emulator").json()
        assert (about["base_url"], about["storage_url"]) == (emulator.base_url, emulator.storage_url)
        for name in about["calls"]:
            assert name == "advance" or callable(getattr(emulator, name))
        for name in about["lists"]:
            assert web.get(f"{emulator.base_url}/_emulator/{name}").json() == {"results": []}
        assert emulator.requests == []

    def test_lists_records(self, emulator: Emulator, web: httpx.Client, api: httpx.Client) -> None:
        content = base64.b64encode(b"hello").decode()
        arguments = {"path": "/a/b.txt", "content": content, "access": "HIDDEN_PRIVATE", "id": 7}
        planted = control(emulator, "add_file", **arguments, expires_at="2100-01-01T00:00:00Z").json()
        assert (planted["id"], planted["path"], planted["size"]) == ("7", "/a/b.txt", 5)
        assert planted["expires_at"] == "2100-01-01T00:00:00+00:00"
        url = f"{emulator.base_url}/_emulator"
        assert web.get(f"{url}/files").json()["results"] == [planted]
        assert web.get(f"{url}/files/7/content").content == b"hello"
        assert control(emulator, "add_folder", path="/c", id=8).json()["id"] == "8"
        assert [folder["path"] for folder in web.get(f"{url}/folders").json()["results"]] == ["/c", "/a"]
        api.post("/files/v3/folders?a=1&a=2", json={"name": "d"})
        [recorded] = web.get(f"{url}/requests").json()["results"]
        assert (recorded["operation"], recorded["status"], recorded["json"]) == ("createFolder", 201, {"name": "d"})
        assert (recorded["query"], recorded["headers"]["host"]) == ([["a", "1"], ["a", "2"]], url[7:].partition("/")[0])
        assert control(emulator, "forget_requests").json() == {}
        assert web.get(f"{url}/requests").json() == {"results": []}

    def test_resets(self, emulator: Emulator, web: httpx.Client) -> None:
        for name, arguments in (
            ("add_file", {"path": "/in/a.txt"}),
            ("fail", {"operation": "getFile"}),
            ("expire_token", {"token": emulator.token}),
        ):
            assert control(emulator, name, **arguments).status_code == 200
        web.get(emulator.base_url)
        assert control(emulator, "reset").json() == {}
        for name in ("files", "folders", "tasks", "requests", "faults"):
            assert web.get(f"{emulator.base_url}/_emulator/{name}").json() == {"results": []}
        with HubSpotFiles(emulator.token, base_url=emulator.base_url) as hubspot:
            assert hubspot.folders.create("in").path == "/in"

    @pytest.mark.parametrize(
        "body", [b"[" * 100_000, b"[" * 30_000 + b"]" * 30_000, b'"\\ud800"', b"NaN", b"1e999", b"\xff", b"9" * 5000]
    )
    def test_bodies_that_are_not_json_are_null(
        self, emulator: Emulator, web: httpx.Client, api: httpx.Client, body: bytes
    ) -> None:
        headers = {"Content-Type": "application/json"}
        assert api.post("/files/v3/folders", content=body, headers=headers).status_code == 400
        [recorded] = web.get(f"{emulator.base_url}/_emulator/requests").json()["results"]
        assert (recorded["status"], recorded["body_size"], recorded["json"]) == (400, len(body), None)

    def test_calls_the_methods_of_the_emulator(self, emulator: Emulator, web: httpx.Client, api: httpx.Client) -> None:
        assert control(emulator, "fail", status=418, count=None, operation="searchFiles").json()["kind"] == "status"
        assert [api.get(f"{FILES}/search").status_code for _ in range(2)] == [418] * 2
        [fault] = web.get(f"{emulator.base_url}/_emulator/faults").json()["results"]
        assert (fault["hits"], fault["status"]) == (2, 418)
        control(emulator, "clear_faults")
        control(emulator, "fail", headers={"A": "b"}, body=base64.b64encode(b"no").decode(), probability=1)
        assert api.get(f"{FILES}/search").content == b"no"
        before = datetime.fromisoformat(web.get(f"{emulator.base_url}/_emulator").json()["now"])
        control(emulator, "advance", by=3600)
        assert emulator.clock.now() >= before + timedelta(hours=1)
        token = control(emulator, "add_token", scopes=["files.read"], expires_in=60).json()["token"]
        assert emulator.tokens[token] == {"files.read"}
        control(emulator, "expire_token", token=token)
        control(emulator, "revoke_token", token=token)
        assert token not in emulator.tokens
        control(emulator, "rate_limit", policy="SECONDLY", limit=0, interval=5)
        assert api.get(f"{FILES}/search").status_code == 429
        control(emulator, "rate_limit", policy="SECONDLY", limit=None)
        control(emulator, "publish_url", url="https://x.test/a.txt", content=base64.b64encode(b"x").decode())
        control(emulator, "task_pace", unit="seconds", pending=10, processing=10)
        wanted = {"url": "https://x.test/a.txt", "access": "PRIVATE", "folderPath": "/in"}
        ids = [api.post(f"{FILES}/import-from-url/async", json=wanted).json()["id"] for _ in range(3)]
        control(emulator, "cancel_task", task_id=ids[0])
        control(emulator, "advance", by=15)
        tasks = f"{emulator.base_url}/_emulator/tasks"
        states = ["CANCELED", "PROCESSING", "PROCESSING"]
        assert [task["status"] for task in web.get(tasks).json()["results"]] == states
        control(emulator, "finish_tasks")
        assert [file.path for file in emulator.files] == ["/in/a.txt", "/in/a-1.txt"]
        control(emulator, "plan_task", outcome="fail", message="no", count=1)


class TestWrongControl:
    @pytest.fixture
    def emulator(self, standing: Emulator) -> Emulator:
        return standing

    def test_a_query_is_refused(self, emulator: Emulator, web: httpx.Client) -> None:
        response = web.get(f"{emulator.base_url}/_emulator/requests?operation=getFile")
        assert response.status_code == 400
        assert "takes no query" in response.json()["message"]

    @pytest.mark.parametrize(
        ("name", "arguments", "status", "words"),
        [
            ("unheard_of", {}, 404, "/_emulator takes add_folder"),
            ("_perform", {}, 404, "takes"),
            ("close", {}, 404, "takes"),
            ("add_file", {}, 400, "add_file needs path"),
            ("add_file", {"path": "/a", "color": "red"}, 400, "Unrecognized field in the body: color"),
            ("add_file", {"path": 1}, 400, "Invalid value for path: a string is needed"),
            ("add_file", {"path": "/a", "content": "no"}, 400, "Invalid value for content: base64 is needed"),
            ("add_file", {"path": "/a", "content": 1}, 400, "base64 is needed"),
            ("add_file", {"path": "/a", "expires_at": 1}, 400, "an ISO-8601 date-time is needed"),
            ("add_file", {"path": "/a", "expires_at": "soon"}, 400, "Invalid isoformat string"),
            ("add_file", {"path": "/a", "is_usable_in_content": 1}, 400, "true or false is needed"),
            ("add_file", {"path": "/a", "access": "OPEN"}, 400, "access is one of"),
            ("add_folder", {"path": "/a", "id": -1}, 400, "-1 is not an id"),
            ("fail", {"status": True}, 400, "a whole number is needed"),
            ("fail", {"probability": "often"}, 400, "a number is needed"),
            ("fail", {"headers": {"a": 1}}, 400, "an object of strings is needed"),
            ("fail", {"kind": "flood"}, 400, "kind is one of"),
            ("add_token", {"scopes": "files"}, 400, "a list of strings is needed"),
            ("advance", {"by": -1}, 400, "a clock only moves forward"),
            ("fail", {"status": 1000}, 400, "status is from 200 to 599, not 1000"),
            ("fail", {"at_byte": -1}, 400, "at_byte is at least 0"),
            ("fail", {"kind": "delay", "seconds": -1}, 400, "seconds is a number of seconds from 0 to"),
            ("fail", {"headers": {"a b": "c"}}, 400, "'a b' in headers cannot be the name"),
            ("add_token", {"scopes": ["bogus"]}, 400, "scopes are a list of some of files,"),
            ("add_token", {"expires_in": 1e30}, 400, "expires_in is a number of seconds that"),
            ("advance", {"by": 1e30}, 400, "by is a number of seconds that a timedelta can hold, not 1e+30"),
            ("advance", {"by": 1e12}, 400, "a clock goes no further than the year 9000"),
            ("cancel_task", {"task_id": "x"}, 404, "There is no task 'x'"),
            ("expire_token", {"token": "x"}, 404, "There is no token 'x'"),
            ("requests", {}, 404, "requests is a list: GET it"),
        ],
    )
    def test_invalid_calls_are_refused(
        self, emulator: Emulator, name: str, arguments: dict[str, Any], status: int, words: str
    ) -> None:
        response = control(emulator, name, **arguments)
        assert response.status_code == status
        assert words in response.json()["message"]
        assert (response.json()["status"], bool(response.json()["correlationId"])) == ("error", True)

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("DELETE", "files", 405),
            ("GET", "unheard_of", 404),
            ("GET", "files/1", 404),
            ("GET", "files/1/content", 404),
            ("GET", "files/x/content", 404),
            ("POST", "clear_faults", 415),
        ],
    )
    def test_invalid_requests_are_refused(
        self, emulator: Emulator, web: httpx.Client, method: str, path: str, status: int
    ) -> None:
        response = web.request(method, f"{emulator.base_url}/_emulator/{path}")
        assert (response.status_code, response.json()["status"]) == (status, "error")

    def test_methods_must_be_posted(self, emulator: Emulator, web: httpx.Client) -> None:
        response = web.get(f"{emulator.base_url}/_emulator/fail")
        assert (response.status_code, response.json()["message"]) == (
            404,
            "fail is a call: POST it, with Content-Type: application/json",
        )

    def test_is_served_by_the_api_only(self, emulator: Emulator, web: httpx.Client, api: httpx.Client) -> None:
        assert web.get(f"{emulator.storage_url}/_emulator").status_code == 404
        assert api.get("/_emulatorr").status_code == 404


class TestSockets:
    def test_a_port_in_use_is_refused(self) -> None:
        with serve() as emulator:
            port = httpx.URL(emulator.base_url).port
            assert port is not None
            with pytest.raises(OSError, match="Address already in use"), serve(port=port):
                pass

    def test_the_second_port_in_use_frees_the_first(self) -> None:
        first = Sockets()
        taken = httpx.URL(first.storage_url).port
        free = httpx.URL(first.base_url).port
        assert taken is not None
        assert free is not None
        first.api.close()
        with pytest.raises(OSError, match="Address already in use"):
            Sockets(port=free, storage_port=taken)
        first.close()
        Sockets(port=free, storage_port=taken).close()

    @pytest.mark.parametrize(
        ("host", "url_host"),
        [
            ("127.0.0.1", "127.0.0.1"),
            ("localhost", "localhost"),
            ("0.0.0.0", "127.0.0.1"),
            ("::1", "[::1]"),
            ("::", "[::1]"),
        ],
    )
    def test_urls_contain_the_host(self, host: str, url_host: str) -> None:
        if ":" in host and not _has_ipv6():
            with pytest.raises(OSError, match=r".+"):
                Sockets(host)
            return
        sockets = Sockets(host)
        try:
            assert sockets.base_url.rpartition(":")[0] == f"http://{url_host}"
        finally:
            sockets.close()

    def test_the_urls_of_a_response_have_the_host_of_its_request(self) -> None:
        with serve(host="0.0.0.0") as emulator:
            port = httpx.URL(emulator.base_url).port
            for host in ("127.0.0.1", "localhost", "127.0.0.2"):
                with HubSpotFiles(emulator.token, base_url=f"http://{host}:{port}") as hubspot:
                    file = hubspot.files.upload(b"cat", name="a.txt", folder_path="/in", access="PUBLIC_INDEXABLE")
                    storage_port = httpx.URL(emulator.storage_url).port
                    assert (file.url or "").startswith(f"http://{host}:{storage_port}/")
                    assert hubspot.files.signed_url(file.id).url.startswith(f"http://{host}:{storage_port}/")
                    assert hubspot.files.read(file.id) == b"cat"
                    assert [found.id for found in hubspot.files.search(url=file.url)] == [file.id]
                    task = hubspot.files.import_from_url("https://example.com/a.txt", folder_path="/in")
                    links = hubspot.request(
                        "GET", f"/files/v3/files/import-from-url/async/tasks/{task.id}/status"
                    ).json()
                    assert str(links["links"]).count(f"http://{host}:{port}/") == 1
            # As if the port were published as another one.
            headers = {"Authorization": f"Bearer {emulator.token}", "Host": "emulator:30000"}
            url = httpx.get(f"{emulator.base_url}{FILES}/{file.id}", headers=headers).json()["url"]
            assert url.startswith(f"http://emulator:{30_000 + (storage_port or 0) - (port or 0)}/")
            # Headers that name no host have no effect.
            for name in ("a@b", "a/b", "a b", "a:99999", ":80", "["):
                response = httpx.get(f"{emulator.base_url}{FILES}/{file.id}", headers={**headers, "Host": name})
                assert response.status_code == 200, name
                assert response.json()["url"].startswith(emulator.storage_url), name

    def test_urls_that_are_given_have_no_other_host(self) -> None:
        with serve(host="0.0.0.0", storage_url="http://emulator:1") as emulator:
            file = emulator.add_file("/a.txt")
            headers = {"Authorization": f"Bearer {emulator.token}", "Host": "localhost"}
            url = httpx.get(f"{emulator.base_url}{FILES}/{file.id}", headers=headers).json()["url"]
            assert url.startswith("http://emulator:1/")

    def test_the_storage_has_the_host_of_the_api(self) -> None:
        with closing(Sockets()) as sockets:
            api, storage = (httpx.URL(url).port or 0 for url in (sockets.base_url, sockets.storage_url))
            for given, expected in [
                ("http://emulator:30000", f"http://emulator:{30_000 + storage - api}"),
                ("http://emulator", f"http://emulator:{storage}"),
                ("http://[fd00::1]:30000", f"http://[fd00::1]:{30_000 + storage - api}"),
                ("https://emulator", sockets.storage_url),
                (sockets.base_url, sockets.storage_url),
            ]:
                assert sockets.storage_for(given) == expected

    def test_the_last_port_has_a_free_storage_port(self) -> None:
        sockets = Sockets(port=65_535)
        try:
            assert sockets.base_url == "http://127.0.0.1:65535"
            assert 0 < (httpx.URL(sockets.storage_url).port or 0) < 65_535
        finally:
            sockets.close()

    @pytest.mark.parametrize("ports", [(65_536, None), (0, 65_536), (-1, None), (0, -1)])
    def test_invalid_ports_are_refused(self, ports: tuple[int, int | None]) -> None:
        with pytest.raises(ValueError, match="a port is from 0 to 65535, not "):
            Sockets("127.0.0.1", *ports)

    def test_the_storage_has_the_next_port(self) -> None:
        port = _two_free_ports()
        sockets = Sockets(port=port)
        assert sockets.storage_url == f"http://127.0.0.1:{port + 1}"
        sockets.close()


def test_a_connection_that_begins_during_the_shutdown_is_closed() -> None:
    async def begin(server: Server) -> bytes:
        config, state = server._uvicorn.config, server._uvicorn.server_state
        config.load()
        server._ending.set()
        protocol: Any = config.http_protocol_class
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname(), timeout=10) as client,
        ):
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: protocol(config=config, server_state=state, app_state={}), listener.accept()[0]
            )
            return await asyncio.to_thread(client.recv, 1)

    sockets = Sockets()
    with Emulator() as emulator:
        assert asyncio.run(begin(Server(emulator, sockets))) == b""
    sockets.close()


def _two_free_ports() -> int:
    """Return the first of two ports in a row, outside the range from which a system gives ports to connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            socket.create_server(("127.0.0.1", port + 1)).close()
            return port


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_the_record_of_requests_is_limited() -> None:
    with Emulator(record=3) as emulator, httpx.Client(transport=emulator.transport) as client:
        for number in range(5):
            client.get(f"{emulator.base_url}/{number}")
        assert [recorded.path for recorded in emulator.requests] == ["/2", "/3", "/4"]
    with pytest.raises(ValueError, match="record"):
        Emulator(record=0)
