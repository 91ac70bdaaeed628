"""Observation of a flow: its requests are counted, and its waits are reported and can be ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from .._engine.effects import Driver, Effect, Fetch, Flow, Send, Sleep

T = TypeVar("T")

# Seconds after which a thread that waits notices that the run is being stopped.
_STEP = 0.2


class Observer(Protocol):
    """Receives what a flow does."""

    def called(self) -> None:
        """A request is sent to the API."""
        ...

    def waiting(self, seconds: float, why: str) -> None:
        """The flow waits."""
        ...

    def check_running(self) -> None:
        """Raise an exception if the flow is to be stopped."""
        ...


class StoppableSleep(Sleep):
    """A wait that ends when the run is stopped. Of a task, a cancellation ends it."""

    __slots__ = ("_observer",)

    def __init__(self, sleep: Sleep, observer: Observer) -> None:
        super().__init__(sleep.seconds, sleep.why)
        self._observer = observer

    def perform(self, driver: Driver) -> None:
        left = self.seconds
        while left > 0:
            step = min(left, _STEP)
            driver.sleep(step)
            left -= step
            self._observer.check_running()


def watched(flow: Flow[T], observer: Observer) -> Flow[T]:
    """Return a flow with the same effects and the same result, which an observer is told of."""
    step: Callable[[Any], Effect[Any]] = flow.send
    outcome: Any = None
    while True:
        try:
            effect = step(outcome)
        except StopIteration as stop:
            result: T = stop.value
            return result
        try:
            if isinstance(effect, Send) or (isinstance(effect, Fetch) and effect.token is not None):
                observer.called()
            elif isinstance(effect, Sleep):
                observer.waiting(effect.seconds, effect.why)
                effect = StoppableSleep(effect, observer)
            outcome = yield effect
            step = flow.send
        except BaseException as error:  # noqa: BLE001 - it is thrown into the flow
            step, outcome = flow.throw, error
