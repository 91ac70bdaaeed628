"""URLs and paths to which a secret may be sent."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hubspot_files._http.urls import check_base_url, check_path, is_loopback, is_trusted, may_lead, why_not


class TestMayLead:
    @pytest.mark.promise("If the API is on this machine, http to this machine is followed too, but not from https.")
    @pytest.mark.parametrize(
        ("url", "to"),
        [
            ("https://api.hubapi.com", "https://storage.example.net/a"),
            ("https://api.hubapi.com", "https://10.0.0.1/a"),
            ("http://127.0.0.1:1", "http://localhost:2/a"),
            ("http://localhost", "https://storage.example.net/a"),
            ("https://localhost", "https://127.0.0.1/a"),
        ],
    )
    def test_allows_https_and_localhost_to_localhost(self, url: str, to: str) -> None:
        assert may_lead(url, to) is True

    @pytest.mark.promise(
        "A signed URL or a redirect of content is followed to https only, without the token, and from "
        "another machine never to `localhost` or an address of this one."
    )
    @pytest.mark.parametrize("scheme", ["http", "https"])
    @pytest.mark.parametrize(
        "host",
        [
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "localhost.localdomain",
            "localhost6",
            "ip6-localhost",
            "ip6-loopback",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0.0.0.0",
            "0",
            "0.1.2.3",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:0.0.0.0]",
        ],
    )
    def test_refuses_localhost_from_another_host(self, scheme: str, host: str) -> None:
        assert may_lead("https://storage.example.net/a", f"{scheme}://{host}:8080/a") is False

    @pytest.mark.promise("If the API is on this machine, http to this machine is followed too, but not from https.")
    @pytest.mark.parametrize(
        ("url", "to"),
        [
            ("https://localhost", "http://localhost/a"),
            ("https://api.hubapi.com", "http://storage.example.net/a"),
            ("http://localhost", "http://storage.example.net/a"),
            ("http://localhost", "file:///etc/passwd"),
        ],
    )
    def test_refuses_a_downgrade(self, url: str, to: str) -> None:
        assert may_lead(url, to) is False

    @pytest.mark.promise(
        "Content of an emulator, whose `base_url` is http on another machine, is followed over http on the same host "
        "only."
    )
    def test_of_an_emulator_allows_http_on_its_host_only(self) -> None:
        emulator = "http://emulator:8080"
        for allowed in ("http://emulator:8081/a?b", "http://EMULATOR/", "https://storage.example.net/a"):
            assert may_lead(emulator, allowed) is True
        for refused in (
            "http://storage:8081/a",
            "http://localhost:8081/a",
            "https://localhost:8081/a",
            "http://127.0.0.1/a",
            "http://user@emulator.example.net/a",
            "http://emulator:0/a",
            "ftp://emulator/a",
            "http://[::1",
        ):
            assert may_lead(emulator, refused) is False
        assert may_lead("https://emulator:8080", "http://emulator:8081/a") is False

    @pytest.mark.parametrize(
        ("url", "to", "reason"),
        [
            ("https://api.hubapi.com", "ftp://a/b?sig=1", "it is not a valid URL of https"),
            ("https://api.hubapi.com", "http://storage/b?sig=1", "it leads to storage without https"),
            (
                "https://api.hubapi.com",
                "https://localhost/b?sig=1",
                "it leads from api.hubapi.com to this machine (localhost)",
            ),
            (
                "http://emulator:8080",
                "http://127.0.0.1:8081/b?sig=1",
                "it leads from emulator to this machine (127.0.0.1); start the emulator with a --base-url and a "
                "--storage-url on emulator",
            ),
            (
                "http://localhost:8080",
                "http://emulator:8081/b?sig=1",
                "it leads to emulator without https; start the emulator with a --base-url and a --storage-url on "
                "localhost",
            ),
        ],
    )
    def test_says_why(self, url: str, to: str, reason: str) -> None:
        assert may_lead(url, to) is False
        assert why_not(url, to) == reason


class TestIsTrusted:
    def test_accepts_http_for_an_emulator(self) -> None:
        assert is_trusted("http://emulator:8080", emulated=True) is True
        for url in ("ftp://emulator", "http://", "http://emulator:0", "emulator"):
            assert is_trusted(url, emulated=True) is False

    @pytest.mark.parametrize(
        "url",
        [
            "https://api.hubapi.com",
            "HTTPS://API.HUBAPI.COM/files?x=1",
            "https://127.0.0.1:8443",
            "https://[2001:db8::1]/",
            "http://localhost",
            "http://LOCALHOST:8080/files",
            "http://127.0.0.1:1",
            "http://127.9.9.9",
            "http://[::1]:8080",
        ],
    )
    def test_accepts_https_and_localhost(self, url: str) -> None:
        assert is_trusted(url) is True

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "api.hubapi.com",
            "//api.hubapi.com",
            "http://api.hubapi.com",
            "http://localhost.example.net",
            "http://127.0.0.1.example.net",
            "http://localhost@example.net",
            "http://0.0.0.0",
            "http://10.0.0.1",
            "http://2130706433",
            "ftp://localhost",
            "file:///etc/passwd",
            "https://",
            "https:///files",
            "https://:443",
            "https://host:0",
            "https://host:99999",
            "https://host:port",
            "https://[::1",
        ],
    )
    def test_refuses_other_urls(self, url: str) -> None:
        assert is_trusted(url) is False

    @given(st.text() | st.from_regex(r"(https?|ftp):/?/?[a-z0-9.@:\[\]\\]*/?.*"))
    def test_never_raises(self, url: str) -> None:
        assert is_trusted(url) in (True, False)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.1", True),
        ("::1", True),
        ("example.net", False),
        ("", False),
    ],
)
def test_is_loopback(host: str, here: bool) -> None:
    assert is_loopback(host) is here


class TestCheckBaseUrl:
    @pytest.mark.parametrize(
        ("url", "checked"),
        [
            ("https://api.hubapi.com", "https://api.hubapi.com"),
            ("https://api.hubapi.com/", "https://api.hubapi.com"),
            ("https://proxy.example.net:8443/hubspot/", "https://proxy.example.net:8443/hubspot"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ],
    )
    def test_removes_a_trailing_slash(self, url: str, checked: str) -> None:
        assert check_base_url(url) == checked

    @pytest.mark.parametrize(
        "url", ["http://api.hubapi.com", "api.hubapi.com", "https://", "https://[::1", "ws://localhost"]
    )
    def test_requires_https(self, url: str) -> None:
        with pytest.raises(
            ValueError, match=rf"^base_url {re.escape(repr(url))} must be https://host, because the access"
        ):
            check_base_url(url)

    @pytest.mark.parametrize(
        "url",
        [
            "https://user:password@api.hubapi.com",
            "https://user@api.hubapi.com",
            "https://@api.hubapi.com",
            "https://api.hubapi.com?a=b",
            "https://api.hubapi.com#a",
            "https://api.hubapi.com?",
            "https://api.hubapi.com/#",
        ],
    )
    def test_refuses_other_components(self, url: str) -> None:
        with pytest.raises(
            ValueError, match=r"scheme, host, maybe a port and a path: no user, no query, no fragment$"
        ) as caught:
            check_base_url(url)
        assert "password" not in str(caught.value)

    @pytest.mark.parametrize("url", ["https://api.hubapi.com\n", " https://api.hubapi.com", "https://api.hub\tapi.com"])
    def test_refuses_spaces_and_line_ends(self, url: str) -> None:
        with pytest.raises(ValueError, match=r"must be without spaces and line ends$"):
            check_base_url(url)

    @pytest.mark.parametrize("path", ["/files", "/files/", "/files/v3", "/files/v3/"])
    def test_refuses_the_path_of_the_api(self, path: str) -> None:
        with pytest.raises(ValueError, match=r"must end before the path of the API: 'https://api\.hubapi\.com'$"):
            check_base_url(f"https://api.hubapi.com{path}")

    @pytest.mark.parametrize("url", [b"https://api.hubapi.com", 1, httpx.URL("https://api.hubapi.com")])
    def test_must_be_a_str(self, url: Any) -> None:
        with pytest.raises(TypeError, match=rf"^base_url must be a str, not {type(url).__name__}$"):
            check_base_url(url)

    @given(st.text() | st.from_regex(r"https?://[a-z0-9.@:?#/\\\[\]]*", fullmatch=True))
    @example("https://a/?b")
    def test_valid_urls_are_unchanged_by_httpx(self, url: str) -> None:
        try:
            checked = check_base_url(url)
        except ValueError:
            return
        try:
            sent_to = httpx.URL(f"{checked}/files/v3/files/1")
        except httpx.InvalidURL:
            # It is refused there, and nothing is sent.
            return
        assert sent_to.path.endswith("/files/v3/files/1")
        assert (sent_to.userinfo, sent_to.query, sent_to.fragment) == (b"", b"", "")
        assert sent_to.scheme == "https" or is_loopback(sent_to.host)


class TestCheckPath:
    @pytest.mark.parametrize("path", ["/", "/files/v3/files/1", "/a%20b", "/a/...", "/.a", "/a//b", "/%2f"])
    def test_returns_a_valid_path_unchanged(self, path: str) -> None:
        assert check_path(path) == path

    @pytest.mark.parametrize("path", ["", "a", "https://example.net/", "//example.net/a", "/ä", "/a\n", "/\x00"])
    def test_must_be_quoted_and_on_this_api(self, path: str) -> None:
        with pytest.raises(ValueError, match=r"must be a quoted path on this API, such as '/files/2026-03/files/1'$"):
            check_path(path)

    @pytest.mark.parametrize("path", ["/a?b=c", "/a?", "/a#b", "/?"])
    def test_refuses_a_query(self, path: str) -> None:
        with pytest.raises(ValueError, match=r"must be without a query: pass params=$"):
            check_path(path)

    @pytest.mark.parametrize("path", ["/..", "/.", "/a/../b", "/a/.", "/%2e%2e/a", "/%2E./a", "/a/.%2e"])
    def test_refuses_dot_segments(self, path: str) -> None:
        with pytest.raises(ValueError, match=r"contains '\.' or '\.\.', which would change it$"):
            check_path(path)

    @pytest.mark.parametrize("path", [None, 1, b"/a", httpx.URL("/a")])
    def test_must_be_a_str(self, path: Any) -> None:
        with pytest.raises(
            TypeError, match=rf"^path must be a str such as '/files/2026-03/files/1', not {type(path).__name__}$"
        ):
            check_path(path)

    @given(st.from_regex(r"[/.%2eE?#\\a]*", fullmatch=True))
    def test_a_valid_path_is_sent_unchanged(self, path: str) -> None:
        try:
            checked = check_path(path)
        except ValueError:
            return
        sent = httpx.URL(f"https://api.hubapi.com{checked}")
        assert (sent.host, sent.query) == ("api.hubapi.com", b"")
        assert sent.raw_path.count(b"/") == checked.count("/")
