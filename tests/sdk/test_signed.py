"""How long a signed URL works, whatever the clocks of this machine say, and that it keeps its secret."""

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
# The server's clock and the end of the URL in these tests.
NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
END = NOW + timedelta(hours=1)
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
    return SignedUrl(SECRET, END, life=life, **{"name": "cat", "extension": "png", **options})


def answered(
    expires_at: Any = END,
    *,
    sent_at: float = 1000.0,
    date: str | None = format_datetime(NOW, usegmt=True),
    asked: int | None = None,
) -> SignedUrl:
    """The SignedUrl of an answer of the API."""
    headers = httpx.Headers() if date is None else httpx.Headers({"date": date})
    model = models.LegacySignedUrl if isinstance(expires_at, int) else models.SignedUrl
    return signed_url_from(
        model(url=SECRET, expires_at=expires_at, name="cat", extension="png", type_="IMG", size=9, width=3, height=4),
        ReceivedResponse(200, headers, b"", sent_at, 0.1),
        lifetime=asked,
    )


class TestRemaining:
    def test_falls_to_zero_and_stays_there(self, clocks: Clocks) -> None:
        url = signed()
        assert url.remaining() == HOUR
        clocks.pass_time(3599)
        assert (url.remaining(), url.is_expired()) == (timedelta(seconds=1), False)
        clocks.pass_time(1)
        assert (url.remaining(), url.is_expired()) == (timedelta(0), True)
        clocks.pass_time(10**9)
        assert url.remaining() == timedelta(0)

    @pytest.mark.parametrize("step", [10 * 365 * 86400, -10 * 365 * 86400])
    def test_a_wall_clock_that_is_set_makes_no_difference(self, clocks: Clocks, step: int) -> None:
        url = signed()
        clocks.wall += step
        assert url.remaining() == HOUR
        clocks.pass_time(3600)
        assert (url.remaining(), url.is_expired()) == (timedelta(0), True)

    @pytest.mark.parametrize("life", [timedelta(0), timedelta(seconds=-1), timedelta(days=-365)])
    def test_what_had_expired_when_it_came(self, clocks: Clocks, life: timedelta) -> None:
        assert (signed(life).remaining(), signed(life).is_expired()) == (timedelta(0), True)

    def test_counts_from_when_it_was_asked_for(self, clocks: Clocks) -> None:
        """The server set the end before its answer arrived."""
        url = signed(requested_at=clocks.now - 10)
        assert url.remaining() == HOUR - timedelta(seconds=10)

    def test_runs_on_the_real_clocks(self) -> None:
        url = signed(timedelta(seconds=100))
        assert timedelta(seconds=90) < url.remaining() <= timedelta(seconds=100)


class TestLeeway:
    @pytest.mark.parametrize(("leeway", "expired"), [(3599, False), (3600, True), (7200, True), (0, False)])
    def test_is_time_that_the_use_takes(self, clocks: Clocks, leeway: int, expired: bool) -> None:
        assert signed().is_expired(leeway=timedelta(seconds=leeway)) is expired

    def test_is_not_negative(self) -> None:
        with pytest.raises(ValueError, match=r"^leeway must not be negative: an expired URL does not work again$"):
            signed().is_expired(leeway=timedelta(microseconds=-1))

    @pytest.mark.parametrize("leeway", [60, 1.5, None, "60"])
    def test_is_a_timedelta(self, leeway: Any) -> None:
        with pytest.raises(TypeError, match=r"^leeway must be a timedelta, not "):
            signed().is_expired(leeway=leeway)


class TestAnswers:
    def test_fields(self, clocks: Clocks) -> None:
        url = answered()
        assert (url.url, url.expires_at) == (SECRET, END)
        assert (url.name, url.extension, url.type) == ("cat", "png", "IMG")
        assert (url.size, url.width, url.height) == (9, 3, 4)

    def test_fields_that_hubspot_left_out(self, clocks: Clocks) -> None:
        url = signed_url_from(
            models.SignedUrl(url=SECRET, expires_at=END),
            ReceivedResponse(200, httpx.Headers(), b"", 0, 0),
            lifetime=None,
        )
        assert [url.name, url.extension, url.type, url.size, url.width, url.height] == [None] * 6

    @pytest.mark.parametrize(
        "skew", [timedelta(0), timedelta(days=-3650), timedelta(days=3650), timedelta(minutes=-59)]
    )
    def test_a_skewed_clock_of_this_machine_makes_no_difference(self, clocks: Clocks, skew: timedelta) -> None:
        clocks.wall += skew.total_seconds()
        url = answered()
        assert url.expires_at == END
        assert url.remaining() == HOUR - RESOLUTION
        clocks.pass_time(3598)
        assert not url.is_expired()
        clocks.pass_time(1)
        assert url.is_expired()

    def test_time_that_the_answer_took_counts(self, clocks: Clocks) -> None:
        clocks.pass_time(20)
        url = answered(sent_at=1000.0)
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
    def test_without_a_date_this_machines_clock_has_to_do(self, clocks: Clocks, date: str | None) -> None:
        assert answered(date=date).remaining() == HOUR
        clocks.wall += 600
        clocks.now += 600
        assert answered(date=date, sent_at=1600.0).remaining() == HOUR - timedelta(minutes=10)
        assert answered(date=date, sent_at=1590.0).remaining() == HOUR - timedelta(minutes=10)

    def test_a_date_without_a_zone_is_utc(self, clocks: Clocks) -> None:
        assert answered(date="Fri, 01 May 2026 12:00:00 -0000").remaining() == HOUR - RESOLUTION

    def test_a_date_of_another_zone(self, clocks: Clocks) -> None:
        assert answered(date="Fri, 01 May 2026 14:00:00 +0200").remaining() == HOUR - RESOLUTION

    @pytest.mark.parametrize("number", [int(END.timestamp()) * 1000, int(END.timestamp())])
    def test_the_legacy_routes_numbers(self, clocks: Clocks, number: int) -> None:
        """Milliseconds by its documentation; what is too small for that is seconds."""
        url = answered(number)
        assert url.expires_at == END
        assert url.remaining() == HOUR - RESOLUTION

    def test_where_seconds_end_and_milliseconds_begin(self, clocks: Clocks) -> None:
        assert answered(100_000_000_000).expires_at.year == 5138
        assert answered(100_000_000_001).expires_at.year == 1973

    def test_milliseconds_keep_their_fraction(self, clocks: Clocks) -> None:
        assert answered(int(END.timestamp()) * 1000 + 250).expires_at == END + timedelta(milliseconds=250)

    def test_an_end_of_another_zone(self, clocks: Clocks) -> None:
        assert answered(END.astimezone(timezone(timedelta(hours=-5)))).remaining() == HOUR - RESOLUTION

    def test_an_end_without_a_zone_is_utc(self, clocks: Clocks) -> None:
        assert answered(END.replace(tzinfo=None)).expires_at == END

    def test_an_end_in_the_past(self, clocks: Clocks) -> None:
        assert answered(NOW - HOUR).is_expired()

    @pytest.mark.parametrize(("date", "start"), [(format_datetime(NOW, usegmt=True), NOW + RESOLUTION), (None, NOW)])
    def test_no_end_is_what_was_asked_for(self, clocks: Clocks, date: str | None, start: datetime) -> None:
        url = answered(None, asked=600, date=date)
        assert url.expires_at == start + timedelta(minutes=10)
        assert url.remaining() == timedelta(minutes=10)

    def test_what_hubspot_says_goes_before_what_was_asked_for(self, clocks: Clocks) -> None:
        assert answered(END, asked=600).remaining() == HOUR - RESOLUTION

    def test_no_end_and_none_asked_for(self, clocks: Clocks) -> None:
        with pytest.raises(
            ValueError, match=r"^it does not say when the URL expires; pass expires_in=, which is then used$"
        ):
            answered(None)

    @pytest.mark.parametrize(
        ("expires_at", "asked"), [(10**30, None), (10**18, None), (-(10**18), None), (None, 10**13), (None, 10**30)]
    )
    def test_an_end_that_no_calendar_has(self, clocks: Clocks, expires_at: int | None, asked: int | None) -> None:
        with pytest.raises(ValueError, match=r"^the expiry of the URL is out of range: |out of range$"):
            answered(expires_at, asked=asked)

    @pytest.mark.parametrize("url", ["", None, 5, ["https://storage.example.net"]])
    def test_no_url(self, clocks: Clocks, url: Any) -> None:
        with pytest.raises(ValueError, match=r"^its url is empty$"):
            signed_url_from(
                models.SignedUrl(url=url, expires_at=END),
                ReceivedResponse(200, httpx.Headers(), b"", 0, 0),
                lifetime=None,
            )

    @given(st.datetimes(timezones=st.just(UTC)), st.text(st.characters(max_codepoint=255)) | st.none())
    def test_any_end_with_any_date_has_a_time_left_that_is_none_or_more(self, end: datetime, date: str | None) -> None:
        headers = httpx.Headers() if date is None else httpx.Headers({"date": date.encode("latin-1")})
        reply = ReceivedResponse(200, headers, b"", time.monotonic(), 0.0)
        url = signed_url_from(models.SignedUrl(url=SECRET, expires_at=end), reply, lifetime=None)
        assert url.remaining() >= timedelta(0)


class TestMisuse:
    def test_an_end_without_a_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"^expires_at has no time zone; use datetime\(\.\.\., tzinfo=UTC\)$"):
            SignedUrl(SECRET, END.replace(tzinfo=None), life=HOUR)

    def test_what_is_given_by_name_only(self) -> None:
        url = SignedUrl(url=SECRET, expires_at=END, life=HOUR)
        with pytest.raises(TypeError, match="positional"):
            SignedUrl(SECRET, END, HOUR)  # type: ignore[misc]  # the point of the test
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
    def test_is_not_shown(self, show: Callable[[SignedUrl], str]) -> None:
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
    def test_is_no_text_that_a_redirect_could_lead_to(self, use: Callable[[SignedUrl], object]) -> None:
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
    def test_nor_does_anything_take_it_for_a_url(self, use: Callable[[Any], object]) -> None:
        with pytest.raises((TypeError, AttributeError)) as caught:
            use(signed())
        assert "s3cr3t" not in str(caught.value)

    def test_a_line_of_a_log_does_not_fail_the_program(self, capsys: pytest.CaptureFixture[str]) -> None:
        logger = logging.Logger("test")
        logger.addHandler(logging.StreamHandler())
        logger.warning("is %s", signed())
        logger.warning("is %r", signed())
        shown = capsys.readouterr().err
        assert "TypeError: a SignedUrl is not a str" in shown
        assert "is <SignedUrl of 'cat.png', expires " in shown
        assert "s3cr3t" not in shown

    @pytest.mark.parametrize(
        ("name", "extension", "shown"),
        [(None, None, "file"), ("cat", None, "cat"), (None, "png", "png"), ("a", "b", "a.b")],
    )
    def test_whatever_is_known_of_the_file_is_shown(self, name: Any, extension: Any, shown: str) -> None:
        assert repr(signed(name=name, extension=extension)).startswith(f"<SignedUrl of {shown!r}, expires ")

    def test_is_in_no_dict_that_a_debugger_or_logger_prints(self) -> None:
        with pytest.raises(TypeError, match=r"__dict__"):
            vars(signed())

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_is_not_pickled(self, protocol: int) -> None:
        with pytest.raises(TypeError, match=r"^a SignedUrl holds a secret and cannot be pickled; use its url"):
            pickle.dumps(signed(), protocol)

    def test_a_copy_is_the_same(self) -> None:
        url = signed()
        assert copy.copy(url) is url
        assert copy.deepcopy({"url": url})["url"] is url
