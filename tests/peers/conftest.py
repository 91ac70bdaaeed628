"""The emulator as a process of its own, and what it says that it stored."""

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

CONTENT = b"%PDF-1.7 what an import finds"


def pytest_configure(config: pytest.Config) -> None:
    """What hubspot-api-client warns of when it is imported first: its patterns are no raw strings."""
    config.addinivalue_line("filterwarnings", "ignore:invalid escape sequence")


class Served:
    """A served emulator: where it is, the token that it takes, and its oracle."""

    def __init__(self, base_url: str, token: str) -> None:
        self.base_url = base_url
        self.token = token
        self._control = httpx.Client(base_url=f"{base_url}/_emulator")

    def listed(self, kind: str) -> list[dict[str, Any]]:
        """Everything of a kind that ever was, the earliest first."""
        results: list[dict[str, Any]] = self._control.get(f"/{kind}").raise_for_status().json()["results"]
        return results

    def file(self, file_id: str) -> dict[str, Any]:
        """A stored file, whatever its state."""
        return next(file for file in self.listed("files") if file["id"] == file_id)

    def folder(self, folder_id: str) -> dict[str, Any]:
        """A stored folder, archived or not."""
        return next(folder for folder in self.listed("folders") if folder["id"] == folder_id)

    def content(self, file_id: str) -> bytes:
        """What is stored of a file."""
        return self._control.get(f"/files/{file_id}/content").raise_for_status().content

    def paths_asked(self) -> set[str]:
        """The paths of all requests that came."""
        return {request["path"] for request in self.listed("requests")}

    def close(self) -> None:
        """Ask nothing more."""
        self._control.close()


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
    """The URL of a document that another server on this machine has."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/papers/report.pdf"
    server.shutdown()
    thread.join()
    server.server_close()
