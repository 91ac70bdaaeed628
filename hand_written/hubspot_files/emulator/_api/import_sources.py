"""The URLs that imports can fetch: published contents, and servers on this machine."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Final

import httpx

from ..._http.urls import is_loopback
from .._contents import Contents, ContentWriter

_MAX_CONCURRENT: Final = 4
_STEP_SECONDS: Final = 10.0
_TOTAL_SECONDS: Final = 60.0
# More than a fetch is allowed, since the time is checked between two chunks only.
_WAIT_SECONDS: Final = 90.0
_MAX_REDIRECTS: Final = 5
# The name of the threads that fetch.
THREAD: Final = "hubspot-emulator-import"


class FetchError(Exception):
    """There is nothing to import; the message gives the reason, after the words "The URL"."""


@dataclass(frozen=True)
class _Published:
    status: int
    content: bytes


@dataclass
class _Fetch:
    """A fetch by a thread: once `done` is set, `content` is complete, or `problem` is the reason of the failure.

    An `abandoned` one ends as soon as it can, and stores nothing.
    """

    content: ContentWriter | None = None
    problem: str | None = None
    abandoned: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)


class ImportSources:
    """The URLs that the imports of an account can fetch.

    Args:
        contents: The store for the fetched contents.
        largest: The size of the largest content, in bytes.
        loopback: Whether servers on this machine can be reached.
    """

    def __init__(self, contents: Contents, largest: int, *, loopback: bool) -> None:
        self._contents = contents
        self._largest = largest
        self._loopback = loopback
        self._published: dict[str, _Published] = {}
        self._lock = threading.Lock()
        self._fetches: dict[str, _Fetch] = {}
        self._slots = threading.Semaphore(_MAX_CONCURRENT)

    def publish(self, url: str, status: int, content: bytes) -> None:
        """Publish a content at a URL."""
        self._published[url] = _Published(status, content)

    def take(self, task_id: str, url: str) -> ContentWriter | None:
        """Return the content of a task's URL, to be stored or discarded; None while it is being fetched.

        Raises:
            FetchError: There is none.
        """
        if (published := self._published.get(url)) is not None:
            if not 200 <= published.status < 300:
                raise FetchError(f"responds with {published.status}")
            content = self._contents.writer(self._largest)
            content.write(published.content)
            return content
        if not self._loopback:
            raise FetchError("cannot be reached: publish a content at it, by publish_url")
        _require_loopback(url)
        with self._lock:
            fetch = self._fetches.get(task_id)
            if fetch is None:
                fetch = _Fetch()
                # A daemon, so that the process can end; the next opening of the account deletes its files.
                threading.Thread(target=self._run, args=(fetch, url), name=THREAD, daemon=True).start()
                self._fetches[task_id] = fetch
            if not fetch.done.is_set():
                return None
            del self._fetches[task_id]
        if fetch.content is None:
            raise FetchError(fetch.problem)
        return fetch.content

    def wait(self) -> None:
        """Wait for the fetches that have started, a minute and a half at most; slower ones go on."""
        deadline = time.monotonic() + _WAIT_SECONDS
        with self._lock:
            fetches = list(self._fetches.values())
        for fetch in fetches:
            fetch.done.wait(max(0.0, deadline - time.monotonic()))

    def clear(self) -> None:
        """Discard fetched contents that were not taken, and what is published."""
        self.close()
        self._published.clear()

    def close(self) -> None:
        """Discard fetched contents that were not taken, and abandon the fetches under way."""
        with self._lock:
            for fetch in self._fetches.values():
                fetch.abandoned.set()
                if fetch.content is not None:
                    self._contents.discard(fetch.content)
            self._fetches.clear()

    def _run(self, fetch: _Fetch, url: str) -> None:
        with self._slots:
            content: ContentWriter | None = None
            try:
                content = self._contents.writer(self._largest)
                self._fetch(content, url, fetch)
                with self._lock:
                    fetch.content = None if fetch.abandoned.is_set() else content
            except (FetchError, httpx.HTTPError, httpx.InvalidURL) as error:
                fetch.problem = str(error) if isinstance(error, FetchError) else f"cannot be reached: {error}"
            except BaseException:
                fetch.problem = "cannot be imported: the emulator has failed"
                raise
            finally:
                try:
                    if content is not None and fetch.content is None:
                        self._contents.discard(content)
                finally:
                    fetch.done.set()

    def _fetch(self, content: ContentWriter, url: str, fetch: _Fetch) -> None:
        deadline = time.monotonic() + _TOTAL_SECONDS
        headers = {"Accept-Encoding": "identity"}
        # Ignore the environment: its proxy would receive requests for this machine.
        with httpx.Client(trust_env=False, timeout=_STEP_SECONDS, headers=headers) as client:
            for _ in range(_MAX_REDIRECTS + 1):
                if fetch.abandoned.is_set():
                    return
                _require_loopback(url)
                with client.stream("GET", url) as response:
                    if response.next_request is not None:
                        url = str(response.next_request.url)
                        continue
                    if not response.is_success:
                        raise FetchError(f"responds with {response.status_code}")
                    for chunk in response.iter_raw():
                        content.write(chunk)
                        if fetch.abandoned.is_set():
                            return
                        if content.size > self._largest:
                            raise FetchError(f"has more than {self._largest} bytes")
                        if time.monotonic() > deadline:
                            raise FetchError(f"takes more than {_TOTAL_SECONDS:.0f} seconds")
                    return
        raise FetchError(f"redirects more than {_MAX_REDIRECTS} times")


def _require_loopback(url: str) -> None:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise FetchError("cannot be read") from None
    if parsed.scheme not in ("http", "https") or not is_loopback(parsed.host):
        raise FetchError("cannot be reached: the emulator fetches from this machine only")
