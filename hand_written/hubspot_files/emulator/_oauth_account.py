"""The OAuth apps of an account, past the API: apps and authorizations that a test adds and revokes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from ._api.api import Api
from ._api.oauth import new_refresh_token
from ._api.routes import SCOPES, check_scopes
from ._clock import Clock, to_timedelta
from ._oauth_store import CodeRow, OAuthApp
from ._store import Store

# assumed: oauth-codes
_CODE_LIFE: Final = timedelta(minutes=10)
_MILLISECOND: Final = timedelta(milliseconds=1)


class OAuthAccount:
    """The part of `Emulator` that adds OAuth apps, and lets users authorize them."""

    clock: Clock
    _api: Api
    _store: Store

    def add_oauth_app(
        self,
        *,
        redirect_uri: str = "https://app.example.com/callback",
        access_token_life: float | timedelta = 1800,
        rotates_refresh_tokens: bool = False,
    ) -> OAuthApp:
        """Create an OAuth app.

        Args:
            redirect_uri: Receives the authorization codes.
            access_token_life: Of its access tokens, in seconds or as a timedelta.
            rotates_refresh_tokens: Whether each renewal of an access token replaces the refresh token.

        Returns:
            The app, with its `client_id` and `client_secret`.

        Raises:
            ValueError: The life is out of range.
        """
        life = to_timedelta(access_token_life, "access_token_life")
        with self._store.transaction():
            context = self._api.context
            app = OAuthApp(
                client_id=context.new_uuid(),
                client_secret=f"secret-emu-{context.new_uuid()}",
                app_id=self._store.database.next_number("app", 2_000_001),
                redirect_uri=redirect_uri,
                access_token_life=life // _MILLISECOND,
                rotates_refresh_tokens=rotates_refresh_tokens,
            )
            self._store.oauth.add_app(app)
            return app

    def authorize(self, client_id: str, scopes: Collection[str] = SCOPES, *, code_challenge: str | None = None) -> str:
        """Let a user authorize an app, and return the authorization code that HubSpot sends to its redirect_uri.

        Args:
            client_id: The app's.
            scopes: Scopes of the Files API. Default: everything.
            code_challenge: That of PKCE, with the method S256. Default: none.

        Raises:
            KeyError: There is no such app.
            ValueError: The Files API has no such scope.
        """
        granted = check_scopes(scopes)
        with self._store.transaction():
            self._require_app(client_id)
            code = f"code-emu-{self._api.context.new_uuid()}"
            expires_at = self.clock.milliseconds() + _CODE_LIFE // _MILLISECOND
            self._store.oauth.add_code(CodeRow(code, client_id, granted, code_challenge, expires_at))
            return code

    def add_refresh_token(self, client_id: str, scopes: Collection[str] = SCOPES) -> str:
        """Let a user authorize an app, and return the refresh token for which its code would be exchanged.

        Args:
            client_id: The app's.
            scopes: Scopes of the Files API. Default: everything.

        Raises:
            KeyError: There is no such app.
            ValueError: The Files API has no such scope.
        """
        granted = check_scopes(scopes)
        with self._store.transaction():
            self._require_app(client_id)
            refresh_token = new_refresh_token(self._api.context)
            self._store.oauth.add_grant(client_id, granted, refresh_token)
            return refresh_token

    def revoke_refresh_token(self, refresh_token: str) -> None:
        """Revoke a refresh token and the access tokens that were issued for it, as a user who uninstalls the app.

        Raises:
            KeyError: The refresh token is unknown, or was replaced or revoked before.
        """
        with self._store.transaction():
            grant = self._store.oauth.grant(refresh_token)
            if grant is None:
                raise KeyError(f"no refresh token {refresh_token!r}")
            self._store.oauth.set_refresh_token(grant, None)
            for token in self._store.oauth.access_tokens(grant):
                self._store.tokens.delete(token)

    def _require_app(self, client_id: str) -> None:
        if self._store.oauth.app(client_id) is None:
            raise KeyError(f"no OAuth app {client_id!r}")
