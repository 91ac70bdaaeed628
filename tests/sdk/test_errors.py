"""Errors: how a response becomes one, their messages, and copying and pickling."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import re
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import hubspot_files
from hubspot_files import (
    APIError,
    ArgumentTypeError,
    ArgumentValueError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ConnectionFailedError,
    FileMissingError,
    HubSpotFilesError,
    InvalidArgumentError,
    LockedError,
    NameChangedError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    TaskFailedError,
    TaskTimeoutError,
    UnexpectedResponseError,
    _errors,
)
from hubspot_files._engine.error_responses import error_for, unexpected
from hubspot_files._headers import retry_after

REQUEST = "GET /files/v3/files/1"
HTML = b"<html><head><title>502 Bad Gateway</title></head></html>"
# HubSpot's documented response to a token without a scope.
MISSING_SCOPES = {
    "status": "error",
    "message": "This app hasn't been granted all required scopes to make this call.",
    "correlationId": "4c6ea1ae-5c9e-4a7b-bb8c-0b4ba65c8e9d",
    "category": "MISSING_SCOPES",
    "errors": [
        {"message": "One or more of the following scopes are required.", "context": {"missingScopes": ["files"]}}
    ],
}
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def error_of(status: int, body: Any = b"", headers: dict[str, str] | None = None) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return error_for(REQUEST, status, httpx.Headers(headers or {}), content)


def public_errors() -> list[type[HubSpotFilesError]]:
    found = [HubSpotFilesError]
    for kind in found:
        found += kind.__subclasses__()
    return [kind for kind in found if not kind.__name__.startswith("_")]


class TestKindByStatus:
    @pytest.mark.promise(
        "`BadRequestError`, `ConflictError` | correct the request; the message holds HubSpot's details",
        "`NotFoundError`, `FileMissingError` | it does not exist, or the token has no access to it",
        "`RateLimitError`, `LockedError`, `ServerError` | try again later; `retry_after` holds the seconds, "
        "if HubSpot names them",
    )
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (301, BadRequestError),
            (400, BadRequestError),
            (405, BadRequestError),
            (413, BadRequestError),
            (414, BadRequestError),
            (415, BadRequestError),
            (422, BadRequestError),
            (499, BadRequestError),
            (401, AuthenticationError),
            (403, PermissionDeniedError),
            (404, FileMissingError),
            (410, FileMissingError),
            (409, ConflictError),
            (423, LockedError),
            (429, RateLimitError),
            (477, RateLimitError),
            (500, ServerError),
            (502, ServerError),
            (503, ServerError),
            (504, ServerError),
            (521, ServerError),
            (522, ServerError),
            (523, ServerError),
            (524, ServerError),
            (599, ServerError),
            (999, ServerError),
        ],
    )
    @pytest.mark.parametrize("body", [b"", HTML, b'{"message": "no"}'])
    def test_for_any_body(self, status: int, kind: type[APIError], body: bytes) -> None:
        error = error_of(status, body)
        assert type(error) is kind
        assert error.status_code == status


class TestFields:
    @pytest.mark.promise(
        "The errors of a response derive from `APIError`, which has `status_code`, `category`, "
        "`correlation_id`, `errors`, `body` and `headers`."
    )
    def test_are_taken_from_the_body(self) -> None:
        error = error_of(
            400,
            {
                "status": "error",
                "message": "Invalid input",
                "correlationId": "id-1",
                "category": "VALIDATION_ERROR",
                "subCategory": "FILES.NAME",
                "errors": [{"message": "too long", "in": "name", "code": "LONG"}],
                "context": {"name": ["cat"]},
            },
            {"X-HubSpot-RateLimit-Remaining": "99"},
        )
        assert error.message == "Invalid input"
        assert (error.category, error.sub_category, error.correlation_id) == ("VALIDATION_ERROR", "FILES.NAME", "id-1")
        assert error.errors == [{"message": "too long", "in": "name", "code": "LONG"}]
        assert error.context == {"name": ["cat"]}
        assert error.headers["x-hubspot-ratelimit-remaining"] == "99"

    def test_the_older_form_of_rate_limits(self) -> None:
        body = {"message": "You have reached your secondly limit.", "errorType": "RATE_LIMIT", "policyName": "SECONDLY"}
        error = error_of(429, body, {"Retry-After": "3"})
        assert (error.category, error.policy, error.retry_after) == ("RATE_LIMIT", "SECONDLY", 3.0)

    @pytest.mark.promise("The wait that the message of a 429 names counts like a `Retry-After`.")
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("Retry in 1 minute.", 60.0),
            ("retry in 30 seconds", 30.0),
            ("Retry in a minute", 60.0),
            ("Retry in an hour.", 3600.0),
            ("Retry in 2 hours.", 7200.0),
            ("Retry in 1 minutely", None),
            ("Retry in 123456 seconds", None),
            ("Retry in -1 minute", None),
            ("Try later.", None),
        ],
    )
    def test_the_wait_in_the_message(self, text: str, seconds: float | None) -> None:
        message = f"Rate limit exceeded for creating files. {text}"
        assert error_of(429, {"message": message}).retry_after == seconds
        assert error_of(429, {"message": message}, {"Retry-After": "3"}).retry_after == 3.0
        assert error_of(503, {"message": message}).retry_after is None

    def test_the_limit_on_creating_files_has_its_own_advice(self) -> None:
        error = error_of(429, {"message": "Rate limit exceeded for creating files. Retry in 1 minute."})
        assert str(error).endswith("HubSpot limits the creation of files by itself: create more after 60 seconds.")
        error.retry_after = None
        assert str(error).endswith("HubSpot limits the creation of files by itself: create more after a minute or so.")

    @pytest.mark.promise(
        "The errors of a response derive from `APIError`, which has `status_code`, `category`, "
        "`correlation_id`, `errors`, `body` and `headers`."
    )
    def test_correlation_id_may_be_in_the_headers(self) -> None:
        assert error_of(500, HTML, {"X-HubSpot-Correlation-Id": "id-2"}).correlation_id == "id-2"
        assert error_of(500, {"correlationId": "id-1"}, {"X-HubSpot-Correlation-Id": "id-2"}).correlation_id == "id-1"

    @pytest.mark.promise(
        "`RateLimitError`, `LockedError`, `ServerError` | try again later; `retry_after` holds the "
        "seconds, if HubSpot names them"
    )
    @pytest.mark.parametrize("status", [423, 429, 477, 503, 524])
    def test_retry_after_is_set_where_waiting_helps(self, status: int) -> None:
        assert error_of(status, headers={"Retry-After": "7"}).retry_after == 7.0
        assert error_of(status).retry_after is None

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            (b"", "the response is empty"),
            (HTML, f"the response is not HubSpot's error ({len(HTML)} bytes of text/html)"),
            (b"[]", "the response is not HubSpot's error (2 bytes of text/html)"),
            (b'"text"', "the response is not HubSpot's error (6 bytes of text/html)"),
            (b"\xff\xfe", "the response is not HubSpot's error (2 bytes of text/html)"),
            (b"[" * 100_000, "the response is not HubSpot's error (100000 bytes of text/html)"),
            (b'{"a":' * 100_000, "the response is not HubSpot's error (500000 bytes of text/html)"),
            (b'{"status": ' + b"1" * 5000 + b"}", "the response is not HubSpot's error (5012 bytes of text/html)"),
        ],
        ids=["empty", "HTML", "list", "str", "no UTF-8", "deep lists", "deep objects", "long number"],
    )
    def test_unusual_bodies(self, body: bytes, message: str) -> None:
        error = error_of(502, body, {"Content-Type": "text/html; charset=utf-8"})
        assert error.message == message
        assert (error.category, error.sub_category, error.correlation_id) == (None, None, None)
        assert (error.errors, error.context) == ([], {})

    def test_no_content_type(self) -> None:
        assert (
            error_of(502, HTML).message == f"the response is not HubSpot's error ({len(HTML)} bytes of no content type)"
        )

    def test_a_redirect_is_not_of_this_api(self) -> None:
        assert error_of(302).message == "a redirect, which this API does not send; check base_url"

    @pytest.mark.parametrize("wrong", [None, 1, 1.5, True, "", [], {}, [1], ["text"], [[]], {"a": 1}])
    def test_fields_of_a_wrong_type_are_ignored(self, wrong: Any) -> None:
        names = ("message", "category", "errorType", "subCategory", "correlationId", "policyName")
        error = error_of(429, dict.fromkeys(names, wrong))
        assert error.message.startswith("the response is not HubSpot's error (")
        assert (error.category, error.sub_category, error.correlation_id) == (None, None, None)
        assert error.policy is None
        assert error.body == dict.fromkeys(names, wrong)

    def test_details_may_be_texts(self) -> None:
        for sent, errors in (
            (["limit may not be null", {"in": "after"}], [{"message": "limit may not be null"}, {"in": "after"}]),
            (["", None, 1, True, [[]]], []),
            ("text", []),
            ({"message": "text"}, []),
        ):
            error = error_of(400, {"message": "validation error", "errors": sent})
            assert (error.errors, error.body["errors"]) == (errors, sent)
        assert "\n- limit may not be null" in str(error_of(400, {"message": "no", "errors": ["limit may not be null"]}))

    def test_all_fields_can_be_reached(self) -> None:
        body = {"message": "no", "groupName": "apps", "requestId": "1", "links": {"a": "b"}, "context": "a text"}
        error = error_of(429, body)
        assert (error.body, error.context) == (body, {})
        assert pickle.loads(pickle.dumps(error)).body == body
        assert error_of(404).body == {}

    @pytest.mark.parametrize(
        "body",
        [
            {"message": "All of the following scopes are required: [files, files.read]"},
            {"message": "no", "errors": [{"message": "a", "context": "{missingScopes=[files, files.read]}"}]},
            {"message": "no", "context": {"missingScopes": ["files", "files.read"]}},
        ],
    )
    def test_missing_scopes_in_any_form(self, body: dict[str, Any]) -> None:
        error = error_of(403, body)
        assert isinstance(error, PermissionDeniedError)
        assert error.missing_scopes == ["files", "files.read"]

    @pytest.mark.parametrize("wrong", [None, 1, "text", [], ["text"]])
    def test_a_context_of_a_wrong_type_is_ignored(self, wrong: Any) -> None:
        assert error_of(400, {"message": "no", "context": wrong}).context == {}

    @given(
        st.integers(300, 999),
        st.dictionaries(
            st.sampled_from(["message", "category", "errors", "context", "correlationId", "subCategory", "policyName"]),
            JSON_VALUES,
        ),
    )
    @example(403, {"errors": [{"context": {"missingScopes": [1, None, {}]}}, {"context": []}, {"message": 1, "in": 2}]})
    @example(403, {"context": {"missingScopes": "files"}})
    def test_any_json_object_becomes_a_printable_error(self, status: int, body: dict[str, Any]) -> None:
        error = error_of(status, body)
        assert isinstance(error, APIError)
        assert str(error).startswith(f"{REQUEST}: {status}")


class TestMessages:
    def test_name_the_request_and_the_status(self) -> None:
        error = error_of(400, {"message": "Invalid input", "category": "VALIDATION_ERROR", "correlationId": "id-1"})
        assert str(error) == (
            "GET /files/v3/files/1: 400 VALIDATION_ERROR: Invalid input\nCorrelation id for HubSpot's support: id-1"
        )

    @pytest.mark.promise(
        "`BadRequestError`, `ConflictError` | correct the request; the message holds HubSpot's details"
    )
    @pytest.mark.parametrize("status", [400, 409])
    def test_include_the_details(self, status: int) -> None:
        details = [
            {"message": "too long", "in": "name"},
            {"message": "unknown folder"},
            {"message": "Invalid input"},
            {"message": ""},
            {"message": 5},
            {},
        ]
        assert str(error_of(status, {"message": "Invalid input", "errors": details})) == (
            f"GET /files/v3/files/1: {status}: Invalid input\n- name: too long\n- unknown folder"
        )

    @pytest.mark.promise("`PermissionDeniedError` | grant the app one of `missing_scopes`")
    def test_name_missing_scopes(self) -> None:
        error = error_of(403, MISSING_SCOPES)
        assert error.missing_scopes == ["files"]
        assert str(error) == (
            "GET /files/v3/files/1: 403 MISSING_SCOPES: This app hasn't been granted all required scopes to make this "
            "call.\n- One or more of the following scopes are required.\n"
            "Grant the app one of these scopes, and use a token issued after that: files.\n"
            "Correlation id for HubSpot's support: 4c6ea1ae-5c9e-4a7b-bb8c-0b4ba65c8e9d"
        )

    @pytest.mark.parametrize(
        ("body", "scopes"),
        [
            (
                {"context": {"missingScopes": ["a", "b", "a"]}, "errors": [{"context": {"missingScopes": ["b", "c"]}}]},
                "abc",
            ),
            ({"errors": [{"context": {"requiredGranularScopes": ["a"]}}]}, "a"),
            ({"context": {"missingScopes": []}}, ""),
            ({}, ""),
        ],
    )
    def test_find_missing_scopes_in_any_field(self, body: dict[str, Any], scopes: str) -> None:
        assert error_of(403, body).missing_scopes == list(scopes)

    @pytest.mark.promise(
        "`AuthenticationError` | pass a new token, or a callable that returns one",
        "`NotFoundError`, `FileMissingError` | it does not exist, or the token has no access to it",
    )
    @pytest.mark.parametrize(
        ("status", "body", "advice"),
        [
            (401, {"category": "EXPIRED_AUTHENTICATION"}, "HubSpotFiles(access_token=get_token)."),
            (
                401,
                {"category": "INVALID_AUTHENTICATION"},
                "Check the access token, which is a Service Key, the token of a private app, which begins with pat-,",
            ),
            (403, {}, "Grant the app the scope files (files.ui_hidden.read for hidden files)."),
            (404, {}, "responds 404 for a hidden file without the scope files.ui_hidden.read"),
            (429, {"policyName": "DAILY"}, "it resets at midnight in the account's time zone."),
            (429, {"policyName": "SECONDLY"}, "Send requests more slowly: pace=True of the client keeps it"),
            (477, {}, "try again after retry_after seconds."),
        ],
    )
    def test_advise_the_next_step(self, status: int, body: dict[str, Any], advice: str) -> None:
        assert advice in str(error_of(status, {**body, "correlationId": "id-1"}))

    @pytest.mark.parametrize(
        ("request_line", "of_a_file"),
        [
            ("GET /files/v3/files/1", True),
            ("GET /files/v3/files/1/signed-url", True),
            ("DELETE /files/2026-03/files/12/gdpr-delete", True),
            ("GET /filemanager/api/v3/files/1/signed-url", True),
            ("GET /files/v3/folders/1", False),
            ("GET /files/v3/files/import-from-url/async/tasks/1/status", False),
            ("POST /files/v3/files", False),
            ("GET /crm/v3/objects/files/1", False),
        ],
    )
    def test_mention_files_for_a_file(self, request_line: str, of_a_file: bool) -> None:
        error = error_for(request_line, 404, httpx.Headers(), b'{"message": "no"}')
        assert ("for a hidden file without" in str(error)) == of_a_file

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 423, 429, 477, 500, 502])
    def test_end_with_the_correlation_id(self, status: int) -> None:
        assert str(error_of(status, {"correlationId": "id-1"})).endswith("\nCorrelation id for HubSpot's support: id-1")

    @pytest.mark.promise("`UnexpectedResponseError` | give HubSpot's support the correlation id")
    def test_of_an_unusable_success(self) -> None:
        headers = httpx.Headers({"x-hubspot-correlation-id": "id-1"})
        error = unexpected(REQUEST, 200, headers, "the answer lacks 'id'")
        assert isinstance(error, UnexpectedResponseError)
        assert (error.status_code, error.headers) == (200, headers)
        assert str(error) == (
            "GET /files/v3/files/1: 200: the answer lacks 'id'\nCorrelation id for HubSpot's support: id-1"
        )

    def test_of_an_error_constructed_by_a_user(self) -> None:
        error = NotFoundError("gone")
        assert str(error) == "gone"
        assert (error.status_code, error.errors, error.context, error.headers) == (0, [], {}, {})


DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({}, None),
            ({"Retry-After": ""}, None),
            ({"Retry-After": "0"}, 0.0),
            ({"Retry-After": "10"}, 10.0),
            ({"Retry-After": " 10 "}, 10.0),
            ({"Retry-After": "86400"}, 86400.0),
            ({"Retry-After": "999999999999"}, 999999999999.0),
            ({"Retry-After": "9" * 13}, None),
            ({"Retry-After": "9" * 5000}, None),
            ({"Retry-After": "-5"}, None),
            ({"Retry-After": "1.5"}, None),
            ({"Retry-After": "soon"}, None),
            ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT", "Date": DATE}, 30.0),
            ({"Retry-After": "Wed, 21 Oct 2026 09:28:30 +0200", "Date": DATE}, 30.0),
            ({"Retry-After": "Wed, 21 Oct 2026 07:27:00 GMT", "Date": DATE}, 0.0),
            ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
            ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT", "Date": "today"}, None),
            ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 -0000", "Date": DATE}, None),
            ({"Retry-After": "Wed, 21 Oct 99999999999999999999 07:28:30 GMT", "Date": DATE}, None),
        ],
    )
    def test_both_forms(self, headers: dict[str, str], seconds: float | None) -> None:
        assert retry_after(httpx.Headers(headers)) == seconds

    @given(
        st.text(st.characters(max_codepoint=255)), st.none() | st.text(st.characters(max_codepoint=255)) | st.just(DATE)
    )
    @example("٣", None)
    @example("²", None)
    @example("Wed, 21 Oct 2026 07:28:30 +999999999999", DATE)
    def test_invalid_values_never_raise_and_are_never_negative(self, value: str, date: str | None) -> None:
        headers = httpx.Headers({"retry-after": value.encode()})
        if date is not None:
            headers["date"] = date
        seconds = retry_after(headers)
        assert seconds is None or seconds >= 0


class TestTree:
    def test_matches_the_docstring(self) -> None:
        drawn: dict[str, str | None] = {}
        path: list[str] = []
        for line in (inspect.getdoc(_errors) or "").splitlines():
            if match := re.match(r"([│ ]*)(?:[├└]── )?([A-Z]\w+Error)\b", line):
                depth = 0 if match[2] == "HubSpotFilesError" else len(match[1]) // 4 + 1
                path[depth:] = [match[2]]
                drawn[match[2]] = path[depth - 1] if depth else None
        real = {
            kind.__name__: next((base.__name__ for base in kind.__mro__[1:] if base in public_errors()), None)
            for kind in public_errors()
        }
        assert drawn == real

    @pytest.mark.promise("All of them derive from `HubSpotFilesError`.")
    def test_is_exported(self) -> None:
        exported = {name for name in hubspot_files.__all__ if name.endswith("Error") and name != "TaskError"}
        assert exported == {kind.__name__ for kind in public_errors()}

    @pytest.mark.promise(
        "Errors of arguments derive from `InvalidArgumentError`, and are a `ValueError` or a `TypeError`, too."
    )
    def test_has_the_errors_of_arguments(self) -> None:
        misuse = {kind for kind in public_errors() if issubclass(kind, ValueError | TypeError)}
        assert misuse == {ArgumentValueError, ArgumentTypeError, NameChangedError}
        assert all(issubclass(kind, InvalidArgumentError) for kind in misuse)

    def test_each_documented_status_gives_its_class(self) -> None:
        statuses = 0
        for line in (inspect.getdoc(_errors) or "").splitlines():
            match = re.match(r"│   [├└]── (\w+) +(.*)", line)
            for status in re.findall(r"\b\d{3}\b", match[2]) if match else []:
                assert match is not None
                assert match[1] in [kind.__name__ for kind in type(error_of(int(status))).__mro__]
                statuses += 1
        assert statuses >= 12


def _pickled(error: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> Any:
    return pickle.loads(pickle.dumps(error, protocol))


class TestCopies:
    @pytest.mark.parametrize("kind", public_errors(), ids=lambda kind: kind.__name__)
    @pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, _pickled, lambda error: _pickled(error, 0)])
    def test_every_class_keeps_its_attributes(self, kind: type[HubSpotFilesError], clone: Any) -> None:
        error: Any
        if issubclass(kind, APIError):
            error = kind(
                "no",
                request=REQUEST,
                status_code=429,
                category="RATE_LIMIT",
                sub_category="FINE",
                correlation_id="id-1",
                errors=[{"message": "detail", "context": {"missingScopes": ["files"]}}],
                context={"a": ["b"]},
                headers=httpx.Headers({"retry-after": "3"}),
            )
            error.policy, error.retry_after = "DAILY", 3.0
        elif kind is TaskFailedError:
            error = TaskFailedError("no", reasons=["too large"])
        else:
            error = kind("no")
        cloned = clone(error)
        assert type(cloned) is kind
        assert cloned is not error
        assert str(cloned) == str(error)
        assert vars(cloned) == vars(error)

    @pytest.mark.parametrize("kind", [TaskFailedError, TaskTimeoutError])
    def test_pickling_drops_the_task(self, kind: Any) -> None:
        """A task holds connections, which cannot be pickled; the error of a worker process still has to arrive."""
        task: Any = threading.Lock()
        error = kind("no", task=task)
        assert copy.copy(error).task is task
        assert _pickled(error).task is None
        assert str(_pickled(error)) == "no"

    def test_pickling_keeps_the_reasons(self) -> None:
        assert _pickled(TaskFailedError("no", reasons=("a", "b"))).reasons == ["a", "b"]

    def test_a_timeout_is_a_failed_connection(self) -> None:
        with pytest.raises(ConnectionFailedError):
            raise _pickled(hubspot_files.RequestTimeoutError("late"))


PAGE = (Path(__file__).parents[2] / "docs" / "failures.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.*?) \| (\d{3}\b.*?) \|$", PAGE, re.MULTILINE)


def web_status(error: HubSpotFilesError) -> str:
    """Return the status of the first row of the page that fits."""
    for names, status in ROWS:
        kinds = tuple(getattr(hubspot_files, name) for name in re.findall(r"\w+Error", names))
        if "any other" in names or isinstance(error, kinds):
            return str(status)
    raise AssertionError(error)


class TestStatusOfAWebApplication:
    @pytest.mark.promise(
        "A web application can respond to a request with the status in the first row that fits.",
        "`InvalidArgumentError` | 422",
        "`InvalidGrantError` | 500; the user has to authorize the app again",
        "`BadRequestError` | 413 if it is that of `status_code`, else 422",
        "`NotFoundError` | 404",
        "`ConflictError`, `PathTakenError`, `PathIsFolderError`, `PathIsFileError`, `FileChangedError`, "
        "`SourceChangedError` | 409",
        "`RateLimitError`, `LockedError` | 503, with `Retry-After` if `retry_after` is not None",
        "`RequestTimeoutError`, `OutcomeUnknownError`, `TaskTimeoutError` | 504",
        "`ConnectionFailedError` | 503",
        "`ServerError`, `UnexpectedResponseError`, `DownloadCorruptedError`, `SignedUrlExpiredError`, "
        "`TaskFailedError` | 502",
        "any other, such as `AuthenticationError` and `PermissionDeniedError` | 500; a retry by the user does not help",
    )
    def test_each_error_has_the_intended_one(self) -> None:
        """Of a base and what derives from it, the row of the latter comes first."""
        own = {
            422: {"InvalidArgumentError", "ArgumentValueError", "ArgumentTypeError", "NameChangedError"},
            413: {"BadRequestError"},
            404: {"NotFoundError", "FileMissingError"},
            409: {
                "ConflictError",
                "FileChangedError",
                "PathIsFileError",
                "PathIsFolderError",
                "PathTakenError",
                "SourceChangedError",
            },
            502: {
                "DownloadCorruptedError",
                "ServerError",
                "SignedUrlExpiredError",
                "TaskFailedError",
                "UnexpectedResponseError",
            },
            503: {"ConnectionFailedError", "LockedError", "RateLimitError"},
            504: {"OutcomeUnknownError", "RequestTimeoutError", "TaskTimeoutError"},
        }
        found: dict[int, set[str]] = {}
        for kind in public_errors():
            found.setdefault(int(web_status(kind("no"))[:3]), set()).add(kind.__name__)
        assert found.pop(500) >= {"APIError", "AuthenticationError", "InvalidGrantError", "PermissionDeniedError"}
        assert found == own

    @pytest.mark.parametrize(
        ("status", "expected"),
        [(400, "413 if"), (413, "413 if"), (401, "500"), (403, "500"), (404, "404"), (409, "409"), (500, "502")],
    )
    def test_for_a_response(self, status: int, expected: str) -> None:
        assert web_status(error_of(status)).startswith(expected)
        assert error_of(status).status_code == status

    @pytest.mark.parametrize("status", [423, 429])
    def test_says_when_to_try_again(self, status: int) -> None:
        error = error_of(status, headers={"Retry-After": "7"})
        assert web_status(error).startswith("503, with `Retry-After`")
        assert error.retry_after == 7.0
