"""The search of files and folders: every filter, sorting, paging, the cap."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest

from hubspot_files.testing import Clock, Emulator

from .support import START, message

Search = Callable[[str], list[str]]
SECOND = timedelta(seconds=1)


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + width.to_bytes(2, "little") + height.to_bytes(2, "little")


@pytest.fixture
def account(emulator: Emulator) -> dict[str, str]:
    """Create three visible files and a hidden one, a second apart. Return ids by name and names by id."""
    found: dict[str, str] = {}
    planted = [
        ("/pics/Alpha.gif", gif(10, 20), "PUBLIC_INDEXABLE", None, True),
        ("/pics/deep/beta.gif", gif(30, 40) + b"longer", "PRIVATE", START + timedelta(days=5), False),
        ("/gamma.pdf", b"%PDF", "PUBLIC_NOT_INDEXABLE", START + timedelta(days=9), True),
        ("/pics/hidden.gif", gif(10, 20), "HIDDEN_INDEXABLE", None, True),
    ]
    for path, content, access, expires_at, usable in planted:
        file = emulator.add_file(path, content, access=access, expires_at=expires_at, is_usable_in_content=usable)
        found[file.name.lower()] = file.id
        found[file.id] = file.name.lower()
        emulator.clock.advance(1)
    return found


@pytest.fixture
def names(api: httpx.Client, account: dict[str, str]) -> Search:
    """Return a function that returns the names of the files found by a query, in order."""

    def search(query: str) -> list[str]:
        response = api.get(f"/files/v3/files/search?{query}")
        assert response.status_code == 200, response.text
        return [account[file["id"]] for file in response.json()["results"]]

    return search


def at(seconds: int) -> str:
    return quote((START + seconds * SECOND).isoformat(), safe="")


def epoch(seconds: int) -> int:
    return round((START + seconds * SECOND).timestamp() * 1000)


MD5 = hashlib.md5(b"%PDF").hexdigest()
URL = "https://storage.hubspot-emulator.test/hubfs/12345"
DAY = 86_400


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "alpha beta gamma"),
        ("unknown=1", "alpha beta gamma"),
        ("name=", "alpha beta gamma"),
        ("allowsAnonymousAccess=true", "alpha gamma"),
        ("allowsAnonymousAccess=false", "beta"),
        (f"before={epoch(1)}", "alpha"),
        (f"before={at(2)}", "alpha beta"),
        (f"createdAt={at(1)}", "beta"),
        (f"createdAt={epoch(1)}", "beta"),
        (f"createdAtGte={at(1)}", "beta gamma"),
        (f"createdAtLte={at(1)}", "alpha beta"),
        (f"createdAtGte={epoch(1)}&createdAtLte={epoch(1)}", "beta"),
        (f"updatedAt={at(2)}", "gamma"),
        (f"updatedAtGte={epoch(1)}", "beta gamma"),
        (f"updatedAtLte={epoch(1)}", "alpha beta"),
        (f"expiresAt={epoch(5 * DAY)}", "beta"),
        (f"expiresAtGte={at(6 * DAY)}", "gamma"),
        (f"expiresAtLte={at(6 * DAY)}", "beta"),
        ("encoding=GIF", "alpha beta"),
        ("encoding=pdf", ""),
        ("extension=gif", "alpha beta"),
        ("extension=.PDF", "gamma"),
        (f"fileMd5={MD5}", "gamma"),
        (f"fileMd5={MD5.upper()}", "gamma"),
        ("height=20", "alpha"),
        ("heightGte=21", "beta"),
        ("heightLte=39", "alpha"),
        ("width=30", "beta"),
        ("widthGte=10", "alpha beta"),
        ("widthLte=10", "alpha"),
        ("isUsableInContent=true", "alpha gamma"),
        ("isUsableInContent=false", "beta"),
        ("name=ALPHA", "alpha"),
        ("name=a.g", "alpha beta"),
        ("name=%25", ""),
        ("path=/pics/deep/beta.gif", "beta"),
        ("path=pics%2Fdeep%2Fbeta.gif", "beta"),
        ("path=/pics", ""),
        ("size=4", "gamma"),
        ("sizeGte=10", "alpha beta"),
        ("sizeLte=10", "alpha gamma"),
        ("type=IMG", "alpha beta"),
        ("type=document", "gamma"),
        (f"url={URL}/gamma.pdf", "gamma"),
        (f"url={URL}/gamma.pdf?signature=1", "gamma"),
        ("url=https://example.com/gamma.pdf", ""),
        ("type=IMG&heightGte=21", "beta"),
        ("idGte=0", "alpha beta gamma"),
        ("idLte=0", ""),
        ("sort=name", "alpha beta gamma"),
        ("sort=-name", "gamma beta alpha"),
        ("sort=size", "gamma alpha beta"),
        ("sort=type&sort=-size", "gamma beta alpha"),
        ("sort=type,-size", "gamma beta alpha"),
        ("sort=-createdAt", "gamma beta alpha"),
        ("sort=-expiresAt", "gamma beta alpha"),
        ("sort=-width&limit=1", "beta"),
    ],
)
def test_the_search_filters_and_sorts(names: Search, query: str, expected: str) -> None:
    assert names(query) == expected.split()


@pytest.mark.parametrize(
    "query",
    [
        "idGte={beta}&idLte={beta}",
        "ids={beta}&ids={beta}",
        "ids={beta},{hidden}",
        "ids=1,{beta}",
        "ids={beta},",
    ],
)
def test_ids_filter_the_search(names: Search, account: dict[str, str], query: str) -> None:
    assert names(query.format(**{key: value for key, value in account.items() if key.isalpha()})) == ["beta"]


@pytest.mark.parametrize("separator", [",", "&parentFolderIds="])
def test_parent_folders_filter_the_search(names: Search, emulator: Emulator, separator: str) -> None:
    ids = {folder.path: folder.id for folder in emulator.folders}
    assert names(f"parentFolderIds={ids['/pics']}") == ["alpha"]
    assert names(f"parentFolderIds={ids['/pics']}{separator}{ids['/pics/deep']}") == ["alpha", "beta"]


def test_archived_and_hidden_files_are_not_listed(names: Search, api: httpx.Client, account: dict[str, str]) -> None:
    assert names("name=hidden") == []
    api.delete(f"/files/v3/files/{account['beta']}")
    assert names("") == ["alpha", "gamma"]


def test_results_are_files(api: httpx.Client, account: dict[str, str]) -> None:
    found = api.get("/files/v3/files/search").json()["results"]
    assert found == [api.get(f"/files/v3/files/{file['id']}").json() for file in found]
    reduced = api.get("/files/v3/files/search?properties=name&properties=size&limit=1").json()["results"]
    assert reduced == [{"id": account["alpha"], "name": "Alpha", "size": 10}]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=ten",
        "after=-1",
        "after=x",
        "after=10001",
        "after=1&before=1",
        "before=yesterday",
        "ids=a",
        "ids=1,99999999999999999999",
        "sizeGte=1.5",
        "width=9223372036854775808",
        "createdAt=2026-03-01",
        "createdAt=2026-03-01T00:00:00",
        "createdAtGte=2026-03-01T00:00:00+00:00",
        "allowsAnonymousAccess=TRUE",
        "isUsableInContent=1",
        "sort=colour",
        "sort=name&sort=-",
    ],
)
@pytest.mark.parametrize("kind", ["files", "folders"])
def test_invalid_queries_are_refused(api: httpx.Client, query: str, kind: str) -> None:
    if kind == "folders" and query.startswith(("size", "width", "allows", "isUsable")):
        # Folders have no such filter: it is ignored.
        assert api.get(f"/files/v3/folders/search?{query}").status_code == 200
        return
    response = api.get(f"/files/v3/{kind}/search?{query}")
    assert response.status_code == 400
    assert query.rpartition("&")[2].partition("=")[0] in response.text
    assert message(response)


def test_pages_cover_all_results(api: httpx.Client, emulator: Emulator) -> None:
    ids = [emulator.add_file(f"/f{i}").id for i in range(25)]
    response = api.get("/files/v3/files/search?name=f&sort=id")
    listed, pages = list[str](), 0
    while True:
        body = response.json()
        listed += [file["id"] for file in body["results"]]
        pages += 1
        if "next" not in body.get("paging", {}):
            break
        assert body["paging"]["next"]["after"] == str(len(listed))
        response = api.get(body["paging"]["next"]["link"])
    assert (listed, pages) == (ids, 3)
    back = body["paging"]["prev"]
    assert back["before"] == "20"
    earlier = api.get(back["link"]).json()
    assert [file["id"] for file in earlier["results"]] == ids[10:20]
    assert earlier["paging"]["prev"]["before"] == "10"
    forward = api.get(earlier["paging"]["next"]["link"]).json()
    assert [file["id"] for file in forward["results"]] == ids[20:]


def test_links_keep_the_query(api: httpx.Client, emulator: Emulator) -> None:
    for i in range(3):
        emulator.add_file(f"/ä {i}.txt")
    emulator.clock.advance(1)
    query = f"name=%C3%A4+&limit=1&before={epoch(1)}&ids="
    link = api.get(f"/files/2026-03/files/search?{query}").json()["paging"]["next"]["link"]
    assert link == (f"https://api.hubapi.com/files/2026-03/files/search?name=%C3%A4+&limit=1&before={epoch(1)}&after=1")
    assert [file["name"] for file in api.get(link).json()["results"]] == ["ä 1"]


def test_one_page_has_no_paging(api: httpx.Client, emulator: Emulator) -> None:
    for i in range(10):
        emulator.add_file(f"/f{i}")
    assert "paging" not in api.get("/files/v3/files/search").json()
    assert len(api.get("/files/v3/files/search?limit=100").json()["results"]) == 10


def test_the_search_ends_at_its_cap(api: httpx.Client, emulator: Emulator) -> None:
    for i in range(10_020):
        emulator.add_file(f"/f{i}")
    last = api.get("/files/v3/files/search?limit=10&after=10000").json()
    assert [file["name"] for file in last["results"]] == [f"f{i}" for i in range(10_000, 10_010)]
    beyond = api.get(last["paging"]["next"]["link"])
    assert beyond.status_code == 400
    assert "10000" in message(beyond)


def test_the_index_can_lag() -> None:
    with Emulator(clock=Clock(START, frozen=True), search_lag=30) as emulator:
        client = httpx.Client(transport=emulator.transport, headers={"Authorization": f"Bearer {emulator.token}"})
        file = emulator.add_file("/a")
        url = f"{emulator.base_url}/files/v3/files"
        assert client.get(f"{url}/{file.id}").status_code == 200
        assert client.get(f"{url}/search").json()["results"] == []
        emulator.clock.advance(30)
        assert [found["id"] for found in client.get(f"{url}/search").json()["results"]] == [file.id]


FOLDER_QUERIES = [
    ("", "red green blue"),
    (f"before={epoch(1)}", "red"),
    (f"createdAt={at(1)}", "green"),
    (f"createdAtGte={epoch(1)}", "green blue"),
    (f"createdAtLte={at(1)}", "red green"),
    (f"updatedAt={epoch(2)}", "blue"),
    (f"updatedAtGte={at(1)}", "green blue"),
    (f"updatedAtLte={epoch(1)}", "red green"),
    ("idGte={green}", "green blue"),
    ("idLte={green}", "red green"),
    ("ids={green},{blue}", "green blue"),
    ("ids={green}&ids={blue}", "green blue"),
    ("name=RE", "red green"),
    ("parentFolderIds={red}", "green"),
    ("parentFolderIds={red},{green}", "green blue"),
    ("path=/red/green", "green"),
    ("path=red", "red"),
    ("sort=-name", "red green blue"),
    ("sort=path&limit=2", "red green"),
    ("after=1&limit=1", "green"),
    ("before=2&limit=1", "green"),
]


@pytest.mark.parametrize(("query", "expected"), FOLDER_QUERIES)
def test_the_search_of_folders_filters(api: httpx.Client, emulator: Emulator, query: str, expected: str) -> None:
    ids = {}
    for path in ("/red", "/red/green", "/red/green/blue"):
        folder = emulator.add_folder(path)
        ids[folder.name] = folder.id
        emulator.clock.advance(1)
    response = api.get(f"/files/v3/folders/search?{query.format(**ids)}")
    assert [folder["name"] for folder in response.json()["results"]] == expected.split()


def test_archived_folders_are_not_listed(api: httpx.Client, emulator: Emulator) -> None:
    folder = emulator.add_folder("/a")
    api.delete(f"/files/v3/folders/{folder.id}")
    assert api.get("/files/v3/folders/search").json() == {"results": []}


def test_the_search_returns_the_requested_properties_of_folders(api: httpx.Client, emulator: Emulator) -> None:
    folder = emulator.add_folder("/a")
    found = api.get("/files/v3/folders/search?properties=path").json()["results"]
    assert found == [{"id": folder.id, "path": "/a"}]
