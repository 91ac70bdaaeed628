"""Access tokens and their providers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

TokenProvider: TypeAlias = Callable[[], str]
AsyncTokenProvider: TypeAlias = Callable[[], str | Awaitable[str]]


def check_token(token: object) -> str:
    """Return a token that is valid in a header.

    Raises:
        TypeError: it is not a str.
        ValueError: it is empty, or contains white space or characters other than printable ASCII.
    """
    kind = type(token)
    if isinstance(token, str) and token and token.isascii() and token.isprintable() and " " not in token:
        return token
    # Neither the message nor a traceback with variables may show it: it may be a valid token with a line end.
    del token
    if not issubclass(kind, str):
        raise TypeError(f"the access token must be a str, not {kind.__name__}")
    raise ValueError("the access token is empty, or contains spaces, line ends or other invalid characters")
