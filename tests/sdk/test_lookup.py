"""The lookup after a lost response: the file or folder that counts as created by the request, and those that do not."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import respx

from hubspot_files import (
    ConflictError,
    ConnectionFailedError,
    OutcomeUnknownError,
    RequestTimeoutError,
    ServerError,
    UnexpectedResponseError,
)
from hubspot_files._content.upload_body import UploadBody
from hubspot_files._engine.retry_budget import RetryBudget
from hubspot_files.testing import Clock, Emulator

from .support import BASE_URL, FILE, FOLDER, Client, FakeClock, versioned

CONTENT = b"what is uploaded"
MD5 = hashlib.md5(CONTENT).hexdigest()
# The server's time when an upload starts, and the seconds that the upload takes.
STARTED_AT = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
TAKES = 30
CREATED = "2026-03-01T12:00:00.000Z"
BEFORE = "2026-03-01T11:59:59.999Z"


def record(**fields: Any) -> dict[str, Any]:
    """Return the record that the upload leaves at the requested path; a field set to None is left out."""
    full = {**FILE, "id": "77", "path": None, "createdAt": CREATED, "size": len(CONTENT), "fileMd5": MD5, **fields}
    return {name: value for name, value in full.items() if value is not None}


def folder(**fields: Any) -> dict[str, Any]:
    full = {**FOLDER, "id": "88", "path": None, "createdAt": CREATED, **fields}
    return {name: value for name, value in full.items() if value is not None}


def at_its_path(body: dict[str, Any], request: httpx.Request) -> dict[str, Any]:
    """Set the record's path in the response to a lookup to the requested one, unless it has a path."""
    path = "/" + unquote(request.url.raw_path.decode().partition("/stat/")[2])
    return {key: value and {"path": path, **value} for key, value in body.items()}


class HubSpot:
    """Lose the responses to creations, and respond to lookups.

    Attributes:
        creating: the routes of the creations.
        stat: the route of the lookup.
    """

    def __init__(self, api: respx.MockRouter, clock: FakeClock) -> None:
        self.api, self.clock, self.started = api, clock, clock.now
        self.file = api.post("/files/v3/files").mock(side_effect=self.lose)
        self.folder = api.post("/files/v3/folders").mock(side_effect=self.lose)
        self.stat = api.get(url__startswith=f"{BASE_URL}/files/v3/files/stat/")
        self.respond_to_lookup({})

    def lose(self, request: httpx.Request) -> httpx.Response:
        self.clock.now += TAKES
        raise httpx.ReadTimeout("late")

    @property
    def date(self) -> str:
        """Return the server's time as a Date header, in whole seconds."""
        return format_datetime(STARTED_AT + timedelta(seconds=int(self.clock.now - self.started)), usegmt=True)

    def respond_to_lookup(self, body: Any, *before: Any, headers: dict[str, str] | None = None) -> None:
        """Respond to the lookup, after other responses."""
        left = list(before)

        def respond(request: httpx.Request) -> httpx.Response:
            if left:
                first = left.pop(0)
                if isinstance(first, Exception):
                    raise first
                return first
            return httpx.Response(
                200, json=at_its_path(body, request), headers={"date": self.date} if headers is None else headers
            )

        self.stat.mock(side_effect=respond)

    @property
    def lookups(self) -> list[str]:
        return [call.request.url.raw_path.decode().partition("/stat/")[2] for call in self.stat.calls]


@pytest.fixture
def hubspot(api: respx.MockRouter, clock: FakeClock) -> HubSpot:
    return HubSpot(api, clock)


def uploads(source: Any = CONTENT, **options: Any) -> Callable[[Any], Any]:
    where = {} if "folder_id" in options else {"folder_path": "/library/cat_archive"}
    arguments = {"name": "cat.png", **where, **options}
    return lambda hubspot: hubspot.files.upload(source, **arguments)


class TestUploadIsFound:
    @pytest.mark.promise(
        "It succeeds if there is a file of the same MD5, size and access that was created since the first "
        "attempt, by HubSpot's clock."
    )
    def test_the_call_returns_it(self, client: Client, hubspot: HubSpot, sleeps: list[float]) -> None:
        hubspot.respond_to_lookup({"file": record()})
        file = client(uploads())
        assert (file.id, file.size, file.file_md5) == ("77", len(CONTENT), MD5)
        assert hubspot.lookups == ["library/cat_archive/cat.png"]
        assert hubspot.file.call_count == 1
        assert sleeps == []

    def test_is_unknown_if_the_source_cannot_be_read_again(
        self, client: Client, hubspot: HubSpot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_: UploadBody) -> str:
            raise OSError("the disk is gone")

        monkeypatch.setattr(UploadBody, "md5", fail)
        hubspot.respond_to_lookup({"file": record()})
        with pytest.raises(OutcomeUnknownError):
            client(uploads())

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 524])
    def test_after_any_failure(self, client: Client, hubspot: HubSpot, status: int) -> None:
        hubspot.file.mock(side_effect=[httpx.Response(status)])
        hubspot.respond_to_lookup({"file": record()})
        assert client(uploads()).id == "77"

    def test_after_an_unreadable_response(self, client: Client, hubspot: HubSpot) -> None:
        hubspot.file.mock(side_effect=[httpx.Response(201, html="<html>")])
        hubspot.respond_to_lookup({"file": record()})
        assert client(uploads()).id == "77"

    @pytest.mark.parametrize(
        "fields",
        [
            {"createdAt": "2026-03-01T12:00:29.999Z"},
            {"createdAt": "2026-03-01T13:00:00+01:00"},
            {"createdAt": "2026-03-01T12:00:00"},
            {"fileMd5": MD5.upper()},
            {"path": "/Library/Cat_Archive/CAT.png"},
            {"path": None},
        ],
        ids=["later", "another zone", "no zone", "upper case", "path in other case", "no path"],
    )
    @pytest.mark.unlike_hubspot("a time without its zone")
    def test_with_various_records(self, client: Client, hubspot: HubSpot, fields: dict[str, Any]) -> None:
        hubspot.respond_to_lookup({"file": record(**fields)})
        assert client(uploads()).id == "77"

    def test_after_several_attempts(
        self, client: Client, hubspot: HubSpot, clock: FakeClock, sleeps: list[float]
    ) -> None:
        """Any attempt since the first may have stored it."""

        def refuse(request: httpx.Request) -> httpx.Response:
            clock.now += TAKES
            return httpx.Response(429, headers={"retry-after": "20"})

        responses = iter([refuse, hubspot.lose])
        hubspot.file.mock(side_effect=lambda request: next(responses)(request))
        hubspot.respond_to_lookup({"file": record()}, httpx.Response(503), httpx.ReadError("reset"))
        assert client(uploads()).id == "77"
        assert hubspot.file.call_count == 2
        assert len(hubspot.lookups) == 3
        assert sleeps[0] == 20.0
        assert len(sleeps) == 3

    @pytest.mark.promise("An upload whose response was lost is looked up at its path.")
    @pytest.mark.parametrize(
        ("folder_path", "name", "path"),
        [
            ("/", "cat.png", "cat.png"),
            ("/library", "cat.png", "library/cat.png"),
            ("library/", "cat.png", "library/cat.png"),
            ("/my cats/ü", "a b?c.png", "my%20cats/%C3%BC/a%20b%3Fc.png"),
            ("/2024", "100%.png", "2024/100%25.png"),
        ],
    )
    def test_is_looked_up_at_its_path(
        self, client: Client, hubspot: HubSpot, folder_path: str, name: str, path: str
    ) -> None:
        hubspot.respond_to_lookup({"file": record()})
        assert client(uploads(folder_path=folder_path, name=name)).id == "77"
        assert hubspot.lookups == [path]

    def test_under_the_name_of_its_source(self, client: Client, hubspot: HubSpot, tmp_path: Path) -> None:
        (tmp_path / "dog.png").write_bytes(CONTENT)
        hubspot.respond_to_lookup({"file": record()})
        assert client(uploads(tmp_path / "dog.png", name=None, folder_path="/")).id == "77"
        assert hubspot.lookups == ["dog.png"]

    def test_a_folder_id_is_looked_up_first(self, client: Client, api: respx.MockRouter, hubspot: HubSpot) -> None:
        api.get("/files/v3/folders/5").respond(200, json=folder(id="5", path="/library/deep"))
        hubspot.respond_to_lookup({"file": record()})
        assert client(uploads(folder_id=5)).id == "77"
        assert hubspot.lookups == ["library/deep/cat.png"]

    def test_of_a_stream_from_its_position(self, client: Client, hubspot: HubSpot) -> None:
        stream = io.BytesIO(b"not this" + CONTENT)
        stream.seek(8)
        hubspot.respond_to_lookup({"file": record()})
        assert client(uploads(stream)).id == "77"
        assert not stream.closed

    def test_of_several_chunks(self, client: Client, hubspot: HubSpot, tmp_path: Path) -> None:
        content = bytes(range(256)) * 10_000
        (tmp_path / "cat.png").write_bytes(content)
        hubspot.respond_to_lookup({"file": record(size=len(content), fileMd5=hashlib.md5(content).hexdigest())})
        assert client(uploads(tmp_path / "cat.png")).id == "77"

    def test_applies_the_timeout_of_the_call(self, client: Client, api: respx.MockRouter, hubspot: HubSpot) -> None:
        api.get("/files/v3/folders/5").respond(200, json=folder(id="5", path="/library/deep"))
        hubspot.respond_to_lookup({"file": record()})
        client(uploads(folder_id=5, timeout=7))
        assert {call.request.extensions["timeout"]["read"] for call in api.calls} == {7}

    def test_within_the_deadline_of_the_call(self, client: Client, api: respx.MockRouter, hubspot: HubSpot) -> None:
        api.get("/files/v3/folders/5").respond(200, json=folder(id="5", path="/library/deep"))
        hubspot.respond_to_lookup({"file": record()})
        upload = uploads(folder_id=5)
        assert client(lambda hubspot: upload(hubspot.with_options(deadline=TAKES + 7))).id == "77"
        assert [call.request.extensions["timeout"]["read"] for call in api.calls] == [TAKES + 7, 7, 7]

    def test_with_a_retry_after_of_an_hour(self, client: Client, hubspot: HubSpot) -> None:
        hubspot.file.mock(side_effect=[httpx.Response(503, headers={"retry-after": "3600"})])
        hubspot.respond_to_lookup({"file": record()})
        assert client(uploads()).id == "77"

    def test_after_a_slow_lookup(self, client: Client, hubspot: HubSpot) -> None:
        """The Date header is of its end; the upload started before the lookup."""

        def slow(request: httpx.Request) -> httpx.Response:
            hubspot.clock.now += 5
            return httpx.Response(200, json={"file": record()}, headers={"date": hubspot.date})

        hubspot.stat.mock(side_effect=slow)
        assert client(uploads()).id == "77"


class TestUploadIsNotFound:
    def refused(self, client: Client, hubspot: HubSpot, cause: Any = RequestTimeoutError, **options: Any) -> str:
        """Check that the upload raises its own error and is not retried."""
        with pytest.raises(
            OutcomeUnknownError, match=rf"^POST {versioned('/files/v3/files')}: HubSpot may have done it"
        ) as caught:
            client(uploads(**options), max_retries=1)
        assert hubspot.file.call_count == 1
        assert isinstance(caught.value.__cause__, cause)
        return str(caught.value)

    @pytest.mark.promise(
        "It succeeds if there is a file of the same MD5, size and access that was created since the first "
        "attempt, by HubSpot's clock.",
        "In all other cases, `OutcomeUnknownError` is raised, because a retry could store the file twice.",
        "A file or folder that is looked up does not count if its record has another path.",
    )
    @pytest.mark.parametrize(
        "fields",
        [
            {"createdAt": BEFORE},
            {"createdAt": "2026-03-01T11:59:59"},
            {"createdAt": "2026-03-01T12:59:59+01:00"},
            {"createdAt": "2023-06-28T17:56:45.393Z"},
            {"fileMd5": hashlib.md5(b"another content!").hexdigest()},
            {"fileMd5": "0" * 32},
            {"fileMd5": "f" * 32},
            {"fileMd5": ""},
            {"fileMd5": None},
            {"size": len(CONTENT) + 1},
            {"size": None},
            {"access": "PUBLIC_INDEXABLE"},
            {"access": "HIDDEN_PRIVATE"},
            {"access": "SECRET_2031"},
            {"archived": True},
            {"path": "/library/another.png"},
        ],
        ids=lambda fields: json.dumps(fields),
    )
    @pytest.mark.unlike_hubspot("a time without its zone")
    def test_another_file_is_at_the_path(self, client: Client, hubspot: HubSpot, fields: dict[str, Any]) -> None:
        hubspot.respond_to_lookup({"file": record(**fields)})
        message = self.refused(client, hubspot)
        assert "It was looked up: the record at '/library/cat_archive/cat.png' may not be from this call." in message
        assert len(hubspot.lookups) == 1

    @pytest.mark.promise(
        "In all other cases, `OutcomeUnknownError` is raised, because a retry could store the file twice."
    )
    @pytest.mark.parametrize("body", [{}, {"folder": folder()}, {"file": None}])
    def test_no_file_is_at_the_path(self, client: Client, hubspot: HubSpot, body: Any) -> None:
        hubspot.respond_to_lookup(body)
        assert "Look with files.stat at its path" in self.refused(client, hubspot)

    def test_repeating_is_safe_with_overwrite(self, client: Client, hubspot: HubSpot) -> None:
        hubspot.respond_to_lookup({})
        message = self.refused(client, hubspot, overwrite=True)
        assert "Repeating the call is safe: with overwrite=True, one file of this name remains" in message
        assert "DuplicateCheck" not in message

    @pytest.mark.promise(
        "It succeeds if there is a file of the same MD5, size and access that was created since the first "
        "attempt, by HubSpot's clock."
    )
    @pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}, {"date": ""}])
    def test_without_the_servers_clock(self, client: Client, hubspot: HubSpot, headers: dict[str, str]) -> None:
        """This machine's clock may be wrong by hours."""
        hubspot.respond_to_lookup({"file": record()}, headers=headers)
        self.refused(client, hubspot)

    @pytest.mark.promise(
        "In all other cases, `OutcomeUnknownError` is raised, because a retry could store the file twice.",
        "The message of `OutcomeUnknownError` says in one line what failed, what the lookup found, and where to look.",
    )
    @pytest.mark.parametrize(
        "response",
        [
            httpx.Response(404),
            httpx.Response(403),
            httpx.Response(503),
            httpx.Response(200, html="<html>"),
            httpx.Response(200, json={"file": {"name": "cat"}}),
            httpx.ReadError("reset"),
            httpx.ConnectError("refused"),
        ],
        ids=lambda response: str(getattr(response, "status_code", type(response).__name__)),
    )
    def test_the_lookup_fails(self, client: Client, hubspot: HubSpot, response: Any) -> None:
        hubspot.respond_to_lookup({"file": record()}, response, response)
        message = self.refused(client, hubspot)
        assert "(no response in time (ReadTimeout); timeout= of the client or the call allows more seconds)" in message
        if isinstance(response, httpx.Response) and response.status_code == 404:
            assert "It was looked up: there is nothing at '/library/cat_archive/cat.png' yet." in message
        else:
            path = versioned("/files/v3/files/stat/library/cat_archive/cat.png")
            assert f"Looking it up failed (GET {path}: " in message
        assert "\n" not in message

    def test_the_folder_is_missing(self, client: Client, api: respx.MockRouter, hubspot: HubSpot) -> None:
        api.get("/files/v3/folders/5").respond(404)
        hubspot.respond_to_lookup({"file": record()})
        self.refused(client, hubspot, folder_id=5)
        assert hubspot.lookups == []

    @pytest.mark.parametrize("path", ["/library/../secret", "/a//b", "/..", "/a\n"])
    @pytest.mark.unlike_hubspot("paths that lead elsewhere are what it is about")
    def test_the_path_of_the_folder_is_unsafe(
        self, client: Client, api: respx.MockRouter, hubspot: HubSpot, path: str
    ) -> None:
        api.get("/files/v3/folders/5").respond(200, json=folder(id="5", path=path))
        self.refused(client, hubspot, folder_id=5)
        assert hubspot.lookups == []

    def test_the_folder_has_no_path(self, client: Client, api: respx.MockRouter, hubspot: HubSpot) -> None:
        api.get("/files/v3/folders/5").respond(200, json=folder(id="5", path=None))
        hubspot.respond_to_lookup({"file": record()})
        self.refused(client, hubspot, folder_id=5)
        assert hubspot.lookups == []

    def test_the_source_has_changed(self, client: Client, hubspot: HubSpot, clock: FakeClock, tmp_path: Path) -> None:
        path = tmp_path / "cat.png"
        path.write_bytes(CONTENT)

        def change(request: httpx.Request) -> httpx.Response:
            path.write_bytes(b"what was changed")
            return hubspot.lose(request)

        hubspot.file.mock(side_effect=change)
        hubspot.respond_to_lookup({"file": record()})
        self.refused(client, hubspot, source=path)

    @pytest.mark.parametrize(
        ("response", "cause"), [(httpx.Response(502), ServerError), (httpx.Response(200), UnexpectedResponseError)]
    )
    def test_the_cause_is_the_error_of_the_upload(
        self, client: Client, hubspot: HubSpot, response: httpx.Response, cause: type[Exception]
    ) -> None:
        hubspot.file.mock(side_effect=[response])
        hubspot.respond_to_lookup({}, httpx.Response(404))
        self.refused(client, hubspot, cause=cause)

    def test_an_upload_that_was_not_fully_sent_is_not_looked_up(self, client: Client, hubspot: HubSpot) -> None:
        hubspot.file.mock(side_effect=httpx.ConnectError("refused"))
        with pytest.raises(ConnectionFailedError):
            client(uploads(), max_retries=1)
        assert hubspot.lookups == []


def creates(**options: Any) -> Callable[[Any], Any]:
    return lambda hubspot: hubspot.folders.create("cats", **options)


class TestFolder:
    @pytest.mark.promise(
        "A folder whose response was lost is looked up at its path, and succeeds if it was created since "
        "the first attempt."
    )
    def test_created_since_is_returned(self, client: Client, hubspot: HubSpot, sleeps: list[float]) -> None:
        hubspot.respond_to_lookup({"folder": folder()})
        assert client(creates()).id == "88"
        assert hubspot.lookups == ["cats"]
        assert hubspot.folder.call_count == 1
        assert sleeps == []

    @pytest.mark.unlike_hubspot("a time without its zone")
    def test_with_an_unreadable_response(self, client: Client, hubspot: HubSpot) -> None:
        hubspot.folder.mock(side_effect=[httpx.Response(201, json={})])
        hubspot.respond_to_lookup({"folder": folder(createdAt="2026-03-01T12:00:00")})
        assert client(creates()).id == "88"

    @pytest.mark.promise(
        "A folder whose response was lost is looked up at its path, and succeeds if it was created since "
        "the first attempt."
    )
    @pytest.mark.parametrize(
        ("options", "path"),
        [
            ({"parent_path": "/"}, "cats"),
            ({"parent_path": "/library"}, "library/cats"),
            ({"parent_path": "/2024"}, "2024/cats"),
            ({"parent_folder_id": 5}, "library/deep/cats"),
        ],
    )
    def test_is_looked_up_at_its_path(
        self, client: Client, api: respx.MockRouter, hubspot: HubSpot, options: dict[str, Any], path: str
    ) -> None:
        api.get("/files/v3/folders/5").respond(200, json=folder(id="5", path="/library/deep"))
        hubspot.respond_to_lookup({"folder": folder()})
        assert client(creates(**options)).id == "88"
        assert hubspot.lookups == [path]

    def test_with_a_numeric_name_is_looked_up(self, client: Client, hubspot: HubSpot) -> None:
        """The lookup uses stat: HubSpot would take the digits in a folder path for an id."""
        hubspot.respond_to_lookup({"folder": folder()})
        assert client(lambda hubspot: hubspot.folders.create("2024")).id == "88"
        assert hubspot.lookups == ["2024"]

    @pytest.mark.promise("If nothing is there, it is created again.")
    @pytest.mark.parametrize("failure", [httpx.ReadTimeout("late"), httpx.Response(502), httpx.Response(200)])
    def test_that_is_missing_is_retried(
        self, client: Client, hubspot: HubSpot, sleeps: list[float], failure: Any
    ) -> None:
        hubspot.folder.mock(side_effect=[failure, httpx.Response(201, json=folder())])
        hubspot.respond_to_lookup({}, httpx.Response(404))
        assert client(creates()).id == "88"
        assert hubspot.folder.call_count == 2
        assert len(sleeps) == 1
        assert 0 <= sleeps[0] <= 0.5

    def test_found_after_the_second_attempt(self, client: Client, hubspot: HubSpot) -> None:
        hubspot.respond_to_lookup({"folder": folder()}, httpx.Response(404))
        assert client(creates()).id == "88"
        assert hubspot.folder.call_count == 2

    @pytest.mark.promise(
        "If an older folder or a file is there, a conflict at the next attempt is raised as "
        "`ConflictError`, and any other failure of the last attempt as `OutcomeUnknownError`.",
        "A file or folder that is looked up does not count if its record has another path.",
    )
    @pytest.mark.parametrize(
        "body",
        [{"folder": folder(createdAt=BEFORE)}, {"file": record()}, {"folder": folder(path="/dogs")}],
        ids=["an older folder", "a file", "a folder of another path"],
    )
    def test_older_than_the_request_is_a_conflict(self, client: Client, hubspot: HubSpot, body: Any) -> None:
        hubspot.folder.mock(side_effect=[httpx.ReadTimeout("late"), httpx.Response(409)])
        hubspot.respond_to_lookup(body)
        with pytest.raises(ConflictError):
            client(creates())
        assert len(hubspot.lookups) == 1

    @pytest.mark.promise(
        "If a retry is a conflict although nothing was there, the folder is looked up again, and is "
        "returned if it was created since the first attempt, else the `ConflictError` is raised."
    )
    def test_created_late_by_an_earlier_attempt_is_returned(self, client: Client, hubspot: HubSpot) -> None:
        """The gateway timed out and HubSpot did not: the second attempt conflicts with the folder of the first."""
        hubspot.folder.mock(side_effect=[httpx.Response(504), httpx.Response(409)])
        hubspot.respond_to_lookup({"folder": folder()}, httpx.Response(404))
        assert client(creates()).id == "88"
        assert hubspot.folder.call_count == len(hubspot.lookups) == 2

    @pytest.mark.promise(
        "If a retry is a conflict although nothing was there, the folder is looked up again, and is "
        "returned if it was created since the first attempt, else the `ConflictError` is raised."
    )
    @pytest.mark.parametrize(
        "response",
        [
            httpx.Response(200, json={"folder": folder(createdAt="2026-02-28T12:00:00Z")}, headers={"date": "x"}),
            httpx.Response(404),
            httpx.Response(403),
        ],
        ids=["not known to be it", "gone", "looking fails"],
    )
    def test_created_by_others_meanwhile_is_a_conflict(
        self, client: Client, hubspot: HubSpot, response: httpx.Response
    ) -> None:
        conflict = httpx.Response(409, json={"message": "it exists"})
        hubspot.folder.mock(side_effect=[httpx.Response(504), conflict])
        hubspot.respond_to_lookup({}, httpx.Response(404), response)
        with pytest.raises(ConflictError, match="it exists") as caught:
            client(creates())
        assert caught.value.__cause__ is None
        assert len(hubspot.lookups) == 2

    def test_a_first_conflict_is_not_looked_up(self, client: Client, hubspot: HubSpot) -> None:
        hubspot.folder.mock(side_effect=[httpx.Response(429), httpx.Response(409)])
        with pytest.raises(ConflictError):
            client(creates())
        assert hubspot.lookups == []

    def test_is_looked_up_at_once_with_a_retry_after_of_an_hour(
        self, client: Client, hubspot: HubSpot, sleeps: list[float]
    ) -> None:
        later = httpx.Response(503, headers={"retry-after": "3600"})
        hubspot.folder.mock(side_effect=[later])
        hubspot.respond_to_lookup({"folder": folder()}, httpx.Response(404))
        with pytest.raises(ServerError) as caught:
            client(creates())
        assert caught.value.retry_after == 3600.0
        hubspot.folder.mock(side_effect=[later])
        assert client(creates()).id == "88"
        assert sleeps == []

    @pytest.mark.promise(
        "`deadline=` of the client limits a call with all its attempts and waits, in seconds, including the "
        "lookup of an upload or a folder."
    )
    def test_shares_one_deadline(self, client: Client, hubspot: HubSpot, sleeps: list[float]) -> None:
        """Attempts, lookups and waits share the deadline of the call."""
        hubspot.stat.mock(side_effect=None, return_value=httpx.Response(404))
        with pytest.raises(OutcomeUnknownError):
            client(lambda hubspot: hubspot.with_options(deadline=2.5 * TAKES).folders.create("cats"), max_retries=9)
        assert hubspot.folder.call_count == 3
        left = [call.request.extensions["timeout"]["read"] for call in hubspot.stat.calls]
        assert left[0] == 1.5 * TAKES
        assert left[1] == pytest.approx(0.5 * TAKES - sleeps[0])
        assert len(sleeps) == 2

    def test_waits_end_at_the_deadline(
        self, client: Client, hubspot: HubSpot, sleeps: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("random.random", lambda: 1.0)
        hubspot.folder.mock(side_effect=httpx.ReadError("cut"))
        hubspot.stat.mock(side_effect=None, return_value=httpx.Response(404))
        with pytest.raises(OutcomeUnknownError, match=r"\(the connection was cut: cut\)\. It was looked up: there is"):
            client(lambda hubspot: hubspot.with_options(deadline=0.5).folders.create("cats"))
        assert hubspot.folder.call_count == 1
        assert sleeps == []

    def test_without_the_servers_clock_is_unknown(self, client: Client, hubspot: HubSpot) -> None:
        hubspot.folder.mock(side_effect=[httpx.ReadTimeout("late"), httpx.Response(409)])
        hubspot.respond_to_lookup({"folder": folder()}, headers={})
        with pytest.raises(ConflictError):
            client(creates())

    @pytest.mark.parametrize("max_retries", [0, 2])
    def test_that_is_never_found_is_unknown(
        self, client: Client, hubspot: HubSpot, sleeps: list[float], max_retries: int
    ) -> None:
        hubspot.stat.mock(side_effect=None, return_value=httpx.Response(404))
        with pytest.raises(
            OutcomeUnknownError, match=rf"^POST {versioned('/files/v3/folders')}: HubSpot may have done it"
        ) as caught:
            client(creates(), max_retries=max_retries)
        assert hubspot.folder.call_count == len(hubspot.lookups) == max_retries + 1
        assert len(sleeps) == max_retries
        assert isinstance(caught.value.__cause__, RequestTimeoutError)

    @pytest.mark.promise(
        "If nothing is there after the last retry and the response to each attempt was a 5xx other than "
        "504 and 524, the last response is raised as `ServerError`."
    )
    @pytest.mark.parametrize("status", [500, 502, 503, 521])
    @pytest.mark.parametrize("max_retries", [0, 2])
    def test_refused_by_every_response_is_not_unknown(
        self, client: Client, hubspot: HubSpot, sleeps: list[float], max_retries: int, status: int
    ) -> None:
        """Every attempt has a response, so none is in flight, and the folder does not exist."""
        hubspot.folder.mock(side_effect=None, return_value=httpx.Response(status))
        hubspot.stat.mock(side_effect=None, return_value=httpx.Response(404))
        with pytest.raises(ServerError, match=rf"^POST {versioned('/files/v3/folders')}: {status}: ") as caught:
            client(creates(), max_retries=max_retries)
        assert caught.value.__cause__ is None
        assert hubspot.folder.call_count == len(hubspot.lookups) == max_retries + 1

    @pytest.mark.promise(
        "If an attempt was cut, timed out, or had a response of 504 or 524, `OutcomeUnknownError` is "
        "raised instead, because HubSpot may still create the folder."
    )
    @pytest.mark.parametrize(
        "responses",
        [
            [httpx.ReadTimeout("late"), httpx.Response(503)],
            [httpx.Response(503), httpx.ReadError("reset")],
            [httpx.Response(504), httpx.Response(503)],
            [httpx.Response(503), httpx.Response(524)],
            [httpx.Response(200), httpx.Response(503)],
        ],
        ids=["cut, then answered", "answered, then cut", "504 first", "524 last", "unreadable first"],
    )
    def test_that_may_still_be_created_is_unknown(self, client: Client, hubspot: HubSpot, responses: list[Any]) -> None:
        """HubSpot may still process a cut request, or one that a gateway gave up on."""
        hubspot.folder.mock(side_effect=responses)
        hubspot.stat.mock(side_effect=None, return_value=httpx.Response(404))
        with pytest.raises(OutcomeUnknownError):
            client(creates(), max_retries=1)

    @pytest.mark.promise(
        "If an older folder or a file is there, a conflict at the next attempt is raised as "
        "`ConflictError`, and any other failure of the last attempt as `OutcomeUnknownError`."
    )
    @pytest.mark.parametrize("body", [{"folder": folder(createdAt="2026-02-28T12:00:00Z")}, {"file": record()}])
    def test_that_conflicts_after_every_attempt_is_unknown(self, client: Client, hubspot: HubSpot, body: Any) -> None:
        hubspot.folder.mock(side_effect=None, return_value=httpx.Response(503))
        hubspot.respond_to_lookup(body)
        with pytest.raises(OutcomeUnknownError) as caught:
            client(creates(), max_retries=1)
        assert isinstance(caught.value.__cause__, ServerError)

    def test_refused_by_every_response_is_not_unknown_without_retry_budget(
        self, client: Client, hubspot: HubSpot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(RetryBudget, "spend", lambda _: False)
        hubspot.folder.mock(side_effect=None, return_value=httpx.Response(503))
        hubspot.stat.mock(side_effect=None, return_value=httpx.Response(404))
        with pytest.raises(ServerError):
            client(creates())
        assert hubspot.folder.call_count == 1

    @pytest.mark.parametrize("response", [httpx.Response(403), httpx.Response(503), httpx.ReadError("reset")])
    def test_is_unknown_if_the_lookup_fails(self, client: Client, hubspot: HubSpot, response: Any) -> None:
        hubspot.respond_to_lookup({"folder": folder()}, response, response)
        with pytest.raises(OutcomeUnknownError):
            client(creates(), max_retries=1)
        assert hubspot.folder.call_count == 1

    @pytest.mark.parametrize("parent", [httpx.Response(404), httpx.Response(200, json=folder(id="5", path=None))])
    def test_in_a_missing_parent_is_unknown(
        self, client: Client, api: respx.MockRouter, hubspot: HubSpot, parent: httpx.Response
    ) -> None:
        """A folder of the same name at the root does not count."""
        api.get("/files/v3/folders/5").mock(return_value=parent)
        hubspot.respond_to_lookup({"folder": folder()})
        with pytest.raises(OutcomeUnknownError):
            client(creates(parent_folder_id=5))
        assert hubspot.lookups == []
        assert hubspot.folder.call_count == 1


class TestAgainstTheEmulator:
    """The emulator sends a Date like HubSpot: a new item is found at any fraction of a second."""

    @pytest.mark.parametrize("microsecond", [0, 1_000, 393_000, 999_000])
    @pytest.mark.parametrize("kind", ["reset", "read-timeout", "disconnect"])
    def test_finds_a_stored_item(self, client: Client, kind: Any, microsecond: int) -> None:
        clock = Clock(STARTED_AT.replace(microsecond=microsecond), frozen=True)
        with Emulator(clock=clock) as emulator:
            emulator.fail(kind, operation="uploadFile", after_effect=True)
            emulator.fail(kind, operation="createFolder", after_effect=True)

            def program(hubspot: Any) -> Any:
                made = yield hubspot.folders.create("2024")
                file = yield hubspot.files.upload(CONTENT, name="a.txt", folder_id=made.id)
                return made, file

            made, file = client(program, access_token=emulator.token, http_client=client.http(emulator.transport))
            assert [(stored.id, stored.path) for stored in emulator.files] == [(file.id, "/2024/a.txt")]
            assert [stored.id for stored in emulator.folders] == [made.id]

    def test_ignores_an_older_item(self, client: Client) -> None:
        clock = Clock(STARTED_AT, frozen=True)
        with Emulator(clock=clock) as emulator:
            emulator.add_file("/a.txt", CONTENT)
            clock.advance(2)
            emulator.fail("reset", operation="uploadFile")
            with pytest.raises(OutcomeUnknownError, match=re.escape(f"POST {versioned('/files/v3/files')}")):
                client(
                    uploads(name="a.txt", folder_path="/"),
                    access_token=emulator.token,
                    http_client=client.http(emulator.transport),
                )
            assert len(emulator.files) == 1
