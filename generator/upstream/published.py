"""Reads published descriptions, within limits of size and time, and refuses unusable input with the reason."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import json
import math
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from ..contracts.extraction import contract
from ..contracts.model import VERSION, Contract
from ..descriptions.description import Json
from ..errors import PipelineError

# HubSpot's description has less than 100 kB and takes about a second.
_MAX_BYTES = 20_000_000
_MAX_SECONDS = 30.0
_MAX_REDIRECTS = 5
# YAML is read a thousand times more slowly than JSON, and its aliases may expand without limit.
_MAX_YAML = 1_000_000
_MAX_VALUES = 200_000
# The most bits of a number that Python converts to decimal digits.
_MAX_BITS = 14_000
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
    data = _fetched(source) if "://" in source else _opened(Path(source))
    document = parsed(data)
    try:
        found = contract(document)
    except PipelineError as error:
        raise _unusable(" ".join((error.heading, *error.lines))) from error
    except RecursionError as error:
        raise _unusable("its schemas are nested too deeply") from error
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


def _opened(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _unusable(f"the file cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > _MAX_BYTES:
        raise _unusable(f"it has more than {_MAX_BYTES:,} bytes")
    return data


def _fetched(url: str) -> bytes:
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
        if len(data) > _MAX_BYTES:
            raise _unusable(f"it has more than {_MAX_BYTES:,} bytes")
        if time.monotonic() > deadline:
            raise _unusable(f"it takes more than {_MAX_SECONDS:.0f} s")
    return bytes(data)


def parsed(data: bytes) -> Json:
    """Return the OpenAPI 3 document that bytes hold, as JSON or as YAML.

    Raises:
        PipelineError: They are not such a document.
    """
    text = _decoded(data)
    if not text.strip("\ufeff\0 \t\r\n"):
        raise _unusable("it is empty")
    if text.lstrip().startswith("<"):
        raise _unusable("it is not JSON or YAML but a page of HTML or XML")
    try:
        loaded = json.loads(text, parse_float=_finite, parse_constant=_finite, object_pairs_hook=_unique_keys)
    except RecursionError as error:
        raise _unusable("it is nested too deeply") from error
    except ValueError as error:
        if text.lstrip()[:1] in ("{", "["):
            raise _unusable(f"it is not JSON or YAML: {error}") from error
        loaded = _yaml(text)
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


def _decoded(data: bytes) -> str:
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        raise _unusable("it is not text in UTF-8") from error


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _unusable(f"it holds the number {text[:50]}, which JSON does not have")
    return number


def _unique_keys(pairs: list[tuple[str, Any]]) -> Json:
    """Return a mapping of JSON whose keys are unique."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in found if keys.count(key) > 1)
        raise _unusable(f"it is not JSON or YAML: the key {repeated[:50]!r} stands twice in one mapping")
    return found


def _yaml(text: str) -> object:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if len(text) > _MAX_YAML:
        raise _unusable(f"it is YAML of more than {_MAX_YAML:,} characters")
    try:
        return _plain(YAML(typ="safe", pure=True).load(text), (), itertools.count(1))
    except RecursionError as error:
        raise _unusable("it is nested too deeply") from error
    except (YAMLError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        mark = getattr(error, "problem_mark", None)
        detail = str(getattr(error, "problem", None) or error).partition("\n")[0]
        place = f", line {mark.line + 1}" if mark is not None else ""
        raise _unusable(f"it is not JSON or YAML: {detail}{place}") from error


def _plain(value: object, above: tuple[int, ...], count: Iterator[int]) -> Any:
    """Return a value of YAML as a value of JSON, with aliases expanded."""
    if next(count) > _MAX_VALUES:
        raise _unusable(f"it holds more than {_MAX_VALUES:,} values, aliases written out")
    if id(value) in above:
        raise _unusable("it holds a value that holds itself through an alias")
    if isinstance(value, dict):
        inside = (*above, id(value))
        return {_key(key): _plain(entry, inside, count) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set)):
        inside = (*above, id(value))
        return [_plain(entry, inside, count) for entry in value]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, float):
        return _finite(repr(value))
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        raise _unusable("it holds a number with thousands of digits")
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def _key(key: object) -> str:
    if key is None or isinstance(key, bool):
        return json.dumps(key)
    return str(key)
