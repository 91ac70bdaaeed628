"""Tokens in memory, and the time at which they are renewed."""

from __future__ import annotations

from .._redaction import Secret
from .tokens import OAuthTokens

# A token is renewed this long before it expires, or a tenth of its life before, whichever is shorter.
_MARGIN = 60.0


class HeldTokens:
    """The tokens in memory.

    Args:
        tokens: the tokens.
        requested_at: time on the monotonic clock from which their life counts, in seconds.
        is_saved: whether the store has them, or there is no store.

    Attributes:
        tokens, is_saved: the arguments.
        access_token: the access token, always as this object.
        is_expired: whether HubSpot has called the access token expired.
    """

    def __init__(self, tokens: OAuthTokens, requested_at: float, *, is_saved: bool) -> None:
        self.tokens = tokens
        self.access_token = Secret(tokens.access_token)
        self.is_saved = is_saved
        self.is_expired = False
        # On the monotonic clock, which nobody sets.
        self._renew_at = requested_at + tokens.expires_in - min(_MARGIN, tokens.expires_in / 10)

    def is_due(self, now: float) -> bool:
        """Return whether to renew the access token."""
        return self.is_expired or now >= self._renew_at

    def is_usable(self, now: float) -> bool:
        """Return whether requests may use the access token."""
        return self.is_saved and not self.is_due(now)
