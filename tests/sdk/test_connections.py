"""Connections over real sockets: forked processes, event loops, cancelled and interrupted calls, surplus bytes."""

from __future__ import annotations

import asyncio
import contextvars
import dis
import errno
import gc
import inspect
import os
import random
import ssl
import subprocess
import sys
import threading
import time
import types
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import respx

import hubspot_files
from hubspot_files import (
    AsyncHubSpotFiles,
    ClientStateError,
    HubSpotFiles,
    RequestTimeoutError,
    ResponseInfo,
    _fork,
)
from hubspot_files._http import network
from hubspot_files._http.proxies import ssl_context

from .origin import Origin, honest, record, response
from .support import TOKEN, Client, run_in_fork

_PACKAGE = str(Path(inspect.getfile(hubspot_files)).parent)


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin(honest) as origin:
        yield origin


@pytest.fixture
def forks() -> None:
    """Ignore the warning of Python 3.12 about forking a process with threads, such as these servers'."""
    warnings.filterwarnings("ignore", "This process .* is multi-threaded, use of fork", DeprecationWarning)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


pytestmark = pytest.mark.usefixtures("forks")


class TestFork:
    def test_parent_and_children_read_their_own_responses(self, origin: Origin) -> None:
        with HubSpotFiles(TOKEN, base_url=origin.url) as hubspot:
            hubspot.files.get(1)

            def work(first: int) -> list[str]:
                return [hubspot.files.get(first + number).id for number in range(50)]

            children = [
                threading.Thread(target=lambda n=n: results.append(run_in_fork(lambda: work(n))))
                for n in (100, 200, 300)
            ]
            results: list[list[str]] = []
            for child in children:
                child.start()
            mine = work(400)
            for child in children:
                child.join()
        assert sorted([*results, mine]) == [[str(n + i) for i in range(50)] for n in (100, 200, 300, 400)]

    @pytest.mark.promise(
        "A forked process, such as a worker of gunicorn with `--preload`, of Celery or of "
        "`multiprocessing`, can use a client that its parent has used: it starts without connections and "
        "with free locks.",
        "The connections of the parent stay open.",
    )
    def test_a_child_inherits_no_connection_and_closes_none_of_its_parent(self, origin: Origin) -> None:
        with HubSpotFiles(TOKEN, base_url=origin.url) as hubspot:
            hubspot.files.get(1)
            before = descriptors()

            def work() -> tuple[int, int]:
                gc.collect()
                mine = len(hubspot._driver.connections.pool.transports)
                hubspot.files.get(2)
                hubspot.close()
                gc.collect()
                return mine, descriptors()

            mine, after = run_in_fork(work)
            assert mine == 0
            # The child's pipe adds one descriptor; the parent's connection is closed or kept.
            assert after <= before + 1
            hubspot.files.get(3)
            assert (origin.connections, len(hubspot._driver.connections.pool.transports)) == (2, 1)

    @pytest.mark.promise(
        "A forked process, such as a worker of gunicorn with `--preload`, of Celery or of "
        "`multiprocessing`, can use a client that its parent has used: it starts without connections and "
        "with free locks.",
        "The connections of the parent stay open.",
    )
    def test_an_asynchronous_client_works_in_a_child(self, origin: Origin) -> None:
        hubspot = AsyncHubSpotFiles(TOKEN, base_url=origin.url)

        async def parent() -> list[str]:
            async with anyio.create_task_group() as tasks:
                for number in range(5):
                    tasks.start_soon(hubspot.files.get, number)

            def work() -> list[str]:
                async def child() -> list[str]:
                    return [(await hubspot.files.get(100 + number)).id for number in range(20)]

                first = asyncio.run(child())
                second = asyncio.run(child())
                assert first == second
                return second

            in_child = await asyncio.get_running_loop().run_in_executor(None, run_in_fork, work)
            assert in_child == [str(100 + number) for number in range(20)]
            mine = [(await hubspot.files.get(number)).id for number in range(20)]
            await hubspot.close()
            return mine

        assert asyncio.run(parent()) == [str(number) for number in range(20)]
        # Five at once, one in each loop of the child, and none for the parent, which reuses its own.
        assert origin.connections == 7

    @pytest.mark.promise(
        "A forked process, such as a worker of gunicorn with `--preload`, of Celery or of "
        "`multiprocessing`, can use a client that its parent has used: it starts without connections and "
        "with free locks."
    )
    def test_a_held_lock_is_released_in_a_child(self, origin: Origin) -> None:
        entered = threading.Event()
        go_on = threading.Event()

        def slow(line: str, body: bytes) -> Iterator[bytes]:
            if not entered.is_set():
                entered.set()
                go_on.wait(20)
            yield response({"url": "https://storage.example.net/a", "expiresAt": "2036-01-01T00:00:00Z"})

        with Origin(slow) as slow_origin, HubSpotFiles(TOKEN, base_url=slow_origin.url) as hubspot:
            paced = hubspot.with_options(pace=True)
            asking = threading.Thread(target=paced.files.signed_url_cache.get, args=(1,))
            asking.start()
            entered.wait(20)
            locks = (hubspot._settings.rate_limiter._lock, hubspot._settings.retry_budget._lock)
            for lock in locks:
                lock.acquire()

            url = run_in_fork(lambda: paced.files.signed_url_cache.get(1).url)
            assert url == "https://storage.example.net/a"
            for lock in locks:
                lock.release()
            go_on.set()
            asking.join()

    @pytest.mark.promise(
        "In the forked process, an `http_client` of yours that was used before the fork is refused with "
        "`ClientStateError`."
    )
    def test_a_used_http_client_is_refused(self, origin: Origin) -> None:
        hubspot = HubSpotFiles(TOKEN, base_url=origin.url, http_client=httpx.Client())
        hubspot.files.get(1)

        def work() -> str:
            with pytest.raises(ClientStateError) as caught:
                hubspot.files.get(2)
            return str(caught.value)

        assert run_in_fork(work).startswith("http_client was used before this process was forked")
        assert len(origin.requests) == 1
        assert hubspot.files.get(3).id == "3"
        hubspot._driver.connections.client.close()

    @pytest.mark.promise(
        "In the forked process, an `http_client` of yours that was used before the fork is refused with "
        "`ClientStateError`."
    )
    def test_a_used_asynchronous_http_client_is_refused(self, origin: Origin) -> None:
        mine = httpx.AsyncClient()
        hubspot = AsyncHubSpotFiles(TOKEN, base_url=origin.url, http_client=mine)

        async def main() -> None:
            await hubspot.files.get(1)
            await mine.aclose()

        asyncio.run(main())

        def work() -> str:
            with pytest.raises(ClientStateError) as caught:
                asyncio.run(hubspot.files.get(2))
            return str(caught.value)

        assert run_in_fork(work).startswith("http_client was used before this process was forked")
        assert len(origin.requests) == 1

    def test_an_unused_http_client_is_accepted(self, origin: Origin) -> None:
        with HubSpotFiles(TOKEN, base_url=origin.url, http_client=httpx.Client()) as hubspot:
            assert run_in_fork(lambda: hubspot.files.get(2).id) == "2"


class TestRenewal:
    """Renewal after a fork, run in the test's own process so that its effects can be inspected."""

    def test_uses_nothing_of_the_parent_and_releases_each_lock(
        self, client: Client, origin: Origin, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def program(hubspot: Any) -> Iterator[Any]:
            yield hubspot.files.get(1)
            before = hubspot._driver.connections.pool.transports
            settings = hubspot._settings
            for owner in (
                settings.rate_limiter,
                settings.retry_budget,
                settings.shared.changes,
                settings.shared.claims,
            ):
                owner._lock.acquire()
            lock = hubspot._driver.new_lock()
            if inspect.isawaitable(lock):
                lock = yield lock
            yield lock.acquire()
            _fork._renew_all()
            assert hubspot._driver.connections.pool.transports == []
            yield lock.acquire()
            yield lock.release()
            assert (yield hubspot.with_options(pace=True).files.get(2)).id == "2"
            [after] = hubspot._driver.connections.pool.transports
            assert after not in before

        client(program, base_url=origin.url)
        assert origin.connections == 2
        assert origin.settled(0)

    def test_releases_the_sockets_of_the_parent(self, origin: Origin) -> None:
        """Python would warn of an unclosed socket at the end of the process. Only trio gives a socket away."""

        def program(hubspot: Any) -> Iterator[Any]:
            yield hubspot.files.get(1)
            [transport] = hubspot._driver.connections.pool.transports
            connected = transport._backend.stream.get_extra_info("socket")
            _fork._renew_all()
            assert connected.fileno() == -1

        Client("trio")(program, base_url=origin.url)
        assert origin.settled(0)

    def test_an_open_response_releases_its_pool_slot(self, origin: Origin) -> None:
        with HubSpotFiles(TOKEN, base_url=origin.url) as hubspot:
            connections = hubspot._driver.connections
            response = connections.open(httpx.Request("GET", f"{origin.url}/files/v3/files/1"))
            # Another thread held the lock at the fork, and is not there to release it.
            holder = threading.Thread(target=connections.slots._lock.acquire)
            holder.start()
            holder.join()
            _fork._renew_all()
            closing = threading.Thread(target=response.close)
            closing.start()
            closing.join(5)
            assert not closing.is_alive()
            assert hubspot.files.get(2).id == "2"

    def test_an_error_of_one_client_does_not_stop_the_others(
        self, client: Client, origin: Origin, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def exhausted(*args: Any, **kwargs: Any) -> int:
            raise OSError(errno.EMFILE, "Too many open files")

        def program(hubspot: Any) -> Iterator[Any]:
            yield hubspot.files.get(1)
            [transport] = hubspot._driver.connections.pool.transports
            with monkeypatch.context() as patch:
                patch.setattr(os, "open", exhausted)
                _fork._renew_all()
            assert hubspot._driver.connections.pool.transports == []
            assert (yield hubspot.files.get(2)).id == "2"
            # This process is no child that soon ends, and keeps the connection that could not be released.
            transport.detach()

        client(program, base_url=origin.url)
        assert origin.connections == 2

    def test_an_error_of_one_client_is_raised_after_all_are_renewed(self) -> None:
        class Fails:
            renewed = 0

            def renew(self) -> None:
                self.renewed += 1
                if self.renewed == 1:  # and not during another test
                    raise OSError("no")

        failing = [Fails(), Fails()]
        for one in failing:
            _fork.renew_after_fork(one)
        lock = _fork.ThreadLock()
        holder = threading.Thread(target=lock.acquire)
        holder.start()
        holder.join()
        with pytest.raises(OSError, match="no"):
            _fork._renew_all()
        assert [one.renewed for one in failing] == [1, 1]
        assert lock.acquire(1)

    def test_modules_are_imported_before_a_fork_but_only_where_there_is_a_client(self) -> None:
        """A module that another thread was importing at the fork could never be imported in the child."""
        program = """
import os, sys
import hubspot_files
lazy = ["hubspot_files._http.network", "hubspot_files_api.models.file", "hubspot_files_api.api.files.get_file"]
def child():
    return sum(name in sys.modules for name in lazy)
for make in (list, lambda: hubspot_files.HubSpotFiles("token-of-mine")):
    made = make()
    pid = os.fork()
    if pid == 0:
        os._exit(child())
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["0", "3"]

    def test_skips_closed_clients(self, client: Client, origin: Origin) -> None:
        def program(hubspot: Any) -> Iterator[Any]:
            yield hubspot.files.get(1)
            [transport] = hubspot._driver.connections.pool.transports
            yield transport.aclose() if client.asynchronous else transport.close()
            _fork._renew_all()
            assert (yield hubspot.files.get(2)).id == "2"

        client(program, base_url=origin.url)

    def test_skips_mocks(self, client: Client, api: respx.MockRouter) -> None:
        api.get("/files/v3/files/1").respond(200, json=record("GET /files/v3/files/1"))

        def program(hubspot: Any) -> Iterator[Any]:
            yield hubspot.files.get(1)
            _fork._renew_all()
            yield hubspot.files.get(1)

        client(program)

    @pytest.mark.promise(
        "`ClientStateError` | use an open client, and an `http_client` of the same process and event loop"
    )
    def test_a_used_http_client_is_refused(self, client: Client) -> None:
        handle = lambda request: httpx.Response(200, json=record("GET /files/v3/files/1"))  # noqa: E731

        def program(hubspot: Any) -> Iterator[Any]:
            yield hubspot.files.get(1)
            _fork._renew_all()
            with pytest.raises(ClientStateError, match="used before this process was forked"):
                yield hubspot.files.get(1)

        client(program, http_client=client.http(httpx.MockTransport(handle)))


class TestLocks:
    def test_the_garbage_collector_may_close_a_response_while_its_thread_holds_the_lock(self, origin: Origin) -> None:
        with HubSpotFiles(TOKEN, base_url=origin.url) as hubspot:
            connections = hubspot._driver.connections
            response = connections.open(httpx.Request("GET", f"{origin.url}/files/v3/files/1"))

            def collect() -> None:
                with connections.slots._lock:
                    response.close()

            collecting = threading.Thread(target=collect)
            collecting.start()
            collecting.join(5)
            assert not collecting.is_alive()

    def test_open_connections_are_limited(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("hubspot_files._http.connections.MAX_CONNECTIONS", 3)
        with Origin(_random_pause) as origin, HubSpotFiles(TOKEN, base_url=origin.url) as hubspot:
            threads = [threading.Thread(target=hubspot.files.get, args=(number,)) for number in range(30)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert origin.connections <= 3

    def test_closing_wakes_a_thread_that_waits_for_a_response(self) -> None:
        requested = threading.Event()

        def never(line: str, body: bytes) -> Iterator[bytes]:
            requested.set()
            yield b"HTTP/1.1 200 OK\r\n"
            time.sleep(20)

        errors: list[BaseException] = []
        with Origin(never) as origin:
            hubspot = HubSpotFiles(TOKEN, base_url=origin.url)

            def get() -> None:
                try:
                    hubspot.files.get(1)
                except ClientStateError as error:
                    errors.append(error)

            waiting = threading.Thread(target=get)
            waiting.start()
            requested.wait(5)
            hubspot.close()
            waiting.join(5)
            assert not waiting.is_alive()
        assert len(errors) == 1

    @pytest.mark.promise("the lock of the cache of signed URLs")
    def test_waiting_ends_at_the_deadline(self, client: Client) -> None:
        requested = threading.Event()
        go_on = threading.Event()

        def respond(line: str, body: bytes) -> Iterator[bytes]:
            requested.set()
            go_on.wait(20)
            yield response({"url": "https://storage.example.net/a", "expiresAt": "2036-01-01T00:00:00Z"})

        def program(hubspot: Any) -> Iterator[Any]:
            hurried = hubspot.with_options(deadline=0.1)
            # The same cache, which a copy does not share.
            hurried.files.signed_url_cache._slots = hubspot.files.signed_url_cache._slots

            async def both() -> None:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(hubspot.files.signed_url_cache.get, 1)
                    await anyio.to_thread.run_sync(requested.wait)
                    try:
                        with pytest.raises(RequestTimeoutError, match="deadline"):
                            await hurried.files.signed_url_cache.get(1)
                    finally:
                        go_on.set()

            if client.asynchronous:
                yield both()
                return
            asking = threading.Thread(target=hubspot.files.signed_url_cache.get, args=(1,))
            asking.start()
            requested.wait(20)
            try:
                with pytest.raises(RequestTimeoutError, match="deadline"):
                    hurried.files.signed_url_cache.get(1)
                # A waiter that fails does not release the lock of its holder.
                assert not hubspot.files.signed_url_cache._slots.copy().popitem()[1].lock.acquire(0.01)
            finally:
                go_on.set()
            asking.join()
            assert hurried.files.signed_url_cache.get(2).url == "https://storage.example.net/a"

        with Origin(respond) as origin:
            client(program, base_url=origin.url)


class TestEventLoops:
    @pytest.mark.promise(
        "Each event loop has its own connections, which are closed when the loop ends.",
        "An asynchronous client can be used in one `asyncio.run` after another.",
    )
    def test_a_client_works_in_one_loop_after_another(self, origin: Origin) -> None:
        hubspot = AsyncHubSpotFiles(TOKEN, base_url=origin.url)
        for number, backend in enumerate(["asyncio", "asyncio", "trio", "asyncio"]):
            assert anyio.run(hubspot.files.get, number, backend=backend).id == str(number)
            # Each loop closes its own connections at its end.
            assert origin.settled(0)
        assert origin.connections == 4

    def test_a_connection_is_reused_within_a_loop(self, origin: Origin) -> None:
        hubspot = AsyncHubSpotFiles(TOKEN, base_url=origin.url)

        async def main() -> None:
            for number in range(5):
                await hubspot.files.get(number)

        asyncio.run(main())
        asyncio.run(main())
        assert origin.connections == 2

    @pytest.mark.promise("Each event loop has its own connections, which are closed when the loop ends.")
    def test_concurrent_loops_share_no_connection(self, origin: Origin) -> None:
        hubspot = AsyncHubSpotFiles(TOKEN, base_url=origin.url)
        found: list[str] = []

        async def main(start: int) -> None:
            for number in range(start, start + 50):
                found.append((await hubspot.files.get(number)).id)

        threads = [threading.Thread(target=asyncio.run, args=(main(start),)) for start in (100, 200, 300)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == [str(start + number) for start in (100, 200, 300) for number in range(50)]

    def test_locks_of_the_cache_are_independent_of_loops(self) -> None:
        def respond(line: str, body: bytes) -> Iterator[bytes]:
            yield response({"url": "https://storage.example.net/a", "expiresAt": "2036-01-01T00:00:00Z"})

        with Origin(respond) as origin:
            hubspot = AsyncHubSpotFiles(TOKEN, base_url=origin.url)

            async def main() -> None:
                async with anyio.create_task_group() as tasks:
                    for _ in range(5):
                        tasks.start_soon(hubspot.files.signed_url_cache.get, 1)

            for backend in ("asyncio", "trio", "asyncio"):
                anyio.run(main, backend=backend)
                hubspot.files.signed_url_cache.clear()
            assert len(origin.requests) == 3

    def test_a_loop_closed_without_its_generators_is_harmless(self, origin: Origin) -> None:
        hubspot = AsyncHubSpotFiles(TOKEN, base_url=origin.url)
        loop = asyncio.new_event_loop()
        loop.run_until_complete(hubspot.files.get(1))
        loop.close()
        assert asyncio.run(hubspot.files.get(2)).id == "2"
        asyncio.run(hubspot.close())
        del loop
        with warnings.catch_warnings():
            # asyncio warns of transports that can no longer be closed.
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
        assert origin.settled(0)

    def test_closing_in_another_loop_closes_idle_connections(self, origin: Origin) -> None:
        hubspot = AsyncHubSpotFiles(TOKEN, base_url=origin.url)

        async def other() -> None:
            await hubspot.close()

        async def both() -> None:
            response = await hubspot._driver.open(httpx.Request("GET", f"{origin.url}/files/v3/files/2"))
            await asyncio.to_thread(asyncio.run, other())
            await response.aread()
            assert origin.settled(0)
            with pytest.raises(ClientStateError):
                await hubspot.files.get(3)

        asyncio.run(both())

    @pytest.mark.promise(
        "An `http_client` of yours that was used in another event loop is refused with `ClientStateError`.",
        "`ClientStateError` | use an open client, and an `http_client` of the same process and event loop",
    )
    def test_an_http_client_of_another_loop_is_refused_before_anything_is_sent(self, origin: Origin) -> None:
        mine = httpx.AsyncClient()
        hubspot = AsyncHubSpotFiles(TOKEN, base_url=origin.url, http_client=mine)

        async def main() -> None:
            await hubspot.files.get(1)
            await hubspot.files.get(2)
            await mine.aclose()

        asyncio.run(main())
        with pytest.raises(ClientStateError, match="http_client was used in another event loop"):
            asyncio.run(hubspot.files.upload(b"a", name="a.txt", folder_path="/"))
        assert len(origin.requests) == 2


def _random_pause(line: str, body: bytes) -> Iterator[bytes]:
    """Respond in chunks with random pauses."""
    message = response(record(line))
    for start in range(0, len(message), 200):
        time.sleep(random.random() * 0.002)
        yield message[start : start + 200]


class TestCancelling:
    @pytest.mark.promise("A call that is cancelled closes its connection.")
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_cancelled_calls_leave_no_connection(self, backend: str) -> None:
        with Origin(_random_pause) as origin:
            hubspot = AsyncHubSpotFiles(TOKEN, base_url=origin.url)

            async def call(number: int) -> None:
                with anyio.move_on_after(random.random() * 0.02):
                    await hubspot.files.get(number)

            async def native(number: int) -> None:
                task = asyncio.ensure_future(hubspot.files.get(number))
                for _ in range(random.randrange(1, 3)):
                    await asyncio.sleep(random.random() * 0.01)
                    task.cancel()
                await asyncio.gather(task, return_exceptions=True)

            async def main() -> None:
                for _ in range(20):
                    async with anyio.create_task_group() as tasks:
                        for number in range(10):
                            tasks.start_soon(call, number)
                            if backend == "asyncio":
                                tasks.start_soon(native, number)
                pool = hubspot._driver.connections.pool
                idle = sum(len(host.idle) for host in pool._hosts.values())
                assert len(pool.transports) == idle
                assert await anyio.to_thread.run_sync(origin.settled, idle), (origin.open_connections, idle)
                await hubspot.close()
                assert await anyio.to_thread.run_sync(origin.settled, 0)

            anyio.run(main, backend=backend)


class _Interrupt:
    """Raise KeyboardInterrupt at the nth line that this package runs, wherever a signal could."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def __call__(self, frame: types.FrameType, event: str, argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(_PACKAGE):
            return None
        # Python runs no signal handler between the end of a `with` block and its exit.
        if event == "line" and dis.opname[frame.f_code.co_code[frame.f_lasti]] != "LOAD_CONST":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self


class TestInterrupts:
    # A connection that is being made has no owner yet; the garbage collector closes it, with a warning.
    @pytest.mark.promise("A call that a signal interrupts leaves no open connection once its objects are collected.")
    @pytest.mark.filterwarnings("ignore::ResourceWarning")
    def test_an_interrupted_call_leaves_no_connection_and_releases_its_pool_slot(
        self, origin: Origin, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hubspot_files._http.connections.MAX_CONNECTIONS", 1)
        hubspot = HubSpotFiles(TOKEN, base_url=origin.url, timeout=5)
        hubspot.files.get(0)  # imports of a first call are left out
        gc.freeze()  # existing objects need not be checked hundreds of times
        tracing = sys.gettrace()
        nth = 0
        interrupted = True
        while interrupted:
            nth += 1
            if nth % 3 == 0:
                # Each line once with an idle connection, and once with a new one.
                hubspot._driver.connections.close_idle()
            interrupts = _Interrupt(nth)
            sys.settrace(interrupts)
            try:
                contextvars.copy_context().run(hubspot.files.get, nth)
                interrupted = interrupts.left <= 0
            except KeyboardInterrupt:
                pass
            finally:
                sys.settrace(tracing)
            gc.collect()
            # The only pool slot is free.
            assert hubspot.files.get(nth, timeout=httpx.Timeout(5, pool=0.5)).id == str(nth)
            assert len(hubspot._driver.connections.pool.transports) == 1, nth
            assert origin.settled(1), nth
        gc.unfreeze()
        assert nth > 100
        hubspot.close()
        assert origin.settled(0)

    @pytest.mark.filterwarnings("ignore::ResourceWarning")
    def test_an_interrupted_close_releases_its_pool_slot(self, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("hubspot_files._http.connections.MAX_CONNECTIONS", 1)

        def interrupted(response: httpx.Response) -> None:
            raise KeyboardInterrupt

        with HubSpotFiles(TOKEN, base_url=origin.url) as hubspot:
            with monkeypatch.context() as patch:
                patch.setattr(httpx.Response, "close", interrupted)
                with pytest.raises(KeyboardInterrupt):
                    hubspot.files.get(1)
            assert hubspot._driver.connections.pool.transports == []
            assert hubspot.files.get(2, timeout=httpx.Timeout(5, pool=0.5)).id == "2"
        # Here, where the warning is expected, and not in a later test.
        gc.collect()

    @pytest.mark.promise("A download to a path that is cancelled or interrupted leaves no partial file.")
    @pytest.mark.filterwarnings("ignore::ResourceWarning")
    def test_an_interrupted_download_leaves_no_partial_file(self, tmp_path: Path) -> None:
        # If an `except` block is interrupted, Python may take its exception for handled until the thread ends.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(self._interrupt_downloads, tmp_path).result()

    def _interrupt_downloads(self, tmp_path: Path) -> None:
        content = b"content"

        def respond(line: str, body: bytes) -> Iterator[bytes]:
            if "/content" in line:
                yield response(content)
            elif "signed-url" in line:
                yield response({"url": f"{origin.url}/content", "expiresAt": "2036-01-01T00:00:00Z"})
            else:
                yield response({**record(line), "size": len(content)})

        with Origin(respond) as origin, HubSpotFiles(TOKEN, base_url=origin.url, timeout=5) as hubspot:
            target = tmp_path / "a.bin"
            hubspot.files.download(1, target)
            tracing = sys.gettrace()
            nth = 0
            interrupted = True
            while interrupted:
                nth += 1
                target.unlink(missing_ok=True)
                interrupts = _Interrupt(nth)
                sys.settrace(interrupts)
                try:
                    contextvars.copy_context().run(hubspot.files.download, 1, target)
                    interrupted = interrupts.left <= 0
                except KeyboardInterrupt:
                    pass
                finally:
                    sys.settrace(tracing)
                left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
                assert left in ({}, {"a.bin": content}), nth
            assert nth > 300
        gc.collect()


class TestOnResponse:
    @pytest.mark.parametrize("status", ["200 OK", "302 Found", "404 Not Found"])
    def test_an_error_before_content_is_read_leaves_no_connection(self, client: Client, status: str) -> None:
        def respond(line: str, body: bytes) -> Iterator[bytes]:
            if "/download" in line:
                yield response(b"content", status=status, headers="Location: /elsewhere\r\n")
            else:
                yield response({**record(line), "access": "SENSITIVE", "size": 7})

        def fail(info: ResponseInfo) -> None:
            if info.operation == "downloadFile":
                raise RuntimeError("a bug of the caller")

        with Origin(respond) as origin:

            def program(hubspot: Any) -> Iterator[Any]:
                noting = hubspot.with_options(on_response=fail)
                with pytest.raises(RuntimeError, match="a bug of the caller"):
                    yield noting.files.read(1)
                assert hubspot._driver.connections.pool.transports == []
                assert origin.settled(0)

            client(program, base_url=origin.url)


class TestTransports:
    def test_an_unconnected_transport_is_quiet(self) -> None:
        assert network.AsyncTransport(ssl_context(), None).is_reusable()

    def test_a_transport_of_unknown_state_is_not_reused(self, client: Client, origin: Origin) -> None:
        """A later httpcore may rename the attribute: then each connection is used once, which is slow and safe."""

        def program(hubspot: Any) -> Iterator[Any]:
            for number in range(3):
                assert (yield hubspot.files.get(number)).id == str(number)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(network, "h11", types.SimpleNamespace(Connection=type("Other", (), {})))
            client(program, base_url=origin.url)
        assert origin.connections == 3

    @pytest.mark.parametrize("error", [ssl.SSLZeroReturnError("closed"), ssl.SSLEOFError("cut"), None])
    def test_tls_with_pending_data_is_not_quiet(self, error: Exception | None) -> None:
        class PendingData:
            def read(self, size: int) -> bytes:
                if error is not None:
                    raise error
                return b"more"

        assert network._has_more(PendingData())  # type: ignore[arg-type]


class TestSurplusBytes:
    @pytest.mark.promise(
        "A connection is used again only if the response was read to its end and no bytes followed it."
    )
    @pytest.mark.parametrize("extra", [b"\r\n", b"HTTP/1.1 200 OK\r\nContent-Le", response({"id": "9"})])
    def test_bytes_after_a_response_close_the_connection(self, client: Client, extra: bytes) -> None:
        def respond(line: str, body: bytes) -> Iterator[bytes]:
            yield response(record(line)) + extra

        with Origin(respond) as origin:

            def program(hubspot: Any) -> Iterator[Any]:
                for number in range(5):
                    assert (yield hubspot.files.get(number)).id == str(number)

            client(program, base_url=origin.url)
            assert origin.connections == 5

    @pytest.mark.promise(
        "A connection is used again only if the response was read to its end and no bytes followed it."
    )
    def test_bytes_on_an_idle_connection_close_it(self, client: Client) -> None:
        def respond(line: str, body: bytes) -> Iterator[bytes]:
            yield response(record(line))
            time.sleep(0.02)
            yield response({"id": "9"})

        with Origin(respond) as origin:

            def program(hubspot: Any) -> Iterator[Any]:
                for number in range(5):
                    assert (yield hubspot.files.get(number)).id == str(number)
                    time.sleep(0.1)

            client(program, base_url=origin.url)
            assert origin.connections == 5
