"""Secrets, and their redaction in messages, headers, logs and errors."""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Iterable
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl, urlsplit

T = TypeVar("T")

REDACTED = "[secret]"
# A shorter value is not a token of HubSpot, and could be part of words and of keys of an error.
_SHORTEST_SECRET = 6
# A shorter value in the query of a signed URL, such as a size or a date, is not a credential.
_SHORTEST_SIGNATURE = 16
# Headers whose values are credentials.
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie"})
# The query of a URL, up to the next white space; and the user of a URL.
_QUERY = re.compile(r"\?\S+")
_USER = re.compile(r"(?<=://)[^\s/?#@]+(?=@)")
# The repr of bytes, in which h11 quotes a response that it cannot read.
QUOTED = re.compile(r"""\bb'(?:[^'\\]|\\.)*'|\bb"(?:[^"\\]|\\.)*\"""", re.DOTALL)


class Secret:
    """A token or a signed URL. Its `repr` does not show it in tracebacks, debuggers and logs."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value, to send it."""
        return self._value

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret cannot be pickled")


def redacted(value: T, secrets: Iterable[Secret] = ()) -> T:
    """Return a copy of a str, bytes or JSON without secrets.

    It replaces the given secrets: in upper or lower case, escaped for a URL, JSON or HTML, or within base64. It also
    replaces the query and the user of each URL, except in bytes.

    Args:
        value: value to copy. Objects of other types are returned unchanged.
        secrets: the token and the parts of signed URLs that were sent to the server, which may repeat them.
    """
    copy: T = _redacted(value, _patterns(secrets))
    return copy


def redacted_items(items: Iterable[tuple[str, str]], secrets: Iterable[Secret] = ()) -> list[tuple[str, str]]:
    """Return a copy of names and values of headers without secrets, credentials and the queries of URLs.

    Args:
        items: names in lower case, and values.
        secrets: see `redacted`.
    """
    patterns = _patterns(secrets)
    return [(name, _header(name, value, patterns)) for name, value in items]


def _patterns(secrets: Iterable[Secret]) -> list[re.Pattern[str]]:
    return [_pattern(secret.reveal()) for secret in secrets if len(secret.reveal()) >= _SHORTEST_SECRET]


def _redacted(value: Any, patterns: list[re.Pattern[str]]) -> Any:
    if isinstance(value, str):
        for pattern in patterns:
            value = pattern.sub(REDACTED, value)
        return _QUERY.sub(_without_query, _USER.sub(REDACTED, value))
    if isinstance(value, bytes):
        text = value.decode("latin-1")
        for pattern in patterns:
            text = pattern.sub(REDACTED, text)
        return text.encode("latin-1")
    if isinstance(value, list):
        return [_redacted(item, patterns) for item in value]
    if isinstance(value, dict):
        return {_redacted(name, patterns): _redacted(item, patterns) for name, item in value.items()}
    return value


def _without_query(match: re.Match[str]) -> str:
    """Return the replacement of a query, with the punctuation after it. A question mark of a sentence is kept."""
    query = match[0]
    end = len(query)
    while end and not (query[end - 1].isalnum() or query[end - 1] in "%=&/_-"):
        end -= 1
    return f"?…{query[end:]}" if end else query


def _header(name: str, value: str, patterns: list[re.Pattern[str]]) -> str:
    if name in _CREDENTIALS:
        return REDACTED
    # A header may be a URL that contains white space and quotes. Everything from the start of its query is removed.
    text: str = _redacted(re.sub(r"\?(?=.*\w).*", "", value, flags=re.DOTALL), patterns)
    return text


@functools.lru_cache(maxsize=64)
def _pattern(secret: str) -> re.Pattern[str]:
    """Return a pattern that matches a secret in any of its forms."""
    written = "".join(char if char.isalnum() else _escaped(char) for char in secret)
    return re.compile("|".join([written, *_within_base64(secret.encode())]), re.IGNORECASE)


def _escaped(char: str) -> str:
    code = ord(char)
    slashes = r"\\{1,4}"
    forms = [
        re.escape(char),
        slashes + re.escape(char),
        f"{slashes}u{code:04x}",
        f"{slashes}x{code:02x}",
        f"%(?:25){{0,3}}{code:02x}",
        f"&#0{{0,6}}{code};",
        f"&#x0{{0,6}}{code:x};",
    ]
    return f"(?:{'|'.join(forms)})"


def _within_base64(secret: bytes) -> list[str]:
    """Return the forms of a secret within the base64 of a longer text, for each offset at which it can start."""
    forms = []
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + secret).decode().rstrip("=")
        # The first and the last character also depend on the bytes before and after.
        own = encoded[(0, 2, 3)[offset] : len(encoded) - ((offset + len(secret)) % 3 > 0)]
        forms.append("".join({"+": "[+-]", "/": "[/_]"}.get(char, char) for char in own))
    return forms


def signature_of(url: str) -> list[Secret]:
    """Return the query of a signed URL and its values, raw and decoded, except values that are not credentials."""
    query = urlsplit(url).query
    values = [part.partition("=")[2] for part in query.split("&")]
    values += [value for _, value in parse_qsl(query)]
    return [Secret(query), *(Secret(value) for value in values if len(value) >= _SHORTEST_SIGNATURE)]
