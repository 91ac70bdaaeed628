"""Token requests meet every fault: results, requests, waits, the next call, and the secrets in all output."""

from __future__ import annotations

import contextlib
import hashlib
import pickle
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hubspot_files import FileTokenStore, HubSpotFilesError, InvalidGrantError, OAuthCredentials, TokenStoreError
from hubspot_files.testing import OAuthApp

from .faults import FAULTS, RETRIES, TABLE, Fault
from .operations import Operation
from .support import World
from .test_leaks import Output, Scene, by_name, caller, get, output, servers, sockets

__all__ = ["caller", "output", "servers", "sockets"]  # fixtures

CLIENTS = ("sync", "asyncio", "trio")
VERIFIER = "marked-verifier-of-43-characters-and-some-more"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
TOKEN_REQUEST = Operation("token request", "read", "createToken", get, lambda world, result: True)


@pytest.fixture
def world(directory: Path) -> Iterator[World]:
    world = World(directory)
    yield world
    world.emulator.close()


@pytest.mark.parametrize("backend", CLIENTS)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_token_request_with_a_fault(
    fault: Fault, backend: str, world: World, sleeps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is retried as a request that reads; a 401 is the app's, which no other token helps."""
    chance = {"sync": 1.0, "asyncio": 0.25, "trio": 0.5}[backend]
    monkeypatch.setattr("random.random", lambda: chance)
    app = world.emulator.add_oauth_app()
    credentials = OAuthCredentials(
        app.client_id,
        app.client_secret,
        world.emulator.add_refresh_token(app.client_id),
        base_url=world.emulator.base_url,
        http_client=httpx.Client(transport=world.wire),
    )
    fault.inject(world, TOKEN_REQUEST)

    outcome = world.run(backend, get, access_token=credentials)

    is_retried = TABLE[fault.row, "read"] == "RETRY"
    requests = 1 + (RETRIES if fault.always else 1) if is_retried else 1
    if is_retried and not fault.always:
        if outcome.error is not None:
            raise outcome.error
        assert outcome.result.id == world.cat.id
        assert world.wire.tried() == Counter(createToken=requests, getFile=1)
    else:
        assert type(outcome.error) is fault.error, repr(outcome.error)
        assert world.wire.tried() == Counter(createToken=requests)
    assert sleeps == (fault.waits(requests - 1, chance) if is_retried else [])
    # The next call starts anew.
    world.emulator.clear_faults()
    world.wire.fail("createToken", AssertionError, 0)
    again = world.run(backend, get, access_token=credentials)
    assert again.error is None
    assert again.result.id == world.cat.id


class Account:
    """An app at the emulator of a scene, with its secrets, and credentials whose output is recorded.

    Attributes:
        secrets: every secret of the app.
    """

    def __init__(self, scene: Scene, path: Path) -> None:
        self.scene = scene
        self.store = FileTokenStore(path)
        emulator = scene.world.emulator
        self.app: OAuthApp = emulator.add_oauth_app(rotates_refresh_tokens=True)
        self.refresh_token = emulator.add_refresh_token(self.app.client_id)
        self.code = emulator.authorize(self.app.client_id, code_challenge=CHALLENGE)
        scene.tokens |= {self.app.client_secret, self.refresh_token, self.code, VERIFIER}
        self.options: dict[str, Any] = {"base_url": emulator.base_url, "timeout": httpx.Timeout(0.3, connect=5)}
        if scene.loopback is None:
            self.options["http_client"] = httpx.Client(transport=scene.world.wire)

    def credentials(self) -> OAuthCredentials:
        return OAuthCredentials(
            self.app.client_id, self.app.client_secret, self.refresh_token, store=self.store, **self.options
        )

    def check(self, credentials: OAuthCredentials | None, capfd: pytest.CaptureFixture[str]) -> None:
        """Check that no output holds a secret: neither those that the app had, nor those that HubSpot has issued."""
        output, scene = self.scene.output, self.scene
        scene.tokens |= set(scene.world.emulator.tokens)
        with contextlib.suppress(HubSpotFilesError):
            stored = self.store.load()
            if stored is not None:
                scene.tokens |= {stored.access_token, stored.refresh_token}
                output.note("stored tokens", stored, str(stored))
        if credentials is not None:
            note_credentials(output, credentials)
        scene.check(capfd)


def note_credentials(output: Output, credentials: OAuthCredentials) -> None:
    """Record the reprs of credentials and of all that they hold."""
    endpoints = credentials._endpoints
    held = credentials._held
    for part in (credentials, endpoints, endpoints._driver, endpoints._driver.connections, credentials._store, held):
        output.note(f"repr of {type(part).__name__}", repr(part), str(part))
        if hasattr(part, "__dict__"):
            output.note(f"variables of {type(part).__name__}", vars(part))
    output.note("settings", endpoints._settings, endpoints._settings._asdict())
    with pytest.raises(TypeError):
        pickle.dumps(credentials)


def refresh(account: Account, credentials: OAuthCredentials) -> None:
    credentials()


def exchange(account: Account, credentials: OAuthCredentials) -> None:
    app = account.app
    OAuthCredentials.exchange_code(
        app.client_id,
        app.client_secret,
        account.code,
        app.redirect_uri,
        code_verifier=VERIFIER,
        store=account.store,
        **account.options,
    )


def revoke(account: Account, credentials: OAuthCredentials) -> None:
    credentials.revoke()


def introspect(account: Account, credentials: OAuthCredentials) -> None:
    account.scene.output.note("result", credentials.introspect())


CALLS = {"createToken": (refresh, exchange), "revokeToken": (revoke,), "introspectToken": (introspect,)}
CASES = [(operation, call) for operation, calls in CALLS.items() for call in calls]


def check_call(
    scene: Scene, tmp_path: Path, operation: str, call: Callable[..., None], fault: Fault | None, capfd: Any
) -> None:
    account = Account(scene, tmp_path / "tokens.json")
    credentials = account.credentials()
    if fault is not None:
        fault.inject(scene.world, Operation(call.__name__, "read", operation, get, lambda world, result: True))
    try:
        call(account, credentials)
    except HubSpotFilesError as error:
        # The first frames are those of the test, which knows the secrets.
        traceback = error.__traceback__
        for _ in range(2):
            assert traceback is not None
            traceback = traceback.tb_next
        scene.output.note_error(error.with_traceback(traceback))
    account.check(credentials, capfd)


@pytest.mark.promise(
    "The same holds for the client secret, refresh tokens, authorization codes and code verifiers of OAuth, "
    "which are sent to `base_url` only."
)
@pytest.mark.parametrize("fault", [None, *by_name(set())], ids=str)
@pytest.mark.parametrize(("operation", "call"), CASES)
def test_no_output_on_sockets_holds_a_secret(
    operation: str,
    call: Callable[..., None],
    fault: Fault | None,
    sockets: Scene,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    check_call(sockets, tmp_path, operation, call, fault, capfd)


@pytest.mark.parametrize("fault", [None, *by_name(set())], ids=str)
@pytest.mark.parametrize(("operation", "call"), CASES)
def test_no_output_on_a_client_of_the_caller_holds_a_secret(
    operation: str,
    call: Callable[..., None],
    fault: Fault | None,
    caller: Scene,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    check_call(caller, tmp_path, operation, call, fault, capfd)


@pytest.mark.parametrize("backend", ["sync", "asyncio"])
@pytest.mark.parametrize("rejected", [False, True], ids=["accepted", "invalid_grant"])
def test_no_output_of_a_client_holds_a_secret(
    rejected: bool, backend: str, sockets: Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    account = Account(sockets, tmp_path / "tokens.json")
    credentials = account.credentials()
    if rejected:
        sockets.world.emulator.revoke_refresh_token(account.refresh_token)
    outcome = sockets.run(backend, get, access_token=credentials)
    assert type(outcome.error) is (InvalidGrantError if rejected else type(None)), repr(outcome.error)
    account.check(credentials, capfd)


@pytest.mark.parametrize("status", [200, 400])
def test_a_hook_of_the_caller_shows_no_secret(
    status: int, caller: Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its error holds the request and the response, of which neither the form nor the tokens may be left."""
    account = Account(caller, tmp_path / "tokens.json")

    def raise_always(response: httpx.Response) -> None:
        response.read()
        raise httpx.HTTPStatusError(f"status {response.status_code}", request=response.request, response=response)

    account.options["http_client"].event_hooks = {"response": [raise_always]}
    if status == 400:
        caller.world.emulator.revoke_refresh_token(account.refresh_token)
    credentials = account.credentials()
    with pytest.raises(httpx.HTTPStatusError) as caught:
        credentials()
    assert caught.value.response.status_code == status
    caller.output.note("body", caught.value.response.text, repr(caught.value.response.headers.raw))
    assert caught.value.__traceback__ is not None
    caller.output.note_error(caught.value.with_traceback(caught.value.__traceback__.tb_next))
    account.check(credentials, capfd)


def test_a_store_that_fails_shows_no_secret(
    sockets: Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(sockets, tmp_path / "tokens.json")
    credentials = account.credentials()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(TokenStoreError) as caught:
        credentials()
    assert caught.value.__traceback__ is not None
    sockets.output.note_error(caught.value.with_traceback(caught.value.__traceback__.tb_next))
    account.check(credentials, capfd)


def test_a_damaged_file_shows_no_secret(sockets: Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tokens.json"
    account = Account(sockets, path)
    credentials = account.credentials()
    credentials()
    content = path.read_text(encoding="utf-8")
    stored = account.store.load()
    assert stored is not None
    sockets.tokens |= {stored.access_token, stored.refresh_token}
    path.write_text(content[:-5], encoding="utf-8")
    with pytest.raises(TokenStoreError) as caught:
        account.credentials()()
    assert caught.value.__traceback__ is not None
    del content, stored
    sockets.output.note_error(caught.value.with_traceback(caught.value.__traceback__.tb_next))
    account.check(credentials, capfd)
