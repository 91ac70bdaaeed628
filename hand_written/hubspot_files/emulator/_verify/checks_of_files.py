"""Checks of assumptions about uploads, changes and deletions of files."""

from __future__ import annotations

from typing import Any, Final

from .account import FILES, FOLDERS, IMPORTS, PRIVATE, Account, expect, expect_status, form
from .checks import check

_IN_FOLDER: Final = {"duplicateValidationScope": "EXACT_FOLDER"}
_PAST: Final = "2020-01-01T00:00:00Z"


def _changed(account: Account, file: dict[str, Any], **body: Any) -> dict[str, Any]:
    return account.need(account.ask("PATCH", f"{FILES}/{file['id']}", json=body), 200)


@check
def encoding_field(account: Account) -> None:
    for name, wanted in (("encoding.PNG", "png"), ("encoding.mp3", "mp3"), ("encoding.pdf", None), ("encoding", None)):
        expect(account.file(name).get("encoding"), wanted, f"the encoding of {name}")


@check
def bad_names(account: Account) -> None:
    for name in (" ", "..", "a/b", "a\x01b"):
        expect_status(account.post("bad.txt", fileName=name), 400)
        body = {"name": name, "parentFolderId": account.top}
        expect_status(account.ask("POST", FOLDERS, json=body), 400)


@check
def borrowed_extension(account: Account) -> None:
    record = account.need(account.post("sent.txt", fileName="borrowed"), 201)
    expect((record["name"], record["extension"]), ("borrowed", "txt"), "name and extension")


@check
def rename_suffix(account: Account) -> None:
    names = [account.file(name)["name"] for name in ("taken.txt", "taken.txt", "taken.txt", "Taken.txt")]
    expect(names, ["taken", "taken-1", "taken-2", "Taken"], "the names")


@check
def duplicates_by_content(account: Account) -> None:
    folder = account.folder("duplicates")["id"]
    first = account.file("original.txt", b"the same", folder=folder)
    options = {**PRIVATE, **_IN_FOLDER, "duplicateValidationStrategy": "RETURN_EXISTING"}
    response = account.post("copy.bin", b"the same", folder=folder, options=options)
    expect_status(response, 201)
    expect(response.json()["id"], first["id"], "the id")


@check
def duplicate_rejected(account: Account) -> None:
    folder = account.folder("rejected")["id"]
    account.file("original.txt", b"the same", folder=folder)
    options = {**PRIVATE, **_IN_FOLDER, "duplicateValidationStrategy": "REJECT"}
    expect_status(account.post("copy.bin", b"the same", folder=folder, options=options), 409)


@check
def import_duplicates(account: Account) -> None:
    folder = account.folder("imports")
    for errors in (0, 1):
        options = {"folderPath": folder["path"], **_IN_FOLDER, "duplicateValidationStrategy": "REJECT"}
        state = account.ended(IMPORTS, account.started_import(**options))
        expect(state.get("numErrors", 0), errors, "the number of errors of the task")


@check
def past_expiry(account: Account) -> None:
    url = f"{FILES}/{account.file('expiry.txt')['id']}"
    expect_status(account.ask("PATCH", url, json={"expiresAt": _PAST}), 400)
    expect_status(account.ask("PUT", url, files=form("a.txt", b"a", {**PRIVATE, "expiresAt": _PAST})), 400)
    expect_status(account.ask("PATCH", url, json={"expiresAt": 4_000_000_000_000}), 200)


@check
def hidden_change(account: Account) -> None:
    url = f"{FILES}/{account.file('hidden.txt')['id']}"
    expect_status(account.ask("PATCH", url, json={"access": "HIDDEN_PRIVATE"}), 400)
    expect_status(account.ask("PUT", url, files=form("a.txt", b"a", {"access": "HIDDEN_PRIVATE"})), 400)


@check
def rename_keeps_extension(account: Account) -> None:
    file = account.file("extension.txt")
    for name in ("renamed", "repeated.txt"):
        record = _changed(account, file, name=name)
        wanted = (name.partition(".")[0], "txt")
        expect((record["name"], record["extension"]), wanted, f"name and extension after name={name!r}")


@check
def move_conflict(account: Account) -> None:
    account.file("here.txt")
    url = f"{FILES}/{account.file('there.txt')['id']}"
    expect_status(account.ask("PATCH", url, json={"name": "here"}), 409)


@check
def move_to_missing_folder(account: Account) -> None:
    url, path = f"{FILES}/{account.file('missing.txt')['id']}", f"{account.top_path}/nowhere"
    expect_status(account.ask("PATCH", url, json={"parentFolderPath": path}), 404)
    expect_status(account.ask("POST", FOLDERS, json={"name": "a", "parentPath": path}), 404)


@check
def move_visible(account: Account) -> None:
    file = account.file("moved.txt")
    _changed(account, file, name="seen")
    record = account.need(account.ask("GET", f"{FILES}/{file['id']}"), 200)
    expect(record["path"], f"{account.top_path}/seen.txt", "the path after a rename")


@check
def replace_keeps(account: Account) -> None:
    file = account.file("kept.txt")
    url = f"{FILES}/{file['id']}"
    response = account.ask("PUT", url, files=form("other.bin", b"other", PRIVATE))
    expect_status(response, 200)
    for key in ("id", "name", "extension", "parentFolderId"):
        expect(response.json().get(key), file.get(key), key)
    expect_status(account.ask("PUT", url, files=form("other.bin", b"other", {})), 400)


@check
def replace_name(account: Account) -> None:
    file = account.file("replaced.txt")
    response = account.ask("PUT", f"{FILES}/{file['id']}", files=form("a.txt", b"a", PRIVATE, fileName="renamed.txt"))
    expect_status(response, 200)
    expect(response.json()["path"], file["path"], "the path")


@check
def gdpr_at_once(account: Account) -> None:
    url = f"{FILES}/{account.file('erased.txt')['id']}"
    account.need(account.ask("DELETE", f"{url}/gdpr-delete"), 204)
    expect_status(account.ask("GET", url), 404)


@check
def gdpr_after_delete(account: Account) -> None:
    url = f"{FILES}/{account.file('deleted.txt')['id']}"
    account.need(account.ask("DELETE", url), 204)
    expect_status(account.ask("DELETE", f"{url}/gdpr-delete"), 204)
    expect_status(account.ask("DELETE", f"{url}/gdpr-delete"), 404)


@check
def stat_file_first(account: Account) -> None:
    file = account.file("both")
    account.folder("both")
    for path in (file["path"], f"/{file['path']}"):
        found = account.need(account.ask("GET", f"{FILES}/stat{path}"), 200)
        expect(sorted(found), ["file"], f"what stands at {path}")


@check
def loose_slashes(account: Account) -> None:
    folder = account.folder("slashes")
    path = f"/{account.top_path}//slashes/"
    response = account.ask("POST", FILES, files=form("a.txt", b"a", PRIVATE, folderPath=path))
    expect_status(response, 201)
    expect(response.json().get("parentFolderId"), folder["id"], "the folder")


@check
def missing_folder(account: Account) -> None:
    gone = account.gone_folder()
    expect_status(account.post("a.txt", folder=gone), 404)
    expect_status(account.ask("POST", FOLDERS, json={"name": "a", "parentFolderId": gone}), 404)
