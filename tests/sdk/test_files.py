"""The operations on files: their documented requests and responses, on both clients."""

from __future__ import annotations

import builtins
import codecs
import io
import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import IO, Any, NamedTuple

import httpx
import pytest
import respx

from hubspot_files import (
    Access,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ConnectionFailedError,
    DuplicateCheck,
    LockedError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    SignedUrlSize,
    SourceChangedError,
    UnexpectedResponseError,
)

from .support import BASE_URL, FILE, FOLDER, STORAGE, TOKEN, Client, Wire, completed, query, sent_parts, versioned

RETURN_EXISTING = DuplicateCheck("RETURN_EXISTING", "EXACT_FOLDER")
SIGNED = {
    "expiresAt": "2026-03-01T12:10:00Z",
    "url": f"{STORAGE}/cat.png?sig=secret",
    "name": "cat",
    "extension": "png",
    "type": "IMG",
    "size": 24574,
    "width": 225,
    "height": 219,
}
LOCATOR = {
    "id": "57122e26-59f8-4cfc-ba53-96e30c816762",
    "links": {
        "status": f"{BASE_URL}/files/v3/files/import-from-url/async/tasks/57122e26-59f8-4cfc-ba53-96e30c816762/status"
    },
}


def no_request(api: respx.MockRouter) -> bool:
    return not api.calls


class TestUpload:
    def test_sends_the_documented_request_part_by_part(self, client: Client, api: respx.MockRouter, tmp_path) -> None:
        """curl --form file=@cat.png --form 'options={"access": "PRIVATE"}' --form folderPath=/library/cat_archive"""
        route = api.post("/files/v3/files").respond(201, json=FILE)
        path = tmp_path / "cat.png"
        path.write_bytes(b"\x89PNG and more")

        file = client(lambda hubspot: hubspot.files.upload(path, folder_path="/library/cat_archive"))

        request = route.calls.last.request
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert int(request.headers["content-length"]) == len(request.content)
        folder, name, options, content = sent_parts(request)
        assert folder == ("folderPath", None, None, b"/library/cat_archive")
        assert name == ("fileName", None, None, b"cat.png")
        assert (options.name, options.filename, options.content_type) == ("options", None, None)
        assert json.loads(options.content) == {"access": "PRIVATE"}
        assert content == ("file", "cat.png", "image/png", b"\x89PNG and more")
        assert (file.id, file.access, file.size, file.width) == ("1", Access.PRIVATE, 24574, 225)

    def test_sends_every_option_in_the_order_of_the_official_clients(
        self, client: Client, api: respx.MockRouter
    ) -> None:
        route = api.post("/files/v3/files").respond(201, json=FILE)

        client(
            lambda hubspot: hubspot.files.upload(
                b"caf\xe9",
                access=Access.PUBLIC_NOT_INDEXABLE,
                folder_id=122692510820,
                name="menu.txt",
                ttl=timedelta(days=90),
                overwrite=True,
                duplicates=DuplicateCheck("REJECT", "ENTIRE_PORTAL"),
                charset_hunch="iso-8859-1",
            )
        )

        parts = sent_parts(route.calls.last.request)
        assert [part.name for part in parts] == ["folderId", "fileName", "charsetHunch", "options", "file"]
        assert parts[0] == ("folderId", None, None, b"122692510820")
        assert parts[1] == ("fileName", None, None, b"menu.txt")
        assert parts[2] == ("charsetHunch", None, None, b"iso-8859-1")
        assert (parts[3].filename, parts[3].content_type) == (None, None)
        assert json.loads(parts[3].content) == {
            "access": "PUBLIC_NOT_INDEXABLE",
            "ttl": "P90D",
            "overwrite": True,
            "duplicateValidationStrategy": "REJECT",
            "duplicateValidationScope": "ENTIRE_PORTAL",
        }
        assert parts[4] == ("file", "menu.txt", "text/plain", b"caf\xe9")

    @pytest.mark.parametrize(
        ("given", "sent"),
        [
            ("/", b"/"),
            ("/library/cats/", b"/library/cats"),
            ("library", b"/library"),
            ("/12345", b"/12345"),
            ("/K\N{LATIN SMALL LETTER A WITH DIAERESIS}tzchen", b"/K\xc3\xa4tzchen"),
        ],
    )
    def test_sends_folder_paths_absolute(self, client: Client, api: respx.MockRouter, given: str, sent: bytes) -> None:
        route = api.post("/files/v3/files").respond(201, json=FILE)

        client(lambda hubspot: hubspot.files.upload(b"", name="a.txt", folder_path=given))

        assert sent_parts(route.calls.last.request)[0] == ("folderPath", None, None, sent)

    def test_content_that_looks_like_multipart_is_sent_as_content(self, client: Client, api: respx.MockRouter) -> None:
        route = api.post("/files/v3/files").respond(201, json=FILE)
        content = (
            b'\r\n--+++\r\nContent-Disposition: form-data; name="options"\r\n\r\n'
            b'{"access": "PUBLIC_INDEXABLE"}\r\n--+++--\r\n'
        )

        client(lambda hubspot: hubspot.files.upload(content, name="evil.bin", folder_path="/"))

        folder, name, options, file = sent_parts(route.calls.last.request)
        assert [folder.name, name.name] == ["folderPath", "fileName"]
        assert json.loads(options.content) == {"access": "PRIVATE"}
        assert file == ("file", "evil.bin", "application/octet-stream", content)

    def test_each_request_has_a_new_boundary(self, client: Client, api: respx.MockRouter) -> None:
        """A predictable boundary could be put into a file."""
        route = api.post("/files/v3/files").respond(201, json=FILE)

        for _ in range(2):
            client(lambda hubspot: hubspot.files.upload(b"x", name="a.txt", folder_path="/"))

        first, second = (call.request.headers["content-type"] for call in route.calls)
        assert first != second
        assert len(first.partition("boundary=")[2]) >= 16

    @pytest.mark.parametrize(
        ("name", "sent", "content_type"),
        [
            ('so "nice".png', b'filename="so %22nice%22.png"', b"image/png"),
            ("\N{CAT FACE}.pdf", b'filename="\xf0\x9f\x90\xb1.pdf"', b"application/pdf"),
            ("no extension", b'filename="no extension"', b"application/octet-stream"),
        ],
    )
    def test_sends_names_as_the_official_clients_do(
        self, client: Client, api: respx.MockRouter, name: str, sent: bytes, content_type: bytes
    ) -> None:
        route = api.post("/files/v3/files").respond(201, json=FILE)

        client(lambda hubspot: hubspot.files.upload(b"x", name=name, folder_path="/"))

        body = route.calls.last.request.content
        assert b'name="file"; ' + sent + b"\r\nContent-Type: " + content_type + b"\r\n\r\nx\r\n" in body

    @pytest.mark.promise("The name of a file is sent unchanged in a form field of its own, `%22` included.")
    @pytest.mark.parametrize(
        "name", ['a%22b".txt', "100%.txt", "%22", 'so "nice".png', "\N{CAT FACE}.pdf", "a;b=c.txt"]
    )
    def test_sends_the_name_unchanged_in_a_field_of_its_own(
        self, client: Client, api: respx.MockRouter, name: str
    ) -> None:
        route = api.post("/files/v3/files").respond(201, json=FILE)
        client(lambda hubspot: hubspot.files.upload(b"x", name=name, folder_path="/"))
        fields = {part.name: part.content for part in sent_parts(route.calls.last.request)}
        assert fields["fileName"].decode() == name

    def test_a_name_overrides_that_of_the_path(self, client: Client, api: respx.MockRouter, tmp_path: Path) -> None:
        route = api.post("/files/v3/files").respond(201, json=FILE)
        (tmp_path / "temporary.bin").write_bytes(b"%PDF")

        client(lambda hubspot: hubspot.files.upload(tmp_path / "temporary.bin", name="menu.pdf", folder_path="/"))

        _, name, _, file = sent_parts(route.calls.last.request)
        assert name.content == b"menu.pdf"
        assert file == ("file", "menu.pdf", "application/pdf", b"%PDF")

    @pytest.mark.unlike_hubspot("an access of a later version")
    def test_sends_an_unknown_access_from_a_response(self, client: Client, api: respx.MockRouter) -> None:
        route = api.post("/files/v3/files").respond(201, json={**FILE, "access": "SECRET_2031"})

        def program(hubspot):
            file = yield hubspot.files.upload(b"x", name="a.txt", folder_path="/")
            return (yield hubspot.files.upload(b"x", access=file.access, name="a.txt", folder_path="/"))

        file = client(program)

        assert json.loads(sent_parts(route.calls.last.request)[2].content) == {"access": "SECRET_2031"}
        assert (file.access.value, file.access.is_known, str(file.access)) == ("SECRET_2031", False, "SECRET_2031")

    @pytest.mark.promise("`ArgumentValueError`, `ArgumentTypeError` | correct the call; nothing was changed at HubSpot")
    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({"folder_id": 1, "folder_path": "/a"}, ValueError, "folder_id and folder_path exclude each other"),
            ({}, ValueError, "pass folder_id= or folder_path="),
            ({"folder_id": ".."}, ValueError, r"folder_id '\.\.' must be digits"),
            ({"folder_id": ""}, ValueError, "folder_id '' must be digits"),
            ({"folder_id": -1}, ValueError, "folder_id -1 must be digits"),
            ({"folder_id": True}, TypeError, "folder_id must be a str of digits or an int, not bool"),
            ({"folder_id": 1.0}, TypeError, "folder_id must be a str of digits or an int, not float"),
            ({"folder_path": ""}, ValueError, "folder_path '' must be a path such as"),
            ({"folder_path": "/a/../b"}, ValueError, r"contains the segment '\.\.'"),
            ({"folder_path": "/a//b"}, ValueError, "contains the segment ''"),
            ({"folder_path": "//"}, ValueError, "contains an empty segment"),
            ({"folder_path": "/a\r\nb"}, ValueError, "without control characters"),
            ({"folder_path": "/\udcff"}, ValueError, "cannot be sent as UTF-8"),
            ({"folder_path": 5}, TypeError, "folder_path must be a str such as '/library/cats', not int"),
            (
                {"folder_path": "/", "access": "SECRET"},
                ValueError,
                "access 'SECRET' is not valid; use one of PRIVATE, PUBLIC_INDEXABLE",
            ),
            ({"folder_path": "/", "access": "private"}, ValueError, "access 'private' is not valid"),
            ({"folder_path": "/", "access": None}, TypeError, "access must be a Access or a str, not NoneType"),
            ({"folder_path": "/", "ttl": timedelta(hours=12)}, ValueError, "ttl must be whole days"),
            ({"folder_path": "/", "ttl": timedelta(days=730)}, ValueError, "longer than HubSpot's maximum"),
            ({"folder_path": "/", "ttl": timedelta(0)}, ValueError, "shorter than HubSpot's minimum"),
            ({"folder_path": "/", "ttl": "PT12H"}, ValueError, "ttl 'PT12H' must be an ISO 8601 period of years"),
            ({"folder_path": "/", "ttl": "P2Y"}, ValueError, "ttl 'P2Y' is longer than HubSpot's maximum"),
            ({"folder_path": "/", "ttl": 3}, TypeError, "ttl must be a timedelta or an ISO 8601 period"),
            ({"folder_path": "/", "overwrite": "false"}, TypeError, "overwrite must be True, False or None"),
            ({"folder_path": "/", "duplicates": "REJECT"}, TypeError, "duplicates must be a DuplicateCheck"),
            ({"folder_path": "/", "name": ""}, ValueError, "name '' must be a file name"),
            ({"folder_path": "/", "name": "a/b.txt"}, ValueError, "without slashes"),
            ({"folder_path": "/", "name": "a\r\nb.txt"}, ValueError, "without slashes and control characters"),
            ({"folder_path": "/", "name": "\udcff.txt"}, ValueError, "cannot be sent as UTF-8"),
            ({"folder_path": "/", "name": b"a.txt"}, TypeError, "name must be a str, not bytes"),
        ],
    )
    def test_refuses_invalid_options_before_anything_is_sent(
        self,
        client: Client,
        api: respx.MockRouter,
        arguments: dict[str, Any],
        error: type[Exception],
        message: str,
    ) -> None:
        with pytest.raises(error, match=message):
            client(lambda hubspot: hubspot.files.upload(b"x", **{"name": "a.txt", **arguments}))
        assert no_request(api)


class TestUploadSources:
    def uploaded(self, client: Client, api: respx.MockRouter, source: Any, **options: Any) -> tuple[str, bytes]:
        """Return the file name and the content that were sent."""
        route = api.post("/files/v3/files").respond(201, json=FILE)
        client(lambda hubspot: hubspot.files.upload(source, folder_path="/", **options))
        request = route.calls.last.request
        assert int(request.headers["content-length"]) == len(request.content)
        assert "transfer-encoding" not in request.headers
        _, filename, _, content = sent_parts(request)[-1]
        assert filename is not None
        return filename, content

    @pytest.mark.parametrize("kind", [str, Path])
    def test_a_path(self, client: Client, api: respx.MockRouter, tmp_path: Path, kind: Callable[[Path], Any]) -> None:
        path = tmp_path / "cat.png"
        path.write_bytes(b"cat" * 100_000)
        assert self.uploaded(client, api, kind(path)) == ("cat.png", b"cat" * 100_000)

    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
    def test_bytes(self, client: Client, api: respx.MockRouter, kind: Callable[[bytes], Any]) -> None:
        assert self.uploaded(client, api, kind(b"\0\r\n\xff"), name="a.bin") == ("a.bin", b"\0\r\n\xff")

    def test_empty_content(self, client: Client, api: respx.MockRouter) -> None:
        assert self.uploaded(client, api, b"", name="empty") == ("empty", b"")

    def test_a_stream_is_sent_from_its_position_and_left_open(self, client: Client, api: respx.MockRouter) -> None:
        stream = io.BytesIO(b"header and content")
        stream.seek(len(b"header and "))
        assert self.uploaded(client, api, stream, name="a.txt") == ("a.txt", b"content")
        assert not stream.closed

    def test_an_open_file_is_sent_from_its_position_and_left_open(
        self, client: Client, api: respx.MockRouter, tmp_path: Path
    ) -> None:
        path = tmp_path / "notes.txt"
        path.write_bytes(b"first line\nsecond line\n")
        with open(path, "rb") as stream:
            stream.readline()
            assert self.uploaded(client, api, stream) == ("notes.txt", b"second line\n")
            assert not stream.closed

    def test_a_pipe_is_sent_completely(self, client: Client, api: respx.MockRouter) -> None:
        """Its length has to be known before it is sent, and it can be read only once."""
        reader, writer = os.pipe()
        content = os.urandom(300_000)

        def fill() -> None:
            with os.fdopen(writer, "wb") as stream:
                stream.write(content)

        thread = threading.Thread(target=fill)
        thread.start()
        with os.fdopen(reader, "rb") as stream:
            assert self.uploaded(client, api, stream, name="a.bin") == ("a.bin", content)
            assert not stream.closed
        thread.join()

    def test_the_path_of_a_pipe_is_sent_completely(self, client: Client, api: respx.MockRouter, tmp_path: Path) -> None:
        path = tmp_path / "pipe.bin"
        os.mkfifo(path)
        content = os.urandom(300_000)
        thread = threading.Thread(target=path.write_bytes, args=(content,))
        thread.start()
        assert self.uploaded(client, api, path) == ("pipe.bin", content)
        thread.join()

    def test_a_pipe_is_retried_completely(self, client: Client, api: respx.MockRouter) -> None:
        """A pipe cannot be read again: without a copy the retry would store an empty file."""
        reader, writer = os.pipe()
        os.write(writer, b"content")
        os.close(writer)
        route = api.post("/files/v3/files").mock(side_effect=[httpx.Response(502), httpx.Response(201, json=FILE)])

        with os.fdopen(reader, "rb") as stream:
            client(
                lambda hubspot: hubspot.files.upload(stream, name="a.txt", folder_path="/", duplicates=RETURN_EXISTING)
            )

        assert [sent_parts(call.request)[-1].content for call in route.calls] == [b"content", b"content"]

    def test_an_object_with_only_read(self, client: Client, api: respx.MockRouter) -> None:
        class Reader:
            """An object like the response of an HTTP library."""

            def __init__(self) -> None:
                self.left = [b"one ", b"two ", b"three"]

            def read(self, size: int = -1) -> bytes:
                return self.left.pop(0) if self.left else b""

        assert self.uploaded(client, api, Reader(), name="a") == ("a", b"one two three")

    @pytest.mark.promise("`ArgumentValueError`, `ArgumentTypeError` | correct the call; nothing was changed at HubSpot")
    @pytest.mark.parametrize(
        ("source", "name", "error", "message"),
        [
            (
                lambda: io.StringIO("text"),
                "a.txt",
                TypeError,
                r"text stream; open it in binary mode: open\(path, 'rb'\)",
            ),
            (lambda: b"x", None, ValueError, r"need a name: pass name='cat\.png'"),
            (lambda: io.BytesIO(b"x"), None, ValueError, "streams that are not a file opened at a path, need a name"),
            (lambda: 5, "a.txt", TypeError, "must be a path, bytes or a binary stream that can be read, not int"),
            (lambda: None, "a.txt", TypeError, "must be a path, bytes or a binary stream"),
            (lambda: "/nowhere/cat.png", None, FileNotFoundError, "/nowhere/cat.png"),
            (lambda: "/", "a.txt", IsADirectoryError, "directory"),
            (lambda: PastItsEnd(), "a.txt", ValueError, "is positioned after its end; seek to the start"),
            (lambda: TextReader(), "a.txt", TypeError, "returns text; open it in binary mode"),
            (lambda: NonBlocking(), "a.txt", TypeError, "is in non-blocking mode"),
        ],
    )
    def test_refuses_an_invalid_source_before_anything_is_sent(
        self,
        client: Client,
        api: respx.MockRouter,
        source: Callable[[], Any],
        name: str | None,
        error: type[Exception],
        message: str,
    ) -> None:
        with pytest.raises(error, match=message):
            client(lambda hubspot: hubspot.files.upload(source(), name=name, folder_path="/"))
        assert no_request(api)

    def test_refuses_a_stream_that_returns_text(self, client: Client, api: respx.MockRouter, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("text")
        with (
            open(tmp_path / "a.txt", "rb") as stream,
            pytest.raises(TypeError, match="returns text; open it in binary"),
        ):
            client(_sends("upload", codecs.getreader("utf-8")(stream), name="a.txt"))
        assert no_request(api)


class PastItsEnd(io.BytesIO):
    """A stream positioned past its end."""

    def __init__(self) -> None:
        super().__init__(b"short")
        self.seek(100)


class TextReader:
    """A stream of text that is no TextIOBase."""

    def read(self, size: int = -1) -> str:
        return "text"


class NonBlocking:
    """A stream that has no data yet."""

    def read(self, size: int = -1) -> None:
        return None


class OpenedFiles:
    """Record the files that the source module opens."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.streams: list[IO[bytes]] = []
        monkeypatch.setattr("hubspot_files._content.source_opener.open", self._open, raising=False)

    def _open(self, *arguments: Any) -> IO[bytes]:
        stream = builtins.open(*arguments)
        self.streams.append(stream)
        return stream


class TestUploadClosesFilesItOpened:
    @pytest.fixture
    def opened(self, monkeypatch: pytest.MonkeyPatch) -> OpenedFiles:
        return OpenedFiles(monkeypatch)

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        (tmp_path / "a.txt").write_bytes(b"content")
        return tmp_path / "a.txt"

    @pytest.mark.parametrize("operation", ["upload", "replace"])
    def test_after_success(
        self, client: Client, api: respx.MockRouter, opened: OpenedFiles, path: Path, operation: str
    ) -> None:
        api.post("/files/v3/files").respond(201, json=FILE)
        api.put("/files/v3/files/1").respond(200, json=FILE)
        client(_sends(operation, path))
        assert [stream.closed for stream in opened.streams] == [True]

    @pytest.mark.parametrize("operation", ["upload", "replace"])
    def test_after_an_error(
        self, client: Client, api: respx.MockRouter, opened: OpenedFiles, path: Path, operation: str
    ) -> None:
        api.route().respond(400, json={"message": "no"})
        with pytest.raises(BadRequestError):
            client(_sends(operation, path))
        assert [stream.closed for stream in opened.streams] == [True]

    def test_after_another_exception(
        self, client: Client, api: respx.MockRouter, opened: OpenedFiles, path: Path
    ) -> None:
        def interrupt(request: httpx.Request) -> httpx.Response:
            raise KeyboardInterrupt

        api.route().mock(side_effect=interrupt)
        with pytest.raises(KeyboardInterrupt):
            client(_sends("upload", path))
        assert [stream.closed for stream in opened.streams] == [True]


def _sends(operation: str, source: Any, **options: Any) -> Callable[[Any], Any]:
    if operation == "replace":
        return lambda hubspot: hubspot.files.replace(1, source, access=Access.PRIVATE, **options)
    return lambda hubspot: hubspot.files.upload(source, folder_path="/", **options)


class TestUploadProgress:
    def test_reports_each_attempt(self, client: Client, api: respx.MockRouter) -> None:
        api.post("/files/v3/files").mock(side_effect=[httpx.Response(503), httpx.Response(201, json=FILE)])
        calls: list[tuple[int, int, int]] = []

        client(
            lambda hubspot: hubspot.files.upload(
                bytes(200_000),
                name="a.bin",
                folder_path="/",
                duplicates=RETURN_EXISTING,
                on_progress=lambda *call: calls.append(call),
            )
        )

        for attempt in (1, 2):
            sent = [call[0] for call in calls if call[2] == attempt]
            assert sent == sorted(set(sent))
            assert sent[0] < 200_000
            assert sent[-1] == 200_000
        assert {call[1] for call in calls} == {200_000}
        assert [call[2] for call in calls] == sorted(call[2] for call in calls)

    def test_reports_a_replacement(self, client: Client, api: respx.MockRouter) -> None:
        api.put("/files/v3/files/1").respond(200, json=FILE)
        calls: list[tuple[int, int, int]] = []

        client(_sends("replace", b"content", name="a.txt", on_progress=lambda *call: calls.append(call)))

        assert calls[-1] == (7, 7, 1)

    def test_runs_outside_the_event_loop(self, client: Client, api: respx.MockRouter) -> None:
        """A callback may block, like a progress bar that writes to a terminal."""
        api.post("/files/v3/files").respond(201, json=FILE)
        threads = set()

        client(
            _sends("upload", b"x", name="a.txt", on_progress=lambda *_: threads.add(threading.current_thread().name))
        )

        assert (threading.main_thread().name in threads) is (not client.asynchronous)

    def test_an_error_of_the_callback_ends_the_upload(self, client: Client, api: respx.MockRouter) -> None:
        api.post("/files/v3/files").respond(201, json=FILE)

        def stop(sent: int, size: int, attempt: int) -> None:
            raise ZeroDivisionError("the user pressed Stop")

        with pytest.raises(ZeroDivisionError, match="pressed Stop"):
            client(_sends("upload", b"x", name="a.txt", on_progress=stop))
        assert no_request(api)


class TestUploadOfAChangingFile:
    @pytest.mark.promise("`SourceChangedError` | upload it again when nothing writes to it")
    @pytest.mark.parametrize("operation", ["upload", "replace"])
    def test_that_grows(
        self, client: Client, api: respx.MockRouter, tmp_path: Path, sleeps: list[float], operation: str
    ) -> None:
        path = tmp_path / "log.txt"
        path.write_bytes(b"x" * 100_000)

        def grow(sent: int, size: int, attempt: int) -> None:
            if sent == size:
                with open(path, "ab") as stream:
                    stream.write(b"more")

        with pytest.raises(SourceChangedError, match=r"log\.txt became longer while it was uploaded"):
            client(_sends(operation, path, on_progress=grow))
        assert no_request(api)
        assert sleeps == []
        api.post("/files/v3/files").respond(201, json=FILE)
        api.put("/files/v3/files/1").respond(200, json=FILE)
        assert client(_sends(operation, path)).id == FILE["id"]

    def test_that_shrinks(self, client: Client, api: respx.MockRouter, tmp_path: Path, sleeps: list[float]) -> None:
        path = tmp_path / "log.txt"
        path.write_bytes(b"x" * 4_000_000)

        def shrink(sent: int, size: int, attempt: int) -> None:
            os.truncate(path, 3_000_000)

        with pytest.raises(SourceChangedError, match=r"log\.txt became 1000000 bytes shorter while it was uploaded"):
            client(_sends("upload", path, on_progress=shrink))
        assert no_request(api)
        assert sleeps == []


class TestReplace:
    def test_refuses_an_access_that_hubspot_did_not_state(self, client: Client) -> None:
        access: Any = None
        with pytest.raises(TypeError, match="access is None, as in a File whose access HubSpot did not state; pass"):
            client(lambda hubspot: hubspot.files.replace("1", b"a", name="a.txt", access=access))

    def test_sends_the_documented_request(self, client: Client, api: respx.MockRouter) -> None:
        route = api.put("/files/v3/files/1").respond(200, json=FILE)

        file = client(
            lambda hubspot: hubspot.files.replace(
                "1",
                b"\x89PNG",
                access=Access.PUBLIC_INDEXABLE,
                name="cat.png",
                expires_at=datetime(2026, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=1))),
                charset_hunch="utf-8",
            )
        )

        request = route.calls.last.request
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        hunch, options, content = sent_parts(request)
        assert hunch == ("charsetHunch", None, None, b"utf-8")
        assert (options.name, options.filename, options.content_type) == ("options", None, None)
        assert json.loads(options.content) == {"access": "PUBLIC_INDEXABLE", "expiresAt": "2026-12-31T23:59:00+01:00"}
        assert content == ("file", "cat.png", "image/png", b"\x89PNG")
        assert (file.id, file.name) == ("1", "cat")

    def test_sends_only_the_given_options(self, client: Client, api: respx.MockRouter, tmp_path: Path) -> None:
        route = api.put("/files/v3/files/1").respond(200, json=FILE)
        (tmp_path / "a.txt").write_bytes(b"new")

        client(lambda hubspot: hubspot.files.replace(1, tmp_path / "a.txt", access="SENSITIVE"))

        options, content = sent_parts(route.calls.last.request)
        assert json.loads(options.content) == {"access": "SENSITIVE"}
        assert content == ("file", "a.txt", "text/plain", b"new")

    def test_requires_access(self, client: Client, api: respx.MockRouter) -> None:
        with pytest.raises(TypeError, match="access"):
            client(lambda hubspot: hubspot.files.replace(5, b"x", name="a.txt"))
        assert no_request(api)

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({"file_id": ".."}, ValueError, r"file_id '\.\.' must be digits only"),
            ({"access": "PUBLIC"}, ValueError, "access 'PUBLIC' is not valid"),
            ({"expires_at": datetime(2026, 1, 1)}, ValueError, "expires_at has no time zone"),  # noqa: DTZ001
            ({"expires_at": 1767225600000}, TypeError, "expires_at must be a datetime with a zone, not int"),
            ({"name": None}, ValueError, "pass name="),
            ({"source": 5}, TypeError, "source must be a path, bytes or a binary stream"),
        ],
    )
    def test_refuses_invalid_options_before_anything_is_sent(
        self, client: Client, api: respx.MockRouter, arguments: dict[str, Any], error: type[Exception], message: str
    ) -> None:
        given = {"file_id": 5, "source": b"x", "access": "PRIVATE", "name": "a.txt", **arguments}
        with pytest.raises(error, match=message):
            client(lambda hubspot: hubspot.files.replace(given.pop("file_id"), given.pop("source"), **given))
        assert no_request(api)


class TestGet:
    def test_reads_the_documented_response(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get("/files/v3/files/1").respond(
            200, json={**FILE, "fileMd5": "0cc175b9c0f1b6a831c399e269772661", "expiresAt": 1767225600000}
        )

        file = client(lambda hubspot: hubspot.files.get("1"))

        request = route.calls.last.request
        assert (request.method, str(request.url)) == ("GET", f"{BASE_URL}/files/v3/files/1")
        assert request.content == b""
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert request.headers["accept"] == "application/json"
        assert file.id == "1"
        assert file.created_at == datetime(2023, 6, 28, 17, 56, 45, 393000, tzinfo=UTC)
        assert file.archived is False
        assert file.archived_at is None
        assert file.path == "/library/cat_archive/cat.png"
        assert (file.type_, file.extension, file.encoding) == ("IMG", "png", "png")
        assert (file.width, file.height, file.size) == (225, 219, 24574)
        assert file.access is Access.PRIVATE
        assert file.is_usable_in_content is True
        assert file.expires_at == 1767225600000
        assert file.file_md5 == "0cc175b9c0f1b6a831c399e269772661"

    def test_accepts_an_int(self, client: Client, api: respx.MockRouter) -> None:
        api.get("/files/v3/files/1").respond(200, json=FILE)
        assert client(lambda hubspot: hubspot.files.get(1)).id == "1"

    def test_requests_the_required_properties(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get("/files/v3/files/1").respond(200, json=FILE)

        client(lambda hubspot: hubspot.files.get(1, properties=["size", "id", "size"]))

        assert route.calls.last.request.url.params.multi_items() == [
            ("properties", name) for name in ("size", "id", "access", "createdAt", "updatedAt", "archived")
        ]

    @pytest.mark.unlike_hubspot("a property of a later version")
    def test_keeps_unknown_values(self, client: Client, api: respx.MockRouter) -> None:
        response = {**FILE, "access": "SECRET_2031", "sourceGroup": "BRAND_NEW", "colour": {"main": "ginger"}}
        api.get("/files/v3/files/1").respond(200, json=response)

        file = client(lambda hubspot: hubspot.files.get(1))

        assert (file.access.value, file.access.is_known) == ("SECRET_2031", False)
        assert (file.source_group.value, file.source_group.is_known) == ("BRAND_NEW", False)
        assert file["colour"] == {"main": "ginger"}

    @pytest.mark.parametrize("bad", ["..", ".", "", " ", "1/../2", "1?x=1", "\N{SUPERSCRIPT TWO}", "-1", "9" * 20])
    def test_refuses_an_invalid_id(self, client: Client, api: respx.MockRouter, bad: str) -> None:
        with pytest.raises(ValueError, match=r"file_id .* must be digits only"):
            client(lambda hubspot: hubspot.files.get(bad))
        assert no_request(api)

    @pytest.mark.parametrize(
        ("properties", "message"),
        [("size", "properties must be a list of names, such as .*, not one str"), ([1], "must contain names as str")],
    )
    def test_refuses_invalid_property_names(
        self, client: Client, api: respx.MockRouter, properties: Any, message: str
    ) -> None:
        with pytest.raises(TypeError, match=message):
            client(lambda hubspot: hubspot.files.get(1, properties=properties))
        assert no_request(api)


class TestStat:
    def test_of_a_file(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(url__startswith=f"{BASE_URL}/files/v3/files/stat/").respond(200, json={"file": FILE})

        stat = client(lambda hubspot: hubspot.files.stat("/library/cat_archive/cat.png", properties=["size"]))

        request = route.calls.last.request
        assert request.url.raw_path.partition(b"?")[0] == b"/files/v3/files/stat/library/cat_archive/cat.png"
        assert request.url.params.get_list("properties")[0] == "size"
        assert stat.file.id == "1"
        assert stat.folder is None

    def test_of_a_folder(self, client: Client, api: respx.MockRouter) -> None:
        api.get("/files/v3/files/stat/library/cat_archive").respond(200, json={"folder": FOLDER})

        stat = client(lambda hubspot: hubspot.files.stat("library/cat_archive/"))

        assert stat.folder.id == "1"
        assert stat.file is None

    @pytest.mark.parametrize("body", [{}, [], {"file": None}, {"files": FILE}])
    @pytest.mark.unlike_hubspot("answers of the wrong shape are what it is about")
    def test_a_response_of_neither(self, client: Client, api: respx.MockRouter, body: Any) -> None:
        api.get("/files/v3/files/stat/a").respond(200, json=body)
        with pytest.raises(UnexpectedResponseError, match=r"it (contains neither a file nor a folder|is a list)"):
            client(lambda hubspot: hubspot.files.stat("/a"), max_retries=0)

    def test_quotes_each_segment(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(url__startswith=f"{BASE_URL}/files/v3/files/stat/").respond(200, json={"file": FILE})

        client(lambda hubspot: hubspot.files.stat("/a b/50%/what?#/\N{CAT FACE}.png"))

        path = b"/files/v3/files/stat/a%20b/50%25/what%3F%23/%F0%9F%90%B1.png"
        assert route.calls.last.request.url.raw_path == path

    @pytest.mark.parametrize(
        ("path", "error", "message"),
        [
            ("/", ValueError, "is the root, which has no record"),
            ("", ValueError, "must be a path such as"),
            ("/a/../b", ValueError, r"contains the segment '\.\.'"),
            ("/./b", ValueError, r"contains the segment '\.'"),
            ("/a//b", ValueError, "contains the segment ''"),
            (b"/a", TypeError, "path must be a str"),
        ],
    )
    def test_refuses_invalid_paths(
        self, client: Client, api: respx.MockRouter, path: Any, error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            client(lambda hubspot: hubspot.files.stat(path))
        assert no_request(api)


class TestUpdate:
    @pytest.mark.parametrize(
        ("arguments", "body"),
        [
            (
                {"name": "tomcat", "access": "PUBLIC_NOT_INDEXABLE"},
                {"name": "tomcat", "access": "PUBLIC_NOT_INDEXABLE"},
            ),
            ({"access": Access("SECRET_2031")}, {"access": "SECRET_2031"}),
            ({"parent_folder_id": 122692510820}, {"parentFolderId": "122692510820"}),
            ({"parent_folder_path": "/library/cats/"}, {"parentFolderPath": "/library/cats"}),
            ({"parent_folder_path": "/"}, {"parentFolderPath": "/"}),
            ({"expires_at": datetime(2026, 5, 1, tzinfo=UTC)}, {"expiresAt": "2026-05-01T00:00:00+00:00"}),
            ({"clear_expires": True}, {"clearExpires": True}),
            (
                {"expires_at": datetime(2026, 5, 1, tzinfo=UTC), "clear_expires": False},
                {"expiresAt": "2026-05-01T00:00:00+00:00", "clearExpires": False},
            ),
            ({"is_usable_in_content": False}, {"isUsableInContent": False}),
        ],
    )
    @pytest.mark.unlike_hubspot("an access of a later version")
    def test_sends_only_the_changes(
        self, client: Client, api: respx.MockRouter, arguments: dict[str, Any], body: dict[str, Any]
    ) -> None:
        route = api.patch("/files/v3/files/1").respond(200, json={**FILE, "name": "tomcat"})

        file = client(lambda hubspot: hubspot.files.update("1", **arguments))

        request = route.calls.last.request
        assert request.headers["content-type"] == "application/json"
        assert request.url.query == b""
        assert json.loads(request.content) == completed("updateFile", body)
        assert file.name == "tomcat"

    @pytest.mark.promise("`ArgumentValueError`, `ArgumentTypeError` | correct the call; nothing was changed at HubSpot")
    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({}, ValueError, "nothing to change: pass one of name, access, parent_folder_id"),
            (
                {"parent_folder_id": 1, "parent_folder_path": "/a"},
                ValueError,
                "parent_folder_id and parent_folder_path exclude each other",
            ),
            (
                {"expires_at": datetime(2026, 5, 1, tzinfo=UTC), "clear_expires": True},
                ValueError,
                "expires_at and clear_expires=True exclude each other",
            ),
            ({"expires_at": datetime(2026, 5, 1)}, ValueError, "expires_at has no time zone"),  # noqa: DTZ001
            ({"access": "SECRET"}, ValueError, "access 'SECRET' is not valid"),
            ({"access": 5}, TypeError, "access must be a Access or a str, not int"),
            ({"parent_folder_id": ".."}, ValueError, r"parent_folder_id '\.\.' must be digits"),
            ({"parent_folder_path": "/a/../b"}, ValueError, r"parent_folder_path .* contains the segment '\.\.'"),
            ({"clear_expires": 1}, TypeError, "clear_expires must be True, False or None"),
            ({"is_usable_in_content": "no"}, TypeError, "is_usable_in_content must be True, False or None"),
            ({"file_id": "..", "name": "x"}, ValueError, r"file_id '\.\.' must be digits"),
        ],
    )
    def test_refuses_invalid_changes(
        self, client: Client, api: respx.MockRouter, arguments: dict[str, Any], error: type[Exception], message: str
    ) -> None:
        given = {"file_id": 1, **arguments}
        with pytest.raises(error, match=message):
            client(lambda hubspot: hubspot.files.update(given.pop("file_id"), **given))
        assert no_request(api)


@pytest.mark.parametrize(
    ("operation", "path"),
    [("delete", "/files/v3/files/1"), ("gdpr_delete", "/files/v3/files/1/gdpr-delete")],
)
class TestDelete:
    def test_sends_the_documented_request(
        self, client: Client, api: respx.MockRouter, operation: str, path: str
    ) -> None:
        route = api.delete(path).respond(204)

        result = client(lambda hubspot: getattr(hubspot.files, operation)("1"))

        request = route.calls.last.request
        assert (request.method, str(request.url), request.content) == ("DELETE", f"{BASE_URL}{path}", b"")
        assert result is None

    @pytest.mark.parametrize("bad", ["..", ".", "", "1/2"])
    def test_refuses_an_id_that_changes_the_url(
        self, client: Client, api: respx.MockRouter, operation: str, path: str, bad: str
    ) -> None:
        """`DELETE files/..` would become `DELETE files`."""
        with pytest.raises(ValueError, match=r"file_id .* must be digits only"):
            client(lambda hubspot: getattr(hubspot.files, operation)(bad))
        assert no_request(api)

    def test_a_missing_file_is_an_error(self, client: Client, api: respx.MockRouter, operation: str, path: str) -> None:
        api.delete(path).respond(404)
        with pytest.raises(NotFoundError):
            client(lambda hubspot: getattr(hubspot.files, operation)("1"))

    @pytest.mark.parametrize("lost", [httpx.Response(502), httpx.ReadTimeout("late"), httpx.ReadError("reset")])
    def test_a_404_after_a_lost_response_is_success(
        self, client: Client, api: respx.MockRouter, operation: str, path: str, lost: Any
    ) -> None:
        route = api.delete(path).mock(side_effect=[lost, httpx.Response(404)])
        assert client(lambda hubspot: getattr(hubspot.files, operation)("1")) is None
        assert route.call_count == 2

    @pytest.mark.parametrize("lost", [httpx.Response(429), httpx.ConnectError("refused")])
    def test_a_404_after_a_request_that_was_not_sent_is_an_error(
        self, client: Client, api: respx.MockRouter, operation: str, path: str, lost: Any
    ) -> None:
        route = api.delete(path).mock(side_effect=[lost, httpx.Response(404)])
        with pytest.raises(NotFoundError):
            client(lambda hubspot: getattr(hubspot.files, operation)("1"))
        assert route.call_count == 2


class TestSignedUrl:
    def test_reads_the_documented_response(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get("/files/v3/files/1/signed-url").respond(
            200, json=SIGNED, headers={"date": "Sun, 01 Mar 2026 12:00:00 GMT"}
        )

        signed = client(lambda hubspot: hubspot.files.signed_url("1"))

        assert str(route.calls.last.request.url) == f"{BASE_URL}/files/v3/files/1/signed-url"
        assert signed.url == f"{STORAGE}/cat.png?sig=secret"
        assert signed.expires_at == datetime(2026, 3, 1, 12, 10, tzinfo=UTC)
        assert (signed.name, signed.extension, signed.type) == ("cat", "png", "IMG")
        assert (signed.size, signed.width, signed.height) == (24574, 225, 219)
        # By the server's clock, independent of this machine's.
        assert timedelta(minutes=9, seconds=50) < signed.remaining() <= timedelta(minutes=10)
        assert not signed.is_expired()
        assert signed.is_expired(leeway=timedelta(minutes=10))

    @pytest.mark.parametrize(
        ("arguments", "sent"),
        [
            ({"expires_in": timedelta(minutes=10)}, [("expirationSeconds", "600")]),
            ({"expires_in": 3600}, [("expirationSeconds", "3600")]),
            ({"size": "thumb"}, [("size", "thumb")]),
            ({"size": SignedUrlSize.ICON, "upscale": True}, [("size", "icon"), ("upscale", "true")]),
            ({"size": "preview", "upscale": False}, [("size", "preview"), ("upscale", "false")]),
            ({"properties": ["height", "width"]}, [("property", "height"), ("property", "width")]),
        ],
    )
    def test_sends_the_options(
        self, client: Client, api: respx.MockRouter, arguments: dict[str, Any], sent: list[tuple[str, str]]
    ) -> None:
        route = api.get("/files/v3/files/1/signed-url").respond(200, json=SIGNED)
        client(lambda hubspot: hubspot.files.signed_url(1, **arguments))
        assert query(route.calls.last.request) == sent

    def test_reads_a_response_with_only_the_url(self, client: Client, api: respx.MockRouter) -> None:
        """HubSpot has omitted the other fields."""
        api.get("/files/v3/files/1/signed-url").respond(
            200, json={"url": STORAGE}, headers={"date": "Sun, 01 Mar 2026 12:00:00 GMT"}
        )

        signed = client(lambda hubspot: hubspot.files.signed_url(1, expires_in=60))

        assert (signed.url, signed.name, signed.size) == (STORAGE, None, None)
        # A Date has whole seconds only, and up to one more has passed.
        assert signed.expires_at == datetime(2026, 3, 1, 12, 1, 1, tzinfo=UTC)
        assert timedelta(seconds=55) < signed.remaining() <= timedelta(seconds=60)

    def test_a_response_without_valid_dates_is_an_error(self, client: Client, api: respx.MockRouter) -> None:
        api.get("/files/v3/files/1/signed-url").respond(200, json={"url": STORAGE})
        with pytest.raises(UnexpectedResponseError, match="does not say when the URL expires; pass expires_in="):
            client(lambda hubspot: hubspot.files.signed_url(1))

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({"file": ".."}, ValueError, r"file '\.\.' must be digits"),
            ({"expires_in": 0}, ValueError, "expires_in must be one second or more, not 0"),
            ({"expires_in": -5}, ValueError, "expires_in must be one second or more, not -5"),
            ({"expires_in": timedelta(seconds=-5)}, ValueError, "expires_in must be one second or more"),
            ({"expires_in": timedelta(milliseconds=1500)}, ValueError, "expires_in must be whole seconds"),
            ({"expires_in": 1.5}, TypeError, "expires_in must be a timedelta or whole seconds as an int, not float"),
            ({"expires_in": True}, TypeError, "expires_in must be a timedelta or whole seconds as an int, not bool"),
            ({"size": "huge"}, ValueError, "size 'huge' is not valid; use one of icon, medium, preview, thumb"),
            ({"upscale": True}, ValueError, "upscale needs a size to scale to: pass size="),
            ({"size": "icon", "upscale": "yes"}, TypeError, "upscale must be True, False or None"),
            ({"properties": "height"}, TypeError, "properties must be a list of names"),
        ],
    )
    def test_refuses_invalid_options(
        self, client: Client, api: respx.MockRouter, arguments: dict[str, Any], error: type[Exception], message: str
    ) -> None:
        given = {"file": 1, **arguments}
        with pytest.raises(error, match=message):
            client(lambda hubspot: hubspot.files.signed_url(given.pop("file"), **given))
        assert no_request(api)

    def test_a_sensitive_file_advises_download(self, client: Client, api: respx.MockRouter) -> None:
        api.get("/files/v3/files/1/signed-url").respond(404)
        with pytest.raises(NotFoundError, match="the signed URL of a sensitive file"):
            client(lambda hubspot: hubspot.files.signed_url(1))


class TestImportFromUrl:
    def test_sends_the_documented_request(self, client: Client, api: respx.MockRouter) -> None:
        route = api.post("/files/v3/files/import-from-url/async").respond(202, json=LOCATOR)

        task = client(
            lambda hubspot: hubspot.files.import_from_url(
                "https://example.com/cat.png",
                access=Access.PUBLIC_INDEXABLE,
                folder_path="/library/cat_archive",
                name="cat.png",
                ttl="P3M",
                overwrite=False,
                duplicates=RETURN_EXISTING,
            )
        )

        request = route.calls.last.request
        assert request.headers["content-type"] == "application/json"
        assert json.loads(request.content) == {
            "url": "https://example.com/cat.png",
            "access": "PUBLIC_INDEXABLE",
            "folderPath": "/library/cat_archive",
            "name": "cat.png",
            "ttl": "P3M",
            "overwrite": False,
            "duplicateValidationStrategy": "RETURN_EXISTING",
            "duplicateValidationScope": "EXACT_FOLDER",
        }
        assert task.id == "57122e26-59f8-4cfc-ba53-96e30c816762"
        assert task.state is None
        assert len(api.calls) == 1

    def test_sends_only_the_given_options(self, client: Client, api: respx.MockRouter) -> None:
        route = api.post("/files/v3/files/import-from-url/async").respond(202, json=LOCATOR)

        client(
            lambda hubspot: hubspot.files.import_from_url(
                "HTTP://example.com", folder_id="7", expires_at=datetime(2026, 5, 1, tzinfo=UTC)
            )
        )

        body = {
            "url": "HTTP://example.com",
            "access": "PRIVATE",
            "folderId": "7",
            "expiresAt": "2026-05-01T00:00:00+00:00",
        }
        assert json.loads(route.calls.last.request.content) == completed("importFileFromUrl", body)

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({"url": "ftp://example.com/a"}, ValueError, "url must begin with http:// or https://"),
            ({"url": "cat.png"}, ValueError, "url must begin with http:// or https://"),
            ({"url": None}, TypeError, "url must be a str, not NoneType"),
            ({"folder_path": None}, ValueError, "pass folder_id= or folder_path="),
            ({"folder_id": 1}, ValueError, "folder_id and folder_path exclude each other"),
            ({"access": "SECRET"}, ValueError, "access 'SECRET' is not valid"),
            ({"ttl": timedelta(hours=12)}, ValueError, "ttl must be whole days"),
            (
                {"ttl": "P1D", "expires_at": datetime(2026, 5, 1, tzinfo=UTC)},
                ValueError,
                "ttl and expires_at exclude each other",
            ),
            ({"expires_at": datetime(2026, 5, 1)}, ValueError, "expires_at has no time zone"),  # noqa: DTZ001
            ({"duplicates": "REJECT"}, TypeError, "duplicates must be a DuplicateCheck"),
        ],
    )
    def test_refuses_invalid_options(
        self, client: Client, api: respx.MockRouter, arguments: dict[str, Any], error: type[Exception], message: str
    ) -> None:
        given = {"url": "https://example.com/a", "folder_path": "/", **arguments}
        with pytest.raises(error, match=message):
            client(lambda hubspot: hubspot.files.import_from_url(given.pop("url"), **given))
        assert no_request(api)


class Operation(NamedTuple):
    """A call of an operation, its response, and whether it is idempotent."""

    name: str
    call: Callable[..., Any]
    method: str
    path: str
    response: httpx.Response
    creates: bool = False

    def __repr__(self) -> str:
        return self.name


OPERATIONS = [
    Operation(
        "upload",
        lambda files, **options: files.upload(b"content", name="a.txt", folder_path="/", **options),
        "POST",
        "/files/v3/files",
        httpx.Response(201, json=FILE),
        creates=True,
    ),
    Operation(
        "upload-answered-with-what-exists",
        lambda files, **options: files.upload(
            b"content", name="a.txt", folder_path="/", duplicates=RETURN_EXISTING, **options
        ),
        "POST",
        "/files/v3/files",
        httpx.Response(201, json=FILE),
    ),
    Operation(
        "replace",
        lambda files, **options: files.replace(1, b"content", name="a.txt", access="PRIVATE", **options),
        "PUT",
        "/files/v3/files/1",
        httpx.Response(200, json=FILE),
    ),
    Operation(
        "get",
        lambda files, **options: files.get(1, **options),
        "GET",
        "/files/v3/files/1",
        httpx.Response(200, json=FILE),
    ),
    Operation(
        "stat",
        lambda files, **options: files.stat("/a", **options),
        "GET",
        "/files/v3/files/stat/a",
        httpx.Response(200, json={"file": FILE}),
    ),
    Operation(
        "search",
        lambda files, **options: files.search(**options),
        "GET",
        "/files/v3/files/search",
        httpx.Response(200, json={"results": [FILE]}),
    ),
    Operation(
        "update",
        lambda files, **options: files.update(1, name="b", **options),
        "PATCH",
        "/files/v3/files/1",
        httpx.Response(200, json=FILE),
    ),
    Operation(
        "delete",
        lambda files, **options: files.delete(1, **options),
        "DELETE",
        "/files/v3/files/1",
        httpx.Response(204),
    ),
    Operation(
        "gdpr_delete",
        lambda files, **options: files.gdpr_delete(1, **options),
        "DELETE",
        "/files/v3/files/1/gdpr-delete",
        httpx.Response(204),
    ),
    Operation(
        "signed_url",
        lambda files, **options: files.signed_url(1, **options),
        "GET",
        "/files/v3/files/1/signed-url",
        httpx.Response(200, json=SIGNED),
    ),
    Operation(
        "import_from_url",
        lambda files, **options: files.import_from_url("https://example.com/a", folder_path="/", **options),
        "POST",
        "/files/v3/files/import-from-url/async",
        httpx.Response(202, json=LOCATOR),
        creates=True,
    ),
    Operation(
        "import_from_url-answered-with-what-exists",
        lambda files, **options: files.import_from_url(
            "https://example.com/a", folder_path="/", duplicates=RETURN_EXISTING, **options
        ),
        "POST",
        "/files/v3/files/import-from-url/async",
        httpx.Response(202, json=LOCATOR),
    ),
]
BY_NAME = {operation.name: operation for operation in OPERATIONS}
SAFE = [operation for operation in OPERATIONS if not operation.creates]
CREATING = [operation for operation in OPERATIONS if operation.creates]
# Failures after which HubSpot may have processed the request.
AMBIGUOUS = [
    httpx.Response(500, json={"message": "internal error"}),
    httpx.Response(502, html="<html><title>502 Bad Gateway</title></html>"),
    httpx.Response(503),
    httpx.Response(504),
    httpx.Response(524, html="<html>A timeout occurred</html>"),
    httpx.ReadTimeout("no answer"),
    httpx.ReadError("connection reset by peer"),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
]


# Successes that do not come from this API.
UNREADABLE = [
    httpx.Response(200, content=b""),
    httpx.Response(200, html="<html>Welcome</html>"),
    httpx.Response(200, content=b"[" * 100_000),
    httpx.Response(200, json=[]),
    httpx.Response(200, json={}),
    httpx.Response(200, json={"results": 5, "createdAt": 5, "url": None, "file": 5}),
]


def content(request: httpx.Request) -> Any:
    """Return the request's content without its random boundary."""
    multipart = request.headers.get("content-type", "").startswith("multipart/")
    return sent_parts(request) if multipart else request.content


def case_id(value: Any) -> str:
    return value.name if isinstance(value, Operation) else str(getattr(value, "status_code", type(value).__name__))


class TestRetries:
    def run(
        self, client: Client, api: respx.MockRouter, operation: Operation, *responses: Any, **options: Any
    ) -> respx.Route:
        route = api.route(method=operation.method, path=operation.path).mock(side_effect=responses)
        client(lambda hubspot: operation.call(hubspot.files), **options)
        return route

    @pytest.mark.parametrize(
        ("operation", "failure"),
        [(operation, failure) for operation in SAFE for failure in AMBIGUOUS[1::4]]
        + [(BY_NAME["get"], failure) for failure in AMBIGUOUS],
        ids=case_id,
    )
    def test_retries_idempotent_requests_completely(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation, failure: Any
    ) -> None:
        route = self.run(client, api, operation, failure, operation.response)

        first, second = (call.request for call in route.calls)
        assert content(first) == content(second)
        assert first.url == second.url
        assert len(sleeps) == 1
        assert 0 <= sleeps[0] <= 0.5

    @pytest.mark.parametrize("failure", AMBIGUOUS, ids=case_id)
    @pytest.mark.parametrize("operation", CREATING, ids=case_id)
    def test_does_not_retry_a_creation_of_unknown_outcome(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation, failure: Any
    ) -> None:
        api.get("/files/v3/files/stat/a.txt").respond(404)
        looked_up = operation.name == "upload"
        message = r"nothing at '/a\.txt' yet\. Look with files\.stat" if looked_up else "Look with files"
        with pytest.raises(OutcomeUnknownError, match=message) as caught:
            self.run(client, api, operation, failure, operation.response)
        lookups = ["GET"] if operation.name == "upload" else []
        assert [call.request.method for call in api.calls] == ["POST", *lookups]
        assert sleeps == []
        assert isinstance(caught.value.__cause__, ServerError | ConnectionFailedError)

    @pytest.mark.parametrize(
        ("operation", "failure"),
        [(operation, httpx.ConnectError("refused")) for operation in OPERATIONS]
        + [(BY_NAME["upload"], failure) for failure in (httpx.ConnectTimeout("late"), httpx.PoolTimeout("busy"))],
        ids=case_id,
    )
    def test_retries_a_request_that_was_not_sent(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation, failure: Exception
    ) -> None:
        assert self.run(client, api, operation, failure, failure, operation.response).call_count == 3
        assert len(sleeps) == 2

    @pytest.mark.parametrize("operation", OPERATIONS, ids=case_id)
    def test_waits_for_retry_after(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation
    ) -> None:
        limited = httpx.Response(
            429, headers={"retry-after": "7"}, json={"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}
        )
        assert self.run(client, api, operation, limited, operation.response).call_count == 2
        assert sleeps == [7.0]

    @pytest.mark.parametrize("operation", OPERATIONS, ids=case_id)
    def test_does_not_wait_for_the_daily_limit(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation
    ) -> None:
        limited = httpx.Response(
            429,
            json={"status": "error", "message": "You have reached your daily limit.", "policyName": "DAILY"},
        )
        with pytest.raises(RateLimitError, match=r"You have reached your daily limit\.\nThe daily limit") as caught:
            self.run(client, api, operation, limited, operation.response)
        assert caught.value.policy == "DAILY"
        assert len(api.calls) == 1
        assert sleeps == []

    @pytest.mark.parametrize("operation", OPERATIONS, ids=case_id)
    def test_does_not_wait_for_an_account_migration(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation
    ) -> None:
        moving = httpx.Response(477, headers={"retry-after": "86400"}, html="<html>477</html>")
        with pytest.raises(RateLimitError, match=r"477: .*\nHubSpot is moving this account") as caught:
            self.run(client, api, operation, moving, operation.response)
        assert (caught.value.status_code, caught.value.retry_after) == (477, 86400.0)
        assert len(api.calls) == 1
        assert sleeps == []

    @pytest.mark.parametrize("operation", OPERATIONS, ids=case_id)
    def test_waits_for_a_lock(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation
    ) -> None:
        assert self.run(client, api, operation, httpx.Response(423), operation.response).call_count == 2
        assert sleeps == [2.0]

    @pytest.mark.parametrize("operation", OPERATIONS, ids=case_id)
    def test_refreshes_the_token_once(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation
    ) -> None:
        tokens = iter(["stale", "fresh", "never asked for"])
        expired = httpx.Response(401, json={"category": "EXPIRED_AUTHENTICATION", "message": "expired"})

        route = self.run(client, api, operation, expired, operation.response, access_token=lambda: next(tokens))

        assert [call.request.headers["authorization"] for call in route.calls] == ["Bearer stale", "Bearer fresh"]
        assert content(route.calls[0].request) == content(route.calls[1].request)
        assert sleeps == []

    @pytest.mark.parametrize(("token", "attempts"), [(TOKEN, 1), (lambda: TOKEN, 2)], ids=["str", "provider"])
    @pytest.mark.parametrize("operation", OPERATIONS, ids=case_id)
    def test_a_refused_token_is_an_error(
        self, client: Client, api: respx.MockRouter, operation: Operation, token: Any, attempts: int
    ) -> None:
        expired = httpx.Response(401, json={"category": "EXPIRED_AUTHENTICATION", "message": "expired"})
        with pytest.raises(AuthenticationError, match="401 EXPIRED_AUTHENTICATION: expired"):
            self.run(client, api, operation, expired, expired, expired, access_token=token)
        assert len(api.calls) == attempts

    @pytest.mark.parametrize("operation", SAFE, ids=case_id)
    def test_gives_up_after_max_retries(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation
    ) -> None:
        page = httpx.Response(502, html="<html><title>502 Bad Gateway</title></html>")
        with pytest.raises(ServerError, match=r"502: the response is not HubSpot's error \(\d+ bytes of text/html\)"):
            self.run(client, api, operation, page, page, page, operation.response, max_retries=2)
        assert len(api.calls) == 3
        assert len(sleeps) == 2
        assert 0 <= sleeps[1] <= 1.0

    @pytest.mark.parametrize("operation", SAFE, ids=case_id)
    def test_a_timeout_is_raised_as_an_error_of_the_sdk(
        self, client: Client, api: respx.MockRouter, operation: Operation
    ) -> None:
        with pytest.raises(
            RequestTimeoutError, match=rf"{operation.method} {versioned(operation.path)}: no response in time"
        ):
            self.run(client, api, operation, httpx.ReadTimeout("late"), operation.response, max_retries=0)
        assert len(api.calls) == 1

    @pytest.mark.parametrize(
        ("response", "error", "message"),
        [
            (httpx.Response(400, json={"message": "Could not determine name"}), BadRequestError, "400: Could not"),
            (httpx.Response(403, json={"context": {"missingScopes": ["files"]}}), PermissionDeniedError, "files"),
            (httpx.Response(404), NotFoundError, "404: the response is empty"),
            (httpx.Response(404, html="<html>Not found</html>"), NotFoundError, "bytes of text/html"),
            (httpx.Response(409, json={"message": "exists"}), ConflictError, "409: exists"),
            (httpx.Response(413), BadRequestError, "413"),
            (httpx.Response(307, headers={"location": "https://evil.example"}), BadRequestError, "a redirect"),
        ],
    )
    @pytest.mark.parametrize("operation", [BY_NAME["upload"], BY_NAME["get"], BY_NAME["delete"]], ids=case_id)
    @pytest.mark.unlike_hubspot("a redirect, and scopes named in the other way that has been seen")
    def test_does_not_retry_a_refused_request(
        self,
        client: Client,
        api: respx.MockRouter,
        sleeps: list[float],
        operation: Operation,
        response: httpx.Response,
        error: type[Exception],
        message: str,
    ) -> None:
        with pytest.raises(error, match=message):
            self.run(client, api, operation, response, operation.response)
        assert len(api.calls) == 1
        assert sleeps == []

    def test_raises_for_a_long_lock(self, client: Client, api: respx.MockRouter) -> None:
        with pytest.raises(LockedError) as caught:
            self.run(client, api, BY_NAME["get"], httpx.Response(423, headers={"retry-after": "3600"}))
        assert caught.value.retry_after == 3600.0

    @pytest.mark.parametrize("response", UNREADABLE, ids=["empty", "html", "nested", "list", "nothing", "types"])
    @pytest.mark.parametrize("name", ["get", "search", "upload-answered-with-what-exists"])
    @pytest.mark.unlike_hubspot("answers of the wrong shape are what it is about")
    def test_retries_an_unreadable_success(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], name: str, response: httpx.Response
    ) -> None:
        route = self.run(client, api, BY_NAME[name], response, response, BY_NAME[name].response)
        assert route.call_count == 3
        assert content(route.calls[0].request) == content(route.calls[2].request)
        assert len(sleeps) == 2
        assert 0 <= sleeps[0] <= 0.5
        assert 0 <= sleeps[1] <= 1.0

    @pytest.mark.parametrize("response", UNREADABLE, ids=["empty", "html", "nested", "list", "nothing", "types"])
    @pytest.mark.parametrize("name", ["get", "search"])
    @pytest.mark.unlike_hubspot("answers of the wrong shape are what it is about")
    def test_an_unreadable_success_is_an_error_after_max_retries(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], name: str, response: httpx.Response
    ) -> None:
        operation = BY_NAME[name]
        with pytest.raises(
            UnexpectedResponseError, match=f"{operation.method} {versioned(operation.path)}: 200: the response"
        ):
            self.run(client, api, operation, response, response, response, operation.response, max_retries=2)
        assert len(api.calls) == 3
        assert len(sleeps) == 2

    @pytest.mark.parametrize("name", ["stat", "signed_url"])
    def test_an_unreadable_success_of_other_operations_is_an_error(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], name: str
    ) -> None:
        assert self.run(client, api, BY_NAME[name], *UNREADABLE[:3], BY_NAME[name].response).call_count == 4
        assert len(sleeps) == 3

    @pytest.mark.parametrize("response", UNREADABLE, ids=["empty", "html", "nested", "list", "nothing", "types"])
    @pytest.mark.parametrize("name", ["replace", "update"])
    @pytest.mark.unlike_hubspot("answers of the wrong shape are what it is about")
    def test_reads_a_changed_record_instead_of_a_retry(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], name: str, response: httpx.Response
    ) -> None:
        record = api.get("/files/v3/files/1").mock(
            side_effect=[response, httpx.Response(503), httpx.Response(200, json={**FILE, "name": "as it is now"})]
        )
        operation = BY_NAME[name]
        changing = api.route(method=operation.method, path=operation.path).mock(side_effect=[response])

        assert client(lambda hubspot: operation.call(hubspot.files)).name == "as it is now"

        assert (changing.call_count, record.call_count, len(sleeps)) == (1, 3, 3)

    def test_a_record_that_cannot_be_read_after_a_change_is_an_error(
        self, client: Client, api: respx.MockRouter
    ) -> None:
        """The error names the change, which was successful."""
        api.get("/files/v3/files/1").respond(404)
        with pytest.raises(NotFoundError, match=rf"^GET {versioned('/files/v3/files/1')}: 404"):
            self.run(client, api, BY_NAME["update"], httpx.Response(200))

    @pytest.mark.parametrize("response", UNREADABLE, ids=["empty", "html", "nested", "list", "nothing", "types"])
    @pytest.mark.parametrize("operation", CREATING, ids=case_id)
    @pytest.mark.unlike_hubspot("answers of the wrong shape are what it is about")
    def test_does_not_retry_a_creation_with_an_unreadable_success(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], operation: Operation, response: httpx.Response
    ) -> None:
        api.get("/files/v3/files/stat/a.txt").respond(404)
        with pytest.raises(
            OutcomeUnknownError, match=rf"^POST {versioned(operation.path)}: HubSpot may have done it"
        ) as caught:
            self.run(client, api, operation, response, operation.response)
        assert [call.request.method for call in api.calls].count("POST") == 1
        assert sleeps == []
        assert isinstance(caught.value.__cause__, UnexpectedResponseError)

    def test_accepts_any_success_of_a_deletion(self, client: Client, api: respx.MockRouter) -> None:
        assert self.run(client, api, BY_NAME["delete"], httpx.Response(200, html="<html>")).call_count == 1

    @pytest.mark.parametrize("operation", OPERATIONS, ids=case_id)
    def test_applies_the_timeout(self, client: Client, api: respx.MockRouter, operation: Operation) -> None:
        route = api.route(method=operation.method, path=operation.path).mock(side_effect=[operation.response])
        client(lambda hubspot: operation.call(hubspot.files, timeout=httpx.Timeout(7, connect=3)))
        timeouts = {"connect": 3, "read": 7, "write": 7, "pool": 7}
        assert route.calls.last.request.extensions["timeout"] == timeouts


class TestUploadCutBeforeItsEnd:
    """An upload that breaks off before it is fully sent: HubSpot cannot have stored it."""

    @pytest.mark.parametrize("error", [httpx.WriteError("broken pipe"), httpx.ReadError("reset")], ids=case_id)
    def test_is_retried_completely(
        self, client: Client, sleeps: list[float], tmp_path: Path, error: httpx.TransportError
    ) -> None:
        path = tmp_path / "a.bin"
        content = os.urandom(3_000_000)
        path.write_bytes(content)
        wire = Wire((200_000, error), (0, error), response=httpx.Response(201, json=FILE))
        calls: list[tuple[int, int, int]] = []

        file = client(
            _sends("upload", path, on_progress=lambda *call: calls.append(call)), http_client=client.http(wire)
        )

        assert file.id == "1"
        assert len(wire.received) == 3
        assert all(len(received) < 3_000_000 for received in wire.received[:2])
        assert wire.received[2].count(content) == 1
        assert len(sleeps) == 2
        assert [call[2] for call in calls] == sorted(call[2] for call in calls)
        assert calls[-1] == (3_000_000, 3_000_000, 3)

    def test_is_not_retried_if_fully_sent(self, client: Client, sleeps: list[float]) -> None:
        class Silent(Wire):
            """A connection that takes the complete request and breaks."""

            def _respond(self) -> httpx.Response:
                raise httpx.ReadError("reset")

        wire = Silent(response=httpx.Response(201))
        with pytest.raises(OutcomeUnknownError) as caught:
            client(_sends("upload", b"content", name="a.txt"), http_client=client.http(wire), max_retries=0)
        # The second request is the lookup, which fails too.
        assert [b"content" in received for received in wire.received] == [True, False]
        assert sleeps == []
        assert isinstance(caught.value.__cause__, ConnectionFailedError)

    def test_is_retried_after_a_timeout(self, client: Client, tmp_path: Path) -> None:
        path = tmp_path / "a.bin"
        path.write_bytes(bytes(3_000_000))
        wire = Wire((100_000, httpx.WriteTimeout("stalled")), response=httpx.Response(201, json=FILE))
        client(_sends("upload", path), http_client=client.http(wire))
        assert [len(received) > 3_000_000 for received in wire.received] == [False, True]
