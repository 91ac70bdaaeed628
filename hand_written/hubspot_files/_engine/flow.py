"""Runners of flows, which perform the effects with a driver and throw exceptions into the flow."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from .effects import AsyncDriver, Driver, Effect, Flow

T = TypeVar("T")


def run(driver: Driver, flow: Flow[T]) -> T:
    """Run a flow with a synchronous driver, and return its result."""
    step: Callable[[Any], Effect[Any]] = flow.send
    outcome: Any = None
    while True:
        try:
            return _steps(driver, flow, step, outcome)
        except BaseException as error:
            # The flow may have to clean up after any exception, including an interrupt at any step.
            if _is_over(flow):
                raise
            step, outcome = flow.throw, error


def _steps(driver: Driver, flow: Flow[T], step: Callable[[Any], Effect[Any]], outcome: Any) -> T:
    try:
        while True:
            outcome = step(outcome).perform(driver)
            step = flow.send
    except StopIteration as stop:
        # A StopIteration that an effect raised is an error like any other.
        if not _is_over(flow):
            raise
        result: T = stop.value
        return result


async def run_async(driver: AsyncDriver, flow: Flow[T]) -> T:
    """Run a flow with an asynchronous driver, and return its result."""
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
            # A variable keeps an unfinished response alive with the traceback: trio warns of one that is freed earlier.
            effect = step(outcome)
            outcome = await effect.perform_async(driver)
            step = flow.send
    except StopIteration as stop:  # it is the flow's, because a coroutine cannot raise one
        result: T = stop.value
        return result


def _is_over(flow: Flow[Any]) -> bool:
    return inspect.getgeneratorstate(flow) == inspect.GEN_CLOSED
