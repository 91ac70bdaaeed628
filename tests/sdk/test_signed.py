"""Signed URLs: their remaining life, independent of this machine's clocks, and the redaction of their secret."""

from __future__ import annotations

import copy
import functools
import json
import logging
import operator
import os
import pickle
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubspot_files import SignedUrl
from hubspot_files._http.messages import ReceivedResponse
from hubspot_files._operations.signed_url import signed_url_from
from hubspot_files.testing import use_clock
from hubspot_files_api import models

from .support import FakeClock

SECRET = "https://storage.example.net/cat.png?signature=s3cr3t"
# The server's time and the expiry of the URL in these tests.
NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
EXPIRES_AT = NOW + timedelta(hours=1)
HOUR = timedelta(hours=1)
# A Date has whole seconds: the server's clock may have been a second further.
RESOLUTION = timedelta(seconds=1)


class Clocks(FakeClock):
    """The two clocks of this machine, which a test sets and moves."""

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.wall += seconds


@pytest.fixture
def clocks() -> Iterator[Clocks]:
    clocks = Clocks()
    clocks.wall = NOW.timestamp()
    with use_clock(clocks):
        yield clocks


def signed(life: timedelta = HOUR, **options: Any) -> SignedUrl:
    return SignedUrl(SECRET, EXPIRES_AT, life=life, **{"name": "cat", "extension": "png", **options})


def from_response(
    expires_at: Any = EXPIRES_AT,
    *,
    sent_at: float = 1000.0,
    date: str | None = format_datetime(NOW, usegmt=True),
    asked: int | None = None,
) -> SignedUrl:
    """Return the SignedUrl of a response of the API."""
    headers = httpx.Headers() if date is None else httpx.Headers({"date": date})
    model = models.LegacySignedUrl if isinstance(expires_at, int) else models.SignedUrl
    return signed_url_from(
        model(url=SECRET, expires_at=expires_at, name="cat", extension="png", type_="IMG", size=9, width=3, height=4),
        ReceivedResponse(200, headers, b"", sent_at, 0.1),
        lifetime=asked,
    )


class TestRemaining:
    def test_decreases_to_zero(self, clocks: Clocks) -> None:
        url = signed()
        assert url.remaining() == HOUR
        clocks.pass_time(3599)
        assert (url.remaining(), url.is_expired()) == (timedelta(seconds=1), False)
        clocks.pass_time(1)
        assert (url.remaining(), url.is_expired()) == (timedelta(0), True)
        clocks.pass_time(10**9)
        assert url.remaining() == timedelta(0)

    @pytest.mark.parametrize("step", [10 * 365 * 86400, -10 * 365 * 86400])
    def test_is_independent_of_the_wall_clock(self, clocks: Clocks, step: int) -> None:
        url = signed()
        clocks.wall += step
        assert url.remaining() == HOUR
        clocks.pass_time(3600)
        assert (url.remaining(), url.is_expired()) == (timedelta(0), True)

    @pytest.mark.parametrize("life", [timedelta(0), timedelta(seconds=-1), timedelta(days=-365)])
    def test_a_url_that_had_expired_on_arrival(self, clocks: Clocks, life: timedelta) -> None:
        assert (signed(life).remaining(), signed(life).is_expired()) == (timedelta(0), True)

    def test_starts_when_the_request_was_sent(self, clocks: Clocks) -> None:
        """The server set the expiry before its response arrived."""
        url = signed(requested_at=clocks.now - 10)
        assert url.remaining() == HOUR - timedelta(seconds=10)

    def test_uses_the_system_clocks(self) -> None:
        url = signed(timedelta(seconds=100))
        assert timedelta(seconds=90) < url.remaining() <= timedelta(seconds=100)


class TestLeeway:
    @pytest.mark.parametrize(("leeway", "expired"), [(3599, False), (3600, True), (7200, True), (0, False)])
    def test_is_subtracted_from_the_remaining_time(self, clocks: Clocks, leeway: int, expired: bool) -> None:
        assert signed().is_expired(leeway=timedelta(seconds=leeway)) is expired

    def test_is_not_negative(self) -> None:
        with pytest.raises(ValueError, match=r"^leeway must not be negative: an expired URL does not work again$"):
            signed().is_expired(leeway=timedelta(microseconds=-1))

    @pytest.mark.parametrize("leeway", [60, 1.5, None, "60"])
    def test_is_a_timedelta(self, leeway: Any) -> None:
        with pytest.raises(TypeError, match=r"^leeway must be a timedelta, not "):
            signed().is_expired(leeway=leeway)


class TestResponses:
    def test_fields(self, clocks: Clocks) -> None:
        url = from_response()
        assert (url.url, url.expires_at) == (SECRET, EXPIRES_AT)
        assert (url.name, url.extension, url.type) == ("cat", "png", "IMG")
        assert (url.size, url.width, url.height) == (9, 3, 4)

    def test_missing_fields(self, clocks: Clocks) -> None:
        url = signed_url_from(
            models.SignedUrl(url=SECRET, expires_at=EXPIRES_AT),
            ReceivedResponse(200, httpx.Headers(), b"", 0, 0),
            lifetime=None,
        )
        assert [url.name, url.extension, url.type, url.size, url.width, url.height] == [None] * 6

    @pytest.mark.parametrize(
        "skew", [timedelta(0), timedelta(days=-3650), timedelta(days=3650), timedelta(minutes=-59)]
    )
    def test_is_independent_of_clock_skew(self, clocks: Clocks, skew: timedelta) -> None:
        clocks.wall += skew.total_seconds()
        url = from_response()
        assert url.expires_at == EXPIRES_AT
        assert url.remaining() == HOUR - RESOLUTION
        clocks.pass_time(3598)
        assert not url.is_expired()
        clocks.pass_time(1)
        assert url.is_expired()

    def test_the_time_of_the_request_counts(self, clocks: Clocks) -> None:
        clocks.pass_time(20)
        url = from_response(sent_at=1000.0)
        assert url.remaining() == HOUR - RESOLUTION - timedelta(seconds=20)

    @pytest.mark.parametrize(
        "date",
        [
            None,
            "",
            "today",
            "Fri, 99 May 2026 12:00:00 GMT",
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "Fri, 01 May 99999999999999 12:00:00 GMT",
        ],
    )
    def test_without_a_date_the_local_clock_is_used(self, clocks: Clocks, date: str | None) -> None:
        assert from_response(date=date).remaining() == HOUR
        clocks.wall += 600
        clocks.now += 600
        assert from_response(date=date, sent_at=1600.0).remaining() == HOUR - timedelta(minutes=10)
        assert from_response(date=date, sent_at=1590.0).remaining() == HOUR - timedelta(minutes=10)

    def test_a_date_without_a_zone_is_utc(self, clocks: Clocks) -> None:
        assert from_response(date="Fri, 01 May 2026 12:00:00 -0000").remaining() == HOUR - RESOLUTION

    def test_a_date_of_another_zone(self, clocks: Clocks) -> None:
        assert from_response(date="Fri, 01 May 2026 14:00:00 +0200").remaining() == HOUR - RESOLUTION

    @pytest.mark.parametrize("number", [int(EXPIRES_AT.timestamp()) * 1000, int(EXPIRES_AT.timestamp())])
    def test_numbers_of_the_legacy_route(self, clocks: Clocks, number: int) -> None:
        """Documented as milliseconds; a number too small for that is in seconds."""
        url = from_response(number)
        assert url.expires_at == EXPIRES_AT
        assert url.remaining() == HOUR - RESOLUTION

    def test_the_boundary_between_seconds_and_milliseconds(self, clocks: Clocks) -> None:
        assert from_response(100_000_000_000).expires_at.year == 5138
        assert from_response(100_000_000_001).expires_at.year == 1973

    def test_milliseconds_keep_their_fraction(self, clocks: Clocks) -> None:
        assert from_response(int(EXPIRES_AT.timestamp()) * 1000 + 250).expires_at == EXPIRES_AT + timedelta(
            milliseconds=250
        )

    def test_an_expiry_in_another_zone(self, clocks: Clocks) -> None:
        assert from_response(EXPIRES_AT.astimezone(timezone(timedelta(hours=-5)))).remaining() == HOUR - RESOLUTION

    def test_an_expiry_without_a_zone_is_utc(self, clocks: Clocks) -> None:
        assert from_response(EXPIRES_AT.replace(tzinfo=None)).expires_at == EXPIRES_AT

    def test_an_expiry_in_the_past(self, clocks: Clocks) -> None:
        assert from_response(NOW - HOUR).is_expired()

    @pytest.mark.parametrize(("date", "start"), [(format_datetime(NOW, usegmt=True), NOW + RESOLUTION), (None, NOW)])
    def test_a_missing_expiry_is_the_requested_one(self, clocks: Clocks, date: str | None, start: datetime) -> None:
        url = from_response(None, asked=600, date=date)
        assert url.expires_at == start + timedelta(minutes=10)
        assert url.remaining() == timedelta(minutes=10)

    def test_the_expiry_of_the_response_takes_precedence(self, clocks: Clocks) -> None:
        assert from_response(EXPIRES_AT, asked=600).remaining() == HOUR - RESOLUTION

    def test_without_any_expiry(self, clocks: Clocks) -> None:
        with pytest.raises(
            ValueError, match=r"^it does not say when the URL expires; pass expires_in=, which is then used$"
        ):
            from_response(None)

    @pytest.mark.parametrize(
        ("expires_at", "asked"), [(10**30, None), (10**18, None), (-(10**18), None), (None, 10**13), (None, 10**30)]
    )
    def test_an_expiry_out_of_range(self, clocks: Clocks, expires_at: int | None, asked: int | None) -> None:
        with pytest.raises(ValueError, match=r"^the expiry of the URL is out of range: |out of range$"):
            from_response(expires_at, asked=asked)

    @pytest.mark.parametrize("url", ["", None, 5, ["https://storage.example.net"]])
    def test_no_url(self, clocks: Clocks, url: Any) -> None:
        with pytest.raises(ValueError, match=r"^its url is empty$"):
            signed_url_from(
                models.SignedUrl(url=url, expires_at=EXPIRES_AT),
                ReceivedResponse(200, httpx.Headers(), b"", 0, 0),
                lifetime=None,
            )

    @given(st.datetimes(timezones=st.just(UTC)), st.text(st.characters(max_codepoint=255)) | st.none())
    def test_the_remaining_time_is_never_negative(self, end: datetime, date: str | None) -> None:
        headers = httpx.Headers() if date is None else httpx.Headers({"date": date.encode("latin-1")})
        response = ReceivedResponse(200, headers, b"", time.monotonic(), 0.0)
        url = signed_url_from(models.SignedUrl(url=SECRET, expires_at=end), response, lifetime=None)
        assert url.remaining() >= timedelta(0)


class TestMisuse:
    def test_refuses_an_expiry_without_a_zone(self) -> None:
        with pytest.raises(ValueError, match=r"^expires_at has no time zone; use datetime\(\.\.\., tzinfo=UTC\)$"):
            SignedUrl(SECRET, EXPIRES_AT.replace(tzinfo=None), life=HOUR)

    def test_keyword_only_arguments(self) -> None:
        url = SignedUrl(url=SECRET, expires_at=EXPIRES_AT, life=HOUR)
        with pytest.raises(TypeError, match="positional"):
            SignedUrl(SECRET, EXPIRES_AT, HOUR)  # type: ignore[misc]  # the point of the test
        with pytest.raises(TypeError, match="positional"):
            url.is_expired(HOUR)  # type: ignore[misc]  # the point of the test


class TestSecret:
    @pytest.mark.parametrize(
        "show",
        [
            repr,
            ascii,
            lambda url: f"{url!r}",
            "{!r}".format,
            lambda url: repr([url]),
            functools.partial(operator.mod, "%r"),
        ],
    )
    def test_is_redacted(self, show: Callable[[SignedUrl], str]) -> None:
        text = show(signed())
        assert "<SignedUrl of 'cat.png', expires 2026-05-01T13:00:00+00:00>" in text
        assert "s3cr3t" not in text

    @pytest.mark.promise(
        '`str(signed)` and `f"{signed}"` of a `SignedUrl` raise `TypeError`, which says to use '
        "`signed.url` or `repr(signed)`."
    )
    @pytest.mark.parametrize(
        "use",
        [
            str,
            format,
            print,
            lambda url: f"{url}",
            lambda url: f"{url!s}",
            lambda url: f"{url:>80}",
            "{}".format,
            functools.partial(operator.mod, "%s"),
            lambda url: json.dumps(url, default=str),
        ],
    )
    def test_is_no_string_for_a_redirect(self, use: Callable[[SignedUrl], object]) -> None:
        with pytest.raises(TypeError, match=r"^a SignedUrl is not a str; use its url for the URL, or repr\(\)"):
            use(signed())

    @pytest.mark.parametrize(
        "use",
        [
            os.fspath,
            urllib.parse.quote,
            urllib.request.urlopen,
            httpx.get,
            lambda url: " ".join([url]),
            lambda url: httpx.Response(302, headers={"location": url}),
        ],
    )
    def test_is_not_accepted_as_a_url(self, use: Callable[[Any], object]) -> None:
        with pytest.raises((TypeError, AttributeError)) as caught:
            use(signed())
        assert "s3cr3t" not in str(caught.value)

    def test_logging_it_does_not_raise(self, capsys: pytest.CaptureFixture[str]) -> None:
        logger = logging.Logger("test")
        logger.addHandler(logging.StreamHandler())
        logger.warning("is %s", signed())
        logger.warning("is %r", signed())
        text = capsys.readouterr().err
        assert "TypeError: a SignedUrl is not a str" in text
        assert "is <SignedUrl of 'cat.png', expires " in text
        assert "s3cr3t" not in text

    @pytest.mark.parametrize(
        ("name", "extension", "text"),
        [(None, None, "file"), ("cat", None, "cat"), (None, "png", "png"), ("a", "b", "a.b")],
    )
    def test_the_repr_has_the_file_name(self, name: Any, extension: Any, text: str) -> None:
        assert repr(signed(name=name, extension=extension)).startswith(f"<SignedUrl of {text!r}, expires ")

    def test_has_no_dict(self) -> None:
        with pytest.raises(TypeError, match=r"__dict__"):
            vars(signed())

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_is_not_pickled(self, protocol: int) -> None:
        with pytest.raises(TypeError, match=r"^a SignedUrl holds a secret and cannot be pickled; use its url"):
            pickle.dumps(signed(), protocol)

    def test_can_be_copied(self) -> None:
        url = signed()
        assert copy.copy(url) is url
        assert copy.deepcopy({"url": url})["url"] is url
