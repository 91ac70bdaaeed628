"""Observation of a flow: its requests are counted, and its waits are reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from .._engine.effects import Effect, Fetch, Flow, Send, Sleep

T = TypeVar("T")


class Observer(Protocol):
    """Receives what a flow does."""

    def called(self) -> None:
        """A request is sent to the API."""
        ...

    def waiting(self, seconds: float, why: str) -> None:
        """The flow waits."""
        ...


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
        if isinstance(effect, Send) or (isinstance(effect, Fetch) and effect.token is not None):
            observer.called()
        elif isinstance(effect, Sleep):
            observer.waiting(effect.seconds, effect.why)
        try:
            outcome = yield effect
            step = flow.send
        except BaseException as error:  # noqa: BLE001 - it is thrown into the flow
            step, outcome = flow.throw, error
