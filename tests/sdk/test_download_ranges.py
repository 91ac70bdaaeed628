"""Resumed downloads with any sizes and cuts, from storage hosts that may break the rules, never yield a wrong file."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hubspot_files import ConnectionFailedError, HubSpotFiles, HubSpotFilesError

from .support import FILE, STORAGE, Content

SIGNED = {"url": f"{STORAGE}/cat.png?sig=secret", "expiresAt": "2999-01-01T00:00:00Z"}
CUTS = st.sampled_from(
    [httpx.ReadError("reset"), httpx.ReadTimeout("timed out"), httpx.RemoteProtocolError("incomplete chunked read")]
)
CONTENTS = st.binary(max_size=40) | st.integers(0, 200).map(lambda size: bytes(index % 251 for index in range(size)))


class Host(httpx.BaseTransport):
    """HubSpot with one file; each request for content takes the next response, and the last one is repeated.

    Attributes:
        requests: the requests for content.
    """

    def __init__(self, record: dict[str, Any], responses: Sequence[Callable[[httpx.Request], httpx.Response]]) -> None:
        self.record = record
        self.responses = list(responses)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.hubapi.com":
            return httpx.Response(200, json=SIGNED if request.url.path.endswith("/signed-url") else self.record)
        self.requests.append(request)
        return (self.responses.pop(0) if len(self.responses) > 1 else self.responses[0])(request)


def recorded(content: bytes, *, sized: bool = True, hashed: bool = True) -> dict[str, Any]:
    """Return the record of a file with that content."""
    record = {name: value for name, value in FILE.items() if name not in ("size", "fileMd5")}
    if sized:
        record["size"] = len(content)
    if hashed:
        record["fileMd5"] = hashlib.md5(content).hexdigest()
    return record


def outcomes(host: Host, max_retries: int) -> Iterator[bytes | HubSpotFilesError]:
    """Return the content or the error of each way to fetch the file, and check that no other file is left."""
    responses = list(host.responses)

    def to_path(hubspot: HubSpotFiles) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            try:
                hubspot.files.download("1", Path(folder, "copy"))
            except HubSpotFilesError:
                assert list(Path(folder).iterdir()) == []
                raise
            assert [path.name for path in Path(folder).iterdir()] == ["copy"]
            return Path(folder, "copy").read_bytes()

    def to_stream(hubspot: HubSpotFiles) -> bytes:
        into = io.BytesIO()
        hubspot.files.download("1", into)
        return into.getvalue()

    def streamed(hubspot: HubSpotFiles) -> bytes:
        with hubspot.files.stream("1") as content:
            return b"".join(content)

    for fetch in (to_path, to_stream, streamed, lambda hubspot: hubspot.files.read("1")):
        host.responses, host.requests = list(responses), []
        connections = httpx.Client(transport=host)
        with HubSpotFiles("token", max_retries=max_retries, http_client=connections) as hubspot:
            try:
                yield fetch(hubspot)
            except HubSpotFilesError as error:
                yield error


@dataclasses.dataclass(frozen=True)
class Conforming:
    """A host that follows RFC 9110 and cuts the connection after some bytes, unless the error is None.

    Attributes:
        etag: the ETag of the current content.
        heeds: whether it supports If-Range, as it must, and ranges at all, as it need not.
    """

    content: bytes
    etag: str | None
    cut: int | None = None
    error: Exception = httpx.ReadError("reset")  # noqa: RUF009 - it is never changed
    supports_ranges: bool = True
    ranges: bool = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        headers = {} if self.etag is None else {"etag": self.etag}
        match = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", "")) if self.ranges else None
        body, status = self.content, 200
        if match and not (self.supports_ranges and request.headers.get("if-range", self.etag) != self.etag):
            if int(match[1]) >= len(self.content):
                headers["content-range"] = f"bytes */{len(self.content)}"
                return httpx.Response(416, headers=headers)
            body, status = self.content[int(match[1]) :], 206
            headers["content-range"] = f"bytes {match[1]}-{len(self.content) - 1}/{len(self.content)}"
        if self.cut is None:
            return httpx.Response(status, headers=headers, stream=Content(body))
        # In two chunks, so that a cut is not always at the end of one.
        kept = body[: self.cut]
        return httpx.Response(status, headers=headers, stream=Content(kept[:3], kept[3:], self.error))


class TestConformingHost:
    @given(CONTENTS, st.lists(st.tuples(st.integers(0, 60), CUTS), max_size=6), st.integers(0, 6))
    def test_cuts_do_not_change_the_content(
        self, content: bytes, cuts: list[tuple[int, Exception]], max_retries: int
    ) -> None:
        responses = [Conforming(content, '"v1"', cut, error) for cut, error in cuts]
        host = Host(recorded(content), [*responses, Conforming(content, '"v1"')])
        got, sizes = 0, []
        for cut, _ in cuts[: max_retries + 1]:
            got = min(got + cut, len(content))
            sizes.append(got)
            if 0 < got == len(content):
                break
        complete = 0 < got == len(content)
        for outcome in outcomes(host, max_retries):
            if len(cuts) > max_retries and not complete:
                assert isinstance(outcome, ConnectionFailedError)
            else:
                assert outcome == content
            # No byte is fetched again, and no request is sent after the end.
            starts = (0, *sizes) if len(sizes) <= max_retries and not complete else (0, *sizes[:-1])
            ranges = [request.headers.get("range", "bytes=0-") for request in host.requests]
            assert ranges == [f"bytes={start}-" for start in starts]
            conditions = {request.headers.get("if-range", '"v1"') for request in host.requests}
            assert conditions == {'"v1"'}

    @pytest.mark.promise(
        "A download that is cut is resumed if the storage host's ETag says that the content is still the "
        "same, and raises the error otherwise."
    )
    @given(
        st.lists(st.tuples(CONTENTS, st.sampled_from(['"a"', '"b"', 'W/"a"', None])), min_size=1, max_size=4),
        st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.booleans()), min_size=4, max_size=4),
        st.booleans(),
    )
    @example([(b"first", '"a"'), (b"other", '"b"')], [(2, False, True)] * 4, False)
    def test_contents_are_never_mixed(
        self, versions: list[tuple[bytes, str | None]], manners: list[tuple[int, bool, bool]], hashed: bool
    ) -> None:
        """The file is replaced during the download, and only the ETag shows it."""
        tagged = {etag: content for content, etag in versions}
        responses = [
            Conforming(tagged[etag], etag, cut, supports_ranges=supports_ranges, ranges=ranges)
            for (_, etag), (cut, supports_ranges, ranges) in zip(versions, manners, strict=False)
        ]
        responses.append(dataclasses.replace(responses[-1], cut=None))
        host = Host(recorded(responses[0].content, sized=hashed, hashed=hashed), responses)
        for outcome in outcomes(host, 4):
            complete = [responses[0].content] if hashed else tagged.values()
            assert isinstance(outcome, HubSpotFilesError) or outcome in complete


def content_range(first: int | str, last: int | str, size: int | str) -> str:
    return f"bytes {first}-{last}/{size}"


NUMBERS = st.integers(0, 45) | st.sampled_from([10**18, 10**30]) | st.just("*")
CONTENT_RANGES = (
    st.none() | st.builds(content_range, NUMBERS, NUMBERS, NUMBERS) | st.text(st.characters(max_codepoint=255))
)


@st.composite
def wrong_responses(draw: st.DrawFn, content: bytes) -> Callable[[httpx.Request], httpx.Response]:
    """Draw any response, mostly one that nearly fits."""
    status = draw(st.sampled_from([200, 206, 206, 206, 204, 416, 403, 503, 302]))
    fits = draw(st.booleans())
    given_range = draw(CONTENT_RANGES)
    etag = draw(st.sampled_from(['"v1"', '"v2"', 'W/"v1"', None]))
    other = draw(st.sampled_from([content, content[::-1], content + b"x", content[:-1], b""]))
    shift = draw(st.sampled_from([0, 0, 0, 1, -1]))
    cut = draw(st.none() | st.integers(0, 45))
    error = draw(st.none() | CUTS)

    def respond(request: httpx.Request) -> httpx.Response:
        headers = {} if etag is None else {"etag": etag}
        match = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        start = int(match[1]) if match else 0
        span = content_range(start, len(content) - 1, len(content)) if fits else given_range
        if span is not None:
            headers["content-range"] = span
        body = (other[max(start + shift, 0) :] if status == 206 else other)[:cut]
        chunks: list[bytes | Exception] = [body] if error is None else [body, error]
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        return httpx.Response(status, headers=raw, stream=Content(*chunks))

    return respond


class TestNonConformingHost:
    @given(st.data(), CONTENTS, st.integers(0, 3))
    def test_the_result_is_the_content_or_an_error(self, data: st.DataObject, content: bytes, max_retries: int) -> None:
        responses = data.draw(st.lists(wrong_responses(content), min_size=1, max_size=5))
        host = Host(json.loads(json.dumps(recorded(content))), responses)
        for outcome in outcomes(host, max_retries):
            assert isinstance(outcome, HubSpotFilesError) or outcome == content
