"""An OAuth app at an emulated HubSpot, and a small token server, for the tests of credentials."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx

from hubspot_files import OAuthCredentials, OAuthTokens
from hubspot_files.testing import Clock, Emulator, use_clock

from .support import BASE_URL, Client

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLIENT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_SECRET = "secret-na1-of-the-app-00000000"
REFRESH_TOKEN = "refresh-na1-of-the-account-00000000"


class World:
    """An account with a file, and an app that a user has authorized, on a frozen clock."""

    def __init__(self, emulator: Emulator, **options: Any) -> None:
        self.emulator = emulator
        self.app = emulator.add_oauth_app(**options)
        self.refresh_token = emulator.add_refresh_token(self.app.client_id)
        self.file = emulator.add_file("/library/cat.bin", b"cat")
        self.sensitive = emulator.add_file("/library/secret.bin", b"secret", access="SENSITIVE")

    def credentials(self, refresh_token: str | None = "", **options: Any) -> OAuthCredentials:
        """Return credentials of the app, by default with the refresh token of the account."""
        given = {"base_url": self.emulator.base_url, "http_client": httpx.Client(transport=self.emulator.transport)}
        token = self.refresh_token if refresh_token == "" else refresh_token
        return OAuthCredentials(self.app.client_id, self.app.client_secret, token, **{**given, **options})

    def call(
        self, client: Client, operation: Callable[[Any], Any], credentials: OAuthCredentials, **options: Any
    ) -> Any:
        """Call an operation of a client that has the credentials."""
        given = {"base_url": self.emulator.base_url, "http_client": client.http(self.emulator.transport)}
        return client(operation, access_token=credentials, **{**given, **options})

    def get(self, client: Client, credentials: OAuthCredentials, **options: Any) -> Any:
        """Get the file."""
        return self.call(client, lambda hubspot: hubspot.files.get(self.file.id), credentials, **options)

    @property
    def token_requests(self) -> list[dict[str, str]]:
        """The forms of the token requests, without those that a fault has struck."""
        return [
            dict(parse_qsl(request.body.decode()))
            for request in self.emulator.requests
            if request.operation == "createToken"
        ]

    def expire(self, credentials: OAuthCredentials) -> str:
        """Let HubSpot call the access token expired, before its time, and return it."""
        token = credentials()
        self.emulator.expire_token(token)
        return token


@contextmanager
def world(**options: Any) -> Iterator[World]:
    """Emulate HubSpot on a frozen clock, which all clients use."""
    with Emulator(clock=Clock(START, frozen=True)) as emulator, use_clock(emulator.clock):
        yield World(emulator, **options)


class TokenServer(httpx.BaseTransport):
    """A server whose response to each token request is the result of a function of the number of the request."""

    def __init__(self, respond: Callable[[int], httpx.Response] | None = None) -> None:
        self.forms: list[dict[str, str]] = []
        self.headers: list[httpx.Headers] = []
        self.threads = 0
        self._respond = respond or (lambda number: issued(number))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.forms.append(dict(parse_qsl(request.read().decode())))
        self.headers.append(request.headers)
        self.threads = threading.active_count()
        return self._respond(len(self.forms))

    def credentials(self, refresh_token: str | None = REFRESH_TOKEN, **options: Any) -> OAuthCredentials:
        """Return credentials that send their requests to this server."""
        given = {"base_url": BASE_URL, "http_client": httpx.Client(transport=self), **options}
        return OAuthCredentials(CLIENT_ID, CLIENT_SECRET, refresh_token, **given)


def issued(number: int, **fields: Any) -> httpx.Response:
    """Return a response with tokens. A field that is None is left out."""
    body = {
        "access_token": f"access-{number}-0000000000",
        "refresh_token": REFRESH_TOKEN,
        "expires_in": 1800,
        "token_type": "bearer",
        **fields,
    }
    return httpx.Response(200, json={name: value for name, value in body.items() if value is not None})


class MemoryStore:
    """A store in memory, with a lock, that records the calls of its methods."""

    def __init__(self, tokens: OAuthTokens | None = None) -> None:
        self.tokens = tokens
        self.calls: list[str] = []
        self.failing: dict[str, Exception] = {}

    def _note(self, name: str) -> None:
        self.calls.append(name)
        if name in self.failing:
            raise self.failing[name]

    def load(self) -> OAuthTokens | None:
        self._note("load")
        return self.tokens

    def save(self, tokens: OAuthTokens) -> None:
        self._note("save")
        self.tokens = tokens

    @contextmanager
    def lock(self) -> Iterator[None]:
        self._note("lock")
        try:
            yield
        finally:
            self._note("unlock")


def tokens(access_token: str = "access-0-0000000000", *, expires_in: float = 1800, obtained_at: float) -> OAuthTokens:
    """Return tokens as a store has them."""
    return OAuthTokens(access_token, REFRESH_TOKEN, expires_in=expires_in, obtained_at=obtained_at)
