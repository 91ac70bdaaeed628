"""Stores of OAuth tokens: when credentials load and save them, failures, and the store that is a file."""

from __future__ import annotations

import json
import os
import pickle
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import filelock
import httpx
import pytest

from hubspot_files import (
    FileTokenStore,
    OAuthCredentials,
    OAuthTokens,
    ServerError,
    TokenStoreError,
)

from .oauth_app import REFRESH_TOKEN, MemoryStore, TokenServer, World, issued, tokens, world
from .support import Client, FakeClock, with_locals

ACCESS_TOKEN = "access-0-0000000000"


@pytest.fixture
def hub() -> Iterator[World]:
    with world(rotates_refresh_tokens=True) as hub:
        yield hub


class TestCredentials:
    @pytest.mark.promise("With a store, new tokens are saved before they are used.")
    def test_tokens_are_saved_before_they_are_used(self, client: Client, hub: World) -> None:
        class Store(MemoryStore):
            def save(self, tokens: OAuthTokens) -> None:
                assert [request.operation for request in hub.emulator.requests] == ["createToken"]
                super().save(tokens)

        store = Store()
        hub.get(client, hub.credentials(store=store))
        assert store.calls == ["lock", "load", "save", "unlock"]
        assert store.tokens is not None
        assert store.tokens.refresh_token != hub.refresh_token
        assert store.tokens.access_token in hub.emulator.tokens

    def test_the_next_run_uses_the_tokens_of_the_last(self, client: Client, hub: World) -> None:
        store = MemoryStore()
        hub.get(client, hub.credentials(store=store))
        for _ in range(2):
            store.calls.clear()
            hub.get(client, hub.credentials(None, store=store))
            assert store.calls == ["lock", "load", "unlock"]
        assert len(hub.token_requests) == 1

    def test_the_next_run_renews_with_the_refresh_token_of_the_store(self, client: Client, hub: World) -> None:
        store = MemoryStore()
        hub.get(client, hub.credentials(store=store))
        hub.emulator.clock.advance(1800)
        # The argument is what a program has in its configuration; it was replaced since.
        hub.get(client, hub.credentials(store=store))
        assert len(hub.token_requests) == 2

    def test_tokens_that_another_process_has_renewed_are_taken_over(self, client: Client, hub: World) -> None:
        store = MemoryStore()
        here, there = hub.credentials(store=store), hub.credentials(store=store)
        for _ in range(5):
            hub.get(client, here)
            hub.get(client, there)
            assert here() == there()
            hub.emulator.clock.advance(1800)
        assert len(hub.token_requests) == 5

    @pytest.mark.promise(
        "After a 401, the token is not renewed if another thread, task or process has renewed it meanwhile."
    )
    def test_an_expired_authentication_takes_over_the_renewed_token(self, client: Client, hub: World) -> None:
        store = MemoryStore()
        here, there = hub.credentials(store=store), hub.credentials(store=store)
        assert here() == there()
        hub.expire(here)
        hub.get(client, there)
        hub.get(client, here)
        assert here() == there()
        assert len(hub.token_requests) == 2

    def test_a_store_without_lock(self, client: Client, hub: World) -> None:
        class Store:
            def __init__(self) -> None:
                self.memory = MemoryStore()
                self.load, self.save = self.memory.load, self.memory.save

        store = Store()
        hub.get(client, hub.credentials(store=store))
        assert store.memory.calls == ["load", "save"]

    @pytest.mark.parametrize(
        ("obtained", "remaining"),
        [(0.0, 1740), (100.0, 1640), (1739.9, 0.1), (-100.0, 1740), (-1e9, 1740)],
        ids=["now", "100 s ago", "just before it is due", "in 100 s", "in 30 years"],
    )
    def test_the_remaining_life_of_stored_tokens(self, obtained: float, remaining: float, clock: FakeClock) -> None:
        """The wall clock may have been set since; no token lives longer than HubSpot said."""
        store = MemoryStore(tokens(obtained_at=clock.wall - obtained))
        server = TokenServer()
        credentials = server.credentials(store=store)
        assert credentials() == ACCESS_TOKEN
        clock.now += remaining - 0.05
        assert credentials() == ACCESS_TOKEN
        clock.now += 0.1
        assert credentials() == "access-1-0000000000"

    @pytest.mark.parametrize("obtained", [1740.0, 1800.0, 1e9])
    def test_stored_tokens_that_are_due(self, obtained: float, clock: FakeClock) -> None:
        store = MemoryStore(tokens(obtained_at=clock.wall - obtained))
        server = TokenServer()
        assert server.credentials(store=store)() == "access-1-0000000000"
        assert store.tokens is not None
        assert (store.tokens.access_token, store.tokens.obtained_at) == ("access-1-0000000000", clock.wall)

    def test_the_life_of_saved_tokens_counts_from_the_request(self, clock: FakeClock) -> None:
        started_at = clock.wall

        def respond(number: int) -> httpx.Response:
            clock.now += 100
            clock.wall += 100
            return issued(number)

        store = MemoryStore()
        TokenServer(respond).credentials(store=store)()
        assert store.tokens is not None
        assert store.tokens.obtained_at == started_at

    def test_an_empty_store_needs_a_refresh_token(self) -> None:
        server = TokenServer()
        credentials = server.credentials(None, store=MemoryStore())
        with pytest.raises(TokenStoreError, match="the token store has no tokens yet: pass refresh_token=") as caught:
            credentials()
        assert caught.value.credentials is credentials
        assert server.forms == []


class TestFailures:
    @pytest.mark.promise(
        "If they cannot be saved, `TokenStoreError` is raised, and the next call saves them without another "
        "token request."
    )
    def test_tokens_that_cannot_be_saved_are_not_lost(self, client: Client, hub: World) -> None:
        store = MemoryStore()
        store.failing["save"] = OSError(28, "No space left on device")
        credentials = hub.credentials(store=store)
        for _ in range(2):
            with pytest.raises(TokenStoreError, match=r"could not be written: OSError: .*No space left on device"):
                hub.get(client, credentials)
        # The token was not used, and not renewed again.
        assert [request.operation for request in hub.emulator.requests] == ["createToken"]
        store.failing.clear()
        hub.get(client, credentials)
        assert store.tokens is not None
        assert store.tokens.access_token == credentials()
        assert len(hub.token_requests) == 1

    def test_tokens_that_expire_before_they_are_saved(self, hub: World) -> None:
        store = MemoryStore()
        store.failing["save"] = OSError("full")
        credentials = hub.credentials(store=store)
        with pytest.raises(TokenStoreError):
            credentials()
        hub.emulator.clock.advance(1800)
        store.failing.clear()
        assert credentials() in hub.emulator.tokens
        assert len(hub.token_requests) == 2

    @pytest.mark.promise("`TokenStoreError` | repair the store; `error.credentials` keep the tokens in memory")
    def test_an_exchanged_code_is_not_lost(self, hub: World) -> None:
        store = MemoryStore()
        store.failing["save"] = OSError("full")
        with pytest.raises(TokenStoreError) as caught:
            OAuthCredentials.exchange_code(
                hub.app.client_id,
                hub.app.client_secret,
                hub.emulator.authorize(hub.app.client_id),
                hub.app.redirect_uri,
                store=store,
                http_client=httpx.Client(transport=hub.emulator.transport),
            )
        credentials = caught.value.credentials
        store.failing.clear()
        assert credentials() in hub.emulator.tokens
        assert store.tokens is not None
        assert store.tokens.access_token == credentials()

    @pytest.mark.parametrize("name", ["lock", "load"])
    def test_a_store_that_cannot_be_read(self, name: str, client: Client, hub: World) -> None:
        store = MemoryStore()
        store.failing[name] = ConnectionResetError("the database is down")
        done = {"lock": "locked", "load": "read"}[name]
        credentials = hub.credentials(store=store)
        message = f"the token store could not be {done}: ConnectionResetError: the database is down"
        with pytest.raises(TokenStoreError, match=message) as caught:
            hub.get(client, credentials)
        assert caught.value.credentials is credentials
        assert hub.emulator.requests == []
        store.failing.clear()
        hub.get(client, credentials)

    def test_the_lock_is_released_after_an_error(self, hub: World) -> None:
        store = MemoryStore()
        hub.emulator.fail(status=503, operation="createToken", count=None)
        with pytest.raises(ServerError):
            hub.credentials(store=store, max_retries=0)()
        assert store.calls == ["lock", "load", "unlock"]

    def test_the_error_of_a_store_is_redacted(self, hub: World) -> None:
        """It may quote what it writes, in its message and in the variables of its frames."""

        class Store(MemoryStore):
            def save(self, tokens: OAuthTokens) -> None:
                statement = f"INSERT {tokens.access_token} {tokens.refresh_token}"
                raise ValueError(f"not possible: {statement}")

        with pytest.raises(TokenStoreError) as caught:
            hub.credentials(store=Store())()
        assert str(caught.value).endswith("ValueError: not possible: INSERT [secret] [secret]")
        assert caught.value.__cause__ is caught.value.__context__ is None
        [token] = [token for token in hub.emulator.tokens if token != hub.emulator.token]
        assert token not in with_locals(caught.value)

    @pytest.mark.parametrize("value", [ACCESS_TOKEN, {"access_token": ACCESS_TOKEN}, 0])
    def test_a_store_that_returns_something_else(self, value: Any) -> None:
        class Store(MemoryStore):
            def load(self) -> Any:
                return value

        kind = type(value).__name__
        message = rf"load\(\) of the store must return OAuthTokens or None, not {kind}"
        with pytest.raises(TypeError, match=message) as caught:
            TokenServer().credentials(store=Store())()
        assert ACCESS_TOKEN not in with_locals(caught.value)

    def test_a_store_that_returns_a_coroutine(self) -> None:
        class Store(MemoryStore):
            def load(self) -> Any:
                async def load() -> None: ...

                return load()

        with pytest.raises(TypeError, match="not coroutine"):
            TokenServer().credentials(store=Store())()

    def test_the_error_can_be_pickled_without_its_credentials(self) -> None:
        credentials = TokenServer().credentials(None, store=MemoryStore())
        with pytest.raises(TokenStoreError) as caught:
            credentials()
        copied = pickle.loads(pickle.dumps(caught.value))
        assert (str(copied), copied.credentials) == (str(caught.value), None)


class TestTokens:
    def test_of_a_dict(self) -> None:
        given = tokens(expires_in=1.5, obtained_at=2.5)
        fields = json.loads(json.dumps(given.to_dict()))
        assert OAuthTokens.from_dict({**fields, "format": "x"}).to_dict() == given.to_dict()
        assert fields == {
            "access_token": ACCESS_TOKEN,
            "refresh_token": REFRESH_TOKEN,
            "expires_in": 1.5,
            "obtained_at": 2.5,
        }

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"access_token": 1}, TypeError, "access_token must be a str, not int"),
            ({"refresh_token": "a b"}, ValueError, "refresh_token is empty, or contains spaces"),
            ({"expires_in": "1"}, TypeError, "expires_in must be seconds as a number, not str"),
            ({"expires_in": True}, TypeError, "expires_in must be seconds as a number, not bool"),
            ({"obtained_at": float("nan")}, ValueError, "obtained_at must be a finite number of seconds, not nan"),
        ],
    )
    def test_that_are_not_valid(self, changes: dict[str, Any], error: type[Exception], message: str) -> None:
        with pytest.raises(error, match=message) as caught:
            OAuthTokens.from_dict({**tokens(obtained_at=0).to_dict(), **changes})
        assert ACCESS_TOKEN not in with_locals(caught.value)

    def test_that_are_incomplete(self) -> None:
        with pytest.raises(ValueError, match="the tokens have no expires_in, obtained_at") as caught:
            OAuthTokens.from_dict({"access_token": ACCESS_TOKEN, "refresh_token": REFRESH_TOKEN})
        assert ACCESS_TOKEN not in with_locals(caught.value)
        with pytest.raises(TypeError, match="fields must be a mapping as of to_dict, not list"):
            OAuthTokens.from_dict([])  # type: ignore[arg-type]

    def test_are_not_shown_and_not_pickled(self) -> None:
        given = tokens(obtained_at=5)
        assert repr(given) == str(given) == "<OAuthTokens, expires in 1800 s>"
        with pytest.raises(TypeError, match="OAuth tokens cannot be pickled; a store can use to_dict"):
            pickle.dumps(given)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestFile:
    def test_keeps_tokens(self, path: Path) -> None:
        store = FileTokenStore(path)
        assert store.load() is None
        for number in range(3):
            given = tokens(f"access-{number}", obtained_at=number)
            store.save(given)
            loaded = FileTokenStore(str(path)).load()
            assert loaded is not None
            assert loaded.to_dict() == given.to_dict()
        assert os.listdir(path.parent) == ["tokens.json"]

    def test_is_flushed_to_disk_before_it_is_renamed(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        sizes: list[int] = []

        def fsync(descriptor: int) -> None:
            assert not path.exists()
            sizes.append(os.fstat(descriptor).st_size)

        monkeypatch.setattr(os, "fsync", fsync)
        FileTokenStore(path).save(tokens(obtained_at=0))
        assert sizes == [path.stat().st_size]

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
    def test_is_for_its_owner_only(self, path: Path) -> None:
        before = os.umask(0)
        try:
            store = FileTokenStore(path)
            store.save(tokens(obtained_at=0))
            assert mode(path) == 0o600
            path.chmod(0o644)
            with store.lock():
                assert mode(path.with_name("tokens.json.lock")) == 0o600
                store.save(tokens(obtained_at=0))
            assert mode(path) == 0o600
        finally:
            os.umask(before)

    @pytest.mark.promise("A file that is damaged or was not written by `FileTokenStore` is not changed.")
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{}",
            b"[1]",
            b"not JSON",
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"format": "hubspot-files OAuth tokens", "version": 1}',
            b'{"format": "hubspot-files OAuth tokens", "version": 2, "access_token": "a", "refresh_token": "r", '
            b'"expires_in": 1, "obtained_at": 1}',
            b'{"access_token": "a", "refresh_token": "r", "expires_in": 1, "obtained_at": 1}',
            b'{"format": "hubspot-files OAuth tokens", "version": 1, "access_token": "secret-token", '
            b'"refresh_token": 5, "expires_in": 1, "obtained_at": 1}',
        ],
    )
    def test_that_is_damaged_or_foreign_is_not_changed(self, content: bytes, path: Path) -> None:
        path.write_bytes(content)
        store = FileTokenStore(path)
        for call in (store.load, lambda: store.save(tokens(obtained_at=0)), TokenServer().credentials(store=store)):
            with pytest.raises(
                TokenStoreError, match="does not contain OAuth tokens that this version can read"
            ) as caught:
                call()
            assert "secret-token" not in with_locals(caught.value)
        assert path.read_bytes() == content

    def test_that_cannot_be_read(self, path: Path) -> None:
        path.mkdir()
        with pytest.raises(TokenStoreError, match=r"the tokens in .*tokens\.json cannot be read: ") as caught:
            FileTokenStore(path).load()
        assert isinstance(caught.value.__cause__, OSError)

    def test_must_be_in_an_existing_directory(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match=r"none/tokens\.json' must be in an existing directory: create it first"):
            FileTokenStore(tmp_path / "none/tokens.json")

    def test_whose_directory_was_removed(self, tmp_path: Path) -> None:
        directory = tmp_path / "directory"
        directory.mkdir()
        store = FileTokenStore(directory / "tokens.json")
        directory.rmdir()
        with pytest.raises(
            TokenStoreError, match=r"the tokens cannot be written to .*: No such file or directory"
        ) as caught:
            store.save(tokens(obtained_at=0))
        assert ACCESS_TOKEN not in with_locals(caught.value)

    def test_that_cannot_be_replaced_leaves_no_other_file(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = FileTokenStore(path)
        store.save(tokens(obtained_at=0))
        before = path.read_bytes()

        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "replace", refuse)
        with pytest.raises(TokenStoreError, match="Permission denied"):
            store.save(tokens("another-token", obtained_at=0))
        assert path.read_bytes() == before
        assert os.listdir(path.parent) == ["tokens.json"]

    @pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
    def test_behind_a_link_is_replaced_there(self, path: Path, tmp_path: Path) -> None:
        link = tmp_path / "link.json"
        link.symlink_to(path)
        FileTokenStore(link).save(tokens(obtained_at=0))
        assert link.is_symlink()
        assert path.is_file()

    def test_of_a_relative_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        store = FileTokenStore("tokens.json")
        monkeypatch.chdir("/")
        store.save(tokens(obtained_at=0))
        assert (tmp_path / "tokens.json").exists()

    def test_has_a_lock_between_threads_and_processes(self, path: Path) -> None:
        first, second = FileTokenStore(path), FileTokenStore(path, lock_timeout=0.1)
        with first.lock():
            with (
                pytest.raises(TokenStoreError, match=r"another process has held the lock of .* for 0\.1 s"),
                second.lock(),
            ):
                pytest.fail("both have the lock")
            program = f"""
                import filelock
                try:
                    filelock.FileLock({f"{path}.lock"!r}, timeout=0.1).acquire()
                except filelock.Timeout:
                    print("held")
            """
            command = [sys.executable, "-c", textwrap.dedent(program)]
            assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "held\n"
        with second.lock():
            pass

    def test_has_a_lock_that_ends_after_an_error(self, path: Path) -> None:
        store = FileTokenStore(path, lock_timeout=0.1)
        with pytest.raises(ZeroDivisionError), store.lock():
            _ = 1 / 0
        with store.lock():
            pass

    def test_whose_lock_cannot_be_acquired(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
        store = FileTokenStore(tmp_path / "tokens.json")
        with (
            pytest.raises(TokenStoreError, match=r"the lock of .* cannot be acquired: Permission denied"),
            store.lock(),
        ):
            pytest.fail("it has the lock")

    def test_needs_filelock(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "filelock", None)
        with pytest.raises(ImportError, match=r'pip install "hubspot-files\[oauth\]"'):
            FileTokenStore(path)

    @pytest.mark.parametrize(
        ("timeout", "error", "message"),
        [
            (0, ValueError, "lock_timeout must be more than 0 seconds, not 0"),
            ("1", TypeError, "lock_timeout must be seconds as a number, not str"),
            (True, TypeError, "lock_timeout must be seconds as a number, not bool"),
        ],
    )
    def test_refuses_a_bad_timeout(self, timeout: Any, error: type[Exception], message: str, path: Path) -> None:
        with pytest.raises(error, match=message):
            FileTokenStore(path, lock_timeout=timeout)

    def test_is_shown_by_its_path(self, path: Path) -> None:
        assert repr(FileTokenStore(path)) == f"FileTokenStore({str(path.resolve())!r})"

    def test_is_shared_by_credentials_of_many_threads(self, path: Path, hub: World) -> None:
        """Each thread has credentials of its own, as each process would."""
        all_credentials = [hub.credentials(store=FileTokenStore(path)) for _ in range(8)]
        for number in range(3):
            with ThreadPoolExecutor(8) as threads:
                found = list(threads.map(OAuthCredentials.__call__, all_credentials))
            assert len(set(found)) == 1
            assert len(hub.token_requests) == number + 1
            hub.emulator.clock.advance(1800)
