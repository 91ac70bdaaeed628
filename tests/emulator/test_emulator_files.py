"""Calls on one file: get, stat, replace, update, delete, signed URL, download."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from hubspot_files.testing import Clock, Emulator

from .support import START, Upload, message

FILES = "/files/v3/files"


def replace(api: httpx.Client, file_id: str, content: bytes = b"new", **options: Any) -> httpx.Response:
    data = {"options": json.dumps({"access": "PRIVATE", **options})}
    return api.put(f"{FILES}/{file_id}", data=data, files={"file": ("other.pdf", content)})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PUT", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/signed-url"),
        ("GET", "/download"),
        ("DELETE", "/gdpr-delete"),
    ],
)
@pytest.mark.parametrize("file_id", ["1", "9223372036854775808", "9" * 30])
def test_unknown_ids_are_not_found(api: httpx.Client, method: str, path: str, file_id: str) -> None:
    response = api.request(method, f"{FILES}/{file_id}{path}")
    assert response.status_code == 404
    assert response.json()["category"] == "OBJECT_NOT_FOUND"
    assert file_id in message(response)


def test_get_returns_the_file(api: httpx.Client, upload: Upload) -> None:
    file = upload().json()
    assert api.get(f"{FILES}/{file['id']}").json() == file


@pytest.mark.parametrize(
    "query", ["properties=name&properties=size", "properties=name,size", "properties=name,size,nothing"]
)
def test_get_returns_the_requested_properties(api: httpx.Client, upload: Upload, query: str) -> None:
    file = upload(b"12345").json()
    assert api.get(f"{FILES}/{file['id']}?{query}").json() == {"id": file["id"], "name": "a", "size": 5}


def test_the_dated_version_is_served(api: httpx.Client, upload: Upload) -> None:
    file = upload().json()
    assert api.get(f"/files/2026-03/files/{file['id']}").json() == file
    assert api.get(f"{FILES}/{file['id']}/download", follow_redirects=False).status_code == 302
    assert api.get(f"/files/2026-03/files/{file['id']}/download").status_code == 404


@pytest.mark.parametrize(
    "path", ["a%20b/c%C3%A4.txt", "a%20b%2Fc%C3%A4.txt", "%2Fa%20b%2Fc%C3%A4.txt", "/a%20b//c%C3%A4.txt"]
)
def test_stat_returns_a_file(api: httpx.Client, emulator: Emulator, path: str) -> None:
    file = emulator.add_file("/a b/cä.txt")
    body = api.get(f"{FILES}/stat/{path}").json()
    assert list(body) == ["file"]
    assert body["file"]["id"] == file.id
    assert api.get(f"{FILES}/stat/{path}?properties=path").json() == {"file": {"id": file.id, "path": "/a b/cä.txt"}}


def test_stat_returns_a_folder(api: httpx.Client, emulator: Emulator) -> None:
    folder = emulator.add_folder("/a/b")
    body = api.get(f"{FILES}/stat/a/b").json()
    assert list(body) == ["folder"]
    assert body["folder"]["id"] == folder.id
    emulator.add_file("/a/b")
    assert list(api.get(f"{FILES}/stat/a/b").json()) == ["file"]


@pytest.mark.parametrize("path", ["nothing", "a/nothing", "%2F"])
def test_stat_of_an_unknown_path_is_not_found(api: httpx.Client, emulator: Emulator, path: str) -> None:
    emulator.add_folder("/a")
    response = api.get(f"{FILES}/stat/{path}")
    assert response.status_code == 404
    assert message(response)


def test_stat_of_invalid_utf8_is_refused(api: httpx.Client) -> None:
    assert api.get(f"{FILES}/stat/%ff").status_code == 400


def test_replace_changes_the_content(api: httpx.Client, upload: Upload, emulator: Emulator) -> None:
    old = upload(b"old", ttl="P1D").json()
    emulator.clock.advance(60)
    response = replace(api, old["id"], access="PUBLIC_INDEXABLE")
    assert response.status_code == 200
    new = response.json()
    assert new == {
        **old,
        "access": "PUBLIC_INDEXABLE",
        "fileMd5": hashlib.md5(b"new").hexdigest(),
        "updatedAt": "2026-03-01T12:01:00.393Z",
    }
    assert emulator.file(old["id"]).content == b"new"
    assert len(emulator.files) == 1


def test_replace_sets_the_expiry(api: httpx.Client, upload: Upload) -> None:
    file = upload().json()
    when = START + timedelta(days=3)
    milliseconds = round(when.timestamp() * 1000)
    for value in (when.isoformat(), milliseconds):
        assert replace(api, file["id"], expiresAt=value).json()["expiresAt"] == milliseconds


@pytest.mark.parametrize(
    "options",
    [
        {"access": None},
        {"access": "HIDDEN_PRIVATE"},
        {"overwrite": True},
        {"ttl": "P1D"},
        {"expiresAt": "2026-02-01T00:00:00Z"},
        {"expiresAt": "2030-01-01T00:00:00"},
        {"expiresAt": True},
        {"expiresAt": 10**19},
        {"expiresAt": "tomorrow"},
    ],
)
def test_invalid_replacements_are_refused(
    api: httpx.Client, upload: Upload, emulator: Emulator, options: dict[str, Any]
) -> None:
    file = upload(b"old").json()
    assert replace(api, file["id"], **options).status_code == 400
    assert emulator.file(file["id"]).content == b"old"


def test_replace_requires_its_parts(api: httpx.Client, upload: Upload) -> None:
    url = f"{FILES}/{upload().json()['id']}"
    options = (None, '{"access": "PRIVATE"}')
    assert "options" in message(api.put(url, files={"file": ("a", b"x")}))
    assert "file" in message(api.put(url, files={"options": options}))
    refused = api.put(url, files={"options": options, "file": ("a", b"x"), "folderId": (None, "1")})
    assert (refused.status_code, "folderId" in message(refused)) == (400, True)


def test_too_large_replacements_are_refused() -> None:
    with Emulator(largest_upload=4) as emulator:
        file = emulator.add_file("/a", b"old")
        client = httpx.Client(
            transport=emulator.transport,
            base_url=emulator.base_url,
            headers={"Authorization": f"Bearer {emulator.token}"},
        )
        assert replace(client, file.id, b"fives").status_code == 413
        assert emulator.file(file.id).content == b"old"


def test_update_changes_the_given_fields(api: httpx.Client, emulator: Emulator) -> None:
    file = emulator.add_file("/a/cat.png", b"x")
    target = emulator.add_folder("/b/c")
    emulator.clock.advance(1)
    body = {
        "name": "dog",
        "parentFolderId": target.id,
        "access": "PUBLIC_INDEXABLE",
        "isUsableInContent": False,
    }
    response = api.patch(f"{FILES}/{file.id}", json=body)
    assert response.status_code == 200
    new = response.json()
    assert {key: new[key] for key in ("name", "extension", "access", "isUsableInContent", "parentFolderId")} == {
        "name": "dog",
        "extension": "png",
        "access": "PUBLIC_INDEXABLE",
        "isUsableInContent": False,
        "parentFolderId": target.id,
    }
    assert new["path"] == "/b/c/dog.png"
    assert new["url"].endswith("/b/c/dog.png")
    assert (new["createdAt"], new["updatedAt"]) == ("2026-03-01T12:00:00.393Z", "2026-03-01T12:00:01.393Z")


def test_update_moves_by_path_and_number(api: httpx.Client, emulator: Emulator) -> None:
    file = emulator.add_file("/a/cat.png")
    folder = emulator.add_folder("/b")
    assert api.patch(f"{FILES}/{file.id}", json={"parentFolderPath": "/"}).json()["path"] == "/cat.png"
    assert api.patch(f"{FILES}/{file.id}", json={"parentFolderPath": "/a"}).json()["path"] == "/a/cat.png"
    assert api.patch(f"{FILES}/{file.id}", json={"parentFolderId": int(folder.id)}).json()["path"] == "/b/cat.png"


@pytest.mark.parametrize(
    ("name", "path"), [("dog.png", "/dog.png"), ("dog.jpg", "/dog.jpg.png"), (".png", "/.png.png")]
)
def test_update_keeps_the_extension(api: httpx.Client, emulator: Emulator, name: str, path: str) -> None:
    file = emulator.add_file("/cat.png")
    assert api.patch(f"{FILES}/{file.id}", json={"name": name}).json()["path"] == path


def test_update_of_a_file_without_extension(api: httpx.Client, emulator: Emulator) -> None:
    file = emulator.add_file("/cat")
    assert api.patch(f"{FILES}/{file.id}", json={"name": "dog."}).json()["path"] == "/dog."


def test_update_sets_the_expiry(api: httpx.Client, emulator: Emulator) -> None:
    url = f"{FILES}/{emulator.add_file('/a').id}"
    assert api.patch(url, json={"expiresAt": "2026-03-03T12:00:00+02:00"}).json()["expiresAt"] == 1_772_532_000_000
    assert api.patch(url, json={"access": "PRIVATE"}).json()["expiresAt"] == 1_772_532_000_000
    assert "expiresAt" not in api.patch(url, json={"clearExpires": True}).json()
    emulator.clock.advance(timedelta(days=10))
    assert api.get(url).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"size": 5}, 400),
        ({"name": 5}, 400),
        ({"name": ""}, 400),
        ({"name": "a/b"}, 400),
        ({"access": "OPEN"}, 400),
        ({"access": "HIDDEN_INDEXABLE"}, 400),
        ({"isUsableInContent": "true"}, 400),
        ({"clearExpires": 1}, 400),
        ({"clearExpires": True, "expiresAt": "2027-01-01T00:00:00Z"}, 400),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, 400),
        ({"expiresAt": "9999-01-01T00:00:00Z"}, 400),
        ({"parentFolderId": "1", "parentFolderPath": "/"}, 400),
        ({"parentFolderId": True}, 400),
        ({"parentFolderId": 1.5}, 400),
        ({"parentFolderId": "1"}, 404),
        ({"parentFolderPath": "/missing"}, 404),
        ({"name": "taken"}, 409),
        ([], 400),
        ("x", 400),
    ],
)
def test_invalid_updates_are_refused(api: httpx.Client, emulator: Emulator, body: object, status: int) -> None:
    file = emulator.add_file("/cat.png")
    emulator.add_file("/taken.png")
    response = api.patch(f"{FILES}/{file.id}", json=body)
    assert response.status_code == status
    assert message(response)
    assert emulator.file(file.id) == file


def test_update_accepts_json_only(api: httpx.Client, emulator: Emulator) -> None:
    url = f"{FILES}/{emulator.add_file('/a').id}"
    assert api.patch(url, content=b'{"name": "b"}').status_code == 415
    assert api.patch(url, content=b'{"name"', headers={"Content-Type": "application/json"}).status_code == 400
    charset = {"Content-Type": "application/json; charset=utf-8"}
    assert api.patch(url, content=b'{"name": "b"}', headers=charset).status_code == 200


@pytest.mark.parametrize(("path", "state", "kept"), [("", "archived", True), ("/gdpr-delete", "gdpr", False)])
def test_delete_removes_the_file(
    api: httpx.Client, web: httpx.Client, emulator: Emulator, path: str, state: str, kept: bool
) -> None:
    file = emulator.add_file("/a.txt", b"x", access="PUBLIC_INDEXABLE")
    signed = api.get(f"{FILES}/{file.id}/signed-url").json()["url"]
    response = api.delete(f"{FILES}/{file.id}{path}")
    assert (response.status_code, response.content) == (204, b"")
    assert "content-length" not in response.headers
    assert api.get(f"{FILES}/{file.id}").status_code == 404
    assert api.get(f"{FILES}/stat/a.txt").status_code == 404
    assert api.get(f"{FILES}/{file.id}/signed-url").status_code == 404
    assert web.get(file.url).status_code == 404
    assert web.get(signed).status_code == 404
    assert api.delete(f"{FILES}/{file.id}{path}").status_code == 404
    stored = emulator.file(file.id)
    assert stored.state == state
    assert stored.archived_at == START
    assert (stored.content is not None) is kept


def test_a_deleted_file_can_be_erased(api: httpx.Client, emulator: Emulator) -> None:
    file = emulator.add_file("/a.txt", b"x")
    assert api.delete(f"{FILES}/{file.id}").status_code == 204
    assert api.delete(f"{FILES}/{file.id}/gdpr-delete").status_code == 204
    assert emulator.file(file.id).content is None


def test_the_name_of_a_deleted_file_is_free(api: httpx.Client, upload: Upload) -> None:
    file = upload().json()
    api.delete(f"{FILES}/{file['id']}")
    assert upload().json()["path"] == file["path"]


def test_a_signed_url_grants_access(api: httpx.Client, web: httpx.Client, upload: Upload) -> None:
    gif = b"GIF89a\x07\x00\x09\x00\0\0\0;"
    file = upload(gif, "cat.gif").json()
    body = api.get(f"{FILES}/{file['id']}/signed-url").json()
    url = body.pop("url")
    assert body == {
        "name": "cat",
        "extension": "gif",
        "type": "IMG",
        "size": len(gif),
        "width": 7,
        "height": 9,
        "expiresAt": "2026-03-01T13:00:00.393Z",
    }
    assert web.get(url).content == gif


def test_the_legacy_route_returns_a_signed_url(api: httpx.Client, web: httpx.Client, upload: Upload) -> None:
    file = upload(b"x").json()
    body = api.get(f"/filemanager/api/v3/files/{file['id']}/signed-url").json()
    assert body["expiresAt"] == round((START + timedelta(hours=1)).timestamp() * 1000)
    assert body["name"] == "a"
    assert web.get(body["url"]).content == b"x"


@pytest.mark.parametrize(("requested", "granted"), [("1", 1), ("600", 600), ("21600", 21600), ("99999", 21600)])
def test_a_signed_url_expires(
    api: httpx.Client, web: httpx.Client, emulator: Emulator, requested: str, granted: int
) -> None:
    file = emulator.add_file("/a", b"x")
    body = api.get(f"{FILES}/{file.id}/signed-url?expirationSeconds={requested}").json()
    assert body["expiresAt"] == (START + timedelta(seconds=granted)).isoformat(timespec="milliseconds")[:-6] + "Z"
    emulator.clock.advance(granted - 0.001)
    assert web.get(body["url"]).status_code == 200
    emulator.clock.advance(0.001)
    assert web.get(body["url"]).status_code == 403


@pytest.mark.parametrize(
    "query",
    ["expirationSeconds=0", "expirationSeconds=-1", "expirationSeconds=soon", "size=huge", "upscale=maybe"],
)
def test_invalid_signed_url_queries_are_refused(api: httpx.Client, emulator: Emulator, query: str) -> None:
    file = emulator.add_file("/a", b"x")
    response = api.get(f"{FILES}/{file.id}/signed-url?{query}")
    assert response.status_code == 400
    assert query.partition("=")[0] in message(response)


@pytest.mark.parametrize("size", ["icon", "thumb", "medium", "preview"])
def test_sizes_are_signed(api: httpx.Client, web: httpx.Client, emulator: Emulator, size: str) -> None:
    file = emulator.add_file("/a.png", b"x")
    plain = api.get(f"{FILES}/{file.id}/signed-url?size={size}").json()["url"]
    scaled = api.get(f"{FILES}/{file.id}/signed-url?size={size}&upscale=true").json()["url"]
    assert plain != scaled
    assert {web.get(url).status_code for url in (plain, scaled)} == {200}
    assert web.get(plain.replace(f"size={size}", "size=other")).status_code == 403


def test_signed_url_returns_the_requested_properties(api: httpx.Client, emulator: Emulator) -> None:
    file = emulator.add_file("/a.gif", b"GIF89a\x07\x00\x09\x00")
    body = api.get(f"{FILES}/{file.id}/signed-url?property=height&property=width").json()
    assert set(body) == {"url", "expiresAt", "height", "width"}


@pytest.mark.parametrize("access", ["SENSITIVE", "HIDDEN_SENSITIVE"])
def test_sensitive_files_have_no_signed_url(api: httpx.Client, emulator: Emulator, access: str) -> None:
    file = emulator.add_file("/a", b"secret", access=access)
    assert api.get(f"{FILES}/{file.id}/signed-url").status_code == 404
    assert api.get(f"/filemanager/api/v3/files/{file.id}/signed-url").status_code == 404
    response = api.get(f"{FILES}/{file.id}/download", follow_redirects=True)
    assert response.content == b"secret"


def test_download_redirects_to_the_other_host(api: httpx.Client, emulator: Emulator) -> None:
    file = emulator.add_file("/a.txt", b"x")
    response = api.get(f"{FILES}/{file.id}/download")
    assert response.status_code == 302
    assert response.headers["location"].startswith(emulator.storage_url)
    assert api.get(response.headers["location"]).status_code == 400


def test_download_can_return_the_content() -> None:
    with Emulator(clock=Clock(START, frozen=True), download_redirects=False) as emulator:
        file = emulator.add_file("/a.txt", b"x")
        headers = {"Authorization": f"Bearer {emulator.token}"}
        response = httpx.Client(transport=emulator.transport).get(
            f"{emulator.base_url}{FILES}/{file.id}/download", headers=headers
        )
        assert (response.status_code, response.content) == (200, b"x")
        assert response.headers["content-type"] == "text/plain"
        assert response.headers["etag"] == f'"{file.md5}"'
