"""Checks of assumptions about searches."""

from __future__ import annotations

from typing import Any

import httpx

from .account import FILES, FOLDERS, Account, expect, expect_status
from .checks import check


def _search(account: Account, **params: Any) -> httpx.Response:
    return account.ask("GET", f"{FILES}/search", params=params)


def _three(account: Account, name: str) -> tuple[str, list[str]]:
    """Return a folder and the ids of three files in it, once the search finds them."""
    folder = str(account.folder(name)["id"])
    ids = [str(account.file(f"{letter}.txt", folder=folder)["id"]) for letter in ("Beta", "alpha", "gamma")]
    account.indexed(*ids)
    return folder, ids


@check
def search_cap(account: Account) -> None:
    expect_status(_search(account, after=10_000), 200)
    expect_status(_search(account, after=10_001), 400)


@check
def limit_refused(account: Account) -> None:
    for limit in (0, 101):
        expect_status(_search(account, limit=limit), 400)
        expect_status(account.ask("GET", f"{FOLDERS}/search", params={"limit": limit}), 400)


@check
def before_cursor(account: Account) -> None:
    folder, ids = _three(account, "cursors")
    page = account.need(_search(account, parentFolderIds=folder, limit=1, before=2), 200)
    expect([file["id"] for file in page["results"]], [ids[1]], "the page that ends at the offset 2")


@check
def default_order(account: Account) -> None:
    folder, ids = _three(account, "ordered")
    page = account.need(_search(account, parentFolderIds=folder), 200)
    expect([file["id"] for file in page["results"]], sorted(ids, key=int), "the ids")


@check
def search_matching(account: Account) -> None:
    folder, ids = _three(account, "matched")
    for params, wanted in (
        ({"name": "ETA"}, 1),
        ({"name": "a.tx"}, 3),
        ({"extension": "TXT"}, 3),
        ({"extension": "tx"}, 0),
        ({"path": f"{account.top_path}/matched/Beta.txt"}, 1),
        ({"path": f"{account.top_path}/matched/beta.txt"}, 0),
    ):
        page = account.need(_search(account, parentFolderIds=folder, **params), 200)
        expect(len(page["results"]), wanted, f"the number of results for {params}")
    assert ids


@check
def long_names(account: Account) -> None:
    for path in (f"{FILES}/search", f"{FOLDERS}/search"):
        expect_status(account.ask("GET", path, params={"name": "x" * 19}), 200)
        expect_status(account.ask("GET", path, params={"name": "x" * 20}), 400)


@check
def offset_required(account: Account) -> None:
    expect_status(_search(account, createdAtGte="2026-01-01T00:00:00"), 400)
    expect_status(_search(account, createdAtGte="2026-01-01T00:00:00Z"), 200)
