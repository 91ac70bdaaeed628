"""The token endpoints of HubSpot: requests that an app authenticates with its client secret, and their responses."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NamedTuple, NoReturn, TypedDict, TypeVar, Unpack

from .._clock import Clock
from .._engine.context import CallContext, start_call
from .._engine.effects import Flow
from .._engine.error_responses import unexpected
from .._engine.flow import run
from .._engine.retry import send
from .._engine.retry_policy import Idempotency
from .._engine.settings import new_settings
from .._http.connections import Connections, HttpClient, check_http_client
from .._http.driver import SyncDriver
from .._http.messages import Form, ReceivedResponse, Request
from .._http.timeouts import Timeout
from .._http.tokens import check_token
from .._redaction import Secret
from .tokens import OAuthTokens, TokenInfo

T = TypeVar("T")

DEFAULT_API_VERSION: Final = "2026-03"
_VERSION: Final = re.compile(r"\d{4}-\d{2}(-beta)?", re.ASCII)
_USED_CODE: Final = "A code is accepted once: let the user authorize the app again, and exchange the new code."


class EndpointOptions(TypedDict, total=False):
    """The options of the token endpoints. None is the default of each.

    Attributes:
        base_url: URL of the API, which must be https except on this machine. By default, HUBSPOT_BASE_URL of the
            environment or https://api.hubapi.com.
        api_version: version of the OAuth API, such as `2026-03`, the default.
        timeout: seconds, or an httpx.Timeout, for each step of a connection. By default, that of the clients.
        max_retries: maximum number of retries of a failed request, by default 4.
        deadline: seconds for a request with its retries. By default, no limit.
        http_client: an httpx.Client of yours to send requests with, which stays open. Several threads use it.
        clock: source of time, for tests; see `hubspot_files.testing`.
    """

    base_url: str | None
    api_version: str | None
    timeout: Timeout
    max_retries: int | None
    deadline: float | None
    http_client: HttpClient | None
    clock: Clock | None


class Issued(NamedTuple):
    """Tokens that HubSpot has issued.

    Attributes:
        tokens: the tokens.
        requested_at: time on the monotonic clock from which their life counts, in seconds.
    """

    tokens: OAuthTokens
    requested_at: float


class TokenEndpoints:
    """The token endpoints, for one app.

    Args:
        client_id: client id of the app.
        client_secret: client secret of the app.
        options: see `EndpointOptions`.

    Attributes:
        client_id: the argument.
        base_url: URL of the API.
        clock: source of time.

    Raises:
        ValueError: a client_id or client_secret that is empty or contains spaces, or an option that is not valid.
        TypeError: a value of the wrong type.
    """

    def __init__(self, client_id: str, client_secret: Secret, **options: Unpack[EndpointOptions]) -> None:
        http_client = check_http_client(options.get("http_client"))
        self.client_id: str = check_token(client_id, "client_id")
        check_token(client_secret.reveal(), "client_secret")
        self._client_secret = client_secret
        self._version = _check_version(options.get("api_version"))
        self._settings = new_settings(
            options.get("base_url"),
            options.get("clock"),
            access_token=client_secret,
            timeout=options.get("timeout"),
            max_retries=options.get("max_retries"),
            deadline=options.get("deadline"),
        )
        self.base_url: str = self._settings.base_url
        self.clock: Clock = self._settings.clock
        self._driver = SyncDriver(
            Connections(http_client), self.base_url, self._settings.timeout, self.clock, client_secret
        )

    def exchange(self, code: Secret, redirect_uri: str, code_verifier: Secret | None) -> Issued:
        """Exchange an authorization code for tokens. It is not idempotent, because a code is accepted once.

        Raises:
            OutcomeUnknownError: HubSpot may have exchanged the code, but the response was lost.
            APIError, ConnectionFailedError: as for `refresh`.
        """
        return self._run(self._exchange(code, redirect_uri, code_verifier))

    def refresh(self, refresh_token: Secret) -> Issued:
        """Get a new access token.

        It is retried even if HubSpot may have acted on it. If HubSpot has then replaced the refresh token, the new one
        is lost with the response, and the old one is all that is left to send.

        Raises:
            InvalidGrantError: HubSpot does not accept the refresh token.
            APIError: HubSpot responded with another error.
            ConnectionFailedError: there was no response.
            UnexpectedResponseError: the response is a success without tokens.
        """
        return self._run(self._refresh(refresh_token))

    def revoke(self, refresh_token: Secret) -> None:
        """Revoke a refresh token. Raises as `refresh` does."""
        form = self._form(token=refresh_token, token_type_hint="refresh_token")
        self._run(self._send("/revoke", "revokeToken", form))

    def introspect(self, access_token: Secret) -> TokenInfo:
        """Return the information about an access token. Raises as `refresh` does."""
        return self._run(self._introspect(access_token))

    def _run(self, flow: Flow[T]) -> T:
        try:
            return run(self._driver, flow)
        finally:
            # The next request comes after minutes.
            self._driver.close_idle()

    def _form(self, **fields: str | Secret | None) -> Form:
        return Form(client_id=self.client_id, client_secret=self._client_secret, **fields)

    def _send(
        self,
        path: str,
        operation: str,
        form: Form,
        idempotency: Idempotency = Idempotency.IDEMPOTENT,
        advice: str = "",
    ) -> Flow[ReceivedResponse]:
        url = f"/oauth/{self._version}/token{path}"
        request = Request(operation, {"method": "POST", "url": url}, form=form)
        context: CallContext = yield from start_call(self._settings)
        return (yield from send(context, request, idempotency, advice))

    def _exchange(self, code: Secret, redirect_uri: str, code_verifier: Secret | None) -> Flow[Issued]:
        form = self._form(
            grant_type="authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=code_verifier
        )
        response = yield from self._send("", "createToken", form, Idempotency.NOT_IDEMPOTENT, _USED_CODE)
        return self._issued(response, None)

    def _refresh(self, refresh_token: Secret) -> Flow[Issued]:
        form = self._form(grant_type="refresh_token", refresh_token=refresh_token)
        response = yield from self._send("", "createToken", form)
        return self._issued(response, refresh_token)

    def _introspect(self, access_token: Secret) -> Flow[TokenInfo]:
        form = self._form(token=access_token, token_type_hint="access_token")
        response = yield from self._send("/introspect", "introspectToken", form)
        fields = _Fields(response.body)
        active = fields.typed("active", bool)
        if active is None:
            self._refuse(response, "/introspect", "the response has no active")
        scopes = fields.typed("scopes", list) or ()
        return TokenInfo(
            active=active,
            hub_id=fields.typed("hub_id", int),
            hub_domain=fields.typed("hub_domain", str),
            app_id=fields.typed("app_id", int),
            client_id=fields.typed("client_id", str),
            user_id=fields.typed("user_id", int),
            user=fields.typed("user", str),
            scopes=tuple(scope for scope in scopes if isinstance(scope, str)),
            expires_in=fields.number("expires_in"),
            token_type=fields.typed("token_type", str),
            token_use=fields.typed("token_use", str),
            is_private_distribution=fields.typed("is_private_distribution", bool),
        )

    def _issued(self, response: ReceivedResponse, sent: Secret | None) -> Issued:
        """Return the tokens of a response. A refresh may leave out the refresh token, which is then still the same."""
        fields = _Fields(response.body)
        access, refresh, life = fields.token("access_token"), fields.token("refresh_token"), fields.number("expires_in")
        refresh = refresh or sent
        if access is None or refresh is None or life is None or life <= 0:
            found = {"access_token": access, "refresh_token": refresh, "expires_in": life}
            missing = [name for name, value in found.items() if value is None] or ["expires_in above 0"]
            self._refuse(response, "", f"the response has no valid {', '.join(missing)}")
        obtained_at = self.clock.time() - (self.clock.monotonic() - response.sent_at)
        tokens = OAuthTokens(access.reveal(), refresh.reveal(), expires_in=life, obtained_at=obtained_at)
        return Issued(tokens, response.sent_at)

    def _refuse(self, response: ReceivedResponse, path: str, reason: str) -> NoReturn:
        label = f"POST /oauth/{self._version}/token{path}"
        if response.problem is not None:
            reason = f"the response is {response.problem}"
        raise unexpected(label, response.status, response.headers, reason, response.secrets)


class _Fields:
    """The fields of a JSON object, by their names in snake case or in camel case. Its `repr` does not show them."""

    def __init__(self, body: bytes) -> None:
        try:
            fields: Any = json.loads(body)
        except (ValueError, RecursionError):
            fields = None
        self._fields: dict[str, Any] = fields if isinstance(fields, dict) else {}

    def typed(self, name: str, kind: type[T]) -> T | None:
        """Return the value of a field if it is of a type, else None. A bool is not an int here."""
        first, *rest = name.split("_")
        value = self._fields.get(name, self._fields.get(first + "".join(part.capitalize() for part in rest)))
        return value if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)) else None

    def number(self, name: str) -> float | None:
        """Return the value of a field if it is a finite number."""
        value = self.typed(name, int) if self.typed(name, float) is None else self.typed(name, float)
        return value if value is not None and math.isfinite(value) else None

    def token(self, name: str) -> Secret | None:
        """Return the value of a field if it is a valid token."""
        try:
            return Secret(check_token(self.typed(name, str)))
        except (TypeError, ValueError):
            return None


def _check_version(version: str | None) -> str:
    if version is None:
        return DEFAULT_API_VERSION
    if not isinstance(version, str):
        raise TypeError(f"api_version must be a str such as {DEFAULT_API_VERSION!r}, not {type(version).__name__}")
    if not _VERSION.fullmatch(version):
        raise ValueError(
            f"api_version {version!r} must be a dated version such as {DEFAULT_API_VERSION!r}; v1 of the OAuth API "
            "ends on 16 February 2027"
        )
    return version
