"""Checks of assumptions about all operations, and about signed URLs and contents."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from hubspot_files_api.versions import VERSIONS

from .account import FILES, FOLDERS, PRIVATE, Account, Unknown, expect, expect_page, expect_status, form
from .checks import check

_LIFE_TOLERANCE: Final = 60
# A picture of 32 by 24 pixels, of which there is only the head.
_PICTURE: Final = b"GIF89a\x20\x00\x18\x00\x00\x00\x00;"


@check
def blank_parameters(account: Account) -> None:
    url = f"{FILES}/{account.file('blank.txt')['id']}"
    expect_status(account.ask("GET", f"{url}?="), 200)
    expect_status(account.ask("GET", f"{FILES}/search?limit=&name=blank"), 200)


@check
def unknown_keys(account: Account) -> None:
    file = account.file("keys.txt")
    expect_status(account.ask("PATCH", f"{FILES}/{file['id']}", json={"surprise": 1}), 400)
    expect_status(account.post("more-keys.txt", options={**PRIVATE, "surprise": 1}), 400)
    expect_status(account.ask("PATCH", f"{FILES}/{file['id']}", json={"name": "keys", "access": None}), 200)


@check
def loose_ids(account: Account) -> None:
    for number, parent in enumerate((account.top, int(account.top))):
        body = {"name": f"loose-{number}", "parentFolderId": parent}
        expect_status(account.ask("POST", FOLDERS, json=body), 201)


@check
def unknown_parts(account: Account) -> None:
    expect_status(account.post("parts.txt", surprise="1"), 400)


@check
def unknown_version(account: Account) -> None:
    expect_page(account.ask("GET", "/files/2001-03/files/search"), 404)


@check
def missing_operation(account: Account) -> None:
    version = next((name for name, facts in VERSIONS.items() if "downloadFile" in facts.missing), None)
    if version is None:
        raise Unknown("all known versions have all operations")
    expect_page(account.ask("GET", f"/files/{version}/files/{account.file('missing.txt')['id']}/download"), 404)


@check
def wrong_method(account: Account) -> None:
    response = account.ask("GET", FILES)
    expect_page(response, 405)
    expect("allow" in response.headers, True, "whether there is a header Allow")


@check
def absent_not_null(account: Account) -> None:
    file = account.file("absent")
    expect([name for name, value in file.items() if value is None], [], "the fields that are null")
    top = account.need(account.ask("GET", f"{FOLDERS}/{account.top}"), 200)
    expect("parentFolderId" in top, False, "whether a folder in the root has a parentFolderId")


@check
def properties_subset(account: Account) -> None:
    url = f"{FILES}/{account.file('subset.txt')['id']}"
    record = account.need(account.ask("GET", url, params={"properties": ["name", "surprise"]}), 200)
    expect(sorted(record), ["id", "name"], "the fields of the response")


@check
def longest_life(account: Account) -> None:
    url = f"{FILES}/{account.file('life.txt')['id']}/signed-url"
    for wanted, life in ((None, 3600), (10_000_000, 21_600)):
        response = account.ask("GET", url, params={} if wanted is None else {"expirationSeconds": wanted})
        expect_status(response, 200)
        expires_at = datetime.fromisoformat(response.json()["expiresAt"])
        seconds = (expires_at - parsedate_to_datetime(response.headers["date"])).total_seconds()
        close = abs(seconds - life) <= _LIFE_TOLERANCE
        expect(life if close else round(seconds), life, f"the seconds for expirationSeconds={wanted}")


def _signed(account: Account, file: dict[str, Any], **params: Any) -> dict[str, Any]:
    return account.need(account.ask("GET", f"{FILES}/{file['id']}/signed-url", params=params), 200)


@check
def no_resizing(account: Account) -> None:
    file = account.file("picture.gif", _PICTURE)
    signed = _signed(account, file, size="icon")
    expect((signed.get("width"), signed.get("height")), (file.get("width"), file.get("height")), "the dimensions")
    expect(len(account.fetch(signed["url"]).content), len(_PICTURE), "the bytes of the content")


@check
def signed_url_property(account: Account) -> None:
    signed = _signed(account, account.file("property.txt"), property="name")
    expect(sorted(signed), ["expiresAt", "name", "url"], "the fields of the response")


@check
def download_response(account: Account) -> None:
    response = account.ask("GET", f"{FILES}/{account.file('download.txt')['id']}/download")
    expect_status(response, 302)
    expect("location" in response.headers, True, "whether there is a header Location")


@check
def signed_url_follows(account: Account) -> None:
    file = account.file("follows.txt")
    url = _signed(account, file)["url"]
    account.need(account.ask("PUT", f"{FILES}/{file['id']}", files=form("follows.txt", b"new", PRIVATE)), 200)
    expect(account.fetch(url).content, b"new", "the content after it was replaced")
    account.need(account.ask("DELETE", f"{FILES}/{file['id']}"), 204)
    expect(account.fetch(url).status_code, 404, "the status after the file was deleted")


@check
def private_noindex(account: Account) -> None:
    response = account.fetch(_signed(account, account.file("noindex.txt"))["url"])
    expect(response.headers.get("x-robots-tag"), "noindex", "the header X-Robots-Tag")
