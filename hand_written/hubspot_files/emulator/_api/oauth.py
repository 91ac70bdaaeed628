"""The token endpoints of OAuth. An app authenticates itself in the body of each request, which takes no token."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from .._messages import ApiError, Json, Response, json_response
from .._oauth_store import GrantRow, OAuthApp
from .._store import TokenRow
from .call import ApiContext, Call
from .operation import operation

# assumed: oauth-versions
_DATED: Final = r"/oauth/[0-9]{4}-[0-9]{2}(?:-beta)?/token"
_TOKEN: Final = rf"/oauth/v1/token|{_DATED}"


class OAuthError(ApiError):
    """A refusal in the form of RFC 6749, with HubSpot's own code and message beside it."""

    def __init__(self, error: str, status: str, message: str) -> None:
        # assumed: oauth-errors
        super().__init__(400, message)
        self.body: Json = {"error": error, "error_description": message, "status": status, "message": message}


def new_refresh_token(context: ApiContext) -> str:
    """Generate a refresh token."""
    return f"refresh-emu-{context.new_uuid()}"


@operation("POST", _TOKEN, "createToken", takes_token=False)
def create_token(context: ApiContext, call: Call) -> Response:
    """Issue tokens for an authorization code or a refresh token."""
    fields = call.body.urlencoded()
    app = _authenticated(context, fields)
    kind = fields.get("grant_type")
    if kind == "refresh_token":
        return _issued(context, app, _refreshed(context, app, fields))
    if kind == "authorization_code":
        return _issued(context, app, _exchanged(context, app, fields))
    raise OAuthError("unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant type")


@operation("POST", f"{_DATED}/revoke", "revokeToken", takes_token=False)
def revoke_token(context: ApiContext, call: Call) -> Response:
    """Revoke a refresh token."""
    fields = call.body.urlencoded()
    app = _authenticated(context, fields)
    grant = context.store.oauth.grant(_required(fields, "token"))
    if grant is not None and grant.client_id == app.client_id:
        # assumed: oauth-revocation
        context.store.oauth.set_refresh_token(grant, None)
    return json_response(200, {})


@operation("POST", f"{_DATED}/introspect", "introspectToken", takes_token=False)
def introspect_token(context: ApiContext, call: Call) -> Response:
    """Return the information about an access token or a refresh token."""
    fields = call.body.urlencoded()
    app = _authenticated(context, fields)
    token = _required(fields, "token")
    oauth, access = context.store.oauth, context.store.tokens.get(token)
    grant = oauth.grant(token) if access is None else oauth.grant_of(token)
    now = context.clock.milliseconds()
    has_expired = access is not None and access.expires_at is not None and now >= access.expires_at
    if grant is None or grant.client_id != app.client_id or has_expired:
        # assumed: oauth-introspection
        return json_response(200, {"active": False})
    body: Json = {
        "active": True,
        "token": token,
        "token_type": "bearer",
        "token_use": "refresh_token" if access is None else "access_token",
        "client_id": app.client_id,
        "app_id": app.app_id,
        "hub_id": int(context.store.database.setting("account") or 0),
        "user_id": 1,
        "user": "user@example.com",
        "scopes": sorted(grant.scopes),
    }
    if access is not None and access.expires_at is not None:
        body |= {"expires_in": (access.expires_at - now) // 1000, "is_private_distribution": True}
    return json_response(200, body)


def _authenticated(context: ApiContext, fields: dict[str, str]) -> OAuthApp:
    app = context.store.oauth.app(fields.get("client_id", ""))
    if app is None:
        raise OAuthError("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id")
    if not hmac.compare_digest(app.client_secret.encode(), fields.get("client_secret", "").encode()):
        raise OAuthError("invalid_client", "BAD_CLIENT_SECRET", "missing or invalid client secret")
    return app


def _required(fields: dict[str, str], name: str) -> str:
    if not fields.get(name):
        raise OAuthError("invalid_request", "BAD_REQUEST", f"missing {name}")
    return fields[name]


def _refreshed(context: ApiContext, app: OAuthApp, fields: dict[str, str]) -> GrantRow:
    """Return the authorization of a refresh token, with a new one if the app rotates them."""
    oauth = context.store.oauth
    grant = oauth.grant(_required(fields, "refresh_token"))
    if grant is None or grant.client_id != app.client_id:
        raise OAuthError("invalid_grant", "BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked")
    # assumed: oauth-rotation
    return oauth.set_refresh_token(grant, new_refresh_token(context)) if app.rotates_refresh_tokens else grant


def _exchanged(context: ApiContext, app: OAuthApp, fields: dict[str, str]) -> GrantRow:
    """Return the new authorization of a code. A code is accepted once, and remains valid if it is refused."""
    # assumed: oauth-codes
    code = context.store.oauth.code(_required(fields, "code"))
    if code is None or code.client_id != app.client_id or context.clock.milliseconds() >= code.expires_at:
        raise OAuthError("invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code")
    if fields.get("redirect_uri") != app.redirect_uri:
        raise OAuthError("invalid_grant", "BAD_REDIRECT_URI", "missing or unknown redirect URI")
    if code.code_challenge is not None and _challenge(fields.get("code_verifier", "")) != code.code_challenge:
        raise OAuthError("invalid_grant", "BAD_CODE_VERIFIER", "missing or invalid code verifier")
    context.store.oauth.delete_code(code.code)
    return context.store.oauth.add_grant(app.client_id, code.scopes, new_refresh_token(context))


def _challenge(verifier: str) -> str:
    """Return the code_challenge of a code_verifier: RFC 7636 with the method S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _issued(context: ApiContext, app: OAuthApp, grant: GrantRow) -> Response:
    """Issue an access token, and return the response that holds it."""
    token = f"oauth-emu-{context.new_uuid()}"
    expires_at = context.clock.milliseconds() + app.access_token_life
    context.store.tokens.put(TokenRow(token, grant.scopes, True, expires_at))
    context.store.oauth.add_access_token(grant, token)
    life = app.access_token_life / 1000
    return json_response(
        200,
        {
            "token_type": "bearer",
            "refresh_token": grant.refresh_token,
            "access_token": token,
            "expires_in": int(life) if life.is_integer() else life,
        },
    )
