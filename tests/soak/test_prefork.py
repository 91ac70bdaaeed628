"""A short soak with forked workers; `python -m tests.soak --workers 8 --calls 10000` is the long one."""

from __future__ import annotations

import pytest

from .prefork import run


@pytest.mark.promise(
    "A forked process, such as a worker of gunicorn with `--preload`, of Celery or of `multiprocessing`, "
    "can use a client that its parent has used: it starts without connections and with free locks."
)
def test_used_clients_can_be_shared_with_forked_workers() -> None:
    report = run(3, 200, seed=7, deadline=30)
    assert report.problems() == []
    # The soak itself is valid: connections could have been mixed up.
    assert report.shared_connections > 16
    assert report.calls - report.calls_of_parent > 200
    assert report.calls_of_parent > 150
    assert report.uploads > 50
