"""The arguments of the clients, and the resources that closing a client releases."""

from __future__ import annotations

import io
import math
import re
from typing import Any

import anyio
import httpx
import pytest
import respx

from hubspot_files import AsyncHubSpotFiles, ClientStateError, HubSpotFiles, ServerError
from hubspot_files.testing import Emulator

from .support import BASE_URL, FILE, TOKEN, Client, collected, entered

CLIENTS = [HubSpotFiles, AsyncHubSpotFiles]
both = pytest.mark.parametrize("kind", CLIENTS)
WRONG_TYPE = r"^timeout must be seconds as a number, or an httpx\.Timeout, not {}$"
NO_TIME = r"^timeout must be more than 0 seconds, not {}; httpx\.Timeout\(None\) sets no limit$"
NO_TIMEOUTS: list[tuple[Any, type[Exception], str]] = [
    ("soon", TypeError, WRONG_TYPE.format("str")),
    (True, TypeError, WRONG_TYPE.format("bool")),
    ((1, 2, 3, 4), TypeError, WRONG_TYPE.format("tuple")),
    (httpx.Timeout("soon"), TypeError, WRONG_TYPE.format("str")),  # type: ignore[arg-type]  # what httpx lets pass
    (0, ValueError, NO_TIME.format("0")),
    (-1.5, ValueError, NO_TIME.format(r"-1\.5")),
    (math.nan, ValueError, NO_TIME.format("nan")),
    (math.inf, ValueError, NO_TIME.format("inf")),
    (httpx.Timeout(5, connect=0), ValueError, NO_TIME.format("0")),
]


@both
class TestToken:
    def test_is_required(self, kind: Any) -> None:
        with pytest.raises(ValueError, match=r"^no access token: pass access_token=, .*, or set HUBSPOT_ACCESS_TOKEN$"):
            kind()

    def test_an_empty_variable_counts_as_unset(self, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "")
        with pytest.raises(ValueError, match=r"^no access token: "):
            kind()

    @pytest.mark.parametrize("token", ["", " ", "two words", "pat-secret\n", "pat-sécret", "pat\x00secret"])
    def test_an_invalid_header_value_is_refused_and_redacted(self, kind: Any, token: str) -> None:
        with pytest.raises(
            ValueError, match=r"^the access token is empty, or contains spaces, line ends or other"
        ) as caught:
            kind(token)
        assert "secret" not in str(caught.value)

    def test_is_checked_in_the_environment_too(self, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "pat-secret\r")
        with pytest.raises(ValueError, match=r"^HUBSPOT_ACCESS_TOKEN is empty, or contains spaces, line ends"):
            kind()

    @pytest.mark.parametrize("token", [b"pat", 1, ["pat"]])
    def test_is_a_str_or_a_callable(self, kind: Any, token: Any) -> None:
        with pytest.raises(TypeError, match=rf"^the access token must be a str, not {type(token).__name__}$"):
            kind(token)

    def test_is_redacted(self, kind: Any) -> None:
        assert repr(kind(TOKEN)) == f"<{kind.__name__} https://api.hubapi.com>"
        assert TOKEN not in str(kind(TOKEN))

    def test_errors_name_other_wrong_types(self, kind: Any) -> None:
        with pytest.raises(TypeError, match=r"positional argument"):
            kind(TOKEN, "https://api.hubapi.com")


class TestEnvironment:
    def test_is_used_by_default(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "token-of-the-environment")
        monkeypatch.setenv("HUBSPOT_BASE_URL", "https://proxy.example.net/hubspot/")
        with respx.mock(base_url="https://proxy.example.net/hubspot") as proxy:
            route = proxy.get("/files/v3/files/1").respond(200, json=FILE)
            client(lambda hubspot: hubspot.files.get("1"), access_token=None)
        assert route.calls.last.request.headers["authorization"] == "Bearer token-of-the-environment"

    def test_arguments_take_precedence(
        self, client: Client, api: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "token-of-the-environment")
        monkeypatch.setenv("HUBSPOT_BASE_URL", "https://proxy.example.net")
        route = api.get("/files/v3/files/1").respond(200, json=FILE)
        client(lambda hubspot: hubspot.files.get("1"), base_url=BASE_URL)
        assert route.calls.last.request.headers["authorization"] == f"Bearer {TOKEN}"

    @both
    def test_its_base_url_is_checked(self, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HUBSPOT_BASE_URL", "http://proxy.example.net")
        with pytest.raises(ValueError, match=r"^HUBSPOT_BASE_URL 'http://proxy\.example\.net' must be https://host"):
            kind(TOKEN)


@both
class TestBaseUrl:
    @pytest.mark.promise(
        "The token is sent to `base_url` only, which must be https or this machine; the storage host never receives it."
    )
    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1", "https://a.example.net"]
    )
    def test_accepts_https_and_localhost(self, kind: Any, url: str) -> None:
        assert repr(kind(TOKEN, base_url=url)) == f"<{kind.__name__} {url}>"

    @pytest.mark.promise(
        "The token is sent to `base_url` only, which must be https or this machine; the storage host never receives it."
    )
    @pytest.mark.parametrize("url", ["http://api.hubapi.com", "ftp://localhost", "api.hubapi.com"])
    def test_refuses_other_urls(self, kind: Any, url: str) -> None:
        with pytest.raises(
            ValueError, match=rf"^base_url '{re.escape(url)}' must be https://host, because the access token"
        ):
            kind(TOKEN, base_url=url)

    def test_refuses_a_user(self, kind: Any) -> None:
        with pytest.raises(ValueError, match=r"no user, no query, no fragment$"):
            kind(TOKEN, base_url="https://user:password@api.hubapi.com")


@both
class TestOptions:
    @pytest.mark.parametrize("value", [True, 1.0, "3"])
    def test_max_retries_is_an_int(self, kind: Any, value: Any) -> None:
        with pytest.raises(TypeError, match=rf"^max_retries must be an int, not {type(value).__name__}$"):
            kind(TOKEN, max_retries=value)

    def test_max_retries_is_not_negative(self, kind: Any) -> None:
        with pytest.raises(ValueError, match=r"^max_retries must not be negative, but is -1$"):
            kind(TOKEN, max_retries=-1)

    def test_http_client_is_of_the_right_kind(self, kind: Any) -> None:
        wanted, other = (httpx.Client, httpx.AsyncClient) if kind is HubSpotFiles else (httpx.AsyncClient, httpx.Client)
        message = rf"^http_client must be an httpx\.{wanted.__name__}, not {other.__name__}$"
        with pytest.raises(TypeError, match=message):
            kind(TOKEN, http_client=other())
        with pytest.raises(TypeError, match=rf"^http_client must be an httpx\.{wanted.__name__}, not str$"):
            kind(TOKEN, http_client="client")


class TestMaxRetries:
    @pytest.mark.promise("A failed request is retried at most `max_retries` times, by default 4.")
    @pytest.mark.parametrize(("options", "requests"), [({}, 5), ({"max_retries": 0}, 1), ({"max_retries": 2}, 3)])
    def test_limits_the_retries(
        self, client: Client, api: respx.MockRouter, sleeps: list[float], options: dict[str, int], requests: int
    ) -> None:
        route = api.get("/files/v3/files/1").respond(503)
        with pytest.raises(ServerError):
            client(lambda hubspot: hubspot.files.get("1"), **options)
        assert route.call_count == requests
        assert len(sleeps) == requests - 1


class TestTimeout:
    @pytest.mark.parametrize(
        ("of_client", "of_call", "expected"),
        [
            (None, None, {"connect": 10.0, "read": 60.0, "write": 60.0, "pool": 60.0}),
            (5, None, {"connect": 5, "read": 5, "write": 5, "pool": 5}),
            (5, 7.5, {"connect": 7.5, "read": 7.5, "write": 7.5, "pool": 7.5}),
            (5, httpx.Timeout(None), {"connect": None, "read": None, "write": None, "pool": None}),
            (0.001, None, {"connect": 0.001, "read": 0.001, "write": 0.001, "pool": 0.001}),
            (None, httpx.Timeout(1.0, read=None), {"connect": 1.0, "read": None, "write": 1.0, "pool": 1.0}),
        ],
    )
    def test_of_the_call_takes_precedence(
        self, client: Client, api: respx.MockRouter, of_client: Any, of_call: Any, expected: dict[str, Any]
    ) -> None:
        route = api.get("/files/v3/files/1").respond(200, json=FILE)
        client(lambda hubspot: hubspot.files.get("1", timeout=of_call), timeout=of_client)
        assert route.calls.last.request.extensions["timeout"] == expected

    @pytest.mark.parametrize("set_by", ["client", "copy"])
    @pytest.mark.parametrize(("timeout", "error", "message"), NO_TIMEOUTS)
    @both
    def test_of_a_client_is_validated(
        self, kind: Any, set_by: str, timeout: Any, error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            kind(TOKEN, timeout=timeout) if set_by == "client" else kind(TOKEN).with_options(timeout=timeout)

    @pytest.mark.parametrize(("timeout", "error", "message"), NO_TIMEOUTS)
    def test_of_a_call_is_validated(
        self, client: Client, api: respx.MockRouter, timeout: Any, error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            client(lambda hubspot: hubspot.files.get("1", timeout=timeout))
        with pytest.raises(error, match=message):
            client(lambda hubspot: hubspot.request("GET", "/files/v3/files/1", timeout=timeout))
        assert not api.calls

    @pytest.mark.parametrize("operation", ["upload", "replace"])
    def test_is_validated_before_a_stream_is_read(self, client: Client, api: respx.MockRouter, operation: str) -> None:
        class Pipe(io.BytesIO):
            def seekable(self) -> bool:
                return False

        options: dict[str, Any] = {"name": "a.txt", "access": "PRIVATE", "timeout": "soon"}
        with Pipe(b"content") as pipe:
            with pytest.raises(TypeError, match=r"^timeout must be seconds"):
                client(
                    lambda hubspot: (
                        hubspot.files.upload(pipe, folder_path="/", **options)
                        if operation == "upload"
                        else hubspot.files.replace("1", pipe, **options)
                    )
                )
            assert pipe.read() == b"content"

    @both
    def test_of_a_search_is_validated_at_once(self, kind: Any) -> None:
        with pytest.raises(TypeError, match=r"^timeout must be seconds"):
            kind(TOKEN).files.search(timeout="soon")


class TestClosing:
    def test_with_closes_the_client(self) -> None:
        with HubSpotFiles(TOKEN) as hubspot, respx.mock(base_url=BASE_URL) as api:
            api.get("/files/v3/files/1").respond(200, json=FILE)
            hubspot.files.get("1")
            [transport] = hubspot._driver.connections.pool.transports
            closed: list[bool] = []
            transport.close = lambda: closed.append(True)
        assert closed == [True]

    def test_async_with_closes_the_client(self) -> None:
        closed: list[bool] = []

        async def aclose() -> None:
            closed.append(True)

        async def main() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot:
                with respx.mock(base_url=BASE_URL) as api:
                    api.get("/files/v3/files/1").respond(200, json=FILE)
                    await hubspot.files.get("1")
                [transport] = hubspot._driver.connections.pool.transports
                transport.aclose = aclose

        anyio.run(main)
        assert closed == [True]

    @pytest.mark.promise(
        "After `close()`, every call that would send raises `ClientStateError`, also on copies.",
        "`ClientStateError` | use an open client, and an `http_client` of the same process and event loop",
    )
    def test_closing_is_idempotent_and_later_calls_fail(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get("/files/v3/files/1").respond(200, json=FILE)

        def program(hubspot: Any) -> Any:
            found = hubspot.files.search()
            stream = hubspot.files.stream("1")
            copy = hubspot.with_options(deadline=5)
            task = yield hubspot.files.get_import_task("1")
            yield hubspot.close()
            yield hubspot.close()
            for call in (
                lambda: hubspot.files.get("1"),
                lambda: hubspot.files.upload(b"a", name="a.txt", folder_path="/"),
                lambda: hubspot.request("GET", "/files/v3/files/1"),
                lambda: collected(found),
                task.wait,
                lambda: entered(stream),
                lambda: copy.files.get("1"),
                lambda: entered(hubspot),
            ):
                with pytest.raises(ClientStateError, match="the client is closed"):
                    yield call()

        client(program, access_token=lambda: pytest.fail("the provider was asked"))
        assert not route.called

    @pytest.mark.promise("Closing a copy closes that copy only.")
    def test_closing_a_copy_leaves_the_original_open(self, client: Client, api: respx.MockRouter) -> None:
        api.get("/files/v3/files/1").respond(200, json=FILE)

        def program(hubspot: Any) -> Any:
            copy = hubspot.with_options(max_retries=1)
            yield copy.close()
            with pytest.raises(ClientStateError, match="the client is closed"):
                yield copy.files.get("1")
            yield hubspot.files.get("1")
            yield hubspot.with_options(timeout=5).files.get("1")
            with pytest.raises(ClientStateError, match="the client is closed"):
                copy.with_options(timeout=5)

        client(program)

    def test_the_generated_client_fails_too(self) -> None:
        from hubspot_files_api.api.files import get_file

        hubspot = HubSpotFiles(TOKEN)
        copy = hubspot.with_options(timeout=1)
        copy.close()
        with pytest.raises(ClientStateError):
            get_file.sync_detailed("1", client=copy.api)
        hubspot.close()
        with pytest.raises(ClientStateError):
            get_file.sync_detailed("1", client=hubspot.api)

    def test_the_error_is_a_runtime_error_as_in_httpx(self) -> None:
        assert issubclass(ClientStateError, RuntimeError)

    def test_with_propagates_errors(self) -> None:
        with pytest.raises(KeyboardInterrupt), HubSpotFiles(TOKEN):
            raise KeyboardInterrupt

    def test_the_http_client_of_the_caller_stays_open(self) -> None:
        with Emulator() as emulator, httpx.Client(transport=emulator.transport) as mine:
            with HubSpotFiles(emulator.token, http_client=mine) as hubspot:
                hubspot.files.upload(b"a", name="a.txt", folder_path="/")
            assert not mine.is_closed
            hubspot.close()
            assert not mine.is_closed

    def test_the_async_http_client_of_the_caller_stays_open(self) -> None:
        async def main() -> None:
            async with httpx.AsyncClient(transport=emulator.transport) as mine:
                async with AsyncHubSpotFiles(emulator.token, http_client=mine) as hubspot:
                    await hubspot.files.upload(b"a", name="a.txt", folder_path="/")
                assert not mine.is_closed

        with Emulator() as emulator:
            anyio.run(main)
