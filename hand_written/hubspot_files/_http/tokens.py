"""Access tokens and their providers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from .._errors import ArgumentTypeError, ArgumentValueError
from .._redaction import Secret

TokenProvider: TypeAlias = Callable[[], str]
"""Callback that returns an access token. It is called before each request."""
AsyncTokenProvider: TypeAlias = Callable[[], str | Awaitable[str]]
"""TokenProvider of AsyncHubSpotFiles, which may also be a coroutine function."""


class RenewingProvider(ABC):
    """A provider that knows the expiry of its token, and renews it itself, for both clients."""

    @abstractmethod
    def __call__(self) -> str:
        """Return a valid token."""

    @abstractmethod
    def _current(self) -> Secret:
        """Return a valid token. Block this thread while it is renewed."""

    @abstractmethod
    async def _current_async(self) -> Secret:
        """Return a valid token. Suspend this task while it is renewed."""

    @abstractmethod
    def _note_expired(self, token: Secret) -> None:
        """Renew a token, which HubSpot calls expired, before the next one is returned. Ignore one that was replaced."""


def check_token(token: object, name: str = "the access token") -> str:
    """Return a token that is valid in a header.

    Args:
        token: the token.
        name: its name in a message.

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
        raise ArgumentTypeError(f"{name} must be a str, not {kind.__name__}")
    raise ArgumentValueError(f"{name} is empty, or contains spaces, line ends or other invalid characters")
