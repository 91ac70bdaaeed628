"""The host that serves contents: access, ranges, signatures."""

from __future__ import annotations

import re

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hubspot_files.testing import Clock, Emulator

from .support import START

CONTENT = bytes(range(100))


@pytest.fixture
def url(emulator: Emulator) -> str:
    return emulator.add_file("/docs/a b.txt", CONTENT, access="PUBLIC_INDEXABLE").url


def signed(api: httpx.Client, file_id: str) -> str:
    return str(api.get(f"/files/v3/files/{file_id}/signed-url").json()["url"])


@pytest.mark.parametrize(
    ("access", "status", "robots"),
    [
        ("PUBLIC_INDEXABLE", 200, None),
        ("PUBLIC_NOT_INDEXABLE", 200, "noindex"),
        ("HIDDEN_INDEXABLE", 200, None),
        ("HIDDEN_NOT_INDEXABLE", 200, "noindex"),
        ("PRIVATE", 404, None),
        ("SENSITIVE", 404, None),
        ("HIDDEN_PRIVATE", 404, None),
        ("HIDDEN_SENSITIVE", 404, None),
    ],
)
def test_plain_urls_grant_access_to_public_files_only(
    web: httpx.Client, emulator: Emulator, access: str, status: int, robots: str | None
) -> None:
    response = web.get(emulator.add_file("/a", b"x", access=access).url)
    assert response.status_code == status
    assert response.headers.get("x-robots-tag") == robots
    if status == 404:
        assert response.headers["content-type"].startswith("text/html")
        assert response.text.startswith("<html>")


def test_a_signed_url_opens_a_private_file(api: httpx.Client, web: httpx.Client, emulator: Emulator) -> None:
    file = emulator.add_file("/a.png", b"x")
    response = web.get(signed(api, file.id))
    assert (response.status_code, response.content) == (200, b"x")
    assert response.headers["content-type"] == "image/png"
    assert response.headers["x-robots-tag"] == "noindex"


def test_a_token_is_refused(api: httpx.Client, web: httpx.Client, emulator: Emulator, url: str) -> None:
    for target in (url, signed(api, emulator.files[0].id), f"{emulator.storage_url}/nothing"):
        response = web.get(target, headers={"Authorization": f"Bearer {emulator.token}"})
        assert response.status_code == 400
        assert "Authorization" in response.text
        assert web.get(target, headers={"Authorization": "x"}).status_code == 400


@pytest.mark.parametrize("field", ["id", "expires", "signature", "path", "size"])
def test_a_changed_field_invalidates_the_signature(
    api: httpx.Client, web: httpx.Client, emulator: Emulator, field: str
) -> None:
    file, other = emulator.add_file("/a.txt", b"x"), emulator.add_file("/b.txt", b"y")
    target = httpx.URL(signed(api, file.id))
    changed = {
        "id": lambda: target.copy_set_param("id", other.id),
        "expires": lambda: target.copy_set_param("expires", "99999999999999"),
        "signature": lambda: target.copy_set_param("signature", "0" * 64),
        "path": lambda: target.copy_with(path="/hubfs/12345/b.txt"),
        "size": lambda: target.copy_set_param("size", "thumb"),
    }[field]()
    assert web.get(target).status_code == 200
    assert web.get(changed).status_code == 403


@pytest.mark.parametrize("field", ["id", "expires"])
def test_a_missing_field_invalidates_the_signature(
    api: httpx.Client, web: httpx.Client, emulator: Emulator, field: str
) -> None:
    target = httpx.URL(signed(api, emulator.add_file("/a.txt", b"x").id))
    assert web.get(target.copy_remove_param(field)).status_code == 403
    assert web.get(target.copy_remove_param("signature")).status_code == 404


def test_a_signature_outside_ascii_is_refused(web: httpx.Client, url: str) -> None:
    assert web.get(f"{url}?id=1&expires=1&signature=%C3%A4").status_code == 403


def test_an_expired_url_is_refused(api: httpx.Client, web: httpx.Client, emulator: Emulator) -> None:
    target = signed(api, emulator.add_file("/a.txt", b"x").id)
    emulator.clock.advance(3599.999)
    assert web.get(target).status_code == 200
    emulator.clock.advance(0.001)
    response = web.get(target)
    assert response.status_code == 403
    assert "expired" in response.text
    assert response.headers["content-type"].startswith("text/html")


def test_another_seed_makes_another_signature(api: httpx.Client, emulator: Emulator) -> None:
    target = signed(api, emulator.add_file("/a.txt", b"x").id)
    with Emulator(clock=Clock(START, frozen=True), seed=1) as other:
        other.add_file("/a.txt", b"x")
        assert httpx.Client(transport=other.transport).get(target).status_code == 403


def test_a_signed_url_follows_its_file(api: httpx.Client, web: httpx.Client, emulator: Emulator) -> None:
    file = emulator.add_file("/a.txt", b"x")
    target = signed(api, file.id)
    api.patch(f"/files/v3/files/{file.id}", json={"name": "b"})
    assert web.get(target).content == b"x"


def test_contents_are_served_with_their_headers(web: httpx.Client, emulator: Emulator, url: str) -> None:
    response = web.get(url)
    assert response.content == CONTENT
    assert response.headers["content-length"] == "100"
    assert response.headers["accept-ranges"] == "bytes"
    assert response.headers["etag"] == f'"{emulator.files[0].md5}"'
    assert response.headers["last-modified"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert response.headers["date"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert not [name for name in response.headers if name.startswith("x-hubspot")]


def test_head_returns_no_content(web: httpx.Client, url: str) -> None:
    response = web.head(url)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == "100"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(web: httpx.Client, url: str, method: str) -> None:
    response = web.request(method, url)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["", "/", "/hubfs/999/docs/a%20b.txt", "/hubfs/12345/docs", "/hubfs/12345/%ff"])
def test_unknown_addresses_are_not_found(web: httpx.Client, emulator: Emulator, url: str, path: str) -> None:
    assert web.get(emulator.storage_url + path).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=90-", 90, 99),
        ("bytes=90-5000", 90, 99),
        ("bytes=-5", 95, 99),
        ("bytes=-5000", 0, 99),
        ("bytes= 1-2 ", 1, 2),
    ],
)
def test_ranges_are_served(web: httpx.Client, url: str, wanted: str, first: int, last: int) -> None:
    response = web.get(url, headers={"Range": wanted})
    assert response.status_code == 206
    assert response.content == CONTENT[first : last + 1]
    assert response.headers["content-range"] == f"bytes {first}-{last}/100"
    assert response.headers["content-length"] == str(last - first + 1)
    assert response.headers["etag"]


@pytest.mark.parametrize("wanted", ["bytes=0-1,5-6", "bytes=5-1", "bytes=-", "bytes=x-", "lines=0-1", "0-1", "bytes=1"])
def test_invalid_ranges_are_ignored(web: httpx.Client, url: str, wanted: str) -> None:
    response = web.get(url, headers={"Range": wanted})
    assert (response.status_code, response.content) == (200, CONTENT)


@pytest.mark.parametrize("wanted", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_ranges_outside_the_content_are_refused(web: httpx.Client, url: str, wanted: str) -> None:
    response = web.get(url, headers={"Range": wanted})
    assert (response.status_code, response.headers["content-range"]) == (416, "bytes */100")


def test_an_empty_file_has_no_ranges(web: httpx.Client, emulator: Emulator) -> None:
    url = emulator.add_file("/empty", b"", access="PUBLIC_INDEXABLE").url
    assert (web.get(url).status_code, web.get(url).content) == (200, b"")
    assert web.get(url, headers={"Range": "bytes=0-"}).status_code == 416
    assert web.get(url, headers={"Range": "bytes=-1"}).status_code == 416


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("etag", 206),
        ("Sun, 01 Mar 2026 12:00:00 GMT", 206),
        ('"other"', 200),
        ("W/etag", 200),
        ("Sat, 28 Feb 2026 12:00:00 GMT", 200),
        ("yesterday", 200),
    ],
)
def test_if_range_is_honoured(web: httpx.Client, emulator: Emulator, url: str, condition: str, status: int) -> None:
    condition = condition.replace("etag", f'"{emulator.files[0].md5}"')
    response = web.get(url, headers={"Range": "bytes=50-", "If-Range": condition})
    assert response.status_code == status
    assert response.content == (CONTENT[50:] if status == 206 else CONTENT)


def test_a_replaced_file_has_another_etag(api: httpx.Client, web: httpx.Client, emulator: Emulator, url: str) -> None:
    old = web.get(url).headers["etag"]
    options = (None, '{"access": "PUBLIC_INDEXABLE"}')
    api.put(f"/files/v3/files/{emulator.files[0].id}", files={"file": ("a", b"new"), "options": options})
    response = web.get(url, headers={"Range": "bytes=1-", "If-Range": old})
    assert (response.status_code, response.content) == (200, b"new")


def test_if_none_match_is_honoured(web: httpx.Client, url: str) -> None:
    etag = web.get(url).headers["etag"]
    response = web.get(url, headers={"If-None-Match": f'"x", {etag}'})
    assert (response.status_code, response.content) == (304, b"")
    assert web.get(url, headers={"If-None-Match": '"x"'}).status_code == 200


def test_ranges_can_be_switched_off() -> None:
    with Emulator(honour_ranges=False) as emulator:
        url = emulator.add_file("/a", CONTENT, access="PUBLIC_INDEXABLE").url
        response = httpx.Client(transport=emulator.transport).get(url, headers={"Range": "bytes=0-1"})
        assert (response.status_code, response.content) == (200, CONTENT)
        assert response.headers["accept-ranges"] == "none"


def test_contents_can_be_streamed(web: httpx.Client, emulator: Emulator) -> None:
    content = bytes(200_000)
    url = emulator.add_file("/a", content, access="PUBLIC_INDEXABLE").url
    with web.stream("GET", url) as response:
        pieces = list(response.iter_raw())
    assert b"".join(pieces) == content
    assert len(pieces) > 2


SIZES = st.integers(0, 12)
OFFSETS = st.integers(0, 14) | st.sampled_from([10**17, 10**40])
RANGES = st.one_of(
    st.builds("bytes={}-{}".format, OFFSETS, OFFSETS),
    st.builds("bytes={}-".format, OFFSETS),
    st.builds("bytes=-{}".format, OFFSETS),
    st.lists(st.builds("{}-{}".format, OFFSETS, OFFSETS), max_size=3).map(lambda spans: "bytes=" + ",".join(spans)),
    st.text(st.characters(min_codepoint=32, max_codepoint=126)),
)
MODIFIED = "Sun, 01 Mar 2026 12:00:00 GMT"
CONDITIONS = st.none() | st.sampled_from(
    ["etag", '"other"', "W/etag", MODIFIED, "Sat, 28 Feb 2026 12:00:00 GMT", "Sun, 01 Mar 99999999999999999999 1:0:0"]
)


def spans(wanted: str, size: int) -> set[tuple[int, int] | None]:
    """Return the span of a range by RFC 9110, None if it is outside the content, and no span if it is invalid."""
    if match := re.fullmatch(r"bytes=(\d+)-(\d*)", wanted, re.ASCII):
        first, last = int(match[1]), min(int(match[2] or size), size - 1)
        if match[2] and int(match[2]) < first:
            return set()
        return {(first, last) if first < size else None}
    if match := re.fullmatch(r"bytes=-(\d+)", wanted, re.ASCII):
        return {(max(0, size - int(match[1])), size - 1) if int(match[1]) and size else None}
    return set()


@given(SIZES, RANGES, CONDITIONS, st.sampled_from(["GET", "HEAD"]))
@example(5, "bytes=0-1", None, "HEAD")
@example(5, "bytes=0-1", "Sun, 01 Mar 99999999999999999999 1:0:0", "GET")
def test_ranges_follow_rfc_9110(size: int, wanted: str, condition: str | None, method: str) -> None:
    """Section 14.2: a range applies to GET, and where If-Range holds; an invalid one may be ignored."""
    with Emulator(clock=Clock(START, frozen=True)) as emulator, httpx.Client(transport=emulator.transport) as web:
        content = CONTENT[:size]
        file = emulator.add_file("/a.txt", content, access="PUBLIC_INDEXABLE")
        headers = {"Range": wanted}
        if condition is not None:
            headers["If-Range"] = condition.replace("etag", f'"{file.md5}"')
        response = web.request(method, file.url, headers=headers)
    if response.status_code != 416:
        assert response.headers["etag"] == f'"{file.md5}"'
    if response.status_code == 200:
        assert response.content == (content if method == "GET" else b"")
        assert response.headers["content-length"] == str(size)
        assert "content-range" not in response.headers
        holds = method == "GET" and condition in (None, "etag", MODIFIED)
        # Numbers of this length exceed the offsets of any file.
        assert not (holds and spans(wanted, size)) or re.search(r"\d{19}", wanted)
        return
    assert method == "GET"
    assert condition in (None, "etag", MODIFIED)
    [span] = spans(wanted, size)
    if span is None:
        assert (response.status_code, response.headers["content-range"]) == (416, f"bytes */{size}")
    else:
        assert (response.status_code, response.content) == (206, content[span[0] : span[1] + 1])
        assert response.headers["content-range"] == f"bytes {span[0]}-{span[1]}/{size}"


@pytest.mark.parametrize("condition", ["etag", "W/etag", "*", '"other", W/etag'])
def test_if_none_match_compares_weakly(web: httpx.Client, emulator: Emulator, url: str, condition: str) -> None:
    condition = condition.replace("etag", f'"{emulator.files[0].md5}"')
    response = web.get(url, headers={"If-None-Match": condition, "Range": "bytes=0-1"})
    assert (response.status_code, response.content) == (304, b"")
