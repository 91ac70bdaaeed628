"""The places that an access token comes from. They travel to other processes, and the token does not."""

from __future__ import annotations

import hmac
import itertools
import os
from pathlib import Path
from typing import NamedTuple, NoReturn

from .._errors import ArgumentValueError
from .._http.tokens import AsyncTokenProvider, check_token
from .._redaction import Secret

TOKEN_VARIABLE = "HUBSPOT_ACCESS_TOKEN"
_MAX_SIZE = 64 * 1024
# The variables of an app, whose tokens are in a store.
_CLIENT_ID, _CLIENT_SECRET = "HUBSPOT_CLIENT_ID", "HUBSPOT_CLIENT_SECRET"

NOT_PICKLED = (
    "a file system with token= cannot be sent to another process: the token is not written into pickles and JSON. Set "
    f"{TOKEN_VARIABLE} here and there, and leave token= out, or pass token_file=, a path that exists on each machine."
)

_numbers = itertools.count(1)
_held: list[HeldToken] = []


class HeldToken:
    """A token, or a callable that returns one. It does not leave this process, and its `repr` is a number.

    The options of a file system are part of the key of fsspec's cache of instances, and equal tokens are one object.
    """

    __slots__ = ("_number", "_token")

    def __init__(self, token: Secret | AsyncTokenProvider) -> None:
        self._number = next(_numbers)
        self._token = token

    def __repr__(self) -> str:
        return f"<access token {self._number}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(NOT_PICKLED)

    def holds(self, token: object) -> bool:
        """Return whether this is the token."""
        if isinstance(self._token, Secret) and isinstance(token, str):
            return hmac.compare_digest(self._token.reveal().encode(), token.encode("utf-8", "surrogatepass"))
        return self._token is token

    def access_token(self) -> str | AsyncTokenProvider:
        """Return what a client takes as its access token."""
        return self._token.reveal() if isinstance(self._token, Secret) else self._token


def held_token(token: str | AsyncTokenProvider | HeldToken) -> HeldToken:
    """Return the object that holds a token.

    Raises:
        TypeError: it is neither a str nor a callable.
        ValueError: it is not valid in a header.
    """
    if isinstance(token, HeldToken):
        return token
    for known in _held:
        if known.holds(token):
            return known
    new = HeldToken(token if callable(token) else Secret(check_token(token, "token")))
    # A traceback with variables shows the variables of this frame.
    del token
    _held.append(new)
    return new


def environment_token() -> HeldToken | None:
    """Return the token of the environment, or None."""
    token = os.environ.get(TOKEN_VARIABLE)
    return held_token(token) if token else None


class TokenFile:
    """A provider that reads the token from a file, before each request, because another program may replace it.

    Args:
        path: path of the file.

    Raises:
        PermissionError: the file cannot be read.
        ValueError: it holds no valid token.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path).absolute()
        self()

    def __call__(self) -> str:
        try:
            with self._path.open("rb") as file:
                content = Secret(file.read(_MAX_SIZE).decode("utf-8", "replace").strip())
        except OSError as error:
            # It is no FileNotFoundError, which would mean that there is no such file on HubSpot.
            raise PermissionError(f"the token in {self._path} cannot be read: {error.strerror}") from error
        return check_token(content.reveal(), f"the token in {self._path}")


class TokenSource(NamedTuple):
    """The place that the access token comes from. At most one is set; by default, it is the environment.

    Attributes:
        token: the token, or a callable.
        token_file: path of a file with the token.
        oauth_store: path of a FileTokenStore.
    """

    token: HeldToken | None
    token_file: str | None
    oauth_store: str | None

    def access_token(self, base_url: str | None) -> str | AsyncTokenProvider | None:
        """Return what a client takes as its access token.

        Args:
            base_url: URL of the API, or None for the default.

        Raises:
            ValueError: more than one source is set, none has a token, or its token is not valid.
            PermissionError: the file cannot be read.
        """
        if sum(source is not None for source in self) > 1:
            raise ArgumentValueError("pass one of token=, token_file= and oauth_store=")
        if self.token is not None:
            return self.token.access_token()
        if self.token_file is not None:
            return TokenFile(self.token_file)
        if self.oauth_store is None:
            if environment_token() is None:
                raise ArgumentValueError(f"no access token: set {TOKEN_VARIABLE}, or pass token_file= or token=")
            return None
        from .._oauth.credentials import OAuthCredentials
        from .._oauth.file_store import FileTokenStore

        missing = [name for name in (_CLIENT_ID, _CLIENT_SECRET) if not os.environ.get(name)]
        if missing:
            raise ArgumentValueError(f"oauth_store= needs the app's {' and '.join(missing)} in the environment")
        return OAuthCredentials(
            os.environ[_CLIENT_ID],
            os.environ[_CLIENT_SECRET],
            store=FileTokenStore(self.oauth_store),
            base_url=base_url,
        )
