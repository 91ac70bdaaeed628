"""The validated settings of a client."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Final, NamedTuple, Self, TypeAlias, TypedDict, Unpack

from .._clock import DEFAULT_CLOCK, Clock
from .._errors import ArgumentTypeError, ArgumentValueError
from .._http.timeouts import DEFAULT_TIMEOUT, StepTimeouts, Timeout, step_timeouts
from .._http.tokens import AsyncTokenProvider, TokenProvider, check_token
from .._http.urls import EMULATOR_TOKEN, check_base_url
from .._redaction import Secret
from .._validation import non_negative_int, optional_bool, shown
from .rate_limit import RateLimiter
from .responses import ResponseInfo
from .retry_budget import RetryBudget
from .shared import Shared

AccessToken: TypeAlias = Secret | TokenProvider | AsyncTokenProvider
OnResponse: TypeAlias = Callable[[ResponseInfo], object]
"""Callback for each response of the API."""

DEFAULT_BASE_URL: Final = "https://api.hubapi.com"
DEFAULT_MAX_RETRIES: Final = 4


class ClientOptions(TypedDict, total=False):
    """The options of a client, which a copy can change. None keeps the value."""

    access_token: AccessToken | None
    timeout: Timeout
    max_retries: int | None
    on_response: OnResponse | None
    deadline: float | None
    pace: bool | None


class Settings(NamedTuple):
    """The settings of a client.

    Attributes:
        base_url: URL of the API.
        api_version: version of the API.
        access_token: a Secret, or a provider of tokens.
        timeout: timeout of each step of a connection.
        max_retries: maximum number of retries of a request.
        on_response: called with information about each response of the API, or None.
        deadline: seconds for a whole call with its retries, or None.
        pace: whether requests wait for the rate limiter.
        clock: source of time.
        retry_budget: budget of retries that the client shares with its copies.
        rate_limiter: rate limiter that the client shares with its copies.
        shared: further state that the client shares with its copies.
    """

    base_url: str
    api_version: str
    access_token: AccessToken
    timeout: StepTimeouts
    max_retries: int
    on_response: OnResponse | None
    deadline: float | None
    pace: bool
    clock: Clock
    retry_budget: RetryBudget
    rate_limiter: RateLimiter
    shared: Shared

    @property
    def has_token_provider(self) -> bool:
        """Whether the token comes from a provider, which can return another one."""
        return not isinstance(self.access_token, Secret)

    def replaced(self, **options: Unpack[ClientOptions]) -> Self:
        """Return a copy with other options.

        Raises:
            ValueError: a token that no header can hold, a timeout or a deadline that is not positive, negative retries,
                or a token that must not be sent to the base URL.
            TypeError: a value of the wrong type.
        """
        changed = self._replace(**_checked(**options))
        return changed._replace(base_url=check_base_url(changed.base_url, emulated=_is_emulated(changed.access_token)))


def new_settings(
    base_url: str | None, api_version: str, clock: Clock | None, **options: Unpack[ClientOptions]
) -> Settings:
    """Return the settings of a new client. A token or a URL that is None is read from the environment.

    Args:
        base_url: URL of the API.
        api_version: valid version of the API.
        clock: source of time, or None for the default clock.
        options: the other options.

    Raises:
        ValueError: there is no token, base_url is not valid, or see `Settings.replaced`.
        TypeError: a value of the wrong type.
    """
    access_token = options.get("access_token")
    if access_token is None:
        access_token = wrap_token(os.environ.get("HUBSPOT_ACCESS_TOKEN") or None)
        if isinstance(access_token, Secret):
            check_token(access_token.reveal(), "HUBSPOT_ACCESS_TOKEN")
    if access_token is None:
        raise ArgumentValueError(
            "no access token: pass access_token=, such as that of a Service Key or of a private app, "
            "OAuthCredentials, or a callable that returns one, or set HUBSPOT_ACCESS_TOKEN"
        )
    if not base_url and (named := os.environ.get("HUBSPOT_BASE_URL")):
        base_url = check_base_url(named, "HUBSPOT_BASE_URL", emulated=_is_emulated(access_token))
    settings = Settings(
        base_url=base_url or DEFAULT_BASE_URL,
        api_version=api_version,
        access_token=access_token,
        timeout=DEFAULT_TIMEOUT,
        max_retries=DEFAULT_MAX_RETRIES,
        on_response=None,
        deadline=None,
        pace=False,
        clock=DEFAULT_CLOCK if clock is None else clock,
        retry_budget=RetryBudget(),
        rate_limiter=RateLimiter(),
        shared=Shared(),
    )
    options["access_token"] = access_token
    return settings.replaced(**options)


def _is_emulated(access_token: AccessToken) -> bool:
    """Return whether a token is an emulator's, which is no secret. A provider can return any token."""
    return isinstance(access_token, Secret) and access_token.reveal().startswith(EMULATOR_TOKEN)


def _checked(**options: Unpack[ClientOptions]) -> dict[str, Any]:
    """Validate options, and return those that are not None."""
    access_token, on_response = options.get("access_token"), options.get("on_response")
    timeout, deadline, max_retries = options.get("timeout"), options.get("deadline"), options.get("max_retries")
    if on_response is not None and not callable(on_response):
        raise ArgumentTypeError(f"on_response must be callable, not {type(on_response).__name__}")
    if isinstance(access_token, Secret):
        check_token(access_token.reveal())
    checked = {
        "access_token": access_token,
        "timeout": None if timeout is None else step_timeouts(timeout),
        "max_retries": None if max_retries is None else non_negative_int(max_retries, "max_retries"),
        "on_response": on_response,
        "deadline": None if deadline is None else _check_deadline(deadline),
        "pace": optional_bool(options.get("pace"), "pace"),
    }
    return {name: value for name, value in checked.items() if value is not None}


def wrap_token(access_token: str | TokenProvider | AsyncTokenProvider | None) -> AccessToken | None:
    """Return a token as a Secret, which tracebacks with variables do not show. Return a provider unchanged."""
    return access_token if access_token is None or callable(access_token) else Secret(access_token)


def _check_deadline(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ArgumentTypeError(f"deadline must be seconds as a number, not {type(value).__name__}")
    if not value > 0:
        raise ArgumentValueError(f"deadline must be more than 0 seconds, not {shown(value)}")
    # A socket does not accept an infinite timeout.
    return min(value, threading.TIMEOUT_MAX)
