"""Files that are open for writing: stored on a clean close, and only then."""

from __future__ import annotations

import contextlib
import csv
import errno
import gc
import io
import json
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import httpx
import pytest
import respx

from hubspot_files import (
    Access,
    AsyncFileWriter,
    FileWriter,
    NotFoundError,
    PathIsFolderError,
    PathTakenError,
    ServerError,
)
from hubspot_files.testing import Emulator

from .support import FILE, Client, enter, leave

PATH = "/library/new/data.csv"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


def run(client: Client, emulator: Emulator, program: Callable[[Any], Any], **options: Any) -> Any:
    http = client.http(emulator.transport)
    return client(program, access_token=emulator.token, http_client=http, max_retries=0, **options)


def contents(emulator: Emulator) -> dict[str, bytes]:
    return {file.path: file.content for file in emulator.files if file.state == "live"}


def calls(emulator: Emulator) -> list[str | None]:
    return [request.operation for request in emulator.requests]


def close(file: Any) -> Any:
    return file.aclose() if hasattr(file, "aclose") else file.close()


def leave_with(file: Any, error: BaseException) -> Any:
    """Exit a context manager with an exception."""
    exit = file.__aexit__ if hasattr(file, "__aexit__") else file.__exit__
    return exit(type(error), error, None)


class TestStoring:
    @pytest.mark.promise("A file that is open for writing is stored when it is closed.")
    def test_a_new_file_is_private(self, client: Client, emulator: Emulator) -> None:
        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(PATH, "wb")
            assert (file.name, file.mode, file.closed) == (PATH, "wb", False)
            assert (yield enter(file)) is file
            assert (yield file.write(b"a,")) == 2
            assert (yield file.write(memoryview(b"b"))) == 1
            with pytest.raises(ValueError, match="has no record before it is stored"):
                _ = file.file
            assert emulator.requests == []
            yield leave(file)
            yield close(file)
            assert file.closed
            return file.file

        stored = run(client, emulator, program)
        assert (stored.path, stored.access, stored.size) == (PATH, Access.PRIVATE, 3)
        assert contents(emulator) == {PATH: b"a,b"}
        # A path is looked up in both forms of its slashes, until the client knows which one HubSpot accepts.
        assert calls(emulator) == ["statPath", "statPath", "uploadFile"]

    @pytest.mark.promise("A file at the path keeps its id.")
    @pytest.mark.parametrize("given", ["path", "id", "file"])
    @pytest.mark.parametrize("access", [None, "PRIVATE"])
    def test_a_file_that_exists_keeps_its_id(
        self, client: Client, emulator: Emulator, given: str, access: str | None
    ) -> None:
        id = emulator.add_file(PATH, b"old", access="PUBLIC_INDEXABLE").id

        def program(hubspot: Any) -> Any:
            what = {"path": PATH, "id": id, "file": (yield hubspot.files.get(id))}[given]
            file = yield hubspot.files.open(what, "wb", access=access)
            yield file.write(b"new")
            yield close(file)
            return file.file

        stored = run(client, emulator, program)
        assert (stored.id, stored.access.value) == (id, access or "PUBLIC_INDEXABLE")
        assert contents(emulator) == {PATH: b"new"}

    def test_keeps_the_present_access_of_a_file_whose_record_is_old(self, client: Client, emulator: Emulator) -> None:
        id = emulator.add_file(PATH, b"old", access="PUBLIC_INDEXABLE").id

        def program(hubspot: Any) -> Any:
            record = yield hubspot.files.get(id)
            yield hubspot.files.update(id, access="PRIVATE")
            file = yield hubspot.files.open(record, "wb")
            yield close(file)
            file = yield hubspot.files.open(record, "wb", access="SENSITIVE")
            yield close(file)

        run(client, emulator, program)
        assert calls(emulator) == ["getFile", "updateFile", "getFile", "replaceFile", "replaceFile"]
        assert [b'"PRIVATE"' in request.body for request in emulator.requests[3:]] == [True, False]

    @pytest.mark.unlike_hubspot("an access of a later version")
    def test_keeps_an_access_of_a_later_version(self, client: Client, api: respx.MockRouter) -> None:
        record = {**FILE, "access": "SECRET_2031"}
        api.get(path__startswith="/files/v3/files/stat/").respond(200, json={"file": record})
        replacement = api.put(path=f"/files/v3/files/{FILE['id']}").respond(200, json=record)
        client(lambda hubspot: written(hubspot, "wb"))
        assert b'{"access": "SECRET_2031"}' in replacement.calls.last.request.content

    def test_an_empty_file(self, client: Client, emulator: Emulator) -> None:
        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open("/data.csv", "wb", access="PUBLIC_NOT_INDEXABLE")
            yield close(file)
            return file.file.access.value

        assert run(client, emulator, program) == "PUBLIC_NOT_INDEXABLE"
        assert contents(emulator) == {"/data.csv": b""}

    def test_can_seek(self, client: Client, emulator: Emulator) -> None:
        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(PATH, "wb")
            yield file.write(b"0123456789")
            assert (yield file.seek(-4, io.SEEK_END)) == 6
            assert (yield file.tell()) == 6
            yield file.write(b"x")
            assert (yield file.truncate()) == 7
            assert (yield file.seek(0)) == 0
            yield file.write(b"y")
            assert (yield file.truncate(5)) == 5
            yield close(file)
            with pytest.raises(ValueError, match="closed"):
                yield file.write(b"z")
            with pytest.raises(ValueError, match="closed"):
                yield enter(file)

        run(client, emulator, program)
        assert contents(emulator) == {PATH: b"y1234"}

    def test_a_large_file_is_on_disk(self, client: Client, emulator: Emulator) -> None:
        content = bytes(range(256)) * 4096 * 9

        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(PATH, "wb")
            yield file.write(content)
            assert (yield file.seek(0, io.SEEK_END)) == len(content)
            yield close(file)

        run(client, emulator, program)
        assert contents(emulator) == {PATH: content}


class TestExclusive:
    def test_a_free_path_is_written(self, client: Client, emulator: Emulator) -> None:
        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(PATH, "xb")
            yield file.write(b"new")
            yield close(file)

        run(client, emulator, program)
        assert contents(emulator) == {PATH: b"new"}

    @pytest.mark.promise(
        "The modes `x` and `xb` raise `PathTakenError` if there is a file when it is opened or closed."
    )
    def test_a_file_is_refused(self, client: Client, emulator: Emulator) -> None:
        emulator.add_file(PATH, b"old")
        with pytest.raises(PathTakenError, match=f"exists on HubSpot, and must not be replaced: '{PATH}'") as caught:
            run(client, emulator, lambda hubspot: hubspot.files.open(PATH, "xb"))
        # As with the built-in `open`.
        assert (caught.value.errno, caught.value.filename) == (errno.EEXIST, PATH)
        assert calls(emulator) == ["statPath"]

    @pytest.mark.promise(
        "The modes `x` and `xb` raise `PathTakenError` if there is a file when it is opened or closed."
    )
    def test_a_file_that_was_added_meanwhile_is_refused(self, client: Client, emulator: Emulator) -> None:
        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(PATH, "xb")
            emulator.add_file(PATH, b"other")
            with pytest.raises(PathTakenError):
                yield close(file)
            assert file.closed

        run(client, emulator, program)
        assert contents(emulator) == {PATH: b"other"}


class TestOthersAtTheSamePath:
    """Other programs store or delete the file between the lookup and the upload."""

    def test_the_file_of_another_is_replaced(self, client: Client, emulator: Emulator) -> None:
        transport = Meanwhile(emulator, ["POST"], lambda: emulator.add_file(PATH, b"theirs"))
        assert write(client, emulator, "wb", transport) == PATH
        assert contents(emulator) == {PATH: b"mine"}

    def test_is_refused_if_the_file_must_be_new(self, client: Client, emulator: Emulator) -> None:
        transport = Meanwhile(emulator, ["POST"], lambda: emulator.add_file(PATH, b"theirs"))
        with pytest.raises(PathTakenError, match=f"exists on HubSpot.*'{PATH}'"):
            write(client, emulator, "xb", transport)
        assert contents(emulator) == {PATH: b"theirs"}

    def test_a_file_that_is_deleted_is_stored_anew(self, client: Client, emulator: Emulator) -> None:
        old = emulator.add_file(PATH, b"old").id
        transport = Meanwhile(emulator, ["PUT"], lambda: delete(emulator, old))
        assert write(client, emulator, "wb", transport) == PATH
        assert contents(emulator) == {PATH: b"mine"}

    def test_a_file_that_is_named_by_its_id_is_not_stored_anew(self, client: Client, emulator: Emulator) -> None:
        old = emulator.add_file(PATH, b"old").id
        transport = Meanwhile(emulator, ["PUT"], lambda: delete(emulator, old))
        with pytest.raises(NotFoundError):
            write(client, emulator, "wb", transport, old)
        assert contents(emulator) == {}

    @pytest.mark.parametrize("operation", ["statPath", "deleteFile"])
    def test_a_copy_that_cannot_be_deleted_is_named(self, client: Client, emulator: Emulator, operation: str) -> None:
        def meanwhile() -> None:
            emulator.add_file(PATH, b"theirs")
            emulator.fail("status", operation=operation, status=500)

        with pytest.raises(ServerError) as caught:
            write(client, emulator, "wb", Meanwhile(emulator, ["POST"], meanwhile))
        [copy] = [file for file in emulator.files if file.path != PATH]
        assert caught.value.__notes__ == [f"The content is stored as {copy.path} (id {copy.id}). Delete that file."]

    def test_no_end_of_creations_and_deletions(self, client: Client, emulator: Emulator) -> None:
        def alternate() -> None:
            [*theirs] = [file for file in emulator.files if file.path == PATH and file.state == "live"]
            if theirs:
                delete(emulator, theirs[0].id)
            else:
                emulator.add_file(PATH, b"theirs")

        transport = Meanwhile(emulator, ["POST", "PUT"], alternate, times=10)
        with pytest.raises(OSError, match="created and deleted by others all the time") as caught:
            write(client, emulator, "wb", transport)
        assert caught.value.errno == errno.EBUSY
        assert b"mine" not in contents(emulator).values()

    @pytest.mark.unlike_hubspot("a name that HubSpot changes")
    def test_a_name_that_hubspot_changes_is_refused(self, client: Client, api: respx.MockRouter) -> None:
        api.get(path__startswith="/files/v3/files/stat/").respond(404)
        api.post(path="/files/v3/files").respond(201, json={**FILE, "path": "/library/new/other.csv"})
        deletion = api.delete(path=f"/files/v3/files/{FILE['id']}").respond(204)
        with pytest.raises(ValueError, match=f"HubSpot would store {PATH} as /library/new/other.csv"):
            client(lambda hubspot: written(hubspot, "wb"))
        assert deletion.call_count == 1

    def test_another_form_of_the_path_is_the_same_file(self, client: Client, api: respx.MockRouter) -> None:
        record = {**FILE, "path": "/Library/New/data-2.csv"}
        stat = api.get(path__startswith="/files/v3/files/stat/")
        stat.side_effect = [httpx.Response(404), httpx.Response(404), httpx.Response(200, json={"file": record})]
        api.post(path="/files/v3/files").respond(201, json=record)
        assert client(lambda hubspot: written(hubspot, "wb")) == record["path"]


class Meanwhile(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The transport of an emulator, before some requests of which something happens."""

    def __init__(self, emulator: Emulator, methods: list[str], happens: Callable[[], object], times: int = 1) -> None:
        self._emulator = emulator
        self._methods = methods
        self._happens = happens
        self._left = times

    def _prepare(self, request: httpx.Request) -> None:
        if request.method in self._methods and self._left:
            self._left -= 1
            self._happens()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._prepare(request)
        return self._emulator.transport.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._prepare(request)
        return await self._emulator.transport.handle_async_request(request)


def delete(emulator: Emulator, file_id: str) -> None:
    with emulator.client() as hubspot:
        hubspot.files.delete(file_id)


def written(hubspot: Any, mode: str, target: str = PATH) -> Any:
    """Write a file, and return its path."""
    file = yield hubspot.files.open(target, mode)
    yield file.write(b"mine")
    yield close(file)
    return file.file.path


def write(client: Client, emulator: Emulator, mode: str, transport: Any, target: str = PATH) -> Any:
    """Write a file over a transport, and return its path."""
    http = client.http(transport)
    return client(
        lambda hubspot: written(hubspot, mode, target), access_token=emulator.token, http_client=http, max_retries=0
    )


INCOMPLETE = f"{PATH} is not stored, because its content may be incomplete: {{}}"


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


class FullDisk(io.BytesIO):
    """A temporary file on a disk that is full after four bytes."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__()

    def write(self, data: Any, /) -> int:
        if len(data) > 4:
            super().write(data[:2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


class TestNothingIsStored:
    @pytest.mark.promise(
        "Nothing is stored if its `with` block ends with an exception, after `discard`, or if it is never closed, "
        "which is a `ResourceWarning`."
    )
    def test_after_an_exception_in_the_block(self, client: Client, emulator: Emulator) -> None:
        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(PATH, "wb")
            yield enter(file)
            yield file.write(b"incomplete")
            yield leave_with(file, KeyboardInterrupt())
            yield close(file)
            with pytest.raises(ValueError, match="has no record"):
                _ = file.file

        run(client, emulator, program)
        assert emulator.requests == []

    @pytest.mark.promise(
        "Nothing is stored if it is closed while an exception is handled that was raised after the opening, and a "
        "WARNING is logged: by an `io.TextIOWrapper` around it whose `with` block ends with an exception, or by "
        "`close()` in an `except` block."
    )
    def test_closed_while_an_exception_is_handled(self, emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
        with emulator.client() as hubspot:
            file = hubspot.files.open(PATH, "wb")
            try:
                file.write(b"incomplete")
                raise KeyError("x")
            except KeyError:
                file.close()
            assert file.closed
            with pytest.raises(ValueError, match="not while an exception is handled"):
                _ = file.file
            assert emulator.requests == []
            try:
                raise KeyError("x")
            except KeyError:
                with hubspot.files.open("/other", "w") as text:
                    text.write("complete")
        assert contents(emulator) == {"/other": b"complete"}
        assert warned(caplog) == [INCOMPLETE.format("KeyError was raised before it was closed")]

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_closed_while_an_exception_is_handled_asynchronously(
        self, emulator: Emulator, backend: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def program() -> None:
            async with emulator.async_client() as hubspot:
                file = await hubspot.files.open(PATH, "wb")
                with contextlib.suppress(KeyError):
                    async with contextlib.aclosing(file):
                        await file.write(b"incomplete")
                        raise KeyError("x")
                assert file.closed
                with pytest.raises(ValueError, match="not while an exception is handled"):
                    _ = file.file
                assert emulator.requests == []
                try:
                    raise KeyError("x")
                except KeyError:
                    async with contextlib.aclosing(await hubspot.files.open("/other", "wb")) as other:
                        await other.write(b"complete")

        anyio.run(program, backend=backend)
        assert contents(emulator) == {"/other": b"complete"}
        assert warned(caplog) == [INCOMPLETE.format("KeyError was raised before it was closed")]

    @pytest.mark.promise(
        "Nothing is stored if it is closed while an exception is handled that was raised after the opening, and a "
        "WARNING is logged: by an `io.TextIOWrapper` around it whose `with` block ends with an exception, or by "
        "`close()` in an `except` block."
    )
    @pytest.mark.parametrize(
        "wrap",
        [io.TextIOWrapper, lambda file: io.TextIOWrapper(io.BufferedWriter(file)), contextlib.closing],
        ids=["TextIOWrapper", "BufferedWriter", "closing"],
    )
    def test_after_an_exception_in_the_block_of_a_wrapper(
        self, emulator: Emulator, wrap: Callable[[Any], Any], caplog: pytest.LogCaptureFixture
    ) -> None:
        emulator.add_file(PATH, b"old")
        with emulator.client() as hubspot:
            for error in (KeyError, KeyboardInterrupt):
                with contextlib.suppress(error), wrap(hubspot.files.open(PATH, "wb")) as file:
                    file.write("new" if isinstance(file, io.TextIOWrapper) else b"new")
                    raise error
                assert warned(caplog)[-1] == INCOMPLETE.format(f"{error.__name__} was raised before it was closed")
            assert contents(emulator) == {PATH: b"old"}
            with wrap(hubspot.files.open(PATH, "wb")) as file:
                file.write("new" if isinstance(file, io.TextIOWrapper) else b"new")
        assert contents(emulator) == {PATH: b"new"}

    def test_if_a_wrapper_is_never_closed(self, emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
        with emulator.client() as hubspot:
            wrapper = io.TextIOWrapper(hubspot.files.open(PATH, "wb"))
            wrapper.write("half")
            del wrapper
            gc.collect()
        assert emulator.requests == []
        assert warned(caplog) == [INCOMPLETE.format("it was not closed; use `with`, or call close()")]

    def test_if_a_write_fails(
        self, client: Client, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(PATH, "wb")
            with pytest.raises(TypeError):
                yield file.write("text")
            yield file.write(b"half")
            with pytest.raises(OSError, match="No space left"):
                yield file.write(b"the other half")
            yield close(file)

        monkeypatch.setattr(tempfile, "SpooledTemporaryFile", FullDisk)
        run(client, emulator, program)
        assert emulator.requests == []
        assert warned(caplog) == [INCOMPLETE.format("OSError was raised before it was closed")]

    def test_a_text_that_a_library_writes_first_is_no_failure(self, client: Client, emulator: Emulator) -> None:
        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(PATH, "wb")
            with pytest.raises(TypeError):
                yield file.write("text")
            yield file.write(b"bytes")
            yield close(file)

        run(client, emulator, program)
        assert contents(emulator) == {PATH: b"bytes"}

    def test_after_discard(self, client: Client, emulator: Emulator) -> None:
        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(PATH, "wb")
            yield file.discard()
            yield leave(file)

        run(client, emulator, program)
        assert emulator.requests == []

    @pytest.mark.parametrize("mode", ["wb", "w"])
    def test_if_it_is_never_closed(self, emulator: Emulator, mode: str) -> None:
        with emulator.client() as hubspot, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            file: Any = hubspot.files.open(PATH, mode)
            file.write(b"x" if mode == "wb" else "x")
            del file
            gc.collect()
        assert [str(warning.message) for warning in caught] == [
            f"{PATH} was not closed, and nothing is stored; use `with`, or call close()"
        ]
        assert caught[0].category is ResourceWarning
        assert emulator.requests == []

    def test_if_it_is_never_closed_asynchronously(self, emulator: Emulator) -> None:
        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(PATH, "wb")
            yield file.write(b"x")
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                del file
                gc.collect()
            return [warning.category for warning in caught]

        assert run(Client("asyncio"), emulator, program) == [ResourceWarning]
        assert emulator.requests == []

    def test_if_the_path_is_a_folder(self, client: Client, emulator: Emulator) -> None:
        emulator.add_folder(PATH)

        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(PATH, "wb")
            with pytest.raises(PathIsFolderError, match="is a folder"):
                yield close(file)
            assert file.closed

        run(client, emulator, program)
        assert emulator.files == []

    def test_if_the_upload_fails(self, client: Client, emulator: Emulator) -> None:
        emulator.add_file(PATH, b"old")

        def program(hubspot: Any) -> Any:
            file = yield hubspot.files.open(PATH, "wb")
            emulator.fail("status", operation="replaceFile", status=500)
            with pytest.raises(ServerError):
                yield close(file)
            assert file.closed
            yield close(file)

        run(client, emulator, program)
        assert contents(emulator) == {PATH: b"old"}

    def test_if_there_is_no_file_of_the_id(self, client: Client, emulator: Emulator) -> None:
        with pytest.raises(NotFoundError):
            run(client, emulator, lambda hubspot: hubspot.files.open("404", "wb"))

    @pytest.mark.parametrize("given", ["path", "id", "file"])
    def test_if_the_access_of_the_file_is_not_stated(self, client: Client, given: str) -> None:
        """Some versions do not promise it, and a default could make a public file private."""
        with Emulator(promised_only=True) as emulator:
            id = emulator.add_file(PATH, b"old").id

            def program(hubspot: Any) -> Any:
                what = {"path": PATH, "id": id, "file": (yield hubspot.files.get(id))}[given]
                # Only a path is not looked up before the content is written.
                file = (yield hubspot.files.open(what, "wb")) if given == "path" else None
                with pytest.raises(TypeError, match=rf"does not state the access of {PATH}, .*; pass access=$"):
                    yield hubspot.files.open(what, "wb") if file is None else close(file)
                file = yield hubspot.files.open(what, "wb", access="PUBLIC_INDEXABLE")
                yield close(file)

            run(client, emulator, program, api_version="2026-03")
            assert contents(emulator) == {PATH: b""}
            assert emulator.file(id).access == "PUBLIC_INDEXABLE"


class TestText:
    """Text files of the synchronous client."""

    def test_is_encoded(self, emulator: Emulator) -> None:
        with emulator.client() as hubspot:
            with hubspot.files.open("/a.csv", "w", newline="") as file:
                csv.writer(file).writerow(["zwölf", 1])
            assert (file.file.path, file.name) == ("/a.csv", "/a.csv")
            with hubspot.files.open("/b.txt", "xt", encoding="latin-1", errors="replace", newline="\r\n") as file:
                file.write("ü\n€\n")
        assert contents(emulator) == {"/a.csv": "zwölf,1\r\n".encode(), "/b.txt": b"\xfc\r\n?\r\n"}

    def test_is_not_stored_after_an_exception(self, emulator: Emulator) -> None:
        with emulator.client() as hubspot:
            file = hubspot.files.open(PATH, "w")
            with pytest.raises(ValueError, match="two"), file:
                self.write(file)
            assert file.closed
        assert emulator.requests == []

    @staticmethod
    def write(file: Any) -> None:
        file.write("one")
        raise ValueError("two")

    def test_a_forgotten_wrapper_of_a_closed_file_does_not_warn(self, emulator: Emulator) -> None:
        with emulator.client() as hubspot:
            file = hubspot.files.open(PATH, "w")
            file.discard()
            del file
            gc.collect()
        assert emulator.requests == []


def test_libraries_take_it(emulator: Emulator) -> None:
    with emulator.client() as hubspot:
        with hubspot.files.open("/a.zip", "wb") as file, zipfile.ZipFile(file, "w") as zipped:
            assert file.writable()
            assert file.seekable()
            assert not file.readable()
            zipped.writestr("a.txt", "a")
        with hubspot.files.open("/a.tgz", "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as tar:
            tar.addfile(tarfile.TarInfo("b"), io.BytesIO())
        with hubspot.files.open("/a.json", "w") as text:
            json.dump({"a": 1}, text)
    stored = contents(emulator)
    assert zipfile.ZipFile(io.BytesIO(stored["/a.zip"])).namelist() == ["a.txt"]
    assert tarfile.open(fileobj=io.BytesIO(stored["/a.tgz"])).getnames() == ["b"]
    assert stored["/a.json"] == b'{"a": 1}'


def test_have_the_same_methods() -> None:
    """`io` has more, such as `writelines`."""
    names = {name.removeprefix("a") if name == "aclose" else name for name in vars(AsyncFileWriter) if name[0] != "_"}
    assert names <= set(dir(FileWriter))
