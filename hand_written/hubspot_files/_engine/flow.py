"""Run flows: perform their effects with a driver, and throw whatever happens meanwhile into them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from .effects import AsyncDriver, Driver, Effect, Flow

T = TypeVar("T")


def run(driver: Driver, flow: Flow[T]) -> T:
    """Run a flow with a driver whose methods return once they are done."""
    step: Callable[[Any], Effect[Any]] = flow.send
    outcome: Any = None
    while True:
        try:
            return _steps(driver, flow, step, outcome)
        except BaseException as error:
            # Wherever an interrupt strikes, and whatever else happens, the flow may still have to clean up.
            if _is_over(flow):
                raise
            step, outcome = flow.throw, error


def _steps(driver: Driver, flow: Flow[T], step: Callable[[Any], Effect[Any]], outcome: Any) -> T:
    try:
        while True:
            outcome = step(outcome).perform(driver)
            step = flow.send
    except StopIteration as stop:
        # One that an effect raised is a failure like any other.
        if not _is_over(flow):
            raise
        result: T = stop.value
        return result


async def run_async(driver: AsyncDriver, flow: Flow[T]) -> T:
    """Run a flow with a driver whose methods are awaited."""
    step: Callable[[Any], Effect[Any]] = flow.send
    outcome: Any = None
    while True:
        try:
            return await _steps_async(driver, flow, step, outcome)
        except BaseException as error:
            if _is_over(flow):
                raise
            step, outcome = flow.throw, error


async def _steps_async(driver: AsyncDriver, flow: Flow[T], step: Callable[[Any], Effect[Any]], outcome: Any) -> T:
    try:
        while True:
            outcome = await step(outcome).perform_async(driver)
            step = flow.send
    except StopIteration as stop:  # the flow's: what is awaited cannot raise one
        result: T = stop.value
        return result


def _is_over(flow: Flow[Any]) -> bool:
    return inspect.getgeneratorstate(flow) == inspect.GEN_CLOSED
