"""The clients beyond files and folders: with_options, request, api, on_response and the log."""

from __future__ import annotations

import itertools
import logging
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx
import pytest
import respx

from hubspot_files import (
    AsyncHubSpotFiles,
    ConnectionFailedError,
    HubSpotFiles,
    NotFoundError,
    OutcomeUnknownError,
    ResponseInfo,
    ServerError,
)
from hubspot_files_api.api.files import get_file, get_signed_url
from hubspot_files_api.api.legacy import get_legacy_signed_url

from .support import FILE, STORAGE, TOKEN, Client, Content, versioned, with_locals

HOLDS_ITSELF: list[Any] = []
HOLDS_ITSELF.append(HOLDS_ITSELF)


def nested(depth: int) -> list[Any]:
    outer: list[Any] = []
    for _ in range(depth):
        outer = [outer]
    return outer


class TestRequest:
    def test_sends_the_arguments_and_the_token(self, client: Client, api: respx.MockRouter) -> None:
        route = api.post("/crm/v3/objects/notes").respond(201, json={"id": "7"}, headers={"x-more": "1"})
        response = client(
            lambda hubspot: hubspot.request(
                "post",
                "/crm/v3/objects/notes",
                params={"a": [1, 2], "b": None, "c": True},
                json={"properties": {"hs_attachment_ids": "1"}},
                headers={"X-Custom": "yes"},
            )
        )
        request = route.calls.last.request
        assert str(request.url) == "https://api.hubapi.com/crm/v3/objects/notes?a=1&a=2&c=true"
        assert request.content == b'{"properties":{"hs_attachment_ids":"1"}}'
        assert (request.headers["x-custom"], request.headers["authorization"]) == ("yes", f"Bearer {TOKEN}")
        assert (response.status_code, response.json(), response.headers["X-More"]) == (201, {"id": "7"}, "1")

    @pytest.mark.promise(
        "`hubspot.request(...)` retries GET, HEAD, OPTIONS, PUT and DELETE.",
        "Any other method is retried only if HubSpot cannot have acted on it, and raises "
        "`OutcomeUnknownError` if it may have.",
    )
    @pytest.mark.parametrize(
        ("method", "requests"),
        [("GET", 5), ("HEAD", 5), ("OPTIONS", 5), ("PUT", 5), ("DELETE", 5), ("POST", 1), ("PATCH", 1)],
    )
    def test_is_retried_if_idempotent(self, client: Client, api: respx.MockRouter, method: str, requests: int) -> None:
        route = api.route(method=method, path="/x").respond(503)
        error = ServerError if requests > 1 else OutcomeUnknownError
        with pytest.raises(error, match=f"{method} /x"):
            client(lambda hubspot: hubspot.request(method, "/x"))
        assert route.call_count == requests

    @pytest.mark.promise(
        "Any other method is retried only if HubSpot cannot have acted on it, and raises "
        "`OutcomeUnknownError` if it may have."
    )
    @pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.Response(429), httpx.Response(423)])
    @pytest.mark.parametrize("method", ["POST", "PATCH"])
    def test_is_retried_if_hubspot_cannot_have_acted_on_it(
        self, client: Client, api: respx.MockRouter, method: str, failure: Any
    ) -> None:
        route = api.route(method=method, path="/x").mock(side_effect=[failure, httpx.Response(200)])
        assert client(lambda hubspot: hubspot.request(method, "/x")).status_code == 200
        assert route.call_count == 2

    @pytest.mark.promise("`hubspot.request` and `hubspot.api` return the body and the headers of a success unchanged.")
    def test_a_success_is_returned_unchanged(self, client: Client, api: respx.MockRouter) -> None:
        """Even if it repeats the token and a signed URL, which errors redact."""
        body = f"{TOKEN} {STORAGE}/a?signature=marked"
        headers = {"location": f"{STORAGE}/a?signature=marked", "set-cookie": "a=b", "x-echo": TOKEN}
        api.get("/x").respond(200, text=body, headers=headers)

        def program(hubspot: Any) -> Any:
            http = hubspot.api.get_async_httpx_client() if client.asynchronous else hubspot.api.get_httpx_client()
            return [(yield hubspot.request("GET", "/x")), (yield http.get("/x"))]

        for response in client(program):
            assert response.content == body.encode()
            assert {name: response.headers[name] for name in headers} == headers

    @pytest.mark.promise(
        "The 404 of a DELETE that was retried because HubSpot may have acted on it is returned, not raised."
    )
    def test_a_404_after_a_lost_response_to_a_delete_is_success(self, client: Client, api: respx.MockRouter) -> None:
        route = api.delete("/x").mock(side_effect=[httpx.ReadTimeout("late"), httpx.Response(404)])
        assert client(lambda hubspot: hubspot.request("DELETE", "/x")).status_code == 404
        assert route.call_count == 2

    @pytest.mark.promise(
        "The 404 of a DELETE that was retried because HubSpot may have acted on it is returned, not raised."
    )
    @pytest.mark.parametrize("before", [[], [httpx.ConnectError("refused")], [httpx.Response(429)]])
    def test_any_other_404_is_an_error(self, client: Client, api: respx.MockRouter, before: list[Any]) -> None:
        api.delete("/x").mock(side_effect=[*before, httpx.Response(404)])
        with pytest.raises(NotFoundError):
            client(lambda hubspot: hubspot.request("DELETE", "/x"))

    def test_an_unknown_outcome_does_not_mention_uploads(self, client: Client, api: respx.MockRouter) -> None:
        api.post("/x").respond(503, headers={"retry-after": "3600"})
        with pytest.raises(
            OutcomeUnknownError, match=r"\(the response was 503\)\. Look at what is there before"
        ) as caught:
            client(lambda hubspot: hubspot.request("POST", "/x"))
        assert "duplicates" not in str(caught.value)

    @pytest.mark.promise("`ArgumentValueError`, `ArgumentTypeError` | correct the call; nothing was changed at HubSpot")
    @pytest.mark.parametrize(
        ("path", "words"),
        [
            ("https://evil.example/x", "path on this API"),
            ("//evil.example/x", "path on this API"),
            ("x", "path on this API"),
            ("/x\r\ny", "path on this API"),
            ("/é", "path on this API"),
            ("/x?a=1", "pass params="),
            ("/x#a", "pass params="),
            ("/files/../account", "contains '.' or '..'"),
            ("/files/%2E%2e/account", "contains '.' or '..'"),
        ],
    )
    def test_refuses_an_invalid_path(self, client: Client, api: respx.MockRouter, path: str, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            client(lambda hubspot: hubspot.request("GET", path))
        with pytest.raises(TypeError, match="must be a str"):
            client(lambda hubspot: hubspot.request("GET", 1))
        assert not api.calls

    @pytest.mark.parametrize(
        ("method", "error"), [("GE T", ValueError), ("", ValueError), ("GET\n", ValueError), (None, TypeError)]
    )
    def test_refuses_an_invalid_method(
        self, client: Client, api: respx.MockRouter, method: Any, error: type[Exception]
    ) -> None:
        with pytest.raises(error, match=r"^method .*must be an? (HTTP method|str) such as 'GET'"):
            client(lambda hubspot: hubspot.request(method, "/x"))
        assert not api.calls

    def test_redacts_a_signed_url_passed_as_a_path(self, client: Client, api: respx.MockRouter) -> None:
        with pytest.raises(ValueError, match=r"^path 'https://storage\.example\.net/a\?…' must be a quoted path"):
            client(lambda hubspot: hubspot.request("GET", "https://storage.example.net/a?signature=s3cret"))

    @pytest.mark.parametrize(
        ("headers", "message"),
        [
            (
                {"Authorization": "Bearer s3cret"},
                r"header Authorization: the client sends its own token; with_options\(",
            ),
            ({"HOST": "evil.example"}, "header HOST: the client sets it from base_url"),
            ({"accept-encoding": "br"}, "header accept-encoding: the client names the codings"),
            ({"content-encoding": "gzip"}, "header content-encoding: the client sends json= as it is"),
            *(
                ({name: "s3cret"}, f"header {name}: the client sets it to match the request")
                for name in (
                    "Connection",
                    "Content-Length",
                    "Expect",
                    "HTTP2-Settings",
                    "Keep-Alive",
                    "Proxy-Authorization",
                    "Proxy-Connection",
                    "TE",
                    "Trailer",
                    "Transfer-Encoding",
                    "Upgrade",
                )
            ),
            ({"x-a": "1", "X-A": "2"}, "header X-A is passed twice, in different case"),
            ({"": "a"}, "'' is not a name of a header"),
            ({"x a": "a"}, "'x a' is not a name of a header"),
            ({"x:": "a"}, "'x:' is not a name of a header"),
            ({"xé": "a"}, "'xé' is not a name of a header"),
            ({"x\r\ny": "a"}, "is not a name of a header"),
            *(
                ({"x-a": value}, "the value of the header x-a must be printable ASCII without leading or")
                for value in ("s3cret\r\ny: z", "s3cret\n", "s3cret\0", " s3cret", "s3cret ", "s3crét", "s3cret\x7f")
            ),
        ],
    )
    def test_refuses_headers_that_cannot_be_sent(
        self, client: Client, api: respx.MockRouter, headers: dict[str, str], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message) as caught:
            client(lambda hubspot: hubspot.request("POST", "/x", headers=headers, json={}))
        assert "s3cr" not in str(caught.value)
        assert not api.calls

    @pytest.mark.parametrize(
        ("headers", "message"),
        [
            ([("a", "b")], r"^headers must be a mapping such as \{'accept': 'text/plain'\}, not list$"),
            ({"a": 1}, r"^names and values of headers must be str, not str and int$"),
            ({b"a": b"b"}, r"^names and values of headers must be str, not bytes and bytes$"),
        ],
    )
    def test_refuses_headers_of_other_types(
        self, client: Client, api: respx.MockRouter, headers: Any, message: str
    ) -> None:
        with pytest.raises(TypeError, match=message):
            client(lambda hubspot: hubspot.request("GET", "/x", headers=headers))
        assert not api.calls

    def test_accepts_any_other_header(self, client: Client, api: respx.MockRouter) -> None:
        route = api.patch("/x").respond(204)
        headers = {"Content-Type": "application/merge-patch+json", "X-Empty": "", "X-Tab": "a\tb", "User-Agent": "mine"}
        client(lambda hubspot: hubspot.request("PATCH", "/x", headers=headers, json=[]))
        sent = route.calls.last.request.headers
        assert {name: sent[name] for name in headers} == headers

    @pytest.mark.parametrize(
        ("json", "error", "message"),
        [
            ({"a": {1}}, TypeError, "Object of type set is not JSON serializable"),
            ({"a": b"b"}, TypeError, "Object of type bytes is not JSON serializable"),
            ({(1, 2): 3}, TypeError, "keys must be str, int, float, bool or None, not tuple"),
            ([float("nan")], ValueError, "leave out NaN, infinities and circular references"),
            ([float("inf")], ValueError, "leave out NaN, infinities and circular references"),
            (HOLDS_ITSELF, ValueError, "Circular reference detected; leave out"),
            (nested(100_000), ValueError, "it is nested too deeply"),
            ({"a": "\ud800"}, ValueError, "json contains an unpaired surrogate"),
        ],
        ids=["set", "bytes", "tuple", "nan", "inf", "circle", "nested", "surrogate"],
    )
    def test_refuses_json_that_cannot_be_encoded(
        self, client: Client, api: respx.MockRouter, json: Any, error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message) as caught:
            client(lambda hubspot: hubspot.request("POST", "/x", json=json))
        assert str(caught.value).startswith("json ")
        assert not api.calls

    @pytest.mark.parametrize(
        ("params", "error", "message"),
        [
            ("a=b", TypeError, r"^params must be a mapping such as \{'limit': 10\}, not str$"),
            ([("a", "b")], TypeError, r"^params must be a mapping such as \{'limit': 10\}, not list$"),
            ({1: "b"}, TypeError, r"^names of params must be str, not int$"),
            ({"a": b"b"}, TypeError, r"^params\['a'\] must be a str, .* not bytes: convert it to the str that the API"),
            ({"a": datetime(2026, 1, 1, tzinfo=UTC)}, TypeError, r"^params\['a'\] must be .* not datetime: "),
            ({"a": {"b": 1}}, TypeError, r"^params\['a'\] must be .* not dict: "),
            ({"a": ["b", None]}, TypeError, r"^params\['a'\] must be .* a list of these without None, not NoneType: "),
            ({"a": [["b"]]}, TypeError, r"^params\['a'\] must be .* not list: "),
            ({"a": "\ud800"}, ValueError, r"^params\['a'\] contains an unpaired surrogate"),
        ],
    )
    def test_refuses_params_that_cannot_be_sent(
        self, client: Client, api: respx.MockRouter, params: Any, error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            client(lambda hubspot: hubspot.request("GET", "/x", params=params))
        assert not api.calls

    @pytest.mark.parametrize("lent", [True, False])
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    def test_without_a_body_sends_a_content_length_of_zero(
        self, client: Client, api: respx.MockRouter, method: str, lent: bool
    ) -> None:
        route = api.route(method=method, path="/x").respond(204)
        options = {"http_client": client.http(None)} if lent else {}
        client(lambda hubspot: hubspot.request(method, "/x"), **options)
        assert route.calls.last.request.headers["content-length"] == "0"

    def test_applies_the_settings_of_the_callers_client(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get("/files/v3/files/1").respond(200, json=FILE)
        numbers = itertools.count()

        class Numbers(httpx.AsyncClient if client.asynchronous else httpx.Client):  # type: ignore[misc]  # either
            def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
                request: httpx.Request = super().build_request(*args, **kwargs)
                request.headers["x-number"] = str(next(numbers))
                return request

        def program(hubspot: Any) -> Any:
            for _ in range(3):
                yield hubspot.files.get("1")

        client(program, http_client=Numbers())
        assert [call.request.headers["x-number"] for call in route.calls] == ["0", "1", "2"]

    def test_a_response_that_is_no_json(self, client: Client, api: respx.MockRouter) -> None:
        api.get("/x").respond(200, text="plain")
        response = client(lambda hubspot: hubspot.request("GET", "/x"))
        assert response.content == b"plain"
        with pytest.raises(ValueError, match="Expecting value"):
            response.json()


class TestWithOptions:
    def test_changes_only_the_given_options(self, api: respx.MockRouter) -> None:
        route = api.get("/files/v3/files/1").respond(502)
        with HubSpotFiles(TOKEN, timeout=3, max_retries=2) as hubspot:
            other = hubspot.with_options(access_token="other", max_retries=0)
            with pytest.raises(ServerError):
                other.files.get("1")
            assert route.call_count == 1
            request = route.calls.last.request
            assert request.headers["authorization"] == "Bearer other"
            assert request.extensions["timeout"] == {"connect": 3, "read": 3, "write": 3, "pool": 3}
            with pytest.raises(ServerError):
                hubspot.files.get("1")
            assert route.call_count == 4
            assert route.calls.last.request.headers["authorization"] == f"Bearer {TOKEN}"

    def test_shares_the_connections_and_closes_none(self, client: Client, api: respx.MockRouter) -> None:
        api.get("/files/v3/files/1").respond(json=FILE)

        async def run() -> None:
            async with AsyncHubSpotFiles(TOKEN) as hubspot:
                async with hubspot.with_options(timeout=1) as copy:
                    await copy.files.get("1")
                    transports = set(hubspot._driver.connections.pool.transports)
                assert set(hubspot._driver.connections.pool.transports) == transports != set()
            assert not hubspot._driver.connections.pool.transports

        if client.asynchronous:
            anyio.run(run, backend=client.backend)
            return
        with HubSpotFiles(TOKEN) as hubspot:
            with hubspot.with_options(timeout=1) as copy:
                copy.files.get("1")
                transports = set(hubspot._driver.connections.pool.transports)
            assert set(hubspot._driver.connections.pool.transports) == transports != set()
        assert not hubspot._driver.connections.pool.transports

    @pytest.mark.promise("All clients made with `with_options` from one client share a budget of 100 retries.")
    def test_shares_the_retry_budget(self, client: Client, api: respx.MockRouter, sleeps: list[float]) -> None:
        route = api.get("/files/v3/files/1").respond(503)

        def program(hubspot: Any) -> Any:
            for copy in (hubspot, hubspot.with_options(max_retries=60), hubspot.with_options(timeout=5)):
                with pytest.raises(ServerError):
                    yield copy.files.get("1")

        client(program, max_retries=50)
        assert len(sleeps) == 100
        assert route.call_count == 103

    def test_validates_like_the_class(self) -> None:
        hubspot = HubSpotFiles(TOKEN)
        with pytest.raises(ValueError, match="max_retries"):
            hubspot.with_options(max_retries=-1)
        with pytest.raises(ValueError, match="access token"):
            hubspot.with_options(access_token="a b")

    def test_requires_a_callable_for_on_response(self) -> None:
        with pytest.raises(TypeError, match="on_response must be callable, not int"):
            HubSpotFiles(TOKEN).with_options(on_response=5)  # type: ignore[arg-type]  # the mistake

    def test_on_response_is_called_for_every_response(self, client: Client, api: respx.MockRouter) -> None:
        api.get("/files/v3/files/1").mock(
            side_effect=[
                httpx.Response(503),
                httpx.Response(200, json=FILE, headers={"x-hubspot-ratelimit-remaining": "42"}),
            ]
        )
        infos: list[ResponseInfo] = []
        client(lambda hubspot: hubspot.with_options(on_response=infos.append).files.get("1", properties=["size"]))
        assert [(info.status_code, info.attempt) for info in infos] == [(503, 1), (200, 2)]
        last = infos[-1]
        assert (last.operation, last.method, last.path) == ("getFile", "GET", versioned("/files/v3/files/1"))
        assert last.headers["X-HubSpot-RateLimit-Remaining"] == "42"
        assert 0 <= last.seconds < 60

    def test_on_response_is_called_for_content_of_the_api(self, client: Client, api: respx.MockRouter) -> None:
        record = {**FILE, "id": "1", "access": "SENSITIVE", "size": 3, "fileMd5": None}
        api.get("/files/v3/files/1").respond(200, json=record)
        api.get("/files/v3/files/1/download").mock(
            side_effect=[httpx.Response(503), httpx.Response(200, content=b"cat")]
        )
        infos: list[ResponseInfo] = []
        assert client(lambda hubspot: hubspot.with_options(on_response=infos.append).files.read("1")) == b"cat"
        assert [(info.operation, info.path, info.status_code, info.attempt) for info in infos] == [
            ("getFile", versioned("/files/v3/files/1"), 200, 1),
            ("downloadFile", versioned("/files/v3/files/1/download"), 503, 1),
            ("downloadFile", versioned("/files/v3/files/1/download"), 200, 2),
        ]


class TestApi:
    """`hubspot.api`: the generated client on the same connections."""

    def test_sync(self, api: respx.MockRouter) -> None:
        tokens = iter(["first", "second"])
        route = api.get("/files/v3/files/1").respond(json=FILE)
        with HubSpotFiles(lambda: next(tokens)) as hubspot:
            for _ in range(2):
                response = get_file.sync_detailed("1", client=hubspot.api)
                assert (response.status_code, getattr(response.parsed, "name", None)) == (200, "cat")
            assert len(hubspot._driver.connections.pool.transports) == 1
        sent = [call.request.headers["authorization"] for call in route.calls]
        assert sent == ["Bearer first", "Bearer second"]

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_async(self, api: respx.MockRouter, backend: str) -> None:
        route = api.get("/files/v3/files/1").respond(404, json={"message": "no"})

        async def token() -> str:
            return "fresh"

        async def run() -> int:
            async with AsyncHubSpotFiles(token) as hubspot:
                return int((await get_file.asyncio_detailed("1", client=hubspot.api)).status_code)

        assert anyio.run(run, backend=backend) == 404
        assert route.calls.last.request.headers["authorization"] == "Bearer fresh"
        assert route.call_count == 1

    def test_the_legacy_route(self, api: respx.MockRouter) -> None:
        api.get("/filemanager/api/v3/files/1/signed-url").respond(json={"url": "https://x", "expiresAt": 1600000000000})
        with HubSpotFiles(TOKEN) as hubspot:
            response = get_legacy_signed_url.sync("1", client=hubspot.api)
        assert getattr(response, "expires_at", None) == 1600000000000

    @pytest.mark.promise(
        "The token is sent to `base_url` only, which must be https or this machine; the storage host never receives it."
    )
    def test_the_token_is_sent_to_the_api_only(self, api: respx.MockRouter) -> None:
        with HubSpotFiles(TOKEN) as hubspot:
            facade = hubspot.api.get_httpx_client()
            for url in ("https://evil.example/", "http://api.hubapi.com/", "https://api.hubapi.com:444/"):
                with pytest.raises(ValueError, match=r"sends to https://api\.hubapi\.com only"):
                    facade.get(url)
        assert not api.calls

    @pytest.mark.parametrize(
        "changed",
        [
            lambda api: api.with_headers({"x-custom": "yes"}),
            lambda api: api.with_headers({"x-custom": "yes", "Authorization": "Bearer other"}),
            lambda api: api.with_headers({"x-custom": "yes"}).with_timeout(httpx.Timeout(1)).with_cookies({"a": "b"}),
        ],
    )
    def test_its_copies_send_the_same_way(
        self, client: Client, api: respx.MockRouter, changed: Callable[[Any], Any]
    ) -> None:
        route = api.get("/files/v3/files/1").respond(json=FILE)

        def program(hubspot: Any) -> Any:
            send = get_file.asyncio if client.asynchronous else get_file.sync
            file = yield send("1", client=changed(hubspot.api))
            assert len(hubspot._driver.connections.pool.transports) == 1
            return file.name

        assert client(program) == "cat"
        sent = route.calls.last.request.headers
        assert (sent["authorization"], sent["x-custom"]) == (f"Bearer {TOKEN}", "yes")

    @pytest.mark.parametrize(
        ("headers", "message"),
        [
            (
                {"host": "evil.example"},
                r"^hubspot\.api sends to https://api\.hubapi\.com only: leave out the header Host",
            ),
            ({"authorization": "Bearer s3cret"}, r"^hubspot\.api sends the token of its client: leave out the header"),
        ],
    )
    def test_refuses_another_host_or_token(
        self, client: Client, api: respx.MockRouter, headers: dict[str, str], message: str
    ) -> None:
        def program(hubspot: Any) -> Any:
            facade = hubspot.api
            http = facade.get_async_httpx_client() if client.asynchronous else facade.get_httpx_client()
            yield http.get("/files/v3/files/1", headers=headers)

        def copied(hubspot: Any) -> Any:
            send = get_file.asyncio if client.asynchronous else get_file.sync
            yield send("1", client=hubspot.api.with_headers(headers))

        for use in (program, copied):
            with pytest.raises(ValueError, match=message) as caught:
                client(use)
            assert "s3cret" not in str(caught.value)
        assert not api.calls

    def test_the_wrong_kind_of_call_is_refused(self, api: respx.MockRouter) -> None:
        """Otherwise the generated client would send to HubSpot without a token and outside our connections."""

        async def run() -> None:
            with HubSpotFiles(TOKEN) as hubspot:
                async with hubspot.api as facade:
                    await get_file.asyncio("1", client=facade)

        with pytest.raises(TypeError, match=r"^hubspot\.api of HubSpotFiles is synchronous; asyncio\(\) and"):
            anyio.run(run)
        with pytest.raises(TypeError, match=r"^hubspot\.api of AsyncHubSpotFiles is asynchronous; sync\(\) and"):
            get_file.sync("1", client=AsyncHubSpotFiles(TOKEN).api)
        assert not api.calls

    @pytest.mark.promise("The requests that `hubspot.api` returns and raises do not hold the token.")
    @pytest.mark.unlike_hubspot("a redirect and an error, which the API has none of here")
    @pytest.mark.parametrize("status", [200, 302, 404, 500])
    @pytest.mark.parametrize("lent", [True, False])
    def test_redacts_the_token_in_results_and_errors(
        self, client: Client, api: respx.MockRouter, status: int, lent: bool
    ) -> None:
        def echo(request: httpx.Request) -> httpx.Response:
            headers = {
                "location": "/files/v3/files/2",
                "x-echo": request.headers["authorization"] if status > 399 else "",
            }
            return httpx.Response(status, text=headers["x-echo"], headers=headers)

        route = api.get("/files/v3/files/1").mock(side_effect=echo)

        def program(hubspot: Any) -> Any:
            facade = hubspot.api
            http = facade.get_async_httpx_client() if client.asynchronous else facade.get_httpx_client()
            return (yield http.get(versioned("/files/v3/files/1")))

        response = client(program, **({"http_client": client.http(None)} if lent else {}))
        assert route.calls.last.request.headers["authorization"] == f"Bearer {TOKEN}"
        assert response.status_code == status
        assert response.headers["location"] == "/files/v3/files/2"
        for request in filter(None, (response.request, response.next_request)):
            assert TOKEN not in str(request.headers.raw)
        assert TOKEN not in response.text + str(response.headers.raw)
        assert TOKEN.encode() not in pickle.dumps(response)
        if status != 200:
            with pytest.raises(httpx.HTTPStatusError) as caught:
                response.raise_for_status()
            assert TOKEN.encode() not in pickle.dumps(caught.value)

    def test_redacts_the_token_in_a_cut_body(self, client: Client, api: respx.MockRouter) -> None:
        body = Content(b'{"url": "https://storage.example.net/?signature=marked', httpx.ReadError("cut"))
        api.get("/files/v3/files/1/signed-url").respond(stream=body)
        with pytest.raises(httpx.ReadError) as caught:
            client(
                lambda hubspot: (get_signed_url.asyncio if client.asynchronous else get_signed_url.sync)(
                    "1", client=hubspot.api
                )
            )
        assert "marked" not in with_locals(caught.value)
        assert body.closed == 1

    def test_does_not_hold_the_token(self) -> None:
        with HubSpotFiles(TOKEN) as hubspot:
            assert TOKEN not in repr(hubspot.api) + repr(vars(hubspot.api.get_httpx_client()))
            assert hubspot.api.token == ""

    def test_closing_it_has_no_effect(self, api: respx.MockRouter) -> None:
        api.get("/files/v3/files/1").respond(json=FILE)
        with HubSpotFiles(TOKEN) as hubspot:
            with hubspot.api as facade:
                get_file.sync("1", client=facade)
            assert len(hubspot._driver.connections.pool.transports) == 1
            assert hubspot.files.get("1").name == "cat"


class TestLog:
    def test_has_a_line_for_each_response(
        self, client: Client, api: respx.MockRouter, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, "hubspot_files")
        api.get("/files/v3/files/1").mock(side_effect=[httpx.Response(503), httpx.Response(200, json=FILE)])
        client(lambda hubspot: hubspot.files.get("1", properties=["size"]))
        lines = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "hubspot_files"]
        assert [level for level, _ in lines] == ["DEBUG", "INFO", "DEBUG"]
        path = versioned("/files/v3/files/1")
        assert lines[0][1].startswith(f"GET {path}: 503 after ")
        assert lines[0][1].endswith(" s (attempt 1)")
        assert lines[1][1].startswith(f"GET {path}: attempt 1 failed (ServerError), retry in ")
        assert lines[2][1].startswith(f"GET {path}: 200 after ")
        assert lines[2][1].endswith(" s (attempt 2)")

    def test_has_a_line_for_a_failed_request(
        self, client: Client, api: respx.MockRouter, caplog: pytest.LogCaptureFixture, sleeps: list[float]
    ) -> None:
        caplog.set_level(logging.DEBUG, "hubspot_files")
        api.get("/files/v3/files/1").mock(side_effect=httpx.ConnectError("refused"))
        with pytest.raises(ConnectionFailedError, match=r"could not connect to api\.hubapi\.com: refused"):
            client(lambda hubspot: hubspot.files.get("1"), max_retries=1)
        assert len(sleeps) == 1
        [record] = [record for record in caplog.records if record.name == "hubspot_files"]
        assert "attempt 1 failed (ConnectionFailedError)" in record.getMessage()

    def test_contains_no_secret(self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        """Neither the token nor a signature is in any logger at any level."""
        caplog.set_level(logging.DEBUG)
        signed = "https://storage.example.net/cat.png?signature=MARKED-SIGNATURE"
        with respx.mock as router:
            router.get("https://api.hubapi.com/files/v3/files/1").respond(json={**FILE, "id": "1", "size": 3})
            router.get("https://api.hubapi.com/files/v3/files/1/signed-url").respond(
                json={"url": signed, "expiresAt": "2099-01-01T00:00:00Z"}
            )
            content = router.get(signed).mock(side_effect=[httpx.Response(503), httpx.Response(200, content=b"cat")])
            assert client(lambda hubspot: hubspot.files.read("1")) == b"cat"
        assert content.call_count == 2
        text = caplog.text + repr([vars(record) for record in caplog.records])
        assert f"GET {versioned('/files/v3/files/1')}: 200" in text
        assert "GET content from storage.example.net: attempt 1 failed (ServerError)" in text
        assert TOKEN not in text
        assert "MARKED-SIGNATURE" not in text
