"""Lost responses of a client that creates equal items: no two calls return the same file or folder."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest

from hubspot_files import ConflictError, HubSpotFilesError, OutcomeUnknownError
from hubspot_files._engine.changes import Changes
from hubspot_files._engine.claims import Claim, Claims
from hubspot_files._engine.shared import Shared
from hubspot_files.testing import Clock, Emulator

from .support import Client
from .test_search import NOON

CONTENT = b"what both upload"
PAGE = "https://example.com/a.txt"


class Network(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A network to an emulator that loses responses and delays others.

    Attributes:
        lost: the numbers, from 1, of the creating requests whose responses are lost.
        held: those whose responses are delayed until `release`.
    """

    def __init__(self, emulator: Emulator, *, lost: tuple[int, ...] = (), held: tuple[int, ...] = ()) -> None:
        self.emulator = emulator
        self.lost, self.held = lost, held
        self.count = 0
        self.arrived = threading.Event()
        self.release = threading.Event()

    def _number(self, request: httpx.Request) -> int:
        if request.method != "POST":
            return 0
        self.count += 1
        return self.count

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        number = self._number(request)
        response = self.emulator.handle(request)
        if number in self.held:
            self.arrived.set()
            self.release.wait(10)
        if number in self.lost:
            raise httpx.ReadError("reset")
        return response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        number = self._number(request)
        response = await self.emulator.handle_async(request)
        if number in self.held:
            self.arrived.set()
            await anyio.to_thread.run_sync(self.release.wait, 10)
        if number in self.lost:
            raise httpx.ReadError("reset")
        return response


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(clock=Clock(NOON, frozen=True)) as emulator:
        emulator.add_folder("/in")
        yield emulator


def upload(hubspot: Any, **options: Any) -> Any:
    where = {} if "folder_id" in options else {"folder_path": "/in"}
    return hubspot.files.upload(CONTENT, **{"name": "a.txt", **where, **options})


def create(hubspot: Any, **options: Any) -> Any:
    return hubspot.folders.create("cats", **options)


def run(client: Client, way: Network, program: Callable[[Any], Any], **options: Any) -> Any:
    return client(program, access_token=way.emulator.token, http_client=client.http(way), **options)


class TestAnUpload:
    @pytest.mark.promise("A file that another call of the client or of its copies returned does not count.")
    def test_is_not_a_file_returned_by_another_call(self, client: Client, emulator: Emulator) -> None:
        way = Network(emulator, lost=(2,))
        first: list[str] = []

        def program(hubspot: Any) -> Any:
            first.append((yield upload(hubspot)).id)
            yield upload(hubspot.with_options(max_retries=1))

        with pytest.raises(OutcomeUnknownError, match=r"the record at '/in/a\.txt' comes from another call"):
            run(client, way, program)
        assert [(file.id == first[0], file.path) for file in emulator.files] == [
            (True, "/in/a.txt"),
            (False, "/in/a-1.txt"),
        ]

    def test_is_not_a_file_returned_by_an_import(self, client: Client, emulator: Emulator) -> None:
        emulator.publish_url(PAGE, CONTENT)
        way = Network(emulator, lost=(2,))

        def program(hubspot: Any) -> Any:
            task = yield hubspot.files.import_from_url(PAGE, folder_path="/in")
            yield task.wait()
            yield upload(hubspot)

        with pytest.raises(OutcomeUnknownError, match="comes from another call"):
            run(client, way, program)

    def test_lost_again_is_not_the_same_file(self, client: Client, emulator: Emulator) -> None:
        """The first is found and so returned; the second is another file."""
        way = Network(emulator, lost=(1, 2))

        def program(hubspot: Any) -> Any:
            first = yield upload(hubspot)
            try:
                yield upload(hubspot)
            except OutcomeUnknownError as error:
                return first, str(error)

        first, message = run(client, way, program)
        assert first.path == "/in/a.txt"
        assert "comes from another call" in message
        assert len(emulator.files) == 2

    def test_is_found_after_one_that_could_not_be_stored(self, client: Client, emulator: Emulator) -> None:
        way = Network(emulator, lost=(2,))

        def program(hubspot: Any) -> Any:
            try:
                yield upload(hubspot, folder_id=404)
            except HubSpotFilesError:
                return (yield upload(hubspot))

        assert run(client, way, program).path == "/in/a.txt"


def together(client: Client, way: Network, first: Any, second: Any) -> list[Any]:
    """Return the results or errors of two calls, the second of which runs while the first is in flight."""
    outcomes: list[Any] = [None, None]
    options = {"access_token": way.emulator.token, "http_client": client.http(way), "max_retries": 0}
    if not client.asynchronous:

        def program(hubspot: Any) -> None:
            def call(number: int, made: Any) -> None:
                try:
                    outcomes[number] = made(hubspot)
                except HubSpotFilesError as error:
                    outcomes[number] = error

            thread = threading.Thread(target=call, args=(0, first))
            thread.start()
            assert way.arrived.wait(10)
            call(1, second)
            way.release.set()
            thread.join()

        client(program, **options)
        return outcomes

    async def both(hubspot: Any) -> None:
        async def call(number: int, made: Any) -> None:
            try:
                outcomes[number] = await made(hubspot)
            except HubSpotFilesError as error:
                outcomes[number] = error

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call, 0, first)
            assert await anyio.to_thread.run_sync(way.arrived.wait, 10)
            await call(1, second)
            way.release.set()

    client(both, **options)
    return outcomes


class TestWithAnEqualCallInFlight:
    @pytest.mark.promise(
        "It is also raised if another upload of the client or its copies to the same folder and name is "
        "in flight, or has ended with `OutcomeUnknownError` meanwhile."
    )
    @pytest.mark.parametrize("twin", ["path", "id", "case"])
    def test_an_upload_is_unknown(self, client: Client, emulator: Emulator, twin: str) -> None:
        """The file found may be that of the other call, which has no result yet."""
        (folder,) = emulator.folders
        options: dict[str, Any] = {"path": {}, "id": {"folder_id": folder.id}, "case": {"name": "A.txt"}}[twin]
        way = Network(emulator, lost=(2,), held=(1,))
        one, other = together(client, way, lambda hubspot: upload(hubspot, **options), upload)
        assert one.id == emulator.files[0].id
        assert isinstance(other, OutcomeUnknownError)
        assert "may come from another call of this client" in str(other)

    @pytest.mark.parametrize(
        "options", [{"name": "b.txt"}, {"folder_path": "/out"}], ids=["another name", "another folder"]
    )
    def test_an_upload_to_another_folder_is_found(
        self, client: Client, emulator: Emulator, options: dict[str, Any]
    ) -> None:
        way = Network(emulator, lost=(2,), held=(1,))
        one, other = together(client, way, lambda hubspot: upload(hubspot, **options), upload)
        assert {one.path, other.path} == {file.path for file in emulator.files}

    @pytest.mark.promise(
        "It is also raised if another upload of the client or its copies to the same folder and name is "
        "in flight, or has ended with `OutcomeUnknownError` meanwhile."
    )
    def test_both_responses_are_lost(self, client: Client, emulator: Emulator) -> None:
        way = Network(emulator, lost=(1, 2), held=(1,))
        outcomes = together(client, way, upload, upload)
        assert all(isinstance(outcome, OutcomeUnknownError) for outcome in outcomes)
        assert len(emulator.files) == 2

    @pytest.mark.promise(
        "If another call of the client or its copies is creating the same folder, `OutcomeUnknownError` is raised."
    )
    def test_a_folder_is_unknown(self, client: Client, emulator: Emulator) -> None:
        way = Network(emulator, lost=(2,), held=(1,))
        one, other = together(client, way, create, create)
        assert one.path == "/cats"
        assert isinstance(other, OutcomeUnknownError)
        assert "may come from another call of this client" in str(other)

    @pytest.mark.promise(
        "If another call of the client or its copies is creating the same folder, `OutcomeUnknownError` is raised."
    )
    def test_a_folder_that_conflicts_after_a_lost_response_is_unknown(self, client: Client, emulator: Emulator) -> None:
        """The lookup found nothing, and the retry conflicted."""
        way = Network(emulator, lost=(2,), held=(1,))
        emulator.fail(status=404, operation="statPath")
        one, other = together(client, way, create, lambda hubspot: create(hubspot.with_options(max_retries=1)))
        assert one.path == "/cats"
        assert isinstance(other, OutcomeUnknownError)
        assert isinstance(other.__cause__, ConflictError)

    def test_a_folder_in_another_parent_is_found(self, client: Client, emulator: Emulator) -> None:
        way = Network(emulator, lost=(2,), held=(1,))
        one, other = together(client, way, lambda hubspot: create(hubspot, parent_path="/in"), create)
        assert (one.path, other.path) == ("/in/cats", "/cats")


class TestAFolder:
    @pytest.mark.promise("A folder that another call of the client or of its copies returned is a `ConflictError`.")
    def test_returned_by_another_call_is_a_conflict(self, client: Client, emulator: Emulator) -> None:
        way = Network(emulator, lost=(2,))

        def program(hubspot: Any) -> Any:
            made = yield create(hubspot)
            try:
                yield create(hubspot)
            except ConflictError:
                return made

        assert run(client, way, program).path == "/cats"
        assert [folder.path for folder in emulator.folders] == ["/in", "/cats"]


class TestClaims:
    def test_only_one_of_two_calls_claims_an_item(self) -> None:
        claims = Claims()
        with (
            claims.creating("file", None, "/a", "x", 0.0) as one,
            claims.creating("file", None, "/b", "x", 0.0) as other,
        ):
            assert claims.claim(one, "7", 1.0) is Claim.THIS_CALL
            assert claims.claim(other, "7", 1.0) is Claim.ANOTHER_CALL

    @pytest.mark.parametrize(
        ("started_at", "claim"), [(99.0, Claim.AMBIGUOUS), (104.0, Claim.AMBIGUOUS), (106.0, Claim.THIS_CALL)]
    )
    def test_after_the_oldest_id_is_evicted_the_result_is_uncertain(self, started_at: float, claim: Claim) -> None:
        """10,000 ids are kept: an upload that started before the oldest of them cannot be matched with certainty."""
        claims = Claims()
        for number in range(10_001):
            claims.note(str(number), 100.0)
        assert len(claims._given) == 10_000
        with claims.creating("file", None, "/", "x", started_at) as flight:
            assert claims.claim(flight, "10_002", 200.0) is claim

    @pytest.mark.parametrize(
        ("place", "meets"),
        [
            (("file", None, "/a", "x"), True),
            (("file", None, "/A", "X"), True),
            (("file", "7", None, "x"), True),
            (("folder", None, "/a", "x"), False),
            (("file", None, "/b", "x"), False),
            (("file", None, "/a", "y"), False),
        ],
    )
    def test_a_call_that_ends_without_a_result_leaves_doubt(self, place: Any, meets: bool) -> None:
        claims = Claims()
        with claims.creating("file", None, "/a", "x", 0.0) as flight:
            with pytest.raises(OutcomeUnknownError), claims.creating(*place, 0.0):
                raise OutcomeUnknownError("lost")
            assert claims.claim(flight, "7", 1.0) is (Claim.AMBIGUOUS if meets else Claim.THIS_CALL)

    @pytest.mark.parametrize(("first", "second", "meets"), [("7", "007", True), ("7", "8", False)])
    def test_of_two_folder_ids(self, first: str, second: str, meets: bool) -> None:
        claims = Claims()
        with claims.creating("file", first, None, "x", 0.0) as flight, claims.creating("file", second, None, "x", 0.0):
            assert claims.claim(flight, "7", 1.0) is (Claim.AMBIGUOUS if meets else Claim.THIS_CALL)

    @pytest.mark.parametrize(("lost", "claim"), [(False, Claim.THIS_CALL), (True, Claim.AMBIGUOUS)])
    def test_a_refused_call_leaves_no_doubt(self, lost: bool, claim: Claim) -> None:
        """Unless the refused attempt was the second."""
        claims = Claims()
        with claims.creating("file", None, "/a", "x", 0.0) as flight:
            with contextlib.suppress(ConflictError), claims.creating("file", None, "/a", "x", 0.0) as other:
                other.lost = lost
                raise ConflictError("it exists")
            assert claims.claim(flight, "7", 1.0) is claim


def test_changes_are_settled_after_ten_minutes() -> None:
    changes = Changes()
    assert changes.are_settled(0.0)
    changes.start()
    assert not changes.are_settled(1000.0)
    changes.finish()
    assert not changes.are_settled(1000.0)
    assert not changes.are_settled(1600.0)
    assert changes.are_settled(1600.1)
    assert Shared().changes.started == 0
