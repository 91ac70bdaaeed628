"""Contents that imports name by a URL on this machine, fetched beside everything else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import httpx

from .._http.urls import is_loopback
from ._blobs import Draft

_AT_ONCE: Final = 4
_STEP_SECONDS: Final = 10.0
_ALL_SECONDS: Final = 60.0
# More than a fetch is allowed, since the time is looked at between two pieces only.
_WAIT_SECONDS: Final = 90.0
_REDIRECTS: Final = 5


class FetchError(Exception):
    """There is nothing to import; the message says why, after the words "The URL"."""


@dataclass
class _Fetch:
    """One fetch: `draft` is whole, or `problem` says what went wrong, when `done` is set."""

    draft: Draft | None
    problem: str | None
    done: threading.Event


class Fetches:
    """What is fetched for the imports of an account.

    Args:
        draft: Makes a place for a content.
        discard: Forgets one that is not used.
        limit: The largest content, in bytes.
    """

    def __init__(self, draft: Callable[[], Draft], discard: Callable[[Draft], None], limit: int) -> None:
        self._draft = draft
        self._discard = discard
        self._limit = limit
        self._lock = threading.Lock()
        self._under_way: dict[str, _Fetch] = {}
        self._turns = threading.Semaphore(_AT_ONCE)

    def take(self, task_id: str, url: str) -> Draft | None:
        """What a task's URL has, for the caller to keep or to discard; None while it is still being fetched.

        Raises:
            FetchError: There is nothing.
        """
        with self._lock:
            fetch = self._under_way.get(task_id)
            if fetch is None:
                fetch = _Fetch(None, None, threading.Event())
                # Nobody waits for it when the process ends; what it wrote is swept on the next opening.
                threading.Thread(target=self._run, args=(fetch, url), daemon=True).start()
                self._under_way[task_id] = fetch
            if not fetch.done.is_set():
                return None
            del self._under_way[task_id]
        if fetch.draft is None:
            raise FetchError(fetch.problem)
        return fetch.draft

    def wait(self) -> None:
        """Wait until what is under way is done, a minute and a half at the most; what takes longer goes on."""
        ends = time.monotonic() + _WAIT_SECONDS
        with self._lock:
            waiting = list(self._under_way.values())
        for fetch in waiting:
            fetch.done.wait(max(0.0, ends - time.monotonic()))

    def close(self) -> None:
        """Forget what was fetched for nobody."""
        with self._lock:
            for fetch in self._under_way.values():
                if fetch.draft is not None:
                    self._discard(fetch.draft)
            self._under_way.clear()

    def _run(self, fetch: _Fetch, url: str) -> None:
        with self._turns:
            draft: Draft | None = None
            try:
                draft = self._draft()
                self._fetch(draft, url)
                fetch.draft = draft
            except (FetchError, httpx.HTTPError, httpx.InvalidURL) as error:
                fetch.problem = str(error) if isinstance(error, FetchError) else f"cannot be reached: {error}"
            except BaseException:
                fetch.problem = "cannot be imported: the emulator has failed"
                raise
            finally:
                try:
                    if draft is not None and fetch.draft is None:
                        self._discard(draft)
                finally:
                    fetch.done.set()

    def _fetch(self, draft: Draft, url: str) -> None:
        ends = time.monotonic() + _ALL_SECONDS
        headers = {"Accept-Encoding": "identity"}
        # Without the environment: a proxy would be asked for what this machine has.
        with httpx.Client(trust_env=False, timeout=_STEP_SECONDS, headers=headers) as client:
            for _ in range(_REDIRECTS + 1):
                with client.stream("GET", require_loopback(url)) as response:
                    if response.next_request is not None:
                        url = str(response.next_request.url)
                        continue
                    if not response.is_success:
                        raise FetchError(f"answers {response.status_code}")
                    for chunk in response.iter_raw():
                        draft.write(chunk)
                        if draft.size > self._limit:
                            raise FetchError(f"has more than {self._limit} bytes")
                        if time.monotonic() > ends:
                            raise FetchError(f"takes more than {_ALL_SECONDS:.0f} seconds")
                    return
        raise FetchError(f"redirects more than {_REDIRECTS} times")


def require_loopback(url: str) -> str:
    """The URL, if it is one of this machine.

    Raises:
        FetchError: It is not.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise FetchError("cannot be read") from None
    if parsed.scheme not in ("http", "https") or not is_loopback(parsed.host):
        raise FetchError("cannot be reached: the emulator fetches from this machine only")
    return url
