"""The verification of assumptions: against the emulator, and against emulators that behave in another way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import httpx
import pytest

from hubspot_files.emulator._verify.account import FILES, FOLDERS, Account, CleanupError, Unknown
from hubspot_files.emulator._verify.checks import CHECKS, NOT_CHECKED
from hubspot_files.emulator._verify.run import Finding, as_json, as_table, findings, opened
from hubspot_files.testing import ASSUMPTIONS, Clock, Emulator

URL = "https://pictures.example/leaf.txt"
Change = Callable[[httpx.Request, httpx.Response], httpx.Response | None]


class Changed(httpx.BaseTransport):
    """An emulator whose responses are changed on the way; a change that returns None leaves a response as it is."""

    def __init__(self, transport: httpx.BaseTransport, change: Change) -> None:
        self._transport = transport
        self._change = change

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        response = self._transport.handle_request(request)
        response.read()
        return self._change(request, response) or response


def unchanged(request: httpx.Request, response: httpx.Response) -> None:
    return None


def verified(
    change: Change = unchanged,
    *,
    import_url: str | None = URL,
    storage: bool = True,
    settle: float = 30,
    **options: Any,
) -> tuple[dict[str, Finding], Emulator]:
    """Return the findings by name, and the emulator, whose account holds nothing new."""
    emulator = Emulator(clock=Clock(frozen=True), **options)
    emulator.publish_url(URL, b"leaf")
    kept = emulator.add_file("/kept/theirs.txt", b"theirs")
    headers = {"Authorization": f"Bearer {emulator.token}"}
    transport = Changed(emulator.transport, change)
    with (
        httpx.Client(transport=transport, base_url=emulator.base_url, headers=headers) as api,
        httpx.Client(transport=transport) as outside,
    ):
        account = Account(
            api,
            storage=outside if storage else None,
            sleep=emulator.clock.advance,
            import_url=import_url,
            settle=settle,
        )
        with opened(account):
            found = {finding.name: finding for finding in findings(account)}
    assert [file.id for file in emulator.files if file.state == "live"] == [kept.id]
    assert [folder.path for folder in emulator.folders if not folder.archived] == ["/kept"]
    emulator.close()
    return found, emulator


def outcomes(found: Mapping[str, Finding], outcome: str) -> set[str]:
    return {name for name, finding in found.items() if finding.outcome == outcome}


def test_each_assumption_has_a_check_or_a_reason() -> None:
    names = {assumption.name for assumption in ASSUMPTIONS}
    assert CHECKS.keys() | NOT_CHECKED.keys() == names
    assert not CHECKS.keys() & NOT_CHECKED.keys()


def test_the_emulator_confirms_all_that_can_be_confirmed() -> None:
    found, emulator = verified()
    assert outcomes(found, "refuted") == set()
    assert outcomes(found, "unknown") == NOT_CHECKED.keys()
    # Fewer than the 100 requests in ten seconds that an app may send.
    times = [request.time for request in emulator.requests]
    assert min((times[number + 99] - times[number]).total_seconds() for number in range(len(times) - 99)) >= 10


def with_status(status: int, method: str, *words: str, body: str = "", was: int | None = None) -> Change:
    """Return a change of the status of some responses: those of requests whose URL and body have these words."""

    def change(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        fits = request.method == method and all(word in str(request.url) for word in words)
        if not fits or body.encode() not in request.content or (was is not None and response.status_code != was):
            return None
        content = json.dumps({"id": "1", "message": "changed on purpose"}) if status < 400 else "{}"
        return httpx.Response(status, content=content, headers={"content-type": "application/json"}, request=request)

    return change


def with_fields(method: str, *words: str, body: str = "", edit: Callable[[dict[str, Any]], object]) -> Change:
    """Return a change of the JSON of some responses that are successes."""

    def change(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        fits = request.method == method and all(word in str(request.url) for word in words)
        if not fits or body.encode() not in request.content or response.status_code >= 300:
            return None
        fields = response.json()
        edit(fields)
        headers = {key: value for key, value in response.headers.items() if key != "content-length"}
        return httpx.Response(response.status_code, content=json.dumps(fields), headers=headers, request=request)

    return change


def without_header(name: str, *words: str) -> Change:
    def change(request: httpx.Request, response: httpx.Response) -> None:
        if all(word in str(request.url) for word in words) and name in response.headers:
            del response.headers[name]

    return change


def first_content(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
    """Let signed URLs serve the content of the time at which they were made."""
    if "follows" in request.url.path and request.url.host.startswith("storage") and response.status_code == 200:
        return httpx.Response(200, content=b"content", request=request)
    return None


def resized(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
    if "size=icon" in str(request.url) and request.url.host.startswith("storage"):
        return httpx.Response(200, content=b"icon", request=request)
    return None


class Readable:
    """Keeps records of erased files readable, but for those that were deleted before."""

    def __init__(self) -> None:
        self.erased = ""

    def __call__(self, request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        path = request.url.path
        if path.endswith("/gdpr-delete") and response.status_code == 204:
            self.erased = path.removesuffix("/gdpr-delete")
        elif request.method == "GET" and path == self.erased:
            return httpx.Response(200, json={"id": "1"}, request=request)
        return None


class KeptInside:
    """Keeps the file readable whose folder is deleted."""

    def __init__(self) -> None:
        self.inside = ""

    def __call__(self, request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if request.method == "POST" and b'filename="inside.txt"' in request.content:
            self.inside = f"{FILES}/{response.json()['id']}"
        elif request.method == "GET" and request.url.path == self.inside:
            return httpx.Response(200, json={"id": "1"}, request=request)
        return None


def other_status(fields: dict[str, Any]) -> None:
    for error in fields.get("errors", ()):
        error["status"] = "error"


def reverse(fields: dict[str, Any]) -> None:
    fields["results"].reverse()


def put(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda fields: fields.update(values)


# By assumption: a change of responses, or options of the emulator, that refute it and no other one.
CHANGES: dict[str, Change | dict[str, Any]] = {
    "blank-parameters": with_status(400, "GET", "limit=&"),
    "unknown-keys": with_status(200, "PATCH", body="surprise"),
    "loose-ids": with_status(400, "POST", FOLDERS, body='"name":"loose-1"'),
    "unknown-parts": with_status(201, "POST", FILES, body='name="surprise"'),
    "unknown-version": with_status(400, "GET", "/files/2001-03/"),
    "missing-operation": with_status(200, "GET", "/files/2026-03/", "/download"),
    "wrong-method": with_status(404, "GET", was=405),
    "absent-not-null": with_fields("POST", FILES, body='filename="absent"', edit=put(width=None)),
    "properties-subset": with_fields("GET", "properties=surprise", edit=put(archived=False)),
    "encoding-field": with_fields("POST", FILES, body='filename="encoding.pdf"', edit=put(encoding="pdf")),
    "bad-names": with_status(201, "POST", FOLDERS, body='"name":".."'),
    "borrowed-extension": with_fields("POST", FILES, body="borrowed", edit=put(extension="")),
    "rename-suffix": with_fields("POST", FILES, body='filename="Taken.txt"', edit=put(name="Taken-3")),
    "duplicates-by-content": with_fields("POST", FILES, body="RETURN_EXISTING", edit=put(id="77")),
    "duplicate-rejected": {"reject_status": 400},
    "import-duplicates": {"import_duplicates": False},
    "past-expiry": with_status(200, "PATCH", body="2020-01-01"),
    "hidden-change": with_status(200, "PATCH", body="HIDDEN_PRIVATE"),
    "rename-keeps-extension": with_fields("PATCH", body="repeated.txt", edit=put(name="repeated.txt")),
    "move-conflict": with_status(200, "PATCH", body='"name":"here"'),
    "move-to-missing-folder": with_status(400, "PATCH", body="nowhere"),
    "move-visible": {"move_lag": 3.0},
    "replace-keeps": with_fields("PUT", FILES, body='filename="other.bin"', edit=put(extension="bin")),
    "replace-name": {"replace_renames": True},
    "gdpr-at-once": Readable(),
    "gdpr-after-delete": with_status(204, "DELETE", "/gdpr-delete", was=404),
    "stat-file-first": with_fields(
        "GET", "/stat/", "both", edit=lambda fields: fields.update(folder=fields.pop("file"))
    ),
    "search-cap": with_status(400, "GET", "after=10000", was=200),
    "limit-refused": with_status(200, "GET", "limit=101"),
    "before-cursor": with_fields("GET", "before=2", edit=put(results=[])),
    "default-order": with_fields("GET", "/search?parentFolderIds", edit=reverse),
    "search-matching": with_fields("GET", "name=ETA", edit=put(results=[])),
    "long-names": with_status(200, "GET", "name=" + "x" * 20),
    "offset-required": with_status(200, "GET", "createdAtGte=2026-01-01T00%3A00%3A00", was=400),
    "longest-life": with_fields("GET", "expirationSeconds=10000000", edit=put(expiresAt="2099-01-01T00:00:00Z")),
    "no-resizing": resized,
    "signed-url-property": with_fields("GET", "property=name", edit=put(type="OTHER")),
    "download-response": {"download_redirects": False},
    "signed-url-follows": first_content,
    "private-noindex": without_header("x-robots-tag", "noindex"),
    "loose-slashes": with_fields("POST", FILES, body="//slashes/", edit=put(parentFolderId="77")),
    "missing-folder": with_status(400, "POST", FOLDERS, body='"name":"a","parentFolderId"', was=404),
    "root-is-no-folder": with_status(200, "GET", "/folders/%2F"),
    "parent-path-name": {"parent_folder_path": "ignore"},
    "folder-conflict": {"existing_folder": "return"},
    "folder-cycle": with_status(200, "PATCH", FOLDERS, was=400),
    "folder-delete-recursive": KeptInside(),
    "folder-task-checks": with_status(202, "POST", "/folders/update/async", was=404),
    "task-links": with_fields("POST", "/import-from-url/", edit=put(links={"status": "https://a.example/1"})),
    "pending-dates": with_fields("GET", "/tasks/", edit=put(startedAt="2026-01-01T00:00:00Z")),
    "unfinished-imports": {"accepted_imports": True},
    "task-failure": with_fields("GET", "/import-from-url/", edit=other_status),
    "missing-task": with_status(400, "GET", "/tasks/AAAAAAAAAAE/"),
}


# Emulators that have several of the changes, so that a run of all checks serves for more than one.
_RUNS = 6


@pytest.mark.parametrize("number", range(_RUNS))
def test_exactly_what_was_changed_is_refuted(number: int) -> None:
    chosen = list(CHANGES.items())[number::_RUNS]
    options = {key: value for _, change in chosen if isinstance(change, dict) for key, value in change.items()}
    changes = [change for _, change in chosen if not isinstance(change, dict)]

    def change_all(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        for change in changes:
            response = change(request, response) or response
        return response

    found, _ = verified(change_all, **options)
    details = [
        finding for finding in found.values() if finding.name not in NOT_CHECKED and finding.outcome != "confirmed"
    ]
    assert outcomes(found, "refuted") == {name for name, _ in chosen}, details
    assert outcomes(found, "unknown") == NOT_CHECKED.keys(), details
    # What came instead.
    assert all(finding.detail for finding in details)


def test_each_check_has_a_change() -> None:
    assert CHANGES.keys() == CHECKS.keys()


class TestUnknown:
    def test_without_a_url_to_import(self) -> None:
        found, _ = verified(import_url=None)
        assert found["import-duplicates"].outcome == "unknown"
        assert "--import-url" in found["import-duplicates"].detail
        assert outcomes(found, "refuted") == set()

    def test_without_a_storage_host(self) -> None:
        for storage in (True, False):

            def refused(request: httpx.Request, response: httpx.Response) -> None:
                if request.url.host.startswith("storage"):
                    raise httpx.ConnectError("no route")

            found, _ = verified(refused, storage=storage)
            expected = {"no-resizing", "signed-url-follows", "private-noindex"}
            assert outcomes(found, "unknown") == NOT_CHECKED.keys() | expected

    def test_of_an_index_that_lags(self) -> None:
        found, _ = verified(search_lag=20.0)
        assert outcomes(found, "unknown") == NOT_CHECKED.keys()
        found, _ = verified(search_lag=20_000.0)
        expected = {"before-cursor", "default-order", "search-matching"}
        assert outcomes(found, "unknown") == NOT_CHECKED.keys() | expected
        assert outcomes(found, "refuted") == set()

    def test_of_tasks_that_end_at_once_or_never(self) -> None:
        found, _ = verified(
            with_fields("GET", "/import-from-url/", edit=put(status="COMPLETE", numErrors=1, errors=[]))
        )
        assert {"pending-dates", "unfinished-imports"} <= outcomes(found, "refuted") | outcomes(found, "unknown")
        found, _ = verified(with_fields("GET", "/tasks/", edit=put(status="PENDING")))
        assert found["task-failure"].outcome == "unknown"

    def test_of_responses_that_are_something_else(self) -> None:
        found, _ = verified(with_fields("POST", FILES, body="RETURN_EXISTING", edit=dict.clear))
        assert found["duplicates-by-content"].outcome == "unknown"
        found, _ = verified(with_status(500, "GET", "properties=surprise"))
        assert (found["properties-subset"].outcome, "500" in found["properties-subset"].detail) == ("unknown", True)

    def test_of_responses_that_do_not_come(self) -> None:
        def cut(request: httpx.Request, response: httpx.Response) -> None:
            if "properties=surprise" in str(request.url):
                raise httpx.ReadError("reset")

        assert verified(cut)[0]["properties-subset"].outcome == "unknown"


class TestLimits:
    def test_a_limit_is_waited_for(self) -> None:
        with Emulator(clock=Clock(frozen=True)) as emulator:
            emulator.rate_limit("TEN_SECONDLY_ROLLING", 10)
            account = self.account(emulator)
            assert [account.ask("GET", f"{FILES}/search").status_code for _ in range(25)] == [200] * 25

    def test_the_daily_limit_is_the_end(self) -> None:
        with Emulator(clock=Clock(frozen=True)) as emulator:
            emulator.rate_limit("DAILY", 0)
            with pytest.raises(Unknown, match="daily limit"):
                self.account(emulator).ask("GET", f"{FILES}/search")
            with pytest.raises(Unknown, match="daily limit"), opened(self.account(emulator)):
                pass

    def account(self, emulator: Emulator, transport: httpx.BaseTransport | None = None) -> Account:
        headers = {"Authorization": f"Bearer {emulator.token}"}
        api = httpx.Client(transport=transport or emulator.transport, base_url=emulator.base_url, headers=headers)
        return Account(api, storage=None, sleep=emulator.clock.advance, import_url=None, settle=0)


class TestCleanup:
    @pytest.fixture
    def emulator(self) -> Iterator[Emulator]:
        with Emulator(clock=Clock(frozen=True)) as emulator:
            yield emulator

    def test_after_an_interrupt(self, emulator: Emulator) -> None:
        """It removes all that was made, at whatever request the interrupt comes."""
        for number in (2, *range(3, 60, 4)):
            count = 0

            def interrupt(request: httpx.Request, response: httpx.Response, number: int = number) -> None:
                nonlocal count
                count += 1
                if count == number:
                    raise KeyboardInterrupt

            account = TestLimits().account(emulator, Changed(emulator.transport, interrupt))
            with pytest.raises(KeyboardInterrupt), opened(account):
                list(findings(account))
            live = [file.path for file in emulator.files if file.state == "live"]
            folders = [folder.path for folder in emulator.folders if not folder.archived]
            assert live == []
            assert folders == []

    def test_of_what_cannot_be_removed_is_an_error(self, emulator: Emulator) -> None:
        def refuse(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
            return httpx.Response(403, request=request) if request.method == "DELETE" else None

        account = TestLimits().account(emulator, Changed(emulator.transport, refuse))
        with pytest.raises(CleanupError, match=rf"could not be removed: {FOLDERS}/\d+, in /verify-"), opened(account):
            pass


def test_reports() -> None:
    found = [Finding("a", "confirmed"), Finding("b", "refuted", "201 | instead of 400"), Finding("c", "unknown", "why")]
    day = date(2026, 11, 26)
    report = as_json(found, day)
    assert json.loads(json.dumps(report)) == report
    assert (report["date"], report["confirmed"], report["refuted"], report["unknown"]) == ("2026-11-26", 1, 1, 1)
    assert report["findings"][1] == {"name": "b", "outcome": "refuted", "detail": "201 | instead of 400"}
    assert as_table(found, day).splitlines() == [
        "Verified on 2026-11-26.",
        "",
        "| name | outcome | detail |",
        "|---|---|---|",
        "| `a` | confirmed |  |",
        "| `b` | refuted | 201 / instead of 400 |",
        "| `c` | unknown | why |",
    ]
