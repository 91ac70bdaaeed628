"""The state of a run, which its flows share."""

from __future__ import annotations

import os
import threading

from .._engine.effects import RATE_LIMIT
from .._engine.settings import Settings
from .calls import Calls
from .journal import Journal
from .plan import Plan, PlanOptions
from .results import OnEvent, TransferEvent


class Interrupted(BaseException):
    """The run is being stopped. A transfer that is stopped in its middle is unknown."""


class RunState:
    """The state of a run.

    Args:
        settings: settings of the client.
        on_event: callback for events, or None.

    Attributes:
        settings: see above.
        calls: operations.
        plan: the plan, once it is there.
        journal: the open journal, once it is there.
        stopping: whether the run is being stopped.
        bytes: bytes of the files that were transferred.
        api_calls: number of requests to the API.
        limit_waits: number of waits for the rate limit.
        lost: number of actions since the last one that HubSpot has responded to.
        failed: number of actions that have failed.
    """

    plan: Plan
    journal: Journal

    def __init__(self, settings: Settings, on_event: OnEvent | None) -> None:
        self.settings: Settings = settings
        self.calls: Calls = Calls(settings)
        self.stopping: threading.Event = threading.Event()
        self.bytes: int = 0
        self.api_calls: int = 0
        self.limit_waits: int = 0
        self.lost: int = 0
        self.failed: int = 0
        self._on_event = on_event
        self._lock = threading.Lock()
        self._opened = False

    def begin(self, plan: Plan, journal: Journal) -> None:
        """Set the plan and its journal."""
        self.plan = plan
        self.journal = journal
        self._opened = True

    def close(self) -> None:
        """Close the journal if it was opened."""
        if self._opened:
            self.journal.close()

    @property
    def options(self) -> PlanOptions:
        """Options of the plan."""
        return self.plan.options

    def local(self, local_path: str) -> str:
        """Return the path of a local file."""
        return os.path.join(self.options.directory, local_path)

    def remote(self, path: str) -> str:
        """Return the path of a file on HubSpot."""
        return f"{self.options.folder_path.rstrip('/')}/{path}"

    def now(self) -> float:
        """Return the seconds since 1970."""
        return self.settings.clock.time()

    def check_running(self) -> None:
        """Raise Interrupted if the run is being stopped."""
        if self.stopping.is_set():
            raise Interrupted

    def notify(self, event: TransferEvent) -> None:
        """Call the callback for events."""
        if self._on_event is not None:
            with self._lock:
                self._on_event(event)

    def progress(self, path: str, size: int, transferred: int) -> None:
        """Report bytes of a file that were transferred.

        Raises:
            Interrupted: the run is being stopped.
        """
        self.check_running()
        self.notify(TransferEvent("progress", path, size, transferred))

    def called(self) -> None:
        """Count a request."""
        with self._lock:
            self.api_calls += 1

    def waiting(self, seconds: float, why: str) -> None:
        """Report a wait, and count it if it is for the rate limit."""
        if why == RATE_LIMIT:
            with self._lock:
                self.limit_waits += 1
        self.notify(TransferEvent("waiting", seconds=seconds, why=why))

    def transferred(self, bytes: int) -> None:
        """Count the bytes of a file that was sent or received."""
        with self._lock:
            self.bytes += bytes

    def count(self, *, failed: bool, lost: bool) -> int:
        """Count an action that has ended, and return the number of those in a row that were lost."""
        with self._lock:
            self.failed += failed
            self.lost = self.lost + 1 if lost else 0
            return self.lost
