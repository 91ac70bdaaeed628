"""Operations on a File or Folder that one has already: the calls they cost, public URLs, and records out of date."""

from __future__ import annotations

import functools
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from hubspot_files import Access, ArgumentValueError, DownloadCorruptedError, File, Folder, NotFoundError
from hubspot_files.testing import Clock, Emulator

from .support import Client, collected, enter, leave

CONTENT = b"a public cat"
DOCUMENT = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
COSTS = {
    row: tuple(counts.split(" | "))
    for row, counts in re.findall(r"^\| (`[^|]+`) \| ([-\d] \| \d \| \d \| \d) \|$", DOCUMENT, re.MULTILINE)
}
Respond = Callable[[httpx.Request], httpx.Response]


class Hosts(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The emulator's hosts, of which a test can replace the responses to public URLs.

    Attributes:
        respond: makes the response to a request without a signature, or None for the emulator's.
        fetched: headers of these requests.
        signed: responses to the next requests for signed URLs, before those of the emulator.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.respond: Respond | None = None
        self.fetched: list[httpx.Headers] = []
        self.signed: list[httpx.Response] = []

    def _own(self, request: httpx.Request) -> httpx.Response | None:
        if request.url.path.endswith("/signed-url") and self.signed:
            return self.signed.pop(0)
        if "/hubfs/" not in request.url.path or "signature" in request.url.params:
            return None
        self.fetched.append(request.headers)
        return None if self.respond is None else self.respond(request)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._own(request) or self.emulator.transport.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._own(request) or await self.emulator.transport.handle_async_request(request)

    @property
    def calls(self) -> list[str | None]:
        """The calls of the API."""
        return [request.operation for request in self.emulator.requests if request.operation != "fetchContent"]


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    with Emulator(clock=Clock(datetime(2026, 1, 1, tzinfo=UTC), frozen=True)) as emulator:
        yield Hosts(emulator)


def run(client: Client, hosts: Hosts, program: Callable[[Any], Any], **options: Any) -> Any:
    options = {"max_retries": 0, "clock": hosts.emulator.clock, **options}
    return client(program, access_token=hosts.emulator.token, http_client=client.http(hosts), **options)


def known(client: Client, hosts: Hosts, content: bytes = CONTENT, access: str = "PUBLIC_INDEXABLE") -> File:
    """Add a file, and return its record from a search."""
    id = hosts.emulator.add_file("/library/cat.txt", content, access=access).id
    [file] = run(client, hosts, lambda hubspot: hubspot.files.search(ids=[id]))
    assert isinstance(file, File)
    hosts.emulator.forget_requests()
    return file


def to_path(hubspot: Any, file: Any, folder: Path) -> Any:
    path = yield hubspot.files.download(file, folder / "got")
    return path.read_bytes()


def to_sink(hubspot: Any, file: Any, folder: Path) -> Any:
    sink = io.BytesIO()
    yield hubspot.files.download(file, sink)
    return sink.getvalue()


def to_bytes(hubspot: Any, file: Any, folder: Path) -> Any:
    return (yield hubspot.files.read(file))


def to_chunks(hubspot: Any, file: Any, folder: Path) -> Any:
    manager = hubspot.files.stream(file)
    stream = yield enter(manager)
    try:
        return b"".join((yield collected(stream)))
    finally:
        yield leave(manager)


def to_reads(hubspot: Any, file: Any, folder: Path) -> Any:
    opened = yield hubspot.files.open(file, block_size=1, cache_size=1)
    for position in range(len(CONTENT)):
        yield opened.seek(position)
        yield opened.read(1)
    yield leave(opened)


RESTARTABLE = [to_path, to_bytes]
WAYS = [*RESTARTABLE, to_sink, to_chunks]
ways = pytest.mark.parametrize("way", WAYS)


def fetch(client: Client, hosts: Hosts, way: Any, file: Any, folder: Path, **options: Any) -> Any:
    return run(client, hosts, lambda hubspot: way(hubspot, file, folder), **options)


def itself(file: File) -> File:
    return file


def id_of(file: File) -> str:
    return file.id


def path_of(file: File) -> str:
    assert file.path is not None
    return file.path


class TestCalls:
    def test_are_in_the_documentation(self) -> None:
        assert set(COSTS) == set(PROGRAMS)

    @pytest.mark.parametrize("row", COSTS)
    def test_are_those_of_the_documentation(self, row: str, client: Client, hosts: Hosts, tmp_path: Path) -> None:
        counts = []
        for access, name in (*(("PRIVATE", name) for name in (path_of, id_of, itself)), ("PUBLIC_INDEXABLE", itself)):
            file = known(client, hosts, access=access)
            program = functools.partial(PROGRAMS[row], file=name(file), folder=tmp_path)
            if (name, COSTS[row][0]) == (path_of, "-"):
                with pytest.raises(ArgumentValueError, match=r"files\.stat finds the record at a path"):
                    run(client, hosts, program)
                counts.append("-" * (hosts.calls == []))
                continue
            run(client, hosts, program)
            counts.append(str(len(hosts.calls)))
        assert tuple(counts) == COSTS[row]

    @pytest.mark.promise("With a `File`, a public file is fetched from its URL, without the token.")
    @ways
    def test_a_public_file_is_fetched_without_token(
        self, client: Client, hosts: Hosts, way: Any, tmp_path: Path
    ) -> None:
        file = known(client, hosts)
        assert fetch(client, hosts, way, file, tmp_path) == CONTENT
        assert hosts.calls == []
        assert [headers.get("authorization") for headers in hosts.fetched] == [None]

    @ways
    def test_by_id_the_record_is_fetched(self, client: Client, hosts: Hosts, way: Any, tmp_path: Path) -> None:
        file = known(client, hosts)
        assert fetch(client, hosts, way, int(file.id), tmp_path) == CONTENT
        assert hosts.calls == ["getFile", "getSignedUrl"]
        assert hosts.fetched == []

    @pytest.mark.parametrize("access", ["PRIVATE", "HIDDEN_PRIVATE", "HIDDEN_INDEXABLE"])
    @ways
    def test_other_files_are_fetched_from_a_signed_url(
        self, client: Client, hosts: Hosts, way: Any, access: str, tmp_path: Path
    ) -> None:
        file = attrs.evolve(known(client, hosts), access=Access(access))
        assert fetch(client, hosts, way, file, tmp_path) == CONTENT
        assert (hosts.calls, hosts.fetched) == (["getSignedUrl"], [])

    def test_a_sensitive_file_is_fetched_from_the_api(self, client: Client, hosts: Hosts, tmp_path: Path) -> None:
        file = known(client, hosts, access="SENSITIVE")
        assert fetch(client, hosts, to_path, file, tmp_path) == CONTENT
        assert hosts.calls == ["downloadFile"]

    @pytest.mark.parametrize("lacking", [{"size": None}, {"file_md5": None}, {"file_md5": ""}])
    @ways
    def test_a_record_that_cannot_verify_content_is_fetched(
        self, client: Client, hosts: Hosts, way: Any, lacking: Any, tmp_path: Path
    ) -> None:
        """Such as one of a search with `properties`."""
        file = attrs.evolve(known(client, hosts), **lacking)
        assert fetch(client, hosts, way, file, tmp_path) == CONTENT
        assert hosts.calls == ["getFile", "getSignedUrl"]


def replaced_cat(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=CONTENT[::-1], headers={"etag": '"other"'})


def raises(error: Exception) -> Respond:
    def respond(request: httpx.Request) -> httpx.Response:
        raise error

    return respond


def cut(content: bytes, **headers: str) -> Respond:
    """Return a host that says that it sends the whole content, and sends a part."""

    def respond(request: httpx.Request) -> httpx.Response:
        length = {"content-length": str(len(CONTENT))}
        return httpx.Response(200, headers={**length, **headers}, stream=Cut(content))

    return respond


class Cut(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that ends with an error."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self.content
        raise httpx.ReadError("cut")

    async def __aiter__(self) -> Any:
        yield self.content
        raise httpx.ReadError("cut")


class TestDoubts:
    @pytest.mark.parametrize(
        "doubtful",
        [
            {"archived": True},
            {"url": None},
            {"url": ""},
            {"url": "http://example.com/cat.txt"},
            {"url": "https://localhost/hubfs/cat.txt"},
            {"url": "/hubfs/cat.txt"},
            {"url": "https://["},
            {"access": None},
            {"access": Access("PUBLIC_TO_SOME")},
        ],
    )
    @ways
    def test_of_the_record(self, client: Client, hosts: Hosts, way: Any, doubtful: Any, tmp_path: Path) -> None:
        file = attrs.evolve(known(client, hosts), **doubtful)
        assert fetch(client, hosts, way, file, tmp_path) == CONTENT
        assert (hosts.calls, hosts.fetched) == (["getSignedUrl"], [])

    @pytest.mark.parametrize(
        "respond",
        [
            lambda request: httpx.Response(301, headers={"location": "https://example.com/"}),
            lambda request: httpx.Response(404, content=b"no"),
            lambda request: httpx.Response(503),
            lambda request: httpx.Response(204),
            lambda request: httpx.Response(200, html="<h1>Sign in</h1>"),
            lambda request: httpx.Response(200, content=b"longer" + CONTENT),
            lambda request: httpx.Response(200, stream=Cut(CONTENT)),
            lambda request: httpx.Response(200, content=b"?" * len(CONTENT), headers={"content-encoding": "br"}),
            raises(httpx.ConnectError("refused")),
            raises(httpx.ReadTimeout("late")),
        ],
        ids=["redirect", "404", "503", "204", "a page", "size", "no size", "coding", "no connection", "timeout"],
    )
    @ways
    @pytest.mark.promise("On any doubt about that URL, a signed URL is used.")
    def test_of_the_response(self, client: Client, hosts: Hosts, way: Any, respond: Respond, tmp_path: Path) -> None:
        file = known(client, hosts)
        hosts.respond = respond
        assert fetch(client, hosts, way, file, tmp_path) == CONTENT
        assert (hosts.calls, len(hosts.fetched)) == (["getSignedUrl"], 1)

    @pytest.mark.parametrize("way", RESTARTABLE)
    def test_of_the_content(self, client: Client, hosts: Hosts, way: Any, tmp_path: Path) -> None:
        """The CDN still has the content from before a replacement."""
        file = known(client, hosts)
        hosts.respond = replaced_cat
        assert fetch(client, hosts, way, file, tmp_path) == CONTENT
        assert (hosts.calls, len(hosts.fetched)) == (["getFile", "getSignedUrl"], 1)

    @pytest.mark.parametrize("way", [to_sink, to_chunks])
    @pytest.mark.parametrize("etag", ['"other"', 'W/"1"', None])
    def test_of_content_that_cannot_be_taken_back(
        self, client: Client, hosts: Hosts, way: Any, etag: str | None, tmp_path: Path
    ) -> None:
        """Without its MD5 in the ETag, the content is not passed on."""
        file = known(client, hosts)
        headers = {} if etag is None else {"etag": etag}
        hosts.respond = lambda request: httpx.Response(200, content=CONTENT[::-1], headers=headers)
        assert fetch(client, hosts, way, file, tmp_path) == CONTENT
        assert (hosts.calls, len(hosts.fetched)) == (["getSignedUrl"], 1)

    @pytest.mark.parametrize("way", [to_sink, to_chunks])
    def test_of_an_etag_that_is_wrong(self, client: Client, hosts: Hosts, way: Any, tmp_path: Path) -> None:
        file = known(client, hosts)
        headers = {"etag": f'"{file.file_md5}"'}
        hosts.respond = lambda request: httpx.Response(200, content=CONTENT[::-1], headers=headers)
        with pytest.raises(DownloadCorruptedError, match=rf"^file {file.id}: the MD5 of the received content is"):
            fetch(client, hosts, way, file, tmp_path)

    def test_a_fifo_is_written_to_only_once_the_content_is_proven(
        self, client: Client, hosts: Hosts, tmp_path: Path
    ) -> None:
        """Like a stream, it does not forget what was written."""
        file = known(client, hosts)
        hosts.respond = replaced_cat
        with open(tmp_path / "out", "w+b") as out:
            run(client, hosts, lambda hubspot: hubspot.files.download(file, f"/dev/fd/{out.fileno()}"))
            out.seek(0)
            assert out.read() == CONTENT
        assert hosts.calls == ["getSignedUrl"]

    @ways
    def test_a_cut_is_resumed_at_the_public_url(self, client: Client, hosts: Hosts, way: Any, tmp_path: Path) -> None:
        file = known(client, hosts)
        etag = f'"{file.file_md5}"'

        def respond(request: httpx.Request) -> httpx.Response:
            if "range" not in request.headers:
                return cut(CONTENT[:5], etag=etag)(request)
            assert (request.headers["range"], request.headers["if-range"]) == ("bytes=5-", etag)
            headers = {"etag": etag, "content-range": f"bytes 5-{len(CONTENT) - 1}/{len(CONTENT)}"}
            return httpx.Response(206, content=CONTENT[5:], headers=headers)

        hosts.respond = respond
        assert fetch(client, hosts, way, file, tmp_path, max_retries=1) == CONTENT
        assert (hosts.calls, len(hosts.fetched)) == ([], 2)

    @ways
    def test_a_cut_is_resumed_at_a_signed_url(self, client: Client, hosts: Hosts, way: Any, tmp_path: Path) -> None:
        file = known(client, hosts)
        partial = cut(CONTENT[:5], etag=f'"{file.file_md5}"')
        hosts.respond = lambda request: partial(request) if len(hosts.fetched) == 1 else httpx.Response(503)
        assert fetch(client, hosts, way, file, tmp_path, max_retries=1) == CONTENT
        assert (hosts.calls, len(hosts.fetched)) == (["getSignedUrl"], 2)

    def test_of_a_part_that_was_not_requested(self, client: Client, hosts: Hosts, tmp_path: Path) -> None:
        file = known(client, hosts)
        hosts.respond = lambda request: httpx.Response(206, content=CONTENT[5:])
        assert fetch(client, hosts, to_path, file, tmp_path) == CONTENT
        assert hosts.calls == ["getSignedUrl"]


class TestRecordsOutOfDate:
    def replace(self, client: Client, hosts: Hosts, file: File, content: bytes, access: Any = None) -> None:
        access = access or file.access
        run(client, hosts, lambda hubspot: hubspot.files.replace(file, content, name="cat.txt", access=access))
        hosts.emulator.forget_requests()

    @pytest.mark.parametrize("content", [CONTENT[::-1], b"another cat that is longer", b"cat", b""])
    @pytest.mark.parametrize("access", ["PUBLIC_INDEXABLE", "PRIVATE"])
    @ways
    @pytest.mark.promise("If the content is not that of the `File`, the record is fetched, and compared again.")
    def test_of_a_file_that_was_replaced(
        self, client: Client, hosts: Hosts, way: Any, content: bytes, access: str, tmp_path: Path
    ) -> None:
        file = known(client, hosts, access=access)
        self.replace(client, hosts, file, content)
        assert fetch(client, hosts, way, file, tmp_path) == content
        assert sorted(filter(None, hosts.calls)) in (["getFile"], ["getFile", "getSignedUrl"])

    @ways
    def test_of_a_replaced_file_whose_old_content_is_still_served(
        self, client: Client, hosts: Hosts, way: Any, tmp_path: Path
    ) -> None:
        """The record and the content are of the same time, and the record is what the caller asked for."""
        file = known(client, hosts)
        headers = {"etag": f'"{hashlib.md5(CONTENT).hexdigest()}"'}
        self.replace(client, hosts, file, b"new")
        hosts.respond = lambda request: httpx.Response(200, content=CONTENT, headers=headers)
        assert fetch(client, hosts, way, file, tmp_path) == CONTENT
        assert hosts.calls == []

    @ways
    def test_of_a_file_that_became_sensitive(self, client: Client, hosts: Hosts, way: Any, tmp_path: Path) -> None:
        file = known(client, hosts, access="PRIVATE")
        self.replace(client, hosts, file, CONTENT, "SENSITIVE")
        assert fetch(client, hosts, way, file, tmp_path) == CONTENT
        assert hosts.calls == ["getSignedUrl", "getFile", "downloadFile"]

    @pytest.mark.parametrize("access", ["PUBLIC_INDEXABLE", "PRIVATE"])
    @ways
    def test_of_a_file_that_was_deleted(
        self, client: Client, hosts: Hosts, way: Any, access: str, tmp_path: Path
    ) -> None:
        file = known(client, hosts, access=access)
        run(client, hosts, lambda hubspot: hubspot.files.delete(file))
        hosts.emulator.forget_requests()
        with pytest.raises(NotFoundError):
            fetch(client, hosts, way, file, tmp_path)
        assert hosts.calls == ["getSignedUrl", "getFile"]
        assert list(tmp_path.iterdir()) == []

    @ways
    def test_of_a_sensitive_file_that_was_replaced(
        self, client: Client, hosts: Hosts, way: Any, tmp_path: Path
    ) -> None:
        """The length of the response differs from the record, which is fetched before anything is passed on."""
        file = known(client, hosts, access="SENSITIVE")
        self.replace(client, hosts, file, b"another cat that is longer")
        assert fetch(client, hosts, way, file, tmp_path) == b"another cat that is longer"
        assert hosts.calls == ["downloadFile", "getFile"]

    def test_a_signed_url_for_another_file_is_requested_again(self, client: Client, hosts: Hosts) -> None:
        """Its size is neither that of the old record nor that of the new one."""
        file = known(client, hosts, access="PRIVATE")
        other = {"url": "https://example.com/other", "expiresAt": "2026-01-01T01:00:00Z", "size": 5}
        hosts.signed.append(httpx.Response(200, json=other))
        assert run(client, hosts, lambda hubspot: hubspot.files.read(file)) == CONTENT
        assert hosts.calls == ["getFile", "getSignedUrl"]
        assert hosts.signed == []

    def test_of_a_file_that_became_small_enough_to_read(self, client: Client, hosts: Hosts) -> None:
        file = known(client, hosts)
        self.replace(client, hosts, file, b"cat")
        assert run(client, hosts, lambda hubspot: hubspot.files.read(file, limit=3)) == b"cat"
        with pytest.raises(ValueError, match="limit=2"):
            run(client, hosts, lambda hubspot: hubspot.files.read(file, limit=2))

    def test_a_stream_has_the_new_record(self, client: Client, hosts: Hosts) -> None:
        file = known(client, hosts, access="PRIVATE")
        self.replace(client, hosts, file, b"longer than before")

        def program(hubspot: Any) -> Any:
            manager = hubspot.files.stream(file)
            stream = yield enter(manager)
            size = stream.file.size
            yield leave(manager)
            return size

        assert run(client, hosts, program) == 18


class TestArguments:
    OTHERS = (None, 1.0, True, b"1", ())

    @pytest.mark.parametrize("value", [*OTHERS, "folder"])
    @pytest.mark.parametrize("name", ["get", "read", "stream", "signed_url", "delete", "gdpr_delete"])
    def test_a_file_is_required(self, client: Client, hosts: Hosts, name: str, value: Any) -> None:
        """The id of a folder would be that of another file."""
        hosts.emulator.add_folder("/library")
        [folder] = run(client, hosts, lambda hubspot: hubspot.folders.search())
        given = folder if value == "folder" else value
        hosts.emulator.forget_requests()

        def program(hubspot: Any) -> Any:
            result = getattr(hubspot.files, name)(given)
            yield enter(result) if name == "stream" else result

        with pytest.raises(TypeError, match=r"^file(_id)? must be (a File, )?a str of digits or an int, not \w+$"):
            run(client, hosts, program)
        assert hosts.calls == []

    @pytest.mark.parametrize("value", [*OTHERS, "file"])
    @pytest.mark.parametrize("name", ["get", "delete", "update", "update_recursively"])
    def test_a_folder_is_required(self, client: Client, hosts: Hosts, name: str, value: Any) -> None:
        given = known(client, hosts) if value == "file" else value
        options = {"name": "new"} if "update" in name else {}
        with pytest.raises(TypeError, match=r"^folder_id must be (a Folder, )?a str of digits or an int, not \w+$"):
            run(client, hosts, lambda hubspot: getattr(hubspot.folders, name)(given, **options))
        assert hosts.calls == []

    def test_the_id_of_a_record_is_checked(self, client: Client, hosts: Hosts) -> None:
        file = attrs.evolve(known(client, hosts), id="..")
        with pytest.raises(ValueError, match="must be digits only"):
            run(client, hosts, lambda hubspot: hubspot.files.delete(file))
        assert hosts.calls == []

    def test_folders(self, client: Client, hosts: Hosts) -> None:
        hosts.emulator.add_folder("/library/cats")

        def program(hubspot: Any) -> Any:
            folder = yield hubspot.folders.get_by_path("/library/cats")
            assert (yield hubspot.folders.get(folder)) == folder
            folder = yield hubspot.folders.update(folder, name="dogs")
            task = yield hubspot.folders.update_recursively(folder, name="birds")
            folder = yield task.wait()
            yield hubspot.folders.delete(folder)
            return folder

        folder = run(client, hosts, program)
        assert isinstance(folder, Folder)
        assert folder.path == "/library/birds"
        assert hosts.emulator.folders[-1].archived

    def test_files(self, client: Client, hosts: Hosts) -> None:
        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.upload(b"a", name="a.txt", folder_path="/in")
            assert (yield hubspot.files.get(file)) == file
            file = yield hubspot.files.update(file, name="b")
            file = yield hubspot.files.replace(file, b"bb", name="b.txt", access=file.access)
            first = yield hubspot.files.signed_url_cache.get(file)
            assert (yield hubspot.files.signed_url_cache.get(file.id)) is first
            assert (yield hubspot.files.signed_url(file)).size == 2
            yield hubspot.files.delete(file)
            other = yield hubspot.files.upload(b"a", name="c.txt", folder_path="/in")
            yield hubspot.files.gdpr_delete(other)

        run(client, hosts, program)
        assert [file.state for file in hosts.emulator.files] == ["archived", "gdpr"]


PROGRAMS: dict[str, Callable[[Any, Any, Path], Any]] = {
    "`files.download(file, path)`": to_path,
    "`files.read(file)`": to_bytes,
    "`files.stream(file)`": to_chunks,
    "`files.open(file)`": to_reads,
    "`files.signed_url(file)`": lambda hubspot, file, folder: hubspot.files.signed_url(file),
    "`files.get(file)`": lambda hubspot, file, folder: hubspot.files.get(file),
    "`files.update(file, …)`": lambda hubspot, file, folder: hubspot.files.update(file, is_usable_in_content=False),
    "`files.replace(file, …)`": lambda hubspot, file, folder: hubspot.files.replace(
        file, b"new", name="new.txt", access="PRIVATE"
    ),
    "`files.delete(file)`, `files.gdpr_delete(file)`": lambda hubspot, file, folder: hubspot.files.delete(file),
}
