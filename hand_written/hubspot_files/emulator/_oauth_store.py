"""The OAuth apps of an account: their authorization codes, refresh tokens and access tokens."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace

from ._database import Database


@dataclass(frozen=True)
class OAuthApp:
    """An OAuth app.

    Attributes:
        client_id: Identifies it.
        client_secret: Authenticates it.
        app_id: Its number.
        redirect_uri: Receives the codes.
        access_token_life: Of each of its access tokens, in milliseconds.
        rotates_refresh_tokens: Whether each renewal replaces the refresh token.
    """

    client_id: str
    client_secret: str
    app_id: int
    redirect_uri: str
    access_token_life: int
    rotates_refresh_tokens: bool


@dataclass(frozen=True)
class CodeRow:
    """An authorization code."""

    code: str
    client_id: str
    scopes: frozenset[str]
    code_challenge: str | None
    expires_at: int


@dataclass(frozen=True)
class GrantRow:
    """The authorization of an app, and its refresh token, None once that is revoked."""

    id: int
    client_id: str
    scopes: frozenset[str]
    refresh_token: str | None


class OAuthStore:
    """The OAuth apps of an account."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_app(self, app: OAuthApp) -> None:
        """Store a new app."""
        self._database.insert("oauth_apps", vars(app))

    def app(self, client_id: str) -> OAuthApp | None:
        """Return the app of a client id."""
        row = self._database.one("SELECT * FROM oauth_apps WHERE client_id = ?", client_id)
        return None if row is None else OAuthApp(row[0], row[1], row[2], row[3], row[4], bool(row[5]))

    def add_code(self, row: CodeRow) -> None:
        """Store a new code."""
        self._database.insert("oauth_codes", {**vars(row), "scopes": _text(row.scopes)})

    def code(self, code: str) -> CodeRow | None:
        """Return the row of a code."""
        row = self._database.one("SELECT * FROM oauth_codes WHERE code = ?", code)
        return None if row is None else CodeRow(row[0], row[1], _scopes(row[2]), row[3], row[4])

    def delete_code(self, code: str) -> None:
        """Delete a code."""
        self._database.execute("DELETE FROM oauth_codes WHERE code = ?", code)

    def add_grant(self, client_id: str, scopes: Collection[str], refresh_token: str) -> GrantRow:
        """Store a new authorization."""
        row = GrantRow(self._database.next_number("grant"), client_id, frozenset(scopes), refresh_token)
        self._database.insert("oauth_grants", {**vars(row), "scopes": _text(row.scopes)})
        return row

    def grant(self, refresh_token: str) -> GrantRow | None:
        """Return the authorization of a refresh token."""
        return self._grant("refresh_token = ?", refresh_token)

    def grant_of(self, access_token: str) -> GrantRow | None:
        """Return the authorization for which an access token was issued."""
        return self._grant("id = (SELECT grant_id FROM oauth_access_tokens WHERE token = ?)", access_token)

    def _grant(self, condition: str, value: str) -> GrantRow | None:
        row = self._database.one(f"SELECT * FROM oauth_grants WHERE {condition}", value)
        return None if row is None else GrantRow(row[0], row[1], _scopes(row[2]), row[3])

    def set_refresh_token(self, grant: GrantRow, refresh_token: str | None) -> GrantRow:
        """Replace the refresh token of an authorization, or revoke it."""
        self._database.update("oauth_grants", grant.id, {"refresh_token": refresh_token})
        return replace(grant, refresh_token=refresh_token)

    def add_access_token(self, grant: GrantRow, token: str) -> None:
        """Record the authorization for which an access token is issued."""
        self._database.insert("oauth_access_tokens", {"token": token, "grant_id": grant.id})

    def access_tokens(self, grant: GrantRow) -> list[str]:
        """Return the access tokens that were issued for an authorization."""
        rows = self._database.all("SELECT token FROM oauth_access_tokens WHERE grant_id = ?", grant.id)
        return [row[0] for row in rows]


def _text(scopes: Collection[str]) -> str:
    return json.dumps(sorted(scopes))


def _scopes(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))
