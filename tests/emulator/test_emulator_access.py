"""Tokens, scopes, hidden files, rate limits, and responses outside the operations."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from hubspot_files.testing import Emulator

from .support import Upload, message

FILES = "/files/v3/files"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Bearer nobody", "Basic abc", "{token}"])
def test_unknown_tokens_are_refused(emulator: Emulator, web: httpx.Client, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization.format(token=emulator.token)}
    response = web.get(f"{emulator.base_url}{FILES}/search", headers=headers)
    assert response.status_code == 401
    assert response.json()["category"] == "INVALID_AUTHENTICATION"
    assert emulator.token not in message(response)


def test_an_api_key_is_not_accepted_as_a_token(emulator: Emulator, web: httpx.Client) -> None:
    assert web.get(f"{emulator.base_url}{FILES}/search?hapikey={emulator.token}").status_code == 401


def test_the_authorization_scheme_is_case_insensitive(emulator: Emulator, web: httpx.Client) -> None:
    response = web.get(f"{emulator.base_url}{FILES}/search", headers={"Authorization": f"bearer {emulator.token}"})
    assert response.status_code == 200


def test_expired_and_revoked_tokens_are_refused(emulator: Emulator, api: httpx.Client) -> None:
    url = f"{FILES}/search"
    token = emulator.add_token(expires_in=timedelta(minutes=30))
    emulator.clock.advance(1799.999)
    assert api.get(url, headers=bearer(token)).status_code == 200
    emulator.clock.advance(0.001)
    response = api.get(url, headers=bearer(token))
    assert (response.status_code, response.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert message(response)
    emulator.expire_token(emulator.token)
    assert api.get(url).json()["category"] == "EXPIRED_AUTHENTICATION"
    emulator.revoke_token(emulator.token)
    assert api.get(url).json()["category"] == "INVALID_AUTHENTICATION"
    with pytest.raises(KeyError):
        emulator.expire_token(emulator.token)


CALLS = {
    ("POST", ""): "write",
    ("PUT", "/{id}"): "write",
    ("PATCH", "/{id}"): "write",
    ("GET", "/{id}"): "read",
    ("GET", "/stat/a"): "read",
    ("GET", "/search"): "read",
    ("GET", "/{id}/signed-url"): "read",
    ("GET", "/{id}/download"): "read",
    ("DELETE", "/{id}"): "delete",
    ("DELETE", "/{id}/gdpr-delete"): "delete",
    ("POST", "/import-from-url/async"): "write",
    ("GET", "/import-from-url/async/tasks/1/status"): "read",
    ("POST", "/../folders"): "write",
    ("GET", "/../folders/1"): "read",
    ("PATCH", "/../folders/1"): "write",
    ("DELETE", "/../folders/1"): "delete",
    ("GET", "/../folders/a"): "read",
    ("DELETE", "/../folders/a"): "delete",
    ("GET", "/../folders/search"): "read",
    ("POST", "/../folders/update/async"): "write",
    ("GET", "/../folders/update/async/tasks/1/status"): "write",
}


@pytest.mark.parametrize(("call", "right"), CALLS.items())
@pytest.mark.parametrize(
    ("scope", "rights"),
    [
        ("files", {"read", "write", "delete"}),
        ("files.read", {"read"}),
        ("files.write", {"write"}),
        ("files.delete", {"delete"}),
        ("files.ui_hidden.read", {"read"}),
        ("files.ui_hidden.write", {"write", "delete"}),
        (None, set[str]()),
    ],
)
def test_each_call_requires_its_scope(
    emulator: Emulator, api: httpx.Client, call: tuple[str, str], right: str, scope: str | None, rights: set[str]
) -> None:
    method, path = call
    file = emulator.add_file("/a")
    url = (FILES + path.format(id=file.id)).replace("/files/..", "")
    response = api.request(method, url, headers=bearer(emulator.add_token([scope] if scope else [])))
    if right in rights:
        assert response.status_code != 403
    else:
        assert (response.status_code, response.json()["category"]) == (403, "MISSING_SCOPES")
        [error] = response.json()["errors"]
        needed = error["context"]["requiredGranularScopes"]
        assert "files" in needed
        assert scope not in needed
        assert emulator.file(file.id) == file


@pytest.mark.parametrize(
    ("scopes", "words"),
    [
        (["files", "bogus"], "scopes are a list of some of files, files.delete, files.read, .*, not 'bogus'$"),
        (["crm.objects.contacts.read", "a"], "not 'a', 'crm.objects.contacts.read'$"),
        ("files", "not 'files'$"),
    ],
)
def test_unknown_scopes_are_refused(emulator: Emulator, scopes: list[str] | str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        emulator.add_token(scopes)
    assert list(emulator.tokens) == [emulator.token]


@pytest.mark.parametrize("life", [1e30, float("nan"), float("inf")])
def test_an_invalid_token_lifetime_is_refused(emulator: Emulator, life: float) -> None:
    with pytest.raises(ValueError, match="expires_in is a number of seconds that a timedelta can hold"):
        emulator.add_token(expires_in=life)


def test_the_legacy_route_requires_the_files_scope(emulator: Emulator, api: httpx.Client) -> None:
    url = f"/filemanager/api/v3/files/{emulator.add_file('/a').id}/signed-url"
    assert api.get(url, headers=bearer(emulator.add_token(["files.read"]))).status_code == 403
    assert api.get(url, headers=bearer(emulator.add_token(["files"]))).status_code == 200


@pytest.mark.parametrize("access", ["HIDDEN_INDEXABLE", "HIDDEN_NOT_INDEXABLE", "HIDDEN_PRIVATE", "HIDDEN_SENSITIVE"])
def test_hidden_files_require_a_scope(emulator: Emulator, api: httpx.Client, access: str) -> None:
    file = emulator.add_file("/secret/a.txt", b"x", access=access)
    plain = bearer(emulator.add_token(["files"]))
    for path in (f"/{file.id}", f"/{file.id}/download", "/stat/secret/a.txt", f"/{file.id}/signed-url"):
        assert api.get(FILES + path, headers=plain).status_code == 404
    legacy = f"/filemanager/api/v3/files/{file.id}/signed-url"
    assert api.get(legacy, headers=plain).status_code == 404
    assert api.patch(f"{FILES}/{file.id}", json={"name": "b"}, headers=plain).status_code == 404
    assert api.delete(f"{FILES}/{file.id}", headers=plain).status_code == 404
    assert api.delete(f"{FILES}/{file.id}/gdpr-delete", headers=plain).status_code == 404
    assert emulator.file(file.id) == file
    reader = bearer(emulator.add_token(["files", "files.ui_hidden.read"]))
    assert api.get(f"{FILES}/{file.id}", headers=reader).json()["access"] == access
    assert api.get(f"{FILES}/stat/secret/a.txt", headers=reader).json()["file"]["id"] == file.id
    assert api.delete(f"{FILES}/{file.id}", headers=reader).status_code == 404
    writer = bearer(emulator.add_token(["files", "files.ui_hidden.write"]))
    assert api.patch(f"{FILES}/{file.id}", json={"access": "HIDDEN_PRIVATE"}, headers=writer).status_code == 200
    assert api.delete(f"{FILES}/{file.id}", headers=writer).status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/files/v3", 404),
        ("GET", "/files/v4/files/1", 404),
        ("GET", "/files/v3/files/abc", 404),
        ("GET", "/files/v3/files/1/", 404),
        ("GET", "/files/v3/files/1/versions", 404),
        ("GET", "/filemanager/api/v3/files/1", 404),
        ("GET", "/files/v3/files", 405),
        ("POST", "/files/v3/files/1", 405),
        ("DELETE", "/files/v3/files/search", 405),
        ("POST", "/files/v3/folders/a/b", 405),
        ("GET", "/files/v3/folders/update/async", 405),
    ],
)
def test_unknown_routes_respond_with_html(api: httpx.Client, method: str, path: str, status: int) -> None:
    response = api.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")
    assert ("allow" in response.headers) is (status == 405)
    assert UUID(response.headers["x-hubspot-correlation-id"]).version == 7


def test_every_response_has_its_headers(api: httpx.Client, upload: Upload, emulator: Emulator) -> None:
    file = upload().json()
    emulator.clock.advance(61)
    responses = [
        api.get(f"{FILES}/{file['id']}"),
        api.get(f"{FILES}/1"),
        api.get("/nothing"),
        api.get(f"{FILES}/search", headers={"Authorization": ""}),
    ]
    assert [response.status_code for response in responses] == [200, 404, 404, 401]
    for response in responses:
        assert response.headers["date"] == "Sun, 01 Mar 2026 12:01:01 GMT"
        assert response.headers["x-hubspot-ratelimit-max"] == "190"
        assert response.headers["x-hubspot-ratelimit-remaining"] == "189"
        assert response.headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"
    assert len({response.headers["x-hubspot-correlation-id"] for response in responses}) == 4
    assert responses[0].headers["x-hubspot-ratelimit-daily"] == "650000"
    oauth = api.get(f"{FILES}/search", headers=bearer(emulator.add_token(oauth=True)))
    assert oauth.status_code == 200
    assert not [name for name in oauth.headers if "daily" in name]


@pytest.mark.parametrize(("policy", "interval"), [("SECONDLY", 1), ("TEN_SECONDLY_ROLLING", 10), ("DAILY", 86_400)])
def test_calls_over_the_rate_limit_are_refused(
    emulator: Emulator, api: httpx.Client, policy: str, interval: int
) -> None:
    emulator.rate_limit(policy, 2)  # type: ignore[arg-type]  # parametrised
    url = f"{FILES}/search"
    assert api.get(url).status_code == 200
    emulator.clock.advance(interval / 2)
    second = api.get(url)
    assert second.status_code == 200
    header = "daily-remaining" if policy == "DAILY" else "remaining"
    assert second.headers[f"x-hubspot-ratelimit-{header}"] == "0"
    for _ in range(3):
        refused = api.get(url)
        assert refused.status_code == 429
        body = refused.json()
        assert body.pop("message")
        assert body == {
            "status": "error",
            "errorType": "RATE_LIMIT",
            "policyName": policy,
            "groupName": f"publicapi:{policy.lower()}:12345",
            "correlationId": refused.headers["x-hubspot-correlation-id"],
        }
    other = api.get(url, headers=bearer(emulator.add_token()))
    assert other.status_code == (429 if policy == "DAILY" else 200)
    emulator.clock.advance(interval / 2)
    assert [api.get(url).status_code for _ in range(2)] == [200, 429]


def test_creations_have_a_limit_of_their_own(emulator: Emulator, api: httpx.Client, upload: Upload) -> None:
    emulator.rate_limit("CREATING_FILES", 2)
    first = upload()
    assert first.status_code == 201
    task = {"url": "https://example.com/a.txt", "access": "PRIVATE", "folderPath": "/in"}
    assert api.post(f"{FILES}/import-from-url/async", json=task).status_code == 202
    other = bearer(emulator.add_token())
    for refused in (upload(), api.post(f"{FILES}/import-from-url/async", json=task, headers=other)):
        assert refused.status_code == 429
        assert refused.json() == {
            "status": "error",
            "message": "Rate limit exceeded for creating files. Retry in 1 minute.",
            "errorType": "RATE_LIMIT",
            "correlationId": refused.headers["x-hubspot-correlation-id"],
        }
        assert refused.headers["x-hubspot-ratelimit-max"] == "190"
        assert "retry-after" not in refused.headers
    assert api.get(f"{FILES}/{first.json()['id']}").status_code == 200
    emulator.clock.advance(60)
    assert upload().status_code == 201


def test_rate_limits_can_be_set_and_lifted(emulator: Emulator, api: httpx.Client, upload: Upload) -> None:
    emulator.rate_limit("SECONDLY", 0)
    assert upload().status_code == 429
    assert emulator.files == []
    emulator.rate_limit("SECONDLY", None)
    emulator.rate_limit("TEN_SECONDLY_ROLLING", 5, 60)
    response = upload()
    assert response.status_code == 201
    assert response.headers["x-hubspot-ratelimit-max"] == "5"
    assert response.headers["x-hubspot-ratelimit-remaining"] == "4"
    assert response.headers["x-hubspot-ratelimit-interval-milliseconds"] == "60000"
    with pytest.raises(ValueError, match="policy"):
        emulator.rate_limit("HOURLY", 1)  # type: ignore[arg-type]  # what a caller without types may pass
    with pytest.raises(ValueError, match="limit is at least 0, or None to enforce nothing, not -5"):
        emulator.rate_limit("SECONDLY", -5)
    for interval in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="interval is a positive number of seconds"):
            emulator.rate_limit("SECONDLY", 1, interval)
    assert upload().headers["x-hubspot-ratelimit-remaining"] == "3"


def test_tokens_follow_the_seed() -> None:
    with Emulator(seed=5) as one, Emulator(seed=5) as two, Emulator(seed=6) as three:
        assert one.token == two.token != three.token
        assert one.add_token() != one.token
        assert one.token not in repr(one)
