"""Errors of arguments: their classes, their length, and the next step that they name."""

from __future__ import annotations

import ast
import logging
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
import respx

import hubspot_files
from hubspot_files import (
    Access,
    AccessName,
    DuplicateScope,
    DuplicateScopeName,
    DuplicateStrategy,
    DuplicateStrategyName,
    Folder,
    HubSpotFiles,
    HubSpotFilesError,
    InvalidArgumentError,
    NewAccessName,
    SignedUrlSize,
    SignedUrlSizeName,
)
from hubspot_files._validation import shown

from .support import FILE, FOLDER, TOKEN, Client, collected, page, query

ROOT = Path(hubspot_files.__file__).parent
LONG = "x" * 5000
IN_ROOT: dict[str, Any] = {"folder_path": "/"}

FOLDER_RECORD = Folder(id="2", archived=False, created_at=datetime.now(UTC), updated_at=datetime.now(UTC))

# Calls with an argument that is not valid, and a part of the message. Nothing is sent.
WRONG: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("upload", (b"", ), {**IN_ROOT, "name": "a", "access": "public"}, "use one of PRIVATE, PUBLIC_INDEXABLE"),
    ("upload", (b"",), {**IN_ROOT, "name": "a", "access": "PUBLIC_INDEXABEL"}, "Did you mean 'PUBLIC_INDEXABLE'?"),
    ("upload", (b"",), {**IN_ROOT, "name": "a", "access": "private"}, "Did you mean 'PRIVATE'?"),
    ("upload", (b"",), {**IN_ROOT, "name": "a", "access": "HIDDEN_PRIVATE"}, "creates no hidden files for the API"),
    ("upload", (b"",), {**IN_ROOT, "name": "a", "access": Access.HIDDEN_SENSITIVE}, "creates no hidden files"),
    ("import_from_url", ("https://a.test",), {**IN_ROOT, "access": "HIDDEN_INDEXABLE"}, "creates no hidden files"),
    ("open", ("/a", "xb"), {"access": "HIDDEN_PRIVATE"}, "creates no hidden files"),
    ("upload", ("name,size\ncat,3\n",), IN_ROOT, "is a str, which is taken for a path, and there is no file at it"),
    ("upload", (LONG,), {**IN_ROOT, "name": "a"}, "pass content as bytes, such as text.encode(), with name="),
    ("get", ("https://app.hubspot.com/files/1?token=secret",), {}, "file_id is a link, not an id; files.search(url="),
    ("get", ("/library/cat.png",), {}, "files.stat finds the record at a path"),
    ("get", (1.0,), {}, "file_id must be a File, a str of digits or an int, not float"),
    ("get", (10**5000,), {}, "file_id a number of 16610 bits must be digits only"),
    ("search", (), {"sort": "created"}, "sort 'created' is not valid; use one of id, name, path"),
    ("search", (), {"sort": ["-name", "createdat"]}, "Did you mean 'created_at'?"),
    ("search", (), {"type": "image"}, "type 'image' is not valid; use one of IMG, DOCUMENT"),
    ("search", (), {"type": 1}, "type 1 is not valid"),
    ("search", (), {"ids": range(201), "sort": "id"}, "more than 200 ids are searched for in several searches: leave"),
    ("search", (), {"ids": range(201), "parent_folder_ids": range(300)}, "for one of ids and parent_folder_ids only"),
    ("search", (), {"ids": [FOLDER_RECORD]}, "ids must be a str of digits or an int, not Folder; pass its `id`"),
    ("upload", (b"",), {"folder_id": FOLDER_RECORD, "name": "a"}, "not Folder; pass its `id`"),
    ("get", (FOLDER_RECORD,), {}, "file_id must be a File, a str of digits or an int, not Folder"),
    ("download", ("1", "a"), {"if_exists": "replce"}, "Did you mean 'replace'?"),
]  # fmt: skip


@pytest.mark.promise("No message repeats more than 200 characters of an argument.")
def test_messages_name_the_next_step_and_stay_short(client: Client, api: respx.MockRouter) -> None:
    for method, arguments, options, expected in WRONG:
        with pytest.raises(InvalidArgumentError) as caught:
            client(lambda hubspot, m=method, a=arguments, o=options: opened(hubspot, m, a, o))
        assert expected in str(caught.value)
        assert "secret" not in str(caught.value)
        assert isinstance(caught.value, ValueError | TypeError)
    for value in (LONG, LONG + "\n", "/" + LONG + "//", [LONG], 10**5000, LONG.encode()):
        for method, arguments, options in (
            ("get", (value,), {}),
            ("stat", (f"/{LONG}//a",), {}),
            ("upload", (b"",), {**IN_ROOT, "name": f"{LONG}\n"}),
            ("upload", (b"",), {"folder_path": value, "name": f"{LONG}/"}),
            ("upload", (b"",), {**IN_ROOT, "name": "a", "ttl": value}),
            ("upload", (b"",), {**IN_ROOT, "name": "a", "overwrite": value}),
            ("upload", (b"",), {**IN_ROOT, "name": "a", "access": value}),
            ("search", (), {"limit": value}),
            ("search", (), {"sort": value}),
            ("search", (), {"max_items": -(10**5000)}),
            ("open", (value, "a"), {}),
            ("open", ("1", value), {}),
            ("get_import_task", (f"{value!s:.5000}\n" if not isinstance(value, int) else "",), {}),
        ):
            with pytest.raises(InvalidArgumentError) as caught:
                client(lambda hubspot, m=method, a=arguments, o=options: opened(hubspot, m, a, o))
            assert len(str(caught.value)) < 600, (method, options)
    assert not api.calls


def opened(hubspot: Any, method: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    return getattr(hubspot.files, method)(*arguments, **options)


def test_of_the_client_derive_from_the_base_class() -> None:
    for options in (
        {"timeout": "5"},
        {"timeout": -1},
        {"deadline": 0},
        {"max_retries": -1},
        {"api_version": "soon"},
        {"api_version": 3},
        {"base_url": "http://example.com"},
        {"access_token": " "},
    ):
        with pytest.raises(HubSpotFilesError) as caught:
            HubSpotFiles(**{"access_token": TOKEN, **options})
        assert isinstance(caught.value, ValueError | TypeError)


def test_no_other_function_raises_a_plain_error() -> None:
    """Other raises have reasons: pickling, the conventions of `io`, and responses that cannot be read."""
    allowed = {
        "_client.py", "_redaction.py", "_engine/methods.py", "_http/base_driver.py", "_oauth/credentials.py",
        "_oauth/token_endpoints.py", "_oauth/tokens.py", "_operations/file_calls.py", "_operations/readers.py",
        "_operations/signed_url.py", "fsspec/_instances.py", "fsspec/_token_sources.py",
        "resources/async_open_files.py", "resources/open_files.py",
    }  # fmt: skip
    found = set()
    for path in ROOT.rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(("emulator/", "testing/")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Raise)
                    and node.exc
                    and ast.unparse(node.exc).startswith(("ValueError", "TypeE"))
                ):
                    found.add(name)
    assert found == allowed


def test_shown() -> None:
    assert shown("a'b") == '"a\'b"'
    assert shown(5) == "5"
    for value in (LONG, LONG.encode(), [LONG], {LONG: 1}, 10**5000):
        assert len(shown(value)) <= 200
    assert shown(LONG).endswith("x…")


def test_names_for_type_checkers_are_the_values_of_the_enumerations() -> None:
    for names, kind in (
        (AccessName, Access),
        (DuplicateScopeName, DuplicateScope),
        (DuplicateStrategyName, DuplicateStrategy),
        (SignedUrlSizeName, SignedUrlSize),
    ):
        assert set(get_args(names)) == {member.value for member in kind}
    assert set(get_args(NewAccessName)) == {name for name in get_args(AccessName) if not name.startswith("HIDDEN_")}


class Index:
    """An integer of another library, such as numpy."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


def test_integers_of_other_libraries_are_ids(client: Client, api: respx.MockRouter) -> None:
    api.get(f"/files/v3/files/{FILE['id']}").respond(200, json=FILE)
    number: Any = Index(int(FILE["id"]))
    assert client(lambda hubspot: hubspot.files.get(number)).id == FILE["id"]
    api.get(f"/files/v3/folders/{FOLDER['id']}").respond(200, json=FOLDER)
    folder: Any = Index(int(FOLDER["id"]))
    assert client(lambda hubspot: hubspot.folders.get(folder)).id == FOLDER["id"]


@pytest.mark.unlike_hubspot("an access that HubSpot will add one day")
def test_a_value_of_a_response_can_be_sent_back(client: Client, api: respx.MockRouter) -> None:
    new = {**FILE, "access": "SECRET_2031"}
    api.get(f"/files/v3/files/{FILE['id']}").respond(200, json=new)
    api.patch(f"/files/v3/files/{FILE['id']}").respond(200, json=new)
    file = client(lambda hubspot: hubspot.files.get(FILE["id"]))
    assert client(lambda hubspot: hubspot.files.update(file, access=file.access)).access == "SECRET_2031"
    assert client(lambda hubspot: hubspot.files.search(type="HOLOGRAM", max_items=0)) == []


@pytest.mark.unlike_hubspot("a page has results that the request does not name")
def test_many_ids_are_split_over_searches(client: Client, api: respx.MockRouter) -> None:
    results = iter([[{**FILE, "id": "1"}, {**FILE, "id": "2"}], [{**FILE, "id": "3"}, {**FILE, "id": "4"}]] * 2)
    route = api.get("/files/v3/files/search").mock(side_effect=lambda _: page_response(next(results)))
    wanted = [*range(300), 1, 2]
    found = client(lambda hubspot: collected(hubspot.files.search(ids=wanted, max_items=3)))
    assert [file.id for file in found] == ["1", "2", "3"]
    sent = [[value for name, value in query(call.request) if name == "ids"] for call in route.calls]
    assert [len(ids) for ids in sent] == [200, 100]
    assert sorted(map(int, sent[0] + sent[1])) == list(range(300))
    assert all(len(call.request.url.raw_path) < 4096 for call in route.calls)
    found = client(lambda hubspot: collected(hubspot.files.search(parent_folder_ids=wanted, max_items=2)))
    assert [file.id for file in found] == ["1", "2"]
    assert len(route.calls) == 3
    results = iter([[{**FILE, "id": "1"}], [], [{**FILE, "id": "2"}]])
    found = client(lambda hubspot: collected(hubspot.files.search(ids=range(600))))
    assert [file.id for file in found] == ["1", "2"]


def page_response(results: list[Any]) -> Any:
    import httpx

    return httpx.Response(200, json=page(results))


def test_sort_takes_the_names_of_attributes(client: Client, api: respx.MockRouter) -> None:
    route = api.get("/files/v3/files/search").respond(200, json=page([]))
    client(lambda hubspot: hubspot.files.search(sort=["-created_at", "is_usable_in_content", "-updatedAt", "id"]))
    sent = [value for name, value in query(route.calls.last.request) if name == "sort"]
    assert sent == sorted(["-createdAt", "isUsableInContent", "-updatedAt", "id"])


@pytest.mark.unlike_hubspot("the emulator gives signed URLs the requested life, up to its maximum")
def test_a_shorter_life_of_a_signed_url_is_logged(
    client: Client, api: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    now = datetime.now(UTC)
    signed = {"url": "https://storage.test/a", "expiresAt": (now + timedelta(hours=6)).isoformat(), "name": "cat"}
    signed |= {"extension": "png", "type": "IMG", "size": 1}
    api.get(f"/files/v3/files/{FILE['id']}/signed-url").respond(
        200, json=signed, headers={"date": f"{now:%a, %d %b %Y %H:%M:%S} GMT"}
    )
    with caplog.at_level(logging.WARNING, "hubspot_files"):
        client(lambda hubspot: hubspot.files.signed_url(FILE["id"], expires_in=timedelta(hours=6)))
        client(lambda hubspot: hubspot.files.signed_url(FILE["id"]))
        assert not caplog.records
        client(lambda hubspot: hubspot.files.signed_url(FILE["id"], expires_in=timedelta(days=1)))
    (message,) = caplog.messages
    assert re.search(r"expires in 21[56]\d\d s, not in the 86400 s that were requested by expires_in=$", message)
    assert "storage.test" not in message


@pytest.mark.unlike_hubspot("the emulator's download call sends the content of sensitive files only")
def test_the_redirect_of_the_download_call_has_its_own_words(client: Client, api: respx.MockRouter) -> None:
    api.get("/files/v3/files/1/download").respond(302, headers={"location": "https://storage.test/secret"})
    with pytest.raises(HubSpotFilesError, match=r"a redirect to the storage host, .* files\.open follow it") as caught:
        client(lambda hubspot: hubspot.request("GET", "/files/v3/files/1/download"))
    assert "secret" not in str(caught.value)
