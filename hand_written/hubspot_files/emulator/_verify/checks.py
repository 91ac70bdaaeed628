"""The checks by the name of their assumption."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from .account import Account

Check: TypeAlias = Callable[[Account], None]

CHECKS: Final[dict[str, Check]] = {}
"""Each check raises Refuted or Unknown, or confirms by returning."""

NOT_CHECKED: Final = {
    "large-bodies": "it would send megabytes that are of no use",
    "rate-headers": "the limits are those of the account and of its plan",
    "rate-group": "it would use up the account's limit of calls",
    "creation-limit": "it would use up the account's limit on creating files",
    "hidden-write-scope": "hidden files cannot be created through the API",
    "hidden-public-urls": "hidden files cannot be created through the API",
    "canceled-dates": "the API cannot cancel a task",
    "oauth-versions": "it needs an app and its secret, not a token",
    "oauth-errors": "it needs an app and its secret, not a token",
    "oauth-rotation": "it needs an app and its secret, not a token",
    "oauth-codes": "it needs an app and its secret, not a token",
    "oauth-unlimited": "it needs an app and its secret, not a token",
    "oauth-revocation": "it needs an app and its secret, not a token",
    "oauth-introspection": "it needs an app and its secret, not a token",
}
"""Why there is no check for the other assumptions."""


def check(function: Check) -> Check:
    """Register the check of the assumption that has the name of the function."""
    CHECKS[function.__name__.replace("_", "-")] = function
    return function
