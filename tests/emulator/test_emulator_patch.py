"""Emulator.patch: code that makes its own clients reaches the emulator, and nothing of it remains."""

from __future__ import annotations

import io
import os
import threading
import time
import unittest
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import pytest

from hubspot_files import AsyncHubSpotFiles, AuthenticationError, HubSpotFiles
from hubspot_files._clock import DEFAULT_CLOCK
from hubspot_files.testing import Clock, Emulator

VARIABLES = ("HUBSPOT_ACCESS_TOKEN", "HUBSPOT_BASE_URL", "HUBSPOT_FILES_STATE")


def state() -> list[object]:
    """Return all that a patch replaces."""
    methods = [httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request]
    return [*methods, DEFAULT_CLOCK.current, *(os.environ.get(name) for name in VARIABLES)]


@pytest.fixture(autouse=True)
def unchanged(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("HUBSPOT_ACCESS_TOKEN", raising=False)
    monkeypatch.setenv("HUBSPOT_BASE_URL", "https://elsewhere.test")
    before = state()
    yield
    assert state() == before


def store(path: str = "/in") -> str:
    """Store a file like an application that makes its own client."""
    with HubSpotFiles() as hubspot:
        return hubspot.files.upload(b"cat", name="cat.txt", folder_path=path).id


async def store_async() -> str:
    async with AsyncHubSpotFiles() as hubspot:
        return (await hubspot.files.upload(b"cat", name="cat.txt", folder_path="/in")).id


def test_clients_of_the_code_reach_the_emulator() -> None:
    with Emulator() as emulator, emulator.patch() as patched:
        assert patched is emulator
        with HubSpotFiles() as hubspot:
            signed = hubspot.files.signed_url(store())
        assert httpx.get(signed.url).content == b"cat"
        for backend in ("asyncio", "trio"):
            anyio.run(store_async, backend=backend)
        assert len(emulator.files) == 3


def test_a_client_with_a_token_of_its_own_needs_that_token_in_the_emulator() -> None:
    with (
        Emulator() as emulator,
        HubSpotFiles("pat-na1-1", base_url="https://api.hubapi.com") as before,
        emulator.patch(),
        HubSpotFiles("pat-na1-1") as within,
    ):
        for hubspot in (before, within):
            with pytest.raises(AuthenticationError):
                hubspot.folders.create("in")
        emulator.add_token(token="pat-na1-1")
        before.folders.create("a")
        within.folders.create("b")
        assert [folder.path for folder in emulator.folders] == ["/a", "/b"]


def test_a_client_of_a_module_works_with_one_emulator_after_another() -> None:
    with HubSpotFiles("x", base_url="https://api.hubapi.com", pace=True) as module:
        for number in range(3):
            # The clock of each emulator begins at zero, and its ids are those of the one before.
            with Emulator() as emulator, emulator.patch():
                emulator.add_token(token="x")
                emulator.fail(status=429, headers={"Retry-After": "9"}, operation="getSignedUrl")
                content = b"cat" * (number + 1)
                file = module.files.upload(content, name=f"{number}.txt", folder_path="/in")
                assert module.files.read(file.id) == content
                assert httpx.get(module.files.signed_url(file.id).url).content == content
                emulator.clock.advance(5 - number)


def test_a_client_of_a_module_knows_the_files_of_an_emulator_that_is_reset() -> None:
    with HubSpotFiles("x", base_url="https://api.hubapi.com") as module, Emulator() as emulator, emulator.patch():
        emulator.add_token(token="x")
        for _ in range(3):
            # It takes a file with the id of an earlier upload for that upload's, so that ids must not be used again.
            emulator.fail("reset", operation="uploadFile", after_effect=True)
            file = module.files.upload(b"cat", name="cat.txt", folder_path="/in")
            assert httpx.get(module.files.signed_url_cache.get(file.id).url).content == b"cat"
            emulator.reset()


def test_journals_of_transfers_are_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/a").write_bytes(b"a")
    for name in ("HOME", "XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    journal = tmp_path / "journal"
    with Emulator().patch(), HubSpotFiles() as hubspot:
        folder = Path(os.environ["HUBSPOT_FILES_STATE"])
        assert hubspot.transfers.upload_folder(tmp_path / "site", "/site").counts["done"] == 1
        assert len(list((folder / "journals").iterdir())) >= 1
        assert hubspot.transfers.upload_folder(tmp_path / "site", "/other", journal=journal).counts["done"] == 1
    assert not folder.exists()
    assert journal.exists()
    assert not (tmp_path / "home").exists()


def test_waits_take_no_time() -> None:
    with Emulator() as emulator, HubSpotFiles("x", base_url=emulator.base_url) as before, emulator.patch():
        emulator.add_token(token="x")
        emulator.fail(status=503, headers={"Retry-After": "50"}, count=2)
        started, since = emulator.clock.monotonic(), time.monotonic()
        assert list(before.folders.search()) == []
        assert emulator.clock.monotonic() - started >= 100
        assert time.monotonic() - since < 50


def test_hubspot_itself_cannot_be_reached() -> None:
    with Emulator(base_url="https://hubspot.test") as emulator, emulator.patch():
        store()
        with pytest.raises(httpx.ConnectError, match="Name or service not known"):
            httpx.get("https://api.hubapi.com/files/v3/files/1")
        assert [request.operation for request in emulator.requests][-1] is None


def test_other_hosts_are_reached_as_before() -> None:
    async def program() -> None:
        async with httpx.AsyncClient(trust_env=False) as web:
            await web.get("http://127.0.0.1:9/")

    with Emulator() as emulator, emulator.patch():
        # Nothing listens at the discard port.
        with pytest.raises(httpx.ConnectError), httpx.Client(trust_env=False) as web:
            web.get("http://127.0.0.1:9/")
        with pytest.raises(httpx.ConnectError):
            anyio.run(program)
        assert emulator.requests == []


def test_of_nested_patches_the_latest_applies() -> None:
    with Emulator() as outer, Emulator(seed=1) as inner, outer.patch():
        with inner.patch():
            store()
            # With values of a test's own between them.
            os.environ["HUBSPOT_BASE_URL"] = "https://of-the-test.test"
        assert os.environ["HUBSPOT_BASE_URL"] == outer.base_url
        store("/out")
        assert [file.path for file in inner.files] == ["/in/cat.txt"]
        assert [file.path for file in outer.files] == ["/out/cat.txt"]


def test_nothing_remains_whichever_patch_ends_first() -> None:
    with Emulator() as first, Emulator(seed=1) as second, Emulator(seed=2, base_url="https://hubspot.test") as third:
        patches = [emulator.patch() for emulator in (first, second, third)]
        before = state()
        for patch in patches:
            patch.__enter__()
        patches[1].__exit__(None, None, None)
        store()
        assert len(third.files) == 1
        patches[0].__exit__(None, None, None)
        assert os.environ["HUBSPOT_ACCESS_TOKEN"] == third.token
        patches[2].__exit__(None, None, None)
        assert state() == before


def test_a_patch_can_be_used_again_and_within_itself() -> None:
    with Emulator() as emulator:
        patch = emulator.patch()
        for _ in range(2):
            with patch, patch:
                store()
        assert len(emulator.files) == 2


def test_an_error_ends_it() -> None:
    with pytest.raises(ZeroDivisionError), Emulator() as emulator, emulator.patch():
        raise ZeroDivisionError


def test_it_applies_to_all_threads() -> None:
    with Emulator() as emulator:

        def work(number: int) -> None:
            with emulator.patch():
                store(f"/{number}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        with emulator.patch():
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert {file.path for file in emulator.files} == {f"/{number}/cat.txt" for number in range(8)}


class TestDecorator:
    def test_of_a_function(self) -> None:
        emulator = Emulator()

        @emulator.patch()
        def work(path: str) -> str:
            """Work."""
            return store(path)

        assert emulator.files == []
        assert (work("/in"), work.__name__, work.__doc__) == (str(emulator.files[0].id), "work", "Work.")

    def test_of_a_coroutine_function(self) -> None:
        emulator = Emulator()
        assert emulator.file(anyio.run(emulator.patch()(store_async))).content == b"cat"

    def test_refuses_a_class(self) -> None:
        with pytest.raises(TypeError, match=r"not classes such as TestDecorator: call self\.enterContext"):
            Emulator().patch()(TestDecorator)


def test_works_in_unittest() -> None:
    module = Emulator(clock=Clock(frozen=True))

    class ByEnterContext(unittest.TestCase):
        def setUp(self) -> None:
            self.hubspot = self.enterContext(Emulator().patch())

        def test_one(self) -> None:
            store()
            assert len(self.hubspot.files) == 1

        def test_two(self) -> None:
            assert self.hubspot.files == []

    class ByCleanup(unittest.TestCase):
        def setUp(self) -> None:
            patch = module.patch()
            patch.__enter__()
            self.addCleanup(patch.__exit__, None, None, None)

        def test(self) -> None:
            store("/cleanup")

    class OfAsyncCode(unittest.IsolatedAsyncioTestCase):
        @module.patch()
        async def test(self) -> None:
            await store_async()

    class OfClass(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            cls.hubspot = cls.enterClassContext(Emulator().patch())

        def test(self) -> None:
            store()
            assert len(self.hubspot.files) == 1

    load = unittest.defaultTestLoader.loadTestsFromTestCase
    suite = unittest.TestSuite(map(load, (ByEnterContext, ByCleanup, OfAsyncCode, OfClass)))
    output = io.StringIO()
    result = unittest.TextTestRunner(output).run(suite)
    assert (result.testsRun, result.wasSuccessful()) == (5, True), output.getvalue()
    assert {file.path for file in module.files} == {"/cleanup/cat.txt", "/in/cat.txt"}
