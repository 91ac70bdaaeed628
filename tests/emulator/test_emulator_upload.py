"""Uploads: the form, its options, names, folders, duplicates, expiry."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from hubspot_files.testing import Clock, Emulator

from .support import START, Upload, message

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAADklEQVR4nGNgAIH//w8AAwAB/2yb1nEAAAAASUVORK5CYII="
)


def test_response_is_the_documented_one(emulator: Emulator, upload: Upload) -> None:
    response = upload(PNG, "cat.png", form={"folderPath": "/library/cat_archive"})
    assert response.status_code == 201
    folders = {folder.path: folder for folder in emulator.folders}
    assert list(folders) == ["/library", "/library/cat_archive"]
    url = "https://storage.hubspot-emulator.test/hubfs/12345/library/cat_archive/cat.png"
    body = response.json()
    file_id = body.pop("id")
    assert file_id.isdigit()
    assert body == {
        "createdAt": "2026-03-01T12:00:00.393Z",
        "updatedAt": "2026-03-01T12:00:00.393Z",
        "archived": False,
        "parentFolderId": folders["/library/cat_archive"].id,
        "name": "cat",
        "path": "/library/cat_archive/cat.png",
        "size": len(PNG),
        "height": 3,
        "width": 2,
        "encoding": "png",
        "type": "IMG",
        "extension": "png",
        "defaultHostingUrl": url,
        "url": url,
        "isUsableInContent": True,
        "access": "PRIVATE",
        "fileMd5": hashlib.md5(PNG).hexdigest(),
        "sourceGroup": "CONTENT",
    }
    assert emulator.file(file_id).content == PNG


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.pdf", "DOCUMENT"),
        ("a.MP3", "AUDIO"),
        ("a.mp4", "MOVIE"),
        ("a.jpg", "IMG"),
        ("a.zip", "OTHER"),
        ("a", "OTHER"),
    ],
)
def test_type_follows_the_extension(upload: Upload, name: str, kind: str) -> None:
    assert upload(b"x", name).json()["type"] == kind


GIF = b"GIF89a" + (7).to_bytes(2, "little") + (9).to_bytes(2, "little") + b"\0\0\0;"
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc0\x00\x0b\x08"
    + (11).to_bytes(2, "big")
    + (13).to_bytes(2, "big")
    + b"\1\1\x11\0"
)


@pytest.mark.parametrize(("content", "size"), [(PNG, (2, 3)), (GIF, (7, 9)), (JPEG, (13, 11))])
def test_dimensions_are_read_from_the_content(upload: Upload, content: bytes, size: tuple[int, int]) -> None:
    body = upload(content, "picture").json()
    assert (body["width"], body["height"]) == size


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff\xe0\x00\x04ab\xff"])
def test_invalid_pictures_have_no_dimensions(upload: Upload, content: bytes) -> None:
    response = upload(content)
    assert response.status_code == 201
    assert not {"width", "height"} & set(response.json())
    assert response.json()["size"] == len(content)


def test_ids_increase(upload: Upload) -> None:
    ids = [int(upload().json()["id"]) for _ in range(3)]
    assert ids == sorted(set(ids))


def test_the_folder_is_given_by_id_or_path(emulator: Emulator, upload: Upload) -> None:
    folder = emulator.add_folder("/a/b")
    assert upload(form={"folderId": folder.id}).json()["path"] == "/a/b/a.txt"
    assert upload(form={"folderPath": "a//b/"}).json()["path"] == "/a/b/a-1.txt"
    root = upload(form={"folderPath": "/"}).json()
    assert root["path"] == "/a.txt"
    assert "parentFolderId" not in root
    assert [f.path for f in emulator.folders] == ["/a", "/a/b"]


@pytest.mark.parametrize("form", [{}, {"folderId": "1", "folderPath": "/a"}])
def test_exactly_one_folder_is_required(emulator: Emulator, upload: Upload, form: dict[str, str]) -> None:
    response = upload(form=form)
    assert response.status_code == 400
    assert "folderId and folderPath" in message(response)
    assert emulator.files == []


@pytest.mark.parametrize(
    ("form", "status"), [({"folderId": "77"}, 404), ({"folderId": "x"}, 400), ({"folderPath": "/a/.."}, 400)]
)
def test_invalid_folders_are_refused(upload: Upload, form: dict[str, str], status: int) -> None:
    response = upload(form=form)
    assert response.status_code == status
    assert message(response)


def test_options_are_required(api: httpx.Client) -> None:
    response = api.post("/files/v3/files", data={"folderPath": "/"}, files={"file": ("a", b"x")})
    assert response.status_code == 400
    assert message(response) == "options parameter is required"


def test_file_is_required(api: httpx.Client) -> None:
    files = {"options": (None, '{"access": "PRIVATE"}'), "folderPath": (None, "/")}
    response = api.post("/files/v3/files", files=files)
    assert response.status_code == 400
    assert message(response) == "file parameter is required"


@pytest.mark.parametrize(
    "options",
    [
        "{",
        "[]",
        '"PRIVATE"',
        "{}",
        '{"access": null}',
        '{"access": "SECRET"}',
        '{"access": 1}',
        '{"access": "HIDDEN_PRIVATE"}',
        '{"access": "PRIVATE", "acces": 1}',
        '{"access": "PRIVATE", "overwrite": "yes"}',
        '{"access": "PRIVATE", "ttl": NaN}',
        '{"access": "PRIVATE", "ttl": "\\ud800"}',
        "[" * 100_000,
    ],
)
def test_invalid_options_are_refused(emulator: Emulator, api: httpx.Client, options: str) -> None:
    data = {"folderPath": "/", "options": options}
    response = api.post("/files/v3/files", data=data, files={"file": ("a", b"x")})
    assert response.status_code == 400
    assert message(response)
    assert emulator.files == []


@pytest.mark.parametrize("access", ["PUBLIC_INDEXABLE", "PUBLIC_NOT_INDEXABLE", "PRIVATE", "SENSITIVE"])
def test_every_access_is_accepted(upload: Upload, access: str) -> None:
    assert upload(access=access).json()["access"] == access


def test_file_name_takes_precedence_over_the_parts_own_name(upload: Upload) -> None:
    assert upload(b"x", "a.txt", form={"folderPath": "/", "fileName": "b.csv"}).json()["path"] == "/b.csv"
    assert upload(b"x", "a.txt", form={"folderPath": "/", "fileName": "c"}).json()["path"] == "/c.txt"
    assert upload(b"x", "a", form={"folderPath": "/", "fileName": "d"}).json()["path"] == "/d"


def test_a_name_is_required(upload: Upload, emulator: Emulator) -> None:
    response = upload(b"x", None)
    assert response.status_code == 400
    assert message(response) == "Could not determine name from file"
    assert emulator.folders == []


@pytest.mark.parametrize("name", ["a/b.txt", "..", " ", "a\nb"])
def test_names_must_be_one_segment(upload: Upload, name: str) -> None:
    assert upload(form={"folderPath": "/", "fileName": name}).status_code == 400


@pytest.mark.parametrize(
    "name", ['say "hi".txt', "Füße 猫.png", "a%20b.txt", "back\\slash.txt", "semi;colon=.txt", ".profile"]
)
def test_names_are_stored_as_sent(upload: Upload, name: str) -> None:
    assert upload(b"x", name, form={"folderPath": "/"}).json()["path"] == f"/{name}"


def test_a_taken_name_is_changed(upload: Upload, emulator: Emulator) -> None:
    names = [upload(str(i).encode(), "cat.png").json()["path"] for i in range(3)]
    assert names == ["/in/cat.png", "/in/cat-1.png", "/in/cat-2.png"]
    emulator.add_file("/in/dog", access="HIDDEN_PRIVATE")
    assert upload(b"x", "dog").json()["path"] == "/in/dog-1"


def test_overwrite_creates_a_new_file(upload: Upload, emulator: Emulator, api: httpx.Client) -> None:
    old = upload(b"old").json()["id"]
    new = upload(b"new", overwrite=True).json()
    assert new["path"] == "/in/a.txt"
    assert new["id"] != old
    assert emulator.file(old).state == "archived"
    assert api.get(f"/files/v3/files/{old}").status_code == 404


@pytest.mark.parametrize(
    ("strategy", "scope", "folder", "status", "same"),
    [
        ("REJECT", "EXACT_FOLDER", "/in", 409, False),
        ("REJECT", "EXACT_FOLDER", "/other", 201, False),
        ("REJECT", "ENTIRE_PORTAL", "/other", 409, False),
        ("RETURN_EXISTING", "EXACT_FOLDER", "/in", 201, True),
        ("RETURN_EXISTING", "EXACT_FOLDER", "/other", 201, False),
        ("RETURN_EXISTING", "ENTIRE_PORTAL", "/other", 201, True),
        ("NONE", "ENTIRE_PORTAL", "/in", 201, False),
    ],
)
def test_duplicates_are_handled_by_strategy_and_scope(
    upload: Upload, emulator: Emulator, strategy: str, scope: str, folder: str, status: int, same: bool
) -> None:
    first = upload(b"twin", "one.txt").json()
    response = upload(
        b"twin",
        "two.txt",
        form={"folderPath": folder},
        duplicateValidationStrategy=strategy,
        duplicateValidationScope=scope,
    )
    assert response.status_code == status
    stored = 1 if same or status == 409 else 2
    assert len(emulator.files) == stored
    assert len({f.path for f in emulator.folders}) == (1 if stored == 1 or folder == "/in" else 2)
    if status == 201:
        assert (response.json()["id"] == first["id"]) is same
    else:
        assert response.json()["category"] == "CONFLICT"
        assert first["id"] in message(response)


@pytest.mark.promise(
    "HubSpot then returns a file of equal content that is already in the folder, even if its name and "
    "access differ, and stores nothing.",
    "A folder gets one file of equal content, such as one empty file.",
)
@pytest.mark.parametrize("content", [b"twin", b""])
def test_an_existing_file_of_equal_content_is_returned_unchanged(
    upload: Upload, emulator: Emulator, content: bytes
) -> None:
    first = upload(content, "one.txt").json()
    options = {"duplicateValidationStrategy": "RETURN_EXISTING", "duplicateValidationScope": "EXACT_FOLDER"}
    second = upload(content, "two.txt", access="PUBLIC_INDEXABLE", **options).json()
    assert (second["id"], second["path"], second["access"]) == (first["id"], "/in/one.txt", "PRIVATE")
    assert len(emulator.files) == 1


def test_another_folder_holds_no_duplicate(upload: Upload, emulator: Emulator) -> None:
    emulator.add_file("/other/twin", b"twin")
    emulator.add_folder("/in")
    options = {"duplicateValidationStrategy": "REJECT", "duplicateValidationScope": "EXACT_FOLDER"}
    assert [upload(b"twin", **options).status_code for _ in range(2)] == [201, 409]
    root = {"form": {"folderPath": "/"}}
    assert [upload(b"twin", **root, **options).status_code for _ in range(2)] == [201, 409]


def test_deleted_and_hidden_files_do_not_count_as_duplicates(
    upload: Upload, emulator: Emulator, api: httpx.Client
) -> None:
    emulator.add_file("/h", b"twin", access="HIDDEN_PRIVATE")
    deleted = upload(b"twin").json()["id"]
    api.delete(f"/files/v3/files/{deleted}")
    options = {"duplicateValidationStrategy": "REJECT", "duplicateValidationScope": "ENTIRE_PORTAL"}
    assert upload(b"twin", **options).status_code == 201
    assert upload(b"twin", **options).status_code == 409


@pytest.mark.parametrize(
    "options",
    [
        {"duplicateValidationStrategy": "REJECT"},
        {"duplicateValidationScope": "ENTIRE_PORTAL"},
        {"duplicateValidationStrategy": "MAYBE", "duplicateValidationScope": "ENTIRE_PORTAL"},
        {"duplicateValidationStrategy": "REJECT", "duplicateValidationScope": "PLANET"},
    ],
)
def test_strategy_and_scope_require_each_other(upload: Upload, options: dict[str, str]) -> None:
    response = upload(**options)
    assert response.status_code == 400
    assert "duplicateValidation" in message(response)


@pytest.mark.parametrize(
    ("ttl", "days"),
    [
        ("P1D", 1),
        ("P2W", 14),
        ("P1M", 31),
        ("P1Y", 365),
        ("P365D", 365),
        ("P12M", 365),
        ("P1M1W1D", 39),
        ("P52W", 364),
    ],
)
def test_a_file_expires_after_its_ttl(
    upload: Upload, api: httpx.Client, emulator: Emulator, ttl: str, days: int
) -> None:
    file = upload(ttl=ttl).json()
    end = START + timedelta(days=days)
    assert file["expiresAt"] == round(end.timestamp() * 1000)
    emulator.clock.advance(timedelta(days=days) - timedelta(milliseconds=1))
    assert api.get(f"/files/v3/files/{file['id']}").status_code == 200
    emulator.clock.advance(0.001)
    assert api.get(f"/files/v3/files/{file['id']}").status_code == 404
    assert emulator.file(file["id"]).state == "expired"
    assert emulator.file(file["id"]).content is None


@pytest.mark.parametrize(
    "ttl",
    ["P", "PT12H", "P1DT1H", "P0D", "P366D", "P1Y1D", "P2Y", "P99999Y", "1D", "p1d", "-P1D", "P1.5D", 5],
)
def test_an_invalid_ttl_is_refused(upload: Upload, emulator: Emulator, ttl: object) -> None:
    response = upload(ttl=ttl)
    assert response.status_code == 400
    assert "ttl" in message(response)
    assert emulator.files == []


def test_a_ttl_counts_leap_days() -> None:
    with Emulator(clock=Clock(datetime(2028, 2, 29, tzinfo=UTC), frozen=True)) as emulator:
        client = httpx.Client(transport=emulator.transport, headers={"Authorization": f"Bearer {emulator.token}"})
        data = {"folderPath": "/", "options": '{"access": "PRIVATE", "ttl": "P1Y"}'}
        response = client.post(f"{emulator.base_url}/files/v3/files", data=data, files={"file": ("a", b"x")})
        assert response.json()["expiresAt"] == round(datetime(2029, 2, 28, tzinfo=UTC).timestamp() * 1000)


def test_too_large_files_are_refused() -> None:
    with Emulator(largest_upload=4) as emulator:
        client = httpx.Client(transport=emulator.transport, headers={"Authorization": f"Bearer {emulator.token}"})
        data = {"folderPath": "/", "options": '{"access": "PRIVATE"}'}
        url = f"{emulator.base_url}/files/v3/files"
        assert client.post(url, data=data, files={"file": ("a", b"four")}).status_code == 201
        assert client.post(url, data=data, files={"file": ("a", b"fives")}).status_code == 413
        assert len(emulator.files) == 1


def raw(api: httpx.Client, body: bytes, content_type: str = "multipart/form-data; boundary=+++") -> httpx.Response:
    return api.post("/files/v3/files", content=body, headers={"Content-Type": content_type})


def part(name: str, content: str, more: str = "") -> bytes:
    return f'--+++\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{content}\r\n'.encode()


WHOLE = (
    part("options", '{"access": "PRIVATE"}')
    + part("folderPath", "/")
    + part("file", "x", '; filename="a.txt"')
    + b"--+++--\r\n"
)


def test_a_handwritten_form_is_accepted(api: httpx.Client) -> None:
    assert raw(api, WHOLE).status_code == 201
    quoted = raw(api, WHOLE.replace(b"+++", b"a b"), 'multipart/form-data; boundary="a b"')
    assert quoted.status_code == 201
    assert raw(api, WHOLE.replace(b'filename="a.txt"', b"filename*=UTF-8''%e7%8c%ab.txt")).json()["name"] == "猫"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        WHOLE[:-8],
        WHOLE[:-4] + b"\r\n",
        WHOLE[:-40],
        b"x" + WHOLE,
        WHOLE.replace(b"form-data", b"attachment", 1),
        WHOLE.replace(b'name="options"', b'nam="options"'),
        WHOLE.replace(b"Content-Disposition", b"Content-Kind", 1),
        part("options", "{}") + WHOLE,
        part("surprise", "{}") + WHOLE,
        part("file", "y", '; filename="b.txt"') + WHOLE,
        WHOLE.replace(b'name="file"', b'name="file"; name="options"'),
        WHOLE.replace(b'filename="a.txt"', b'filename="a.txt"x; size=1'),
        WHOLE.replace(b'filename="a.txt"\r\n', b'filename="a.txt"\r\nContent-Type: a/b\r\ncontent-type: c/d\r\n'),
        WHOLE.replace(b'filename="a.txt"', b"filename*=UTF-8''%ff"),
        WHOLE.replace(b'filename="a.txt"', b"filename*=plain"),
        WHOLE.replace(b"a.txt", b"\xff.txt"),
        WHOLE.replace(b'"a.txt"', b'"a.txt'),
        WHOLE.replace(b"{", b"\xff", 1),
    ],
)
def test_malformed_forms_are_refused(api: httpx.Client, emulator: Emulator, body: bytes) -> None:
    response = raw(api, body)
    assert response.status_code == 400
    assert message(response)
    assert emulator.files == []


@pytest.mark.parametrize("boundary", ["", "; boundary=", f"; boundary={'x' * 71}"])
def test_invalid_boundaries_are_refused(api: httpx.Client, boundary: str) -> None:
    response = raw(api, WHOLE, f"multipart/form-data{boundary}")
    assert response.status_code == 400
    assert "boundary" in message(response)


@pytest.mark.parametrize("content_type", ["application/json", "", "multipart/mixed; boundary=+++"])
def test_other_content_types_are_refused(api: httpx.Client, content_type: str) -> None:
    assert raw(api, WHOLE, content_type).status_code == 415


def test_content_that_resembles_a_form_is_stored(emulator: Emulator, upload: Upload) -> None:
    content = b"\r\n" + part("options", '{"access": "PUBLIC_INDEXABLE"}') + b"--+++--"
    file = upload(content).json()
    assert file["access"] == "PRIVATE"
    assert emulator.file(file["id"]).content == content


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 1_000_003])
def test_contents_of_all_sizes_are_stored(emulator: Emulator, upload: Upload, size: int) -> None:
    content = (b"\r\n--\x00\xff" * (size // 6 + 1))[:size]
    assert emulator.file(upload(content).json()["id"]).content == content


def test_streamed_bodies_are_stored(emulator: Emulator, api: httpx.Client) -> None:
    pieces = [WHOLE[i : i + 7] for i in range(0, len(WHOLE), 7)]
    headers = {"Content-Type": "multipart/form-data; boundary=+++"}
    assert api.post("/files/v3/files", content=iter(pieces), headers=headers).status_code == 201
    assert [file.content for file in emulator.files] == [b"x"]


@pytest.mark.parametrize("wrong", [-1, 1])
def test_a_body_of_another_length_than_declared_is_refused(emulator: Emulator, api: httpx.Client, wrong: int) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=+++", "Content-Length": str(len(WHOLE) + wrong)}
    with pytest.raises(httpx.LocalProtocolError, match="Content-Length"):
        api.post("/files/v3/files", content=iter([WHOLE]), headers=headers)
    assert emulator.files == []


def test_charset_hunch_is_applied(api: httpx.Client, upload: Upload) -> None:
    file = upload(
        "ä".encode("latin-1"),
        form={"folderPath": "/", "charsetHunch": "iso-8859-1"},
        access="PUBLIC_INDEXABLE",
    )
    assert httpx.Client(transport=api._transport).get(file.json()["url"]).text == "ä"
    assert upload(form={"folderPath": "/", "charsetHunch": "a\r\nX: y"}).status_code == 400


def test_json_of_options_may_hold_null(upload: Upload) -> None:
    assert upload(ttl=None, overwrite=None).status_code == 201
