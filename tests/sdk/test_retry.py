"""Retries: the table of decisions, the delays, and the loop driven by hand."""

from __future__ import annotations

import itertools
import json
import logging
import ssl
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubspot_files import (
    APIError,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
)
from hubspot_files._content.source_opener import open_source
from hubspot_files._engine.context import CallContext, start_call
from hubspot_files._engine.effects import GetToken, Now, Send, Sleep
from hubspot_files._engine.error_responses import error_for, unexpected
from hubspot_files._engine.rate_limit import RateLimiter, Slot
from hubspot_files._engine.retry import Attempts, send, unknown_outcome
from hubspot_files._engine.retry_budget import RetryBudget
from hubspot_files._engine.retry_policy import Failure, Idempotency, Verdict, decide, delay, status_failure
from hubspot_files._engine.settings import new_settings
from hubspot_files._http.failures import FailureKind, NoResponseError
from hubspot_files._http.messages import ReceivedResponse, Request
from hubspot_files._operations import file_calls, folder_calls
from hubspot_files._operations.options import Target, upload_options
from hubspot_files._operations.prepared_call import PreparedCall
from hubspot_files._redaction import Secret

NOT_IDEMPOTENT, IDEMPOTENT_DELETE, IDEMPOTENT = (
    Idempotency.NOT_IDEMPOTENT,
    Idempotency.IDEMPOTENT_DELETE,
    Idempotency.IDEMPOTENT,
)
STATUS, CONNECT, UNTRUSTED, TIMEOUT, CUT = FailureKind
RETRY, GIVE_UP, UNKNOWN = Verdict.RETRY, Verdict.GIVE_UP, Verdict.UNKNOWN
REQUEST = Request("getFile", {"method": "get", "url": "/files/v3/files/1"})
ROOT, PLAIN = Target(None, "/"), upload_options("PRIVATE")
UPLOAD = Request("uploadFile", {"method": "post", "url": "/files/v3/files"})
CREATING_FILES = "Rate limit exceeded for creating files. Retry in 1 minute."
FAILURES = st.builds(
    Failure,
    st.sampled_from(FailureKind),
    st.booleans(),
    st.integers(300, 999),
    st.booleans(),
    st.none() | st.floats(0, 1e6),
    st.none() | st.floats(0, 60),
)


def received(status: int, body: Any = None, **headers: str) -> ReceivedResponse:
    content = b"" if body is None else json.dumps(body).encode()
    return ReceivedResponse(
        status, httpx.Headers({name.replace("_", "-"): value for name, value in headers.items()}), content, 0.0, 0.1
    )


class TestDecision:
    # Statuses after which the request may have been processed, and statuses that ask the client to wait.
    TRANSIENT = (500, 502, 503, 504, 521, 522, 523, 524)
    BUSY = (423, 429, 477)

    @pytest.mark.parametrize("idempotency", Idempotency)
    @pytest.mark.parametrize("fully_sent", [True, False])
    @pytest.mark.parametrize(
        ("kind", "otherwise", "if_fully_sent"),
        [
            (CONNECT, RETRY, RETRY),
            (UNTRUSTED, GIVE_UP, GIVE_UP),
            (TIMEOUT, RETRY, UNKNOWN),
            (CUT, RETRY, UNKNOWN),
        ],
    )
    def test_without_a_response(
        self,
        idempotency: Idempotency,
        fully_sent: bool,
        kind: FailureKind,
        otherwise: Verdict,
        if_fully_sent: Verdict,
    ) -> None:
        expected = if_fully_sent if idempotency is NOT_IDEMPOTENT and fully_sent else otherwise
        assert decide(idempotency, Failure(kind, fully_sent)) is expected

    @pytest.mark.promise(
        "500, 502 to 504 or 521 to 524; cut or timed out after that | retried | retried | retried; a 404 "
        "is then success | looked up | `OutcomeUnknownError` | looked up, then retried",
        "any other status | raised | raised | raised | raised | raised | raised",
    )
    @pytest.mark.parametrize("idempotency", Idempotency)
    def test_with_every_status(self, idempotency: Idempotency) -> None:
        for status in range(300, 1000):
            if status in self.BUSY:
                expected = RETRY
            elif status in self.TRANSIENT:
                expected = UNKNOWN if idempotency is NOT_IDEMPOTENT else RETRY
            else:
                expected = GIVE_UP
            assert decide(idempotency, Failure(STATUS, True, status)) is expected, status

    @pytest.mark.promise(
        "429 of the daily limit; 423, 429 or 477 with a wait over 60 s | raised | raised | raised | "
        "raised | raised | raised",
        "500, 502 to 504 or 521 to 524 with a wait over 60 s | raised | raised | raised | looked up | "
        "`OutcomeUnknownError` | looked up, not retried",
    )
    @pytest.mark.parametrize("idempotency", Idempotency)
    @pytest.mark.parametrize("status", [*BUSY, *TRANSIENT, 400])
    def test_does_not_wait_too_long(self, idempotency: Idempotency, status: int) -> None:
        expected = UNKNOWN if idempotency is NOT_IDEMPOTENT and status in self.TRANSIENT else GIVE_UP
        assert decide(idempotency, Failure(STATUS, True, status, daily=True)) is expected
        assert decide(idempotency, Failure(STATUS, True, status, retry_after=60.1)) is expected
        assert decide(idempotency, Failure(STATUS, True, status, retry_after=86400.0)) is expected

    @pytest.mark.promise(
        "423, 429 or 477 with a wait of at most 60 s | retried | retried | retried | retried | retried | retried"
    )
    @pytest.mark.parametrize("idempotency", Idempotency)
    @pytest.mark.parametrize("retry_after", [0.0, 1.0, 60.0])
    def test_waits_a_short_time(self, idempotency: Idempotency, retry_after: float) -> None:
        assert decide(idempotency, Failure(STATUS, True, 429, retry_after=retry_after)) is RETRY

    @pytest.mark.promise(
        "`ConnectionFailedError`, `RequestTimeoutError` | try again; it is safe, as the request is "
        "idempotent or HubSpot did not receive all of it"
    )
    @given(FAILURES)
    def test_never_retries_a_creation_of_unknown_outcome(self, failure: Failure) -> None:
        """A response proves a refusal only by its status."""
        if decide(NOT_IDEMPOTENT, failure) is RETRY:
            refused = failure.kind is STATUS and failure.status in self.BUSY
            assert refused or failure.kind is CONNECT or not failure.fully_sent

    @given(FAILURES)
    def test_idempotent_delete_is_decided_like_idempotent(self, failure: Failure) -> None:
        assert decide(IDEMPOTENT_DELETE, failure) is decide(IDEMPOTENT, failure)
        assert decide(IDEMPOTENT, failure) is not UNKNOWN


class TestDelay:
    @pytest.mark.promise(
        "The wait before the first retry is a random time of up to 0.5 seconds; the limit doubles with "
        "each retry, up to 8 seconds."
    )
    @pytest.mark.parametrize(
        ("attempt", "longest"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (6, 8.0), (1000, 8.0), (10**6, 8.0)]
    )
    def test_doubles_up_to_the_maximum(self, attempt: int, longest: float) -> None:
        failure = Failure(CUT, fully_sent=False)
        assert delay(failure, attempt, 1.0) == longest
        assert delay(failure, attempt, 0.5) == longest / 2
        assert delay(failure, attempt, 0.0) == 0.0

    @pytest.mark.promise("The wait is never shorter than HubSpot's `Retry-After`.")
    @pytest.mark.parametrize(
        ("failure", "shortest"),
        [
            (Failure(STATUS, True, 423), 2.0),
            (Failure(STATUS, True, 423, retry_after=5.0), 5.0),
            (Failure(STATUS, True, 429, retry_after=30.0), 30.0),
            (Failure(STATUS, True, 429), 0.0),
            (Failure(STATUS, True, 503, retry_after=7.5), 7.5),
            (Failure(STATUS, True, 429, window=10.0), 5.0),
            (Failure(STATUS, True, 429, window=1.0), 0.5),
        ],
    )
    def test_is_at_least_retry_after(self, failure: Failure, shortest: float) -> None:
        assert delay(failure, 1, 0.0) == shortest

    @given(FAILURES, st.integers(1, 10**9), st.floats(0, 1))
    def test_stays_within_its_bounds(self, failure: Failure, attempt: int, chance: float) -> None:
        seconds = delay(failure, attempt, chance)
        assert 0.0 <= seconds <= max(8.0, failure.retry_after or 0.0, failure.window or 0.0)

    @pytest.mark.promise(
        "After a 429 without `Retry-After`, the wait is at least half of the window of the limit, of "
        "which at most 60 seconds count."
    )
    @pytest.mark.parametrize(
        ("window", "waits"),
        [(10.0, [7.5, 7.5, 7.5, 7.5]), (60.0, [45.0] * 4), (1.0, [0.75, 0.75, 1.0, 2.0])],
    )
    def test_is_half_to_all_of_a_limits_window(self, window: float, waits: list[float]) -> None:
        """Or longer, if the doubling delay is: other clients retry at the end of the window too."""
        failure = Failure(STATUS, True, 429, window=window)
        assert [delay(failure, attempt, 0.5) for attempt in (1, 2, 3, 4)] == waits
        assert delay(failure, 1, 1.0) == window

    @pytest.mark.promise("The waits of four retries are together longer than a window of one or of ten seconds.")
    @given(st.lists(st.floats(0, 1), min_size=4, max_size=4), st.sampled_from([1.0, 10.0]))
    def test_four_delays_outlast_the_window(self, chances: list[float], window: float) -> None:
        failure = Failure(STATUS, True, 429, window=window)
        assert sum(delay(failure, attempt, chance) for attempt, chance in enumerate(chances, 1)) >= 2 * window


def caused_by(error: Exception, *causes: BaseException) -> Any:
    """Return an error with a chain of causes, as httpx chains those of httpcore and ssl."""
    current: BaseException = error
    for cause in causes:
        current.__cause__ = cause
        current = cause
    return error


def context(deadline: float | None = None, **settings: Any) -> CallContext:
    """Return the context of a call of a client with these settings."""
    made = new_settings("https://api.hubapi.com", "v3", None, access_token=Secret("token"))
    return CallContext(made._replace(**settings), None, 1000.0, deadline)


def failed(label: str, lost: NoResponseError, *, late: bool) -> tuple[Failure, Exception]:
    """Return the failure and the error of an attempt, before or after its deadline."""
    flow = Attempts(context(deadline=999.0 if late else 1001.0), label, IDEMPOTENT).failed(lost)
    assert isinstance(next(flow), Now)
    with pytest.raises(StopIteration) as stop:
        flow.send(1000.0)
    return stop.value.value  # type: ignore[no-any-return]


class TestLostError:
    @pytest.mark.parametrize(
        ("cause", "kind", "raised", "message"),
        [
            (httpx.ConnectError("refused"), CONNECT, ConnectionFailedError, "could not connect: refused"),
            (httpx.ConnectTimeout(""), CONNECT, RequestTimeoutError, "could not connect: ConnectTimeout"),
            (httpx.PoolTimeout(""), CONNECT, RequestTimeoutError, "could not connect: PoolTimeout"),
            (httpx.ProxyError("502"), CONNECT, ConnectionFailedError, "could not connect: 502"),
            (
                httpx.ReadTimeout("timed out"),
                TIMEOUT,
                RequestTimeoutError,
                "no response in time (ReadTimeout); timeout= of the client or the call allows more seconds",
            ),
            (
                httpx.WriteTimeout(""),
                TIMEOUT,
                RequestTimeoutError,
                "no response in time (WriteTimeout); timeout= of the client or the call allows more seconds",
            ),
            (httpx.ReadError(""), CUT, ConnectionFailedError, "the connection was cut: ReadError"),
            (httpx.WriteError("reset"), CUT, ConnectionFailedError, "the connection was cut: reset"),
            (httpx.CloseError("x"), CUT, ConnectionFailedError, "the connection was cut: x"),
            (httpx.RemoteProtocolError("half"), CUT, ConnectionFailedError, "the connection was cut: half"),
            (
                httpx.LocalProtocolError("Illegal header"),
                UNTRUSTED,
                ConnectionFailedError,
                "no trusted connection: Illegal header",
            ),
            (
                httpx.UnsupportedProtocol("ftp"),
                UNTRUSTED,
                ConnectionFailedError,
                "could not connect: ftp",
            ),
        ],
        ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
    )
    @pytest.mark.parametrize("fully_sent", [True, False])
    def test_by_exception_of_httpx(
        self, cause: Any, kind: FailureKind, raised: type[Exception], message: str, fully_sent: bool
    ) -> None:
        failure, error = failed("GET /files/v3/files/1", NoResponseError(cause, fully_sent=fully_sent), late=False)
        assert failure == Failure(kind, fully_sent)
        assert type(error) is raised
        assert error.__cause__ is cause
        assert str(error) == f"GET /files/v3/files/1: {message}"

    @pytest.mark.parametrize(
        "cause", [httpx.ConnectTimeout(""), httpx.PoolTimeout(""), httpx.ReadTimeout("late"), httpx.WriteTimeout("")]
    )
    def test_a_timeout_at_the_deadline_names_it(self, cause: httpx.TimeoutException) -> None:
        _, error = failed("GET /", NoResponseError(cause, fully_sent=True), late=True)
        assert str(error) == (
            f"GET /: no response before the deadline ({type(cause).__name__}); "
            "deadline= of the client allows more seconds"
        )

    def test_a_cut_after_the_deadline_is_a_cut(self) -> None:
        _, error = failed("GET /", NoResponseError(httpx.ReadError("reset"), fully_sent=True), late=True)
        assert str(error) == "GET /: the connection was cut: reset"

    @pytest.mark.parametrize("wrap", [httpx.ConnectError, httpx.ReadError, httpx.ConnectTimeout, httpx.ProxyError])
    @pytest.mark.parametrize(
        "tls", [ssl.SSLCertVerificationError("certificate has expired"), ssl.SSLError("WRONG_VERSION_NUMBER")]
    )
    def test_an_untrusted_certificate_is_fatal(self, wrap: Any, tls: ssl.SSLError) -> None:
        causes = [
            caused_by(wrap("no TLS"), tls),
            caused_by(wrap("no TLS"), OSError("between"), tls),
        ]
        context = wrap("no TLS")
        context.__context__ = tls
        for cause in (*causes, context):
            failure, error = failed("GET /", NoResponseError(cause, fully_sent=False), late=False)
            assert failure.kind is UNTRUSTED
            assert all(decide(idempotency, failure) is GIVE_UP for idempotency in Idempotency)
            assert str(error) == "GET /: no trusted connection: no TLS"

    @pytest.mark.parametrize("tls", [ssl.SSLEOFError("EOF"), ssl.SSLZeroReturnError("closed")])
    def test_a_cut_tls_handshake_is_not_fatal(self, tls: ssl.SSLError) -> None:
        cause = caused_by(httpx.ConnectError("EOF"), tls)
        assert failed("GET /", NoResponseError(cause, fully_sent=False), late=False)[0].kind is CONNECT

    def test_circular_causes_end(self) -> None:
        """A mock that raises an error from its own cause makes such a circle."""
        one, other = httpx.ReadError("one"), OSError("other")
        one.__cause__, other.__context__ = other, one
        assert failed("GET /", NoResponseError(one, fully_sent=True), late=True)[0].kind is CUT


class TestUnknownOutcome:
    @pytest.mark.parametrize(
        ("error", "what"),
        [
            (error_for("POST /x", 503, httpx.Headers(), b'{"message": "no\\nsuch luck"}'), "the response was 503"),
            (unexpected("POST /x", 201, httpx.Headers(), "half\na record"), "the response, 201, could not be read"),
            (ConnectionFailedError("POST /x: the connection was cut: reset"), "the connection was cut: reset"),
            (RequestTimeoutError("POST /x: no response in time (ReadTimeout)"), "no response in time (ReadTimeout)"),
            (
                ConnectionFailedError("POST /x: the connection was cut: https://a.example/?signature=s3cret\nmore"),
                "the connection was cut: https://a.example/?…",
            ),
            (ConnectionFailedError(""), ""),
        ],
    )
    def test_describes_the_failure_in_one_line(self, error: Exception, what: str) -> None:
        assert unknown_outcome("POST /x", "Look.", error) == (
            f"POST /x: HubSpot may have done it, because it failed after the request was fully sent ({what}). Look."
        )

    @pytest.mark.promise(
        "The message of `OutcomeUnknownError` says in one line what failed, what the lookup found, and where to look.",
        "`OutcomeUnknownError` | find out whether it happened, as the message says, before trying again",
    )
    @pytest.mark.parametrize(
        ("call", "words"),
        [
            (
                file_calls.upload_file("v3", open_source(b"a", "a", None), PLAIN, ROOT, charset_hunch=None),
                ["files.stat at its path", "its file_md5", "If one file of the same content"],
            ),
            (
                file_calls.import_file("v3", "https://a.example/a", PLAIN, ROOT, name=None, expires_at=None),
                ["files.stat at its path", "If one file of the same content per folder is enough"],
            ),
            (folder_calls.create_folder("v3", "a", ROOT), ["folders.get_by_path"]),
            (
                PreparedCall("v3", "request", {"method": "post", "url": "/x"}, NOT_IDEMPOTENT, str),
                ["Look at what is there before doing it again."],
            ),
        ],
        ids=lambda value: value.request.operation if isinstance(value, PreparedCall) else None,
    )
    def test_advises_the_next_step(self, call: PreparedCall[Any], words: list[str]) -> None:
        before = OutcomeUnknownError("before")
        before.__cause__ = ConnectionFailedError("cut")
        message = str(call.unknown_after_lookup(before, "Gone."))
        assert message.startswith(
            f"{call.label}: HubSpot may have done it, because it failed after the request was fully sent (cut). "
            "Gone. Look "
        )
        assert all(word in message for word in words)
        assert ("duplicates=" in message) is (call.request.operation in ("uploadFile", "importFileFromUrl"))


class TestStatusFailure:
    @pytest.mark.parametrize(
        ("response", "failure"),
        [
            (received(429, {"policyName": "DAILY"}), Failure(STATUS, True, 429, daily=True)),
            (received(429, {"policyName": "SECONDLY"}), Failure(STATUS, True, 429, window=1.0)),
            (received(429, {"policyName": "TEN_SECONDLY_ROLLING"}), Failure(STATUS, True, 429, window=10.0)),
            (received(429, {"policyName": "HOURLY"}), Failure(STATUS, True, 429)),
            (received(429), Failure(STATUS, True, 429)),
            (received(429, retry_after="3"), Failure(STATUS, True, 429, retry_after=3.0)),
            (received(423, retry_after="3"), Failure(STATUS, True, 423, retry_after=3.0)),
            (received(477, retry_after="86400"), Failure(STATUS, True, 477, retry_after=86400.0)),
            (received(503, retry_after="3"), Failure(STATUS, True, 503, retry_after=3.0)),
            (received(404, {"policyName": "DAILY"}, retry_after="3"), Failure(STATUS, True, 404)),
        ],
    )
    def test_has_the_fields_of_the_decision(self, response: ReceivedResponse, failure: Failure) -> None:
        assert status_failure(error_for("GET /", response.status, response.headers, response.body)) == failure

    @pytest.mark.promise(
        "After a 429 without `Retry-After`, the wait is at least half of the window of the limit, of "
        "which at most 60 seconds count.",
        "The window is the one of `x-hubspot-ratelimit-interval-milliseconds`, else the one of the policy "
        "that the response names; for the policy `SECONDLY` it is at most one second.",
    )
    @pytest.mark.parametrize(
        ("interval", "policy", "window"),
        [
            ("10000", None, 10.0),
            ("10000", "TEN_SECONDLY_ROLLING", 10.0),
            ("11000", "TEN_SECONDLY_ROLLING", 11.0),
            ("10000", "SECONDLY", 1.0),
            ("500", "SECONDLY", 0.5),
            ("60000", None, 60.0),
            ("60001", None, 60.0),
            ("86400000", "HOURLY", 60.0),
            ("86400000", "DAILY", None),
            ("0", None, None),
            ("-1", None, None),
            ("soon", None, None),
            ("9" * 10, None, None),
        ],
    )
    @pytest.mark.parametrize("status", [429, 477, 423, 503])
    @pytest.mark.parametrize("retry_after", [{}, {"retry_after": "3"}])
    def test_has_the_window_of_a_limit(
        self, interval: str, policy: str | None, window: float | None, status: int, retry_after: dict[str, str]
    ) -> None:
        headers = {"X_HubSpot_RateLimit_Interval_Milliseconds": interval, **retry_after}
        response = received(status, {"policyName": policy} if policy else {}, **headers)
        failure = status_failure(error_for("GET /", response.status, response.headers, response.body))
        assert failure.window == (window if status == 429 and not retry_after else None)


class Loop:
    """Drive the loop by hand: each response is sent or thrown, and the effects of the loop are recorded.

    Attributes:
        now: the time, which only sleeping and sending move.
        each: seconds that each attempt takes.
        deadlines: the deadline of each attempt.
    """

    def __init__(
        self,
        request: Request = REQUEST,
        idempotency: Idempotency = IDEMPOTENT,
        *,
        refreshable: bool = False,
        deadline: float | None = None,
        **settings: Any,
    ) -> None:
        token = (lambda: "token") if refreshable else Secret("token")
        self.flow = send(context(deadline, access_token=token, clock=self, **settings), request, idempotency)
        self.tokens = 0
        self.now = 1000.0
        self.each = 0.0
        self.sleeps: list[float] = []
        self.sent: list[str] = []
        self.deadlines: list[float | None] = []

    def monotonic(self) -> float:
        return self.now

    def __call__(self, *responses: ReceivedResponse | httpx.TransportError | NoResponseError) -> ReceivedResponse:
        queue = list(responses)
        step: Callable[[Any], Any] = self.flow.send
        outcome: Any = None
        while True:
            try:
                effect = step(outcome)
            except StopIteration as stop:
                assert queue == [], "not all answers were asked for"
                return stop.value  # type: ignore[no-any-return]
            step, outcome = self.flow.send, None
            if isinstance(effect, GetToken):
                self.tokens += 1
                outcome = Secret(f"token-{self.tokens}")
            elif isinstance(effect, Now):
                outcome = self.now
            elif isinstance(effect, Sleep):
                self.sleeps.append(effect.seconds)
                self.now += effect.seconds
            else:
                assert isinstance(effect, Send)
                self.sent.append(effect.token.reveal())
                self.deadlines.append(effect.deadline)
                self.now += self.each
                outcome = queue.pop(0)
                if isinstance(outcome, httpx.TransportError):
                    outcome = NoResponseError(outcome, fully_sent=True)
                if isinstance(outcome, NoResponseError):
                    step = self.flow.throw


@pytest.fixture(autouse=True)
def full_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every delay as long as the jitter allows."""
    monkeypatch.setattr("random.random", lambda: 1.0)


class TestLoop:
    def test_returns_a_success(self) -> None:
        loop = Loop()
        response = received(200, {})
        assert loop(response)._replace(secrets=()) == response
        assert (loop.sent, loop.sleeps) == (["token-1"], [])

    @pytest.mark.parametrize("status", [200, 201, 204, 299])
    def test_every_2xx_is_success(self, status: int) -> None:
        assert Loop()(received(status)).status == status

    @pytest.mark.parametrize("status", [199, 300])
    def test_no_other_status_is_success(self, status: int) -> None:
        with pytest.raises(APIError):
            Loop()(received(status))

    def test_waits_longer_each_time_and_gets_the_token_each_time(self) -> None:
        loop = Loop()
        cut = httpx.ReadError("cut")
        assert loop(cut, received(503), received(502), cut, received(200)).status == 200
        assert loop.sleeps == [0.5, 1.0, 2.0, 4.0]
        assert loop.sent == ["token-1", "token-2", "token-3", "token-4", "token-5"]

    @pytest.mark.parametrize("max_retries", [0, 1, 3, 300])
    def test_stops_after_max_retries(self, max_retries: int) -> None:
        loop = Loop(max_retries=max_retries, retry_budget=RetryBudget(1000))
        with pytest.raises(ServerError) as caught:
            loop(*[received(503)] * (max_retries + 1))
        assert caught.value.status_code == 503
        assert len(loop.sent) == max_retries + 1
        assert len(loop.sleeps) == max_retries

    def test_raises_the_last_failure_with_its_cause(self) -> None:
        cut = httpx.ReadError("cut")
        with pytest.raises(
            ConnectionFailedError, match=r"^GET /files/v3/files/1: the connection was cut: cut$"
        ) as caught:
            Loop(max_retries=1)(received(503), cut)
        assert caught.value.__cause__ is cut

    @pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 501])
    def test_does_not_retry_a_refusal(self, status: int) -> None:
        loop = Loop()
        with pytest.raises(APIError) as caught:
            loop(received(status))
        assert caught.value.status_code == status
        assert (len(loop.sent), loop.sleeps) == (1, [])

    def test_does_not_retry_an_untrusted_certificate(self) -> None:
        loop = Loop()
        untrusted = caused_by(httpx.ConnectError("no TLS"), ssl.SSLCertVerificationError("certificate has expired"))
        with pytest.raises(ConnectionFailedError, match=r"no trusted connection"):
            loop(NoResponseError(untrusted, fully_sent=False))
        assert (len(loop.sent), loop.sleeps) == (1, [])

    def test_waits_for_retry_after(self) -> None:
        loop = Loop()
        loop(received(429, retry_after="10"), received(423), received(200))
        assert loop.sleeps == [10.0, 2.0]

    @pytest.mark.parametrize(
        "response",
        [received(429, {"policyName": "DAILY"}), received(477, retry_after="86400"), received(503, retry_after="61")],
    )
    def test_does_not_wait_for_hours(self, response: ReceivedResponse) -> None:
        loop = Loop()
        with pytest.raises(RateLimitError if response.status < 500 else ServerError):
            loop(response)
        assert loop.sleeps == []

    @pytest.mark.parametrize(
        "response", [httpx.ReadTimeout("late"), httpx.ReadError("cut"), received(500), received(503), received(524)]
    )
    def test_does_not_retry_a_creation_of_unknown_outcome(self, response: Any) -> None:
        loop = Loop(UPLOAD, NOT_IDEMPOTENT)
        with pytest.raises(
            OutcomeUnknownError,
            match=r"^POST /files/v3/files: HubSpot may have done it, because .* Look at what is there",
        ) as caught:
            loop(response)
        assert (len(loop.sent), loop.sleeps) == (1, [])
        assert isinstance(caught.value.__cause__, ServerError | ConnectionFailedError)

    @pytest.mark.parametrize("idempotency", [IDEMPOTENT, IDEMPOTENT_DELETE])
    def test_a_long_retry_after_is_raised_or_an_unknown_outcome(self, idempotency: Idempotency) -> None:
        response = received(503, retry_after="61")
        with pytest.raises(ServerError):
            Loop(idempotency=idempotency)(response)
        with pytest.raises(OutcomeUnknownError) as caught:
            Loop(UPLOAD, NOT_IDEMPOTENT)(response)
        assert isinstance(caught.value.__cause__, ServerError)
        assert caught.value.__cause__.retry_after == 61.0

    def test_retries_outlast_a_limit(self) -> None:
        loop = Loop()
        limited = received(429, x_hubspot_ratelimit_interval_milliseconds="10000")
        assert loop(limited, limited, received(200)).status == 200
        assert loop.sleeps == [10.0, 10.0]

    def test_retries_a_request_that_was_not_fully_sent(self) -> None:
        loop = Loop(UPLOAD, NOT_IDEMPOTENT)
        cut = NoResponseError(httpx.WriteError("cut"), fully_sent=False)
        assert loop(cut, httpx.ConnectError("refused"), received(429), received(201)).status == 201
        assert len(loop.sent) == 4

    @pytest.mark.parametrize("lost", [httpx.ReadTimeout("late"), received(502)])
    def test_a_404_to_a_retried_delete_is_success(self, lost: Any) -> None:
        assert Loop(idempotency=IDEMPOTENT_DELETE)(lost, received(404)).status == 404

    @pytest.mark.parametrize(
        "responses",
        [
            (received(404),),
            (NoResponseError(httpx.WriteError("cut"), fully_sent=False), received(404)),
            (httpx.ConnectError("refused"), received(404)),
            (received(429), received(404)),
        ],
    )
    def test_a_404_to_the_first_delete_is_an_error(self, responses: Any) -> None:
        with pytest.raises(NotFoundError):
            Loop(idempotency=IDEMPOTENT_DELETE)(*responses)

    @pytest.mark.parametrize("status", [400, 403, 409])
    def test_another_error_of_a_retried_delete_is_raised(self, status: int) -> None:
        with pytest.raises(APIError) as caught:
            Loop(idempotency=IDEMPOTENT_DELETE)(httpx.ReadTimeout("late"), received(status))
        assert caught.value.status_code == status

    def test_a_404_to_another_retried_request_is_an_error(self) -> None:
        with pytest.raises(NotFoundError):
            Loop()(httpx.ReadTimeout("late"), received(404))

    def test_refreshes_an_expired_token(self) -> None:
        loop = Loop(refreshable=True, max_retries=0)
        assert loop(received(401), received(200)).status == 200
        assert (loop.sent, loop.sleeps) == (["token-1", "token-2"], [])

    def test_refreshes_an_expired_token_once_only(self) -> None:
        loop = Loop(refreshable=True)
        with pytest.raises(AuthenticationError):
            loop(received(401), received(401))
        assert len(loop.sent) == 2

    @pytest.mark.parametrize("status", [400, 403])
    def test_refreshes_no_token_for_another_refusal(self, status: int) -> None:
        loop = Loop(refreshable=True)
        with pytest.raises(APIError):
            loop(received(status))
        assert loop.sent == ["token-1"]

    def test_refreshes_no_fixed_token(self) -> None:
        loop = Loop(refreshable=False)
        with pytest.raises(AuthenticationError):
            loop(received(401))
        assert len(loop.sent) == 1

    def test_a_refresh_does_not_count_as_a_retry(self) -> None:
        loop = Loop(refreshable=True, max_retries=2)
        assert loop(received(503), received(401), received(503), received(200)).status == 200
        assert loop.sleeps == [0.5, 1.0]

    def test_a_refresh_does_not_allow_a_second_creation(self) -> None:
        loop = Loop(UPLOAD, NOT_IDEMPOTENT, refreshable=True)
        with pytest.raises(OutcomeUnknownError):
            loop(received(401), received(503))
        assert len(loop.sent) == 2

    def test_an_upload_body_has_the_number_of_the_attempt(self) -> None:
        calls: list[int] = []
        body = open_source(b"abc", "a", lambda sent, total, attempt: calls.append(attempt))
        flow = send(context(max_retries=2), Request(UPLOAD.operation, UPLOAD.kwargs, body), IDEMPOTENT)
        outcome: Any = None
        for status in itertools.chain([503, 503, 200]):
            while not isinstance(effect := flow.send(outcome), Send):
                outcome = Secret("token") if isinstance(effect, GetToken) else None
            body.seek(0)
            body.read()
            outcome = received(status)
        assert calls == [1, 2, 3]
        flow.close()

    def test_logs_the_path_without_the_query(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG, "hubspot_files")
        request = Request("getFile", {**REQUEST.kwargs, "params": {"name": "secret"}})
        Loop(request)(received(503), received(200))
        assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
            ("DEBUG", "GET /files/v3/files/1: 503 after 0.100 s (attempt 1)"),
            ("INFO", "GET /files/v3/files/1: attempt 1 failed (ServerError), retry in 0.5 s"),
            ("DEBUG", "GET /files/v3/files/1: 200 after 0.100 s (attempt 2)"),
        ]

    def test_calls_on_response_for_every_response(self) -> None:
        infos: list[Any] = []
        Loop(refreshable=True, on_response=infos.append)(
            received(401), httpx.ReadError("cut"), received(200, retry_after="1")
        )
        assert [(info.status_code, info.attempt) for info in infos] == [(401, 1), (200, 3)]
        last = infos[-1]
        assert (last.operation, last.method, last.path, last.seconds) == ("getFile", "GET", "/files/v3/files/1", 0.1)
        assert last.headers["retry-after"] == "1"

    def test_a_bad_request_includes_the_message_of_hubspot(self) -> None:
        with pytest.raises(BadRequestError, match=r"^GET /files/v3/files/1: 400: no such property$"):
            Loop()(received(400, {"message": "no such property"}))


class TestRetryBudget:
    def test_is_spent_by_one_per_retry(self) -> None:
        budget = RetryBudget(3)
        assert [budget.spend() for _ in range(5)] == [True, True, True, False, False]

    def test_earns_halves_up_to_its_size(self) -> None:
        budget = RetryBudget(2)
        for _ in range(10):
            budget.earn()
        assert [budget.spend() for _ in range(3)] == [True, True, False]
        budget.earn()
        assert not budget.spend()
        budget.earn()
        assert budget.spend()

    @pytest.mark.promise("Each retry takes one from it, and each success returns half of one.")
    @given(st.lists(st.booleans()), st.integers(0, 5))
    def test_stays_between_zero_and_its_size(self, steps: list[bool], size: int) -> None:
        budget = RetryBudget(size)
        left = float(size)
        for spend in steps:
            if spend:
                assert budget.spend() is (left >= 1)
                left -= left >= 1
            else:
                budget.earn()
                left = min(size, left + 0.5)

    def test_ends_the_retries_of_many_requests(self) -> None:
        """After a hundred retries, each request to an unavailable HubSpot is sent once."""
        budget = RetryBudget()
        loops = [Loop(retry_budget=budget, max_retries=4) for _ in range(50)]
        for loop in loops:
            with pytest.raises(ServerError, match="503"):
                loop(*[received(503)] * (5 if loop in loops[:25] else 1))
        assert sum(len(loop.sent) for loop in loops) == 50 + 100
        assert sum(len(loop.sleeps) for loop in loops) == 100

    @pytest.mark.promise("Each retry takes one from it, and each success returns half of one.")
    def test_is_restored_by_successes(self) -> None:
        budget = RetryBudget(1)
        with pytest.raises(ServerError):
            Loop(retry_budget=budget)(received(503), received(503))
        for _ in range(2):
            Loop(retry_budget=budget)(received(200))
        assert Loop(retry_budget=budget)(received(503), received(200)).status == 200

    def test_refusals_and_refreshes_cost_nothing(self) -> None:
        budget = RetryBudget(1)
        for _ in range(3):
            with pytest.raises(NotFoundError):
                Loop(retry_budget=budget, refreshable=True)(received(401), received(404))
        assert budget.spend()

    @pytest.mark.promise("When it is used up, a failure is raised without a retry.")
    def test_when_empty_the_failure_is_raised(self) -> None:
        cut = httpx.ReadError("cut")
        loop = Loop(retry_budget=RetryBudget(0))
        with pytest.raises(ConnectionFailedError, match="the connection was cut: cut") as caught:
            loop(cut)
        assert caught.value.__cause__ is cut
        assert loop.sleeps == []


class TestDeadline:
    def test_starts_at_the_first_attempt(self) -> None:
        loop = Loop(deadline=1010.0)
        loop.each = 2.0
        loop(received(503), received(503), received(200))
        assert loop.deadlines == [1010.0] * 3
        assert loop.sleeps == [0.5, 1.0]

    @pytest.mark.parametrize(("deadline", "expected"), [(None, None), (10.0, 1010.0)])
    def test_starts_at_the_start_of_the_call(self, deadline: float | None, expected: float | None) -> None:
        flow = start_call(context(deadline=None).settings._replace(deadline=deadline), 5.0)
        assert isinstance(next(flow), Now)
        with pytest.raises(StopIteration) as stop:
            flow.send(1000.0)
        started: CallContext = stop.value.value
        assert (started.timeout, started.started_at, started.deadline) == (5.0, 1000.0, expected)

    @pytest.mark.parametrize(("deadline", "attempts"), [(1000.5, 1), (1000.51, 2)])
    def test_does_not_wait_until_the_deadline(self, deadline: float, attempts: int) -> None:
        loop = Loop(deadline=deadline)
        with pytest.raises(ServerError):
            loop(*[received(503)] * attempts)
        assert len(loop.sent) == attempts

    def test_a_retry_after_it_costs_no_budget(self) -> None:
        budget = RetryBudget(1)
        with pytest.raises(ServerError):
            Loop(deadline=1000.1, retry_budget=budget)(received(503))
        assert budget.spend()

    def test_is_optional(self) -> None:
        loop = Loop()
        loop(received(200))
        assert loop.deadlines == [None]

    @pytest.mark.parametrize(
        ("deadline", "advised"), [(None, "timeout="), (1002.01, "timeout="), (1002.0, "deadline=")]
    )
    def test_a_timeout_at_it_advises_a_longer_one(self, deadline: float | None, advised: str) -> None:
        loop = Loop(deadline=deadline, max_retries=0)
        loop.each = 2.0
        with pytest.raises(RequestTimeoutError, match=f"; {advised}.* allows more seconds$"):
            loop(httpx.ReadTimeout("late"))


class RecordingLimiter(RateLimiter):
    """Records its calls, and allows requests after the given waits."""

    def __init__(self, *waits: float) -> None:
        super().__init__()
        self.waits = list(waits)
        self.calls: list[tuple[Any, ...]] = []

    def reserve(self, slot: Slot, now: float) -> float:
        self.calls.append(("reserve", slot, now))
        return self.waits.pop(0) if self.waits else 0.0

    def finish(self, slot: Slot, now: float) -> None:
        self.calls.append(("finish", slot, now))

    def learn(self, slot: Slot, headers: Mapping[str, str], now: float) -> None:
        self.calls.append(("learn", slot, headers["date"], now))

    def refused(self, slot: Slot, now: float) -> None:
        self.calls.append(("refused", slot, now))

    def pause(self, until: float, *, creations_only: bool) -> None:
        self.calls.append(("pause", until, creations_only))

    @property
    def names(self) -> list[str]:
        return [call[0] for call in self.calls]


class TestRateLimiting:
    def test_applies_to_every_attempt_and_learns_from_every_response(self) -> None:
        loop = Loop(pace=True)
        limited = received(503, x_hubspot_ratelimit_max="1", x_hubspot_ratelimit_interval_milliseconds="4000")
        loop(limited, received(200))
        assert len(loop.sleeps) == 2
        assert 4.0 <= sum(loop.sleeps) < 5.0

    def test_learns_the_time_of_a_response(self) -> None:
        limiter = RecordingLimiter()
        loop = Loop(rate_limiter=limiter, pace=True)
        loop.each = 2.0
        loop(ReceivedResponse(200, httpx.Headers({"date": "today"}), b"", 1000.0, 2.0))
        [(_, slot, _), *_] = limiter.calls
        assert limiter.calls == [
            ("reserve", slot, 1000.0),
            ("finish", slot, 1002.0),
            ("learn", slot, "today", 1002.0),
        ]
        Loop(rate_limiter=limiter)(received(200))
        assert len(limiter.calls) == 3

    def test_reserves_again_after_each_wait(self) -> None:
        limiter = RecordingLimiter(0.25, 2.0)
        loop = Loop(rate_limiter=limiter, pace=True)
        loop(received(200, date="today"))
        assert [call[2] for call in limiter.calls if call[0] == "reserve"] == [1000.0, 1000.25, 1002.25]
        assert len({call[1] for call in limiter.calls}) == 1
        assert loop.sleeps == [0.25, 2.0]

    @pytest.mark.parametrize("deadline", [1009.0, 1010.0])
    def test_does_not_wait_until_the_deadline(self, deadline: float) -> None:
        rate_limiter = RateLimiter()
        Loop(rate_limiter=rate_limiter, pace=True)(received(200, x_hubspot_ratelimit_max="1"))
        loop = Loop(rate_limiter=rate_limiter, pace=True, deadline=deadline)
        with pytest.raises(RequestTimeoutError, match=r"^GET /files/v3/files/1: the rate limit does not allow it"):
            loop()
        assert (loop.sent, loop.sleeps) == ([], [])

    def test_a_request_that_does_not_start_takes_no_place(self) -> None:
        limiter = RecordingLimiter(5.0)
        with pytest.raises(RequestTimeoutError):
            Loop(rate_limiter=limiter, pace=True, deadline=1001.0)()
        assert limiter.names == ["reserve", "finish"]

    @pytest.mark.parametrize("stage", [Sleep, GetToken, Send])
    def test_a_cancelled_request_frees_its_place(self, stage: type[Any]) -> None:
        limiter = RecordingLimiter(5.0)
        loop = Loop(rate_limiter=limiter, pace=True)
        outcome: Any = None
        while not isinstance(effect := loop.flow.send(outcome), stage):
            outcome = Secret("token") if isinstance(effect, GetToken) else 1000.0
        with pytest.raises(KeyboardInterrupt):
            loop.flow.throw(KeyboardInterrupt())
        assert limiter.names[-1] == "finish"

    def test_a_lost_response_ends_the_place(self) -> None:
        limiter = RecordingLimiter()
        Loop(rate_limiter=limiter, pace=True)(httpx.ReadError("cut"), received(200, date="today"))
        assert limiter.names == ["reserve", "finish", "reserve", "finish", "learn"]

    @pytest.mark.parametrize(
        ("refusal", "call"),
        [
            (received(429, date="today"), ("refused",)),
            (received(429, date="today", retry_after="7"), ("pause", 1007.0, False)),
            (received(477, date="today", retry_after="60"), ("pause", 1060.0, False)),
            (received(429, {"message": CREATING_FILES}, date="today"), ("pause", 1060.0, True)),
            (received(429, {"message": CREATING_FILES}, date="today", retry_after="9"), ("pause", 1009.0, True)),
            (received(429, {"message": "Rate limit exceeded for creating files."}, date="today"), None),
            (received(477, date="today"), None),
            (received(423, date="today", retry_after="7"), None),
            (received(503, date="today", retry_after="7"), None),
        ],
    )
    def test_heeds_refusals(self, refusal: ReceivedResponse, call: tuple[Any, ...] | None) -> None:
        limiter = RecordingLimiter()
        Loop(rate_limiter=limiter, pace=True)(refusal, received(200, date="today"))
        heeded = [each for each in limiter.calls if each[0] in ("refused", "pause")]
        if call == ("refused",):
            assert heeded == [("refused", limiter.calls[0][1], 1000.0)]
        else:
            assert heeded == ([call] if call else [])
        Loop()(refusal, received(200))
        assert len([each for each in limiter.calls if each[0] in ("refused", "pause")]) == len(heeded)

    @pytest.mark.parametrize(
        "refusal",
        [
            received(429, {"policyName": "DAILY"}, date="today"),
            received(477, date="today", retry_after="86400"),
            received(429, {"message": "Rate limit exceeded for creating files. Retry in 2 minutes."}, date="today"),
        ],
    )
    def test_lets_others_try_after_a_refusal_that_is_too_long_to_wait_for(self, refusal: ReceivedResponse) -> None:
        limiter = RecordingLimiter()
        with pytest.raises(RateLimitError):
            Loop(rate_limiter=limiter, pace=True)(refusal)
        assert limiter.names == ["reserve", "finish", "learn"]

    @pytest.mark.parametrize(
        ("operation", "creates"),
        [("uploadFile", True), ("importFileFromUrl", True), ("replaceFile", False), ("createFolder", False)],
    )
    def test_knows_the_requests_that_create_files(self, operation: str, creates: bool) -> None:
        limiter = RecordingLimiter()
        request = Request(operation, {"method": "post", "url": "/files/v3/files"})
        Loop(request, rate_limiter=limiter, pace=True)(received(200, date="today"))
        assert limiter.calls[0][1].creates_file is creates
