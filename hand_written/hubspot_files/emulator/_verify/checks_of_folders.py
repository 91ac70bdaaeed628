"""Checks of assumptions about folders and tasks."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from .account import FILES, FOLDERS, IMPORTS, PRIVATE, UPDATES, Account, Unknown, expect, expect_status
from .checks import check

# A name that no server has, so that an import of it fails.
_UNREACHABLE: Final = "https://unreachable.invalid/a.txt"
# The base64 of the number 1 in eight bytes.
_NO_TASK: Final = "AAAAAAAAAAE"


def _failing_import(account: Account) -> dict[str, Any]:
    body = {**PRIVATE, "url": _UNREACHABLE, "folderPath": account.top_path}
    return account.need(account.ask("POST", IMPORTS, json=body), 202)


@check
def root_is_no_folder(account: Account) -> None:
    expect_status(account.ask("GET", f"{FOLDERS}/%2F"), 404)
    expect_status(account.ask("GET", f"{FILES}/stat/%2F"), 404)


@check
def parent_path_name(account: Account) -> None:
    body = {"name": "guide", "parentFolderPath": account.top_path}
    response = account.ask("POST", FOLDERS, json=body)
    expect_status(response, 201)
    expect(response.json()["path"], f"{account.top_path}/guide", "the path")


@check
def folder_conflict(account: Account) -> None:
    account.folder("conflict")
    other = account.folder("other")
    body = {"name": "conflict", "parentFolderId": account.top}
    expect_status(account.ask("POST", FOLDERS, json=body), 409)
    expect_status(account.ask("PATCH", f"{FOLDERS}/{other['id']}", json={"name": "conflict"}), 409)


@check
def folder_cycle(account: Account) -> None:
    outer = account.folder("outer")
    inner = account.folder("inner", outer["id"])
    for target in (outer, inner):
        body = {"parentFolderId": int(target["id"])}
        expect_status(account.ask("PATCH", f"{FOLDERS}/{outer['id']}", json=body), 400)


@check
def folder_delete_recursive(account: Account) -> None:
    folder = account.folder("full")
    file = account.file("inside.txt", folder=folder["id"])
    account.need(account.ask("DELETE", f"{FOLDERS}/{folder['id']}"), 204)
    expect_status(account.ask("GET", f"{FILES}/{file['id']}"), 404)


@check
def folder_task_checks(account: Account) -> None:
    expect_status(account.ask("POST", UPDATES, json={"id": account.gone_folder(), "name": "a"}), 404)
    account.folder("occupied")
    body = {"id": account.folder("mover")["id"], "name": "occupied"}
    state = account.ended(UPDATES, account.need(account.ask("POST", UPDATES, json=body), 202)["id"])
    expect(bool(state.get("errors")), True, "whether a conflict is an error of the task")


@check
def task_links(account: Account) -> None:
    locator = _failing_import(account)
    links = locator.get("links")
    link = urlsplit(str(links.get("status")) if isinstance(links, dict) else "")
    expect(link.path, f"{IMPORTS}/tasks/{locator['id']}/status", "the path of the link")
    emulated = account.ask("GET", f"{FILES}/search", params={"limit": 1}).request.url.host
    expect(link.hostname in ("api-na1.hubspot.com", emulated), True, f"whether {link.hostname} is the host")
    account.ended(IMPORTS, locator["id"])


@check
def pending_dates(account: Account) -> None:
    task = _failing_import(account)["id"]
    state = account.need(account.ask("GET", f"{IMPORTS}/tasks/{task}/status"), 200, 202)
    early = state.get("status") == "PENDING"
    ended = account.ended(IMPORTS, task)
    for key in ("startedAt", "completedAt", "numErrors", "errors"):
        expect(key in ended, True, f"whether a completed task has {key}")
    if not early:
        raise Unknown("the task was not pending any more when it was looked at first")
    expect("startedAt" in state or "completedAt" in state, False, "whether a pending task has dates")


@check
def unfinished_imports(account: Account) -> None:
    task = _failing_import(account)["id"]
    response = account.ask("GET", f"{IMPORTS}/tasks/{task}/status")
    state = account.need(response, 200, 202)
    account.ended(IMPORTS, task)
    if state.get("status") not in ("PENDING", "PROCESSING"):
        raise Unknown("the task had ended when it was looked at first")
    expect_status(response, 200)


@check
def task_failure(account: Account) -> None:
    state = account.ended(IMPORTS, _failing_import(account)["id"])
    expect((state.get("status"), state.get("numErrors")), ("COMPLETE", 1), "status and number of errors")
    expect("result" in state, False, "whether a failed task has a result")
    [error] = state.get("errors") or [{}]
    expect(str(error.get("status", "")).isdigit(), True, "whether the status of the error is a number")


@check
def missing_task(account: Account) -> None:
    for tasks in (IMPORTS, UPDATES):
        expect_status(account.ask("GET", f"{tasks}/tasks/{_NO_TASK}/status"), 404)
