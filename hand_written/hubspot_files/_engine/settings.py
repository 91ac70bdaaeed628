"""The settings of a client, checked, with what it shares with its copies."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Final, NamedTuple, Self, TypeAlias, TypedDict, Unpack

from .._clock import DEFAULT_CLOCK, Clock
from .._http.timeouts import DEFAULT_TIMEOUT, StepTimeouts, Timeout, step_timeouts
from .._http.tokens import AsyncTokenProvider, TokenProvider, check_token
from .._http.urls import check_base_url
from .._redaction import Secret
from .._validation import non_negative_int, optional_bool
from .rate_limit import RateLimiter
from .responses import ResponseInfo
from .retry_budget import RetryBudget
from .shared import Shared

AccessToken: TypeAlias = Secret | TokenProvider | AsyncTokenProvider
OnResponse: TypeAlias = Callable[[ResponseInfo], object]

DEFAULT_BASE_URL: Final = "https://api.hubapi.com"
DEFAULT_MAX_RETRIES: Final = 4


class ClientOptions(TypedDict, total=False):
    """The options that a client is made with, and that a copy can change. One that is None is left as it is."""

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
        access_token: a Secret, or a provider of tokens, which can be asked again.
        timeout: for each step of a connection.
        max_retries: how often a request that failed is retried at most.
        on_response: called with each response of the API, or None.
        deadline: seconds that a request with its retries may take, or None.
        pace: whether requests wait for the rate limiter.
        clock: the time that the client lives by.
        retry_budget: the retries that the client and its copies may make together.
        rate_limiter: keeps those requests of them that wait for it under the rate limit.
        shared: knowledge that their requests have of each other.
    """

    base_url: str
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
        """Whether the token comes from a provider that can be asked again."""
        return not isinstance(self.access_token, Secret)

    def replaced(self, **options: Unpack[ClientOptions]) -> Self:
        """Return a copy with other options.

        Raises:
            ValueError: a token that no header can hold, a timeout or a deadline that is not positive, negative retries.
            TypeError: a value of the wrong type.
        """
        return self._replace(**_checked(**options))


def new_settings(base_url: str | None, clock: Clock | None, **options: Unpack[ClientOptions]) -> Settings:
    """Return the settings of a new client, with those of the environment in place of a token or a URL that is None.

    Args:
        base_url: URL of the API.
        clock: the time that the client lives by, or None for the machine's.
        options: the other options.

    Raises:
        ValueError: no token, a base_url that is not https, or see `Settings.replaced`.
        TypeError: a value of the wrong type.
    """
    access_token = options.get("access_token")
    if access_token is None:
        access_token = wrap_token(os.environ.get("HUBSPOT_ACCESS_TOKEN") or None)
    if access_token is None:
        raise ValueError(
            "no access token: pass access_token=, that of a private app or a callable that returns one, or set "
            "HUBSPOT_ACCESS_TOKEN"
        )
    settings = Settings(
        base_url=check_base_url(base_url or os.environ.get("HUBSPOT_BASE_URL") or DEFAULT_BASE_URL),
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


def _checked(**options: Unpack[ClientOptions]) -> dict[str, Any]:
    """Check options, and return those that are given."""
    access_token, on_response = options.get("access_token"), options.get("on_response")
    timeout, deadline, max_retries = options.get("timeout"), options.get("deadline"), options.get("max_retries")
    if on_response is not None and not callable(on_response):
        raise TypeError(f"on_response must be a function of an answer, not {type(on_response).__name__}")
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
    """Return a token as a Secret, before anything that fails can show it among its variables; a provider as it is."""
    return access_token if access_token is None or callable(access_token) else Secret(access_token)


def _check_deadline(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"deadline must be seconds as a number, not {type(value).__name__}")
    if not value > 0:
        raise ValueError(f"deadline must be more than 0 seconds, not {value}")
    # Infinity is not a time that a socket can be told to wait.
    return min(value, threading.TIMEOUT_MAX)
