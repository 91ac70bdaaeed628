"""A short campaign, for every run of the tests; `python -m tests.transfers` is the long one."""

from __future__ import annotations

from .campaign import add_faults, campaign


def test_a_killed_transfer_goes_on_and_loses_and_doubles_nothing() -> None:
    with campaign(60, seed=7) as run:
        run.emulator.fail("delay", seconds=0.02, count=None)
        parts = [
            run.upload("killed", kills=4, longest=1.2),
            run.upload_again("killed"),
            run.download("killed", kills=3, longest=1.2),
        ]
    assert [part.problems for part in parts] == [[], [], []]


def test_faults_in_a_tenth_of_the_requests_lose_and_double_nothing() -> None:
    with campaign(60) as run:
        add_faults(run.emulator, 0.1)
        parts = [run.upload("faults", what="upload-async"), run.download("faults")]
    assert [part.problems for part in parts] == [[], []]
