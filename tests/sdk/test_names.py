"""Names of files: each is stored unchanged on every machine, and invalid names are refused."""

from __future__ import annotations

import io
import mimetypes
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiofiles.tempfile
import anyio
import pytest
import respx
from hypothesis import example, given
from hypothesis import strategies as st

from hubspot_files import AsyncHubSpotFiles, BadRequestError, HubSpotFiles
from hubspot_files._content.media_types import content_type
from hubspot_files._content.source import check_source
from hubspot_files.testing import Emulator

from .support import FILE, FOLDER, TOKEN, Client, sent_parts

# Characters that are special in headers, URLs and other programs, and all others.
NAMES = st.text(st.sampled_from("%20AaD.\"';=\\/ :~#?&+*é猫\u2028\u00a0\u0085") | st.characters(), max_size=30)
FOLDER_NAMES = st.text(st.sampled_from("%2F.\"'; é\\") | st.characters(exclude_characters="/"), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def hubspot() -> Iterator[HubSpotFiles]:
    with Emulator() as emulator, emulator.client() as client:
        yield client


class TestStoredNames:
    @given(NAMES)
    @example("Invoice%20%22A%22.pdf")
    @example("line%0Aend.txt")
    @example('say "hi".txt')
    @example("%22")
    @example("a.%22")
    @example(".%22")
    @example('."')
    @example("semi;colon=.txt")
    @example("trailing. ")
    @example(" leading")
    @example(".profile")
    @example("a.")
    @example("..a")
    @example("123")
    def test_any_valid_name_is_stored_unchanged(self, hubspot: HubSpotFiles, name: str) -> None:
        try:
            check_source(b"", name)
        except ValueError:
            return
        file = hubspot.files.upload(b"x", name=name, folder_path="/in", overwrite=True)
        assert file.path == f"/in/{name}"
        replaced = hubspot.files.replace(file.id, b"y", name=name, access="PRIVATE")
        assert replaced.path == f"/in/{name}"
        assert hubspot.files.read(file.id) == b"y"

    @given(FOLDER_NAMES)
    @example(" ")
    def test_any_valid_folder_is_stored_unchanged(self, hubspot: HubSpotFiles, name: str) -> None:
        try:
            file = hubspot.files.upload(b"x", name="a.txt", folder_path=f"/in/{name}", overwrite=True)
        except (ValueError, BadRequestError):
            # HubSpot itself refuses a blank segment.
            return
        assert file.path == f"/in/{name}/a.txt"

    @pytest.mark.parametrize("name", ["Invoice%20%22A%22.pdf", "a%0Ab.pdf", "100%.pdf"])
    def test_characters_without_an_escape_are_replaced_in_the_multipart_filename(
        self, client: Client, api: respx.MockRouter, name: str
    ) -> None:
        """A server that decodes it would read a line end, or another name."""
        api.post("/files/v3/files").respond(201, json=FILE)
        api.put("/files/v3/files/1").respond(200, json=FILE)

        client(lambda hubspot: hubspot.files.upload(b"x", name=name, folder_path="/"))
        _, field, _, file = sent_parts(api.calls.last.request)
        assert field == ("fileName", None, None, name.encode())
        assert (file.filename, file.content_type) == (name.replace("%", "_"), "application/pdf")

        client(lambda hubspot: hubspot.files.replace(1, b"x", name=name, access="PRIVATE"))
        options, file = sent_parts(api.calls.last.request)
        assert options.name == "options"
        assert (file.filename, file.content_type) == (name.replace("%", "_"), "application/pdf")

    def test_a_path_whose_last_segment_has_a_backslash(self, tmp_path: Any) -> None:
        (tmp_path / "a\\b.png").write_bytes(b"x")
        with pytest.raises(ValueError, match=r"contains a backslash; pass the file's own name"):
            check_source(tmp_path / "a\\b.png", None)


BACKSLASH = "sub\\a.png"
FOLDER_PATH = "library\\cats"


class TestBackslashes:
    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda files, _: files.upload(b"", name=BACKSLASH, folder_path="/"), "own name, and its folder as a path"),
            (lambda files, _: files.replace(1, b"", name=BACKSLASH, access="PRIVATE"), "own name, and its folder as"),
            (lambda files, _: files.update(1, name=BACKSLASH), "own name, and its folder as a path with '/'"),
            (
                lambda files, _: files.import_from_url("https://e.com/a", name=BACKSLASH, folder_path="/"),
                "own name, and",
            ),
            (lambda files, _: files.upload(b"", name="a", folder_path=FOLDER_PATH), "^folder_path .* separate folders"),
            (lambda files, _: files.import_from_url("https://e.com/a", folder_path=FOLDER_PATH), "^folder_path .* '/'"),
            (lambda files, _: files.update(1, parent_folder_path=FOLDER_PATH), "^parent_folder_path .* with '/'$"),
            (lambda _, folders: folders.create("a", parent_path=FOLDER_PATH), "^parent_path .* folders with '/'$"),
            (lambda _, folders: folders.create(FOLDER_PATH), "must be a folder's own name, without slashes and back"),
            (
                lambda _, folders: folders.update(1, name=FOLDER_PATH),
                "must be a folder's own name, without slashes and",
            ),
            (
                lambda _, folders: folders.update_recursively(1, name=FOLDER_PATH),
                "must be a folder's own name, without",
            ),
        ],
    )
    def test_are_refused_in_new_names(
        self, client: Client, api: respx.MockRouter, call: Callable[[Any, Any], Any], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            client(lambda hubspot: call(hubspot.files, hubspot.folders))
        assert not api.calls

    def test_existing_items_can_be_looked_up_and_deleted(self, client: Client, api: respx.MockRouter) -> None:
        api.get("/files/v3/files/stat/library%5Ccats/a%5Cb.png").respond(200, json={"file": FILE})
        api.get("/files/v3/folders/library%5Ccats").respond(200, json=FOLDER)
        api.delete("/files/v3/folders/library%5Ccats").respond(204)

        def program(hubspot: Any) -> Any:
            yield hubspot.files.stat("/library\\cats/a\\b.png")
            yield hubspot.folders.get_by_path("/library\\cats")
            yield hubspot.folders.delete_by_path("/library\\cats")

        client(program)
        assert [call.request.url.raw_path for call in api.calls] == [
            b"/files/v3/files/stat/library%5Ccats/a%5Cb.png",
            b"/files/v3/folders/library%5Ccats",
            b"/files/v3/folders/library%5Ccats",
        ]

    @pytest.mark.parametrize("name", ["a/b", "", " ", "..", ".", "a\nb"])
    def test_invalid_names_are_refused(self, client: Client, api: respx.MockRouter, name: str) -> None:
        calls: list[Callable[[Any], Any]] = [
            lambda hubspot: hubspot.files.update(1, name=name),
            lambda hubspot: hubspot.files.import_from_url("https://e.com/a", name=name, folder_path="/"),
            lambda hubspot: hubspot.files.upload(b"", name=name, folder_path="/"),
        ]
        for call in calls:
            with pytest.raises(ValueError, match="must be a file name without slashes and control characters"):
                client(call)
        assert not api.calls


class TestContentType:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("cat.png", "image/png"),
            ("CAT.PNG", "image/png"),
            ("cat.tar.gz", "application/gzip"),
            ("cat.tgz", "application/gzip"),
            ("cat.svgz", "application/gzip"),
            ("cat.png.gz", "application/gzip"),
            ("cat.tar.bz2", "application/x-bzip2"),
            ("cat.tar.xz", "application/x-xz"),
            ("cat.txt.zst", "application/zstd"),
            ("cat.txt.Z", "application/x-compress"),
            ("cat.txt.br", "application/octet-stream"),
            ("cat.tar", "application/x-tar"),
            ("cat.csv", "text/csv"),
            ("cat.js", "text/javascript"),
            ("cat.webp", "image/webp"),
            ("cat.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            ("data:text/html,cat.png", "image/png"),
            ("https:cat.pdf?#.png", "image/png"),
            (".png", "application/octet-stream"),
            ("cat", "application/octet-stream"),
            ("cat.unheard-of", "application/octet-stream"),
        ],
    )
    def test_is_guessed_from_the_last_extension(self, name: str, expected: str) -> None:
        assert content_type(name) == expected

    def test_is_independent_of_the_machine(self) -> None:
        """On Windows with Excel, a .csv is an application/vnd.ms-excel."""
        mimetypes.add_type("application/vnd.ms-excel", ".csv")
        try:
            assert content_type("cat.csv") == "text/csv"
        finally:
            mimetypes.add_type("text/csv", ".csv")

    def test_is_sent(self, client: Client, api: respx.MockRouter) -> None:
        api.post("/files/v3/files").respond(201, json=FILE)
        client(lambda hubspot: hubspot.files.upload(io.BytesIO(b"x"), name="cats.tar.gz", folder_path="/"))
        assert sent_parts(api.calls.last.request)[-1].content_type == "application/gzip"


@pytest.mark.parametrize("make", [anyio.NamedTemporaryFile, aiofiles.tempfile.NamedTemporaryFile])
def test_an_asynchronous_temporary_file_has_no_name(make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def main() -> None:
        async with make() as file, AsyncHubSpotFiles(TOKEN) as hubspot:
            await file.write(b"x")
            await file.seek(0)
            with pytest.raises(ValueError, match=r"need a name: pass name='cat.png'"):
                await hubspot.files.upload(file, folder_path="/")

    anyio.run(main)


def test_an_asynchronous_temporary_file_elsewhere_has_no_name(tmp_path: Path) -> None:
    async def main() -> None:
        async with anyio.NamedTemporaryFile(dir=tmp_path) as file, AsyncHubSpotFiles(TOKEN) as hubspot:
            with pytest.raises(ValueError, match=r"need a name: pass name='cat.png'"):
                await hubspot.files.upload(file, folder_path="/")

    anyio.run(main)


@pytest.mark.parametrize("source", ["folder/", "."])
def test_the_error_for_a_folder_says_that_it_is_one(client: Client, source: str) -> None:
    with pytest.raises(ValueError, match=r"is not the path of a file; pass one|must be a file name"):
        client(lambda hubspot: hubspot.files.upload(source, folder_path="/"))
