"""Secrets stay out of logs (those of the transport included), reprs, pickles and tracebacks with variables."""

from __future__ import annotations

import copy
import http.server
import io
import json
import logging
import pickle
import re
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpcore
import httpx
import pytest
import respx

from hubspot_files import (
    APIError,
    AsyncHubSpotFiles,
    ConnectionFailedError,
    HubSpotFiles,
    HubSpotFilesError,
    OutcomeUnknownError,
    PermissionDeniedError,
    ResponseInfo,
    ServerError,
    SignedUrlExpiredError,
    UnexpectedResponseError,
)
from hubspot_files._http.failures import sanitized
from hubspot_files._http.messages import ReceivedResponse
from hubspot_files._http.redaction import redacted_headers
from hubspot_files._http.transport_log import Sending
from hubspot_files._redaction import Secret
from hubspot_files_api.api.files import get_file

from .support import FILE, STORAGE, TOKEN, Client, Content, enter, versioned, with_locals

# No variable of a test holds them, so that each appearance in a traceback is a leak.
MARK = "MARKED"
SIGNED = f"{STORAGE}/cat.png?response-content-disposition=attachment;name='cat.png'&sig={MARK}"
ROUTE = "/files/v3/files/1"


def token() -> str:
    return f"pat-{MARK}"


def loggers_of(package: Any) -> set[str]:
    """Return the names of a package's loggers, including those of modules that are not imported."""
    modules = Path(package.__file__).parent.rglob("*.py")
    return {name for module in modules for name in re.findall(r'getLogger\("(.+)"\)', module.read_text("utf-8"))}


def format_traceback(error: BaseException) -> str:
    """Format a traceback with the variables of every frame, and all causes and contexts."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


class TestSecret:
    def test_is_redacted_in_every_format(self) -> None:
        secret = Secret(token())
        text = f"{secret} {secret!r} {secret!s} {[secret]} {(secret,)!r} %s" % secret
        assert MARK not in text
        assert text.count("<secret>") == 6
        assert not hasattr(secret, "__dict__")
        with pytest.raises(TypeError):
            vars(secret)

    def test_can_be_revealed(self) -> None:
        assert Secret(token()).reveal() == token()

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_is_not_pickled(self, protocol: int) -> None:
        with pytest.raises(TypeError, match=r"^a secret cannot be pickled$"):
            pickle.dumps(Secret(token()), protocol)

    @pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
    def test_is_not_copied(self, duplicate: Callable[[Any], Any]) -> None:
        with pytest.raises(TypeError, match=r"^a secret cannot be pickled$"):
            duplicate(Secret(token()))

    def test_is_redacted_in_a_traceback_with_variables(self) -> None:
        def fails(secret: Secret, others: dict[str, Secret]) -> None:
            raise ValueError("no")

        with pytest.raises(ValueError, match="no") as caught:
            fails(Secret(token()), {"authorization": Secret(token())})
        text = format_traceback(caught.value)
        assert "<secret>" in text
        assert MARK not in text


class TestClients:
    @pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])
    @pytest.mark.parametrize("given", [token, token()], ids=["provider", "str"])
    @pytest.mark.parametrize("derive", [lambda hubspot: hubspot, lambda hubspot: hubspot.with_options(max_retries=1)])
    def test_are_not_pickled_or_copied(self, kind: Any, given: Any, derive: Callable[[Any], Any]) -> None:
        hubspot = derive(kind(given))
        for duplicate in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match=r"^a client holds a token and connections, and cannot be pickled"):
                duplicate(hubspot)

    @pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])
    def test_their_resources_are_not_pickled(self, kind: Any) -> None:
        hubspot = kind(token())
        for component in (hubspot.files, hubspot.folders, hubspot.files.signed_url_cache, hubspot._driver):
            with pytest.raises(TypeError, match=r"pickle"):
                pickle.dumps(component)

    @pytest.mark.parametrize("kind", [HubSpotFiles, AsyncHubSpotFiles])
    def test_redact_the_token_in_every_attribute(self, kind: Any) -> None:
        hubspot = kind(token())
        for component in (
            hubspot,
            hubspot._driver,
            hubspot._driver.connections,
            hubspot.files,
            hubspot.files.signed_url_cache,
        ):
            assert MARK not in repr(component) + repr(vars(component))


class _Handler(http.server.BaseHTTPRequestHandler):
    """Serve a sensitive file whose content is behind a redirect."""

    location = ""

    def do_GET(self) -> None:
        if self.path == versioned(ROUTE):
            self.respond(200, json.dumps({**FILE, "id": "1", "size": 3, "access": "SENSITIVE"}).encode())
        elif self.path == versioned(f"{ROUTE}/download"):
            self.respond(302, b"", Location=self.location, X_Further="x")
        else:
            self.respond(200, b"cat")

    def respond(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[http.server.ThreadingHTTPServer]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Return every text that a handler could format from the log."""
    return caplog.text + repr([vars(record) for record in caplog.records])


class TestTransportLoggers:
    @pytest.mark.parametrize(
        "location",
        [
            "{url}/content?sig=%s",
            "/content?sig=%s",
            "content?a=b&sig=%s",
            "/content?name='cat.png'&sig=%s",
            '/content?name="cat.png"&sig=%s',
            "/content?name='a\"b'&sig=%s",
            "/content?name=(b'x')&sig=%s",
            "/content?name=a\\&sig=%s",
            "/content?name=a b&sig=%s",
            "/content?a=1?sig=%s",
        ],
    )
    @pytest.mark.parametrize("own", [True, False], ids=["our connections", "the caller's"])
    def test_redact_the_location_of_a_redirect(
        self,
        client: Client,
        server: http.server.ThreadingHTTPServer,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
        location: str,
        own: bool,
    ) -> None:
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(_Handler, "location", location.replace("{url}", url) % MARK)
        caplog.set_level(logging.DEBUG)
        kind: Any = httpx.AsyncClient if client.asynchronous else httpx.Client
        options = {} if own else {"http_client": kind(trust_env=False)}

        assert client(lambda hubspot: hubspot.files.read(1), base_url=url, access_token=token, **options) == b"cat"

        messages = [record.getMessage() for record in caplog.records if record.name == "httpcore.http11"]
        [redirect] = [line for line in messages if "b'Location'" in line]
        assert "content?…" in redirect
        assert "(b'X-Further', b'x')" in redirect
        assert any("receive_response_body.complete" in line for line in messages)
        assert MARK not in logged(caplog)

    @pytest.mark.parametrize("target", [f"{STORAGE}/cat.png?sig={MARK}", SIGNED, f"{STORAGE}/?a=1?b=%20&sig={MARK}"])
    def test_redact_signed_urls(self, client: Client, caplog: pytest.LogCaptureFixture, target: str) -> None:
        caplog.set_level(logging.INFO)

        def respond(request: httpx.Request) -> httpx.Response:
            if request.url.host != "api.hubapi.com":
                assert MARK in str(request.url)
                return httpx.Response(200, stream=httpx.ByteStream(b"cat"))
            if request.url.path.endswith("signed-url"):
                return httpx.Response(200, json={"url": target, "expiresAt": "2999-01-01T00:00:00Z"})
            return httpx.Response(200, json={**FILE, "id": "1", "size": 3})

        mine = client.http(httpx.MockTransport(respond))
        assert client(lambda hubspot: hubspot.files.read(1), http_client=mine) == b"cat"

        lines = [record.getMessage() for record in caplog.records if record.name == "httpx"]
        assert lines == [
            f'HTTP Request: GET https://api.hubapi.com{versioned(ROUTE)} "HTTP/1.1 200 OK"',
            f'HTTP Request: GET https://api.hubapi.com{versioned(ROUTE)}/signed-url "HTTP/1.1 200 OK"',
            f'HTTP Request: GET {target.partition("?")[0]}?… "HTTP/1.1 200 OK"',
        ]
        assert MARK not in logged(caplog)

    @pytest.mark.parametrize("name", sorted(loggers_of(httpx) | loggers_of(httpcore)))
    def test_are_filtered_only_during_our_requests(self, caplog: pytest.LogCaptureFixture, name: str) -> None:
        caplog.set_level(logging.DEBUG)
        logger = logging.getLogger(name)
        with Sending(httpx.Request("GET", "https://a.example")):
            logger.info("to %s and %r", "https://a.example/b?c=d", [b"/e?f=g", b"h"])
        logger.info("to %s and %r", "https://a.example/b?c=d", [b"/e?f=g", b"h"])
        ours, others = caplog.records
        assert ours.getMessage() == "to https://a.example/b?…"
        assert others.getMessage() == "to https://a.example/b?c=d and [b'/e?f=g', b'h']"
        assert others.args == ("https://a.example/b?c=d", [b"/e?f=g", b"h"])

    def test_redact_a_query_over_several_lines(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        with Sending(httpx.Request("GET", "https://a.example")):
            logging.getLogger("httpx").info('GET %s "HTTP/1.1 200 OK"', f"{STORAGE}/cat.png?a=b\n&sig={MARK}\n")
        assert caplog.records[-1].getMessage() == f'GET {STORAGE}/cat.png?… "HTTP/1.1 200 OK"'

    def test_keep_text_that_is_no_query(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        with Sending(httpx.Request("GET", "https://a.example")):
            logging.getLogger("httpcore.http11").debug("headers=%r", [(b"Date", b"Sun?day"), (b"ETag", b'"a"')])
            logging.getLogger("httpx").info("100%")
        assert [record.getMessage() for record in caplog.records] == [
            "headers=[(b'Date', b'Sun?…'), (b'ETag', b'\"a\"')]",
            "100%",
        ]

    def test_keep_requests_of_other_clients(self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        """Requests of the same program, even concurrent ones."""
        caplog.set_level(logging.INFO)

        def other() -> None:
            with httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(204))) as theirs:
                theirs.get("https://other.example/?q=cats")

        def respond(request: httpx.Request) -> httpx.Response:
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
            return httpx.Response(200, json=FILE)

        mine = client.http(httpx.MockTransport(respond))
        client(lambda hubspot: hubspot.files.get(1, properties=["size"]), http_client=mine)
        other()
        lines = [record.getMessage() for record in caplog.records if record.name == "httpx"]
        assert lines == [
            'HTTP Request: GET https://other.example/?q=cats "HTTP/1.1 204 No Content"',
            f'HTTP Request: GET https://api.hubapi.com{versioned(ROUTE)}?… "HTTP/1.1 200 OK"',
            'HTTP Request: GET https://other.example/?q=cats "HTTP/1.1 204 No Content"',
        ]

    def test_are_restored_after_an_error(self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)

        def fail(request: httpx.Request) -> httpx.Response:
            raise RuntimeError("hook")

        with pytest.raises(RuntimeError, match="hook"):
            client(lambda hubspot: hubspot.files.get(1), http_client=client.http(httpx.MockTransport(fail)))
        logging.getLogger("httpx").info("https://other.example/?q=cats")
        assert caplog.records[-1].getMessage() == "https://other.example/?q=cats"


class HostileTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Fail with secrets in local variables, on one host, before its response or in its body."""

    def __init__(self, error: BaseException, host: str, *, amid: bool) -> None:
        self.error, self.host, self.amid = error, host, amid

    def respond(self, request: httpx.Request, content: Callable[[], Any]) -> httpx.Response:
        headers, url = list(request.headers.raw), str(request.url)
        if request.url.host == self.host:
            if self.amid:
                return httpx.Response(200, stream=Failing(self.error, url, headers))
            try:
                raise OSError("what caused it")
            except OSError as cause:
                raise self.error from cause
        if request.url.path.endswith("signed-url"):
            return httpx.Response(200, json={"url": SIGNED, "expiresAt": "2999-01-01T00:00:00Z"})
        return httpx.Response(200, json={**FILE, "id": "1", "size": 3})

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.respond(request, request.read)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.respond(request, request.aread)


class Failing(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, error: BaseException, *variables: Any) -> None:
        self.error, self.variables = error, variables

    def __iter__(self) -> Iterator[bytes]:
        variables = self.variables
        assert variables
        raise self.error

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> bytes:
        variables = self.variables
        assert variables
        raise self.error


OPERATIONS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "get": ("api.hubapi.com", lambda hubspot: hubspot.files.get(1)),
    "upload": ("api.hubapi.com", lambda hubspot: hubspot.files.upload(b"a", name="a.txt", folder_path="/")),
    "read": ("storage.example.net", lambda hubspot: hubspot.files.read(1)),
    "download": ("storage.example.net", lambda hubspot: hubspot.files.download(1, io.BytesIO())),
}


# Unusable responses that contain a signed URL.
UNUSABLE: dict[str, dict[str, Any]] = {
    "a word": {"url": SIGNED, "expiresAt": "never"},
    "no time": {"url": SIGNED},
    "no year": {"url": SIGNED, "expiresAt": 10**30},
    "a list": {"url": SIGNED, "expiresAt": []},
    "http": {"url": SIGNED.replace("https", "http"), "expiresAt": "2999-01-01T00:00:00Z"},
    "no url": {"url": f"https://[{MARK}", "expiresAt": "2999-01-01T00:00:00Z"},
}


@pytest.mark.filterwarnings("ignore:Async generator 'httpx:ResourceWarning")
class TestTracebacks:
    @pytest.mark.parametrize(
        "error",
        [
            httpx.ReadError("reset"),
            httpx.ConnectError("refused"),
            httpx.ReadTimeout("late"),
            httpx.LocalProtocolError(""),
        ],
        ids=lambda error: type(error).__name__,
    )
    @pytest.mark.parametrize("amid", [False, True], ids=["before", "amid"])
    @pytest.mark.parametrize("name", OPERATIONS)
    def test_of_a_failed_connection(self, client: Client, error: Exception, amid: bool, name: str) -> None:
        host, operation = OPERATIONS[name]
        transport = HostileTransport(error, host, amid=amid)
        with pytest.raises((ConnectionFailedError, OutcomeUnknownError)) as caught:
            client(operation, http_client=client.http(transport), access_token=token, max_retries=1)
        text = format_traceback(caught.value)
        assert MARK not in text
        assert type(error).__name__ in text
        assert "what caused it" in text or amid

    @pytest.mark.parametrize("error", [RuntimeError("a hook"), KeyboardInterrupt(), MemoryError("no more")])
    @pytest.mark.parametrize("name", OPERATIONS)
    def test_of_other_exceptions_of_the_transport(self, client: Client, error: BaseException, name: str) -> None:
        host, operation = OPERATIONS[name]
        transport = HostileTransport(error, host, amid=False)
        with pytest.raises(type(error)) as caught:
            client(operation, http_client=client.http(transport), access_token=token)
        text = format_traceback(caught.value)
        assert MARK not in text
        assert "what caused it" in text

    @pytest.mark.parametrize("error", [httpx.ReadError("reset"), RuntimeError("a hook")])
    def test_of_a_stream(self, client: Client, error: Exception) -> None:
        transport = HostileTransport(error, "storage.example.net", amid=False)
        with pytest.raises((ConnectionFailedError, RuntimeError)) as caught:
            client(
                lambda hubspot: (yield enter(hubspot.files.stream(1))),
                http_client=client.http(transport),
                access_token=token,
                max_retries=0,
            )
        assert MARK not in format_traceback(caught.value)

    @pytest.mark.parametrize("error", [httpx.ReadError("reset"), RuntimeError("a hook"), MemoryError()])
    @pytest.mark.parametrize("status", [302, 403, 500])
    def test_of_an_error_of_a_storage_host(
        self, client: Client, api: respx.MockRouter, error: Exception, status: int
    ) -> None:
        """An error or a redirect, whose body is cut inside the URL that it repeats."""
        api.get(ROUTE).respond(200, json={**FILE, "id": "1"})
        api.get(f"{ROUTE}/signed-url").respond(200, json={"url": SIGNED, "expiresAt": "2999-01-01T00:00:00Z"})
        api.get(f"{STORAGE}/cat.png").mock(
            side_effect=lambda request: httpx.Response(status, stream=Content(SIGNED.encode(), error))
        )
        with pytest.raises((ConnectionFailedError, type(error))) as caught:
            client(lambda hubspot: hubspot.files.read(1), access_token=token, max_retries=0)
        assert MARK not in with_locals(caught.value)

    @pytest.mark.parametrize(
        "location", [None, f"http://a.example/?sig={MARK}", f"https://[{MARK}", f"{STORAGE}/cat.png?sig={MARK}"]
    )
    def test_of_an_invalid_redirect(self, client: Client, api: respx.MockRouter, location: str | None) -> None:
        api.get(ROUTE).respond(200, json={**FILE, "id": "1"})
        api.get(f"{ROUTE}/signed-url").respond(200, json={"url": SIGNED, "expiresAt": "2999-01-01T00:00:00Z"})
        headers = {} if location is None else {"location": location}
        api.get(f"{STORAGE}/cat.png").respond(302, headers=headers, text=f"<a href='{SIGNED}'>")
        with pytest.raises(HubSpotFilesError, match=r"a redirect") as caught:
            client(lambda hubspot: hubspot.files.read(1), access_token=token)
        assert MARK not in with_locals(caught.value)

    @pytest.mark.parametrize("error", [httpx.WriteTimeout("late"), RuntimeError("a hook")])
    def test_of_the_generated_client(self, error: Exception) -> None:
        with (
            httpx.Client(transport=HostileTransport(error, "api.hubapi.com", amid=False)) as mine,
            HubSpotFiles(token, http_client=mine) as hubspot,
            pytest.raises(type(error)) as caught,
        ):
            get_file.sync_detailed("1", client=hubspot.api)
        assert MARK not in format_traceback(caught.value)

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_of_the_generated_client_when_it_is_awaited(self, backend: str) -> None:
        async def main() -> None:
            mine = httpx.AsyncClient(
                transport=HostileTransport(httpx.WriteTimeout("late"), "api.hubapi.com", amid=False)
            )
            async with mine, AsyncHubSpotFiles(token, http_client=mine) as hubspot:
                await get_file.asyncio_detailed("1", client=hubspot.api)

        with pytest.raises(httpx.WriteTimeout) as caught:
            anyio.run(main, backend=backend)
        assert MARK not in format_traceback(caught.value)

    @pytest.mark.parametrize("name", UNUSABLE)
    @pytest.mark.parametrize("operation", ["signed_url", "read"])
    @pytest.mark.unlike_hubspot("answers of the wrong shape are what it is about")
    def test_of_an_invalid_signed_url(self, client: Client, api: respx.MockRouter, operation: str, name: str) -> None:
        api.get(ROUTE).respond(200, json={**FILE, "id": "1"})
        api.get(f"{ROUTE}/signed-url").mock(side_effect=lambda request: httpx.Response(200, json=UNUSABLE[name]))
        api.get(f"{STORAGE}/cat.png").respond(403)
        if operation == "signed_url" and name in ("http", "no url"):
            # Whether it can be downloaded does not matter here.
            assert MARK not in repr(client(lambda hubspot: hubspot.files.signed_url(1)))
            return
        with pytest.raises(HubSpotFilesError) as caught:
            client(lambda hubspot: getattr(hubspot.files, operation)(1), access_token=token, max_retries=1)
        assert MARK not in format_traceback(caught.value)

    @pytest.mark.parametrize("status", [403, 500, 501])
    def test_of_a_storage_host_that_refuses(self, client: Client, api: respx.MockRouter, status: int) -> None:
        api.get(ROUTE).respond(200, json={**FILE, "id": "1"})
        api.get(f"{ROUTE}/signed-url").respond(200, json={"url": SIGNED, "expiresAt": "2999-01-01T00:00:00Z"})
        api.get(f"{STORAGE}/cat.png").respond(status)
        with pytest.raises((SignedUrlExpiredError, ServerError)) as caught:
            client(lambda hubspot: hubspot.files.read(1), access_token=token, max_retries=1)
        assert MARK not in format_traceback(caught.value)

    @pytest.mark.parametrize("bad", [lambda: f"pat-{MARK}\n", lambda: f"pat {MARK}", lambda: f"pat-{MARK}".encode()])
    def test_of_a_token_that_is_no_valid_header_value(self, client: Client, bad: Any) -> None:
        """The token may be right, but include the line end of the file that holds it."""
        with pytest.raises((ValueError, TypeError), match=r"^the access token") as caught:
            client(lambda hubspot: hubspot.files.get(1), access_token=bad)
        assert MARK not in format_traceback(caught.value)

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_of_an_awaited_token(self, backend: str) -> None:
        async def bad() -> str:
            return f"pat-{MARK}\n"

        with pytest.raises(ValueError, match=r"^the access token") as caught:
            Client(backend)(lambda hubspot: hubspot.files.get(1), access_token=bad)
        assert MARK not in format_traceback(caught.value)

    @pytest.mark.unlike_hubspot("the token is of a form that HubSpot does not make")
    @pytest.mark.parametrize("token", ["x", "t", "ro", "files"])
    def test_of_a_token_that_is_a_common_word(self, client: Client, api: respx.MockRouter, token: str) -> None:
        """An emulator accepts such tokens: it is not redacted in the words and keys of an error."""
        body = {"message": "no files", "category": "MISSING_SCOPES", "context": {"missingScopes": ["files"]}}
        api.get(ROUTE).respond(403, json=body)
        with pytest.raises(PermissionDeniedError, match="403 MISSING_SCOPES: no files") as caught:
            client(lambda hubspot: hubspot.files.get("1"), access_token=token)
        assert caught.value.missing_scopes == ["files"]

    def test_of_a_response_that_quotes_the_token(self, client: Client, api: respx.MockRouter) -> None:
        api.get(ROUTE).mock(side_effect=lambda request: httpx.Response(500, json={"message": f"no {token()}"}))
        with pytest.raises(ServerError, match=r"500: no \[secret\]") as caught:
            client(lambda hubspot: hubspot.files.get(1), access_token=token, max_retries=0)
        assert MARK not in format_traceback(caught.value)
        assert MARK.encode() not in pickle.dumps(caught.value)

    def test_responses_redact_their_content(self) -> None:
        response = ReceivedResponse(302, httpx.Headers({"location": SIGNED}), SIGNED.encode(), 0.0, 0.1)
        assert repr(response) == f"<ReceivedResponse 302, {len(SIGNED)} bytes>"


def raised(error: Exception, *causes: Exception) -> Exception:
    """Return a raised error; its causes have frames too."""
    try:
        if causes:
            raise error from raised(*causes)
        raise error
    except Exception as caught:  # noqa: BLE001 - it is what was given
        return caught


class TestWithoutFrames:
    def test_removes_the_frames_of_all_causes(self) -> None:
        first, second, third = ValueError("first"), OSError("second"), KeyError("third")
        error = raised(third, second, first)
        assert all(link.__traceback__ is not None for link in (first, second, third))
        assert sanitized(error) is third
        assert all(link.__traceback__ is None for link in (first, second, third))

    def test_keeps_messages_and_causes(self) -> None:
        error = sanitized(raised(RuntimeError("second"), ValueError("first")))
        assert str(error) == "second"
        assert repr(error.__cause__) == "ValueError('first')"

    def test_removes_the_frames_of_the_context(self) -> None:
        try:
            try:
                raise ValueError("first")
            except ValueError:
                raise RuntimeError("second")  # noqa: B904 - the point of the test
        except RuntimeError as caught:
            error = sanitized(caught)
        assert error.__context__ is not None
        assert error.__context__.__traceback__ is None

    def test_removes_the_frames_of_groups(self) -> None:
        """Attempts at several addresses raise an exception group."""
        member = raised(OSError("refused"))
        group = raised(ExceptionGroup("all attempts", [member, ExceptionGroup("more", [raised(OSError("late"))])]))
        sanitized(raised(ConnectionError("none"), group))
        assert member.__traceback__ is None
        assert group.exceptions[1].exceptions[0].__traceback__ is None  # type: ignore[attr-defined]  # a group

    def test_of_circular_causes(self) -> None:
        one, other = raised(ValueError("one")), raised(ValueError("other"))
        one.__cause__, other.__cause__ = other, one
        sanitized(one)
        assert one.__traceback__ is other.__traceback__ is None


class TestStoredErrors:
    """An error may be kept in a log of the caller or pickled between processes."""

    @pytest.mark.parametrize("status", [200, 302, 404])
    @pytest.mark.unlike_hubspot("a redirect, which the API has none of here")
    def test_location_headers_have_no_query(self, client: Client, api: respx.MockRouter, status: int) -> None:
        headers = {"location": f"{STORAGE}/cat.png?sig={MARK}", "x-hubspot-correlation-id": "c-1"}
        api.get(ROUTE).respond(status, headers=headers)
        infos: list[ResponseInfo] = []
        with pytest.raises(APIError) as caught:
            client(
                lambda hubspot: hubspot.with_options(on_response=infos.append).files.get(1),
                access_token=token,
                max_retries=0,
            )
        for kept in (caught.value.headers, infos[0].headers, pickle.loads(pickle.dumps(caught.value)).headers):
            assert kept["Location"] == f"{STORAGE}/cat.png"
            assert kept["X-HubSpot-Correlation-Id"] == "c-1"
        assert MARK.encode() not in pickle.dumps((caught.value, infos))

    def test_redacted_headers_are_a_copy(self) -> None:
        """The headers of the response keep the complete location."""
        headers = httpx.Headers({"location": f"{STORAGE}/cat.png?sig={MARK}"})
        assert redacted_headers(headers)["location"] == f"{STORAGE}/cat.png"
        assert MARK in headers["location"]

    @pytest.mark.parametrize("url", [f"https://h/cat.png?sig={MARK}", f"/cat.png?a=b&sig={MARK}"])
    @pytest.mark.unlike_hubspot("answers of the wrong shape are what it is about")
    def test_quoted_responses_have_no_query(self, client: Client, api: respx.MockRouter, url: str) -> None:
        api.get(ROUTE).respond(200, json={**FILE, "id": url})
        with pytest.raises(UnexpectedResponseError, match=r"cat\.png\?…'") as caught:
            client(lambda hubspot: hubspot.files.get(1), access_token=token, max_retries=0)
        assert MARK not in str(caught.value)


class TestUnexpected:
    def test_the_message_of_an_unreadable_record_names_its_kind_only(
        self, client: Client, api: respx.MockRouter
    ) -> None:
        api.get(ROUTE).mock(side_effect=lambda request: httpx.Response(200, json={"name": MARK}))
        with pytest.raises(UnexpectedResponseError, match=r"it lacks 'id'") as caught:
            client(lambda hubspot: hubspot.files.get(1), access_token=TOKEN, max_retries=0)
        assert MARK not in format_traceback(caught.value)
