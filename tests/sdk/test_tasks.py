"""Tasks: imports and recursive folder changes, waiting for them, and their results."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import respx

from hubspot_files import (
    Access,
    NotFoundError,
    OutcomeUnknownError,
    ServerError,
    TaskFailedError,
    TaskStatus,
    TaskTimeoutError,
    UnexpectedResponseError,
)

from .support import BASE_URL, FILE, FOLDER, RECURSIVE, Client, FakeClock

ID = "57122e26-59f8-4cfc-ba53-96e30c816762"
IMPORT = f"/files/v3/files/import-from-url/async/tasks/{ID}/status"
UPDATE = f"/files/v3/folders/update/async/tasks/{ID}/status"
PENDING = {"taskId": ID, "status": "PENDING"}
PROCESSING = {
    "taskId": ID,
    "status": "PROCESSING",
    "requestedAt": "2026-03-01T12:00:00Z",
    "startedAt": "2026-03-01T12:00:01Z",
}
COMPLETE = {
    "taskId": ID,
    "status": "COMPLETE",
    "requestedAt": "2026-03-01T12:00:00Z",
    "startedAt": "2026-03-01T12:00:01Z",
    "completedAt": "2026-03-01T12:00:02.500Z",
    "numErrors": 0,
    "errors": [],
}
ERROR = {"status": "error", "category": "VALIDATION_ERROR", "message": "The URL answered 404", "context": {}}


@pytest.fixture
def waits(clock: FakeClock, sleeps: list[float]) -> list[float]:
    """Return the seconds waited, on a clock that nothing else moves."""
    return sleeps


@pytest.fixture(autouse=True)
def starts(api: respx.MockRouter) -> None:
    api.post("/files/v3/files/import-from-url/async").respond(202, json={"id": ID, "links": {}})
    api.post("/files/v3/folders/update/async").respond(202, json={"id": ID, "links": {"status": "https://elsewhere"}})


def mock_states(api: respx.MockRouter, path: str, *states: dict[str, Any]) -> respx.Route:
    return api.get(path).mock(side_effect=[httpx.Response(200, json=state) for state in states])


def import_and_wait(hubspot: Any, **options: Any) -> Any:
    """Return a program that imports a file and waits for it."""
    task = yield hubspot.files.import_from_url("https://example.com/cat.png", folder_path="/in")
    return (yield task.wait(**options))


def rename_and_wait(hubspot: Any, **options: Any) -> Any:
    """Return a program that renames a folder and waits for it."""
    task = yield hubspot.folders.update_recursively(7, name="dogs")
    return (yield task.wait(**options))


class TestWait:
    def test_polls_until_the_file_is_there(self, client: Client, api: respx.MockRouter, waits: list[float]) -> None:
        route = mock_states(api, IMPORT, PENDING, PROCESSING, PROCESSING, {**COMPLETE, "result": FILE})

        file = client(import_and_wait)

        assert (file.id, file.access) == ("1", Access.PRIVATE)
        request = route.calls.last.request
        assert (request.method, str(request.url), request.content) == ("GET", f"{BASE_URL}{IMPORT}", b"")
        assert waits == pytest.approx([0.5, 0.8, 1.28])

    @RECURSIVE
    def test_of_a_folder(self, client: Client, api: respx.MockRouter, waits: list[float]) -> None:
        route = mock_states(api, UPDATE, PENDING, {**COMPLETE, "result": {**FOLDER, "name": "dogs"}})

        folder = client(rename_and_wait)

        assert (folder.id, folder.name) == ("1", "dogs")
        assert route.call_count == 2
        assert waits == [0.5]

    @RECURSIVE
    def test_reads_the_folder_if_the_result_lacks_it(self, client: Client, api: respx.MockRouter) -> None:
        mock_states(api, UPDATE, COMPLETE)
        route = api.get("/files/v3/folders/7").respond(200, json={**FOLDER, "id": "7", "name": "dogs"})

        assert client(rename_and_wait).name == "dogs"
        assert route.call_count == 1
        assert route.calls.last.request.url.query == b""

    def test_polls_at_growing_intervals(self, client: Client, api: respx.MockRouter, waits: list[float]) -> None:
        mock_states(api, IMPORT, *[PROCESSING] * 12, {**COMPLETE, "result": FILE})

        client(import_and_wait)

        assert waits[:8] == pytest.approx([0.5 * 1.6**number for number in range(7)] + [10.0])
        assert waits[8:] == [10.0] * 4

    def test_accepts_a_pending_task_without_dates(self, client: Client, api: respx.MockRouter) -> None:
        """They are described as required, and are absent until they happen."""
        mock_states(api, IMPORT, PENDING, {**COMPLETE, "result": FILE})
        states: list[Any] = []

        client(lambda hubspot: import_and_wait(hubspot, on_poll=states.append))

        pending, complete = states
        assert pending.status is TaskStatus.PENDING
        assert (pending.requested_at, pending.started_at, pending.completed_at) == (None, None, None)
        assert complete.status is TaskStatus.COMPLETE
        assert complete.completed_at == datetime(2026, 3, 1, 12, 0, 2, 500000, tzinfo=UTC)
        assert complete.result.id == FILE["id"]

    def test_polls_a_completed_task_once(self, client: Client, api: respx.MockRouter, waits: list[float]) -> None:
        route = mock_states(api, IMPORT, {**COMPLETE, "result": FILE})
        assert client(lambda hubspot: import_and_wait(hubspot, deadline=0)).id == FILE["id"]
        assert route.call_count == 1
        assert waits == []

    def test_retries_a_failed_poll(self, client: Client, api: respx.MockRouter) -> None:
        route = api.get(IMPORT).mock(
            side_effect=[
                httpx.Response(200, json=PENDING),
                httpx.Response(502),
                httpx.Response(200, json={**COMPLETE, "result": FILE}),
            ]
        )
        assert client(import_and_wait).id == FILE["id"]
        assert route.call_count == 3

    @pytest.mark.parametrize(
        ("responses", "error"),
        [
            ([httpx.Response(404)], NotFoundError),
            ([httpx.Response(200, html="<html>")] * 3, UnexpectedResponseError),
            ([httpx.Response(200, json={"taskId": ID})] * 3, UnexpectedResponseError),
        ],
    )
    def test_raises_an_error_of_the_poll(
        self, client: Client, api: respx.MockRouter, responses: list[httpx.Response], error: type[Exception]
    ) -> None:
        route = api.get(IMPORT).mock(side_effect=responses)
        with pytest.raises(error):
            client(import_and_wait, max_retries=2)
        assert route.call_count == len(responses)

    def test_calls_on_poll_for_each_state(self, client: Client, api: respx.MockRouter) -> None:
        mock_states(api, IMPORT, PENDING, PROCESSING, {**COMPLETE, "result": FILE})
        statuses: list[str] = []
        client(lambda hubspot: import_and_wait(hubspot, on_poll=lambda state: statuses.append(state.status.value)))
        assert statuses == ["PENDING", "PROCESSING", "COMPLETE"]

    def test_an_error_of_on_poll_ends_the_wait(self, client: Client, api: respx.MockRouter) -> None:
        route = mock_states(api, IMPORT, PENDING, PENDING)

        def stop(state: Any) -> None:
            raise ZeroDivisionError("enough")

        with pytest.raises(ZeroDivisionError, match="enough"):
            client(lambda hubspot: import_and_wait(hubspot, on_poll=stop))
        assert route.call_count == 1

    @pytest.mark.parametrize(
        ("deadline", "error", "message"),
        [
            (-1, ValueError, "deadline must not be negative, but is -1"),
            (timedelta(seconds=-1), ValueError, "deadline must not be negative"),
            (float("nan"), ValueError, "deadline must not be negative, but is nan"),
            ("60", TypeError, "deadline must be seconds or a timedelta, not str"),
            (True, TypeError, "deadline must be seconds or a timedelta, not bool"),
        ],
    )
    def test_refuses_an_invalid_timeout_before_anything_is_sent(
        self, client: Client, api: respx.MockRouter, deadline: Any, error: type[Exception], message: str
    ) -> None:
        def program(hubspot):
            task = yield hubspot.files.get_import_task(ID)
            yield task.wait(deadline=deadline)

        with pytest.raises(error, match=message):
            client(program)
        assert not api.calls


class TestTimeout:
    @pytest.mark.promise("`TaskTimeoutError` | continue with `error.task.wait()`")
    @pytest.mark.parametrize("deadline", [5, 5.0, timedelta(seconds=5)])
    def test_ends_the_wait_and_not_the_task(
        self, client: Client, api: respx.MockRouter, waits: list[float], deadline: Any
    ) -> None:
        states = iter([*[PROCESSING] * 6, {**COMPLETE, "result": FILE}])
        route = api.get(IMPORT).mock(side_effect=lambda _: httpx.Response(200, json=next(states)))

        def program(hubspot):
            task = yield hubspot.files.import_from_url("https://example.com/cat.png", folder_path="/in")
            with pytest.raises(TaskTimeoutError) as caught:
                yield task.wait(deadline=deadline)
            error = caught.value
            assert str(error) == (
                f"task {ID} is still PROCESSING after 5 s. HubSpot continues it: call wait() of the task of this error "
                "again."
            )
            assert error.task is task
            assert error.task.state.status is TaskStatus.PROCESSING
            # The last poll is at the deadline.
            assert waits == pytest.approx([0.5, 0.8, 1.28, 2.048, 0.372])
            assert route.call_count == 6
            return (yield error.task.wait())

        assert client(program).id == FILE["id"]
        assert route.call_count == 7

    def test_of_zero_polls_once(self, client: Client, api: respx.MockRouter, waits: list[float]) -> None:
        route = mock_states(api, IMPORT, PENDING)
        with pytest.raises(TaskTimeoutError, match="is still PENDING after 0 s"):
            client(lambda hubspot: import_and_wait(hubspot, deadline=0))
        assert route.call_count == 1
        assert waits == []


class TestFailure:
    @pytest.mark.promise("`TaskFailedError` | read `reasons`")
    def test_complete_with_errors_holds_the_reasons(self, client: Client, api: respx.MockRouter) -> None:
        """There is no status for failure."""
        second = {"status": "error", "category": "FILE", "message": "Too large"}
        mock_states(api, IMPORT, {**COMPLETE, "numErrors": 2, "errors": [ERROR, second]})

        with pytest.raises(TaskFailedError) as caught:
            client(import_and_wait)

        error = caught.value
        assert str(error) == f"task {ID} ended with errors: The URL answered 404; Too large"
        assert error.reasons == ["The URL answered 404", "Too large"]
        assert error.task.id == ID
        assert error.task.state.num_errors == 2
        assert error.task.state.errors[0].category == "VALIDATION_ERROR"

    def test_complete_with_errors_and_a_result_is_a_failure_too(self, client: Client, api: respx.MockRouter) -> None:
        mock_states(api, IMPORT, {**COMPLETE, "errors": [ERROR], "result": FILE})
        with pytest.raises(TaskFailedError, match="The URL answered 404"):
            client(import_and_wait)

    @pytest.mark.parametrize(
        ("state", "message", "reasons"),
        [
            ({**COMPLETE, "numErrors": 3}, "ended with errors: 3 errors, without a message", []),
            ({**COMPLETE, "numErrors": 1, "errors": None}, "ended with errors: 1 error", []),
            ({**COMPLETE, "errors": [{"category": "X"}]}, "ended with errors: ", []),
            ({**PROCESSING, "status": "CANCELED"}, "ended as CANCELED: ", []),
            (
                {**COMPLETE, "status": "CANCELED", "numErrors": 1, "errors": [ERROR]},
                "ended as CANCELED: The URL answered 404",
                ["The URL answered 404"],
            ),
            ({**COMPLETE, "status": "CANCELED", "result": FILE}, "ended as CANCELED: ", []),
            ({**COMPLETE, "status": "FAILED"}, "ended as FAILED: ", []),
        ],
    )
    def test_other_final_states_without_a_result(
        self, client: Client, api: respx.MockRouter, state: dict[str, Any], message: str, reasons: list[str]
    ) -> None:
        route = mock_states(api, IMPORT, state)
        with pytest.raises(TaskFailedError, match=f"task {ID} {message}") as caught:
            client(import_and_wait)
        assert caught.value.reasons == reasons
        assert route.call_count == 1

    def test_an_unknown_status_is_not_final(self, client: Client, api: respx.MockRouter, waits: list[float]) -> None:
        """Unless the task has a completion date."""
        paused = {**PROCESSING, "status": "PAUSED_2031"}
        mock_states(api, IMPORT, paused, {**COMPLETE, "result": FILE})
        states: list[Any] = []

        assert client(lambda hubspot: import_and_wait(hubspot, on_poll=states.append)).id == FILE["id"]

        assert (states[0].status.value, states[0].status.is_known) == ("PAUSED_2031", False)
        assert waits == [0.5]

    def test_an_import_without_its_file(self, client: Client, api: respx.MockRouter) -> None:
        mock_states(api, IMPORT, COMPLETE)
        with pytest.raises(TaskFailedError, match=r"is COMPLETE, but HubSpot does not say .* files\.search"):
            client(import_and_wait)


class TestFromId:
    @pytest.mark.parametrize(
        ("take_up", "path", "state", "name"),
        [
            pytest.param(
                lambda hubspot: hubspot.files.get_import_task(ID),
                IMPORT,
                {**COMPLETE, "result": FILE},
                "cat",
                id="import",
            ),
            pytest.param(
                lambda hubspot: hubspot.folders.get_update_task(ID),
                UPDATE,
                {**COMPLETE, "result": FOLDER},
                "cat_archive",
                id="folder",
                marks=RECURSIVE,
            ),
        ],
    )
    def test_sends_no_request(
        self,
        client: Client,
        api: respx.MockRouter,
        take_up: Callable[[Any], Any],
        path: str,
        state: dict[str, Any],
        name: str,
    ) -> None:
        route = mock_states(api, path, PENDING, state)

        def program(hubspot):
            task = yield take_up(hubspot)
            assert (task.id, task.state, len(api.calls)) == (ID, None, 0)
            return (yield task.wait())

        assert client(program).name == name
        assert route.call_count == 2

    @RECURSIVE
    def test_an_unknown_folder_is_an_error(self, client: Client, api: respx.MockRouter) -> None:
        mock_states(api, UPDATE, COMPLETE)

        def program(hubspot):
            task = yield hubspot.folders.get_update_task(ID)
            yield task.wait()

        with pytest.raises(TaskFailedError, match=r"is COMPLETE, but HubSpot does not say .*folder"):
            client(program)

    @pytest.mark.parametrize(
        ("task_id", "error"),
        [
            ("", ValueError),
            (".", ValueError),
            ("..", ValueError),
            ("a\nb", ValueError),
            ("\N{SNOWMAN}", ValueError),
            (5, TypeError),
            (None, TypeError),
        ],
    )
    @pytest.mark.parametrize("take_up", ["get_import_task", "get_update_task"])
    def test_refuses_an_id_that_changes_the_url(
        self, client: Client, api: respx.MockRouter, take_up: str, task_id: Any, error: type[Exception]
    ) -> None:
        with pytest.raises(error, match="task_id"):
            client(lambda hubspot: getattr(hubspot.files if "import" in take_up else hubspot.folders, take_up)(task_id))
        assert not api.calls

    def test_an_id_is_quoted(self, client: Client, api: respx.MockRouter) -> None:
        state = {**PENDING, "taskId": "a/../b?c"}
        route = api.get(url__startswith=f"{BASE_URL}/files/v3/files/import-from-url/").respond(200, json=state)

        def program(hubspot):
            task = yield hubspot.files.get_import_task("a/../b?c")
            yield task.refresh()

        client(program)
        assert route.calls.last.request.url.raw_path == (
            b"/files/v3/files/import-from-url/async/tasks/a%2F..%2Fb%3Fc/status"
        )


class TestRefresh:
    def test_polls_once_and_keeps_the_state(self, client: Client, api: respx.MockRouter, waits: list[float]) -> None:
        route = mock_states(api, IMPORT, PROCESSING)

        def program(hubspot):
            task = yield hubspot.files.get_import_task(ID)
            state = yield task.refresh()
            return task, state

        task, state = client(program)

        assert state is task.state
        assert state.status is TaskStatus.PROCESSING
        assert state.started_at == datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC)
        assert route.call_count == 1
        assert waits == []

    def test_a_failure_is_reported_and_not_raised(self, client: Client, api: respx.MockRouter) -> None:
        mock_states(api, IMPORT, {**COMPLETE, "numErrors": 1, "errors": [ERROR]})

        def program(hubspot):
            task = yield hubspot.files.get_import_task(ID)
            return (yield task.refresh())

        assert [error.message for error in client(program).errors] == ["The URL answered 404"]

    def test_gives_up_after_max_retries(self, client: Client, api: respx.MockRouter) -> None:
        api.get(IMPORT).respond(503)

        def program(hubspot):
            task = yield hubspot.files.get_import_task(ID)
            yield task.refresh()

        with pytest.raises(ServerError):
            client(program, max_retries=1)
        assert len(api.calls) == 2

    def test_repr_has_the_state(self, client: Client, api: respx.MockRouter) -> None:
        mock_states(api, IMPORT, PROCESSING)
        reprs: list[str] = []

        def program(hubspot):
            task = yield hubspot.files.get_import_task(ID)
            reprs.append(repr(task))
            yield task.refresh()
            reprs.append(repr(task))

        client(program)
        kind = "AsyncTask" if client.asynchronous else "Task"
        assert reprs == [f"<{kind} {ID}: not refreshed yet>", f"<{kind} {ID}: PROCESSING>"]


ID_IS_NONE = r"is not what the API describes: id is '.*', which is not a valid id"


@pytest.mark.parametrize("id", ["", ".", "..", "a\n", "\u00e9"])
@pytest.mark.unlike_hubspot("answers of the wrong shape are what it is about")
class TestInvalidIds:
    """Such an id would change the URL."""

    def test_of_an_import(self, client: Client, api: respx.MockRouter, id: Any) -> None:
        route = api.post("/files/v3/files/import-from-url/async").respond(202, json={"id": id, "links": {}})
        with pytest.raises(OutcomeUnknownError, match="the response, 202, could not be read") as caught:
            client(lambda hubspot: hubspot.files.import_from_url("https://example.com/a", folder_path="/"))
        assert re.search(ID_IS_NONE, str(caught.value.__cause__))
        assert route.call_count == len(api.calls) == 1

    @RECURSIVE
    def test_of_a_change_of_folders(self, client: Client, api: respx.MockRouter, id: Any) -> None:
        api.post("/files/v3/folders/update/async").respond(202, json={"id": id, "links": {}})
        with pytest.raises(UnexpectedResponseError, match=ID_IS_NONE):
            client(lambda hubspot: hubspot.folders.update_recursively(5, name="new"), max_retries=0)
        assert len(api.calls) == 1
