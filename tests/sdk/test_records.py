"""How records read: their representation, the full name of a file, and records as members of sets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hubspot_files import Access, File, Folder

TIME = datetime(2026, 1, 1, tzinfo=UTC)
SHARED: dict[str, Any] = {"archived": False, "created_at": TIME, "updated_at": TIME}


def test_the_representation_is_short() -> None:
    file = File(id="1", path="/library/cat.png", size=24574, access=Access.PRIVATE, url="https://a.test", **SHARED)
    assert repr(file) == "File(id='1', path='/library/cat.png', size=24574, access='PRIVATE')"
    assert repr(File(id="1", **SHARED)) == "File(id='1', path=None, size=None, access=None)"
    assert repr(Folder(id="2", path="/library", **SHARED)) == "Folder(id='2', path='/library')"


def test_the_full_name_has_the_extension() -> None:
    for fields, name in (
        ({"path": "/x/a.txt", "name": "b"}, "a.txt"),
        ({"name": "cat", "extension": "png"}, "cat.png"),
        ({"name": "README", "extension": ""}, "README"),
        ({"name": "README"}, "README"),
        ({"extension": "png"}, "1.png"),
        ({}, "1"),
    ):
        file = File(id="1", **SHARED, **fields)
        assert file.full_name == name


def test_records_can_be_members_of_sets() -> None:
    one, same, changed = (File(id="1", size=size, **SHARED) for size in (1, 1, 2))
    assert one == same != changed
    assert len({one, same}) == 1
    assert {one: "a"}[same] == "a"
    assert len({one, changed, Folder(id="1", **SHARED)}) == 3
