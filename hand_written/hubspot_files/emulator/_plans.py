"""The plans of a test: faults, limits, and how tasks go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from ._account import Account, AccountSettings
from ._api.api import Api
from ._api.routes import OAUTH_OPERATIONS, OPERATIONS
from ._api.tasks import Outcome
from ._faults import Fault, FaultPlan, Kind
from ._rate_limits import Policy
from ._storage_host import OPERATION as FETCH_CONTENT

_FAULT_TARGETS: Final = (*OPERATIONS, *OAUTH_OPERATIONS, FETCH_CONTENT)


class Plans(Account):
    """The part of `Emulator` that plans faults, limits and the outcome of tasks."""

    def __init__(self, api: Api, settings: AccountSettings, faults: FaultPlan) -> None:
        super().__init__(api, settings)
        self._faults = faults

    # faults, limits and tasks

    def fail(
        self,
        kind: Kind = "status",
        *,
        operation: str | None = None,
        status: int = 502,
        count: int | None = 1,
        probability: float = 1.0,
        after_effect: bool = False,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float = 3600.0,
        at_byte: int | None = None,
    ) -> Fault:
        """Plan a fault. Faults are tried in the order of their planning; at most one strikes a request.

        Args:
            kind: "status" is a response of `status`. "connect" and "connect-timeout" strike before the request is
                sent, "write-reset" and "write-timeout" amid its body. "read-timeout", "reset" and
                "disconnect" strike instead of a response. "truncate" cuts the response's body, "stall" pauses
                amid it, "delay" before it.
            operation: The operationId it strikes, "createToken", "revokeToken" or "introspectToken" of OAuth, or
                "fetchContent" for the storage host. Default: any.
            status: The status of kind "status", from 200 to 599. From 500 the body is an HTML page, below HubSpot's
                JSON; 204 and 304 have none.
            count: How often it strikes. None: always.
            probability: Of striking a request that it could strike, from 0 to 1, drawn from the emulator's
                seed.
            after_effect: Whether the call takes effect before the fault strikes: for kinds "status", "read-timeout",
                "reset" and "disconnect". With "truncate", "stall" and "delay" it always does, with others never.
            headers: Headers of kind "status", such as {"Retry-After": "7"}: printable ASCII, and none of those that
                give the length of the body.
            body: The body of kind "status".
            seconds: The length of kinds "stall" and "delay", up to a year. It is real time, cut short by the read
                timeout: ReadTimeout is then raised.
            at_byte: Of the request's body for the "write" kinds (default: its first chunk) and for "status"
                (default: all of it is read); of the response's for "truncate" and "stall" (default: half).

        Returns:
            The fault: `hits` counts, `cancel()` ends it.

        Raises:
            TypeError: `seconds` is not a number.
            ValueError: An argument is out of its range, or cannot be sent, or the kind can have no effect to follow.
        """
        if operation is not None and operation not in _FAULT_TARGETS:
            raise ValueError(f"operation is one of {', '.join(_FAULT_TARGETS)}, not {operation!r}")
        fault = Fault(
            kind=kind,
            operation=operation,
            status=status,
            count=count,
            probability=probability,
            after_effect=after_effect,
            headers=dict(headers or {}),
            body=body,
            seconds=seconds,
            at_byte=at_byte,
            chance=self._faults.next_random(),
        )
        self._faults.add(fault)
        return fault

    def clear_faults(self) -> None:
        """Remove all planned faults."""
        self._faults.clear()

    def rate_limit(self, policy: Policy, limit: int | None, interval: float | None = None) -> None:
        """Enforce a rate limit, on the emulator's clock. Without it nothing is limited.

        Args:
            policy: DAILY counts the account's calls, SECONDLY and TEN_SECONDLY_ROLLING those of each token.
                CREATING_FILES counts uploads and imports only, those of the account.
            limit: Calls in the interval; 0 refuses all, None enforces nothing.
            interval: Its length in seconds. Default: 86400, 1, 10 or 60, by policy.

        Raises:
            ValueError: The policy is unknown, or the limit is negative, or the interval is not positive.
        """
        self._api.limits.set(policy, limit, interval)

    def task_pace(self, unit: Literal["polls", "seconds"], pending: float = 1, processing: float = 1) -> None:
        """Set how long imports and folder updates stay PENDING, then PROCESSING. At first: one poll each.

        Args:
            unit: "polls" counts the calls that ask for the status, "seconds" goes by the emulator's clock.
            pending: Polls or seconds in the first state.
            processing: Polls or seconds in the second.

        Raises:
            ValueError: The unit is unknown, or a length is negative.
        """
        self._api.context.tasks.set_pace(unit, pending, processing)

    def plan_task(self, outcome: Outcome, *, message: str = "The task has failed", count: int = 1) -> None:
        """Plan how the next tasks end that are started from now on.

        Args:
            outcome: "fail" ends COMPLETE with one error, "cancel" ends CANCELED.
            message: The error's message.
            count: How many tasks.

        Raises:
            ValueError: The outcome is unknown.
        """
        self._api.context.tasks.plan(outcome, message, count)

    def cancel_task(self, task_id: str) -> None:
        """Cancel a task that has not ended; one that has stays as it is.

        Raises:
            KeyError: There is no such task.
        """
        with self._store.transaction():
            self.pass_time()
            row = self._store.tasks.get(task_id)
            if row is None:
                raise KeyError(f"no task {task_id!r}")
            self._api.context.tasks.cancel(row)

    def finish_tasks(self) -> None:
        """End every open task now; those that fetch something when that is done.

        That is waited for, a minute and a half at most: a task whose fetch takes longer stays open.
        """
        with self._store.transaction():
            self.pass_time()
            self._api.finish_tasks()
        self._api.context.sources.wait()
        with self._store.transaction():
            self._api.finish_tasks()
