"""Flows: operations as generators of effects, and how a driver performs them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .effects import _METHODS, Effect, Flow

if TYPE_CHECKING:
    pass

T = TypeVar("T")


def run(driver: Any, flow: Flow[T]) -> T:
    """Perform a flow's effects with a driver whose methods return at once."""
    step: Callable[[Any], Effect] = flow.send
    outcome: Any = None
    while True:
        try:
            return _perform(driver, flow, step, outcome)
        except BaseException as error:
            # Wherever an interrupt strikes, and whatever else happens, the flow may still have to clean up.
            if _is_over(flow):
                raise
            step, outcome = flow.throw, error


def _perform(driver: Any, flow: Flow[T], step: Callable[[Any], Effect], outcome: Any) -> T:
    try:
        while True:
            effect = step(outcome)
            outcome = getattr(driver, _METHODS[type(effect)])(*effect)
            step = flow.send
    except StopIteration as stop:
        # One that an effect raised is a failure like any other.
        if not _is_over(flow):
            raise
        result: T = stop.value
        return result


async def run_async(driver: Any, flow: Flow[T]) -> T:
    """Perform a flow's effects with a driver whose methods are awaited."""
    step: Callable[[Any], Effect] = flow.send
    outcome: Any = None
    while True:
        try:
            return await _perform_async(driver, flow, step, outcome)
        except BaseException as error:
            if _is_over(flow):
                raise
            step, outcome = flow.throw, error


async def _perform_async(driver: Any, flow: Flow[T], step: Callable[[Any], Effect], outcome: Any) -> T:
    try:
        while True:
            effect = step(outcome)
            outcome = await getattr(driver, _METHODS[type(effect)])(*effect)
            step = flow.send
    except StopIteration as stop:  # the flow's: what is awaited cannot raise one
        result: T = stop.value
        return result


def _is_over(flow: Flow[Any]) -> bool:
    return inspect.getgeneratorstate(flow) == inspect.GEN_CLOSED
