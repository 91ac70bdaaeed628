"""A description as HubSpot publishes it: had within bounds, and refused with the reason where it is none."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from .contract import VERSION, Contract
from .description import Json
from .extraction import contract
from .problems import PipelineError

# The published description has less than 100 kB and takes about a second.
_MOST_BYTES = 20_000_000
_MOST_SECONDS = 30.0
_MOST_REDIRECTS = 5
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

_DATE = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")
_THIS_API = re.compile(r"[A-Z]+ /files/" + re.escape(VERSION) + r"(/|$)")


@dataclass(frozen=True)
class Published:
    """A description that was read.

    Attributes:
        contract: What it says.
        sha256: The digest of its bytes, in hexadecimal digits.
        date: The date in its name, as YYYY-MM-DD; empty where there is none.
    """

    contract: Contract
    sha256: str
    date: str


def read(source: str) -> Published:
    """Read a description from a file or a URL.

    Args:
        source: A path, or a URL with https, or with http to this machine.

    Raises:
        PipelineError: It cannot be had or cannot be used; the first line says why.
    """
    data = _fetched(source) if "://" in source else _opened(Path(source))
    document = parsed(data)
    try:
        found = contract(document)
    except RecursionError as error:
        raise _unusable("its schemas are nested too deeply") from error
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


def _opened(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _unusable(f"the file cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > _MOST_BYTES:
        raise _unusable(f"it has more than {_MOST_BYTES:,} bytes")
    return data


def _fetched(url: str) -> bytes:
    import httpx

    deadline = time.monotonic() + _MOST_SECONDS
    try:
        with httpx.Client(timeout=10.0, follow_redirects=False) as client:
            for _ in range(_MOST_REDIRECTS + 1):
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
    raise _unusable(f"the server redirects more than {_MOST_REDIRECTS} times")


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
        if len(data) > _MOST_BYTES:
            raise _unusable(f"it has more than {_MOST_BYTES:,} bytes")
        if time.monotonic() > deadline:
            raise _unusable(f"it takes more than {_MOST_SECONDS:.0f} s")
    return bytes(data)


def parsed(data: bytes) -> Json:
    """Return the OpenAPI 3 document that bytes hold, as JSON or as YAML.

    Raises:
        PipelineError: They hold none.
    """
    text = _decoded(data)
    if not text.strip("\ufeff\0 \t\r\n"):
        raise _unusable("it is empty")
    if text.lstrip().startswith("<"):
        raise _unusable("it is not JSON or YAML but a page of HTML or XML")
    try:
        loaded = json.loads(text)
    except RecursionError as error:
        raise _unusable("it is nested too deeply") from error
    except ValueError as error:
        loaded = _yaml(text, str(error) if text.lstrip()[:1] in ("{", "[") else "")
    if not isinstance(loaded, dict):
        raise _unusable(f"it is no OpenAPI document: a {type(loaded).__name__} stands where a mapping should")
    if "swagger" in loaded:
        raise _unusable(f"it is Swagger {loaded['swagger']}, and only OpenAPI 3 is read"[:200])
    if not re.match(r"3(\.|$)", str(loaded.get("openapi", ""))):
        said = f"openapi is {loaded['openapi']!r}"[:200] if "openapi" in loaded else "openapi is missing"
        raise _unusable(f"it is no OpenAPI 3 document: {said}")
    if not isinstance(loaded.get("paths"), dict):
        raise _unusable("it has no paths")
    return loaded


def _decoded(data: bytes) -> str:
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        raise _unusable("it is not text in UTF-8") from error


def _yaml(text: str, as_json: str) -> object:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return _plain(YAML(typ="safe", pure=True).load(text), {})
    except RecursionError as error:
        raise _unusable("it is nested too deeply") from error
    except (YAMLError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        mark = getattr(error, "problem_mark", None)
        said = as_json or str(getattr(error, "problem", None) or error).partition("\n")[0]
        place = f", line {mark.line + 1}" if mark is not None and not as_json else ""
        raise _unusable(f"it is not JSON or YAML: {said}{place}") from error


def _plain(value: object, known: dict[int, object]) -> Any:
    """Return what YAML holds as JSON holds it; what is shared or holds itself through aliases stays so."""
    if id(value) in known:
        return known[id(value)]
    if isinstance(value, dict):
        mapping: Json = {}
        known[id(value)] = mapping
        for key, entry in value.items():
            mapping[_key(key)] = _plain(entry, known)
        return mapping
    if isinstance(value, (list, tuple, set)):
        listed: list[object] = []
        known[id(value)] = listed
        listed += [_plain(entry, known) for entry in value]
        return listed
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _key(key: object) -> str:
    if key is None or isinstance(key, bool):
        return json.dumps(key)
    return str(key)
