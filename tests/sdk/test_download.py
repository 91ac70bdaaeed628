"""Downloads: the source of the content, the hosts that see the token, and no incomplete file left behind."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import stat
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest
import respx

from hubspot_files import (
    APIError,
    AsyncHubSpotFiles,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    DownloadCorruptedError,
    HubSpotFilesError,
    NotFoundError,
    RequestTimeoutError,
    ServerError,
    SignedUrlExpiredError,
    UnexpectedResponseError,
)
from hubspot_files._content.atomic_file import AtomicFile

from .support import (
    BASE_URL,
    FILE,
    STORAGE,
    TOKEN,
    Client,
    Content,
    collected,
    enter,
    first,
    iterated,
    leave,
    versioned,
    with_locals,
)

CONTENT = bytes(range(256)) * 40
MD5 = hashlib.md5(CONTENT).hexdigest()
ID = FILE["id"]
SECRET = f"{STORAGE}/cat.png?sig=secret"
SIGNED = {"url": SECRET, "expiresAt": "2999-01-01T00:00:00Z"}


def record(**fields: Any) -> dict[str, Any]:
    """Return the record of a file that holds CONTENT."""
    return {**FILE, "size": len(CONTENT), "fileMd5": MD5, **fields}


class Storage:
    """A private file: its record, its signed URL, and the storage host that has its content.

    Attributes:
        signed: the route of the signed URL.
        route: the route of the content.
    """

    def __init__(self, api: respx.MockRouter) -> None:
        self.api = api
        self.record = api.get(f"{BASE_URL}/files/v3/files/{ID}").respond(200, json=record())
        self.signed = api.get(f"{BASE_URL}/files/v3/files/{ID}/signed-url").respond(200, json=SIGNED)
        self.route = api.get(host=httpx.URL(STORAGE).host).respond(200, content=CONTENT)

    def has(self, **fields: Any) -> None:
        # Not `json=`, which cannot send a lone surrogate, unlike JSON itself.
        self.record.respond(200, content=json.dumps(record(**fields)))

    def respond_with(self, *responses: Any) -> None:
        self.route.mock(side_effect=list(responses))

    @property
    def requests(self) -> list[httpx.Request]:
        return [call.request for call in self.route.calls]


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    """Mock HubSpot and the storage host."""
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
def storage(api: respx.MockRouter) -> Storage:
    return Storage(api)


def chunked(*contents: bytes | Exception, status: int = 200, **headers: str) -> httpx.Response:
    """Return a response in chunks, which an error may cut."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=names, stream=Content(*contents))


def rest(offset: int, etag: str = '"v1"', content: bytes = CONTENT) -> httpx.Response:
    """Return the storage host's response to a request for everything from an offset."""
    span = f"bytes {offset}-{len(content) - 1}/{len(content)}"
    return httpx.Response(206, headers={"content-range": span, "etag": etag}, content=content[offset:])


def downloaded(client: Client, destination: Any, **options: Any) -> Any:
    return client(lambda hubspot: hubspot.files.download(ID, destination), **options)


class TestDownloadOfAPrivateFile:
    @pytest.mark.promise(
        "A signed URL or a redirect of content is followed to https only, without the token, and from "
        "another machine never to `localhost` or an address of this one."
    )
    def test_goes_through_a_signed_url_without_the_token(
        self, client: Client, api: respx.MockRouter, storage: Storage, tmp_path: Path
    ) -> None:
        path = downloaded(client, tmp_path / "copy.png")

        assert path == tmp_path / "copy.png"
        assert path.read_bytes() == CONTENT
        assert [str(call.request.url) for call in api.calls] == [
            f"{BASE_URL}/files/v3/files/{ID}",
            f"{BASE_URL}/files/v3/files/{ID}/signed-url",
            SECRET,
        ]
        (request,) = storage.requests
        assert "authorization" not in request.headers
        assert "cookie" not in request.headers
        assert TOKEN not in str(request.headers.raw)
        # The stored bytes are verified, so the content must not be compressed in transit.
        assert request.headers["accept-encoding"] == "identity"
        assert "range" not in request.headers
        assert os.listdir(tmp_path) == ["copy.png"]

    @pytest.mark.unlike_hubspot("the parameters of a caller's client are the caller's")
    def test_sends_nothing_of_the_callers_client_to_storage(
        self, client: Client, storage: Storage, tmp_path: Path
    ) -> None:
        """Its headers, parameters and cookies are for HubSpot."""
        caller = client.http(None)
        caller.headers["x-secret"] = "for HubSpot"
        caller.headers["authorization"] = "Bearer for-hubspot"
        caller.params = {"hapikey": "for-hubspot"}
        caller.cookies.set("session", "for-hubspot")

        downloaded(client, tmp_path / "copy.png", http_client=caller)

        (request,) = storage.requests
        assert str(request.url) == SECRET
        assert not {"x-secret", "authorization", "cookie"} & set(request.headers)
        assert storage.record.calls.last.request.headers["x-secret"] == "for HubSpot"

    @pytest.mark.parametrize("access", ["PRIVATE", "PUBLIC_INDEXABLE", "HIDDEN_PRIVATE", "SECRET_2031"])
    def test_other_access_levels_go_through_a_signed_url(
        self, client: Client, storage: Storage, tmp_path: Path, access: str
    ) -> None:
        storage.has(access=access)
        downloaded(client, tmp_path / "copy.png")
        assert storage.signed.call_count == 1
        assert (tmp_path / "copy.png").read_bytes() == CONTENT

    def test_the_timeout_applies_to_every_request(
        self, client: Client, api: respx.MockRouter, storage: Storage
    ) -> None:
        client(lambda hubspot: hubspot.files.download(ID, io.BytesIO(), timeout=7))
        timeouts = [call.request.extensions["timeout"]["read"] for call in api.calls]
        assert timeouts[0] == timeouts[2] == 7

    def test_an_empty_file(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        storage.has(size=0, fileMd5=hashlib.md5(b"").hexdigest())
        storage.respond_with(httpx.Response(200, content=b""))
        assert downloaded(client, tmp_path / "empty").read_bytes() == b""

    def test_a_large_file_in_many_chunks(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        content = os.urandom(64 * 1024) * 50
        storage.has(size=len(content), fileMd5=hashlib.md5(content).hexdigest().upper())
        storage.respond_with(chunked(*(content[start : start + 50_000] for start in range(0, len(content), 50_000))))
        assert downloaded(client, str(tmp_path / "large")).read_bytes() == content

    def test_a_record_without_size_and_md5(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        storage.has(size=None, fileMd5=None)
        assert downloaded(client, tmp_path / "copy.png").read_bytes() == CONTENT

    def test_a_missing_file(self, client: Client, api: respx.MockRouter, tmp_path: Path) -> None:
        api.get(f"{BASE_URL}/files/v3/files/{ID}").respond(404)
        with pytest.raises(NotFoundError):
            downloaded(client, tmp_path / "copy.png")
        assert os.listdir(tmp_path) == []

    def test_follows_a_redirect_of_the_storage_host(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        storage.respond_with(
            httpx.Response(307, headers={"location": "/eu/cat.png?sig=2"}), httpx.Response(200, content=CONTENT)
        )
        downloaded(client, tmp_path / "copy.png")
        assert [str(request.url) for request in storage.requests] == [SECRET, f"{STORAGE}/eu/cat.png?sig=2"]

    @pytest.mark.promise(
        "A signed URL or a redirect of content is followed to https only, without the token, and from "
        "another machine never to `localhost` or an address of this one."
    )
    @pytest.mark.parametrize(
        "url",
        [
            "http://storage.example.net/cat.png?sig=SECRET",
            "ftp://example.net/a?sig=SECRET",
            "/a?sig=SECRET",
            "https://",
            "https://[::1?sig=SECRET",
            "https://storage.example.net:99999/?sig=SECRET",
        ],
    )
    def test_refuses_a_signed_url_without_https(
        self, client: Client, storage: Storage, tmp_path: Path, url: str
    ) -> None:
        storage.signed.respond(200, json={**SIGNED, "url": url})
        with pytest.raises(
            HubSpotFilesError,
            match=rf"^the signed URL of file {ID} is not followed: it (is not a valid URL of|leads to .+ without) http",
        ) as caught:
            downloaded(client, tmp_path / "copy.png")
        assert "SECRET" not in with_locals(caught.value)
        assert storage.route.call_count == 0
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize("url", ["", None, 5])
    @pytest.mark.unlike_hubspot("answers of the wrong shape are what it is about")
    def test_an_invalid_signed_url_is_an_unexpected_response(
        self, client: Client, storage: Storage, tmp_path: Path, url: Any
    ) -> None:
        storage.signed.respond(200, json={**SIGNED, "url": url})
        with pytest.raises(
            UnexpectedResponseError,
            match=r"signed-url: 200: .* url is (empty|null|not a URL)",
        ):
            downloaded(client, tmp_path / "copy.png")
        assert storage.route.call_count == 0


class TestDownloadOfASensitiveFile:
    @pytest.fixture
    def sensitive(self, storage: Storage) -> respx.Route:
        """Mock HubSpot's own route to the content."""
        storage.has(access="SENSITIVE")
        return storage.api.get(f"{BASE_URL}/files/v3/files/{ID}/download")

    @pytest.mark.parametrize("access", ["SENSITIVE", "HIDDEN_SENSITIVE"])
    def test_goes_through_the_api_with_the_token(
        self, client: Client, storage: Storage, sensitive: respx.Route, tmp_path: Path, access: str
    ) -> None:
        storage.has(access=access)
        sensitive.respond(200, content=CONTENT)

        assert downloaded(client, tmp_path / "copy.png").read_bytes() == CONTENT

        request = sensitive.calls.last.request
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert storage.signed.call_count == storage.route.call_count == 0

    @pytest.mark.promise(
        "A signed URL or a redirect of content is followed to https only, without the token, and from "
        "another machine never to `localhost` or an address of this one."
    )
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.unlike_hubspot("HubSpot does not say with which status it redirects")
    def test_a_redirect_is_followed_without_the_token(
        self, client: Client, storage: Storage, sensitive: respx.Route, tmp_path: Path, status: int
    ) -> None:
        sensitive.respond(status, headers={"location": SECRET})

        assert downloaded(client, tmp_path / "copy.png").read_bytes() == CONTENT

        (request,) = storage.requests
        assert "authorization" not in request.headers
        assert TOKEN not in str(request.headers.raw)

    @pytest.mark.promise(
        "A signed URL or a redirect of content is followed to https only, without the token, and from "
        "another machine never to `localhost` or an address of this one."
    )
    @pytest.mark.parametrize(
        "location",
        [
            "http://storage.example.net/a?sig=SECRET",
            "http://api.hubapi.com/b?sig=SECRET",
            "file:///etc/passwd",
            "https://[::1?sig=SECRET",
            "//[x]/?sig=SECRET",
        ],
    )
    def test_refuses_a_redirect_to_http_or_an_invalid_url(
        self, client: Client, api: respx.MockRouter, sensitive: respx.Route, tmp_path: Path, location: str
    ) -> None:
        sensitive.respond(302, headers={"location": location})
        path = versioned(f"/files/v3/files/{ID}/download")
        message = rf"^a redirect of GET {path} is not followed: it (is not a valid URL of|leads to \S+ without) https$"
        with pytest.raises(HubSpotFilesError, match=message) as caught:
            downloaded(client, tmp_path / "copy.png")
        assert "SECRET" not in with_locals(caught.value)
        assert len(api.calls) == 2
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize("headers", [{}, {"location": ""}])
    def test_a_redirect_without_location_is_an_error(
        self, client: Client, sensitive: respx.Route, tmp_path: Path, headers: dict[str, str]
    ) -> None:
        sensitive.respond(302, headers=headers)
        with pytest.raises(
            HubSpotFilesError, match=f"GET {versioned(f'/files/v3/files/{ID}/download')}: a redirect without a location"
        ):
            downloaded(client, tmp_path / "copy.png")

    def test_redirects_are_limited(
        self, client: Client, storage: Storage, sensitive: respx.Route, tmp_path: Path
    ) -> None:
        sensitive.respond(302, headers={"location": SECRET})
        storage.route.respond(302, headers={"location": SECRET})
        with pytest.raises(HubSpotFilesError, match=r"a redirect without a location, or too many \(6 so far\)"):
            downloaded(client, tmp_path / "copy.png")
        assert storage.route.call_count == 5

    def test_refreshes_the_token_once(
        self, client: Client, api: respx.MockRouter, sensitive: respx.Route, tmp_path: Path
    ) -> None:
        sensitive.mock(side_effect=[httpx.Response(401), httpx.Response(200, content=CONTENT)])
        tokens = iter(["first", "stale", "fresh", "never asked for"])

        downloaded(client, tmp_path / "copy.png", access_token=lambda: next(tokens))

        assert [call.request.headers["authorization"] for call in sensitive.calls] == ["Bearer stale", "Bearer fresh"]

    @pytest.mark.parametrize(("token", "attempts"), [(TOKEN, 1), (lambda: TOKEN, 2)], ids=["str", "provider"])
    def test_a_refused_token_is_an_error(
        self, client: Client, sensitive: respx.Route, tmp_path: Path, token: Any, attempts: int
    ) -> None:
        sensitive.respond(401)
        with pytest.raises(AuthenticationError):
            downloaded(client, tmp_path / "copy.png", access_token=token)
        assert sensitive.call_count == attempts
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize("status", [400, 403])
    def test_refreshes_no_token_for_another_refusal(
        self, client: Client, storage: Storage, sensitive: respx.Route, tmp_path: Path, status: int
    ) -> None:
        sensitive.respond(status)
        with pytest.raises(APIError, match=rf"/download: {status}"):
            downloaded(client, tmp_path / "copy.png", access_token=lambda: TOKEN)
        assert sensitive.call_count == 1

    def test_redacts_the_token_in_an_error(
        self, client: Client, storage: Storage, sensitive: respx.Route, tmp_path: Path
    ) -> None:
        sensitive.respond(501, json={"message": f"cannot take {TOKEN} here"})
        with pytest.raises(ServerError, match=r"cannot take \[secret\] here$"):
            downloaded(client, tmp_path / "copy.png")

    def test_resumes(self, client: Client, storage: Storage, sensitive: respx.Route, tmp_path: Path) -> None:
        sensitive.mock(side_effect=[chunked(CONTENT[:100], httpx.ReadError("reset"), etag='"v1"'), rest(100)])
        assert downloaded(client, tmp_path / "copy.png").read_bytes() == CONTENT
        last = sensitive.calls.last.request
        assert (last.headers["range"], last.headers["if-range"]) == ("bytes=100-", '"v1"')
        assert last.headers["authorization"] == f"Bearer {TOKEN}"


class TestDestinations:
    @pytest.mark.parametrize("kind", [str, Path])
    def test_replaces_a_path(self, client: Client, storage: Storage, tmp_path: Path, kind: Any) -> None:
        path = tmp_path / "copy.png"
        path.write_bytes(b"old")
        assert downloaded(client, kind(path)) == path
        assert path.read_bytes() == CONTENT

    def test_new_files_have_the_usual_mode(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        """A temporary file can be read by its owner only."""
        (tmp_path / "other").write_bytes(b"")
        downloaded(client, tmp_path / "copy.png")
        modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("other", "copy.png")}
        assert len(modes) == 1

    @pytest.mark.parametrize("kind", [lambda path: path, str, lambda path: f"{path}/"])
    def test_a_directory_gets_the_name_of_the_file(
        self, client: Client, storage: Storage, tmp_path: Path, kind: Callable[[Path], Any]
    ) -> None:
        assert downloaded(client, kind(tmp_path)) == tmp_path / "cat.png"
        assert os.listdir(tmp_path) == ["cat.png"]

    def test_a_missing_directory(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            downloaded(client, f"{tmp_path}/nowhere/")
        assert storage.signed.call_count == 0

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"name": "cat", "extension": "png"}, "cat.png"),
            ({"name": "cat.PNG", "extension": "png"}, "cat.PNG"),
            ({"name": "archive.tar", "extension": "gz"}, "archive.tar.gz"),
            ({"name": "README", "extension": None}, "README"),
            ({"name": None, "path": "/library/cats/cat.png"}, "cat.png"),
            ({"name": None, "path": None}, f"file-{ID}"),
            ({"name": "", "path": "", "extension": "png"}, f"file-{ID}"),
            ({"name": "../../etc/passwd", "extension": None}, ".._.._etc_passwd"),
            ({"name": "/etc/passwd", "extension": None}, "_etc_passwd"),
            ({"name": "..\\..\\boot", "extension": "ini"}, ".._.._boot.ini"),
            ({"name": "..", "extension": None}, f"file-{ID}"),
            ({"name": ".", "extension": ""}, f"file-{ID}"),
            ({"name": " ... ", "extension": None}, f"file-{ID}"),
            ({"name": "C:evil", "extension": "exe"}, "C_evil.exe"),
            ({"name": 'a<b>c"d|e?f*g', "extension": "txt"}, "a_b_c_d_e_f_g.txt"),
            ({"name": "cat\0.sh", "extension": "png"}, "cat.sh.png"),
            ({"name": "a\r\nb\x7f\x9b", "extension": "txt"}, "ab.txt"),
            ({"name": "evil\N{RIGHT-TO-LEFT OVERRIDE}gnp", "extension": "exe"}, "evilgnp.exe"),
            ({"name": "a\N{LINE SEPARATOR}b\N{ZERO WIDTH SPACE}c", "extension": "txt"}, "abc.txt"),
            ({"name": "half \udcff a pair", "extension": "txt"}, "half  a pair.txt"),
            ({"name": "CON", "extension": "txt"}, "_CON.txt"),
            ({"name": "nul", "extension": None}, "_nul"),
            ({"name": "lpt1 .x", "extension": "txt"}, "_lpt1 .x.txt"),
            ({"name": "COM9", "extension": "txt"}, "_COM9.txt"),
            ({"name": "COM10", "extension": "txt"}, "COM10.txt"),
            ({"name": "COMMON", "extension": "txt"}, "COMMON.txt"),
            ({"name": "trailing. . ", "extension": None}, "trailing"),
            ({"name": "  leading", "extension": "txt"}, "leading.txt"),
            ({"name": ".hidden", "extension": None}, ".hidden"),
            ({"name": "\N{CAT FACE}", "extension": "png"}, "\N{CAT FACE}.png"),
            ({"name": "n" * 300, "extension": "png"}, "n" * 251 + ".png"),
            ({"name": "\N{CAT FACE}" * 100, "extension": "png"}, "\N{CAT FACE}" * 62 + ".png"),
            ({"name": "n" * 250 + " ", "extension": "png"}, "n" * 250 + " .png"),
            ({"name": "n" * 300, "extension": "e" * 31}, "n" * 223 + "." + "e" * 31),
            ({"name": "n" * 300, "extension": "e" * 32}, "n" * 255),
            ({"name": "n" * 300, "extension": None}, "n" * 255),
            ({"name": "n" * 200, "extension": "e" * 100}, "n" * 200 + "." + "e" * 54),
            ({"name": "con." + "n" * 251, "extension": None}, "_con." + "n" * 250),
        ],
    )
    def test_sanitizes_the_name_of_the_file(
        self, client: Client, storage: Storage, tmp_path: Path, fields: dict[str, Any], name: str
    ) -> None:
        storage.has(**fields)
        assert downloaded(client, tmp_path) == tmp_path / name
        assert os.listdir(tmp_path) == [name]

    def test_writes_to_a_stream_and_leaves_it_open(self, client: Client, storage: Storage) -> None:
        stream = io.BytesIO()
        assert downloaded(client, stream) is None
        assert stream.getvalue() == CONTENT
        assert not stream.closed

    def test_any_object_with_write(self, client: Client, storage: Storage) -> None:
        class Writer:
            """An object such as a hash, whose `write` returns nothing."""

            def __init__(self) -> None:
                self.content = b""

            def write(self, data: bytes) -> None:
                self.content += data

        writer = Writer()
        assert downloaded(client, writer) is None
        assert writer.content == CONTENT

    @pytest.mark.promise("A `write` that writes fewer bytes than it was passed is an `OSError`.")
    @pytest.mark.parametrize("taken", [10, 10241])
    def test_a_short_write_is_an_error(self, client: Client, storage: Storage, taken: int) -> None:
        class Raw(io.RawIOBase):
            def writable(self) -> bool:
                return True

            def write(self, data: Any) -> int:
                return taken

        with pytest.raises(
            OSError, match=rf"the destination wrote {taken} of 10240 bytes; use a buffered binary stream"
        ):
            downloaded(client, Raw())

    @pytest.mark.parametrize(
        ("destination", "message"),
        [
            (None, "destination must be a path or a binary stream to write to, not NoneType"),
            (5, "destination must be a path or a binary stream to write to, not int"),
            (b"copy.png", "destination must be a path or a binary stream to write to, not bytes"),
            (io.StringIO(), r"destination is a text stream; open it in binary mode: open\(path, 'wb'\)"),
        ],
    )
    def test_refuses_an_invalid_destination_before_anything_is_sent(
        self, client: Client, api: respx.MockRouter, destination: Any, message: str
    ) -> None:
        with pytest.raises(TypeError, match=message):
            downloaded(client, destination)
        assert not api.calls


@pytest.mark.parametrize("operation", ["download", "stream", "read"])
@pytest.mark.parametrize("bad", ["..", "", "1/2", "a"])
def test_refuses_an_invalid_id(client: Client, api: respx.MockRouter, operation: str, bad: str) -> None:
    def program(hubspot):
        if operation == "stream":
            yield enter(hubspot.files.stream(bad))
        elif operation == "read":
            yield hubspot.files.read(bad)
        else:
            yield hubspot.files.download(bad, io.BytesIO())

    with pytest.raises(ValueError, match=r"file .* must be digits only, .*, or a path that begins with '/'"):
        client(program)
    assert not api.calls


def test_an_error_names_the_missing_folder_and_no_partial_file(
    client: Client, storage: Storage, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError, match="there is no such folder") as caught:
        downloaded(client, tmp_path / "none" / "copy.png")
    assert caught.value.filename == str(tmp_path / "none")


class TestVerification:
    def test_stops_reading_an_endless_response(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        body = Content(*[CONTENT] * 1000)
        storage.respond_with(httpx.Response(200, stream=body))
        with pytest.raises(DownloadCorruptedError, match="more than the 10240 bytes that HubSpot recorded were"):
            downloaded(client, tmp_path / "copy.png")
        assert (body.closed, os.listdir(tmp_path)) == (1, [])

    @pytest.mark.promise(
        "`DownloadCorruptedError` | download it again",
        "For a path, content is written to a partial file in the folder of the final name, which is "
        "renamed only if size and MD5 are those of HubSpot's record.",
    )
    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"size": len(CONTENT) + 1}, f"file {ID}: 10240 of 10241 bytes were received"),
            ({"size": len(CONTENT) - 1}, f"file {ID}: more than the 10239 bytes that HubSpot recorded were"),
            (
                {"fileMd5": "0" * 32},
                f"file {ID}: the MD5 of the received content is {MD5}, HubSpot recorded {'0' * 32}",
            ),
        ],
    )
    @pytest.mark.parametrize("operation", ["path", "stream", "read", "chunks"])
    def test_content_that_differs_is_an_error(
        self,
        client: Client,
        storage: Storage,
        tmp_path: Path,
        sleeps: list[float],
        operation: str,
        fields: dict[str, Any],
        message: str,
    ) -> None:
        storage.has(**fields)

        def program(hubspot):
            if operation == "path":
                yield hubspot.files.download(ID, tmp_path / "copy.png")
            elif operation == "stream":
                yield hubspot.files.download(ID, io.BytesIO())
            elif operation == "read":
                yield hubspot.files.read(ID)
            else:
                content = hubspot.files.stream(ID)
                yield enter(content)
                try:
                    yield collected(content)
                finally:
                    yield leave(content)

        with pytest.raises(
            DownloadCorruptedError, match=f"{message}.* Download it again; if it was replaced meanwhile"
        ):
            client(program)
        assert os.listdir(tmp_path) == []
        assert sleeps == []

    def test_keeps_the_existing_file(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        (tmp_path / "copy.png").write_bytes(b"old")
        storage.has(fileMd5="0" * 32)
        with pytest.raises(DownloadCorruptedError):
            downloaded(client, tmp_path / "copy.png")
        assert os.listdir(tmp_path) == ["copy.png"]
        assert (tmp_path / "copy.png").read_bytes() == b"old"

    @pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", ""])
    def test_encoded_content_is_an_error(
        self, client: Client, storage: Storage, tmp_path: Path, sleeps: list[float], coding: str
    ) -> None:
        """Content is requested without encoding: size and MD5 are recorded for the stored bytes."""
        response = chunked(CONTENT, content_encoding=coding)
        storage.respond_with(response)
        message = rf"^file {ID}: the storage host sent it with Content-Encoding '{coding}', which was not requested"
        with pytest.raises(DownloadCorruptedError, match=message):
            downloaded(client, tmp_path / "cat.svgz")
        assert os.listdir(tmp_path) == []
        assert sleeps == []
        assert response.stream.closed == 1

    def test_accepts_the_identity_encoding(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        storage.respond_with(chunked(CONTENT, content_encoding="identity"))
        assert downloaded(client, tmp_path / "cat.png").read_bytes() == CONTENT

    @pytest.mark.parametrize("span", ["bytes 0-10239/10240", ""])
    def test_partial_content_for_a_full_request_is_an_error(
        self, client: Client, storage: Storage, tmp_path: Path, span: str
    ) -> None:
        storage.respond_with(chunked(CONTENT, status=206, content_range=span))
        with pytest.raises(DownloadCorruptedError, match=rf"^file {ID}: the storage host sent a part \({span}\), al"):
            downloaded(client, tmp_path / "copy.png")
        assert os.listdir(tmp_path) == []


class TestNoIncompleteFile:
    @pytest.mark.unlike_hubspot("a success without content is no answer of HubSpot's")
    @pytest.mark.parametrize("access", ["PRIVATE", "SENSITIVE"])
    @pytest.mark.parametrize("status", [201, 202, 204, 205, 207, 299])
    def test_a_success_without_content_is_an_error(
        self, client: Client, api: respx.MockRouter, storage: Storage, tmp_path: Path, status: int, access: str
    ) -> None:
        storage.has(access=access)
        response = httpx.Response(status, content=b"" if status == 204 else CONTENT)
        storage.respond_with(response)
        api.get(f"{BASE_URL}/files/v3/files/{ID}/download").mock(side_effect=[response])
        with pytest.raises(
            UnexpectedResponseError, match=rf"^GET .*: {status}: the response is a success without content, which"
        ) as caught:
            downloaded(client, tmp_path / "copy.png")
        assert caught.value.status_code == status
        assert os.listdir(tmp_path) == []

    @pytest.mark.promise(
        "For a path, content is written to a partial file in the folder of the final name, which is "
        "renamed only if size and MD5 are those of HubSpot's record."
    )
    def test_content_arrives_under_a_temporary_name(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        listings: list[list[str]] = []

        class ListingContent(Content):
            def __iter__(self):
                for chunk in super().__iter__():
                    listings.append(os.listdir(tmp_path))
                    yield chunk

        storage.respond_with(httpx.Response(200, stream=ListingContent(CONTENT[:5000], CONTENT[5000:])))
        downloaded(client, tmp_path / "copy.png")

        assert [len(names) for names in listings] == [1, 1]
        assert "copy.png" not in listings[0] + listings[1]
        assert os.listdir(tmp_path) == ["copy.png"]

    @pytest.mark.promise("On failure the partial file is removed.")
    @pytest.mark.parametrize(
        ("responses", "error"),
        [
            ([httpx.Response(300)], BadRequestError),
            ([httpx.Response(416)], BadRequestError),
            ([httpx.Response(503)] * 3, ServerError),
            ([httpx.ReadTimeout("late")] * 3, RequestTimeoutError),
            ([httpx.ConnectError("refused")] * 3, ConnectionFailedError),
            ([chunked(CONTENT[:5000], httpx.ReadError("reset"))], ConnectionFailedError),
            ([chunked(CONTENT[:5000], httpx.ReadTimeout("late"))], RequestTimeoutError),
            ([chunked(CONTENT[:5000])], DownloadCorruptedError),
            ([chunked(CONTENT[:5000], RuntimeError("anything"))], RuntimeError),
        ],
    )
    def test_after_a_failure(
        self, client: Client, storage: Storage, tmp_path: Path, responses: list[Any], error: type[Exception]
    ) -> None:
        storage.respond_with(*responses)
        with pytest.raises(error):
            downloaded(client, tmp_path / "copy.png", max_retries=2)
        assert storage.route.call_count == len(responses)
        assert os.listdir(tmp_path) == []

    def test_after_an_interruption_by_the_user(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        class Interrupted(Content):
            def __iter__(self):
                yield CONTENT[:5000]
                raise KeyboardInterrupt

        stream = Interrupted()
        storage.respond_with(httpx.Response(200, stream=stream))
        with pytest.raises(KeyboardInterrupt):
            downloaded(client, tmp_path / "copy.png")
        assert os.listdir(tmp_path) == []
        assert stream.closed == 1

    @pytest.mark.promise("A download to a path that is cancelled or interrupted leaves no partial file.")
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    @pytest.mark.parametrize("before", [b"", CONTENT[:5000], CONTENT * 300], ids=["nothing", "some", "much"])
    def test_after_a_cancellation(self, storage: Storage, tmp_path: Path, backend: str, before: bytes) -> None:
        class Hanging(Content):
            async def __aiter__(self) -> AsyncIterator[bytes]:
                yield before
                scopes[0].cancel()
                await anyio.sleep_forever()

        storage.has(size=10 * len(CONTENT) * 300)
        stream = Hanging()
        storage.respond_with(httpx.Response(200, stream=stream))
        scopes: list[anyio.CancelScope] = []

        async def main() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot:
                with anyio.CancelScope() as scope:
                    scopes.append(scope)
                    await hubspot.files.download(ID, tmp_path / "copy.png")
                assert scope.cancelled_caught
                assert os.listdir(tmp_path) == []
                assert stream.closed == 1

        anyio.run(main, backend=backend)

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_after_a_cancellation_before_the_response(self, storage: Storage, tmp_path: Path, backend: str) -> None:
        async def hang(request: httpx.Request) -> httpx.Response:
            assert len(os.listdir(tmp_path)) == 1
            await anyio.sleep_forever()
            raise AssertionError("it was not cancelled")

        storage.route.mock(side_effect=hang)

        async def main() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot:
                with anyio.move_on_after(0.05) as scope:
                    await hubspot.files.download(ID, tmp_path / "copy.png")
                assert scope.cancelled_caught

        anyio.run(main, backend=backend)
        assert os.listdir(tmp_path) == []

    def test_after_a_cancellation_by_asyncio_itself(self, storage: Storage, tmp_path: Path) -> None:
        """`task.cancel()`, as used by `asyncio.wait_for` and `asyncio.timeout`, does not come from an anyio scope."""
        started = asyncio.Event()

        class Hanging(Content):
            async def __aiter__(self) -> AsyncIterator[bytes]:
                yield CONTENT[:5000]
                started.set()
                await asyncio.sleep(3600)

        stream = Hanging()
        storage.respond_with(httpx.Response(200, stream=stream))

        async def main() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot:
                task = asyncio.create_task(hubspot.files.download(ID, tmp_path / "copy.png"))
                await started.wait()
                assert len(os.listdir(tmp_path)) == 1
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

        asyncio.run(main())
        assert os.listdir(tmp_path) == []
        assert stream.closed == 1

    @pytest.mark.promise("A directory is never replaced.")
    def test_after_a_failed_rename(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        """The path became a directory during the download."""

        def respond(request: httpx.Request) -> httpx.Response:
            (tmp_path / "copy.png" / "full").mkdir(parents=True)
            return httpx.Response(200, content=CONTENT)

        storage.route.mock(side_effect=respond)
        with pytest.raises(OSError, match=r"copy\.png"):
            downloaded(client, tmp_path / "copy.png")
        assert os.listdir(tmp_path) == ["copy.png"]

    def test_after_a_full_disk(
        self, client: Client, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Full(io.BytesIO):
            """A file that takes 10,000 bytes."""

            def write(self, data: Any) -> int:
                if self.tell() == 10_000:
                    raise OSError(28, "No space left on device")
                return super().write(data[: 10_000 - self.tell()])

        original = AtomicFile.open

        def opened(self: AtomicFile) -> bool:
            original(self)
            assert self._stream is not None
            self._stream.close()
            self._stream = Full()
            return True

        monkeypatch.setattr(AtomicFile, "open", opened)
        with pytest.raises(OSError, match="No space left on device") as caught:
            downloaded(client, tmp_path / "copy.png")
        assert (caught.value.errno, caught.value.filename) == (28, str(tmp_path / "copy.png"))
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize("how", ["asyncio", "trio", "asyncio itself"])
    def test_after_a_cancellation_while_the_file_is_opened(
        self, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        """On a slow disk the file is created after its task was cancelled."""
        opening = threading.Event()
        opened: list[Any] = []

        def slow(*arguments: Any, **options: Any) -> Any:
            opening.set()
            time.sleep(0.1)
            opened.append(open(*arguments, **options))
            return opened[-1]

        monkeypatch.setattr("hubspot_files._content.atomic_file.open", slow, raising=False)

        async def main() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot, anyio.create_task_group() as tasks:
                tasks.start_soon(hubspot.files.download, ID, tmp_path / "copy.png")
                await anyio.to_thread.run_sync(opening.wait)
                tasks.cancel_scope.cancel()

        async def main_of_asyncio() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot:
                task = asyncio.create_task(hubspot.files.download(ID, tmp_path / "copy.png"))
                await anyio.to_thread.run_sync(opening.wait)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

        if how == "asyncio itself":
            asyncio.run(main_of_asyncio())
        else:
            anyio.run(main, backend=how)
        (stream,) = opened
        assert stream.closed
        assert os.listdir(tmp_path) == []

    def test_a_file_opened_after_its_task_was_cancelled(self, storage: Storage, tmp_path: Path) -> None:
        """A worker thread may start only after the cancelled task has cleaned up."""
        target = AtomicFile(tmp_path / "copy.png", "cat.png", None)
        target.abandon()
        assert target.open()
        target.commit()
        assert os.listdir(tmp_path) == []

    def test_releases_the_connection(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        stream = Content(CONTENT)
        storage.respond_with(httpx.Response(200, stream=stream))
        downloaded(client, tmp_path / "copy.png")
        assert stream.closed == 1


class TestResume:
    @pytest.mark.promise(
        "A download that is cut is resumed if the storage host's ETag says that the content is still the "
        "same, and raises the error otherwise."
    )
    @pytest.mark.parametrize(
        "error", [httpx.ReadError("reset"), httpx.ReadTimeout("late"), httpx.RemoteProtocolError("")]
    )
    def test_continues_at_the_cut(
        self, client: Client, storage: Storage, tmp_path: Path, sleeps: list[float], error: httpx.TransportError
    ) -> None:
        storage.respond_with(chunked(CONTENT[:3000], CONTENT[3000:5000], error, etag='"v1"'), rest(5000))

        assert downloaded(client, tmp_path / "copy.png").read_bytes() == CONTENT

        first_request, second = storage.requests
        assert "range" not in first_request.headers
        assert (second.headers["range"], second.headers["if-range"]) == ("bytes=5000-", '"v1"')
        assert "authorization" not in second.headers
        # Each with its own signed URL, since the first may have expired meanwhile.
        assert storage.signed.call_count == 2
        assert len(sleeps) == 1
        assert 0 <= sleeps[0] <= 0.5

    def test_several_times(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        cut = httpx.ReadError("reset")
        second = chunked(CONTENT[100:200], cut, status=206, etag='"v1"', content_range="bytes 100-10239/10240")
        storage.respond_with(chunked(CONTENT[:100], cut, etag='"v1"'), second, httpx.ConnectError("refused"), rest(200))
        assert downloaded(client, tmp_path / "copy.png").read_bytes() == CONTENT
        assert [request.headers.get("range") for request in storage.requests] == [
            None,
            "bytes=100-",
            "bytes=200-",
            "bytes=200-",
        ]

    def test_sends_no_request_if_all_content_came_before_the_cut(
        self, client: Client, storage: Storage, tmp_path: Path, sleeps: list[float]
    ) -> None:
        def program(hubspot: Any) -> Any:
            yield hubspot.files.download(ID, tmp_path / "copy.png")
            return (yield hubspot.files.read(ID))

        storage.route.mock(side_effect=lambda _: chunked(CONTENT, httpx.ReadError("reset"), etag='"v1"'))
        assert client(program) == (tmp_path / "copy.png").read_bytes() == CONTENT
        assert (storage.route.call_count, sleeps) == (2, [])

    def test_verifies_the_content_before_the_cut(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        storage.respond_with(chunked(CONTENT[::-1], httpx.ReadError("reset"), etag='"v1"'))
        with pytest.raises(DownloadCorruptedError, match="the MD5 of the received content is"):
            downloaded(client, tmp_path / "copy.png")
        assert os.listdir(tmp_path) == []

    def test_is_limited_by_max_retries(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        storage.route.mock(
            side_effect=lambda request: chunked(
                b"x",
                httpx.ReadError("reset"),
                status=206 if "range" in request.headers else 200,
                etag='"v1"',
                content_range=f"bytes {request.headers.get('range', 'bytes=0-')[6:]}10239/10240",
            )
        )
        with pytest.raises(ConnectionFailedError, match=f"GET content of file {ID}: the connection was cut: reset"):
            downloaded(client, tmp_path / "copy.png", max_retries=3)
        assert storage.route.call_count == 4
        assert os.listdir(tmp_path) == []

    def test_before_the_first_byte_needs_no_validator(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        storage.respond_with(chunked(httpx.ReadError("reset")), httpx.Response(200, content=CONTENT))
        assert downloaded(client, tmp_path / "copy.png").read_bytes() == CONTENT
        assert "range" not in storage.requests[1].headers

    @pytest.mark.promise(
        "A download that is cut is resumed if the storage host's ETag says that the content is still the "
        "same, and raises the error otherwise."
    )
    @pytest.mark.parametrize("headers", [{}, {"etag": 'W/"v1"'}, {"last_modified": "Sun, 01 Mar 2026 12:00:00 GMT"}])
    def test_is_not_tried_without_a_strong_validator(
        self, client: Client, storage: Storage, tmp_path: Path, sleeps: list[float], headers: dict[str, str]
    ) -> None:
        """The rest could belong to other content."""
        storage.respond_with(chunked(CONTENT[:5000], httpx.ReadError("reset"), **headers), rest(5000))
        with pytest.raises(ConnectionFailedError, match="the connection was cut: reset"):
            downloaded(client, tmp_path / "copy.png")
        assert storage.route.call_count == 1
        assert sleeps == []

    @pytest.mark.parametrize(
        ("response", "message"),
        [
            (httpx.Response(200, content=CONTENT), r"\(200 without Content-Range\)"),
            (chunked(CONTENT[5000:], content_range="bytes 5000-10239/10240"), r"\(200 bytes 5000-10239/10240\)"),
            (httpx.Response(206, content=CONTENT[5000:]), r"\(206 without Content-Range\)"),
            (rest(4000), r"\(206 bytes 4000-10239/10240\)"),
            (rest(50), r"\(206 bytes 50-10239/10240\)"),
            (rest(6000), r"\(206 bytes 6000-10239/10240\)"),
            (rest(5000, content=CONTENT[:-1]), r"\(206 bytes 5000-10238/10239\)"),
            (rest(5000, content=CONTENT + b"x"), r"\(206 bytes 5000-10240/10241\)"),
            (chunked(CONTENT[5000:], status=206, content_range="5000-10239/10240"), r"\(206 5000-10239/10240\)"),
            (chunked(CONTENT[5000:], status=206, content_range="bytes */10240"), r"\(206 bytes \*/10240\)"),
            (chunked(CONTENT[5000:], status=206, content_range=f"bytes {5000:030}-1/10240"), r"\(206 bytes 0{26}5000-"),
        ],
    )
    def test_a_range_that_does_not_continue_is_an_error(
        self, client: Client, storage: Storage, tmp_path: Path, response: httpx.Response, message: str
    ) -> None:
        storage.respond_with(chunked(CONTENT[:5000], httpx.ReadError("reset"), etag='"v1"'), response)
        with pytest.raises(DownloadCorruptedError, match=f"was cut at byte 5000, .* does not continue there {message}"):
            downloaded(client, tmp_path / "copy.png")
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize("span", ["bytes 5000-10239/*", "BYTES 5000-10239/10240", " bytes  5000-10239/10240 "])
    def test_accepts_other_forms_of_content_range(
        self, client: Client, storage: Storage, tmp_path: Path, span: str
    ) -> None:
        cut = chunked(CONTENT[:5000], httpx.ReadError("reset"), etag='"v1"')
        storage.respond_with(cut, chunked(CONTENT[5000:], status=206, content_range=span))
        assert downloaded(client, tmp_path / "copy.png").read_bytes() == CONTENT

    def test_accepts_any_size_if_the_record_has_none(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        storage.has(size=None)
        storage.respond_with(chunked(CONTENT[:5000], httpx.ReadError("reset"), etag='"v1"'), rest(5000))
        assert downloaded(client, tmp_path / "copy.png").read_bytes() == CONTENT

    def test_detects_a_wrong_rest(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        storage.respond_with(chunked(bytes(5000), httpx.ReadError("reset"), etag='"v1"'), rest(5000))
        with pytest.raises(DownloadCorruptedError, match="the MD5 of the received content is"):
            downloaded(client, tmp_path / "copy.png")

    def test_of_a_stream(self, client: Client, storage: Storage) -> None:
        storage.respond_with(chunked(CONTENT[:5000], httpx.ReadError("reset"), etag='"v1"'), rest(5000))
        stream = io.BytesIO()
        downloaded(client, stream)
        assert stream.getvalue() == CONTENT


class TestRefusedSignedUrls:
    @pytest.mark.promise(
        "A signed URL that the storage host refuses is requested once more; if that is refused too, "
        "`SignedUrlExpiredError` is raised."
    )
    @pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
    def test_requests_another_url(
        self, client: Client, storage: Storage, tmp_path: Path, sleeps: list[float], status: int
    ) -> None:
        storage.signed.mock(
            side_effect=[
                httpx.Response(200, json=SIGNED),
                httpx.Response(200, json={**SIGNED, "url": f"{STORAGE}/cat.png?sig=fresh"}),
            ]
        )
        storage.respond_with(
            httpx.Response(status, text="<Code>ExpiredToken</Code>"), httpx.Response(200, content=CONTENT)
        )

        assert downloaded(client, tmp_path / "copy.png").read_bytes() == CONTENT

        assert [request.url.params["sig"] for request in storage.requests] == ["secret", "fresh"]
        assert sleeps == []

    @pytest.mark.promise(
        "`SignedUrlExpiredError` | check with `files.get` whether the file still exists",
        "A signed URL that the storage host refuses is requested once more; if that is refused too, "
        "`SignedUrlExpiredError` is raised.",
    )
    def test_a_second_refusal_is_an_error(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        storage.respond_with(*[httpx.Response(403)] * 3)
        with pytest.raises(
            SignedUrlExpiredError, match=rf"file {ID}: .* refused two signed URLs \(403\).* files\.get"
        ) as caught:
            downloaded(client, tmp_path / "copy.png")
        assert storage.route.call_count == storage.signed.call_count == 2
        assert "secret" not in str(caught.value)
        assert "secret" not in str(caught.value.__cause__)
        assert os.listdir(tmp_path) == []

    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_retries_a_busy_host(
        self, client: Client, storage: Storage, tmp_path: Path, sleeps: list[float], status: int
    ) -> None:
        storage.respond_with(httpx.Response(status, headers={"retry-after": "3"}), httpx.Response(200, content=CONTENT))
        assert downloaded(client, tmp_path / "copy.png").read_bytes() == CONTENT
        assert storage.signed.call_count == 1
        assert sleeps == [3.0]

    def test_reads_only_the_start_of_a_long_error(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        came: list[int] = []

        class Long(Content):
            def __iter__(self):
                for chunk in super().__iter__():
                    came.append(len(chunk))
                    yield chunk

        body = Long(*[b"x" * 50_000] * 100)
        storage.respond_with(httpx.Response(501, stream=body))
        with pytest.raises(ServerError, match="501"):
            downloaded(client, tmp_path / "copy.png")
        assert came == [50_000, 50_000]
        assert body.closed == 1

    @pytest.mark.parametrize(("size", "message"), [(65536, "no room$"), (65537, "is not HubSpot's error")])
    def test_reads_64_kib_of_an_error(
        self, client: Client, storage: Storage, tmp_path: Path, size: int, message: str
    ) -> None:
        body = json.dumps({"message": "no room", "rest": ""})
        storage.respond_with(httpx.Response(501, text=body.replace('""', f'"{"x" * (size - len(body))}"')))
        with pytest.raises(ServerError, match=message):
            downloaded(client, tmp_path / "copy.png")

    def test_redacts_the_signed_url_in_an_error(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        """The URL and each of its values; short values such as sizes and dates are not secret."""
        query = "date=20260101T000000&key=0123456789abcdef&sig=fedcba98%2F76543210abc"
        storage.signed.respond(200, json={**SIGNED, "url": f"{STORAGE}/cat.png?{query}"})
        text = f"{query} is not 20260101T000000 0123456789abcdef fedcba98/76543210abc"
        storage.respond_with(httpx.Response(501, json={"message": text}))
        with pytest.raises(ServerError) as caught:
            downloaded(client, tmp_path / "copy.png")
        assert caught.value.message == "[secret] is not 20260101T000000 [secret] [secret]"

    def test_a_response_without_a_url_is_an_unexpected_response(
        self, client: Client, storage: Storage, tmp_path: Path
    ) -> None:
        storage.signed.respond(200, json={})
        with pytest.raises(UnexpectedResponseError, match="it lacks 'url'"):
            downloaded(client, tmp_path / "copy.png")

    def test_retries_a_cut_error(self, client: Client, storage: Storage, tmp_path: Path) -> None:
        storage.respond_with(
            chunked(b"<Err", httpx.ReadError("reset"), status=503), httpx.Response(200, content=CONTENT)
        )
        assert downloaded(client, tmp_path / "copy.png").read_bytes() == CONTENT


# httpx leaves a generator behind when a body is not read to its end, and trio warns of it.
@pytest.mark.filterwarnings("ignore:Async generator 'httpx:ResourceWarning")
class TestStream:
    def test_yields_the_chunks(self, client: Client, api: respx.MockRouter, storage: Storage) -> None:
        body = Content(CONTENT[:4000], CONTENT[4000:])
        storage.respond_with(httpx.Response(200, stream=body))

        def program(hubspot):
            content = hubspot.files.stream(ID)
            assert not api.calls
            assert (yield enter(content)) is content
            assert content.file.name == "cat"
            chunks = yield collected(content)
            yield leave(content)
            return chunks

        assert client(program) == [CONTENT[:4000], CONTENT[4000:]]
        assert body.closed == 1

    def test_continues_at_the_cut(self, client: Client, storage: Storage) -> None:
        storage.respond_with(
            httpx.ConnectError("refused"),
            chunked(CONTENT[:4000], httpx.ReadError("reset"), etag='"v1"'),
            rest(4000),
        )

        def program(hubspot):
            content = hubspot.files.stream(ID)
            yield enter(content)
            chunks = yield collected(content)
            yield leave(content)
            return b"".join(chunks)

        assert client(program) == CONTENT
        assert storage.requests[2].headers["range"] == "bytes=4000-"

    def test_ends_if_all_content_came_before_the_cut(
        self, client: Client, storage: Storage, sleeps: list[float]
    ) -> None:
        storage.respond_with(chunked(CONTENT, httpx.ReadError("reset"), etag='"v1"'))

        def program(hubspot):
            content = hubspot.files.stream(ID)
            yield enter(content)
            chunks = yield collected(content)
            yield leave(content)
            return chunks

        assert client(program) == [CONTENT]
        assert sleeps == []

    def test_an_iterator_can_be_continued(self, client: Client, storage: Storage) -> None:
        storage.respond_with(chunked(CONTENT[:4000], CONTENT[4000:6000], CONTENT[6000:]))

        def program(hubspot):
            content = hubspot.files.stream(ID)
            yield enter(content)
            iterator = iterated(content)
            first_chunk = yield first(iterator)
            remaining = yield collected(iterator)
            yield leave(content)
            return [first_chunk, *remaining]

        assert client(program) == [CONTENT[:4000], CONTENT[4000:6000], CONTENT[6000:]]

    def test_can_be_closed_early(self, client: Client, storage: Storage) -> None:
        body = Content(CONTENT[:4000], CONTENT[4000:])
        storage.respond_with(httpx.Response(200, stream=body))

        def program(hubspot):
            content = hubspot.files.stream(ID)
            yield enter(content)
            chunk = yield first(content)
            yield leave(content)
            return chunk

        assert client(program) == CONTENT[:4000]
        assert body.closed == 1
        assert storage.route.call_count == 1

    def test_refuses_on_entering(self, client: Client, api: respx.MockRouter) -> None:
        api.get(f"{BASE_URL}/files/v3/files/{ID}").respond(404)
        with pytest.raises(NotFoundError):
            client(lambda hubspot: (yield enter(hubspot.files.stream(ID))))

    def test_raises_an_error_of_storage_on_entering(self, client: Client, storage: Storage) -> None:
        storage.route.respond(403)
        with pytest.raises(SignedUrlExpiredError):
            client(lambda hubspot: (yield enter(hubspot.files.stream(ID))))

    @pytest.mark.parametrize("response", [{"content_encoding": "gzip"}, {"status": 206}], ids=["encoded", "a part"])
    def test_raises_on_entering_for_a_wrong_response_and_closes_it(
        self, client: Client, storage: Storage, response: Any
    ) -> None:
        """Nothing is left open for the caller to close."""
        body = chunked(CONTENT, **response)
        storage.respond_with(body)
        with pytest.raises(DownloadCorruptedError):
            client(lambda hubspot: (yield enter(hubspot.files.stream(ID))))
        assert body.stream.closed == 1

    def test_is_read_within_its_block_only(self, client: Client, storage: Storage) -> None:
        """After the block a new connection would be opened, and nobody would close it."""
        storage.respond_with(chunked(CONTENT[:4000], CONTENT[4000:]))

        def program(hubspot):
            content = hubspot.files.stream(ID)
            with pytest.raises(RuntimeError, match="the stream is not open: use `with`"):
                _ = content.file
            with pytest.raises(RuntimeError, match="the stream is not open: use `with`"):
                yield first(content)
            yield enter(content)
            yield first(content)
            yield leave(content)
            with pytest.raises(RuntimeError, match="the stream is closed: read it within"):
                yield first(content)
            with pytest.raises(RuntimeError, match="a stream can be entered once"):
                yield enter(content)
            return content.file.id

        assert client(program) == ID
        assert storage.route.call_count == 1


class TestRead:
    def test_returns_the_content(self, client: Client, api: respx.MockRouter, storage: Storage) -> None:
        assert client(lambda hubspot: hubspot.files.read(ID)) == CONTENT
        assert [call.request.url.path for call in api.calls] == [
            f"/files/v3/files/{ID}",
            f"/files/v3/files/{ID}/signed-url",
            "/cat.png",
        ]

    def test_content_of_exactly_the_limit(self, client: Client, storage: Storage) -> None:
        assert client(lambda hubspot: hubspot.files.read(ID, limit=len(CONTENT))) == CONTENT

    def test_requests_no_content_if_the_record_exceeds_the_limit(self, client: Client, storage: Storage) -> None:
        with pytest.raises(ValueError, match=r"has 10240 bytes or more, which is over limit=10239; files\.download"):
            client(lambda hubspot: hubspot.files.read(ID, limit=len(CONTENT) - 1))
        assert storage.signed.call_count == 0

    @pytest.mark.parametrize("count", [3, 10_000])
    def test_stops_at_the_limit(self, client: Client, storage: Storage, count: int) -> None:
        """The record may lack the size."""
        body = Content(*[bytes(1000)] * count)
        storage.has(size=None, fileMd5=None)
        storage.respond_with(httpx.Response(200, stream=body))
        with pytest.raises(ValueError, match=r"has \d+ bytes or more, which is over limit=2500") as caught:
            client(lambda hubspot: hubspot.files.read(ID, limit=2500))
        # The asynchronous client writes about a mebibyte at once.
        assert 3000 <= int(str(caught.value).split()[3]) <= 1_050_000
        assert body.closed == 1

    def test_empty_content_with_a_limit_of_zero(self, client: Client, storage: Storage) -> None:
        storage.has(size=0, fileMd5=None)
        storage.respond_with(httpx.Response(200, content=b""))
        assert client(lambda hubspot: hubspot.files.read(ID, limit=0)) == b""

    def test_the_default_limit_is_64_mib(self, client: Client, storage: Storage) -> None:
        storage.has(size=64 * 1024 * 1024 + 1)
        with pytest.raises(ValueError, match=r"over limit=67108864"):
            client(lambda hubspot: hubspot.files.read(ID))

    def test_continues_at_the_cut(self, client: Client, storage: Storage) -> None:
        storage.respond_with(chunked(CONTENT[:4000], httpx.ReadError("reset"), etag='"v1"'), rest(4000))
        assert client(lambda hubspot: hubspot.files.read(ID)) == CONTENT

    @pytest.mark.parametrize(
        ("limit", "error", "message"),
        [
            (-1, ValueError, "limit must not be negative, but is -1"),
            ("5", TypeError, "limit must be an int, not str"),
            (1e6, TypeError, "limit must be an int, not float"),
            (None, TypeError, "limit must be an int, not NoneType"),
        ],
    )
    def test_refuses_an_invalid_limit_before_anything_is_sent(
        self, client: Client, api: respx.MockRouter, limit: Any, error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            client(lambda hubspot: hubspot.files.read(ID, limit=limit))
        assert not api.calls
