"""The pytest plugin in a user's test suite, and the example in the documentation."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import anyio
import httpx
import pytest

from hubspot_files import AsyncHubSpotFiles, HubSpotFiles, TaskTimeoutError
from hubspot_files.testing import Clock, Emulator

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "testing_your_application"
SCOPES = ("class", "module", "session")
# A stand-in for pytest-httpx, because the real one requires another version of pytest.
HTTPX_MOCK = """
import httpx
import pytest


class HTTPXMock:
    def __init__(self):
        self.known = {}

    def add_response(self, url, content):
        self.known[url] = content


@pytest.fixture
def httpx_mock(monkeypatch):
    mock = HTTPXMock()
    monkeypatch.setattr(
        httpx.HTTPTransport,
        "handle_request",
        lambda transport, request: httpx.Response(200, content=mock.known[str(request.url)]),
    )
    return mock
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest on the pytester's files, with warnings as errors."""
    return pytester.runpytest_inprocess("-W", "error", "-p", "no:cacheprovider", *arguments)


class TestEmulator:
    def test_is_reached_through_the_environment(self, hubspot_emulator: Emulator) -> None:
        with HubSpotFiles() as hubspot:
            file = hubspot.files.upload(b"cat", name="cat.txt", folder_path="/in")
            assert hubspot.files.read(file.id) == b"cat"
            signed = hubspot.files.signed_url(file.id)
        assert httpx.get(signed.url).content == b"cat"
        assert [stored.path for stored in hubspot_emulator.files] == ["/in/cat.txt"]

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_is_reached_through_the_environment_in_async_code(self, hubspot_emulator: Emulator, backend: str) -> None:
        async def program() -> tuple[bytes, bytes]:
            async with AsyncHubSpotFiles() as hubspot, httpx.AsyncClient() as web:
                file = await hubspot.files.upload(b"cat", name="cat.txt", folder_path="/in")
                signed = await hubspot.files.signed_url(file.id)
                return await hubspot.files.read(file.id), (await web.get(signed.url)).content

        assert anyio.run(program, backend=backend) == (b"cat", b"cat")
        assert len(hubspot_emulator.files) == 1

    def test_responds_on_connections_of_a_caller(self, hubspot_emulator: Emulator) -> None:
        with httpx.Client() as connections, HubSpotFiles(http_client=connections) as hubspot:
            assert hubspot.folders.create("in").path == "/in"
        assert len(hubspot_emulator.folders) == 1

    def test_does_not_affect_other_hosts(self, hubspot_emulator: Emulator) -> None:
        async def program() -> None:
            async with httpx.AsyncClient(trust_env=False) as web:
                await web.get("http://127.0.0.1:9/")

        # Nothing listens at the discard port.
        with pytest.raises(httpx.ConnectError), httpx.Client(trust_env=False) as web:
            web.get("http://127.0.0.1:9/")
        with pytest.raises(httpx.ConnectError):
            anyio.run(program)
        assert hubspot_emulator.requests == []

    def test_outlives_an_undo_of_the_tests_monkeypatch(
        self, hubspot_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.undo()
        with HubSpotFiles() as hubspot:
            assert list(hubspot.folders.search()) == []

    @pytest.mark.hubspot_emulator(base_url="https://hubspot.test", search_lag=30)
    class TestMarked:
        def test_applies_the_options_of_the_marker(self, hubspot_emulator: Emulator) -> None:
            with HubSpotFiles() as hubspot:
                hubspot.files.upload(b"x", name="a.txt", folder_path="/")
                assert list(hubspot.files.search()) == []
                hubspot_emulator.clock.advance(30)
                assert len(list(hubspot.files.search())) == 1
                assert repr(hubspot) == "<HubSpotFiles https://hubspot.test>"

        @pytest.mark.hubspot_emulator(search_lag=0)
        def test_the_nearest_marker_takes_precedence(
            self, hubspot_emulator: Emulator, hubspot_client: HubSpotFiles
        ) -> None:
            hubspot_emulator.add_file("/a.txt")
            assert len(list(hubspot_client.files.search())) == 1
            assert hubspot_emulator.base_url == "https://hubspot.test"


class TestClients:
    def test_sync(self, hubspot_client: HubSpotFiles, hubspot_emulator: Emulator) -> None:
        hubspot_emulator.add_file("/a.txt", b"a")
        assert [hubspot_client.files.read(file.id) for file in hubspot_client.files.search()] == [b"a"]

    @pytest.mark.anyio
    async def test_async_in_async_tests(
        self, hubspot_async_client: AsyncHubSpotFiles, hubspot_emulator: Emulator
    ) -> None:
        hubspot_emulator.add_file("/a.txt", b"a")
        found = [await hubspot_async_client.files.read(file.id) async for file in hubspot_async_client.files.search()]
        assert found == [b"a"]

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_async_in_plain_tests(
        self, hubspot_async_client: AsyncHubSpotFiles, hubspot_emulator: Emulator, backend: str
    ) -> None:
        async def program() -> str | None:
            return (await hubspot_async_client.folders.create("in")).path

        assert anyio.run(program, backend=backend) == "/in"


class TestTime:
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock(frozen=True)

    @pytest.fixture
    def hubspot_emulator(self, request: pytest.FixtureRequest, clock: Clock) -> Emulator:
        request.node.add_marker(pytest.mark.hubspot_emulator(clock=clock))
        emulator: Emulator = request.getfixturevalue("hubspot_emulator")
        return emulator

    def test_of_waits_passes_on_the_clock_only(
        self, hubspot_emulator: Emulator, hubspot_client: HubSpotFiles, clock: Clock
    ) -> None:
        hubspot_emulator.fail(status=503, headers={"Retry-After": "50"}, count=3)
        assert list(hubspot_client.folders.search()) == []
        assert clock.monotonic() >= 150

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_of_async_waits_too(
        self, hubspot_emulator: Emulator, hubspot_async_client: AsyncHubSpotFiles, clock: Clock, backend: str
    ) -> None:
        async def program() -> int:
            return len([folder async for folder in hubspot_async_client.folders.search()])

        hubspot_emulator.fail(status=503, headers={"Retry-After": "50"}, count=3)
        assert anyio.run(program, backend=backend) == 0
        assert clock.monotonic() >= 150

    def test_is_up_for_a_task_that_takes_longer(
        self, hubspot_emulator: Emulator, hubspot_client: HubSpotFiles, clock: Clock
    ) -> None:
        hubspot_emulator.publish_url("https://example.com/a.txt")
        hubspot_emulator.task_pace("seconds", pending=300)
        task = hubspot_client.files.import_from_url("https://example.com/a.txt", folder_path="/in")
        with pytest.raises(TaskTimeoutError):
            task.wait(deadline=100)
        assert 100 <= clock.monotonic() < 300
        assert task.wait().path == "/in/a.txt"

    def test_that_moves_on_ends_signed_urls(
        self, hubspot_emulator: Emulator, hubspot_client: HubSpotFiles, clock: Clock
    ) -> None:
        file = hubspot_emulator.add_file("/a.txt")
        signed = hubspot_client.files.signed_url(file.id, expires_in=600)
        cached = hubspot_client.files.signed_url_cache.get(file.id)
        assert timedelta(seconds=598) <= signed.remaining() <= timedelta(seconds=600)
        clock.advance(600)
        assert signed.is_expired()
        assert httpx.get(signed.url).status_code == 403
        clock.advance(3600)
        assert hubspot_client.files.signed_url_cache.get(file.id) is not cached


class TestSuiteOfAStranger:
    def test_is_unaffected_after_a_test(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            """
            import os

            import httpx
            import pytest
            from hubspot_files import HubSpotFiles
            from hubspot_files._clock import DEFAULT_CLOCK

            SEND = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request
            CLOCK = DEFAULT_CLOCK.current

            def test_with(hubspot_emulator):
                assert httpx.HTTPTransport.handle_request is not SEND[0]
                assert os.environ["HUBSPOT_ACCESS_TOKEN"] == hubspot_emulator.token

            def test_without():
                assert (httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request) == SEND
                assert DEFAULT_CLOCK.current is CLOCK
                assert "HUBSPOT_ACCESS_TOKEN" not in os.environ
                assert os.environ["HUBSPOT_BASE_URL"] == "https://elsewhere.test"

            def test_starts_afresh(hubspot_emulator):
                assert hubspot_emulator.files == []
                with HubSpotFiles() as hubspot:
                    hubspot.files.upload(b"", name="a.txt", folder_path="/")

            def test_again(hubspot_emulator):
                assert hubspot_emulator.files == []
            """
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("HUBSPOT_ACCESS_TOKEN", raising=False)
            patch.setenv("HUBSPOT_BASE_URL", "https://elsewhere.test")
            run(pytester).assert_outcomes(passed=4)

    def test_has_an_emulator_of_each_scope(self, pytester: pytest.Pytester) -> None:
        fixtures = ", ".join(f"{scope}_hubspot_emulator" for scope in SCOPES)
        module = f"""
            import pytest
            from hubspot_files import HubSpotFiles

            pytestmark = pytest.mark.hubspot_emulator(portal_id=2)

            @pytest.mark.hubspot_emulator(portal_id=3)
            class TestOne:
                def test_stores(self, {fixtures}):
                    emulators = {fixtures}
                    assert [emulator.portal_id for emulator in emulators] == [3, 2, 12345]
                    for emulator in emulators:
                        emulator.add_folder("/in")
                    with HubSpotFiles() as hubspot:
                        hubspot.folders.create("of_the_narrowest")
                    assert [len(emulator.folders) for emulator in emulators] == [2, 1, 1]

                def test_of_the_same_class(self, {fixtures}, hubspot_emulator):
                    assert [len(emulator.folders) for emulator in ({fixtures})] == [2, 1, 1]
                    with HubSpotFiles() as hubspot:
                        hubspot.folders.create("in")
                    assert len(hubspot_emulator.folders) == 1

            def test_of_the_same_module({fixtures}):
                assert [len(emulator.folders) for emulator in ({fixtures})] == [0, 1, 1]
            """
        other = f"""
            def test_of_the_same_session({fixtures}):
                assert [len(emulator.folders) for emulator in ({fixtures})] == [0, 0, 1]
                session_hubspot_emulator.reset()
                assert session_hubspot_emulator.folders == []
            """
        pytester.makepyfile(test_module=module, test_other=other)
        run(pytester).assert_outcomes(passed=4)

    def test_needs_no_plugin_for_async_tests(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            """
            import asyncio

            def test_async(hubspot_async_client):
                assert asyncio.run(hubspot_async_client.request("GET", "/files/v3/folders/search")).status_code == 200

            def test_left_as_it_is(hubspot_async_client):
                pass
            """
        )
        run(pytester, "-p", "no:anyio").assert_outcomes(passed=2)

    def test_is_informed_of_the_missing_package(self, pytester: pytest.Pytester) -> None:
        pytester.makeconftest("import sys; sys.modules['python_multipart'] = None")
        pytester.makepyfile("def test_with(hubspot_client): pass", test_other="def test_without(): pass")
        result = run(pytester)
        result.assert_outcomes(passed=1, errors=1)
        result.stdout.fnmatch_lines(['the emulator needs python-multipart,*: pip install "hubspot-files?emulator?"'])
        assert "Traceback" not in result.stdout.str()

    def test_is_informed_that_options_are_named(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            """
            import pytest

            @pytest.mark.hubspot_emulator(7)
            def test_positional(hubspot_emulator): pass
            """
        )
        result = run(pytester, "--strict-markers")
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["options of the marker hubspot_emulator are named, not 7"])

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ("serch_lag=30", "the marker hubspot_emulator has no option 'serch_lag'; it has *search_lag*"),
            ("search_lag='x'", "search_lag is a number of seconds, not 'x'"),
            ("search_lag=-1", "search_lag is a number of seconds from 0 to *, not -1"),
            ("base_url='x'", "'x' is not an origin such as https://api.hubapi.com"),
        ],
    )
    def test_is_informed_of_invalid_options(self, pytester: pytest.Pytester, options: str, words: str) -> None:
        pytester.makepyfile(
            f"""
            import pytest

            @pytest.mark.hubspot_emulator({options})
            def test_wrong(hubspot_emulator): pass
            """
        )
        result = run(pytester)
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines([words])
        assert "Traceback" not in result.stdout.str()
        assert "pytest_hubspot_files.py" not in result.stdout.str()

    def test_can_disable_the_plugin(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile("def test_with(hubspot_emulator): pass", test_other="def test_without(): pass")
        result = run(pytester, "-p", "no:hubspot_files")
        result.assert_outcomes(passed=1, errors=1)
        result.stdout.fnmatch_lines(["*fixture 'hubspot_emulator' not found"])

    def test_can_list_the_fixtures(self, pytester: pytest.Pytester) -> None:
        documented = run(pytester, "--fixtures", "-v").stdout.str()
        wider = [f"{scope}_hubspot_emulator" for scope in SCOPES]
        for name in ("hubspot_emulator", *wider, "hubspot_client", "hubspot_async_client"):
            entry = rf"^{name}(?: \[\w+ scope\])? -- .*pytest_hubspot_files.py:\d+\n    An? \S"
            assert re.search(entry, documented, re.MULTILINE)
        assert "@pytest.mark.hubspot_emulator(**options): make" in run(pytester, "--markers").stdout.str()

    def test_does_not_import_unused_packages(self) -> None:
        program = "import sys, pytest; before = set(sys.modules); import pytest_hubspot_files; print(*sys.modules)"
        output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        imported = {name.partition(".")[0] for name in output.stdout.split()}
        assert "pytest_hubspot_files" in imported
        assert not imported & {"httpx", "anyio", "attrs", "hubspot_files", "hubspot_files_api", "python_multipart"}


class TestExample:
    @pytest.fixture
    def documented(self) -> list[str]:
        """Return the blocks of Python in the documentation."""
        return re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs" / "testing.md").read_text("utf-8"), re.M | re.S)

    @pytest.mark.parametrize("name", ["invoices.py", "test_invoices.py"])
    def test_is_in_the_documentation(self, documented: list[str], name: str) -> None:
        assert (EXAMPLE / name).read_text(encoding="utf-8") in documented

    def test_of_the_documentation_runs_with_the_others(self, documented: list[str], pytester: pytest.Pytester) -> None:
        application, *others = documented
        pytester.makeconftest(HTTPX_MOCK)
        pytester.makepyfile(invoices=application)
        pytester.makepyfile(**{f"test_block_{number}": block for number, block in enumerate(others)})
        # Four tests of the application, one on asyncio and on trio, one of the marker, two of an emulator of a session,
        # one with mocks, one of unittest.
        run(pytester).assert_outcomes(passed=4 + 2 + 1 + 2 + 1 + 1)
        assert sum("def test_" not in block for block in others) == 3

    @pytest.mark.parametrize("fixtures", ["httpx_mock, hubspot_emulator", "hubspot_emulator, httpx_mock"])
    def test_works_with_mocks(self, pytester: pytest.Pytester, fixtures: str) -> None:
        pytester.makeconftest(HTTPX_MOCK)
        pytester.makepyfile(
            f"""
            import httpx
            from hubspot_files import HubSpotFiles

            SEND = httpx.HTTPTransport.handle_request

            def test_both({fixtures}):
                httpx_mock.add_response("https://other.test/", b"mocked")
                with HubSpotFiles() as hubspot:
                    hubspot.folders.create("in")
                assert httpx.get("https://other.test/").content == b"mocked"
                assert [folder.path for folder in hubspot_emulator.folders] == ["/in"]

            def test_neither():
                assert httpx.HTTPTransport.handle_request is SEND
            """
        )
        run(pytester).assert_outcomes(passed=2)

    def test_passes(self, tmp_path: Path) -> None:
        output = pytest_output(shutil.copytree(EXAMPLE, tmp_path / "application"))
        assert re.search(r"^4 passed in ", output, re.MULTILINE), output

    def test_fails_if_the_application_is_wrong(self, tmp_path: Path) -> None:
        application = shutil.copytree(EXAMPLE, tmp_path / "application")
        source = (application / "invoices.py").read_text(encoding="utf-8")
        public = source.replace("folder_path=", 'access="PUBLIC_INDEXABLE", folder_path=')
        assert public != source
        (application / "invoices.py").write_text(public, encoding="utf-8")
        output = pytest_output(application)
        assert re.search(r"^1 failed, 3 passed in ", output, re.MULTILINE), output


def pytest_output(application: Path) -> str:
    """Return the output of pytest for an application's own tests, run without this project's settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUBSPOT_")}
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=application, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
