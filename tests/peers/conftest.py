"""The emulator as a separate process, and its record of requests and files."""

from __future__ import annotations

import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hubspot_files_api.versions import VERSIONS

CONTENT = b"%PDF-1.7 what an import finds"


def pytest_configure(config: pytest.Config) -> None:
    """Ignore the warnings of hubspot-api-client on import about patterns that are not raw strings."""
    config.addinivalue_line("filterwarnings", "ignore:invalid escape sequence")


class Served:
    """A served emulator: its URL, its token, and its oracle."""

    def __init__(self, base_url: str, token: str) -> None:
        self.base_url = base_url
        self.token = token
        self._control = httpx.Client(base_url=f"{base_url}/_emulator")

    def listed(self, kind: str) -> list[dict[str, Any]]:
        """Return every item of a kind ever created, in order."""
        results: list[dict[str, Any]] = self._control.get(f"/{kind}").raise_for_status().json()["results"]
        return results

    def file(self, file_id: str) -> dict[str, Any]:
        """Return a stored file, in any state."""
        return next(file for file in self.listed("files") if file["id"] == file_id)

    def folder(self, folder_id: str) -> dict[str, Any]:
        """Return a stored folder, archived or not."""
        return next(folder for folder in self.listed("folders") if folder["id"] == folder_id)

    def content(self, file_id: str) -> bytes:
        """Return the stored content of a file."""
        return self._control.get(f"/files/{file_id}/content").raise_for_status().content

    def requested_paths(self) -> set[str]:
        """Return the paths of all requests."""
        return {request["path"] for request in self.listed("requests")}

    def close(self) -> None:
        """Close the client of the oracle."""
        self._control.close()


@pytest.fixture(params=list(VERSIONS))
def version(request: pytest.FixtureRequest) -> str:
    """Return the version of the API that requests are led to."""
    name: str = request.param
    return name


def in_version(version: str, url: str) -> str:
    """Return a URL of the API in another version than the one that a client is generated for."""
    return re.sub(r"/files/(v3|20\d\d-\d\d)/", f"/files/{version}/", url, count=1)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    command = [sys.executable, "-m", "hubspot_files.cli", "emulator", "--port", "0", "--loopback-imports"]
    with subprocess.Popen(
        [*command, "--data", str(tmp_path / "account")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        output = "".join(lines)
        try:
            [base_url] = re.findall(r"HUBSPOT_BASE_URL=(\S+)", output)
            [token] = re.findall(r"HUBSPOT_ACCESS_TOKEN=(\S+)", output)
            served = Served(base_url, token)
            yield served
            served.close()
        finally:
            process.terminate()
            rest, problems = process.communicate(timeout=20)
        assert (process.returncode, rest, problems) == (0, "ended\n", "")


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Return the URL of a document on another local server."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/papers/report.pdf"
    server.shutdown()
    thread.join()
    server.server_close()
