"""OAuth tokens, the information about a token, and the protocol of the stores that keep tokens."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, NoReturn, Protocol, runtime_checkable

from .._errors import ArgumentTypeError, ArgumentValueError
from .._http.tokens import check_token
from .._redaction import Secret


class OAuthTokens:
    """An access token and the refresh token that renews it. The `repr` does not show them, and pickling is refused.

    Args:
        access_token: the access token.
        refresh_token: the refresh token.
        expires_in: life of the access token in seconds, as HubSpot stated it.
        obtained_at: time at which it was requested, in seconds since 1970, by the clock of this machine.

    Raises:
        ValueError: a token that no header can hold, or a number that is not finite.
        TypeError: a value of the wrong type.
    """

    __slots__ = ("_access_token", "_refresh_token", "expires_in", "obtained_at")

    def __init__(self, access_token: str, refresh_token: str, *, expires_in: float, obtained_at: float) -> None:
        access, refresh = Secret(access_token), Secret(refresh_token)
        # A traceback with variables shows the variables of this frame.
        del access_token, refresh_token
        check_token(access.reveal(), "access_token")
        check_token(refresh.reveal(), "refresh_token")
        self._access_token = access
        self._refresh_token = refresh
        self.expires_in: float = _finite(expires_in, "expires_in")
        self.obtained_at: float = _finite(obtained_at, "obtained_at")

    @property
    def access_token(self) -> str:
        """The access token."""
        return self._access_token.reveal()

    @property
    def refresh_token(self) -> str:
        """The refresh token."""
        return self._refresh_token.reveal()

    def to_dict(self) -> dict[str, str | float]:
        """Return the tokens as a dict that JSON can represent, for a store."""
        return {
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "expires_in": self.expires_in,
            "obtained_at": self.obtained_at,
        }

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> OAuthTokens:
        """Return the tokens of a dict that `to_dict` returned.

        Raises:
            ValueError: a field is missing, or its value is not valid.
            TypeError: it is not a mapping, or a value is of the wrong type.
        """
        if not isinstance(fields, Mapping):
            raise ArgumentTypeError(f"fields must be a mapping as of to_dict, not {type(fields).__name__}")
        try:
            missing = {"access_token", "refresh_token", "expires_in", "obtained_at"} - fields.keys()
            if missing:
                raise ArgumentValueError(f"the tokens have no {', '.join(sorted(missing))}")
            return cls(
                fields["access_token"],
                fields["refresh_token"],
                expires_in=fields["expires_in"],
                obtained_at=fields["obtained_at"],
            )
        finally:
            # A traceback with variables shows the variables of this frame.
            del fields

    def __repr__(self) -> str:
        # A traceback with variables also shows tokens whose constructor failed.
        return f"<OAuthTokens, expires in {getattr(self, 'expires_in', None)} s>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("OAuth tokens cannot be pickled; a store can use to_dict()")


def _finite(value: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ArgumentTypeError(f"{name} must be seconds as a number, not {type(value).__name__}")
    if not math.isfinite(value):
        raise ArgumentValueError(f"{name} must be a finite number of seconds, not {value}")
    return value


class TokenInfo(NamedTuple):
    """Information about an access token, from `OAuthCredentials.introspect`. HubSpot may leave out any but `active`.

    Attributes:
        active: whether the token is valid.
        hub_id: number of the account.
        hub_domain: domain of the account.
        app_id: number of the app.
        client_id: client id of the app.
        user_id: number of the user who authorized the app.
        user: email address of that user.
        scopes: scopes of the token.
        expires_in: seconds until the token expires.
        token_type: type of the token, such as `bearer`.
        token_use: `access_token`, or `refresh_token`.
        is_private_distribution: whether the app is not listed in HubSpot's marketplace.
    """

    active: bool
    hub_id: int | None = None
    hub_domain: str | None = None
    app_id: int | None = None
    client_id: str | None = None
    user_id: int | None = None
    user: str | None = None
    scopes: tuple[str, ...] = ()
    expires_in: float | None = None
    token_type: str | None = None
    token_use: str | None = None
    is_private_distribution: bool | None = None


class TokenStore(Protocol):
    """A place that keeps the tokens of one authorization: a file, a row of a database, a secret manager.

    The methods are called in a worker thread of asynchronous programs, so they may block, and must not be `async`.

    If several processes share the tokens, the store also needs a method `lock()` that returns a context manager. The
    credentials hold it from `load` to `save`, so that only one process renews the token. Without it, two processes can
    renew the token at the same time, and the refresh token that is saved last may be one that HubSpot has replaced.
    """

    def load(self) -> OAuthTokens | None:
        """Return the tokens that were saved last, or None if there are none yet."""
        ...

    def save(self, tokens: OAuthTokens) -> None:
        """Save tokens, instead of those before. When it returns, they must be safe."""
        ...


@runtime_checkable
class LockingTokenStore(TokenStore, Protocol):
    """A store with a lock between processes."""

    def lock(self) -> AbstractContextManager[Any]:
        """Return a context manager that no other process can enter meanwhile."""
        ...
