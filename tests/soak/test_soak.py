"""A short soak, for every run of the tests; `python -m tests.soak` is the long one."""

from __future__ import annotations

from .load import run
from .server import Fault


def test_nothing_is_lost_duplicated_or_left_open() -> None:
    report = run(800, seed=7)
    assert report.problems() == []
    # The soak itself is valid: faults occurred, and most uploads succeeded despite them.
    assert len([kind for kind in report.met if kind.startswith("upload: ")]) > len(Fault) * 3 // 4
    assert report.returned > 700
    assert report.reads.get("equal", 0) > 50


def test_without_faults_every_upload_is_returned() -> None:
    report = run(120, rate=0.0)
    assert report.problems() == []
    assert report.returned == 120
    assert report.reads == {"equal": 12}
