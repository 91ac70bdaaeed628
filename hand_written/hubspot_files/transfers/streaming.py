"""The results of a transfer of single files, as they finish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Self, cast

from .._engine.effects import AsyncDriver, Driver
from .._engine.flow import run, run_async
from .._engine.methods import AsyncResource, F, Method, SyncResource
from .._engine.settings import Settings
from .execution import Execution
from .requests import PlanRequest, RunOptions
from .results import TransferReport, TransferResult
from .workers import Burst, iterate_threads


class ManySpec(NamedTuple):
    """The parts of such a transfer that are the same for both clients."""

    settings: Settings
    request: PlanRequest
    options: RunOptions


class TransferResults:
    """The results of a transfer, as the files finish: `for result in hubspot.transfers.upload_many(...)`.

    Each iteration is a run of the transfer. One that is left early ends it, after the files that are being transferred.

    Attributes:
        report: the report of the last run that came to its end, or None.
    """

    def __init__(self, driver: Driver, spec: ManySpec) -> None:
        self._driver = driver
        self._spec = spec
        self.report: TransferReport | None = None

    def __iter__(self) -> Iterator[TransferResult]:
        execution = Execution(*self._spec)
        try:
            run(self._driver, execution.prepare())
            for jobs in execution.phases():
                yield from iterate_threads(self._driver, jobs)
            self.report = run(self._driver, execution.report())
        finally:
            run(self._driver, execution.close())


class AsyncTransferResults:
    """The results of a transfer, as the files finish: `async for result in hubspot.transfers.upload_many(...)`.

    The results come in groups: nothing runs between the iterations, so that nothing is left running by a loop that
    ends early. Each iteration is a run of the transfer.

    Attributes:
        report: the report of the last run that came to its end, or None.
    """

    def __init__(self, driver: AsyncDriver, spec: ManySpec) -> None:
        self._driver = driver
        self._spec = spec
        self.report: TransferReport | None = None

    def __aiter__(self) -> _AsyncIterator:
        return _AsyncIterator(self, self._driver, self._spec)


class _AsyncIterator:
    """The iterator. It is not an asynchronous generator, which callers who stop early would have to close."""

    def __init__(self, results: AsyncTransferResults, driver: AsyncDriver, spec: ManySpec) -> None:
        self._results = results
        self._driver = driver
        self._execution = Execution(*spec)
        self._groups: Iterator[Burst] | None = None
        self._ready: Iterator[TransferResult] = iter(())

    def __aiter__(self) -> Self:
        return self

    def __del__(self) -> None:
        # After a loop that has ended early, the next run needs the journal.
        self._execution.release()

    async def __anext__(self) -> TransferResult:
        try:
            return await self._next()
        except BaseException:
            await run_async(self._driver, self._execution.close())
            raise

    async def _next(self) -> TransferResult:
        if self._groups is None:
            await run_async(self._driver, self._execution.prepare())
            self._groups = (group for jobs in self._execution.phases() for group in jobs.bursts())
        while True:
            for result in self._ready:
                return result
            group = next(self._groups, None)
            if group is None:
                break
            await group.perform_async(self._driver)
            self._ready = iter(group.results)
        self._results.report = await run_async(self._driver, self._execution.report())
        raise StopAsyncIteration


def many(describe: F) -> F:
    """Decorate a function that describes a transfer: `f(...) -> TransferResults` and `-> AsyncTransferResults`."""
    results = ("TransferResults", "AsyncTransferResults")
    return cast("F", Method(describe, sync=_iterates, asynchronous=_iterates_async, depth=0, results=results))


def _iterates(describe: Callable[..., ManySpec]) -> Callable[..., TransferResults]:
    def method(self: SyncResource, *args: Any, **kwargs: Any) -> TransferResults:
        return TransferResults(self._driver, describe(self, *args, **kwargs))

    return method


def _iterates_async(describe: Callable[..., ManySpec]) -> Callable[..., AsyncTransferResults]:
    def method(self: AsyncResource, *args: Any, **kwargs: Any) -> AsyncTransferResults:
        return AsyncTransferResults(self._driver, describe(self, *args, **kwargs))

    return method
