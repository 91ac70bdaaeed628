"""A short soak of processes with one file of tokens; `python -m tests.soak --oauth 200` is the long one."""

from __future__ import annotations

import pytest

from .oauth import run


@pytest.mark.promise(
    "Processes that share a `FileTokenStore`, and all tasks and threads in them, renew a token once for each expiry."
)
def test_processes_and_tasks_renew_a_token_once() -> None:
    report = run(6, processes=3, tasks=20)
    assert report.problems() == []
    # The soak itself is valid: the token expired, all tasks sent their requests, and the logs were written.
    assert report.requests == 6 * 3 * 20 / 4
    assert 5 <= report.renewals <= 7
    assert report.log_size > 10_000
