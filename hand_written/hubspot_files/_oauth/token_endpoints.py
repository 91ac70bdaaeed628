"""The token endpoints of HubSpot: requests that an app authenticates with its client secret, and their responses."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypedDict, TypeVar, Unpack

from .._clock import Clock
from .._engine.context import start_call
from .._engine.effects import Flow
from .._engine.flow import run
from .._engine.retry_policy import Idempotency
from .._engine.settings import new_settings
from .._errors import ArgumentTypeError, ArgumentValueError
from .._http.connections import Connections, HttpClient, check_http_client
from .._http.driver import SyncDriver
from .._http.messages import Form, ReceivedResponse
from .._http.timeouts import Timeout
from .._http.tokens import check_token
from .._operations.prepared_call import PreparedCall, perform_with_response
from .._operations.readers import read_nothing
from .._operations.versions import check_api_version
from .._redaction import Secret
from .._validation import shown
from .tokens import OAuthTokens, TokenInfo

T = TypeVar("T")

DEFAULT_API_VERSION: Final = "2026-03"
_VERSION: Final = re.compile(r"20\d\d-(0[1-9]|1[0-2])(-beta)?", re.ASCII)
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
        # The secret takes the place of a token, which these requests do not need.
        self._settings = new_settings(
            options.get("base_url"),
            # These requests have paths of their own.
            check_api_version(None),
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
        flow = self._issue(
            Idempotency.NOT_IDEMPOTENT,
            _USED_CODE,
            grant_type="authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=code_verifier,
        )
        return self._run(flow)

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
        return self._run(self._issue(Idempotency.IDEMPOTENT, sent=refresh_token, grant_type="refresh_token"))

    def revoke(self, refresh_token: Secret) -> None:
        """Revoke a refresh token. Raises as `refresh` does."""
        hint = "refresh_token"
        self._run(self._perform("/revoke", "revokeToken", read_nothing, token=refresh_token, token_type_hint=hint))

    def introspect(self, access_token: Secret) -> TokenInfo:
        """Return the information about an access token. Raises as `refresh` does."""
        hint = "access_token"
        flow = self._perform("/introspect", "introspectToken", _read_info, token=access_token, token_type_hint=hint)
        return self._run(flow)[0]

    def _run(self, flow: Flow[T]) -> T:
        try:
            return run(self._driver, flow)
        finally:
            # The next request comes after minutes.
            self._driver.close_idle()

    def _perform(
        self,
        path: str,
        operation: str,
        read: Callable[[Any], T],
        idempotency: Idempotency = Idempotency.IDEMPOTENT,
        advice: str = "",
        **fields: str | Secret | None,
    ) -> Flow[tuple[T, ReceivedResponse]]:
        kwargs = {"method": "POST", "url": f"/oauth/{self._version}/token{path}"}
        form = Form(client_id=self.client_id, client_secret=self._client_secret, **fields)
        context = yield from start_call(self._settings)
        call = PreparedCall(self._settings.api_version, operation, kwargs, idempotency, read, advice=advice, form=form)
        return (yield from perform_with_response(context, call))

    def _issue(
        self, idempotency: Idempotency, advice: str = "", sent: Secret | None = None, **fields: str | Secret | None
    ) -> Flow[Issued]:
        """Get tokens. A response to a refresh may leave out the refresh token, which is then still the sent one."""
        read = functools.partial(_read_tokens, sent=sent)
        (access_token, refresh_token, expires_in), response = yield from self._perform(
            "", "createToken", read, idempotency, advice, refresh_token=sent, **fields
        )
        elapsed = self.clock.monotonic() - response.sent_at
        tokens = OAuthTokens(
            access_token.reveal(),
            refresh_token.reveal(),
            expires_in=expires_in,
            obtained_at=self.clock.time() - elapsed,
        )
        return Issued(tokens, response.sent_at)


class _Fields:
    """The fields of a JSON object, by their names in snake case or in camel case. Its `repr` does not show them."""

    def __init__(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise ValueError("it is not a JSON object")
        self._fields: dict[str, Any] = value

    def get(self, name: str, *kinds: type[T]) -> T | None:
        """Return the value of a field if it is of one of the types, else None. A bool is not an int here."""
        first, *rest = name.split("_")
        value = self._fields.get(name, self._fields.get(first + "".join(part.capitalize() for part in rest)))
        return value if isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool)) else None

    def token(self, name: str) -> Secret | None:
        """Return the value of a field that is a token, or None if there is no such field."""
        value = self.get(name, str)
        return None if value is None else Secret(check_token(value, name))


def _read_tokens(body: Any, sent: Secret | None) -> tuple[Secret, Secret, float]:
    """Return the access token, the refresh token and the life of a response."""
    fields = _Fields(body)
    # A traceback with variables shows the variables of this frame.
    del body
    access_token, refresh_token = fields.token("access_token"), fields.token("refresh_token") or sent
    expires_in = fields.get("expires_in", int, float)
    if access_token is None:
        raise KeyError("access_token")
    if refresh_token is None:
        raise KeyError("refresh_token")
    if expires_in is None:
        raise KeyError("expires_in")
    if not 0 < expires_in < math.inf:
        raise ValueError(f"expires_in must be more than 0 seconds, not {expires_in}")
    return access_token, refresh_token, expires_in


def _read_info(body: Any) -> TokenInfo:
    fields = _Fields(body)
    active = fields.get("active", bool)
    if active is None:
        raise KeyError("active")
    return TokenInfo(
        active=active,
        hub_id=fields.get("hub_id", int),
        hub_domain=fields.get("hub_domain", str),
        app_id=fields.get("app_id", int),
        client_id=fields.get("client_id", str),
        user_id=fields.get("user_id", int),
        user=fields.get("user", str),
        scopes=tuple(scope for scope in fields.get("scopes", list) or () if isinstance(scope, str)),
        expires_in=fields.get("expires_in", int, float),
        token_type=fields.get("token_type", str),
        token_use=fields.get("token_use", str),
        is_private_distribution=fields.get("is_private_distribution", bool),
    )


def _check_version(version: str | None) -> str:
    if version is None:
        return DEFAULT_API_VERSION
    if not isinstance(version, str):
        raise ArgumentTypeError(
            f"api_version must be a str such as {DEFAULT_API_VERSION!r}, not {type(version).__name__}"
        )
    if not _VERSION.fullmatch(version):
        raise ArgumentValueError(
            f"api_version {shown(version)} must be a dated version such as {DEFAULT_API_VERSION!r}; v1 of the OAuth "
            "API ends on 16 February 2027"
        )
    return version
