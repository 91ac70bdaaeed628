"""The token endpoints of OAuth: apps, codes, refresh tokens, access tokens, revocation, introspection, persistence."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from hubspot_files.testing import Clock, Emulator, OAuthApp, serve

from .support import START

Post = Callable[..., httpx.Response]
VERIFIER = "a-verifier-of-43-characters-and-more-than-that"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def app(emulator: Emulator) -> OAuthApp:
    return emulator.add_oauth_app()


@pytest.fixture
def post(emulator: Emulator, web: httpx.Client) -> Post:
    """Return a function that sends a form to a token endpoint, for an app."""

    def send(app: OAuthApp, path: str = "", version: str = "2026-03", **fields: str) -> httpx.Response:
        form = {"client_id": app.client_id, "client_secret": app.client_secret, **fields}
        return web.post(f"{emulator.base_url}/oauth/{version}/token{path}", data=form)

    return send


def refresh(post: Post, app: OAuthApp, refresh_token: str, **options: str) -> httpx.Response:
    return post(app, grant_type="refresh_token", refresh_token=refresh_token, **options)


def status_of(emulator: Emulator, web: httpx.Client, token: str) -> tuple[int, str | None]:
    """Return the status and the category of a call with a token."""
    url = f"{emulator.base_url}/files/v3/files/search"
    response = web.get(url, headers={"Authorization": f"Bearer {token}"})
    return response.status_code, response.json().get("category")


def error(response: httpx.Response) -> tuple[int, str, str]:
    """Return the status of an error and its two codes, after a check of its form."""
    body = response.json()
    assert body.keys() == {"error", "error_description", "status", "message", "correlationId"}
    assert body["message"] == body["error_description"] != ""
    assert body["correlationId"] == response.headers["x-hubspot-correlation-id"]
    return response.status_code, body["error"], body["status"]


@pytest.mark.parametrize("version", ["2026-03", "2026-09", "2026-09-beta", "v1"])
def test_a_refresh_token_gets_access_tokens(
    version: str, emulator: Emulator, app: OAuthApp, post: Post, web: httpx.Client
) -> None:
    refresh_token = emulator.add_refresh_token(app.client_id, ["files.read"])
    responses = [refresh(post, app, refresh_token, version=version) for _ in range(2)]
    assert [response.status_code for response in responses] == [200, 200]
    first, second = (response.json() for response in responses)
    assert first.pop("access_token") != second.pop("access_token")
    assert first == second == {"token_type": "bearer", "refresh_token": refresh_token, "expires_in": 1800}
    token = responses[0].json()["access_token"]
    assert emulator.tokens[token] == {"files.read"}
    emulator.clock.advance(1799.999)
    assert status_of(emulator, web, token) == (200, None)
    emulator.clock.advance(0.001)
    assert status_of(emulator, web, token) == (401, "EXPIRED_AUTHENTICATION")


def test_responses_to_oauth_tokens_lack_the_daily_limit(
    emulator: Emulator, app: OAuthApp, post: Post, web: httpx.Client
) -> None:
    token = refresh(post, app, emulator.add_refresh_token(app.client_id)).json()["access_token"]
    response = web.get(f"{emulator.base_url}/files/v3/files/search", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200
    assert not [name for name in response.headers if "daily" in name]


def test_refresh_tokens_rotate_if_the_app_says_so(emulator: Emulator, post: Post) -> None:
    app = emulator.add_oauth_app(rotates_refresh_tokens=True, access_token_life=0.5)
    before = emulator.add_refresh_token(app.client_id)
    response = refresh(post, app, before).json()
    assert response["expires_in"] == 0.5
    assert response["refresh_token"] != before
    assert error(refresh(post, app, before)) == (400, "invalid_grant", "BAD_REFRESH_TOKEN")
    assert refresh(post, app, response["refresh_token"]).status_code == 200


def test_an_uninstalled_app_has_no_tokens(emulator: Emulator, app: OAuthApp, post: Post, web: httpx.Client) -> None:
    refresh_token = emulator.add_refresh_token(app.client_id)
    token = refresh(post, app, refresh_token).json()["access_token"]
    emulator.revoke_refresh_token(refresh_token)
    assert error(refresh(post, app, refresh_token)) == (400, "invalid_grant", "BAD_REFRESH_TOKEN")
    assert status_of(emulator, web, token) == (401, "INVALID_AUTHENTICATION")
    with pytest.raises(KeyError):
        emulator.revoke_refresh_token(refresh_token)


def test_a_refresh_token_belongs_to_its_app(emulator: Emulator, app: OAuthApp, post: Post) -> None:
    other = emulator.add_oauth_app()
    assert other.client_id != app.client_id
    response = refresh(post, other, emulator.add_refresh_token(app.client_id))
    assert error(response) == (400, "invalid_grant", "BAD_REFRESH_TOKEN")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"client_id": "1"}, ("invalid_client", "BAD_CLIENT_ID")),
        ({"client_secret": "1"}, ("invalid_client", "BAD_CLIENT_SECRET")),
        ({"grant_type": "password"}, ("unsupported_grant_type", "BAD_GRANT_TYPE")),
        ({"grant_type": "refresh_token"}, ("invalid_request", "BAD_REQUEST")),
        ({"grant_type": "authorization_code"}, ("invalid_request", "BAD_REQUEST")),
        ({"grant_type": "refresh_token", "refresh_token": "1"}, ("invalid_grant", "BAD_REFRESH_TOKEN")),
    ],
)
def test_wrong_requests_are_refused(
    fields: dict[str, str], expected: tuple[str, str], app: OAuthApp, post: Post
) -> None:
    assert error(post(app, **fields)) == (400, *expected)


def test_a_code_is_exchanged_once(emulator: Emulator, app: OAuthApp, post: Post) -> None:
    code = emulator.authorize(app.client_id, ["files"])
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri}
    response = post(app, **fields)
    assert response.status_code == 200
    assert emulator.tokens[response.json()["access_token"]] == {"files"}
    assert refresh(post, app, response.json()["refresh_token"]).status_code == 200
    assert error(post(app, **fields)) == (400, "invalid_grant", "BAD_AUTH_CODE")


def test_a_code_expires(emulator: Emulator, app: OAuthApp, post: Post) -> None:
    code = emulator.authorize(app.client_id)
    emulator.clock.advance(600)
    response = post(app, grant_type="authorization_code", code=code, redirect_uri=app.redirect_uri)
    assert error(response) == (400, "invalid_grant", "BAD_AUTH_CODE")


def test_a_code_belongs_to_its_app_and_redirect_uri(emulator: Emulator, app: OAuthApp, post: Post) -> None:
    code = emulator.authorize(app.client_id)
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri}
    assert error(post(emulator.add_oauth_app(), **fields))[2] == "BAD_AUTH_CODE"
    assert error(post(app, **{**fields, "redirect_uri": "https://example.com"}))[2] == "BAD_REDIRECT_URI"
    assert post(app, **fields).status_code == 200


def test_a_code_challenge_needs_its_verifier(emulator: Emulator, app: OAuthApp, post: Post) -> None:
    code = emulator.authorize(app.client_id, code_challenge=CHALLENGE)
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri}
    assert error(post(app, **fields)) == (400, "invalid_grant", "BAD_CODE_VERIFIER")
    assert error(post(app, **fields, code_verifier=CHALLENGE))[2] == "BAD_CODE_VERIFIER"
    assert post(app, **fields, code_verifier=VERIFIER).status_code == 200


def test_revocation_ends_the_refresh_token_only(
    emulator: Emulator, app: OAuthApp, post: Post, web: httpx.Client
) -> None:
    refresh_token = emulator.add_refresh_token(app.client_id)
    token = refresh(post, app, refresh_token).json()["access_token"]
    other = emulator.add_oauth_app()
    assert post(other, "/revoke", token=refresh_token).status_code == 200
    assert refresh(post, app, refresh_token).status_code == 200
    for _ in range(2):
        assert post(app, "/revoke", token=refresh_token, token_type_hint="refresh_token").status_code == 200
    assert error(refresh(post, app, refresh_token)) == (400, "invalid_grant", "BAD_REFRESH_TOKEN")
    assert status_of(emulator, web, token) == (200, None)
    assert error(post(app, "/revoke")) == (400, "invalid_request", "BAD_REQUEST")


def test_introspection(emulator: Emulator, app: OAuthApp, post: Post) -> None:
    refresh_token = emulator.add_refresh_token(app.client_id, ["files.read", "files"])
    token = refresh(post, app, refresh_token).json()["access_token"]
    emulator.clock.advance(60)
    shared = {
        "active": True,
        "token_type": "bearer",
        "client_id": app.client_id,
        "app_id": app.app_id,
        "hub_id": emulator.portal_id,
        "user_id": 1,
        "user": "user@example.com",
        "scopes": ["files", "files.read"],
    }
    assert post(app, "/introspect", token=refresh_token).json() == {
        **shared,
        "token": refresh_token,
        "token_use": "refresh_token",
    }
    assert post(app, "/introspect", token=token).json() == {
        **shared,
        "token": token,
        "token_use": "access_token",
        "expires_in": 1740,
        "is_private_distribution": True,
    }
    other = emulator.add_oauth_app()
    inactive = [post(other, "/introspect", token=token), post(app, "/introspect", token=emulator.token)]
    emulator.clock.advance(1740)
    inactive += [post(app, "/introspect", token=token), post(app, "/introspect", token="1")]
    assert [(response.status_code, response.json()) for response in inactive] == [(200, {"active": False})] * 4


@pytest.mark.parametrize(("path", "status"), [("/oauth/v1/token/revoke", 404), ("/oauth/v3/token", 404)])
def test_there_are_no_other_endpoints(path: str, status: int, emulator: Emulator, web: httpx.Client) -> None:
    assert web.post(f"{emulator.base_url}{path}").status_code == status


def test_the_form_must_be_urlencoded(emulator: Emulator, web: httpx.Client) -> None:
    url = f"{emulator.base_url}/oauth/2026-03/token"
    assert web.post(url, json={"grant_type": "refresh_token"}).status_code == 415
    assert web.get(url).status_code == 405
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert web.post(url, content=b"a=" + b"b" * 8 * 1024 * 1024, headers=headers).status_code == 413


def test_rate_limits_do_not_apply(emulator: Emulator, app: OAuthApp, post: Post) -> None:
    refresh_token = emulator.add_refresh_token(app.client_id)
    emulator.rate_limit("DAILY", 0)
    assert refresh(post, app, refresh_token).status_code == 200


def test_faults_strike_the_token_endpoints(emulator: Emulator, app: OAuthApp, post: Post) -> None:
    refresh_token = emulator.add_refresh_token(app.client_id)
    fault = emulator.fail(status=503, operation="createToken")
    assert refresh(post, app, refresh_token).status_code == 503
    assert fault.hits == 1
    assert [(request.operation, request.status) for request in emulator.requests] == [("createToken", 503)]


@pytest.mark.parametrize("add", [Emulator.authorize, Emulator.add_refresh_token])
def test_authorizations_need_an_app_and_known_scopes(
    add: Callable[..., Any], emulator: Emulator, app: OAuthApp
) -> None:
    with pytest.raises(KeyError, match="no OAuth app 'nobody'"):
        add(emulator, "nobody")
    with pytest.raises(ValueError, match="not 'bogus'"):
        add(emulator, app.client_id, ["bogus"])
    with pytest.raises(ValueError, match="access_token_life"):
        emulator.add_oauth_app(access_token_life=float("inf"))


def test_data_keeps_apps_and_tokens(tmp_path: Path) -> None:
    def post(emulator: Emulator, **fields: str) -> dict[str, Any]:
        with httpx.Client(transport=emulator.transport) as web:
            response = web.post(f"{emulator.base_url}/oauth/2026-03/token", data=fields)
            assert response.status_code == 200
            return dict(response.json())

    with Emulator(clock=Clock(START, frozen=True), data=tmp_path) as emulator:
        app = emulator.add_oauth_app(rotates_refresh_tokens=True, redirect_uri="https://example.com/back")
        refresh_token = emulator.add_refresh_token(app.client_id)
        code = emulator.authorize(app.client_id)
        secrets = {"client_id": app.client_id, "client_secret": app.client_secret}
        first = post(emulator, **secrets, grant_type="refresh_token", refresh_token=refresh_token)
    with Emulator(clock=Clock(START, frozen=True), data=tmp_path) as emulator:
        second = post(emulator, **secrets, grant_type="refresh_token", refresh_token=first["refresh_token"])
        post(emulator, **secrets, grant_type="authorization_code", code=code, redirect_uri="https://example.com/back")
        assert emulator.tokens.keys() >= {first["access_token"], second["access_token"]}
        assert emulator.add_oauth_app().app_id == app.app_id + 1


def test_the_control_route_adds_apps() -> None:
    with serve() as emulator, httpx.Client(base_url=f"{emulator.base_url}/_emulator") as web:
        app = web.post("/add_oauth_app", json={"rotates_refresh_tokens": True, "access_token_life": 60}).json()
        assert app["access_token_life"] == 60_000
        authorization = {"client_id": app["client_id"], "scopes": ["files"]}
        assert web.post("/authorize", json=authorization).json()["token"].startswith("code-")
        refresh_token = web.post("/add_refresh_token", json=authorization).json()["token"]
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        form = {**fields, "client_id": app["client_id"], "client_secret": app["client_secret"]}
        response = httpx.post(f"{emulator.base_url}/oauth/2026-03/token", data=form).json()
        assert emulator.tokens[response["access_token"]] == {"files"}
        revocation = {"refresh_token": response["refresh_token"]}
        assert web.post("/revoke_refresh_token", json=revocation).status_code == 200
        assert web.post("/revoke_refresh_token", json=revocation).status_code == 404
