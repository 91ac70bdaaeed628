"""Folders, and the tasks that change them or import files."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from hubspot_files.testing import Emulator

from .support import START, message

FOLDERS = "/files/v3/folders"
IMPORT = "/files/v3/files/import-from-url/async"
UPDATE = "/files/v3/folders/update/async"


def test_create_returns_the_folder(api: httpx.Client, emulator: Emulator) -> None:
    root = api.post(FOLDERS, json={"name": "a"})
    assert root.status_code == 201
    assert root.json() == {
        "id": root.json()["id"],
        "createdAt": "2026-03-01T12:00:00.393Z",
        "updatedAt": "2026-03-01T12:00:00.393Z",
        "archived": False,
        "name": "a",
        "path": "/a",
    }
    for parent in (root.json()["id"], int(root.json()["id"])):
        child = api.post(FOLDERS, json={"name": f"b{len(emulator.folders)}", "parentFolderId": parent}).json()
        assert child["parentFolderId"] == root.json()["id"]
    assert api.post(FOLDERS, json={"name": "c", "parentPath": "/a/b1"}).json()["path"] == "/a/b1/c"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"name": ""}, 400),
        ({"name": "a/b"}, 400),
        ({"name": ".."}, 400),
        ({"name": 1}, 400),
        ({"name": "b", "parentFolderId": "1", "parentPath": "/"}, 400),
        ({"name": "b", "parentFolderId": "x"}, 400),
        ({"name": "b", "parentFolderId": "1"}, 404),
        ({"name": "b", "parentPath": "/missing"}, 404),
        ({"name": "a"}, 409),
    ],
)
def test_invalid_folders_are_refused(api: httpx.Client, emulator: Emulator, body: dict[str, Any], status: int) -> None:
    emulator.add_folder("/a")
    response = api.post(FOLDERS, json=body)
    assert response.status_code == status
    assert message(response)
    assert len(emulator.folders) == 1


def test_create_accepts_json_only(api: httpx.Client) -> None:
    assert api.post(FOLDERS, data={"name": "a"}).status_code == 415


@pytest.mark.parametrize("path", ["{id}", "a/b%20c", "a%2Fb%20c", "%2Fa%2Fb%20c", "/a/b%20c"])
def test_a_folder_is_found_by_id_and_path(api: httpx.Client, emulator: Emulator, path: str) -> None:
    folder = emulator.add_folder("/a/b c")
    url = f"{FOLDERS}/{path.format(id=folder.id)}"
    assert api.get(url).json()["path"] == "/a/b c"
    assert api.get(f"{url}?properties=name").json() == {"id": folder.id, "name": "b c"}
    assert api.get(url.replace("v3", "2026-03")).json()["id"] == folder.id


@pytest.mark.parametrize("path", ["{id}", "a/b", "a%2Fb"])
def test_delete_removes_everything_below(api: httpx.Client, emulator: Emulator, path: str) -> None:
    folder = emulator.add_folder("/a/b")
    inside, beside = emulator.add_file("/a/b/c/d.txt", b"x"), emulator.add_file("/a/e.txt")
    assert api.delete(f"{FOLDERS}/{path.format(id=folder.id)}").status_code == 204
    assert {f.path: f.archived for f in emulator.folders} == {"/a": False, "/a/b": True, "/a/b/c": True}
    assert emulator.folders[1].archived_at == START
    assert emulator.file(inside.id).state == "archived"
    assert emulator.file(beside.id).state == "live"
    assert api.get(f"{FOLDERS}/{folder.id}").status_code == 404
    assert api.get(f"/files/v3/files/{inside.id}").status_code == 404
    assert api.delete(f"{FOLDERS}/{path.format(id=folder.id)}").status_code == 404
    assert api.post(FOLDERS, json={"name": "b", "parentPath": "/a"}).status_code == 201


@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["1", "9223372036854775808", "missing", "a/missing", "%2F"])
def test_unknown_folders_are_not_found(api: httpx.Client, method: str, path: str) -> None:
    response = api.request(method, f"{FOLDERS}/{path}", headers={"Content-Type": "application/json"})
    if method == "PATCH" and not path.isdigit():
        assert (response.status_code, response.headers["allow"]) == (405, "GET, DELETE")
    else:
        assert response.status_code == 404
        assert response.json()["category"] == "OBJECT_NOT_FOUND"


def test_update_renames_and_moves_the_folder(api: httpx.Client, emulator: Emulator) -> None:
    folder, target = emulator.add_folder("/a"), emulator.add_folder("/z")
    file = emulator.add_file("/a/b/c/d.txt", b"x", access="PUBLIC_INDEXABLE")
    deleted = emulator.add_file("/a/gone.txt")
    api.delete(f"/files/v3/files/{deleted.id}")
    emulator.clock.advance(1)
    renamed = api.patch(f"{FOLDERS}/{folder.id}", json={"name": "a2"})
    assert (renamed.status_code, renamed.json()["path"]) == (200, "/a2")
    assert renamed.json()["updatedAt"] == "2026-03-01T12:00:01.393Z"
    assert emulator.file(file.id).path == "/a2/b/c/d.txt"
    moved = api.patch(f"{FOLDERS}/{folder.id}", json={"parentFolderId": int(target.id)}).json()
    assert (moved["path"], moved["parentFolderId"], moved["name"]) == ("/z/a2", target.id, "a2")
    assert emulator.file(file.id).path == "/z/a2/b/c/d.txt"
    assert emulator.file(file.id).url.endswith("/z/a2/b/c/d.txt")
    assert emulator.file(deleted.id).path == "/a/gone.txt"
    assert {f.path for f in emulator.folders} == {"/z", "/z/a2", "/z/a2/b", "/z/a2/b/c"}
    assert httpx.Client(transport=emulator.transport).get(emulator.file(file.id).url).content == b"x"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "b"}, 409),
        ({"name": "x/y"}, 400),
        ({"colour": "red"}, 400),
        ({"parentFolderId": "{a}"}, 400),
        ({"parentFolderId": "{deep}"}, 400),
        ({"parentFolderId": 5}, 404),
        ({"parentFolderId": "{b}", "name": "deep"}, 409),
    ],
)
def test_invalid_folder_updates_are_refused(
    api: httpx.Client, emulator: Emulator, body: dict[str, Any], status: int
) -> None:
    ids = {folder.name: folder.id for folder in map(emulator.add_folder, ("/a", "/b", "/a/deep"))}
    emulator.add_folder("/b/deep")
    body = {key: value.format(**ids) if isinstance(value, str) else value for key, value in body.items()}
    before = emulator.folders
    response = api.patch(f"{FOLDERS}/{ids['a']}", json=body)
    assert response.status_code == status
    assert message(response)
    assert emulator.folders == before


def test_an_empty_update_changes_no_name(api: httpx.Client, emulator: Emulator) -> None:
    folder = emulator.add_folder("/a")
    assert api.patch(f"{FOLDERS}/{folder.id}", json={}).json()["path"] == "/a"
    assert api.patch(f"{FOLDERS}/{folder.id}", json={"name": "a"}).status_code == 200


def start(api: httpx.Client, url: str, body: dict[str, Any]) -> str:
    response = api.post(url, json=body)
    assert response.status_code == 202, response.text
    locator = response.json()
    link = locator["links"]["status"]
    assert link == f"https://api-na1.hubspot.com{url}/tasks/{locator['id']}/status"
    assert re.fullmatch(r"AAAA[A-Za-z0-9_-]{7}", locator["id"])
    return str(link)


IMPORTED = {"url": "https://example.com/x/cat%20a.png?v=1", "access": "PRIVATE", "folderPath": "/in"}


def test_import_goes_through_its_states(api: httpx.Client, emulator: Emulator) -> None:
    emulator.publish_url(IMPORTED["url"], b"picture")
    link = start(api, IMPORT, IMPORTED)
    task_id = link.split("/")[-2]
    common = {"taskId": task_id, "requestedAt": "2026-03-01T12:00:00.393Z", "links": {"status": link}}
    assert api.get(link).json() == {**common, "status": "PENDING"}
    emulator.clock.advance(1)
    started = {**common, "startedAt": "2026-03-01T12:00:01.393Z"}
    assert api.get(link).json() == {**started, "status": "PROCESSING"}
    assert emulator.files == []
    emulator.clock.advance(1)
    done = api.get(link).json()
    result = done.pop("result")
    ended = {**started, "completedAt": "2026-03-01T12:00:02.393Z", "numErrors": 0, "errors": []}
    assert done == {**ended, "status": "COMPLETE"}
    assert result == api.get(f"/files/v3/files/{result['id']}").json()
    assert result["path"] == "/in/cat a.png"
    assert emulator.file(result["id"]).content == b"picture"
    assert api.get(link).json() == {**done, "result": result}
    assert len(emulator.files) == 1


def test_tasks_can_follow_the_clock(api: httpx.Client, emulator: Emulator) -> None:
    emulator.publish_url(IMPORTED["url"], b"picture")
    emulator.task_pace("seconds", 5, 10)
    link = start(api, IMPORT, IMPORTED)
    states = []
    for seconds in (0, 4.9, 0.1, 9.9, 0.1):
        emulator.clock.advance(seconds)
        states.append(api.get(link).json()["status"])
    assert states == ["PENDING", "PENDING", "PROCESSING", "PROCESSING", "COMPLETE"]
    done = api.get(link).json()
    assert (done["startedAt"], done["completedAt"]) == (
        "2026-03-01T12:00:05.393Z",
        "2026-03-01T12:00:15.393Z",
    )
    start(api, IMPORT, {**IMPORTED, "name": "later"})
    emulator.clock.advance(15)
    assert [file.path for file in emulator.files] == ["/in/cat a.png", "/in/later.png"]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"name": "dog"}, "/in/dog.png"),
        ({"name": "dog.gif"}, "/in/dog.gif"),
        ({"folderPath": "/"}, "/cat a.png"),
        ({"folderPath": None, "folderId": "{id}"}, "/f/cat a.png"),
    ],
)
def test_imports_choose_name_and_folder(api: httpx.Client, emulator: Emulator, more: dict[str, Any], path: str) -> None:
    folder = emulator.add_folder("/f")
    emulator.publish_url(IMPORTED["url"], b"picture")
    body = {**IMPORTED, **more}
    start(api, IMPORT, {key: value and value.format(id=folder.id) for key, value in body.items()})
    emulator.finish_tasks()
    assert [file.path for file in emulator.files] == [path]


def finished(api: httpx.Client, emulator: Emulator, url: str, body: dict[str, Any]) -> dict[str, Any]:
    link = start(api, url, body)
    emulator.finish_tasks()
    task: dict[str, Any] = api.get(link).json()
    return task


def test_imports_apply_their_options(api: httpx.Client, emulator: Emulator) -> None:
    emulator.publish_url(IMPORTED["url"], b"picture")
    first = finished(api, emulator, IMPORT, {**IMPORTED, "ttl": "P1D"})["result"]
    assert first["expiresAt"] == round(START.timestamp() * 1000) + 86_400_000
    twin = {"duplicateValidationScope": "ENTIRE_PORTAL", "duplicateValidationStrategy": "RETURN_EXISTING"}
    assert finished(api, emulator, IMPORT, {**IMPORTED, **twin})["result"]["id"] == first["id"]
    later = {"overwrite": True, "expiresAt": "2026-04-01T00:00:00Z"}
    second = finished(api, emulator, IMPORT, {**IMPORTED, **later})["result"]
    assert (second["path"], second["expiresAt"]) == (first["path"], 1_775_001_600_000)
    assert emulator.file(first["id"]).state == "archived"


@pytest.mark.parametrize(
    "more",
    [
        {"url": None},
        {"url": "cat.png"},
        {"url": "ftp://example.com/a"},
        {"access": None},
        {"access": "HIDDEN_PRIVATE"},
        {"folderPath": None},
        {"folderId": "1"},
        {"ttl": "PT1H"},
        {"ttl": "P1D", "expiresAt": "2027-01-01T00:00:00Z"},
        {"duplicateValidationStrategy": "REJECT"},
        {"name": "a/b"},
    ],
)
def test_invalid_imports_are_refused(api: httpx.Client, emulator: Emulator, more: dict[str, Any]) -> None:
    response = api.post(IMPORT, json={**IMPORTED, **more})
    assert response.status_code == 400
    assert message(response)
    assert emulator.tasks == []


def assert_failed(task: dict[str, Any], words: str) -> None:
    assert (task["status"], task["numErrors"]) == ("COMPLETE", 1)
    assert "result" not in task
    [error] = task["errors"]
    assert words in error["message"]
    assert {"status", "category", "message", "errors", "context", "links"} <= set(error)


@pytest.mark.parametrize(
    ("publish", "more", "words"),
    [
        (None, {}, "cannot be reached"),
        (404, {}, "404"),
        (200, {"folderPath": None, "folderId": "5"}, "does not exist"),
        (200, {"url": "https://example.com/"}, "name"),
        (
            200,
            {"duplicateValidationScope": "ENTIRE_PORTAL", "duplicateValidationStrategy": "REJECT"},
            "duplicate",
        ),
    ],
)
def test_failed_imports_report_their_error(
    api: httpx.Client, emulator: Emulator, publish: int | None, more: dict[str, Any], words: str
) -> None:
    emulator.add_file("/twin", b"picture")
    body = {**IMPORTED, **more}
    if publish is not None:
        emulator.publish_url(body["url"], b"picture", status=publish)
    assert_failed(finished(api, emulator, IMPORT, body), words)
    assert [file.path for file in emulator.files] == ["/twin"]
    assert emulator.folders == []


def test_outcomes_of_tasks_can_be_planned(api: httpx.Client, emulator: Emulator) -> None:
    emulator.publish_url(IMPORTED["url"], b"picture")
    emulator.plan_task("fail", message="disk on fire")
    emulator.plan_task("cancel")
    assert_failed(finished(api, emulator, IMPORT, IMPORTED), "disk on fire")
    canceled = finished(api, emulator, IMPORT, IMPORTED)
    assert canceled["status"] == "CANCELED"
    assert "result" not in canceled
    assert emulator.files == []
    assert finished(api, emulator, IMPORT, IMPORTED)["numErrors"] == 0


def test_tasks_can_be_cancelled(api: httpx.Client, emulator: Emulator) -> None:
    emulator.publish_url(IMPORTED["url"], b"picture")
    link = start(api, IMPORT, IMPORTED)
    [task] = emulator.tasks
    assert (task.kind, task.status) == ("import", "PENDING")
    emulator.cancel_task(task.id)
    emulator.finish_tasks()
    assert [api.get(link).json()["status"] for _ in range(4)] == ["CANCELED"] * 4
    assert emulator.files == []
    done = start(api, IMPORT, IMPORTED)
    emulator.finish_tasks()
    emulator.cancel_task(emulator.tasks[1].id)
    assert api.get(done).json()["status"] == "COMPLETE"
    with pytest.raises(KeyError):
        emulator.cancel_task("nothing")


def test_recursive_update_moves_the_folder(api: httpx.Client, emulator: Emulator) -> None:
    folder, target = emulator.add_folder("/a"), emulator.add_folder("/z")
    file = emulator.add_file("/a/b/c.txt")
    link = start(api, UPDATE, {"id": folder.id, "name": "n", "parentFolderId": int(target.id)})
    assert [api.get(link).json()["status"] for _ in range(2)] == ["PENDING", "PROCESSING"]
    assert emulator.file(file.id).path == "/a/b/c.txt"
    done = api.get(link).json()
    assert (done["status"], done["numErrors"], done["result"]["path"]) == ("COMPLETE", 0, "/z/n")
    assert emulator.file(file.id).path == "/z/n/b/c.txt"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"id": "5"}, 404),
        ({"id": "{a}", "parentFolderId": 5}, 404),
        ({"id": "{a}", "name": "/"}, 400),
        ({"id": "{a}", "x": 1}, 400),
    ],
)
def test_invalid_recursive_updates_are_refused(
    api: httpx.Client, emulator: Emulator, body: dict[str, Any], status: int
) -> None:
    folder = emulator.add_folder("/a")
    body = {key: value.format(a=folder.id) if isinstance(value, str) else value for key, value in body.items()}
    assert api.post(UPDATE, json=body).status_code == status
    assert emulator.tasks == []


def test_failed_recursive_updates_report_their_error(api: httpx.Client, emulator: Emulator) -> None:
    folder = emulator.add_folder("/a")
    emulator.add_folder("/b")
    assert_failed(finished(api, emulator, UPDATE, {"id": int(folder.id), "name": "b"}), "exists")
    assert [f.path for f in emulator.folders] == ["/a", "/b"]


def test_kinds_of_tasks_are_kept_apart(api: httpx.Client, emulator: Emulator) -> None:
    folder = emulator.add_folder("/a")
    link = start(api, UPDATE, {"id": folder.id, "name": "b"})
    assert api.get(link.replace(UPDATE, IMPORT)).status_code == 404
    assert api.get(f"{IMPORT}/tasks/AAAAEZ6whGI/status").status_code == 404
    assert emulator.tasks[0].status == "PENDING"


@pytest.mark.parametrize(("unit", "pending"), [("hours", 1), ("polls", -1)])
def test_invalid_paces_are_refused(emulator: Emulator, unit: Any, pending: float) -> None:
    with pytest.raises(ValueError, match="pace"):
        emulator.task_pace(unit, pending)


def test_invalid_plans_are_refused(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="outcome"):
        emulator.plan_task("explode")  # type: ignore[arg-type]  # what a caller without types may pass
