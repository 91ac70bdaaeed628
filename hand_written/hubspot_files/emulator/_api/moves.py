"""Changes of place that readers see only after a while."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from .._clock import Clock
from .._messages import ApiError


class DelayedMoves:
    """The renames and moves of files and folders that have been accepted and are not seen yet.

    Args:
        clock: The emulator's clock.
        seconds: How long nobody sees a move. None of them is delayed by 0.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        # assumed: move-visible
        self._clock = clock
        self._lag = round(seconds * 1000)
        self._pending: list[tuple[int, Callable[[], object]]] = []

    @property
    def are_delayed(self) -> bool:
        """Whether a move is seen later than its response."""
        return self._lag > 0

    def add(self, move: Callable[[], object]) -> None:
        """Delay a move. It is dropped if it raises ApiError when it is due, as where another has taken the name."""
        self._pending.append((self._clock.milliseconds() + self._lag, move))

    def clear(self) -> None:
        """Drop all moves that are not seen yet."""
        self._pending.clear()

    def pass_time(self, *, end: bool = False) -> None:
        """Make the moves that are due, or all of them."""
        while self._pending and (end or self._pending[0][0] <= self._clock.milliseconds()):
            _, move = self._pending.pop(0)
            with suppress(ApiError):
                move()
