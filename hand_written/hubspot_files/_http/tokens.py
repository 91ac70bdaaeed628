"""Access tokens and their providers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

TokenProvider: TypeAlias = Callable[[], str]
AsyncTokenProvider: TypeAlias = Callable[[], str | Awaitable[str]]


def check_token(token: object) -> str:
    """A token that can stand in a header.

    Raises:
        TypeError: it is not a str.
        ValueError: it is empty, or holds what a header cannot.
    """
    kind = type(token)
    if isinstance(token, str) and token and token.isascii() and token.isprintable() and " " not in token:
        return token
    # It is not shown, not even by a traceback with variables: it may be a good one with a stray line end.
    del token
    if not issubclass(kind, str):
        raise TypeError(f"the access token must be a str, not {kind.__name__}")
    raise ValueError("the access token is empty, or holds spaces, line ends or other characters that no token has")
