"""Reads published descriptions, within limits of size and time, and refuses unusable input with the reason."""

from __future__ import annotations

import datetime
import hashlib
import queue
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from .. import reading
from ..contracts.extraction import contract
from ..contracts.model import VERSION, Contract
from ..descriptions.description import Json
from ..errors import PipelineError
from ..reading import UnreadableError

# It takes about a second.
_MAX_SECONDS = 30.0
_MAX_REDIRECTS = 5
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

_DATE = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")
_THIS_API = re.compile(r"[A-Z]+ /files/" + re.escape(VERSION) + r"(/|$)")


@dataclass(frozen=True)
class Published:
    """A published description.

    Attributes:
        contract: Its contract.
        sha256: The digest of its bytes, in hexadecimal digits.
        date: The date in its name, as YYYY-MM-DD; empty if there is none.
    """

    contract: Contract
    sha256: str
    date: str


def read(source: str) -> Published:
    """Read a description from a file or a URL.

    Args:
        source: A path, or a URL with https, or with http to this machine.

    Raises:
        PipelineError: It cannot be fetched or used; the first line says why.
    """
    try:
        data = _fetched(source) if "://" in source else reading.file_bytes(Path(source))
    except UnreadableError as error:
        raise _unusable(str(error)) from error
    document = parsed(data)
    try:
        found = contract(document)
    except PipelineError as error:
        raise _unusable(" ".join((error.heading, *error.lines))) from error
    except (ValueError, OverflowError) as error:
        raise _unusable(f"it holds a value that cannot be read: {error}") from error
    if not any(_THIS_API.match(key) for key in found.operations):
        raise _unusable("it has no operation of this API: no path starts with /files/ and a version")
    return Published(found, hashlib.sha256(data).hexdigest(), _dated(source))


def _unusable(reason: str) -> PipelineError:
    return PipelineError("The published description cannot be used:", [reason])


def _dated(source: str) -> str:
    for match in reversed(list(_DATE.finditer(source))):
        try:
            return datetime.date(*map(int, match.groups())).isoformat()
        except ValueError:
            continue
    return ""


def _fetched(url: str) -> bytes:
    """Fetch a URL in a thread, which is left behind if it takes too long: servers may be slow in many ways."""
    done: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            done.put(_fetch(url))
        except Exception as error:  # noqa: BLE001 # it is raised by the thread that waits
            done.put(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        found = done.get(timeout=_MAX_SECONDS)
    except queue.Empty:
        raise _unusable(f"it takes more than {_MAX_SECONDS:g} s to fetch it") from None
    if isinstance(found, Exception):
        raise found
    return found


def _fetch(url: str) -> bytes:
    import httpx

    deadline = time.monotonic() + _MAX_SECONDS
    try:
        with httpx.Client(timeout=10.0, follow_redirects=False) as client:
            for _ in range(_MAX_REDIRECTS + 1):
                _check_url(url)
                with client.stream("GET", url) as response:
                    if response.is_redirect and "location" in response.headers:
                        url = urljoin(url, response.headers["location"])
                        continue
                    if response.status_code != 200:
                        raise _unusable(f"the server answers {response.status_code}")
                    return _received(response, deadline)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _unusable(f"it cannot be fetched: {error or type(error).__name__}") from error
    raise _unusable(f"the server redirects more than {_MAX_REDIRECTS} times")


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise _unusable(f"{url!r} is no URL") from error
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise _unusable(f"{parts.scheme}://{host or ''} is not fetched: use https, or http to this machine, or a file")


def _received(response: Any, deadline: float) -> bytes:
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > reading.MAX_BYTES:
            raise _unusable(f"it has more than {reading.MAX_BYTES:,} bytes")
        if time.monotonic() > deadline:
            raise _unusable(f"it takes more than {_MAX_SECONDS:g} s to fetch it")
    return bytes(data)


def parsed(data: bytes) -> Json:
    """Return the OpenAPI 3 document that bytes hold, as JSON or as YAML.

    Raises:
        PipelineError: They are not such a document.
    """
    try:
        loaded = _loaded(reading.text_of(data))
    except UnreadableError as error:
        raise _unusable(str(error)) from error
    if not isinstance(loaded, dict):
        raise _unusable(f"it is no OpenAPI document: a {type(loaded).__name__} stands where a mapping should")
    if "swagger" in loaded:
        raise _unusable(f"it is Swagger {loaded['swagger']}, and only OpenAPI 3 is read"[:200])
    if not re.match(r"3(\.|$)", str(loaded.get("openapi", ""))):
        detail = f"openapi is {loaded['openapi']!r}"[:200] if "openapi" in loaded else "openapi is missing"
        raise _unusable(f"it is no OpenAPI 3 document: {detail}")
    if not isinstance(loaded.get("paths"), dict):
        raise _unusable("it has no paths")
    return loaded


def _loaded(text: str) -> Any:
    beginning = text.lstrip("\ufeff\0 \t\r\n")[:1]
    if not beginning:
        raise _unusable("it is empty")
    if beginning == "<":
        raise _unusable("it is not JSON or YAML but a page of HTML or XML")
    return reading.read_json(text) if beginning in "{[" else reading.read_yaml(text)
