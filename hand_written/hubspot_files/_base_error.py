"""The base class of all errors of this package, with the id that HubSpot's support asks for."""

from __future__ import annotations

from typing import Any, ClassVar


class HubSpotFilesError(Exception):
    """Base class of the errors of this package.

    Attributes:
        correlation_id: id of the request for HubSpot's support: that of the response, or that of the error which is the
            cause of this one; or None.
        attempts: number of attempts of the request that failed, with its retries; 0 for errors of no single request.
    """

    attempts: int = 0

    _correlation_id: str | None = None
    # Attributes that a pickle does not hold.
    _not_pickled: ClassVar[tuple[str, ...]] = ()

    @property
    def correlation_id(self) -> str | None:
        cause = self.__cause__
        inherited = cause.correlation_id if isinstance(cause, HubSpotFilesError) else None
        return self._correlation_id or inherited

    @correlation_id.setter
    def correlation_id(self, value: str | None) -> None:
        self._correlation_id = value

    def __str__(self) -> str:
        return self._text() + self._support()

    def _text(self) -> str:
        """Return the message without the correlation id."""
        return super().__str__()

    def _support(self) -> str:
        """Return the line of a message for HubSpot's support, or an empty str."""
        return f"\nCorrelation id for HubSpot's support: {self.correlation_id}" if self.correlation_id else ""

    def __reduce__(self) -> tuple[Any, ...]:
        # It holds no cause, but the correlation id of the cause.
        reduced = super().__reduce__()
        state = {name: value for name, value in vars(self).items() if name not in self._not_pickled}
        if self.correlation_id is not None:
            state["_correlation_id"] = self.correlation_id
        return reduced[0], reduced[1], state
