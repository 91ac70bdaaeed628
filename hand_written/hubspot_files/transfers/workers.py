"""The two runners of many flows: threads of a synchronous client, and tasks of an asynchronous one."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Awaitable, Callable, Generator, Iterator

from .._engine.effects import AsyncDriver, Driver, Effect, Flow
from .._engine.flow import run, run_async
from .results import TransferResult

Job = Flow[TransferResult | None]

_FIRST_WORKERS = 4
# Waiting without a limit cannot be interrupted on Windows.
_TICK = 1.0
# The asynchronous client returns results at the latest so many seconds after the first of them, and so many a worker.
_BURST_SECONDS = 2.0
_BURST_RESULTS = 8


class Jobs:
    """The flows of one phase, which workers take one after the other.

    Args:
        flows: the flows. A flow is made when it is taken.
        most: maximum number of workers.
        grows: whether to begin with few workers, and to add others as long as none has to wait for the rate limit.
        limit_waits: returns the number of waits for the rate limit so far.
        stop: called when a flow has raised, or the caller was interrupted, to end the others soon.
        on_interrupt: called after that if the caller was interrupted, and the threads are waited for.
    """

    def __init__(
        self,
        flows: Iterator[Job],
        *,
        most: int,
        grows: bool,
        limit_waits: Callable[[], int],
        stop: Callable[[], object],
        on_interrupt: Callable[[], object],
    ) -> None:
        self._flows = flows
        self._most = most
        self._limit_waits = limit_waits
        self._stop = stop
        self.on_interrupt = on_interrupt
        self._lock = threading.Lock()
        self._waits = 0
        self.first: int = min(_FIRST_WORKERS, most) if grows else most
        self.ended: bool = False
        self.error: BaseException | None = None

    def take(self) -> Job | None:
        """Return the next flow, or None after the last one or if the jobs were stopped."""
        with self._lock:
            flow = None if self.ended else next(self._flows, None)
            if flow is None:
                self.ended = True
            return flow

    def fail(self, error: BaseException) -> None:
        """Stop all workers. The first error is the one to raise."""
        with self._lock:
            self.ended = True
            if self.error is None:
                self.error = error
        self._stop()

    def may_grow(self, workers: int) -> bool:
        """Return whether another worker is useful: no flow has waited for the rate limit since the last call."""
        with self._lock:
            waits = self._limit_waits()
            waited, self._waits = waits != self._waits, waits
            return not waited and not self.ended and workers < self._most

    def bursts(self) -> Iterator[Burst]:
        """Iterate over groups of the flows. Each must have been performed before the next is taken."""
        while not self.ended:
            yield Burst(self)


class RunAll(Effect[None]):
    """Run all jobs of a phase, and raise the first error."""

    __slots__ = ("jobs",)

    def __init__(self, jobs: Jobs) -> None:
        self.jobs: Jobs = jobs

    def perform(self, driver: Driver) -> None:
        for _ in iterate_threads(driver, self.jobs):
            pass

    async def perform_async(self, driver: AsyncDriver) -> None:
        await _run_tasks(driver, self.jobs, _take_all)


class Burst:
    """The jobs that are run until there are results.

    A task must not outlive the call that has started it. So all workers end before the results are returned, and wait
    for the slowest of them. Groups of more than a few results make these waits rare.

    Attributes:
        results: the results.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.results: list[TransferResult] = []

    async def perform_async(self, driver: AsyncDriver) -> None:
        """Run jobs. Each worker ends after its job once there are enough results, or some for long enough."""
        ends_at = float("inf")

        async def take(result: TransferResult | None, workers: int) -> bool:
            nonlocal ends_at
            if result is None:
                return False
            now = await driver.now()
            if not self.results:
                ends_at = now + _BURST_SECONDS
            self.results.append(result)
            # The next group begins with as many workers.
            self._jobs.first = max(self._jobs.first, workers)
            return now >= ends_at or len(self.results) >= _BURST_RESULTS * workers

        await _run_tasks(driver, self._jobs, take)


def iterate_threads(driver: Driver, jobs: Jobs) -> Generator[TransferResult, None, None]:
    """Run the jobs in threads, and iterate over their results as they finish.

    If the caller is interrupted or leaves the iteration, the jobs are stopped and waited for. A second interrupt ends
    the wait.
    """
    # A result, or None for the end of a thread.
    finished: queue.SimpleQueue[TransferResult | None] = queue.SimpleQueue()
    running = 0
    lock = threading.Lock()

    def work() -> None:
        try:
            while (job := jobs.take()) is not None:
                result = run(driver, job)
                if result is not None:
                    finished.put(result)
                if jobs.may_grow(running):
                    start()
        except BaseException as error:  # noqa: BLE001 - it is raised again in the thread of the caller
            jobs.fail(error)
        finally:
            finished.put(None)

    def start() -> None:
        nonlocal running
        with lock:
            running += 1
        # Daemons do not keep the process from ending after a second interrupt.
        threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True).start()

    def wait() -> Generator[TransferResult, None, None]:
        nonlocal running
        while running:
            try:
                result = finished.get(timeout=_TICK)
            except queue.Empty:
                continue
            if result is not None:
                yield result
            else:
                with lock:
                    running -= 1

    try:
        for _ in range(jobs.first):
            start()
        yield from wait()
    except BaseException as error:
        jobs.fail(error)
        failure: Exception | None = None
        if isinstance(error, KeyboardInterrupt):
            try:
                jobs.on_interrupt()
            except Exception as raised:  # noqa: BLE001 - it is raised again, unlike a second interrupt after the wait
                failure = raised
        for _ in wait():
            pass
        if failure is not None:
            raise failure from error
        raise
    if jobs.error is not None:
        raise jobs.error


async def _take_all(result: TransferResult | None, workers: int) -> bool:
    return False


async def _run_tasks(
    driver: AsyncDriver, jobs: Jobs, take: Callable[[TransferResult | None, int], Awaitable[bool]]
) -> None:
    """Run the jobs in tasks to the last one, or until `take` returns True for a result and the number of workers."""
    import anyio

    running = 0
    enough = False

    async def work() -> None:
        nonlocal running, enough
        try:
            while not enough and (job := jobs.take()) is not None:
                if await take(await run_async(driver, job), running):
                    enough = True
                if not enough and jobs.may_grow(running):
                    running += 1
                    group.start_soon(work)
        except anyio.get_cancelled_exc_class():
            raise
        except BaseException as error:  # noqa: BLE001 - it is raised again, without a group around it
            jobs.fail(error)
            group.cancel_scope.cancel()
        finally:
            running -= 1

    async with anyio.create_task_group() as group:
        for _ in range(jobs.first):
            running += 1
            group.start_soon(work)
    if jobs.error is not None:
        raise jobs.error
