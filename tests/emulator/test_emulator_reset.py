"""Emulator.reset, which empties the account for the next test."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from hubspot_files import AuthenticationError, HubSpotFiles
from hubspot_files.testing import Clock, Emulator

from .support import START

IMPORTED = "https://example.com/a.txt"


def use(emulator: Emulator, hubspot: HubSpotFiles) -> None:
    """Leave something behind of each kind."""
    emulator.publish_url(IMPORTED, b"cat")
    hubspot.files.upload(b"cat", name="cat.txt", folder_path="/in")
    hubspot.files.import_from_url(IMPORTED, folder_path="/imported")
    emulator.plan_task("fail", count=2)
    emulator.task_pace("seconds", 60, 60)
    emulator.rate_limit("DAILY", 0)
    emulator.fail(status=503, operation="getFile")
    emulator.expire_token(emulator.token)


def test_nothing_is_left_of_the_test_before() -> None:
    with (
        Emulator(clock=Clock(START, frozen=True)) as emulator,
        emulator.client(clock=emulator.clock, max_retries=0) as hubspot,
    ):
        for _ in range(2):
            use(emulator, hubspot)
            largest = emulator.files[-1].id
            emulator.clock.advance(10)
            now = emulator.clock.now()
            emulator.reset()
            assert (emulator.files, emulator.folders, emulator.tasks, emulator.requests) == ([], [], [], [])
            assert emulator.listed("faults") == []
            assert emulator.clock.now() == now
            # Neither limited nor refused: the token is valid again.
            file = hubspot.files.upload(b"dog", name="cat.txt", folder_path="/in")
            assert int(file.id) > int(largest)
            assert hubspot.files.read(file.id) == b"dog"
            # The pace and the planned outcome of tasks are the first ones.
            emulator.publish_url(IMPORTED, b"dog")
            assert hubspot.files.import_from_url(IMPORTED, folder_path="/imported").wait().path == "/imported/a.txt"
            assert emulator.clock.now() - now < emulator.clock.now() - START


def test_published_urls_are_forgotten() -> None:
    with Emulator() as emulator, emulator.client(clock=emulator.clock) as hubspot:
        emulator.publish_url(IMPORTED)
        emulator.reset()
        hubspot.files.import_from_url(IMPORTED, folder_path="/in")
        emulator.finish_tasks()
        assert emulator.files == []


def test_a_delayed_move_is_dropped() -> None:
    with Emulator(move_lag=30) as emulator, emulator.client() as hubspot:
        hubspot.files.update(emulator.add_file("/a.txt").id, parent_folder_id=emulator.add_folder("/in").id)
        emulator.reset()
        emulator.add_file("/a.txt")
        emulator.clock.advance(30)
        assert [file.path for file in emulator.files] == ["/a.txt"]


def test_tokens_of_a_test_stay() -> None:
    with Emulator() as emulator:
        emulator.revoke_token(emulator.token)
        reader = emulator.add_token(["files.read"])
        app = emulator.add_oauth_app()
        emulator.reset()
        assert list(emulator.tokens) == [reader, emulator.token]
        assert emulator.authorize(app.client_id)
        emulator.revoke_token(emulator.token)
        emulator.keep_tokens()
        emulator.reset()
        with emulator.client() as hubspot, pytest.raises(AuthenticationError):
            hubspot.files.get("1")


def test_a_signed_url_ends() -> None:
    with Emulator() as emulator, emulator.client() as hubspot, httpx.Client(transport=emulator.transport) as web:
        url = hubspot.files.signed_url(emulator.add_file("/a.txt").id).url
        emulator.reset()
        assert web.get(url).status_code == 404


def test_an_account_in_a_folder_is_emptied(tmp_path: Path) -> None:
    with Emulator(data=tmp_path) as emulator:
        emulator.add_file("/a.txt", b"cat")
        assert len(list((tmp_path / "contents").iterdir())) == 1
        emulator.reset()
        assert list((tmp_path / "contents").iterdir()) == []
        emulator.add_file("/b.txt", b"dog")
    with Emulator(data=tmp_path) as emulator:
        assert [(file.path, file.content) for file in emulator.files] == [("/b.txt", b"dog")]
