"""Every operation of both clients meets every fault: results, requests, waits and stored items."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hubspot_files import (
    AsyncHubSpotFiles,
    ConflictError,
    FileMissingError,
    HubSpotFiles,
    OutcomeUnknownError,
    UnsupportedOperationError,
)
from hubspot_files_api.versions import OPERATIONS as FACTS
from hubspot_files_api.versions import VERSIONS

from .faults import FAULTS, RETRIES, Fault, expected
from .operations import OPERATIONS, Operation
from .support import CONTENT, OTHER, World

CLIENTS = ("sync", "asyncio")
# The operations that the version of the API lacks, except those that are called in another version.
MISSING = {name for name in VERSIONS[os.environ["HUBSPOT_API_VERSION"]].missing if not FACTS[name].way_round}
# Chances that the jitter draws: a wait of its full length, and of a quarter of it.
CHANCES = {"sync": 1.0, "asyncio": 0.25}


@pytest.fixture
def world(directory: Path) -> Iterator[World]:
    world = World(directory)
    yield world
    world.emulator.close()


def arrivals(world: World, operation: str) -> int:
    """Return how many requests of an operation reached HubSpot, perhaps with an incomplete body."""
    lost = ("ConnectError", "ConnectTimeout")
    return sum(request.operation == operation and request.error not in lost for request in world.emulator.requests)


def check_saved(world: World, operation: Operation, *, success: bool) -> None:
    """Check that a download is complete, or that the previous file is unchanged, and that no other file is left."""
    replaced = success and operation.name.startswith("download")
    assert world.on_disk() == {"cat.bin": CONTENT if replaced else OTHER}


def check_secrets(world: World) -> None:
    """Check that no other host received the token, and the API no signed URL."""
    for sent in world.wire.sent:
        if sent.operation in ("fetchContent", "elsewhere"):
            assert not {"authorization", "cookie"} & set(sent.headers)
        else:
            assert "signature" not in sent.query


@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_without_a_fault(operation: Operation, backend: str, world: World, sleeps: list[float]) -> None:
    """The matrix relies on this for each operation. What the version of the API lacks is refused."""
    if operation.prepare is not None:
        operation.prepare(world)
    outcome = world.run(backend, operation.work)
    if operation.target in MISSING:
        assert isinstance(outcome.error, UnsupportedOperationError)
        assert outcome.error.operation == operation.target
        assert world.wire.sent == []
        return
    assert outcome.error is None
    assert operation.right(world, outcome.result)
    assert sum(world.wire.tried().values()) == 1 + len(operation.before) + len(operation.after)
    assert sleeps == list(operation.waits)
    assert world.stored() == operation.stored(happened=True)
    check_saved(world, operation, success=True)
    check_secrets(world)


@pytest.mark.promise(
    "no connection | retried | retried | retried | retried | retried | retried",
    "TLS failed, such as for a certificate that is not trusted | raised | raised | raised | raised | raised | raised",
    "423, 429 or 477 with a wait of at most 60 s | retried | retried | retried | retried | retried | retried",
    "429 of the daily limit; 423, 429 or 477 with a wait over 60 s | raised | raised | raised | raised | "
    "raised | raised",
    "401, the token comes from a callable | retried once | retried once | retried once | retried once | "
    "retried once | retried once",
    "connection cut or timed out before the request was fully sent | retried | retried | retried | "
    "retried | retried | retried",
    "500, 502 to 504 or 521 to 524; cut or timed out after that | retried | retried | retried; a 404 is "
    "then success | looked up | `OutcomeUnknownError` | looked up, then retried",
    "500, 502 to 504 or 521 to 524 with a wait over 60 s | raised | raised | raised | looked up | "
    "`OutcomeUnknownError` | looked up, not retried",
    "any other status | raised | raised | raised | raised | raised | raised",
    "2xx that cannot be read | retried | the record is fetched | success | looked up | "
    "`OutcomeUnknownError` | looked up, then retried",
    'An upload or import with `duplicates=DuplicateCheck("RETURN_EXISTING", "EXACT_FOLDER")` is '
    "idempotent and retried like a get.",
    "`ConnectionFailedError`, `RequestTimeoutError` | try again; it is safe, as the request is idempotent "
    "or HubSpot did not receive all of it",
)
@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_operation_with_fault(
    operation: Operation,
    fault: Fault,
    backend: str,
    world: World,
    sleeps: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = CHANCES[backend]
    monkeypatch.setattr("random.random", lambda: chance)
    if operation.prepare is not None:
        operation.prepare(world)
    fault.inject(world, operation)
    options = {"access_token": world.token_provider(asynchronous=backend != "sync")} if fault.refreshable else {}

    outcome = world.run(backend, operation.work, **options)

    right = expected(operation, fault, chance)
    if right.error is None:
        if outcome.error is not None:
            raise outcome.error
        assert operation.right(world, outcome.result)
    else:
        assert type(outcome.error) is right.error, repr(outcome.error)
        if right.cause is not None:
            assert type(outcome.error.__cause__) is right.cause
    assert world.wire.tried() == right.requests
    if fault.row in ("connect", "tls"):
        tried = right.requests[operation.target]
        assert arrivals(world, operation.target) == (0 if fault.always or right.error is not None else tried - 1)
    else:
        assert arrivals(world, operation.target) == right.requests[operation.target]
    if fault.refreshable:
        tokens = [sent.headers.get("authorization") for sent in world.wire.sent if sent.operation == operation.target]
        assert len(set(tokens)) == (1 if operation.target == "fetchContent" else len(tokens))
    assert sleeps == right.waits
    assert world.stored() == operation.stored(happened=right.happened)
    check_saved(world, operation, success=right.error is None)
    check_secrets(world)


def test_the_matrix_is_complete() -> None:
    """Every operation of either client is in the matrix, and the number of faults is as expected."""
    covered = {operation.name.partition(",")[0] for operation in OPERATIONS}
    tasks = {f"{kind} task {name}" for kind in ("import", "update") for name in ("refresh", "wait")}
    for client in (HubSpotFiles("token"), AsyncHubSpotFiles("token")):
        resources = {"": client.files, "folders.": client.folders, "signed_url_cache.": client.files.signed_url_cache}
        named = {prefix + name for prefix, resource in resources.items() for name in _methods(type(resource))}
        # Methods that send no request: tasks from an id, and clearing the cache.
        silent = {"get_import_task", "folders.get_update_task", "signed_url_cache.clear"}
        assert named - silent | tasks | {"request"} == covered
    assert len({fault.name for fault in FAULTS}) >= 24
    assert len(OPERATIONS) * len(FAULTS) * len(CLIENTS) > 1000


def _methods(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_") and callable(getattr(kind, name))}


@pytest.mark.promise(
    "The callable is called again for the retry after a 401, which does not count as one of `max_retries`."
)
@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_an_expired_token_is_refreshed(operation: Operation, backend: str, world: World, sleeps: list[float]) -> None:
    """At whichever request it expires, and without a retry."""
    if operation.prepare is not None:
        operation.prepare(world)
    stale = world.emulator.add_token()
    world.emulator.expire_token(stale)
    tokens = [stale]
    provider = world.token_provider(asynchronous=backend != "sync")
    outcome = world.run(
        backend, operation.work, access_token=lambda: tokens.pop() if tokens else provider(), max_retries=0
    )
    assert outcome.error is None
    assert operation.right(world, outcome.result)
    assert [request.status for request in world.emulator.requests].count(401) == 1
    assert sum(world.wire.tried().values()) == 2 + len(operation.before) + len(operation.after)
    assert sleeps == list(operation.waits)
    assert world.stored() == operation.stored(happened=True)


AMBIGUOUS = [fault for fault in FAULTS if fault.row == "ambiguous" and fault.effect and not fault.always]
NOT_SENT = [fault for fault in FAULTS if fault.row in ("connect", "busy") and not fault.always]
UPLOADS = [operation for operation in OPERATIONS if operation.kind == "upload"]
FOLDERS = [operation for operation in OPERATIONS if operation.kind == "folder"]
DELETES = [operation for operation in OPERATIONS if operation.kind == "delete"]


@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("fault", AMBIGUOUS, ids=str)
@pytest.mark.parametrize("operation", [*UPLOADS, *FOLDERS], ids=str)
def test_the_outcome_is_unknown_if_the_lookup_fails(
    operation: Operation, fault: Fault, backend: str, world: World, sleeps: list[float]
) -> None:
    fault.inject(world, operation)
    world.emulator.fail("connect", operation=operation.lookup[-1], count=None)
    outcome = world.run(backend, operation.work)
    assert type(outcome.error) is OutcomeUnknownError
    assert type(outcome.error.__cause__) is fault.error
    tried = world.wire.tried()
    assert tried[operation.target] == 1
    assert tried[operation.lookup[-1]] == RETRIES + 1
    assert len(sleeps) == RETRIES
    assert world.stored() == operation.stored(happened=True)


@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("effect", [False, True], ids=["before the effect", "after the effect"])
@pytest.mark.parametrize(
    ("content", "access", "age"),
    [
        (CONTENT, "PRIVATE", 60),
        (CONTENT, "PUBLIC_INDEXABLE", 0),
        (OTHER, "PRIVATE", 0),
        (CONTENT[:-1] + b"!", "PRIVATE", 0),
    ],
    ids=["older", "of other access", "of another size", "of other content"],
)
def test_another_file_is_not_returned_for_the_upload(
    content: bytes, access: str, age: int, effect: bool, backend: str, world: World, sleeps: list[float]
) -> None:
    """HubSpot renames an upload if its name is taken, and the new name cannot be known."""
    world.emulator.add_file("/in/cat.bin", content, access=access)
    world.emulator.clock.advance(age)
    world.emulator.fail(status=502, operation="uploadFile", after_effect=effect)
    outcome = world.run(backend, UPLOADS[0].work)
    assert type(outcome.error) is OutcomeUnknownError
    assert world.wire.tried() == {"uploadFile": 1, "statPath": 1}
    assert [file.path for file in world.emulator.files if file.path.startswith("/in/")] == (
        ["/in/cat.bin", "/in/cat-1.bin"] if effect else ["/in/cat.bin"]
    )
    assert sleeps == []


@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("effect", [False, True], ids=["before the effect", "after the effect"])
@pytest.mark.parametrize("operation", FOLDERS, ids=str)
def test_an_existing_folder_is_a_conflict(
    operation: Operation, effect: bool, backend: str, world: World, sleeps: list[float]
) -> None:
    world.emulator.add_folder("/library/cats")
    world.emulator.clock.advance(60)
    world.emulator.fail(status=502, operation="createFolder", after_effect=effect)
    outcome = world.run(backend, operation.work)
    assert type(outcome.error) is ConflictError
    assert world.wire.tried()["createFolder"] == 2
    assert world.stored() == operation.stored(happened=True)


@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("fault", NOT_SENT, ids=str)
@pytest.mark.parametrize("operation", DELETES, ids=str)
def test_deleting_a_missing_item_is_an_error(
    operation: Operation, fault: Fault, backend: str, world: World, sleeps: list[float]
) -> None:
    """A 404 is success only if an earlier attempt may have deleted the item."""
    with httpx.Client(transport=world.emulator.transport, base_url=world.emulator.base_url) as api:
        api.headers["Authorization"] = f"Bearer {world.emulator.token}"
        api.delete(f"/files/v3/files/{world.cat.id}{'/gdpr-delete' if operation.name == 'gdpr_delete' else ''}")
        api.delete(f"/files/v3/folders/{world.box}")
    fault.inject(world, operation)
    outcome = world.run(backend, operation.work)
    assert type(outcome.error) is FileMissingError
    assert world.wire.tried() == {operation.target: 2}
    assert len(sleeps) == 1
