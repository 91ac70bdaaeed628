"""The correlation id of an error: its own, or that of the error which is its cause."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from hubspot_files import (
    APIError,
    ArgumentValueError,
    ConnectionFailedError,
    HubSpotFilesError,
    OutcomeUnknownError,
    RequestTimeoutError,
    SearchLimitError,
    ServerError,
    TaskFailedError,
    TaskTimeoutError,
    TokenStoreError,
)
from hubspot_files.testing import Emulator
from hubspot_files.transfers import TransferFailedError, TransferStoppedError

from .support import FILE, TOKEN, Client, FakeClock

ID = "4c6ea1ae-5c9e"
LINE = f"Correlation id for HubSpot's support: {ID}"
HEADERS = {"x-hubspot-correlation-id": ID}
IMPORT = "/files/v3/files/import-from-url/async"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


def run(client: Client, emulator: Emulator, program: Callable[[Any], Any], **options: Any) -> Any:
    http = client.http(emulator.transport)
    return client(program, access_token=emulator.token, http_client=http, max_retries=0, **options)


def chained(error: HubSpotFilesError) -> HubSpotFilesError:
    error.__cause__ = ServerError("no", correlation_id=ID)
    return error


@pytest.mark.promise(
    "Each error has a `correlation_id`, which is the one of its cause if it has none of its own, or None.",
    "The last line of a message names it, and so does the `reason` of a `TransferResult`.",
)
@pytest.mark.parametrize("after_effect", [True, False])
@pytest.mark.parametrize(
    ("operation", "program"),
    [
        ("uploadFile", lambda hubspot: hubspot.files.upload(b"a", name="a", folder_path="/in", access="PRIVATE")),
        ("importFileFromUrl", lambda hubspot: hubspot.files.import_from_url("https://a.test/a", folder_path="/in")),
        ("createFolder", lambda hubspot: hubspot.folders.create("a")),
        ("createFolder", lambda hubspot: hubspot.request("POST", "/files/v3/folders", json={"name": "a"})),
    ],
)
def test_of_an_unknown_outcome(
    client: Client, emulator: Emulator, operation: str, program: Any, after_effect: bool
) -> None:
    emulator.fail(status=504, operation=operation, headers=HEADERS, after_effect=after_effect)
    emulator.fail(status=503, operation="statPath", headers={"x-hubspot-correlation-id": "of the lookup"})
    with pytest.raises(OutcomeUnknownError) as caught:
        run(client, emulator, program)
    assert caught.value.correlation_id == ID
    first, last = str(caught.value).split("\n")
    assert "HubSpot may have done it" in first
    assert last == LINE


@pytest.mark.promise(
    "Each error has a `correlation_id`, which is the one of its cause if it has none of its own, or None.",
    "The last line of a message names it, and so does the `reason` of a `TransferResult`.",
)
def test_of_a_transfer(client: Client, emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.txt").write_bytes(b"a")

    def program(hubspot: Any) -> Any:
        return (yield hubspot.transfers.upload_folder(tmp_path / "site", "/site", journal=tmp_path / "journal"))

    emulator.fail(status=400, operation="uploadFile", headers=HEADERS, body=b"<html>")
    report = run(client, emulator, program)
    [result] = [result for result in report.results if result.outcome == "failed"]
    assert result.reason.endswith(f" (correlation id {ID})")
    with pytest.raises(TransferFailedError, match=ID):
        report.raise_for_failures()

    emulator.fail(status=401, operation="uploadFile", headers=HEADERS, body=b"<html>")
    with pytest.raises(TransferStoppedError) as caught:
        run(client, emulator, program)
    assert caught.value.correlation_id == ID
    assert str(caught.value).count(ID) == 1
    assert str(caught.value).endswith(LINE)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ({"status": "COMPLETE", "numErrors": 1}, TaskFailedError),
        ({"status": "CANCELED"}, TaskFailedError),
        ({"status": "COMPLETE"}, TaskFailedError),
        ({"status": "PROCESSING"}, TaskTimeoutError),
    ],
)
def test_of_a_task_is_that_of_its_last_state(
    client: Client, api: respx.MockRouter, state: dict[str, Any], kind: type[HubSpotFilesError]
) -> None:
    body = {"taskId": "7", "completedAt": "2026-03-01T12:00:02Z", **state}
    api.get(f"{IMPORT}/tasks/7/status").respond(200, json=body, headers={"x-hubspot-correlation-id": f"{ID} {TOKEN}"})

    def program(hubspot: Any) -> Any:
        task = yield hubspot.files.get_import_task("7")
        return (yield task.wait(deadline=timedelta(0)))

    with pytest.raises(kind) as caught:
        client(program)
    assert str(caught.value).endswith(f"{LINE} [secret]")
    assert pickle.loads(pickle.dumps(caught.value)).correlation_id == f"{ID} [secret]"


def test_of_a_deadline_after_a_failure(
    client: Client, api: respx.MockRouter, clock: FakeClock, sleeps: list[float]
) -> None:
    """The rate limit leaves no time for the retry, or the token comes too late."""
    limited = {**HEADERS, "x-hubspot-ratelimit-max": "1"}
    api.get("/files/v3/files/1").mock(
        side_effect=[
            httpx.Response(200, json=FILE, headers={"x-hubspot-ratelimit-max": "1"}),
            httpx.Response(503, headers=limited),
        ]
    )

    def paced(hubspot: Any) -> Any:
        paced = hubspot.with_options(deadline=5, pace=True)
        yield paced.files.get(1)
        clock.now += 12
        yield paced.files.get(1)

    with pytest.raises(RequestTimeoutError, match="the rate limit does not allow it before") as caught:
        client(paced)
    assert caught.value.correlation_id == ID

    api.get("/files/v3/files/2").respond(503, headers=HEADERS)
    requests = 0

    def token() -> str:
        nonlocal requests
        requests += 1
        clock.now += 8 * (requests > 1)
        return TOKEN

    with pytest.raises(RequestTimeoutError, match="the access token came after the deadline") as caught:
        client(lambda hubspot: hubspot.files.get(2), access_token=token, deadline=5)
    assert caught.value.correlation_id == ID
    assert str(caught.value).endswith(LINE)


def test_without_one() -> None:
    error = ConnectionFailedError("reset")
    error.__cause__ = OSError("reset")
    assert (error.correlation_id, str(error)) == (None, "reset")
    assert str(ArgumentValueError("no")) == "no"


def test_its_own_comes_first() -> None:
    error = chained(APIError("no", correlation_id="own"))
    assert error.correlation_id == "own"
    error.correlation_id = None
    assert error.correlation_id == ID
    outer = SearchLimitError("too many")
    outer.__cause__ = chained(OutcomeUnknownError("lost"))
    assert str(outer) == f"too many\n{LINE}"


@pytest.mark.promise("A pickle keeps it.")
@pytest.mark.parametrize(
    "make", [OutcomeUnknownError, TaskFailedError, TokenStoreError, TransferStoppedError, ArgumentValueError]
)
@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_is_kept_without_the_cause(make: type[HubSpotFilesError], clone: Any) -> None:
    cloned = clone(chained(make("lost")))
    assert type(cloned) is make
    assert cloned.__cause__ is None
    assert cloned.correlation_id == ID
    assert str(cloned) == f"lost\n{LINE}"
