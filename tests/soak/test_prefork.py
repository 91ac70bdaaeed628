"""A short soak with forked workers; `python -m tests.soak --workers 8 --calls 10000` is the long one."""

from __future__ import annotations

from .prefork import run


def test_clients_that_were_used_are_shared_with_forked_workers() -> None:
    report = run(3, 200, seed=7, deadline=30)
    assert report.problems() == []
    # The soak itself is to be believed: there was something to be mixed up.
    assert report.shared_connections > 16
    assert report.calls - report.calls_of_parent > 200
    assert report.calls_of_parent > 150
    assert report.uploads > 50
