"""Imports from an http server on this machine, where they are allowed."""

from __future__ import annotations

import http.server
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hubspot_files.emulator._api import import_sources
from hubspot_files.testing import Emulator, serve

IMPORT = "/files/v3/files/import-from-url/async"


class _Pages(http.server.BaseHTTPRequestHandler):
    """Responds to each path as its name indicates."""

    requested: list[str]

    def do_GET(self) -> None:
        self.requested.append(self.path)
        name = self.path.strip("/").partition("?")[0]
        if name.startswith("to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
        elif name == "forever":
            self.send_response(302)
            self.send_header("Location", "/forever")
            self.end_headers()
        elif name == "drip":
            self.send_response(200)
            self.end_headers()
            try:
                for _ in range(200):
                    self.wfile.write(b"x")
                    time.sleep(0.05)
            except ConnectionError:
                self.close_connection = True
        elif name == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"half")
        elif name == "missing":
            self.send_error(404)
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"found at " + name.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.fixture
def requested() -> list[str]:
    """Return the list of the paths requested from the other server."""
    return []


@pytest.fixture
def pages(requested: list[str]) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Pages", (_Pages,), {"requested": requested}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["memory", "disk"])
def emulator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Emulator]:
    data = tmp_path / "data" if request.param == "disk" else None
    with Emulator(loopback_imports=True, largest_upload=1000, data=data) as emulator:
        yield emulator


def start(emulator: Emulator, url: str) -> str:
    wanted = {"url": url, "access": "PRIVATE", "folderPath": "/in"}
    with httpx.Client(transport=emulator.transport, headers={"Authorization": f"Bearer {emulator.token}"}) as client:
        return str(client.post(emulator.base_url + IMPORT, json=wanted).raise_for_status().json()["id"])


def state(emulator: Emulator, task: str) -> dict[str, Any]:
    with httpx.Client(transport=emulator.transport, headers={"Authorization": f"Bearer {emulator.token}"}) as client:
        found: dict[str, Any] = client.get(f"{emulator.base_url}{IMPORT}/tasks/{task}/status").json()
    return found


def finished(emulator: Emulator, url: str) -> dict[str, Any]:
    task = start(emulator, url)
    emulator.finish_tasks()
    return state(emulator, task)


def test_a_page_is_imported(emulator: Emulator, pages: str, requested: list[str]) -> None:
    task = start(emulator, f"{pages}/report.txt?secret=1")
    statuses = []
    while (found := state(emulator, task))["status"] != "COMPLETE":
        statuses.append(found["status"])
        time.sleep(0.01)
    assert statuses[:2] == ["PENDING", "PROCESSING"]
    assert (found["numErrors"], found["result"]["path"]) == (0, "/in/report.txt")
    assert emulator.file(found["result"]["id"]).content == b"found at report.txt"
    assert requested == ["/report.txt?secret=1"]


def test_published_urls_take_precedence(emulator: Emulator, pages: str, requested: list[str]) -> None:
    emulator.publish_url(f"{pages}/a.txt", b"published")
    assert emulator.file(finished(emulator, f"{pages}/a.txt")["result"]["id"]).content == b"published"
    assert requested == []


def test_redirects_on_this_machine_are_followed(emulator: Emulator, pages: str) -> None:
    found = finished(emulator, f"{pages}/to/{pages}/there")
    assert emulator.file(found["result"]["id"]).content == b"found at there"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/missing", "responds with 404"),
        ("/forever", "redirects more than 5 times"),
        ("/to/http://example.com/a", "fetches from this machine only"),
        ("/to/ftp://127.0.0.1/a", "cannot be reached"),
        ("/cut", "cannot be reached: peer closed connection"),
        ("/" + "long" * 300, "has more than 1000 bytes"),
    ],
)
def test_failed_fetches_end_the_task_with_an_error(emulator: Emulator, pages: str, path: str, words: str) -> None:
    found = finished(emulator, pages + path)
    assert (found["status"], found["numErrors"], "result" in found) == ("COMPLETE", 1, False)
    assert words in found["errors"][0]["message"]
    assert emulator.files == []


@pytest.mark.parametrize(
    "url",
    ["http://example.com/a", "http://10.0.0.1/a", "http://0.0.0.0/a", "http://127.1/a", "http://localhost.example/a"],
)
def test_other_machines_receive_no_requests(emulator: Emulator, url: str) -> None:
    found = finished(emulator, url)
    assert "fetches from this machine only" in found["errors"][0]["message"]


def test_a_refused_connection_ends_the_task_with_an_error(emulator: Emulator) -> None:
    assert "cannot be reached" in finished(emulator, "http://127.0.0.1:1/a")["errors"][0]["message"]


def test_proxies_of_the_environment_are_ignored(
    emulator: Emulator, pages: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert finished(emulator, f"{pages}/a.txt")["numErrors"] == 0


def test_a_slow_fetch_ends_the_task_with_an_error(
    emulator: Emulator, pages: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_sources, "_TOTAL_SECONDS", 0.2)
    assert "takes more than 0 seconds" in finished(emulator, f"{pages}/drip")["errors"][0]["message"]


def test_finish_tasks_waits_for_a_limited_time(
    emulator: Emulator, pages: str, requested: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_sources, "_WAIT_SECONDS", 0.3)
    monkeypatch.setattr(import_sources, "_TOTAL_SECONDS", 4)
    # More than are fetched at once, so that some have not started.
    tasks = [start(emulator, f"{pages}/drip") for _ in range(import_sources._MAX_CONCURRENT + 2)]
    started_at = time.monotonic()
    emulator.finish_tasks()
    assert 0.3 <= time.monotonic() - started_at < 5
    assert {state(emulator, task)["status"] for task in tasks} == {"PROCESSING"}
    # A closed emulator fetches nothing more.
    emulator.close()
    for thread in threading.enumerate():
        if thread.name == import_sources.THREAD:
            thread.join(2)
            assert not thread.is_alive()
    assert len(requested) == import_sources._MAX_CONCURRENT


def test_a_removed_folder_ends_the_task_with_an_error(
    tmp_path: Path, pages: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", failures.append)
    with Emulator(data=tmp_path, loopback_imports=True) as emulator:
        shutil.rmtree(tmp_path / "contents")
        failed = finished(emulator, f"{pages}/a.txt")
        assert failed["errors"][0]["message"] == "The URL cannot be imported: the emulator has failed"
        assert [failure.exc_type for failure in failures] == [FileNotFoundError]
        (tmp_path / "contents").mkdir()
        assert finished(emulator, f"{pages}/a.txt")["result"]["path"] == "/in/a.txt"


def test_loopback_imports_are_off_by_default(pages: str, requested: list[str]) -> None:
    with Emulator() as emulator:
        assert "cannot be reached" in finished(emulator, f"{pages}/a.txt")["errors"][0]["message"]
    assert requested == []


def test_an_import_continues_after_reopening(tmp_path: Path, pages: str) -> None:
    with Emulator(data=tmp_path, loopback_imports=True) as emulator:
        task = start(emulator, f"{pages}/a.txt")
    with Emulator(data=tmp_path, loopback_imports=True) as emulator:
        emulator.finish_tasks()
        assert state(emulator, task)["result"]["path"] == "/in/a.txt"


def test_unused_fetches_are_discarded(tmp_path: Path, pages: str, requested: list[str]) -> None:
    with Emulator(data=tmp_path, loopback_imports=True) as emulator:
        emulator.task_pace("polls", 0, 0)
        task = start(emulator, f"{pages}/a.txt")
        assert state(emulator, task)["status"] == "PROCESSING"
        while not requested:
            time.sleep(0.01)
        emulator._api.context.sources.wait()
        assert len(list((tmp_path / "contents").iterdir())) == 1
    assert list((tmp_path / "contents").iterdir()) == []


def test_the_served_emulator_imports_from_itself() -> None:
    with serve(loopback_imports=True) as emulator:
        url = emulator.add_file("/a.txt", b"hello", access="PUBLIC_INDEXABLE").url
        headers = {"Authorization": f"Bearer {emulator.token}"}
        wanted = {"url": url, "access": "PRIVATE", "folderPath": "/copies"}
        with httpx.Client(base_url=emulator.base_url, headers=headers) as client:
            task = client.post(IMPORT, json=wanted).json()["id"]
            while (found := client.get(f"{IMPORT}/tasks/{task}/status").json())["status"] != "COMPLETE":
                time.sleep(0.01)
        assert emulator.file(found["result"]["id"]).content == b"hello"
