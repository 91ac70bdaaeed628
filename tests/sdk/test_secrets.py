"""Redaction: secrets in any encoding, in texts, bytes, JSON, headers, responses and errors."""

from __future__ import annotations

import base64
import html
import json
import pickle
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import respx

from hubspot_files import ConnectionFailedError, PermissionDeniedError, TaskFailedError
from hubspot_files._engine.error_responses import error_for, unexpected
from hubspot_files._engine.responses import Response, ResponseInfo
from hubspot_files._http.redaction import redact_error, redacted_headers, redacted_response, secrets_of
from hubspot_files._redaction import REDACTED, Secret, redacted, signature_of

from .support import FILE, STORAGE, Client, with_locals

TOKEN = "pat-na1-0a1b2c3d/with+signs=="
SIGNED = f"{STORAGE}/cat.png?Expires=1772370060393&signature=0123456789abcdef%2Bxyz"


class TestTexts:
    @pytest.mark.promise(
        "If a server repeats the token or a signature, it is `[secret]` in the message, fields and headers of"
        " an error and in the argument of `on_response`, also in different case, escaped or within base64."
    )
    @pytest.mark.parametrize(
        "written",
        [
            str,
            str.upper,
            str.swapcase,
            lambda token: quote(token, safe=""),
            lambda token: quote(quote(token, safe=""), safe="").lower(),
            html.escape,
            lambda token: token.replace("/", "&#x2F;").replace("+", "&#43;"),
            lambda token: token.replace("/", "\\/"),
            lambda token: token.replace("=", "\\u003d").replace("-", "\\\\x2d"),
        ],
    )
    def test_redact_a_secret_in_any_encoding(self, written: Callable[[str], str]) -> None:
        assert redacted(f"no {written(TOKEN)}, no", [Secret(TOKEN)]) == "no [secret], no"

    @pytest.mark.promise(
        "If a server repeats the token or a signature, it is `[secret]` in the message, fields and headers of"
        " an error and in the argument of `on_response`, also in different case, escaped or within base64."
    )
    @pytest.mark.parametrize("before", ["", "a", "ab", "Bearer "])
    @pytest.mark.parametrize("behind", ["", "c", "cd"])
    @pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
    @pytest.mark.parametrize("token", [TOKEN, TOKEN + "?>", TOKEN + "~~~"])
    def test_redact_a_secret_within_base64(
        self, encode: Callable[[bytes], bytes], before: str, behind: str, token: str
    ) -> None:
        text = redacted(encode(f"{before}{token}{behind}".encode()).decode(), [Secret(token)])
        assert REDACTED in text
        assert len(text) < len(REDACTED) + len(base64.b64encode(f"{before}{behind}".encode())) + 8

    def test_keep_short_values(self) -> None:
        assert redacted("no files", [Secret("files"), Secret("")]) == "no files"

    @pytest.mark.promise("The query of each URL is removed there, and so are cookies.")
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("see https://a.test/b?c=d.", "see https://a.test/b?…."),
            ("not '/b?c=d&e', no", "not '/b?…', no"),
            ("https://a.test?c", "https://a.test?…"),
            ("/b?name='a.png'&sig=c", "/b?…"),
            ("('/b?c',)", "('/b?…',)"),
            ("/b?c== /d?e%", "/b?… /d?…"),
            ("Is it? Yes?! ??", "Is it? Yes?! ??"),
            ("https://user:password@a.test/b", "https://[secret]@a.test/b"),
            ("a@b.test", "a@b.test"),
        ],
    )
    def test_redact_the_query_and_the_user_of_a_url(self, text: str, expected: str) -> None:
        assert redacted(text) == expected

    @pytest.mark.parametrize("text", ["?" * 200_000, "?a" + "!" * 200_000, "://" * 100_000, "\\" * 200_000])
    def test_take_linear_time(self, text: str) -> None:
        started_at = time.process_time()
        redacted(text, [Secret("/begins-with-a-sign")])
        assert time.process_time() - started_at < 5


class TestOtherKinds:
    def test_keys_and_values_of_json(self) -> None:
        value = {TOKEN: [TOKEN, 1, None, {"url": SIGNED}], "kept": True}
        assert redacted(value, [Secret(TOKEN)]) == {
            REDACTED: [REDACTED, 1, None, {"url": f"{STORAGE}/cat.png?…"}],
            "kept": True,
        }

    def test_bytes_keep_the_queries_of_urls(self) -> None:
        assert redacted(f"é {TOKEN} /a?b".encode(), [Secret(TOKEN)]) == "é [secret] /a?b".encode()

    @pytest.mark.promise("The query of each URL is removed there, and so are cookies.")
    def test_headers(self) -> None:
        headers = httpx.Headers(
            [
                ("X-Echo", f"Bearer {TOKEN}"),
                ("Location", f"{STORAGE}/a b.png?name='x y'&sig=z"),
                ("Link", f"<{SIGNED}>; rel=self"),
                ("Set-Cookie", "a=b"),
                ("set-cookie", "c=d"),
                ("Authorization", "Basic abc"),
                ("X-Asks", "why?"),
            ]
        )
        assert redacted_headers(headers, [Secret(TOKEN)]).multi_items() == [
            ("x-echo", "Bearer [secret]"),
            ("location", f"{STORAGE}/a b.png"),
            ("link", f"<{STORAGE}/cat.png"),
            ("set-cookie", REDACTED),
            ("set-cookie", REDACTED),
            ("authorization", REDACTED),
            ("x-asks", "why?"),
        ]
        assert headers["x-echo"] == f"Bearer {TOKEN}"

    def test_headers_of_any_bytes(self) -> None:
        headers = httpx.Headers([(b"x-name", b"caf\xe9"), (b"location", b"/caf\xe9?sig=caf\xe9")])
        assert redacted_headers(headers).raw == [(b"x-name", b"caf\xe9"), (b"location", b"/caf\xe9")]


class TestSecretsOfARequest:
    def test_include_the_token(self) -> None:
        request = httpx.Request(
            "GET", "https://a.test/?q=not-a-secret-of-anyone", headers={"authorization": "Bearer abcdef"}
        )
        assert [secret.reveal() for secret in secrets_of(request)] == ["abcdef"]

    def test_include_the_signature_of_a_signed_url(self) -> None:
        values = [secret.reveal() for secret in secrets_of(httpx.Request("GET", SIGNED))]
        assert values == [
            "Expires=1772370060393&signature=0123456789abcdef%2Bxyz",
            "0123456789abcdef%2Bxyz",
            "0123456789abcdef+xyz",
        ]
        assert [secret.reveal() for secret in signature_of(f"{STORAGE}/?a-signature-alone")] == ["a-signature-alone"]

    def test_none_without_a_request(self) -> None:
        assert secrets_of(None) == []


class TestResponses:
    def test_are_copied_without_secrets(self) -> None:
        headers = {"content-encoding": "gzip", "content-length": "3", "x-echo": TOKEN, "etag": "a"}
        response = httpx.Response(418, headers=headers, stream=httpx.ByteStream(b"gz"))
        request = httpx.Request("GET", "https://a.test/")
        copy = redacted_response(response, f"no {TOKEN}".encode(), request, [Secret(TOKEN)])
        assert (copy.status_code, copy.text, copy.request) == (418, "no [secret]", request)
        assert dict(copy.headers) == {"x-echo": REDACTED, "etag": "a", "content-length": "11"}

    @pytest.mark.promise("The `repr` of a `Response` of `hubspot.request` shows neither.")
    def test_have_a_repr_with_the_size_only(self) -> None:
        response = Response(200, httpx.Headers({"location": SIGNED}), SIGNED.encode())
        assert repr(response) == f"{response}" == f"<Response 200, {len(SIGNED)} bytes>"
        assert response.content == SIGNED.encode()

    def test_response_info_has_a_repr_without_headers(self) -> None:
        info = ResponseInfo("getFile", "GET", "/files/v3/files/1", 200, httpx.Headers({"x": "y"}), 0.25, 2)
        assert repr(info) == "<ResponseInfo getFile: GET /files/v3/files/1: 200 after 0.250 s (attempt 2)>"


class TestErrors:
    def test_of_the_transport_do_not_quote_received_data(self) -> None:
        error = httpx.RemoteProtocolError(f"illegal header line: bytearray(b'x-echo: {TOKEN}') at \"b\"")
        redact_error(error)
        assert error.args == ("illegal header line: bytearray(b'…') at \"b\"",)

    def test_others_are_unchanged(self) -> None:
        error = OSError(2, "not there", "/a")
        args = error.args
        redact_error(error)
        assert error.args is args

    @pytest.mark.parametrize("read", [True, False])
    def test_of_hooks_hold_a_response_without_secrets(self, read: bool) -> None:
        request = httpx.Request("GET", SIGNED, headers={"authorization": f"Bearer {TOKEN}"})
        response = httpx.Response(403, headers={"x": TOKEN}, stream=httpx.ByteStream(TOKEN.encode()), request=request)
        if read:
            response.read()
        error = httpx.HTTPStatusError(f"no {SIGNED} for {TOKEN}", request=request, response=response)
        redact_error(error)
        assert str(error) == f"no {STORAGE}/cat.png?… for [secret]"
        assert (error.response.status_code, error.response.headers["x"]) == (403, REDACTED)
        assert error.response.content == (REDACTED.encode() if read else b"")
        for kept in (error.request, error.response.request):
            assert (str(kept.url), "authorization" in kept.headers) == (f"{STORAGE}/cat.png", False)

    def test_of_hooks_may_hold_a_response_without_a_request(self) -> None:
        error: Any = ValueError("no")
        error.response = httpx.Response(403, headers={"set-cookie": "a=b"})
        redact_error(error)
        assert error.response.headers["set-cookie"] == REDACTED

    @pytest.mark.promise(
        "If a server repeats the token or a signature, it is `[secret]` in the message, fields and headers of"
        " an error and in the argument of `on_response`, also in different case, escaped or within base64."
    )
    def test_of_the_api_are_redacted_in_every_field(self) -> None:
        text = f"{TOKEN} of {SIGNED}"
        fields = dict.fromkeys(("message", "category", "subCategory", "correlationId", "policyName"), text)
        body = json.dumps({**fields, "errors": [{"message": text, "in": text}], "context": {text: [text]}})
        error: Any = error_for("GET /x", 429, httpx.Headers({"x-echo": TOKEN}), body.encode(), [Secret(TOKEN)])
        hidden = f"[secret] of {STORAGE}/cat.png?…"
        assert (error.message, error.category, error.sub_category) == (hidden,) * 3
        assert (error.correlation_id, error.policy, error.context) == (hidden, hidden, {hidden: [hidden]})
        assert error.errors == [{"message": hidden, "in": hidden}]
        assert error.headers["x-echo"] == REDACTED
        assert TOKEN not in str(error) + str(vars(pickle.loads(pickle.dumps(error))))

    def test_a_body_nested_too_deep_is_unreadable(self) -> None:
        error = error_for("GET /x", 500, httpx.Headers(), b'{"a":' + b"[" * 900 + b"]" * 900 + b"}", [Secret(TOKEN)])
        assert error.status_code == 500

    def test_of_an_unusable_success_are_redacted(self) -> None:
        error = unexpected("GET /x", 200, httpx.Headers({"x-echo": TOKEN}), f"no {TOKEN}", [Secret(TOKEN)])
        assert (error.message, error.headers["x-echo"]) == ("no [secret]", REDACTED)

    def test_with_an_unpicklable_cause_are_pickled(self) -> None:
        error = ConnectionFailedError("no")
        error.__cause__ = httpx.ReadError("cut")
        error.__cause__.request = httpx.Request("GET", SIGNED)
        vars(error.__cause__)["lock"] = lambda: None
        assert str(pickle.loads(pickle.dumps(error))) == "no"
        assert b"signature" not in pickle.dumps(error)


class TestClients:
    """Results and errors of either client with a server that repeats the secrets."""

    @pytest.mark.promise(
        "If a server repeats the token or a signature, it is `[secret]` in the message, fields and headers of"
        " an error and in the argument of `on_response`, also in different case, escaped or within base64."
    )
    @pytest.mark.unlike_hubspot("a server that repeats what it was sent")
    def test_redact_an_echo_in_an_error(self, client: Client, api: respx.MockRouter) -> None:
        def echo(request: httpx.Request) -> httpx.Response:
            return httpx.Response(
                403, json={"message": "no", "context": dict(request.headers)}, headers=request.headers
            )

        api.get("/files/v3/files/1").mock(side_effect=echo)
        infos: list[ResponseInfo] = []
        with pytest.raises(PermissionDeniedError) as caught:
            client(
                lambda hubspot: hubspot.with_options(on_response=infos.append).files.get(1),
                access_token=lambda: f"pat-{'marked'}-token",
            )
        assert caught.value.context["authorization"] == "Bearer [secret]"
        assert caught.value.headers["authorization"] == infos[0].headers["authorization"] == REDACTED
        assert "marked" not in with_locals(caught.value).lower() + str(vars(caught.value)) + repr(infos[0]._asdict())

    @pytest.mark.parametrize(
        ("headers", "message"),
        [
            ({"x-a": "1"}, "id"),
            ({"content-type": "marked-signature-of-a-url"}, "id"),
        ],
    )
    @pytest.mark.unlike_hubspot("answers of the wrong shape are what it is about")
    def test_redact_a_quoted_value(
        self, client: Client, api: respx.MockRouter, headers: dict[str, str], message: str
    ) -> None:
        echo = lambda request: httpx.Response(  # noqa: E731 - no variable may hold the token
            200, json={**FILE, "id": request.headers["authorization"]}, headers=headers
        )
        api.get("/files/v3/files/1").mock(side_effect=echo)
        with pytest.raises(Exception, match=r"not what the API describes: .*\[secret\]") as caught:
            client(lambda hubspot: hubspot.files.get(1), access_token=lambda: f"pat-{'marked'}-token", max_retries=0)
        assert "pat-marked" not in with_locals(caught.value)

    def test_redact_the_messages_of_a_task(self, client: Client, api: respx.MockRouter) -> None:
        api.get("/files/v3/files/import-from-url/async/tasks/7/status").respond(
            json={
                "status": "COMPLETE",
                "taskId": "7",
                "startedAt": "2026-01-01T00:00:00Z",
                "completedAt": "2026-01-01T00:00:00Z",
                "numErrors": 1,
                "errors": [
                    {
                        "status": "error",
                        "message": f"no content at {SIGNED}",
                        "category": "X",
                        "errors": [],
                        "context": {},
                        "links": {},
                    }
                ],
            }
        )

        def program(hubspot: Any) -> Any:
            task = yield hubspot.files.get_import_task("7")
            return (yield task.wait())

        with pytest.raises(TaskFailedError) as caught:
            client(program)
        assert caught.value.reasons == [f"no content at {STORAGE}/cat.png?…"]
        assert "signature" not in str(caught.value)
