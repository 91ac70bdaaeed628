"""Statuses and shapes that HubSpot was seen to respond with, and the options for what is undecided."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from hubspot_files import HubSpotFilesError
from hubspot_files.testing import Clock, Emulator

from .support import START, message

FILES = "/files/v3/files"
FOLDERS = "/files/v3/folders"
IMPORTS = f"{FILES}/import-from-url/async"
UPDATES = f"{FOLDERS}/update/async"
PICTURE = {"url": "https://pictures.example/tree.png", "access": "PRIVATE", "folderPath": "/trees"}


def account(**options: Any) -> tuple[Emulator, httpx.Client]:
    """Return an emulator that stands at a time with milliseconds, and a client of it."""
    emulator = Emulator(clock=Clock(START, frozen=True), **options)
    headers = {"Authorization": f"Bearer {emulator.token}"}
    return emulator, httpx.Client(transport=emulator.transport, base_url=emulator.base_url, headers=headers)


def form(options: object, **parts: str) -> dict[str, Any]:
    name = parts.pop("name", "tree.png")
    fields = {key: (None, value) for key, value in parts.items()}
    return {"options": (None, json.dumps(options)), **fields, "file": (name, b"content")}


class TestErrors:
    def test_have_their_category_last(self, api: httpx.Client) -> None:
        for response in (
            api.get(f"{FILES}/0"),
            api.get(f"{FILES}/7"),
            api.get(f"{FILES}/search?limit=0"),
            api.get(f"{FILES}/7", headers={"Authorization": "Bearer nobody"}),
        ):
            body = response.json()
            assert list(body)[:3] == ["status", "message", "correlationId"]
            assert list(body)[-1] == "category"

    def test_of_paths_have_no_category(self, api: httpx.Client) -> None:
        response = api.get(f"{FILES}/stat/trees/oak.png")
        assert (response.status_code, list(response.json())) == (404, ["status", "message", "correlationId"])
        assert response.json()["message"] == "No file or folder exists at path"

    @pytest.mark.parametrize("method", ["GET", "DELETE"])
    @pytest.mark.parametrize("path", [f"{FILES}/0", f"{FOLDERS}/0", f"{FILES}/000"])
    def test_of_the_id_0(self, api: httpx.Client, method: str, path: str) -> None:
        response = api.request(method, path)
        body = response.json()
        assert (response.status_code, message(response)) == (400, "id must be > 0")
        assert (body["context"], body["category"]) == ({"id": [path.rpartition("/")[2]]}, "VALIDATION_ERROR")

    def test_of_the_id_0_on_other_calls(self, api: httpx.Client) -> None:
        for response in (
            api.patch(f"{FILES}/0", json={"name": "a"}),
            api.patch(f"{FOLDERS}/0", json={"name": "a"}),
            api.delete(f"{FILES}/0/gdpr-delete"),
            api.get(f"{FILES}/0/signed-url"),
            api.get(f"{FILES}/0/download"),
        ):
            assert (response.status_code, message(response)) == (400, "id must be > 0")

    @pytest.mark.parametrize("tasks", [IMPORTS, UPDATES])
    def test_of_tasks(self, api: httpx.Client, tasks: str) -> None:
        for name in (
            "471829",
            "none",
            "AAAAEZ6whG",
            "AAAAEZ6whGII",
            "AAAA EZ6whG",
            "57122e26-59f8-4cfc-ba53-96e30c816762",
        ):
            response = api.get(f"{tasks}/tasks/{name}/status")
            assert (response.status_code, message(response)) == (400, "Provided ID could not be decoded.")
            assert response.json()["context"] == {"id": [name]}
        assert api.get(f"{tasks}/tasks/AAAAEZ6whGI/status").status_code == 404

    def test_of_tokens(self, api: httpx.Client, emulator: Emulator) -> None:
        missing = httpx.Client(transport=emulator.transport, base_url=emulator.base_url).get(f"{FILES}/7")
        unknown = api.get(f"{FILES}/7", headers={"Authorization": "Bearer nobody"})
        assert (missing.status_code, unknown.status_code) == (401, 401)
        assert message(missing) == message(unknown)
        assert "OAuth 2.0" in message(missing)
        old = emulator.add_token(expires_in=10)
        emulator.clock.advance(3 * 86_400 + 11)
        expired = api.get(f"{FILES}/7", headers={"Authorization": f"Bearer {old}"})
        assert message(expired).endswith("expired 3 day(s) ago.")
        assert list(expired.json()["context"]) == ["expire time"]

    def test_of_scopes(self, api: httpx.Client, emulator: Emulator) -> None:
        response = api.post(FOLDERS, headers={"Authorization": f"Bearer {emulator.add_token(['files.read'])}"})
        assert response.status_code == 403
        assert message(response).startswith("This app hasn't been granted all required scopes")
        assert list(response.json()) == [
            "status", "message", "correlationId", "errors", "links", "category"
        ]  # fmt: skip

    def test_of_unknown_routes_are_pages(self, api: httpx.Client) -> None:
        response = api.get(f"{FILES}/1/signed/url")
        assert (response.status_code, response.headers["content-type"]) == (404, "text/html;charset=utf-8")
        assert "<h2>HTTP ERROR 404 Not Found</h2>" in response.text

    def test_have_ids_that_begin_with_the_time(self, api: httpx.Client, emulator: Emulator) -> None:
        number = UUID(api.get(f"{FILES}/7").json()["correlationId"])
        assert (number.version, number.variant) == (7, UUID(int=0x8 << 60).variant)
        assert number.int >> 80 == round(emulator.clock.now().timestamp() * 1000)


class TestRecords:
    def test_of_files_that_are_no_pictures(self, api: httpx.Client, emulator: Emulator) -> None:
        kinds = {"a.pdf": None, "a.bin": None, "a": None, "a.PNG": "png", "a.mp3": "mp3"}
        for name, encoding in kinds.items():
            record = api.get(f"{FILES}/{emulator.add_file(f'/{name}').id}").json()
            assert record.get("encoding") == encoding, name
            assert record["extension"] == name.partition(".")[2], name

    def test_have_no_fraction_of_a_whole_second(self, api: httpx.Client, emulator: Emulator) -> None:
        assert api.post(FOLDERS, json={"name": "a"}).json()["createdAt"] == "2026-03-01T12:00:00.393Z"
        emulator.clock.advance(0.607)
        assert api.post(FOLDERS, json={"name": "b"}).json()["createdAt"] == "2026-03-01T12:00:01Z"


class TestRequests:
    def test_of_imports_may_have_unknown_keys(self, api: httpx.Client) -> None:
        assert api.post(IMPORTS, json={**PICTURE, "fileName": "oak.png"}).status_code == 202

    def test_that_replace_may_have_a_name(self, api: httpx.Client, emulator: Emulator) -> None:
        file = emulator.add_file("/trees/oak.png")
        response = api.put(f"{FILES}/{file.id}", files=form({"access": "PRIVATE"}, fileName="elm.png"))
        assert (response.status_code, response.json()["path"]) == (200, "/trees/oak.png")

    @pytest.mark.parametrize("kind", ["files", "folders"])
    def test_for_long_names_are_refused(self, api: httpx.Client, kind: str) -> None:
        assert api.get(f"/files/v3/{kind}/search", params={"name": "o" * 19}).status_code == 200
        response = api.get(f"/files/v3/{kind}/search", params={"name": "o" * 20})
        assert (response.status_code, "name" in message(response)) == (400, True)

    def test_may_have_options_with_a_content_type(self, api: httpx.Client) -> None:
        parts = {**form({}, folderPath="/trees"), "options": (None, '{"access": "PRIVATE"}', "application/json")}
        assert api.post(FILES, files=parts).status_code == 201


class TestTasks:
    @pytest.mark.parametrize("version", ["v3", "2026-09"])
    def test_have_short_ids_and_links_to_v3(self, version: str) -> None:
        emulator, api = account()
        locator = api.post(IMPORTS.replace("v3", version), json=PICTURE).json()
        assert len(base64.urlsafe_b64decode(f"{locator['id']}=")) == 8
        link = f"https://api-na1.hubspot.com{IMPORTS}/tasks/{locator['id']}/status"
        assert locator["links"] == {"status": link}
        # The links of an emulator with another address can be followed there.
        assert api.get(link).json()["links"] == {"status": link}
        emulator.close()
        other, api = account(base_url="https://emulator.example")
        locator = api.post(IMPORTS, json=PICTURE).json()
        assert locator["links"]["status"].startswith(f"https://emulator.example{IMPORTS}/tasks/")
        other.close()

    def test_may_be_accepted_until_they_end(self) -> None:
        emulator, api = account(accepted_imports=True)
        emulator.publish_url(PICTURE["url"], b"x")
        status = f"{IMPORTS}/tasks/{api.post(IMPORTS, json=PICTURE).json()['id']}/status"
        assert [api.get(status).status_code for _ in range(4)] == [202, 202, 200, 200]
        with emulator.client() as hubspot:
            task = hubspot.files.import_from_url(PICTURE["url"], folder_path="/trees")
            assert task.refresh().status == "PENDING"
            assert task.wait().path == "/trees/tree-1.png"
        emulator.close()


class TestUndecided:
    def test_status_of_a_rejected_duplicate(self) -> None:
        check = {"duplicateValidationStrategy": "REJECT", "duplicateValidationScope": "EXACT_FOLDER"}
        for status in (409, 400):
            emulator, api = account(reject_status=status)
            parts = form({"access": "PRIVATE", **check}, folderPath="/trees")
            assert [api.post(FILES, files=parts).status_code for _ in range(2)] == [201, status]
            emulator.close()

    def test_creation_of_a_folder_that_exists(self) -> None:
        emulator, api = account(existing_folder="return")
        first, second = (api.post(FOLDERS, json={"name": "trees"}) for _ in range(2))
        assert (second.status_code, second.json()) == (201, first.json())
        assert api.patch(f"{FOLDERS}/{emulator.add_folder('/b').id}", json={"name": "trees"}).status_code == 409
        emulator.close()

    def test_name_of_the_parent_in_the_guide(self) -> None:
        for option, path in (("use", "/trees/oaks"), ("ignore", "/oaks"), ("refuse", None)):
            emulator, api = account(parent_folder_path=option)
            emulator.add_folder("/trees")
            response = api.post(FOLDERS, json={"name": "oaks", "parentFolderPath": "/trees"})
            assert response.status_code == (400 if path is None else 201)
            assert response.json().get("path") == path
            emulator.close()

    def test_duplicates_of_imports(self) -> None:
        check = {"duplicateValidationStrategy": "REJECT", "duplicateValidationScope": "EXACT_FOLDER"}
        for option, errors in ((True, 1), (False, 0)):
            emulator, api = account(import_duplicates=option)
            emulator.publish_url(PICTURE["url"], b"x")
            for _ in range(2):
                task = api.post(IMPORTS, json={**PICTURE, **check}).json()["id"]
                emulator.finish_tasks()
            assert api.get(f"{IMPORTS}/tasks/{task}/status").json()["numErrors"] == errors
            emulator.close()

    def test_name_of_a_replacement(self) -> None:
        emulator, api = account(replace_renames=True)
        file = emulator.add_file("/trees/oak.png")
        emulator.add_file("/trees/elm.pdf")
        url = f"{FILES}/{file.id}"
        record = api.put(url, files=form({"access": "PRIVATE"}, fileName="ash.pdf")).json()
        assert (record["name"], record["extension"], record["path"]) == ("ash", "pdf", "/trees/ash.pdf")
        assert (record["type"], "encoding" in record) == ("DOCUMENT", False)
        assert api.put(url, files=form({"access": "PRIVATE"}, fileName="elm.pdf")).status_code == 409
        assert api.put(url, files=form({"access": "PRIVATE"}, fileName="ash.pdf")).status_code == 200
        assert api.put(url, files=form({"access": "PRIVATE"})).json()["path"] == "/trees/ash.pdf"
        emulator.close()

    @pytest.mark.parametrize(
        "option",
        [
            {"reject_status": 404},
            {"existing_folder": "merge"},
            {"parent_folder_path": None},
            {"move_lag": -1},
            {"search_lag": float("nan")},
        ],
    )
    def test_options_are_checked(self, option: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=next(iter(option))):
            Emulator(**option)


class TestMoveLag:
    def test_hides_a_move_of_a_file(self) -> None:
        emulator, api = account(move_lag=5)
        file = emulator.add_file("/trees/oak.png")
        emulator.add_folder("/woods")
        response = api.patch(
            f"{FILES}/{file.id}", json={"name": "elm", "parentFolderPath": "/woods", "access": "SENSITIVE"}
        )
        assert (response.json()["path"], response.json()["access"]) == ("/woods/elm.png", "SENSITIVE")
        seen = api.get(f"{FILES}/{file.id}").json()
        assert (seen["path"], seen["access"]) == ("/trees/oak.png", "SENSITIVE")
        assert api.get(f"{FILES}/stat/woods/elm.png").status_code == 404
        assert api.get(f"{FILES}/search?name=oak").json()["results"] == [seen]
        emulator.clock.advance(5)
        assert api.get(f"{FILES}/{file.id}").json()["path"] == "/woods/elm.png"
        assert api.get(f"{FILES}/stat/trees/oak.png").status_code == 404
        emulator.close()

    def test_hides_a_move_of_a_folder_and_of_its_result(self) -> None:
        emulator, api = account(move_lag=5)
        folder = emulator.add_folder("/trees")
        file = emulator.add_file("/trees/oak.png")
        task = api.post(UPDATES, json={"id": folder.id, "name": "woods"}).json()["id"]
        emulator.finish_tasks()
        state = api.get(f"{UPDATES}/tasks/{task}/status").json()
        assert (state["status"], state["result"]["path"]) == ("COMPLETE", "/trees")
        assert api.patch(f"{FOLDERS}/{folder.id}", json={"name": "forest"}).json()["path"] == "/forest"
        assert api.get(f"{FILES}/{file.id}").json()["path"] == "/trees/oak.png"
        emulator.clock.advance(5)
        assert api.get(f"{FILES}/{file.id}").json()["path"] == "/forest/oak.png"
        emulator.close()

    def test_drops_a_move_to_a_name_that_was_taken(self) -> None:
        emulator, api = account(move_lag=5)
        folder = emulator.add_folder("/trees")
        file = emulator.add_file("/trees/oak.png")
        gone = emulator.add_file("/trees/gone.png")
        assert api.patch(f"{FOLDERS}/{folder.id}", json={"name": "woods"}).status_code == 200
        assert api.patch(f"{FILES}/{file.id}", json={"name": "elm"}).status_code == 200
        assert api.patch(f"{FILES}/{gone.id}", json={"name": "ash"}).status_code == 200
        emulator.add_folder("/woods")
        emulator.add_file("/trees/elm.png")
        assert api.delete(f"{FILES}/{gone.id}").status_code == 204
        emulator.clock.advance(5)
        assert api.get(f"{FILES}/{file.id}").json()["path"] == "/trees/oak.png"
        assert emulator.file(gone.id).path == "/trees/gone.png"
        emulator.close()

    def test_is_over_when_the_account_is_closed(self, tmp_path: Any) -> None:
        emulator, api = account(move_lag=50, data=tmp_path / "account")
        file = emulator.add_file("/oak.png")
        api.patch(f"{FILES}/{file.id}", json={"name": "elm"})
        emulator.close()
        with Emulator(data=tmp_path / "account") as emulator:
            assert emulator.file(file.id).path == "/elm.png"


Send = Callable[[httpx.Client], httpx.Response]
FORM = {"access": "PRIVATE"}
FORBIDDEN: list[tuple[str, Send]] = [
    ("unknown parameter", lambda api: api.get(f"{FILES}/search?color=green")),
    ("parameter of another operation", lambda api: api.get(f"{FILES}/1?limit=1")),
    ("parameter of files for folders", lambda api: api.get(f"{FOLDERS}/search?extension=png")),
    ("no parameters are described", lambda api: api.get(f"{FILES}/1/download?inline=true")),
    ("text for an integer", lambda api: api.get(f"{FILES}/search?limit=ten")),
    ("fraction", lambda api: api.get(f"{FILES}/search?size=1.5")),
    ("32 bits", lambda api: api.get(f"{FILES}/search?width=4294967296")),
    ("number for a boolean", lambda api: api.get(f"{FILES}/search?isUsableInContent=1")),
    ("milliseconds for a date-time", lambda api: api.get(f"{FILES}/search?createdAt=1767225600000")),
    ("date without a time", lambda api: api.get(f"{FILES}/search?createdAtGte=2026-01-01")),
    ("no such date", lambda api: api.get(f"{FILES}/search?createdAtGte=2026-02-30T00:00:00Z")),
    ("given twice", lambda api: api.get(f"{FILES}/search?name=a&name=b")),
    ("enumeration", lambda api: api.get(f"{FILES}/1/signed-url?size=large")),
    ("unknown key", lambda api: api.post(IMPORTS, json={**PICTURE, "fileName": "a.png"})),
    ("key of the guide", lambda api: api.post(FOLDERS, json={"name": "a", "parentFolderPath": "/"})),
    ("number for an id", lambda api: api.post(FOLDERS, json={"name": "a", "parentFolderId": 1})),
    ("text for a number", lambda api: api.patch(f"{FOLDERS}/1", json={"parentFolderId": "1"})),
    ("number out of range", lambda api: api.patch(f"{FOLDERS}/1", json={"parentFolderId": 2**64})),
    ("boolean for a number", lambda api: api.patch(f"{FOLDERS}/1", json={"parentFolderId": True})),
    ("null", lambda api: api.patch(f"{FILES}/1", json={"name": None})),
    ("text for a boolean", lambda api: api.patch(f"{FILES}/1", json={"clearExpires": "true"})),
    ("milliseconds in a body", lambda api: api.patch(f"{FILES}/1", json={"expiresAt": 4_000_000_000_000})),
    ("unknown access", lambda api: api.patch(f"{FILES}/1", json={"access": "SECRET"})),
    ("missing key", lambda api: api.post(UPDATES, json={"name": "a"})),
    ("list for an object", lambda api: api.post(FOLDERS, json=[])),
    ("unknown part", lambda api: api.put(f"{FILES}/1", files=form(FORM, fileName="a"))),
    ("unknown option", lambda api: api.post(FILES, files=form({**FORM, "color": "green"}, folderPath="/"))),
    ("option of another type", lambda api: api.post(FILES, files=form({**FORM, "overwrite": "no"}, folderPath="/"))),
    ("missing option", lambda api: api.post(FILES, files=form({"overwrite": True}, folderPath="/"))),
    ("not JSON", lambda api: api.post(FILES, files={**form({}, folderPath="/"), "options": (None, "access")})),
    ("required in its version", lambda api: api.patch("/files/2026-03/files/1", json={"name": "b"})),
]


class TestStrict:
    @pytest.mark.parametrize(("why", "send"), FORBIDDEN, ids=[why for why, _ in FORBIDDEN])
    def test_refuses_what_the_description_forbids(self, why: str, send: Send) -> None:
        emulator, api = account(strict=True)
        emulator.add_file("/a.txt", id=1)
        response = send(api)
        assert response.status_code == 400, why
        assert message(response)
        assert [file.path for file in emulator.files] == ["/a.txt"]
        assert (emulator.folders, emulator.tasks) == ([], [])
        emulator.close()

    def test_takes_what_is_described(self) -> None:
        emulator, api = account(strict=True)
        options = {"access": "PRIVATE", "ttl": "P1D", "overwrite": True}
        stored = api.post(FILES, files=form(options, folderPath="/trees", charsetHunch="utf-8"))
        assert stored.status_code == 201
        url = f"{FILES}/{stored.json()['id']}"
        folder = stored.json()["parentFolderId"]
        for response in (
            api.get(f"{url}?properties=name&properties=path"),
            api.get(f"{url}/signed-url?size=icon&upscale=true&expirationSeconds=60"),
            api.get(f"{FILES}/search?ids=1&ids=2&createdAtGte=2026-01-01T00:00:00%2B02:00&sort=-name&limit=100"),
            api.get(f"{FILES}/search?name="),
            api.patch(url, json={"name": "oak", "clearExpires": True, "parentFolderId": folder}),
            api.patch("/files/2026-03" + url.removeprefix("/files/v3"), json={"clearExpires": False}),
            api.put(url, files=form({"access": "SENSITIVE", "expiresAt": "2027-01-01T00:00:00.5Z"})),
            api.patch(f"{FOLDERS}/{folder}", json={"name": "woods"}),
        ):
            assert response.status_code == 200, response.text
        assert api.post(UPDATES, json={"id": folder, "name": "forest"}).status_code == 202
        emulator.close()

    def test_refuses_bodies_that_cannot_be_read(self) -> None:
        emulator, api = account(strict=True)
        assert api.post(FOLDERS, data={"name": "a"}).status_code == 415
        assert api.post(FILES, json={}).status_code == 415
        emulator.close()

    def test_is_off_by_itself(self, api: httpx.Client) -> None:
        assert api.get(f"{FILES}/search?color=green").status_code == 200

    def test_refusals_reach_users_of_the_sdk(self) -> None:
        emulator, _ = account(strict=True)
        with emulator.client() as hubspot, pytest.raises(HubSpotFilesError, match="not described"):
            hubspot.request("GET", f"{FILES}/search", params={"color": "green"})
        emulator.close()
