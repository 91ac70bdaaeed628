"""Paths in URLs: after a 404 to one form of their slashes, the other form is tried."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from hubspot_files import HubSpotFiles, NotFoundError, OutcomeUnknownError, ServerError
from hubspot_files.testing import Clock, Emulator, serve

from .support import Client, FakeClock, versioned
from .test_search import NOON


class Edge(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A proxy in front of HubSpot that sends a bare 404 to paths in one form.

    Attributes:
        refuses: the refused text: `%2F`, a slash within a path, or None.
        requested: the requests received, in both forms.
    """

    def __init__(self, emulator: Emulator, refuses: str | None) -> None:
        self.emulator = emulator
        self.refuses = refuses
        self.requested: list[str] = []

    def _refused(self, request: httpx.Request) -> httpx.Response | None:
        path = request.url.raw_path.decode().partition("?")[0]
        place = path.partition("/stat/")[2] or path.partition("/folders/")[2]
        if not place:
            return None
        self.requested.append(f"{request.method} {place}")
        form = "%2F" if "%2F" in place else "/"
        return httpx.Response(404) if form == self.refuses and form in place else None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._refused(request) or self.emulator.handle(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._refused(request) or await self.emulator.handle_async(request)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(clock=Clock(NOON, frozen=True)) as emulator:
        emulator.add_file("/a b/c/d.txt", b"x")
        yield emulator


FORMS = pytest.mark.parametrize("refuses", ["%2F", "/", None])
OPERATIONS = pytest.mark.parametrize(
    ("operation", "method"),
    [
        (lambda hubspot, path: hubspot.files.stat(path), "GET"),
        (lambda hubspot, path: hubspot.folders.get_by_path(path), "GET"),
        (lambda hubspot, path: hubspot.folders.delete_by_path(path), "DELETE"),
    ],
    ids=["stat", "get_by_path", "delete_by_path"],
)


def run(client: Client, edge: Edge, program: Callable[[Any], Any], **options: Any) -> Any:
    return client(program, access_token=edge.emulator.token, http_client=client.http(edge), **options)


@pytest.mark.promise(
    "`files.stat`, `folders.get_by_path`, `folders.delete_by_path` and the lookups send the slashes of a "
    "path as slashes, and after a 404 as `%2F`."
)
@FORMS
@OPERATIONS
def test_finds_existing_paths(
    client: Client, emulator: Emulator, operation: Any, method: str, refuses: str | None
) -> None:
    edge = Edge(emulator, refuses)
    run(client, edge, lambda hubspot: operation(hubspot, "/a b/c"))
    forms = [f"{method} a%20b/c", f"{method} a%20b%2Fc"]
    assert edge.requested == (forms if refuses == "/" else forms[:1])


@pytest.mark.promise(
    "`files.stat`, `folders.get_by_path`, `folders.delete_by_path` and the lookups send the slashes of a "
    "path as slashes, and after a 404 as `%2F`."
)
@FORMS
@OPERATIONS
def test_a_path_missing_in_both_forms_is_not_found(
    client: Client, emulator: Emulator, operation: Any, method: str, refuses: str | None
) -> None:
    edge = Edge(emulator, refuses)
    with pytest.raises(NotFoundError):
        run(client, edge, lambda hubspot: operation(hubspot, "/a b/none"))
    assert edge.requested == [f"{method} a%20b/none", f"{method} a%20b%2Fnone"]


@OPERATIONS
def test_a_path_of_one_name_has_one_form(client: Client, emulator: Emulator, operation: Any, method: str) -> None:
    edge = Edge(emulator, None)
    with pytest.raises(NotFoundError):
        run(client, edge, lambda hubspot: operation(hubspot, "/none"))
    assert edge.requested == [f"{method} none"]


@pytest.mark.promise("After a path with a slash was found in one form, only that form is sent.")
@pytest.mark.parametrize(("refuses", "form"), [("%2F", "/"), ("/", "%2F")])
def test_a_form_that_worked_is_kept(client: Client, emulator: Emulator, refuses: str, form: str) -> None:
    """The copies of the client keep it too, and a 404 to it is final."""
    edge = Edge(emulator, refuses)

    def program(hubspot: Any) -> Any:
        yield hubspot.files.stat("/a b/c/d.txt")
        edge.requested.clear()
        copy = hubspot.with_options(max_retries=1)
        yield copy.folders.get_by_path("/a b/c")
        for call in (copy.files.stat, hubspot.folders.delete_by_path):
            try:
                yield call("/a b/none")
            except NotFoundError:
                edge.requested.append("404")

    run(client, edge, program)
    first, missing = f"a%20b{form}c", f"a%20b{form}none"
    assert edge.requested == [f"GET {first}", f"GET {missing}", "404", f"DELETE {missing}", "404"]


def test_an_error_in_the_other_form_is_raised(client: Client, emulator: Emulator) -> None:
    edge = Edge(emulator, "/")
    emulator.fail(status=503, operation="statPath", count=None)
    with pytest.raises(ServerError):
        run(client, edge, lambda hubspot: hubspot.files.stat("/a b/c/d.txt"), max_retries=0)


@FORMS
@pytest.mark.parametrize("effect", [True, False])
def test_a_404_after_a_lost_response_to_a_deletion(
    client: Client, emulator: Emulator, refuses: str | None, effect: bool
) -> None:
    """The 404 counts as success, unless it is the bare 404 of a proxy, which does not refer to the folder."""
    edge = Edge(emulator, refuses)
    emulator.fail("reset", operation="deleteFolderByPath", after_effect=effect)
    lost = {"/": [httpx.Response(502)]}.get(refuses or "", [])
    refused = edge._refused
    edge._refused = lambda request: lost.pop() if lost else refused(request)  # type: ignore[method-assign]
    run(client, edge, lambda hubspot: hubspot.folders.delete_by_path("/a b/c"))
    assert [folder.archived for folder in emulator.folders] == [False, True]


@FORMS
def test_a_lost_upload_is_found(client: Client, emulator: Emulator, refuses: str | None) -> None:
    edge = Edge(emulator, refuses)
    emulator.fail("reset", operation="uploadFile", after_effect=True)
    file = run(client, edge, lambda hubspot: hubspot.files.upload(b"new", name="e.txt", folder_path="/a b/c"))
    assert (file.path, file.file_md5) == ("/a b/c/e.txt", hashlib.md5(b"new").hexdigest())


@pytest.mark.promise(
    "`files.stat`, `folders.get_by_path`, `folders.delete_by_path` and the lookups send the slashes of a "
    "path as slashes, and after a 404 as `%2F`."
)
@FORMS
def test_a_lost_upload_is_looked_up_in_both_forms(client: Client, emulator: Emulator, refuses: str | None) -> None:
    edge = Edge(emulator, refuses)
    emulator.fail("reset", operation="uploadFile")
    with pytest.raises(OutcomeUnknownError, match=r"It was looked up: there is nothing at '/a b/c/e\.txt'"):
        run(client, edge, lambda hubspot: hubspot.files.upload(b"new", name="e.txt", folder_path="/a b/c"))
    assert edge.requested == ["GET a%20b/c/e.txt", "GET a%20b%2Fc%2Fe.txt"]


@pytest.mark.promise(
    "`files.stat`, `folders.get_by_path`, `folders.delete_by_path` and the lookups send the slashes of a "
    "path as slashes, and after a 404 as `%2F`."
)
@FORMS
def test_a_lost_folder_is_found_and_not_created_again(client: Client, emulator: Emulator, refuses: str | None) -> None:
    edge = Edge(emulator, refuses)
    emulator.fail("reset", operation="createFolder", after_effect=True)
    folder = run(client, edge, lambda hubspot: hubspot.folders.create("e", parent_path="/a b/c"))
    assert folder.path == "/a b/c/e"
    assert [request.operation for request in emulator.requests].count("createFolder") == 1


def test_both_requests_are_rate_limited_and_reported_and_share_one_deadline(
    client: Client, emulator: Emulator, clock: FakeClock
) -> None:
    edge = Edge(emulator, "/")
    statuses: list[int] = []
    left: list[float] = []
    refused = edge._refused

    def slowly(request: httpx.Request) -> httpx.Response | None:
        left.append(request.extensions["timeout"]["read"])
        clock.now += 4
        return refused(request)

    edge._refused = slowly  # type: ignore[method-assign]

    def program(hubspot: Any) -> Any:
        copy = hubspot.with_options(
            on_response=lambda response: statuses.append(response.status_code), pace=True, deadline=10
        )
        yield copy.files.stat("/a b/c/d.txt")
        return len(hubspot._settings.rate_limiter._sent)

    assert run(client, edge, program) == 2
    assert statuses == [404, 200]
    assert left == [10, 6]


def test_a_path_is_sent_unchanged_through_our_own_connections() -> None:
    """httpx keeps quoted characters."""
    with serve() as emulator, HubSpotFiles(emulator.token, base_url=emulator.base_url) as hubspot:
        emulator.add_file("/a b/c.txt", b"x")
        hubspot._settings.shared.quoted_slashes = True
        assert hubspot.files.stat("/a b/c.txt").file is not None
        assert emulator.requests[-1].path == versioned("/files/v3/files/stat/a%20b%2Fc.txt")
