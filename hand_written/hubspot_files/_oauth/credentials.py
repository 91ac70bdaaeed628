"""Credentials that renew their access token, for both clients."""

from __future__ import annotations

import contextlib
import copy
import functools
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar, Unpack

from .._awaitable import close_coroutine, is_async
from .._clock import Clock
from .._errors import ArgumentTypeError, ArgumentValueError, HubSpotFilesError, TokenStoreError
from .._fork import ThreadLock
from .._http.connections import HttpClient
from .._http.timeouts import Timeout
from .._http.tokens import RenewingProvider, check_token
from .._redaction import Secret, redacted
from .held_tokens import HeldTokens
from .token_endpoints import EndpointOptions, TokenEndpoints
from .tokens import LockingTokenStore, OAuthTokens, TokenInfo, TokenStore

if TYPE_CHECKING:
    from .._http.async_connections import LoopLock

T = TypeVar("T")


class OAuthCredentials(RenewingProvider):
    """Credentials of an OAuth app for one account: `HubSpotFiles(access_token=credentials)`, and AsyncHubSpotFiles.

    They get an access token at the first request, and renew it before it expires, or after HubSpot has called it
    expired. All clients, threads and tasks that need a new token share one token request, and its error if it fails.
    An event loop is not blocked: the request runs in a worker thread. Calling the credentials returns a valid access
    token, such as for another library.

    HubSpot may replace the refresh token whenever the access token is renewed. With a store, the new tokens are saved
    before they are used, and the refresh token in the store precedes the argument.

    HubSpot documents OAuth at
    https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens

    Args:
        client_id: client id of the app.
        client_secret: client secret of the app.
        refresh_token: refresh token of the account, if the store has none yet.
        store: keeps the tokens between runs, and shares them between processes, such as a FileTokenStore.
        base_url: URL of the API, which must be https except on this machine. By default, HUBSPOT_BASE_URL of the
            environment or https://api.hubapi.com.
        api_version: version of the OAuth API, such as `2026-03`, the default.
        timeout: seconds, or an httpx.Timeout, for each step of a connection. By default, that of the clients.
        max_retries: maximum number of retries of a failed token request, by default 4.
        deadline: seconds for a token request with its retries. By default, no limit.
        http_client: an httpx.Client of yours to send token requests with, which stays open. Several threads use it.
        clock: source of time, for tests; see `hubspot_files.testing`.

    Raises:
        ValueError: there is neither a refresh token nor a store, or a value is not valid.
        TypeError: a value of the wrong type.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        refresh_token: str | None = None,
        *,
        store: TokenStore | None = None,
        base_url: str | None = None,
        api_version: str | None = None,
        timeout: Timeout = None,
        max_retries: int | None = None,
        deadline: float | None = None,
        http_client: HttpClient | None = None,
        clock: Clock | None = None,
    ) -> None:
        secret, refresh = Secret(client_secret), None if refresh_token is None else Secret(refresh_token)
        # A traceback with variables shows the variables of this frame.
        del client_secret, refresh_token
        self._endpoints = TokenEndpoints(
            client_id,
            secret,
            base_url=base_url,
            api_version=api_version,
            timeout=timeout,
            max_retries=max_retries,
            deadline=deadline,
            http_client=http_client,
            clock=clock,
        )
        if refresh is None and store is None:
            raise ArgumentValueError(
                "pass refresh_token=, or a store= that has one; exchange_code returns credentials for a code"
            )
        if refresh is not None:
            check_token(refresh.reveal(), "refresh_token")
        self._refresh_token = refresh
        self._store = _check_store(store)
        self._held: HeldTokens | None = None
        # One thread renews the token at a time.
        self._lock = ThreadLock()
        self._loop_lock: LoopLock | None = None
        # The number of ended renewals, and the error of the last one, if it failed.
        self._renewals = 0
        self._failure: HubSpotFilesError | None = None

    @classmethod
    def exchange_code(
        cls,
        client_id: str,
        client_secret: str,
        code: str,
        redirect_uri: str,
        *,
        code_verifier: str | None = None,
        store: TokenStore | None = None,
        **options: Unpack[EndpointOptions],
    ) -> Self:
        """Exchange an authorization code for tokens, and return credentials that hold them.

        HubSpot sends the code to the redirect_uri after a user has authorized the app. Without a store, the tokens are
        lost with the credentials. An asynchronous program can call it with `asyncio.to_thread`.

        HubSpot documents it at
        https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens

        Args:
            client_id, client_secret, store: see the class. The tokens replace those in the store.
            code: the authorization code. It is accepted once.
            redirect_uri: that of the authorization.
            code_verifier: that of the authorization, if it had a code_challenge (PKCE).
            options: the other options of the class.

        Raises:
            InvalidGrantError: HubSpot does not accept the code.
            OutcomeUnknownError: HubSpot may have exchanged the code, but the response was lost.
            TokenStoreError: the tokens could not be saved. They are in its `credentials`.
            APIError: HubSpot responded with another error.
            ConnectionFailedError: there was no response.
            ValueError, TypeError: see the class.
        """
        secret, secret_code = Secret(client_secret), Secret(code)
        verifier = None if code_verifier is None else Secret(code_verifier)
        # A traceback with variables shows the variables of this frame.
        del client_secret, code, code_verifier
        check_token(secret_code.reveal(), "code")
        check_token(redirect_uri, "redirect_uri")
        if verifier is not None:
            check_token(verifier.reveal(), "code_verifier")
        _check_store(store)
        endpoints = TokenEndpoints(client_id, secret, **options)
        issued = endpoints.exchange(secret_code, redirect_uri, verifier)
        credentials = cls(client_id, secret.reveal(), issued.tokens.refresh_token, store=store, **options)
        credentials._held = HeldTokens(issued.tokens, issued.requested_at, is_saved=store is None)
        # Saves the tokens.
        credentials._current()
        return credentials

    def __call__(self) -> str:
        """Return a valid access token, and renew it before if necessary.

        Raises:
            InvalidGrantError: HubSpot does not accept the refresh token. The user has to authorize the app again.
            AuthenticationError: HubSpot does not accept client_id and client_secret.
            APIError: HubSpot responded with another error.
            ConnectionFailedError: there was no response.
            TokenStoreError: the tokens could not be loaded or saved.
        """
        return self._current().reveal()

    def introspect(self) -> TokenInfo:
        """Return what HubSpot knows about the access token: the account, the user, the scopes, and the remaining life.

        An asynchronous program can call it with `asyncio.to_thread`.

        HubSpot documents it at
        https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens/token-introspect

        Raises:
            HubSpotFilesError: see `__call__`.
        """
        return self._endpoints.introspect(self._current())

    def revoke(self) -> None:
        """Revoke the refresh token. The next renewal raises InvalidGrantError.

        HubSpot does not document whether access tokens that were issued before remain valid until they expire. The
        tokens in the store are not removed. An asynchronous program can call it with `asyncio.to_thread`.

        HubSpot documents it at
        https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens/revoke-token

        Raises:
            HubSpotFilesError: see `__call__`.
        """
        try:
            self._lock.acquire()
            with self._locked_store():
                self._adopt_stored()
                self._endpoints.revoke(self._known_refresh_token())
                if self._held is not None:
                    self._held.is_expired = True
        finally:
            self._lock.release()

    def _current(self) -> Secret:
        usable = self._usable()
        return self._renewed(self._renewals) if usable is None else usable

    async def _current_async(self) -> Secret:
        usable = self._usable()
        if usable is not None:
            return usable
        # Synchronous programs need not import anyio, which takes long.
        import anyio.to_thread

        from .._http.async_connections import LoopLock

        renewals = self._renewals
        # Tasks wait for the lock of their event loop, so that only one of them occupies a thread. If two event loops
        # make the lock at the same time, `_lock` still makes the renewal one.
        lock = self._loop_lock
        if lock is None:
            lock = self._loop_lock = LoopLock()
        await lock.acquire()
        try:
            usable = self._usable()
            if usable is None:
                usable = await anyio.to_thread.run_sync(self._renewed, renewals)
            return usable
        finally:
            lock.release()

    def _note_expired(self, token: Secret) -> None:
        held = self._held
        if held is not None and held.access_token is token:
            held.is_expired = True

    def _usable(self) -> Secret | None:
        """Return the access token if it is saved and does not expire soon."""
        held = self._held
        return held.access_token if held is not None and held.is_usable(self._endpoints.clock.monotonic()) else None

    def _renewed(self, renewals: int) -> Secret:
        """Return a new access token, or the one that another thread or process has got meanwhile.

        Args:
            renewals: number of renewals that had ended when the caller needed the token. It shares the error of a
                later one.
        """
        try:
            self._lock.acquire()
            usable = self._usable()
            if usable is not None:
                return usable
            if self._failure is not None and self._renewals > renewals:
                raise _copied(self._failure)
            try:
                held = self._renew()
            except HubSpotFilesError as error:
                self._failure = _copied(error)
                raise
            else:
                self._failure = None
            finally:
                self._renewals += 1
            return held.access_token
        finally:
            self._lock.release()

    def _renew(self) -> HeldTokens:
        clock = self._endpoints.clock
        with self._locked_store():
            self._adopt_stored()
            held = self._held
            if held is None or held.is_due(clock.monotonic()):
                issued = self._endpoints.refresh(self._known_refresh_token())
                held = self._held = HeldTokens(issued.tokens, issued.requested_at, is_saved=self._store is None)
            if self._store is not None and not held.is_saved:
                self._ask_store("written", functools.partial(self._store.save, held.tokens))
                held.is_saved = True
            return held

    def _known_refresh_token(self) -> Secret:
        token = self._refresh_token if self._held is None else Secret(self._held.tokens.refresh_token)
        if token is None:
            raise self._store_error("the token store has no tokens yet: pass refresh_token=, or call exchange_code")
        return token

    @contextlib.contextmanager
    def _locked_store(self) -> Generator[None, None, None]:
        """Exclude other processes that have the same store within the context."""
        with contextlib.ExitStack() as stack:
            store = self._store
            if isinstance(store, LockingTokenStore):
                self._ask_store("locked", lambda: stack.enter_context(store.lock()))
            yield

    def _adopt_stored(self) -> None:
        """Take over tokens that another process has saved. Tokens that are not saved yet are newer."""
        if self._store is None or (self._held is not None and not self._held.is_saved):
            return
        # A store without types may return anything.
        stored: Any = self._ask_store("read", self._store.load)
        if stored is None:
            return
        if not isinstance(stored, OAuthTokens):
            kind = type(stored).__name__
            close_coroutine(stored)
            # It may hold tokens, and a traceback with variables shows the variables of this frame.
            del stored
            raise ArgumentTypeError(f"load() of the store must return OAuthTokens or None, not {kind}")
        if self._held is None or stored.access_token != self._held.tokens.access_token:
            self._held = HeldTokens(stored, _requested_at(stored, self._endpoints.clock), is_saved=True)

    def _ask_store(self, done: str, call: Callable[[], T]) -> T:
        """Call the store, and raise its errors as TokenStoreError, without secrets.

        Args:
            done: participle of the call, for the message.
            call: the call.
        """
        try:
            return call()
        except TokenStoreError as error:
            error.credentials = self
            raise
        except Exception as error:  # noqa: BLE001 - a store may raise anything
            detail = redacted(str(error), self._secrets())
            message = f"the token store could not be {done}: {type(error).__name__}: {detail}"
        # Raised here, and not chained, because the store's error and its frames can hold tokens.
        raise self._store_error(message)

    def _store_error(self, message: str) -> TokenStoreError:
        error = TokenStoreError(message)
        error.credentials = self
        return error

    def _secrets(self) -> list[Secret]:
        held = self._held
        tokens = [] if held is None else [held.access_token, Secret(held.tokens.refresh_token)]
        return [token for token in (self._refresh_token, *tokens) if token is not None]

    def __repr__(self) -> str:
        # A traceback with variables also shows credentials whose constructor failed.
        endpoints: TokenEndpoints | None = vars(self).get("_endpoints")
        about = f"{endpoints.client_id} at {endpoints.base_url}" if endpoints else "not initialized"
        return f"<{type(self).__name__} {about}>"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("OAuth credentials hold secrets and cannot be pickled; make them where they are needed")


def _check_store(store: TokenStore | None) -> TokenStore | None:
    if store is None:
        return None
    for name in ("load", "save"):
        method = getattr(store, name, None)
        if not callable(method):
            raise ArgumentTypeError(f"store must be a TokenStore with load() and save(), not {type(store).__name__}")
        if is_async(method):
            raise ArgumentTypeError(
                f"{name}() of the store must not be async: it is called in a worker thread, and may block"
            )
    return store


def _requested_at(tokens: OAuthTokens, clock: Clock) -> float:
    """Return the time on the monotonic clock from which the life of stored tokens counts, in seconds."""
    # The wall clock may have been set since, so that no token counts as older or newer than possible.
    return clock.monotonic() - min(max(clock.time() - tokens.obtained_at, 0.0), tokens.expires_in)


def _copied(error: HubSpotFilesError) -> HubSpotFilesError:
    """Return a copy of an error, for another thread, without the traceback."""
    duplicate = copy.copy(error)
    vars(duplicate).update(vars(error))
    duplicate.__cause__ = error.__cause__
    return duplicate
