"""What a client was made with, checked: the one thing that its parts and its flows know of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Final, NamedTuple, Self, TypeAlias

import httpx

from .._http.timeouts import DEFAULT_TIMEOUT, Timeout, check_timeout
from .._http.tokens import check_token
from .._http.urls import check_base_url
from .._redaction import Secret
from .._validation import flag, whole
from .rate_limit import Pacer
from .responses import ResponseInfo
from .retry_budget import Budget
from .shared import Shared

OnResponse: TypeAlias = Callable[[ResponseInfo], object]
DEFAULT_BASE_URL: Final = "https://api.hubapi.com"
DEFAULT_MAX_RETRIES: Final = 4


class Settings(NamedTuple):
    """The settings of a client.

    Attributes:
        base_url: where the API is.
        max_retries: how often a request that failed is sent again at the most.
        budget: how often all requests of the client and its copies are.
        pacer: what keeps those of them that are paced under the rate limit.
        shared: what the requests of the client and its copies know of each other.
        access_token: a Secret, or a provider of tokens, which can be asked again.
        timeout: for each step of a connection.
        on_response: called with each answer, or None.
        deadline: seconds that a request with its retries may take, or None.
        paced: whether requests wait for the pacer.
    """

    base_url: str
    max_retries: int
    budget: Budget
    pacer: Pacer
    shared: Shared
    access_token: Any
    timeout: httpx.Timeout = DEFAULT_TIMEOUT
    on_response: OnResponse | None = None
    deadline: float | None = None
    paced: bool = False

    @property
    def refreshable(self) -> bool:
        """Whether the token comes from a provider that can be asked again."""
        return not isinstance(self.access_token, Secret)

    def changed(
        self,
        access_token: Any,
        timeout: Timeout,
        max_retries: int | None,
        on_response: OnResponse | None,
        deadline: float | None,
        pace: bool | None,
    ) -> Self:
        """A copy in which what is given, and checked, stands in for what was."""
        if on_response is not None and not callable(on_response):
            raise TypeError(f"on_response must be a function of an answer, not {type(on_response).__name__}")
        changes: dict[str, Any] = {
            "access_token": None if access_token is None else _check_access_token(access_token),
            "timeout": None if timeout is None else httpx.Timeout(check_timeout(timeout)),
            "max_retries": None if max_retries is None else whole(max_retries, "max_retries"),
            "on_response": on_response,
            "deadline": None if deadline is None else _check_deadline(deadline),
            "paced": flag(pace, "pace"),
        }
        return self._replace(**{name: value for name, value in changes.items() if value is not None})


def settings_of(access_token: Any, base_url: str | None, timeout: Timeout, max_retries: int | None) -> Settings:
    """The settings of a new client, with those of the environment where they are left out.

    Raises:
        ValueError: no token or one that no header can hold, a base_url that is not https, or a timeout of no time.
        TypeError: a value of the wrong type.
    """
    if access_token is None:
        access_token = hidden(os.environ.get("HUBSPOT_ACCESS_TOKEN") or None)
    if access_token is None:
        raise ValueError(
            "no access token: pass access_token=, that of a private app or a callable that returns one, or set "
            "HUBSPOT_ACCESS_TOKEN"
        )
    return Settings(
        check_base_url(base_url or os.environ.get("HUBSPOT_BASE_URL") or DEFAULT_BASE_URL),
        DEFAULT_MAX_RETRIES if max_retries is None else whole(max_retries, "max_retries"),
        Budget(),
        Pacer(),
        Shared(),
        _check_access_token(access_token),
        DEFAULT_TIMEOUT if timeout is None else httpx.Timeout(check_timeout(timeout)),
    )


def hidden(access_token: Any) -> Any:
    """A token as a Secret, before anything that fails can show it among its variables; a provider as it is."""
    return access_token if access_token is None or callable(access_token) else Secret(access_token)


def _check_access_token(access_token: Any) -> Any:
    if isinstance(access_token, Secret):
        check_token(access_token.reveal())
    return access_token


def _check_deadline(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"deadline must be seconds as a number, not {type(value).__name__}")
    if not value > 0:
        raise ValueError(f"deadline must be more than 0 seconds, not {value}")
    # What is infinite is no time that a socket can be told to wait.
    return min(value, threading.TIMEOUT_MAX)
