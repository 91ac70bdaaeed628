"""Files that are open for reading: like io.BytesIO, in few calls and few bytes, and never a mixture of two contents."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import shutil
import tarfile
import threading
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import anyio
import attrs
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubspot_files import (
    AsyncHubSpotFiles,
    ConnectionFailedError,
    DownloadCorruptedError,
    FileChangedError,
    HubSpotFiles,
    NotFoundError,
    RequestTimeoutError,
    ServerError,
)
from hubspot_files.testing import Clock, Emulator

from .support import Client, Content

BLOCK = 100
# Lines of different lengths.
CONTENT = b"".join(b"%d," % number + b"x" * (number % 37) + b"\n" for number in range(200))[:3994]
SIZES = {"block_size": BLOCK, "cache_size": 16 * BLOCK}
Respond = Callable[[httpx.Request, httpx.Response], httpx.Response]


class Hosts(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The emulator's hosts, of which a test can change the responses of the storage host.

    Attributes:
        emulator: the emulator.
        change: makes the response to a request for content from the emulator's.
        ranges: the requested ranges.
    """

    def __init__(self, **options: Any) -> None:
        self.emulator = Emulator(clock=Clock(datetime(2026, 1, 1, tzinfo=UTC), frozen=True), **options)
        self.change: Respond = lambda request, response: response
        self.ranges: list[str | None] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.emulator.transport.handle_request(request)
        if "/hubfs/" not in request.url.path:
            return response
        response.read()
        return self._changed(request, response)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.emulator.transport.handle_async_request(request)
        if "/hubfs/" not in request.url.path:
            return response
        await response.aread()
        return self._changed(request, response)

    def _changed(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        self.ranges.append(request.headers.get("range"))
        return self.change(request, response)

    def add(self, content: bytes = CONTENT, access: str = "PRIVATE") -> str:
        return self.emulator.add_file("/library/data.csv", content, access=access).id

    @property
    def calls(self) -> list[str | None]:
        """The calls of the API."""
        return [request.operation for request in self.emulator.requests if request.operation != "fetchContent"]


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    hosts = Hosts()
    with hosts.emulator:
        yield hosts


def run(client: Client, hosts: Hosts, program: Callable[[Any], Any], **options: Any) -> Any:
    options = {"max_retries": 0, "clock": hosts.emulator.clock, **options}
    return client(program, access_token=hosts.emulator.token, http_client=client.http(hosts), **options)


def close(file: Any) -> Any:
    return file.aclose() if hasattr(file, "aclose") else file.close()


# The operations of a file and those of io.BytesIO, with arguments beyond its ends.
SHORT = CONTENT[:1000]
LENGTHS = st.sampled_from([-1, None]) | st.integers(0, len(SHORT) + 1)
OPERATIONS = st.lists(
    st.tuples(st.just("seek"), st.integers(-BLOCK, len(SHORT) + BLOCK), st.sampled_from([0, 1, 2]))
    | st.tuples(st.just("read"), LENGTHS)
    | st.tuples(st.just("readline"), LENGTHS)
    | st.tuples(st.just("readinto"), st.integers(0, 3 * BLOCK))
    | st.tuples(st.just("tell")),
    max_size=12,
)
BLOCKS = st.sampled_from([(37, 1), (37, 4), (BLOCK, 2), (BLOCK, 5), (10_000, 1)])


def applied(file: Any, operation: tuple[Any, ...]) -> Any:
    """Return the result of an operation, which has to be awaited if the file is asynchronous."""
    name, *arguments = operation
    if name == "readinto":
        arguments = [bytearray(arguments[0])]
    result = getattr(file, name)(*arguments)

    async def awaited() -> Any:
        return (await result), arguments

    return awaited() if hasattr(file, "aclose") else (result, arguments)


def is_before_start(like: io.BytesIO, operation: tuple[Any, ...]) -> bool:
    """Return whether an operation seeks to a position before the start."""
    if operation[0] != "seek":
        return False
    _, offset, whence = operation
    return bool((0, like.tell(), len(SHORT))[whence] + offset < 0)


class TestLikeBytesIO:
    """io.BytesIO clamps a relative position before its start to 0. The files of `open` refuse it, and so do these."""

    def test_synchronous(self, hosts: Hosts) -> None:
        with hosts.emulator.client() as hubspot:
            record = hubspot.files.get(hosts.add(SHORT))

            @given(operations=OPERATIONS, blocks=BLOCKS)
            @settings(max_examples=40)
            def check(operations: list[Any], blocks: tuple[int, int]) -> None:
                like = io.BytesIO(SHORT)
                with hubspot.files.open(record, block_size=blocks[0], cache_size=blocks[0] * blocks[1]) as file:
                    for operation in operations:
                        if is_before_start(like, operation):
                            with pytest.raises(ValueError, match="before the start"):
                                applied(file, operation)
                        else:
                            assert applied(file, operation) == applied(like, operation)
                        assert file.tell() == like.tell()

            check()

    def test_asynchronous(self, hosts: Hosts) -> None:
        id = hosts.add(SHORT)

        @given(operations=OPERATIONS, blocks=BLOCKS)
        @settings(max_examples=40)
        def check(operations: list[Any], blocks: tuple[int, int]) -> None:
            anyio.run(program, operations, *blocks)

        async def program(operations: list[Any], block_size: int, count: int) -> None:
            like = io.BytesIO(SHORT)
            async with (
                hosts.emulator.async_client() as hubspot,
                await hubspot.files.open(id, block_size=block_size, cache_size=count * block_size) as file,
            ):
                for operation in operations:
                    if is_before_start(like, operation):
                        with pytest.raises(ValueError, match="before the start"):
                            await applied(file, operation)
                    else:
                        assert await applied(file, operation) == applied(like, operation)
                    assert await file.tell() == like.tell()

        check()

    def test_has_the_attributes_of_a_file(self, client: Client, hosts: Hosts) -> None:
        id = hosts.add()

        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(id)
            assert (file.name, file.mode, file.closed, file.file.id) == ("/library/data.csv", "rb", False, id)
            yield close(file)
            yield close(file)
            assert file.closed
            for method, argument in (("read", 1), ("seek", 0), ("tell", None)):
                with pytest.raises(ValueError, match="closed"):
                    yield getattr(file, method)(*([] if argument is None else [argument]))
            with pytest.raises(ValueError, match="closed"):
                yield file.__aenter__() if client.asynchronous else file.__enter__()

        run(client, hosts, program)
        assert hosts.calls == ["getFile"]

    def test_a_file_without_a_path_is_named_by_its_id(self, client: Client, hosts: Hosts) -> None:
        id = hosts.add()

        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(attrs.evolve((yield hubspot.files.get(id)), path=None))
            assert file.name == id
            yield close(file)

        run(client, hosts, program)

    def test_seeks_by_valid_whence_only(self, client: Client, hosts: Hosts) -> None:
        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(hosts.add())
            with pytest.raises(ValueError, match="whence"):
                yield file.seek(0, 3)
            yield close(file)

        run(client, hosts, program)

    def test_the_raw_file_is_one_of_io(self, hosts: Hosts) -> None:
        with hosts.emulator.client() as hubspot:
            file = hubspot.files.open(hosts.add(), **SIZES)
            raw = file.raw
            assert raw.readable()
            assert raw.seekable()
            assert not raw.writable()
            assert raw.read(BLOCK + 1) == CONTENT[: BLOCK + 1]
            assert raw.read(BLOCK) == CONTENT[BLOCK + 1 : 2 * BLOCK]
            assert raw.readall() == CONTENT[2 * BLOCK :]
            file.close()
            with pytest.raises(ValueError, match="closed"):
                raw.read(1)

    def test_async_for_gives_lines(self, hosts: Hosts) -> None:
        async def program() -> list[bytes]:
            async with hosts.emulator.async_client() as hubspot, await hubspot.files.open(hosts.add(), **SIZES) as file:
                return [line async for line in file]

        assert anyio.run(program) == CONTENT.splitlines(keepends=True)

    def test_text_is_decoded(self, hosts: Hosts) -> None:
        text = "zwölf,1\r\nKatzen,2\r\n"
        id = hosts.add(text.encode())
        with hosts.emulator.client() as hubspot:
            with hubspot.files.open(id, "r") as file:
                assert file.read() == text.replace("\r\n", "\n")
                assert file.name == "/library/data.csv"
            with hubspot.files.open(id, "rt", newline="") as file:
                assert list(csv.reader(file)) == [["zwölf", "1"], ["Katzen", "2"]]
            with hubspot.files.open(id, "tr", encoding="ascii", errors="replace") as file:
                assert file.readline() == "zw\ufffd\ufffdlf,1\n"

    def test_libraries_take_it(self, hosts: Hosts) -> None:
        archive, tape, packed = io.BytesIO(), io.BytesIO(), gzip.compress(CONTENT)
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr("a.txt", CONTENT)
        with tarfile.open(fileobj=tape, mode="w:gz") as tar:
            tar.addfile(tarfile.TarInfo("b"), io.BytesIO())
        contents = {"a.zip": archive.getvalue(), "a.tgz": tape.getvalue(), "a.gz": packed, "a.json": b'{"a": 1}'}
        for name, content in contents.items():
            hosts.emulator.add_file(f"/{name}", content)
        with hosts.emulator.client() as hubspot:
            with hubspot.files.open("/a.zip") as file, zipfile.ZipFile(file) as zipped:
                assert zipped.read("a.txt") == CONTENT
            with hubspot.files.open("/a.tgz") as file, tarfile.open(fileobj=file) as tar:
                assert tar.getnames() == ["b"]
            with hubspot.files.open("/a.gz") as file, gzip.open(file) as unpacked:
                assert unpacked.read() == CONTENT
            with hubspot.files.open("/a.json") as file:
                assert json.load(file) == {"a": 1}
            copy = io.BytesIO()
            with hubspot.files.open("/a.zip") as file:
                shutil.copyfileobj(file, copy)
            assert copy.getvalue() == contents["a.zip"]


class TestOptions:
    CASES: ClassVar[list[tuple[Any, Any, str]]] = [
        (("1", "a"), {}, "cannot append"),
        (("1", "r+b"), {}, "cannot append"),
        (("1", "rw"), {}, "is not valid"),
        (("1", "rb"), {"encoding": "utf-8"}, "encoding is not for the mode 'rb'"),
        (("1", "rb"), {"access": "PRIVATE"}, "access is not for the mode 'rb'"),
        (("/a", "wb"), {"block_size": 1}, "block_size is not for the mode 'wb'"),
        (("1", "rb"), {"block_size": 0}, "block_size must be positive"),
        (("1", "rb"), {"cache_size": -1}, "cache_size must not be negative"),
        (("a.csv",), {}, "a path that begins with '/'"),
        (("/",), {}, "is the root"),
        (("/", "wb"), {}, "is the root"),
        (("/a/../b",), {}, "is not a folder name"),
        (("1", "xb"), {}, "pass its path"),
        (("/a\\b", "wb"), {}, "backslash"),
        (("/a", "wb"), {"access": "SECRET"}, "access 'SECRET' is not valid"),
    ]

    def test_that_are_not_valid_are_refused(self, client: Client, hosts: Hosts) -> None:
        def program(hubspot: Any) -> Any:
            for arguments, options, message in self.CASES:
                with pytest.raises(ValueError, match=message):
                    yield hubspot.files.open(*arguments, **options)

        run(client, hosts, program)
        assert hosts.emulator.requests == []

    def test_of_a_wrong_type_are_refused(self, client: Client, hosts: Hosts) -> None:
        for arguments, options in (((1.5,), {}), (("1", b"rb"), {}), (("1",), {"block_size": 1.5})):
            with pytest.raises(TypeError):
                run(client, hosts, lambda hubspot: hubspot.files.open(*arguments, **options))  # noqa: B023
        assert hosts.emulator.requests == []

    def test_asynchronous_text_is_refused(self, hosts: Hosts) -> None:
        with pytest.raises(ValueError, match="binary files only"):
            run(Client("asyncio"), hosts, lambda hubspot: hubspot.files.open("/a", "w"))
        assert hosts.emulator.requests == []


class TestCalls:
    """The ranges of a file cost no calls of the API."""

    @pytest.mark.parametrize(
        ("access", "given", "calls"),
        [
            ("PRIVATE", "id", ["getFile", "getSignedUrl"]),
            ("PRIVATE", "file", ["getSignedUrl"]),
            ("PRIVATE", "path", ["statPath", "getSignedUrl"]),
            ("PUBLIC_INDEXABLE", "id", ["getFile", "getSignedUrl"]),
            ("PUBLIC_INDEXABLE", "file", []),
            ("SENSITIVE", "file", ["downloadFile"]),
        ],
    )
    def test_of_many_ranges(self, client: Client, hosts: Hosts, access: str, given: str, calls: list[str]) -> None:
        id = hosts.add(access=access)

        def program(hubspot: Any) -> Any:
            what = {"id": id, "file": (yield hubspot.files.get(id)), "path": "/library/data.csv"}[given]
            hosts.emulator.forget_requests()
            file = yield hubspot.files.open(what, block_size=10, cache_size=10)
            for start in range(0, 1000, 100):
                yield file.seek(start)
                assert (yield file.read(10)) == CONTENT[start : start + 10]
            yield close(file)

        run(client, hosts, program)
        assert hosts.calls == calls
        assert len(hosts.ranges) == 10

    def test_only_blocks_that_are_read_are_fetched(self, hosts: Hosts) -> None:
        with self._opened(hosts) as file:
            with pytest.raises(ValueError, match="before the start"):
                file.seek(-1)
            file.seek(-1, io.SEEK_END)
            file.read(1)
            file.seek(250)
            file.read(10)
            file.seek(1050)
            file.read(300)
            file.seek(210)
            file.read(80)
        assert hosts.ranges == ["bytes=3900-3993", "bytes=200-299", "bytes=1000-1399"]

    def test_sequential_reads_fetch_more_and_more(self, hosts: Hosts) -> None:
        with self._opened(hosts) as file:
            while file.read(BLOCK // 3):
                pass
        starts = [int(range.partition("=")[2].partition("-")[0]) // BLOCK for range in filter(None, hosts.ranges)]
        assert starts == [0, 1, 3, 7, 15, 23, 31, 39]

    def test_all_is_read_in_large_ranges(self, hosts: Hosts) -> None:
        with self._opened(hosts) as file:
            assert file.read() == CONTENT
        assert len(hosts.ranges) == 5

    def test_blocks_in_the_cache_are_not_fetched_again(self, hosts: Hosts) -> None:
        with self._opened(hosts) as file:
            file.seek(200)
            file.read(BLOCK)
            file.seek(0)
            file.read(5 * BLOCK)
        assert hosts.ranges == ["bytes=200-299", "bytes=0-199", "bytes=300-499"]

    @staticmethod
    def _opened(hosts: Hosts) -> Any:
        http = httpx.Client(transport=hosts)
        hubspot = HubSpotFiles(hosts.emulator.token, http_client=http, clock=hosts.emulator.clock)
        return hubspot.files.open(hosts.add(), **SIZES)


WHOLE = f"/library/data.csv: the whole content ({len(CONTENT)} bytes) is fetched, because"


def fallbacks(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the warnings of the log."""
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


class TestWholeContent:
    """A host that ignores ranges, or has no strong ETag, sends the whole content once."""

    @pytest.mark.promise(
        "A storage host that ignores ranges, or sends no strong ETag, is asked once for the whole content, and that is "
        "logged at WARNING with the size."
    )
    @pytest.mark.parametrize("etag", [None, 'W/"a"', ""])
    def test_without_a_strong_etag(
        self, client: Client, hosts: Hosts, etag: str | None, caplog: pytest.LogCaptureFixture
    ) -> None:
        def change(request: httpx.Request, response: httpx.Response) -> httpx.Response:
            if etag is None:
                del response.headers["etag"]
            else:
                response.headers["etag"] = etag
            return response

        hosts.change = change
        self._check(client, hosts, ["bytes=100-199", None])
        assert fallbacks(caplog) == [f"{WHOLE} the storage host sends no strong ETag with a range"]

    @pytest.mark.parametrize("access", ["PRIVATE", "PUBLIC_INDEXABLE"])
    def test_that_is_sent_for_a_range(self, client: Client, access: str, caplog: pytest.LogCaptureFixture) -> None:
        hosts = Hosts(honour_ranges=False)
        with hosts.emulator:
            self._check(client, hosts, ["bytes=100-199", None], access)
        assert fallbacks(caplog) == [f"{WHOLE} the storage host ignores ranges"]

    def test_that_is_wanted_anyway(self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        hosts = Hosts(honour_ranges=False)
        with hosts.emulator:
            id = hosts.add()

            def program(hubspot: Any) -> Any:
                file = yield hubspot.files.open(id, block_size=len(CONTENT))
                assert (yield file.read(1)) == CONTENT[:1]
                yield close(file)

            run(client, hosts, program)
        assert fallbacks(caplog) == []

    @staticmethod
    def _check(client: Client, hosts: Hosts, ranges: list[str | None], access: str = "PRIVATE") -> None:
        id = hosts.add(access=access)

        def program(hubspot: Any) -> Any:
            record = yield hubspot.files.get(id)
            file = yield hubspot.files.open(record, **SIZES)
            yield file.seek(150)
            assert (yield file.read(20)) == CONTENT[150:170]
            # It is that of the temporary file, whatever happens to the file on HubSpot.
            yield hubspot.files.replace(id, b"other", name="data.csv", access=access)
            yield file.seek(0)
            assert (yield file.read()) == CONTENT
            yield close(file)

        run(client, hosts, program)
        assert hosts.ranges == ranges
        assert hosts.calls.count("getSignedUrl") == (access == "PRIVATE")

    def test_is_fetched_once_by_several_readers(self, caplog: pytest.LogCaptureFixture) -> None:
        hosts = Hosts(honour_ranges=False)
        with hosts.emulator:
            assert sorted(read_by_tasks(hosts, [0, 500, 1000])) == sorted(
                [CONTENT[0:50], CONTENT[500:550], CONTENT[1000:1050]]
            )
        assert hosts.ranges.count(None) == 1
        assert len(fallbacks(caplog)) == 1

    def test_that_is_not_the_recorded_one(self, client: Client) -> None:
        hosts = Hosts(honour_ranges=False)
        hosts.change = lambda request, response: httpx.Response(200, content=response.content[::-1])
        with hosts.emulator, pytest.raises(DownloadCorruptedError):
            run(client, hosts, lambda hubspot: read_at(hubspot, hosts.add(), 0))

    def test_of_a_record_without_a_size(self, client: Client, hosts: Hosts, caplog: pytest.LogCaptureFixture) -> None:
        id = hosts.add()

        class Sizeless(Hosts):
            def _changed(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
                return super()._changed(request, response)

            def handle_request(self, request: httpx.Request) -> httpx.Response:
                return self._sizeless(request, super().handle_request(request))

            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                response = await super().handle_async_request(request)
                await response.aread()
                return self._sizeless(request, response)

            @staticmethod
            def _sizeless(request: httpx.Request, response: httpx.Response) -> httpx.Response:
                if not request.url.path.endswith(f"/files/{id}"):
                    return response
                response.read()
                return httpx.Response(200, json={**response.json(), "size": None})

        hosts.__class__ = Sizeless
        assert run(client, hosts, lambda hubspot: read_at(hubspot, id, -10, whence=2)) == CONTENT[-10:]
        assert hosts.ranges == [None]
        assert fallbacks(caplog) == [
            "/library/data.csv: the whole content is fetched, because HubSpot does not state its size"
        ]


def read_at(hubspot: Any, what: Any, position: int, size: int = -1, *, whence: int = 0) -> Any:
    """Return the bytes of a file at a position."""
    file = yield hubspot.files.open(what, **SIZES)
    try:
        yield file.seek(position, whence)
        return (yield file.read(size))
    finally:
        yield close(file)


def read_by_tasks(hosts: Hosts, starts: list[int]) -> list[bytes]:
    """Return what tasks have read that share a reader of ranges."""
    from hubspot_files._content.file_record import find_record
    from hubspot_files._content.ranged_reader import open_ranges
    from hubspot_files._engine.context import start_call
    from hubspot_files._engine.flow import run_async

    found = []

    async def program() -> None:
        http = httpx.AsyncClient(transport=hosts)
        async with AsyncHubSpotFiles(hosts.emulator.token, http_client=http) as hubspot:
            id = hosts.add()

            def opening() -> Any:
                context = yield from start_call(hubspot._settings)
                return (yield from open_ranges(context, (yield from find_record(context, id))))

            reader = await run_async(hubspot._driver, opening())

            def reading(start: int) -> Any:
                context = yield from start_call(hubspot._settings)
                return (yield from reader.read(context, start, start + 50))

            async def read(start: int) -> None:
                found.append(await run_async(hubspot._driver, reading(start)))

            async with anyio.create_task_group() as group:
                for start in starts:
                    group.start_soon(read, start)
            await run_async(hubspot._driver, reader.close())

    anyio.run(program)
    return found


class TestSharing:
    def test_tasks_share_the_signed_url(self, hosts: Hosts) -> None:
        starts = list(range(0, 1000, 50))
        assert sorted(read_by_tasks(hosts, starts)) == sorted(CONTENT[start : start + 50] for start in starts)
        assert hosts.calls == ["getFile", "getSignedUrl"]

    def test_threads_share_a_file(self, hosts: Hosts) -> None:
        found: list[bytes] = []
        with hosts.emulator.client() as hubspot, hubspot.files.open(hosts.add(), **SIZES) as file:
            threads = [threading.Thread(target=lambda: found.append(file.read(399))) for _ in range(10)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            found.append(file.read())
        assert sorted(found) == sorted(CONTENT[start : start + 399] for start in range(0, 4000, 399))


class TestRenewal:
    @pytest.mark.parametrize("access", ["PRIVATE", "SENSITIVE"])
    def test_an_expired_url_is_renewed(self, client: Client, hosts: Hosts, access: str) -> None:
        id = hosts.add(access=access)

        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(id, **SIZES)
            assert (yield file.read(10)) == CONTENT[:10]
            hosts.emulator.clock.advance(7200)
            yield file.seek(1000)
            assert (yield file.read()) == CONTENT[1000:]
            yield close(file)

        run(client, hosts, program)
        assert hosts.calls == ["getFile", *["getSignedUrl" if access == "PRIVATE" else "downloadFile"] * 2]

    def test_a_deadline_applies_to_each_read(self, client: Client, hosts: Hosts) -> None:
        id = hosts.add()

        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(id, **SIZES)
            for start in (0, 1000, 2000):
                yield file.seek(start)
                assert (yield file.read(10)) == CONTENT[start : start + 10]
                hosts.emulator.clock.advance(9)
            yield close(file)

        run(client, hosts, program, deadline=10)

    def test_a_read_does_not_wait_for_another_beyond_its_deadline(self, hosts: Hosts) -> None:
        arrived, release = threading.Event(), threading.Event()

        def change(request: httpx.Request, response: httpx.Response) -> httpx.Response:
            arrived.set()
            release.wait(10)
            return response

        hosts.change = change
        http = httpx.Client(transport=hosts)
        record = hosts.emulator.client().files.get(hosts.add())
        with HubSpotFiles(hosts.emulator.token, http_client=http, deadline=0.3, max_retries=0) as hubspot:
            file = hubspot.files.open(record)
            raw: Any = file.raw

            def read() -> None:
                with contextlib.suppress(RequestTimeoutError):
                    raw.read(1)

            reader = threading.Thread(target=read)
            reader.start()
            arrived.wait(10)
            try:
                with pytest.raises(RequestTimeoutError, match="read of file"):
                    raw.read(1)
            finally:
                release.set()
                reader.join()


class TestChanges:
    """Content that changes meanwhile is an error, never a mixture."""

    @pytest.mark.promise(
        "All that is read from an open file is of one content, by its ETag and its size.",
        "If the file is replaced meanwhile, `FileChangedError` is raised.",
        "| `FileChangedError` | open the file again, or plan its change again |",
    )
    @pytest.mark.parametrize("new", [CONTENT[::-1], CONTENT[:1500], CONTENT * 2])
    @pytest.mark.parametrize(
        ("access", "expired"), [("PRIVATE", False), ("PRIVATE", True), ("PUBLIC_INDEXABLE", False)]
    )
    def test_a_file_that_is_replaced_halfway(
        self, client: Client, hosts: Hosts, access: str, expired: bool, new: bytes
    ) -> None:
        id = hosts.add(access=access)

        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open((yield hubspot.files.get(id)), **SIZES)
            assert (yield file.read(10)) == CONTENT[:10]
            yield hubspot.files.replace(id, new, name="data.csv", access=access)
            hosts.emulator.clock.advance(7200 * expired)
            for start in (1000, 2000):
                yield file.seek(start)
                with pytest.raises(FileChangedError, match=f"file {id} was replaced after its record was fetched"):
                    yield file.read(10)
            yield file.seek(0)
            assert (yield file.read(10)) == CONTENT[:10]
            yield close(file)

        run(client, hosts, program)

    def test_a_file_that_is_deleted_halfway(self, client: Client, hosts: Hosts) -> None:
        id = hosts.add()

        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(id, **SIZES)
            yield file.read(10)
            yield hubspot.files.delete(id)
            yield file.seek(1000)
            with pytest.raises(NotFoundError):
                yield file.read(10)
            yield close(file)

        run(client, hosts, program)

    @pytest.mark.parametrize("new", [CONTENT[::-1], CONTENT[:1500], CONTENT * 2])
    @pytest.mark.parametrize("access", ["PRIVATE", "PUBLIC_INDEXABLE"])
    def test_a_record_that_is_out_of_date_is_fetched_again(
        self, client: Client, hosts: Hosts, access: str, new: bytes
    ) -> None:
        """Such as one of a search, whose index lags behind."""
        id = hosts.add(access=access)

        def program(hubspot: Any) -> Any:
            old = yield hubspot.files.get(id)
            yield hubspot.files.replace(id, new, name="data.csv", access=access)
            file = yield hubspot.files.open(old, **SIZES)
            assert (yield file.read()) == new
            assert file.file.size == len(new)
            yield close(file)

        run(client, hosts, program)

    def test_a_size_that_was_used_must_be_right(self, client: Client, hosts: Hosts) -> None:
        id = hosts.add()

        def program(hubspot: Any) -> Any:
            old = yield hubspot.files.get(id)
            yield hubspot.files.replace(id, CONTENT * 2, name="data.csv", access="PRIVATE")
            file = yield hubspot.files.open(old, **SIZES)
            yield file.seek(-10, io.SEEK_END)
            with pytest.raises(FileChangedError):
                yield file.read()
            yield close(file)

        run(client, hosts, program)

    def test_an_empty_record_that_is_out_of_date(self, client: Client, hosts: Hosts) -> None:
        id = hosts.add(b"")

        def program(hubspot: Any) -> Any:
            old = yield hubspot.files.get(id)
            assert (yield from read_at(hubspot, old, 0)) == b""
            yield hubspot.files.replace(id, CONTENT, name="data.csv", access="PRIVATE")
            return (yield from read_at(hubspot, old, 0))

        assert run(client, hosts, program) == CONTENT

    def test_a_whole_content_that_is_another(self, client: Client, hosts: Hosts) -> None:
        """The host stops to honour ranges, and the file is replaced."""
        id = hosts.add()

        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(id, **SIZES)
            assert (yield file.read(10)) == CONTENT[:10]
            yield hubspot.files.replace(id, CONTENT[::-1], name="data.csv", access="PRIVATE")
            hosts.change = lambda request, response: httpx.Response(200, content=CONTENT[::-1])
            yield file.seek(1000)
            with pytest.raises(FileChangedError):
                yield file.read()
            yield close(file)

        run(client, hosts, program)

    def test_an_etag_that_is_no_md5_costs_one_call(self, client: Client, hosts: Hosts) -> None:
        def change(request: httpx.Request, response: httpx.Response) -> httpx.Response:
            response.headers["etag"] = '"version 1"'
            return response

        hosts.change = change
        id = hosts.add()

        def program(hubspot: Any) -> Any:
            record = yield hubspot.files.get(id)
            hosts.emulator.forget_requests()
            assert (yield from read_at(hubspot, record, 0)) == CONTENT

        run(client, hosts, program)
        assert hosts.calls == ["getSignedUrl", "getFile"]


class TestResponses:
    """Responses of the storage host that are not the requested range."""

    def wrong(self, client: Client, hosts: Hosts, change: Respond) -> None:
        hosts.change = change
        with pytest.raises(DownloadCorruptedError):
            run(client, hosts, lambda hubspot: read_at(hubspot, hosts.add(), 0, 10))

    @pytest.mark.parametrize("content_range", ["bytes 1-99/3994", "bytes 0-100/3994", "bytes 0-99/*"])
    def test_with_another_range_or_length(self, client: Client, hosts: Hosts, content_range: str) -> None:
        def change(request: httpx.Request, response: httpx.Response) -> httpx.Response:
            headers = {"content-range": content_range, "etag": response.headers["etag"]}
            return httpx.Response(206, headers=headers, content=response.content + b"x" * content_range.count("*"))

        self.wrong(client, hosts, change)

    def test_with_too_few_bytes(self, client: Client, hosts: Hosts) -> None:
        def change(request: httpx.Request, response: httpx.Response) -> httpx.Response:
            headers = {"content-range": response.headers["content-range"], "etag": response.headers["etag"]}
            return httpx.Response(206, headers=headers, content=response.content[:-1])

        self.wrong(client, hosts, change)

    def test_that_are_encoded(self, client: Client, hosts: Hosts) -> None:
        def change(request: httpx.Request, response: httpx.Response) -> httpx.Response:
            response.headers["content-encoding"] = "gzip"
            return response

        self.wrong(client, hosts, change)

    def test_with_a_part_of_the_range_are_continued(self, client: Client, hosts: Hosts) -> None:
        def change(request: httpx.Request, response: httpx.Response) -> httpx.Response:
            start = int(request.headers["range"].partition("=")[2].partition("-")[0])
            headers = {"content-range": f"bytes {start}-{start + 9}/*", "etag": response.headers["etag"]}
            return httpx.Response(206, headers=headers, content=response.content[:10])

        hosts.change = change
        assert run(client, hosts, lambda hubspot: read_at(hubspot, hosts.add(), 0, BLOCK)) == CONTENT[:BLOCK]
        assert len(hosts.ranges) == BLOCK // 10

    def test_that_are_cut_after_the_last_byte_are_complete(
        self, client: Client, hosts: Hosts, sleeps: list[float]
    ) -> None:
        def change(request: httpx.Request, response: httpx.Response) -> httpx.Response:
            headers = {"content-range": response.headers["content-range"], "etag": response.headers["etag"]}
            return httpx.Response(206, headers=headers, stream=Content(response.content, httpx.ReadError("reset")))

        hosts.change = change
        assert run(client, hosts, lambda hubspot: read_at(hubspot, hosts.add(), 0)) == CONTENT
        assert sleeps == []

    @pytest.mark.parametrize("fault", ["connect", "reset", "read-timeout", "truncate", "status"])
    def test_that_fail_are_retried(self, client: Client, hosts: Hosts, fault: Any) -> None:
        id = hosts.add()

        def program(hubspot: Any) -> Any:
            for operation in ("fetchContent", "getSignedUrl"):
                file = yield hubspot.files.open(id, **SIZES)
                planned = hosts.emulator.fail(fault, operation=operation)
                assert (yield file.read(1500)) == CONTENT[:1500]
                assert planned.hits == 1
                yield close(file)

        http = client.http(hosts.emulator.transport)
        client(program, access_token=hosts.emulator.token, http_client=http, max_retries=1)

    @pytest.mark.promise("A read that fails leaves the position where it was.")
    @pytest.mark.parametrize(("fault", "error"), [("reset", ConnectionFailedError), ("status", ServerError)])
    def test_that_fail_again_leave_the_position(
        self, client: Client, hosts: Hosts, fault: Any, error: type[Exception]
    ) -> None:
        id = hosts.add()

        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(id, **SIZES)
            yield file.seek(500)
            hosts.emulator.fail(fault, operation="fetchContent")
            with pytest.raises(error):
                yield file.read(10)
            assert (yield file.tell()) == 500
            assert (yield file.read(10)) == CONTENT[500:510]
            yield close(file)

        run(client, hosts, program)

    def test_of_another_status_are_errors(self, client: Client, hosts: Hosts) -> None:
        hosts.change = lambda request, response: httpx.Response(418)
        with pytest.raises(Exception, match="418"):
            run(client, hosts, lambda hubspot: read_at(hubspot, hosts.add(), 0))

    def test_a_public_url_that_fails_is_left_for_a_signed_one(self, client: Client, hosts: Hosts) -> None:
        def change(request: httpx.Request, response: httpx.Response) -> httpx.Response:
            return response if request.url.params.get("signature") else httpx.Response(404)

        hosts.change = change
        id = hosts.add(access="PUBLIC_INDEXABLE")

        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open((yield hubspot.files.get(id)), **SIZES)
            assert (yield file.read()) == CONTENT
            yield close(file)

        run(client, hosts, program)
        assert hosts.calls == ["getFile", "getSignedUrl"]

    def test_the_path_of_a_folder_is_refused(self, client: Client, hosts: Hosts) -> None:
        hosts.add()
        with pytest.raises(IsADirectoryError, match="it is a folder on HubSpot; pass the path of a file: '/library'"):
            run(client, hosts, lambda hubspot: hubspot.files.open("/library"))


class Gigabyte(httpx.BaseTransport):
    """A file of 1 GiB, made as it is requested.

    Attributes:
        sent: bytes of all responses.
    """

    SIZE = 1 << 30

    def __init__(self) -> None:
        self.sent = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.hubapi.com":
            signed = {"url": "https://storage.example.net/a", "expiresAt": "2999-01-01T00:00:00Z"}
            record = {"id": "1", "archived": False, "size": self.SIZE, "access": "PRIVATE", "fileMd5": "a"}
            times = dict.fromkeys(("createdAt", "updatedAt"), "2026-01-01T00:00:00Z")
            return httpx.Response(200, json=signed if request.url.path.endswith("signed-url") else {**record, **times})
        first, last = map(int, request.headers["range"].removeprefix("bytes=").split("-"))
        self.sent += last + 1 - first
        headers = {"content-range": f"bytes {first}-{last}/{self.SIZE}", "etag": '"1"'}
        return httpx.Response(206, headers=headers, content=self._chunks(last + 1 - first))

    @staticmethod
    def _chunks(size: int) -> Iterator[bytes]:
        for start in range(0, size, 65536):
            yield bytes(min(65536, size - start))


def test_memory_stays_at_the_size_of_the_cache() -> None:
    host = Gigabyte()
    cache = 4 << 20
    hubspot = HubSpotFiles("token", http_client=httpx.Client(transport=host))
    with hubspot, hubspot.files.open("1", cache_size=cache) as file:
        tracemalloc.start()
        try:
            for start in (0, host.SIZE // 2, host.SIZE - (24 << 20)):
                file.seek(start)
                for _ in range(24):
                    assert len(file.read(1 << 20)) == 1 << 20
            assert file.read() == b""
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    # The content that was read, its copy in a variable, and the chunks on their way.
    assert peak < cache + (4 << 20)
    assert host.sent < 3 * ((24 << 20) + cache)
